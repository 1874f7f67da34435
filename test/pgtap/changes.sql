-- The feed of changes: what each kind of write leaves in it, and how it is read and
-- forgotten.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CREATE EXTENSION dblink;

-- Transactions of other databases hold the feed up, too: waits until nothing that
-- runs now does so any more.  What we have not committed is not there for us.
CREATE PROCEDURE t.settle() LANGUAGE plpgsql AS $$
DECLARE
	goal xid8 := coalesce(pg_current_xact_id_if_assigned(), pg_snapshot_xmax(pg_current_snapshot()));
BEGIN
	WHILE pg_snapshot_xmin(pg_current_snapshot()) < goal LOOP
		PERFORM pg_sleep(0.005);
	END LOOP;
END $$;
-- Changes as lines "entity uid operation: fields", by entity and uid.
CREATE FUNCTION t.lines(items json) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C", n), 'nothing') FROM (
		SELECT n, concat_ws(' ', i ->> 'entity', i ->> 'uid', i ->> 'operation') ||
			coalesce((SELECT ': ' || string_agg(field, ' ' ORDER BY field COLLATE "C") FROM json_array_elements_text(i -> 'fields') AS field), '')
		FROM json_array_elements(items) WITH ORDINALITY AS e(i, n)) AS l (n, line)
$$;
CREATE FUNCTION t.read(tenant text DEFAULT 'acme', after text DEFAULT NULL, "limit" integer DEFAULT 1000) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
	CALL t.settle();
	RETURN flowcustomer.changes(tenant, after, "limit");
END $$;
-- A reader of each tenant, who goes on from where it was.
CREATE TABLE t.reader (tenant text PRIMARY KEY, position text);
CREATE FUNCTION t.seen(of_tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer json := t.read(of_tenant, (SELECT position FROM t.reader WHERE tenant = of_tenant));
BEGIN
	INSERT INTO t.reader VALUES (of_tenant, answer ->> 'lastPosition') ON CONFLICT (tenant) DO UPDATE SET position = EXCLUDED.position;
	RETURN t.lines(answer -> 'items');
END $$;
-- Runs a statement of functions after SELECT as somebody else.
CREATE FUNCTION t.by(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE statement;
	RESET ROLE;
	RETURN 'ok';
END $$;
-- Before there is anything -----------------------------------------------------

SELECT is(t.call('changes', NULL, '10'), 'PT404: TENANT_NOT_FOUND', 'no tenant');
SELECT is(t.call('changes_forget', now()::text), 'PT404: TENANT_NOT_FOUND', 'nothing to forget without a tenant either');
CALL t.run('SELECT t.seed()');
SELECT is(t.seen(), 'CONSENT news CREATE
CONSENT sms CREATE
GROUP club CREATE
GROUP staff CREATE
ORGANIZATION nordic CREATE
ORGANIZATION south CREATE
STORE bergen CREATE
STORE malmo CREATE
STORE oslo CREATE
TENANT acme CREATE
TENANT_USER liv CREATE', 'what is there from the beginning');
SELECT is(t.seen(), 'nothing', 'is read once');
SELECT is(t.read('acme', (SELECT position FROM t.reader))::text, format('{"items":[],"lastPosition":"%s"}', (SELECT position FROM t.reader)), 'behind the last change the position stays');
SELECT results_eq($$SELECT entity COLLATE "default", entity_uid COLLATE "default", place FROM flowcustomer.change ORDER BY place$$,
	$$VALUES ('TENANT', 'acme', 1::bigint), ('ORGANIZATION', 'nordic', 2), ('ORGANIZATION', 'south', 3), ('STORE', 'oslo', 4), ('STORE', 'bergen', 5), ('STORE', 'malmo', 6), ('TENANT_USER', 'liv', 7), ('CONSENT', 'news', 8),
		('CONSENT', 'sms', 9), ('GROUP', 'club', 10), ('GROUP', 'staff', 11)$$, 'several calls of a transaction are in the order in which they were made');

-- Each kind of write -----------------------------------------------------------

-- A call, what it answers, and the changes that it leaves.
CREATE TABLE t.write (n integer GENERATED ALWAYS AS IDENTITY, call text, answer text, changes text);
CREATE TABLE t.answers (n integer GENERATED ALWAYS AS IDENTITY, answer text);
CREATE PROCEDURE t.run_all() LANGUAGE plpgsql AS $$
DECLARE
	w record;
BEGIN
	FOR w IN SELECT * FROM t.write ORDER BY n LOOP
		INSERT INTO t.answers (answer) VALUES (t.error('SELECT ' || w.call));
		COMMIT;
		INSERT INTO t.answers (answer) VALUES (t.seen());
		COMMIT;
	END LOOP;
END $$;
INSERT INTO t.write (call, answer, changes) VALUES
	-- reference data
	('flowcustomer.tenant_put(''acme'', ''{"locale": "nb", "lenient": true, "defaultPrinterUid": "p"}'')', 'ok', 'TENANT acme UPDATE: defaultPrinterUid lenient locale'),
	('flowcustomer.tenant_put(''acme'', ''{"locale": "nb", "lenient": true}'')', 'ok', 'nothing'),
	('flowcustomer.tenant_put(''acme'', ''{"locale": "en", "lenient": false, "name": null}'')', 'PT400: VALIDATION_FAILED $.name', 'nothing'),
	('flowcustomer.tenant_put(''acme'', ''{"locale": "en", "lenient": false}'')', 'ok', 'TENANT acme UPDATE: lenient locale'),
	('flowcustomer.organization_put(''acme'', ''{"organizationUid": "west", "name": "West"}'')', 'ok', 'ORGANIZATION west CREATE'),
	('flowcustomer.organization_put(''acme'', ''{"organizationUid": "west", "name": "Far west"}'')', 'ok', 'ORGANIZATION west UPDATE: name'),
	('flowcustomer.organization_put(''acme'', ''{"organizationUid": "west", "name": "Far west"}'')', 'ok', 'nothing'),
	('flowcustomer.organization_remove(''acme'', ''west'')', 'ok', 'ORGANIZATION west DELETE'),
	('flowcustomer.organization_remove(''acme'', ''nordic'')', 'PT409: ORGANIZATION_IN_USE', 'nothing'),
	('flowcustomer.store_put(''acme'', ''{"storeUid": "bergen", "name": "Bryggen", "organizationUid": "south", "maxSingleOrderValue": 5}'')', 'ok', 'STORE bergen UPDATE: maxSingleOrderValue name organizationUid'),
	('flowcustomer.store_put(''acme'', ''{"storeUid": "bergen", "organizationUid": "none"}'')', 'PT400: ORGANIZATION_NOT_FOUND $.organizationUid', 'nothing'),
	('flowcustomer.store_put(''acme'', ''{"storeUid": "bergen", "name": "Bergen", "organizationUid": "nordic", "maxSingleOrderValue": null}'')', 'ok', 'STORE bergen UPDATE: maxSingleOrderValue name organizationUid'),
	('flowcustomer.tenant_user_put(''acme'', ''{"tenantUserUid": "ole", "displayName": "Ole"}'')', 'ok', 'TENANT_USER ole CREATE'),
	('flowcustomer.tenant_user_put(''acme'', ''{"tenantUserUid": "ole", "defaultStoreUid": "oslo", "locale": "nb"}'')', 'ok', 'TENANT_USER ole UPDATE: defaultStoreUid locale'),
	('flowcustomer.tenant_user_remove(''acme'', ''ole'')', 'ok', 'TENANT_USER ole DELETE'),
	('flowcustomer.consent_put(''acme'', ''{"consentUid": "post", "name": "Letters"}'')', 'ok', 'CONSENT post CREATE'),
	('flowcustomer.consent_put(''acme'', ''{"consentUid": "post", "name": "Post"}'')', 'ok', 'CONSENT post UPDATE: name'),
	('flowcustomer.consent_remove(''acme'', ''post'')', 'ok', 'CONSENT post DELETE'),
	('flowcustomer.printer_put(''acme'', ''{"printerUid": "p", "name": "P", "kind": "LABEL"}'')', 'ok', 'PRINTER p CREATE'),
	('flowcustomer.printer_put(''acme'', ''{"printerUid": "p", "kind": "RECEIPT", "storeUid": "oslo"}'')', 'ok', 'PRINTER p UPDATE: kind storeUid'),
	('flowcustomer.external_customer_put(''acme'', ''{"customerUid": "x", "customerType": "PERSON", "firstname": "X"}'')', 'ok', 'EXTERNAL_CUSTOMER x CREATE'),
	('flowcustomer.external_customer_put(''acme'', ''{"customerUid": "x", "customerType": "PERSON", "city": "Oslo"}'')', 'ok', 'EXTERNAL_CUSTOMER x UPDATE: city firstname'),
	('flowcustomer.external_customer_remove(''acme'', ''x'')', 'ok', 'EXTERNAL_CUSTOMER x DELETE'),
	('flowcustomer.external_source_register(''acme'', ''outside'', ''t.outside'', ''{"customerUid": "uid", "firstname": "first"}'')', 'ok', 'EXTERNAL_SOURCE outside CREATE'),
	('flowcustomer.external_source_remove(''acme'', ''outside'')', 'ok', 'EXTERNAL_SOURCE outside DELETE'),
	-- customers
	('flowcustomer.customer_create(''acme'', ''{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "customerGroupUids": ["club"], "consents": [{"consentUid": "news", "status": true, "source": "till"}]}'')', 'ok', 'CUSTOMER kari CREATE'),
	('flowcustomer.customer_create(''acme'', ''{"customerUid": "kari", "customerType": "PERSON"}'')', 'PT409: CUSTOMER_ALREADY_EXISTS', 'nothing'),
	('flowcustomer.customer_create(''acme'', ''{"customerUid": "ola", "customerType": "PERSON", "email": "nobody"}'')', 'PT400: VALIDATION_FAILED $.email', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"firstname": "Kari", "lastname": null, "customerGroupUids": ["club"]}'')', 'ok', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"firstname": "Karin", "email": "K@EXAMPLE.com", "ehfEnabled": true, "credit": {"limit": 5}, "accountManager": {"tenantUserUid": "liv"}, "defaultStoreUid": "oslo", "customerGroupUids": ["staff"]}'')', 'ok',
		'CUSTOMER kari UPDATE: accountManager.tenantUserUid credit.limit customerGroupUids defaultStoreUid ehf.enabled email firstname'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"email": "K@example.com", "ehf": {"address": "9908:1", "enabled": true}, "city": ""}'')', 'ok', 'CUSTOMER kari UPDATE: ehf.address'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"customerGroupUids": ["club", "staff"]}'')', 'ok', 'CUSTOMER kari UPDATE: customerGroupUids'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"city": "Oslo", "paymentTerms": "x"}'')', 'PT400: VALIDATION_FAILED $.paymentTerms', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''none'', ''{"city": "Oslo"}'')', 'PT404: CUSTOMER_NOT_FOUND', 'nothing'),
	('flowcustomer.http(''PUT'', ''/v2/tenants/acme/customers/kari'', ''{"city": "Oslo"}'')', 'ok', 'CUSTOMER kari UPDATE: city'),
	('flowcustomer.http(''PUT'', ''/v2/tenants/acme/customers/kari'', ''{"city": 5}'')', 'ok', 'nothing'),
	('flowcustomer.http(''GET'', ''/v2/tenants/acme/customers/kari'')', 'ok', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"city": "Moss"}''), flowcustomer.customer_update(''acme'', ''kari'', ''{"address": "Vei 1"}'')', 'ok', 'CUSTOMER kari UPDATE: address' || E'\n' || 'CUSTOMER kari UPDATE: city'),
	-- batches
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "a", "customerType": "COMPANY"}, {"customerUid": "bad"}, {"customerUid": "b", "customerType": "COMPANY", "customerParentUid": "a"}], "update": [{"customerUid": "kari", "city": "Voss"},
		{"customerUid": "a", "city": "Ski"}, {"customerUid": "none", "city": "Ski"}, {"customerUid": "kari", "internalNote": "Twice"}], "delete": [{"customerUid": "none"}]}'')', 'ok', 'CUSTOMER a CREATE' || E'\n' || 'CUSTOMER b CREATE' || E'\n' || 'CUSTOMER kari UPDATE: city internalNote'),
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "bad"}], "update": [{"customerUid": "kari", "city": "Voss"}]}'')', 'ok', 'nothing'),
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "brief", "customerType": "PERSON"}], "delete": [{"customerUid": "brief"}]}'')', 'ok', 'nothing'),
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "ola", "customerType": "PERSON", "externalId": "E-ola"}], "upsert": [{"externalId": "E-ola", "city": "Bodø"}, {"externalId": "E-ola", "customerGroupUids": ["club"]}]}'')', 'ok', 'CUSTOMER ola CREATE'),
	('flowcustomer.customer_batch(''acme'', ''{"upsert": [{"externalId": "E-ola", "city": "Oslo"}, {"externalId": "E-ola", "address": "Vei 2"}], "delete": [{"customerUid": "b"}]}'')', 'ok', 'CUSTOMER b DELETE' || E'\n' || 'CUSTOMER ola UPDATE: address city'),
	('flowcustomer.customer_batch(''acme'', ''{"update": [{"customerUid": "ola", "city": "Bergen"}], "delete": [{"customerUid": "ola"}]}'')', 'ok', 'CUSTOMER ola DELETE'),
	('flowcustomer.customer_batch(''acme'', ''[]'')', 'PT400: VALIDATION_FAILED $', 'nothing'),
	-- what a rule of somebody else forbids, as the last, as the first and as the only one
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "good", "customerType": "PERSON"}, {"customerUid": "bad", "customerType": "PERSON", "city": "Forbidden"}]}'')', 'ok', 'CUSTOMER good CREATE'),
	('flowcustomer.customer_batch(''acme'', ''{"create": [{"customerUid": "bad", "customerType": "PERSON", "city": "Forbidden"}], "update": [{"customerUid": "good", "city": "Bodø"}]}'')', 'ok', 'CUSTOMER good UPDATE: city'),
	('flowcustomer.customer_batch(''acme'', ''{"update": [{"customerUid": "good", "city": "Forbidden"}]}'')', 'ok', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''good'', ''{"city": "Forbidden"}'')', 'PT409: CONFLICT', 'nothing'),
	('flowcustomer.sales_order_batch(''acme'', json_build_array(t.order(''w1'', ''good'', 1), t.sales_order(''w2'', ''{"customerUid": "good", "storeUid": "forbidden"}'')))', 'ok', 'CUSTOMER good UPDATE: credit.balance' || E'\n' || 'SALES_ORDER w1 CREATE'),
	('flowcustomer.sales_order_put(''acme'', t.sales_order(''w2'', ''{"customerUid": "good", "storeUid": "forbidden"}''))', 'PT409: CONFLICT', 'nothing'),
	('flowcustomer.service_order_batch(''acme'', json_build_array(t.service_order(''w3'', ''{"storeUid": "forbidden"}'')))', 'ok', 'nothing'),
	('flowcustomer.sales_order_remove(''acme'', ''w1'')', 'ok', 'CUSTOMER good UPDATE: credit.balance' || E'\n' || 'SALES_ORDER w1 DELETE'),
	('flowcustomer.customer_delete(''acme'', ''good'')', 'ok', 'CUSTOMER good DELETE'),
	-- what hangs on a customer
	('flowcustomer.customer_address_put(''acme'', ''kari'', ''{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS"}'')', 'ok', 'CUSTOMER kari UPDATE: addresses'),
	('flowcustomer.customer_address_put(''acme'', ''kari'', ''{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_address_put(''acme'', ''kari'', ''{"customerAddressUid": "home", "city": "Oslo"}'')', 'ok', 'CUSTOMER kari UPDATE: addresses'),
	('flowcustomer.customer_address_put(''acme'', ''kari'', ''{"customerAddressUid": "home", "email": "nobody"}'')', 'PT400: VALIDATION_FAILED $.email', 'nothing'),
	('flowcustomer.customer_address_remove(''acme'', ''kari'', ''home'')', 'ok', 'CUSTOMER kari UPDATE: addresses'),
	('flowcustomer.customer_address_remove(''acme'', ''kari'', ''home'')', 'PT404: ADDRESS_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_consent_set(''acme'', ''kari'', ''news'', ''{"status": false, "source": "web"}'')', 'ok', 'CUSTOMER kari UPDATE: consents'),
	('flowcustomer.customer_consent_set(''acme'', ''kari'', ''none'', ''{"status": false, "source": "web"}'')', 'PT404: CONSENT_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_extension_add(''acme'', ''kari'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')', 'ok', 'CUSTOMER kari UPDATE: extensions'),
	('flowcustomer.customer_extension_add(''acme'', ''kari'', ''TWO_INVOICE'', ''{"storeUid": "bergen"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_extension_remove(''acme'', ''kari'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')', 'ok', 'CUSTOMER kari UPDATE: extensions'),
	('flowcustomer.customer_credit_balance_set(''acme'', ''kari'', ''{"openingBalance": 7}'')', 'ok', 'CUSTOMER kari UPDATE: credit.balance openingBalance'),
	('flowcustomer.customer_credit_balance_set(''acme'', ''kari'', ''{"openingBalance": 7}'')', 'ok', 'nothing'),
	-- contacts and their links
	('flowcustomer.contact_create(''acme'', ''{"customerContactUid": "k", "firstname": "Eva", "lastname": "Berg", "customers": [{"customerUid": "kari", "role": "ACCOUNTING"}, {"customerUid": "a"}]}'')', 'ok',
		'CONTACT k CREATE' || E'\n' || 'CUSTOMER a UPDATE: contacts' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.contact_create(''acme'', ''{"customerContactUid": "l", "firstname": "Eva", "lastname": "Berg", "customers": [{"customerUid": "kari"}, {"customerUid": "none"}]}'')', 'PT400: CUSTOMER_NOT_FOUND $.customers[1].customerUid', 'nothing'),
	('flowcustomer.contact_update(''acme'', ''k'', ''{"firstname": "Eli", "mobile": "912 34 567"}'')', 'ok', 'CONTACT k UPDATE: firstname mobile'),
	('flowcustomer.contact_update(''acme'', ''k'', ''{"firstname": "Eli", "mobile": "91234567"}'')', 'ok', 'nothing'),
	('flowcustomer.contact_customer_add(''acme'', ''k'', ''{"customers": [{"customerUid": "kari", "role": "ADMIN"}, {"customerUid": "a"}]}'')', 'ok', 'CONTACT k UPDATE: customers' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.contact_customer_remove(''acme'', ''k'', ''kari'')', 'ok', 'CONTACT k UPDATE: customers' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.customer_contact_create(''acme'', ''kari'', ''{"customerContactUid": "l", "firstname": "Liv", "lastname": "Dahl"}'')', 'ok', 'CONTACT l CREATE' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.customer_contact_update(''acme'', ''kari'', ''l'', ''{"lastname": "Moe"}'')', 'ok', 'CONTACT l UPDATE: lastname'),
	('flowcustomer.customer_contact_extension_add(''acme'', ''kari'', ''l'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')', 'ok', 'CONTACT l UPDATE: customers' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.customer_contact_extension_remove(''acme'', ''kari'', ''l'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')', 'ok', 'CONTACT l UPDATE: customers' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.customer_contact_delete(''acme'', ''kari'', ''l'')', 'ok', 'CONTACT l DELETE' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.contact_customer_add(''acme'', ''k'', ''{"customers": [{"customerUid": "kari"}]}'')', 'ok', 'CONTACT k UPDATE: customers' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	('flowcustomer.contact_delete(''acme'', ''k'')', 'ok', 'CONTACT k DELETE' || E'\n' || 'CUSTOMER a UPDATE: contacts' || E'\n' || 'CUSTOMER kari UPDATE: contacts'),
	-- groups and their members
	('flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "g", "name": "G"}'')', 'ok', 'GROUP g CREATE'),
	('flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "g", "name": "G"}'')', 'PT409: GROUP_ALREADY_EXISTS', 'nothing'),
	('flowcustomer.customer_group_update(''acme'', ''g'', ''{"name": "Gold"}'')', 'ok', 'GROUP g UPDATE: name'),
	('flowcustomer.customer_group_update(''acme'', ''g'', ''{"name": "Gold"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_group_customer_update(''acme'', ''g'', ''{"addCustomerUids": ["kari", "a"]}'')', 'ok', 'CUSTOMER a UPDATE: customerGroupUids' || E'\n' || 'CUSTOMER kari UPDATE: customerGroupUids'),
	('flowcustomer.customer_group_customer_update(''acme'', ''g'', ''{"addCustomerUids": ["kari"], "removeCustomerUids": ["a"]}'')', 'ok', 'CUSTOMER a UPDATE: customerGroupUids'),
	('flowcustomer.customer_group_customer_update(''acme'', ''g'', ''{"addCustomerUids": ["none"], "removeCustomerUids": ["kari"]}'')', 'PT400: CUSTOMER_NOT_FOUND $.addCustomerUids[0]', 'nothing'),
	('flowcustomer.customer_group_delete(''acme'', ''g'')', 'ok', 'GROUP g DELETE'),
	-- orders, and what is owed for them
	('flowcustomer.sales_order_put(''acme'', t.order(''o1'', ''kari'', 100))', 'ok', 'CUSTOMER kari UPDATE: credit.balance' || E'\n' || 'SALES_ORDER o1 CREATE'),
	('flowcustomer.sales_order_put(''acme'', t.order(''o1'', ''kari'', 100))', 'ok', 'nothing'),
	('flowcustomer.sales_order_put(''acme'', t.order(''o1'', ''none'', 100))', 'PT400: CUSTOMER_NOT_FOUND $.customerUid', 'nothing'),
	('flowcustomer.sales_order_put(''acme'', t.order(''o1'', ''a'', 100))', 'ok', 'CUSTOMER a UPDATE: credit.balance' || E'\n' || 'CUSTOMER kari UPDATE: credit.balance' || E'\n' || 'SALES_ORDER o1 UPDATE: customerUid'),
	('flowcustomer.sales_order_put(''acme'', t.order(''o2'', ''kari'', 0))', 'ok', 'SALES_ORDER o2 CREATE'),
	('flowcustomer.sales_order_put(''acme'', t.order(''o3'', NULL, 5))', 'ok', 'SALES_ORDER o3 CREATE'),
	('flowcustomer.sales_order_batch(''acme'', json_build_array(t.order(''o1'', ''kari'', 7), t.order(''o4'', ''kari'', -7), t.order(''o5'', ''none'', 7)))', 'ok', 'CUSTOMER a UPDATE: credit.balance' || E'\n' || 'SALES_ORDER o1 UPDATE: customerUid' || E'\n' || 'SALES_ORDER o4 CREATE'),
	('flowcustomer.sales_order_remove(''acme'', ''o1'')', 'ok', 'CUSTOMER kari UPDATE: credit.balance' || E'\n' || 'SALES_ORDER o1 DELETE'),
	('flowcustomer.sales_order_remove(''acme'', ''o1'')', 'PT404: SALES_ORDER_NOT_FOUND', 'nothing'),
	('flowcustomer.service_order_put(''acme'', t.service(''s1'', ''kari''))', 'ok', 'SERVICE_ORDER s1 CREATE'),
	('flowcustomer.service_order_put(''acme'', t.service(''s1'', ''a''))', 'ok', 'SERVICE_ORDER s1 UPDATE: customerUid'),
	('flowcustomer.service_order_batch(''acme'', json_build_array(t.service(''s1'', ''a''), t.service(''s2'', ''a''), ''{}''::json))', 'ok', 'SERVICE_ORDER s2 CREATE'),
	('flowcustomer.service_order_remove(''acme'', ''s1'')', 'ok', 'SERVICE_ORDER s1 DELETE'),
	-- what is no change of an entity
	('flowcustomer.customer_print(''acme'', ''kari'')', 'ok', 'nothing'),
	('flowcustomer.print_job_claim(''acme'', ''p'')', 'ok', 'nothing'),
	('flowcustomer.customer_export(''acme'', ''kari'')', 'ok', 'nothing'),
	('flowcustomer.customer_duplicates(''acme'')', 'ok', 'nothing'),
	('flowcustomer.customer_duplicate_dismiss(''acme'', ''kari'', ''a'', ''different'')', 'ok', 'nothing'),
	('flowcustomer.printer_remove(''acme'', ''p'')', 'ok', 'PRINTER p DELETE'),
	-- merges and deletes
	('flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "vip", "name": "VIP"}'')', 'ok', 'GROUP vip CREATE'),
	('t.furnish(''x'')', 'ok', 'CONTACT x-k1 CREATE
CONTACT x-k2 CREATE
CONTACT x-k3 CREATE
CONTACT x-k4 CREATE
CUSTOMER x-from CREATE
CUSTOMER x-from UPDATE: contacts
CUSTOMER x-from UPDATE: contacts
CUSTOMER x-from UPDATE: contacts
CUSTOMER x-from UPDATE: credit.balance
CUSTOMER x-from UPDATE: credit.balance
CUSTOMER x-to CREATE
CUSTOMER x-to UPDATE: contacts
CUSTOMER x-to UPDATE: contacts
CUSTOMER x-to UPDATE: contacts
CUSTOMER x-to UPDATE: credit.balance
CUSTOMER x-top CREATE
CUSTOMER x-top UPDATE: credit.balance
CUSTOMER x-under-from CREATE
CUSTOMER x-under-to CREATE
SALES_ORDER x-s1 CREATE
SALES_ORDER x-s2 CREATE
SALES_ORDER x-s3 CREATE
SALES_ORDER x-s4 CREATE
SERVICE_ORDER x-v1 CREATE
SERVICE_ORDER x-v2 CREATE'),
	('t.preview(''x-to'', ''x-from'')', 'ok', 'nothing'),
	('t.merge(''x-to'', ''x-to'')', 'PT400: MERGE_SELF $.mergeFromCustomerUid', 'nothing'),
	('t.merge(''x-to'', ''x-from'')', 'ok', 'CONTACT x-k2 UPDATE: customers
CONTACT x-k3 UPDATE: customers
CONTACT x-k4 UPDATE: customers
CUSTOMER x-from MERGE
CUSTOMER x-to UPDATE: accountManager.tenantUserUid addresses consents contacts createdAt credit.balance credit.limit customerGroupUids customerParentUid defaultStoreUid ehf.address ehf.enabled email extensions internalNote loyaltyId openingBalance paymentTerms
CUSTOMER x-under-from UPDATE: customerParentUid'),
	('flowcustomer.customer_update(''acme'', ''x-from'', ''{"origin": "web"}'')', 'ok', 'CUSTOMER x-to UPDATE: origin'),
	('flowcustomer.customer_merge_preview(''acme'', ''x-to'', ''{"mergeFromCustomerUid": "x-top"}'')', 'ok', 'nothing'),
	('t.undo(''x-from'')', 'ok', 'CONTACT x-k2 UPDATE: customers
CONTACT x-k3 UPDATE: customers
CONTACT x-k4 UPDATE: customers
CUSTOMER x-from CREATE
CUSTOMER x-to UPDATE: accountManager.tenantUserUid addresses consents contacts createdAt credit.balance credit.limit customerGroupUids customerParentUid defaultStoreUid ehf.address ehf.enabled email extensions internalNote loyaltyId openingBalance paymentTerms
CUSTOMER x-under-from UPDATE: customerParentUid'),
	('t.undo(''x-from'')', 'PT409: MERGE_ALREADY_UNDONE', 'nothing'),
	('t.batch(''{"create": [{"customerUid": "p", "customerType": "PERSON"}, {"customerUid": "q", "customerType": "PERSON"}]}'')', 'ok', 'CUSTOMER p CREATE' || E'\n' || 'CUSTOMER q CREATE'),
	('flowcustomer.sales_order_put(''acme'', t.order(''q1'', ''q'', 100))', 'ok', 'CUSTOMER q UPDATE: credit.balance' || E'\n' || 'SALES_ORDER q1 CREATE'),
	('t.merge(''p'', ''q'')', 'ok', 'CUSTOMER p UPDATE: credit.balance' || E'\n' || 'CUSTOMER q MERGE'),
	('t.undo(''q'')', 'ok', 'CUSTOMER p UPDATE: credit.balance' || E'\n' || 'CUSTOMER q CREATE'),
	('flowcustomer.customer_delete(''acme'', ''none'')', 'PT404: CUSTOMER_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_delete(''acme'', ''x-to'')', 'ok', 'CONTACT x-k1 UPDATE: customers
CONTACT x-k2 UPDATE: customers
CONTACT x-k3 UPDATE: customers
CUSTOMER x-to DELETE
CUSTOMER x-under-to UPDATE: customerParentUid'),
	('t.batch(''{"delete": [{"customerUid": "x-from"}]}'')', 'ok', 'CONTACT x-k2 UPDATE: customers
CONTACT x-k3 UPDATE: customers
CONTACT x-k4 UPDATE: customers
CUSTOMER x-from DELETE
CUSTOMER x-under-from UPDATE: customerParentUid');
CREATE TABLE t.outside (uid text PRIMARY KEY, first text);
ALTER TABLE flowcustomer.customer ADD CONSTRAINT somebodys CHECK (city <> 'Forbidden');
ALTER TABLE flowcustomer.sales_order ADD CONSTRAINT somebodys CHECK (store_uid <> 'forbidden');
ALTER TABLE flowcustomer.service_order ADD CONSTRAINT somebodys CHECK (store_uid <> 'forbidden');
CALL t.run_all();
SELECT is(concat_ws(E'\n', a.answer, c.answer), concat_ws(E'\n', w.answer, w.changes), regexp_replace(call, '\s+', ' ', 'g'))
FROM t.write AS w JOIN t.answers AS a ON a.n = 2 * w.n - 1 JOIN t.answers AS c ON c.n = 2 * w.n ORDER BY w.n;
SELECT is((SELECT count(*) FROM t.answers), (SELECT 2 * count(*) FROM t.write), 'every write was made');

-- What an UPDATE of an order names are the members that are kept as columns.
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.sales_order('o2', '{"customerUid": "kari", "storeUid": "bergen", "note": "x", "orderTotals": {"costTotal": 1, "grandTotal": 5, "grossProfitAmount": 1, "grossProfitPercentage": 1, "specifiedVat": [], "subtotal": 1, "totalDiscount": 1, "totalVat": 1}}'))$$);
SELECT matches(t.seen(), '\nSALES_ORDER o2 UPDATE: .*storeUid', 'an order''s members');

-- Merges in a row, each in a transaction of its own.
CALL t.run($$SELECT t.batch((SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'd' || i, 'customerType', 'PERSON', 'firstname', 'Synnøve', 'lastname', 'Kvarme', 'email', 'sk@example.com', 'mobile', '+4791234567',
	'address', 'Storgata 1', 'postalCode', '0155', 'city', 'Oslo', 'vatNumber', NULL, 'externalId', 'D-' || i))) FROM generate_series(1, 2) AS i))$$);
CALL t.run('SELECT t.seen()');
CALL flowcustomer.merge_duplicates('acme', 0.5, true);
SELECT is(t.seen(), 'nothing', 'a dry run of merges leaves none');
CALL flowcustomer.merge_duplicates('acme', 0.5);
SELECT is(t.seen(), (SELECT string_agg(line, E'\n' ORDER BY line) FROM (SELECT format('CUSTOMER %s MERGE', duplicate_uid) FROM flowcustomer.merge WHERE duplicate_uid LIKE 'd_' UNION ALL SELECT format('CUSTOMER %s UPDATE', survivor_uid) FROM flowcustomer.merge WHERE duplicate_uid LIKE 'd_') AS m (line)), 'a run of merges leaves those of each');

-- Who, when, and what an item is -----------------------------------------------

DROP ROLE IF EXISTS changes_liv;
DO $$ BEGIN EXECUTE format('CREATE ROLE changes_liv IN ROLE %I', current_user); END $$;
SELECT is(t.by('changes_liv', $$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "Horten"}'), flowcustomer.http('PUT', '/v2/tenants/acme/customers/kari', '{"address": "Vei 3"}')$$), 'ok', 'somebody else writes');
CREATE TABLE t.item AS SELECT i FROM json_array_elements(t.read('acme', (SELECT position FROM t.reader WHERE tenant = 'acme')) -> 'items') AS i;
SELECT results_eq($$SELECT regexp_replace(regexp_replace(i::text, '"position":"\d+\.\d+\.', '"position":"G.T.'), '"changedAt":"[-0-9]+T[:0-9]+\.\d\d\dZ"', '"changedAt":"NOW"') FROM t.item$$,
	$$VALUES ('{"position":"G.T.1","entity":"CUSTOMER","uid":"kari","operation":"UPDATE","changedAt":"NOW","changedBy":"changes_liv","fields":["city"]}'),
		('{"position":"G.T.2","entity":"CUSTOMER","uid":"kari","operation":"UPDATE","changedAt":"NOW","changedBy":"changes_liv","fields":["address"]}')$$, 'an item as it is');
SELECT results_eq($$SELECT i ->> 'changedAt' FROM t.item OFFSET 1$$, $$SELECT t.get('kari') ->> 'lastModifiedAt'$$, 'changedAt is lastModifiedAt of what was written');
SELECT is(t.by('changes_liv', $$SELECT flowcustomer.changes('acme')$$), 'ok', 'who may read anything may read the feed');
DROP ROLE changes_liv;
SELECT is((SELECT array_agg(DISTINCT changed_by)::text FROM flowcustomer.change), format('{changes_liv,%s}', current_user), 'everything else was written by ourselves');
CALL t.run('SELECT t.seen()');

-- Transactions -----------------------------------------------------------------

BEGIN;
CALL t.run($$SELECT t.update('kari', '{"city": "A"}')$$);
SELECT is(t.seen(), 'nothing', 'a transaction does not see its own changes');
SAVEPOINT one;
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"address": "undone"}')$$);
ROLLBACK TO one;
CALL t.run($$SELECT t.error('SELECT flowcustomer.customer_update(''acme'', ''kari'', ''{"email": "wrong"}'')')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"postalCode": "0150"}')$$);
SELECT is(t.seen(), 'nothing', 'also later');
COMMIT;
SELECT is(t.seen(), E'CUSTOMER kari UPDATE: city\nCUSTOMER kari UPDATE: postalCode', 'they are there when it is committed, but those that were undone');
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "B"}')$$);
ROLLBACK;
SELECT is(t.seen(), 'nothing', 'a transaction that is rolled back leaves none');
BEGIN ISOLATION LEVEL REPEATABLE READ;
CREATE TEMPORARY TABLE before AS SELECT flowcustomer.changes('acme', NULL, 1000)::text AS answer;
SELECT dblink_connect('other', format('host=%s port=%s dbname=%I user=%I', split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database(), current_user)) AS connected \gset
SELECT answer AS answer FROM dblink('other', $$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "C"}')::text$$) AS d(answer text) \gset
SELECT is(flowcustomer.changes('acme', NULL, 1000)::text, answer, 'a snapshot that stays sees the same again') FROM before;
COMMIT;
SELECT is(t.seen(), 'CUSTOMER kari UPDATE: city', 'and what came meanwhile later');
-- Somebody else's transaction holds the feed up for everybody.
SELECT begun AS begun FROM dblink_exec('other', 'BEGIN') AS d(begun) \gset
SELECT answer AS answer FROM dblink('other', $$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "D"}')::text$$) AS d(answer text) \gset
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'a', '{"city": "D"}')$$);
SELECT is(t.lines(flowcustomer.changes('acme', position) -> 'items'), 'nothing', 'one who began earlier holds up who commits earlier') FROM t.reader WHERE tenant = 'acme';
SELECT done AS done FROM dblink_exec('other', 'COMMIT') AS d(done) \gset
SELECT is(t.seen(), E'CUSTOMER a UPDATE: city\nCUSTOMER kari UPDATE: city', 'both are there when both are through');
SELECT results_eq($$SELECT entity_uid COLLATE "default" FROM flowcustomer.change ORDER BY generation DESC, transaction_id DESC, place DESC LIMIT 2$$, $$VALUES ('a'), ('kari')$$, 'in the order in which they began');

-- Notifications ------------------------------------------------------------------

-- What the other session was told until it is told the end.
CREATE FUNCTION t.notified(channel text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text[] := '{}';
BEGIN
	WHILE NOT 'the end' = ANY (told) LOOP
		PERFORM pg_sleep(0.005);
		told := told || ARRAY(SELECT extra FROM dblink_get_notify('other') WHERE notify_name = channel);
	END LOOP;
	RETURN array_to_string(told[:cardinality(told) - 1], ',');
END $$;
SELECT listening AS listening FROM dblink_exec('other', 'LISTEN flowcustomer_change') AS d(listening) \gset
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "E"}')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "E"}'), flowcustomer.customer_get('acme', 'kari'), t.update('kari', '{"city": 5}')$$);
CALL t.run($$SELECT pg_notify('flowcustomer_change', 'the end')$$);
SELECT is(t.notified('flowcustomer_change'), 'acme', 'a change wakes those who listen, with the tenant; none, a refused one and a read do not');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "F"}'), flowcustomer.customer_update('acme', 'a', '{"city": "F"}')$$);
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "G"}')$$);
ROLLBACK;
SET flowcustomer.change_notify = off;
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "H"}')$$);
CALL t.run($$SELECT pg_notify('flowcustomer_change', 'the end')$$);
RESET flowcustomer.change_notify;
SELECT is(t.notified('flowcustomer_change'), 'acme', 'two in a transaction do so once; one that is rolled back does not, nor when it is switched off');
SELECT is(t.seen(), E'CUSTOMER a UPDATE: city\nCUSTOMER kari UPDATE: city\nCUSTOMER kari UPDATE: city\nCUSTOMER kari UPDATE: city', 'but the changes are there');

-- Positions and pages ------------------------------------------------------------

CREATE TABLE t.whole AS SELECT t.read() AS answer;
CREATE FUNCTION t.paged(size integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	page json;
	place text := '';
	items text := '';
BEGIN
	LOOP
		page := t.read('acme', place, size);
		IF json_array_length(page -> 'items') > size OR page ->> 'lastPosition' <> coalesce(page -> 'items' -> -1 ->> 'position', place) THEN
			RETURN 'wrong page: ' || page;
		END IF;
		place := page ->> 'lastPosition';
		EXIT WHEN json_array_length(page -> 'items') = 0;
		items := concat_ws(',', nullif(items, ''), substr(page -> 'items' #>> '{}', 2, length(page -> 'items' #>> '{}') - 2));
	END LOOP;
	RETURN format('{"items":[%s],"lastPosition":"%s"}', items, place);
END $$;
SELECT cmp_ok(json_array_length(answer -> 'items'), '>', 150, 'there are many changes') FROM t.whole;
SELECT is(t.paged(size), answer::text, format('pages of %s make up the whole', size)) FROM t.whole, unnest(ARRAY[1, 2, 7, 100, 1000]) AS size;
SELECT is(t.read('acme', i ->> 'position')::text, format('{"items":[%s],"lastPosition":"%s"}', (SELECT string_agg(j::text, ',' ORDER BY m) FROM json_array_elements(answer -> 'items') WITH ORDINALITY AS f(j, m) WHERE m > n), answer ->> 'lastPosition'),
	format('behind %s. is what comes after it', n)) FROM t.whole, json_array_elements(answer -> 'items') WITH ORDINALITY AS e(i, n) WHERE n % 50 = 3;
SELECT is(json_array_length(flowcustomer.changes('acme') -> 'items'), 100, 'a page has 100 changes unless told');
SELECT is(json_array_length(flowcustomer.changes('acme', NULL, NULL) -> 'items'), 10, 'and 10 when told nothing');
SELECT is(flowcustomer.changes('acme', '', 3)::text, flowcustomer.changes('acme', NULL, 3)::text, 'an empty position is the beginning');
SELECT is(flowcustomer.changes('acme', '0.0.0', 3)::text, flowcustomer.changes('acme', NULL, 3)::text, 'so is zero');
SELECT is(flowcustomer.changes('acme', after, 3)::text, format('{"items":[],"lastPosition":"%s"}', after), format('behind %s is nothing', after)) FROM unnest(ARRAY['9223372036854775807.0.0', '9223372036854775807.9223372036854775807.9223372036854775807']) AS after;
SELECT is(t.error(format('SELECT flowcustomer.changes(''acme'', %L)', after)), 'PT400: VALIDATION_FAILED after', format('"%s" is no position', after))
FROM unnest(ARRAY['x', '1', '1.2', '1.2.', '1..3', '.2.3', '1.2.3.', '1.2.3.4', '1.2.x', '-1.2.3', '1.-2.3', '+1.2.3', ' 1.2.3', '1.2.3 ', '1. 2.3', '1,2,3', '0x1.2.3', '1e1.2.3', '9223372036854775808.0.0', '1.2.99999999999999999999', '١.٢.٣', '"']) AS after;
SELECT is(t.full_error($$SELECT flowcustomer.changes('acme', '1.2')$$), E'PT400 after is not a position in the feed\ncode: VALIDATION_FAILED, path: after\nGive the lastPosition of an earlier answer, or nothing to begin at the oldest change.', 'what to do is told');
SELECT is(t.call('changes', NULL, size), expected, 'a limit of ' || size) FROM (VALUES ('0', 'PT400: VALIDATION_FAILED limit'), ('-1', 'PT400: VALIDATION_FAILED limit'), ('1001', 'PT400: VALIDATION_FAILED limit'), ('1', 'ok'), ('1000', 'ok')) AS v(size, expected);
SELECT is(t.error($$SELECT flowcustomer.changes(NULL), flowcustomer.changes('a b')$$), 'PT400: VALIDATION_FAILED tenantUid', 'the tenant has to be named');

-- Tenants --------------------------------------------------------------------------

CALL t.run($$SELECT t.seed('other')$$);
CALL t.run($$SELECT flowcustomer.customer_create('other', '{"customerUid": "kari", "customerType": "PERSON"}'), flowcustomer.customer_update('acme', 'kari', '{"city": "I"}')$$);
SELECT is(t.seen(), 'CUSTOMER kari UPDATE: city', 'a tenant has its own changes');
SELECT is(t.seen('other'), E'CONSENT news CREATE\nCONSENT sms CREATE\nCUSTOMER kari CREATE\nGROUP club CREATE\nGROUP staff CREATE\nORGANIZATION nordic CREATE\nORGANIZATION south CREATE\nSTORE bergen CREATE\nSTORE malmo CREATE\nSTORE oslo CREATE\nTENANT other CREATE\nTENANT_USER liv CREATE', 'and so has the other');

-- Switched off: neither what is written meanwhile nor the switch itself is there.
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"changeFeed": false, "name": "Quiet"}')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "J"}'), flowcustomer.customer_update('other', 'kari', '{"city": "J"}')$$);
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.order('o9', 'kari', 1)), t.merge('p', 'q')$$);
SELECT is(t.seen(), 'nothing', 'a tenant without a feed has no changes');
SELECT is(t.seen('other'), 'CUSTOMER kari UPDATE: city', 'others have');
CALL t.run($$SELECT pg_notify('flowcustomer_change', 'the end')$$);
SELECT is(t.notified('flowcustomer_change'), 'other,other,acme,other', 'only others wake somebody');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"changeFeed": true}')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "K"}')$$);
SELECT is(t.seen(), E'CUSTOMER kari UPDATE: city\nTENANT acme UPDATE: changeFeed', 'it goes on when it is switched on');
CALL t.run($$SELECT flowcustomer.tenant_put('off', '{"name": "Off", "changeFeed": false}'), flowcustomer.customer_group_create('off', '{"customerGroupUid": "g", "name": "G"}')$$);
SELECT is(t.seen('off'), 'nothing', 'it can be off from the beginning');

-- Forgetting -----------------------------------------------------------------------

-- Three transactions, of which the second is the last to go.
CREATE TABLE t.place (name text, position text);
CALL t.run($$INSERT INTO t.place SELECT 'before', position FROM t.reader WHERE tenant = 'other'$$);
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"city": "1"}')$$);
CALL t.run($$INSERT INTO t.place SELECT 'first', t.read('other') ->> 'lastPosition'$$);
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"city": "2"}')$$);
CALL t.run($$INSERT INTO t.place SELECT 'second', t.read('other') ->> 'lastPosition'$$);
SELECT pg_sleep(0.002) AS slept \gset
CALL t.run($$INSERT INTO t.place SELECT 'time', clock_timestamp()::text$$);
SELECT pg_sleep(0.002) AS slept \gset
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"address": "3"}')$$);
CALL t.run('CALL t.settle()');
CREATE TABLE t.acme AS SELECT t.read()::text AS answer;
SELECT is(flowcustomer.changes_forget('other', '2020-01-01Z')::text, '{"forgotten":0}', 'none is that old');
SELECT is(flowcustomer.changes_forget('other', position::timestamptz)::text, '{"forgotten":15}', 'two go and thirteen before them') FROM t.place WHERE name = 'time';
SELECT is(flowcustomer.changes_forget('other', position::timestamptz)::text, '{"forgotten":0}', 'once') FROM t.place WHERE name = 'time';
SELECT is(t.lines(t.read('other') -> 'items'), E'  FORGET\nCUSTOMER kari UPDATE: address', 'a mark stands where the last one was');
SELECT is(regexp_replace((t.read('other', NULL, 1) -> 'items' -> 0)::text, '"changedAt":"[-0-9]+T[:0-9]+\.\d\d\dZ"', '"changedAt":"THEN"'),
	format('{"position":"%s","entity":"","uid":"","operation":"FORGET","changedAt":"THEN","changedBy":"","fields":[]}', position), 'of which nothing else is left') FROM t.place WHERE name = 'second';
SELECT is(t.lines(t.read('other', position) -> 'items'), CASE name WHEN 'second' THEN '' ELSE E'  FORGET\n' END || 'CUSTOMER kari UPDATE: address', format('who had read up to %s', name)) FROM t.place WHERE name <> 'time';
SELECT is(t.read()::text, answer, 'the other tenant''s are all there') FROM t.acme;
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"city": "4"}')$$);
CALL t.run('CALL t.settle()');
SELECT is(flowcustomer.changes_forget('other', 'infinity')::text, '{"forgotten":3}', 'an earlier mark goes with the rest');
SELECT is(t.lines(t.read('other') -> 'items'), '  FORGET', 'one mark is left');
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"city": "5"}')$$);
SELECT is(t.lines(t.read('other') -> 'items'), E'  FORGET\nCUSTOMER kari UPDATE: city', 'and it goes on behind it');
-- What a reader has not been able to see yet is not forgotten.
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_update('other', 'kari', '{"city": "6"}')$$);
SELECT is(flowcustomer.changes_forget('other', 'infinity')::text, '{"forgotten":2}', 'one that is not committed stays');
COMMIT;
SELECT is(t.lines(t.read('other') -> 'items'), E'  FORGET\nCUSTOMER kari UPDATE: city', 'and is read');
SELECT is(t.call('changes_forget', NULL), 'PT400: VALIDATION_FAILED before', 'a time is needed');
SELECT is(flowcustomer.changes_forget('off', 'infinity')::text, '{"forgotten":0}', 'where nothing is there is nothing to forget');

-- A tenant that is removed takes its feed along; one of the same name begins anew.
CALL t.run($$SELECT flowcustomer.tenant_put('brief', '{"name": "Brief"}')$$);
CALL t.run($$SELECT t.seen('brief')$$);
CALL t.run($$SELECT flowcustomer.tenant_remove('brief')$$);
SELECT is_empty($$SELECT FROM flowcustomer.change WHERE tenant_uid = 'brief'$$, 'a removed tenant has no changes');
SELECT is(t.error($$SELECT flowcustomer.changes('brief')$$), 'PT404: TENANT_NOT_FOUND', 'and no feed');
CALL t.run($$SELECT flowcustomer.tenant_put('brief', '{"name": "Again"}')$$);
SELECT is(t.seen('brief'), 'TENANT brief CREATE', 'one of the same name has a new one, behind the old positions');

SELECT disconnected AS disconnected FROM dblink_disconnect('other') AS d(disconnected) \gset
SELECT * FROM finish();
