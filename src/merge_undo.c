/*-------------------------------------------------------------------------
 *
 * merge_undo.c
 *	  Taking a merge back: the duplicate returns with its uid, its rows and what
 *	  referred to it, as far as they are still where the merge put them.
 *
 * What was changed since is not changed back, and what came after the merge
 * stays where it is; the answer tells.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "core/reference.h"
#include "core/row_json.h"
#include "merge.h"
#include "orders.h"

typedef struct Undo
{
	Call	   *call;
	Row		   *merge;
	char	   *to_uid;
	char	   *from_uid;
	MergeJournal journal;
	Row		   *to;				/* the survivor as it is */
	RowSet	   *redirects;		/* of the duplicate's uid: locked before any customer,
								 * as who follows one does */
	RowSet	   *customers;
	RowSet	   *children[CHILD_KINDS];
	StringInfoData rows;		/* of the answer */
	StringInfoData tables;
	StringInfoData fields;
} Undo;

/* ---------------------------------------------------------------------
 * What there is now
 * --------------------------------------------------------------------- */

/* Which of two merges, given by their values, is the later one: above 0 for the first. */
int
merge_order(const Datum *a, const Datum *b)
{
	TimestampTz first = DatumGetTimestampTz(a[MERGE_MERGED_AT]);
	TimestampTz second = DatumGetTimestampTz(b[MERGE_MERGED_AT]);

	if (first != second)
		return first < second ? -1 : 1;
	return compare_texts(a[MERGE_UID], b[MERGE_UID]);
}

/*
 * The newest merge in force that a customer takes part in, as what the field
 * says: merges are undone in reverse, for each builds on those before it.
 */
static char *
newest_merge(Call *call, int field, const char *uid)
{
	Datum		value = CStringGetTextDatum(uid);
	RowBlock   *block = read_rows(call, RESOURCE_MERGE, ANSWER, field, &value, 1);
	Datum	   *newest = NULL;

	for (int i = 0; i < block->nrows; i++)
	{
		Datum	   *merge = block->values + i * MERGE_FIELDS;

		if (block->nulls[i * MERGE_FIELDS + MERGE_UNDONE_AT] &&
			(newest == NULL || merge_order(merge, newest) > 0))
			newest = merge;
	}
	return newest ? TextDatumGetCString(newest[MERGE_UID]) : NULL;
}

/* Adds the parent of a customer, which can have been merged away since. */
static void
add_parent(Undo *undo, TextList *uids, Row *row)
{
	char	   *survivor;

	if (row->nulls[CUSTOMER_PARENT_UID])
		return;
	survivor = redirect_find(undo->call, row_text(row, CUSTOMER_PARENT_UID));
	if (survivor != NULL && strcmp(survivor, row_text(row, CUSTOMER_UID)) != 0)
		row_set_text(row, CUSTOMER_PARENT_UID, survivor);
	text_list_add(uids, row->values[CUSTOMER_PARENT_UID]);
}

/*
 * Locks the survivor, the departments, and all who are above what the two are
 * below, now and before the merge.
 */
static void
lock_customers(Undo *undo)
{
	TextList	uids = {0};
	TextList	parents = {0};

	text_list_add(&uids, CStringGetTextDatum(undo->to_uid));
	for (int i = 0; i < undo->journal.departments.count; i++)
		text_list_add(&uids, undo->journal.departments.values[i]);
	add_parent(undo, &parents, undo->journal.from);
	add_parent(undo, &parents, undo->journal.before);
	add_parent(undo, &parents, undo->journal.after);
	text_list_add(&parents, CStringGetTextDatum(undo->to_uid));
	add_found(undo->call, STATEMENT_ANCESTORS, parents.values, parents.count, &uids);
	uids.count = sort_unique_texts(uids.values, uids.count);
	rowset_load(undo->customers, CUSTOMER_UID, uids.values, uids.count, true);
}

/* Finds and locks everything; false with problems. */
static bool
locate(Undo *undo)
{
	Call	   *call = undo->call;
	Datum		from = CStringGetTextDatum(undo->from_uid);
	char	   *later;

	undo->redirects = rowset_create(call, RESOURCE_REDIRECT);
	rowset_load(undo->redirects, REDIRECT_CUSTOMER_UID, &from, 1, true);
	undo->customers = rowset_create(call, RESOURCE_CUSTOMER);
	lock_customers(undo);
	/* again, for what was changed until we had the locks */
	lock_customers(undo);
	undo->to = rowset_find(undo->customers, undo->to_uid);
	later = newest_merge(call, undo->to ? MERGE_SURVIVOR_UID : MERGE_DUPLICATE_UID, undo->to_uid);
	if (later != NULL && strcmp(later, call->arguments[ARGUMENT_UID]) != 0)
	{
		problem_add(&call->problems, REASON_MERGE_NOT_LAST, NULL, later);
		return false;
	}
	if (undo->to == NULL)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return false;
	}
	if (!call_check_type(call, row_text(undo->to, CUSTOMER_TYPE)) ||
		!call_check_type(call, row_text(undo->journal.from, CUSTOMER_TYPE)))
		return false;
	if (row_exists(call, RESOURCE_CUSTOMER, undo->from_uid))
	{
		problem_add_resource(&call->problems, REASON_ALREADY_EXISTS,
							 &resources[RESOURCE_CUSTOMER], NULL);
		return false;
	}
	for (int i = 0; i < CHILD_KINDS; i++)
	{
		undo->children[i] = rowset_create(call, child_kinds[i].resource);
		rowset_load(undo->children[i], child_kinds[i].customer, &undo->to->values[CUSTOMER_UID], 1, true);
	}
	return true;
}

/* ---------------------------------------------------------------------
 * The customers
 * --------------------------------------------------------------------- */

static void
report_field(Undo *undo, const Row *customer, int field, const char *what)
{
	StringInfo	out = &undo->fields;
	const Field *description = &undo->to->resource->fields[field];

	appendStringInfoString(out, out->len > 0 ? ",{" : "{");
	json_append_member(out, "customerUid", row_text(customer, CUSTOMER_UID));
	appendStringInfoChar(out, ',');
	json_append_member(out, "field", description->json ? description->json : description->column);
	appendStringInfoChar(out, ',');
	json_append_member(out, "reason", what);
	appendStringInfoChar(out, '}');
}

static bool
equal_values(const Row *a, const Row *b, int field)
{
	return datum_equal(&a->resource->fields[field], a->values[field], a->nulls[field],
					   b->values[field], b->nulls[field]);
}

static void
set_value(Row *row, const Row *source, int field)
{
	row->values[field] = source->values[field];
	row->nulls[field] = source->nulls[field];
}

/* A reference of a customer to something that is gone is dropped. */
static void
drop_lost_reference(Undo *undo, Row *row, int field, ResourceId resource)
{
	if (row->nulls[field] || row_exists(undo->call, resource, row_text(row, field)))
		return;
	row_set_null(row, field);
	report_field(undo, row, field, "what it named is gone");
}

/* Why a customer can't be below the parent that it had; NULL when it can. */
static const char *
parent_obstacle(Undo *undo, const Row *row)
{
	char	   *above = row_text(row, CUSTOMER_PARENT_UID);

	if (strcmp(row_text(row, CUSTOMER_TYPE), "COMPANY") != 0)
		return "it is no company any more";
	for (int steps = 0; above != NULL; steps++)
	{
		Row		   *parent = rowset_find(undo->customers, above);

		if (parent == NULL)
			return "what it named is gone";
		if (steps == 0 && strcmp(row_text(parent, CUSTOMER_TYPE), "COMPANY") != 0)
			return "what it named is no company any more";
		if (strcmp(above, row_text(row, CUSTOMER_UID)) == 0 || steps > undo->customers->list.count)
			return "it is below itself now";
		above = row_text(parent, CUSTOMER_PARENT_UID);
	}
	return NULL;
}

static void
check_parent(Undo *undo, Row *row)
{
	const char *obstacle = row->nulls[CUSTOMER_PARENT_UID] ? NULL : parent_obstacle(undo, row);

	if (obstacle == NULL)
		return;
	row_set_null(row, CUSTOMER_PARENT_UID);
	report_field(undo, row, CUSTOMER_PARENT_UID, obstacle);
}

/* Gives the survivor back what the merge changed, unless it was changed since. */
static void
restore_survivor(Undo *undo)
{
	Row		   *to = undo->to;

	for (int i = 0; i < to->resource->nfields; i++)
	{
		const Field *field = &to->resource->fields[i];

		if (!field_has_column(field) || (field->flags & (GENERATED | KEY)) ||
			i == CUSTOMER_LAST_MODIFIED_AT || i == CUSTOMER_OPEN_INVOICES)
			continue;
		if (field->merge == MERGE_SUM)
			row_set(to, i, Int64GetDatum(DatumGetInt64(to->values[i]) -
										 DatumGetInt64(undo->journal.from->values[i])));
		else if (equal_values(undo->journal.after, undo->journal.before, i))
			continue;
		else if (equal_values(to, undo->journal.after, i))
			set_value(to, undo->journal.before, i);
		else
			report_field(undo, to, i, "changed since the merge");
	}
	drop_lost_reference(undo, to, CUSTOMER_DEFAULT_STORE_UID, RESOURCE_STORE);
	drop_lost_reference(undo, to, CUSTOMER_ACCOUNT_MANAGER_UID, RESOURCE_TENANT_USER);
	row_set(to, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
}

static void
restore_duplicate(Undo *undo)
{
	Row		   *duplicate = row_copy(undo->journal.from);

	/* its orders come back later, and bring theirs */
	row_set(duplicate, CUSTOMER_OPEN_INVOICES, Int64GetDatum(0));
	row_set(duplicate, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
	rowset_add(undo->customers, duplicate);
	drop_lost_reference(undo, duplicate, CUSTOMER_DEFAULT_STORE_UID, RESOURCE_STORE);
	drop_lost_reference(undo, duplicate, CUSTOMER_ACCOUNT_MANAGER_UID, RESOURCE_TENANT_USER);
}

/* Nobody may end up below himself, or below what is no company. */
static void
check_parents(Undo *undo)
{
	check_parent(undo, undo->to);
	check_parent(undo, rowset_find(undo->customers, undo->from_uid));
}

static void
count_rows(Undo *undo, const char *name, int64 returned, int64 gone)
{
	appendStringInfo(&undo->rows, "%s\"%s\":{\"returned\":" INT64_FORMAT ",\"gone\":" INT64_FORMAT "}",
					 undo->rows.len > 0 ? "," : "", name, returned, gone);
}

static void
restore_departments(Undo *undo)
{
	int			returned = 0;

	for (int i = 0; i < undo->journal.departments.count; i++)
	{
		Row		   *row = rowset_find(undo->customers, TextDatumGetCString(undo->journal.departments.values[i]));

		if (row == NULL || row->nulls[CUSTOMER_PARENT_UID] ||
			strcmp(row_text(row, CUSTOMER_PARENT_UID), undo->to_uid) != 0)
			continue;
		row_set_text(row, CUSTOMER_PARENT_UID, undo->from_uid);
		row_set(row, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
		returned++;
	}
	count_rows(undo, "departments", returned, undo->journal.departments.count - returned);
}

/* ---------------------------------------------------------------------
 * What hangs on them
 * --------------------------------------------------------------------- */

/* The rows that the entries of a kind refer to, by uid. */
static StringMap *
load_targets(Undo *undo, ChildKind kind)
{
	TextList	uids = {0};

	for (int i = 0; i < undo->journal.nentries[kind]; i++)
		text_list_add(&uids, undo->journal.entries[kind][i].row->values[child_kinds[kind].target_field]);
	return existing_uids(undo->call, child_kinds[kind].target, uids.values, uids.count);
}

/* Is there a link, of the duplicate or of the survivor, to a contact? */
static bool
has_link(Undo *undo, const char *customer_uid, const Row *extension)
{
	Row		   *link = rowset_find2(undo->children[CHILD_LINK], customer_uid,
									row_text(extension, CONTACT_EXTENSION_CONTACT_UID));

	return link != NULL && link->present;
}

/* Is a row the one that it was, or another one that has got its uid since? */
static bool
is_same_row(const Row *a, const Row *b)
{
	for (int i = 0; i < a->resource->nfields; i++)
	{
		const Field *field = &a->resource->fields[i];

		if (field->column != NULL && strcmp(field->column, "created_at") == 0 &&
			!equal_values(a, b, i))
			return false;
	}
	return true;
}

/* Gives a row that moved back to the duplicate, as it is now. */
static bool
return_moved(Undo *undo, ChildKind kind, const JournalEntry *entry)
{
	RowSet	   *set = undo->children[kind];
	Row		   *current = rowset_find(set, row_make_key(entry->now));
	Row		   *back;
	int			keys[MAX_KEYS];
	int			nkeys = resource_keys(set->resource, keys);

	if (current == NULL || !current->present || !is_same_row(current, entry->now))
		return false;
	back = row_copy(current);
	for (int i = 0; i < nkeys; i++)
		set_value(back, entry->row, keys[i]);
	if (kind == CHILD_CONTACT_EXTENSION && !has_link(undo, undo->from_uid, back))
		return false;
	current->present = false;
	rowset_add(set, back);
	return true;
}

/* Gives back a row that was united with one of the survivor's. */
static bool
return_united(Undo *undo, ChildKind kind, const JournalEntry *entry, StringMap *targets)
{
	RowSet	   *set = undo->children[kind];
	Row		   *current = rowset_find(set, row_make_key(entry->now));

	/*
	 * What was taken from the one that they were was taken from both.  That an
	 * entry before this one gave the row back does not count.
	 */
	if (current == NULL || current->before == NULL || !is_same_row(current, entry->now))
		return false;
	if (targets != NULL &&
		map_get(targets, row_text(entry->row, child_kinds[kind].target_field)) == NULL)
		return false;
	if (kind == CHILD_CONTACT_EXTENSION && !has_link(undo, undo->from_uid, entry->row))
		return false;
	/* the survivor's own row, too, unless it was changed since */
	if (current->present && row_equal(current, entry->now))
	{
		for (int i = 0; i < set->resource->nfields; i++)
		{
			if (field_has_column(&set->resource->fields[i]) &&
				!(set->resource->fields[i].flags & GENERATED))
				set_value(current, entry->kept, i);
		}
	}
	rowset_add(set, row_copy(entry->row));
	if (kind == CHILD_MEMBER)
		total_add(undo->call, TOTAL_MEMBER, row_text(entry->row, MEMBER_GROUP_UID), 1);
	return true;
}

/* Who withdrew a consent while the two were one withdrew it for both. */
static void
copy_withdrawals(Undo *undo)
{
	RowSet	   *set = undo->children[CHILD_CONSENT];
	/* entries have milliseconds */
	TimestampTz merged_at = DatumGetTimestampTz(undo->merge->values[MERGE_MERGED_AT]) / 1000 * 1000;
	int			loaded = set->list.count;

	for (int i = 0; i < loaded; i++)
	{
		Row		   *row = set->list.rows[i];
		Row		   *copy;

		if (!row->present || row->before == NULL ||
			DatumGetBool(row->values[CUSTOMER_CONSENT_STATUS]) ||
			DatumGetTimestampTz(row->values[CUSTOMER_CONSENT_CREATED_AT]) < merged_at)
			continue;
		copy = row_copy(row);
		row_set_text(copy, CUSTOMER_CONSENT_CUSTOMER_UID, undo->from_uid);
		if (rowset_find(set, row_make_key(copy)) == NULL)
			rowset_add(set, copy);
	}
}

static void
restore_children(Undo *undo)
{
	RowSet	   *extensions = undo->children[CHILD_CONTACT_EXTENSION];

	for (int kind = 0; kind < CHILD_KINDS; kind++)
	{
		StringMap  *targets = child_kinds[kind].target_field < 0 ? NULL : load_targets(undo, kind);
		int			returned = 0;

		for (int i = 0; i < undo->journal.nentries[kind]; i++)
		{
			const JournalEntry *entry = &undo->journal.entries[kind][i];

			returned += entry->kept == NULL ? return_moved(undo, kind, entry)
				: return_united(undo, kind, entry, targets);
		}
		count_rows(undo, child_kinds[kind].name, returned, undo->journal.nentries[kind] - returned);
	}
	copy_withdrawals(undo);
	/* what was added to a link that has returned goes with it */
	for (int i = 0; i < extensions->list.count; i++)
	{
		Row		   *row = extensions->list.rows[i];
		Row		   *back;

		if (!row->present || strcmp(row_text(row, CONTACT_EXTENSION_CUSTOMER_UID), undo->to_uid) != 0 ||
			has_link(undo, undo->to_uid, row))
			continue;
		row->present = false;
		back = row_copy(row);
		row_set_text(back, CONTACT_EXTENSION_CUSTOMER_UID, undo->from_uid);
		if (rowset_find(extensions, row_make_key(back)) == NULL)
			rowset_add(extensions, back);
	}
}

/* Lets rows that named the duplicate name it again, if they still name the survivor. */
static void
repoint_back(Undo *undo, ResourceId resource, int field, const TextList *uids, const char *name)
{
	PlanKey		key = {.statement = STATEMENT_REPOINT_BACK, .resource = resource, .detail = field};
	Datum		arguments[4];
	bool		isnull;
	int64		returned;

	arguments[0] = undo->call->tenant;
	arguments[1] = CStringGetTextDatum(undo->to_uid);
	arguments[2] = CStringGetTextDatum(undo->from_uid);
	arguments[3] = text_array(uids->values, uids->count);
	(void) plan_execute(&key, 4, arguments, NULL, false);
	returned = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	if (name != NULL)
		count_rows(undo, name, returned, uids->count - returned);
}

/* What is open of its invoices goes with the duplicate. */
static void
move_open_invoices(Undo *undo)
{
	PlanKey		key = {.statement = STATEMENT_OPEN_INVOICES};
	Datum		arguments[2] = {undo->call->tenant, CStringGetTextDatum(undo->from_uid)};
	Datum		uids[2] = {arguments[1], CStringGetTextDatum(undo->to_uid)};
	int64		amounts[2];
	bool		isnull;

	(void) plan_execute(&key, 2, arguments, NULL, false);
	amounts[0] = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	amounts[1] = -amounts[0];
	add_open_invoices(undo->call, uids, amounts, amounts[0] != 0 ? 2 : 0);
}

static void
remove_redirect(Undo *undo)
{
	for (int i = 0; i < undo->redirects->list.count; i++)
		undo->redirects->list.rows[i]->present = false;
	rowset_flush(undo->redirects);
}

static void
write_undo(Undo *undo, RowSet *merges)
{
	rowset_flush(undo->customers);
	flush_children(undo->children);
	repoint_back(undo, RESOURCE_SALES_ORDER, SALES_ORDER_CUSTOMER_UID, &undo->journal.sales_orders, "salesOrders");
	repoint_back(undo, RESOURCE_SERVICE_ORDER, SERVICE_ORDER_CUSTOMER_UID, &undo->journal.service_orders, "serviceOrders");
	move_open_invoices(undo);
	if (undo->journal.references != NULL)
	{
		JsonReader	reader;

		json_reader_init(&reader, undo->journal.references, strlen(undo->journal.references));
		references_undo(undo->call, undo->from_uid, undo->to_uid, &reader, &undo->tables);
	}
	remove_redirect(undo);
	repoint_back(undo, RESOURCE_REDIRECT, REDIRECT_SURVIVOR_UID, &undo->journal.redirects, NULL);
	repoint_back(undo, RESOURCE_PRINT_JOB, PRINT_JOB_CUSTOMER_UID, &undo->journal.print_jobs, NULL);
	repoint_back(undo, RESOURCE_HOLD, HOLD_CUSTOMER_UID, &undo->journal.holds, NULL);
	row_set(undo->merge, MERGE_UNDONE_AT, TimestampTzGetDatum(undo->call->now));
	row_set_text(undo->merge, MERGE_UNDONE_BY, undo->call->actor);
	/* nobody needs it any more, and it holds what people are called */
	row_set_text(undo->merge, MERGE_JOURNAL, "{}");
	rowset_flush(merges);
	total_add(undo->call, TOTAL_CUSTOMER, "", 1);
}

/* Undoes the merge that the call names, and answers with what that came to. */
void
merge_undo(Call *call)
{
	RowSet	   *merges = rowset_create(call, RESOURCE_MERGE);
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_UID]);
	Undo		undo = {.call = call};
	StringInfo	out = &call->answer;

	rowset_load(merges, MERGE_UID, &uid, 1, true);
	undo.merge = rowset_find(merges, call->arguments[ARGUMENT_UID]);
	if (undo.merge == NULL)
	{
		call_not_found(call, RESOURCE_MERGE);
		return;
	}
	if (!undo.merge->nulls[MERGE_UNDONE_AT])
	{
		problem_add(&call->problems, REASON_MERGE_UNDONE, NULL, NULL);
		return;
	}
	undo.to_uid = row_text(undo.merge, MERGE_SURVIVOR_UID);
	undo.from_uid = row_text(undo.merge, MERGE_DUPLICATE_UID);
	initStringInfo(&undo.rows);
	initStringInfo(&undo.tables);
	initStringInfo(&undo.fields);
	merge_journal_read(&undo.journal, DatumGetTextPP(undo.merge->values[MERGE_JOURNAL]));
	if (!locate(&undo))
		return;
	restore_survivor(&undo);
	restore_duplicate(&undo);
	restore_departments(&undo);
	check_parents(&undo);
	restore_children(&undo);
	write_undo(&undo, merges);
	answer_begin(call, 512);
	appendStringInfoChar(out, '{');
	json_append_member(out, "mergeUid", call->arguments[ARGUMENT_UID]);
	appendStringInfoChar(out, ',');
	json_append_member(out, "customerUid", undo.to_uid);
	appendStringInfoChar(out, ',');
	json_append_member(out, "restoredCustomerUid", undo.from_uid);
	appendStringInfo(out, ",\"rows\":{%s},\"references\":[%s],\"fieldsNotRestored\":[%s]}",
					 undo.rows.data, undo.tables.data, undo.fields.data);
}
