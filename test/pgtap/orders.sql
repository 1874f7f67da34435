-- Sales orders and service orders: what a document has to be, one or many at once,
-- and what customers owe for them.
\ir include/helpers.psql
\ir include/orders.psql
\ir include/order_facts.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'PERSON'))) FROM unnest('{kari,ola,liv}'::text[]) AS uid))$$);

-- Of either kind: a whole document, a put with its error, and a batch with its answer.
CREATE FUNCTION t.document(kind text, uid text, changes jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
$$ SELECT CASE kind WHEN 'sales_order' THEN t.sales_order(uid, changes) ELSE t.service_order(uid, changes) END::jsonb $$;
CREATE FUNCTION t.put(kind text, body text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.%s_put(%L, %L)', kind, tenant, body)) $$;
CREATE FUNCTION t.put(kind text, body jsonb, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT t.put(kind, body::text, tenant) $$;
CREATE FUNCTION t.put_many(kind text, body json, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE kind WHEN 'sales_order' THEN flowcustomer.sales_order_batch(tenant, body) ELSE flowcustomer.service_order_batch(tenant, body) END;
END $$;
-- A sales order with something open.
CREATE FUNCTION t.owing(uid text, customer text, VARIADIC open bigint[]) RETURNS jsonb LANGUAGE sql AS
$$ SELECT t.sales_order(uid, jsonb_build_object('customerUid', customer, 'settlements', t.invoices(VARIADIC open)))::jsonb $$;
CREATE FUNCTION t.list(VARIADIC items jsonb[]) RETURNS json LANGUAGE sql AS $$ SELECT to_json(items) $$;
-- A path as jsonb functions take it, and a document with another value there.
CREATE FUNCTION t.steps(path text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT string_to_array(replace(replace(path, '[', '.'), ']', ''), '.') $$;
CREATE FUNCTION t.with(document jsonb, path text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT jsonb_set(document, t.steps(path), value) $$;
CREATE FUNCTION t.refused(VARIADIC paths text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'PT400: ' || string_agg('VALIDATION_FAILED $.' || path, '; ' ORDER BY n) FROM unnest(paths) WITH ORDINALITY AS p(path, n) $$;
-- The paths of an error in the order of the alphabet.
CREATE FUNCTION t.sorted(error text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(part, '; ' ORDER BY part COLLATE "C") FROM regexp_split_to_table(replace(error, 'PT400: ', ''), '; ') AS part $$;
CREATE FUNCTION t.balances(tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(customer_uid || ' ' || credit_balance, ', ' ORDER BY customer_uid) FROM flowcustomer.customer WHERE tenant_uid = tenant AND customer_uid IN ('kari', 'ola', 'liv') $$;
CREATE FUNCTION t.owners() RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(concat_ws(' ', order_uid, coalesce(customer_uid, '-'), open_invoice_amount), ', ' ORDER BY order_uid), '') FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' $$;
-- Who owes something else than the documents say.
CREATE VIEW t.wrong AS
SELECT c.tenant_uid, c.customer_uid, c.credit_balance, d.open
FROM flowcustomer.customer AS c, LATERAL (
	SELECT coalesce(sum((s ->> 'amount')::numeric - coalesce((s ->> 'paymentAmount')::numeric, 0) - coalesce((s ->> 'creditAmount')::numeric, 0)), 0) AS open
	FROM flowcustomer.sales_order AS o, json_array_elements(o.document -> 'settlements') AS s
	WHERE o.tenant_uid = c.tenant_uid AND o.customer_uid = c.customer_uid AND s ->> 'settlementCode' ILIKE '%invoice%') AS d
WHERE c.credit_balance <> d.open;
CREATE PROCEDURE t.clear() LANGUAGE sql AS $$
	SELECT flowcustomer.sales_order_remove(tenant_uid, order_uid) FROM (SELECT tenant_uid, order_uid FROM flowcustomer.sales_order) AS o;
	SELECT flowcustomer.service_order_remove(tenant_uid, service_order_uid) FROM (SELECT tenant_uid, service_order_uid FROM flowcustomer.service_order) AS o;
$$;

-- Whole documents ---------------------------------------------------------------

CREATE FUNCTION t.paths(value jsonb, path text DEFAULT '') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	IF path <> '' THEN
		RETURN NEXT path;
	END IF;
	IF jsonb_typeof(value) = 'object' THEN
		RETURN QUERY SELECT p FROM jsonb_each(value) AS e, LATERAL t.paths(e.value, concat_ws('.', nullif(path, ''), e.key)) AS p;
	ELSIF jsonb_typeof(value) = 'array' THEN
		RETURN QUERY SELECT p FROM jsonb_array_elements(value) WITH ORDINALITY AS e(value, n), LATERAL t.paths(e.value, format('%s[%s]', path, n - 1)) AS p;
	END IF;
END $$;
SELECT set_eq(format('SELECT t.paths(t.document(%L, ''x''))', kind), format('SELECT path FROM t.order_member WHERE document = %L', kind), 'the document of the tests has every member of a ' || kind)
FROM unnest('{sales_order,service_order}'::text[]) AS kind;
SELECT results_eq('SELECT document, count(*)::integer FROM t.order_member GROUP BY document ORDER BY document', $$VALUES ('sales_order', 288), ('service_order', 68)$$, 'so many');

CREATE TABLE t.whole AS
SELECT kind, (E'{\n\t"unknown" : [1.50, 1e3, -0, null, {"a": "\\u00e6\\ud83d\\ude42\\u0000", "a": 1}],  "" : "",' || substr(t.document(kind, 'whole', '{"customerUid": "kari"}')::text, 2))::json AS document FROM unnest('{sales_order,service_order}'::text[]) AS kind;
SELECT is(flowcustomer.sales_order_put('acme', document)::text, document::text, 'a sales order is answered byte for byte') FROM t.whole WHERE kind = 'sales_order';
SELECT is(flowcustomer.service_order_put('acme', document)::text, document::text, 'a service order is answered byte for byte') FROM t.whole WHERE kind = 'service_order';
SELECT results_eq('SELECT document::text FROM flowcustomer.sales_order UNION ALL SELECT document::text FROM flowcustomer.service_order', 'SELECT document::text FROM t.whole ORDER BY kind', 'and both are kept');
SELECT results_eq('SELECT tenant_uid, order_uid, customer_uid, store_uid, ordered_at, grand_total, open_invoice_amount FROM flowcustomer.sales_order',
	$$VALUES ('acme' COLLATE "C", 'whole' COLLATE "C", 'kari' COLLATE "C", 'oslo' COLLATE "C", '2025-07-30 18:12:05+00'::timestamptz, 10000::bigint, 7000::bigint)$$, 'the columns beside a sales order');
SELECT results_eq('SELECT tenant_uid, service_order_uid, customer_uid, store_uid, ordered_at, grand_total FROM flowcustomer.service_order',
	$$VALUES ('acme' COLLATE "C", 'whole' COLLATE "C", 'kari' COLLATE "C", 'oslo' COLLATE "C", '2025-07-30 18:12:05+00'::timestamptz, 10000::bigint)$$, 'the columns beside a service order');
CREATE TABLE t.version AS SELECT o.xmin::text AS sales, s.xmin::text AS service, o.created_at, o.last_modified_at FROM flowcustomer.sales_order AS o, flowcustomer.service_order AS s;
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', document) FROM (SELECT document FROM flowcustomer.sales_order) AS o$$);
CALL t.run($$SELECT flowcustomer.service_order_batch('acme', json_build_array(document)) FROM (SELECT document FROM flowcustomer.service_order) AS o$$);
SELECT results_eq('SELECT o.xmin::text, s.xmin::text FROM flowcustomer.sales_order AS o, flowcustomer.service_order AS s', 'SELECT sales, service FROM t.version', 'the same document again writes nothing');
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.sales_order('whole', '{"customerUid": "kari", "storeUid": "none", "createdAt": "2025-08-01T00:00:00.5+02:00", "orderTotals": {"costTotal": 1, "grandTotal": -5, "grossProfitAmount": 1, "grossProfitPercentage": 1, "specifiedVat": [], "subtotal": 1, "totalDiscount": 1, "totalVat": 1}, "settlements": []}'))$$);
SELECT results_eq('SELECT customer_uid, store_uid, ordered_at, grand_total, open_invoice_amount, created_at = (SELECT created_at FROM t.version), last_modified_at > (SELECT last_modified_at FROM t.version) FROM flowcustomer.sales_order',
	$$VALUES ('kari' COLLATE "C", 'none' COLLATE "C", '2025-07-31 22:00:00.5+00'::timestamptz, -5::bigint, 0::bigint, true, true)$$, 'a changed one changes them, but not when the order came');
SELECT is(t.balances(), 'kari 0, liv 0, ola 0', 'nothing is open any more');

-- What must be there ------------------------------------------------------------

SELECT is(t.put(document, t.document(document, 'missing') #- t.steps(path)), CASE WHEN required THEN t.refused(path) ELSE 'ok' END, format('a %s without %s', document, path))
FROM t.order_member ORDER BY document, path COLLATE "C";
-- An object without anything: all that it needs, in the order of the alphabet.
SELECT is(t.sorted(t.put(document, t.with(t.document(document, 'empty'), path, '{}'))),
	coalesce((SELECT string_agg('VALIDATION_FAILED $.' || m.path, '; ' ORDER BY 'VALIDATION_FAILED $.' || m.path COLLATE "C") FROM t.order_member AS m
			  WHERE m.document = o.document AND m.required AND starts_with(m.path, o.path || '.') AND substr(m.path, length(o.path) + 2) !~ '[.[]'), 'ok'), format('an empty %s of a %s', path, document))
FROM t.order_member AS o WHERE type = 'object' ORDER BY document, path COLLATE "C";
SELECT is(t.sorted(t.put(document, '{}')), (SELECT string_agg('VALIDATION_FAILED $.' || path, '; ' ORDER BY 'VALIDATION_FAILED $.' || path COLLATE "C") FROM t.order_member AS m WHERE m.document = o.document AND required AND path !~ '[.[]'), 'an empty ' || document)
FROM (SELECT DISTINCT document FROM t.order_member) AS o;
SELECT is(t.put('service_order', t.document('service_order', 'x') - '{title,warranty}'::text[] #- '{totals,workTotal}' #- '{items,0,sku}'), t.refused('items[0].sku', 'totals.workTotal', 'title', 'warranty'), 'members of members come first');
SELECT is(t.full_error(format('SELECT flowcustomer.service_order_put(''acme'', %L)', t.document('service_order', 'x', '{"priority": "LOWEST", "items": [], "assets": [{}]}') - 'title')), E'PT400 8 things are wrong\n'
	'code: VALIDATION_FAILED, path: $.assets[0].assetUid, assets[0].assetUid is required\ncode: VALIDATION_FAILED, path: $.assets[0].name, assets[0].name is required\n'
	'code: VALIDATION_FAILED, path: $.assets[0].description, assets[0].description is required\ncode: VALIDATION_FAILED, path: $.assets[0].isPublic, assets[0].isPublic is required\ncode: VALIDATION_FAILED, path: $.assets[0].publicUrl, assets[0].publicUrl is required\n'
	'code: VALIDATION_FAILED, path: $.assets[0].mimeType, assets[0].mimeType is required\ncode: VALIDATION_FAILED, path: $.priority, priority is not one of the accepted values\n'
	'code: VALIDATION_FAILED, path: $.title, title is required\nGive a value.', 'everything that is wrong is told at once');
SELECT is(t.put(kind, body), expected, format('%s %s', kind, coalesce(body, 'NULL'))) FROM unnest('{sales_order,service_order}'::text[]) AS kind, (VALUES ('[]', 'PT400: VALIDATION_FAILED $'), ('5', 'PT400: VALIDATION_FAILED $'), ('null', 'PT400: VALIDATION_FAILED $'),
	('"x"', 'PT400: VALIDATION_FAILED $'), (NULL, 'PT400: VALIDATION_FAILED $')) AS v(body, expected);

-- Types -------------------------------------------------------------------------

-- Each member with a value of each type: what is accepted, and that the others
-- are refused at exactly their place.
CREATE FUNCTION t.fits(type text, nullable boolean, value jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE value::text WHEN 'null' THEN nullable WHEN 'true' THEN type = 'boolean' WHEN '5' THEN type = 'integer' WHEN '[]' THEN type = 'list' WHEN '{}' THEN type = 'object'
		WHEN '""' THEN type IN ('text', 'optional', 'time', 'date') WHEN '"x"' THEN type IN ('text', 'optional', 'uid') WHEN '"a b"' THEN type = 'text' ELSE false END
$$;
SELECT is(string_agg(concat_ws(' ', value, t.put(document, t.with(t.document(document, 'typed'), path, value))), E'\n' ORDER BY n),
	string_agg(concat_ws(' ', value, CASE WHEN path = 'customerUid' AND value = '"x"' THEN 'PT400: CUSTOMER_NOT_FOUND $.customerUid' WHEN path = 'createdAt' THEN t.refused(path) WHEN t.fits(type, nullable, value) THEN 'ok' ELSE t.refused(path) END), E'\n' ORDER BY n),
	format('%s of a %s is of type %s', path, document, type))
FROM t.order_member, jsonb_array_elements('[null, true, 5, 1.5, "", "x", "a b", [], {}]') WITH ORDINALITY AS v(value, n)
WHERE NOT (type = 'object' AND value = '{}')
GROUP BY document, path, type ORDER BY document, path COLLATE "C";

-- Numbers are whole, however they are written.
SELECT is(t.put('sales_order', replace(t.sales_order('n')::text, '"sortOrder": 1', '"sortOrder": ' || number)), expected, 'the number ' || number) FROM (VALUES ('0', 'ok'), ('-0', 'ok'), ('-7', 'ok'), ('1.0', 'ok'), ('1e3', 'ok'), ('1.5e1', 'ok'), ('10E-1', 'ok'),
	('9223372036854775807', 'ok'), ('9223372036854775808', t.refused('items[0].sortOrder')), ('1e19', t.refused('items[0].sortOrder')), ('1e-1', t.refused('items[0].sortOrder')), ('0.1', t.refused('items[0].sortOrder')), ('1e999999', t.refused('items[0].sortOrder'))) AS v(number, expected);
SELECT is(t.put(kind, t.with(t.document(kind, 'n'), path, value)), expected, format('%s %s', path, value)) FROM (VALUES ('sales_order', 'orderTotals.grandTotal', '9007199254740991'::jsonb, 'ok'), ('sales_order', 'orderTotals.grandTotal', '-9007199254740991', 'ok'),
	('sales_order', 'orderTotals.grandTotal', '9007199254740992', t.refused('orderTotals.grandTotal')), ('sales_order', 'orderTotals.grandTotal', '-9007199254740992', t.refused('orderTotals.grandTotal')), ('service_order', 'totals.grandTotal', '9007199254740991', 'ok'),
	('service_order', 'totals.grandTotal', '9007199254740992', t.refused('totals.grandTotal')), ('sales_order', 'settlements[0].amount', '9007199254740992', t.refused('settlements[0].amount')), ('sales_order', 'settlements[0].paymentAmount', '9007199254740992', t.refused('settlements[0].paymentAmount')),
	('sales_order', 'settlements[0].creditAmount', '-9007199254740992', t.refused('settlements[0].creditAmount')), ('sales_order', 'settlements[0].creditAmount', '-9007199254740991', t.refused('settlements'))) AS v(kind, path, value, expected);
SELECT is(t.put('sales_order', t.owing('n', 'kari', 9007199254740991, 1)), t.refused('settlements'), 'more open than a number can say') || E'\n' || is(t.put('sales_order', t.owing('n', 'kari', 9007199254740991, 1, -1)), t.refused('settlements'), 'also on the way') || E'\n' ||
	is(t.put('sales_order', t.owing('n', 'kari', 1, -1, 9007199254740991)), 'ok', 'but for the most that there can be');

-- Enums.
SELECT is(string_agg(t.put(document, t.with(t.document(document, 'enum'), path, to_jsonb(value))), ', '), string_agg('ok', ', '), format('%s of a %s may be each of its values', path, document))
FROM t.order_member, unnest(allowed) AS value WHERE type = 'enum' GROUP BY document, path ORDER BY document, path COLLATE "C";
SELECT is(string_agg(format('"%s" %s', value, t.put(document, t.with(t.document(document, 'enum'), path, to_jsonb(value)))), E'\n' ORDER BY n), string_agg(format('"%s" %s', value, t.refused(path)), E'\n' ORDER BY n), format('%s of a %s may be nothing else', path, document))
FROM t.order_member, LATERAL unnest(ARRAY['', 'X', ',', ', ', lower(allowed[1]), left(allowed[1], -1), allowed[1] || 'X', allowed[1] || ' ', ' ' || allowed[1], allowed[1] || ',', allowed[1] || ',' || allowed[2], allowed[1] || ', ' || allowed[2],
	array_to_string(allowed, ', '), array_to_string(allowed, ',')]) WITH ORDINALITY AS v(value, n)
WHERE type = 'enum' GROUP BY document, path ORDER BY document, path COLLATE "C";
SELECT is(t.full_error(format('SELECT flowcustomer.sales_order_put(''acme'', %L)', t.sales_order('x', '{"type": "GIFT"}'))), E'PT400 type is not one of the accepted values\ncode: VALIDATION_FAILED, path: $.type\nAccepted are: OFFER, ORDER, PAYMENT.', 'the values are told');

-- UIDs.
SELECT is(string_agg(format('%s %s', left(uid, 9), t.put(document, t.with(t.document(document, 'uid'), path, to_jsonb(uid)))), E'\n' ORDER BY n),
	string_agg(format('%s %s', left(uid, 9), CASE WHEN path = 'customerUid' AND n > 1 AND right_one THEN 'PT400: CUSTOMER_NOT_FOUND $.customerUid' WHEN right_one OR n = 1 AND type = 'optional' THEN 'ok' ELSE t.refused(path) END), E'\n' ORDER BY n), format('the UID %s of a %s', path, document))
FROM t.order_member, (VALUES (1, '', false), (2, 'aZ09-_', true), (3, '-', true), (4, repeat('u', 255), true), (5, repeat('u', 256), false), (6, 'a b', false), (7, 'a.b', false), (8, 'a/b', false), (9, 'é', false), (10, E'a\n', false), (11, ' a', false)) AS v(n, uid, right_one)
WHERE type IN ('uid', 'optional') GROUP BY document, path ORDER BY document, path COLLATE "C";

-- Times and days.  An empty one is absent.
SELECT is(string_agg(format('"%s" %s', time, t.put(document, t.with(t.document(document, 'time'), path, to_jsonb(time)))), E'\n' ORDER BY time),
	string_agg(format('"%s" %s', time, CASE WHEN right_one AND NOT (path = 'createdAt' AND time = '') THEN 'ok' ELSE t.refused(path) END), E'\n' ORDER BY time), format('the time %s of a %s', path, document))
FROM t.order_member, (VALUES ('2025-07-30T18:12:05Z', true), ('2025-07-30t18:12:05z', true), ('2025-07-30 18:12:05Z', true), ('2025-07-30T18:12:05.1Z', true), ('2025-07-30T18:12:05.123456789+02:00', true), ('2024-02-29T23:59:59-23:59', true), ('2016-12-31T23:59:60Z', true), ('', true),
	('2025-02-29T00:00:00Z', false), ('2025-13-01T00:00:00Z', false), ('2025-00-01T00:00:00Z', false), ('2025-07-32T00:00:00Z', false), ('2025-07-30T24:00:00Z', false), ('2025-07-30T18:60:05Z', false), ('2025-07-30T18:12:61Z', false), ('2025-07-30T18:12:05', false),
	('2025-07-30T18:12Z', false), ('2025-07-30', false), ('2025-07-30T18:12:05.Z', false), ('2025-07-30T18:12:05+0200', false), ('2025-07-30T18:12:05+24:00', false), ('2025-07-30T18:12:05Zx', false), (' 2025-07-30T18:12:05Z', false), ('0000-01-01T00:00:00Z', false), ('now', false),
	('infinity', false), ('25-07-30T18:12:05Z', false)) AS v(time, right_one)
WHERE type = 'time' GROUP BY document, path ORDER BY document, path COLLATE "C";
SELECT is(t.put('sales_order', t.sales_order('day', jsonb_build_object('deliveryDate', day))::jsonb), CASE WHEN right_one THEN 'ok' ELSE t.refused('deliveryDate') END, format('the day "%s"', day))
FROM (VALUES ('2025-07-30', true), ('2024-02-29', true), ('0001-01-01', true), ('9999-12-31', true), ('2025-07-30T18:12:05Z', true), ('', true), ('2025-02-29', false), ('2025-13-01', false), ('2025-00-01', false), ('2025-01-00', false), ('0000-01-01', false), ('2025-7-30', false),
	('30.07.2025', false), ('20250730', false), ('2025-07-30 ', false), (' 2025-07-30', false), ('2025-07-3x', false), ('2025-07-30T18:12:05', false), ('2025/07/30', false), ('today', false), ('2025-07-æ', false)) AS v(day, right_one);
SELECT is(t.full_error(format('SELECT flowcustomer.sales_order_put(''acme'', %L)', t.sales_order('x', '{"deliveryDate": "2025-02-29"}'))), E'PT400 deliveryDate is not a day\ncode: VALIDATION_FAILED, path: $.deliveryDate\nGive a day such as 2025-07-30.', 'a day that is none');

-- The length of texts is that of their characters.
SELECT is(t.put(document, replace(t.with(t.document(document, 'long'), path, '"@"')::text, '"@"', format('"%s"', repeat(character, max_length + more)))), CASE WHEN more > 0 THEN t.refused(path) ELSE 'ok' END, format('%s with %s more than %s of %s', path, more, max_length, character))
FROM t.order_member, unnest('{x,æ,🙂,\\u00e6,\\ud83d\\ude42,\\n}'::text[]) AS character, unnest('{0,1}'::integer[]) AS more WHERE max_length IS NOT NULL ORDER BY path, character, more;
SELECT is(t.put('sales_order', t.with(t.document('sales_order', 'long'), path, to_jsonb(repeat('x', length)))), expected, format('%s of %s characters', path, length)) FROM (VALUES ('note', 100000, 'ok'), ('settlements[0].settlementName', 100000, 'ok'),
	('settlements[0].settlementCode', 255, 'ok'), ('settlements[0].settlementCode', 256, t.refused('settlements[0].settlementCode'))) AS v(path, length, expected);
SELECT is(t.full_error(format('SELECT flowcustomer.sales_order_put(''acme'', %L)', t.with(t.document('sales_order', 'x'), 'orderhandlings[0].name', to_jsonb(repeat('x', 21))))),
	E'PT400 orderhandlings[0].name must have at most 20 characters\ncode: VALIDATION_FAILED, path: $.orderhandlings[0].name\nAccepted are up to 20 characters.', 'a text that is too long');

-- Escapes, in values and in names.
SELECT is(t.put('sales_order', replace(t.sales_order('escape')::text, old, new)), expected, new) FROM (VALUES ('"Pays late"', '"a\u0000b"', t.refused('internalNote')), ('"Pays late"', '"\ud83d"', t.refused('internalNote')), ('"Pays late"', '"\ude42\ud83d"', t.refused('internalNote')),
	('"Pays late"', '"\ud83d\ude42\\\"\/\t"', 'ok'), ('"CONFIRMED"', '"\u0043ONFIRMED"', 'ok'), ('"CONFIRMED"', '"CONFIRMED\u0000"', t.refused('orderState')), ('"2025-08-02"', '"2025-08-0\u0032"', 'ok'), ('"order-item-1"', '"order\u002ditem"', 'ok'), ('"order-item-1"', '"order\u0020item"',
	t.refused('items[0].orderLinks[0].orderItemUid', 'items[0].orderItemUid', 'discounts[0].orderItemUids[0]')), ('"internalNote"', '"internalNot\u0065"', 'ok'), ('"internalNote"', '"internalNote\u0000"', t.refused('internalNote')), ('"internalNote"', '"internalnote"', t.refused('internalNote')),
	('"internalNote": ', '"\ud83d": 1, "internalNote": ', 'ok'), ('"orderUid": "escape"', '"\u006frderUid": "escape"', 'ok'), ('"settlements"', '"\u0073ettlements"', 'ok'), ('"grandTotal"', '"grandTot\u0061l"', 'ok')) AS v(old, new, expected);

-- Of a name that is repeated the last one counts.
CREATE FUNCTION t.repeated(before text, after text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text := t.put('sales_order', format('{%s, %s, %s}', before, substr(left(t.owing('again', 'kari', 70)::text, -1), 2), after));
	kept text := (SELECT concat_ws(' ', order_uid, customer_uid, store_uid, grand_total, open_invoice_amount) FROM flowcustomer.sales_order WHERE order_uid LIKE 'again%');
BEGIN
	PERFORM flowcustomer.sales_order_remove('acme', order_uid) FROM flowcustomer.sales_order WHERE order_uid LIKE 'again%';
	RETURN concat_ws(' ', answer, kept);
END $$;
SELECT is(t.repeated(before, after), expected, format('%s ... %s', before, after))
FROM (VALUES ('"type": 5', '"a": 1', 'ok again kari oslo 10000 70'), ('"a": 1', '"type": 5', t.refused('type')), ('"items": [{}, 5]', '"b": 1', 'ok again kari oslo 10000 70'), ('"b": 1', '"items": [5]', t.refused('items[0]')), ('"items": 5', '"items": []', 'ok again kari oslo 10000 70'),
	('"orderUid": 5', '"orderUid": "again2"', 'ok again2 kari oslo 10000 70'), ('"customerUid": "none"', '"customerUid": "ola"', 'ok again ola oslo 10000 70'), ('"c": 1', '"customerUid": ""', 'ok again oslo 10000 70'), ('"settlements": 5', '"settlements": []', 'ok again kari oslo 10000 0'),
	('"orderTotals": {}', '"d": 1', 'ok again kari oslo 10000 70'), ('"d": 1', '"orderTotals": {"costTotal": 1, "grandTotal": "x", "grandTotal": 3, "grossProfitAmount": 1, "grossProfitPercentage": 1, "specifiedVat": [], "subtotal": 1, "totalDiscount": 1, "totalVat": 1}', 'ok again kari oslo 3 70'),
	('"e": 1', '"orderTotals": {"costTotal": 1, "grossProfitAmount": 1, "grossProfitPercentage": 1, "specifiedVat": [], "subtotal": 1, "totalDiscount": 1, "totalVat": 1}', t.refused('orderTotals.grandTotal')), ('"orderDate": 5', '"orderDate": null', 'ok again kari oslo 10000 70'),
	('"f": 1', '"typ\u0065": 5', t.refused('type')), ('"typ\u0065": 5', '"g": 1', 'ok again kari oslo 10000 70'), ('"storeUid": "a b"', '"storeUid": "bergen"', 'ok again kari bergen 10000 70'), ('"note": 5, "note": 5', '"note": 5, "note": 6', t.refused('note')),
	('"note": 5, "noteX": 5', '"h": 1', 'ok again kari oslo 10000 70'), ('"type": 5, "vatPrint": 5', '"type": 6', t.refused('type'))) AS v(before, after, expected);
-- However much was wrong before.
SELECT is(t.put('sales_order', format('{"items": [%s], "type": 5, %s}', string_agg('5', ','), btrim((t.document('sales_order', 'x') - 'type')::text, '{}'))), t.refused('type'), 'problems that are taken back hide no other')
FROM generate_series(1, 999);
SELECT matches(t.put('sales_order', format('{"items": [%s], "type": 5, %s}', string_agg('5', ','), btrim((t.document('sales_order', 'x') - 'type')::text, '{}'))), '^PT400: VALIDATION_FAILED \$\.items\[0\]; ', n || ' of them are more than can be taken back')
FROM unnest('{1000,1001,5000}'::integer[]) AS n, LATERAL generate_series(1, n) GROUP BY n ORDER BY n;
SELECT is(left(t.put('sales_order', t.document('sales_order', 'x', (SELECT jsonb_build_object('items', jsonb_agg(5)) FROM generate_series(1, 5000)))), length(refused)), refused, 'a thousand problems are told') FROM (SELECT t.refused(VARIADIC array_agg(format('items[%s]', n) ORDER BY n)) FROM generate_series(0, 999) AS n) AS r(refused);

-- A lenient tenant ----------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.tenant_put('lax', '{"name": "Lax", "lenient": true}'), flowcustomer.customer_create('lax', '{"customerUid": "kari", "customerType": "PERSON"}')$$);
SELECT is(t.put(kind, body, 'lax'), expected, format('a lenient tenant''s %s %s', kind, body)) FROM (VALUES
	('sales_order', '{"orderUid": "o", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": []}', 'ok'), ('sales_order', '{}', t.refused('orderUid', 'storeUid', 'createdAt', 'orderTotals.grandTotal', 'settlements')),
	('sales_order', '{"orderUid": "o", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {}, "settlements": [{}]}', t.refused('settlements[0].settlementCode', 'settlements[0].amount', 'orderTotals.grandTotal')),
	('sales_order', '{"orderUid": "o", "customerUid": "kari", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": [{"settlementCode": "two_invoice", "amount": 9}]}', 'ok'),
	('sales_order', '{"orderUid": "o", "customerUid": null, "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": []}', t.refused('customerUid')),
	('sales_order', '{"orderUid": "o", "customerUid": "", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": [], "items": [{}], "discounts": [{"orderItemUids": ["a b"]}], "type": "X", "orderDate": "x", "vatFree": 1, "note": null}',
		t.refused('discounts[0].orderItemUids[0]', 'type', 'orderDate', 'vatFree', 'note')),
	('sales_order', '{"orderUid": "o", "customerUid": "none", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 1}, "settlements": []}', 'PT400: CUSTOMER_NOT_FOUND $.customerUid'),
	('service_order', '{"serviceOrderUid": "o", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 1}}', 'ok'), ('service_order', '{}', t.refused('serviceOrderUid', 'storeUid', 'createdAt', 'totals.grandTotal')),
	('service_order', '{"serviceOrderUid": "o", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": "1"}, "assets": 5, "priority": "none"}', t.refused('totals.grandTotal', 'assets', 'priority')),
	('service_order', '[]', 'PT400: VALIDATION_FAILED $')) AS v(kind, body, expected);
SELECT is(t.put(document, t.document(document, 'missing') #- t.steps(path), 'lax'), CASE WHEN path IN (CASE document WHEN 'sales_order' THEN 'orderUid' ELSE 'serviceOrderUid' END, 'storeUid', 'createdAt', 'settlements', 'settlements[0].settlementCode', 'settlements[0].amount') THEN t.refused(path)
	WHEN path IN ('orderTotals', 'orderTotals.grandTotal') THEN t.refused('orderTotals.grandTotal') WHEN path IN ('totals', 'totals.grandTotal') THEN t.refused('totals.grandTotal') ELSE 'ok' END, format('a lenient tenant''s %s without %s', document, path))
FROM t.order_member ORDER BY document, path COLLATE "C";
SELECT is(string_agg(concat_ws(' ', value, t.put(document, t.with(t.document(document, 'typed'), path, value), 'lax')), E'\n' ORDER BY n),
	string_agg(concat_ws(' ', value, CASE WHEN path = 'customerUid' AND value = '"x"' THEN 'PT400: CUSTOMER_NOT_FOUND $.customerUid' WHEN path = 'createdAt' THEN t.refused(path) WHEN t.fits(type, nullable, value) THEN 'ok' ELSE t.refused(path) END), E'\n' ORDER BY n),
	format('a lenient tenant''s %s of a %s is of type %s', path, document, type))
FROM t.order_member, jsonb_array_elements('[null, true, 5, 1.5, "", "x", "a b", [], {}]') WITH ORDINALITY AS v(value, n)
WHERE NOT (type = 'object' AND value = '{}')
GROUP BY document, path, type ORDER BY document, path COLLATE "C";
CALL t.run($$SELECT flowcustomer.tenant_put('lax', '{"lenient": false}')$$);
SELECT is(left(t.put('service_order', '{"serviceOrderUid": "o", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 1}}', 'lax'), 44), 'PT400: VALIDATION_FAILED $.totals.partsTotal', 'and no more once it is not lenient');
SELECT is_empty('SELECT * FROM t.wrong', 'all of this left the balances right');
CALL t.clear();
SELECT is(t.balances() || ', ' || t.balances('lax'), 'kari 0, liv 0, ola 0, kari 0', 'nobody owes anything when all orders are removed');

-- Many at once --------------------------------------------------------------------

SELECT is(t.put_many(kind, body), '{"errors": [], "success": 0}', format('%s: %s', kind, body)) FROM (VALUES ('sales_order', '[]'::json), ('sales_order', ' [ ] '), ('sales_order', '{"orders": []}'), ('sales_order', '{"orders": 5, "services": 5, "order\u0073": []}'), ('service_order', '[]'), ('service_order', '{"services": []}')) AS v(kind, body);
SELECT is(t.error(format('SELECT flowcustomer.%s_batch(''acme'', %L)', kind, body)), expected, format('%s: %s', kind, coalesce(body, 'NULL'))) FROM (VALUES ('sales_order', '{}', 'PT400: VALIDATION_FAILED $.orders'), ('sales_order', '{"services": []}', 'PT400: VALIDATION_FAILED $.orders'),
	('sales_order', '{"orders": {}}', 'PT400: VALIDATION_FAILED $.orders'), ('sales_order', '{"orders": null}', 'PT400: VALIDATION_FAILED $.orders'), ('sales_order', '{"orders": [], "orders": 5}', 'PT400: VALIDATION_FAILED $.orders'), ('sales_order', '5', 'PT400: VALIDATION_FAILED $'),
	('sales_order', 'null', 'PT400: VALIDATION_FAILED $'), ('sales_order', '"x"', 'PT400: VALIDATION_FAILED $'), ('sales_order', NULL, 'PT400: VALIDATION_FAILED $'), ('service_order', '{}', 'PT400: VALIDATION_FAILED $.services'), ('service_order', '{"orders": []}', 'PT400: VALIDATION_FAILED $.services'),
	('service_order', '{"services": "x"}', 'PT400: VALIDATION_FAILED $.services'), ('service_order', NULL, 'PT400: VALIDATION_FAILED $')) AS v(kind, body, expected);
SELECT is(t.error(format('SELECT flowcustomer.%s_batch(%L, ''[]'')', kind, tenant)), expected, format('%s_batch in %s', kind, coalesce(tenant, 'NULL'))) FROM unnest('{sales_order,service_order}'::text[]) AS kind, (VALUES ('nobody', 'PT404: TENANT_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED tenantUid'), (NULL, 'PT400: VALIDATION_FAILED tenantUid')) AS v(tenant, expected);
SET flowcustomer.max_batch_items = 2;
SELECT is(t.full_error(format('SELECT flowcustomer.sales_order_batch(''acme'', %L)', body)), E'PT413 The batch has too many items; nothing was done\ncode: TOO_MANY_ITEMS\nAccepted are up to 2 items in one call.', 'one too many') || E'\n' || is(t.owners(), '', 'nothing was put')
FROM (VALUES (t.list(t.owing('a', 'kari', 1), t.owing('b', 'kari', 1), t.owing('c', 'kari', 1))), (json_build_object('orders', t.list(t.owing('a', 'kari', 1), '5', '5')))) AS v(body);
SELECT is(t.put_many('sales_order', t.list(t.owing('a', 'kari', 1), t.owing('b', 'kari', 1))), '{"errors": [], "success": 2}', 'just so many');
RESET flowcustomer.max_batch_items;
CALL t.clear();

-- Each counts by itself, and has its place in the answer.
CREATE FUNCTION t.mixed() RETURNS json LANGUAGE sql AS $$
	SELECT t.list(t.owing('a', 'kari', 100, 20), '5', t.owing('b', 'none', 1), t.owing('c', '', 7), t.owing('d', 'ola', 3) - 'type', t.owing('e', 'ola', 4), t.with(t.owing('f', 'ola', 5), 'items[0].gtins', '[{"gtin": 5, "primary": 5}, {}, 7]'), t.owing('a b', 'liv', 6), t.owing('g', 'liv', 9007199254740991, 1), '{"orderUid": 5}', 'null', '[]')
$$;
CREATE FUNCTION t.mixed_answer(prefix text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('success', 3, 'errors', jsonb_agg(e ORDER BY n)) FROM (VALUES
		(1, jsonb_build_object('index', 1, 'orderUid', '', 'errorCode', 'VALIDATION_FAILED', 'message', 'body must be an object', 'path', prefix || '[1]')),
		(2, jsonb_build_object('index', 2, 'orderUid', 'b', 'errorCode', 'CUSTOMER_NOT_FOUND', 'message', 'This customer does not exist', 'path', prefix || '[2].customerUid')),
		(4, jsonb_build_object('index', 4, 'orderUid', 'd', 'errorCode', 'VALIDATION_FAILED', 'message', 'type is required', 'path', prefix || '[4].type')),
		(6, jsonb_build_object('index', 6, 'orderUid', 'f', 'errorCode', 'VALIDATION_FAILED', 'message', 'items[0].gtins[0].gtin must be a text', 'path', prefix || '[6].items[0].gtins[0].gtin', 'errors', jsonb_build_array(
			jsonb_build_object('code', 'VALIDATION_FAILED', 'message', 'items[0].gtins[0].gtin must be a text', 'path', prefix || '[6].items[0].gtins[0].gtin'),
			jsonb_build_object('code', 'VALIDATION_FAILED', 'message', 'items[0].gtins[0].primary must be true or false', 'path', prefix || '[6].items[0].gtins[0].primary'),
			jsonb_build_object('code', 'VALIDATION_FAILED', 'message', 'items[0].gtins[2] must be an object', 'path', prefix || '[6].items[0].gtins[2]')))),
		(7, jsonb_build_object('index', 7, 'orderUid', '', 'errorCode', 'VALIDATION_FAILED', 'message', 'orderUid is not a UID', 'path', prefix || '[7].orderUid')),
		(8, jsonb_build_object('index', 8, 'orderUid', 'g', 'errorCode', 'VALIDATION_FAILED', 'message', 'settlements must be from -9007199254740991 to 9007199254740991 in sum', 'path', prefix || '[8].settlements')),
		(10, jsonb_build_object('index', 10, 'orderUid', '', 'errorCode', 'VALIDATION_FAILED', 'message', 'body must be an object', 'path', prefix || '[10]')),
		(11, jsonb_build_object('index', 11, 'orderUid', '', 'errorCode', 'VALIDATION_FAILED', 'message', 'body must be an object', 'path', prefix || '[11]'))) AS v(n, e)
$$;
CREATE FUNCTION t.without(answer jsonb, index integer) RETURNS jsonb LANGUAGE sql AS
$$ SELECT answer || jsonb_build_object('errors', jsonb_agg(e ORDER BY n)) FROM jsonb_array_elements(answer -> 'errors') WITH ORDINALITY AS x(e, n) WHERE (e ->> 'index')::integer <> index $$;
CREATE TABLE t.answer AS SELECT t.put_many('sales_order', t.mixed()) AS list;
SELECT is(t.without(list, 9), t.mixed_answer('$'), 'a list with everything that can be wrong') FROM t.answer;
SELECT is((SELECT (e ->> 'orderUid') || ' ' || (e ->> 'errorCode') || ' ' || jsonb_array_length(e -> 'errors') FROM jsonb_array_elements(list -> 'errors') AS e WHERE e ->> 'index' = '9'), ' VALIDATION_FAILED 37', 'one with nearly nothing') FROM t.answer;
SELECT is(t.owners(), 'a kari 120, c - 7, e ola 4', 'the others were put') || E'\n' || is(t.balances(), 'kari 120, liv 0, ola 4', 'and are owed');
CALL t.clear();
UPDATE t.answer SET list = t.put_many('sales_order', json_build_object('dryRun', true, 'orders', t.mixed()));
SELECT is(t.without(list, 9), t.mixed_answer('$.orders'), 'the same in an object') FROM t.answer;
SELECT is(t.owners(), 'a kari 120, c - 7, e ola 4', 'with the same effect') || E'\n' || is(t.balances(), 'kari 120, liv 0, ola 4', 'on balances too');
SELECT is(t.put_many('service_order', json_build_object('services', t.list(t.document('service_order', 'a', '{"customerUid": "kari"}'), t.document('service_order', 'b', '{"customerUid": "none"}'), '{"serviceOrderUid": "c"}', t.document('service_order', 'd', '{"priority": "x"}'), t.document('service_order', 'e'))))
	#- '{errors,1,errors}', '{"success": 2, "errors": [{"serviceOrderUid": "b", "index": 1, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$.services[1].customerUid"},
	{"serviceOrderUid": "c", "index": 2, "errorCode": "VALIDATION_FAILED", "message": "tenantUid is required", "path": "$.services[2].tenantUid"},
	{"serviceOrderUid": "d", "index": 3, "errorCode": "VALIDATION_FAILED", "message": "priority is not one of the accepted values", "path": "$.services[3].priority"}]}', 'service orders in an object');
SELECT results_eq('SELECT service_order_uid, customer_uid, document::text FROM flowcustomer.service_order ORDER BY 1', $$VALUES ('a' COLLATE "C", 'kari' COLLATE "C", t.service_order('a', '{"customerUid": "kari"}')::text), ('e', NULL, t.service_order('e')::text)$$, 'are kept as they came');
SET flowcustomer.language = 'nb';
SELECT is(t.put_many('sales_order', t.list(t.owing('z', 'none', 1))) #>> '{errors,0,message}', 'Finner ikke kunden', 'messages are in the caller''s language');
RESET flowcustomer.language;
SELECT is(t.put_many('sales_order', (SELECT json_agg(CASE WHEN n % 3 = 0 THEN t.owing('n' || n, 'kari', n) - 'note' ELSE t.owing('n' || n, 'kari', n) END ORDER BY n) FROM generate_series(0, 299) AS n)), (SELECT jsonb_build_object('success', 200, 'errors',
	jsonb_agg(jsonb_build_object('orderUid', 'n' || n, 'index', n, 'errorCode', 'VALIDATION_FAILED', 'message', 'note is required', 'path', format('$[%s].note', n)) ORDER BY n)) FROM generate_series(0, 299, 3) AS n), 'each of many has its place');
SELECT is(t.balances(), format('kari %s, liv 0, ola 4', 120 + (SELECT sum(n) FROM generate_series(0, 299) AS n WHERE n % 3 <> 0)), 'and the others are owed');
-- Exactly the text of the list.
CREATE TABLE t.text AS SELECT E'{ "orderUid" : "text",\n\t"x": [1.0, "\\u00e6" ] , ' || substr((t.document('sales_order', 'text') - 'orderUid')::text, 2) AS document;
SELECT is(t.put_many('sales_order', format(E'[ \n %s \n , %s]', document, '5')::json) -> 'success', '1', 'a list with spaces') FROM t.text;
SELECT is((SELECT o.document::text FROM flowcustomer.sales_order AS o WHERE order_uid = 'text'), document, 'its documents are kept byte for byte') FROM t.text;
CALL t.clear();

-- Balances, and the same UID more than once.
SELECT is(t.put_many('sales_order', body), answer, what) || E'\n' || is(t.owners(), owners, what || ': the orders') || E'\n' || is(t.balances(), balances, what || ': the balances') FROM (VALUES
	(1, 'put', t.list(t.owing('a', 'kari', 100), t.owing('b', 'kari', 20), t.owing('c', 'ola', 3), t.owing('d', '', 1000)), '{"errors": [], "success": 4}'::jsonb, 'a kari 100, b kari 20, c ola 3, d - 1000', 'kari 120, liv 0, ola 3'),
	(2, 'moved', t.list(t.owing('a', 'ola', 100), t.owing('c', 'kari', 3), t.owing('d', 'liv', 1000)), '{"errors": [], "success": 3}', 'a ola 100, b kari 20, c kari 3, d liv 1000', 'kari 23, liv 1000, ola 100'),
	(3, 'paid', t.list(t.with(t.owing('a', 'ola', 100), 'settlements[0].paymentAmount', '60'), t.with(t.owing('d', 'liv', 1000), 'settlements[0].creditAmount', '1000')), '{"errors": [], "success": 2}', 'a ola 40, b kari 20, c kari 3, d liv 0', 'kari 23, liv 0, ola 40'),
	(4, 'nobody''s', t.list(t.owing('a', '', 40), t.owing('b', 'kari', 20)), '{"errors": [], "success": 2}', 'a - 40, b kari 20, c kari 3, d liv 0', 'kari 23, liv 0, ola 0'),
	(5, 'twice', t.list(t.owing('a', 'kari', 1), t.owing('a', 'ola', 2)), '{"errors": [], "success": 2}', 'a ola 2, b kari 20, c kari 3, d liv 0', 'kari 23, liv 0, ola 2'),
	(6, 'there and back', t.list(t.owing('a', 'kari', 5), t.owing('a', 'liv', 7), t.owing('a', 'ola', 2)), '{"errors": [], "success": 3}', 'a ola 2, b kari 20, c kari 3, d liv 0', 'kari 23, liv 0, ola 2'),
	(7, 'the second unknown', t.list(t.owing('a', 'kari', 4), t.owing('a', 'none', 9)), '{"success": 1, "errors": [{"orderUid": "a", "index": 1, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[1].customerUid"}]}',
		'a kari 4, b kari 20, c kari 3, d liv 0', 'kari 27, liv 0, ola 0'),
	(8, 'the first unknown', t.list(t.owing('n', 'none', 9), t.owing('n', 'ola', 1)), '{"success": 1, "errors": [{"orderUid": "n", "index": 0, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[0].customerUid"}]}',
		'a kari 4, b kari 20, c kari 3, d liv 0, n ola 1', 'kari 27, liv 0, ola 1'),
	(9, 'the second not valid', t.list(t.owing('n', 'liv', 8), t.owing('n', 'ola', 2) - 'note'), '{"success": 1, "errors": [{"orderUid": "n", "index": 1, "errorCode": "VALIDATION_FAILED", "message": "note is required", "path": "$[1].note"}]}',
		'a kari 4, b kari 20, c kari 3, d liv 0, n liv 8', 'kari 27, liv 8, ola 0'),
	(10, 'negative', t.list(t.owing('n', 'liv', -8), t.owing('m', 'liv', 8, -16)), '{"errors": [], "success": 2}', 'a kari 4, b kari 20, c kari 3, d liv 0, m liv -8, n liv -8', 'kari 27, liv -16, ola 0'),
	(11, 'each other''s', t.list(t.owing('a', 'liv', 4), t.owing('m', 'kari', 8, -16), t.owing('n', 'ola', -8)), '{"errors": [], "success": 3}', 'a liv 4, b kari 20, c kari 3, d liv 0, m kari -8, n ola -8', 'kari 15, liv 4, ola -8')) AS v(n, what, body, answer, owners, balances) ORDER BY n;
SELECT is(string_agg(t.call('sales_order_remove', uid), ' ') || ' ' || t.owners() || ': ' || t.balances(), 'ok ok PT404: SALES_ORDER_NOT_FOUND b kari 20, c kari 3, d liv 0, n ola -8: kari 23, liv 0, ola -8', 'removed ones are no longer owed') FROM unnest('{a,m,a}'::text[]) AS uid;
CREATE FUNCTION t.open_of(uid text) RETURNS bigint LANGUAGE sql AS $$ SELECT open_invoice_amount FROM flowcustomer.sales_order WHERE order_uid = uid $$;
SELECT is(t.put('sales_order', t.with(t.owing('k', 'kari', 1000), 'settlements[0].settlementCode', to_jsonb(code))) || ' ' || t.open_of('k'), CASE WHEN invoice THEN 'ok 1000' ELSE 'ok 0' END, format('"%s" is %s invoice', code, CASE WHEN invoice THEN 'an' ELSE 'no' END))
FROM (VALUES ('INVOICE', true), ('TWO_INVOICE', true), ('invoice', true), ('aInVoIcEb', true), ('INVOIC', false), ('CARD', false), ('', false), ('IN VOICE', false)) AS v(code, invoice);
SELECT is_empty('SELECT * FROM t.wrong', 'the balances are those of the documents');
-- All of one call is one change.
BEGIN;
SELECT is(t.put_many('sales_order', t.list(t.owing('b', 'ola', 50), t.owing('back', 'kari', 5))), '{"errors": [], "success": 2}', 'a batch that is rolled back');
ROLLBACK;
SELECT is(t.owners() || ': ' || t.balances(), 'b kari 20, c kari 3, d liv 0, k kari 0, n ola -8: kari 23, liv 0, ola -8', 'leaves nothing');
-- Before a customer is deleted, and afterwards.
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "gone", "customerType": "PERSON"}'), flowcustomer.sales_order_batch('acme', t.list(t.owing('g1', 'gone', 5), t.owing('g2', 'gone', 6))), flowcustomer.customer_delete('acme', 'gone')$$);
SELECT is(t.put_many('sales_order', t.list(t.owing('g1', 'kari', 5), t.owing('g2', 'gone', 6))), '{"success": 1, "errors": [{"orderUid": "g2", "index": 1, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[1].customerUid"}]}', 'an order of a deleted customer finds another') || E'\n' ||
	is(t.owners() || ': ' || t.balances(), 'b kari 20, c kari 3, d liv 0, g1 kari 5, g2 - 6, k kari 0, n ola -8: kari 28, liv 0, ola -8', 'who owes it');
CALL t.clear();

-- Customers who were merged away.
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari2", "customerType": "PERSON"}, {"customerUid": "kari3", "customerType": "PERSON"}]}'), flowcustomer.sales_order_batch('acme', t.list(t.owing('old', 'kari2', 100), t.owing('older', 'kari3', 7))),
	flowcustomer.customer_merge('acme', 'kari2', '{"mergeFromCustomerUid": "kari3"}'), flowcustomer.customer_merge('acme', 'kari', '{"mergeFromCustomerUid": "kari2"}')$$);
SELECT is(t.owners() || ': ' || t.balances(), 'old kari 100, older kari 7: kari 107, liv 0, ola 0', 'merged');
SELECT is(t.put_many('sales_order', t.list(t.owing('old', 'kari2', 90), t.owing('new', 'kari3', 10), t.owing('same', 'kari', 1), t.owing('older', 'ola', 7))), '{"errors": [], "success": 4}', 'old names of a customer in a batch') || E'\n' ||
	is(t.owners() || ': ' || t.balances(), 'new kari 10, old kari 90, older ola 7, same kari 1: kari 101, liv 0, ola 7', 'lead to the one that is left');
SELECT is((SELECT string_agg(document ->> 'customerUid', ' ' ORDER BY order_uid) FROM flowcustomer.sales_order), 'kari3 kari2 ola kari', 'and stay in the documents');
SELECT is(t.put('sales_order', t.owing('new', 'kari3', 20)) || ' ' || t.put('service_order', t.document('service_order', 's', '{"customerUid": "kari2"}')) || ' ' || t.balances(), 'ok ok kari 111, liv 0, ola 7', 'one at a time as well');
SELECT is((SELECT customer_uid FROM flowcustomer.service_order), 'kari' COLLATE "C", 'a service order too');
SELECT is_empty('SELECT * FROM t.wrong', 'nothing is counted twice');
CALL t.clear();

-- Rules that somebody added hit only what breaks them.
ALTER TABLE flowcustomer.sales_order ADD CONSTRAINT no_gifts CHECK (document ->> 'systemOrigin' <> 'gift') NOT VALID;
CREATE FUNCTION t.gift(uid text, customer text, open bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.owing(uid, customer, open) || '{"systemOrigin": "gift"}' $$;
CREATE FUNCTION t.conflict(uid text, index integer) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('orderUid', uid, 'index', index, 'errorCode', 'CONFLICT', 'message', 'A rule of the database forbids this change') $$;
SELECT is(t.put('sales_order', t.gift('a', 'kari', 1)), 'PT409: CONFLICT', 'a rule that somebody added');
SELECT is(t.put_many('sales_order', t.list(t.owing('a', 'kari', 1), t.gift('b', 'kari', 2), t.owing('c', 'ola', 4), t.owing('d', 'none', 8), t.owing('e', 'liv', 16), t.gift('a', 'ola', 32), t.owing('f', 'liv', 64), t.owing('c', 'liv', 128))),
	jsonb_build_object('success', 5, 'errors', jsonb_build_array(t.conflict('b', 1), '{"orderUid": "d", "index": 3, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[3].customerUid"}'::jsonb, t.conflict('a', 5))), 'and what breaks it in a batch') || E'\n' ||
	is(t.owners() || ': ' || t.balances(), 'a kari 1, c liv 128, e liv 16, f liv 64: kari 1, liv 208, ola 0', 'the others are put, and owed');
SELECT is(t.put_many('sales_order', t.list(t.gift('a', 'kari', 1))), jsonb_build_object('success', 0, 'errors', jsonb_build_array(t.conflict('a', 0))), 'alone in a batch') || E'\n' || is(t.owners() || ': ' || t.balances(), 'a kari 1, c liv 128, e liv 16, f liv 64: kari 1, liv 208, ola 0', 'nothing is changed');
SELECT is(t.put_many('sales_order', (SELECT json_agg(t.gift('g' || n, 'kari', n) ORDER BY n) FROM generate_series(0, 9) AS n)), (SELECT jsonb_build_object('success', 0, 'errors', jsonb_agg(t.conflict('g' || n, n) ORDER BY n)) FROM generate_series(0, 9) AS n), 'all of a batch');
ALTER TABLE flowcustomer.sales_order DROP CONSTRAINT no_gifts;
CREATE UNIQUE INDEX sales_order_voucher ON flowcustomer.sales_order (tenant_uid, (document ->> 'voucherNumber')) WHERE document ->> 'voucherNumber' LIKE 'U%';
SELECT is(t.put_many('sales_order', (SELECT json_agg(t.owing('u' || n, 'ola', n) || jsonb_build_object('voucherNumber', 'U' || n % 4) ORDER BY n) FROM generate_series(1, 6) AS n)), jsonb_build_object('success', 4, 'errors', jsonb_build_array(t.conflict('u5', 4), t.conflict('u6', 5))), 'an index that somebody added') || E'\n' ||
	is(t.balances(), 'kari 1, liv 208, ola 10', 'the first of each voucher is owed');
DROP INDEX flowcustomer.sales_order_voucher;
CREATE FUNCTION t.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.grand_total = 13 THEN RAISE 'no'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON flowcustomer.service_order FOR EACH ROW EXECUTE FUNCTION t.refuse();
SELECT is(t.put_many('service_order', (SELECT json_agg(t.with(t.document('service_order', 'v' || n), 'totals.grandTotal', to_jsonb(n)) ORDER BY n) FROM generate_series(11, 15) AS n)),
	'{"success": 4, "errors": [{"serviceOrderUid": "v13", "index": 2, "errorCode": "CONFLICT", "message": "A rule of the database forbids this change"}]}', 'a trigger that somebody added');
DROP TRIGGER refuse ON flowcustomer.service_order;
SELECT is_empty('SELECT * FROM t.wrong', 'the balances are right after all of them');
CALL t.clear();

-- What one customer owes has its limits.
SELECT is(jsonb_build_object('success', answer -> 'success', 'errors', (SELECT jsonb_agg(e - 'message' ORDER BY n) FROM jsonb_array_elements(answer -> 'errors') WITH ORDINALITY AS x(e, n))),
	(SELECT jsonb_build_object('success', 1024, 'errors', jsonb_agg(t.conflict('r' || n, n) - 'message' ORDER BY n)) FROM generate_series(1024, 1026) AS n), 'a customer who owes more than a number can say')
FROM t.put_many('sales_order', (SELECT json_agg(t.owing('r' || n, 'ola', 9007199254740991) || '{"items": []}' ORDER BY n) FROM generate_series(0, 1026) AS n)) AS answer;
SELECT is_empty('SELECT * FROM t.wrong', 'owes what was put');
CALL t.clear();

-- As many as one call takes -----------------------------------------------------------

CALL t.run($$SELECT t.batch((SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'm' || n, 'customerType', 'PERSON'))) FROM generate_series(0, 99) AS n))$$);
CREATE FUNCTION t.small(n integer, customer text, open bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.owing('o' || n, customer, open) || '{"items": [], "discounts": [], "orderhandlings": []}' $$;
SELECT is(t.put_many('sales_order', (SELECT json_agg(t.small(n, CASE WHEN n % 1000 = 999 THEN 'none' ELSE 'm' || n % 100 END, n) ORDER BY n) FROM generate_series(0, 9999) AS n)), (SELECT jsonb_build_object('success', 9990, 'errors', jsonb_agg(jsonb_build_object('orderUid', 'o' || n, 'index', n,
	'errorCode', 'CUSTOMER_NOT_FOUND', 'message', 'This customer does not exist', 'path', format('$[%s].customerUid', n)) ORDER BY n)) FROM generate_series(999, 9999, 1000) AS n), '10,000 orders');
SELECT bag_eq($$SELECT customer_uid COLLATE "default", credit_balance FROM flowcustomer.customer WHERE customer_uid ~ '^m[0-9]'$$, $$SELECT 'm' || n % 100, sum(n)::bigint FROM generate_series(0, 9999) AS n WHERE n % 1000 <> 999 GROUP BY 1$$, 'are owed by 100 customers');
SELECT is(t.put_many('sales_order', (SELECT json_agg(t.small(n, 'm' || (n + 1) % 100, n + 1) - CASE WHEN n % 1000 = 998 THEN 'vatFree' ELSE '' END ORDER BY n DESC) FROM generate_series(0, 9999) AS n)), (SELECT jsonb_build_object('success', 9990, 'errors', jsonb_agg(jsonb_build_object('orderUid', 'o' || n,
	'index', 9999 - n, 'errorCode', 'VALIDATION_FAILED', 'message', 'vatFree is required', 'path', format('$[%s].vatFree', 9999 - n)) ORDER BY n DESC)) FROM generate_series(998, 9999, 1000) AS n), 'and moved on by one');
SELECT bag_eq($$SELECT customer_uid COLLATE "default", credit_balance FROM flowcustomer.customer WHERE customer_uid ~ '^m[0-9]'$$,
	$$SELECT 'm' || CASE WHEN n % 1000 = 998 THEN n ELSE n + 1 END % 100, sum(CASE WHEN n % 1000 = 998 THEN n ELSE n + 1 END)::bigint FROM generate_series(0, 9999) AS n GROUP BY 1$$, 'to whom they are owed now');
SELECT bag_eq('SELECT order_uid COLLATE "default", customer_uid COLLATE "default", open_invoice_amount, document ->> ''orderUid'' FROM flowcustomer.sales_order',
	$$SELECT 'o' || n AS uid, 'm' || CASE WHEN n % 1000 = 998 THEN n ELSE n + 1 END % 100 AS customer, CASE WHEN n % 1000 = 998 THEN n ELSE n + 1 END::bigint AS open, 'o' || n AS document FROM generate_series(0, 9999) AS n$$, 'each of them');
SELECT is(t.error(format('SELECT flowcustomer.sales_order_batch(''acme'', %L)', (SELECT json_agg(5) FROM generate_series(0, 10000)))), 'PT413: TOO_MANY_ITEMS', 'one more is too many');

-- Tenants ---------------------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.tenant_put('other', '{"name": "Other"}'), flowcustomer.customer_batch('other', '{"create": [{"customerUid": "kari", "customerType": "PERSON"}, {"customerUid": "only", "customerType": "PERSON"}]}')$$);
CALL t.run('CALL t.clear()');
SELECT is(t.put_many('sales_order', t.list(t.owing('o', 'kari', 5), t.owing('p', 'ola', 6), t.owing('q', 'only', 7)), 'other'),
	'{"success": 2, "errors": [{"orderUid": "p", "index": 1, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[1].customerUid"}]}', 'customers of another tenant are not there') || E'\n' ||
	is(t.put_many('sales_order', t.list(t.owing('o', 'kari', 50), t.owing('q', 'only', 70))), '{"success": 1, "errors": [{"orderUid": "q", "index": 1, "errorCode": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist", "path": "$[1].customerUid"}]}', 'the other way around') || E'\n' ||
	is(t.put_many('service_order', t.list(t.document('service_order', 's', '{"tenantUid": "acme", "customerUid": "only"}')), 'other'), '{"errors": [], "success": 1}', 'a service order says what it likes of tenants');
SELECT results_eq('SELECT tenant_uid, order_uid, customer_uid, open_invoice_amount FROM flowcustomer.sales_order ORDER BY 1, 2', $$VALUES ('acme' COLLATE "C", 'o' COLLATE "C", 'kari' COLLATE "C", 50::bigint), ('other', 'o', 'kari', 5), ('other', 'q', 'only', 7)$$, 'the same UID stands once in each');
SELECT is(t.balances() || ' | ' || t.balances('other'), 'kari 50, liv 0, ola 0 | kari 5', 'and each has its balances');
SELECT is(t.call('sales_order_remove', 'q') || ' ' || t.call('service_order_remove', 's'), 'PT404: SALES_ORDER_NOT_FOUND PT404: SERVICE_ORDER_NOT_FOUND', 'one tenant removes nothing of another');
SELECT is(t.call('sales_order_remove', 'o') || ' ' || t.balances() || ' | ' || t.balances('other'), 'ok kari 0, liv 0, ola 0 | kari 5', 'only its own');
SELECT is_empty('SELECT * FROM t.wrong', 'at the end all balances are right');
SELECT * FROM finish();
