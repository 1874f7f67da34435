/*-------------------------------------------------------------------------
 *
 * api_merge.c
 *	  The operations on duplicates: merge, preview, undo, the history, and the
 *	  tables outside that follow.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/change.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "core/reference.h"
#include "duplicates.h"
#include "merge.h"

#include "access/relation.h"
#include "access/sysattr.h"
#include "utils/acl.h"
#include "utils/rel.h"
#include "utils/relcache.h"

extern void customer_merge_run(Call *call);
extern void customer_merge_preview_run(Call *call);
extern void customer_merge_undo_run(Call *call);
extern void customer_merge_list_run(Call *call);
extern void reference_register_run(Call *call);
extern void reference_remove_run(Call *call);
extern void reference_list_run(Call *call);

/*
 * Who merges all that are the same leaves those whom somebody has dismissed, if
 * only a moment ago.  Who names two by hand knows better.
 */
static void
check_dismissals(Merge *merge)
{
	const char *uids[2] = {merge->to_uid, merge->from_uid};

	if (dismissals_between(merge->call, uids)->nrows > 0)
		problem_add(&merge->call->problems, REASON_DISMISSED, NULL, NULL);
}

/* customer_merge(tenant, customer, body): the path's customer is left */
void
customer_merge_run(Call *call)
{
	Merge		merge = {.call = call};

	if (!call_load_tenant(call) || !merge_decode(&merge))
		return;
	if (merge_locate(&merge))
	{
		merge_check(&merge);
		if (call->within != NULL)
			check_dismissals(&merge);
		if (call_failed(call))
			return;
		merge_apply(&merge);
		merge_write(&merge);
	}
	if (!call_failed(call))
		(void) answer_row(call, RESOURCE_CUSTOMER, merge.to_uid);
}

/* The answer of a preview: what was done, or what keeps it from being done. */
static void
answer_preview(Merge *merge)
{
	Call	   *call = merge->call;
	StringInfo	out = &call->answer;

	answer_begin(call, 1024 + merge->fields.len);
	appendStringInfoChar(out, '{');
	json_append_member(out, "customerUid", merge->to_uid);
	appendStringInfoChar(out, ',');
	json_append_member(out, "mergeFromCustomerUid", merge->from_uid);
	appendStringInfo(out, ",\"possible\":%s,\"blockers\":[", call_failed(call) ? "false" : "true");
	if (call_failed(call))
		problems_render_list(&call->problems, call_language(call), NULL, out);
	appendStringInfo(out, "],\"fields\":[%s],\"rows\":{%s},\"references\":[%s]}",
					 merge->fields.data ? merge->fields.data : "",
					 merge->counts.data ? merge->counts.data : "",
					 merge->references.data ? merge->references.data : "");
	problems_init(&call->problems, call->context);
}

/* Merges, and tells what that came to, for attempt(): it is never kept. */
static bool
try_merge(void *argument)
{
	Merge	   *merge = argument;

	merge_apply(merge);
	merge_write(merge);
	answer_preview(merge);
	return false;
}

/* customer_merge_preview(tenant, customer, body): what the merge would do */
void
customer_merge_preview_run(Call *call)
{
	Merge		merge = {.call = call};
	ErrorData  *error;

	if (!call_load_tenant(call) || !merge_decode(&merge))
		return;
	if (!merge_locate(&merge))
	{
		if (merge.done)
			problem_add(&call->problems, REASON_ALREADY_MERGED, "$.mergeFromCustomerUid", merge.to_uid);
		return;
	}
	merge_check(&merge);
	if (call_failed(call))
		answer_preview(&merge);
	else if (attempt(try_merge, &merge, &error) != OUTCOME_ABANDONED)
		ReThrowError(error);
	changes_begin(call);
}

/* customer_merge_undo(tenant, merge) */
void
customer_merge_undo_run(Call *call)
{
	if (call_load_tenant(call))
		merge_undo(call);
}

typedef struct History
{
	RowBlock   *block;
	int			row;
} History;

static int
compare_history(const void *a, const void *b)
{
	const History *first = a;
	const History *second = b;

	return merge_order(second->block->values + second->row * MERGE_FIELDS,
					   first->block->values + first->row * MERGE_FIELDS);
}

/* The uid of a customer, and of all who were merged into it, sorted. */
TextList
customer_identities(Call *call, const char *customer_uid)
{
	Datum		uid = CStringGetTextDatum(customer_uid);
	TextList	uids = {0};
	RowBlock   *redirects = read_rows(call, RESOURCE_REDIRECT, ANSWER, REDIRECT_SURVIVOR_UID, &uid, 1);

	text_list_add(&uids, uid);
	for (int i = 0; i < redirects->nrows; i++)
		text_list_add(&uids, redirects->values[i * redirects->resource->nfields + REDIRECT_CUSTOMER_UID]);
	uids.count = sort_unique_texts(uids.values, uids.count);
	return uids;
}

/* Appends the merges that some customers have taken part in, newest first, with commas between. */
void
append_merges(Call *call, StringInfo out, const TextList *uids)
{
	RowBlock   *blocks[2];
	History    *history;
	int			count = 0;

	blocks[0] = read_rows(call, RESOURCE_MERGE, ANSWER, MERGE_SURVIVOR_UID, uids->values, uids->count);
	blocks[1] = read_rows(call, RESOURCE_MERGE, ANSWER, MERGE_DUPLICATE_UID, uids->values, uids->count);
	history = palloc(Max(blocks[0]->nrows + blocks[1]->nrows, 1) * sizeof(History));
	for (int i = 0; i < 2; i++)
	{
		for (int row = 0; row < blocks[i]->nrows; row++)
			history[count++] = (History) {blocks[i], row};
	}
	qsort(history, count, sizeof(History), compare_history);
	for (int i = 0; i < count; i++)
	{
		/* found by both of its customers */
		if (i > 0 && compare_history(&history[i - 1], &history[i]) == 0)
			continue;
		if (i > 0)
			appendStringInfoChar(out, ',');
		render_row(out, history[i].block, history[i].row);
	}
}

/*
 * customer_merge_list(tenant, customer): the merges that a customer, or one that
 * was merged into it, has taken part in, newest first
 */
void
customer_merge_list_run(Call *call)
{
	TextList	uids;

	if (!call_check_customer(call))
		return;
	uids = customer_identities(call, call->arguments[ARGUMENT_CUSTOMER]);
	answer_begin(call, 1024);
	appendStringInfoString(&call->answer, "{\"items\":[");
	append_merges(call, &call->answer, &uids);
	appendStringInfoString(&call->answer, "]}");
}

/* ---------------------------------------------------------------------
 * Tables outside
 * --------------------------------------------------------------------- */

/* Is a column there, and a text? */
static bool
is_text_column(Oid relation, const char *column)
{
	AttrNumber	number = get_attnum(relation, column);
	Oid			type = number > 0 ? getBaseType(get_atttype(relation, number)) : InvalidOid;

	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/* Checks that what is said to be personal can be emptied. */
static void
check_personal_columns(Call *call, const Reference *reference)
{
	JsonReader	outer;
	JsonReader	reader;
	Bitmapset  *keys = NULL;
	Bitmapset  *named = NULL;	/* so far: to empty one twice is an error */
	Relation	relation;
	TupleDesc	desc;
	int			index = 0;

	if (call_failed(call) || call->body == NULL)
		return;
	relation = relation_open(call->relation, AccessShareLock);
	desc = RelationGetDescr(relation);
	keys = RelationGetIndexAttrBitmap(relation, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	json_reader_init(&outer, call->body, call->body_length);
	json_enter(&outer, &reader);
	for (; json_next_element(&reader); index++)
	{
		char	   *column = json_peek(&reader) == '"' ? json_read_text(&reader) : NULL;
		AttrNumber	number = column ? get_attnum(call->relation, column) : InvalidAttrNumber;
		Form_pg_attribute attribute = number > 0 ? TupleDescAttr(desc, number - 1) : NULL;

		if (column == NULL)
			json_skip(&reader);
		if (attribute == NULL || attribute->attgenerated != '\0' || attribute->attidentity != '\0' ||
			bms_is_member(number - FirstLowInvalidHeapAttributeNumber, keys) ||
			strcmp(column, reference->tenant_column) == 0 || strcmp(column, reference->customer_column) == 0 ||
			(attribute->attnotnull && !is_text_column(call->relation, column)) ||
			bms_is_member(number, named))
			problem_add(&call->problems, REASON_NOT_ERASABLE, psprintf("personalColumns[%d]", index), NULL);
		else
			named = bms_add_member(named, number);
	}
	relation_close(relation, NoLock);
}

/* Checks what is to be registered; false with problems. */
static bool
check_reference(Call *call, Reference *reference)
{
	const char *collision = call->arguments[ARGUMENT_ON_COLLISION];
	const Field *field = &resources[RESOURCE_REFERENCE].fields[REFERENCE_ON_COLLISION];

	if (!field_allows(field, collision, strlen(collision)))
		problem_add(&call->problems, REASON_NOT_ALLOWED, "onCollision", field_list_allowed(field));
	reference->relation = get_rel_name(call->relation);
	if (reference->relation == NULL ||
		(get_rel_relkind(call->relation) != RELKIND_RELATION &&
		 get_rel_relkind(call->relation) != RELKIND_PARTITIONED_TABLE) ||
		get_rel_persistence(call->relation) == RELPERSISTENCE_TEMP)
	{
		problem_add(&call->problems, REASON_NOT_REFERENCE, "relation", NULL);
		return false;
	}
	reference->schema = get_namespace_name(get_rel_namespace(call->relation));
	if (strcmp(reference->schema, "flowcustomer") == 0)
		problem_add(&call->problems, REASON_NOT_REFERENCE, "relation", NULL);
	if (!is_text_column(call->relation, reference->tenant_column))
		problem_add(&call->problems, REASON_NOT_REFERENCE, "tenantColumn", NULL);
	if (!is_text_column(call->relation, reference->customer_column))
		problem_add(&call->problems, REASON_NOT_REFERENCE, "customerColumn", NULL);
	if (call_failed(call))
		return false;
	/* its rows are going to be changed as if its owner did */
	if (!reference_open(reference, true) || !has_privs_of_role(call->role, reference->owner))
		problem_add(&call->problems, REASON_NOT_REFERENCE, "relation", NULL);
	check_personal_columns(call, reference);
	return !call_failed(call);
}

static Row *
find_reference(RowSet *set, const Reference *reference)
{
	Datum		schema = CStringGetTextDatum(reference->schema);
	Datum		relation = CStringGetTextDatum(reference->relation);

	rowset_load_pairs(set, REFERENCE_SCHEMA, &schema, REFERENCE_RELATION, &relation, 1);
	return rowset_find(set, psprintf("%s %s %s", reference->schema, reference->relation,
									 reference->customer_column));
}

/* reference_register(relation, tenant column, customer column, on collision) */
void
reference_register_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_REFERENCE);
	Reference	reference = {
		.tenant_column = unconstify(char *, call->arguments[ARGUMENT_TENANT_COLUMN]),
		.customer_column = unconstify(char *, call->arguments[ARGUMENT_CUSTOMER_COLUMN])
	};
	Row		   *row;

	if (!check_reference(call, &reference))
		return;
	row = find_reference(set, &reference);
	if (row == NULL)
	{
		row = row_create(set->resource);
		row_set_text(row, REFERENCE_SCHEMA, reference.schema);
		row_set_text(row, REFERENCE_RELATION, reference.relation);
		row_set_text(row, REFERENCE_CUSTOMER_COLUMN, reference.customer_column);
		row_set(row, REFERENCE_CREATED_AT, TimestampTzGetDatum(call->now));
		rowset_add(set, row);
	}
	row_set_text(row, REFERENCE_TENANT_COLUMN, reference.tenant_column);
	row_set_text(row, REFERENCE_ON_COLLISION, call->arguments[ARGUMENT_ON_COLLISION]);
	if (call->body != NULL)
		row_set_text(row, REFERENCE_PERSONAL, call->body);
	rowset_flush(set);
	reference_list_run(call);
}

/* reference_remove(relation, customer column) */
void
reference_remove_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_REFERENCE);
	Reference	reference = {
		.relation = get_rel_name(call->relation),
		.customer_column = unconstify(char *, call->arguments[ARGUMENT_CUSTOMER_COLUMN])
	};
	Row		   *row = NULL;

	if (reference.relation != NULL)
	{
		reference.schema = get_namespace_name(get_rel_namespace(call->relation));
		row = find_reference(set, &reference);
	}
	if (row == NULL)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_REFERENCE], NULL);
		return;
	}
	row->present = false;
	rowset_flush(set);
}

/* reference_list(): what was registered, and what follows by its foreign key */
void
reference_list_run(Call *call)
{
	int			count;
	Reference  *references = references_load(call, &count);
	StringInfo	out = &call->answer;

	answer_begin(call, 64 + 256 * count);
	appendStringInfoString(out, "{\"items\":[");
	for (int i = 0; i < count; i++)
	{
		appendStringInfoString(out, i > 0 ? ",{" : "{");
		json_append_member(out, "relation",
						   quote_qualified_identifier(references[i].schema, references[i].relation));
		appendStringInfoChar(out, ',');
		json_append_member(out, "tenantColumn", references[i].tenant_column);
		appendStringInfoChar(out, ',');
		json_append_member(out, "customerColumn", references[i].customer_column);
		appendStringInfoChar(out, ',');
		json_append_member(out, "onCollision", references[i].on_collision);
		appendStringInfo(out, ",\"foreignKey\":%s,\"personalColumns\":%s}", references[i].foreign_key ? "true" : "false",
						 references[i].personal ? references[i].personal : "[]");
	}
	appendStringInfoString(out, "]}");
}
