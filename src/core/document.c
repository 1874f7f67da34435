/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Checks documents of other systems against what they are made of, and
 *	  takes out of them what is personal.
 *
 * A document is read once and kept as it came; nothing here knows what any of
 * its members mean.
 *
 *-------------------------------------------------------------------------
 */
#include "core/document.h"
#include "core/normalize.h"
#include "core/parse.h"

typedef enum MemberKind
{
	MEMBER_TEXT,
	MEMBER_UID,
	MEMBER_OPTIONAL_UID,
	MEMBER_ENUM,
	MEMBER_INTEGER,
	MEMBER_BOOLEAN,
	MEMBER_TIME,
	MEMBER_DATE,
	MEMBER_OBJECT
} MemberKind;

typedef struct DocumentMember
{
	const char *name;			/* NULL where another object begins */
	MemberKind	kind;
	uint32		flags;
	int			max_length;		/* of a text, in characters; 0 for any */
	const char *allowed;		/* of an enum, with commas between */
	DocumentObject object;		/* that it is, or that begins */
} DocumentMember;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
static const DocumentMember members[] = {
#define OBJECT(symbol) {.name = NULL, .object = symbol},
#define MEMBER(name_, kind_, flags_, ...) {.name = name_, .kind = kind_, .flags = flags_, __VA_ARGS__},
#include "fields/document.h"
#undef OBJECT
#undef MEMBER
};
#pragma GCC diagnostic pop

/* An object has no more members than this, so that a word can say which were there. */
#define MAX_MEMBERS 64

typedef struct ObjectMembers
{
	const DocumentMember *first;
	int			count;
} ObjectMembers;

static ObjectMembers objects[DOCUMENT_OBJECTS];

/*
 * Which member came after which one the last time: those who write documents
 * keep an order, so the next name is mostly found at once.
 */
static uint8 followers[lengthof(members)];

static const ObjectMembers *
object_members(DocumentObject object)
{
	if (objects[object].first == NULL)
	{
		for (int i = 0; i < (int) lengthof(members); i++)
		{
			ObjectMembers *current = &objects[members[i].object];

			if (members[i].name != NULL)
				continue;
			current->first = &members[i + 1];
			while (i + 1 < (int) lengthof(members) && members[i + 1].name != NULL)
			{
				current->count++;
				i++;
			}
			Assert(current->count < MAX_MEMBERS);
		}
	}
	return &objects[object];
}

/* The member with a name, or -1; previous is the one before, or -1. */
static int
find_member(const ObjectMembers *object, const JsonString *name, int previous)
{
	/* the slot of the first member's predecessor is that of the object itself */
	uint8	   *follower = &followers[object->first + previous - members];

	if (*follower < object->count && json_string_is(name, object->first[*follower].name))
		return *follower;
	for (int i = 0; i < object->count; i++)
	{
		if (json_string_is(name, object->first[i].name))
		{
			*follower = i;
			return i;
		}
	}
	return -1;
}

static bool
is_allowed(const char *allowed, const JsonString *value)
{
	for (const char *p = allowed; p != NULL; p = strchr(p, ','))
	{
		p += strspn(p, ", ");
		if (value->length > 0 && memchr(value->data, ',', value->length) == NULL &&
			strncmp(p, value->data, value->length) == 0 &&
			(p[value->length] == ',' || p[value->length] == '\0'))
			return true;
	}
	return false;
}

/* Is a text a day, such as 2025-07-30? */
static bool
is_date(const char *text, int length)
{
	char		time[sizeof("2025-07-30T00:00:00Z")];
	TimestampTz value;

	if (length != 10)
		return false;
	snprintf(time, sizeof(time), "%.10sT00:00:00Z", text);
	return parse_timestamp(time, strlen(time), &value);
}

/* What is wrong with a string; REASON_COUNT for nothing. */
static Reason
check_string(const DocumentMember *member, const JsonString *raw, char **detail)
{
	JsonString	value = *raw;
	TimestampTz time;

	if (raw->escaped)
	{
		char	   *plain = palloc(raw->length);

		switch (json_unescape(raw, plain, &value.length))
		{
			case JSON_UNESCAPE_OK:
				break;
			case JSON_UNESCAPE_ZERO:
				return REASON_ZERO_CHARACTER;
			case JSON_UNESCAPE_INVALID:
				return REASON_BAD_UNICODE;
		}
		value.data = plain;
	}
	switch (member->kind)
	{
		case MEMBER_TEXT:
			if (member->max_length > 0 && value.length > member->max_length &&
				pg_mbstrlen_with_len(value.data, value.length) > member->max_length)
			{
				*detail = psprintf("%d", member->max_length);
				return REASON_TOO_LONG;
			}
			return REASON_COUNT;
		case MEMBER_OPTIONAL_UID:
			if (value.length == 0)
				return REASON_COUNT;
			/* FALLTHROUGH */
		case MEMBER_UID:
			return is_uid(value.data, value.length) ? REASON_COUNT : REASON_NOT_UID;
		case MEMBER_ENUM:
			*detail = unconstify(char *, member->allowed);
			return is_allowed(member->allowed, &value) ? REASON_COUNT : REASON_NOT_ALLOWED;
		case MEMBER_TIME:
			/* a text that is absent is empty */
			return value.length == 0 || parse_timestamp(value.data, value.length, &time)
				? REASON_COUNT : REASON_NOT_TIMESTAMP;
		case MEMBER_DATE:
			return value.length == 0 || is_date(value.data, value.length) ||
				parse_timestamp(value.data, value.length, &time) ? REASON_COUNT : REASON_NOT_DATE;
		default:
			return REASON_NOT_TEXT;
	}
}

static void check_object(Call *call, DocumentObject object, JsonReader *reader, const JsonPath *path);

static void
check_value(Call *call, const DocumentMember *member, JsonReader *reader, const JsonPath *path)
{
	char		next = json_peek(reader);
	Reason		reason = REASON_COUNT;
	char	   *detail = NULL;

	switch (member->kind)
	{
		case MEMBER_OBJECT:
			check_object(call, member->object, reader, path);
			return;
		case MEMBER_INTEGER:
			{
				JsonString	token;
				int64		value;

				reason = REASON_NOT_INTEGER;
				if (next != '-' && !(next >= '0' && next <= '9'))
					break;
				token = json_read_token(reader);
				if (!parse_integer(&token, &value))
					problem_add_at(&call->problems, reason, path, NULL);
				return;
			}
		case MEMBER_BOOLEAN:
			if (next != 't' && next != 'f')
				reason = REASON_NOT_BOOLEAN;
			break;
		default:
			if (next == '"')
			{
				JsonString	value = json_read_string(reader);

				reason = check_string(member, &value, &detail);
				if (reason != REASON_COUNT)
					problem_add_at(&call->problems, reason, path, detail);
				return;
			}
			reason = REASON_NOT_TEXT;
			break;
	}
	if (reason != REASON_COUNT)
		problem_add_at(&call->problems, reason, path, NULL);
	json_skip(reader);
}

static void
check_list(Call *call, const DocumentMember *member, JsonReader *reader, const JsonPath *path)
{
	JsonPath	element = {.parent = path};
	JsonReader	inner;

	if (json_peek(reader) != '[')
	{
		problem_add_at(&call->problems, REASON_NOT_ARRAY, path, NULL);
		json_skip(reader);
		return;
	}
	json_enter(reader, &inner);
	for (; json_next_element(&inner); element.index++)
	{
		CHECK_FOR_INTERRUPTS();
		check_value(call, member, &inner, &element);
	}
	json_leave(reader, &inner);
}

static void
check_object(Call *call, DocumentObject id, JsonReader *reader, const JsonPath *path)
{
	const ObjectMembers *object = object_members(id);
	JsonReader	inner;
	JsonString	name;
	uint64		seen = 0;
	int			last = -1;

	if (json_peek(reader) != '{')
	{
		problem_add_at(&call->problems, REASON_NOT_OBJECT, path, NULL);
		json_skip(reader);
		return;
	}
	json_enter(reader, &inner);
	while (json_next_member(&inner, &name))
	{
		int			i = find_member(object, &name, last);
		const DocumentMember *member = &object->first[i];
		JsonPath	place;

		if (i < 0)
		{
			json_skip(&inner);
			continue;
		}
		last = i;
		place = (JsonPath) {path, member->name, strlen(member->name), 0};
		/* of a repeated name the last one counts */
		if (seen & (UINT64CONST(1) << i))
			problems_remove(&call->problems, &place);
		seen |= UINT64CONST(1) << i;
		if ((member->flags & NULLABLE) && json_peek(&inner) == 'n')
			json_skip(&inner);
		else if (member->flags & LISTED)
			check_list(call, member, &inner, &place);
		else
			check_value(call, member, &inner, &place);
	}
	json_leave(reader, &inner);
	/* what old systems did not have, a lenient tenant does without */
	for (int i = 0; i < object->count && !call->tenant_row.lenient; i++)
	{
		JsonPath	place = {path, object->first[i].name, strlen(object->first[i].name), 0};

		if ((object->first[i].flags & REQUIRED) && !(seen & (UINT64CONST(1) << i)))
			problem_add_at(&call->problems, REASON_MISSING, &place, NULL);
	}
}

/*
 * Checks a document: its types, what has to be there, and the forms of UIDs, times and
 * enums.  Adds what is wrong to the call's problems, with paths from the given one
 * on, and gives false then.  The tenant must have been loaded.
 */
bool
document_check(Call *call, DocumentObject object, const char *text, int length,
			   const JsonPath *path)
{
	JsonReader	reader;
	int			before = call->problems.count;

	if (json_depth(text, length) > JSON_MAX_DEPTH)
	{
		problem_add_at(&call->problems, REASON_TOO_DEEP, path, psprintf("%d", JSON_MAX_DEPTH));
		return false;
	}
	json_reader_init(&reader, text, length);
	check_object(call, object, &reader, path);
	return call->problems.count == before;
}

static void append_erased_object(StringInfo out, DocumentObject object, JsonReader *reader);

/* Appends what is left of a value; false, and nothing, when it is not of its kind. */
static bool
append_erased_value(StringInfo out, const DocumentMember *member, JsonReader *reader)
{
	char		next = json_peek(reader);
	bool		fits;
	char	   *detail;

	if (next == 'n')
		fits = true;
	else if (member->kind == MEMBER_OBJECT)
		fits = next == '{';
	else if (member->kind == MEMBER_INTEGER)
		fits = next == '-' || (next >= '0' && next <= '9');
	else if (member->kind == MEMBER_BOOLEAN)
		fits = next == 't' || next == 'f';
	else if ((fits = next == '"'))
	{
		JsonReader	look = *reader;
		JsonString	value = json_read_string(&look);

		fits = check_string(member, &value, &detail) == REASON_COUNT;
	}
	if (!fits)
	{
		json_skip(reader);
		return false;
	}
	if (next == '{')
		append_erased_object(out, member->object, reader);
	else if ((member->flags & PERSONAL) && next != 'n')
	{
		json_skip(reader);
		appendStringInfoString(out, "\"\"");
	}
	else
		appendStringInfoString(out, json_read_raw(reader));
	return true;
}

static void
append_erased_list(StringInfo out, const DocumentMember *member, JsonReader *reader)
{
	JsonReader	inner;
	int			start = out->len + 1;

	appendStringInfoChar(out, '[');
	json_enter(reader, &inner);
	while (json_next_element(&inner))
	{
		int			before = out->len;

		CHECK_FOR_INTERRUPTS();
		if (out->len > start)
			appendStringInfoChar(out, ',');
		if (!append_erased_value(out, member, &inner))
		{
			out->len = before;
			out->data[before] = '\0';
		}
	}
	json_leave(reader, &inner);
	appendStringInfoChar(out, ']');
}

static void
append_erased_object(StringInfo out, DocumentObject id, JsonReader *reader)
{
	const ObjectMembers *object = object_members(id);
	JsonReader	inner;
	JsonString	name;
	int			start = out->len + 1;
	int			last = -1;

	appendStringInfoChar(out, '{');
	json_enter(reader, &inner);
	while (json_next_member(&inner, &name))
	{
		int			i = find_member(object, &name, last);
		const DocumentMember *member = &object->first[i];
		int			before = out->len;

		if (i < 0)
		{
			json_skip(&inner);
			continue;
		}
		last = i;
		appendStringInfo(out, "%s\"%s\":", out->len > start ? "," : "", member->name);
		if ((member->flags & LISTED) && json_peek(&inner) == '[')
			append_erased_list(out, member, &inner);
		else if (((member->flags & LISTED) && json_peek(&inner) != 'n') ||
				 !append_erased_value(out, member, &inner))
		{
			if (member->flags & LISTED)
				json_skip(&inner);
			out->len = before;
			out->data[before] = '\0';
		}
	}
	json_leave(reader, &inner);
	appendStringInfoChar(out, '}');
}

/*
 * Appends what is left of a document when it is nobody's any more: texts that are
 * personal are empty, and members that we don't know are gone.
 */
void
document_append_erased(StringInfo out, DocumentObject object, const char *text, int length)
{
	JsonReader	reader;

	json_reader_init(&reader, text, length);
	if (json_peek(&reader) == '{')
		append_erased_object(out, object, &reader);
	else
		appendStringInfoString(out, "{}");
}
