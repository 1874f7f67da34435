/*
 * The fields of what is known about a tenant's duplicates as a whole (see
 * customer.h for how this is used).  It has no key besides the tenant's.
 */
FIELD(DUPLICATE_STATE_MODEL, NULL, "model", FIELD_DOCUMENT, 0)
FIELD(DUPLICATE_STATE_CUSTOMERS, NULL, "customers", FIELD_AMOUNT, NOTNULL)
FIELD(DUPLICATE_STATE_CHANGES, NULL, "changes", FIELD_AMOUNT, NOTNULL)
FIELD(DUPLICATE_STATE_DISMISSALS, NULL, "dismissals", FIELD_AMOUNT, NOTNULL)
FIELD(DUPLICATE_STATE_LEARNED_AT, NULL, "learned_at", FIELD_TIMESTAMP, 0)
FIELD(DUPLICATE_STATE_REFRESHED_AT, NULL, "refreshed_at", FIELD_TIMESTAMP, 0)
