/* The fields of an access to a single customer (see customer.h for how this is used). */
FIELD(ACCESS_UID, "accessUid", "access_uid", FIELD_UID, KEY | ANSWER)
FIELD(ACCESS_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(ACCESS_ACCESSED_AT, "accessedAt", "accessed_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(ACCESS_ACCESSED_BY, "accessedBy", "accessed_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(ACCESS_OPERATION, "operation", "operation", FIELD_TEXT, NOTNULL | ANSWER)
