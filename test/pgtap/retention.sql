-- What keeps a customer from being erased, or deleted: the tenant's rules, and holds
-- that are set by hand; and erasures that wait until nothing does.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(tenant) FROM unnest(''{acme, other, old}''::text[]) AS tenant');
SELECT flowcustomer.tenant_put('old', '{"lenient": true}') \g /dev/null

-- Short forms.  Each customer is made for one test, and has its name from it.
CREATE FUNCTION t.someone(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT flowcustomer.customer_create(tenant, json_build_object('customerUid', uid, 'customerType', 'PERSON', 'firstname', 'Kari')) ->> 'customerUid' $$;
CREATE FUNCTION t.rules(rules json, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.retention_put(%L, %L)', tenant, rules)) $$;
-- What keeps somebody: "KIND until, ...; erasable possibleFrom"
CREATE FUNCTION t.held(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws('; ', (SELECT string_agg(concat_ws(' ', i ->> 'kind', i ->> 'holdUid', nullif(i ->> 'until', '')), ', ' ORDER BY n) FROM json_array_elements(l -> 'items') WITH ORDINALITY AS e(i, n)), l ->> 'erasable', nullif(l ->> 'possibleFrom', ''))
	FROM flowcustomer.customer_hold_list(tenant, uid) AS l
$$;
-- What an erasure that is refused says.
CREATE FUNCTION t.try_erase(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	PERFORM flowcustomer.customer_erase(tenant, uid);
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || CASE WHEN detail LIKE '%,%' THEN detail ELSE detail || ', ' || message END;
END $$;
-- Whether somebody could be erased; nobody is.
CREATE FUNCTION t.erasable(uid text, tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	answer := t.try_erase(uid, tenant);
	RAISE EXCEPTION 'undo' USING DETAIL = answer;
EXCEPTION WHEN raise_exception THEN
	RETURN answer;
END $$;
CREATE FUNCTION t.queue(uid text, reason text DEFAULT NULL, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE sql AS
$$ SELECT flowcustomer.customer_erase(tenant, uid, json_strip_nulls(json_build_object('reason', reason, 'whenPossible', true)))::jsonb $$;
CREATE FUNCTION t.hold(uid text, hold text, until timestamptz DEFAULT NULL, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE sql AS
$$ SELECT flowcustomer.customer_hold_put(tenant, uid, json_build_object('holdUid', hold, 'reason', 'case ' || hold, 'until', until))::jsonb $$;
CREATE FUNCTION t.sold(uid text, customer text, changes jsonb DEFAULT '{}', tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.sales_order_put(%L, %L)', tenant, t.sales_order(uid, jsonb_build_object('customerUid', customer, 'orderState', 'COMPLETE', 'settlements', '[]'::jsonb) || changes))) $$;
CREATE FUNCTION t.served(uid text, customer text, changes jsonb DEFAULT '{}', tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.service_order_put(%L, %L)', tenant, t.service_order(uid, jsonb_build_object('customerUid', customer, 'serviceState', 'COMPLETE') || changes))) $$;
-- A time as answers have it.
CREATE FUNCTION t.shown(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- The rules.
SELECT is(flowcustomer.retention_put('acme', body)::jsonb - '{createdAt, lastModifiedAt}'::text[], expected, 'rules ' || body) FROM (VALUES ('{}'::json, '{"openOrders": false, "unpaidInvoices": false, "yearsAfterLastOrder": 0}'::jsonb),
	('{"openOrders": true, "yearsAfterLastOrder": 5}', '{"openOrders": true, "unpaidInvoices": false, "yearsAfterLastOrder": 5}'), ('{"unpaidInvoices": true}', '{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 5}'),
	('{"openOrders": false, "yearsAfterLastOrder": 100}', '{"openOrders": false, "unpaidInvoices": true, "yearsAfterLastOrder": 100}'), ('{"openOrders": false, "unpaidInvoices": false, "yearsAfterLastOrder": 0}', '{"openOrders": false, "unpaidInvoices": false, "yearsAfterLastOrder": 0}')) AS v(body, expected);
SELECT is(t.rules(body), expected, 'rules ' || body) FROM (VALUES ('{"yearsAfterLastOrder": 101}'::json, 'PT400: VALIDATION_FAILED $.yearsAfterLastOrder'), ('{"yearsAfterLastOrder": -1}', 'PT400: VALIDATION_FAILED $.yearsAfterLastOrder'), ('{"yearsAfterLastOrder": 1.5}', 'PT400: VALIDATION_FAILED $.yearsAfterLastOrder'),
	('{"yearsAfterLastOrder": "5", "openOrders": 1, "unpaidInvoices": "yes"}', 'PT400: VALIDATION_FAILED $.yearsAfterLastOrder; VALIDATION_FAILED $.openOrders; VALIDATION_FAILED $.unpaidInvoices'), ('[]', 'PT400: VALIDATION_FAILED $')) AS v(body, expected);
SELECT is(t.rules('{}', 'nowhere'), 'PT404: TENANT_NOT_FOUND', 'of no tenant');
SELECT is((SELECT count(*) FROM flowcustomer.retention), 1::bigint, 'each tenant has rules of its own');

-- Open orders, each by itself.
CREATE TABLE t.state AS SELECT kind, state, open, 'open-' || lower(translate(state, '_', '-')) AS uid FROM (VALUES ('sales', 'OPEN', true), ('sales', 'PARKED', true), ('sales', 'CONFIRMED', true), ('sales', 'COMPLETE', false), ('sales', 'CANCELED', false),
	('service', 'NOT_STARTED', true), ('service', 'IN_PROGRESS', true), ('service', 'COMPLETE', false)) AS v(kind, state, open);
UPDATE t.state SET uid = uid || '-' || kind;
SELECT is(CASE kind WHEN 'sales' THEN t.sold('o-' || uid, t.someone(uid), jsonb_build_object('orderState', state)) ELSE t.served('o-' || uid, t.someone(uid), jsonb_build_object('serviceState', state)) END, 'ok', format('%s order: %s', kind, state)) FROM t.state;
SELECT is(t.held(uid), 'true', format('without a rule nothing holds: %s', uid)) FROM t.state;
SELECT is(t.rules('{"openOrders": true}'), 'ok', 'open orders hold');
SELECT is(t.held(uid), CASE WHEN open THEN 'OPEN_ORDERS; false' ELSE 'true' END, uid) FROM t.state;
SELECT is(t.erasable(uid), CASE WHEN open THEN 'PT409 code: ERASURE_HELD, The customer has open orders' ELSE 'ok' END, uid || ' and its erasure') FROM t.state;
SELECT is(t.sold('o-two', 'open-complete-sales', '{"orderState": "PARKED"}'), 'ok', 'one open order');
SELECT is(t.held('open-complete-sales'), 'OPEN_ORDERS; false', 'among others is enough');
SELECT is(t.call('sales_order_remove', 'o-two'), 'ok', 'which is removed');
SELECT is(t.held('open-complete-sales'), 'true', 'and holds no longer');
SELECT is(t.someone('stateless', 'old') || t.rules('{"openOrders": true}', 'old'), 'statelessok', 'a tenant that had old systems');
SELECT is(t.error(format('SELECT flowcustomer.service_order_put(''old'', %L)', t.service_order('v', '{"customerUid": "stateless"}')::jsonb - 'serviceState')), 'ok', 'a service order without a state');
SELECT is(t.held('stateless', 'old'), 'OPEN_ORDERS; false', 'is not complete');
SELECT is(t.served('v', 'stateless', '{}', 'old') || t.held('stateless', 'old'), 'oktrue', 'until it is');

-- Unpaid invoices.
SELECT is(t.rules('{"openOrders": false, "unpaidInvoices": true}'), 'ok', 'unpaid invoices hold');
SELECT is(t.sold('u-' || uid, t.someone('debt-' || uid), jsonb_build_object('settlements', t.invoices(VARIADIC open))), 'ok', 'owes: ' || uid) FROM (VALUES ('one', '{1}'::bigint[]), ('none', '{0}'), ('credit', '{-5}'), ('even', '{5,-5}')) AS v(uid, open);
SELECT is(t.held('debt-' || uid), expected, 'debt: ' || uid) FROM (VALUES ('one', 'UNPAID_INVOICES; false'), ('none', 'true'), ('credit', 'true'), ('even', 'true')) AS v(uid, expected);
SELECT is(t.someone('opening'), 'opening', 'who owes from before');
SELECT is(t.call('customer_update', 'opening', '{"city": "Oslo"}'), 'ok', 'and has no orders');
UPDATE flowcustomer.customer SET credit_opening_balance = 1 WHERE customer_uid = 'opening';
SELECT is(t.held('opening'), 'UNPAID_INVOICES; false', 'is held');
SELECT is(t.erasable('opening'), 'PT409 code: ERASURE_HELD, The customer has unpaid invoices', 'and not erased');
SELECT is(t.call('customer_credit_balance_set', 'opening', body), 'ok', 'set to nothing') FROM (VALUES ('{"openingBalance": 0}')) AS v(body);
SELECT is(t.held('opening'), 'true', 'then it is not');
SELECT is(t.held('debt-one'), 'UNPAID_INVOICES; false', 'another one still is');

-- Years after the last order, whatever its kind and state.
SELECT is(t.rules('{"unpaidInvoices": false, "yearsAfterLastOrder": 5}'), 'ok', 'five years hold');
CREATE TABLE t.age AS SELECT kind, 'age-' || kind || '-' || n AS uid, at, at + interval '5 years' > now() AS held FROM unnest('{sales, service}'::text[]) AS kind, unnest(ARRAY[now() - interval '5 years' - interval '1 minute', now() - interval '5 years' + interval '1 minute', now() - interval '5 years' + interval '1 day', now() - interval '5 years' - interval '1 day',
	now(), now() - interval '30 years']) WITH ORDINALITY AS u(at, n);
UPDATE t.age SET at = date_trunc('milliseconds', at);
SELECT is(CASE kind WHEN 'sales' THEN t.sold('o-' || uid, t.someone(uid), jsonb_build_object('createdAt', t.shown(at), 'orderState', 'CANCELED')) ELSE t.served('o-' || uid, t.someone(uid), jsonb_build_object('createdAt', t.shown(at))) END, 'ok', uid) FROM t.age;
SELECT is(t.held(uid), CASE WHEN held THEN format('LAST_ORDER %s; false; %1$s', t.shown(at + interval '5 years')) ELSE 'true' END, 'last order ' || uid) FROM t.age;
SELECT is(t.erasable(uid), CASE WHEN held THEN format('PT409 code: ERASURE_HELD, The customer''s last order has to be kept until %s', t.shown(at + interval '5 years')) ELSE 'ok' END, 'and its erasure: ' || uid) FROM t.age;
SELECT is(t.someone('orderless'), 'orderless', 'who never ordered');
SELECT is(t.held('orderless'), 'true', 'is not held');
-- exactly: the moment is over when it has come
BEGIN;
SELECT is(t.sold('o-exact', t.someone('exact'), jsonb_build_object('createdAt', t.shown(date_trunc('milliseconds', now()) - interval '5 years'))), 'ok', 'five years ago to the millisecond');
SELECT is(t.held('exact'), 'true', 'is long enough');
COMMIT;
SELECT is(t.sold('o-leap', t.someone('leap'), '{"createdAt": "2024-02-29T12:00:00Z"}') || t.rules('{"yearsAfterLastOrder": 99}'), 'okok', 'on a leap day');
SELECT is(t.held('leap'), 'LAST_ORDER 2123-02-28T12:00:00.000Z; false; 2123-02-28T12:00:00.000Z', 'the day before a day that is not there');
SELECT is(t.sold('o-two-1', t.someone('two'), '{"createdAt": "2024-05-01T12:00:00Z"}') || t.served('o-two-2', 'two', '{"createdAt": "2025-05-01T12:00:00Z"}'), 'okok', 'a service after the last sale');
SELECT is(t.held('two'), 'LAST_ORDER 2124-05-01T12:00:00.000Z; false; 2124-05-01T12:00:00.000Z', 'counts');
SELECT is(t.rules('{"yearsAfterLastOrder": 0}'), 'ok', 'no years');
SELECT is(t.held('two') || t.held('leap'), 'truetrue', 'hold nobody');
SELECT is(t.rules('{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 100}', 'other'), 'ok', 'other tenants have other rules');
SELECT is(t.held('two') || t.held('open-open-sales'), 'truetrue', 'that are theirs');

-- By hand.
SELECT is(t.someone('hand'), 'hand', 'who is held by hand');
SELECT is(h - 'createdAt', jsonb_build_object('holdUid', 'h1', 'customerUid', 'hand', 'reason', 'case h1', 'until', '', 'createdBy', current_user), 'for ever') FROM t.hold('hand', 'h1') AS h;
SELECT is(t.held('hand'), 'BY_HAND h1; false', 'is held');
SELECT is(t.erasable('hand'), 'PT409 code: ERASURE_HELD, Somebody has said that the customer has to be kept', 'and not erased; nobody says until when');
SELECT is(flowcustomer.customer_hold_put('acme', 'hand', '{"holdUid": "h1", "until": "2099-06-30T00:00:00Z"}')::jsonb - 'createdAt', jsonb_build_object('holdUid', 'h1', 'customerUid', 'hand', 'reason', 'case h1', 'until', '2099-06-30T00:00:00.000Z', 'createdBy', current_user), 'until a day, the reason stays');
SELECT is(t.held('hand'), 'BY_HAND h1 2099-06-30T00:00:00.000Z; false; 2099-06-30T00:00:00.000Z', 'until then');
SELECT is(t.erasable('hand'), 'PT409 code: ERASURE_HELD, Somebody has said that the customer has to be kept until 2099-06-30T00:00:00.000Z', 'as the message says');
SELECT is(t.hold('hand', 'h2', '2098-01-01Z') ->> 'holdUid', 'h2', 'another one');
SELECT is(t.held('hand'), 'BY_HAND h1 2099-06-30T00:00:00.000Z, BY_HAND h2 2098-01-01T00:00:00.000Z; false; 2099-06-30T00:00:00.000Z', 'the last one counts');
SELECT is(t.hold('hand', 'h3') ->> 'holdUid', 'h3', 'and one without an end');
SELECT is(t.held('hand'), 'BY_HAND h1 2099-06-30T00:00:00.000Z, BY_HAND h2 2098-01-01T00:00:00.000Z, BY_HAND h3; false', 'with which nobody knows');
SELECT is(t.error($$SELECT flowcustomer.customer_hold_put('acme', 'hand', '{"holdUid": "h3", "until": null}')$$), 'ok', 'null is for ever');
SELECT is(t.hold('hand', hold, '2020-01-01Z') ->> 'until', '2020-01-01T00:00:00.000Z', hold || ' is over') FROM unnest('{h1, h3}'::text[]) AS hold;
SELECT is(t.held('hand'), 'BY_HAND h2 2098-01-01T00:00:00.000Z; false; 2098-01-01T00:00:00.000Z', 'what is over does not hold');
SELECT is((SELECT i - 'createdAt' FROM jsonb_array_elements(flowcustomer.customer_hold_list('acme', 'hand')::jsonb -> 'items') AS i), jsonb_build_object('kind', 'BY_HAND', 'until', '2098-01-01T00:00:00.000Z', 'holdUid', 'h2', 'reason', 'case h2', 'createdBy', current_user), 'why, and who said so');
SELECT is(t.call(f, VARIADIC arguments), expected, f || ' ' || arguments::text) FROM (VALUES ('customer_hold_put', ARRAY['hand', '{}'], 'PT400: VALIDATION_FAILED $.reason'), ('customer_hold_put', ARRAY['hand', '{"reason": null}'], 'PT400: VALIDATION_FAILED $.reason'), ('customer_hold_put', ARRAY['hand', '{"reason": ""}'], 'PT400: VALIDATION_FAILED $.reason'),
	('customer_hold_put', ARRAY['hand', '{"reason": 1, "until": "soon", "holdUid": "a b"}'], 'PT400: VALIDATION_FAILED $.reason; VALIDATION_FAILED $.until; VALIDATION_FAILED $.holdUid'), ('customer_hold_put', ARRAY['hand', format('{"reason": "%s"}', repeat('ø', 1001))], 'PT400: VALIDATION_FAILED $.reason'),
	('customer_hold_put', ARRAY['hand', '{"holdUid": "h2", "reason": null}'], 'PT400: VALIDATION_FAILED $.reason'), ('customer_hold_put', ARRAY['two', '{"holdUid": "h2", "reason": "x"}'], 'PT409: HOLD_ALREADY_EXISTS'), ('customer_hold_put', ARRAY['nobody', '{"reason": "x"}'], 'PT404: CUSTOMER_NOT_FOUND'),
	('customer_hold_remove', ARRAY['two', 'h2'], 'PT404: HOLD_NOT_FOUND'), ('customer_hold_remove', ARRAY['hand', 'h9'], 'PT404: HOLD_NOT_FOUND'), ('customer_hold_remove', ARRAY['nobody', 'h2'], 'PT404: CUSTOMER_NOT_FOUND'), ('customer_hold_list', ARRAY['nobody'], 'PT404: CUSTOMER_NOT_FOUND')) AS v(f, arguments, expected);
SELECT is(t.held('hand'), 'BY_HAND h2 2098-01-01T00:00:00.000Z; false; 2098-01-01T00:00:00.000Z', 'nothing has changed');

-- All at once: each says so, and the date is known when all are.
SELECT is(t.rules('{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 90}'), 'ok', 'all rules');
SELECT is(t.sold('o-all', t.someone('all'), jsonb_build_object('orderState', 'OPEN', 'createdAt', '2025-01-02T03:04:05.678Z', 'settlements', t.invoices(7))), 'ok', 'who is held by all');
SELECT t.hold('all', 'a1', '2120-01-01Z'), t.hold('all', 'a2', '2030-01-01Z') \g /dev/null
SELECT is(t.held('all'), 'OPEN_ORDERS, UNPAID_INVOICES, LAST_ORDER 2115-01-02T03:04:05.678Z, BY_HAND a1 2120-01-01T00:00:00.000Z, BY_HAND a2 2030-01-01T00:00:00.000Z; false', 'all of them');
SELECT is(t.erasable('all'), E'PT409 code: ERASURE_HELD, The customer has open orders\ncode: ERASURE_HELD, The customer has unpaid invoices\ncode: ERASURE_HELD, The customer''s last order has to be kept until 2115-01-02T03:04:05.678Z\n'
	'code: ERASURE_HELD, Somebody has said that the customer has to be kept until 2120-01-01T00:00:00.000Z\ncode: ERASURE_HELD, Somebody has said that the customer has to be kept until 2030-01-01T00:00:00.000Z', 'each with its date');
SELECT is(t.sold('o-all', 'all', jsonb_build_object('orderState', 'COMPLETE', 'createdAt', '2025-01-02T03:04:05.678Z')), 'ok', 'what has no end is over');
SELECT is(t.held('all'), 'LAST_ORDER 2115-01-02T03:04:05.678Z, BY_HAND a1 2120-01-01T00:00:00.000Z, BY_HAND a2 2030-01-01T00:00:00.000Z; false; 2120-01-01T00:00:00.000Z', 'the last of the dates');

-- To be done when it is possible.
CREATE TABLE t.queued AS SELECT t.queue('all', 'asked by letter') AS receipt;
SELECT is(receipt - '{erasureUid, requestedAt, holds}'::text[], jsonb_build_object('customerUid', 'all', 'state', 'QUEUED', 'reason', 'asked by letter', 'requestedBy', current_user, 'possibleFrom', '2120-01-01T00:00:00.000Z', 'erasedAt', '', 'erasedBy', '', 'erased', NULL), 'it waits') FROM t.queued;
SELECT is(receipt -> 'holds', flowcustomer.customer_hold_list('acme', 'all')::jsonb -> 'items', 'for what holds') FROM t.queued;
SELECT is(t.queue('all', 'asked again'), receipt, 'twice, it is the same') FROM t.queued;
SELECT is(flowcustomer.erasure_list('acme')::jsonb -> 'items', jsonb_build_array(receipt - 'holds'), 'listed') FROM t.queued;
SELECT is(flowcustomer.erasure_list('other')::jsonb #>> '{paging,totalCount}', '0', 'with this tenant only');
SELECT is(t.get('all') ->> 'firstname', 'Kari', 'nothing is erased yet');
SELECT is(t.call('customer_hold_remove', 'all', 'a1'), 'ok', 'one hold less');
SELECT is(t.queue('all') ->> 'possibleFrom', '2115-01-02T03:04:05.678Z', 'who asks again is told the new date');
SELECT is(t.call('customer_erase', 'hand', body), 'PT409: ERASURE_HELD', 'queued only when it is wanted: ' || coalesce(body, 'NULL')) FROM unnest(ARRAY['{"whenPossible": false}', '{"whenPossible": null}', '{}', NULL]) AS body;
SELECT is(t.call('erasure_cancel', receipt ->> 'erasureUid'), 'ok', 'canceled') FROM t.queued;
SELECT is(t.call('erasure_cancel', receipt ->> 'erasureUid'), 'PT409: ERASURE_NOT_QUEUED', 'once') FROM t.queued;
SELECT is(t.call('erasure_cancel', 'nothing'), 'PT404: ERASURE_NOT_FOUND', 'nothing to cancel');
SELECT is(t.error(format('SELECT flowcustomer.erasure_cancel(''other'', %L)', receipt ->> 'erasureUid')), 'PT404: ERASURE_NOT_FOUND', 'not by another tenant') FROM t.queued;
SELECT isnt(t.queue('all') ->> 'erasureUid', receipt ->> 'erasureUid', 'asked for again it is another one') FROM t.queued;
SELECT is((SELECT string_agg(i ->> 'state', ', ') FROM json_array_elements(flowcustomer.erasure_list('acme', sort_by => 'state', sort_direction => 'DESC') -> 'items') AS i), 'QUEUED, CANCELED', 'both are listed');
SELECT is(t.queue('orderless') ->> 'state', 'DONE', 'what nothing holds is done at once');
SELECT is(t.call('erasure_cancel', erasure_uid), 'PT409: ERASURE_NOT_QUEUED', 'and can''t be taken back') FROM flowcustomer.erasure WHERE customer_uid = 'orderless';
-- possible meanwhile: asked for by hand the waiting one is done
SELECT is(t.rules('{"openOrders": false, "unpaidInvoices": false, "yearsAfterLastOrder": 0}') || t.call('customer_hold_remove', 'all', 'a2'), 'okok', 'nothing holds');
SELECT is(r ->> 'erasureUid' || (r ->> 'state') || (r ->> 'reason'), erasure_uid || 'DONE', 'the one that waits is done') FROM flowcustomer.erasure, LATERAL (SELECT flowcustomer.customer_erase('acme', 'all')::jsonb AS r) AS e WHERE customer_uid = 'all' AND state = 'QUEUED';

-- Deleting.
SELECT is(t.someone('kept') || (t.hold('kept', 'k1') ->> 'holdUid'), 'keptk1', 'who is held');
SELECT is(t.call('customer_delete', 'kept'), 'PT409: CUSTOMER_HELD', 'is not deleted');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "kept"}, {"customerUid": "exact"}]}'), 'delete'), '1: 0 CUSTOMER_HELD', 'in a batch neither, but others are');
SELECT is(t.call('customer_hold_put', 'kept', '{"holdUid": "k1", "until": "2020-01-01T00:00:00Z"}') || t.call('customer_delete', 'kept'), 'okok', 'when it is over, it is');
SELECT is((SELECT count(*) FROM flowcustomer.customer_hold WHERE customer_uid = 'kept'), 0::bigint, 'the hold is gone too');
SELECT is(t.rules('{"openOrders": true}') || t.call('customer_delete', 'open-open-sales'), 'okok', 'rules are about erasing');

-- Nor is somebody deleted whose erasure waits, which could not be done any more.
CALL t.run($$SELECT t.someone(uid), t.hold(uid, uid || '-hold'), t.queue(uid) FROM unnest('{q-one, q-two, q-away}'::text[]) AS uid$$);
SELECT is(t.call('customer_delete', 'q-one'), 'PT409: CUSTOMER_HELD', 'who is held too is held first');
CALL t.run($$SELECT flowcustomer.customer_hold_remove('acme', uid, uid || '-hold') FROM unnest('{q-one, q-two, q-away}'::text[]) AS uid$$);
SELECT is(t.call('customer_delete', 'q-one'), 'PT409: ERASURE_QUEUED', 'whose erasure waits');
SELECT is(t.status('DELETE', '/v2/tenants/acme/customers/q-one'), 409, 'by a request neither');
CALL t.run($$SELECT t.someone('q-free'), t.someone('q-into')$$);
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "q-one"}, {"customerUid": "q-free"}, {"customerUid": "q-two"}]}'), 'delete'), '1: 0 ERASURE_QUEUED, 2 ERASURE_QUEUED', 'in a batch others are');
SELECT is(t.try_merge('q-into', 'q-away'), 'ok', 'one whose erasure waits is merged away');
SELECT is(t.call('customer_delete', 'q-into'), 'PT409: ERASURE_QUEUED', 'then who is left is not deleted');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "q-into"}]}'), 'delete'), '0: 0 ERASURE_QUEUED', 'in a batch neither');
SELECT is(t.error(format('SELECT flowcustomer.erasure_cancel(''acme'', %L)', erasure_uid)), 'ok', 'taken back: ' || customer_uid) FROM flowcustomer.erasure WHERE tenant_uid = 'acme' AND state = 'QUEUED' AND customer_uid IN ('q-one', 'q-two', 'q-away') ORDER BY customer_uid;
SELECT is(t.call('customer_delete', 'q-one') || t.call('customer_delete', 'q-into'), 'okok', 'they are');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "q-two"}]}'), 'delete'), '1:', 'in a batch too');

-- Holds follow merges, and come back.
SELECT is(concat(t.someone('m-to'), t.someone('m-from'), t.hold('m-to', 'm1', '2097-01-01Z') ->> 'holdUid', t.hold('m-from', 'm2') ->> 'holdUid'), 'm-tom-fromm1m2', 'two who are held');
SELECT t.keep('apart', 'acme') \g /dev/null
SELECT is(t.try_merge('m-to', 'm-from'), 'ok', 'merged');
SELECT is(t.held('m-to'), 'BY_HAND m1 2097-01-01T00:00:00.000Z, BY_HAND m2; false', 'both hold');
SELECT is(t.held('m-from'), t.held('m-to'), 'by either name');
SELECT is(t.call('customer_delete', 'm-to'), 'PT409: CUSTOMER_HELD', 'who is left');
SELECT is(t.try_undo('m-from'), 'ok', 'undone');
SELECT is_empty($$SELECT * FROM t.changes('apart', 'acme') WHERE substr(changes, 3) !~ '^change '$$, 'each has its own');
SELECT is(t.try_merge('m-to', 'm-from'), 'ok', 'merged again');
SELECT is(t.hold('m-from', 'm2', '2096-01-01Z') ->> 'customerUid', 'm-to', 'a hold is changed by the old name');
SELECT is(t.call('customer_hold_remove', 'm-from', 'm1'), 'ok', 'and removed by it');
SELECT is(t.hold('m-from', 'm3') ->> 'customerUid', 'm-to', 'a new one is for who is left');
SELECT is(t.try_undo('m-from'), 'ok', 'undone again');
SELECT is(concat_ws(' / ', t.held('m-to'), t.held('m-from')), 'BY_HAND m3; false / BY_HAND m2 2096-01-01T00:00:00.000Z; false; 2096-01-01T00:00:00.000Z', 'what came with a customer goes with it, what came later stays');

-- What has come due ----------------------------------------------------------------------

SELECT is(t.rules('{"openOrders": false}'), 'ok', 'no rules');
CREATE TABLE t.guarded (id int PRIMARY KEY, tenant text, customer text, note text CHECK (note <> ''), code text NOT NULL CHECK (code <> ''));
CALL t.run($$SELECT flowcustomer.reference_register('t.guarded', 'tenant', 'customer', 'KEEP', '{code}')$$);
INSERT INTO t.guarded VALUES (1, 'acme', 'due-blocked', 'x', 'x');
CALL t.run($$SELECT t.someone('due-' || n) FROM unnest('{free, ordered, blocked, merged, target, deleted, erased, kept, canceled, last}'::text[]) AS n$$);
CALL t.run($$SELECT t.someone('due-free', 'other'), t.hold('due-free', 'o1', NULL, 'other'), t.queue('due-free', NULL, 'other'), flowcustomer.customer_hold_remove('other', 'due-free', 'o1')$$);
CALL t.run($$SELECT t.hold('due-' || n, 'd-' || n), t.queue('due-' || n, 'because of ' || n) FROM unnest('{free, ordered, blocked, merged, deleted, erased, kept, canceled, last}'::text[]) AS n$$);
CALL t.run($$SELECT flowcustomer.customer_hold_remove('acme', customer_uid, hold_uid) FROM flowcustomer.customer_hold WHERE tenant_uid = 'acme' AND hold_uid ~ '^d-' AND hold_uid <> 'd-kept'$$);
CALL t.run($$SELECT t.hold('due-kept', 'd-kept', '2095-01-01Z')$$);
-- meanwhile
CALL t.run($$SELECT t.merge('due-target', 'due-merged')$$);
CALL t.run($$SELECT flowcustomer.erasure_cancel('acme', erasure_uid), flowcustomer.customer_delete('acme', 'due-deleted') FROM flowcustomer.erasure WHERE customer_uid = 'due-deleted'$$);
CALL t.run($$SELECT flowcustomer.erasure_cancel('acme', erasure_uid) FROM flowcustomer.erasure WHERE customer_uid = 'due-canceled'$$);
CALL t.run($$SELECT t.sold('o-due', 'due-ordered', '{"createdAt": "2025-03-04T05:06:07Z", "note": "Kari"}'), t.rules('{"yearsAfterLastOrder": 70}')$$);
-- as if the customer had been taken out of its table by hand
UPDATE flowcustomer.erasure SET state = 'QUEUED' WHERE customer_uid = 'due-deleted';
CREATE TABLE t.waiting AS SELECT customer_uid, erasure_uid FROM flowcustomer.erasure WHERE tenant_uid = 'acme' AND state = 'QUEUED' AND customer_uid ~ '^due-';
-- as if two had asked at the same time: to erase does both
INSERT INTO flowcustomer.erasure (tenant_uid, erasure_uid, customer_uid, state, reason, requested_at, requested_by) VALUES ('acme', 'zz-second', 'due-erased', 'QUEUED', 'Kari', now(), 'x');
SELECT is(flowcustomer.customer_erase('acme', 'due-erased') ->> 'state', 'DONE', 'one has been erased meanwhile');

BEGIN;
SELECT throws_like('CALL flowcustomer.erase_due(''acme'')', '%commits as it goes, which it cannot do in a transaction%', 'not in a transaction');
COMMIT;
SELECT is((SELECT count(*) FROM flowcustomer.erasure JOIN t.waiting USING (erasure_uid) WHERE state = 'QUEUED'), 7::bigint, 'nothing is done by that');
SET client_min_messages TO error;
CALL flowcustomer.erase_due('acme');
SET client_min_messages TO warning;
SELECT results_eq($$SELECT customer_uid COLLATE "default", state COLLATE "default", reason, possible_from, erased IS NOT NULL FROM flowcustomer.erasure WHERE tenant_uid = 'acme' AND customer_uid ~ '^due' ORDER BY customer_uid COLLATE "C", erasure_uid$$, $$VALUES
	('due-blocked', 'QUEUED', 'because of blocked', NULL::timestamptz, false), ('due-canceled', 'CANCELED', 'because of canceled', NULL, false), ('due-deleted', 'DONE', NULL, NULL, true), ('due-erased', 'DONE', NULL, NULL, true), ('due-erased', 'DONE', NULL, NULL, true), ('due-free', 'DONE', NULL, NULL, true),
	('due-kept', 'QUEUED', 'because of kept', '2095-01-01Z'::timestamptz, false), ('due-last', 'DONE', NULL, NULL, true), ('due-ordered', 'QUEUED', 'because of ordered', '2095-03-04 05:06:07Z', false), ('due-target', 'DONE', NULL, NULL, true)$$, 'what has come due is done, the rest waits, and each knows until when');
SELECT results_eq($$SELECT customer_uid COLLATE "default", firstname, erased_at IS NOT NULL FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid ~ '^due' ORDER BY customer_uid COLLATE "C"$$, $$VALUES ('due-blocked', 'Kari', false), ('due-canceled', 'Kari', false), ('due-erased', NULL, true), ('due-free', NULL, true),
	('due-kept', 'Kari', false), ('due-last', NULL, true), ('due-ordered', 'Kari', false), ('due-target', NULL, true)$$, 'who is erased');
SELECT is((SELECT string_agg(erasure_uid, ' ') FROM flowcustomer.erasure JOIN t.waiting USING (erasure_uid) WHERE flowcustomer.erasure.customer_uid = 'due-target'), (SELECT erasure_uid FROM t.waiting WHERE customer_uid = 'due-merged'), 'the receipt of one who was merged is that of who was left');
SELECT is((SELECT state FROM flowcustomer.erasure WHERE tenant_uid = 'other'), 'QUEUED', 'other tenants wait');
SELECT is((SELECT count(*) FROM flowcustomer.change WHERE tenant_uid = 'acme' AND operation = 'ERASE' AND entity = 'CUSTOMER' AND entity_uid IN ('due-free', 'due-last', 'due-target')), 3::bigint, 'the feed tells');
-- Held back no longer.
ALTER TABLE t.guarded DROP CONSTRAINT guarded_code_check;
CALL t.run($$SELECT t.rules('{"yearsAfterLastOrder": 0}')$$);
CALL flowcustomer.erase_due('acme');
SELECT results_eq($$SELECT customer_uid COLLATE "default", state COLLATE "default" FROM flowcustomer.erasure WHERE tenant_uid = 'acme' AND customer_uid IN ('due-blocked', 'due-kept', 'due-ordered') ORDER BY customer_uid COLLATE "C"$$, $$VALUES ('due-blocked', 'DONE'), ('due-kept', 'QUEUED'), ('due-ordered', 'DONE')$$, 'the next time those are done that can be');
SELECT is((SELECT document ->> 'note' FROM flowcustomer.sales_order WHERE order_uid = 'o-due') || (SELECT code FROM t.guarded), '', 'orders and tables outside too');
SELECT t.keep('done') \g /dev/null
CALL flowcustomer.erase_due('acme');
SELECT is_empty($$SELECT * FROM t.changes('done')$$, 'and then nothing');
CALL flowcustomer.erase_due('other');
SELECT is((SELECT state FROM flowcustomer.erasure WHERE tenant_uid = 'other'), 'DONE', 'each tenant by itself');
SELECT is_empty($$SELECT what FROM t.broken WHERE what !~ ' by 0 merges$'$$, 'sound');

SELECT * FROM finish();
