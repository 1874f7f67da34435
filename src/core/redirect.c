/*-------------------------------------------------------------------------
 *
 * redirect.c
 *	  Where customers are that were merged into others.
 *
 * A loyalty card or another system can know a customer by a uid that was merged
 * away; it names the one that is left.  Redirects always lead there at once,
 * however often that one was merged itself.  Nobody asks for them before it has
 * turned out that there is no customer with a uid, so they cost nothing where
 * there is one.
 *
 *-------------------------------------------------------------------------
 */
#include "core/plan.h"
#include "core/redirect.h"

/*
 * Those of the uids that were merged away, as a map to the uids that are left.
 * Who writes keeps the merges from being undone until it has written.
 */
StringMap *
redirects_find(Call *call, const Datum *uids, int count)
{
	StringMap  *map = map_create();
	PlanKey		any = {.statement = STATEMENT_HAS_REDIRECTS};
	PlanKey		key = {.statement = call->reader ? STATEMENT_REDIRECTS : STATEMENT_REDIRECTS_LOCK};
	Datum		arguments[2];
	uint64		nrows = 0;

	/* most who write many new customers have never merged any */
	if (count > 0 && plan_execute(&any, 1, &call->tenant, NULL, call->reader) > 0)
	{
		arguments[0] = call->tenant;
		arguments[1] = text_array(uids, count);
		nrows = plan_execute(&key, 2, arguments, NULL, call->reader);
	}
	for (uint64 i = 0; i < nrows; i++)
		map_put(map, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1),
				SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2));
	return map;
}

/*
 * Locks the redirects to some customers who are about to be deleted: who follows a redirect keeps it while waiting for the customer, so whoever
 * takes redirects away has to wait for them before holding customers.
 */
void
redirects_lock(Call *call, const Datum *survivor_uids, int count)
{
	PlanKey		any = {.statement = STATEMENT_HAS_REDIRECTS};

	if (count > 0 && plan_execute(&any, 1, &call->tenant, NULL, false) > 0)
		rowset_load(rowset_create(call, RESOURCE_REDIRECT), REDIRECT_SURVIVOR_UID, survivor_uids, count, true);
}

/* Where the customer with a uid is now; NULL when it was not merged away. */
char *
redirect_find(Call *call, const char *uid)
{
	Datum		value = CStringGetTextDatum(uid);

	return map_get(redirects_find(call, &value, 1), uid);
}

/* How often we look where customers are that are merged and restored meanwhile. */
#define MAX_LOOKS 4

/*
 * Follows the redirects of those uids that are customers no longer; what they lead
 * to goes into the map.  Gives those that are still missing.
 */
static TextList
follow_redirects(Call *call, StringMap *existing, const TextList *missing)
{
	StringMap  *redirects = redirects_find(call, missing->values, missing->count);
	StringMap  *survivors;
	TextList	left = {0};
	TextList	still = {0};

	for (int i = 0; i < missing->count; i++)
	{
		char	   *survivor = map_get(redirects, TextDatumGetCString(missing->values[i]));

		if (survivor != NULL)
			text_list_add(&left, CStringGetTextDatum(survivor));
	}
	survivors = existing_uids(call, RESOURCE_CUSTOMER, left.values, left.count);
	for (int i = 0; i < missing->count; i++)
	{
		char	   *uid = TextDatumGetCString(missing->values[i]);
		char	   *survivor = map_get(redirects, uid);

		if (survivor != NULL && map_get(survivors, survivor) != NULL)
			map_put(existing, uid, survivor);
		else
			text_list_add(&still, missing->values[i]);
	}
	return still;
}

/*
 * Which customers there are of those that a body names, locked against removal:
 * a map from each uid, merged away or not, to the one that is left.  Sorts the
 * uids.
 */
StringMap *
customers_existing(Call *call, Datum *uids, int count)
{
	StringMap  *existing;
	TextList	missing = {0};

	count = sort_unique_texts(uids, count);
	existing = existing_uids(call, RESOURCE_CUSTOMER, uids, count);
	for (int i = 0; i < count; i++)
	{
		if (map_get(existing, TextDatumGetCString(uids[i])) == NULL)
			text_list_add(&missing, uids[i]);
	}
	for (int look = 0; missing.count > 0 && look < MAX_LOOKS; look++)
	{
		TextList	left = follow_redirects(call, existing, &missing);
		StringMap  *restored = existing_uids(call, RESOURCE_CUSTOMER, left.values, left.count);

		/* while we looked where one led, it can have come back, or gone on */
		missing.count = 0;
		for (int i = 0; i < left.count; i++)
		{
			char	   *uid = TextDatumGetCString(left.values[i]);

			if (map_get(restored, uid) != NULL)
				map_put(existing, uid, uid);
			else
				text_list_add(&missing, left.values[i]);
		}
	}
	return existing;
}

/* Is the customer that the call names there?  Adds a problem when not. */
bool
call_check_customer(Call *call)
{
	if (!row_exists(call, RESOURCE_CUSTOMER, call->arguments[ARGUMENT_CUSTOMER]))
		call_not_found(call, RESOURCE_CUSTOMER);
	return !call_failed(call);
}

/*
 * After a call that did not find something: when its customer was merged away,
 * lets it name the one that is left, unless another call means just that one.  True when it is worth another try.  What
 * the caller named decides each time, for merges go on meanwhile.
 */
bool
redirect_call(Call *call)
{
	const Problem *problem = &call->problems.list[0];
	const char *current = call->arguments[ARGUMENT_CUSTOMER];
	const char *named = call->named_customer ? call->named_customer : current;
	char	   *survivor;

	if (call->problems.count != 1 || problem->path != NULL ||
		problem->reason != REASON_NOT_FOUND || problem->resource->id == RESOURCE_TENANT ||
		strchr(call->operation->arguments, 'c') == NULL || call->within != NULL)
		return false;
	survivor = redirect_find(call, named);
	if (survivor == NULL && !call->reader && problem->resource->id == RESOURCE_CUSTOMER &&
		row_exists(call, RESOURCE_CUSTOMER, named))
		survivor = unconstify(char *, named);	/* the merge was undone */
	if (survivor == NULL || (strcmp(survivor, current) == 0 && strcmp(named, current) != 0))
		return false;
	/* to delete what is gone must not delete what is left */
	if (call->operation == &operations[OPERATION_CUSTOMER_DELETE] && strcmp(survivor, named) != 0)
	{
		problems_init(&call->problems, call->context);
		problem_add(&call->problems, REASON_ALREADY_MERGED, NULL, survivor);
		return false;
	}
	if (call->reader && !setting_resolve_merged)
	{
		problems_init(&call->problems, call->context);
		problem_add(&call->problems, REASON_CUSTOMER_MERGED, NULL, survivor);
		return false;
	}
	call->arguments[ARGUMENT_CUSTOMER] = MemoryContextStrdup(call->context, survivor);
	call->named_customer = strcmp(survivor, named) == 0 ? NULL : named;
	return true;
}
