/*-------------------------------------------------------------------------
 *
 * change.c
 *	  Writes the feed of changes: one small row for each entity that a call
 *	  changes, in the same transaction.
 *
 * A change stands where its transaction's id puts it.  A reader gets only those
 * below the oldest id that is still running, so nothing can turn up later in
 * front of what it has read.  Ids count on one server only: each server on which
 * the data comes to live, by a restore or a promotion, begins a generation.
 *
 * What changes whose answer is known from the field tables: a row of an entity is
 * a change of that entity, a row of its children one of the member that shows
 * them.  Nothing here knows a particular resource.
 *
 *-------------------------------------------------------------------------
 */
#include "core/change.h"
#include "core/plan.h"

#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "commands/async.h"
#include "utils/snapmgr.h"

#define CHANNEL "flowcustomer_change"

/* A change that has not been written yet. */
typedef struct Change
{
	ResourceId	entity;
	const char *uid;
	const char *operation;
	char	   *fields;			/* JSON names, with commas between; NULL for none */
} Change;

struct ChangeList
{
	StringMap  *map;			/* by "entity uid" */
	Change	  **list;
	int			count;
	int			room;
};

/* Whose answers show a resource's rows, and as which member. */
typedef struct Owner
{
	ResourceId	entity;
	int			uid_field;		/* of the resource */
	const char *member;			/* NULL for the row of the entity itself */
} Owner;

#define MAX_OWNERS 3

typedef struct Owners
{
	bool		known;
	int			count;
	Owner		list[MAX_OWNERS];
} Owners;

static Owners all_owners[RESOURCE_COUNT];

/* The generation that was found in a transaction that is over; 0 for none. */
static int64 known_generation = 0;

/* Which place the next change of a transaction gets. */
static uint64 place_transaction = 0;
static int64 next_place = 0;

/* Forgets what was found: it may not be there any more. */
void
changes_forget_generation(void)
{
	known_generation = 0;
}

static void
transaction_ended(XactEvent event, void *argument)
{
	(void) argument;
	/* what was prepared can still be rolled back */
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		changes_forget_generation();
}

static void
subtransaction_ended(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *argument)
{
	(void) mine;
	(void) parent;
	(void) argument;
	/* it may have begun the generation */
	if (event == SUBXACT_EVENT_ABORT_SUB)
		changes_forget_generation();
}

/* Sets up what has to be there before the first change. */
void
changes_init(void)
{
	RegisterXactCallback(transaction_ended, NULL);
	RegisterSubXactCallback(subtransaction_ended, NULL);
}

/*
 * Forgets what was noted but not written: it was undone.  What is noted from now on
 * is kept in the current context, whichever one it is noted in.
 */
void
changes_begin(Call *call)
{
	call->changes = NULL;
	call->changes_context = CurrentMemoryContext;
}

/* ---------------------------------------------------------------------
 * What changes whose answer
 * --------------------------------------------------------------------- */

static const Owners *
resource_owners(ResourceId id)
{
	const Resource *resource = &resources[id];
	Owners	   *owners = &all_owners[id];
	int			keys[MAX_KEYS];

	if (owners->known)
		return owners;
	owners->known = true;
	if (resource->codes & ENTITY)
	{
		owners->list[0].entity = id;
		/* a tenant has no key but the tenant's own */
		owners->list[0].uid_field = resource_keys(resource, keys) > 0 ? keys[0] : -1;
		owners->count = 1;
		return owners;
	}
	for (int r = 0; r < RESOURCE_COUNT; r++)
	{
		for (int i = 0; i < resources[r].nfields; i++)
		{
			const Field *field = &resources[r].fields[i];
			const Owners *above;

			if ((field->kind != FIELD_CHILDREN && field->kind != FIELD_VALUES) ||
				field->target != id || field->parent[0] == NULL)
				continue;
			/* those who own the parent own its children, as far as they name them */
			above = resource_owners(r);
			for (int j = 0; j < above->count && owners->count < MAX_OWNERS; j++)
			{
				const Owner *owner = &above->list[j];
				int			uid_field = field_find(resource, resources[r].fields[owner->uid_field].column);

				if (uid_field >= 0)
					owners->list[owners->count++] = (Owner) {
					owner->entity, uid_field, owner->member ? owner->member : field->json};
			}
		}
	}
	return owners;
}

/* ---------------------------------------------------------------------
 * Collecting
 * --------------------------------------------------------------------- */

static bool
is_wanted(Call *call)
{
	return call->tenant_row.loaded && call->tenant_row.change_feed;
}

static Change *
find_change(Call *call, ResourceId entity, const char *uid, const char *operation)
{
	MemoryContext old = MemoryContextSwitchTo(call->changes_context);
	ChangeList *changes = call->changes;
	Change	   *change;
	char	   *key;

	if (changes == NULL)
	{
		changes = call->changes = palloc0(sizeof(ChangeList));
		changes->map = map_create();
	}
	key = psprintf("%s %s", resources[entity].label, uid);
	change = map_get(changes->map, key);
	if (change == NULL)
	{
		change = palloc0(sizeof(Change));
		change->entity = entity;
		change->uid = strchr(key, ' ') + 1;
		change->operation = operation;
		map_put(changes->map, key, change);
		if (changes->count == changes->room)
		{
			changes->room = Max(16, changes->room * 2);
			changes->list = changes->list == NULL
				? palloc(changes->room * sizeof(Change *))
				: repalloc_huge(changes->list, changes->room * sizeof(Change *));
		}
		changes->list[changes->count++] = change;
	}
	MemoryContextSwitchTo(old);
	return change;
}

static void
add_field(Call *call, Change *change, const char *name)
{
	MemoryContext old = MemoryContextSwitchTo(call->changes_context);
	char	   *quoted = psprintf("\"%s\"", name);

	if (change->fields == NULL)
		change->fields = quoted;
	else if (strstr(change->fields, quoted) == NULL)
		change->fields = psprintf("%s,%s", change->fields, quoted);
	MemoryContextSwitchTo(old);
}

/* Notes that a member of an entity's answer is another one. */
void
changes_note_member(Call *call, ResourceId entity, const char *uid, const char *member)
{
	if (is_wanted(call))
		add_field(call, find_change(call, entity, uid, "UPDATE"), member);
}

static void
note_entity(Call *call, const Row *row, const char *uid)
{
	const Row  *before = row->before;
	Change	   *change;

	if (before == NULL || !row->present)
	{
		const char *operation = row->present ? "CREATE" : "DELETE";

		change = find_change(call, row->resource->id, uid, operation);
		change->operation = operation;
		return;
	}
	change = find_change(call, row->resource->id, uid, "UPDATE");
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if (field_has_column(field) && field->json != NULL && !(field->flags & GENERATED) &&
			strcmp(field->column, "last_modified_at") != 0 &&
			!datum_equal(field, row->values[i], row->nulls[i], before->values[i], before->nulls[i]))
			add_field(call, change, field->json);
	}
}

/* Notes what the writing of a row changes: it is new, differs, or is gone. */
void
changes_note_row(Call *call, const Row *row)
{
	const Owners *owners;

	if (!is_wanted(call))
		return;
	owners = resource_owners(row->resource->id);
	for (int i = 0; i < owners->count; i++)
	{
		const Owner *owner = &owners->list[i];
		char	   *uid = owner->uid_field < 0 ? pstrdup(call->tenant_uid) : row_text(row, owner->uid_field);

		if (owner->member != NULL)
			changes_note_member(call, owner->entity, uid, owner->member);
		else
			note_entity(call, row, uid);
	}
}

/* Says more precisely what became of an entity. */
void
changes_set_operation(Call *call, ResourceId entity, const char *uid, const char *operation)
{
	if (is_wanted(call))
		find_change(call, entity, uid, operation)->operation = operation;
}

/* ---------------------------------------------------------------------
 * Writing
 * --------------------------------------------------------------------- */

/* What tells this server, and its life since the last promotion, from others. */
char *
changes_server(void)
{
	TimeLineID	timeline;

	if (RecoveryInProgress())
		(void) GetXLogReplayRecPtr(&timeline);
	else
		timeline = GetWALInsertionTimeLine();
	return psprintf(UINT64_FORMAT "/%u", GetSystemIdentifier(), timeline);
}

/* The id of the oldest transaction that our snapshot can't see the end of. */
int64
changes_horizon(void)
{
	FullTransactionId next = ReadNextFullTransactionId();
	TransactionId oldest = GetActiveSnapshot()->xmin;
	uint32		epoch = EpochFromFullTransactionId(next);

	if (oldest > XidFromFullTransactionId(next))
		epoch--;
	return (int64) U64FromFullTransactionId(FullTransactionIdFromEpochAndXid(epoch, oldest));
}

/* Which generation we write, which is a new one on a server that has none. */
static int64
current_generation(Call *call)
{
	PlanKey		find = {.statement = STATEMENT_CHANGE_GENERATION};
	PlanKey		begin = {.statement = STATEMENT_CHANGE_GENERATION_BEGIN};
	Datum		arguments[3] = {CStringGetTextDatum(""), CStringGetTextDatum(changes_server()),
	TimestampTzGetDatum(call->now)};
	bool		isnull;

	if (known_generation > 0)
		return known_generation;
	while (plan_execute_latest(&find, 2, arguments) == 0)
	{
		CHECK_FOR_INTERRUPTS();
		(void) plan_execute(&begin, 3, arguments, NULL, false);
	}
	known_generation = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	return known_generation;
}

/* Writes what was noted, and wakes those who listen. */
void
changes_write(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_CHANGES_ADD};
	ChangeList *changes = call->changes;
	Datum	   *columns[4];
	Datum		arguments[10];
	uint64		transaction;

	if (changes == NULL || changes->count == 0)
		return;
	transaction = U64FromFullTransactionId(GetTopFullTransactionId());
	if (transaction != place_transaction)
	{
		place_transaction = transaction;
		next_place = 0;
	}
	for (int i = 0; i < (int) lengthof(columns); i++)
		columns[i] = palloc(changes->count * sizeof(Datum));
	for (int i = 0; i < changes->count; i++)
	{
		const Change *change = changes->list[i];

		columns[0][i] = CStringGetTextDatum(resources[change->entity].label);
		columns[1][i] = CStringGetTextDatum(change->uid);
		columns[2][i] = CStringGetTextDatum(change->operation);
		columns[3][i] = CStringGetTextDatum(strcmp(change->operation, "UPDATE") == 0 && change->fields != NULL
											? psprintf("[%s]", change->fields) : "[]");
	}
	arguments[0] = call->tenant;
	arguments[1] = Int64GetDatum(current_generation(call));
	arguments[2] = Int64GetDatum((int64) transaction);
	arguments[3] = Int64GetDatum(next_place);
	arguments[4] = TimestampTzGetDatum(call->now);
	arguments[5] = CStringGetTextDatum(call->actor);
	for (int i = 0; i < 3; i++)
		arguments[6 + i] = text_array(columns[i], changes->count);
	arguments[9] = PointerGetDatum(construct_array(columns[3], changes->count, JSONOID, -1, false, TYPALIGN_INT));
	(void) plan_execute(&key, 10, arguments, NULL, false);
	next_place += changes->count;
	call->changes = NULL;
	if (setting_change_notify)
		Async_Notify(CHANNEL, call->tenant_uid);
}
