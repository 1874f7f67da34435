/* The fields of a customer group (see customer.h for how this is used). */
FIELD(GROUP_UID, "customerGroupUid", "group_uid", FIELD_UID, KEY | CREATE | EMPTY_UID | ANSWER)
FIELD(GROUP_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER, .max_length = 255)
FIELD(GROUP_CREATED_BY, "createdBy", "created_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(GROUP_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(GROUP_LAST_MODIFIED_BY, "lastModifiedBy", "last_modified_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(GROUP_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
FIELD(GROUP_ADD_UIDS, "addCustomerUids", NULL, FIELD_VALUES, RELATE, .target = RESOURCE_MEMBER, .value = "customer_uid")
FIELD(GROUP_REMOVE_UIDS, "removeCustomerUids", NULL, FIELD_VALUES, RELATE, .target = RESOURCE_MEMBER, .value = "customer_uid")
