-- What the extension brings, as psql shows it.
CREATE EXTENSION flowcustomer CASCADE;
SELECT extname, extversion = default_version AS newest, extrelocatable, extnamespace::regnamespace
FROM pg_extension JOIN pg_available_extensions ON name = extname
WHERE extname = 'flowcustomer';

-- Its objects: \dx+ in a form that is the same in every version of psql.
\pset format unaligned
\pset tuples_only on
SELECT pg_describe_object(classid, objid, 0) AS object
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'flowcustomer')
	AND (classid <> 'pg_type'::regclass OR objid = 'flowcustomer.http_response'::regtype
		 OR objid IN (SELECT oid FROM pg_type WHERE typtype = 'd'))
ORDER BY pg_describe_object(classid, objid, 0) COLLATE "C";

-- A function's comment.
SELECT obj_description('flowcustomer.customer_delete(text,text)'::regprocedure, 'pg_proc');
\pset format aligned
\pset tuples_only off

-- What a table looks like.
\d flowcustomer.customer_contact

-- The settings.
SELECT name, setting, unit, context, short_desc, min_val, max_val
FROM pg_settings WHERE name LIKE 'flowcustomer.%' ORDER BY name;
SET flowcustomer.language = 'fr';
SET flowcustomer.max_page_size = 0;
SET flowcustomer.nothing = 1;

-- Nobody gets in by being there.
SELECT count(*) FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
WHERE p.pronamespace = 'flowcustomer'::regnamespace AND a.grantee = 0;

-- Dropping and creating it again leaves nothing behind.
DROP EXTENSION flowcustomer;
SELECT count(*) FROM pg_namespace WHERE nspname = 'flowcustomer';
CREATE SCHEMA flowcustomer;
-- From version 18 on the error comes with the place in the script.
\set SHOW_CONTEXT never
CREATE EXTENSION flowcustomer CASCADE;
\set SHOW_CONTEXT errors
DROP SCHEMA flowcustomer;
CREATE EXTENSION flowcustomer CASCADE;
DROP EXTENSION flowcustomer;
