-- Consents: a ledger of what customers gave and withdrew, what counts of it now
-- and at other times, and that no entry is ever changed.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'PERSON'))) FROM unnest('{kari,ola,liv,eva,pia}'::text[]) AS uid))$$);

-- Each helper sees what was done before it in the same statement.
-- A consent that is set, with its error or ok.
CREATE FUNCTION t.say(uid text, consent text, body text) RETURNS text LANGUAGE sql AS $$ SELECT t.call('customer_consent_set', uid, consent, body) $$;
-- The history as it is answered, without what differs each time; and in short.
CREATE FUNCTION t.history(uid text, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(e - 'createdAt' - 'entryUid' ORDER BY n), '[]') FROM jsonb_array_elements(flowcustomer.customer_consent_history(tenant, uid)::jsonb -> 'items') WITH ORDINALITY AS i(e, n));
END $$;
CREATE FUNCTION t.short(items jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(string_agg(concat_ws(' ', e ->> 'consentUid', e ->> 'status', nullif(e ->> 'source', '')), ', ' ORDER BY n), '') FROM jsonb_array_elements(items) WITH ORDINALITY AS i(e, n) $$;
CREATE FUNCTION t.said(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN t.short(flowcustomer.customer_consent_history(tenant, uid)::jsonb -> 'items'); END $$;
-- What counts now, and what counted at a time.
CREATE FUNCTION t.now(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN t.short(flowcustomer.customer_get(tenant, uid)::jsonb -> 'consents'); END $$;
CREATE FUNCTION t.at(uid text, at timestamptz, tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN t.short(flowcustomer.customer_consents_as_of(tenant, uid, at)::jsonb -> 'items'); END $$;
CREATE FUNCTION t.report(consent text, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RETURN flowcustomer.consent_report(tenant, consent)::jsonb; END $$;
CREATE FUNCTION t.upsert(uid text, consents text) RETURNS text LANGUAGE sql AS
$$ SELECT t.section(t.batch(format('{"upsert": [{"customerUid": "%s", "consents": %s}]}', uid, consents)::json), 'upsert') $$;
CREATE FUNCTION t.entries(uid text) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM flowcustomer.customer_consent WHERE tenant_uid = 'acme' AND customer_uid = uid $$;

-- Setting one ----------------------------------------------------------------------

CREATE TABLE t.whole AS SELECT flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": true, "source": "till 3", "channel": "STORE", "wording": "May we send\n\"news\"? 🎿", "wordingVersion": "2026-01",
	"recordedBy": "Liv Dahl", "validUntil": "2090-01-01T02:00:00.123456+02:00"}')::jsonb AS answer, clock_timestamp() AS at;
SELECT is(answer, t.get('kari'), 'the answer is the customer') FROM t.whole;
SELECT is(answer -> 'consents', (SELECT jsonb_build_array('{"consentUid": "news", "name": "Newsletter", "status": true, "source": "till 3"}'::jsonb || jsonb_build_object('createdAt', e -> 'createdAt')) FROM jsonb_array_elements(flowcustomer.customer_consent_history('acme', 'kari')::jsonb -> 'items') AS e), 'with as much of it as every answer has') FROM t.whole;
SELECT is(t.history('kari'), '[{"consentUid": "news", "name": "Newsletter", "status": true, "source": "till 3", "channel": "STORE", "wording": "May we send\n\"news\"? 🎿", "wordingVersion": "2026-01", "recordedBy": "Liv Dahl",
	"validUntil": "2090-01-01T00:00:00.123Z"}]', 'the history has all of it');
SELECT is(flowcustomer.customer_consent_history('acme', 'kari')::text, (SELECT format('{"items":[{"consentUid":"news","name":"Newsletter","status":true,"source":"till 3","createdAt":"%s","channel":"STORE","wording":"May we send\n\"news\"? 🎿","wordingVersion":"2026-01","recordedBy":"Liv Dahl","validUntil":"2090-01-01T00:00:00.123Z","entryUid":"%s"}]}',
	to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), entry_uid) FROM flowcustomer.customer_consent), 'in this order');
SELECT cmp_ok(created_at, '<=', (SELECT at FROM t.whole), 'it was made when it was said') || E'\n' || cmp_ok(created_at, '>', (SELECT at - interval '1 minute' FROM t.whole), 'and not long before') || E'\n' || matches(entry_uid, '^[0-9a-f]{8}-[0-9a-f]{4}-7', 'each entry has a uid') FROM flowcustomer.customer_consent;
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": false, "source": ""}')$$);
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": false, "source": "", "channel": null, "wording": "", "wordingVersion": null, "recordedBy": null, "validUntil": null}')$$);
SELECT is(t.history('kari') - 0, jsonb_build_array(said, said), 'what was not said is "", but for who recorded it') FROM (SELECT jsonb_build_object('consentUid', 'news', 'name', 'Newsletter', 'status', false, 'source', '', 'channel', '', 'wording', '', 'wordingVersion', '', 'recordedBy', current_user, 'validUntil', '') AS said) AS s;
SELECT is(t.say('kari', 'news', '{"status": true, "source": "web", "consentUid": "sms", "name": "x", "createdAt": "2001-01-01T00:00:00Z", "entryUid": "mine"}'), 'ok', 'what a body cannot say is ignored');
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE consent_uid = 'sms' OR created_at < '2002-01-01' OR entry_uid = 'mine'), 0::bigint, 'and not kept');
SELECT is(t.said('kari') || ' / ' || t.now('kari'), 'news true till 3, news false, news false, news true web / news true web', 'every call adds an entry, of which the newest counts');
CALL t.run($$SELECT flowcustomer.consent_put('acme', '{"consentUid": "news", "name": "News!"}')$$);
SELECT is(t.history('kari') #>> '{0,name}', 'News!', 'the name is the consent''s');
CALL t.run($$SELECT flowcustomer.consent_put('acme', '{"consentUid": "news", "name": "Newsletter"}')$$);
SELECT is(flowcustomer.customer_consent_history('acme', 'ola')::text, '{"items":[]}', 'who never said anything has an empty history');
SELECT is(flowcustomer.customer_consents_as_of('acme', 'ola', now())::text, '{"items":[]}', 'at any time');
SELECT is(t.get('kari') -> 'lastModifiedAt', t.get('kari') -> 'createdAt', 'the customer itself is not changed');

-- Errors and limits -----------------------------------------------------------------

CALL t.run('SELECT t.keep(''refused'')');
SELECT is(t.say(customer, consent, body), expected, concat_ws(' ', customer, consent, body)) FROM (VALUES
	('none', 'news', '{"status": true, "source": "x"}', 'PT404: CUSTOMER_NOT_FOUND'), ('kari', 'none', '{"status": true, "source": "x"}', 'PT404: CONSENT_NOT_FOUND'), ('none', 'none', '{}', 'PT404: CUSTOMER_NOT_FOUND'), ('kari', 'none', '{}', 'PT404: CONSENT_NOT_FOUND'),
	('a b', 'c d', '{}', 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED consentUid'), (NULL, NULL, NULL, 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED consentUid; VALIDATION_FAILED $'), ('kari', 'news', NULL, 'PT400: VALIDATION_FAILED $'),
	('kari', 'news', '[]', 'PT400: VALIDATION_FAILED $'), ('kari', 'news', 'null', 'PT400: VALIDATION_FAILED $'), ('kari', 'news', '{}', 'PT400: VALIDATION_FAILED $.status; VALIDATION_FAILED $.source'), ('kari', 'news', '{"source": "x"}', 'PT400: VALIDATION_FAILED $.status'),
	('kari', 'news', '{"status": true}', 'PT400: VALIDATION_FAILED $.source'), ('kari', 'news', '{"status": true, "source": null}', 'PT400: VALIDATION_FAILED $.source'), ('kari', 'news', '{"status": null, "source": "x"}', 'PT400: VALIDATION_FAILED $.status'),
	('kari', 'news', '{"status": "true", "source": 5, "channel": true, "wording": [], "wordingVersion": 2, "recordedBy": {}, "validUntil": 2090}',
	 'PT400: VALIDATION_FAILED $.status; VALIDATION_FAILED $.source; VALIDATION_FAILED $.channel; VALIDATION_FAILED $.wording; VALIDATION_FAILED $.wordingVersion; VALIDATION_FAILED $.recordedBy; VALIDATION_FAILED $.validUntil'),
	('kari', 'news', '{"status": true, "source": "x", "wording": "\u0000"}', 'PT400: VALIDATION_FAILED $.wording')) AS v(customer, consent, body, expected);
SELECT is(t.say('kari', 'news', format('{"status": true, "source": "x", "validUntil": "%s"}', time)), 'PT400: VALIDATION_FAILED $.validUntil', 'validUntil ' || time)
FROM unnest(ARRAY['x', 'infinity', '2090-01-01', '2090-01-01T00:00:00', '2090-02-30T00:00:00Z', '2090-01-01T24:00:00Z']) AS time;
SELECT is(t.say('kari', 'news', json_build_object('status', true, 'source', 'x', name, repeat('é', longest + 1))::text), 'PT400: VALIDATION_FAILED $.' || name, format('%s of %s characters', name, longest + 1))
FROM (VALUES ('source', 255), ('channel', 255), ('wording', 10000), ('wordingVersion', 255), ('recordedBy', 255)) AS v(name, longest);
SELECT is(t.error('SELECT flowcustomer.' || call), expected, call) FROM (VALUES ($$customer_consent_set('none', 'kari', 'news', '{}')$$, 'PT404: TENANT_NOT_FOUND'), ($$customer_consent_history('none', 'kari')$$, 'PT404: TENANT_NOT_FOUND'), ($$customer_consent_history('acme', 'none')$$, 'PT404: CUSTOMER_NOT_FOUND'),
	($$customer_consent_history('acme', 'a b')$$, 'PT400: VALIDATION_FAILED customerUid'), ($$customer_consent_history(NULL, NULL)$$, 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED customerUid'), ($$customer_consents_as_of('none', 'kari', now())$$, 'PT404: TENANT_NOT_FOUND'),
	($$customer_consents_as_of('acme', 'none', now())$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$customer_consents_as_of('acme', 'kari', NULL)$$, 'PT400: VALIDATION_FAILED at'), ($$customer_consents_as_of('acme', 'a b', NULL)$$, 'PT400: VALIDATION_FAILED at; VALIDATION_FAILED customerUid'),
	($$consent_report('none', 'news')$$, 'PT404: TENANT_NOT_FOUND'), ($$consent_report('acme', 'none')$$, 'PT404: CONSENT_NOT_FOUND'), ($$consent_report('acme', 'a b')$$, 'PT400: VALIDATION_FAILED consentUid'), ($$consent_report('acme', NULL)$$, 'PT400: VALIDATION_FAILED consentUid')) AS v(call, expected);
SELECT is(t.full_error($$SELECT flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": true, "source": "x", "validUntil": "soon"}')$$), E'PT400 validUntil is not a time\ncode: VALIDATION_FAILED, path: $.validUntil\nGive a time of RFC 3339, for example 2025-07-30T18:12:05Z.', 'an error tells what would be right');
SELECT is_empty('SELECT t.written(''refused'')', 'what was refused wrote nothing');
SELECT is(t.say('eva', 'news', json_build_object('status', true, 'source', repeat('é', 255), 'channel', repeat('é', 255), 'wording', repeat('é', 10000), 'wordingVersion', repeat('é', 255), 'recordedBy', repeat('é', 255))::text), 'ok', 'the longest texts');
SELECT is(t.history('eva'), jsonb_build_array(jsonb_build_object('consentUid', 'news', 'name', 'Newsletter', 'status', true, 'source', repeat('é', 255), 'channel', repeat('é', 255), 'wording', repeat('é', 10000), 'wordingVersion', repeat('é', 255), 'recordedBy', repeat('é', 255), 'validUntil', '')), 'come back whole');

-- At other times ---------------------------------------------------------------------

-- Entries by hand, to the millisecond, of two consents; the last two of news at the same time.
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status, source, valid_until) VALUES
	('acme', 'liv', 'sms', '2022-01-02Z', 'e2', true, 's1', '2022-01-10Z'), ('acme', 'liv', 'news', '2022-01-01Z', 'e3', true, 'n1', NULL), ('acme', 'liv', 'news', '2022-01-03 00:00:00.001Z', 'e1', false, 'n2', '2022-02-01Z'),
	('acme', 'liv', 'sms', '2022-01-20Z', 'e9', true, 's2', NULL), ('acme', 'liv', 'news', '2022-01-05Z', 'e5', false, 'n4', NULL), ('acme', 'liv', 'news', '2022-01-05Z', 'e4', true, 'n3', NULL), ('acme', 'liv', 'sms', '2022-01-21Z', 'e8', true, 's3', '2022-01-21Z');
SELECT is(t.said('liv'), 'news true n1, sms true s1, news false n2, news true n3, news false n4, sms true s2, sms true s3', 'the history is in the order of time, whatever the consents are, and shows what was said');
SELECT is(t.at('liv', at), expected, 'at ' || at) FROM (VALUES ('-infinity'::timestamptz, ''), ('0044-03-15 BC'::timestamptz, ''), ('2021-12-31 23:59:59.999999Z'::timestamptz, ''), ('2022-01-01Z', 'news true n1'), ('2022-01-01 00:00:00.001Z', 'news true n1'), ('2022-01-01 23:59:59.999Z', 'news true n1'),
	('2022-01-02Z', 'news true n1, sms true s1'), ('2022-01-02 01:00+01', 'news true n1, sms true s1'), ('2022-01-03Z', 'news true n1, sms true s1'), ('2022-01-03 00:00:00.000999Z', 'news true n1, sms true s1'), ('2022-01-03 00:00:00.001Z', 'news false n2, sms true s1'),
	('2022-01-04 23:59:59.999Z', 'news false n2, sms true s1'), ('2022-01-05Z', 'news false n4, sms true s1'), ('2022-01-09 23:59:59.999Z', 'news false n4, sms true s1'), ('2022-01-10Z', 'news false n4, sms false s1'), ('2022-01-10 00:00:00.001Z', 'news false n4, sms false s1'),
	('2022-01-19 23:59:59.999Z', 'news false n4, sms false s1'), ('2022-01-20Z', 'news false n4, sms true s2'), ('2022-01-20 23:59:59.999Z', 'news false n4, sms true s2'), ('2022-01-21Z', 'news false n4, sms false s3'), ('2100-01-01Z', 'news false n4, sms false s3'), ('infinity', 'news false n4, sms false s3')) AS v(at, expected);
SELECT is(t.now('liv'), 'news false n4, sms false s3', 'and now');
SELECT is(flowcustomer.customer_consents_as_of('acme', 'liv', '2022-01-10Z')::jsonb, '{"items": [{"consentUid": "news", "name": "Newsletter", "status": false, "source": "n4", "createdAt": "2022-01-05T00:00:00.000Z", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "", "validUntil": "", "entryUid": "e5"},
	{"consentUid": "sms", "name": "Text messages", "status": false, "source": "s1", "createdAt": "2022-01-02T00:00:00.000Z", "channel": "", "wording": "", "wordingVersion": "", "recordedBy": "", "validUntil": "2022-01-10T00:00:00.000Z", "entryUid": "e2"}]}', 'each as the history shows it');
-- Entries of one transaction, however many in one millisecond: the last one counts.
BEGIN;
CALL t.run($$SELECT t.say('pia', consent, json_build_object('status', n % 2 = 1, 'source', n::text)::text) FROM generate_series(1, 40) AS n, unnest('{sms,news}'::text[]) AS consent$$);
COMMIT;
SELECT is((SELECT string_agg(e ->> 'source', ' ' ORDER BY n) FROM jsonb_array_elements(t.history('pia')) WITH ORDINALITY AS i(e, n) WHERE e ->> 'consentUid' = consent), (SELECT string_agg(n::text, ' ' ORDER BY n) FROM generate_series(1, 40) AS n), 'forty entries of ' || consent || ' stand in their order') FROM unnest('{news,sms}'::text[]) AS consent;
SELECT is_empty($$SELECT DISTINCT created_at, t.at('pia', created_at) FROM flowcustomer.customer_consent AS c WHERE customer_uid = 'pia'
	AND t.at('pia', created_at) <> (SELECT string_agg(concat_ws(' ', consent_uid, status::text, source), ', ' ORDER BY consent_uid)
		FROM (SELECT DISTINCT ON (consent_uid) * FROM flowcustomer.customer_consent AS e WHERE e.customer_uid = 'pia' AND e.created_at <= c.created_at ORDER BY consent_uid, created_at DESC, source::integer DESC) AS n)$$, 'at each of their times the last of it counts');
SELECT is(t.at('pia', (SELECT min(created_at) - interval '1 us' FROM flowcustomer.customer_consent WHERE customer_uid = 'pia')), '', 'and nothing before');
SELECT is(t.at('pia', 'infinity'), t.now('pia'), 'at the end of time as now');
SELECT is(t.now('pia'), 'news false 40, sms false 40', 'which is what was said last');

-- Expiry -----------------------------------------------------------------------------

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "over", "customerType": "PERSON", "firstname": "Overgiven", "customerGroupUids": ["club"]}, {"customerUid": "still", "customerType": "PERSON", "customerGroupUids": ["club"]}]}')$$);
SELECT is(t.say(uid, 'news', json_build_object('status', status, 'source', 'x', 'validUntil', until)::text), 'ok', concat_ws(' ', uid, until)) FROM (VALUES ('over', true, '2090-01-01T00:00:00Z'), ('still', true, '2090-01-01T00:00:00Z')) AS v(uid, status, until);
SELECT is(t.now('over') || t.now('still'), 'news true xnews true x', 'grants that hold');
UPDATE flowcustomer.customer_consent SET valid_until = clock_timestamp() - interval '2 ms' WHERE customer_uid = 'over';
CREATE TABLE t.seen AS SELECT * FROM (VALUES ('customer_get', flowcustomer.customer_get('acme', 'over')::jsonb), ('http', t.body('GET', '/v2/tenants/acme/customers/over')), ('customer_list', (SELECT i::jsonb FROM json_array_elements(flowcustomer.customer_list('acme', page_size => 100) -> 'items') AS i WHERE i ->> 'customerUid' = 'over')),
	('customer_search', flowcustomer.customer_search('acme', '{"query": "Overgiven"}')::jsonb #> '{items,0}'), ('customer_group_customer_list', (SELECT i::jsonb FROM json_array_elements(flowcustomer.customer_group_customer_list('acme', 'club') -> 'items') AS i WHERE i ->> 'customerUid' = 'over')),
	('customer_update', flowcustomer.customer_update('acme', 'over', '{}')::jsonb), ('customer_export', flowcustomer.customer_export('acme', 'over')::jsonb -> 'customer'), ('store_customer_get', flowcustomer.store_customer_get('acme', 'oslo', 'over')::jsonb -> 'customer'),
	('customer_consent_set', flowcustomer.customer_consent_set('acme', 'over', 'sms', '{"status": true, "source": "y"}')::jsonb)) AS v(function, customer);
SELECT is(customer #> '{consents,0}', (SELECT jsonb_build_object('consentUid', 'news', 'name', 'Newsletter', 'status', false, 'source', 'x', 'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) FROM flowcustomer.customer_consent WHERE customer_uid = 'over' AND consent_uid = 'news'), function || ' shows a grant that is over as not given') FROM t.seen;
SELECT is(t.now('still') || ', ' || t.said('over'), 'news true x, news true x, sms true y', 'another''s still holds, and the history shows what was said');
SELECT is(status, true, 'in the table either nothing has changed') FROM flowcustomer.customer_consent WHERE customer_uid = 'over' AND consent_uid = 'news';
SELECT is(t.at('still', '2089-12-31 23:59:59.999999Z') || ' / ' || t.at('still', '2090-01-01Z'), 'news true x / news false x', 'a grant is over at the very time that it names');
SELECT is(t.say('over', 'news', '{"status": true, "source": "again"}') || ' ' || t.now('over'), 'ok news true again, sms true y', 'it can be given again');
SELECT is(t.say('over', 'news', '{"status": true, "source": "late", "validUntil": "2001-01-01T00:00:00Z"}') || ' ' || t.now('over'), 'ok news false late, sms true y', 'a grant that was over from the beginning');
SELECT is(t.say('over', 'news', '{"status": false, "source": "no", "validUntil": "2090-01-01T00:00:00Z"}') || ' ' || t.now('over') || ' ' || t.at('over', '2095-01-01Z'), 'ok news false no, sms true y news false no, sms true y', 'a withdrawal has no end');

-- In batches ---------------------------------------------------------------------------

SELECT is(t.upsert('ola', consents), '1:', consents) || E'\n' || is(t.said('ola'), expected, 'is ' || what) FROM (VALUES
	(1, '[{"consentUid": "news", "status": true, "source": "a", "channel": "WEB", "wording": "Yes?", "wordingVersion": "1", "recordedBy": "shop", "validUntil": "2090-01-01T00:00:00Z"}]', 'news true a', 'new'),
	(2, '[{"consentUid": "news", "status": true, "source": "a", "channel": "WEB", "wording": "Yes?", "wordingVersion": "1", "recordedBy": "shop", "validUntil": "2090-01-01T00:00:00Z"}]', 'news true a', 'known'),
	(3, '[{"consentUid": "news", "status": true, "source": "a"}]', 'news true a', 'known, too: what is left out says nothing else'), (4, '[{"consentUid": "news", "status": true, "source": "a", "validUntil": "2090-01-01T01:00:00+01:00"}]', 'news true a', 'known, in other words'),
	(5, '[{"consentUid": "news", "status": true, "source": "b"}]', 'news true a, news true b', 'another source'), (6, '[{"consentUid": "news", "status": true, "source": "b", "channel": "APP"}]', 'news true a, news true b, news true b', 'another channel'),
	(7, '[{"consentUid": "news", "status": true, "source": "b", "channel": null}]', 'news true a, news true b, news true b, news true b', 'no channel'), (8, '[{"consentUid": "news", "status": true, "source": "b", "channel": "", "validUntil": null}]', 'news true a, news true b, news true b, news true b', 'known'),
	(9, '[{"consentUid": "news", "status": false, "source": "b"}, {"consentUid": "sms", "status": true, "source": "b"}, {"consentUid": "news", "status": true, "source": "b"}]', 'news true a, news true b, news true b, news true b, news false b, news true b, sms true b', 'three of one list'),
	(10, '[{"consentUid": "sms", "status": true, "source": "b"}, {"consentUid": "sms", "status": true, "source": "b"}]', 'news true a, news true b, news true b, news true b, news false b, news true b, sms true b', 'known twice'), (11, '[]', 'news true a, news true b, news true b, news true b, news false b, news true b, sms true b', 'nothing'))
	AS v(n, consents, expected, what) ORDER BY n;
SELECT is(t.history('ola') -> 0, '{"consentUid": "news", "name": "Newsletter", "status": true, "source": "a", "channel": "WEB", "wording": "Yes?", "wordingVersion": "1", "recordedBy": "shop", "validUntil": "2090-01-01T00:00:00.000Z"}', 'with all that was said');
SELECT is((SELECT string_agg(e ->> 'recordedBy', ' ' ORDER BY n) FROM jsonb_array_elements(t.history('ola')) WITH ORDINALITY AS i(e, n)), format('shop %1$s %1$s %1$s %1$s %1$s %1$s', current_user), 'who does not say who recorded it did');
SELECT is(t.upsert('ola', consents), expected, consents) FROM (VALUES ('[{"consentUid": "none", "status": true, "source": "x"}]', '0: 0 CONSENT_NOT_FOUND $.upsert[0].consents[0].consentUid'), ('[{"consentUid": "news", "status": true, "source": "x", "validUntil": "soon"}]', '0: 0 VALIDATION_FAILED $.upsert[0].consents[0].validUntil'),
	('[{"consentUid": "news", "status": false, "source": "x"}, {"consentUid": "sms", "status": 5, "source": "x", "wording": 5}]', '0: 0 VALIDATION_FAILED $.upsert[0].consents[1].status')) AS v(consents, expected);
SELECT is(t.entries('ola'), 7::bigint, 'what is refused adds none');
SELECT is(t.update('ola', '{"consents": [{"consentUid": "news", "status": false, "source": "up"}]}') || ' ' || t.entries('ola'), 'ok 7', 'customer_update takes no consents') || E'\n' ||
	is(t.section(t.batch('{"update": [{"customerUid": "ola", "consents": [{"consentUid": "news", "status": false, "source": "up"}]}]}'), 'update') || ' ' || t.entries('ola') || ' ' || t.now('ola'), '1: 8 news false up, sms true b', 'an update of a batch does');
-- A grant that is over is not known any more.
SELECT is(t.upsert('eva', '[{"consentUid": "sms", "status": true, "source": "s", "validUntil": "2090-01-01T00:00:00Z"}]') || ' ' || t.entries('eva'), '1: 2', 'a grant with an end');
SELECT is(t.upsert('eva', '[{"consentUid": "sms", "status": true, "source": "s"}]') || ' ' || t.entries('eva'), '1: 2', 'repeated while it holds');
UPDATE flowcustomer.customer_consent SET valid_until = '2020-01-01Z' WHERE customer_uid = 'eva' AND consent_uid = 'sms';
SELECT is(t.upsert('eva', '[{"consentUid": "sms", "status": true, "source": "s"}]') || ' ' || t.entries('eva'), '1: 3', 'repeated when it is over');
SELECT is(t.upsert('eva', '[{"consentUid": "sms", "status": true, "source": "s"}]') || ' ' || t.entries('eva') || ' ' || split_part(t.now('eva'), ', ', 2), '1: 3 sms true s', 'which is known then');
-- But the same grant, with the end that is over, is; and a withdrawal is one.
SELECT is(t.upsert('eva', jsonb_build_array(jsonb_build_object('consentUid', 'sms', 'status', status, 'source', 's', 'validUntil', until))::text) || ' ' || t.entries('eva') || ' ' || split_part(t.now('eva'), ', ', 2), expected, concat_ws(' ', CASE WHEN status THEN 'given' ELSE 'withdrawn' END, 'until ' || until)) FROM (VALUES (1, true, '2020-01-01T00:00:00Z', '1: 4 sms false s'),
	(2, true, '2020-01-01T00:00:00Z', '1: 4 sms false s'), (3, true, '2020-02-01T00:00:00Z', '1: 5 sms false s'), (4, false, '2020-02-01T00:00:00Z', '1: 6 sms false s'), (5, false, NULL, '1: 7 sms false s'), (6, true, '2020-02-01T00:00:00Z', '1: 8 sms false s')) AS v(n, status, until, expected) ORDER BY n;
SELECT is(t.upsert('eva', '[{"consentUid": "sms", "status": false, "source": "s"}]') || ' ' || t.entries('eva') || ' ' || split_part(t.said('eva'), ', ', 9), '1: 9 sms false s', 'a withdrawal of a grant that is over is kept');
-- Customers who are made with consents.
SELECT is(t.strip(flowcustomer.customer_create('acme', '{"customerUid": "made", "customerType": "PERSON", "consents": [{"consentUid": "sms", "status": true, "source": "web", "channel": "WEB", "wording": "Shall we?", "wordingVersion": "7", "recordedBy": "form", "validUntil": "2090-01-01T00:00:00Z"},
	{"consentUid": "news", "status": true, "source": "web"}, {"consentUid": "news", "status": false, "source": "web"}]}')) -> 'consents',
	'[{"consentUid": "news", "name": "Newsletter", "status": false, "source": "web"}, {"consentUid": "sms", "name": "Text messages", "status": true, "source": "web"}]', 'a customer is made with consents');
SELECT is(t.said('made'), 'news true web, news false web, sms true web', 'by consent, as they have the same time, and in the order in which they were said') || E'\n' ||
	is(t.history('made') -> 2, '{"consentUid": "sms", "name": "Text messages", "status": true, "source": "web", "channel": "WEB", "wording": "Shall we?", "wordingVersion": "7", "recordedBy": "form", "validUntil": "2090-01-01T00:00:00.000Z"}', 'with all that was said');
SELECT is(t.create(format('{"customerType": "PERSON", "consents": [{"consentUid": "news", "status": true, "source": "x", %s}]}', more)::json), expected, more) FROM (VALUES ('"validUntil": "2027"', 'PT400: VALIDATION_FAILED $.consents[0].validUntil'), ('"wording": 5, "channel": {}', 'PT400: VALIDATION_FAILED $.consents[0].wording; VALIDATION_FAILED $.consents[0].channel'),
	('"recordedBy": null, "validUntil": null', 'ok')) AS v(more, expected);

-- The report ------------------------------------------------------------------------------

CALL t.run($$SELECT t.seed('count'), flowcustomer.consent_put('count', '{"consentUid": "post", "name": "Letters; \"by\" post"}'), flowcustomer.customer_batch('count', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'c' || n, 'customerType', 'PERSON'))) FROM generate_series(1, 10) AS n))$$);
SELECT is(flowcustomer.consent_report('count', 'post')::text, '{"consentUid":"post","name":"Letters; \"by\" post","given":0,"withdrawn":0,"expired":0,"neverSaid":10}', 'nobody has said anything');
CREATE FUNCTION t.counts(consent text) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', r ->> 'given', r ->> 'withdrawn', r ->> 'expired', r ->> 'neverSaid') FROM t.report(consent, 'count') AS r $$;
CREATE FUNCTION t.count_say(uid text, body json) RETURNS text LANGUAGE sql AS $$ SELECT t.error(format('SELECT flowcustomer.customer_consent_set(''count'', %L, ''news'', %L)', uid, body)) $$;
SELECT is(t.count_say(uid, body), 'ok', concat(uid, body)) || E'\n' || is(t.counts('news'), expected, 'given, withdrawn, expired, never said: ' || expected) FROM (VALUES (1, 'c1', '{"status": true, "source": ""}'::json, '1 0 0 9'), (2, 'c1', '{"status": true, "source": ""}', '1 0 0 9'), (3, 'c2', '{"status": false, "source": ""}', '1 1 0 8'),
	(4, 'c2', '{"status": true, "source": "", "validUntil": "2090-01-01T00:00:00Z"}', '2 0 0 8'), (5, 'c3', '{"status": true, "source": "", "validUntil": "2001-01-01T00:00:00Z"}', '2 0 1 7'), (6, 'c4', '{"status": false, "source": "", "validUntil": "2001-01-01T00:00:00Z"}', '2 1 1 6'),
	(7, 'c5', '{"status": true, "source": ""}', '3 1 1 5'), (8, 'c5', '{"status": false, "source": ""}', '2 2 1 5'), (9, 'c3', '{"status": false, "source": ""}', '2 3 0 5'), (10, 'c1', '{"status": true, "source": "", "validUntil": "2001-01-01T00:00:00Z"}', '1 3 1 5')) AS v(n, uid, body, expected) ORDER BY n;
SELECT is(t.counts('sms') || ', ' || t.counts('post'), '0 0 0 10, 0 0 0 10', 'other consents are counted by themselves');
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_create('count', '{"customerUid": "c11", "customerType": "PERSON", "consents": [{"consentUid": "news", "status": true, "source": ""}]}'), flowcustomer.customer_create('count', '{"customerUid": "c12", "customerType": "PERSON"}'), flowcustomer.customer_delete('count', 'c2')$$);
SELECT is(t.counts('news'), '1 3 1 6', 'what this transaction did counts');
ROLLBACK;
CALL t.run($$SELECT t.merge('c10', 'c5', NULL, 'count'), t.merge('c1', 'c2', NULL, 'count')$$);
SELECT is(t.counts('news'), '0 3 1 4', 'who was merged away is counted with who is left') || E'\n' || is(t.said('c1', 'count'), 'news true, news true, news false, news true, news true', 'by the newest entry of both');
CALL t.run($$SELECT t.undo('c2', 'count'), t.undo('c5', 'count')$$);
SELECT is(t.counts('news'), '1 3 1 5', 'undone, each by its own');

-- Merges ----------------------------------------------------------------------------------

CREATE FUNCTION t.pair(n text) RETURNS void LANGUAGE sql AS $$ SELECT t.batch(json_build_object('create', json_build_array(json_build_object('customerUid', n || '-to', 'customerType', 'PERSON'), json_build_object('customerUid', n || '-from', 'customerType', 'PERSON')))) $$;
CALL t.run('SELECT t.pair(n) FROM unnest(''{a,b,c}''::text[]) AS n');
SELECT is(t.say(uid, consent, json_build_object('status', status, 'source', source, 'channel', 'C ' || source, 'wording', 'W ' || source, 'wordingVersion', 'V ' || source, 'recordedBy', 'R ' || source, 'validUntil', until)::text), 'ok', source) FROM (VALUES
	(1, 'a-to', 'news', true, 'one', '2090-01-01T00:00:00Z'), (2, 'a-from', 'news', false, 'two', NULL), (3, 'a-from', 'sms', true, 'three', '2001-01-01T00:00:00Z'), (4, 'a-to', 'sms', true, 'four', NULL), (5, 'a-from', 'news', true, 'five', '2091-01-01T00:00:00Z')) AS v(n, uid, consent, status, source, until);
UPDATE flowcustomer.customer_consent SET created_at = '2022-01-01Z'::timestamptz + array_position('{one,two,three,four,five}', source) * interval '1 day' WHERE customer_uid IN ('a-to', 'a-from');
CREATE TABLE t.both AS SELECT consent_uid, created_at, status, source, channel, wording, wording_version, recorded_by, valid_until FROM flowcustomer.customer_consent WHERE customer_uid IN ('a-to', 'a-from');
CALL t.run('SELECT t.keep(''both'')');
SELECT is(t.short(t.merge('a-to', 'a-from') -> 'consents'), 'news true five, sms true four', 'merged, the newest of either counts');
SELECT bag_eq($$SELECT consent_uid, created_at, status, source, channel, wording, wording_version, recorded_by, valid_until FROM flowcustomer.customer_consent WHERE customer_uid = 'a-to'$$, 'SELECT * FROM t.both', 'all entries of both are there, with all that was said');
SELECT is(t.said('a-to'), 'news true one, news false two, sms true three, sms true four, news true five', 'in the order of time') || E'\n' || is(t.history('a-from'), t.history('a-to'), 'also by the old name');
SELECT is(t.at('a-from', '2022-01-04Z'), 'news false two, sms false three', 'as of a time before the merge');
SELECT is(t.say('a-from', 'sms', '{"status": true, "source": "old name"}') || ' ' || t.now('a-to'), 'ok news true five, sms true old name', 'what is said by the old name is the survivor''s');
DELETE FROM flowcustomer.customer_consent WHERE source = 'old name';
CALL t.run('SELECT t.undo(''a-from'')');
SELECT is_empty('SELECT t.changes(''both'')', 'undone, either has its own entries, as they were');
-- A withdrawal beats a grant of the same time, also one that would be over or hold longer.
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status, source, wording, valid_until) VALUES ('acme', 'b-to', 'news', '2022-01-01Z', 'm', true, 'given', 'G', '2090-01-01Z'), ('acme', 'b-from', 'news', '2022-01-01Z', 'a', false, 'taken', 'T', NULL),
	('acme', 'b-to', 'sms', '2022-01-01Z', 'a', false, 'taken', 'T', NULL), ('acme', 'b-from', 'sms', '2022-01-01Z', 'm', true, 'given', 'G', '2001-01-01Z');
CALL t.run('SELECT t.keep(''tie'')');
SELECT is(t.short(t.merge('b-to', 'b-from') -> 'consents'), 'news false taken, sms false taken', 'a withdrawal beats a grant of the same time') || E'\n' || is(t.at('b-to', '2022-01-01Z'), 'news false taken, sms false taken', 'then as well');
SELECT is((SELECT string_agg(concat_ws(' ', consent_uid, status, source, wording, valid_until AT TIME ZONE 'UTC'), ', ' ORDER BY consent_uid, entry_uid) FROM flowcustomer.customer_consent WHERE customer_uid = 'b-to'), 'news t given G 2090-01-01 00:00:00, news f taken T, sms t given G 2001-01-01 00:00:00, sms f taken T', 'both are kept');
CALL t.run('SELECT t.undo(''b-from'')');
SELECT is_empty('SELECT t.changes(''tie'')', 'undone, all is as it was');
-- What was said while the two were one: a withdrawal was one for both.
CALL t.run($$SELECT t.say('c-from', 'news', '{"status": true, "source": "before"}'), t.merge('c-to', 'c-from'), t.say('c-to', 'news', '{"status": false, "source": "since", "channel": "APP", "wording": "Stop", "wordingVersion": "9", "recordedBy": "Liv", "validUntil": "2090-01-01T00:00:00Z"}'),
	t.say('c-from', 'sms', '{"status": true, "source": "since"}'), t.undo('c-from')$$);
SELECT is(t.said('c-to') || ' / ' || t.said('c-from'), 'news false since, sms true since / news true before, news false since', 'a grant stays with the survivor, a withdrawal goes to both') || E'\n' ||
	is(t.history('c-from') -> 1, '{"consentUid": "news", "name": "Newsletter", "status": false, "source": "since", "channel": "APP", "wording": "Stop", "wordingVersion": "9", "recordedBy": "Liv", "validUntil": "2090-01-01T00:00:00.000Z"}', 'with all that was said');

-- Nothing changes an entry ------------------------------------------------------------------

CREATE TABLE t.ledger AS SELECT * FROM flowcustomer.customer_consent;
SELECT is(t.say('kari', 'news', '{"status": false, "source": "new"}') || t.upsert('kari', '[{"consentUid": "news", "status": true, "source": "newer", "wording": "other"}]') || t.update('kari', '{"consents": null}') || t.update('kari', '{"consents": []}') || t.upsert('kari', 'null') || t.upsert('kari', '[]')
	|| t.section(t.batch('{"update": [{"customerUid": "kari", "consents": []}], "upsert": [{"customerUid": "kari", "consents": [{"consentUid": "news", "status": true, "source": "newer", "wording": "other", "entryUid": "x"}]}]}'), 'update'), 'ok1:okok1:1:1:', 'calls that say something of consents');
SELECT is(t.call('consent_put', '{"consentUid": "news", "name": "Renamed"}') || t.call('consent_remove', 'news') || t.call('consent_remove', 'sms'), 'okPT409: CONSENT_IN_USEPT409: CONSENT_IN_USE', 'what was said of a consent keeps it');
CALL t.run($$SELECT t.merge('kari', 'liv'), t.undo('liv'), t.say('kari', 'sms', '{"status": true, "source": "more"}')$$);
SELECT is_empty('SELECT * FROM t.ledger EXCEPT ALL SELECT * FROM flowcustomer.customer_consent', 'every entry is as it was');
SELECT is(t.entries('kari') - (SELECT count(*) FROM t.ledger WHERE tenant_uid = 'acme' AND customer_uid = 'kari'), 3::bigint, 'three are new');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p WHERE pronamespace = 'flowcustomer'::regnamespace AND proname ~ 'consent' AND proname NOT IN ('consent_put', 'consent_remove', 'consent_report', 'customer_consent_set', 'customer_consent_history', 'customer_consents_as_of')$$, 'no function takes an entry away or changes it');
-- Reading writes nothing.
CALL t.run('SELECT t.keep(''read'')');
CALL t.run($$SELECT t.said(customer_uid), t.at(customer_uid, now()), t.report('news') FROM flowcustomer.customer WHERE tenant_uid = 'acme'$$);
SELECT is_empty('SELECT t.written(''read'')', 'reading leaves all as it is');
BEGIN READ ONLY;
SELECT is(t.said('made') || ', ' || t.at('made', 'infinity') || ', ' || (t.report('sms') ->> 'name'), 'news true web, news false web, sms true web, news false web, sms false web, Text messages', 'where nothing may be written it works as well');
COMMIT;

-- Tenants and deletion ------------------------------------------------------------------------

CALL t.run($$SELECT t.seed('other'), flowcustomer.consent_put('other', '{"consentUid": "only", "name": "Only"}'), flowcustomer.customer_batch('other', '{"create": [{"customerUid": "kari", "customerType": "PERSON"}, {"customerUid": "theirs", "customerType": "PERSON"}]}')$$);
SELECT is(t.said('kari', 'other') || t.at('kari', now(), 'other') || t.now('kari', 'other'), '', 'a customer of the same uid in another tenant has said nothing');
CALL t.run('SELECT t.keep(''acme'', ''acme'')');
SELECT is(t.error($$SELECT flowcustomer.customer_consent_set('other', 'kari', 'news', '{"status": false, "source": "o"}')$$), 'ok', 'a consent in the other tenant');
SELECT is_empty('SELECT t.written(''acme'', ''acme'')', 'is none in this one') || E'\n' || is(t.said('kari', 'other'), 'news false o', 'but there');
SELECT is(t.report('news', 'other'), '{"consentUid": "news", "name": "Newsletter", "given": 0, "withdrawn": 1, "expired": 0, "neverSaid": 1}', 'where it is counted');
SELECT is(t.say('kari', 'only', '{"status": true, "source": "x"}') || ' ' || t.say('theirs', 'news', '{"status": true, "source": "x"}') || ' ' || t.error('SELECT t.said(''theirs'')') || ' ' || t.error('SELECT t.report(''only'')'), 'PT404: CONSENT_NOT_FOUND PT404: CUSTOMER_NOT_FOUND PT404: CUSTOMER_NOT_FOUND PT404: CONSENT_NOT_FOUND', 'what another tenant has is not there');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'made'), flowcustomer.customer_create('acme', '{"customerUid": "made", "customerType": "PERSON"}')$$);
SELECT is(t.said('made'), '', 'who is deleted and made anew has said nothing');
SELECT * FROM finish();
