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

extern void customer_duplicates_run(Call *call);
extern void customer_duplicates_refresh_run(Call *call);
extern void customer_duplicate_explain_run(Call *call);
extern void customer_duplicate_dismiss_run(Call *call);
extern void customer_duplicate_undismiss_run(Call *call);

/* Takes pairs from the executor into the rows of the answer. */
typedef struct PairReceiver
{
	DestReceiver receiver;
	ReturnSetInfo *rows;
} PairReceiver;

static bool
receive_pair(TupleTableSlot *slot, DestReceiver *self)
{
	ReturnSetInfo *rows = ((PairReceiver *) self)->rows;

	slot_getallattrs(slot);
	tuplestore_putvalues(rows->setResult, rows->setDesc, slot->tts_values, slot->tts_isnull);
	return true;
}

/* customer_duplicates(tenant, score at least, pairs at most): rows, best first */
void
customer_duplicates_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_DUPLICATE_PAIRS};
	PairReceiver receiver = {*CreateDestReceiver(DestNone), call->rows};
	Datum		arguments[3];
	bool		nulls[3] = {0};

	if (!call_load_tenant(call))
		return;
	/* where nothing can be written, what was found the last time has to do */
	if (!XactReadOnly)
		(void) duplicates_refresh(call);
	else if (duplicates_state(call) == NULL)
	{
		problem_add(&call->problems, REASON_NOT_REFRESHED, NULL, NULL);
		return;
	}
	arguments[0] = call->tenant;
	arguments[1] = Float8GetDatum(Max(call->min_score, LEAST_PROBABILITY));
	arguments[2] = Int64GetDatum(call->max_pairs);
	nulls[2] = call->max_pairs == 0;
	receiver.receiver.receiveSlot = receive_pair;
	plan_stream(&key, 3, arguments, nulls, XactReadOnly, &receiver.receiver);
}

/* customer_duplicates_refresh(tenant) */
void
customer_duplicates_refresh_run(Call *call)
{
	DuplicateReport report;

	if (!call_load_tenant(call))
		return;
	report = duplicates_refresh(call);
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

/* What is stored of two customers, whichever comes first. */
static RowBlock *
read_pair(Call *call, ResourceId resource, int field, const char *const *uids)
{
	Datum		first[2];
	Datum		second[2];

	for (int i = 0; i < 2; i++)
	{
		first[i] = CStringGetTextDatum(uids[i]);
		second[i] = CStringGetTextDatum(uids[1 - i]);
	}
	return read_pairs(call, resource, ANSWER, field, first, field + 1, second, 2);
}

/* The values of two customers that are compared, in the form in which they are. */
static void
append_values(StringInfo out, const CompareRecord *records)
{
	char		separator = '[';

	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		const Span *values[2] = {&records[0].values[i], &records[1].values[i]};

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

/*
 * customer_duplicate_explain(tenant, customer, duplicate): what was found about
 * the two, or would be
 */
void
customer_duplicate_explain_run(Call *call)
{
	const char *uids[2];
	StringInfo	out = &call->answer;
	CompareModel models[CUSTOMER_KINDS];
	CompareRecord records[2];
	Datum		types[2];
	RowBlock   *pair;
	RowBlock   *dismissal;

	if (!find_two(call, uids))
		return;
	(void) duplicates_models(call, duplicates_state(call), models);
	for (int i = 0; i < 2; i++)
	{
		Datum		uid = CStringGetTextDatum(uids[i]);
		RowBlock   *block = read_rows(call, RESOURCE_CUSTOMER, VIEW_COMPARE, CUSTOMER_UID, &uid, 1);

		if (block->nrows == 0)
		{
			problem_add_resource(&call->problems, REASON_NOT_FOUND, block->resource, NULL);
			return;
		}
		types[i] = block->values[CUSTOMER_TYPE];
		compare_record_init(&records[i], block->values, block->nulls);
		set_frequencies(&records[i], &models[customer_kind(types[i])], block->values);
	}
	pair = read_pair(call, RESOURCE_DUPLICATE_PAIR, DUPLICATE_PAIR_CUSTOMER_UID, uids);
	dismissal = read_pair(call, RESOURCE_DUPLICATE_DISMISSAL, DISMISSAL_CUSTOMER_UID, uids);
	answer_begin(call, 2048);
	appendStringInfoChar(out, '{');
	json_append_member(out, "customerUid", uids[0]);
	appendStringInfoChar(out, ',');
	json_append_member(out, "duplicateUid", uids[1]);
	appendStringInfo(out, ",\"comparable\":%s,\"values\":",
					 compare_texts(types[0], types[1]) == 0 ? "true" : "false");
	append_values(out, records);
	appendStringInfoString(out, ",\"found\":");
	if (pair->nrows > 0)
		render_row(out, pair, 0);
	else
	{
		Comparison	comparison = compare_records(&models[customer_kind(types[0])],
												 &records[0], &records[1]);

		appendStringInfo(out, "null,\"probability\":%.4g,\"reasons\":", comparison.probability);
		comparison_append_reasons(out, &comparison, customer_kind(types[0]));
	}
	appendStringInfoString(out, ",\"dismissed\":");
	if (dismissal->nrows > 0)
		render_row(out, dismissal, 0);
	else
		appendStringInfoString(out, "null");
	appendStringInfoChar(out, '}');
}

/* Loads the rows that one kind has of two customers, whichever comes first, locked. */
static void
load_pair(RowSet *set, int field, const char *const *uids)
{
	Datum		first[2];
	Datum		second[2];

	for (int i = 0; i < 2; i++)
	{
		first[i] = CStringGetTextDatum(uids[i]);
		second[i] = CStringGetTextDatum(uids[1 - i]);
	}
	rowset_load_pairs(set, field, first, field + 1, second, 2);
}

/* Removes the rows of a set. */
static void
remove_all(RowSet *set)
{
	for (int i = 0; i < set->list.count; i++)
		set->list.rows[i]->present = false;
	rowset_flush(set);
}

/* customer_duplicate_dismiss(tenant, customer, duplicate, reason): the two are not the same */
void
customer_duplicate_dismiss_run(Call *call)
{
	const Field *field = &resources[RESOURCE_DUPLICATE_DISMISSAL].fields[DISMISSAL_REASON];
	const char *reason = call->arguments[ARGUMENT_REASON];
	const char *uids[2];
	RowSet	   *pairs;
	RowSet	   *dismissals;
	Row		   *row;
	bool		in_order;

	if (reason[0] == '\0')
		problem_add(&call->problems, REASON_MISSING, "reason", NULL);
	else if (pg_mbstrlen(reason) > field->max_length)
		problem_add(&call->problems, REASON_TOO_LONG, "reason", psprintf("%d", field->max_length));
	if (call_failed(call) || !find_two(call, uids))
		return;
	in_order = strcmp(uids[0], uids[1]) < 0;
	duplicates_set_stale(call);
	pairs = rowset_create(call, RESOURCE_DUPLICATE_PAIR);
	load_pair(pairs, DUPLICATE_PAIR_CUSTOMER_UID, uids);
	remove_all(pairs);
	dismissals = rowset_create(call, RESOURCE_DUPLICATE_DISMISSAL);
	load_pair(dismissals, DISMISSAL_CUSTOMER_UID, uids);
	if (dismissals->list.count > 0)
		row = dismissals->list.rows[0];
	else
	{
		row = row_create(dismissals->resource);
		row_set_text(row, DISMISSAL_CUSTOMER_UID, uids[in_order ? 0 : 1]);
		row_set_text(row, DISMISSAL_DUPLICATE_UID, uids[in_order ? 1 : 0]);
		(void) rowset_add(dismissals, row);
	}
	row_set_text(row, DISMISSAL_REASON, reason);
	row_set_text(row, DISMISSAL_DISMISSED_BY, call->actor);
	row_set(row, DISMISSAL_CREATED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(dismissals);
	answer_begin(call, 512);
	render_row(&call->answer, read_pair(call, RESOURCE_DUPLICATE_DISMISSAL, DISMISSAL_CUSTOMER_UID, uids), 0);
}

/* customer_duplicate_undismiss(tenant, customer, duplicate): they may be the same after all */
void
customer_duplicate_undismiss_run(Call *call)
{
	const char *uids[2];
	RowSet	   *dismissals;
	RowSet	   *compared;
	Datum		values[2];

	if (!find_two(call, uids))
		return;
	duplicates_set_stale(call);
	dismissals = rowset_create(call, RESOURCE_DUPLICATE_DISMISSAL);
	load_pair(dismissals, DISMISSAL_CUSTOMER_UID, uids);
	if (dismissals->list.count == 0)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND, dismissals->resource, NULL);
		return;
	}
	remove_all(dismissals);
	/* as if they had never been compared */
	compared = rowset_create(call, RESOURCE_DUPLICATE_CUSTOMER);
	values[0] = CStringGetTextDatum(uids[0]);
	values[1] = CStringGetTextDatum(uids[1]);
	rowset_load(compared, DUPLICATE_CUSTOMER_UID, values, 2, true);
	remove_all(compared);
}
