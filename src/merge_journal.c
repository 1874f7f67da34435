/*-------------------------------------------------------------------------
 *
 * merge_journal.c
 *	  Reading what a merge wrote down (customer_merge.c, merge_children.c and
 *	  merge_references.c), so that it can be undone.
 *
 *-------------------------------------------------------------------------
 */
#include "core/row_json.h"
#include "merge.h"

/* What was written by hand, or by a version that we don't know, can't be undone. */
static void
require(bool fits)
{
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the journal of a merge is damaged")));
}

static void
enter(JsonReader *outer, JsonReader *inner, char kind)
{
	require(json_peek(outer) == kind);
	json_enter(outer, inner);
}

static void
read_uids(TextList *list, JsonReader *outer)
{
	JsonReader	reader;

	enter(outer, &reader, '[');
	while (json_next_element(&reader))
	{
		JsonString	uid;

		require(json_peek(&reader) == '"');
		uid = json_read_string(&reader);
		text_list_add(list, PointerGetDatum(cstring_to_text_with_len(uid.data, uid.length)));
	}
	json_leave(outer, &reader);
}

static void
read_entry(MergeJournal *journal, ChildKind kind, JsonReader *outer)
{
	const Resource *resource = &resources[child_kinds[kind].resource];
	JournalEntry *entry = &journal->entries[kind][journal->nentries[kind]++];
	JsonReader	reader;
	JsonString	name;

	memset(entry, 0, sizeof(JournalEntry));
	enter(outer, &reader, '{');
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
	require(entry->row != NULL && entry->now != NULL);
}

static void
read_entries(MergeJournal *journal, ChildKind kind, JsonReader *outer)
{
	JsonReader	reader;
	int			room = 0;

	enter(outer, &reader, '[');
	while (json_next_element(&reader))
	{
		if (journal->nentries[kind] == room)
		{
			room = Max(16, room * 2);
			journal->entries[kind] = journal->entries[kind] == NULL ? palloc(room * sizeof(JournalEntry))
				: repalloc(journal->entries[kind], room * sizeof(JournalEntry));
		}
		read_entry(journal, kind, &reader);
	}
	json_leave(outer, &reader);
}

static void
read_children(MergeJournal *journal, JsonReader *outer)
{
	JsonReader	reader;
	JsonString	name;

	enter(outer, &reader, '{');
	while (json_next_member(&reader, &name))
	{
		int			kind = 0;

		while (kind < CHILD_KINDS && !json_string_is(&name, child_kinds[kind].name))
			kind++;
		if (kind < CHILD_KINDS)
			read_entries(journal, kind, &reader);
		else
			json_skip(&reader);
	}
	json_leave(outer, &reader);
}

/*
 * Reads the journal of a merge.  Raises an error for what is none.
 */
void
merge_journal_read(MergeJournal *journal, text *document)
{
	const Resource *customer = &resources[RESOURCE_CUSTOMER];
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;

	json_reader_init(&outer, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));
	enter(&outer, &reader, '{');
	while (json_next_member(&reader, &name))
	{
		if (json_string_is(&name, "from"))
			journal->from = row_read_image(customer, &reader);
		else if (json_string_is(&name, "before"))
			journal->before = row_read_image(customer, &reader);
		else if (json_string_is(&name, "after"))
			journal->after = row_read_image(customer, &reader);
		else if (json_string_is(&name, "children"))
			read_children(journal, &reader);
		else if (json_string_is(&name, "departments"))
			read_uids(&journal->departments, &reader);
		else if (json_string_is(&name, "salesOrders"))
			read_uids(&journal->sales_orders, &reader);
		else if (json_string_is(&name, "serviceOrders"))
			read_uids(&journal->service_orders, &reader);
		else if (json_string_is(&name, "redirects"))
			read_uids(&journal->redirects, &reader);
		else if (json_string_is(&name, "holds"))
			read_uids(&journal->holds, &reader);
		else if (json_string_is(&name, "printJobs"))
			read_uids(&journal->print_jobs, &reader);
		else if (json_string_is(&name, "references"))
			journal->references = json_read_raw(&reader);
		else
			json_skip(&reader);
	}
	require(journal->from != NULL && journal->before != NULL && journal->after != NULL);
}
