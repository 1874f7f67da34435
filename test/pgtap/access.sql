-- Who may do what: every function is called by everybody there is, with the tenant
-- and the permissions that it takes, and without.
\ir include/helpers.psql
SELECT * FROM no_plan();

CREATE ROLE access_till;
CREATE ROLE access_nobody;
CREATE ROLE access_reader;
CREATE ROLE access_member IN ROLE access_till;
CREATE ROLE access_stranger IN ROLE access_till NOINHERIT;
CREATE ROLE access_http NOINHERIT;
CREATE ROLE access_web;
CREATE ROLE access_anonymous;
CREATE ROLE "access Odd ""name""";
GRANT access_web, access_anonymous TO access_http;

-- Runs a statement in a session of a role, with claims, as another role; gives its
-- error as t.error does, or "ok".
CREATE FUNCTION t.by(session text, claims text, statement text, role text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text;
	message text;
	detail text;
BEGIN
	PERFORM set_config('request.jwt.claims', coalesce(claims, ''), true);
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', session);
	IF role IS NOT NULL THEN
		EXECUTE format('SET LOCAL ROLE %I', role);
	END IF;
	BEGIN
		EXECUTE statement;
		state := 'ok';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
		state := CASE WHEN state LIKE 'PT%' THEN state || ' ' || substring(detail from 'code: ([A-Z_]+)') ELSE state || ' ' || message END;
	END;
	RESET SESSION AUTHORIZATION;
	PERFORM set_config('request.jwt.claims', '', true);
	RETURN state;
END $$;
-- What a statement gives in such a session.
CREATE FUNCTION t.value_by(session text, claims text, statement text, role text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	value text;
BEGIN
	PERFORM set_config('request.jwt.claims', coalesce(claims, ''), true);
	EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', session);
	IF role IS NOT NULL THEN
		EXECUTE format('SET LOCAL ROLE %I', role);
	END IF;
	EXECUTE statement INTO value;
	RESET SESSION AUTHORIZATION;
	PERFORM set_config('request.jwt.claims', '', true);
	RETURN value;
END $$;
CREATE FUNCTION t.claims(tenants json, permissions text DEFAULT '', subject text DEFAULT 'liv') RETURNS text LANGUAGE sql AS
$$ SELECT json_build_object('tenantUid', tenants, 'permissions', string_to_array(permissions, ','), 'sub', subject) $$;

-- Every operation as a statement: what it is called with does not matter, for who may
-- not call is told so before it is looked at.  A procedure commits, which these tests
-- can't (see test/sql/roles.sql).
CREATE FUNCTION t.statement(function text, tenant text) RETURNS text LANGUAGE sql AS $$
	SELECT format('SELECT flowcustomer.%I(%s)', function, (
		SELECT string_agg(CASE WHEN name = 'tenant_uid' THEN quote_nullable(tenant) ELSE CASE type
			WHEN 'text' THEN quote_literal('x') WHEN 'json' THEN quote_literal('{}') WHEN 'jsonb' THEN quote_literal('{}') WHEN 'text[]' THEN quote_literal('{}')
			WHEN 'timestamp with time zone' THEN 'now()' WHEN 'regclass' THEN '''pg_class''' ELSE '1' END END, ', ' ORDER BY n)
		FROM (SELECT n, p.proargnames[n] AS name, t::regtype::text AS type FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a(t, n) WHERE n <= p.pronargs - p.pronargdefaults) AS a))
	FROM pg_proc AS p WHERE p.pronamespace = 'flowcustomer'::regnamespace AND p.proname = function
$$;
CREATE TABLE t.operation AS
	SELECT o.function_name AS name, o.permissions, (SELECT p.proargnames[1] IS DISTINCT FROM 'tenant_uid' FROM pg_proc AS p WHERE p.pronamespace = 'flowcustomer'::regnamespace AND p.proname = o.function_name) AS shared
	FROM flowcustomer.operations() AS o JOIN pg_proc AS p ON p.pronamespace = 'flowcustomer'::regnamespace AND p.proname = o.function_name WHERE p.prokind = 'f';

CALL t.run('SELECT t.seed(), t.seed(''other'')');
CALL t.run($$SELECT flowcustomer.customer_create(tenant, '{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari"}') FROM unnest('{acme,other}'::text[]) AS tenant$$);
SELECT set_eq($$SELECT DISTINCT unnest(string_to_array(permissions, ',')) FROM t.operation$$, '{CUSTOMER,SALES_ORDER,RETURN_ORDER,ADMIN}'::text[], 'operations take permissions that there are');
SELECT is_empty($$SELECT name FROM t.operation WHERE shared AND permissions <> ''$$, 'what is there for all tenants takes none: it is for administrators');
SELECT set_eq('SELECT name FROM t.operation WHERE shared', '{grant_access,grant_authenticator,revoke_access,access_renew,access_list,reference_register,reference_remove,reference_list}'::text[], 'and this is what there is of it');
SELECT set_eq($$SELECT o.function_name || ' ' || o.permissions FROM flowcustomer.operations() AS o WHERE o.method IS NOT NULL AND o.permissions <> 'CUSTOMER' AND o.method <> 'GET' AND o.path !~ 'search'$$,
	'{"contact_create CUSTOMER,SALES_ORDER,RETURN_ORDER","contact_update CUSTOMER,SALES_ORDER,RETURN_ORDER","contact_customer_add CUSTOMER,SALES_ORDER,RETURN_ORDER","customer_contact_create CUSTOMER,SALES_ORDER,RETURN_ORDER","customer_contact_update CUSTOMER,SALES_ORDER,RETURN_ORDER"}'::text[],
	'writes take CUSTOMER; for contacts those who sell suffice');

-- Nobody has anything at first.
SELECT is_empty('SELECT * FROM flowcustomer.access_list()', 'nobody has access');
SELECT is_empty($$SELECT name, answer FROM (SELECT name, t.by('access_nobody', NULL, t.statement(name, 'acme')) AS answer FROM t.operation) AS a WHERE answer <> '42501 permission denied for schema flowcustomer'$$, 'who has no access can''t call any function');
GRANT USAGE ON SCHEMA flowcustomer TO access_nobody;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA flowcustomer TO access_nobody;
SELECT is_empty($$SELECT name, answer FROM (SELECT name, t.by('access_nobody', NULL, t.statement(name, 'acme')) AS answer FROM t.operation) AS a WHERE answer <> 'PT403 FORBIDDEN'$$, 'nor is it enough to be given the functions');
SELECT is_empty($$SELECT name, answer FROM (SELECT name, t.by('access_nobody', t.claims('"acme"', 'CUSTOMER,SALES_ORDER,ADMIN'), t.statement(name, 'acme')) AS answer FROM t.operation) AS a WHERE answer <> 'PT403 FORBIDDEN'$$, 'or to claim something');
SELECT is_empty($$SELECT name FROM t.operation WHERE t.by('access_nobody', NULL, t.statement(name, NULL)) !~ '^PT403'$$, 'without a tenant neither');

-- Roles.
SELECT is(t.error($$SELECT flowcustomer.grant_access('access_till', 'acme', '{CUSTOMER}')$$), 'ok', 'a role gets a tenant');
SELECT is(t.error($$SELECT flowcustomer.grant_access('access_reader', 'acme', '{}')$$), 'ok', 'one can have it without permissions');
SELECT is(t.error($$SELECT flowcustomer.grant_access('access Odd "name"', 'acme', '{ADMIN,SALES_ORDER,ADMIN}')$$), 'ok', 'whatever it is called');
SELECT is(t.error(format('SELECT flowcustomer.grant_access(%s)', arguments)), answer, arguments) FROM (VALUES
	($$'access_none', 'acme', '{CUSTOMER}'$$, 'PT404: ROLE_NOT_FOUND role'),
	($$'access_till', 'none', '{CUSTOMER}'$$, 'PT404: TENANT_NOT_FOUND'),
	($$'access_till', 'acme', '{CUSTOMER,customer,NULL}'$$, 'PT400: VALIDATION_FAILED permissions[1]; VALIDATION_FAILED permissions[2]'),
	($$'access_till', 'acme', NULL$$, 'PT400: VALIDATION_FAILED permissions'),
	($$'access_till', NULL, '{}'$$, 'PT400: VALIDATION_FAILED tenantUid'),
	($$'access_till', 'a b', '{}'$$, 'PT400: VALIDATION_FAILED tenantUid'),
	($$NULL, 'acme', '{}'$$, 'PT400: VALIDATION_FAILED role')) AS v(arguments, answer);
SELECT results_eq($$SELECT role, tenant_uid, permissions, authenticator, granted_by = current_user FROM flowcustomer.access_list()$$,
	$$VALUES ('access Odd "name"', 'acme', '{SALES_ORDER,ADMIN}'::text[], false, true), ('access_reader', 'acme', '{}', false, true), ('access_till', 'acme', '{CUSTOMER}', false, true)$$, 'the list has them');
SELECT is_empty($$SELECT n, t.by('access_till', NULL, t.statement(name, 'acme')) FROM t.operation AS n WHERE shared AND t.by('access_till', NULL, t.statement(name, 'acme')) !~ '^42501 permission denied for function '$$, 'what is for administrators they can''t call');
SELECT is_empty($$SELECT name, answer FROM (SELECT name, permissions, t.by('access_reader', NULL, t.statement(name, 'acme')) AS answer FROM t.operation WHERE NOT shared) AS a
	WHERE (answer = 'PT403 PERMISSION_REQUIRED') <> (permissions <> '') OR answer ~ '^PT401|FORBIDDEN|TENANT_NOT_FOUND|^42|^XX'$$, 'without permissions a role only reads');
SELECT is_empty($$SELECT name, answer FROM (SELECT name, permissions, t.by('access_till', NULL, t.statement(name, 'acme')) AS answer FROM t.operation WHERE NOT shared) AS a
	WHERE (answer = 'PT403 PERMISSION_REQUIRED') <> (permissions <> '' AND permissions !~ 'CUSTOMER') OR answer ~ '^PT401|FORBIDDEN|TENANT_NOT_FOUND|^42|^XX'$$, 'with one it does what takes that');
SELECT is_empty(format($$SELECT name, answer FROM (SELECT name, t.by('access_till', %L, t.statement(name, %L)) AS answer FROM t.operation WHERE NOT shared) AS a WHERE answer <> 'PT404 TENANT_NOT_FOUND'$$, claims, tenant), format('%s is not there for it, claiming %s', tenant, coalesce(claims, 'nothing')))
FROM unnest('{other,none}'::text[]) AS tenant, unnest(ARRAY[NULL, t.claims('["other", "none"]', 'CUSTOMER,ADMIN')]) AS claims;
SELECT is_empty($$SELECT name FROM t.operation WHERE NOT shared AND t.by('access_till', NULL, t.statement(name, NULL)) !~ '^PT40[03]'$$, 'no tenant is an error like others');
SELECT is(t.by('access_member', NULL, t.statement('customer_list', 'acme')), 'ok', 'members of a role have what it has');
SELECT is(t.by('access_stranger', NULL, t.statement('customer_list', 'acme')), '42501 permission denied for schema flowcustomer', 'unless they do not inherit');
SELECT is(t.by('access_stranger', NULL, t.statement('customer_list', 'acme'), 'access_till'), 'ok', 'but they can go on as it');
SELECT is(t.by('access_member', NULL, t.statement('customer_list', 'acme'), 'access_member'), 'ok', 'the current role counts');
CALL t.run($$SELECT flowcustomer.grant_access('access_member', 'acme', '{SALES_ORDER}')$$);
SELECT is_empty($$SELECT name, answer FROM (SELECT name, permissions, t.by('access_member', NULL, t.statement(name, 'acme')) AS answer FROM t.operation WHERE NOT shared) AS a
	WHERE (answer = 'PT403 PERMISSION_REQUIRED') <> (permissions = 'ADMIN') OR answer ~ 'FORBIDDEN|TENANT_NOT_FOUND|^42|^XX'$$, 'permissions add up');
CALL t.run($$SELECT flowcustomer.grant_access('access_till', 'other', '{}')$$);
SELECT is(t.value_by('access_till', NULL, 'SELECT flowcustomer.readable_tenants()'), '{acme,other}', 'a role can have several tenants');
SELECT is(t.by('access_till', NULL, t.statement('customer_create', 'other')), 'PT403 PERMISSION_REQUIRED', 'with other permissions in each');
SELECT is(t.value_by('access_nobody', NULL, 'SELECT flowcustomer.readable_tenants()'), '{}', 'who has none reads none');
SELECT is(flowcustomer.readable_tenants(), '{acme,other}'::text[], 'an administrator reads all');

-- Authenticators.
SELECT is(t.error($$SELECT flowcustomer.grant_authenticator('access_http')$$), 'ok', 'a role becomes an authenticator');
SELECT is(t.error($$SELECT flowcustomer.grant_authenticator('access_none')$$), 'PT404: ROLE_NOT_FOUND role', 'one that is not there does not');
SELECT is(t.error(format('SELECT flowcustomer.grant_authenticator(%L)', current_user)), 'PT409: ROLE_IS_SUPERUSER role', 'nor does a superuser');
SELECT is_empty(format($$SELECT name, answer FROM (SELECT name, t.by('access_http', %L, t.statement(name, 'acme'), 'access_anonymous') AS answer FROM t.operation WHERE NOT shared) AS a WHERE answer <> 'PT401 UNAUTHENTICATED'$$, claims), coalesce('claims ' || claims, 'no claims') || ' are not enough')
FROM unnest(ARRAY[NULL, '', '{}', '{"role": "access_anonymous"}', '{"tenantUid": null, "permissions": ["CUSTOMER"], "sub": null}', '{"tenantUid": []}', '[]', '"acme"', 'acme', '{"tenantUid": "acme"', '{"tenantUid": 1}', '{"tenantUid": {"acme": true}}', '{"tenantUid": ["acme", 1]}',
	'{"tenantUid": "acme", "permissions": {"CUSTOMER": true}}', '{"tenantUid": "acme", "permissions": [["CUSTOMER"]]}', '{"tenantUid": "acme", "sub": 7}', '{"tenantUid": "acme", "sub": ["liv"]}', '{"tenantUid": "acme", "sub": "\u0000"}', '{"tenantUid": "acme", "sub": "\ud800"}', '{"tenantUid": "acme\u0000"}',
	json_build_object('tenantUid', 'acme', 'sub', repeat('x', 256))::text, '{"tenantUid": "acme", "x": ' || repeat('[', 100000) || repeat(']', 100000) || '}']) AS claims;
SELECT is_empty($$SELECT name, answer FROM (SELECT name, t.by('access_http', '{"sub": "liv", "permissions": ["ADMIN"]}', t.statement(name, 'acme'), 'access_web') AS answer FROM t.operation WHERE NOT shared) AS a WHERE answer <> 'PT403 FORBIDDEN'$$, 'who is known but has no tenant may do nothing');
SELECT is_empty(format($$SELECT name, answer FROM (SELECT name, t.by('access_http', t.claims(%L, 'CUSTOMER,SALES_ORDER,RETURN_ORDER,ADMIN'), t.statement(name, %L), 'access_web') AS answer FROM t.operation WHERE NOT shared) AS a WHERE answer <> 'PT404 TENANT_NOT_FOUND'$$, tenants, tenant), format('%s is not there for who claims %s', tenant, tenants))
FROM unnest('{other,none,acm,acmee,ACME}'::text[]) AS tenant, unnest(ARRAY['"acme"', '["acme", "x", "", "oth", "*", "%"]']) AS tenants;
SELECT is_empty($$SELECT name, answer FROM (SELECT name, permissions, t.by('access_http', t.claims('"acme"'), t.statement(name, 'acme'), 'access_web') AS answer FROM t.operation WHERE NOT shared) AS a
	WHERE (answer = 'PT403 PERMISSION_REQUIRED') <> (permissions <> '') OR answer ~ '^PT401|FORBIDDEN|TENANT_NOT_FOUND|^42|^XX'$$, 'the tenant alone lets read');
SELECT is_empty($$SELECT name, permission, answer FROM (SELECT name, permissions, permission, t.by('access_http', t.claims('["x", "acme"]', permission || ',OTHER'), t.statement(name, 'acme'), role) AS answer
	FROM t.operation, unnest('{CUSTOMER,SALES_ORDER,RETURN_ORDER,ADMIN}'::text[]) AS permission, unnest('{access_http,access_web}'::text[]) AS role WHERE NOT shared) AS a
	WHERE (answer = 'PT403 PERMISSION_REQUIRED') <> (permissions <> '' AND permission <> ALL (string_to_array(permissions, ','))) OR answer ~ '^PT401|FORBIDDEN|TENANT_NOT_FOUND|^42|^XX'$$, 'each operation takes one of its permissions, and no other, in either role');
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA flowcustomer TO access_web;
SELECT is_empty($$SELECT name, answer FROM (SELECT name, t.by('access_http', t.claims('"acme"', 'CUSTOMER,SALES_ORDER,RETURN_ORDER,ADMIN'), t.statement(name, 'acme'), 'access_web') AS answer FROM t.operation WHERE shared) AS a WHERE answer <> 'PT403 FORBIDDEN'$$, 'nobody claims to be an administrator');
SELECT is(t.by('access_web', t.claims('"acme"', 'CUSTOMER'), t.statement('customer_list', 'acme')), 'PT403 FORBIDDEN', 'the role that an authenticator goes on as is believed nothing in a session of its own');
CREATE ROLE access_other_member IN ROLE access_http;
SELECT is(t.by('access_other_member', t.claims('"acme"', 'CUSTOMER'), t.statement('customer_list', 'acme'), 'access_http'), 'PT403 FORBIDDEN', 'nor is who goes on as the authenticator');
SELECT is(t.value_by('access_http', t.claims('["other", "acme", "other"]'), 'SELECT flowcustomer.readable_tenants()', 'access_web'), '{acme,other}', 'the claimed tenants are readable');
SELECT is(t.value_by('access_http', claims, 'SELECT flowcustomer.readable_tenants()', 'access_web'), '{}', 'none are with ' || coalesce(claims, 'no claims')) FROM unnest(ARRAY[NULL, '{}', '[', '{"tenantUid": ["acme", 1]}']) AS claims;

-- Claims decide in an authenticator's session, also behind a function of an administrator.
CREATE FUNCTION t.as_administrator(statement text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	value text;
BEGIN
	EXECUTE statement INTO value;
	RETURN value;
END $$;
GRANT USAGE ON SCHEMA t TO PUBLIC;
SELECT is(t.by('access_http', t.claims('"acme"'), format('SELECT t.as_administrator(%L)', t.statement('customer_list', 'other')), 'access_web'), 'PT404 TENANT_NOT_FOUND', 'an administrator''s function does not widen claims');
SELECT is(t.by('access_nobody', NULL, format('SELECT t.as_administrator(%L)', t.statement('customer_list', 'other'))), 'ok', 'but lends its rights to a role, as such functions do');
SELECT is(t.by('access_http', t.claims('"acme"'), 'SELECT t.as_administrator(''SELECT flowcustomer.access_list()'')', 'access_web'), 'PT403 FORBIDDEN', 'and administrators'' operations stay closed');

-- Who it was.
SELECT is(t.value_by('access_till', NULL, $$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "by-role", "name": "g"}') ->> 'createdBy'$$), 'access_till', 'a role is named by its name');
SELECT is(t.value_by('access_http', t.claims('"acme"', 'CUSTOMER', 'liv@example.com'), $$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "by-claim", "name": "g"}') ->> 'createdBy'$$, 'access_web'), 'liv@example.com', 'a claimed subject by itself');
SELECT is(t.value_by('access_http', t.claims('"acme"', 'CUSTOMER', 'ola'), $$SELECT concat_ws(' ', g ->> 'createdBy', g ->> 'lastModifiedBy') FROM flowcustomer.customer_group_update('acme', 'by-claim', '{"name": "h"}') AS g$$, 'access_web'), 'liv@example.com ola', 'who changes it is another');
SELECT is(t.value_by('access_http', '{"tenantUid": "acme", "permissions": ["CUSTOMER"], "sub": ""}', $$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "by-nobody", "name": "g"}') ->> 'createdBy'$$, 'access_web'), 'access_web', 'without one the role stands for it');
SELECT is(t.value_by('access_http', t.claims('"acme"', 'CUSTOMER', repeat('ø', 255)), $$SELECT length(flowcustomer.customer_group_create('acme', '{"name": "g"}') ->> 'createdBy')$$, 'access_web'), '255', 'a subject can have 255 characters');
SELECT is(t.value_by('access_http', '{"sub": "a", "tenantUid": "other", "permissions": ["ADMIN"], "sub": "b", "tenantUid": ["acme"], "permissions": ["CUSTOMER"]}', $$SELECT flowcustomer.customer_group_create('acme', '{"name": "g"}') ->> 'createdBy'$$, 'access_web'), 'b', 'of a repeated claim the last one counts');
SELECT results_eq($$SELECT DISTINCT changed_by FROM flowcustomer.change WHERE entity_uid LIKE 'by-%' ORDER BY 1$$, $$VALUES ('access_till'), ('access_web'), ('liv@example.com'), ('ola')$$, 'the feed tells the same');

-- Business partners.
CALL t.run($$SELECT t.create('{"customerUid": "partner", "customerType": "B2B", "companyName": "Partner AS"}'), t.create('{"customerUid": "twin", "customerType": "B2B", "companyName": "Partner"}'), t.create('{"customerUid": "firm", "customerType": "COMPANY", "companyName": "Firm"}')$$);
CREATE TABLE t.partner_call (n integer GENERATED ALWAYS AS IDENTITY, statement text, takes_admin boolean);
INSERT INTO t.partner_call (statement, takes_admin) VALUES
	($$customer_create('acme', '{"customerType": "B2B", "companyName": "P"}')$$, true),
	($$customer_update('acme', 'partner', '{"companyName": "P"}')$$, true),
	($$customer_update('acme', 'partner', '{"customerType": "COMPANY"}')$$, true),
	($$customer_update('acme', 'firm', '{"customerType": "B2B"}')$$, true),
	($$customer_delete('acme', 'partner')$$, true),
	($$customer_merge('acme', 'partner', '{"mergeFromCustomerUid": "twin"}')$$, true),
	($$customer_extension_add('acme', 'partner', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$, true),
	($$customer_address_put('acme', 'partner', '{"type": "INVOICE_ADDRESS", "city": "Oslo"}')$$, true),
	($$customer_consent_set('acme', 'partner', 'news', '{"status": true, "source": "x"}')$$, true),
	($$customer_credit_balance_set('acme', 'partner', '{"openingBalance": 5}')$$, true),
	($$customer_erase('acme', 'partner')$$, true),
	($$customer_update('acme', 'firm', '{"companyName": "F"}')$$, false),
	($$customer_contact_create('acme', 'partner', '{"firstname": "Eva", "lastname": "Berg"}')$$, false),
	($$customer_group_customer_update('acme', 'club', '{"addCustomerUids": ["partner"]}')$$, false),
	($$customer_get('acme', 'partner')$$, false);
CREATE FUNCTION t.try(session text, claims text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	-- nothing of it stays
	BEGIN
		answer := t.by(session, claims, statement);
		RAISE SQLSTATE 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		RETURN answer;
	END;
END $$;
SELECT is(t.try('access_till', NULL, 'SELECT flowcustomer.' || statement), CASE WHEN takes_admin THEN 'PT403 PERMISSION_REQUIRED' ELSE 'ok' END, 'without ADMIN: ' || statement) FROM t.partner_call ORDER BY n;
SELECT is(t.try('access_http', t.claims('"acme"', 'CUSTOMER'), 'SELECT flowcustomer.' || statement), CASE WHEN takes_admin THEN 'PT403 PERMISSION_REQUIRED' ELSE 'ok' END, 'claims without ADMIN: ' || statement) FROM t.partner_call ORDER BY n;
SELECT is(t.try('access_http', t.claims('"acme"', 'CUSTOMER,ADMIN'), 'SELECT flowcustomer.' || statement), 'ok', 'with ADMIN: ' || statement) FROM t.partner_call ORDER BY n;
SELECT is(t.try('access_http', t.claims('"acme"', 'ADMIN'), 'SELECT flowcustomer.' || statement), CASE WHEN statement ~ '_get' THEN 'ok' ELSE 'PT403 PERMISSION_REQUIRED' END, 'ADMIN alone: ' || statement) FROM t.partner_call ORDER BY n;
SELECT is(t.value_by('access_till', NULL, $$SELECT t.section(b, 'create') || '; ' || t.section(b, 'update') || '; ' || t.section(b, 'upsert') || '; ' || t.section(b, 'delete') FROM CAST(flowcustomer.customer_batch('acme', '{"create": [{"customerType": "PERSON"}, {"customerType": "B2B"}],
	"update": [{"customerUid": "partner", "city": "Oslo"}, {"customerUid": "firm", "city": "Oslo"}], "upsert": [{"customerUid": "twin", "city": "Oslo"}, {"customerUid": "firm", "customerType": "B2B"}], "delete": [{"customerUid": "partner"}, {"customerUid": "firm"}]}') AS jsonb) AS b$$),
	'1: 1 PERMISSION_REQUIRED; 1: 0 PERMISSION_REQUIRED; 0: 0 PERMISSION_REQUIRED, 1 PERMISSION_REQUIRED; 1: 0 PERMISSION_REQUIRED', 'in a batch each item is as if alone') WHERE has_function_privilege('access_till', 't.section(jsonb, text)', 'EXECUTE');
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'partner', '{"mergeFromCustomerUid": "twin"}')$$);
SELECT is(t.try('access_till', NULL, format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', merge_uid)), 'PT403 PERMISSION_REQUIRED', 'their merges are not undone either') FROM flowcustomer.merge WHERE duplicate_uid = 'twin';

-- Requests: the same with a status.
CREATE FUNCTION t.request_by(claims text, method text, target text, body text DEFAULT NULL) RETURNS text LANGUAGE sql AS
$$ SELECT t.value_by('access_http', claims, format($q$SELECT concat_ws(' ', status, h.body::json ->> 'code', headers ->> 'WWW-Authenticate') FROM flowcustomer.http(%L, %L, %L) AS h$q$, method, target, body), 'access_web') $$;
SELECT is(t.request_by(claims, method, target, body), answer, format('%s %s with %s', method, target, coalesce(claims, 'no claims'))) FROM (VALUES
	(NULL, 'GET', '/v2/tenants/acme/customers/kari', NULL, '401 UNAUTHENTICATED Bearer'),
	(NULL, 'POST', '/v2/tenants/acme/customers', 'nonsense', '401 UNAUTHENTICATED Bearer'),
	(NULL, 'GET', '/v2/tenants/acme/customers?pageNumber=x', NULL, '401 UNAUTHENTICATED Bearer'),
	(NULL, 'GET', '/v2/nothing', NULL, '404 ROUTE_NOT_FOUND'),
	('{"tenantUid": 7}', 'GET', '/v2/tenants/acme/customers/kari', NULL, '401 UNAUTHENTICATED Bearer'),
	('{"sub": "liv"}', 'GET', '/v2/tenants/acme/customers/kari', NULL, '403 FORBIDDEN'),
	(t.claims('"other"', 'CUSTOMER'), 'POST', '/v2/tenants/acme/customers', 'nonsense', '404 TENANT_NOT_FOUND'),
	(t.claims('"acme"'), 'GET', '/v2/tenants/acme/customers/kari', NULL, '200'),
	(t.claims('"acme"'), 'POST', '/v2/tenants/acme/customers', 'nonsense', '403 PERMISSION_REQUIRED'),
	(t.claims('"acme"', 'CUSTOMER'), 'POST', '/v2/tenants/acme/customers', 'nonsense', '400 MALFORMED_JSON'),
	(t.claims('"acme"', 'CUSTOMER'), 'PUT', '/v2/tenants/acme/customers/partner', '{"companyName": "P"}', '403 PERMISSION_REQUIRED'),
	(t.claims('"acme"', 'CUSTOMER'), 'POST', '/v2/tenants/acme/customers/batch', '{"update": [{"customerUid": "partner"}]}', '207'),
	(t.claims('"acme"', 'SALES_ORDER'), 'POST', '/v2/tenants/acme/customer-contacts', '{"firstname": "Eva", "lastname": "Berg"}', '201')) AS v(claims, method, target, body, answer);
-- What is not there and what is not for the caller look alike, to the last word.
SELECT is(t.value_by('access_http', t.claims('"acme"', 'CUSTOMER'), format($$SELECT (h.status, h.headers, (h.body::jsonb - 'logId')) FROM flowcustomer.http(%L, %L, %L) AS h$$, method, replace(path, 'TENANT', 'other'), body), 'access_web'),
	t.value_by('access_http', t.claims('"acme"', 'CUSTOMER'), format($$SELECT (h.status, h.headers, (h.body::jsonb - 'logId')) FROM flowcustomer.http(%L, %L, %L) AS h$$, method, replace(path, 'TENANT', 'none'), body), 'access_web'), method || ' ' || path || ' does not tell whether there is such a tenant')
FROM (VALUES ('GET', '/v2/tenants/TENANT/customers/kari', NULL), ('POST', '/v2/tenants/TENANT/customers', '{"customerUid": "kari", "customerType": "PERSON"}'), ('PUT', '/v2/tenants/TENANT/customers/kari', '{"email": "wrong"}'), ('DELETE', '/v2/tenants/TENANT/customers/kari', NULL)) AS v(method, path, body);

-- Taking it back.
SELECT is(t.error($$SELECT flowcustomer.revoke_access('access_till', 'other')$$), 'ok', 'access to one tenant is taken back');
SELECT is(t.value_by('access_till', NULL, 'SELECT flowcustomer.readable_tenants()'), '{acme}', 'the other one stays');
SELECT is(t.error($$SELECT flowcustomer.revoke_access('access_till', 'other')$$), 'PT404: GRANT_NOT_FOUND', 'twice is an error');
SELECT throws_ok('DROP ROLE access_till', '2BP01', NULL, 'a role that has access is not dropped by mistake');
SELECT is(t.error($$SELECT flowcustomer.revoke_access('access_till')$$), 'ok', 'all of it is taken back');
SELECT is(t.by('access_till', NULL, t.statement('customer_list', 'acme')), '42501 permission denied for schema flowcustomer', 'with the right to call');
SELECT is(t.by('access_member', NULL, t.statement('customer_create', 'acme')), 'PT403 PERMISSION_REQUIRED', 'members keep what is their own');
SELECT is(t.error($$SELECT flowcustomer.revoke_access('access_http')$$), 'ok', 'an authenticator is one no longer');
SELECT is(t.by('access_http', t.claims('"acme"', 'CUSTOMER'), t.statement('customer_list', 'acme')), '42501 permission denied for schema flowcustomer', 'nobody believes it');
SELECT is_empty($$SELECT grantee::regrole, p.proname FROM pg_proc AS p, aclexplode(p.proacl) WHERE p.pronamespace = 'flowcustomer'::regnamespace AND p.proname NOT IN (SELECT name FROM t.operation WHERE shared) AND grantee::regrole::text IN ('access_http', 'access_anonymous', 'access_till')$$, 'nor can what it went on as call functions');
REVOKE ALL ON ALL ROUTINES IN SCHEMA flowcustomer FROM access_member;
SELECT is(t.error('SELECT flowcustomer.access_renew()'), 'ok', 'lost rights are given again');
SELECT is(t.by('access_member', NULL, t.statement('customer_list', 'acme')), 'ok', 'so who has access can use it');
CALL t.run($$SELECT flowcustomer.grant_access('access_reader', 'other', '{}')$$);
CALL t.run($$SELECT flowcustomer.customer_delete('other', 'kari'), flowcustomer.customer_group_delete('other', 'club'), flowcustomer.customer_group_delete('other', 'staff')$$);
CALL t.run($$SELECT flowcustomer.tenant_remove('other')$$);
SELECT is(t.value_by('access_reader', NULL, 'SELECT flowcustomer.readable_tenants()'), '{acme}', 'access goes with its tenant');

-- What a name was granted does not go to another role that takes the name.
CALL t.run($$SELECT flowcustomer.grant_access('access_reader', 'acme', '{}')$$);
ALTER ROLE access_reader RENAME TO access_renamed;
CREATE ROLE access_reader IN ROLE access_renamed;
SELECT is(t.by('access_reader', NULL, t.statement('customer_list', 'acme')), 'PT403 FORBIDDEN', 'a new role of an old name has nothing, though it can call');
SELECT is(t.by('access_renamed', NULL, t.statement('customer_list', 'acme')), 'PT403 FORBIDDEN', 'nor has the old one, until it is granted again');
DROP ROLE access_reader;
ALTER ROLE access_renamed RENAME TO access_reader;
SELECT is(t.by('access_reader', NULL, t.statement('customer_list', 'acme')), 'ok', 'with its name it has all again');
CREATE ROLE access_owner_too;
SELECT is(t.error(format('GRANT %I TO access_owner_too', current_user)), 'ok', 'a role can do what the owner can');
SELECT is(t.error($$SELECT flowcustomer.grant_authenticator('access_owner_too')$$), 'PT409: ROLE_IS_SUPERUSER role', 'then it is no authenticator');
DROP ROLE access_owner_too;
CALL t.run($$SELECT flowcustomer.grant_authenticator('access_http')$$);
CREATE ROLE access_web2;
SELECT is(t.value_by('access_http', '{"tenantUid": ["", "acme", "a b"], "sub": "x"}', 'SELECT flowcustomer.readable_tenants()'), '{acme}', 'what is no UID is no tenant');
SELECT is(t.error(format('GRANT %I TO access_http', current_user)), 'ok', 'an authenticator that can do later what the owner can');
SELECT is(t.by('access_http', t.claims('"none"', 'CUSTOMER'), t.statement('customer_list', 'acme')), 'PT404 TENANT_NOT_FOUND', 'is held to its claims');
CALL t.run($$SELECT flowcustomer.tenant_put('third', '{"name": "T"}')$$);
CALL t.run($$SELECT flowcustomer.grant_access('access_web2', 'third', '{}')$$);
CALL t.run($$SELECT flowcustomer.tenant_remove('third')$$);
SELECT lives_ok('DROP ROLE access_web2', 'whose only tenant is removed can be dropped');
-- business partners again: what comes back, and what waits
CALL t.run($$SELECT t.create('{"customerUid": "q1", "customerType": "B2B", "companyName": "Q"}'), t.create('{"customerUid": "q2", "customerType": "B2B", "companyName": "Q"}'), t.create('{"customerUid": "q3", "customerType": "B2B", "companyName": "Q"}')$$);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'q1', '{"mergeFromCustomerUid": "q2"}')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'q1', '{"customerType": "COMPANY"}'), flowcustomer.customer_hold_put('acme', 'q3', '{"reason": "x"}')$$);
CALL t.run($$SELECT flowcustomer.customer_erase('acme', 'q3', '{"whenPossible": true}')$$);
CALL t.run($$SELECT flowcustomer.grant_access('access_till', 'acme', '{CUSTOMER}')$$);
SELECT is(t.try('access_till', NULL, format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', merge_uid)), 'PT403 PERMISSION_REQUIRED', 'without ADMIN no business partner comes back') FROM flowcustomer.merge WHERE duplicate_uid = 'q2';
SELECT is(t.try('access_till', NULL, format('SELECT flowcustomer.erasure_cancel(''acme'', %L)', erasure_uid)), 'PT403 PERMISSION_REQUIRED', 'and its erasure is not cancelled') FROM flowcustomer.erasure WHERE customer_uid = 'q3';

DROP OWNED BY access_till, access_nobody, access_reader, access_member, access_stranger, access_http, access_web, access_anonymous, "access Odd ""name""", access_other_member;
DROP ROLE access_till, access_nobody, access_reader, access_member, access_stranger, access_http, access_web, access_anonymous, "access Odd ""name""", access_other_member;
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'access%'$$, 'the roles of this test are gone');
SELECT * FROM finish();
