-- Outside directories that are searched where they are: what can be registered,
-- and that a search finds there what it finds in our own table.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), t.seed(''other''), t.seed(''broken''), t.seed(''stored''), t.seed(''source'')');

CREATE FUNCTION t.register(tenant text, name text, relation text, mapping jsonb) RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.external_source_register(%L, %L, %L::regclass, %L)', tenant, name, relation, mapping)) $$;
CREATE FUNCTION t.remove(tenant text, name text) RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.external_source_remove(%L, %L)', tenant, name)) $$;
CREATE FUNCTION t.search(tenant text, query text DEFAULT '', number integer DEFAULT 1, size integer DEFAULT 1000, sort text DEFAULT NULL, direction text DEFAULT NULL)
RETURNS json LANGUAGE sql AS
$$ SELECT flowcustomer.customer_search_external(tenant, json_build_object('query', query), number, size, sort, direction) $$;
-- What a search finds as "total: uid,uid".
CREATE FUNCTION t.hits(tenant text, query text DEFAULT '') RETURNS text LANGUAGE sql AS
$$ SELECT concat(page -> 'paging' ->> 'totalCount', ': ', t.uids(page)) FROM t.search(tenant, query) AS page $$;
-- The state and the message of a search that fails, or "ok".
CREATE FUNCTION t.failure(tenant text, query text DEFAULT 'kari') RETURNS text LANGUAGE sql AS
$$ SELECT split_part(t.full_error(format('SELECT t.search(%L, %L)', tenant, query)), E'\n', 1) $$;
CREATE FUNCTION t.sources(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT t.uids(flowcustomer.external_source_list(tenant), 'name') $$;

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
SELECT matches(t.error(format('SELECT t.typed(%L, %L, ''createdAt'')', type, value)) || coalesce(t.typed(type, value, 'createdAt'), ''), '^(PT502: .*|ok\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$', format('createdAt of %s %s', type, value))
FROM (VALUES ('timestamptz', 'infinity'), ('timestamp', '-infinity'), ('date', '0044-03-15 BC'), ('date', '12000-01-01')) AS v(type, value);
-- Numbers are searched as texts are.
CREATE TABLE t.numbers (id bigint, phone bigint, vat integer, postal smallint, ledger numeric);
INSERT INTO t.numbers VALUES (1, 4791234567, 987654321, 150, 42), (2, 91234567, 987654399, 5003, 43);
SELECT is(t.register('other', 'typed', 't.numbers', '{"customerUid": "id", "mobile": "phone", "vatNumber": "vat", "postalCode": "postal", "ledgerNumber": "ledger"}'), 'ok', 'numbers');
SELECT is(t.hits('other', query), expected, 'numbers: ' || query) FROM (VALUES ('+47 912 34 567', '2: 2,1'), ('987 654 321', '1: 1'), ('5003', '1: 2'), ('150', '1: 1'), ('42', '0: '), ('9876543', '2: 1,2')) AS v(query, expected);

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
SELECT is(t.register('other', 'typed', format('%I.%I', 's"; DROP SCHEMA t; --', 'V.w'), '{"customerUid": "ID", "companyName": "camelCase"}') || t.search('other') #>> '{items,0,companyName}', 'okCamel', 'capitals and dots in names');
SET quote_all_identifiers = on;
SELECT is(t.hits('other', 'camel'), '2: q1,q2', 'the caller''s way to quote does not matter');
RESET quote_all_identifiers;
SELECT is(t.remove('other', 'typed') || t.hits('other'), 'ok0: ', 'a removed source is not searched');

-- ---------------------------------------------------------------------
-- A source finds what our own table does
-- ---------------------------------------------------------------------

