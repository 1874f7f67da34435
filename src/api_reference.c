/*-------------------------------------------------------------------------
 *
 * api_reference.c
 *	  Puts and removes of what other systems own and our answers need:
 *	  tenants, organizations, stores, users, consents, printers, and outside
 *	  directories.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/attempt.h"
#include "core/guard.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/parse.h"
#include "core/plan.h"

#define OPERATION(symbol, name, arguments, method, path, status, permissions) \
	extern void name##_run(Call *call);
#include "core/operations.h"
#undef OPERATION

static void
set_time(Call *call, Row *row, const char *column)
{
	int			field = field_find(row->resource, column);

	/* a document can say it itself */
	if (field >= 0 && !((row->resource->fields[field].flags & WRITE) && !row->nulls[field]))
		row_set(row, field, TimestampTzGetDatum(call->now));
}

/* Checks that the rows which a row's fields name exist. */
static void
check_references(Call *call, Row *row, const Row *body)
{
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if (field->kind != FIELD_UID || field->target == RESOURCE_TENANT ||
			body->given[i] != GIVEN_RIGHT || row->nulls[i])
			continue;
		if (!row_exists(call, field->target, row_text(row, i)))
			problem_add_resource(&call->problems, REASON_NOT_FOUND,
								 &resources[field->target], psprintf("$.%s", field->json));
	}
}

/*
 * Puts a body into a row, which is loaded into the set or new; gives the row, or
 * NULL with problems.  Nothing is written yet.
 */
static Row *
prepare_put(Call *call, RowSet *set, Row *body)
{
	const Resource *resource = set->resource;
	JsonPath	root = {.parent = NULL};
	Row		   *row = NULL;
	int			keys[MAX_KEYS];
	bool		has_key = resource_keys(resource, keys) > 0;
	char	   *uid = has_key ? row_text(body, keys[0]) : pstrdup("");
	int			document = field_find(resource, "document");

	if (uid != NULL)
	{
		Datum		value = CStringGetTextDatum(uid);

		rowset_load(set, has_key ? keys[0] : 0, &value, 1, false);
		row = rowset_find(set, uid);
	}
	if (row == NULL)
	{
		decode_check_required(call, body, &root);
		row = row_create(resource);
		apply_defaults(call, row);
		if (has_key)
			row_set_text(row, keys[0], uid ? uid : uid_generate());
		rowset_add(set, row);
	}
	else if (document >= 0)
	{
		/* a document is put whole */
		decode_check_required(call, body, &root);
		for (int i = 0; i < resource->nfields; i++)
		{
			/* times that it does not say stay */
			if ((resource->fields[i].flags & (WRITE | KEY)) == WRITE &&
				resource->fields[i].kind != FIELD_TIMESTAMP)
				row_set_null(row, i);
		}
		apply_defaults(call, row);
	}
	apply_body(call, row, body, &root);
	if (row->before == NULL)
		set_time(call, row, "created_at");
	if (document >= 0)
		row_set(row, document,
				PointerGetDatum(cstring_to_text_with_len(call->body, call->body_length)));
	if (!call_failed(call))
		check_references(call, row, body);
	if (row->before == NULL || !row_equal(row, row->before))
		set_time(call, row, "last_modified_at");
	return call_failed(call) ? NULL : row;
}

static void
put(Call *call, ResourceId resource)
{
	RowSet	   *set = rowset_create(call, resource);
	Row		   *row;

	if (!call_load_tenant(call))
		return;
	row = prepare_put(call, set, decode_body(call, &resources[resource], WRITE));
	if (row == NULL)
		return;
	rowset_flush(set);
	(void) answer_row(call, resource, row->key);
}

/* A row is flushed, for attempt(). */
static bool
flush_work(void *argument)
{
	rowset_flush(argument);
	return true;
}

/*
 * Removes the row that the call names.  That nothing refers to it is for the
 * foreign keys to say.
 */
static Row *
remove_row(Call *call, ResourceId resource)
{
	RowSet	   *set = rowset_create(call, resource);
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_UID]);
	int			keys[MAX_KEYS];
	Row		   *row;
	ErrorData  *error;

	if (!call_load_tenant(call))
		return NULL;
	(void) resource_keys(set->resource, keys);
	rowset_load(set, keys[0], &uid, 1, true);
	row = rowset_find(set, call->arguments[ARGUMENT_UID]);
	if (row == NULL)
	{
		call_not_found(call, resource);
		return NULL;
	}
	row->present = false;
	switch (attempt(flush_work, set, &error))
	{
		case OUTCOME_DONE:
			return row;
		case OUTCOME_REFUSED:
			if (set->resource->codes & CODE_IN_USE)
				problem_add_resource(&call->problems, REASON_IN_USE, set->resource, NULL);
			else
				problem_add(&call->problems, REASON_CONFLICT, NULL, NULL);
			return NULL;
		default:
			ReThrowError(error);
	}
	return NULL;
}

/* ---------------------------------------------------------------------
 * Tenants
 * --------------------------------------------------------------------- */

/* tenant_put(tenant, body) */
void
tenant_put_run(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_TENANT);
	Row		   *row;

	guard_ensure();
	row = prepare_put(call, set, decode_body(call, set->resource, WRITE));
	if (row == NULL)
		return;
	/* as it is from now on */
	call->tenant_row.change_feed = row->nulls[TENANT_CHANGE_FEED] ? setting_change_feed
		: DatumGetBool(row->values[TENANT_CHANGE_FEED]);
	call->tenant_row.loaded = true;
	rowset_flush(set);
	/* the last tenant may have been removed while we waited to write */
	guard_ensure();
	(void) answer_row(call, RESOURCE_TENANT, "");
}

/* tenant_remove(tenant): only when it has no customer data left */
void
tenant_remove_run(Call *call)
{
	/* in an order that the foreign keys allow */
	static const ResourceId reference_data[] = {
		RESOURCE_MERGE, RESOURCE_EXTERNAL_CUSTOMER, RESOURCE_EXTERNAL_SOURCE, RESOURCE_PRINTER, RESOURCE_TENANT_USER,
		RESOURCE_STORE, RESOURCE_ORGANIZATION, RESOURCE_CONSENT, RESOURCE_DUPLICATE_STATE,
		RESOURCE_DUPLICATE_RUN_ITEM, RESOURCE_DUPLICATE_RUN, RESOURCE_DUPLICATE_CUSTOMER,
		RESOURCE_DUPLICATE_PAIR, RESOURCE_DUPLICATE_DISMISSAL, RESOURCE_CHANGE, RESOURCE_ACCESS, RESOURCE_PRINT_JOB,
		RESOURCE_RETENTION, RESOURCE_HOLD, RESOURCE_ERASURE
	};
	PlanKey		key = {.statement = STATEMENT_TENANT_HAS_DATA};
	RowSet	   *set = rowset_create(call, RESOURCE_TENANT);

	rowset_load(set, 0, &call->tenant, 1, true);
	if (!call_load_tenant(call))
		return;
	if (plan_execute(&key, 1, &call->tenant, NULL, false) > 0)
	{
		problem_add(&call->problems, REASON_TENANT_NOT_EMPTY, NULL, NULL);
		return;
	}
	for (int i = 0; i < (int) lengthof(reference_data); i++)
	{
		key = (PlanKey) {.statement = STATEMENT_DELETE_ALL, .resource = reference_data[i]};
		(void) plan_execute(&key, 1, &call->tenant, NULL, false);
	}
	access_forget_tenant(call);
	total_remove_all(call);
	key = (PlanKey) {.statement = STATEMENT_DELETE_ALL, .resource = RESOURCE_TENANT};
	(void) plan_execute(&key, 1, &call->tenant, NULL, false);
	guard_drop_if_unused();
}

/* ---------------------------------------------------------------------
 * Simple reference data
 * --------------------------------------------------------------------- */

/* NAME_put(tenant, body) and NAME_remove(tenant, uid) */
#define REFERENCE_DATA(name, resource) \
	void \
	name##_put_run(Call *call) \
	{ \
		put(call, resource); \
	} \
	void \
	name##_remove_run(Call *call) \
	{ \
		(void) remove_row(call, resource); \
	}

REFERENCE_DATA(organization, RESOURCE_ORGANIZATION)
REFERENCE_DATA(store, RESOURCE_STORE)
REFERENCE_DATA(tenant_user, RESOURCE_TENANT_USER)
REFERENCE_DATA(consent, RESOURCE_CONSENT)
REFERENCE_DATA(printer, RESOURCE_PRINTER)
/* retention_put(tenant, body) */
void
retention_put_run(Call *call)
{
	put(call, RESOURCE_RETENTION);
}

REFERENCE_DATA(external_customer, RESOURCE_EXTERNAL_CUSTOMER)
