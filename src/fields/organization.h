/* The fields of an organization (see customer.h for how this is used). */
FIELD(ORGANIZATION_UID, "organizationUid", "organization_uid", FIELD_UID, KEY | WRITE | ANSWER)
FIELD(ORGANIZATION_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER, .max_length = 255)
FIELD(ORGANIZATION_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(ORGANIZATION_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
