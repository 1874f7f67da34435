/*-------------------------------------------------------------------------
 *
 * erase.c
 *	  Takes out of the database what is personal of a customer.
 *
 * What is left says that somebody bought something: the customer's row, without a
 * name, and its orders, with their amounts, dates and countries.  Everything that
 * is kept beside goes: what hangs on the customer, journals, and what was made of
 * it.  Which fields are personal the field tables say, for documents the list of
 * their members, for tables outside who registered them.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/change.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/reference.h"
#include "customer_write.h"
#include "erase.h"
#include "merge.h"
#include "orders.h"

/* So many orders are in memory at once. */
#define ORDERS_AT_ONCE 500

/* Which of some customers have been erased, as a map. */
StringMap *
customers_erased(Call *call, const Datum *uids, int count)
{
	PlanKey		key = {.statement = STATEMENT_ERASED_CUSTOMERS};
	Datum		arguments[2] = {call->tenant, text_array(uids, count)};
	StringMap  *map = map_create();
	uint64		nrows = count == 0 ? 0 : plan_execute(&key, 2, arguments, NULL, call->reader);

	for (uint64 i = 0; i < nrows; i++)
	{
		char	   *uid = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		map_put(map, uid, uid);
	}
	return map;
}

/*
 * Is a customer there, and one that can get something new?  Locks it against removal;
 * false with a problem.
 */
bool
customer_can_change(Call *call, const char *customer_uid)
{
	Datum		uid = CStringGetTextDatum(customer_uid);

	if (!row_exists(call, RESOURCE_CUSTOMER, customer_uid))
		call_not_found(call, RESOURCE_CUSTOMER);
	else if (map_get(customers_erased(call, &uid, 1), customer_uid) != NULL)
		problem_add(&call->problems, REASON_CUSTOMER_ERASED, NULL, NULL);
	return !call_failed(call);
}

/* May the caller write customers of the type of this one, if it is there?  Takes no lock. */
bool
customer_check_type(Call *call, const char *customer_uid)
{
	Datum		uid = CStringGetTextDatum(customer_uid);
	RowBlock   *customer;

	if (caller_may_write(call, "B2B"))
		return true;
	customer = read_rows(call, RESOURCE_CUSTOMER, VIEW_COMPARE, CUSTOMER_UID, &uid, 1);
	return customer->nrows == 0 ||
		call_check_type(call, TextDatumGetCString(customer->values[CUSTOMER_TYPE]));
}

/* Can a customer get something new, and from this caller? */
bool
customer_can_write(Call *call, const char *customer_uid)
{
	return customer_can_change(call, customer_uid) && customer_check_type(call, customer_uid);
}

/* Empties the personal fields of a row; gives how many had something in them. */
static int
empty_fields(Row *row, StringInfo names)
{
	int			emptied = 0;

	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if (!(field->flags & PERSONAL) || (field->flags & GENERATED) || !field_has_column(field) ||
			row->nulls[i])
			continue;
		if (names != NULL)
			appendStringInfo(names, "%s\"%s\"", emptied > 0 ? "," : "", field->json);
		row_set_null(row, i);
		emptied++;
	}
	return emptied;
}

/* Empties the personal fields of all rows of a resource that name some customers in a field. */
static int64
empty_rows(Call *call, ResourceId resource, int field, const TextList *uids)
{
	RowSet	   *set = rowset_create(call, resource);
	int64		emptied = 0;

	rowset_load(set, field, uids->values, uids->count, false);
	for (int i = 0; i < set->list.count; i++)
		emptied += empty_fields(set->list.rows[i], NULL) > 0;
	rowset_flush(set);
	return emptied;
}

/* Takes out all rows of a resource that name some customers in a field. */
static int64
remove_rows(Call *call, ResourceId resource, int field, const TextList *uids)
{
	PlanKey		key = {.statement = STATEMENT_DELETE_CHILDREN, .resource = resource, .detail = field};
	Datum		arguments[2] = {call->tenant, text_array(uids->values, uids->count)};

	return plan_execute(&key, 2, arguments, NULL, false);
}

/* Leaves of a customer's orders what bookkeeping needs. */
static int64
erase_orders(Call *call, const OrderKind *kind, const char *customer_uid)
{
	PlanKey		key = {.statement = STATEMENT_DOCUMENTS, .resource = kind->resource,
	.detail = kind->uid, .extra = kind->customer_uid};
	Datum		arguments[2] = {call->tenant, CStringGetTextDatum(customer_uid)};
	uint64		nrows = plan_execute(&key, 2, arguments, NULL, false);
	Datum	   *uids = palloc(Max(nrows, 1) * sizeof(Datum));
	int64		count = 0;

	for (uint64 i = 0; i < nrows; i++)
		uids[i] = result_text(i, 1);
	for (uint64 begin = 0; begin < nrows; begin += ORDERS_AT_ONCE)
	{
		RowSet	   *orders;

		CHECK_FOR_INTERRUPTS();
		/* what these orders take goes with a connection of their own */
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		orders = rowset_create(call, kind->resource);
		rowset_load(orders, kind->uid, uids + begin, Min(ORDERS_AT_ONCE, nrows - begin), false);
		for (int i = 0; i < orders->list.count; i++)
		{
			Row		   *order = orders->list.rows[i];
			text	   *document = DatumGetTextPP(order->values[kind->document]);
			StringInfoData erased;

			/* while we waited for it it can have become somebody else's */
			if (order->nulls[kind->customer_uid] ||
				strcmp(row_text(order, kind->customer_uid), customer_uid) != 0)
				continue;
			count++;
			initStringInfo(&erased);
			document_append_erased(&erased, kind->object, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));
			row_set(order, kind->document, PointerGetDatum(cstring_to_text_with_len(erased.data, erased.len)));
			row_set(order, kind->last_modified_at, TimestampTzGetDatum(call->now));
		}
		rowset_flush(orders);
		if (SPI_finish() != SPI_OK_FINISH)
			elog(ERROR, "SPI_finish failed");
	}
	return count;
}

static int
compare_contacts(const void *a, const void *b)
{
	return compare_texts(*(const Datum *) a, *(const Datum *) b);
}

/* The contacts who speak for a customer and for nobody else, sorted. */
static TextList
own_contacts(Call *call, const TextList *customer)
{
	TextList	own = {0};

	add_found(call, STATEMENT_OWN_CONTACTS, customer->values, customer->count, &own);
	own.count = sort_unique_texts(own.values, own.count);
	return own;
}

/*
 * Takes out what hangs on a customer, and contacts who speak for nobody else; those
 * are added to a list.
 */
static void
remove_belongings(Call *call, const TextList *customer, TextList *removed, StringInfo report)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	TextList	own = own_contacts(call, customer);

	rowset_load(contacts, CONTACT_UID, own.values, own.count, true);
	/* while we waited for them others can have come to speak for somebody else too */
	own = own_contacts(call, customer);
	customers_remove_belongings(call, customer, report);
	for (int i = 0; i < contacts->list.count; i++)
	{
		Row		   *contact = contacts->list.rows[i];

		if (bsearch(&contact->values[CONTACT_UID], own.values, own.count, sizeof(Datum), compare_contacts) == NULL)
			continue;
		contact->present = false;
		text_list_add(removed, contact->values[CONTACT_UID]);
	}
	rowset_flush(contacts);
	total_add(call, TOTAL_CONTACT, "", -contacts->deleted);
	report_count(report, "contacts", contacts->deleted);
}

/* Lets the feed not tell who changed a customer and its contacts: it can have been the customer. */
static void
forget_authors(Call *call, const TextList *customers, const TextList *contacts)
{
	PlanKey		key = {.statement = STATEMENT_CHANGES_BY_NOBODY};
	Datum		arguments[3] = {call->tenant, text_array(customers->values, customers->count),
	text_array(contacts->values, contacts->count)};

	(void) plan_execute(&key, 3, arguments, NULL, false);
}

/*
 * Erases a customer, which is locked; the row is changed but not written yet.
 * Appends members to the report that tell what kinds of data there were.  Adds problems
 * when rows of tables outside can't be erased; then nothing may be kept.
 */
void
customer_erase(Call *call, Row *customer, StringInfo report)
{
	static const char *const order_names[ORDER_KINDS] = {"salesOrders", "serviceOrders"};
	PlanKey		pairs = {.statement = STATEMENT_DELETE_PAIRS};
	const char *uid = row_text(customer, CUSTOMER_UID);
	Datum		value = CStringGetTextDatum(uid);
	TextList	uids = customer_identities(call, uid);
	TextList	self = {.values = &value, .count = 1};
	TextList	contacts = {0};
	Datum		arguments[2] = {call->tenant, text_array(uids.values, uids.count)};

	appendStringInfoString(report, "\"fields\":[");
	(void) empty_fields(customer, report);
	appendStringInfoChar(report, ']');
	row_set(customer, CUSTOMER_ERASED_AT, TimestampTzGetDatum(call->now));
	row_set(customer, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	changes_set_operation(call, RESOURCE_CUSTOMER, uid, "ERASE");

	for (int i = 0; i < ORDER_KINDS; i++)
		report_count(report, order_names[i], erase_orders(call, &order_kinds[i], uid));
	remove_belongings(call, &self, &contacts, report);
	report_count(report, "mergedIdentities", empty_rows(call, RESOURCE_REDIRECT, REDIRECT_SURVIVOR_UID, &self));
	report_count(report, "externalCustomers", remove_rows(call, RESOURCE_EXTERNAL_CUSTOMER, EXTERNAL_CUSTOMER_UID, &uids));
	report_count(report, "duplicates", plan_execute(&pairs, 2, arguments, NULL, false));
	report_count(report, "accesses", remove_rows(call, RESOURCE_ACCESS, ACCESS_CUSTOMER_UID, &uids));
	forget_authors(call, &uids, &contacts);
	references_erase(call, &uids, report);
}
