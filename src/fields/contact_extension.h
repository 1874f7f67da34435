/* The fields of an extension of a customer's contact (see customer.h for how this is used). */
FIELD(CONTACT_EXTENSION_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(CONTACT_EXTENSION_CONTACT_UID, NULL, "contact_uid", FIELD_UID, KEY)
FIELD(CONTACT_EXTENSION_CODE, "extensionCode", "extension_code", FIELD_ENUM, KEY | ANSWER, .allowed = contact_extension_codes)
FIELD(CONTACT_EXTENSION_ORGANIZATION_UID, "organizationUid", "organization_uid", FIELD_UID, KEY | ANSWER)
FIELD(CONTACT_EXTENSION_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
