/*
 * The fields of an entry of an outside directory (see customer.h for how this
 * is used).  The document is kept as it came; what answers and searches need
 * stands beside it, in any form.
 */
FIELD(EXTERNAL_CUSTOMER_UID, "customerUid", "customer_uid", FIELD_UID, KEY | WRITE | REQUIRED | NOTNULL | ANSWER)
FIELD(EXTERNAL_CUSTOMER_TYPE, "customerType", "customer_type", FIELD_ENUM, WRITE | NOTNULL | ANSWER, .allowed = customer_types, .fallback = "PERSON")
FIELD(EXTERNAL_CUSTOMER_FIRSTNAME, "firstname", "firstname", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_LASTNAME, "lastname", "lastname", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_COMPANY_NAME, "companyName", "company_name", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_EMAIL, "email", "email", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 320)
FIELD(EXTERNAL_CUSTOMER_MOBILE, "mobile", "mobile", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 50)
FIELD(EXTERNAL_CUSTOMER_ADDRESS, "address", "address", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 500)
FIELD(EXTERNAL_CUSTOMER_POSTAL_CODE, "postalCode", "postal_code", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 20)
FIELD(EXTERNAL_CUSTOMER_CITY, "city", "city", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_COUNTRY_CODE, "countryCode", "country_code", FIELD_TEXT, WRITE | ANSWER, .max_length = 10)
FIELD(EXTERNAL_CUSTOMER_VAT_NUMBER, "vatNumber", "vat_number", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 50)
FIELD(EXTERNAL_CUSTOMER_EXTERNAL_ID, "externalId", "external_id", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_LEDGER_NUMBER, "ledgerNumber", "ledger_number", FIELD_TEXT, WRITE | PERSONAL | ANSWER, .max_length = 60)
FIELD(EXTERNAL_CUSTOMER_PRICELIST_UID, "pricelistUid", "pricelist_uid", FIELD_UID, WRITE | EMPTY_UID | ANSWER)
FIELD(EXTERNAL_CUSTOMER_ORIGIN, "origin", "origin", FIELD_TEXT, WRITE | ANSWER, .max_length = 255)
FIELD(EXTERNAL_CUSTOMER_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, WRITE | ANSWER)
FIELD(EXTERNAL_CUSTOMER_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, WRITE | ANSWER)
FIELD(EXTERNAL_CUSTOMER_DOCUMENT, NULL, "document", FIELD_DOCUMENT, PERSONAL)
FIELD(EXTERNAL_CUSTOMER_DISPLAY_NAME, NULL, "display_name", FIELD_TEXT, GENERATED | PERSONAL)
FIELD(EXTERNAL_CUSTOMER_SEARCH_TEXT, NULL, "search_text", FIELD_TEXT, GENERATED | PERSONAL)
