/*
 * The fields of a change in the feed (see customer.h for how this is used).  The first three
 * are its position.
 */
FIELD(CHANGE_GENERATION, NULL, "generation", FIELD_AMOUNT, KEY)
FIELD(CHANGE_TRANSACTION, NULL, "transaction_id", FIELD_AMOUNT, KEY)
FIELD(CHANGE_PLACE, NULL, "place", FIELD_AMOUNT, KEY)
FIELD(CHANGE_ENTITY, "entity", "entity", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(CHANGE_UID, "uid", "entity_uid", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(CHANGE_OPERATION, "operation", "operation", FIELD_ENUM, NOTNULL | ANSWER, .allowed = change_operations)
FIELD(CHANGE_CHANGED_AT, "changedAt", "changed_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(CHANGE_CHANGED_BY, "changedBy", "changed_by", FIELD_TEXT, ANSWER)
FIELD(CHANGE_CHANGED_FIELDS, "fields", "changed_fields", FIELD_DOCUMENT, NOTNULL | ANSWER)
