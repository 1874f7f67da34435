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
