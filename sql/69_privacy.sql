/*
 * What the law on personal data asks for: exports, erasure, retention.
 */
CREATE FUNCTION flowcustomer.customer_export(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_export'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_export(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_export(text, text) IS
'Exports what is kept about a customer, with its orders.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
What came from customers that were merged into it is part of it.
Returns {customer, orders, services}: the customer as customer_get does, and the documents of its sales orders and service orders as they came.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 ACCESS_NOT_RECORDED.
Example: SELECT flowcustomer.customer_export(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.customer_export_xml(tenant_uid text, customer_uid text)
RETURNS xml
AS 'MODULE_PATHNAME', 'flowcustomer_customer_export_xml'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_export_xml(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_export_xml(text, text) IS
'Exports the same as customer_export, as XML.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns a document with the root export. A member of an object is an element of its name; of a list each element is an item; null is an empty element with xsi:nil; numbers, true and false stand as in JSON. In names what XML does not allow is written _xHHHH_; characters that XML cannot hold are U+FFFD.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 ACCESS_NOT_RECORDED.
Example: SELECT xpath(''/export/orders/item/orderNumber/text()'', flowcustomer.customer_export_xml(''demo'', ''kari-1''));';

CREATE FUNCTION flowcustomer.customer_export_full(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_export_full'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_export_full(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_export_full(text, text) IS
'Exports everything that is known of a customer, as the law on personal data asks for.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns what customer_export does, and consentHistory, with the wording of each entry; mergedIdentities, what customers that were merged into it were known by; merges, newest first; changes, from the feed; accesses, who read or exported it; printJobs; and references: the rows of tables outside that reference_list shows, read with the rights of their owners.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 ACCESS_NOT_RECORDED.
Example: SELECT jsonb_pretty(flowcustomer.customer_export_full(''demo'', ''kari-1'')::jsonb);';

CREATE FUNCTION flowcustomer.customer_erase(tenant_uid text, customer_uid text, body json DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_erase'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_erase(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_erase(text, text, json) IS
'Erases what is personal of a customer, and leaves what bookkeeping needs.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
body json: {reason, whenPossible}: why, up to 1000 characters, which is forgotten when it is done; and true to queue the erasure while something holds it, for erase_due.
The customer''s personal fields become empty, those of merged-away customers too; its addresses, consents, extensions and memberships go, and contacts who speak for nobody else; orders keep amounts, dates and countries, their personal texts become empty, and properties that their schema does not know go; journals of merges, found duplicates, records of accesses, print jobs, and who changed it in the feed go; in tables outside the personal columns that reference_register named become empty. The customer''s row stays with its UID, but gets nothing new: what comes later of its orders is emptied too. Nobody can take it back. To erase again gives the same receipt.
Returns the receipt: {erasureUid, customerUid, state, reason, requestedAt, requestedBy, possibleFrom, erasedAt, erasedBy, erased, holds}. state is DONE or QUEUED; erased tells which fields and how many of what there were, and in references also the tables outside of which nobody has said what is personal (columns is empty), or which were registered and are not found under their names any more (rows is null); holds and possibleFrom tell what a queued erasure waits for, and until when, if that is known.
What is gone from the tables is still in backups, in the write-ahead log, and until VACUUM and ANALYZE in the files of the tables and in the planner''s statistics.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED; PT409 ISOLATION_LEVEL when the transaction is not READ COMMITTED; PT409 ERASURE_HELD for each rule or hold that keeps the customer, with the date from which it is possible where there is one; PT409 ERASE_BLOCKED, which names a table outside whose columns can''t be empty, or which is not any more what was registered.
Example: SELECT flowcustomer.customer_erase(''demo'', ''kari-1'', ''{"reason": "asked for by e-mail", "whenPossible": true}'');';

CREATE FUNCTION flowcustomer.erasure_list(
	tenant_uid text, page_number integer DEFAULT NULL, page_size integer DEFAULT NULL, sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_erasure_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.erasure_list(text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.erasure_list(text, integer, integer, text, text) IS
'Lists the erasures that wait, and the receipts of those that were done.
tenant_uid text: the tenant''s UID.
page_number int, page_size int: which page, from 1, and how many items it has. sort_by text, sort_direction text: a field of the items, such as state; ASC or DESC.
Returns {items, paging}: each item as customer_erase returns it, without holds.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.erasure_list(''demo'', sort_by => ''requestedAt'', sort_direction => ''DESC'');';

CREATE FUNCTION flowcustomer.erasure_cancel(tenant_uid text, erasure_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_erasure_cancel'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.erasure_cancel(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.erasure_cancel(text, text) IS
'Takes back an erasure that waits.
tenant_uid text: the tenant''s UID.
erasure_uid text: its erasureUid.
Errors: PT404 TENANT_NOT_FOUND; PT404 ERASURE_NOT_FOUND; PT409 ERASURE_NOT_QUEUED when it has been done or canceled.
Example: SELECT flowcustomer.erasure_cancel(''demo'', ''018f3f5e-0000-7000-8000-000000000000'');';

CREATE PROCEDURE flowcustomer.erase_due(tenant_uid text)
AS 'MODULE_PATHNAME', 'flowcustomer_erase_due'
LANGUAGE C;
REVOKE ALL ON PROCEDURE flowcustomer.erase_due(text) FROM PUBLIC;
COMMENT ON PROCEDURE flowcustomer.erase_due(text) IS
'Does the erasures that waited and are held no longer.
tenant_uid text: the tenant''s UID.
Each is a transaction of its own, so it can be called while others work, and again after it was stopped; not inside a transaction. For one that can''t be done there is a warning with its UID, and it goes on waiting.
Errors: PT404 TENANT_NOT_FOUND.
Example: CALL flowcustomer.erase_due(''demo'');';

CREATE FUNCTION flowcustomer.retention_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_retention_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.retention_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.retention_put(text, json) IS
'Sets the rules that keep a tenant''s customers from being erased.
tenant_uid text: the tenant''s UID.
body json: {openOrders, unpaidInvoices, yearsAfterLastOrder}: true to keep customers with open orders (sales orders that are OPEN, PARKED or CONFIRMED, service orders that are not COMPLETE), true to keep those who owe something, and for how many years after the last order all are kept, 0 to 100. What is left out stays as it is, at first false and 0. Without rules only holds by hand keep a customer.
Returns the rules.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.retention_put(''demo'', ''{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 5}'');';

CREATE FUNCTION flowcustomer.customer_hold_put(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_hold_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_hold_put(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_hold_put(text, text, json) IS
'Keeps a customer from being erased, merged away unnoticed, or deleted, by hand.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
body json: {holdUid, reason, until}: which hold to change, a new one without it; why, up to 1000 characters, required for a new one; and until when, for ever without it.
A hold follows its customer into merges. It keeps customer_delete from deleting it too.
Returns the hold: {holdUid, customerUid, reason, until, createdAt, createdBy}.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 CUSTOMER_ERASED; PT409 HOLD_ALREADY_EXISTS when it is another customer''s; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_hold_put(''demo'', ''kari-1'', ''{"reason": "case 2026-117", "until": "2027-06-30T00:00:00Z"}'');';

CREATE FUNCTION flowcustomer.customer_hold_remove(tenant_uid text, customer_uid text, hold_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_hold_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_hold_remove(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_hold_remove(text, text, text) IS
'Takes a hold off a customer.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
hold_uid text: its holdUid.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 HOLD_NOT_FOUND.
Example: SELECT flowcustomer.customer_hold_remove(''demo'', ''kari-1'', ''018f3f5e-0000-7000-8000-000000000000'');';

CREATE FUNCTION flowcustomer.customer_hold_list(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_hold_list'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_hold_list(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_hold_list(text, text) IS
'Tells what keeps a customer from being erased now, by rule or by hand.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns {items, erasable, possibleFrom}: each item with kind (OPEN_ORDERS, UNPAID_INVOICES, LAST_ORDER or BY_HAND) and until, "" when that is not known; those set by hand also with holdUid, reason, createdAt, createdBy. possibleFrom is the last of the times when all are known, else "".
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 ACCESS_NOT_RECORDED.
Example: SELECT flowcustomer.customer_hold_list(''demo'', ''kari-1'');';
