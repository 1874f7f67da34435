-- What depends on how and when rows are stored: long rows, rows written by
-- hand, transactions with many calls, tables that somebody changed.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');

-- A row beyond 2 kB has its uids stored compressed; they are found all the same.
CREATE FUNCTION pg_temp.noise(length int, seed int) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(chr(127744 + (i * 7919 + i * i * 31 + seed) % 700), '') FROM generate_series(1, length) i $$;
SELECT is((flowcustomer.customer_create('acme', json_build_object('customerUid', 'CUSTOMER-000000000000000000000000000000000001',
	'customerType', 'COMPANY', 'firstname', pg_temp.noise(255, 1), 'lastname', pg_temp.noise(255, 2), 'companyName', pg_temp.noise(255, 3),
	'customerGroupUids', json_build_array('club'))) -> 'customerGroupUids')::text, '["club"]', 'the children of a long row are found');
SELECT ok(pg_column_size(customer_uid) < length(customer_uid), 'its uid is stored compressed')
FROM flowcustomer.customer WHERE customer_uid LIKE 'CUSTOMER-%';
SELECT is(json_array_length(flowcustomer.customer_list('acme', page_size => 1000) -> 'items'),
	(flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::int, 'a page shows every row, also the long one');
SELECT is(flowcustomer.customer_update('acme', 'CUSTOMER-000000000000000000000000000000000001', '{"city": "Oslo"}') ->> 'city', 'Oslo', 'and it can be changed');
SELECT is(flowcustomer.customer_batch('acme', json_build_object('delete', json_build_array(
	json_build_object('customerUid', 'CUSTOMER-000000000000000000000000000000000001')))) -> 'delete' ->> 'success', '1', 'and deleted');

-- Notes kept outside of the row survive a change of something else.
SELECT is(length(flowcustomer.customer_create('acme', json_build_object('customerUid', 'noted', 'customerType', 'PERSON',
	'internalNote', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i))) ->> 'internalNote'), 9600, 'a long note');
SELECT is(flowcustomer.customer_update('acme', 'noted', '{"city": "Oslo"}') ->> 'internalNote',
	(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) i), 'stays as it was');

-- A circle of parents that somebody wrote by hand ends in an error.
SELECT is(flowcustomer.customer_batch('acme', '{"create": [{"customerUid": "cy1", "customerType": "COMPANY"},
	{"customerUid": "cy2", "customerType": "COMPANY", "customerParentUid": "cy1"}]}') -> 'create' ->> 'success', '2', 'two companies');
UPDATE flowcustomer.customer SET customer_parent_uid = 'cy2' WHERE customer_uid = 'cy1';
SELECT is(t.error('SELECT flowcustomer.customer_create(''acme'', ''{"customerUid": "cy3", "customerType": "COMPANY", "customerParentUid": "cy2"}'')'),
	'PT400: PARENT_CYCLE $.customerParentUid', 'a department below a circle is refused');

-- An earlier item gives a customer the external id that a later one looks for.
SELECT is(flowcustomer.customer_batch('acme', '{"create": [{"customerUid": "ec", "customerType": "COMPANY", "externalId": "E4",
	"customerGroupUids": ["club"], "consents": [{"consentUid": "news", "status": true, "source": "x"}]},
	{"customerUid": "ed", "customerType": "COMPANY", "customerParentUid": "ec"}]}') -> 'create' ->> 'success', '2', 'a company with a department');
SELECT is(t.batch('{"update": [{"customerUid": "ec", "externalId": "E5"}],
	"upsert": [{"externalId": "E5", "customerType": "PERSON"},
		{"externalId": "E5", "customerGroupUids": [], "consents": [{"consentUid": "news", "status": true, "source": "x"}]}]}'::json) -> 'upsert',
	'{"errors": [{"customerUid": "", "index": 0, "errorCode": "CUSTOMER_HAS_DEPARTMENTS", "message": "A customer with departments has to be a COMPANY", "path": "$.upsert[0].customerType"}], "success": 1}',
	'the later items know all about it');
SELECT is((flowcustomer.customer_get('acme', 'ec') -> 'customerGroupUids')::text, '[]', 'its groups are replaced');
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = 'ec'), 1::bigint, 'and a consent that says the same is no new one');

-- The forms of fields are those of the stored customer's country.
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "se", "customerType": "PERSON", "countryCode": "SE"}') ->> 'countryCode', 'SE', 'a Swedish customer');
SELECT is(t.error('SELECT flowcustomer.customer_update(''acme'', ''se'', ''{"postalCode": "111 23", "email": "bad"}'')'),
	'PT400: VALIDATION_FAILED $.email', 'has Swedish postal codes');

-- Totals within a transaction, and over savepoints.
BEGIN;
SELECT (flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::int AS before \gset
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "s1", "customerType": "PERSON", "customerGroupUids": ["club"]}') ->> 'customerUid', 's1', 'one more');
SAVEPOINT a;
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "s2", "customerType": "PERSON"}') ->> 'customerUid', 's2', 'and another');
SELECT is((flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::int, :before + 2, 'both count at once');
SAVEPOINT b;
SELECT is(t.error('SELECT flowcustomer.customer_delete(''acme'', ''s1'')'), 'ok', 'one goes again');
RELEASE b;
SELECT is((flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::int, :before + 1, 'and counts');
ROLLBACK TO a;
SELECT is((flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::int, :before + 1, 'what a savepoint undoes no longer counts');
COMMIT;
SELECT is((flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::bigint, (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'acme'), 'the total is that of the rows');
SELECT is((flowcustomer.customer_group_customer_list('acme', 'club') -> 'paging' ->> 'totalCount')::bigint,
	(SELECT count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = 'acme' AND group_uid = 'club'), 'of the group too');

-- A group that goes and comes back in one transaction starts at nothing.
BEGIN;
SELECT is(flowcustomer.customer_group_create('acme', '{"customerGroupUid": "brief", "name": "Brief"}') ->> 'name', 'Brief', 'a group');
SELECT is(t.error('SELECT flowcustomer.customer_group_customer_update(''acme'', ''brief'', ''{"addCustomerUids": ["s1", "se"]}'')'), 'ok', 'with members');
SELECT is(t.error('SELECT flowcustomer.customer_group_delete(''acme'', ''brief'')'), 'ok', 'is deleted');
SELECT is(flowcustomer.customer_group_create('acme', '{"customerGroupUid": "brief", "name": "Brief"}') ->> 'name', 'Brief', 'and made again');
COMMIT;
SELECT is(flowcustomer.customer_group_customer_list('acme', 'brief') -> 'paging' ->> 'totalCount', '0', 'without members');

-- Transactions inside a procedure, and one that only reads.
CREATE PROCEDURE pg_temp.in_steps() LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..3 LOOP
		PERFORM flowcustomer.customer_create('acme', json_build_object('customerUid', 'step' || i, 'customerType', 'PERSON'));
		COMMIT;
	END LOOP;
	PERFORM flowcustomer.customer_create('acme', '{"customerUid": "step4", "customerType": "PERSON"}');
	ROLLBACK;
END $$;
CALL pg_temp.in_steps();
SELECT is((SELECT array_agg(customer_uid ORDER BY customer_uid) FROM flowcustomer.customer WHERE customer_uid LIKE 'step%'),
	'{step1,step2,step3}', 'what a procedure commits is there');
SELECT is((flowcustomer.customer_list('acme') -> 'paging' ->> 'totalCount')::bigint,
	(SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'acme'), 'and counted');
BEGIN READ ONLY;
SELECT is((flowcustomer.customer_get('acme', 'step1') ->> 'customerUid'), 'step1', 'a transaction that only reads can read');
SELECT is((SELECT status || ' ' || (body::json ->> 'code') FROM flowcustomer.http('DELETE', '/v2/tenants/acme/customers/step1')),
	'503 READ_ONLY', 'and says that it cannot write');
COMMIT;

-- Many calls in one transaction cost what as many transactions do.
DO $$
DECLARE
	start timestamptz := clock_timestamp();
	first interval;
BEGIN
	FOR i IN 1..3000 LOOP
		PERFORM flowcustomer.customer_create('acme', '{"customerType": "PERSON"}');
		IF i = 500 THEN
			first := clock_timestamp() - start;
		END IF;
	END LOOP;
	PERFORM set_config('t.slow', (clock_timestamp() - start > first * 6 * 4)::text, false);
END $$;
SELECT is(current_setting('t.slow'), 'false', '3,000 creates in a transaction take about six times as long as 500');

-- Columns that are dropped, added or in another order.
ALTER TABLE flowcustomer.customer ADD COLUMN shoe_size int, ADD COLUMN gone text;
ALTER TABLE flowcustomer.customer DROP COLUMN gone;
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "shod", "customerType": "PERSON", "city": "Oslo"}') ->> 'city', 'Oslo', 'a column of somebody else''s does not matter');
UPDATE flowcustomer.customer SET shoe_size = 43 WHERE customer_uid = 'shod';
SELECT is(flowcustomer.customer_update('acme', 'shod', '{"city": "Bergen"}') ->> 'city', 'Bergen', 'nor to an update');
SELECT is((SELECT shoe_size FROM flowcustomer.customer WHERE customer_uid = 'shod'), 43, 'which leaves it as it is');

-- A unique index that somebody added refuses the second of two, not the rest.
CREATE UNIQUE INDEX ON flowcustomer.customer (tenant_uid, email) WHERE email IS NOT NULL;
SELECT is(flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'u' || i,
	'customerType', 'PERSON', 'email', 'u' || i % 99 || '@example.com') ORDER BY i)) FROM generate_series(1, 100) i)) -> 'create' ->> 'success',
	'99', 'one item of a hundred breaks the rule');

SELECT * FROM finish();
