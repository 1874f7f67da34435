/*-------------------------------------------------------------------------
 *
 * api_print.c
 *	  Membership cards: as pictures, and as jobs for printers, which agents
 *	  beside the printers claim, print and report on.
 *
 * A job that was claimed is its agent's until a lease runs out; then somebody
 * else can claim it.  A claim has a uid, so that an agent who comes too late
 * can't end what another one is printing.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/page.h"
#include "card.h"
#include "erase.h"

#include "commands/async.h"

#define CHANNEL "flowcustomer_print"

/* How often a job is tried, and how long the first pause is. */
#define MAX_TRIES 5
#define FIRST_PAUSE_SECONDS 5

#define MAX_LEASE_SECONDS 86400

extern void customer_print_run(Call *call);
extern void print_job_claim_run(Call *call);
extern void print_job_done_run(Call *call);
extern void print_job_fail_run(Call *call);
extern void print_job_list_run(Call *call);
extern void customer_card_svg_run(Call *call);
extern void customer_card_html_run(Call *call);

/* ---------------------------------------------------------------------
 * Which printer
 * --------------------------------------------------------------------- */

/* The text of a row's field, or NULL when there is no such row or text. */
static char *
find_text(Call *call, ResourceId resource, const char *uid, int field)
{
	int			keys[MAX_KEYS] = {0};
	Datum		value = CStringGetTextDatum(uid ? uid : "");
	RowBlock   *block;

	if (uid == NULL)
		return NULL;
	(void) resource_keys(&resources[resource], keys);
	block = read_rows(call, resource, ANSWER, keys[0], &value, 1);
	return block->nrows == 0 || block->nulls[field] ? NULL : TextDatumGetCString(block->values[field]);
}

static char *
existing_printer(Call *call, char *uid)
{
	return uid != NULL && row_exists(call, RESOURCE_PRINTER, uid) ? uid : NULL;
}

/* A printer that stands in a store: rather one for labels. */
static char *
printer_of_store(Call *call, const char *store)
{
	Datum		value = CStringGetTextDatum(store);
	RowBlock   *block = read_rows(call, RESOURCE_PRINTER, ANSWER, PRINTER_STORE_UID, &value, 1);
	int			best = -1;

	for (int i = 0; i < block->nrows; i++)
	{
		const Datum *values = block->values + i * PRINTER_FIELDS;

		if (best < 0 || (strcmp(TextDatumGetCString(values[PRINTER_KIND]), "LABEL") == 0 &&
						 strcmp(TextDatumGetCString(block->values[best * PRINTER_FIELDS + PRINTER_KIND]), "LABEL") != 0))
			best = i;
	}
	return best < 0 ? NULL : TextDatumGetCString(block->values[best * PRINTER_FIELDS + PRINTER_UID]);
}

/* The printer to use when the caller names none; NULL when there is none. */
static char *
best_printer(Call *call)
{
	char	   *store = is_uid(call->actor, strlen(call->actor))
		? find_text(call, RESOURCE_TENANT_USER, call->actor, TENANT_USER_DEFAULT_STORE_UID) : NULL;
	char	   *printer = NULL;

	if (store != NULL)
		printer = existing_printer(call, find_text(call, RESOURCE_STORE, store, STORE_DEFAULT_PRINTER_UID));
	if (printer == NULL && store != NULL)
		printer = printer_of_store(call, store);
	if (printer == NULL)
		printer = existing_printer(call, find_text(call, RESOURCE_TENANT, "", TENANT_DEFAULT_PRINTER_UID));
	return printer;
}

/* The printer that the body names or that is best; NULL with a problem. */
static char *
choose_printer(Call *call)
{
	Row		   *body;
	char	   *printer;

	if (call->body != NULL)
	{
		body = decode_body(call, &resources[RESOURCE_PRINTER], KEY);
		if (call_failed(call))
			return NULL;
		printer = row_text(body, PRINTER_UID);
		if (printer != NULL && existing_printer(call, printer) == NULL)
		{
			call_not_found(call, RESOURCE_PRINTER);
			return NULL;
		}
		if (printer != NULL)
			return printer;
	}
	printer = best_printer(call);
	if (printer == NULL)
		problem_add(&call->problems, REASON_NO_PRINTER, NULL, NULL);
	return printer;
}

/* ---------------------------------------------------------------------
 * Jobs
 * --------------------------------------------------------------------- */

/* customer_print(tenant, customer, body): a job for a printer */
void
customer_print_run(Call *call)
{
	RowSet	   *jobs = rowset_create(call, RESOURCE_PRINT_JOB);
	Row		   *job = row_create(jobs->resource);
	Card		card;
	char	   *printer;
	bool		label;

	/* what is on the card must not be older than the lock */
	if (!call_load_tenant(call) || !customer_can_change(call, call->arguments[ARGUMENT_CUSTOMER]) ||
		!card_load(call, &card))
		return;
	printer = choose_printer(call);
	if (printer == NULL)
		return;
	label = strcmp(find_text(call, RESOURCE_PRINTER, printer, PRINTER_KIND), "LABEL") == 0;
	row_set_text(job, PRINT_JOB_UID, uid_generate());
	row_set_text(job, PRINT_JOB_PRINTER_UID, printer);
	row_set_text(job, PRINT_JOB_CUSTOMER_UID, call->arguments[ARGUMENT_CUSTOMER]);
	row_set_text(job, PRINT_JOB_FORMAT, label ? "ZPL" : "ESC_POS");
	row_set_text(job, PRINT_JOB_ENCODING, label ? "UTF_8" : "BASE64");
	row_set_text(job, PRINT_JOB_PAYLOAD, label ? card_zpl(&card) : card_escpos(&card));
	row_set_text(job, PRINT_JOB_STATE, "QUEUED");
	row_set(job, PRINT_JOB_ATTEMPTS, Int32GetDatum(0));
	row_set(job, PRINT_JOB_AVAILABLE_AT, TimestampTzGetDatum(call->now));
	row_set(job, PRINT_JOB_CREATED_AT, TimestampTzGetDatum(call->now));
	row_set_text(job, PRINT_JOB_CREATED_BY, call->actor);
	rowset_add(jobs, job);
	rowset_flush(jobs);
	Async_Notify(CHANNEL, psprintf("%s/%s", call->tenant_uid, printer));
}

/* print_job_claim(tenant, printer, lease, limit): the oldest jobs that wait for a printer */
void
print_job_claim_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_PRINT_JOBS_GIVE_UP};
	Datum		arguments[7];
	TextList	uids = {0};
	RowBlock   *block;
	uint64		nrows;

	if (!call_load_tenant(call))
		return;
	if (call->seconds < 1 || call->seconds > MAX_LEASE_SECONDS)
	{
		problem_add(&call->problems, REASON_OUT_OF_RANGE, "leaseSeconds", psprintf("1 to %d", MAX_LEASE_SECONDS));
		return;
	}
	if (!row_exists(call, RESOURCE_PRINTER, call->arguments[ARGUMENT_PRINTER]))
	{
		call_not_found(call, RESOURCE_PRINTER);
		return;
	}
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(call->arguments[ARGUMENT_PRINTER]);
	arguments[2] = TimestampTzGetDatum(call->now);
	arguments[3] = Int32GetDatum(MAX_TRIES);
	arguments[4] = TimestampTzGetDatum(call->now + (int64) call->seconds * USECS_PER_SEC);
	arguments[5] = CStringGetTextDatum(uid_generate());
	arguments[6] = Int64GetDatum(call->limit);
	/* who claimed them too often without a word is given up */
	(void) plan_execute(&key, 4, arguments, NULL, false);
	key.statement = STATEMENT_PRINT_JOBS_CLAIM;
	nrows = plan_execute(&key, 7, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
		text_list_add(&uids, result_text(i, 1));
	uids.count = sort_unique_texts(uids.values, uids.count);
	block = read_rows(call, RESOURCE_PRINT_JOB, ANSWER, PRINT_JOB_UID, uids.values, uids.count);
	answer_begin(call, 1024);
	appendStringInfoString(&call->answer, "{\"items\":[");
	render_in_order(&call->answer, block, PRINT_JOB_UID, uids.values, uids.count);
	appendStringInfoString(&call->answer, "]}");
}

/* Locks the job that the call names, which somebody has to have claimed: its agent, if the call says so. */
static Row *
load_claimed(Call *call, RowSet *jobs, const char *claim)
{
	const char *uid = call->arguments[ARGUMENT_UID];
	Datum		value = CStringGetTextDatum(uid);
	Row		   *job;

	if (!call_load_tenant(call))
		return NULL;
	rowset_load(jobs, PRINT_JOB_UID, &value, 1, false);
	job = rowset_find(jobs, uid);
	if (job == NULL)
	{
		call_not_found(call, RESOURCE_PRINT_JOB);
		return NULL;
	}
	if (strcmp(row_text(job, PRINT_JOB_STATE), "CLAIMED") != 0 ||
		(claim != NULL && strcmp(row_text(job, PRINT_JOB_CLAIM_UID), claim) != 0))
	{
		problem_add(&call->problems, REASON_NOT_CLAIMED, NULL, NULL);
		return NULL;
	}
	return job;
}

/* Ends a job: what was on the card is not kept. */
static void
finish_job(Call *call, Row *job, const char *state)
{
	row_set_text(job, PRINT_JOB_STATE, state);
	row_set_null(job, PRINT_JOB_PAYLOAD);
	row_set(job, PRINT_JOB_FINISHED_AT, TimestampTzGetDatum(call->now));
}

/* print_job_done(tenant, job, claim) */
void
print_job_done_run(Call *call)
{
	RowSet	   *jobs = rowset_create(call, RESOURCE_PRINT_JOB);
	Row		   *job = load_claimed(call, jobs, call->arguments[ARGUMENT_CLAIM]);

	if (job == NULL)
		return;
	row_set_null(job, PRINT_JOB_ERROR);
	finish_job(call, job, "DONE");
	rowset_flush(jobs);
}

/* print_job_fail(tenant, job, claim, body): to be tried again later, or given up */
void
print_job_fail_run(Call *call)
{
	RowSet	   *jobs = rowset_create(call, RESOURCE_PRINT_JOB);
	JsonPath	root = {.parent = NULL};
	Row		   *job = load_claimed(call, jobs, call->arguments[ARGUMENT_CLAIM]);
	Row		   *body;
	int			attempts;

	if (job == NULL)
		return;
	body = call->body ? decode_body(call, jobs->resource, WRITE) : row_create(jobs->resource);
	if (call_failed(call))
		return;
	apply_body(call, job, body, &root);
	attempts = DatumGetInt32(job->values[PRINT_JOB_ATTEMPTS]);
	row_set_null(job, PRINT_JOB_CLAIM_UID);
	row_set_null(job, PRINT_JOB_LEASED_UNTIL);
	if (attempts >= MAX_TRIES)
		finish_job(call, job, "FAILED");
	else
	{
		/* each pause four times as long as the one before */
		int64		seconds = (int64) FIRST_PAUSE_SECONDS << (2 * (attempts - 1));

		row_set_text(job, PRINT_JOB_STATE, "QUEUED");
		row_set(job, PRINT_JOB_AVAILABLE_AT, TimestampTzGetDatum(call->now + seconds * USECS_PER_SEC));
	}
	rowset_flush(jobs);
	answer_begin(call, 512);
	render_row(&call->answer, read_rows(call, RESOURCE_PRINT_JOB, VIEW_BRIEF, PRINT_JOB_UID,
										&job->values[PRINT_JOB_UID], 1), 0);
}

/* print_job_list(tenant, page) */
void
print_job_list_run(Call *call)
{
	(void) answer_page(call, LIST_PRINT_JOBS, NULL);
}

/* ---------------------------------------------------------------------
 * Pictures
 * --------------------------------------------------------------------- */

/* Answers with the card between two texts. */
static void
answer_card(Call *call, const char *before, const char *after)
{
	Card		card;

	if (!card_load(call, &card))
		return;
	answer_begin(call, 8192);
	appendStringInfoString(&call->answer, before);
	if (!card_append_svg(&call->answer, &card))
	{
		problem_add(&call->problems, REASON_NO_BARCODES, NULL, NULL);
		return;
	}
	appendStringInfoString(&call->answer, after);
}

/* customer_card_svg(tenant, customer) */
void
customer_card_svg_run(Call *call)
{
	answer_card(call, "", "");
}

/* customer_card_html(tenant, customer): the same as a page to print */
void
customer_card_html_run(Call *call)
{
	answer_card(call,
				"<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>Card</title>\n"
				"<style>\nbody { margin: 2em; }\n@page { size: 85.6mm 54mm; margin: 0; }\n"
				"@media print { body { margin: 0; } }\nsvg { display: block; }\n</style>\n</head>\n<body>\n",
				"</body>\n</html>\n");
}
