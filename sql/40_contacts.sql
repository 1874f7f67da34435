/*
 * Contacts: people who speak for customers.
 */
CREATE FUNCTION flowcustomer.contact_list(
	tenant_uid text,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.contact_list(text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_list(text, integer, integer, text, text) IS
'Lists contacts with their customers, a page at a time.
tenant_uid text: the tenant''s UID.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the uid. sort_direction text: ASC (default) or DESC. Every sort ends with the uid, so pages never overlap.
Returns {items, paging}.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.contact_list(''demo'', page_size => 10);';

CREATE FUNCTION flowcustomer.contact_create(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.contact_create(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_create(text, json) IS
'Creates a contact.
tenant_uid text: the tenant''s UID.
body json: firstname and lastname (required), email, mobile, customerContactUid (made when it is left out), customers: [{customerUid, role}]; role is ADMIN, PURCHASER, ACCOUNTING or NONE (default).
Returns the contact as contact_get does.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT409 CONTACT_ALREADY_EXISTS; PT400 CUSTOMER_NOT_FOUND with the path.
Example: SELECT flowcustomer.contact_create(''demo'', ''{"firstname": "Ola", "lastname": "Berg"}'');';

CREATE FUNCTION flowcustomer.contact_get(tenant_uid text, contact_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_get'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.contact_get(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_get(text, text) IS
'Reads a contact with its customers.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
Returns the contact, with every field of CustomerContactsWithCustomersResponseSchema.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND.
Example: SELECT flowcustomer.contact_get(''demo'', ''ola-1'');';

CREATE FUNCTION flowcustomer.contact_update(tenant_uid text, contact_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.contact_update(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_update(text, text, json) IS
'Changes the fields of a contact that the body gives.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
body json: any of firstname, lastname, email, mobile; null clears.
Returns the contact as contact_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.contact_update(''demo'', ''ola-1'', ''{"email": "ola@example.com"}'');';

CREATE FUNCTION flowcustomer.contact_delete(tenant_uid text, contact_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_contact_delete'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.contact_delete(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_delete(text, text) IS
'Deletes a contact with all of its links.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND.
Example: SELECT flowcustomer.contact_delete(''demo'', ''ola-1'');';

CREATE FUNCTION flowcustomer.contact_customer_list(tenant_uid text, contact_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_customer_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.contact_customer_list(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_customer_list(text, text) IS
'Lists the customers of a contact.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
Returns {items}: customerUid, displayName, role and extensions of each.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND.
Example: SELECT flowcustomer.contact_customer_list(''demo'', ''ola-1'');';

CREATE FUNCTION flowcustomer.contact_customer_add(tenant_uid text, contact_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_customer_add'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.contact_customer_add(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_customer_add(text, text, json) IS
'Links a contact to customers.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
body json: {customers: [{customerUid, role}]}; the role of a link that is there already changes when it is given.
Returns {items} as contact_customer_list does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 CUSTOMER_NOT_FOUND with the path.
Example: SELECT flowcustomer.contact_customer_add(''demo'', ''ola-1'', ''{"customers": [{"customerUid": "acme", "role": "ADMIN"}]}'');';

CREATE FUNCTION flowcustomer.contact_customer_remove(tenant_uid text, contact_uid text, customer_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_contact_customer_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.contact_customer_remove(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_customer_remove(text, text, text) IS
'Unlinks a contact from a customer; the contact stays.
tenant_uid text: the tenant''s UID.
contact_uid text: the contact''s UID.
customer_uid text: the customer''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND when the two are not linked.
Example: SELECT flowcustomer.contact_customer_remove(''demo'', ''ola-1'', ''acme'');';

CREATE FUNCTION flowcustomer.customer_contact_list(
	tenant_uid text, customer_uid text,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_list'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_list(text, text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_list(text, text, integer, integer, text, text) IS
'Lists a customer''s contacts, a page at a time.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the uid. sort_direction text: ASC (default) or DESC. Every sort ends with the uid, so pages never overlap.
Returns {items, paging}: each contact with its role and extensions for this customer.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.customer_contact_list(''demo'', ''acme'');';

CREATE FUNCTION flowcustomer.customer_contact_create(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_create(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_create(text, text, json) IS
'Creates a contact of a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
body json: firstname and lastname (required), email, mobile, customerContactUid (made when it is left out), role: ADMIN, PURCHASER, ACCOUNTING or NONE (default).
Returns the contact as customer_contact_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT409 CONTACT_ALREADY_EXISTS.
Example: SELECT flowcustomer.customer_contact_create(''demo'', ''acme'', ''{"firstname": "Ola", "lastname": "Berg", "role": "ADMIN"}'');';

CREATE FUNCTION flowcustomer.customer_contact_get(tenant_uid text, customer_uid text, contact_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_get'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_get(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_get(text, text, text) IS
'Reads a contact of a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
contact_uid text: the contact''s UID.
Returns the contact with its role and extensions for this customer.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONTACT_NOT_FOUND.
Example: SELECT flowcustomer.customer_contact_get(''demo'', ''acme'', ''ola-1'');';

CREATE FUNCTION flowcustomer.customer_contact_update(
	tenant_uid text, customer_uid text, contact_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_update(text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_update(text, text, text, json) IS
'Changes the fields of a contact of a customer that the body gives.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
contact_uid text: the contact''s UID.
body json: any of firstname, lastname, email, mobile; null clears. The contact is the same for all of its customers.
Returns the contact as customer_contact_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_contact_update(''demo'', ''acme'', ''ola-1'', ''{"mobile": "91234567"}'');';

CREATE FUNCTION flowcustomer.customer_contact_delete(tenant_uid text, customer_uid text, contact_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_delete'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_delete(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_delete(text, text, text) IS
'Takes a contact from a customer, and deletes it when that was its last one.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
contact_uid text: the contact''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONTACT_NOT_FOUND.
Example: SELECT flowcustomer.customer_contact_delete(''demo'', ''acme'', ''ola-1'');';

CREATE FUNCTION flowcustomer.customer_contact_extension_add(
	tenant_uid text, customer_uid text, contact_uid text, extension_code text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_extension_add'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_extension_add(text, text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_extension_add(text, text, text, text, json) IS
'Switches an extension on for a contact of a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
contact_uid text: the contact''s UID.
extension_code text: TWO_INVOICE.
body json: {storeUid}; the extension is the store''s organization''s. One that is on already changes nothing.
Returns the contact as customer_contact_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND.
Example: SELECT flowcustomer.customer_contact_extension_add(''demo'', ''acme'', ''ola-1'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'');';

CREATE FUNCTION flowcustomer.customer_contact_extension_remove(
	tenant_uid text, customer_uid text, contact_uid text, extension_code text, body json)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_contact_extension_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_contact_extension_remove(text, text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_contact_extension_remove(text, text, text, text, json) IS
'Switches an extension off for a contact of a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID.
contact_uid text: the contact''s UID.
extension_code text: TWO_INVOICE.
body json: {storeUid}; the extension is the store''s organization''s.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONTACT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND; PT404 EXTENSION_NOT_FOUND.
Example: SELECT flowcustomer.customer_contact_extension_remove(''demo'', ''acme'', ''ola-1'', ''TWO_INVOICE'', ''{"storeUid": "oslo"}'');';

CREATE FUNCTION flowcustomer.contact_search(
	tenant_uid text, body json,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_contact_search'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.contact_search(text, json, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.contact_search(text, json, integer, integer, text, text) IS
'Searches contacts, the best hit first.
tenant_uid text: the tenant''s UID.
body json: {query, email, mobile}, as those of customer_search; the words of query have to be in firstname, lastname, email or mobile.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items; NULL for relevance. sort_direction text: ASC (default) or DESC.
Returns {items, paging} as contact_list does. When nothing matches, contacts with similar words.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and the page.
Example: SELECT flowcustomer.contact_search(''demo'', ''{"query": "berg"}'');';
