/*-------------------------------------------------------------------------
 *
 * hits.c
 *	  What a search finds: the best of it, and how much there is.
 *
 * A search can find a tenth of all customers, and a page shows 25.  So the rows
 * go one by one through a bounded sort, which keeps what a page needs, and are
 * counted.  Where they come from, and how they got their scores, is not known
 * here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/hits.h"
#include "core/row.h"

#include "executor/tuptable.h"
#include "parser/parse_oper.h"
#include "utils/datum.h"
#include "utils/tuplesort.h"

struct HitList
{
	const Resource *resource;
	int			nfields;
	int			fields[MAX_FIELDS];
	Tuplesortstate *sort;
	TupleTableSlot *slot;		/* the fields, then the score */
	int64		offset;
	int64		limit;
	int64		total;
	ResourceOwner owner;		/* of the files that the sort may need */
};

/* The type of hits: the fields as they are in their table, then the score. */
static TupleDesc
hit_type(const Resource *resource, const int *fields, int nfields)
{
	Oid			relation = get_relname_relid(resource->table,
											 get_namespace_oid("flowcustomer", false));
	TupleDesc	table = lookup_rowtype_tupdesc(get_rel_type_id(relation), -1);
	TupleDesc	desc = CreateTemplateTupleDesc(nfields + 1);

	for (int i = 0; i < nfields; i++)
	{
		const char *column = resource->fields[fields[i]].column;
		int			number = SPI_fnumber(table, column);

		if (number < 1)
			elog(ERROR, "table \"%s\" has no column \"%s\"", resource->table, column);
		TupleDescCopyEntry(desc, i + 1, table, number);
	}
	ReleaseTupleDesc(table);
	TupleDescInitEntry(desc, nfields + 1, "score", FLOAT8OID, -1, 0);
	return desc;
}

/* One more column to sort by. */
static void
add_sort_key(TupleDesc desc, int n, AttrNumber column, bool descending, AttrNumber *columns,
			 Oid *operators, Oid *collations, bool *nulls_first)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);
	Oid			less;
	Oid			greater;

	get_sort_group_operators(attribute->atttypid, true, false, true, &less, NULL, &greater, NULL);
	columns[n] = column;
	operators[n] = descending ? greater : less;
	collations[n] = attribute->attcollation;
	nulls_first[n] = !descending;
}

static int
find_field(const int *fields, int nfields, int field)
{
	for (int i = 0; i < nfields; i++)
	{
		if (fields[i] == field)
			return i;
	}
	elog(ERROR, "a hit does not have the field to sort it by");
	return -1;					/* keep the compiler quiet */
}

/*
 * Starts to collect rows that have these fields of a resource, the first of
 * which is the uid and the second the display name.  They are sorted by the
 * field "sort", or with -1 by how well they fit and by name; then by uid and by
 * whatever they have.
 * Memory for the page, and what the sort needs, is taken from the current
 * context.
 */
HitList *
hits_begin(const Resource *resource, const int *fields, int nfields,
		   int sort, bool descending, int64 offset, int64 limit)
{
	HitList    *list = palloc(sizeof(HitList));
	TupleDesc	desc = hit_type(resource, fields, nfields);
	AttrNumber	columns[MAX_FIELDS + 3];
	Oid			operators[MAX_FIELDS + 3];
	Oid			collations[MAX_FIELDS + 3];
	bool		nulls_first[MAX_FIELDS + 3];
	int			n = 0;

	list->resource = resource;
	list->nfields = nfields;
	memcpy(list->fields, fields, nfields * sizeof(int));
	list->offset = offset;
	list->limit = limit;
	list->total = 0;
	list->owner = CurrentResourceOwner;
	list->slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	if (sort >= 0)
		add_sort_key(desc, n++, find_field(fields, nfields, sort) + 1, descending,
					 columns, operators, collations, nulls_first);
	else
	{
		add_sort_key(desc, n++, nfields + 1, true, columns, operators, collations, nulls_first);
		add_sort_key(desc, n++, 2, false, columns, operators, collations, nulls_first);
	}
	add_sort_key(desc, n++, 1, false, columns, operators, collations, nulls_first);
	/* two sources can have the same uid: always in one order, or pages overlap */
	for (int i = 2; i < nfields; i++)
		add_sort_key(desc, n++, i + 1, false, columns, operators, collations, nulls_first);
	list->sort = tuplesort_begin_heap(desc, n, columns, operators, collations, nulls_first,
									  work_mem, NULL, TUPLESORT_ALLOWBOUNDED);
	tuplesort_set_bound(list->sort, offset + limit);
	return list;
}

/* Adds a row; what it refers to is copied if it is kept. */
void
hits_put(HitList *list, const Datum *values, const bool *nulls, double score)
{
	TupleTableSlot *slot = list->slot;
	ResourceOwner owner = CurrentResourceOwner;

	list->total++;
	ExecClearTuple(slot);
	memcpy(slot->tts_values, values, list->nfields * sizeof(Datum));
	memcpy(slot->tts_isnull, nulls, list->nfields * sizeof(bool));
	slot->tts_values[list->nfields] = Float8GetDatum(score);
	slot->tts_isnull[list->nfields] = false;
	ExecStoreVirtualTuple(slot);
	/* rows can come from within a subtransaction, which ends before the sort */
	CurrentResourceOwner = list->owner;
	tuplesort_puttupleslot(list->sort, slot);
	CurrentResourceOwner = owner;
}

/* Gives the page, in the current context, and forgets the rest. */
Hits
hits_end(HitList *list)
{
	TupleDesc	desc = list->slot->tts_tupleDescriptor;
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	Hits		hits = {.total = list->total, .nfields = list->nfields};
	int64		room = Max(Min(list->limit, list->total - list->offset), 0);

	hits.values = palloc0(Max(room * hits.nfields, 1) * sizeof(Datum));
	hits.nulls = palloc0(Max(room * hits.nfields, 1) * sizeof(bool));
	hits.scores = palloc0(Max(room, 1) * sizeof(double));
	tuplesort_performsort(list->sort);
	if (room > 0 && list->offset > 0)
		(void) tuplesort_skiptuples(list->sort, list->offset, true);
	while (hits.count < room && tuplesort_gettupleslot(list->sort, true, false, slot, NULL))
	{
		int			first = hits.count * hits.nfields;

		slot_getallattrs(slot);
		for (int i = 0; i < hits.nfields; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(desc, i);

			hits.nulls[first + i] = slot->tts_isnull[i];
			if (slot->tts_isnull[i])
				continue;
			hits.values[first + i] =
				field_plain_value(&list->resource->fields[list->fields[i]],
								  datumCopy(slot->tts_values[i], attribute->attbyval,
											attribute->attlen));
		}
		hits.scores[hits.count++] = DatumGetFloat8(slot->tts_values[hits.nfields]);
	}
	ExecDropSingleTupleTableSlot(slot);
	ExecDropSingleTupleTableSlot(list->slot);
	tuplesort_end(list->sort);
	return hits;
}
