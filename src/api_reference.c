/*-------------------------------------------------------------------------
 *
 * api_reference.c
 *	  Puts and removes of what other systems own and our answers need:
 *	  tenants, organizations, stores, users, consents, printers, and the
 *	  documents of orders and of outside directories.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/guard.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/parse.h"
#include "core/plan.h"
#include "core/redirect.h"

#include "utils/formatting.h"

#define OPERATION(symbol, name, arguments, method, path, status, permissions) \
	extern void name##_run(Call *call);
#define OPERATION_LATER(symbol, method, path)
#include "core/operations.h"
#undef OPERATION
#undef OPERATION_LATER

/* Is there an index for a field, or -1: resources differ in what they have. */
static int
find_column(const Resource *resource, const char *column)
{
	for (int i = 0; i < resource->nfields; i++)
	{
		if (field_has_column(&resource->fields[i]) &&
			strcmp(resource->fields[i].column, column) == 0)
			return i;
	}
	return -1;
}

static void
set_time(Call *call, Row *row, const char *column)
{
	int			field = find_column(row->resource, column);

	/* a document can say it itself */
	if (field >= 0 && !((row->resource->fields[field].flags & WRITE) && !row->nulls[field]))
		row_set(row, field, TimestampTzGetDatum(call->now));
}

/*
 * Checks that the rows which a row's fields name exist.  A customer that was
 * merged away stands for the one that is left.
 */
static void
check_references(Call *call, Row *row, const Row *body)
{
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if (field->kind != FIELD_UID || field->target == RESOURCE_TENANT ||
			body->given[i] != GIVEN_RIGHT || row->nulls[i])
			continue;
		if (field->target == RESOURCE_CUSTOMER)
		{
			Datum		uid = row->values[i];
			char	   *customer = map_get(customers_existing(call, &uid, 1), row_text(row, i));

			if (customer != NULL)
			{
				row_set_text(row, i, customer);
				continue;
			}
		}
		else if (row_exists(call, field->target, row_text(row, i)))
			continue;
		problem_add_resource(&call->problems, REASON_NOT_FOUND,
							 &resources[field->target], psprintf("$.%s", field->json));
	}
}

/*
 * Puts a body into a row, which is loaded into the set or new; gives the row, or
 * NULL with problems.  Nothing is written yet.
 */
static Row *
prepare_put(Call *call, RowSet *set, Row *body)
{
	const Resource *resource = set->resource;
	JsonPath	root = {.parent = NULL};
	Row		   *row = NULL;
	int			keys[MAX_KEYS];
	bool		has_key = resource_keys(resource, keys) > 0;
	char	   *uid = has_key ? row_text(body, keys[0]) : pstrdup("");
	int			document = find_column(resource, "document");

	if (uid != NULL)
	{
		Datum		value = CStringGetTextDatum(uid);

		rowset_load(set, has_key ? keys[0] : 0, &value, 1, false);
		row = rowset_find(set, uid);
	}
	if (row == NULL)
	{
		decode_check_required(call, body, &root);
		row = row_create(resource);
		apply_defaults(call, row);
		if (has_key)
			row_set_text(row, keys[0], uid ? uid : uid_generate());
		rowset_add(set, row);
	}
	else if (document >= 0)
	{
		/* a document is put whole */
		decode_check_required(call, body, &root);
		for (int i = 0; i < resource->nfields; i++)
		{
			if ((resource->fields[i].flags & (WRITE | KEY)) == WRITE)
				row_set_null(row, i);
		}
		apply_defaults(call, row);
	}
	apply_body(call, row, body, &root);
	if (row->before == NULL)
		set_time(call, row, "created_at");
	if (document >= 0)
		row_set(row, document,
				PointerGetDatum(cstring_to_text_with_len(call->body, call->body_length)));
	if (!call_failed(call))
		check_references(call, row, body);
	if (row->before == NULL || !row_equal(row, row->before))
		set_time(call, row, "last_modified_at");
	/* lists that only the document holds, for who wants to look into them */
	for (int i = 0; i < resource->nfields; i++)
	{
		if (resource->fields[i].kind == FIELD_CHILDREN)
		{
			row->values[i] = body->values[i];
			row->nulls[i] = body->nulls[i];
		}
	}
	return call_failed(call) ? NULL : row;
}

static void
put(Call *call, ResourceId resource)
{
	RowSet	   *set = rowset_create(call, resource);
	Row		   *row;

	if (!call_load_tenant(call))
		return;
	row = prepare_put(call, set, decode_body(call, &resources[resource], WRITE));
	if (row == NULL)
		return;
	rowset_flush(set);
	(void) answer_row(call, resource, row->key);
}

/* A row is flushed, for attempt(). */
static bool
flush_work(void *argument)
{
	rowset_flush(argument);
	return true;
}

/*
 * Removes the row that the call names.  That nothing refers to it is for the
 * foreign keys to say.
 */
static Row *
remove_row(Call *call, ResourceId resource)
{
	RowSet	   *set = rowset_create(call, resource);
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_UID]);
	int			keys[MAX_KEYS];
	Row		   *row;
	ErrorData  *error;

	if (!call_load_tenant(call))
		return NULL;
	(void) resource_keys(set->resource, keys);
	rowset_load(set, keys[0], &uid, 1, true);
	row = rowset_find(set, call->arguments[ARGUMENT_UID]);
	if (row == NULL)
	{
		call_not_found(call, resource);
		return NULL;
	}
	row->present = false;
	switch (attempt(flush_work, set, &error))
	{
		case OUTCOME_DONE:
			return row;
		case OUTCOME_REFUSED:
			if (set->resource->codes & CODE_IN_USE)
				problem_add_resource(&call->problems, REASON_IN_USE, set->resource, NULL);
			else
				problem_add(&call->problems, REASON_CONFLICT, NULL, NULL);
			return NULL;
		default:
			ReThrowError(error);
	}
	return NULL;
}

/* ---------------------------------------------------------------------
 * Tenants
 * --------------------------------------------------------------------- */

/* tenant_put(tenant, body) */
void
tenant_put_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_TENANT);

	guard_ensure();
	if (prepare_put(call, set, decode_body(call, set->resource, WRITE)) == NULL)
		return;
	rowset_flush(set);
	/* the last tenant may have been removed while we waited to write */
	guard_ensure();
	(void) answer_row(call, RESOURCE_TENANT, "");
}

/* tenant_remove(tenant): only when it has no customer data left */
void
tenant_remove_run(Call *call)
{
	/* in an order that the foreign keys allow */
	static const ResourceId reference_data[] = {
		RESOURCE_MERGE, RESOURCE_EXTERNAL_CUSTOMER, RESOURCE_EXTERNAL_SOURCE, RESOURCE_PRINTER, RESOURCE_TENANT_USER,
		RESOURCE_STORE, RESOURCE_ORGANIZATION, RESOURCE_CONSENT, RESOURCE_DUPLICATE_STATE,
		RESOURCE_DUPLICATE_RUN_ITEM, RESOURCE_DUPLICATE_RUN, RESOURCE_DUPLICATE_CUSTOMER,
		RESOURCE_DUPLICATE_PAIR, RESOURCE_DUPLICATE_DISMISSAL
	};
	PlanKey		key = {.statement = STATEMENT_TENANT_HAS_DATA};
	RowSet	   *set = rowset_create(call, RESOURCE_TENANT);

	rowset_load(set, 0, &call->tenant, 1, true);
	if (!call_load_tenant(call))
		return;
	if (plan_execute(&key, 1, &call->tenant, NULL, false) > 0)
	{
		problem_add(&call->problems, REASON_TENANT_NOT_EMPTY, NULL, NULL);
		return;
	}
	for (int i = 0; i < (int) lengthof(reference_data); i++)
	{
		key = (PlanKey) {.statement = STATEMENT_DELETE_ALL, .resource = reference_data[i]};
		(void) plan_execute(&key, 1, &call->tenant, NULL, false);
	}
	total_remove_all(call);
	key = (PlanKey) {.statement = STATEMENT_DELETE_ALL, .resource = RESOURCE_TENANT};
	(void) plan_execute(&key, 1, &call->tenant, NULL, false);
	guard_drop_if_unused();
}

/* ---------------------------------------------------------------------
 * Simple reference data
 * --------------------------------------------------------------------- */

/* NAME_put(tenant, body) and NAME_remove(tenant, uid) */
#define REFERENCE_DATA(name, resource) \
	void \
	name##_put_run(Call *call) \
	{ \
		put(call, resource); \
	} \
	void \
	name##_remove_run(Call *call) \
	{ \
		(void) remove_row(call, resource); \
	}

REFERENCE_DATA(organization, RESOURCE_ORGANIZATION)
REFERENCE_DATA(store, RESOURCE_STORE)
REFERENCE_DATA(tenant_user, RESOURCE_TENANT_USER)
REFERENCE_DATA(consent, RESOURCE_CONSENT)
REFERENCE_DATA(printer, RESOURCE_PRINTER)
REFERENCE_DATA(external_customer, RESOURCE_EXTERNAL_CUSTOMER)
REFERENCE_DATA(service_order, RESOURCE_SERVICE_ORDER)

/* ---------------------------------------------------------------------
 * Orders
 * --------------------------------------------------------------------- */

static int64
amount(const Row *row, int field)
{
	return row->nulls[field] ? 0 : DatumGetInt64(row->values[field]);
}

/*
 * What is still to be paid of an order's invoices.  An invoice is a
 * settlement whose code holds the word INVOICE, for example INVOICE itself or
 * TWO_INVOICE.
 */
static int64
open_invoice_amount(Call *call, const Row *order)
{
	RowList    *settlements;
	JsonPath	root = {.parent = NULL};
	JsonPath	name = {&root, "settlements", strlen("settlements"), 0};
	int64		open = 0;

	if (order->nulls[SALES_ORDER_SETTLEMENTS])
		return 0;
	settlements = (RowList *) DatumGetPointer(order->values[SALES_ORDER_SETTLEMENTS]);
	for (int i = 0; i < settlements->count; i++)
	{
		const Row  *settlement = settlements->rows[i];
		char	   *code = row_text(settlement, SETTLEMENT_CODE);

		if (code != NULL && strstr(asc_toupper(code, strlen(code)), "INVOICE") != NULL)
			open += amount(settlement, SETTLEMENT_AMOUNT) -
				amount(settlement, SETTLEMENT_PAYMENT_AMOUNT) -
				amount(settlement, SETTLEMENT_CREDIT_AMOUNT);
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

/* Adds to what a customer owes; NULL is nobody. */
static void
add_open_invoices(Call *call, const char *customer_uid, int64 difference)
{
	PlanKey		key = {.statement = STATEMENT_ADD_OPEN_INVOICES};
	Datum		arguments[3];

	if (customer_uid == NULL || difference == 0)
		return;
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(customer_uid);
	arguments[2] = Int64GetDatum(difference);
	(void) plan_execute(&key, 3, arguments, NULL, false);
}

/* Whose an order is, and what is still to be paid of it. */
typedef struct OrderDebt
{
	char	   *customer_uid;	/* NULL for nobody */
	int64		amount;
} OrderDebt;

/*
 * Locks the customer whose order is about to change, and the one who is to have
 * it, before the order is locked: whoever changes customers takes their orders
 * after them.  Only who has a debt has to wait for others.  Gives what the order
 * was; its uid and the new customer can be NULL.
 */
static OrderDebt
lock_customers(Call *call, const char *order_uid, const char *new_customer, int64 new_amount)
{
	PlanKey		key = {.statement = STATEMENT_ORDER_DEBT};
	Datum		arguments[2] = {call->tenant, (Datum) 0};
	TextList	uids = {0};
	OrderDebt	debt = {0};

	if (order_uid != NULL)
		arguments[1] = CStringGetTextDatum(order_uid);
	if (order_uid != NULL && plan_execute(&key, 2, arguments, NULL, false) > 0)
	{
		bool		isnull;

		debt.customer_uid = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		debt.amount = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
												  2, &isnull));
	}
	if (debt.customer_uid)
		text_list_add(&uids, CStringGetTextDatum(debt.customer_uid));
	if (new_customer)
		text_list_add(&uids, CStringGetTextDatum(new_customer));
	uids.count = sort_unique_texts(uids.values, uids.count);
	if (debt.amount != 0 || new_amount != 0)
		rowset_load(rowset_create(call, RESOURCE_CUSTOMER), CUSTOMER_UID, uids.values, uids.count, false);
	else
		(void) existing_uids(call, RESOURCE_CUSTOMER, uids.values, uids.count);
	return debt;
}

/* Was an order, if there is one, changed while we waited for its customer? */
static void
check_debt(const OrderDebt *locked, const Row *order)
{
	const char *customer = order ? row_text(order, SALES_ORDER_CUSTOMER_UID) : NULL;
	int64		debt = order ? amount(order, SALES_ORDER_OPEN_INVOICE_AMOUNT) : 0;

	if (debt != locked->amount ||
		(customer == NULL) != (locked->customer_uid == NULL) ||
		(customer != NULL && strcmp(customer, locked->customer_uid) != 0))
		raise_concurrent_change();
}

/* sales_order_put(tenant, body) */
void
sales_order_put_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_SALES_ORDER);
	Row		   *body;
	Row		   *order;
	OrderDebt	old;
	char	   *new_customer;
	int64		new_amount;

	if (!call_load_tenant(call))
		return;
	body = decode_body(call, set->resource, WRITE);
	new_amount = open_invoice_amount(call, body);
	old = lock_customers(call, row_text(body, SALES_ORDER_UID),
						 row_text(body, SALES_ORDER_CUSTOMER_UID), new_amount);
	order = prepare_put(call, set, body);
	if (order == NULL)
		return;
	check_debt(&old, order->before);
	row_set(order, SALES_ORDER_OPEN_INVOICE_AMOUNT, Int64GetDatum(new_amount));
	new_customer = row_text(order, SALES_ORDER_CUSTOMER_UID);
	rowset_flush(set);
	if (old.customer_uid && new_customer && strcmp(old.customer_uid, new_customer) == 0)
		add_open_invoices(call, new_customer, new_amount - old.amount);
	else if (old.customer_uid && new_customer && strcmp(old.customer_uid, new_customer) > 0)
	{
		/* in the order of the uids, as every writer of customers */
		add_open_invoices(call, new_customer, new_amount);
		add_open_invoices(call, old.customer_uid, -old.amount);
	}
	else
	{
		add_open_invoices(call, old.customer_uid, -old.amount);
		add_open_invoices(call, new_customer, new_amount);
	}
	(void) answer_row(call, RESOURCE_SALES_ORDER, order->key);
}

/* sales_order_remove(tenant, uid) */
void
sales_order_remove_run(Call *call)
{
	OrderDebt	debt;
	Row		   *order;

	if (!call_load_tenant(call))
		return;
	debt = lock_customers(call, call->arguments[ARGUMENT_UID], NULL, 0);
	order = remove_row(call, RESOURCE_SALES_ORDER);
	if (order == NULL)
		return;
	check_debt(&debt, order);
	add_open_invoices(call, debt.customer_uid, -debt.amount);
}
