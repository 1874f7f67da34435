/*-------------------------------------------------------------------------
 *
 * json_reader.c
 *	  A pull reader over text that the json type, or json_error_offset(), has
 *	  already found to be JSON.
 *
 * PostgreSQL's own parser copies each name and value, and stops the whole
 * text at a \u0000 in one string, where a batch must refuse just that item.
 * Reading checked text needs no error handling and no copies.  Every step is
 * still bounded by the end of the text, so that text which is not JSON after
 * all can give wrong values, but never a read beyond it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_reader.h"

static inline void
skip_space(JsonReader *reader)
{
	while (reader->p < reader->end &&
		   (*reader->p == ' ' || *reader->p == '\n' || *reader->p == '\t' ||
			*reader->p == '\r'))
		reader->p++;
}

/* Starts to read a text. */
void
json_reader_init(JsonReader *reader, const char *text, int length)
{
	reader->p = text;
	reader->end = text + length;
	reader->first = true;
}

/*
 * The first byte of the next value, which tells its type: { [ " t f n, or
 * the beginning of a number.  0 at the end.
 */
char
json_peek(JsonReader *reader)
{
	skip_space(reader);
	return reader->p < reader->end ? *reader->p : '\0';
}

/* Goes into the object or list that comes next. */
void
json_enter(JsonReader *reader, JsonReader *inner)
{
	skip_space(reader);
	inner->p = reader->p < reader->end ? reader->p + 1 : reader->end;
	inner->end = reader->end;
	inner->first = true;
}

/* Goes on behind an object or list that was read to its end. */
void
json_leave(JsonReader *reader, const JsonReader *inner)
{
	reader->p = inner->p;
}

static bool
next_item(JsonReader *reader, char close)
{
	skip_space(reader);
	if (!reader->first && reader->p < reader->end && *reader->p == ',')
	{
		reader->p++;
		skip_space(reader);
	}
	reader->first = false;
	if (reader->p >= reader->end)
		return false;
	if (*reader->p == close)
	{
		reader->p++;
		return false;
	}
	return true;
}

/*
 * Reads the next member's name and stops before its value; false, and behind
 * the object, when there is none left.
 */
bool
json_next_member(JsonReader *reader, JsonString *name)
{
	if (!next_item(reader, '}'))
		return false;
	*name = json_read_string(reader);
	skip_space(reader);
	if (reader->p < reader->end && *reader->p == ':')
		reader->p++;
	return true;
}

/* Stops before the next element of a list; false, and behind it, at its end. */
bool
json_next_element(JsonReader *reader)
{
	return next_item(reader, ']');
}

/* Reads a string, which must come next. */
JsonString
json_read_string(JsonReader *reader)
{
	JsonString	string = {NULL, 0, false};
	const char *p;

	skip_space(reader);
	p = reader->p < reader->end ? reader->p + 1 : reader->end;
	string.data = p;
	while (p < reader->end && *p != '"')
	{
		if (*p == '\\')
		{
			string.escaped = true;
			p++;
		}
		p++;
	}
	if (p > reader->end)
		p = reader->end;
	string.length = p - string.data;
	reader->p = p < reader->end ? p + 1 : p;
	return string;
}

/* Reads a number, true, false or null as it stands in the text. */
JsonString
json_read_token(JsonReader *reader)
{
	JsonString	token = {NULL, 0, false};
	const char *p;

	skip_space(reader);
	token.data = p = reader->p;
	while (p < reader->end && *p != ',' && *p != '}' && *p != ']' &&
		   *p != ' ' && *p != '\n' && *p != '\t' && *p != '\r')
		p++;
	token.length = p - token.data;
	reader->p = p;
	return token;
}

/* Skips any value. */
void
json_skip(JsonReader *reader)
{
	int			depth = 0;

	do
	{
		switch (json_peek(reader))
		{
			case '\0':
				return;
			case '"':
				(void) json_read_string(reader);
				break;
			case '{':
			case '[':
				depth++;
				reader->p++;
				break;
			case '}':
			case ']':
				depth--;
				reader->p++;
				break;
			case ',':
			case ':':
				reader->p++;
				break;
			default:
				(void) json_read_token(reader);
				break;
		}
	} while (depth > 0);
}

static bool
read_hex(const char *p, const char *end, pg_wchar *value)
{
	*value = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++)
	{
		char		c = p[i];

		if (c >= '0' && c <= '9')
			*value = *value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			*value = *value * 16 + (c - 'A' + 10);
		else
			return false;
	}
	return true;
}

/*
 * Replaces a string's escapes.  out must have room for string->length bytes,
 * the result is not
 * terminated.
 */
JsonUnescape
json_unescape(const JsonString *string, char *out, int *length)
{
	const char *end = string->data + string->length;
	char	   *o = out;

	for (const char *p = string->data; p < end; p++)
	{
		pg_wchar	code;

		if (*p != '\\')
		{
			*o++ = *p;
			continue;
		}
		if (++p >= end)
			return JSON_UNESCAPE_INVALID;
		switch (*p)
		{
			case 'b':
				*o++ = '\b';
				break;
			case 'f':
				*o++ = '\f';
				break;
			case 'n':
				*o++ = '\n';
				break;
			case 'r':
				*o++ = '\r';
				break;
			case 't':
				*o++ = '\t';
				break;
			case 'u':
				if (!read_hex(p + 1, end, &code))
					return JSON_UNESCAPE_INVALID;
				p += 4;
				if (code == 0)
					return JSON_UNESCAPE_ZERO;
				if (is_utf16_surrogate_first(code))
				{
					pg_wchar	second;

					if (end - p < 7 || p[1] != '\\' || p[2] != 'u' ||
						!read_hex(p + 3, end, &second) ||
						!is_utf16_surrogate_second(second))
						return JSON_UNESCAPE_INVALID;
					code = surrogate_pair_to_codepoint(code, second);
					p += 6;
				}
				else if (is_utf16_surrogate_second(code))
					return JSON_UNESCAPE_INVALID;
				/* the extension is for databases in UTF-8 only */
				unicode_to_utf8(code, (unsigned char *) o);
				o += pg_utf_mblen((unsigned char *) o);
				break;
			default:
				*o++ = *p;
				break;
		}
	}
	*length = o - out;
	return JSON_UNESCAPE_OK;
}

/* Is a string, its escapes replaced, this text? */
bool
json_string_is(const JsonString *string, const char *text)
{
	int			length = strlen(text);
	char	   *plain;
	int			plain_length;

	if (!string->escaped)
		return string->length == length && memcmp(string->data, text, length) == 0;
	plain = palloc(string->length);
	return json_unescape(string, plain, &plain_length) == JSON_UNESCAPE_OK &&
		plain_length == length && memcmp(plain, text, length) == 0;
}

/* How deeply objects and lists are nested in a text, JSON or not. */
int
json_depth(const char *text, int length)
{
	int			depth = 0;
	int			deepest = 0;
	bool		in_string = false;

	for (const char *p = text; p < text + length; p++)
	{
		if (in_string)
		{
			if (*p == '\\')
				p++;
			else if (*p == '"')
				in_string = false;
		}
		else if (*p == '"')
			in_string = true;
		else if (*p == '{' || *p == '[')
		{
			depth++;
			deepest = Max(deepest, depth);
		}
		else if (*p == '}' || *p == ']')
			depth--;
	}
	return deepest;
}

/* The next value as it stands in the text, palloc'd. */
char *
json_read_raw(JsonReader *reader)
{
	const char *start;

	(void) json_peek(reader);
	start = reader->p;
	json_skip(reader);
	return pnstrdup(start, reader->p - start);
}

/* The next value, a string, as a C string; NULL when it holds what none can. */
char *
json_read_text(JsonReader *reader)
{
	JsonString	string = json_read_string(reader);
	char	   *text = palloc(string.length + 1);
	int			length;

	if (json_unescape(&string, text, &length) != JSON_UNESCAPE_OK)
		return NULL;
	text[length] = '\0';
	return text;
}
