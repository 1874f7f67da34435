/*
 * What is taken out of a sales order's document (see customer.h for how this
 * is used); the document itself is kept as it came.
 */
FIELD(SALES_ORDER_UID, "orderUid", "order_uid", FIELD_UID, KEY | WRITE | REQUIRED | NOTNULL)
FIELD(SALES_ORDER_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, WRITE | EMPTY_UID, .target = RESOURCE_CUSTOMER)
FIELD(SALES_ORDER_STORE_UID, "storeUid", "store_uid", FIELD_UID, WRITE | REQUIRED | NOTNULL)
FIELD(SALES_ORDER_ORDERED_AT, "createdAt", "ordered_at", FIELD_TIMESTAMP, WRITE | REQUIRED | NOTNULL)
FIELD(SALES_ORDER_GRAND_TOTAL, "orderTotals.grandTotal", "grand_total", FIELD_AMOUNT, WRITE | REQUIRED | NOTNULL, .minimum = PG_INT64_MIN)
FIELD(SALES_ORDER_STATE, "orderState", "state", FIELD_TEXT, WRITE, .max_length = 30)
FIELD(SALES_ORDER_SETTLEMENTS, "settlements", NULL, FIELD_CHILDREN, WRITE | REQUIRED, .target = RESOURCE_SETTLEMENT)
FIELD(SALES_ORDER_OPEN_INVOICE_AMOUNT, NULL, "open_invoice_amount", FIELD_AMOUNT, NOTNULL)
FIELD(SALES_ORDER_DOCUMENT, NULL, "document", FIELD_DOCUMENT, PERSONAL | ANSWER)
FIELD(SALES_ORDER_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
FIELD(SALES_ORDER_LAST_MODIFIED_AT, NULL, "last_modified_at", FIELD_TIMESTAMP, 0)
