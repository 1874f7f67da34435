/*-------------------------------------------------------------------------
 *
 * customer_write.c
 *	  Creates, updates, upserts and deletes customers, any number at once.
 *
 * All rows that the items are about are loaded and locked together.  Then
 * the items are applied to them in memory, in the order given, so that each
 * sees what those before it did; an item that breaks a rule gets its problems
 * and changes nothing.  At the end everything is written with a fixed number
 * of statements.  A single create is a list of one.
 *
 * It knows the rules about customers, and nothing of requests and answers.
 *
 *-------------------------------------------------------------------------
 */
#include "customer_write.h"
#include "core/attempt.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/plan.h"

/* What one attempt to write a list of items knows. */
typedef struct Attempt
{
	Call	   *call;
	CustomerItem *items;
	int			nitems;
	RowSet	   *customers;
	RowSet	   *members;
	RowSet	   *consents;		/* new entries only */
	StringMap  *stores;
	StringMap  *tenant_users;
	StringMap  *groups;
	StringMap  *consent_kinds;
	StringMap  *by_external_id; /* to a RowList; NULL when nobody asks */
	StringMap  *latest_consents;	/* "customer consent" to the newest Row */
	StringMap  *stored_departments; /* parent to a department not loaded */
	/* to RowLists of loaded and new rows that are, or once were, a */
	StringMap  *departments_of;
	StringMap  *members_of;		/* customer's */
	StringMap  *consents_of;
	Datum	   *claims;
	int			nclaims;
} Attempt;

/* Texts that are being collected. */
typedef struct TextList
{
	Datum	   *values;
	int			count;
	int			room;
} TextList;

static void
text_list_add(TextList *list, Datum value)
{
	if (list->count == list->room)
	{
		list->room = Max(16, list->room * 2);
		list->values = list->values == NULL
			? palloc(list->room * sizeof(Datum))
			: repalloc(list->values, list->room * sizeof(Datum));
	}
	list->values[list->count++] = value;
}

static void
map_add(StringMap *map, const char *key, Row *row)
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

static bool
gives(const CustomerItem *item, int field)
{
	return item->body->given[field] == GIVEN_RIGHT;
}

static bool
gives_value(const CustomerItem *item, int field)
{
	return gives(item, field) && !item->body->nulls[field];
}

static bool
finds_by_external_id(const CustomerItem *item)
{
	return item->section == SECTION_UPSERT && item->given_uid == NULL &&
		gives_value(item, CUSTOMER_EXTERNAL_ID);
}

static void
item_problem(CustomerItem *item, Reason reason, const char *member)
{
	problem_add(&item->problems, reason,
				member ? json_path_text(&item->path, member) : NULL, NULL);
}

/*
 * Reads an item's body.  What is wrong with it goes to the item's own
 * problems.  For a delete only the uid counts.  item->given_uid may be set
 * already, then it holds, and not what the body says.
 */
void
customer_item_decode(Call *call, CustomerItem *item, JsonReader *reader)
{
	Problems	saved = call->problems;

	problems_init(&call->problems, call->context);
	item->body = decode_row(call, &resources[RESOURCE_CUSTOMER],
							item->section == SECTION_DELETE ? WRITE | KEY : WRITE,
							reader, &item->path);
	if (item->section == SECTION_CREATE)
		decode_check_required(call, item->body, &item->path);
	if (item->given_uid != NULL)
		;						/* the address said it */
	else if (gives_value(item, CUSTOMER_UID))
		item->given_uid = row_text(item->body, CUSTOMER_UID);
	else if ((item->section == SECTION_UPDATE || item->section == SECTION_DELETE) &&
			 item->body->given[CUSTOMER_UID] != GIVEN_WRONG)
		problem_add(&call->problems, REASON_MISSING,
					json_path_text(&item->path, "customerUid"), NULL);
	if (gives_value(item, CUSTOMER_CONSENTS))
	{
		RowList    *rows = (RowList *) DatumGetPointer(item->body->values[CUSTOMER_CONSENTS]);
		JsonPath	name = {&item->path, "consents", strlen("consents"), 0};

		for (int i = 0; i < rows->count; i++)
		{
			JsonPath	element = {.parent = &name, .index = i};

			decode_check_required(call, rows->rows[i], &element);
		}
	}
	if (call->problems.count > 0)
	{
		/* see also what only shows when the fields are put together */
		Row		   *scratch = row_create(&resources[RESOURCE_CUSTOMER]);

		apply_defaults(call, scratch);
		apply_body(call, scratch, item->body, &item->path);
	}
	item->problems = call->problems;
	item->decode_problems = item->problems.count;
	call->problems = saved;
}

/* ---------------------------------------------------------------------
 * Loading
 * --------------------------------------------------------------------- */

/* Makes a customer's row findable by what it has now. */
static void
note_customer(Attempt *attempt, Row *row)
{
	if (attempt->by_external_id && !row->nulls[CUSTOMER_EXTERNAL_ID])
		map_add(attempt->by_external_id, row_text(row, CUSTOMER_EXTERNAL_ID), row);
	if (!row->nulls[CUSTOMER_PARENT_UID])
		map_add(attempt->departments_of, row_text(row, CUSTOMER_PARENT_UID), row);
}

static void
find_external_ids(Attempt *attempt, const Datum *external_ids, int count,
				  TextList *uids, StringMap *found)
{
	PlanKey		key = {.statement = STATEMENT_EXTERNAL_ID_FIND};
	Datum		arguments[2];
	uint64		nrows;

	if (count == 0)
		return;
	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(external_ids, count);
	nrows = plan_execute(&key, 2, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		char	   *external_id = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1);
		bool		isnull;

		map_put(found, external_id, external_id);
		text_list_add(uids, SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));
	}
}

/*
 * Finds the customers that upserts name by their external id.  Those that
 * nobody has are claimed, so that of two writers who would create the same
 * customer the second waits, and then finds it.
 */
static void
load_external_ids(Attempt *attempt, TextList *uids)
{
	TextList	wanted = {0};
	TextList	missing = {0};
	StringMap  *found = map_create();

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems == 0 && finds_by_external_id(item))
			text_list_add(&wanted, item->body->values[CUSTOMER_EXTERNAL_ID]);
	}
	if (wanted.count == 0)
		return;
	attempt->by_external_id = map_create();
	wanted.count = sort_unique_texts(wanted.values, wanted.count);
	find_external_ids(attempt, wanted.values, wanted.count, uids, found);
	for (int i = 0; i < wanted.count; i++)
	{
		if (map_get(found, TextDatumGetCString(wanted.values[i])) == NULL)
			text_list_add(&missing, wanted.values[i]);
	}
	if (missing.count > 0)
	{
		PlanKey		key = {.statement = STATEMENT_EXTERNAL_ID_CLAIM};
		Datum		arguments[2];

		arguments[0] = attempt->call->tenant;
		arguments[1] = text_array(missing.values, missing.count);
		(void) plan_execute(&key, 2, arguments, NULL, false);
		attempt->claims = missing.values;
		attempt->nclaims = missing.count;
		find_external_ids(attempt, missing.values, missing.count, uids, found);
	}
}

/* Adds the parents that items name, and everything above them. */
static void
load_ancestors(Attempt *attempt, TextList *uids)
{
	PlanKey		key = {.statement = STATEMENT_ANCESTORS};
	TextList	parents = {0};
	Datum		arguments[2];
	uint64		nrows;

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems == 0 && gives_value(item, CUSTOMER_PARENT_UID))
			text_list_add(&parents, item->body->values[CUSTOMER_PARENT_UID]);
	}
	if (parents.count == 0)
		return;
	parents.count = sort_unique_texts(parents.values, parents.count);
	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(parents.values, parents.count);
	nrows = plan_execute(&key, 2, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
	{
		bool		isnull;

		text_list_add(uids, SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
										  1, &isnull));
	}
}

static StringMap *
load_references(Attempt *attempt, int field, int child_field, ResourceId resource)
{
	TextList	uids = {0};

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems > 0 || !gives_value(item, field))
			continue;
		if (child_field < 0)
			text_list_add(&uids, item->body->values[field]);
		else
		{
			RowList    *rows = (RowList *) DatumGetPointer(item->body->values[field]);

			for (int j = 0; j < rows->count; j++)
				text_list_add(&uids, rows->rows[j]->values[child_field]);
		}
	}
	return existing_uids(attempt->call, resource, uids.values, uids.count);
}

/* What stored customers have now of the children that items change. */
static void
load_children(Attempt *attempt)
{
	TextList	with_groups = {0};
	TextList	with_consents = {0};
	TextList	losing_type = {0};

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];
		RowList    *rows = NULL;
		Row		   *single;

		if (item->decode_problems > 0)
			continue;
		if (item->given_uid != NULL)
		{
			single = rowset_find(attempt->customers, item->given_uid);
			rows = palloc0(sizeof(RowList));
			if (single != NULL)
				row_list_add(rows, single);
		}
		else if (finds_by_external_id(item))
			rows = map_get(attempt->by_external_id,
						   row_text(item->body, CUSTOMER_EXTERNAL_ID));
		for (int j = 0; rows != NULL && j < rows->count; j++)
		{
			Row		   *row = rows->rows[j];

			if (gives(item, CUSTOMER_GROUP_UIDS))
				text_list_add(&with_groups, row->values[CUSTOMER_UID]);
			if (gives_value(item, CUSTOMER_CONSENTS) && item->writes_consents)
				text_list_add(&with_consents, row->values[CUSTOMER_UID]);
			if (gives_value(item, CUSTOMER_TYPE) &&
				strcmp(row_text(item->body, CUSTOMER_TYPE), "COMPANY") != 0)
				text_list_add(&losing_type, row->values[CUSTOMER_UID]);
		}
	}
	with_groups.count = sort_unique_texts(with_groups.values, with_groups.count);
	rowset_load(attempt->members, MEMBER_CUSTOMER_UID, with_groups.values,
				with_groups.count, true);
	for (int i = 0; i < attempt->members->list.count; i++)
	{
		Row		   *member = attempt->members->list.rows[i];

		map_add(attempt->members_of, row_text(member, MEMBER_CUSTOMER_UID), member);
	}
	if (with_consents.count > 0)
	{
		RowBlock   *block;
		int			nfields = resources[RESOURCE_CUSTOMER_CONSENT].nfields;

		with_consents.count = sort_unique_texts(with_consents.values, with_consents.count);
		block = read_rows(attempt->call, RESOURCE_CUSTOMER_CONSENT, ANSWER,
						  CUSTOMER_CONSENT_CUSTOMER_UID, with_consents.values,
						  with_consents.count);
		/* in order of time, so the newest one stays in the map */
		for (int i = 0; i < block->nrows; i++)
		{
			Row		   *row = row_create(block->resource);

			memcpy(row->values, block->values + i * nfields, nfields * sizeof(Datum));
			memcpy(row->nulls, block->nulls + i * nfields, nfields * sizeof(bool));
			map_put(attempt->latest_consents,
					psprintf("%s %s", row_text(row, CUSTOMER_CONSENT_CUSTOMER_UID),
							 row_text(row, CUSTOMER_CONSENT_CONSENT_UID)), row);
		}
	}
	if (losing_type.count > 0)
	{
		PlanKey		key = {.statement = STATEMENT_HAVE_DEPARTMENTS};
		Datum		arguments[2];
		uint64		nrows;

		losing_type.count = sort_unique_texts(losing_type.values, losing_type.count);
		arguments[0] = attempt->call->tenant;
		arguments[1] = text_array(losing_type.values, losing_type.count);
		nrows = plan_execute(&key, 2, arguments, NULL, false);
		for (uint64 i = 0; i < nrows; i++)
		{
			HeapTuple	tuple = SPI_tuptable->vals[i];
			char	   *child = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1);
			char	   *parent = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2);

			/* one of which we know nothing better is enough */
			if (rowset_find(attempt->customers, child) == NULL)
				map_put(attempt->stored_departments, parent, child);
		}
	}
}

static void
attempt_load(Attempt *attempt)
{
	TextList	uids = {0};
	bool		deletes = false;

	load_external_ids(attempt, &uids);
	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems > 0 || item->given_uid == NULL)
			continue;
		text_list_add(&uids, CStringGetTextDatum(item->given_uid));
		deletes |= item->section == SECTION_DELETE;
	}
	load_ancestors(attempt, &uids);
	uids.count = sort_unique_texts(uids.values, uids.count);
	rowset_load(attempt->customers, CUSTOMER_UID, uids.values, uids.count, deletes);
	for (int i = 0; i < attempt->customers->list.count; i++)
		note_customer(attempt, attempt->customers->list.rows[i]);
	attempt->stores = load_references(attempt, CUSTOMER_DEFAULT_STORE_UID, -1, RESOURCE_STORE);
	attempt->tenant_users = load_references(attempt, CUSTOMER_ACCOUNT_MANAGER_UID, -1, RESOURCE_TENANT_USER);
	attempt->groups = load_references(attempt, CUSTOMER_GROUP_UIDS, MEMBER_GROUP_UID, RESOURCE_GROUP);
	attempt->consent_kinds = load_references(attempt, CUSTOMER_CONSENTS, CUSTOMER_CONSENT_CONSENT_UID, RESOURCE_CONSENT);
	load_children(attempt);
}

/* ---------------------------------------------------------------------
 * Applying, in memory
 * --------------------------------------------------------------------- */

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
		CHECK_FOR_INTERRUPTS();
		if (strcmp(above, uid) == 0)
		{
			item_problem(item, REASON_PARENT_CYCLE, "customerParentUid");
			return;
		}
		parent = rowset_find(attempt->customers, above);
		if (parent == NULL)
		{
			/* moved before we had the lock: look again */
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("customers were moved by a concurrent transaction")));
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
			map_add(attempt->members_of, uid, member);
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

/* Records the consents that differ from the newest ones. */
static void
apply_consents(Attempt *attempt, CustomerItem *item, const Row *customer)
{
	const char *uid = row_text(customer, CUSTOMER_UID);
	RowList    *rows;

	if (!gives_value(item, CUSTOMER_CONSENTS) || !item->writes_consents)
		return;
	rows = (RowList *) DatumGetPointer(item->body->values[CUSTOMER_CONSENTS]);
	for (int i = 0; i < rows->count; i++)
	{
		Row		   *given = rows->rows[i];
		char	   *consent = row_text(given, CUSTOMER_CONSENT_CONSENT_UID);
		char	   *key = psprintf("%s %s", uid, consent);
		Row		   *latest = map_get(attempt->latest_consents, key);
		const Field *fields = given->resource->fields;
		Row		   *entry;

		if (latest != NULL &&
			datum_equal(&fields[CUSTOMER_CONSENT_STATUS],
						latest->values[CUSTOMER_CONSENT_STATUS], false,
						given->values[CUSTOMER_CONSENT_STATUS], false) &&
			datum_equal(&fields[CUSTOMER_CONSENT_SOURCE],
						latest->values[CUSTOMER_CONSENT_SOURCE], latest->nulls[CUSTOMER_CONSENT_SOURCE],
						given->values[CUSTOMER_CONSENT_SOURCE], given->nulls[CUSTOMER_CONSENT_SOURCE]))
			continue;
		entry = row_copy(given);
		row_set_text(entry, CUSTOMER_CONSENT_CUSTOMER_UID, uid);
		row_set_text(entry, CUSTOMER_CONSENT_ENTRY_UID, uid_generate());
		row_set(entry, CUSTOMER_CONSENT_CREATED_AT, TimestampTzGetDatum(attempt->call->now));
		rowset_add(attempt->consents, entry);
		map_add(attempt->consents_of, uid, entry);
		map_put(attempt->latest_consents, key, entry);
	}
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
	item->problems = call->problems;
	call->problems = saved;
	if (item->problems.count == 0)
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

/* The customer that an upsert without a uid means, or NULL for a new one. */
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
	if (match != NULL)
		item->uid = MemoryContextStrdup(attempt->call->context,
										row_text(match, CUSTOMER_UID));
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

static void
attempt_apply(Attempt *attempt)
{
	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];
		Row		   *row = NULL;

		CHECK_FOR_INTERRUPTS();
		item->problems.count = item->decode_problems;
		item->uid = item->given_uid;
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
		if (item->section == SECTION_CREATE && row != NULL)
			problem_add_resource(&item->problems, REASON_ALREADY_EXISTS,
								 attempt->customers->resource, NULL);
		else if (row == NULL &&
				 (item->section == SECTION_UPDATE || item->section == SECTION_DELETE))
			problem_add_resource(&item->problems, REASON_NOT_FOUND,
								 attempt->customers->resource, NULL);
		else if (item->section == SECTION_DELETE)
			apply_delete(attempt, row);
		else
			apply_write(attempt, item, row);
	}
}

/* ---------------------------------------------------------------------
 * Writing
 * --------------------------------------------------------------------- */

static void
add_group_delta(StringMap *deltas, TextList *groups, const char *group, int64 amount)
{
	int64	   *delta = map_get(deltas, group);

	if (delta == NULL)
	{
		delta = palloc0(sizeof(int64));
		map_put(deltas, pstrdup(group), delta);
		text_list_add(groups, CStringGetTextDatum(group));
	}
	*delta += amount;
}

/* Removes everything that hangs on customers that are about to go. */
static void
delete_children(Attempt *attempt, const TextList *uids, StringMap *deltas, TextList *groups)
{
	static const struct
	{
		ResourceId	resource;
		int			field;
	}			children[] = {
		{RESOURCE_CONTACT_EXTENSION, CONTACT_EXTENSION_CUSTOMER_UID},
		{RESOURCE_LINK, LINK_CUSTOMER_UID},
		{RESOURCE_CUSTOMER_EXTENSION, CUSTOMER_EXTENSION_CUSTOMER_UID},
		{RESOURCE_CUSTOMER_CONSENT, CUSTOMER_CONSENT_CUSTOMER_UID},
		{RESOURCE_ADDRESS, ADDRESS_CUSTOMER_UID},
		{RESOURCE_MEMBER, MEMBER_CUSTOMER_UID},
	};
	static const Statement orphaning[] = {
		STATEMENT_ORPHAN_SALES_ORDERS, STATEMENT_ORPHAN_SERVICE_ORDERS
	};
	PlanKey		key = {.statement = STATEMENT_COUNT_MEMBERS};
	Datum		arguments[3];
	uint64		nrows;

	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(uids->values, uids->count);
	arguments[2] = TimestampTzGetDatum(attempt->call->now);
	nrows = plan_execute(&key, 2, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;

		add_group_delta(deltas, groups, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1),
						-DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull)));
	}
	for (int i = 0; i < (int) lengthof(children); i++)
	{
		PlanKey		child = {.statement = STATEMENT_DELETE_CHILDREN,
		.resource = children[i].resource, .detail = children[i].field};

		(void) plan_execute(&child, 2, arguments, NULL, false);
	}
	for (int i = 0; i < (int) lengthof(orphaning); i++)
	{
		key.statement = orphaning[i];
		(void) plan_execute(&key, 2, arguments, NULL, false);
	}
	key.statement = STATEMENT_ORPHAN_DEPARTMENTS;
	(void) plan_execute(&key, 3, arguments, NULL, false);
}

static void
attempt_write(Attempt *attempt)
{
	Call	   *call = attempt->call;
	TextList	deleted = {0};
	TextList	groups = {0};
	StringMap  *deltas = map_create();
	Datum	   *amounts;

	for (int i = 0; i < attempt->customers->list.count; i++)
	{
		Row		   *row = attempt->customers->list.rows[i];

		if (row->before != NULL && !row->present)
			text_list_add(&deleted, row->values[CUSTOMER_UID]);
	}
	if (deleted.count > 0)
		delete_children(attempt, &deleted, deltas, &groups);
	rowset_flush(attempt->customers);
	rowset_flush(attempt->members);
	rowset_flush(attempt->consents);

	for (int i = 0; i < attempt->members->list.count; i++)
	{
		Row		   *member = attempt->members->list.rows[i];
		int			change = (int) member->present - (member->before != NULL);

		if (change != 0)
			add_group_delta(deltas, &groups, row_text(member, MEMBER_GROUP_UID), change);
	}
	groups.count = sort_unique_texts(groups.values, groups.count);
	amounts = palloc(Max(groups.count, 1) * sizeof(Datum));
	for (int i = 0; i < groups.count; i++)
		amounts[i] = Int64GetDatum(*(int64 *) map_get(deltas, TextDatumGetCString(groups.values[i])));
	if (attempt->nclaims > 0)
	{
		PlanKey		key = {.statement = STATEMENT_EXTERNAL_ID_RELEASE};
		Datum		arguments[2];

		arguments[0] = call->tenant;
		arguments[1] = text_array(attempt->claims, attempt->nclaims);
		(void) plan_execute(&key, 2, arguments, NULL, false);
	}
	total_add(call, TOTAL_CUSTOMER, "",
			  attempt->customers->inserted - attempt->customers->deleted);
	total_add_many(call, TOTAL_MEMBER, groups.values, amounts, groups.count);
}

typedef struct Work
{
	Call	   *call;
	CustomerItem *items;
	int			nitems;
} Work;

/* One attempt, for attempt(); items with problems do not undo the others. */
static bool
run_attempt(void *argument)
{
	Work	   *work = argument;
	Attempt		state = {.call = work->call, .items = work->items, .nitems = work->nitems};

	state.customers = rowset_create(work->call, RESOURCE_CUSTOMER);
	state.members = rowset_create(work->call, RESOURCE_MEMBER);
	state.consents = rowset_create(work->call, RESOURCE_CUSTOMER_CONSENT);
	state.latest_consents = map_create();
	state.stored_departments = map_create();
	state.departments_of = map_create();
	state.members_of = map_create();
	state.consents_of = map_create();
	attempt_load(&state);
	attempt_apply(&state);
	attempt_write(&state);
	return true;
}

/*
 * Carries out items in the order given.  Afterwards each one has problems, or
 * has been done and has the uid of its customer.  The tenant must have been
 * loaded.
 *
 * Everything is checked beforehand, so the database refuses something only
 * when a concurrent writer came first, then we look again, or when there is a
 * rule that we don't know, a constraint that somebody added: then the list is
 * halved until the item is found, and the others are done.
 */
void
customers_write(Call *call, CustomerItem *items, int nitems)
{
	Work		work = {call, items, nitems};
	Outcome		outcome = OUTCOME_AGAIN;
	ErrorData  *error;

	for (int i = 0; i < MAX_ATTEMPTS && outcome == OUTCOME_AGAIN; i++)
	{
		CHECK_FOR_INTERRUPTS();
		outcome = attempt(run_attempt, &work, &error);
	}
	if (outcome == OUTCOME_DONE)
		return;
	if (outcome == OUTCOME_ERROR)
		ReThrowError(error);
	if (nitems > 1)
	{
		customers_write(call, items, nitems / 2);
		customers_write(call, items + nitems / 2, nitems - nitems / 2);
		return;
	}
	if (items[0].problems.count == 0)
		problem_add(&items[0].problems, REASON_CONFLICT, NULL, NULL);
}
