/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Reads rows with everything that belongs to them, and renders them.
 *
 * However many rows there are, each kind of child and each kind of row that
 * they refer to takes one statement.  Putting them together happens here, by
 * binary search in what the statements returned in order, because joins cost
 * more, and much more where tables are distributed.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"

/* What an answer's members look like before and after their values. */
typedef struct Shape
{
	int			count;			/* 0 while it has not been made */
	const char *suffix;			/* after the last member */
	struct
	{
		int			field;
		const char *prefix;
		int			prefix_length;
	}			member[MAX_FIELDS];
} Shape;

#define VIEW_COUNT 5			/* of the VIEW bits, beginning with ANSWER */

static Shape shapes[RESOURCE_COUNT][VIEW_COUNT];

static void read_related(Call *call, RowBlock *block);

static inline Datum
block_value(const RowBlock *block, int row, int field)
{
	return block->values[row * block->resource->nfields + field];
}

static inline bool
block_null(const RowBlock *block, int row, int field)
{
	return block->nulls[row * block->resource->nfields + field];
}

/* A block of rows in which nothing is set, for who has them from elsewhere. */
RowBlock *
block_create(ResourceId resource, uint32 view, uint64 nrows)
{
	RowBlock   *block = palloc0(sizeof(RowBlock));
	int			nfields = resources[resource].nfields;

	block->resource = &resources[resource];
	block->view = view;
	block->nrows = nrows;
	block->range_field = -1;
	block->values = palloc0(Max(nrows, 1) * nfields * sizeof(Datum));
	block->nulls = palloc(Max(nrows, 1) * nfields);
	memset(block->nulls, true, Max(nrows, 1) * nfields);
	return block;
}

/* Makes false what is true only until a time that is over. */
static void
end_values(Call *call, RowBlock *block, int row)
{
	for (int i = 0; i < block->resource->nfields; i++)
	{
		int			until = block->resource->fields[i].until - 1;

		if (until >= 0 && !block_null(block, row, until) &&
			DatumGetTimestampTz(block_value(block, row, until)) <= call->now)
			block->values[row * block->resource->nfields + i] = BoolGetDatum(false);
	}
}

static RowBlock *
block_from_result(Call *call, ResourceId resource, uint32 view, uint64 nrows,
				  int range_field)
{
	RowBlock   *block = block_create(resource, view, nrows);
	int			nfields = resources[resource].nfields;
	int			fields[MAX_FIELDS];
	int			nselected = selected_fields(&resources[resource], view, fields);
	Datum		values[MAX_FIELDS];
	bool		nulls[MAX_FIELDS];

	block->range_field = range_field;
	for (uint64 i = 0; i < nrows; i++)
	{
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
		for (int j = 0; j < nselected; j++)
		{
			block->nulls[i * nfields + fields[j]] = nulls[j];
			block->values[i * nfields + fields[j]] = nulls[j] ? (Datum) 0
				: field_plain_value(&resources[resource].fields[fields[j]], values[j]);
		}
		if (view & ANSWER)
			end_values(call, block, i);
	}
	read_related(call, block);
	return block;
}

/*
 * Reads the rows that have one of the given texts in a field's column, and
 * what belongs to them, in the order of that column and then of their keys.
 * The result lives until the call is over.
 */
RowBlock *
read_rows(Call *call, ResourceId resource, uint32 view, int field,
		  const Datum *values, int count)
{
	PlanKey		key = {.statement = count == 1 ? STATEMENT_READ_ONE : STATEMENT_READ,
	.resource = resource, .detail = field, .view = view};
	Datum		arguments[2];
	uint64		nrows = 0;

	if (count > 0)
	{
		arguments[0] = call->tenant;
		arguments[1] = count == 1 ? values[0] : text_array(values, count);
		nrows = plan_execute(&key, 2, arguments, NULL, call->reader);
	}
	return block_from_result(call, resource, view, nrows, -1);
}

/* Reads all of the tenant's rows, in the order of their keys. */
RowBlock *
read_all(Call *call, ResourceId resource, uint32 view)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = resource, .view = view};
	uint64		nrows = plan_execute(&key, 1, &call->tenant, NULL, call->reader);

	return block_from_result(call, resource, view, nrows, -1);
}

/*
 * The same for all rows whose text in the field's column is not before the one
 * and not behind the other: what lies side by side in an index is read at once.
 */
RowBlock *
read_range(Call *call, ResourceId resource, uint32 view, int field,
		   Datum first, Datum last)
{
	PlanKey		key = {.statement = STATEMENT_READ_RANGE, .resource = resource,
	.detail = field, .view = view};
	Datum		arguments[3] = {call->tenant, first, last};
	uint64		nrows = plan_execute(&key, 3, arguments, NULL, call->reader);

	return block_from_result(call, resource, view, nrows, field);
}

/* The same by two columns; the pairs must be distinct. */
RowBlock *
read_pairs(Call *call, ResourceId resource, uint32 view,
		   int field1, const Datum *values1, int field2, const Datum *values2,
		   int count)
{
	PlanKey		key = {.statement = STATEMENT_READ_PAIRS, .resource = resource,
	.detail = field1, .extra = field2, .view = view};
	Datum		arguments[3];
	uint64		nrows = 0;

	if (count > 0)
	{
		arguments[0] = call->tenant;
		arguments[1] = text_array(values1, count);
		arguments[2] = text_array(values2, count);
		nrows = plan_execute(&key, 3, arguments, NULL, call->reader);
	}
	return block_from_result(call, resource, view, nrows, -1);
}

/* The distinct values of a column of a block. */
static Datum *
block_texts(const RowBlock *block, int field, int *count)
{
	Datum	   *values = palloc(Max(block->nrows, 1) * sizeof(Datum));
	int			n = 0;

	for (int i = 0; i < block->nrows; i++)
	{
		if (!block_null(block, i, field))
			values[n++] = block_value(block, i, field);
	}
	*count = sort_unique_texts(values, n);
	return values;
}

static void
read_related(Call *call, RowBlock *block)
{
	for (int i = 0; i < block->resource->nfields && block->nrows > 0; i++)
	{
		const Field *field = &block->resource->fields[i];
		const Resource *target = &resources[field->target];
		Datum	   *values;
		int			count;

		if (field->kind < FIELD_REFERENCE || !(field->flags & block->view))
			continue;
		if (field->kind == FIELD_REFERENCE || field->kind == FIELD_INCLUDE)
		{
			int			keys[MAX_KEYS];

			(void) resource_keys(target, keys);
			values = block_texts(block, field->alias_of - 1, &count);
			block->related[i] = read_rows(call, field->target, field->view, keys[0],
										  values, count);
		}
		else if (block->range_field >= 0 &&
				 strcmp(block->resource->fields[block->range_field].column, field->parent[0]) == 0)
		{
			/* we are all there is in a range, so our children are too */
			block->related[i] = read_range(call, field->target, field->view,
										   field_by_column(target, field->parent[0]),
										   block_value(block, 0, block->range_field),
										   block_value(block, block->nrows - 1, block->range_field));
		}
		else if (field->parent[1] == NULL)
		{
			values = block_texts(block, field_by_column(block->resource, field->parent[0]),
								 &count);
			block->related[i] = read_rows(call, field->target, field->view,
										  field_by_column(target, field->parent[0]),
										  values, count);
		}
		else
		{
			/* a child of a two-column key: our rows are that key's, so distinct */
			int			ours[2];
			Datum	   *pairs[2];

			for (int j = 0; j < 2; j++)
			{
				ours[j] = field_by_column(block->resource, field->parent[j]);
				pairs[j] = palloc(block->nrows * sizeof(Datum));
				for (int row = 0; row < block->nrows; row++)
					pairs[j][row] = block_value(block, row, ours[j]);
			}
			block->related[i] = read_pairs(call, field->target, field->view,
										   field_by_column(target, field->parent[0]), pairs[0],
										   field_by_column(target, field->parent[1]), pairs[1],
										   block->nrows);
		}
	}
}

/*
 * The first row of a block, which is sorted by these columns, that is not
 * before the given values; its nrows when there is none.
 */
static int
block_search(const RowBlock *block, const int *fields, const Datum *values, int n)
{
	int			low = 0;
	int			high = block->nrows;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		int			result = 0;

		for (int i = 0; i < n && result == 0; i++)
			result = compare_texts(block_value(block, middle, fields[i]), values[i]);
		if (result < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
block_matches(const RowBlock *block, int row, const int *fields, const Datum *values, int n)
{
	if (row >= block->nrows)
		return false;
	for (int i = 0; i < n; i++)
	{
		if (compare_texts(block_value(block, row, fields[i]), values[i]) != 0)
			return false;
	}
	return true;
}

/* The row of a block, which is sorted by this field, with a key; -1 for none. */
int
block_find(const RowBlock *block, int field, Datum value)
{
	int			row = block_search(block, &field, &value, 1);

	return block_matches(block, row, &field, &value, 1) ? row : -1;
}

/*
 * Makes the shape of a resource's answer in a view: the text before each
 * value, so that rendering copies it in one piece.  Kept for the backend.
 */
static Shape *
get_shape(const Resource *resource, uint32 view)
{
	int			number = 0;
	Shape	   *shape;
	const char *object = NULL;
	int			object_length = 0;
	int			count = 0;
	StringInfoData prefix;

	while (!(view & (ANSWER << number)))
		number++;
	shape = &shapes[resource->id][number];
	if (shape->count > 0)
		return shape;
	initStringInfo(&prefix);
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];
		const char *name = field->json;
		const char *dot;

		if (!(field->flags & view))
			continue;
		resetStringInfo(&prefix);
		dot = name ? strchr(name, '.') : NULL;
		if (object != NULL &&
			(dot == NULL || dot - name != object_length ||
			 strncmp(object, name, object_length) != 0))
		{
			appendStringInfoChar(&prefix, '}');
			object = NULL;
		}
		if (count > 0)
			appendStringInfoChar(&prefix, ',');
		if (dot != NULL && object == NULL)
		{
			object = name;
			object_length = dot - name;
			appendStringInfo(&prefix, "\"%.*s\":{", object_length, object);
		}
		if (name != NULL)
			appendStringInfo(&prefix, "\"%s\":", dot ? dot + 1 : name);
		shape->member[count].field = i;
		shape->member[count].prefix = MemoryContextStrdup(TopMemoryContext, prefix.data);
		shape->member[count].prefix_length = prefix.len;
		count++;
	}
	shape->suffix = object ? "}" : "";
	shape->count = count;
	return shape;
}

static void render_members(StringInfo out, const RowBlock *block, int row);

static void
render_children(StringInfo out, const RowBlock *block, int row, const Field *field,
				const RowBlock *children)
{
	int			fields[2];
	Datum		values[2];
	int			n = field->parent[1] ? 2 : 1;
	int			value_field = field->value ? field_by_column(children->resource, field->value) : -1;
	int			keys[MAX_KEYS];
	bool		first = true;

	for (int i = 0; i < n; i++)
	{
		fields[i] = field_by_column(children->resource, field->parent[i]);
		values[i] = block_value(block, row, field_by_column(block->resource, field->parent[i]));
	}
	if (field->flags & NEWEST)
		(void) resource_keys(children->resource, keys);
	for (int child = block_search(children, fields, values, n);
		 block_matches(children, child, fields, values, n); child++)
	{
		/* the same but for its time follows: that one is newer */
		if ((field->flags & NEWEST) && block_matches(children, child + 1, fields, values, n) &&
			compare_texts(block_value(children, child, keys[1]),
						 block_value(children, child + 1, keys[1])) == 0)
			continue;
		if (!first)
			appendStringInfoCharMacro(out, ',');
		first = false;
		if (value_field < 0)
			render_row(out, children, child);
		else
		{
			struct varlena *text = (struct varlena *)
				DatumGetPointer(block_value(children, child, value_field));

			json_append_string(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
		}
	}
}

/* row is -1 for a row that is not there: its values are absent. */
static void
render_value(StringInfo out, const RowBlock *block, int row, int i)
{
	const Field *field = &block->resource->fields[i];
	const RowBlock *related = row < 0 ? NULL : block->related[i];
	int			source = field->alias_of ? field->alias_of - 1 : i;
	bool		isnull = row < 0 || block_null(block, row, source);
	Datum		value = isnull ? (Datum) 0 : block_value(block, row, source);
	int			target;

	switch (field->kind)
	{
		case FIELD_TEXT:
		case FIELD_UID:
		case FIELD_ENUM:
			if (isnull)
				appendBinaryStringInfo(out, "\"\"", 2);
			else
			{
				struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

				json_append_string(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
			}
			break;
		case FIELD_INTEGER:
		case FIELD_AMOUNT:
			if (isnull && (field->flags & NULLABLE))
				appendStringInfoString(out, "null");
			else
				json_append_integer(out, isnull ? 0 : field->kind == FIELD_INTEGER
									? DatumGetInt32(value) : DatumGetInt64(value));
			break;
		case FIELD_BOOLEAN:
			if (isnull && (field->flags & NULLABLE))
				appendStringInfoString(out, "null");
			else
				appendStringInfoString(out, !isnull && DatumGetBool(value) ? "true" : "false");
			break;
		case FIELD_SCORE:
			appendStringInfo(out, "%.4g", isnull ? 0.0 : DatumGetFloat8(value));
			break;
		case FIELD_TIMESTAMP:
			if (isnull)
				appendBinaryStringInfo(out, "\"\"", 2);
			else
				json_append_timestamp(out, DatumGetTimestampTz(value));
			break;
		case FIELD_DOCUMENT:
			if (isnull)
				appendStringInfoString(out, "null");
			else
			{
				struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

				appendBinaryStringInfo(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
			}
			break;
		case FIELD_RELEVANCE:
			/* how well a row fits says something only in a search */
			appendStringInfo(out, "%.4g", row >= 0 && block->relevance ? block->relevance[row] : 0.0);
			break;
		case FIELD_REFERENCE:
		case FIELD_INCLUDE:
			target = -1;
			if (!isnull && related != NULL)
			{
				int			keys[MAX_KEYS];

				(void) resource_keys(related->resource, keys);
				target = block_find(related, keys[0], value);
			}
			if (target < 0 && (field->flags & NULLABLE))
			{
				appendStringInfoString(out, "null");
				break;
			}
			if (field->kind == FIELD_REFERENCE)
				appendStringInfoCharMacro(out, '{');
			if (related != NULL)
				render_members(out, related, target);
			else
			{
				RowBlock	none = {.resource = &resources[field->target], .view = field->view};

				render_members(out, &none, -1);
			}
			if (field->kind == FIELD_REFERENCE)
				appendStringInfoCharMacro(out, '}');
			break;
		case FIELD_CHILDREN:
		case FIELD_VALUES:
			appendStringInfoCharMacro(out, '[');
			if (related != NULL)
				render_children(out, block, row, field, related);
			appendStringInfoCharMacro(out, ']');
			break;
	}
}

static void
render_members(StringInfo out, const RowBlock *block, int row)
{
	Shape	   *shape = get_shape(block->resource, block->view);

	for (int i = 0; i < shape->count; i++)
	{
		appendBinaryStringInfo(out, shape->member[i].prefix, shape->member[i].prefix_length);
		render_value(out, block, row, shape->member[i].field);
	}
	appendStringInfoString(out, shape->suffix);
}

/* Appends a row of a block as a JSON object. */
void
render_row(StringInfo out, const RowBlock *block, int row)
{
	appendStringInfoCharMacro(out, '{');
	render_members(out, block, row);
	appendStringInfoCharMacro(out, '}');
}

/*
 * Appends the rows with the given keys, separated by commas, in the order of
 * the keys.  The block must be sorted by the key's field, which all links of
 * one customer are too.
 */
void
render_in_order(StringInfo out, const RowBlock *block, int field,
				const Datum *keys, int nkeys)
{
	bool		first = true;

	for (int i = 0; i < nkeys; i++)
	{
		int			row = block_find(block, field, keys[i]);

		if (row < 0)
			continue;			/* deleted between the two statements */
		if (!first)
			appendStringInfoCharMacro(out, ',');
		first = false;
		render_row(out, block, row);
	}
}

/* Notes how well the rows with these keys fit a search. */
void
block_set_relevance(RowBlock *block, int field, const Datum *keys,
					const double *scores, int nkeys)
{
	block->relevance = palloc0(Max(block->nrows, 1) * sizeof(double));
	for (int i = 0; i < nkeys; i++)
	{
		int			row = block_find(block, field, keys[i]);

		if (row >= 0)
			block->relevance[row] = scores[i];
	}
}

/* Starts the call's answer. */
void
answer_begin(Call *call, int expected_size)
{
	MemoryContext old = MemoryContextSwitchTo(call->context);

	json_answer_begin(&call->answer, expected_size);
	MemoryContextSwitchTo(old);
}

/*
 * Answers with the row of a resource that has this uid; false when there is
 * none.
 */
bool
answer_row(Call *call, ResourceId resource, const char *uid)
{
	int			keys[MAX_KEYS] = {0};
	Datum		value = CStringGetTextDatum(uid);
	RowBlock   *block;

	(void) resource_keys(&resources[resource], keys);
	block = read_rows(call, resource, ANSWER, keys[0], &value, 1);
	if (block->nrows == 0)
		return false;
	answer_begin(call, 2048);
	for (int i = 0; i < block->resource->nfields; i++)
	{
		/* a document that is no member is the answer itself */
		if (block->resource->fields[i].kind == FIELD_DOCUMENT &&
			block->resource->fields[i].json == NULL &&
			(block->resource->fields[i].flags & ANSWER))
		{
			render_value(&call->answer, block, 0, i);
			return true;
		}
	}
	render_row(&call->answer, block, 0);
	return true;
}

/* Answers with a contact as one of a customer's; false when it is not. */
bool
answer_link(Call *call, const char *customer_uid, const char *contact_uid)
{
	Datum		customer = CStringGetTextDatum(customer_uid);
	Datum		contact = CStringGetTextDatum(contact_uid);
	RowBlock   *block = read_pairs(call, RESOURCE_LINK, VIEW_OF_CUSTOMER,
								   LINK_CUSTOMER_UID, &customer,
								   LINK_CONTACT_UID, &contact, 1);

	if (block->nrows == 0)
		return false;
	answer_begin(call, 1024);
	render_row(&call->answer, block, 0);
	return true;
}
