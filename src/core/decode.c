/*-------------------------------------------------------------------------
 *
 * decode.c
 *	  From the JSON of a body to rows of values, by the field tables.
 *
 * Everything that is wrong becomes a problem with its path; decoding goes on,
 * so that a caller learns all of it at once.  Rules that need more than one
 * field, or the database, belong to the resource's api_*.c file.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"
#include "core/parse.h"
#include "core/row.h"

static uint8 name_lengths[RESOURCE_COUNT][MAX_FIELDS];

static bool
name_is(const Resource *resource, uint32 wanted, int i, const char *prefix, int prefix_length,
		const JsonString *name)
{
	const Field *field = &resource->fields[i];

	if (!(field->flags & wanted) || (field->flags & GENERATED) || field->json == NULL)
		return false;
	if (name_lengths[resource->id][i] == 0)
		name_lengths[resource->id][i] = strlen(field->json);
	/* a dot stands for an object, which this name then is not */
	return name_lengths[resource->id][i] == prefix_length + name->length &&
		memchr(name->data, '.', name->length) == NULL &&
		memcmp(field->json + prefix_length, name->data, name->length) == 0 &&
		memcmp(field->json, prefix, prefix_length) == 0;
}

/*
 * The field that followed another one, or stood first, in the last bodies of a
 * resource: bodies of one sender name their fields in the same order.
 */
static uint8 followers[RESOURCE_COUNT][MAX_FIELDS + 1];

/*
 * The field of a name inside the object that prefix ("credit.") stands for; -1
 * for none.  *last is the one before it, and becomes this one.
 */
static int
find_field(const Resource *resource, uint32 wanted, const char *prefix,
		   int prefix_length, const JsonString *name, int *last)
{
	uint8	   *follower = &followers[resource->id][*last + 1];
	int			found = -1;

	if (name_is(resource, wanted, *follower, prefix, prefix_length, name))
		found = *follower;
	for (int i = 0; i < resource->nfields && found < 0; i++)
	{
		if (name_is(resource, wanted, i, prefix, prefix_length, name))
			found = i;
	}
	if (found >= 0)
	{
		*follower = found;
		*last = found;
	}
	return found;
}

/* Is a name that of an object whose members are fields ("credit")? */
static bool
is_object_name(const Resource *resource, uint32 wanted, const JsonString *name)
{
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if ((field->flags & wanted) && field->json != NULL &&
			strncmp(field->json, name->data, name->length) == 0 &&
			field->json[name->length] == '.')
			return true;
	}
	return false;
}

static Reason
form_reason(Form form)
{
	switch (form)
	{
		case FORM_EMAIL:
			return REASON_NOT_EMAIL;
		case FORM_MOBILE:
			return REASON_NOT_MOBILE;
		case FORM_COUNTRY:
			return REASON_NOT_COUNTRY;
		case FORM_POSTAL_CODE:
			return REASON_NOT_POSTAL_CODE;
		case FORM_VAT_NUMBER:
			return REASON_NOT_VAT_NUMBER;
		case FORM_LEDGER_NUMBER:
			return REASON_NOT_LEDGER_NUMBER;
		case FORM_ANY:
			break;
	}
	return REASON_NOT_TEXT;
}

/*
 * Brings a text to a form.  False when it does not have it; a lenient tenant
 * then keeps it as it is where the field allows that.
 */
static bool
apply_form(Call *call, const Field *field, const char *country_code, Datum *value)
{
	text	   *raw = DatumGetTextPP(*value);
	int			length = VARSIZE_ANY_EXHDR(raw);
	text	   *result = palloc(VARHDRSZ + length + NORMALIZE_GROWTH);
	int			result_length;

	if (!normalize(field->form, VARDATA_ANY(raw), length, country_code,
				   VARDATA(result), &result_length))
		return (field->flags & LENIENT) && call->tenant_row.lenient;
	SET_VARSIZE(result, VARHDRSZ + result_length);
	*value = PointerGetDatum(result);
	return true;
}

/*
 * Reads a string value as a text datum; false, with a problem, when it is not
 * one or is too long.  An empty string gives an empty datum.
 */
static bool
decode_text(Call *call, JsonReader *reader, int max_length,
			const JsonPath *path, Datum *value)
{
	JsonString	string;
	text	   *result;
	int			length;

	if (json_peek(reader) != '"')
	{
		problem_add_at(&call->problems, REASON_NOT_TEXT, path, NULL);
		json_skip(reader);
		return false;
	}
	string = json_read_string(reader);
	result = palloc(VARHDRSZ + string.length);
	length = string.length;
	if (!string.escaped)
		memcpy(VARDATA(result), string.data, length);
	else
	{
		switch (json_unescape(&string, VARDATA(result), &length))
		{
			case JSON_UNESCAPE_OK:
				break;
			case JSON_UNESCAPE_ZERO:
				problem_add_at(&call->problems, REASON_ZERO_CHARACTER, path, NULL);
				return false;
			case JSON_UNESCAPE_INVALID:
				problem_add_at(&call->problems, REASON_BAD_UNICODE, path, NULL);
				return false;
		}
	}
	if (length > max_length &&
		pg_mbstrlen_with_len(VARDATA(result), length) > max_length)
	{
		problem_add_at(&call->problems, REASON_TOO_LONG, path,
					   psprintf("%d", max_length));
		return false;
	}
	SET_VARSIZE(result, VARHDRSZ + length);
	*value = PointerGetDatum(result);
	return true;
}

static void
decode_number(Call *call, const Field *field, JsonReader *reader,
			  const JsonPath *path, Row *row, int i)
{
	int64		minimum = Max(field->minimum, -AMOUNT_MAX);
	int64		maximum = field->maximum ? field->maximum
		: field->kind == FIELD_INTEGER ? PG_INT32_MAX : AMOUNT_MAX;
	char		next = json_peek(reader);
	JsonString	token;
	int64		value;

	if (next != '-' && !(next >= '0' && next <= '9'))
	{
		problem_add_at(&call->problems, REASON_NOT_INTEGER, path, NULL);
		json_skip(reader);
		return;
	}
	token = json_read_token(reader);
	if (!parse_integer(&token, &value))
	{
		/* out of range or a fraction: say which */
		bool		fraction = false;

		for (int j = 0; j < token.length; j++)
			fraction |= token.data[j] == '.' || token.data[j] == 'e' || token.data[j] == 'E';
		if (fraction)
		{
			problem_add_at(&call->problems, REASON_NOT_INTEGER, path, NULL);
			return;
		}
		value = next == '-' ? PG_INT64_MIN : PG_INT64_MAX;
	}
	if (value < minimum || value > maximum)
	{
		problem_add_at(&call->problems, REASON_OUT_OF_RANGE, path,
					   psprintf(INT64_FORMAT " to " INT64_FORMAT, minimum, maximum));
		return;
	}
	row_set(row, i, field->kind == FIELD_INTEGER ? Int32GetDatum((int32) value)
			: Int64GetDatum(value));
}

static void decode_value(Call *call, Row *row, int i, JsonReader *reader,
						 const JsonPath *path);

static RowList *
decode_list(Call *call, const Field *field, JsonReader *reader, const JsonPath *path)
{
	const Resource *target = &resources[field->target];
	RowList    *list = palloc0(sizeof(RowList));
	JsonReader	inner;
	JsonPath	element = {.parent = path};

	json_enter(reader, &inner);
	for (; json_next_element(&inner); element.index++)
	{
		CHECK_FOR_INTERRUPTS();
		if (field->kind == FIELD_CHILDREN)
		{
			Row		   *row = decode_row(call, target, WRITE | CREATE, &inner, &element);

			decode_check_required(call, row, &element);
			row_list_add(list, row);
		}
		else
		{
			Row		   *row = row_create(target);

			if (json_peek(&inner) == 'n')
				problem_add_at(&call->problems, REASON_MISSING, &element, NULL);
			decode_value(call, row, field_by_column(target, field->value), &inner, &element);
			row_list_add(list, row);
		}
	}
	json_leave(reader, &inner);
	return list;
}

static void
decode_value(Call *call, Row *row, int i, JsonReader *reader, const JsonPath *path)
{
	const Field *field = &row->resource->fields[i];
	char		next = json_peek(reader);
	Datum		value;
	TimestampTz time;

	/* of a repeated name the last one counts */
	row->given[i] = GIVEN_RIGHT;
	row_set_null(row, i);
	if (next == 'n')
	{
		json_skip(reader);
		if (field->flags & REQUIRED)
			problem_add_at(&call->problems, REASON_MISSING, path, NULL);
		return;
	}
	switch (field->kind)
	{
		case FIELD_TEXT:
			if (!decode_text(call, reader, field->max_length, path, &value) ||
				VARSIZE(value) == VARHDRSZ)
				return;
			/* a postal code waits until its country is known */
			if (field->form != FORM_ANY && field->form != FORM_POSTAL_CODE &&
				!apply_form(call, field, NULL, &value))
			{
				problem_add_at(&call->problems, form_reason(field->form), path, NULL);
				return;
			}
			row_set(row, i, value);
			return;
		case FIELD_UID:
			if (!decode_text(call, reader, PG_INT32_MAX, path, &value))
				return;
			if (VARSIZE(value) == VARHDRSZ && (field->flags & EMPTY_UID))
				return;
			if (is_uid(VARDATA(value), VARSIZE(value) - VARHDRSZ))
				row_set(row, i, value);
			else
				problem_add_at(&call->problems, REASON_NOT_UID, path, NULL);
			return;
		case FIELD_ENUM:
			if (!decode_text(call, reader, PG_INT32_MAX, path, &value))
				return;
			if (field_allows(field, VARDATA(value), VARSIZE(value) - VARHDRSZ))
				row_set(row, i, value);
			else
				problem_add_at(&call->problems, REASON_NOT_ALLOWED, path, field_list_allowed(field));
			return;
		case FIELD_INTEGER:
		case FIELD_AMOUNT:
			decode_number(call, field, reader, path, row, i);
			return;
		case FIELD_BOOLEAN:
			if (next == 't' || next == 'f')
				row_set(row, i, BoolGetDatum(next == 't'));
			else
				problem_add_at(&call->problems, REASON_NOT_BOOLEAN, path, NULL);
			json_skip(reader);
			return;
		case FIELD_TIMESTAMP:
			if (!decode_text(call, reader, PG_INT32_MAX, path, &value))
				return;
			/* so answers show one that is not there */
			if (VARSIZE(value) == VARHDRSZ && !(field->flags & REQUIRED))
				return;
			if (parse_timestamp(VARDATA(value), VARSIZE(value) - VARHDRSZ, &time))
				row_set(row, i, TimestampTzGetDatum(time));
			else
				problem_add_at(&call->problems, REASON_NOT_TIMESTAMP, path, NULL);
			return;
		case FIELD_CHILDREN:
		case FIELD_VALUES:
			if (next == '[')
				row_set(row, i, PointerGetDatum(decode_list(call, field, reader, path)));
			else
			{
				problem_add_at(&call->problems, REASON_NOT_ARRAY, path, NULL);
				json_skip(reader);
			}
			return;
		default:
			elog(ERROR, "field \"%s\" cannot be taken from a body", field->json);
	}
}

/* Forgets what an object that is given once more said the first time. */
static void
forget_object(Call *call, Row *row, const JsonPath *path, const char *prefix,
			  int prefix_length)
{
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if (field->json != NULL && strncmp(field->json, prefix, prefix_length) == 0)
		{
			row->given[i] = GIVEN_NOT;
			row_set_null(row, i);
		}
	}
	if (call_failed(call))
		problems_remove(&call->problems, path);
}

/* Reads the members of an object; prefix is "" or, for example, "credit.". */
static void
decode_members(Call *call, Row *row, uint32 wanted, JsonReader *reader,
			   const JsonPath *path, const char *prefix, int prefix_length)
{
	const Resource *resource = row->resource;
	JsonString	name;
	int			last = -1;

	while (json_next_member(reader, &name))
	{
		JsonPath	member = {.parent = path, .name = name.data, .name_length = name.length};
		int			i;

		if (name.escaped)
		{
			char	   *plain = palloc(name.length);

			/* a name that is no text is none of ours */
			if (json_unescape(&name, plain, &name.length) == JSON_UNESCAPE_OK)
				name.data = plain;
			else
				name.length = 0;
			member.name = name.data;
			member.name_length = name.length;
		}
		i = find_field(resource, wanted, prefix, prefix_length, &name, &last);
		if (i >= 0)
		{
			int			problems;

			if (row->given[i] == GIVEN_WRONG)
				problems_remove(&call->problems, &member);
			problems = call->problems.count;
			decode_value(call, row, i, reader, &member);
			if (call->problems.count > problems)
				row->given[i] = GIVEN_WRONG;
		}
		else if (prefix_length == 0 && is_object_name(resource, wanted, &name))
		{
			char	   *inner_prefix = psprintf("%.*s.", name.length, name.data);
			char		next = json_peek(reader);

			forget_object(call, row, &member, inner_prefix, name.length + 1);
			if (next == '{')
			{
				JsonReader	inner;

				json_enter(reader, &inner);
				decode_members(call, row, wanted, &inner, &member, inner_prefix, name.length + 1);
				json_leave(reader, &inner);
			}
			else
			{
				/* null clears all of its members */
				for (int j = 0; next == 'n' && j < resource->nfields; j++)
				{
					const Field *field = &resource->fields[j];

					if ((field->flags & wanted) && field->json &&
						strncmp(field->json, inner_prefix, name.length + 1) == 0)
					{
						row->given[j] = GIVEN_RIGHT;
						row_set_null(row, j);
					}
				}
				if (next != 'n')
					problem_add_at(&call->problems, REASON_NOT_OBJECT, &member, NULL);
				json_skip(reader);
			}
		}
		else
			json_skip(reader);
	}
}

/*
 * Reads the next value as a row of a resource: the fields that have one of the
 * flags in "wanted", WRITE, CREATE or KEY.  What is wrong is added to the call's
 * problems.  The result is palloc'd and points into itself only.  The
 * tenant must have been loaded.
 */
Row *
decode_row(Call *call, const Resource *resource, uint32 wanted,
		   JsonReader *reader, const JsonPath *path)
{
	Row		   *row = row_create(resource);
	JsonReader	inner;

	if (json_peek(reader) != '{')
	{
		problem_add_at(&call->problems, REASON_NOT_OBJECT, path, NULL);
		json_skip(reader);
		memset(row->given, GIVEN_WRONG, resource->nfields);
		return row;
	}
	json_enter(reader, &inner);
	decode_members(call, row, wanted, &inner, path, "", 0);
	json_leave(reader, &inner);
	return row;
}

/* Reads the call's body as a row of a resource; see decode_row. */
Row *
decode_body(Call *call, const Resource *resource, uint32 wanted)
{
	JsonReader	reader;
	JsonPath	root = {.parent = NULL};

	json_reader_init(&reader, call->body, call->body_length);
	return decode_row(call, resource, wanted, &reader, &root);
}

/*
 * Adds a problem for each field that a body which creates a row must have and
 * has not.
 */
void
decode_check_required(Call *call, const Row *row, const JsonPath *path)
{
	for (int i = 0; i < row->resource->nfields; i++)
	{
		const Field *field = &row->resource->fields[i];

		if ((field->flags & REQUIRED) &&
			(row->given[i] == GIVEN_NOT ||
			 (row->given[i] == GIVEN_RIGHT && (field->flags & NOTNULL) && row->nulls[i])))
		{
			char	   *text = json_path_text(path, field->json);

			problem_add(&call->problems, REASON_MISSING, text, NULL);
		}
	}
}

static void
apply_default(Call *call, Row *row, int i)
{
	const Field *field = &row->resource->fields[i];

	if (!(field->flags & NOTNULL))
		return;
	switch (field->kind)
	{
		case FIELD_INTEGER:
			row_set(row, i, Int32GetDatum(0));
			break;
		case FIELD_AMOUNT:
			row_set(row, i, Int64GetDatum(0));
			break;
		case FIELD_BOOLEAN:
			row_set(row, i, BoolGetDatum(field->fallback != NULL));
			break;
		default:
			if (field->fallback)
				row_set_text(row, i, field->fallback);
			else if (field->form == FORM_COUNTRY)
				row_set_text(row, i, call->tenant_row.country_code);
			break;
	}
}

/* Gives a new row what it has when a body says nothing. */
void
apply_defaults(Call *call, Row *row)
{
	for (int i = 0; i < row->resource->nfields; i++)
		apply_default(call, row, i);
}

/*
 * Brings a postal code to the form of its country, when either of the two is
 * new.
 */
static void
check_postal_code(Call *call, Row *row, const Row *before, int i, bool given,
				  const JsonPath *path)
{
	const Resource *resource = row->resource;
	const Field *field = &resource->fields[i];

	for (int j = 0; j < resource->nfields; j++)
	{
		if (resource->fields[j].form != FORM_COUNTRY || row->nulls[j] ||
			(!given && datum_equal(&resource->fields[j], row->values[j], row->nulls[j],
								   before->values[j], before->nulls[j])))
			continue;
		if (!apply_form(call, field, row_text(row, j), &row->values[i]))
			problem_add(&call->problems, REASON_NOT_POSTAL_CODE,
						json_path_text(path, field->json), NULL);
	}
}

/*
 * Takes over what a body gives.  The key of a row stays as it is.  Adds
 * problems for required fields that the body empties, and for a postal code
 * that does not have the form of the row's country.
 */
void
apply_body(Call *call, Row *row, const Row *body, const JsonPath *path)
{
	const Resource *resource = row->resource;
	Row		   *before = row_copy(row);

	/* other names first, so that the real ones win */
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < resource->nfields; i++)
		{
			const Field *field = &resource->fields[i];
			int			target = field->alias_of ? field->alias_of - 1 : i;

			if (body->given[i] != GIVEN_RIGHT || (field->flags & KEY) || field->column == NULL ||
				(field->alias_of != 0) != (pass == 0))
				continue;
			row->values[target] = body->values[i];
			row->nulls[target] = body->nulls[i];
			if (row->nulls[target])
				apply_default(call, row, target);
		}
	}
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (body->given[i] == GIVEN_RIGHT && (field->flags & REQUIRED) &&
			(field->flags & NOTNULL) && field->column != NULL && row->nulls[i])
			problem_add(&call->problems, REASON_MISSING,
						json_path_text(path, field->json), NULL);
		if (field->form == FORM_POSTAL_CODE && !row->nulls[i])
			check_postal_code(call, row, before, i, body->given[i] == GIVEN_RIGHT, path);
	}
	pfree(before);
}
