-- The HTTP pass-through: http() and rest().
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "externalId": "a b+c&d/é"}, {"customerUid": "ola", "customerType": "PERSON"}]}')$$);

-- Routing.
SELECT is(t.answer(method, target), expected, concat_ws(' ', coalesce(method, 'NULL'), left(target, 70))) FROM (VALUES
	('GET', '/v2/tenants/acme/customers', '200'), ('GET', '/tenants/acme/customers', '200'), ('GET', '/v2/tenants/acme/customers/kari', '200'), ('GET', '/v2/tenants/acme/customers/nobody', '404 CUSTOMER_NOT_FOUND'),
	('GET', '/v2/tenants/none/customers', '404 TENANT_NOT_FOUND'), ('GET', '/v2/tenants/none/customers/kari', '404 TENANT_NOT_FOUND'), ('GET', '/', '404 ROUTE_NOT_FOUND'), ('GET', '/v2', '404 ROUTE_NOT_FOUND'), ('GET', '/v2/', '404 ROUTE_NOT_FOUND'),
	('GET', '/v2/tenants/acme', '404 ROUTE_NOT_FOUND'), ('GET', '/v2/tenants//customers', '404 ROUTE_NOT_FOUND'), ('GET', '/v2/tenants/acme/customers/', '404 ROUTE_NOT_FOUND'), ('GET', '/v2/v2/tenants/acme/customers', '404 ROUTE_NOT_FOUND'),
	('GET', '/v2/tenants/acme/Customers', '404 ROUTE_NOT_FOUND'), ('GET', '/v1/tenants/acme/customers', '404 ROUTE_NOT_FOUND'), ('GET', '/v2/tenants/acme/customers/kari/nothing', '404 ROUTE_NOT_FOUND'),
	('GET', '/v2/tenants/acme/customers/a%20b', '400 VALIDATION_FAILED'), ('GET', '/v2/tenants/acme/customers/a%2Fb', '400 VALIDATION_FAILED'), ('GET', '/v2/tenants/a%20b/customers', '400 VALIDATION_FAILED'),
	('GET', '/v2/tenants/acme/customers/kar%69', '200'), ('GET', '/v2/tenants/%61cme/customers', '200'), ('GET', '/v2/tenants/acme/customers/ka+ri', '400 VALIDATION_FAILED'), ('GET', '/v2/tenants/acme/customers/%C3%A6', '400 VALIDATION_FAILED'),
	('GET', '/v2/tenants/acme/customers/%', '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers/%2', '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers/%zz', '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers/%00', '400 BAD_TARGET'),
	('GET', '/v2/tenants/acme/customers/%FF', '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers/%ED%A0%80', '400 BAD_TARGET'), ('GET', '', '400 BAD_TARGET'), ('GET', 'v2/tenants/acme/customers', '400 BAD_TARGET'),
	('GET', NULL, '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers#fragment', '200'), ('GET', '/v2/tenants/acme/customers?', '200'), ('GET', '/v2/tenants/acme/customers?&&', '200'), ('GET', '/v2/tenants/acme/customers?unknown=%20x&y', '200'),
	('GET', '/v2/tenants/acme/customers?x=%', '400 BAD_TARGET'), ('GET', '/v2/tenants/acme/customers?%00=1', '400 BAD_TARGET'),
	('GET', '/v2/tenants/acme/customers/search', '404 CUSTOMER_NOT_FOUND'), ('PUT', '/v2/tenants/acme/customers/batch', '400 VALIDATION_FAILED'),
	('PATCH', '/v2/tenants/acme/customers/kari', '405 METHOD_NOT_ALLOWED'), ('DELETE', '/v2/tenants/acme/customers', '405 METHOD_NOT_ALLOWED'), ('get', '/v2/tenants/acme/customers', '405 METHOD_NOT_ALLOWED'), ('', '/v2/tenants/acme/customers', '405 METHOD_NOT_ALLOWED'),
	(NULL, '/v2/tenants/acme/customers', '405 METHOD_NOT_ALLOWED'), ('POST', '/v2/tenants/acme/customers/kari', '405 METHOD_NOT_ALLOWED'), ('PATCH', '/v2/nothing', '404 ROUTE_NOT_FOUND'),
	('GET', '/v2/tenants/acme/customers/' || repeat('x', 255), '404 CUSTOMER_NOT_FOUND'), ('GET', '/v2/tenants/acme/customers/' || repeat('x', 256), '400 VALIDATION_FAILED'),
	('GET', '/v2/tenants/acme/customers/' || repeat('x', 1000000), '400 VALIDATION_FAILED'), ('GET', '/v2/tenants/acme/customers?sortBy=' || repeat('%41', 100000), '400 VALIDATION_FAILED')) AS v(method, target, expected);
SELECT alike(t.answer('GET', target), '40_ %', left(target, 30) || '…') FROM (VALUES ('/' || repeat('a/', 100)), (repeat('/', 100000)), ('/v2/tenants/acme/customers?' || repeat('a=b&', 10000)), ('/v2/tenants/acme' || repeat('/..', 40))) AS v(target);

-- The query string.
SELECT is(t.answer('GET', '/v2/tenants/acme/customers?' || query), expected, query) FROM (VALUES ('pageNumber=1&pageSize=1', '200'), ('pageNumber=0', '400 VALIDATION_FAILED'), ('pageNumber=-1', '400 VALIDATION_FAILED'), ('pageNumber=', '400 VALIDATION_FAILED'),
	('pageNumber=x', '400 VALIDATION_FAILED'), ('pageNumber=1x', '400 VALIDATION_FAILED'), ('pageNumber=1.0', '400 VALIDATION_FAILED'), ('pageNumber=%201', '400 VALIDATION_FAILED'), ('pageNumber=99999999999999999999', '400 VALIDATION_FAILED'), ('pageNumber=3000000000', '400 VALIDATION_FAILED'), ('pageSize=99999999999999999999', '400 VALIDATION_FAILED'),
	('pageSize=1000', '200'), ('pageSize=1001', '400 VALIDATION_FAILED'), ('pageSize', '400 VALIDATION_FAILED'), ('sortBy=lastname&sortDirection=DESC', '200'), ('sortBy=nothing', '400 VALIDATION_FAILED'), ('sortDirection=down', '400 VALIDATION_FAILED'),
	('sortBy=credit.limit', '200'), ('PAGESIZE=x', '200'), ('page%53ize=1', '200'), ('pageSize=5&pageSize=x', '400 VALIDATION_FAILED')) AS v(query, expected);
SELECT is(t.body('GET', '/v2/tenants/acme/customers?customerExternalId=' || id) -> 'paging' ->> 'totalCount', expected, 'customerExternalId=' || id) FROM (VALUES ('a+b%2Bc%26d%2F%C3%A9', '1'), ('a%20b%2Bc%26d/%C3%A9', '1'), ('a+b+c', '0'), ('', '2'), ('A', '0')) AS v(id, expected);
SELECT is(t.body('GET', '/v2/tenants/acme/customers?pageSize=1&sortBy=customerUid&sortDirection=DESC')::text, flowcustomer.customer_list('acme', NULL, NULL, 1, 'customerUid', 'DESC')::jsonb::text, 'the page''s parameters all count');

-- Answers.
SELECT is((h.status, h.headers::text, h.body)::text, (200, '{"Content-Language":"en","Cache-Control":"no-store","Content-Type":"application/json; charset=utf-8"}', flowcustomer.customer_get('acme', 'kari')::text)::text, 'an answer, whole')
FROM flowcustomer.http('GET', '/v2/tenants/acme/customers/kari') AS h;
SELECT is((h.status, h.headers ->> 'Content-Type', h.body)::text, (200, 'application/json; charset=utf-8', NULL::text)::text, 'HEAD is GET without the body') FROM flowcustomer.http('HEAD', '/v2/tenants/acme/customers/kari') AS h;
SELECT is((h.status, h.body)::text, '(404,)', 'also when there is nothing') FROM flowcustomer.http('HEAD', '/v2/tenants/acme/customers/nobody') AS h;
SELECT is(t.status('HEAD', '/v2/tenants/acme/customers/kari/merge'), 405, 'HEAD where there is no GET');
SELECT is((h.status, h.headers ->> 'Allow', h.body)::text, format('(204,"%s",)', allow), 'OPTIONS ' || target) FROM (VALUES ('/v2/tenants/acme/customers', 'GET, HEAD, POST, OPTIONS'), ('/v2/tenants/acme/customers/kari', 'GET, HEAD, PUT, DELETE, OPTIONS'),
	('/v2/tenants/acme/customers/kari/extensions/TWO_INVOICE', 'POST, DELETE, OPTIONS'), ('/v2/tenants/acme/customer-groups/club/customers', 'GET, HEAD, PUT, OPTIONS')) AS v(target, allow), flowcustomer.http('OPTIONS', target) AS h;
SELECT is(t.answer('OPTIONS', '/v2/nothing'), '404 ROUTE_NOT_FOUND', 'OPTIONS of nothing');
SELECT is(h.headers ->> 'Allow', 'GET, HEAD, PUT, DELETE, OPTIONS', '405 says what is allowed') FROM flowcustomer.http('PATCH', '/v2/tenants/acme/customers/kari') AS h;
SELECT is((h.status, h.body, h.headers -> 'Content-Type')::text, '(204,,)', 'a 204 has no body and no type') FROM flowcustomer.http('DELETE', '/v2/tenants/acme/customers/ola') AS h;

-- Bodies.
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', body, headers), expected, concat_ws(' ', left(coalesce(body, 'NULL'), 50), headers)) FROM (VALUES
	('{"customerType": "PERSON"}', NULL::json, '201'), (NULL, NULL, '400 VALIDATION_FAILED'), ('', NULL, '400 VALIDATION_FAILED'), (' ', NULL, '400 MALFORMED_JSON'), ('{', NULL, '400 MALFORMED_JSON'), ('{"a": }', NULL, '400 MALFORMED_JSON'),
	('{"customerType": "PERSON",}', NULL, '400 MALFORMED_JSON'), ('{"customerType": "PERSON"} x', NULL, '400 MALFORMED_JSON'), ('{''a'': 1}', NULL, '400 MALFORMED_JSON'), ('{"a": 01}', NULL, '400 MALFORMED_JSON'), ('{"a": "' || E'\x01' || '"}', NULL, '400 MALFORMED_JSON'),
	('{"a": "\x"}', NULL, '400 MALFORMED_JSON'), ('{"a": "\u12"}', NULL, '400 MALFORMED_JSON'), ('{"a": NaN}', NULL, '400 MALFORMED_JSON'), ('// x', NULL, '400 MALFORMED_JSON'), ('{"customerType": "PERSON", "city": "\u0000"}', NULL, '400 VALIDATION_FAILED'),
	('{"customerType": "PERSON", "x": "\u0000"}', NULL, '201'), ('[]', NULL, '400 VALIDATION_FAILED'), ('null', NULL, '400 VALIDATION_FAILED'), (E'\ufeff{"customerType": "PERSON"}', NULL, '400 MALFORMED_JSON'),
	('{"customerType": "PERSON"}', '{"Content-Type": "application/json"}', '201'), ('{"customerType": "PERSON"}', '{"content-type": "Application/JSON; charset=UTF-8"}', '201'), ('{"customerType": "PERSON"}', '{"CONTENT-TYPE": "application/json;charset=\"utf-8\""}', '201'),
	('{"customerType": "PERSON"}', '{"Content-Type": "application/vnd.acme+json"}', '201'), ('{"customerType": "PERSON"}', '{"Content-Type": "text/plain"}', '415 UNSUPPORTED_MEDIA_TYPE'), ('{"customerType": "PERSON"}', '{"Content-Type": "application/xml"}', '415 UNSUPPORTED_MEDIA_TYPE'),
	('{"customerType": "PERSON"}', '{"Content-Type": "application/json; charset=iso-8859-1"}', '415 UNSUPPORTED_MEDIA_TYPE'), ('{"customerType": "PERSON"}', '{"Content-Type": "application/jsonp"}', '415 UNSUPPORTED_MEDIA_TYPE'), ('{"customerType": "PERSON"}', '{"Content-Type": ""}', '415 UNSUPPORTED_MEDIA_TYPE'),
	('{"customerType": "PERSON"}', '{"Content-Type": ["application/json"]}', '201'), ('{"customerType": "PERSON"}', '{"Content-Type": 5, "Accept-Language": {}, "X": null}', '201'), ('{"customerType": "PERSON"}', '[]', '201'), ('{"customerType": "PERSON"}', '"x"', '201'), ('{"customerType": "PERSON"}', 'null', '201'),
	('{"customerType": "PERSON"}', '{"Accept-Language": "\u0000\ud83d", "Content-Type": "application/json"}', '201')) AS v(body, headers, expected);
SELECT is(t.status('GET', '/v2/tenants/acme/customers/kari', 'not json', '{"Content-Type": "text/plain"}'), 200, 'a body that nobody asked for is not looked at');
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', format('{"customerType": "PERSON", "x": %s%s}', repeat('[', depth - 1), repeat(']', depth - 1))), expected, depth || ' levels')
FROM (VALUES (2, '201'), (64, '201'), (65, '400 MALFORMED_JSON'), (10000, '400 MALFORMED_JSON'), (1000000, '400 MALFORMED_JSON')) AS v(depth, expected);
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', repeat('[', 2000000)), '400 MALFORMED_JSON', 'two million opening brackets');
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', '{"customerType": "PERSON", "x": "' || repeat('[', 100) || '"}'), '201', 'brackets in a string are no levels');
SET flowcustomer.max_body_size = 1;
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', rpad('{"customerType": "PERSON"}', length)), expected, length || ' bytes') FROM (VALUES (1023, '201'), (1024, '201'), (1025, '413 BODY_TOO_LARGE'), (5000, '413 BODY_TOO_LARGE')) AS v(length, expected);
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', rpad('{', 5000)), '413 BODY_TOO_LARGE', 'a large body is not read at all');
SELECT is(t.error(format('SELECT flowcustomer.customer_create(''acme'', %L)', rpad('{"customerType": "PERSON"}', 5000))), 'PT413: BODY_TOO_LARGE', 'the limit is the same in SQL');
RESET flowcustomer.max_body_size;

-- Errors.
SELECT is(b - 'logId', '{"code": "CUSTOMER_NOT_FOUND", "message": "This customer does not exist"}', 'an error, whole') FROM t.body('GET', '/v2/tenants/acme/customers/nobody') AS b;
SELECT is(b - 'logId', '{"code": "VALIDATION_FAILED", "message": "2 things are wrong", "errors": [{"path": "$.email", "code": "VALIDATION_FAILED", "message": "email is not an e-mail address"}, {"path": "$.customerType", "code": "VALIDATION_FAILED", "message": "customerType is required"}]}', 'several errors, whole')
FROM t.body('POST', '/v2/tenants/acme/customers', '{"email": "kari.example.com"}') AS b;
SELECT is(b - 'logId', '{"code": "VALIDATION_FAILED", "message": "customerType is required", "errors": [{"path": "$.customerType", "code": "VALIDATION_FAILED", "message": "customerType is required"}]}', 'one error with its path')
FROM t.body('POST', '/v2/tenants/acme/customers', '{}') AS b;
SELECT matches(b ->> 'logId', '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'logId is a UUID') FROM t.body('GET', '/v2/nothing') AS b;
SELECT isnt(t.body('GET', '/v2/nothing') ->> 'logId', t.body('GET', '/v2/nothing') ->> 'logId', 'another one each time');
SELECT is(strpos(b::text, 'kari.example.com') + strpos(b::text, 'Hemmelig'), 0, 'no value that was sent is in an error') FROM t.body('POST', '/v2/tenants/acme/customers', '{"email": "kari.example.com", "customerType": "Hemmelig", "mobile": "kari.example.com"}') AS b;
SELECT is(b -> 'errors' -> 0 ->> 'path', '$.customers[0].customerUid', 'the path of what a body names') FROM t.body('POST', '/v2/tenants/acme/customer-contacts', '{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "none"}]}') AS b;
CREATE TABLE t.counts AS SELECT (SELECT count(*) FROM flowcustomer.contact) AS contacts, (SELECT count(*) FROM flowcustomer.customer) AS customers, (SELECT sum(amount) FROM flowcustomer.total) AS totals;
CALL t.run($$SELECT t.status('POST', '/v2/tenants/acme/customer-contacts', '{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "kari"}, {"customerUid": "none"}]}'),
	t.status('POST', '/v2/tenants/acme/customers', '{"customerType": "PERSON", "customerGroupUids": ["club", "none"]}'), t.status('PUT', '/v2/tenants/acme/customer-groups/club/customers', '{"addCustomerUids": ["kari", "none"]}')$$);
SELECT results_eq('SELECT (SELECT count(*) FROM flowcustomer.contact), (SELECT count(*) FROM flowcustomer.customer), (SELECT sum(amount) FROM flowcustomer.total)', 'SELECT * FROM t.counts', 'an error leaves nothing behind');
SELECT is((t.get('kari') -> 'customerGroupUids')::text || (t.get('kari') -> 'contacts')::text, '[][]', 'not even of the parts that were right');

-- Languages.
SELECT is(h.headers ->> 'Content-Language' || ' ' || (h.body::jsonb ->> 'message'), expected, 'Accept-Language: ' || accept) FROM (VALUES ('en', 'en This customer does not exist'), ('nb', 'nb Finner ikke kunden'), ('nb-NO', 'nb Finner ikke kunden'), ('no', 'nb Finner ikke kunden'),
	('nn', 'nb Finner ikke kunden'), ('sv-SE', 'sv Hittar inte kunden'), ('da', 'da Kan ikke finde kunden'), ('DA-dk', 'da Kan ikke finde kunden'), ('fr', 'en This customer does not exist'), ('fr, sv', 'sv Hittar inte kunden'), ('fr;q=1, sv;q=0.3, da;q=0.7', 'da Kan ikke finde kunden'),
	('sv;q=0.5,nb;q=0.5', 'sv Hittar inte kunden'), ('sv; q=0.8 , nb;q=0.81', 'nb Finner ikke kunden'), ('sv;q=0, en', 'en This customer does not exist'), ('sv;q=0', 'en This customer does not exist'), ('*', 'en This customer does not exist'), ('', 'en This customer does not exist'), (',,;;=q', 'en This customer does not exist'),
	('svenska', 'en This customer does not exist'), ('sv;q=abc, da;q=0.1', 'da Kan ikke finde kunden'), (' sv', 'sv Hittar inte kunden'), ('sv;level=1;q=0.2, da;q=0.1', 'sv Hittar inte kunden'), (repeat('x', 100000) || ',sv', 'sv Hittar inte kunden')) AS v(accept, expected),
	flowcustomer.http('GET', '/v2/tenants/acme/customers/nobody', NULL, json_build_object('Accept-Language', accept)) AS h;
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"locale": "sv-SE"}')$$);
SELECT is(t.body('GET', '/v2/tenants/acme/customers/nobody') ->> 'message', 'Hittar inte kunden', 'without a header the tenant''s language');
SELECT is(t.body('GET', '/v2/tenants/acme/customers/nobody', NULL, '{"accept-language": "da"}') ->> 'message', 'Kan ikke finde kunden', 'with one the caller''s');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"locale": "en"}')$$);

-- Whatever is sent, the answer is never an error or a 500.
CREATE FUNCTION t.fuzz(seed double precision, rounds integer) RETURNS TABLE (status integer, method text, target text, body text) LANGUAGE plpgsql AS $$
DECLARE
	words text[] := ARRAY['/v2', '/tenants', '/acme', '/customers', '/kari', '/customer-contacts', '/customer-groups', '/club', '/batch', '/contacts', '/extensions', '/TWO_INVOICE', '/merge', '/search', '?', '&', 'pageSize=', 'sortBy=', '-1', '%41', '%', '+', '#', '/', 'é', '😀', ' ', '"', '''', '\'];
	pieces text[] := ARRAY['{', '}', '[', ']', '"customerUid":', '"customerType":', '"PERSON"', '"COMPANY"', '"create":', '"upsert":', '"delete":', ',', '"credit":', '"limit":', '1', '-1e999', 'null', 'true', '"\u0000"', '"\ud83d"', '"kari"', '"addCustomerUids":', '"firstname":', '"lastname":', '"customers":', '"consents":', '"storeUid":', ':', '"', '\', 'é', ' '];
	methods text[] := ARRAY['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];
	whole text[] := ARRAY['/v2/tenants/acme/customers', '/v2/tenants/acme/customers/batch', '/v2/tenants/acme/customers/kari', '/v2/tenants/acme/customer-contacts', '/v2/tenants/acme/customer-groups', '/v2/tenants/acme/customer-groups/club/customers',
		'/v2/tenants/acme/customers/kari/contacts', '/v2/tenants/acme/customers/kari/extensions/TWO_INVOICE', '/v2/tenants/acme/customer-groups/club'];
BEGIN
	PERFORM setseed(seed);
	FOR i IN 1 .. rounds LOOP
		method := methods[1 + floor(random() * 7)];
		IF random() < 0.5 THEN
			target := whole[1 + floor(random() * array_length(whole, 1))];
		ELSE
			SELECT string_agg(words[1 + floor(random() * array_length(words, 1))], '') INTO target FROM generate_series(1, 1 + floor(random() * 8)::integer);
		END IF;
		SELECT string_agg(pieces[1 + floor(random() * array_length(pieces, 1))], '') INTO body FROM generate_series(1, 1 + floor(random() * 14)::integer);
		IF random() < 0.5 THEN
			body := '{"customerType": "PERSON", "create": [' || body || '], "x": ' || body || '}';
		END IF;
		SELECT h.status INTO status FROM flowcustomer.http(method, target, body, NULL) AS h;
		IF status NOT IN (200, 201, 204, 207, 400, 404, 405, 409, 413, 415, 501) THEN
			RETURN NEXT;
		END IF;
	END LOOP;
END $$;
SELECT is_empty('SELECT * FROM t.fuzz(0.42, 4000)', 'four thousand random requests are answered');
-- Right JSON of wrong types in every place of a right body.
CREATE FUNCTION t.spoil(body jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$
	SELECT jsonb_set(body, path, value) FROM (
		WITH RECURSIVE node(path, value) AS (
			SELECT '{}'::text[], body
			UNION ALL
			SELECT path || k, v FROM node, LATERAL (
				SELECT key AS k, value AS v FROM jsonb_each(CASE jsonb_typeof(node.value) WHEN 'object' THEN node.value ELSE '{}' END)
				UNION ALL SELECT (n - 1)::text, value FROM jsonb_array_elements(CASE jsonb_typeof(node.value) WHEN 'array' THEN node.value ELSE '[]' END) WITH ORDINALITY AS a(value, n)) AS members)
		SELECT path FROM node WHERE path <> '{}') AS paths,
		unnest(ARRAY['null', '5', '-1.5', '1e300', 'true', '"x y"', '""', '[]', '{}', '[[]]', '[null]', '{"a": 1}']::jsonb[]) AS value
$$;
SELECT is_empty(format('SELECT b, s FROM t.spoil(%L) AS b, t.status(''POST'', ''/v2/tenants/acme/customers'', b::text) AS s WHERE s NOT IN (201, 400, 409)', '{"customerType": "COMPANY", "email": "a@b.no", "credit": {"limit": 5}, "ehf": {"enabled": true, "address": "x"},
	"accountManager": {"tenantUserUid": "liv"}, "customerGroupUids": ["club"], "consents": [{"consentUid": "news", "status": true, "source": "x"}], "paymentTerms": 3, "countryCode": "NO", "postalCode": "0150", "ehfEnabled": true, "defaultStoreUid": "oslo", "customerParentUid": ""}'),
	'a customer''s body spoilt in every place');
SELECT is_empty(format('SELECT b, s FROM t.spoil(%L) AS b, t.status(''POST'', ''/v2/tenants/acme/customers/batch'', b::text) AS s WHERE s NOT IN (200, 207, 400)', '{"create": [{"customerUid": "z1", "customerType": "COMPANY"}], "update": [{"customerUid": "kari", "city": "x"}],
	"upsert": [{"externalId": "z", "customerType": "COMPANY", "customerParentUid": "z1"}], "delete": [{"customerUid": "z1"}]}'), 'a batch spoilt in every place');
SELECT is_empty(format('SELECT b, s FROM t.spoil(%L) AS b, t.status(''POST'', ''/v2/tenants/acme/customer-contacts'', b::text) AS s WHERE s NOT IN (201, 400)', '{"firstname": "A", "lastname": "B", "email": "a@b.no", "mobile": "12345", "customers": [{"customerUid": "kari", "role": "ADMIN"}]}'), 'a contact spoilt in every place');
SELECT is((SELECT sum(amount) FROM flowcustomer.total WHERE kind = 'customer')::bigint, (SELECT count(*) FROM flowcustomer.customer), 'after all that the total is still right');

-- rest(), as PostgREST calls it.
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "rita", "customerType": "PERSON"}')$$);
CREATE FUNCTION t.rest(body json, headers json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer json;
BEGIN
	PERFORM set_config('request.headers', coalesce(headers::text, ''), true);
	answer := flowcustomer.rest(body);
	RETURN concat_ws(' ', current_setting('response.status'), answer ->> 'customerUid', answer ->> 'code');
END $$;
SELECT is(t.rest(body, headers), expected, concat_ws(' ', body, headers)) FROM (VALUES ('{}'::json, '{"x-original-method": "GET", "x-original-uri": "/v2/tenants/acme/customers/rita"}'::json, '200 rita'), ('{}', '{"X-Original-Method": "GET", "X-Original-URI": "/v2/tenants/acme/customers/nobody?x=1"}', '404 CUSTOMER_NOT_FOUND'),
	('{"customerType": "PERSON", "customerUid": "rest"}', '{"x-original-uri": "/v2/tenants/acme/customers"}', '201 rest'), (NULL, '{"x-original-method": "DELETE", "x-original-uri": "/v2/tenants/acme/customers/rest"}', '204'),
	('[]', '{"x-original-method": "POST", "x-original-uri": "/v2/tenants/acme/customers", "content-type": "application/json"}', '400 VALIDATION_FAILED'), ('{}', NULL, '400 BAD_TARGET'), ('{}', '{}', '400 BAD_TARGET'), ('{}', '[]', '400 BAD_TARGET'),
	('{}', '{"x-original-uri": 5}', '400 BAD_TARGET'), ('{}', '{"x-original-method": "PATCH", "x-original-uri": "/v2/tenants/acme/customers"}', '405 METHOD_NOT_ALLOWED')) AS v(body, headers, expected);
BEGIN;
SELECT set_config('request.headers', '{"x-original-method": "PATCH", "x-original-uri": "/v2/tenants/acme/customers", "accept-language": "da"}', true) <> '' AS set \gset
SELECT is(flowcustomer.rest('{}') ->> 'message', t.body('PATCH', '/v2/tenants/acme/customers', NULL, '{"Accept-Language": "da"}') ->> 'message', 'rest() speaks the caller''s language');
SELECT is(current_setting('response.headers')::jsonb, '[{"Content-Language": "da"}, {"Cache-Control": "no-store"}, {"Allow": "GET, HEAD, POST, OPTIONS"}, {"Content-Type": "application/json; charset=utf-8"}]', 'response.headers is what PostgREST takes');
COMMIT;
BEGIN;
SELECT set_config('request.headers', 'no json', true) <> '' AS set \gset
SELECT is(flowcustomer.rest('{}') ->> 'code', 'BAD_TARGET', 'headers that are no JSON are none');
COMMIT;
SELECT is(coalesce(current_setting('response.status', true), ''), '', 'the settings end with the transaction');

SELECT * FROM finish();
