/*-------------------------------------------------------------------------
 *
 * reference_rows.c
 *	  What tables outside have of a customer: their rows for an export, and the
 *	  columns that are personal for an erasure.
 *
 * Both are done with the rights of a table's owner, who registered it for that.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/reference.h"

#include "utils/syscache.h"

/* The uids as a JSON list: what the statements' $4 is. */
static char *
uid_list(const TextList *uids)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	for (int i = 0; i < uids->count; i++)
		appendStringInfo(&out, "%s\"%s\"", i > 0 ? "," : "", TextDatumGetCString(uids->values[i]));
	appendStringInfoChar(&out, ']');
	return out.data;
}

static char *
rows_where(const Reference *reference)
{
	return psprintf("t.%s = $1 AND t.%s IN (SELECT jsonb_array_elements_text($4))",
					quote_identifier(reference->tenant_column),
					quote_identifier(reference->customer_column));
}

/* Begins an object that names a table and how it names customers. */
static void
append_table(StringInfo out, const Reference *reference)
{
	appendStringInfoChar(out, '{');
	json_append_member(out, "relation", quote_qualified_identifier(reference->schema, reference->relation));
	appendStringInfoChar(out, ',');
	json_append_member(out, "customerColumn", reference->customer_column);
}

/*
 * Appends each table with its rows that name one of some customers, with commas
 * between; one that is not there any more has null for rows.
 */
void
references_append_rows(Call *call, const TextList *uids, StringInfo out)
{
	int			count;
	Reference  *references = references_load(call, &count);

	for (int i = 0; i < count; i++)
	{
		Reference  *reference = &references[i];
		ReferenceStatement statement = {.call = call, .reference = reference, .row = uid_list(uids)};

		if (i > 0)
			appendStringInfoChar(out, ',');
		append_table(out, reference);
		appendStringInfoString(out, ",\"rows\":");
		if (!reference_open(reference, false))
		{
			appendStringInfoString(out, "null}");
			continue;
		}
		statement.sql = psprintf("SELECT row_to_json(t.*)::text FROM %s t WHERE %s",
								 reference->name, rows_where(reference));
		if (!reference_try(&statement))
			elog(ERROR, "could not read table %s", reference->name);
		appendStringInfoChar(out, '[');
		for (int j = 0; j < statement.results.count; j++)
			appendStringInfo(out, "%s%s", j > 0 ? "," : "",
							 TextDatumGetCString(statement.results.values[j]));
		appendStringInfoString(out, "]}");
	}
}

static bool
reference_exists(const Reference *reference)
{
	Oid			schema = get_namespace_oid(reference->schema, true);

	return OidIsValid(schema) && OidIsValid(get_relname_relid(reference->relation, schema));
}

/*
 * The assignments that empty a table's personal columns, and a condition that is true of
 * rows in which they are not; false when one is not there.
 */
static bool
empty_columns(const Reference *reference, StringInfo assignments, StringInfo condition)
{
	JsonReader	outer;
	JsonReader	reader;
	Oid			relation = get_relname_relid(reference->relation, get_namespace_oid(reference->schema, false));

	json_reader_init(&outer, reference->personal, strlen(reference->personal));
	json_enter(&outer, &reader);
	while (json_next_element(&reader))
	{
		char	   *column = json_read_text(&reader);
		const char *name = quote_identifier(column);
		const char *separator = assignments->len > 0 ? ", " : "";
		HeapTuple	tuple = SearchSysCacheAttName(relation, column);

		/* whether it was dropped or has another name now we can't tell */
		if (!HeapTupleIsValid(tuple))
			return false;
		if (((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull)
		{
			appendStringInfo(assignments, "%s%s = ''", separator, name);
			appendStringInfo(condition, "%st.%s <> ''", condition->len > 0 ? " OR " : "", name);
		}
		else
		{
			appendStringInfo(assignments, "%s%s = NULL", separator, name);
			appendStringInfo(condition, "%st.%s IS DISTINCT FROM NULL", condition->len > 0 ? " OR " : "", name);
		}
		ReleaseSysCache(tuple);
	}
	return true;
}

/* Are the columns empty now?  A trigger can have seen to it that they are not. */
static bool
is_empty(const Reference *reference, const ReferenceStatement *done, const char *condition)
{
	ReferenceStatement left = *done;

	if (condition[0] == '\0')
		return true;
	left.sql = psprintf("SELECT '' FROM %s t WHERE %s AND (%s)", reference->name, rows_where(reference), condition);
	return reference_try(&left) && left.count == 0;
}

/*
 * Empties the personal columns of all tables in the rows that name one of some
 * customers.  Appends to the report how many rows of which table, and which tables have
 * rows but nobody has said what in them is personal; adds a problem for each table
 * that does not let its columns be empty.
 */
void
references_erase(Call *call, const TextList *uids, StringInfo report)
{
	int			count;
	Reference  *references = references_load(call, &count);

	appendStringInfoString(report, ",\"references\":[");
	for (int i = 0; i < count; i++)
	{
		Reference  *reference = &references[i];
		ReferenceStatement statement = {.call = call, .reference = reference, .row = uid_list(uids)};
		StringInfoData assignments;
		StringInfoData condition;

		/* whose personal columns are known has a key too */
		if (!reference_open(reference, reference->personal != NULL))
		{
			/* one that is not what was registered can have something left */
			if (reference_exists(reference))
			{
				problem_add(&call->problems, REASON_ERASE_BLOCKED, NULL,
							quote_qualified_identifier(reference->schema, reference->relation));
				continue;
			}
			/* whether one that is not there has gone or has another name we can't tell */
			if (report->data[report->len - 1] == '}')
				appendStringInfoChar(report, ',');
			append_table(report, reference);
			appendStringInfoString(report, ",\"rows\":null,\"columns\":[]}");
			continue;
		}
		initStringInfo(&assignments);
		initStringInfo(&condition);
		if (reference->personal && !empty_columns(reference, &assignments, &condition))
		{
			problem_add(&call->problems, REASON_ERASE_BLOCKED, NULL, reference->name);
			continue;
		}
		if (assignments.len > 0)
			statement.sql = psprintf("UPDATE %s t SET %s WHERE %s", reference->name, assignments.data, rows_where(reference));
		else
			statement.sql = psprintf("SELECT '' FROM %s t WHERE %s", reference->name, rows_where(reference));
		if (!reference_try(&statement) || !is_empty(reference, &statement, condition.data))
		{
			problem_add(&call->problems, REASON_ERASE_BLOCKED, NULL, reference->name);
			continue;
		}
		if (statement.count == 0)
			continue;
		if (report->data[report->len - 1] == '}')
			appendStringInfoChar(report, ',');
		append_table(report, reference);
		appendStringInfo(report, ",\"rows\":" UINT64_FORMAT ",\"columns\":%s}", statement.count,
						 assignments.len > 0 ? reference->personal : "[]");
	}
	appendStringInfoChar(report, ']');
}
