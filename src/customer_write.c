/*-------------------------------------------------------------------------
 *
 * customer_write.c
 *	  Creates, updates, upserts and deletes customers, any number at once.
 *
 * All rows that the items are about are loaded and locked together
 * (customer_load.c).  Then the items are applied to them in memory, in the
 * order given, so that each sees what those before it did; an item that breaks
 * a rule gets its problems and changes nothing (customer_apply.c).  At the end
 * everything is written with a few statements, here.  A single
 * create is a list of one.
 *
 * It knows nothing of requests and answers.
 *
 *-------------------------------------------------------------------------
 */
#include "customer_attempt.h"
#include "core/attempt.h"
#include "core/change.h"
#include "core/plan.h"

/*
 * Reads an item's body.  What is wrong with it goes to the item's own
 * problems.  For a delete only the uid counts.  item->given_uid may be set
 * already, by an address; then the body is that of an update of one customer.
 */
void
customer_item_decode(Call *call, CustomerItem *item, JsonReader *reader)
{
	Problems	saved = call->problems;
	uint32		wanted = WRITE | CREATE;

	problems_init(&call->problems, call->context);
	if (item->section == SECTION_DELETE)
		wanted = KEY;
	else if (item->given_uid != NULL)
		wanted = WRITE;
	item->body = decode_row(call, &resources[RESOURCE_CUSTOMER], wanted, reader, &item->path);
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
	if (call->problems.count > 0 &&
		(item->section == SECTION_CREATE || gives_value(item, CUSTOMER_COUNTRY_CODE)))
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

/* Runs a statement about customers, of whose rows each is a change of another entity. */
static void
run_and_note(Call *call, Statement statement, int nargs, const Datum *arguments, ResourceId entity,
			 const char *member)
{
	PlanKey		key = {.statement = statement};
	uint64		nrows = plan_execute(&key, nargs, arguments, NULL, false);

	for (uint64 i = 0; i < nrows; i++)
		changes_note_member(call, entity, TextDatumGetCString(result_text(i, 1)), member);
}

/* Takes customers out of all groups; gives out of how many. */
static int64
leave_groups(Call *call, const TextList *uids)
{
	PlanKey		key = {.statement = STATEMENT_DELETE_MEMBERS};
	Datum		arguments[2] = {call->tenant, text_array(uids->values, uids->count)};
	uint64		nrows = plan_execute(&key, 2, arguments, NULL, false);
	int64		left = 0;

	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		isnull;
		int64		count = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &isnull));

		total_add(call, TOTAL_MEMBER, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1), -count);
		left += count;
	}
	return left;
}

/* Appends a member that tells how many there were, if there were any. */
void
report_count(StringInfo report, const char *name, int64 count)
{
	if (report != NULL && name != NULL && count > 0)
		appendStringInfo(report, ",\"%s\":" INT64_FORMAT, name, count);
}

/*
 * Removes what hangs on customers that are about to go, or to be nobody.  Appends
 * to a report, which can be NULL, how much of what there was.
 */
void
customers_remove_belongings(Call *call, const TextList *uids, StringInfo report)
{
	static const struct
	{
		ResourceId	resource;
		int			field;
		const char *name;		/* in reports; NULL for what goes with another one */
	}			belongings[] = {
		{RESOURCE_CONTACT_EXTENSION, CONTACT_EXTENSION_CUSTOMER_UID, NULL},
		{RESOURCE_CUSTOMER_EXTENSION, CUSTOMER_EXTENSION_CUSTOMER_UID, "extensions"},
		{RESOURCE_CUSTOMER_CONSENT, CUSTOMER_CONSENT_CUSTOMER_UID, "consents"},
		{RESOURCE_ADDRESS, ADDRESS_CUSTOMER_UID, "addresses"},
		{RESOURCE_PRINT_JOB, PRINT_JOB_CUSTOMER_UID, "printJobs"},
		{RESOURCE_HOLD, HOLD_CUSTOMER_UID, "holds"},
	};
	PlanKey		merges = {.statement = STATEMENT_DELETE_MERGES};
	PlanKey		dismissals = {.statement = STATEMENT_DELETE_DISMISSALS};
	Datum		arguments[2] = {call->tenant, text_array(uids->values, uids->count)};

	report_count(report, "memberships", leave_groups(call, uids));
	report_count(report, "merges", plan_execute(&merges, 2, arguments, NULL, false));
	(void) plan_execute(&dismissals, 2, arguments, NULL, false);
	for (int i = 0; i < (int) lengthof(belongings); i++)
	{
		PlanKey		key = {.statement = STATEMENT_DELETE_CHILDREN,
		.resource = belongings[i].resource, .detail = belongings[i].field};

		report_count(report, belongings[i].name, plan_execute(&key, 2, arguments, NULL, false));
	}
	/* after what hangs on them */
	run_and_note(call, STATEMENT_DELETE_LINKS, 2, arguments, RESOURCE_CONTACT, "customers");
}

/* Lets nothing name customers that are about to go. */
static void
forget_customers(Attempt *attempt, const TextList *uids)
{
	static const Statement orphaning[] = {
		STATEMENT_ORPHAN_SALES_ORDERS, STATEMENT_ORPHAN_SERVICE_ORDERS
	};
	PlanKey		key = {.statement = STATEMENT_DELETE_CHILDREN,
	.resource = RESOURCE_REDIRECT, .detail = REDIRECT_SURVIVOR_UID};
	Datum		arguments[3];

	customers_remove_belongings(attempt->call, uids, NULL);
	arguments[0] = attempt->call->tenant;
	arguments[1] = text_array(uids->values, uids->count);
	arguments[2] = TimestampTzGetDatum(attempt->call->now);
	(void) plan_execute(&key, 2, arguments, NULL, false);
	for (int i = 0; i < (int) lengthof(orphaning); i++)
	{
		key = (PlanKey) {.statement = orphaning[i]};
		(void) plan_execute(&key, 2, arguments, NULL, false);
	}
	run_and_note(attempt->call, STATEMENT_ORPHAN_DEPARTMENTS, 3, arguments, RESOURCE_CUSTOMER,
				 "customerParentUid");
}

static void
attempt_write(Attempt *attempt)
{
	Call	   *call = attempt->call;
	TextList	deleted = {0};

	for (int i = 0; i < attempt->customers->list.count; i++)
	{
		Row		   *row = attempt->customers->list.rows[i];

		if (row->before != NULL && !row->present)
			text_list_add(&deleted, row->values[CUSTOMER_UID]);
	}
	if (deleted.count > 0)
		forget_customers(attempt, &deleted);
	rowset_flush(attempt->customers);
	rowset_flush(attempt->members);
	rowset_flush(attempt->consents);

	for (int i = 0; i < attempt->members->list.count; i++)
	{
		Row		   *member = attempt->members->list.rows[i];
		int			change = (int) member->present - (member->before != NULL);

		if (change != 0)
			total_add(call, TOTAL_MEMBER, row_text(member, MEMBER_GROUP_UID), change);
	}
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
}

typedef struct Work
{
	ListWork	list;
	Call	   *call;
	CustomerItem *items;
} Work;

/* One attempt; items with problems do not undo the others. */
static bool
run_attempt(ListWork *list)
{
	Work	   *work = (Work *) list;
	Attempt		state = {.call = work->call, .items = work->items + list->first,
	.nitems = list->last - list->first};

	changes_begin(work->call);
	state.customers = rowset_create(work->call, RESOURCE_CUSTOMER);
	state.members = rowset_create(work->call, RESOURCE_MEMBER);
	state.consents = rowset_create(work->call, RESOURCE_CUSTOMER_CONSENT);
	state.latest_consents = map_create();
	state.stored_departments = map_create();
	state.departments_of = map_create();
	state.members_of = map_create();
	state.consents_of = map_create();
	state.held = map_create();
	attempt_load(&state);
	attempt_apply(&state);
	attempt_write(&state);
	changes_write(work->call);
	return true;
}

static void
refuse_item(ListWork *list)
{
	CustomerItem *item = &((Work *) list)->items[list->first];

	if (item->problems.count == 0)
		problem_add(&item->problems, REASON_CONFLICT, NULL, NULL);
}

/*
 * Carries out items in the order given.  Afterwards each one has problems, or
 * has been done and has the uid of its customer.  The tenant must have been
 * loaded.
 */
void
customers_write(Call *call, CustomerItem *items, int nitems)
{
	Work		work = {{run_attempt, refuse_item, 0, nitems}, call, items};

	attempt_list(&work.list);
	changes_begin(call);
}
