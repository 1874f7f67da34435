/*-------------------------------------------------------------------------
 *
 * api_external.c
 *	  Outside directories: which ones there are, and searching them together
 *	  with the entries that were put into our own table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/page.h"
#include "core/source.h"

extern void external_source_register_run(Call *call);
extern void external_source_remove_run(Call *call);
extern void external_source_list_run(Call *call);

/* external_source_register(tenant, name, relation, mapping): makes it or changes it */
void
external_source_register_run(Call *call)
{
	const char *name = call->arguments[ARGUMENT_NAME];
	const Field *name_field = &resources[RESOURCE_EXTERNAL_SOURCE].fields[EXTERNAL_SOURCE_NAME];
	RowSet	   *set = rowset_create(call, RESOURCE_EXTERNAL_SOURCE);
	Datum		key = CStringGetTextDatum(name);
	Source		source = {0};
	Row		   *row;
	Oid			reader;

	if (!call_load_tenant(call))
		return;
	if (name[strspn(name, " \t\r\n")] == '\0')
		problem_add(&call->problems, REASON_MISSING, "name", NULL);
	if (pg_mbstrlen(name) > name_field->max_length)
		problem_add(&call->problems, REASON_TOO_LONG, "name", psprintf("%d", name_field->max_length));
	source.name = unconstify(char *, name);
	source.registrar = GetUserNameFromId(call->role, false);
	source.relation = get_rel_name(call->relation);
	if (source.relation == NULL)
		problem_add(&call->problems, REASON_NOT_RELATION, "relation", NULL);
	if (!source_read_mapping(call, &source, call->body, call->body_length) ||
		!source_check(call, &source, call->relation, &reader))
		return;
	source.schema = get_namespace_name(get_rel_namespace(call->relation));
	if (!source_probe(call, &source))
		return;

	rowset_load(set, EXTERNAL_SOURCE_NAME, &key, 1, false);
	row = rowset_find(set, name);
	if (row == NULL)
	{
		row = row_create(set->resource);
		row_set_text(row, EXTERNAL_SOURCE_NAME, name);
		row_set(row, EXTERNAL_SOURCE_CREATED_AT, TimestampTzGetDatum(call->now));
		rowset_add(set, row);
	}
	row_set_text(row, EXTERNAL_SOURCE_SCHEMA, source.schema);
	row_set_text(row, EXTERNAL_SOURCE_RELATION, source.relation);
	row_set_text(row, EXTERNAL_SOURCE_REGISTRAR, source.registrar);
	row_set(row, EXTERNAL_SOURCE_MAPPING,
			PointerGetDatum(cstring_to_text_with_len(call->body, call->body_length)));
	row_set(row, EXTERNAL_SOURCE_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(set);
	(void) answer_row(call, RESOURCE_EXTERNAL_SOURCE, name);
}

/* external_source_remove(tenant, name): nothing happens to the relation */
void
external_source_remove_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_EXTERNAL_SOURCE);
	Datum		key = CStringGetTextDatum(call->arguments[ARGUMENT_NAME]);
	Row		   *row;

	if (!call_load_tenant(call))
		return;
	rowset_load(set, EXTERNAL_SOURCE_NAME, &key, 1, true);
	row = rowset_find(set, call->arguments[ARGUMENT_NAME]);
	if (row == NULL)
	{
		call_not_found(call, RESOURCE_EXTERNAL_SOURCE);
		return;
	}
	row->present = false;
	rowset_flush(set);
}

/* external_source_list(tenant, page) */
void
external_source_list_run(Call *call)
{
	(void) answer_page(call, LIST_EXTERNAL_SOURCES, NULL);
}
