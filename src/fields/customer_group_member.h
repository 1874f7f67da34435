/* The fields of a membership in a group (see customer.h for how this is used). */
FIELD(MEMBER_GROUP_UID, "customerGroupUid", "group_uid", FIELD_UID, KEY | ANSWER)
FIELD(MEMBER_CUSTOMER_UID, NULL, "customer_uid", FIELD_UID, KEY)
FIELD(MEMBER_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
