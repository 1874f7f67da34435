/* The fields of a printer (see customer.h for how this is used). */
FIELD(PRINTER_UID, "printerUid", "printer_uid", FIELD_UID, KEY | WRITE | ANSWER)
FIELD(PRINTER_NAME, "name", "name", FIELD_TEXT, WRITE | REQUIRED | NOTNULL | ANSWER, .max_length = 255)
FIELD(PRINTER_KIND, "kind", "kind", FIELD_ENUM, WRITE | REQUIRED | NOTNULL | ANSWER, .allowed = printer_kinds)
FIELD(PRINTER_STORE_UID, "storeUid", "store_uid", FIELD_UID, WRITE | EMPTY_UID | ANSWER, .target = RESOURCE_STORE)
FIELD(PRINTER_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(PRINTER_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
