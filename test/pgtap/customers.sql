-- Customers: create, get, update, delete, and the whole answers.
\ir include/helpers.psql
\ir include/orders.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');

-- Whole answers ------------------------------------------------------------

SELECT is(t.strip(flowcustomer.customer_create('acme', '{"customerUid": "sparse", "customerType": "PERSON"}')), '{
	"customerUid": "sparse", "customerParentUid": "", "customerType": "PERSON", "displayName": "sparse",
	"firstname": "", "lastname": "", "companyName": "", "email": "", "mobile": "", "address": "",
	"postalCode": "", "city": "", "countryCode": "NO", "vatNumber": "", "externalId": "", "loyaltyId": "",
	"ledgerNumber": "", "pricelistUid": "", "origin": "", "internalNote": "", "paymentTerms": 0,
	"credit": {"limit": 0, "balance": 0}, "ehfEnabled": false, "ehf": {"enabled": false, "address": ""},
	"accountManager": {"tenantUserUid": "", "displayName": "", "userCode": ""}, "defaultStore": null,
	"addresses": [], "contacts": [], "extensions": [], "consents": [], "customerGroupUids": [], "relevance": 0
}'::jsonb, 'a customer of which only the type is known has every member');

SELECT is(t.strip(flowcustomer.customer_create('acme', '{
	"customerUid": "full", "customerType": "B2B", "firstname": "Kari", "lastname": "Nordmann",
	"companyName": "Blåbær AS", "email": " Kari@Example.COM", "mobile": "0047 912 34 567", "address": "Storgata 1\n2. etg",
	"postalCode": "se-11122", "city": "Stockholm", "countryCode": "se", "vatNumber": "se 556036-0793 01",
	"externalId": "E-1", "loyaltyId": "L-1", "ledgerNumber": "00150", "pricelistUid": "list-1", "origin": "till 3",
	"internalNote": "pays \"late\" \\ often\ttoo", "paymentTerms": 14, "credit": {"limit": 500000},
	"ehf": {"enabled": true, "address": "9908:987654321"}, "accountManager": {"tenantUserUid": "liv"},
	"defaultStoreUid": "oslo", "customerGroupUids": ["staff", "club", "staff"],
	"consents": [{"consentUid": "sms", "status": false, "source": "web"}, {"consentUid": "news", "status": true, "source": "till"}]
}')), '{
	"customerUid": "full", "customerParentUid": "", "customerType": "B2B", "displayName": "Blåbær AS",
	"firstname": "Kari", "lastname": "Nordmann", "companyName": "Blåbær AS", "email": "Kari@example.com",
	"mobile": "+4791234567", "address": "Storgata 1\n2. etg", "postalCode": "111 22", "city": "Stockholm",
	"countryCode": "SE", "vatNumber": "SE556036079301", "externalId": "E-1", "loyaltyId": "L-1",
	"ledgerNumber": "00150", "pricelistUid": "list-1", "origin": "till 3", "internalNote": "pays \"late\" \\ often\ttoo",
	"paymentTerms": 14, "credit": {"limit": 500000, "balance": 0}, "ehfEnabled": true,
	"ehf": {"enabled": true, "address": "9908:987654321"},
	"accountManager": {"tenantUserUid": "liv", "displayName": "Liv Dahl", "userCode": "LD"},
	"defaultStore": {"name": "Oslo", "storeUid": "oslo"}, "addresses": [], "contacts": [], "extensions": [],
	"consents": [{"consentUid": "news", "name": "Newsletter", "status": true, "source": "till"},
				 {"consentUid": "sms", "name": "Text messages", "status": false, "source": "web"}],
	"customerGroupUids": ["club", "staff"], "relevance": 0
}'::jsonb, 'a customer with everything that a body can give comes back normalised');
SELECT is(flowcustomer.customer_get('acme', 'full')::text, flowcustomer.customer_update('acme', 'full', '{}')::text,
	'customer_get and an update with an empty body give the same text');
SELECT matches(t.get('full') ->> 'createdAt', '^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', 'times are in UTC with milliseconds');
SELECT is(t.get('full') ->> 'createdAt', t.get('full') ->> 'lastModifiedAt', 'a new customer was modified when it was created');
SET timezone TO 'Asia/Tokyo';
SELECT is((t.get('full') ->> 'createdAt')::timestamptz, created_at, 'the session''s time zone changes nothing in answers')
FROM flowcustomer.customer WHERE customer_uid = 'full';
RESET timezone;

-- UIDs ---------------------------------------------------------------------

SELECT matches(flowcustomer.customer_create('acme', '{"customerType": "PERSON"}') ->> 'customerUid',
	'^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'a UID that is left out is made: UUIDv7');
SELECT matches(flowcustomer.customer_create('acme', '{"customerType": "PERSON", "customerUid": null}') ->> 'customerUid',
	'^[0-9a-f]{8}-[0-9a-f]{4}-7', 'a UID that is null is made');
SELECT is(t.create('{"customerType": "PERSON", "customerUid": ""}'), 'PT400: VALIDATION_FAILED $.customerUid', 'an empty customerUid is no UID');
SELECT is(t.create(format('{"customerType": "PERSON", "customerUid": %s}', to_json(uid))::json), expected, 'customerUid ' || left(uid, 20))
FROM (VALUES ('a b', 'PT400: VALIDATION_FAILED $.customerUid'), ('kåre', 'PT400: VALIDATION_FAILED $.customerUid'),
	('a.b', 'PT400: VALIDATION_FAILED $.customerUid'), (repeat('u', 256), 'PT400: VALIDATION_FAILED $.customerUid'),
	(repeat('u', 255), 'ok'), ('_-', 'ok'), ('full', 'PT409: CUSTOMER_ALREADY_EXISTS')) AS v(uid, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_get(''acme'', %L)', uid)), expected, 'get ' || coalesce(left(uid, 20), 'NULL'))
FROM (VALUES ('nobody', 'PT404: CUSTOMER_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED customerUid'), ('', 'PT400: VALIDATION_FAILED customerUid'),
	('æ', 'PT400: VALIDATION_FAILED customerUid'), (repeat('u', 256), 'PT400: VALIDATION_FAILED customerUid'),
	(repeat('u', 254), 'PT404: CUSTOMER_NOT_FOUND'), (NULL, 'PT400: VALIDATION_FAILED customerUid')) AS v(uid, expected);
SELECT is(t.error(format('SELECT flowcustomer.customer_get(%L, ''full'')', tenant)), expected, 'get of tenant ' || coalesce(tenant, 'NULL'))
FROM (VALUES ('nobody', 'PT404: TENANT_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED tenantUid'), ('', 'PT400: VALIDATION_FAILED tenantUid'),
	(NULL, 'PT400: VALIDATION_FAILED tenantUid')) AS v(tenant, expected);
SELECT is(t.error('SELECT flowcustomer.customer_get(NULL, NULL)'), 'PT400: VALIDATION_FAILED tenantUid; VALIDATION_FAILED customerUid',
	'all wrong arguments are told at once');
SELECT is(t.error('SELECT flowcustomer.customer_create(''acme'', NULL)'), 'PT400: VALIDATION_FAILED $', 'a body that is NULL is missing');
SELECT is(t.error('SELECT flowcustomer.customer_create(''nobody'', ''{"customerType": "PERSON"}'')'), 'PT404: TENANT_NOT_FOUND', 'create in an unknown tenant');

-- Display names --------------------------------------------------------------

SELECT is(flowcustomer.customer_create('acme', body) ->> 'displayName', expected, 'displayName ' || expected)
FROM (VALUES
	('{"customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann", "companyName": "Acme"}'::json, 'Kari Nordmann'),
	('{"customerType": "PERSON", "lastname": "Nordmann"}', 'Nordmann'),
	('{"customerType": "PERSON", "firstname": "", "lastname": "Berg"}', 'Berg'),
	('{"customerType": "PERSON", "email": "a@b.no", "mobile": "12345"}', 'a@b.no'),
	('{"customerType": "PERSON", "mobile": "123 45"}', '12345'),
	('{"customerType": "COMPANY", "firstname": "Kari", "lastname": "Nordmann", "companyName": "Acme"}', 'Acme'),
	('{"customerType": "COMPANY", "firstname": "Ola", "lastname": "Berg"}', 'Ola Berg'),
	('{"customerType": "B2B", "companyName": "Partner"}', 'Partner'),
	('{"customerType": "B2B", "customerUid": "b2b-only"}', 'b2b-only')) AS v(body, expected);
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "names", "customerType": "PERSON", "firstname": "Kari", "companyName": "Acme"}')$$);
SELECT is(flowcustomer.customer_update('acme', 'names', '{"customerType": "COMPANY"}') ->> 'displayName', 'Acme', 'displayName follows the type');
SELECT is(flowcustomer.customer_update('acme', 'names', '{"companyName": null}') ->> 'displayName', 'Kari', 'and the names');

-- Update: absent stays, null clears -------------------------------------------

CALL t.run($$SELECT flowcustomer.customer_create('acme', (flowcustomer.customer_get('acme', 'full')::jsonb
	|| '{"customerUid": "up", "externalId": "E-up", "defaultStoreUid": "oslo"}')::json)$$);
CREATE TABLE t.before AS SELECT t.get('up') AS answer;
SELECT is(t.strip(flowcustomer.customer_update('acme', 'up', '{"city": "Bergen"}')), t.strip(answer || '{"city": "Bergen"}'),
	'an update changes what it gives and nothing else') FROM t.before;
SELECT cmp_ok((t.get('up') ->> 'lastModifiedAt'), '>', answer ->> 'lastModifiedAt', 'lastModifiedAt moves with a change') FROM t.before;
SELECT is(t.get('up') ->> 'createdAt', answer ->> 'createdAt', 'createdAt does not') FROM t.before;
CREATE TABLE t.version AS SELECT xmin::text AS version, last_modified_at FROM flowcustomer.customer WHERE customer_uid = 'up';
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'up', '{"city": "Bergen", "firstname": "Kari", "mobile": "+47 912 34 567", "postalCode": "11122"}')$$);
SELECT results_eq('SELECT xmin::text AS version, last_modified_at FROM flowcustomer.customer WHERE customer_uid = ''up''', 'SELECT * FROM t.version',
	'an update that changes nothing leaves the row as it is');
SELECT is(flowcustomer.customer_update('acme', 'up', json_build_object(member, cleared)) ->> member, '', format('%s is cleared by %s', member, coalesce(cleared, 'null')))
FROM unnest(ARRAY['firstname', 'lastname', 'companyName', 'email', 'mobile', 'address', 'postalCode', 'city', 'vatNumber',
				  'externalId', 'loyaltyId', 'ledgerNumber', 'pricelistUid', 'origin', 'internalNote', 'customerParentUid']) WITH ORDINALITY AS m(member, n),
	 LATERAL (SELECT CASE WHEN n % 2 = 0 THEN '' END AS cleared) AS c;
SELECT is((SELECT count(*) FROM flowcustomer.customer WHERE '' IN (firstname, lastname, company_name, email, mobile, address, postal_code,
		   city, vat_number, external_id, loyalty_id, ledger_number, pricelist_uid, origin, internal_note, customer_parent_uid)), 0::bigint,
	'no text is stored as an empty one');
SELECT is(flowcustomer.customer_update('acme', 'full', '{"paymentTerms": null}') ->> 'paymentTerms', '0', 'paymentTerms null is 0');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"credit": {"limit": null}}') -> 'credit')::text, '{"limit":0,"balance":0}', 'credit.limit null is 0');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"credit": {"limit": 7}}') -> 'credit')::text, '{"limit":7,"balance":0}', 'credit.limit');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"credit": {}}') -> 'credit')::text, '{"limit":7,"balance":0}', 'credit {} leaves the limit');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"credit": {"balance": 99}}') -> 'credit')::text, '{"limit":7,"balance":0}', 'credit.balance cannot be written');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"credit": null}') -> 'credit')::text, '{"limit":0,"balance":0}', 'credit null clears the limit');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"ehf": {"address": "1"}}') -> 'ehf')::text, '{"enabled":true,"address":"1"}', 'ehf.address alone');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"ehf": null}') -> 'ehf')::text, '{"enabled":false,"address":""}', 'ehf null clears both');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"ehfEnabled": true}') -> 'ehf')::text, '{"enabled":true,"address":""}', 'the old ehfEnabled is ehf.enabled');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"ehf": {"enabled": false}, "ehfEnabled": true}') ->> 'ehfEnabled'), 'false', 'of both ehf.enabled wins');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"accountManager": {"tenantUserUid": ""}}') -> 'accountManager')::text,
	'{"tenantUserUid":"","displayName":"","userCode":""}', 'an empty accountManager.tenantUserUid is none');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"accountManager": {"tenantUserUid": "liv"}}') -> 'accountManager' ->> 'displayName'), 'Liv Dahl', 'and another one');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"accountManager": null}') -> 'accountManager' ->> 'displayName'), '', 'accountManager null is none');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"defaultStoreUid": null}') -> 'defaultStore')::text, 'null', 'defaultStoreUid null is none');
SELECT is(t.update('full', '{"defaultStoreUid": ""}'), 'PT400: VALIDATION_FAILED $.defaultStoreUid', 'defaultStoreUid cannot be empty');
SELECT is(t.update('full', '{"countryCode": null}'), 'PT400: VALIDATION_FAILED $.postalCode', 'another country needs another postal code');
SELECT is(flowcustomer.customer_update('acme', 'full', '{"countryCode": null, "postalCode": "0150"}') ->> 'countryCode', 'NO', 'countryCode null is the tenant''s');
SELECT is(t.update('full', '{"customerType": null}'), 'PT400: VALIDATION_FAILED $.customerType', 'customerType cannot be cleared');
SELECT is(t.update('full', '{"customerType": ""}'), 'PT400: VALIDATION_FAILED $.customerType', 'nor be empty');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"customerGroupUids": ["club"]}') -> 'customerGroupUids')::text, '["club"]', 'customerGroupUids replaces the groups');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"city": "Oslo"}') -> 'customerGroupUids')::text, '["club"]', 'left out it leaves them');
SELECT is((flowcustomer.customer_update('acme', 'full', '{"customerGroupUids": []}') -> 'customerGroupUids')::text, '[]', 'an empty list clears them');
CALL t.run($$SELECT flowcustomer.customer_update('acme', 'full', '{"customerGroupUids": ["club", "staff"]}')$$);
SELECT is((flowcustomer.customer_update('acme', 'full', '{"customerGroupUids": null}') -> 'customerGroupUids')::text, '[]', 'so does null');
SELECT is(jsonb_array_length(flowcustomer.customer_update('acme', 'full', '{"consents": [{"consentUid": "news", "status": false, "source": "x"}]}')::jsonb -> 'consents'), 2,
	'consents are not changed by an update');
SELECT is(t.get('full') -> 'consents' -> 0 ->> 'status', 'true', 'the newest one is still the old one');
SELECT is(flowcustomer.customer_update('acme', 'full', '{"customerUid": "other", "displayName": "X", "createdAt": "2000-01-01T00:00:00Z", "relevance": 1}') ->> 'customerUid', 'full',
	'what cannot be written is ignored');
SELECT is(t.update('nobody', '{}'), 'PT404: CUSTOMER_NOT_FOUND', 'update of a customer that is not there');
SELECT is(t.update('full', '{"postalCode": "0150", "countryCode": "NO"}'), 'ok', 'a postal code is checked against the country of the same body');
SELECT is(t.update('full', '{"postalCode": "111 22"}'), 'PT400: VALIDATION_FAILED $.postalCode', 'or that of the row');
SELECT is(t.update('full', '{"countryCode": "SE", "postalCode": "111 22"}'), 'ok', 'both change together');

-- References -------------------------------------------------------------------

SELECT is(t.create(body), expected, expected) FROM (VALUES
	('{"customerType": "PERSON", "defaultStoreUid": "nowhere"}'::json, 'PT400: STORE_NOT_FOUND $.defaultStoreUid'),
	('{"customerType": "PERSON", "accountManager": {"tenantUserUid": "nobody"}}', 'PT400: TENANT_USER_NOT_FOUND $.accountManager.tenantUserUid'),
	('{"customerType": "PERSON", "customerGroupUids": ["club", "none"]}', 'PT400: GROUP_NOT_FOUND $.customerGroupUids[1]'),
	('{"customerType": "PERSON", "consents": [{"consentUid": "news", "status": true, "source": ""}, {"consentUid": "none", "status": true, "source": ""}]}', 'PT400: CONSENT_NOT_FOUND $.consents[1].consentUid'),
	('{"customerType": "COMPANY", "customerParentUid": "nobody"}', 'PT400: CUSTOMER_NOT_FOUND $.customerParentUid'),
	('{"customerType": "PERSON", "defaultStoreUid": "nowhere", "accountManager": {"tenantUserUid": "nobody"}, "customerGroupUids": ["none"]}',
	 'PT400: STORE_NOT_FOUND $.defaultStoreUid; TENANT_USER_NOT_FOUND $.accountManager.tenantUserUid; GROUP_NOT_FOUND $.customerGroupUids[0]')
) AS v(body, expected);

-- Parents ------------------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.customer_create('acme', format('{"customerUid": "%s", "customerType": "COMPANY", "customerParentUid": "%s"}', u, p)::json)
	FROM (VALUES ('hq', ''), ('dep', 'hq'), ('sub', 'dep'), ('other', '')) AS v(u, p)$$);
SELECT is(t.get('sub') ->> 'customerParentUid', 'dep', 'a department of a department');
SELECT is(t.update(uid, body), expected, format('%s %s', uid, body)) FROM (VALUES
	('hq', '{"customerParentUid": "hq"}'::json, 'PT400: PARENT_CYCLE $.customerParentUid'),
	('hq', '{"customerParentUid": "dep"}', 'PT400: PARENT_CYCLE $.customerParentUid'),
	('hq', '{"customerParentUid": "sub"}', 'PT400: PARENT_CYCLE $.customerParentUid'),
	('sub', '{"customerParentUid": "hq"}', 'ok'),
	('sub', '{"customerParentUid": "sparse"}', 'PT400: PARENT_NOT_COMPANY $.customerParentUid'),
	('sub', '{"customerParentUid": "full"}', 'PT400: PARENT_NOT_COMPANY $.customerParentUid'),
	('sub', '{"customerParentUid": "nobody"}', 'PT400: CUSTOMER_NOT_FOUND $.customerParentUid'),
	('sparse', '{"customerParentUid": "hq"}', 'PT400: PARENT_NOT_ALLOWED $.customerParentUid'),
	('full', '{"customerParentUid": "hq"}', 'PT400: PARENT_NOT_ALLOWED $.customerParentUid'),
	('sparse', '{"customerParentUid": ""}', 'ok'),
	('hq', '{"customerType": "PERSON"}', 'PT409: CUSTOMER_HAS_DEPARTMENTS $.customerType'),
	('hq', '{"customerType": "B2B"}', 'PT409: CUSTOMER_HAS_DEPARTMENTS $.customerType'),
	('hq', '{"customerType": "COMPANY", "city": "Oslo"}', 'ok'),
	('sub', '{"customerType": "PERSON"}', 'PT400: PARENT_NOT_ALLOWED $.customerType'),
	('sub', '{"customerType": "PERSON", "customerParentUid": null}', 'ok'),
	('sub', '{"customerType": "COMPANY", "customerParentUid": "dep"}', 'ok'),
	('dep', '{"customerParentUid": "other"}', 'ok'),
	('hq', '{"customerType": "PERSON"}', 'ok'),
	('hq', '{"customerType": "COMPANY", "customerParentUid": "sub"}', 'ok'),
	('other', '{"customerParentUid": "hq"}', 'PT400: PARENT_CYCLE $.customerParentUid')
) AS v(uid, body, expected);
SELECT is(t.create('{"customerType": "COMPANY", "customerUid": "self", "customerParentUid": "self"}'), 'PT400: PARENT_CYCLE $.customerParentUid', 'a new customer above itself');
SELECT is(t.create('{"customerType": "PERSON", "customerParentUid": "hq"}'), 'PT400: PARENT_NOT_ALLOWED $.customerParentUid', 'a person has no parent');

-- Delete -------------------------------------------------------------------------

CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "gone", "customerType": "COMPANY", "customerGroupUids": ["club", "staff"], "consents": [{"consentUid": "news", "status": true, "source": "x"}]}')$$);
CALL t.run($$SELECT flowcustomer.customer_create('acme', '{"customerUid": "left", "customerType": "COMPANY", "customerParentUid": "gone"}')$$);
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'gone', '{"type": "INVOICE_ADDRESS"}')$$);
CALL t.run($$SELECT flowcustomer.customer_extension_add('acme', 'gone', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_create('acme', 'gone', '{"customerContactUid": "k", "firstname": "Ola", "lastname": "Berg"}')$$);
CALL t.run($$SELECT flowcustomer.customer_contact_extension_add('acme', 'gone', 'k', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$);
CALL t.run($$SELECT flowcustomer.sales_order_put('acme', t.sales_order('o1', '{"customerUid": "gone"}'))$$);
CALL t.run($$SELECT flowcustomer.service_order_put('acme', t.service_order('s1', '{"customerUid": "gone"}'))$$);
CREATE TABLE t.total_before AS SELECT t.total() AS total;
SELECT is(t.error($$SELECT flowcustomer.customer_delete('acme', 'gone')$$), 'ok', 'a customer with everything is deleted');
SELECT is(t.total(), total - 1, 'the total is one less') FROM t.total_before;
SELECT is(t.error($$SELECT flowcustomer.customer_get('acme', 'gone')$$), 'PT404: CUSTOMER_NOT_FOUND', 'it is gone');
SELECT is(t.error($$SELECT flowcustomer.customer_delete('acme', 'gone')$$), 'PT404: CUSTOMER_NOT_FOUND', 'and cannot be deleted twice');
SELECT is(t.get('left') ->> 'customerParentUid', '', 'its department has no parent any more');
SELECT is((flowcustomer.contact_get('acme', 'k') -> 'customers')::text, '[]', 'its contact is there, without a customer');
SELECT results_eq(format('SELECT count(*) FROM flowcustomer.%I WHERE customer_uid = ''gone''', r), ARRAY[0::bigint], 'nothing is left in ' || r)
FROM unnest(ARRAY['customer_address', 'customer_extension', 'customer_consent', 'customer_contact', 'contact_extension',
				  'customer_group_member', 'sales_order', 'service_order']) AS r;
SELECT results_eq('SELECT order_uid, customer_uid FROM flowcustomer.sales_order', $$VALUES ('o1'::text COLLATE "C", NULL::text COLLATE "C")$$, 'the order stays');
SELECT results_eq('SELECT service_order_uid, customer_uid FROM flowcustomer.service_order', $$VALUES ('s1'::text COLLATE "C", NULL::text COLLATE "C")$$, 'the service order stays');
SELECT is((SELECT document ->> 'customerUid' FROM flowcustomer.sales_order), 'gone', 'its document is kept as it came');
SELECT is((flowcustomer.customer_group_customer_list('acme', 'club') -> 'paging' ->> 'totalCount'), '1', 'the group''s total counts who is left');
SELECT is(t.create('{"customerUid": "gone", "customerType": "PERSON"}'), 'ok', 'the UID can be used again');
SELECT is(t.strip(t.get('gone')), t.strip(t.get('sparse') || '{"customerUid": "gone", "displayName": "gone"}'), 'and nothing of the old one comes back');

-- A rule of the user's own -----------------------------------------------------------

ALTER TABLE flowcustomer.customer ADD CONSTRAINT no_city CHECK (city <> 'Forbidden');
SELECT is(t.create('{"customerType": "PERSON", "city": "Forbidden"}'), 'PT409: CONFLICT', 'a constraint that somebody added is a conflict');
SELECT is(t.update('full', '{"city": "Forbidden"}'), 'PT409: CONFLICT', 'also in an update');
SELECT is(t.get('full') ->> 'city', 'Oslo', 'which changes nothing');
SELECT is(t.total(), (SELECT count(*) FROM flowcustomer.customer), 'the total is that of the table');

SELECT * FROM finish();
