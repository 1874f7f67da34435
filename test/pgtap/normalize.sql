-- The normalisers: what they accept, and what they make of it.
\ir include/helpers.psql
SELECT * FROM no_plan();

SELECT is(flowcustomer.is_uid(value), expected, format('is_uid(%s)', left(coalesce(to_json(value)::text, 'NULL'), 40)))
FROM (VALUES
	('a', true), ('A', true), ('0', true), ('-', true), ('_', true),
	('kari-1', true), ('KARI_1', true), ('--', true), ('a-b_c-D9', true),
	('01890b6e-9c3a-7cc0-98c4-dc0c0c07398f', true),
	(repeat('x', 255), true), (repeat('x', 256), false), ('', false),
	(' ', false), (' a', false), ('a ', false), ('a b', false), ('a.b', false),
	('a/b', false), ('a:b', false), ('a+b', false), (E'a\n', false),
	(E'a\tb', false), ('æ', false), ('kåre', false), ('a%20b', false),
	('"a"', false), ('a@b', false), ('ａ', false), (NULL, NULL)
) AS v(value, expected);

SELECT is(flowcustomer.normalize_mobile(value), expected, format('normalize_mobile(%s)', coalesce(to_json(value)::text, 'NULL')))
FROM (VALUES
	('91234567', '91234567'), ('+4791234567', '+4791234567'),
	('004791234567', '+4791234567'), ('00 47 912 34 567', '+4791234567'),
	('912 34 567', '91234567'), ('912-34-567', '91234567'),
	('912.34.567', '91234567'), ('912/34567', '91234567'),
	('(+47) 912 34 567', '+4791234567'), ('+47 (912) 34-567', '+4791234567'),
	('0047 (912) 34-567', '+4791234567'), (' 91234567 ', '91234567'),
	('0701234567', '0701234567'), ('112', '112'), ('+112', '+112'),
	('12', NULL), ('+12', NULL), ('0012', NULL),
	('12345678901234567890', '12345678901234567890'),
	('+12345678901234567890', '+12345678901234567890'),
	('123456789012345678901', NULL), ('', NULL), ('+', NULL), ('00', NULL),
	('++4791234567', NULL), ('47+91234567', NULL), ('9123456a', NULL),
	('91234567;', NULL), ('９１２３４５６７', NULL), ('phone', NULL),
	('912*34567', NULL), ('91234567#', NULL), (NULL, NULL)
) AS v(value, expected);

SELECT is(flowcustomer.normalize_email(value), expected, format('normalize_email(%s)', left(coalesce(to_json(value)::text, 'NULL'), 60)))
FROM (VALUES
	('kari@example.com', 'kari@example.com'), ('Kari@Example.COM', 'Kari@example.com'),
	(' kari@example.com ', 'kari@example.com'), (E'\tkari@example.com\n', 'kari@example.com'),
	('kari.nordmann@example.com', 'kari.nordmann@example.com'),
	('kari+shop@example.com', 'kari+shop@example.com'),
	('o''hara@example.com', 'o''hara@example.com'), ('a@b.no', 'a@b.no'),
	('kari@mail.shop.example.co.uk', 'kari@mail.shop.example.co.uk'),
	('kåre@example.no', 'kåre@example.no'), ('post@blåbær.no', 'post@blåbær.no'),
	('{x}@example.com', '{x}@example.com'), ('1@2.no', '1@2.no'),
	('a@my-shop.no', 'a@my-shop.no'), ('a_b@example.com', 'a_b@example.com'),
	('', NULL), ('kari', NULL), ('@example.com', NULL), ('kari@', NULL),
	('kari@example', NULL), ('kari@.com', NULL), ('kari@example..com', NULL),
	('kari@example.com.', NULL), ('.kari@example.com', NULL), ('kari.@example.com', NULL),
	('ka..ri@example.com', NULL), ('kari@exa mple.com', NULL), ('kari nordmann@example.com', NULL),
	('a@b@example.com', NULL), ('kari@-example.com', NULL), ('kari@example-.com', NULL),
	('kari@example.c', NULL), ('kari@example.com,ola@example.com', NULL),
	('Kari <kari@example.com>', NULL), ('"kari"@example.com', NULL),
	('kari@[127.0.0.1]', NULL), (E'ka\nri@example.com', NULL), ('kari@ex_ample.com', NULL),
	(NULL, NULL)
) AS v(value, expected);

-- The countries of ISO 3166-1, with nothing missing and nothing added.
CREATE TABLE t.country AS SELECT regexp_split_to_table(
	'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS '
	'BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE '
	'EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM '
	'HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC '
	'LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA '
	'NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW '
	'SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO '
	'TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW', ' ') AS code;
SELECT is(count(*)::integer, 249, 'the list of countries is whole') FROM t.country;
SELECT bag_eq(
	$$SELECT code FROM (SELECT chr(a) || chr(b) AS code FROM generate_series(65, 90) AS a, generate_series(65, 90) AS b) AS c
	  WHERE flowcustomer.normalize_country(code) IS NOT NULL$$,
	'SELECT code FROM t.country', 'of all pairs of letters the 249 countries are accepted');
SELECT is_empty('SELECT code FROM t.country WHERE flowcustomer.normalize_country(lower(code)) IS DISTINCT FROM code',
	'each country is accepted in lower case');
SELECT is(flowcustomer.normalize_country(value), expected, format('normalize_country(%s)', coalesce(to_json(value)::text, 'NULL')))
FROM (VALUES
	('NO', 'NO'), ('no', 'NO'), ('No', 'NO'), (' no ', 'NO'), (E'se\n', 'SE'), ('gb', 'GB'),
	('UK', NULL), ('EU', NULL), ('XX', NULL), ('ZZ', NULL), ('AA', NULL), ('XK', NULL),
	('NOR', NULL), ('N', NULL), ('', NULL), ('  ', NULL), ('N O', NULL), ('Norway', NULL),
	('47', NULL), ('DA', NULL), ('OA', NULL), ('å', NULL), ('--', NULL), ('N0', NULL), (NULL, NULL)
) AS v(value, expected);

SELECT is(flowcustomer.normalize_postal_code(value, country), expected,
		  format('normalize_postal_code(%s, %s)', coalesce(to_json(value)::text, 'NULL'), quote_nullable(country)))
FROM (VALUES
	('0150', 'NO', '0150'), (' 0150 ', 'NO', '0150'), ('N-0150', 'NO', '0150'),
	('NO-0150', 'NO', '0150'), ('no 0150', 'NO', '0150'), ('0150', 'no', '0150'),
	('150', 'NO', NULL), ('01500', 'NO', NULL), ('O150', 'NO', NULL), ('SE-0150', 'NO', NULL),
	('11122', 'SE', '111 22'), ('111 22', 'SE', '111 22'), ('se-11122', 'SE', '111 22'),
	('S-111 22', 'SE', '111 22'), ('1112', 'SE', NULL),
	('2100', 'DK', '2100'), ('DK-2100', 'DK', '2100'), ('21000', 'DK', NULL),
	('00100', 'FI', '00100'), ('FI-00100', 'FI', '00100'), ('100', 'FO', '100'), ('101', 'IS', '101'),
	('10115', 'DE', '10115'), ('D-10115', 'DE', '10115'), ('75001', 'FR', '75001'),
	('1012ab', 'NL', '1012 AB'), ('1012 AB', 'NL', '1012 AB'), ('00950', 'PL', '00-950'),
	('1000123', 'PT', '1000-123'), ('sw1a1aa', 'GB', 'SW1A 1AA'), ('m1 1ae', 'GB', 'M1 1AE'),
	('B33 8TH', 'GB', 'B33 8TH'), ('CR2 6XH', 'GB', 'CR2 6XH'), ('DN551PT', 'GB', 'DN55 1PT'),
	('W1A 0AX', 'GB', 'W1A 0AX'), ('k1a0b1', 'CA', 'K1A 0B1'), ('12345', 'US', '12345'),
	('12345-6789', 'US', '12345-6789'), ('123456789', 'US', '12345-6789'), ('1234', 'US', NULL),
	('anything 1', 'IE', 'anything 1'), ('D02 X285', 'IE', 'D02 X285'),
	('1234567890123456', 'JP', '1234567890123456'), ('12345678901234567', 'JP', NULL),
	('', 'NO', NULL), ('', 'IE', NULL), ('0150', 'XX', NULL), ('0150', '', NULL),
	('0150', NULL, NULL), (NULL, 'NO', NULL)
) AS v(value, country, expected);

SELECT is(flowcustomer.normalize_vat_number(value), expected, format('normalize_vat_number(%s)', coalesce(to_json(value)::text, 'NULL')))
FROM (VALUES
	('987654321', '987654321'), ('NO987654321', 'NO987654321'), ('NO987654321MVA', 'NO987654321MVA'),
	('no 987 654 321 mva', 'NO987654321MVA'), ('NO-987.654.321', 'NO987654321'),
	('987654321mva', '987654321MVA'), (' 987 654 321 ', '987654321'),
	('SE556036079301', 'SE556036079301'), ('se 556036-0793 01', 'SE556036079301'),
	('SE5560360793', NULL), ('SE55603607930123', NULL), ('SE55603607930A', NULL),
	('DK12345678', 'DK12345678'), ('DK1234567', NULL), ('DK123456789', NULL),
	('FI12345678', 'FI12345678'), ('FI1234567', NULL), ('NO98765432', NULL),
	('NO987654321XYZ', NULL), ('NO98765432A', NULL), ('DE123456789', 'DE123456789'),
	('FRXX123456789', 'FRXX123456789'), ('ABCD', NULL), ('A12', NULL), ('AB12', 'AB12'),
	('12345678901234567890', '12345678901234567890'), ('123456789012345678901', NULL),
	('', NULL), ('  ', NULL), ('12#34', NULL), ('1234å', NULL), (NULL, NULL)
) AS v(value, expected);

SELECT is(flowcustomer.normalize_ledger_number(value), expected, format('normalize_ledger_number(%s)', left(coalesce(to_json(value)::text, 'NULL'), 60)))
FROM (VALUES
	('1', '1'), ('0', '0'), ('000', '000'), ('0150042', '0150042'), (' 42 ', '42'),
	(E'\t42\n', '42'), (repeat('9', 50), repeat('9', 50)), (repeat('9', 51), NULL),
	(repeat(' ', 20) || '7', '7'), ('1234567890', '1234567890'),
	('', NULL), (' ', NULL), ('1 2', NULL), ('1-2', NULL), ('1.0', NULL), ('1e3', NULL),
	('-1', NULL), ('+1', NULL), ('a', NULL), ('12a', NULL), ('0x10', NULL), ('١٢٣', NULL),
	('１２', NULL), ('1,000', NULL), ('#1', NULL), (NULL, NULL)
) AS v(value, expected);

SELECT is(flowcustomer.display_name(type, company, firstname, lastname, email, phone, uid), expected,
		  format('display_name(%s) is %s', concat_ws(',', coalesce(type, '-'), coalesce(company, '-'), coalesce(firstname, '-'),
													 coalesce(lastname, '-'), coalesce(email, '-'), coalesce(phone, '-'), coalesce(uid, '-')),
				 quote_nullable(expected)))
FROM (VALUES
	('PERSON', NULL, 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Kari Nordmann'),
	('PERSON', 'Acme', 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Kari Nordmann'),
	('PERSON', NULL, 'Kari', NULL, 'k@x.no', '123', 'u', 'Kari'),
	('PERSON', NULL, NULL, 'Nordmann', 'k@x.no', '123', 'u', 'Nordmann'),
	('PERSON', NULL, NULL, NULL, 'k@x.no', '123', 'u', 'k@x.no'),
	('PERSON', NULL, NULL, NULL, NULL, '123', 'u', '123'),
	('PERSON', NULL, NULL, NULL, NULL, NULL, 'u', 'u'),
	('PERSON', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('COMPANY', 'Acme', 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Acme'),
	('COMPANY', NULL, 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Kari Nordmann'),
	('COMPANY', NULL, 'Kari', NULL, 'k@x.no', '123', 'u', 'Kari'),
	('COMPANY', NULL, NULL, 'Nordmann', NULL, NULL, 'u', 'Nordmann'),
	('COMPANY', NULL, NULL, NULL, 'k@x.no', '123', 'u', 'k@x.no'),
	('COMPANY', NULL, NULL, NULL, NULL, '123', 'u', '123'),
	('COMPANY', NULL, NULL, NULL, NULL, NULL, 'u', 'u'),
	('B2B', 'Partner', 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Partner'),
	('B2B', NULL, 'Kari', 'Nordmann', 'k@x.no', '123', 'u', 'Kari Nordmann'),
	('B2B', NULL, NULL, NULL, NULL, NULL, 'u', 'u'),
	(NULL, 'Acme', 'Kari', 'Nordmann', NULL, NULL, 'u', 'Kari Nordmann'),
	(NULL, NULL, NULL, NULL, 'k@x.no', NULL, 'u', 'k@x.no'),
	('', 'Acme', 'Kari', 'Nordmann', NULL, NULL, 'u', 'Kari Nordmann'),
	('OTHER', 'Acme', 'Kari', 'Nordmann', NULL, NULL, 'u', 'Kari Nordmann'),
	('COMPANY', 'Blåbær & Sønn', NULL, NULL, NULL, NULL, 'u', 'Blåbær & Sønn'),
	('PERSON', NULL, 'Åse', 'Ødegård', NULL, NULL, 'u', 'Åse Ødegård'),
	(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS v(type, company, firstname, lastname, email, phone, uid, expected);

-- Normalising what is normal changes nothing.
SELECT is_empty($$SELECT v FROM unnest(ARRAY['+4791234567', '91234567', '00112233']) AS v
	WHERE flowcustomer.normalize_mobile(flowcustomer.normalize_mobile(v)) IS DISTINCT FROM flowcustomer.normalize_mobile(v)$$,
	'normalize_mobile of its own result is the same');
SELECT is_empty($$SELECT v, c FROM (VALUES ('11122', 'SE'), ('N-0150', 'NO'), ('sw1a1aa', 'GB'), ('00950', 'PL')) AS x(v, c)
	WHERE flowcustomer.normalize_postal_code(flowcustomer.normalize_postal_code(v, c), c)
		IS DISTINCT FROM flowcustomer.normalize_postal_code(v, c)$$,
	'normalize_postal_code of its own result is the same');
SELECT is_empty($$SELECT v FROM unnest(ARRAY['no 987 654 321 mva', 'se 556036-0793 01']) AS v
	WHERE flowcustomer.normalize_vat_number(flowcustomer.normalize_vat_number(v)) IS DISTINCT FROM flowcustomer.normalize_vat_number(v)$$,
	'normalize_vat_number of its own result is the same');

SELECT * FROM finish();
