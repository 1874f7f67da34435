-- Searching customers and contacts: what is found, and in which order.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), t.seed(''other'')');

-- ---------------------------------------------------------------------
-- Who there is
-- ---------------------------------------------------------------------

CREATE TABLE t.batch AS SELECT $${"create": [
	{"customerUid": "ase1", "customerType": "PERSON", "firstname": "Åse", "lastname": "Bjørnson", "email": "ase.bjornson@nord.example", "mobile": "+47 912 34 567", "postalCode": "0150", "city": "Oslo", "defaultStoreUid": "oslo"},
	{"customerUid": "ase2", "customerType": "PERSON", "firstname": "Aase", "lastname": "Bjoernson", "mobile": "912 34 999", "postalCode": "5003", "city": "Bergen", "defaultStoreUid": "bergen"},
	{"customerUid": "asa", "customerType": "PERSON", "firstname": "Åsa", "lastname": "Björk", "email": "asa@skog.example", "mobile": "+46 70 123 45 67", "countryCode": "SE", "postalCode": "211 20", "city": "Malmö", "defaultStoreUid": "malmo"},
	{"customerUid": "asen", "customerType": "PERSON", "firstname": "Kari", "lastname": "Åsen", "postalCode": "1430", "city": "Ås", "defaultStoreUid": "oslo"},
	{"customerUid": "aasen", "customerType": "PERSON", "firstname": "Per", "lastname": "Aasen"},
	{"customerUid": "jaeger1", "customerType": "PERSON", "firstname": "Ole", "lastname": "Jæger", "email": "99.12345@tall.example"},
	{"customerUid": "jaeger2", "customerType": "PERSON", "firstname": "Hans", "lastname": "Jäger", "countryCode": "DE", "postalCode": "10115", "city": "Berlin"},
	{"customerUid": "jaeger3", "customerType": "PERSON", "firstname": "Ida", "lastname": "Jaeger"},
	{"customerUid": "johansson", "customerType": "PERSON", "firstname": "Erik", "lastname": "Johansson"},
	{"customerUid": "overbo", "customerType": "PERSON", "firstname": "Kari", "lastname": "Øverbø", "mobile": "0047 900 11 222"},
	{"customerUid": "obrien1", "customerType": "PERSON", "firstname": "Liam", "lastname": "O'Brien"},
	{"customerUid": "obrien2", "customerType": "PERSON", "firstname": "Nora", "lastname": "O’Brien"},
	{"customerUid": "double", "customerType": "PERSON", "firstname": "Anne-Lise", "lastname": "Berg-Hansen"},
	{"customerUid": "annelise", "customerType": "PERSON", "firstname": "Anne Lise", "lastname": "Moen"},
	{"customerUid": "gross1", "customerType": "PERSON", "firstname": "Karl", "lastname": "Groß"},
	{"customerUid": "gross2", "customerType": "PERSON", "firstname": "Lena", "lastname": "Gross"},
	{"customerUid": "lukasz", "customerType": "PERSON", "firstname": "Łukasz", "lastname": "Żółć"},
	{"customerUid": "paivi", "customerType": "PERSON", "firstname": "Päivi", "lastname": "Mäkelä", "mobile": "+358 40 765 4321", "countryCode": "FI", "postalCode": "00100", "city": "Helsinki"},
	{"customerUid": "emoji", "customerType": "PERSON", "firstname": "Ola", "lastname": "🎿 Nordmann"},
	{"customerUid": "sara", "customerType": "PERSON", "firstname": "שרה", "lastname": "כהן"},
	{"customerUid": "muhammad", "customerType": "PERSON", "firstname": "محمد", "lastname": "علي"},
	{"customerUid": "fyodor", "customerType": "PERSON", "firstname": "Фёдор", "lastname": "Достоевский"},
	{"customerUid": "honta", "customerType": "PERSON", "firstname": "Іван", "lastname": "Ґонта"},
	{"customerUid": "elytis", "customerType": "PERSON", "firstname": "Οδυσσέας", "lastname": "Ελύτης"},
	{"customerUid": "zoe1", "customerType": "PERSON", "firstname": "Zo\u00e9", "lastname": "Blanc"},
	{"customerUid": "zoe2", "customerType": "PERSON", "firstname": "Zoe\u0301", "lastname": "Noir"},
	{"customerUid": "fjord", "customerType": "COMPANY", "companyName": "Fjord Bygg AS", "vatNumber": "NO 987 654 321 MVA", "email": "post@fjordbygg.example", "postalCode": "0475", "city": "Oslo", "credit": {"limit": 900}},
	{"customerUid": "fjordlager", "customerType": "COMPANY", "companyName": "Fjord Bygg AS avd. Lager", "customerParentUid": "fjord", "credit": {"limit": 10000}},
	{"customerUid": "percent", "customerType": "COMPANY", "companyName": "100% Sport_Klubb AS"},
	{"customerUid": "thousand", "customerType": "COMPANY", "companyName": "1000 Sport Klubb AS"},
	{"customerUid": "quote", "customerType": "COMPANY", "companyName": "Back\\slash \"Quote\" AS", "credit": {"limit": 2000}},
	{"customerUid": "taxi", "customerType": "COMPANY", "companyName": "Oslo Taxi AS", "city": "Bergen", "credit": {"limit": 50}},
	{"customerUid": "rema", "customerType": "COMPANY", "companyName": "Rema 1000", "postalCode": "0150", "city": "Oslo"},
	{"customerUid": "nordavind", "customerType": "B2B", "companyName": "Nordavind Handel AB", "firstname": "Siv", "lastname": "Holm", "vatNumber": "SE556677889901", "countryCode": "SE", "defaultStoreUid": "malmo"},
	{"customerUid": "lund", "customerType": "PERSON", "firstname": "Eva", "lastname": "Lund"},
	{"customerUid": "lunde", "customerType": "PERSON", "firstname": "Geir", "lastname": "Lunde"},
	{"customerUid": "lundcity", "customerType": "PERSON", "firstname": "Alf", "lastname": "Alm", "countryCode": "SE", "postalCode": "22223", "city": "Lund"},
	{"customerUid": "haglund", "customerType": "PERSON", "firstname": "Bo", "lastname": "Haglund"},
	{"customerUid": "twolund", "customerType": "PERSON", "firstname": "Siri", "lastname": "Lund Vik"},
	{"customerUid": "twin2", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling"},
	{"customerUid": "twin1", "customerType": "PERSON", "firstname": "Tor", "lastname": "Tvilling"},
	{"customerUid": "twin0", "customerType": "PERSON", "firstname": "Ulf", "lastname": "Tvilling", "mobile": "95 10 01 00"},
	{"customerUid": "london", "customerType": "PERSON", "firstname": "Amy", "lastname": "Pond", "countryCode": "GB", "postalCode": "SW1A 1AA", "city": "London"},
	{"customerUid": "visser", "customerType": "PERSON", "firstname": "Dirk", "lastname": "Visser", "countryCode": "NL", "postalCode": "1012 AB", "city": "Amsterdam"},
	{"customerUid": "rana", "customerType": "PERSON", "firstname": "Ida", "lastname": "Hveem", "postalCode": "8622", "city": "Mo i Rana"},
	{"customerUid": "ranaberg", "customerType": "PERSON", "firstname": "Jens", "lastname": "Ranaberg"},
	{"customerUid": "ghost", "customerType": "PERSON", "email": "ghost@nowhere.example"}
]}$$::json AS body;
SELECT is(t.section(t.batch(body), 'create'), '47:', 'the customers') FROM t.batch;
SELECT is(t.section(flowcustomer.customer_batch('other', body)::jsonb, 'create'), '47:', 'another tenant has the same ones, under the same UIDs') FROM t.batch;
CALL t.run($$SELECT flowcustomer.customer_create('other', '{"customerUid": "stranger", "customerType": "PERSON", "firstname": "Åse", "lastname": "Fremmed", "mobile": "91234567"}')$$);

CALL t.run($$SELECT flowcustomer.contact_create('acme', contact) FROM json_array_elements('[
	{"customerContactUid": "k-lindo", "firstname": "Karin", "lastname": "Lindø", "email": "karin.lindo@fjordbygg.example", "mobile": "+47 480 55 666", "customers": [{"customerUid": "fjord", "role": "ADMIN"}]},
	{"customerContactUid": "k-both", "firstname": "Ole", "lastname": "Strandberg", "customers": [{"customerUid": "fjord", "role": "NONE"}, {"customerUid": "quote", "role": "ADMIN"}, {"customerUid": "taxi", "role": "ADMIN"}, {"customerUid": "fjordlager", "role": "NONE"}]},
	{"customerContactUid": "k-ase", "firstname": "Åse", "lastname": "Bjørnson", "customers": [{"customerUid": "percent", "role": "NONE"}]},
	{"customerContactUid": "k-fjord", "firstname": "Fjord", "lastname": "Vik", "customers": [{"customerUid": "fjord", "role": "NONE"}, {"customerUid": "thousand", "role": "NONE"}]},
	{"customerContactUid": "k-loose", "firstname": "Karin", "lastname": "Løs"},
	{"customerContactUid": "k-mona1", "firstname": "Mona", "lastname": "Lunde", "customers": [{"customerUid": "taxi", "role": "NONE"}]},
	{"customerContactUid": "k-mona2", "firstname": "Mona", "lastname": "Lund", "customers": [{"customerUid": "taxi", "role": "NONE"}]},
	{"customerContactUid": "k-nor", "firstname": "Ragnhild", "lastname": "Nørgård", "email": "rn@b2b.example", "mobile": "0046 73 111 22 33", "customers": [{"customerUid": "nordavind", "role": "NONE"}]},
	{"customerContactUid": "k-brien", "firstname": "Sean", "lastname": "O’Brien"},
	{"customerContactUid": "k-ivan", "firstname": "Иван", "lastname": "Грозный"},
	{"customerContactUid": "k-lukasz", "firstname": "Łukasz", "lastname": "Groß", "mobile": "40 01 00 22"},
	{"customerContactUid": "k-mail", "firstname": "Tuva", "lastname": "Dal", "email": "Tuva_100%@Sør.example"}
]') AS contact$$);
CALL t.run($$SELECT flowcustomer.contact_create('other', '{"customerContactUid": "k-other", "firstname": "Karin", "lastname": "Lindø", "customers": [{"customerUid": "ase1", "role": "NONE"}]}')$$);
-- The times of their creation differ.
UPDATE flowcustomer.customer SET created_at = CASE customer_uid WHEN 'lund' THEN '2020-01-01 00:00:00+00' WHEN 'lunde' THEN '2021-06-15 12:00:00+00' WHEN 'twolund' THEN '2021-06-15 12:00:00.001+00' END::timestamptz
WHERE tenant_uid = 'acme' AND customer_uid IN ('lund', 'lunde', 'twolund');

CREATE FUNCTION t.found(body json) RETURNS text LANGUAGE sql AS
$$ SELECT t.uids(flowcustomer.customer_search('acme', body, 1, 1000)) $$;
CREATE FUNCTION t.found_contacts(body json) RETURNS text LANGUAGE sql AS
$$ SELECT t.uids(flowcustomer.contact_search('acme', body, 1, 1000), 'customerContactUid') $$;
-- All, by the display name: what a search without words finds.
CREATE FUNCTION t.everybody() RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(customer_uid, ',' ORDER BY display_name, customer_uid COLLATE "C") FROM flowcustomer.customer WHERE tenant_uid = 'acme' $$;

-- ---------------------------------------------------------------------
-- Queries
-- ---------------------------------------------------------------------

SELECT is(t.found(json_build_object('query', query)), expected, format('%s: %s', what, left(query, 40))) FROM (VALUES
	-- Nordic letters, in every spelling
	('Åse', 'ase2,ase1,asen,aasen', 'first names in both spellings, then what begins so'),
	('Aase', 'ase2,ase1,asen,aasen', 'as with aa'),
	('ase', 'ase2,ase1,asen,aasen', 'as with a'),
	('ÅSE', 'ase2,ase1,asen,aasen', 'as in capitals'),
	('AASE', 'ase2,ase1,asen,aasen', 'as in capitals with aa'),
	(U&'A\030Ase', 'ase2,ase1,asen,aasen', 'a ring of its own'),
	(U&'\212Bse', 'ase2,ase1,asen,aasen', 'the sign of an angstrom'),
	('Bjørnson', 'ase2,ase1', 'ø'),
	('Bjoernson', 'ase2,ase1', 'oe for ø'),
	('Björnson', 'ase2,ase1', 'ö for ø'),
	('bjornson', 'ase2,ase1', 'o for ø; the word is in the e-mail too, which adds nothing'),
	('BJØRNSON', 'ase2,ase1', 'Ø'),
	(U&'Bjo\0308rnson', 'ase2,ase1', 'two dots of their own'),
	('Bjørk', 'asa', 'ø for ö'),
	('Bjoerk', 'asa', 'oe for ö'),
	('Björk', 'asa', 'ö'),
	('bjork', 'asa', 'o for ö'),
	('Jæger', 'jaeger2,jaeger3,jaeger1', 'æ'),
	('Jaeger', 'jaeger2,jaeger3,jaeger1', 'ae'),
	('Jäger', 'jaeger2,jaeger3,jaeger1', 'ä'),
	(U&'Bj\01FFrnson', 'ase2,ase1', 'ø with an acute accent'),
	(U&'J\01FDger', 'jaeger2,jaeger3,jaeger1', 'æ with an acute accent'),
	('jager', 'jaeger2,jaeger3,jaeger1', 'a'),
	('JÆGER', 'jaeger2,jaeger3,jaeger1', 'Æ'),
	('JÄGER', 'jaeger2,jaeger3,jaeger1', 'Ä'),
	('Åsen', 'asen,aasen', 'Å of a family'),
	('Aasen', 'asen,aasen', 'Aa of a family'),
	('Øverbø', 'overbo', 'ø twice'),
	('Oeverboe', 'overbo', 'oe twice'),
	('Överbö', 'overbo', 'ö twice'),
	('overbo', 'overbo', 'o twice'),
	('Malmø', 'asa', 'a town in Danish'),
	('Malmoe', 'asa', 'a town in ASCII'),
	('Päivi', 'paivi', 'Finnish ä'),
	('Paivi Makela', 'paivi', 'Finnish without dots'),
	('Paeivi Maekelae', 'paivi', 'Finnish ae'),
	('mäke', 'paivi', 'the beginning, with ä'),
	-- double names, hyphens, apostrophes
	('Anne-Lise', 'annelise,double', 'a hyphen'),
	('Anne Lise', 'annelise,double', 'a space for a hyphen'),
	('anne lise moen', 'annelise', 'three words'),
	('lise', 'annelise,double', 'the second half'),
	('Berg-Hansen', 'double', 'a double family name'),
	('Hansen Berg', 'double', 'the wrong way round'),
	('Berg', 'double,ase2,taxi,ranaberg', 'its first half, then the beginning of a town, then inside a name'),
	('O''Brien', 'obrien1,obrien2', 'an apostrophe'),
	('O’Brien', 'obrien1,obrien2', 'a typographic apostrophe'),
	('O‘Brien', 'obrien1,obrien2', 'the other typographic apostrophe'),
	('O`Brien', 'obrien1,obrien2', 'a grave accent'),
	('O´Brien', 'obrien1,obrien2', 'an acute accent'),
	('obrien', 'obrien1,obrien2', 'no apostrophe'),
	('OBRIEN', 'obrien1,obrien2', 'no apostrophe, capitals'),
	('o''b', 'obrien1,obrien2', 'an apostrophe in the beginning of a word'),
	('brien', 'obrien1,obrien2', 'what is behind the apostrophe'),
	('"Quote"', 'quote', 'quotation marks'),
	('Back\slash', 'quote', 'a backslash'),
	('\', '', 'a backslash alone is no wildcard'),
	('100%', 'percent,thousand,rema,twin0,paivi', 'a per cent sign is no wildcard: the word, what begins so, what has it inside'),
	('%100', 'percent,thousand,rema,twin0,paivi', 'nor before a word'),
	('f%d', '', 'no wildcard inside a word'),
	('fj%rd', '', 'nor a per cent sign for one letter'),
	('fj_rd', '', 'nor an underscore'),
	('_jord', 'fjord,fjordlager', 'an underscore is punctuation: jord is inside'),
	('%', '', 'a per cent sign alone is no wildcard'),
	('_', '', 'an underscore alone neither'),
	('Sport_Klubb', 'percent,thousand', 'an underscore between words'),
	('Sport Klubb', 'percent,thousand', 'a space for it'),
	('''; DROP TABLE flowcustomer.customer; --', '', 'what would be harmful'),
	(E'Fjord\nBygg', 'fjord,fjordlager', 'a line break between words'),
	(E'Fjord\tBygg', 'fjord,fjordlager', 'a tabulator'),
	(U&'Fjord\00A0Bygg', 'fjord,fjordlager', 'a space that does not break'),
	('ghost|nowhere', 'ghost', 'a bar'),
	('kari| oslo', '', 'a bar is no way from field to field'),
	('  Fjord   Bygg  ', 'fjord,fjordlager', 'spaces around'),
	-- other letters
	('Groß', 'gross1,gross2', 'ß'),
	('Gross', 'gross1,gross2', 'ss'),
	('GROSS', 'gross1,gross2', 'SS'),
	('GROẞ', 'gross1,gross2', 'the capital ẞ'),
	('Łukasz', 'lukasz', 'Ł'),
	('lukasz zolc', 'lukasz', 'Polish without accents'),
	('ŻÓŁĆ', 'lukasz', 'Polish in capitals'),
	(U&'Z\0307o\0301\0142c\0301', 'lukasz', 'Polish with accents of their own'),
	('🎿', 'emoji', 'an emoji'),
	('nordmann 🎿', 'emoji', 'an emoji and a word'),
	('Nordmann', 'emoji', 'a word beside an emoji'),
	('שרה', 'sara', 'Hebrew'),
	('כהן שרה', 'sara', 'Hebrew, the family first'),
	(U&'\200F\05E9\05E8\05D4\200F', 'sara', 'marks of direction'),
	('محمد علي', 'muhammad', 'Arabic'),
	('محم', 'muhammad', 'the beginning in Arabic'),
	('Фёдор', 'fyodor', 'Cyrillic'),
	('ФЁДОР', 'fyodor', 'Cyrillic capitals'),
	('федор', 'fyodor', 'е for ё'),
	('достоевский фёдор', 'fyodor', 'small Cyrillic letters, the family first'),
	('ДОСТО', 'fyodor', 'the beginning in Cyrillic capitals'),
	('ст', '', 'two Cyrillic letters are the beginning of a word too'),
	('До', 'fyodor', 'and found there'),
	('іван ґонта', 'honta', 'Ukrainian'),
	('ІВАН ҐОНТА', 'honta', 'Ukrainian capitals'),
	('Ελύτης', 'elytis', 'Greek'),
	('ΕΛΥΤΗΣ', 'elytis', 'Greek capitals: no accents, one sigma'),
	('ελυτησ', 'elytis', 'Greek without accents'),
	('οδυσσέας ελύτης', 'elytis', 'Greek, the full name'),
	(U&'Zo\00E9', 'zoe2,zoe1,lukasz', 'é in one'),
	(U&'Zoe\0301', 'zoe2,zoe1,lukasz', 'é in two'),
	('zoe', 'zoe2,zoe1,lukasz', 'e for é; oe is o, and a name begins with zo'),
	('ZOË', 'zoe2,zoe1,lukasz', 'another accent'),
	-- telephone numbers
	('+4791234567', 'ase1', 'as it is stored'),
	('+47 912 34 567', 'ase1', 'with spaces'),
	('004791234567', 'ase1', 'with 00'),
	('0047 912 34 567', 'ase1', 'with 00 and spaces'),
	('91234567', 'ase1', 'without the code of its country'),
	('912 34 567', 'ase1', 'in groups'),
	('91 23 45 67', 'ase1', 'in pairs'),
	('912-34-567', 'ase1', 'with dashes'),
	('912.34.567', 'ase1', 'with dots'),
	('(+47) 912 34 567', 'ase1', 'with brackets'),
	('47 91234567', 'ase1', 'the code without a plus'),
	('+47 912-34 567', 'ase1', 'a mixture'),
	('34567', 'asa,ase1', 'the last digits of two'),
	('4567', 'asa,ase1', 'four last digits'),
	('34 567', 'asa,ase1', 'the last digits in groups'),
	('91234', 'ase2,ase1', 'the first digits, stored with and without the code'),
	('912 34', 'ase2,ase1', 'the first digits in groups'),
	('+47 912 34', 'ase2,ase1', 'the first digits behind the code'),
	('912', 'ase2,ase1', 'three first digits'),
	('91', 'ase2,ase1', 'two first digits'),
	('23456', 'asa,ase1', 'in the middle'),
	('2 34 56', 'asa,ase1', 'in the middle, in groups'),
	('91234999', 'ase2', 'stored without a code'),
	('+4791234999', 'ase2', 'stored without a code, looked for with it'),
	('0047 91234999', 'ase2', 'stored without a code, looked for with 00'),
	('070-123 45 67', 'asa', 'Swedish, with the zero of the country'),
	('+46 70 123 45 67', 'asa', 'Swedish, from abroad'),
	('0046701234567', 'asa', 'Swedish, with 00'),
	('701234567', 'asa', 'Swedish, without anything'),
	('040 765 4321', 'paivi', 'Finnish, with the zero of the country'),
	('+358 40 7654321', 'paivi', 'Finnish, from abroad'),
	('900 11 222', 'overbo', 'given with 00'),
	('951 00 100', 'twin0', 'with zeros'),
	-- e-mail
	('ase.bjornson@nord.example', 'ase1', 'the whole address'),
	('ASE.BJORNSON@NORD.EXAMPLE', 'ase1', 'in capitals'),
	('ase.bjornson', 'ase2,ase1', 'before the @: the name alone fits as well'),
	('ase.bjornson@', 'ase2,ase1', 'with the @'),
	('@nord.example', 'ase1', 'the domain'),
	('nord.example', 'ase1', 'the domain without the @'),
	('fjordbygg', 'fjord', 'a part of the domain'),
	('post@fjordbygg', 'fjord', 'up to the last dot'),
	('ghost@nowhere.example', 'ghost', 'of somebody without a name'),
	('nowhere', 'ghost', 'a word of an address'),
	('99.12345@tall.example', 'jaeger1', 'groups of digits in an address'),
	('asa@skog', 'asa', 'a short address'),
	-- VAT numbers
	('NO987654321MVA', 'fjord', 'as it is stored'),
	('NO 987 654 321 MVA', 'fjord', 'with spaces'),
	('987654321', 'fjord', 'the digits'),
	('987 654 321', 'fjord', 'the digits in groups'),
	('NO987654321', 'fjord', 'without MVA'),
	('987654321MVA', 'fjord', 'without NO'),
	('987654321 mva', 'fjord', 'small letters'),
	('987 654', 'fjord', 'the beginning of the digits'),
	('654321', 'fjord,paivi', 'the end of the digits; a telephone number ends so too'),
	('SE556677889901', 'nordavind', 'Swedish'),
	('556677-8899', 'nordavind', 'Swedish, as an organization writes it'),
	('se 5566778899 01', 'nordavind', 'Swedish, with spaces'),
	-- postal codes and cities
	('0150', 'rema,ase1', 'a postal code'),
	('211 20', 'asa', 'with a space, as it was given'),
	('21120', 'asa', 'without the space'),
	('222 23', 'lundcity', 'with a space, given without'),
	('22223', 'lundcity', 'without'),
	('00100', 'paivi,twin0', 'zeros at the beginning are no call from abroad'),
	('SW1A 1AA', 'london', 'British'),
	('SW1A1AA', 'london', 'British without the space'),
	('sw1a', 'london', 'its first half'),
	('1012 AB', 'visser', 'Dutch'),
	('1012AB', 'visser', 'Dutch without the space'),
	('1012', 'visser', 'its digits'),
	('1430 Ås', 'asen', 'a postal code and its town'),
	('0475 Oslo', 'fjord', 'a postal code and its town, of a company'),
	('Mo i Rana', 'rana', 'a town of three words'),
	('Helsinki', 'paivi', 'a town'),
	-- one and two characters
	('f', 'fjord,fjordlager', 'one character'),
	('ø', 'overbo,obrien1,obrien2,emoji,jaeger1,taxi,fjord,rema,ase1', 'one character that is two bytes'),
	('fj', 'fjord,fjordlager', 'two characters'),
	('Øv', 'overbo', 'two characters, Nordic'),
	('jo', 'johansson', 'two characters only at the beginning of a word: not fjord'),
	('vi', 'visser,twolund', 'two characters: the shorter word is no better'),
	('nd', '', 'nothing begins with these'),
	('an l', 'annelise,double', 'two short words'),
	('z', 'zoe2,zoe1,lukasz', 'one character, of both names'),
	-- words of different fields
	('kari ås', 'asen', 'a name and a town'),
	('oslo åse', 'ase1', 'a town and a name'),
	('fjord oslo', 'fjord', 'a company and a town'),
	('bygg 0475', 'fjord', 'a company and a postal code'),
	('bjørnson 5003', 'ase2', 'a family and a postal code'),
	('nord.example bjørnson', 'ase1', 'a domain and a family'),
	('åse 34567', 'ase1', 'a name and the end of a number'),
	('handel siv', 'nordavind', 'a company and its person'),
	('kari lindø', '', 'a contact''s name is not the customer''s'),
	('oslo kari', '', 'all words have to be there'),
	('fjord fjord fjord', 'fjord,fjordlager', 'the same word again'),
	('rema 1000 0150', 'rema', 'a number in a name and a postal code are two words'),
	('0150 91234567', 'ase1', 'a postal code and a telephone number'),
	('1000 sport', 'thousand', 'a number in a name'),
	('bygg as fjord avd lager', 'fjordlager', 'five words in any order'),
	('a b c d e f g h', '', 'eight words'),
	-- the order
	('Lund', 'lund,lundcity,twolund,lunde,haglund', 'a name, a town, a word, a beginning, inside'),
	('Oslo', 'fjord,rema,ase1,taxi', 'a whole field before a word'),
	('Rana', 'rana,ranaberg', 'a word before a beginning'),
	('Tvilling', 'twin1,twin2,twin0', 'ties by the display name, then by the UID'),
	('tor tvilling', 'twin1,twin2', 'whole names that are alike'),
	('tvill', 'twin1,twin2,twin0', 'beginnings that are alike'),
	('villing', 'twin1,twin2,twin0', 'insides that are alike'),
	('eva lund', 'lund', 'a whole name'),
	('lund siri', 'twolund', 'a word and a name'),
	('ås', 'asen,percent,thousand,quote,fjord,fjordlager,taxi,ase2,aasen,asa,ase1', 'a town, then words, then beginnings'),
	-- similar words
	('Johanson', 'johansson', 'a letter is missing'),
	('Johanssson', 'johansson', 'a letter too many'),
	('Johamsson', 'johansson', 'a wrong letter'),
	('Johnasson', 'johansson', 'two letters swapped'),
	('Øvrebø Kari', 'overbo', 'two letters swapped, the family first'),
	('Kari Øvrebo', 'overbo', 'two letters swapped, in ASCII'),
	('Eric Johansson', 'johansson', 'one word as it is, another like it'),
	('Bjönrson', 'ase2,ase1', 'two letters swapped, with ö'),
	('Tvillng', 'twin1,twin2,twin0', 'ties of similar words'),
	('Hellsinki', 'paivi', 'a town'),
	('fjordbyg', 'fjord', 'the beginning of a word is no typing error'),
	('Jæger Oel', 'jaeger1', 'three letters, two of them swapped'),
	('gohst@nowhere.example', 'ghost', 'in an address'),
	('91234576', 'ase1', 'two digits swapped'),
	('912345678', 'ase1', 'a digit too many'),
	('достоевскй', 'fyodor', 'Cyrillic'),
	('qqqqqq', '', 'nothing is like it'),
	('xyz fjord', '', 'all words need something like them'),
	-- long ones
	(repeat('x', 1000), '', '1,000 characters'),
	(repeat('🎿', 1000), '', '1,000 characters of four bytes'),
	(repeat('fjord ', 166), 'fjord,fjordlager', '166 words'),
	-- nothing to look for
	('', t.everybody(), 'an empty query'),
	('   ', t.everybody(), 'only spaces'),
	(E'\t\n', t.everybody(), 'only white space')
) AS v(query, expected, what);

-- ---------------------------------------------------------------------
-- Bodies
-- ---------------------------------------------------------------------

SELECT is(t.found(body::json), expected, format('%s: %s', what, left(body, 100))) FROM (VALUES
	('{}', t.everybody(), 'an empty body'),
	('{"query": null, "email": null, "scope": null, "customerTypes": null, "createdAt": null, "exactMatch": null}', t.everybody(), 'nulls'),
	('{"limit": 5, "QUERY": "fjord", "nothing": {"query": "fjord"}}', t.everybody(), 'properties that are none'),
	('{"query": "fjord", "query": "lunde"}', 'lunde', 'the last of a repeated name counts'),
	-- fields by themselves
	('{"email": "nord.example"}', 'ase1', 'a domain'),
	('{"email": "ase.bjornson@nord.example"}', 'ase1', 'an address'),
	('{"email": "fjord"}', 'fjord', 'not a company''s name'),
	('{"email": "lund"}', '', 'nor a family'),
	('{"mobile": "912 34 567"}', 'ase1', 'a telephone number'),
	('{"mobile": "+47 912-34-567"}', 'ase1', 'a telephone number from abroad'),
	('{"mobile": "0150"}', '', 'not a postal code'),
	('{"mobile": "34567"}', 'asa,ase1', 'last digits'),
	('{"vatNumber": "NO 987 654 321 MVA"}', 'fjord', 'a VAT number'),
	('{"vatNumber": "987654321"}', 'fjord', 'the digits of one'),
	('{"vatNumber": "NO987654321"}', 'fjord', 'one without MVA'),
	('{"vatNumber": "91234567"}', '', 'not a telephone number'),
	('{"email": "nord", "mobile": "912"}', 'ase1', 'two fields'),
	('{"email": "fjordbygg", "vatNumber": "987"}', 'fjord', 'two others'),
	('{"email": "nord", "mobile": "999"}', '', 'both have to match'),
	('{"query": "bjørnson", "email": "nord.example"}', 'ase1', 'a field and a query'),
	('{"query": "åse", "mobile": "999"}', 'ase2', 'a number and a query'),
	('{"query": "fjordbygg"}', 'fjord', 'a word that only the address has'),
	('{"query": "fjordbygg", "email": "post"}', '', 'the query does not look there when the field is given'),
	('{"query": "91234567", "mobile": "912"}', '', 'nor into numbers'),
	('{"query": "91234567", "email": "nord"}', 'ase1', 'but into numbers when only the address is given'),
	('{"query": "987654321", "vatNumber": "NO"}', '', 'nor into VAT numbers'),
	('{"query": "fjord", "vatNumber": "NO"}', 'fjord', 'names are still looked at'),
	('{"query": "fjordbygg", "email": ""}', 'fjord', 'an empty field is not given'),
	('{"query": "fjordbygg", "email": null}', 'fjord', 'neither is null'),
	('{"email": "ghots"}', 'ghost', 'similar words of a field'),
	-- whole fields
	('{"query": "lund", "exactMatch": true}', 'lund,lundcity', 'a whole field'),
	('{"query": "lun", "exactMatch": true}', '', 'not a beginning'),
	('{"query": "Åse", "exactMatch": true}', 'ase2,ase1', 'in any spelling'),
	('{"query": "åse bjørnson", "exactMatch": true}', 'ase2,ase1', 'a whole name'),
	('{"query": "Bjørnson Åse", "exactMatch": true}', 'ase2,ase1', 'the family first'),
	('{"query": "Bjørnson, Åse", "exactMatch": true}', 'ase2,ase1', 'with a comma'),
	('{"query": "åse oslo", "exactMatch": true}', '', 'not of two fields that are no name'),
	('{"query": "fjord bygg as", "exactMatch": true}', 'fjord', 'a whole company'),
	('{"query": "fjord bygg", "exactMatch": true}', '', 'not a part of it'),
	('{"query": "bygg fjord as", "exactMatch": true}', '', 'nor in another order'),
	('{"query": "anne lise", "exactMatch": true}', 'annelise,double', 'a double name'),
	('{"query": "Mo i Rana", "exactMatch": true}', 'rana', 'a town of three words'),
	('{"query": "0150", "exactMatch": true}', 'rema,ase1', 'a postal code'),
	('{"query": "211 20", "exactMatch": true}', 'asa', 'a postal code with a space'),
	('{"query": "SW1A 1AA", "exactMatch": true}', 'london', 'a British one'),
	('{"query": "00100", "exactMatch": true}', 'paivi', 'a Finnish one'),
	('{"query": "ase.bjornson@nord.example", "exactMatch": true}', 'ase1', 'an address'),
	('{"query": "ase.bjornson", "exactMatch": true}', 'ase2,ase1', 'not a part of one; but it is the whole name'),
	('{"query": "nord.example", "exactMatch": true}', '', 'not a part of one'),
	('{"query": "912 34 567", "exactMatch": true}', 'ase1', 'a telephone number without its code'),
	('{"query": "+4791234567", "exactMatch": true}', 'ase1', 'with it'),
	('{"query": "+47 912 34 999", "exactMatch": true}', 'ase2', 'stored without it'),
	('{"query": "34567", "exactMatch": true}', '', 'not its end'),
	('{"query": "NO987654321MVA", "exactMatch": true}', 'fjord', 'a VAT number'),
	('{"query": "NO 987 654 321 MVA", "exactMatch": true}', 'fjord', 'a VAT number with spaces'),
	('{"query": "987654321", "exactMatch": true}', 'fjord', 'the digits of one'),
	('{"vatNumber": "NO987654321MVA", "exactMatch": true}', 'fjord', 'by itself'),
	('{"vatNumber": "98765432", "exactMatch": true}', '', 'not its beginning'),
	('{"vatNumber": "87654321", "exactMatch": true}', '', 'nor its end'),
	('{"email": "ghost@nowhere.example", "exactMatch": true}', 'ghost', 'an address by itself'),
	('{"email": "ghost", "exactMatch": true}', '', 'not a part of it'),
	('{"mobile": "91234567", "exactMatch": true}', 'ase1', 'a telephone number by itself'),
	('{"mobile": "912", "exactMatch": true}', '', 'not a part of it'),
	('{"query": "Johanson", "exactMatch": true}', '', 'nothing similar'),
	('{"query": "ІВАН ҐОНТА", "exactMatch": true}', 'honta', 'Ukrainian capitals are the same letters, not similar ones'),
	('{"query": "johansson", "exactMatch": true}', 'johansson', 'the thing itself'),
	('{"query": "åse bjørnson", "email": "ase.bjornson@nord.example", "exactMatch": true}', 'ase1', 'a name and an address'),
	('{"query": "åse bjørnson", "email": "nord.example", "exactMatch": true}', '', 'both have to be whole'),
	('{"exactMatch": true}', t.everybody(), 'nothing to match'),
	('{"query": "lund", "exactMatch": false}', 'lund,lundcity,twolund,lunde,haglund', 'false is as if it were left out'),
	-- filters
	('{"customerTypes": ["B2B"]}', 'nordavind', 'a type'),
	('{"customerTypes": ["COMPANY"]}', 'percent,thousand,quote,fjord,fjordlager,taxi,rema', 'another type'),
	('{"customerTypes": ["B2B", "COMPANY"]}', 'percent,thousand,quote,fjord,fjordlager,nordavind,taxi,rema', 'two types'),
	('{"customerTypes": []}', t.everybody(), 'no types'),
	('{"query": "oslo", "customerTypes": ["COMPANY"]}', 'fjord,rema,taxi', 'a query and a type'),
	('{"query": "oslo", "customerTypes": ["PERSON"]}', 'ase1', 'a query and another type'),
	('{"query": "oslo", "customerTypes": ["B2B"]}', '', 'a query and a type that nobody has'),
	('{"query": "lund", "createdAt": "2021-01-01T00:00:00Z"}', 'lundcity,twolund,lunde,haglund', 'created from then on'),
	('{"query": "lund", "createdAt": "2021-06-15T12:00:00Z"}', 'lundcity,twolund,lunde,haglund', 'that moment included'),
	('{"query": "lund", "createdAt": "2021-06-15T12:00:00.001Z"}', 'lundcity,twolund,haglund', 'a millisecond later'),
	('{"query": "lund", "createdAt": "2021-06-15T14:00:00+02:00"}', 'lundcity,twolund,lunde,haglund', 'in another time zone'),
	('{"createdAt": "2999-01-01T00:00:00Z"}', '', 'in the future'),
	('{"customerParentUid": "fjord"}', 'fjordlager', 'the departments of a company'),
	('{"query": "lager", "customerParentUid": "fjord"}', 'fjordlager', 'a query in a company'),
	('{"query": "taxi", "customerParentUid": "fjord"}', '', 'not outside of it'),
	('{"customerParentUid": "nobody"}', '', 'of nobody'),
	('{"storeUid": "malmo"}', 'nordavind,asa', 'a store'),
	('{"storeUid": "bergen"}', 'ase2', 'another store'),
	('{"query": "åse", "storeUid": "oslo"}', 'ase1,asen', 'a query and a store'),
	('{"storeUid": "nowhere"}', '', 'a store that is none'),
	('{"query": "björk", "storeUid": "malmo", "customerTypes": ["PERSON"], "createdAt": "2000-01-01T00:00:00Z"}', 'asa', 'several'),
	('{"query": "Johanson", "customerTypes": ["PERSON"]}', 'johansson', 'similar words behind a filter'),
	-- scopes
	('{"query": "strandberg", "scope": ["CUSTOMER"]}', '', 'customers only'),
	('{"query": "lindø", "scope": ["CONTACT"]}', 'fjord', 'through a contact'),
	('{"query": "lindø", "scope": ["CUSTOMER", "CONTACT"]}', 'fjord', 'both'),
	('{"query": "strandberg", "scope": []}', '', 'an empty scope is the customers'),
	('{"query": "strandberg", "scope": ["CONTACT"]}', 'quote,fjord,fjordlager,taxi', 'a contact of several'),
	('{"query": "fjord", "scope": ["CONTACT"]}', 'thousand,fjord', 'not by a company''s name'),
	('{"query": "fjord", "scope": ["CUSTOMER", "CONTACT"]}', 'thousand,fjord,fjordlager', 'once, with the better of both'),
	('{"query": "fjord", "scope": ["CONTACT", "CUSTOMER", "CONTACT"]}', 'thousand,fjord,fjordlager', 'a scope named twice'),
	('{"query": "lund", "scope": ["CONTACT"]}', 'taxi', 'two contacts of one customer'),
	('{"query": "åse bjørnson", "scope": ["CUSTOMER", "CONTACT"]}', 'percent,ase2,ase1', 'a customer and a contact alike'),
	('{"query": "48055666", "scope": ["CONTACT"]}', 'fjord', 'a contact''s number'),
	('{"query": "073-111 22 33", "scope": ["CONTACT"]}', 'nordavind', 'a contact''s Swedish number'),
	('{"mobile": "+46731112233", "scope": ["CONTACT"]}', 'nordavind', 'a contact''s number by itself'),
	('{"email": "b2b.example", "scope": ["CONTACT"]}', 'nordavind', 'a contact''s address'),
	('{"email": "fjordbygg", "scope": ["CONTACT", "CUSTOMER"]}', 'fjord', 'an address of both'),
	('{"query": "karin løs", "scope": ["CONTACT"]}', '', 'a contact of nobody'),
	('{"query": "karin", "scope": ["CONTACT"], "customerTypes": ["PERSON"]}', '', 'a filter on the customer'),
	('{"query": "strandberg", "scope": ["CONTACT"], "customerParentUid": "fjord"}', 'fjordlager', 'another filter on the customer'),
	('{"query": "strandbreg", "scope": ["CONTACT"]}', 'quote,fjord,fjordlager,taxi', 'similar words of contacts'),
	('{"query": "strandbreg", "scope": ["CONTACT", "CUSTOMER"]}', 'quote,fjord,fjordlager,taxi', 'similar words of both'),
	('{"query": "strandbreg", "scope": ["CONTACT"], "exactMatch": true}', '', 'not with exactMatch'),
	('{"query": "mona lund", "scope": ["CONTACT"], "exactMatch": true}', 'taxi', 'a contact''s whole name'),
	('{"scope": ["CONTACT"]}', 'percent,thousand,quote,fjord,fjordlager,nordavind,taxi', 'all that have a contact'),
	('{"vatNumber": "987654321", "scope": ["CONTACT"]}', '', 'contacts have no VAT number')
) AS v(body, expected, what);

-- What a body must not be.
SELECT is(t.error(format('SELECT flowcustomer.customer_search(''acme'', %L)', body)), expected, format('body %s', left(body, 60))) FROM (VALUES
	('{"query": 5}', 'PT400: VALIDATION_FAILED $.query'),
	('{"query": ["fjord"]}', 'PT400: VALIDATION_FAILED $.query'),
	('{"query": {}}', 'PT400: VALIDATION_FAILED $.query'),
	('{"query": true}', 'PT400: VALIDATION_FAILED $.query'),
	(json_build_object('query', repeat('x', 1000))::text, 'ok'),
	(json_build_object('query', repeat('x', 1001))::text, 'PT400: VALIDATION_FAILED $.query'),
	(json_build_object('query', repeat('ø', 1000))::text, 'ok'),
	(json_build_object('query', repeat('ø', 1001))::text, 'PT400: VALIDATION_FAILED $.query'),
	(json_build_object('query', repeat(' ', 1001))::text, 'PT400: VALIDATION_FAILED $.query'),
	('{"email": 1}', 'PT400: VALIDATION_FAILED $.email'),
	('{"mobile": 91234567}', 'PT400: VALIDATION_FAILED $.mobile'),
	('{"vatNumber": 987654321}', 'PT400: VALIDATION_FAILED $.vatNumber'),
	('{"exactMatch": "true"}', 'PT400: VALIDATION_FAILED $.exactMatch'),
	('{"exactMatch": 1}', 'PT400: VALIDATION_FAILED $.exactMatch'),
	('{"scope": "CUSTOMER"}', 'PT400: VALIDATION_FAILED $.scope'),
	('{"scope": ["EVERYTHING"]}', 'PT400: VALIDATION_FAILED $.scope[0]'),
	('{"scope": ["CUSTOMER", "customer"]}', 'PT400: VALIDATION_FAILED $.scope[1]'),
	('{"scope": ["CUSTOMER", 1]}', 'PT400: VALIDATION_FAILED $.scope[1]'),
	('{"scope": [null]}', 'PT400: VALIDATION_FAILED $.scope[0]'),
	('{"customerTypes": "PERSON"}', 'PT400: VALIDATION_FAILED $.customerTypes'),
	('{"customerTypes": ["PERSON", "HORSE"]}', 'PT400: VALIDATION_FAILED $.customerTypes[1]'),
	('{"customerTypes": [["PERSON"]]}', 'PT400: VALIDATION_FAILED $.customerTypes[0]'),
	('{"storeUid": "no store"}', 'PT400: VALIDATION_FAILED $.storeUid'),
	('{"customerParentUid": 7}', 'PT400: VALIDATION_FAILED $.customerParentUid'),
	('{"createdAt": "yesterday"}', 'PT400: VALIDATION_FAILED $.createdAt'),
	('{"createdAt": 20210101}', 'PT400: VALIDATION_FAILED $.createdAt'),
	('{"query": 5, "scope": ["X"], "exactMatch": 0}', 'PT400: VALIDATION_FAILED $.query; VALIDATION_FAILED $.scope[0]; VALIDATION_FAILED $.exactMatch'),
	('[]', 'PT400: VALIDATION_FAILED $'),
	('"fjord"', 'PT400: VALIDATION_FAILED $'),
	('null', 'PT400: VALIDATION_FAILED $')
) AS v(body, expected);
SELECT is(t.error('SELECT flowcustomer.customer_search(''nobody'', ''{}'')'), 'PT404: TENANT_NOT_FOUND', 'an unknown tenant');
SELECT is(t.error(format('SELECT flowcustomer.customer_search(''acme'', ''{"query": "fjord"}'', %s)', arguments)), expected, format('page %s', arguments)) FROM (VALUES
	('0, 10', 'PT400: VALIDATION_FAILED pageNumber'), ('1, 0', 'PT400: VALIDATION_FAILED pageSize'), ('1, 1001', 'PT400: VALIDATION_FAILED pageSize'), ('NULL, NULL, NULL, NULL', 'ok'), ('2147483647, 1000', 'ok'),
	('1, 10, ''shoeSize''', 'PT400: VALIDATION_FAILED sortBy'), ('1, 10, ''addresses''', 'PT400: VALIDATION_FAILED sortBy'), ('1, 10, ''''', 'PT400: VALIDATION_FAILED sortBy'), ('1, 10, ''lastname'', ''UP''', 'PT400: VALIDATION_FAILED sortDirection'), ('1, 10, ''relevance'', ''DESC''', 'ok')) AS v(arguments, expected);

-- ---------------------------------------------------------------------
-- Sorts and pages
-- ---------------------------------------------------------------------

SELECT is(t.uids(flowcustomer.customer_search('acme', '{}', 1, 1000, field, direction)), t.uids(flowcustomer.customer_list('acme', NULL, 1, 1000, field, direction)), format('all by %s %s: the order of the list', field, direction))
FROM flowcustomer.fields() AS f, LATERAL (SELECT f.json_name AS field) AS n, unnest(ARRAY['ASC', 'DESC']) AS direction
WHERE f.resource = 'customer' AND f.answered AND f.type IS NOT NULL AND f.json_name IS NOT NULL AND f.column_name IS NOT NULL
ORDER BY f."position", direction;
SELECT is(t.uids(flowcustomer.customer_search('acme', body::json, 1, 1000, field, direction)), expected, format('%s by %s %s', body, field, direction)) FROM (VALUES
	('{"query": "lund"}', 'lastname', 'ASC', 'lundcity,haglund,lund,twolund,lunde'),
	('{"query": "lund"}', 'lastname', 'DESC', 'lunde,twolund,lund,haglund,lundcity'),
	('{"query": "lund"}', 'firstname', NULL, 'lundcity,haglund,lund,lunde,twolund'),
	('{"query": "lund"}', 'customerUid', 'DESC', 'twolund,lunde,lundcity,lund,haglund'),
	('{"query": "lund"}', 'relevance', 'DESC', 'lund,lundcity,twolund,lunde,haglund'),
	('{"query": "lund"}', NULL, NULL, 'lund,lundcity,twolund,lunde,haglund'),
	('{"query": "tvilling"}', 'lastname', 'DESC', 'twin0,twin1,twin2'),
	('{"query": "åse"}', 'city', 'ASC', 'aasen,ase2,ase1,asen'),
	('{"query": "oslo"}', 'customerType', 'ASC', 'fjord,rema,taxi,ase1'),
	('{"query": "Johanson"}', 'lastname', 'ASC', 'johansson'),
	('{"query": "strandberg", "scope": ["CONTACT"]}', 'companyName', 'DESC', 'taxi,fjordlager,fjord,quote'),
	('{"query": "strandberg", "scope": ["CONTACT"]}', 'customerUid', 'ASC', 'fjord,fjordlager,quote,taxi'),
	('{"query": "strandberg", "scope": ["CONTACT"]}', 'credit.limit', 'ASC', 'taxi,fjord,quote,fjordlager'),
	('{"query": "strandberg", "scope": ["CONTACT"]}', 'credit.limit', 'DESC', 'fjordlager,quote,fjord,taxi'),
	('{"query": "fjord", "scope": ["CONTACT", "CUSTOMER"]}', 'city', 'DESC', 'fjord,fjordlager,thousand')
) AS v(body, field, direction, expected);

-- Pages of a search, put together, are the search.
SELECT is((SELECT string_agg(t.uids(flowcustomer.customer_search('acme', body::json, page, size, field, direction)), ',' ORDER BY page) FROM generate_series(1, ceil(total / size::numeric)::integer) AS page),
		  t.uids(flowcustomer.customer_search('acme', body::json, 1, 1000, field, direction)), format('pages of %s by %s: %s', size, coalesce(field, 'relevance'), body))
FROM (VALUES ('{}', NULL, NULL), ('{}', 'city', 'DESC'), ('{"query": "a"}', NULL, NULL), ('{"query": "lund"}', 'relevance', 'DESC'), ('{"query": "as"}', 'customerType', 'ASC'), ('{"query": "strandbreg", "scope": ["CONTACT", "CUSTOMER"]}', NULL, NULL), ('{"scope": ["CONTACT", "CUSTOMER"]}', 'countryCode', 'ASC')) AS v(body, field, direction),
	unnest(ARRAY[1, 2, 3, 7]) AS size,
	LATERAL (SELECT (flowcustomer.customer_search('acme', body::json, 1, 1) -> 'paging' ->> 'totalCount')::integer AS total) AS c;
SELECT is((flowcustomer.customer_search('acme', body::json, page, size) -> 'paging')::text, format('{"pageNumber":%s,"pageSize":%s,"totalCount":%s}', page, size, total), format('page %s of %s: %s', page, size, body)) FROM (VALUES
	('{}', 1, 1, 47), ('{}', 9, 1000, 47), ('{"query": "lund"}', 1, 2, 5), ('{"query": "lund"}', 3, 2, 5), ('{"query": "lund"}', 4, 2, 5), ('{"query": "lund"}', 1000000, 1000, 5), ('{"query": "qqqqqq"}', 1, 10, 0), ('{"query": "qqqqqq"}', 3, 10, 0),
	('{"query": "Johanson"}', 1, 10, 1), ('{"query": "Johanson"}', 2, 10, 1), ('{"query": "Tvillng"}', 2, 2, 3), ('{"query": "Tvillng"}', 5, 2, 3), ('{"query": "strandberg", "scope": ["CONTACT"]}', 1, 2, 4), ('{"query": "strandberg", "scope": ["CONTACT"]}', 9, 2, 4),
	('{"query": "fjord", "scope": ["CUSTOMER", "CONTACT"]}', 1, 25, 3), ('{"query": "oslo", "customerTypes": ["COMPANY"]}', 2, 3, 3)) AS v(body, page, size, total);
SELECT is(t.uids(flowcustomer.customer_search('acme', '{"query": "lund"}', 2, 2)), 'twolund,lunde', 'the second page');
SELECT is(t.uids(flowcustomer.customer_search('acme', '{"query": "lund"}', 4, 2)), '', 'behind the last page');
SELECT is(json_array_length(flowcustomer.customer_search('acme', '{}') -> 'items'), 25, 'a page has 25 items by default');

-- ---------------------------------------------------------------------
-- Relevance
-- ---------------------------------------------------------------------

CREATE FUNCTION t.relevances(query text) RETURNS float8[] LANGUAGE sql AS $$
	SELECT coalesce(array_agg((item ->> 'relevance')::float8 ORDER BY n), '{}')
	FROM json_array_elements(flowcustomer.customer_search('acme', json_build_object('query', query), 1, 1000) -> 'items') WITH ORDINALITY AS i(item, n)
$$;
SELECT ok(cardinality(r) > 0 AND r = ARRAY(SELECT x FROM unnest(r) AS x ORDER BY x DESC) AND 0 < ALL (r) AND 1 >= ALL (r), format('relevance goes down from 1 to 0: %s %s', query, r))
FROM unnest(ARRAY['lund', 'åse', 'as', 'oslo', 'a', 'fjord bygg', 'tvillng', 'øvrebø kari', '4567', 'ase.bjornson', 'nord']) AS query, t.relevances(query) AS r;
SELECT is((t.relevances(query))[1], 1::float8, 'a whole field is 1: ' || query) FROM unnest(ARRAY['lund', 'Åse', 'åse bjørnson', 'bjørnson åse', 'fjord bygg as', '91234567', '+47 912 34 567', '0150', '211 20', 'ase.bjornson@nord.example', '987654321', 'NO987654321MVA']) AS query;
SELECT ok((t.relevances(better))[1] > (t.relevances(worse))[1], format('%s is better than %s', better, worse)) FROM (VALUES
	('Haglund', 'Haglun'), ('Haglun', 'aglund'), ('aglund', 'Haglumd'), ('Tvilling', 'Tvill'), ('Tvill', 'Tvillng'), ('quote', 'quot'), ('quot', 'uote'), ('ranaberg', 'ranab'), ('eva lund', 'eva lun'), ('johansson', 'johanson'), ('johanson', 'johansen'),
	('berg-hansen', 'hansen'), ('hansen', 'hanse')) AS v(better, worse);
SELECT is((t.relevances('91234'))[1], (t.relevances('91234'))[2], 'the first digits are as good with the code of a country before them as without');
SELECT ok(NOT (item::jsonb ? 'relevance') OR item ->> 'relevance' IS NOT NULL, 'without words: ' || (item ->> 'customerUid')) FROM json_array_elements(flowcustomer.customer_search('acme', '{"customerTypes": ["B2B"]}') -> 'items') AS item;
SELECT is((SELECT jsonb_agg(t.strip(item) - 'relevance' ORDER BY n) FROM jsonb_array_elements(flowcustomer.customer_search('acme', '{"query": "fjord"}')::jsonb -> 'items') WITH ORDINALITY AS i(item, n)),
		  jsonb_build_array(t.strip(t.get('fjord')) - 'relevance', t.strip(t.get('fjordlager')) - 'relevance'), 'items are whole customers, as customer_get answers them');

-- ---------------------------------------------------------------------
-- Tenants, and what changes
-- ---------------------------------------------------------------------

SELECT is(t.uids(flowcustomer.customer_search('other', body::json, 1, 1000)), expected, format('another tenant: %s', body)) FROM (VALUES
	('{"query": "åse"}', 'ase2,ase1,stranger,asen,aasen'), ('{"query": "fremmed"}', 'stranger'), ('{"query": "91234567"}', 'ase1,stranger'), ('{"query": "strandberg", "scope": ["CONTACT"]}', ''), ('{"query": "lindø", "scope": ["CONTACT"]}', 'ase1'), ('{"query": "fjord", "scope": ["CONTACT", "CUSTOMER"]}', 'fjord,fjordlager')) AS v(body, expected);
SELECT is(t.found('{"query": "fremmed"}'), '', 'what another tenant has is not found');
SELECT is(t.found('{"query": "fremmd"}'), '', 'nor what is like it');
CALL t.run($$SELECT t.update('lunde', '{"lastname": "Østlie", "mobile": "48 00 11 22"}')$$);
SELECT is(t.found('{"query": "geir lunde"}'), '', 'a name that was is not found');
SELECT is(t.found('{"query": "ostlie"}'), 'lunde', 'the new one is');
SELECT is(t.found('{"query": "480 01 122"}'), 'lunde', 'and the new number');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'twin1')$$);
SELECT is(t.found('{"query": "tvilling"}'), 'twin2,twin0', 'one that is deleted is not found');

-- ---------------------------------------------------------------------
-- Contacts
-- ---------------------------------------------------------------------

SELECT is(t.found_contacts(body::json), expected, format('contacts: %s', left(body, 80))) FROM (VALUES
	('{"query": "Karin"}', 'k-lindo,k-loose'),
	('{"query": "karin lindø"}', 'k-lindo'),
	('{"query": "Lindoe Karin"}', 'k-lindo'),
	('{"query": "karin løs"}', 'k-loose'),
	('{"query": "Lund"}', 'k-mona2,k-mona1'),
	('{"query": "mona"}', 'k-mona2,k-mona1'),
	('{"query": "mona lun"}', 'k-mona2,k-mona1'),
	('{"query": "Åse"}', 'k-ase'),
	('{"query": "aase bjoernson"}', 'k-ase'),
	('{"query": "nørgaard"}', 'k-nor'),
	('{"query": "Norgard"}', 'k-nor'),
	('{"query": "obrien"}', 'k-brien'),
	('{"query": "O''Brien"}', 'k-brien'),
	('{"query": "ИВАН"}', 'k-ivan'),
	('{"query": "lukasz gross"}', 'k-lukasz'),
	('{"query": "48055666"}', 'k-lindo'),
	('{"query": "+47 480 55 666"}', 'k-lindo'),
	('{"query": "55666"}', 'k-lindo'),
	('{"query": "073-111 22 33"}', 'k-nor'),
	('{"query": "karin.lindo@fjordbygg.example"}', 'k-lindo'),
	('{"query": "fjordbygg"}', 'k-lindo'),
	('{"query": "fjord"}', 'k-fjord,k-lindo'),
	('{"query": "tuva_100%"}', 'k-mail'),
	('{"query": "sør.example"}', 'k-mail'),
	('{"query": "100"}', 'k-mail,k-lukasz'),
	('{"query": "Strandbreg"}', 'k-both'),
	('{"query": "Momna Lund"}', 'k-mona2,k-mona1'),
	('{"query": "fj"}', 'k-fjord,k-lindo'),
	('{"query": "jo"}', ''),
	('{"query": "oslo"}', ''),
	('{"query": "qqqqqq"}', ''),
	('{"email": "fjordbygg"}', 'k-lindo'),
	('{"email": "fjord"}', 'k-lindo'),
	('{"query": "fjord", "email": "b2b"}', ''),
	('{"query": "fjordbygg", "email": "karin"}', ''),
	('{"query": "karin", "email": "lindo"}', 'k-lindo'),
	('{"mobile": "0047 480 55 666"}', 'k-lindo'),
	('{"mobile": "480", "query": "karin"}', 'k-lindo'),
	('{"query": "lun", "exactMatch": true}', 'k-mona2,k-mona1'),
	('{"query": "lund", "storeUid": "oslo", "customerTypes": ["B2B"], "vatNumber": "1"}', 'k-mona2,k-mona1'),
	('{}', 'k-fjord,k-lindo,k-loose,k-mona2,k-mona1,k-both,k-nor,k-brien,k-mail,k-ase,k-lukasz,k-ivan')
) AS v(body, expected);
SELECT is(t.error(format('SELECT flowcustomer.contact_search(''acme'', %L)', body)), expected, format('contacts, body %s', left(body, 60))) FROM (VALUES
	('{"query": "lund", "scope": "nonsense", "customerTypes": 5, "exactMatch": "yes", "createdAt": []}', 'ok'), ('{"query": 5}', 'PT400: VALIDATION_FAILED $.query'), ('{"email": []}', 'PT400: VALIDATION_FAILED $.email'), ('{"mobile": 1}', 'PT400: VALIDATION_FAILED $.mobile'), ('[]', 'PT400: VALIDATION_FAILED $'),
	(json_build_object('query', repeat('x', 1001))::text, 'PT400: VALIDATION_FAILED $.query')) AS v(body, expected);
SELECT is(t.uids(flowcustomer.contact_search('acme', '{"query": "mona"}', 1, 10, field, direction), 'customerContactUid'), expected, format('contacts by %s %s', field, direction)) FROM (VALUES
	('lastname', 'ASC', 'k-mona2,k-mona1'), ('lastname', 'DESC', 'k-mona1,k-mona2'), ('customerContactUid', 'ASC', 'k-mona1,k-mona2'), ('displayName', 'DESC', 'k-mona1,k-mona2')) AS v(field, direction, expected);
SELECT is(t.uids(flowcustomer.contact_search('acme', '{"query": "karin"}', page, 1), 'customerContactUid') || ' ' || (flowcustomer.contact_search('acme', '{"query": "karin"}', page, 1) -> 'paging' ->> 'totalCount'), expected, format('contacts, page %s', page)) FROM (VALUES
	(1, 'k-lindo 2'), (2, 'k-loose 2'), (3, ' 2')) AS v(page, expected);
SELECT is(t.uids(flowcustomer.contact_search('other', '{"query": "karin"}'), 'customerContactUid'), 'k-other', 'contacts of another tenant');
SELECT is(t.error('SELECT flowcustomer.contact_search(''acme'', ''{}'', 1, 10, ''city'')'), 'PT400: VALIDATION_FAILED sortBy', 'contacts by what they have not');

-- Digits that begin like a country's code are one only in a telephone number, and numbers in a name may stand apart.
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "born-46", "customerType": "COMPANY", "companyName": "Lund", "vatNumber": "4601011234"}, {"customerUid": "kiosk", "customerType": "COMPANY", "companyName": "Kiosk 24 700"}]}')$$);
SELECT is(t.uids(flowcustomer.customer_search('acme', body)), uid, body::text) FROM (VALUES ('{"vatNumber": "4601011234", "exactMatch": true}'::json, 'born-46'), ('{"vatNumber": "4601011234"}', 'born-46'), ('{"query": "Kiosk 24 700", "exactMatch": true}', 'kiosk'), ('{"query": "kiosk 24700", "exactMatch": true}', '')) AS v(body, uid);
SELECT * FROM finish();
