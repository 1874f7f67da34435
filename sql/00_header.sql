/*
 * The extension script of flowcustomer: made from the modules in sql/ by the
 * Makefile, in the order given there.
 *
 * Everything is created in the schema flowcustomer, which this script makes
 * itself, so a schema of that name that is already there stops the
 * installation instead of being reused.
 */
\echo Use "CREATE EXTENSION flowcustomer CASCADE" to load this file. \quit

SET LOCAL search_path TO pg_catalog, pg_temp;

DO $$
BEGIN
	IF pg_catalog.getdatabaseencoding() <> 'UTF8' THEN
		RAISE EXCEPTION 'flowcustomer needs a database in the encoding UTF8'
			USING HINT = 'Create one with CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0.';
	END IF;
END $$;

CREATE SCHEMA flowcustomer;
COMMENT ON SCHEMA flowcustomer IS
'Customer master data: customers, contacts, groups, extensions and consents';
REVOKE ALL ON SCHEMA flowcustomer FROM PUBLIC;
