/* The fields of a store (see customer.h for how this is used). */
FIELD(STORE_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER | VIEW_BRIEF, .max_length = 255)
FIELD(STORE_UID, "storeUid", "store_uid", FIELD_UID, KEY | WRITE | ANSWER | VIEW_BRIEF)
FIELD(STORE_ORGANIZATION_UID, "organizationUid", "organization_uid", FIELD_UID, WRITE | REQUIRED | NOTNULL | ANSWER, .target = RESOURCE_ORGANIZATION)
FIELD(STORE_MAX_SINGLE_ORDER_VALUE, "maxSingleOrderValue", "max_single_order_value", FIELD_AMOUNT, WRITE | NULLABLE | ANSWER)
FIELD(STORE_DEFAULT_PRINTER_UID, "defaultPrinterUid", "default_printer_uid", FIELD_UID, WRITE | EMPTY_UID | ANSWER)
FIELD(STORE_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(STORE_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
