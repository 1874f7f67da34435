/*-------------------------------------------------------------------------
 *
 * duplicate_store.c
 *	  Brings what is stored about a tenant's duplicates up to date: compares
 *	  customers that are new or have changed with all others, and from time to
 *	  time all with all.
 *
 * A fingerprint of each customer that was compared tells who has changed,
 * whoever changed it and in whichever transaction.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_reader.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/redirect.h"
#include "duplicates.h"

/* When so large a share of the customers has changed, all is learned again. */
#define CHANGED_TOO_MUCH 0.2

/* So many rows are written at once. */
#define CHUNK 2000

/* ---------------------------------------------------------------------
 * The state
 * --------------------------------------------------------------------- */

static const char *const kind_names[CUSTOMER_KINDS] = {
	[KIND_PERSON] = "person",
	[KIND_ORGANIZATION] = "organization",
};

/* A model is nothing but numbers, and kept as a list of them. */
#define MODEL_NUMBERS (sizeof(CompareModel) / sizeof(double))

static void
append_models(StringInfo out, const CompareModel *models)
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

/* ---------------------------------------------------------------------
 * What has changed
 * --------------------------------------------------------------------- */

/* Takes the stored fingerprints from the executor, in the order of the uids. */
typedef struct FingerprintReceiver
{
	DestReceiver receiver;
	Duplicates *duplicates;
	int			next;			/* the first customer that is not behind */
	bool	   *stored;			/* of each customer: has it a fingerprint? */
	TextList	gone;			/* who has one but is no customer any more */
	MemoryContext kept;
} FingerprintReceiver;

static bool
receive_fingerprint(TupleTableSlot *slot, DestReceiver *self)
{
	FingerprintReceiver *receiver = (FingerprintReceiver *) self;
	Duplicates *duplicates = receiver->duplicates;
	char	   *uid;
	int			order = 1;

	slot_getallattrs(slot);
	uid = TextDatumGetCString(slot->tts_values[0]);
	while (receiver->next < duplicates->count &&
		   (order = strcmp(duplicates->customers[receiver->next].uid, uid)) < 0)
		receiver->next++;
	if (receiver->next < duplicates->count && order == 0)
	{
		DuplicateCustomer *customer = &duplicates->customers[receiver->next];

		receiver->stored[receiver->next] = true;
		customer->changed = (uint64) DatumGetInt64(slot->tts_values[1]) != customer->fingerprint;
	}
	else
	{
		MemoryContext old = MemoryContextSwitchTo(receiver->kept);

		text_list_add(&receiver->gone, CStringGetTextDatum(uid));
		MemoryContextSwitchTo(old);
	}
	pfree(uid);
	return true;
}

/* Marks the customers that are new or have changed; gives how many. */
static int
mark_changed(Duplicates *duplicates, FingerprintReceiver *receiver)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_DUPLICATE_CUSTOMER};
	int			changed = 0;

	*receiver = (FingerprintReceiver)
	{
		.receiver = *CreateDestReceiver(DestNone), .duplicates = duplicates,
		.kept = CurrentMemoryContext
	};
	receiver->receiver.receiveSlot = receive_fingerprint;
	receiver->stored = MemoryContextAllocHuge(CurrentMemoryContext, Max(duplicates->count, 1));
	memset(receiver->stored, false, Max(duplicates->count, 1));
	for (int i = 0; i < duplicates->count; i++)
		duplicates->customers[i].changed = true;
	plan_stream(&key, 1, &duplicates->call->tenant, NULL, duplicates->call->reader,
				&receiver->receiver);
	for (int i = 0; i < duplicates->count; i++)
		changed += duplicates->customers[i].changed;
	return changed;
}

/*
 * Reads who is known not to be the same.  Who was merged away since stands for
 * the one that is left.
 */
static void
read_dismissals(Duplicates *duplicates)
{
	RowBlock   *block = read_all(duplicates->call, RESOURCE_DUPLICATE_DISMISSAL, ANSWER);
	TextList	missing = {0};
	StringMap  *redirects;

	for (int i = 0; i < block->nrows; i++)
	{
		for (int j = DISMISSAL_CUSTOMER_UID; j <= DISMISSAL_DUPLICATE_UID; j++)
		{
			Datum		uid = block->values[i * block->resource->nfields + j];

			if (duplicates_index(duplicates, TextDatumGetCString(uid)) < 0)
				text_list_add(&missing, uid);
		}
	}
	missing.count = sort_unique_texts(missing.values, missing.count);
	redirects = redirects_find(duplicates->call, missing.values, missing.count);
	for (int i = 0; i < block->nrows; i++)
	{
		int			indexes[2];

		for (int j = 0; j < 2; j++)
		{
			char	   *uid = TextDatumGetCString(block->values[i * block->resource->nfields +
																DISMISSAL_CUSTOMER_UID + j]);
			char	   *survivor = map_get(redirects, uid);

			indexes[j] = duplicates_index(duplicates, survivor ? survivor : uid);
		}
		if (indexes[0] >= 0 && indexes[1] >= 0 && indexes[0] != indexes[1])
			pair_list_add(&duplicates->dismissed, indexes[0], indexes[1]);
	}
	pair_list_sort(&duplicates->dismissed);
}

/* ---------------------------------------------------------------------
 * Writing
 * --------------------------------------------------------------------- */

/* Rows that are being written, a chunk at a time. */
typedef struct Writer
{
	Call	   *call;
	ResourceId	resource;
	RowSet	   *set;
	MemoryContext context;		/* of a chunk */
} Writer;

static void
writer_begin(Writer *writer, Call *call, ResourceId resource)
{
	writer->call = call;
	writer->resource = resource;
	writer->set = NULL;
	writer->context = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer duplicates rows",
											ALLOCSET_DEFAULT_SIZES);
}

static void
writer_flush(Writer *writer)
{
	MemoryContext old;

	if (writer->set == NULL)
		return;
	CHECK_FOR_INTERRUPTS();
	old = MemoryContextSwitchTo(writer->context);
	rowset_flush(writer->set);
	MemoryContextSwitchTo(old);
	MemoryContextReset(writer->context);
	writer->set = NULL;
}

/*
 * Takes a row that is to be written, made by the caller in writer->context: it
 * is new, or is there with other values, or is to go.
 */
static void
writer_put(Writer *writer, Row *row, bool stored, bool present)
{
	MemoryContext old = MemoryContextSwitchTo(writer->context);

	if (writer->set == NULL)
		writer->set = rowset_create(writer->call, writer->resource);
	(void) rowset_add(writer->set, row);
	/* with nothing in it: it differs */
	if (stored)
		row->before = row_create(row->resource);
	row->present = present;
	MemoryContextSwitchTo(old);
	if (writer->set->list.count >= CHUNK)
		writer_flush(writer);
}

static void
write_fingerprints(Duplicates *duplicates, const FingerprintReceiver *receiver)
{
	Writer		writer;
	MemoryContext old = CurrentMemoryContext;

	writer_begin(&writer, duplicates->call, RESOURCE_DUPLICATE_CUSTOMER);
	for (int i = 0; i < receiver->gone.count; i++)
	{
		Row		   *row;

		MemoryContextSwitchTo(writer.context);
		row = row_create(&resources[RESOURCE_DUPLICATE_CUSTOMER]);
		row_set(row, DUPLICATE_CUSTOMER_UID, receiver->gone.values[i]);
		MemoryContextSwitchTo(old);
		writer_put(&writer, row, true, false);
	}
	for (int i = 0; i < duplicates->count; i++)
	{
		Row		   *row;

		if (!duplicates->customers[i].changed)
			continue;
		MemoryContextSwitchTo(writer.context);
		row = row_create(&resources[RESOURCE_DUPLICATE_CUSTOMER]);
		row_set_text(row, DUPLICATE_CUSTOMER_UID, duplicates->customers[i].uid);
		row_set(row, DUPLICATE_CUSTOMER_FINGERPRINT,
				Int64GetDatum((int64) duplicates->customers[i].fingerprint));
		MemoryContextSwitchTo(old);
		writer_put(&writer, row, receiver->stored[i], true);
	}
	writer_flush(&writer);
	MemoryContextDelete(writer.context);
}

/* The customer of each entity that was created first: who is to be left. */
static int *
find_survivors(const Duplicates *duplicates)
{
	int		   *survivors = MemoryContextAllocHuge(CurrentMemoryContext,
												   Max(duplicates->count, 1) * sizeof(int));

	for (int i = 0; i < duplicates->count; i++)
	{
		int			entity = duplicates->customers[i].entity;

		/* an entity is called by the first of its customers */
		if (entity == i ||
			duplicates->customers[i].created_at <
			duplicates->customers[survivors[entity]].created_at)
			survivors[entity] = i;
	}
	return survivors;
}

/* Are two companies one legal unit at two places? */
static bool
is_legal_unit(const Likeness *likeness)
{
	return likeness->agreements[COMPARE_VAT_NUMBER] == AGREEMENT_SAME &&
		(likeness->agreements[COMPARE_STREET] == AGREEMENT_DIFFERENT ||
		 likeness->agreements[COMPARE_HOUSE_NUMBER] == AGREEMENT_DIFFERENT ||
		 likeness->agreements[COMPARE_POSTAL_CODE] == AGREEMENT_DIFFERENT);
}

/* Says why two customers are taken for the same. */
void
comparison_append_reasons(StringInfo out, const Comparison *comparison, CustomerKind kind)
{
	appendStringInfoString(out, "{\"fields\":");
	comparison_append_fields(out, comparison);
	appendStringInfo(out, ",\"prior\":%.3g,\"shared\":%.3g,\"swappedNames\":%s",
					 comparison->prior, comparison->shared,
					 comparison->likeness.swapped ? "true" : "false");
	if (kind == KIND_ORGANIZATION)
		appendStringInfo(out, ",\"unit\":\"%s\"",
						 is_legal_unit(&comparison->likeness) ? "LEGAL_UNIT" : "SITE");
	appendStringInfoChar(out, '}');
}

/* Four digits: what is behind them changes with every new customer. */
static double
rounded(double probability)
{
	return rint(probability * 1e4) / 1e4;
}

/* Makes the row of a pair, in the current context. */
static Row *
make_pair(const Duplicates *duplicates, const DuplicatePair *pair, const int *survivors)
{
	const DuplicateCustomer *first = &duplicates->customers[pair->first];
	const DuplicateCustomer *second = &duplicates->customers[pair->second];
	Row		   *row = row_create(&resources[RESOURCE_DUPLICATE_PAIR]);
	CompareRecord a;
	CompareRecord b;
	Comparison	comparison;
	StringInfoData reasons;
	bool		in_order = first->created_at <= second->created_at;

	initStringInfo(&reasons);
	duplicate_record(duplicates, pair->first, &a);
	duplicate_record(duplicates, pair->second, &b);
	comparison = compare_records(&duplicates->models[first->kind], &a, &b);
	comparison_append_reasons(&reasons, &comparison, first->kind);
	row_set_text(row, DUPLICATE_PAIR_CUSTOMER_UID, in_order ? first->uid : second->uid);
	row_set_text(row, DUPLICATE_PAIR_DUPLICATE_UID, in_order ? second->uid : first->uid);
	row_set(row, DUPLICATE_PAIR_PROBABILITY, Float8GetDatum(rounded(pair->probability)));
	row_set(row, DUPLICATE_PAIR_SCORE, Float8GetDatum(rounded(pair->score)));
	if (first->entity == second->entity)
		row_set_text(row, DUPLICATE_PAIR_CLUSTER_UID,
					 duplicates->customers[survivors[first->entity]].uid);
	row_set(row, DUPLICATE_PAIR_REASONS, CStringGetTextDatum(reasons.data));
	return row;
}

/* Stored pairs by the indexes of their customers. */
typedef struct StoredPairs
{
	RowBlock   *block;
	PairList	pairs;			/* sorted; "score" is no score, but */
	int		   *rows;			/* of each pair the row of the block */
	TextList	gone;			/* two uids for each pair that lost a customer */
} StoredPairs;

/* Reads the stored pairs. */
static void
read_stored(const Duplicates *duplicates, StoredPairs *stored)
{
	int			nfields = resources[RESOURCE_DUPLICATE_PAIR].nfields;

	stored->block = read_all(duplicates->call, RESOURCE_DUPLICATE_PAIR, ANSWER);
	for (int i = 0; i < stored->block->nrows; i++)
	{
		Datum	   *values = stored->block->values + i * nfields;
		int			a = duplicates_index(duplicates, TextDatumGetCString(values[DUPLICATE_PAIR_CUSTOMER_UID]));
		int			b = duplicates_index(duplicates, TextDatumGetCString(values[DUPLICATE_PAIR_DUPLICATE_UID]));

		if (a >= 0 && b >= 0)
			pair_list_add(&stored->pairs, a, b);
		else
		{
			text_list_add(&stored->gone, values[DUPLICATE_PAIR_CUSTOMER_UID]);
			text_list_add(&stored->gone, values[DUPLICATE_PAIR_DUPLICATE_UID]);
		}
	}
	pair_list_sort(&stored->pairs);
	stored->rows = palloc(Max(stored->pairs.count, 1) * sizeof(int));
	for (int i = 0; i < stored->block->nrows; i++)
	{
		Datum	   *values = stored->block->values + i * nfields;
		int			a = duplicates_index(duplicates, TextDatumGetCString(values[DUPLICATE_PAIR_CUSTOMER_UID]));
		int			b = duplicates_index(duplicates, TextDatumGetCString(values[DUPLICATE_PAIR_DUPLICATE_UID]));

		if (a >= 0 && b >= 0)
			stored->rows[pair_list_find(&stored->pairs, a, b) - stored->pairs.pairs] = i;
	}
}

static Row *
stored_row(const StoredPairs *stored, int64 pair)
{
	const Resource *resource = &resources[RESOURCE_DUPLICATE_PAIR];
	Row		   *row = row_create(resource);
	int			at = stored->rows[pair] * resource->nfields;

	memcpy(row->values, stored->block->values + at, resource->nfields * sizeof(Datum));
	memcpy(row->nulls, stored->block->nulls + at, resource->nfields * sizeof(bool));
	return row;
}

/* Writes the pairs that are new, changed or gone; gives how many there are now. */
static int64
write_pairs(const Duplicates *duplicates, const StoredPairs *stored)
{
	const int  *survivors = find_survivors(duplicates);
	MemoryContext old = CurrentMemoryContext;
	Writer		writer;
	int64		kept = 0;
	bool	   *found = palloc0(Max(stored->pairs.count, 1));

	writer_begin(&writer, duplicates->call, RESOURCE_DUPLICATE_PAIR);
	for (int i = 0; i < stored->gone.count; i += 2)
	{
		Row		   *row;

		MemoryContextSwitchTo(writer.context);
		row = row_create(&resources[RESOURCE_DUPLICATE_PAIR]);
		row_set(row, DUPLICATE_PAIR_CUSTOMER_UID, stored->gone.values[i]);
		row_set(row, DUPLICATE_PAIR_DUPLICATE_UID, stored->gone.values[i + 1]);
		MemoryContextSwitchTo(old);
		writer_put(&writer, row, true, false);
	}
	for (int64 i = 0; i < duplicates->pairs.count; i++)
	{
		const DuplicatePair *pair = &duplicates->pairs.pairs[i];
		const DuplicatePair *before = pair_list_find(&stored->pairs, pair->first, pair->second);
		Row		   *row;
		Row		   *stored_as = NULL;
		bool		same_key = false;

		if (Max(pair->probability, pair->score) < LEAST_PROBABILITY)
			continue;
		kept++;
		MemoryContextSwitchTo(writer.context);
		row = make_pair(duplicates, pair, survivors);
		if (before != NULL)
		{
			found[before - stored->pairs.pairs] = true;
			stored_as = stored_row(stored, before - stored->pairs.pairs);
			same_key = strcmp(row_make_key(row), row_make_key(stored_as)) == 0;
		}
		MemoryContextSwitchTo(old);
		if (stored_as != NULL && same_key && row_equal(row, stored_as))
			continue;
		if (stored_as != NULL && !same_key)
			writer_put(&writer, stored_as, true, false);
		writer_put(&writer, row, same_key, true);
	}
	for (int64 i = 0; i < stored->pairs.count; i++)
	{
		Row		   *row;

		if (found[i])
			continue;
		MemoryContextSwitchTo(writer.context);
		row = stored_row(stored, i);
		MemoryContextSwitchTo(old);
		writer_put(&writer, row, true, false);
	}
	writer_flush(&writer);
	MemoryContextDelete(writer.context);
	return kept;
}

/*
 * The state of the tenant's duplicates, locked, in a set of its own; made when
 * it is not there yet.
 */
static Row *
lock_state(RowSet *set)
{
	Row		   *state;

	rowset_load(set, DUPLICATE_STATE_MODEL, &set->call->tenant, 1, false);
	if (set->list.count > 0)
		return set->list.rows[0];
	/* who comes at the same time waits for us, and then finds it */
	state = row_create(set->resource);
	row_set(state, DUPLICATE_STATE_CUSTOMERS, Int64GetDatum(0));
	row_set(state, DUPLICATE_STATE_CHANGES, Int64GetDatum(0));
	row_set(state, DUPLICATE_STATE_STALE, BoolGetDatum(true));
	(void) rowset_add(set, state);
	rowset_flush(set);
	state->before = row_copy(state);
	return state;
}

/* Lets the next look at the duplicates go over what is stored. */
void
duplicates_set_stale(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_STATE);

	row_set(lock_state(set), DUPLICATE_STATE_STALE, BoolGetDatum(true));
	rowset_flush(set);
}

/* Reads the state without a lock; NULL when nobody has looked for duplicates. */
Row *
duplicates_state(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_DUPLICATE_STATE};
	Row		   *row;

	if (plan_execute(&key, 1, &call->tenant, NULL, true) == 0)
		return NULL;
	row = row_create(&resources[RESOURCE_DUPLICATE_STATE]);
	heap_deform_tuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, row->values, row->nulls);
	return row;
}

/*
 * Brings what is stored up to date.  Takes some seconds for each hundred thousand
 * customers, and a good deal longer when all have to be compared.
 */
DuplicateReport
duplicates_refresh(Call *call)
{
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_STATE);
	Row		   *state = lock_state(set);
	Duplicates	duplicates = {.call = call};
	FingerprintReceiver fingerprints;
	StoredPairs stored = {0};
	DuplicateReport report = {0};
	int64		changes;

	duplicates_load(&duplicates);
	report.customers = duplicates.count;
	report.changed = mark_changed(&duplicates, &fingerprints);
	report.gone = fingerprints.gone.count;
	changes = DatumGetInt64(state->values[DUPLICATE_STATE_CHANGES]) + report.changed + report.gone;
	report.learned = !duplicates_models(call, state, duplicates.models) ||
		changes > CHANGED_TOO_MUCH * DatumGetInt64(state->values[DUPLICATE_STATE_CUSTOMERS]);
	read_stored(&duplicates, &stored);
	report.pairs = stored.pairs.count;
	if (report.learned || report.changed > 0 || report.gone > 0 || stored.gone.count > 0 ||
		DatumGetBool(state->values[DUPLICATE_STATE_STALE]))
	{
		read_dismissals(&duplicates);
		duplicates_find(&duplicates, report.learned ? NULL : &stored.pairs, report.learned);
		report.pairs = write_pairs(&duplicates, &stored);
		write_fingerprints(&duplicates, &fingerprints);
	}
	if (report.learned)
	{
		StringInfoData models;

		initStringInfo(&models);
		append_models(&models, duplicates.models);
		row_set_text(state, DUPLICATE_STATE_MODEL, models.data);
		row_set(state, DUPLICATE_STATE_CUSTOMERS, Int64GetDatum(report.customers));
		row_set(state, DUPLICATE_STATE_LEARNED_AT, TimestampTzGetDatum(call->now));
		changes = 0;
	}
	row_set(state, DUPLICATE_STATE_CHANGES, Int64GetDatum(changes));
	row_set(state, DUPLICATE_STATE_STALE, BoolGetDatum(false));
	row_set(state, DUPLICATE_STATE_REFRESHED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(set);
	return report;
}
