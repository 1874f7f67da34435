-- Finding customers who are there twice: who is taken for the same and who is
-- not, what is told about it, and merging them all.  How well that goes with
-- thousands is in duplicates_quality.sql, merging itself in merge.sql.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(name) FROM unnest(ARRAY[''acme'', ''other'', ''there'', ''three'', ''nobody'', ''one'', ''empty'', ''equal'', ''sharing'', ''odd'', ''steps'', ''back'', ''anew'', ''runs'', ''fails'', ''stops'', ''meanwhile'', ''many'']) AS name');

-- Short forms: the pairs of a tenant as "customer duplicate, ...", best first.
CREATE FUNCTION t.pairs(tenant text, at_least float8 DEFAULT 0.5, pairs integer DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(customer_uid || ' ' || duplicate_uid, ', '), '') FROM flowcustomer.customer_duplicates(tenant, at_least, pairs)
$$;
CREATE FUNCTION t.sorted(tenant text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg(customer_uid || ' ' || duplicate_uid, ', ' ORDER BY customer_uid, duplicate_uid), '') FROM flowcustomer.customer_duplicates(tenant) $$;
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
	('''acme'', NULL', 'PT400: VALIDATION_FAILED minScore'), ('''acme'', 0', 'ok'), ('''acme'', 1', 'ok'), ('''acme'', 1, 2147483647', 'ok'), ('''acme'', 1, NULL', 'ok')) AS v(arguments, expected);
SELECT is(t.full_error($$SELECT * FROM flowcustomer.customer_duplicates('acme', 1.5)$$), E'PT400 minScore must be from 0 to 1\ncode: VALIDATION_FAILED, path: minScore\nGive a number from 0 to 1, such as 0.5.', 'what is said of a score');
SELECT is(t.full_error($$SELECT * FROM flowcustomer.customer_duplicates('acme', 0, 0)$$), E'PT400 maxPairs must be from 1 to 2147483647\ncode: VALIDATION_FAILED, path: maxPairs\nAccepted are whole numbers from 1 to 2147483647.', 'and of a number of pairs');
SELECT is(t.error(format('SELECT flowcustomer.customer_duplicates_refresh(%L)', tenant)), expected, concat('refresh ', tenant)) FROM (VALUES (NULL, 'PT400: VALIDATION_FAILED tenantUid'), ('', 'PT400: VALIDATION_FAILED tenantUid'), ('nowhere', 'PT404: TENANT_NOT_FOUND')) AS v(tenant, expected);

-- Other tenants: half of each two, and all in another order.
SELECT is(t.people('other', jsonb_agg((both_have || two) - 'customerParentUid' || jsonb_build_object('customerUid', name || '-1'))), count(*) || ':', 'one of each two in another tenant') FROM t.case;
SELECT is(t.pairs('other', 0), '', 'is not the same as anybody');
SELECT is(t.people('there', (SELECT jsonb_agg(both_have || one || jsonb_build_object('customerUid', name || '-1') ORDER BY md5(name)) || jsonb_agg(both_have || two || jsonb_build_object('customerUid', name || '-2') ORDER BY md5(name || '!')) FROM t.case)),
	2 * count(*) || ':', 'the customers in another order') FROM t.case;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM flowcustomer.customer_duplicates('there', 0)$$, 'SELECT customer_uid, duplicate_uid, score, cluster_uid, reasons::text FROM t.found', 'which changes nothing');
SELECT results_eq('SELECT tenant_uid COLLATE "default", customers, changes, dismissals, learned_at IS NOT NULL, refreshed_at IS NOT NULL FROM flowcustomer.duplicate_state ORDER BY 1', format($$VALUES ('acme', %s::bigint, 0::bigint, 0::bigint, true, true), ('other', %s, 0, 0, true, true), ('there', %1$s, 0, 0, true, true)$$, 2 * count(*), count(*)),
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
SELECT is(t.error($$SELECT flowcustomer.customer_duplicates_refresh('acme')$$), 'ok', 'a look that finds nothing new writes nothing');
SELECT is(left(t.error(format('SELECT flowcustomer.%s', call)), 5), '25006', 'nothing is written: ' || call) FROM unnest(ARRAY[$$customer_duplicate_dismiss('acme', 'slip-1', 'slip-2', 'two')$$, $$customer_duplicate_undismiss('acme', 'slip-1', 'slip-2')$$]) AS call;
COMMIT;
CALL t.run('SELECT t.copies(''nobody'', ''{c}''), t.dismiss(''nobody'', ''a'', ''b'')');
BEGIN READ ONLY;
SELECT is(t.error($$SELECT * FROM flowcustomer.customer_duplicates('nobody')$$), 'PT409: DUPLICATES_NOT_REFRESHED', 'to dismiss two is no look');
COMMIT;
CALL t.run('SELECT flowcustomer.customer_duplicate_undismiss(''nobody'', ''a'', ''b'')');
SELECT is(t.pairs('nobody'), 'a b, a c, b c', 'who writes looks for them');
CALL t.run($$SELECT flowcustomer.customer_delete('three', 'b'), t.copies('three', '{f}')$$);
BEGIN READ ONLY;
SELECT is(t.pairs('three', 0), 'c a, e d', 'who is gone is not listed, who is new not yet');
COMMIT;
SELECT results_eq($$SELECT customer_uid, duplicate_uid, cluster_uid FROM flowcustomer.customer_duplicates('three', 0) ORDER BY customer_uid, duplicate_uid$$, $$VALUES ('a', 'f', 'c'), ('c', 'a', 'c'), ('c', 'f', 'c'), ('e', 'd', NULL)$$, 'until it is looked for, and c is the first of those who are left');

-- What has changed ---------------------------------------------------------------

-- Pairs that are one, and a couple; a crowd, or so few would be learned from anew each time.
SELECT is(t.crowd('steps', 60) || t.copies('steps', '{x1, x2}') || t.copies('steps', '{y1, y2}', '{"firstname": "Eldbjørg", "lastname": "Tofte", "email": "eldbjorg@post.example", "address": "Liaveien 7", "postalCode": "5132"}')
	|| t.people('steps', '[{"customerUid": "z1", "firstname": "Aud", "lastname": "Kråkenes", "mobile": "90100210", "address": "Blomsterdalen 5", "postalCode": "5258"}, {"customerUid": "z2", "firstname": "Siv", "lastname": "Kråkenes", "mobile": "90100210", "address": "Blomsterdalen 5", "postalCode": "5258"}]'), '60:2:2:2:', 'those who are to change');
CREATE FUNCTION t.step(what text, expected text, statement text DEFAULT 'SELECT') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	report jsonb;
BEGIN
	EXECUTE statement;
	report := t.refresh('steps');
	RETURN NEXT is(concat_ws(' ', report -> 'customers', report -> 'changed', report -> 'gone', report -> 'pairs', report -> 'learned'), expected, what);
	RETURN NEXT is(report, jsonb_build_object('customers', (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'steps'), 'changed', report -> 'changed', 'gone', report -> 'gone', 'pairs', (SELECT count(*) FROM flowcustomer.duplicate_pair WHERE tenant_uid = 'steps'), 'learned', report -> 'learned'), 'as there are');
END $$;
SELECT t.step('the first time all are compared', '66 66 0 3 true');
SELECT t.step('then nothing has changed', '66 0 0 3 false');
SELECT t.step('one', '66 1 0 3 false', $$SELECT flowcustomer.customer_update('steps', 'crowd-1', '{"mobile": "90909090"}')$$);
SELECT t.step('in what is not compared', '66 0 0 3 false', $$SELECT flowcustomer.customer_update('steps', 'crowd-3', '{"internalNote": "a note", "paymentTerms": 10, "externalId": "E1", "customerGroupUids": ["club"]}')$$);
SELECT t.step('in what is compared but not as it is spelled', '66 0 0 3 false', $$SELECT flowcustomer.customer_update('steps', 'y1', '{"firstname": "ELDBJØRG", "email": "Eldbjorg@post.example", "address": "Liavegen 7"}')$$);
SELECT t.step('one is deleted', '65 0 1 3 false', $$SELECT flowcustomer.customer_delete('steps', 'crowd-2')$$);
SELECT t.step('one by plain SQL', '65 1 0 3 false', $$UPDATE flowcustomer.customer SET lastname = 'Ulveseth' WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-4'$$);
SELECT t.step('one is another type', '65 1 0 3 false', $$UPDATE flowcustomer.customer SET customer_type = 'B2B' WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-5'$$);
SELECT t.step('eight', '65 8 0 3 false', $$UPDATE flowcustomer.customer SET postal_code = '0001' WHERE tenant_uid = 'steps' AND customer_uid ~ '^crowd-1[0-7]$'$$);
SELECT t.step('that makes twelve of 66, and one more', '65 1 0 3 false', $$UPDATE flowcustomer.customer SET postal_code = '0001' WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-18'$$);
SELECT t.step('when more than a fifth has changed all are compared', '65 1 0 3 true', $$UPDATE flowcustomer.customer SET postal_code = '0001' WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-19'$$);
SELECT t.step('and it begins anew', '65 0 0 3 false');
SELECT t.step('one is new, and somebody', '66 1 0 4 false', $$SELECT t.people('steps', (SELECT jsonb_agg(jsonb_build_object('customerUid', 'new', 'firstname', firstname, 'lastname', lastname, 'mobile', mobile)) FROM flowcustomer.customer WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-30'))$$);
SELECT is(t.sorted('steps'), 'crowd-30 new, x1 x2, y1 y2', 'who is one now');
SELECT t.step('one becomes somebody else', '66 1 0 3 false', $$SELECT flowcustomer.customer_update('steps', 'y2', '{"firstname": "Nils", "lastname": "Varhaug", "email": "nils@varhaug.example", "address": "Bispegata 2", "postalCode": "7012"}')$$);
SELECT t.step('one is gone', '65 0 1 2 false', $$SELECT flowcustomer.customer_delete('steps', 'x2')$$);
SELECT t.step('one comes near another', '65 1 0 3 false', $$UPDATE flowcustomer.customer AS c SET firstname = d.firstname, lastname = d.lastname, email = d.email, mobile = d.mobile FROM flowcustomer.customer AS d WHERE (c.tenant_uid, c.customer_uid, d.tenant_uid, d.customer_uid) = ('steps', 'crowd-41', 'steps', 'crowd-40')$$);
SELECT t.step('and a third one', '66 1 0 5 false', $$SELECT t.people('steps', (SELECT jsonb_agg(jsonb_build_object('customerUid', 'third', 'firstname', firstname, 'lastname', lastname, 'email', upper(email), 'mobile', mobile)) FROM flowcustomer.customer WHERE tenant_uid = 'steps' AND customer_uid = 'crowd-40'))$$);
SELECT t.step('one becomes one of a couple', '66 1 0 6 false', $$SELECT flowcustomer.customer_update('steps', 'crowd-50', '{"firstname": "Idar", "lastname": "Tofte", "mobile": "", "email": "eldbjorg@post.example", "address": "Liaveien 7", "postalCode": "5132"}')$$);
CREATE TABLE t.incremental AS SELECT * FROM flowcustomer.customer_duplicates('steps', 0);
SELECT is((SELECT string_agg(concat_ws(' ', customer_uid, duplicate_uid, cluster_uid), ', ' ORDER BY customer_uid, duplicate_uid) FROM t.incremental WHERE score >= 0.5), 'crowd-30 new crowd-30, crowd-40 crowd-41 crowd-40, crowd-40 third crowd-40, crowd-41 third crowd-40', 'who is one at the end');
CALL t.run('UPDATE flowcustomer.duplicate_state SET model = NULL WHERE tenant_uid = ''steps''');
SELECT t.step('without what was learned all are compared', '66 0 0 6 true');
SELECT is_empty($$SELECT * FROM t.incremental AS a FULL JOIN flowcustomer.customer_duplicates('steps', 0) AS b USING (customer_uid, duplicate_uid) WHERE (a.score >= 0.5 OR b.score >= 0.5) AND (abs(a.score - b.score) <= 0.02 AND a.cluster_uid = b.cluster_uid) IS NOT TRUE$$, 'which finds the same as step by step');

-- Who is not the same --------------------------------------------------------------

SELECT is(t.crowd('back', 60) || t.copies('back', '{d, e, m}', '{"firstname": "Eldbjørg", "lastname": "Tofte", "email": "eldbjorg@post.example", "address": "Liaveien 7", "postalCode": "5132"}') || t.copies('back', '{a, b, c}'), '60:3:3:', 'two who are there three times');
SELECT is(t.sorted('back'), 'a b, a c, b c, d e, d m, e m', 'before anybody says otherwise');
SELECT is(d - 'createdAt', jsonb_build_object('customerUid', 'd', 'duplicateUid', 'e', 'reason', 'mother and "daughter" å', 'dismissedBy', current_user), 'two are dismissed, whichever is named first') FROM t.dismiss('back', 'e', 'd', 'mother and "daughter" å') AS d;
SELECT is((t.explain('back', 'd', 'e') -> 'dismissed') - 'createdAt', jsonb_build_object('customerUid', 'd', 'duplicateUid', 'e', 'reason', 'mother and "daughter" å', 'dismissedBy', current_user), 'which is told of them');
BEGIN READ ONLY;
SELECT is(t.sorted('back'), 'a b, a c, b c, d m, e m', 'nor are they listed, to begin with');
COMMIT;
SELECT ok(NOT t.listed('back', 'd', 'e', 0), 'nor later');
SELECT is((SELECT count(*) FROM flowcustomer.customer_duplicates('back', 0) WHERE 'm' IN (customer_uid, duplicate_uid) AND cluster_uid IS NOT NULL), 1::bigint, 'whom both are like can only be one of them');
SELECT is(t.dismiss('back', 'd', 'e', 'reason 2') ->> 'reason', 'reason 2', 'again, for another reason');
SELECT results_eq($$SELECT customer_uid COLLATE "default", duplicate_uid COLLATE "default", reason FROM flowcustomer.duplicate_dismissal WHERE tenant_uid = 'back'$$, $$VALUES ('d', 'e', 'reason 2')$$, 'which is the one that counts');
SELECT is(t.error(format('SELECT flowcustomer.customer_duplicate_dismiss(''back'', ''d'', ''e'', %s)', reason)), 'ok', 'reason ' || reason) FROM unnest(ARRAY['repeat(''ø'', 1000)', '''x''', '''''''"\{}%''']) AS reason;
SELECT is(t.explain('back', 'd', 'e') #>> '{dismissed,reason}', '''"\{}%', 'reasons can be anything');
SELECT is(flowcustomer.customer_duplicate_undismiss('back', 'e', 'd')::text, '', 'it is taken back, whichever is named first');
SELECT is(t.explain('back', 'd', 'e') -> 'dismissed', 'null', 'so nobody says so any more');
SELECT is(t.sorted('back'), 'a b, a c, b c, d e, d m, e m', 'and they are found again');
SELECT is(t.error($$SELECT flowcustomer.customer_duplicate_undismiss('back', 'e', 'd')$$), 'PT404: DISMISSAL_NOT_FOUND', 'once');
SELECT is(t.dismiss('other', 'slip-1', 'sound-1') ->> 'reason', 'two', 'who was never alike can be dismissed, too');
SELECT is(t.error($$SELECT flowcustomer.customer_duplicate_undismiss('acme', 'slip-1', 'sound-1')$$), 'PT404: DISMISSAL_NOT_FOUND', 'in one tenant');
-- Through merges.
CALL t.run('SELECT t.dismiss(''back'', ''a'', ''b'')');
SELECT ok(NOT t.listed('back', 'a', 'b', 0) AND (t.listed('back', 'a', 'c') <> t.listed('back', 'b', 'c')), 'of three two are not the same: the third one is either');
CALL t.run('SELECT t.merge(''c'', ''b'', NULL, ''back'')');
SELECT ok(NOT t.listed('back', 'a', 'c', 0), 'who was one of them by a merge is not the other');
SELECT is((t.explain('back', x, y) -> 'dismissed') - 'createdAt' - 'dismissedBy', '{"customerUid": "a", "duplicateUid": "b", "reason": "two"}', 'for a dismissal that was theirs: ' || x || ' ' || y) FROM (VALUES ('a', 'c'), ('c', 'a'), ('a', 'b'), ('b', 'a')) AS v(x, y);
SELECT is(concat_ws(' ', e ->> 'customerUid', e ->> 'duplicateUid'), 'd c', 'a name that was merged away stands for who is left') FROM t.explain('back', 'd', 'b') AS e;
SELECT is(t.error($$SELECT flowcustomer.customer_duplicate_explain('back', 'b', 'c')$$), 'PT400: DUPLICATE_SELF duplicateUid', 'and is nobody else');
SELECT is(t.dismiss('back', 'b', 'd') - 'createdAt' - 'dismissedBy', '{"customerUid": "c", "duplicateUid": "d", "reason": "two"}', 'so it does when it is dismissed');
SELECT is(t.error($$SELECT flowcustomer.customer_duplicate_undismiss('back', 'c', 'd')$$), 'ok', 'and taken back');
CALL t.run('SELECT t.undo(''b'', ''back'')');
SELECT ok(NOT t.listed('back', 'a', 'b', 0), 'when the merge is undone the two are still not the same');
SELECT is(t.sorted('back'), 'b c, d e, d m, e m', 'and the third one is one of them again');
CALL t.run('UPDATE flowcustomer.duplicate_state SET model = NULL WHERE tenant_uid = ''back''');
SELECT is(t.sorted('back'), 'b c, d e, d m, e m', 'which all compared with all say, too');
CALL t.run('SELECT t.merge(''c'', ''b'', NULL, ''back'')');
SELECT is(t.sorted('back'), 'd e, d m, e m', 'merged again');
SELECT is(t.error($$SELECT flowcustomer.customer_duplicate_undismiss('back', 'c', 'a')$$), 'ok', 'and taken back, as if it were the survivor''s');
SELECT is(t.sorted('back'), 'a c, d e, d m, e m', 'so the survivor is the other one');
SELECT is(t.explain('back', 'a', 'b') -> 'dismissed', 'null', 'and nobody says otherwise');
CALL t.run('SELECT t.undo(''b'', ''back''), t.dismiss(''back'', ''a'', ''b'')');
-- By deleting.
CALL t.run('SELECT flowcustomer.customer_delete(''back'', ''b'')');
SELECT is_empty($$SELECT reason FROM flowcustomer.duplicate_dismissal WHERE tenant_uid = 'back'$$, 'with a customer its dismissals are gone');
SELECT is(t.sorted('back'), 'a c, d e, d m, e m', 'and who is left is one');
SELECT is(t.copies('back', '{b}'), '1:', 'the same uid anew');
SELECT is(t.sorted('back'), 'a b, a c, c b, d e, d m, e m', 'is somebody else, whom nobody has dismissed');
CALL t.run('SELECT t.dismiss(''back'', ''a'', ''b'')');
SELECT ok(NOT t.listed('back', 'a', 'b'), 'somebody who is dismissed, too');
CALL t.run('SELECT flowcustomer.customer_delete(''back'', ''b''), t.copies(''back'', ''{b}'')');
SELECT is(t.sorted('back'), 'a b, a c, c b, d e, d m, e m', 'and is not when it is deleted and created anew before anybody looks');
CALL t.run('SELECT t.dismiss(''back'', ''d'', ''e''), t.merge(''m'', ''e'', NULL, ''back''), flowcustomer.customer_delete(''back'', ''m'')');
SELECT is_empty($$SELECT reason FROM flowcustomer.duplicate_dismissal WHERE tenant_uid = 'back'$$, 'with a survivor those of whom it took in are');

-- Merging them all -------------------------------------------------------------------

CREATE FUNCTION t.run_of(tenant text) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(concat_ws(' ', min_score, CASE WHEN dry_run THEN 'dry' ELSE 'real' END, started_by = current_user, finished_at >= continued_at AND continued_at >= started_at, total, done, failed), ', ' ORDER BY started_at), '') FROM flowcustomer.duplicate_run WHERE tenant_uid = tenant
$$;
-- The report of the last run.
CREATE FUNCTION t.report(tenant text) RETURNS TABLE (place bigint, customer_uid text, duplicate_uid text, score float8, outcome text, code text, done boolean) LANGUAGE sql AS $$
	SELECT place, i.customer_uid COLLATE "default", i.duplicate_uid COLLATE "default", score, outcome COLLATE "default", code COLLATE "default", done_at IS NOT NULL FROM flowcustomer.duplicate_run_item AS i
	WHERE tenant_uid = tenant AND run_uid = (SELECT run_uid FROM flowcustomer.duplicate_run WHERE tenant_uid = tenant ORDER BY started_at DESC LIMIT 1) ORDER BY place
$$;
SELECT is(t.people('runs', (SELECT jsonb_agg(both_have || one || jsonb_build_object('customerUid', name || '-1') ORDER BY name) || jsonb_agg(both_have || two || jsonb_build_object('customerUid', name || '-2') ORDER BY name) FROM t.case)) || t.copies('runs', '{tri-b, tri-a, tri-c}', '{"firstname": "Vetle", "lastname": "Orrestad", "email": "vetle@orrestad.example", "address": "Orreveien 4", "postalCode": "4343"}'),
	2 * count(*) || ':3:', 'customers to merge, one of them there three times') FROM t.case;
UPDATE flowcustomer.customer SET created_at = created_at - interval '1 hour' WHERE tenant_uid = 'runs' AND customer_uid = 'tri-b';
CREATE TABLE t.wanted AS SELECT row_number() OVER () AS place, d.* FROM flowcustomer.customer_duplicates('runs', 0.9) AS d WHERE (customer_uid, duplicate_uid) NOT IN (('tri-a', 'tri-c'));
SELECT ok(count(*) > 20 AND count(*) FILTER (WHERE customer_uid = 'tri-b') = 2, 'so many are to be merged') FROM t.wanted;
CALL t.run('SELECT t.keep(''runs'')');
CALL flowcustomer.merge_duplicates('runs', 0.9, true);
SELECT is_empty($$SELECT c FROM t.changes('runs') AS c WHERE c !~ '^. duplicate_(run|run_item|state) '$$, 'a dry run changes nothing but its report');
SELECT results_eq('SELECT * FROM t.report(''runs'')', 'SELECT place, customer_uid, duplicate_uid, score, ''POSSIBLE''::text, NULL::text, true FROM t.wanted ORDER BY place', 'which has what can be merged, best first');
SELECT is(t.run_of('runs'), format('0.9 dry t t %1$s %1$s 0', count(*)), 'and how many these are') FROM t.wanted;
CALL flowcustomer.merge_duplicates('runs');
SELECT results_eq('SELECT * FROM t.report(''runs'')', 'SELECT place, customer_uid, duplicate_uid, score, ''MERGED''::text, NULL::text, true FROM t.wanted ORDER BY place', 'a run without more arguments merges from 0.9');
SELECT is(t.run_of('runs'), format('0.9 dry t t %1$s %1$s 0, 0.9 real t t %1$s %1$s 0', count(*)), 'all of them') FROM t.wanted;
SELECT results_eq($$SELECT survivor_uid COLLATE "default", duplicate_uid COLLATE "default", merged_by COLLATE "default", undone_at FROM flowcustomer.merge WHERE tenant_uid = 'runs' ORDER BY 2$$, 'SELECT customer_uid, duplicate_uid, current_user::text COLLATE "default", NULL::timestamptz FROM t.wanted ORDER BY 2', 'into who was there first, by who called');
SELECT is_empty($$SELECT c.customer_uid FROM flowcustomer.customer AS c JOIN t.wanted AS w ON w.duplicate_uid = c.customer_uid WHERE tenant_uid = 'runs'$$, 'the duplicates are gone');
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'runs'), 2 * (SELECT count(*) FROM t.case) + 3 - count(*), 'and nobody else') FROM t.wanted;
SELECT is_empty('SELECT what FROM t.broken', 'sound: after a run');
SELECT is(t.pairs('runs', 0.9), '', 'nobody is left to merge');
CALL t.run('SELECT t.keep(''runs'')');
CALL flowcustomer.merge_duplicates('runs');
SELECT is_empty($$SELECT c FROM t.changes('runs') AS c WHERE c !~ '^. duplicate_(run|state) '$$, 'running again changes nothing');
SELECT is(t.run_of('runs'), format('0.9 dry t t %1$s %1$s 0, 0.9 real t t %1$s %1$s 0, 0.9 real t t 0 0 0', count(*)), 'and has nothing to report') FROM t.wanted;
CALL flowcustomer.merge_duplicates('runs', 0.05);
SELECT is_empty($$SELECT duplicate_uid FROM flowcustomer.merge WHERE tenant_uid = 'runs' AND duplicate_uid ~ '^(sisters|similar|father|spouses|couple)-'$$, 'who is in no cluster is not merged, however little is asked for');
CALL t.run('SELECT t.undo(''slip-2'', ''runs'')');
SELECT ok(t.listed('runs', 'slip-1', 'slip-2'), 'a merge of a run can be undone');

-- What can't be merged.
CREATE TABLE t.linked (tenant text, customer text, k int, PRIMARY KEY (tenant, customer, k), FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
SELECT is(t.crowd('fails', 30) || t.copies('fails', '{a, b}') || t.copies('fails', '{d, e}', '{"firstname": "Eldbjørg", "lastname": "Tofte", "email": "eldbjorg@post.example", "address": "Liaveien 7", "postalCode": "5132"}'), '30:2:2:', 'two to merge');
INSERT INTO t.linked VALUES ('fails', 'a', 1), ('fails', 'b', 1), ('fails', 'e', 1);
CALL flowcustomer.merge_duplicates('fails', 0.9, true);
SELECT results_eq('SELECT customer_uid, duplicate_uid, outcome, code, done FROM t.report(''fails'') ORDER BY 1', $$VALUES ('a', 'b', 'FAILED', 'MERGE_BLOCKED', true), ('d', 'e', 'POSSIBLE', NULL, true)$$, 'a dry run says what is in the way');
CALL flowcustomer.merge_duplicates('fails', 0.9, false);
SELECT results_eq('SELECT customer_uid, duplicate_uid, outcome, code, done FROM t.report(''fails'') ORDER BY 1', $$VALUES ('a', 'b', 'FAILED', 'MERGE_BLOCKED', true), ('d', 'e', 'MERGED', NULL, true)$$, 'what is in the way of one is not in that of others');
SELECT is(t.run_of('fails'), '0.9 dry t t 2 2 1, 0.9 real t t 2 2 1', 'so many failed');
SELECT results_eq('SELECT * FROM t.linked ORDER BY 2', $$VALUES ('fails', 'a', 1), ('fails', 'b', 1), ('fails', 'd', 1)$$, 'and nothing of it is left half done');
DELETE FROM t.linked WHERE customer = 'b';
CALL flowcustomer.merge_duplicates('fails', 0.9);
SELECT results_eq('SELECT customer_uid, duplicate_uid, outcome, code, done FROM t.report(''fails'')', $$VALUES ('a', 'b', 'MERGED', NULL, true)$$, 'once it is out of the way the next run merges them');
DROP TABLE t.linked;

-- Runs that were stopped: as a dry run left it, but not dry, and not all of it done.
SELECT is(t.crowd('stops', 30) || string_agg(t.copies('stops', ARRAY[n || '-1', n || '-2'], jsonb_build_object('firstname', f, 'lastname', l, 'email', f || '@post.example', 'postalCode', '513' || n)), '' ORDER BY n), '30:2:2:2:2:', 'four to merge') FROM (VALUES (1, 'Torgrim', 'Nattland'), (2, 'Hildegunn', 'Falkenes'), (3, 'Gudmund', 'Ekornrud'), (4, 'Sigurd', 'Bjelland')) AS v(n, f, l);
CALL flowcustomer.merge_duplicates('stops', 0.8, true);
SELECT is((SELECT count(*) FROM t.report('stops')), 4::bigint, 'they are found');
UPDATE flowcustomer.duplicate_run SET dry_run = false, finished_at = NULL, done = 1 WHERE tenant_uid = 'stops';
UPDATE flowcustomer.duplicate_run_item SET outcome = NULL, done_at = NULL WHERE tenant_uid = 'stops' AND place > 1;
CREATE TABLE t.stopped AS SELECT * FROM t.report('stops');
CALL t.run('SELECT flowcustomer.customer_delete(''stops'', duplicate_uid) FROM t.stopped WHERE place = 3');
CALL flowcustomer.merge_duplicates('stops', 0.8);
SELECT results_eq('SELECT place, customer_uid, duplicate_uid, outcome, code, done FROM t.report(''stops'')', $$VALUES (1::bigint, '1-1', '1-2', 'POSSIBLE', NULL::text, true), (2, '1-1', '1-2', 'MERGED', NULL, true), (3, '2-1', '2-2', 'MERGED', NULL, true), (4, '4-1', '4-2', 'MERGED', NULL, true)$$, 'a run that was stopped goes on with what is left of it by now');
SELECT is(t.run_of('stops'), '0.8 real t t 4 4 0', 'and is the same run');
UPDATE flowcustomer.duplicate_run SET finished_at = NULL, done = 3 WHERE tenant_uid = 'stops';
CALL flowcustomer.merge_duplicates('stops', 0.7);
SELECT is_empty('SELECT FROM t.report(''stops'')', 'another call begins another run, with nothing left to do');
SELECT is((SELECT string_agg(concat_ws(' ', min_score, finished_at IS NOT NULL, done), ', ' ORDER BY started_at) FROM flowcustomer.duplicate_run WHERE tenant_uid = 'stops'), '0.8 t 3, 0.7 t 0', 'which gives up the one that was stopped');

-- What happens while it runs: a pair is dismissed, a table's rule forbids another one.
SELECT is(t.crowd('meanwhile', 30) || string_agg(t.copies('meanwhile', ARRAY[n || '-1', n || '-2'], jsonb_build_object('firstname', f, 'lastname', l, 'email', f || '@post.example', 'postalCode', '513' || n)), '' ORDER BY n), '30:2:2:2:2:', 'four to merge again') FROM (VALUES (1, 'Torgrim', 'Nattland'), (2, 'Hildegunn', 'Falkenes'), (3, 'Gunnvald', 'Brattset'), (4, 'Ragndis', 'Kvernmo')) AS v(n, f, l);
CREATE FUNCTION t.meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF old.tenant_uid = 'meanwhile' AND old.customer_uid = '2-2' THEN
		RAISE EXCEPTION 'not now' USING ERRCODE = '55000';
	ELSIF old.tenant_uid = 'meanwhile' THEN
		INSERT INTO flowcustomer.duplicate_dismissal VALUES ('meanwhile', '3-1', '3-2', 'father and son', 'somebody', now()) ON CONFLICT DO NOTHING;
	END IF;
	RETURN old;
END $$;
CREATE TRIGGER meanwhile BEFORE DELETE ON flowcustomer.customer FOR EACH ROW EXECUTE FUNCTION t.meanwhile();
CALL flowcustomer.merge_duplicates('meanwhile', 0.8);
DROP TRIGGER meanwhile ON flowcustomer.customer;
SELECT results_eq('SELECT customer_uid, outcome, code FROM t.report(''meanwhile'') ORDER BY 1', $$VALUES ('1-1', 'MERGED', NULL), ('2-1', 'FAILED', '55000'), ('3-1', 'FAILED', 'DUPLICATE_DISMISSED'), ('4-1', 'MERGED', NULL)$$, 'each pair fails by itself, and the others are merged');
CALL flowcustomer.merge_duplicates('meanwhile', 0.8);
SELECT results_eq('SELECT customer_uid, outcome, code FROM t.report(''meanwhile'')', $$VALUES ('2-1', 'MERGED', NULL::text)$$, 'what was in the way is tried again, who was dismissed is not');

-- A great many of one.
SELECT is(t.crowd('many', 2000) || t.copies('many', (SELECT array_agg('many-' || lpad(i::text, 3, '0')) FROM generate_series(1, 140) AS i)), '2000:140:', 'one customer 140 times among others');
CREATE FUNCTION t.weights() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat(r ->> 'field', ' ', r ->> 'agreement', ' ', r ->> 'weight'), ', ') FROM json_array_elements(flowcustomer.customer_find_similar('many', '{"firstname": "Torgrim", "lastname": "Natland", "mobile": "90100208"}', 1) #> '{items,0,reasons}') AS r
$$;
SELECT t.weights() AS before \gset
SELECT is((SELECT count(DISTINCT cluster_uid) || ' ' || count(*) FILTER (WHERE cluster_uid IS NULL) FROM flowcustomer.customer_duplicates('many')), '1 0', 'is one cluster');
SELECT isnt(t.weights(), :'before', 'what was learned counts when somebody is typed again');
SELECT matches(t.weights(), '^firstname same [0-9.]+, lastname alike [0-9.]+, mobile same [0-9.]+$', 'in the same way');
CALL flowcustomer.merge_duplicates('many');
SELECT results_eq('SELECT customer_uid, outcome, count(*), count(DISTINCT duplicate_uid) FROM t.report(''many'') GROUP BY 1, 2', $$VALUES ('many-001', 'MERGED', 139::bigint, 139::bigint)$$, 'and is there once in the end');

-- How it can be called.
SELECT is(t.error(format('CALL flowcustomer.merge_duplicates(%s)', arguments)), '2D000: "merge_duplicates" commits as it goes, which it cannot do in a transaction', 'not from a function: ' || arguments) FROM unnest(ARRAY['''acme''', '''acme'', 0.5, true', '''nowhere''']) AS arguments;
\unset ON_ERROR_STOP
\set state ''
BEGIN;
CALL flowcustomer.merge_duplicates('acme');
\set state :SQLSTATE
ROLLBACK;
SELECT is(:'state'::text, '2D000', 'nor between BEGIN and COMMIT');
CALL flowcustomer.merge_duplicates('nowhere');
SELECT is(:'SQLSTATE'::text, 'PT404', 'there has to be such a tenant');
CALL flowcustomer.merge_duplicates('acme', 1.5);
SELECT is(:'SQLSTATE'::text, 'PT400', 'and such a score');
CALL flowcustomer.merge_duplicates('acme', 'NaN', true);
SELECT is(:'SQLSTATE'::text, 'PT400', 'which is a number');
CALL flowcustomer.merge_duplicates('acme', NULL);
SELECT is(:'SQLSTATE'::text, 'PT400', 'no score is not any score');
CALL flowcustomer.merge_duplicates('acme', 0.9, NULL);
SELECT is(:'SQLSTATE'::text, 'PT400', 'nor is what is neither a dry run nor none');
\set ON_ERROR_STOP 1
SELECT is_empty($$SELECT run_uid FROM flowcustomer.duplicate_run WHERE tenant_uid = 'acme'$$, 'none of these was a run');

-- Who may, and who it was.
CREATE ROLE t_duplicates_clerk;
CREATE ROLE t_duplicates_nobody;
SELECT format('GRANT %I TO t_duplicates_clerk', rolname) FROM pg_roles WHERE oid = (SELECT nspowner FROM pg_namespace WHERE nspname = 'flowcustomer') \gexec
GRANT USAGE ON SCHEMA t, flowcustomer, public TO t_duplicates_nobody;
SET ROLE t_duplicates_clerk;
SELECT flowcustomer.customer_duplicate_dismiss('acme', 'sound-1', 'sound-2', 'the clerk says so') \g /dev/null
CALL flowcustomer.merge_duplicates('acme', 0.9);
RESET ROLE;
SELECT is(t.explain('acme', 'sound-1', 'sound-2') #>> '{dismissed,dismissedBy}', 't_duplicates_clerk', 'who dismissed them');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', merged_by, started_by), ',') FROM flowcustomer.merge JOIN flowcustomer.duplicate_run USING (tenant_uid) WHERE tenant_uid = 'acme'), 't_duplicates_clerk t_duplicates_clerk', 'who merged them');
SELECT ok(count(*) > 20 AND bool_and(duplicate_uid <> 'sound-2'), 'all but those whom the clerk dismissed') FROM flowcustomer.merge WHERE tenant_uid = 'acme';
SET ROLE t_duplicates_nobody;
SELECT is(t.error(call), expected, 'not everybody may: ' || call) FROM (VALUES ('SELECT * FROM flowcustomer.customer_duplicates(''acme'')', '42501: permission denied for function customer_duplicates'), ('SELECT flowcustomer.customer_duplicates_refresh(''acme'')', '42501: permission denied for function customer_duplicates_refresh'),
	('SELECT flowcustomer.customer_duplicate_explain(''acme'', ''a'', ''b'')', '42501: permission denied for function customer_duplicate_explain'), ('SELECT flowcustomer.customer_duplicate_dismiss(''acme'', ''a'', ''b'', ''c'')', '42501: permission denied for function customer_duplicate_dismiss'),
	('SELECT flowcustomer.customer_duplicate_undismiss(''acme'', ''a'', ''b'')', '42501: permission denied for function customer_duplicate_undismiss'), ('CALL flowcustomer.merge_duplicates(''acme'')', '42501: permission denied for procedure merge_duplicates')) AS v(call, expected);
SELECT is(left(t.error('SELECT 1 FROM flowcustomer.' || tbl), 5), '42501', 'nor read ' || tbl) FROM unnest(ARRAY['duplicate_state', 'duplicate_customer', 'duplicate_pair', 'duplicate_dismissal', 'duplicate_run', 'duplicate_run_item']) AS tbl;
RESET ROLE;
GRANT EXECUTE ON FUNCTION flowcustomer.customer_duplicates(text, double precision, integer) TO t_duplicates_nobody;
SET ROLE t_duplicates_nobody;
SELECT is(t.error('SELECT * FROM flowcustomer.customer_duplicates(''acme'')'), 'PT403: FORBIDDEN', 'who may call one still needs access');
RESET ROLE;
DROP OWNED BY t_duplicates_nobody, t_duplicates_clerk;
DROP ROLE t_duplicates_nobody, t_duplicates_clerk;

-- Few, many and odd ones --------------------------------------------------------------

SELECT is(t.refresh('empty'), '{"customers": 0, "changed": 0, "gone": 0, "pairs": 0, "learned": true}', 'no customers at all');
SELECT is(t.pairs('empty', 0), '', 'no pairs of them');
CALL flowcustomer.merge_duplicates('empty', 0);
SELECT is(t.run_of('empty'), '0 real t t 0 0 0', 'nor anything to merge');
SELECT is(t.people('one', '[{"customerUid": "a", "firstname": "Kari"}]'), '1:', 'one customer');
SELECT is(t.refresh('one'), '{"customers": 1, "changed": 1, "gone": 0, "pairs": 0, "learned": true}', 'who is compared with nobody');
SELECT is(t.people('one', '[{"customerUid": "b"}, {"customerUid": "c"}, {"customerUid": "d", "customerType": "COMPANY"}, {"customerUid": "e", "customerType": "COMPANY"}, {"customerUid": "f", "customerType": "B2B"}, {"customerUid": "g", "customerType": "B2B"}]'), '6:', 'customers without anything');
SELECT is(t.pairs('one', 0), '', 'are not the same');
SELECT is(t.explain('one', 'b', 'c') - 'reasons' - 'probability', '{"customerUid": "b", "duplicateUid": "c", "comparable": true, "values": [], "found": null, "dismissed": null}', 'for there is nothing to compare');
SELECT is(t.explain('one', 'b', 'c') #> '{reasons,fields}', '[]', 'nor anything that tells for it');

-- Many who are the same, or share what stands for nothing.
SELECT is(t.copies('equal', (SELECT array_agg('equal-' || i) FROM generate_series(1, 200) AS i)), '200:', 'one customer 200 times');
SELECT performs_ok('SELECT t.pairs(''equal'', 0)', 3000, 'does not take long');
CALL flowcustomer.merge_duplicates('equal', 0.5);
SELECT is_empty($$SELECT code FROM flowcustomer.duplicate_run_item WHERE tenant_uid = 'equal' AND outcome <> 'MERGED'$$, 'nor is there a mistake in merging them');
SELECT is_empty('SELECT what FROM t.broken', 'sound: after it');
SELECT is(t.crowd('sharing', 100, '{"mobile": "99999999", "email": "none@none.example"}'), '100:', 'a hundred who share a telephone and an e-mail that are nobody''s');
SELECT performs_ok('SELECT t.pairs(''sharing'', 0)', 3000, 'does not take long either');
SELECT is(t.pairs('sharing'), '', 'they are not the same');
SELECT is(t.copies('sharing', '{crowd-x, crowd-y}', '{"firstname": "Gudmund", "lastname": "Ekornrud", "mobile": "99999999", "email": "none@none.example", "address": "Seterstien 40", "postalCode": "2670"}'), '2:', 'and two who share more');
SELECT is(t.pairs('sharing'), 'crowd-x crowd-y', 'are');

-- Odd values, each of which somebody has twice.
CREATE TABLE t.odd AS SELECT row_number() OVER () AS n, * FROM (VALUES ('quotes', 'O''Br"ien', E'd''Ar\\c'), ('percent', '100%s', '%d %n'), ('emoji', '😀 Ola', '🎅🏽 Nisseth'), ('long', repeat('Å', 255), repeat('Øx', 127)), ('cyrillic', 'Фёдор', 'Достоевский'), ('greek', 'Ελένη', 'Παπαδοπούλου'), ('arabic', 'محمد', 'الأحمد'), ('japanese', '太郎', '山田'), ('hebrew', 'דוד', 'כהן'),
	('digits', '12345', '67890'), ('one', 'Ø', 'Å'), ('words', repeat('ab ', 80) || 'ab', repeat('c ', 127) || 'c'), ('combining', U&'A\030Ase', U&'Bjo\0308rk')) AS v(name, first, last);
SELECT is(t.crowd('odd', 40) || t.people('odd', jsonb_agg(jsonb_build_object('customerUid', name || '-' || k, 'firstname', first, 'lastname', last, 'mobile', '+479030' || lpad(n::text, 4, '0'), 'address', first || ' ' || n, 'postalCode', lpad((n * 531)::text, 4, '0')) ORDER BY k)), '40:26:', 'odd names') FROM t.odd, unnest(ARRAY[1, 2]) AS k;
SELECT results_eq($$SELECT customer_uid, duplicate_uid FROM flowcustomer.customer_duplicates('odd', 0.9) ORDER BY 1$$, 'SELECT name || ''-1'', name || ''-2'' FROM t.odd ORDER BY 1', 'odd ones are found, too');
SELECT is((t.explain('odd', name || '-1', name || '-2') #>> '{found,clusterUid}'), name || '-1', 'and why: ' || name) FROM t.odd ORDER BY n;
CALL flowcustomer.merge_duplicates('odd');
SELECT is(t.run_of('odd'), '0.9 real t t 13 13 0', 'and merged');
SELECT is_empty('SELECT what FROM t.broken', 'sound: at the end');

SELECT * FROM finish();
