/*-------------------------------------------------------------------------
 *
 * compare_likeness.c
 *	  In what two customers are alike: how the values of each field agree, from
 *	  the same to different, and by how little what is not the same differs.
 *
 * What that says about whether they are the same is in compare.c.
 *
 *-------------------------------------------------------------------------
 */
#include "core/compare.h"
#include "core/similarity.h"
#include "core/words.h"

/* ---------------------------------------------------------------------
 * Agreement
 * --------------------------------------------------------------------- */

static int
count_words(const Span *text)
{
	Span		rest = *text;
	Span		word;
	int			n = 0;

	while (next_word(&rest, &word))
		n++;
	return n;
}

/* Does a word of a text begin with a letter that is all of another word? */
static bool
is_initial(const Span *word, const Span *text)
{
	Span		rest = *text;
	Span		other;

	while (next_word(&rest, &other))
	{
		const Span *initial = word->length < other.length ? word : &other;

		if (pg_mblen(initial->data) == initial->length &&
			memcmp(word->data, other.data, initial->length) == 0)
			return true;
	}
	return false;
}

/* Are two texts the same, whatever spaces there are in them? */
static bool
same_letters(const Span *a, const Span *b)
{
	const char *p = a->data;
	const char *q = b->data;

	for (;;)
	{
		while (p < a->data + a->length && *p == ' ')
			p++;
		while (q < b->data + b->length && *q == ' ')
			q++;
		if (p == a->data + a->length || q == b->data + b->length)
			return p == a->data + a->length && q == b->data + b->length;
		if (*p++ != *q++)
			return false;
	}
}

/* Is one name short for the other, or both for a third? */
static bool
short_for_same(const Span *a, const Span *b)
{
	Span		rest[2] = {*a, *b};
	Span		words[2];

	(void) next_word(&rest[0], &words[0]);
	(void) next_word(&rest[1], &words[1]);
	words[0] = full_name(&words[0]);
	words[1] = full_name(&words[1]);
	return same_text(&words[0], &words[1]);
}

/* Is one name a slip of the pen for the other?  Short ones have to have the same letters. */
static bool
is_slip(const Span *a, const Span *b)
{
	int			shorter = Min(a->length, b->length);

	return shorter >= 3 && one_slip(a, b) && (shorter >= 4 ||
											  (a->length == b->length && a->data[0] == b->data[0] &&
											   a->data[1] == b->data[2] && a->data[2] == b->data[1]));
}

/* The next sound of a name: one letter for all that are pronounced alike; 0 at its end. */
static char
next_sound(const Span *name, int *at)
{
	/* from a to z */
	static const char sounds[] = "abkdefghiiklmnopkrstuvvkis";
	char		last = *at > 0 ? name->data[*at - 1] : 0;

	while (*at < name->length)
	{
		char		letter = name->data[*at];
		bool		before_h = *at + 1 < name->length && name->data[*at + 1] == 'h';

		(*at)++;
		/* an h that is not the first letter is not heard, nor is a letter twice */
		if ((letter == 'h' && *at > 1) || letter == last || letter == ' ')
			continue;
		if (letter == 'p' && before_h)
			return 'f';
		return letter >= 'a' && letter <= 'z' ? sounds[letter - 'a'] : letter;
	}
	return 0;
}

/* Are two names pronounced alike: Christian and Kristian, Sofie and Sophie? */
static bool
same_sound(const Span *a, const Span *b)
{
	int			i = 0;
	int			j = 0;
	char		sound;

	while ((sound = next_sound(a, &i)) == next_sound(b, &j))
	{
		if (sound == 0)
			return true;
	}
	return false;
}

/*
 * How many of those who are known by a name that is like their own are known by
 * one particular other name: by another spelling of what sounds the same, by a
 * part of it, and by a slip of the pen, of which there can be hundreds.
 */
#define SPELLINGS 0.1
#define PARTS 0.2
#define SLIPS 0.003

/*
 * Names that people have: all words of the shorter one count.  *share is how
 * often it is this one of all that are like the name; 0 when that can't be said.
 */
static Agreement
compare_names(const Span *a, const Span *b, double *share)
{
	int			difference = count_words(a) - count_words(b);
	bool		first = difference < 0 || (difference == 0 && text_order(a, b) < 0);
	const Span *shorter = first ? a : b;
	const Span *longer = first ? b : a;
	double		least = 1;
	bool		initials = true;
	bool		initial = false;
	bool		names = true;
	Span		rest = *shorter;
	Span		word;
	double		whole;

	*share = 0;
	if (same_text(a, b))
		return AGREEMENT_SAME;
	if (same_letters(a, b) || same_sound(a, b) || short_for_same(a, b))
	{
		*share = SPELLINGS;
		return AGREEMENT_ALIKE;
	}
	while (next_word(&rest, &word))
	{
		double		similarity = best_similarity(&word, longer, 0);

		least = Min(least, similarity);
		names &= is_given_name(&word);
		if (similarity < 0.92)
		{
			initial = true;
			initials &= is_initial(&word, longer);
		}
	}
	rest = *longer;
	while (names && next_word(&rest, &word))
		names = is_given_name(&word);
	/* Anna and Anne are no slips of the pen; Jan and Jan Erik may be one */
	if (names && least < 1)
		return AGREEMENT_DIFFERENT;
	/* where words are parted in another way */
	whole = difference == 0 ? 0 : word_similarity(a, b);
	*share = least == 1 ? PARTS : SLIPS;
	if (least >= 0.92 || whole >= 0.92 || is_slip(a, b))
		return AGREEMENT_ALIKE;
	if (initial && initials)
		*share = 0;
	if (least >= 0.84 || whole >= 0.84 || initials)
		return AGREEMENT_SIMILAR;
	*share = 0;
	return AGREEMENT_DIFFERENT;
}

static Agreement
compare_sets(const Span *a, const Span *b)
{
	double		similarity;

	if (same_letters(a, b))
		return AGREEMENT_SAME;
	similarity = set_similarity(a, b);
	if (similarity >= 0.88)
		return AGREEMENT_ALIKE;
	return similarity >= 0.6 ? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

/* Are all words of a text in another one, but for a slip of the pen? */
static bool
has_words(const Span *text, const Span *words)
{
	Span		rest = *words;
	Span		word;

	while (next_word(&rest, &word))
	{
		if (best_similarity(&word, text, 0.85) == 0)
			return false;
	}
	return true;
}

/* Companies that each have a word of their own are two: a baker's and a painter's. */
static Agreement
compare_companies(const Span *a, const Span *b)
{
	Agreement	agreement = compare_sets(a, b);

	if (agreement == AGREEMENT_SIMILAR && !has_words(a, b) && !has_words(b, a))
		return AGREEMENT_DIFFERENT;
	return agreement;
}

/* 12 and 12 B may be one house; so may 3 and 3 12, a flat in it. */
static Agreement
compare_numbers(const Span *a, const Span *b)
{
	Span		rest = *a;
	Span		word;

	if (same_text(a, b))
		return AGREEMENT_SAME;
	while (next_word(&rest, &word))
	{
		Span		others = *b;
		Span		other;

		while (next_word(&others, &other))
		{
			int			digits = strspn(word.data, "0123456789");

			digits = Min(digits, Min(word.length, other.length));
			if (digits > 0 && memcmp(word.data, other.data, digits) == 0 &&
				(digits == word.length || (unsigned char) word.data[digits] > '9') &&
				(digits == other.length || (unsigned char) other.data[digits] > '9'))
				return AGREEMENT_ALIKE;
		}
	}
	return Min(a->length, b->length) > 1 && one_slip(a, b)
		? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

static Agreement
compare_codes(const Span *a, const Span *b)
{
	if (same_text(a, b))
		return AGREEMENT_SAME;
	return Min(a->length, b->length) >= 4 && one_slip(a, b)
		? AGREEMENT_ALIKE : AGREEMENT_DIFFERENT;
}

/* The number, then the country's code if it is known. */
static Agreement
compare_telephones(const Span *a, const Span *b)
{
	Span		rest[2] = {*a, *b};
	Span		numbers[2];
	Span		codes[2];

	for (int i = 0; i < 2; i++)
	{
		(void) next_word(&rest[i], &numbers[i]);
		(void) next_word(&rest[i], &codes[i]);
	}
	if (codes[0].length > 0 && codes[1].length > 0 && !same_text(&codes[0], &codes[1]))
		return AGREEMENT_DIFFERENT;
	return compare_codes(&numbers[0], &numbers[1]);
}

/* In Sweden 01 behind the number of an organization makes it one for VAT. */
static Agreement
compare_vat_numbers(const Span *a, const Span *b)
{
	Span		longer = a->length > b->length ? *a : *b;
	const Span *shorter = a->length > b->length ? b : a;

	if (shorter->length == 10 && longer.length == 12 && memcmp(longer.data + 10, "01", 2) == 0)
		longer.length = 10;
	return compare_codes(&longer, shorter);
}

static Agreement
compare_cities(const Span *a, const Span *b)
{
	double		similarity;

	if (same_text(a, b))
		return AGREEMENT_SAME;
	similarity = word_similarity(a, b);
	if (similarity >= 0.92)
		return AGREEMENT_ALIKE;
	return similarity >= 0.82 ? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

static Agreement
compare_values(CompareField field, const Span *a, const Span *b, double *share)
{
	*share = 0;
	if (a->length == 0 || b->length == 0)
		return AGREEMENT_UNKNOWN;
	switch (field)
	{
		case COMPARE_FIRSTNAME:
		case COMPARE_LASTNAME:
			return compare_names(a, b, share);
		case COMPARE_COMPANY_NAME:
			return compare_companies(a, b);
		case COMPARE_STREET:
			return compare_sets(a, b);
		case COMPARE_HOUSE_NUMBER:
			return compare_numbers(a, b);
		case COMPARE_MOBILE:
			return compare_telephones(a, b);
		case COMPARE_VAT_NUMBER:
			return compare_vat_numbers(a, b);
		case COMPARE_POSTAL_CODE:
			return compare_codes(a, b);
		case COMPARE_CITY:
			return compare_cities(a, b);
		case COMPARE_EMAIL:
			/* an address that is only similar belongs to somebody else */
			break;
	}
	return same_text(a, b) ? AGREEMENT_SAME : AGREEMENT_DIFFERENT;
}

/* ---------------------------------------------------------------------
 * Likeness
 * --------------------------------------------------------------------- */

/*
 * First name as last name and the other way round: if that fits, it is what
 * the names agree in.
 */
static bool
try_swapped_names(const CompareRecord *a, const CompareRecord *b, Likeness *likeness)
{
	const Span *first = &a->values[COMPARE_FIRSTNAME];
	const Span *last = &a->values[COMPARE_LASTNAME];
	Agreement	one;
	Agreement	other;
	double		share;

	if (likeness->agreements[COMPARE_FIRSTNAME] != AGREEMENT_DIFFERENT ||
		likeness->agreements[COMPARE_LASTNAME] != AGREEMENT_DIFFERENT)
		return false;
	one = compare_names(first, &b->values[COMPARE_LASTNAME], &share);
	other = compare_names(last, &b->values[COMPARE_FIRSTNAME], &share);
	if (one > AGREEMENT_ALIKE || other > AGREEMENT_ALIKE)
		return false;
	likeness->agreements[COMPARE_FIRSTNAME] = Max(one, other);
	likeness->agreements[COMPARE_LASTNAME] = Max(one, other);
	return true;
}

/* Finds in what two customers are alike; which of them comes first is all one. */
void
compare_likeness(const CompareRecord *a, const CompareRecord *b, Likeness *likeness)
{
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		double		share;

		likeness->agreements[i] = compare_values(i, &a->values[i], &b->values[i], &share);
		if (likeness->agreements[i] == AGREEMENT_SAME)
			likeness->others[i] = Max(a->others[i], b->others[i]);
		else if (share > 0 && a->others[i] >= 0 && b->others[i] >= 0)
			likeness->others[i] = Min(a->others[i], b->others[i]) / share;
		else
			likeness->others[i] = -1;
	}
	likeness->swapped = try_swapped_names(a, b, likeness);
}
