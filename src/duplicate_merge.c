/*-------------------------------------------------------------------------
 *
 * duplicate_merge.c
 *	  merge_duplicates: merges all that are probably the same, a few in each
 *	  transaction.
 *
 * What is to be done is written down first.  Each transaction goes on where the
 * last one ended, so a run can be stopped at any time, and is continued when it
 * is called again.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/plan.h"
#include "duplicates.h"

extern void merge_duplicates_run(Call *call);

/* How long a transaction lasts, in milliseconds, if one merge does not take longer. */
#define STEP_TIME 100

/* How often we say how far we are, in milliseconds. */
#define NOTICE_TIME 2000

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

/* Merges two customers, or tries to; gives what came of it, and the code of a problem. */
static const char *
merge_pair(Call *call, const char *customer, const char *duplicate, const char **code)
{
	RunMerge	merge = {.dry_run = call->dry_run};
	StringInfoData body;
	ErrorData  *error;
	Outcome		outcome;

	initStringInfo(&body);
	appendStringInfoChar(&body, '{');
	json_append_member(&body, "mergeFromCustomerUid", duplicate);
	appendStringInfoChar(&body, '}');
	call_init(&merge.call, OPERATION_CUSTOMER_MERGE);
	merge.call.within = call;
	merge.call.tenant_uid = call->tenant_uid;
	merge.call.arguments[ARGUMENT_CUSTOMER] = customer;
	merge.call.body = body.data;
	merge.call.body_length = body.len;
	outcome = attempt(run_merge, &merge, &error);
	if (error != NULL)
		ReThrowError(error);
	*code = merge.possible ? NULL : problem_code(&merge.call.problems.list[0]);
	if (outcome == OUTCOME_DONE)
		return "MERGED";
	return merge.possible ? "POSSIBLE" : "FAILED";
}

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
read_item(Call *call, const Row *run, int64 place, char **uids)
{
	PlanKey		key = {.statement = STATEMENT_RUN_ITEM};
	Datum		arguments[3] = {call->tenant, run->values[RUN_UID], Int64GetDatum(place)};

	if (plan_execute(&key, 3, arguments, NULL, false) != 1)
		elog(ERROR, "a run has no item " INT64_FORMAT, place);
	uids[0] = TextDatumGetCString(result_text(0, 1));
	uids[1] = TextDatumGetCString(result_text(0, 2));
}

/*
 * Looks for duplicates and writes down which are to be merged.  Runs that were
 * stopped are given up, for what they were about is looked at anew.
 */
static Row *
begin_run(Call *call, RowSet *set)
{
	PlanKey		close = {.statement = STATEMENT_RUN_CLOSE};
	PlanKey		plan = {.statement = STATEMENT_RUN_PLAN};
	Row		   *run = row_create(set->resource);
	Datum		arguments[3];

	(void) duplicates_refresh(call);
	arguments[0] = call->tenant;
	arguments[1] = TimestampTzGetDatum(call->now);
	(void) plan_execute(&close, 2, arguments, NULL, false);
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
	arguments[1] = run->values[RUN_UID];
	arguments[2] = Float8GetDatum(call->min_score);
	row_set(run, RUN_TOTAL, Int64GetDatum(plan_execute(&plan, 3, arguments, NULL, false)));
	return run;
}

/* The run that was stopped, locked; NULL when there is none like this one. */
static Row *
find_run(Call *call, RowSet *set)
{
	PlanKey		key = {.statement = STATEMENT_RUN_FIND};
	Datum		arguments[3] = {call->tenant, Float8GetDatum(call->min_score), BoolGetDatum(call->dry_run)};
	Datum		uid;
	Row		   *run;

	if (plan_execute(&key, 3, arguments, NULL, false) == 0)
		return NULL;
	uid = result_text(0, 1);
	rowset_load(set, RUN_UID, &uid, 1, false);
	run = set->list.rows[0];
	/* somebody else may have come to its end while we waited */
	return run->nulls[RUN_FINISHED_AT] ? run : NULL;
}

/* Tells how far a run is, and how long it will take. */
static void
tell_progress(const Row *run, bool finished)
{
	static TimestampTz last = 0;
	static int64 last_done = 0;
	int64		done = DatumGetInt64(run->values[RUN_DONE]);
	int64		total = DatumGetInt64(run->values[RUN_TOTAL]);
	int64		failed = DatumGetInt64(run->values[RUN_FAILED]);
	TimestampTz now = GetCurrentTimestamp();
	double		seconds = (now - last) / 1e6;
	double		rate;

	if (finished)
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of " INT64_FORMAT " duplicates %s, " INT64_FORMAT " could not be",
						done - failed, total,
						DatumGetBool(run->values[RUN_DRY_RUN]) ? "can be merged" : "merged", failed)));
	else if (last_done > done || done == 0 || seconds > 60)
		;						/* a run begins, or goes on */
	else if (seconds * 1000 < NOTICE_TIME)
		return;
	else
	{
		rate = Max((done - last_done) / seconds, 0.001);
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of " INT64_FORMAT " duplicates done, %.0f a second, about %.0f seconds left",
						done, total, rate, (total - done) / rate)));
	}
	last = now;
	last_done = done;
}

/* One transaction of a run: plans it, or merges for a while. */
void
merge_duplicates_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_RUN);
	TimestampTz begin = GetCurrentTimestamp();
	Row		   *run;
	int64		done;

	if (!call_load_tenant(call))
		return;
	run = find_run(call, set);
	if (run == NULL)
		run = begin_run(call, set);
	else
	{
		done = DatumGetInt64(run->values[RUN_DONE]);
		while (done < DatumGetInt64(run->values[RUN_TOTAL]) &&
			   !TimestampDifferenceExceeds(begin, GetCurrentTimestamp(), STEP_TIME))
		{
			char	   *uids[2];
			const char *code;
			const char *outcome;

			CHECK_FOR_INTERRUPTS();
			read_item(call, run, ++done, uids);
			outcome = merge_pair(call, uids[0], uids[1], &code);
			finish_item(call, run, done, outcome, code);
			if (code != NULL)
				row_set(run, RUN_FAILED, Int64GetDatum(DatumGetInt64(run->values[RUN_FAILED]) + 1));
		}
		row_set(run, RUN_DONE, Int64GetDatum(done));
		row_set(run, RUN_CONTINUED_AT, TimestampTzGetDatum(call->now));
	}
	call->more = DatumGetInt64(run->values[RUN_DONE]) < DatumGetInt64(run->values[RUN_TOTAL]);
	if (!call->more)
		row_set(run, RUN_FINISHED_AT, TimestampTzGetDatum(GetCurrentTimestamp()));
	rowset_flush(set);
	tell_progress(run, !call->more);
}
