/*-------------------------------------------------------------------------
 *
 * fuzz_json.c
 *	  The JSON reader: of what is JSON it finds every value where PostgreSQL's
 *	  parser says it is, it skips exactly what it reads, and a string that is
 *	  written again reads the same.  What is not JSON it walks through without a
 *	  step beyond the end.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/json_reader.h"
#include "core/json_writer.h"

/* What the string means, or NULL for what no text can hold. */
static char *
read_text(const JsonString *string, int *length)
{
	/* as much room as json_unescape() asks for, and no byte more */
	char	   *plain = palloc(string->length);

	switch (json_unescape(string, plain, length))
	{
		case JSON_UNESCAPE_ZERO:
			PROPERTY(strstr(pnstrdup(string->data, string->length), "\\u0000") != NULL);
			return NULL;
		case JSON_UNESCAPE_INVALID:
			/* a half of a pair: of JSON nothing else is left to be wrong */
			PROPERTY(strcasestr(pnstrdup(string->data, string->length), "\\ud") != NULL);
			return NULL;
		case JSON_UNESCAPE_OK:
			break;
	}
	PROPERTY(*length >= 0 && *length <= string->length);
	PROPERTY(is_text(plain, *length));
	PROPERTY(string->escaped || same_bytes(plain, *length, string->data, string->length));
	return plain;
}

static void
check_string(const JsonString *string)
{
	int			length;
	char	   *plain = read_text(string, &length);
	int			again_length;
	char	   *again;
	StringInfoData written;
	JsonReader	reader;
	JsonString	read;

	if (plain == NULL)
		return;
	PROPERTY(json_string_is(string, pnstrdup(plain, length)));
	PROPERTY(!json_string_is(string, psprintf("%.*s!", length, plain)));

	initStringInfo(&written);
	json_append_string(&written, plain, length);
	PROPERTY(json_error_offset(written.data, written.len) == -1);
	json_reader_init(&reader, written.data, written.len);
	PROPERTY(json_peek(&reader) == '"');
	read = json_read_string(&reader);
	PROPERTY(reader.p == reader.end);
	again = read_text(&read, &again_length);
	PROPERTY(again != NULL && same_bytes(plain, length, again, again_length));
}

/* Reads a value to its end, and gives how deeply it is nested. */
static int
check_value(JsonReader *reader)
{
	JsonReader	skipping = *reader;
	JsonReader	raw_reader = *reader;
	JsonReader	inner;
	JsonString	name;
	JsonString	token;
	char	   *raw;
	int			depth = 0;
	int			member_depth;
	char		first = json_peek(reader);

	json_skip(&skipping);
	raw = json_read_raw(&raw_reader);
	PROPERTY(raw_reader.p == skipping.p);
	PROPERTY(raw[0] == first && json_error_offset(raw, strlen(raw)) == -1);
	switch (first)
	{
		case '{':
			json_enter(reader, &inner);
			while (json_next_member(&inner, &name))
			{
				check_string(&name);
				member_depth = check_value(&inner);
				depth = Max(depth, member_depth);
			}
			json_leave(reader, &inner);
			depth++;
			break;
		case '[':
			json_enter(reader, &inner);
			while (json_next_element(&inner))
			{
				member_depth = check_value(&inner);
				depth = Max(depth, member_depth);
			}
			json_leave(reader, &inner);
			depth++;
			break;
		case '"':
			token = json_read_string(reader);
			check_string(&token);
			break;
		default:
			token = json_read_token(reader);
			PROPERTY(token.length > 0);
			PROPERTY(same_bytes(token.data, token.length, raw, strlen(raw)));
			break;
	}
	PROPERTY(reader->p == skipping.p);
	return depth;
}

/* Steps through anything at all, with every function in its turn. */
static void
check_bounds(const Piece *in)
{
	JsonReader	reader;
	JsonReader	inner;
	JsonString	string;

	json_reader_init(&reader, in->data, in->length);
	while (json_peek(&reader) != '\0')
	{
		const char *before = reader.p;

		json_skip(&reader);
		PROPERTY(reader.p > before && reader.p <= reader.end);
	}
	for (const char *p = in->data; p < in->data + in->length; p++)
	{
		json_reader_init(&reader, p, in->data + in->length - p);
		string = json_read_string(&reader);
		PROPERTY(string.length >= 0 && string.data + string.length <= reader.end);
		PROPERTY(reader.p > p && reader.p <= reader.end);

		json_reader_init(&reader, p, in->data + in->length - p);
		json_enter(&reader, &inner);
		while (json_next_member(&inner, &string))
		{
			PROPERTY(string.length >= 0 && string.data + string.length <= inner.end);
			json_skip(&inner);
			PROPERTY(inner.p <= inner.end);
		}
		json_enter(&reader, &inner);
		while (json_next_element(&inner))
		{
			const char *before = inner.p;

			json_skip(&inner);
			PROPERTY(inner.p > before && inner.p <= inner.end);
		}
		json_leave(&reader, &inner);
		PROPERTY(reader.p <= reader.end);
		/* of longer ones the beginning will do */
		if (p - in->data > 100)
			break;
	}
	PROPERTY(json_depth(in->data, in->length) <= in->length);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Piece		in;
	JsonReader	reader;
	int			depth;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text((const char *) data, size))
		return 0;
	in = copy_piece((const char *) data, size);
	check_bounds(&in);
	depth = json_depth(in.data, in.length);
	/* callers look at the depth before they parse */
	if (depth <= JSON_MAX_DEPTH && json_error_offset(in.data, in.length) == -1)
	{
		json_reader_init(&reader, in.data, in.length);
		PROPERTY(check_value(&reader) == depth);
		PROPERTY(json_peek(&reader) == '\0' && reader.p == reader.end);
	}
	forget_memory();
	return 0;
}
