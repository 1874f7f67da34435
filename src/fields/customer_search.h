/*
 * The body of a search (see customer.h for how this is used).  Searching
 * outside directories takes what RELATE marks, contacts what WRITE does,
 * customers all of it.
 */
FIELD(SEARCH_BODY_QUERY, "query", NULL, FIELD_TEXT, WRITE | RELATE, .max_length = 1000)
FIELD(SEARCH_BODY_EMAIL, "email", NULL, FIELD_TEXT, WRITE, .max_length = 320)
FIELD(SEARCH_BODY_MOBILE, "mobile", NULL, FIELD_TEXT, WRITE, .max_length = 50)
FIELD(SEARCH_BODY_VAT_NUMBER, "vatNumber", NULL, FIELD_TEXT, CREATE, .max_length = 50)
FIELD(SEARCH_BODY_EXACT_MATCH, "exactMatch", NULL, FIELD_BOOLEAN, CREATE)
FIELD(SEARCH_BODY_SCOPE, "scope", NULL, FIELD_VALUES, CREATE, .target = RESOURCE_CUSTOMER_SEARCH, .value = "scope")
FIELD(SEARCH_BODY_SCOPE_VALUE, NULL, "scope", FIELD_ENUM, 0, .allowed = search_scopes)
FIELD(SEARCH_BODY_CUSTOMER_TYPES, "customerTypes", NULL, FIELD_VALUES, CREATE, .target = RESOURCE_CUSTOMER, .value = "customer_type")
FIELD(SEARCH_BODY_STORE_UID, "storeUid", NULL, FIELD_UID, CREATE)
FIELD(SEARCH_BODY_PARENT_UID, "customerParentUid", NULL, FIELD_UID, CREATE)
FIELD(SEARCH_BODY_CREATED_AT, "createdAt", NULL, FIELD_TIMESTAMP, CREATE)
