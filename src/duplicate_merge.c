/*-------------------------------------------------------------------------
 *
 * duplicate_merge.c
 *	  merge_duplicates: merges all that are probably the same, a few in each
 *	  transaction.
 *
 * What is to be done is written down first.  Each transaction goes on where the
 * last one ended, so a run can be stopped at any time.  When it is called again
 * it goes on with what is left, as that is seen by then.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "duplicates.h"

extern void merge_duplicates_run(Call *call);

/* How long a transaction lasts, in milliseconds, if one merge does not take longer. */
#define STEP_TIME 100

/* How often we say how far we are, in milliseconds. */
#define NOTICE_TIME 2000

/* So many items are written down at once. */
#define CHUNK 2000

/* ---------------------------------------------------------------------
 * One merge
 * --------------------------------------------------------------------- */

/* A merge of a run, for attempt(). */
typedef struct RunMerge
{
	Call		call;
	bool		dry_run;
	bool		possible;
} RunMerge;

static bool
run_merge(void *argument)
{
	RunMerge   *merge = argument;

	merge->possible = call_run(&merge->call, NULL);
	return merge->possible && !merge->dry_run;
}

/* Is an error that of one merge alone, and not of all that follow? */
static bool
is_of_one(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category != ERRCODE_OPERATOR_INTERVENTION &&
		category != ERRCODE_INSUFFICIENT_RESOURCES && category != ERRCODE_SYSTEM_ERROR &&
		category != ERRCODE_INTERNAL_ERROR;
}

/* Merges two customers, or tries to; gives what came of it, and the code of a problem. */
static const char *
merge_pair(Call *call, const char *const *uids, const char **code)
{
	RunMerge	merge = {.dry_run = call->dry_run};
	StringInfoData body;
	ErrorData  *error;

	*code = NULL;
	initStringInfo(&body);
	appendStringInfoChar(&body, '{');
	json_append_member(&body, "mergeFromCustomerUid", uids[1]);
	appendStringInfoChar(&body, '}');
	call_init(&merge.call, OPERATION_CUSTOMER_MERGE);
	merge.call.within = call;
	merge.call.tenant_uid = call->tenant_uid;
	merge.call.arguments[ARGUMENT_CUSTOMER] = uids[0];
	merge.call.body = body.data;
	merge.call.body_length = body.len;
	if (attempt(run_merge, &merge, &error) == OUTCOME_DONE)
		return "MERGED";
	if (error != NULL && !is_of_one(error))
		ReThrowError(error);
	if (error != NULL)
		*code = pstrdup(unpack_sql_state(error->sqlerrcode));
	else if (!merge.possible)
		*code = problem_code(&merge.call.problems.list[0]);
	return *code == NULL ? "POSSIBLE" : "FAILED";
}

/* ---------------------------------------------------------------------
 * The plan
 * --------------------------------------------------------------------- */

/* A customer who is there more than once, while it is planned who is merged. */
typedef struct Candidate
{
	const char *uid;
	struct Candidate *leader;		/* towards the one who stands for all */
	bool		duplicate;		/* somebody else of them was created first */
	double		score;			/* the highest with anybody else */
	struct Candidate *survivor;		/* of who stands for all: who is left */
} Candidate;

static Candidate *
find_leader(Candidate *node)
{
	while (node->leader != node)
		node = node->leader = node->leader->leader;
	return node;
}

static Candidate *
find_candidate(StringMap *map, Datum uid, Candidate **list, int *count)
{
	char	   *name = TextDatumGetCString(uid);
	Candidate	   *node = map_get(map, name);

	if (node == NULL)
	{
		node = palloc0(sizeof(Candidate));
		node->uid = name;
		node->leader = node;
		map_put(map, name, node);
		list[(*count)++] = node;
	}
	return node;
}

/* By the score, best first, then by the uid. */
static int
compare_candidates(const void *a, const void *b)
{
	const Candidate *x = *(Candidate *const *) a;
	const Candidate *y = *(Candidate *const *) b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return strcmp(x->uid, y->uid);
}

/* Writes an item of a run down. */
static void
add_item(RowSet *set, const Row *run, int64 place, const Candidate *duplicate)
{
	Row		   *row = row_create(set->resource);

	row_set(row, RUN_ITEM_RUN_UID, run->values[RUN_UID]);
	row_set(row, RUN_ITEM_PLACE, Int64GetDatum(place));
	row_set_text(row, RUN_ITEM_CUSTOMER_UID, find_leader(unconstify(Candidate *, duplicate))->survivor->uid);
	row_set_text(row, RUN_ITEM_DUPLICATE_UID, duplicate->uid);
	row_set(row, RUN_ITEM_SCORE, Float8GetDatum(duplicate->score));
	(void) rowset_add(set, row);
}

/*
 * Writes down who is to be merged into whom: of those who are the same the one
 * that was created first is left.  Gives how many that are.
 */
static int64
write_plan(Call *call, const Row *run)
{
	PlanKey		key = {.statement = STATEMENT_RUN_PAIRS};
	Datum		arguments[2] = {call->tenant, run->values[RUN_MIN_SCORE]};
	uint64		nrows = plan_execute(&key, 2, arguments, NULL, false);
	SPITupleTable *pairs = SPI_tuptable;
	StringMap  *map = map_create();
	Candidate	  **nodes = MemoryContextAllocHuge(CurrentMemoryContext, Max(2 * nrows, 1) * sizeof(Candidate *));
	int			count = 0;
	int64		place = DatumGetInt64(run->values[RUN_DONE]);
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_RUN_ITEM);

	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = pairs->vals[i];
		bool		isnull;
		Candidate	   *first = find_candidate(map, SPI_getbinval(tuple, pairs->tupdesc, 1, &isnull), nodes, &count);
		Candidate	   *second = find_candidate(map, SPI_getbinval(tuple, pairs->tupdesc, 2, &isnull), nodes, &count);
		double		score = DatumGetFloat8(SPI_getbinval(tuple, pairs->tupdesc, 3, &isnull));

		CHECK_FOR_INTERRUPTS();
		first->score = Max(first->score, score);
		second->score = Max(second->score, score);
		second->duplicate = true;
		find_leader(second)->leader = find_leader(first);
	}
	qsort(nodes, count, sizeof(Candidate *), compare_candidates);
	for (int i = 0; i < count; i++)
	{
		Candidate	   *leader = find_leader(nodes[i]);

		if (!nodes[i]->duplicate && leader->survivor == NULL)
			leader->survivor = nodes[i];
	}
	for (int i = 0; i < count; i++)
	{
		Candidate	   *leader = find_leader(nodes[i]);

		CHECK_FOR_INTERRUPTS();
		if (leader->survivor == NULL || leader->survivor == nodes[i])
			continue;
		add_item(set, run, ++place, nodes[i]);
		if (set->list.count >= CHUNK)
		{
			rowset_flush(set);
			set = rowset_create(call, RESOURCE_DUPLICATE_RUN_ITEM);
		}
	}
	rowset_flush(set);
	return place;
}

/* ---------------------------------------------------------------------
 * The run
 * --------------------------------------------------------------------- */

/* Writes down what became of an item. */
static void
finish_item(Call *call, const Row *run, int64 place, const char *outcome, const char *code)
{
	PlanKey		key = {.statement = STATEMENT_RUN_ITEM_DONE};
	Datum		arguments[6];
	bool		nulls[6] = {0};

	arguments[0] = call->tenant;
	arguments[1] = run->values[RUN_UID];
	arguments[2] = Int64GetDatum(place);
	arguments[3] = CStringGetTextDatum(outcome);
	nulls[4] = code == NULL;
	arguments[4] = code ? CStringGetTextDatum(code) : (Datum) 0;
	arguments[5] = TimestampTzGetDatum(GetCurrentTimestamp());
	(void) plan_execute(&key, 6, arguments, nulls, false);
}

/* Finds the two customers of an item. */
static void
read_item(Call *call, const Row *run, int64 place, const char **uids)
{
	PlanKey		key = {.statement = STATEMENT_RUN_ITEM};
	Datum		arguments[3] = {call->tenant, run->values[RUN_UID], Int64GetDatum(place)};

	if (plan_execute(&key, 3, arguments, NULL, false) != 1)
		elog(ERROR, "a run has no item " INT64_FORMAT, place);
	uids[0] = TextDatumGetCString(result_text(0, 1));
	uids[1] = TextDatumGetCString(result_text(0, 2));
}

/* Begins a run; those that were stopped and are about something else are given up. */
static Row *
begin_run(Call *call, RowSet *set)
{
	PlanKey		key = {.statement = STATEMENT_RUN_CLOSE};
	Datum		arguments[2] = {call->tenant, TimestampTzGetDatum(call->now)};
	Row		   *run = row_create(set->resource);

	(void) plan_execute(&key, 2, arguments, NULL, false);
	row_set_text(run, RUN_UID, uid_generate());
	row_set(run, RUN_MIN_SCORE, Float8GetDatum(call->min_score));
	row_set(run, RUN_DRY_RUN, BoolGetDatum(call->dry_run));
	row_set(run, RUN_STARTED_AT, TimestampTzGetDatum(call->now));
	row_set_text(run, RUN_STARTED_BY, call->actor);
	row_set(run, RUN_CONTINUED_AT, TimestampTzGetDatum(call->now));
	row_set(run, RUN_TOTAL, Int64GetDatum(0));
	row_set(run, RUN_DONE, Int64GetDatum(0));
	row_set(run, RUN_FAILED, Int64GetDatum(0));
	(void) rowset_add(set, run);
	rowset_flush(set);
	run->before = row_copy(run);
	return run;
}

/* A run, locked; NULL when it is over or gone, which it can be once we have the lock. */
static Row *
lock_run(RowSet *set, const char *uid)
{
	Datum		value = CStringGetTextDatum(uid);
	Row		   *run;

	rowset_load(set, RUN_UID, &value, 1, false);
	run = rowset_find(set, uid);
	return run != NULL && run->nulls[RUN_FINISHED_AT] ? run : NULL;
}

/* Finds the run that was stopped and is about the same; NULL when there is none. */
static Row *
find_stopped(Call *call, RowSet *set)
{
	PlanKey		key = {.statement = STATEMENT_RUN_FIND};
	Datum		arguments[3] = {call->tenant, Float8GetDatum(call->min_score), BoolGetDatum(call->dry_run)};

	if (plan_execute(&key, 3, arguments, NULL, false) == 0)
		return NULL;
	return lock_run(set, TextDatumGetCString(result_text(0, 1)));
}

/* The first transaction of a call: looks for duplicates and plans what to do. */
static Row *
start(Call *call, RowSet *set)
{
	PlanKey		key = {.statement = STATEMENT_RUN_FORGET};
	Datum		arguments[2] = {call->tenant, (Datum) 0};
	Row		   *run;

	(void) duplicates_refresh(call, true);
	run = find_stopped(call, set);
	if (run == NULL)
		run = begin_run(call, set);
	/* what was planned before may not be so any more */
	arguments[1] = run->values[RUN_UID];
	(void) plan_execute(&key, 2, arguments, NULL, false);
	row_set(run, RUN_TOTAL, Int64GetDatum(write_plan(call, run)));
	return run;
}

/* The following ones: merges for a while. */
static void
go_on(Call *call, Row *run)
{
	TimestampTz begin = GetCurrentTimestamp();
	int64		done = DatumGetInt64(run->values[RUN_DONE]);
	int64		failed = DatumGetInt64(run->values[RUN_FAILED]);

	while (done < DatumGetInt64(run->values[RUN_TOTAL]) &&
		   !TimestampDifferenceExceeds(begin, GetCurrentTimestamp(), STEP_TIME))
	{
		const char *uids[2];
		const char *code;
		const char *outcome;

		CHECK_FOR_INTERRUPTS();
		read_item(call, run, ++done, uids);
		outcome = merge_pair(call, uids, &code);
		finish_item(call, run, done, outcome, code);
		failed += code != NULL;
	}
	row_set(run, RUN_DONE, Int64GetDatum(done));
	row_set(run, RUN_FAILED, Int64GetDatum(failed));
	row_set(run, RUN_CONTINUED_AT, TimestampTzGetDatum(call->now));
}

/* Tells how far a run is, and how long it will take. */
static void
tell_progress(const Row *run, bool begins)
{
	static TimestampTz last;
	static int64 last_done;
	int64		done = DatumGetInt64(run->values[RUN_DONE]);
	int64		total = DatumGetInt64(run->values[RUN_TOTAL]);
	int64		failed = DatumGetInt64(run->values[RUN_FAILED]);
	TimestampTz now = GetCurrentTimestamp();
	double		seconds = (now - last) / 1e6;

	if (done == total)
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of " INT64_FORMAT " duplicates %s, " INT64_FORMAT " could not be",
						done - failed, total,
						DatumGetBool(run->values[RUN_DRY_RUN]) ? "can be merged" : "merged", failed)));
	else if (!begins)
	{
		double		rate = Max((done - last_done) / Max(seconds, 0.001), 0.001);

		if (seconds * 1000 < NOTICE_TIME)
			return;
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of " INT64_FORMAT " duplicates done, %.0f a second, about %.0f seconds left",
						done, total, rate, (total - done) / rate)));
	}
	last = now;
	last_done = done;
}

/* One transaction of merge_duplicates(tenant, score at least, dry run). */
void
merge_duplicates_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_RUN);
	bool		begins = call->going_on[0] == '\0';
	Row		   *run;

	if (!call_load_tenant(call))
		return;
	if (begins)
		run = start(call, set);
	else
	{
		run = lock_run(set, call->going_on);
		if (run == NULL)
		{
			/* another session came to its end with it, or began another run */
			call->more = false;
			return;
		}
		go_on(call, run);
	}
	call->more = DatumGetInt64(run->values[RUN_DONE]) < DatumGetInt64(run->values[RUN_TOTAL]);
	if (!call->more)
		row_set(run, RUN_FINISHED_AT, TimestampTzGetDatum(GetCurrentTimestamp()));
	strlcpy(call->going_on, row_text(run, RUN_UID), sizeof(call->going_on));
	rowset_flush(set);
	tell_progress(run, begins);
}
