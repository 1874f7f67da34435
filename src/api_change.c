/*-------------------------------------------------------------------------
 *
 * api_change.c
 *	  What happened: the feed of changes, and who read which customer.
 *
 *-------------------------------------------------------------------------
 */
#include "core/change.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "changes.h"

extern void changes_run(Call *call);
extern void changes_forget_run(Call *call);
extern void customer_access_list_run(Call *call);

/* Where in the feed a change stands. */
typedef struct ChangePosition
{
	int64		generation;		/* of servers on which the data has lived */
	int64		transaction;
	int64		place;			/* within the transaction */
} ChangePosition;

/* Reads a position as answers show it; false when it is none. */
static bool
parse_position(const char *text, ChangePosition *position)
{
	int64	   *parts[] = {&position->generation, &position->transaction, &position->place};

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		char	   *end;

		if (*text < '0' || *text > '9')
			return false;
		errno = 0;
		*parts[i] = strtoi64(text, &end, 10);
		if (errno != 0 || *end != (i + 1 < (int) lengthof(parts) ? '.' : '\0'))
			return false;
		text = end + 1;
	}
	return true;
}

static void
append_position(StringInfo out, const Datum *values)
{
	appendStringInfo(out, INT64_FORMAT "." INT64_FORMAT "." INT64_FORMAT,
					 DatumGetInt64(values[CHANGE_GENERATION]),
					 DatumGetInt64(values[CHANGE_TRANSACTION]), DatumGetInt64(values[CHANGE_PLACE]));
}

/*
 * The last generation whose transactions ran on other systems: their ids say nothing
 * about those that run here.  They do after a promotion, for the ids go on.
 */
static int64
other_generations(void)
{
	PlanKey		key = {.statement = STATEMENT_CHANGE_GENERATION_OTHERS};
	Datum		arguments[2] = {CStringGetTextDatum(""), CStringGetTextDatum(changes_server())};
	bool		isnull;

	(void) plan_execute(&key, 2, arguments, NULL, true);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* Appends changes that a statement has returned, with commas between; gives their block. */
static RowBlock *
append_changes(StringInfo out, uint64 nrows)
{
	RowBlock   *block = block_create(RESOURCE_CHANGE, ANSWER, nrows);

	for (uint64 i = 0; i < nrows; i++)
	{
		Datum	   *values = block->values + i * CHANGE_FIELDS;
		int			start;

		/* the statement has the columns in the order of the fields */
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values,
						  block->nulls + i * CHANGE_FIELDS);
		appendStringInfoString(out, i > 0 ? ",{\"position\":\"" : "{\"position\":\"");
		append_position(out, values);
		appendStringInfoChar(out, '"');
		start = out->len;
		render_row(out, block, i);
		out->data[start] = ',';
	}
	return block;
}

/* Appends the changes of some customers, oldest first, with commas between. */
void
append_changes_of(Call *call, StringInfo out, const TextList *uids)
{
	PlanKey		key = {.statement = STATEMENT_CHANGES_OF};
	Datum		arguments[2] = {call->tenant, text_array(uids->values, uids->count)};

	(void) append_changes(out, plan_execute(&key, 2, arguments, NULL, call->reader));
}

/* changes(tenant, after, limit): what was written behind a position */
void
changes_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_CHANGES};
	PlanKey		subscribed = {.statement = STATEMENT_CHANGES_SUBSCRIBED};
	const char *after = call->arguments[ARGUMENT_AFTER];
	ChangePosition position = {0};
	Datum		arguments[7];
	StringInfo	out = &call->answer;
	RowBlock   *block;
	uint64		nrows;

	if (after != NULL && after[0] != '\0' && !parse_position(after, &position))
	{
		problem_add(&call->problems, REASON_NOT_POSITION, "after", NULL);
		return;
	}
	if (!call_load_tenant(call))
		return;
	/* there they come in the order of commits, which positions know nothing of */
	if (plan_execute(&subscribed, 0, NULL, NULL, true) > 0)
	{
		problem_add(&call->problems, REASON_FEED_REPLICATED, NULL, NULL);
		return;
	}
	arguments[0] = call->tenant;
	arguments[1] = Int64GetDatum(position.generation);
	arguments[2] = Int64GetDatum(position.transaction);
	arguments[3] = Int64GetDatum(position.place);
	arguments[4] = Int64GetDatum(changes_horizon());
	arguments[5] = Int64GetDatum(other_generations());
	arguments[6] = Int64GetDatum(call->limit);
	nrows = plan_execute(&key, 7, arguments, NULL, true);
	answer_begin(call, 64 + 256 * nrows);
	appendStringInfoString(out, "{\"items\":[");
	block = append_changes(out, nrows);
	appendStringInfoString(out, "],\"lastPosition\":\"");
	if (nrows > 0)
		append_position(out, block->values + (nrows - 1) * CHANGE_FIELDS);
	else if (after != NULL)
		appendStringInfoString(out, after);
	appendStringInfoString(out, "\"}");
}

/* changes_forget(tenant, before): takes old changes out of the feed */
void
changes_forget_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_CHANGES_FORGET};
	Datum		arguments[4];
	bool		isnull;

	if (!call_load_tenant(call))
		return;
	arguments[0] = call->tenant;
	arguments[1] = TimestampTzGetDatum(call->at);
	arguments[2] = Int64GetDatum(changes_horizon());
	arguments[3] = Int64GetDatum(other_generations());
	(void) plan_execute(&key, 4, arguments, NULL, false);
	answer_begin(call, 64);
	appendStringInfo(&call->answer, "{\"forgotten\":" INT64_FORMAT "}",
					 DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)));
}

/* customer_access_list(tenant, customer, page): who read a customer, newest first */
void
customer_access_list_run(Call *call)
{
	if (!call_check_customer(call))
		return;
	if (!call->page.directed)
		call->page.descending = true;
	(void) answer_page(call, LIST_ACCESSES, call->arguments[ARGUMENT_CUSTOMER]);
}
