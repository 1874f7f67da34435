/*-------------------------------------------------------------------------
 *
 * words.h
 *	  The words of a folded text, in place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_WORDS_H
#define FLOWCUSTOMER_WORDS_H

#include "core/search.h"

/* Digits typed with spaces between them are one number from here on. */
#define JOINED_DIGITS 5

/* Takes the next word off a text; false when there is none left. */
static inline bool
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

/* One or two characters: they have no trigram inside a word, but at its start. */
static inline bool
is_short(const Span *word)
{
	return word->length <= 8 && pg_mbstrlen_with_len(word->data, word->length) <= 2;
}

/* Is a word digits and nothing else? */
static inline bool
is_number(const Span *word)
{
	for (int i = 0; i < word->length; i++)
	{
		if (word->data[i] < '0' || word->data[i] > '9')
			return false;
	}
	return word->length > 0;
}

#endif							/* FLOWCUSTOMER_WORDS_H */
