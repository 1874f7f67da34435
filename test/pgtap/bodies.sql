-- Bodies: what each kind of field takes and refuses, and how JSON is read.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "c", "customerType": "COMPANY", "companyName": "Acme"}')$$);

-- Every field that a customer's body has refuses what is not of its type.
SELECT is(t.update('c', format('{%s}', CASE WHEN position('.' IN name) > 0
		THEN format('"%s": {"%s": %s}', split_part(name, '.', 1), split_part(name, '.', 2), wrong)
		ELSE format('"%s": %s', name, wrong) END)::json),
	'PT400: VALIDATION_FAILED $.' || name, format('%s refuses %s', name, wrong))
FROM (SELECT f.json_name AS name, w.wrong
	  FROM flowcustomer.fields() AS f,
		   LATERAL (SELECT unnest(CASE f.type::text
								  WHEN 'text' THEN ARRAY['1', 'true', '{}', '["a"]', '1.5']
								  WHEN 'boolean' THEN ARRAY['"true"', '0', '1', '[]', '{}', '"" ']
								  ELSE ARRAY['"1"', 'true', '{}', '[1]', '1.5', '-1', '1e20'] END) AS wrong) AS w
	  WHERE f.resource = 'customer' AND f.writable AND f.type IS NOT NULL AND f.json_name NOT IN ('customerUid', 'openingBalance')
	  ORDER BY f."position", w.wrong) AS wrong_types;
SELECT is(t.update('c', body), expected, body::text) FROM (VALUES
	('{"customerGroupUids": "club"}'::json, 'PT400: VALIDATION_FAILED $.customerGroupUids'),
	('{"customerGroupUids": {}}', 'PT400: VALIDATION_FAILED $.customerGroupUids'),
	('{"customerGroupUids": [1, "a b", null, "club", ["club"]]}',
	 'PT400: VALIDATION_FAILED $.customerGroupUids[0]; VALIDATION_FAILED $.customerGroupUids[1]; VALIDATION_FAILED $.customerGroupUids[2]; VALIDATION_FAILED $.customerGroupUids[4]'),
	('{"credit": 5}', 'PT400: VALIDATION_FAILED $.credit'), ('{"credit": []}', 'PT400: VALIDATION_FAILED $.credit'),
	('{"ehf": "yes"}', 'PT400: VALIDATION_FAILED $.ehf'), ('{"accountManager": "liv"}', 'PT400: VALIDATION_FAILED $.accountManager'),
	('{"customerType": "person"}', 'PT400: VALIDATION_FAILED $.customerType'), ('{"customerType": "OTHER"}', 'PT400: VALIDATION_FAILED $.customerType'),
	('{"customerType": "PERSON "}', 'PT400: VALIDATION_FAILED $.customerType'),
	('{"email": "kari"}', 'PT400: VALIDATION_FAILED $.email'), ('{"mobile": "none"}', 'PT400: VALIDATION_FAILED $.mobile'),
	('{"countryCode": "XX"}', 'PT400: VALIDATION_FAILED $.countryCode'), ('{"postalCode": "abc"}', 'PT400: VALIDATION_FAILED $.postalCode'),
	('{"vatNumber": "NO1"}', 'PT400: VALIDATION_FAILED $.vatNumber'), ('{"ledgerNumber": "12a"}', 'PT400: VALIDATION_FAILED $.ledgerNumber'),
	('{"pricelistUid": "a b"}', 'PT400: VALIDATION_FAILED $.pricelistUid'), ('{"customerParentUid": "a/b"}', 'PT400: VALIDATION_FAILED $.customerParentUid'),
	('{"city": 1, "email": "x", "credit": {"limit": -1}, "paymentTerms": "2"}',
	 'PT400: VALIDATION_FAILED $.city; VALIDATION_FAILED $.email; VALIDATION_FAILED $.credit.limit; VALIDATION_FAILED $.paymentTerms'),
	('[]', 'PT400: VALIDATION_FAILED $'), ('"text"', 'PT400: VALIDATION_FAILED $'), ('5', 'PT400: VALIDATION_FAILED $'),
	('null', 'PT400: VALIDATION_FAILED $'), ('true', 'PT400: VALIDATION_FAILED $'), ('{}', 'ok'), (' { } ', 'ok')
) AS v(body, expected);
SELECT is(t.create('{}'), 'PT400: VALIDATION_FAILED $.customerType', 'the type is required');
SELECT is(t.create('{"customerType": null}'), 'PT400: VALIDATION_FAILED $.customerType', 'and not null');
SELECT is(t.create('{"email": "x", "postalCode": "1"}'), 'PT400: VALIDATION_FAILED $.email; VALIDATION_FAILED $.customerType; VALIDATION_FAILED $.postalCode',
	'a postal code is looked at also when something else is wrong');

-- Numbers.
SELECT is(t.update('c', format('{"paymentTerms": %s}', number)::json), expected, 'paymentTerms ' || left(number, 30)) FROM (VALUES
	('0', 'ok'), ('14', 'ok'), ('1.0', 'ok'), ('1e3', 'ok'), ('1E+2', 'ok'), ('10e-1', 'ok'), ('-0', 'ok'), ('2147483647', 'ok'),
	('2147483648', 'PT400: VALIDATION_FAILED $.paymentTerms'), ('-1', 'PT400: VALIDATION_FAILED $.paymentTerms'), ('0.5', 'PT400: VALIDATION_FAILED $.paymentTerms'),
	('1e-1', 'PT400: VALIDATION_FAILED $.paymentTerms'), ('1e10', 'PT400: VALIDATION_FAILED $.paymentTerms'), ('1e400', 'PT400: VALIDATION_FAILED $.paymentTerms'),
	('-1e400', 'PT400: VALIDATION_FAILED $.paymentTerms'), ('1e-400', 'PT400: VALIDATION_FAILED $.paymentTerms'),
	('1.00000000000000000001', 'PT400: VALIDATION_FAILED $.paymentTerms'),
	(repeat('9', 40), 'PT400: VALIDATION_FAILED $.paymentTerms'), (repeat('9', 400), 'PT400: VALIDATION_FAILED $.paymentTerms')) AS v(number, expected);
SELECT is(flowcustomer.customer_update('acme', 'c', format('{"paymentTerms": %s}', number)::json) ->> 'paymentTerms', expected, 'paymentTerms becomes ' || expected)
FROM (VALUES ('1.0', '1'), ('1e3', '1000'), ('25E1', '250'), ('1200e-2', '12'), ('-0', '0'), ('2147483647', '2147483647')) AS v(number, expected);
SELECT is(t.update('c', format('{"credit": {"limit": %s}}', number)::json), expected, 'credit.limit ' || number) FROM (VALUES
	('9007199254740991', 'ok'), ('9007199254740992', 'PT400: VALIDATION_FAILED $.credit.limit'), ('9223372036854775807', 'PT400: VALIDATION_FAILED $.credit.limit'),
	('9223372036854775808', 'PT400: VALIDATION_FAILED $.credit.limit'), ('-9223372036854775809', 'PT400: VALIDATION_FAILED $.credit.limit'),
	('99.99', 'PT400: VALIDATION_FAILED $.credit.limit')) AS v(number, expected);
SELECT is((flowcustomer.customer_update('acme', 'c', '{"credit": {"limit": 9007199254740991}}') -> 'credit' ->> 'limit'), '9007199254740991', 'the largest amount comes back whole');

-- Lengths: in characters, the limit passes and one more does not.
SELECT is(t.update('c', json_build_object(json_name, repeat(letter, max_length))) || ' / ' ||
		  t.update('c', json_build_object(json_name, repeat(letter, max_length + 1))),
		  'ok / PT400: VALIDATION_FAILED $.' || json_name, format('%s takes %s of %s', json_name, max_length, letter))
FROM flowcustomer.fields(), unnest(ARRAY['x', 'ø', '😀']) AS letter
WHERE resource = 'customer' AND writable AND type = 'text'::regtype AND max_length IS NOT NULL AND position('.' IN json_name) = 0
	AND json_name NOT IN ('email', 'mobile', 'postalCode', 'countryCode', 'vatNumber', 'ledgerNumber');
SELECT is(t.update('c', json_build_object('ehf', json_build_object('address', repeat('ø', 255)))) || ' / ' ||
		  t.update('c', json_build_object('ehf', json_build_object('address', repeat('ø', 256)))),
		  'ok / PT400: VALIDATION_FAILED $.ehf.address', 'ehf.address takes 255');
SELECT is((flowcustomer.customer_update('acme', 'c', json_build_object('firstname', repeat('å', 255))) ->> 'firstname'), repeat('å', 255), 'and gives them back');
SELECT is(t.update('c', json_build_object(name, repeat('1', 51))), 'PT400: VALIDATION_FAILED $.' || name, name || ' of 51 characters')
FROM unnest(ARRAY['mobile', 'postalCode', 'vatNumber', 'ledgerNumber', 'countryCode']) AS name;
SELECT is(t.update('c', json_build_object('email', repeat('a', 60) || '@' || repeat('b', 63) || '.' || repeat('c', 63) || '.no')), 'ok', 'a long e-mail address');
SELECT is(t.update('c', json_build_object('email', repeat('a', 310) || '@example.com')), 'PT400: VALIDATION_FAILED $.email', 'a too long one');

-- Text: escapes and Unicode.
SELECT is(flowcustomer.customer_update('acme', 'c', format('{"city": "%s"}', literal)::json) ->> 'city', expected, 'city ' || literal) FROM (VALUES
	('Troms\u00f8', 'Tromsø'), ('\u0041\u00C5', 'AÅ'), ('\ud83d\ude00', '😀'), ('a\"b\\c\/d', 'a"b\c/d'), ('\b\f\n\r\t', E'\b\f\n\r\t'),
	('\u0001\u001f', E'\u0001\u001f'), ('\u2028', E'\u2028'), ('\\u0000', '\u0000'), ('  spaced  ', '  spaced  '), ('東京', '東京'),
	('\uFFFF', E'\uFFFF'), ('\u007f', E'\u007f'), ('e\u0301', E'e\u0301')) AS v(literal, expected);
SELECT is(t.update('c', format('{"city": "%s"}', literal)::json), 'PT400: VALIDATION_FAILED $.city', 'city ' || literal)
FROM unnest(ARRAY['\u0000', 'a\u0000b', '\ud83d', '\ude00', '\ud83dx', '\ud83d\u0041', '\ude00\ud83d', '\ud83d\ud83d\ude00']) AS literal;
SELECT is(t.update('c', '{"pricelistUid": "a\u0000"}'), 'PT400: VALIDATION_FAILED $.pricelistUid', 'U+0000 in a UID');
SELECT is(t.update('c', '{"unknown": "\u0000 \ud83d"}'), 'ok', 'what is ignored may hold anything');
SELECT is(t.update('c', '{"\u0000": 1, "\ud83d": 2}'), 'ok', 'also as a name');

-- Names.
SELECT is(flowcustomer.customer_update('acme', 'c', '{"c\u0069ty": "Voss"}') ->> 'city', 'Voss', 'an escaped name is the name');
SELECT is((flowcustomer.customer_update('acme', 'c', '{"cr\u0065dit": {"l\u0069mit": 12}}') -> 'credit' ->> 'limit'), '12', 'also inside an object');
SELECT is(flowcustomer.customer_update('acme', 'c', '{"City": "X", "CITY": "X", "city ": "X", "": "X"}') ->> 'city', 'Voss', 'names have their case');
SELECT is(t.update('c', '{"unknown": 1, "nested": {"city": 5, "list": [{"a": [null, true, 1e5]}]}, "customer_uid": "x"}'), 'ok', 'unknown properties are ignored');
SELECT is(t.update('c', '{"openingBalance": "x"}') || t.create('{"customerType": "PERSON", "openingBalance": 5}') || t.section(t.batch('{"update": [{"customerUid": "c", "openingBalance": 5}]}'), 'update'), 'okok1:', 'what a customer owes is no part of its body');
SELECT is_empty('SELECT customer_uid FROM flowcustomer.customer WHERE credit_opening_balance <> 0', 'so it changes nothing');
SELECT is(t.update('c', '{"ehf.enabled": 5}'), 'ok', 'a dot in a name is not a path');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'c', '{"credit.limit": 99}')$$);
SELECT is((t.get('c') -> 'credit' ->> 'limit'), '12', 'so it changes nothing');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'c', '{"credit": {"limit": 12}}')$$);
SELECT is(flowcustomer.customer_update('acme', 'c', '{"city": "One", "city": "Two"}') ->> 'city', 'Two', 'of a repeated name the last counts');
SELECT is(flowcustomer.customer_update('acme', 'c', '{"city": "One", "city": null}') ->> 'city', '', 'also when it is null');
SELECT is(t.update('c', '{"city": 5, "city": "Two"}'), 'ok', 'also when the first one is wrong');
SELECT is(t.update('c', '{"city": "One", "city": 5}'), 'PT400: VALIDATION_FAILED $.city', 'but not when the last one is');
SELECT is((flowcustomer.customer_update('acme', 'c', '{"credit": {"limit": 55}, "credit": {}}') -> 'credit' ->> 'limit'), '12', 'a repeated object counts whole');
SELECT is((flowcustomer.customer_update('acme', 'c', '{"credit": null, "credit": {"limit": 13}}') -> 'credit' ->> 'limit'), '13', 'and null before it does not');
SELECT is((flowcustomer.customer_update('acme', 'c', '{"customerGroupUids": ["staff"], "customerGroupUids": ["club"]}') -> 'customerGroupUids')::text, '["club"]', 'of a repeated list the last counts');
SELECT is(t.update('c', E'\t{\r\n "city" :\t"Oslo" ,\n "email"\n:\nnull }\n'), 'ok', 'space between the tokens');

-- What the contract's update of a customer does not have is ignored.
SELECT is(t.update('c', '{"customerUid": "not a uid"}'), 'ok', 'customerUid is no property of an update');
SELECT is(t.update('c', '{"consents": "none"}'), 'ok', 'nor are consents');
SELECT is(t.update('c', '{"consents": [{"consentUid": "unknown", "status": true, "source": "x"}]}'), 'ok', 'whatever they name');
SELECT is(t.update('c', '{"displayName": 5, "addresses": 5, "contacts": {}, "extensions": "x", "relevance": "high", "createdAt": 0}'), 'ok', 'nor is what only answers have');

-- Consents in a body.
SELECT is(t.create(format('{"customerType": "PERSON", "consents": %s}', consents)::json), expected, consents) FROM (VALUES
	('[]', 'ok'), ('null', 'ok'), ('{}', 'PT400: VALIDATION_FAILED $.consents'), ('[5]', 'PT400: VALIDATION_FAILED $.consents[0]'),
	('[{"consentUid": "news", "status": true, "source": "x"}]', 'ok'), ('[{"consentUid": "news", "status": true, "source": ""}]', 'ok'),
	('[{"consentUid": "news", "source": "x"}]', 'PT400: VALIDATION_FAILED $.consents[0].status'),
	('[{"consentUid": "news", "status": null, "source": "x"}]', 'PT400: VALIDATION_FAILED $.consents[0].status'),
	('[{"status": true, "source": "x"}]', 'PT400: VALIDATION_FAILED $.consents[0].consentUid'),
	('[{"consentUid": "news", "status": true}]', 'PT400: VALIDATION_FAILED $.consents[0].source'),
	('[{"consentUid": "news", "status": "true", "source": "x"}]', 'PT400: VALIDATION_FAILED $.consents[0].status')) AS v(consents, expected);

SELECT * FROM finish();
