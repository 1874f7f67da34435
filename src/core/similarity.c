/*-------------------------------------------------------------------------
 *
 * similarity.c
 *	  How alike words and sets of words are that have been folded.
 *
 *-------------------------------------------------------------------------
 */
#include "core/similarity.h"
#include "core/words.h"

/* Longer words are compared by their beginnings. */
#define MAX_LETTERS 48

typedef struct Letters
{
	int			count;
	pg_wchar	letters[MAX_LETTERS + 1];
} Letters;

static void
get_letters(Letters *out, const Span *word)
{
	int			length = pg_mbcharcliplen(word->data, word->length, MAX_LETTERS);

	out->count = pg_mb2wchar_with_len(word->data, out->letters, length);
}

bool
same_text(const Span *a, const Span *b)
{
	return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

/* Any order of texts, as long as it is one. */
int
text_order(const Span *a, const Span *b)
{
	return a->length != b->length ? a->length - b->length : memcmp(a->data, b->data, a->length);
}

/*
 * The similarity of Jaro and Winkler: 1 for equal words, 0 for those that have
 * nothing in common; a common beginning counts.
 */
double
word_similarity(const Span *a, const Span *b)
{
	Letters		first;
	Letters		second;
	bool		taken[MAX_LETTERS] = {0};
	pg_wchar	matched[MAX_LETTERS];
	int			range;
	int			matches = 0;
	int			swapped = 0;
	int			prefix = 0;
	int			next = 0;
	double		jaro;

	if (same_text(a, b))
		return 1;
	/* in one order, for the letters that match can depend on it */
	get_letters(&first, text_order(a, b) < 0 ? a : b);
	get_letters(&second, text_order(a, b) < 0 ? b : a);
	range = Max(Max(first.count, second.count) / 2 - 1, 0);
	for (int i = 0; i < first.count; i++)
	{
		for (int j = Max(i - range, 0); j < Min(i + range + 1, second.count); j++)
		{
			if (taken[j] || first.letters[i] != second.letters[j])
				continue;
			taken[j] = true;
			matched[matches++] = first.letters[i];
			break;
		}
	}
	if (matches == 0)
		return 0;
	for (int j = 0; j < second.count; j++)
	{
		if (taken[j])
			swapped += second.letters[j] != matched[next++];
	}
	jaro = ((double) matches / first.count + (double) matches / second.count +
			(matches - swapped / 2.0) / matches) / 3;
	while (prefix < Min(4, Min(first.count, second.count)) &&
		   first.letters[prefix] == second.letters[prefix])
		prefix++;
	return jaro + prefix * 0.1 * (1 - jaro);
}

/* Is there one slip between two codes: a character more, less, other, or two swapped? */
bool
one_slip(const Span *a, const Span *b)
{
	int			front = 0;
	int			back = 0;
	int			shorter = Min(a->length, b->length);
	int			longer = Max(a->length, b->length);

	while (front < shorter && a->data[front] == b->data[front])
		front++;
	while (back < shorter - front && a->data[a->length - 1 - back] == b->data[b->length - 1 - back])
		back++;
	if (longer - front - back <= 1)
		return true;
	return a->length == b->length && longer - front - back == 2 &&
		a->data[front] == b->data[front + 1] && a->data[front + 1] == b->data[front];
}

/* The best that a word finds in a text, below the threshold nothing. */
double
best_similarity(const Span *word, const Span *text, double threshold)
{
	double		best = 0;
	Span		rest = *text;
	Span		other;

	while (best < 1 && next_word(&rest, &other))
	{
		double		similarity = word_similarity(word, &other);

		if (similarity >= threshold)
			best = Max(best, similarity);
	}
	return best;
}

/* Of longer texts the beginnings are compared. */
#define MAX_SET_LENGTH 120

/* How much of two sets of words is in the other one too, by their lengths. */
double
set_similarity(const Span *a, const Span *b)
{
	Span		first = {a->data, pg_mbcliplen(a->data, a->length, MAX_SET_LENGTH)};
	Span		second = {b->data, pg_mbcliplen(b->data, b->length, MAX_SET_LENGTH)};
	const Span *texts[2] = {&first, &second};
	double		found = 0;
	double		all = 0;

	for (int i = 0; i < 2; i++)
	{
		Span		rest = *texts[i];
		Span		word;

		while (next_word(&rest, &word))
		{
			found += word.length * best_similarity(&word, texts[1 - i], 0.85);
			all += word.length;
		}
	}
	return all > 0 ? found / all : 0;
}
