/*-------------------------------------------------------------------------
 *
 * api_consent.c
 *	  The ledger of consents: every time that a customer gave or withdrew one
 *	  is an entry, which nothing ever changes.
 *
 * What counts at a time is the newest entry of it; a grant counts until the
 * time that it names, if it names one.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/redirect.h"
#include "erase.h"
#include "consents.h"

extern void customer_consent_set_run(Call *call);
extern void customer_consent_history_run(Call *call);
extern void customer_consents_as_of_run(Call *call);
extern void consent_report_run(Call *call);

/* Gives a new entry what its writer does not say: its uid, its time, and who wrote it. */
void
consent_entry_complete(Call *call, Row *entry)
{
	row_set_text(entry, CUSTOMER_CONSENT_ENTRY_UID, uid_generate());
	row_set(entry, CUSTOMER_CONSENT_CREATED_AT, TimestampTzGetDatum(call->now));
	if (entry->nulls[CUSTOMER_CONSENT_RECORDED_BY])
		row_set_text(entry, CUSTOMER_CONSENT_RECORDED_BY, call->actor);
}

/* Are the call's customer and consent there? */
static bool
check_arguments(Call *call)
{
	if (!call_load_tenant(call))
		return false;
	if ((call->reader ? call_check_customer(call)
		 : customer_can_write(call, call->arguments[ARGUMENT_CUSTOMER])) &&
		call->arguments[ARGUMENT_CONSENT] != NULL &&
		!row_exists(call, RESOURCE_CONSENT, call->arguments[ARGUMENT_CONSENT]))
		call_not_found(call, RESOURCE_CONSENT);
	return !call_failed(call);
}

/*
 * customer_consent_set(tenant, customer, consent, body): always another
 * entry, also when it says the same again
 */
void
customer_consent_set_run(Call *call)
{
	RowSet	   *entries = rowset_create(call, RESOURCE_CUSTOMER_CONSENT);
	JsonPath	root = {.parent = NULL};
	Row		   *entry;

	if (!check_arguments(call))
		return;
	entry = decode_body(call, entries->resource, WRITE);
	/* the address says which consent, so the body need not */
	entry->given[CUSTOMER_CONSENT_CONSENT_UID] = GIVEN_RIGHT;
	row_set_text(entry, CUSTOMER_CONSENT_CONSENT_UID, call->arguments[ARGUMENT_CONSENT]);
	decode_check_required(call, entry, &root);
	if (call_failed(call))
		return;
	row_set_text(entry, CUSTOMER_CONSENT_CUSTOMER_UID, call->arguments[ARGUMENT_CUSTOMER]);
	consent_entry_complete(call, entry);
	rowset_add(entries, entry);
	rowset_flush(entries);
	(void) answer_row(call, RESOURCE_CUSTOMER, call->arguments[ARGUMENT_CUSTOMER]);
}

/* A customer's entries, by consent and then by time. */
static RowBlock *
read_history(Call *call, const char *customer_uid)
{
	Datum		uid = CStringGetTextDatum(customer_uid);

	return read_rows(call, RESOURCE_CUSTOMER_CONSENT, VIEW_HISTORY,
					 CUSTOMER_CONSENT_CUSTOMER_UID, &uid, 1);
}

static Datum *
entry_values(const RowBlock *block, int row)
{
	return block->values + row * block->resource->nfields;
}

static int
compare_entries(const void *a, const void *b, void *argument)
{
	const RowBlock *block = argument;
	const Datum *first = entry_values(block, *(const int *) a);
	const Datum *second = entry_values(block, *(const int *) b);
	TimestampTz first_time = DatumGetTimestampTz(first[CUSTOMER_CONSENT_CREATED_AT]);
	TimestampTz second_time = DatumGetTimestampTz(second[CUSTOMER_CONSENT_CREATED_AT]);

	if (first_time != second_time)
		return first_time < second_time ? -1 : 1;
	return *(const int *) a - *(const int *) b;
}

/* Appends all entries of a customer, oldest first, with commas between. */
void
append_consent_history(Call *call, StringInfo out, const char *customer_uid)
{
	RowBlock   *block = read_history(call, customer_uid);
	int		   *order = palloc(Max(block->nrows, 1) * sizeof(int));

	for (int i = 0; i < block->nrows; i++)
		order[i] = i;
	qsort_arg(order, block->nrows, sizeof(int), compare_entries, block);
	for (int i = 0; i < block->nrows; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		render_row(out, block, order[i]);
	}
}

/* customer_consent_history(tenant, customer): all entries, oldest first */
void
customer_consent_history_run(Call *call)
{
	if (!check_arguments(call))
		return;
	answer_begin(call, 1024);
	appendStringInfoString(&call->answer, "{\"items\":[");
	append_consent_history(call, &call->answer, call->arguments[ARGUMENT_CUSTOMER]);
	appendStringInfoString(&call->answer, "]}");
}

/* customer_consents_as_of(tenant, customer, at): what counted at a time */
void
customer_consents_as_of_run(Call *call)
{
	StringInfo	out = &call->answer;
	RowBlock   *block;
	int			nfields = resources[RESOURCE_CUSTOMER_CONSENT].nfields;
	bool		first = true;

	if (!check_arguments(call))
		return;
	block = read_history(call, call->arguments[ARGUMENT_CUSTOMER]);
	answer_begin(call, 1024);
	appendStringInfoString(out, "{\"items\":[");
	for (int i = 0; i < block->nrows; i++)
	{
		Datum	   *entry = entry_values(block, i);
		Datum	   *next = entry_values(block, i + 1);
		const bool *nulls = block->nulls + i * nfields;

		if (DatumGetTimestampTz(entry[CUSTOMER_CONSENT_CREATED_AT]) > call->at)
			continue;
		/* the next one is of the same consent, and not later than that either */
		if (i + 1 < block->nrows &&
			compare_texts(entry[CUSTOMER_CONSENT_CONSENT_UID], next[CUSTOMER_CONSENT_CONSENT_UID]) == 0 &&
			DatumGetTimestampTz(next[CUSTOMER_CONSENT_CREATED_AT]) <= call->at)
			continue;
		if (!nulls[CUSTOMER_CONSENT_VALID_UNTIL] &&
			DatumGetTimestampTz(entry[CUSTOMER_CONSENT_VALID_UNTIL]) <= call->at)
			entry[CUSTOMER_CONSENT_STATUS] = BoolGetDatum(false);
		if (!first)
			appendStringInfoChar(out, ',');
		first = false;
		render_row(out, block, i);
	}
	appendStringInfoString(out, "]}");
}

/* consent_report(tenant, consent): how many customers say what now */
void
consent_report_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_CONSENT_REPORT};
	const char *consent = call->arguments[ARGUMENT_CONSENT];
	Datum		arguments[3] = {call->tenant, CStringGetTextDatum(consent), TimestampTzGetDatum(call->now)};
	static const char *const names[] = {"given", "withdrawn", "expired"};
	StringInfo	out = &call->answer;
	RowBlock   *block;
	int64		customers;
	bool		isnull;

	if (!call_load_tenant(call))
		return;
	block = read_rows(call, RESOURCE_CONSENT, VIEW_BRIEF, CONSENT_UID, &arguments[1], 1);
	if (block->nrows == 0)
	{
		call_not_found(call, RESOURCE_CONSENT);
		return;
	}
	customers = total_read(call, TOTAL_CUSTOMER, "");
	answer_begin(call, 256);
	appendStringInfoChar(out, '{');
	json_append_member(out, "consentUid", consent);
	appendStringInfoChar(out, ',');
	json_append_member(out, "name", TextDatumGetCString(block->values[CONSENT_NAME]));
	(void) plan_execute(&key, 3, arguments, NULL, call->reader);
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		int64		count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
														i + 1, &isnull));

		appendStringInfo(out, ",\"%s\":" INT64_FORMAT, names[i], count);
		customers -= count;
	}
	appendStringInfo(out, ",\"neverSaid\":" INT64_FORMAT "}", customers);
}
