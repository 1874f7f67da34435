/* The fields of a consent that customers can give (see customer.h for how this is used). */
FIELD(CONSENT_UID, "consentUid", "consent_uid", FIELD_UID, KEY | WRITE | ANSWER)
FIELD(CONSENT_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER | VIEW_BRIEF, .max_length = 255)
FIELD(CONSENT_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(CONSENT_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
