-- The settings: what there is, who may set what, and what tenants can say themselves.
\ir include/helpers.psql
\ir include/orders.psql
SELECT * FROM no_plan();

-- the library is loaded by the first call
SELECT is(flowcustomer.is_uid('x'), true, 'the library is there');
SELECT results_eq($$SELECT name COLLATE "default", boot_val COLLATE "default", concat_ws(' ', min_val, max_val, unit) COLLATE "default", context COLLATE "default" FROM pg_settings WHERE name LIKE 'flowcustomer.%' ORDER BY name$$, $$VALUES
	('flowcustomer.access_log', 'off', '', 'superuser'), ('flowcustomer.change_feed', 'on', '', 'superuser'), ('flowcustomer.change_notify', 'on', '', 'superuser'),
	('flowcustomer.default_page_size', '25', '1 1000', 'user'), ('flowcustomer.language', '', '', 'user'), ('flowcustomer.max_batch_items', '10000', '1 1000000', 'superuser'),
	('flowcustomer.max_body_size', '65536', '1 1048576 kB', 'superuser'), ('flowcustomer.max_page_size', '1000', '1 10000', 'superuser'), ('flowcustomer.resolve_merged', 'on', '', 'user')$$, 'these are the settings');
SELECT is_empty($$SELECT name FROM pg_settings WHERE name LIKE 'flowcustomer.%' AND short_desc !~ '^[A-Z][^\n]{10,100}\.$'$$, 'each is described');
SELECT throws_ok('SET flowcustomer.no_such_thing = 1', '42602', NULL, 'there are no others');
CREATE ROLE settings_user;
SELECT throws_ok(format('SET LOCAL ROLE settings_user; SET %s = %L', name, boot_val), CASE context WHEN 'user' THEN '0A000' ELSE '42501' END, NULL, name) FROM pg_settings WHERE name LIKE 'flowcustomer.%' AND context <> 'user';
SELECT lives_ok(format('SET LOCAL ROLE settings_user; SET LOCAL %s = %L', name, boot_val), name || ' is for everybody') FROM pg_settings WHERE name LIKE 'flowcustomer.%' AND context = 'user';
RESET ROLE;
DROP ROLE settings_user;
SELECT throws_ok(format('SET LOCAL %s = %L', name, value), '22023', NULL, format('%s can''t be %s', name, value)) FROM (VALUES
	('flowcustomer.default_page_size', '0'), ('flowcustomer.default_page_size', '1001'), ('flowcustomer.max_page_size', '0'), ('flowcustomer.max_page_size', '10001'), ('flowcustomer.max_batch_items', '0'), ('flowcustomer.max_batch_items', '1000001'),
	('flowcustomer.max_body_size', '0'), ('flowcustomer.max_body_size', '2GB'), ('flowcustomer.language', 'fr'), ('flowcustomer.language', 'x'), ('flowcustomer.change_feed', 'maybe')) AS v(name, value);

-- Pages.
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch((SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'c' || i, 'customerType', 'PERSON'))) FROM generate_series(1, 30) AS i))$$);
CREATE FUNCTION t.with(settings text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	setting text;
	value text;
	state text;
	detail text;
BEGIN
	FOREACH setting IN ARRAY string_to_array(settings, ', ') LOOP
		PERFORM set_config('flowcustomer.' || split_part(setting, ' ', 1), split_part(setting, ' ', 2), true);
	END LOOP;
	BEGIN
		EXECUTE statement INTO value;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL;
		value := state || ' ' || detail;
	END;
	FOREACH setting IN ARRAY string_to_array(settings, ', ') LOOP
		EXECUTE 'RESET flowcustomer.' || split_part(setting, ' ', 1);
	END LOOP;
	RETURN value;
END $$;
SELECT is(t.with(settings, $$SELECT json_array_length(flowcustomer.customer_list('acme') -> 'items')$$), answer, settings) FROM (VALUES ('default_page_size 7', '7'), ('default_page_size 1000', '30'), ('max_page_size 5', '5'), ('default_page_size 20, max_page_size 10', '10')) AS v(settings, answer);
SELECT is(t.with('max_page_size 5', $$SELECT flowcustomer.customer_list('acme', page_size => 6)$$), 'PT400 code: VALIDATION_FAILED, path: pageSize', 'the largest page bounds what callers ask for');

-- Bodies: one that is too large is not even read.
SELECT is(t.with('max_body_size 1', format('SELECT flowcustomer.customer_create(''acme'', %L)', json_build_object('customerType', 'PERSON', 'internalNote', repeat('x', 2000)))), 'PT413 code: BODY_TOO_LARGE', 'a body can be too large');
SELECT is(t.with('max_body_size 1', format($$SELECT status || ' ' || (body::json ->> 'code') FROM flowcustomer.http('POST', '/v2/tenants/acme/customers', %L)$$, repeat('[', 1025))), '413 BODY_TOO_LARGE', 'one that is no JSON is too large first');
SELECT is(t.with('max_body_size 1', format($$SELECT status || ' ' || (body::json ->> 'code') FROM flowcustomer.http('POST', '/v2/tenants/acme/customers', %L)$$, repeat('[', 1024))), '400 MALFORMED_JSON', 'to the byte');
SELECT is(t.with('max_body_size 1', format('SELECT flowcustomer.sales_order_put(''acme'', %L)', t.sales_order('o'))), 'PT413 code: BODY_TOO_LARGE', 'documents too');

-- Batches: a tenant can only have smaller ones.
SELECT is(t.with(format('max_batch_items %s', setting), format($$SELECT flowcustomer.tenant_put('acme', '{"maxBatchItems": %s}') ->> 'maxBatchItems'$$, tenant)), nullif(tenant, 'null'), format('a tenant''s limit: %s', tenant)) || E'\n' ||
	is(t.with(format('max_batch_items %s', setting), format($$SELECT t.section(t.batch('{"update": [%s]}'), 'update')$$, (SELECT string_agg(format('{"customerUid": "c%s", "city": "x%s"}', i, tenant), ', ') FROM generate_series(1, items) AS i))), answer, format('%s items with the setting %s and the tenant''s %s', items, setting, tenant))
FROM (VALUES (3, 'null', 3, '3:'), (3, 'null', 4, 'PT413 code: TOO_MANY_ITEMS'), (5, '2', 2, '2:'), (5, '2', 3, 'PT413 code: TOO_MANY_ITEMS'), (2, '5', 3, 'PT413 code: TOO_MANY_ITEMS'), (2, '5', 2, '2:')) AS v(setting, tenant, items, answer);
SELECT is(t.call('tenant_put', format('{"maxBatchItems": %s}', value)), 'PT400: VALIDATION_FAILED $.maxBatchItems', value || ' is none') FROM unnest('{0,-1,1000001,1.5,true}'::text[]) AS value;
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"maxBatchItems": 1}')$$);
SELECT is(t.call('sales_order_batch', '[{}, {}]'), 'PT413: TOO_MANY_ITEMS', 'batches of orders have the same limit');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"maxBatchItems": null}')$$);

-- The feed and the record of reads: the tenant's word, else the setting's.
CREATE FUNCTION t.noted(setting text, tenant text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before bigint;
	reads bigint;
BEGIN
	PERFORM flowcustomer.tenant_put('acme', format('{"changeFeed": %1$s, "accessLog": %1$s}', tenant)::json);
	SELECT count(*) INTO before FROM flowcustomer.change;
	SELECT count(*) INTO reads FROM flowcustomer.customer_access;
	PERFORM set_config('flowcustomer.change_feed', setting, true), set_config('flowcustomer.access_log', setting, true);
	PERFORM flowcustomer.customer_update('acme', 'c1', json_build_object('city', setting || tenant || random()));
	PERFORM flowcustomer.customer_get('acme', 'c1');
	RESET flowcustomer.change_feed;
	RESET flowcustomer.access_log;
	RETURN (SELECT count(*) FROM flowcustomer.change) - before || ' changes, ' || (SELECT count(*) FROM flowcustomer.customer_access) - reads || ' reads';
END $$;
SELECT is(t.noted(setting, tenant), CASE WHEN coalesce(nullif(tenant, 'null'), setting)::boolean THEN '1 changes, 1 reads' ELSE '0 changes, 0 reads' END, format('setting %s, tenant %s', setting, tenant)) FROM unnest('{on,off}'::text[]) AS setting, unnest(ARRAY['true', 'false', 'null']) AS tenant;
SELECT is(flowcustomer.tenant_put('acme', '{}') ->> 'changeFeed', NULL, 'a tenant that does not say shows null');
SELECT * FROM finish();
