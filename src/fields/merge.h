/*
 * The fields of a merge of two customers (see customer.h for how this is used).
 * The journal has what it takes to undo it.
 */
FIELD(MERGE_UID, "mergeUid", "merge_uid", FIELD_UID, KEY | ANSWER)
FIELD(MERGE_SURVIVOR_UID, "customerUid", "survivor_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(MERGE_DUPLICATE_UID, "mergeFromCustomerUid", "duplicate_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(MERGE_MERGED_AT, "mergedAt", "merged_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(MERGE_MERGED_BY, "mergedBy", "merged_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(MERGE_UNDONE_AT, "undoneAt", "undone_at", FIELD_TIMESTAMP, ANSWER)
FIELD(MERGE_UNDONE_BY, "undoneBy", "undone_by", FIELD_TEXT, ANSWER)
FIELD(MERGE_JOURNAL, NULL, "journal", FIELD_DOCUMENT, NOTNULL | PERSONAL)
