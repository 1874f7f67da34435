-- Who a customer that is being typed probably is already.
\ir include/helpers.psql
SELECT * FROM no_plan();
-- What is common must not be known before this file says so.
ALTER TABLE flowcustomer.customer SET (autovacuum_enabled = off);
CALL t.run('SELECT t.seed(), t.seed(''other'')');

-- ---------------------------------------------------------------------
-- Who there is
-- ---------------------------------------------------------------------

CREATE TABLE t.batch AS SELECT $${"create": [
	{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "email": "kari.nordmann@post.example", "mobile": "+47 912 34 567", "address": "Storgata 12 B", "postalCode": "0150", "city": "Oslo"},
	{"customerUid": "robert", "customerType": "PERSON", "firstname": "Robert", "lastname": "Dahl", "mobile": "401 11 222", "address": "Kirkeveien 7", "postalCode": "0266", "city": "Oslo"},
	{"customerUid": "karl", "customerType": "PERSON", "firstname": "Karl", "lastname": "Eriksen", "address": "Parkveien 3", "postalCode": "5007", "city": "Bergen"},
	{"customerUid": "ase", "customerType": "PERSON", "firstname": "Åse", "lastname": "Ødegård", "address": "Strandgaten 4", "postalCode": "7010", "city": "Trondheim"},
	{"customerUid": "joergen", "customerType": "PERSON", "firstname": "Joergen", "lastname": "Aasnaes", "postalCode": "6002", "city": "Aalesund"},
	{"customerUid": "double", "customerType": "PERSON", "firstname": "Anne-Lise", "lastname": "Berg-Hansen", "address": "17. mai gate 3", "postalCode": "4006", "city": "Stavanger"},
	{"customerUid": "vik", "customerType": "PERSON", "firstname": "Hans Petter", "lastname": "Vik", "mobile": "906 00 700", "address": "Dr. Holms vei 22", "postalCode": "0787", "city": "Oslo"},
	{"customerUid": "rene", "customerType": "PERSON", "firstname": "René", "lastname": "Müller", "countryCode": "DE", "address": "Torstraße 5", "postalCode": "10119", "city": "Berlin"},
	{"customerUid": "fyodor", "customerType": "PERSON", "firstname": "Фёдор", "lastname": "Достоевский", "countryCode": "RU", "address": "Кузнечный переулок 5", "postalCode": "191002", "city": "Санкт-Петербург"},
	{"customerUid": "asa", "customerType": "PERSON", "firstname": "Åsa", "lastname": "Björk", "countryCode": "SE", "mobile": "+46 70 123 45 67", "address": "Kungsgatan 5", "postalCode": "211 20", "city": "Malmö"},
	{"customerUid": "dirk", "customerType": "PERSON", "firstname": "Dirk", "lastname": "Visser", "countryCode": "NL", "address": "Damstraat 14", "postalCode": "1012 AB", "city": "Amsterdam"},
	{"customerUid": "john", "customerType": "PERSON", "firstname": "John", "lastname": "Smith", "countryCode": "AU", "address": "3 Main Street", "postalCode": "2000", "city": "Sydney"},
	{"customerUid": "obrien", "customerType": "PERSON", "firstname": "Liam", "lastname": "O'Brien", "postalCode": "1601", "city": "Fredrikstad"},
	{"customerUid": "jp", "customerType": "PERSON", "firstname": "J. P.", "lastname": "Rustad"},
	{"customerUid": "ida", "customerType": "PERSON", "firstname": "Ida", "lastname": "Moe", "email": "ida@moe.example", "mobile": "930 00 001", "address": "Fjellveien 9", "postalCode": "9010", "city": "Tromsø"},
	{"customerUid": "per", "customerType": "PERSON", "firstname": "Per", "lastname": "Lie", "mobile": "22 33 44 55", "address": "Skogveien 31", "postalCode": "1366", "city": "Lysaker"},
	{"customerUid": "mail", "customerType": "PERSON", "email": "isaac.newton@tre.example"},
	{"customerUid": "phone", "customerType": "PERSON", "mobile": "+47 480 55 666"},
	{"customerUid": "tlf", "customerType": "PERSON", "firstname": "Nina", "mobile": "0046 73 111 22 33", "countryCode": "SE"},
	{"customerUid": "fjord", "customerType": "COMPANY", "companyName": "Fjord Bygg AS", "vatNumber": "NO 987 654 321 MVA", "email": "post@fjordbygg.example", "address": "Havnegata 1", "postalCode": "0475", "city": "Oslo"},
	{"customerUid": "shop-oslo", "customerType": "COMPANY", "companyName": "Kolonialen AS", "vatNumber": "NO911222333MVA", "address": "Torggata 2", "postalCode": "0181", "city": "Oslo"},
	{"customerUid": "shop-hamar", "customerType": "COMPANY", "companyName": "Kolonialen AS", "vatNumber": "NO911222333MVA", "address": "Grønnegata 8", "postalCode": "2317", "city": "Hamar"},
	{"customerUid": "advokat", "customerType": "COMPANY", "companyName": "Advokatfirmaet Holm AS", "vatNumber": "NO933000111MVA", "address": "Kontorgata 10", "postalCode": "3015", "city": "Drammen"},
	{"customerUid": "mva", "customerType": "COMPANY", "companyName": "Snekker Lund", "vatNumber": "976 543 210 MVA"},
	{"customerUid": "dutch", "customerType": "COMPANY", "companyName": "Tulp Export", "vatNumber": "NL123456789B01", "countryCode": "NL"},
	{"customerUid": "swede", "customerType": "COMPANY", "companyName": "Nordavind Handel AB", "vatNumber": "SE556677889901", "countryCode": "SE", "postalCode": "222 23", "city": "Lund"},
	{"customerUid": "pq", "customerType": "COMPANY", "companyName": "P & Q", "postalCode": "0154", "city": "Oslo"},
	{"customerUid": "vikshop", "customerType": "COMPANY", "companyName": "Hans Petter Vik", "postalCode": "0787", "city": "Oslo"},
	{"customerUid": "b2b", "customerType": "B2B", "companyName": "Solberg Rør", "firstname": "Siv", "lastname": "Holm", "postalCode": "1501", "city": "Moss"},
	{"customerUid": "twin-b", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø"},
	{"customerUid": "twin-a", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø"},
	{"customerUid": "twin-C", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø"},
	{"customerUid": "twin-d", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling", "mobile": "95 10 01 00", "postalCode": "8006", "city": "Bodø"}
]}$$::json AS body;
SELECT is(t.section(t.batch(body), 'create'), '33:', 'the customers') FROM t.batch;
-- Another tenant's people, who are nobody's business: the same ones, and one more.
SELECT is(t.section(flowcustomer.customer_batch('other', body)::jsonb, 'create'), '33:', 'another tenant has the same ones') FROM t.batch;
CALL t.run($$SELECT flowcustomer.customer_create('other', '{"customerUid": "stranger", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "email": "kari.nordmann@post.example", "mobile": "91234567"}')$$);

-- The uids of those who are suggested, or the error.
CREATE FUNCTION t.similar(body json) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN t.uids(flowcustomer.customer_find_similar('acme', body));
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION t.similar(body json, uid text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT item FROM jsonb_array_elements(flowcustomer.customer_find_similar('acme', body, 1000)::jsonb -> 'items') AS item
	WHERE item ->> 'customerUid' = uid
$$;
-- What reading must leave alone: every row of every table.
CREATE FUNCTION t.everything() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(relname, md5(query_to_xml(format('SELECT r FROM flowcustomer.%I AS r ORDER BY r::text', relname), true, true, '')::text))
	FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r'
$$;
CREATE TABLE t.before AS SELECT t.everything() AS state;

-- ---------------------------------------------------------------------
-- People
-- ---------------------------------------------------------------------

SELECT is(t.similar(body::json), expected, format('%s: %s', what, left(body, 90))) FROM (VALUES
	-- e-mail
	('{"email": "kari.nordmann@post.example"}', 'kari', 'the e-mail alone'),
	('{"email": "Kari.Nordmann@POST.example"}', 'kari', 'capitals say nothing in an e-mail'),
	('{"email": " kari.nordmann@post.example "}', 'kari', 'nor do spaces around it'),
	('{"email": "isaac.newton@tre.example"}', 'mail', 'of somebody without a name'),
	('{"firstname": "Kari", "email": "kari.nordmann@post.example"}', 'kari', 'with the first name'),
	('{"customerType": "PERSON", "lastname": "Normann", "email": "kari.nordmann@post.example"}', 'kari', 'with a slip in the last name'),
	('{"email": "isac.newton@tre.example"}', '', 'an e-mail with one letter less is somebody else''s'),
	('{"email": "isaac-newton@tre.example"}', '', 'a hyphen is no dot'),
	('{"email": "isaac@newton.tre.example"}', '', 'another domain'),
	('{"email": "isaac.newton@tre"}', '', 'one that is not typed to its end is not known'),
	-- a telephone in ten spellings
	('{"mobile": "+4748055666"}', 'phone', 'a telephone as it is stored'),
	('{"mobile": "48055666"}', 'phone', 'without the country'),
	('{"mobile": "480 55 666"}', 'phone', 'in groups'),
	('{"mobile": "48 05 56 66"}', 'phone', 'in other groups'),
	('{"mobile": "0047 480 55 666"}', 'phone', 'with 00'),
	('{"mobile": "+47 480-55-666"}', 'phone', 'with hyphens'),
	('{"mobile": "(+47) 480 55 666"}', 'phone', 'the country in parentheses'),
	('{"mobile": "47 480 55 666"}', 'phone', 'the country without a plus'),
	('{"mobile": "480.55.666"}', 'phone', 'with dots'),
	('{"mobile": " 48055666 "}', 'phone', 'with spaces around'),
	('{"mobile": "tlf 480 55 666"}', 'phone', 'with a word before it'),
	('{"mobile": "073-111 22 33"}', 'tlf', 'a Swedish number with the 0 of home'),
	('{"mobile": "+46731112233"}', 'tlf', 'and from abroad'),
	('{"mobile": "48055667"}', '', 'the number of somebody else'),
	('{"mobile": "+45 48 05 56 66"}', '', 'the same digits in Denmark are another telephone'),
	-- a name and a little more
	('{"firstname": "Kari", "lastname": "Nordmann"}', 'kari', 'first and last name'),
	('{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150"}', 'kari', 'name and postal code'),
	('{"firstname": "kari", "lastname": "NORDMANN", "postalCode": "0150", "city": "oslo"}', 'kari', 'in other cases'),
	('{"firstname": "  Kari ", "lastname": " Nordmann", "postalCode": " 0150"}', 'kari', 'with spaces around'),
	('{"firstname": "Kari", "lastname": "Nordmann", "city": "Oslo", "email": "kari.n@ny.example"}', 'kari', 'who has a new e-mail'),
	('{"firstname": "Kari", "lastname": "Hansen", "email": "kari.nordmann@post.example", "mobile": "91234567"}', 'kari', 'who has married'),
	('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "91234567", "address": "Nygata 1", "postalCode": "3044", "city": "Drammen"}', 'kari', 'who has moved'),
	-- slips of the finger, with an address
	('{"firstname": "Karri", "lastname": "Nordmann", "address": "Storgata 12 B", "postalCode": "0150"}', 'kari', 'a letter twice in the first name'),
	('{"firstname": "Kari", "lastname": "Nordmnan", "address": "Storgata 12 B", "postalCode": "0150"}', 'kari', 'two letters of the last name swapped'),
	('{"firstname": "Kari", "lastname": "Normann", "address": "Storgata 12 B", "postalCode": "0150"}', 'kari', 'a letter of the last name left out'),
	('{"firstname": "Kari", "lastname": "Nordmabn", "address": "Storgata 12 B", "postalCode": "0150"}', 'kari', 'a wrong letter'),
	('{"firstname": "Robret", "lastname": "Dahl", "address": "Kirkeveien 7", "postalCode": "0266"}', 'robert', 'two letters of the first name swapped'),
	('{"firstname": "Robert", "lastname": "Dal", "address": "Kirkeveien 7", "postalCode": "0266"}', 'robert', 'another spelling of the last name'),
	('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "91234576"}', 'kari', 'two digits of the telephone swapped'),
	('{"firstname": "Kari", "lastname": "Nordmann", "address": "Storgata 12 B", "postalCode": "0105"}', 'kari', 'two digits of the postal code swapped'),
	-- names that changed places
	('{"firstname": "Nordmann", "lastname": "Kari", "postalCode": "0150"}', 'kari', 'first and last name swapped'),
	('{"firstname": "Nordmann", "lastname": "Kari", "mobile": "912 34 567"}', 'kari', 'swapped, with the telephone'),
	('{"firstname": "Berg-Hansen", "lastname": "Anne-Lise", "postalCode": "4006"}', 'double', 'swapped double names'),
	-- short forms, titles, initials
	('{"firstname": "Bob", "lastname": "Dahl", "postalCode": "0266"}', 'robert', 'Bob is Robert'),
	('{"firstname": "Rob", "lastname": "Dahl", "mobile": "40111222"}', 'robert', 'and so is Rob'),
	('{"firstname": "Kalle", "lastname": "Eriksen", "postalCode": "5007"}', 'karl', 'Kalle is Karl'),
	('{"firstname": "Fru Kari", "lastname": "Nordmann", "postalCode": "0150"}', 'kari', 'a title before the name'),
	('{"firstname": "Dr. Robert", "lastname": "Dahl", "postalCode": "0266"}', 'robert', 'another title'),
	('{"firstname": "Karl", "lastname": "Eriksen Jr.", "postalCode": "5007"}', 'karl', 'a title behind the name'),
	('{"firstname": "Fru Kari", "lastname": "Nordmann"}', 'kari', 'a title, and nothing but the names'),
	('{"firstname": "Kari", "lastname": "Fru Nordmann"}', 'kari', 'a title in the last name'),
	('{"firstname": "K.", "lastname": "Nordmann", "address": "Storgata 12B", "postalCode": "0150"}', 'kari', 'an initial'),
	('{"firstname": "Kari M.", "lastname": "Nordmann", "postalCode": "0150"}', 'kari', 'a middle name''s initial'),
	('{"firstname": "K", "lastname": "Nordmann", "mobile": "91234567"}', 'kari', 'an initial, with the telephone'),
	('{"firstname": "J. P.", "lastname": "Rustad"}', 'jp', 'nothing but initials, as they are stored'),
	('{"firstname": "H. P.", "lastname": "Vik", "mobile": "90600700", "address": "Dr. Holms vei 22", "postalCode": "0787"}', 'vik', 'two initials'),
	-- double names
	('{"firstname": "Anne Lise", "lastname": "Berg Hansen"}', 'double', 'spaces for hyphens'),
	('{"firstname": "Anne", "lastname": "Berg-Hansen", "postalCode": "4006"}', 'double', 'half of the first name'),
	('{"firstname": "Lise", "lastname": "Berg-Hansen", "postalCode": "4006"}', 'double', 'the other half'),
	('{"firstname": "Anne-Lise", "lastname": "Hansen", "address": "17. mai gate 3", "postalCode": "4006"}', 'double', 'half of the last name'),
	('{"firstname": "Anne-Lise", "lastname": "Hansen-Berg", "postalCode": "4006"}', 'double', 'the halves in the other order'),
	('{"firstname": "AnneLise", "lastname": "Berg-Hansen", "postalCode": "4006"}', 'double', 'written in one'),
	('{"firstname": "Hans", "lastname": "Vik", "postalCode": "0787", "city": "Oslo"}', 'vik', 'the first of two names'),
	('{"firstname": "Petter", "lastname": "Vik", "postalCode": "0787", "city": "Oslo"}', 'vik', 'the name that is used'),
	('{"firstname": "Liam", "lastname": "OBrien", "postalCode": "1601"}', 'obrien', 'no apostrophe'),
	('{"firstname": "Liam", "lastname": "O’Brien", "postalCode": "1601"}', 'obrien', 'a typographic apostrophe'),
	-- letters
	('{"firstname": "Aase", "lastname": "Oedegaard"}', 'ase', 'Åse is Aase'),
	('{"firstname": "Ase", "lastname": "Odegard"}', 'ase', 'and Ase'),
	('{"firstname": "ÅSE", "lastname": "Ödegård"}', 'ase', 'ö for ø'),
	('{"firstname": "Jørgen", "lastname": "Åsnæs", "city": "Ålesund"}', 'joergen', 'Joergen is Jørgen'),
	('{"firstname": "Jörgen", "lastname": "Åsnäs", "postalCode": "6002"}', 'joergen', 'and Jörgen'),
	('{"firstname": "Rene", "lastname": "Muller", "postalCode": "10119", "countryCode": "DE"}', 'rene', 'no accents'),
	(U&'{"firstname": "Rene\0301", "lastname": "Mu\0308ller", "city": "BERLIN"}', 'rene', 'accents of their own'),
	('{"firstname": "RENÉ", "lastname": "MÜLLER", "address": "Torstrasse 5"}', 'rene', 'capitals with accents'),
	('{"firstname": "ФЕДОР", "lastname": "достоевский"}', 'fyodor', 'Cyrillic, е for ё'),
	('{"firstname": "Фёдор", "lastname": "Достоевскй", "postalCode": "191002", "countryCode": "RU"}', 'fyodor', 'a slip in Cyrillic'),
	-- a postal code with a space is the same without
	('{"firstname": "Assa", "lastname": "Björk", "countryCode": "SE", "postalCode": "21120"}', 'asa', 'a Swedish postal code without its space'),
	('{"firstname": "Assa", "lastname": "Bjørk", "countryCode": "SE", "postalCode": "211 20"}', 'asa', 'and with it'),
	('{"firstname": "Åsa", "lastname": "Björck", "countryCode": "SE", "postalCode": "211 20"}', 'asa', 'a slip in the last name in Sweden'),
	('{"firstname": "Åsa", "lastname": "Björck", "postalCode": "211 20"}', 'asa', 'the country is not typed yet'),
	('{"firstname": "Drik", "lastname": "Visser", "countryCode": "NL", "postalCode": "1012ab"}', 'dirk', 'a Dutch postal code'),
	('{"firstname": "Drik", "lastname": "Visser", "countryCode": "NL", "postalCode": "1012 AB", "city": "Amsterdam"}', 'dirk', 'and with its space')
) AS v(body, expected, what);

-- One address, however it is written, of a customer who is found by all the rest.
SELECT is((SELECT string_agg(reason ->> 'agreement', ' ' ORDER BY reason ->> 'field' DESC) FROM jsonb_array_elements(t.similar(((t.get(uid) - 'customerUid') || jsonb_build_object('address', address))::json, uid) -> 'reasons') AS reason WHERE reason ->> 'field' IN ('street', 'houseNumber')),
		  expected, format('street and number: %s', address))
FROM (VALUES
	('kari', 'Storgata 12 B', 'same same'), ('kari', 'Storgata 12b', 'same same'), ('kari', 'Storgt. 12b', 'same same'), ('kari', 'STORGATEN 12 B', 'same same'), ('kari', 'Storgate 12-B', 'same same'),
	('kari', 'Storgaten 12', 'same alike'), ('kari', 'Storgata 12 A', 'same alike'), ('kari', 'Storgata 13 B', 'same similar'), ('kari', 'Storgata 40', 'same different'), ('kari', 'Storgata', 'same'),
	('kari', 'Storgtata 12 B', 'alike same'), ('kari', 'Lillegata 99', 'different different'),
	('double', '17. mai gate 3', 'same same'), ('double', '17.mai gt 3', 'same same'), ('double', '17 Mai gaten 3', 'same same'), ('double', '17. mai gate 5', 'same different'),
	('robert', 'Kirkevn. 7', 'same same'), ('robert', 'Kirkevegen 7', 'same same'), ('robert', 'Kirkev 7', 'alike same'), ('vik', 'Dr Holms veg 22', 'same same'),
	('john', '3 Main Street', 'same same'), ('john', 'Main St 3', 'same same'), ('john', '3 Main St.', 'same same'), ('john', 'Unit 12, 3 Main Street', 'same alike'), ('john', '12/3 Main St', 'same alike'),
	('asa', 'Kungsg. 5', 'alike same'), ('rene', 'Torstrasse 5a', 'same alike'), ('fyodor', 'кузнечный переулок 5', 'same same'), ('fyodor', 'Кузнечный переулок 5б', 'same alike')
) AS v(uid, address, expected);

-- Who only looks like it, and must not be suggested.
SELECT is(t.similar(body::json), expected, format('not %s: %s', what, left(body, 90))) FROM (VALUES
	('{"customerType": "PERSON", "firstname": "Tuva", "lastname": "Moe", "address": "Fjellveien 9", "postalCode": "9010", "city": "Tromsø"}', '', 'a sister at the same address'),
	('{"customerType": "PERSON", "firstname": "Tuva", "lastname": "Moe", "mobile": "93000002", "email": "tuva@moe.example", "address": "Fjellveien 9", "postalCode": "9010", "city": "Tromsø"}', '', 'a sister with a telephone and an e-mail of her own'),
	('{"customerType": "PERSON", "firstname": "Ina", "lastname": "Moe", "mobile": "93000002", "email": "ina@moe.example", "address": "Fjellveien 9", "postalCode": "9010", "city": "Tromsø"}', '', 'a sister with almost the same first name'),
	('{"firstname": "Ola", "lastname": "Lie", "mobile": "22334455", "address": "Skogveien 31", "postalCode": "1366", "city": "Lysaker"}', '', 'a son who has his father''s telephone'),
	('{"firstname": "Turid", "lastname": "Lie", "mobile": "22334455"}', '', 'a wife who has her husband''s telephone'),
	('{"firstname": "Turid", "lastname": "Moe", "email": "ida@moe.example", "address": "Fjellveien 9", "postalCode": "9010"}', '', 'a mother who has her daughter''s e-mail'),
	('{"firstname": "Grete", "lastname": "Fossum", "address": "Fjellveien 9", "postalCode": "9010", "city": "Tromsø"}', '', 'a housemate'),
	('{"firstname": "Grete", "lastname": "Fossum", "mobile": "22334455", "address": "Skogveien 31", "postalCode": "1366"}', '', 'a housemate with the same telephone'),
	('{"firstname": "Ida", "lastname": "Fossum", "mobile": "94444444", "address": "Fjellveien 40", "postalCode": "9010", "city": "Tromsø"}', '', 'a neighbour with the same first name'),
	('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "98765432", "email": "kari@annen.example", "address": "Elvegata 5", "postalCode": "9010", "city": "Tromsø"}', '', 'a namesake elsewhere'),
	('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "98765432", "email": "kari@annen.example", "city": "Tromsø"}', '', 'a namesake in another town, without an address'),
	('{"firstname": "Kari", "lastname": "Olsen", "postalCode": "0150", "city": "Oslo"}', '', 'a first name in the same town'),
	('{"firstname": "Kari", "lastname": "Olsen", "mobile": "98765432", "postalCode": "0150", "city": "Oslo"}', '', 'a first name in the same town, with another telephone'),
	('{"firstname": "Kari", "lastname": "Olsen", "mobile": "98765432", "email": "ko@annen.example", "address": "Storgata 99", "postalCode": "0150", "city": "Oslo"}', '', 'a first name in the same street'),
	('{"firstname": "Marit", "lastname": "Nordmann", "postalCode": "0150", "city": "Oslo"}', '', 'a family''s name in the same town'),
	('{"customerType": "COMPANY", "companyName": "Kari Nordmann", "email": "kari.nordmann@post.example", "mobile": "91234567", "postalCode": "0150"}', '', 'a person for a company'),
	('{"customerType": "PERSON", "firstname": "Hans Petter", "lastname": "Vik", "companyName": "Hans Petter Vik", "postalCode": "0787", "city": "Oslo"}', 'vik', 'the company for the person with its name'),
	('{"customerType": "COMPANY", "companyName": "Hans Petter Vik", "firstname": "Hans Petter", "lastname": "Vik", "postalCode": "0787", "city": "Oslo"}', 'vikshop', 'the person for the company with their name'),
	('{}', '', 'anybody for nothing'),
	('{"customerType": "PERSON"}', '', 'anybody for a type'),
	('{"city": "Oslo"}', '', 'anybody for a city'),
	('{"postalCode": "8006", "city": "Bodø"}', '', 'anybody for a place'),
	('{"address": "Storgata 12 B", "postalCode": "0150", "city": "Oslo"}', '', 'anybody for an address'),
	('{"firstname": "Kari"}', '', 'anybody for a first name'),
	('{"lastname": "Nordmann"}', '', 'anybody for a last name'),
	('{"firstname": "Kari", "city": "Oslo"}', '', 'anybody for a first name in a city'),
	('{"firstname": "", "lastname": "", "email": "", "mobile": "", "companyName": "", "address": "", "postalCode": "", "city": "", "vatNumber": ""}', '', 'anybody for an empty form'),
	('{"firstname": null, "lastname": null, "email": null, "mobile": null, "address": null, "postalCode": null, "city": null, "countryCode": null, "vatNumber": null}', '', 'anybody for nulls'),
	('{"customerType": null, "city": "Oslo"}', '', 'anybody for a type that is not chosen yet')
) AS v(body, expected, what);

-- ---------------------------------------------------------------------
-- Companies
-- ---------------------------------------------------------------------

SELECT is(t.similar(body::json), expected, format('%s: %s', what, left(body, 90))) FROM (VALUES
	('{"companyName": "Fjord Bygg AS"}', 'fjord', 'the name alone'),
	('{"companyName": "Fjord Bygg A/S"}', 'fjord', 'A/S is AS'),
	('{"companyName": "A/S Fjord Bygg"}', 'fjord', 'also before the name'),
	('{"companyName": "Fjord Bygg"}', 'fjord', 'no legal form'),
	('{"companyName": "FJORD-BYGG a.s."}', 'fjord', 'a hyphen and dots'),
	('{"companyName": "Fjord Byg AS", "postalCode": "0475"}', 'fjord', 'a letter left out of the shorter word'),
	('{"companyName": "Fojrd Bygg AS", "address": "Havnegata 1", "postalCode": "0475"}', 'fjord', 'two letters swapped in the longer one'),
	('{"companyName": "Bygg Fjord AS", "postalCode": "0475"}', 'fjord', 'the words in another order'),
	('{"companyName": "Nordavind Handel"}', 'swede', 'AB is dropped too'),
	('{"companyName": "Nordavin Handel AB", "countryCode": "SE", "postalCode": "22223"}', 'swede', 'a slip in Sweden'),
	('{"companyName": "P&Q"}', 'pq', 'a name of letters'),
	('{"companyName": "P & Q AS", "postalCode": "0154"}', 'pq', 'a name of letters, with the postal code'),
	('{"customerType": "COMPANY", "companyName": "Solberg Rør", "postalCode": "1501"}', 'b2b', 'a business is a business, be it B2B or COMPANY'),
	('{"customerType": "B2B", "companyName": "Fjord Bygg AS", "firstname": "Siv", "lastname": "Holm"}', 'fjord', 'whoever speaks for it'),
	('{"vatNumber": "NO987654321MVA"}', 'fjord', 'the VAT number alone'),
	('{"companyName": "Fjord Bygg", "vatNumber": "987654321"}', 'fjord', 'digits only'),
	('{"companyName": "FB Gruppen", "vatNumber": "987 654 321", "address": "Havnegata 1", "postalCode": "0475"}', 'fjord', 'renamed: the digits in groups'),
	('{"companyName": "FB Gruppen", "vatNumber": "NO 987654321", "address": "Havnegata 1", "postalCode": "0475"}', 'fjord', 'renamed: with NO'),
	('{"companyName": "FB Gruppen", "vatNumber": "987.654.321 MVA", "address": "Havnegata 1", "postalCode": "0475"}', 'fjord', 'renamed: with MVA'),
	('{"companyName": "FB Gruppen", "vatNumber": "no987654321mva", "address": "Havnegata 1", "postalCode": "0475"}', 'fjord', 'renamed: in small letters'),
	('{"vatNumber": "976543210"}', 'mva', 'stored with MVA, but without NO'),
	('{"vatNumber": "NO976543210MVA"}', 'mva', 'the same with NO'),
	('{"vatNumber": "NL123456789B01"}', 'dutch', 'a number with a letter in it'),
	('{"vatNumber": "NL 1234.56.789.B01"}', 'dutch', 'the same in groups'),
	('{"companyName": "Fjord Bygg AS", "email": "post@fjordbygg.example"}', 'fjord', 'with its e-mail'),
	-- chains, departments, neighbours
	('{"companyName": "Kolonialen AS", "vatNumber": "911222333", "address": "Torggata 2", "postalCode": "0181", "city": "Oslo"}', 'shop-oslo', 'a chain''s shop here'),
	('{"companyName": "Kolonialen AS", "vatNumber": "911222333", "address": "Grønnegata 8", "postalCode": "2317", "city": "Hamar"}', 'shop-hamar', 'a chain''s shop there'),
	('{"companyName": "Kolonialen AS", "vatNumber": "911222333", "address": "Sjøgata 5", "postalCode": "8006", "city": "Bodø"}', '', 'a chain''s new shop'),
	('{"companyName": "Fjord Bygg AS avd. Lager", "vatNumber": "987654321", "address": "Lagerveien 77", "postalCode": "2005", "city": "Rælingen"}', '', 'a department elsewhere'),
	('{"companyName": "Fjord Bygg AS", "vatNumber": "987654321", "address": "Lagerveien 77", "postalCode": "2005", "city": "Rælingen"}', '', 'a department with the same name elsewhere'),
	('{"companyName": "Tannlege Ask", "vatNumber": "933000222", "address": "Kontorgata 10", "postalCode": "3015", "city": "Drammen"}', '', 'another one in the same building'),
	('{"companyName": "Advokatfirmaet Krogh AS", "vatNumber": "955000333", "address": "Kontorgata 10", "postalCode": "3015", "city": "Drammen"}', '', 'another one of its kind in the same building'),
	('{"companyName": "Fjord Hotell AS", "address": "Bryggen 2", "postalCode": "5003", "city": "Bergen"}', '', 'half of a name'),
	('{"companyName": "AS"}', '', 'nothing but a legal form')
) AS v(body, expected, what);

-- ---------------------------------------------------------------------
-- Order and number
-- ---------------------------------------------------------------------

SELECT is(t.similar('{"firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø"}'), 'twin-C,twin-a,twin-b,twin-d', 'who is as probable comes by the uid, capitals first');
SELECT is(t.similar('{"firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø", "mobile": "95100100"}'), 'twin-d,twin-C,twin-a,twin-b', 'who has the telephone too comes first');
SELECT is(t.similar('{"customerUid": "twin-d", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "city": "Bodø", "mobile": "95100100"}'), 'twin-C,twin-a,twin-b', 'a customer is not compared with itself');
SELECT is(t.similar('{"customerUid": "nobody-yet", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006"}'), 'twin-C,twin-a,twin-b,twin-d', 'a uid that is new leaves out nobody');
SELECT is(t.similar('{"customerUid": "TWIN-D", "firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006"}'), 'twin-C,twin-a,twin-b,twin-d', 'uids are told apart by their case');
SELECT is(t.uids(answer) || ' of ' || (answer ->> 'totalCount'), expected, format('limit %s', limit_))
FROM (VALUES (1, 'twin-d of 4'), (2, 'twin-d,twin-C of 4'), (4, 'twin-d,twin-C,twin-a,twin-b of 4'), (1000, 'twin-d,twin-C,twin-a,twin-b of 4'), (NULL, 'twin-d,twin-C,twin-a,twin-b of 4')) AS v(limit_, expected),
	LATERAL (SELECT flowcustomer.customer_find_similar('acme', '{"firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "mobile": "95100100"}', limit_) AS answer) AS a;
SELECT ok(scores = ARRAY(SELECT s FROM unnest(scores) AS s ORDER BY s DESC) AND scores[1] > scores[2] AND scores[2] = scores[4] AND scores[4] >= 0.5 AND scores[1] <= 1, 'the scores go down from 1 to 0.5')
FROM (SELECT array_agg((item ->> 'score')::float8 ORDER BY n) AS scores FROM json_array_elements(flowcustomer.customer_find_similar('acme', '{"firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006", "mobile": "95100100"}') -> 'items') WITH ORDINALITY AS i(item, n)) AS s;
SELECT ok((t.similar(better::json, uid) ->> 'score')::float8 > (t.similar(worse::json, uid) ->> 'score')::float8, format('%s scores more than %s', better, worse)) FROM (VALUES
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "mobile": "91234567"}', '{"firstname": "Kari", "lastname": "Nordmann"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150"}', '{"firstname": "Kari", "lastname": "Nordmann", "city": "Oslo"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "city": "Oslo"}', '{"firstname": "Kari", "lastname": "Nordmann"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150"}', '{"firstname": "Kari", "lastname": "Normann", "postalCode": "0150"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann"}', '{"email": "kari.nordmann@post.example"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150"}', '{"firstname": "Nordmann", "lastname": "Kari", "postalCode": "0150"}'),
	('kari', '{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150", "address": "Storgata 12 B"}', '{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0150", "address": "Nygata 1"}'),
	('fjord', '{"companyName": "Fjord Bygg AS", "postalCode": "0475"}', '{"companyName": "Fjord Byg AS", "postalCode": "0475"}')
) AS v(uid, better, worse);

-- ---------------------------------------------------------------------
-- Reasons
-- ---------------------------------------------------------------------

SELECT is(flowcustomer.customer_find_similar('acme', body::json)::text, expected, format('the whole answer: %s', body)) FROM (VALUES
	('{"email": "kari.nordmann@post.example"}',
	 '{"items":[{"customerUid":"kari","displayName":"Kari Nordmann","score":0.7633,"reasons":[{"field":"email","agreement":"same","weight":15.8}],"swappedNames":false,"shared":-6.55}],"totalCount":1}'),
	('{"firstname": "Kari", "lastname": "Nordmann"}',
	 '{"items":[{"customerUid":"kari","displayName":"Kari Nordmann","score":0.9357,"reasons":[{"field":"firstname","agreement":"same","weight":5.1},{"field":"lastname","agreement":"same","weight":6.04}],"swappedNames":false,"shared":-0.35}],"totalCount":1}'),
	('{"firstname": "Nobody", "lastname": "Whatsoever", "mobile": "10000001"}', '{"items":[],"totalCount":0}')
) AS v(body, expected);
CREATE FUNCTION t.agreements(body json, uid text) RETURNS text LANGUAGE sql AS $$
	SELECT (SELECT string_agg((reason ->> 'field') || ' ' || (reason ->> 'agreement'), ', ' ORDER BY n) FROM jsonb_array_elements(item -> 'reasons') WITH ORDINALITY AS r(reason, n)) || CASE WHEN (item ->> 'swappedNames')::boolean THEN ', swapped' ELSE '' END
	FROM t.similar(body, uid) AS item
$$;
SELECT is(t.agreements(body::json, uid), expected, format('why %s: %s', uid, body)) FROM (VALUES
	('kari', '{"firstname": "Kari", "lastname": "Nordman", "email": "kari@ny.example", "mobile": "912 34 576", "address": "Storgt 12", "postalCode": "0151", "city": "Osol"}', 'firstname same, lastname alike, email different, mobile alike, street same, houseNumber alike, postalCode alike, city alike'),
	('kari', '{"firstname": "K", "lastname": "Nordmann", "mobile": "91234567", "address": "Storgata 21 B", "postalCode": "0150"}', 'firstname similar, lastname same, mobile same, street same, houseNumber similar, postalCode same'),
	('kari', '{"firstname": "Nordmann", "lastname": "Kari", "postalCode": "0150", "companyName": "Hers AS", "vatNumber": "123456789"}', 'firstname same, lastname same, postalCode same, swapped'),
	('kari', '{"firstname": "Normann", "lastname": "Kari", "mobile": "91234567"}', 'firstname alike, lastname alike, mobile same, swapped'),
	('robert', '{"firstname": "Bobby", "lastname": "Dahl", "postalCode": "0266", "city": "Bergen"}', 'firstname alike, lastname same, postalCode same, city different'),
	('ase', '{"firstname": "Frøken Aase", "lastname": "Oedegaard", "address": "Strandgt 4", "postalCode": "7010", "city": "TRONDHEIM"}', 'firstname same, lastname same, street same, houseNumber same, postalCode same, city same'),
	('fjord', '{"companyName": "Fjord Bygg A/S", "vatNumber": "987654321", "email": "faktura@fjordbygg.example", "city": "Oslo"}', 'companyName same, vatNumber same, email different, city same'),
	('fjord', '{"companyName": "Fjord Bygg Entreprenør AS", "vatNumber": "987654312", "email": "post@fjordbygg.example", "postalCode": "0475", "address": "Havnegata 1"}', 'companyName similar, vatNumber alike, email same, street same, houseNumber same, postalCode same')
) AS v(uid, body, expected);

-- For each of these bodies, each customer that it finds.
CREATE TABLE t.suggestion AS
SELECT c.customer_uid AS typed, item, reasons.*
FROM flowcustomer.customer AS c, LATERAL (SELECT t.get(c.customer_uid) - '{customerUid,externalId}'::text[] AS body) AS b,
	unnest(ARRAY[body, body - '{email,mobile}'::text[], body - '{address,postalCode}'::text[], body || '{"mobile": "99999999", "email": "ny@adresse.example"}',
				 body || jsonb_build_object('firstname', body ->> 'lastname', 'lastname', body ->> 'firstname')]) AS variant,
	jsonb_array_elements(flowcustomer.customer_find_similar('acme', variant::json)::jsonb -> 'items') AS item,
	LATERAL (SELECT sum((r ->> 'weight')::float8) AS weights, count(*) AS fields,
			 bool_and(jsonb_typeof(r -> 'weight') = 'number') AS numbers,
			 bool_and((r ->> 'agreement' = 'same') <= ((r ->> 'weight')::float8 > 0 OR (r ->> 'field' = 'city' AND (r ->> 'weight')::float8 = 0))) AS same_positive,
			 bool_and((r ->> 'agreement' = 'different') <= ((r ->> 'weight')::float8 < 0)) AS different_negative
			 FROM jsonb_array_elements(item -> 'reasons') AS r) AS reasons
WHERE c.tenant_uid = 'acme';
SELECT cmp_ok(count(*), '>=', 100::bigint, 'the bodies find customers') FROM t.suggestion;
SELECT is(count(DISTINCT typed), 33::bigint, 'and each customer finds itself when it is typed again without its uid') FROM t.suggestion WHERE item ->> 'customerUid' = typed;
SELECT is(count(*), 0::bigint, 'weights are numbers') FROM t.suggestion WHERE NOT numbers;
SELECT is(count(*), 0::bigint, 'what is the same speaks for it') FROM t.suggestion WHERE NOT same_positive;
SELECT is(count(*), 0::bigint, 'what is different speaks against it') FROM t.suggestion WHERE NOT different_negative;
SELECT is(count(*), 0::bigint, 'scores are from 0.5 to 1') FROM t.suggestion WHERE (item ->> 'score')::float8 NOT BETWEEN 0.5 AND 1;
SELECT is(count(*), 0::bigint, 'what is shared is only ever taken off') FROM t.suggestion WHERE (item ->> 'shared')::float8 > 0.002;
SELECT ok(bool_or((item ->> 'swappedNames')::boolean) AND bool_or(NOT (item ->> 'swappedNames')::boolean), 'names that are swapped are told') FROM t.suggestion;
-- In a thousand customers 0.3 are the one that is typed.
SELECT is(count(*), 0::bigint, 'a score is what its reasons come to')
FROM t.suggestion, LATERAL (SELECT weights + (item ->> 'shared')::float8 + ln(0.3 / 1000) - ln(1 + 1.2 / 1000) AS sum) AS s
WHERE abs((item ->> 'score')::float8 - 1 / (1 + exp(-sum))) > 0.01 + 0.01 * fields;
SELECT is((SELECT string_agg(DISTINCT key, ',' ORDER BY key) FROM t.suggestion, jsonb_object_keys(item) AS key), 'customerUid,displayName,reasons,score,shared,swappedNames', 'what an item has');

-- ---------------------------------------------------------------------
-- It is the same whoever is typed and whoever is there
-- ---------------------------------------------------------------------

-- Variations of eight customers.  Those of a kind share an e-mail or their names, so
-- that each is looked at for each other.
CALL t.run($$SELECT flowcustomer.tenant_put('twins', '{"name": "Twins", "countryCode": "NO", "locale": "en"}')$$);
CREATE TABLE t.twin AS
SELECT format('%s-%s', c.customer_uid, v.n) AS uid, (t.get(c.customer_uid) - '{displayName,createdAt,lastModifiedAt}'::text[]) || jsonb_build_object('customerUid', format('%s-%s', c.customer_uid, v.n), 'email', c.customer_uid || '@post.example') || changes::jsonb AS body
FROM flowcustomer.customer AS c, (VALUES (1, '{}'), (2, '{"mobile": "99887766"}'), (3, '{"email": "felles@post.example", "city": "Ny by"}'), (4, '{"address": "Havnegt. 1 B"}'), (5, '{"postalCode": "0000"}')) AS v(n, changes)
WHERE c.tenant_uid = 'acme' AND c.customer_uid IN ('kari', 'robert', 'double', 'ase', 'ida', 'fjord', 'advokat', 'vik');
INSERT INTO t.twin SELECT n.uid, t.body || n.changes || jsonb_build_object('customerUid', n.uid) FROM t.twin AS t, (VALUES
	('kari-1', 'kari-s', '{"firstname": "Nordmann", "lastname": "Kari"}'::jsonb), ('kari-1', 'kari-t', '{"lastname": "Normand", "firstname": "Cari"}'), ('kari-1', 'kari-u', '{"firstname": "Kari Anne", "lastname": "Nordmann Lie"}'), ('kari-1', 'kari-v', '{"firstname": "K", "address": "12 Storgata"}'),
	('robert-1', 'robert-s', '{"firstname": "Bob"}'), ('double-1', 'double-s', '{"firstname": "Anne", "lastname": "Hansen"}'), ('fjord-1', 'fjord-s', '{"companyName": "Fjord og Bygg", "vatNumber": "987654312"}'), ('ase-1', 'ase-s', '{"firstname": "Aase", "lastname": "Oedegaardstuen", "address": "Stradgatan 44"}')) AS n(of, uid, changes)
WHERE t.uid = n.of;
SELECT is(count(*), 48::bigint, 'customers for pairs') FROM t.twin, LATERAL flowcustomer.customer_create('twins', body::json) WHERE uid IS NOT NULL;
CREATE TABLE t.pair AS
SELECT t.uid AS typed, item ->> 'customerUid' AS found, item - '{customerUid,displayName}'::text[] AS item
FROM t.twin AS t, jsonb_array_elements(flowcustomer.customer_find_similar('twins', body::json, 1000)::jsonb -> 'items') AS item;
SELECT cmp_ok(count(*), '>=', 150::bigint, 'pairs') FROM t.pair;
SELECT is(string_agg(format('%s-%s', a.typed, a.found), ' ' ORDER BY a.typed, a.found), NULL, 'two customers have the same score and reasons in either order')
FROM t.pair AS a JOIN t.pair AS b ON (b.typed, b.found) = (a.found, a.typed) WHERE a.item <> b.item;
SELECT is(string_agg(format('%s-%s', a.typed, a.found), ' ' ORDER BY a.typed, a.found), NULL, 'who is found by another one finds that one too')
FROM t.pair AS a WHERE NOT EXISTS (SELECT FROM t.pair AS b WHERE (b.typed, b.found) = (a.found, a.typed));
SELECT is(count(*), 0::bigint, 'nobody finds themselves') FROM t.pair WHERE typed = found;
SELECT is(count(*), 0::bigint, 'nor anybody of another kind') FROM t.pair WHERE split_part(typed, '-', 1) <> split_part(found, '-', 1);

-- ---------------------------------------------------------------------
-- Bodies and arguments
-- ---------------------------------------------------------------------

-- What is being typed has no form yet.
SELECT is(t.similar(body::json), expected, format('not typed to its end: %s', body)) FROM (VALUES
	('{"firstname": "Kari", "lastname": "Nordmann", "email": "kari.nord"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "email": "kari@"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "email": "@"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "9"}', 'kari'),
	('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "+"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "mobile": "not known"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "0"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "postalCode": "?"}', 'kari'),
	('{"companyName": "Fjord Bygg", "vatNumber": "NO"}', 'fjord'), ('{"companyName": "Fjord Bygg", "vatNumber": "NO 98"}', 'fjord'), ('{"companyName": "Fjord Bygg", "vatNumber": "?!"}', 'fjord'), ('{"firstname": "Kari", "lastname": "Nordmann", "countryCode": "N"}', 'kari'), ('{"firstname": "Kari", "lastname": "Nordmann", "ledgerNumber": "K-"}', 'kari'),
	('{"firstname": "Kari", "lastname": "Nordmann", "somethingElse": {"a": [1, "b"]}, "credit": {"limit": 5}}', 'kari'), ('{"firstname": "Ola", "firstname": "Kari", "lastname": "Nordmann"}', 'kari'), ('{"first\u006eame": "Kari", "lastname": "N\u006frdmann"}', 'kari')
) AS v(body, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_find_similar(''acme'', %L)', body)), expected, format('body %s', left(body, 70))) FROM (VALUES
	('{"firstname": 5}', 'PT400: VALIDATION_FAILED $.firstname'), ('{"firstname": ["Kari"]}', 'PT400: VALIDATION_FAILED $.firstname'), ('{"lastname": {}}', 'PT400: VALIDATION_FAILED $.lastname'), ('{"email": true}', 'PT400: VALIDATION_FAILED $.email'), ('{"mobile": 91234567}', 'PT400: VALIDATION_FAILED $.mobile'),
	('{"postalCode": 150}', 'PT400: VALIDATION_FAILED $.postalCode'), ('{"vatNumber": 987654321}', 'PT400: VALIDATION_FAILED $.vatNumber'), ('{"address": ["Storgata"]}', 'PT400: VALIDATION_FAILED $.address'), ('{"customerType": "HORSE"}', 'PT400: VALIDATION_FAILED $.customerType'), ('{"customerUid": "no uid!"}', 'PT400: VALIDATION_FAILED $.customerUid'),
	('{"firstname": 5, "email": 6, "customerGroupUids": "club"}', 'PT400: VALIDATION_FAILED $.firstname; VALIDATION_FAILED $.email'),
	(json_build_object('firstname', repeat('ø', 256))::text, 'PT400: VALIDATION_FAILED $.firstname'), (json_build_object('companyName', repeat('x', 256))::text, 'PT400: VALIDATION_FAILED $.companyName'), (json_build_object('email', repeat('x', 321))::text, 'PT400: VALIDATION_FAILED $.email'), (json_build_object('mobile', repeat('1', 51))::text, 'PT400: VALIDATION_FAILED $.mobile'),
	(json_build_object('address', repeat('x', 501))::text, 'PT400: VALIDATION_FAILED $.address'), (json_build_object('postalCode', repeat('1', 21))::text, 'PT400: VALIDATION_FAILED $.postalCode'), (json_build_object('city', repeat('x', 256))::text, 'PT400: VALIDATION_FAILED $.city'), (json_build_object('vatNumber', repeat('1', 51))::text, 'PT400: VALIDATION_FAILED $.vatNumber'),
	(json_build_object('firstname', repeat('ø', 255), 'lastname', repeat('🎿', 255), 'companyName', repeat('a ', 127), 'email', repeat('x', 320), 'mobile', repeat('1', 50), 'address', repeat('1 ', 250), 'postalCode', repeat('1', 20), 'city', repeat('ß', 255), 'vatNumber', repeat('1', 50))::text, 'ok'),
	('{"firstname": "a\u0000b"}', 'PT400: VALIDATION_FAILED $.firstname'), ('{"lastname": "\ud83d"}', 'PT400: VALIDATION_FAILED $.lastname'),
	('[]', 'PT400: VALIDATION_FAILED $'), ('[{"firstname": "Kari"}]', 'PT400: VALIDATION_FAILED $'), ('"Kari"', 'PT400: VALIDATION_FAILED $'), ('5', 'PT400: VALIDATION_FAILED $'), ('true', 'PT400: VALIDATION_FAILED $'), ('null', 'PT400: VALIDATION_FAILED $')
) AS v(body, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_find_similar(%s)', arguments)), expected, format('arguments %s', arguments)) FROM (VALUES
	('''nobody'', ''{}''', 'PT404: TENANT_NOT_FOUND'), ('''no tenant'', ''{}''', 'PT400: VALIDATION_FAILED tenantUid'), ('NULL, ''{}''', 'PT400: VALIDATION_FAILED tenantUid'), ('''acme'', NULL', 'PT400: VALIDATION_FAILED $'), ('NULL, NULL, NULL', 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED $'),
	('''acme'', ''{}'', 0', 'PT400: VALIDATION_FAILED limit'), ('''acme'', ''{}'', 1001', 'PT400: VALIDATION_FAILED limit'), ('''acme'', ''{}'', -1', 'PT400: VALIDATION_FAILED limit'), ('''acme'', ''{}'', -2147483648', 'PT400: VALIDATION_FAILED limit'), ('''acme'', ''{}'', 2147483647', 'PT400: VALIDATION_FAILED limit'),
	('''acme'', ''{}'', 1', 'ok'), ('''acme'', ''{}'', 1000', 'ok'), ('''acme'', ''{}'', NULL', 'ok'), ('NULL, NULL, 0', 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED limit; VALIDATION_FAILED $')
) AS v(arguments, expected);
SELECT throws_ok($$SELECT flowcustomer.customer_find_similar('acme', '{"firstname": "Kari"')$$, '22P02', NULL, 'what is no JSON');

-- ---------------------------------------------------------------------
-- Texts that mean something elsewhere
-- ---------------------------------------------------------------------

-- In a pattern, an expression or a statement they would find others or break it.
SELECT is(t.similar(json_build_object(field, hostile, 'city', 'Oslo', 'postalCode', '0150')), '', format('%s %s finds nobody', field, left(to_json(hostile)::text, 30)))
FROM (VALUES ('%'), ('_'), ('%a%'), ('\'), ('\\%'), (''''), ('"'), (''''';--'), ('|'), ('| |'), ('%|%'), ('.*'), ('(a|b)+['), ('^$'), (E'\n'), (E'a\nb'), (E'\t'), ('🎿'), ('👨‍👩‍👧‍👦'), (U&'\200B'), (U&'\200F\200E'), (U&'\FEFF'), (U&'\0301'), ('.,;:!?'), ('-'), ('+'), ('0'), ('12'), ('00'), ('4711'), ('שרה'), ('محمد'), ('ﷺ'), (repeat('%', 50)), (repeat('a', 50)), (repeat('a b ', 12)), ('$$'), ('{}')) AS h(hostile),
	unnest(ARRAY['firstname', 'lastname', 'companyName', 'email', 'mobile', 'vatNumber', 'address']) AS field;
SELECT is(t.similar(json_build_object('postalCode', code, 'lastname', 'Nordmann')), '', format('postal code %s finds nobody', code)) FROM unnest(ARRAY['%', '_', '|', '0', '''', '0%', '🎿', '....', U&'\200B']) AS code;
-- Who is really called so is found, and nobody else is.
SELECT is(t.create(json_build_object('customerUid', 'odd-' || n, 'customerType', 'PERSON', 'firstname', first, 'lastname', last, 'postalCode', '0001')), 'ok', format('%s %s is created', left(to_json(first)::text, 20), left(to_json(last)::text, 20)))
FROM (VALUES (1, 'Per_Ola', 'Ros%n'), (2, 'Back\slash', 'Quo"te'), (3, '12345', '67890'), (4, '🎿🎿', '⛷️'), (5, 'שרה', 'כהן'), (6, repeat('Åse', 85), repeat('ß', 255)), (7, 'Ab|Cd', 'Ef|Gh'), (8, '王', '小明'), (9, E'Line\nbreak', U&'Zero\200Bwidth'), (10, '(.*)', '[a-z]+')) AS v(n, first, last);
SELECT is(t.similar(json_build_object('firstname', first, 'lastname', last)), expected, format('%s %s: %s', left(to_json(first)::text, 20), left(to_json(last)::text, 20), CASE expected WHEN '' THEN 'nobody is called so' ELSE 'is found again' END))
FROM (VALUES ('Per_Ola', 'Ros%n', 'odd-1'), ('Per Ola', 'Ros n', 'odd-1'), ('PerXOla', 'RosXXn', ''), ('Back\slash', 'Quo"te', 'odd-2'), ('12345', '67890', 'odd-3'), ('🎿🎿', '⛷️', 'odd-4'), ('שרה', 'כהן', 'odd-5'), (U&'\200F\05E9\05E8\05D4', 'כהן', 'odd-5'), (repeat('Åse', 85), repeat('ß', 255), 'odd-6'), (repeat('ÅSE', 85), repeat('ẞ', 255), 'odd-6'),
	('Ab|Cd', 'Ef|Gh', 'odd-7'), ('王', '小明', 'odd-8'), ('Line break', 'Zerowidth', 'odd-9'), ('.', 'a z', ''), ('(.*)', '[a-z]+', '')) AS v(first, last, expected);
SELECT is((SELECT count(*) FROM jsonb_array_elements(flowcustomer.customer_find_similar('acme', json_build_object('firstname', first, 'lastname', last), 1)::jsonb -> 'items') AS i WHERE i ->> 'displayName' = first || ' ' || last), 1::bigint, 'the display name comes as it is: ' || to_json(first))
FROM (VALUES ('Back\slash', 'Quo"te'), (E'Line\nbreak', U&'Zero\200Bwidth'), ('🎿🎿', '⛷️')) AS v(first, last);
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'odd-' || n) FROM generate_series(1, 10) AS n$$);

-- ---------------------------------------------------------------------
-- It only reads
-- ---------------------------------------------------------------------

BEGIN READ ONLY;
SELECT is(t.similar('{"email": "kari.nordmann@post.example"}'), 'kari', 'it works where nothing may be written');
COMMIT;
SELECT is((SELECT string_agg(b.key, ',') FROM jsonb_each(t.everything()) AS a JOIN jsonb_each(state) AS b ON a.key = b.key WHERE a.value <> b.value AND a.key NOT IN ('tenant', 'customer', 'total', 'change')), NULL, 'no table has changed but those that were written here') FROM t.before;
UPDATE t.before SET state = t.everything();
CALL t.run($$SELECT flowcustomer.customer_find_similar('acme', t.get(customer_uid)::json), flowcustomer.customer_find_similar('acme', (t.get(customer_uid) - 'customerUid')::json, 1) FROM flowcustomer.customer WHERE tenant_uid = 'acme'$$);
SELECT is(t.everything(), state, 'asking about everybody changes nothing, not even a time') FROM t.before;
SELECT is(t.uids(flowcustomer.customer_find_similar('other', '{"email": "kari.nordmann@post.example"}')), 'kari,stranger', 'each tenant has its own answer');
SELECT is(t.similar('{"firstname": "Kari", "lastname": "Nordmann", "email": "kari.nordmann@post.example", "mobile": "91234567"}'), 'kari', 'nobody of another tenant is told of');
SELECT is(t.uids(flowcustomer.customer_find_similar('twins', '{"firstname": "Tor", "lastname": "Tvilling", "postalCode": "8006"}')), '', 'nor by one who has nobody like them');
CALL t.run($$SELECT t.update('phone', '{"mobile": "48055777"}')$$);
SELECT is(t.similar('{"mobile": "48055666"}') || ',' || t.similar('{"mobile": "48055777"}'), ',phone', 'a number that was is not found, the new one is');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'phone')$$);
SELECT is(t.similar('{"mobile": "48055777"}'), '', 'one who is deleted is not found');

-- ---------------------------------------------------------------------
-- Many of them
-- ---------------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.tenant_put('many', '{"name": "Many", "countryCode": "NO", "locale": "en"}')$$);
-- 600 with one name and e-mail, and others that are hard to find among them:
-- their names begin words of all 600.
CALL t.run($$SELECT flowcustomer.customer_batch('many', json_build_object('create', json_agg(json_build_object('customerUid', 'm' || n, 'customerType', 'PERSON', 'firstname', 'Kari', 'lastname', 'Hansen', 'email', 'kasse@butikk.example', 'city', 'Bergen', 'mobile', CASE n WHEN 1599 THEN '90000001' END))))
	FROM generate_series(1000, 1599) AS n$$);
CALL t.run($$SELECT flowcustomer.customer_create('many', body) FROM json_array_elements('[
	{"customerUid": "z-berg", "customerType": "COMPANY", "companyName": "Berg AS"},
	{"customerUid": "z-kari", "customerType": "PERSON", "firstname": "Kari", "lastname": "Berg"},
	{"customerUid": "z-hansen", "customerType": "PERSON", "firstname": "Ole", "lastname": "Hansen", "postalCode": "4006"},
	{"customerUid": "z-rare", "customerType": "PERSON", "firstname": "Ole", "lastname": "Quisthus", "postalCode": "4006"}
]') AS body$$);
CREATE FUNCTION t.many(body json) RETURNS text LANGUAGE sql AS
$$ SELECT t.uids(flowcustomer.customer_find_similar('many', body, 3)) $$;
CREATE TABLE t.first AS SELECT flowcustomer.customer_find_similar('many', '{"firstname": "Kari", "lastname": "Hansen", "email": "kasse@butikk.example"}', 1000)::text AS answer;
SELECT is(t.many('{"firstname": "Kari", "lastname": "Hansen", "email": "kasse@butikk.example"}'), 'm1000,m1001,m1002', 'of 600 alike the first ones');
SELECT cmp_ok((answer::json ->> 'totalCount')::integer, '>=', 500, 'hundreds of them are counted') FROM t.first;
SELECT is(json_array_length(answer::json -> 'items'), (answer::json ->> 'totalCount')::integer, 'and told, when so many are wanted') FROM t.first;
SELECT is(flowcustomer.customer_find_similar('many', '{"firstname": "Kari", "lastname": "Hansen", "email": "kasse@butikk.example"}', 1000)::text, answer, format('the same again: %s', n)) FROM t.first, generate_series(1, 3) AS n;
SELECT is(t.many('{"firstname": "Kari", "lastname": "Hansen", "email": "kasse@butikk.example", "mobile": "900 00 001"}'), 'm1599,m1000,m1001', 'the one with the telephone is found among them, and first');
SELECT is(t.many('{"customerType": "COMPANY", "companyName": "Berg AS"}'), 'z-berg', 'a company whose name begins what hundreds have is found');
SELECT is(t.many('{"customerType": "PERSON", "firstname": "Kari", "lastname": "Berg"}'), 'z-kari', 'and so is a person');

-- ---------------------------------------------------------------------
-- What is common says less
-- ---------------------------------------------------------------------

CREATE FUNCTION t.evidence(last text) RETURNS TABLE (score float8, weight float8) LANGUAGE sql AS $$
	SELECT (item ->> 'score')::float8, (SELECT (reason ->> 'weight')::float8 FROM json_array_elements(item -> 'reasons') AS reason WHERE reason ->> 'field' = 'lastname')
	FROM json_array_elements(flowcustomer.customer_find_similar('many', json_build_object('firstname', 'Ole', 'lastname', last, 'postalCode', '4006')) -> 'items') AS item
$$;
SELECT is(t.evidence('Hansen'), t.evidence('Quisthus'), 'as long as nothing is known of it, a common name weighs as much as a rare one');
ANALYZE flowcustomer.customer;
SELECT ok(common.score < rare.score AND common.score >= 0.5 AND rare.score <= 1, format('then the rare one scores more: %s and %s', common, rare)) FROM t.evidence('Hansen') AS common, t.evidence('Quisthus') AS rare;
SELECT ok(common.weight < 1 AND rare.weight > 5, 'and weighs more') FROM t.evidence('Hansen') AS common, t.evidence('Quisthus') AS rare;
-- Nobody else is called so: knowing that must not make the name say less than before.
SELECT is(t.similar(body::json), expected, format('known to be rare: %s', body)) FROM (VALUES ('{"companyName": "Fjord Bygg AS"}', 'fjord'), ('{"companyName": "Fjord Bygg AS", "city": "Oslo"}', 'fjord'), ('{"companyName": "Nordavind Handel"}', 'swede'), ('{"firstname": "Joergen", "lastname": "Aasnaes"}', 'joergen')) AS v(body, expected);
SELECT is((t.evidence('HANSEN')).weight, (t.evidence('Hansen')).weight, 'a common name is common in capitals too');

SELECT * FROM finish();
