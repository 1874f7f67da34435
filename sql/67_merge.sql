/*
 * Merging customers who are there twice.
 */
CREATE FUNCTION flowcustomer.customer_merge(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_merge'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_merge(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_merge(text, text, json) IS
'Merges a duplicate into a customer, and loses nothing.
tenant_uid text: the tenant''s UID.
customer_uid text: the UID of the customer that is left, the survivor.
body json: {mergeFromCustomerUid, fields}. The duplicate; and, optionally, an object that says for fields by their JSON names whose value stays, TO or FROM, for example {"city": "FROM"}; not for externalId and loyaltyId, which lead to the survivor either way.
The survivor keeps its own values, its empty fields are filled from the duplicate (address, postalCode, city and countryCode, and ehf, only where the two do not contradict each other), balances are added, the earlier createdAt stays. Addresses (equal ones once), links to contacts (the stronger role stays), extensions, memberships, the consents'' history (of a grant and a withdrawal at the same time the withdrawal counts), orders, departments and rows of the tables that reference_list shows move. What the duplicate had in fields that the survivor keeps stays in the journal. The duplicate is gone, and its uid, externalId and loyaltyId lead to the survivor; to delete the duplicate, or to create it again, is an error that names the survivor. Merging the same two again changes nothing and gives the same answer. customer_merge_undo takes it back.
Returns the survivor as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED; PT400 MERGE_SELF; PT409 CUSTOMER_ALREADY_MERGED, which names the customer that the duplicate was merged into; PT409 MERGE_TYPES_DIFFER; PT409 MERGE_INTO_DEPARTMENT; PT409 MERGE_BLOCKED, which names a table whose rows can''t follow.
Example: SELECT flowcustomer.customer_merge(''demo'', ''kari-1'', ''{"mergeFromCustomerUid": "kari-2"}'');';

CREATE FUNCTION flowcustomer.customer_merge_preview(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_merge_preview'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_merge_preview(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_merge_preview(text, text, json) IS
'Tells what customer_merge would do, without changing anything.
tenant_uid text: the tenant''s UID.
customer_uid text: the UID of the customer that is left, the survivor.
body json: that of customer_merge.
Does the merge and takes it back, so what it tells is what would be. Returns {customerUid, mergeFromCustomerUid, possible, blockers, fields, rows, references}: blockers with code and message say why the two can''t be merged; fields tells for each that one of the two has whose value wins (TO, FROM or BOTH), both values, the result and the reason; rows how many of each kind move, and how many are united with one that the survivor has; references how many rows of each table outside move, and how many collide and are kept, summed, archived or block the merge.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED; PT400 MERGE_SELF; PT409 CUSTOMER_ALREADY_MERGED.
Example: SELECT jsonb_pretty(flowcustomer.customer_merge_preview(''demo'', ''kari-1'', ''{"mergeFromCustomerUid": "kari-2"}'')::jsonb);';

CREATE FUNCTION flowcustomer.customer_merge_undo(tenant_uid text, merge_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_merge_undo'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_merge_undo(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_merge_undo(text, text) IS
'Takes a merge back: the duplicate returns with what was its own.
tenant_uid text: the tenant''s UID.
merge_uid text: the merge''s UID, which customer_merge_list tells.
The duplicate has its uid, fields, addresses, links, extensions, consents, memberships, orders and departments again, as far as the survivor still has them; what the merge changed in the survivor''s fields is changed back, unless it was changed since. What came after the merge stays with the survivor, but consents that were withdrawn since are withdrawn for both. Merges are undone in reverse: of two into the same survivor the later one first.
Returns {mergeUid, customerUid, restoredCustomerUid, rows, references, fieldsNotRestored}: rows and references tell for each kind and table how many returned and how many are gone; fieldsNotRestored which fields of which customer were left, and why.
Errors: PT404 TENANT_NOT_FOUND; PT404 MERGE_NOT_FOUND; PT409 MERGE_ALREADY_UNDONE; PT409 MERGE_NOT_LAST, which names the merge that has to be undone first; PT409 CUSTOMER_ALREADY_EXISTS. When the survivor was deleted its merges are not found.
Example: SELECT flowcustomer.customer_merge_undo(''demo'', ''018f3f5e-0000-7000-8000-000000000000'');';

CREATE FUNCTION flowcustomer.customer_merge_list(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_merge_list'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_merge_list(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_merge_list(text, text) IS
'Lists the merges that a customer, or one that was merged into it, has taken part in, newest first.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns {items}: each with mergeUid, customerUid (the survivor), mergeFromCustomerUid (the duplicate), mergedAt, mergedBy, undoneAt, undoneBy.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.customer_merge_list(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.reference_register(
	relation regclass, tenant_column text, customer_column text, on_collision text DEFAULT 'BLOCK', personal_columns text[] DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_reference_register'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.reference_register(regclass, text, text, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.reference_register(regclass, text, text, text, text[]) IS
'Lets the rows of a table that name customers follow them when they are merged, exported and erased.
relation regclass: a table with a primary key, of which the caller has the owner''s rights. Tables with a foreign key to flowcustomer.customer follow without being registered, with BLOCK.
tenant_column text, customer_column text: its columns with the tenant''s and the customer''s UID, which are texts.
on_collision text: what becomes of a row that would break a constraint of the table, such as a unique one: BLOCK refuses the merge, KEEP leaves the row with the merged-away UID (not with a foreign key), ARCHIVE takes it out of the table and keeps it in the journal, SUM adds its numbers to those of the survivor''s row and keeps it in the journal. Numbers that are part of a unique index or a foreign key are not added.
personal_columns text[]: its columns that customer_erase empties: they become NULL, or '''' where that is not allowed; not those of its primary key. NULL leaves those of an earlier call.
Rows move in the transaction of the merge, with the rights of the table''s owner, whose triggers run. customer_merge_undo brings them back.
Returns {items}: all tables that follow, as reference_list does.
Errors: PT400 VALIDATION_FAILED for what can''t be registered.
Example: SELECT flowcustomer.reference_register(''public.points'', ''tenant'', ''customer'', ''SUM'', ''{nickname}'');';

CREATE FUNCTION flowcustomer.reference_remove(relation regclass, customer_column text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_reference_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.reference_remove(regclass, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.reference_remove(regclass, text) IS
'Lets the rows of a table follow merges no longer; they stay as they are.
relation regclass: the table. customer_column text: its column with the customer''s UID.
Errors: PT404 REFERENCE_NOT_FOUND.
Example: SELECT flowcustomer.reference_remove(''public.points'', ''customer'');';

CREATE FUNCTION flowcustomer.reference_list()
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_reference_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.reference_list() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.reference_list() IS
'Lists the tables outside whose rows follow merges.
Returns {items}: for each its relation, tenantColumn, customerColumn, onCollision, personalColumns, and foreignKey, which tells whether it has one to flowcustomer.customer; those follow without being registered.
Errors: PT403 FORBIDDEN.
Example: SELECT flowcustomer.reference_list();';
