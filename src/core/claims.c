/*-------------------------------------------------------------------------
 *
 * claims.c
 *	  Reads the claims of a token that an HTTP server has verified.
 *
 * Whether claims are to be believed is for access.c to say.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/json_reader.h"
#include "core/normalize.h"

/* A string as a text without escapes; NULL when it is none that can be one. */
static text *
read_text(JsonReader *reader)
{
	JsonString	string = json_read_string(reader);
	text	   *value = palloc(VARHDRSZ + string.length);
	int			length;

	if (json_unescape(&string, VARDATA(value), &length) != JSON_UNESCAPE_OK)
		return NULL;
	SET_VARSIZE(value, VARHDRSZ + length);
	return value;
}

/* Reads a text or a list of texts; null is an empty list. */
static bool
read_texts(JsonReader *reader, TextList *list)
{
	JsonReader	inner;
	bool		right = true;

	list->count = 0;
	switch (json_peek(reader))
	{
		case 'n':
			json_skip(reader);
			return true;
		case '"':
			{
				text	   *value = read_text(reader);

				if (value != NULL)
					text_list_add(list, PointerGetDatum(value));
				return value != NULL;
			}
		case '[':
			json_enter(reader, &inner);
			while (json_next_element(&inner))
			{
				text	   *value = NULL;

				if (json_peek(&inner) == '"')
					value = read_text(&inner);
				else
					json_skip(&inner);
				if (value != NULL)
					text_list_add(list, PointerGetDatum(value));
				right &= value != NULL;
			}
			json_leave(reader, &inner);
			return right;
		default:
			json_skip(reader);
			return false;
	}
}

/* Leaves of a list what can be a tenant's UID; gives how many those are. */
static int
keep_uids(TextList *list)
{
	int			kept = 0;

	for (int i = 0; i < list->count; i++)
	{
		text	   *value = DatumGetTextPP(list->values[i]);

		if (is_uid(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
			list->values[kept++] = list->values[i];
	}
	return kept;
}

static bool
read_subject(JsonReader *reader, const char **subject)
{
	text	   *value;

	*subject = NULL;
	if (json_peek(reader) != '"')
	{
		bool		absent = json_peek(reader) == 'n';

		json_skip(reader);
		return absent;
	}
	value = read_text(reader);
	if (value == NULL || pg_mbstrlen_with_len(VARDATA(value), VARSIZE(value) - VARHDRSZ) > MAX_SUBJECT_LENGTH)
		return false;
	if (VARSIZE(value) > VARHDRSZ)
		*subject = text_to_cstring(value);
	return true;
}

/*
 * Reads claims: {tenantUid, permissions, sub} and whatever else there is, which does
 * not matter here.  False when they are not JSON, or not of the form that they must
 * have.  What is read is palloc'd.
 */
bool
claims_read(const char *json, Claims *claims)
{
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;
	TextList	permissions = {0};
	bool		right = true;
	int			length = strlen(json);

	memset(claims, 0, sizeof(Claims));
	if (json_depth(json, length) > JSON_MAX_DEPTH || json_error_offset(json, length) >= 0)
		return false;
	json_reader_init(&outer, json, length);
	if (json_peek(&outer) != '{')
		return false;
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &name))
	{
		if (json_string_is(&name, "tenantUid"))
			right &= read_texts(&reader, &claims->tenants);
		else if (json_string_is(&name, "permissions"))
			right &= read_texts(&reader, &permissions);
		else if (json_string_is(&name, "sub"))
			right &= read_subject(&reader, &claims->subject);
		else
			json_skip(&reader);
	}
	claims->tenants.count = keep_uids(&claims->tenants);
	/* a server can know permissions that are none of ours */
	for (int i = 0; i < permissions.count; i++)
	{
		char	   *permission = TextDatumGetCString(permissions.values[i]);

		claims->permissions |= permission_find(permission, strlen(permission));
	}
	return right;
}
