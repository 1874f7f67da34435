/* The fields of a customer's extension (see customer.h for how this is used). */
FIELD(CUSTOMER_EXTENSION_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(CUSTOMER_EXTENSION_CODE, "extensionCode", "extension_code", FIELD_ENUM, KEY | ANSWER, .allowed = customer_extension_codes)
FIELD(CUSTOMER_EXTENSION_ORGANIZATION_UID, "organizationUid", "organization_uid", FIELD_UID, KEY | ANSWER)
FIELD(CUSTOMER_EXTENSION_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
