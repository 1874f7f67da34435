-- Pages: totals, ranges, every field to sort by, and no overlap.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');

SELECT is(flowcustomer.customer_list('acme')::text, '{"items":[],"paging":{"pageNumber":1,"pageSize":25,"totalCount":0}}', 'an empty list, whole');
SELECT is(flowcustomer.contact_list('acme')::text, '{"items":[],"paging":{"pageNumber":1,"pageSize":25,"totalCount":0}}', 'no contacts');
SELECT is(t.error('SELECT flowcustomer.customer_list(''nobody'')'), 'PT404: TENANT_NOT_FOUND', 'a list of an unknown tenant');

-- Sixty customers whose values repeat, so that sorts have ties.
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_strip_nulls(json_build_object(
	'customerUid', 'u' || to_char(i, 'FM00'), 'customerType', (ARRAY['PERSON', 'COMPANY', 'B2B'])[i % 3 + 1],
	'firstname', CASE WHEN i % 4 > 0 THEN 'First ' || i % 4 END, 'lastname', CASE WHEN i % 5 > 0 THEN 'Last' || i % 5 END,
	'companyName', CASE WHEN i % 3 = 1 THEN 'Co ' || i % 7 END, 'email', CASE WHEN i % 2 = 0 THEN 'e' || i % 6 || '@x.no' END,
	'mobile', CASE WHEN i % 7 > 2 THEN '9000' || i % 8 END, 'address', 'Street ' || i % 9, 'postalCode', '01' || i % 10 || '0',
	'city', (ARRAY['Oslo', 'Ås', 'Bergen'])[i % 3 + 1], 'countryCode', CASE WHEN i % 2 = 0 THEN 'NO' ELSE 'DK' END, 'vatNumber', '1234' || i % 4,
	'externalId', CASE WHEN i % 10 < 5 THEN 'X' || i % 10 END, 'loyaltyId', 'L' || i % 11, 'ledgerNumber', (i % 3)::text, 'pricelistUid', 'p' || i % 2,
	'origin', 'o' || i % 2, 'internalNote', 'n' || i % 3, 'paymentTerms', i % 5 * 10, 'credit', json_build_object('limit', i % 4 * 100),
	'ehf', json_build_object('enabled', i % 2 = 0, 'address', 'a' || i % 3))) ORDER BY i)) FROM generate_series(1, 60) AS i))$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'u03', '{"customerType": "COMPANY"}'), flowcustomer.customer_update('acme', 'u06', '{"customerType": "COMPANY", "customerParentUid": "u03"}')$$);
SELECT is(t.total(), 60::bigint, 'the total is exact');

-- A walk through the pages of a size must meet every row once, in one order.
CREATE FUNCTION t.walk(sort text, direction text, size integer) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(item ->> 'customerUid' ORDER BY page, n)
	FROM generate_series(1, ceil(60.0 / size)::integer) AS page,
		 LATERAL json_array_elements(flowcustomer.customer_list('acme', NULL, page, size, sort, direction) -> 'items') WITH ORDINALITY AS i(item, n)
$$;
SELECT is(ARRAY(SELECT u FROM unnest(t.walk(field, direction, 7)) AS u ORDER BY u), ARRAY(SELECT 'u' || to_char(i, 'FM00') FROM generate_series(1, 60) AS i),
	format('pages of 7 by %s %s have every customer once', field, direction))
FROM flowcustomer.fields() AS f, LATERAL (SELECT f.json_name AS field) AS n, unnest(ARRAY['ASC', 'DESC']) AS direction
WHERE f.resource = 'customer' AND f.answered AND f.type IS NOT NULL AND f.json_name IS NOT NULL AND f.column_name IS NOT NULL
ORDER BY f."position", direction;
SELECT is(t.walk(field, direction, 13), t.walk(field, direction, 60), format('pages of 13 by %s %s are in the order of the whole', field, direction))
FROM unnest(ARRAY['lastname', 'credit.limit', 'ehf.enabled', 'createdAt', 'city', 'externalId', 'displayName']) AS field, unnest(ARRAY['ASC', 'DESC']) AS direction;

-- The order itself, against the table.
SELECT is(t.walk(v.field, 'ASC', 60), ARRAY(SELECT uid FROM (SELECT customer_uid AS uid, to_jsonb(c) ->> v.column_name AS text FROM flowcustomer.customer AS c) AS r
	ORDER BY CASE WHEN v.numeric THEN r.text::numeric END NULLS FIRST, CASE WHEN NOT v.numeric THEN r.text END COLLATE "C" NULLS FIRST, uid COLLATE "C"), v.field || ' sorts up, absent ones first')
FROM (VALUES ('email', 'email', false), ('externalId', 'external_id', false), ('postalCode', 'postal_code', false), ('mobile', 'mobile', false), ('paymentTerms', 'payment_terms', true), ('credit.limit', 'credit_limit', true),
	('customerType', 'customer_type', false), ('loyaltyId', 'loyalty_id', false), ('customerUid', 'customer_uid', false)) AS v(field, column_name, "numeric");
SELECT is(t.walk(v.field, 'DESC', 60), ARRAY(SELECT uid FROM (SELECT customer_uid AS uid, to_jsonb(c) ->> v.column_name AS text FROM flowcustomer.customer AS c) AS r
	ORDER BY CASE WHEN v.numeric THEN r.text::numeric END DESC NULLS LAST, CASE WHEN NOT v.numeric THEN r.text END COLLATE "C" DESC NULLS LAST, uid COLLATE "C"), v.field || ' sorts down, absent ones last, ties by the uid')
FROM (VALUES ('email', 'email', false), ('externalId', 'external_id', false), ('paymentTerms', 'payment_terms', true), ('credit.limit', 'credit_limit', true), ('customerType', 'customer_type', false)) AS v(field, column_name, "numeric");
SELECT is(t.walk('customerUid', 'DESC', 60), ARRAY(SELECT 'u' || to_char(i, 'FM00') FROM generate_series(60, 1, -1) AS i), 'by the uid, down');
SELECT is(t.walk(NULL, 'DESC', 60), t.walk('customerUid', 'DESC', 60), 'a direction without a field is the uid''s');
SELECT is(t.walk(NULL, NULL, 60), t.walk('customerUid', 'ASC', 60), 'by default by the uid, up');

-- Ranges.
SELECT is(t.error(format('SELECT flowcustomer.customer_list(''acme'', NULL, %s, %s)', page, size)), expected, format('page %s of size %s', page, size)) FROM (VALUES
	('NULL', 'NULL', 'ok'), ('1', '1', 'ok'), ('1', '1000', 'ok'), ('2147483647', '1000', 'ok'), ('2147483647', '1', 'ok'), ('1', '1001', 'PT400: VALIDATION_FAILED pageSize'),
	('1', '0', 'PT400: VALIDATION_FAILED pageSize'), ('1', '-1', 'PT400: VALIDATION_FAILED pageSize'), ('1', '2147483647', 'PT400: VALIDATION_FAILED pageSize'),
	('0', '10', 'PT400: VALIDATION_FAILED pageNumber'), ('-5', '10', 'PT400: VALIDATION_FAILED pageNumber'), ('-2147483648', '10', 'PT400: VALIDATION_FAILED pageNumber'),
	('0', '0', 'PT400: VALIDATION_FAILED pageNumber; VALIDATION_FAILED pageSize')) AS v(page, size, expected);
SELECT is(json_array_length(flowcustomer.customer_list('acme', page_number => page, page_size => size) -> 'items'), expected, format('page %s of size %s has %s items', page, size, expected))
FROM (VALUES (1, 1, 1), (1, 59, 59), (1, 60, 60), (1, 61, 60), (2, 59, 1), (2, 60, 0), (3, 25, 10), (4, 25, 0), (60, 1, 1), (61, 1, 0), (2147483647, 1000, 0)) AS v(page, size, expected);
SELECT is(flowcustomer.customer_list('acme', page_number => 9, page_size => 100)::text, '{"items":[],"paging":{"pageNumber":9,"pageSize":100,"totalCount":60}}', 'beyond the end: no items and the right total');
SELECT is(json_array_length(flowcustomer.customer_list('acme') -> 'items'), 25, 'a page has 25 items by default');
SET flowcustomer.default_page_size = 3;
SELECT is(json_array_length(flowcustomer.customer_list('acme') -> 'items'), 3, 'or what the setting says');
SET flowcustomer.max_page_size = 5;
SELECT is(t.error('SELECT flowcustomer.customer_list(''acme'', page_size => 6)'), 'PT400: VALIDATION_FAILED pageSize', 'the largest page is a setting');
SELECT is(t.error('SELECT flowcustomer.customer_list(''acme'', page_size => 5)'), 'ok', 'which itself is allowed');
RESET flowcustomer.default_page_size;
SELECT is(t.error('SELECT flowcustomer.customer_list(''acme'')'), 'ok', 'a caller who gives no size never gets an error for it');
RESET flowcustomer.max_page_size;

-- Unknown fields and directions.
SELECT is(t.error(format('SELECT flowcustomer.customer_list(''acme'', sort_by => %L)', field)), 'PT400: VALIDATION_FAILED sortBy', format('sort by %s', field))
FROM unnest(ARRAY['', 'customer_uid', 'LASTNAME', 'lastname ', 'addresses', 'contacts', 'customerGroupUids', 'credit', 'accountManager', 'defaultStore', 'limit', 'tenantUid', 'nothing', 'lastname; DROP TABLE x', '"lastname"']) AS field;
SELECT is(t.error('SELECT flowcustomer.customer_list(''acme'', sort_by => ''relevance'')'), 'ok', 'relevance is a field of the items too');
SELECT is(split_part(t.full_error('SELECT flowcustomer.customer_list(''acme'', sort_by => ''x'')'), E'\n', 3), 'Accepted are: ' || string_agg(json_name, ', ' ORDER BY "position") || '.', 'the hint lists the fields')
FROM flowcustomer.fields() WHERE resource = 'customer' AND answered AND (type IS NOT NULL AND column_name IS NOT NULL OR json_name = 'relevance');
SELECT is(t.error(format('SELECT flowcustomer.customer_list(''acme'', sort_direction => %L)', direction)), expected, format('direction %s', coalesce(direction, 'NULL')))
FROM (VALUES ('ASC', 'ok'), ('DESC', 'ok'), (NULL, 'ok'), ('', 'PT400: VALIDATION_FAILED sortDirection'), ('UP', 'PT400: VALIDATION_FAILED sortDirection'), ('ASC; --', 'PT400: VALIDATION_FAILED sortDirection')) AS v(direction, expected);
SELECT is(t.error('SELECT flowcustomer.customer_list(''acme'', NULL, 0, 0, ''x'', ''y'')'), 'PT400: VALIDATION_FAILED sortDirection; VALIDATION_FAILED pageNumber; VALIDATION_FAILED pageSize', 'all that is wrong with the arguments at once');

-- By externalId.
SELECT is(t.uids(flowcustomer.customer_list('acme', 'X1')), 'u01,u11,u21,u31,u41,u51', 'by externalId');
SELECT is((flowcustomer.customer_list('acme', 'X1', 2, 4) -> 'paging')::text, '{"pageNumber":2,"pageSize":4,"totalCount":6}', 'with its own total');
SELECT is(t.uids(flowcustomer.customer_list('acme', 'X1', 2, 4)), 'u41,u51', 'and pages');
SELECT is(t.uids(flowcustomer.customer_list('acme', 'X1', sort_by => 'lastname', sort_direction => 'DESC', page_size => 3)), 'u01,u11,u21', 'and sorts');
SELECT is(flowcustomer.customer_list('acme', external_id)::text, '{"items":[],"paging":{"pageNumber":1,"pageSize":25,"totalCount":0}}', 'nobody has ' || external_id)
FROM unnest(ARRAY['x1', 'X', 'X1 ', '%', 'æøå', repeat('z', 3000)]) AS external_id;
SELECT is(flowcustomer.customer_list('acme', '')::text, flowcustomer.customer_list('acme')::text, 'an empty externalId is none');

-- Totals after changes.
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "new", "customerType": "PERSON"}') ->> 'customerUid', 'new', 'one more');
SELECT is(t.total(), 61::bigint, 'is counted');
SELECT is(t.create('{"customerUid": "new", "customerType": "PERSON"}') || t.create('{"customerType": "X"}'), 'PT409: CUSTOMER_ALREADY_EXISTSPT400: VALIDATION_FAILED $.customerType', 'two failures');
SELECT is(t.total(), 61::bigint, 'are not');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'new')$$);
SELECT is(t.total(), 60::bigint, 'a deleted one neither');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "b1", "customerType": "PERSON"}, {"customerUid": "b2", "customerType": "PERSON"}, {"customerUid": "u01", "customerType": "PERSON"}],
	"upsert": [{"customerUid": "b3", "customerType": "PERSON"}, {"customerUid": "u02"}], "delete": [{"customerUid": "b1"}, {"customerUid": "u01"}, {"customerUid": "nobody"}]}')$$);
SELECT is(t.total(), 61::bigint, 'a batch adds what it added less what it took');
BEGIN;
SELECT is(t.error($$SELECT flowcustomer.customer_delete('acme', 'b2')$$), 'ok', 'in a transaction');
SELECT is(t.total(), 60::bigint, 'the total is the transaction''s');
ROLLBACK;
SELECT is(t.total(), 61::bigint, 'and goes back with it');

-- The other lists.
CALL t.run($$SELECT flowcustomer.contact_create('acme', format('{"customerContactUid": "k%s", "firstname": "F%s", "lastname": "L%s", "customers": [{"customerUid": "u03", "role": "%s"}]}', i, i % 2, 9 - i, (ARRAY['ADMIN','NONE','PURCHASER','ACCOUNTING'])[i % 4 + 1])::json)
	FROM generate_series(1, 9) AS i$$);
SELECT is(t.uids(flowcustomer.contact_list('acme', 2, 4, 'lastname', 'ASC'), 'customerContactUid'), 'k5,k4,k3,k2', 'contact_list: a page in order');
SELECT is((flowcustomer.contact_list('acme', 3, 4) -> 'paging')::text, '{"pageNumber":3,"pageSize":4,"totalCount":9}', 'contact_list: paging');
SELECT is(t.uids(flowcustomer.customer_contact_list('acme', 'u03', 2, 4, 'lastname', 'ASC'), 'customerContactUid'), 'k5,k4,k3,k2', 'customer_contact_list: a page in order');
SELECT is(t.uids(flowcustomer.customer_contact_list('acme', 'u03', 1, 9, 'role', 'ASC'), 'customerContactUid'), 'k3,k7,k4,k8,k1,k5,k9,k2,k6', 'customer_contact_list: by the role');
SELECT is((flowcustomer.customer_contact_list('acme', 'u03', 3, 4) -> 'paging')::text, '{"pageNumber":3,"pageSize":4,"totalCount":9}', 'customer_contact_list: paging');
SELECT is(t.uids(flowcustomer.customer_group_list('acme', 1, 1, 'name', 'DESC'), 'customerGroupUid'), 'staff', 'customer_group_list: by name, down');
SELECT is((flowcustomer.customer_group_list('acme', 2, 1) -> 'paging')::text, '{"pageNumber":2,"pageSize":1,"totalCount":2}', 'customer_group_list: paging');
CALL t.run($$SELECT flowcustomer.customer_group_customer_update('acme', 'club', '{"addCustomerUids": ["u10", "u20", "u30", "u40", "u50"]}')$$);
SELECT is(t.uids(flowcustomer.customer_group_customer_list('acme', 'club', 1, 5, 'loyaltyId', 'ASC')), (SELECT string_agg(customer_uid, ',' ORDER BY loyalty_id, customer_uid) FROM flowcustomer.customer WHERE customer_uid IN ('u10', 'u20', 'u30', 'u40', 'u50')), 'customer_group_customer_list: in order');
SELECT is((flowcustomer.customer_group_customer_list('acme', 'club', 2, 2) -> 'paging')::text, '{"pageNumber":2,"pageSize":2,"totalCount":5}', 'customer_group_customer_list: paging');
SELECT is(t.error(format('SELECT flowcustomer.%s, sort_by => %L)', call, field)), expected, format('%s by %s', call, field)) FROM (VALUES
	('contact_list(''acme''', 'role', 'PT400: VALIDATION_FAILED sortBy'), ('contact_list(''acme''', 'customers', 'PT400: VALIDATION_FAILED sortBy'),
	('contact_list(''acme''', 'email', 'ok'), ('contact_list(''acme''', 'lastModifiedAt', 'ok'), ('contact_list(''acme''', 'displayName', 'ok'), ('contact_list(''acme''', 'customerContactUid', 'ok'),
	('customer_contact_list(''acme'', ''u03''', 'displayName', 'ok'), ('customer_contact_list(''acme'', ''u03''', 'customerContactUid', 'ok'), ('customer_contact_list(''acme'', ''u03''', 'mobile', 'ok'),
	('customer_contact_list(''acme'', ''u03''', 'createdAt', 'ok'), ('customer_contact_list(''acme'', ''u03''', 'customerUid', 'PT400: VALIDATION_FAILED sortBy'), ('customer_contact_list(''acme'', ''u03''', 'extensions', 'PT400: VALIDATION_FAILED sortBy'),
	('customer_group_list(''acme''', 'createdBy', 'ok'), ('customer_group_list(''acme''', 'customerGroupUid', 'ok'), ('customer_group_list(''acme''', 'customers', 'PT400: VALIDATION_FAILED sortBy'),
	('customer_group_customer_list(''acme'', ''club''', 'credit.balance', 'ok'), ('customer_group_customer_list(''acme'', ''club''', 'customerGroupUid', 'PT400: VALIDATION_FAILED sortBy'), ('customer_group_customer_list(''acme'', ''club''', 'customerUid', 'ok')
) AS v(call, field, expected);

SELECT * FROM finish();
