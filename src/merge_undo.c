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
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "core/reference.h"
#include "core/row_json.h"
#include "merge.h"

/* One row of the duplicate, as the journal has it. */
typedef struct Entry
{
	Row		   *row;			/* as it was */
	Row		   *now;			/* the survivor's row after the merge */
	Row		   *kept;			/* that row before, when it was there already */
} Entry;

typedef struct Undo
{
	Call	   *call;
	Row		   *merge;
	char	   *to_uid;
	char	   *from_uid;
	Row		   *from;			/* images, */
	Row		   *before;			/* of the survivor */
	Row		   *after;
	Row		   *to;				/* the survivor as it is */
	RowSet	   *customers;
	RowSet	   *children[CHILD_KINDS];
	Entry	   *entries[CHILD_KINDS];
	int			nentries[CHILD_KINDS];
	TextList	departments;
	TextList	sales_orders;
	TextList	service_orders;
	TextList	redirects;
	char	   *references;		/* as JSON, or NULL */
	StringInfoData rows;		/* of the answer */
	StringInfoData tables;
	StringInfoData fields;
} Undo;

/* ---------------------------------------------------------------------
 * The journal
 * --------------------------------------------------------------------- */

static void
read_uids(TextList *list, JsonReader *outer)
{
	JsonReader	reader;

	json_enter(outer, &reader);
	while (json_next_element(&reader))
	{
		JsonString	uid = json_read_string(&reader);

		text_list_add(list, PointerGetDatum(cstring_to_text_with_len(uid.data, uid.length)));
	}
	json_leave(outer, &reader);
}

static void
read_entry(Undo *undo, ChildKind kind, JsonReader *outer)
{
	const Resource *resource = &resources[child_kinds[kind].resource];
	Entry	   *entry = &undo->entries[kind][undo->nentries[kind]++];
	JsonReader	reader;
	JsonString	name;

	memset(entry, 0, sizeof(Entry));
	json_enter(outer, &reader);
	while (json_next_member(&reader, &name))
	{
		Row		   *row = row_read_image(resource, &reader);

		if (json_string_is(&name, "row"))
			entry->row = row;
		else if (json_string_is(&name, "now"))
			entry->now = row;
		else
			entry->kept = row;
	}
	json_leave(outer, &reader);
}

static void
read_entries(Undo *undo, ChildKind kind, JsonReader *outer)
{
	JsonReader	reader;
	int			room = 0;

	json_enter(outer, &reader);
	while (json_next_element(&reader))
	{
		if (undo->nentries[kind] == room)
		{
			room = Max(16, room * 2);
			undo->entries[kind] = undo->entries[kind] == NULL ? palloc(room * sizeof(Entry))
				: repalloc(undo->entries[kind], room * sizeof(Entry));
		}
		read_entry(undo, kind, &reader);
	}
	json_leave(outer, &reader);
}

static void
read_children(Undo *undo, JsonReader *outer)
{
	JsonReader	reader;
	JsonString	name;

	json_enter(outer, &reader);
	while (json_next_member(&reader, &name))
	{
		int			kind = 0;

		while (kind < CHILD_KINDS && !json_string_is(&name, child_kinds[kind].name))
			kind++;
		if (kind < CHILD_KINDS)
			read_entries(undo, kind, &reader);
		else
			json_skip(&reader);
	}
	json_leave(outer, &reader);
}

static void
read_journal(Undo *undo)
{
	text	   *journal = DatumGetTextPP(undo->merge->values[MERGE_JOURNAL]);
	const Resource *customer = &resources[RESOURCE_CUSTOMER];
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;

	json_reader_init(&outer, VARDATA_ANY(journal), VARSIZE_ANY_EXHDR(journal));
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &name))
	{
		if (json_string_is(&name, "from"))
			undo->from = row_read_image(customer, &reader);
		else if (json_string_is(&name, "before"))
			undo->before = row_read_image(customer, &reader);
		else if (json_string_is(&name, "after"))
			undo->after = row_read_image(customer, &reader);
		else if (json_string_is(&name, "children"))
			read_children(undo, &reader);
		else if (json_string_is(&name, "departments"))
			read_uids(&undo->departments, &reader);
		else if (json_string_is(&name, "salesOrders"))
			read_uids(&undo->sales_orders, &reader);
		else if (json_string_is(&name, "serviceOrders"))
			read_uids(&undo->service_orders, &reader);
		else if (json_string_is(&name, "redirects"))
			read_uids(&undo->redirects, &reader);
		else if (json_string_is(&name, "references"))
			undo->references = json_read_raw(&reader);
		else
			json_skip(&reader);
	}
}

/* ---------------------------------------------------------------------
 * What there is now
 * --------------------------------------------------------------------- */

/* The merge that took a customer away, if one did. */
static char *
merge_of_duplicate(Call *call, const char *uid)
{
	Datum		value = CStringGetTextDatum(uid);
	RowBlock   *block = read_rows(call, RESOURCE_MERGE, ANSWER, MERGE_DUPLICATE_UID, &value, 1);

	for (int i = 0; i < block->nrows; i++)
	{
		int			first = i * block->resource->nfields;

		if (block->nulls[first + MERGE_UNDONE_AT])
			return TextDatumGetCString(block->values[first + MERGE_UID]);
	}
	return NULL;
}

static void
lock_customers(Undo *undo)
{
	PlanKey		key = {.statement = STATEMENT_ANCESTORS};
	TextList	uids = {0};
	Datum		arguments[2];
	uint64		nrows;

	text_list_add(&uids, CStringGetTextDatum(undo->to_uid));
	for (int i = 0; i < undo->departments.count; i++)
		text_list_add(&uids, undo->departments.values[i]);
	if (!undo->from->nulls[CUSTOMER_PARENT_UID])
	{
		arguments[0] = undo->call->tenant;
		arguments[1] = text_array(&undo->from->values[CUSTOMER_PARENT_UID], 1);
		nrows = plan_execute(&key, 2, arguments, NULL, false);
		for (uint64 i = 0; i < nrows; i++)
			text_list_add(&uids, result_text(i, 1));
	}
	uids.count = sort_unique_texts(uids.values, uids.count);
	undo->customers = rowset_create(undo->call, RESOURCE_CUSTOMER);
	rowset_load(undo->customers, CUSTOMER_UID, uids.values, uids.count, true);
}

/* Finds and locks everything; false with problems. */
static bool
locate(Undo *undo)
{
	Call	   *call = undo->call;
	char	   *later;

	lock_customers(undo);
	undo->to = rowset_find(undo->customers, undo->to_uid);
	if (undo->to == NULL)
	{
		later = merge_of_duplicate(call, undo->to_uid);
		if (later != NULL)
			problem_add(&call->problems, REASON_MERGE_NOT_LAST, NULL, later);
		else
			call_not_found(call, RESOURCE_CUSTOMER);
		return false;
	}
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
report_field(Undo *undo, int field, const char *what)
{
	StringInfo	out = &undo->fields;
	const Field *description = &undo->to->resource->fields[field];

	appendStringInfoString(out, out->len > 0 ? ",{" : "{");
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
										 DatumGetInt64(undo->from->values[i])));
		else if (equal_values(undo->after, undo->before, i))
			continue;
		else if (equal_values(to, undo->after, i))
			set_value(to, undo->before, i);
		else
			report_field(undo, i, "changed since the merge");
	}
	row_set(to, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
}

/* A reference of the duplicate to something that is gone is dropped. */
static void
drop_lost_reference(Undo *undo, Row *row, int field, ResourceId resource)
{
	if (row->nulls[field] || row_exists(undo->call, resource, row_text(row, field)))
		return;
	row_set_null(row, field);
	report_field(undo, field, "what it named is gone");
}

static bool
is_listed(const TextList *list, const char *uid)
{
	for (int i = 0; i < list->count; i++)
	{
		if (strcmp(TextDatumGetCString(list->values[i]), uid) == 0)
			return true;
	}
	return false;
}

/* May the duplicate be below its parent again? */
static bool
parent_fits(Undo *undo, const Row *duplicate)
{
	char	   *above = row_text(duplicate, CUSTOMER_PARENT_UID);
	int			steps = 0;

	while (above != NULL && steps++ <= undo->customers->list.count)
	{
		Row		   *parent = rowset_find(undo->customers, above);

		if (parent == NULL || is_listed(&undo->departments, above))
			return false;
		above = row_text(parent, CUSTOMER_PARENT_UID);
	}
	return above == NULL;
}

static void
restore_duplicate(Undo *undo)
{
	Row		   *duplicate = row_copy(undo->from);

	drop_lost_reference(undo, duplicate, CUSTOMER_DEFAULT_STORE_UID, RESOURCE_STORE);
	drop_lost_reference(undo, duplicate, CUSTOMER_ACCOUNT_MANAGER_UID, RESOURCE_TENANT_USER);
	if (!duplicate->nulls[CUSTOMER_PARENT_UID] && !parent_fits(undo, duplicate))
	{
		row_set_null(duplicate, CUSTOMER_PARENT_UID);
		report_field(undo, CUSTOMER_PARENT_UID, "what it named is gone");
	}
	/* its orders come back later, and bring theirs */
	row_set(duplicate, CUSTOMER_OPEN_INVOICES, Int64GetDatum(0));
	row_set(duplicate, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
	rowset_add(undo->customers, duplicate);
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

	for (int i = 0; i < undo->departments.count; i++)
	{
		Row		   *row = rowset_find(undo->customers, TextDatumGetCString(undo->departments.values[i]));

		if (row == NULL || row->nulls[CUSTOMER_PARENT_UID] ||
			strcmp(row_text(row, CUSTOMER_PARENT_UID), undo->to_uid) != 0)
			continue;
		row_set_text(row, CUSTOMER_PARENT_UID, undo->from_uid);
		row_set(row, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(undo->call->now));
		returned++;
	}
	count_rows(undo, "departments", returned, undo->departments.count - returned);
}

/* ---------------------------------------------------------------------
 * What hangs on them
 * --------------------------------------------------------------------- */

/* The rows that the entries of a kind refer to, by uid. */
static StringMap *
load_targets(Undo *undo, ChildKind kind)
{
	TextList	uids = {0};

	for (int i = 0; i < undo->nentries[kind]; i++)
		text_list_add(&uids, undo->entries[kind][i].row->values[child_kinds[kind].target_field]);
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

/* Gives a row that moved back to the duplicate, as it is now. */
static bool
return_moved(Undo *undo, ChildKind kind, const Entry *entry)
{
	RowSet	   *set = undo->children[kind];
	Row		   *current = rowset_find(set, row_make_key(entry->now));
	Row		   *back;
	int			keys[MAX_KEYS];
	int			nkeys = resource_keys(set->resource, keys);

	if (current == NULL || !current->present)
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
return_united(Undo *undo, ChildKind kind, const Entry *entry, StringMap *targets)
{
	RowSet	   *set = undo->children[kind];
	Row		   *current = rowset_find(set, row_make_key(entry->now));

	if (targets != NULL &&
		map_get(targets, row_text(entry->row, child_kinds[kind].target_field)) == NULL)
		return false;
	if (kind == CHILD_CONTACT_EXTENSION && !has_link(undo, undo->from_uid, entry->row))
		return false;
	/* the survivor's own row, too, unless it was changed since */
	if (current != NULL && current->present && row_equal(current, entry->now))
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

static void
restore_children(Undo *undo)
{
	RowSet	   *extensions = undo->children[CHILD_CONTACT_EXTENSION];

	for (int kind = 0; kind < CHILD_KINDS; kind++)
	{
		StringMap  *targets = child_kinds[kind].target_field < 0 ? NULL : load_targets(undo, kind);
		int			returned = 0;

		for (int i = 0; i < undo->nentries[kind]; i++)
		{
			const Entry *entry = &undo->entries[kind][i];

			returned += entry->kept == NULL ? return_moved(undo, kind, entry)
				: return_united(undo, kind, entry, targets);
		}
		count_rows(undo, child_kinds[kind].name, returned, undo->nentries[kind] - returned);
	}
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
	PlanKey		add = {.statement = STATEMENT_ADD_OPEN_INVOICES};
	Datum		arguments[3];
	bool		isnull;
	int64		open;

	arguments[0] = undo->call->tenant;
	arguments[1] = CStringGetTextDatum(undo->from_uid);
	(void) plan_execute(&key, 2, arguments, NULL, false);
	open = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	arguments[2] = Int64GetDatum(open);
	(void) plan_execute(&add, 3, arguments, NULL, false);
	arguments[1] = CStringGetTextDatum(undo->to_uid);
	arguments[2] = Int64GetDatum(-open);
	(void) plan_execute(&add, 3, arguments, NULL, false);
}

static void
remove_redirect(Undo *undo)
{
	RowSet	   *set = rowset_create(undo->call, RESOURCE_REDIRECT);
	Datum		uid = CStringGetTextDatum(undo->from_uid);

	rowset_load(set, REDIRECT_CUSTOMER_UID, &uid, 1, true);
	for (int i = 0; i < set->list.count; i++)
		set->list.rows[i]->present = false;
	rowset_flush(set);
}

static void
write_undo(Undo *undo, RowSet *merges)
{
	rowset_flush(undo->customers);
	flush_children(undo->children);
	repoint_back(undo, RESOURCE_SALES_ORDER, SALES_ORDER_CUSTOMER_UID, &undo->sales_orders, "salesOrders");
	repoint_back(undo, RESOURCE_SERVICE_ORDER, SERVICE_ORDER_CUSTOMER_UID, &undo->service_orders, "serviceOrders");
	move_open_invoices(undo);
	if (undo->references != NULL)
	{
		JsonReader	reader;

		json_reader_init(&reader, undo->references, strlen(undo->references));
		references_undo(undo->call, undo->from_uid, undo->to_uid, &reader, &undo->tables);
	}
	remove_redirect(undo);
	repoint_back(undo, RESOURCE_REDIRECT, REDIRECT_SURVIVOR_UID, &undo->redirects, NULL);
	row_set(undo->merge, MERGE_UNDONE_AT, TimestampTzGetDatum(undo->call->now));
	row_set_text(undo->merge, MERGE_UNDONE_BY, undo->call->actor);
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
	read_journal(&undo);
	if (!locate(&undo))
		return;
	restore_survivor(&undo);
	restore_duplicate(&undo);
	restore_departments(&undo);
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
