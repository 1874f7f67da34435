-- The record of who reads which customer, for tenants that want it.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();

CREATE FUNCTION t.by(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', role);
	EXECUTE statement;
	RESET ROLE;
	RETURN 'ok';
END $$;
-- What was recorded since the last time: "customer operation", in order.
CREATE TABLE t.known (access_uid text PRIMARY KEY);
CREATE FUNCTION t.recorded(tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS $$
	WITH new AS (INSERT INTO t.known SELECT access_uid FROM flowcustomer.customer_access WHERE tenant_uid = tenant ON CONFLICT DO NOTHING RETURNING access_uid)
	SELECT coalesce(string_agg(customer_uid || ' ' || operation, ', ' ORDER BY access_uid), 'nothing') FROM flowcustomer.customer_access WHERE tenant_uid = tenant AND access_uid IN (SELECT access_uid FROM new)
$$;
CREATE FUNCTION t.turn(log boolean, tenant text DEFAULT 'acme') RETURNS json LANGUAGE sql AS $$ SELECT flowcustomer.tenant_put(tenant, json_build_object('accessLog', log)) $$;

CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "externalId": "E-1", "firstname": "Kari"}, {"customerUid": "ola", "customerType": "PERSON"}, {"customerUid": "old", "customerType": "PERSON"}]}')$$);
CALL t.run($$SELECT flowcustomer.contact_create('acme', '{"customerContactUid": "k", "firstname": "Eva", "lastname": "Berg", "customers": [{"customerUid": "kari"}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": true, "source": "till"}')$$);

-- Reads, what they answer when they are recorded, and what is recorded then.
CREATE TABLE t.read (n integer GENERATED ALWAYS AS IDENTITY, call text, answer text, recorded text);
INSERT INTO t.read (call, answer, recorded) VALUES
	('flowcustomer.customer_get(''acme'', ''kari'')', 'ok', 'kari customer_get'),
	('flowcustomer.store_customer_get(''acme'', ''oslo'', ''kari'')', 'ok', 'kari store_customer_get'),
	('flowcustomer.customer_contact_list(''acme'', ''kari'')', 'ok', 'kari customer_contact_list'),
	('flowcustomer.customer_contact_get(''acme'', ''kari'', ''k'')', 'ok', 'kari customer_contact_get'),
	('flowcustomer.customer_merge_list(''acme'', ''kari'')', 'ok', 'kari customer_merge_list'),
	('flowcustomer.customer_consent_history(''acme'', ''kari'')', 'ok', 'kari customer_consent_history'),
	('flowcustomer.customer_consents_as_of(''acme'', ''kari'', now())', 'ok', 'kari customer_consents_as_of'),
	('flowcustomer.customer_export(''acme'', ''kari'')', 'ok', 'kari customer_export'),
	('flowcustomer.customer_export_xml(''acme'', ''kari'')', 'ok', 'kari customer_export_xml'),
	('flowcustomer.customer_export_full(''acme'', ''kari'')', 'ok', 'kari customer_export_full'),
	('flowcustomer.customer_duplicate_explain(''acme'', ''kari'', ''ola'')', 'ok', 'kari customer_duplicate_explain'),
	('flowcustomer.customer_get(''acme'', ''kari''), flowcustomer.customer_get(''acme'', ''ola'')', 'ok', 'kari customer_get, ola customer_get'),
	('count(flowcustomer.customer_get(''acme'', uid)) FROM unnest(''{kari,ola,kari}''::text[]) AS uid', 'ok', 'kari customer_get, ola customer_get, kari customer_get'),
	-- requests
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari'')', '200', 'kari customer_get'),
	('t.status(''HEAD'', ''/v2/tenants/acme/customers/kari'')', '200', 'kari customer_get'),
	('t.status(''GET'', ''/v2/tenants/acme/stores/oslo/customers/kari'')', '200', 'kari store_customer_get'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari/contacts'')', '200', 'kari customer_contact_list'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari/contacts/k'')', '200', 'kari customer_contact_get'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari/export'')', '200', 'kari customer_export'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari/export'', NULL, ''{"Accept": "application/xml"}'')', '200', 'kari customer_export_xml'),
	-- what shows several customers, or none, or is a write
	('flowcustomer.customer_list(''acme'')', 'ok', 'nothing'),
	('flowcustomer.customer_list(''acme'', ''E-1'')', 'ok', 'nothing'),
	('flowcustomer.customer_search(''acme'', ''{"query": "kari"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_search_external(''acme'', ''{"query": "kari"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_find_similar(''acme'', ''{"firstname": "Kari"}'')', 'ok', 'nothing'),
	('flowcustomer.search_explain(''acme'', ''{"query": "kari"}'')', 'ok', 'nothing'),
	('flowcustomer.contact_get(''acme'', ''k'')', 'ok', 'nothing'),
	('flowcustomer.contact_list(''acme'')', 'ok', 'nothing'),
	('flowcustomer.contact_customer_list(''acme'', ''k'')', 'ok', 'nothing'),
	('flowcustomer.customer_group_customer_list(''acme'', ''club'')', 'ok', 'nothing'),
	('flowcustomer.consent_report(''acme'', ''news'')', 'ok', 'nothing'),
	('flowcustomer.changes(''acme'')', 'ok', 'nothing'),
	('flowcustomer.print_job_list(''acme'')', 'ok', 'nothing'),
	('flowcustomer.customer_access_list(''acme'', ''kari'')', 'ok', 'nothing'),
	('flowcustomer.customer_duplicates(''acme'')', 'ok', 'nothing'),
	('flowcustomer.customer_batch(''acme'', ''{"update": [{"customerUid": "kari", "city": "Oslo"}]}'')', 'ok', 'nothing'),
	('flowcustomer.customer_update(''acme'', ''kari'', ''{"city": "Moss"}'')', 'ok', 'nothing'),
	('flowcustomer.customer_merge_preview(''acme'', ''kari'', ''{"mergeFromCustomerUid": "ola"}'')', 'ok', 'nothing'),
	('t.status(''GET'', ''/v2/tenants/acme/customers'')', '200', 'nothing'),
	('t.status(''POST'', ''/v2/tenants/acme/customers/search'', ''{"query": "kari"}'')', '200', 'nothing'),
	('t.status(''PUT'', ''/v2/tenants/acme/customers/kari'', ''{"city": "Oslo"}'')', '200', 'nothing'),
	('t.status(''OPTIONS'', ''/v2/tenants/acme/customers/kari'')', '204', 'nothing'),
	-- what fails
	('flowcustomer.customer_get(''acme'', ''none'')', 'PT404: CUSTOMER_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_get(''acme'', ''k a'')', 'PT400: VALIDATION_FAILED customerUid', 'nothing'),
	('flowcustomer.customer_get(''none'', ''kari'')', 'PT404: TENANT_NOT_FOUND', 'nothing'),
	('flowcustomer.store_customer_get(''acme'', ''none'', ''kari'')', 'PT404: STORE_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_contact_get(''acme'', ''kari'', ''none'')', 'PT404: CONTACT_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_contact_list(''acme'', ''kari'', 0)', 'PT400: VALIDATION_FAILED pageNumber', 'nothing'),
	('flowcustomer.customer_consents_as_of(''acme'', ''kari'', NULL)', 'PT400: VALIDATION_FAILED at', 'nothing'),
	('flowcustomer.customer_export_full(''acme'', ''none'')', 'PT404: CUSTOMER_NOT_FOUND', 'nothing'),
	('flowcustomer.customer_duplicate_explain(''acme'', ''kari'', ''none'')', 'PT400: CUSTOMER_NOT_FOUND duplicateUid', 'nothing'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/none'')', '404', 'nothing'),
	('t.status(''GET'', ''/v2/tenants/acme/customers/kari/contacts/none'')', '404', 'nothing'),
	('t.status(''DELETE'', ''/v2/tenants/acme/customers/none'')', '404', 'nothing');
CREATE FUNCTION t.do(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	status integer;
BEGIN
	IF call NOT LIKE 't.status%' THEN
		RETURN t.error('SELECT ' || call);
	END IF;
	EXECUTE 'SELECT ' || call INTO status;
	RETURN status;
END $$;

-- Off, on, off -------------------------------------------------------------------

SELECT is(t.do(call), answer, 'not recorded: ' || call) FROM t.read ORDER BY n;
SELECT is(t.recorded(), 'nothing', 'nothing is recorded unless the tenant wants it');
SELECT is(flowcustomer.customer_access_list('acme', 'kari')::text, '{"items":[],"paging":{"pageNumber":1,"pageSize":25,"totalCount":0}}', 'nobody has read');
SELECT is((t.turn(true) ->> 'accessLog'), 'true', 'now it does');
CREATE TABLE t.got (n integer, answer text, recorded text);
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM t.read ORDER BY n LOOP
		INSERT INTO t.got VALUES (r.n, t.do(r.call));
		UPDATE t.got SET recorded = t.recorded() WHERE n = r.n;
	END LOOP;
END $$;
SELECT is(concat_ws(': ', g.answer, g.recorded), concat_ws(': ', r.answer, r.recorded), call) FROM t.read AS r JOIN t.got AS g USING (n) ORDER BY n;
SELECT is((SELECT count(*) FROM t.got), (SELECT count(*) FROM t.read), 'every read was made');
-- Cards can't be drawn everywhere: recorded are those that were.
SELECT is(CASE answer WHEN 'ok' THEN 'kari ' || call WHEN 'PT501: BARCODES_NOT_AVAILABLE' THEN 'nothing' ELSE answer END, t.recorded(), call)
FROM unnest('{customer_card_svg,customer_card_html}'::text[]) AS call, LATERAL t.error(format('SELECT flowcustomer.%s(''acme'', ''kari'')', call)) AS answer;
SELECT is(t.call('customer_card_svg', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'no card of nobody');
SELECT is(t.recorded(), 'nothing', 'and nothing recorded');
CALL t.run('SELECT t.turn(false)');
CALL t.run('SELECT t.get(''kari'')');
SELECT is(t.recorded(), 'nothing', 'nor when it is switched off again');
CALL t.run('SELECT t.turn(true)');

-- Who and when ---------------------------------------------------------------------

DROP ROLE IF EXISTS accesses_liv;
DO $$ BEGIN EXECUTE format('CREATE ROLE accesses_liv IN ROLE %I', current_user); END $$;
CREATE TABLE t.time AS SELECT date_trunc('milliseconds', clock_timestamp()) AS before;
CALL t.run($$SELECT t.by('accesses_liv', 'SELECT flowcustomer.customer_get(''acme'', ''ola''), flowcustomer.http(''GET'', ''/v2/tenants/acme/customers/ola'')')$$);
DROP ROLE accesses_liv;
SELECT results_eq($$SELECT accessed_by, operation COLLATE "default", accessed_at BETWEEN before AND clock_timestamp() FROM flowcustomer.customer_access, t.time WHERE accessed_at >= before$$,
	$$VALUES ('accesses_liv', 'customer_get', true), ('accesses_liv', 'customer_get', true)$$, 'who and when');
SELECT is((SELECT array_agg(DISTINCT accessed_by)::text FROM flowcustomer.customer_access), format('{accesses_liv,%s}', current_user), 'everything else was read by ourselves');
CALL t.run('SELECT t.recorded()');

-- Transactions that can't write ------------------------------------------------------

BEGIN READ ONLY;
SELECT is(t.call('customer_get', 'kari'), 'PT409: ACCESS_NOT_RECORDED', 'a read that can''t be recorded is refused');
SELECT is(t.full_error($$SELECT flowcustomer.customer_export('acme', 'kari')$$), E'PT409 The tenant records who reads its customers, and this transaction can\'t write\ncode: ACCESS_NOT_RECORDED\nRead in a transaction that may write, on the primary server.', 'with a hint');
SELECT is(t.answer('GET', '/v2/tenants/acme/customers/kari'), '409 ACCESS_NOT_RECORDED', 'also by HTTP');
SELECT is(t.answer('HEAD', '/v2/tenants/acme/customers/kari/export'), '409', 'whatever the method');
SELECT is(t.call('customer_get', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'what is not there is not there');
SELECT is(t.call('customer_list', 'E-1'), 'ok', 'a list is read');
SELECT is(t.call('customer_search', '{"query": "kari"}'), 'ok', 'so is a search');
SELECT is(t.call('customer_access_list', 'kari'), 'ok', 'and the record');
COMMIT;
SELECT is(t.recorded(), 'nothing', 'nothing of it is recorded');
BEGIN;
CALL t.run('SELECT t.get(''kari'')');
ROLLBACK;
SELECT is(t.recorded(), 'nothing', 'a transaction that is rolled back has not read');

-- Customers that were merged away, and that are gone --------------------------------------

CALL t.run('SELECT t.get(''old'')');
CALL t.run('SELECT t.merge(''kari'', ''old'')');
CALL t.run('SELECT t.recorded()');
SELECT is(t.get('old') ->> 'customerUid', 'kari', 'who was merged away leads to the survivor');
SELECT is(t.status('GET', '/v2/tenants/acme/customers/old'), 200, 'also by HTTP');
SELECT is(t.recorded(), 'kari customer_get, kari customer_get', 'which is who was read');
SELECT is(flowcustomer.customer_access_list('acme', 'old')::text, flowcustomer.customer_access_list('acme', 'kari')::text, 'the record of who was merged away is that of the survivor');
SELECT is((SELECT string_agg(concat_ws(' ', i ->> 'customerUid', i ->> 'operation'), ', ' ORDER BY n) FROM json_array_elements(flowcustomer.customer_access_list('acme', 'kari', 1, 3) -> 'items') WITH ORDINALITY AS e(i, n)), 'kari customer_get, kari customer_get, old customer_get', 'with what was recorded before, each under the uid that was read');
SELECT results_eq($$SELECT i ->> 'accessUid', i ->> 'customerUid' FROM json_array_elements(flowcustomer.customer_access_list('acme', 'kari', 1, 1000) -> 'items') WITH ORDINALITY AS e(i, n) ORDER BY n$$,
	$$SELECT access_uid COLLATE "default", customer_uid COLLATE "default" FROM flowcustomer.customer_access WHERE tenant_uid = 'acme' AND customer_uid IN ('kari', 'old') ORDER BY access_uid COLLATE "C" DESC$$, 'the newest of both first');
SELECT is((flowcustomer.customer_access_list('acme', 'old', 1, 1) #>> '{paging,totalCount}')::bigint, (SELECT count(*) FROM flowcustomer.customer_access WHERE tenant_uid = 'acme' AND customer_uid IN ('kari', 'old')), 'and all are counted');
SELECT is((SELECT string_agg(DISTINCT i ->> 'customerUid', ' ') FROM json_array_elements(flowcustomer.customer_access_list('acme', 'kari', 1, 1000, 'customerUid') -> 'items') AS i), 'kari old', 'sorted by whom they are of too');
CALL t.run('SELECT t.undo(''old'')');
SELECT is((SELECT string_agg(concat_ws(' ', i ->> 'customerUid', i ->> 'operation'), ', ') FROM json_array_elements(flowcustomer.customer_access_list('acme', 'old') -> 'items') AS i), 'old customer_get', 'undone, who came back has its own again');
SELECT is((SELECT string_agg(DISTINCT i ->> 'customerUid', ' ') FROM json_array_elements(flowcustomer.customer_access_list('acme', 'kari', 1, 1000) -> 'items') AS i), 'kari', 'and the other one as well');
SELECT is(t.call('customer_access_list', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'no record of nobody');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'ola')$$);
SELECT is(t.call('customer_access_list', 'ola'), 'PT404: CUSTOMER_NOT_FOUND', 'nor of who is gone');

-- The list ---------------------------------------------------------------------------

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "eva", "customerType": "PERSON"}]}')$$);
CALL t.run('SELECT t.get(''eva'')');
CALL t.run('SELECT flowcustomer.customer_export(''acme'', ''eva'')');
CALL t.run('SELECT flowcustomer.customer_merge_list(''acme'', ''eva'')');
CALL t.run('SELECT flowcustomer.customer_contact_list(''acme'', ''eva'')');
UPDATE flowcustomer.customer_access SET accessed_by = CASE operation WHEN 'customer_export' THEN 'b' WHEN 'customer_get' THEN 'c' ELSE 'a' END, accessed_at = '2025-01-01Z'::timestamptz + n * interval '1 day'
FROM (SELECT access_uid AS uid, row_number() OVER (ORDER BY access_uid) AS n FROM flowcustomer.customer_access WHERE customer_uid = 'eva') AS o WHERE access_uid = uid;
SELECT is(regexp_replace(flowcustomer.customer_access_list('acme', 'eva', 1, 2)::text, '"accessUid":"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"', '"accessUid":"U"', 'g'),
	'{"items":[{"accessUid":"U","customerUid":"eva","accessedAt":"2025-01-05T00:00:00.000Z","accessedBy":"a","operation":"customer_contact_list"},{"accessUid":"U","customerUid":"eva","accessedAt":"2025-01-04T00:00:00.000Z","accessedBy":"a","operation":"customer_merge_list"}],'
	'"paging":{"pageNumber":1,"pageSize":2,"totalCount":4}}', 'the newest first');
SELECT is(t.uids(flowcustomer.customer_access_list('acme', 'eva', page, size, sort, direction), 'operation'), expected, format('page %s of %s by %s %s', page, size, sort, direction)) FROM (VALUES
	(NULL::integer, NULL::integer, NULL, NULL, 'customer_contact_list,customer_merge_list,customer_export,customer_get'), (2, 2, NULL, NULL, 'customer_export,customer_get'), (2, 3, NULL, NULL, 'customer_get'), (3, 2, NULL, NULL, ''),
	(NULL, NULL, NULL, 'ASC', 'customer_get,customer_export,customer_merge_list,customer_contact_list'), (2, 1, NULL, 'ASC', 'customer_export'), (NULL, NULL, 'accessedAt', 'ASC', 'customer_get,customer_export,customer_merge_list,customer_contact_list'),
	(NULL, NULL, 'accessedAt', 'DESC', 'customer_contact_list,customer_merge_list,customer_export,customer_get'), (NULL, NULL, 'accessedAt', NULL, 'customer_contact_list,customer_merge_list,customer_export,customer_get'),
	(NULL, NULL, 'operation', 'ASC', 'customer_contact_list,customer_export,customer_get,customer_merge_list'), (1, 2, 'accessedBy', 'DESC', 'customer_get,customer_export')) AS v(page, size, sort, direction, expected);
SELECT is(t.call('customer_access_list', 'eva', page, size, sort, direction), expected, concat_ws(' ', 'refused:', page, size, sort, direction)) FROM (VALUES
	('0', NULL, NULL, NULL, 'PT400: VALIDATION_FAILED pageNumber'), (NULL, '0', NULL, NULL, 'PT400: VALIDATION_FAILED pageSize'), (NULL, NULL, 'city', NULL, 'PT400: VALIDATION_FAILED sortBy'), (NULL, NULL, NULL, 'UP', 'PT400: VALIDATION_FAILED sortDirection')) AS v(page, size, sort, direction, expected);

-- Tenants ----------------------------------------------------------------------------

CALL t.run('SELECT t.seed(''other'')');
CALL t.run($$SELECT flowcustomer.customer_create('other', '{"customerUid": "eva", "customerType": "PERSON"}')$$);
CALL t.run($$SELECT flowcustomer.customer_get('other', 'eva')$$);
SELECT is(t.recorded('other'), 'nothing', 'another tenant does not record');
CALL t.run('SELECT t.turn(true, ''other'')');
CALL t.run($$SELECT flowcustomer.customer_get('other', 'eva')$$);
SELECT is(t.recorded('other'), 'eva customer_get', 'until it wants that');
SELECT is(json_array_length(flowcustomer.customer_access_list(tenant, 'eva') -> 'items'), accesses, 'the record of ' || tenant) FROM (VALUES ('acme', 4), ('other', 1)) AS v(tenant, accesses);
CALL t.run($$SELECT flowcustomer.customer_delete('other', 'eva'), flowcustomer.customer_group_delete('other', 'club'), flowcustomer.customer_group_delete('other', 'staff')$$);
CALL t.run($$SELECT flowcustomer.tenant_remove('other')$$);
SELECT results_eq('SELECT DISTINCT tenant_uid COLLATE "default" FROM flowcustomer.customer_access', $$VALUES ('acme')$$, 'a tenant that is removed takes its record along');

SELECT * FROM finish();
