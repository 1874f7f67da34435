-- Merging customers who are there twice: what stays, what moves, where the old
-- names lead, and what previews tell.  Taking it back is in merge_undo.sql.
\ir include/helpers.psql
\ir include/merge.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed(), flowcustomer.customer_group_create(''acme'', ''{"customerGroupUid": "vip", "name": "VIP"}'')');

-- What stays -------------------------------------------------------------------

CALL t.run('SELECT t.furnish(''w'')');
SELECT t.sound('before anything is merged');
SELECT is(t.strip(t.merge('w-to', 'w-from')) - 'contacts' - 'addresses', '{
	"customerUid": "w-to", "customerParentUid": "w-top", "customerType": "COMPANY", "displayName": "Blåbær", "firstname": "", "lastname": "", "companyName": "Blåbær",
	"email": "post@example.no", "mobile": "+4791234567", "address": "", "postalCode": "", "city": "Oslo", "countryCode": "NO", "vatNumber": "", "externalId": "E-w-to", "loyaltyId": "L-w-from",
	"ledgerNumber": "", "pricelistUid": "", "origin": "till", "internalNote": "a\nb", "paymentTerms": 14, "credit": {"limit": 900, "balance": 41123}, "ehfEnabled": true,
	"ehf": {"enabled": true, "address": "9908:1"}, "accountManager": {"tenantUserUid": "liv", "displayName": "Liv Dahl", "userCode": "LD"}, "defaultStore": {"name": "Bergen", "storeUid": "bergen"},
	"extensions": [{"extensionCode": "KLAVIYO_PROFILE_ID", "organizationUid": "south"}, {"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}],
	"consents": [{"consentUid": "news", "name": "Newsletter", "status": false, "source": "web"}, {"consentUid": "sms", "name": "Text messages", "status": false, "source": ""}],
	"customerGroupUids": ["club", "staff", "vip"], "relevance": 0}', 'the survivor keeps its own, takes what it lacks, and owes both sums');
SELECT is((SELECT jsonb_agg(jsonb_build_array(c ->> 'customerContactUid', c ->> 'role', (SELECT string_agg(e ->> 'organizationUid', ',') FROM jsonb_array_elements(c -> 'extensions') AS e)) ORDER BY c ->> 'customerContactUid')
	FROM jsonb_array_elements(t.get('w-to') -> 'contacts') AS c), '[["w-k1", "ACCOUNTING", null], ["w-k2", "ADMIN", "nordic"], ["w-k3", "PURCHASER", "nordic,south"], ["w-k4", "PURCHASER", "south"]]',
	'contacts are there once, in the stronger of their roles, with the extensions of both');
SELECT is((SELECT jsonb_agg(concat_ws(' ', a ->> 'type', a ->> 'firstname', a ->> 'city') ORDER BY concat(a ->> 'type', a ->> 'firstname', a ->> 'city')) FROM jsonb_array_elements(t.get('w-to') -> 'addresses') AS a),
	'["DELIVERY_ADDRESS Kari Oslo", "DELIVERY_ADDRESS Ola Voss", "INVOICE_ADDRESS  Bergen", "INVOICE_ADDRESS  Voss"]', 'equal addresses are there once, two of the same uid both');
SELECT results_eq($$SELECT customer_address_uid COLLATE "default", city FROM flowcustomer.customer_address WHERE customer_uid = 'w-to' AND customer_address_uid IN ('home', 'house', 'x', 'cabin') ORDER BY 1$$,
	$$VALUES ('cabin', 'Voss'), ('home', 'Oslo'), ('x', 'Voss')$$, 'the survivor''s own keep their uids, and who is alone keeps its own');
SELECT results_eq($$SELECT created_at FROM flowcustomer.customer WHERE customer_uid = 'w-to'$$, $$VALUES ('2019-02-03 04:05:06.789013Z'::timestamptz)$$, 'the earlier createdAt stays, to the microsecond');
SELECT results_eq($$SELECT consent_uid COLLATE "default", status, source FROM flowcustomer.customer_consent WHERE customer_uid = 'w-to' ORDER BY consent_uid, created_at, entry_uid$$,
	$$VALUES ('news', true, 'till'), ('news', false, 'web'), ('sms', true, 'card'), ('sms', true, NULL), ('sms', false, '')$$, 'the consents'' history is whole, and its times are as they were');
SELECT results_eq($$SELECT order_uid COLLATE "default", customer_uid COLLATE "default" FROM flowcustomer.sales_order WHERE order_uid LIKE 'w-%' UNION ALL SELECT service_order_uid, customer_uid FROM flowcustomer.service_order WHERE service_order_uid LIKE 'w-%' ORDER BY 1$$,
	$$VALUES ('w-s1', 'w-to'), ('w-s2', 'w-to'), ('w-s3', 'w-to'), ('w-s4', 'w-top'), ('w-v1', 'w-to'), ('w-v2', 'w-to')$$, 'orders move, those of others stay');
SELECT is((SELECT document ->> 'customerUid' FROM flowcustomer.sales_order WHERE order_uid = 'w-s2'), 'w-from', 'an order''s document is left as it came');
SELECT results_eq($$SELECT customer_uid COLLATE "default", customer_parent_uid COLLATE "default" FROM flowcustomer.customer WHERE customer_uid LIKE 'w-under%' ORDER BY 1$$,
	$$VALUES ('w-under-from', 'w-to'), ('w-under-to', 'w-to')$$, 'departments move');
SELECT is_empty($$SELECT FROM t.dump() WHERE line LIKE '%"customer_uid":%"w-from"%' AND line NOT LIKE 'customer_redirect %' AND line NOT LIKE 'sales_order %' AND line NOT LIKE 'service_order %'$$, 'nothing is left of the duplicate');
SELECT results_eq($$SELECT customer_uid COLLATE "default", survivor_uid COLLATE "default", external_id COLLATE "default", loyalty_id COLLATE "default" FROM flowcustomer.customer_redirect$$, $$VALUES ('w-from', 'w-to', 'E-w-from', 'L-w-from')$$, 'but where its names lead');
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE customer_uid LIKE 'w%'), 4::bigint, 'and one customer less');
SELECT t.sound('after a merge');

-- Again.
SELECT is(t.merge('w-to', 'w-from'), t.get('w-to'), 'merging the same two again gives the same answer');
CALL t.run('SELECT t.keep(''again'')');
SELECT is(t.merge('w-to', 'w-from', '{"city": "FROM"}') ->> 'city', 'Oslo', 'whatever it asks for');
SELECT is_empty('SELECT t.written(''again'')', 'and changes nothing');
SELECT is((SELECT count(*) FROM flowcustomer.merge), 1::bigint, 'nor is it another merge');

-- Which value stays, field by field: own and empty ones on either side, and as asked for.
CREATE FUNCTION t.two(n text, survivor jsonb, duplicate jsonb) RETURNS void LANGUAGE sql AS $$
	SELECT flowcustomer.customer_batch('acme', json_build_object('create', json_build_array('{"customerType": "PERSON"}' || survivor || jsonb_build_object('customerUid', n || '-a'), '{"customerType": "PERSON"}' || duplicate || jsonb_build_object('customerUid', n || '-b'))));
$$;
CREATE FUNCTION t.nested(name text, value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN name LIKE '%.%' THEN jsonb_build_object(split_part(name, '.', 1), jsonb_build_object(split_part(name, '.', 2), value)) ELSE jsonb_build_object(name, value) END $$;
-- A field of an answer, by the name that bodies and previews use for it.
CREATE FUNCTION t.value(answer jsonb, name text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE name WHEN 'defaultStoreUid' THEN answer #> '{defaultStore,storeUid}' ELSE answer #> string_to_array(name, '.') END $$;
CREATE TABLE t.field AS SELECT row_number() OVER () AS n, * FROM (VALUES
	('firstname', '"Kari"'::jsonb, '"Ola"'::jsonb, '""'::jsonb), ('lastname', '"Berg"', '"Dahl"', '""'), ('companyName', '"A"', '"B"', '""'), ('email', '"a@b.no"', '"c@d.no"', '""'), ('mobile', '"+4791234567"', '"+4791234568"', '""'),
	('address', '"Vei 1"', '"Vei 2"', '""'), ('postalCode', '"0150"', '"5003"', '""'), ('city', '"Oslo"', '"Voss"', '""'), ('vatNumber', '"NO995525828MVA"', '"NO923609016MVA"', '""'), ('externalId', '"E1"', '"E2"', '""'), ('loyaltyId', '"L1"', '"L2"', '""'),
	('ledgerNumber', '"100"', '"200"', '""'), ('pricelistUid', '"p1"', '"p2"', '""'), ('origin', '"till"', '"web"', '""'), ('internalNote', '"a"', '"b"', '""'), ('paymentTerms', '10', '30', '0'), ('credit.limit', '5', '7', '0'),
	('ehf.enabled', 'true', 'true', 'false'), ('ehf.address', '"9908:1"', '"9908:2"', '""'), ('accountManager.tenantUserUid', '"liv"', '"per"', '""'), ('defaultStoreUid', '"oslo"', '"bergen"', 'null')) AS v(name, one, other, empty);
CALL t.run($$SELECT flowcustomer.tenant_user_put('acme', '{"tenantUserUid": "per", "displayName": "Per"}')$$);
CREATE TABLE t.choice AS SELECT n || '-' || k AS uid, name, CASE WHEN a THEN one END AS own, CASE WHEN b THEN other END AS theirs, empty, choice
FROM t.field, (VALUES (1, true, true, NULL), (2, true, false, NULL), (3, false, true, NULL), (4, false, false, NULL), (5, true, true, 'FROM'), (6, true, false, 'FROM'), (7, false, true, 'TO'), (8, true, true, 'TO')) AS v(k, a, b, choice)
WHERE choice IS NULL OR name NOT IN ('externalId', 'loyaltyId');
CALL t.run('SELECT t.two(''f'' || uid, t.nested(name, coalesce(own, empty)), t.nested(name, coalesce(theirs, empty))) FROM t.choice');
SELECT is(coalesce(nullif(t.value(t.merge('f' || uid || '-a', 'f' || uid || '-b', CASE WHEN choice IS NOT NULL THEN jsonb_build_object(name, choice) END), name), 'null'), empty),
	coalesce(CASE WHEN choice = 'FROM' THEN theirs WHEN choice = 'TO' THEN own ELSE coalesce(own, theirs) END, empty), concat_ws(' ', name, own, theirs, choice)) FROM t.choice ORDER BY uid;
SELECT is_empty($$SELECT f.name FROM flowcustomer.fields() AS f(of, n, name, col, kind, writable) WHERE of = 'customer' AND writable AND col IS NOT NULL AND name NOT IN ('customerUid', 'customerType', 'countryCode', 'customerParentUid', 'ehfEnabled', 'openingBalance')
	EXCEPT SELECT name FROM t.field$$, 'and these are all fields that a customer''s body can give');
-- Names that are no fields, and words that are no choices.
CALL t.run($$SELECT t.two('e', '{"city": "Oslo", "countryCode": "NO"}', '{"city": "Malmö", "countryCode": "SE"}'), t.two('f', '{}', '{}'), t.furnish('o')$$);
SELECT is(t.try_merge('e-a', 'e-b', fields), expected, concat('fields ', fields)) FROM (VALUES ('{"city": "BOTH"}'::jsonb, 'PT400: VALIDATION_FAILED $.fields.city'), ('{"city": "from"}', 'PT400: VALIDATION_FAILED $.fields.city'),
	('{"town": "FROM"}', 'PT400: VALIDATION_FAILED $.fields.town'), ('{"city": 5, "displayName": "FROM", "credit.balance": "TO"}', 'PT400: VALIDATION_FAILED $.fields.city; VALIDATION_FAILED $.fields.displayName; VALIDATION_FAILED $.fields.credit.balance'),
	('{"externalId": "FROM", "loyaltyId": "TO"}', 'PT400: VALIDATION_FAILED $.fields.loyaltyId; VALIDATION_FAILED $.fields.externalId'), ('{"customerUid": "FROM"}', 'PT400: VALIDATION_FAILED $.fields.customerUid'), ('{"createdAt": "FROM"}', 'PT400: VALIDATION_FAILED $.fields.createdAt'), ('{"addresses": "FROM"}', 'PT400: VALIDATION_FAILED $.fields.addresses'), ('["city"]', 'PT400: VALIDATION_FAILED $.fields'),
	('"FROM"', 'PT400: VALIDATION_FAILED $.fields')) AS v(fields, expected);
SELECT is(flowcustomer.customer_merge_preview('acme', 'e-a', '{"mergeFromCustomerUid": "e-b", "fields": null}')::jsonb, t.preview('e-a', 'e-b'), 'null are no choices');
SELECT is(t.strip(t.merge('e-a', 'e-b', '{"city": "FROM", "countryCode": "FROM", "firstname": "TO"}')) -> 'countryCode', '"SE"', 'a country is kept unless it is chosen');
-- The parts of an address are filled together or not at all, and so are those of EHF:
-- half of one and half of another would be a place that does not exist.
CREATE TABLE t.place AS SELECT * FROM (VALUES (1, '{"city": "Oslo"}'::jsonb, '{"city": "Voss", "address": "Vei 1", "postalCode": "5700"}'::jsonb, '["", "", "Oslo", "NO"]'::jsonb), (2, '{"city": "Voss"}', '{"city": "Voss", "address": "Vei 1", "postalCode": "5700"}', '["Vei 1", "5700", "Voss", "NO"]'),
	(3, '{"address": "Vei 2"}', '{"city": "Voss"}', '["Vei 2", "", "Voss", "NO"]'), (4, '{}', '{"city": "Malmö", "countryCode": "SE"}', '["", "", "", "NO"]'), (5, '{"countryCode": "SE"}', '{"city": "Malmö", "countryCode": "SE"}', '["", "", "Malmö", "SE"]'),
	(6, '{"postalCode": "5700"}', '{"postalCode": "0150", "city": "Oslo"}', '["", "5700", "", "NO"]')) AS v(n, own, theirs, expected);
CALL t.run('SELECT t.two(''place'' || n, own, theirs) FROM t.place');
SELECT is(jsonb_build_array(m -> 'address', m -> 'postalCode', m -> 'city', m -> 'countryCode'), expected, concat('a place: ', own, theirs)) FROM t.place, LATERAL (SELECT t.merge('place' || n || '-a', 'place' || n || '-b') AS m) AS l ORDER BY n;
CALL t.run($$SELECT t.two('ehf1', '{"ehf": {"address": "9908:1"}}', '{"ehf": {"address": "9908:2", "enabled": true}}'), t.two('ehf2', '{"ehf": {"address": "9908:1"}}', '{"ehf": {"enabled": true}}')$$);
SELECT is(t.merge(n || '-a', n || '-b') -> 'ehf', expected, 'EHF: ' || n) FROM (VALUES ('ehf1', '{"address": "9908:1", "enabled": false}'::jsonb), ('ehf2', '{"address": "9908:1", "enabled": true}')) AS v(n, expected);

-- Errors ------------------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.customer_batch('acme', '{"create": [{"customerUid": "person", "customerType": "PERSON"}, {"customerUid": "b2b", "customerType": "B2B"}, {"customerUid": "company", "customerType": "COMPANY"},
	{"customerUid": "department", "customerType": "COMPANY", "customerParentUid": "company"}, {"customerUid": "section", "customerType": "COMPANY", "customerParentUid": "department"}]}')$$);
CALL t.run('SELECT t.keep(''errors'')');
CREATE TABLE t.refusal AS SELECT * FROM (VALUES
	('person', '{"mergeFromCustomerUid": "person"}', 'PT400: MERGE_SELF $.mergeFromCustomerUid', NULL), ('person', '{"mergeFromCustomerUid": "none"}', 'PT404: CUSTOMER_NOT_FOUND', NULL), ('none', '{"mergeFromCustomerUid": "person"}', 'PT404: CUSTOMER_NOT_FOUND', NULL),
	('none', '{"mergeFromCustomerUid": "gone"}', 'PT404: CUSTOMER_NOT_FOUND', NULL), ('person', '{"mergeFromCustomerUid": "b2b"}', 'PT409: MERGE_TYPES_DIFFER', 'MERGE_TYPES_DIFFER'), ('company', '{"mergeFromCustomerUid": "person"}', 'PT409: MERGE_TYPES_DIFFER', 'MERGE_TYPES_DIFFER'),
	('department', '{"mergeFromCustomerUid": "company"}', 'PT409: MERGE_INTO_DEPARTMENT', 'MERGE_INTO_DEPARTMENT'), ('section', '{"mergeFromCustomerUid": "company"}', 'PT409: MERGE_INTO_DEPARTMENT', 'MERGE_INTO_DEPARTMENT'),
	('o-to', '{"mergeFromCustomerUid": "w-from"}', 'PT409: CUSTOMER_ALREADY_MERGED $.mergeFromCustomerUid', NULL), ('w-from', '{"mergeFromCustomerUid": "w-to"}', 'PT400: MERGE_SELF $.mergeFromCustomerUid', NULL),
	('person', '{}', 'PT400: VALIDATION_FAILED $.mergeFromCustomerUid', NULL), ('person', '{"mergeFromCustomerUid": null}', 'PT400: VALIDATION_FAILED $.mergeFromCustomerUid', NULL), ('person', '{"mergeFromCustomerUid": "a b"}', 'PT400: VALIDATION_FAILED $.mergeFromCustomerUid', NULL),
	('person', '{"mergeFromCustomerUid": 5}', 'PT400: VALIDATION_FAILED $.mergeFromCustomerUid', NULL), ('person', '[]', 'PT400: VALIDATION_FAILED $', NULL), ('person', 'null', 'PT400: VALIDATION_FAILED $', NULL), ('person', NULL, 'PT400: VALIDATION_FAILED $', NULL),
	('a b', '{"mergeFromCustomerUid": "person"}', 'PT400: VALIDATION_FAILED customerUid', NULL)) AS v(survivor, body, expected, blocker);
SELECT is(t.call('customer_merge', survivor, body), expected, concat_ws(' ', 'merge', survivor, body)) FROM t.refusal;
SELECT is(t.call('customer_merge_preview', survivor, body), CASE WHEN blocker IS NULL THEN expected ELSE 'ok' END, concat_ws(' ', 'preview', survivor, body)) FROM t.refusal;
SELECT is(jsonb_set(p, '{blockers}', jsonb_path_query_array(p, '$.blockers[*].code')) - 'references', jsonb_build_object('customerUid', survivor, 'mergeFromCustomerUid', body::json ->> 'mergeFromCustomerUid', 'possible', false, 'blockers', jsonb_build_array(blocker), 'fields', '[]'::jsonb, 'rows', '{}'::jsonb),
	'why not: ' || blocker) FROM t.refusal, flowcustomer.customer_merge_preview('acme', survivor, body::json) AS j, to_jsonb(j) AS p WHERE blocker IS NOT NULL;
SELECT is(jsonb_path_query_array(flowcustomer.customer_merge_preview('acme', 'department', '{"mergeFromCustomerUid": "company"}')::jsonb, '$.blockers[*].message'), '["A company can''t be merged into its own department"]', 'with a message');
SELECT is(t.call('customer_merge_preview', 'w-to', '{"mergeFromCustomerUid": "w-from"}'), 'PT409: CUSTOMER_ALREADY_MERGED $.mergeFromCustomerUid', 'there is nothing to preview when it was done');
SELECT is(t.full_error($$SELECT flowcustomer.customer_merge('acme', 'o-to', '{"mergeFromCustomerUid": "w-from"}')$$), E'PT409 This customer was merged into w-to already\ncode: CUSTOMER_ALREADY_MERGED, path: $.mergeFromCustomerUid\nUse the customer with customerUid w-to.', 'the error names the survivor');
SELECT is(t.error(format('SELECT flowcustomer.%s(''nobody'', ''a''%s)', function, rest)), 'PT404: TENANT_NOT_FOUND', function || ' in an unknown tenant') FROM (VALUES ('customer_merge', ', ''{"mergeFromCustomerUid": "b"}'''), ('customer_merge_preview', ', ''{"mergeFromCustomerUid": "b"}'''),
	('customer_merge_undo', ''), ('customer_merge_list', '')) AS v(function, rest);
SELECT is(t.call('customer_merge_undo', uid), expected, concat_ws(' ', 'undo', uid)) FROM (VALUES ('none', 'PT404: MERGE_NOT_FOUND'), ('w-from', 'PT404: MERGE_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED uid'), (NULL, 'PT400: VALIDATION_FAILED uid')) AS v(uid, expected);
SELECT is(t.call('customer_merge_list', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'no merges of nobody');
SELECT is_empty('SELECT t.written(''errors'')', 'what was refused changed nothing');
SELECT t.sound('after refusals');

-- Where old names lead -------------------------------------------------------------

-- a-from into a-to, that into c-to: all names of both lead to c-to.
CALL t.run('SELECT t.furnish(''a''), t.furnish(''c'')');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'a-to', '{"loyaltyId": "L-a-to"}'), flowcustomer.customer_update('acme', 'c-to', '{"loyaltyId": "L-c-to"}')$$);
CALL t.run('SELECT t.merge(''a-to'', ''a-from'')');
CALL t.run('SELECT t.merge(''c-to'', ''a-to'')');
SELECT results_eq($$SELECT customer_uid COLLATE "default", survivor_uid COLLATE "default", external_id COLLATE "default", loyalty_id COLLATE "default" FROM flowcustomer.customer_redirect WHERE survivor_uid = 'c-to' ORDER BY 1$$,
	$$VALUES ('a-from', 'c-to', 'E-a-from', 'L-a-from'), ('a-to', 'c-to', 'E-a-to', 'L-a-to')$$, 'of a chain every link leads to its end');
SELECT t.sound('after a chain');
CREATE TABLE t.read AS SELECT * FROM (VALUES ('customer_get(''acme'', %L)'), ('customer_contact_list(''acme'', %L)'), ('customer_contact_list(''acme'', %L, 2, 1)'), ('customer_contact_get(''acme'', %L, ''a-k2'')'), ('customer_merge_list(''acme'', %L)')) AS v(call);
SELECT is(old, new, format(call, uid)) FROM t.read, unnest(ARRAY['a-to', 'a-from']) AS uid,
	LATERAL (SELECT query_to_xml(format('SELECT flowcustomer.' || call, uid), true, true, '')::text AS old, query_to_xml(format('SELECT flowcustomer.' || call, 'c-to'), true, true, '')::text AS new) AS answers;
SELECT cmp_ok(length(t.get('a-from')::text), '>', 3000, 'which is a long answer');
SELECT is(t.call('customer_contact_get', 'a-from', 'none'), 'PT404: CONTACT_NOT_FOUND', 'what the survivor does not have, its old names do not have');
SET flowcustomer.resolve_merged = off;
SELECT is(t.error(format('SELECT flowcustomer.' || call, uid)), 'PT404: CUSTOMER_MERGED', 'not followed: ' || format(call, uid)) FROM t.read, unnest(ARRAY['a-to', 'a-from']) AS uid;
SELECT is(t.full_error('SELECT flowcustomer.customer_get(''acme'', ''a-from'')'), E'PT404 This customer was merged into c-to\ncode: CUSTOMER_MERGED\nUse the customer with customerUid c-to.', 'and the error names the end of the chain');
SELECT is(t.error(format('SELECT flowcustomer.' || call, uid)), expected, format('not followed: ' || call, uid)) FROM t.read, (VALUES ('c-to', 'ok'), ('none', 'PT404: CUSTOMER_NOT_FOUND')) AS v(uid, expected);
SELECT is(t.answer('GET', '/tenants/acme/customers/a-from' || rest), '404 CUSTOMER_MERGED', 'not followed: GET ' || rest) FROM unnest(ARRAY['', '/contacts', '/contacts/a-k2']) AS rest;
SELECT is(t.update('a-from', '{"city": "Hamar"}'), 'ok', 'a write leads on all the same');
RESET flowcustomer.resolve_merged;
SELECT is(t.get('c-to') ->> 'city', 'Hamar', 'to the survivor');
SELECT is(t.uids(flowcustomer.customer_list('acme', id)) || (flowcustomer.customer_list('acme', id) #>> '{paging,totalCount}'), 'c-to1', 'list by ' || id) FROM unnest(ARRAY['E-a-to', 'E-a-from', 'E-c-to']) AS id;
SELECT is(t.uids(flowcustomer.customer_search('acme', json_build_object('query', word))), 'c-to', 'search for ' || word) FROM unnest(ARRAY['a-to', 'a-from', 'c-to', 'E-a-to', 'E-a-from', 'E-c-to', 'L-a-to', 'L-a-from', 'L-c-to']) AS word;
SELECT is(t.uids(flowcustomer.customer_search('acme', '{"query": "L-none"}')), '', 'nobody had this');

-- Writes by an old name do to the survivor what they would do by its own.
SELECT is(flowcustomer.customer_update('acme', 'a-to', '{"city": "By a-to"}')::text, flowcustomer.customer_update('acme', 'c-to', '{"city": "By a-to"}')::text, 'an update answers as one by the survivor''s name');
SELECT is(flowcustomer.customer_update('acme', 'a-from', '{"city": "By a-from"}') ->> 'customerUid', 'c-to', 'also by the first name of the chain');
SELECT is(t.get('c-to') ->> 'city', 'By a-from', 'and changes the survivor');
SELECT is(flowcustomer.customer_consent_set('acme', 'a-from', 'news', '{"status": true, "source": "desk"}')::jsonb #> '{consents,0,source}', '"desk"', 'consents');
-- An address of a merged-away customer can have got another uid: the old name of the customer and the uid that it had there name none.
SELECT is(flowcustomer.customer_address_put('acme', 'a-from', '{"type": "INVOICE_ADDRESS", "city": "By old"}') ->> 'customerUid', 'c-to', 'a new address without a uid');
SELECT is(t.call('customer_address_put', 'a-from', '{"customerAddressUid": "x", "type": "INVOICE_ADDRESS"}'), 'PT409: CUSTOMER_ALREADY_MERGED', 'one with a uid is refused');
SELECT is(t.full_error($$SELECT flowcustomer.customer_address_remove('acme', 'a-to', 'x')$$), E'PT409 This customer was merged into c-to already\ncode: CUSTOMER_ALREADY_MERGED\nUse the customer with customerUid c-to.', 'and so is to remove one');
SELECT is(t.call('customer_address_remove', 'c-to', (SELECT customer_address_uid FROM flowcustomer.customer_address WHERE city = 'By old')), 'ok', 'but not from the survivor');
SELECT is(flowcustomer.customer_extension_add('acme', 'a-to', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}') ->> 'customerUid', 'c-to', 'an extension');
SELECT is(t.call('customer_extension_remove', 'a-from', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}'), 'ok', 'goes again');
SELECT is(t.call('customer_extension_remove', 'c-to', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}'), 'PT404: EXTENSION_NOT_FOUND', 'from the survivor');
SELECT is(flowcustomer.customer_contact_create('acme', 'a-from', '{"customerContactUid": "new", "firstname": "New", "lastname": "Berg", "role": "ADMIN"}') ->> 'role', 'ADMIN', 'a new contact');
SELECT is(flowcustomer.customer_contact_update('acme', 'a-to', 'new', '{"firstname": "Newer"}') ->> 'firstname', 'Newer', 'is changed');
SELECT is(jsonb_array_length(flowcustomer.customer_contact_extension_add('acme', 'a-to', 'new', 'TWO_INVOICE', '{"storeUid": "oslo"}')::jsonb -> 'extensions'), 1, 'gets an extension');
SELECT results_eq('SELECT customer_uid COLLATE "default", extension_code COLLATE "default" FROM flowcustomer.contact_extension WHERE contact_uid = ''new''', $$VALUES ('c-to', 'TWO_INVOICE')$$, 'that of the survivor''s contact');
SELECT is(t.call('customer_contact_extension_remove', 'a-from', 'new', 'TWO_INVOICE', '{"storeUid": "oslo"}'), 'ok', 'loses it');
SELECT is(t.call('customer_contact_delete', 'a-from', 'new'), 'ok', 'and goes with its last customer');
SELECT is(t.call('contact_get', 'new'), 'PT404: CONTACT_NOT_FOUND', 'which the survivor was');
SELECT is(t.call('contact_create', '{"customerContactUid": "many", "firstname": "Many", "lastname": "Berg", "customers": [{"customerUid": "a-from", "role": "ADMIN"}, {"customerUid": "c-to"}, {"customerUid": "a-to"}, {"customerUid": "person"}]}'), 'ok', 'a contact of old and new names');
SELECT is(t.uids(flowcustomer.contact_customer_list('acme', 'many')), 'c-to,person', 'has each customer once');
SELECT is(t.uids(flowcustomer.contact_customer_add('acme', 'many', '{"customers": [{"customerUid": "a-from", "role": "PURCHASER"}, {"customerUid": "b2b"}]}')), 'b2b,c-to,person', 'also when they are added');
SELECT is((SELECT role FROM flowcustomer.customer_contact WHERE contact_uid = 'many' AND customer_uid = 'c-to'), 'PURCHASER', 'with the role of the last');
SELECT is(t.call('contact_customer_add', 'many', '{"customers": [{"customerUid": "a-from"}, {"customerUid": "none"}]}'), 'PT400: CUSTOMER_NOT_FOUND $.customers[1].customerUid', 'who was never there is not found');
SELECT is(t.call('contact_customer_remove', 'many', 'a-to'), 'ok', 'a link is removed by an old name');
SELECT is(t.uids(flowcustomer.contact_customer_list('acme', 'many')), 'b2b,person', 'which is gone');
CALL t.run($$SELECT flowcustomer.customer_group_create('acme', '{"customerGroupUid": "fresh", "name": "Fresh"}')$$);
CREATE FUNCTION t.regroup(body json) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM flowcustomer.customer_group_customer_update('acme', 'fresh', body); RETURN t.uids(flowcustomer.customer_group_customer_list('acme', 'fresh')); END $$;
SELECT is(t.regroup(body), expected, concat('members: ', body)) FROM (VALUES (1, '{"addCustomerUids": ["a-from", "c-to", "a-to", "a-from"]}'::json, 'c-to'), (2, '{"addCustomerUids": ["a-to"]}', 'c-to'), (3, '{"removeCustomerUids": ["a-from"]}', ''),
	(4, '{"addCustomerUids": ["a-from", "person"], "removeCustomerUids": ["a-to"]}', 'c-to,person'), (5, '{"removeCustomerUids": ["a-from", "c-to", "a-to"]}', 'person')) AS v(n, body, expected) ORDER BY n;
SELECT t.sound('after writes by old names');
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "below", "customerType": "COMPANY", "customerParentUid": "a-from"}') ->> 'customerParentUid', 'c-to', 'a new department of an old name');
SELECT is(flowcustomer.customer_update('acme', 'department', '{"customerParentUid": "a-to"}') ->> 'customerParentUid', 'c-to', 'one that moves there');
SELECT is(t.update('c-to', '{"customerParentUid": "a-from"}'), 'PT400: PARENT_CYCLE $.customerParentUid', 'nobody is below an old name of its own');
SELECT is(t.update('a-to', '{"customerParentUid": "below"}'), 'PT400: PARENT_CYCLE $.customerParentUid', 'or, by an old name, below a department of its own');
SELECT is(t.section(t.batch(body::json), section), expected, 'batch ' || body) FROM (VALUES (1, 'update', '{"update": [{"customerUid": "a-from", "city": "Moss"}, {"customerUid": "a-to", "origin": "batch"}, {"customerUid": "none"}]}', '2: 2 CUSTOMER_NOT_FOUND'),
	(2, 'upsert', '{"upsert": [{"customerUid": "a-to", "firstname": "By uid"}, {"externalId": "E-a-from", "customerType": "COMPANY", "lastname": "By id"}, {"customerUid": "below", "customerParentUid": "a-from"}]}', '3:'),
	(3, 'create', '{"create": [{"customerUid": "a-from", "customerType": "PERSON"}, {"customerUid": "deeper", "customerType": "COMPANY", "customerParentUid": "a-to"}]}', '1: 0 CUSTOMER_ALREADY_MERGED')) AS v(n, section, body, expected) ORDER BY n;
SELECT is(t.get('c-to') - '{customerParentUid,displayName,companyName,email,mobile,address,postalCode,countryCode,vatNumber,ledgerNumber,pricelistUid,internalNote,paymentTerms,credit,ehfEnabled,ehf,accountManager,defaultStore,addresses,contacts,extensions,consents,customerGroupUids,relevance,createdAt,lastModifiedAt}'::text[],
	'{"customerUid": "c-to", "customerType": "COMPANY", "firstname": "By uid", "lastname": "By id", "city": "Moss", "origin": "batch", "externalId": "E-c-to", "loyaltyId": "L-c-to"}', 'all of them changed the survivor, whose own ids stay');
SELECT is((SELECT string_agg(customer_uid, ',' ORDER BY customer_uid) FROM flowcustomer.customer WHERE customer_parent_uid = 'c-to'), 'a-under-from,a-under-to,below,c-under-to,deeper,department', 'and these are its departments');
SELECT is(t.section(t.batch('{"upsert": [{"customerUid": "a-from", "customerGroupUids": ["fresh", "club"], "consents": [{"consentUid": "sms", "status": true, "source": "batch"}]}, {"customerUid": "a-to", "consents": [{"consentUid": "sms", "status": true, "source": "batch"}]}]}'), 'upsert'), '2:', 'a batch with groups and consents');
SELECT is((t.get('c-to') -> 'customerGroupUids')::text || (t.get('c-to') #>> '{consents,1,source}') || (SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = 'c-to' AND source = 'batch'), '["club", "fresh"]batch1', 'changes those of the survivor, once');
SELECT is(t.batch('{"create": [{"customerUid": "a-from", "customerType": "PERSON"}]}') #>> '{create,errors,0,message}', 'This customer was merged into c-to already', 'a batch names the survivor, too');
SELECT is(t.full_error($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "a-to", "customerType": "PERSON"}')$$), E'PT409 This customer was merged into c-to already\ncode: CUSTOMER_ALREADY_MERGED\nUse the customer with customerUid c-to.', 'an old name is not given again');
SELECT is(flowcustomer.sales_order_put('acme', t.order('by-old', 'a-from', 11)) ->> 'orderUid', 'by-old', 'a sales order of an old name');
SELECT is(flowcustomer.service_order_put('acme', t.service('by-old', 'a-to')) ->> 'serviceOrderUid', 'by-old', 'a service order');
SELECT results_eq($$SELECT customer_uid COLLATE "default", document ->> 'customerUid' FROM flowcustomer.sales_order WHERE order_uid = 'by-old' UNION ALL SELECT customer_uid, document ->> 'customerUid' FROM flowcustomer.service_order WHERE service_order_uid = 'by-old'$$,
	$$VALUES ('c-to', 'a-from'), ('c-to', 'a-to')$$, 'are the survivor''s, and their documents as they came');
SELECT is(t.preview('a-from', 'o-to'), t.preview('c-to', 'o-to'), 'a preview by an old name');
SELECT is(t.merge('a-from', 'o-to') ->> 'customerUid', 'c-to', 'somebody is merged into an old name');
SELECT is(t.try_merge('c-to', uid), 'ok', uid || ' was merged into it, by whatever way') FROM unnest(ARRAY['a-to', 'a-from', 'o-to']) AS uid;
SELECT is(t.try_merge('person', 'a-from'), 'PT409: CUSTOMER_ALREADY_MERGED $.mergeFromCustomerUid', 'and is not merged elsewhere');
SELECT t.sound('after more writes by old names');
-- External ids that are somebody's again, or were those of several.
CALL t.run($$SELECT t.two('i', '{"externalId": "OWN"}', '{"externalId": "TAKEN"}'), t.two('j', '{"externalId": "TWICE-A"}', '{"externalId": "TWICE"}'), t.two('k', '{"externalId": "TWICE-B"}', '{"externalId": "TWICE"}')$$);
CALL t.run($$SELECT t.merge('i-a', 'i-b'), t.merge('j-a', 'j-b'), t.merge('k-a', 'k-b')$$);
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "TAKEN", "city": "Otta"}]}'), 'upsert'), '1:', 'an id that only the duplicate had is known');
SELECT is((t.get('i-a') ->> 'city') || (t.get('i-a') ->> 'externalId'), 'OttaOWN', 'and leads to the survivor, which keeps its own');
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "TWICE", "customerType": "PERSON"}]}'), 'upsert'), '0: 0 EXTERNAL_ID_AMBIGUOUS $.upsert[0].externalId', 'an id that leads to two survivors is ambiguous');
SELECT is(t.uids(flowcustomer.customer_list('acme', 'TWICE')), 'j-a,k-a', 'and a list by it has both');
SELECT is(flowcustomer.customer_create('acme', '{"customerUid": "taker", "customerType": "PERSON", "externalId": "TAKEN"}') ->> 'externalId', 'TAKEN', 'somebody else can have it');
SELECT is(t.section(t.batch('{"upsert": [{"externalId": "TAKEN", "city": "Bodø"}]}'), 'upsert'), '1:', 'who is then known by it');
SELECT is((t.get('taker') ->> 'city') || t.uids(flowcustomer.customer_list('acme', 'TAKEN')), 'Bodøtaker', 'and is the one that it names');

-- What moves, in detail -----------------------------------------------------------

-- Two roles of one contact: every pair of them.
CALL t.run($$SELECT t.two('r', '{}', '{}')$$);
CREATE TABLE t.role AS SELECT * FROM (VALUES (1, 'ADMIN'), (2, 'PURCHASER'), (3, 'ACCOUNTING'), (4, 'NONE')) AS v(rank, role);
CALL t.run($$SELECT flowcustomer.contact_create('acme', json_build_object('customerContactUid', 'r' || a.rank || b.rank, 'firstname', 'R', 'lastname', 'R', 'customers',
	json_build_array(json_build_object('customerUid', 'r-a', 'role', a.role), json_build_object('customerUid', 'r-b', 'role', b.role)))) FROM t.role AS a, t.role AS b$$);
CALL t.run('SELECT t.keep(''roles''), t.merge(''r-a'', ''r-b'')');
SELECT is((SELECT l.role FROM flowcustomer.customer_contact AS l WHERE customer_uid = 'r-a' AND contact_uid = 'r' || a.rank || b.rank), (SELECT role FROM t.role WHERE rank = least(a.rank, b.rank)), concat_ws(' ', a.role, 'and', b.role)) FROM t.role AS a, t.role AS b;
CALL t.run('SELECT t.undo(''r-b'')');
SELECT is_empty('SELECT t.changes(''roles'')', 'undone, everybody has the old role');

-- A grant and a withdrawal at the same time, whatever their entries are called;
-- without, the later one counts.  Own entries and the duplicate's: status, microsecond, entry.
CREATE TABLE t.consents AS SELECT * FROM (VALUES (1, '[[true, 0, "m"]]'::jsonb, '[[false, 0, "a"]]'::jsonb, false), (2, '[[false, 0, "m"]]', '[[true, 0, "z"]]', false), (3, '[[true, 0, "a"]]', '[[false, 0, "z"]]', false), (4, '[[false, 0, "z"]]', '[[true, 0, "a"]]', false),
	(5, '[[false, 0, "m"]]', '[[true, 1, "a"]]', true), (6, '[[true, 0, "m"]]', '[[false, 1, "a"]]', false), (7, '[[false, 1, "a"]]', '[[true, 0, "z"]]', false), (8, '[[true, 1, "a"]]', '[[false, 0, "z"]]', true),
	(9, '[[true, 0, "b"], [false, 0, "d"]]', '[[true, 0, "z"]]', false), (10, '[[true, 0, "m"]]', '[[true, 0, "b"], [false, 0, "c"]]', false), (11, '[[true, 0, "m"]]', '[[true, 0, "m"]]', true), (12, '[[false, 0, "m"]]', '[[false, 0, "m"]]', false),
	(13, '[[true, 0, "m"]]', '[[false, 0, "m"]]', false), (14, '[[false, 0, "m"]]', '[[true, 0, "m"]]', false), (15, '[]', '[[true, 0, "b"], [false, 0, "a"]]', true), (16, '[[true, 0, "-a"]]', '[[false, 0, "-"]]', false), (17, '[[false, 0, "Z"]]', '[[true, 0, "_"]]', false)) AS v(n, own, theirs, counts);
CALL t.run('SELECT t.two(''n'' || n, ''{}'', ''{}'') FROM t.consents');
INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status)
SELECT 'acme', format('n%s-%s', n, side), 'news', '2022-01-01 00:00:00.000001Z'::timestamptz + (e ->> 1)::integer * interval '1 us', e ->> 2, (e ->> 0)::boolean
FROM t.consents, LATERAL (SELECT 'a', e FROM jsonb_array_elements(own) AS e UNION ALL SELECT 'b', e FROM jsonb_array_elements(theirs) AS e) AS s(side, e);
CALL t.run('SELECT t.keep(''consents'')');
SELECT is(t.merge(format('n%s-a', n), format('n%s-b', n)) #> '{consents,0,status}', to_jsonb(counts), concat_ws(' ', 'own', own, 'theirs', theirs)) FROM t.consents ORDER BY n;
SELECT results_eq($$SELECT status, created_at FROM flowcustomer.customer_consent WHERE customer_uid ~ '^n\d+-a$' ORDER BY 2, 1$$, $$SELECT (e ->> 0)::boolean, '2022-01-01 00:00:00.000001Z'::timestamptz + (e ->> 1)::integer * interval '1 us' FROM t.consents, jsonb_array_elements(own || theirs) AS e ORDER BY 2, 1$$, 'and no entry is lost or another');
CALL t.run('SELECT t.undo(format(''n%s-b'', n)) FROM t.consents');
SELECT is_empty('SELECT t.changes(''consents'')', 'undone, every entry has its old name');

-- Addresses: what makes them equal, and what not; equal ones of one customer alone.
CREATE FUNCTION t.address(uid text, address jsonb) RETURNS text LANGUAGE sql AS $$ SELECT t.call('customer_address_put', uid, (jsonb_build_object('type', 'INVOICE_ADDRESS', 'address', 'Vei 1') || address)::text) $$;
CALL t.run($$SELECT t.two('d', '{}', '{}')$$);
SELECT is(t.address(uid, address), 'ok', concat(uid, address)) FROM (VALUES ('d-a', '{"customerAddressUid": "one"}'::jsonb), ('d-a', '{"customerAddressUid": "two"}'), ('d-b', '{"customerAddressUid": "three"}'), ('d-b', '{"customerAddressUid": "one"}'),
	('d-b', '{"customerAddressUid": "two", "city": "Oslo"}'), ('d-b', '{"customerAddressUid": "four", "type": "DELIVERY_ADDRESS"}'), ('d-b', '{"customerAddressUid": "five", "countryCode": "SE"}'), ('d-b', '{"customerAddressUid": "six", "city": "Oslo"}'),
	('d-b', '{"customerAddressUid": "seven", "city": "oslo"}')) AS v(uid, address);
CALL t.run('SELECT t.keep(''addresses'')');
SELECT is(t.preview('d-a', 'd-b') #> '{rows,addresses}', '{"moved": 4, "united": 3}', 'equal addresses are united, also two of the duplicate''s own');
CALL t.run('SELECT t.merge(''d-a'', ''d-b'')');
SELECT results_eq($$SELECT customer_address_uid COLLATE "default", type COLLATE "default", city, country_code COLLATE "default" FROM flowcustomer.customer_address WHERE customer_uid = 'd-a' ORDER BY 1, 2, 3$$,
	$$VALUES ('five', 'INVOICE_ADDRESS', NULL, 'SE'), ('four', 'DELIVERY_ADDRESS', NULL, 'NO'), ('one', 'INVOICE_ADDRESS', NULL, 'NO'), ('seven', 'INVOICE_ADDRESS', 'oslo', 'NO'), ('six', 'INVOICE_ADDRESS', 'Oslo', 'NO'), ('two', 'INVOICE_ADDRESS', NULL, 'NO')$$, 'all that is different is there');
CALL t.run('SELECT t.undo(''d-b'')');
SELECT is_empty('SELECT t.changes(''addresses'')', 'undone, every address is back');

-- Previews ---------------------------------------------------------------------------

-- What hangs on a customer, by the names that previews use.
CREATE FUNCTION t.children(uid text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('addresses', (SELECT count(*) FROM flowcustomer.customer_address WHERE tenant_uid = 'acme' AND customer_uid = uid), 'contacts', (SELECT count(*) FROM flowcustomer.customer_contact WHERE tenant_uid = 'acme' AND customer_uid = uid),
		'contactExtensions', (SELECT count(*) FROM flowcustomer.contact_extension WHERE tenant_uid = 'acme' AND customer_uid = uid), 'extensions', (SELECT count(*) FROM flowcustomer.customer_extension WHERE tenant_uid = 'acme' AND customer_uid = uid),
		'consents', (SELECT count(*) FROM flowcustomer.customer_consent WHERE tenant_uid = 'acme' AND customer_uid = uid), 'groups', (SELECT count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = 'acme' AND customer_uid = uid),
		'salesOrders', (SELECT count(*) FROM flowcustomer.sales_order WHERE tenant_uid = 'acme' AND customer_uid = uid), 'serviceOrders', (SELECT count(*) FROM flowcustomer.service_order WHERE tenant_uid = 'acme' AND customer_uid = uid),
		'departments', (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_parent_uid = uid))
$$;
-- Previews a merge, then does it; gives where the preview was wrong.
CREATE FUNCTION t.check_preview(survivor text, duplicate text, fields jsonb DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	preview jsonb;
	before jsonb := t.get(survivor);
	other jsonb := t.get(duplicate);
	own jsonb := t.children(survivor);
	theirs jsonb := t.children(duplicate);
	owed bigint := (SELECT credit_opening_balance FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid = survivor);
	owed_too bigint := (SELECT credit_opening_balance FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid = duplicate);
	totals jsonb := jsonb_build_array(t.total(), flowcustomer.customer_group_customer_list('acme', 'club') #>> '{paging,totalCount}');
	now_own jsonb;
	now jsonb;
BEGIN
	IF other ->> 'customerParentUid' = survivor THEN
		own := jsonb_set(own, '{departments}', to_jsonb((own ->> 'departments')::integer - 1));	-- the duplicate itself
	END IF;
	PERFORM t.keep('preview');
	preview := t.preview(survivor, duplicate, fields);
	RETURN QUERY SELECT 'changed ' || c FROM t.written('preview') AS c;
	IF totals <> jsonb_build_array(t.total(), flowcustomer.customer_group_customer_list('acme', 'club') #>> '{paging,totalCount}') THEN
		RETURN NEXT 'changed totals';
	END IF;
	IF preview - 'fields' - 'rows' - 'references' <> jsonb_build_object('customerUid', survivor, 'mergeFromCustomerUid', duplicate, 'possible', true, 'blockers', '[]'::jsonb) THEN
		RETURN NEXT 'told ' || (preview - 'fields' - 'rows');
	END IF;
	now := t.merge(survivor, duplicate, fields);
	now_own := t.children(survivor);
	RETURN QUERY SELECT format('%s: told %s, did %s', k, preview #> ARRAY['rows', k], did) FROM jsonb_object_keys((preview -> 'rows') || own) AS k,
		LATERAL (SELECT jsonb_build_object('moved', (now_own ->> k)::integer - (own ->> k)::integer, 'united', (theirs ->> k)::integer - (now_own ->> k)::integer + (own ->> k)::integer) AS did) AS d
	WHERE preview #> ARRAY['rows', k] IS DISTINCT FROM did;
	RETURN QUERY SELECT format('%s: %s', name, f)
	FROM (SELECT name FROM flowcustomer.fields() AS f(of, n, name, col, kind, writable, required, answered) WHERE of = 'customer' AND col IS NOT NULL AND answered AND name NOT IN ('customerUid', 'displayName', 'credit.balance', 'ehfEnabled', 'accountManager', 'defaultStore', 'lastModifiedAt')
		UNION SELECT unnest(ARRAY['accountManager.tenantUserUid', 'defaultStoreUid'])) AS all_fields
	LEFT JOIN jsonb_array_elements(preview -> 'fields') AS f ON f ->> 'field' = name,
	LATERAL (SELECT coalesce(nullif(t.value(before, name), 'null'), '""') AS a, coalesce(nullif(t.value(other, name), 'null'), '""') AS b, coalesce(nullif(t.value(now, name), 'null'), '""') AS c) AS v,
	LATERAL (SELECT a IN ('""', '0', 'false') AND b IN ('""', '0', 'false') AS nothing) AS e
	WHERE nothing <> (f IS NULL) OR f IS NULL AND c NOT IN ('""', '0', 'false') OR f IS NOT NULL AND (coalesce(nullif(f -> 'to', 'null'), '""') <> a OR coalesce(nullif(f -> 'from', 'null'), '""') <> b
		OR coalesce(nullif(f -> 'result', 'null'), '""') <> c OR (c <> CASE f ->> 'winner' WHEN 'TO' THEN a WHEN 'FROM' THEN b END) IS NOT FALSE OR coalesce(f ->> 'reason', '') = '');
	RETURN QUERY SELECT 'told of ' || (f ->> 'field') FROM jsonb_array_elements(preview -> 'fields') AS f WHERE t.value(now, f ->> 'field') IS NULL AND f ->> 'field' NOT IN ('defaultStoreUid', 'openingBalance');
	RETURN QUERY SELECT format('openingBalance: %s', f) FROM jsonb_array_elements(preview -> 'fields') AS f WHERE f ->> 'field' = 'openingBalance' AND f - 'reason' IS DISTINCT FROM jsonb_build_object('field', 'openingBalance', 'winner', 'BOTH',
		'to', owed, 'from', owed_too, 'result', (SELECT credit_opening_balance FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid = survivor));
	IF (owed <> 0 OR owed_too <> 0) <> (preview -> 'fields' @> '[{"field": "openingBalance"}]') THEN
		RETURN NEXT 'openingBalance is told of, or is not';
	END IF;
END $$;
CALL t.run('SELECT t.furnish(''p1''), t.furnish(''p2''), t.furnish(''p3''), t.two(''p4'', ''{}'', ''{}'')');
CREATE TABLE t.previewed AS SELECT t.preview('p1-to', 'p1-from') AS told;
SELECT is(told -> 'rows', '{"addresses": {"moved": 2, "united": 1}, "contacts": {"moved": 1, "united": 2}, "contactExtensions": {"moved": 3, "united": 1}, "extensions": {"moved": 1, "united": 1}, "consents": {"moved": 3, "united": 0},
	"groups": {"moved": 1, "united": 1}, "departments": {"moved": 1, "united": 0}, "salesOrders": {"moved": 2, "united": 0}, "serviceOrders": {"moved": 1, "united": 0}}', 'a preview counts the rows') FROM t.previewed;
SELECT results_eq($$SELECT f - 'reason' FROM t.previewed, jsonb_array_elements(told -> 'fields') AS f WHERE f ->> 'field' IN ('city', 'email', 'companyName', 'paymentTerms', 'createdAt', 'customerType', 'ehf.enabled', 'accountManager.tenantUserUid') ORDER BY f ->> 'field'$$, $$VALUES
	('{"field": "accountManager.tenantUserUid", "winner": "FROM", "to": null, "from": "liv", "result": "liv"}'::jsonb), ('{"field": "city", "winner": "TO", "to": "Oslo", "from": "Bergen", "result": "Oslo"}'), ('{"field": "companyName", "winner": "TO", "to": "Blåbær", "from": "Blaabaer AS", "result": "Blåbær"}'),
	('{"field": "createdAt", "winner": "FROM", "to": "2020-02-03T04:05:06.789Z", "from": "2019-02-03T04:05:06.789Z", "result": "2019-02-03T04:05:06.789Z"}'), ('{"field": "customerType", "winner": "TO", "to": "COMPANY", "from": "COMPANY", "result": "COMPANY"}'),
	('{"field": "ehf.enabled", "winner": "FROM", "to": false, "from": true, "result": true}'), ('{"field": "email", "winner": "FROM", "to": null, "from": "post@example.no", "result": "post@example.no"}'), ('{"field": "paymentTerms", "winner": "FROM", "to": 0, "from": 14, "result": 14}')$$, 'and tells of each field who wins');
SELECT is_empty(format('SELECT t.check_preview(%L, %L, %L)', survivor, duplicate, fields), concat_ws(' ', 'as told:', survivor, duplicate, fields)) FROM (VALUES (1, 'p1-to', 'p1-from', NULL),
	(2, 'p2-from', 'p2-to', '{"city": "FROM", "email": "FROM", "credit.limit": "TO", "customerParentUid": "FROM", "ehf.enabled": "FROM"}'), (3, 'p4-a', 'p4-b', NULL), (4, 'p3-top', 'p3-from', NULL), (5, 'p3-top', 'p3-to', '{"city": "TO"}'),
	(6, 'p1-to', 'p2-from', NULL), (7, 'p3-top', 'p1-to', '{"customerParentUid": "FROM", "defaultStoreUid": "TO"}')) AS v(n, survivor, duplicate, fields) ORDER BY n;
SELECT t.sound('after previews');
-- A preview in a transaction with more to come, and one that is blocked.
BEGIN;
CALL t.run('SELECT t.furnish(''p5''), t.preview(''p5-to'', ''p5-from''), flowcustomer.customer_delete(''acme'', ''p5-under-to''), t.preview(''p5-to'', ''p5-from''), t.preview(''p5-from'', ''person'')');
COMMIT;
SELECT t.sound('after previews among other changes');

-- Lists ------------------------------------------------------------------------------

CALL t.run($$SELECT t.two('l', '{}', '{}'), t.two('m', '{}', '{}')$$);
SELECT is(flowcustomer.customer_merge_list('acme', 'l-a')::text, '{"items":[]}', 'no merges yet');
CALL t.run('SELECT t.merge(''l-a'', ''l-b'')');
CALL t.run('SELECT t.merge(''m-a'', ''l-a'')');
CALL t.run('SELECT t.merge(''m-a'', ''m-b'')');
CALL t.run('SELECT t.undo(''m-b'')');
CREATE FUNCTION t.merges(uid text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(jsonb_build_array(i ->> 'mergeFromCustomerUid', i ->> 'customerUid', i ->> 'undoneAt' <> '') ORDER BY n) FROM json_array_elements(flowcustomer.customer_merge_list('acme', uid) -> 'items') WITH ORDINALITY AS e(i, n) $$;
SELECT is(t.merges(uid), expected, 'merges of ' || uid) FROM (VALUES ('m-a', '[["m-b", "m-a", true], ["l-a", "m-a", false], ["l-b", "l-a", false]]'::jsonb), ('l-b', '[["m-b", "m-a", true], ["l-a", "m-a", false], ["l-b", "l-a", false]]'), ('m-b', '[["m-b", "m-a", true]]')) AS v(uid, expected);
SELECT results_eq($$SELECT (i ->> 'mergeUid') COLLATE "default", (i ->> 'mergedAt')::timestamptz, (i ->> 'mergedBy') COLLATE "default", (nullif(i ->> 'undoneAt', ''))::timestamptz, nullif(i ->> 'undoneBy', '') COLLATE "default" FROM json_array_elements(flowcustomer.customer_merge_list('acme', 'm-a') -> 'items') AS i ORDER BY 1$$,
	$$SELECT merge_uid COLLATE "default", date_trunc('milliseconds', merged_at), current_user::text COLLATE "default", undone_at, CASE WHEN undone_at IS NOT NULL THEN current_user::text COLLATE "default" END FROM flowcustomer.merge WHERE duplicate_uid IN ('l-a', 'l-b', 'm-b') ORDER BY 1$$, 'with times, and who it was');

-- Above and below ----------------------------------------------------------------------

-- Every way in which four companies can be above each other; "a" is merged with "b",
-- which is refused where b is above a.  a keeps its parent, or takes that of b, unless
-- it would be below itself; what was below b is below a.
CALL t.run($$SELECT flowcustomer.customer_batch('acme', '{"create": [{"customerUid": "a", "customerType": "COMPANY"}, {"customerUid": "b", "customerType": "COMPANY"}, {"customerUid": "c", "customerType": "COMPANY"}, {"customerUid": "d", "customerType": "COMPANY"}]}')$$);
CREATE FUNCTION t.above(parents jsonb, uid text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT parents ->> other IS NOT DISTINCT FROM uid OR parents ->> (parents ->> other) IS NOT DISTINCT FROM uid OR parents ->> (parents ->> (parents ->> other)) IS NOT DISTINCT FROM uid OR parents ->> (parents ->> (parents ->> (parents ->> other))) IS NOT DISTINCT FROM uid $$;
CREATE TABLE t.forest AS SELECT row_number() OVER () AS n, parents FROM unnest(ARRAY['b', 'c', 'd', NULL]) AS a, unnest(ARRAY['a', 'c', 'd', NULL]) AS b, unnest(ARRAY['a', 'b', 'd', NULL]) AS c, unnest(ARRAY['a', 'b', 'c', NULL]) AS d,
	LATERAL (SELECT jsonb_build_object('a', a, 'b', b, 'c', c, 'd', d) AS parents) AS p WHERE NOT (t.above(parents, 'a', 'a') OR t.above(parents, 'b', 'b') OR t.above(parents, 'c', 'c') OR t.above(parents, 'd', 'd'));
CREATE FUNCTION t.parents() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_object_agg(customer_uid, customer_parent_uid) FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND customer_uid IN ('a', 'b', 'c', 'd') $$;
CREATE FUNCTION t.climb(forest jsonb, choice text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	expected jsonb := forest - 'b';
	got text;
BEGIN
	UPDATE flowcustomer.customer SET customer_parent_uid = forest ->> customer_uid WHERE tenant_uid = 'acme' AND customer_uid IN ('a', 'b', 'c', 'd');
	got := t.try_merge('a', 'b', CASE WHEN choice IS NOT NULL THEN jsonb_build_object('customerParentUid', choice) END);
	IF got <> 'ok' OR t.above(forest, 'b', 'a') THEN
		RETURN CASE WHEN got <> 'PT409: MERGE_INTO_DEPARTMENT' OR NOT t.above(forest, 'b', 'a') OR t.parents() <> forest THEN format('%s %s: %s', forest, choice, got) END;
	END IF;
	IF (choice = 'FROM' OR choice IS NULL AND forest ->> 'a' IS NULL) AND coalesce(forest ->> 'b' <> 'a' AND NOT t.above(forest, 'a', forest ->> 'b'), true) THEN
		expected := jsonb_set(expected, '{a}', forest -> 'b');
	END IF;
	SELECT jsonb_object_agg(key, CASE WHEN value = '"b"' THEN '"a"' ELSE value END) INTO expected FROM jsonb_each(expected);
	IF t.parents() <> expected THEN
		RETURN format('%s %s: merged %s instead of %s', forest, choice, t.parents(), expected);
	END IF;
	got := t.try_undo('b');
	RETURN CASE WHEN got <> 'ok' OR t.parents() <> forest THEN format('%s %s: undone %s, %s', forest, choice, got, t.parents()) END;
END $$;
SELECT is((SELECT count(*) FROM t.forest), 125::bigint, 'four companies can stand in 125 ways');
SELECT is_empty(format('SELECT * FROM (SELECT t.climb(parents, %L) FROM t.forest) AS f(wrong) WHERE wrong IS NOT NULL', choice), concat('merged and undone in all of them, choice ', choice)) FROM unnest(ARRAY[NULL, 'FROM', 'TO']) AS choice;
SELECT t.sound('after all of them');

-- http -------------------------------------------------------------------------------

CALL t.run('SELECT t.furnish(''h'')');
SELECT is(t.answer('POST', '/tenants/acme/customers/' || survivor || '/merge', body), expected, concat_ws(' ', 'POST', survivor, body)) FROM (VALUES (1, 'h-to', '{"mergeFromCustomerUid": "h-to"}', '400 MERGE_SELF'), (2, 'h-to', '{"mergeFromCustomerUid": "none"}', '404 CUSTOMER_NOT_FOUND'),
	(3, 'h-to', '{', '400 MALFORMED_JSON'), (4, 'department', '{"mergeFromCustomerUid": "c-to"}', '409 MERGE_INTO_DEPARTMENT'), (5, 'h-to', '{"mergeFromCustomerUid": "h-from", "fields": {"city": "FROM"}}', '200'), (6, 'h-to', '{"mergeFromCustomerUid": "h-from"}', '200'),
	(7, 'person', '{"mergeFromCustomerUid": "h-from"}', '409 CUSTOMER_ALREADY_MERGED')) AS v(n, survivor, body, expected) ORDER BY n;
SELECT is(t.body('POST', '/tenants/acme/customers/h-to/merge', '{"mergeFromCustomerUid": "h-from"}'), t.get('h-to'), 'the answer is the survivor');
SELECT is(t.body('GET', '/tenants/acme/customers/h-from' || rest), t.body('GET', '/tenants/acme/customers/h-to' || rest), 'GET by the old name' || rest) FROM unnest(ARRAY['', '/contacts', '/contacts/h-k4']) AS rest;
SELECT is(t.body('PUT', '/tenants/acme/customers/h-from', '{"city": "Hell"}') ->> 'customerUid', 'h-to', 'PUT');
SELECT is(t.answer(method, '/tenants/acme/customers/h-from' || rest, body), expected, method || ' by the old name' || rest) FROM (VALUES (1, 'POST', '/extensions/TWO_INVOICE', '{"storeUid": "malmo"}', '200'), (2, 'DELETE', '/extensions/TWO_INVOICE', '{"storeUid": "malmo"}', '204'),
	(3, 'POST', '/contacts', '{"customerContactUid": "h-new", "firstname": "New", "lastname": "Berg"}', '200'), (4, 'PUT', '/contacts/h-new', '{"firstname": "Newer"}', '200'), (5, 'DELETE', '/contacts/h-new', NULL, '204'), (6, 'GET', '/contacts/h-new', NULL, '404 CONTACT_NOT_FOUND'), (7, 'DELETE', '', NULL, '409 CUSTOMER_ALREADY_MERGED'),
	(8, 'GET', '', NULL, '200')) AS v(n, method, rest, body, expected) ORDER BY n;
SELECT t.sound('after http');

-- Tenants ----------------------------------------------------------------------------

-- The same uids in two tenants: what one does, the other does not feel.
CALL t.run('SELECT t.seed(''other''), flowcustomer.customer_group_create(''other'', ''{"customerGroupUid": "vip", "name": "VIP"}'')');
CALL t.run('SELECT t.furnish(''t''), t.furnish(''t'', ''other'')');
CALL t.run('SELECT t.keep(''other'', ''other''), t.keep(''acme'', ''acme'')');
CALL t.run('SELECT t.merge(''t-to'', ''t-from'')');
SELECT is_empty('SELECT t.written(''other'', ''other'')', 'a merge leaves the other tenant alone');
SELECT is(flowcustomer.customer_get('other', 't-from') ->> 'customerUid', 't-from', 'where the duplicate is a customer');
SELECT is(t.uids(flowcustomer.customer_search('other', '{"query": "E-t-from"}')) || t.uids(flowcustomer.customer_list('other', 'E-t-from')), 't-fromt-from', 'with its own external id');
SELECT is(flowcustomer.customer_merge_list('other', 't-to')::text, '{"items":[]}', 'and no merge to list');
SELECT is(t.error(format('SELECT flowcustomer.customer_merge_undo(''other'', %L)', t.merge_of('t-from'))), 'PT404: MERGE_NOT_FOUND', 'or to undo');
SELECT is(t.try_merge('t-to', 'w-to', NULL, 'other'), 'PT404: CUSTOMER_NOT_FOUND', 'nor are customers of one tenant merged into the other''s');
SELECT is(t.merge('t-from', 't-to', NULL, 'other') ->> 'customerUid', 't-from', 'there it is merged the other way round');
SELECT is((t.get('t-from') ->> 'customerUid') || (flowcustomer.customer_get('other', 't-to') ->> 'customerUid'), 't-tot-from', 'each has its own survivor');
SELECT t.sound('with two tenants');
CALL t.run('SELECT t.undo(''t-from''), t.undo(''t-to'', ''other'')');
SELECT is_empty('SELECT t.changes(''other'', ''other'') UNION ALL SELECT t.changes(''acme'', ''acme'')', 'undone, both are as they were');

-- Deleting a survivor ------------------------------------------------------------------

-- A tenant of their own: a chain, one more duplicate at its end, and one that was
-- merged and came back.
CALL t.run('SELECT t.seed(''brief''), flowcustomer.customer_group_create(''brief'', ''{"customerGroupUid": "vip", "name": "VIP"}'')');
CALL t.run('SELECT t.furnish(''x'', ''brief''), t.furnish(''y'', ''brief'')');
CALL t.run('SELECT t.merge(''x-to'', ''x-from'', NULL, ''brief'')');
CALL t.run('SELECT t.merge(''y-to'', ''x-to'', NULL, ''brief'')');
CALL t.run('SELECT t.merge(''y-to'', ''y-from'', NULL, ''brief'')');
CALL t.run('SELECT t.merge(''y-to'', ''y-under-to'', NULL, ''brief'')');
CALL t.run('SELECT t.undo(''y-under-to'', ''brief'')');
SELECT is((SELECT count(*) FROM flowcustomer.merge WHERE tenant_uid = 'brief'), 4::bigint, 'four merges, of which one was undone');
SELECT is(t.error('SELECT flowcustomer.customer_delete(''brief'', ''y-to'')'), 'ok', 'the survivor is deleted');
SELECT is_empty($$SELECT customer_uid FROM flowcustomer.customer_redirect WHERE tenant_uid = 'brief'$$, 'nothing leads to it any more');
SELECT is(t.error(format('SELECT flowcustomer.customer_get(''brief'', %L)', uid)), 'PT404: CUSTOMER_NOT_FOUND', 'nobody knows ' || uid) FROM unnest(ARRAY['y-to', 'y-from', 'x-to', 'x-from']) AS uid;
SELECT is_empty($$SELECT survivor_uid, duplicate_uid FROM flowcustomer.merge WHERE tenant_uid = 'brief' AND (survivor_uid IN ('x-to', 'y-to') OR duplicate_uid IN ('x-to', 'x-from', 'y-from'))$$, 'and no journal has anything of what was merged into it, along the whole chain');
SELECT is(t.uids(flowcustomer.customer_search('brief', json_build_object('query', word))) || t.uids(flowcustomer.customer_list('brief', word)), '', word || ' finds nobody') FROM unnest(ARRAY['E-x-from', 'L-y-from']) AS word;
SELECT t.sound('after the survivor was deleted');
SELECT is(t.error($$SELECT flowcustomer.customer_create('brief', '{"customerUid": "x-from", "customerType": "PERSON"}')$$), 'ok', 'an old name is free again');
-- One that was merged, came back and is deleted while the other one stays.
CALL t.run($$SELECT flowcustomer.customer_batch('brief', '{"create": [{"customerUid": "stays", "customerType": "PERSON"}, {"customerUid": "leaves", "customerType": "PERSON", "internalNote": "secret"}]}')$$);
CALL t.run('SELECT t.merge(''stays'', ''leaves'', NULL, ''brief'')');
CALL t.run('SELECT t.undo(''leaves'', ''brief''), flowcustomer.customer_delete(''brief'', ''leaves'')');
SELECT is_empty($$SELECT merge_uid FROM flowcustomer.merge WHERE tenant_uid = 'brief' AND journal::text LIKE '%secret%'$$, 'nor is anything kept of a duplicate that came back and was deleted');
-- Without customers the tenant can go.
CALL t.run($$SELECT flowcustomer.customer_batch('brief', (SELECT json_build_object('delete', json_agg(json_build_object('customerUid', customer_uid))) FROM flowcustomer.customer WHERE tenant_uid = 'brief'))$$);
SELECT is_empty($$SELECT survivor_uid, duplicate_uid FROM flowcustomer.merge WHERE tenant_uid = 'brief'$$, 'when all customers are deleted, all journals are');
CALL t.run($$SELECT flowcustomer.contact_delete('brief', contact_uid) FROM flowcustomer.contact WHERE tenant_uid = 'brief'$$);
CALL t.run($$SELECT flowcustomer.customer_group_delete('brief', group_uid) FROM flowcustomer.customer_group WHERE tenant_uid = 'brief'$$);
CALL t.run($$SELECT flowcustomer.sales_order_remove('brief', order_uid) FROM flowcustomer.sales_order WHERE tenant_uid = 'brief'$$);
CALL t.run($$SELECT flowcustomer.service_order_remove('brief', service_order_uid) FROM flowcustomer.service_order WHERE tenant_uid = 'brief'$$);
SELECT is(t.error('SELECT flowcustomer.tenant_remove(''brief'')'), 'ok', 'and the tenant can be removed');
SELECT is_empty($$SELECT line FROM t.dump('brief') UNION ALL SELECT merge_uid FROM flowcustomer.merge WHERE tenant_uid = 'brief'$$, 'of which nothing is left');
-- To delete by an old name would delete somebody else.
CALL t.run($$SELECT t.two('s', '{}', '{}'), t.two('q', '{}', '{}')$$);
CALL t.run('SELECT t.merge(''s-a'', ''s-b''), t.merge(''q-a'', ''q-b'')');
SELECT is(t.full_error($$SELECT flowcustomer.customer_delete('acme', 's-b')$$), E'PT409 This customer was merged into s-a already\ncode: CUSTOMER_ALREADY_MERGED\nUse the customer with customerUid s-a.', 'nobody is deleted by an old name');
SELECT is(t.section(t.batch('{"delete": [{"customerUid": "s-b"}, {"customerUid": "q-a"}, {"customerUid": "q-b"}, {"customerUid": "none"}]}'), 'delete'), '1: 0 CUSTOMER_ALREADY_MERGED, 2 CUSTOMER_ALREADY_MERGED, 3 CUSTOMER_NOT_FOUND', 'neither by a batch');
SELECT is((SELECT string_agg(customer_uid, ',') FROM flowcustomer.customer WHERE customer_uid ~ '^[sq]-[ab]$'), 's-a', 'but by the name of the survivor');
SELECT is(t.error('SELECT flowcustomer.customer_get(''acme'', ''q-b'')'), 'PT404: CUSTOMER_NOT_FOUND', 'whose old name is unknown then');
SELECT t.sound('at the end');

SELECT * FROM finish();
