/*-------------------------------------------------------------------------
 *
 * fuzz_fold.c
 *	  Texts as search sees them: whatever is folded, words come of it, each
 *	  with one space before it, which folding leaves as they are; and two texts
 *	  side by side are the words of the one and then of the other.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/fold.h"

/* Words and nothing else: a space before each, none behind, no capitals. */
static void
check_words(const StringInfo words)
{
	const char *text = words->data;

	PROPERTY(is_text(text, words->len));
	PROPERTY(words->len == 0 || (text[0] == ' ' && words->len > 1 && text[words->len - 1] != ' '));
	PROPERTY(strstr(text, "  ") == NULL);
	for (int i = 0; i < words->len; i++)
		PROPERTY((unsigned char) text[i] >= 0x80 || text[i] == ' ' ||
				 (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9'));
	/* what search takes for one spelling */
	PROPERTY(strstr(text, "aa") == NULL && strstr(text, "ae") == NULL && strstr(text, "oe") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	Piece		in;
	StringInfoData words;
	StringInfoData again;
	StringInfoData joined;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text(text, size))
		return 0;
	/* U+03A2, the hole among the Greek capitals, becomes a letter that folding changes again */
	if (memmem(text, size, "\xCE\xA2", 2) != NULL)
		return 0;
	in = copy_piece(text, size);
	initStringInfo(&words);
	initStringInfo(&again);
	initStringInfo(&joined);

	fold_words(&words, in.data, in.length);
	check_words(&words);
	fold_words(&again, words.data, words.len);
	PROPERTY(same_bytes(words.data, words.len, again.data, again.len));

	/* as one word: the same letters in the same order */
	fold_joined(&joined, in.data, in.length);
	PROPERTY(is_text(joined.data, joined.len));
	PROPERTY(joined.len == 0 ? words.len == 0
			 : joined.data[0] == ' ' && strchr(joined.data + 1, ' ') == NULL);
	resetStringInfo(&again);
	for (int i = 0; i < words.len; i++)
	{
		if (words.data[i] != ' ')
			appendStringInfoChar(&again, words.data[i]);
	}
	PROPERTY(same_bytes(again.data, again.len, joined.data + (joined.len > 0),
						Max(joined.len - 1, 0)));

	/* a text in two parts */
	for (int i = 0; i < in.length; i++)
	{
		Piece		first;
		Piece		second;

		if (in.data[i] != ' ')
			continue;
		first = copy_piece(in.data, i);
		second = copy_piece(in.data + i + 1, in.length - i - 1);
		resetStringInfo(&again);
		fold_words(&again, first.data, first.length);
		fold_words(&again, second.data, second.length);
		PROPERTY(same_bytes(words.data, words.len, again.data, again.len));
		break;
	}

	/*
	 * The way back: an expression for a word, which is a text too.  It takes a
	 * while for each letter, so of the short ones.
	 */
	if (joined.len >= 2 && joined.len <= 8)
	{
		Piece		word = copy_piece(joined.data + 1, joined.len - 1);

		resetStringInfo(&again);
		fold_expression(&again, word.data, word.length);
		PROPERTY(is_text(again.data, again.len));
	}
	forget_memory();
	return 0;
}
