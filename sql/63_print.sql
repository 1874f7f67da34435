/*
 * Membership cards, and the jobs that print them.
 */
CREATE FUNCTION flowcustomer.customer_print(tenant_uid text, customer_uid text, body json DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_print'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_print(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_print(text, text, json) IS
'Has a customer''s membership card printed.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
body json: {printerUid}; without it the best printer is used: the default printer of the caller''s default store, else one that stands there, rather one for labels, else the tenant''s default printer. The caller is the tenant user whose UID is that of the role or claims.
Makes a job with a payload that is ready for the printer: ZPL for a label printer, ESC/POS for a receipt printer, with a Code 128 barcode of the loyaltyId, or of the UID when no barcode can be made of that (up to 36 letters, digits, - and _). NOTIFY flowcustomer_print wakes agents, with the tenant''s and the printer''s UID, a slash between them.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT404 PRINTER_NOT_FOUND; PT409 NO_PRINTER; PT409 CARD_NOT_POSSIBLE; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.customer_print(''demo'', ''kari-1'', ''{"printerUid": "till-3"}'');';

CREATE FUNCTION flowcustomer.print_job_claim(
	tenant_uid text, printer_uid text, lease_seconds integer DEFAULT 60, "limit" integer DEFAULT 1)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_print_job_claim'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.print_job_claim(text, text, integer, integer) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.print_job_claim(text, text, integer, integer) IS
'Gives an agent the oldest jobs that wait for a printer.
tenant_uid text: the tenant''s UID.
printer_uid text: the printer that the agent serves.
lease_seconds int: for how long the jobs are the agent''s, 1 to 86400; after that others can claim them. limit int: how many at most, 1 to 1000; NULL for 10.
Agents that claim at the same time get different jobs. A job that was claimed five times and never reported on is given up.
Returns {items}: each with printJobUid, printerUid, customerUid, format (ZPL or ESC_POS), encoding of the payload (UTF_8 or BASE64), payload, state, attempts, claimUid, leasedUntil, createdAt, createdBy.
Errors: PT404 TENANT_NOT_FOUND; PT404 PRINTER_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.print_job_claim(''demo'', ''till-3'');';

CREATE FUNCTION flowcustomer.print_job_done(tenant_uid text, print_job_uid text, claim_uid text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_print_job_done'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.print_job_done(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.print_job_done(text, text, text) IS
'Tells that a job was printed; its payload is not kept.
tenant_uid text: the tenant''s UID.
print_job_uid text: the job.
claim_uid text: the claimUid that print_job_claim gave; with it, a claim that was lost to another agent is an error.
Errors: PT404 TENANT_NOT_FOUND; PT404 PRINT_JOB_NOT_FOUND; PT409 PRINT_JOB_NOT_CLAIMED.
Example: SELECT flowcustomer.print_job_done(''demo'', ''018f3f5e-0000-7000-8000-000000000000'');';

CREATE FUNCTION flowcustomer.print_job_fail(
	tenant_uid text, print_job_uid text, body json DEFAULT NULL, claim_uid text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_print_job_fail'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.print_job_fail(text, text, json, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.print_job_fail(text, text, json, text) IS
'Tells that a job could not be printed, so that it is tried again.
tenant_uid text: the tenant''s UID.
print_job_uid text: the job.
body json: {error}: what went wrong, up to 1000 characters.
claim_uid text: as in print_job_done.
The next try is after 5, 20, 80 and 320 seconds; after the fifth the job is FAILED.
Returns the job as print_job_list does.
Errors: PT404 TENANT_NOT_FOUND; PT404 PRINT_JOB_NOT_FOUND; PT409 PRINT_JOB_NOT_CLAIMED; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.print_job_fail(''demo'', ''018f3f5e-0000-7000-8000-000000000000'', ''{"error": "out of paper"}'');';

CREATE FUNCTION flowcustomer.print_job_list(
	tenant_uid text, page_number integer DEFAULT NULL, page_size integer DEFAULT NULL, sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_print_job_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.print_job_list(text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.print_job_list(text, integer, integer, text, text) IS
'Lists the print jobs, without their payloads.
tenant_uid text: the tenant''s UID.
page_number int, page_size int: which page, from 1, and how many items it has. sort_by text, sort_direction text: a field of the items, such as state; ASC or DESC.
Returns {items, paging}: each item with printJobUid, printerUid, customerUid, format, state (QUEUED, CLAIMED, DONE or FAILED), attempts, availableAt, leasedUntil, error, createdAt, createdBy, finishedAt.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.print_job_list(''demo'', sort_by => ''createdAt'', sort_direction => ''DESC'');';

/* Media types under which PostgREST serves what a function returns. */
CREATE DOMAIN flowcustomer."image/svg+xml" AS text;
COMMENT ON DOMAIN flowcustomer."image/svg+xml" IS 'A picture as SVG';
CREATE DOMAIN flowcustomer."text/html" AS text;
COMMENT ON DOMAIN flowcustomer."text/html" IS 'A page as HTML';

CREATE FUNCTION flowcustomer.customer_card_svg(tenant_uid text, customer_uid text)
RETURNS flowcustomer."image/svg+xml"
AS 'MODULE_PATHNAME', 'flowcustomer_customer_card_svg'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_card_svg(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_card_svg(text, text) IS
'Draws a customer''s membership card, with its barcode, as SVG.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns a picture of the size of a bank card: the tenant''s name, the customer''s, and a Code 128 barcode as customer_print makes it.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 CARD_NOT_POSSIBLE; PT501 BARCODES_NOT_AVAILABLE when it was built without libzint; PT409 ACCESS_NOT_RECORDED.
Example: SELECT flowcustomer.customer_card_svg(''demo'', ''kari-1'');';

CREATE FUNCTION flowcustomer.customer_card_html(tenant_uid text, customer_uid text)
RETURNS flowcustomer."text/html"
AS 'MODULE_PATHNAME', 'flowcustomer_customer_card_html'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_card_html(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_card_html(text, text) IS
'Draws a customer''s membership card as an HTML page, ready to print.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns a page with the picture of customer_card_svg, which needs nothing else.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT409 CARD_NOT_POSSIBLE; PT501 BARCODES_NOT_AVAILABLE; PT409 ACCESS_NOT_RECORDED.
Example: SELECT flowcustomer.customer_card_html(''demo'', ''kari-1'');';
