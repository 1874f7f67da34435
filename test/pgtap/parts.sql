-- Extensions, consents and addresses of a customer.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON", "countryCode": "NO"}, {"customerUid": "ola", "customerType": "PERSON"}]}')$$);

-- Extensions -------------------------------------------------------------------

CREATE TABLE t.added AS SELECT flowcustomer.customer_extension_add('acme', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}')::jsonb AS answer;
SELECT is(answer, t.get('kari'), 'the answer is the customer') FROM t.added;
SELECT is((t.get('kari') -> 'extensions')::text, '[{"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}]', 'the store''s organization has the extension');
CREATE TABLE t.version AS SELECT xmin::text AS version FROM flowcustomer.customer_extension;
SELECT is((flowcustomer.customer_extension_add('acme', 'kari', 'TWO_INVOICE', body)::jsonb -> 'extensions')::text, '[{"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}]', 'adding it again changes nothing')
FROM (VALUES ('{"storeUid": "oslo"}'::json), ('{"storeUid": "bergen", "name": 5}')) AS v(body);
SELECT is((SELECT xmin::text FROM flowcustomer.customer_extension), version, 'in the table either') FROM t.version;
SELECT is((flowcustomer.customer_extension_add('acme', 'kari', 'KLAVIYO_PROFILE_ID', '{"storeUid": "malmo"}')::jsonb -> 'extensions')::text,
	'[{"extensionCode": "KLAVIYO_PROFILE_ID", "organizationUid": "south"}, {"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}]', 'another one');
SELECT is(t.call('customer_extension_' || do_what, customer, code, body), expected, concat_ws(' ', do_what, customer, code, body)) FROM (VALUES
	('add', 'none', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: CUSTOMER_NOT_FOUND'), ('add', 'kari', 'OTHER', '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'),
	('add', 'kari', 'two_invoice', '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'), ('add', 'kari', '', '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'),
	('add', 'kari', NULL, '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'), ('add', 'kari', 'TWO_INVOICE', '{}', 'PT400: VALIDATION_FAILED $.storeUid'),
	('add', 'kari', 'TWO_INVOICE', '{"storeUid": null}', 'PT400: VALIDATION_FAILED $.storeUid'), ('add', 'kari', 'TWO_INVOICE', '{"storeUid": ""}', 'PT400: VALIDATION_FAILED $.storeUid'),
	('add', 'kari', 'TWO_INVOICE', '{"storeUid": 7}', 'PT400: VALIDATION_FAILED $.storeUid'), ('add', 'kari', 'TWO_INVOICE', '{"storeUid": "none"}', 'PT400: STORE_NOT_FOUND $.storeUid'),
	('add', 'kari', 'X', '{"storeUid": "none"}', 'PT400: VALIDATION_FAILED customerExtensionCode; STORE_NOT_FOUND $.storeUid'), ('add', 'kari', 'TWO_INVOICE', '[]', 'PT400: VALIDATION_FAILED $'),
	('add', 'kari', 'TWO_INVOICE', NULL, 'PT400: VALIDATION_FAILED $'), ('add', 'a b', 'TWO_INVOICE', '{}', 'PT400: VALIDATION_FAILED customerUid'),
	('remove', 'kari', 'TWO_INVOICE', '{"storeUid": "malmo"}', 'PT404: EXTENSION_NOT_FOUND'), ('remove', 'kari', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}', 'PT404: EXTENSION_NOT_FOUND'),
	('remove', 'ola', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: EXTENSION_NOT_FOUND'), ('remove', 'none', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: CUSTOMER_NOT_FOUND'),
	('remove', 'kari', 'TWO_INVOICE', '{"storeUid": "none"}', 'PT400: STORE_NOT_FOUND $.storeUid'), ('remove', 'kari', 'X', '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'),
	('remove', 'kari', 'TWO_INVOICE', '{"storeUid": "bergen"}', 'ok'), ('remove', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: EXTENSION_NOT_FOUND')) AS v(do_what, customer, code, body, expected);
SELECT is(t.call('customer_extension_add', 'kari', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo", "name": 5, "organizationUid": "not a uid", "maxSingleOrderValue": "x"}'), 'ok', 'only storeUid is a property of the body');

-- Consents ---------------------------------------------------------------------

SELECT is(t.strip(flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": true, "source": "till"}')) -> 'consents', '[{"consentUid": "news", "name": "Newsletter", "status": true, "source": "till"}]', 'given');
SELECT is(t.strip(flowcustomer.customer_consent_set('acme', 'kari', 'news', '{"status": false, "source": ""}')) -> 'consents', '[{"consentUid": "news", "name": "Newsletter", "status": false, "source": ""}]', 'withdrawn');
SELECT is(t.strip(flowcustomer.customer_consent_set('acme', 'kari', 'sms', '{"status": true, "source": "web", "consentUid": "news"}')) -> 'consents',
	'[{"consentUid": "news", "name": "Newsletter", "status": false, "source": ""}, {"consentUid": "sms", "name": "Text messages", "status": true, "source": "web"}]', 'the argument says which');
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'kari', 'sms', '{"status": true, "source": "web"}')$$);
SELECT results_eq($$SELECT consent_uid COLLATE "default", status, source FROM flowcustomer.customer_consent WHERE customer_uid = 'kari' ORDER BY created_at, entry_uid$$,
	$$VALUES ('news', true, 'till'), ('news', false, NULL), ('sms', true, 'web'), ('sms', true, 'web')$$, 'every change is kept, in order');
SELECT is(t.call('customer_consent_set', customer, consent, body), expected, concat_ws(' ', customer, consent, body)) FROM (VALUES
	('none', 'news', '{"status": true, "source": "x"}', 'PT404: CUSTOMER_NOT_FOUND'), ('kari', 'none', '{"status": true, "source": "x"}', 'PT404: CONSENT_NOT_FOUND'), ('kari', 'a b', '{}', 'PT400: VALIDATION_FAILED consentUid'),
	('kari', 'news', '{}', 'PT400: VALIDATION_FAILED $.status; VALIDATION_FAILED $.source'), ('kari', 'news', '{"status": "yes", "source": 5}', 'PT400: VALIDATION_FAILED $.status; VALIDATION_FAILED $.source'),
	('kari', 'news', '{"status": null, "source": "x"}', 'PT400: VALIDATION_FAILED $.status'), ('kari', 'news', '5', 'PT400: VALIDATION_FAILED $'),
	('kari', 'news', '{"status": true, "source": "x", "consentUid": "not a uid"}', 'ok')) AS v(customer, consent, body, expected);
SELECT is(t.call('customer_consent_set', 'ola', 'news', json_build_object('status', true, 'source', repeat('é', 256))::text), 'PT400: VALIDATION_FAILED $.source', 'a source has up to 255 characters');
SELECT cmp_ok(t.get('kari') ->> 'lastModifiedAt', '>=', t.get('kari') ->> 'createdAt', 'lastModifiedAt is there');
-- Two entries of the same millisecond: the later call counts.
BEGIN;
CALL t.run($$SELECT flowcustomer.customer_consent_set('acme', 'ola', 'news', json_build_object('status', i % 2 = 0, 'source', i::text)) FROM generate_series(1, 40) AS i$$);
SELECT is(t.get('ola') -> 'consents' -> 0 ->> 'source', '40', 'of forty changes in a row the last is the newest');
SELECT is((SELECT count(*) FROM flowcustomer.customer_consent WHERE customer_uid = 'ola'), 40::bigint, 'and all are there');
COMMIT;

-- Addresses ----------------------------------------------------------------------

SELECT is(t.strip(flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS"}')) -> 'addresses', '[{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS",
	"displayName": "home", "firstname": "", "lastname": "", "companyName": "", "address": "", "postalCode": "", "city": "", "countryCode": "NO", "email": "", "phone": ""}]', 'an address of which only the type is known');
SELECT is(t.strip(flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "home", "firstname": "Kari", "lastname": "Berg", "companyName": "Blåbær", "address": "Vei 1", "postalCode": "s-11122",
	"city": "Malmö", "countryCode": "se", "email": "A@B.no", "phone": "0046 70-123"}')) -> 'addresses', '[{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS", "displayName": "Blåbær", "firstname": "Kari", "lastname": "Berg",
	"companyName": "Blåbær", "address": "Vei 1", "postalCode": "111 22", "city": "Malmö", "countryCode": "SE", "email": "A@b.no", "phone": "+4670123"}]', 'changed by its UID, and normalised');
SELECT is(flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "home", "companyName": null}') -> 'addresses' -> 0 ->> 'displayName', 'Kari Berg', 'displayName is the person''s without a company');
SELECT matches(flowcustomer.customer_address_put('acme', 'ola', '{"type": "INVOICE_ADDRESS"}') -> 'addresses' -> 0 ->> 'customerAddressUid', '^[0-9a-f]{8}-[0-9a-f]{4}-7', 'without a UID one is made');
SELECT is(json_array_length(flowcustomer.customer_address_put('acme', 'ola', '{"type": "INVOICE_ADDRESS"}') -> 'addresses'), 2, 'and another one is added');
SELECT is(t.call('customer_address_put', customer, body), expected, concat_ws(' ', customer, body)) FROM (VALUES
	('none', '{"type": "INVOICE_ADDRESS"}', 'PT404: CUSTOMER_NOT_FOUND'), ('kari', '{}', 'PT400: VALIDATION_FAILED $.type'), ('kari', '{"type": "HOME"}', 'PT400: VALIDATION_FAILED $.type'), ('kari', '{"type": null}', 'PT400: VALIDATION_FAILED $.type'),
	('kari', '{"customerAddressUid": "home", "type": null}', 'PT400: VALIDATION_FAILED $.type'), ('kari', '{"customerAddressUid": "a b", "type": "INVOICE_ADDRESS"}', 'PT400: VALIDATION_FAILED $.customerAddressUid'),
	('kari', '{"customerAddressUid": "home", "postalCode": "0150"}', 'PT400: VALIDATION_FAILED $.postalCode'), ('kari', '{"customerAddressUid": "home", "email": "x", "phone": "y", "city": 5}', 'PT400: VALIDATION_FAILED $.email; VALIDATION_FAILED $.phone; VALIDATION_FAILED $.city'),
	('kari', '[]', 'PT400: VALIDATION_FAILED $'), ('kari', '{"customerAddressUid": "home", "displayName": 5, "customerUid": "not a uid"}', 'ok')) AS v(customer, body, expected);
SELECT is(flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "home", "countryCode": "NO", "postalCode": "0150"}') -> 'addresses' -> 0 ->> 'postalCode', '0150', 'the country and its postal code change together');
CREATE TABLE t.address AS SELECT xmin::text AS version, last_modified_at FROM flowcustomer.customer_address WHERE customer_uid = 'kari';
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'kari', '{"customerAddressUid": "home", "city": "Malmö", "postalCode": "N-0150"}')$$);
SELECT results_eq('SELECT xmin::text AS version, last_modified_at FROM flowcustomer.customer_address WHERE customer_uid = ''kari''', 'SELECT * FROM t.address', 'a put that changes nothing writes nothing');
CALL t.run($$SELECT flowcustomer.customer_address_put('acme', 'ola', '{"customerAddressUid": "home", "type": "INVOICE_ADDRESS"}')$$);
SELECT is(t.call('customer_address_remove', customer, address), expected, concat_ws(' ', 'remove', customer, address)) FROM (VALUES ('none', 'home', 'PT404: CUSTOMER_NOT_FOUND'), ('kari', 'other', 'PT404: ADDRESS_NOT_FOUND'),
	('kari', 'a b', 'PT400: VALIDATION_FAILED customerAddressUid'), ('kari', NULL, 'PT400: VALIDATION_FAILED customerAddressUid'), ('kari', 'home', 'ok'), ('kari', 'home', 'PT404: ADDRESS_NOT_FOUND')) AS v(customer, address, expected);
SELECT is((t.get('kari') -> 'addresses')::text || jsonb_array_length(t.get('ola') -> 'addresses'), '[]3', 'the other customer''s address of the same UID stays');

SELECT * FROM finish();
