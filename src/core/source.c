/*-------------------------------------------------------------------------
 *
 * source.c
 *	  Outside directories that are searched where they are: relations of the
 *	  database, and mappings that explain their columns.
 *
 * What a source is and has to be; it is read in source_search.c.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/page.h"
#include "core/source.h"

#include "access/relation.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "core/normalize.h"
#include "parser/parse_coerce.h"
#include "utils/acl.h"
#include "utils/rel.h"

/* ---------------------------------------------------------------------
 * Mappings
 * --------------------------------------------------------------------- */

/* Can a mapping give this field? */
static bool
is_mappable(const Field *field)
{
	return field->json != NULL && (field->flags & WRITE) && field_has_column(field);
}

static int
find_mappable(const JsonString *name, StringInfo accepted)
{
	const Resource *resource = &resources[RESOURCE_EXTERNAL_CUSTOMER];

	resetStringInfo(accepted);
	for (int i = 0; i < resource->nfields; i++)
	{
		if (!is_mappable(&resource->fields[i]))
			continue;
		if (json_string_is(name, resource->fields[i].json))
			return i;
		appendStringInfo(accepted, "%s%s", accepted->len > 0 ? ", " : "",
						 resource->fields[i].json);
	}
	return -1;
}

/* Reads {"value": "..."}; NULL when it is something else. */
static char *
read_constant(JsonReader *reader)
{
	JsonReader	object;
	JsonString	name;
	char	   *value = NULL;

	json_enter(reader, &object);
	while (json_next_member(&object, &name))
	{
		if (json_string_is(&name, "value") && json_peek(&object) == '"')
			value = json_read_text(&object);
		else
			json_skip(&object);
	}
	json_leave(reader, &object);
	return value;
}

/* Is a text one that a field can have? */
bool
source_allows(const Field *field, const char *value)
{
	if (field->kind == FIELD_UID)
		return is_uid(value, strlen(value)) || ((field->flags & EMPTY_UID) && *value == '\0');
	return field->allowed == NULL || field_allows(field, value, strlen(value));
}

static bool
is_mapped(const Source *source, int field)
{
	for (int i = 0; i < source->nfields; i++)
	{
		if (source->fields[i].field == field)
			return true;
	}
	return false;
}

static void
read_member(Call *call, Source *source, JsonReader *reader, const JsonPath *path, int field)
{
	const Field *description = &resources[RESOURCE_EXTERNAL_CUSTOMER].fields[field];
	SourceField mapped = {field, NULL, NULL};

	if (json_peek(reader) == '"')
		mapped.column = json_read_text(reader);
	else if (json_peek(reader) == '{')
		mapped.value = read_constant(reader);
	else
		json_skip(reader);
	if (mapped.column == NULL && mapped.value == NULL)
		problem_add_at(&call->problems, REASON_NOT_COLUMN_OR_VALUE, path, NULL);
	else if (mapped.value != NULL && description->allowed != NULL &&
			 !source_allows(description, mapped.value))
		problem_add_at(&call->problems, REASON_NOT_ALLOWED, path, field_list_allowed(description));
	else if (mapped.value != NULL && !source_allows(description, mapped.value))
		problem_add_at(&call->problems, REASON_NOT_UID, path, NULL);
	else if (mapped.value != NULL && description->kind == FIELD_TIMESTAMP)
		problem_add_at(&call->problems, REASON_NOT_COLUMN_OR_VALUE, path, NULL);
	else
		source->fields[source->nfields++] = mapped;
}

/* Checks that there is a uid and something to search in. */
static void
check_mapped(Call *call, const Source *source)
{
	const Resource *resource = &resources[RESOURCE_EXTERNAL_CUSTOMER];
	StringInfoData searched;
	JsonPath	root = {.parent = NULL};

	if (!is_mapped(source, EXTERNAL_CUSTOMER_UID))
		problem_add(&call->problems, REASON_MISSING,
					json_path_text(&root, resource->fields[EXTERNAL_CUSTOMER_UID].json), NULL);
	initStringInfo(&searched);
	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		for (int j = 0; j < source->nfields; j++)
		{
			if (source->fields[j].column != NULL &&
				strcmp(resource->fields[source->fields[j].field].json, search_field_names[i]) == 0)
				return;
		}
		appendStringInfo(&searched, "%s%s", i > 0 ? ", " : "", search_field_names[i]);
	}
	problem_add(&call->problems, REASON_NOTHING_SEARCHED, "$", searched.data);
}

/*
 * Reads a mapping, a JSON object from fields to columns or values, into the
 * source.  False, with problems, when it is not one.
 */
bool
source_read_mapping(Call *call, Source *source, const char *mapping, int length)
{
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;
	JsonPath	root = {.parent = NULL};
	StringInfoData accepted;

	json_reader_init(&outer, mapping, length);
	if (json_peek(&outer) != '{')
	{
		problem_add(&call->problems, REASON_NOT_OBJECT, "$", NULL);
		return false;
	}
	initStringInfo(&accepted);
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &name))
	{
		JsonPath	path = {&root, name.data, name.length, 0};
		int			field = find_mappable(&name, &accepted);

		if (field >= 0 && !is_mapped(source, field))
			read_member(call, source, &reader, &path, field);
		else
		{
			problem_add_at(&call->problems, REASON_NOT_MAPPABLE, &path, accepted.data);
			json_skip(&reader);
		}
	}
	if (!call_failed(call))
		check_mapped(call, source);
	return !call_failed(call);
}

static char *
block_text(const RowBlock *block, int row, int field)
{
	return TextDatumGetCString(block->values[row * block->resource->nfields + field]);
}

/* The sources that the tenant has. */
Source *
sources_load(Call *call, int *count)
{
	RowBlock   *block = read_all(call, RESOURCE_EXTERNAL_SOURCE, ANSWER);
	Source	   *sources = palloc0(Max(block->nrows, 1) * sizeof(Source));

	*count = block->nrows;
	for (int i = 0; i < block->nrows; i++)
	{
		Source	   *source = &sources[i];
		char	   *mapping = block_text(block, i, EXTERNAL_SOURCE_MAPPING);

		source->name = block_text(block, i, EXTERNAL_SOURCE_NAME);
		source->schema = block_text(block, i, EXTERNAL_SOURCE_SCHEMA);
		source->relation = block_text(block, i, EXTERNAL_SOURCE_RELATION);
		source->registrar = block_text(block, i, EXTERNAL_SOURCE_REGISTRAR);
		source->created_at =
			DatumGetTimestampTz(block->values[i * block->resource->nfields + EXTERNAL_SOURCE_CREATED_AT]);
		if (!source_read_mapping(call, source, mapping, strlen(mapping)))
			break;
	}
	return sources;
}

/* ---------------------------------------------------------------------
 * Relations
 * --------------------------------------------------------------------- */

/* Is a value of this type turned into text by code that no plain user can write? */
static bool
is_safe_text(Oid type)
{
	Oid			base = getBaseType(type);

	return base < FirstNormalObjectId || IsBinaryCoercible(base, TEXTOID);
}

static bool
is_time(Oid type)
{
	Oid			base = getBaseType(type);

	return base == TIMESTAMPTZOID || base == TIMESTAMPOID || base == DATEOID;
}

static void
check_column(Call *call, const SourceField *mapped, Relation relation)
{
	const Field *field = &resources[RESOURCE_EXTERNAL_CUSTOMER].fields[mapped->field];
	TupleDesc	desc = RelationGetDescr(relation);
	JsonPath	root = {.parent = NULL};
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped)
			continue;
		if (strcmp(NameStr(attribute->attname), mapped->column) != 0)
		{
			appendStringInfo(&columns, "%s%s", columns.len > 0 ? ", " : "",
							 NameStr(attribute->attname));
			continue;
		}
		if (field->kind == FIELD_TIMESTAMP && !is_time(attribute->atttypid))
			problem_add(&call->problems, REASON_COLUMN_TYPE, json_path_text(&root, field->json),
						"timestamp with time zone, timestamp and date");
		else if (OidIsValid(attribute->attcollation) &&
				 !get_collation_isdeterministic(attribute->attcollation))
			problem_add(&call->problems, REASON_COLUMN_TYPE, json_path_text(&root, field->json),
						"columns with a deterministic collation");
		else if (field->kind != FIELD_TIMESTAMP && !is_safe_text(attribute->atttypid))
			problem_add(&call->problems, REASON_COLUMN_TYPE, json_path_text(&root, field->json),
						"PostgreSQL's own types, and those that are texts");
		return;
	}
	problem_add(&call->problems, REASON_NOT_COLUMN, json_path_text(&root, field->json), columns.data);
}

/*
 * The role that a relation is read as: the registrar, so that it is not read with
 * more rights than whoever registered it has.  But the planner and the executor
 * run the owner's code (in a view, a policy, an index, a check, statistics) with
 * the reader's rights: where the owner has not got the registrar's, the reader is
 * the owner.  That is no more than the registrar may only for what has no rows
 * of its own for each reader; gives InvalidOid for others.
 */
static Oid
find_reader(Relation relation, Oid registrar)
{
	Oid			owner = relation->rd_rel->relowner;

	if (has_privs_of_role(owner, registrar))
		return registrar;
	if (superuser_arg(registrar))
		return owner;
	switch (relation->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_MATVIEW:
			return relation->rd_rel->relrowsecurity ? InvalidOid : owner;
		default:
			return InvalidOid;
	}
}

/* May the registrar read the columns that are mapped, whoever reads them for it? */
bool
source_is_readable(const Source *source, Oid relation)
{
	Oid			registrar = get_role_oid(source->registrar, false);

	if (!has_schema_usage(get_rel_namespace(relation), registrar))
		return false;
	if (pg_class_aclcheck(relation, registrar, ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < source->nfields; i++)
	{
		if (source->fields[i].column != NULL &&
			pg_attribute_aclcheck(relation, get_attnum(relation, source->fields[i].column),
								  registrar, ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

/*
 * Checks that a relation is what the source says, and finds out as whom it is to
 * be read.  False, with problems about an argument or a mapping, when not.
 */
bool
source_check(Call *call, const Source *source, Oid relation_oid, Oid *reader)
{
	Relation	relation = try_relation_open(relation_oid, AccessShareLock);
	Oid			registrar = get_role_oid(source->registrar, false);
	bool		fits = false;

	*reader = InvalidOid;
	if (relation == NULL)
	{
		problem_add(&call->problems, REASON_NOT_RELATION, "relation", NULL);
		return false;
	}
	switch (relation->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
		case RELKIND_VIEW:
			fits = relation->rd_rel->relpersistence != RELPERSISTENCE_TEMP &&
				relation->rd_rel->relnamespace != get_namespace_oid("flowcustomer", false);
			break;
		default:
			break;
	}
	if (!fits)
		problem_add(&call->problems, REASON_NOT_RELATION, "relation", NULL);
	else
		*reader = find_reader(relation, registrar);
	if (OidIsValid(*reader) && !schema_is_trusted(relation->rd_rel->relnamespace, *reader))
		*reader = InvalidOid;
	if (fits && !OidIsValid(*reader))
		problem_add(&call->problems, REASON_FOREIGN_VIEW, "relation",
					GetUserNameFromId(relation->rd_rel->relowner, false));
	for (int i = 0; OidIsValid(*reader) && i < source->nfields; i++)
	{
		if (source->fields[i].column != NULL)
			check_column(call, &source->fields[i], relation);
	}
	/* locked until the transaction ends, so that it stays what was checked */
	relation_close(relation, NoLock);
	return !call_failed(call);
}
