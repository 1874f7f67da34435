/*-------------------------------------------------------------------------
 *
 * fold.c
 *	  Brings texts to a form in which spellings that people take for the same
 *	  are the same: case, accents, the Nordic letters (å and aa, ø, ö and oe,
 *	  æ, ä and ae), punctuation.
 *
 * The result depends on the text alone, not on a locale: an index is built
 * over it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/fold.h"

#include "common/unicode_norm.h"

/* Letters that no decomposition brings to ASCII, or not to what we want. */
static const struct
{
	pg_wchar	letter;
	const char *folded;
}			letters[] = {
	{0x00C4, "a"}, {0x00C5, "a"}, {0x00C6, "a"}, {0x00E4, "a"}, {0x00E5, "a"}, {0x00E6, "a"},
	{0x00D6, "o"}, {0x00D8, "o"}, {0x00F6, "o"}, {0x00F8, "o"}, {0x0152, "o"}, {0x0153, "o"},
	{0x00D0, "d"}, {0x00F0, "d"}, {0x0110, "d"}, {0x0111, "d"},
	{0x00DE, "th"}, {0x00FE, "th"}, {0x00DF, "ss"}, {0x1E9E, "ss"},
	{0x0141, "l"}, {0x0142, "l"}, {0x0126, "h"}, {0x0127, "h"}, {0x0131, "i"},
	{0x0166, "t"}, {0x0167, "t"}, {0x014A, "n"}, {0x014B, "n"},
};

/* What a folded text is made of. */
typedef enum Piece
{
	PIECE_NOTHING,				/* belongs to the word but leaves no trace */
	PIECE_SPACE,				/* stands between words */
	PIECE_LETTER
} Piece;

static Piece
classify_ascii(unsigned char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return PIECE_LETTER;
	return c == '\'' || c == '`' ? PIECE_NOTHING : PIECE_SPACE;
}

static Piece
classify(pg_wchar c)
{
	if (c < 0x80)
		return classify_ascii((unsigned char) c);
	/* combining marks, controls of direction, joiners, quotes as apostrophes */
	if ((c >= 0x0300 && c <= 0x036F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
		(c >= 0x20D0 && c <= 0x20FF) || (c >= 0x200B && c <= 0x200F) ||
		(c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
		(c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF || c == 0x00AD ||
		c == 0x2018 || c == 0x2019 || c == 0x00B4)
		return PIECE_NOTHING;
	if (c < 0xA0 || (c >= 0xA0 && c <= 0xBF) || c == 0xD7 || c == 0xF7 ||
		(c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3003))
		return PIECE_SPACE;
	return PIECE_LETTER;
}

/* Small letters of the alphabets beside the Latin one. */
static pg_wchar
to_small(pg_wchar c)
{
	if ((c >= 0x0391 && c <= 0x03A9 && c != 0x03A2) || (c >= 0x0410 && c <= 0x042F))
		return c + 32;
	if (c >= 0x0400 && c <= 0x040F)
		return c + 80;
	if ((c >= 0x0460 && c <= 0x0481) || (c >= 0x048A && c <= 0x04BF) || (c >= 0x04D0 && c <= 0x052F))
		return c | 1;
	if (c >= 0x04C1 && c <= 0x04CE)
		return c + c % 2;
	if (c == 0x04C0)
		return 0x04CF;
	if (c == 0x03C2)
		return 0x03C3;
	return c;
}

/*
 * Appends a letter of a folded word.  aa, ae and oe become a and o as their
 * one-letter spellings do.
 */
static void
append_letter(StringInfo out, char c)
{
	if (out->len > 0)
	{
		char		last = out->data[out->len - 1];

		if ((last == 'a' && (c == 'a' || c == 'e')) || (last == 'o' && c == 'e'))
			return;
	}
	appendStringInfoCharMacro(out, c);
}

static void
append_codepoint(StringInfo out, pg_wchar c)
{
	unsigned char utf8[8];

	c = to_small(c);
	if (c < 0x80)
	{
		append_letter(out, (char) (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
		return;
	}
	unicode_to_utf8(c, utf8);
	appendBinaryStringInfo(out, (char *) utf8, pg_utf_mblen(utf8));
}

static const char *
find_letter(pg_wchar c)
{
	for (int i = 0; i < (int) lengthof(letters); i++)
	{
		if (letters[i].letter == c)
			return letters[i].folded;
	}
	return NULL;
}

static void
append_folded(StringInfo out, pg_wchar c, bool *space)
{
	pg_wchar	one[2] = {c, 0};
	pg_wchar   *pieces = find_letter(c) ? NULL : unicode_normalize(UNICODE_NFKD, one);

	/* the pieces of a letter can be letters of ours, as in \u01FD */
	for (pg_wchar *p = pieces ? pieces : one; *p; p++)
	{
		const char *folded = find_letter(*p);
		Piece		piece = folded ? PIECE_LETTER : classify(*p);

		if (piece == PIECE_SPACE)
			*space = true;
		if (piece != PIECE_LETTER)
			continue;
		if (*space)
			appendStringInfoCharMacro(out, ' ');
		*space = false;
		if (folded == NULL)
			append_codepoint(out, *p);
		for (; folded && *folded; folded++)
			append_letter(out, *folded);
	}
	if (pieces)
		pfree(pieces);
}

/*
 * Appends the words of a text, each with a space before it.  An empty text, or
 * one of punctuation alone, appends nothing.
 */
void
fold_words(StringInfo out, const char *text, int length)
{
	const char *end = text + length;
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;
	bool		space = true;

	while (text < end)
	{
		unsigned char c = (unsigned char) *text;

		if (c < 0x80 || !utf8)
		{
			Piece		piece = c < 0x80 ? classify_ascii(c) : PIECE_LETTER;

			if (piece == PIECE_SPACE)
				space = true;
			else if (piece == PIECE_LETTER)
			{
				if (space)
					appendStringInfoCharMacro(out, ' ');
				space = false;
				append_letter(out, c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (char) c);
			}
			text++;
			continue;
		}
		if (end - text < pg_utf_mblen((const unsigned char *) text))
			break;
		append_folded(out, utf8_to_unicode((const unsigned char *) text), &space);
		text += pg_utf_mblen((const unsigned char *) text);
	}
}

/* The same as one word: for codes whose spaces mean nothing. */
void
fold_joined(StringInfo out, const char *text, int length)
{
	StringInfoData words;
	bool		first = true;

	initStringInfo(&words);
	fold_words(&words, text, length);
	for (int i = 0; i < words.len; i++)
	{
		if (words.data[i] == ' ')
			continue;
		if (first)
			appendStringInfoCharMacro(out, ' ');
		first = false;
		appendStringInfoCharMacro(out, words.data[i]);
	}
	pfree(words.data);
}

/* ---------------------------------------------------------------------
 * The way back: what may have been folded to a word
 * --------------------------------------------------------------------- */

/* The letters outside ASCII that are folded to Latin, Greek and Cyrillic ones. */
static const struct
{
	pg_wchar	first;
	pg_wchar	last;
}			foldable_letters[] = {
	{0x00A0, 0x052F}, {0x1D00, 0x1FFF}, {0x2070, 0x218F}, {0x2460, 0x24FF}, {0x2C60, 0x2C7F},
	{0xFB00, 0xFB06}, {0xFF10, 0xFF5A}, {0x1D400, 0x1D7FF},
};

/* What stands for one or more folded characters. */
typedef struct Spelling
{
	const char *folded;
	const char *letter;			/* in UTF-8 */
} Spelling;

static Spelling *spellings = NULL;
static int	nspellings = 0;

static int
compare_spellings(const void *a, const void *b)
{
	int			result = strcmp(((const Spelling *) a)->folded, ((const Spelling *) b)->folded);

	return result ? result : strcmp(((const Spelling *) a)->letter, ((const Spelling *) b)->letter);
}

/* Folds every letter there is, once in the life of a backend. */
static void
make_spellings(void)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	Spelling   *all;
	int			n = 0;
	StringInfoData folded;

	for (int i = 0; i < (int) lengthof(foldable_letters); i++)
		n += foldable_letters[i].last - foldable_letters[i].first + 1;
	all = palloc(n * sizeof(Spelling));
	n = 0;
	initStringInfo(&folded);
	for (int i = 0; i < (int) lengthof(foldable_letters); i++)
	{
		for (pg_wchar c = foldable_letters[i].first; c <= foldable_letters[i].last; c++)
		{
			unsigned char utf8[8] = {0};

			unicode_to_utf8(c, utf8);
			resetStringInfo(&folded);
			fold_words(&folded, (char *) utf8, pg_utf_mblen(utf8));
			/* a space stands before the word; most letters are their own folding */
			if (folded.len < 2 || strcmp(folded.data + 1, (char *) utf8) == 0 ||
				strchr(folded.data + 1, ' ') != NULL)
				continue;
			all[n].folded = pstrdup(folded.data + 1);
			all[n++].letter = pstrdup((char *) utf8);
		}
	}
	pfree(folded.data);
	qsort(all, n, sizeof(Spelling), compare_spellings);
	MemoryContextSwitchTo(old);
	spellings = all;
	nspellings = n;
}

/*
 * Appends a set of the letters in whose folding the given characters are, without
 * its brackets: a word can begin or end in the middle of one.
 */
static void
append_spellings(StringInfo out, const char *folded, int length)
{
	for (int i = 0; i < nspellings; i++)
	{
		if (memmem(spellings[i].folded, strlen(spellings[i].folded), folded, length) != NULL)
			appendStringInfoString(out, spellings[i].letter);
	}
}

/* How many bytes at the beginning of a text one letter can stand for, if more than one of its. */
static int
joined_length(const char *text, const char *end)
{
	int			longest = pg_utf_mblen((const unsigned char *) text);
	int			found = 0;

	for (int i = 0; i < nspellings; i++)
	{
		int			length = strlen(spellings[i].folded);

		if (length > longest && length <= end - text &&
			memcmp(spellings[i].folded, text, length) == 0)
			found = longest = length;
	}
	return found;
}

/* What can stand between the letters of a word: apostrophes, accents, separators of digits. */
#define BETWEEN_LETTERS "[^[:alnum:]]*"

static void
append_letters(StringInfo out, const char *text, const char *end)
{
	const char *separator = "";

	while (text < end)
	{
		int			length = pg_utf_mblen((const unsigned char *) text);

		appendStringInfo(out, "%s[%.*s", separator, length, text);
		append_spellings(out, text, length);
		appendStringInfoChar(out, ']');
		/* see append_letter */
		if (*text == 'a' || *text == 'o')
		{
			appendStringInfoString(out, "(" BETWEEN_LETTERS "[e");
			append_spellings(out, "e", 1);
			if (*text == 'a')
			{
				appendStringInfoChar(out, 'a');
				append_spellings(out, "a", 1);
			}
			appendStringInfoString(out, "])*");
		}
		text += length;
		separator = BETWEEN_LETTERS;
	}
}

/*
 * Appends a regular expression that finds in a text, its case apart, whatever
 * fold_words() or fold_joined() brings to the given word.  It finds other
 * things too: who uses it has to look at what it found.  For a word in another
 * script than Latin, Greek and Cyrillic it finds everything.
 */
void
fold_expression(StringInfo out, const char *word, int length)
{
	const char *end = word + length;
	const char *p = word;
	const char *separator = "";

	if (spellings == NULL)
		make_spellings();
	for (; p < end; p += pg_utf_mblen((const unsigned char *) p))
	{
		if (utf8_to_unicode((const unsigned char *) p) >= 0x0530)
			return;
	}
	p = word;
	while (p < end)
	{
		const char *start = p;
		int			joined = 0;

		while (p < end && (joined = joined_length(p, end)) == 0)
			p += pg_utf_mblen((const unsigned char *) p);
		if (p > start)
		{
			appendStringInfoString(out, separator);
			append_letters(out, start, p);
			separator = BETWEEN_LETTERS;
		}
		if (joined > 0)
		{
			appendStringInfo(out, "%s(", separator);
			append_letters(out, p, p + joined);
			appendStringInfoString(out, "|[");
			append_spellings(out, p, joined);
			appendStringInfoString(out, "])");
			p += joined;
			separator = BETWEEN_LETTERS;
		}
	}
}
