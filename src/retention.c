/*-------------------------------------------------------------------------
 *
 * retention.c
 *	  What keeps a customer from being erased: the tenant's rules, and holds that
 *	  were set by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"
#include "erase.h"

static void
add_hold(Holds *holds, Hold hold)
{
	if (holds->count == holds->room)
	{
		holds->room = Max(8, holds->room * 2);
		holds->list = holds->list == NULL ? palloc(holds->room * sizeof(Hold))
			: repalloc(holds->list, holds->room * sizeof(Hold));
	}
	holds->ends = hold.ends && (holds->count == 0 || holds->ends);
	holds->until = holds->count == 0 ? hold.until : Max(holds->until, hold.until);
	holds->list[holds->count++] = hold;
}

/* Adds what the tenant's rules say of a customer's orders. */
static void
add_rules(Call *call, const char *customer_uid, Holds *holds)
{
	PlanKey		key = {.statement = STATEMENT_ORDERS_KEPT};
	Datum		arguments[3] = {call->tenant, CStringGetTextDatum(customer_uid)};
	RowBlock   *rules = read_rows(call, RESOURCE_RETENTION, ANSWER, 0, &call->tenant, 1);
	HeapTuple	tuple;
	TupleDesc	desc;
	Datum		last;
	bool		isnull;

	if (rules->nrows == 0)
		return;
	arguments[2] = rules->values[RETENTION_YEARS];
	(void) plan_execute(&key, 3, arguments, NULL, call->reader);
	tuple = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	if (DatumGetBool(rules->values[RETENTION_OPEN_ORDERS]) && DatumGetBool(SPI_getbinval(tuple, desc, 1, &isnull)))
		add_hold(holds, (Hold) {.reason = REASON_HELD_OPEN_ORDERS, .name = "OPEN_ORDERS"});
	if (DatumGetBool(rules->values[RETENTION_UNPAID_INVOICES]) && DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull)))
		add_hold(holds, (Hold) {.reason = REASON_HELD_UNPAID, .name = "UNPAID_INVOICES"});
	last = SPI_getbinval(tuple, desc, 3, &isnull);
	if (DatumGetInt32(arguments[2]) > 0 && !isnull && DatumGetTimestampTz(last) > call->now)
		add_hold(holds, (Hold) {.reason = REASON_HELD_LAST_ORDER, .name = "LAST_ORDER",
						 .ends = true, .until = DatumGetTimestampTz(last)});
}

/* Everything that keeps a customer from being erased now. */
Holds
holds_find(Call *call, const char *customer_uid)
{
	Holds		holds = {0};
	Datum		uid = CStringGetTextDatum(customer_uid);
	RowBlock   *by_hand = read_rows(call, RESOURCE_HOLD, ANSWER, HOLD_CUSTOMER_UID, &uid, 1);

	add_rules(call, customer_uid, &holds);
	for (int i = 0; i < by_hand->nrows; i++)
	{
		Row		   *row = row_create(by_hand->resource);
		Hold		hold = {.reason = REASON_HELD_BY_HAND, .name = "BY_HAND", .row = row};

		memcpy(row->values, by_hand->values + i * HOLD_FIELDS, HOLD_FIELDS * sizeof(Datum));
		memcpy(row->nulls, by_hand->nulls + i * HOLD_FIELDS, HOLD_FIELDS * sizeof(bool));
		hold.ends = !row->nulls[HOLD_UNTIL];
		if (!hold.ends)
			hold.reason = REASON_HELD_FOR_EVER;
		if (hold.ends)
			hold.until = DatumGetTimestampTz(row->values[HOLD_UNTIL]);
		if (!hold.ends || hold.until > call->now)
			add_hold(&holds, hold);
	}
	return holds;
}

/* Appends them as a list of objects, with commas between. */
void
holds_append(StringInfo out, const Holds *holds)
{
	for (int i = 0; i < holds->count; i++)
	{
		const Hold *hold = &holds->list[i];

		appendStringInfoString(out, i > 0 ? ",{" : "{");
		json_append_member(out, "kind", hold->name);
		appendStringInfoString(out, ",\"until\":");
		if (hold->ends)
			json_append_timestamp(out, hold->until);
		else
			appendStringInfoString(out, "\"\"");
		if (hold->row != NULL)
		{
			appendStringInfoChar(out, ',');
			json_append_member(out, "holdUid", row_text(hold->row, HOLD_UID));
			appendStringInfoChar(out, ',');
			json_append_member(out, "reason", row_text(hold->row, HOLD_REASON));
			appendStringInfoString(out, ",\"createdAt\":");
			json_append_timestamp(out, DatumGetTimestampTz(hold->row->values[HOLD_CREATED_AT]));
			appendStringInfoChar(out, ',');
			json_append_member(out, "createdBy", row_text(hold->row, HOLD_CREATED_BY));
		}
		appendStringInfoChar(out, '}');
	}
}

/* Tells them as problems: what a hold by hand says is not for messages. */
void
holds_add_problems(Call *call, const Holds *holds)
{
	for (int i = 0; i < holds->count; i++)
	{
		const Hold *hold = &holds->list[i];
		StringInfoData detail;

		initStringInfo(&detail);
		if (hold->ends)
		{
			json_append_timestamp(&detail, hold->until);
			/* without its quotes */
			detail.data[detail.len - 1] = '\0';
		}
		problem_add(&call->problems, hold->reason, NULL, hold->ends ? detail.data + 1 : NULL);
	}
}
