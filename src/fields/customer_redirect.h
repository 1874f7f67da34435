/*
 * The fields of a customer that was merged into another one (see customer.h for
 * how this is used): what it was known by leads to the one that is left.
 */
FIELD(REDIRECT_CUSTOMER_UID, "mergedCustomerUid", "customer_uid", FIELD_UID, KEY | ANSWER | VIEW_HISTORY)
FIELD(REDIRECT_SURVIVOR_UID, "customerUid", "survivor_uid", FIELD_UID, NOTNULL | ANSWER)
FIELD(REDIRECT_EXTERNAL_ID, "externalId", "external_id", FIELD_TEXT, PERSONAL | VIEW_HISTORY)
FIELD(REDIRECT_LOYALTY_ID, "loyaltyId", "loyalty_id", FIELD_TEXT, PERSONAL | VIEW_HISTORY)
FIELD(REDIRECT_CREATED_AT, "mergedAt", "created_at", FIELD_TIMESTAMP, NOTNULL | VIEW_HISTORY)
