/*-------------------------------------------------------------------------
 *
 * frequency.c
 *	  How common values are, as the planner knows it: from the statistics that
 *	  ANALYZE keeps of a table's columns.
 *
 *-------------------------------------------------------------------------
 */
#include "core/frequency.h"

#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "core/fold.h"
#include "utils/syscache.h"

static void
fold_value(StringInfo out, Datum value)
{
	text	   *plain = DatumGetTextPP(value);

	resetStringInfo(out);
	fold_words(out, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
}

static double
row_count(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	double		rows = 0;

	if (HeapTupleIsValid(tuple))
	{
		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
		ReleaseSysCache(tuple);
	}
	return Max(rows, 1);
}

/*
 * The share of a table's rows that have a text in a field, besides the one that
 * it was met in; spellings that fold alike are taken together.  For a value that
 * is none of the common ones it is at most "uncommon"; 0 when the table has not
 * been analysed.
 */
static double
value_frequency(const Resource *resource, int field, Datum value, double uncommon)
{
	Oid			relation = get_relname_relid(resource->table,
											 get_namespace_oid("flowcustomer", false));
	AttrNumber	column = get_attnum(relation, resource->fields[field].column);
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relation),
										Int16GetDatum(column), BoolGetDatum(false));
	Form_pg_statistic statistic;
	AttStatsSlot slot;
	StringInfoData wanted;
	StringInfoData common;
	double		found = 0;
	double		rows = row_count(relation);
	double		rest;
	double		distinct;

	if (!HeapTupleIsValid(tuple))
		return 0;
	statistic = (Form_pg_statistic) GETSTRUCT(tuple);
	rest = 1 - statistic->stanullfrac;
	distinct = statistic->stadistinct;
	if (distinct <= 0)
		distinct *= -rows;
	initStringInfo(&wanted);
	initStringInfo(&common);
	fold_value(&wanted, value);
	if (get_attstatsslot(&slot, tuple, STATISTIC_KIND_MCV, InvalidOid,
						 ATTSTATSSLOT_VALUES | ATTSTATSSLOT_NUMBERS))
	{
		for (int i = 0; i < slot.nvalues; i++)
		{
			fold_value(&common, slot.values[i]);
			if (common.len == wanted.len && memcmp(common.data, wanted.data, wanted.len) == 0)
				found += slot.numbers[i];
			rest -= slot.numbers[i];
		}
		distinct -= slot.nvalues;
		free_attstatsslot(&slot);
	}
	ReleaseSysCache(tuple);
	found -= 1 / rows;
	/* it is as common as the others that are not common */
	if (found <= 0)
		found = Min(Max(rest, 0) / Max(distinct, 1), uncommon);
	pfree(wanted.data);
	pfree(common.data);
	return found;
}

/* Sets how common a customer's values are, where that is worth knowing. */
void
set_frequencies(CompareRecord *record, const CompareModel *model, const Datum *customer)
{
	static const struct
	{
		CompareField compared;
		int			field;
	}			columns[] = {
		{COMPARE_FIRSTNAME, CUSTOMER_FIRSTNAME}, {COMPARE_LASTNAME, CUSTOMER_LASTNAME},
		{COMPARE_CITY, CUSTOMER_CITY},
	};

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		CompareField compared = columns[i].compared;

		double		frequency;

		if (record->values[compared].length == 0)
			continue;
		frequency = value_frequency(&resources[RESOURCE_CUSTOMER], columns[i].field,
									customer[columns[i].field],
									model->likelihoods[LIKELIHOOD_RANDOM][compared][AGREEMENT_SAME]);
		if (frequency > 0)
			record->others[compared] = frequency * model->customers;
	}
}
