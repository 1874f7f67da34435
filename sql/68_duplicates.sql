/*
 * Finding customers who are there twice.
 */
CREATE FUNCTION flowcustomer.customer_duplicates(
	tenant_uid text, min_score double precision DEFAULT 0.5, max_pairs integer DEFAULT NULL)
RETURNS TABLE (customer_uid text, duplicate_uid text, score double precision, cluster_uid text, reasons json)
AS 'MODULE_PATHNAME', 'flowcustomer_customer_duplicates'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_duplicates(text, double precision, integer) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_duplicates(text, double precision, integer) IS
'Lists the pairs of customers that are probably the same, best first.
tenant_uid text: the tenant''s UID.
min_score double precision: from 0 to 1, how probable it has to be. From 0.9 near certain, for companies worth a suggestion; from 0.5 worth a suggestion for people; from 0.05 worth a look. Less probable pairs are not kept.
max_pairs integer: at most so many; NULL for all.
customer_uid is the one of the two that was created first, score the probability that they are the same, cluster_uid names those who are all the same by the one that was created first (NULL when the two are in no cluster together). reasons: {fields, prior, shared, swappedNames, unit}: fields has for each field that both have how they agree (same, alike, similar, different) and the logarithm of how many times as likely that is for one customer than for two; prior is the logarithm of the odds before anything is compared; shared what is taken off because people at one place, or the sites of a company, share so much; the sum is the logarithm of the odds for the two alone. unit is for companies: SITE when they are one at the same place, LEGAL_UNIT when they have the same VAT number at different places. Customers of different types, and a company and its departments, are never the same.
First brings up to date what is stored, as customer_duplicates_refresh does; in a transaction that only reads it lists what was found before.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED; PT409 DUPLICATES_NOT_REFRESHED in a transaction that only reads.
Example: SELECT * FROM flowcustomer.customer_duplicates(''demo'', 0.9);';

CREATE FUNCTION flowcustomer.customer_duplicates_refresh(tenant_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_duplicates_refresh'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_duplicates_refresh(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_duplicates_refresh(text) IS
'Looks for duplicates among the customers that are new or have changed since the last time.
tenant_uid text: the tenant''s UID.
The first time, and when a fifth of the customers has changed, all are compared with all that they may be the same as, and how their data differ is learned again: some minutes for a million. Else only who has changed is compared. Takes about a kilobyte of memory for each customer while it works, and a few the first time.
Returns {customers, changed, gone, pairs, learned}: how many there are, how many were compared, how many are gone since, how many pairs are kept, and whether all were compared.
Errors: PT404 TENANT_NOT_FOUND.
Example: SELECT flowcustomer.customer_duplicates_refresh(''demo'');';

CREATE FUNCTION flowcustomer.customer_duplicate_explain(tenant_uid text, customer_uid text, duplicate_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_duplicate_explain'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_duplicate_explain(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_duplicate_explain(text, text, text) IS
'Tells why two customers are taken for the same, or why not.
tenant_uid text: the tenant''s UID.
customer_uid text, duplicate_uid text: the UIDs of the two, in any order.
Returns {customerUid, duplicateUid, comparable, values, found, dismissed}: comparable is false when they are of different types, or one is a department and the other is not, for those are never the same; values has what is compared, field by field, as it is compared: names without titles, companies without their legal form, numbers without what is written before them; found is the pair as customer_duplicates lists it, or null when it is not listed; then probability and reasons tell what comparing the two alone comes to, with names as common as among all customers; dismissed has reason, dismissedBy and createdAt when somebody has said that they are not the same, else null.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 CUSTOMER_NOT_FOUND for duplicate_uid; PT400 DUPLICATE_SELF.
Example: SELECT jsonb_pretty(flowcustomer.customer_duplicate_explain(''demo'', ''kari-1'', ''kari-2'')::jsonb);';

CREATE FUNCTION flowcustomer.customer_duplicate_dismiss(
	tenant_uid text, customer_uid text, duplicate_uid text, reason text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_duplicate_dismiss'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_duplicate_dismiss(text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_duplicate_dismiss(text, text, text, text) IS
'Remembers that two customers are not the same: they are not listed as duplicates any more.
tenant_uid text: the tenant''s UID.
customer_uid text, duplicate_uid text: the UIDs of the two, in any order.
reason text: why, up to 1000 characters, for example "father and son".
It holds for whoever one of them is merged into later, as long as that merge is not undone. Dismissing them again replaces the reason. customer_duplicate_undismiss takes it back.
Returns {customerUid, duplicateUid, reason, dismissedBy, createdAt}.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 CUSTOMER_NOT_FOUND for duplicate_uid; PT400 DUPLICATE_SELF; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.customer_duplicate_dismiss(''demo'', ''kari-1'', ''kari-2'', ''sisters'');';

CREATE FUNCTION flowcustomer.customer_duplicate_undismiss(tenant_uid text, customer_uid text, duplicate_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_duplicate_undismiss'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_duplicate_undismiss(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_duplicate_undismiss(text, text, text) IS
'Forgets that two customers were said not to be the same: they are compared again.
tenant_uid text: the tenant''s UID.
customer_uid text, duplicate_uid text: the UIDs of the two, in any order.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 CUSTOMER_NOT_FOUND for duplicate_uid; PT400 DUPLICATE_SELF; PT404 DISMISSAL_NOT_FOUND.
Example: SELECT flowcustomer.customer_duplicate_undismiss(''demo'', ''kari-1'', ''kari-2'');';

CREATE PROCEDURE flowcustomer.merge_duplicates(
	tenant_uid text, min_score double precision DEFAULT 0.9, dry_run boolean DEFAULT false)
AS 'MODULE_PATHNAME', 'flowcustomer_merge_duplicates'
LANGUAGE C;
REVOKE ALL ON PROCEDURE flowcustomer.merge_duplicates(text, double precision, boolean) FROM PUBLIC;
COMMENT ON PROCEDURE flowcustomer.merge_duplicates(text, double precision, boolean) IS
'Merges all customers who are there more than once, and commits as it goes.
tenant_uid text: the tenant''s UID.
min_score double precision: from 0 to 1, how probable it has to be that two are the same. 0.9 and more is near certain for people; of companies look at the list first.
dry_run boolean: only try, and take each merge back.
Of those who are the same the one that was created first is left, and the others are merged into it as customer_merge does. Everybody is looked at before the first merge. A NOTICE every few seconds tells how far it is; table flowcustomer.duplicate_run tells other sessions, and flowcustomer.duplicate_run_item is the report: MERGED, POSSIBLE (with dry_run) or FAILED with the code of the error for each pair. Can be stopped at any time; the same call again goes on with the same run, and looks anew at what is left of it. Another call, with other arguments, gives it up. Each merge can be undone with customer_merge_undo. Can''t be called inside a transaction.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED; 2D000 when it is called inside a transaction.
Example: CALL flowcustomer.merge_duplicates(''demo'', 0.95, true);';
