/*-------------------------------------------------------------------------
 *
 * customer_apply.c
 *	  Second step of writing customers: applies the items in memory, each
 *	  seeing what those before it did.  Here are the rules about customers that
 *	  no field table can say.
 *
 * Nothing here touches the database.
 *
 *-------------------------------------------------------------------------
 */
#include "customer_attempt.h"
#include "core/access.h"
#include "core/attempt.h"
#include "core/normalize.h"
#include "consents.h"

/* Adds a row to the list that a map has under a key. */
void
map_add_row(StringMap *map, const char *key, Row *row)
{
	RowList    *list = map_get(map, key);

	if (list == NULL)
	{
		list = palloc0(sizeof(RowList));
		map_put(map, pstrdup(key), list);
	}
	row_list_add(list, row);
}

static RowList *
map_list(StringMap *map, const char *key)
{
	static RowList none;
	RowList    *list = map_get(map, key);

	return list ? list : &none;
}

static void
item_problem(CustomerItem *item, Reason reason, const char *member)
{
	problem_add(&item->problems, reason,
				member ? json_path_text(&item->path, member) : NULL, NULL);
}

/* Makes a customer's row findable by what it has now. */
void
note_customer(Attempt *attempt, Row *row)
{
	if (attempt->by_external_id && !row->nulls[CUSTOMER_EXTERNAL_ID])
		map_add_row(attempt->by_external_id, row_text(row, CUSTOMER_EXTERNAL_ID), row);
	if (!row->nulls[CUSTOMER_PARENT_UID])
		map_add_row(attempt->departments_of, row_text(row, CUSTOMER_PARENT_UID), row);
}

static bool
is_company(const Row *row)
{
	return strcmp(row_text(row, CUSTOMER_TYPE), "COMPANY") == 0;
}

static bool
is_department(const Row *row, const char *uid)
{
	return row->present && !row->nulls[CUSTOMER_PARENT_UID] &&
		strcmp(row_text(row, CUSTOMER_PARENT_UID), uid) == 0;
}

static bool
has_departments(Attempt *attempt, const char *uid)
{
	RowList    *departments = map_list(attempt->departments_of, uid);

	for (int i = 0; i < departments->count; i++)
	{
		if (is_department(departments->rows[i], uid))
			return true;
	}
	return map_get(attempt->stored_departments, uid) != NULL;
}

/* The rules about a customer's place under a company. */
static void
check_parent(Attempt *attempt, CustomerItem *item, const Row *row)
{
	const char *uid = row_text(row, CUSTOMER_UID);
	char	   *above = row_text(row, CUSTOMER_PARENT_UID);
	int			steps = 0;
	Row		   *parent;

	if (!gives(item, CUSTOMER_PARENT_UID) && !gives(item, CUSTOMER_TYPE))
		return;
	if (!is_company(row) && gives(item, CUSTOMER_TYPE) && has_departments(attempt, uid))
		item_problem(item, REASON_HAS_DEPARTMENTS, "customerType");
	if (above == NULL)
		return;
	if (!is_company(row))
	{
		item_problem(item, REASON_PARENT_NOT_ALLOWED,
					 gives(item, CUSTOMER_PARENT_UID) ? "customerParentUid" : "customerType");
		return;
	}
	if (!gives(item, CUSTOMER_PARENT_UID))
		return;
	if (strcmp(above, uid) == 0)
	{
		item_problem(item, REASON_PARENT_CYCLE, "customerParentUid");
		return;
	}
	parent = rowset_find(attempt->customers, above);
	if (parent == NULL || !parent->present)
	{
		problem_add_resource(&item->problems, REASON_NOT_FOUND, attempt->customers->resource,
							 json_path_text(&item->path, "customerParentUid"));
		return;
	}
	if (!is_company(parent))
	{
		item_problem(item, REASON_PARENT_NOT_COMPANY, "customerParentUid");
		return;
	}
	while ((above = row_text(parent, CUSTOMER_PARENT_UID)) != NULL)
	{
		/* rows that somebody wrote by hand can be a circle already */
		if (strcmp(above, uid) == 0 || steps++ > attempt->customers->list.count)
		{
			item_problem(item, REASON_PARENT_CYCLE, "customerParentUid");
			return;
		}
		parent = rowset_find(attempt->customers, above);
		if (parent == NULL)
		{
			/* moved before we had the lock: look again */
			raise_concurrent_change();
		}
	}
}

static void
check_reference(CustomerItem *item, int field, StringMap *existing,
				ResourceId resource)
{
	if (gives_value(item, field) &&
		map_get(existing, row_text(item->body, field)) == NULL)
		problem_add_resource(&item->problems, REASON_NOT_FOUND, &resources[resource],
							 json_path_text(&item->path, item->body->resource->fields[field].json));
}

static void
check_list(CustomerItem *item, int field, int child_field, StringMap *existing,
		   ResourceId resource)
{
	const char *name = item->body->resource->fields[field].json;
	RowList    *rows;

	if (!gives_value(item, field))
		return;
	rows = (RowList *) DatumGetPointer(item->body->values[field]);
	for (int i = 0; i < rows->count; i++)
	{
		const char *child = rows->rows[i]->resource->fields[child_field].json;

		if (map_get(existing, row_text(rows->rows[i], child_field)) == NULL)
			problem_add_resource(&item->problems, REASON_NOT_FOUND, &resources[resource],
								 json_path_text(&item->path,
												field == CUSTOMER_CONSENTS
												? psprintf("%s[%d].%s", name, i, child)
												: psprintf("%s[%d]", name, i)));
	}
}

/*
 * Puts the customer into the groups that the item lists, and no others; tells
 * whether that changed anything.
 */
static bool
apply_groups(Attempt *attempt, CustomerItem *item, const Row *customer)
{
	const char *uid = row_text(customer, CUSTOMER_UID);
	RowSet	   *members = attempt->members;
	RowList    *current = map_list(attempt->members_of, uid);
	RowList    *rows = NULL;
	int			left = 0;		/* memberships that are not confirmed */
	bool		changed = false;

	if (!gives(item, CUSTOMER_GROUP_UIDS))
		return false;
	for (int i = 0; i < current->count; i++)
	{
		left += current->rows[i]->present;
		current->rows[i]->listed = current->rows[i]->present;
		current->rows[i]->present = false;
	}
	if (gives_value(item, CUSTOMER_GROUP_UIDS))
		rows = (RowList *) DatumGetPointer(item->body->values[CUSTOMER_GROUP_UIDS]);
	for (int i = 0; rows != NULL && i < rows->count; i++)
	{
		char	   *group = row_text(rows->rows[i], MEMBER_GROUP_UID);
		Row		   *member = rowset_find2(members, group, uid);

		if (member == NULL)
		{
			member = row_create(members->resource);
			row_set_text(member, MEMBER_GROUP_UID, group);
			row_set_text(member, MEMBER_CUSTOMER_UID, uid);
			row_set(member, MEMBER_CREATED_AT, TimestampTzGetDatum(attempt->call->now));
			rowset_add(members, member);
			map_add_row(attempt->members_of, uid, member);
			changed = true;
		}
		else if (member->listed)
			left -= !member->present;
		else if (!member->present)
			changed = true;
		member->present = true;
	}
	return changed || left > 0;
}

/*
 * Does what a body says of a consent repeat what is known?  A grant that is over
 * is given anew by one that doesn't name the same end.
 */
static bool
says_the_same(const Call *call, const Row *given, const Row *latest)
{
	if (given->given[CUSTOMER_CONSENT_VALID_UNTIL] == GIVEN_NOT &&
		DatumGetBool(given->values[CUSTOMER_CONSENT_STATUS]) &&
		!latest->nulls[CUSTOMER_CONSENT_VALID_UNTIL] &&
		DatumGetTimestampTz(latest->values[CUSTOMER_CONSENT_VALID_UNTIL]) <= call->now)
		return false;
	for (int i = 0; i < given->resource->nfields; i++)
	{
		const Field *field = &given->resource->fields[i];

		if ((field->flags & WRITE) && given->given[i] != GIVEN_NOT &&
			!datum_equal(field, given->values[i], given->nulls[i], latest->values[i], latest->nulls[i]))
			return false;
	}
	return true;
}

/* Records the consents that differ from the newest ones. */
static void
apply_consents(Attempt *attempt, CustomerItem *item, const Row *customer)
{
	const char *uid = row_text(customer, CUSTOMER_UID);
	RowList    *rows;

	if (!gives_value(item, CUSTOMER_CONSENTS))
		return;
	rows = (RowList *) DatumGetPointer(item->body->values[CUSTOMER_CONSENTS]);
	for (int i = 0; i < rows->count; i++)
	{
		Row		   *given = rows->rows[i];
		char	   *consent = row_text(given, CUSTOMER_CONSENT_CONSENT_UID);
		char	   *key = psprintf("%s %s", uid, consent);
		Row		   *latest = map_get(attempt->latest_consents, key);
		Row		   *entry;

		if (latest != NULL && says_the_same(attempt->call, given, latest))
			continue;
		entry = row_copy(given);
		row_set_text(entry, CUSTOMER_CONSENT_CUSTOMER_UID, uid);
		consent_entry_complete(attempt->call, entry);
		rowset_add(attempt->consents, entry);
		map_add_row(attempt->consents_of, uid, entry);
		map_put(attempt->latest_consents, key, entry);
	}
}

/* May the caller write customers of this one's type? */
static bool
check_type(Attempt *attempt, CustomerItem *item, const Row *row)
{
	if (caller_may_write(attempt->call, row_text(row, CUSTOMER_TYPE)))
		return true;
	problem_add(&item->problems, REASON_PERMISSION_REQUIRED, NULL,
				permissions_text(PERMISSION_ADMIN, ", "));
	return false;
}

/*
 * Puts an item's values into a copy of the customer's row, or into a new one;
 * only when no rule is broken does it become the customer's.
 */
static void
apply_write(Attempt *attempt, CustomerItem *item, Row *row)
{
	Call	   *call = attempt->call;
	Problems	saved = call->problems;
	Row		   *changed;

	if (row != NULL && !row->nulls[CUSTOMER_ERASED_AT])
	{
		item_problem(item, REASON_CUSTOMER_ERASED, NULL);
		return;
	}
	if (row != NULL && !check_type(attempt, item, row))
		return;
	if (row != NULL)
		changed = row_copy(row);
	else
	{
		changed = row_create(attempt->customers->resource);
		apply_defaults(call, changed);
		if (item->given_uid == NULL)
			item->uid = MemoryContextStrdup(call->context, uid_generate());
		row_set_text(changed, CUSTOMER_UID, item->uid);
		row_set(changed, CUSTOMER_CREATED_AT, TimestampTzGetDatum(call->now));
		row_set(changed, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	}
	call->problems = item->problems;
	if (row == NULL && item->section == SECTION_UPSERT)
		decode_check_required(call, item->body, &item->path);
	apply_body(call, changed, item->body, &item->path);
	if (item->parent_uid != NULL)
		row_set_text(changed, CUSTOMER_PARENT_UID, item->parent_uid);
	if (item->redirected)
	{
		/* the id that a merged-away customer had named this one, and stays that */
		changed->values[CUSTOMER_EXTERNAL_ID] = row->values[CUSTOMER_EXTERNAL_ID];
		changed->nulls[CUSTOMER_EXTERNAL_ID] = row->nulls[CUSTOMER_EXTERNAL_ID];
	}
	item->problems = call->problems;
	call->problems = saved;
	if (item->problems.count == 0 && check_type(attempt, item, changed))
		check_parent(attempt, item, changed);
	check_reference(item, CUSTOMER_DEFAULT_STORE_UID, attempt->stores, RESOURCE_STORE);
	check_reference(item, CUSTOMER_ACCOUNT_MANAGER_UID, attempt->tenant_users, RESOURCE_TENANT_USER);
	check_list(item, CUSTOMER_GROUP_UIDS, MEMBER_GROUP_UID, attempt->groups, RESOURCE_GROUP);
	check_list(item, CUSTOMER_CONSENTS, CUSTOMER_CONSENT_CONSENT_UID, attempt->consent_kinds, RESOURCE_CONSENT);
	if (item->problems.count > 0)
		return;

	if (row == NULL)
		row = rowset_add(attempt->customers, changed);
	else if (!row_equal(row, changed))
	{
		row_set(changed, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
		memcpy(row->values, changed->values, row->resource->nfields * sizeof(Datum));
		memcpy(row->nulls, changed->nulls, row->resource->nfields * sizeof(bool));
	}
	note_customer(attempt, row);
	if (apply_groups(attempt, item, row))
		row_set(row, CUSTOMER_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	apply_consents(attempt, item, row);
}

/*
 * Had one of the customers this external id when we locked it?  Then it lost it
 * by this call, and who else looks for the id waits for us.
 */
static bool
lost_here(const RowList *rows, const char *external_id)
{
	for (int i = 0; rows != NULL && i < rows->count; i++)
	{
		const Row  *before = rows->rows[i]->before;

		if (before != NULL && !before->nulls[CUSTOMER_EXTERNAL_ID] &&
			strcmp(row_text(before, CUSTOMER_EXTERNAL_ID), external_id) == 0)
			return true;
	}
	return false;
}

/*
 * The customer that an upsert without a uid means, or NULL for a new one.  One
 * that was found but is gone or renamed now that we have its lock makes us
 * start over, and then claim the id.
 */
static Row *
resolve_external_id(Attempt *attempt, CustomerItem *item)
{
	char	   *external_id = row_text(item->body, CUSTOMER_EXTERNAL_ID);
	RowList    *rows = map_get(attempt->by_external_id, external_id);
	Row		   *match = NULL;

	for (int i = 0; rows != NULL && i < rows->count; i++)
	{
		Row		   *row = rows->rows[i];

		if (!row->present || row == match || row->nulls[CUSTOMER_EXTERNAL_ID] ||
			strcmp(row_text(row, CUSTOMER_EXTERNAL_ID), external_id) != 0)
			continue;
		if (match != NULL)
		{
			item_problem(item, REASON_EXTERNAL_ID_AMBIGUOUS, "externalId");
			return NULL;
		}
		match = row;
	}
	if (match == NULL)
	{
		const char *survivor = map_get(attempt->external_redirects, external_id);

		if (survivor != NULL && *survivor == '\0')
		{
			item_problem(item, REASON_EXTERNAL_ID_AMBIGUOUS, "externalId");
			return NULL;
		}
		match = survivor ? rowset_find(attempt->customers, survivor) : NULL;
		if (match != NULL && !match->present)
			match = NULL;
		item->redirected = match != NULL;
		if (survivor != NULL && match == NULL)
			raise_concurrent_change();
	}
	if (match != NULL)
		item->uid = MemoryContextStrdup(attempt->call->context,
										row_text(match, CUSTOMER_UID));
	else if (map_get(attempt->claimed, external_id) == NULL && !lost_here(rows, external_id))
		raise_concurrent_change();
	return match;
}

static void
apply_delete(Attempt *attempt, Row *row)
{
	const char *uid = row->key;

	RowList    *rows = map_list(attempt->departments_of, uid);

	row->present = false;
	for (int i = 0; i < rows->count; i++)
	{
		if (!is_department(rows->rows[i], uid))
			continue;
		row_set_null(rows->rows[i], CUSTOMER_PARENT_UID);
		row_set(rows->rows[i], CUSTOMER_LAST_MODIFIED_AT,
				TimestampTzGetDatum(attempt->call->now));
	}
	/* what this call planned for its children is void */
	rows = map_list(attempt->members_of, uid);
	for (int i = 0; i < rows->count; i++)
	{
		rows->rows[i]->present = false;
		rows->rows[i]->before = NULL;
	}
	rows = map_list(attempt->consents_of, uid);
	for (int i = 0; i < rows->count; i++)
		rows->rows[i]->present = false;
}

/*
 * Applies the items to what was loaded, in their order.  Each one afterwards has
 * problems, or its customer's uid and its changes in the sets of rows.
 */
void
attempt_apply(Attempt *attempt)
{
	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];
		Row		   *row = NULL;

		CHECK_FOR_INTERRUPTS();
		item->problems.count = item->decode_problems;
		item->redirected = false;
		item->uid = item->target_uid;
		if (item->decode_problems > 0)
			continue;
		if (item->uid != NULL)
			row = rowset_find(attempt->customers, item->uid);
		else if (finds_by_external_id(item))
		{
			row = resolve_external_id(attempt, item);
			if (item->problems.count > 0)
				continue;
		}
		if (row != NULL && !row->present)
			row = NULL;
		if ((item->section == SECTION_CREATE || item->section == SECTION_DELETE) &&
			item->uid != NULL && row == NULL && map_get(attempt->redirects, item->uid) != NULL)
		{
			problem_add(&item->problems, REASON_ALREADY_MERGED, NULL,
						map_get(attempt->redirects, item->uid));
			continue;
		}
		if (item->section == SECTION_CREATE && row != NULL)
			problem_add_resource(&item->problems, REASON_ALREADY_EXISTS,
								 attempt->customers->resource, NULL);
		else if (row == NULL &&
				 (item->section == SECTION_UPDATE || item->section == SECTION_DELETE))
			problem_add_resource(&item->problems, REASON_NOT_FOUND,
								 attempt->customers->resource, NULL);
		else if (item->section == SECTION_DELETE && map_get(attempt->held, item->uid) != NULL)
			item_problem(item, *(Reason *) map_get(attempt->held, item->uid), NULL);
		else if (item->section == SECTION_DELETE)
		{
			if (check_type(attempt, item, row))
				apply_delete(attempt, row);
		}
		else
			apply_write(attempt, item, row);
	}
}
