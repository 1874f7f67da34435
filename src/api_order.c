/*-------------------------------------------------------------------------
 *
 * api_order.c
 *	  Sales orders and service orders: documents that are kept as they came,
 *	  one or many at once, with the columns beside them that answers need.
 *
 * What is still to be paid of an order's invoices counts into its customer's
 * balance.  Customers are locked before orders, as whoever changes customers
 * takes their orders after them.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/change.h"
#include "core/page.h"
#include "core/parse.h"
#include "core/plan.h"
#include "core/redirect.h"
#include "erase.h"
#include "orders.h"

#include "utils/formatting.h"

extern void sales_order_put_run(Call *call);
extern void sales_order_batch_run(Call *call);
extern void sales_order_remove_run(Call *call);
extern void service_order_put_run(Call *call);
extern void service_order_batch_run(Call *call);
extern void service_order_remove_run(Call *call);

const OrderKind order_kinds[ORDER_KINDS] = {
	{
		RESOURCE_SALES_ORDER, DOCUMENT_SALES_ORDER, "orders", "orderUid", SALES_ORDER_UID,
		SALES_ORDER_CUSTOMER_UID, SALES_ORDER_DOCUMENT, SALES_ORDER_CREATED_AT,
		SALES_ORDER_LAST_MODIFIED_AT
	},
	{
		RESOURCE_SERVICE_ORDER, DOCUMENT_SERVICE_ORDER, "services", "serviceOrderUid", SERVICE_ORDER_UID,
		SERVICE_ORDER_CUSTOMER_UID, SERVICE_ORDER_DOCUMENT, SERVICE_ORDER_CREATED_AT,
		SERVICE_ORDER_LAST_MODIFIED_AT
	},
};

#define SALES_ORDERS (&order_kinds[0])
#define SERVICE_ORDERS (&order_kinds[1])

/* After so many problems of a batch only the first one of each document is told. */
#define MAX_BATCH_PROBLEMS 10000

/* A document that is to be put. */
typedef struct OrderItem
{
	Row		   *body;			/* what we need of it; NULL when it can't be read */
	char	   *uid;
	const char *document;		/* as it came */
	int			length;
	int64		open;			/* what is still to be paid */
	JsonPath	path;
	Problems	problems;
	int			decode_problems;
} OrderItem;

typedef struct OrderWork
{
	ListWork	list;
	Call	   *call;
	const OrderKind *kind;
	OrderItem  *items;
} OrderWork;

/*
 * What is still to be paid of an order's invoices.  An invoice is a
 * settlement whose code holds the word INVOICE, for example INVOICE itself or
 * TWO_INVOICE.
 */
static int64
open_invoice_amount(Call *call, const Row *order, const JsonPath *path)
{
	RowList    *settlements;
	JsonPath	name = {path, "settlements", strlen("settlements"), 0};
	int64		open = 0;

	if (order->nulls[SALES_ORDER_SETTLEMENTS])
		return 0;
	settlements = (RowList *) DatumGetPointer(order->values[SALES_ORDER_SETTLEMENTS]);
	for (int i = 0; i < settlements->count; i++)
	{
		const Row  *settlement = settlements->rows[i];
		char	   *code = row_text(settlement, SETTLEMENT_CODE);

		if (code != NULL && strstr(asc_toupper(code, strlen(code)), "INVOICE") != NULL)
			open += row_amount(settlement, SETTLEMENT_AMOUNT) -
				row_amount(settlement, SETTLEMENT_PAYMENT_AMOUNT) -
				row_amount(settlement, SETTLEMENT_CREDIT_AMOUNT);
		/* each is far from the limits of an int64, so is the sum so far */
		if (open < -AMOUNT_MAX || open > AMOUNT_MAX)
		{
			problem_add_at(&call->problems, REASON_OUT_OF_RANGE, &name,
						   psprintf(INT64_FORMAT " to " INT64_FORMAT " in sum",
									-AMOUNT_MAX, AMOUNT_MAX));
			return 0;
		}
	}
	return open;
}

/* Reads the document that comes next; what is wrong goes to the item's own problems. */
static void
decode_item(Call *call, const OrderKind *kind, OrderItem *item, JsonReader *reader, int limit)
{
	Problems	saved = call->problems;
	JsonReader	again;

	problems_init(&call->problems, call->context);
	call->problems.limit = limit;
	(void) json_peek(reader);
	item->document = reader->p;
	json_skip(reader);
	item->length = reader->p - item->document;
	json_reader_init(&again, item->document, item->length);
	if (document_check(call, kind->object, item->document, item->length, &item->path))
	{
		item->body = decode_row(call, &resources[kind->resource], WRITE, &again, &item->path);
		decode_check_required(call, item->body, &item->path);
	}
	else
	{
		/* its uid tells which one it is */
		Problems	found = call->problems;

		problems_init(&call->problems, call->context);
		item->body = decode_row(call, &resources[kind->resource], KEY, &again, &item->path);
		call->problems = found;
	}
	item->uid = row_text(item->body, kind->uid);
	if (kind == SALES_ORDERS && call->problems.count == 0)
		item->open = open_invoice_amount(call, item->body, &item->path);
	item->problems = call->problems;
	item->decode_problems = item->problems.count;
	call->problems = saved;
}

/*
 * Finds and locks the customers of all items, those whose balance changes for that.
 * Gives a map from each uid that the items name to the customer that is left, and
 * another one of those whose balance may change.
 */
static StringMap *
lock_customers(OrderWork *work, StringMap *debts, StringMap **debtors_locked)
{
	TextList	named = {0};
	TextList	debtors = {0};
	StringMap  *customers;

	for (int i = work->list.first; i < work->list.last; i++)
	{
		OrderItem  *item = &work->items[i];

		if (item->decode_problems == 0 && !item->body->nulls[work->kind->customer_uid])
			text_list_add(&named, item->body->values[work->kind->customer_uid]);
	}
	customers = customers_existing(work->call, named.values, named.count);
	for (int i = work->list.first; i < work->list.last; i++)
	{
		OrderItem  *item = &work->items[i];
		OrderDebt  *debt;
		char	   *customer;

		if (item->decode_problems > 0)
			continue;
		debt = debts ? map_get(debts, item->uid) : NULL;
		customer = row_text(item->body, work->kind->customer_uid);
		debtors_add(&debtors, customer ? map_get(customers, customer) : NULL, item->open);
		if (debt)
			debtors_add(&debtors, debt->customer_uid, debt->amount);
	}
	*debtors_locked = debtors_lock(work->call, &debtors);
	return customers;
}

/* Which customers that orders are of, or are going to be of, have been erased. */
static StringMap *
find_erased(OrderWork *work, const RowSet *orders, StringMap *customers)
{
	TextList	uids = {0};

	for (int i = 0; i < orders->list.count; i++)
	{
		if (!orders->list.rows[i]->nulls[work->kind->customer_uid])
			text_list_add(&uids, orders->list.rows[i]->values[work->kind->customer_uid]);
	}
	for (int i = work->list.first; i < work->list.last; i++)
	{
		const OrderItem *item = &work->items[i];
		char	   *customer = item->decode_problems > 0 ? NULL : row_text(item->body, work->kind->customer_uid);

		customer = customer ? map_get(customers, customer) : NULL;
		if (customer)
			text_list_add(&uids, CStringGetTextDatum(customer));
	}
	uids.count = sort_unique_texts(uids.values, uids.count);
	return customers_erased(work->call, uids.values, uids.count);
}

/* Is a customer, who can be nobody, one of those that have been erased? */
static bool
is_erased(StringMap *erased, const char *customer_uid)
{
	return customer_uid != NULL && map_get(erased, customer_uid) != NULL;
}

/* Puts one item's document in place of what is there, in memory. */
static void
apply_item(OrderWork *work, OrderItem *item, RowSet *orders, StringMap *customers, StringMap *erased)
{
	const OrderKind *kind = work->kind;
	Call	   *call = work->call;
	char	   *customer = row_text(item->body, kind->customer_uid);
	Row		   *row;

	if (customer != NULL)
	{
		customer = map_get(customers, customer);
		if (customer == NULL)
		{
			problem_add_resource(&item->problems, REASON_NOT_FOUND, &resources[RESOURCE_CUSTOMER],
								 json_path_text(&item->path, "customerUid"));
			return;
		}
	}
	row = rowset_find(orders, item->uid);
	if (row == NULL)
	{
		row = row_create(orders->resource);
		row_set_text(row, kind->uid, item->uid);
		row_set(row, kind->created_at, TimestampTzGetDatum(call->now));
		rowset_add(orders, row);
	}
	for (int i = 0; i < orders->resource->nfields; i++)
	{
		if ((orders->resource->fields[i].flags & (WRITE | KEY)) != WRITE ||
			!field_has_column(&orders->resource->fields[i]))
			continue;
		row->values[i] = item->body->values[i];
		row->nulls[i] = item->body->nulls[i];
	}
	row_set_text(row, kind->customer_uid, customer);
	if (is_erased(erased, customer) ||
		(row->before != NULL && is_erased(erased, row_text(row->before, kind->customer_uid))))
	{
		StringInfoData left;

		/* what is known of who was erased does not come back with an order */
		initStringInfo(&left);
		document_append_erased(&left, kind->object, item->document, item->length);
		row_set(row, kind->document, PointerGetDatum(cstring_to_text_with_len(left.data, left.len)));
	}
	else
		row_set(row, kind->document, PointerGetDatum(cstring_to_text_with_len(item->document, item->length)));
	if (kind == SALES_ORDERS)
		row_set(row, SALES_ORDER_OPEN_INVOICE_AMOUNT, Int64GetDatum(item->open));
	if (row->before == NULL || !row_equal(row, row->before))
		row_set(row, kind->last_modified_at, TimestampTzGetDatum(call->now));
}

/* Puts a list of documents, for attempt_list(). */
static bool
put_orders(ListWork *list)
{
	OrderWork  *work = (OrderWork *) list;
	const OrderKind *kind = work->kind;
	RowSet	   *orders = rowset_create(work->call, kind->resource);
	TextList	uids = {0};
	StringMap  *debts = NULL;
	StringMap  *customers;
	StringMap  *locked;
	StringMap  *erased;

	changes_begin(work->call);
	for (int i = list->first; i < list->last; i++)
	{
		work->items[i].problems.count = work->items[i].decode_problems;
		if (work->items[i].decode_problems == 0)
			text_list_add(&uids, work->items[i].body->values[kind->uid]);
	}
	uids.count = sort_unique_texts(uids.values, uids.count);
	if (uids.count == 0)
		return true;
	if (kind == SALES_ORDERS)
		debts = order_debts_find(work->call, uids.values, uids.count);
	customers = lock_customers(work, debts, &locked);
	rowset_load(orders, kind->uid, uids.values, uids.count, false);
	if (kind == SALES_ORDERS)
		debtors_check(orders, locked);
	erased = find_erased(work, orders, customers);
	for (int i = list->first; i < list->last; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (work->items[i].decode_problems == 0)
			apply_item(work, &work->items[i], orders, customers, erased);
	}
	rowset_flush(orders);
	if (kind == SALES_ORDERS)
		order_balances_write(work->call, orders);
	changes_write(work->call);
	return true;
}

static void
refuse_item(ListWork *list)
{
	OrderItem  *item = &((OrderWork *) list)->items[list->first];

	if (item->problems.count == 0)
		problem_add(&item->problems, REASON_CONFLICT, NULL, NULL);
}

/* sales_order_put and service_order_put(tenant, body) */
static void
put_single(Call *call, const OrderKind *kind)
{
	OrderItem	item = {0};
	OrderWork	work = {{put_orders, refuse_item, 0, 1}, call, kind, &item};
	JsonReader	reader;

	if (!call_load_tenant(call))
		return;
	json_reader_init(&reader, call->body, call->body_length);
	decode_item(call, kind, &item, &reader, MAX_PROBLEMS);
	if (item.decode_problems == 0)
		(void) put_orders(&work.list);
	call->problems = item.problems;
	if (!call_failed(call))
		(void) answer_row(call, kind->resource, item.uid);
}

/*
 * Goes to the list of documents in a batch's body, which is that list or an object
 * with it; false, with a problem, when there is none.
 */
static bool
find_list(Call *call, const OrderKind *kind, JsonReader *list, JsonPath *path)
{
	JsonReader	reader;
	JsonString	name;
	bool		found = false;

	json_reader_init(list, call->body, call->body_length);
	if (json_peek(list) == '[')
		return true;
	if (!call_body_object(call, &reader))
		return false;
	path->name = kind->list;
	path->name_length = strlen(kind->list);
	while (json_next_member(&reader, &name))
	{
		if (json_string_is(&name, kind->list))
		{
			*list = reader;
			found = true;
		}
		json_skip(&reader);
	}
	if (found && json_peek(list) == '[')
		return true;
	problem_add(&call->problems, found ? REASON_NOT_ARRAY : REASON_MISSING,
				psprintf("$.%s", kind->list), NULL);
	return false;
}

/* sales_order_batch and service_order_batch(tenant, body) */
static void
put_batch(Call *call, const OrderKind *kind)
{
	JsonPath	root = {.parent = NULL};
	JsonPath	path = {.parent = &root};
	OrderWork	work = {{put_orders, refuse_item, 0, 0}, call, kind, NULL};
	JsonReader	list;
	JsonReader	reader;
	int			room = 64;
	int			count = 0;
	int			failed = 0;
	int			room_for_problems = MAX_BATCH_PROBLEMS;
	StringInfo	out = &call->answer;

	if (!call_load_tenant(call) || !find_list(call, kind, &list, &path))
		return;
	work.items = palloc(room * sizeof(OrderItem));
	json_enter(&list, &reader);
	while (json_next_element(&reader))
	{
		CHECK_FOR_INTERRUPTS();
		if (count == call->tenant_row.max_batch_items)
		{
			problem_add(&call->problems, REASON_TOO_MANY_ITEMS, NULL,
						psprintf("%d", call->tenant_row.max_batch_items));
			return;
		}
		if (count == room)
		{
			room *= 2;
			work.items = repalloc_huge(work.items, room * sizeof(OrderItem));
		}
		memset(&work.items[count], 0, sizeof(OrderItem));
		work.items[count].path = (JsonPath) {path.name ? &path : &root, NULL, 0, count};
		decode_item(call, kind, &work.items[count], &reader, Max(1, Min(MAX_PROBLEMS, room_for_problems)));
		room_for_problems -= work.items[count].problems.count;
		count++;
	}
	work.list.last = count;
	if (count > 0)
		attempt_list(&work.list);
	changes_begin(call);
	answer_begin(call, 1024);
	appendStringInfoString(out, "{\"errors\":[");
	for (int i = 0; i < count; i++)
	{
		const OrderItem *item = &work.items[i];

		if (item->problems.count == 0)
			continue;
		if (failed++ > 0)
			appendStringInfoChar(out, ',');
		problems_append_item(&item->problems, call_language(call), kind->uid_name,
							 item->uid ? item->uid : "", i, &item->path, out);
	}
	appendStringInfo(out, "],\"success\":%d}", count - failed);
}

/* sales_order_remove and service_order_remove(tenant, uid) */
static void
remove_single(Call *call, const OrderKind *kind)
{
	RowSet	   *orders = rowset_create(call, kind->resource);
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_UID]);
	StringMap  *locked = NULL;
	Row		   *order;

	if (!call_load_tenant(call))
		return;
	if (kind == SALES_ORDERS)
	{
		TextList	debtors = {0};
		OrderDebt  *debt = map_get(order_debts_find(call, &uid, 1), call->arguments[ARGUMENT_UID]);

		if (debt)
			debtors_add(&debtors, debt->customer_uid, debt->amount);
		locked = debtors_lock(call, &debtors);
	}
	rowset_load(orders, kind->uid, &uid, 1, true);
	order = rowset_find(orders, call->arguments[ARGUMENT_UID]);
	if (order == NULL)
	{
		call_not_found(call, kind->resource);
		return;
	}
	if (kind == SALES_ORDERS)
		debtors_check(orders, locked);
	order->present = false;
	rowset_flush(orders);
	if (kind == SALES_ORDERS)
		order_balances_write(call, orders);
}

void
sales_order_put_run(Call *call)
{
	put_single(call, SALES_ORDERS);
}

void
sales_order_batch_run(Call *call)
{
	put_batch(call, SALES_ORDERS);
}

void
sales_order_remove_run(Call *call)
{
	remove_single(call, SALES_ORDERS);
}

void
service_order_put_run(Call *call)
{
	put_single(call, SERVICE_ORDERS);
}

void
service_order_batch_run(Call *call)
{
	put_batch(call, SERVICE_ORDERS);
}

void
service_order_remove_run(Call *call)
{
	remove_single(call, SERVICE_ORDERS);
}
