/*
 * The fields of two customers that somebody says are not the same (see customer.h
 * for how this is used); the one with the smaller uid comes first.
 */
FIELD(DISMISSAL_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, KEY | ANSWER)
FIELD(DISMISSAL_DUPLICATE_UID, "duplicateUid", "duplicate_uid", FIELD_UID, KEY | ANSWER)
FIELD(DISMISSAL_REASON, "reason", "reason", FIELD_TEXT, NOTNULL | ANSWER | PERSONAL, .max_length = 1000)
FIELD(DISMISSAL_DISMISSED_BY, "dismissedBy", "dismissed_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(DISMISSAL_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
