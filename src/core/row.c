/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows in memory and their way into the tables: a set of rows is loaded
 *	  and locked at once, changed in memory, and written back with at most
 *	  one DELETE, one UPDATE and one INSERT for each thousand of them.
 *
 * Rows are locked and written in the order of their keys, so that callers
 * with the same rows in another order wait for each other instead of
 * deadlocking.  No rule of a particular resource belongs here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/attempt.h"
#include "core/change.h"
#include "core/plan.h"
#include "core/row.h"

/* An empty row: everything absent, nothing given.  Palloc'd in one piece. */
Row *
row_create(const Resource *resource)
{
	int			n = resource->nfields;
	Row		   *row = palloc0(MAXALIGN(sizeof(Row)) + n * (sizeof(Datum) + sizeof(bool) + sizeof(uint8)));

	row->resource = resource;
	row->values = (Datum *) ((char *) row + MAXALIGN(sizeof(Row)));
	row->nulls = (bool *) (row->values + n);
	row->given = (uint8 *) (row->nulls + n);
	memset(row->nulls, true, n);
	return row;
}

/* A copy that shares the values that are kept by reference. */
Row *
row_copy(const Row *row)
{
	Row		   *copy = row_create(row->resource);
	int			n = row->resource->nfields;

	memcpy(copy->values, row->values, n * sizeof(Datum));
	memcpy(copy->nulls, row->nulls, n * sizeof(bool));
	return copy;
}

/* Appends a row to a list. */
void
row_list_add(RowList *list, Row *row)
{
	if (list->count == list->room)
	{
		list->room = Max(8, list->room * 2);
		list->rows = list->rows == NULL
			? palloc(list->room * sizeof(Row *))
			: repalloc(list->rows, list->room * sizeof(Row *));
	}
	list->rows[list->count++] = row;
}

/* Sets a text field; NULL makes it absent. */
void
row_set_text(Row *row, int field, const char *value)
{
	row->nulls[field] = value == NULL;
	if (value != NULL)
		row->values[field] = CStringGetTextDatum(value);
}

/* Makes a field absent. */
void
row_set_null(Row *row, int field)
{
	row->nulls[field] = true;
	row->values[field] = (Datum) 0;
}

/* A value from a table as it can be compared; documents are left alone. */
Datum
field_plain_value(const Field *field, Datum value)
{
	return field_type(field) == TEXTOID ? plain_text(value) : value;
}

/* Tells whether two values of a field are the same. */
bool
datum_equal(const Field *field, Datum a, bool a_null, Datum b, bool b_null)
{
	if (a_null || b_null)
		return a_null && b_null;
	switch (field_type(field))
	{
		case TEXTOID:
		case JSONOID:
			{
				/* rows from the database can have short varlena headers */
				struct varlena *x = PG_DETOAST_DATUM_PACKED(a);
				struct varlena *y = PG_DETOAST_DATUM_PACKED(b);

				return VARSIZE_ANY_EXHDR(x) == VARSIZE_ANY_EXHDR(y) &&
					memcmp(VARDATA_ANY(x), VARDATA_ANY(y), VARSIZE_ANY_EXHDR(x)) == 0;
			}
		default:
			return a == b;
	}
}

/* Tells whether two rows have the same in all columns that we write. */
bool
row_equal(const Row *a, const Row *b)
{
	for (int i = 0; i < a->resource->nfields; i++)
	{
		const Field *field = &a->resource->fields[i];

		if (field_has_column(field) && !(field->flags & GENERATED) &&
			!datum_equal(field, a->values[i], a->nulls[i], b->values[i], b->nulls[i]))
			return false;
	}
	return true;
}

/* Is a field that is part of a key an int8? */
static bool
is_number_key(const Field *field)
{
	return field->kind == FIELD_TIMESTAMP || field->kind == FIELD_AMOUNT;
}

/*
 * The key of a row as one string; palloc'd.  Between the columns stands a
 * space, which sorts before everything that a UID can hold, so that keys are
 * in the same order here and in the index.
 */
char *
row_make_key(const Row *row)
{
	int			keys[MAX_KEYS];
	int			nkeys = resource_keys(row->resource, keys);
	int			size = 1;
	char	   *key;
	char	   *p;

	for (int i = 0; i < nkeys; i++)
		size += 1 + (is_number_key(&row->resource->fields[keys[i]]) ? MAXINT8LEN
					 : VARSIZE_ANY_EXHDR(DatumGetPointer(row->values[keys[i]])));
	p = key = palloc(size);
	for (int i = 0; i < nkeys; i++)
	{
		Datum		value = row->values[keys[i]];

		if (i > 0)
			*p++ = ' ';
		if (is_number_key(&row->resource->fields[keys[i]]))
			p += pg_lltoa(DatumGetInt64(value), p);
		else
		{
			int			length = VARSIZE_ANY_EXHDR(DatumGetPointer(value));

			memcpy(p, VARDATA_ANY(DatumGetPointer(value)), length);
			p += length;
		}
	}
	*p = '\0';
	return key;
}

/* An empty set of rows of a resource, for one call. */
RowSet *
rowset_create(Call *call, ResourceId resource)
{
	RowSet	   *set = palloc0(sizeof(RowSet));

	set->resource = &resources[resource];
	set->call = call;
	set->index = map_create();
	return set;
}

/*
 * Puts a row into the set under its key.  It counts as one that is to be
 * inserted, unless "before" is set.
 */
Row *
rowset_add(RowSet *set, Row *row)
{
	row->key = row_make_key(row);
	row->present = true;
	if (map_get(set->index, row->key) != NULL)
		elog(ERROR, "row of \"%s\" is in the set twice", set->resource->table);
	map_put(set->index, row->key, row);
	row_list_add(&set->list, row);
	return row;
}

/* The row with a key, whether it is present or was deleted; NULL if unknown. */
Row *
rowset_find(RowSet *set, const char *key)
{
	return map_get(set->index, key);
}

/* The same for a key of two columns. */
Row *
rowset_find2(RowSet *set, const char *key1, const char *key2)
{
	return rowset_find(set, psprintf("%s %s", key1, key2));
}

/* Adds what a statement returned to the set. */
static void
add_loaded(RowSet *set, uint64 nrows)
{
	int			fields[MAX_FIELDS];
	int			nfields = selected_fields(set->resource, 0, fields);
	Datum		attributes[MAX_FIELDS];
	bool		nulls[MAX_FIELDS];

	for (uint64 i = 0; i < nrows; i++)
	{
		Row		   *before = row_create(set->resource);
		Row		   *row;

		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, attributes, nulls);
		for (int j = 0; j < nfields; j++)
		{
			before->nulls[fields[j]] = nulls[j];
			before->values[fields[j]] = nulls[j] ? (Datum) 0
				: field_plain_value(&set->resource->fields[fields[j]], attributes[j]);
		}
		if (rowset_find(set, row_make_key(before)) != NULL)
			continue;
		row = row_copy(before);
		row->before = before;
		rowset_add(set, row);
	}
	/* the tuples stay until the call is over: the rows point into them */
}

/*
 * Loads and locks the rows that have one of the given values in a field's
 * column, in the order of their keys.  Rows that are in the set already are
 * left as they are.  "strongest" locks for deletion.
 */
void
rowset_load(RowSet *set, int field, const Datum *values, int count, bool strongest)
{
	PlanKey		key = {.statement = STATEMENT_LOCK, .resource = set->resource->id,
	.detail = field, .extra = strongest};
	Datum		arguments[2];

	if (count == 0)
		return;
	arguments[0] = set->call->tenant;
	arguments[1] = text_array(values, count);
	add_loaded(set, plan_execute(&key, 2, arguments, NULL, false));
}

/* The same by two columns, always for deletion; the pairs must be distinct. */
void
rowset_load_pairs(RowSet *set, int field1, const Datum *values1,
				  int field2, const Datum *values2, int count)
{
	PlanKey		key = {.statement = STATEMENT_LOCK_PAIRS, .resource = set->resource->id,
	.detail = field1, .extra = field2};
	Datum		arguments[3];

	if (count == 0)
		return;
	arguments[0] = set->call->tenant;
	arguments[1] = text_array(values1, count);
	arguments[2] = text_array(values2, count);
	add_loaded(set, plan_execute(&key, 3, arguments, NULL, false));
}

/* More rows take another statement: the parameter exists several times over. */
#define ROWS_OF_STATEMENT 1000

static int
compare_keys(const void *a, const void *b)
{
	return strcmp((*(Row *const *) a)->key, (*(Row *const *) b)->key);
}

/*
 * Makes an array of the table's row type out of rows: the one parameter that
 * carries a whole write.
 */
static Datum
row_array(RowSet *set, Row **rows, int count)
{
	Oid			relation = get_relname_relid(set->resource->table,
											 get_namespace_oid("flowcustomer", false));
	Oid			type = get_rel_type_id(relation);
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);
	int		   *fields = palloc(desc->natts * sizeof(int));
	Datum	   *values = palloc0(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));
	HeapTuple  *tuples = palloc(count * sizeof(HeapTuple));
	Datum	   *elements = palloc(count * sizeof(Datum));
	Datum		result;

	/* the table's columns can be in another order, with dropped ones between */
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		fields[i] = -1;
		for (int j = 0; j < set->resource->nfields && !attribute->attisdropped; j++)
		{
			const Field *field = &set->resource->fields[j];

			if (field_has_column(field) && !(field->flags & GENERATED) &&
				strcmp(NameStr(attribute->attname), field->column) == 0)
				fields[i] = j;
		}
	}
	for (int r = 0; r < count; r++)
	{
		for (int i = 0; i < desc->natts; i++)
		{
			nulls[i] = fields[i] < 0 || rows[r]->nulls[fields[i]];
			values[i] = nulls[i] ? (Datum) 0 : rows[r]->values[fields[i]];
		}
		tuples[r] = heap_form_tuple(desc, values, nulls);
		elements[r] = HeapTupleGetDatum(tuples[r]);
	}
	ReleaseTupleDesc(desc);
	result = PointerGetDatum(construct_array(elements, count, type, -1, false,
											 TYPALIGN_DOUBLE));
	for (int r = 0; r < count; r++)
		heap_freetuple(tuples[r]);
	return result;
}

/* Writes rows in the order of their keys; gives how many. */
static int
write_rows(RowSet *set, Statement statement, RowList *list)
{
	PlanKey		key = {.statement = statement, .resource = set->resource->id};
	Datum		arguments[2];

	if (list->count == 0)
		return 0;
	qsort(list->rows, list->count, sizeof(Row *), compare_keys);
	arguments[0] = set->call->tenant;
	for (int begin = 0; begin < list->count; begin += ROWS_OF_STATEMENT)
	{
		int			count = Min(list->count - begin, ROWS_OF_STATEMENT);
		uint64		written;

		arguments[1] = row_array(set, list->rows + begin, count);
		written = plan_execute(&key, 2, arguments, NULL, false);
		/* new rows are of a tenant, which can be gone by now */
		if (written != (uint64) count && statement == STATEMENT_INSERT)
			raise_concurrent_change();
		if (written != (uint64) count && !(set->unlocked && written < (uint64) count))
			elog(ERROR, "wrote " UINT64_FORMAT " rows of \"%s\" instead of %d",
				 written, set->resource->table, count);
		pfree(DatumGetPointer(arguments[1]));
	}
	return list->count;
}

/* Deletes the rows that are not present any more. */
void
rowset_flush_deletes(RowSet *set)
{
	RowList		deletes = {0};

	for (int i = 0; i < set->list.count; i++)
	{
		Row		   *row = set->list.rows[i];

		if (row->before == NULL || row->present)
			continue;
		changes_note_row(set->call, row);
		row_list_add(&deletes, row);
	}
	set->deleted = write_rows(set, STATEMENT_DELETE, &deletes);
}

/* Writes the rows that are new or differ from what was loaded. */
void
rowset_flush_changes(RowSet *set)
{
	RowList		inserts = {0};
	RowList		updates = {0};

	for (int i = 0; i < set->list.count; i++)
	{
		Row		   *row = set->list.rows[i];

		if (!row->present)
			continue;
		if (row->before == NULL)
			row_list_add(&inserts, row);
		else if (!row_equal(row, row->before))
			row_list_add(&updates, row);
		else
			continue;
		changes_note_row(set->call, row);
	}
	(void) write_rows(set, STATEMENT_UPDATE, &updates);
	set->inserted = write_rows(set, STATEMENT_INSERT, &inserts);
}

/*
 * Writes what has changed since the rows were loaded: what is to be deleted, then
 * what has changed, then what is new, each in the order of the keys.  Leaves the numbers
 * of rows inserted and deleted in the set.  Raises the database's errors.
 */
void
rowset_flush(RowSet *set)
{
	rowset_flush_deletes(set);
	rowset_flush_changes(set);
}

/*
 * Adds to a list what a statement finds for some texts: the first column of its
 * rows.
 */
void
add_found(Call *call, int statement, const Datum *texts, int count, TextList *found)
{
	PlanKey		key = {.statement = statement};
	Datum		arguments[2];
	uint64		nrows;

	if (count == 0)
		return;
	arguments[0] = call->tenant;
	arguments[1] = text_array(texts, count);
	nrows = plan_execute(&key, 2, arguments, NULL, false);
	for (uint64 i = 0; i < nrows; i++)
		text_list_add(found, result_text(i, 1));
}

/*
 * Which of the given uids are those of rows of a resource, as a map.  For who
 * writes the rows are locked against removal.  Sorts the uids.
 */
StringMap *
existing_uids(Call *call, ResourceId resource, Datum *uids, int count)
{
	StringMap  *map = map_create();
	PlanKey		key = {.statement = call->reader ? STATEMENT_EXIST_READ : STATEMENT_EXIST,
	.resource = resource};
	Datum		arguments[2];
	uint64		nrows = 0;

	count = sort_unique_texts(uids, count);
	if (count > 0)
	{
		arguments[0] = call->tenant;
		arguments[1] = text_array(uids, count);
		nrows = plan_execute(&key, 2, arguments, NULL, call->reader);
	}
	for (uint64 i = 0; i < nrows; i++)
	{
		char	   *uid = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		map_put(map, uid, uid);
	}
	return map;
}

/* The same for a single row. */
bool
row_exists(Call *call, ResourceId resource, const char *uid)
{
	Datum		value = CStringGetTextDatum(uid);

	return map_get(existing_uids(call, resource, &value, 1), uid) != NULL;
}
