/*
 * The fields of a server on which the data has lived (see customer.h for how this is
 * used).  It is there for all tenants: tenant_uid is empty.
 */
FIELD(CHANGE_GENERATION_NUMBER, NULL, "generation", FIELD_AMOUNT, KEY)
FIELD(CHANGE_GENERATION_SERVER, NULL, "server", FIELD_TEXT, NOTNULL)
FIELD(CHANGE_GENERATION_BEGAN_AT, NULL, "began_at", FIELD_TIMESTAMP, NOTNULL)
