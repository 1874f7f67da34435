-- Random merges and undos among random changes.  A model of a few tables, which
-- knows nothing of how merging works, says who has what; after every step the
-- tables of the extension have to say the same.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run('SELECT setseed(0.42)');

-- The model --------------------------------------------------------------------------

-- Where each customer is, and what it owed at first.
CREATE TABLE t.who (uid text PRIMARY KEY, now text NOT NULL, opening bigint NOT NULL, kind text NOT NULL);
-- Who has what: two of the same kind and key that come to one customer are one row
-- there, and are two again when one of them goes; only entries of consents stay two.
-- "own" is whose it was at first, "since" the step of a consent that was withdrawn.
CREATE TABLE t.claim (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, key text NOT NULL, customer text, own text, touched boolean NOT NULL DEFAULT false, since integer);
CREATE VIEW t.expected AS SELECT DISTINCT kind, key, customer FROM t.claim WHERE kind <> 'consent' UNION ALL SELECT kind, key, customer FROM t.claim WHERE kind = 'consent';
-- What was taken away is never given again: nobody could tell it from the old one.
CREATE TABLE t.taken (kind text, key text);
-- Merges, with what they moved.
CREATE TABLE t.merged (n integer PRIMARY KEY, merge_uid text, survivor text, duplicate text, claims integer[], uids text[], undone boolean NOT NULL DEFAULT false);
CREATE TABLE t.touched (uid text);

-- What the extension's tables say of the same.
CREATE VIEW t.real AS
	SELECT 'address' AS kind, city AS key, customer_uid AS customer, row_to_json(r)::text AS line FROM flowcustomer.customer_address AS r
	UNION ALL SELECT 'link', contact_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.customer_contact AS r
	UNION ALL SELECT 'link extension', contact_uid || '/' || organization_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.contact_extension AS r
	UNION ALL SELECT 'extension', extension_code || '/' || organization_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.customer_extension AS r
	UNION ALL SELECT 'consent', source, customer_uid, row_to_json(r)::text FROM flowcustomer.customer_consent AS r
	UNION ALL SELECT 'member', group_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.customer_group_member AS r
	UNION ALL SELECT 'sales order', order_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.sales_order AS r
	UNION ALL SELECT 'service order', service_order_uid, customer_uid, row_to_json(r)::text FROM flowcustomer.service_order AS r;

-- Where the two differ.
CREATE VIEW t.wrong AS
	SELECT what FROM t.broken
	UNION ALL SELECT '- ' || concat_ws(' ', kind, key, customer) FROM (SELECT kind, key, customer FROM t.expected EXCEPT ALL SELECT kind, key, customer FROM t.real) AS a
	UNION ALL SELECT '+ ' || concat_ws(' ', kind, key, customer) FROM (SELECT kind, key, customer FROM t.real EXCEPT ALL SELECT kind, key, customer FROM t.expected) AS b
	UNION ALL SELECT format('%s leads to %s instead of %s', uid, survivor_uid, now) FROM (SELECT * FROM t.who WHERE uid <> now) AS w FULL JOIN flowcustomer.customer_redirect ON customer_uid = uid WHERE now IS DISTINCT FROM survivor_uid
	UNION ALL SELECT format('%s %s has the opening balance %s instead of %s', now, customer_uid, credit_opening_balance, opening) FROM (SELECT now, sum(opening) AS opening FROM t.who GROUP BY now) AS w FULL JOIN flowcustomer.customer ON customer_uid = now
	WHERE opening IS DISTINCT FROM credit_opening_balance
	-- of entries of the same time that came from different customers a withdrawal counts
	UNION ALL SELECT format('%s: consent to %s is %s', customer_uid, consent_uid, status) FROM (SELECT DISTINCT ON (customer_uid, consent_uid) customer_uid, consent_uid, created_at, status FROM flowcustomer.customer_consent ORDER BY customer_uid, consent_uid, created_at DESC, entry_uid DESC) AS n
	JOIN (SELECT customer_uid, consent_uid, created_at, bool_and(status) AS counts FROM flowcustomer.customer_consent GROUP BY 1, 2, 3) AS e USING (customer_uid, consent_uid, created_at) WHERE status <> counts;

-- The beginning ------------------------------------------------------------------------

CREATE FUNCTION t.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT choices[1 + floor(random() * cardinality(choices))::integer] $$;
CREATE FUNCTION t.some(share double precision) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT random() < share $$;
INSERT INTO t.who SELECT 'c' || i, 'c' || i, i * 1000, CASE WHEN i <= 28 THEN 'COMPANY' WHEN i <= 37 THEN 'PERSON' ELSE 'B2B' END FROM generate_series(1, 40) AS i;
CALL t.run($$SELECT flowcustomer.organization_put('acme', json_build_object('organizationUid', 'o' || i, 'name', 'O')), flowcustomer.store_put('acme', json_build_object('storeUid', 'o' || i, 'name', 'S', 'organizationUid', 'o' || i)) FROM generate_series(1, 8) AS i$$);
CALL t.run($$SELECT flowcustomer.customer_group_create('acme', json_build_object('customerGroupUid', 'g' || i, 'name', 'G')) FROM generate_series(1, 20) AS i$$);
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_strip_nulls(json_build_object('customerUid', uid, 'customerType', kind, 'externalId', 'E-' || uid,
	'customerParentUid', CASE WHEN kind = 'COMPANY' AND n > 5 AND t.some(0.4) THEN 'c' || 1 + floor(random() * (n - 1))::integer END,
	'city', CASE WHEN t.some(0.5) THEN 'City ' || uid END, 'email', CASE WHEN t.some(0.3) THEN uid || '@example.no' END, 'loyaltyId', CASE WHEN t.some(0.3) THEN 'L-' || uid END, 'paymentTerms', CASE WHEN t.some(0.3) THEN n END,
	'internalNote', CASE WHEN t.some(0.3) THEN uid || E' "\\\n' END, 'defaultStoreUid', CASE WHEN t.some(0.3) THEN 'oslo' END, 'accountManager', CASE WHEN t.some(0.3) THEN json_build_object('tenantUserUid', 'liv') END)) ORDER BY n))
	FROM (SELECT *, substr(uid, 2)::integer AS n FROM t.who ORDER BY 5) AS w))$$);
UPDATE flowcustomer.customer SET credit_opening_balance = opening, created_at = '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us' FROM t.who WHERE uid = customer_uid;
INSERT INTO flowcustomer.customer_address (tenant_uid, customer_uid, customer_address_uid, type, city, country_code, created_at, last_modified_at)
SELECT DISTINCT ON (uid, i % 3) 'acme', uid, 'a' || i % 3, 'INVOICE_ADDRESS', 'City ' || i, 'NO', '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us', now() FROM t.who, generate_series(1, 9) AS i WHERE t.some(0.2) ORDER BY uid, i % 3, random();
CALL t.run($$SELECT flowcustomer.contact_create('acme', json_build_object('customerContactUid', 'k' || i, 'firstname', 'K', 'lastname', 'K', 'customers',
	(SELECT json_agg(json_build_object('customerUid', uid, 'role', t.pick('ADMIN', 'PURCHASER', 'ACCOUNTING', 'NONE'))) FROM t.who WHERE t.some(0.15)))) FROM generate_series(1, 20) AS i$$);
UPDATE flowcustomer.customer_contact SET created_at = '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us';
INSERT INTO flowcustomer.contact_extension (tenant_uid, customer_uid, contact_uid, extension_code, organization_uid, created_at)
SELECT tenant_uid, customer_uid, contact_uid, 'TWO_INVOICE', o, '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us' FROM flowcustomer.customer_contact, unnest(ARRAY['nordic', 'south']) AS o WHERE t.some(0.3);
INSERT INTO flowcustomer.customer_extension (tenant_uid, customer_uid, extension_code, organization_uid, created_at)
SELECT 'acme', uid, code, 'o' || i, '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us' FROM t.who, unnest(ARRAY['TWO_INVOICE', 'KLAVIYO_PROFILE_ID']) AS code, generate_series(1, 8) AS i WHERE t.some(0.12);
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status, source)
SELECT 'acme', uid, consent, '2020-01-01Z'::timestamptz + i * interval '1 us', substr(md5(random()::text), 1, 8), t.some(0.5), concat_ws(' ', consent, uid, i) FROM t.who, unnest(ARRAY['news', 'sms']) AS consent, generate_series(1, 3) AS i WHERE t.some(0.4);
CALL t.run($$SELECT flowcustomer.customer_group_customer_update('acme', 'g' || i, (SELECT json_build_object('addCustomerUids', json_agg(uid)) FROM t.who WHERE t.some(0.1))) FROM generate_series(1, 20) AS i$$);
UPDATE flowcustomer.customer_group_member SET created_at = '2020-01-01Z'::timestamptz + floor(random() * 1e13) * interval '1 us';
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.order('s' || i, 'c' || 1 + floor(random() * 40)::integer, (random() * 1000)::integer - 100)) FROM generate_series(1, 80) AS i$$);
CALL t.run($$SELECT flowcustomer.service_order_put('acme', t.service('v' || i, 'c' || 1 + floor(random() * 40)::integer)) FROM generate_series(1, 40) AS i$$);
INSERT INTO t.claim (kind, key, customer, own) SELECT kind, key, customer, customer FROM t.real;
CREATE TABLE t.beginning AS SELECT * FROM t.real;
CREATE TABLE t.first AS SELECT customer_uid, to_jsonb(c) - '{customer_parent_uid,last_modified_at,credit_open_invoices,credit_balance}'::text[] AS fields FROM flowcustomer.customer AS c;
SELECT is_empty('SELECT what FROM t.wrong', 'at the beginning the model says what the tables say');
SELECT is_empty($$SELECT kind FROM unnest(ARRAY['address', 'link', 'link extension', 'extension', 'consent', 'member', 'sales order', 'service order']) AS kind WHERE (SELECT count(*) FROM t.claim AS c WHERE c.kind = kind.kind) < 25$$, 'which is something of every kind');

-- Steps ----------------------------------------------------------------------------------

-- Any name of a customer: its own, or one that leads to it.
CREATE FUNCTION t.name_of(customer text) RETURNS text LANGUAGE sql AS $$ SELECT t.pick(VARIADIC array_agg(uid ORDER BY uid)) FROM t.who WHERE now = customer $$;
-- Any customer that there is, and any name.
CREATE FUNCTION t.any_customer() RETURNS text LANGUAGE sql AS $$ SELECT t.pick(VARIADIC array_agg(uid ORDER BY uid)) FROM t.who WHERE uid = now $$;
CREATE FUNCTION t.any_name() RETURNS text LANGUAGE sql AS $$ SELECT t.pick(VARIADIC array_agg(uid ORDER BY uid)) FROM t.who $$;

CREATE FUNCTION t.step_merge(n integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	survivor text := t.any_name();
	alive boolean := t.some(0.9);
	alike boolean := t.some(0.95);
	duplicate text := (SELECT t.pick(VARIADIC array_agg(uid ORDER BY uid)) FROM t.who AS w WHERE (uid = now OR NOT alive) AND (kind = (SELECT kind FROM t.who WHERE uid = survivor) OR NOT alike));
	a text := (SELECT now FROM t.who WHERE uid = survivor);
	b text := (SELECT now FROM t.who WHERE uid = duplicate);
	choice jsonb := CASE WHEN t.some(0.3) THEN jsonb_build_object(t.pick('city', 'email', 'customerParentUid', 'internalNote', 'defaultStoreUid'), t.pick('FROM', 'TO')) END;
	expected text := CASE
		WHEN survivor = duplicate OR a = duplicate THEN 'PT400: MERGE_SELF $.mergeFromCustomerUid'
		WHEN b <> duplicate AND a = b THEN 'ok'
		WHEN b <> duplicate THEN 'PT409: CUSTOMER_ALREADY_MERGED $.mergeFromCustomerUid'
		WHEN (SELECT count(DISTINCT kind) FROM t.who WHERE uid IN (survivor, duplicate)) > 1 THEN 'PT409: MERGE_TYPES_DIFFER'
		WHEN EXISTS (WITH RECURSIVE up AS (SELECT customer_parent_uid AS uid FROM flowcustomer.customer WHERE customer_uid = a
				UNION SELECT customer_parent_uid FROM up JOIN flowcustomer.customer ON customer_uid = up.uid) SELECT FROM up WHERE uid = b) THEN 'PT409: MERGE_INTO_DEPARTMENT'
		ELSE 'ok' END;
	outcome text := t.try_merge(survivor, duplicate, choice);
BEGIN
	log := format('merge %s from %s %s: %s', survivor, duplicate, choice, outcome);
	IF outcome <> expected THEN
		log := log || ' INSTEAD OF ' || expected;
	ELSIF outcome = 'ok' AND a <> b THEN
		INSERT INTO t.merged SELECT n, t.merge_of(duplicate), a, b, array(SELECT id FROM t.claim WHERE customer = b), array(SELECT uid FROM t.who WHERE now = b);
		UPDATE t.claim SET customer = a WHERE customer = b;
		UPDATE t.who SET now = a WHERE now = b;
	END IF;
END $$;

CREATE FUNCTION t.step_undo(which integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	m t.merged;
	expected text;
	outcome text;
BEGIN
	SELECT * INTO m FROM t.merged WHERE n = which;
	IF m.n IS NULL THEN
		RETURN;
	END IF;
	expected := CASE WHEN m.undone THEN 'PT409: MERGE_ALREADY_UNDONE'
		WHEN EXISTS (SELECT FROM t.merged AS later WHERE NOT later.undone AND (later.duplicate = m.survivor OR later.survivor = m.survivor AND later.n > m.n)) THEN 'PT409: MERGE_NOT_LAST'
		ELSE 'ok' END;
	outcome := t.error(format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', m.merge_uid));
	log := format('undo %s, %s from %s: %s', m.n, m.survivor, m.duplicate, outcome);
	IF outcome <> expected THEN
		log := log || ' INSTEAD OF ' || expected;
	ELSIF outcome = 'ok' THEN
		UPDATE t.claim SET customer = m.duplicate WHERE customer = m.survivor AND id = ANY (m.claims);
		-- an extension cannot be where its link is not
		UPDATE t.claim AS e SET customer = m.duplicate WHERE kind = 'link extension' AND customer = m.survivor
			AND NOT EXISTS (SELECT FROM t.claim AS l WHERE l.kind = 'link' AND l.customer = e.customer AND l.key = split_part(e.key, '/', 1));
		-- who withdrew a consent while the two were one withdrew it for both
		INSERT INTO t.claim (kind, key, customer, since) SELECT kind, key, m.duplicate, since FROM t.claim WHERE customer = m.survivor AND since > m.n;
		UPDATE t.who SET now = m.duplicate WHERE uid = ANY (m.uids);
		UPDATE t.merged SET undone = true WHERE n = m.n;
	END IF;
END $$;

-- A merge: mostly one that can be undone, sometimes one that was undone already.
CREATE FUNCTION t.any_merge() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	possible boolean := t.some(0.6);
	again boolean := t.some(0.06);
BEGIN
	RETURN (SELECT t.pick(VARIADIC array_agg(n::text ORDER BY n)) FROM t.merged AS m WHERE undone = again
		AND (again OR NOT possible OR NOT EXISTS (SELECT FROM t.merged AS later WHERE NOT later.undone AND (later.duplicate = m.survivor OR later.survivor = m.survivor AND later.n > m.n))));
END $$;

-- Puts an order, new or old, for anybody or nobody.
CREATE FUNCTION t.step_order(n integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	sales boolean := t.some(0.7);
	what text := CASE WHEN sales THEN 'sales order' ELSE 'service order' END;
	uid text := CASE WHEN t.some(0.3) THEN 'new' || n ELSE (SELECT t.pick(VARIADIC array_agg(key ORDER BY id)) FROM t.claim WHERE kind = what) END;
	customer_name text := CASE WHEN t.some(0.9) THEN t.any_name() END;
	resolved text := (SELECT now FROM t.who AS w WHERE w.uid = customer_name);
	outcome text := CASE WHEN sales THEN t.error(format('SELECT flowcustomer.sales_order_put(''acme'', %L)', t.order(uid, customer_name, (random() * 1000)::integer - 100)))
		ELSE t.error(format('SELECT flowcustomer.service_order_put(''acme'', %L)', t.service(uid, customer_name))) END;
BEGIN
	log := format('%s %s for %s: %s', what, uid, customer_name, outcome);
	IF outcome <> 'ok' THEN
		log := log || ' INSTEAD OF ok';
	END IF;
	UPDATE t.claim SET customer = resolved, touched = true WHERE kind = what AND key = uid;
	IF NOT FOUND THEN
		INSERT INTO t.claim (kind, key, customer, touched) VALUES (what, uid, resolved, true);
	END IF;
END $$;

-- Gives a customer, by any of its names, something that it does not have.
CREATE FUNCTION t.step_give(n integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	what text := t.pick('address', 'link', 'link extension', 'extension', 'consent', 'member');
	owner text := t.any_customer();
	key_given text := CASE what WHEN 'address' THEN 'New ' || n WHEN 'link' THEN 'k' || 1 + floor(random() * 20)::integer WHEN 'extension' THEN t.pick('TWO_INVOICE', 'KLAVIYO_PROFILE_ID') || '/o' || 1 + floor(random() * 8)::integer
		WHEN 'consent' THEN 'new ' || n WHEN 'member' THEN 'g' || 1 + floor(random() * 20)::integer
		ELSE (SELECT t.pick(VARIADIC array_agg(key ORDER BY id)) FROM t.claim WHERE kind = 'link' AND customer = owner) || '/' || t.pick('nordic', 'south') END;
	name text := t.name_of(owner);
	given text := t.pick('true', 'false');
	call text := CASE what WHEN 'address' THEN format('customer_address_put(''acme'', %L, ''{"type": "INVOICE_ADDRESS", "city": "%s"}'')', name, key_given)
		WHEN 'link' THEN format('contact_customer_add(''acme'', %L, ''{"customers": [{"customerUid": "%s", "role": "%s"}]}'')', key_given, name, t.pick('ADMIN', 'NONE'))
		WHEN 'link extension' THEN format('customer_contact_extension_add(''acme'', %L, %L, ''TWO_INVOICE'', ''{"storeUid": "%s"}'')', name, split_part(key_given, '/', 1), CASE split_part(key_given, '/', 2) WHEN 'nordic' THEN 'oslo' ELSE 'malmo' END)
		WHEN 'extension' THEN format('customer_extension_add(''acme'', %L, %L, ''{"storeUid": "%s"}'')', name, split_part(key_given, '/', 1), split_part(key_given, '/', 2))
		WHEN 'consent' THEN format('customer_consent_set(''acme'', %L, %L, ''{"status": %s, "source": "%s"}'')', name, t.pick('news', 'sms'), given, key_given)
		WHEN 'member' THEN format('customer_group_customer_update(''acme'', %L, ''{"addCustomerUids": ["%s"]}'')', key_given, name) END;
	outcome text;
BEGIN
	IF key_given IS NULL OR EXISTS (SELECT FROM t.claim WHERE kind = what AND key = key_given AND customer = owner) OR EXISTS (SELECT FROM t.taken WHERE kind = what AND key = key_given) THEN
		RETURN;
	END IF;
	outcome := t.error('SELECT flowcustomer.' || call);
	log := call || ': ' || outcome;
	IF outcome <> 'ok' THEN
		log := log || ' INSTEAD OF ok';
	END IF;
	INSERT INTO t.claim (kind, key, customer, since) VALUES (what, key_given, owner, CASE WHEN what = 'consent' AND given = 'false' THEN n END);
END $$;

-- Takes something away.
CREATE FUNCTION t.step_take(n integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	c t.claim := (SELECT c FROM t.claim AS c WHERE id = (SELECT t.pick(VARIADIC array_agg(id::text ORDER BY id))::integer FROM t.claim WHERE kind IN ('address', 'link', 'link extension', 'extension', 'member')));
	name text := t.name_of(c.customer);
	call text := CASE c.kind WHEN 'address' THEN format('customer_address_remove(''acme'', %L, %L)', c.customer, (SELECT customer_address_uid FROM flowcustomer.customer_address WHERE customer_uid = c.customer AND city = c.key))
		WHEN 'link' THEN format('contact_customer_remove(''acme'', %L, %L)', c.key, name)
		WHEN 'link extension' THEN format('customer_contact_extension_remove(''acme'', %L, %L, ''TWO_INVOICE'', ''{"storeUid": "%s"}'')', name, split_part(c.key, '/', 1), CASE split_part(c.key, '/', 2) WHEN 'nordic' THEN 'oslo' ELSE 'malmo' END)
		WHEN 'extension' THEN format('customer_extension_remove(''acme'', %L, %L, ''{"storeUid": "%s"}'')', name, split_part(c.key, '/', 1), split_part(c.key, '/', 2))
		WHEN 'member' THEN format('customer_group_customer_update(''acme'', %L, ''{"removeCustomerUids": ["%s"]}'')', c.key, name) END;
	outcome text := t.error('SELECT flowcustomer.' || call);
BEGIN
	log := call || ': ' || outcome;
	IF outcome <> 'ok' THEN
		log := log || ' INSTEAD OF ok';
	END IF;
	WITH gone AS (DELETE FROM t.claim WHERE customer = c.customer AND (kind = c.kind AND key = c.key OR c.kind = 'link' AND kind = 'link extension' AND split_part(key, '/', 1) = c.key) RETURNING kind, key)
	INSERT INTO t.taken SELECT * FROM gone;
END $$;

-- Changes fields, also the parent; refusals are those of parents.
CREATE FUNCTION t.step_update(n integer, INOUT log text) LANGUAGE plpgsql AS $$
DECLARE
	owner text := t.any_customer();
	body jsonb := jsonb_build_object('city', 'Changed ' || n) || CASE WHEN t.some(0.4) THEN jsonb_build_object('email', CASE WHEN t.some(0.5) THEN n || '@example.com' END) ELSE '{}' END
		|| CASE WHEN t.some(0.4) THEN jsonb_build_object('customerParentUid', CASE WHEN t.some(0.8) THEN t.pick(VARIADIC (SELECT array_agg(uid ORDER BY uid) FROM t.who WHERE kind = 'COMPANY')) END) ELSE '{}' END;
	outcome text := t.error(format('SELECT flowcustomer.customer_update(''acme'', %L, %L)', t.name_of(owner), body));
BEGIN
	log := format('update %s %s: %s', owner, body, outcome);
	IF outcome NOT IN ('ok', 'PT400: PARENT_CYCLE $.customerParentUid', 'PT400: PARENT_NOT_ALLOWED $.customerParentUid') THEN
		log := log || ' INSTEAD OF ok';
	END IF;
	INSERT INTO t.touched VALUES (owner);
END $$;

-- Plays steps, each in a transaction of its own, until the tables say something else than the model.
CREATE TABLE t.log (n integer, did text, wrong text);
CREATE PROCEDURE t.play(steps integer) LANGUAGE plpgsql AS $$
DECLARE
	dice double precision;
	did text;
	problem text;
	old text;
BEGIN
	FOR n IN 1 .. steps LOOP
		dice := random();
		did := NULL;
		CASE WHEN dice < 0.32 THEN did := t.step_merge(n, did);
			WHEN dice < 0.60 THEN did := t.step_undo(t.any_merge(), did);
			WHEN dice < 0.72 THEN did := t.step_order(n, did);
			WHEN dice < 0.84 THEN did := t.step_give(n, did);
			WHEN dice < 0.92 THEN did := t.step_take(n, did);
			ELSE did := t.step_update(n, did); END CASE;
		COMMIT;
		CONTINUE WHEN did IS NULL;
		SELECT string_agg(what, '; ') INTO problem FROM (SELECT what FROM t.wrong LIMIT 10) AS w;
		old := t.any_name();
		IF flowcustomer.customer_get('acme', old) ->> 'customerUid' IS DISTINCT FROM (SELECT now FROM t.who WHERE uid = old) THEN
			problem := concat_ws('; ', problem, old || ' leads elsewhere');
		END IF;
		IF did LIKE '%INSTEAD OF%' THEN
			problem := concat_ws('; ', 'another outcome', problem);
		END IF;
		INSERT INTO t.log VALUES (n, did, problem);
		EXIT WHEN problem IS NOT NULL;
	END LOOP;
	COMMIT;
END $$;
CALL t.play(2000);
SELECT is_empty('SELECT n, did, wrong FROM t.log WHERE wrong IS NOT NULL', 'after every step the tables say what the model says');
SELECT cmp_ok((SELECT count(*)::integer FROM t.log WHERE did ~ pattern), '>=', least, format('there were %s of "%s"', least, pattern)) FROM (VALUES ('^merge .*: ok', 70), ('^undo .*: ok', 40), ('MERGE_NOT_LAST', 10), ('MERGE_ALREADY_UNDONE', 3), ('MERGE_SELF|ALREADY_MERGED', 10),
	('MERGE_TYPES_DIFFER|MERGE_INTO_DEPARTMENT', 3), ('order .*: ok', 40), ('(put|add|set).*: ok', 20), ('remove.*: ok', 20), ('^update .*: ok', 20)) AS v(pattern, least);

-- The end ----------------------------------------------------------------------------------

-- All merges are undone, the last one first.
CREATE PROCEDURE t.unwind() LANGUAGE plpgsql AS $$
DECLARE
	which integer;
	did text;
BEGIN
	FOR which IN SELECT n FROM t.merged WHERE NOT undone ORDER BY n DESC LOOP
		did := t.step_undo(which, NULL);
		COMMIT;
		IF did NOT LIKE '%: ok' OR EXISTS (SELECT FROM t.wrong) THEN
			INSERT INTO t.log VALUES (-which, did, (SELECT string_agg(what, '; ') FROM (SELECT what FROM t.wrong LIMIT 10) AS w));
			EXIT;
		END IF;
	END LOOP;
	COMMIT;
END $$;
CALL t.unwind();
SELECT is_empty('SELECT n, did, wrong FROM t.log WHERE n < 0', 'undoing all merges, the last one first, the tables say what the model says');
SELECT is_empty('SELECT customer_uid FROM flowcustomer.customer_redirect', 'nothing leads on any more');
SELECT is_empty('SELECT kind, key, customer, own FROM t.claim WHERE own IS DISTINCT FROM customer AND own IS NOT NULL AND NOT touched', 'everything is whose it was at first');
SELECT is_empty($$SELECT b.line FROM t.beginning AS b JOIN t.claim AS c ON c.kind = b.kind AND c.key = b.key AND c.own = b.customer AND NOT c.touched EXCEPT ALL SELECT line FROM t.real$$, 'and is as it was, unless it was changed or taken away');
SELECT is_empty($$SELECT customer_uid, key, f.value, n.value FROM t.first, jsonb_each(fields) AS f JOIN LATERAL (SELECT value FROM flowcustomer.customer AS c, jsonb_each(to_jsonb(c)) AS e WHERE c.customer_uid = t.first.customer_uid AND e.key = f.key) AS n ON f.value <> n.value
	WHERE NOT (key IN ('city', 'email', 'search_text', 'display_name') AND customer_uid IN (SELECT uid FROM t.touched))$$, 'so are all fields of all customers');
SELECT is((SELECT count(*) FROM flowcustomer.customer), 40::bigint, 'of whom nobody is missing');

SELECT * FROM finish();
