-- Exports of a customer: as JSON, as XML, and with all that is known of it.
\ir include/helpers.psql
\ir include/orders.psql
\ir include/order_facts.psql
\ir include/contract_facts.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run('SELECT t.seed(''beta'')');

-- The contract's customer in the form of the documents' facts: all members are there.
INSERT INTO t.order_member
WITH RECURSIVE member AS (
	SELECT p.name AS path, p.* FROM t.property AS p WHERE schema = 'CustomerResponseSchema'
	UNION ALL SELECT concat(m.path, CASE m.type WHEN 'array' THEN '[0]' END, '.', p.name), p.* FROM member AS m JOIN t.property AS p ON p.schema = m.of)
SELECT 'customer', path, CASE type WHEN 'string' THEN CASE WHEN allowed IS NULL THEN 'text' ELSE 'enum' END WHEN 'array' THEN 'list' WHEN 'date-time' THEN 'moment' ELSE type END, true, nullable, NULL::integer, allowed FROM member
UNION ALL SELECT 'customer', path || '[0]', CASE of WHEN 'string' THEN 'uid' ELSE 'object' END, false, false, NULL, NULL FROM member WHERE type = 'array';

-- Every value of a document with its path, and with the path that its fact has.
CREATE FUNCTION t.nodes(document jsonb) RETURNS TABLE (path text, general text, value jsonb) LANGUAGE sql IMMUTABLE AS $$
	WITH RECURSIVE node (path, general, value) AS (SELECT '', '', document
		UNION ALL SELECT below.* FROM node AS n, LATERAL (
			SELECT concat_ws('.', nullif(n.path, ''), key), concat_ws('.', nullif(n.general, ''), key), e.value FROM jsonb_each(CASE jsonb_typeof(n.value) WHEN 'object' THEN n.value ELSE '{}' END) AS e
			UNION ALL SELECT format('%s[%s]', n.path, i - 1), n.general || '[0]', e.value FROM jsonb_array_elements(CASE jsonb_typeof(n.value) WHEN 'array' THEN n.value ELSE '[]' END) WITH ORDINALITY AS e(value, i)) AS below)
	SELECT * FROM node
$$;
CREATE FUNCTION t.fits(m t.order_member, value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN value = 'null' THEN m.nullable
		WHEN m.type IN ('object', 'boolean', 'number') THEN jsonb_typeof(value) = m.type
		WHEN m.type = 'list' THEN jsonb_typeof(value) = 'array'
		WHEN m.type = 'integer' THEN jsonb_typeof(value) = 'number' AND value::text ~ '^-?\d+$'
		ELSE jsonb_typeof(value) = 'string' AND CASE m.type
			WHEN 'text' THEN length(value #>> '{}') <= coalesce(m.max_length, 1000000000)
			WHEN 'uid' THEN value #>> '{}' ~ '^[A-Za-z0-9_-]{1,255}$'
			WHEN 'optional' THEN value #>> '{}' ~ '^[A-Za-z0-9_-]{0,255}$'
			WHEN 'time' THEN value #>> '{}' ~ '^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$'
			WHEN 'moment' THEN value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$'
			WHEN 'date' THEN value #>> '{}' ~ '^(\d{4}-\d\d-\d\d)?$'
			WHEN 'enum' THEN value #>> '{}' = ANY (m.allowed) END END
$$;
-- What is wrong with a customer or a document: one row for each thing.
CREATE FUNCTION t.violations(kind text, checked jsonb) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT concat_ws('.', nullif(n.path, ''), regexp_replace(m.path, '^.*\.', '')) || ' is missing'
	FROM t.nodes(checked) AS n JOIN t.order_member AS m ON n.general = CASE WHEN m.path ~ '\.' THEN regexp_replace(m.path, '\.[^.]*$', '') ELSE '' END
	WHERE m.document = kind AND m.required AND m.path !~ '\]$' AND jsonb_typeof(n.value) = 'object' AND NOT n.value ? regexp_replace(m.path, '^.*\.', '')
	UNION ALL SELECT CASE WHEN m IS NULL THEN n.path || ' is not in the contract' ELSE format('%s is no %s', n.path, m.type) END
	FROM t.nodes(checked) AS n LEFT JOIN t.order_member AS m ON m.document = kind AND m.path = n.general
	WHERE n.path <> '' AND (m IS NULL OR NOT t.fits(m, n.value))
$$;
CREATE FUNCTION t.export_violations(answer json) RETURNS SETOF text LANGUAGE sql STABLE AS $$
	SELECT 'the members are ' || members FROM (SELECT string_agg(key, ', ' ORDER BY n) AS members FROM json_object_keys(answer) WITH ORDINALITY AS k(key, n)) AS k WHERE members <> 'customer, orders, services'
	UNION ALL SELECT 'customer: ' || v FROM t.violations('customer', (answer -> 'customer')::jsonb) AS v
	UNION ALL SELECT format('%s[%s]: %s', list, n - 1, v) FROM (VALUES ('orders', 'sales_order'), ('services', 'service_order')) AS l(list, kind), json_array_elements(answer -> list) WITH ORDINALITY AS d(document, n), LATERAL t.violations(kind, document::jsonb) AS v
$$;

-- What is put, and what has to come back: to the last byte but for spaces around it.
CREATE TABLE t.given (tenant text DEFAULT 'acme', list text, uid text COLLATE "C", customer text, body text, PRIMARY KEY (tenant, list, uid));
CREATE FUNCTION t.give() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.list = 'orders' THEN
		PERFORM flowcustomer.sales_order_put(NEW.tenant, NEW.body::json);
	ELSE
		PERFORM flowcustomer.service_order_put(NEW.tenant, NEW.body::json);
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER give BEFORE INSERT OR UPDATE OF body ON t.given FOR EACH ROW EXECUTE FUNCTION t.give();
CREATE FUNCTION t.export(customer text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS $$ SELECT flowcustomer.customer_export(tenant, customer)::text $$;
CREATE FUNCTION t.expected(of text, of_tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS $$
	SELECT format('{"customer":%s,"orders":[%s],"services":[%s]}', flowcustomer.customer_get(of_tenant, of), string_agg(btrim(body, E' \t\r\n'), ',' ORDER BY uid) FILTER (WHERE list = 'orders'), string_agg(btrim(body, E' \t\r\n'), ',' ORDER BY uid) FILTER (WHERE list = 'services'))
	FROM t.given WHERE tenant = of_tenant AND customer = of
$$;

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "sparse", "customerType": "PERSON"}, {"customerUid": "hq", "customerType": "COMPANY"},
	{"customerUid": "full", "customerType": "COMPANY", "customerParentUid": "hq", "firstname": "Kari 🙂", "lastname": "<Berg> & \"co\"", "companyName": "Acme", "email": "a@b.no", "mobile": "91234567", "address": "Vei 1\r\n2. etg.", "postalCode": "0150", "city": "Oslo", "countryCode": "NO",
	 "vatNumber": "987654321", "externalId": "E", "loyaltyId": "L", "ledgerNumber": "1", "pricelistUid": "p", "origin": "o", "internalNote": "a\u0001b\tc\ufffed", "paymentTerms": 14, "credit": {"limit": 100}, "accountManager": {"tenantUserUid": "liv"}, "ehf": {"enabled": true, "address": "x"},
	 "customerGroupUids": ["club", "staff"], "defaultStoreUid": "oslo", "consents": [{"consentUid": "news", "status": true, "source": "x"}, {"consentUid": "sms", "status": false, "source": "y"}]},
	{"customerUid": "many", "customerType": "PERSON"}, {"customerUid": "nothing", "customerType": "PERSON"}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_create('acme', 'full', '{"customerContactUid": "kim", "firstname": "Kim", "lastname": "Lie", "email": "k@l.no", "mobile": "12345", "role": "ADMIN"}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_extension_add('acme', 'full', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.customer_extension_add('acme', 'full', 'KLAVIYO_PROFILE_ID', '{"storeUid": "malmo"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'full', '{"type": "INVOICE_ADDRESS"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'full', '{"type": "DELIVERY_ADDRESS", "firstname": "K", "lastname": "B", "companyName": "C", "address": "V", "postalCode": "0150", "city": "O", "countryCode": "NO", "email": "a@b.no", "phone": "123"}')$$);
CALL t.run($$SELECT flowcustomer.customer_create('beta', '{"customerUid": "full", "customerType": "PERSON"}')$$);

-- Of each kind one with everything, each list with several elements, and one with nothing that need not be there.
CREATE FUNCTION t.twice(document jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE jsonb_typeof(document)
		WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(key, t.twice(value)), '{}') FROM jsonb_each(document))
		WHEN 'array' THEN (SELECT jsonb_agg(t.twice(value)) FROM jsonb_array_elements(document || document) AS e(value))
		ELSE document END;
END $$;
INSERT INTO t.given (list, uid, customer, body) VALUES
	('orders', 'o-1', 'full', t.twice(t.sales_order('o-1', '{"customerUid": "full"}')::jsonb)), ('services', 's-1', 'full', t.twice(t.service_order('s-1', '{"customerUid": "full"}')::jsonb)),
	('orders', 'o-0', 'full', t.sales_order('o-0', '{"customerUid": "full", "items": [], "settlements": [], "discounts": [], "orderhandlings": [], "allowedActions": []}')::jsonb - 'settledAt' - 'validUntil'),
	('services', 's-0', 'full', t.service_order('s-0', '{"customerUid": "full", "items": [], "assets": []}'));
INSERT INTO t.given (tenant, list, uid, customer, body) VALUES ('beta', 'orders', 'o-1', 'full', t.sales_order('o-1', '{"customerUid": "full", "note": "of another tenant"}'));

-- The contract's schemas ----------------------------------------------------------

SELECT is(t.export('sparse'), t.expected('sparse'), 'a customer without orders');
SELECT is(t.export('full'), t.expected('full'), 'one with orders');
SELECT is(t.export('full', 'beta'), t.expected('full', 'beta'), 'each tenant''s by itself');
SELECT is_empty(format('SELECT t.export_violations(flowcustomer.customer_export(''acme'', %L))', uid), uid || ' has what the contract says, and nothing else') FROM unnest('{sparse,full,hq}'::text[]) AS uid;
SELECT set_eq(format($$SELECT DISTINCT general FROM t.nodes((flowcustomer.customer_export('acme', 'full') #> %L)::jsonb) WHERE general <> ''$$, place), format('SELECT path FROM t.order_member WHERE document = %L', kind), 'it has every member of a ' || kind) FROM (VALUES ('{customer}', 'customer'), ('{orders,1}', 'sales_order'), ('{services,1}', 'service_order')) AS v(place, kind);
-- The check itself: whatever is spoilt is found.
CREATE TABLE t.whole AS SELECT 'customer' AS kind, (flowcustomer.customer_export('acme', 'full') -> 'customer')::jsonb AS document UNION ALL SELECT 'sales_order', t.sales_order('x')::jsonb UNION ALL SELECT 'service_order', t.service_order('x')::jsonb;
CREATE FUNCTION t.steps(path text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT string_to_array(replace(replace(path, '[', '.'), ']', ''), '.') $$;
-- Members at the same depth are not in each other, so all of them are spoilt at once.
CREATE FUNCTION t.spoilt(document jsonb, paths text[], wrong jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	path text;
BEGIN
	FOREACH path IN ARRAY paths LOOP
		document := CASE WHEN wrong IS NULL THEN document #- t.steps(path) ELSE jsonb_set(document, t.steps(path), wrong) END;
	END LOOP;
	RETURN document;
END $$;
CREATE TABLE t.broken AS
	SELECT w.kind, NULL::jsonb AS wrong, array_agg(m.path) AS paths, array_agg(m.path || ' is missing') AS expected FROM t.whole AS w JOIN t.order_member AS m ON m.document = w.kind AND m.required AND m.path !~ '\]$' GROUP BY w.kind, cardinality(t.steps(m.path))
	UNION ALL SELECT w.kind, wrong, array_agg(m.path), array_agg(format('%s is no %s', m.path, m.type)) FROM t.whole AS w JOIN t.order_member AS m ON m.document = w.kind, jsonb_array_elements('[true, 1.5, "a b", [], {}]') AS wrong WHERE NOT t.fits(m, wrong) GROUP BY w.kind, wrong, cardinality(t.steps(m.path));
CREATE TABLE t.found AS SELECT b.kind, b.wrong, missed FROM t.broken AS b JOIN t.whole AS w USING (kind), LATERAL (SELECT unnest(b.expected) EXCEPT SELECT t.violations(b.kind, t.spoilt(w.document, b.paths, b.wrong))) AS f(missed);
SELECT is(coalesce(string_agg(concat_ws(' ', kind, missed), ', '), ''), '', 'every missing member is found') FROM t.found WHERE wrong IS NULL;
SELECT is(coalesce(string_agg(format('%s %s %s', kind, missed, wrong), ', '), ''), '', 'every value of another type is found') FROM t.found WHERE wrong IS NOT NULL;
SELECT cmp_ok(sum(cardinality(paths)), '>', 1000::bigint, 'which are many') FROM t.broken;
SELECT is(array(SELECT t.violations('customer', document || '{"more": 1}')), '{more is not in the contract}', 'and what is too much') FROM t.whole WHERE kind = 'customer';
SELECT is(t.error(format('SELECT flowcustomer.%s(%L, %L)', function, tenant, customer)), expected, format('%s of %s %s', function, tenant, coalesce(customer, 'NULL'))) FROM unnest('{customer_export,customer_export_xml,customer_export_full}'::text[]) AS function,
	(VALUES ('acme', 'nobody', 'PT404: CUSTOMER_NOT_FOUND'), ('none', 'full', 'PT404: TENANT_NOT_FOUND'), ('beta', 'sparse', 'PT404: CUSTOMER_NOT_FOUND'), ('acme', 'a b', 'PT400: VALIDATION_FAILED customerUid'), ('acme', NULL, 'PT400: VALIDATION_FAILED customerUid'), (NULL, 'full', 'PT400: VALIDATION_FAILED tenantUid')) AS v(tenant, customer, expected);

-- As they came --------------------------------------------------------------------

-- Uids in the order of their bytes; documents small, compressed, and outside the row.
CREATE FUNCTION t.random_text(seed text, length integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT left(string_agg(md5(seed || n), ''), length) FROM generate_series(0, length / 32) AS n $$;
INSERT INTO t.given (list, uid, customer, body) SELECT 'orders', uid, 'many', t.sales_order(uid, '{"customerUid": "many"}') FROM unnest('{a,A,Z,z,0,9,-,_,a-,a_,aa,aB,ab,a0,A-z,--,__,-_,_-,10,9a}'::text[]) AS uid
UNION ALL SELECT 'services', uid, 'many', t.service_order(uid, '{"customerUid": "many"}') FROM unnest('{b,B,_b,-b,b-,b0,10,9}'::text[]) AS uid
UNION ALL SELECT 'orders', md5(n::text), 'many', t.sales_order(md5(n::text), jsonb_build_object('customerUid', 'many', 'note', t.random_text('x' || n, 1 + n * n % 3000), 'internalNote', repeat('ab ', n * n % 500))) FROM generate_series(1, 1000) AS n
UNION ALL SELECT 'services', md5(n::text), 'many', t.service_order(md5(n::text), jsonb_build_object('customerUid', 'many', 'description', t.random_text('y' || n, 1 + n * n % 3000))) FROM generate_series(1, 100) AS n
UNION ALL SELECT 'orders', 'long', 'many', t.sales_order('long', jsonb_build_object('customerUid', 'many', 'note', repeat('long ', 60000)))
UNION ALL SELECT 'orders', 'wide', 'many', t.sales_order('wide', jsonb_build_object('customerUid', 'many', 'note', t.random_text('z', 300000)));
-- Spaces, escapes, numbers and names that come again; the last one counts.
INSERT INTO t.given (list, uid, customer, body) SELECT 'orders', 'odd', 'many', E' \t\n{ "customerUid" :"full","unknown":[ 1e3,-0, 1.50 ,{ } , [ ], "\\u00e6\\/\\ud83d\\ude42\\t", null ],"unknown":2,\r\n' || substr(t.sales_order('odd', '{"customerUid": "many"}')::text, 2) || E'\n ';
SELECT ok(t.export('many') = t.expected('many'), 'a thousand orders as they came, in the order of their uids');
SELECT is(strpos(t.export('many'), substring(body FROM E'^\\s*(.*?)\\s*$')) > 0, true, 'spaces and escapes are left alone') FROM t.given WHERE uid = 'odd';
SELECT is_empty($$SELECT t.export_violations(json_build_object('customer', e -> 'customer', 'orders', (SELECT json_agg(o) FROM json_array_elements(e -> 'orders') WITH ORDINALITY AS o(o, n) WHERE n % 25 = 0 AND o ->> 'orderUid' <> 'odd'), 'services', e -> 'services')) FROM flowcustomer.customer_export('acme', 'many') AS e$$, 'they have what the contract says');

-- Merged customers: what came from them is in it ----------------------------------------------

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "a", "customerType": "PERSON", "externalId": "E-a"}, {"customerUid": "b", "customerType": "PERSON", "lastname": "Lie", "loyaltyId": "L-b"}, {"customerUid": "c", "customerType": "PERSON", "firstname": "Kim"}, {"customerUid": "z", "customerType": "PERSON"}]}')$$);
INSERT INTO t.given (list, uid, customer, body) SELECT list, uid, customer, CASE list WHEN 'orders' THEN t.sales_order(uid, jsonb_build_object('customerUid', customer)) ELSE t.service_order(uid, jsonb_build_object('customerUid', customer)) END
FROM (VALUES ('orders', 'm4', 'a'), ('orders', 'm2', 'b'), ('orders', 'm3', 'c'), ('orders', 'm1', 'c'), ('orders', 'm0', 'z'), ('services', 'm9', 'b'), ('services', 'm8', 'a'), ('services', 'm7', 'c')) AS v(list, uid, customer);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'b', '{"mergeFromCustomerUid": "c"}')$$);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'a', '{"mergeFromCustomerUid": "b"}')$$);
-- the documents still name those who ordered
UPDATE t.given SET customer = 'a' WHERE customer IN ('b', 'c');
SELECT is(t.export(uid), t.expected('a'), format('asked for by %s: everything of the three', uid)) FROM unnest('{a,b,c}'::text[]) AS uid;
SELECT is((SELECT string_agg((o ->> 'orderUid') || ' ' || (o ->> 'customerUid'), ', ') FROM json_array_elements(flowcustomer.customer_export('acme', 'b') -> 'orders') AS o), 'm1 c, m2 b, m3 c, m4 a', 'the orders of all three');
SELECT is(flowcustomer.customer_export_xml('acme', uid)::text, flowcustomer.customer_export_xml('acme', 'a')::text, format('as XML by %s', uid)) FROM unnest('{b,c}'::text[]) AS uid;
CALL t.run($$SELECT flowcustomer.customer_merge_undo('acme', merge_uid) FROM flowcustomer.merge WHERE duplicate_uid = 'b'$$);
UPDATE t.given SET customer = CASE WHEN uid IN ('m2', 'm9', 'm3', 'm1', 'm7') THEN 'b' ELSE 'a' END WHERE customer = 'a';
SELECT is(t.export(uid), t.expected(kept), format('undone, %s is %s again', uid, kept)) FROM (VALUES ('a', 'a'), ('b', 'b'), ('c', 'b')) AS v(uid, kept);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'a', '{"mergeFromCustomerUid": "b"}')$$);
UPDATE t.given SET customer = 'a' WHERE customer = 'b';

-- XML -----------------------------------------------------------------------------

-- The documented mapping.
CREATE FUNCTION t.xml_text(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT replace(replace(replace(replace(regexp_replace(value, E'[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]', E'\ufffd', 'g'), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), E'\r', '&#x0d;')
$$;
CREATE FUNCTION t.to_xml(value json, name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE json_typeof(value)
		WHEN 'null' THEN format('<%s xsi:nil="true"/>', name)
		ELSE format('<%1$s>%2$s</%1$s>', name, CASE json_typeof(value)
			WHEN 'object' THEN (SELECT string_agg(t.to_xml(e.value, e.key), '' ORDER BY n) FROM json_each(value) WITH ORDINALITY AS e(key, value, n))
			WHEN 'array' THEN (SELECT string_agg(t.to_xml(e.value, 'item'), '' ORDER BY n) FROM json_array_elements(value) WITH ORDINALITY AS e(value, n))
			WHEN 'string' THEN t.xml_text(value #>> '{}') ELSE value::text END) END;
END $$;
CREATE FUNCTION t.xml(customer text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS $$ SELECT flowcustomer.customer_export_xml(tenant, customer)::text $$;
CREATE FUNCTION t.expected_xml(customer text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(t.to_xml(flowcustomer.customer_export(tenant, customer), 'export'), '^<export>', '<export xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">') $$;
-- The values of both, in their order: what an element without elements in it says.
CREATE FUNCTION t.xml_leaves(document xml) RETURNS text[] LANGUAGE sql AS
$$ SELECT array_agg(concat_ws(' ', name, CASE WHEN "nil" = 'true' THEN 'null' ELSE ':' || value END) ORDER BY n) FROM XMLTABLE(XMLNAMESPACES ('http://www.w3.org/2001/XMLSchema-instance' AS xsi), '//*[not(*)]' PASSING document COLUMNS n FOR ORDINALITY, name text PATH 'name()', value text PATH 'string(.)', "nil" text PATH '@xsi:nil') $$;
CREATE FUNCTION t.json_leaves(value json, name text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	IF json_typeof(value) = 'object' AND value::text !~ '^\s*\{\s*\}\s*$' THEN
		RETURN QUERY SELECT l FROM json_each(value) WITH ORDINALITY AS e(key, value, n), LATERAL t.json_leaves(e.value, e.key) WITH ORDINALITY AS l(l, m) ORDER BY n, m;
	ELSIF json_typeof(value) = 'array' AND json_array_length(value) > 0 THEN
		RETURN QUERY SELECT l FROM json_array_elements(value) WITH ORDINALITY AS e(value, n), LATERAL t.json_leaves(e.value, 'item') WITH ORDINALITY AS l(l, m) ORDER BY n, m;
	ELSE
		RETURN NEXT name || CASE json_typeof(value) WHEN 'null' THEN ' null' WHEN 'object' THEN ' :' WHEN 'array' THEN ' :' ELSE ' :' || regexp_replace(value #>> '{}', E'[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]', E'\ufffd', 'g') END;
	END IF;
END $$;
SELECT ok(t.xml(uid, tenant) = t.expected_xml(uid, tenant), format('%s of %s as XML says what the JSON does', uid, tenant)) FROM (VALUES ('sparse', 'acme'), ('full', 'acme'), ('full', 'beta'), ('a', 'acme'), ('hq', 'acme')) AS v(uid, tenant);
SELECT ok(t.error(format('SELECT xmlparse(document %L)', t.xml(uid))) = 'ok', uid || ' is well-formed') FROM unnest('{sparse,full,a,many}'::text[]) AS uid;
SELECT is(t.xml_leaves(flowcustomer.customer_export_xml('acme', uid)), array(SELECT t.json_leaves(flowcustomer.customer_export('acme', uid), 'export')), uid || ': every value at its place') FROM unnest('{sparse,full,a}'::text[]) AS uid;
SELECT is(xpath('/export/customer/firstname/text()', x)::text || xpath('/export/customer/lastname/text()', x)::text || xpath('count(/export/orders/item/items/item)', x)::text || xpath('/export/orders/item/orderUid/text()', x)::text, '{"Kari 🙂"}{"&lt;Berg&gt; &amp; \"co\""}{2}{o-0,o-1}', 'found by their names') FROM flowcustomer.customer_export_xml('acme', 'full') AS x;
SELECT is(xpath('count(/export/orders/item)', x)::text || xpath('count(/export/services/item)', x)::text || (SELECT md5(string_agg(u::text, ',')) FROM unnest(xpath('/export/orders/item/orderUid/text()', x)) AS u), format('{%s}{%s}', (SELECT count(*) FROM t.given WHERE customer = 'many' AND list = 'orders'), (SELECT count(*) FROM t.given WHERE customer = 'many' AND list = 'services')) || (SELECT md5(string_agg(uid, ',' ORDER BY uid)) FROM t.given WHERE customer = 'many' AND list = 'orders'), 'a thousand orders as XML')
FROM flowcustomer.customer_export_xml('acme', 'many') AS x;

-- Documents may hold anything: what XML has for each name and each value.
CALL t.run($$SELECT flowcustomer.tenant_put('lax', '{"name": "Lax", "lenient": true}'), flowcustomer.customer_create('lax', '{"customerUid": "kari", "customerType": "PERSON"}')$$);
CREATE FUNCTION t.shown(members text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	document text;
BEGIN
	PERFORM flowcustomer.sales_order_put('lax', format('{"orderUid": "o", "customerUid": "kari", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": [], "begin": 1, %s, "end": 1}', members)::json);
	document := t.xml('kari', 'lax');
	PERFORM xmlparse(document document);
	RETURN substring(document FROM '<begin>1</begin>(.*)<end>1</end>');
END $$;
SELECT is(t.shown(format('"%s": 1', name)), format('<%1$s>1</%1$s>', expected), format('the name "%s"', name)) FROM (VALUES ('a', 'a'), ('Order_2.b-c', 'Order_2.b-c'), ('a b', 'a_x0020_b'), ('1a', '_x0031_a'), ('-a', '_x002D_a'), ('.a', '_x002E_a'), ('_a', '_a'), ('a:b', 'a_x003A_b'), ('xsi:nil', 'xsi_x003A_nil'),
	(':', '_x003A_'), ('xml', '_x0078_ml'), ('XmlThing', '_x0058_mlThing'), ('axml', 'axml'), ('_x0041_', '_x005F_x0041_'), ('æøå', 'æøå'), ('\u00e6', 'æ'), ('日本', '日本'), ('🙂', '_x1F642_'), ('\ud83d\ude42', '_x1F642_'), ('<', '_x003C_'), ('a>b', 'a_x003E_b'), ('&amp;', '_x0026_amp_x003B_'),
	('\"', '_x0022_'), ('a''', 'a_x0027_'), ('\\', '_x005C_'), ('a/b', 'a_x002F_b'), ('a\/b', 'a_x002F_b'), ('\n', '_x000A_'), ('a\r\n', 'a_x000D__x000A_'), ('\u0001', '_x0001_'), ('a\u0001', 'a_x0001_'), ('\ufffe', '_xFFFE_'), (E'a\uffff', 'a_xFFFF_'), ('\u007f', '_x007F_'), ('$ref', '_x0024_ref'), ('@type', '_x0040_type'),
	('\u0000', '_x005C_u0000'), ('a\ud83d', 'a_x005C_ud83d'), ('\ude42\ud83d', '_x005C_ude42_x005C_ud83d'), (repeat('n', 1000), repeat('n', 1000))) AS v(name, expected);
SELECT matches(t.shown('"": 1'), '^<([^>]+)>1</\1>$', 'a name of nothing is some name');
SELECT is(t.shown('"b": {"a": 1, "a": 2, "": {}}, "b": []'), '<b><a>1</a><a>2</a><_></_></b><b></b>', 'names that come again');
SELECT is(t.shown('"v": ' || value), expected, 'the value ' || left(value, 60)) FROM (VALUES ('null', '<v xsi:nil="true"/>'), ('[]', '<v></v>'), (' [ ] ', '<v></v>'), ('{}', '<v></v>'), ('""', '<v></v>'), ('true', '<v>true</v>'), ('false', '<v>false</v>'), ('0', '<v>0</v>'), ('-0', '<v>-0</v>'), ('1.50', '<v>1.50</v>'), ('-1E+3', '<v>-1E+3</v>'), ('123456789012345678901234567890.10', '<v>123456789012345678901234567890.10</v>'),
	('[null, [], {}, "", [[1, null], []], {"item": [2]}]', '<v><item xsi:nil="true"/><item></item><item></item><item></item><item><item><item>1</item><item xsi:nil="true"/></item><item></item></item><item><item><item>2</item></item></item></v>'),
	('"<&>\"''"', '<v>&lt;&amp;&gt;"''</v>'), ('"]]>"', '<v>]]&gt;</v>'), ('"<![CDATA[x]]><!-- x --><?x?>"', '<v>&lt;![CDATA[x]]&gt;&lt;!-- x --&gt;&lt;?x?&gt;</v>'), ('"&amp;&#x41;"', '<v>&amp;amp;&amp;#x41;</v>'), ('"\/\\\""', '<v>/\"</v>'), ('"a\r\nb\rc\nd\te"', E'<v>a&#x0d;\nb&#x0d;c\nd\te</v>'), ('" a "', '<v> a </v>'), ('"\n"', E'<v>\n</v>'),
	('"\u0001a\b\f\u001f"', E'<v>\ufffda\ufffd\ufffd\ufffd</v>'), ('"\u0020"', '<v> </v>'), ('"\u007f\u0080\u0085\u009f"', E'<v>\u007f\u0080\u0085\u009f</v>'), (E'"\u007f\u0080\u0085\u009f"', E'<v>\u007f\u0080\u0085\u009f</v>'), ('"\ufffe\uffff"', E'<v>\ufffd\ufffd</v>'), (E'"a\ufffe\uffffb"', E'<v>a\ufffd\ufffdb</v>'), ('"\ufffd\ufffc\ufdd0"', E'<v>\ufffd\ufffc\ufdd0</v>'),
	('"\u2028\ufeff"', E'<v>\u2028\ufeff</v>'), ('"🙂\ud83d\ude42"', '<v>🙂🙂</v>'), ('"\ud83f\udffe\udbff\udfff"', E'<v>\U0001fffe\U0010ffff</v>'), ('"æ\u00e6"', '<v>ææ</v>'),
	('"\u0000"', '<v>\u0000</v>'), ('"a\u0000\n<\u00e6"', '<v>a\u0000\n&lt;\u00e6</v>'), ('"\ud83d"', '<v>\ud83d</v>'), ('"\ude42\ud83d&"', '<v>\ude42\ud83d&amp;</v>'), (E'"\ufffe\\ud83dx"', E'<v>\ufffd\\ud83dx</v>'), (format('"%s"', repeat('<', 100000)), format('<v>%s</v>', repeat('&lt;', 100000))),
	(repeat('[', 60) || repeat(']', 60), '<v>' || repeat('<item>', 59) || repeat('</item>', 59) || '</v>'), (repeat('{"v":', 60) || 'null' || repeat('}', 60), repeat('<v>', 60) || '<v xsi:nil="true"/>' || repeat('</v>', 60))) AS v(value, expected);
-- Everything in one.
SELECT is(t.shown('"z": {"a b": "\u0000", "1": [null, "\ufffe"], "\ud83d": "\r<"}'), E'<z><a_x0020_b>\\u0000</a_x0020_b><_x0031_><item xsi:nil="true"/><item>\ufffd</item></_x0031_><_x005C_ud83d>&#x0d;&lt;</_x005C_ud83d></z>', 'all at once');
SELECT is(strpos(t.export('kari', 'lax'), '"z": {"a b": "\u0000", "1": [null, "\ufffe"], "\ud83d": "\r<"}') > 0, true, 'and as JSON just as it came');

-- HTTP ----------------------------------------------------------------------------

CREATE FUNCTION t.get_export(accept text, method text DEFAULT 'GET', target text DEFAULT '/v2/tenants/acme/customers/full/export') RETURNS flowcustomer.http_response LANGUAGE sql AS
$$ SELECT h FROM flowcustomer.http(method, target, NULL, CASE WHEN accept IS NOT NULL THEN json_build_object('Accept', accept) END) AS h $$;
CREATE TABLE t.format (format text, headers text, body text);
INSERT INTO t.format VALUES ('JSON', '{"Content-Language":"en","Cache-Control":"no-store","Content-Type":"application/json; charset=utf-8"}', t.export('full')), ('XML', '{"Content-Language":"en","Cache-Control":"no-store","Content-Type":"application/xml; charset=utf-8"}', t.xml('full'));
SELECT is(format('%s %s %s', h.status, h.headers, (SELECT b.format FROM t.format AS b WHERE b.body = h.body)), format('200 %s %s', f.headers, f.format), format('Accept: %s gives %s', coalesce(left(accept, 60), 'none'), expected)) FROM (VALUES (NULL, 'JSON'), ('', 'JSON'), ('*/*', 'JSON'), ('application/*', 'JSON'), ('application/json', 'JSON'), ('application/xml', 'XML'), ('text/xml', 'XML'), ('Application/XML', 'XML'), ('TEXT/XML', 'XML'), ('application/xml;charset=utf-8', 'XML'),
	('application/json, application/xml', 'JSON'), ('application/xml, application/json', 'JSON'), ('application/xml;q=1.0, application/json;q=1', 'JSON'), ('application/json;q=0.5, application/xml;q=0.6', 'XML'), ('application/json;q=0.6, application/xml;q=0.5', 'JSON'), ('application/xml; q=0.501 , application/json; q=0.5', 'XML'), ('application/json;q=0.9, text/xml', 'XML'), ('application/xml;q=0.1, text/xml;q=0.3, application/json;q=0.2', 'XML'),
	('application/xml;q=0', 'JSON'), ('application/xml;q=0, text/xml', 'XML'), ('application/xml;q=0, */*', 'JSON'), ('application/xml, */*;q=0.1', 'XML'), ('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'XML'), ('text/html, image/png', 'JSON'), ('text/xmlx', 'JSON'), ('application/xml+x', 'JSON'), ('xml', 'JSON'), ('application/atom+xml', 'JSON'),
	('garbage', 'JSON'), (',,;;=q', 'JSON'), (';q=1', 'JSON'), ('application/xml;q=', 'JSON'), ('application/xml;q=x', 'JSON'), ('application/xml;level=1;q=0.2, application/json;q=0.1', 'XML'), (E'\tapplication/xml', 'XML'), (repeat('a/b,', 50000) || 'application/xml', 'XML'), ('application/xml;q=0.5, */*', 'JSON'), ('text/xml;q=0.5, application/*;q=0.8', 'JSON'),
	('*/*;q=0.1, application/xml;q=0.5', 'XML'), ('application/xml;Q=0.1, application/json;q=0.5', 'JSON')) AS v(accept, expected) JOIN t.format AS f ON f.format = expected, t.get_export(accept) AS h;
SELECT is((h.status, h.headers::text, h.body)::text, (200, f.headers, NULL::text)::text, 'HEAD has the headers of ' || f.format) FROM t.format AS f, t.get_export(CASE f.format WHEN 'XML' THEN 'text/xml' END, 'HEAD') AS h;
SELECT is((h.status, h.headers ->> 'Content-Type', h.body::json ->> 'code')::text, format('(%s,"application/json; charset=utf-8",%s)', v.status, v.code), format('%s %s', method, target)) FROM (VALUES ('GET', '/v2/tenants/acme/customers/nobody/export', 404, 'CUSTOMER_NOT_FOUND'), ('GET', '/v2/tenants/none/customers/full/export', 404, 'TENANT_NOT_FOUND'),
	('GET', '/v2/tenants/acme/customers/a%20b/export', 400, 'VALIDATION_FAILED'), ('GET', '/v2/tenants/acme/customers/full/Export', 404, 'ROUTE_NOT_FOUND'), ('GET', '/v2/tenants/acme/customers/full/export/', 404, 'ROUTE_NOT_FOUND'), ('GET', '/v2/tenants/acme/customers/full/export.xml', 404, 'ROUTE_NOT_FOUND'), ('POST', '/v2/tenants/acme/customers/full/export', 405, 'METHOD_NOT_ALLOWED'),
	('PUT', '/v2/tenants/acme/customers/full/export', 405, 'METHOD_NOT_ALLOWED'), ('DELETE', '/v2/tenants/acme/customers/full/export', 405, 'METHOD_NOT_ALLOWED'), ('PATCH', '/v2/tenants/acme/customers/full/export', 405, 'METHOD_NOT_ALLOWED')) AS v(method, target, status, code), t.get_export('application/xml', method, target) AS h;
SELECT is((h.status, h.headers ->> 'Allow', h.body)::text, '(204,"GET, HEAD, OPTIONS",)', 'OPTIONS') FROM t.get_export('application/xml', 'OPTIONS') AS h;
SELECT is(h.body, t.export('a'), 'by a merged-away uid') FROM t.get_export(NULL, 'GET', '/v2/tenants/acme/customers/c/export') AS h;
SELECT is(h.body, t.export('many'), 'large ones') FROM t.get_export(NULL, 'GET', '/v2/tenants/acme/customers/many/export') AS h;
-- Behind PostgREST everything is JSON.
CREATE FUNCTION t.rest(accept text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	PERFORM set_config('request.headers', json_build_object('x-original-method', 'GET', 'x-original-uri', '/v2/tenants/acme/customers/full/export', 'accept', accept)::text, true);
	answer := flowcustomer.rest(NULL)::text;
	RETURN concat_ws(' ', current_setting('response.status'), (SELECT h ->> 'Content-Type' FROM json_array_elements(current_setting('response.headers')::json) AS h WHERE h ->> 'Content-Type' IS NOT NULL), answer);
END $$;
SELECT is(t.rest(accept), '200 application/json; charset=utf-8 ' || t.export('full'), 'rest() gives JSON for ' || accept) FROM unnest('{application/json,application/xml,text/xml,*/*}'::text[]) AS accept;

-- Everything that is known ----------------------------------------------------------------

CREATE FUNCTION t.full(customer text, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE sql AS $$ SELECT flowcustomer.customer_export_full(tenant, customer)::jsonb $$;
-- Its times and made-up uids left out.
CREATE FUNCTION t.plain(value jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE jsonb_typeof(value)
		WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(key, t.plain(e.value)), '{}') FROM jsonb_each(value) AS e WHERE key !~ 'At$' AND key NOT IN ('entryUid', 'mergeUid', 'accessUid', 'printJobUid', 'leasedUntil'))
		WHEN 'array' THEN (SELECT coalesce(jsonb_agg(t.plain(e.value) ORDER BY n), '[]') FROM jsonb_array_elements(value) WITH ORDINALITY AS e(value, n))
		ELSE value END;
END $$;
SELECT is(string_agg(key, ' ' ORDER BY n), 'customer orders services consentHistory mergedIdentities merges changes accesses printJobs references', 'its parts') FROM json_object_keys(flowcustomer.customer_export_full('acme', 'full')) WITH ORDINALITY AS k(key, n);
SELECT is(left(flowcustomer.customer_export_full('acme', uid)::text, length(t.export(uid))), left(t.export(uid), -1) || ',', uid || ': it begins as the other') FROM unnest('{sparse,full,a}'::text[]) AS uid;
SELECT is(t.full('nothing') - 'customer' - 'changes', '{"orders": [], "services": [], "consentHistory": [], "mergedIdentities": [], "merges": [], "accesses": [], "printJobs": [], "references": []}', 'of one who has done nothing');

-- Two customers who are going to be one, and the same in another tenant.
CALL t.run($$SELECT flowcustomer.printer_put(tenant, '{"printerUid": "till", "storeUid": "oslo", "name": "Till", "kind": "LABEL"}') FROM unnest('{acme,beta}'::text[]) AS tenant$$);
CALL t.run($$SELECT flowcustomer.customer_batch(tenant, '{"create": [{"customerUid": "kari", "customerType": "PERSON", "externalId": "E-kari", "loyaltyId": "111"}, {"customerUid": "ola", "customerType": "PERSON", "externalId": "E-ola", "loyaltyId": "222"}, {"customerUid": "per", "customerType": "PERSON"}, {"customerUid": "liv", "customerType": "PERSON"}]}') FROM unnest('{acme,beta}'::text[]) AS tenant$$);
CALL t.run($$SELECT flowcustomer.tenant_put(tenant, '{"accessLog": true}') FROM unnest('{acme,beta}'::text[]) AS tenant$$);
DO $do$
DECLARE
	of_tenant text;
BEGIN
	FOREACH of_tenant IN ARRAY '{acme,beta}'::text[] LOOP
		PERFORM flowcustomer.customer_consent_set(of_tenant, 'ola', 'news', json_build_object('status', true, 'source', 'web', 'channel', 'e-mail', 'wording', E'Write to <me> "now"\n🙂 ' || of_tenant, 'wordingVersion', 'v2', 'recordedBy', 'liv', 'validUntil', '2090-01-01T00:00:00Z'));
		PERFORM pg_sleep(0.002);
		PERFORM flowcustomer.customer_consent_set(of_tenant, 'kari', 'sms', '{"status": true, "source": "till"}');
		PERFORM pg_sleep(0.002);
		PERFORM flowcustomer.customer_consent_set(of_tenant, 'kari', 'news', '{"status": false, "source": "shop"}');
		PERFORM flowcustomer.customer_consent_set(of_tenant, 'per', 'news', '{"status": true, "source": "per''s"}');
		PERFORM flowcustomer.customer_print(of_tenant, uid, '{"printerUid": "till"}') FROM unnest('{ola,kari,per}'::text[]) AS uid;
		-- others that have the uid of the customer, or of one that was merged into it
		PERFORM flowcustomer.contact_create(of_tenant, json_build_object('customerContactUid', uid, 'firstname', 'X', 'lastname', 'Y')) FROM unnest('{kari,ola}'::text[]) AS uid;
	END LOOP;
END $do$;
INSERT INTO t.given (tenant, list, uid, customer, body) SELECT tenant, 'orders', uid, customer, t.sales_order(uid, jsonb_build_object('customerUid', customer, 'note', tenant)) FROM unnest('{acme,beta}'::text[]) AS tenant, (VALUES ('kari', 'per'), ('x-ola', 'ola')) AS v(uid, customer);

-- Tables outside: registered, with a foreign key, of another owner, with odd names, and one that is dropped.
CREATE SCHEMA "o""ut; side";
DROP ROLE IF EXISTS t_export_owner;
CREATE ROLE t_export_owner;
GRANT USAGE ON SCHEMA t TO t_export_owner;
CREATE TABLE t.visit (id integer PRIMARY KEY, tenant text, customer varchar(300), note text, at timestamptz, amounts numeric[], more jsonb);
CREATE TABLE t.linked (tenant text, customer text, k integer, PRIMARY KEY (tenant, customer, k), FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
CREATE TABLE t.parts (tenant text, giver text, taker text, k integer PRIMARY KEY, FOREIGN KEY (giver, tenant) REFERENCES flowcustomer.customer (customer_uid, tenant_uid), FOREIGN KEY (tenant, taker) REFERENCES flowcustomer.customer) PARTITION BY LIST (k);
CREATE TABLE t.parts1 PARTITION OF t.parts FOR VALUES IN (1, 2);
CREATE TABLE t.parts2 PARTITION OF t.parts DEFAULT;
CREATE TABLE t.kept (tenant text, customer text PRIMARY KEY, value text);
CREATE TABLE "o""ut; side"."poi""nts" ("te""nant" text, "cus'tomer" text, "a ""b" text PRIMARY KEY);
CREATE TABLE t.short (tenant text, s text PRIMARY KEY, t text, rows integer);
CREATE TABLE t.owned (id integer PRIMARY KEY, tenant text, customer text);
CREATE TABLE t.gone (id integer PRIMARY KEY, tenant text, customer text);
INSERT INTO t.visit VALUES (1, 'acme', 'kari', E'<"\\\n🙂>', '2025-07-30 18:12:05.123456Z', '{1.50,2}', '{"a": [1, null]}'), (2, 'acme', 'ola', NULL, NULL, NULL, NULL), (3, 'acme', 'per', 'per''s', NULL, NULL, NULL), (4, 'beta', 'kari', 'of beta', NULL, NULL, NULL), (5, NULL, 'kari', 'nobody''s', NULL, NULL, NULL), (6, 'acme', NULL, 'no one', NULL, NULL, NULL);
INSERT INTO t.linked VALUES ('acme', 'kari', 1), ('acme', 'ola', 2), ('acme', 'per', 3), ('beta', 'ola', 4);
INSERT INTO t.parts VALUES ('acme', 'kari', 'per', 1), ('acme', 'per', 'ola', 2), ('acme', 'ola', 'kari', 9), ('beta', 'kari', 'ola', 10);
INSERT INTO t.kept VALUES ('acme', 'kari', 'kari''s'), ('acme', 'ola', 'ola''s'), ('acme', 'per', 'per''s');
INSERT INTO "o""ut; side"."poi""nts" VALUES ('acme', 'ola', 'x'), ('beta', 'ola', 'y');
INSERT INTO t.owned VALUES (1, 'acme', 'kari'), (2, 'acme', 'ola'), (3, 'beta', 'kari');
INSERT INTO t.gone VALUES (1, 'acme', 'kari');
ALTER TABLE t.owned OWNER TO t_export_owner;
-- what its rows show tells who reads them
CREATE FUNCTION t.reader() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_user::text $$;
ALTER TABLE t.owned ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON t.owned USING (t.reader() = 't_export_owner');
CALL t.run($$SELECT flowcustomer.reference_register('t.visit', 'tenant', 'customer'), flowcustomer.reference_register('t.kept', 'tenant', 'customer', 'KEEP'), flowcustomer.reference_register('"o""ut; side"."poi""nts"', 'te"nant', 'cus''tomer'),
	flowcustomer.reference_register('t.owned', 'tenant', 'customer'), flowcustomer.reference_register('t.gone', 'tenant', 'customer')$$);
-- The rows of each table in the order of their texts.
CREATE FUNCTION t.references(customer text, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(concat_ws(' ', r ->> 'relation', r ->> 'customerColumn'), CASE jsonb_typeof(r -> 'rows') WHEN 'array' THEN (SELECT coalesce(jsonb_agg(e ORDER BY e::text), '[]') FROM jsonb_array_elements(r -> 'rows') AS e) ELSE r -> 'rows' END) FROM jsonb_array_elements(t.full(customer, tenant) -> 'references') AS r
$$;
SELECT is(t.references('kari'), $${"t.visit customer": [{"id": 1, "tenant": "acme", "customer": "kari", "note": "<\"\\\n🙂>", "at": "2025-07-30T18:12:05.123456+00:00", "amounts": [1.50, 2], "more": {"a": [1, null]}}], "t.linked customer": [{"tenant": "acme", "customer": "kari", "k": 1}],
	"t.parts giver": [{"tenant": "acme", "giver": "kari", "taker": "per", "k": 1}], "t.parts taker": [{"tenant": "acme", "giver": "ola", "taker": "kari", "k": 9}], "t.kept customer": [{"tenant": "acme", "customer": "kari", "value": "kari's"}], "\"o\"\"ut; side\".\"poi\"\"nts\" cus'tomer": [],
	"t.owned customer": [{"id": 1, "tenant": "acme", "customer": "kari"}], "t.gone customer": [{"id": 1, "tenant": "acme", "customer": "kari"}]}$$, 'the rows of each table outside');
SELECT is(t.references('kari', 'beta'), '{"t.visit customer": [{"id": 4, "tenant": "beta", "customer": "kari", "note": "of beta", "at": null, "amounts": null, "more": null}], "t.linked customer": [], "t.parts giver": [{"tenant": "beta", "giver": "kari", "taker": "ola", "k": 10}], "t.parts taker": [], "t.kept customer": [], "\"o\"\"ut; side\".\"poi\"\"nts\" cus''tomer": [],
	"t.owned customer": [{"id": 3, "tenant": "beta", "customer": "kari"}], "t.gone customer": []}', 'those of another tenant');
SELECT is((SELECT array_agg(j #>> '{}') FROM jsonb_path_query(t.full('liv') -> 'references', '$[*].rows.size()') AS j), '{0,0,0,0,0,0,0,0}', 'nobody else''s');
CREATE TABLE t.keyless (tenant text, customer text, note text, FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
INSERT INTO t.keyless VALUES ('acme', 'kari', 'k'), ('acme', 'ola', 'o'), ('beta', 'kari', 'b');
SELECT is(t.references('kari') -> 't.keyless customer', '[{"tenant": "acme", "customer": "kari", "note": "k"}]', 'also of a table without a primary key');
DROP TABLE t.keyless;
INSERT INTO t.short VALUES ('acme', 'kari', 'T', 1);
CALL t.run($$SELECT flowcustomer.reference_register('t.short', 'tenant', 's')$$);
SELECT is(t.error($$SELECT flowcustomer.customer_export_full('acme', 'kari')$$), 'ok', 'columns may have any names');
SELECT is(CASE t.error($$SELECT flowcustomer.customer_export_full('acme', 'kari')$$) WHEN 'ok' THEN t.references('kari') -> 't.short s' END, '[{"tenant": "acme", "s": "kari", "t": "T", "rows": 1}]', 'and their rows are whole');
CALL t.run($$SELECT flowcustomer.reference_remove('t.short', 's')$$);


-- The other parts, before and after a merge.
SELECT is(t.plain(t.full('kari') -> 'consentHistory'), '[{"consentUid": "sms", "name": "Text messages", "status": true, "source": "till", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "postgres", "validUntil": ""}, {"consentUid": "news", "name": "Newsletter", "status": false, "source": "shop", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "postgres", "validUntil": ""}]', 'the history of consents');
SELECT is(t.plain(t.full('kari') -> part), expected::jsonb, part) FROM (VALUES ('mergedIdentities', '[]'), ('merges', '[]'), ('printJobs', '[{"printerUid": "till", "customerUid": "kari", "format": "ZPL", "state": "QUEUED", "attempts": 0, "error": "", "createdBy": "postgres"}]')) AS v(part, expected);
CALL t.run($$SELECT flowcustomer.customer_get(tenant, 'ola'), flowcustomer.customer_export(tenant, 'ola') FROM unnest('{acme,beta}'::text[]) AS tenant$$);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'kari', '{"mergeFromCustomerUid": "ola"}')$$);
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "Voss", "lastname": "Moe"}')$$);
SELECT is(t.plain(t.full('kari') -> 'consentHistory'), '[{"consentUid": "news", "name": "Newsletter", "status": true, "source": "web", "channel": "e-mail", "wording": "Write to <me> \"now\"\n🙂 acme", "wordingVersion": "v2", "recordedBy": "liv", "validUntil": "2090-01-01T00:00:00.000Z"},
	{"consentUid": "sms", "name": "Text messages", "status": true, "source": "till", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "postgres", "validUntil": ""}, {"consentUid": "news", "name": "Newsletter", "status": false, "source": "shop", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "postgres", "validUntil": ""}]', 'the history of both, with the words that were shown');
SELECT is(t.full('kari') -> 'consentHistory', flowcustomer.customer_consent_history('acme', 'kari')::jsonb -> 'items', 'as customer_consent_history has it');
SELECT is(t.plain(t.full('kari') -> 'mergedIdentities'), '[{"mergedCustomerUid": "ola", "externalId": "E-ola", "loyaltyId": "222"}]', 'what the other one was known by');
SELECT is(t.full('kari') #>> '{mergedIdentities,0,mergedAt}', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'and since when') FROM flowcustomer.customer_redirect WHERE tenant_uid = 'acme' AND customer_uid = 'ola';
SELECT is(t.plain(t.full('kari') -> 'merges'), '[{"customerUid": "kari", "mergeFromCustomerUid": "ola", "mergedBy": "postgres", "undoneBy": ""}]', 'the merge');
SELECT is(t.full('kari') -> 'merges', flowcustomer.customer_merge_list('acme', 'kari')::jsonb -> 'items', 'as customer_merge_list has it');
SELECT is(t.plain(t.full('kari') -> 'printJobs'), '[{"printerUid": "till", "customerUid": "kari", "format": "ZPL", "state": "QUEUED", "attempts": 0, "error": "", "createdBy": "postgres"}, {"printerUid": "till", "customerUid": "kari", "format": "ZPL", "state": "QUEUED", "attempts": 0, "error": "", "createdBy": "postgres"}]', 'the cards of both');
SELECT is(t.full('kari') -> 'changes', (SELECT jsonb_agg(jsonb_build_object('position', concat_ws('.', generation, transaction_id, place), 'entity', 'CUSTOMER', 'uid', entity_uid, 'operation', operation, 'changedAt', to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'changedBy', changed_by, 'fields', changed_fields::jsonb)
	ORDER BY generation, transaction_id, place) FROM flowcustomer.change WHERE tenant_uid = 'acme' AND entity = 'CUSTOMER' AND entity_uid IN ('kari', 'ola')), 'the changes of both in the order of the feed, each with its position, its time and its author');
SELECT is((SELECT string_agg(concat_ws(' ', c ->> 'uid', c ->> 'operation'), ', ' ORDER BY n) FROM jsonb_array_elements(t.full('kari') -> 'changes') WITH ORDINALITY AS e(c, n) WHERE c ->> 'operation' <> 'UPDATE'), 'kari CREATE, ola CREATE, ola MERGE', 'from the first to the last');
SELECT is_empty($$SELECT c ->> 'entity', c ->> 'uid' FROM jsonb_array_elements(t.full('kari') -> 'changes') AS c WHERE c ->> 'entity' <> 'CUSTOMER'$$, 'and of nothing else that has their uids');
SELECT set_eq($$SELECT a FROM jsonb_array_elements(t.full('kari') -> 'accesses') AS a$$, $$SELECT jsonb_build_object('accessUid', access_uid, 'customerUid', customer_uid, 'accessedAt', to_char(accessed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'accessedBy', accessed_by, 'operation', operation)
	FROM flowcustomer.customer_access WHERE tenant_uid = 'acme' AND customer_uid IN ('kari', 'ola') AND (operation <> 'customer_export_full' OR accessed_at < now())$$, 'who read them before');
SELECT is((SELECT string_agg(DISTINCT a ->> 'customerUid', ' ') FROM jsonb_array_elements(t.full('kari') -> 'accesses') AS a), 'kari ola', 'each under the uid that was read');
SELECT is((SELECT string_agg(a ->> 'operation', ' ' ORDER BY a ->> 'operation') FROM jsonb_array_elements(t.full('ola') -> 'accesses') AS a WHERE a ->> 'operation' <> 'customer_export_full'), 'customer_consent_history customer_export customer_get customer_merge_list', 'also who read the one that was merged away');
SELECT is((SELECT count(*) FROM jsonb_array_elements(t.full('kari') -> 'accesses') AS a WHERE a ->> 'operation' = 'customer_export_full'), (SELECT count(*) FROM flowcustomer.customer_access WHERE tenant_uid = 'acme' AND customer_uid = 'kari' AND operation = 'customer_export_full' AND accessed_at < now()), 'each such export is one of them for the next');
SELECT is(t.references('kari'), $${"t.visit customer": [{"id": 1, "tenant": "acme", "customer": "kari", "note": "<\"\\\n🙂>", "at": "2025-07-30T18:12:05.123456+00:00", "amounts": [1.50, 2], "more": {"a": [1, null]}}, {"id": 2, "tenant": "acme", "customer": "kari", "note": null, "at": null, "amounts": null, "more": null}], "t.linked customer": [{"tenant": "acme", "customer": "kari", "k": 1}, {"tenant": "acme", "customer": "kari", "k": 2}],
	"t.parts giver": [{"tenant": "acme", "giver": "kari", "taker": "per", "k": 1}, {"tenant": "acme", "giver": "kari", "taker": "kari", "k": 9}], "t.parts taker": [{"tenant": "acme", "giver": "per", "taker": "kari", "k": 2}, {"tenant": "acme", "giver": "kari", "taker": "kari", "k": 9}],
	"t.kept customer": [{"tenant": "acme", "customer": "kari", "value": "kari's"}, {"tenant": "acme", "customer": "ola", "value": "ola's"}], "\"o\"\"ut; side\".\"poi\"\"nts\" cus'tomer": [{"te\"nant": "acme", "cus'tomer": "kari", "a \"b": "x"}],
	"t.owned customer": [{"id": 1, "tenant": "acme", "customer": "kari"}, {"id": 2, "tenant": "acme", "customer": "kari"}], "t.gone customer": [{"id": 1, "tenant": "acme", "customer": "kari"}]}$$, 'the rows of both, also those that kept the other''s uid');
SELECT is(t.full('ola') - 'accesses', t.full('kari') - 'accesses', 'the same by the merged-away uid');
SELECT is(t.plain(t.full('ola', 'beta') - '{customer,orders,accesses,changes,references}'::text[]), '{"services": [], "merges": [], "mergedIdentities": [], "consentHistory": [{"consentUid": "news", "name": "Newsletter", "status": true, "source": "web", "channel": "e-mail", "wording": "Write to <me> \"now\"\n🙂 beta", "wordingVersion": "v2", "recordedBy": "liv", "validUntil": "2090-01-01T00:00:00.000Z"}],
	"printJobs": [{"printerUid": "till", "customerUid": "ola", "format": "ZPL", "state": "QUEUED", "attempts": 0, "error": "", "createdBy": "postgres"}]}', 'another tenant''s is as it was');
SELECT is(strpos(flowcustomer.customer_export_full(mine, 'kari')::text, other), 0, format('nothing of %s is in that of %s', other, mine)) FROM (VALUES ('acme', 'of beta'), ('acme', '"beta"'), ('beta', '"acme"'), ('acme', 'per''s'), ('acme', '🙂 beta')) AS v(mine, other);
-- A table that is gone, or not what it was.
DROP TABLE t.gone;
ALTER TABLE t.visit RENAME customer TO buyer;
SELECT is(t.references('kari') -> relation, 'null', relation || ' can not be read any more') FROM unnest('{t.gone customer,t.visit customer}'::text[]) AS relation;
ALTER TABLE t.visit RENAME buyer TO customer;
DROP SCHEMA "o""ut; side" CASCADE;
SELECT is(t.references('kari') -> $$"o""ut; side"."poi""nts" cus'tomer$$, 'null', 'nor one whose schema is gone');
SELECT is(current_user::text || t.reader(), session_user::text || session_user::text, 'the rights of owners are left again');
-- Rights that an owner has not are nobody's.
ALTER TABLE t.visit OWNER TO t_export_owner;
REVOKE ALL ON t.visit FROM t_export_owner;
SELECT is(t.error($$SELECT flowcustomer.customer_export_full('acme', 'kari')$$), '42501: could not run a statement on table t.visit', 'an owner who may not read it');
GRANT ALL ON t.visit TO t_export_owner;
SELECT is(jsonb_array_length(t.references('kari') -> 't.visit customer'), 2, 'and one who may');

-- Who is recorded to have read whom.
SELECT is(t.error($$SET LOCAL transaction_read_only = on; SELECT flowcustomer.$$ || f || $$('acme', 'kari')$$), 'PT409: ACCESS_NOT_RECORDED', f || ' is recorded or refused') FROM unnest('{customer_export,customer_export_xml,customer_export_full}'::text[]) AS f;
SELECT is(t.answer('GET', '/v2/tenants/acme/customers/kari/export', NULL, '{"Accept": "application/xml"}'), '200', 'also by http()');

DROP TABLE t.owned, t.visit;
DELETE FROM flowcustomer.reference;
DROP OWNED BY t_export_owner;
DROP ROLE t_export_owner;

SELECT * FROM finish();
