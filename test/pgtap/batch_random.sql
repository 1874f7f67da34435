-- Random batches: one with many items does the same as one batch for each
-- item, in the same order.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(''whole''), t.seed(''single'')');

-- An item for a section: few UIDs and values, so that items meet each other.
CREATE FUNCTION t.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
$$ SELECT choices[1 + floor(random() * array_length(choices, 1))::integer] $$;
CREATE FUNCTION t.item(section text, uids integer) RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	item jsonb := '{}';
	uid text := 'u' || floor(random() * uids);
BEGIN
	IF section = 'delete' THEN
		RETURN jsonb_build_object('customerUid', uid);
	END IF;
	IF section <> 'upsert' OR random() < 0.6 THEN
		item := item || jsonb_build_object('customerUid', uid);
	END IF;
	IF section = 'create' OR random() < 0.4 THEN
		item := item || jsonb_build_object('customerType', t.pick('COMPANY', 'COMPANY', 'COMPANY', 'PERSON', 'B2B', 'NONE'));
	END IF;
	IF random() < 0.35 OR NOT item ? 'customerUid' THEN
		item := item || jsonb_build_object('externalId', t.pick('E1', 'E2', 'E3', 'E4', 'E5', NULL, ''));
	END IF;
	IF random() < 0.4 THEN
		item := item || jsonb_build_object('customerParentUid', CASE WHEN random() < 0.8 THEN 'u' || floor(random() * uids) END);
	END IF;
	IF random() < 0.3 THEN
		item := item || jsonb_build_object('city', t.pick('Oslo', 'Bergen', 'Voss', NULL));
	END IF;
	IF random() < 0.3 THEN
		item := item || jsonb_build_object('customerGroupUids', t.pick('["club"]', '["staff", "club"]', '[]', 'null', '["none"]', '["staff"]')::jsonb);
	END IF;
	IF random() < 0.3 THEN
		item := item || jsonb_build_object('consents', t.pick('[{"consentUid": "news", "status": true, "source": "a"}]', '[{"consentUid": "news", "status": false, "source": "a"}, {"consentUid": "sms", "status": true, "source": "b"}]',
			'[{"consentUid": "none", "status": true, "source": "a"}]', '[]', '[{"consentUid": "sms", "status": false, "source": ""}, {"consentUid": "sms", "status": true, "source": ""}]')::jsonb);
	END IF;
	IF random() < 0.1 THEN
		item := item || jsonb_build_object('email', t.pick('x', 'a@b.no'), 'postalCode', t.pick('0150', '11122'), 'countryCode', t.pick('NO', 'SE', NULL));
	END IF;
	IF random() < 0.1 THEN
		item := item || jsonb_build_object('defaultStoreUid', t.pick('oslo', 'none', NULL), 'credit', t.pick('{"limit": 5}', 'null', '{"limit": -1}')::jsonb);
	END IF;
	RETURN item;
END $$;

-- What a tenant has, without times; made UIDs are told apart by nothing.
CREATE FUNCTION t.state(tenant text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT replace(concat_ws(' ', 'customer', CASE WHEN customer_uid ~ '^u\d+$' THEN customer_uid ELSE 'made' END, customer_type, customer_parent_uid, external_id, city, country_code, postal_code, email, default_store_uid, credit_limit::text,
		(SELECT string_agg(group_uid, ',' ORDER BY group_uid) FROM flowcustomer.customer_group_member AS m WHERE m.tenant_uid = tenant AND m.customer_uid = c.customer_uid),
		(SELECT string_agg(consent_uid || status || coalesce(source, ''), ',' ORDER BY created_at, entry_uid) FROM flowcustomer.customer_consent AS n WHERE n.tenant_uid = tenant AND n.customer_uid = c.customer_uid)), '  ', ' ')
	FROM flowcustomer.customer AS c WHERE c.tenant_uid = tenant
	UNION ALL SELECT format('total %s %s %s', kind, owner_uid, sum(amount)) FROM flowcustomer.total WHERE tenant_uid = tenant GROUP BY kind, owner_uid HAVING sum(amount) <> 0
	UNION ALL SELECT 'claim' FROM flowcustomer.external_id_claim
$$;

-- Runs a batch whole and in single items; gives what came out differently.
CREATE FUNCTION t.compare(batch jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	whole jsonb := flowcustomer.customer_batch('whole', batch::json);
	single jsonb;
	section text;
	item jsonb;
	n integer;
	expected text;
	got text;
BEGIN
	FOREACH section IN ARRAY ARRAY['create', 'update', 'upsert', 'delete'] LOOP
		FOR item, n IN SELECT value, o - 1 FROM jsonb_array_elements(coalesce(batch -> section, '[]')) WITH ORDINALITY AS e(value, o) LOOP
			single := flowcustomer.customer_batch('single', json_build_object(section, json_build_array(item)))::jsonb -> section -> 'errors' -> 0;
			expected := coalesce((single ->> 'errorCode') || ' ' || coalesce(replace(single ->> 'path', section || '[0]', section || '[' || n || ']'), ''), 'done');
			SELECT coalesce((SELECT (e ->> 'errorCode') || ' ' || coalesce(e ->> 'path', '') FROM jsonb_array_elements(whole -> section -> 'errors') AS e WHERE (e ->> 'index')::integer = n), 'done') INTO got;
			IF got <> expected THEN
				RETURN format('%s[%s]: %s instead of %s in %s', section, n, got, expected, batch);
			END IF;
		END LOOP;
	END LOOP;
	RETURN (SELECT 'left different: ' || string_agg(s, E'\n') || ' by ' || batch FROM (
		(SELECT 'whole  ' || s AS s FROM (SELECT t.state('whole') EXCEPT ALL SELECT t.state('single')) AS a(s)) UNION ALL
		(SELECT 'single ' || s FROM (SELECT t.state('single') EXCEPT ALL SELECT t.state('whole')) AS b(s))) AS d);
END $$;
CREATE FUNCTION t.rounds(seed double precision, rounds integer, uids integer, items integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	batch jsonb;
	difference text;
BEGIN
	-- both begin with nothing, whatever the seed before left
	PERFORM flowcustomer.customer_batch(tenant, (SELECT json_build_object('delete', json_agg(json_build_object('customerUid', customer_uid))) FROM flowcustomer.customer WHERE tenant_uid = tenant))
	FROM unnest(ARRAY['whole', 'single']) AS tenant;
	PERFORM setseed(seed);
	FOR i IN 1 .. rounds LOOP
		SELECT jsonb_object_agg(section, to_jsonb(ARRAY(SELECT t.item(section, uids) FROM generate_series(1, floor(random() * items)::integer))))
		INTO batch FROM unnest(ARRAY['create', 'update', 'upsert', 'delete']) AS section;
		difference := t.compare(batch);
		IF difference IS NOT NULL THEN
			RETURN NEXT 'round ' || i || ': ' || difference;
			RETURN;
		END IF;
	END LOOP;
END $$;

SELECT is_empty(format('SELECT t.rounds(%s, %s, %s, %s)', seed, rounds, uids, items), format('%s batches over %s customers, seed %s', rounds, uids, seed))
FROM (VALUES (0.1, 40, 4, 5), (0.2, 40, 8, 8), (0.3, 30, 12, 10), (0.4, 30, 3, 8), (0.5, 20, 20, 20)) AS v(seed, rounds, uids, items);
SELECT cmp_ok(t.total('whole'), '>', 3::bigint, 'and they left something to compare');
SELECT is(t.total('whole'), (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'whole'), 'the total is that of the table');
SELECT is_empty($$SELECT g.group_uid FROM flowcustomer.customer_group AS g WHERE g.tenant_uid = 'whole' AND (SELECT count(*) FROM flowcustomer.customer_group_member AS m WHERE m.tenant_uid = g.tenant_uid AND m.group_uid = g.group_uid)
	<> (SELECT coalesce(sum(amount), 0) FROM flowcustomer.total AS o WHERE o.tenant_uid = g.tenant_uid AND o.kind = 'member' AND o.owner_uid = g.group_uid)$$, 'so are the members''');
SELECT is_empty($$SELECT c.customer_uid FROM flowcustomer.customer AS c LEFT JOIN flowcustomer.customer AS p ON p.tenant_uid = c.tenant_uid AND p.customer_uid = c.customer_parent_uid
	WHERE c.customer_parent_uid IS NOT NULL AND p.customer_type IS DISTINCT FROM 'COMPANY'$$, 'every parent is a company that exists');
SELECT is_empty($$WITH RECURSIVE up(start, uid, parent, depth) AS (SELECT customer_uid, customer_uid, customer_parent_uid, 0 FROM flowcustomer.customer WHERE tenant_uid = 'whole'
	UNION ALL SELECT up.start, c.customer_uid, c.customer_parent_uid, depth + 1 FROM up JOIN flowcustomer.customer AS c ON c.tenant_uid = 'whole' AND c.customer_uid = up.parent WHERE depth < 100)
	SELECT start FROM up WHERE depth = 100$$, 'and none is above itself');

SELECT * FROM finish();
