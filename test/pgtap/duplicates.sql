-- Finding customers who are there twice: who is taken for the same and who is
-- not, what is told about it, and merging them all.  How well that goes with
-- thousands is in duplicates_quality.sql, merging itself in merge.sql.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(name) FROM unnest(ARRAY[''acme'', ''other'', ''small'', ''odd'', ''runs'', ''fails'', ''stops'', ''again'', ''there'', ''back'', ''steps'']) AS name');

-- Short forms: the pairs of a tenant as "customer duplicate, ...", best first.
CREATE FUNCTION t.pairs(tenant text, at_least float8 DEFAULT 0.5, pairs integer DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(customer_uid || ' ' || duplicate_uid, ', '), '') FROM flowcustomer.customer_duplicates(tenant, at_least, pairs)
$$;
-- One pair, whichever comes first: "score of the cluster", or nothing.
CREATE FUNCTION t.pair(tenant text, a text, b text, at_least float8 DEFAULT 0) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT d FROM flowcustomer.customer_duplicates(tenant, at_least) AS d WHERE (customer_uid, duplicate_uid) IN ((a, b), (b, a))
$$;
CREATE FUNCTION t.listed(tenant text, a text, b text, at_least float8 DEFAULT 0.5) RETURNS boolean LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM flowcustomer.customer_duplicates(tenant, at_least) WHERE (customer_uid, duplicate_uid) IN ((a, b), (b, a)))
$$;
CREATE FUNCTION t.refresh(tenant text) RETURNS jsonb LANGUAGE sql AS $$ SELECT flowcustomer.customer_duplicates_refresh(tenant)::jsonb $$;
CREATE FUNCTION t.explain(tenant text, a text, b text) RETURNS jsonb LANGUAGE sql AS $$ SELECT flowcustomer.customer_duplicate_explain(tenant, a, b)::jsonb $$;
CREATE FUNCTION t.dismiss(tenant text, a text, b text, reason text DEFAULT 'two') RETURNS jsonb LANGUAGE sql AS $$ SELECT flowcustomer.customer_duplicate_dismiss(tenant, a, b, reason)::jsonb $$;
-- Customers of a tenant from an array of bodies, PERSON if they do not say.
CREATE FUNCTION t.people(tenant text, bodies jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT t.section(flowcustomer.customer_batch(tenant, (SELECT json_build_object('create', json_agg('{"customerType": "PERSON"}' || b ORDER BY n)) FROM jsonb_array_elements(bodies) WITH ORDINALITY AS e(b, n)))::jsonb, 'create')
$$;

-- Who is the same and who is not --------------------------------------------

-- Cases of two customers each, NAME-1 and NAME-2: what both have, and what either has.
CREATE TABLE t.case AS SELECT * FROM (VALUES
	(true, 'slip', 'a letter is missing', '{"lastname": "Rognstad", "address": "Elgveien 4", "postalCode": "2408", "city": "Elverum"}'::jsonb, '{"firstname": "Tormod"}'::jsonb, '{"firstname": "Tomod"}'::jsonb),
	(true, 'letters', 'two letters changed places', '{"firstname": "Borghild", "mobile": "90100201", "postalCode": "3510"}', '{"lastname": "Vestheim"}', '{"lastname": "Vesthiem"}'),
	(true, 'sound', 'Kristian is Christian', '{"lastname": "Sølvberg", "address": "Granliveien 17", "postalCode": "1410", "city": "Kolbotn"}', '{"firstname": "Kristian"}', '{"firstname": "Christian"}'),
	(true, 'nick', 'Bob is Robert', '{"lastname": "Hasselgård", "address": "Kloppa 9", "postalCode": "4330", "city": "Ålgård"}', '{"firstname": "Bob"}', '{"firstname": "Robert"}'),
	(true, 'kalle', 'Kalle is Karl', '{"lastname": "Ospelund", "mobile": "90100202", "city": "Halden"}', '{"firstname": "Kalle"}', '{"firstname": "Karl"}'),
	(true, 'swap', 'first and last name are swapped', '{"email": "sigbjorn.kvamsdal@post.example", "address": "Nordre Lia 3", "postalCode": "5610", "city": "Øystese"}', '{"firstname": "Sigbjørn", "lastname": "Kvamsdal"}', '{"firstname": "Kvamsdal", "lastname": "Sigbjørn"}'),
	(true, 'initial', 'an initial', '{"lastname": "Trollnes", "mobile": "90100203", "address": "Kaia 21", "postalCode": "9990", "city": "Båtsfjord"}', '{"firstname": "Ragnvald"}', '{"firstname": "R."}'),
	(true, 'double', 'half of the first name', '{"lastname": "Myrseth", "email": "amm@post.example", "postalCode": "6800"}', '{"firstname": "Anne Marie"}', '{"firstname": "Anne"}'),
	(true, 'hyphen', 'a hyphen, and no å', '{"address": "Bakkegata 5", "postalCode": "6413", "city": "Molde"}', '{"firstname": "Nils-Åge", "lastname": "Brandvåg"}', '{"firstname": "Nils Aage", "lastname": "Brandvaag"}'),
	(true, 'title', 'a title', '{"lastname": "Ekornrud", "address": "Seterstien 40", "postalCode": "2670", "city": "Otta"}', '{"firstname": "Gudmund"}', '{"firstname": "Dr. Gudmund"}'),
	(true, 'street', 'another spelling of the street', '{"firstname": "Hildegunn", "lastname": "Falkenes", "postalCode": "7900", "city": "Rørvik"}', '{"address": "Gamle Fergeveien 12 B"}', '{"address": "Gamle fergevegen 12b"}'),
	(true, 'house', 'a letter behind the house number', '{"firstname": "Torjus", "lastname": "Åmlid", "postalCode": "4748", "city": "Rysstad"}', '{"address": "Valleveien 8"}', '{"address": "Valleveien 8 A"}'),
	(true, 'phone', 'the telephone with and without +47', '{"firstname": "Eldbjørg", "lastname": "Tofte"}', '{"mobile": "+4790100204"}', '{"mobile": "901 00 204"}'),
	(true, 'phone00', 'and with 0047', '{"firstname": "Asgeir", "lastname": "Lomeland"}', '{"mobile": "0047 90100205"}', '{"mobile": "90 10 02 05"}'),
	(true, 'mail', 'capitals in the e-mail', '{"firstname": "Oddleif", "lastname": "Skogmo"}', '{"email": "Oddleif.Skogmo@Post.example"}', '{"email": "oddleif.skogmo@post.example"}'),
	(true, 'moved', 'who has moved', '{"firstname": "Gunnvor", "lastname": "Steinkjellå", "email": "gunnvor.s@post.example", "mobile": "90100206"}', '{"address": "Fjordgløttveien 2", "postalCode": "9300", "city": "Finnsnes"}', '{"address": "Holbergs gate 31", "postalCode": "0166", "city": "Oslo"}'),
	(true, 'married', 'who has married', '{"firstname": "Ingfrid", "email": "ingfrid88@post.example", "mobile": "90100207", "address": "Liaveien 66", "postalCode": "5132", "city": "Nyborg"}', '{"lastname": "Gjerdevik"}', '{"lastname": "Kalvenes"}'),
	(true, 'less', 'one who says little', '{"firstname": "Torgrim", "lastname": "Nattland", "mobile": "90100208"}', '{"address": "Teglverksgata 14", "postalCode": "0553", "city": "Oslo", "email": "torgrim@natt.example"}', '{}'),
	(true, 'form', 'the legal form is missing', '{"customerType": "COMPANY", "address": "Verftsgata 3", "postalCode": "4014", "city": "Stavanger"}', '{"companyName": "Siddis Blikk AS"}', '{"companyName": "Siddis Blikk"}'),
	(true, 'vat', 'the VAT number with NO and MVA', '{"customerType": "COMPANY", "companyName": "Ulriken Maling AS", "address": "Møllendalsveien 8", "postalCode": "5009", "city": "Bergen"}', '{"vatNumber": "NO 914 778 271 MVA"}', '{"vatNumber": "914778271"}'),
	(true, 'firm', 'a slip in a company''s name', '{"customerType": "COMPANY", "vatNumber": "925110223", "postalCode": "8370", "city": "Leknes"}', '{"companyName": "Lofotfisk Eksport"}', '{"companyName": "Lofotfisk Ekspotr"}'),
	(true, 'b2b', 'a customer of type B2B', '{"customerType": "B2B", "companyName": "Rallarvegen Sykkel", "email": "post@rallar.example", "postalCode": "3595"}', '{"mobile": "90100209"}', '{"mobile": "+47 901 00 209"}'),
	(false, 'sisters', 'two sisters with one telephone', '{"lastname": "Kråkenes", "mobile": "90100210", "address": "Blomsterdalen 5", "postalCode": "5258", "city": "Blomsterdalen"}', '{"firstname": "Ingeborg"}', '{"firstname": "Solveig"}'),
	(false, 'similar', 'sisters whose names are similar', '{"lastname": "Hjortnes", "mobile": "90100211", "address": "Rypeveien 11", "postalCode": "7089", "city": "Heimdal"}', '{"firstname": "Anna"}', '{"firstname": "Anne"}'),
	(false, 'father', 'father and son', '{"lastname": "Bjørkhaug", "address": "Myraveien 90", "postalCode": "8200", "city": "Fauske"}', '{"firstname": "Sigurd"}', '{"firstname": "Torstein"}'),
	(false, 'spouses', 'spouses with one e-mail and telephone', '{"lastname": "Vikøren", "email": "vikoren@post.example", "mobile": "90100212", "address": "Eplehagen 1", "postalCode": "5781", "city": "Lofthus"}', '{"firstname": "Randi"}', '{"firstname": "Oddvar"}'),
	(false, 'couple', 'a couple with two surnames', '{"email": "oss2@post.example", "mobile": "90100213", "address": "Sjøboden 7", "postalCode": "4950", "city": "Risør"}', '{"firstname": "Marianne", "lastname": "Ulvestad"}', '{"firstname": "Henrik", "lastname": "Sandøy"}'),
	(false, 'name', 'one name in two towns', '{"firstname": "Ole", "lastname": "Hansen"}', '{"address": "Storgata 1", "postalCode": "0155", "city": "Oslo", "mobile": "90100214"}', '{"address": "Fiskegata 70", "postalCode": "9008", "city": "Tromsø", "mobile": "40100215"}'),
	(false, 'types', 'a company that is called like a person', '{"companyName": "Snorre Dybwad", "firstname": "Snorre", "lastname": "Dybwad", "email": "snorre@dybwad.example", "mobile": "90100216", "address": "Fururabben 3", "postalCode": "1361", "city": "Østerås"}', '{"customerType": "PERSON"}', '{"customerType": "COMPANY"}'),
	(false, 'kinds', 'a company and a B2B of one name', '{"companyName": "Rypeskyttern Vilt", "vatNumber": "987001002", "email": "vilt@rype.example", "address": "Tunga 2", "postalCode": "7047", "city": "Trondheim"}', '{"customerType": "COMPANY"}', '{"customerType": "B2B"}'),
	(false, 'department', 'a company and its department', '{"customerType": "COMPANY", "companyName": "Heimdal Rørlegger AS", "vatNumber": "987001003", "email": "post@heimdalror.example", "mobile": "90100217", "address": "Heggstadmoen 6", "postalCode": "7080", "city": "Heimdal"}', '{}', '{"customerParentUid": "department-1"}'),
	(false, 'chain', 'two shops of one chain', '{"customerType": "COMPANY", "companyName": "Fjellsport AS", "vatNumber": "NO987001004MVA"}', '{"address": "Torgallmenningen 4", "postalCode": "5014", "city": "Bergen"}', '{"address": "Dronningens gate 20", "postalCode": "8006", "city": "Bodø"}'),
	(false, 'trades', 'two trades of one town', '{"customerType": "COMPANY", "postalCode": "3181", "city": "Horten"}', '{"companyName": "Horten Bakeri AS", "address": "Apotekergata 2"}', '{"companyName": "Horten Maling AS", "address": "Langgata 9"}')
) AS v(same, name, what, both_have, one, two);
SELECT is(t.people('acme', (SELECT jsonb_agg(both_have || one || jsonb_build_object('customerUid', name || '-1') ORDER BY name) || jsonb_agg(both_have || two || jsonb_build_object('customerUid', name || '-2') ORDER BY name) FROM t.case)),
	2 * count(*) || ':', 'the customers') FROM t.case;
CREATE TABLE t.found AS SELECT * FROM flowcustomer.customer_duplicates('acme', 0);
\if :{?explore}
SELECT c.same, c.name, d.score, d.cluster_uid, d.reasons FROM t.case c LEFT JOIN t.found d ON d.customer_uid = c.name || '-1' and d.duplicate_uid = c.name || '-2' order by 1, 3;
SELECT d.* FROM t.found d where split_part(customer_uid, '-', 1) <> split_part(duplicate_uid, '-', 1);
\q
\endif
