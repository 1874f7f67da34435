/*-------------------------------------------------------------------------
 *
 * duplicate_state.c
 *	  What is known about a tenant's duplicates as a whole: the models that were
 *	  learned, when they were looked for, and who is known not to be the same.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_reader.h"
#include "core/redirect.h"
#include "duplicates.h"

static const char *const kind_names[CUSTOMER_KINDS] = {
	[KIND_PERSON] = "person",
	[KIND_ORGANIZATION] = "organization",
};

/* A model is nothing but numbers, and kept as a list of them. */
#define MODEL_NUMBERS (sizeof(CompareModel) / sizeof(double))

/* Appends models as JSON, to be read by duplicates_models(). */
void
duplicates_append_models(StringInfo out, const CompareModel *models)
{
	for (int i = 0; i < CUSTOMER_KINDS; i++)
	{
		const double *numbers = (const double *) &models[i];

		appendStringInfo(out, "%c\"%s\":", i == 0 ? '{' : ',', kind_names[i]);
		for (int j = 0; j < (int) MODEL_NUMBERS; j++)
			appendStringInfo(out, "%c%.17g", j == 0 ? '[' : ',', numbers[j]);
		appendStringInfoChar(out, ']');
	}
	appendStringInfoChar(out, '}');
}

/* Reads them back; false when they are those of another version. */
static bool
read_models(const char *json, int length, CompareModel *models)
{
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;
	int			complete = 0;

	json_reader_init(&outer, json, length);
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &name))
	{
		int			kind = 0;
		int			n = 0;
		JsonReader	list;

		while (kind < CUSTOMER_KINDS && !json_string_is(&name, kind_names[kind]))
			kind++;
		if (kind == CUSTOMER_KINDS)
			return false;
		json_enter(&reader, &list);
		for (; json_next_element(&list); n++)
		{
			JsonString	token = json_read_token(&list);

			if (n < (int) MODEL_NUMBERS)
				((double *) &models[kind])[n] = strtod(pnstrdup(token.data, token.length), NULL);
		}
		json_leave(&reader, &list);
		complete += n == (int) MODEL_NUMBERS;
	}
	return complete == CUSTOMER_KINDS;
}

/*
 * The models that were learned from the tenant's customers, or those that know
 * nothing of them.  True when they were learned.
 */
bool
duplicates_models(Call *call, const Row *state, CompareModel *models)
{
	if (state != NULL && !state->nulls[DUPLICATE_STATE_MODEL])
	{
		text	   *json = DatumGetTextPP(state->values[DUPLICATE_STATE_MODEL]);

		if (read_models(VARDATA_ANY(json), VARSIZE_ANY_EXHDR(json), models))
			return true;
	}
	for (int i = 0; i < CUSTOMER_KINDS; i++)
		compare_model_default(&models[i], total_read(call, TOTAL_CUSTOMER, ""));
	return false;
}

/* Reads the state without a lock; NULL when nobody has looked for duplicates. */
Row *
duplicates_state(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_DUPLICATE_STATE};
	Row		   *row;

	if (plan_execute(&key, 1, &call->tenant, NULL, call->reader) == 0)
		return NULL;
	row = row_create(&resources[RESOURCE_DUPLICATE_STATE]);
	heap_deform_tuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, row->values, row->nulls);
	return row;
}

/* The state, locked, in a set of its own; made when it is not there yet. */
Row *
duplicates_lock_state(RowSet *set)
{
	Row		   *state;

	/* there is one for the tenant, whatever is in its fields */
	rowset_load(set, DUPLICATE_STATE_MODEL, &set->call->tenant, 1, false);
	if (set->list.count > 0)
		return set->list.rows[0];
	/* who comes at the same time waits for us, and then finds it */
	state = row_create(set->resource);
	row_set(state, DUPLICATE_STATE_CUSTOMERS, Int64GetDatum(0));
	row_set(state, DUPLICATE_STATE_CHANGES, Int64GetDatum(0));
	row_set(state, DUPLICATE_STATE_DISMISSALS, Int64GetDatum(0));
	(void) rowset_add(set, state);
	rowset_flush(set);
	state->before = row_copy(state);
	return state;
}

/* Has somebody else locked the state? */
bool
duplicates_state_is_locked(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_DUPLICATE_STATE_FREE};

	return plan_execute(&key, 1, &call->tenant, NULL, false) == 0;
}

/*
 * A customer and who was merged into it, as a map from each to itself; they are
 * added to a list, too.
 */
static StringMap *
find_names(Call *call, const char *uid, TextList *names)
{
	StringMap  *map = map_create();
	Datum		value = CStringGetTextDatum(uid);
	RowBlock   *block = read_rows(call, RESOURCE_REDIRECT, ANSWER, REDIRECT_SURVIVOR_UID, &value, 1);

	map_put(map, uid, unconstify(char *, uid));
	text_list_add(names, value);
	for (int i = 0; i < block->nrows; i++)
	{
		Datum		merged = block->values[i * REDIRECT_FIELDS + REDIRECT_CUSTOMER_UID];
		char	   *name = TextDatumGetCString(merged);

		map_put(map, name, name);
		text_list_add(names, merged);
	}
	return map;
}

/*
 * The dismissals that hold for two customers: their own, and those of who was
 * merged into them.
 */
RowBlock *
dismissals_between(Call *call, const char *const *uids)
{
	TextList	names = {0};
	StringMap  *of_first = find_names(call, uids[0], &names);
	StringMap  *of_second = find_names(call, uids[1], &names);
	RowBlock   *block;
	int			nfields = resources[RESOURCE_DUPLICATE_DISMISSAL].nfields;
	int			n = 0;

	names.count = sort_unique_texts(names.values, names.count);
	block = read_rows(call, RESOURCE_DUPLICATE_DISMISSAL, ANSWER, DISMISSAL_CUSTOMER_UID,
					  names.values, names.count);
	for (int i = 0; i < block->nrows; i++)
	{
		Datum	   *values = block->values + i * nfields;
		char	   *a = TextDatumGetCString(values[DISMISSAL_CUSTOMER_UID]);
		char	   *b = TextDatumGetCString(values[DISMISSAL_DUPLICATE_UID]);

		if (!(map_get(of_first, a) && map_get(of_second, b)) &&
			!(map_get(of_first, b) && map_get(of_second, a)))
			continue;
		memmove(block->values + n * nfields, values, nfields * sizeof(Datum));
		memmove(block->nulls + n++ * nfields, block->nulls + i * nfields, nfields * sizeof(bool));
	}
	block->nrows = n;
	return block;
}
