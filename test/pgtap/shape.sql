-- The shape of the schema: what every function and table has to have.
\ir include/helpers.psql
SELECT * FROM no_plan();

CREATE VIEW t.function AS
	SELECT p.oid, p.proname AS name, p.oid::regprocedure::text AS signature, p.provolatile AS volatility, p.proparallel AS parallel, p.prosecdef, p.proisstrict, p.proacl,
		   l.lanname AS language, obj_description(p.oid, 'pg_proc') AS comment, pg_get_function_arguments(p.oid) AS arguments, p.prorettype::regtype::text AS result
	FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang WHERE p.pronamespace = 'flowcustomer'::regnamespace;
CREATE VIEW t.tables AS
	SELECT c.oid, c.relname AS name, c.relacl FROM pg_class AS c WHERE c.relnamespace = 'flowcustomer'::regnamespace AND c.relkind IN ('r', 'p');
CREATE VIEW t.columns AS
	SELECT t.name AS table_name, a.attname AS name, a.attnum, a.atttypid::regtype::text AS type, a.attnotnull AS required, a.attgenerated, a.attidentity, co.collname AS compared
	FROM t.tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_collation AS co ON co.oid = a.attcollation;

-- Functions.
SELECT cmp_ok(count(*), '>=', 107::bigint, 'the functions are there') FROM t.function;
SELECT is_empty('SELECT signature FROM t.function WHERE comment IS NULL', 'every function has a comment');
SELECT is_empty($$SELECT signature, split_part(comment, E'\n', 1) FROM t.function WHERE split_part(comment, E'\n', 1) !~ '^[A-Z][^\n]{10,99}\.$'$$, 'whose first line is a sentence');
SELECT is_empty($$SELECT signature FROM t.function WHERE comment !~ E'\nExample: '$$, 'which has an example');
SELECT is_empty($$SELECT signature FROM t.function WHERE comment !~ '(Errors: |Raises nothing)'$$, 'and tells the errors');
SELECT is_empty($$SELECT signature FROM t.function WHERE comment ~* '\m(a|the|its?) +\M.*\mbodys\M|\mbodys\M|\mcustomers credit\M'$$, 'no comment has lost an apostrophe');
SELECT is_empty($$SELECT signature, m FROM t.function, regexp_matches(comment, '\mPT(\d{3}) ([A-Z][A-Z_]+)', 'g') AS m
	WHERE NOT EXISTS (SELECT FROM flowcustomer.errors() AS e WHERE e.code = m[2] AND (e.status = m[1]::integer OR (m[1] = '400' AND e.code ~ '_NOT_FOUND$')))$$, 'every error that a comment names is one that there is');
SELECT is_empty($$SELECT f.signature, a FROM t.function AS f, pg_proc AS p, unnest(p.proargnames[1:p.pronargs]) AS a WHERE p.oid = f.oid AND a <> '' AND strpos(f.comment, a) = 0$$, 'every argument is explained');
SELECT is_empty($$SELECT signature FROM t.function WHERE EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', 10::oid))) AS a WHERE a.grantee = 0)$$, 'none is for PUBLIC to execute');
SELECT set_eq($$SELECT name::text, language::text FROM t.function WHERE language <> 'c'$$, $$VALUES ('enable_row_security', 'plpgsql')$$, 'all are in C, but for one that only changes the schema');
SELECT is(volatility || parallel, expected, signature || ' is ' || CASE expected WHEN 'is' THEN 'immutable and safe' WHEN 'sr' THEN 'stable and restricted' WHEN 'su' THEN 'stable and unsafe' ELSE 'volatile and unsafe' END)
FROM (SELECT signature, volatility::text, parallel::text, CASE
		WHEN name ~ '^(is_|normalize_)' OR name IN ('display_name', 'search_document', 'search_score', 'fields', 'operations', 'errors') THEN 'is'
		-- it reads sources in subtransactions, which no parallel plan allows
		WHEN name IN ('customer_search_external', 'readable_tenants') THEN 'su'
		-- who reads a single customer can be recorded
		WHEN name IN ('customer_get', 'store_customer_get', 'customer_contact_list', 'customer_contact_get', 'customer_merge_list', 'customer_duplicate_explain', 'customer_hold_list') THEN 'vu'
		WHEN name ~ '_(list|get|search|explain|find_similar)$' OR name IN ('changes', 'consent_report', 'check_integrity') THEN 'sr' ELSE 'vu' END AS expected FROM t.function) AS f ORDER BY signature;
SELECT is_empty($$SELECT signature FROM t.function WHERE (name ~ '^(is_|normalize_)' OR name = 'search_score') AND NOT proisstrict$$, 'a normaliser of NULL is NULL');
SELECT is_empty($$SELECT signature FROM t.function WHERE NOT (name ~ '^(is_|normalize_)' OR name = 'search_score') AND proisstrict$$, 'no other function passes over a NULL in silence');

-- The functions that clients are written against.
SELECT is((SELECT arguments FROM t.function WHERE name = v.name), v.arguments, v.name || ' has its arguments') FROM (VALUES
	('customer_list', 'tenant_uid text, customer_external_id text DEFAULT NULL::text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('customer_create', 'tenant_uid text, body json'), ('customer_get', 'tenant_uid text, customer_uid text'), ('customer_update', 'tenant_uid text, customer_uid text, body json'), ('customer_delete', 'tenant_uid text, customer_uid text'),
	('customer_extension_add', 'tenant_uid text, customer_uid text, extension_code text, body json'), ('customer_extension_remove', 'tenant_uid text, customer_uid text, extension_code text, body json'), ('customer_batch', 'tenant_uid text, body json'),
	('contact_list', 'tenant_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'), ('contact_create', 'tenant_uid text, body json'),
	('contact_get', 'tenant_uid text, contact_uid text'), ('contact_update', 'tenant_uid text, contact_uid text, body json'), ('contact_delete', 'tenant_uid text, contact_uid text'),
	('contact_customer_list', 'tenant_uid text, contact_uid text'), ('contact_customer_add', 'tenant_uid text, contact_uid text, body json'), ('contact_customer_remove', 'tenant_uid text, contact_uid text, customer_uid text'),
	('customer_contact_list', 'tenant_uid text, customer_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('customer_contact_create', 'tenant_uid text, customer_uid text, body json'), ('customer_contact_get', 'tenant_uid text, customer_uid text, contact_uid text'), ('customer_contact_update', 'tenant_uid text, customer_uid text, contact_uid text, body json'),
	('customer_contact_delete', 'tenant_uid text, customer_uid text, contact_uid text'), ('customer_contact_extension_add', 'tenant_uid text, customer_uid text, contact_uid text, extension_code text, body json'),
	('customer_contact_extension_remove', 'tenant_uid text, customer_uid text, contact_uid text, extension_code text, body json'),
	('customer_group_list', 'tenant_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'), ('customer_group_create', 'tenant_uid text, body json'),
	('customer_group_get', 'tenant_uid text, group_uid text'), ('customer_group_update', 'tenant_uid text, group_uid text, body json'), ('customer_group_delete', 'tenant_uid text, group_uid text'),
	('customer_group_customer_list', 'tenant_uid text, group_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('customer_group_customer_update', 'tenant_uid text, group_uid text, body json'), ('customer_consent_set', 'tenant_uid text, customer_uid text, consent_uid text, body json'), ('customer_address_put', 'tenant_uid text, customer_uid text, body json'),
	('tenant_put', 'tenant_uid text, body json'), ('organization_put', 'tenant_uid text, body json'), ('store_put', 'tenant_uid text, body json'), ('tenant_user_put', 'tenant_uid text, body json'), ('consent_put', 'tenant_uid text, body json'),
	('printer_put', 'tenant_uid text, body json'), ('sales_order_put', 'tenant_uid text, body json'), ('service_order_put', 'tenant_uid text, body json'), ('external_customer_put', 'tenant_uid text, body json'),
	('external_source_register', 'tenant_uid text, name text, relation regclass, mapping jsonb'), ('external_source_remove', 'tenant_uid text, name text'),
	('external_source_list', 'tenant_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('sales_order_batch', 'tenant_uid text, body json'), ('service_order_batch', 'tenant_uid text, body json'), ('customer_consent_history', 'tenant_uid text, customer_uid text'),
	('customer_consents_as_of', 'tenant_uid text, customer_uid text, at timestamp with time zone'), ('consent_report', 'tenant_uid text, consent_uid text'), ('customer_credit_balance_set', 'tenant_uid text, customer_uid text, body json'),
	('store_customer_get', 'tenant_uid text, store_uid text, customer_uid text'), ('changes', 'tenant_uid text, after text DEFAULT NULL::text, "limit" integer DEFAULT 100'), ('changes_forget', 'tenant_uid text, before timestamp with time zone'),
	('customer_access_list', 'tenant_uid text, customer_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('customer_export', 'tenant_uid text, customer_uid text'), ('customer_export_xml', 'tenant_uid text, customer_uid text'), ('customer_export_full', 'tenant_uid text, customer_uid text'),
	('customer_card_svg', 'tenant_uid text, customer_uid text'), ('customer_card_html', 'tenant_uid text, customer_uid text'), ('customer_print', 'tenant_uid text, customer_uid text, body json DEFAULT NULL::json'),
	('print_job_claim', 'tenant_uid text, printer_uid text, lease_seconds integer DEFAULT 60, "limit" integer DEFAULT 1'), ('print_job_done', 'tenant_uid text, print_job_uid text, claim_uid text DEFAULT NULL::text'),
	('print_job_fail', 'tenant_uid text, print_job_uid text, body json DEFAULT NULL::json, claim_uid text DEFAULT NULL::text'),
	('print_job_list', 'tenant_uid text, page_number integer DEFAULT NULL::integer, page_size integer DEFAULT NULL::integer, sort_by text DEFAULT NULL::text, sort_direction text DEFAULT NULL::text'),
	('http', 'method text, target text, body text DEFAULT NULL::text, headers json DEFAULT NULL::json'), ('rest', 'json')) AS v(name, arguments);
SELECT is_empty($$SELECT signature, result FROM t.function WHERE name ~ '_(delete|remove|customer_update)$' AND name <> 'customer_update' AND result <> 'void'$$, 'what answers 204 returns void');
SELECT is_empty($$SELECT signature, result FROM t.function WHERE name ~ '_(list|get|create|update|put|register|set|batch|add)$' AND name NOT IN ('customer_group_customer_update', 'access_list') AND result <> 'json'$$, 'what answers with something returns json');

-- Tables.
SELECT is_empty('SELECT name FROM t.tables WHERE obj_description(oid, ''pg_class'') IS NULL', 'every table has a comment');
SELECT is_empty($$SELECT name FROM t.tables WHERE oid NOT IN (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'flowcustomer')$$, 'pg_dump carries every table');
SELECT is_empty($$SELECT c FROM pg_extension, unnest(extcondition) AS c WHERE extname = 'flowcustomer' AND c <> ''$$, 'and all of its rows');
SELECT is_empty($$SELECT name FROM t.tables WHERE EXISTS (SELECT FROM aclexplode(relacl) AS a WHERE a.grantee = 0)$$, 'none is open to PUBLIC');
SELECT is_empty($$SELECT name FROM t.tables AS t WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = t.oid AND k.contype = 'p')$$, 'every table has a primary key');
SELECT is_empty($$SELECT k.conrelid::regclass, k.conname FROM pg_constraint AS k JOIN t.tables AS t ON t.oid = k.conrelid JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
	WHERE k.contype IN ('p', 'u', 'f') AND a.attname <> 'tenant_uid'$$, 'tenant_uid is first in every primary, unique and foreign key');
SELECT is_empty($$SELECT k.conname FROM pg_constraint AS k JOIN t.tables AS t ON t.oid = k.conrelid JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = k.confkey[1] WHERE k.contype = 'f' AND a.attname <> 'tenant_uid'$$, 'and in what foreign keys refer to');
SELECT is_empty($$SELECT k.conname FROM pg_constraint AS k JOIN t.tables AS t ON t.oid = k.conrelid WHERE k.contype = 'f' AND (k.confdeltype <> 'a' OR k.confupdtype <> 'a' OR k.condeferrable)$$, 'foreign keys do nothing by themselves');
SELECT is_empty($$SELECT i.indexrelid::regclass FROM pg_index AS i JOIN t.tables AS t ON t.oid = i.indrelid LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE a.attname IS DISTINCT FROM 'tenant_uid'$$, 'every index begins with tenant_uid');
SELECT is_empty($$SELECT table_name FROM t.columns WHERE attnum = 1 AND (name <> 'tenant_uid' OR type <> 'text' OR compared <> 'C' OR NOT required)$$, 'tenant_uid is the first column, a text in collation C');
SELECT is_empty($$SELECT table_name, name, compared FROM t.columns WHERE type = 'text' AND compared <> 'C' AND (name ~ '(_uid|_code|_id|^kind|^type|_type|^role|_number)$' OR name IN ('email', 'mobile', 'phone', 'locale'))$$, 'keys, codes and ids are compared by their bytes');
SELECT is_empty($$SELECT DISTINCT t.name, a.attname FROM t.tables AS t JOIN pg_index AS i ON i.indrelid = t.oid JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey) JOIN pg_collation AS c ON c.oid = a.attcollation WHERE c.collname <> 'C'$$, 'so is every text in an index');
SELECT is_empty($$SELECT g.tgname, g.tgrelid::regclass FROM pg_trigger AS g JOIN t.tables AS t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal$$, 'there are no triggers');
SELECT is_empty($$SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'S'$$, 'there are no sequences');
SELECT is_empty($$SELECT table_name, name FROM t.columns WHERE attidentity <> '' OR type IN ('oid', 'regclass', 'regproc')$$, 'nor identity columns, nor OIDs in rows');
SELECT is_empty($$SELECT t.name FROM t.tables AS t JOIN pg_class AS c ON c.oid = t.oid WHERE NOT (c.relrowsecurity AND NOT c.relforcerowsecurity AND (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = t.oid) = 1)$$, 'every table has a policy for those who read it');
SELECT is_empty($$SELECT DISTINCT type FROM t.columns WHERE type NOT IN ('text', 'integer', 'bigint', 'boolean', 'double precision', 'timestamp with time zone', 'json')$$, 'columns are of a few plain types');
SELECT is_empty($$SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'flowcustomer'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')$$, 'all belongs to the extension');
SELECT is(obj_description('flowcustomer'::regnamespace, 'pg_namespace') IS NOT NULL, true, 'the schema has a comment');
SELECT is_empty($$SELECT 1 FROM pg_namespace, aclexplode(nspacl) AS a WHERE nspname = 'flowcustomer' AND a.grantee = 0$$, 'and is not open to PUBLIC');

-- The fields that the engine works with are the columns of the tables.
SELECT is_empty($$SELECT table_name, name FROM t.columns WHERE name <> 'tenant_uid' AND table_name NOT IN ('external_id_claim', 'total')
	EXCEPT SELECT resource, column_name FROM flowcustomer.fields()$$, 'every column is a field');
SELECT is_empty($$SELECT resource, column_name FROM flowcustomer.fields() WHERE column_name IS NOT NULL EXCEPT SELECT table_name, name FROM t.columns$$, 'every field''s column exists');
SELECT is_empty($$SELECT f.resource, f.column_name, f.type, c.type FROM flowcustomer.fields() AS f JOIN t.columns AS c ON c.table_name = f.resource AND c.name = f.column_name WHERE f.type IS NOT NULL AND f.type::text <> c.type$$, 'with the field''s type');
SELECT is_empty($$SELECT f.resource, f.column_name FROM flowcustomer.fields() AS f JOIN t.columns AS c ON c.table_name = f.resource AND c.name = f.column_name
	WHERE f.type IN ('integer'::regtype, 'bigint'::regtype, 'boolean'::regtype) AND f.writable AND NOT c.required AND f.json_name NOT IN ('maxSingleOrderValue', 'changeFeed', 'accessLog', 'maxBatchItems')$$, 'a number or boolean that answers always show is never NULL');
SELECT is_empty($$SELECT c.table_name, c.name FROM t.columns AS c JOIN pg_index AS i ON i.indrelid = ('flowcustomer.' || c.table_name)::regclass AND i.indisprimary WHERE c.attnum = ANY (i.indkey) AND NOT c.required$$, 'no part of a key is NULL');
SELECT is_empty($$SELECT f.resource, f.column_name, f.allowed FROM flowcustomer.fields() AS f WHERE f.allowed IS NOT NULL AND EXISTS (SELECT FROM unnest(f.allowed) AS a WHERE NOT EXISTS (
	SELECT FROM pg_constraint AS k WHERE k.conrelid = ('flowcustomer.' || f.resource)::regclass AND k.contype = 'c' AND strpos(pg_get_constraintdef(k.oid), quote_literal(a)) > 0))$$, 'every value of an enum is in its table''s check');
SELECT is_empty($$SELECT resource, json_name FROM flowcustomer.fields() WHERE json_name IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1$$, 'no resource has a name twice');
SELECT is_empty($$SELECT resource, json_name FROM flowcustomer.fields() WHERE json_name !~ '^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)?$'$$, 'names in JSON are camelCase');
SELECT is_empty($$SELECT resource FROM flowcustomer.fields() GROUP BY resource HAVING min("position") <> 1 OR max("position") <> count(DISTINCT "position")$$, 'positions count from 1');
SELECT is_empty($$SELECT resource, column_name FROM flowcustomer.fields() WHERE NOT personal AND column_name IN ('firstname', 'lastname', 'email', 'mobile', 'phone', 'address', 'vat_number', 'display_name', 'company_name', 'internal_note')$$, 'names, addresses and numbers of people are marked as personal');
SELECT is_empty($$SELECT resource, json_name FROM flowcustomer.fields() WHERE writable AND type = 'text'::regtype AND max_length IS NULL AND allowed IS NULL AND json_name !~ 'Uid$'$$, 'every text that can be written has a limit');

SELECT * FROM finish();
