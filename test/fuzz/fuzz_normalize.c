/*-------------------------------------------------------------------------
 *
 * fuzz_normalize.c
 *	  Telephone numbers, addresses for e-mail, countries, postal codes, VAT
 *	  and ledger numbers: whatever is sent as one, its normal spelling keeps
 *	  its form, fits where it goes and stays as it is when it is normalised
 *	  again.
 *
 * The input is the text.  As a postal code what is behind its first two bytes
 * is tried, which say whose: NO0150.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/normalize.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL_LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool
run(Form form, const Piece *in, const char *country, Piece *out)
{
	/* as much room as normalize() asks for, and no byte more */
	out->data = palloc(in->length + NORMALIZE_GROWTH);
	return normalize(form, in->data, in->length, country, out->data, &out->length);
}

/* Does a spelling consist of what its form allows? */
static bool
has_form(Form form, const Piece *out)
{
	const char *text = terminated(out);
	int			length = out->length;
	int			plus = text[0] == '+';
	const char *at = strrchr(text, '@');

	switch (form)
	{
		case FORM_MOBILE:
			return length - plus >= 3 && length - plus <= 20 &&
				(int) strspn(text + plus, DIGITS) == length - plus;
		case FORM_EMAIL:
			return strpbrk(text, " \t\r\n\v\f,;<>()\"") == NULL && at != NULL && at > text &&
				at == strchr(text, '@') && at[strcspn(at, CAPITALS)] == '\0' &&
				strchr(at, '.') != NULL && strstr(text, "..") == NULL;
		case FORM_COUNTRY:
			return length == 2 && strspn(text, CAPITALS) == 2;
		case FORM_POSTAL_CODE:
			return length >= 1 && length <= 16 && strchr(" \t\r\n", text[0]) == NULL &&
				strchr(" \t\r\n", text[length - 1]) == NULL;
		case FORM_VAT_NUMBER:
			return length >= 4 && length <= 20 &&
				(int) strspn(text, CAPITALS DIGITS) == length;
		case FORM_LEDGER_NUMBER:
			return length >= 1 && length <= 50 && (int) strspn(text, DIGITS) == length;
		case FORM_ANY:
			break;
	}
	return true;
}

static void
check_form(Form form, const Piece *in, const char *country)
{
	Piece		out;
	Piece		again;
	Piece		spaced = {palloc(in->length + 2), in->length + 2};
	bool		accepted = run(form, in, country, &out);

	if (accepted)
	{
		PROPERTY(out.length >= 0 && out.length <= in->length + NORMALIZE_GROWTH);
		PROPERTY(is_text(out.data, out.length));
		PROPERTY(has_form(form, &out));
		/* room for more than the normal spelling must not be what made it fit */
		out = copy_piece(out.data, out.length);
		PROPERTY(run(form, &out, country, &again));
		PROPERTY(same_bytes(out.data, out.length, again.data, again.length));
	}

	/* spaces around it say nothing, but that a number is limited with them */
	if (form == FORM_ANY ||
		(form == FORM_MOBILE && spaced.length > 64))
		return;
	spaced.data[0] = ' ';
	memcpy(spaced.data + 1, in->data, in->length);
	spaced.data[spaced.length - 1] = ' ';
	PROPERTY(run(form, &spaced, country, &again) == accepted);
	PROPERTY(!accepted || same_bytes(out.data, out.length, again.data, again.length));
}

/* A UID is 1 to 255 letters, digits, - and _, however it is found out. */
static void
check_uid(const Piece *in)
{
	const char *text = terminated(in);

	PROPERTY(is_uid(in->data, in->length) ==
			 (in->length >= 1 && in->length <= 255 &&
			  (int) strspn(text, CAPITALS SMALL_LETTERS DIGITS "-_") == in->length));
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;

	/* the server has refused what is no text before anything of ours sees it */
	if (is_text(text, size))
	{
		Piece		in = copy_piece(text, size);

		check_uid(&in);
		check_form(FORM_ANY, &in, NULL);
		check_form(FORM_EMAIL, &in, NULL);
		check_form(FORM_MOBILE, &in, NULL);
		check_form(FORM_COUNTRY, &in, NULL);
		check_form(FORM_VAT_NUMBER, &in, NULL);
		check_form(FORM_LEDGER_NUMBER, &in, NULL);
		if (size >= 2 && strspn(terminated(&in), CAPITALS) >= 2)
		{
			char		country[] = {text[0], text[1]};

			in = copy_piece(text + 2, size - 2);
			check_form(FORM_POSTAL_CODE, &in, country);
		}
		forget_memory();
	}
	return 0;
}
