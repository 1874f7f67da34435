/*
 * What is taken out of a service order's document (see customer.h for how
 * this is used); the document itself is kept as it came.
 */
FIELD(SERVICE_ORDER_UID, "serviceOrderUid", "service_order_uid", FIELD_UID, KEY | WRITE | REQUIRED | NOTNULL)
FIELD(SERVICE_ORDER_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, WRITE | EMPTY_UID, .target = RESOURCE_CUSTOMER)
FIELD(SERVICE_ORDER_STORE_UID, "storeUid", "store_uid", FIELD_UID, WRITE | REQUIRED | NOTNULL)
FIELD(SERVICE_ORDER_ORDERED_AT, "createdAt", "ordered_at", FIELD_TIMESTAMP, WRITE | REQUIRED | NOTNULL)
FIELD(SERVICE_ORDER_GRAND_TOTAL, "totals.grandTotal", "grand_total", FIELD_AMOUNT, WRITE | REQUIRED | NOTNULL, .minimum = PG_INT64_MIN)
FIELD(SERVICE_ORDER_STATE, "serviceState", "state", FIELD_TEXT, WRITE, .max_length = 30)
FIELD(SERVICE_ORDER_DOCUMENT, NULL, "document", FIELD_DOCUMENT, PERSONAL | ANSWER)
FIELD(SERVICE_ORDER_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
FIELD(SERVICE_ORDER_LAST_MODIFIED_AT, NULL, "last_modified_at", FIELD_TIMESTAMP, 0)
