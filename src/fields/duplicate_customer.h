/*
 * The fields of a customer that was compared (see customer.h for how this is
 * used): a fingerprint tells whether it has changed since.
 */
FIELD(DUPLICATE_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(DUPLICATE_CUSTOMER_FINGERPRINT, NULL, "fingerprint", FIELD_AMOUNT, NOTNULL)
