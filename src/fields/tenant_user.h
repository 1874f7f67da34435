/* The fields of a tenant's user (see customer.h for how this is used). */
FIELD(TENANT_USER_UID, "tenantUserUid", "tenant_user_uid", FIELD_UID, KEY | WRITE | ANSWER | VIEW_BRIEF)
FIELD(TENANT_USER_DISPLAY_NAME, "displayName", "display_name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | PERSONAL | ANSWER | VIEW_BRIEF, .max_length = 255)
FIELD(TENANT_USER_CODE, "userCode", "user_code", FIELD_TEXT, WRITE | ANSWER | VIEW_BRIEF, .max_length = 255)
FIELD(TENANT_USER_LOCALE, "locale", "locale", FIELD_TEXT, WRITE | ANSWER, .max_length = 35)
FIELD(TENANT_USER_DEFAULT_STORE_UID, "defaultStoreUid", "default_store_uid", FIELD_UID, WRITE | EMPTY_UID | ANSWER, .target = RESOURCE_STORE)
FIELD(TENANT_USER_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(TENANT_USER_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
