/*-------------------------------------------------------------------------
 *
 * api_duplicates.c
 *	  Which customers are there more than once: the operations that list them,
 *	  say why, and remember who is not.
 *
 *-------------------------------------------------------------------------
 */
#include "core/frequency.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "duplicates.h"
#include "erase.h"

extern void customer_duplicates_run(Call *call);
extern void customer_duplicates_refresh_run(Call *call);
extern void customer_duplicate_explain_run(Call *call);
extern void customer_duplicate_dismiss_run(Call *call);
extern void customer_duplicate_undismiss_run(Call *call);

/* customer_duplicates(tenant, score at least, pairs at most): rows, best first */
void
customer_duplicates_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_DUPLICATE_PAIRS};
	Row		   *state;
	Datum		arguments[3];
	bool		nulls[3] = {0};

	if (!call_load_tenant(call))
		return;
	/* where nothing can be written, what was found the last time has to do */
	if (!XactReadOnly)
		(void) duplicates_refresh(call, false);
	else if ((state = duplicates_state(call)) == NULL || state->nulls[DUPLICATE_STATE_REFRESHED_AT])
	{
		problem_add(&call->problems, REASON_NOT_REFRESHED, NULL, NULL);
		return;
	}
	arguments[0] = call->tenant;
	arguments[1] = Float8GetDatum(Max(call->min_score, LEAST_PROBABILITY));
	arguments[2] = Int64GetDatum(call->max_pairs);
	nulls[2] = call->max_pairs == 0;
	call_answer_rows(call, &key, 3, arguments, nulls, XactReadOnly);
}

/* customer_duplicates_refresh(tenant) */
void
customer_duplicates_refresh_run(Call *call)
{
	DuplicateReport report;

	if (!call_load_tenant(call))
		return;
	report = duplicates_refresh(call, true);
	answer_begin(call, 256);
	appendStringInfo(&call->answer, "{\"customers\":" INT64_FORMAT ",\"changed\":" INT64_FORMAT
					 ",\"gone\":" INT64_FORMAT ",\"pairs\":" INT64_FORMAT ",\"learned\":%s}",
					 report.customers, report.changed, report.gone, report.pairs,
					 report.learned ? "true" : "false");
}

/*
 * Finds the two customers that a call names, the survivors of those that were
 * merged away; false with problems.
 */
static bool
find_two(Call *call, const char **uids)
{
	Datum		named[2];
	StringMap  *found;

	if (!call_load_tenant(call))
		return false;
	named[0] = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	named[1] = CStringGetTextDatum(call->arguments[ARGUMENT_DUPLICATE]);
	found = customers_existing(call, named, 2);
	uids[0] = map_get(found, call->arguments[ARGUMENT_CUSTOMER]);
	uids[1] = map_get(found, call->arguments[ARGUMENT_DUPLICATE]);
	if (uids[0] == NULL)
		problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_CUSTOMER], NULL);
	else if (uids[1] == NULL)
		problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_CUSTOMER],
							 "duplicateUid");
	else if (strcmp(uids[0], uids[1]) == 0)
		problem_add(&call->problems, REASON_DUPLICATE_SELF, "duplicateUid", NULL);
	return !call_failed(call);
}

/* The stored pair of two customers, whichever comes first. */
static RowBlock *
read_pair(Call *call, const char *const *uids)
{
	Datum		first[2] = {CStringGetTextDatum(uids[0]), CStringGetTextDatum(uids[1])};
	Datum		second[2] = {first[1], first[0]};

	return read_pairs(call, RESOURCE_DUPLICATE_PAIR, ANSWER, DUPLICATE_PAIR_CUSTOMER_UID, first,
					  DUPLICATE_PAIR_DUPLICATE_UID, second, 2);
}

/* The values of two customers that are compared, in the form in which they are. */
static void
append_values(StringInfo out, const CompareRecord *customer, const CompareRecord *duplicate)
{
	char		separator = '[';

	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		const Span *values[2] = {&customer->values[i], &duplicate->values[i]};

		if (values[0]->length == 0 && values[1]->length == 0)
			continue;
		appendStringInfo(out, "%c{", separator);
		separator = ',';
		json_append_member(out, "field", compare_field_names[i]);
		appendStringInfoString(out, ",\"customer\":");
		json_append_string(out, values[0]->data, values[0]->length);
		appendStringInfoString(out, ",\"duplicate\":");
		json_append_string(out, values[1]->data, values[1]->length);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoString(out, separator == '[' ? "[]" : "]");
}

/* What is known of a customer that is explained. */
typedef struct Explained
{
	CompareRecord record;
	Datum	   *values;
	bool	   *nulls;
} Explained;

/* Reads a customer, with how common its values are; false with a problem. */
static bool
read_explained(Call *call, const char *uid, const CompareModel *models, Explained *explained)
{
	Datum		value = CStringGetTextDatum(uid);
	RowBlock   *block = read_rows(call, RESOURCE_CUSTOMER, VIEW_COMPARE | VIEW_DUPLICATES, CUSTOMER_UID,
								  &value, 1);

	if (block->nrows == 0)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND, block->resource, NULL);
		return false;
	}
	explained->values = block->values;
	explained->nulls = block->nulls;
	compare_record_init(&explained->record, block->values, block->nulls);
	set_frequencies(&explained->record, &models[customer_kind(block->values[CUSTOMER_TYPE])], block->values);
	return true;
}

/* Are two of a kind that can be the same? */
static bool
is_comparable(const Explained *a, const Explained *b)
{
	return compare_texts(a->values[CUSTOMER_TYPE], b->values[CUSTOMER_TYPE]) == 0 &&
		a->nulls[CUSTOMER_PARENT_UID] == b->nulls[CUSTOMER_PARENT_UID];
}

/* customer_duplicate_explain(tenant, customer, duplicate): what was found about the two, or would be */
void
customer_duplicate_explain_run(Call *call)
{
	const char *uids[2];
	StringInfo	out = &call->answer;
	CompareModel models[CUSTOMER_KINDS];
	Explained	customers[2];
	RowBlock   *pair;
	RowBlock   *dismissal;

	if (!find_two(call, uids))
		return;
	(void) duplicates_models(call, duplicates_state(call), models);
	for (int i = 0; i < 2; i++)
	{
		if (!read_explained(call, uids[i], models, &customers[i]))
			return;
	}
	pair = read_pair(call, uids);
	dismissal = dismissals_between(call, uids);
	answer_begin(call, 2048);
	appendStringInfoChar(out, '{');
	json_append_member(out, "customerUid", uids[0]);
	appendStringInfoChar(out, ',');
	json_append_member(out, "duplicateUid", uids[1]);
	appendStringInfo(out, ",\"comparable\":%s,\"values\":",
					 is_comparable(&customers[0], &customers[1]) ? "true" : "false");
	append_values(out, &customers[0].record, &customers[1].record);
	appendStringInfoString(out, ",\"found\":");
	if (pair->nrows > 0 && DatumGetFloat8(pair->values[DUPLICATE_PAIR_SCORE]) >= LEAST_PROBABILITY)
		render_row(out, pair, 0);
	else
	{
		CustomerKind kind = customer_kind(customers[0].values[CUSTOMER_TYPE]);
		Comparison	comparison = compare_records(&models[kind], &customers[0].record, &customers[1].record);

		appendStringInfo(out, "null,\"probability\":%.4g,\"reasons\":", comparison.probability);
		comparison_append_reasons(out, &comparison, kind);
	}
	appendStringInfoString(out, ",\"dismissed\":");
	if (dismissal->nrows > 0)
		render_row(out, dismissal, 0);
	else
		appendStringInfoString(out, "null");
	appendStringInfoChar(out, '}');
}

/* Takes a pair off the list until the next look, for who can't wait for it. */
static void
hide_pair(Call *call, Datum a, Datum b)
{
	RowSet	   *pairs = rowset_create(call, RESOURCE_DUPLICATE_PAIR);
	Datum		first[2] = {a, b};
	Datum		second[2] = {b, a};

	rowset_load_pairs(pairs, DUPLICATE_PAIR_CUSTOMER_UID, first, DUPLICATE_PAIR_DUPLICATE_UID, second, 2);
	for (int i = 0; i < pairs->list.count; i++)
	{
		row_set(pairs->list.rows[i], DUPLICATE_PAIR_SCORE, Float8GetDatum(0));
		row_set_null(pairs->list.rows[i], DUPLICATE_PAIR_CLUSTER_UID);
	}
	rowset_flush(pairs);
}

/* customer_duplicate_dismiss(tenant, customer, duplicate, reason): the two are not the same */
void
customer_duplicate_dismiss_run(Call *call)
{
	const Field *field = &resources[RESOURCE_DUPLICATE_DISMISSAL].fields[DISMISSAL_REASON];
	const char *reason = call->arguments[ARGUMENT_REASON];
	const char *uids[2];
	Datum		first;
	Datum		second;
	RowSet	   *dismissals;
	RowBlock   *block;
	Row		   *row;
	int			smaller;

	if (reason[0] == '\0')
		problem_add(&call->problems, REASON_MISSING, "reason", NULL);
	else if (pg_mbstrlen(reason) > field->max_length)
		problem_add(&call->problems, REASON_TOO_LONG, "reason", psprintf("%d", field->max_length));
	if (call_failed(call) || !find_two(call, uids) ||
		!customer_can_change(call, uids[0]) || !customer_can_change(call, uids[1]))
		return;
	smaller = strcmp(uids[0], uids[1]) < 0 ? 0 : 1;
	first = CStringGetTextDatum(uids[smaller]);
	second = CStringGetTextDatum(uids[1 - smaller]);
	dismissals = rowset_create(call, RESOURCE_DUPLICATE_DISMISSAL);
	rowset_load_pairs(dismissals, DISMISSAL_CUSTOMER_UID, &first, DISMISSAL_DUPLICATE_UID, &second, 1);
	if (dismissals->list.count > 0)
		row = dismissals->list.rows[0];
	else
	{
		row = row_create(dismissals->resource);
		row_set(row, DISMISSAL_CUSTOMER_UID, first);
		row_set(row, DISMISSAL_DUPLICATE_UID, second);
		(void) rowset_add(dismissals, row);
	}
	row_set_text(row, DISMISSAL_REASON, reason);
	row_set_text(row, DISMISSAL_DISMISSED_BY, call->actor);
	row_set(row, DISMISSAL_CREATED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(dismissals);
	hide_pair(call, first, second);
	answer_begin(call, 512);
	block = block_create(RESOURCE_DUPLICATE_DISMISSAL, ANSWER, 1);
	memcpy(block->values, row->values, block->resource->nfields * sizeof(Datum));
	memcpy(block->nulls, row->nulls, block->resource->nfields * sizeof(bool));
	render_row(&call->answer, block, 0);
}

/* customer_duplicate_undismiss(tenant, customer, duplicate): they may be the same after all */
void
customer_duplicate_undismiss_run(Call *call)
{
	const char *uids[2];
	RowSet	   *dismissals = rowset_create(call, RESOURCE_DUPLICATE_DISMISSAL);
	RowBlock   *block;
	Datum	   *first;
	Datum	   *second;

	if (!find_two(call, uids))
		return;
	block = dismissals_between(call, uids);
	if (block->nrows == 0)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND, block->resource, NULL);
		return;
	}
	first = palloc(block->nrows * sizeof(Datum));
	second = palloc(block->nrows * sizeof(Datum));
	for (int i = 0; i < block->nrows; i++)
	{
		first[i] = block->values[i * block->resource->nfields + DISMISSAL_CUSTOMER_UID];
		second[i] = block->values[i * block->resource->nfields + DISMISSAL_DUPLICATE_UID];
	}
	rowset_load_pairs(dismissals, DISMISSAL_CUSTOMER_UID, first, DISMISSAL_DUPLICATE_UID, second,
					  block->nrows);
	for (int i = 0; i < dismissals->list.count; i++)
		dismissals->list.rows[i]->present = false;
	rowset_flush(dismissals);
}
