/*
 * The fields of a role whose sessions say by claims for whom they call (see customer.h
 * for how this is used).  It is there for all tenants: tenant_uid is empty.
 */
FIELD(AUTHENTICATOR_ROLE, "role", "role_name", FIELD_TEXT, KEY)
FIELD(AUTHENTICATOR_GRANTED_AT, "grantedAt", "granted_at", FIELD_TIMESTAMP, NOTNULL)
FIELD(AUTHENTICATOR_GRANTED_BY, "grantedBy", "granted_by", FIELD_TEXT, NOTNULL)
