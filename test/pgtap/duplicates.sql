-- Finding customers who are there twice: who is taken for the same and who is
-- not, what is told about it, and merging them all.  How well that goes with
-- thousands is in duplicates_quality.sql, merging itself in merge.sql.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(name) FROM unnest(ARRAY[''acme'', ''other'', ''there'', ''three'', ''nobody'', ''one'', ''empty'', ''equal'', ''sharing'', ''odd'', ''steps'', ''back'', ''anew'', ''runs'', ''fails'', ''stops'']) AS name');

-- Short forms: the pairs of a tenant as "customer duplicate, ...", best first.
CREATE FUNCTION t.pairs(tenant text, at_least float8 DEFAULT 0.5, pairs integer DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(customer_uid || ' ' || duplicate_uid, ', '), '') FROM flowcustomer.customer_duplicates(tenant, at_least, pairs)
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

-- A crowd of people who have nothing in common, and copies of one person.
CREATE FUNCTION t.letters(hash text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT initcap(translate(hash, '0123456789', 'ghijklmnop')) $$;
CREATE FUNCTION t.crowd(tenant text, count int, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT t.people(tenant, jsonb_agg(jsonb_build_object('customerUid', 'crowd-' || i, 'firstname', t.letters(left(h, 6)), 'lastname', t.letters(substr(h, 7, 9)), 'email', left(h, 9) || '@post.example', 'mobile', '+474' || lpad((i * 104729 % 10000000)::text, 7, '0'),
		'address', t.letters(substr(h, 20, 7)) || ' ' || i, 'postalCode', lpad((i * 137 % 10000)::text, 4, '0')) || more)) FROM generate_series(1, count) AS i, md5('crowd ' || i) AS h
$$;
CREATE FUNCTION t.copies(tenant text, uids text[], body jsonb DEFAULT '{"firstname": "Torgrim", "lastname": "Nattland", "mobile": "90100208", "postalCode": "0553"}') RETURNS text LANGUAGE sql AS $$
	SELECT t.people(tenant, (SELECT jsonb_agg(body || jsonb_build_object('customerUid', uid)) FROM unnest(uids) AS uid))
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
	(true, 'doors', 'one company at two doors of one street', '{"customerType": "COMPANY", "companyName": "Nidaros Kaffebrenneri AS", "vatNumber": "987001005", "email": "post@nidaroskaffe.example", "mobile": "90100218", "postalCode": "7014", "city": "Trondheim"}', '{"address": "Fjordgata 8"}', '{"address": "Fjordgata 45"}'),
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

SELECT is(EXISTS (SELECT FROM t.found WHERE customer_uid = name || '-1' AND duplicate_uid = name || '-2' AND score >= 0.5), same, concat(CASE WHEN same THEN 'one: ' ELSE 'two: ' END, what)) FROM t.case ORDER BY name;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, cluster_uid FROM t.found WHERE score >= 0.5 ORDER BY 1$$,
	$$SELECT (name || '-1') COLLATE "default", (name || '-2') COLLATE "default", (name || '-1') COLLATE "default" FROM t.case WHERE same ORDER BY 1$$, 'nobody else is the same, and each two are a cluster that is called by the first');
SELECT results_eq($$SELECT customer_uid, duplicate_uid, cluster_uid FROM t.found WHERE score < 0.5 ORDER BY 1$$,
	$$VALUES ('couple-1', 'couple-2', NULL), ('father-1', 'father-2', NULL), ('similar-1', 'similar-2', NULL), ('sisters-1', 'sisters-2', NULL), ('spouses-1', 'spouses-2', NULL)$$, 'who lives together is worth a look, and in no cluster');
SELECT is_empty($$SELECT score FROM t.found WHERE NOT score BETWEEN 0.05 AND 1 OR score <> round(score::numeric, 4)$$, 'scores have four digits');
SELECT results_eq('SELECT customer_uid, duplicate_uid FROM t.found', 'SELECT customer_uid, duplicate_uid FROM t.found ORDER BY score DESC, customer_uid COLLATE "C", duplicate_uid COLLATE "C"', 'the best come first, then by their uids');

-- The reasons.
SELECT is_empty($$SELECT customer_uid, reasons FROM t.found WHERE ARRAY(SELECT json_object_keys(reasons)) <> CASE WHEN reasons ->> 'unit' IS NULL THEN '{fields,prior,shared,swappedNames}' ELSE '{fields,prior,shared,swappedNames,unit}' END::text[]$$, 'reasons have these keys');
SELECT is_empty($$SELECT customer_uid, f FROM t.found, json_array_elements(reasons -> 'fields') AS f WHERE ARRAY(SELECT json_object_keys(f)) <> '{field,agreement,weight}' OR f ->> 'agreement' NOT IN ('same', 'alike', 'similar', 'different') OR json_typeof(f -> 'weight') <> 'number'$$, 'and so has each field');
SELECT is((SELECT string_agg(DISTINCT f ->> 'field', ' ') FROM t.found, json_array_elements(reasons -> 'fields') AS f), 'city companyName email firstname houseNumber lastname mobile postalCode street vatNumber', 'and these are the fields');
SELECT is((SELECT string_agg(concat_ws(' ', f ->> 'field', f ->> 'agreement'), ', ') FROM t.found, json_array_elements(reasons -> 'fields') AS f WHERE customer_uid = name || '-1'), expected, 'how the fields agree: ' || name) FROM (VALUES
	('slip', 'firstname alike, lastname same, street same, houseNumber same, postalCode same, city same'), ('sound', 'firstname alike, lastname same, street same, houseNumber same, postalCode same, city same'),
	('initial', 'firstname similar, lastname same, mobile same, street same, houseNumber same, postalCode same, city same'), ('swap', 'firstname same, lastname same, email same, street same, houseNumber same, postalCode same, city same'),
	('house', 'firstname same, lastname same, street same, houseNumber alike, postalCode same, city same'), ('moved', 'firstname same, lastname same, email same, mobile same, street different, houseNumber different, postalCode different, city different'),
	('married', 'firstname same, lastname different, email same, mobile same, street same, houseNumber same, postalCode same, city same'), ('firm', 'companyName alike, vatNumber same, postalCode same, city same'),
	('less', 'firstname same, lastname same, mobile same'), ('similar', 'firstname different, lastname same, mobile same, street same, houseNumber same, postalCode same, city same')) AS v(name, expected);
SELECT is((SELECT string_agg(customer_uid, ' ') FROM t.found WHERE (reasons ->> 'swappedNames')::boolean), 'swap-1', 'whose names are swapped');
SELECT is((SELECT string_agg(concat_ws(' ', customer_uid, reasons ->> 'unit'), ', ' ORDER BY customer_uid) FROM t.found WHERE reasons ->> 'unit' IS NOT NULL), 'b2b-1 SITE, doors-1 LEGAL_UNIT, firm-1 SITE, form-1 SITE, vat-1 SITE', 'companies are one at a place, or one at two');
SELECT is_empty($$SELECT customer_uid, score, odds FROM t.found, LATERAL (SELECT (reasons ->> 'prior')::float8 + (reasons ->> 'shared')::float8 + sum((f ->> 'weight')::float8) AS odds FROM json_array_elements(reasons -> 'fields') AS f) AS o
	WHERE abs(score - 1 / (1 + exp(-odds))) > 0.03$$, 'of two alone the reasons add up to the logarithm of the odds');
SELECT is_empty($$SELECT customer_uid, f FROM t.found, json_array_elements(reasons -> 'fields') AS f WHERE (f ->> 'weight')::float8 > 0 AND f ->> 'agreement' = 'different' OR (f ->> 'weight')::float8 < 0 AND f ->> 'agreement' IN ('same', 'alike')$$, 'to agree tells for it, to differ against it');

-- Which of them are listed.
SELECT is(t.pairs('acme', score), (SELECT string_agg(customer_uid || ' ' || duplicate_uid, ', ') FROM t.found AS g WHERE g.score >= f.score), 'with at least ' || score) FROM (SELECT DISTINCT score FROM t.found) AS f ORDER BY score;
SELECT is(t.pairs('acme', score + 0.00001), (SELECT coalesce(string_agg(customer_uid || ' ' || duplicate_uid, ', '), '') FROM t.found AS g WHERE g.score > f.score), 'with more than ' || score) FROM (SELECT DISTINCT score FROM t.found WHERE score < 1) AS f ORDER BY score;
SELECT is(t.pairs('acme', at_least), (SELECT string_agg(customer_uid || ' ' || duplicate_uid, ', ') FROM t.found), 'nothing is kept of what is less probable: ' || at_least) FROM unnest(ARRAY[0, 0.01, 0.05]) AS at_least;
SELECT is(t.pairs('acme', 0, pairs), (SELECT string_agg(customer_uid || ' ' || duplicate_uid, ', ') FROM (SELECT * FROM t.found LIMIT pairs) AS g), 'at most ' || coalesce(pairs::text, 'all')) FROM unnest(ARRAY[1, 2, 10, 1000, 2147483647, NULL]) AS pairs;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM flowcustomer.customer_duplicates('acme')$$, 'SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM t.found WHERE score >= 0.5', 'from 0.5 when it is not said');
SELECT is(t.error(format('SELECT * FROM flowcustomer.customer_duplicates(%s)', arguments)), expected, 'customer_duplicates ' || arguments) FROM (VALUES ('NULL', 'PT400: VALIDATION_FAILED tenantUid'), ('''a b''', 'PT400: VALIDATION_FAILED tenantUid'), ('''nowhere''', 'PT404: TENANT_NOT_FOUND'),
	('''acme'', 1.5', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', -1', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', ''NaN''', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', ''Infinity''', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', ''-Infinity''', 'PT400: VALIDATION_FAILED minScore'),
	('''acme'', 1.0000001', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', 0.5, 0', 'PT400: VALIDATION_FAILED maxPairs'), ('''acme'', 0.5, -1', 'PT400: VALIDATION_FAILED maxPairs'), ('''nowhere'', 7, -2147483648', 'PT400: VALIDATION_FAILED minScore; VALIDATION_FAILED maxPairs'),
	('''acme'', 0', 'ok'), ('''acme'', 1', 'ok'), ('''acme'', 1, 2147483647', 'ok'), ('''acme'', 1, NULL', 'ok')) AS v(arguments, expected);
SELECT is(t.full_error($$SELECT * FROM flowcustomer.customer_duplicates('acme', 1.5)$$), E'PT400 minScore must be from 0 to 1\ncode: VALIDATION_FAILED, path: minScore\nGive a number from 0 to 1, such as 0.5.', 'what is said of a score');
SELECT is(t.full_error($$SELECT * FROM flowcustomer.customer_duplicates('acme', 0, 0)$$), E'PT400 maxPairs must be from 1 to 2147483647\ncode: VALIDATION_FAILED, path: maxPairs\nAccepted are whole numbers from 1 to 2147483647.', 'and of a number of pairs');
SELECT is(t.error(format('SELECT flowcustomer.customer_duplicates_refresh(%L)', tenant)), expected, concat('refresh ', tenant)) FROM (VALUES (NULL, 'PT400: VALIDATION_FAILED tenantUid'), ('', 'PT400: VALIDATION_FAILED tenantUid'), ('nowhere', 'PT404: TENANT_NOT_FOUND')) AS v(tenant, expected);

-- Other tenants: half of each two, and all in another order.
SELECT is(t.people('other', jsonb_agg((both_have || two) - 'customerParentUid' || jsonb_build_object('customerUid', name || '-1'))), count(*) || ':', 'one of each two in another tenant') FROM t.case;
SELECT is(t.pairs('other', 0), '', 'is not the same as anybody');
SELECT is(t.people('there', (SELECT jsonb_agg(both_have || one || jsonb_build_object('customerUid', name || '-1') ORDER BY md5(name)) || jsonb_agg(both_have || two || jsonb_build_object('customerUid', name || '-2') ORDER BY md5(name || '!')) FROM t.case)),
	2 * count(*) || ':', 'the customers in another order') FROM t.case;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM flowcustomer.customer_duplicates('there', 0)$$, 'SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM t.found', 'which changes nothing');
SELECT results_eq('SELECT tenant_uid COLLATE "default", customers, changes, stale, learned_at IS NOT NULL, refreshed_at IS NOT NULL FROM flowcustomer.duplicate_state ORDER BY 1', format($$VALUES ('acme', %s::bigint, 0::bigint, false, true, true), ('other', %s, 0, false, true, true), ('there', %1$s, 0, false, true, true)$$, 2 * count(*), count(*)),
	'each tenant has a state of its own') FROM t.case;
SELECT is(t.refresh('acme'), jsonb_build_object('customers', 2 * count(*), 'changed', 0, 'gone', 0, 'pairs', (SELECT count(*) FROM t.found), 'learned', false), 'what others do changes nothing') FROM t.case;

-- Who of three was created first; and customers who are somebody else's, too.
SELECT is(t.copies('three', '{c, a, b}') || t.people('three', '[{"customerUid": "e", "firstname": "Aud", "lastname": "Kråkenes", "mobile": "90100210", "address": "Blomsterdalen 5", "postalCode": "5258"}, {"customerUid": "d", "firstname": "Siv", "lastname": "Kråkenes", "mobile": "90100210", "address": "Blomsterdalen 5", "postalCode": "5258"}]') || t.crowd('three', 40), '3:2:40:', 'three who are one, and two who are not');
UPDATE flowcustomer.customer SET created_at = timestamptz '2020-01-01Z' + CASE customer_uid WHEN 'b' THEN interval '0' WHEN 'c' THEN interval '1 us' WHEN 'a' THEN interval '2 us' WHEN 'e' THEN interval '1 day' ELSE interval '2 days' END WHERE tenant_uid = 'three' AND customer_uid NOT LIKE 'crowd%';
SELECT results_eq($$SELECT customer_uid, duplicate_uid, cluster_uid, score >= 0.9, score < 0.5 FROM flowcustomer.customer_duplicates('three', 0)$$, $$VALUES ('b', 'a', 'b', true, false), ('b', 'c', 'b', true, false), ('c', 'a', 'b', true, false), ('e', 'd', NULL, false, true)$$,
	'of each two the one that was created first comes first, to the microsecond, and the first of all names the cluster');

-- Why ---------------------------------------------------------------------------

CREATE FUNCTION t.values(explained jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT string_agg(concat_ws(' ', v ->> 'field', concat((v ->> 'customer'), '/', (v ->> 'duplicate'))), ', ' ORDER BY n) FROM jsonb_array_elements(explained -> 'values') WITH ORDINALITY AS e(v, n) $$;
SELECT is(t.explain('acme', one, two), jsonb_build_object('customerUid', one, 'duplicateUid', two, 'comparable', true, 'dismissed', NULL, 'values', jsonb_build_array(jsonb_build_object('field', 'firstname', 'customer', a, 'duplicate', b), '{"field": "lastname", "customer": "rognstad", "duplicate": "rognstad"}'::jsonb,
	'{"field": "street", "customer": "elgvn", "duplicate": "elgvn"}'::jsonb, '{"field": "houseNumber", "customer": "4", "duplicate": "4"}'::jsonb, '{"field": "postalCode", "customer": "2408", "duplicate": "2408"}'::jsonb, '{"field": "city", "customer": "elverum", "duplicate": "elverum"}'::jsonb),
	'found', (SELECT jsonb_build_object('customerUid', customer_uid, 'duplicateUid', duplicate_uid, 'probability', score, 'score', score, 'clusterUid', cluster_uid, 'reasons', reasons) FROM t.found WHERE customer_uid = 'slip-1')), 'why ' || one || ' is ' || two)
	FROM (VALUES ('slip-1', 'slip-2', 'tormod', 'tomod'), ('slip-2', 'slip-1', 'tomod', 'tormod')) AS v(one, two, a, b);
SELECT is(e #> '{found,clusterUid}', '""', 'who is only worth a look has no cluster') FROM t.explain('acme', 'sisters-1', 'sisters-2') AS e;
CREATE TABLE t.unlisted AS SELECT t.explain('acme', 'chain-2', 'chain-1') AS e;
SELECT is(jsonb_set(jsonb_set(e - 'probability', '{reasons,fields}', (SELECT jsonb_agg(f - 'weight') FROM jsonb_array_elements(e #> '{reasons,fields}') AS f)) #- '{reasons,prior}' #- '{reasons,shared}', '{values}', to_jsonb(t.values(e))),
	'{"customerUid": "chain-2", "duplicateUid": "chain-1", "comparable": true, "found": null, "dismissed": null, "values": "companyName fjellsport/fjellsport, vatNumber 987001004/987001004, street dronningens gt/torgallmenningen, houseNumber 20/4, postalCode 8006/5014, city bodo/bergen",
	"reasons": {"unit": "LEGAL_UNIT", "swappedNames": false, "fields": [{"field": "companyName", "agreement": "same"}, {"field": "vatNumber", "agreement": "same"}, {"field": "street", "agreement": "different"}, {"field": "houseNumber", "agreement": "different"}, {"field": "postalCode", "agreement": "different"}, {"field": "city", "agreement": "different"}]}}', 'why two shops are not one') FROM t.unlisted;
SELECT ok((e ->> 'probability')::float8 < 0.05 AND abs(ln((e ->> 'probability')::float8) - (e #>> '{reasons,prior}')::float8 - (e #>> '{reasons,shared}')::float8 - (SELECT sum((f ->> 'weight')::float8) FROM jsonb_array_elements(e #> '{reasons,fields}') AS f)) < 0.1, 'which is as improbable as the reasons say') FROM t.unlisted;
SELECT is(ARRAY(SELECT jsonb_object_keys(e)), '{found,values,reasons,dismissed,comparable,customerUid,probability,duplicateUid}'::text[], 'what is told of two who are not listed') FROM t.unlisted;
SELECT is(concat_ws(' ', e -> 'comparable', e -> 'found', e -> 'dismissed'), expected, 'explain ' || a || ' ' || b) FROM (VALUES ('types-1', 'types-2', 'false null null'), ('kinds-2', 'kinds-1', 'false null null'), ('name-1', 'name-2', 'true null null'), ('slip-1', 'moved-2', 'true null null')) AS v(a, b, expected), t.explain('acme', a, b) AS e;
SELECT is(t.values(t.explain('acme', name || '-1', name || '-2')), expected, 'as it is compared: ' || name) FROM (VALUES ('vat', 'companyName ulriken maling/ulriken maling, vatNumber 914778271/914778271, street mollendalsvn/mollendalsvn, houseNumber 8/8, postalCode 5009/5009, city bergen/bergen'),
	('phone', 'firstname eldbjorg/eldbjorg, lastname tofte/tofte, mobile 90100204 47/90100204'), ('mail', 'firstname oddleif/oddleif, lastname skogmo/skogmo, email oddleif.skogmo@post.example/oddleif.skogmo@post.example'), ('title', 'firstname gudmund/gudmund, lastname ekornrud/ekornrud, street seterstien/seterstien, houseNumber 40/40, postalCode 2670/2670, city otta/otta'),
	('street', 'firstname hildegunn/hildegunn, lastname falkenes/falkenes, street gamle fergevn/gamle fergevn, houseNumber 12b/12b, postalCode 7900/7900, city rorvik/rorvik')) AS v(name, expected);

-- All that name two customers say the same of what is wrong with them.
CREATE TABLE t.wrong AS SELECT * FROM (VALUES ('''acme'', ''none'', ''slip-1''', 'PT404: CUSTOMER_NOT_FOUND'), ('''acme'', ''slip-1'', ''none''', 'PT400: CUSTOMER_NOT_FOUND duplicateUid'), ('''acme'', ''none'', ''none''', 'PT404: CUSTOMER_NOT_FOUND'), ('''acme'', ''slip-1'', ''slip-1''', 'PT400: DUPLICATE_SELF duplicateUid'),
	('''acme'', NULL, NULL', 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED duplicateUid'), ('''acme'', ''a b'', ''''', 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED duplicateUid'), ('''acme'', repeat(''x'', 256), ''slip-1''', 'PT400: VALIDATION_FAILED customerUid'),
	('''nowhere'', ''slip-1'', ''slip-2''', 'PT404: TENANT_NOT_FOUND'), ('NULL, ''slip-1'', ''slip-2''', 'PT400: VALIDATION_FAILED tenantUid'), ('''three'', ''a'', ''slip-1''', 'PT400: CUSTOMER_NOT_FOUND duplicateUid')) AS v(arguments, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_duplicate_%s(%s%s)', function, arguments, more)), expected, function || ' ' || arguments) FROM t.wrong, (VALUES ('explain', ''), ('dismiss', ', ''why'''), ('undismiss', '')) AS f(function, more);
SELECT is(t.full_error($$SELECT flowcustomer.customer_duplicate_explain('acme', 'slip-1', 'slip-1')$$), E'PT400 duplicateUid must be another customer\ncode: DUPLICATE_SELF, path: duplicateUid\nName two customers.', 'what is said of one customer instead of two');
SELECT is(t.error(format('SELECT flowcustomer.customer_duplicate_dismiss(''acme'', ''slip-1'', ''slip-2'', %s)', reason)), expected, 'reason ' || reason) FROM (VALUES ('NULL', 'PT400: VALIDATION_FAILED reason'), ('''''', 'PT400: VALIDATION_FAILED reason'), ('repeat(''ø'', 1001)', 'PT400: VALIDATION_FAILED reason')) AS v(reason, expected);
SELECT is(t.full_error($$SELECT flowcustomer.customer_duplicate_dismiss('acme', 'slip-1', 'slip-2', repeat('x', 1001))$$), E'PT400 reason must have at most 1000 characters\ncode: VALIDATION_FAILED, path: reason\nAccepted are up to 1000 characters.', 'what is said of a long reason');
SELECT is(t.full_error($$SELECT flowcustomer.customer_duplicate_undismiss('acme', 'slip-1', 'slip-2')$$), E'PT404 This dismissal does not exist\ncode: DISMISSAL_NOT_FOUND\nGive the UID of one that exists.', 'nothing was dismissed that can be taken back');
SELECT is_empty('SELECT FROM flowcustomer.duplicate_dismissal', 'errors dismiss nothing');

-- Where nothing can be written ---------------------------------------------------

SELECT is(t.copies('nobody', '{a, b}'), '2:', 'two who are one');
BEGIN READ ONLY;
SELECT is(t.full_error($$SELECT * FROM flowcustomer.customer_duplicates('nobody')$$), E'PT409 nobody has looked for duplicates yet, and this transaction only reads\ncode: DUPLICATES_NOT_REFRESHED\nCall customer_duplicates_refresh in a transaction that may write.', 'who only reads can''t look for them');
SELECT results_eq($$SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM flowcustomer.customer_duplicates('acme', 0)$$, 'SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM t.found', 'but sees what was found');
SELECT is(t.pairs('acme', 0, 1), (SELECT customer_uid || ' ' || duplicate_uid FROM t.found LIMIT 1), 'as many as are wanted');
SELECT is(t.explain('acme', 'slip-1', 'slip-2') #>> '{found,clusterUid}', 'slip-1', 'and why');
SELECT is(t.explain('nobody', 'a', 'b') -> 'found', 'null', 'or why it could be');
SELECT is(left(t.error($$SELECT flowcustomer.customer_duplicates_refresh('acme')$$), 5), expected, 'nothing is brought up to date') FROM (VALUES ('25006')) AS v(expected);
COMMIT;
SELECT is(t.pairs('nobody'), 'a b', 'who writes looks for them');
CALL t.run($$SELECT flowcustomer.customer_delete('three', 'b'), t.copies('three', '{f}')$$);
BEGIN READ ONLY;
SELECT is(t.pairs('three', 0), 'c a, e d', 'who is gone is not listed, who is new not yet');
COMMIT;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, cluster_uid FROM flowcustomer.customer_duplicates('three', 0)$$, $$VALUES ('c', 'a', 'c'), ('c', 'f', 'c'), ('a', 'f', 'c'), ('e', 'd', NULL)$$, 'until it is looked for, and c is the first of those who are left');
