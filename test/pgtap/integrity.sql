-- Every kind of damage is done to the tables by hand; check_integrity finds it, and
-- nothing else, and repair mends it.
\ir include/helpers.psql
SELECT * FROM no_plan();
SET allow_system_table_mods = on;
CREATE EXTENSION IF NOT EXISTS plpgsql;

-- Something of everything.
CALL t.run('SELECT t.seed(), t.seed(''other'')');
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"lenient": true, "accessLog": true}')$$);
CALL t.run($$SELECT flowcustomer.printer_put('acme', '{"printerUid": "p", "name": "P", "kind": "LABEL", "storeUid": "oslo"}'), flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "per", "displayName": "Per", "defaultStoreUid": "oslo"}')$$);
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "defaultStoreUid": "oslo", "accountManager": {"tenantUserUid": "liv"}, "customerGroupUids": ["club", "staff"], "consents": [{"consentUid": "news", "status": true, "source": "x"}]},
	{"customerUid": "twin", "customerType": "PERSON", "firstname": "Kari"}, {"customerUid": "third", "customerType": "PERSON"}, {"customerUid": "top", "customerType": "COMPANY", "companyName": "Top"}, {"customerUid": "mid", "customerType": "COMPANY", "companyName": "Mid", "customerParentUid": "top"},
	{"customerUid": "low", "customerType": "COMPANY", "companyName": "Low", "customerParentUid": "mid"}, {"customerUid": "erased", "customerType": "PERSON", "firstname": "Eva"}, {"customerUid": "kari2", "customerType": "PERSON", "firstname": "Kari", "lastname": "N", "email": "k@example.com"}, {"customerUid": "kari3", "customerType": "PERSON", "firstname": "Kari", "lastname": "N", "email": "k@example.com"}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "a", "type": "INVOICE_ADDRESS", "city": "Oslo"}'), flowcustomer.customer_extension_add('acme', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}'),
	flowcustomer.customer_contact_create('acme', 'kari', '{"customerContactUid": "eva", "firstname": "Eva", "lastname": "Berg"}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_extension_add('acme', 'kari', 'eva', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.customer_print('acme', 'kari', '{"printerUid": "p"}'), flowcustomer.customer_hold_put('acme', 'kari', '{"reason": "x"}'),
	flowcustomer.sales_order_put('acme', '{"orderUid": "o", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 100}, "settlements": [{"settlementCode": "INVOICE", "amount": 100}]}'),
	flowcustomer.service_order_put('acme', '{"serviceOrderUid": "s", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 1}}'),
	flowcustomer.external_customer_put('acme', '{"customerUid": "x", "companyName": "X"}'), flowcustomer.external_source_register('acme', 'langs', 'pg_language', '{"customerUid": "lanname", "companyName": "lanname"}'),
	flowcustomer.retention_put('acme', '{"openOrders": true}'), flowcustomer.customer_credit_balance_set('acme', 'kari', '{"openingBalance": 7}')$$);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'twin', '{"mergeFromCustomerUid": "third"}')$$);
CALL t.run($$SELECT flowcustomer.customer_merge('acme', 'kari', '{"mergeFromCustomerUid": "twin"}')$$);
CALL t.run($$SELECT flowcustomer.customer_erase('acme', 'erased')$$);
CALL t.run($$SELECT count(*) FROM flowcustomer.customer_duplicates('acme', 0.05)$$);
INSERT INTO flowcustomer.duplicate_run VALUES ('acme', 'r', 0.9, true, now(), 'x', now(), now(), 2, 2, 1);
INSERT INTO flowcustomer.duplicate_run_item VALUES ('acme', 'r', 1, 'kari2', 'kari3', 1, 'POSSIBLE', NULL, now()), ('acme', 'r', 2, 'kari', 'kari3', 1, 'FAILED', 'CONFLICT', now());

CREATE FUNCTION t.found(tenant text DEFAULT 'acme') RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(concat_ws(' ', code, entity, uid, '(' || detail || ')'), '; ' ORDER BY n), 'clean') FROM flowcustomer.check_integrity(tenant) WITH ORDINALITY AS f(code, entity, uid, detail, n) $$;
SELECT is(t.found(), 'clean', 'what the functions wrote fits together') || E'\n' || is(t.found('other'), 'clean', 'another tenant too');
SELECT is((SELECT count(*) FROM flowcustomer.repair('acme')), 0::bigint, 'there is nothing to repair');

-- Does damage in a transaction of its own, that is rolled back: what is found, what
-- repair says, and what is found then; the other tenant is clean all the while.
CREATE FUNCTION t.damage(statement text, OUT seen text, OUT repaired text, OUT left_over text) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		PERFORM set_config('session_replication_role', 'replica', true);
		EXECUTE statement;
		PERFORM set_config('session_replication_role', 'origin', true);
		seen := t.found();
		SELECT coalesce(string_agg(concat_ws(' ', r.code, r.entity, r.uid, r.repaired), '; ' ORDER BY n), 'nothing') INTO repaired FROM flowcustomer.repair('acme') WITH ORDINALITY AS r(code, entity, uid, detail, repaired, n);
		left_over := t.found() || CASE t.found('other') WHEN 'clean' THEN '' ELSE ' other: ' || t.found('other') END;
		RAISE SQLSTATE 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		PERFORM set_config('session_replication_role', 'origin', true);
	END;
END $$;

-- Each foreign key, broken by a row that names nobody.
CREATE TABLE t.foreign_key AS
	SELECT k.oid, c.relname AS child, p.relname AS parent, k.conname,
		(SELECT string_agg(format('%I = ''nobody''', a.attname), ', ' ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY AS u(c, n) JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.c WHERE a.attname <> 'tenant_uid') AS broken,
		(SELECT string_agg(format('%I IS NOT NULL', a.attname), ' AND ') FROM unnest(k.conkey) AS u(c) JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.c) AS given
	FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS p ON p.oid = k.confrelid
	WHERE k.contype = 'f' AND c.relnamespace = 'flowcustomer'::regnamespace AND p.relname <> 'tenant';
CREATE FUNCTION t.rows_of(child text, condition text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM flowcustomer.%I WHERE tenant_uid = ''acme'' AND %s', child, condition) INTO n;
	RETURN n;
END $$;
SELECT is_empty('SELECT child, conname FROM t.foreign_key WHERE t.rows_of(child, given) = 0', 'every foreign key is used');
SELECT cmp_ok((SELECT count(*) FROM t.foreign_key), '>=', 22::bigint, 'there are many');
SELECT matches(d.seen, format('(^|; )ORPHAN %s [^(]+\(', k.child), k.conname || ' is found') || E'\n' ||
	is(d.repaired ~ format('(^|; )ORPHAN %s [^;]+ t(;|$)', k.child) AND d.repaired !~ ' f(;|$)', true, k.conname || ' is mended') || E'\n' || is(d.left_over, 'clean', k.conname || ' leaves nothing')
FROM t.foreign_key AS k, t.damage(format('UPDATE flowcustomer.%I SET %s WHERE ctid = (SELECT ctid FROM flowcustomer.%I WHERE tenant_uid = ''acme'' AND %s LIMIT 1)', k.child, k.broken, k.child, k.given)) AS d ORDER BY k.child, k.conname;

-- Each generated column.
CREATE TABLE t.generated AS SELECT a.attrelid, a.attnum, a.attname, a.atttypid, c.relname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE a.attgenerated <> '' AND c.relnamespace = 'flowcustomer'::regnamespace AND a.attnum > 0;
SELECT is(d.seen, format('GENERATED_WRONG %s %s (%s)', a.relname, substring(d.seen from '^GENERATED_WRONG \w+ ([^ ]*) '), a.attname), format('%s.%s is found', a.relname, a.attname)) || E'\n' ||
	is(d.repaired, format('GENERATED_WRONG %s %s t', a.relname, substring(d.seen from '^GENERATED_WRONG \w+ ([^ ]*) ')), 'and mended') || E'\n' || is(d.left_over, 'clean', 'for good')
FROM t.generated AS a, t.damage(format($q$
	DO $d$ BEGIN
		UPDATE pg_attribute SET attgenerated = '' WHERE attrelid = %1$s AND attnum = %2$s;
		UPDATE flowcustomer.%3$I SET %4$I = %5$L WHERE ctid = (SELECT min(ctid) FROM flowcustomer.%3$I WHERE tenant_uid = 'acme');
		UPDATE pg_attribute SET attgenerated = 's' WHERE attrelid = %1$s AND attnum = %2$s;
	END $d$ $q$, a.attrelid, a.attnum, a.relname, a.attname, CASE WHEN a.atttypid = 'text'::regtype THEN 'wrong' ELSE '424242' END)) AS d ORDER BY a.relname, a.attnum;
SELECT is((SELECT count(*) FROM t.generated), 8::bigint, 'these are all');

-- All else: damage, what is found, what repair says of it, what is left.
SELECT is(CASE WHEN v.found IS NOT NULL THEN d.seen END, v.found, v.statement || ' is found') || E'\n' || is(CASE WHEN v.repaired IS NOT NULL THEN d.repaired END, v.repaired, 'what repair says') || E'\n' ||
	is(CASE WHEN v.left_over IS NOT NULL THEN d.left_over END, v.left_over, 'what is left then')
FROM (VALUES
	($$UPDATE flowcustomer.customer SET customer_parent_uid = 'none' WHERE customer_uid = 'mid'$$, 'PARENT_MISSING customer mid (customer_parent_uid: none)', 'PARENT_MISSING customer mid t', 'clean'),
	($$DELETE FROM flowcustomer.customer WHERE customer_uid = 'mid'$$, 'PARENT_MISSING customer low (customer_parent_uid: mid); TOTAL_WRONG total customer (off by -1)', 'PARENT_MISSING customer low t; TOTAL_WRONG total customer t', 'clean'),
	($$UPDATE flowcustomer.customer SET customer_parent_uid = 'low' WHERE customer_uid = 'top'$$, 'PARENT_CYCLE customer low (with low); PARENT_CYCLE customer mid (with low); PARENT_CYCLE customer top (with low)', 'PARENT_CYCLE customer low t; PARENT_CYCLE customer mid t; PARENT_CYCLE customer top t', 'clean'),
	($$INSERT INTO flowcustomer.customer_redirect (tenant_uid, customer_uid, survivor_uid, created_at) VALUES ('acme', 'mid', 'kari', now())$$, 'REDIRECT_OF_CUSTOMER customer_redirect mid (to kari)', 'REDIRECT_OF_CUSTOMER customer_redirect mid t', 'clean'),
	($$DELETE FROM flowcustomer.customer_redirect WHERE customer_uid = 'third'$$, 'MERGE_WITHOUT_REDIRECT merge third (to kari)', 'MERGE_WITHOUT_REDIRECT merge third t', 'clean'),
	($$UPDATE flowcustomer.customer_redirect SET survivor_uid = 'top' WHERE customer_uid = 'twin'$$, 'MERGE_WITHOUT_REDIRECT merge twin (to kari)', 'MERGE_WITHOUT_REDIRECT merge twin t', 'clean'),
	($$UPDATE flowcustomer.merge SET duplicate_uid = 'top', merge_uid = 'm' WHERE duplicate_uid = 'twin'$$, 'MERGE_OF_CUSTOMER merge m (duplicate_uid: top)', 'MERGE_OF_CUSTOMER merge m f', 'MERGE_OF_CUSTOMER merge m (duplicate_uid: top)'),
	($$UPDATE flowcustomer.duplicate_run SET done = 5, failed = 0$$, 'RUN_MISCOUNTED duplicate_run r (done 5 of 2, failed 0 of 1)', 'RUN_MISCOUNTED duplicate_run r t', 'clean'),
	($$DELETE FROM flowcustomer.duplicate_run_item$$, 'RUN_MISCOUNTED duplicate_run r (done 2 of 0, failed 1 of 0)', 'RUN_MISCOUNTED duplicate_run r t', 'clean'),
	($$UPDATE flowcustomer.customer SET firstname = 'Eva', email = 'eva@example.com' WHERE customer_uid = 'erased'$$, 'ERASED_HAS_DATA customer erased (firstname, email)', 'ERASED_HAS_DATA customer erased t', 'clean'),
	($$UPDATE flowcustomer.change SET generation = 99 WHERE ctid = (SELECT min(ctid) FROM flowcustomer.change WHERE tenant_uid = 'acme')$$, 'GENERATION_MISSING change 99 (generation)', 'GENERATION_MISSING change 99 f', 'GENERATION_MISSING change 99 (generation)'),
	($$INSERT INTO flowcustomer.external_id_claim VALUES ('acme', 'secret'), ('acme', 'name')$$, 'CLAIM_LEFT external_id_claim  (2 rows)', 'CLAIM_LEFT external_id_claim  t', 'clean'),
	($$UPDATE flowcustomer.customer SET credit_open_invoices = 7 WHERE customer_uid IN ('kari', 'top')$$, 'BALANCE_WRONG customer kari (credit_open_invoices: off by 93); BALANCE_WRONG customer top (credit_open_invoices: off by -7)', 'BALANCE_WRONG customer kari t; BALANCE_WRONG customer top t', 'clean'),
	($$DELETE FROM flowcustomer.sales_order$$, 'BALANCE_WRONG customer kari (credit_open_invoices: off by -100)', 'BALANCE_WRONG customer kari t', 'clean'),
	($$INSERT INTO flowcustomer.access_grant VALUES ('acme', 'integrity_nobody', 'CUSTOMER', now(), 'x')$$, 'ROLE_MISSING access_grant integrity_nobody (role_name)', 'ROLE_MISSING access_grant integrity_nobody f', 'ROLE_MISSING access_grant integrity_nobody (role_name)'),
	($$UPDATE flowcustomer.total SET amount = amount + 3 WHERE tenant_uid = 'acme' AND kind = 'contact'$$, 'TOTAL_WRONG total contact (off by -3)', 'TOTAL_WRONG total contact t', 'clean'),
	($$DELETE FROM flowcustomer.total WHERE tenant_uid = 'acme'$$, 'TOTAL_WRONG total contact (off by 1); TOTAL_WRONG total customer (off by 7); TOTAL_WRONG total group (off by 2); TOTAL_WRONG total member/club (off by 1); TOTAL_WRONG total member/staff (off by 1)',
		'TOTAL_WRONG total contact t; TOTAL_WRONG total customer t; TOTAL_WRONG total group t; TOTAL_WRONG total member/club t; TOTAL_WRONG total member/staff t', 'clean'),
	($$INSERT INTO flowcustomer.total VALUES ('acme', 'member', 'gone', 3, 4)$$, 'TOTAL_WRONG total member/gone (off by -4)', 'TOTAL_WRONG total member/gone t', 'clean'),
	($$ALTER TABLE flowcustomer.customer_address DROP CONSTRAINT customer_address_type_check; UPDATE flowcustomer.customer_address SET type = 'HOME'; ALTER TABLE flowcustomer.customer_address ADD CONSTRAINT customer_address_type_check CHECK (type IN ('DELIVERY_ADDRESS', 'INVOICE_ADDRESS')) NOT VALID$$,
		'RULE_BROKEN customer_address kari/a (customer_address_type_check)', 'RULE_BROKEN customer_address kari/a f', 'RULE_BROKEN customer_address kari/a (customer_address_type_check)'),
	($$DROP VIEW flowcustomer.drop_extension_guard$$, 'GUARD_MISSING tenant acme (drop_extension_guard)', 'GUARD_MISSING tenant acme t', 'clean'),
	($$DELETE FROM flowcustomer.tenant WHERE tenant_uid = 'acme'$$, 'TENANT_MISSING tenant acme (tenant_uid)', 'TENANT_MISSING tenant acme t', 'clean'),
	($$DELETE FROM flowcustomer.contact; DELETE FROM flowcustomer.consent; DELETE FROM flowcustomer.organization$$, NULL, NULL, 'clean other: ORPHAN store bergen (organization_uid of no organization: nordic); ORPHAN store malmo (organization_uid of no organization: south); ORPHAN store oslo (organization_uid of no organization: nordic)'),
	($$TRUNCATE flowcustomer.customer CASCADE$$, NULL, NULL, 'clean')) AS v(statement, found, repaired, left_over),
	t.damage(v.statement) AS d;

-- What is mended is right, not only no longer found.
CREATE FUNCTION t.after_repair(statement text, question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	BEGIN
		PERFORM set_config('session_replication_role', 'replica', true);
		EXECUTE statement;
		PERFORM set_config('session_replication_role', 'origin', true);
		PERFORM flowcustomer.repair('acme');
		EXECUTE question INTO answer;
		RAISE SQLSTATE 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		PERFORM set_config('session_replication_role', 'origin', true);
	END;
	RETURN answer;
END $$;
SELECT is(t.after_repair(statement, question), answer, question) FROM (VALUES
	($$UPDATE flowcustomer.customer SET customer_parent_uid = 'low' WHERE customer_uid = 'top'$$, $$SELECT string_agg(customer_uid || ' ' || coalesce(customer_parent_uid, '-'), ', ' ORDER BY customer_uid) FROM flowcustomer.customer WHERE customer_type = 'COMPANY'$$, 'low -, mid top, top low'),
	($$DELETE FROM flowcustomer.customer_redirect WHERE customer_uid = 'third'$$, $$SELECT flowcustomer.customer_get('acme', 'third') ->> 'customerUid'$$, 'kari'),
	($$DELETE FROM flowcustomer.consent WHERE consent_uid = 'news'$$, $$SELECT concat_ws(' ', c ->> 'consentUid', c ->> 'name', c ->> 'status') FROM json_array_elements(flowcustomer.customer_get('acme', 'kari') -> 'consents') AS c$$, 'news news true'),
	($$DELETE FROM flowcustomer.organization WHERE organization_uid = 'nordic'$$, $$SELECT string_agg(name, ', ' ORDER BY organization_uid) FROM flowcustomer.organization WHERE tenant_uid = 'acme'$$, 'nordic, South AB'),
	($$DELETE FROM flowcustomer.customer WHERE customer_uid = 'kari'$$, $$SELECT (SELECT count(*) FROM flowcustomer.sales_order WHERE order_uid = 'o' AND customer_uid IS NULL) || ' order, ' || (SELECT count(*) FROM flowcustomer.customer_address) || ' addresses, ' || (SELECT count(*) FROM flowcustomer.customer_redirect) || ' redirects'$$, '1 order, 0 addresses, 0 redirects'),
	($$UPDATE flowcustomer.customer SET credit_open_invoices = 0 WHERE customer_uid = 'kari'$$, $$SELECT flowcustomer.customer_get('acme', 'kari') #>> '{credit,balance}'$$, '107'),
	($$UPDATE flowcustomer.total SET amount = 1000 WHERE tenant_uid = 'acme' AND kind = 'customer'$$, $$SELECT flowcustomer.customer_list('acme') #>> '{paging,totalCount}'$$, '7'),
	($$DELETE FROM flowcustomer.tenant WHERE tenant_uid = 'acme'$$, $$SELECT t.strip(flowcustomer.tenant_put('acme', '{}'))$$, '{"name": "acme", "locale": "en", "lenient": false, "accessLog": null, "changeFeed": null, "countryCode": "NO", "maxBatchItems": null, "defaultPrinterUid": ""}')) AS v(statement, question, answer);

-- What can't be mended keeps nothing else from being mended, and is told once.
CREATE FUNCTION t.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
SELECT is(d.repaired, v.repaired, v.why) || E'\n' || is(d.left_over, v.left_over, 'and is left')
FROM (VALUES
	('a trigger that keeps an orphan', $$CREATE TRIGGER keep BEFORE DELETE ON flowcustomer.customer_address FOR EACH ROW EXECUTE FUNCTION t.keep(); UPDATE flowcustomer.customer_address SET customer_uid = 'nobody'; DELETE FROM flowcustomer.total WHERE tenant_uid = 'acme' AND kind = 'contact'$$,
		'ORPHAN customer_address nobody/a f; TOTAL_WRONG total contact t', 'ORPHAN customer_address nobody/a (customer_uid of no customer: nobody)'),
	('a table outside that needs an orphan', $$CREATE TABLE t.outside (tenant text DEFAULT 'acme', c text DEFAULT 'nobody', a text DEFAULT 'a', FOREIGN KEY (tenant, c, a) REFERENCES flowcustomer.customer_address); UPDATE flowcustomer.customer_address SET customer_uid = 'nobody'; INSERT INTO t.outside DEFAULT VALUES; UPDATE flowcustomer.customer SET credit_open_invoices = 0 WHERE customer_uid = 'kari'$$,
		'ORPHAN customer_address nobody/a f; BALANCE_WRONG customer kari t', 'ORPHAN customer_address nobody/a (customer_uid of no customer: nobody)'),
	('an organization that can''t be put back', $$ALTER TABLE flowcustomer.organization DROP CONSTRAINT organization_organization_uid_check, ADD CONSTRAINT own CHECK (name <> 'nordic'); DELETE FROM flowcustomer.organization WHERE organization_uid = 'nordic' AND tenant_uid = 'acme'; DELETE FROM flowcustomer.total WHERE tenant_uid = 'acme' AND kind = 'contact'$$, NULL, NULL)) AS v(why, statement, repaired, left_over),
	LATERAL (SELECT coalesce(v.repaired, d.repaired) = d.repaired AND d.repaired ~ '; TOTAL_WRONG total contact t$|BALANCE_WRONG customer kari t$' AS right, d.* FROM t.damage(v.statement) AS d) AS e, LATERAL (SELECT CASE WHEN v.repaired IS NULL AND e.right THEN NULL ELSE e.repaired END AS repaired, CASE WHEN v.left_over IS NULL THEN NULL ELSE e.left_over END AS left_over) AS d;

-- What somebody has put beside our tables, or onto them, does not get in the way.
SELECT is(d.seen, 'clean', statement) FROM (VALUES
	('CREATE TABLE flowcustomer.own (x integer CHECK (x > 0), y integer GENERATED ALWAYS AS (x + 1) STORED, z text REFERENCES flowcustomer.tenant); INSERT INTO flowcustomer.own (x) VALUES (1)'),
	('CREATE TABLE t.region (tenant_uid text PRIMARY KEY); INSERT INTO t.region VALUES (''acme''), (''other''); ALTER TABLE flowcustomer.store ADD FOREIGN KEY (tenant_uid) REFERENCES t.region'),
	('ALTER TABLE flowcustomer.store ADD CHECK (name <> ''%s $2''), ADD COLUMN "we""ird '' %s" integer GENERATED ALWAYS AS IDENTITY')) AS v(statement), t.damage(v.statement) AS d;
-- A long line of departments, and circles in it.
CALL t.run($$SELECT flowcustomer.customer_batch('other', (SELECT json_build_object('create', json_agg(json_strip_nulls(json_build_object('customerUid', 'd' || lpad(i::text, 5, '0'), 'customerType', 'COMPANY', 'customerParentUid', CASE WHEN i > 1 THEN 'd' || lpad((i - 1)::text, 5, '0') END)) ORDER BY i)) FROM generate_series(1, 50) AS i))$$);
INSERT INTO flowcustomer.customer (tenant_uid, customer_uid, customer_type, customer_parent_uid, country_code, created_at, last_modified_at) SELECT 'other', 'e' || i, 'COMPANY', CASE WHEN i > 1 THEN 'e' || i - 1 ELSE 'd00050' END, 'NO', now(), now() FROM generate_series(1, 20000) AS i;
SET statement_timeout = '20s';
SELECT is(t.found('other'), 'TOTAL_WRONG total customer (off by 20000)', 'twenty thousand levels are looked through in time');
UPDATE flowcustomer.customer SET customer_parent_uid = 'e9000' WHERE tenant_uid = 'other' AND customer_uid = 'e1000';
SELECT is((SELECT count(*) || ' ' || min(detail) || ' ' || max(detail) FROM flowcustomer.check_integrity('other') WHERE code = 'PARENT_CYCLE'), '8001 with e1000 with e1000', 'with a circle in them, too');
SELECT is((SELECT count(*) FROM flowcustomer.repair('other') WHERE repaired), 8002::bigint, 'which is mended');
SELECT is((SELECT string_agg(customer_uid, ',') FROM flowcustomer.customer WHERE tenant_uid = 'other' AND customer_uid ~ '^e' AND customer_parent_uid IS NULL), 'e1000', 'in one place');
RESET statement_timeout;
-- What a redirect knew besides comes from the journal.
SELECT is(t.after_repair('DELETE FROM flowcustomer.customer_redirect WHERE customer_uid = ''third''; UPDATE flowcustomer.merge SET journal = jsonb_set(jsonb_set(journal::jsonb, ''{from,external_id}'', ''"E-3"''), ''{from,loyalty_id}'', ''"L-3"'') WHERE duplicate_uid = ''third''',
	'SELECT concat_ws('' '', survivor_uid, external_id, loyalty_id) FROM flowcustomer.customer_redirect WHERE customer_uid = ''third'''), 'kari E-3 L-3', 'its external id and loyalty card');

-- What looks like damage, but is none: a UID that an erased customer had is used anew.
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'erased')$$);
CALL t.run($$SELECT t.create('{"customerUid": "erased", "customerType": "PERSON", "firstname": "Other"}')$$);
SELECT is(t.found(), 'clean', 'a new customer with the UID of one that was erased');
ROLLBACK;

-- What this transaction has done itself is no damage.
BEGIN;
CALL t.run($$SELECT t.create('{"customerUid": "new", "customerType": "PERSON", "customerGroupUids": ["club"]}'), flowcustomer.contact_delete('acme', 'eva')$$);
SELECT is(t.found(), 'clean', 'totals that are written at the end are counted');
UPDATE flowcustomer.total SET amount = amount + 1 WHERE tenant_uid = 'acme' AND kind = 'customer';
SELECT is(t.found(), 'TOTAL_WRONG total customer (off by -1)', 'nor do they hide any');
CALL t.run($$SELECT flowcustomer.repair('acme')$$);
SELECT is(t.found(), 'clean', 'they are mended beside them');
COMMIT;
SELECT is(t.found(), 'clean', 'also when it is committed');
SELECT is(t.total(), 8::bigint, 'with the right total');

SELECT is(t.error($$SELECT flowcustomer.check_integrity('none')$$), 'PT404: TENANT_NOT_FOUND', 'of no tenant there is nothing to check');
SELECT is(t.error($$SELECT flowcustomer.repair('none')$$), 'PT404: TENANT_NOT_FOUND', 'or to repair');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(t.error($$SELECT flowcustomer.repair('acme')$$), 'PT409: ISOLATION_LEVEL', 'what others write now has to be seen to repair');
SELECT is(t.found(), 'clean', 'not to check');
COMMIT;
BEGIN READ ONLY;
SELECT is((SELECT count(*) FROM flowcustomer.check_integrity('acme')), 0::bigint, 'a check only reads');
COMMIT;
SELECT * FROM finish();
