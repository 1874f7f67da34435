/*-------------------------------------------------------------------------
 *
 * merge_children.c
 *	  What hangs on a customer when it is merged into another one: each row
 *	  moves, unless the survivor has one that says the same.
 *
 * Nothing is dropped that is not there any more afterwards: a row that is
 * united with another one stays in the journal.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"
#include "core/row_json.h"
#include "merge.h"

const ChildDescription child_kinds[CHILD_KINDS] = {
	[CHILD_ADDRESS] = {RESOURCE_ADDRESS, ADDRESS_CUSTOMER_UID, "addresses", -1, 0},
	[CHILD_LINK] = {RESOURCE_LINK, LINK_CUSTOMER_UID, "contacts", LINK_CONTACT_UID, RESOURCE_CONTACT},
	[CHILD_CONTACT_EXTENSION] = {RESOURCE_CONTACT_EXTENSION, CONTACT_EXTENSION_CUSTOMER_UID, "contactExtensions", CONTACT_EXTENSION_ORGANIZATION_UID, RESOURCE_ORGANIZATION},
	[CHILD_EXTENSION] = {RESOURCE_CUSTOMER_EXTENSION, CUSTOMER_EXTENSION_CUSTOMER_UID, "extensions", CUSTOMER_EXTENSION_ORGANIZATION_UID, RESOURCE_ORGANIZATION},
	[CHILD_CONSENT] = {RESOURCE_CUSTOMER_CONSENT, CUSTOMER_CONSENT_CUSTOMER_UID, "consents", CUSTOMER_CONSENT_CONSENT_UID, RESOURCE_CONSENT},
	[CHILD_MEMBER] = {RESOURCE_MEMBER, MEMBER_CUSTOMER_UID, "groups", MEMBER_GROUP_UID, RESOURCE_GROUP},
};

/* Loads and locks what hangs on the two. */
void
merge_children_load(Merge *merge)
{
	Datum		uids[2] = {merge->to->values[CUSTOMER_UID], merge->from->values[CUSTOMER_UID]};

	for (int i = 0; i < CHILD_KINDS; i++)
	{
		merge->children[i] = rowset_create(merge->call, child_kinds[i].resource);
		rowset_load(merge->children[i], child_kinds[i].customer, uids, 2, true);
	}
}

static bool
belongs_to(const Row *row, int customer, const char *uid)
{
	return strcmp(row_text(row, customer), uid) == 0;
}

/* How strong a role is: the first one is the strongest. */
static int
role_rank(const Row *link)
{
	const char *const *roles = link->resource->fields[LINK_ROLE].allowed;
	char	   *role = row_text(link, LINK_ROLE);
	int			rank = 0;

	while (roles[rank] && strcmp(roles[rank], role) != 0)
		rank++;
	return rank;
}

/* A text that is the same for rows that are alike in what counts. */
static char *
likeness(ChildKind kind, const Row *row)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];
		bool		counts;

		if (kind == CHILD_CONSENT)
			counts = i == CUSTOMER_CONSENT_CONSENT_UID || i == CUSTOMER_CONSENT_CREATED_AT;
		else
			/* an address, whatever it is called and since when */
			counts = i != ADDRESS_CUSTOMER_UID && i != ADDRESS_UID && field_has_column(field) &&
				!(field->flags & GENERATED) && field->kind != FIELD_TIMESTAMP;
		if (!counts)
			continue;
		row_append_value(&out, row, i);
		appendStringInfoChar(&out, ',');
	}
	return out.data;
}

/* The survivor's own rows by what counts of them; the last one of those alike. */
static StringMap *
map_likenesses(Merge *merge, ChildKind kind)
{
	StringMap  *map = map_create();
	RowSet	   *set = merge->children[kind];

	for (int i = 0; i < set->list.count; i++)
	{
		Row		   *row = set->list.rows[i];

		if (belongs_to(row, child_kinds[kind].customer, merge->to_uid))
			map_put(map, likeness(kind, row), row);
	}
	return map;
}

/*
 * Of a grant and a withdrawal at the same time the withdrawal counts.  What
 * stands last counts, so the moved one gets a key that puts it where it has to
 * be.
 */
static void
order_consent(StringMap *alike, Row *moved)
{
	const Row  *other = map_get(alike, likeness(CHILD_CONSENT, moved));
	bool		given = DatumGetBool(moved->values[CUSTOMER_CONSENT_STATUS]);
	int			order;

	if (other == NULL || DatumGetBool(other->values[CUSTOMER_CONSENT_STATUS]) == given)
		return;
	order = compare_texts(moved->values[CUSTOMER_CONSENT_ENTRY_UID], other->values[CUSTOMER_CONSENT_ENTRY_UID]);
	if (given && order >= 0)
		row_set_text(moved, CUSTOMER_CONSENT_ENTRY_UID, psprintf("-%s", uid_generate()));
	else if (!given && order <= 0)
		row_set_text(moved, CUSTOMER_CONSENT_ENTRY_UID, psprintf("z%s", uid_generate()));
}

/* The survivor's row that says what a row of the duplicate says, or NULL. */
static Row *
find_equal(RowSet *set, ChildKind kind, StringMap *alike, const Row *moved)
{
	if (kind == CHILD_ADDRESS)
		return map_get(alike, likeness(kind, moved));
	if (kind == CHILD_CONSENT)
		return NULL;			/* history is kept whole */
	return rowset_find(set, row_make_key(moved));
}

static void
append_entry(Merge *merge, int n, const Row *row, const Row *now, const Row *kept_before)
{
	StringInfo	out = &merge->journal;

	appendStringInfoString(out, n > 0 ? ",{\"row\":" : "{\"row\":");
	row_append_image(out, row);
	appendStringInfoString(out, ",\"now\":");
	row_append_image(out, now);
	if (kept_before != NULL)
	{
		appendStringInfoString(out, ",\"kept\":");
		row_append_image(out, kept_before);
	}
	appendStringInfoChar(out, '}');
}

/* Moves one row, or unites it with one of the survivor's; true when it moved. */
static bool
move_child(Merge *merge, ChildKind kind, StringMap *alike, Row *row, int n)
{
	RowSet	   *set = merge->children[kind];
	Row		   *moved = row_copy(row);
	Row		   *equal;

	row->present = false;
	row_set_text(moved, child_kinds[kind].customer, merge->to_uid);
	equal = find_equal(set, kind, alike, moved);
	if (equal != NULL)
	{
		Row		   *before = row_copy(equal);

		if (kind == CHILD_LINK && role_rank(moved) < role_rank(equal))
			equal->values[LINK_ROLE] = moved->values[LINK_ROLE];
		append_entry(merge, n, row, equal, before);
		if (kind == CHILD_MEMBER)
			total_add(merge->call, TOTAL_MEMBER, row_text(row, MEMBER_GROUP_UID), -1);
		return false;
	}
	if (kind == CHILD_CONSENT)
		order_consent(alike, moved);
	/* another row of the survivor can have the uid of its own */
	while (rowset_find(set, row_make_key(moved)) != NULL)
		row_set_text(moved, kind == CHILD_CONSENT ? CUSTOMER_CONSENT_ENTRY_UID : ADDRESS_UID,
					 uid_generate());
	rowset_add(set, moved);
	if (kind == CHILD_ADDRESS)
		map_put(alike, likeness(kind, moved), moved);
	append_entry(merge, n, row, moved, NULL);
	return true;
}

/* Moves everything in memory, and writes it down in journal and report. */
void
merge_children_apply(Merge *merge)
{
	appendStringInfoString(&merge->journal, ",\"children\":{");
	for (int kind = 0; kind < CHILD_KINDS; kind++)
	{
		RowSet	   *set = merge->children[kind];
		int			loaded = set->list.count;
		StringMap  *alike = NULL;
		int			moved = 0;
		int			united = 0;

		if (kind == CHILD_ADDRESS || kind == CHILD_CONSENT)
			alike = map_likenesses(merge, kind);
		appendStringInfo(&merge->journal, "%s\"%s\":[", kind > 0 ? "," : "",
						 child_kinds[kind].name);
		for (int i = 0; i < loaded; i++)
		{
			Row		   *row = set->list.rows[i];

			CHECK_FOR_INTERRUPTS();
			if (!belongs_to(row, child_kinds[kind].customer, merge->from_uid))
				continue;
			if (move_child(merge, kind, alike, row, moved + united))
				moved++;
			else
				united++;
		}
		appendStringInfoChar(&merge->journal, ']');
		appendStringInfo(&merge->counts, "%s\"%s\":{\"moved\":%d,\"united\":%d}",
						 merge->counts.len > 0 ? "," : "", child_kinds[kind].name, moved, united);
	}
	appendStringInfoChar(&merge->journal, '}');
}

/*
 * Writes the rows of all kinds: extensions of contacts refer to links, so they
 * go first and come last.
 */
void
flush_children(RowSet **children)
{
	rowset_flush_deletes(children[CHILD_CONTACT_EXTENSION]);
	for (int kind = 0; kind < CHILD_KINDS; kind++)
	{
		if (kind != CHILD_CONTACT_EXTENSION)
			rowset_flush(children[kind]);
	}
	rowset_flush_changes(children[CHILD_CONTACT_EXTENSION]);
}
