/*-------------------------------------------------------------------------
 *
 * json_writer.c
 *	  Writes JSON text.  Strings are copied in runs between the characters
 *	  that need an escape and timestamps are written by hand: the general
 *	  functions for both took half of a page's rendering time.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"

/* Appends a quoted string. */
void
json_append_string(StringInfo out, const char *text, int length)
{
	const char *end = text + length;
	const char *run = text;

	enlargeStringInfo(out, length + 2);
	appendStringInfoCharMacro(out, '"');
	for (const char *p = text; p < end; p++)
	{
		unsigned char c = (unsigned char) *p;

		if (likely(c >= 0x20 && c != '"' && c != '\\'))
			continue;
		appendBinaryStringInfo(out, run, p - run);
		run = p + 1;
		switch (c)
		{
			case '"':
				appendStringInfoString(out, "\\\"");
				break;
			case '\\':
				appendStringInfoString(out, "\\\\");
				break;
			case '\n':
				appendStringInfoString(out, "\\n");
				break;
			case '\r':
				appendStringInfoString(out, "\\r");
				break;
			case '\t':
				appendStringInfoString(out, "\\t");
				break;
			default:
				appendStringInfo(out, "\\u%04x", c);
				break;
		}
	}
	appendBinaryStringInfo(out, run, end - run);
	appendStringInfoChar(out, '"');
}

/* Appends "name":"value". */
void
json_append_member(StringInfo out, const char *name, const char *value)
{
	json_append_string(out, name, strlen(name));
	appendStringInfoChar(out, ':');
	json_append_string(out, value, strlen(value));
}

/* Appends a whole number. */
void
json_append_integer(StringInfo out, int64 value)
{
	enlargeStringInfo(out, MAXINT8LEN + 1);
	out->len += pg_lltoa(value, out->data + out->len);
}

static inline char *
write_two(char *p, int value)
{
	*p++ = '0' + value / 10 % 10;
	*p++ = '0' + value % 10;
	return p;
}

/* Appends a quoted time in UTC with milliseconds: "2025-07-30T18:12:05.623Z". */
void
json_append_timestamp(StringInfo out, TimestampTz value)
{
	struct pg_tm tm;
	fsec_t		fsec;
	char	   *p;

	/* infinite times and years beyond four digits have no such form */
	if (TIMESTAMP_NOT_FINITE(value) ||
		timestamp2tm(value, NULL, &tm, &fsec, NULL, NULL) != 0 ||
		tm.tm_year < 0 || tm.tm_year > 9999)
	{
		appendStringInfoString(out, "\"\"");
		return;
	}
	enlargeStringInfo(out, 32);
	p = out->data + out->len;
	*p++ = '"';
	p = write_two(p, tm.tm_year / 100);
	p = write_two(p, tm.tm_year % 100);
	*p++ = '-';
	p = write_two(p, tm.tm_mon);
	*p++ = '-';
	p = write_two(p, tm.tm_mday);
	*p++ = 'T';
	p = write_two(p, tm.tm_hour);
	*p++ = ':';
	p = write_two(p, tm.tm_min);
	*p++ = ':';
	p = write_two(p, tm.tm_sec);
	*p++ = '.';
	*p++ = '0' + fsec / 100000;
	p = write_two(p, fsec / 1000 % 100);
	*p++ = 'Z';
	*p++ = '"';
	out->len = p - out->data;
	out->data[out->len] = '\0';
}

/* Starts an answer in the current context, with room for a varlena header. */
void
json_answer_begin(StringInfo out, int expected_size)
{
	initStringInfo(out);
	enlargeStringInfo(out, expected_size);
	appendStringInfoSpaces(out, VARHDRSZ);
}

/* Makes what json_answer_begin started into a json datum, without a copy. */
Datum
json_answer_end(StringInfo out)
{
	SET_VARSIZE(out->data, out->len);
	return PointerGetDatum(out->data);
}
