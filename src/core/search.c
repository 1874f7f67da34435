/*-------------------------------------------------------------------------
 *
 * search.c
 *	  Search documents, queries, and how well the one fits the other.
 *
 * A document is the folded text of eight fields, each word with a space
 * before it and each field with a bar behind it:
 *
 *		 kari anne| nordmann|| kari example com| 4791234567|| 0150| oslo|
 *
 * so that a word's beginning is " word", and that nothing matches across
 * fields.  A trigram index finds the documents that hold all words of a query;
 * the score decides, field by field.  Nothing here touches a table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/fold.h"
#include "core/search.h"

#include "utils/varlena.h"

SQL_FUNCTION(flowcustomer_search_document);
SQL_FUNCTION(flowcustomer_search_score);

/* How a condition's words have to match. */
#define MODE_WORDS '-'			/* each somewhere */
#define MODE_EXACT '='			/* together a whole field */
#define MODE_SIMILAR '~'		/* each somewhere, or a similar one */

/* What a match in a field counts: names before city. */
static const double field_weights[SEARCH_FIELDS] = {
	[SEARCH_FIRSTNAME] = 1.0,
	[SEARCH_LASTNAME] = 1.0,
	[SEARCH_COMPANY_NAME] = 1.0,
	[SEARCH_EMAIL] = 0.9,
	[SEARCH_MOBILE] = 0.95,
	[SEARCH_VAT_NUMBER] = 0.95,
	[SEARCH_POSTAL_CODE] = 0.7,
	[SEARCH_CITY] = 0.6,
};

/* What a kind of match counts. */
#define QUALITY_FIELD 1.0
#define QUALITY_WORD 0.85
#define QUALITY_PREFIX 0.7
#define QUALITY_INSIDE 0.4
#define QUALITY_SIMILAR 0.3

/* Digits typed with spaces between them are one number from here on. */
#define JOINED_DIGITS 5

/* So many last digits of a telephone number are the whole of it. */
#define WHOLE_NUMBER_DIGITS 8

typedef struct Span
{
	const char *data;
	int			length;
} Span;

/* ---------------------------------------------------------------------
 * Documents
 * --------------------------------------------------------------------- */

/* SQL-callable: search_document(first, last, company, email, mobile, vat, postal, city) */
Datum
flowcustomer_search_document(PG_FUNCTION_ARGS)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if (!PG_ARGISNULL(i))
		{
			text	   *value = PG_GETARG_TEXT_PP(i);
			const char *data = VARDATA_ANY(value);
			int			length = VARSIZE_ANY_EXHDR(value);
			int			first = out.len;

			if (i < SEARCH_MOBILE || i == SEARCH_CITY)
				fold_words(&out, data, length);
			else
				fold_joined(&out, data, length);
			/* a VAT number also without the letters around its digits */
			if (i == SEARCH_VAT_NUMBER && out.len > first + 3 &&
				out.data[first + 1] > '9' && out.data[first + 2] > '9')
			{
				int			end = out.len;

				while (end > first + 3 && out.data[end - 1] > '9')
					end--;
				appendStringInfoChar(&out, ' ');
				appendBinaryStringInfo(&out, pnstrdup(out.data + first + 3, end - first - 3),
									   end - first - 3);
			}
		}
		appendStringInfoChar(&out, '|');
	}
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_TEXT_P((text *) out.data);
}

/* ---------------------------------------------------------------------
 * Queries
 * --------------------------------------------------------------------- */

/* Starts a query that nothing has been asked of yet. */
void
search_query_init(SearchQuery *query)
{
	memset(query, 0, sizeof(SearchQuery));
	initStringInfo(&query->text);
}

static bool
next_word(Span *rest, Span *word)
{
	while (rest->length > 0 && *rest->data == ' ')
		rest->data++, rest->length--;
	word->data = rest->data;
	word->length = 0;
	while (rest->length > 0 && *rest->data != ' ')
		rest->data++, rest->length--, word->length++;
	return word->length > 0;
}

static bool
is_number(const Span *word)
{
	for (int i = 0; i < word->length; i++)
	{
		if (word->data[i] < '0' || word->data[i] > '9')
			return false;
	}
	return word->length > 0;
}

/*
 * A telephone number without what is written before it for calls from abroad
 * or from elsewhere: then it is found however it was stored.
 */
static Span
national_number(Span number, bool international)
{
	static const char *const codes[] = {"47", "46", "45", "358", "354", "298", "49", "44", "48"};

	if (number.length > 4 && strncmp(number.data, "00", 2) == 0)
	{
		number.data += 2;
		number.length -= 2;
		international = true;
	}
	for (int i = 0; i < (int) lengthof(codes); i++)
	{
		int			length = strlen(codes[i]);

		if (strncmp(number.data, codes[i], length) == 0 &&
			(international ? number.length > length + 3
			 : number.length >= length + WHOLE_NUMBER_DIGITS))
		{
			number.data += length;
			number.length -= length;
			return number;
		}
	}
	if (number.length > WHOLE_NUMBER_DIGITS && *number.data == '0')
	{
		number.data++;
		number.length--;
	}
	return number;
}

static void
add_word(SearchQuery *query, const Span *word)
{
	appendStringInfo(&query->text, " %.*s", word->length, word->data);
	if (query->npatterns == SEARCH_MAX_PATTERNS)
		return;
	/* one or two characters have no trigram inside a word, but at its start */
	query->patterns[query->npatterns] =
		psprintf(word->length <= 2 ? "%% %.*s%%" : "%%%.*s%%", word->length, word->data);
	query->words[query->npatterns++] = pnstrdup(word->data, word->length);
}

/*
 * Adds a condition: the words of a text have to be in the fields whose bits
 * are set, or with "exact" to be one of them as a whole.  A text without words
 * adds nothing.  Digits that were typed in groups become one number.
 */
void
search_query_add(SearchQuery *query, uint32 fields, bool exact,
				 const char *text, int length)
{
	StringInfoData folded;
	Span		rest;
	Span		word;
	bool		international = memchr(text, '+', length) != NULL;
	int			start = query->text.len;

	initStringInfo(&folded);
	fold_words(&folded, text, length);
	rest = (Span) {folded.data, folded.len};
	appendStringInfo(&query->text, "%02x%c", fields, exact ? MODE_EXACT : MODE_WORDS);
	while (next_word(&rest, &word))
	{
		Span		ahead = rest;
		Span		next;
		StringInfoData number;

		if (!is_number(&word))
		{
			add_word(query, &word);
			continue;
		}
		initStringInfo(&number);
		appendBinaryStringInfo(&number, word.data, word.length);
		while (next_word(&ahead, &next) && is_number(&next))
			appendBinaryStringInfo(&number, next.data, next.length);
		if (number.len >= JOINED_DIGITS)
		{
			Span		whole = {number.data, number.len};

			while ((ahead = rest, next_word(&ahead, &next)) && is_number(&next))
				rest = ahead;
			whole = national_number(whole, international);
			add_word(query, &whole);
		}
		else
			add_word(query, &word);
	}
	if (query->text.len == start + 3)
	{
		/* no words at all */
		query->text.len = start;
		query->text.data[start] = '\0';
	}
	else
		appendStringInfoChar(&query->text, '\n');
}

/* Lets similar words do where there are none that match. */
void
search_query_loosen(SearchQuery *query)
{
	for (char *line = query->text.data; *line;)
	{
		if (line[2] == MODE_WORDS)
			line[2] = MODE_SIMILAR;
		line = strchr(line, '\n') + 1;
	}
}

/* ---------------------------------------------------------------------
 * Scores
 * --------------------------------------------------------------------- */

/* How well a word matches in a field; 0 for not at all. */
static double
match_word(const Span *field, SearchField kind, const Span *word)
{
	double		best = 0;
	const char *end = field->data + field->length;
	const char *p = field->data;

	while (end - p >= word->length &&
		   (p = memmem(p, end - p, word->data, word->length)) != NULL)
	{
		bool		at_start = p > field->data && p[-1] == ' ';
		bool		at_end = p + word->length == end || p[word->length] == ' ';

		if (at_start && at_end)
			best = Max(best, p == field->data + 1 && p + word->length == end
					   ? QUALITY_FIELD : QUALITY_WORD);
		else if (at_end && kind == SEARCH_MOBILE && word->length >= WHOLE_NUMBER_DIGITS)
			best = Max(best, QUALITY_FIELD);
		else if (at_start)
			best = Max(best, QUALITY_PREFIX);
		else if (word->length > 2)
			best = Max(best, QUALITY_INSIDE);
		p++;
	}
	return best;
}

/* How well a word resembles one of a field's. */
static double
resemble_word(const Span *field, const Span *word)
{
	double		best = 0;
	Span		rest = *field;
	Span		other;
	int			allowed = word->length >= 6 ? 2 : 1;

	if (word->length < 3 || word->length > 255)
		return 0;
	while (next_word(&rest, &other))
	{
		int			distance;

		if (abs(other.length - word->length) > allowed || other.length > 255)
			continue;
		distance = varstr_levenshtein_less_equal(word->data, word->length,
												 other.data, other.length,
												 1, 1, 1, allowed, true);
		if (distance <= allowed)
			best = Max(best, QUALITY_SIMILAR * (1.0 - (double) distance / word->length));
	}
	return best;
}

/* Is a condition's text the whole of a field, or the whole name? */
static bool
is_whole(const Span *fields, uint32 wanted, const Span *text)
{
	const Span *first = &fields[SEARCH_FIRSTNAME];
	const Span *last = &fields[SEARCH_LASTNAME];

	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if (!(wanted & (1 << i)))
			continue;
		if (fields[i].length == text->length &&
			memcmp(fields[i].data, text->data, text->length) == 0)
			return true;
		/* a number that was stored with its country's code, or VAT letters */
		if ((i == SEARCH_MOBILE || i == SEARCH_VAT_NUMBER) &&
			text->length > WHOLE_NUMBER_DIGITS && fields[i].length > text->length &&
			memcmp(fields[i].data + fields[i].length - (text->length - 1),
				   text->data + 1, text->length - 1) == 0)
			return true;
	}
	if ((wanted & (1 << SEARCH_FIRSTNAME)) && (wanted & (1 << SEARCH_LASTNAME)) &&
		first->length > 0 && last->length > 0 &&
		first->length + last->length == text->length)
	{
		if (memcmp(text->data, first->data, first->length) == 0 &&
			memcmp(text->data + first->length, last->data, last->length) == 0)
			return true;
		return memcmp(text->data, last->data, last->length) == 0 &&
			memcmp(text->data + last->length, first->data, first->length) == 0;
	}
	return false;
}

/*
 * How well a document fits a query: 0 when it does not, 1 when every condition
 * is a whole field.
 */
static double
score(const Span *document, const Span *query, SearchMatchHandler handler, void *argument)
{
	Span		fields[SEARCH_FIELDS];
	const char *p = document->data;
	const char *end = p + document->length;
	double		sum = 0;
	int			nwords = 0;
	bool		all_whole = true;

	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		const char *bar = memchr(p, '|', end - p);

		if (bar == NULL)
			return 0;
		fields[i] = (Span) {p, bar - p};
		p = bar + 1;
	}
	end = query->data + query->length;
	for (p = query->data; p < end;)
	{
		const char *line_end = memchr(p, '\n', end - p);
		uint32		wanted;
		char		mode;
		Span		rest;
		Span		word;
		bool		whole;

		if (line_end == NULL || line_end - p < 4)
			return 0;
		wanted = (uint32) strtoul(pnstrdup(p, 2), NULL, 16);
		mode = p[2];
		rest = (Span) {p + 3, line_end - p - 3};
		p = line_end + 1;
		whole = is_whole(fields, wanted, &rest);
		if (mode == MODE_EXACT && !whole)
			return 0;
		all_whole &= whole;
		while (next_word(&rest, &word))
		{
			SearchMatch best = {word.data, word.length, 0, 0, 0};

			for (int i = 0; i < SEARCH_FIELDS; i++)
			{
				double		quality;

				if (!(wanted & (1 << i)) || fields[i].length == 0)
					continue;
				quality = match_word(&fields[i], i, &word);
				if (quality == 0 && mode == MODE_SIMILAR)
					quality = resemble_word(&fields[i], &word);
				if (quality * field_weights[i] <= best.weight)
					continue;
				best.field = i;
				best.quality = quality;
				best.weight = quality * field_weights[i];
			}
			if (whole)
				best.weight = 1.0;
			if (best.weight == 0)
				return 0;
			if (handler)
				handler(&best, argument);
			sum += best.weight;
			nwords++;
		}
	}
	if (nwords == 0)
		return 0;
	/* room at the top for what is whole */
	return all_whole ? 1.0 : 0.95 * sum / nwords;
}

/* SQL-callable: search_score(document, query) */
Datum
flowcustomer_search_score(PG_FUNCTION_ARGS)
{
	text	   *document = PG_GETARG_TEXT_PP(0);
	text	   *query = PG_GETARG_TEXT_PP(1);
	Span		document_span = {VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document)};
	Span		query_span = {VARDATA_ANY(query), VARSIZE_ANY_EXHDR(query)};

	PG_RETURN_FLOAT8(score(&document_span, &query_span, NULL, NULL));
}

/*
 * The same as search_score() of SQL; the handler, when there is one, is told of
 * each word.
 */
double
search_score(const char *document, int document_length, const SearchQuery *query,
			 SearchMatchHandler handler, void *argument)
{
	Span		document_span = {document, document_length};
	Span		query_span = {query->text.data, query->text.len};

	return score(&document_span, &query_span, handler, argument);
}

/* What a kind of match is called. */
const char *
search_quality_name(double quality)
{
	if (quality >= QUALITY_FIELD)
		return "whole field";
	if (quality >= QUALITY_WORD)
		return "whole word";
	if (quality >= QUALITY_PREFIX)
		return "beginning of a word";
	if (quality >= QUALITY_INSIDE)
		return "inside a word";
	return quality > 0 ? "similar word" : "part of the whole";
}
