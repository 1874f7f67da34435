/* The fields of what a role may do in a tenant (see customer.h for how this is used). */
FIELD(GRANT_ROLE, "role", "role_name", FIELD_TEXT, KEY)
FIELD(GRANT_PERMISSIONS, "permissions", "permissions", FIELD_TEXT, NOTNULL)
FIELD(GRANT_GRANTED_AT, "grantedAt", "granted_at", FIELD_TIMESTAMP, NOTNULL)
FIELD(GRANT_GRANTED_BY, "grantedBy", "granted_by", FIELD_TEXT, NOTNULL)
