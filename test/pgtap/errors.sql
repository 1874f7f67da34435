-- Errors: every code that can be reached, with SQLSTATE, DETAIL, HINT and the
-- four languages.
\ir include/helpers.psql
\ir include/orders.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "kari", "customerType": "PERSON"}, {"customerUid": "hq", "customerType": "COMPANY"}, {"customerUid": "dep", "customerType": "COMPANY", "customerParentUid": "hq"},
	{"customerUid": "x1", "customerType": "PERSON", "externalId": "X"}, {"customerUid": "x2", "customerType": "PERSON", "externalId": "X"}]}')$$);

-- Whole errors, as psql would show them.
SELECT is(t.full_error('SELECT flowcustomer.' || call), replace(expected, '|', E'\n'), expected) FROM (VALUES
	($$customer_get('acme', 'nobody')$$, 'PT404 This customer does not exist|code: CUSTOMER_NOT_FOUND|Give the UID of one that exists.'),
	($$customer_get('nowhere', 'kari')$$, 'PT404 This tenant does not exist|code: TENANT_NOT_FOUND|Give the UID of one that exists.'),
	($$customer_get('acme', 'a b')$$, 'PT400 customerUid is not a UID|code: VALIDATION_FAILED, path: customerUid|A UID is 1 to 255 characters of A-Z, a-z, 0-9, - and _.'),
	($$customer_create('acme', '{}')$$, 'PT400 customerType is required|code: VALIDATION_FAILED, path: $.customerType|Give a value.'),
	($$customer_create('acme', '5')$$, 'PT400 body must be an object|code: VALIDATION_FAILED, path: $|Give a JSON object.'),
	($$customer_create('acme', NULL)$$, 'PT400 body is required|code: VALIDATION_FAILED, path: $|Give a value.'),
	($$customer_create('acme', '{"customerType": "X"}')$$, 'PT400 customerType is not one of the accepted values|code: VALIDATION_FAILED, path: $.customerType|Accepted are: PERSON, COMPANY, B2B.'),
	($$customer_create('acme', '{"customerType": "PERSON", "customerUid": "kari"}')$$, 'PT409 The UID is that of a customer that exists|code: CUSTOMER_ALREADY_EXISTS|Give another UID, or update the one that exists.'),
	($$customer_create('acme', '{"customerType": "PERSON", "city": 5, "credit": {"limit": "x"}}')$$,
	 'PT400 2 things are wrong|code: VALIDATION_FAILED, path: $.city, city must be a text|code: VALIDATION_FAILED, path: $.credit.limit, credit.limit must be a whole number|Give a JSON string.'),
	($$customer_create('acme', '{"customerType": "PERSON", "defaultStoreUid": "none"}')$$, 'PT400 This store does not exist|code: STORE_NOT_FOUND, path: $.defaultStoreUid|Give the UID of one that exists.'),
	($$customer_update('acme', 'kari', '{"paymentTerms": -1}')$$, 'PT400 paymentTerms must be from 0 to 2147483647|code: VALIDATION_FAILED, path: $.paymentTerms|Accepted are whole numbers from 0 to 2147483647.'),
	($$customer_update('acme', 'kari', '{"credit": {"limit": 9007199254740992}}')$$, 'PT400 credit.limit must be from 0 to 9007199254740991|code: VALIDATION_FAILED, path: $.credit.limit|Accepted are whole numbers from 0 to 9007199254740991.'),
	($$customer_update('acme', 'kari', '{"ehfEnabled": "yes"}')$$, 'PT400 ehfEnabled must be true or false|code: VALIDATION_FAILED, path: $.ehfEnabled|Give true or false, without quotes.'),
	($$customer_update('acme', 'kari', '{"ehf": 5}')$$, 'PT400 ehf must be an object|code: VALIDATION_FAILED, path: $.ehf|Give a JSON object.'),
	($$customer_update('acme', 'kari', '{"customerGroupUids": 5}')$$, 'PT400 customerGroupUids must be a list|code: VALIDATION_FAILED, path: $.customerGroupUids|Give a JSON array.'),
	($$customer_update('acme', 'kari', ('{"city": "' || repeat('x', 256) || '"}')::json)$$, 'PT400 city must have at most 255 characters|code: VALIDATION_FAILED, path: $.city|Accepted are up to 255 characters.'),
	($$customer_update('acme', 'kari', '{"email": "x"}')$$, 'PT400 email is not an e-mail address|code: VALIDATION_FAILED, path: $.email|Give one address, for example name@example.com.'),
	($$customer_update('acme', 'kari', '{"mobile": "x"}')$$, 'PT400 mobile is not a telephone number|code: VALIDATION_FAILED, path: $.mobile|Give 3 to 20 digits, a leading + is allowed, for example +4791234567.'),
	($$customer_update('acme', 'kari', '{"countryCode": "x"}')$$, 'PT400 countryCode is not a country code|code: VALIDATION_FAILED, path: $.countryCode|Give two letters of ISO 3166-1, for example NO.'),
	($$customer_update('acme', 'kari', '{"postalCode": "x"}')$$, 'PT400 postalCode is not a postal code of its country|code: VALIDATION_FAILED, path: $.postalCode|Give the form of the customer''s country, for example 0150 for NO or 111 22 for SE.'),
	($$customer_update('acme', 'kari', '{"vatNumber": "x"}')$$, 'PT400 vatNumber is not a VAT number|code: VALIDATION_FAILED, path: $.vatNumber|Give 4 to 20 letters and digits, for example NO987654321MVA.'),
	($$customer_update('acme', 'kari', '{"ledgerNumber": "x"}')$$, 'PT400 ledgerNumber must be digits|code: VALIDATION_FAILED, path: $.ledgerNumber|Give up to 50 digits; leading zeros are kept.'),
	($$sales_order_put('acme', t.sales_order('o', '{"createdAt": "x"}'))$$, 'PT400 createdAt is not a time|code: VALIDATION_FAILED, path: $.createdAt|Give a time of RFC 3339, for example 2025-07-30T18:12:05Z.'),
	($$customer_update('acme', 'kari', '{"city": "\u0000"}')$$, 'PT400 city must not contain the character U+0000|code: VALIDATION_FAILED, path: $.city|Take \u0000 out of the text.'),
	($$customer_update('acme', 'kari', '{"city": "\ud83d"}')$$, 'PT400 city is not valid Unicode text|code: VALIDATION_FAILED, path: $.city|Give UTF-8, or \u escapes with whole surrogate pairs.'),
	($$customer_update('acme', 'kari', '{"customerParentUid": "hq"}')$$, 'PT400 Only a COMPANY can have a parent|code: PARENT_NOT_ALLOWED, path: $.customerParentUid|Leave customerParentUid out, or make the customer a COMPANY.'),
	($$customer_update('acme', 'dep', '{"customerParentUid": "kari"}')$$, 'PT400 The parent is not a COMPANY|code: PARENT_NOT_COMPANY, path: $.customerParentUid|Give the UID of a customer of type COMPANY.'),
	($$customer_update('acme', 'hq', '{"customerParentUid": "dep"}')$$, 'PT400 A customer cannot be above itself|code: PARENT_CYCLE, path: $.customerParentUid|Give a parent that is neither the customer itself nor one of its departments.'),
	($$customer_update('acme', 'hq', '{"customerType": "B2B"}')$$, 'PT409 A customer with departments has to be a COMPANY|code: CUSTOMER_HAS_DEPARTMENTS, path: $.customerType|Keep customerType COMPANY, or move the departments first.'),
	($$store_remove('acme', 'none')$$, 'PT404 This store does not exist|code: STORE_NOT_FOUND|Give the UID of one that exists.'),
	($$organization_remove('acme', 'nordic')$$, 'PT409 Other data names this organization|code: ORGANIZATION_IN_USE|Change or remove what names it first.'),
	($$tenant_remove('acme')$$, 'PT409 The tenant still has data|code: TENANT_NOT_EMPTY|Delete its customers, contacts, groups and orders first.'),
	($$customer_list('acme', page_size => 1001)$$, 'PT400 pageSize must be from 1 to 1000|code: VALIDATION_FAILED, path: pageSize|Accepted are whole numbers from 1 to 1000.'),
	($$customer_list('acme', sort_direction => 'up')$$, 'PT400 sortDirection is not one of the accepted values|code: VALIDATION_FAILED, path: sortDirection|Accepted are: ASC, DESC.')) AS v(call, expected);
-- Print jobs and cards.
SELECT is(t.full_error('SELECT flowcustomer.' || call), replace(expected, '|', E'\n'), expected) FROM (VALUES
	($$customer_print('acme', 'kari')$$, 'PT409 There is no printer to print on|code: NO_PRINTER|Name one as printerUid, or set defaultPrinterUid of the tenant or of your store.'),
	($$customer_print('acme', 'kari', '{"printerUid": "none"}')$$, 'PT404 This printer does not exist|code: PRINTER_NOT_FOUND|Give the UID of one that exists.'),
	($$print_job_claim('acme', 'none')$$, 'PT404 This printer does not exist|code: PRINTER_NOT_FOUND|Give the UID of one that exists.'),
	($$print_job_done('acme', 'none')$$, 'PT404 This print job does not exist|code: PRINT_JOB_NOT_FOUND|Give the UID of one that exists.'),
	($$print_job_fail('acme', 'none', '{"error": "x"}')$$, 'PT404 This print job does not exist|code: PRINT_JOB_NOT_FOUND|Give the UID of one that exists.')) AS v(call, expected);
CALL t.run($$SELECT flowcustomer.printer_put('acme', '{"printerUid": "labels", "name": "Labels", "kind": "LABEL"}'), flowcustomer.customer_create('acme', json_build_object('customerUid', repeat('u', 37), 'customerType', 'PERSON'))$$);
SELECT is(t.full_error(format('SELECT flowcustomer.%s', call)), E'PT409 No barcode can be made of the customer''s loyaltyId or UID\ncode: CARD_NOT_POSSIBLE\nGive the customer a loyaltyId of up to 36 letters, digits, - and _.', split_part(call, '(', 1) || ' of a UID that is too long')
FROM unnest(ARRAY[format('customer_print(''acme'', %L, ''{"printerUid": "labels"}'')', repeat('u', 37)), format('customer_card_svg(''acme'', %L)', repeat('u', 37)), format('customer_card_html(''acme'', %L)', repeat('u', 37))]) AS call;
SELECT is_empty('SELECT print_job_uid FROM flowcustomer.print_job', 'no job comes of these');
CALL t.run($$SELECT flowcustomer.customer_print('acme', 'kari', '{"printerUid": "labels"}')$$);
SELECT is(t.full_error(format('SELECT flowcustomer.%s(''acme'', %L, claim_uid => ''another'')', name, print_job_uid)), E'PT409 This claim of the print job does not hold any more\ncode: PRINT_JOB_NOT_CLAIMED\nClaim it with print_job_claim.', name || ' of a job that somebody else has')
FROM flowcustomer.print_job, unnest(ARRAY['print_job_done', 'print_job_fail']) AS name;

-- An erasure that waits.
CALL t.run($$SELECT flowcustomer.customer_hold_put('acme', 'kari', '{"holdUid": "h", "reason": "x"}'), flowcustomer.customer_erase('acme', 'kari', '{"whenPossible": true}'), flowcustomer.customer_hold_remove('acme', 'kari', 'h')$$);
SELECT is(t.full_error($$SELECT flowcustomer.customer_delete('acme', 'kari')$$), E'PT409 An erasure of the customer is waiting, which could not be done any more\ncode: ERASURE_QUEUED\nLet erase_due do it, or take it back with erasure_cancel.', 'a customer whose erasure waits is not deleted');
CALL t.run($$SELECT flowcustomer.erasure_cancel('acme', erasure_uid) FROM flowcustomer.erasure WHERE state = 'QUEUED'$$);

-- Erasures in a transaction that does not see what others write.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT is(t.full_error($$SELECT flowcustomer.customer_erase('acme', 'kari')$$), E'PT409 At this isolation level the transaction does not see what others have written meanwhile\ncode: ISOLATION_LEVEL\nDo it in a transaction that is READ COMMITTED.', 'an erasure has to see everything');
COMMIT;

-- A tenant that records who reads.
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"accessLog": true}')$$);
BEGIN READ ONLY;
SELECT is(t.full_error('SELECT flowcustomer.' || call), E'PT409 The tenant records who reads its customers, and this transaction can''t write\ncode: ACCESS_NOT_RECORDED\nRead in a transaction that may write, on the primary server.', call)
FROM unnest(ARRAY[$$customer_get('acme', 'kari')$$, $$customer_export('acme', 'kari')$$, $$customer_export_xml('acme', 'kari')$$, $$customer_export_full('acme', 'kari')$$, $$customer_card_svg('acme', 'kari')$$, $$customer_card_html('acme', 'kari')$$,
	$$customer_consent_history('acme', 'kari')$$, $$customer_consents_as_of('acme', 'kari', now())$$, $$store_customer_get('acme', 'oslo', 'kari')$$, $$customer_contact_list('acme', 'kari')$$, $$customer_merge_list('acme', 'kari')$$]) AS call;
SELECT is(t.error($$SELECT flowcustomer.customer_list('acme')$$), 'ok', 'lists are not recorded');
COMMIT;
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"accessLog": false}')$$);
ALTER TABLE flowcustomer.customer ADD CONSTRAINT no_city CHECK (city <> 'Forbidden');
SELECT is(t.full_error($$SELECT flowcustomer.customer_update('acme', 'kari', '{"city": "Forbidden"}')$$), E'PT409 A rule of the database forbids this change\ncode: CONFLICT\nRead what is there now and try again.', 'a constraint that somebody added');
SET flowcustomer.max_batch_items = 1;
SELECT is(t.full_error($$SELECT flowcustomer.customer_batch('acme', '{"delete": [{}, {}]}')$$), E'PT413 The batch has too many items; nothing was done\ncode: TOO_MANY_ITEMS\nAccepted are up to 1 items in one call.', 'too many items');
RESET flowcustomer.max_batch_items;
SET flowcustomer.max_body_size = 1;
SELECT is(t.full_error(format('SELECT flowcustomer.customer_create(''acme'', %L)', rpad('{}', 3000))), E'PT413 The body is too large\ncode: BODY_TOO_LARGE\nAccepted are up to 1024 bytes.', 'too large');
RESET flowcustomer.max_body_size;
SELECT is(t.batch('{"upsert": [{"externalId": "X"}]}') -> 'upsert' -> 'errors' -> 0, '{"customerUid": "", "index": 0, "errorCode": "EXTERNAL_ID_AMBIGUOUS", "message": "More than one customer has this externalId", "path": "$.upsert[0].externalId"}', 'an ambiguous externalId');

-- The codes and statuses of HTTP.
SELECT is(t.answer(method, target, body, headers), expected, expected) FROM (VALUES ('GET', '/nothing', NULL, NULL::json, '404 ROUTE_NOT_FOUND'), ('PATCH', '/v2/tenants/acme/customers', NULL, NULL, '405 METHOD_NOT_ALLOWED'), ('GET', '%', NULL, NULL, '400 BAD_TARGET'),
	('POST', '/v2/tenants/acme/customers', '{', NULL, '400 MALFORMED_JSON'), ('POST', '/v2/tenants/acme/customers', '{}', '{"content-type": "text/html"}', '415 UNSUPPORTED_MEDIA_TYPE'),
	('DELETE', '/v2/tenants/acme/customer-groups/none', NULL, NULL, '404 GROUP_NOT_FOUND'), ('GET', '/v2/tenants/acme/customer-contacts/none', NULL, NULL, '404 CONTACT_NOT_FOUND'),
	('DELETE', '/v2/tenants/acme/customers/kari/extensions/TWO_INVOICE', '{"storeUid": "oslo"}', NULL, '404 EXTENSION_NOT_FOUND'), ('POST', '/v2/tenants/acme/customer-groups', '{"customerGroupUid": "club", "name": "x"}', NULL, '409 GROUP_ALREADY_EXISTS'),
	('PUT', '/v2/tenants/acme/customers/kari', '{"city": "Forbidden"}', NULL, '409 CONFLICT'), ('PUT', '/v2/tenants/acme/customers/hq', '{"customerType": "PERSON"}', NULL, '409 CUSTOMER_HAS_DEPARTMENTS')) AS v(method, target, body, headers, expected);
SELECT is(b -> 'message', to_jsonb('The body is not JSON'::text), 'malformed JSON') FROM t.body('POST', '/v2/tenants/acme/customers', '{') AS b;
BEGIN READ ONLY;
SELECT is(t.answer('GET', '/v2/tenants/acme/customers/kari'), '200', 'a read-only transaction reads');
SELECT isnt(left(t.answer('PUT', '/v2/tenants/acme/customers/kari', '{"city": "Oslo"}'), 3), '500', 'and what it cannot write is no failure of ours');
COMMIT;
-- Of several problems the one that says most decides the status.
SELECT is(t.error($$SELECT flowcustomer.customer_update('acme', 'hq', '{"customerType": "PERSON", "defaultStoreUid": "none"}')$$), 'PT409: CUSTOMER_HAS_DEPARTMENTS $.customerType; STORE_NOT_FOUND $.defaultStoreUid', 'a conflict decides the status');

-- The list of codes, which clients decide by: it only ever grows.
SELECT bag_eq('SELECT DISTINCT code, status FROM flowcustomer.errors()', $$
	SELECT 'VALIDATION_FAILED' AS code, 400 AS status UNION ALL SELECT 'MALFORMED_JSON', 400 UNION ALL SELECT 'BODY_TOO_LARGE', 413 UNION ALL SELECT 'TOO_MANY_ITEMS', 413
	UNION ALL SELECT k || '_NOT_FOUND', 404 FROM unnest(ARRAY['TENANT', 'ORGANIZATION', 'STORE', 'TENANT_USER', 'CONSENT', 'PRINTER', 'CUSTOMER', 'ADDRESS', 'EXTENSION', 'CONTACT', 'GROUP', 'SALES_ORDER', 'SERVICE_ORDER', 'EXTERNAL_CUSTOMER']) AS k
	UNION ALL SELECT k || '_ALREADY_EXISTS', 409 FROM unnest(ARRAY['CUSTOMER', 'CONTACT', 'GROUP']) AS k UNION ALL SELECT k || '_IN_USE', 409 FROM unnest(ARRAY['ORGANIZATION', 'STORE', 'TENANT_USER', 'CONSENT']) AS k
	UNION ALL SELECT 'PARENT_NOT_ALLOWED', 400 UNION ALL SELECT 'PARENT_NOT_COMPANY', 400 UNION ALL SELECT 'PARENT_CYCLE', 400 UNION ALL SELECT 'CUSTOMER_HAS_DEPARTMENTS', 409 UNION ALL SELECT 'EXTERNAL_ID_AMBIGUOUS', 409
	UNION ALL SELECT 'TENANT_NOT_EMPTY', 409 UNION ALL SELECT 'CONFLICT', 409 UNION ALL SELECT 'FORBIDDEN', 403 UNION ALL SELECT 'PERMISSION_REQUIRED', 403 UNION ALL SELECT 'UNAUTHENTICATED', 401 UNION ALL SELECT 'ROLE_NOT_FOUND', 404 UNION ALL SELECT 'ROLE_IS_SUPERUSER', 409 UNION ALL SELECT 'GRANT_NOT_FOUND', 404 UNION ALL SELECT 'FEED_REPLICATED', 409 UNION ALL SELECT 'ROUTE_NOT_FOUND', 404 UNION ALL SELECT 'METHOD_NOT_ALLOWED', 405 UNION ALL SELECT 'UNSUPPORTED_MEDIA_TYPE', 415
	UNION ALL SELECT 'EXTERNAL_SOURCE_NOT_FOUND', 404 UNION ALL SELECT 'EXTERNAL_SOURCE_FAILED', 502 UNION ALL SELECT 'CUSTOMER_MERGED', 404 UNION ALL SELECT 'CUSTOMER_ALREADY_MERGED', 409 UNION ALL SELECT 'MERGE_SELF', 400 UNION ALL SELECT 'MERGE_TYPES_DIFFER', 409
	UNION ALL SELECT 'MERGE_INTO_DEPARTMENT', 409 UNION ALL SELECT 'MERGE_BLOCKED', 409 UNION ALL SELECT 'REFERENCE_NOT_FOUND', 404 UNION ALL SELECT 'MERGE_NOT_FOUND', 404 UNION ALL SELECT 'MERGE_ALREADY_UNDONE', 409 UNION ALL SELECT 'MERGE_NOT_LAST', 409
	UNION ALL SELECT 'NO_PRINTER', 409 UNION ALL SELECT 'CARD_NOT_POSSIBLE', 409 UNION ALL SELECT 'BARCODES_NOT_AVAILABLE', 501 UNION ALL SELECT 'PRINT_JOB_NOT_FOUND', 404 UNION ALL SELECT 'PRINT_JOB_NOT_CLAIMED', 409 UNION ALL SELECT 'ACCESS_NOT_RECORDED', 409
	UNION ALL SELECT 'DUPLICATE_SELF', 400 UNION ALL SELECT 'DUPLICATE_DISMISSED', 409 UNION ALL SELECT 'DUPLICATES_NOT_REFRESHED', 409 UNION ALL SELECT 'DISMISSAL_NOT_FOUND', 404
	UNION ALL SELECT 'CUSTOMER_ERASED', 409 UNION ALL SELECT 'CUSTOMER_HELD', 409 UNION ALL SELECT 'ERASURE_HELD', 409 UNION ALL SELECT 'ERASE_BLOCKED', 409 UNION ALL SELECT 'ERASURE_NOT_FOUND', 404 UNION ALL SELECT 'ERASURE_NOT_QUEUED', 409 UNION ALL SELECT 'ERASURE_QUEUED', 409 UNION ALL SELECT 'ISOLATION_LEVEL', 409
	UNION ALL SELECT 'HOLD_NOT_FOUND', 404 UNION ALL SELECT 'HOLD_ALREADY_EXISTS', 409
	UNION ALL SELECT 'BAD_TARGET', 400 UNION ALL SELECT 'TRY_AGAIN', 503 UNION ALL SELECT 'READ_ONLY', 503 UNION ALL SELECT 'INTERNAL_ERROR', 500$$, 'errors() has every code with its status');
SELECT is_empty($$SELECT code FROM flowcustomer.errors() WHERE '' IN (code, hint, english, norwegian, swedish, danish) OR num_nulls(code, status, hint, english, norwegian, swedish, danish) > 0$$, 'with a hint and a message in four languages');
SELECT is_empty($$SELECT code, m FROM flowcustomer.errors() AS e, unnest(ARRAY[norwegian, swedish, danish]) AS m WHERE ARRAY(SELECT x[1] FROM regexp_matches(english, '\{[a-z]+\}', 'g') AS x ORDER BY 1) <> ARRAY(SELECT x[1] FROM regexp_matches(m, '\{[a-z]+\}', 'g') AS x ORDER BY 1)$$,
	'all translations say the same places');

-- Languages.
SELECT set_config('flowcustomer.language', language, false) || E'\n' || is(t.full_error($$SELECT flowcustomer.customer_update('acme', 'kari', '{"email": "x", "city": 5}')$$), expected, language) FROM (VALUES
	('en', E'PT400 2 things are wrong\ncode: VALIDATION_FAILED, path: $.email, email is not an e-mail address\ncode: VALIDATION_FAILED, path: $.city, city must be a text\nGive one address, for example name@example.com.'),
	('nb', E'PT400 2 ting er feil\ncode: VALIDATION_FAILED, path: $.email, email er ikke en e-postadresse\ncode: VALIDATION_FAILED, path: $.city, city må være en tekst\nGive one address, for example name@example.com.'),
	('sv', E'PT400 2 saker är fel\ncode: VALIDATION_FAILED, path: $.email, email är inte en e-postadress\ncode: VALIDATION_FAILED, path: $.city, city måste vara en text\nGive one address, for example name@example.com.'),
	('da', E'PT400 2 ting er forkerte\ncode: VALIDATION_FAILED, path: $.email, email er ikke en e-mailadresse\ncode: VALIDATION_FAILED, path: $.city, city skal være en tekst\nGive one address, for example name@example.com.')) AS v(language, expected);
SELECT throws_ok($$SET flowcustomer.language = 'fr'$$, '22023', NULL, 'a language that we don''t have cannot be set');
SELECT lives_ok(format('SET flowcustomer.language = %L', tag), tag) FROM unnest(ARRAY['en-US', 'nb_NO', 'no', 'nn', 'SV', 'da-DK', '']) AS tag;
CALL t.run($$SELECT flowcustomer.tenant_put('acme', '{"locale": "da"}')$$);
SELECT is(split_part(t.full_error($$SELECT flowcustomer.customer_get('acme', 'nobody')$$), E'\n', 1), 'PT404 Kan ikke finde kunden', 'without a setting the tenant''s language');
SELECT is(split_part(t.full_error($$SELECT flowcustomer.customer_get('nowhere', 'nobody')$$), E'\n', 1), 'PT404 This tenant does not exist', 'without a tenant English');
SET flowcustomer.language = 'sv';
SELECT is(split_part(t.full_error($$SELECT flowcustomer.customer_get('acme', 'nobody')$$), E'\n', 1), 'PT404 Hittar inte kunden', 'with one the caller''s');
RESET flowcustomer.language;

-- Nobody but the owner may call, until somebody is let in.
CREATE ROLE t_errors_nobody;
GRANT USAGE ON SCHEMA t, flowcustomer, public TO t_errors_nobody;
SET ROLE t_errors_nobody;
SELECT is(left(t.error($$SELECT flowcustomer.customer_get('acme', 'kari')$$), 5), '42501', 'PUBLIC may not execute the functions');
RESET ROLE;
GRANT EXECUTE ON FUNCTION flowcustomer.customer_get(text, text), flowcustomer.http(text, text, text, json), flowcustomer.customer_delete(text, text) TO t_errors_nobody;
SET ROLE t_errors_nobody;
SELECT is(t.full_error($$SELECT flowcustomer.customer_get('acme', 'kari')$$), E'PT403 You may not do this\ncode: FORBIDDEN\nAsk an administrator for access.', 'who may execute one still needs access');
SELECT is(t.error($$SELECT flowcustomer.customer_delete('acme', 'kari')$$), 'PT403: FORBIDDEN', 'to write too');
SELECT is(t.answer('GET', '/v2/tenants/acme/customers/kari'), '403 FORBIDDEN', 'over HTTP too');
SELECT is(left(t.error('SELECT 1 FROM flowcustomer.customer'), 5), '42501', 'the tables are not for everybody');
RESET ROLE;
DROP OWNED BY t_errors_nobody;
DROP ROLE t_errors_nobody;

SELECT * FROM finish();
