-- Outside directories that are searched where they are: what can be registered,
-- with whose rights it is read, and how it fails.
\ir include/helpers.psql
\ir include/external.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), t.seed(''other''), t.seed(''broken''), t.seed(''bare'')');

-- ---------------------------------------------------------------------
-- Registering, listing, removing
-- ---------------------------------------------------------------------

CREATE TABLE t.company (id text, name text, number varchar(20), since timestamptz, gone text, kind text);
ALTER TABLE t.company DROP COLUMN gone;
INSERT INTO t.company VALUES ('c1', 'Fjord Bygg AS', 'NO987654321MVA', '2020-02-29 12:00:00.1239+02', 'COMPANY'), ('c2', 'Lund Handel AB', 'SE556677889901', NULL, 'B2B');
CREATE TABLE t.answer AS SELECT flowcustomer.external_source_register('acme', 'companies', 't.company', '{"customerUid": "id", "companyName": "name"}') AS answer;
SELECT is(t.strip(answer), '{"name": "companies", "relation": {"schema": "t", "name": "company"}, "registrar": "postgres", "mapping": {"customerUid": "id", "companyName": "name"}}', 'a source, whole') FROM t.answer;
SELECT ok(answer ->> 'createdAt' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$' AND answer ->> 'createdAt' = answer ->> 'lastModifiedAt', 'with the times') FROM t.answer;
SELECT is((SELECT string_agg(key, ',') FROM t.answer, json_object_keys(answer) AS key), 'name,relation,registrar,mapping,createdAt,lastModifiedAt', 'in this order');
SELECT is(t.hits('acme'), '2: c1,c2', 'its rows are found');
CALL t.run('SELECT pg_sleep(0.01)');
CREATE TABLE t.again AS SELECT flowcustomer.external_source_register('acme', 'companies', 't.company', '{"customerUid": "id", "companyName": "name", "vatNumber": "number", "customerType": {"value": "B2B"}, "createdAt": "since"}') AS answer;
SELECT is(t.strip(again.answer -> 'mapping') - 'createdAt', '{"customerUid": "id", "companyName": "name", "vatNumber": "number", "customerType": {"value": "B2B"}}', 'the same name again replaces it') FROM t.again;
SELECT ok(again.answer ->> 'createdAt' = answer.answer ->> 'createdAt' AND again.answer ->> 'lastModifiedAt' > answer.answer ->> 'lastModifiedAt', 'it is changed, not made anew') FROM t.again, t.answer;
SELECT is(t.sources('acme'), 'companies', 'there is one source');
SELECT is(t.strip(t.search('acme', '987654321') -> 'items'), '[{"customerUid": "c1", "customerType": "B2B", "firstname": "", "lastname": "", "companyName": "Fjord Bygg AS", "email": "", "mobile": "", "address": "", "postalCode": "", "city": "",
	"countryCode": "", "vatNumber": "NO987654321MVA", "externalId": "", "ledgerNumber": "", "pricelistUid": "", "origin": "companies"}]', 'an entry, whole');
SELECT is(t.search('acme', 'fjord') #>> '{items,0,createdAt}', '2020-02-29T10:00:00.123Z', 'a time that is mapped');
SELECT is(t.search('acme', 'lund') #>> '{items,0,createdAt}', answer ->> 'createdAt', 'where there is none, that of the source') FROM t.answer;
SELECT is(t.search('acme', 'fjord') #>> '{items,0,lastModifiedAt}', answer ->> 'createdAt', 'also where it is not mapped') FROM t.answer;
SELECT is(t.register('acme', name, 't.company', '{"customerUid": "id", "companyName": "name"}'), 'ok', 'the name ' || left(name, 20))
FROM unnest(ARRAY['Ærlig & Øst', 'x', '"; DROP TABLE t.company; --', repeat('ø', 255)]) AS name;
SELECT is(t.sources('acme'), concat_ws(',', '"; DROP TABLE t.company; --', 'companies', 'x', 'Ærlig & Øst', repeat('ø', 255)), 'the list is sorted by the name, byte for byte');
SELECT is(flowcustomer.external_source_list('acme', 2, 2) ->> 'paging', '{"pageNumber":2,"pageSize":2,"totalCount":5}', 'a page of the list');
SELECT is(t.uids(flowcustomer.external_source_list('acme', 2, 2), 'name'), 'x,Ærlig & Øst', 'with its sources');
SELECT is(t.strip(flowcustomer.external_source_list('acme', 1, 1, 'name', 'DESC') -> 'items' -> 0) - 'name', '{"relation": {"schema": "t", "name": "company"}, "registrar": "postgres", "mapping": {"customerUid": "id", "companyName": "name"}}', 'an item, whole');
SELECT is(t.uids(flowcustomer.external_source_list('acme', NULL, NULL, 'createdAt', 'ASC'), 'name') LIKE 'companies,%', true, 'the oldest first');
SELECT is(t.error(format('SELECT flowcustomer.external_source_list(''acme'', NULL, NULL, %L)', sort)), expected, 'sorted by ' || sort) FROM (VALUES ('relation.schema', 'ok'), ('relation.name', 'ok'),
	('registrar', 'ok'), ('lastModifiedAt', 'ok'), ('mapping', 'PT400: VALIDATION_FAILED sortBy'), ('relation', 'PT400: VALIDATION_FAILED sortBy'), ('tenant_uid', 'PT400: VALIDATION_FAILED sortBy')) AS v(sort, expected);
SELECT is(t.error(format('SELECT flowcustomer.external_source_list(%s)', arguments)), expected, 'external_source_list of ' || arguments) FROM (VALUES ('''nobody''', 'PT404: TENANT_NOT_FOUND'), ('NULL', 'PT400: VALIDATION_FAILED tenantUid'),
	('''acme'', 0, 1001', 'PT400: VALIDATION_FAILED pageNumber; VALIDATION_FAILED pageSize')) AS v(arguments, expected);
SELECT is(t.remove(tenant, name), expected, concat_ws(' ', 'remove', tenant, left(name, 20))) FROM (VALUES ('acme', 'x', 'ok'), ('acme', 'x', 'PT404: EXTERNAL_SOURCE_NOT_FOUND'), ('acme', 'Companies', 'PT404: EXTERNAL_SOURCE_NOT_FOUND'),
	('acme', '', 'PT404: EXTERNAL_SOURCE_NOT_FOUND'), ('nobody', 'companies', 'PT404: TENANT_NOT_FOUND'), ('a b', 'companies', 'PT400: VALIDATION_FAILED tenantUid'), ('acme', NULL, 'PT400: VALIDATION_FAILED name'),
	(NULL, NULL, 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED name'), ('acme', 'Ærlig & Øst', 'ok'), ('acme', '"; DROP TABLE t.company; --', 'ok'), ('acme', repeat('ø', 255), 'ok')) AS v(tenant, name, expected);
SELECT is(t.sources('acme') || (SELECT count(*) FROM t.company), 'companies2', 'what was removed is gone, the relation is not');

-- Arguments.
SELECT is(t.register(tenant, name, relation, mapping), expected, what) FROM (VALUES
	('nobody', 'x', 't.company', '{"customerUid": "id", "companyName": "name"}'::jsonb, 'PT404: TENANT_NOT_FOUND', 'an unknown tenant'),
	(NULL, NULL, NULL, NULL, 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED name; VALIDATION_FAILED mapping; VALIDATION_FAILED relation', 'nothing at all'),
	('acme', NULL, 't.company', '{}', 'PT400: VALIDATION_FAILED name', 'no name'),
	('acme', 'x', NULL, '{}', 'PT400: VALIDATION_FAILED relation', 'no relation'),
	('acme', 'x', 't.company', NULL, 'PT400: VALIDATION_FAILED mapping', 'no mapping'),
	('acme', '', 't.company', '{"customerUid": "id", "companyName": "name"}', 'PT400: VALIDATION_FAILED name', 'an empty name'),
	('acme', E' \t\n', 't.company', '{"customerUid": "id", "companyName": "name"}', 'PT400: VALIDATION_FAILED name', 'a blank name'),
	('acme', repeat('ø', 256), 't.company', '{"customerUid": "id", "companyName": "name"}', 'PT400: VALIDATION_FAILED name', 'a name that is too long'),
	('acme', '', 't.company', '{"companyName": 5}', 'PT400: VALIDATION_FAILED name; VALIDATION_FAILED $.companyName', 'a bad name and a bad mapping')
) AS v(tenant, name, relation, mapping, expected, what);

-- Mappings: every mistake, all at once.
SELECT is(t.register('acme', 'x', 't.company', mapping::jsonb), concat('PT400: ', 'VALIDATION_FAILED ' || replace(paths, ' ', '; VALIDATION_FAILED ')), mapping) FROM (VALUES
	('{"customerUid": "id", "companyName": "name", "nothing": "name"}', '$.nothing'),
	('{"customerUid": "id", "companyName": "name", "CompanyName": "name"}', '$.CompanyName'),
	('{"customerUid": "id", "companyName": "name", "displayName": "name"}', '$.displayName'),
	('{"customerUid": "id", "companyName": "name", "search_text": "name"}', '$.search_text'),
	('{"customerUid": "id", "companyName": "name", "tenantUid": "name"}', '$.tenantUid'),
	('{"customerUid": "id", "companyName": "name", "": "name"}', '$.'),
	('{"customerUid": "id", "companyName": 5}', '$.companyName'), ('{"customerUid": "id", "companyName": null}', '$.companyName'), ('{"customerUid": "id", "companyName": true}', '$.companyName'),
	('{"customerUid": "id", "companyName": ["name"]}', '$.companyName'), ('{"customerUid": "id", "companyName": {}}', '$.companyName'), ('{"customerUid": "id", "companyName": {"column": "name"}}', '$.companyName'),
	('{"customerUid": "id", "companyName": "name", "origin": {"value": 1}}', '$.origin'), ('{"customerUid": "id", "companyName": "name", "origin": {"value": null}}', '$.origin'),
	('{"customerUid": "id", "companyName": "name", "origin": {"value": {"value": "x"}}}', '$.origin'),
	('{"customerUid": "id", "companyName": "naam"}', '$.companyName'), ('{"customerUid": "id", "companyName": "Name"}', '$.companyName'), ('{"customerUid": "id", "companyName": "gone"}', '$.companyName'),
	('{"customerUid": "id", "companyName": ""}', '$.companyName'), ('{"customerUid": "id", "companyName": "name::text"}', '$.companyName'), ('{"customerUid": "id", "companyName": "\"name\""}', '$.companyName'),
	('{"customerUid": "ctid", "companyName": "name"}', '$.customerUid'), ('{"customerUid": "id", "companyName": "........pg.dropped.5........"}', '$.companyName'),
	('{"customerUid": "id", "companyName": "name", "customerType": {"value": "company"}}', '$.customerType'), ('{"customerUid": "id", "companyName": "name", "customerType": {"value": ""}}', '$.customerType'),
	('{"customerUid": "id", "companyName": "name", "pricelistUid": {"value": "a b"}}', '$.pricelistUid'), ('{"customerUid": {"value": "a b"}, "companyName": "name"}', '$.customerUid'), ('{"customerUid": {"value": ""}, "companyName": "name"}', '$.customerUid'),
	('{"customerUid": "id", "companyName": "name", "createdAt": {"value": "2025-07-30T18:12:05Z"}}', '$.createdAt'), ('{"customerUid": "id", "companyName": "name", "lastModifiedAt": {"value": "now"}}', '$.lastModifiedAt'),
	('{"customerUid": "id", "companyName": "name", "createdAt": "number"}', '$.createdAt'),
	('{"companyName": "name"}', '$.customerUid'), ('{"customerUid": "id"}', '$'), ('{"customerUid": "id", "address": "name", "externalId": "name"}', '$'), ('{"customerUid": "id", "companyName": {"value": "x"}}', '$'), ('{}', '$.customerUid $'),
	('[]', '$'), ('["id"]', '$'), ('5', '$'), ('"id"', '$'), ('true', '$'), ('null', '$'),
	('{"city": 1, "email": {"value": 2}, "nothing": 3, "createdAt": {"value": ""}, "customerUid": "id", "companyName": null, "customerType": {"value": "x"}}', '$.city $.email $.nothing $.createdAt $.companyName $.customerType'),
	('{"city": "no", "email": "nor this", "createdAt": "name", "customerUid": "id"}', '$.city $.email $.createdAt')
) AS v(mapping, paths);
SELECT is(t.register('acme', 'x', 't.company', '{"customerUid": "id", "companyName": "name", "pricelistUid": {"value": ""}, "origin": {"value": ""}, "city": {"value": "Oslo"}}'), 'ok', 'an empty value is none; a value can be searched too');
SELECT is(t.remove('acme', 'x'), 'ok', 'and go');
SELECT is(t.full_error(format('SELECT flowcustomer.external_source_register(''acme'', ''x'', ''t.%s'', %L)', relation, mapping)), E'PT400 ' || expected, split_part(expected, E'\n', 1)) FROM (VALUES
	('company', '{"customerUid": "id", "companyName": "naam"}', E'companyName does not name a column of the relation\ncode: VALIDATION_FAILED, path: $.companyName\nAccepted are: id, name, number, since, kind.'),
	('company', '{"customerUid": "id", "companyName": "name", "x": "name"}', E'x is not a field of an external customer\ncode: VALIDATION_FAILED, path: $.x\nAccepted are: customerUid, customerType, firstname, lastname, companyName, email, mobile, address, postalCode, city, countryCode, vatNumber, externalId, ledgerNumber, pricelistUid, origin, createdAt, lastModifiedAt.'),
	('company', '{"customerUid": "id", "companyName": 5}', E'companyName must be a column or a value\ncode: VALIDATION_FAILED, path: $.companyName\nGive the name of a column, or an object with the member value for what is the same in all rows.'),
	('company', '{"customerUid": "id", "companyName": "name", "customerType": {"value": "x"}}', E'customerType is not one of the accepted values\ncode: VALIDATION_FAILED, path: $.customerType\nAccepted are: PERSON, COMPANY, B2B.'),
	('company', '{"customerUid": "id", "companyName": "name", "createdAt": "number"}', E'createdAt names a column whose type does not do\ncode: VALIDATION_FAILED, path: $.createdAt\nAccepted are timestamp with time zone, timestamp and date.')
) AS v(relation, mapping, expected);

-- Types of columns.
CREATE EXTENSION citext SCHEMA t;
CREATE TYPE t.mood AS ENUM ('happy');
CREATE TYPE t.pair AS (a text, b text);
CREATE TYPE t.span AS RANGE (subtype = text);
CREATE DOMAIN t.label AS varchar(20) CHECK (value <> '');
CREATE DOMAIN t.feeling AS t.mood;
-- The value as a search shows it in a field that is mapped to a column of a type.
CREATE FUNCTION t.typed(type text, value text, field text DEFAULT 'companyName') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	DROP TABLE IF EXISTS t.typed;
	EXECUTE format('CREATE TABLE t.typed (id text, value %s)', type);
	EXECUTE format('INSERT INTO t.typed VALUES (''u'', %L)', value);
	result := t.register('other', 'typed', 't.typed', jsonb_build_object('customerUid', 'id', 'city', 'id', field, 'value'));
	RETURN CASE result WHEN 'ok' THEN t.search('other') -> 'items' -> 0 ->> field ELSE result END;
END $$;
SELECT is(t.typed(type, value), expected, concat_ws(' ', type, value)) FROM (VALUES
	('text', 'Åse', 'Åse'), ('varchar(20)', 'Åse ', 'Åse '), ('char(20)', 'Åse', 'Åse'), ('name', 'Åse', 'Åse'), ('"char"', 'x', 'x'), ('t.citext', 'Åse', 'Åse'), ('t.label', 'Åse', 'Åse'), ('smallint', '-5', '-5'), ('integer', '0042', '42'),
	('bigint', '9007199254740993', '9007199254740993'), ('numeric(10,2)', '12.5', '12.50'), ('boolean', 't', 'true'), ('uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('inet', '192.0.2.1', '192.0.2.1/32'),
	('jsonb', '{"a":1}', '{"a": 1}'), ('text[]', '{a,b}', '{a,b}'), ('text', NULL, ''), ('integer', NULL, ''),
	('t.mood', 'happy', 'PT400: VALIDATION_FAILED $.companyName'), ('t.feeling', 'happy', 'PT400: VALIDATION_FAILED $.companyName'), ('t.mood[]', '{happy}', 'PT400: VALIDATION_FAILED $.companyName'),
	('t.pair', '(a,b)', 'PT400: VALIDATION_FAILED $.companyName'), ('t.company', NULL, 'PT400: VALIDATION_FAILED $.companyName'), ('t.span', '[a,b)', 'PT400: VALIDATION_FAILED $.companyName')) AS v(type, value, expected);
SELECT is(t.typed(type, value, 'createdAt'), expected, format('createdAt of %s %s', type, value)) FROM (VALUES
	('timestamptz', '2025-07-30 20:12:05.6239+02', '2025-07-30T18:12:05.623Z'), ('timestamp', '2025-07-30 18:12:05', '2025-07-30T18:12:05.000Z'), ('date', '2024-02-29', '2024-02-29T00:00:00.000Z'),
	('text', '2025-07-30T18:12:05Z', 'PT400: VALIDATION_FAILED $.createdAt'), ('time', '18:12', 'PT400: VALIDATION_FAILED $.createdAt'), ('bigint', '1753899125', 'PT400: VALIDATION_FAILED $.createdAt'), ('interval', '1 day', 'PT400: VALIDATION_FAILED $.createdAt'),
	('t.label', 'now', 'PT400: VALIDATION_FAILED $.createdAt')) AS v(type, value, expected);
SELECT is(t.typed(type, value, 'pricelistUid'), expected, format('pricelistUid of %s', type)) FROM (VALUES ('bigint', '42', '42'), ('char(8)', 'list', 'list'), ('text', '', ''), ('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')) AS v(type, value, expected);
-- What no answer can show has to be refused or left out, never be an empty text where a time belongs.
SELECT matches(coalesce(nullif(t.error(format('SELECT t.typed(%L, %L, ''createdAt'')', type, value)), 'ok'), t.typed(type, value, 'createdAt')), '^(PT502: .*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$', format('createdAt of %s %s', type, value))
FROM (VALUES ('timestamptz', 'infinity'), ('timestamp', '-infinity'), ('date', '0044-03-15 BC'), ('date', '12000-01-01')) AS v(type, value);
-- Numbers are searched as texts are.
CREATE TABLE t.numbers (id bigint, phone bigint, vat integer, postal smallint, ledger numeric);
INSERT INTO t.numbers VALUES (1, 4791234567, 987654321, 150, 42), (2, 91234567, 987654399, 5003, 43);
SELECT is(t.register('other', 'typed', 't.numbers', '{"customerUid": "id", "mobile": "phone", "vatNumber": "vat", "postalCode": "postal", "ledgerNumber": "ledger"}'), 'ok', 'numbers');
SELECT is(t.hits('other', query), expected, 'numbers: ' || query) FROM (VALUES ('+47 912 34 567', '2: 1,2'), ('987 654 321', '1: 1'), ('5003', '1: 2'), ('150', '1: 1'), ('42', '0: '), ('9876543', '2: 1,2')) AS v(query, expected);

-- Relations.
CREATE VIEW t.company_view AS SELECT * FROM t.company;
CREATE MATERIALIZED VIEW t.company_snapshot AS SELECT * FROM t.company;
CREATE TABLE t.company_parts (LIKE t.company) PARTITION BY LIST (kind);
CREATE TABLE t.company_part PARTITION OF t.company_parts FOR VALUES IN ('COMPANY');
CREATE TABLE t.company_rest PARTITION OF t.company_parts DEFAULT;
INSERT INTO t.company_parts SELECT * FROM t.company;
CREATE UNLOGGED TABLE t.company_unlogged AS SELECT * FROM t.company;
CREATE TABLE t.company_child () INHERITS (t.company);
CREATE INDEX company_index ON t.company (id);
CREATE SEQUENCE t.company_sequence;
CREATE TEMP TABLE company_temp AS SELECT * FROM t.company;
CREATE TEMP VIEW company_temp_view AS SELECT * FROM t.company;
SELECT is(t.register('other', 'typed', relation, '{"customerUid": "id", "companyName": "name"}'), expected, relation) FROM (VALUES ('t.company', 'ok'), ('t.company_view', 'ok'), ('t.company_snapshot', 'ok'), ('t.company_parts', 'ok'), ('t.company_part', 'ok'),
	('t.company_unlogged', 'ok'), ('t.company_child', 'ok'), ('t.company_index', 'PT400: VALIDATION_FAILED relation'), ('t.company_sequence', 'PT400: VALIDATION_FAILED relation'), ('company_temp', 'PT400: VALIDATION_FAILED relation'),
	('company_temp_view', 'PT400: VALIDATION_FAILED relation'), ('t.pair', 'PT400: VALIDATION_FAILED relation'), ('999999', 'PT400: VALIDATION_FAILED relation'), ('0', 'PT400: VALIDATION_FAILED relation')) AS v(relation, expected);
SELECT is(t.register('other', 'typed', relation, '{"customerUid": "id", "companyName": "name"}') || ' ' || t.hits('other'), 'ok 2: c1,c2', relation || ' is searched') FROM unnest(ARRAY['t.company_view', 't.company_snapshot', 't.company_parts', 't.company_unlogged']) AS relation;
SELECT is(t.register('other', 'typed', '999999', '{"customerUid": 5}'), 'PT400: VALIDATION_FAILED relation; VALIDATION_FAILED $.customerUid', 'a bad relation and a bad mapping');

-- Names are never SQL.
CREATE SCHEMA "s""; DROP SCHEMA t; --";
CREATE TABLE "s""; DROP SCHEMA t; --"."x""; DROP TABLE t.company; --" ("Id 1" text, "na""me'; DROP TABLE t.company; --" text, "$1" text, "select" text, "back\slash %s" text, "ÆØÅ 🎿" text);
INSERT INTO "s""; DROP SCHEMA t; --"."x""; DROP TABLE t.company; --" VALUES ('q1', 'Quote', 'one@two.example', 'Select', '0150', 'Ås'), ('q2', 'Other', NULL, NULL, NULL, NULL);
CREATE VIEW "s""; DROP SCHEMA t; --"."V.w" AS SELECT "Id 1" AS "ID", 'Camel' AS "camelCase", 'lower' AS camelcase FROM "s""; DROP SCHEMA t; --"."x""; DROP TABLE t.company; --";
SELECT is(t.register('other', 'typed', format('%I.%I', 's"; DROP SCHEMA t; --', 'x"; DROP TABLE t.company; --'),
	'{"customerUid": "Id 1", "companyName": "na\"me''; DROP TABLE t.company; --", "email": "$1", "lastname": "select", "postalCode": "back\\slash %s", "city": "ÆØÅ 🎿"}'), 'ok', 'names that need quotes');
SELECT is(t.hits('other', query), '1: q1', 'names that need quotes: ' || query) FROM unnest(ARRAY['quote', 'two.example', 'select', '0150', 'ås', 'quote select 0150']) AS query;
SELECT is(t.search('other', 'quote') #>> '{items,0,postalCode}', '0150', 'each column in its field');
SELECT is(flowcustomer.external_source_list('other') -> 'items' -> 0 ->> 'relation', '{"schema":"s\"; DROP SCHEMA t; --","name":"x\"; DROP TABLE t.company; --"}', 'the list tells them');
SELECT is(t.register('other', 'typed', format('%I.%I', 's"; DROP SCHEMA t; --', 'V.w'), '{"customerUid": "ID", "companyName": "camelCase"}'), 'ok', 'capitals and dots in names');
SELECT is(t.search('other') #>> '{items,0,companyName}', 'Camel', 'it is the column with the capital');
SET quote_all_identifiers = on;
SELECT is(t.hits('other', 'camel'), '2: q1,q2', 'the caller''s way to quote does not matter');
RESET quote_all_identifiers;
SELECT is(t.remove('other', 'typed') || t.hits('other'), 'ok0: ', 'a removed source is not searched');

-- ---------------------------------------------------------------------
-- Rights
-- ---------------------------------------------------------------------

-- The keeper has the directories.  The clerk may call the functions, as a member
-- of the role that owns them, and reads what the keeper lets it; so may one who leaves.
CREATE ROLE t_external_keeper;
CREATE ROLE t_external_clerk;
CREATE ROLE t_external_leaver;
SELECT format('GRANT %I TO t_external_clerk, t_external_leaver', rolname) FROM pg_roles WHERE oid = (SELECT nspowner FROM pg_namespace WHERE nspname = 'flowcustomer') \gexec
CREATE TABLE t.kept (id text, name text, town text);
INSERT INTO t.kept VALUES ('k1', 'Kari Nordmann', 'Oslo'), ('k2', 'Kari Lund', 'Bergen');
CREATE VIEW t.kept_view AS SELECT * FROM t.kept;
CREATE MATERIALIZED VIEW t.kept_snapshot AS SELECT * FROM t.kept;
CREATE TABLE t.kept_rows AS SELECT * FROM t.kept;
ALTER TABLE t.kept_rows ENABLE ROW LEVEL SECURITY;
CREATE VIEW t.reader AS SELECT id, name, current_user::text AS reader FROM t.kept_snapshot;
ALTER TABLE t.kept OWNER TO t_external_keeper;
ALTER VIEW t.kept_view OWNER TO t_external_keeper;
ALTER MATERIALIZED VIEW t.kept_snapshot OWNER TO t_external_keeper;
ALTER TABLE t.kept_rows OWNER TO t_external_keeper;
CREATE FUNCTION t.keep(relation text) RETURNS text LANGUAGE sql AS $$ SELECT t.register('broken', 'kept', relation, '{"customerUid": "id", "companyName": "name"}') $$;

SET ROLE t_external_clerk;
SELECT is(t.keep('t.kept'), 'PT502: EXTERNAL_SOURCE_FAILED', 'a table that the registrar may not read');
SELECT is(t.sources('broken'), '', 'is not registered');
RESET ROLE;
GRANT SELECT ON t.kept, t.kept_view, t.kept_rows, t.kept_snapshot TO t_external_clerk, t_external_leaver;
GRANT USAGE ON SCHEMA t TO t_external_keeper;
SET ROLE t_external_clerk;
SELECT is(t.keep('t.kept'), 'ok', 'one that it may read');
SELECT is(t.hits('broken', 'kari'), '2: k2,k1', 'and search');
SELECT is(flowcustomer.external_source_list('broken') #>> '{items,0,registrar}', 't_external_clerk', 'the list tells who registered it');
SELECT is(t.keep(relation), expected, 'the clerk and ' || relation) FROM (VALUES ('t.kept_view', 'PT400: VALIDATION_FAILED relation'), ('t.kept_rows', 'PT400: VALIDATION_FAILED relation'), ('t.kept_snapshot', 'ok'), ('t.reader', 'ok')) AS v(relation, expected);
RESET ROLE;
SELECT is(t.search('broken', 'kari') #>> '{items,0,companyName}', 'Kari Lund', 'somebody else searches what the clerk registered');
SELECT is(t.register('broken', 'kept', 't.reader', '{"customerUid": "id", "companyName": "reader"}'), 'ok', 'a view that shows who reads it');
SELECT is(t.hits('broken', 'postgres'), '2: k1,k2', 'that is the registrar');
SET ROLE t_external_clerk;
SELECT is(t.register('broken', 'kept', 't.reader', '{"customerUid": "id", "companyName": "reader"}'), 'ok', 'registered again by the clerk');
SELECT is(t.search('broken') #>> '{items,0,companyName}', 't_external_clerk', 'it is the clerk now');
RESET ROLE;
SELECT is(t.search('broken') #>> '{items,0,companyName}', 't_external_clerk', 'whoever searches');
SELECT is(t.keep(relation), expected, 'a superuser and ' || relation) FROM (VALUES ('t.kept_view', 'ok'), ('t.kept_rows', 'ok'), ('t.kept', 'ok')) AS v(relation, expected);
-- What runs there runs as its owner, who has not got a superuser's rights.
CREATE VIEW t.kept_reader AS SELECT 'r1' AS id, current_user::text AS name;
ALTER VIEW t.kept_reader OWNER TO t_external_keeper;
SELECT is(t.keep('t.kept_reader'), 'ok', 'a superuser and somebody else''s view');
SELECT is(t.search('broken') #>> '{items,0,companyName}', 't_external_keeper', 'is read as its owner');
SET ROLE t_external_clerk;
SELECT is(t.full_error($$SELECT flowcustomer.external_source_register('broken', 'kept', 't.kept_view', '{"customerUid": "id", "companyName": "name"}')$$),
	E'PT400 relation is a relation whose owner could run functions with your rights\ncode: VALIDATION_FAILED, path: relation\nRegister it as t_external_keeper, or make a view of your own.', 'somebody else''s view');
RESET ROLE;
GRANT t_external_clerk TO t_external_keeper;
SET ROLE t_external_clerk;
SELECT is(t.keep('t.kept_view'), 'ok', 'the view of one who has the clerk''s rights anyway');
RESET ROLE;
REVOKE t_external_clerk FROM t_external_keeper;
SELECT is(t.failure('broken'), 'PT502 The external source "kept" (its relation is no longer what was registered) could not be read', 'until these are gone');
-- The rows that the registrar may see.
ALTER TABLE t.kept_rows OWNER TO t_external_clerk;
ALTER TABLE t.kept_rows FORCE ROW LEVEL SECURITY;
CREATE POLICY oslo ON t.kept_rows TO t_external_clerk USING (town = 'Oslo');
SET ROLE t_external_clerk;
SELECT is(t.keep('t.kept_rows'), 'ok', 'a table of its own with row security');
RESET ROLE;
SELECT is(t.hits('broken', 'kari'), '1: k1', 'a superuser''s search sees no more rows than the registrar');
-- Rights that are lost.
SET ROLE t_external_clerk;
SELECT is(t.keep('t.kept'), 'ok', 'registered by the clerk');
RESET ROLE;
REVOKE SELECT ON t.kept FROM t_external_clerk;
SELECT is(t.full_error($$SELECT flowcustomer.customer_search_external('broken', '{"query": "kari"}')$$), E'PT502 The external source "kept" (SQLSTATE 42501, the role that registered it may not read it) could not be read\ncode: EXTERNAL_SOURCE_FAILED\n'
	'Let an administrator look at the relation, its server and the rights of the role that registered it.', 'the registrar lost its right: a superuser''s search fails too');
GRANT SELECT (id, town) ON t.kept TO t_external_clerk;
SELECT is(t.failure('broken'), 'PT502 The external source "kept" (SQLSTATE 42501, the role that registered it may not read it) could not be read', 'all columns have to be readable');
GRANT SELECT (name) ON t.kept TO t_external_clerk;
SELECT is(t.hits('broken', 'kari'), '2: k2,k1', 'these are enough');
SET ROLE t_external_leaver;
SELECT is(t.keep('t.kept'), 'ok', 'registered by one who leaves');
RESET ROLE;
DROP OWNED BY t_external_leaver;
DROP ROLE t_external_leaver;
SELECT is(t.failure('broken'), 'PT502 The external source "kept" (SQLSTATE 42704, the role that registered it, or something else, does not exist) could not be read', 'the registrar is gone');
SELECT is(t.keep('t.kept'), 'ok', 'somebody else can register it again');
-- Whoever owns a table must not get at the registrar's rights by what hangs on it.
CREATE SCHEMA t_trap AUTHORIZATION t_external_keeper;
GRANT USAGE ON SCHEMA t TO t_external_keeper;
SET ROLE t_external_keeper;
CREATE TABLE t_trap.ran (who text);
CREATE TABLE t_trap.kept AS SELECT 'k1'::text AS id, 'Kari'::text AS name;
CREATE FUNCTION t_trap.note() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t_trap.ran VALUES (current_user); RETURN 1; END $$;
CREATE FUNCTION t_trap.one() RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN t_trap.note(); END $$;
CREATE INDEX ON t_trap.kept ((t_trap.one()));
RESET ROLE;
SELECT matches(t.keep('t_trap.kept'), '^(ok|PT400: VALIDATION_FAILED relation)$', 'a table with an index over the owner''s function');
SELECT is(t.error('SELECT t.search(''broken'', ''kari'')'), 'ok', 'is searched, or was refused');
SELECT is_empty('SELECT DISTINCT who FROM t_trap.ran WHERE who <> ''t_external_keeper''', 'either way nobody else ran it');
DROP SCHEMA t_trap CASCADE;

-- ---------------------------------------------------------------------
-- Sources that fail
-- ---------------------------------------------------------------------

-- Registers a new table, does something to it and tells how a search fails.
CREATE FUNCTION t.broken(change text, query text DEFAULT 'kari') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	CREATE SCHEMA t_victim;
	CREATE TABLE t_victim.victim (id text, name text, type text, list text);
	INSERT INTO t_victim.victim VALUES ('v1', 'Kari Nordmann', 'PERSON', 'a'), ('v2', 'Ola', NULL, NULL);
	result := t.register('broken', 'kept', 't_victim.victim', '{"customerUid": "id", "companyName": "name", "customerType": "type", "pricelistUid": "list"}');
	IF result <> 'ok' THEN RETURN result; END IF;
	EXECUTE change;
	result := CASE t.failure('broken', query) WHEN 'ok' THEN t.hits('broken', query) ELSE t.failure('broken', query) END;
	DROP SCHEMA IF EXISTS t_victim CASCADE;
	DROP SCHEMA IF EXISTS t_moved CASCADE;
	RETURN result;
END $$;
SELECT is(t.broken(change), CASE WHEN expected ~ '^\d+: ' THEN expected ELSE 'PT502 The external source "kept" (' || expected || ') could not be read' END, change) FROM (VALUES
	('SELECT', '1: v1'),
	('DROP TABLE t_victim.victim', 'SQLSTATE 42P01, a relation does not exist'),
	('DROP SCHEMA t_victim CASCADE', 'SQLSTATE 3F000, a schema does not exist'),
	('ALTER TABLE t_victim.victim RENAME TO other', 'SQLSTATE 42P01, a relation does not exist'),
	('CREATE SCHEMA t_moved; ALTER TABLE t_victim.victim SET SCHEMA t_moved', 'SQLSTATE 42P01, a relation does not exist'),
	('ALTER TABLE t_victim.victim RENAME name TO other', 'its relation is no longer what was registered'),
	('ALTER TABLE t_victim.victim DROP list', 'its relation is no longer what was registered'),
	('ALTER TABLE t_victim.victim ALTER name TYPE t.mood USING ''happy''', 'its relation is no longer what was registered'),
	('ALTER TABLE t_victim.victim ALTER name TYPE varchar(100)', '1: v1'),
	('ALTER TABLE t_victim.victim ADD more text, DROP name; ALTER TABLE t_victim.victim ADD name text DEFAULT ''Kari''', '2: v2,v1'),
	('ALTER TABLE t_victim.victim OWNER TO t_external_keeper', 'SQLSTATE 42501, the role that registered it may not read it'),
	('GRANT USAGE ON SCHEMA t_victim TO t_external_keeper; ALTER TABLE t_victim.victim OWNER TO t_external_keeper', '1: v1'),
	('DROP TABLE t_victim.victim; CREATE SEQUENCE t_victim.victim', 'its relation is no longer what was registered'),
	('DROP TABLE t_victim.victim; CREATE VIEW t_victim.victim AS SELECT ''v3'' AS id, ''Kari'' AS name, '''' AS type, '''' AS list', '1: v3'),
	('DROP TABLE t_victim.victim; CREATE VIEW t_victim.victim AS SELECT ''v3'' AS id, ''Kari'' AS name, '''' AS type, '''' AS list; ALTER VIEW t_victim.victim OWNER TO t_external_keeper', 'SQLSTATE 42501, the role that registered it may not read it'),
	('UPDATE t_victim.victim SET id = NULL', 'a row has no valid customerUid'), ('UPDATE t_victim.victim SET id = ''''', 'a row has no valid customerUid'), ('UPDATE t_victim.victim SET id = ''a b''', 'a row has no valid customerUid'),
	('UPDATE t_victim.victim SET id = repeat(''x'', 256)', 'a row has no valid customerUid'), ('UPDATE t_victim.victim SET id = ''ø''', 'a row has no valid customerUid'),
	('UPDATE t_victim.victim SET type = ''person''', 'a row has no valid customerType'), ('UPDATE t_victim.victim SET list = ''a b''', 'a row has no valid pricelistUid'),
	('UPDATE t_victim.victim SET id = NULL WHERE name = ''Ola''', '1: v1'), ('TRUNCATE t_victim.victim', '0: ')) AS v(change, expected);
-- Errors that rows cause are told by their state, as their texts quote the rows.
CREATE TABLE t.secret (id text, name text);
CREATE FUNCTION t.complain(name text, state text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no good: %', name USING ERRCODE = state, DETAIL = name, HINT = name, COLUMN = name; END $$;
-- Everything that there is about an error, a line each.
CREATE FUNCTION t.said(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text; message text; detail text; hint text; context text; columns text; constraints text; datatype text; relation text; schema text;
BEGIN
	EXECUTE statement;
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT,
		columns = COLUMN_NAME, constraints = CONSTRAINT_NAME, datatype = PG_DATATYPE_NAME, relation = TABLE_NAME, schema = SCHEMA_NAME;
	RETURN concat_ws(E'\n', state, message, detail, hint, context, columns, constraints, datatype, relation, schema);
END $$;
CREATE FUNCTION t.told(expression text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	TRUNCATE t.secret;
	EXECUTE format('CREATE VIEW t.telling AS SELECT id, %s AS name FROM t.secret', expression);
	result := t.keep('t.telling');
	INSERT INTO t.secret VALUES ('s1', 'Kari Nordmann');
	IF result = 'ok' THEN
		result := t.said('SELECT t.search(''broken'')');
	END IF;
	DROP VIEW t.telling;
	RETURN result;
END $$;
SELECT is(CASE WHEN told ~* 'kari|nordmann' THEN told ELSE split_part(told, E'\n', 2) END, format('The external source "kept" (SQLSTATE %s) could not be read', state), 'nothing of the row is told by ' || expression) FROM (VALUES
	('(''Kari Nordmann '' || name)::integer::text', '22P02'), ('(1 / (length(name) - length(name)))::text', '22012'), ('(name::date)::text', '22007'), ('(name::json)::text', '22P02'), ('(name::uuid)::text', '22P02'),
	('t.complain(name, ''P0001'')', 'P0001'), ('t.complain(name, ''23514'')', '23514'), ('t.complain(name, ''40001'')', '40001'), ('t.complain(name, ''PT400'')', 'PT400')) AS v(expression, state), t.told(expression);
-- These states are those of relations and servers that don't work, but rows can cause them too.
SELECT doesnt_imatch(told, 'kari|nordmann', 'nothing of the row is told by ' || expression) || E'\n' || matches(told, '^PT502\nThe external source "kept" \(SQLSTATE ' || state, 'but the state is') FROM (VALUES
	('to_tsquery(''simple'', name)::text', '42601'), ('(''"'' || name || ''"'')::regclass::text', '42P01'), ('pg_read_file(name)', '58P01'), ('t.complain(name, ''42501'')', '42501'), ('t.complain(name, ''HV000'')', 'HV000'), ('t.complain(name, ''08006'')', '08006'), ('t.complain(name, ''57000'')', '57000')) AS v(expression, state), t.told(expression);
-- A view that searches itself comes to an end.
CREATE TABLE t.mirror (id text, name text);
SELECT is(t.keep('t.mirror'), 'ok', 'a relation');
DROP TABLE t.mirror;
CREATE VIEW t.mirror AS SELECT item ->> 'customerUid' AS id, item ->> 'companyName' AS name FROM json_array_elements(flowcustomer.customer_search_external('broken', '{}') -> 'items') AS item;
SELECT is(t.failure('broken'), 'PT502 The external source "kept" (SQLSTATE PT502) could not be read', 'that became a search of itself');
DROP VIEW t.mirror;
-- In the tenant's language, over HTTP, of several; and what a failure leaves behind.
CALL t.run('SELECT flowcustomer.tenant_put(''broken'', ''{"locale": "nb"}'')');
SELECT is(t.failure('broken'), 'PT502 Den eksterne kilden "kept" (SQLSTATE 42P01, a relation does not exist) kunne ikke leses', 'in Norwegian');
CALL t.run('SELECT flowcustomer.tenant_put(''broken'', ''{"locale": "en"}'')');
SELECT is(t.answer('POST', '/v2/tenants/broken/customers/search/external', '{"query": "kari"}'), '502 EXTERNAL_SOURCE_FAILED', 'over HTTP');
SELECT is(t.answer('POST', '/v2/tenants/acme/customers/search/external', '{"query": "fjord"}'), '200', 'over HTTP what works');
SELECT is(t.register('broken', 'good', 't.company', '{"customerUid": "id", "companyName": "name"}'), 'ok', 'another source');
SELECT is(t.failure('broken', 'fjord'), 'PT502 The external source "kept" (SQLSTATE 42P01, a relation does not exist) could not be read', 'no part of an answer comes without the rest');
CREATE TABLE t.mirror (id integer, name text);
BEGIN;
ALTER TABLE t.mirror RENAME name TO other;
SELECT is(t.failure('broken', 'fjord'), 'PT502 The external source "kept" (its relation is no longer what was registered) could not be read', 'a failure in a transaction');
ALTER TABLE t.mirror RENAME other TO name;
INSERT INTO t.mirror VALUES (7, 'Fjord');
SELECT is(t.hits('broken', 'fjord'), '2: 7,c1', 'which goes on, and sees its own changes');
COMMIT;
SELECT is(t.hits('broken', 'fjord'), '2: 7,c1', 'and commits them');
BEGIN READ ONLY;
SELECT is(t.hits('broken', 'fjord'), '2: 7,c1', 'in a transaction that only reads');
ROLLBACK;
-- A cancel is no failure of the source.
CREATE FUNCTION t.state(statement text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN 'ok'; EXCEPTION WHEN query_canceled OR OTHERS THEN RETURN SQLSTATE; END $$;
CREATE VIEW t.slow AS SELECT id, name, pg_sleep(60)::text AS waited FROM t.secret;
TRUNCATE t.secret;
SELECT is(t.register('broken', 'kept', 't.slow', '{"customerUid": "id", "companyName": "name", "address": "waited"}'), 'ok', 'a slow view');
INSERT INTO t.secret VALUES ('s1', 'Kari');
SET statement_timeout = '300ms';
SELECT is(t.state('SELECT t.search(''broken'', ''kari'')'), '57014', 'a search that takes too long is cancelled');
RESET statement_timeout;
SELECT is(t.remove('broken', 'kept') || ' ' || t.hits('broken', 'fjord'), 'ok 1: c1', 'a source that fails can be removed');

-- ---------------------------------------------------------------------
-- Tenants, and texts that mean something elsewhere
-- ---------------------------------------------------------------------

CALL t.run('SELECT flowcustomer.tenant_put(''brief'', ''{"name": "Brief"}'')');
SELECT is(t.register('acme', 'companies', 't.company', '{"customerUid": "id", "companyName": "name"}') || t.register('brief', 'companies', 't.mirror', '{"customerUid": "id", "companyName": "name"}'), 'okok', 'two tenants have sources of one name');
SELECT is(t.hits(tenant, 'fjord'), expected, tenant || ' finds its own') FROM (VALUES ('acme', '1: c1'), ('brief', '1: 7'), ('other', '0: ')) AS v(tenant, expected);
SELECT is(t.remove('other', 'companies'), 'PT404: EXTERNAL_SOURCE_NOT_FOUND', 'a third one has none to remove');
SELECT is(t.remove('brief', 'companies') || t.hits('brief', 'fjord') || t.hits('acme', 'fjord'), 'ok0: 1: c1', 'the one''s goes, the other''s stays');
SELECT is(t.register('brief', 'companies', 't.mirror', '{"customerUid": "id", "companyName": "name"}'), 'ok', 'and comes again');
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''brief'')'), 'ok', 'a tenant goes with its sources');
SELECT is((SELECT count(*) FROM flowcustomer.external_source WHERE tenant_uid = 'brief'), 0::bigint, 'none is left');
CALL t.run('SELECT flowcustomer.tenant_put(''brief'', ''{"name": "Brief"}'')');
SELECT is(t.sources('brief') || t.hits('brief'), '0: ', 'nor found by a new tenant of this name');
SELECT is(t.sources('acme'), 'companies', 'the other tenant keeps its own');
CREATE TABLE x ();
SELECT is(t.hits('acme', query), '1: c1', 'a word among signs: ' || query) FROM unnest(ARRAY['fjord''; --', 'fjord%', '%fjord', 'fjord\', '[fjord', '(fjord', '*fjord', '+fjord?', 'fjord$', '^fjord', '{fjord}', 'fjord''', '"fjord"', '$$fjord$$', ':fjord', 'fjord/**/', 'fjord|bygg', '(?:fjord)']) AS query;
SELECT is(t.hits('acme', query), '0: ', 'no such company: ' || query) FROM unnest(ARRAY['''; DROP TABLE x; --', 'fjord''; DROP TABLE x; --', '''); DROP TABLE x; --', '\''; DROP TABLE x; --', 'fjord'' OR ''1''=''1', '\mfjord\M']) AS query;
SELECT is(t.hits('acme', query), '0: ', 'no word: ' || query) FROM unnest(ARRAY['%', '\', '[', '(', '*', '+', '?', '.', '^', '$', '|', '''', '"', '--', '/**/', ';', '\\', '\d', '\w+', '.*', '[[:alpha:]]', '(?i)', '(?=q)', '***=fjord q', '$1', '{1,5}', 'fj.rd', 'fj[o]rd', 'f.*d']) AS query;
SELECT has_table('x', 'the table is still there');
SELECT is(t.error(format('SELECT t.search(''acme'', %L)', query)), expected, what) FROM (VALUES (repeat('x', 10000), 'PT400: VALIDATION_FAILED $.query', '10,000 characters are too many'), (repeat('ø', 1001), 'PT400: VALIDATION_FAILED $.query', '1,001 too'), (repeat('ø', 1000), 'ok', '1,000 are not')) AS v(query, expected, what);

REASSIGN OWNED BY t_external_clerk, t_external_keeper TO CURRENT_USER;
DROP OWNED BY t_external_clerk, t_external_keeper;
DROP ROLE t_external_clerk, t_external_keeper;

SELECT * FROM finish();
