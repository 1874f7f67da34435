/*-------------------------------------------------------------------------
 *
 * search.c
 *	  How well a search document fits a query (see search_query.c for both).
 *
 * A trigram index finds the documents that hold all words of a query; the
 * score decides, field by field.  Nothing here touches a table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/search.h"
#include "core/words.h"


SQL_FUNCTION(flowcustomer_search_score);

/*
 * What a kind of match counts.  The steps are wider than what fields take off,
 * so that the kind decides before the field does.
 */
#define QUALITY_FIELD 1.0
#define QUALITY_WORD 0.8
#define QUALITY_PREFIX 0.6
#define QUALITY_INSIDE 0.4
#define QUALITY_SIMILAR 0.25
#define QUALITY_SIMILAR_PREFIX 0.2
#define QUALITY_SIMILAR_INSIDE 0.15

/* What is taken off by field: names come before a city. */
static const double field_penalties[SEARCH_FIELDS] = {
	[SEARCH_FIRSTNAME] = 0,
	[SEARCH_LASTNAME] = 0,
	[SEARCH_COMPANY_NAME] = 0,
	[SEARCH_EMAIL] = 0.02,
	[SEARCH_MOBILE] = 0.01,
	[SEARCH_VAT_NUMBER] = 0.01,
	[SEARCH_POSTAL_CODE] = 0.06,
	[SEARCH_CITY] = 0.1,
};

/* What the fields are called in JSON. */
const char *const search_field_names[SEARCH_FIELDS] = {
	[SEARCH_FIRSTNAME] = "firstname",
	[SEARCH_LASTNAME] = "lastname",
	[SEARCH_COMPANY_NAME] = "companyName",
	[SEARCH_EMAIL] = "email",
	[SEARCH_MOBILE] = "mobile",
	[SEARCH_VAT_NUMBER] = "vatNumber",
	[SEARCH_POSTAL_CODE] = "postalCode",
	[SEARCH_CITY] = "city",
};

/* How well a word matches in a field; 0 for not at all. */
static double
match_word(const Span *field, SearchField kind, const Span *word)
{
	double		best = 0;
	bool		short_word = is_short(word);
	const char *end = field->data + field->length;
	const char *p = field->data;

	while (end - p >= word->length &&
		   (p = memmem(p, end - p, word->data, word->length)) != NULL)
	{
		bool		at_start = p > field->data && p[-1] == ' ';
		bool		at_end = p + word->length == end || p[word->length] == ' ';

		if (at_start && at_end)
			/* each word of a number or code stands for the whole of it */
			best = Max(best, (p == field->data + 1 && p + word->length == end) ||
					   kind == SEARCH_MOBILE || kind == SEARCH_VAT_NUMBER ||
					   kind == SEARCH_POSTAL_CODE ? QUALITY_FIELD : QUALITY_WORD);
		else if (at_start)
			best = Max(best, QUALITY_PREFIX);
		else if (!short_word)
			best = Max(best, QUALITY_INSIDE);
		p++;
	}
	return best;
}

/* Longer words resemble nothing. */
#define RESEMBLE_MAX_LENGTH 64

/*
 * How many letters have to be changed, added, taken away or swapped with their
 * neighbour to make one word of another: of the whole of it, and of its best
 * beginning, or with "anywhere" of its best part.
 */
static void
edit_distances(const pg_wchar *word, int length, const pg_wchar *other, int other_length,
			   bool anywhere, int *whole, int *part)
{
	int			rows[3][RESEMBLE_MAX_LENGTH + 1] = {0};

	for (int j = 0; j <= other_length; j++)
		rows[0][j] = anywhere ? 0 : j;
	for (int i = 1; i <= length; i++)
	{
		int		   *row = rows[i % 3];
		const int  *above = rows[(i + 2) % 3];

		row[0] = i;
		for (int j = 1; j <= other_length; j++)
		{
			row[j] = Min(above[j] + 1, row[j - 1] + 1);
			row[j] = Min(row[j], above[j - 1] + (word[i - 1] != other[j - 1]));
			if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
				row[j] = Min(row[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	*whole = rows[length % 3][other_length];
	*part = *whole;
	for (int j = 0; j < other_length; j++)
		*part = Min(*part, rows[length % 3][j]);
}

/*
 * How well a word resembles one of a field's, or the beginning of one; a number
 * also any part of one, all parts alike: where it begins depends on the code of
 * a country before it.
 */
static double
resemble_word(const Span *field, const Span *word)
{
	pg_wchar	letters[RESEMBLE_MAX_LENGTH + 1];
	pg_wchar	others[RESEMBLE_MAX_LENGTH + 1];
	double		best = 0;
	Span		rest = *field;
	Span		other;
	bool		number = is_number(word);
	bool		anywhere;
	int			length;
	int			allowed;

	if (word->length > RESEMBLE_MAX_LENGTH)
		return 0;
	length = pg_mb2wchar_with_len(word->data, letters, word->length);
	if (length < 3)
		return 0;
	anywhere = number && length >= JOINED_DIGITS;
	allowed = length >= 6 && !number ? 2 : 1;
	while (next_word(&rest, &other))
	{
		int			other_length;
		int			whole;
		int			part;

		if (other.length > RESEMBLE_MAX_LENGTH)
			continue;
		other_length = pg_mb2wchar_with_len(other.data, others, other.length);
		if (other_length < length - allowed)
			continue;
		edit_distances(letters, length, others, other_length, false, &whole, &part);
		if (whole <= allowed)
			best = Max(best, QUALITY_SIMILAR * (1.0 - (double) whole / length));
		if (anywhere)
			edit_distances(letters, length, others, other_length, true, &whole, &part);
		if (part <= 1)
			best = Max(best, (anywhere ? QUALITY_SIMILAR_INSIDE : QUALITY_SIMILAR_PREFIX) *
					   (1.0 - (double) part / length));
	}
	return best;
}

/* Are two texts the same but for spaces and the marks between numbers? */
static bool
same_code(const Span *a, const Span *b)
{
	const char *p = a->data;
	const char *q = b->data;
	const char *p_end = p + a->length;
	const char *q_end = q + b->length;

	for (;;)
	{
		while (p < p_end && (*p == ' ' || *p == '+'))
			p++;
		while (q < q_end && (*q == ' ' || *q == '+'))
			q++;
		if (p == p_end || q == q_end)
			return p == p_end && q == q_end;
		if (*p++ != *q++)
			return false;
	}
}

/* Are words the same?  A + between the numbers of a query stands for a space. */
static bool
same_words(const char *words, const char *text, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (words[i] != (text[i] == '+' ? ' ' : text[i]))
			return false;
	}
	return true;
}

/* Is a condition's text the whole of a field? */
static bool
is_whole_field(const Span *field, SearchField kind, const Span *text)
{
	Span		rest = *field;
	Span		word;

	if (kind < SEARCH_MOBILE || kind == SEARCH_CITY)
		return field->length == text->length && same_words(field->data, text->data, text->length);
	while (next_word(&rest, &word))
	{
		if (same_code(&word, text))
			return true;
		if (kind == SEARCH_POSTAL_CODE)
			break;				/* what follows is parts of it */
	}
	return false;
}

/*
 * What a condition's text counts that is the whole of a field, or the whole
 * name; 0 when it is not.
 */
static double
whole_weight(const Span *fields, uint32 wanted, const Span *text)
{
	const uint32 names = 1 << SEARCH_FIRSTNAME | 1 << SEARCH_LASTNAME;
	const Span *first = &fields[SEARCH_FIRSTNAME];
	const Span *last = &fields[SEARCH_LASTNAME];
	double		best = 0;

	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if ((wanted & (1 << i)) && is_whole_field(&fields[i], i, text))
			best = Max(best, i < SEARCH_CITY ? QUALITY_FIELD
					   : QUALITY_FIELD - field_penalties[i]);
	}
	if ((wanted & names) != names || first->length == 0 || last->length == 0 ||
		first->length + last->length != text->length)
		return best;
	if ((same_words(first->data, text->data, first->length) &&
		 same_words(last->data, text->data + first->length, last->length)) ||
		(same_words(last->data, text->data, last->length) &&
		 same_words(first->data, text->data + last->length, first->length)))
		best = QUALITY_FIELD;
	return best;
}

/*
 * The best match of a word, or of numbers that can be one or several.  Numbers
 * apart from each other are worth what the worst of them is.
 */
static SearchMatch
best_match(const Span *fields, uint32 wanted, char mode, const Span *word)
{
	SearchMatch best = {word->data, word->length, 0, 0, 0};
	Span		whole = *word;

	/* this runs for each row that the index finds: no allocation as a rule */
	if (memchr(word->data, '+', word->length) != NULL)
	{
		char	   *joined = palloc(word->length);

		whole = (Span) {joined, 0};
		for (int i = 0; i < word->length; i++)
		{
			if (word->data[i] != '+')
				joined[whole.length++] = word->data[i];
		}
	}
	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		double		quality;
		double		weight;

		if (!(wanted & (1 << i)) || fields[i].length == 0)
			continue;
		quality = match_word(&fields[i], i, &whole);
		if (quality == 0 && mode == MODE_SIMILAR)
			quality = resemble_word(&fields[i], &whole);
		weight = quality == 0 ? 0 : Max(quality - field_penalties[i], 0.01);
		if (weight <= best.weight)
			continue;
		best.field = i;
		best.quality = quality;
		best.weight = weight;
	}
	if (best.weight == 0 && whole.length < word->length)
	{
		for (const char *p = word->data; p < word->data + word->length;)
		{
			const char *plus = memchr(p, '+', word->data + word->length - p);
			Span		part = {p, (plus ? plus : word->data + word->length) - p};
			SearchMatch match = best_match(fields, wanted, mode, &part);

			if (p == word->data || match.weight < best.weight)
				best = match;
			if (match.weight == 0)
				break;
			p = part.data + part.length + 1;
		}
		best.word = word->data;
		best.word_length = word->length;
	}
	return best;
}

static uint32
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
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
	double		all_whole = 1.0;

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
		double		whole;

		if (line_end == NULL || line_end - p < 4)
			return 0;
		wanted = hex_digit(p[0]) << 4 | hex_digit(p[1]);
		mode = p[2];
		rest = (Span) {p + 3, line_end - p - 3};
		p = line_end + 1;
		whole = whole_weight(fields, wanted, &rest);
		if (mode == MODE_EXACT && whole == 0)
			return 0;
		all_whole = Min(all_whole, whole);
		while (next_word(&rest, &word))
		{
			SearchMatch match = best_match(fields, wanted, mode, &word);

			match.weight = Max(match.weight, whole);
			if (match.weight == 0)
				return 0;
			if (handler)
				handler(&match, argument);
			sum += match.weight;
			nwords++;
		}
	}
	if (nwords == 0)
		return 0;
	/* room at the top for what is whole */
	return all_whole > 0 ? all_whole : 0.95 * sum / nwords;
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
