/*-------------------------------------------------------------------------
 *
 * card.c
 *	  Draws the membership card: as ZPL and ESC/POS, whose printers make the
 *	  barcode themselves, and as SVG, where a library does, if there was one when
 *	  this was built.
 *
 * It knows nothing of print jobs.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"
#include "core/page.h"
#include "card.h"

#include "common/base64.h"
#include "utils/xml.h"

#ifdef USE_ZINT
#include <zint.h>
#endif

/* A longer barcode has bars that are too thin for a scanner at a till. */
#define MAX_CODE 36

/* A label is 57 mm wide at 8 dots per mm, with some white beside the barcode. */
#define LABEL_WIDTH 456
#define QUIET_ZONE 10

/* Longer names do not fit. */
#define MAX_NAME 40

/* Can a barcode be made of a text, by every printer alike? */
static bool
is_code(const char *text)
{
	return text != NULL && is_uid(text, strlen(text)) && strlen(text) <= MAX_CODE;
}

/* A text in one line, cut where there is no room for more. */
static char *
one_line(const char *text, const char *ellipsis)
{
	int			length = pg_mbcharcliplen(text, strlen(text), MAX_NAME);
	char	   *line = pnstrdup(text, length);

	for (char *p = line; *p; p++)
	{
		if ((unsigned char) *p < 0x20 || *p == 0x7F)
			*p = ' ';
		/* U+FFFE and U+FFFF are no characters, and not allowed in XML */
		if (strncmp(p, "\xEF\xBF", 2) == 0 && (unsigned char) p[2] >= 0xBE)
			memset(p, ' ', 3);
	}
	return text[length] == '\0' ? line : psprintf("%s%s", line, ellipsis);
}

/*
 * Finds out what stands on the card of the call's customer; false, with a problem,
 * when there is none.  The barcode is the loyalty id, where one can be made of it,
 * else the uid.
 */
bool
card_load(Call *call, Card *card)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	RowBlock   *customer;
	RowBlock   *tenant;

	if (!call_load_tenant(call))
		return false;
	customer = read_rows(call, RESOURCE_CUSTOMER, VIEW_EXPLAIN, CUSTOMER_UID, &uid, 1);
	if (customer->nrows == 0)
	{
		call_not_found(call, RESOURCE_CUSTOMER);
		return false;
	}
	tenant = read_rows(call, RESOURCE_TENANT, ANSWER, 0, &call->tenant, 1);
	card->tenant = TextDatumGetCString(tenant->values[TENANT_NAME]);
	card->name = TextDatumGetCString(customer->values[CUSTOMER_DISPLAY_NAME]);
	card->code = customer->nulls[CUSTOMER_LOYALTY_ID] ? NULL
		: TextDatumGetCString(customer->values[CUSTOMER_LOYALTY_ID]);
	if (!is_code(card->code))
		card->code = TextDatumGetCString(uid);
	if (!is_code(card->code))
	{
		problem_add(&call->problems, REASON_NO_CARD, NULL, psprintf("%d", MAX_CODE));
		return false;
	}
	return true;
}

/* ---------------------------------------------------------------------
 * Printers
 * --------------------------------------------------------------------- */

/* How many modules, the thinnest bars, a barcode has at most. */
static int
code_width(const char *code)
{
	return 11 * strlen(code) + 35;
}

/* How many dots wide they are: thin ones when others would leave the label. */
static int
code_module(const char *code)
{
	return code_width(code) * 2 <= LABEL_WIDTH - 2 * QUIET_ZONE ? 2 : 1;
}

/* Appends a field's data, in which some characters would be commands. */
static void
append_zpl_field(StringInfo out, const char *text)
{
	appendStringInfoString(out, "^FH\\^FD");
	for (const char *p = text; *p; p++)
	{
		if (*p == '^' || *p == '~' || *p == '\\')
			appendStringInfo(out, "\\%02X", (unsigned char) *p);
		else
			appendStringInfoChar(out, *p);
	}
	appendStringInfoString(out, "^FS\n");
}

/* The card for a label printer; palloc'd. */
char *
card_zpl(const Card *card)
{
	StringInfoData out;
	int			module = code_module(card->code);

	initStringInfo(&out);
	appendStringInfo(&out, "^XA\n^CI28\n^PW%d\n^LL256\n", LABEL_WIDTH);
	appendStringInfoString(&out, "^FO12,16^A0N,32,32^FB432,1,0,C");
	append_zpl_field(&out, one_line(card->tenant, "..."));
	appendStringInfoString(&out, "^FO12,60^A0N,26,26^FB432,2,0,C");
	append_zpl_field(&out, one_line(card->name, "..."));
	/* thin bars when wide ones would leave the label */
	appendStringInfo(&out, "^BY%d,3,80\n^FO%d,124^BCN,80,Y,N,N,A", module,
					 (LABEL_WIDTH - code_width(card->code) * module) / 2);
	append_zpl_field(&out, card->code);
	appendStringInfoString(&out, "^PQ1\n^XZ\n");
	return out.data;
}

/* Appends a text in the code page WPC1252, which it need not have all characters of. */
static void
append_code_page(StringInfo out, const char *text)
{
	Oid			conversion = FindDefaultConversionProc(PG_UTF8, PG_WIN1252);

	for (const char *p = text; *p; p += pg_utf_mblen((const unsigned char *) p))
	{
		int			length = pg_utf_mblen((const unsigned char *) p);
		/* with room for the most that the server thinks a character can become */
		unsigned char converted[32];

		if (length == 1)
			appendStringInfoChar(out, *p);
		else if (pg_do_encoding_conversion_buf(conversion, PG_UTF8, PG_WIN1252,
											   (unsigned char *) unconstify(char *, p), length,
											   converted, sizeof(converted), true) == length)
			appendStringInfoChar(out, converted[0]);
		else
			appendStringInfoChar(out, '?');
	}
}

/* Appends commands, which can have zero bytes in them. */
#define APPEND_COMMANDS(out, commands) \
	appendBinaryStringInfo(out, commands, sizeof(commands) - 1)

/* The card for a receipt printer, in base64, for it is no text; palloc'd. */
char *
card_escpos(const Card *card)
{
	StringInfoData out;
	char	   *encoded;
	int			size;
	int			length;

	initStringInfo(&out);
	/* start anew, code page 1252, centred, bold */
	APPEND_COMMANDS(&out, "\x1B@\x1Bt\x10\x1B" "a\x01\x1B" "E\x01");
	append_code_page(&out, one_line(card->tenant, "..."));
	APPEND_COMMANDS(&out, "\n\x1B" "E\x00");
	append_code_page(&out, one_line(card->name, "..."));
	/* bars 80 dots high, the code below them, as wide as there is room */
	APPEND_COMMANDS(&out, "\n\n\x1Dh\x50\x1DH\x02\x1Dw");
	appendStringInfoChar(&out, code_module(card->code));
	/* Code 128, its length, and code set B */
	APPEND_COMMANDS(&out, "\x1Dk\x49");
	appendStringInfoChar(&out, (char) (strlen(card->code) + 2));
	appendStringInfo(&out, "{B%s", card->code);
	/* on, and cut */
	APPEND_COMMANDS(&out, "\n\x1B" "d\x03\x1DV\x42\x00");

	size = pg_b64_enc_len(out.len);
	encoded = palloc(size + 1);
	length = pg_b64_encode(BASE64_INPUT(out.data), out.len, encoded, size);
	if (length < 0)
		elog(ERROR, "could not encode a payload");
	encoded[length] = '\0';
	return encoded;
}

/* ---------------------------------------------------------------------
 * Pictures
 * --------------------------------------------------------------------- */

#ifdef USE_ZINT

/* Appends the bars of a barcode as one path, in a space as wide as given. */
static void
append_bars(StringInfo out, const struct zint_symbol *symbol, double x, double y,
			double width, double height)
{
	double		module = width / symbol->width;

	appendStringInfoString(out, "<path d=\"");
	for (int i = 0; i < symbol->width;)
	{
		int			run = 0;

		while (i + run < symbol->width &&
			   (symbol->encoded_data[0][(i + run) / 8] >> ((i + run) % 8) & 1))
			run++;
		if (run > 0)
			appendStringInfo(out, "M%.2f %.0fh%.2fv%.0fh-%.2fz", x + i * module, y,
							 run * module, height, run * module);
		i += Max(run, 1);
	}
	appendStringInfoString(out, "\"/>\n");
}

static void
append_line(StringInfo out, int y, int size, const char *weight, const char *fill, const char *text)
{
	/* a line that would be too long is pressed together */
	int			width = pg_mbstrlen(text) * size * 11 / 20;

	appendStringInfo(out, "<text x=\"60\" y=\"%d\" font-size=\"%d\" font-weight=\"%s\" fill=\"%s\"%s>%s</text>\n",
					 y, size, weight, fill,
					 width > 730 ? " textLength=\"730\" lengthAdjust=\"spacingAndGlyphs\"" : "",
					 escape_xml(text));
}

/* Appends the card as SVG; false when this was built without the library. */
bool
card_append_svg(StringInfo out, const Card *card)
{
	struct zint_symbol *symbol = ZBarcode_Create();
	char	   *name = one_line(card->name, "\xE2\x80\xA6");
	char	   *tenant = one_line(card->tenant, "\xE2\x80\xA6");
	double		width;

	if (symbol == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	PG_TRY();
	{
		symbol->symbology = BARCODE_CODE128;
		if (ZBarcode_Encode(symbol, (const unsigned char *) card->code, strlen(card->code)) >= ZINT_ERROR)
			elog(ERROR, "could not make a barcode: %s", symbol->errtxt);
		/* the size of a bank card, in tenths of a millimetre */
		appendStringInfoString(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"85.6mm\" height=\"54mm\""
							   " viewBox=\"0 0 856 540\" font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n");
		appendStringInfo(out, "<title>%s</title>\n", escape_xml(psprintf("%s, %s", tenant, name)));
		appendStringInfoString(out, "<rect x=\"2\" y=\"2\" width=\"852\" height=\"536\" rx=\"32\" fill=\"#ffffff\""
							   " stroke=\"#c8cdd3\" stroke-width=\"3\"/>\n"
							   "<path d=\"M34 2h788a32 32 0 0 1 32 32v120H2V34A32 32 0 0 1 34 2z\" fill=\"#17324d\"/>\n");
		append_line(out, 98, 54, "bold", "#ffffff", tenant);
		append_line(out, 230, 46, "normal", "#17324d", name);
		/* ten modules of white on either side belong to the barcode */
		width = Min(symbol->width * 4.0, 856.0 * symbol->width / (symbol->width + 24));
		append_bars(out, symbol, (856 - width) / 2, 270, width, 180);
		appendStringInfo(out, "<text x=\"428\" y=\"502\" font-size=\"34\" font-family=\"monospace\""
						 " text-anchor=\"middle\" fill=\"#17324d\">%s</text>\n", card->code);
		appendStringInfoString(out, "</svg>\n");
	}
	PG_FINALLY();
	{
		ZBarcode_Delete(symbol);
	}
	PG_END_TRY();
	return true;
}

#else

bool
card_append_svg(StringInfo out, const Card *card)
{
	(void) out;
	(void) card;
	return false;
}

#endif							/* USE_ZINT */
