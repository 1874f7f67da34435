-- Rows of tables outside follow merges, and come back when these are undone.
\ir include/helpers.psql
SELECT * FROM no_plan();

SELECT flowcustomer.tenant_put(t, '{"name": "T", "countryCode": "NO"}') FROM unnest('{one, two}'::text[]) AS t \g /dev/null
SELECT flowcustomer.customer_batch(t, (SELECT json_build_object('create', json_agg(json_build_object('customerUid', u, 'customerType', 'PERSON'))) FROM unnest('{a, b, c, d, e, f}'::text[]) AS u)) FROM unnest('{one, two}'::text[]) AS t \g /dev/null

CREATE SCHEMA "o""ut; side";
CREATE TABLE t.visit (id int PRIMARY KEY, tenant text, customer varchar(300), note text);
CREATE TABLE "o""ut; side"."poi""nts" ("te""nant" text, "cus'tomer" text, program text, balance int, share numeric(10, 2) DEFAULT 0.5, label text, double int GENERATED ALWAYS AS (balance * 2) STORED,
	serial int GENERATED ALWAYS AS IDENTITY, PRIMARY KEY ("te""nant", "cus'tomer", program));
CREATE TABLE t.preference (tenant text, customer text, value text, PRIMARY KEY (tenant, customer));
CREATE TABLE t.linked (tenant text, customer text, k int, PRIMARY KEY (tenant, customer, k), FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
CREATE TABLE t.parts (tenant text, customer text, k int, PRIMARY KEY (tenant, customer, k), FOREIGN KEY (customer, tenant) REFERENCES flowcustomer.customer (customer_uid, tenant_uid)) PARTITION BY LIST (k);
CREATE TABLE t.parts1 PARTITION OF t.parts FOR VALUES IN (1, 2);
CREATE TABLE t.parts2 PARTITION OF t.parts DEFAULT;

CREATE FUNCTION t.fill() RETURNS void LANGUAGE sql AS $$
	TRUNCATE t.visit, "o""ut; side"."poi""nts", t.preference, t.linked, t.parts;
	INSERT INTO t.visit VALUES (1, 'one', 'a', '1'), (2, 'one', 'b', '2'), (3, 'one', 'b', E'"\\\n'), (4, 'two', 'b', 'other'), (5, NULL, 'b', 'nobody''s');
	INSERT INTO "o""ut; side"."poi""nts" ("te""nant", "cus'tomer", program, balance, label) VALUES ('one', 'a', 'x', 5, 'A'), ('one', 'b', 'x', 7, 'B'), ('one', 'b', 'y', 1, NULL), ('two', 'b', 'x', 100, '');
	INSERT INTO t.preference VALUES ('one', 'a', 'a''s'), ('one', 'b', 'b''s'), ('two', 'b', 'other');
	INSERT INTO t.linked VALUES ('one', 'b', 1), ('one', 'b', 2), ('one', 'c', 1), ('two', 'b', 1);
	INSERT INTO t.parts VALUES ('one', 'b', 1), ('one', 'b', 9), ('one', 'a', 2);
$$;
-- Everything outside, as one value.
CREATE FUNCTION t.outside() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('visit', (SELECT jsonb_agg(v ORDER BY id) FROM t.visit AS v), 'points', (SELECT jsonb_agg(to_jsonb(p) - 'serial' ORDER BY p) FROM "o""ut; side"."poi""nts" AS p),
		'preference', (SELECT jsonb_agg(p ORDER BY p) FROM t.preference AS p), 'linked', (SELECT jsonb_agg(l ORDER BY l) FROM t.linked AS l), 'parts', (SELECT jsonb_agg(p ORDER BY p) FROM t.parts AS p))
$$;
CREATE FUNCTION t.points() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', "te""nant", "cus'tomer", program, balance, share, label, double), ', ' ORDER BY "te""nant", "cus'tomer", program) FROM "o""ut; side"."poi""nts"
$$;
CREATE FUNCTION t.merge(survivor text, duplicate text) RETURNS text LANGUAGE sql AS $$
	SELECT t.error(format('SELECT flowcustomer.customer_merge(''one'', %L, %L)', survivor, json_build_object('mergeFromCustomerUid', duplicate)))
$$;
CREATE FUNCTION t.undo(duplicate text) RETURNS json LANGUAGE sql AS $$
	SELECT flowcustomer.customer_merge_undo('one', merge_uid) FROM flowcustomer.merge WHERE tenant_uid = 'one' AND duplicate_uid = duplicate AND undone_at IS NULL
$$;
CREATE FUNCTION t.preview(survivor text, duplicate text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(r ->> 'relation', concat_ws(' ', r ->> 'onCollision', CASE WHEN (r ->> 'foreignKey')::boolean THEN 'fk' END, r ->> 'moved', r ->> 'kept', r ->> 'summed', r ->> 'archived', r ->> 'blocked'))
	FROM json_array_elements(flowcustomer.customer_merge_preview('one', survivor, json_build_object('mergeFromCustomerUid', duplicate)) -> 'references') AS r
$$;

-- Registering.
SELECT is(flowcustomer.reference_list()::jsonb, '{"items": [
	{"relation": "t.linked", "tenantColumn": "tenant", "customerColumn": "customer", "onCollision": "BLOCK", "foreignKey": true, "personalColumns": []},
	{"relation": "t.parts", "tenantColumn": "tenant", "customerColumn": "customer", "onCollision": "BLOCK", "foreignKey": true, "personalColumns": []}]}', 'tables with a foreign key are found by themselves, whatever order its columns have');
SELECT is(t.error(call), expected, call) FROM (VALUES
	($$SELECT flowcustomer.reference_register('t.visit', 'tenant', 'customer')$$, 'ok'),
	($$SELECT flowcustomer.reference_register('t.visit', 'tenant', 'customer', 'KEEP')$$, 'ok'),
	($$SELECT flowcustomer.reference_register('"o""ut; side"."poi""nts"', 'te"nant', 'cus''tomer', 'SUM')$$, 'ok'),
	($$SELECT flowcustomer.reference_register('t.preference', 'tenant', 'customer')$$, 'ok'),
	($$SELECT flowcustomer.reference_register('t.visit', 'tenant', 'customer', 'LOSE')$$, 'PT400: VALIDATION_FAILED onCollision'),
	($$SELECT flowcustomer.reference_register('t.visit', 'nope', 'id')$$, 'PT400: VALIDATION_FAILED tenantColumn; VALIDATION_FAILED customerColumn'),
	($$SELECT flowcustomer.reference_register(NULL, NULL, NULL, NULL)$$, 'PT400: VALIDATION_FAILED tenantColumn; VALIDATION_FAILED customerColumn; VALIDATION_FAILED onCollision; VALIDATION_FAILED relation'),
	($$SELECT flowcustomer.reference_register('flowcustomer.customer_address', 'tenant_uid', 'customer_uid')$$, 'PT400: VALIDATION_FAILED relation'),
	($$SELECT flowcustomer.reference_register('pg_catalog.pg_tables', 'schemaname', 'tablename')$$, 'PT400: VALIDATION_FAILED relation'),
	($$SELECT flowcustomer.reference_register(999999::regclass, 'a', 'b')$$, 'PT400: VALIDATION_FAILED relation'),
	($$SELECT flowcustomer.reference_remove('t.parts', 'customer')$$, 'PT404: REFERENCE_NOT_FOUND')) AS v(call, expected);
CREATE TABLE t.keyless (tenant text, customer text);
CREATE TEMP TABLE passing (tenant text, customer text PRIMARY KEY);
SELECT is(t.error($$SELECT flowcustomer.reference_register('t.keyless', 'tenant', 'customer')$$), 'PT400: VALIDATION_FAILED relation', 'without a primary key a row can''t be found again');
SELECT is(t.error($$SELECT flowcustomer.reference_register('passing', 'tenant', 'customer')$$), 'PT400: VALIDATION_FAILED relation', 'a temporary table is another one tomorrow');
SELECT is((SELECT count(*) FROM flowcustomer.reference), 3::bigint, 'what is registered again is changed');

-- A collision that blocks.
SELECT t.fill();
CREATE TABLE t.before AS SELECT t.outside() AS outside;
SELECT is(t.preview('a', 'b'), '{"t.visit": "KEEP 2 0 0 0 0", "\"o\"\"ut; side\".\"poi\"\"nts\"": "SUM 1 0 1 0 0", "t.preference": "BLOCK 0 0 0 0 1", "t.linked": "BLOCK fk 2 0 0 0 0", "t.parts": "BLOCK fk 2 0 0 0 0"}', 'a preview counts the rows of each table');
SELECT is(t.merge('a', 'b'), 'PT409: MERGE_BLOCKED', 'two rows where one can be block the merge');
SELECT is((SELECT j #>> '{blockers,0,message}' FROM flowcustomer.customer_merge_preview('one', 'a', '{"mergeFromCustomerUid": "b"}') AS j), 'Rows of t.preference can''t follow the merge', 'the preview tells which');
SELECT is(t.outside(), outside, 'and nothing has moved') FROM t.before;
SELECT is(flowcustomer.customer_get('one', 'b') ->> 'customerUid', 'b', 'nobody was merged');

-- Archived, summed and moved; and back.
SELECT flowcustomer.reference_register('t.preference', 'tenant', 'customer', 'ARCHIVE') \g /dev/null
SELECT is(t.preview('a', 'b') ->> 't.preference', 'ARCHIVE 0 0 0 1 0', 'registered in another way');
SELECT is(t.merge('a', 'b'), 'ok', 'it can be merged');
SELECT results_eq('SELECT id, tenant, customer::text FROM t.visit ORDER BY id', $$VALUES (1, 'one', 'a'), (2, 'one', 'a'), (3, 'one', 'a'), (4, 'two', 'b'), (5, NULL, 'b')$$, 'rows move, those of other tenants do not');
SELECT is(t.points(), 'one a x 12 1.00 A 24, one a y 1 0.50 2, two b x 100 0.50  200', 'numbers are added, the rest is the survivor''s');
SELECT results_eq('SELECT * FROM t.preference ORDER BY 1, 2', $$VALUES ('one', 'a', 'a''s'), ('two', 'b', 'other')$$, 'a row that is archived is taken out');
SELECT results_eq('SELECT * FROM t.linked ORDER BY 1, 2, 3', $$VALUES ('one', 'a', 1), ('one', 'a', 2), ('one', 'c', 1), ('two', 'b', 1)$$, 'foreign keys follow');
SELECT results_eq('SELECT * FROM t.parts ORDER BY 1, 2, 3', $$VALUES ('one', 'a', 1), ('one', 'a', 2), ('one', 'a', 9)$$, 'in all partitions');
SELECT is((SELECT jsonb_object_agg(r ->> 'relation', (r ->> 'returned') || ' ' || (r ->> 'gone')) FROM jsonb_array_elements(t.undo('b')::jsonb -> 'references') AS r),
	'{"t.visit": "2 0", "\"o\"\"ut; side\".\"poi\"\"nts\"": "2 0", "t.preference": "1 0", "t.linked": "2 0", "t.parts": "2 0"}', 'undone, all rows return');
SELECT is(t.outside(), outside, 'as they were') FROM t.before;

-- What was changed since.
SELECT is(t.merge('a', 'b'), 'ok', 'merged again');
DELETE FROM t.visit WHERE id = 2;
UPDATE t.visit SET customer = 'c', note = 'given away' WHERE id = 3;
INSERT INTO t.visit VALUES (6, 'one', 'a', 'came after');
UPDATE "o""ut; side"."poi""nts" SET balance = balance + 100 WHERE "te""nant" = 'one' AND program = 'x';
INSERT INTO t.preference VALUES ('one', 'b', 'somebody wrote this');
SELECT is((SELECT jsonb_object_agg(r ->> 'relation', (r ->> 'returned') || ' ' || (r ->> 'gone')) FROM jsonb_array_elements(t.undo('b')::jsonb -> 'references') AS r),
	'{"t.visit": "0 2", "\"o\"\"ut; side\".\"poi\"\"nts\"": "2 0", "t.preference": "0 1", "t.linked": "2 0", "t.parts": "2 0"}', 'undone, it tells what is gone');
SELECT results_eq('SELECT id, customer::text, note FROM t.visit ORDER BY id', $$VALUES (1, 'a', '1'), (3, 'c', 'given away'), (4, 'b', 'other'), (5, 'b', 'nobody''s'), (6, 'a', 'came after')$$, 'what went to somebody else stays there, what came after too');
SELECT is(t.points(), 'one a x 105 0.50 A 210, one b x 7 0.50 B 14, one b y 1 0.50 2, two b x 100 0.50  200', 'amounts are taken off again, what was added since stays');
SELECT is((SELECT value FROM t.preference WHERE tenant = 'one' AND customer = 'b'), 'somebody wrote this', 'a place that is taken stays so');

-- Kept.
SELECT t.fill();
SELECT flowcustomer.reference_register('t.preference', 'tenant', 'customer', 'KEEP') \g /dev/null
SELECT is(t.preview('a', 'b') ->> 't.preference', 'KEEP 0 1 0 0 0', 'a row can be kept');
SELECT is(t.merge('a', 'b'), 'ok', 'where nothing forces it to move');
SELECT is((SELECT value FROM t.preference WHERE tenant = 'one' AND customer = 'b'), 'b''s', 'it names the merged-away customer');
SELECT is(t.undo('b') ->> 'restoredCustomerUid', 'b', 'who can return');
INSERT INTO t.linked VALUES ('one', 'a', 1);
SELECT flowcustomer.reference_register('t.linked', 'tenant', 'customer', 'KEEP') \g /dev/null
SELECT is(t.merge('a', 'b'), 'PT409: MERGE_BLOCKED', 'with a foreign key it can''t be kept');
SELECT flowcustomer.reference_register('t.linked', 'tenant', 'customer', 'SUM') \g /dev/null
SELECT is(t.merge('a', 'b'), 'PT409: MERGE_BLOCKED', 'nor summed, where there is nothing to add');
SELECT flowcustomer.reference_register('t.linked', 'tenant', 'customer', 'ARCHIVE') \g /dev/null
SELECT is(t.preview('a', 'b') ->> 't.linked', 'ARCHIVE fk 1 0 0 1 0', 'but archived');
SELECT is(t.merge('a', 'b'), 'ok', 'and merged');
SELECT is(t.undo('b') ->> 'restoredCustomerUid', 'b', 'and undone');
SELECT results_eq($$SELECT customer, k FROM t.linked WHERE tenant = 'one' ORDER BY 1, 2$$, $$VALUES ('a', 1), ('b', 1), ('b', 2), ('c', 1)$$, 'with both rows');
SELECT flowcustomer.reference_remove('t.linked', 'customer') \g /dev/null
SELECT is(t.preview('a', 'b') ->> 't.linked', 'BLOCK fk 1 0 0 0 1', 'without being registered it blocks');
DELETE FROM t.linked;

-- Constraints of other kinds.
CREATE TABLE t.slot (id int PRIMARY KEY, tenant text, customer text, during int4range, EXCLUDE USING gist (during WITH &&) WHERE (customer = 'a'), CHECK (customer <> 'd'));
INSERT INTO t.slot VALUES (1, 'one', 'a', '[1,5)'), (2, 'one', 'b', '[3,7)'), (3, 'one', 'b', '[8,9)'), (4, 'one', 'e', '[1,2)');
SELECT flowcustomer.reference_register('t.slot', 'tenant', 'customer') \g /dev/null
SELECT is(t.preview('a', 'b') ->> 't.slot', 'BLOCK 1 0 0 0 1', 'exclusion constraints can be broken too');
SELECT is(t.preview('d', 'e') ->> 't.slot', 'BLOCK 0 0 0 0 1', 'and checks');
SELECT flowcustomer.reference_register('t.slot', 'tenant', 'customer', 'SUM') \g /dev/null
SELECT is(t.merge('a', 'b'), 'PT409: MERGE_BLOCKED', 'with these there is no row to add to');
DROP TABLE t.slot;
SELECT is(t.merge('c', 'e'), 'PT409: MERGE_BLOCKED', 'a registered table that is gone blocks merges: it may only have another name now');
SELECT is(t.error($$DELETE FROM flowcustomer.reference WHERE relation_name = 'slot'$$), 'ok', 'until that is mended');

-- The table's owner is who moves its rows.
CREATE ROLE t_reference_owner;
GRANT USAGE ON SCHEMA t TO t_reference_owner;
CREATE TABLE t.owned (id int PRIMARY KEY, tenant text, customer text, moved_by text);
CREATE FUNCTION t.note_mover() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.moved_by := current_user; RETURN NEW; END $$;
CREATE TRIGGER note BEFORE UPDATE ON t.owned FOR EACH ROW EXECUTE FUNCTION t.note_mover();
INSERT INTO t.owned VALUES (1, 'one', 'e', '');
ALTER TABLE t.owned OWNER TO t_reference_owner;
SELECT flowcustomer.reference_register('t.owned', 'tenant', 'customer') \g /dev/null
SELECT is(t.merge('c', 'e'), 'ok', 'a table of somebody else');
SELECT results_eq('SELECT customer, moved_by FROM t.owned', $$VALUES ('c', 't_reference_owner')$$, 'is changed as that one would');
SELECT is(current_user::text, session_user::text, 'and only that');
-- A trigger that refuses.
CREATE OR REPLACE FUNCTION t.note_mover() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no: % is Kari Nordmann''s', OLD.customer; END $$;
SELECT is(t.error($$SELECT flowcustomer.customer_merge('one', 'f', '{"mergeFromCustomerUid": "c"}')$$), 'PT409: CONFLICT', 'what a trigger says is not repeated');
SELECT is(flowcustomer.customer_get('one', 'c') ->> 'customerUid', 'c', 'and nothing was merged');
DROP TABLE t.owned;
DELETE FROM flowcustomer.reference WHERE relation_name = 'owned';
DROP OWNED BY t_reference_owner;
DROP ROLE t_reference_owner;

-- Who owns a schema could put something of his own in a table's place, and have it run with the rights of the table's owner.
CREATE ROLE references_schema_owner;
CREATE SCHEMA lent AUTHORIZATION references_schema_owner;
CREATE TABLE lent.point (id integer PRIMARY KEY, tenant text, customer text);
SELECT is(t.error($$SELECT flowcustomer.reference_register('lent.point', 'tenant', 'customer')$$), 'PT400: VALIDATION_FAILED relation', 'a table in a schema of somebody else''s is not registered');
ALTER TABLE lent.point OWNER TO references_schema_owner;
SELECT is(t.error($$SELECT flowcustomer.reference_register('lent.point', 'tenant', 'customer')$$), 'ok', 'it is when the table is the same one''s');
ALTER TABLE lent.point OWNER TO CURRENT_USER;
CALL t.run('SELECT t.seed(''lent'')');
CALL t.run($$SELECT flowcustomer.customer_batch('lent', '{"create": [{"customerUid": "a", "customerType": "PERSON"}, {"customerUid": "b", "customerType": "PERSON"}]}')$$);
SELECT is(t.error($$SELECT flowcustomer.customer_merge('lent', 'a', '{"mergeFromCustomerUid": "b"}')$$), 'PT409: MERGE_BLOCKED', 'nor are its rows changed when that is so later');
DROP SCHEMA lent CASCADE;
DELETE FROM flowcustomer.reference WHERE relation_schema = 'lent';
DROP ROLE references_schema_owner;
-- A key that is checked at the end can't be: rows are moved in a context that allows nothing to be put off.
CREATE TABLE t.deferred (id integer PRIMARY KEY, tenant text, customer text, FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer DEFERRABLE INITIALLY DEFERRED);
INSERT INTO t.deferred VALUES (1, 'lent', 'b');
SELECT is(t.answer('POST', '/v2/tenants/lent/customers/a/merge', '{"mergeFromCustomerUid": "b"}'), '409 MERGE_BLOCKED', 'a deferred key blocks a merge, with an answer that says so');
SELECT * FROM finish();
