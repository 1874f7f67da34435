/*
 * The fields of an erasure, asked for or done (see customer.h for how this is used).  It
 * proves what was done and holds nothing of whom: the reason goes when it is done.
 */
FIELD(ERASURE_UID, "erasureUid", "erasure_uid", FIELD_UID, KEY | ANSWER)
FIELD(ERASURE_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(ERASURE_STATE, "state", "state", FIELD_ENUM, NOTNULL | ANSWER, .allowed = erasure_states)
FIELD(ERASURE_REASON, "reason", "reason", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 1000)
FIELD(ERASURE_WHEN_POSSIBLE, "whenPossible", NULL, FIELD_BOOLEAN, WRITE)
FIELD(ERASURE_REQUESTED_AT, "requestedAt", "requested_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(ERASURE_REQUESTED_BY, "requestedBy", "requested_by", FIELD_TEXT, ANSWER)
FIELD(ERASURE_POSSIBLE_FROM, "possibleFrom", "possible_from", FIELD_TIMESTAMP, ANSWER)
FIELD(ERASURE_ERASED_AT, "erasedAt", "erased_at", FIELD_TIMESTAMP, ANSWER)
FIELD(ERASURE_ERASED_BY, "erasedBy", "erased_by", FIELD_TEXT, ANSWER)
FIELD(ERASURE_ERASED, "erased", "erased", FIELD_DOCUMENT, ANSWER)
