/*-------------------------------------------------------------------------
 *
 * api_integrity.c
 *	  Whether a tenant's rows fit together, and putting right what does not.
 *
 * The functions keep them right.  What these checks are for comes from outside: SQL by
 * hand, a restore that left constraints out, a server whose disk lied.  Much of what
 * has to hold the catalog says already: foreign keys, checks and generated columns of the
 * extension's tables are looked up there, so a new one is checked without a word here.
 *
 * Nothing in a finding is personal: it has keys, names of columns, and numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/guard.h"
#include "core/plan.h"
#include "core/row.h"
#include "orders.h"

extern void check_integrity_run(Call *call);
extern void repair_run(Call *call);

/* A run of the checks. */
typedef struct Integrity
{
	Call	   *call;
	bool		repair;
	bool		silent;			/* only counts */
	uint64		found;
	uint64		mended;
	StringMap  *reported;		/* what could not be mended, and need not be told again */
} Integrity;

/* Rows that are wrong. */
typedef struct Findings
{
	TextList	keys;
	TextList	details;
	TextList	others;			/* what they have to do with, where the check says so */
} Findings;

/*
 * One thing that can be wrong.  It is found by a statement that returns keys and details,
 * or by a function; what mends it is the same, or nothing.  Statements have the tenant as
 * $1 and the time as $2.
 */
typedef struct Check
{
	const char *code;
	const char *entity;			/* the table */
	const char *find;
	const char *mend;
	void		(*find_rows) (Integrity *integrity, Findings *found);
	void		(*mend_rows) (Call *call, const Findings *found);
} Check;

/* ---------------------------------------------------------------------
 * What the catalog says
 * --------------------------------------------------------------------- */

/* Is a relation one of the extension's tables?  Somebody can have put his own beside them. */
#define OURS(relation) \
	"EXISTS (SELECT FROM pg_depend o WHERE o.classid = 'pg_class'::regclass AND o.objid = " relation \
	" AND o.refclassid = 'pg_extension'::regclass AND o.deptype = 'e'" \
	" AND o.refobjid = (SELECT e.oid FROM pg_extension e WHERE e.extname = 'flowcustomer'))"

/* A row's key without the tenant, as an expression over "r". */
#define KEY_OF(relation) \
	"coalesce((SELECT 'concat_ws(''/'', ' || string_agg(format('r.%I', a.attname), ', ' ORDER BY n) || ')'" \
	" FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY u(attnum, n)" \
	" JOIN pg_attribute a ON a.attrelid = " relation " AND a.attnum = u.attnum" \
	" WHERE i.indrelid = " relation " AND i.indisprimary AND a.attname <> 'tenant_uid'), 'r.tenant_uid')"

/* The columns of a foreign key, each as a format makes it of its name and that of what it refers to. */
#define COLUMNS_OF_KEY(format, separator, condition) \
	"(SELECT string_agg(format('" format "', c.attname, f.attname), '" separator "' ORDER BY n)" \
	" FROM unnest(k.conkey, k.confkey) WITH ORDINALITY u(c, f, n)" \
	" JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = u.c" \
	" JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = u.f WHERE " condition ")"

/*
 * Deletes, with what "condition" finds of a table, the rows of ours that name it; needs
 * k, c and condition of the query around it.
 */
#define DEPENDENTS \
	"SELECT string_agg(format('gone%s AS (DELETE FROM %s d USING flowcustomer.%I r WHERE %s AND %s)'," \
	" x.oid, x.conrelid::regclass, c.relname, (SELECT string_agg(format('d.%I = r.%I', xc.attname, xf.attname), ' AND ')" \
	" FROM unnest(x.conkey, x.confkey) u(c, f) JOIN pg_attribute xc ON xc.attrelid = x.conrelid AND xc.attnum = u.c" \
	" JOIN pg_attribute xf ON xf.attrelid = x.confrelid AND xf.attnum = u.f), condition), ', ')" \
	" FROM pg_constraint x JOIN pg_class d ON d.oid = x.conrelid WHERE x.contype = 'f' AND x.confrelid = k.conrelid AND " OURS("x.conrelid")

/*
 * Rows that name what is not there.  A reference that can be empty is emptied; what
 * other systems own and rows need is put back with its UID as its name, for consents
 * must not be lost for it; the rest says something of a customer who is gone, and goes.
 */
static const char *const orphan_checks =
"SELECT 'ORPHAN', c.relname, format('SELECT %s, %L || %s FROM flowcustomer.%I r WHERE %s', key, names || ' of no ' || p.relname || ': ', named, c.relname, condition),"
" CASE WHEN emptied IS NOT NULL THEN format('UPDATE flowcustomer.%I r SET %s WHERE %s', c.relname, emptied, condition)"
" WHEN p.relname IN ('organization', 'consent') THEN format('INSERT INTO flowcustomer.%I (tenant_uid, %s, name, created_at, last_modified_at)"
" SELECT DISTINCT r.tenant_uid, %s, %s, $2, $2 FROM flowcustomer.%I r WHERE %s', p.relname, keys, named, named, c.relname, condition)"
" ELSE coalesce('WITH ' || (" DEPENDENTS ") || ' ', '') || format('DELETE FROM flowcustomer.%I r WHERE %s', c.relname, condition) END"
" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid,"
" LATERAL (SELECT " KEY_OF("k.conrelid") " AS key,"
" " COLUMNS_OF_KEY("%1$s", ", ", "c.attname <> 'tenant_uid'") " AS names,"
" " COLUMNS_OF_KEY("%2$I", ", ", "c.attname <> 'tenant_uid'") " AS keys,"
" 'concat_ws(''/'', ' || " COLUMNS_OF_KEY("r.%1$I", ", ", "c.attname <> 'tenant_uid'") " || ')' AS named,"
" " COLUMNS_OF_KEY("%1$I = NULL", ", ", "NOT c.attnotnull") " AS emptied,"
" 'r.tenant_uid = $1 AND ' || " COLUMNS_OF_KEY("r.%1$I IS NOT NULL", " AND ", "true")
" || format(' AND NOT EXISTS (SELECT FROM flowcustomer.%I p WHERE ', p.relname)"
" || " COLUMNS_OF_KEY("p.%2$I = r.%1$I", " AND ", "true") " || ')' AS condition) s"
" WHERE k.contype = 'f' AND " OURS("k.conrelid") " AND " OURS("k.confrelid") " AND names IS NOT NULL"
" ORDER BY c.relname, k.conname";

/* Generated columns are made anew when a column is written that they depend on. */
static const char *const generated_checks =
"SELECT 'GENERATED_WRONG', c.relname,"
" format('SELECT %s, %L FROM flowcustomer.%I r WHERE r.tenant_uid = $1 AND r.%I IS DISTINCT FROM %s', key, a.attname, c.relname, a.attname, made),"
" format('UPDATE flowcustomer.%I r SET %s WHERE r.tenant_uid = $1 AND r.%I IS DISTINCT FROM %s', c.relname, written, a.attname, made)"
" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum,"
" LATERAL (SELECT " KEY_OF("c.oid") " AS key, pg_get_expr(d.adbin, d.adrelid) AS made,"
" (SELECT string_agg(format('%1$I = r.%1$I', w.attname), ', ') FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attnum > 0"
" AND NOT w.attisdropped AND w.attgenerated = '' AND w.attidentity = '' AND w.attname <> 'tenant_uid') AS written) s"
" WHERE a.attgenerated <> '' AND " OURS("c.oid") " ORDER BY c.relname, a.attnum";

/* What a check of the table says can only be put right by who knows what was meant. */
static const char *const rule_checks =
"SELECT 'RULE_BROKEN', c.relname,"
" format('SELECT %s, %L FROM flowcustomer.%I r WHERE r.tenant_uid = $1 AND NOT (%s)', " KEY_OF("c.oid") ", k.conname, c.relname, pg_get_expr(k.conbin, k.conrelid)), NULL"
" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
" WHERE k.contype = 'c' AND " OURS("k.conrelid") " ORDER BY c.relname, k.conname";

/* ---------------------------------------------------------------------
 * What only we know
 * --------------------------------------------------------------------- */

/* What is open of the invoices of each customer, where that is not what the customer's row says. */
#define BALANCES \
	"SELECT c.customer_uid, (coalesce(o.open, 0) - c.credit_open_invoices)::bigint AS difference FROM flowcustomer.customer c" \
	" LEFT JOIN (SELECT customer_uid, sum(open_invoice_amount) AS open FROM flowcustomer.sales_order" \
	"  WHERE tenant_uid = $1 AND customer_uid IS NOT NULL GROUP BY customer_uid) o ON o.customer_uid = c.customer_uid" \
	" WHERE c.tenant_uid = $1 AND c.credit_open_invoices <> coalesce(o.open, 0)"

/* The counts of a run of merge_duplicates, as its items have them. */
#define RUN_COUNTS \
	"SELECT i.run_uid, count(i.outcome) AS done, count(i.code) AS failed FROM flowcustomer.duplicate_run_item i" \
	" WHERE i.tenant_uid = $1 GROUP BY i.run_uid"

/* Finds what is open of customers' invoices now that we have their locks, and writes it. */
static void
mend_balances(Call *call, const Findings *found)
{
	const TextList *keys = &found->keys;
	RowSet	   *customers = rowset_create(call, RESOURCE_CUSTOMER);
	Oid			types[] = {TEXTOID, TEXTARRAYOID};
	Datum		arguments[2];
	TextList	uids = {0};
	int64	   *differences;
	bool		isnull;

	rowset_load(customers, CUSTOMER_UID, keys->values, keys->count, false);
	arguments[0] = call->tenant;
	arguments[1] = text_array(keys->values, keys->count);
	if (SPI_execute_with_args("SELECT b.* FROM (" BALANCES ") b WHERE b.customer_uid = ANY ($2)",
							  2, types, arguments, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not compare balances");
	differences = palloc(Max(SPI_processed, 1) * sizeof(int64));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		text_list_add(&uids, result_text(i, 1));
		differences[i] = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));
	}
	add_open_invoices(call, uids.values, differences, uids.count);
}

static uint64 run_sql(Integrity *integrity, const char *sql);

static void
run_with_keys(Call *call, const char *sql, const TextList *keys, const TextList *others)
{
	Oid			types[] = {TEXTOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		arguments[] = {call->tenant, text_array(keys->values, keys->count),
	text_array(others->values, others->count)};
	int			result = SPI_execute_with_args(sql, 3, types, arguments, NULL, false, 0);

	if (result < 0)
		elog(ERROR, "could not mend rows: %s", SPI_result_code_string(result));
}

/* A row that leads to another one. */
typedef struct Step
{
	const char *uid;
	const char *next;
	int			walk;			/* in which it was come by, 0 for none */
	const char *first;			/* of the circle that it is on, or NULL */
} Step;

typedef struct Steps
{
	Step	   *list;
	int			count;
	StringMap  *map;
} Steps;

/* The ways of a tenant's rows that a statement returns; of two from one row the last counts. */
static Steps
load_steps(Integrity *integrity, const char *sql)
{
	Steps		steps = {.count = (int) run_sql(integrity, sql), .map = map_create()};

	steps.list = palloc0(Max(steps.count, 1) * sizeof(Step));
	for (int i = 0; i < steps.count; i++)
	{
		steps.list[i].uid = TextDatumGetCString(result_text(i, 1));
		steps.list[i].next = TextDatumGetCString(result_text(i, 2));
		map_put(steps.map, steps.list[i].uid, &steps.list[i]);
	}
	return steps;
}

/* Where a row leads; NULL when that one leads nowhere. */
static Step *
next_step(const Steps *steps, const Step *step)
{
	return map_get(steps->map, step->next);
}

/* Finds the circles, each row of which gets the first one of its circle. */
static void
find_circles(Steps *steps)
{
	for (int i = 0; i < steps->count; i++)
	{
		Step	   *step = &steps->list[i];
		Step	   *begin;
		const char *first;

		CHECK_FOR_INTERRUPTS();
		for (; step != NULL && step->walk == 0; step = next_step(steps, step))
			step->walk = i + 1;
		if (step == NULL || step->walk != i + 1)
			continue;
		begin = step;
		first = begin->uid;
		for (step = next_step(steps, begin); step != begin; step = next_step(steps, step))
			first = strcmp(step->uid, first) < 0 ? step->uid : first;
		do
		{
			step->first = first;
			step = next_step(steps, step);
		} while (step != begin);
	}
}

static void
find_parent_circles(Integrity *integrity, Findings *found)
{
	Steps		steps = load_steps(integrity,
								   "SELECT customer_uid, customer_parent_uid FROM flowcustomer.customer"
								   " WHERE tenant_uid = $1 AND customer_parent_uid IS NOT NULL ORDER BY 1");

	find_circles(&steps);
	for (int i = 0; i < steps.count; i++)
	{
		const Step *step = &steps.list[i];

		if (step->first == NULL)
			continue;
		text_list_add(&found->keys, CStringGetTextDatum(step->uid));
		text_list_add(&found->details, CStringGetTextDatum(psprintf("with %s", step->first)));
		text_list_add(&found->others, CStringGetTextDatum(step->first));
	}
}

/* The first one of each circle gets no parent. */
static void
mend_parent_circles(Call *call, const Findings *found)
{
	run_with_keys(call, "UPDATE flowcustomer.customer SET customer_parent_uid = NULL"
				  " WHERE tenant_uid = $1 AND customer_uid = ANY ($3) AND $2 IS NOT NULL",
				  &found->keys, &found->others);
}

/* Finds the merged-away ones whose uids do not lead to who is left after all merges. */
static void
find_lost_redirects(Integrity *integrity, Findings *found)
{
	Steps		merges = load_steps(integrity,
									"SELECT duplicate_uid, survivor_uid FROM flowcustomer.merge"
									" WHERE tenant_uid = $1 AND undone_at IS NULL ORDER BY merged_at, merge_uid");
	Steps		redirects = load_steps(integrity,
									   "SELECT customer_uid, survivor_uid FROM flowcustomer.customer_redirect WHERE tenant_uid = $1");
	TextList	uids = {0};
	StringMap  *living;

	find_circles(&merges);
	for (int i = 0; i < merges.count; i++)
	{
		text_list_add(&uids, CStringGetTextDatum(merges.list[i].uid));
		text_list_add(&uids, CStringGetTextDatum(merges.list[i].next));
	}
	living = existing_uids(integrity->call, RESOURCE_CUSTOMER, uids.values, sort_unique_texts(uids.values, uids.count));
	for (int i = 0; i < merges.count; i++)
	{
		Step	   *merge = map_get(merges.map, merges.list[i].uid);
		Step	   *redirect = map_get(redirects.map, merge->uid);
		const char *end = merge->next;
		int			steps = 0;

		CHECK_FOR_INTERRUPTS();
		/* what is on a circle, or leads to one, leads nowhere */
		for (Step *step = merge; step != NULL && end != NULL; step = next_step(&merges, step))
			end = step->first != NULL || steps++ > merges.count ? NULL : step->next;
		if (merge != &merges.list[i] || end == NULL || map_get(living, end) == NULL ||
			map_get(living, merge->uid) != NULL ||
			(redirect != NULL && strcmp(redirect->next, end) == 0))
			continue;
		text_list_add(&found->keys, CStringGetTextDatum(merge->uid));
		text_list_add(&found->details, CStringGetTextDatum(psprintf("to %s", end)));
		text_list_add(&found->others, CStringGetTextDatum(end));
	}
}

/* The journals have what else the redirects were known by. */
static void
mend_redirects(Call *call, const Findings *found)
{
	run_with_keys(call, "INSERT INTO flowcustomer.customer_redirect AS r"
				  " (tenant_uid, customer_uid, survivor_uid, external_id, loyalty_id, created_at)"
				  " SELECT DISTINCT ON (u.uid) $1, u.uid, u.survivor_uid, m.journal #>> '{from,external_id}',"
				  " m.journal #>> '{from,loyalty_id}', m.merged_at FROM unnest($2, $3) u(uid, survivor_uid)"
				  " JOIN flowcustomer.merge m ON m.tenant_uid = $1 AND m.duplicate_uid = u.uid AND m.undone_at IS NULL"
				  " ORDER BY u.uid, m.merged_at DESC"
				  " ON CONFLICT (tenant_uid, customer_uid) DO UPDATE SET survivor_uid = EXCLUDED.survivor_uid",
				  &found->keys, &found->others);
}

static const Check own_checks[] = {
	{.code = "PARENT_MISSING", .entity = "customer",
		.find = "SELECT c.customer_uid, 'customer_parent_uid: ' || c.customer_parent_uid FROM flowcustomer.customer c"
		" WHERE c.tenant_uid = $1 AND c.customer_parent_uid IS NOT NULL AND NOT EXISTS (SELECT FROM flowcustomer.customer p"
		" WHERE p.tenant_uid = $1 AND p.customer_uid = c.customer_parent_uid AND p.customer_type = 'COMPANY')",
		.mend = "UPDATE flowcustomer.customer c SET customer_parent_uid = NULL, last_modified_at = $2"
		" WHERE c.tenant_uid = $1 AND c.customer_parent_uid IS NOT NULL AND NOT EXISTS (SELECT FROM flowcustomer.customer p"
		" WHERE p.tenant_uid = $1 AND p.customer_uid = c.customer_parent_uid AND p.customer_type = 'COMPANY')",
	},
	{.code = "PARENT_CYCLE", .entity = "customer",
	.find_rows = find_parent_circles, .mend_rows = mend_parent_circles},
	{.code = "REDIRECT_OF_CUSTOMER", .entity = "customer_redirect",
		.find = "SELECT r.customer_uid, 'to ' || r.survivor_uid FROM flowcustomer.customer_redirect r JOIN flowcustomer.customer c"
		" ON c.tenant_uid = $1 AND c.customer_uid = r.customer_uid WHERE r.tenant_uid = $1",
		.mend = "DELETE FROM flowcustomer.customer_redirect r WHERE r.tenant_uid = $1 AND EXISTS (SELECT FROM flowcustomer.customer c"
		" WHERE c.tenant_uid = $1 AND c.customer_uid = r.customer_uid)",
	},
	{.code = "MERGE_WITHOUT_REDIRECT", .entity = "merge",
	.find_rows = find_lost_redirects, .mend_rows = mend_redirects},
	{.code = "MERGE_OF_CUSTOMER", .entity = "merge",
		.find = "SELECT m.merge_uid, 'duplicate_uid: ' || m.duplicate_uid FROM flowcustomer.merge m JOIN flowcustomer.customer c"
		" ON c.tenant_uid = $1 AND c.customer_uid = m.duplicate_uid WHERE m.tenant_uid = $1 AND m.undone_at IS NULL",
	},
	{.code = "RUN_MISCOUNTED", .entity = "duplicate_run",
		.find = "SELECT r.run_uid, format('done %s of %s, failed %s of %s', r.done, coalesce(i.done, 0), r.failed, coalesce(i.failed, 0))"
		" FROM flowcustomer.duplicate_run r LEFT JOIN (" RUN_COUNTS ") i ON i.run_uid = r.run_uid"
		" WHERE r.tenant_uid = $1 AND (r.done, r.failed) <> (coalesce(i.done, 0), coalesce(i.failed, 0))",
		.mend = "UPDATE flowcustomer.duplicate_run r SET done = coalesce(i.done, 0), failed = coalesce(i.failed, 0)"
		" FROM flowcustomer.duplicate_run o LEFT JOIN (" RUN_COUNTS ") i ON i.run_uid = o.run_uid"
		" WHERE r.tenant_uid = $1 AND o.tenant_uid = $1 AND o.run_uid = r.run_uid"
		" AND (r.done, r.failed) <> (coalesce(i.done, 0), coalesce(i.failed, 0))",
	},
	{.code = "GENERATION_MISSING", .entity = "change",
		.find = "SELECT DISTINCT c.generation::text, 'generation' FROM flowcustomer.change c WHERE c.tenant_uid = $1 AND NOT EXISTS"
		" (SELECT FROM flowcustomer.change_generation g WHERE g.tenant_uid = '' AND g.generation = c.generation)",
	},
	{.code = "CLAIM_LEFT", .entity = "external_id_claim",
		.find = "SELECT '', count(*) || ' rows' FROM flowcustomer.external_id_claim WHERE tenant_uid = $1 HAVING count(*) > 0",
		.mend = "DELETE FROM flowcustomer.external_id_claim WHERE tenant_uid = $1",
	},
	{.code = "BALANCE_WRONG", .entity = "customer",
		.find = "SELECT customer_uid, 'credit_open_invoices: off by ' || difference FROM (" BALANCES ") b",
	.mend_rows = mend_balances},
	{.code = "ROLE_MISSING", .entity = "access_grant",
		.find = "SELECT g.role_name, 'role_name' FROM flowcustomer.access_grant g"
		" WHERE g.tenant_uid = $1 AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname::text = g.role_name)",
	},
};

/* ---------------------------------------------------------------------
 * Running them
 * --------------------------------------------------------------------- */

/* Tells what was found; check_integrity's rows leave out the last column. */
static void
report(Integrity *integrity, const char *code, const char *entity, Datum key, Datum detail, bool repaired)
{
	ReturnSetInfo *rows = integrity->call->rows;
	char	   *name = psprintf("%s %s %s %s", code, entity, TextDatumGetCString(key), TextDatumGetCString(detail));
	Datum		values[5];
	bool		nulls[5] = {0};

	integrity->found++;
	integrity->mended += repaired;
	if (integrity->silent || map_get(integrity->reported, name) != NULL)
		return;
	if (!repaired)
		map_put(integrity->reported, name, integrity);
	values[0] = CStringGetTextDatum(code);
	values[1] = CStringGetTextDatum(entity);
	values[2] = key;
	values[3] = detail;
	values[4] = BoolGetDatum(repaired);
	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
}

static uint64
run_sql(Integrity *integrity, const char *sql)
{
	Call	   *call = integrity->call;
	Oid			types[] = {TEXTOID, TIMESTAMPTZOID};
	Datum		arguments[] = {call->tenant, TimestampTzGetDatum(call->now)};
	int			result;

	CHECK_FOR_INTERRUPTS();
	result = SPI_execute_with_args(sql, 2, types, arguments, NULL, call->reader, 0);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	return SPI_processed;
}

static Findings
find_broken(Integrity *integrity, const Check *check)
{
	Findings	found = {0};
	uint64		count;

	if (check->find_rows)
	{
		check->find_rows(integrity, &found);
		return found;
	}
	count = run_sql(integrity, psprintf("%s ORDER BY 1, 2", check->find));
	for (uint64 i = 0; i < count; i++)
	{
		text_list_add(&found.keys, result_text(i, 1));
		text_list_add(&found.details, result_text(i, 2));
	}
	return found;
}

typedef struct Mending
{
	Integrity  *integrity;
	const Check *check;
	const Findings *found;
} Mending;

/* Mends what was found, for attempt(). */
static bool
mend(void *argument)
{
	Mending    *mending = argument;

	if (mending->check->mend_rows)
		mending->check->mend_rows(mending->integrity->call, mending->found);
	else
		(void) run_sql(mending->integrity, mending->check->mend);
	return true;
}

/* Runs a check; with repair, mends what it found, and looks again what is left of it. */
static void
run_check(Integrity *integrity, const Check *check)
{
	Findings	found = find_broken(integrity, check);
	bool		mends = integrity->repair && (check->mend || check->mend_rows) && found.keys.count > 0;
	StringMap  *left = map_create();	/* a set of keys */

	if (mends)
	{
		Mending		mending = {integrity, check, &found};
		Findings	still;
		ErrorData  *error;
		Outcome		outcome = attempt(mend, &mending, &error);

		/* a rule that somebody added can forbid it: the rest goes on */
		if (outcome != OUTCOME_DONE && outcome != OUTCOME_REFUSED)
			ReThrowError(error);
		if (outcome == OUTCOME_REFUSED)
			log_refusal(error);
		still = find_broken(integrity, check);
		for (int i = 0; i < still.keys.count; i++)
			map_put(left, TextDatumGetCString(still.keys.values[i]), integrity);
	}
	for (int i = 0; i < found.keys.count; i++)
		report(integrity, check->code, check->entity, found.keys.values[i], found.details.values[i],
			   mends && map_get(left, TextDatumGetCString(found.keys.values[i])) == NULL);
}

/* Runs the checks that a query of the catalog makes. */
static void
run_catalog_checks(Integrity *integrity, const char *query)
{
	Check	   *checks;
	int			count;

	if (SPI_execute(query, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalog");
	count = (int) SPI_processed;
	checks = palloc0(Max(count, 1) * sizeof(Check));
	for (int i = 0; i < count; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;

		checks[i] = (Check) {.code = SPI_getvalue(tuple, desc, 1), .entity = SPI_getvalue(tuple, desc, 2),
		.find = SPI_getvalue(tuple, desc, 3), .mend = SPI_getvalue(tuple, desc, 4)};
	}
	for (int i = 0; i < count; i++)
		run_check(integrity, &checks[i]);
}

/* An erased customer has nothing personal, so what has come back goes. */
static void
check_erased(Integrity *integrity)
{
	const Resource *customer = &resources[RESOURCE_CUSTOMER];
	StringInfoData names;
	StringInfoData any;
	StringInfoData emptied;
	Check		check = {.code = "ERASED_HAS_DATA", .entity = customer->table};
	const char *condition;

	initStringInfo(&names);
	initStringInfo(&any);
	initStringInfo(&emptied);
	for (int i = 0; i < customer->nfields; i++)
	{
		const Field *field = &customer->fields[i];
		bool		first = any.len == 0;

		if (!(field->flags & PERSONAL) || (field->flags & GENERATED) || !field_has_column(field))
			continue;
		appendStringInfo(&names, ", CASE WHEN r.%s IS NOT NULL THEN '%s' END", field->column, field->column);
		appendStringInfo(&any, "%sr.%s IS NOT NULL", first ? "" : " OR ", field->column);
		appendStringInfo(&emptied, "%s%s = NULL", first ? "" : ", ", field->column);
	}
	condition = psprintf("r.tenant_uid = $1 AND r.erased_at IS NOT NULL AND (%s)", any.data);
	check.find = psprintf("SELECT r.customer_uid, concat_ws(', '%s) FROM flowcustomer.customer r WHERE %s",
						  names.data, condition);
	check.mend = psprintf("UPDATE flowcustomer.customer r SET %s WHERE %s", emptied.data, condition);
	run_check(integrity, &check);
}

/* Totals: what is off is added, so others can go on counting meanwhile. */
static void
check_totals(Integrity *integrity)
{
	Call	   *call = integrity->call;
	int			count;
	TotalDifference *differences = total_differences(call, &count);

	for (int i = 0; i < count; i++)
	{
		if (integrity->repair)
			total_add(call, differences[i].kind, differences[i].owner_uid, differences[i].difference);
		report(integrity, "TOTAL_WRONG", "total", CStringGetTextDatum(differences[i].name),
			   CStringGetTextDatum(psprintf("off by " INT64_FORMAT, differences[i].difference)),
			   integrity->repair);
	}
}

static bool
tenant_exists(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_TENANT};

	return plan_execute(&key, 1, &call->tenant, NULL, call->reader) > 0;
}

/* A tenant whose row is gone, but not all of its data, gets one. */
static void
check_tenant(Integrity *integrity)
{
	Check		check = {.code = "TENANT_MISSING", .entity = "tenant",
		.mend = "INSERT INTO flowcustomer.tenant (tenant_uid, name, country_code, locale, lenient, created_at, last_modified_at)"
	" VALUES ($1, $1, 'NO', 'en', false, $2, $2)"};
	StringInfoData find;

	initStringInfo(&find);
	appendStringInfoString(&find, "SELECT $1, 'tenant_uid' WHERE NOT EXISTS"
						   " (SELECT FROM flowcustomer.tenant WHERE tenant_uid = $1) AND (false");
	for (int i = 0; i < RESOURCE_COUNT; i++)
	{
		if (resources[i].table != NULL && i != RESOURCE_TENANT)
			appendStringInfo(&find, " OR EXISTS (SELECT FROM flowcustomer.%s WHERE tenant_uid = $1)",
							 resources[i].table);
	}
	appendStringInfoChar(&find, ')');
	check.find = find.data;
	run_check(integrity, &check);
}

static void
check_guard(Integrity *integrity)
{
	if (guard_exists())
		return;
	if (integrity->repair)
		guard_ensure();
	report(integrity, "GUARD_MISSING", "tenant", integrity->call->tenant,
		   CStringGetTextDatum("drop_extension_guard"), integrity->repair);
}

static void
run_checks(Integrity *integrity)
{
	uint64		before;

	check_tenant(integrity);
	if (!tenant_exists(integrity->call) && integrity->found == 0)
	{
		call_not_found(integrity->call, RESOURCE_TENANT);
		return;
	}
	check_guard(integrity);
	/* what is mended is noted where the tenant wants that */
	if (integrity->repair && tenant_exists(integrity->call))
		(void) call_load_tenant(integrity->call);
	/* what goes can have had rows of its own */
	do
	{
		before = integrity->mended;
		run_catalog_checks(integrity, orphan_checks);
	} while (integrity->mended > before);
	run_catalog_checks(integrity, rule_checks);
	run_catalog_checks(integrity, generated_checks);
	for (int i = 0; i < (int) lengthof(own_checks); i++)
		run_check(integrity, &own_checks[i]);
	check_erased(integrity);
	check_totals(integrity);
}

/* check_integrity(tenant): what does not fit together */
void
check_integrity_run(Call *call)
{
	Integrity	integrity = {.call = call, .reported = map_create()};

	run_checks(&integrity);
}

/*
 * Keeps everybody from writing: what was found could be put right by somebody else, and
 * must not be mended then.
 */
static void
lock_tables(void)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "LOCK TABLE flowcustomer.total");
	for (int i = 0; i < RESOURCE_COUNT; i++)
	{
		if (resources[i].table != NULL)
			appendStringInfo(&sql, ", flowcustomer.%s", resources[i].table);
	}
	appendStringInfoString(&sql, " IN SHARE ROW EXCLUSIVE MODE");
	if (SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not lock the tables");
}

/* repair(tenant): the same, and what could be put right is */
void
repair_run(Call *call)
{
	Integrity	integrity = {.call = call, .silent = true, .reported = map_create()};

	if (!call_check_snapshot(call))
		return;
	/* most find nothing, and need not keep others waiting */
	run_checks(&integrity);
	if (call_failed(call) || integrity.found == 0)
		return;
	lock_tables();
	integrity.silent = false;
	integrity.repair = true;
	integrity.found = 0;
	run_checks(&integrity);
}
