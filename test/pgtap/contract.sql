-- The REST contract: every route answers with its status, and every answer
-- has the contract's properties with the contract's types, and no others.
\ir include/helpers.psql
\ir include/orders.psql
\ir include/contract_facts.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');

-- What is wrong with a value of a schema: one row for each thing.
CREATE FUNCTION t.violations(value jsonb, schema_name text, path text DEFAULT '$') RETURNS SETOF text LANGUAGE plpgsql STABLE AS $$
DECLARE
	p t.property;
	member jsonb;
BEGIN
	IF jsonb_typeof(value) IS DISTINCT FROM 'object' THEN
		RETURN NEXT path || ' is no object';
		RETURN;
	END IF;
	-- beyond the contract: where in a batch an error was, and all that is wrong; what
	-- an export and a store's view of a customer consist of is left open by it
	RETURN QUERY SELECT path || '.' || key || ' is not in the contract' FROM jsonb_object_keys(value) AS key
		WHERE schema_name NOT IN ('CustomerExportResponseSchema', 'StoreCustomerDetailsResponseSchema') AND NOT EXISTS (SELECT FROM t.property AS q WHERE q.schema = schema_name AND q.name = key)
			AND (schema_name, key) NOT IN (('CustomerBatchErrorSchema', 'index'), ('CustomerBatchErrorSchema', 'path'), ('CustomerBatchErrorSchema', 'errors'), ('GenericErrorResponse', 'errors'));
	FOR p IN SELECT * FROM t.property AS q WHERE q.schema = schema_name LOOP
		member := value -> p.name;
		IF member IS NULL THEN
			RETURN NEXT format('%s.%s is missing', path, p.name);
		ELSIF jsonb_typeof(member) = 'null' THEN
			IF NOT p.nullable THEN
				RETURN NEXT format('%s.%s is null', path, p.name);
			END IF;
		ELSIF p.type = 'object' THEN
			RETURN QUERY SELECT t.violations(member, p.of, path || '.' || p.name);
		ELSIF p.type = 'array' AND jsonb_typeof(member) = 'array' AND p.of = 'string' THEN
			RETURN QUERY SELECT format('%s.%s[%s] is no string', path, p.name, n - 1) FROM jsonb_array_elements(member) WITH ORDINALITY AS e(element, n) WHERE jsonb_typeof(element) <> 'string';
		ELSIF p.type = 'array' AND jsonb_typeof(member) = 'array' THEN
			RETURN QUERY SELECT t.violations(element, p.of, format('%s.%s[%s]', path, p.name, n - 1)) FROM jsonb_array_elements(member) WITH ORDINALITY AS e(element, n);
		ELSIF NOT (CASE p.type
				WHEN 'string' THEN jsonb_typeof(member) = 'string'
				WHEN 'date-time' THEN jsonb_typeof(member) = 'string' AND member #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
				WHEN 'integer' THEN jsonb_typeof(member) = 'number' AND member::text ~ '^-?\d+$'
				ELSE jsonb_typeof(member) = p.type END) THEN
			RETURN NEXT format('%s.%s is no %s', path, p.name, p.type);
		ELSIF p.allowed IS NOT NULL AND member #>> '{}' <> ALL (p.allowed) THEN
			RETURN NEXT format('%s.%s has a value that is not allowed', path, p.name);
		END IF;
	END LOOP;
END $$;
-- The check itself: a right answer passes, spoilt ones don't.
SELECT is_empty($$SELECT t.violations('{"pageNumber": 1, "pageSize": 2, "totalCount": 3}', 'Paging')$$, 'a right value has no violations');
SELECT is(array(SELECT t.violations(value, schema)), expected, value::text) FROM (VALUES ('{"pageNumber": 1, "pageSize": 2}'::jsonb, 'Paging', ARRAY['$.totalCount is missing']), ('{"pageNumber": "1", "pageSize": 2.5, "totalCount": null}', 'Paging', ARRAY['$.pageNumber is no integer', '$.pageSize is no integer', '$.totalCount is null']),
	('{"pageNumber": 1, "pageSize": 2, "totalCount": 3, "more": 1}', 'Paging', ARRAY['$.more is not in the contract']), ('[]', 'Paging', ARRAY['$ is no object']),
	('{"extensionCode": "OTHER", "organizationUid": "x"}', 'CustomerExtensionResponseSchema', ARRAY['$.extensionCode has a value that is not allowed'])) AS v(value, schema, expected);

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "sparse", "customerType": "PERSON"}, {"customerUid": "hq", "customerType": "COMPANY"},
	{"customerUid": "full", "customerType": "COMPANY", "customerParentUid": "hq", "firstname": "Kari", "lastname": "Berg", "companyName": "Acme", "email": "a@b.no", "mobile": "91234567", "address": "Vei 1", "postalCode": "0150", "city": "Oslo", "countryCode": "NO",
	 "vatNumber": "987654321", "externalId": "E", "loyaltyId": "L", "ledgerNumber": "1", "pricelistUid": "p", "origin": "o", "internalNote": "n", "paymentTerms": 14, "credit": {"limit": 100}, "accountManager": {"tenantUserUid": "liv"}, "ehf": {"enabled": true, "address": "x"},
	 "customerGroupUids": ["club", "staff"], "defaultStoreUid": "oslo", "consents": [{"consentUid": "news", "status": true, "source": "x"}, {"consentUid": "sms", "status": false, "source": "y"}]}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_create('acme', 'full', '{"customerContactUid": "kim", "firstname": "Kim", "lastname": "Lie", "email": "k@l.no", "mobile": "12345", "role": "ADMIN"}')$$);
CALL t.run($$SELECT flowcustomer.contact_create('acme', '{"customerContactUid": "bare", "firstname": "", "lastname": ""}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_extension_add('acme', 'full', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.customer_extension_add('acme', 'full', 'KLAVIYO_PROFILE_ID', '{"storeUid": "malmo"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'full', '{"type": "INVOICE_ADDRESS"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'full', '{"type": "DELIVERY_ADDRESS", "firstname": "K", "lastname": "B", "companyName": "C", "address": "V", "postalCode": "0150", "city": "O", "countryCode": "NO", "email": "a@b.no", "phone": "123"}')$$);
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "twin", "customerType": "COMPANY", "companyName": "T"}')$$);
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.sales_order('o', '{"customerUid": "full"}')), flowcustomer.printer_put('acme', '{"printerUid": "labels", "name": "Labels", "kind": "LABEL"}')$$);

-- The requests, in an order in which each has what it needs.
CREATE TABLE t.request (n serial, method text, path text, body text);
INSERT INTO t.request (method, path, body) VALUES
	('GET', '/tenants/{tenantUid}/customers', NULL), ('GET', '/tenants/{tenantUid}/customers/{customerUid}', NULL), ('POST', '/tenants/{tenantUid}/customers', '{"customerType": "PERSON"}'),
	('PUT', '/tenants/{tenantUid}/customers/{customerUid}', '{"city": "Voss"}'), ('POST', '/tenants/{tenantUid}/customers/search', '{}'), ('POST', '/tenants/{tenantUid}/customers/search/external', '{}'),
	('POST', '/tenants/{tenantUid}/customers/batch', '{"upsert": [{"customerUid": "sparse", "city": "x"}]}'), ('GET', '/tenants/{tenantUid}/customers/{customerUid}/export', NULL), ('POST', '/tenants/{tenantUid}/customers/{customerUid}/print', '{"printerUid": "labels"}'),
	('GET', '/tenants/{tenantUid}/stores/{storeUid}/customers/{customerUid}', NULL), ('POST', '/tenants/{tenantUid}/customers/{customerUid}/merge', '{"mergeFromCustomerUid": "twin"}'),
	('POST', '/tenants/{tenantUid}/customers/{customerUid}/extensions/{customerExtensionCode}', '{"storeUid": "oslo"}'), ('DELETE', '/tenants/{tenantUid}/customers/{customerUid}/extensions/{customerExtensionCode}', '{"storeUid": "oslo"}'),
	('GET', '/tenants/{tenantUid}/customer-contacts', NULL), ('POST', '/tenants/{tenantUid}/customer-contacts', '{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "full"}]}'), ('POST', '/tenants/{tenantUid}/customer-contacts/search', '{}'),
	('GET', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}', NULL), ('PUT', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}', '{"lastname": "Moe"}'), ('GET', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers', NULL),
	('POST', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers', '{"customers": [{"customerUid": "sparse"}, {"customerUid": "hq"}]}'), ('GET', '/tenants/{tenantUid}/customers/{customerUid}/contacts', NULL),
	('POST', '/tenants/{tenantUid}/customers/{customerUid}/contacts', '{"firstname": "A", "lastname": "B"}'), ('GET', '/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}', NULL),
	('PUT', '/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}', '{"firstname": "Kim"}'), ('POST', '/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}/extensions/{customerExtensionCode}', '{"storeUid": "malmo"}'),
	('DELETE', '/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}/extensions/{customerExtensionCode}', '{"storeUid": "malmo"}'),
	('GET', '/tenants/{tenantUid}/customer-groups', NULL), ('POST', '/tenants/{tenantUid}/customer-groups', '{"name": "New"}'), ('GET', '/tenants/{tenantUid}/customer-groups/{customerGroupUid}', NULL), ('PUT', '/tenants/{tenantUid}/customer-groups/{customerGroupUid}', '{"name": "Club 2"}'),
	('GET', '/tenants/{tenantUid}/customer-groups/{customerGroupUid}/customers', NULL), ('PUT', '/tenants/{tenantUid}/customer-groups/{customerGroupUid}/customers', '{"addCustomerUids": ["sparse"]}'),
	('DELETE', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers/{customerUid}', NULL), ('POST', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers', '{"customers": [{"customerUid": "full"}]}'),
	('DELETE', '/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}', NULL), ('DELETE', '/tenants/{tenantUid}/customer-contacts/{customerContactUid}', NULL),
	('DELETE', '/tenants/{tenantUid}/customer-groups/{customerGroupUid}', NULL), ('DELETE', '/tenants/{tenantUid}/customers/{customerUid}', NULL);
SELECT is((SELECT count(*) FROM t.route), 37::bigint, 'the contract has 37 operations');
SELECT set_eq('SELECT method, path FROM t.request', 'SELECT method, path FROM t.route', 'and each is requested');

CREATE FUNCTION t.target(path text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(replace(replace(replace(replace(replace(path, '{tenantUid}', 'acme'), '{customerUid}', 'full'), '{customerContactUid}', 'kim'), '{customerGroupUid}', 'club'), '{customerExtensionCode}', 'TWO_INVOICE'), '{storeUid}', 'oslo')
$$;
CREATE TABLE t.response (n integer PRIMARY KEY, status integer, headers json, body text);
DO $$
DECLARE
	r record;
BEGIN
	FOR r IN SELECT * FROM t.request ORDER BY n LOOP
		INSERT INTO t.response SELECT r.n, h.* FROM flowcustomer.http(r.method, '/v2' || t.target(r.path), r.body) AS h;
	END LOOP;
END $$;
SELECT is(s.status, o.status, format('%s %s has its status', q.method, q.path)) || E'\n' ||
	CASE WHEN o.schema IS NULL THEN is(s.body, NULL, 'and no body')
		ELSE is_empty(format('SELECT t.violations(%L, %L)', s.body, o.schema), 'and answers with ' || o.schema) END
FROM t.request AS q JOIN t.response AS s USING (n) JOIN t.route AS o USING (method, path) ORDER BY n;
SELECT is_empty(format('SELECT t.violations(%L, ''CustomerResponseSchema'')', s.body::jsonb -> 'customer'), 'the customer of ' || path) FROM t.request JOIN t.response AS s USING (n) WHERE path ~ '(/export|\{storeUid\}/customers/\{customerUid\})$';

-- The functions themselves, for customers with little and with much.
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "full", "customerType": "PERSON", "customerGroupUids": ["staff"], "defaultStoreUid": "bergen", "consents": [{"consentUid": "sms", "status": true, "source": ""}]}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_create('acme', 'full', '{"customerContactUid": "kim", "firstname": "", "lastname": ""}')$$);
SELECT is_empty(format('SELECT t.violations(flowcustomer.%s::jsonb, %L)', call, schema), call) FROM (VALUES
	('customer_get(''acme'', ''sparse'')', 'CustomerResponseSchema'), ('customer_get(''acme'', ''full'')', 'CustomerResponseSchema'), ('customer_get(''acme'', ''hq'')', 'CustomerResponseSchema'), ('customer_list(''acme'')', 'CustomerListResponse'), ('customer_list(''acme'', page_number => 99)', 'CustomerListResponse'),
	('customer_group_customer_list(''acme'', ''staff'')', 'CustomerListResponse'), ('contact_get(''acme'', ''bare'')', 'CustomerContactsWithCustomersResponseSchema'), ('contact_get(''acme'', ''kim'')', 'CustomerContactsWithCustomersResponseSchema'),
	('contact_list(''acme'')', 'CustomerContactsListResponse'), ('customer_contact_list(''acme'', ''full'')', 'CustomerContactListResponse'), ('customer_contact_list(''acme'', ''sparse'')', 'CustomerContactListResponse'), ('customer_contact_get(''acme'', ''full'', ''kim'')', 'CustomerContactResponseSchema'),
	('contact_customer_list(''acme'', ''kim'')', 'CustomerContactsListSchema'), ('customer_group_list(''acme'')', 'CustomerGroupListResponse'), ('customer_group_get(''acme'', ''staff'')', 'CustomerGroupResponseSchema'),
	('customer_create(''acme'', ''{"customerType": "B2B", "companyName": "x"}'')', 'CustomerResponseSchema'), ('customer_consent_set(''acme'', ''sparse'', ''news'', ''{"status": true, "source": ""}'')', 'CustomerResponseSchema'),
	('customer_address_put(''acme'', ''sparse'', ''{"type": "DELIVERY_ADDRESS"}'')', 'CustomerResponseSchema'), ('customer_extension_add(''acme'', ''sparse'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'')', 'CustomerResponseSchema'),
	('customer_batch(''acme'', ''{}'')', 'CustomerBatchResponseSchema'), ('customer_batch(''acme'', ''{"create": [{}, 5, {"customerUid": "full", "customerType": "PERSON"}], "delete": [{"customerUid": "x"}], "upsert": [{"externalId": "u", "city": 5, "email": "x"}], "update": [{}]}'')', 'CustomerBatchResponseSchema')) AS v(call, schema);
SELECT is_empty(format('SELECT t.violations(t.body(%L, %L, %L), ''GenericErrorResponse'')', method, target, body), format('the error of %s %s', method, target)) FROM (VALUES ('GET', '/v2/nothing', NULL), ('GET', '%', NULL), ('PATCH', '/v2/tenants/acme/customers', NULL), ('POST', '/v2/tenants/acme/customers', '{'),
	('POST', '/v2/tenants/acme/customers', '{"email": 5}'), ('GET', '/v2/tenants/acme/customers/none', NULL), ('GET', '/v2/tenants/none/customers', NULL), ('POST', '/v2/tenants/acme/customers/batch', '{"create": 5}')) AS v(method, target, body);
SELECT is((e -> 'errors')::text, '[{"code": "VALIDATION_FAILED", "path": "$.email", "message": "email must be a text"}, {"code": "VALIDATION_FAILED", "path": "$.customerType", "message": "customerType is required"}]', 'errors has path, code and message of each')
FROM t.body('POST', '/v2/tenants/acme/customers', '{"email": 5}') AS e;

-- The engine's own list of operations has the contract's routes.
SELECT set_eq($$SELECT method, regexp_replace(path, '\{[A-Za-z]+\}', '{}', 'g'), status FROM flowcustomer.operations() WHERE path IS NOT NULL$$,
	$$SELECT method, regexp_replace(path, '\{[A-Za-z]+\}', '{}', 'g'), status FROM t.route$$, 'operations() lists the contract''s routes');
SELECT set_eq($$SELECT method, path FROM flowcustomer.operations() WHERE path IS NOT NULL$$, 'SELECT method, path FROM t.route', 'with the contract''s names in the paths');
SELECT is_empty($$SELECT function_name FROM flowcustomer.operations() WHERE function_name IS NOT NULL EXCEPT SELECT proname FROM pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace$$, 'every operation has its function');

SELECT * FROM finish();
