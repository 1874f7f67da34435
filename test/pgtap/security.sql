-- Nothing that others plant is ever run, and who may read the tables reads the rows of
-- his tenants only.
\ir include/helpers.psql
\ir include/orders.psql
SELECT * FROM no_plan();

CREATE ROLE security_planter;
CREATE ROLE security_analyst;
CREATE ROLE security_http NOINHERIT;
CREATE ROLE security_web;
GRANT security_web TO security_http;

-- ---------------------------------------------------------------------
-- Planted objects
-- ---------------------------------------------------------------------
CREATE SCHEMA planted;
GRANT ALL ON SCHEMA planted TO security_planter, PUBLIC;
GRANT ALL ON SCHEMA public TO security_planter;

-- In a schema that comes before pg_catalog: all of its functions and operators over the
-- types that we use, each an error, and tables named like ours.
DO $$
DECLARE
	types oidvector := (SELECT array_to_string(array_agg(t::regtype::oid), ' ')::oidvector FROM unnest('{text,int4,int8,bool,float8,timestamptz,json,jsonb,text[],oid,name}'::text[]) AS t);
	planted record;
	relation text;
BEGIN
	SET LOCAL ROLE security_planter;
	FOR planted IN
		SELECT DISTINCT ON (p.proname, p.proargtypes) p.proname, p.proretset, p.prorettype::regtype AS result, p.pronargs,
			(SELECT coalesce(string_agg(a::regtype::text, ', ' ORDER BY n), '') FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u(a, n)) AS arguments
		FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.provariadic = 0 AND p.prorettype = ANY (types::oid[])
			AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[]) AS a WHERE a <> ALL (types::oid[]))
	LOOP
		EXECUTE format('CREATE FUNCTION planted.%I(%s) RETURNS %s%s LANGUAGE plpgsql AS %L', planted.proname, planted.arguments,
			CASE WHEN planted.proretset THEN 'SETOF ' END, planted.result, 'BEGIN RAISE EXCEPTION ''planted function ran''; END');
	END LOOP;
	FOR planted IN
		SELECT o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r, p.proname FROM pg_operator AS o JOIN pg_proc AS p ON p.oid = o.oprcode
		WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprleft = ANY (types::oid[]) AND o.oprright = ANY (types::oid[])
			AND EXISTS (SELECT FROM pg_proc AS q WHERE q.pronamespace = 'planted'::regnamespace AND q.proname = p.proname AND q.proargtypes = p.proargtypes)
	LOOP
		EXECUTE format('CREATE OPERATOR planted.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = planted.%I)', planted.oprname, planted.l, planted.r, planted.proname);
	END LOOP;
	RESET ROLE;
	FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('CREATE TABLE planted.%I (planted text)', relation);
		EXECUTE format('CREATE TABLE public.%I (planted text)', relation);
		EXECUTE format('CREATE TEMPORARY TABLE %I (planted text)', relation);
	END LOOP;
	CREATE DOMAIN planted.text AS pg_catalog.text CHECK (false);
	CREATE DOMAIN planted.json AS pg_catalog.json CHECK (false);
	CREATE DOMAIN planted.jsonb AS pg_catalog.jsonb CHECK (false);
END $$;
SELECT cmp_ok((SELECT count(*) FROM pg_proc WHERE pronamespace = 'planted'::regnamespace), '>', 600::bigint, 'much is planted');
SELECT cmp_ok((SELECT count(*) FROM pg_operator WHERE oprnamespace = 'planted'::regnamespace), '>', 70::bigint, 'operators too');

-- Runs a statement with the planted schema before all others.
CREATE FUNCTION t.amid(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	state text;
	message text;
BEGIN
	SET LOCAL search_path TO planted, public, pg_catalog;
	BEGIN
		EXECUTE statement INTO answer;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
		answer := pg_catalog.concat(state, pg_catalog.concat(': ', message));
	END;
	RESET search_path;
	RETURN answer;
END $$;
SELECT is(t.amid('SELECT pg_catalog.upper(''a'') OPERATOR(pg_catalog.||) ''b'''), 'Ab', 'only what names its schema works there');
SELECT is(t.amid('SELECT upper(''a'')'), 'P0001: planted function ran', 'what does not runs what is planted');
SELECT is(t.amid('SELECT 1 WHERE ''a''::pg_catalog.text = ''b''::pg_catalog.text'), 'P0001: planted function ran', 'operators are planted as well');

SELECT isnt(t.amid(format('SELECT flowcustomer.%s', call)), NULL, call) FROM (VALUES ('tenant_put(''acme'', ''{"name": "Acme"}'')')) AS v(call);
CREATE TABLE t.call (n integer GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO t.call (call) VALUES
	('organization_put(''acme'', ''{"organizationUid": "o", "name": "O"}'')'), ('store_put(''acme'', ''{"storeUid": "oslo", "name": "Oslo", "organizationUid": "o"}'')'),
	('consent_put(''acme'', ''{"consentUid": "news", "name": "News"}'')'), ('printer_put(''acme'', ''{"printerUid": "p", "name": "P", "kind": "LABEL"}'')'),
	('customer_group_create(''acme'', ''{"customerGroupUid": "club", "name": "Club"}'')'),
	('customer_create(''acme'', ''{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "email": "kari@example.com", "mobile": "91234567", "customerGroupUids": ["club"], "consents": [{"consentUid": "news", "status": true, "source": "x"}]}'')'),
	('customer_batch(''acme'', ''{"create": [{"customerUid": "twin", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "email": "kari@example.com"}, {"customerUid": "gone", "customerType": "PERSON"}], "upsert": [{"externalId": "E1", "customerType": "COMPANY", "companyName": "Firm"}], "update": [{"customerUid": "kari", "city": "Oslo"}], "delete": [{"customerUid": "gone"}]}'')'),
	('customer_address_put(''acme'', ''kari'', ''{"customerAddressUid": "a", "type": "INVOICE_ADDRESS", "city": "Oslo"}'')'), ('customer_extension_add(''acme'', ''kari'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')'),
	('customer_contact_create(''acme'', ''kari'', ''{"customerContactUid": "eva", "firstname": "Eva", "lastname": "Berg"}'')'), ('contact_customer_add(''acme'', ''eva'', ''{"customerUid": "twin"}'')'),
	('customer_consent_set(''acme'', ''twin'', ''news'', ''{"status": false, "source": "x"}'')'), ('customer_hold_put(''acme'', ''twin'', ''{"holdUid": "h", "reason": "r"}'')'), ('customer_hold_remove(''acme'', ''twin'', ''h'')'),
	('sales_order_put(''acme'', ''' || replace(t.sales_order('o1', '{"customerUid": "kari", "storeUid": "oslo"}')::text, '''', '''''') || ''')'), ('customer_search(''acme'', ''{"query": "kari nord"}'')'), ('customer_search(''acme'', ''{"query": "kary"}'', sort_by => ''lastname'')'), ('customer_list(''acme'', page_size => 2, page_number => 1, sort_by => ''displayName'', sort_direction => ''DESC'')'),
	('contact_search(''acme'', ''{"query": "eva"}'')'), ('customer_find_similar(''acme'', ''{"firstname": "Kari", "lastname": "Nordmann"}'')'), ('customer_duplicates_refresh(''acme'')'), ('customer_duplicate_explain(''acme'', ''kari'', ''twin'')'),
	('customer_merge_preview(''acme'', ''kari'', ''{"mergeFromCustomerUid": "twin"}'')'), ('customer_merge(''acme'', ''kari'', ''{"mergeFromCustomerUid": "twin"}'')'), ('customer_get(''acme'', ''twin'')'), ('customer_merge_list(''acme'', ''kari'')'),
	('customer_export(''acme'', ''kari'')'), ('customer_export_full(''acme'', ''kari'')'), ('customer_print(''acme'', ''kari'', ''{"printerUid": "p"}'')'), ('print_job_claim(''acme'', ''p'')'), ('changes(''acme'')'), ('consent_report(''acme'', ''news'')'),
	('customer_credit_balance_set(''acme'', ''kari'', ''{"openingBalance": 3}'')'), ('store_customer_get(''acme'', ''oslo'', ''kari'')'), ('contact_delete(''acme'', ''eva'')'), ('external_customer_put(''acme'', ''{"customerUid": "x1", "companyName": "Acme"}'')'), ('customer_search_external(''acme'', ''{"query": "acme"}'')'),
	('grant_access(''security_analyst'', ''acme'', ''{CUSTOMER}'')'), ('access_list()'), ('readable_tenants()'), ('customer_erase(''acme'', ''kari'')'), ('http(''GET'', ''/v2/tenants/acme/customers'')'), ('enable_row_security()');
SELECT alike(pg_catalog.left(t.amid('SELECT pg_catalog.concat(''fine '', (SELECT pg_catalog.max(r::pg_catalog.text) FROM flowcustomer.' || call || ' AS r))'), 500), 'fine %', split_part(call, '(', 1) || ' runs nothing that is planted') FROM t.call ORDER BY n;
SELECT is(t.amid('SELECT flowcustomer.customer_get(''acme'', ''kari'')::pg_catalog.jsonb OPERATOR(pg_catalog.->>) ''customerType'''), 'PERSON', 'and the data is where it belongs');
SELECT is((SELECT count(*) FROM planted.customer) + (SELECT count(*) FROM public.customer) + (SELECT count(*) FROM pg_temp.customer), 0::bigint, 'not in planted tables');
SELECT is_empty($$SELECT oid::regprocedure, proconfig FROM pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace AND (prosecdef OR prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')) AND NOT coalesce(proconfig @> '{"search_path=pg_catalog, pg_temp"}', false)$$, 'a function that is not in C fixes its search_path');
SELECT is_empty($$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace AND prosecdef$$, 'none is SECURITY DEFINER: rights are taken on in C, with the path');
DROP SCHEMA planted CASCADE;
DO $$
DECLARE
	relation text;
BEGIN
	FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('DROP TABLE pg_temp.%1$I, public.%1$I', relation);
	END LOOP;
END $$;

-- ---------------------------------------------------------------------
-- Reading the tables
-- ---------------------------------------------------------------------
CALL t.run('SELECT t.seed(''other''), flowcustomer.customer_create(''other'', ''{"customerUid": "ola", "customerType": "PERSON"}'')');
CREATE FUNCTION t.rows(session text, claims text, role text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	value text;
BEGIN
	PERFORM set_config('request.jwt.claims', coalesce(claims, ''), true);
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', session);
	IF role IS NOT NULL THEN
		EXECUTE format('SET LOCAL ROLE %I', role);
	END IF;
	BEGIN
		EXECUTE 'SELECT string_agg(DISTINCT tenant_uid, '','' ORDER BY tenant_uid) FROM flowcustomer.customer' INTO value;
	EXCEPTION WHEN insufficient_privilege THEN
		value := 'denied';
	END;
	RESET SESSION AUTHORIZATION;
	PERFORM set_config('request.jwt.claims', '', true);
	RETURN coalesce(value, 'none');
END $$;
SELECT is_empty($$SELECT c.oid::regclass, grantee::regrole FROM pg_class AS c, aclexplode(c.relacl) WHERE c.relnamespace = 'flowcustomer'::regnamespace AND grantee <> c.relowner$$, 'nobody was given a table by any of that');
SELECT is(t.rows('security_analyst', NULL), 'denied', 'access to a tenant is none to its tables');
CALL t.run('SELECT flowcustomer.grant_authenticator(''security_http'')');
GRANT SELECT ON ALL TABLES IN SCHEMA flowcustomer TO security_analyst, security_web, security_planter;
GRANT USAGE ON SCHEMA flowcustomer TO security_planter;
SELECT is(t.rows('security_analyst', NULL), 'acme', 'with SELECT the rows of the granted tenant are there');
SELECT is(t.rows('security_analyst', '{"tenantUid": "other"}'), 'acme', 'whatever is claimed');
SELECT is(t.rows('security_planter', NULL), 'denied', 'without a tenant nothing is');
SELECT is(t.rows('security_http', '{"tenantUid": "other"}', 'security_web'), 'other', 'claims count for authenticators');
SELECT is(t.rows('security_http', claims, 'security_web'), 'none', 'but not ' || coalesce(claims, 'none')) FROM unnest(ARRAY[NULL, '{}', '{"tenantUid": "x"}', '{"tenantUid": 1}', 'x']) AS claims;
SELECT is(t.rows('security_web', '{"tenantUid": "other"}'), 'none', 'nor those of a session that is none of an authenticator');
SELECT is((SELECT string_agg(DISTINCT tenant_uid, ',' ORDER BY tenant_uid) FROM flowcustomer.customer), 'acme,other', 'the owner sees all');
SELECT is_empty($$SELECT relname FROM pg_class AS c WHERE c.relnamespace = 'flowcustomer'::regnamespace AND c.relkind = 'r' AND NOT (c.relrowsecurity AND NOT c.relforcerowsecurity
	AND (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid AND p.polname = 'tenant_reader' AND p.polcmd = 'r' AND p.polpermissive AND p.polroles = '{0}') = 1)$$, 'every table has the policy, for reading');
SELECT lives_ok('SELECT flowcustomer.enable_row_security()', 'calling it again changes nothing');
-- nothing of another tenant in any table that can be read
CREATE FUNCTION t.leaks(session text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	relation text;
	n bigint;
	leaks text := '';
BEGIN
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', session);
	FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'v', 'm') LOOP
		EXECUTE format('SELECT count(*) FROM flowcustomer.%I WHERE tenant_uid <> ''acme''', relation) INTO n;
		leaks := leaks || CASE WHEN n > 0 THEN relation || ' ' ELSE '' END;
	END LOOP;
	RESET SESSION AUTHORIZATION;
	RETURN leaks;
END $$;
SELECT is(t.leaks('security_analyst'), '', 'no table and no view shows another tenant''s rows');
-- a condition that tells what it sees is not shown other tenants' rows
GRANT USAGE, CREATE ON SCHEMA public TO security_analyst;
SELECT is((WITH w AS (SELECT t.rows('security_analyst', NULL)) SELECT count(*) FROM w), 1::bigint, 'a reader can use functions of its own');
CREATE TABLE t.told (tenant_uid text);
GRANT USAGE ON SCHEMA t TO security_analyst;
GRANT INSERT ON t.told TO security_analyst;
CREATE FUNCTION public.tell(tenant text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN INSERT INTO t.told VALUES (tenant); RETURN true; END $$;
ALTER FUNCTION public.tell(text) OWNER TO security_analyst;
SET SESSION AUTHORIZATION security_analyst;
SELECT count(*) AS seen FROM flowcustomer.customer WHERE public.tell(tenant_uid) \gset
RESET SESSION AUTHORIZATION;
SELECT results_eq('SELECT DISTINCT tenant_uid FROM t.told', $$VALUES ('acme')$$, 'even ones that cost nothing');
SELECT throws_ok(format('SET LOCAL SESSION AUTHORIZATION security_analyst; %s', statement), '42501', NULL, statement || ' is refused')
FROM unnest(ARRAY['INSERT INTO flowcustomer.customer_group SELECT ''acme'', ''x'', ''x'', ''x'', now(), ''x'', now()', 'UPDATE flowcustomer.customer SET city = ''x''', 'DELETE FROM flowcustomer.customer', 'TRUNCATE flowcustomer.total']) AS statement;
-- the functions work as before for everybody
SELECT is(t.total('acme') + t.total('other'), (SELECT count(*) FROM flowcustomer.customer), 'functions see what they saw');
SELECT lives_ok($$SELECT flowcustomer.customer_delete('other', 'ola')$$, 'and write as they did');

DROP FUNCTION public.tell(text);
DROP OWNED BY security_planter, security_analyst, security_http, security_web;
DROP ROLE security_planter, security_analyst, security_http, security_web;
SELECT * FROM finish();
