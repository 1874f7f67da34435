/*
 * The fields of a tenant's rules on what has to be kept (see customer.h for how this is
 * used); they have no key but the tenant's own.
 */
FIELD(RETENTION_OPEN_ORDERS, "openOrders", "open_orders", FIELD_BOOLEAN, WRITE | NOTNULL | ANSWER)
FIELD(RETENTION_UNPAID_INVOICES, "unpaidInvoices", "unpaid_invoices", FIELD_BOOLEAN, WRITE | NOTNULL | ANSWER)
FIELD(RETENTION_YEARS, "yearsAfterLastOrder", "years_after_last_order", FIELD_INTEGER, WRITE | NOTNULL | ANSWER, .maximum = 100)
FIELD(RETENTION_CREATED_AT, "createdAt", "created_at", FIELD_TIMESTAMP, ANSWER)
FIELD(RETENTION_LAST_MODIFIED_AT, "lastModifiedAt", "last_modified_at", FIELD_TIMESTAMP, ANSWER)
