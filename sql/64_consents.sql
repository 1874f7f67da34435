/*
 * The ledger of consents.
 */
CREATE FUNCTION flowcustomer.customer_consent_set(
	tenant_uid text, customer_uid text, consent_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_consent_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_consent_set(text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_consent_set(text, text, text, json) IS
'Records that a customer gave or withdrew a consent.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
consent_uid text: which consent.
body json: {status, source, channel, wording, wordingVersion, recordedBy, validUntil}: whether it was given, and where; both are required. And, where there is something to say: the channel, the words that the customer was shown and their version, who recorded it (default: who calls), and until when a grant holds, after which it does not count as given. Every call adds an entry; none is ever changed.
Returns the customer as customer_get does, with the newest entry of each consent.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 CONSENT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_consent_set(''demo'', ''kari-1'', ''newsletter'', ''{"status": true, "source": "till 3", "validUntil": "2028-01-01T00:00:00Z"}'');';

CREATE FUNCTION flowcustomer.customer_consent_history(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_consent_history'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_consent_history(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_consent_history(text, text) IS
'Lists every entry in a customer''s ledger of consents, oldest first.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns {items}: each with consentUid, name, status, source, createdAt, channel, wording, wordingVersion, recordedBy, validUntil, entryUid; what was not said is "". status is what was said then, whatever came after it.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.customer_consent_history(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.customer_consents_as_of(tenant_uid text, customer_uid text, at timestamptz)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_consents_as_of'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_consents_as_of(text, text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_consents_as_of(text, text, timestamptz) IS
'Tells which consents a customer had given at a time.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
at timestamptz: the time; what was said in that very millisecond counts.
Returns {items}: the newest entry of each consent that was there then, as customer_consent_history shows it; status is false when the grant was over.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED without a time.
Example: SELECT flowcustomer.customer_consents_as_of(''demo'', ''kari-1'', ''2026-01-01 00:00+00'');';

CREATE FUNCTION flowcustomer.consent_report(tenant_uid text, consent_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_consent_report'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.consent_report(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.consent_report(text, text) IS
'Counts how many customers give a consent now.
tenant_uid text: the tenant''s UID.
consent_uid text: which consent.
Returns {consentUid, name, given, withdrawn, expired, neverSaid}: numbers of customers by their newest entry.
Errors: PT404 TENANT_NOT_FOUND; PT404 CONSENT_NOT_FOUND.
Example: SELECT flowcustomer.consent_report(''demo'', ''newsletter'');';
