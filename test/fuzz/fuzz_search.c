/*-------------------------------------------------------------------------
 *
 * fuzz_search.c
 *	  Search: whatever a customer's fields hold, asking for what is in one of
 *	  them finds the customer, also when similar words do; and whatever is
 *	  taken for a document and a query, the score is one of 0 to 1.
 *
 * The input is the values of the fields, a line for each.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/fold.h"
#include "core/normalize.h"
#include "core/search.h"
#include "core/words.h"

extern Datum flowcustomer_search_score(PG_FUNCTION_ARGS);

/* The form in which a field is stored. */
static const Form forms[SEARCH_FIELDS] = {
	[SEARCH_EMAIL] = FORM_EMAIL,
	[SEARCH_MOBILE] = FORM_MOBILE,
	[SEARCH_VAT_NUMBER] = FORM_VAT_NUMBER,
	[SEARCH_POSTAL_CODE] = FORM_POSTAL_CODE,
};

static void
check_query(const StringInfo document, uint32 fields, bool exact, const Span *value,
			bool finds)
{
	SearchQuery query;
	double		found;

	search_query_init(&query);
	search_query_add(&query, fields, exact, value->data, value->length);
	PROPERTY(is_text(query.text.data, query.text.len));
	PROPERTY(query.npatterns >= 0 && query.npatterns <= SEARCH_MAX_PATTERNS);
	/* of punctuation alone there is nothing to look for */
	if (search_query_is_empty(&query))
		return;
	found = search_score(document->data, document->len, &query, NULL, NULL);
	PROPERTY(found >= 0 && found <= 1 && (found > 0 || !finds));

	if (exact)
		return;
	search_query_loosen(&query);
	PROPERTY(found == 0 || search_score(document->data, document->len, &query, NULL, NULL) > 0);
	for (int i = 0; i < query.npatterns; i++)
		PROPERTY(query.mistyped[i].npatterns <= SEARCH_MAX_VARIANTS &&
				 (query.mistyped[i].npatterns > 0 || query.mistyped[i].expression != NULL));
}

/*
 * Has a value a number?  Those of a query are joined and left without the code
 * of a country, as telephone numbers are, so something else with one in it is
 * not always found by itself.
 */
static bool
has_number(const Span *value)
{
	StringInfoData words;
	Span		rest;
	Span		word;

	initStringInfo(&words);
	fold_words(&words, value->data, value->length);
	rest = (Span) {words.data, words.len};
	while (next_word(&rest, &word))
	{
		if (is_number(&word))
			return true;
	}
	return false;
}

/* What other databases are asked for: expressions that are texts. */
static void
check_terms(const Span *value)
{
	SearchQuery query;
	SearchTerm	terms[4];
	int			n;

	search_query_init(&query);
	search_query_add(&query, SEARCH_ALL_FIELDS, false, value->data, value->length);
	if (search_query_is_empty(&query))
		return;
	for (int loosened = 0; loosened < 2; loosened++)
	{
		n = search_query_terms(&query, terms, lengthof(terms));
		PROPERTY(n > 0 && n <= (int) lengthof(terms));
		for (int i = 0; i < n; i++)
			PROPERTY(terms[i].fields == SEARCH_ALL_FIELDS &&
					 is_text(terms[i].expression, strlen(terms[i].expression)));
		search_query_loosen(&query);
	}
}

/* search_score() of SQL, which takes whatever it is given. */
static void
check_any_score(const Piece *document, const Piece *query)
{
	LOCAL_FCINFO(fcinfo, 2);
	double		found;

	InitFunctionCallInfoData(*fcinfo, NULL, 2, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = text_datum(document);
	fcinfo->args[0].isnull = false;
	fcinfo->args[1].value = text_datum(query);
	fcinfo->args[1].isnull = false;
	found = DatumGetFloat8(flowcustomer_search_score(fcinfo));
	PROPERTY(found >= 0 && found <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	Span		values[SEARCH_FIELDS] = {0};
	StringInfoData document;
	int			bars = 0;
	bool		finds;
	Piece		first;
	Piece		rest;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text(text, size))
		return 0;
	rest = copy_piece(text, size);
	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		Piece		line = take_line(&text, &size);
		char	   *normal = palloc(line.length + NORMALIZE_GROWTH);
		int			length;

		/* no field holds an empty value, nor one that has not its form */
		if (line.length > 0 &&
			normalize(forms[i], line.data, line.length, "NO", normal, &length))
		{
			line = copy_piece(normal, length);
			values[i] = (Span) {line.data, line.length};
		}
	}
	initStringInfo(&document);
	search_document_append(&document, values);
	PROPERTY(is_text(document.data, document.len));
	for (int i = 0; i < document.len; i++)
		bars += document.data[i] == '|';
	PROPERTY(bars == SEARCH_FIELDS);

	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if (values[i].data == NULL)
			continue;
		finds = i == SEARCH_MOBILE || !has_number(&values[i]);
		check_query(&document, SEARCH_ALL_FIELDS, false, &values[i], finds);
		check_query(&document, 1 << i, false, &values[i], finds);
		check_query(&document, 1 << i, true, &values[i], finds);
	}

	/* which takes a while for each letter, so of the short ones */
	if (values[SEARCH_CITY].data != NULL && values[SEARCH_CITY].length <= 8)
		check_terms(&values[SEARCH_CITY]);

	text = rest.data;
	size = rest.length;
	first = take_line(&text, &size);
	rest = copy_piece(text, size);
	check_any_score(&first, &rest);
	check_any_score(&rest, &first);
	forget_memory();
	return 0;
}
