/*-------------------------------------------------------------------------
 *
 * reference_run.c
 *	  Runs statements on tables outside, with their owners' rights, as the
 *	  actions of foreign keys are: their triggers are the owners' code.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/attempt.h"
#include "core/reference.h"

/*
 * Runs a statement as the table's owner, for attempt().  Its parameters:
 * $1 the tenant, $2 and $3 the customers, $4 the row, $5 the target.
 */
static bool
run_statement(void *argument)
{
	ReferenceStatement *statement = argument;
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID, JSONBOID, JSONBOID};
	Datum		arguments[5] = {statement->call->tenant};
	char		nulls[5] = {' ', 'n', 'n', 'n', 'n'};
	const char *customers[2] = {statement->from, statement->to};
	const char *documents[2] = {statement->row, statement->target};
	Identity	saved;
	int			result;

	for (int i = 0; i < 2; i++)
	{
		if (customers[i] != NULL)
		{
			arguments[1 + i] = CStringGetTextDatum(customers[i]);
			nulls[1 + i] = ' ';
		}
		if (documents[i] != NULL)
		{
			arguments[3 + i] = DirectFunctionCall1(jsonb_in, CStringGetDatum(documents[i]));
			nulls[3 + i] = ' ';
		}
	}
	owner_enter(statement->reference->owner, &saved);
	result = SPI_execute_with_args(statement->sql, 5, types, arguments, nulls, false, 0);
	role_leave(&saved);
	if (result < 0)
		elog(ERROR, "could not run a statement on table %s: %s", statement->reference->name,
			 SPI_result_code_string(result));
	statement->count = SPI_processed;
	for (uint64 i = 0; SPI_tuptable != NULL && i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(statement->call->context);
		char	   *value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		text_list_add(&statement->results, CStringGetTextDatum(value));
		MemoryContextSwitchTo(old);
	}
	return true;
}

/*
 * Runs a statement on a table with the rights of its owner; false when a row breaks
 * a constraint of the table, and then nothing is done.  Other errors are raised,
 * without the texts that can quote a row.
 */
bool
reference_try(ReferenceStatement *statement)
{
	ErrorData  *error;

	statement->count = 0;
	statement->results.count = 0;
	if (attempt(run_statement, statement, &error) == OUTCOME_DONE)
		return true;
	if (ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION)
		return false;
	/* a constraint or trigger that is deferred can't be kept for later here */
	if (error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE && strncmp(statement->sql, "SELECT", 6) != 0)
		return false;
	if (error->sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED ||
		error->sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE)
		ReThrowError(error);
	ereport(ERROR,
			(errcode(error->sqlerrcode),
			 errmsg("could not run a statement on table %s", statement->reference->name),
			 errhidestmt(true), errhidecontext(true)));
	return false;
}
