/*
 * The fields of a pair that a run of merge_duplicates goes over (see customer.h
 * for how this is used).
 */
FIELD(RUN_ITEM_RUN_UID, NULL, "run_uid", FIELD_UID, KEY)
FIELD(RUN_ITEM_PLACE, "place", "place", FIELD_AMOUNT, KEY | ANSWER)
FIELD(RUN_ITEM_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(RUN_ITEM_DUPLICATE_UID, "duplicateUid", "duplicate_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(RUN_ITEM_SCORE, "score", "score", FIELD_SCORE, NOTNULL | ANSWER)
FIELD(RUN_ITEM_OUTCOME, "outcome", "outcome", FIELD_ENUM, ANSWER, .allowed = run_outcomes)
FIELD(RUN_ITEM_CODE, "code", "code", FIELD_TEXT, ANSWER)
FIELD(RUN_ITEM_DONE_AT, "doneAt", "done_at", FIELD_TIMESTAMP, ANSWER)
