/*-------------------------------------------------------------------------
 *
 * order_balance.c
 *	  What customers owe: the sum of what is open of their sales orders' invoices.
 *
 * Whoever changes what is open of an order holds the lock of its customer.  What
 * orders are made of is not known here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/change.h"
#include "core/plan.h"
#include "orders.h"

#include "common/int.h"

/* Adds amounts, none of them 0, to what customers owe, of whom each is there once. */
void
add_open_invoices(Call *call, const Datum *uids, const int64 *amounts, int count)
{
	PlanKey		key = {.statement = STATEMENT_ADD_OPEN_INVOICES};
	Datum	   *values = palloc(Max(count, 1) * sizeof(Datum));
	Datum		arguments[3];

	if (count == 0)
		return;
	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(amounts[i]);
	arguments[0] = call->tenant;
	arguments[1] = text_array(uids, count);
	arguments[2] = PointerGetDatum(construct_array(values, count, INT8OID, sizeof(int64),
												   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	(void) plan_execute(&key, 3, arguments, NULL, false);
	for (int i = 0; i < count; i++)
		changes_note_member(call, RESOURCE_CUSTOMER, TextDatumGetCString(uids[i]), "credit.balance");
}

/* Whose the sales orders with these uids are, and what is open of them, by their uids. */
StringMap *
order_debts_find(Call *call, const Datum *uids, int count)
{
	PlanKey		key = {.statement = STATEMENT_ORDER_DEBTS};
	Datum		arguments[2] = {call->tenant, text_array(uids, count)};
	StringMap  *debts = map_create();
	uint64		nrows = plan_execute(&key, 2, arguments, NULL, false);

	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		OrderDebt  *debt = palloc(sizeof(OrderDebt));
		bool		isnull;

		debt->customer_uid = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2);
		debt->amount = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &isnull));
		map_put(debts, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1), debt);
	}
	return debts;
}

/* Adds who owes something, if anybody does. */
void
debtors_add(TextList *debtors, const char *customer_uid, int64 open)
{
	if (customer_uid != NULL && open != 0)
		text_list_add(debtors, CStringGetTextDatum(customer_uid));
}

/* Locks customers whose balance is about to change; gives them as a map. */
StringMap *
debtors_lock(Call *call, TextList *debtors)
{
	RowSet	   *customers = rowset_create(call, RESOURCE_CUSTOMER);

	debtors->count = sort_unique_texts(debtors->values, debtors->count);
	rowset_load(customers, CUSTOMER_UID, debtors->values, debtors->count, false);
	return customers->index;
}

/*
 * Who changes what is open of an order holds the lock of its customer.  If somebody
 * did before we had the order, it can have got one whose lock we have not.
 */
void
debtors_check(const RowSet *orders, StringMap *locked)
{
	for (int i = 0; i < orders->list.count; i++)
	{
		const Row  *order = orders->list.rows[i]->before;

		if (row_amount(order, SALES_ORDER_OPEN_INVOICE_AMOUNT) != 0 && !order->nulls[SALES_ORDER_CUSTOMER_UID] &&
			map_get(locked, row_text(order, SALES_ORDER_CUSTOMER_UID)) == NULL)
			raise_concurrent_change();
	}
}

static void
add_difference(StringMap *map, TextList *uids, const Row *order, int sign)
{
	char	   *customer = row_text(order, SALES_ORDER_CUSTOMER_UID);
	int64		open = row_amount(order, SALES_ORDER_OPEN_INVOICE_AMOUNT);
	int64	   *sum;

	if (customer == NULL || open == 0)
		return;
	sum = map_get(map, customer);
	if (sum == NULL)
	{
		sum = palloc0(sizeof(int64));
		map_put(map, customer, sum);
		text_list_add(uids, CStringGetTextDatum(customer));
	}
	if (pg_add_s64_overflow(*sum, sign * open, sum))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("bigint out of range")));
}

/* Brings the balances of all customers to what their orders now are. */
void
order_balances_write(Call *call, const RowSet *orders)
{
	StringMap  *map = map_create();
	TextList	uids = {0};
	int64	   *amounts;
	int			count = 0;

	for (int i = 0; i < orders->list.count; i++)
	{
		const Row  *row = orders->list.rows[i];

		if (row->before)
			add_difference(map, &uids, row->before, -1);
		if (row->present)
			add_difference(map, &uids, row, 1);
	}
	amounts = palloc(Max(uids.count, 1) * sizeof(int64));
	for (int i = 0; i < uids.count; i++)
	{
		int64	   *sum = map_get(map, TextDatumGetCString(uids.values[i]));

		if (*sum == 0)
			continue;
		uids.values[count] = uids.values[i];
		amounts[count++] = *sum;
	}
	add_open_invoices(call, uids.values, amounts, count);
}
