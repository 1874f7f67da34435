/* The fields of a row of an outside directory (see customer.h for how this is used). */
FIELD(EXTERNAL_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, KEY | WRITE | REQUIRED | NOTNULL)
FIELD(EXTERNAL_CUSTOMER_DOCUMENT, NULL, "document", FIELD_DOCUMENT, PERSONAL | ANSWER)
FIELD(EXTERNAL_CUSTOMER_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
FIELD(EXTERNAL_CUSTOMER_LAST_MODIFIED_AT, NULL, "last_modified_at", FIELD_TIMESTAMP, 0)
