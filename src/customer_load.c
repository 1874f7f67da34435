/*-------------------------------------------------------------------------
 *
 * customer_load.c
 *	  First step of writing customers: finds and locks every row that the
 *	  items name, whatever their number, with a fixed number of statements.
 *
 * All locks on customers are taken here, in the order of their uids, before
 * anything is written: that is what keeps writers from deadlocking.
 *
 *-------------------------------------------------------------------------
 */
#include "customer_attempt.h"
#include "core/attempt.h"
#include "core/page.h"
#include "core/plan.h"
#include "core/redirect.h"

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
		char	   *external_id = TextDatumGetCString(result_text(i, 1));

		map_put(found, external_id, external_id);
		text_list_add(uids, result_text(i, 2));
	}
}

/*
 * Finds customers that are known by external ids of merged-away ones, "" for
 * several.  Gives how many of the ids are left, which nobody has or had.
 */
static int
find_external_redirects(Attempt *attempt, Datum *external_ids, int count, TextList *uids)
{
	PlanKey		key = {.statement = STATEMENT_REDIRECT_EXTERNAL_ID};
	Datum		arguments[2];
	uint64		nrows;
	int			left = 0;

	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(external_ids, count);
	nrows = plan_execute(&key, 2, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
	{
		char	   *external_id = TextDatumGetCString(result_text(i, 1));
		bool		several = map_get(attempt->external_redirects, external_id) != NULL;

		map_put(attempt->external_redirects, external_id,
				several ? pstrdup("") : TextDatumGetCString(result_text(i, 2)));
		text_list_add(uids, result_text(i, 2));
	}
	for (int i = 0; i < count; i++)
	{
		if (map_get(attempt->external_redirects, TextDatumGetCString(external_ids[i])) == NULL)
			external_ids[left++] = external_ids[i];
	}
	return left;
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
	attempt->claimed = map_create();
	attempt->external_redirects = map_create();
	wanted.count = sort_unique_texts(wanted.values, wanted.count);
	find_external_ids(attempt, wanted.values, wanted.count, uids, found);
	for (int i = 0; i < wanted.count; i++)
	{
		if (map_get(found, TextDatumGetCString(wanted.values[i])) == NULL)
			text_list_add(&missing, wanted.values[i]);
	}
	if (missing.count > 0)
		missing.count = find_external_redirects(attempt, missing.values, missing.count, uids);
	if (missing.count > 0)
	{
		PlanKey		key = {.statement = STATEMENT_EXTERNAL_ID_CLAIM};
		Datum		arguments[2];

		arguments[0] = attempt->call->tenant;
		arguments[1] = text_array(missing.values, missing.count);
		(void) plan_execute(&key, 2, arguments, NULL, false);
		for (int i = 0; i < missing.count; i++)
		{
			char	   *claimed = TextDatumGetCString(missing.values[i]);

			map_put(attempt->claimed, claimed, claimed);
		}
		attempt->claims = missing.values;
		attempt->nclaims = missing.count;
		find_external_ids(attempt, missing.values, missing.count, uids, found);
		if (IsolationUsesXactSnapshot())
		{
			/* our snapshot does not show what was committed while we waited */
			key.statement = STATEMENT_EXTERNAL_ID_FIND;
			if (plan_execute_latest(&key, 2, arguments) > 0)
				raise_concurrent_change();
		}
	}
}

/* The uids of the customers that are to be deleted, sorted. */
static TextList
uids_to_delete(const Attempt *attempt)
{
	TextList	uids = {0};

	for (int i = 0; i < attempt->nitems; i++)
	{
		const CustomerItem *item = &attempt->items[i];

		if (item->decode_problems == 0 && item->section == SECTION_DELETE)
			text_list_add(&uids, CStringGetTextDatum(item->given_uid));
	}
	uids.count = sort_unique_texts(uids.values, uids.count);
	return uids;
}

/*
 * Adds the parents that items name, with everything above them, and the
 * departments of customers that are to be deleted: they lose their parent.
 */
static void
load_relatives(Attempt *attempt, TextList *uids)
{
	TextList	parents = {0};
	TextList	deleted = uids_to_delete(attempt);

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems == 0 && gives_value(item, CUSTOMER_PARENT_UID))
			text_list_add(&parents, item->body->values[CUSTOMER_PARENT_UID]);
	}
	parents.count = sort_unique_texts(parents.values, parents.count);
	add_found(attempt->call, STATEMENT_ANCESTORS, parents.values, parents.count, uids);
	add_found(attempt->call, STATEMENT_HAVE_DEPARTMENTS, deleted.values, deleted.count, uids);
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

/* Who of those that are to be deleted has to be kept, now that they are locked. */
static void
load_holds(Attempt *attempt)
{
	PlanKey		key = {.statement = STATEMENT_CUSTOMERS_HELD};
	TextList	deleted = uids_to_delete(attempt);
	Datum		arguments[3];
	uint64		nrows;

	if (deleted.count == 0)
		return;
	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(deleted.values, deleted.count);
	arguments[2] = TimestampTzGetDatum(attempt->call->now);
	nrows = plan_execute(&key, 3, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		Reason	   *reason = palloc(sizeof(Reason));

		*reason = DatumGetBool(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull))
			? REASON_ERASURE_QUEUED : REASON_CUSTOMER_HELD;
		map_put(attempt->held, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1), reason);
	}
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
		if (item->target_uid != NULL)
		{
			single = rowset_find(attempt->customers, item->target_uid);
			rows = palloc0(sizeof(RowList));
			if (single != NULL)
				row_list_add(rows, single);
		}
		else if (finds_by_external_id(item))
			/* an earlier item can give any of them the external id */
			rows = &attempt->customers->list;
		for (int j = 0; rows != NULL && j < rows->count; j++)
		{
			Row		   *row = rows->rows[j];

			if (gives(item, CUSTOMER_GROUP_UIDS))
				text_list_add(&with_groups, row->values[CUSTOMER_UID]);
			if (gives_value(item, CUSTOMER_CONSENTS))
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

		map_add_row(attempt->members_of, row_text(member, MEMBER_CUSTOMER_UID), member);
	}
	if (with_consents.count > 0)
	{
		RowBlock   *block;
		int			nfields = resources[RESOURCE_CUSTOMER_CONSENT].nfields;

		with_consents.count = sort_unique_texts(with_consents.values, with_consents.count);
		block = read_rows(attempt->call, RESOURCE_CUSTOMER_CONSENT, VIEW_HISTORY,
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

/*
 * Where items name customers that were merged away, lets them mean those that
 * are left, and loads these.  To create or to delete one by such a uid is no way
 * to mean it.  These locks are out of order; if that makes a deadlock, the next
 * attempt starts over.
 */
static void
resolve_redirects(Attempt *attempt)
{
	TextList	missing = {0};
	TextList	survivors = {0};
	TextList	loaded = {0};

	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		item->target_uid = item->given_uid;
		item->parent_uid = NULL;
		if (item->decode_problems > 0)
			continue;
		if (item->given_uid != NULL && rowset_find(attempt->customers, item->given_uid) == NULL)
			text_list_add(&missing, CStringGetTextDatum(item->given_uid));
		if (gives_value(item, CUSTOMER_PARENT_UID) &&
			rowset_find(attempt->customers, row_text(item->body, CUSTOMER_PARENT_UID)) == NULL)
			text_list_add(&missing, item->body->values[CUSTOMER_PARENT_UID]);
	}
	missing.count = sort_unique_texts(missing.values, missing.count);
	attempt->redirects = redirects_find(attempt->call, missing.values, missing.count);
	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];
		char	   *survivor;

		if (item->decode_problems > 0)
			continue;
		/* what has to be there can have come back while we looked where it led */
		if (item->section == SECTION_UPDATE && rowset_find(attempt->customers, item->given_uid) == NULL)
			text_list_add(&survivors, CStringGetTextDatum(item->given_uid));
		if (gives_value(item, CUSTOMER_PARENT_UID) &&
			rowset_find(attempt->customers, row_text(item->body, CUSTOMER_PARENT_UID)) == NULL)
			text_list_add(&survivors, item->body->values[CUSTOMER_PARENT_UID]);
		if (item->given_uid != NULL &&
			(item->section == SECTION_UPDATE || item->section == SECTION_UPSERT) &&
			(survivor = map_get(attempt->redirects, item->given_uid)) != NULL)
		{
			item->target_uid = MemoryContextStrdup(attempt->call->context, survivor);
			text_list_add(&survivors, CStringGetTextDatum(survivor));
		}
		if (gives_value(item, CUSTOMER_PARENT_UID) &&
			(survivor = map_get(attempt->redirects, row_text(item->body, CUSTOMER_PARENT_UID))) != NULL)
		{
			item->parent_uid = survivor;
			text_list_add(&survivors, CStringGetTextDatum(survivor));
		}
	}
	if (survivors.count == 0)
		return;
	survivors.count = sort_unique_texts(survivors.values, survivors.count);
	add_found(attempt->call, STATEMENT_ANCESTORS, survivors.values, survivors.count, &loaded);
	load_relatives(attempt, &loaded);
	loaded.count = sort_unique_texts(loaded.values, loaded.count);
	rowset_load(attempt->customers, CUSTOMER_UID, loaded.values, loaded.count, true);
	for (int i = 0; i < attempt->nitems; i++)
	{
		const CustomerItem *item = &attempt->items[i];

		if ((item->target_uid != item->given_uid && rowset_find(attempt->customers, item->target_uid) == NULL) ||
			(item->parent_uid != NULL && rowset_find(attempt->customers, item->parent_uid) == NULL))
			raise_concurrent_change();
	}
}

/*
 * Loads and locks what the items are about, with one statement for each kind
 * of row.
 */
void
attempt_load(Attempt *attempt)
{
	TextList	uids = {0};
	TextList	deleted = uids_to_delete(attempt);

	redirects_lock(attempt->call, deleted.values, deleted.count);
	load_external_ids(attempt, &uids);
	for (int i = 0; i < attempt->nitems; i++)
	{
		CustomerItem *item = &attempt->items[i];

		if (item->decode_problems > 0 || item->given_uid == NULL)
			continue;
		text_list_add(&uids, CStringGetTextDatum(item->given_uid));
	}
	load_relatives(attempt, &uids);
	uids.count = sort_unique_texts(uids.values, uids.count);
	rowset_load(attempt->customers, CUSTOMER_UID, uids.values, uids.count, deleted.count > 0);
	resolve_redirects(attempt);
	for (int i = 0; i < attempt->customers->list.count; i++)
		note_customer(attempt, attempt->customers->list.rows[i]);
	attempt->stores = load_references(attempt, CUSTOMER_DEFAULT_STORE_UID, -1, RESOURCE_STORE);
	attempt->tenant_users = load_references(attempt, CUSTOMER_ACCOUNT_MANAGER_UID, -1, RESOURCE_TENANT_USER);
	attempt->groups = load_references(attempt, CUSTOMER_GROUP_UIDS, MEMBER_GROUP_UID, RESOURCE_GROUP);
	attempt->consent_kinds = load_references(attempt, CUSTOMER_CONSENTS, CUSTOMER_CONSENT_CONSENT_UID, RESOURCE_CONSENT);
	load_children(attempt);
	load_holds(attempt);
}
