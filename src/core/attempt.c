/*-------------------------------------------------------------------------
 *
 * attempt.c
 *	  Runs work in a subtransaction and tells what came of it.
 *
 * This is the only place that catches errors.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"

#include "storage/latch.h"
#include "utils/resowner.h"
#include "utils/wait_event.h"

static Outcome
classify(const ErrorData *error)
{
	int			category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	/* with one snapshot for all, looking again shows nothing new */
	if (error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		((error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION ||
		  error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE) &&
		 !IsolationUsesXactSnapshot()))
		return OUTCOME_AGAIN;
	if (category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION ||
		category == ERRCODE_DATA_EXCEPTION ||
		error->sqlerrcode == ERRCODE_RAISE_EXCEPTION)
		return OUTCOME_REFUSED;
	return OUTCOME_ERROR;
}

/*
 * Was this session told to stop?  Others can raise the same code: a function, or
 * another server about itself.
 */
static bool
is_interrupt(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION &&
		error->funcname != NULL && strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/*
 * Runs work(argument) in a subtransaction and in a memory context of its own.
 * When it gives false or raises an error, everything that it did to the
 * database is undone.  Where an error is the reason, *error is a copy of it in
 * the current context, for the caller to judge or to raise again.  A cancel or
 * a shutdown is never caught.
 */
Outcome
attempt(bool (*work) (void *), void *argument, ErrorData **error)
{
	MemoryContext old_context = CurrentMemoryContext;
	ResourceOwner old_owner = CurrentResourceOwner;
	MemoryContext work_context = AllocSetContextCreate(CurrentMemoryContext,
													   "flowcustomer attempt",
													   ALLOCSET_DEFAULT_SIZES);
	volatile Outcome outcome = OUTCOME_DONE;

	*error = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(work_context);
	PG_TRY();
	{
		if (work(argument))
			ReleaseCurrentSubTransaction();
		else
		{
			RollbackAndReleaseCurrentSubTransaction();
			outcome = OUTCOME_ABANDONED;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(old_context);
		*error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		outcome = classify(*error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old_context);
	CurrentResourceOwner = old_owner;
	MemoryContextDelete(work_context);
	if (*error != NULL && is_interrupt(*error))
		ReThrowError(*error);
	return outcome;
}

/*
 * Waits before starting over.  Whoever was in the way has our locks now, but may need the
 * processor to notice: without a pause we could have them back before, and again, until
 * there are no attempts left.  Twice as long each time, and not in step with others.
 */
void
attempt_pause(int attempts)
{
	long		milliseconds = (1L << Min(attempts, 8)) + MyProcPid % 8;

	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, milliseconds,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

static bool
run_list(void *argument)
{
	ListWork   *work = argument;

	return work->run(work);
}

/*
 * Does the work on a list, of which each item counts by itself.  The database refuses
 * something that was checked beforehand only when a concurrent writer came first,
 * then we look again, or when there is a rule that we don't know, a constraint that
 * somebody added: then the list is halved until the item is found, and the others
 * are done.  A deadlock is raised: only who starts over without any locks, those of
 * the first half among them, gets out of it.
 */
void
attempt_list(ListWork *work)
{
	int			first = work->first;
	int			last = work->last;
	Outcome		outcome = OUTCOME_AGAIN;
	ErrorData  *error;

	/* a unique key that is taken can be free again, or be taken for good */
	for (int i = 0; i < 2 && outcome == OUTCOME_AGAIN; i++)
	{
		CHECK_FOR_INTERRUPTS();
		outcome = attempt(run_list, work, &error);
		if (outcome == OUTCOME_ERROR ||
			(outcome == OUTCOME_AGAIN && error->sqlerrcode != ERRCODE_UNIQUE_VIOLATION))
			ReThrowError(error);
	}
	if (outcome == OUTCOME_DONE)
		return;
	if (last - first <= 1)
	{
		log_refusal(error);
		work->refused(work);
		return;
	}
	work->last = first + (last - first) / 2;
	attempt_list(work);
	work->first = first + (last - first) / 2;
	work->last = last;
	attempt_list(work);
	work->first = first;
}

/*
 * Somebody else changed rows before we had their locks: the call starts over, if
 * it may.
 */
void
raise_concurrent_change(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update")));
}

/*
 * Leaves a line in the server's log about a change that a rule of the database
 * refused: the rule may be one that somebody added, or a mistake of ours.  The
 * error's own texts can quote a row, so only its code and constraint are told.
 */
void
log_refusal(const ErrorData *error)
{
	ereport(LOG,
			(errhidestmt(true), errhidecontext(true),
			 errmsg("the database refused a change with SQLSTATE %s, constraint \"%s\"",
					unpack_sql_state(error->sqlerrcode),
					error->constraint_name ? error->constraint_name : "")));
}
