-- Credit: what customers owe besides the orders that are stored here, what that
-- makes of their balances, and what a store may sell them on credit.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'PERSON'))) FROM unnest('{kari,ola,liv,eva}'::text[]) AS uid))$$);

CREATE FUNCTION t.owe(uid text, body text) RETURNS text LANGUAGE sql AS $$ SELECT t.call('customer_credit_balance_set', uid, body) $$;
CREATE FUNCTION t.balance(uid text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (flowcustomer.customer_get('acme', uid) #>> '{credit,balance}')::bigint; END $$;
-- What a table says of a customer: opening balance, open invoices, and their sum.
CREATE FUNCTION t.parts(uid text) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN RETURN (SELECT concat_ws(' ', credit_opening_balance, credit_open_invoices, credit_balance) FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid = uid); END $$;
CREATE FUNCTION t.owing(uid text, customer text, VARIADIC open bigint[]) RETURNS text LANGUAGE sql AS
$$ SELECT t.call('sales_order_put', t.sales_order(uid, jsonb_build_object('customerUid', customer, 'settlements', t.invoices(VARIADIC open)))::text) $$;
-- A store's decision, in its order and in short.
CREATE FUNCTION t.credit(uid text, store text DEFAULT 'oslo') RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN flowcustomer.store_customer_get('acme', store, uid) ->> 'credit'; END $$;
CREATE FUNCTION t.decision(uid text, store text DEFAULT 'oslo') RETURNS text LANGUAGE sql AS
$$ SELECT concat_ws(' ', c ->> 'limit', c ->> 'balance', c ->> 'remaining', c ->> 'maxSingleOrderValue', c ->> 'approved', nullif(c ->> 'declineReason', '')) FROM CAST(t.credit(uid, store) AS json) AS c $$;
CREATE FUNCTION t.store(cap text) RETURNS text LANGUAGE sql AS $$ SELECT t.call('store_put', format('{"storeUid": "oslo", "maxSingleOrderValue": %s}', coalesce(cap, 'null'))) $$;

-- The opening balance ------------------------------------------------------------------

SELECT is(t.owe('kari', body), expected, concat('body ', body)) || E'\n' || is(t.balance('kari'), balance, concat('the balance is ', balance)) FROM (VALUES (1, '{"openingBalance": 12500}', 'ok', 12500), (2, '{"openingBalance": -700}', 'ok', -700), (3, '{"openingBalance": 0}', 'ok', 0),
	(4, '{"openingBalance": 9007199254740991}', 'ok', 9007199254740991), (5, '{"openingBalance": 9007199254740992}', 'PT400: VALIDATION_FAILED $.openingBalance', 9007199254740991), (6, '{"openingBalance": -9007199254740991}', 'ok', -9007199254740991),
	(7, '{"openingBalance": -9007199254740992}', 'PT400: VALIDATION_FAILED $.openingBalance', -9007199254740991), (8, '{"openingBalance": 1e20}', 'PT400: VALIDATION_FAILED $.openingBalance', -9007199254740991), (9, '{"openingBalance": -9223372036854775809}', 'PT400: VALIDATION_FAILED $.openingBalance', -9007199254740991),
	(10, '{"openingBalance": null}', 'ok', 0), (11, '{"openingBalance": 1e2}', 'ok', 100), (12, '{"openingBalance": 25.0}', 'ok', 25), (13, '{"openingBalance": -0}', 'ok', 0), (14, '{"openingBalance": 33, "credit": {"limit": 5, "balance": 7}, "city": 5, "customerUid": "ola"}', 'ok', 33),
	(15, '{}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (16, '{"credit": {"balance": 5}}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (17, '{"openingBalance": "5"}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (18, '{"openingBalance": 1.5}', 'PT400: VALIDATION_FAILED $.openingBalance', 33),
	(19, '{"openingBalance": true}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (20, '{"openingBalance": [1]}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (21, '{"openingBalance": {}}', 'PT400: VALIDATION_FAILED $.openingBalance', 33), (22, '{"openingbalance": 1}', 'PT400: VALIDATION_FAILED $.openingBalance', 33),
	(23, '[]', 'PT400: VALIDATION_FAILED $', 33), (24, '5', 'PT400: VALIDATION_FAILED $', 33), (25, 'null', 'PT400: VALIDATION_FAILED $', 33), (26, NULL, 'PT400: VALIDATION_FAILED $', 33), (27, '{"openingBalance": "x", "openingBalance": 44}', 'ok', 44), (28, '{"openingBalance": 44, "openingBalance": "x"}', 'PT400: VALIDATION_FAILED $.openingBalance', 44)) AS v(n, body, expected, balance) ORDER BY n;
SELECT is(t.full_error($$SELECT flowcustomer.customer_credit_balance_set('acme', 'kari', '{"openingBalance": 9007199254740992}')$$), E'PT400 openingBalance must be from -9007199254740991 to 9007199254740991\ncode: VALIDATION_FAILED, path: $.openingBalance\nAccepted are whole numbers from -9007199254740991 to 9007199254740991.', 'an error tells what would be right');
SELECT is(t.error('SELECT flowcustomer.customer_credit_balance_set(' || arguments || ')'), expected, arguments) FROM (VALUES ($$'acme', 'none', '{"openingBalance": 1}'$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$'none', 'kari', '{"openingBalance": 1}'$$, 'PT404: TENANT_NOT_FOUND'),
	($$'acme', 'a b', '{"openingBalance": 1}'$$, 'PT400: VALIDATION_FAILED customerUid'), ($$NULL, NULL, NULL$$, 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED customerUid; VALIDATION_FAILED $')) AS v(arguments, expected);
SELECT is((t.get('kari') - '{createdAt,lastModifiedAt,credit}'::text[]) || '{"customerUid": "ola", "displayName": "ola"}', t.get('ola') - '{createdAt,lastModifiedAt,credit}'::text[], 'nothing else of the customer has changed');
CREATE TABLE t.whole AS SELECT flowcustomer.customer_credit_balance_set('acme', 'kari', '{"openingBalance": 500}')::jsonb AS answer;
SELECT is(answer, t.get('kari'), 'the answer is the customer') || E'\n' || cmp_ok(answer ->> 'lastModifiedAt', '>', answer ->> 'createdAt', 'who was changed') FROM t.whole;
CREATE TABLE t.version AS SELECT xmin::text AS version FROM flowcustomer.customer WHERE customer_uid = 'kari';
CALL t.run('SELECT t.keep(''same'')');
SELECT is(t.owe('kari', '{"openingBalance": 500}'), 'ok', 'the same again');
SELECT is((SELECT xmin::text FROM flowcustomer.customer WHERE customer_uid = 'kari'), version, 'changes no row') || E'\n' || is_empty('SELECT t.written(''same'')', 'and writes nothing') FROM t.version;
SELECT is(t.update('kari', '{"openingBalance": 9, "credit": {"balance": 9}}') || t.section(t.batch('{"update": [{"customerUid": "kari", "openingBalance": 9, "credit": {"balance": 9}}]}'), 'update') || t.balance('kari'), 'ok1:500', 'a customer''s body does not say what it owes');
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "new", "customerType": "PERSON", "openingBalance": 9, "credit": {"limit": 8, "balance": 9}}') ->> 'credit', '{"limit":8,"balance":0}', 'a new one owes nothing');
SELECT is(t.get('kari') -> 'openingBalance', NULL, 'no answer shows the opening balance alone');

-- With orders -----------------------------------------------------------------------------

CREATE TABLE t.step (n integer PRIMARY KEY, did text, kari text, ola text);
INSERT INTO t.step VALUES
	(1, $$t.owing('o1', 'kari', 1000)$$, '500 1000 1500', '0 0 0'), (2, $$t.owe('kari', '{"openingBalance": -400}')$$, '-400 1000 600', '0 0 0'), (3, $$t.owing('o2', 'kari', 30, 7)$$, '-400 1037 637', '0 0 0'), (4, $$t.owing('o1', 'ola', 1000)$$, '-400 37 -363', '0 1000 1000'),
	(5, $$t.owe('ola', '{"openingBalance": 250}')$$, '-400 37 -363', '250 1000 1250'), (6, $$t.owing('o1', 'ola', 600)$$, '-400 37 -363', '250 600 850'), (7, $$t.owing('o1', 'ola', -600)$$, '-400 37 -363', '250 -600 -350'), (8, $$t.owing('o1', '', 600)$$, '-400 37 -363', '250 0 250'),
	(9, $$t.owing('o1', 'kari', 600)$$, '-400 637 237', '250 0 250'), (10, $$t.call('sales_order_remove', 'o2')$$, '-400 600 200', '250 0 250'), (11, $$t.owe('kari', '{"openingBalance": null}')$$, '0 600 600', '250 0 250'), (12, $$t.call('sales_order_remove', 'o1')$$, '0 0 0', '250 0 250');
CREATE FUNCTION t.do(did text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE answer text; BEGIN EXECUTE 'SELECT ' || did INTO answer; RETURN answer; END $$;
SELECT is(t.do(did), 'ok', did) || E'\n' || is(t.parts('kari') || ', ' || t.parts('ola'), kari || ', ' || ola, format('kari and ola: %s, %s', kari, ola)) || E'\n' || is(format('%s %s', t.balance('kari'), t.balance('ola')), split_part(kari, ' ', 3) || ' ' || split_part(ola, ' ', 3), 'which is what they are told') FROM t.step ORDER BY n;
BEGIN;
SELECT is(t.owe('kari', '{"openingBalance": 77}') || t.owing('o3', 'kari', 3) || t.balance('kari'), 'okok80', 'both in one transaction');
ROLLBACK;
SELECT is(t.parts('kari'), '0 0 0', 'rolled back, it owes nothing');
-- More than an amount can be is told, more than the table can hold is refused.
SELECT is(t.owe('kari', '{"openingBalance": 9007199254740991}') || t.owing('o4', 'kari', 9007199254740991) || t.balance('kari') || ' ' || t.call('sales_order_remove', 'o4') || t.balance('kari'), 'okok18014398509481982 ok9007199254740991', 'sums can be larger than amounts');
CALL t.run($$SELECT t.owe('kari', '{"openingBalance": 0}')$$);
UPDATE flowcustomer.customer SET credit_open_invoices = 9223372036854775807 - 5 WHERE customer_uid = 'kari';
SELECT is(t.owe('kari', '{"openingBalance": 5}') || ' ' || t.balance('kari') || ' ' || t.owe('kari', '{"openingBalance": 6}') || ' ' || t.balance('kari'), 'ok 9223372036854775807 PT409: CONFLICT 9223372036854775807', 'what no number can hold is refused');
UPDATE flowcustomer.customer SET credit_open_invoices = 0, credit_opening_balance = 0 WHERE customer_uid = 'kari';

-- A store's decision --------------------------------------------------------------------------

-- The customer's limit and balance, the store's cap; what then is remaining, the most
-- for one order, and why there is no credit.
CREATE TABLE t.case AS SELECT * FROM (VALUES
	(1, 0::bigint, 0::bigint, NULL::text, '0 0', 'NO_CREDIT_LIMIT'), (2, 0, 1, NULL, '0 0', 'NO_CREDIT_LIMIT'), (3, 0, -500, NULL, '500 500', 'NO_CREDIT_LIMIT'), (4, 0, -500, '200', '500 200', 'NO_CREDIT_LIMIT'), (5, 0, -500, '0', '500 0', 'NO_CREDIT_LIMIT'), (6, 0, 0, '0', '0 0', 'NO_CREDIT_LIMIT'),
	(7, 1000, 1000, NULL, '0 0', 'CREDIT_LIMIT_REACHED'), (8, 1000, 999, NULL, '1 1', NULL), (9, 1000, 1001, NULL, '0 0', 'CREDIT_LIMIT_REACHED'), (10, 1000, 9007199254740991, NULL, '0 0', 'CREDIT_LIMIT_REACHED'), (11, 1000, 0, NULL, '1000 1000', NULL), (12, 1000, -1, NULL, '1001 1001', NULL),
	(13, 1, 0, NULL, '1 1', NULL), (14, 1, 1, NULL, '0 0', 'CREDIT_LIMIT_REACHED'), (15, 1, -1, '1', '2 1', NULL), (16, 1000, 400, '0', '600 0', 'NO_CREDIT_IN_STORE'), (17, 1000, 1000, '0', '0 0', 'CREDIT_LIMIT_REACHED'), (18, 1000, 2000, '0', '0 0', 'CREDIT_LIMIT_REACHED'), (19, 1000, 999, '0', '1 0', 'NO_CREDIT_IN_STORE'),
	(20, 1000, 400, '1', '600 1', NULL), (21, 1000, 400, '599', '600 599', NULL), (22, 1000, 400, '600', '600 600', NULL), (23, 1000, 400, '601', '600 600', NULL), (24, 1000, 400, '9007199254740991', '600 600', NULL), (25, 1000, 1000, '600', '0 0', 'CREDIT_LIMIT_REACHED'), (26, 1000, 1001, '600', '0 0', 'CREDIT_LIMIT_REACHED'),
	(27, 9007199254740991, 0, NULL, '9007199254740991 9007199254740991', NULL), (28, 9007199254740991, -9007199254740991, NULL, '18014398509481982 18014398509481982', NULL), (29, 9007199254740991, -9007199254740991, '9007199254740991', '18014398509481982 9007199254740991', NULL),
	(30, 9007199254740991, 9007199254740991, NULL, '0 0', 'CREDIT_LIMIT_REACHED'), (31, 9007199254740991, 9007199254740990, NULL, '1 1', NULL)) AS v(n, max, balance, cap, expected, reason);
CREATE FUNCTION t.decide(max bigint, balance bigint, cap text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN nullif(concat_ws(' ', nullif(t.update('liv', json_build_object('credit', json_build_object('limit', max))), 'ok'), nullif(t.owe('liv', json_build_object('openingBalance', balance)::text), 'ok'), nullif(t.store(cap), 'ok')), '');
END $$;
SELECT is(coalesce(t.decide(max, balance, cap), t.decision('liv')), concat_ws(' ', max, balance, expected, (reason IS NULL)::text, reason), format('limit %s, balance %s, cap %s', max, balance, coalesce(cap, 'null'))) FROM t.case ORDER BY n;
-- The same balances made of an invoice beside an opening balance.
SELECT is(t.owing('l1', 'liv', 100), 'ok', 'an invoice');
SELECT is(coalesce(t.decide(max, balance - 100, cap), t.decision('liv')), concat_ws(' ', max, balance, expected, (reason IS NULL)::text, reason), format('limit %s, balance %s with an invoice, cap %s', max, balance, coalesce(cap, 'null'))) FROM t.case WHERE balance > -9007199254740000 ORDER BY n;
SELECT is(t.decide(1000, 0, '500'), NULL, 'some credit');
SELECT is(flowcustomer.store_customer_get('acme', 'oslo', 'liv')::text, format('{"customer":%s,"credit":{"approved":true,"limit":1000,"balance":100,"remaining":900,"maxSingleOrderValue":500,"declineReason":""}}', flowcustomer.customer_get('acme', 'liv')), 'a whole answer') || E'\n' ||
	is(t.credit('liv', 'bergen'), '{"approved":true,"limit":1000,"balance":100,"remaining":900,"maxSingleOrderValue":900,"declineReason":""}', 'a store has its own cap');
SELECT is(t.credit('eva'), '{"approved":false,"limit":0,"balance":0,"remaining":0,"maxSingleOrderValue":0,"declineReason":"NO_CREDIT_LIMIT"}', 'a customer without credit');
SELECT is(t.update('liv', '{"credit": {"limit": null}}') || ' ' || t.decision('liv'), 'ok 0 100 0 0 false NO_CREDIT_LIMIT', 'a limit that is cleared');
CALL t.run('SELECT t.decide(1000, 0, ''500'')');
SELECT is(t.error('SELECT flowcustomer.store_customer_get(' || arguments || ')'), expected, arguments) FROM (VALUES ($$'acme', 'none', 'liv'$$, 'PT404: STORE_NOT_FOUND'), ($$'acme', 'oslo', 'none'$$, 'PT404: CUSTOMER_NOT_FOUND'), ($$'acme', 'none', 'none'$$, 'PT404: STORE_NOT_FOUND'),
	($$'none', 'oslo', 'liv'$$, 'PT404: TENANT_NOT_FOUND'), ($$'acme', 'a b', 'c d'$$, 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED storeUid'), ($$NULL, NULL, NULL$$, 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED customerUid; VALIDATION_FAILED storeUid')) AS v(arguments, expected);
CALL t.run('SELECT t.keep(''read'')');
BEGIN READ ONLY;
SELECT is(t.decision('liv'), '1000 100 900 500 true', 'it works where nothing may be written');
COMMIT;
SELECT is_empty('SELECT t.written(''read'')', 'reading writes nothing');

-- Merges ----------------------------------------------------------------------------------------

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "m1", "customerType": "PERSON", "credit": {"limit": 5000}}, {"customerUid": "m2", "customerType": "PERSON", "credit": {"limit": 9000}}, {"customerUid": "m3", "customerType": "PERSON"}]}'),
	t.owe('m1', '{"openingBalance": 1000}'), t.owe('m2', '{"openingBalance": -300}'), t.owe('m3', '{"openingBalance": 70}'), t.owing('mo1', 'm1', 200), t.owing('mo2', 'm2', 40), t.owing('mo3', 'm3', 5)$$);
CALL t.run('SELECT t.keep(''before'')');
SELECT is((SELECT f - 'reason' FROM jsonb_array_elements(t.preview('m1', 'm2') -> 'fields') AS f WHERE f ->> 'field' = 'openingBalance'), '{"field": "openingBalance", "to": 1000, "from": -300, "result": 700, "winner": "BOTH"}', 'a preview tells what they will owe');
SELECT is(t.merge('m1', 'm2') #>> '{credit}', '{"limit": 5000, "balance": 940}', 'merged, they owe what both did') || E'\n' || is(t.parts('m1'), '700 240 940', 'of either kind');
SELECT is(t.merge('m3', 'm1') #>> '{credit}', '{"limit": 5000, "balance": 1015}', 'merged once more') || E'\n' || is(t.parts('m3'), '770 245 1015', 'with what came before');
SELECT is(t.credit(uid), '{"approved":true,"limit":5000,"balance":1015,"remaining":3985,"maxSingleOrderValue":500,"declineReason":""}', 'a store reads it by the name ' || uid) || E'\n' || is(flowcustomer.store_customer_get('acme', 'oslo', uid) #>> '{customer,customerUid}', 'm3', 'and sees who it is now') FROM unnest('{m1,m2,m3}'::text[]) AS uid;
SELECT is(t.try_undo('m2'), 'PT409: MERGE_NOT_LAST', 'the first of the two merges has to wait');
CALL t.run('SELECT t.undo(''m1''), t.undo(''m2'')');
SELECT is_empty('SELECT t.changes(''before'')', 'undone, each owes what it owed');
-- What changes between a merge and its undo.
CALL t.run('SELECT t.merge(''m1'', ''m2'')');
SELECT is(flowcustomer.customer_credit_balance_set('acme', 'm2', '{"openingBalance": 60}') #>> '{customerUid}', 'm1', 'set by the old name') || E'\n' || is(t.parts('m1'), '60 240 300', 'it is the survivor''s');
SELECT is(t.owing('mo2', 'm2', 90) || t.owing('mo4', 'm2', 8) || ' ' || t.parts('m1'), 'okok 60 298 358', 'orders by the old name, too');
SET flowcustomer.resolve_merged = off;
SELECT is(t.call('store_customer_get', 'oslo', 'm2') || ' ' || t.owe('m2', '{"openingBalance": 61}') || ' ' || t.parts('m1'), 'PT404: CUSTOMER_MERGED ok 61 298 359', 'reading does not, when it must not follow them');
RESET flowcustomer.resolve_merged;
CREATE TABLE t.undone AS SELECT t.undo('m2') AS answer;
SELECT is(t.parts('m1') || ' / ' || t.parts('m2'), '361 208 569 / -300 90 -210', 'what the duplicate brought goes with it, of what was set since as well; its orders do, and one that came since stays') || E'\n' || is(answer -> 'fieldsNotRestored', '[]', 'nothing could not be given back') FROM t.undone;
SELECT is_empty('SELECT what FROM t.broken', 'all balances are those of the orders');
-- Sums that no amount could be.
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "b1", "customerType": "PERSON"}, {"customerUid": "b2", "customerType": "PERSON"}]}'), t.owe('b1', '{"openingBalance": 9007199254740991}'), t.owe('b2', '{"openingBalance": 9007199254740991}')$$);
CALL t.run('SELECT t.keep(''large'')');
SELECT is(t.merge('b1', 'b2') #>> '{credit,balance}', '18014398509481982', 'two who owe the most');
SELECT is(t.owe('b1', '{"openingBalance": 18014398509481982}'), 'PT400: VALIDATION_FAILED $.openingBalance', 'more than can be set');
CALL t.run('SELECT t.undo(''b2'')');
SELECT is_empty('SELECT t.changes(''large'')', 'come apart again');
UPDATE flowcustomer.customer SET credit_opening_balance = 9223372036854775807 WHERE customer_uid = 'b1';
CALL t.run('SELECT t.keep(''large'')');
SELECT is(t.try_merge('b1', 'b2'), 'PT409: CONFLICT', 'what no number can hold is not merged');
SELECT is_empty('SELECT t.written(''large'')', 'and changes nothing');

-- HTTP --------------------------------------------------------------------------------------------

SELECT is(t.answer(method, target), expected, method || ' ' || target) FROM (VALUES ('GET', '/v2/tenants/acme/stores/oslo/customers/liv', '200'), ('HEAD', '/v2/tenants/acme/stores/oslo/customers/liv', '200'), ('GET', '/tenants/acme/stores/oslo/customers/m2', '200'), ('GET', '/v2/tenants/acme/stores/none/customers/liv', '404 STORE_NOT_FOUND'),
	('GET', '/v2/tenants/acme/stores/oslo/customers/none', '404 CUSTOMER_NOT_FOUND'), ('GET', '/v2/tenants/none/stores/oslo/customers/liv', '404 TENANT_NOT_FOUND'), ('GET', '/v2/tenants/acme/stores/a%20b/customers/liv', '400 VALIDATION_FAILED'), ('GET', '/v2/tenants/acme/stores/oslo/customers', '404 ROUTE_NOT_FOUND'),
	('PUT', '/v2/tenants/acme/stores/oslo/customers/liv', '405 METHOD_NOT_ALLOWED'), ('POST', '/v2/tenants/acme/stores/oslo/customers/liv', '405 METHOD_NOT_ALLOWED')) AS v(method, target, expected);
SELECT is(t.body('GET', '/v2/tenants/acme/stores/oslo/customers/liv'), flowcustomer.store_customer_get('acme', 'oslo', 'liv')::jsonb, 'the body is the function''s answer') || E'\n' ||
	is(t.body('GET', '/v2/tenants/acme/stores/oslo/customers/liv') -> 'credit', '{"approved": true, "limit": 1000, "balance": 100, "remaining": 900, "maxSingleOrderValue": 500, "declineReason": ""}', 'with the credit');
SELECT is(t.body('GET', '/v2/tenants/acme/stores/none/customers/liv') - 'logId', '{"code": "STORE_NOT_FOUND", "message": "This store does not exist"}', 'an error''s body');
SELECT is(t.body('GET', '/v2/tenants/acme/stores/oslo/customers/liv') #>> '{customer,customerUid}', 'liv', 'the customer is in it');

-- Tenants ---------------------------------------------------------------------------------------------

CALL t.run($$SELECT t.seed('other'), flowcustomer.store_put('other', '{"storeUid": "theirs", "name": "Theirs", "organizationUid": "nordic"}'), flowcustomer.customer_create('other', '{"customerUid": "liv", "customerType": "PERSON", "credit": {"limit": 7}}')$$);
SELECT is(flowcustomer.store_customer_get('other', 'oslo', 'liv') ->> 'credit', '{"approved":true,"limit":7,"balance":0,"remaining":7,"maxSingleOrderValue":7,"declineReason":""}', 'the same uids in another tenant have their own credit');
SELECT is(flowcustomer.customer_credit_balance_set('other', 'liv', '{"openingBalance": 7}') ->> 'credit', '{"limit":7,"balance":7}', 'and balance') || E'\n' || is(t.parts('liv'), '0 100 100', 'which is not the one here');
SELECT is(t.call('store_customer_get', 'theirs', 'liv') || ' ' || t.error($$SELECT flowcustomer.store_customer_get('other', 'oslo', 'kari')$$) || ' ' || t.error($$SELECT flowcustomer.customer_credit_balance_set('other', 'kari', '{"openingBalance": 1}')$$), 'PT404: STORE_NOT_FOUND PT404: CUSTOMER_NOT_FOUND PT404: CUSTOMER_NOT_FOUND', 'what another tenant has is not there');
SELECT * FROM finish();
