/*-------------------------------------------------------------------------
 *
 * api_merge.c
 *	  The operations on duplicates: merge, preview, undo, and the history.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "merge.h"

extern void customer_merge_run(Call *call);
extern void customer_merge_preview_run(Call *call);
extern void customer_merge_undo_run(Call *call);
extern void customer_merge_list_run(Call *call);

/* customer_merge(tenant, customer, body): the path's customer is left */
void
customer_merge_run(Call *call)
{
	Merge		merge = {.call = call};

	if (!call_load_tenant(call) || !merge_decode(&merge))
		return;
	if (merge_locate(&merge))
	{
		merge_check(&merge);
		if (call_failed(call))
			return;
		merge_apply(&merge);
		merge_write(&merge);
	}
	if (!call_failed(call))
		(void) answer_row(call, RESOURCE_CUSTOMER, merge.to_uid);
}

/* Merges, and tells what that came to, for attempt(): it is never kept. */
static bool
try_merge(void *argument)
{
	Merge	   *merge = argument;
	Call	   *call = merge->call;
	StringInfo	out = &call->answer;

	merge_apply(merge);
	merge_write(merge);
	answer_begin(call, 1024 + merge->fields.len);
	appendStringInfoChar(out, '{');
	json_append_member(out, "customerUid", merge->to_uid);
	appendStringInfoChar(out, ',');
	json_append_member(out, "mergeFromCustomerUid", merge->from_uid);
	appendStringInfo(out, ",\"possible\":true,\"blockers\":[],\"fields\":[%s],\"rows\":{%s}}",
					 merge->fields.data, merge->counts.data);
	return false;
}

/* The answer of a preview that found reasons not to merge. */
static void
answer_blocked(Merge *merge)
{
	Call	   *call = merge->call;
	StringInfo	out = &call->answer;

	answer_begin(call, 512);
	appendStringInfoChar(out, '{');
	json_append_member(out, "customerUid", merge->to_uid);
	appendStringInfoChar(out, ',');
	json_append_member(out, "mergeFromCustomerUid", merge->from_uid);
	appendStringInfoString(out, ",\"possible\":false,\"blockers\":[");
	problems_render_list(&call->problems, call_language(call), NULL, out);
	appendStringInfoString(out, "],\"fields\":[],\"rows\":{}}");
	problems_init(&call->problems, call->context);
}

/* customer_merge_preview(tenant, customer, body): what the merge would do */
void
customer_merge_preview_run(Call *call)
{
	Merge		merge = {.call = call};
	ErrorData  *error;

	if (!call_load_tenant(call) || !merge_decode(&merge))
		return;
	if (!merge_locate(&merge))
	{
		if (merge.done)
			problem_add(&call->problems, REASON_ALREADY_MERGED, "$.mergeFromCustomerUid", merge.to_uid);
		return;
	}
	merge_check(&merge);
	if (call_failed(call))
		answer_blocked(&merge);
	else if (attempt(try_merge, &merge, &error) != OUTCOME_ABANDONED)
		ReThrowError(error);
}

/* customer_merge_undo(tenant, merge) */
void
customer_merge_undo_run(Call *call)
{
	if (call_load_tenant(call))
		merge_undo(call);
}

typedef struct History
{
	RowBlock   *block;
	int			row;
} History;

static int
compare_history(const void *a, const void *b)
{
	const History *first = a;
	const History *second = b;
	Datum	   *values1 = first->block->values + first->row * first->block->resource->nfields;
	Datum	   *values2 = second->block->values + second->row * second->block->resource->nfields;
	TimestampTz time1 = DatumGetTimestampTz(values1[MERGE_MERGED_AT]);
	TimestampTz time2 = DatumGetTimestampTz(values2[MERGE_MERGED_AT]);

	if (time1 != time2)
		return time1 < time2 ? 1 : -1;
	return compare_texts(values2[MERGE_UID], values1[MERGE_UID]);
}

/*
 * customer_merge_list(tenant, customer): the merges that a customer, or one that
 * was merged into it, has taken part in, newest first
 */
void
customer_merge_list_run(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	StringInfo	out = &call->answer;
	TextList	uids = {0};
	RowBlock   *redirects;
	RowBlock   *blocks[2];
	History    *history;
	int			count = 0;

	if (read_rows(call, RESOURCE_CUSTOMER, VIEW_EXPLAIN, CUSTOMER_UID, &uid, 1)->nrows == 0)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return;
	}
	redirects = read_rows(call, RESOURCE_REDIRECT, ANSWER, REDIRECT_SURVIVOR_UID, &uid, 1);
	text_list_add(&uids, uid);
	for (int i = 0; i < redirects->nrows; i++)
		text_list_add(&uids, redirects->values[i * redirects->resource->nfields + REDIRECT_CUSTOMER_UID]);
	uids.count = sort_unique_texts(uids.values, uids.count);
	blocks[0] = read_rows(call, RESOURCE_MERGE, ANSWER, MERGE_SURVIVOR_UID, uids.values, uids.count);
	blocks[1] = read_rows(call, RESOURCE_MERGE, ANSWER, MERGE_DUPLICATE_UID, uids.values, uids.count);
	history = palloc(Max(blocks[0]->nrows + blocks[1]->nrows, 1) * sizeof(History));
	for (int i = 0; i < 2; i++)
	{
		for (int row = 0; row < blocks[i]->nrows; row++)
			history[count++] = (History) {blocks[i], row};
	}
	qsort(history, count, sizeof(History), compare_history);
	answer_begin(call, 64 + 256 * count);
	appendStringInfoString(out, "{\"items\":[");
	for (int i = 0; i < count; i++)
	{
		/* found by both of its customers */
		if (i > 0 && compare_history(&history[i - 1], &history[i]) == 0)
			continue;
		if (i > 0)
			appendStringInfoChar(out, ',');
		render_row(out, history[i].block, history[i].row);
	}
	appendStringInfoString(out, "]}");
}
