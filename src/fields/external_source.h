/*
 * The fields of an outside directory that is searched where it is (see
 * customer.h for how this is used).  Names, not OIDs: they survive a dump.
 */
FIELD(EXTERNAL_SOURCE_NAME, "name", "name", FIELD_TEXT, KEY | ANSWER, .max_length = 255)
FIELD(EXTERNAL_SOURCE_SCHEMA, "relation.schema", "relation_schema", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(EXTERNAL_SOURCE_RELATION, "relation.name", "relation_name", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(EXTERNAL_SOURCE_REGISTRAR, "registrar", "registrar", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(EXTERNAL_SOURCE_MAPPING, "mapping", "mapping", FIELD_DOCUMENT, NOTNULL | ANSWER)
FIELD(EXTERNAL_SOURCE_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(EXTERNAL_SOURCE_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
