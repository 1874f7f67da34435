/*-------------------------------------------------------------------------
 *
 * api_group.c
 *	  The operations on customer groups and their members.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"
#include "core/page.h"
#include "core/plan.h"
#include "core/redirect.h"
#include "erase.h"

extern void customer_group_list_run(Call *call);
extern void customer_group_get_run(Call *call);
extern void customer_group_create_run(Call *call);
extern void customer_group_update_run(Call *call);
extern void customer_group_delete_run(Call *call);
extern void customer_group_customer_list_run(Call *call);
extern void customer_group_customer_update_run(Call *call);

/* The group that the call names, loaded and locked, or a problem. */
static Row *
load_group(Call *call, RowSet *groups, bool strongest)
{
	const char *uid = call->arguments[ARGUMENT_GROUP];
	Datum		value = CStringGetTextDatum(uid);

	if (!call_load_tenant(call))
		return NULL;
	rowset_load(groups, GROUP_UID, &value, 1, strongest);
	if (rowset_find(groups, uid) == NULL)
		call_not_found(call, RESOURCE_GROUP);
	return rowset_find(groups, uid);
}

/* customer_group_list(tenant, page) */
void
customer_group_list_run(Call *call)
{
	(void) answer_page(call, LIST_GROUPS, NULL);
}

/* customer_group_get(tenant, group) */
void
customer_group_get_run(Call *call)
{
	if (!answer_row(call, RESOURCE_GROUP, call->arguments[ARGUMENT_GROUP]))
		call_not_found(call, RESOURCE_GROUP);
}

/* customer_group_create(tenant, body) */
void
customer_group_create_run(Call *call)
{
	RowSet	   *groups = rowset_create(call, RESOURCE_GROUP);
	JsonPath	root = {.parent = NULL};
	Row		   *group = row_create(groups->resource);
	Row		   *body;
	char	   *uid;

	if (!call_load_tenant(call))
		return;
	body = decode_body(call, groups->resource, WRITE | CREATE);
	decode_check_required(call, body, &root);
	apply_body(call, group, body, &root);
	if (call_failed(call))
		return;
	uid = row_text(body, GROUP_UID);
	if (uid == NULL)
		uid = uid_generate();
	else
	{
		Datum		value = CStringGetTextDatum(uid);

		rowset_load(groups, GROUP_UID, &value, 1, false);
		if (groups->list.count > 0)
		{
			problem_add_resource(&call->problems, REASON_ALREADY_EXISTS,
								 groups->resource, NULL);
			return;
		}
	}
	row_set_text(group, GROUP_UID, uid);
	row_set_text(group, GROUP_CREATED_BY, call->actor);
	row_set_text(group, GROUP_LAST_MODIFIED_BY, call->actor);
	row_set(group, GROUP_CREATED_AT, TimestampTzGetDatum(call->now));
	row_set(group, GROUP_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	rowset_add(groups, group);
	rowset_flush(groups);
	total_add(call, TOTAL_GROUP, "", groups->inserted);
	(void) answer_row(call, RESOURCE_GROUP, uid);
}

/* customer_group_update(tenant, group, body) */
void
customer_group_update_run(Call *call)
{
	RowSet	   *groups = rowset_create(call, RESOURCE_GROUP);
	JsonPath	root = {.parent = NULL};
	Row		   *group = load_group(call, groups, false);

	if (group == NULL)
		return;
	apply_body(call, group, decode_body(call, groups->resource, WRITE), &root);
	if (call_failed(call))
		return;
	if (!row_equal(group, group->before))
	{
		row_set_text(group, GROUP_LAST_MODIFIED_BY, call->actor);
		row_set(group, GROUP_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	}
	rowset_flush(groups);
	(void) answer_row(call, RESOURCE_GROUP, call->arguments[ARGUMENT_GROUP]);
}

/* customer_group_delete(tenant, group): its customers stay */
void
customer_group_delete_run(Call *call)
{
	RowSet	   *groups = rowset_create(call, RESOURCE_GROUP);
	Row		   *group = load_group(call, groups, true);
	PlanKey		key = {.statement = STATEMENT_DELETE_CHILDREN,
	.resource = RESOURCE_MEMBER, .detail = MEMBER_GROUP_UID};
	Datum		arguments[2];

	if (group == NULL)
		return;
	arguments[0] = call->tenant;
	arguments[1] = text_array(&group->values[GROUP_UID], 1);
	(void) plan_execute(&key, 2, arguments, NULL, false);
	group->present = false;
	rowset_flush(groups);
	total_remove(call, TOTAL_MEMBER, group->key);
	total_add(call, TOTAL_GROUP, "", -groups->deleted);
}

/* customer_group_customer_list(tenant, group, page) */
void
customer_group_customer_list_run(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_GROUP]);

	if (read_rows(call, RESOURCE_GROUP, ANSWER, GROUP_UID, &uid, 1)->nrows == 0)
		call_not_found(call, RESOURCE_GROUP);
	else
		(void) answer_page(call, LIST_CUSTOMERS_OF_GROUP, call->arguments[ARGUMENT_GROUP]);
}

/* One of the lists of a change of members; absent or null it is empty. */
static Datum *
listed_uids(const Row *body, int field, int *count)
{
	RowList    *list;
	Datum	   *uids;

	*count = 0;
	if (body->nulls[field])
		return NULL;
	list = (RowList *) DatumGetPointer(body->values[field]);
	uids = palloc(Max(list->count, 1) * sizeof(Datum));
	for (; *count < list->count; (*count)++)
		uids[*count] = list->rows[*count]->values[MEMBER_CUSTOMER_UID];
	return uids;
}

/*
 * customer_group_customer_update(tenant, group, body): first removes, then
 * adds; who is in already, or not in anyway, changes nothing
 */
void
customer_group_customer_update_run(Call *call)
{
	RowSet	   *groups = rowset_create(call, RESOURCE_GROUP);
	RowSet	   *members = rowset_create(call, RESOURCE_MEMBER);
	Row		   *group = load_group(call, groups, false);
	Row		   *body;
	Datum	   *add;
	Datum	   *remove;
	Datum	   *both;
	Datum	   *groups_of;
	int			nadd;
	int			nremove;
	int			nboth;
	StringMap  *existing;
	StringMap  *erased;

	if (group == NULL)
		return;
	body = decode_body(call, groups->resource, RELATE);
	if (call_failed(call))
		return;
	add = listed_uids(body, GROUP_ADD_UIDS, &nadd);
	remove = listed_uids(body, GROUP_REMOVE_UIDS, &nremove);
	both = palloc(Max(nadd + nremove, 1) * sizeof(Datum));
	if (nadd > 0)
		memcpy(both, add, nadd * sizeof(Datum));
	existing = customers_existing(call, both, nadd);
	for (int i = 0; i < nadd; i++)
	{
		char	   *customer = map_get(existing, TextDatumGetCString(add[i]));

		if (customer != NULL)
			add[i] = CStringGetTextDatum(customer);
		else
			problem_add_resource(&call->problems, REASON_NOT_FOUND,
								 &resources[RESOURCE_CUSTOMER],
								 psprintf("$.addCustomerUids[%d]", i));
	}
	if (call_failed(call))
		return;
	erased = customers_erased(call, add, nadd);
	for (int i = 0; i < nadd; i++)
	{
		if (map_get(erased, TextDatumGetCString(add[i])) != NULL)
			problem_add(&call->problems, REASON_CUSTOMER_ERASED, psprintf("$.addCustomerUids[%d]", i), NULL);
	}
	if (call_failed(call))
		return;
	if (nremove > 0)
		memcpy(both, remove, nremove * sizeof(Datum));
	existing = customers_existing(call, both, nremove);
	for (int i = 0; i < nremove; i++)
	{
		char	   *customer = map_get(existing, TextDatumGetCString(remove[i]));

		if (customer != NULL)
			remove[i] = CStringGetTextDatum(customer);
	}
	if (nadd > 0)
		memcpy(both, add, nadd * sizeof(Datum));
	if (nremove > 0)
		memcpy(both + nadd, remove, nremove * sizeof(Datum));
	nboth = sort_unique_texts(both, nadd + nremove);
	groups_of = palloc(Max(nboth, 1) * sizeof(Datum));
	for (int i = 0; i < nboth; i++)
		groups_of[i] = group->values[GROUP_UID];
	rowset_load_pairs(members, MEMBER_GROUP_UID, groups_of, MEMBER_CUSTOMER_UID, both, nboth);
	for (int i = 0; i < nremove; i++)
	{
		Row		   *member = rowset_find2(members, group->key, TextDatumGetCString(remove[i]));

		if (member != NULL)
			member->present = false;
	}
	for (int i = 0; i < nadd; i++)
	{
		char	   *customer = TextDatumGetCString(add[i]);
		Row		   *member = rowset_find2(members, group->key, customer);

		if (member == NULL)
		{
			member = row_create(members->resource);
			row_set_text(member, MEMBER_GROUP_UID, group->key);
			row_set_text(member, MEMBER_CUSTOMER_UID, customer);
			row_set(member, MEMBER_CREATED_AT, TimestampTzGetDatum(call->now));
			rowset_add(members, member);
		}
		member->present = true;
	}
	rowset_flush(members);
	total_add(call, TOTAL_MEMBER, group->key, members->inserted - members->deleted);
}
