/*-------------------------------------------------------------------------
 *
 * reference.c
 *	  Tables outside whose rows name customers: those that were registered, and
 *	  those with a foreign key to our customers.
 *
 * What merges do to their rows is in merge_references.c.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/plan.h"
#include "core/reference.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/rel.h"

/* A column of the result as a C string; it lives until the call is over. */
static char *
result_string(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

static bool
same_place(const Reference *a, const Reference *b)
{
	return strcmp(a->schema, b->schema) == 0 && strcmp(a->relation, b->relation) == 0 &&
		strcmp(a->customer_column, b->customer_column) == 0;
}

/*
 * The tables that merges have to follow.  One with a foreign key that was not
 * registered too blocks a merge with whose rows its own collide.
 */
Reference *
references_load(Call *call, int *count)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_REFERENCE, .view = ANSWER};
	PlanKey		keys = {.statement = STATEMENT_FOREIGN_KEYS};
	Datum		everybody = CStringGetTextDatum("");
	uint64		nregistered = plan_execute(&key, 1, &everybody, NULL, call->reader);
	SPITupleTable *registered = SPI_tuptable;
	uint64		nforeign = plan_execute(&keys, 0, NULL, NULL, call->reader);
	Reference  *list = palloc0(Max(nregistered + nforeign, 1) * sizeof(Reference));

	*count = 0;
	for (uint64 i = 0; i < nregistered; i++)
	{
		Reference  *reference = &list[(*count)++];
		HeapTuple	tuple = registered->vals[i];
		TupleDesc	desc = registered->tupdesc;

		reference->schema = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "relation_schema"));
		reference->relation = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "relation_name"));
		reference->customer_column = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "customer_column"));
		reference->tenant_column = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "tenant_column"));
		reference->on_collision = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "on_collision"));
		reference->personal = SPI_getvalue(tuple, desc, SPI_fnumber(desc, "personal_columns"));
	}
	for (uint64 i = 0; i < nforeign; i++)
	{
		Reference	found = {
			.schema = result_string(i, 1), .relation = result_string(i, 2),
			.customer_column = result_string(i, 3), .tenant_column = result_string(i, 4),
			.on_collision = pstrdup("BLOCK"), .foreign_key = true
		};
		bool		known = false;

		for (int j = 0; j < *count; j++)
		{
			if (same_place(&list[j], &found))
				list[j].foreign_key = known = true;
		}
		if (!known)
			list[(*count)++] = found;
	}
	return list;
}

/* Runs a query of the catalog about a relation; gives its single text, or NULL. */
static char *
catalog_text(const char *sql, Oid relation, const char *column)
{
	Oid			types[] = {OIDOID, TEXTOID};
	Datum		arguments[] = {ObjectIdGetDatum(relation), CStringGetTextDatum(column)};

	if (SPI_execute_with_args(sql, 2, types, arguments, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalog");
	return SPI_processed == 0 ? NULL : result_string(0, 1);
}

/*
 * Finds out what there is to know of a table before its rows can be read or moved.  False
 * when it is not there, or not what was registered, or in a schema that its owner could
 * not trust; who writes needs a primary key.  Everything that is made here
 * is of names in the catalog, quoted.
 */
bool
reference_open(Reference *reference, bool to_write)
{
	Oid			namespace_oid = get_namespace_oid(reference->schema, true);
	Oid			oid = OidIsValid(namespace_oid) ? get_relname_relid(reference->relation, namespace_oid) : InvalidOid;
	Relation	relation;
	bool		trusted;

	if (!OidIsValid(oid) || get_attnum(oid, reference->tenant_column) == InvalidAttrNumber ||
		get_attnum(oid, reference->customer_column) == InvalidAttrNumber)
		return false;
	relation = try_relation_open(oid, to_write ? RowExclusiveLock : AccessShareLock);
	if (relation == NULL)
		return false;
	reference->owner = relation->rd_rel->relowner;
	trusted = schema_is_trusted(namespace_oid, reference->owner);
	/* the lock is kept until the transaction ends */
	relation_close(relation, NoLock);
	if (!trusted)
		return false;
	reference->name = quote_qualified_identifier(reference->schema, reference->relation);
	reference->key =
		catalog_text("SELECT 'jsonb_build_object(' || coalesce(string_agg(quote_literal(a.attname) || ', t.' || quote_ident(a.attname), ', ' ORDER BY a.attnum), '') || ')'"
					 " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
					 " WHERE i.indrelid = $1 AND i.indisprimary AND a.attname <> $2 HAVING EXISTS"
					 " (SELECT FROM pg_index p WHERE p.indrelid = $1 AND p.indisprimary)",
					 oid, reference->customer_column);
	reference->columns =
		catalog_text("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
					 " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND $2 <> ''",
					 oid, reference->customer_column);
	/* an amount is no part of what a row is known by, or of what it names */
#define AMOUNTS(sign) \
	"SELECT string_agg(format('%1$I = coalesce(t.%1$I, 0) " sign " coalesce(s.%1$I, 0)', a.attname), ', ' ORDER BY a.attnum)" \
	" FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped" \
	" AND a.attgenerated = '' AND a.attidentity = '' AND a.attname <> $2" \
	" AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype, 'float4'::regtype, 'float8'::regtype, 'money'::regtype)" \
	" AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND a.attnum = ANY (i.indkey))" \
	" AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = $1 AND k.contype = 'f' AND a.attnum = ANY (k.conkey))"
	reference->amounts = catalog_text(AMOUNTS("+"), oid, reference->customer_column);
	reference->negated = catalog_text(AMOUNTS("-"), oid, reference->customer_column);
	return reference->key != NULL || !to_write;
}
