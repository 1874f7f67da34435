/*
 * The fields of the link between a customer and a contact (see customer.h for
 * how this is used), seen from either side.
 */
FIELD(LINK_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, KEY | CREATE | REQUIRED | NOTNULL)
FIELD(LINK_CUSTOMER, NULL, "customer_uid", FIELD_INCLUDE, VIEW_OF_CONTACT, .alias_of = 1 + LINK_CUSTOMER_UID, .target = RESOURCE_CUSTOMER, .view = VIEW_OF_CONTACT)
FIELD(LINK_CONTACT_UID, NULL, "contact_uid", FIELD_UID, KEY)
FIELD(LINK_CONTACT, NULL, "contact_uid", FIELD_INCLUDE, VIEW_OF_CUSTOMER, .alias_of = 1 + LINK_CONTACT_UID, .target = RESOURCE_CONTACT, .view = VIEW_BRIEF)
FIELD(LINK_ROLE, "role", "role", FIELD_ENUM, WRITE | NOTNULL | VIEW_OF_CUSTOMER | VIEW_OF_CONTACT, .allowed = contact_roles, .fallback = "NONE")
FIELD(LINK_EXTENSIONS, "extensions", NULL, FIELD_CHILDREN, VIEW_OF_CUSTOMER | VIEW_OF_CONTACT, .target = RESOURCE_CONTACT_EXTENSION, .view = ANSWER, .parent = {"customer_uid", "contact_uid"})
FIELD(LINK_CREATED_AT, NULL, "created_at", FIELD_TIMESTAMP, 0)
