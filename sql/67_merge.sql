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
body json: {mergeFromCustomerUid, fields}. The duplicate; and, optionally, an object that says for fields by their JSON names whose value stays, TO or FROM, for example {"city": "FROM"}.
The survivor keeps its own values, its empty fields are filled from the duplicate, balances are added, the earlier createdAt stays. Addresses (equal ones once), links to contacts (the stronger role stays), extensions, memberships, the consents'' history (of a grant and a withdrawal at the same time the withdrawal counts), orders and departments move. The duplicate is gone, and its uid and externalId lead to the survivor. Merging the same two again changes nothing and gives the same answer. customer_merge_undo takes it back.
Returns the survivor as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED; PT400 MERGE_SELF; PT409 CUSTOMER_ALREADY_MERGED, which names the customer that the duplicate was merged into; PT409 MERGE_TYPES_DIFFER; PT409 MERGE_INTO_DEPARTMENT.
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
Does the merge and takes it back, so what it tells is what would be. Returns {customerUid, mergeFromCustomerUid, possible, blockers, fields, rows}: blockers with code and message say why the two can''t be merged; fields tells for each that one of the two has whose value wins (TO, FROM or BOTH), both values, the result and the reason; rows how many of each kind move, and how many are united with one that the survivor has.
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
The duplicate has its uid, fields, addresses, links, extensions, consents, memberships, orders and departments again, as far as the survivor still has them; what the merge changed in the survivor''s fields is changed back, unless it was changed since. What came after the merge stays with the survivor.
Returns {mergeUid, customerUid, restoredCustomerUid, rows, fieldsNotRestored}: rows tells for each kind how many returned and how many are gone; fieldsNotRestored which fields were left, and why.
Errors: PT404 TENANT_NOT_FOUND; PT404 MERGE_NOT_FOUND; PT409 MERGE_ALREADY_UNDONE; PT409 MERGE_NOT_LAST, which names the merge that has to be undone first; PT404 CUSTOMER_NOT_FOUND when the survivor was deleted; PT409 CUSTOMER_ALREADY_EXISTS.
Example: SELECT flowcustomer.customer_merge_undo(''demo'', ''018f3f5e-0000-7000-8000-000000000000'');';

CREATE FUNCTION flowcustomer.customer_merge_list(tenant_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_merge_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_merge_list(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_merge_list(text, text) IS
'Lists the merges that a customer, or one that was merged into it, has taken part in, newest first.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns {items}: each with mergeUid, customerUid (the survivor), mergeFromCustomerUid (the duplicate), mergedAt, mergedBy, undoneAt, undoneBy.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.customer_merge_list(''demo'', ''kari-1'');';
