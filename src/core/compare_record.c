/*-------------------------------------------------------------------------
 *
 * compare_record.c
 *	  A customer in the form in which it is compared: names without titles,
 *	  companies without their legal form, addresses taken apart, numbers
 *	  without what is written before them.
 *
 * Only the spelling is brought into order here; what agreement says about two
 * customers is in compare.c.
 *
 *-------------------------------------------------------------------------
 */
#include "core/compare.h"
#include "core/fold.h"
#include "core/words.h"

typedef enum SpellingKind
{
	SPELLING_GIVEN_NAME,
	SPELLING_TITLE,
	SPELLING_LEGAL_FORM,
	SPELLING_STREET_WORD,
	SPELLING_STREET_ENDING
} SpellingKind;

static const struct
{
	SpellingKind kind;
	const char *written;
	const char *meant;
}			spellings[] = {
#define GIVEN_NAME(written, meant) {SPELLING_GIVEN_NAME, written, meant},
#define TITLE(written) {SPELLING_TITLE, written, ""},
#define LEGAL_FORM(written) {SPELLING_LEGAL_FORM, written, ""},
#define STREET_WORD(written, meant) {SPELLING_STREET_WORD, written, meant},
#define STREET_ENDING(written, meant) {SPELLING_STREET_ENDING, written, meant},
#include "core/spellings.h"
#undef GIVEN_NAME
#undef TITLE
#undef LEGAL_FORM
#undef STREET_WORD
#undef STREET_ENDING
};

/* What a word stands for, or NULL when for itself. */
static const char *
find_spelling(SpellingKind kind, const Span *word)
{
	for (int i = 0; i < (int) lengthof(spellings); i++)
	{
		if (spellings[i].kind == kind && spellings[i].written[0] == word->data[0] &&
			strncmp(spellings[i].written, word->data, word->length) == 0 &&
			spellings[i].written[word->length] == '\0')
			return spellings[i].meant;
	}
	return NULL;
}

static void
append_word(StringInfo out, int start, const char *data, int length)
{
	if (length == 0)
		return;
	if (out->len > start)
		appendStringInfoCharMacro(out, ' ');
	appendBinaryStringInfo(out, data, length);
}

/* Is a word of a name a title? */
bool
is_title(const Span *word)
{
	return find_spelling(SPELLING_TITLE, word) != NULL;
}

static const char *const given_names[] = {
#include "core/given_names.h"
};

static int
compare_word(const void *key, const void *name)
{
	const Span *word = key;
	int			order = strncmp(word->data, *(const char *const *) name, word->length);

	return order == 0 && (*(const char *const *) name)[word->length] != '\0' ? -1 : order;
}

/* Is a word a given name that many have? */
bool
is_given_name(const Span *word)
{
	return bsearch(word, given_names, lengthof(given_names), sizeof(char *), compare_word) != NULL;
}

/* The name that a given name is short for, or itself. */
Span
full_name(const Span *word)
{
	const char *meant = find_spelling(SPELLING_GIVEN_NAME, word);

	return meant ? (Span) {meant, strlen(meant)} : *word;
}

/* Appends a folded name without the words of one kind, if any others are left. */
static void
append_name(StringInfo out, const Span *folded, SpellingKind dropped)
{
	int			start = out->len;
	Span		rest = *folded;
	Span		word;

	while (next_word(&rest, &word))
	{
		if (!find_spelling(dropped, &word))
			append_word(out, start, word.data, word.length);
	}
	if (out->len > start)
		return;
	rest = *folded;
	while (next_word(&rest, &word))
		append_word(out, start, word.data, word.length);
}

/* A/S is two words, which are one. */
static void
append_company(StringInfo out, const Span *folded)
{
	StringInfoData joined;
	Span		rest = *folded;
	Span		word;

	initStringInfo(&joined);
	while (next_word(&rest, &word))
	{
		Span		behind = rest;
		Span		next;

		if (word.length == 1 && *word.data == 'a' && next_word(&behind, &next) &&
			next.length == 1 && *next.data == 's')
		{
			word = (Span) {"as", 2};
			rest = behind;
		}
		appendStringInfo(&joined, " %.*s", word.length, word.data);
	}
	append_name(out, &(Span) {joined.data, joined.len}, SPELLING_LEGAL_FORM);
	pfree(joined.data);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 1st, 22nd, 3rd and 4th are words of a street's name. */
static bool
is_ordinal(const Span *word)
{
	int			digits = 0;

	while (digits < word->length && is_digit(word->data[digits]))
		digits++;
	return digits > 0 && word->length == digits + 2 &&
		strchr("snrt", word->data[digits]) != NULL && strchr("tdh", word->data[digits + 1]) != NULL;
}

/* A flat's number as it is written in Norway: H0201. */
static bool
is_flat(const Span *word)
{
	return word->length == 5 && strchr("hklu", word->data[0]) != NULL &&
		is_number(&(Span) {word->data + 1, 4});
}

static void
append_street_word(StringInfo out, int start, const Span *word)
{
	const char *meant = find_spelling(SPELLING_STREET_WORD, word);

	if (meant)
	{
		append_word(out, start, meant, strlen(meant));
		return;
	}
	for (int i = 0; i < (int) lengthof(spellings); i++)
	{
		int			length = strlen(spellings[i].written);
		int			stem = word->length - length;

		if (spellings[i].kind != SPELLING_STREET_ENDING || stem < 3 ||
			memcmp(word->data + stem, spellings[i].written, length) != 0)
			continue;
		append_word(out, start, word->data, stem);
		appendStringInfoString(out, spellings[i].meant);
		return;
	}
	append_word(out, start, word->data, word->length);
}

/*
 * Appends the words of an address that name the street, or those that are the
 * number in it.  Words that begin with a digit are the number, but for
 * ordinals, and for a number before a name that has another one behind it: 17
 * is no house number in "17. mai gate 3".
 */
static void
append_address(StringInfo out, const Span *folded, bool number)
{
	int			start = out->len;
	int			numbers = 0;
	int			place = 0;
	Span		rest = *folded;
	Span		word;
	bool		behind_number = false;
	bool		street_begun = false;
	bool		number_behind = false;

	while (next_word(&rest, &word))
	{
		bool		digits = is_digit(word.data[0]) && !is_ordinal(&word);

		numbers += digits;
		number_behind |= digits && street_begun;
		street_begun |= !digits && word.length > 1;
	}
	rest = *folded;
	while (next_word(&rest, &word))
	{
		bool		digits = is_digit(word.data[0]) && !is_ordinal(&word) &&
			!(place == 0 && numbers > 1 && number_behind);
		bool		letter = behind_number && !is_digit(word.data[0]) &&
			pg_mblen(word.data) == word.length;

		place++;
		behind_number = digits;
		if (number && digits)
			append_word(out, start, word.data, word.length);
		else if (number && letter)
			appendBinaryStringInfo(out, word.data, word.length);
		else if (!number && !digits && !letter && !is_flat(&word))
			append_street_word(out, start, &word);
	}
}

static void
append_digits(StringInfo out, const char *data, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (is_digit(data[i]))
			appendStringInfoCharMacro(out, data[i]);
	}
}

/* Fewer digits are the beginning of a number that is still being typed. */
#define FEWEST_DIGITS 5

/* The number within its country, and behind it that country's code, if it is there. */
static void
append_telephone(StringInfo out, const char *data, int length)
{
	StringInfoData digits;
	Span		all;
	Span		national;

	initStringInfo(&digits);
	append_digits(&digits, data, length);
	all = (Span) {digits.data, digits.len};
	national = national_number(all, data[0] == '+');
	if (national.length >= FEWEST_DIGITS)
	{
		appendBinaryStringInfo(out, national.data, national.length);
		if (strncmp(all.data, "00", 2) == 0)
			all.data += 2;
		if (national.data > all.data && *all.data != '0')
			appendStringInfo(out, " %.*s", (int) (national.data - all.data), all.data);
	}
	pfree(digits.data);
}

/*
 * What is between a VAT number's first and last digit: countries write letters
 * before it and behind it, or not.
 */
static void
append_vat_number(StringInfo out, const Span *words)
{
	int			start = out->len;
	int			first = -1;
	int			end = 0;

	for (int i = 0; i < words->length; i++)
	{
		if (!is_digit(words->data[i]))
			continue;
		if (first < 0)
			first = i;
		end = i + 1;
	}
	for (int i = Max(first, 0); i < end; i++)
	{
		if (words->data[i] != ' ')
			appendStringInfoCharMacro(out, words->data[i]);
	}
	if (out->len - start < FEWEST_DIGITS)
		out->len = start;
}

/* An address for e-mail as it is, but for its case; what is none yet is nothing. */
static void
append_email(StringInfo out, const char *data, int length)
{
	if (memchr(data, '@', length) == NULL)
		return;
	for (int i = 0; i < length; i++)
	{
		if (data[i] != ' ')
			appendStringInfoCharMacro(out, pg_ascii_tolower((unsigned char) data[i]));
	}
}

/* Appends the comparable form of one value. */
static void
append_value(StringInfo out, CompareField field, const char *data, int length)
{
	StringInfoData folded;
	Span		words;

	initStringInfo(&folded);
	fold_words(&folded, data, length);
	words = (Span) {folded.data, folded.len};
	switch (field)
	{
		case COMPARE_FIRSTNAME:
		case COMPARE_LASTNAME:
			append_name(out, &words, SPELLING_TITLE);
			break;
		case COMPARE_COMPANY_NAME:
			append_company(out, &words);
			break;
		case COMPARE_STREET:
		case COMPARE_HOUSE_NUMBER:
			append_address(out, &words, field == COMPARE_HOUSE_NUMBER);
			break;
		case COMPARE_MOBILE:
			append_telephone(out, data, length);
			break;
		case COMPARE_VAT_NUMBER:
			append_vat_number(out, &words);
			break;
		case COMPARE_POSTAL_CODE:
			/* a space before it says nothing */
			resetStringInfo(&folded);
			fold_joined(&folded, data, length);
			append_word(out, out->len, folded.data + 1, Max(folded.len - 1, 0));
			break;
		case COMPARE_EMAIL:
			append_email(out, data, length);
			break;
		case COMPARE_CITY:
			append_word(out, out->len, folded.data + 1, Max(folded.len - 1, 0));
			break;
	}
	pfree(folded.data);
}

/*
 * Makes the record of a customer, whose values are given by CustomerField; of
 * long ones their beginning counts.  Its texts are allocated in one piece.
 */
void
compare_record_init(CompareRecord *record, const Datum *values, const bool *nulls)
{
	static const int sources[COMPARE_FIELDS] = {
		[COMPARE_FIRSTNAME] = CUSTOMER_FIRSTNAME,
		[COMPARE_LASTNAME] = CUSTOMER_LASTNAME,
		[COMPARE_COMPANY_NAME] = CUSTOMER_COMPANY_NAME,
		[COMPARE_VAT_NUMBER] = CUSTOMER_VAT_NUMBER,
		[COMPARE_EMAIL] = CUSTOMER_EMAIL,
		[COMPARE_MOBILE] = CUSTOMER_MOBILE,
		[COMPARE_STREET] = CUSTOMER_ADDRESS,
		[COMPARE_HOUSE_NUMBER] = CUSTOMER_ADDRESS,
		[COMPARE_POSTAL_CODE] = CUSTOMER_POSTAL_CODE,
		[COMPARE_CITY] = CUSTOMER_CITY,
	};
	StringInfoData out;
	int			ends[COMPARE_FIELDS];

	initStringInfo(&out);
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		record->others[i] = -1;
		if (!nulls[sources[i]])
		{
			text	   *value = DatumGetTextPP(values[sources[i]]);

			append_value(&out, i, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
		}
		ends[i] = out.len;
	}
	for (int i = 0, start = 0; i < COMPARE_FIELDS; start = ends[i++])
	{
		int			length = pg_mbcliplen(out.data + start, ends[i] - start, MAX_COMPARED);

		record->values[i] = (Span) {out.data + start, length};
	}
}
