-- Customer groups and their members.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT flowcustomer.customer_batch('acme', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'c' || i, 'customerType', 'PERSON'))) FROM generate_series(1, 9) AS i))$$);
CREATE FUNCTION t.members(uid text) RETURNS text LANGUAGE sql AS
$$ SELECT t.uids(page) || ' ' || (page -> 'paging' ->> 'totalCount') FROM flowcustomer.customer_group_customer_list('acme', uid) AS page $$;
CREATE FUNCTION t.change(body text, uid text DEFAULT 'club') RETURNS text LANGUAGE sql AS
$$ SELECT t.error(format('SELECT flowcustomer.customer_group_customer_update(''acme'', %L, %L)', uid, body)) $$;

SELECT is(t.strip(flowcustomer.customer_group_create('acme', '{"customerGroupUid": "vip", "name": "Very important"}')),
	'{"customerGroupUid": "vip", "name": "Very important", "createdBy": "postgres", "lastModifiedBy": "postgres"}', 'a group, whole');
SELECT is(flowcustomer.customer_group_get('acme', 'vip') ->> 'createdAt', flowcustomer.customer_group_get('acme', 'vip') ->> 'lastModifiedAt', 'with its times');
SELECT matches(flowcustomer.customer_group_create('acme', body) ->> 'customerGroupUid', '^[0-9a-f]{8}-[0-9a-f]{4}-7', 'a UID is made: ' || body)
FROM (VALUES ('{"name": "x"}'::json), ('{"name": "x", "customerGroupUid": ""}'), ('{"name": "x", "customerGroupUid": null}')) AS v(body);
SELECT is(t.error(format('SELECT flowcustomer.customer_group_create(''acme'', %L)', body)), expected, body) FROM (VALUES
	('{}', 'PT400: VALIDATION_FAILED $.name'), ('{"name": null}', 'PT400: VALIDATION_FAILED $.name'), ('{"name": ""}', 'PT400: VALIDATION_FAILED $.name'), ('{"name": 5}', 'PT400: VALIDATION_FAILED $.name'),
	('{"name": "x", "customerGroupUid": "a b"}', 'PT400: VALIDATION_FAILED $.customerGroupUid'), ('{"name": "x", "customerGroupUid": "vip"}', 'PT409: GROUP_ALREADY_EXISTS'),
	('"x"', 'PT400: VALIDATION_FAILED $'), ('{"name": "x", "createdBy": 5, "customers": "all"}', 'ok')) AS v(body, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_group_create(''acme'', %L)', json_build_object('name', repeat('ø', 255)))), 'ok', 'a name of 255 characters');
SELECT is(t.error(format('SELECT flowcustomer.customer_group_create(''acme'', %L)', json_build_object('name', repeat('ø', 256)))), 'PT400: VALIDATION_FAILED $.name', 'and of 256');
SELECT is(t.error(format('SELECT flowcustomer.customer_group_get(''acme'', %L)', uid)), expected, 'get ' || coalesce(uid, 'NULL')) FROM (VALUES
	('none', 'PT404: GROUP_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED customerGroupUid'), (NULL, 'PT400: VALIDATION_FAILED customerGroupUid')) AS v(uid, expected);
SELECT is((flowcustomer.customer_group_list('acme') -> 'paging' ->> 'totalCount')::bigint, (SELECT count(*) FROM flowcustomer.customer_group), 'the total is that of the table');

-- Update.
CREATE TABLE t.before AS SELECT flowcustomer.customer_group_get('acme', 'vip')::jsonb AS answer;
SELECT is(flowcustomer.customer_group_update('acme', 'vip', '{"name": "Very important"}')::jsonb, answer, 'the same name changes nothing') FROM t.before;
SELECT is(t.strip(flowcustomer.customer_group_update('acme', 'vip', '{"name": "VIP"}')), t.strip(answer) || '{"name": "VIP"}', 'another one does') FROM t.before;
SELECT cmp_ok(flowcustomer.customer_group_get('acme', 'vip') ->> 'lastModifiedAt', '>', answer ->> 'lastModifiedAt', 'and moves lastModifiedAt') FROM t.before;
SELECT is(t.error(format('SELECT flowcustomer.customer_group_update(''acme'', %L, %L)', uid, body)), expected, concat_ws(' ', 'update', uid, body)) FROM (VALUES
	('none', '{"name": "x"}', 'PT404: GROUP_NOT_FOUND'), ('vip', '{"name": null}', 'PT400: VALIDATION_FAILED $.name'), ('vip', '{"name": ""}', 'PT400: VALIDATION_FAILED $.name'),
	('vip', '{}', 'ok'), ('vip', '{"customerGroupUid": "other"}', 'ok'), ('vip', '{"customerGroupUid": "not a uid"}', 'ok'), ('vip', '[]', 'PT400: VALIDATION_FAILED $'), ('vip', NULL, 'PT400: VALIDATION_FAILED $')) AS v(uid, body, expected);
SELECT is(flowcustomer.customer_group_get('acme', 'vip') ->> 'name', 'VIP', 'failures changed nothing');

-- Members.
SELECT is(t.members('club'), ' 0', 'nobody at first');
SELECT is(t.change(body), 'ok', body) || E'\n' || is(t.members('club'), expected, expected) FROM (VALUES
	('{"addCustomerUids": ["c3", "c1", "c2"]}', 'c1,c2,c3 3'), ('{"addCustomerUids": ["c1", "c4", "c4"]}', 'c1,c2,c3,c4 4'), ('{"removeCustomerUids": ["c2", "c9", "c2"]}', 'c1,c3,c4 3'),
	('{"addCustomerUids": ["c1", "c5"], "removeCustomerUids": ["c1", "c3", "c5"]}', 'c1,c4,c5 3'), ('{"removeCustomerUids": ["nobody"]}', 'c1,c4,c5 3'), ('{}', 'c1,c4,c5 3'),
	('{"addCustomerUids": null, "removeCustomerUids": []}', 'c1,c4,c5 3'), ('{"addCustomerUids": ["c8"], "addCustomerUids": []}', 'c1,c4,c5 3')) AS v(body, expected);
SELECT is(t.change(body, 'vip'), 'ok', body) || E'\n' || is(t.members('vip'), expected, body || ' is read as any JSON') FROM (VALUES
	('{"addCustomerUids": ["c\u0036"]}', 'c6 1'), ('{"\u0061ddCustomerUids": ["c6", "c7"]}', 'c6,c7 2'), ('{"addCustomerUids": "none", "addCustomerUids": ["c6", "c7", "c8"]}', 'c6,c7,c8 3')) AS v(body, expected);
CREATE TABLE t.members_before AS SELECT t.members('club') AS members;
SELECT is(t.change(body), expected, body) FROM (VALUES ('{"addCustomerUids": ["c8", "nobody", "c9", "none"]}', 'PT400: CUSTOMER_NOT_FOUND $.addCustomerUids[1]; CUSTOMER_NOT_FOUND $.addCustomerUids[3]'),
	('{"addCustomerUids": "c8"}', 'PT400: VALIDATION_FAILED $.addCustomerUids'), ('{"addCustomerUids": [5, "a b", null], "removeCustomerUids": [{}]}',
	'PT400: VALIDATION_FAILED $.addCustomerUids[0]; VALIDATION_FAILED $.addCustomerUids[1]; VALIDATION_FAILED $.addCustomerUids[2]; VALIDATION_FAILED $.removeCustomerUids[0]'),
	('{"removeCustomerUids": 5}', 'PT400: VALIDATION_FAILED $.removeCustomerUids'), ('[]', 'PT400: VALIDATION_FAILED $'), (NULL, 'PT400: VALIDATION_FAILED $')) AS v(body, expected);
SELECT is(t.members('club'), members, 'a refused change changes nobody') FROM t.members_before;
SELECT is(t.change('{}', 'none'), 'PT404: GROUP_NOT_FOUND', 'members of an unknown group');
SELECT is(t.error('SELECT flowcustomer.customer_group_customer_list(''acme'', ''none'')'), 'PT404: GROUP_NOT_FOUND', 'nor can they be listed');
SELECT is(flowcustomer.customer_group_customer_list('acme', 'club', page_size => 1)::jsonb -> 'items' -> 0, t.get('c1'), 'members are whole customers');
SELECT is((t.get('c1') -> 'customerGroupUids')::text, '["club"]', 'which name their groups');
SELECT is((flowcustomer.customer_update('acme', 'c1', '{"customerGroupUids": ["staff", "club"]}') -> 'customerGroupUids')::text, '["club","staff"]', 'the customer''s side of it');
SELECT is(t.members('staff'), 'c1 1', 'is the group''s side');
CALL t.run($$SELECT flowcustomer.customer_delete('acme', 'c1')$$);
SELECT is(t.members('staff') || t.members('club'), ' 0c4,c5 2', 'a deleted customer leaves its groups');

-- Delete.
SELECT is(t.error('SELECT flowcustomer.customer_group_delete(''acme'', ''club'')'), 'ok', 'a group with members is deleted');
SELECT is(t.error('SELECT flowcustomer.customer_group_delete(''acme'', ''club'')'), 'PT404: GROUP_NOT_FOUND', 'once');
SELECT is((t.get('c4') -> 'customerGroupUids')::text, '[]', 'its customers stay');
SELECT is((SELECT count(*) FROM flowcustomer.total WHERE kind = 'member' AND owner_uid = 'club'), 0::bigint, 'its total goes');
CALL t.run($$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "club", "name": "Again"}')$$);
SELECT is(t.members('club'), ' 0', 'a new one of the same UID is empty');
SELECT is((flowcustomer.customer_group_list('acme') -> 'paging' ->> 'totalCount')::bigint, (SELECT count(*) FROM flowcustomer.customer_group), 'the total is still that of the table');

SELECT * FROM finish();
