/* The fields of a hold on a customer, set by hand (see customer.h for how this is used). */
FIELD(HOLD_UID, "holdUid", "hold_uid", FIELD_UID, KEY | WRITE | ANSWER)
FIELD(HOLD_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(HOLD_REASON, "reason", "reason", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | PERSONAL | ANSWER, .max_length = 1000)
FIELD(HOLD_UNTIL, "until", "held_until", FIELD_TIMESTAMP, WRITE | ANSWER)
FIELD(HOLD_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(HOLD_CREATED_BY, "createdBy", "created_by", FIELD_TEXT, NOTNULL | ANSWER)
