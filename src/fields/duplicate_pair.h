/*
 * The fields of two customers that may be the same (see customer.h for how this
 * is used).
 */
FIELD(DUPLICATE_PAIR_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, KEY | ANSWER)
FIELD(DUPLICATE_PAIR_DUPLICATE_UID, "duplicateUid", "duplicate_uid", FIELD_UID, KEY | ANSWER)
FIELD(DUPLICATE_PAIR_PROBABILITY, "probability", "probability", FIELD_SCORE, NOTNULL | ANSWER)
FIELD(DUPLICATE_PAIR_SCORE, "score", "score", FIELD_SCORE, NOTNULL | ANSWER)
FIELD(DUPLICATE_PAIR_CLUSTER_UID, "clusterUid", "cluster_uid", FIELD_UID, ANSWER)
FIELD(DUPLICATE_PAIR_REASONS, "reasons", "reasons", FIELD_DOCUMENT, NOTNULL | ANSWER)
