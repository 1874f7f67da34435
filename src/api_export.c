/*-------------------------------------------------------------------------
 *
 * api_export.c
 *	  Everything that is kept about a customer, for the customer.
 *
 * Orders are put into the answer one by one as the table gives them: an export
 * needs the memory of its answer and of one order.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"
#include "core/reference.h"
#include "core/xml_writer.h"
#include "changes.h"
#include "consents.h"
#include "merge.h"
#include "orders.h"

extern void customer_export_run(Call *call);
extern void customer_export_xml_run(Call *call);
extern void customer_export_full_run(Call *call);

/* Takes documents from the executor. */
typedef struct DocumentReceiver
{
	DestReceiver receiver;
	StringInfo	out;
	bool		xml;
	int			count;
	MemoryContext scratch;		/* for one document */
} DocumentReceiver;

static bool
receive_document(TupleTableSlot *slot, DestReceiver *self)
{
	DocumentReceiver *receiver = (DocumentReceiver *) self;
	MemoryContext old = MemoryContextSwitchTo(receiver->scratch);
	struct varlena *document;

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	document = PG_DETOAST_DATUM_PACKED(slot->tts_values[0]);
	if (receiver->xml)
	{
		JsonReader	reader;

		json_reader_init(&reader, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));
		xml_append_value(receiver->out, "item", &reader);
	}
	else
	{
		if (receiver->count > 0)
			appendStringInfoChar(receiver->out, ',');
		appendBinaryStringInfo(receiver->out, VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document));
	}
	receiver->count++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->scratch);
	return true;
}

/* Appends the documents of a customer's orders. */
static void
append_documents(Call *call, const OrderKind *kind, StringInfo out, bool xml)
{
	PlanKey		key = {.statement = STATEMENT_DOCUMENTS, .resource = kind->resource,
	.detail = kind->document, .extra = kind->customer_uid};
	Datum		arguments[2] = {call->tenant, CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER])};
	DocumentReceiver receiver = {
		.receiver = *CreateDestReceiver(DestNone), .out = out, .xml = xml,
		.scratch = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer document",
										 ALLOCSET_DEFAULT_SIZES)
	};

	receiver.receiver.receiveSlot = receive_document;
	plan_stream(&key, 2, arguments, NULL, call->reader, &receiver.receiver);
	MemoryContextDelete(receiver.scratch);
}

/* Reads the call's customer; NULL, with a problem, when there is none. */
static RowBlock *
read_customer(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	RowBlock   *block = read_rows(call, RESOURCE_CUSTOMER, ANSWER, CUSTOMER_UID, &uid, 1);

	if (block->nrows > 0)
		return block;
	call_not_found(call, RESOURCE_CUSTOMER);
	return NULL;
}

/* Begins an answer with what the contract's export has, and leaves it open. */
static bool
begin_export(Call *call)
{
	RowBlock   *customer = read_customer(call);
	StringInfo	out = &call->answer;

	if (customer == NULL)
		return false;
	answer_begin(call, 64 * 1024);
	appendStringInfoString(out, "{\"customer\":");
	render_row(out, customer, 0);
	for (int i = 0; i < ORDER_KINDS; i++)
	{
		appendStringInfo(out, ",\"%s\":[", order_kinds[i].list);
		append_documents(call, &order_kinds[i], out, false);
		appendStringInfoChar(out, ']');
	}
	return true;
}

/* customer_export(tenant, customer) */
void
customer_export_run(Call *call)
{
	if (begin_export(call))
		appendStringInfoChar(&call->answer, '}');
}

/* customer_export_xml(tenant, customer) */
void
customer_export_xml_run(Call *call)
{
	RowBlock   *customer = read_customer(call);
	StringInfo	out = &call->answer;
	StringInfoData json;
	JsonReader	reader;

	if (customer == NULL)
		return;
	initStringInfo(&json);
	render_row(&json, customer, 0);
	answer_begin(call, 64 * 1024);
	appendStringInfoString(out, "<export" XML_NAMESPACE ">");
	json_reader_init(&reader, json.data, json.len);
	xml_append_value(out, "customer", &reader);
	for (int i = 0; i < ORDER_KINDS; i++)
	{
		appendStringInfo(out, "<%s>", order_kinds[i].list);
		append_documents(call, &order_kinds[i], out, true);
		appendStringInfo(out, "</%s>", order_kinds[i].list);
	}
	appendStringInfoString(out, "</export>");
}

/* Appends a member that is a list of all rows which have a text in a column. */
static void
append_rows(Call *call, const char *name, ResourceId resource, uint32 view, int field,
			const Datum *values, int count)
{
	RowBlock   *block = read_rows(call, resource, view, field, values, count);
	StringInfo	out = &call->answer;

	appendStringInfo(out, ",\"%s\":[", name);
	for (int i = 0; i < block->nrows; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		render_row(out, block, i);
	}
	appendStringInfoChar(out, ']');
}

/* customer_export_full(tenant, customer): what the law asks for besides */
void
customer_export_full_run(Call *call)
{
	StringInfo	out = &call->answer;
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	TextList	uids;

	if (!begin_export(call))
		return;
	uids = customer_identities(call, call->arguments[ARGUMENT_CUSTOMER]);
	appendStringInfoString(out, ",\"consentHistory\":[");
	append_consent_history(call, out, call->arguments[ARGUMENT_CUSTOMER]);
	appendStringInfoChar(out, ']');
	append_rows(call, "mergedIdentities", RESOURCE_REDIRECT, VIEW_HISTORY, REDIRECT_SURVIVOR_UID, &uid, 1);
	appendStringInfoString(out, ",\"merges\":[");
	append_merges(call, out, &uids);
	appendStringInfoChar(out, ']');
	appendStringInfoString(out, ",\"changes\":[");
	append_changes_of(call, out, &uids);
	appendStringInfoChar(out, ']');
	append_rows(call, "accesses", RESOURCE_ACCESS, ANSWER, ACCESS_CUSTOMER_UID, uids.values, uids.count);
	append_rows(call, "printJobs", RESOURCE_PRINT_JOB, VIEW_BRIEF, PRINT_JOB_CUSTOMER_UID, &uid, 1);
	appendStringInfoString(out, ",\"references\":[");
	references_append_rows(call, &uids, out);
	appendStringInfoString(out, "]}");
}
