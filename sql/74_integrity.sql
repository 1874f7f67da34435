/*
 * Whether the rows of a tenant fit together.
 */
CREATE FUNCTION flowcustomer.check_integrity(tenant_uid text)
RETURNS TABLE (code text, entity text, uid text, detail text)
AS 'MODULE_PATHNAME', 'flowcustomer_check_integrity'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.check_integrity(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.check_integrity(text) IS
'Finds what does not fit together in a tenant''s rows; no rows when all is well.
tenant_uid text: the tenant''s UID.
code says what is wrong, entity is the table, uid the row''s key without the tenant (parts with / between), detail the column or constraint, what it names, or by how much something is off; nothing of it is personal. The codes:
TENANT_MISSING: there is data of a tenant that has no row. GUARD_MISSING: nothing keeps DROP EXTENSION from taking the data.
ORPHAN: a row names another one that is not there. RULE_BROKEN: a row is not what a check of its table demands. GENERATED_WRONG: a generated column is not what its expression gives.
PARENT_MISSING: a department has no company. PARENT_CYCLE: customers are above each other.
REDIRECT_OF_CUSTOMER: the UID of a customer leads to another one. MERGE_WITHOUT_REDIRECT: that of a merged-away one does not lead to who is left. MERGE_OF_CUSTOMER: a customer was merged into another one, but is there.
RUN_MISCOUNTED: a run of merge_duplicates does not have the counts of its items. ERASED_HAS_DATA: an erased customer has something personal.
GENERATION_MISSING: changes are of a server that the feed does not know. CLAIM_LEFT: external ids are being taken by nobody. BALANCE_WRONG: a balance is not the sum of the open invoices. ROLE_MISSING: access was granted to a role that is gone. TOTAL_WRONG: totalCount is not the number of rows.
Others can go on writing: what they have not committed is not seen. In a statement that writes beside it, or in a cursor, it sees the tables as they were before and calls the totals wrong. Reads the tables several times: some ten seconds for a million customers. Of the tables only those of the extension are looked at, with the checks and foreign keys that somebody added to them.
Errors: PT404 TENANT_NOT_FOUND.
Example: SELECT * FROM flowcustomer.check_integrity(''demo'');';

CREATE FUNCTION flowcustomer.repair(tenant_uid text)
RETURNS TABLE (code text, entity text, uid text, detail text, repaired boolean)
AS 'MODULE_PATHNAME', 'flowcustomer_repair'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.repair(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.repair(text) IS
'Mends what check_integrity finds, as far as it is clear what would be right.
tenant_uid text: the tenant''s UID.
Returns what was wrong, and whether it is right now. Balances, totals, counts, generated columns and redirects are made anew. A reference to nothing is emptied where it can be; organizations and kinds of consents that rows need are put back with their UID as their name; other rows that name nobody are deleted, as are claims left over, redirects of customers who are there, and what is personal of erased customers. Of circles of departments the one with the first UID gets no parent. A tenant without a row gets one, with its UID as its name, in the country NO. RULE_BROKEN, MERGE_OF_CUSTOMER, GENERATION_MISSING and ROLE_MISSING are for people to decide, and what a rule that somebody added forbids.
When something was found, nobody else can write until the transaction ends; reading goes on. In a transaction it can be looked at before it is committed. Only balances are noted in the feed.
Errors: PT404 TENANT_NOT_FOUND; PT409 ISOLATION_LEVEL when the transaction is not READ COMMITTED.
Example: BEGIN; SELECT * FROM flowcustomer.repair(''demo''); COMMIT;';
