-- Reference data and documents of other systems; what customers owe.
\ir include/helpers.psql
SELECT * FROM no_plan();

-- Tenants.
SELECT is(t.strip(flowcustomer.tenant_put('acme', '{"name": "Acme"}')), '{"name": "Acme", "countryCode": "NO", "locale": "en", "defaultPrinterUid": "", "lenient": false, "changeFeed": null, "accessLog": null, "maxBatchItems": null}', 'a tenant, whole');
SELECT is(t.strip(flowcustomer.tenant_put('acme', '{"countryCode": "se", "locale": "sv", "defaultPrinterUid": "p1", "lenient": true, "changeFeed": false, "accessLog": true, "maxBatchItems": 5}')),
	'{"name": "Acme", "countryCode": "SE", "locale": "sv", "defaultPrinterUid": "p1", "lenient": true, "changeFeed": false, "accessLog": true, "maxBatchItems": 5}', 'changed');
SELECT is(t.strip(flowcustomer.tenant_put('acme', '{"countryCode": null, "locale": null, "defaultPrinterUid": "", "lenient": null, "changeFeed": null, "accessLog": null, "maxBatchItems": null}')),
	'{"name": "Acme", "countryCode": "NO", "locale": "en", "defaultPrinterUid": "", "lenient": false, "changeFeed": null, "accessLog": null, "maxBatchItems": null}', 'null goes back to what it was at first');
SELECT is(t.error(format('SELECT flowcustomer.tenant_put(%L, %L)', tenant, body)), expected, concat_ws(' ', tenant, body)) FROM (VALUES ('new', '{}', 'PT400: VALIDATION_FAILED $.name'), ('new', '{"name": ""}', 'PT400: VALIDATION_FAILED $.name'),
	('acme', '{"name": null}', 'PT400: VALIDATION_FAILED $.name'), ('acme', '{"name": 5, "countryCode": "XX", "lenient": "no", "defaultPrinterUid": "a b", "changeFeed": 1, "accessLog": "yes"}',
	'PT400: VALIDATION_FAILED $.name; VALIDATION_FAILED $.countryCode; VALIDATION_FAILED $.lenient; VALIDATION_FAILED $.defaultPrinterUid; VALIDATION_FAILED $.changeFeed; VALIDATION_FAILED $.accessLog'), ('a b', '{"name": "x"}', 'PT400: VALIDATION_FAILED tenantUid'),
	(NULL, '{"name": "x"}', 'PT400: VALIDATION_FAILED tenantUid'), ('acme', NULL, 'PT400: VALIDATION_FAILED $'), ('acme', '{"tenantUid": "other"}', 'ok')) AS v(tenant, body, expected);
SELECT is((SELECT count(*) FROM flowcustomer.tenant), 1::bigint, 'one tenant');

-- Simple reference data: whole answers, required fields, references, changes, removes.
SELECT is(t.call(kind || '_put', body), expected, kind || ' ' || coalesce(body, 'NULL')) FROM (VALUES
	('organization', '{}', 'PT400: VALIDATION_FAILED $.name'), ('organization', '{"organizationUid": "a b", "name": "x"}', 'PT400: VALIDATION_FAILED $.organizationUid'), ('organization', '{"organizationUid": "nordic", "name": "Nordic"}', 'ok'),
	('organization', '{"organizationUid": "nordic"}', 'ok'), ('organization', '{"organizationUid": "nordic", "name": null}', 'PT400: VALIDATION_FAILED $.name'), ('organization', NULL, 'PT400: VALIDATION_FAILED $'),
	('store', '{"storeUid": "oslo", "name": "Oslo"}', 'PT400: VALIDATION_FAILED $.organizationUid'), ('store', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "none"}', 'PT400: ORGANIZATION_NOT_FOUND $.organizationUid'),
	('store', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "nordic", "maxSingleOrderValue": -1}', 'PT400: VALIDATION_FAILED $.maxSingleOrderValue'), ('store', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "nordic"}', 'ok'),
	('tenant_user', '{"tenantUserUid": "liv"}', 'PT400: VALIDATION_FAILED $.displayName'), ('tenant_user', '{"tenantUserUid": "liv", "displayName": "Liv", "defaultStoreUid": "none"}', 'PT400: STORE_NOT_FOUND $.defaultStoreUid'),
	('tenant_user', '{"tenantUserUid": "liv", "displayName": "Liv", "defaultStoreUid": "oslo"}', 'ok'), ('consent', '{"consentUid": "news"}', 'PT400: VALIDATION_FAILED $.name'), ('consent', '{"consentUid": "news", "name": "News"}', 'ok'),
	('printer', '{"printerUid": "p1", "name": "P"}', 'PT400: VALIDATION_FAILED $.kind'), ('printer', '{"printerUid": "p1", "name": "P", "kind": "LASER"}', 'PT400: VALIDATION_FAILED $.kind'),
	('printer', '{"printerUid": "p1", "name": "P", "kind": "LABEL", "storeUid": "none"}', 'PT400: STORE_NOT_FOUND $.storeUid'), ('printer', '{"printerUid": "p1", "name": "P", "kind": "LABEL", "storeUid": "oslo"}', 'ok')) AS v(kind, body, expected);
SELECT is(t.strip(flowcustomer.organization_put('acme', '{"name": "x", "organizationUid": "o2"}')), '{"organizationUid": "o2", "name": "x"}', 'an organization, whole');
SELECT is(t.strip(flowcustomer.store_put('acme', '{"storeUid": "oslo", "maxSingleOrderValue": 500000, "defaultPrinterUid": "p1"}')), '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "nordic", "maxSingleOrderValue": 500000, "defaultPrinterUid": "p1"}', 'a store, whole');
SELECT is(t.strip(flowcustomer.store_put('acme', '{"storeUid": "oslo", "maxSingleOrderValue": null, "defaultPrinterUid": ""}')), '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "nordic", "maxSingleOrderValue": null, "defaultPrinterUid": ""}', 'a store without a cap');
SELECT is(t.strip(flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "liv", "userCode": "LD", "locale": "nb"}')), '{"tenantUserUid": "liv", "displayName": "Liv", "userCode": "LD", "locale": "nb", "defaultStoreUid": "oslo"}', 'a user, whole');
SELECT is(t.strip(flowcustomer.consent_put('acme', '{"consentUid": "news", "name": "Newsletter"}')), '{"consentUid": "news", "name": "Newsletter"}', 'a consent, whole');
SELECT is(t.strip(flowcustomer.printer_put('acme', '{"printerUid": "p1", "kind": "RECEIPT"}')), '{"printerUid": "p1", "name": "P", "kind": "RECEIPT", "storeUid": "oslo"}', 'a printer, whole');
SELECT matches(flowcustomer.organization_put('acme', '{"name": "made"}') ->> 'organizationUid', '^[0-9a-f]{8}-[0-9a-f]{4}-7', 'a UID that is left out is made');
CREATE TABLE t.version AS SELECT xmin::text AS version FROM flowcustomer.store;
CALL t.run($$SELECT flowcustomer.store_put('acme', '{"storeUid": "oslo", "name": "Oslo"}')$$);
SELECT is((SELECT xmin::text FROM flowcustomer.store), version, 'a put that changes nothing writes nothing') FROM t.version;
SELECT is(t.error(format('SELECT flowcustomer.%s_put(''nobody'', ''{"name": "x"}'')', kind)), 'PT404: TENANT_NOT_FOUND', kind || '_put in an unknown tenant')
FROM unnest(ARRAY['organization', 'store', 'tenant_user', 'consent', 'printer', 'sales_order', 'service_order', 'external_customer']) AS kind;
SELECT is(t.call(kind || '_remove', 'none'), 'PT404: ' || upper(kind) || '_NOT_FOUND', kind || '_remove of none') FROM unnest(ARRAY['organization', 'store', 'tenant_user', 'consent', 'printer', 'sales_order', 'service_order', 'external_customer']) AS kind;
SELECT is(t.call(kind || '_remove', 'a b'), 'PT400: VALIDATION_FAILED uid', kind || '_remove of no UID') FROM unnest(ARRAY['organization', 'store', 'tenant_user', 'consent', 'printer', 'sales_order', 'service_order', 'external_customer']) AS kind;

-- What is in use cannot be removed.
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "kari", "customerType": "PERSON", "defaultStoreUid": "oslo", "accountManager": {"tenantUserUid": "liv"}, "consents": [{"consentUid": "news", "status": true, "source": ""}]}'),
	flowcustomer.customer_extension_add('acme', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$);
SELECT is(t.call(kind || '_remove', uid), expected, kind || '_remove ' || uid) FROM (VALUES ('organization', 'nordic', 'PT409: ORGANIZATION_IN_USE'), ('store', 'oslo', 'PT409: STORE_IN_USE'), ('tenant_user', 'liv', 'PT409: TENANT_USER_IN_USE'),
	('consent', 'news', 'PT409: CONSENT_IN_USE'), ('organization', 'o2', 'ok')) AS v(kind, uid, expected);
CALL t.run($$SELECT flowcustomer.store_put('acme', '{"storeUid": "oslo", "defaultPrinterUid": "p1"}')$$);
SELECT is(t.call('printer_remove', 'p1'), 'ok', 'a store''s default printer can go');
CALL t.run($$SELECT flowcustomer.store_put('acme', '{"storeUid": "oslo", "defaultPrinterUid": ""}'), flowcustomer.printer_put('acme', '{"printerUid": "p1", "name": "P", "kind": "LABEL", "storeUid": "oslo"}')$$);
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''acme'')'), 'PT409: TENANT_NOT_EMPTY', 'nor a tenant with customers');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"defaultStoreUid": null, "accountManager": null}')$$);
SELECT is(t.call('tenant_user_remove', 'liv'), 'ok', 'a user whom nobody names any more');
SELECT is(t.call('store_remove', 'oslo'), 'PT409: STORE_IN_USE', 'the store still has a printer');
SELECT is(t.call('printer_remove', 'p1'), 'ok', 'a printer that nobody names');
SELECT is(t.call('store_remove', 'oslo'), 'ok', 'without it the store goes');
SELECT is(t.call('organization_remove', 'nordic'), 'PT409: ORGANIZATION_IN_USE', 'an extension names the organization');
SELECT is((t.get('kari') -> 'extensions' -> 0 ->> 'organizationUid'), 'nordic', 'which is still there');

-- Orders and what is open of their invoices; a lenient tenant's have no more than that needs.
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"lenient": true}')$$);
CREATE FUNCTION t.order(uid text, customer text, settlements text) RETURNS text LANGUAGE sql AS $$
	SELECT t.error(format('SELECT flowcustomer.sales_order_put(''acme'', %L)', format('{"orderUid": "%s", %s"storeUid": "any", "createdAt": "2025-07-30T18:12:05.623Z", "orderTotals": {"grandTotal": 1000}, "settlements": %s}',
		uid, coalesce(format('"customerUid": "%s", ', customer), ''), settlements)))
$$;
CREATE FUNCTION t.balances() RETURNS text LANGUAGE sql AS $$ SELECT string_agg((t.get(u) -> 'credit' ->> 'balance'), ' ' ORDER BY u) FROM unnest(ARRAY['kari', 'ola']) AS u $$;
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "ola", "customerType": "PERSON"}')$$);
SELECT is(t.order(uid, customer, settlements), 'ok', settlements) || E'\n' || is(t.balances(), expected, 'the balances are ' || expected) FROM (VALUES
	('o1', 'kari', '[]', '0 0'), ('o1', 'kari', '[{"settlementCode": "INVOICE", "amount": 1000}]', '1000 0'), ('o1', 'kari', '[{"settlementCode": "INVOICE", "amount": 1000, "paymentAmount": 300, "creditAmount": 50}]', '650 0'),
	('o2', 'kari', '[{"settlementCode": "TWO_INVOICE", "amount": 200}, {"settlementCode": "CARD", "amount": 5000}, {"settlementCode": "INVOICE", "amount": 10, "paymentAmount": 10}]', '850 0'),
	('o1', 'ola', '[{"settlementCode": "INVOICE", "amount": 1000, "paymentAmount": 300, "creditAmount": 50}]', '200 650'), ('o1', 'kari', '[{"settlementCode": "INVOICE", "amount": 100}]', '300 0'), ('o1', NULL, '[{"settlementCode": "INVOICE", "amount": 100}]', '200 0'),
	('o1', '', '[{"settlementCode": "INVOICE", "amount": 100}]', '200 0'), ('o1', 'ola', '[{"settlementCode": "INVOICE", "amount": 100}]', '200 100'), ('o3', 'ola', '[{"settlementCode": "INVOICE", "amount": 100, "paymentAmount": 150}]', '200 50')) AS v(uid, customer, settlements, expected);
SELECT is(t.call('sales_order_remove', 'o2') || t.balances(), 'ok0 50', 'a removed order is no longer owed');
SELECT is(t.order('o9', 'ola', settlements), expected, settlements) FROM (VALUES ('null', 'PT400: VALIDATION_FAILED $.settlements'), ('5', 'PT400: VALIDATION_FAILED $.settlements'), ('[5]', 'PT400: VALIDATION_FAILED $.settlements[0]'),
	('[{}]', 'PT400: VALIDATION_FAILED $.settlements[0].settlementCode; VALIDATION_FAILED $.settlements[0].amount'), ('[{"settlementCode": "INVOICE", "amount": "1"}]', 'PT400: VALIDATION_FAILED $.settlements[0].amount'),
	('[{"settlementCode": "INVOICE", "amount": 1.5}]', 'PT400: VALIDATION_FAILED $.settlements[0].amount')) AS v(settlements, expected);
SELECT is(t.order('o9', 'none', '[]'), 'PT400: CUSTOMER_NOT_FOUND $.customerUid', 'an order of an unknown customer');
SELECT is(t.call('sales_order_put', '{}'), 'PT400: VALIDATION_FAILED $.orderUid; VALIDATION_FAILED $.storeUid; VALIDATION_FAILED $.createdAt; VALIDATION_FAILED $.orderTotals.grandTotal; VALIDATION_FAILED $.settlements', 'what an order must have');
SELECT is(t.balances(), '0 50', 'refused orders change nothing');
SELECT isnt(left(t.order('huge', 'ola', (SELECT json_agg(json_build_object('settlementCode', 'INVOICE', 'amount', 9007199254740991)) FROM generate_series(1, 1200))::text), 2), 'ok', 'a sum that no bigint holds is refused');
SELECT is(t.balances(), '0 50', 'and never wraps around');
SELECT is(t.call('customer_delete', 'ola'), 'ok', 'a customer who owes is deleted');
SELECT is((SELECT count(*) FROM flowcustomer.sales_order WHERE customer_uid IS NULL), (SELECT count(*) FROM flowcustomer.sales_order), 'the orders stay');
SELECT is(t.call('sales_order_remove', 'o3'), 'ok', 'and can be removed');

-- Documents are kept as they came.
SELECT is(flowcustomer.sales_order_put('acme', E'{ "orderUid":"d1",\n "b": [1.50, 1e3, null], "a": "\\u00e6", "storeUid":"s", "createdAt":"2025-07-30T20:12:05+02:00", "orderTotals":{"grandTotal":-5,"x":1}, "settlements":[], "a": 2 }')::text,
	E'{ "orderUid":"d1",\n "b": [1.50, 1e3, null], "a": "\\u00e6", "storeUid":"s", "createdAt":"2025-07-30T20:12:05+02:00", "orderTotals":{"grandTotal":-5,"x":1}, "settlements":[], "a": 2 }', 'byte for byte');
SELECT results_eq('SELECT customer_uid COLLATE "default", store_uid COLLATE "default", ordered_at, grand_total, open_invoice_amount FROM flowcustomer.sales_order WHERE order_uid = ''d1''', $$VALUES (NULL::text, 's', '2025-07-30 18:12:05+00'::timestamptz, -5::bigint, 0::bigint)$$, 'with the columns beside it');
SELECT is(t.call('service_order_put', body), expected, body) FROM (VALUES ('{}', 'PT400: VALIDATION_FAILED $.serviceOrderUid; VALIDATION_FAILED $.storeUid; VALIDATION_FAILED $.createdAt; VALIDATION_FAILED $.totals.grandTotal'),
	('{"serviceOrderUid": "s1", "customerUid": "none", "storeUid": "x", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 1}}', 'PT400: CUSTOMER_NOT_FOUND $.customerUid'),
	('{"serviceOrderUid": "s1", "customerUid": "kari", "storeUid": "x", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 1}}', 'ok')) AS v(body, expected);
SELECT is(t.call('sales_order_put', format('{"orderUid": "ts", "storeUid": "s", "createdAt": "%s", "orderTotals": {"grandTotal": 0}, "settlements": []}', time)), expected, 'createdAt ' || time) FROM (VALUES
	('2025-07-30T18:12:05Z', 'ok'), ('2025-07-30T18:12:05.1Z', 'ok'), ('2025-07-30T18:12:05.123456789Z', 'ok'), ('2025-07-30t18:12:05z', 'ok'), ('2025-07-30T18:12:05+02:00', 'ok'), ('2024-02-29T00:00:00Z', 'ok'),
	('2025-02-29T00:00:00Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-13-01T00:00:00Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-07-30T24:00:00Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-07-30T18:60:05Z', 'PT400: VALIDATION_FAILED $.createdAt'),
	('2025-07-30T18:12:05', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-07-30', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-07-30T18:12:05.Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('now', 'PT400: VALIDATION_FAILED $.createdAt'),
	('', 'PT400: VALIDATION_FAILED $.createdAt'), ('infinity', 'PT400: VALIDATION_FAILED $.createdAt'), ('0000-01-01T00:00:00Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('2025-07-30T18:12:05Zx', 'PT400: VALIDATION_FAILED $.createdAt')) AS v(time, expected);
SELECT is(t.call('external_customer_put', '{"firstname": 5}') || ' ' || t.call('external_customer_put', '{"customerUid": "x1", "firstname": 5}'), 'PT400: VALIDATION_FAILED $.firstname; VALIDATION_FAILED $.customerUid PT400: VALIDATION_FAILED $.firstname', 'an external customer needs a UID, and texts');
SELECT is(flowcustomer.external_customer_put('acme', '{"customerUid": "x1", "companyName": "A", "more": 1}') ->> 'companyName', 'A', 'an entry of an outside directory');
SELECT is((SELECT document::text FROM flowcustomer.external_customer WHERE customer_uid = 'x1'), '{"customerUid": "x1", "companyName": "A", "more": 1}', 'its document is kept whole');
SELECT is(t.call('external_customer_remove', 'x1') || t.call('external_customer_remove', 'x1'), 'okPT404: EXTERNAL_CUSTOMER_NOT_FOUND', 'and removed once');
SELECT is(t.error('SELECT flowcustomer.sales_order_put(''acme'', ''[]'')'), 'PT400: VALIDATION_FAILED $', 'a document is an object');

-- A tenant goes when its data are gone, and the guard with the last tenant.
CALL t.run($$SELECT flowcustomer.tenant_put('second', '{"name": "Second"}')$$);
SELECT throws_like('DROP EXTENSION flowcustomer', '%depend on it%', 'DROP EXTENSION is refused while there is a tenant');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'kari')$$);
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''acme'')'), 'PT409: TENANT_NOT_EMPTY', 'orders are data too');
CALL t.run($$SELECT flowcustomer.sales_order_remove('acme', order_uid) FROM (SELECT order_uid FROM flowcustomer.sales_order) AS o$$);
CALL t.run($$SELECT flowcustomer.service_order_remove('acme', 's1')$$);
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''acme'')'), 'ok', 'reference data are not');
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''acme'')'), 'PT404: TENANT_NOT_FOUND', 'it is gone');
SELECT is((SELECT count(*) FROM flowcustomer.total) + (SELECT count(*) FROM flowcustomer.consent) + (SELECT count(*) FROM flowcustomer.organization), 0::bigint, 'with all of its rows');
SELECT throws_like('DROP EXTENSION flowcustomer', '%depend on it%', 'still refused');
CALL t.run('SELECT flowcustomer.tenant_remove(''second'')');
SELECT lives_ok('DROP EXTENSION flowcustomer', 'without a tenant the extension can be dropped');

SELECT * FROM finish();
