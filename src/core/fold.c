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
	if ((c >= 0x0391 && c <= 0x03A9) || (c >= 0x0410 && c <= 0x042F))
		return c + 32;
	if (c >= 0x0400 && c <= 0x040F)
		return c + 80;
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
