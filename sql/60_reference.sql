/*
 * Reference data and documents that other systems own.
 */
CREATE FUNCTION flowcustomer.tenant_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_tenant_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.tenant_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.tenant_put(text, json) IS
'Makes a tenant, or changes one.
tenant_uid text: the tenant''s UID.
body json: {name, countryCode, locale, defaultPrinterUid, lenient, changeFeed, accessLog, maxBatchItems}; name is required for a new one, countryCode (default NO) is that of customers without one, locale (default en) the language of messages, lenient keeps e-mails, telephone numbers, postal codes and VAT numbers of the wrong form instead of refusing them, and orders that lack what only their schema requires; changeFeed notes what is written, for changes; accessLog records who reads single customers, for customer_access_list; maxBatchItems makes batches smaller than flowcustomer.max_batch_items allows; null, which they are at first, leaves these three to the settings. With the first tenant DROP EXTENSION without CASCADE begins to be refused.
Returns the tenant.
Errors: PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.tenant_put(''demo'', ''{"name": "Demo", "countryCode": "NO", "locale": "nb"}'');';

CREATE FUNCTION flowcustomer.tenant_remove(tenant_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_tenant_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.tenant_remove(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.tenant_remove(text) IS
'Removes a tenant and its reference data, when it has no customer data left.
tenant_uid text: the tenant''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT409 TENANT_NOT_EMPTY.
Example: SELECT flowcustomer.tenant_remove(''demo'');';

CREATE FUNCTION flowcustomer.organization_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_organization_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.organization_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.organization_put(text, json) IS
'Makes an organization, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: {organizationUid, name}. Required for a new one: name.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.organization_put(''demo'', ''{"organizationUid": "nordic", "name": "Nordic AS"}'');';

CREATE FUNCTION flowcustomer.organization_remove(tenant_uid text, organization_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_organization_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.organization_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.organization_remove(text, text) IS
'Removes an organization.
tenant_uid text: the tenant''s UID.
organization_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 ORGANIZATION_NOT_FOUND; PT409 ORGANIZATION_IN_USE.
Example: SELECT flowcustomer.organization_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.store_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_store_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.store_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.store_put(text, json) IS
'Makes a store, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: {storeUid, name, organizationUid, maxSingleOrderValue (minor units), defaultPrinterUid}. Required for a new one: name, organizationUid.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 ORGANIZATION_NOT_FOUND.
Example: SELECT flowcustomer.store_put(''demo'', ''{"storeUid": "oslo", "name": "Oslo", "organizationUid": "nordic"}'');';

CREATE FUNCTION flowcustomer.store_remove(tenant_uid text, store_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_store_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.store_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.store_remove(text, text) IS
'Removes a store.
tenant_uid text: the tenant''s UID.
store_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 STORE_NOT_FOUND; PT409 STORE_IN_USE.
Example: SELECT flowcustomer.store_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.tenant_user_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_tenant_user_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.tenant_user_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.tenant_user_put(text, json) IS
'Makes a user, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: {tenantUserUid, displayName, userCode, locale, defaultStoreUid}. Required for a new one: displayName.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND.
Example: SELECT flowcustomer.tenant_user_put(''demo'', ''{"tenantUserUid": "liv", "displayName": "Liv Dahl"}'');';

CREATE FUNCTION flowcustomer.tenant_user_remove(tenant_uid text, tenant_user_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_tenant_user_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.tenant_user_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.tenant_user_remove(text, text) IS
'Removes a user.
tenant_uid text: the tenant''s UID.
tenant_user_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 TENANT_USER_NOT_FOUND; PT409 TENANT_USER_IN_USE.
Example: SELECT flowcustomer.tenant_user_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.consent_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_consent_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.consent_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.consent_put(text, json) IS
'Makes a consent that customers can give, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: {consentUid, name}. Required for a new one: name.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.consent_put(''demo'', ''{"consentUid": "newsletter", "name": "Newsletter"}'');';

CREATE FUNCTION flowcustomer.consent_remove(tenant_uid text, consent_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_consent_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.consent_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.consent_remove(text, text) IS
'Removes a consent that customers can give.
tenant_uid text: the tenant''s UID.
consent_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONSENT_NOT_FOUND; PT409 CONSENT_IN_USE.
Example: SELECT flowcustomer.consent_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.printer_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_printer_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.printer_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.printer_put(text, json) IS
'Makes a printer, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: {printerUid, name, kind, storeUid}; kind is LABEL or RECEIPT. Required for a new one: name, kind.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 STORE_NOT_FOUND.
Example: SELECT flowcustomer.printer_put(''demo'', ''{"printerUid": "p1", "name": "Label printer", "kind": "LABEL"}'');';

CREATE FUNCTION flowcustomer.printer_remove(tenant_uid text, printer_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_printer_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.printer_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.printer_remove(text, text) IS
'Removes a printer.
tenant_uid text: the tenant''s UID.
printer_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 PRINTER_NOT_FOUND.
Example: SELECT flowcustomer.printer_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.external_customer_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_external_customer_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.external_customer_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.external_customer_put(text, json) IS
'Makes a row of an outside directory, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: a CustomerExternalResponseSchema document, which is kept as it came; customerUid is required.
Returns the row as it is now.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.external_customer_put(''demo'', ''{"customerUid": "x1", "companyName": "Acme AS"}'');';

CREATE FUNCTION flowcustomer.external_customer_remove(tenant_uid text, customer_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_external_customer_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.external_customer_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.external_customer_remove(text, text) IS
'Removes a row of an outside directory.
tenant_uid text: the tenant''s UID.
customer_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 EXTERNAL_CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.external_customer_remove(''demo'', ''x'');';
