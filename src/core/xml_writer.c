/*-------------------------------------------------------------------------
 *
 * xml_writer.c
 *	  Writes JSON as XML: a member is an element of its name, each element of a
 *	  list an <item>, a null an empty element with xsi:nil.
 *
 *-------------------------------------------------------------------------
 */
#include "core/xml_writer.h"

#include "utils/xml.h"

/* Does a text stand in XML as it does in JSON?  So do most. */
static bool
is_plain(const JsonString *string)
{
	if (string->escaped)
		return false;
	for (int i = 0; i < string->length; i++)
	{
		unsigned char c = (unsigned char) string->data[i];

		/* U+FFFE begins with 0xEF, as other characters do that are rare */
		if (c < 0x20 || c == '&' || c == '<' || c == '>' || c == 0xEF)
			return false;
	}
	return true;
}

/* Is a name one of XML?  So are all that we make. */
static bool
is_plain_name(const JsonString *name)
{
	if (name->escaped || name->length == 0 || pg_strncasecmp(name->data, "xml", Min(name->length, 3)) == 0)
		return false;
	for (int i = 0; i < name->length; i++)
	{
		char		c = name->data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

/*
 * Appends a text.  What XML has no way to say, control characters and the like, is a
 * replacement character.
 */
static void
append_text(StringInfo out, const JsonString *string)
{
	char	   *text;
	int			length;
	StringInfoData allowed;

	if (is_plain(string))
	{
		appendBinaryStringInfo(out, string->data, string->length);
		return;
	}
	text = palloc(string->length + 1);
	if (json_unescape(string, text, &length) != JSON_UNESCAPE_OK)
	{
		/* not a text, so it is shown as it stands */
		memcpy(text, string->data, string->length);
		length = string->length;
	}
	text[length] = '\0';
	initStringInfo(&allowed);
	for (const char *p = text; p < text + length;)
	{
		int			bytes = pg_utf_mblen((const unsigned char *) p);
		bool		control = (unsigned char) *p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r';

		/* U+FFFE and U+FFFF are no characters */
		if (control || (bytes == 3 && memcmp(p, "\xEF\xBF", 2) == 0 && (unsigned char) p[2] >= 0xBE))
			appendStringInfoString(&allowed, "\xEF\xBF\xBD");
		else
			appendBinaryStringInfo(&allowed, p, bytes);
		p += bytes;
	}
	appendStringInfoString(out, escape_xml(allowed.data));
}

/* A member's name as that of an element. */
static char *
element_name(const JsonString *name)
{
	char	   *text = palloc(name->length + 1);
	int			length;

	if (is_plain_name(name))
	{
		memcpy(text, name->data, name->length);
		text[name->length] = '\0';
		return text;
	}
	if (json_unescape(name, text, &length) != JSON_UNESCAPE_OK)
	{
		memcpy(text, name->data, name->length);
		length = name->length;
	}
	text[length] = '\0';
	if (length == 0)
		return pstrdup("_");
	return map_sql_identifier_to_xml_name(text, true, false);
}

static void
append_tag(StringInfo out, const char *begin, const char *name)
{
	appendStringInfoString(out, begin);
	appendStringInfoString(out, name);
	appendStringInfoCharMacro(out, '>');
}

/*
 * Appends the value that comes next as an element with a name, which has to be one of
 * XML.
 */
void
xml_append_value(StringInfo out, const char *name, JsonReader *reader)
{
	JsonReader	inner;
	JsonString	string;

	check_stack_depth();
	switch (json_peek(reader))
	{
		case 'n':
			json_skip(reader);
			appendStringInfo(out, "<%s xsi:nil=\"true\"/>", name);
			return;
		case '{':
			append_tag(out, "<", name);
			json_enter(reader, &inner);
			while (json_next_member(&inner, &string))
			{
				char	   *element = element_name(&string);

				xml_append_value(out, element, &inner);
				pfree(element);
			}
			json_leave(reader, &inner);
			break;
		case '[':
			append_tag(out, "<", name);
			json_enter(reader, &inner);
			while (json_next_element(&inner))
			{
				CHECK_FOR_INTERRUPTS();
				xml_append_value(out, "item", &inner);
			}
			json_leave(reader, &inner);
			break;
		case '"':
			append_tag(out, "<", name);
			string = json_read_string(reader);
			append_text(out, &string);
			break;
		default:
			append_tag(out, "<", name);
			string = json_read_token(reader);
			appendBinaryStringInfo(out, string.data, string.length);
			break;
	}
	append_tag(out, "</", name);
}
