/*-------------------------------------------------------------------------
 *
 * row_json.c
 *	  Rows as JSON by their columns: images that a journal keeps, so that a row
 *	  can be put back as it was.
 *
 * Times are numbers of microseconds, because answers show only milliseconds.
 * Documents have no images: rows with one are never taken away.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/row_json.h"

static bool
has_image(const Field *field)
{
	return field_has_column(field) && !(field->flags & GENERATED) &&
		field->kind != FIELD_DOCUMENT;
}

/* Appends one value of a row. */
void
row_append_value(StringInfo out, const Row *row, int field)
{
	Datum		value = row->values[field];

	if (row->nulls[field])
	{
		appendStringInfoString(out, "null");
		return;
	}
	switch (row->resource->fields[field].kind)
	{
		case FIELD_INTEGER:
			json_append_integer(out, DatumGetInt32(value));
			break;
		case FIELD_AMOUNT:
		case FIELD_TIMESTAMP:
			json_append_integer(out, DatumGetInt64(value));
			break;
		case FIELD_BOOLEAN:
			appendStringInfoString(out, DatumGetBool(value) ? "true" : "false");
			break;
		default:
			{
				text	   *plain = DatumGetTextPP(value);

				json_append_string(out, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
			}
	}
}

/* The same as answers show it. */
void
row_append_shown(StringInfo out, const Row *row, int field)
{
	if (!row->nulls[field] && row->resource->fields[field].kind == FIELD_TIMESTAMP)
		json_append_timestamp(out, DatumGetTimestampTz(row->values[field]));
	else
		row_append_value(out, row, field);
}

/* Appends the image of a row: an object of the columns that are not NULL. */
void
row_append_image(StringInfo out, const Row *row)
{
	char		separator = '{';

	for (int i = 0; i < row->resource->nfields; i++)
	{
		if (!has_image(&row->resource->fields[i]) || row->nulls[i])
			continue;
		appendStringInfo(out, "%c\"%s\":", separator, row->resource->fields[i].column);
		row_append_value(out, row, i);
		separator = ',';
	}
	appendStringInfoString(out, separator == '{' ? "{}" : "}");
}

/* Reads a value as its field's kind; false when it is something else. */
static bool
read_value(Row *row, int field, JsonReader *reader)
{
	FieldKind	kind = row->resource->fields[field].kind;
	char		first = json_peek(reader);
	bool		number = (first >= '0' && first <= '9') || first == '-';
	char	   *plain;

	if (field_type(&row->resource->fields[field]) == TEXTOID)
	{
		plain = first == '"' ? json_read_text(reader) : NULL;
		if (plain == NULL)
			return false;
		row_set_text(row, field, plain);
		return true;
	}
	if (kind == FIELD_BOOLEAN ? first != 't' && first != 'f' : !number)
		return false;
	plain = json_read_raw(reader);
	if (kind == FIELD_BOOLEAN)
		row_set(row, field, BoolGetDatum(first == 't'));
	else if (kind == FIELD_INTEGER)
		row_set(row, field, Int32GetDatum((int32) strtol(plain, NULL, 10)));
	else
		row_set(row, field, Int64GetDatum(strtoi64(plain, NULL, 10)));
	return true;
}

pg_noreturn static void
image_is_damaged(const Resource *resource)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the image of a row of \"%s\" is damaged", resource->table)));
}

/*
 * Reads an image; columns that there are no longer are passed over, and new ones
 * that can't be NULL are 0 or false.  Raises an error for what is no image.
 */
Row *
row_read_image(const Resource *resource, JsonReader *outer)
{
	Row		   *row = row_create(resource);
	JsonReader	reader;
	JsonString	name;

	if (json_peek(outer) != '{')
		image_is_damaged(resource);
	json_enter(outer, &reader);
	while (json_next_member(&reader, &name))
	{
		int			field = 0;

		while (field < resource->nfields &&
			   !(has_image(&resource->fields[field]) &&
				 json_string_is(&name, resource->fields[field].column)))
			field++;
		if (field == resource->nfields)
			json_skip(&reader);
		else if (!read_value(row, field, &reader))
			image_is_damaged(resource);
	}
	json_leave(outer, &reader);
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (!has_image(field) || !row->nulls[i])
			continue;
		if (field->flags & KEY)
			image_is_damaged(resource);
		if ((field->flags & NOTNULL) && field_type(field) != TEXTOID)
			row_set(row, i, (Datum) 0);
	}
	return row;
}
