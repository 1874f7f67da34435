/*
 * The fields of a consent given or withdrawn by a customer (see customer.h
 * for how this is used).  The time and the entry's uid are part of the key:
 * a change is another row.
 */
FIELD(CUSTOMER_CONSENT_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(CUSTOMER_CONSENT_CONSENT_UID, "consentUid", "consent_uid", FIELD_UID, KEY | CREATE | REQUIRED | NOTNULL | ANSWER)
FIELD(CUSTOMER_CONSENT_CONSENT, NULL, "consent_uid", FIELD_INCLUDE, ANSWER, .alias_of = 1 + CUSTOMER_CONSENT_CONSENT_UID, .target = RESOURCE_CONSENT, .view = VIEW_BRIEF)
FIELD(CUSTOMER_CONSENT_STATUS, "status", "status", FIELD_BOOLEAN, WRITE | REQUIRED | NOTNULL | ANSWER)
FIELD(CUSTOMER_CONSENT_SOURCE, "source", "source", FIELD_TEXT, WRITE | REQUIRED | ANSWER, .max_length = 255)
FIELD(CUSTOMER_CONSENT_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, KEY | ANSWER)
FIELD(CUSTOMER_CONSENT_ENTRY_UID, NULL, "entry_uid", FIELD_UID, KEY)
