/*-------------------------------------------------------------------------
 *
 * api_similar.c
 *	  Who somebody that is being entered may be already.
 *
 * Which customers are worth comparing comes from the search index; how alike
 * they are is for core/compare.c to say.
 *
 *-------------------------------------------------------------------------
 */
#include "core/fold.h"
#include "core/frequency.h"
#include "core/json_writer.h"
#include "core/words.h"
#include "duplicates.h"

extern void customer_find_similar_run(Call *call);

/* Who is probably the same is worth telling. */
#define PROBABLE 0.5

/* So many are looked at for each way to find them. */
#define CANDIDATES 500

/* The patterns of one way to find candidates, which all have to fit. */
#define PROBE_PATTERNS 3

typedef struct Probes
{
	Call	   *call;
	TextList	found;
} Probes;

/* Finds customers whose search document has the patterns, of which any may be NULL. */
static void
probe(Probes *probes, const char *first, const char *second, const char *third)
{
	const char *patterns[PROBE_PATTERNS] = {first, second, third};
	PlanKey		key = {.statement = STATEMENT_CANDIDATES};
	Datum		texts[PROBE_PATTERNS];
	Datum		arguments[3];
	uint64		count;

	for (int i = 0; i < PROBE_PATTERNS; i++)
		texts[i] = CStringGetTextDatum(patterns[i] ? patterns[i] : "%");
	arguments[0] = probes->call->tenant;
	arguments[1] = text_array(texts, PROBE_PATTERNS);
	arguments[2] = Int64GetDatum(CANDIDATES);
	count = plan_execute(&key, 3, arguments, NULL, true);
	for (uint64 i = 0; i < count; i++)
		text_list_add(&probes->found, result_text(i, 1));
}

/* Patterns that anything of a length gives, and NULL for nothing. */
static char *
begins_word(const Span *word)
{
	return word->length > 0 ? psprintf("%% %.*s%%", word->length, word->data) : NULL;
}

/* So much of a text is telling; the rest costs more than it is worth. */
#define TELLING_LENGTH 16

static char *
begins_field(const Span *value)
{
	int			length = pg_mbcliplen(value->data, value->length, TELLING_LENGTH);

	return length > 0 ? psprintf("%%| %.*s%%", length, value->data) : NULL;
}

/* The folded text of a customer's field. */
static Span
folded_field(const Row *customer, int field)
{
	StringInfoData folded;

	initStringInfo(&folded);
	if (!customer->nulls[field])
		fold_words(&folded, VARDATA_ANY(DatumGetTextPP(customer->values[field])),
				   VARSIZE_ANY_EXHDR(DatumGetTextPP(customer->values[field])));
	/* without the space before its first word */
	return (Span) {folded.data + Min(folded.len, 1), Max(folded.len - 1, 0)};
}

/* The first word of a name that is no title. */
static Span
first_word(const Row *customer, int field)
{
	Span		rest = folded_field(customer, field);
	Span		first = {"", 0};
	Span		word;

	while (next_word(&rest, &word))
	{
		if (first.length == 0)
			first = word;
		if (!is_title(&word))
			return word;
	}
	return first;
}

/* The digits of a number that stand together and are most. */
static Span
longest_digits(const Span *number)
{
	Span		best = {"", 0};

	for (int i = 0; i < number->length; i++)
	{
		int			length = 0;

		while (i + length < number->length && number->data[i + length] >= '0' &&
			   number->data[i + length] <= '9')
			length++;
		if (length > best.length)
			best = (Span) {number->data + i, length};
		i += length;
	}
	return best;
}

/* The longest words of a text: the most telling ones. */
static void
longest_words(const Span *value, Span *first, Span *second)
{
	Span		rest = *value;
	Span		word;

	*first = *second = (Span) {"", 0};
	while (next_word(&rest, &word))
	{
		if (word.length > first->length)
		{
			*second = *first;
			*first = word;
		}
		else if (word.length > second->length)
			*second = word;
	}
}

/* People with the names, in any of their fields and, so that many others can't hide them, in theirs. */
static void
probe_names(Probes *probes, const Span *first, const Span *last)
{
	if (first->length == 0 || last->length == 0)
		return;
	/* the document begins with the first name */
	probe(probes, psprintf(" %.*s%%| %.*s|%%", first->length, first->data, last->length, last->data),
		  NULL, NULL);
	if (first->length > 1 && last->length > 1)
		probe(probes, begins_word(first), begins_word(last), NULL);
}

/* Companies by the beginning of their name, and by its most telling words. */
static void
probe_company(Probes *probes, const Span *name, const char *postal)
{
	Span		first;
	Span		second;

	if (name->length == 0)
		return;
	/* a company has no first and last name before it */
	probe(probes, psprintf("|%s", begins_field(name) + 1), NULL, NULL);
	longest_words(name, &first, &second);
	if (first.length > 1)
		probe(probes, begins_word(&first), begins_word(&second), NULL);
	if (first.length > 1 && postal)
		probe(probes, begins_word(&first), postal, NULL);
	if (second.length > 1 && postal)
		probe(probes, begins_word(&second), postal, NULL);
}

/*
 * Finds whom a customer can be: those with the same e-mail, telephone or VAT
 * number, with the same names, with one of the names and the same postal code.
 */
static void
find_candidates(Probes *probes, const Row *customer, const CompareRecord *record)
{
	const Span *values = record->values;
	Span		first = first_word(customer, CUSTOMER_FIRSTNAME);
	Span		last = first_word(customer, CUSTOMER_LASTNAME);
	Span		email = folded_field(customer, CUSTOMER_EMAIL);
	Span		vat_number = longest_digits(&values[COMPARE_VAT_NUMBER]);
	Span		rest = values[COMPARE_MOBILE];
	Span		mobile;
	Span		meant;
	char	   *postal = begins_field(&values[COMPARE_POSTAL_CODE]);

	if (values[COMPARE_EMAIL].length > 0)
		probe(probes, begins_field(&email), NULL, NULL);
	if (next_word(&rest, &mobile))
		probe(probes, psprintf("%%%.*s|%%", mobile.length, mobile.data), NULL, NULL);
	if (vat_number.length > 3)
		probe(probes, psprintf("%%%.*s%%", vat_number.length, vat_number.data), NULL, NULL);
	probe_names(probes, &first, &last);
	/* what a short form of a name stands for */
	meant = full_name(&first);
	if (meant.length != first.length || memcmp(meant.data, first.data, first.length) != 0)
		probe_names(probes, &meant, &last);
	if (last.length > 1 && postal)
		probe(probes, begins_word(&last), postal, NULL);
	if (first.length > 1 && postal)
		probe(probes, begins_word(&first), postal, NULL);
	probe_company(probes, &values[COMPARE_COMPANY_NAME], postal);
	probes->found.count = sort_unique_texts(probes->found.values, probes->found.count);
}

/* A candidate that was compared. */
typedef struct Candidate
{
	int			row;			/* in the block */
	Comparison	comparison;
} Candidate;

static int
compare_candidates(const void *a, const void *b)
{
	const Candidate *first = a;
	const Candidate *second = b;

	if (first->comparison.probability != second->comparison.probability)
		return first->comparison.probability > second->comparison.probability ? -1 : 1;
	return first->row - second->row;	/* they stand in the order of their uids */
}

/* People are not organizations. */
static bool
same_kind(const Row *customer, const RowBlock *block, int row)
{
	Datum		type = block->values[row * block->resource->nfields + CUSTOMER_TYPE];

	if (customer->nulls[CUSTOMER_TYPE])
		return true;
	return (strcmp(row_text(customer, CUSTOMER_TYPE), "PERSON") == 0) ==
		(strcmp(TextDatumGetCString(type), "PERSON") == 0);
}

/* Compares the rows of a block with a customer; gives those that are probably the same. */
static int
compare_block(const CompareModel *model, const Row *customer, const CompareRecord *record,
			  const RowBlock *block, Candidate *candidates)
{
	int			nfields = block->resource->nfields;
	int			n = 0;

	for (int row = 0; row < block->nrows; row++)
	{
		CompareRecord other;
		Datum		uid = block->values[row * nfields + CUSTOMER_UID];

		CHECK_FOR_INTERRUPTS();

		if (!same_kind(customer, block, row) ||
			(!customer->nulls[CUSTOMER_UID] && compare_texts(uid, customer->values[CUSTOMER_UID]) == 0))
			continue;
		compare_record_init(&other, block->values + row * nfields, block->nulls + row * nfields);
		candidates[n].row = row;
		candidates[n].comparison = compare_records(model, record, &other);
		if (candidates[n].comparison.probability >= PROBABLE)
			n++;
	}
	qsort(candidates, n, sizeof(Candidate), compare_candidates);
	return n;
}

/* Nothing is required of somebody who is still being typed. */
static void
forgive_missing(Problems *problems)
{
	int			n = 0;

	for (int i = 0; i < problems->count; i++)
	{
		if (problems->list[i].reason != REASON_MISSING)
			problems->list[n++] = problems->list[i];
	}
	problems->count = n;
}

/*
 * Makes the model: what was learned from the tenant's duplicates about how those
 * who are the same differ, but somebody who is being typed is more often there
 * already than two customers are the same.
 */
static void
make_model(Call *call, const Row *customer, CompareModel *model)
{
	CompareModel learned[CUSTOMER_KINDS];
	CustomerKind kind = KIND_PERSON;

	if (!customer->nulls[CUSTOMER_TYPE])
		kind = customer_kind(customer->values[CUSTOMER_TYPE]);
	compare_model_default(model, total_read(call, TOTAL_CUSTOMER, ""));
	if (duplicates_models(call, duplicates_state(call), learned))
		memcpy(model->likelihoods, learned[kind].likelihoods, sizeof(model->likelihoods));
}

/* customer_find_similar(tenant, body, limit): whom the body's customer probably is */
void
customer_find_similar_run(Call *call)
{
	JsonPath	root = {.parent = NULL};
	Row		   *body;
	Row		   *customer;
	CompareRecord record;
	CompareModel model;
	Probes		probes = {call, {0}};
	RowBlock   *block;
	Candidate  *candidates;
	StringInfo	out = &call->answer;
	int			count;

	if (!call_load_tenant(call))
		return;
	/* what is being typed does not have its form yet */
	call->tenant_row.lenient = true;
	body = decode_body(call, &resources[RESOURCE_CUSTOMER], VIEW_COMPARE);
	forgive_missing(&call->problems);
	if (call_failed(call))
		return;
	customer = row_create(&resources[RESOURCE_CUSTOMER]);
	apply_defaults(call, customer);
	apply_body(call, customer, body, &root);
	if (!body->nulls[CUSTOMER_UID])
		row_set(customer, CUSTOMER_UID, body->values[CUSTOMER_UID]);
	if (call_failed(call))
		return;
	compare_record_init(&record, customer->values, customer->nulls);
	make_model(call, customer, &model);
	find_candidates(&probes, customer, &record);
	set_frequencies(&record, &model, customer->values);
	block = read_rows(call, RESOURCE_CUSTOMER, VIEW_COMPARE, CUSTOMER_UID,
					  probes.found.values, probes.found.count);
	candidates = palloc(Max(block->nrows, 1) * sizeof(Candidate));
	count = compare_block(&model, customer, &record, block, candidates);
	answer_begin(call, 256 + 1024 * Min(count, call->limit));
	appendStringInfoString(out, "{\"items\":[");
	for (int i = 0; i < Min(count, call->limit); i++)
	{
		Datum	   *values = block->values + candidates[i].row * block->resource->nfields;

		if (i > 0)
			appendStringInfoChar(out, ',');
		appendStringInfoChar(out, '{');
		json_append_member(out, "customerUid", TextDatumGetCString(values[CUSTOMER_UID]));
		appendStringInfoChar(out, ',');
		json_append_member(out, "displayName", TextDatumGetCString(values[CUSTOMER_DISPLAY_NAME]));
		appendStringInfo(out, ",\"score\":%.4g,", candidates[i].comparison.probability);
		appendStringInfoString(out, "\"reasons\":");
		comparison_append_fields(out, &candidates[i].comparison);
		appendStringInfo(out, ",\"swappedNames\":%s,\"shared\":%.3g}",
						 candidates[i].comparison.likeness.swapped ? "true" : "false",
						 candidates[i].comparison.shared);
	}
	appendStringInfo(out, "],\"totalCount\":%d}", count);
}
