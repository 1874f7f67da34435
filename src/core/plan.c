/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  The plans of our statements (see statements.c).
 *
 * A plan is prepared at its first use in a backend and kept; it is always
 * generic, because what it touches is found by keys whatever they are.
 *
 *-------------------------------------------------------------------------
 */
#include "core/statements.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"
#include "optimizer/plancat.h"
#include "utils/snapmgr.h"
#pragma GCC diagnostic pop
#include "utils/hsearch.h"

typedef struct PlanEntry
{
	PlanKey		key;
	SPIPlanPtr	plan;
	bool		planned;		/* it has run, so it has been planned */
} PlanEntry;

/* How big the planner is told that our tables are, at least. */
#define ASSUMED_ROWS 10000000.0
#define ASSUMED_PAGES 1000000

static bool assume_big_tables = false;
static get_relation_info_hook_type previous_relation_info_hook = NULL;

static HTAB *plans = NULL;
static int	nsearch_plans = 0;
static Oid	plans_namespace = InvalidOid;

/*
 * Forgets all plans when the extension was dropped and made again in this
 * session: they name row types that are gone.  Called once at the beginning
 * of each call; true when that was so.
 */
bool
plans_check(void)
{
	Oid			namespace_oid = get_namespace_oid("flowcustomer", false);
	bool		anew = plans != NULL && plans_namespace != namespace_oid;

	if (anew)
	{
		HASH_SEQ_STATUS scan;
		PlanEntry  *entry;

		hash_seq_init(&scan, plans);
		while ((entry = hash_seq_search(&scan)) != NULL)
		{
			if (entry->plan != NULL)
				SPI_freeplan(entry->plan);
		}
		hash_destroy(plans);
		plans = NULL;
		nsearch_plans = 0;
	}
	if (plans == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(PlanKey), .entrysize = sizeof(PlanEntry),
		.hcxt = TopMemoryContext};

		plans = hash_create("flowcustomer plans", 128, &control,
							HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		plans_namespace = namespace_oid;
	}
	return anew;
}

static Oid
argument_type(const PlanKey *key, Oid type)
{
	Oid			relation;

	if (type != RECORDARRAYOID)
		return type;
	relation = get_relname_relid(resources[key->resource].table, plans_namespace);
	return get_array_type(get_rel_type_id(relation));
}

static SPIPlanPtr
plan_prepare(const PlanKey *key)
{
	const StatementText *statement = &statement_texts[key->statement];
	StringInfoData sql;
	Oid			types[MAX_ARGUMENTS];
	SPIPlanPtr	plan;

	initStringInfo(&sql);
	if (statement->build)
		statement->build(key, &sql);
	else
		appendStringInfoString(&sql, statement->sql);
	for (int i = 0; i < statement->nargs; i++)
		types[i] = argument_type(key, statement->types[i]);
	plan = SPI_prepare_cursor(sql.data, statement->nargs, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql.data,
			 SPI_result_code_string(SPI_result));
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep the plan of \"%s\"", sql.data);
	pfree(sql.data);
	return plan;
}

/*
 * While a statement that finds its rows by keys is planned, makes our tables
 * look big.  A plan is kept for the life of a session: one made while a table
 * was empty, and every way through it looked alike, has to be right when it
 * is full.
 */
static void
relation_info(PlannerInfo *root, Oid relation, bool inhparent, RelOptInfo *rel)
{
	ListCell   *cell;

	if (previous_relation_info_hook)
		previous_relation_info_hook(root, relation, inhparent, rel);
	if (!assume_big_tables || get_rel_namespace(relation) != plans_namespace)
		return;
	rel->tuples = Max(rel->tuples, ASSUMED_ROWS);
	rel->pages = Max(rel->pages, ASSUMED_PAGES);
	foreach(cell, rel->indexlist)
	{
		IndexOptInfo *index = lfirst(cell);

		index->tuples = Max(index->tuples, ASSUMED_ROWS);
		index->pages = Max(index->pages, ASSUMED_PAGES / 20);
	}
}

/* Sets up what has to be there before the first plan is made. */
void
plans_init(void)
{
	previous_relation_info_hook = get_relation_info_hook;
	get_relation_info_hook = relation_info;
}

/* The settings under which statements are planned. */
static void
plan_settings(bool keyed)
{
	static const char *const off[] = {
		"jit", "enable_seqscan", "enable_hashjoin", "enable_mergejoin"
	};

	for (int i = 0; i < (keyed ? (int) lengthof(off) : 1); i++)
		(void) set_config_option(off[i], "off", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

/* How a statement is run. */
typedef enum Manner
{
	MANNER_READ,
	MANNER_WRITE,
	MANNER_READ_LATEST			/* what is committed by now */
} Manner;

static int
execute(SPIPlanPtr plan, const StatementText *statement, const Datum *values,
		const char *nulls, Manner manner, SPIExecuteOptions *stream)
{
	volatile int result = 0;

	PG_TRY();
	{
		assume_big_tables = statement->keyed;
		if (stream != NULL)
			result = SPI_execute_plan_extended(plan, stream);
		else if (manner == MANNER_READ_LATEST)
			result = SPI_execute_snapshot(plan, unconstify(Datum *, values), nulls,
										  GetLatestSnapshot(), InvalidSnapshot,
										  true, false, 0);
		else
			result = SPI_execute_plan(plan, unconstify(Datum *, values), nulls,
									  manner == MANNER_READ, 0);
	}
	PG_FINALLY();
	{
		assume_big_tables = false;
	}
	PG_END_TRY();
	return result;
}

/* Where the rows of a statement go that are not to be kept. */
static SPIExecuteOptions
stream_options(const PlanKey *key, const Datum *values, const bool *nulls, Manner manner,
			   DestReceiver *receiver)
{
	const StatementText *statement = &statement_texts[key->statement];
	ParamListInfo parameters = makeParamList(statement->nargs);
	SPIExecuteOptions options = {0};

	for (int i = 0; i < statement->nargs; i++)
	{
		ParamExternData *parameter = &parameters->params[i];

		parameter->isnull = nulls && nulls[i];
		parameter->value = parameter->isnull ? (Datum) 0 : values[i];
		parameter->pflags = PARAM_FLAG_CONST;
		parameter->ptype = argument_type(key, statement->types[i]);
	}
	options.params = parameters;
	options.read_only = manner == MANNER_READ;
	options.dest = receiver;
	return options;
}

/*
 * Searches differ in so much that a session could come to have thousands of plans,
 * some of them big: beyond these few they are all made again.
 */
#define MAX_SEARCH_PLANS 32

static void
forget_search_plans(void)
{
	HASH_SEQ_STATUS scan;
	PlanEntry  *entry;

	hash_seq_init(&scan, plans);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->key.statement != STATEMENT_SEARCH)
			continue;
		if (entry->plan != NULL)
			SPI_freeplan(entry->plan);
		(void) hash_search(plans, &entry->key, HASH_REMOVE, NULL);
	}
	nsearch_plans = 0;
}

/* See plan_execute. */
static uint64
run_statement(const PlanKey *key, int nargs, const Datum *values,
			  const bool *nulls, Manner manner, DestReceiver *receiver)
{
	const StatementText *statement = &statement_texts[key->statement];
	SPIExecuteOptions stream;
	PlanEntry  *entry;
	bool		found;
	char		null_flags[MAX_ARGUMENTS];
	int			level = 0;
	int			result;

	Assert(nargs == statement->nargs);
	if (key->statement == STATEMENT_SEARCH && nsearch_plans >= MAX_SEARCH_PLANS &&
		hash_search(plans, key, HASH_FIND, NULL) == NULL)
		forget_search_plans();
	entry = hash_search(plans, key, HASH_ENTER, &found);
	if (!found)
	{
		entry->plan = NULL;
		nsearch_plans += key->statement == STATEMENT_SEARCH;
	}
	if (entry->plan == NULL || !entry->planned || !SPI_plan_is_valid(entry->plan))
	{
		level = NewGUCNestLevel();
		plan_settings(statement->keyed);
	}
	if (entry->plan == NULL)
	{
		entry->planned = false;
		entry->plan = plan_prepare(key);
	}
	for (int i = 0; i < nargs; i++)
		null_flags[i] = nulls && nulls[i] ? 'n' : ' ';
	if (receiver != NULL)
		stream = stream_options(key, values, nulls, manner, receiver);
	result = execute(entry->plan, statement, values, null_flags, manner,
					 receiver ? &stream : NULL);
	entry->planned = true;
	if (level > 0)
		AtEOXact_GUC(false, level);
	if (result < 0)
		elog(ERROR, "could not run statement %d: %s", key->statement,
			 SPI_result_code_string(result));
	return SPI_processed;
}

/*
 * Runs a statement and gives the number of rows that it returned or wrote;
 * rows are in SPI_tuptable until the call is over.  nulls may be NULL.
 * Raises the database's errors.
 */
uint64
plan_execute(const PlanKey *key, int nargs, const Datum *values,
			 const bool *nulls, bool read_only)
{
	return run_statement(key, nargs, values, nulls, read_only ? MANNER_READ : MANNER_WRITE, NULL);
}

/*
 * The same for a statement that only reads, seeing what is committed by now even
 * where the transaction keeps to an older snapshot.
 */
uint64
plan_execute_latest(const PlanKey *key, int nargs, const Datum *values)
{
	/* which those who work in parallel do not share */
	return run_statement(key, nargs, values, NULL,
						 IsInParallelMode() ? MANNER_READ : MANNER_READ_LATEST, NULL);
}

/*
 * Runs a statement and gives each of its rows to a receiver when it comes: for
 * more rows than should be kept.
 */
void
plan_stream(const PlanKey *key, int nargs, const Datum *values, const bool *nulls,
			bool read_only, DestReceiver *receiver)
{
	(void) run_statement(key, nargs, values, nulls, read_only ? MANNER_READ : MANNER_WRITE,
						 receiver);
}
