/*
 * Customers, their extensions, consents and addresses, and what describes them all.
 */
CREATE FUNCTION flowcustomer.customer_list(
	tenant_uid text, customer_external_id text DEFAULT NULL,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_list(text, text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_list(text, text, integer, integer, text, text) IS
'Lists customers, a page at a time.
tenant_uid text: the tenant''s UID.
customer_external_id text: only customers with this externalId; NULL for all.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the uid. sort_direction text: ASC (default) or DESC. Every sort ends with the uid, so pages never overlap.
Returns {items, paging}: whole customers, and paging.totalCount, which is exact.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.customer_list(''demo'', page_size => 10, sort_by => ''lastname'');';

CREATE FUNCTION flowcustomer.customer_create(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_create(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_create(text, json) IS
'Creates a customer.
tenant_uid text: the tenant''s UID.
body json: the customer, with the fields of CustomerCreateSchema: customerType (PERSON, COMPANY or B2B, required), firstname, lastname, companyName, email, mobile, address, postalCode, city, countryCode, vatNumber, externalId, loyaltyId, ledgerNumber, pricelistUid, origin, internalNote, paymentTerms (days), credit.limit (minor units, 0 for none), accountManager.tenantUserUid, ehf, customerGroupUids, defaultStoreUid, customerParentUid, consents; customerUid is made when it is left out.
Returns the customer as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT409 CUSTOMER_ALREADY_EXISTS; PT400 with the code and path of anything that the body names and that does not exist; PT400 PARENT_NOT_ALLOWED, PARENT_NOT_COMPANY, PARENT_CYCLE.
Example: SELECT flowcustomer.customer_create(''demo'', ''{"customerType": "PERSON", "firstname": "Kari"}'');';

CREATE FUNCTION flowcustomer.customer_get(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_get'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_get(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_get(text, text) IS
'Reads a customer with its addresses, contacts, extensions, consents and groups.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
Returns the customer, with every field of CustomerResponseSchema.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.customer_get(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.customer_update(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_update(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_update(text, text, json) IS
'Changes the fields of a customer that the body gives.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
body json: any fields of CustomerUpdateSchema; null clears an optional one, one that is left out stays. customerGroupUids replaces the groups. Consents are changed with customer_consent_set.
Returns the customer as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; the same as customer_create for what the body names; PT409 CUSTOMER_HAS_DEPARTMENTS.
Example: SELECT flowcustomer.customer_update(''demo'', ''kari-1'', ''{"city": "Bergen"}'');';

CREATE FUNCTION flowcustomer.customer_delete(tenant_uid text, customer_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_delete'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_delete(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_delete(text, text) IS
'Deletes a customer and what hangs on it.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
Links to contacts, addresses, consents, extensions and memberships go; departments lose their parent; orders stay as they are and no longer name the customer: to take what is personal out of them too, call customer_erase instead, or before.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 CUSTOMER_HELD when customer_hold_put keeps it; PT409 ERASURE_QUEUED when an erasure of it waits.
Example: SELECT flowcustomer.customer_delete(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.customer_batch(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_batch(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_batch(text, json) IS
'Creates, updates, upserts and deletes many customers; one bad item never undoes a good one.
tenant_uid text: the tenant''s UID.
body json: {create, update, upsert, delete}, each a list; the sections run in this order and the items in theirs, each as if it were alone. Update and upsert items may be partial. An upsert finds its customer by customerUid, else by externalId when exactly one has it. Consents that differ from the newest ones are recorded.
Returns for each section {success, errors}; an error has customerUid, index (position in the section, from 0), errorCode, message, path where there is one, and errors with all problems when there are several.
Errors: PT404 TENANT_NOT_FOUND; PT413 TOO_MANY_ITEMS over flowcustomer.max_batch_items, nothing is done; PT400 VALIDATION_FAILED when a section is not a list; item codes as those of customer_create and customer_update, and EXTERNAL_ID_AMBIGUOUS, CONFLICT.
Example: SELECT flowcustomer.customer_batch(''demo'', ''{"upsert": [{"externalId": "E1", "customerType": "PERSON"}]}'');';

CREATE FUNCTION flowcustomer.customer_extension_add(
	tenant_uid text, customer_uid text, extension_code text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_extension_add'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_extension_add(text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_extension_add(text, text, text, json) IS
'Switches an extension on for a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
extension_code text: TWO_INVOICE or KLAVIYO_PROFILE_ID.
body json: {storeUid}; the extension is the store''s organization''s. One that is on already changes nothing.
Returns the customer as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND.
Example: SELECT flowcustomer.customer_extension_add(''demo'', ''kari-1'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'');';

CREATE FUNCTION flowcustomer.customer_extension_remove(
	tenant_uid text, customer_uid text, extension_code text, body json)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_extension_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_extension_remove(text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_extension_remove(text, text, text, json) IS
'Switches an extension off for a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
extension_code text: TWO_INVOICE or KLAVIYO_PROFILE_ID.
body json: {storeUid}; the extension is the store''s organization''s.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND; PT404 EXTENSION_NOT_FOUND.
Example: SELECT flowcustomer.customer_extension_remove(''demo'', ''kari-1'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'');';

CREATE FUNCTION flowcustomer.customer_address_put(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_address_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_address_put(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_address_put(text, text, json) IS
'Adds an address to a customer, or changes one.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
body json: {customerAddressUid, type, firstname, lastname, companyName, address, postalCode, city, countryCode, email, phone}; type is DELIVERY_ADDRESS or INVOICE_ADDRESS. The address with the given UID is changed; without one, or when there is none such, an address is added.
Returns the customer as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_address_put(''demo'', ''kari-1'', ''{"type": "INVOICE_ADDRESS", "city": "Oslo"}'');';

CREATE FUNCTION flowcustomer.customer_address_remove(
	tenant_uid text, customer_uid text, customer_address_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_address_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_address_remove(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_address_remove(text, text, text) IS
'Removes an address of a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
customer_address_uid text: the address''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 ADDRESS_NOT_FOUND.
Example: SELECT flowcustomer.customer_address_remove(''demo'', ''kari-1'', ''home'');';

CREATE FUNCTION flowcustomer.customer_search(
	tenant_uid text, body json,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_search'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_search(text, json, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_search(text, json, integer, integer, text, text) IS
'Searches customers, the best hit first.
tenant_uid text: the tenant''s UID.
body json: {query, email, mobile, vatNumber, exactMatch, scope, customerTypes, storeUid, customerParentUid, createdAt}. The words of query have to be somewhere in firstname, lastname, companyName, email, mobile, vatNumber, postalCode or city; a field given by itself is searched for its own words and no longer for those of the query. Case, accents and the Nordic spellings do not matter, a number is found however it is written, % and _ are ordinary characters, a word of one or two characters is the beginning of one. exactMatch compares whole fields. scope is a list of CUSTOMER (default) and CONTACT, which finds customers through their contacts. createdAt finds those created from then on. An empty body finds all.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items; NULL for relevance. sort_direction text: ASC (default) or DESC.
Returns {items, paging}: whole customers with relevance from 0 to 1, and an exact totalCount. When nothing matches, customers with similar words.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and the page.
Example: SELECT flowcustomer.customer_search(''demo'', ''{"query": "kari nordm"}'');';

CREATE FUNCTION flowcustomer.customer_search_external(
	tenant_uid text, body json,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_search_external'
LANGUAGE C STABLE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_search_external(text, json, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_search_external(text, json, integer, integer, text, text) IS
'Searches people and companies of outside directories, the best hit first.
tenant_uid text: the tenant''s UID.
body json: {query}, as that of customer_search. What is searched are the entries that external_customer_put stored, and the relations that external_source_register named; of those similar words are found that have one error.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items; NULL for relevance. sort_direction text: ASC (default) or DESC.
Returns {items, paging}: entries with every field of CustomerExternalResponseSchema, and an exact totalCount.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and the page; PT502 EXTERNAL_SOURCE_FAILED, which names the source that can''t be read.
Example: SELECT flowcustomer.customer_search_external(''demo'', ''{"query": "acme"}'');';

CREATE FUNCTION flowcustomer.customer_find_similar(tenant_uid text, body json, "limit" integer DEFAULT 10)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_find_similar'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_find_similar(text, json, integer) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_find_similar(text, json, integer) IS
'Finds the customers that somebody who is about to be created probably is already.
tenant_uid text: the tenant''s UID.
body json: what is known of the customer so far, with the fields of CustomerCreateSchema, none required. Values need not have their form yet. With a customerUid, that customer is left out.
limit int: how many at most, 1 to 1000; NULL for 10.
Returns {items, totalCount}: for each who is the same with a probability of 0.5 or more, best first, its customerUid, displayName, score (that probability), and the reasons: for each field that both have, how it agrees (same, alike, similar, different) and its weight, the logarithm of how many times as likely that is for one customer than for two. A city weighs nothing where the postal code says it. shared is taken off for what people who live at one place, or sites of one company, have in common anyway; swappedNames tells that first and last name have changed places. Looked at are customers with the same e-mail, mobile or VAT number, with the same names, or with one of the names and the same postal code, up to 500 for each of these ways.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_find_similar(''demo'', ''{"firstname": "Kari", "lastname": "Nordman", "mobile": "912 34 567"}'');';

CREATE FUNCTION flowcustomer.search_explain(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_search_explain'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.search_explain(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.search_explain(text, json) IS
'Shows why a search for customers puts its first hits where they are.
tenant_uid text: the tenant''s UID.
body json: that of customer_search.
Returns {similar, hits, totalCount}: similar tells that nothing matched, so that similar words were looked for; each hit has customerUid, displayName, relevance, and for each word of the search the field where it matches best, how (whole field, whole word, beginning of a word, inside a word, similar word, part of the whole) and what that counts. A hit through a contact has a contact, too, with its customerContactUid and its matches, and none of its own when it has no such. A customer whose uid, externalId or loyaltyId is the word itself matches by that; one that was found by those of a customer merged into it says merged customer.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body.
Example: SELECT jsonb_pretty(flowcustomer.search_explain(''demo'', ''{"query": "kari nordm"}'')::jsonb);';
