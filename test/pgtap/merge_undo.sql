-- Taking merges back: everything is as it was, but what was changed since.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "vip", "name": "VIP"}'')');
CREATE FUNCTION t.companies(VARIADIC uids text[]) RETURNS void LANGUAGE sql AS
$$ SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'COMPANY'))) FROM unnest(uids) AS uid)) $$;
-- An update that has to succeed.
CREATE FUNCTION t.change(uid text, body json) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM flowcustomer.customer_update('acme', uid, body); END $$;

-- To the last byte ---------------------------------------------------------------

CALL t.run('SELECT t.furnish(''a''), t.furnish(''b'')');
CALL t.run('SELECT t.keep(''before'')');
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
SELECT isnt_empty('SELECT t.changes(''before'')', 'a merge changes a lot');
SELECT is(t.undo('a-from') - 'references', jsonb_build_object('mergeUid', t.merge_of('a-from'), 'customerUid', 'a-to', 'restoredCustomerUid', 'a-from', 'fieldsNotRestored', '[]'::jsonb, 'rows', '{"addresses": {"returned": 3, "gone": 0},
	"contacts": {"returned": 3, "gone": 0}, "contactExtensions": {"returned": 4, "gone": 0}, "extensions": {"returned": 2, "gone": 0}, "consents": {"returned": 3, "gone": 0}, "groups": {"returned": 2, "gone": 0},
	"departments": {"returned": 1, "gone": 0}, "salesOrders": {"returned": 2, "gone": 0}, "serviceOrders": {"returned": 1, "gone": 0}}'::jsonb), 'an undo tells what returned');
SELECT is_empty('SELECT t.changes(''before'')', 'and then all tables are as they were');
SELECT is_empty('SELECT customer_uid FROM flowcustomer.customer_redirect', 'nothing leads on any more');
SELECT is(t.get('a-from') ->> 'customerUid', 'a-from', 'the duplicate is a customer of its own again');
SELECT is(t.get('a-from') #>> '{credit,balance}', '40023', 'and owes what it owed');
SELECT is(t.uids(flowcustomer.customer_list('acme', id)) || t.uids(flowcustomer.customer_search('acme', json_build_object('query', id))), 'a-froma-from', id || ' is its own') FROM unnest(ARRAY['E-a-from']) AS id;
CALL t.run('SELECT t.keep(''undone'')');
SELECT is(t.try_undo('a-from'), 'PT409: MERGE_ALREADY_UNDONE', 'a merge is undone once');
SELECT is_empty('SELECT t.written(''undone'')', 'trying again changes nothing');
SET flowcustomer.resolve_merged = off;
SELECT is(t.get('a-from') ->> 'customerUid', 'a-from', 'it is no merged-away customer');
RESET flowcustomer.resolve_merged;
SELECT is(t.create('{"customerUid": "a-from", "customerType": "PERSON"}'), 'PT409: CUSTOMER_ALREADY_EXISTS', 'and its uid is taken');
SELECT t.sound('after an undo');
-- With choices, the other way round, across pairs, into a parent, and again.
CREATE FUNCTION t.there_and_back(survivor text, duplicate text, fields jsonb DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.keep('back');
	PERFORM t.merge(survivor, duplicate, fields);
	RETURN QUERY SELECT what FROM t.broken WHERE what NOT LIKE 'the total of %';	-- totals are written at the end
	IF NOT EXISTS (SELECT t.changes('back')) THEN
		RETURN NEXT 'nothing was merged';
	END IF;
	RETURN QUERY SELECT 'not restored: ' || f::text FROM jsonb_array_elements(t.undo(duplicate) -> 'fieldsNotRestored') AS f;
	RETURN QUERY SELECT t.changes('back');
END $$;
SELECT is_empty(format('SELECT t.there_and_back(%L, %L, %L)', survivor, duplicate, fields), concat_ws(' ', 'there and back:', survivor, duplicate, fields)) FROM (VALUES ('a-to', 'a-from', NULL::jsonb), ('a-from', 'a-to', NULL),
	('a-to', 'a-from', (SELECT jsonb_object_agg(name, 'FROM') FROM flowcustomer.fields() AS f(of, n, name, col, kind, writable) WHERE of = 'customer' AND writable AND col IS NOT NULL AND name NOT IN ('customerUid', 'externalId', 'loyaltyId', 'ehfEnabled', 'openingBalance'))),
	('a-from', 'a-to', (SELECT jsonb_object_agg(name, 'FROM') FROM flowcustomer.fields() AS f(of, n, name, col, kind, writable) WHERE of = 'customer' AND writable AND col IS NOT NULL AND name NOT IN ('customerUid', 'externalId', 'loyaltyId', 'ehfEnabled', 'openingBalance'))),
	('a-to', 'b-from', NULL), ('a-top', 'a-from', NULL), ('a-to', 'a-under-from', NULL), ('a-to', 'a-under-to', '{"customerParentUid": "FROM"}'), ('a-to', 'b-to', NULL), ('a-under-from', 'a-under-to', NULL)) AS v(survivor, duplicate, fields);
SELECT t.sound('after all of these');
SELECT is_empty('SELECT t.changes(''before'')', 'and still all tables are as they were');
-- In one transaction with other changes, and with a failure between.
BEGIN;
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
SELECT is(t.total(), 9::bigint, 'one less in the transaction');
SELECT is(t.try_merge('a-to', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'a merge that fails');
SELECT is(t.total(), 9::bigint, 'does not count');
CALL t.run('SELECT t.preview(''b-to'', ''b-from'')');
SELECT is(t.total(), 9::bigint, 'nor does a preview');
SELECT is(flowcustomer.customer_group_customer_list('acme', g) #>> '{paging,totalCount}', n, 'members of ' || g || ' after the merge') FROM (VALUES ('club', '3'), ('vip', '2'), ('staff', '2')) AS v(g, n);
CALL t.run('SELECT t.undo(''a-from'')');
SELECT is(t.total(), 10::bigint, 'and all of them again');
SELECT is(flowcustomer.customer_group_customer_list('acme', g) #>> '{paging,totalCount}', n, 'members of ' || g || ' after the undo') FROM (VALUES ('club', '4'), ('vip', '2'), ('staff', '2')) AS v(g, n);
COMMIT;
SELECT is_empty('SELECT t.changes(''before'')', 'merge and undo in one transaction leave nothing');
CALL t.run('SELECT t.keep(''undone'')');
BEGIN;
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
ROLLBACK;
SELECT is_empty('SELECT t.written(''undone'')', 'nor does a merge that is rolled back');

-- Hostile values: what no function would accept can have come by hand.
CALL t.run('SELECT t.furnish(''z'')');
CREATE FUNCTION t.hostile(column_name text, side text) RETURNS text LANGUAGE sql IMMUTABLE AS
$f$ SELECT column_name || side || E' "q" \'q\' \\ \\\\ \\" \\u0041 \\n /* */ -- $$ {"a": [1]} </b> %s %1$s \b\f\n\r\t\x01\x1f\x7f é ß 𝄞 🙈 \u200d \u202e \ufeff \uffff ' $f$;
DO $$
DECLARE
	relation text;
	key text;
	assignments text;
BEGIN
	FOR relation, key IN VALUES ('customer', 'customer_uid'), ('customer_address', 'customer_uid || customer_address_uid'), ('customer_consent', 'customer_uid || entry_uid') LOOP
		SELECT string_agg(format('%I = t.hostile(%L, %s)', attname, attname, key), ', ') INTO assignments
		FROM pg_attribute WHERE attrelid = ('flowcustomer.' || relation)::regclass AND attnum > 0 AND NOT attisdropped AND atttypid = 'text'::regtype AND attgenerated = '' AND NOT attnotnull AND attname NOT LIKE '%\_uid';
		EXECUTE format('UPDATE flowcustomer.%I SET %s WHERE customer_uid IN (''z-to'', ''z-from'')', relation, assignments);
	END LOOP;
END $$;
UPDATE flowcustomer.customer SET internal_note = repeat('æ"\' || E'\n', 50000), firstname = repeat('Ås ', 5000) WHERE customer_uid = 'z-from';
SELECT cmp_ok((SELECT count(*)::integer FROM t.dump() WHERE line LIKE '%🙈%'), '>', 9, 'hostile values are in many rows');
SELECT is_empty(format('SELECT t.there_and_back(''z-to'', ''z-from'', %L)', fields), concat('hostile values, ', fields)) FROM unnest(ARRAY[NULL, '{"firstname": "FROM", "internalNote": "FROM", "ehf.address": "FROM", "email": "FROM"}']) AS fields;
UPDATE flowcustomer.customer SET firstname = NULL, lastname = NULL, company_name = NULL, email = NULL, mobile = NULL, address = NULL, postal_code = NULL, city = NULL, vat_number = NULL, external_id = NULL, loyalty_id = NULL, ledger_number = NULL,
	origin = NULL, internal_note = NULL, ehf_address = NULL WHERE customer_uid = 'z-to';
CREATE TABLE t.hostile AS SELECT * FROM flowcustomer.customer WHERE customer_uid = 'z-from';
CALL t.run('SELECT t.keep(''hostile''), t.merge(''z-to'', ''z-from'')');
SELECT is((SELECT to_jsonb(c) - '{customer_uid,last_modified_at,credit_opening_balance,credit_open_invoices,credit_balance}'::text[] FROM flowcustomer.customer AS c WHERE customer_uid = 'z-to'),
	(SELECT to_jsonb(h) - '{customer_uid,last_modified_at,credit_opening_balance,credit_open_invoices,credit_balance}'::text[] FROM t.hostile AS h), 'hostile values reach the survivor as they are');
SELECT is((SELECT external_id FROM flowcustomer.customer_redirect WHERE customer_uid = 'z-from'), external_id, 'so does the external id') FROM t.hostile;
SELECT is(t.uids(flowcustomer.customer_list('acme', external_id)), 'z-to', 'which leads to the survivor') FROM t.hostile;
CALL t.run('SELECT t.undo(''z-from'')');
SELECT is_empty('SELECT t.changes(''hostile'')', 'and come back as they were');
-- The longest uids, and times at the ends of what there is.
CREATE FUNCTION t.long(what text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT what || repeat('-', 255 - length(what)) $$;
CALL t.run('SELECT t.companies(t.long(''A''), t.long(''B'')), t.companies(t.long(''C''))');
INSERT INTO flowcustomer.customer_address (tenant_uid, customer_uid, customer_address_uid, type, city, country_code, created_at, last_modified_at)
SELECT 'acme', t.long(uid), t.long('x'), 'INVOICE_ADDRESS', uid, 'NO', at, at FROM (VALUES ('A', '-infinity'::timestamptz), ('B', '4714-11-24 00:00:00.000001Z BC'), ('C', '294276-12-31 23:59:59.999999Z')) AS v(uid, at);
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status) SELECT 'acme', t.long(uid), 'news', '2022-01-01 00:00:00.000001Z', t.long('e'), uid <> 'B' FROM unnest(ARRAY['A', 'B', 'C']) AS uid;
CALL t.run('SELECT t.change(t.long(''B''), json_build_object(''customerParentUid'', t.long(''C'')))');
SELECT is_empty(format('SELECT t.there_and_back(%L, %L)', t.long(survivor), t.long(duplicate)), concat('long uids: ', survivor, duplicate)) FROM (VALUES ('A', 'B'), ('B', 'A'), ('C', 'B'), ('C', 'A')) AS v(survivor, duplicate);
UPDATE flowcustomer.customer SET created_at = CASE customer_uid WHEN t.long('A') THEN '-infinity' ELSE 'infinity' END::timestamptz, credit_opening_balance = 4611686018427387904 WHERE customer_uid IN (t.long('A'), t.long('B'));
SELECT is(t.try_merge(t.long('A'), t.long('B')), 'PT409: CONFLICT', 'balances that are too large together are not added');
UPDATE flowcustomer.customer SET credit_opening_balance = -9223372036854775807 WHERE customer_uid = t.long('B');
SELECT is_empty(format('SELECT t.there_and_back(%L, %L)', t.long('B'), t.long('A')), 'the earliest time and large balances');
-- Very many rows.
CALL t.run('SELECT t.companies(''many'', ''few'')');
INSERT INTO flowcustomer.customer_address (tenant_uid, customer_uid, customer_address_uid, type, city, country_code, created_at, last_modified_at)
SELECT 'acme', uid, 'x' || i, 'INVOICE_ADDRESS', concat(uid, i % 300), 'NO', now(), now() FROM unnest(ARRAY['many', 'few']) AS uid, generate_series(1, 600) AS i;
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status) SELECT 'acme', uid, 'news', '2022-01-01'::timestamptz + i % 50 * interval '1 us', concat('e', i), i % 3 = 0 FROM unnest(ARRAY['many', 'few']) AS uid, generate_series(1, 400) AS i;
CALL t.run('SELECT flowcustomer.sales_order_put(''acme'', t.order(''many'' || i, ''many'', i)) FROM generate_series(1, 500) AS i');
SELECT is_empty('SELECT t.there_and_back(''few'', ''many'')', 'hundreds of rows');
SELECT t.sound('after hostile values');

-- Chains ------------------------------------------------------------------------------

-- a-from into a-to, that into b-to, and b-from into b-to.
CALL t.run('SELECT t.keep(''chain'')');
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
CALL t.run('SELECT t.keep(''link'')');
CALL t.run('SELECT t.merge(''b-to'', ''a-to'')');
SELECT is(t.try_undo('a-from'), 'PT409: MERGE_NOT_LAST', 'a merge whose survivor was merged has to wait');
SELECT is(t.full_error(format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', t.merge_of('a-from'))), format(E'PT409 The merge %s of the same customer came after this one\ncode: MERGE_NOT_LAST\nUndo the merge %1$s first.', t.merge_of('a-to')), 'and the error names what it waits for');
CALL t.run('SELECT t.undo(''a-to'')');
SELECT is_empty('SELECT t.changes(''link'')', 'the later merge is undone: what led on leads to where it led');
SELECT is(t.get('a-from') ->> 'customerUid', 'a-to', 'the first duplicate is its survivor''s');
CALL t.run('SELECT t.undo(''a-from'')');
SELECT is_empty('SELECT t.changes(''chain'')', 'both undone: all is as it was');
-- The same pair merged again after an undo, the other way round, and into somebody else.
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
CALL t.run('SELECT t.undo(''a-from'')');
CALL t.run('SELECT t.merge(''a-from'', ''a-to'')');
CALL t.run('SELECT t.undo(''a-to'')');
CALL t.run('SELECT t.merge(''b-to'', ''a-from'')');
SELECT is((SELECT count(*) FROM flowcustomer.merge WHERE undone_at IS NULL), 1::bigint, 'of many merges one is in force');
SELECT is(t.error(format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', merge_uid)), 'PT409: MERGE_ALREADY_UNDONE', 'the others are not undone again') FROM (SELECT merge_uid FROM flowcustomer.merge WHERE undone_at IS NOT NULL AND duplicate_uid = 'a-from' ORDER BY merge_uid DESC LIMIT 2) AS m;
CALL t.run('SELECT t.undo(''a-from'')');
SELECT is_empty('SELECT t.changes(''chain'')', 'and again all is as it was');
SELECT t.sound('after chains');

-- Two duplicates of one survivor share rows that the survivor has not; the second one
-- builds on what came with the first.
CALL t.run($$SELECT t.companies('s', 's1', 's2')$$);
CALL t.run($$SELECT flowcustomer.contact_create('acme', '{"customerContactUid": "sk", "firstname": "S", "lastname": "K", "customers": [{"customerUid": "s1", "role": "PURCHASER"}, {"customerUid": "s2", "role": "ADMIN"}]}'),
	flowcustomer.contact_create('acme', '{"customerContactUid": "sl", "firstname": "S", "lastname": "L", "customers": [{"customerUid": "s"}, {"customerUid": "s1", "role": "PURCHASER"}, {"customerUid": "s2", "role": "ADMIN"}]}'),
	flowcustomer.customer_group_customer_update('acme', 'vip', '{"addCustomerUids": ["s1", "s2"]}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', uid, '{"customerAddressUid": "sx", "type": "INVOICE_ADDRESS", "city": "Oslo"}'), flowcustomer.customer_extension_add('acme', uid, 'TWO_INVOICE', '{"storeUid": "oslo"}'),
	flowcustomer.customer_contact_extension_add('acme', uid, 'sk', 'TWO_INVOICE', '{"storeUid": "oslo"}'), t.change(uid, json_build_object('email', uid || '@example.no')) FROM unnest(ARRAY['s1', 's2']) AS uid$$);
UPDATE flowcustomer.customer SET created_at = '2020-01-01Z'::timestamptz - CASE customer_uid WHEN 's' THEN 0 WHEN 's1' THEN 1 ELSE 2 END * interval '1 year' WHERE customer_uid IN ('s', 's1', 's2');
CALL t.run('SELECT t.keep(''two'')');
CALL t.run('SELECT t.merge(''s'', ''s1'')');
CALL t.run('SELECT t.keep(''one of two'')');
CALL t.run('SELECT t.merge(''s'', ''s2'')');
CALL t.run('SELECT t.keep(''both'')');
SELECT is(t.full_error(format('SELECT flowcustomer.customer_merge_undo(''acme'', %L)', t.merge_of('s1'))), format(E'PT409 The merge %s of the same customer came after this one\ncode: MERGE_NOT_LAST\nUndo the merge %1$s first.', t.merge_of('s2')), 'the first of two has to wait for the second');
SELECT is_empty('SELECT t.written(''both'')', 'and nothing was changed by trying');
CALL t.run('SELECT t.undo(''s2'')');
SELECT is_empty('SELECT t.changes(''one of two'')', 'the second is undone: what came with the first is as it was');
CALL t.run('SELECT t.undo(''s1'')');
SELECT is_empty('SELECT t.changes(''two'')', 'both are undone: all is as it was');

-- Changed since -------------------------------------------------------------------------

CREATE TABLE t.undone (n text, answer jsonb);
CREATE PROCEDURE t.undo_pair(n text) LANGUAGE sql AS $$ INSERT INTO t.undone VALUES (n, t.undo(n || '-from')) $$;
CREATE FUNCTION t.rows(pair text, kind text) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws('/', answer #>> ARRAY['rows', kind, 'returned'], answer #>> ARRAY['rows', kind, 'gone']) FROM t.undone WHERE n = pair $$;
CREATE FUNCTION t.left(pair text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg(concat(f ->> 'customerUid', '.', f ->> 'field', ': ', f ->> 'reason'), ', ' ORDER BY f ->> 'customerUid', f ->> 'field'), '') FROM t.undone, jsonb_array_elements(answer -> 'fieldsNotRestored') AS f WHERE n = pair $$;

-- Fields: what was taken and is unchanged goes back, what was changed stays, and what
-- was changed to what it had been before is no matter.
CALL t.run('SELECT t.furnish(''f'')');
CALL t.run('SELECT t.merge(''f-to'', ''f-from'', ''{"companyName": "FROM"}'')');
CALL t.run($$SELECT t.change('f-to', '{"email": "new@example.no", "city": "Hamar", "paymentTerms": 20, "credit": {"limit": 0}, "loyaltyId": null, "firstname": "New"}')$$);
CALL t.undo_pair('f');
SELECT is(t.left('f'), 'f-to.credit.limit: changed since the merge, f-to.email: changed since the merge, f-to.loyaltyId: changed since the merge, f-to.paymentTerms: changed since the merge', 'fields that were changed are told');
SELECT is(t.get('f-to') - '{addresses,contacts,extensions,consents,customerGroupUids,createdAt,lastModifiedAt,relevance,displayName,customerUid}'::text[], '{
	"customerParentUid": "", "customerType": "COMPANY", "firstname": "New", "lastname": "", "companyName": "Blåbær", "email": "new@example.no", "mobile": "+4791234567", "address": "", "postalCode": "", "city": "Hamar", "countryCode": "NO", "vatNumber": "",
	"externalId": "E-f-to", "loyaltyId": "", "ledgerNumber": "", "pricelistUid": "", "origin": "till", "internalNote": "", "paymentTerms": 20, "credit": {"limit": 0, "balance": 1100}, "ehfEnabled": false, "ehf": {"enabled": false, "address": ""},
	"accountManager": {"tenantUserUid": "", "displayName": "", "userCode": ""}, "defaultStore": null}', 'and stay, the others are the survivor''s old ones');
SELECT is((SELECT jsonb_object_agg(key, value) FROM jsonb_each(t.get('f-from')) WHERE key IN ('companyName', 'email', 'city', 'paymentTerms', 'loyaltyId', 'externalId', 'firstname')), '{"companyName": "Blaabaer AS", "email": "post@example.no", "city": "Bergen",
	"paymentTerms": 14, "loyaltyId": "L-f-from", "externalId": "E-f-from", "firstname": ""}', 'the duplicate''s are its own');

-- Addresses: removed ones stay so, new ones stay with the survivor, changed ones return as they are.
CALL t.run('SELECT t.furnish(''g'')');
CALL t.run('SELECT t.merge(''g-to'', ''g-from'')');
CALL t.run($$SELECT flowcustomer.customer_address_remove('acme', 'g-to', 'home'), flowcustomer.customer_address_put('acme', 'g-to', '{"customerAddressUid": "cabin", "city": "Rena"}'), flowcustomer.customer_address_put('acme', 'g-to', '{"customerAddressUid": "since", "type": "INVOICE_ADDRESS"}'),
	flowcustomer.customer_address_remove('acme', 'g-to', (SELECT customer_address_uid FROM flowcustomer.customer_address WHERE customer_uid = 'g-to' AND city = 'Bergen'))$$);
CALL t.undo_pair('g');
SELECT results_eq($$SELECT customer_uid COLLATE "default", customer_address_uid COLLATE "default", city FROM flowcustomer.customer_address WHERE customer_uid LIKE 'g-%' ORDER BY 1, 2$$,
	$$VALUES ('g-from', 'cabin', 'Rena'), ('g-to', 'since', NULL), ('g-to', 'x', 'Voss')$$, 'a removed address does not come back, be it the duplicate''s own or one of both');
SELECT is(t.rows('g', 'addresses'), '1/2', 'and that is told');

-- Contacts, their roles and extensions.
CALL t.run('SELECT t.furnish(''k'')');
CALL t.run('SELECT t.merge(''k-to'', ''k-from'')');
CALL t.run($$SELECT flowcustomer.contact_customer_add('acme', 'k-k2', '{"customers": [{"customerUid": "k-to", "role": "ACCOUNTING"}]}'), flowcustomer.contact_customer_remove('acme', 'k-k3', 'k-from'), flowcustomer.customer_contact_update('acme', 'k-from', 'k-k4', '{"firstname": "Eva"}'),
	flowcustomer.customer_contact_extension_add('acme', 'k-to', 'k-k4', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.customer_contact_extension_remove('acme', 'k-to', 'k-k4', 'TWO_INVOICE', '{"storeUid": "malmo"}'),
	flowcustomer.customer_contact_create('acme', 'k-from', '{"customerContactUid": "k-k5", "firstname": "Five", "lastname": "Berg", "role": "ADMIN"}')$$);
CALL t.undo_pair('k');
SELECT results_eq($$SELECT customer_uid COLLATE "default", contact_uid COLLATE "default", role COLLATE "default", (SELECT string_agg(organization_uid, ',' ORDER BY organization_uid) FROM flowcustomer.contact_extension AS e WHERE (e.tenant_uid, e.customer_uid, e.contact_uid) = (l.tenant_uid, l.customer_uid, l.contact_uid)) COLLATE "default"
		FROM flowcustomer.customer_contact AS l WHERE contact_uid LIKE 'k-%' ORDER BY 1, 2$$, $$VALUES ('k-from', 'k-k2', 'ADMIN', 'nordic'), ('k-from', 'k-k4', 'PURCHASER', 'nordic'), ('k-to', 'k-k1', 'ACCOUNTING', NULL), ('k-to', 'k-k2', 'ACCOUNTING', NULL), ('k-to', 'k-k5', 'ADMIN', NULL)$$,
	'a role that was changed stays, who was unlinked stays so, who is new stays with the survivor, and an extension goes with its contact');
SELECT is(t.rows('k', 'contacts') || ' ' || t.rows('k', 'contactExtensions'), '2/1 1/3', 'as is told');
CALL t.run('SELECT t.furnish(''m'')');
CALL t.run('SELECT t.merge(''m-to'', ''m-from'')');
CALL t.run($$SELECT flowcustomer.contact_delete('acme', uid) FROM unnest(ARRAY['m-k2', 'm-k3', 'm-k4']) AS uid$$);
CALL t.undo_pair('m');
SELECT is(t.rows('m', 'contacts') || ' ' || t.rows('m', 'contactExtensions'), '0/3 0/4', 'contacts that were deleted do not come back');
SELECT results_eq($$SELECT customer_uid COLLATE "default", contact_uid COLLATE "default" FROM flowcustomer.customer_contact WHERE customer_uid LIKE 'm-%'$$, $$VALUES ('m-to', 'm-k1')$$, 'nor do their links');

-- Groups and extensions that are left or switched off since, and a group that is gone.
CALL t.run('SELECT t.furnish(''o'')');
CALL t.run('SELECT t.merge(''o-to'', ''o-from''), flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "since", "name": "Since"}'')');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'o-to', '{"customerGroupUids": ["staff", "vip", "since"]}'), flowcustomer.customer_extension_remove('acme', 'o-to', 'TWO_INVOICE', '{"storeUid": "oslo"}'), flowcustomer.customer_extension_remove('acme', 'o-to', 'KLAVIYO_PROFILE_ID', '{"storeUid": "malmo"}'),
	flowcustomer.customer_extension_add('acme', 'o-to', 'TWO_INVOICE', '{"storeUid": "malmo"}')$$);
CALL t.undo_pair('o');
SELECT is((t.get(uid) -> 'customerGroupUids')::text || (t.get(uid) -> 'extensions')::text, expected, 'groups and extensions of ' || uid) FROM (VALUES ('o-to', '["since", "staff"][{"extensionCode": "TWO_INVOICE", "organizationUid": "south"}]'), ('o-from', '["vip"][]')) AS v(uid, expected);
SELECT is(t.rows('o', 'groups') || ' ' || t.rows('o', 'extensions'), '1/1 0/2', 'who has left a group or switched an extension off has done so for both');
SELECT t.sound('after groups were left');
CALL t.run('SELECT t.furnish(''p'')');
CALL t.run('SELECT t.merge(''p-to'', ''p-from'')');
CALL t.run('SELECT flowcustomer.customer_group_delete(''acme'', g) FROM unnest(ARRAY[''club'', ''vip'']) AS g');
CALL t.run($$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "club", "name": "Another club"}')$$);
CALL t.undo_pair('p');
SELECT is(t.rows('p', 'groups') || (t.get('p-from') -> 'customerGroupUids')::text || (t.get('p-to') -> 'customerGroupUids')::text, '0/2[]["staff"]', 'deleted groups have nobody, also when there is another of that uid');
SELECT t.sound('after groups were deleted');
CALL t.run('SELECT flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "vip", "name": "VIP"}'')');

-- Consents: what was granted since stays with the survivor, what was withdrawn since is
-- withdrawn for both.  A kind of consent that is gone.
CALL t.run('SELECT t.furnish(''c''), t.furnish(''d'')');
CALL t.run('SELECT t.merge(''c-to'', ''c-from''), t.merge(''d-to'', ''d-from'')');
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'c-from', 'news', '{"status": true, "source": "since"}'), flowcustomer.customer_consent_set('acme', 'd-to', 'news', '{"status": true, "source": "since"}')$$);
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'd-to', 'sms', '{"status": false, "source": "since"}'), flowcustomer.customer_consent_set('acme', 'd-from', 'news', '{"status": false, "source": "later"}')$$);
CALL t.undo_pair('c');
CALL t.undo_pair('d');
SELECT is((SELECT string_agg(concat_ws(' ', c ->> 'consentUid', c ->> 'status', c ->> 'source'), ', ' ORDER BY c ->> 'consentUid') FROM jsonb_array_elements(t.get(uid) -> 'consents') AS c), expected, 'consents of ' || uid) FROM (VALUES ('c-to', 'news true since, sms true '), ('c-from', 'news false web, sms false '),
	('d-to', 'news false later, sms false since'), ('d-from', 'news false later, sms false since')) AS v(uid, expected);
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = uid), n, 'the history of ' || uid) FROM (VALUES ('c-to', 3::bigint), ('c-from', 3), ('d-to', 5), ('d-from', 5)) AS v(uid, n);
SELECT is((SELECT count(*) FROM (SELECT consent_uid, created_at, source FROM flowcustomer.customer_consent WHERE customer_uid = 'd-to' AND NOT status INTERSECT SELECT consent_uid, created_at, source FROM flowcustomer.customer_consent WHERE customer_uid = 'd-from' AND NOT status) AS shared), 2::bigint, 'with the times of the withdrawals');
CALL t.run('SELECT flowcustomer.consent_put(''acme'', ''{"consentUid": "post", "name": "Letters"}'')');
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'c-from', 'post', '{"status": true, "source": "x"}')$$);
CALL t.run('SELECT t.merge(''c-to'', ''c-from'')');
DELETE FROM flowcustomer.customer_consent WHERE consent_uid = 'post';
CALL t.run($$SELECT flowcustomer.consent_remove('acme', 'post')$$);
DELETE FROM t.undone WHERE n = 'c';
CALL t.undo_pair('c');
SELECT is(t.rows('c', 'consents'), '3/1', 'entries that were taken out do not come back');

-- Orders: put, paid, moved and removed since.
CALL t.run('SELECT t.furnish(''q'')');
CALL t.run('SELECT t.merge(''q-to'', ''q-from'')');
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', o) FROM unnest(ARRAY[t.order('q-s2', 'q-top', 21), t.order('q-s3', 'q-from', 2), t.order('q-s1', 'q-to', 90), t.order('q-s5', 'q-from', 500), t.order('q-s6', 'q-to', 6000)]) AS o$$);
CALL t.run($$SELECT flowcustomer.service_order_put('acme', t.service('q-v3', 'q-from')), flowcustomer.service_order_remove('acme', 'q-v2')$$);
CALL t.undo_pair('q');
SELECT results_eq($$SELECT order_uid COLLATE "default", customer_uid COLLATE "default" FROM flowcustomer.sales_order WHERE order_uid LIKE 'q-%' UNION ALL SELECT service_order_uid, customer_uid FROM flowcustomer.service_order WHERE service_order_uid LIKE 'q-%' ORDER BY 1$$,
	$$VALUES ('q-s1', 'q-to'), ('q-s2', 'q-top'), ('q-s3', 'q-from'), ('q-s4', 'q-top'), ('q-s5', 'q-to'), ('q-s6', 'q-to'), ('q-v1', 'q-to'), ('q-v3', 'q-to')$$, 'orders put since stay with the survivor, moved ones where they are');
SELECT is(t.rows('q', 'salesOrders') || ' ' || t.rows('q', 'serviceOrders'), '1/1 0/1', 'and the others return');
SELECT results_eq($$SELECT customer_uid COLLATE "default", credit_balance FROM flowcustomer.customer WHERE customer_uid IN ('q-to', 'q-from', 'q-top') ORDER BY 1$$, $$VALUES ('q-from', 40002::bigint), ('q-to', 1000 + 90 + 500 + 6000), ('q-top', 28)$$, 'everybody owes what is open of its own');
-- An order that went away and came back is not the survivor's by the merge alone, but it is one of those that moved.
CALL t.run('SELECT t.merge(''q-to'', ''q-from'')');
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.order('q-s3', 'q-top', 2))$$);
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.order('q-s3', NULL, 2))$$);
DELETE FROM t.undone WHERE n = 'q';
CALL t.undo_pair('q');
SELECT is(t.rows('q', 'salesOrders'), '0/1', 'an order that is nobody''s stays so');
SELECT t.sound('after orders were moved');

-- Departments that went elsewhere or are gone, a parent that is gone, users and stores that are gone.
CALL t.run('SELECT t.furnish(''r'')');
CALL t.run($$SELECT t.companies('r-more', 'r-gone'), flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "per", "displayName": "Per"}'), flowcustomer.store_put('acme', '{"storeUid": "moss", "name": "Moss", "organizationUid": "nordic"}')$$);
CALL t.run($$SELECT t.change('r-more', '{"customerParentUid": "r-from"}'), t.change('r-gone', '{"customerParentUid": "r-from"}'), t.change('r-from', '{"defaultStoreUid": "moss", "accountManager": {"tenantUserUid": "per"}}')$$);
CALL t.run('SELECT t.merge(''r-to'', ''r-from'')');
CALL t.run($$SELECT t.change('r-more', '{"customerParentUid": "a-to"}'), flowcustomer.customer_delete('acme', 'r-gone'), flowcustomer.customer_delete('acme', 'r-top'), t.change('r-to', '{"defaultStoreUid": "oslo", "accountManager": null}')$$);
CALL t.run($$SELECT flowcustomer.store_remove('acme', 'moss'), flowcustomer.tenant_user_remove('acme', 'per')$$);
CALL t.undo_pair('r');
SELECT is(t.rows('r', 'departments'), '1/2', 'departments that went elsewhere or are gone stay so');
SELECT results_eq($$SELECT customer_uid COLLATE "default", customer_parent_uid COLLATE "default" FROM flowcustomer.customer WHERE customer_uid LIKE 'r-%' ORDER BY 1$$, $$VALUES ('r-from', NULL), ('r-more', 'a-to'), ('r-to', NULL), ('r-under-from', 'r-from'), ('r-under-to', 'r-to')$$, 'and nobody is below a customer that is gone');
SELECT is(t.left('r'), 'r-from.accountManager.tenantUserUid: what it named is gone, r-from.customerParentUid: what it named is gone, r-from.defaultStoreUid: what it named is gone, r-to.accountManager.tenantUserUid: changed since the merge, r-to.customerParentUid: changed since the merge, r-to.defaultStoreUid: changed since the merge',
	'what the duplicate named and is gone is told');
SELECT t.sound('after references were removed');

-- What the survivor gave up for what the duplicate had, and cannot have again: N-to was
-- below N-old, in store N-moss, in the care of N-per, and takes all of that from N-from.
CREATE FUNCTION t.give_up(n text, fields jsonb DEFAULT '{"defaultStoreUid": "FROM", "accountManager.tenantUserUid": "FROM", "customerParentUid": "FROM"}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.companies(n || '-to', n || '-from', n || '-old', n || '-new');
	PERFORM flowcustomer.store_put('acme', json_build_object('storeUid', n || '-moss', 'name', 'Moss', 'organizationUid', 'nordic')), flowcustomer.tenant_user_put('acme', json_build_object('tenantUserUid', n || '-per', 'displayName', 'Per'));
	PERFORM t.change(n || '-to', json_build_object('defaultStoreUid', n || '-moss', 'accountManager', json_build_object('tenantUserUid', n || '-per'), 'customerParentUid', n || '-old'));
	PERFORM t.change(n || '-from', json_build_object('defaultStoreUid', 'oslo', 'accountManager', json_build_object('tenantUserUid', 'liv'), 'customerParentUid', n || '-new'));
	PERFORM t.merge(n || '-to', n || '-from', fields);
END $$;
-- Undoes such a merge; gives how that went, and who is in which store, in whose care and below whom.
CREATE FUNCTION t.regain(n text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	outcome text := t.try_undo(n || '-from');
BEGIN
	RETURN concat_ws(' ', outcome, (SELECT string_agg(replace(concat_ws('/', customer_uid, default_store_uid, account_manager_uid, '<' || customer_parent_uid), n || '-', ''), ' ' ORDER BY customer_uid COLLATE "C") FROM flowcustomer.customer WHERE customer_uid LIKE n || '-%'));
END $$;
CALL t.run('SELECT t.give_up(''u'' || i) FROM generate_series(1, 6) AS i');
SELECT is(t.regain('u1'), 'ok from/oslo/liv/<new new old to/moss/per/<old', 'a survivor regains what is there');
CALL t.run('SELECT flowcustomer.store_remove(''acme'', ''u2-moss''), flowcustomer.tenant_user_remove(''acme'', ''u3-per''), flowcustomer.customer_delete(''acme'', ''u4-old'')');
CALL t.run($$SELECT t.change('u5-old', '{"customerType": "PERSON"}'), t.change('u6-old', '{"customerParentUid": "u6-to"}')$$);
SELECT is(replace(t.regain('u2'), 'to/oslo/per', 'to/per'), 'ok from/oslo/liv/<new new old to/per/<old', 'a store that is gone does not keep a merge from being undone');
SELECT is(replace(t.regain('u3'), 'to/moss/liv', 'to/moss'), 'ok from/oslo/liv/<new new old to/moss/<old', 'nor does an account manager');
SELECT is(replace(t.regain('u4'), 'to/moss/per/<new', 'to/moss/per'), 'ok from/oslo/liv/<new new to/moss/per', 'nobody is below a parent that is gone');
SELECT is(replace(t.regain('u5'), 'to/moss/per/<new', 'to/moss/per'), 'ok from/oslo/liv/<new new old to/moss/per', 'or below a person');
SELECT is(replace(t.regain('u6'), 'to/moss/per/<new', 'to/moss/per'), 'ok from/oslo/liv/<new new old/<to to/moss/per', 'or below one that is below itself');
SELECT t.sound('after things that cannot be regained');
-- Types that were changed since, and parents that were merged away.
CALL t.run($$SELECT t.companies('u7-to', 'u7-from', 'u7-old'), t.companies('u8-to', 'u8-from', 'u8-new'), t.companies('u9-to', 'u9-from'), t.companies('v1-to', 'v1-from', 'v1-new', 'v1-other'), t.companies('v2-to', 'v2-from', 'v2-old', 'v2-other')$$);
CALL t.run($$SELECT t.change('u7-to', '{"customerParentUid": "u7-old"}'), t.change('u8-from', '{"customerParentUid": "u8-new"}'), t.change('u9-from', '{"customerParentUid": "u9-to"}'), t.change('v1-from', '{"customerParentUid": "v1-new"}'), t.change('v2-to', '{"customerParentUid": "v2-old"}')$$);
CALL t.run($$SELECT t.merge(n || '-to', n || '-from', jsonb_build_object('customerParentUid', choice)) FROM (VALUES ('u7', 'FROM'), ('u8', 'TO'), ('u9', 'TO'), ('v1', 'TO'), ('v2', 'FROM')) AS v(n, choice)$$);
CALL t.run($$SELECT t.change('u7-to', '{"customerType": "PERSON"}'), t.change('u8-new', '{"customerType": "PERSON"}'), t.change('u9-to', '{"customerType": "B2B"}'), t.merge('v1-other', 'v1-new'), t.merge('v2-other', 'v2-old')$$);
SELECT is(t.regain(n), expected, what) FROM (VALUES ('u7', 'ok from old to', 'a survivor that is a person by now is below nobody'), ('u8', 'ok from new to', 'a duplicate is not below a person'), ('u9', 'ok from to', 'nor below a survivor that is no company any more'),
	('v1', 'ok from/<other other to', 'a duplicate whose parent was merged away is below the one that is left'), ('v2', 'ok from other to/<other', 'and so is a survivor')) AS v(n, expected, what);
SELECT t.sound('after types were changed');

-- Companies are merged, moved, deleted and changed in between, and undone: whatever
-- happens, nobody is above itself, or below somebody who is not there or no company.
CREATE FUNCTION t.fallen() RETURNS SETOF text LANGUAGE sql AS $$
	WITH c AS MATERIALIZED (SELECT customer_uid AS uid, customer_parent_uid AS parent, customer_type = 'COMPANY' AS company FROM flowcustomer.customer WHERE tenant_uid = 'heap')
	SELECT format('%s is below %s', c.uid, c.parent) FROM c LEFT JOIN c AS p ON p.uid = c.parent WHERE c.parent IS NOT NULL AND p.company IS NOT TRUE
	UNION ALL SELECT format('%s is above itself', c.uid) FROM c JOIN c AS p1 ON p1.uid = c.parent LEFT JOIN c AS p2 ON p2.uid = p1.parent LEFT JOIN c AS p3 ON p3.uid = p2.parent LEFT JOIN c AS p4 ON p4.uid = p3.parent
	WHERE c.uid IN (p1.uid, p2.uid, p3.uid, p4.uid, p4.parent)
	UNION ALL SELECT format('%s leads to %s', r.customer_uid, survivor_uid) FROM flowcustomer.customer_redirect AS r WHERE tenant_uid = 'heap' AND (EXISTS (SELECT FROM c WHERE uid = r.customer_uid) OR NOT EXISTS (SELECT FROM c WHERE uid = survivor_uid))
$$;
CREATE FUNCTION t.tumble(seed double precision, rounds integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	uids text[] := ARRAY['w1', 'w2', 'w3', 'w4', 'w5'];
	uid text;
	other text;
	dice double precision;
	call text;
	outcome text;
	log text;
BEGIN
	PERFORM setseed(seed);
	FOR i IN 1 .. rounds LOOP
		DELETE FROM flowcustomer.customer_redirect WHERE tenant_uid = 'heap';
		DELETE FROM flowcustomer.merge WHERE tenant_uid = 'heap';
		DELETE FROM flowcustomer.customer WHERE tenant_uid = 'heap';
		INSERT INTO flowcustomer.customer (tenant_uid, customer_uid, customer_type, country_code, created_at, last_modified_at) SELECT 'heap', u, 'COMPANY', 'NO', now(), now() FROM unnest(uids) AS u;
		log := '';
		FOR j IN 1 .. 16 LOOP
			uid := uids[1 + floor(random() * 5)];
			other := uids[1 + floor(random() * 5)];
			dice := CASE WHEN j <= 4 THEN 0 ELSE random() END;
			call := CASE WHEN dice < 0.3 THEN format('customer_update(''heap'', %L, ''{"customerParentUid": %s}'')', uid, coalesce(to_json(CASE WHEN random() < 0.9 THEN other END)::text, 'null'))
				WHEN dice < 0.6 THEN format('customer_merge(''heap'', %L, ''{"mergeFromCustomerUid": "%s"%s}'')', uid, other, CASE WHEN random() < 0.5 THEN ', "fields": {"customerParentUid": "FROM"}' ELSE '' END)
				WHEN dice < 0.65 THEN format('customer_update(''heap'', %L, ''{"customerType": "%s", "customerParentUid": null}'')', uid, CASE WHEN random() < 0.5 THEN 'B2B' ELSE 'COMPANY' END)
				WHEN dice < 0.7 THEN format('customer_delete(''heap'', %L)', uid)
				ELSE format('customer_merge_undo(''heap'', %L)', (SELECT merge_uid FROM flowcustomer.merge WHERE tenant_uid = 'heap' AND undone_at IS NULL ORDER BY random() LIMIT 1)) END;
			outcome := t.error('SELECT flowcustomer.' || call);
			log := log || format(E'\n%s: %s => %s', i, call, outcome);
			IF outcome !~ '^(ok$|PT)' OR outcome ~ 'CONFLICT' OR EXISTS (SELECT t.fallen()) THEN
				RETURN QUERY SELECT concat((SELECT string_agg(f, ', ') FROM t.fallen() AS f), log);
				RETURN;
			END IF;
		END LOOP;
	END LOOP;
END $$;
CALL t.run('SELECT t.seed(''heap'')');
SELECT is_empty(format('SELECT t.tumble(%s, 10)', seed), 'companies tumble, seed ' || seed) FROM unnest(ARRAY[0.03, 0.18, 0.19, 0.24, 0.32, 0.38]) AS seed;
DELETE FROM flowcustomer.customer_redirect WHERE tenant_uid = 'heap';
DELETE FROM flowcustomer.merge WHERE tenant_uid = 'heap';
DELETE FROM flowcustomer.customer WHERE tenant_uid = 'heap';
DELETE FROM flowcustomer.total WHERE tenant_uid = 'heap' AND kind = 'customer';	-- rows were taken out by hand

-- Undo refused ------------------------------------------------------------------------

CALL t.run($$SELECT t.companies('y1', 'y2', 'y3')$$);
CALL t.run('SELECT t.merge(''y1'', ''y2'')');
CREATE TABLE t.lost AS SELECT t.merge_of('y2') AS uid;
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'y1')$$);
SELECT is(t.call('customer_merge_undo', uid), 'PT404: MERGE_NOT_FOUND', 'with its survivor a merge is gone') FROM t.lost;
CALL t.run($$SELECT t.companies('y1', 'y2')$$);
CALL t.run('SELECT t.merge(''y1'', ''y2'')');
CALL t.run('SELECT t.merge(''y3'', ''y1'')');
UPDATE t.lost SET uid = t.merge_of('y2');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'y3')$$);
SELECT is(t.call('customer_merge_undo', uid), 'PT404: MERGE_NOT_FOUND', 'so are those before it') FROM t.lost;
SELECT t.sound('at the end');

SELECT * FROM finish();
