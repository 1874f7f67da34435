-- Tenants: what one has never shows in another; lenient tenants.
\ir include/helpers.psql
\ir include/orders.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), t.seed(''other'')');

-- The same UIDs in both tenants, with values that tell which is which.
CREATE FUNCTION t.fill(tenant text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM flowcustomer.tenant_user_put(tenant, json_build_object('tenantUserUid', 'liv', 'displayName', 'Liv of ' || tenant));
	PERFORM flowcustomer.store_put(tenant, json_build_object('storeUid', 'oslo', 'name', 'Oslo of ' || tenant));
	PERFORM flowcustomer.consent_put(tenant, json_build_object('consentUid', 'news', 'name', 'News of ' || tenant));
	PERFORM flowcustomer.customer_batch(tenant, json_build_object('create', json_build_array(
		json_build_object('customerUid', 'a', 'customerType', 'COMPANY', 'companyName', 'A of ' || tenant, 'externalId', 'E', 'accountManager', json_build_object('tenantUserUid', 'liv'), 'defaultStoreUid', 'oslo',
						  'consents', json_build_array(json_build_object('consentUid', 'news', 'status', true, 'source', tenant))),
		json_build_object('customerUid', 'b', 'customerType', 'COMPANY', 'companyName', 'B of ' || tenant, 'customerParentUid', 'a', 'customerGroupUids', '["club"]'::json))));
	PERFORM flowcustomer.customer_contact_create(tenant, 'a', json_build_object('customerContactUid', 'k', 'firstname', 'K of', 'lastname', tenant, 'role', 'ADMIN'));
	PERFORM flowcustomer.customer_contact_extension_add(tenant, 'a', 'k', 'TWO_INVOICE', '{"storeUid": "oslo"}');
	PERFORM flowcustomer.customer_extension_add(tenant, 'a', 'TWO_INVOICE', '{"storeUid": "oslo"}');
	PERFORM flowcustomer.customer_address_put(tenant, 'a', json_build_object('customerAddressUid', 'h', 'type', 'INVOICE_ADDRESS', 'city', tenant));
	PERFORM flowcustomer.sales_order_put(tenant, t.sales_order('o', jsonb_build_object('customerUid', 'a', 'settlements', t.invoices(length(tenant)))));
END $$;
CALL t.run('SELECT t.fill(''acme'')');
CREATE FUNCTION t.all_of(tenant text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.strip(jsonb_build_object('customers', flowcustomer.customer_list(tenant), 'contacts', flowcustomer.contact_list(tenant), 'groups', flowcustomer.customer_group_list(tenant),
		'members', flowcustomer.customer_group_customer_list(tenant, 'club'), 'of_customer', CASE WHEN t.total(tenant) > 0 THEN flowcustomer.customer_contact_list(tenant, 'a') END))
$$;
CREATE TABLE t.empty AS SELECT t.all_of('other') AS answer;
SELECT is((answer -> 'customers' -> 'paging' ->> 'totalCount') || (answer -> 'contacts' -> 'paging' ->> 'totalCount') || (answer -> 'members' -> 'paging' ->> 'totalCount'), '000', 'what is made in one tenant is not in the other') FROM t.empty;
SELECT is(t.error(format('SELECT flowcustomer.%s', call)), expected, call) FROM (VALUES ($$customer_get('other', 'a')$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$customer_update('other', 'a', '{"city": "x"}')$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$customer_delete('other', 'a')$$, 'PT404: CUSTOMER_NOT_FOUND'),
	($$contact_get('other', 'k')$$, 'PT404: CONTACT_NOT_FOUND'), ($$contact_update('other', 'k', '{"firstname": "x"}')$$, 'PT404: CONTACT_NOT_FOUND'), ($$contact_delete('other', 'k')$$, 'PT404: CONTACT_NOT_FOUND'), ($$contact_customer_list('other', 'k')$$, 'PT404: CONTACT_NOT_FOUND'),
	($$contact_create('other', '{"firstname": "x", "lastname": "y", "customers": [{"customerUid": "a"}]}')$$, 'PT400: CUSTOMER_NOT_FOUND $.customers[0].customerUid'), ($$customer_contact_list('other', 'a')$$, 'PT404: CUSTOMER_NOT_FOUND'),
	($$customer_create('other', '{"customerType": "COMPANY", "customerParentUid": "a"}')$$, 'PT400: CUSTOMER_NOT_FOUND $.customerParentUid'), ($$customer_group_customer_update('other', 'club', '{"addCustomerUids": ["a"]}')$$, 'PT400: CUSTOMER_NOT_FOUND $.addCustomerUids[0]'),
	($$customer_address_remove('other', 'a', 'h')$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$customer_extension_remove('other', 'a', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$sales_order_remove('other', 'o')$$, 'PT404: SALES_ORDER_NOT_FOUND'),
	($$sales_order_put('other', t.sales_order('o', '{"customerUid": "a"}'))$$, 'PT400: CUSTOMER_NOT_FOUND $.customerUid')) AS v(call, expected);
SELECT is(t.section(flowcustomer.customer_batch('other', '{"update": [{"customerUid": "a"}], "upsert": [{"externalId": "E"}], "delete": [{"customerUid": "a"}]}')::jsonb, 'upsert'), '0: 0 VALIDATION_FAILED $.upsert[0].customerType', 'an upsert does not find the other tenant''s externalId');
CREATE TABLE t.alone AS SELECT t.all_of('acme') AS answer;
CALL t.run('SELECT t.fill(''other'')');
SELECT is(t.all_of('acme'), answer, 'the second tenant changes nothing of the first') FROM t.alone;
SELECT is(t.all_of('other')::text, replace(replace(answer::text, 'acme', 'other'), '"balance": 4', '"balance": 5'), 'and has the same with its own values') FROM t.alone;
CREATE TABLE t.second AS SELECT t.all_of('other') AS answer;
CALL t.run($$SELECT flowcustomer.customer_batch('acme', '{"update": [{"customerUid": "a", "companyName": "New"}], "upsert": [{"externalId": "E", "city": "Oslo", "customerGroupUids": ["club", "staff"]}]}')$$);
CALL t.run($$SELECT flowcustomer.contact_update('acme', 'k', '{"lastname": "changed"}'), flowcustomer.customer_consent_set('acme', 'a', 'news', '{"status": false, "source": "x"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_remove('acme', 'a', 'h'), flowcustomer.customer_group_customer_update('acme', 'club', '{"removeCustomerUids": ["b"]}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_extension_remove('acme', 'a', 'k', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.sales_order_remove('acme', 'o')$$);
CALL t.run($$SELECT flowcustomer.customer_group_update('acme', 'club', '{"name": "x"}'), flowcustomer.store_put('acme', '{"storeUid": "oslo", "name": "x"}'), flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "liv", "displayName": "x"}')$$);
SELECT is(t.all_of('other'), answer, 'changes stay in their tenant') FROM t.second;
CALL t.run($$SELECT flowcustomer.contact_delete('acme', 'k'), flowcustomer.customer_group_delete('acme', 'club')$$);
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'a'), flowcustomer.customer_delete('acme', 'b')$$);
SELECT is(t.all_of('other'), answer, 'deletes too') FROM t.second;
CALL t.run($$SELECT flowcustomer.customer_group_delete('acme', 'staff')$$);
SELECT is(t.error($$SELECT flowcustomer.tenant_remove('acme')$$), 'ok', 'the first tenant is removed');
SELECT is(t.all_of('other'), answer, 'and the second is as before') FROM t.second;
SELECT is(t.error($$SELECT flowcustomer.customer_list('acme')$$), 'PT404: TENANT_NOT_FOUND', 'the first is gone');

-- A lenient tenant keeps what it cannot normalise, in four fields only.
CALL t.run($$SELECT t.seed('acme'), flowcustomer.tenant_put('acme', '{"lenient": true}')$$);
SELECT is(flowcustomer.customer_create('acme', format('{"customerType": "PERSON", "%s": %s}', name, to_json(value))::json) ->> name, expected, format('lenient: %s %s', name, value)) FROM (VALUES
	('email', 'kari at example', 'kari at example'), ('email', ' Kari@Example.COM ', 'Kari@example.com'), ('mobile', 'ask Ola', 'ask Ola'), ('mobile', '912 34 567', '91234567'), ('postalCode', '99-X', '99-X'), ('postalCode', 'N-0150', '0150'),
	('vatNumber', 'none yet', 'none yet'), ('vatNumber', 'no 987654321', 'NO987654321'), ('email', '', '')) AS v(name, value, expected);
SELECT is(t.create(body), expected, 'lenient: ' || left(body::text, 70)) FROM (VALUES ('{"customerType": "PERSON", "countryCode": "XX"}'::json, 'PT400: VALIDATION_FAILED $.countryCode'), ('{"customerType": "PERSON", "ledgerNumber": "12a"}', 'PT400: VALIDATION_FAILED $.ledgerNumber'),
	('{"customerType": "PERSON", "email": 5}', 'PT400: VALIDATION_FAILED $.email'), ('{"customerType": "PERSON", "pricelistUid": "a b"}', 'PT400: VALIDATION_FAILED $.pricelistUid'), ('{"customerType": "PERSON", "defaultStoreUid": "none"}', 'PT400: STORE_NOT_FOUND $.defaultStoreUid'),
	('{"customerType": "OTHER"}', 'PT400: VALIDATION_FAILED $.customerType'), ('{"customerType": "PERSON", "email": "\u0000"}', 'PT400: VALIDATION_FAILED $.email')) AS v(body, expected);
SELECT is(t.create(json_build_object('customerType', 'PERSON', 'mobile', repeat('x', length))), expected, format('lenient: a mobile of %s', length)) FROM (VALUES (50, 'ok'), (51, 'PT400: VALIDATION_FAILED $.mobile')) AS v(length, expected);
SELECT is(flowcustomer.contact_create('acme', '{"firstname": "A", "lastname": "B", "email": "x", "mobile": "y"}') ->> 'email', 'x', 'lenient: contacts');
SELECT is(flowcustomer.customer_address_put('acme', flowcustomer.customer_create('acme', '{"customerUid": "adr", "customerType": "PERSON"}') ->> 'customerUid', '{"type": "INVOICE_ADDRESS", "email": "x", "phone": "y", "postalCode": "z"}') -> 'addresses' -> 0 ->> 'postalCode', 'z', 'lenient: addresses');
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "len", "customerType": "PERSON", "email": "wrong", "postalCode": "wrong"}'), flowcustomer.tenant_put('acme', '{"lenient": false}')$$);
SELECT is(flowcustomer.customer_update('acme', 'len', '{"city": "Oslo"}') ->> 'email', 'wrong', 'a strict tenant again: what is there stays');
SELECT is(t.update('len', '{"email": "wrong"}'), 'PT400: VALIDATION_FAILED $.email', 'but cannot be sent again');

-- The tenant's country and the country of its customers.
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"countryCode": "SE"}')$$);
SELECT is(flowcustomer.customer_create('acme', '{"customerType": "PERSON", "postalCode": "11122"}') ->> 'postalCode', '111 22', 'the tenant''s country is that of a customer without one');
SELECT is(t.create('{"customerType": "PERSON", "postalCode": "0150"}'), 'PT400: VALIDATION_FAILED $.postalCode', 'also when its postal code is checked');

SELECT * FROM finish();
