/*
 * The fields of a table outside whose rows follow merges (see customer.h for how
 * this is used).  It is registered for all tenants: tenant_uid is empty.
 */
FIELD(REFERENCE_SCHEMA, "relation.schema", "relation_schema", FIELD_TEXT, KEY | ANSWER)
FIELD(REFERENCE_RELATION, "relation.name", "relation_name", FIELD_TEXT, KEY | ANSWER)
FIELD(REFERENCE_CUSTOMER_COLUMN, "customerColumn", "customer_column", FIELD_TEXT, KEY | ANSWER)
FIELD(REFERENCE_TENANT_COLUMN, "tenantColumn", "tenant_column", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(REFERENCE_ON_COLLISION, "onCollision", "on_collision", FIELD_ENUM, NOTNULL | ANSWER, .allowed = collision_rules)
FIELD(REFERENCE_PERSONAL, "personalColumns", "personal_columns", FIELD_DOCUMENT, ANSWER)
FIELD(REFERENCE_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
