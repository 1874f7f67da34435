/*-------------------------------------------------------------------------
 *
 * customer_merge.c
 *	  Merging a customer into another one.
 *
 * The rows of customers are locked in the order of their uids before anything is
 * written; so of merges that cross each other one waits, and then finds what the
 * other one left.  Only who got there meanwhile is locked out of order.  What
 * becomes of a field is what its merge rule in the field table says.  Each step
 * writes down in the journal what it takes to undo it, and for the preview what
 * it did.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/attempt.h"
#include "core/change.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/plan.h"
#include "core/redirect.h"
#include "core/reference.h"
#include "core/row_json.h"
#include "merge.h"

#include "common/int.h"

/* ---------------------------------------------------------------------
 * The body
 * --------------------------------------------------------------------- */

/* Can a caller choose whose value of this field stays? */
static bool
can_choose(const Field *field)
{
	/* what the two are known by all leads to the survivor, whichever it shows */
	return field->json != NULL && (field->flags & WRITE) && field_has_column(field) &&
		strcmp(field->json, "externalId") != 0 && strcmp(field->json, "loyaltyId") != 0;
}

static void
decode_choices(Merge *merge, JsonReader *outer, const JsonPath *path)
{
	const Resource *resource = &resources[RESOURCE_CUSTOMER];
	Problems   *problems = &merge->call->problems;
	JsonReader	reader;
	JsonString	name;

	memset(merge->choices, 0, sizeof(merge->choices));
	if (json_peek(outer) != '{')
	{
		if (json_peek(outer) != 'n')
			problem_add_at(problems, REASON_NOT_OBJECT, path, NULL);
		json_skip(outer);
		return;
	}
	json_enter(outer, &reader);
	while (json_next_member(&reader, &name))
	{
		JsonPath	here = {path, name.data, name.length, 0};
		int			field = 0;
		JsonString	value;

		while (field < resource->nfields &&
			   !(can_choose(&resource->fields[field]) &&
				 json_string_is(&name, resource->fields[field].json)))
			field++;
		if (field == resource->nfields)
		{
			problem_add_at(problems, REASON_NOT_ALLOWED, &here,
						   "the fields of CustomerUpdateSchema but externalId and loyaltyId");
			json_skip(&reader);
			continue;
		}
		if (json_peek(&reader) != '"')
		{
			problem_add_at(problems, REASON_NOT_TEXT, &here, NULL);
			json_skip(&reader);
			continue;
		}
		value = json_read_string(&reader);
		if (json_string_is(&value, "TO"))
			merge->choices[field] = CHOICE_TO;
		else if (json_string_is(&value, "FROM"))
			merge->choices[field] = CHOICE_FROM;
		else
			problem_add_at(problems, REASON_NOT_ALLOWED, &here, "TO, FROM");
	}
	json_leave(outer, &reader);
}

/* Reads the body of a merge; false with problems. */
bool
merge_decode(Merge *merge)
{
	Call	   *call = merge->call;
	Row		   *body = decode_body(call, &resources[RESOURCE_CUSTOMER_MERGE], WRITE);
	JsonPath	root = {.parent = NULL};
	JsonReader	reader;
	JsonString	name;

	if (call_failed(call))
		return false;
	decode_check_required(call, body, &root);
	merge->to_uid = call->arguments[ARGUMENT_CUSTOMER];
	merge->from_uid = row_text(body, CUSTOMER_MERGE_FROM_UID);
	(void) call_body_object(call, &reader);
	while (json_next_member(&reader, &name))
	{
		JsonPath	path = {&root, name.data, name.length, 0};

		if (json_string_is(&name, "fields"))
			decode_choices(merge, &reader, &path);
		else
			json_skip(&reader);
	}
	return !call_failed(call);
}

/* ---------------------------------------------------------------------
 * The two, and who is above and below them
 * --------------------------------------------------------------------- */

static void
lock_customers(Merge *merge)
{
	Datum		pair[2] = {CStringGetTextDatum(merge->from_uid), CStringGetTextDatum(merge->to_uid)};
	TextList	uids = {0};

	text_list_add(&uids, pair[0]);
	text_list_add(&uids, pair[1]);
	add_found(merge->call, STATEMENT_ANCESTORS, pair, 2, &uids);
	add_found(merge->call, STATEMENT_HAVE_DEPARTMENTS, pair, 1, &uids);
	uids.count = sort_unique_texts(uids.values, uids.count);
	rowset_load(merge->customers, CUSTOMER_UID, uids.values, uids.count, true);
}

/*
 * A transaction that keeps to an older snapshot does not see departments that the
 * duplicate has got since: they would be left below nobody.
 */
static void
check_departments(Merge *merge)
{
	PlanKey		key = {.statement = STATEMENT_HAVE_DEPARTMENTS};
	Datum		uid = CStringGetTextDatum(merge->from_uid);
	Datum		arguments[2];
	uint64		nrows;

	if (!IsolationUsesXactSnapshot())
		return;
	arguments[0] = merge->call->tenant;
	arguments[1] = text_array(&uid, 1);
	nrows = plan_execute_latest(&key, 2, arguments);
	for (uint64 i = 0; i < nrows; i++)
	{
		if (rowset_find(merge->customers, TextDatumGetCString(result_text(i, 1))) == NULL)
			raise_concurrent_change();
	}
}

/*
 * Finds and locks the two; false with problems, or when they have been merged
 * before, which is as good as now.
 */
bool
merge_locate(Merge *merge)
{
	Call	   *call = merge->call;
	char	   *survivor;

	merge->customers = rowset_create(call, RESOURCE_CUSTOMER);
	if (strcmp(merge->to_uid, merge->from_uid) == 0)
	{
		problem_add(&call->problems, REASON_MERGE_SELF, "$.mergeFromCustomerUid", NULL);
		return false;
	}
	lock_customers(merge);
	/* again, for what was changed until we had the locks */
	lock_customers(merge);
	check_departments(merge);
	merge->to = rowset_find(merge->customers, merge->to_uid);
	merge->from = rowset_find(merge->customers, merge->from_uid);
	merge->merged_at = GetCurrentTimestamp();
	if (merge->to != NULL && merge->from != NULL)
		return true;
	if (merge->to == NULL)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return false;
	}
	survivor = redirect_find(call, merge->from_uid);
	if (survivor == NULL)
		call_not_found(call, RESOURCE_CUSTOMER);
	else if (strcmp(survivor, merge->to_uid) == 0)
		merge->done = true;
	else
		problem_add(&call->problems, REASON_ALREADY_MERGED, "$.mergeFromCustomerUid", survivor);
	return false;
}

/* Is a customer above another one?  Both, and all between them, are loaded. */
static bool
is_above(Merge *merge, const char *uid, const Row *row)
{
	int			steps = 0;

	while (row != NULL && !row->nulls[CUSTOMER_PARENT_UID] &&
		   steps++ <= merge->customers->list.count)
	{
		char	   *parent = row_text(row, CUSTOMER_PARENT_UID);

		if (strcmp(parent, uid) == 0)
			return true;
		row = rowset_find(merge->customers, parent);
		if (row == NULL && row_exists(merge->call, RESOURCE_CUSTOMER, parent))
			raise_concurrent_change();
	}
	return false;
}

/* Adds the problems that keep the two from being merged. */
void
merge_check(Merge *merge)
{
	Problems   *problems = &merge->call->problems;

	(void) call_check_type(merge->call, row_text(merge->to, CUSTOMER_TYPE));
	if (compare_texts(merge->to->values[CUSTOMER_TYPE], merge->from->values[CUSTOMER_TYPE]) != 0)
		problem_add(problems, REASON_MERGE_TYPES_DIFFER, NULL, NULL);
	if (!merge->to->nulls[CUSTOMER_ERASED_AT] || !merge->from->nulls[CUSTOMER_ERASED_AT])
		problem_add(problems, REASON_CUSTOMER_ERASED, NULL, NULL);
	if (is_above(merge, merge->from_uid, merge->to))
		problem_add(problems, REASON_MERGE_INTO_DEPARTMENT, NULL, NULL);
}

/* ---------------------------------------------------------------------
 * Fields
 * --------------------------------------------------------------------- */

/* Is there nothing in a field?  A number that was never set is 0. */
static bool
is_empty(const Row *row, int field)
{
	if (row->nulls[field])
		return true;
	switch (row->resource->fields[field].kind)
	{
		case FIELD_INTEGER:
			return DatumGetInt32(row->values[field]) == 0;
		case FIELD_AMOUNT:
			return DatumGetInt64(row->values[field]) == 0;
		case FIELD_BOOLEAN:
			return !DatumGetBool(row->values[field]);
		default:
			return false;
	}
}

static void
take_value(Merge *merge, int field)
{
	merge->to->values[field] = merge->from->values[field];
	merge->to->nulls[field] = merge->from->nulls[field];
}

/* Would the survivor end up above itself? */
static bool
makes_circle(Merge *merge)
{
	char	   *parent = row_text(merge->from, CUSTOMER_PARENT_UID);

	return parent != NULL &&
		(strcmp(parent, merge->to_uid) == 0 ||
		 is_above(merge, merge->to_uid, rowset_find(merge->customers, parent)));
}

/*
 * Do the two say different things in fields that belong together?  The town of one
 * address and the street of another would be a place that does not exist.
 */
static bool
contradicts(const Merge *merge, const Row *before, int group)
{
	for (int i = 0; i < before->resource->nfields; i++)
	{
		if (before->resource->fields[i].merge_group == group &&
			!is_empty(before, i) && !is_empty(merge->from, i) &&
			!datum_equal(&before->resource->fields[i], before->values[i], false,
						 merge->from->values[i], false))
			return true;
	}
	return false;
}

/* Applies a field's rule to the survivor; gives who wins, and why. */
static const char *
apply_rule(Merge *merge, int field, const Row *before, const char **reason)
{
	const Field *description = &merge->to->resource->fields[field];
	MergeRule	rule = description->merge;

	if (field == CUSTOMER_PARENT_UID && makes_circle(merge))
	{
		*reason = "the survivor can't be below itself";
		return "TO";
	}
	if (merge->choices[field] != CHOICE_NONE)
	{
		*reason = "chosen by the caller";
		if (merge->choices[field] == CHOICE_FROM)
			take_value(merge, field);
		return merge->choices[field] == CHOICE_FROM ? "FROM" : "TO";
	}
	if (rule == MERGE_SUM)
	{
		int64		sum;

		if (pg_add_s64_overflow(DatumGetInt64(merge->to->values[field]),
								DatumGetInt64(merge->from->values[field]), &sum))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("sum of \"%s\" is out of range", description->column)));
		row_set(merge->to, field, Int64GetDatum(sum));
		*reason = "the two are added";
		return "BOTH";
	}
	if (rule == MERGE_EARLIEST &&
		DatumGetTimestampTz(merge->from->values[field]) < DatumGetTimestampTz(merge->to->values[field]))
	{
		take_value(merge, field);
		*reason = "the earlier one stays";
		return "FROM";
	}
	if (rule == MERGE_FILL && is_empty(merge->to, field) && !is_empty(merge->from, field) &&
		description->merge_group != 0 && contradicts(merge, before, description->merge_group))
	{
		*reason = "it belongs to fields in which the two differ";
		return "TO";
	}
	if (rule == MERGE_FILL && is_empty(merge->to, field) && !is_empty(merge->from, field))
	{
		take_value(merge, field);
		*reason = "the survivor has none";
		return "FROM";
	}
	*reason = rule == MERGE_EARLIEST ? "the earlier one stays"
		: "the survivor keeps its own";
	return "TO";
}

static void
report_field(Merge *merge, int field, const Row *before, const char *winner, const char *reason)
{
	const Field *description = &merge->to->resource->fields[field];
	StringInfo	out = &merge->fields;

	if (description->json == NULL || (is_empty(before, field) && is_empty(merge->from, field)))
		return;
	if (datum_equal(description, before->values[field], before->nulls[field],
					merge->from->values[field], merge->from->nulls[field]))
		reason = "both have the same";
	appendStringInfoString(out, out->len > 0 ? ",{" : "{");
	json_append_member(out, "field", description->json);
	appendStringInfoChar(out, ',');
	json_append_member(out, "winner", winner);
	appendStringInfoString(out, ",\"to\":");
	row_append_shown(out, before, field);
	appendStringInfoString(out, ",\"from\":");
	row_append_shown(out, merge->from, field);
	appendStringInfoString(out, ",\"result\":");
	row_append_shown(out, merge->to, field);
	appendStringInfoChar(out, ',');
	json_append_member(out, "reason", reason);
	appendStringInfoChar(out, '}');
}

static void
apply_fields(Merge *merge)
{
	Row		   *before = row_copy(merge->to);

	for (int i = 0; i < merge->to->resource->nfields; i++)
	{
		const Field *field = &merge->to->resource->fields[i];
		const char *reason;
		const char *winner;

		if (!field_has_column(field) || (field->flags & (GENERATED | KEY)) ||
			i == CUSTOMER_LAST_MODIFIED_AT)
			continue;
		winner = apply_rule(merge, i, before, &reason);
		report_field(merge, i, before, winner, reason);
	}
	row_set(merge->to, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(merge->call->now));
}

/* ---------------------------------------------------------------------
 * All of it
 * --------------------------------------------------------------------- */

/* The duplicate's departments are the survivor's from now on. */
static void
move_departments(Merge *merge)
{
	int			moved = 0;

	appendStringInfoString(&merge->journal, ",\"departments\":[");
	for (int i = 0; i < merge->customers->list.count; i++)
	{
		Row		   *row = merge->customers->list.rows[i];

		if (row == merge->to || row == merge->from || row->nulls[CUSTOMER_PARENT_UID] ||
			strcmp(row_text(row, CUSTOMER_PARENT_UID), merge->from_uid) != 0)
			continue;
		row_set_text(row, CUSTOMER_PARENT_UID, merge->to_uid);
		row_set(row, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(merge->call->now));
		appendStringInfo(&merge->journal, "%s\"%s\"", moved++ > 0 ? "," : "", row->key);
	}
	appendStringInfoChar(&merge->journal, ']');
	appendStringInfo(&merge->counts, ",\"departments\":{\"moved\":%d,\"united\":0}", moved);
}

/* Merges the two in memory.  They have been located and checked. */
void
merge_apply(Merge *merge)
{
	initStringInfo(&merge->journal);
	initStringInfo(&merge->fields);
	initStringInfo(&merge->counts);
	initStringInfo(&merge->references);
	appendStringInfoString(&merge->journal, "{\"from\":");
	row_append_image(&merge->journal, merge->from);
	appendStringInfoString(&merge->journal, ",\"before\":");
	row_append_image(&merge->journal, merge->to);
	apply_fields(merge);
	appendStringInfoString(&merge->journal, ",\"after\":");
	row_append_image(&merge->journal, merge->to);
	merge_children_load(merge);
	merge_children_apply(merge);
	move_departments(merge);
	merge->from->present = false;
}

/* Lets what names the duplicate in one column name the survivor. */
static void
repoint(Merge *merge, ResourceId resource, int field, const char *name, bool counted)
{
	PlanKey		key = {.statement = STATEMENT_REPOINT, .resource = resource, .detail = field};
	Datum		arguments[3];
	HeapTuple	tuple;

	arguments[0] = merge->call->tenant;
	arguments[1] = CStringGetTextDatum(merge->from_uid);
	arguments[2] = CStringGetTextDatum(merge->to_uid);
	(void) plan_execute(&key, 3, arguments, NULL, false);
	tuple = SPI_tuptable->vals[0];
	appendStringInfo(&merge->journal, ",\"%s\":%s", name,
					 SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1));
	if (counted)
		appendStringInfo(&merge->counts, ",\"%s\":{\"moved\":%s,\"united\":0}", name,
						 SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2));
}

/* The duplicate's names lead to the survivor from now on. */
static void
write_redirect(Merge *merge)
{
	RowSet	   *set = rowset_create(merge->call, RESOURCE_REDIRECT);
	Row		   *row = row_create(set->resource);

	row_set_text(row, REDIRECT_CUSTOMER_UID, merge->from_uid);
	row_set_text(row, REDIRECT_SURVIVOR_UID, merge->to_uid);
	row_set_text(row, REDIRECT_EXTERNAL_ID, row_text(merge->from, CUSTOMER_EXTERNAL_ID));
	row_set_text(row, REDIRECT_LOYALTY_ID, row_text(merge->from, CUSTOMER_LOYALTY_ID));
	row_set(row, REDIRECT_CREATED_AT, TimestampTzGetDatum(merge->call->now));
	rowset_add(set, row);
	rowset_flush(set);
}

static void
write_journal(Merge *merge)
{
	RowSet	   *set = rowset_create(merge->call, RESOURCE_MERGE);
	Row		   *row = row_create(set->resource);

	appendStringInfoChar(&merge->journal, '}');
	row_set_text(row, MERGE_UID, uid_generate());
	row_set_text(row, MERGE_SURVIVOR_UID, merge->to_uid);
	row_set_text(row, MERGE_DUPLICATE_UID, merge->from_uid);
	/* not when the call began: it can have waited, and what was written meanwhile is older */
	row_set(row, MERGE_MERGED_AT, TimestampTzGetDatum(merge->merged_at));
	row_set_text(row, MERGE_MERGED_BY, merge->call->actor);
	row_set(row, MERGE_JOURNAL,
			PointerGetDatum(cstring_to_text_with_len(merge->journal.data, merge->journal.len)));
	rowset_add(set, row);
	rowset_flush(set);
}

/*
 * Writes what was merged in memory, and moves what is too much to be loaded.
 * What refers to a customer goes before it.  Adds problems when rows of tables
 * outside can't move; then nothing may be kept.
 */
void
merge_write(Merge *merge)
{
	flush_children(merge->children);
	repoint(merge, RESOURCE_SALES_ORDER, SALES_ORDER_CUSTOMER_UID, "salesOrders", true);
	repoint(merge, RESOURCE_SERVICE_ORDER, SERVICE_ORDER_CUSTOMER_UID, "serviceOrders", true);
	repoint(merge, RESOURCE_REDIRECT, REDIRECT_SURVIVOR_UID, "redirects", false);
	repoint(merge, RESOURCE_HOLD, HOLD_CUSTOMER_UID, "holds", false);
	repoint(merge, RESOURCE_PRINT_JOB, PRINT_JOB_CUSTOMER_UID, "printJobs", false);
	references_merge(merge->call, merge->from_uid, merge->to_uid, &merge->journal, &merge->references);
	if (call_failed(merge->call))
		return;
	rowset_flush(merge->customers);
	changes_set_operation(merge->call, RESOURCE_CUSTOMER, merge->from_uid, "MERGE");
	if (DatumGetInt64(merge->from->values[CUSTOMER_OPENING_BALANCE]) != 0 ||
		DatumGetInt64(merge->from->values[CUSTOMER_OPEN_INVOICES]) != 0)
		changes_note_member(merge->call, RESOURCE_CUSTOMER, merge->to_uid, "credit.balance");
	write_redirect(merge);
	write_journal(merge);
	total_add(merge->call, TOTAL_CUSTOMER, "", -1);
}
