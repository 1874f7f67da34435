-- Membership cards as jobs for printers: which printer, what is sent to it, and the
-- life of a job.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CREATE EXTENSION dblink;
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "loyaltyId": "L-1"}, {"customerUid": "ola", "customerType": "PERSON"}]}')$$);

-- Which printer -----------------------------------------------------------------

DROP ROLE IF EXISTS print_liv, print_ole;
DO $$ BEGIN EXECUTE format('CREATE ROLE print_liv IN ROLE %1$I; CREATE ROLE print_ole IN ROLE %1$I', current_user); END $$;
-- Prints a card as somebody; gives the printer of the new job, or the error.
CREATE FUNCTION t.print(role text DEFAULT current_user, body json DEFAULT NULL, customer text DEFAULT 'kari', tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	error text;
BEGIN
	PERFORM set_config('role', role, true);
	error := t.error(format('SELECT flowcustomer.customer_print(%L, %L, %L)', tenant, customer, body));
	PERFORM set_config('role', 'none', true);
	RETURN CASE error WHEN 'ok' THEN (SELECT printer_uid FROM flowcustomer.print_job WHERE tenant_uid = tenant ORDER BY print_job_uid DESC LIMIT 1) ELSE error END;
END $$;
CREATE FUNCTION t.printers() RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', t.print('print_liv'), t.print('print_ole'), t.print()) $$;
CREATE FUNCTION t.printer(uid text, kind text, store text DEFAULT NULL, tenant text DEFAULT 'acme') RETURNS json LANGUAGE sql AS
$$ SELECT flowcustomer.printer_put(tenant, json_build_object('printerUid', uid, 'name', uid, 'kind', kind, 'storeUid', store)) $$;

SELECT is(t.print(), 'PT409: NO_PRINTER', 'there is no printer');
CALL t.run($$SELECT t.printer('any', 'RECEIPT'), t.printer('bergen', 'LABEL', 'bergen')$$);
SELECT is(t.print(), 'PT409: NO_PRINTER', 'none that anybody would use');
SELECT is(t.full_error($$SELECT flowcustomer.customer_print('acme', 'kari')$$), E'PT409 There is no printer to print on\ncode: NO_PRINTER\nName one as printerUid, or set defaultPrinterUid of the tenant or of your store.', 'with a hint');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"defaultPrinterUid": "gone"}')$$);
SELECT is(t.print(), 'PT409: NO_PRINTER', 'nor is the tenant''s default there');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"defaultPrinterUid": "any"}')$$);
SELECT is(t.printers(), 'any any any', 'the tenant''s default printer');
CALL t.run($$SELECT flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "print_liv", "displayName": "Liv"}'), flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "print_ole", "displayName": "Ole"}')$$);
SELECT is(t.printers(), 'any any any', 'also for users without a store');
CALL t.run($$SELECT flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "print_liv", "defaultStoreUid": "oslo"}'), flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "print_ole", "defaultStoreUid": "bergen"}')$$);
SELECT is(t.printers(), 'any bergen any', 'and where none stands in the store');
CALL t.run($$SELECT t.printer('a-till', 'RECEIPT', 'oslo')$$);
SELECT is(t.printers(), 'a-till bergen any', 'one in the store');
CALL t.run($$SELECT t.printer('z-label', 'LABEL', 'oslo')$$);
SELECT is(t.printers(), 'z-label bergen any', 'rather one for labels');
CALL t.run($$SELECT flowcustomer.store_put('acme', '{"storeUid": "oslo", "defaultPrinterUid": "a-till"}'), flowcustomer.store_put('acme', '{"storeUid": "bergen", "defaultPrinterUid": "any"}')$$);
SELECT is(t.printers(), 'a-till any any', 'rather the store''s default, wherever it stands');
CALL t.run($$SELECT flowcustomer.store_put('acme', '{"storeUid": "oslo", "defaultPrinterUid": "gone"}')$$);
SELECT is(t.printers(), 'z-label any any', 'if it is there');
SELECT is(t.print('print_liv', '{"printerUid": "bergen"}'), 'bergen', 'one that is named');
SELECT is(t.print('print_liv', body::json), expected, 'the body ' || body) FROM (VALUES ('{}', 'z-label'), ('{"other": 1}', 'z-label'), ('{"printerUid": "gone"}', 'PT404: PRINTER_NOT_FOUND'), ('{"printerUid": 5}', 'PT400: VALIDATION_FAILED $.printerUid'),
	('{"printerUid": "a b"}', 'PT400: VALIDATION_FAILED $.printerUid'), ('[]', 'PT400: VALIDATION_FAILED $'), ('"bergen"', 'PT400: VALIDATION_FAILED $')) AS v(body, expected);
SELECT is(t.print(current_user, '{"printerUid": "any"}', customer, tenant), expected, concat_ws(' ', 'a card of', customer, 'of', tenant)) FROM (VALUES
	('none', 'acme', 'PT404: CUSTOMER_NOT_FOUND'), ('k a', 'acme', 'PT400: VALIDATION_FAILED customerUid'), ('kari', 'none', 'PT404: TENANT_NOT_FOUND')) AS v(customer, tenant, expected);
SELECT set_eq('SELECT created_by FROM flowcustomer.print_job', ARRAY['print_liv', 'print_ole', current_user::text], 'who made the jobs');
DROP ROLE print_liv, print_ole;

-- What is sent --------------------------------------------------------------------

CREATE FUNCTION t.payload(printer text, customer text DEFAULT 'kari', tenant text DEFAULT 'acme') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM flowcustomer.customer_print(tenant, customer, json_build_object('printerUid', printer));
	RETURN (SELECT payload FROM flowcustomer.print_job ORDER BY print_job_uid DESC LIMIT 1);
END $$;
-- The payloads as they have to be.  The barcode of a code set B has 11 modules for each character and 35 more, and is in the middle of the label.
CREATE FUNCTION t.module(code text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN (11 * length(code) + 35) * 2 <= 436 THEN 2 ELSE 1 END $$;
CREATE FUNCTION t.zpl(tenant text, name text, code text) RETURNS text LANGUAGE sql AS $$
	SELECT E'^XA\n^CI28\n^PW456\n^LL256\n^FO12,16^A0N,32,32^FB432,1,0,C^FH\\^FD' || tenant || E'^FS\n^FO12,60^A0N,26,26^FB432,2,0,C^FH\\^FD' || name ||
		E'^FS\n^BY' || t.module(code) || E',3,80\n^FO' || (456 - (11 * length(code) + 35) * t.module(code)) / 2 || E',124^BCN,80,Y,N,N,A^FH\\^FD' || code || E'^FS\n^PQ1\n^XZ\n'
$$;
CREATE FUNCTION t.escpos(tenant bytea, name bytea, code text) RETURNS text LANGUAGE sql AS $$
	SELECT '1b401b74101b61011b4501' || encode(tenant, 'hex') || '0a1b4500' || encode(name, 'hex') || '0a0a1d68501d48021d77' || '0' || t.module(code) ||
		'1d6b49' || lpad(to_hex(length(code) + 2), 2, '0') || encode(('{B' || code)::bytea, 'hex') || '0a1b64031d564200'
$$;
CREATE FUNCTION t.hex(payload text) RETURNS text LANGUAGE sql AS $$ SELECT encode(decode(payload, 'base64'), 'hex') $$;

SELECT is(t.payload('z-label'), E'^XA\n^CI28\n^PW456\n^LL256\n^FO12,16^A0N,32,32^FB432,1,0,C^FH\\^FDAcme^FS\n^FO12,60^A0N,26,26^FB432,2,0,C^FH\\^FDKari Nordmann^FS\n^BY2,3,80\n^FO160,124^BCN,80,Y,N,N,A^FH\\^FDL-1^FS\n^PQ1\n^XZ\n', 'a label');
SELECT is(t.payload('any'), 'G0AbdBAbYQEbRQFBY21lChtFAEthcmkgTm9yZG1hbm4KCh1oUB1IAh13Ah1rSQV7QkwtMQobZAMdVkIA', 'a receipt');
SELECT is(t.hex(t.payload('any')), t.escpos('Acme', 'Kari Nordmann', 'L-1'), 'which is that');

-- Codes: the longer ones have thin bars; what no barcode can be made of is the uid instead.
CREATE TABLE t.code AS SELECT row_number() OVER () AS n, loyalty, coalesce(code, 'c-' || row_number() OVER ()) AS code FROM (VALUES
	('1', '1'), ('1234567890123456', '1234567890123456'), ('12345678901234567', '12345678901234567'), ('Ab-_9', 'Ab-_9'), (repeat('9', 36), repeat('9', 36)), (repeat('9', 37), NULL), (repeat('9', 255), NULL), ('a b', NULL), ('æ', NULL), ('a.b', NULL), ('^XZ', NULL), ('{C', NULL), (NULL, NULL)) AS v(loyalty, code);
CALL t.run($$SELECT t.batch((SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'c-' || n, 'customerType', 'PERSON', 'firstname', 'C', 'loyaltyId', loyalty))) FROM t.code))$$);
SELECT is(t.payload('z-label', 'c-' || n), t.zpl('Acme', 'C', code), concat('a label for the loyalty id ', loyalty)) FROM t.code;
SELECT is(t.hex(t.payload('any', 'c-' || n)), t.escpos('Acme', 'C', code), concat('a receipt for the loyalty id ', loyalty)) FROM t.code;
SELECT is(substring(t.payload('z-label', 'c-' || n) FROM E'\\n\\^BY(.*?)\\^FH'), expected, format('a code of %s characters on a label', length(code))) FROM t.code JOIN (VALUES (1, E'2,3,80\n^FO182,124^BCN,80,Y,N,N,A'), (16, E'2,3,80\n^FO17,124^BCN,80,Y,N,N,A'), (17, E'1,3,80\n^FO117,124^BCN,80,Y,N,N,A'), (36, E'1,3,80\n^FO12,124^BCN,80,Y,N,N,A')) AS v(length, expected) ON length(code) = v.length;
CALL t.run($$SELECT t.batch(json_build_object('create', json_build_array(json_build_object('customerUid', repeat('u', 36), 'customerType', 'PERSON', 'loyaltyId', 'a b'), json_build_object('customerUid', repeat('u', 37), 'customerType', 'PERSON', 'loyaltyId', 'a b'),
	json_build_object('customerUid', repeat('v', 37), 'customerType', 'PERSON', 'loyaltyId', 'short'))))$$);
SELECT is(t.print(current_user, '{"printerUid": "any"}', customer), expected, format('a UID of %s characters', length(customer))) FROM (VALUES (repeat('u', 36), 'any'), (repeat('u', 37), 'PT409: CARD_NOT_POSSIBLE'), (repeat('v', 37), 'any')) AS v(customer, expected);
SELECT is(t.full_error(format('SELECT flowcustomer.customer_print(''acme'', %L)', repeat('u', 37))), E'PT409 No barcode can be made of the customer''s loyaltyId or UID\ncode: CARD_NOT_POSSIBLE\nGive the customer a loyaltyId of up to 36 letters, digits, - and _.', 'with a hint');

-- Names: nothing in them is a command, and none is longer than there is room.
CREATE TABLE t.name (n integer GENERATED ALWAYS AS IDENTITY, name text, zpl text, escpos text);
INSERT INTO t.name (name, zpl, escpos) VALUES
	('^XA~JA\5E^FS_', '\5EXA\7EJA\5C5E\5EFS_', encode('^XA~JA\\5E^FS_', 'hex')),
	(E'a\tb\nc\rd\x1be\x7ff', 'a b c d e f', encode('a b c d e f', 'hex')),
	('Åse Blåbær', 'Åse Blåbær', 'c5736520426ce562e672'),
	('€ „Œuvre“ ñÿ', '€ „Œuvre“ ñÿ', '802084' || '8c75767265' || '93' || '20f1ff'),
	('æøåÆØÅäöÄÖé€', 'æøåÆØÅäöÄÖé€', 'e6f8e5c6d8c5e4f6c4d6e980'),
	(E'a\ufffeb\uffffc\ufffdd', E'a   b   c\ufffdd', encode('a   b   c?d', 'hex')),
	('Łukasz 😀 漢字 é' || chr(129), 'Łukasz 😀 漢字 é' || chr(129), '3f756b61737a203f203f3f20e93f'),
	(repeat('n', 40), repeat('n', 40), repeat('6e', 40)),
	(repeat('n', 41), repeat('n', 40) || '...', repeat('6e', 40) || '2e2e2e'),
	(repeat('ø', 41), repeat('ø', 40) || '...', repeat('f8', 40) || '2e2e2e'),
	(repeat('^', 41), repeat('\5E', 40) || '...', repeat('5e', 40) || '2e2e2e'),
	(repeat('n', 255), repeat('n', 40) || '...', repeat('6e', 40) || '2e2e2e');
CALL t.run($$SELECT t.batch((SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'n-' || n, 'customerType', 'COMPANY', 'companyName', name))) FROM t.name))$$);
SELECT is(t.payload('z-label', 'n-' || n), t.zpl('Acme', zpl, 'n-' || n), format('a label for %s. %s', n, left(quote_literal(name), 30))) FROM t.name WHERE name !~ '[\n\r]';
SELECT is(t.payload('z-label', 'n-' || n), t.zpl('Acme', zpl, 'n-' || n), 'a label for a name in several lines') FROM t.name WHERE name ~ '[\n\r]';
SELECT is(t.hex(t.payload('any', 'n-' || n)), t.escpos('Acme', decode(escpos, 'hex'), 'n-' || n), format('a receipt for %s. %s', n, left(translate(name, E'\n\r', ''), 30))) FROM t.name;
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "nameless", "customerType": "PERSON"}]}')$$);
SELECT is(t.payload('z-label', 'nameless'), t.zpl('Acme', t.get('nameless') ->> 'displayName', 'nameless'), 'who has no name');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', json_build_object('name', E'^Blå\n' || repeat('x', 41)))$$);
SELECT is(t.payload('z-label'), t.zpl('\5EBlå ' || repeat('x', 35) || '...', 'Kari Nordmann', 'L-1'), 'the tenant''s name on a label');
SELECT is(t.hex(t.payload('any')), t.escpos(decode('5e426ce520' || repeat('78', 35) || '2e2e2e', 'hex'), 'Kari Nordmann', 'L-1'), 'and on a receipt');

-- The life of a job -----------------------------------------------------------------

CREATE PROCEDURE t.clear() LANGUAGE sql AS $$ DELETE FROM flowcustomer.print_job $$;
CREATE FUNCTION t.claim(printer text, seconds integer DEFAULT 60, size integer DEFAULT 100, tenant text DEFAULT 'acme') RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN RETURN flowcustomer.print_job_claim(tenant, printer, seconds, size) -> 'items'; END $$;
-- Who is on the claimed cards, in order.
CREATE FUNCTION t.customers(items jsonb) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg(i ->> 'customerUid', ',' ORDER BY n), '') FROM jsonb_array_elements(items) WITH ORDINALITY AS e(i, n) $$;
CREATE FUNCTION t.job(uid text, what text) RETURNS text LANGUAGE sql AS
$$ SELECT i ->> what FROM jsonb_array_elements(flowcustomer.print_job_list('acme', page_size => 1000)::jsonb -> 'items') AS i WHERE i ->> 'printJobUid' = uid $$;
-- Lets time go by for all jobs.
CREATE PROCEDURE t.wait(pause interval) LANGUAGE sql AS $$ UPDATE flowcustomer.print_job SET leased_until = leased_until - pause, available_at = available_at - pause $$;
CREATE FUNCTION t.print_all(VARIADIC customers text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	customer text;
BEGIN
	FOREACH customer IN ARRAY customers LOOP
		PERFORM flowcustomer.customer_print('acme', customer, '{"printerUid": "any"}'), pg_sleep(0.002);
	END LOOP;
END $$;

CALL t.clear();
SELECT is(t.claim('any'), '[]', 'nothing waits');
CALL t.run($$SELECT t.print_all('kari', 'ola', 'c-1', 'c-2', 'c-3')$$);
CALL t.run($$SELECT flowcustomer.customer_print('acme', 'c-4', '{"printerUid": "z-label"}')$$);
SELECT is(flowcustomer.print_job_list('acme', page_size => 1) -> 'items' -> 0 #>> '{}', format('{"printJobUid":"%s","printerUid":"any","customerUid":"kari","format":"ESC_POS","state":"QUEUED","attempts":0,"availableAt":"%s","leasedUntil":"","error":"","createdAt":"%2$s","createdBy":"%3$s","finishedAt":""}',
	print_job_uid, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), current_user), 'a job as the list has it') FROM flowcustomer.print_job WHERE customer_uid = 'kari';
CREATE TABLE t.claimed AS SELECT clock_timestamp() AS before, flowcustomer.print_job_claim('acme', 'any') AS answer;
SELECT is(answer::text, format('{"items":[{"printJobUid":"%s","printerUid":"any","customerUid":"kari","format":"ESC_POS","encoding":"BASE64","payload":"%s","state":"CLAIMED","attempts":1,"claimUid":"%s","leasedUntil":"%s","createdAt":"%s","createdBy":"%s"}]}',
	print_job_uid, payload, claim_uid, to_char(leased_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), created_by), 'the oldest is claimed')
FROM t.claimed, flowcustomer.print_job WHERE customer_uid = 'kari';
SELECT ok(leased_until BETWEEN before + interval '59.99 s' AND before + interval '62 s', 'for a minute') FROM t.claimed, flowcustomer.print_job WHERE customer_uid = 'kari';
SELECT is(t.customers(t.claim('any', 60, 2)), 'ola,c-1', 'the next ones are others');
SELECT is(t.customers(t.claim('any', 60, 100)), 'c-2,c-3', 'and the rest');
SELECT is(t.customers(t.claim('any', 60, 100)), '', 'no more');
SELECT is(t.claim('z-label') #>> '{0,encoding}', 'UTF_8', 'another printer has its own');
SELECT results_eq('SELECT count(*), count(DISTINCT claim_uid), count(payload) FROM flowcustomer.print_job', 'VALUES (6::bigint, 4::bigint, 6::bigint)', 'what is claimed at once has one claimUid');
SELECT is(t.call('print_job_claim', printer, seconds, size), expected, concat_ws(' ', 'claim', printer, seconds, size)) FROM (VALUES ('gone', '60', '1', 'PT404: PRINTER_NOT_FOUND'), ('a b', '60', '1', 'PT400: VALIDATION_FAILED printerUid'), (NULL, '60', '1', 'PT400: VALIDATION_FAILED printerUid'),
	('any', '0', '1', 'PT400: VALIDATION_FAILED leaseSeconds'), ('any', '86401', '1', 'PT400: VALIDATION_FAILED leaseSeconds'), ('any', NULL, '1', 'PT400: VALIDATION_FAILED leaseSeconds'), ('any', '-5', '1', 'PT400: VALIDATION_FAILED leaseSeconds'),
	('any', '60', '0', 'PT400: VALIDATION_FAILED limit'), ('any', '60', '1001', 'PT400: VALIDATION_FAILED limit'), ('any', '1', NULL, 'ok'), ('any', '86400', '1000', 'ok')) AS v(printer, seconds, size, expected);

-- Leases end, and then others claim.
CREATE FUNCTION t.uid(customer text) RETURNS text LANGUAGE sql AS $$ SELECT print_job_uid FROM flowcustomer.print_job WHERE customer_uid = customer ORDER BY print_job_uid DESC LIMIT 1 $$;
CALL t.clear();
CALL t.run($$SELECT t.print_all('kari', 'ola')$$);
CREATE TABLE t.first AS SELECT t.claim('any', 10, 1) -> 0 ->> 'claimUid' AS claim;
CALL t.run($$SELECT t.claim('any', 100, 1)$$);
CALL t.wait('9 s');
SELECT is(t.claim('any'), '[]', 'both are at work');
CALL t.wait('2 s');
CREATE TABLE t.second AS SELECT t.claim('any', 10) AS items;
SELECT is(concat_ws(' ', t.customers(items), items -> 0 ->> 'attempts'), 'kari 2', 'the one whose lease ended first is claimed again') FROM t.second;
SELECT isnt(items -> 0 ->> 'claimUid', claim, 'by another claim') FROM t.second, t.first;
SELECT is(t.call('print_job_done', t.uid('kari'), claim), 'PT409: PRINT_JOB_NOT_CLAIMED', 'the first agent comes too late') FROM t.first;
SELECT is(t.call('print_job_fail', t.uid('kari'), '{"error": "x"}', claim), 'PT409: PRINT_JOB_NOT_CLAIMED', 'also to say that it failed') FROM t.first;
SELECT is(t.full_error(format('SELECT flowcustomer.print_job_done(''acme'', %L, %L)', t.uid('kari'), claim)), E'PT409 This claim of the print job does not hold any more\ncode: PRINT_JOB_NOT_CLAIMED\nClaim it with print_job_claim.', 'with a hint') FROM t.first;
SELECT is(concat_ws(' ', t.job(t.uid('kari'), 'state'), t.job(t.uid('kari'), 'error')), 'CLAIMED ', 'and nothing has changed');
CALL t.wait('10 s');
SELECT is(t.call('print_job_done', t.uid('kari'), items -> 0 ->> 'claimUid'), 'ok', 'who comes late, but before another, has printed it') FROM t.second;
SELECT results_eq($$SELECT state COLLATE "default", payload, attempts, finished_at > created_at FROM flowcustomer.print_job WHERE customer_uid = 'kari'$$, $$VALUES ('DONE', NULL, 2, true)$$, 'what was printed is not kept');
SELECT is(t.call('print_job_done', t.uid('kari'), items -> 0 ->> 'claimUid'), 'PT409: PRINT_JOB_NOT_CLAIMED', 'it is printed once') FROM t.second;
SELECT is(t.call('print_job_fail', t.uid('kari')), 'PT409: PRINT_JOB_NOT_CLAIMED', 'and does not fail after that');
SELECT is(t.call('print_job_done', t.uid('ola')), 'ok', 'the claimUid need not be told');
CALL t.run($$SELECT t.print_all('ola')$$);
SELECT is(t.call('print_job_done', t.uid('ola')), 'PT409: PRINT_JOB_NOT_CLAIMED', 'what nobody claimed is not done');
SELECT is(t.call('print_job_fail', t.uid('ola'), '{"error": "x"}'), 'PT409: PRINT_JOB_NOT_CLAIMED', 'nor failed');
SELECT is(t.call('print_job_' || how, VARIADIC arguments), expected, concat_ws(' ', how, arguments)) FROM (VALUES ('done', '{none}'::text[], 'PT404: PRINT_JOB_NOT_FOUND'), ('fail', '{none}', 'PT404: PRINT_JOB_NOT_FOUND'), ('done', '{a b}', 'PT400: VALIDATION_FAILED uid'),
	('done', ARRAY[NULL], 'PT400: VALIDATION_FAILED uid'), ('done', '{x,a b}', 'PT400: VALIDATION_FAILED claimUid')) AS v(how, arguments, expected);

-- What fails is tried again, after 5, 20, 80 and 320 s.
CALL t.clear();
CALL t.run($$SELECT t.print_all('kari')$$);
CREATE TABLE t.tried (n integer, before timestamptz, answer json, after timestamptz, available_at timestamptz, too_early jsonb);
DO $$
DECLARE
	now timestamptz;
	told json;
BEGIN
	FOR try IN 1..5 LOOP
		IF jsonb_array_length(t.claim('any', 60)) <> 1 THEN
			RAISE 'try % could not be claimed', try;
		END IF;
		now := date_trunc('milliseconds', clock_timestamp());
		told := flowcustomer.print_job_fail('acme', t.uid('kari'), json_build_object('error', 'jam ' || try));
		INSERT INTO t.tried SELECT try, now, told, clock_timestamp(), available_at FROM flowcustomer.print_job;
		CALL t.wait(CASE try WHEN 1 THEN '4 s' WHEN 2 THEN '19 s' WHEN 3 THEN '79 s' ELSE '319 s' END::interval);
		UPDATE t.tried SET too_early = t.claim('any') WHERE n = try;
		CALL t.wait('1 s');
	END LOOP;
END $$;
SELECT results_eq('SELECT n, answer ->> ''state'', answer ->> ''error'', (answer ->> ''attempts'')::integer, answer ->> ''leasedUntil'' FROM t.tried ORDER BY n',
	$$SELECT n, CASE n WHEN 5 THEN 'FAILED' ELSE 'QUEUED' END, 'jam ' || n, n, '' FROM generate_series(1, 5) AS n$$, 'five tries');
SELECT ok(available_at - pause * interval '1 s' BETWEEN before AND after, format('%s s after try %s', pause, n)) FROM t.tried JOIN (VALUES (1, 5), (2, 20), (3, 80), (4, 320)) AS v(n, pause) USING (n);
SELECT is((SELECT string_agg(too_early::text, ' ') FROM t.tried), '[] [] [] [] []', 'not earlier');
SELECT results_eq($$SELECT state COLLATE "default", payload, claim_uid COLLATE "default", leased_until, error, finished_at IS NOT NULL FROM flowcustomer.print_job$$, $$VALUES ('FAILED', NULL, NULL, NULL::timestamptz, 'jam 5', true)$$, 'after the fifth it is given up');
SELECT is((answer::jsonb - 'availableAt' - 'createdAt' - 'finishedAt')::text, format('{"error": "jam 5", "state": "FAILED", "format": "ESC_POS", "attempts": 5, "createdBy": "%s", "printerUid": "any", "customerUid": "kari", "leasedUntil": "", "printJobUid": "%s"}', current_user, t.uid('kari')), 'which is told')
FROM t.tried WHERE n = 5;
SELECT is(t.call('print_job_done', t.uid('kari')), 'PT409: PRINT_JOB_NOT_CLAIMED', 'it is not done after that');
-- An error is told until it worked.
CALL t.clear();
CALL t.run($$SELECT t.print_all('kari')$$);
CALL t.run($$SELECT t.claim('any')$$);
SELECT is(t.call('print_job_fail', t.uid('kari'), body), expected, 'failed with ' || left(body, 20)) FROM (VALUES ('{"error": 5}', 'PT400: VALIDATION_FAILED $.error'), (json_build_object('error', repeat('é', 1001))::text, 'PT400: VALIDATION_FAILED $.error'), ('[]', 'PT400: VALIDATION_FAILED $'),
	(json_build_object('error', repeat('é', 1000))::text, 'ok')) AS v(body, expected);
SELECT is(t.job(t.uid('kari'), 'error'), repeat('é', 1000), 'an error can be long');
CALL t.wait('10 s');
CALL t.run($$SELECT t.claim('any')$$);
SELECT is(t.call('print_job_fail', t.uid('kari')), 'ok', 'and need not be told');
CALL t.wait('30 s');
CALL t.run($$SELECT t.claim('any')$$);
CALL t.run($$SELECT flowcustomer.print_job_done('acme', t.uid('kari'))$$);
SELECT is(concat_ws(' ', t.job(t.uid('kari'), 'state'), t.job(t.uid('kari'), 'attempts'), t.job(t.uid('kari'), 'error')), 'DONE 3 ', 'the third try was a success');

-- Five claims without a word are enough.
CALL t.clear();
CALL t.run($$SELECT t.print_all('kari', 'ola')$$);
DO $$ BEGIN
	FOR i IN 1..5 LOOP
		IF t.customers(t.claim('any', 1, 1)) <> 'kari' THEN
			RAISE 'claim % had another one', i;
		END IF;
		CALL t.wait('2 s');
	END LOOP;
END $$;
SELECT is(t.job(t.uid('kari'), 'state'), 'CLAIMED', 'the fifth agent could still report');
SELECT is(t.customers(t.claim('any')), 'ola', 'there is no sixth');
SELECT results_eq($$SELECT state COLLATE "default", attempts, payload, claim_uid COLLATE "default", leased_until, finished_at IS NOT NULL FROM flowcustomer.print_job WHERE customer_uid = 'kari'$$, $$VALUES ('FAILED', 5, NULL, NULL, NULL::timestamptz, true)$$, 'it has failed');

-- Undone claims.
CALL t.clear();
CALL t.run($$SELECT t.print_all('kari')$$);
BEGIN;
SELECT is(t.customers(t.claim('any')), 'kari', 'a claim');
ROLLBACK;
SELECT is(t.job(t.uid('kari'), 'state') || t.job(t.uid('kari'), 'attempts'), 'QUEUED0', 'that is rolled back is none');

-- Customers that go, and that are merged --------------------------------------------------

CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "gone", "customerType": "PERSON"}, {"customerUid": "twin", "customerType": "PERSON", "loyaltyId": "T-1"}]}')$$);
CALL t.clear();
CALL t.run($$SELECT t.print_all('gone', 'twin', 'kari')$$);
CALL t.run($$SELECT t.claim('any', 60, 1)$$);
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'gone')$$);
SELECT is(t.customers(t.claim('any', 60, 1)), 'twin', 'the jobs of a deleted customer are gone');
CALL t.run($$SELECT t.merge('kari', 'twin')$$);
SELECT results_eq($$SELECT customer_uid COLLATE "default", state COLLATE "default" FROM flowcustomer.print_job ORDER BY print_job_uid$$, $$VALUES ('kari', 'CLAIMED'), ('kari', 'QUEUED')$$, 'a merge takes jobs along');
SELECT is(t.payload('any', 'twin'), t.payload('any', 'kari'), 'the card of who was merged away is that of the survivor');
CALL t.run($$SELECT t.undo('twin')$$);
SELECT results_eq($$SELECT customer_uid COLLATE "default", state COLLATE "default" FROM flowcustomer.print_job ORDER BY print_job_uid LIMIT 2$$, $$VALUES ('twin', 'CLAIMED'), ('kari', 'QUEUED')$$, 'and its undoing brings them back');

-- HTTP ------------------------------------------------------------------------------

CALL t.clear();
CREATE FUNCTION t.post(body text, customer text DEFAULT 'kari') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	DELETE FROM flowcustomer.print_job;
	answer := t.answer('POST', '/v2/tenants/acme/customers/' || customer || '/print', body);
	RETURN concat_ws(' ', answer, (SELECT printer_uid FROM flowcustomer.print_job));
END $$;
SELECT is(t.post(body), expected, concat('the body ', body)) FROM (VALUES (NULL, '204 any'), ('', '204 any'), ('{}', '204 any'), ('{"printerUid": "z-label"}', '204 z-label'), ('{"printerUid": "gone"}', '404 PRINTER_NOT_FOUND'), ('{"printerUid": 5}', '400 VALIDATION_FAILED'),
	('[]', '400 VALIDATION_FAILED'), ('{', '400 MALFORMED_JSON')) AS v(body, expected);
SELECT is(t.post(NULL, 'none'), '404 CUSTOMER_NOT_FOUND', 'nobody''s card');
SELECT is(t.post(NULL, repeat('u', 37)), '409 CARD_NOT_POSSIBLE', 'no barcode');
SELECT is((SELECT h.body FROM flowcustomer.http('POST', '/v2/tenants/acme/customers/kari/print') AS h), NULL, 'there is nothing to read');
SELECT is(t.answer('GET', '/v2/tenants/acme/customers/kari/print'), '405 METHOD_NOT_ALLOWED', 'nor to get');

-- Notifications ------------------------------------------------------------------------

SELECT dblink_connect('other', format('host=%s port=%s dbname=%I user=%I', split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database(), current_user)) AS connected \gset
CREATE FUNCTION t.notified() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text[] := '{}';
BEGIN
	WHILE NOT 'the end' = ANY (told) LOOP
		PERFORM pg_sleep(0.005);
		told := told || ARRAY(SELECT extra FROM dblink_get_notify('other') WHERE notify_name = 'flowcustomer_print');
	END LOOP;
	RETURN array_to_string(told[:cardinality(told) - 1], ',');
END $$;
SELECT listening AS listening FROM dblink_exec('other', 'LISTEN flowcustomer_print') AS d(listening) \gset
CALL t.run('SELECT t.print()');
SET flowcustomer.change_notify = off;
CALL t.run($$SELECT t.print(current_user, '{"printerUid": "z-label"}')$$);
RESET flowcustomer.change_notify;
BEGIN;
CALL t.run('SELECT t.print()');
ROLLBACK;
CALL t.run($$SELECT t.print(current_user, '{"printerUid": "gone"}'), t.claim('any'), t.claim('z-label')$$);
CALL t.run($$SELECT pg_notify('flowcustomer_print', 'the end')$$);
SELECT is(t.notified(), 'acme/any,acme/z-label', 'a job wakes who listens, with the tenant and the printer');
SELECT disconnected AS disconnected FROM dblink_disconnect('other') AS d(disconnected) \gset

-- Lists and tenants ----------------------------------------------------------------------

CALL t.clear();
CALL t.run($$SELECT t.print_all('kari', 'ola', 'c-1')$$);
CALL t.run($$SELECT t.claim('any', 60, 1)$$);
SELECT is(t.uids(flowcustomer.print_job_list('acme', page, size, sort, direction)), expected, format('page %s of %s by %s %s', page, size, sort, direction)) FROM (VALUES (NULL::integer, NULL::integer, NULL, NULL, 'kari,ola,c-1'), (2, 2, NULL, NULL, 'c-1'), (NULL, NULL, NULL, 'DESC', 'c-1,ola,kari'),
	(NULL, NULL, 'createdAt', 'DESC', 'c-1,ola,kari'), (NULL, NULL, 'customerUid', 'ASC', 'c-1,kari,ola'), (1, 1, 'state', 'ASC', 'kari'), (9, 1, NULL, NULL, '')) AS v(page, size, sort, direction, expected);
SELECT is((flowcustomer.print_job_list('acme', 2, 2) -> 'paging')::text, '{"pageNumber":2,"pageSize":2,"totalCount":3}', 'how many there are');
SELECT is(t.call('print_job_list', NULL, NULL, 'payload'), 'PT400: VALIDATION_FAILED sortBy', 'not by what it does not show');
CALL t.run('SELECT t.seed(''other'')');
CALL t.run($$SELECT flowcustomer.customer_create('other', '{"customerUid": "kari", "customerType": "PERSON"}'), t.printer('any', 'LABEL', NULL, 'other')$$);
SELECT is(t.claim('any', 60, 10, 'other'), '[]', 'another tenant''s printer of the same uid');
SELECT is(t.error($$SELECT flowcustomer.print_job_claim('other', 'z-label')$$), 'PT404: PRINTER_NOT_FOUND', 'and only its own');
SELECT is(t.error(format('SELECT flowcustomer.print_job_done(''other'', %L)', t.uid('kari'))), 'PT404: PRINT_JOB_NOT_FOUND', 'as its jobs');
CALL t.run($$SELECT flowcustomer.customer_print('other', 'kari', '{"printerUid": "any"}')$$);
SELECT is(t.customers(t.claim('any', 60, 10, 'other')), 'kari', 'which it has');
SELECT is(t.customers(t.claim('any')), 'ola,c-1', 'the first one''s are where they were');

SELECT * FROM finish();
