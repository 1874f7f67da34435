/*
 * The body of a merge (see customer.h for how this is used); "fields", an object
 * of choices, is read by customer_merge.c.
 */
FIELD(CUSTOMER_MERGE_FROM_UID, "mergeFromCustomerUid", NULL, FIELD_UID, WRITE | REQUIRED | NOTNULL)
