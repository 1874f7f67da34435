/*-------------------------------------------------------------------------
 *
 * search_query.c
 *	  Search documents and queries: the text that is searched, and what is
 *	  asked of it.
 *
 * A document is the folded text of eight fields, each word with a space
 * before it and each field with a bar behind it:
 *
 *		 kari anne| nordmann|| kari example com| 4791234567 91234567|| 0150| oslo|
 *
 * so that a word's beginning is " word", and that nothing matches across
 * fields.  Nothing here touches a table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/fold.h"
#include "core/search.h"
#include "core/words.h"

#include "catalog/pg_collation.h"

SQL_FUNCTION(flowcustomer_search_document);

/* So many digits of a telephone number are the whole of it. */
#define WHOLE_NUMBER_DIGITS 8

/* No number has more than these, with the 0 that is dialled within a country. */
#define LONGEST_NATIONAL_DIGITS 11

/*
 * A telephone number without what is written before it for calls from abroad
 * or from elsewhere: then it is found however it was stored.
 */
Span
national_number(Span number, bool international)
{
	static const char *const codes[] = {"47", "46", "45", "358", "354", "298", "49", "44", "48"};

	if (number.length >= WHOLE_NUMBER_DIGITS && strncmp(number.data, "00", 2) == 0)
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
	if (number.length > WHOLE_NUMBER_DIGITS && number.length <= LONGEST_NATIONAL_DIGITS &&
		*number.data == '0')
	{
		number.data++;
		number.length--;
	}
	return number;
}

/* ---------------------------------------------------------------------
 * Documents
 * --------------------------------------------------------------------- */

static void
append_word(StringInfo out, const char *text, int length)
{
	char	   *word = pnstrdup(text, length);

	appendStringInfo(out, " %s", word);
	pfree(word);
}

/*
 * Appends a number or code as one word, and then what else people may know of
 * it: a telephone number without its country's code, a VAT number's digits, the
 * parts of a postal code.
 */
static void
append_code(StringInfo out, SearchField kind, const char *data, int length)
{
	int			first = out->len;
	Span		code;

	fold_joined(out, data, length);
	code = (Span) {out->data + first + 1, out->len - first - 1};
	if (code.length < 1)
		return;
	if (kind == SEARCH_MOBILE)
	{
		Span		national = national_number(code, data[0] == '+');

		if (national.length < code.length)
			append_word(out, national.data, national.length);
	}
	else if (kind == SEARCH_VAT_NUMBER && code.length > 3 && code.data[0] > '9' && code.data[1] > '9')
	{
		int			end = code.length;

		while (end > 3 && code.data[end - 1] > '9')
			end--;
		append_word(out, code.data + 2, end - 2);
	}
	else if (kind == SEARCH_POSTAL_CODE && memchr(data, ' ', length) != NULL)
		fold_words(out, data, length);
}

/* Appends the document of the eight fields' values. */
void
search_document_append(StringInfo out, const Span *values)
{
	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if (values[i].data == NULL)
			;
		else if (i < SEARCH_MOBILE || i == SEARCH_CITY)
			fold_words(out, values[i].data, values[i].length);
		else
			append_code(out, i, values[i].data, values[i].length);
		appendStringInfoChar(out, '|');
	}
}

/* SQL-callable: search_document(first, last, company, email, mobile, vat, postal, city) */
Datum
flowcustomer_search_document(PG_FUNCTION_ARGS)
{
	StringInfoData out;
	Span		values[SEARCH_FIELDS] = {0};

	for (int i = 0; i < SEARCH_FIELDS; i++)
	{
		if (!PG_ARGISNULL(i))
		{
			text	   *value = PG_GETARG_TEXT_PP(i);

			values[i] = (Span) {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
		}
	}
	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	search_document_append(&out, values);
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

static void
add_pattern(SearchQuery *query, const Span *word, const Span *number)
{
	if (query->npatterns == SEARCH_MAX_PATTERNS)
		return;
	query->patterns[query->npatterns] =
		psprintf(is_short(word) ? "%% %.*s%%" : "%%%.*s%%", word->length, word->data);
	query->numbers[query->npatterns] = number ? pnstrdup(number->data, number->length) : NULL;
	query->words[query->npatterns++] = pnstrdup(word->data, word->length);
}

static void
add_word(SearchQuery *query, const Span *word)
{
	appendStringInfo(&query->text, " %.*s", word->length, word->data);
	add_pattern(query, word, NULL);
}

/*
 * Adds numbers that were typed one after the other: they can be the groups of
 * one, or several.  parts holds them with a + between.
 */
static void
add_numbers(SearchQuery *query, uint32 fields, const Span *whole, bool international, const char *parts)
{
	/* what begins like a country's code is one only of a telephone number */
	Span		national = fields & (1 << SEARCH_MOBILE) ? national_number(*whole, international) : *whole;
	bool		apart = national.length == whole->length && strchr(parts, '+') != NULL;
	bool		patterns = false;

	for (const char *p = parts; apart && *p;)
	{
		Span		part = {p, strcspn(p, "+")};

		/* a short one has to begin a word only when it stands alone */
		if (part.length > 2)
		{
			add_pattern(query, &part, whole);
			patterns = true;
		}
		p += part.length + (p[part.length] == '+');
	}
	if (patterns)
		appendStringInfo(&query->text, " %s", parts);
	else
		add_word(query, &national);
}

/*
 * Adds a condition: the words of a text have to be in the fields whose bits
 * are set, or with "exact" to be one of them as a whole.  An empty text adds
 * nothing, one without words can't be found.  Digits that were typed in groups become one number.
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
		StringInfoData parts;

		if (!is_number(&word))
		{
			add_word(query, &word);
			continue;
		}
		initStringInfo(&number);
		initStringInfo(&parts);
		appendBinaryStringInfo(&number, word.data, word.length);
		appendBinaryStringInfo(&parts, word.data, word.length);
		while (next_word(&ahead, &next) && is_number(&next))
		{
			appendBinaryStringInfo(&number, next.data, next.length);
			appendStringInfo(&parts, "+%.*s", next.length, next.data);
			rest = ahead;
		}
		if (number.len >= JOINED_DIGITS)
		{
			Span		whole = {number.data, number.len};

			add_numbers(query, fields, &whole, international, parts.data);
		}
		else
		{
			Span		groups = {parts.data, parts.len};

			for (char *p = parts.data; *p; p++)
				*p = *p == '+' ? ' ' : *p;
			while (next_word(&groups, &word))
				add_word(query, &word);
		}
	}
	if (query->text.len == start + 3)
	{
		/* no words at all: nothing was asked for, or only punctuation */
		query->text.len = start;
		query->text.data[start] = '\0';
		for (int i = 0; i < length; i++)
			query->hopeless |= strchr(" \t\r\n", text[i]) == NULL;
	}
	else
		appendStringInfoChar(&query->text, '\n');
}

/* Longer words are not looked for with an error in them, but by their trigrams. */
#define MISTYPED_MAX_LENGTH 16

/* The parts of a word that is shorter have too few trigrams to be looked for. */
#define MISTYPED_PARTS_LENGTH 6

/* A word that is alone and not so long has to be the whole of another one. */
#define MISTYPED_PREFIX_LENGTH 5

/*
 * A regular expression for what a short word may have been before one letter
 * of it was left out, doubled or mistaken, or two were swapped.  A number may
 * be a part of one, a word begins one.  Letters of a folded word mean
 * themselves; "at" is where they begin.
 */
static char *
mistyped_expression(const char *word, const char *const *at, int n, bool anchored, bool alone)
{
	StringInfoData out;

	initStringInfo(&out);
	if (anchored)
		appendStringInfoChar(&out, ' ');
	appendStringInfo(&out, "(%s", word);
	for (int i = 0; i < n && n >= 3; i++)
	{
		int			before = at[i] - word;

		/* this one is wrong, one too many, or one is missing beside it */
		appendStringInfo(&out, "|%.*s[^ |]{0,2}%s", before, word, at[i + 1]);
		if (i + 1 < n)
			appendStringInfo(&out, "|%.*s%.*s%.*s%s", before, word,
							 (int) (at[i + 2] - at[i + 1]), at[i + 1],
							 (int) (at[i + 1] - at[i]), at[i], at[i + 2]);
	}
	appendStringInfoChar(&out, ')');
	/* too many words begin like a short one */
	if (alone && n >= 3 && n < MISTYPED_PREFIX_LENGTH && anchored)
		appendStringInfoString(&out, "[ |]");
	return out.data;
}

static void
add_variant(SearchVariants *variants, char *pattern)
{
	Assert(variants->npatterns < SEARCH_MAX_VARIANTS);
	variants->patterns[variants->npatterns++] = pattern;
}

/*
 * Patterns for the same of a longer word: the letters before the error and
 * those behind it.  Each has most of the word's trigrams, so the index finds
 * far fewer rows than by one expression for them all.
 */
static void
add_parts(SearchVariants *variants, const char *word, const char *const *at, int n, bool anchored)
{
	const char *start = anchored ? "% " : "%";

	for (int i = 0; i < n; i++)
		add_variant(variants, psprintf("%s%.*s%%%s%%", i > 0 ? start : "", (int) (at[i] - word),
									   word, at[i + 1]));
	for (int i = 0; i + 1 < n; i++)
	{
		int			length = at[i + 1] - at[i];

		if (length == at[i + 2] - at[i + 1] && memcmp(at[i], at[i + 1], length) == 0)
			continue;
		add_variant(variants, psprintf("%s%.*s%.*s%.*s%s%%", start, (int) (at[i] - word), word,
									   (int) (at[i + 2] - at[i + 1]), at[i + 1],
									   length, at[i], at[i + 2]));
	}
}

/* What a word may have been that has one error; "alone" when it is all there is. */
static void
add_mistyped(SearchVariants *variants, const char *word, bool alone)
{
	const char *at[MISTYPED_MAX_LENGTH + 1];
	Span		span = {word, strlen(word)};
	bool		anchored;
	int			n = 0;

	if (pg_mbstrlen_with_len(word, span.length) > MISTYPED_MAX_LENGTH)
	{
		add_variant(variants, psprintf("%%%s%%", word));
		return;
	}
	for (const char *p = word; *p; p += pg_mblen(p))
		at[n++] = p;
	at[n] = word + span.length;
	/* where a number begins depends on the code of a country before it */
	anchored = !is_number(&span) || n < JOINED_DIGITS;
	if (n < MISTYPED_PARTS_LENGTH)
		variants->expression = mistyped_expression(word, at, n, anchored, alone);
	else
		add_parts(variants, word, at, n, anchored);
}

/* Lets similar words do where there are none that match. */
void
search_query_loosen(SearchQuery *query)
{
	query->loosened = true;
	for (int i = 0; i < query->npatterns; i++)
	{
		SearchVariants *variants = &query->mistyped[i];

		if (query->numbers[i])
		{
			add_variant(variants, query->patterns[i]);
			add_mistyped(variants, query->numbers[i], true);
		}
		else
			add_mistyped(variants, query->words[i], query->npatterns == 1);
	}
	for (char *line = query->text.data; *line;)
	{
		if (line[2] == MODE_WORDS)
			line[2] = MODE_SIMILAR;
		line = strchr(line, '\n') + 1;
	}
}

static bool
has_pattern(Datum document, const char *pattern)
{
	return DatumGetBool(DirectFunctionCall2Coll(textlike, C_COLLATION_OID, document,
												CStringGetTextDatum(pattern)));
}

/* Has a document one of the things that a word may have been? */
static bool
has_variant(Datum document, const SearchVariants *variants)
{
	if (variants->expression != NULL &&
		DatumGetBool(DirectFunctionCall2Coll(textregexeq, C_COLLATION_OID, document,
											 CStringGetTextDatum(variants->expression))))
		return true;
	for (int i = 0; i < variants->npatterns; i++)
	{
		if (has_pattern(document, variants->patterns[i]))
			return true;
	}
	return false;
}

/*
 * For a document that no index was asked for: would it have been found?  That
 * matters for a query that was loosened, by which one word may be mistyped.
 */
bool
search_query_admits(const SearchQuery *query, const char *document, int length)
{
	Datum		text = PointerGetDatum(cstring_to_text_with_len(document, length));

	if (!query->loosened)
		return true;
	for (int wrong = 0; wrong < Min(query->npatterns, MAX_MISTYPED_WORDS); wrong++)
	{
		bool		found = has_variant(text, &query->mistyped[wrong]);

		for (int i = 0; found && i < query->npatterns; i++)
			found = i == wrong || has_pattern(text, query->patterns[i]);
		if (found)
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------------
 * Terms, for texts that no document has been made of
 * --------------------------------------------------------------------- */

/* Words that are shorter have to be there as they are. */
#define HALVED_LENGTH 3

/*
 * Appends an expression for a word with one error: one half of it is right, or
 * the letters where they meet are swapped.
 */
static void
append_halves(StringInfo out, const Span *word)
{
	int			n = pg_mbstrlen_with_len(word->data, word->length);
	int			middle = pg_mbcharcliplen(word->data, word->length, n / 2);
	int			before = pg_mbcharcliplen(word->data, word->length, n / 2 - 1);
	int			behind = pg_mbcharcliplen(word->data, word->length, n / 2 + 1);
	StringInfoData swapped;

	fold_expression(out, word->data, middle);
	appendStringInfoChar(out, '|');
	fold_expression(out, word->data + middle, word->length - middle);
	initStringInfo(&swapped);
	appendBinaryStringInfo(&swapped, word->data, before);
	appendBinaryStringInfo(&swapped, word->data + middle, behind - middle);
	appendBinaryStringInfo(&swapped, word->data + before, middle - before);
	appendBinaryStringInfo(&swapped, word->data + behind, word->length - behind);
	appendStringInfoChar(out, '|');
	fold_expression(out, swapped.data, swapped.len);
}

static char *
term_expression(const Span *word, char mode)
{
	StringInfoData out;
	const char *plus = memchr(word->data, '+', word->length);
	Span		first = {word->data, plus ? plus - word->data : word->length};

	initStringInfo(&out);
	/* numbers apart from each other, or one: either way the first is there */
	if (mode == MODE_SIMILAR && first.length == word->length &&
		pg_mbstrlen_with_len(first.data, first.length) >= HALVED_LENGTH)
		append_halves(&out, &first);
	else
	{
		/* a short one begins a word; in a number nobody sees where one begins */
		if (is_short(&first) && !is_number(&first))
			appendStringInfoString(&out, "(^|[^[:alnum:]])");
		fold_expression(&out, first.data, first.length);
	}
	return out.data;
}

/*
 * What a text in its own spelling has to hold to fit the query: terms that have
 * to be found all, each in one of its fields.  Gives how many; of a query with
 * more words than there is room for, the rest is left out.
 */
int
search_query_terms(const SearchQuery *query, SearchTerm *terms, int room)
{
	int			n = 0;

	for (const char *line = query->text.data; *line; line = strchr(line, '\n') + 1)
	{
		Span		rest = {line + 3, strcspn(line + 3, "\n")};
		Span		word;

		while (next_word(&rest, &word) && n < room)
			terms[n++] = (SearchTerm) {
				strtoul(pnstrdup(line, 2), NULL, 16), term_expression(&word, line[2])
			};
	}
	return n;
}
