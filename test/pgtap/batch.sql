-- Batches of customers.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');

SELECT is(t.batch(body), '{"create": {"errors": [], "success": 0}, "update": {"errors": [], "success": 0},
	"upsert": {"errors": [], "success": 0}, "delete": {"errors": [], "success": 0}}', 'nothing to do: ' || body) FROM (VALUES
	('{}'::json), ('{"create": []}'), ('{"create": [], "update": [], "upsert": [], "delete": []}'), ('{"create": null, "delete": null}'),
	('{"unknown": [1, 2]}'), ('{"CREATE": [{"customerType": "PERSON"}]}')) AS v(body);
SELECT is(t.error(format('SELECT flowcustomer.customer_batch(''acme'', %L)', body)), expected, body) FROM (VALUES
	('[]', 'PT400: VALIDATION_FAILED $'), ('null', 'PT400: VALIDATION_FAILED $'), ('"x"', 'PT400: VALIDATION_FAILED $'),
	('{"create": {}}', 'PT400: VALIDATION_FAILED $.create'), ('{"upsert": "x"}', 'PT400: VALIDATION_FAILED $.upsert'),
	('{"create": [{"customerType": "PERSON"}], "update": 1, "delete": true}', 'PT400: VALIDATION_FAILED $.update; VALIDATION_FAILED $.delete')) AS v(body, expected);
SELECT is(t.total(), 0::bigint, 'a section of the wrong type stops the whole batch');
SELECT is(t.error('SELECT flowcustomer.customer_batch(''nobody'', ''{}'')'), 'PT404: TENANT_NOT_FOUND', 'a batch for an unknown tenant');
SELECT is(t.error('SELECT flowcustomer.customer_batch(''acme'', NULL)'), 'PT400: VALIDATION_FAILED $', 'no batch');

-- Sections and their order.
SELECT is(t.batch('{"delete": [{"customerUid": "a"}], "upsert": [{"customerUid": "a", "city": "C3"}],
	"update": [{"customerUid": "a", "city": "C2", "origin": "u"}], "create": [{"customerUid": "a", "customerType": "PERSON", "city": "C1"}]}'),
	'{"create": {"errors": [], "success": 1}, "update": {"errors": [], "success": 1},
	  "upsert": {"errors": [], "success": 1}, "delete": {"errors": [], "success": 1}}', 'create, update, upsert, delete, in whatever order they stand');
SELECT is(t.total(), 0::bigint, 'so nothing is left');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "a"}]}'), 'delete'), '0: 0 CUSTOMER_NOT_FOUND', 'it is gone');
SELECT is(t.section(t.batch('{"cr\u0065ate": [{"customerUid": "esc", "customerType": "PERSON"}]}'), 'create'), '1:', 'a section''s name may be escaped');
CALL t.run($$SELECT flowcustomer.customer_batch('acme', '{"upsert": [{"customerUid": "esc", "customerType": "PERSON"}], "delete": [{"customerUid": "esc"}]}')$$);
SELECT is(t.section(t.batch('{"create": [{"customerUid": "r1", "customerType": "PERSON"}], "create": [{"customerUid": "r2", "customerType": "PERSON"}]}'), 'create'),
	'1:', 'of a repeated section the last one counts');
SELECT is(t.uids(flowcustomer.customer_list('acme')), 'r2', 'and only that one');
SELECT is(t.error($$SELECT flowcustomer.customer_batch('acme', '{"delete": 5, "delete": []}')$$), 'ok', 'also when the first one is no list');

-- Partial success.
CREATE TABLE t.mixed AS SELECT t.batch('{"create": [
	{"customerUid": "m0", "customerType": "PERSON"}, {"customerUid": "m1"}, 5, {"customerUid": "m0", "customerType": "PERSON"},
	{"customerUid": "m 4", "customerType": "NONE", "email": "x"}, {"customerType": "PERSON", "defaultStoreUid": "none"}, {"customerUid": "m6", "customerType": "COMPANY"}],
	"update": [{"customerUid": "nobody", "city": "x"}, {"city": "x"}, {"customerUid": "m0", "city": "Oslo"}, {"customerUid": "m0", "city": 5}],
	"upsert": [{"customerUid": "m7"}, {"customerUid": "m7", "customerType": "PERSON"}, {"customerType": "PERSON", "mobile": "?"}],
	"delete": [{"customerUid": "nobody"}, {}, "m6", {"customerUid": "m6"}, {"customerUid": "m6"}, {"customerUid": 5}]}') AS answer;
SELECT is(t.section(answer, 'create'), '2: 1 VALIDATION_FAILED $.create[1].customerType, 2 VALIDATION_FAILED $.create[2], 3 CUSTOMER_ALREADY_EXISTS,'
	' 4 VALIDATION_FAILED $.create[4].customerUid, 5 STORE_NOT_FOUND $.create[5].defaultStoreUid', 'create: good items are done, bad ones say why') FROM t.mixed;
SELECT is(t.section(answer, 'update'), '1: 0 CUSTOMER_NOT_FOUND, 1 VALIDATION_FAILED $.update[1].customerUid, 3 VALIDATION_FAILED $.update[3].city', 'update') FROM t.mixed;
SELECT is(t.section(answer, 'upsert'), '1: 0 VALIDATION_FAILED $.upsert[0].customerType, 2 VALIDATION_FAILED $.upsert[2].mobile', 'upsert') FROM t.mixed;
SELECT is(t.section(answer, 'delete'), '1: 0 CUSTOMER_NOT_FOUND, 1 VALIDATION_FAILED $.delete[1].customerUid, 2 VALIDATION_FAILED $.delete[2],'
	' 4 CUSTOMER_NOT_FOUND, 5 VALIDATION_FAILED $.delete[5].customerUid', 'delete') FROM t.mixed;
SELECT is(answer -> 'create' -> 'errors' -> 2, '{"customerUid": "m0", "index": 3, "errorCode": "CUSTOMER_ALREADY_EXISTS", "message": "The UID is that of a customer that exists"}',
	'an item''s error, whole') FROM t.mixed;
SELECT is(answer -> 'create' -> 'errors' -> 3, '{"customerUid": "", "index": 4, "errorCode": "VALIDATION_FAILED", "message": "customerUid is not a UID",
	"path": "$.create[4].customerUid", "errors": [
	{"path": "$.create[4].customerUid", "code": "VALIDATION_FAILED", "message": "customerUid is not a UID"},
	{"path": "$.create[4].customerType", "code": "VALIDATION_FAILED", "message": "customerType is not one of the accepted values"},
	{"path": "$.create[4].email", "code": "VALIDATION_FAILED", "message": "email is not an e-mail address"}]}', 'an item with several problems tells them all') FROM t.mixed;
SELECT is(t.uids(flowcustomer.customer_list('acme')), 'm0,m7,r2', 'what was right is there');
SELECT is(t.total(), 3::bigint, 'and counted');

-- The same customer more than once: like calls in a row.
SELECT is(t.section(t.batch('{"create": [{"customerUid": "s", "customerType": "PERSON", "firstname": "A"}, {"customerUid": "s", "customerType": "PERSON", "firstname": "B"}],
	"update": [{"customerUid": "s", "lastname": "L1"}, {"customerUid": "s", "lastname": "L2", "city": "X"}, {"customerUid": "s", "city": null}],
	"upsert": [{"customerUid": "s", "mobile": "12345"}, {"customerUid": "s", "countryCode": "XX"}, {"customerUid": "s", "customerGroupUids": ["club"]}, {"customerUid": "s", "customerGroupUids": ["staff"]}]}'), 'create'),
	'1: 1 CUSTOMER_ALREADY_EXISTS', 'the second create of a UID fails');
SELECT is(t.strip(t.get('s') - '{ehf,credit,accountManager,defaultStore}'::text[]), t.strip(t.get('r2') - '{ehf,credit,accountManager,defaultStore}'::text[]) ||
	'{"customerUid": "s", "firstname": "A", "lastname": "L2", "mobile": "12345", "displayName": "A L2", "customerGroupUids": ["staff"]}', 'each item saw those before it');
SELECT is((flowcustomer.customer_group_customer_list('acme', 'club') -> 'paging' ->> 'totalCount') || (flowcustomer.customer_group_customer_list('acme', 'staff') -> 'paging' ->> 'totalCount'),
	'01', 'the groups'' totals are right');
SELECT is(t.section(t.batch('{"update": [{"customerUid": "s", "countryCode": "SE"}, {"customerUid": "s", "postalCode": "11122"}, {"customerUid": "s", "postalCode": "0150"}]}'), 'update'),
	'2: 2 VALIDATION_FAILED $.update[2].postalCode', 'a check uses what an earlier item left');
SELECT is(t.section(t.batch('{"upsert": [{"customerUid": "s2", "customerType": "PERSON", "customerGroupUids": ["club"]}], "delete": [{"customerUid": "s2"}, {"customerUid": "s"}]}'), 'delete'),
	'2:', 'made and deleted in one batch');
SELECT is((flowcustomer.customer_group_customer_list('acme', 'club') -> 'paging' ->> 'totalCount') || (flowcustomer.customer_group_customer_list('acme', 'staff') -> 'paging' ->> 'totalCount'),
	'00', 'and no member stays counted');

-- Parents.
SELECT is(t.section(t.batch('{"create": [{"customerUid": "d1", "customerType": "COMPANY", "customerParentUid": "p1"}, {"customerUid": "p1", "customerType": "COMPANY"},
	{"customerUid": "d2", "customerType": "COMPANY", "customerParentUid": "p1"}, {"customerUid": "d3", "customerType": "COMPANY", "customerParentUid": "d2"}]}'), 'create'),
	'3: 0 CUSTOMER_NOT_FOUND $.create[0].customerParentUid', 'a parent has to be there before its department');
SELECT is(t.section(t.batch('{"update": [{"customerUid": "p1", "customerParentUid": "d3"}, {"customerUid": "d3", "customerParentUid": null}, {"customerUid": "p1", "customerParentUid": "d3"},
	{"customerUid": "d3", "customerParentUid": "d2"}, {"customerUid": "d3", "customerType": "B2B"}]}'), 'update'),
	'2: 0 PARENT_CYCLE $.update[0].customerParentUid, 3 PARENT_CYCLE $.update[3].customerParentUid, 4 CUSTOMER_HAS_DEPARTMENTS $.update[4].customerType', 'cycles are seen as the items go');
SELECT is(t.section(t.batch('{"update": [{"customerUid": "p1", "customerParentUid": ""}, {"customerUid": "d3", "customerType": "B2B"}]}'), 'update'), '2:', 'the last department left');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "p1"}], "update": [{"customerUid": "d2", "city": "X"}]}'), 'delete'), '1:', 'a parent is deleted');
SELECT is((t.get('d2') ->> 'customerParentUid') || (t.get('d2') ->> 'city'), 'X', 'its department, changed in the same batch, has none');
SELECT is(t.section(t.batch('{"upsert": [{"customerUid": "np", "customerType": "COMPANY"}, {"customerUid": "d2", "customerParentUid": "np"}], "delete": [{"customerUid": "np"}]}'), 'delete'), '1:', 'a parent made and deleted');
SELECT is(t.get('d2') ->> 'customerParentUid', '', 'leaves no trace');

-- Upserts by externalId.
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "E1", "customerType": "PERSON", "city": "1"}, {"externalId": "E1", "city": "2"}, {"externalId": "E2"}]}'), 'upsert'),
	'2: 2 VALIDATION_FAILED $.upsert[2].customerType', 'no match makes one, one match changes it');
SELECT is((SELECT string_agg(item ->> 'city', ',') FROM json_array_elements(flowcustomer.customer_list('acme', 'E1') -> 'items') AS item), '2', 'one customer has the externalId');
SELECT is(t.section(t.batch('{"create": [{"customerUid": "e2a", "externalId": "E2", "customerType": "PERSON"}, {"customerUid": "e2b", "externalId": "E2", "customerType": "PERSON"}],
	"upsert": [{"externalId": "E2", "city": "X"}, {"customerUid": "e2a", "externalId": "E3"}, {"externalId": "E2", "city": "Y"}, {"externalId": "E3", "city": "Z"}, {"externalId": "E2", "city": "W", "customerUid": "e2a"}, {"externalId": "E2"}]}'), 'upsert'),
	'4: 0 EXTERNAL_ID_AMBIGUOUS $.upsert[0].externalId, 5 EXTERNAL_ID_AMBIGUOUS $.upsert[5].externalId', 'two matches are ambiguous; what earlier items changed counts');
SELECT is((t.get('e2a') ->> 'city') || (t.get('e2b') ->> 'city'), 'WY', 'each upsert found its own');
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "E4", "customerUid": "e4", "customerType": "PERSON"}, {"externalId": "E4", "city": "A"}, {"externalId": "", "customerType": "PERSON", "city": "none"},
	{"externalId": null, "customerType": "PERSON", "city": "none"}, {"externalId": "E5", "customerUid": null, "customerType": "PERSON"}]}'), 'upsert'), '5:', 'an empty externalId finds nobody');
SELECT is(t.get('e4') ->> 'city', 'A', 'a customer made by the same batch is found');
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE city = 'none'), 2::bigint, 'two new ones without an externalId');
SELECT is((SELECT count(*) FROM flowcustomer.external_id_claim), 0::bigint, 'no claim is left');
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "E6", "customerType": "PERSON"}], "delete": [{"customerUid": "e4"}]}'), 'upsert'), '1:', 'upsert and delete');
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "E4", "customerType": "PERSON"}]}'), 'upsert'), '1:', 'a deleted customer''s externalId makes a new one');
SELECT isnt(flowcustomer.customer_list('acme', 'E4') -> 'items' -> 0 ->> 'customerUid', 'e4', 'with another UID');

-- What is the same stays the same.
CREATE TABLE t.version AS SELECT customer_uid, xmin::text AS version, last_modified_at FROM flowcustomer.customer;
SELECT is(t.section(t.batch('{"upsert": [{"customerUid": "e2a", "city": "W", "customerType": "PERSON", "countryCode": "no"}, {"externalId": "E1", "city": "2"}, {"customerUid": "e2b"}, {"customerUid": "e2a", "city": "Q"}, {"customerUid": "e2a", "city": "W"}]}'), 'upsert'),
	'5:', 'upserts that change nothing succeed');
SELECT bag_eq('SELECT customer_uid, xmin::text AS version, last_modified_at FROM flowcustomer.customer WHERE customer_uid <> ''e2a''',
	'SELECT * FROM t.version WHERE customer_uid <> ''e2a''', 'and write nothing');
CREATE TABLE t.version2 AS SELECT customer_uid, xmin::text AS version, last_modified_at FROM flowcustomer.customer;
CALL t.run($$SELECT t.batch('{"upsert": [{"customerUid": "e2a", "city": "W"}], "update": [{"customerUid": "e2a"}]}')$$);
SELECT bag_eq('SELECT customer_uid, xmin::text AS version, last_modified_at FROM flowcustomer.customer', 'SELECT * FROM t.version2', 'an item without a change leaves lastModifiedAt and the row');

-- Consents in a batch: only what differs from the newest entry.
SELECT is(t.section(t.batch('{"upsert": [{"customerUid": "con", "customerType": "PERSON", "consents": [{"consentUid": "news", "status": true, "source": "a"}]},
	{"customerUid": "con", "consents": [{"consentUid": "news", "status": true, "source": "a"}]},
	{"customerUid": "con", "consents": [{"consentUid": "news", "status": false, "source": "b"}, {"consentUid": "sms", "status": true, "source": "b"}]},
	{"customerUid": "con", "consents": [{"consentUid": "none", "status": true, "source": "b"}]}]}'), 'upsert'),
	'3: 3 CONSENT_NOT_FOUND $.upsert[3].consents[0].consentUid', 'consents in a batch');
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = 'con'), 3::bigint, 'three entries');
SELECT is(t.strip(t.get('con')) -> 'consents', '[{"consentUid": "news", "name": "Newsletter", "status": false, "source": "b"}, {"consentUid": "sms", "name": "Text messages", "status": true, "source": "b"}]',
	'the answer shows the newest of each');
CALL t.run($$SELECT t.batch('{"upsert": [{"customerUid": "con", "consents": [{"consentUid": "news", "status": false, "source": "b"}]}]}')$$);
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = 'con'), 3::bigint, 'the same again adds none');

-- A rule of the user's own fails its item alone.
ALTER TABLE flowcustomer.customer ADD CONSTRAINT no_city CHECK (city <> 'Forbidden');
SELECT is(t.section(flowcustomer.customer_batch('acme', json_build_object('create', (SELECT json_agg(json_build_object('customerUid', 'n' || i, 'customerType', 'PERSON',
	'city', CASE WHEN i IN (3, 40, 99) THEN 'Forbidden' ELSE 'Oslo' END) ORDER BY i) FROM generate_series(0, 99) AS i)))::jsonb, 'create'),
	'97: 3 CONFLICT, 40 CONFLICT, 99 CONFLICT', 'three of a hundred break a constraint');
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE customer_uid ~ '^n\d+$'), 97::bigint, 'the others are there');
SELECT is(t.section(t.batch('{"update": [{"customerUid": "n0", "city": "A"}, {"customerUid": "n0", "city": "Forbidden"}, {"customerUid": "n0", "origin": "B"}]}'), 'update'),
	'2: 1 CONFLICT', 'of several changes of one row too');
SELECT is((t.get('n0') ->> 'city') || (t.get('n0') ->> 'origin'), 'AB', 'the good ones are done');
SELECT is(t.section(t.batch('{"create": [{"customerUid": "fc", "customerType": "COMPANY", "city": "Forbidden"}, {"customerUid": "fd", "customerType": "COMPANY", "customerParentUid": "fc"}]}'), 'create'),
	'0: 0 CONFLICT, 1 CUSTOMER_NOT_FOUND $.create[1].customerParentUid', 'what builds on a refused item is refused');
SELECT is(t.total(), (SELECT count(*) FROM flowcustomer.customer), 'the total is that of the table');

-- Limits.
SET flowcustomer.max_batch_items = 3;
SELECT is(t.error($$SELECT t.batch('{"create": [{"customerUid": "l1", "customerType": "PERSON"}, {"customerUid": "l2", "customerType": "PERSON"}], "delete": [{}, {}]}')$$),
	'PT413: TOO_MANY_ITEMS', 'the sections'' items together are limited');
SELECT is(t.error('SELECT t.get(''l1'')'), 'PT404: CUSTOMER_NOT_FOUND', 'over the limit nothing is done');
SELECT is(t.section(t.batch('{"create": [{"customerUid": "l1", "customerType": "PERSON"}, {"customerUid": "l2", "customerType": "PERSON"}], "delete": [{}]}'), 'create'), '2:', 'at the limit it is');
SELECT is(t.answer('POST', '/v2/tenants/acme/customers/batch', '{"delete": [{}, {}, {}, {}]}'), '413 TOO_MANY_ITEMS', 'over HTTP: 413');
RESET flowcustomer.max_batch_items;
SELECT is(t.answer('POST', '/v2/tenants/acme/customers/batch', '{"delete": [{"customerUid": "l1"}]}'), '200', 'over HTTP: 200 when all went well');
SELECT is(t.answer('POST', '/v2/tenants/acme/customers/batch', '{"delete": [{"customerUid": "l1"}, {"customerUid": "l2"}]}'), '207', '207 when an item failed');
SELECT is(t.error('SELECT t.get(''l2'')'), 'PT404: CUSTOMER_NOT_FOUND', 'and the others were done');
SELECT is(t.section(flowcustomer.customer_batch('acme', json_build_object('upsert', (SELECT json_agg(json_build_object('externalId', 'big' || i % 1500, 'customerType', 'PERSON'))
	FROM generate_series(1, 3000) AS i)))::jsonb, 'upsert'), '3000:', 'three thousand upserts');
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE external_id LIKE 'big%'), 1500::bigint, 'of fifteen hundred customers');
SELECT is(t.total(), (SELECT count(*) FROM flowcustomer.customer), 'the total is still that of the table');

SELECT is(t.answer('POST', '/v2/tenants/acme/customers/batch', (SELECT json_build_object('upsert', json_agg(json_build_object('customerUid', 'over' || i, 'customerType', 'PERSON', 'credit', json_build_object('limit', i))))::text
	FROM generate_series(1, items) AS i)), '200', items || ' items over HTTP') FROM unnest(ARRAY[1, 50, 100, 5000]) AS items;
SELECT is(t.answer('POST', '/v2/tenants/acme/customers', '{"customerType": "PERSON", "x": [' || repeat('{}, [], ', 5000) || '{}]}'), '201', 'ten thousand empty objects and lists are not deep');

-- Messages in the caller's language.
SET flowcustomer.language = 'nb';
SELECT is(t.batch('{"delete": [{"customerUid": "x"}]}') -> 'delete' -> 'errors' -> 0 ->> 'message', 'Finner ikke kunden', 'an item''s message is in the caller''s language');
RESET flowcustomer.language;

SELECT * FROM finish();
