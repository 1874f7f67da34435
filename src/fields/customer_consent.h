/*
 * The fields of a consent given or withdrawn by a customer (see customer.h
 * for how this is used).  The time and the entry's uid are part of the key:
 * a change is another row.
 */
FIELD(CUSTOMER_CONSENT_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(CUSTOMER_CONSENT_CONSENT_UID, "consentUid", "consent_uid", FIELD_UID, KEY | CREATE | REQUIRED | NOTNULL | ANSWER | VIEW_HISTORY)
FIELD(CUSTOMER_CONSENT_CONSENT, NULL, "consent_uid", FIELD_INCLUDE, ANSWER | VIEW_HISTORY, .alias_of = 1 + CUSTOMER_CONSENT_CONSENT_UID, .target = RESOURCE_CONSENT, .view = VIEW_BRIEF)
FIELD(CUSTOMER_CONSENT_STATUS, "status", "status", FIELD_BOOLEAN, WRITE | REQUIRED | NOTNULL | ANSWER | VIEW_HISTORY, .until = 1 + CUSTOMER_CONSENT_VALID_UNTIL)
FIELD(CUSTOMER_CONSENT_SOURCE, "source", "source", FIELD_TEXT, WRITE | REQUIRED | ANSWER | VIEW_HISTORY, .max_length = 255)
FIELD(CUSTOMER_CONSENT_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, KEY | ANSWER | VIEW_HISTORY)
FIELD(CUSTOMER_CONSENT_CHANNEL, "channel", "channel", FIELD_TEXT, WRITE | VIEW_HISTORY, .max_length = 255)
FIELD(CUSTOMER_CONSENT_WORDING, "wording", "wording", FIELD_TEXT, WRITE | VIEW_HISTORY, .max_length = 10000)
FIELD(CUSTOMER_CONSENT_WORDING_VERSION, "wordingVersion", "wording_version", FIELD_TEXT, WRITE | VIEW_HISTORY, .max_length = 255)
FIELD(CUSTOMER_CONSENT_RECORDED_BY, "recordedBy", "recorded_by", FIELD_TEXT, WRITE | VIEW_HISTORY, .max_length = 255)
FIELD(CUSTOMER_CONSENT_VALID_UNTIL, "validUntil", "valid_until", FIELD_TIMESTAMP, WRITE | VIEW_HISTORY)
FIELD(CUSTOMER_CONSENT_ENTRY_UID, "entryUid", "entry_uid", FIELD_UID, KEY | VIEW_HISTORY)
