/*
 * What happened: the feed of changes, and who read which customer.
 */
CREATE FUNCTION flowcustomer.changes(tenant_uid text, after text DEFAULT NULL, "limit" integer DEFAULT 100)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_changes'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.changes(text, text, integer) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.changes(text, text, integer) IS
'Reads the feed of changes behind a position.
tenant_uid text: the tenant''s UID.
after text: the lastPosition of the answer before; NULL or "" begins at the oldest change.
limit int: how many at most, 1 to 1000; NULL for 10.
Every write leaves one change for each entity that it touched, in its own transaction. A change is shown when no transaction is left that could still put one in front of it: who goes on from lastPosition never misses any, however late it is committed; a transaction that stays open holds the feed up. For the same reason a transaction does not see its own changes. LISTEN flowcustomer_change tells when to look, with the tenant''s UID; flowcustomer.change_notify switches that off, and changeFeed in tenant_put the feed.
Returns {items, lastPosition}: each item with position, entity (such as CUSTOMER, CONTACT, GROUP, SALES_ORDER), uid, operation (CREATE, UPDATE, DELETE, MERGE for one that was merged into another, ERASE), changedAt, changedBy, and fields: for an UPDATE the names of what is different, none when that is only in the document of an order. A change of what hangs on an entity, such as an address, is one of the entity; what goes along when one is deleted or merged, such as its orders, or the members of a group, has none of its own. The operation FORGET, without an entity, says that changes before it were taken out by changes_forget.
Errors: PT409 FEED_REPLICATED on a server that gets the tables by logical replication; PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.changes(''demo'', ''1.7345.2'', 500);';

CREATE FUNCTION flowcustomer.changes_forget(tenant_uid text, before timestamptz)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_changes_forget'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.changes_forget(text, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.changes_forget(text, timestamptz) IS
'Takes old changes out of the feed.
tenant_uid text: the tenant''s UID.
before timestamptz: changes that were made before it go.
A mark stays in place of the last one: a reader who had not come so far gets an item with the operation FORGET, and knows that it has to read everything anew.
Returns {forgotten}: how many.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED without a time.
Example: SELECT flowcustomer.changes_forget(''demo'', now() - interval ''30 days'');';

CREATE FUNCTION flowcustomer.customer_access_list(
	tenant_uid text, customer_uid text, page_number integer DEFAULT NULL, page_size integer DEFAULT NULL, sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_access_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_access_list(text, text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_access_list(text, text, integer, integer, text, text) IS
'Lists who read a customer, newest first.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
page_number int, page_size int: which page, from 1, and how many items it has. sort_by text, sort_direction text: a field of the items; ASC or DESC, the default.
Recorded are reads and exports of a single customer, when the tenant wants it: accessLog in tenant_put. They are then refused in transactions that can''t write.
Returns {items, paging}: each item with accessUid, customerUid (that of a merged-away one for reads before it was merged), accessedAt, accessedBy, operation.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.customer_access_list(''demo'', ''kari-1'');';
