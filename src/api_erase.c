/*-------------------------------------------------------------------------
 *
 * api_erase.c
 *	  The operations on what has to go and what has to stay: erasures, the rules
 *	  of retention, and holds that are set by hand.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/attempt.h"
#include "core/change.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/redirect.h"
#include "erase.h"
#include "merge.h"

extern void customer_erase_run(Call *call);
extern void erasure_list_run(Call *call);
extern void erasure_cancel_run(Call *call);
extern void erase_due_run(Call *call);
extern void customer_hold_put_run(Call *call);
extern void customer_hold_remove_run(Call *call);
extern void customer_hold_list_run(Call *call);

/* An erasure that is asked for. */
typedef struct Erasure
{
	Call	   *call;
	RowSet	   *customers;
	Row		   *customer;		/* locked; NULL when it is gone */
	RowSet	   *erasures;
	Row		   *row;			/* its receipt */
	Holds		holds;
} Erasure;

/* ---------------------------------------------------------------------
 * Erasures
 * --------------------------------------------------------------------- */

/* Locks the customer, before anything that hangs on it. */
static void
load_customer(Erasure *erasure, const char *customer_uid)
{
	Datum		uid = CStringGetTextDatum(customer_uid);

	erasure->customers = rowset_create(erasure->call, RESOURCE_CUSTOMER);
	rowset_load(erasure->customers, CUSTOMER_UID, &uid, 1, true);
	erasure->customer = rowset_find(erasure->customers, customer_uid);
}

/* The customer's erasure in a state, the last one; NULL when there is none. */
static Row *
find_erasure(Erasure *erasure, const char *state)
{
	Row		   *found = NULL;

	for (int i = 0; i < erasure->erasures->list.count; i++)
	{
		Row		   *row = erasure->erasures->list.rows[i];

		if (strcmp(row_text(row, ERASURE_STATE), state) == 0 &&
			(found == NULL || strcmp(row->key, found->key) > 0))
			found = row;
	}
	return found;
}

/* Is a name one of the customer's own, or one of its own values? */
static bool
names_customer(const Row *customer, const char *name)
{
	char	   *firstname = row_text(customer, CUSTOMER_FIRSTNAME);
	char	   *lastname = row_text(customer, CUSTOMER_LASTNAME);

	if (firstname && lastname && pg_strcasecmp(psprintf("%s %s", firstname, lastname), name) == 0)
		return true;
	for (int i = 0; i < customer->resource->nfields; i++)
	{
		const Field *field = &customer->resource->fields[i];

		if ((field->flags & PERSONAL) && !(field->flags & GENERATED) && !customer->nulls[i] &&
			pg_strcasecmp(row_text(customer, i), name) == 0)
			return true;
	}
	return false;
}

/* Takes out of all of the customer's erasures what they have of it. */
static void
clean_receipts(Erasure *erasure)
{
	static const int actors[] = {ERASURE_REQUESTED_BY, ERASURE_ERASED_BY};
	TextList	uids = customer_identities(erasure->call, row_text(erasure->customer, CUSTOMER_UID));

	rowset_load(erasure->erasures, ERASURE_CUSTOMER_UID, uids.values, uids.count, false);
	for (int i = 0; i < erasure->erasures->list.count; i++)
	{
		Row		   *row = erasure->erasures->list.rows[i];

		row_set_null(row, ERASURE_REASON);
		for (int j = 0; j < (int) lengthof(actors); j++)
		{
			if (!row->nulls[actors[j]] && names_customer(erasure->customer, row_text(row, actors[j])))
				row_set_null(row, actors[j]);
		}
		/* one that waited under the uid of a merged-away customer is done by this one */
		if (row != erasure->row && strcmp(row_text(row, ERASURE_STATE), "QUEUED") == 0)
		{
			row_set_text(row, ERASURE_STATE, "DONE");
			row_set_null(row, ERASURE_POSSIBLE_FROM);
			row_set(row, ERASURE_ERASED_AT, TimestampTzGetDatum(erasure->call->now));
			row_set_text(row, ERASURE_ERASED, "{}");
		}
	}
}

/* Erases, and turns the request into the receipt; false with problems. */
static bool
erase(Erasure *erasure)
{
	Call	   *call = erasure->call;
	Row		   *row = erasure->row;
	StringInfoData report;

	/* who erases himself leaves no name in the receipt */
	if (names_customer(erasure->customer, call->actor))
		call->actor = "";
	clean_receipts(erasure);
	initStringInfo(&report);
	appendStringInfoChar(&report, '{');
	customer_erase(call, erasure->customer, &report);
	appendStringInfoChar(&report, '}');
	if (call_failed(call))
		return false;
	rowset_flush(erasure->customers);
	row_set_text(row, ERASURE_CUSTOMER_UID, row_text(erasure->customer, CUSTOMER_UID));
	row_set_text(row, ERASURE_STATE, "DONE");
	row_set_null(row, ERASURE_POSSIBLE_FROM);
	row_set(row, ERASURE_ERASED_AT, TimestampTzGetDatum(call->now));
	row_set_text(row, ERASURE_ERASED_BY, call->actor[0] != '\0' ? call->actor : NULL);
	row_set_text(row, ERASURE_ERASED, report.data);
	return true;
}

static void
set_possible_from(Row *row, const Holds *holds)
{
	if (holds->ends)
		row_set(row, ERASURE_POSSIBLE_FROM, TimestampTzGetDatum(holds->until));
	else
		row_set_null(row, ERASURE_POSSIBLE_FROM);
}

static Row *
new_erasure(Erasure *erasure, const Row *body)
{
	Row		   *row = row_create(erasure->erasures->resource);

	row_set_text(row, ERASURE_UID, uid_generate());
	row_set_text(row, ERASURE_CUSTOMER_UID, row_text(erasure->customer, CUSTOMER_UID));
	row_set_text(row, ERASURE_STATE, "QUEUED");
	row_set_text(row, ERASURE_REASON, row_text(body, ERASURE_REASON));
	row_set(row, ERASURE_REQUESTED_AT, TimestampTzGetDatum(erasure->call->now));
	row_set_text(row, ERASURE_REQUESTED_BY, erasure->call->actor);
	return rowset_add(erasure->erasures, row);
}

static void
answer_erasure(Erasure *erasure)
{
	Call	   *call = erasure->call;

	(void) answer_row(call, RESOURCE_ERASURE, erasure->row->key);
	call->answer.len--;
	appendStringInfoString(&call->answer, ",\"holds\":[");
	holds_append(&call->answer, &erasure->holds);
	appendStringInfoString(&call->answer, "]}");
}

/* customer_erase(tenant, customer, body) */
void
customer_erase_run(Call *call)
{
	Erasure		erasure = {.call = call, .erasures = rowset_create(call, RESOURCE_ERASURE)};
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	Row		   *body;

	if (!call_load_tenant(call) || !call_check_snapshot(call))
		return;
	body = call->body ? decode_body(call, erasure.erasures->resource, WRITE)
		: row_create(erasure.erasures->resource);
	if (call_failed(call))
		return;
	load_customer(&erasure, call->arguments[ARGUMENT_CUSTOMER]);
	if (erasure.customer == NULL)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return;
	}
	if (!call_check_type(call, row_text(erasure.customer, CUSTOMER_TYPE)))
		return;
	rowset_load(erasure.erasures, ERASURE_CUSTOMER_UID, &uid, 1, false);
	if (erasure.customer->nulls[CUSTOMER_ERASED_AT])
	{
		erasure.row = find_erasure(&erasure, "QUEUED");
		erasure.holds = holds_find(call, call->arguments[ARGUMENT_CUSTOMER]);
		if (erasure.holds.count > 0 && !(DatumGetBool(body->values[ERASURE_WHEN_POSSIBLE]) &&
										 !body->nulls[ERASURE_WHEN_POSSIBLE]))
		{
			holds_add_problems(call, &erasure.holds);
			return;
		}
		if (erasure.row == NULL)
			erasure.row = new_erasure(&erasure, body);
		if (erasure.holds.count > 0)
			set_possible_from(erasure.row, &erasure.holds);
		else if (!erase(&erasure))
			return;
		rowset_flush(erasure.erasures);
	}
	else
		erasure.row = find_erasure(&erasure, "DONE");
	if (erasure.row == NULL)
		elog(ERROR, "erasure of a customer has no receipt");
	answer_erasure(&erasure);
}

/* erasure_list(tenant, page) */
void
erasure_list_run(Call *call)
{
	(void) answer_page(call, LIST_ERASURES, NULL);
}

/* Locks an erasure that is still waiting; NULL when it is not. */
static Row *
load_queued(Erasure *erasure, const char *erasure_uid)
{
	Datum		uid = CStringGetTextDatum(erasure_uid);
	Row		   *row;

	erasure->erasures = rowset_create(erasure->call, RESOURCE_ERASURE);
	rowset_load(erasure->erasures, ERASURE_UID, &uid, 1, false);
	row = rowset_find(erasure->erasures, erasure_uid);
	if (row == NULL)
		call_not_found(erasure->call, RESOURCE_ERASURE);
	else if (strcmp(row_text(row, ERASURE_STATE), "QUEUED") != 0)
		problem_add(&erasure->call->problems, REASON_NOT_QUEUED, NULL, NULL);
	return call_failed(erasure->call) ? NULL : row;
}

/* erasure_cancel(tenant, erasure) */
void
erasure_cancel_run(Call *call)
{
	Erasure		erasure = {.call = call};

	if (!call_load_tenant(call))
		return;
	erasure.row = load_queued(&erasure, call->arguments[ARGUMENT_UID]);
	if (erasure.row == NULL)
		return;
	if (!customer_check_type(call, row_text(erasure.row, ERASURE_CUSTOMER_UID)))
		return;
	row_set_text(erasure.row, ERASURE_STATE, "CANCELED");
	rowset_flush(erasure.erasures);
}

/*
 * Does one erasure that was waiting, if nothing holds it any more, for attempt().  The
 * customer can have been merged or deleted meanwhile.
 */
static bool
erase_queued(void *argument)
{
	Erasure    *erasure = argument;
	const char *erasure_uid = row_text(erasure->row, ERASURE_UID);
	const char *customer_uid = row_text(erasure->row, ERASURE_CUSTOMER_UID);

	load_customer(erasure, customer_uid);
	if (erasure->customer == NULL)
	{
		customer_uid = redirect_find(erasure->call, customer_uid);
		if (customer_uid != NULL)
			load_customer(erasure, customer_uid);
	}
	erasure->row = load_queued(erasure, erasure_uid);
	if (erasure->row == NULL)
		return false;
	if (erasure->customer != NULL && !call_check_type(erasure->call, row_text(erasure->customer, CUSTOMER_TYPE)))
		return false;
	if (erasure->customer == NULL || !erasure->customer->nulls[CUSTOMER_ERASED_AT])
	{
		/* nothing is left to erase */
		row_set_text(erasure->row, ERASURE_STATE, "DONE");
		row_set_null(erasure->row, ERASURE_REASON);
		row_set(erasure->row, ERASURE_ERASED_AT, TimestampTzGetDatum(erasure->call->now));
		row_set_text(erasure->row, ERASURE_ERASED, "{}");
	}
	if (erasure->customer != NULL && erasure->customer->nulls[CUSTOMER_ERASED_AT])
	{
		erasure->holds = holds_find(erasure->call, customer_uid);
		if (erasure->holds.count > 0)
			set_possible_from(erasure->row, &erasure->holds);
		else if (!erase(erasure))
			return false;
	}
	rowset_flush(erasure->erasures);
	return true;
}

/* CALL erase_due(tenant): what was queued and is held no longer, each in its own transaction */
void
erase_due_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_ERASURE_NEXT};
	Datum		arguments[2] = {call->tenant, CStringGetTextDatum(call->going_on)};
	Erasure		erasure = {.call = call};
	ErrorData  *error;
	Outcome		outcome;
	char	   *uid;

	if (!call_load_tenant(call) || !call_check_snapshot(call) ||
		plan_execute(&key, 2, arguments, NULL, false) == 0)
		return;
	erasure.row = row_create(&resources[RESOURCE_ERASURE]);
	row_set(erasure.row, ERASURE_UID, result_text(0, 1));
	row_set(erasure.row, ERASURE_CUSTOMER_UID, result_text(0, 2));
	uid = row_text(erasure.row, ERASURE_UID);
	outcome = attempt(erase_queued, &erasure, &error);
	if (outcome == OUTCOME_AGAIN)
		ReThrowError(error);
	if (outcome != OUTCOME_DONE)
	{
		/* the others don't wait for it, and nothing of it has happened */
		changes_begin(call);
		ereport(WARNING,
				(errmsg("erasure \"%s\" could not be done: %s", uid,
						outcome == OUTCOME_ABANDONED && call_failed(call)
						? problem_code(&call->problems.list[0])
						: error ? unpack_sql_state(error->sqlerrcode) : "CONFLICT")));
		problems_init(&call->problems, call->context);
	}
	/* only now: another attempt has to find the same one */
	strlcpy(call->going_on, uid, sizeof(call->going_on));
	call->more = true;
}

/* ---------------------------------------------------------------------
 * Holds
 * --------------------------------------------------------------------- */

/* customer_hold_put(tenant, customer, body) */
void
customer_hold_put_run(Call *call)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	RowSet	   *holds = rowset_create(call, RESOURCE_HOLD);
	JsonPath	root = {.parent = NULL};
	Row		   *body;
	Row		   *hold = NULL;
	char	   *uid;

	if (!call_load_tenant(call) || !customer_can_change(call, customer))
		return;
	body = decode_body(call, holds->resource, WRITE);
	uid = row_text(body, HOLD_UID);
	if (uid != NULL)
	{
		rowset_load(holds, HOLD_UID, &body->values[HOLD_UID], 1, false);
		hold = rowset_find(holds, uid);
	}
	/* of another customer it is none that this one has */
	if (hold != NULL && strcmp(row_text(hold, HOLD_CUSTOMER_UID), customer) != 0)
	{
		problem_add_resource(&call->problems, REASON_ALREADY_EXISTS, holds->resource, NULL);
		return;
	}
	if (hold == NULL)
	{
		decode_check_required(call, body, &root);
		hold = row_create(holds->resource);
		row_set_text(hold, HOLD_UID, uid ? uid : uid_generate());
		row_set_text(hold, HOLD_CUSTOMER_UID, customer);
		row_set(hold, HOLD_CREATED_AT, TimestampTzGetDatum(call->now));
		row_set_text(hold, HOLD_CREATED_BY, call->actor);
		rowset_add(holds, hold);
	}
	apply_body(call, hold, body, &root);
	if (call_failed(call))
		return;
	rowset_flush(holds);
	(void) answer_row(call, RESOURCE_HOLD, hold->key);
}

/* customer_hold_remove(tenant, customer, hold) */
void
customer_hold_remove_run(Call *call)
{
	RowSet	   *holds = rowset_create(call, RESOURCE_HOLD);
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_UID]);
	Row		   *hold;

	if (!call_load_tenant(call))
		return;
	if (!call_check_customer(call))
		return;
	rowset_load(holds, HOLD_UID, &uid, 1, true);
	hold = rowset_find(holds, call->arguments[ARGUMENT_UID]);
	if (hold == NULL || strcmp(row_text(hold, HOLD_CUSTOMER_UID), call->arguments[ARGUMENT_CUSTOMER]) != 0)
	{
		call_not_found(call, RESOURCE_HOLD);
		return;
	}
	hold->present = false;
	rowset_flush(holds);
}

/* customer_hold_list(tenant, customer): what keeps a customer from being erased, by rule or by hand */
void
customer_hold_list_run(Call *call)
{
	StringInfo	out = &call->answer;
	Holds		holds;

	if (!call_load_tenant(call))
		return;
	if (!call_check_customer(call))
		return;
	holds = holds_find(call, call->arguments[ARGUMENT_CUSTOMER]);
	answer_begin(call, 512);
	appendStringInfoString(out, "{\"items\":[");
	holds_append(out, &holds);
	appendStringInfo(out, "],\"erasable\":%s,\"possibleFrom\":", holds.count == 0 ? "true" : "false");
	if (holds.count > 0 && holds.ends)
		json_append_timestamp(out, holds.until);
	else
		appendStringInfoString(out, "\"\"");
	appendStringInfoChar(out, '}');
}
