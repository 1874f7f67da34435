/*
 * Orders, the credit of customers, and what stores need to know of it.
 */
CREATE FUNCTION flowcustomer.sales_order_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_sales_order_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.sales_order_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.sales_order_put(text, json) IS
'Makes a sales order, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: an OrderResponseSchema document, which is kept as it came, unknown properties too. What that schema requires has to be there, of the right types; a lenient tenant''s orders need only orderUid, storeUid, createdAt, orderTotals.grandTotal and settlements. customerUid may be empty or must exist; that of a merged-away customer stands for the one that is left. What is open of its invoices (settlements whose code holds the word INVOICE: amount - paymentAmount - creditAmount) counts into the customer''s credit.balance.
Returns the document.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.sales_order_put(''demo'', o.document) FROM imported_order AS o;';

CREATE FUNCTION flowcustomer.sales_order_batch(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_sales_order_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.sales_order_batch(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.sales_order_batch(text, json) IS
'Makes or changes many sales orders at once.
tenant_uid text: the tenant''s UID.
body json: a list of documents as sales_order_put takes them, or an object that has the list as "orders".
Each document counts by itself: what is wrong with one does not keep the others from being put. The same uid twice is like two calls, one after the other. Up to flowcustomer.max_batch_items documents.
Returns {errors, success}: how many were put, and for each of the others orderUid, index, errorCode, message, path, and errors where there are several.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for what is no list; PT413 TOO_MANY_ITEMS.
Example: SELECT flowcustomer.sales_order_batch(''demo'', json_agg(o.document)) FROM imported_order AS o;';

CREATE FUNCTION flowcustomer.sales_order_remove(tenant_uid text, order_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_sales_order_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.sales_order_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.sales_order_remove(text, text) IS
'Removes a sales order.
tenant_uid text: the tenant''s UID.
order_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 SALES_ORDER_NOT_FOUND.
Example: SELECT flowcustomer.sales_order_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.service_order_put(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_service_order_put'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.service_order_put(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.service_order_put(text, json) IS
'Makes a service order, or changes the one with the body''s UID.
tenant_uid text: the tenant''s UID.
body json: a ServiceOrderResponseSchema document, which is kept as it came, unknown properties too. What that schema requires has to be there, of the right types; a lenient tenant''s orders need only serviceOrderUid, storeUid, createdAt and totals.grandTotal. customerUid may be empty or must exist.
Returns the document.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.service_order_put(''demo'', o.document) FROM imported_service AS o;';

CREATE FUNCTION flowcustomer.service_order_batch(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_service_order_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.service_order_batch(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.service_order_batch(text, json) IS
'Makes or changes many service orders at once.
tenant_uid text: the tenant''s UID.
body json: a list of documents as service_order_put takes them, or an object that has the list as "services".
Each document counts by itself: what is wrong with one does not keep the others from being put. The same uid twice is like two calls, one after the other. Up to flowcustomer.max_batch_items documents.
Returns {errors, success}: how many were put, and for each of the others serviceOrderUid, index, errorCode, message, path, and errors where there are several.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for what is no list; PT413 TOO_MANY_ITEMS.
Example: SELECT flowcustomer.service_order_batch(''demo'', json_agg(o.document)) FROM imported_service AS o;';

CREATE FUNCTION flowcustomer.service_order_remove(tenant_uid text, service_order_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_service_order_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.service_order_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.service_order_remove(text, text) IS
'Removes a service order.
tenant_uid text: the tenant''s UID.
service_order_uid text: its UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 SERVICE_ORDER_NOT_FOUND.
Example: SELECT flowcustomer.service_order_remove(''demo'', ''x'');';

CREATE FUNCTION flowcustomer.customer_credit_balance_set(tenant_uid text, customer_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_credit_balance_set'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_credit_balance_set(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_credit_balance_set(text, text, json) IS
'Sets what a customer owes besides the orders that are stored here.
tenant_uid text: the tenant''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
body json: {openingBalance}: minor units; negative when the customer has paid too much. credit.balance is this plus what is open of the invoices of stored orders.
Returns the customer as customer_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_credit_balance_set(''demo'', ''kari-1'', ''{"openingBalance": 12500}'');';

CREATE FUNCTION flowcustomer.store_customer_get(tenant_uid text, store_uid text, customer_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_store_customer_get'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.store_customer_get(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.store_customer_get(text, text, text) IS
'Reads a customer, and what a store may sell it on credit.
tenant_uid text: the tenant''s UID.
store_uid text: the store''s UID.
customer_uid text: the customer''s UID, or that of one that was merged into it.
Returns {customer, credit}: the customer as customer_get does; and credit with limit, balance, remaining (limit - balance, never below 0), maxSingleOrderValue (remaining, or the store''s own cap when that is less), approved, and declineReason: "" when approved, else NO_CREDIT_LIMIT when the limit is 0, so that none has been granted, CREDIT_LIMIT_REACHED when nothing remains, or NO_CREDIT_IN_STORE when the store''s cap is 0.
Errors: PT404 TENANT_NOT_FOUND; PT404 STORE_NOT_FOUND; PT404 CUSTOMER_NOT_FOUND.
Example: SELECT flowcustomer.store_customer_get(''demo'', ''oslo'', ''kari-1'') -> ''credit'';';
