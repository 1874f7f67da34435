/* The fields of a tenant, whose key is the tenant_uid itself (see customer.h for how this is used). */
FIELD(TENANT_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER, .max_length = 255)
FIELD(TENANT_COUNTRY_CODE, "countryCode", "country_code", FIELD_TEXT, WRITE | NOTNULL | ANSWER, .max_length = 10, .form = FORM_COUNTRY, .fallback = "NO")
FIELD(TENANT_LOCALE, "locale", "locale", FIELD_TEXT, WRITE | NOTNULL | ANSWER, .max_length = 35, .fallback = "en")
FIELD(TENANT_DEFAULT_PRINTER_UID, "defaultPrinterUid", "default_printer_uid", FIELD_UID, WRITE | EMPTY_UID | ANSWER)
FIELD(TENANT_LENIENT, "lenient", "lenient", FIELD_BOOLEAN, WRITE | NOTNULL | ANSWER)
/* null: as the settings say */
FIELD(TENANT_CHANGE_FEED, "changeFeed", "change_feed", FIELD_BOOLEAN, WRITE | NULLABLE | ANSWER)
FIELD(TENANT_ACCESS_LOG, "accessLog", "access_log", FIELD_BOOLEAN, WRITE | NULLABLE | ANSWER)
FIELD(TENANT_MAX_BATCH_ITEMS, "maxBatchItems", "max_batch_items", FIELD_INTEGER, WRITE | NULLABLE | ANSWER, .minimum = 1, .maximum = MAX_BATCH_ITEMS)
FIELD(TENANT_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(TENANT_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
