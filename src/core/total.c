/*-------------------------------------------------------------------------
 *
 * total.c
 *	  Exact numbers of rows, kept by the writers: a list's total costs the
 *	  same at ten customers and at ten million.
 *
 *-------------------------------------------------------------------------
 */
#include "core/plan.h"
#include "core/row.h"

/*
 * Writers of one tenant share a counter row only when there are more of them
 * than this; a total is the sum of at most so many rows.
 */
#define TOTAL_SLOTS 64

static const char *const total_kinds[] = {"customer", "contact", "group", "member"};

static void
total_arguments(Call *call, TotalKind kind, const char *owner_uid, Datum *arguments)
{
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(total_kinds[kind]);
	arguments[2] = CStringGetTextDatum(owner_uid);
}

/* How many rows there are; owner_uid is a group's for its members, else "". */
int64
total_read(Call *call, TotalKind kind, const char *owner_uid)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_READ};
	Datum		arguments[3];
	bool		isnull;
	int64		total;

	total_arguments(call, kind, owner_uid, arguments);
	(void) plan_execute(&key, 3, arguments, NULL, call->reader);
	total = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return total;
}

/*
 * Counts rows that were added, or with negative amounts removed, for several
 * owners at once.
 */
void
total_add_many(Call *call, TotalKind kind, const Datum *owners,
			   const Datum *amounts, int count)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_ADD};
	Datum		arguments[5];

	if (count == 0)
		return;
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(total_kinds[kind]);
	arguments[2] = Int32GetDatum(BACKEND_NUMBER % TOTAL_SLOTS);
	arguments[3] = text_array(owners, count);
	arguments[4] = PointerGetDatum(construct_array(unconstify(Datum *, amounts), count,
												   INT8OID, sizeof(int64),
												   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	(void) plan_execute(&key, 5, arguments, NULL, false);
}

/* The same for one owner. */
void
total_add(Call *call, TotalKind kind, const char *owner_uid, int64 amount)
{
	Datum		owner = CStringGetTextDatum(owner_uid);
	Datum		value = Int64GetDatum(amount);

	total_add_many(call, kind, &owner, &value, amount == 0 ? 0 : 1);
}

/* Forgets a count, when its owner goes. */
void
total_remove(Call *call, TotalKind kind, const char *owner_uid)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_REMOVE};
	Datum		arguments[3];

	total_arguments(call, kind, owner_uid, arguments);
	(void) plan_execute(&key, 3, arguments, NULL, false);
}
