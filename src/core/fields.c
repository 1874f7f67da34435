/*-------------------------------------------------------------------------
 *
 * fields.c
 *	  The resources, made from the lists in src/fields/, and the view of
 *	  them that SQL gets (flowcustomer.fields()).
 *
 *-------------------------------------------------------------------------
 */
#include "core/fields.h"
#include "core/operation.h"

SQL_FUNCTION(flowcustomer_fields);

static const char *const customer_types[] = {"PERSON", "COMPANY", "B2B", NULL};
static const char *const address_types[] = {"DELIVERY_ADDRESS", "INVOICE_ADDRESS", NULL};
static const char *const contact_roles[] = {"ADMIN", "PURCHASER", "ACCOUNTING", "NONE", NULL};
static const char *const customer_extension_codes[] = {"TWO_INVOICE", "KLAVIYO_PROFILE_ID", NULL};
static const char *const contact_extension_codes[] = {"TWO_INVOICE", NULL};
static const char *const search_scopes[] = {"CUSTOMER", "CONTACT", NULL};
static const char *const collision_rules[] = {"BLOCK", "KEEP", "SUM", "ARCHIVE", NULL};
static const char *const run_outcomes[] = {"MERGED", "POSSIBLE", "FAILED", NULL};
static const char *const change_operations[] = {"CREATE", "UPDATE", "DELETE", "MERGE", "ERASE", "FORGET", NULL};
static const char *const erasure_states[] = {"QUEUED", "CANCELED", "DONE", NULL};
static const char *const print_formats[] = {"ZPL", "ESC_POS", NULL};
static const char *const print_encodings[] = {"UTF_8", "BASE64", NULL};
static const char *const print_states[] = {"QUEUED", "CLAIMED", "DONE", "FAILED", NULL};
static const char *const printer_kinds[] = {"LABEL", "RECEIPT", NULL};

#define FIELD(symbol, json_, column_, kind_, flags_, ...) \
	[symbol] = {.json = json_, .column = column_, .kind = kind_, .flags = flags_, __VA_ARGS__},

/* Our compilers take the trailing comma that FIELD makes without options. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
static const Field tenant_fields[] = {
#include "fields/tenant.h"
};
static const Field organization_fields[] = {
#include "fields/organization.h"
};
static const Field store_fields[] = {
#include "fields/store.h"
};
static const Field tenant_user_fields[] = {
#include "fields/tenant_user.h"
};
static const Field consent_fields[] = {
#include "fields/consent.h"
};
static const Field printer_fields[] = {
#include "fields/printer.h"
};
static const Field customer_fields[] = {
#include "fields/customer.h"
};
static const Field address_fields[] = {
#include "fields/customer_address.h"
};
static const Field customer_extension_fields[] = {
#include "fields/customer_extension.h"
};
static const Field customer_consent_fields[] = {
#include "fields/customer_consent.h"
};
static const Field contact_fields[] = {
#include "fields/contact.h"
};
static const Field link_fields[] = {
#include "fields/customer_contact.h"
};
static const Field contact_extension_fields[] = {
#include "fields/contact_extension.h"
};
static const Field group_fields[] = {
#include "fields/customer_group.h"
};
static const Field member_fields[] = {
#include "fields/customer_group_member.h"
};
static const Field sales_order_fields[] = {
#include "fields/sales_order.h"
};
static const Field service_order_fields[] = {
#include "fields/service_order.h"
};
static const Field external_customer_fields[] = {
#include "fields/external_customer.h"
};
static const Field external_source_fields[] = {
#include "fields/external_source.h"
};
static const Field redirect_fields[] = {
#include "fields/customer_redirect.h"
};
static const Field merge_fields[] = {
#include "fields/merge.h"
};
static const Field reference_fields[] = {
#include "fields/reference.h"
};
static const Field duplicate_state_fields[] = {
#include "fields/duplicate_state.h"
};
static const Field duplicate_customer_fields[] = {
#include "fields/duplicate_customer.h"
};
static const Field duplicate_pair_fields[] = {
#include "fields/duplicate_pair.h"
};
static const Field duplicate_dismissal_fields[] = {
#include "fields/duplicate_dismissal.h"
};
static const Field duplicate_run_fields[] = {
#include "fields/duplicate_run.h"
};
static const Field duplicate_run_item_fields[] = {
#include "fields/duplicate_run_item.h"
};
static const Field retention_fields[] = {
#include "fields/retention.h"
};
static const Field hold_fields[] = {
#include "fields/customer_hold.h"
};
static const Field erasure_fields[] = {
#include "fields/erasure.h"
};
static const Field print_job_fields[] = {
#include "fields/print_job.h"
};
static const Field change_fields[] = {
#include "fields/change.h"
};
static const Field change_generation_fields[] = {
#include "fields/change_generation.h"
};
static const Field access_fields[] = {
#include "fields/customer_access.h"
};
static const Field grant_fields[] = {
#include "fields/access_grant.h"
};
static const Field authenticator_fields[] = {
#include "fields/authenticator.h"
};
static const Field settlement_fields[] = {
#include "fields/settlement.h"
};
static const Field search_fields[] = {
#include "fields/customer_search.h"
};
static const Field customer_merge_fields[] = {
#include "fields/customer_merge.h"
};
#pragma GCC diagnostic pop
#undef FIELD

/* What people call a resource: English, then Norwegian, Swedish, Danish with the article. */
#define NOUN(en, nb, sv, da) ((const char *const[]) {en, nb, sv, da})

#define RESOURCE(id_, table_, label_, codes_, noun_, fields_) \
	[id_] = {id_, table_, label_, codes_, noun_, fields_, lengthof(fields_)}

const Resource resources[RESOURCE_COUNT] = {
	RESOURCE(RESOURCE_TENANT, "tenant", "TENANT", ENTITY | CODE_NOT_FOUND,
			 NOUN("tenant", "tenanten", "tenanten", "tenanten"), tenant_fields),
	RESOURCE(RESOURCE_ORGANIZATION, "organization", "ORGANIZATION", ENTITY | CODE_NOT_FOUND | CODE_IN_USE,
			 NOUN("organization", "organisasjonen", "organisationen", "organisationen"), organization_fields),
	RESOURCE(RESOURCE_STORE, "store", "STORE", ENTITY | CODE_NOT_FOUND | CODE_IN_USE,
			 NOUN("store", "butikken", "butiken", "butikken"), store_fields),
	RESOURCE(RESOURCE_TENANT_USER, "tenant_user", "TENANT_USER", ENTITY | CODE_NOT_FOUND | CODE_IN_USE,
			 NOUN("user", "brukeren", "användaren", "brugeren"), tenant_user_fields),
	RESOURCE(RESOURCE_CONSENT, "consent", "CONSENT", ENTITY | CODE_NOT_FOUND | CODE_IN_USE,
			 NOUN("consent", "samtykketypen", "samtyckestypen", "samtykketypen"), consent_fields),
	RESOURCE(RESOURCE_PRINTER, "printer", "PRINTER", ENTITY | CODE_NOT_FOUND,
			 NOUN("printer", "skriveren", "skrivaren", "printeren"), printer_fields),
	RESOURCE(RESOURCE_CUSTOMER, "customer", "CUSTOMER", ENTITY | CODE_NOT_FOUND | CODE_ALREADY_EXISTS,
			 NOUN("customer", "kunden", "kunden", "kunden"), customer_fields),
	RESOURCE(RESOURCE_ADDRESS, "customer_address", "ADDRESS", CODE_NOT_FOUND,
			 NOUN("address", "adressen", "adressen", "adressen"), address_fields),
	RESOURCE(RESOURCE_CUSTOMER_EXTENSION, "customer_extension", "EXTENSION", CODE_NOT_FOUND,
			 NOUN("extension", "utvidelsen", "tillägget", "udvidelsen"), customer_extension_fields),
	RESOURCE(RESOURCE_CUSTOMER_CONSENT, "customer_consent", "CUSTOMER_CONSENT", 0,
			 NOUN("consent", "samtykket", "samtycket", "samtykket"), customer_consent_fields),
	RESOURCE(RESOURCE_CONTACT, "contact", "CONTACT", ENTITY | CODE_NOT_FOUND | CODE_ALREADY_EXISTS,
			 NOUN("contact", "kontakten", "kontakten", "kontakten"), contact_fields),
	RESOURCE(RESOURCE_LINK, "customer_contact", "CONTACT_LINK", 0,
			 NOUN("link", "koblingen", "kopplingen", "koblingen"), link_fields),
	RESOURCE(RESOURCE_CONTACT_EXTENSION, "contact_extension", "EXTENSION", CODE_NOT_FOUND,
			 NOUN("extension", "utvidelsen", "tillägget", "udvidelsen"), contact_extension_fields),
	RESOURCE(RESOURCE_GROUP, "customer_group", "GROUP", ENTITY | CODE_NOT_FOUND | CODE_ALREADY_EXISTS,
			 NOUN("customer group", "kundegruppen", "kundgruppen", "kundegruppen"), group_fields),
	RESOURCE(RESOURCE_MEMBER, "customer_group_member", "MEMBER", 0,
			 NOUN("member", "medlemmet", "medlemmen", "medlemmet"), member_fields),
	RESOURCE(RESOURCE_SALES_ORDER, "sales_order", "SALES_ORDER", ENTITY | CODE_NOT_FOUND,
			 NOUN("order", "ordren", "ordern", "ordren"), sales_order_fields),
	RESOURCE(RESOURCE_SERVICE_ORDER, "service_order", "SERVICE_ORDER", ENTITY | CODE_NOT_FOUND,
			 NOUN("service order", "serviceordren", "serviceordern", "serviceordren"), service_order_fields),
	RESOURCE(RESOURCE_EXTERNAL_CUSTOMER, "external_customer", "EXTERNAL_CUSTOMER", ENTITY | CODE_NOT_FOUND,
			 NOUN("external customer", "den eksterne kunden", "den externa kunden", "den eksterne kunde"), external_customer_fields),
	RESOURCE(RESOURCE_EXTERNAL_SOURCE, "external_source", "EXTERNAL_SOURCE", ENTITY | CODE_NOT_FOUND,
			 NOUN("external source", "den eksterne kilden", "den externa källan", "den eksterne kilde"), external_source_fields),
	RESOURCE(RESOURCE_REDIRECT, "customer_redirect", "REDIRECT", 0,
			 NOUN("redirect", "omdirigeringen", "omdirigeringen", "omdirigeringen"), redirect_fields),
	RESOURCE(RESOURCE_MERGE, "merge", "MERGE", CODE_NOT_FOUND,
			 NOUN("merge", "sammenslåingen", "sammanslagningen", "sammenlægningen"), merge_fields),
	RESOURCE(RESOURCE_REFERENCE, "reference", "REFERENCE", SHARED | CODE_NOT_FOUND,
			 NOUN("registered table", "den registrerte tabellen", "den registrerade tabellen", "den registrerede tabel"), reference_fields),
	RESOURCE(RESOURCE_DUPLICATE_STATE, "duplicate_state", "DUPLICATE_STATE", 0,
			 NOUN("search for duplicates", "dublettsøket", "dubblettsökningen", "dubletsøgningen"), duplicate_state_fields),
	RESOURCE(RESOURCE_DUPLICATE_CUSTOMER, "duplicate_customer", "DUPLICATE_CUSTOMER", 0,
			 NOUN("customer", "kunden", "kunden", "kunden"), duplicate_customer_fields),
	RESOURCE(RESOURCE_DUPLICATE_PAIR, "duplicate_pair", "DUPLICATE_PAIR", 0,
			 NOUN("pair", "paret", "paret", "parret"), duplicate_pair_fields),
	RESOURCE(RESOURCE_DUPLICATE_DISMISSAL, "duplicate_dismissal", "DISMISSAL", CODE_NOT_FOUND,
			 NOUN("dismissal", "avvisningen", "avvisningen", "afvisningen"), duplicate_dismissal_fields),
	RESOURCE(RESOURCE_DUPLICATE_RUN, "duplicate_run", "RUN", 0,
			 NOUN("run", "kjøringen", "körningen", "kørslen"), duplicate_run_fields),
	RESOURCE(RESOURCE_DUPLICATE_RUN_ITEM, "duplicate_run_item", "RUN_ITEM", 0,
			 NOUN("pair", "paret", "paret", "parret"), duplicate_run_item_fields),
	RESOURCE(RESOURCE_RETENTION, "retention", "RETENTION", ENTITY,
			 NOUN("rules", "reglene", "reglerna", "reglerne"), retention_fields),
	RESOURCE(RESOURCE_HOLD, "customer_hold", "HOLD", CODE_NOT_FOUND | CODE_ALREADY_EXISTS,
			 NOUN("hold", "sperren", "spärren", "spærringen"), hold_fields),
	RESOURCE(RESOURCE_ERASURE, "erasure", "ERASURE", CODE_NOT_FOUND,
			 NOUN("erasure", "slettingen", "raderingen", "sletningen"), erasure_fields),
	RESOURCE(RESOURCE_PRINT_JOB, "print_job", "PRINT_JOB", CODE_NOT_FOUND,
			 NOUN("print job", "utskriftsjobben", "utskriftsjobbet", "udskriftsjobbet"), print_job_fields),
	RESOURCE(RESOURCE_CHANGE, "change", "CHANGE", 0,
			 NOUN("change", "endringen", "ändringen", "ændringen"), change_fields),
	RESOURCE(RESOURCE_CHANGE_GENERATION, "change_generation", "CHANGE_GENERATION", SHARED,
			 NOUN("server", "serveren", "servern", "serveren"), change_generation_fields),
	RESOURCE(RESOURCE_ACCESS, "customer_access", "ACCESS", 0,
			 NOUN("access", "tilgangen", "åtkomsten", "adgangen"), access_fields),
	RESOURCE(RESOURCE_GRANT, "access_grant", "GRANT", CODE_NOT_FOUND,
			 NOUN("grant of access", "tilgangen", "åtkomsten", "adgangen"), grant_fields),
	RESOURCE(RESOURCE_AUTHENTICATOR, "authenticator", "AUTHENTICATOR", SHARED,
			 NOUN("authenticator", "rollen", "rollen", "rollen"), authenticator_fields),
	RESOURCE(RESOURCE_SETTLEMENT, NULL, "SETTLEMENT", 0,
			 NOUN("settlement", "betalingen", "betalningen", "betalingen"), settlement_fields),
	RESOURCE(RESOURCE_CUSTOMER_SEARCH, NULL, "SEARCH", 0,
			 NOUN("search", "søket", "sökningen", "søgningen"), search_fields),
	RESOURCE(RESOURCE_CUSTOMER_MERGE, NULL, "MERGE_BODY", 0,
			 NOUN("merge", "sammenslåingen", "sammanslagningen", "sammenlægningen"), customer_merge_fields),
};

/* The index of the field that owns a column; -1 when there is none. */
int
field_find(const Resource *resource, const char *column)
{
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (field_has_column(field) && strcmp(field->column, column) == 0)
			return i;
	}
	return -1;
}

/* The same; there must be one. */
int
field_by_column(const Resource *resource, const char *column)
{
	int			field = field_find(resource, column);

	if (field < 0)
		elog(ERROR, "resource \"%s\" has no column \"%s\"", resource->table, column);
	return field;
}

/* The indexes of a resource's key fields, in the order of its key; gives how many. */
int
resource_keys(const Resource *resource, int *keys)
{
	int			n = 0;

	for (int i = 0; i < resource->nfields; i++)
	{
		if ((resource->fields[i].flags & KEY) && field_has_column(&resource->fields[i]))
			keys[n++] = i;
	}
	Assert(n <= MAX_KEYS);
	return n;
}

/* The values that an enum field accepts, with commas between; palloc'd. */
char *
field_list_allowed(const Field *field)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; field->allowed[i]; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", field->allowed[i]);
	return out.data;
}

/* Does an enum field accept a value? */
bool
field_allows(const Field *field, const char *value, int length)
{
	for (int i = 0; field->allowed[i]; i++)
	{
		if (strncmp(field->allowed[i], value, length) == 0 && field->allowed[i][length] == '\0')
			return true;
	}
	return false;
}

/* The SQL type of a field's column. */
Oid
field_type(const Field *field)
{
	switch (field->kind)
	{
		case FIELD_INTEGER:
			return INT4OID;
		case FIELD_AMOUNT:
			return INT8OID;
		case FIELD_BOOLEAN:
			return BOOLOID;
		case FIELD_TIMESTAMP:
			return TIMESTAMPTZOID;
		case FIELD_DOCUMENT:
			return JSONOID;
		case FIELD_SCORE:
		case FIELD_RELEVANCE:
			return FLOAT8OID;
		default:
			return TEXTOID;
	}
}

static const char *
merge_rule_name(MergeRule rule)
{
	switch (rule)
	{
		case MERGE_FILL:
			return "FILL";
		case MERGE_SUM:
			return "SUM";
		case MERGE_EARLIEST:
			return "EARLIEST";
		case MERGE_KEEP:
			break;
	}
	return "KEEP";
}

/* SQL-callable: fields(), the field tables as rows */
Datum
flowcustomer_fields(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int r = 0; r < RESOURCE_COUNT; r++)
	{
		const Resource *resource = &resources[r];

		for (int i = 0; resource->table && i < resource->nfields; i++)
		{
			const Field *field = &resource->fields[i];
			Datum		values[12];
			bool		nulls[12] = {0};
			Datum		allowed[16];
			int			nallowed = 0;

			values[0] = CStringGetTextDatum(resource->table);
			values[1] = Int32GetDatum(i + 1);
			nulls[2] = field->json == NULL;
			if (field->json)
				values[2] = CStringGetTextDatum(field->json);
			nulls[3] = field->column == NULL;
			if (field->column)
				values[3] = CStringGetTextDatum(field->column);
			nulls[4] = !field_is_scalar(field) && field->kind != FIELD_DOCUMENT;
			values[4] = ObjectIdGetDatum(field_type(field));
			values[5] = BoolGetDatum(field->flags & (WRITE | CREATE | RELATE | LEDGER));
			values[6] = BoolGetDatum(field->flags & REQUIRED);
			values[7] = BoolGetDatum(field->flags & VIEW_MASK);
			values[8] = BoolGetDatum(field->flags & PERSONAL);
			nulls[9] = field->max_length == 0;
			values[9] = Int32GetDatum(field->max_length);
			for (; field->allowed && field->allowed[nallowed]; nallowed++)
				allowed[nallowed] = CStringGetTextDatum(field->allowed[nallowed]);
			nulls[10] = nallowed == 0;
			values[10] = PointerGetDatum(construct_array(allowed, nallowed, TEXTOID,
														 -1, false, TYPALIGN_INT));
			values[11] = CStringGetTextDatum(merge_rule_name(field->merge));
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
