/*-------------------------------------------------------------------------
 *
 * total.c
 *	  Exact numbers of rows, kept by the writers: a list's total costs the
 *	  same at ten customers and at ten million.
 *
 * What a transaction adds is summed up in memory and written as it commits,
 * into a counter that hardly any other session uses at the same time.  So a
 * counter changes once a transaction, however many calls that has, and
 * nobody waits for a counter while a transaction goes on.  Sums follow
 * subtransactions: what an aborted one added is forgotten.
 *
 *-------------------------------------------------------------------------
 */
#include "core/plan.h"
#include "core/row.h"
#include "core/access.h"

#include "utils/snapmgr.h"

/*
 * Writers of one tenant share a counter row only when there are more of them
 * than this; a total is the sum of at most so many rows.
 */
#define TOTAL_SLOTS 64

/*
 * A transaction that is prepared keeps its counter row until it ends, so it takes one
 * that no session writes to.
 */
#define PREPARED_SLOTS 256

static const char *const total_kinds[] = {"customer", "contact", "group", "member"};

/* What one level of subtransactions has added. */
typedef struct LevelAmount
{
	int			level;
	int64		amount;
	struct LevelAmount *outer;	/* of a smaller level */
} LevelAmount;

/* What the transaction has added to one total. */
typedef struct Pending
{
	char	   *tenant_uid;
	TotalKind	kind;
	char	   *owner_uid;
	LevelAmount *amounts;		/* innermost first */
	struct Pending *next;
} Pending;

/* Both live in the transaction's context. */
static Pending *pending_list = NULL;
static StringMap *pending_map = NULL;

static int64
pending_sum(const Pending *pending)
{
	int64		sum = 0;

	for (LevelAmount *amount = pending->amounts; amount != NULL; amount = amount->outer)
		sum += amount->amount;
	return sum;
}

static char *
pending_key(const char *tenant_uid, TotalKind kind, const char *owner_uid)
{
	return psprintf("%s %d %s", tenant_uid, kind, owner_uid);
}

static Pending *
pending_find(const char *tenant_uid, TotalKind kind, const char *owner_uid)
{
	return pending_map == NULL ? NULL
		: map_get(pending_map, pending_key(tenant_uid, kind, owner_uid));
}

static void
pending_add(const char *tenant_uid, TotalKind kind, const char *owner_uid, int64 amount)
{
	int			level = GetCurrentTransactionNestLevel();
	Pending    *pending = pending_find(tenant_uid, kind, owner_uid);
	MemoryContext old_context = MemoryContextSwitchTo(TopTransactionContext);

	if (pending == NULL)
	{
		if (pending_map == NULL)
			pending_map = map_create();
		pending = palloc0(sizeof(Pending));
		pending->tenant_uid = pstrdup(tenant_uid);
		pending->kind = kind;
		pending->owner_uid = pstrdup(owner_uid);
		pending->next = pending_list;
		pending_list = pending;
		map_put(pending_map, pending_key(tenant_uid, kind, owner_uid), pending);
	}
	if (pending->amounts == NULL || pending->amounts->level != level)
	{
		LevelAmount *inner = palloc0(sizeof(LevelAmount));

		inner->level = level;
		inner->outer = pending->amounts;
		pending->amounts = inner;
	}
	pending->amounts->amount += amount;
	MemoryContextSwitchTo(old_context);
}

/* Adds what is pending to the counters; the transaction is about to commit, or to be prepared. */
static void
flush_pending(bool prepare)
{
	Identity	saved;
	int			slot;
	bool		any = false;

	for (Pending *pending = pending_list; pending != NULL; pending = pending->next)
		any |= pending_sum(pending) != 0;
	/* the extension itself may have been dropped in this transaction */
	if (!any || !OidIsValid(get_namespace_oid("flowcustomer", true)))
		return;
	slot = prepare ? TOTAL_SLOTS + (int) (GetTopTransactionId() % PREPARED_SLOTS)
		: BACKEND_NUMBER % TOTAL_SLOTS;
	PushActiveSnapshot(GetTransactionSnapshot());
	identity_enter(&saved);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plans_check();
	for (Pending *first = pending_list; first != NULL; first = first->next)
	{
		PlanKey		key = {.statement = STATEMENT_TOTAL_ADD};
		TextList	owners = {0};
		TextList	amounts = {0};
		Datum		arguments[5];

		/* one statement for all owners of a tenant's kind of total */
		for (Pending *other = first; other != NULL; other = other->next)
		{
			if (other->kind != first->kind ||
				strcmp(other->tenant_uid, first->tenant_uid) != 0 || pending_sum(other) == 0)
				continue;
			text_list_add(&owners, CStringGetTextDatum(other->owner_uid));
			text_list_add(&amounts, Int64GetDatum(pending_sum(other)));
			other->amounts = NULL;
		}
		if (owners.count == 0)
			continue;
		arguments[0] = CStringGetTextDatum(first->tenant_uid);
		arguments[1] = CStringGetTextDatum(total_kinds[first->kind]);
		arguments[2] = Int32GetDatum(slot);
		arguments[3] = text_array(owners.values, owners.count);
		arguments[4] = PointerGetDatum(construct_array(amounts.values, amounts.count, INT8OID,
													   sizeof(int64), FLOAT8PASSBYVAL,
													   TYPALIGN_DOUBLE));
		(void) plan_execute(&key, 5, arguments, NULL, false);
	}
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	identity_leave(&saved);
	PopActiveSnapshot();
}

static void
transaction_callback(XactEvent event, void *argument)
{
	(void) argument;
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			flush_pending(event == XACT_EVENT_PRE_PREPARE);
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			pending_list = NULL;
			pending_map = NULL;
			break;
		default:
			break;
	}
}

static void
subtransaction_callback(SubXactEvent event, SubTransactionId id,
						SubTransactionId parent, void *argument)
{
	int			level = GetCurrentTransactionNestLevel();

	(void) id;
	(void) parent;
	(void) argument;
	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	for (Pending *pending = pending_list; pending != NULL; pending = pending->next)
	{
		LevelAmount *inner = pending->amounts;

		if (inner == NULL || inner->level < level)
			continue;
		if (event == SUBXACT_EVENT_COMMIT_SUB &&
			(inner->outer == NULL || inner->outer->level != level - 1))
		{
			inner->level = level - 1;
			continue;
		}
		if (event == SUBXACT_EVENT_COMMIT_SUB)
			inner->outer->amount += inner->amount;
		pending->amounts = inner->outer;
		pfree(inner);
	}
}

/* Sets up what has to be there before the first row is counted. */
void
totals_init(void)
{
	RegisterXactCallback(transaction_callback, NULL);
	RegisterSubXactCallback(subtransaction_callback, NULL);
}

/*
 * How many rows there are, with what this transaction has done; owner_uid is
 * a group's for its members, else "".
 */
int64
total_read(Call *call, TotalKind kind, const char *owner_uid)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_READ};
	Pending    *pending = pending_find(call->tenant_uid, kind, owner_uid);
	Datum		arguments[3];
	bool		isnull;
	int64		total;

	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(total_kinds[kind]);
	arguments[2] = CStringGetTextDatum(owner_uid);
	(void) plan_execute(&key, 3, arguments, NULL, call->reader);
	total = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return total + (pending ? pending_sum(pending) : 0);
}

/*
 * The totals of the call's tenant that are wrong; palloc'd.  Rows and totals are seen
 * as of the same moment, so writers do no harm.
 */
TotalDifference *
total_differences(Call *call, int *count)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_DIFFERENCES};
	uint64		nrows = plan_execute(&key, 1, &call->tenant, NULL, call->reader);
	TotalDifference *list = palloc(Max(nrows, 1) * sizeof(TotalDifference));

	*count = 0;
	for (uint64 i = 0; i < nrows; i++)
	{
		TotalDifference *item = &list[*count];
		char	   *kind = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		Pending    *pending;
		bool		isnull;

		item->kind = 0;
		while (strcmp(total_kinds[item->kind], kind) != 0)
			item->kind++;
		item->owner_uid = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		item->name = item->owner_uid[0] == '\0' ? kind : psprintf("%s/%s", kind, item->owner_uid);
		item->difference = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 3, &isnull));
		/* this transaction's own are written when it commits */
		pending = pending_find(call->tenant_uid, item->kind, item->owner_uid);
		item->difference -= pending ? pending_sum(pending) : 0;
		*count += item->difference != 0;
	}
	return list;
}

/* Counts rows that were added, or with a negative amount removed. */
void
total_add(Call *call, TotalKind kind, const char *owner_uid, int64 amount)
{
	if (amount != 0)
		pending_add(call->tenant_uid, kind, owner_uid, amount);
}

/* Forgets a count, when its owner goes. */
void
total_remove(Call *call, TotalKind kind, const char *owner_uid)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_REMOVE};
	Pending    *pending = pending_find(call->tenant_uid, kind, owner_uid);
	Datum		arguments[3];

	if (pending != NULL)
		pending_add(call->tenant_uid, kind, owner_uid, -pending_sum(pending));
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(total_kinds[kind]);
	arguments[2] = CStringGetTextDatum(owner_uid);
	(void) plan_execute(&key, 3, arguments, NULL, false);
}

/* Forgets all counts of the call's tenant. */
void
total_remove_all(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_TOTAL_DELETE};

	for (Pending *pending = pending_list; pending != NULL; pending = pending->next)
	{
		if (strcmp(pending->tenant_uid, call->tenant_uid) == 0)
			pending_add(pending->tenant_uid, pending->kind, pending->owner_uid,
						-pending_sum(pending));
	}
	(void) plan_execute(&key, 1, &call->tenant, NULL, false);
}
