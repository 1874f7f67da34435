-- Outside directories that are searched where they are: what is found there is
-- what our own table would find, and both are one list.
\ir include/helpers.psql
\ir include/external.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(''stored''), t.seed(''source''), t.seed(''whole''), t.seed(''split''), t.seed(''bare'')');

-- ---------------------------------------------------------------------
-- A source finds what our own table does
-- ---------------------------------------------------------------------

CREATE TABLE t.entry (id text, first text, last text, company text, mail text, phone text, vat text, postal text, town text);
INSERT INTO t.entry VALUES
	-- Nordic letters in every spelling
	('ase1', 'Åse', 'Bjørnson', NULL, 'ase.bjornson@nord.example', '+47 912 34 567', NULL, '0150', 'Oslo'),
	('ase2', 'Aase', 'Bjoernson', NULL, NULL, '912 34 999', NULL, '5003', 'Bergen'),
	('asa', 'Åsa', 'Björk', NULL, 'asa@skog.example', '+46 70 123 45 67', NULL, '211 20', 'Malmö'),
	('asen', 'Kari', 'Åsen', NULL, NULL, NULL, NULL, '1430', 'Ås'),
	('aasen', 'Per', 'AASEN', NULL, NULL, '(+47) 913-55-777', NULL, NULL, 'Aas'),
	('jaeger1', 'Ole', 'Jæger', NULL, '99.12345@tall.example', NULL, NULL, NULL, NULL),
	('jaeger2', 'Hans', 'Jäger', NULL, NULL, '+49 30 1234567', NULL, '10115', 'Berlin'),
	('jaeger3', 'Ida', 'Jaeger', NULL, NULL, NULL, NULL, NULL, NULL),
	('overbo', 'Kari', 'Øverbø', NULL, NULL, '0047 900 11 222', NULL, NULL, 'BODØ'),
	('upper', 'ÆRLIG', 'ØDEGÅRD', NULL, 'FIRMAPOST@ØDEGÅRD.EXAMPLE', NULL, NULL, NULL, 'TROMSØ'),
	-- hyphens, apostrophes, spaces
	('obrien1', 'Liam', 'O''Brien', NULL, NULL, NULL, NULL, NULL, NULL),
	('obrien2', 'Nora', 'O’Brien', NULL, NULL, NULL, NULL, NULL, NULL),
	('dangelo', 'D''Angelo', 'dell`Aquila', NULL, NULL, NULL, NULL, NULL, NULL),
	('double', 'Anne-Lise', 'Berg-Hansen', NULL, 'anne-lise.berg_hansen@x-y.example', NULL, NULL, NULL, NULL),
	('annelise', 'Anne Lise', 'Moen', NULL, NULL, NULL, NULL, NULL, 'Mo i Rana'),
	('visser', 'Dirk', 'de Visser', NULL, 'd.visser@tulp.example', NULL, 'NL123456789B01', '1012 AB', '''s-Gravenhage'),
	('spaces', E'  Ida\tMarie ', U&'van\00A0der  Berg', NULL, NULL, ' 77 00 11 22 ', NULL, NULL, NULL),
	-- German, Polish, Finnish, Icelandic, Turkish, Czech, Spanish, French, Vietnamese
	('gross1', 'Karl', 'Groß', NULL, NULL, NULL, NULL, NULL, 'Gießen'),
	('gross2', 'Lena', 'Gross', NULL, NULL, NULL, NULL, NULL, 'GIESSEN'),
	('strasse', NULL, NULL, 'Bäckerei Hauptstraße GmbH & Co. KG', 'info@straße.example', '030/98 76 54-3', 'DE 123 456 789', '80331', 'München'),
	('lukasz', 'Łukasz', 'Żółć', NULL, 'lukasz@zolc.example', '+48 601 222 333', NULL, '00-950', 'Łódź'),
	('zofia', 'Zofia', 'Wiśniewska-Śliwińska', NULL, NULL, NULL, NULL, NULL, 'Gdańsk'),
	('paivi', 'Päivi', 'Mäkelä', NULL, NULL, '+358 40 765 4321', NULL, '00100', 'Helsinki'),
	('yrjo', 'Yrjö', 'Väisänen', 'Hyvää Päivää Oy', NULL, '040-1234567', 'FI12345678', '33100', 'Hämeenlinna'),
	('sigridur', 'Sigríður', 'Þórðardóttir', NULL, NULL, '+354 555 1234', NULL, '101', 'Reykjavík'),
	('isik', 'Işık', 'İnönü', NULL, NULL, NULL, NULL, NULL, 'İstanbul'),
	('dvorak', 'Antonín', 'Dvořák', NULL, NULL, '+420 777 123 456', 'CZ12345679', '110 00', 'Praha 1'),
	('ibanez', 'María José', 'Ibáñez Muñoz', NULL, NULL, '0034 600 12 34 56', NULL, '28013', 'Logroño'),
	('oehlen', 'Adam', 'Œhlen', NULL, NULL, NULL, NULL, NULL, 'Schœneck'),
	('nguyen', 'Nguyễn', 'Thị Ngọc Ánh', NULL, NULL, NULL, NULL, NULL, 'Hà Nội'),
	-- accents of their own, letters of full width
	('zoe1', U&'Zo\00E9', 'Blanc', NULL, NULL, NULL, NULL, NULL, NULL),
	('zoe2', U&'Zoe\0301', 'Noir', NULL, NULL, NULL, NULL, NULL, NULL),
	('nina', U&'Ni\0303na', U&'A\030Angstro\0308m', NULL, NULL, NULL, NULL, NULL, U&'Malmo\0308'),
	('wide', 'Ｋａｒｉ', 'Ｏｌｓｅｎ', NULL, NULL, '１２３４５６７８', NULL, NULL, NULL),
	-- other alphabets
	('sara', 'שרה', 'כהן', NULL, NULL, NULL, NULL, NULL, 'תל אביב'),
	('david', U&'\200F\05D3\05D5\05D3\200F', U&'\202B\05DC\05D5\05D9\202C', NULL, NULL, NULL, NULL, NULL, NULL),
	('muhammad', 'محمد', 'علي', NULL, NULL, NULL, NULL, NULL, 'القاهرة'),
	('fyodor', 'Фёдор', 'Достоевский', NULL, NULL, '+7 912 345-67-89', NULL, NULL, 'САНКТ-ПЕТЕРБУРГ'),
	('honta', 'Іван', 'Ґонта', NULL, NULL, NULL, NULL, NULL, 'Київ'),
	('elytis', 'Οδυσσέας', 'Ελύτης', NULL, NULL, '+30 210 1234567', NULL, '104 31', 'ΑΘΉΝΑ'),
	('aram', 'Արամ', 'Խաչատրյան', NULL, NULL, NULL, NULL, NULL, NULL),
	('nino', 'ნინო', 'ბერიძე', NULL, NULL, NULL, NULL, NULL, NULL),
	('priya', 'प्रिया', 'शर्मा', NULL, NULL, NULL, NULL, NULL, NULL),
	('wang', '明', '王', '北京商店', NULL, NULL, NULL, NULL, '北京'),
	('emoji', 'Ola', '🎿 Nordmann', NULL, NULL, NULL, NULL, NULL, NULL),
	('family', '👨‍👩‍👧 Ida', 'Løken ❤️', NULL, NULL, NULL, NULL, NULL, NULL),
	-- what means something to SQL, LIKE or regular expressions
	('percent', NULL, NULL, '100% Sport_Klubb AS', NULL, NULL, NULL, NULL, NULL),
	('thousand', NULL, NULL, '1000 Sport Klubb AS', NULL, NULL, NULL, NULL, NULL),
	('quote', NULL, NULL, E'Back\\slash "Quote" \'Single\' AS', NULL, NULL, NULL, NULL, NULL),
	('regex', NULL, NULL, 'C++ (R&D) [.*] ^$ {2,3} a|b?', NULL, NULL, NULL, NULL, NULL),
	('dollar', NULL, NULL, '$1 $$ Shop %s %1$s :name', NULL, NULL, NULL, NULL, NULL),
	('inject', NULL, NULL, '''; DROP TABLE x; --', NULL, NULL, NULL, NULL, NULL),
	-- companies, numbers, codes
	('fjord', NULL, NULL, 'Fjord Bygg AS', 'post@fjordbygg.example', '22 33 44 55', 'NO 987 654 321 MVA', '0475', 'Oslo'),
	('fjordlager', NULL, NULL, 'Fjord Bygg AS avd. Lager', NULL, NULL, 'NO987654399MVA', NULL, NULL),
	('taxi', NULL, NULL, 'Oslo Taxi AS', NULL, '02323', '987123456', NULL, 'Bergen'),
	('rema', NULL, NULL, 'Rema 1000', NULL, NULL, 'no 915 772 137', '0150', 'Oslo'),
	('nordavind', 'Siv', 'Holm', 'Nordavind Handel AB', NULL, '0046-73-111 22 33', 'SE556677889901', '22223', 'Lund'),
	('london', 'Amy', 'Pond', NULL, NULL, '+44 (0)20 7946 0958', NULL, 'SW1A 1AA', 'London'),
	-- the order of what is alike
	('lund', 'Eva', 'Lund', NULL, NULL, NULL, NULL, NULL, NULL),
	('lunde', 'Geir', 'Lunde', NULL, NULL, NULL, NULL, NULL, NULL),
	('haglund', 'Bo', 'Haglund', NULL, NULL, NULL, NULL, NULL, NULL),
	('twolund', 'Siri', 'Lund Vik', NULL, NULL, NULL, NULL, NULL, NULL),
	('johansson', 'Erik', 'Johansson', NULL, NULL, NULL, NULL, NULL, 'Göteborg'),
	('twin2', 'Tor', 'Tvilling', NULL, NULL, '95 10 01 00', NULL, NULL, NULL),
	('twin1', 'Tor', 'Tvilling', NULL, NULL, NULL, NULL, NULL, NULL),
	('ghost', NULL, NULL, NULL, 'ghost@nowhere.example', NULL, NULL, NULL, NULL),
	('blank', '', ' ', '', '', '', '', '', '');
CREATE FUNCTION t.entry_mapping() RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$ SELECT '{"customerUid": "id", "firstname": "first", "lastname": "last", "companyName": "company", "email": "mail", "mobile": "phone", "vatNumber": "vat", "postalCode": "postal", "city": "town"}'::jsonb $$;
-- What is put says its type, as the default there is another than that of a source.
CREATE FUNCTION t.put(tenant text, e t.entry) RETURNS json LANGUAGE sql AS $$
	SELECT flowcustomer.external_customer_put(tenant, json_strip_nulls(json_build_object('customerUid', e.id, 'customerType', CASE WHEN e.company <> '' AND e.last IS NULL THEN 'COMPANY' END, 'firstname', e.first,
		'lastname', e.last, 'companyName', e.company, 'email', e.mail, 'mobile', e.phone, 'vatNumber', e.vat, 'postalCode', e.postal, 'city', e.town)))
$$;
CALL t.run('SELECT t.put(''stored'', e) FROM t.entry AS e');
SELECT is(t.register('source', 'entries', 't.entry', t.entry_mapping()), 'ok', 'the same entries as a source');
SELECT cmp_ok(count(*), '>=', 60::bigint, 'there are many') FROM t.entry;
SELECT is(t.strip(t.search('source') -> 'items'), (SELECT jsonb_agg(item || '{"origin": "entries"}' ORDER BY n) FROM jsonb_array_elements(t.strip(t.search('stored') -> 'items')) WITH ORDINALITY AS e(item, n)), 'all of them, whole, but for the origin');

-- Each query has to give the same, in the same order.  Words that have no match
-- and two errors are left out: only our own table is searched for these.
CREATE TABLE t.query (what text, query text);
INSERT INTO t.query SELECT what, query FROM (VALUES
	('Nordic', ARRAY['Åse', 'Aase', 'ase', 'ÅSE', 'AASE', U&'A\030Ase', U&'\212Bse', 'Bjørnson', 'Bjoernson', 'Björnson', 'bjornson', 'BJØRNSON', U&'Bjo\0308rnson', 'Bjørk', 'Bjoerk', 'Jæger', 'Jaeger', 'Jäger', 'JÄGER', 'jager', U&'J\01FDger', 'Åsen',
		'Øverbø', 'Oeverboe', 'Överbö', 'overbo', 'Malmø', 'Malmoe', 'odegard', 'Ødegaard', 'ærlig', 'aerlig', 'bodo', 'Aas', U&'Bj\01FFrnson', 'mäke']),
	('names', ARRAY['Anne-Lise', 'Anne Lise', 'lise', 'Berg-Hansen', 'Hansen Berg', 'Berg', 'O''Brien', 'O’Brien', 'O`Brien', 'O´Brien', 'obrien', 'o''b', 'brien', 'dAngelo', 'D''Angelo', 'dellaquila', 's Gravenhage', 'sgravenhage', 'de visser dirk', 'van der Berg', 'ida marie', U&'van\00A0der']),
	('letters', ARRAY['Groß', 'Gross', 'GROSS', 'GROẞ', 'Giessen', 'hauptstrasse', 'Hauptstraße', 'straße.example', 'Łukasz', 'lukasz zolc', 'ŻÓŁĆ', 'wisniewska sliwinska', 'Päivi', 'Paeivi Maekelae', 'vaisanen', 'Sigridur Thordardottir', 'þórðar', 'thordar', 'isik', 'ISIK', 'istanbul', 'inonu',
		'dvorak', 'jose ibanez', 'munoz', 'Öhlen', 'Oehlen', 'ohlen', 'schoneck', 'nguyen', 'Ha Noi', 'thi ngoc anh', 'zoe', 'ZOË', U&'zoe\0308', 'nina ångström', 'angstrom', 'kari olsen', 'Ｋａｒｉ', '１２３４', U&'ni\0303na', U&'Z\0307o\0301\0142c\0301']),
	('alphabets', ARRAY['שרה', 'כהן שרה', U&'\200F\05E9\05E8\05D4', 'דוד', 'לוי דוד', 'תל אביב', 'محمد علي', 'محم', 'القاهرة', 'Фёдор', 'ФЁДОР', 'федор', 'ДОСТО', 'санкт петербург', 'іван', 'Ґонта', 'київ', 'КИЇВ', 'ΕΛΥΤΗΣ', 'ελυτησ', 'οδυσσεας', 'αθηνα', 'Αθήνα',
		'Արամ', 'ნინო', 'शर्मा', '北京', '王 明', '🎿', 'nordmann 🎿', '👨‍👩‍👧', '❤']),
	('signs', ARRAY['100%', '%100', '_jord', 'Sport_Klubb', 'sport klubb', 'Back\slash', '"Quote"', '''single''', 'C++', '(R&D)', 'a|b', 'a.*b', '[ab]', '^c', 'c$', '{2,3}', '$1', '$$ shop', '%1$s', ':name', '''; DROP TABLE x; --', 'DROP TABLE', E'Fjord\nBygg', E'Fjord\tBygg', '  Fjord   Bygg  ', 'ghost|nowhere']),
	('telephone', ARRAY['+4791234567', '+47 912 34 567', '004791234567', '91234567', '912 34 567', '91 23 45 67', '912-34-567', '(+47) 912 34 567', '47 91234567', '34567', '34 567', '91234', '912 34', '912', '91', '23456', '+4791234999', '070-123 45 67', '0046701234567', '040 765 4321',
		'0047 900 11 222', '95100100', '77001122', '030 9876543', '030/98 76 54-3', '731112233', '+44 20 7946 0958', '9123456789', '02323', '12345678', '0034 600 123 456']),
	('e-mail', ARRAY['ase.bjornson@nord.example', 'ASE.BJORNSON@NORD.EXAMPLE', 'ase.bjornson@', '@nord.example', 'fjordbygg', 'berg_hansen@x-y', '99.12345', 'firmapost@odegard', 'nowhere']),
	('VAT number', ARRAY['NO987654321MVA', '987 654 321', '987654321', 'NO987654321', '987654321mva', '987 654', '556677-8899', 'SE 5566778899 01', '123456789B01', 'DE123456789', '915772137', 'NL 123456789 B01']),
	('postal code', ARRAY['0150', '211 20', '21120', '222 23', '22223', '00100', 'SW1A 1AA', 'SW1A1AA', 'sw1a', '1012AB', '1012', '00-950', '1430 Ås', 'Mo i Rana', '110 00 Praha', '10431', 'praha 1']),
	('short', ARRAY['f', 'ø', 'fj', 'Øv', 'jo', 'vi', 'an l', 'z', 'До', '明', '1', '10', 'd v', 'þ', 'þó', 'œ', 'g']),
	('fields', ARRAY['kari ås', 'oslo åse', 'fjord oslo 0475', 'bjørnson 5003', 'nord.example bjørnson', 'åse 34567', 'handel siv', 'rema 1000 0150', '0150 91234567', 'bygg as fjord avd lager', 'fjord fjord fjord', repeat('fjord ', 166), 'bäckerei hauptstraße gmbh & co kg info straße example 80331 münchen de']),
	('order', ARRAY['Lund', 'Oslo', 'Rana', 'tor tvilling', 'tvill', 'villing', 'lund siri', 'as', '', '   ']),
	('half of a letter', ARRAY['Gros', 'hauptstras', 'haupts', 'sen', 'ros', 't', 'hordar']),
	('one error', ARRAY['Johanson', 'Johanssson', 'Johamsson', 'Johnasson', 'Eric Johansson', 'Johansson Eirk', 'Øvrebø Kari', 'Kari Øvrebo', 'Bjönrson', 'Tvillng', 'Hellsinki', 'fjordbyg', 'fjordbygq', 'gohst@nowhere.example', 'ghost@nowere.example', '91234576', '912345678', '987654312', 'NO987654231MVA',
		'достоевскй', 'Достоевкий', 'Ελύτχς', 'Wisniewka', 'Nordavnid', 'Haptstraße', 'Reykjavk', 'Nodravind Handel', 'Visserr Dirk', 'Ibanex Munoz', 'hämenlinna', 'Gravenhagge', 'Giesssen', 'القاهة']),
	('one error in three letters', ARRAY['Iad Marie', 'Holm Svi', 'Eav Lund', 'ifo@straße', 'محد علي']),
	('no more than one error', ARRAY['Lundee', 'Beregn', 'LLager', 'Lnud', 'Beriln']),
	('nothing', ARRAY['%', '_', '\', '[', '(', '*', '''', '.*', '''; --', 'f%d', 'fj_rd', 'fj.rd', 'kari| oslo', 'nd', 'ст', 'qqqqqq', 'xyz fjord', 'a b c d e f g h', repeat('x', 1000), repeat('e', 1000), repeat('🎿', 1000), repeat('1', 1000), repeat('qx ', 333), '🎿🎿', 'ß', 'annelise'])
) AS v(what, queries), unnest(queries) AS query;
CREATE TABLE t.result AS SELECT what, query, t.hits('stored', query) AS stored, t.hits('source', query) AS source FROM t.query;
SELECT is(source, stored, concat(what, ': ', left(translate(query, E'\n\t', '  '), 40))) FROM t.result;
SELECT cmp_ok(count(*), '>=', 300::bigint, 'these are many queries') FROM t.result;
SELECT is_empty('SELECT what, left(query, 40), stored FROM t.result WHERE (what = ''nothing'') <> (stored = ''0: '')', 'each finds something, or is known to find nothing');

-- What is made of the entries: whole values, in capitals, in another order;
-- beginnings, insides and ends of names.
CREATE TABLE t.value AS SELECT DISTINCT value FROM t.entry, unnest(ARRAY[first, last, company, mail, phone, vat, postal, town]) AS value WHERE value ~ '\S';
CREATE TABLE t.word AS SELECT DISTINCT word FROM t.value, regexp_split_to_table(value, '[\s/-]+') AS word WHERE word ~ '[[:alpha:]]' AND word !~ '\d';
SELECT is_empty(format('SELECT query, t.hits(''stored'', query), t.hits(''source'', query) FROM (%s) AS q (query) WHERE t.hits(''stored'', query) <> t.hits(''source'', query)', queries), what) FROM (VALUES
	('whole values', 'SELECT value FROM t.value'), ('whole values in capitals', 'SELECT upper(value) FROM t.value'), ('whole values in small letters', 'SELECT lower(value) FROM t.value'),
	('whole names and towns', 'SELECT concat_ws('' '', last, first, town) FROM t.entry'), ('addresses of companies', 'SELECT concat_ws('' '', company, postal, town) FROM t.entry WHERE company > '''''),
	('beginnings of one letter', 'SELECT DISTINCT left(word, 1) FROM t.word'), ('beginnings of two letters', 'SELECT DISTINCT left(word, 2) FROM t.word'), ('beginnings of three letters', 'SELECT DISTINCT left(word, 3) FROM t.word'),
	('beginnings of five letters', 'SELECT DISTINCT left(word, 5) FROM t.word WHERE length(word) >= 5'), ('insides of names', 'SELECT DISTINCT substr(word, 2, 3) FROM t.word WHERE length(word) > 4'),
	('ends of names', 'SELECT DISTINCT right(word, 4) FROM t.word WHERE length(word) > 5'), ('parts of numbers', 'SELECT DISTINCT substr(translate(value, '' -/()'', ''''), 2, 5) FROM t.value WHERE value ~ ''\d{3}''')
) AS v(what, queries);
SELECT cmp_ok((SELECT count(*) FROM t.value) + (SELECT count(*) FROM t.word), '>=', 350::bigint, 'that are many');

-- Signs that stand for other letters: ligatures, ordinals, units, syllables.
CREATE TABLE t.disguised AS SELECT * FROM t.entry LIMIT 0;
INSERT INTO t.disguised (id, first, last, company) VALUES
	('ligature', U&'Stef\FB01', U&'O\FB03cer', U&'Sta\FB00 Ba\FB04e'), ('ordinal', 'Mª José', 'Ruiz', 'Nº 5'), ('angstrom', 'Nils', U&'\212Bberg', NULL), ('units', NULL, NULL, U&'CO\2082 5 m\00B2 \2163 \2116 7 \00B5m'),
	('korean', U&'\CCA0\C218', U&'\AE40', U&'\C11C\C6B8 \C0C1\C810'), ('japanese', U&'\304C\304F', U&'\30E4\30DE\30C0', NULL), ('narrow', U&'\FF94\FF8F\FF80\FF9E', NULL, NULL),
	('thai', U&'\0E04\0E33', NULL, NULL), ('hindi', U&'\0958\0932\092E', NULL, NULL), ('arabic', U&'\FEE3\FEA4\FEE4\FEEE\FEA9', NULL, NULL), ('hebrew', U&'\FB2A\05DC\05D5\05DD', NULL, NULL);
CALL t.run('SELECT t.put(''stored'', ROW(d.*)::t.entry) FROM t.disguised AS d');
SELECT is(t.register('source', 'disguised', 't.disguised', t.entry_mapping()), 'ok', 'signs that stand for other letters');
SELECT is(t.hits('source', query) || CASE t.hits('stored', query) WHEN '0: ' THEN ' nothing' ELSE '' END, t.hits('stored', query), 'disguised: ' || query) FROM unnest(ARRAY['Steffi', U&'Stef\FB01', 'officer', U&'o\FB03cer', 'offic', 'staff', 'baffle', 'Mª José', 'ma jose', 'ruiz no 5', 'Åberg', 'aaberg', 'aberg',
	U&'\212Bberg', 'co2', 'm2', 'IV', 'no 7', 'μm', U&'\AE40', U&'\CCA0\C218 \AE40', U&'\C11C\C6B8', U&'\110E\1165\11AF', U&'\304C\304F', U&'\304B\3099\304F', U&'\30E4\30DE\30C0', U&'\FF94\FF8F\FF80\FF9E', U&'\0E04\0E33', U&'\0E04\0E4D\0E32', U&'\0958\0932\092E', U&'\0915\093C\0932',
	U&'\0645\062D\0645\0648\062F', U&'\FEE3\FEA4\FEE4\FEEE\FEA9', U&'\FB2A\05DC\05D5\05DD', U&'\05E9\05C1\05DC']) AS query;

-- ---------------------------------------------------------------------
-- The table and the sources in one order
-- ---------------------------------------------------------------------

-- The tenant "whole" has all of them in our table, "split" has a third there
-- and a third in each of two sources.
CREATE TABLE t.all AS SELECT 'u' || (i * 37 % 60) + 10 AS "customerUid", (ARRAY['PERSON', 'COMPANY', 'B2B'])[i % 5 % 3 + 1] AS "customerType", 'First' || i % 7 AS firstname, CASE WHEN i % 6 > 0 THEN (ARRAY['Åsen', 'Lund', 'Ødegård', 'Berg'])[i % 4 + 1] END AS lastname,
	CASE WHEN i % 5 % 3 > 0 THEN 'Company ' || i % 9 END AS "companyName", CASE WHEN i % 4 = 0 THEN 'mail' || i % 11 || '@lund.example' END AS email, CASE WHEN i % 3 = 1 THEN '+47 912 34 ' || 100 + i % 8 END AS mobile, CASE WHEN i % 2 = 0 THEN 'Storgata ' || i % 10 END AS address,
	CASE WHEN i % 5 > 1 THEN '01' || 50 + i % 6 END AS "postalCode", CASE WHEN i % 7 > 0 THEN (ARRAY['Oslo', 'Bergen', 'Lund'])[i % 3 + 1] END AS city, CASE WHEN i % 2 = 1 THEN 'NO' END AS "countryCode", CASE WHEN i % 10 = 3 THEN 'NO98765432' || i % 4 END AS "vatNumber", CASE WHEN i % 3 = 2 THEN 'E' || i % 13 END AS "externalId",
	CASE WHEN i % 4 = 1 THEN '00' || i % 5 END AS "ledgerNumber", CASE WHEN i % 5 = 4 THEN 'list' || i % 2 END AS "pricelistUid", CASE WHEN i % 9 = 0 THEN 'file' ELSE 'register' END AS origin,
	timestamptz '2025-01-01 00:00:00Z' + i % 11 * interval '1 day' AS "createdAt", timestamptz '2025-06-01 00:00:00Z' + i % 8 * interval '1 hour' AS "lastModifiedAt", i % 3 AS part FROM generate_series(0, 59) AS i;
CREATE TABLE t.second AS SELECT * FROM t.all WHERE part = 1;
CREATE VIEW t.third AS SELECT *, '' AS empty FROM t.all WHERE part = 2;
CREATE FUNCTION t.put_all(tenant text, a t.all) RETURNS json LANGUAGE sql AS $$
	SELECT flowcustomer.external_customer_put(tenant, (to_jsonb(a) - 'part' - 'createdAt' - 'lastModifiedAt' || jsonb_build_object('createdAt', to_char(a."createdAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'lastModifiedAt', to_char(a."lastModifiedAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))::json)
$$;
CREATE TABLE t.mapping AS SELECT jsonb_object_agg(json_name, json_name) AS mapping FROM flowcustomer.fields() WHERE resource = 'external_customer' AND json_name IS NOT NULL;
CALL t.run('SELECT t.put_all(''whole'', a), CASE WHEN part = 0 THEN t.put_all(''split'', a) END FROM t.all AS a');
SELECT is((SELECT count(*) FROM jsonb_object_keys(mapping)), 18::bigint, 'every field can be mapped') FROM t.mapping;
SELECT is(t.register('split', 'second', 't.second', mapping) || t.register('split', 'third', 't.third', mapping), 'okok', 'sources beside our own table') FROM t.mapping;
SELECT is(t.search('split')::text, t.search('whole')::text, 'all sixty, whole');
SELECT is(t.search('whole') #>> '{paging,totalCount}', '60', 'that they are');
SELECT is((SELECT string_agg(t.search('split', query, number, 7)::text, E'\n' ORDER BY number) FROM generate_series(1, 10) AS number), (SELECT string_agg(t.search('whole', query, number, 7)::text, E'\n' ORDER BY number) FROM generate_series(1, 10) AS number), 'every page of: ' || query)
FROM unnest(ARRAY['', 'first3', 'lund', 'åsen', 'company', 'oslo', 'bergen first', '912 34', '0152', 'no987654321', 'lund.example', 'ødegrd', 'f', 'nobody']) AS query;
SELECT is((SELECT string_agg(t.search('split', query, number, 9, field, direction)::text, E'\n' ORDER BY number) FROM generate_series(1, 8) AS number), (SELECT string_agg(t.search('whole', query, number, 9, field, direction)::text, E'\n' ORDER BY number) FROM generate_series(1, 8) AS number), concat_ws(' ', 'by', field, direction, query))
FROM t.mapping, jsonb_object_keys(mapping) AS field, unnest(ARRAY['ASC', 'DESC']) AS direction, unnest(ARRAY['', 'lund']) AS query;
SELECT is(t.uids(t.search('split', '', 1, 1000, 'createdAt', 'DESC')), (SELECT string_agg("customerUid", ',' ORDER BY "createdAt" DESC, "customerUid" COLLATE "C") FROM t.all), 'by the time, the newest first');
SELECT is(t.uids(t.search('split', '', 1, 1000, 'email')), (SELECT string_agg("customerUid", ',' ORDER BY email COLLATE "C" NULLS FIRST, "customerUid" COLLATE "C") FROM t.all), 'by the address, those without one first');
SELECT is(t.search('split', query, number, size)::text, format('{"items":[],"paging":{"pageNumber":%s,"pageSize":%s,"totalCount":%s}}', number, size, total), 'page ' || number || ' is empty') FROM (VALUES ('', 61, 1, 60), ('nobody', 1, 1, 0), ('', 2147483647, 1000, 60)) AS v(query, number, size, total);
SELECT is(t.error(format('SELECT t.search(''split'', '''', %s)', arguments)), expected, 'page of ' || arguments) FROM (VALUES ('0', 'PT400: VALIDATION_FAILED pageNumber'), ('1, 1001', 'PT400: VALIDATION_FAILED pageSize'), ('1, 5, ''displayName''', 'PT400: VALIDATION_FAILED sortBy'),
	('1, 5, ''city'', ''UP''', 'PT400: VALIDATION_FAILED sortDirection'), ('1, 5, ''relevance''', 'ok')) AS v(arguments, expected);
SELECT is(t.register('split', 'again', 't.second', mapping - 'origin'), 'ok', 'one more, which has the entries of another') FROM t.mapping;
SELECT is(t.search('split') #>> '{paging,totalCount}', '80', 'these are counted twice');
-- What is alike in everything that is sorted by still has one order for all pages.
SELECT is((SELECT count(DISTINCT item::text) FROM generate_series(1, 40) AS number, json_array_elements(t.search('split', query, number, 2, sort) -> 'items') AS item), total, format('pages of two show each of %s once: %s %s', total, query, sort))
FROM (VALUES ('', NULL, 80::bigint), ('', 'city', 80), ('bergen', NULL, (SELECT count(*) + count(*) FILTER (WHERE part = 1) FROM t.all WHERE city = 'Bergen'))) AS v(query, sort, total);
CREATE TABLE t.alike AS SELECT 'same' AS id, 'Name' AS name, i AS number FROM generate_series(1, 60) AS i;
SELECT is(t.register('bare', 'alike', 't.alike', '{"customerUid": "id", "companyName": "name", "externalId": "number"}'), 'ok', 'rows that are alike');
SELECT is((SELECT count(DISTINCT item ->> 'externalId') FROM generate_series(1, 20) AS page, json_array_elements(t.search('bare', 'name', page, 3) -> 'items') AS item), 60::bigint, 'are each on one page');
-- A page far behind, when sorts have little memory: what they write to files comes
-- from within a subtransaction.
CREATE TABLE t.many AS SELECT 'm' || to_char(i, 'FM0000') AS id, 'Name ' || to_char(i, 'FM0000') AS name, repeat('Storgata ', 40) AS address FROM generate_series(1, 5000) AS i ORDER BY md5(i::text);
SELECT is(t.register('bare', 'alike', 't.many', '{"customerUid": "id", "companyName": "name", "address": "address"}'), 'ok', 'many rows');
SET work_mem = '64kB';
SELECT is(t.uids(t.search('bare', 'name', 5, 1000)), (SELECT string_agg('m' || i, ',' ORDER BY i) FROM generate_series(4001, 5000) AS i), 'the last page of five');
RESET work_mem;

-- What a mapping leaves open.
CREATE TABLE t.defaults (id text, type text, first text, last text, company text, origin text, made timestamptz);
INSERT INTO t.defaults VALUES ('d1', NULL, 'Kari', NULL, NULL, NULL, NULL), ('d2', NULL, NULL, NULL, 'Acme', 'file', NULL), ('d3', NULL, NULL, 'Lund', 'Acme', '', '2020-01-01Z'), ('d4', 'B2B', '', '', 'Acme', 'x', NULL), ('d5', '', '', '', 'Acme', NULL, NULL), ('d6', NULL, NULL, NULL, NULL, NULL, NULL), ('d7', 'PERSON', NULL, NULL, 'Acme', NULL, NULL);
CREATE FUNCTION t.shown(field text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws(' ', item ->> 'customerUid', item ->> field), ',' ORDER BY item ->> 'customerUid') FROM json_array_elements(t.search('bare') -> 'items') AS item $$;
SELECT is(t.register('bare', 'alike', 't.defaults', mapping::jsonb) || ' ' || t.shown(field), 'ok ' || expected, concat_ws(' ', field, 'of', mapping)) FROM (VALUES
	('{"customerUid": "id", "firstname": "first", "lastname": "last", "companyName": "company"}', 'customerType', 'd1 PERSON,d2 COMPANY,d3 PERSON,d4 COMPANY,d5 COMPANY,d6 PERSON,d7 COMPANY'),
	('{"customerUid": "id", "firstname": "first", "lastname": "last", "companyName": "company", "customerType": "type"}', 'customerType', 'd1 PERSON,d2 COMPANY,d3 PERSON,d4 B2B,d5 COMPANY,d6 PERSON,d7 PERSON'),
	('{"customerUid": "id", "companyName": "company"}', 'customerType', 'd1 PERSON,d2 COMPANY,d3 COMPANY,d4 COMPANY,d5 COMPANY,d6 PERSON,d7 COMPANY'),
	('{"customerUid": "id", "companyName": "company", "customerType": {"value": "PERSON"}}', 'customerType', 'd1 PERSON,d2 PERSON,d3 PERSON,d4 PERSON,d5 PERSON,d6 PERSON,d7 PERSON'),
	('{"customerUid": "id", "companyName": "company"}', 'origin', 'd1 alike,d2 alike,d3 alike,d4 alike,d5 alike,d6 alike,d7 alike'),
	('{"customerUid": "id", "companyName": "company", "origin": "origin"}', 'origin', 'd1 alike,d2 file,d3 alike,d4 x,d5 alike,d6 alike,d7 alike'),
	('{"customerUid": "id", "companyName": "company", "origin": {"value": "Ærlig \"x\""}}', 'origin', 'd1 Ærlig "x",d2 Ærlig "x",d3 Ærlig "x",d4 Ærlig "x",d5 Ærlig "x",d6 Ærlig "x",d7 Ærlig "x"'),
	('{"customerUid": "id", "companyName": "company", "city": {"value": "Oslo"}}', 'city', 'd1 Oslo,d2 Oslo,d3 Oslo,d4 Oslo,d5 Oslo,d6 Oslo,d7 Oslo'),
	('{"customerUid": "id", "firstname": "first", "companyName": "company"}', 'firstname', 'd1 Kari,d2 ,d3 ,d4 ,d5 ,d6 ,d7 ')) AS v(mapping, field, expected);
SELECT is(t.register('bare', 'alike', 't.defaults', '{"customerUid": "id", "firstname": "first", "companyName": "company", "createdAt": "made", "city": {"value": "Oslo"}}'), 'ok', 'times');
SELECT is((SELECT string_agg(item ->> 'createdAt', ',' ORDER BY item ->> 'customerUid') FROM json_array_elements(t.search('bare') -> 'items') AS item), (SELECT string_agg(CASE id WHEN 'd3' THEN '2020-01-01T00:00:00.000Z' ELSE flowcustomer.external_source_list('bare') #>> '{items,0,createdAt}' END, ',' ORDER BY id) FROM t.defaults),
	'an entry without a time has that of its source');
SELECT is(t.hits('bare'), '7: d2,d3,d4,d5,d7,d1,d6', 'an empty query lists all, also what has nothing that is searched');
SELECT is(t.hits('bare', query), expected, 'defaults: ' || query) FROM (VALUES ('acme', '5: d2,d3,d4,d5,d7'), ('kari', '1: d1'), ('alike', '0: ')) AS v(query, expected);
SELECT is(t.hits('bare', 'kari oslo'), '1: d1', 'what all rows have is searched as well');
-- Similar words are looked for when there is no match anywhere; those with two
-- errors in our own table only.
CREATE TABLE t.similar (id text, name text);
INSERT INTO t.similar VALUES ('n1', 'Nordavind'), ('n2', 'Solberg');
SELECT is(t.register('bare', 'alike', 't.similar', '{"customerUid": "id", "lastname": "name"}'), 'ok', 'similar words');
CALL t.run($$SELECT flowcustomer.external_customer_put('bare', json_build_object('customerUid', uid, 'lastname', name)) FROM (VALUES ('o1', 'Nordavund'), ('o2', 'Solbakken'), ('o3', 'Solborg')) AS v(uid, name)$$);
SELECT is(t.hits('bare', query), expected, 'similar words: ' || query) FROM (VALUES ('nordavind', '1: n1'), ('nordavund', '1: o1'), ('nordavend', '2: n1,o1'), ('solberg', '1: n2'), ('solburg', '2: n2,o3'), ('sulbakken', '1: o2'), ('nordevunt', '1: o1')) AS v(query, expected);
CALL t.run($$SELECT flowcustomer.external_customer_remove('bare', uid) FROM unnest(ARRAY['o1', 'o2', 'o3']) AS uid$$);
SELECT is(t.hits('bare', query), expected, 'similar words of a source: ' || query) FROM (VALUES ('nordavund', '1: n1'), ('nordevint', '0: '), ('Solbreg', '1: n2')) AS v(query, expected);
-- The settings of the caller's session change nothing, as with our own table.
CREATE TABLE t.settings (id text, name text, at timestamp, day date, sum float8);
INSERT INTO t.settings VALUES ('s1', 'Kari', '2025-07-30 18:12:05', '2024-02-29', 0.1::float8 + 0.2::float8);
SELECT is(t.register('bare', 'alike', 't.settings', '{"customerUid": "id", "companyName": "name", "createdAt": "at", "externalId": "day", "ledgerNumber": "sum"}'), 'ok', 'texts of times and numbers');
CREATE TABLE t.before AS SELECT t.search('bare')::text AS answer;
SET DateStyle = 'German, DMY'; SET TimeZone = 'Asia/Kathmandu'; SET extra_float_digits = -15; SET standard_conforming_strings = off; SET default_transaction_read_only = on; SET search_path = ''; SET row_security = off;
SELECT flowcustomer.customer_search_external('bare', '{}', 1, 1000) AS changed \gset
RESET ALL;
SET client_min_messages TO warning;
SELECT is(:'changed', answer, 'with other settings the answer is the same') FROM t.before;

SELECT * FROM finish();
