-- Erasing a customer: what goes, what stays, and what comes later.  What keeps one
-- from being erased is in retention.sql.
\ir include/helpers.psql
\ir include/merge.psql
\ir include/erase.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(tenant) FROM unnest(''{acme, other}''::text[]) AS tenant');
CALL t.run('SELECT flowcustomer.printer_put(tenant, ''{"printerUid": "labels", "name": "Labels", "kind": "LABEL"}'') FROM unnest(''{acme, other}''::text[]) AS tenant');
UPDATE flowcustomer.tenant SET access_log = true;

-- Tables outside: with columns that become NULL or '', one that names two customers, some
-- with foreign keys, and one that is not there any more.
CREATE TABLE t.visit (id int PRIMARY KEY, tenant text, customer varchar(300), note text, phone text NOT NULL, born date, amount int NOT NULL, upper_note text GENERATED ALWAYS AS (upper(note)) STORED, UNIQUE (tenant, phone, id));
CREATE TABLE t."de""al" (id int PRIMARY KEY, tenant text, buyer text, seller text, buyer_name text, seller_name text);
CREATE TABLE t.linked (tenant text, customer text, k int, note text, PRIMARY KEY (tenant, customer, k), FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
CREATE TABLE t.named (tenant text, customer text, k int, note varchar(50) NOT NULL, PRIMARY KEY (k), FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
CREATE TABLE t.silent (id int PRIMARY KEY, tenant text, customer text, note text);
CREATE TABLE t.gone (id int PRIMARY KEY, tenant text, customer text, note text);

-- What can be registered as personal.
CREATE TABLE t.odd (id int, tenant text, customer text, note text, born date NOT NULL, kind char(3) NOT NULL, number int GENERATED ALWAYS AS IDENTITY, folded text GENERATED ALWAYS AS (lower(note)) STORED, "Wei""rd" varchar(9) NOT NULL, dropped text, second text, PRIMARY KEY (tenant, id, second));
ALTER TABLE t.odd DROP COLUMN dropped;
SELECT is(t.error(format('SELECT flowcustomer.reference_register(''t.odd'', ''tenant'', ''customer'', ''KEEP'', %L)', columns)), expected, 'personal are ' || coalesce(columns, 'NULL')) FROM (VALUES
	('{}', 'ok'), (NULL, 'ok'), ('{note}', 'ok'), ('{note,"Wei\"rd"}', 'ok'), ('{note,kind}', 'ok'), ('{nobody}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{note,nobody}', 'PT400: VALIDATION_FAILED personalColumns[1]'),
	('{dropped}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{id}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{second}', 'PT400: VALIDATION_FAILED personalColumns[0]'),
	('{tenant,customer}', 'PT400: VALIDATION_FAILED personalColumns[0]; VALIDATION_FAILED personalColumns[1]'), ('{born}', 'PT400: VALIDATION_FAILED personalColumns[0]'),
	('{number}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{folded}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{ctid}', 'PT400: VALIDATION_FAILED personalColumns[0]'),
	('{""}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{NULL}', 'PT400: VALIDATION_FAILED personalColumns[0]'), ('{NOTE}', 'PT400: VALIDATION_FAILED personalColumns[0]'),
	('{{note,kind},{kind,note}}', 'PT400: VALIDATION_FAILED personalColumns[0]; VALIDATION_FAILED personalColumns[1]'), ('{note,note}', 'PT400: VALIDATION_FAILED personalColumns[1]')) AS v(columns, expected);
SELECT is((SELECT r -> 'personalColumns' FROM jsonb_array_elements(flowcustomer.reference_register('t.odd', 'tenant', 'customer', 'BLOCK', '{kind,"Wei\"rd"}')::jsonb -> 'items') AS r WHERE r ->> 'relation' = 't.odd'), '["kind", "Wei\"rd"]', 'they are listed');
SELECT is((SELECT r -> 'personalColumns' FROM jsonb_array_elements(flowcustomer.reference_register('t.odd', 'tenant', 'customer', 'KEEP', NULL)::jsonb -> 'items') AS r WHERE r ->> 'relation' = 't.odd'), '["kind", "Wei\"rd"]', 'NULL leaves them');
SELECT is((SELECT r -> 'personalColumns' FROM jsonb_array_elements(flowcustomer.reference_register('t.odd', 'tenant', 'customer')::jsonb -> 'items') AS r WHERE r ->> 'relation' = 't.odd'), '["kind", "Wei\"rd"]', 'so does registering it again without them');
SELECT is((SELECT r -> 'personalColumns' FROM jsonb_array_elements(flowcustomer.reference_register('t.odd', 'tenant', 'customer', 'BLOCK', '{}')::jsonb -> 'items') AS r WHERE r ->> 'relation' = 't.odd'), '[]', 'an empty list takes them away');
CALL t.run($$SELECT flowcustomer.reference_remove('t.odd', 'customer')$$);
CALL t.run($$SELECT flowcustomer.reference_register('t.visit', 'tenant', 'customer', 'KEEP', '{note,phone,born}'), flowcustomer.reference_register('t."de""al"', 'tenant', 'buyer', 'KEEP', '{buyer_name}'),
	flowcustomer.reference_register('t."de""al"', 'tenant', 'seller', 'KEEP', '{seller_name}'), flowcustomer.reference_register('t.named', 'tenant', 'customer', 'BLOCK', '{note}'),
	flowcustomer.reference_register('t.silent', 'tenant', 'customer'), flowcustomer.reference_register('t.gone', 'tenant', 'customer', 'BLOCK', '{note}')$$);

-- Who has everything: kari, into whom kari-1 and, through that, kari-0 were merged; ola, who was
-- kari's once and came back; and nils, with whom she shares what two can share.
CREATE FUNCTION t.everything(tenant text, word text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	job text;
	n int;
BEGIN
	PERFORM flowcustomer.customer_batch(tenant, json_build_object('create', (SELECT json_agg(json_build_object('customerUid', uid, 'customerType', 'COMPANY', 'firstname', name, 'lastname', name, 'companyName', name, 'email', name || '@example.com',
		'mobile', '+47' || (ARRAY['91234501', '92876543', '93555512', '45098765', '48111222'])[i], 'address', name || ' gate 1', 'postalCode', '0155', 'city', name, 'countryCode', 'NO', 'vatNumber', CASE WHEN uid = 'kari' THEN 'NO987654321MVA' END, 'externalId', 'E-' || name || i, 'loyaltyId', 'L-' || name || i,
		'ledgerNumber', '1234' || i, 'pricelistUid', 'prices', 'origin', 'till', 'internalNote', name || ' pays late', 'paymentTerms', 14, 'credit', json_build_object('limit', 900), 'ehf', json_build_object('enabled', true, 'address', '9908:' || name),
		'accountManager', json_build_object('tenantUserUid', 'liv'), 'defaultStoreUid', 'bergen', 'customerGroupUids', CASE WHEN i % 2 = 1 THEN json_build_array('club', 'staff') ELSE json_build_array('club') END) ORDER BY i)
		FROM (VALUES (1, 'kari', word), (2, 'kari-1', word), (3, 'kari-0', word), (4, 'ola', 'Ola'), (5, 'nils', 'Nils')) AS v(i, uid, name))));
	UPDATE flowcustomer.customer SET credit_opening_balance = 7000 WHERE tenant_uid = tenant AND customer_uid = 'kari';
	PERFORM flowcustomer.customer_address_put(tenant, customer, json_build_object('customerAddressUid', customer || '-' || type, 'type', type, 'firstname', name, 'lastname', name, 'companyName', name, 'address', name || ' gate ' || customer, 'postalCode', '0155', 'city', name,
		'email', name || '@example.com', 'phone', '+4791234567')) FROM (VALUES ('kari', word), ('kari-0', word), ('nils', 'Nils')) AS v(customer, name), unnest('{INVOICE_ADDRESS, DELIVERY_ADDRESS}'::text[]) AS type;
	PERFORM flowcustomer.contact_create(tenant, json_build_object('customerContactUid', uid, 'firstname', name, 'lastname', 'Berg', 'email', name || '@example.org', 'mobile', '+4798765432',
		'customers', (SELECT json_agg(json_build_object('customerUid', c)) FROM unnest(customers) AS c))) FROM (VALUES ('kari-own', word || '-own', '{kari}'::text[]), ('kari-both', word || '-both', '{kari, kari-1}'), ('shared', 'Per', '{kari, nils}'), ('of-nils', 'Siv', '{nils}')) AS v(uid, name, customers);
	PERFORM flowcustomer.customer_contact_extension_add(tenant, customer, contact, 'TWO_INVOICE', '{"storeUid": "oslo"}') FROM (VALUES ('kari', 'kari-own'), ('kari', 'shared'), ('nils', 'shared')) AS v(customer, contact);
	PERFORM flowcustomer.customer_extension_add(tenant, customer, 'TWO_INVOICE', '{"storeUid": "oslo"}') FROM unnest('{kari, nils}'::text[]) AS customer;
	PERFORM flowcustomer.customer_consent_set(tenant, customer, consent, json_build_object('status', given, 'source', name, 'channel', name, 'wording', name || ' may be written to', 'wordingVersion', name, 'recordedBy', name, 'validUntil', '2099-01-01T00:00:00Z'))
		FROM (VALUES ('kari', 'news', true, word), ('kari', 'news', false, word), ('kari-1', 'sms', true, word), ('nils', 'news', true, 'Nils')) AS v(customer, consent, given, name);
	INSERT INTO t.visit SELECT i + CASE tenant WHEN 'acme' THEN 0 ELSE 100 END, tenant, customer, name, name || i, '1990-01-01', i FROM (VALUES (1, 'kari', word), (2, 'kari-1', word), (3, 'nils', 'Nils')) AS v(i, customer, name);
	INSERT INTO t."de""al" SELECT i + CASE tenant WHEN 'acme' THEN 0 ELSE 100 END, tenant, buyer, seller, a, b FROM (VALUES (1, 'kari', 'nils', word, 'Nils'), (2, 'nils', 'kari', 'Nils', word), (3, 'kari', 'kari', word, word), (4, 'ola', 'nils', 'Ola', 'Nils')) AS v(i, buyer, seller, a, b);
	INSERT INTO t.linked SELECT tenant, customer, 1, customer FROM unnest('{kari, nils}'::text[]) AS customer;
	INSERT INTO t.named SELECT tenant, customer, i + CASE tenant WHEN 'acme' THEN 0 ELSE 100 END, name FROM (VALUES (1, 'kari', word), (2, 'nils', 'Nils')) AS v(i, customer, name);
	INSERT INTO t.silent SELECT i + CASE tenant WHEN 'acme' THEN 0 ELSE 100 END, tenant, customer, name FROM (VALUES (1, 'kari', word), (2, 'kari', word), (3, 'nils', 'Nils')) AS v(i, customer, name);
	PERFORM flowcustomer.sales_order_put(tenant, t.full_order('sales_order', uid, customer, name, changes)) FROM (VALUES ('s1', 'kari', word, '{"settlements": []}'::jsonb), ('s2', 'kari-0', word, jsonb_build_object('settlements', t.invoices(100, 20))),
		('s3', 'ola', 'Ola', '{"settlements": []}'), ('s4', 'nils', 'Nils', '{"settlements": []}')) AS v(uid, customer, name, changes);
	PERFORM flowcustomer.service_order_put(tenant, t.full_order('service_order', uid, customer, name)) FROM (VALUES ('v1', 'kari', word), ('v2', 'kari-1', word), ('v3', 'nils', 'Nils')) AS v(uid, customer, name);
	PERFORM flowcustomer.customer_duplicates_refresh(tenant);
	PERFORM flowcustomer.customer_duplicate_dismiss(tenant, a, b, word || ' says so') FROM (VALUES ('kari', 'nils'), ('kari-1', 'ola'), ('nils', 'ola')) AS v(a, b);
	PERFORM t.merge('kari-1', 'kari-0', NULL, tenant), t.merge('kari', 'kari-1', NULL, tenant);
	PERFORM t.merge('kari', 'ola', NULL, tenant);
	PERFORM t.undo('ola', tenant);
	PERFORM flowcustomer.customer_duplicate_dismiss(tenant, 'kari', 'ola', word || ' told us');
	INSERT INTO t.visit SELECT i + CASE tenant WHEN 'acme' THEN 0 ELSE 100 END, tenant, customer, word, word || i, '1990-01-01', i FROM (VALUES (4, 'kari-1'), (5, 'kari-0')) AS v(i, customer);
	PERFORM flowcustomer.external_customer_put(tenant, json_build_object('customerUid', uid, 'customerType', 'PERSON', 'firstname', name, 'lastname', name, 'companyName', name, 'email', name || '@example.com', 'mobile', '+4791234567', 'address', name, 'postalCode', '0155', 'city', name,
		'vatNumber', 'NO987654321MVA', 'externalId', name, 'ledgerNumber', '123', 'nobodyKnows', name)) FROM (VALUES ('kari', word), ('kari-0', word), ('nils', 'Nils')) AS v(uid, name);
	-- cards in every state: waiting, claimed, printed, failed
	FOR n IN 1 .. 4 LOOP
		PERFORM flowcustomer.customer_print(tenant, 'kari', '{"printerUid": "labels"}');
	END LOOP;
	UPDATE flowcustomer.print_job AS j SET state = s, payload = CASE WHEN s IN ('QUEUED', 'CLAIMED') THEN payload END, claim_uid = CASE s WHEN 'CLAIMED' THEN 'claim' END, error = CASE s WHEN 'FAILED' THEN word || ' is too long' END
		FROM (SELECT print_job_uid, (ARRAY['QUEUED', 'CLAIMED', 'DONE', 'FAILED'])[row_number() OVER (ORDER BY print_job_uid)] AS s FROM flowcustomer.print_job WHERE tenant_uid = tenant) AS k WHERE j.tenant_uid = tenant AND j.print_job_uid = k.print_job_uid;
	PERFORM flowcustomer.customer_print(tenant, 'nils', '{"printerUid": "labels"}');
	PERFORM flowcustomer.customer_get(tenant, c) FROM unnest('{kari, kari-1, nils}'::text[]) AS c;
	PERFORM flowcustomer.customer_hold_put(tenant, c, json_build_object('holdUid', c || '-hold', 'reason', word || ' and the police', 'until', '2020-01-01T00:00:00Z')) FROM unnest('{kari, nils}'::text[]) AS c;
	-- erasures that were asked for and taken back
	PERFORM flowcustomer.customer_hold_put(tenant, 'kari', json_build_object('holdUid', 'kari-now', 'reason', word));
	FOR n IN 1 .. 2 LOOP
		PERFORM flowcustomer.erasure_cancel(tenant, flowcustomer.customer_erase(tenant, 'kari', json_build_object('reason', word || ' wrote', 'whenPossible', true)) ->> 'erasureUid');
	END LOOP;
	PERFORM flowcustomer.customer_hold_remove(tenant, 'kari', 'kari-now');
END $$;
CALL t.run('SELECT t.everything(tenant, ''Zyxqw'') FROM unnest(''{acme, other}''::text[]) AS tenant');
DROP TABLE t.gone;

-- Which rows of which resources are of kari; a resource with something personal that is not here fails below.
CREATE FUNCTION t.of_kari(resource text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN resource IN ('customer', 'customer_address', 'customer_consent', 'customer_access', 'external_customer', 'customer_hold', 'erasure', 'print_job', 'sales_order', 'service_order') THEN 'customer_uid ~ ''^kari'''
		WHEN resource = 'contact' THEN 'contact_uid ~ ''^kari''' WHEN resource = 'customer_redirect' THEN 'survivor_uid = ''kari''' WHEN resource = 'merge' THEN 'survivor_uid ~ ''^kari'' OR duplicate_uid ~ ''^kari'''
		WHEN resource = 'duplicate_dismissal' THEN 'customer_uid ~ ''^kari'' OR duplicate_uid ~ ''^kari''' END
$$;
-- How many of them have something in a column: a word in one that is made of others.
CREATE FUNCTION t.filled(resource text, name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM flowcustomer.%1$I WHERE tenant_uid = ''acme'' AND (%3$s) AND (%4$s)', resource, name, t.of_kari(resource), format(CASE WHEN name IN ('display_name', 'search_text', 'document', 'journal') THEN '%I::text ILIKE ''%%zyxqw%%''' ELSE '%I IS NOT NULL' END, name)) INTO n;
	RETURN n;
END $$;
SELECT is((SELECT string_agg(DISTINCT resource, ', ') FROM flowcustomer.fields() WHERE personal AND t.of_kari(resource) IS NULL), 'tenant_user', 'what is personal and of no customer');
SELECT cmp_ok(t.filled(resource, column_name), '>', 0::bigint, format('%s of %s is personal, and there is something in it', column_name, resource)) FROM flowcustomer.fields() WHERE personal AND t.of_kari(resource) IS NOT NULL ORDER BY resource, "position";
SELECT cmp_ok((SELECT count(*) FROM t.dump('acme') WHERE line ILIKE '%zyxqw%'), '>', 20::bigint, 'she is everywhere');
-- What her orders say besides their documents, and what is not personal of herself.
CREATE VIEW t.bookkeeping AS
	SELECT 'sales ' || (to_jsonb(s) - '{document, last_modified_at}'::text[])::text AS line FROM flowcustomer.sales_order AS s
	UNION ALL SELECT 'service ' || (to_jsonb(s) - '{document, last_modified_at}'::text[])::text FROM flowcustomer.service_order AS s
	UNION ALL SELECT 'customer ' || (to_jsonb(c) - (SELECT array_agg(column_name) FROM flowcustomer.fields() WHERE resource = 'customer' AND personal) - '{last_modified_at, erased_at}'::text[])::text FROM flowcustomer.customer AS c
	UNION ALL SELECT concat_ws(' ', 'total', tenant_uid, kind, owner_uid, sum(amount) - CASE WHEN tenant_uid = 'acme' AND kind = 'contact' AND EXISTS (SELECT FROM flowcustomer.contact AS k WHERE k.tenant_uid = 'acme' AND contact_uid = 'kari-own') THEN 2
		WHEN tenant_uid = 'acme' AND kind = 'member' AND EXISTS (SELECT FROM flowcustomer.customer_group_member AS m WHERE m.tenant_uid = 'acme' AND m.customer_uid = 'kari' AND m.group_uid = owner_uid) THEN 1 ELSE 0 END) FROM flowcustomer.total GROUP BY tenant_uid, kind, owner_uid;
CREATE TABLE t.books AS SELECT * FROM t.bookkeeping;
CREATE TABLE t.outside AS SELECT 'visit' AS name, to_jsonb(v) AS row FROM t.visit AS v UNION ALL SELECT 'deal', to_jsonb(d) FROM t."de""al" AS d UNION ALL SELECT 'linked', to_jsonb(l) FROM t.linked AS l UNION ALL SELECT 'named', to_jsonb(n) FROM t.named AS n UNION ALL SELECT 'silent', to_jsonb(s) FROM t.silent AS s;
SELECT t.keep('before', 'acme'), t.keep('other', 'other') \g /dev/null
CREATE TABLE t.counted AS SELECT (SELECT count(*) FROM flowcustomer.duplicate_pair WHERE tenant_uid = 'acme' AND (customer_uid ~ '^kari' OR duplicate_uid ~ '^kari')) AS pairs, (SELECT count(*) FROM flowcustomer.customer_access WHERE tenant_uid = 'acme' AND customer_uid ~ '^kari') AS accesses;
SELECT ok(pairs > 0 AND accesses > 0, 'she was found to be like others, and was read') FROM t.counted;

-- Erased.
CREATE TABLE t.receipt AS SELECT flowcustomer.customer_erase('acme', 'kari-0', '{"reason": "Zyxqw asked"}')::jsonb AS receipt;
SELECT is(receipt - '{erasureUid, requestedAt, erasedAt}'::text[], jsonb_build_object('customerUid', 'kari', 'state', 'DONE', 'reason', '', 'requestedBy', current_user, 'possibleFrom', '', 'erasedBy', current_user, 'holds', '[]'::jsonb, 'erased', '{
	"fields": ["firstname", "lastname", "companyName", "email", "mobile", "address", "postalCode", "city", "vatNumber", "externalId", "loyaltyId", "ledgerNumber", "internalNote", "ehf.address"],
	"salesOrders": 2, "serviceOrders": 2, "contacts": 2, "addresses": 4, "consents": 3, "extensions": 1, "memberships": 2, "mergedIdentities": 2, "merges": 3, "externalCustomers": 2, "printJobs": 4, "holds": 1,
	"references": [{"relation": "t.\"de\"\"al\"", "customerColumn": "buyer", "rows": 2, "columns": ["buyer_name"]}, {"relation": "t.\"de\"\"al\"", "customerColumn": "seller", "rows": 2, "columns": ["seller_name"]},
		{"relation": "t.gone", "customerColumn": "customer", "rows": null, "columns": []}, {"relation": "t.named", "customerColumn": "customer", "rows": 1, "columns": ["note"]}, {"relation": "t.silent", "customerColumn": "customer", "rows": 2, "columns": []}, {"relation": "t.visit", "customerColumn": "customer", "rows": 4, "columns": ["note", "phone", "born"]},
		{"relation": "t.linked", "customerColumn": "customer", "rows": 1, "columns": []}]}'::jsonb || jsonb_build_object('duplicates', pairs, 'accesses', accesses)), 'the receipt tells what there was') FROM t.receipt, t.counted;
SELECT matches(receipt ->> k, '^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', 'when: ' || k) FROM t.receipt, unnest('{requestedAt, erasedAt}'::text[]) AS k;
SELECT is(t.filled(resource, column_name), 0::bigint, format('nothing is left in %s of %s', column_name, resource)) FROM flowcustomer.fields() WHERE personal AND t.of_kari(resource) IS NOT NULL ORDER BY resource, "position";
SELECT is_empty($$SELECT line FROM t.dump('acme') WHERE line ILIKE '%zyxqw%' AND line NOT LIKE 'duplicate_dismissal %"nils"%"ola"%' AND line NOT LIKE 'customer_hold %"nils"%'$$, 'her name is nowhere');
SELECT results_eq($$SELECT count(*), count(*) FILTER (WHERE line LIKE '%"kari%') FROM t.dump('acme') WHERE line ~ '^(customer_address|contact|customer_contact|contact_extension|customer_extension|customer_consent|customer_group_member|external_customer|merge|duplicate_pair|duplicate_customer|duplicate_dismissal|print_job|customer_access|customer_hold) ' AND line ~ '"kari'$$, 'VALUES (0::bigint, 0::bigint)', 'nothing hangs on her any more');
SELECT results_eq($$SELECT customer_uid COLLATE "default", survivor_uid COLLATE "default", external_id::text, loyalty_id::text FROM flowcustomer.customer_redirect WHERE tenant_uid = 'acme' ORDER BY 1$$, $$VALUES ('kari-0', 'kari', NULL::text, NULL::text), ('kari-1', 'kari', NULL, NULL)$$, 'her other uids still lead to her');
SELECT results_eq($$SELECT state COLLATE "default", reason, requested_by IS NOT NULL, erased IS NOT NULL FROM flowcustomer.erasure WHERE tenant_uid = 'acme' ORDER BY erasure_uid$$, $$VALUES ('CANCELED', NULL::text, true, false), ('CANCELED', NULL, true, false), ('DONE', NULL, true, true)$$, 'reasons are forgotten');
SELECT is_empty('(SELECT * FROM t.books EXCEPT ALL SELECT * FROM t.bookkeeping) UNION ALL (SELECT * FROM t.bookkeeping EXCEPT ALL SELECT * FROM t.books)', 'amounts, dates, countries, credit and totals are what they were');
SELECT is(document::jsonb, t.erased_order('sales_order', order_uid, CASE order_uid WHEN 's1' THEN 'kari' ELSE 'kari-0' END, CASE order_uid WHEN 's1' THEN '{"settlements": []}'
	ELSE jsonb_build_object('settlements', (SELECT jsonb_agg(t.personal('sales_order', jsonb_build_object('settlements', jsonb_build_array(s)), '') #> '{settlements,0}' ORDER BY n) FROM jsonb_array_elements(t.invoices(100, 20)) WITH ORDINALITY AS e(s, n))) END), 'what is left of order ' || order_uid)
FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari';
SELECT is(document::jsonb, t.erased_order('service_order', service_order_uid, CASE service_order_uid WHEN 'v1' THEN 'kari' ELSE 'kari-1' END), 'what is left of service order ' || service_order_uid) FROM flowcustomer.service_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari';
SELECT is_empty(format('SELECT o.uid, m.path FROM (SELECT order_uid AS uid, document::jsonb AS d FROM flowcustomer.sales_order WHERE customer_uid = ''kari'' AND tenant_uid = ''acme'' UNION ALL SELECT service_order_uid, document::jsonb FROM flowcustomer.service_order WHERE customer_uid = ''kari'' AND tenant_uid = ''acme'') AS o,
	t.order_member AS m WHERE m.document = CASE left(uid, 1) WHEN ''s'' THEN ''sales_order'' ELSE ''service_order'' END AND d #> t.steps(regexp_replace(m.path, ''(\.[^.\[]+|\[0\]|^[^.\[]+)$'', '''')) IS NOT NULL AND (m.required OR d #> t.steps(m.path) IS NOT NULL)
	AND jsonb_typeof(d #> t.steps(m.path)) IS DISTINCT FROM CASE m.type WHEN ''object'' THEN ''object'' WHEN ''list'' THEN ''array'' WHEN ''integer'' THEN ''number'' WHEN ''boolean'' THEN ''boolean'' ELSE ''string'' END'), 'each member is there, and of its type');
SELECT is(t.error(format('SELECT flowcustomer.%s_put(''acme'', %L)', kind, document::jsonb || jsonb_build_object('customerUid', 'nils', name, uid || '-again'))), 'ok', 'as valid as any: ' || uid)
FROM (SELECT 'sales_order' AS kind, 'orderUid' AS name, order_uid AS uid, document FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari' UNION ALL SELECT 'service_order', 'serviceOrderUid', service_order_uid, document FROM flowcustomer.service_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari') AS o ORDER BY uid;
CALL t.run($$SELECT flowcustomer.sales_order_remove('acme', order_uid) FROM flowcustomer.sales_order WHERE order_uid LIKE '%-again'$$);
CALL t.run($$SELECT flowcustomer.service_order_remove('acme', service_order_uid) FROM flowcustomer.service_order WHERE service_order_uid LIKE '%-again'$$);
DELETE FROM flowcustomer.change WHERE entity_uid LIKE '%-again';

-- Nobody else.
SELECT is_empty($$SELECT * FROM t.changes('before', 'acme') AS c WHERE c !~ '"kari' AND c !~ '^. total ' AND c !~ '"(s|v)\d"'$$, 'nothing of others is different');
SELECT is_empty($$SELECT * FROM t.changes('other', 'other')$$, 'nor of other tenants');
SELECT is_empty($$SELECT what FROM t.broken WHERE what !~ '^kari-\d leads to kari by 0 merges$'$$, 'sound');
SELECT is(t.uids(flowcustomer.contact_list('acme'), 'customerContactUid'), 'of-nils,shared', 'who speaks for somebody else too is left');
SELECT results_eq($$SELECT name, row FROM (SELECT 'visit' AS name, to_jsonb(v) AS row FROM t.visit AS v UNION ALL SELECT 'deal', to_jsonb(d) FROM t."de""al" AS d UNION ALL SELECT 'linked', to_jsonb(l) FROM t.linked AS l UNION ALL SELECT 'named', to_jsonb(n) FROM t.named AS n UNION ALL SELECT 'silent', to_jsonb(s) FROM t.silent AS s) AS x ORDER BY 1, 2$$,
	$$SELECT name, row || CASE WHEN row ->> 'tenant' = 'acme' THEN CASE WHEN name = 'visit' AND row ->> 'customer' ~ '^kari' THEN '{"note": null, "phone": "", "born": null, "upper_note": null}'::jsonb ELSE '{}' END
		|| CASE WHEN row ->> 'buyer' = 'kari' THEN '{"buyer_name": null}'::jsonb ELSE '{}' END || CASE WHEN row ->> 'seller' = 'kari' THEN '{"seller_name": null}'::jsonb ELSE '{}' END || CASE WHEN name = 'named' AND row ->> 'customer' = 'kari' THEN '{"note": ""}'::jsonb ELSE '{}' END ELSE '{}' END FROM t.outside ORDER BY 1, 2$$,
	'outside the personal columns are empty, those of her other uids too, and nothing else');

-- The feed says so, without who did what before.
SELECT results_eq($$SELECT entity COLLATE "default", entity_uid COLLATE "default", operation COLLATE "default", changed_fields::text FROM flowcustomer.change WHERE tenant_uid = 'acme' AND transaction_id = (SELECT max(transaction_id) FROM flowcustomer.change WHERE operation = 'ERASE') AND entity <> 'SALES_ORDER' AND entity <> 'SERVICE_ORDER' ORDER BY 1, 2$$,
	$$VALUES ('CONTACT', 'kari-both', 'DELETE', '[]'), ('CONTACT', 'kari-own', 'DELETE', '[]'), ('CONTACT', 'shared', 'UPDATE', '["customers"]'), ('CUSTOMER', 'kari', 'ERASE', '[]')$$, 'the feed tells');
SELECT is_empty($$SELECT * FROM flowcustomer.change WHERE tenant_uid = 'acme' AND changed_by IS NOT NULL AND entity IN ('CUSTOMER', 'CONTACT') AND entity_uid ~ '^kari' AND transaction_id < (SELECT max(transaction_id) FROM flowcustomer.change WHERE operation = 'ERASE')$$, 'and no longer who changed her');

-- Again.
SELECT t.keep('erased', 'acme') \g /dev/null
SELECT is(flowcustomer.customer_erase('acme', uid, '{"reason": "Zyxqw again", "whenPossible": true}')::jsonb, receipt, 'again: the same receipt, for ' || uid) FROM t.receipt, unnest('{kari, kari-1, kari-0}'::text[]) AS uid;
SELECT is(flowcustomer.customer_erase('acme', 'kari')::jsonb, receipt, 'without a body too') FROM t.receipt;

-- Nothing new.
SELECT is(t.error(format('SELECT flowcustomer.%s', call)), expected, call) FROM (VALUES
	($$customer_update('acme', 'kari', '{"city": "Zyxqw"}')$$, 'PT409: CUSTOMER_ERASED'), ($$customer_update('acme', 'kari-1', '{"city": "Zyxqw"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_create('acme', '{"customerUid": "kari", "customerType": "PERSON", "city": "Zyxqw"}')$$, 'PT409: CUSTOMER_ALREADY_EXISTS'),
	($$customer_create('acme', '{"customerUid": "kari-1", "customerType": "PERSON", "city": "Zyxqw"}')$$, 'PT409: CUSTOMER_ALREADY_MERGED'),
	($$customer_consent_set('acme', 'kari', 'news', '{"status": true, "source": "Zyxqw"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_address_put('acme', 'kari', '{"type": "INVOICE_ADDRESS", "city": "Zyxqw"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_extension_add('acme', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_contact_create('acme', 'kari', '{"firstname": "Zyxqw", "lastname": "Berg"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$contact_create('acme', '{"firstname": "Zyxqw", "lastname": "Berg", "customers": [{"customerUid": "nils"}, {"customerUid": "kari"}]}')$$, 'PT409: CUSTOMER_ERASED $.customers[1].customerUid'),
	($$contact_create('acme', '{"firstname": "Zyxqw", "lastname": "Berg", "customers": [{"customerUid": "kari-0"}]}')$$, 'PT409: CUSTOMER_ERASED $.customers[0].customerUid'),
	($$contact_customer_add('acme', 'shared', '{"customers": [{"customerUid": "kari"}]}')$$, 'PT409: CUSTOMER_ERASED $.customers[0].customerUid'),
	($$customer_contact_extension_add('acme', 'kari', 'shared', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_merge('acme', 'kari', '{"mergeFromCustomerUid": "nils"}')$$, 'PT409: CUSTOMER_ERASED'), ($$customer_merge('acme', 'nils', '{"mergeFromCustomerUid": "kari"}')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_hold_put('acme', 'kari', '{"reason": "Zyxqw"}')$$, 'PT409: CUSTOMER_ERASED'), ($$customer_hold_put('acme', 'kari-1', '{"reason": "Zyxqw", "until": "2099-01-01T00:00:00Z"}')$$, 'PT409: CUSTOMER_ERASED')) AS v(call, expected);
SELECT is(t.section(answer, section), expected, 'in a batch: ' || section) FROM (SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "city": "Zyxqw"}], "update": [{"customerUid": "kari", "city": "Zyxqw"}, {"customerUid": "kari-1", "city": "Zyxqw"}],
	"upsert": [{"customerUid": "kari", "customerType": "PERSON", "city": "Zyxqw"}, {"customerUid": "kari-0", "customerType": "PERSON", "city": "Zyxqw"}]}') AS answer) AS a, (VALUES ('create', '0: 0 CUSTOMER_ALREADY_EXISTS'), ('update', '0: 0 CUSTOMER_ERASED, 1 CUSTOMER_ERASED'), ('upsert', '0: 0 CUSTOMER_ERASED, 1 CUSTOMER_ERASED')) AS v(section, expected);
SELECT is(t.preview('kari', 'nils') -> 'possible', 'false', 'a preview says so too');
SELECT is(t.error(format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', merge_uid)), 'PT404: MERGE_NOT_FOUND', 'nothing can be undone') FROM (SELECT line::jsonb ->> 'merge_uid' AS merge_uid FROM (SELECT '{"merge_uid": "018f3f5e-0000-7000-8000-000000000000"}' AS line) AS l) AS m;
SELECT is_empty($$SELECT * FROM t.changes('erased', 'acme')$$, 'and nothing has changed');
-- What is undone at once, so that one that goes through is not in the way of the others.
CREATE FUNCTION t.undone(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		result := t.error(statement);
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN result;
	END;
END $$;
SELECT is(t.undone(format('SELECT flowcustomer.%s', call)), expected, call) FROM (VALUES
	($$customer_group_customer_update('acme', 'club', '{"addCustomerUids": ["kari"]}')$$, 'PT409: CUSTOMER_ERASED $.addCustomerUids[0]'), ($$customer_group_customer_update('acme', 'club', '{"addCustomerUids": ["nils", "kari-0"]}')$$, 'PT409: CUSTOMER_ERASED $.addCustomerUids[1]'),
	($$customer_duplicate_dismiss('acme', 'kari', 'nils', 'Zyxqw')$$, 'PT409: CUSTOMER_ERASED'), ($$customer_duplicate_dismiss('acme', 'nils', 'kari-1', 'Zyxqw')$$, 'PT409: CUSTOMER_ERASED'),
	($$customer_print('acme', 'kari', '{"printerUid": "labels"}')$$, 'PT409: CUSTOMER_ERASED')) AS v(call, expected);

-- Orders that come later are emptied.
SELECT is(t.error(format('SELECT flowcustomer.%s_put(''acme'', %L)', kind, t.full_order(kind, uid, customer, 'Zyxqw', changes))), 'ok', 'later: ' || uid) FROM (VALUES ('sales_order', 's1', 'kari', '{"settlements": []}'::jsonb), ('sales_order', 's11', 'kari', jsonb_build_object('settlements', t.invoices(5))), ('sales_order', 's12', 'kari-0', '{"settlements": []}'),
	('service_order', 'v1', 'kari', '{}'), ('service_order', 'v11', 'kari-1', '{}')) AS v(kind, uid, customer, changes);
SELECT is(t.error(format('SELECT flowcustomer.%s_batch(''acme'', %L)', kind, (SELECT json_agg(t.full_order(kind, uid || n, customer, 'Zyxqw', changes)) FROM generate_series(1, 3) AS n, unnest('{kari, kari-1}'::text[]) AS customer WHERE (n % 2 = 0) = (customer = 'kari')))), 'ok', 'and in batches') FROM (VALUES ('sales_order', 'sb', '{"settlements": []}'::jsonb), ('service_order', 'vb', '{}')) AS v(kind, uid, changes);
SELECT is(document::jsonb - 'settlements', t.erased_order('sales_order', order_uid, document ->> 'customerUid') - 'settlements', 'later order ' || order_uid) FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari' ORDER BY order_uid;
SELECT is(document::jsonb, t.erased_order('service_order', service_order_uid, document ->> 'customerUid'), 'later service order ' || service_order_uid) FROM flowcustomer.service_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari' ORDER BY 1;
SELECT is((SELECT string_agg(order_uid, ' ' ORDER BY order_uid) FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid = 'kari'), 's1 s11 s12 s2 sb1 sb2 sb3', 'they are hers');
SELECT is((t.get('kari') #>> '{credit,balance}'), '7125', 'and are owed');
SELECT is(flowcustomer.sales_order_put('acme', t.full_order('sales_order', 's12', 'nils', 'Nils', '{"settlements": []}'))::jsonb ->> 'note', note, 'an order that turns out to be another one''s: ' || what) FROM (VALUES ('', 'the first time its texts can still be hers'), ('Nils', 'after that they are not')) AS v(note, what);
SELECT is(flowcustomer.sales_order_put('acme', t.full_order('sales_order', 's4', 'kari', 'Zyxqw', '{"settlements": []}'))::jsonb ->> 'note', '', 'and one that turns out to be hers has none');

-- She can still be read.
SELECT is(t.strip(t.get(uid)), '{"customerUid": "kari", "customerParentUid": "", "customerType": "COMPANY", "displayName": "kari", "firstname": "", "lastname": "", "companyName": "", "email": "", "mobile": "", "address": "", "postalCode": "", "city": "", "countryCode": "NO", "vatNumber": "", "externalId": "", "loyaltyId": "",
	"ledgerNumber": "", "pricelistUid": "prices", "origin": "till", "internalNote": "", "paymentTerms": 14, "credit": {"limit": 900, "balance": 7125}, "ehfEnabled": true, "ehf": {"enabled": true, "address": ""}, "accountManager": {"tenantUserUid": "liv", "displayName": "Liv Dahl", "userCode": "LD"},
	"defaultStore": {"name": "Bergen", "storeUid": "bergen"}, "addresses": [], "contacts": [], "extensions": [], "consents": [], "customerGroupUids": [], "relevance": 0}', 'what is left, by ' || uid) FROM unnest('{kari, kari-0}'::text[]) AS uid;
SELECT is(t.uids(flowcustomer.customer_list('acme', sort_by => 'customerUid')), 'kari,nils,ola', 'she is listed');
SELECT is(t.uids(flowcustomer.customer_list('acme', 'E-Zyxqw1')) || t.uids(flowcustomer.customer_list('acme', 'E-Zyxqw2')), '', 'not by what she was known by');
SELECT is(t.uids(flowcustomer.customer_search('acme', body)), '', 'a search finds nothing: ' || body) FROM unnest(ARRAY['{"query": "Zyxqw"}', '{"query": "zyxqw@example.com"}', '{"email": "zyxqw@example.com"}', '{"query": "91234501"}', '{"mobile": "+4791234501"}', '{"query": "NO987654321MVA"}', '{"vatNumber": "NO987654321MVA"}', '{"query": "E-Zyxqw1"}', '{"query": "L-Zyxqw2"}']::json[]) AS body;
SELECT is(t.uids(flowcustomer.contact_search('acme', '{"query": "Zyxqw"}'), 'customerContactUid') || t.uids(flowcustomer.customer_search_external('acme', '{"query": "Zyxqw"}')), '', 'nor of contacts and outside directories');
SELECT is(t.error(format('SELECT flowcustomer.%s(''acme'', ''kari'')', f)), 'ok', f || ' works') FROM unnest('{customer_export, customer_export_xml, customer_export_full, customer_hold_list, customer_merge_list, customer_consent_history, customer_contact_list, customer_access_list}'::text[]) AS f;
SELECT is(flowcustomer.customer_export_full('acme', 'kari')::text ~* 'zyxqw', true, 'only what nobody said is personal is in an export') FROM t.receipt;
SELECT is((SELECT string_agg(r ->> 'relation', ' ') FROM json_array_elements(flowcustomer.customer_export_full('acme', 'kari') -> 'references') AS r WHERE r::text ~* 'zyxqw'), 't.silent', 'which is in one table');
SELECT is((SELECT count(*) FROM flowcustomer.customer_duplicates('acme', 0) WHERE 'kari' IN (customer_uid, duplicate_uid)), 0::bigint, 'she is like nobody');
SELECT is(t.error($$SELECT flowcustomer.customer_find_similar('acme', '{"firstname": "Zyxqw", "mobile": "+4791234501"}')$$), 'ok', 'nor found as similar');
SELECT is(t.call('customer_create', '{"customerUid": "new", "customerType": "PERSON", "firstname": "Zyxqw", "externalId": "E-Zyxqw1", "loyaltyId": "L-Zyxqw1"}'), 'ok', 'what she was known by is free again');
SELECT is(t.uids(flowcustomer.customer_list('acme', 'E-Zyxqw1')), 'new', 'for somebody else');

-- And be deleted; the receipt stays.
SELECT is(t.call('customer_delete', 'kari'), 'PT409: CONFLICT', 'not while a foreign key holds her');
DELETE FROM t.linked WHERE customer = 'kari';
DELETE FROM t.named WHERE customer = 'kari';
SELECT is(t.call('customer_delete', 'kari'), 'ok', 'deleted');
SELECT is(t.call('customer_erase', 'kari'), 'PT404: CUSTOMER_NOT_FOUND', 'there is nobody to erase');
SELECT is((SELECT item FROM jsonb_array_elements(flowcustomer.erasure_list('acme')::jsonb -> 'items') AS item WHERE item ->> 'state' = 'DONE'), receipt - 'holds', 'the receipt is there') FROM t.receipt;
SELECT is((SELECT count(*) FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid IS NULL AND document::text ~* 'zyxqw'), 0::bigint, 'her orders are nobody''s, and say nothing');
SELECT is_empty($$SELECT * FROM t.changes('other', 'other')$$, 'other tenants have not noticed');

-- Who is deleted leaves contacts who speak for others.
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "leaver", "customerType": "COMPANY", "companyName": "Tsrqp"}'), flowcustomer.contact_customer_add('acme', 'shared', '{"customers": [{"customerUid": "leaver"}]}')$$);
SELECT is(t.call('customer_delete', 'leaver'), 'ok', 'who shares a contact is deleted');
SELECT results_eq($$SELECT entity COLLATE "default", entity_uid COLLATE "default", operation COLLATE "default", changed_fields::text FROM flowcustomer.change WHERE tenant_uid = 'acme' AND transaction_id = (SELECT max(transaction_id) FROM flowcustomer.change WHERE entity_uid = 'leaver' AND operation = 'DELETE') ORDER BY 1, 2$$,
	$$VALUES ('CONTACT', 'shared', 'UPDATE', '["customers"]'), ('CUSTOMER', 'leaver', 'DELETE', '[]')$$, 'which the feed tells of the contact too');

DELETE FROM flowcustomer.reference WHERE relation_name = 'gone';
-- What a merge took with it comes back before it can be erased with its customer.
SELECT is(t.call('customer_create', '{"customerUid": "back", "customerType": "COMPANY", "companyName": "Wvutsr"}') || t.call('customer_print', 'back', '{"printerUid": "labels"}') || t.try_merge('nils', 'back') || t.try_undo('back') || t.call('customer_erase', 'back'), 'okokokokok', 'erased after a merge that was undone');
SELECT is_empty($$SELECT line FROM t.dump('acme') WHERE line ~* 'wvutsr'$$, 'nothing is left with the other one');
DELETE FROM flowcustomer.print_job WHERE payload ~ 'Wvutsr';

-- Errors -------------------------------------------------------------------------------

SELECT is(t.call('customer_erase', VARIADIC arguments), expected, 'customer_erase ' || arguments::text) FROM (VALUES ('{nobody}'::text[], 'PT404: CUSTOMER_NOT_FOUND'), ('{NULL}', 'PT400: VALIDATION_FAILED customerUid'), ('{a b}', 'PT400: VALIDATION_FAILED customerUid'),
	(ARRAY['nils', '[]'], 'PT400: VALIDATION_FAILED $'), (ARRAY['nils', '{"reason": 1}'], 'PT400: VALIDATION_FAILED $.reason'), (ARRAY['nils', '{"whenPossible": "yes"}'], 'PT400: VALIDATION_FAILED $.whenPossible'), (ARRAY['nils', format('{"reason": "%s"}', repeat('ø', 1001))], 'PT400: VALIDATION_FAILED $.reason')) AS v(arguments, expected);
SELECT is(t.error($$SELECT flowcustomer.customer_erase('nowhere', 'nils')$$), 'PT404: TENANT_NOT_FOUND', 'no such tenant');

-- Tables outside that want something in their columns.
CREATE TABLE t.strict (id int PRIMARY KEY, tenant text, customer text, note text, code text NOT NULL, CHECK (note IS NOT NULL), UNIQUE (tenant, code));
CALL t.run($$SELECT flowcustomer.reference_register('t.strict', 'tenant', 'customer', 'BLOCK', '{note}')$$);
INSERT INTO t.strict VALUES (1, 'acme', 'nils', 'Nils', 'a'), (2, 'acme', 'nils', 'Nils', 'b');
SELECT t.keep('blocked') \g /dev/null
SELECT is(t.full_error($$SELECT flowcustomer.customer_erase('acme', 'nils', '{"reason": "x"}')$$), E'PT409 Personal columns of t.strict can''t be emptied\ncode: ERASE_BLOCKED\nLet the table''s columns be empty, or register others.', 'what it says');
SELECT is_empty($$SELECT * FROM t.changes('blocked')$$, 'nothing is changed');
SELECT results_eq('SELECT id, note, code FROM t.strict ORDER BY 1', $$VALUES (1, 'Nils', 'a'), (2, 'Nils', 'b')$$, 'outside neither');
CALL t.run($$SELECT flowcustomer.reference_register('t.strict', 'tenant', 'customer', 'BLOCK', '{code}')$$);
SELECT t.keep('blocked') \g /dev/null
SELECT is(t.call('customer_erase', 'nils'), 'PT409: ERASE_BLOCKED', 'only one can be empty');
SELECT is_empty($$SELECT * FROM t.changes('blocked')$$, 'nothing is changed then');
CALL t.run($$SELECT flowcustomer.reference_register('t.strict', 'tenant', 'customer', 'BLOCK', '{note,code}')$$);
ALTER TABLE t.strict DROP CONSTRAINT strict_tenant_code_key, DROP CONSTRAINT strict_note_check;
SELECT t.keep('blocked') \g /dev/null
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'ok', 'nothing is in the way any more');
-- What a trigger brings back is not empty.
CREATE FUNCTION t.bring_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_ARGV[0] = 'skip' THEN RETURN NULL; END IF; NEW.note := coalesce(NEW.note, OLD.note); RETURN NEW; END $$;
CREATE TRIGGER back BEFORE UPDATE ON t.strict FOR EACH ROW EXECUTE FUNCTION t.bring_back('note');
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'PT409: ERASE_BLOCKED', 'a trigger that brings a text back');
DROP TRIGGER back ON t.strict;
CREATE TRIGGER back BEFORE UPDATE ON t.strict FOR EACH ROW EXECUTE FUNCTION t.bring_back('skip');
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'PT409: ERASE_BLOCKED', 'or lets nothing be changed');
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'ola')$$), 'ok', 'which is in nobody else''s way');
DROP TRIGGER back ON t.strict;
-- What is not what was registered, until it is registered anew.
ALTER TABLE t.strict RENAME customer TO who;
SELECT is(t.full_error($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), E'PT409 Personal columns of t.strict can''t be emptied\ncode: ERASE_BLOCKED\nLet the table''s columns be empty, or register others.', 'whose rows can''t be found any more');
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'ola')$$), 'PT409: ERASE_BLOCKED', 'nor those of anybody else');
ALTER TABLE t.strict RENAME who TO customer;
ALTER TABLE t.strict RENAME tenant TO owner;
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'PT409: ERASE_BLOCKED', 'by tenant neither');
ALTER TABLE t.strict RENAME owner TO tenant;
ALTER TABLE t.strict RENAME code TO word;
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'PT409: ERASE_BLOCKED', 'a personal column that has another name');
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'ola')$$), 'PT409: ERASE_BLOCKED', 'also where there are no rows');
ALTER TABLE t.strict RENAME word TO code;
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'ok', 'and has its name again');
ALTER TABLE t.strict DROP COLUMN code;
SELECT is(t.undone($$SELECT flowcustomer.customer_erase('acme', 'nils')$$), 'PT409: ERASE_BLOCKED', 'or was dropped, which looks the same');
SELECT is_empty($$SELECT * FROM t.changes('blocked')$$, 'nothing is changed');
SELECT results_eq('SELECT id, note FROM t.strict ORDER BY 1', $$VALUES (1, 'Nils'), (2, 'Nils')$$, 'outside neither');
CREATE TABLE t.brief (id int PRIMARY KEY, tenant text, customer text, note text);
INSERT INTO t.brief VALUES (1, 'acme', 'nils', 'Nils');
CALL t.run($$SELECT flowcustomer.reference_register('t.strict', 'tenant', 'customer', 'BLOCK', '{note}'), flowcustomer.reference_register('t.brief', 'tenant', 'customer', 'BLOCK', '{note}')$$);
DROP TABLE t.brief;
SELECT is(t.call('customer_erase', 'nils'), 'ok', 'registered anew it is not in the way, nor is a table that is gone');
DELETE FROM flowcustomer.reference WHERE relation_name = 'brief';
SELECT results_eq('SELECT id, note FROM t.strict ORDER BY 1', 'VALUES (1, NULL::text), (2, NULL)', 'the other one is empty');

-- Only in a transaction that sees what others have written meanwhile.
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "late", "customerType": "PERSON", "firstname": "Late"}')$$);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(t.call('customer_erase', 'late'), 'PT409: ISOLATION_LEVEL', 'not at REPEATABLE READ');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT is(t.call('customer_erase', 'late'), 'PT409: ISOLATION_LEVEL', 'nor at SERIALIZABLE');
SELECT is(t.get('late') ->> 'firstname', 'Late', 'and nothing is erased');
COMMIT;
SET default_transaction_isolation = 'repeatable read';
\set ON_ERROR_STOP off
CALL flowcustomer.erase_due('acme');
\set ON_ERROR_STOP on
RESET default_transaction_isolation;
SELECT is(:'LAST_ERROR_SQLSTATE' || ' ' || :'LAST_ERROR_MESSAGE', 'PT409 At this isolation level the transaction does not see what others have written meanwhile', 'what was queued neither');
SELECT is(t.call('customer_erase', 'late'), 'ok', 'but at READ COMMITTED');

-- Who erases himself, or was asked to, leaves no name.
SELECT is(t.call('customer_create', format('{"customerUid": "%s", "customerType": "PERSON", "firstname": "Per", "lastname": "Erase-%1$s", "email": "%1$s@erase.example", "externalId": "ext-%1$s"}', uid)::text), 'ok', 'somebody') FROM unnest('{p1, p2, p3, p4}'::text[]) AS uid;
CREATE ROLE "p1@erase.example" SUPERUSER;
CREATE ROLE "EXT-P2" SUPERUSER;
CREATE ROLE "Per Erase-p3" SUPERUSER;
CREATE ROLE "p4@erase.example" SUPERUSER;
CREATE TABLE t.self (uid text, role text);
INSERT INTO t.self VALUES ('p1', 'p1@erase.example'), ('p2', 'EXT-P2'), ('p3', 'Per Erase-p3'), ('p4', 'p4@erase.example');
CREATE PROCEDURE t.as_self(uid text, statement text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', (SELECT role FROM t.self AS s WHERE s.uid = as_self.uid));
	EXECUTE statement;
	RESET ROLE;
END $$;
CALL t.as_self('p1', $$SELECT flowcustomer.customer_update('acme', 'p1', '{"city": "Oslo"}'), flowcustomer.customer_erase('acme', 'p1')$$);
CALL t.as_self('p2', $$SELECT flowcustomer.customer_update('acme', 'p2', '{"city": "Oslo"}')$$);
CALL t.as_self('p2', $$SELECT flowcustomer.customer_erase('acme', 'p2')$$);
CALL t.as_self('p3', $$SELECT flowcustomer.customer_erase('acme', 'p3')$$);
-- asks, takes it back, and asks again; somebody else does it
CALL t.run($$SELECT flowcustomer.customer_hold_put('acme', 'p4', '{"holdUid": "p4-hold", "reason": "x"}')$$);
CALL t.as_self('p4', $$SELECT flowcustomer.erasure_cancel('acme', flowcustomer.customer_erase('acme', 'p4', '{"whenPossible": true}') ->> 'erasureUid')$$);
CALL t.as_self('p4', $$SELECT flowcustomer.customer_erase('acme', 'p4', '{"whenPossible": true}')$$);
CALL t.run($$SELECT flowcustomer.customer_hold_remove('acme', 'p4', 'p4-hold'), flowcustomer.customer_erase('acme', 'p4')$$);
SELECT is((SELECT count(*) FROM t.dump() WHERE strpos(lower(line), lower(role)) > 0), 0::bigint, format('%s is nowhere', role)) FROM t.self ORDER BY uid;
SELECT results_eq($$SELECT customer_uid COLLATE "default", state COLLATE "default", requested_by, erased_by FROM flowcustomer.erasure WHERE customer_uid ~ '^p\d' ORDER BY erasure_uid$$,
	format($$VALUES ('p1', 'DONE', NULL::text, NULL::text), ('p2', 'DONE', NULL, NULL), ('p3', 'DONE', NULL, NULL), ('p4', 'CANCELED', NULL, NULL), ('p4', 'DONE', NULL, %L)$$, current_user), 'no receipt has a name');
SELECT is_empty($$SELECT * FROM flowcustomer.change WHERE entity_uid ~ '^p[1-3]' AND changed_by IN (SELECT role FROM t.self)$$, 'nor has the feed');
DROP ROLE "p1@erase.example", "EXT-P2", "Per Erase-p3", "p4@erase.example";

SELECT * FROM finish();
