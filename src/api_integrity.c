/*-------------------------------------------------------------------------
 *
 * api_integrity.c
 *	  Whether a tenant's rows fit together, and putting right what does not.
 *
 * The functions keep them right.  What these checks are for comes from outside: SQL by
 * hand, a restore that left constraints out, a server whose disk lied.  Much of what
 * has to hold the catalog says already: foreign keys, checks and generated columns are
 * looked up there, so a new one is checked without a word here.
 *
 * Nothing in a finding is personal: it has keys, names of columns, and numbers.
 *
 *-------------------------------------------------------------------------
 */
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
	uint64		found;
} Integrity;

/*
 * One thing that can be wrong.  Statements have the tenant as $1 and the time as $2;
 * the one that finds returns keys and details.  Of what mends it there is either a
 * statement, or a function that gets the keys, or nothing.
 */
typedef struct Check
{
	const char *code;
	const char *entity;			/* the table */
	const char *find;
	const char *mend;
	void		(*mend_keys) (Call *call, const TextList *keys);
} Check;

/* ---------------------------------------------------------------------
 * What the catalog says
 * --------------------------------------------------------------------- */

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

/* Deletes, with what "condition" finds of a table, the rows that name it. */
#define DEPENDENTS \
	"SELECT string_agg(format('gone%s AS (DELETE FROM %s d USING flowcustomer.%I r WHERE %s AND %s)'," \
	" x.oid, x.conrelid::regclass, c.relname, (SELECT string_agg(format('d.%I = r.%I', xc.attname, xf.attname), ' AND ')" \
	" FROM unnest(x.conkey, x.confkey) u(c, f) JOIN pg_attribute xc ON xc.attrelid = x.conrelid AND xc.attnum = u.c" \
	" JOIN pg_attribute xf ON xf.attrelid = x.confrelid AND xf.attnum = u.f), condition), ', ')" \
	" FROM pg_constraint x JOIN pg_class d ON d.oid = x.conrelid WHERE x.contype = 'f' AND x.confrelid = k.conrelid AND d.relnamespace = c.relnamespace"

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
" WHERE k.contype = 'f' AND c.relnamespace = 'flowcustomer'::regnamespace AND p.relname <> 'tenant'"
" ORDER BY c.relname, k.conname";

/* Generated columns are made anew when a column is written that they depend on. */
static const char *const generated_checks =
"SELECT 'GENERATED_WRONG', c.relname,"
" format('SELECT %s, %L FROM flowcustomer.%I r WHERE r.tenant_uid = $1 AND r.%I IS DISTINCT FROM %s', key, a.attname, c.relname, a.attname, made),"
" format('UPDATE flowcustomer.%I r SET %s WHERE r.tenant_uid = $1 AND r.%I IS DISTINCT FROM %s', c.relname, written, a.attname, made)"
" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum,"
" LATERAL (SELECT " KEY_OF("c.oid") " AS key, pg_get_expr(d.adbin, d.adrelid) AS made,"
" (SELECT string_agg(format('%1$I = r.%1$I', w.attname), ', ') FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attnum > 0"
" AND NOT w.attisdropped AND w.attgenerated = '' AND w.attname <> 'tenant_uid') AS written) s"
" WHERE a.attgenerated <> '' AND c.relnamespace = 'flowcustomer'::regnamespace ORDER BY c.relname, a.attnum";

/* What a check of the table says can only be put right by who knows what was meant. */
static const char *const rule_checks =
"SELECT 'RULE_BROKEN', c.relname,"
" format('SELECT %s, %L FROM flowcustomer.%I r WHERE r.tenant_uid = $1 AND NOT (%s)', " KEY_OF("c.oid") ", k.conname, c.relname, pg_get_expr(k.conbin, k.conrelid)), NULL"
" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
" WHERE k.contype = 'c' AND c.relnamespace = 'flowcustomer'::regnamespace ORDER BY c.relname, k.conname";

/* ---------------------------------------------------------------------
 * What only we know
 * --------------------------------------------------------------------- */

/* Those on circles of departments, each with the first of its circle. */
#define CIRCLES \
	"WITH RECURSIVE up(start, at) AS (SELECT customer_uid, customer_parent_uid FROM flowcustomer.customer" \
	"  WHERE tenant_uid = $1 AND customer_parent_uid IS NOT NULL" \
	" UNION SELECT u.start, c.customer_parent_uid FROM up u JOIN flowcustomer.customer c" \
	"  ON c.tenant_uid = $1 AND c.customer_uid = u.at WHERE c.customer_parent_uid IS NOT NULL)," \
	" circle(uid, first) AS (SELECT start, (SELECT min(o.at) FROM up o WHERE o.start = u.start) FROM up u WHERE at = start)"

/* Where the merges lead that have not been undone: each duplicate, and who is left. */
#define MERGED \
	"WITH RECURSIVE m AS (SELECT duplicate_uid, survivor_uid FROM flowcustomer.merge WHERE tenant_uid = $1 AND undone_at IS NULL)," \
	" way(uid, at, steps) AS (SELECT duplicate_uid, survivor_uid, 1 FROM m" \
	" UNION ALL SELECT w.uid, m.survivor_uid, w.steps + 1 FROM way w JOIN m ON m.duplicate_uid = w.at WHERE w.steps < 1000)," \
	" merged(uid, survivor_uid) AS (SELECT DISTINCT ON (uid) uid, at FROM way ORDER BY uid, steps DESC)," \
	" lost AS (SELECT l.uid, l.survivor_uid FROM merged l" \
	"  JOIN flowcustomer.customer c ON c.tenant_uid = $1 AND c.customer_uid = l.survivor_uid" \
	"  WHERE NOT EXISTS (SELECT FROM flowcustomer.customer_redirect r" \
	"   WHERE r.tenant_uid = $1 AND r.customer_uid = l.uid AND r.survivor_uid = l.survivor_uid)" \
	"  AND NOT EXISTS (SELECT FROM flowcustomer.customer d WHERE d.tenant_uid = $1 AND d.customer_uid = l.uid))"

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
mend_balances(Call *call, const TextList *keys)
{
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

static const Check own_checks[] = {
	{"PARENT_MISSING", "customer",
		"SELECT c.customer_uid, 'customer_parent_uid: ' || c.customer_parent_uid FROM flowcustomer.customer c"
		" WHERE c.tenant_uid = $1 AND c.customer_parent_uid IS NOT NULL AND NOT EXISTS (SELECT FROM flowcustomer.customer p"
		" WHERE p.tenant_uid = $1 AND p.customer_uid = c.customer_parent_uid AND p.customer_type = 'COMPANY')",
		"UPDATE flowcustomer.customer c SET customer_parent_uid = NULL, last_modified_at = $2"
		" WHERE c.tenant_uid = $1 AND c.customer_parent_uid IS NOT NULL AND NOT EXISTS (SELECT FROM flowcustomer.customer p"
		" WHERE p.tenant_uid = $1 AND p.customer_uid = c.customer_parent_uid AND p.customer_type = 'COMPANY')",
	NULL},
	{"PARENT_CYCLE", "customer",
		CIRCLES " SELECT uid, 'with ' || first FROM circle",
		CIRCLES " UPDATE flowcustomer.customer c SET customer_parent_uid = NULL, last_modified_at = $2 FROM circle"
		" WHERE c.tenant_uid = $1 AND c.customer_uid = circle.uid AND circle.uid = circle.first",
	NULL},
	{"REDIRECT_OF_CUSTOMER", "customer_redirect",
		"SELECT r.customer_uid, 'to ' || r.survivor_uid FROM flowcustomer.customer_redirect r JOIN flowcustomer.customer c"
		" ON c.tenant_uid = $1 AND c.customer_uid = r.customer_uid WHERE r.tenant_uid = $1",
		"DELETE FROM flowcustomer.customer_redirect r WHERE r.tenant_uid = $1 AND EXISTS (SELECT FROM flowcustomer.customer c"
		" WHERE c.tenant_uid = $1 AND c.customer_uid = r.customer_uid)",
	NULL},
	{"MERGE_WITHOUT_REDIRECT", "merge",
		MERGED " SELECT uid, 'to ' || survivor_uid FROM lost",
		MERGED " INSERT INTO flowcustomer.customer_redirect AS r (tenant_uid, customer_uid, survivor_uid, created_at)"
		" SELECT $1, uid, survivor_uid, $2 FROM lost"
		" ON CONFLICT (tenant_uid, customer_uid) DO UPDATE SET survivor_uid = EXCLUDED.survivor_uid",
	NULL},
	{"MERGE_OF_CUSTOMER", "merge",
		"SELECT m.merge_uid, 'duplicate_uid: ' || m.duplicate_uid FROM flowcustomer.merge m JOIN flowcustomer.customer c"
		" ON c.tenant_uid = $1 AND c.customer_uid = m.duplicate_uid WHERE m.tenant_uid = $1 AND m.undone_at IS NULL",
	NULL, NULL},
	{"RUN_MISCOUNTED", "duplicate_run",
		"SELECT r.run_uid, format('done %s of %s, failed %s of %s', r.done, coalesce(i.done, 0), r.failed, coalesce(i.failed, 0))"
		" FROM flowcustomer.duplicate_run r LEFT JOIN (" RUN_COUNTS ") i ON i.run_uid = r.run_uid"
		" WHERE r.tenant_uid = $1 AND (r.done, r.failed) <> (coalesce(i.done, 0), coalesce(i.failed, 0))",
		"UPDATE flowcustomer.duplicate_run r SET done = coalesce(i.done, 0), failed = coalesce(i.failed, 0)"
		" FROM flowcustomer.duplicate_run o LEFT JOIN (" RUN_COUNTS ") i ON i.run_uid = o.run_uid"
		" WHERE r.tenant_uid = $1 AND o.tenant_uid = $1 AND o.run_uid = r.run_uid"
		" AND (r.done, r.failed) <> (coalesce(i.done, 0), coalesce(i.failed, 0))",
	NULL},
	{"GENERATION_MISSING", "change",
		"SELECT DISTINCT c.generation::text, 'generation' FROM flowcustomer.change c WHERE c.tenant_uid = $1 AND NOT EXISTS"
		" (SELECT FROM flowcustomer.change_generation g WHERE g.tenant_uid = '' AND g.generation = c.generation)",
		"INSERT INTO flowcustomer.change_generation (tenant_uid, generation, server, began_at)"
		" SELECT '', c.generation, '', min(c.changed_at) FROM flowcustomer.change c WHERE c.tenant_uid = $1 AND NOT EXISTS"
		" (SELECT FROM flowcustomer.change_generation g WHERE g.tenant_uid = '' AND g.generation = c.generation)"
		" GROUP BY c.generation",
	NULL},
	{"CLAIM_LEFT", "external_id_claim",
		"SELECT '', count(*) || ' rows' FROM flowcustomer.external_id_claim WHERE tenant_uid = $1 HAVING count(*) > 0",
		"DELETE FROM flowcustomer.external_id_claim WHERE tenant_uid = $1",
	NULL},
	{"BALANCE_WRONG", "customer",
		"SELECT customer_uid, 'credit_open_invoices: off by ' || difference FROM (" BALANCES ") b",
	NULL, mend_balances},
	{"ROLE_MISSING", "access_grant",
		"SELECT g.role_name, 'role_name' FROM flowcustomer.access_grant g"
		" WHERE g.tenant_uid = $1 AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname::text = g.role_name)",
	NULL, NULL},
};

/* ---------------------------------------------------------------------
 * Running them
 * --------------------------------------------------------------------- */

static void
report(Integrity *integrity, const char *code, const char *entity, Datum key, Datum detail, bool repaired)
{
	ReturnSetInfo *rows = integrity->call->rows;
	Datum		values[5];
	bool		nulls[5] = {0};

	values[0] = CStringGetTextDatum(code);
	values[1] = CStringGetTextDatum(entity);
	values[2] = key;
	values[3] = detail;
	values[4] = BoolGetDatum(repaired);
	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	integrity->found++;
}

static uint64
run_sql(Integrity *integrity, const char *sql)
{
	int			result;

	Call	   *call = integrity->call;
	Oid			types[] = {TEXTOID, TIMESTAMPTZOID};
	Datum		arguments[] = {call->tenant, TimestampTzGetDatum(call->now)};

	CHECK_FOR_INTERRUPTS();
	/* what does not need the time has no $2 */
	result = SPI_execute_with_args(sql, strstr(sql, "$2") ? 2 : 1, types, arguments, NULL,
								   !integrity->repair, 0);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	return SPI_processed;
}

/* Runs a check; with repair, mends what it found, and looks again what is left of it. */
static void
run_check(Integrity *integrity, const Check *check)
{
	char	   *find = psprintf("%s ORDER BY 1, 2", check->find);
	uint64		count = run_sql(integrity, find);
	bool		mends = integrity->repair && (check->mend || check->mend_keys);
	TextList	keys = {0};
	TextList	details = {0};
	StringMap  *left = map_create();

	for (uint64 i = 0; i < count; i++)
	{
		text_list_add(&keys, result_text(i, 1));
		text_list_add(&details, result_text(i, 2));
	}
	if (count > 0 && mends)
	{
		if (check->mend_keys)
			check->mend_keys(integrity->call, &keys);
		else
			(void) run_sql(integrity, check->mend);
		count = run_sql(integrity, find);
		for (uint64 i = 0; i < count; i++)
			map_put(left, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1), (void *) check);
	}
	for (int i = 0; i < keys.count; i++)
		report(integrity, check->code, check->entity, keys.values[i], details.values[i],
			   mends && map_get(left, TextDatumGetCString(keys.values[i])) == NULL);
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

		checks[i] = (Check) {SPI_getvalue(tuple, desc, 1), SPI_getvalue(tuple, desc, 2),
		SPI_getvalue(tuple, desc, 3), SPI_getvalue(tuple, desc, 4), NULL};
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
	Check		check = {"ERASED_HAS_DATA", customer->table, NULL, NULL, NULL};
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

/* A tenant whose row is gone, but not its data, gets one. */
static bool
check_tenant(Integrity *integrity)
{
	static const Check check = {"TENANT_MISSING", "tenant",
		"SELECT $1, 'tenant_uid' WHERE NOT EXISTS (SELECT FROM flowcustomer.tenant WHERE tenant_uid = $1)"
		" AND (EXISTS (SELECT FROM flowcustomer.customer WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.contact WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.customer_group WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.sales_order WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.service_order WHERE tenant_uid = $1))",
		"INSERT INTO flowcustomer.tenant (tenant_uid, name, country_code, locale, lenient, created_at, last_modified_at)"
		" VALUES ($1, $1, 'NO', 'en', false, $2, $2)",
	NULL};

	run_check(integrity, &check);
	if (!guard_exists() && (integrity->found > 0 || tenant_exists(integrity->call)))
	{
		if (integrity->repair)
			guard_ensure();
		report(integrity, "GUARD_MISSING", "tenant", integrity->call->tenant,
			   CStringGetTextDatum("drop_extension_guard"), integrity->repair);
	}
	return integrity->found > 0 || call_load_tenant(integrity->call);
}

static void
run_checks(Integrity *integrity)
{
	uint64		before;

	if (!check_tenant(integrity))
		return;
	/* what goes can have had rows of its own */
	do
	{
		before = integrity->found;
		run_catalog_checks(integrity, orphan_checks);
	} while (integrity->repair && integrity->found > before);
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
	Integrity	integrity = {.call = call};

	run_checks(&integrity);
}

/* repair(tenant): the same, and what could be put right is */
void
repair_run(Call *call)
{
	Integrity	integrity = {.call = call, .repair = true};
	RowSet	   *tenants = rowset_create(call, RESOURCE_TENANT);

	if (!call_check_snapshot(call))
		return;
	/* one at a time */
	rowset_load(tenants, 0, &call->tenant, 1, false);
	run_checks(&integrity);
}
