/*-------------------------------------------------------------------------
 *
 * api_credit.c
 *	  What customers may owe: their opening balance, and what a store may sell
 *	  them on credit.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/change.h"
#include "core/json_writer.h"
#include "core/page.h"

#include "common/int.h"

extern void customer_credit_balance_set_run(Call *call);
extern void store_customer_get_run(Call *call);

/* customer_credit_balance_set(tenant, customer, body) */
void
customer_credit_balance_set_run(Call *call)
{
	RowSet	   *customers = rowset_create(call, RESOURCE_CUSTOMER);
	const char *uid = call->arguments[ARGUMENT_CUSTOMER];
	Datum		value = CStringGetTextDatum(uid);
	JsonPath	root = {.parent = NULL};
	Row		   *body;
	Row		   *customer;

	if (!call_load_tenant(call))
		return;
	body = decode_body(call, customers->resource, LEDGER);
	if (body->given[CUSTOMER_OPENING_BALANCE] == GIVEN_NOT)
		problem_add(&call->problems, REASON_MISSING, "$.openingBalance", NULL);
	if (call_failed(call))
		return;
	rowset_load(customers, CUSTOMER_UID, &value, 1, false);
	customer = rowset_find(customers, uid);
	if (customer == NULL)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return;
	}
	if (!call_check_type(call, row_text(customer, CUSTOMER_TYPE)))
		return;
	apply_body(call, customer, body, &root);
	if (call_failed(call))
		return;
	if (!row_equal(customer, customer->before))
	{
		row_set(customer, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
		changes_note_member(call, RESOURCE_CUSTOMER, uid, "credit.balance");
	}
	rowset_flush(customers);
	(void) answer_row(call, RESOURCE_CUSTOMER, uid);
}

/* store_customer_get(tenant, store, customer): the customer, and the credit that a store may give */
void
store_customer_get_run(Call *call)
{
	Datum		customer_uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	Datum		store_uid = CStringGetTextDatum(call->arguments[ARGUMENT_STORE]);
	StringInfo	out = &call->answer;
	RowBlock   *customer;
	RowBlock   *store;
	int64		limit;
	int64		balance;
	int64		remaining;
	int64		order;
	const char *reason = "";

	if (!call_load_tenant(call))
		return;
	store = read_rows(call, RESOURCE_STORE, ANSWER, STORE_UID, &store_uid, 1);
	if (store->nrows == 0)
	{
		call_not_found(call, RESOURCE_STORE);
		return;
	}
	customer = read_rows(call, RESOURCE_CUSTOMER, ANSWER, CUSTOMER_UID, &customer_uid, 1);
	if (customer->nrows == 0)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return;
	}
	limit = DatumGetInt64(customer->values[CUSTOMER_CREDIT_LIMIT]);
	balance = DatumGetInt64(customer->values[CUSTOMER_CREDIT_BALANCE]);
	if (balance >= limit || pg_sub_s64_overflow(limit, balance, &remaining))
		remaining = balance >= limit ? 0 : PG_INT64_MAX;
	order = remaining;
	if (!store->nulls[STORE_MAX_SINGLE_ORDER_VALUE])
		order = Min(order, DatumGetInt64(store->values[STORE_MAX_SINGLE_ORDER_VALUE]));
	/* without a limit nobody has granted credit */
	if (limit == 0)
		reason = "NO_CREDIT_LIMIT";
	else if (remaining == 0)
		reason = "CREDIT_LIMIT_REACHED";
	else if (order == 0)
		reason = "NO_CREDIT_IN_STORE";
	answer_begin(call, 2048);
	appendStringInfoString(out, "{\"customer\":");
	render_row(out, customer, 0);
	appendStringInfo(out, ",\"credit\":{\"approved\":%s,\"limit\":" INT64_FORMAT ",\"balance\":" INT64_FORMAT
					 ",\"remaining\":" INT64_FORMAT ",\"maxSingleOrderValue\":" INT64_FORMAT ",",
					 reason[0] == '\0' ? "true" : "false", limit, balance, remaining, order);
	json_append_member(out, "declineReason", reason);
	appendStringInfoString(out, "}}");
}
