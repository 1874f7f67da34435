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

#include "common/hashfn.h"

/* When so large a share of the customers has changed, all is learned again. */
#define CHANGED_TOO_MUCH 0.2

/* So many rows are written at once. */
#define CHUNK 2000

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
 * the one that is left.  Gives a number that tells whether any of that has
 * changed.
 */
static int64
read_dismissals(Duplicates *duplicates)
{
	RowBlock   *block = read_all(duplicates->call, RESOURCE_DUPLICATE_DISMISSAL, ANSWER);
	TextList	missing = {0};
	StringMap  *redirects;
	uint64		hash = 0;

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
	for (int64 i = 0; i < duplicates->dismissed.count; i++)
	{
		const DuplicatePair *pair = &duplicates->dismissed.pairs[i];
		const char *uids[2] = {duplicates->customers[pair->first].uid, duplicates->customers[pair->second].uid};

		for (int j = 0; j < 2; j++)
			hash = hash_combine64(hash, hash_bytes_extended((const unsigned char *) uids[j],
															strlen(uids[j]), 0));
	}
	return (int64) hash;
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
	{
		writer->set = rowset_create(writer->call, writer->resource);
		writer->set->unlocked = true;
	}
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
		survivors[i] = -1;
	for (int i = 0; i < duplicates->count; i++)
	{
		int			entity = duplicates->customers[i].entity;

		if (survivors[entity] < 0 || duplicates->customers[i].created_at <
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
	Likeness	likeness;
	Comparison	comparison;
	StringInfoData reasons;
	bool		in_order = first->created_at <= second->created_at;

	initStringInfo(&reasons);
	duplicate_likeness(duplicates, pair->first, pair->second, &likeness);
	comparison = compare_weigh(&duplicates->models[first->kind], &likeness);
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

/* A stored pair, by the indexes of its customers. */
typedef struct StoredPair
{
	int32		first;
	int32		second;
	bool		reversed;		/* the second is the row's customer */
	bool		found;			/* it is still one */
	uint64		hash;			/* of the row */
} StoredPair;

/* Takes the stored pairs from the executor. */
typedef struct StoredPairs
{
	DestReceiver receiver;
	const Duplicates *duplicates;
	StoredPair *pairs;
	int64		count;
	int64		room;
	TextList	gone;			/* two uids for each that lost a customer */
	MemoryContext kept;			/* for all of them, */
	MemoryContext scratch;		/* and for one row */
} StoredPairs;

/* What tells rows of a pair apart that has the same customers. */
static uint64
hash_pair(const Datum *values, const bool *nulls)
{
	uint64		hash = 0;

	for (int i = 0; i < DUPLICATE_PAIR_FIELDS; i++)
	{
		uint64		part = 0;

		if (nulls[i])
			;
		else if (resources[RESOURCE_DUPLICATE_PAIR].fields[i].kind == FIELD_SCORE)
			part = hash_bytes_extended((const unsigned char *) &values[i], sizeof(Datum), 1);
		else
		{
			text	   *plain = DatumGetTextPP(values[i]);

			part = hash_bytes_extended((const unsigned char *) VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain), 2);
		}
		hash = hash_combine64(hash, part);
	}
	return hash;
}

/* Appends a stored pair of customers that are there, which comes with a hash of its row. */
static void
stored_add(StoredPairs *stored, int customer, int duplicate, uint64 hash)
{
	if (stored->count == stored->room)
	{
		stored->room = Max(64, stored->room * 2);
		stored->pairs = stored->pairs == NULL
			? MemoryContextAlloc(stored->kept, stored->room * sizeof(StoredPair))
			: repalloc_huge(stored->pairs, stored->room * sizeof(StoredPair));
	}
	stored->pairs[stored->count++] = (StoredPair)
	{
		Min(customer, duplicate), Max(customer, duplicate), customer > duplicate, false, hash
	};
}

static bool
receive_stored(TupleTableSlot *slot, DestReceiver *self)
{
	StoredPairs *stored = (StoredPairs *) self;
	MemoryContext old = MemoryContextSwitchTo(stored->scratch);
	char	   *uids[2];
	int			customer;
	int			duplicate;

	slot_getallattrs(slot);
	uids[0] = TextDatumGetCString(slot->tts_values[DUPLICATE_PAIR_CUSTOMER_UID]);
	uids[1] = TextDatumGetCString(slot->tts_values[DUPLICATE_PAIR_DUPLICATE_UID]);
	customer = duplicates_index(stored->duplicates, uids[0]);
	duplicate = duplicates_index(stored->duplicates, uids[1]);
	if (customer >= 0 && duplicate >= 0)
		stored_add(stored, customer, duplicate, hash_pair(slot->tts_values, slot->tts_isnull));
	else
	{
		MemoryContextSwitchTo(stored->kept);
		text_list_add(&stored->gone, CStringGetTextDatum(uids[0]));
		text_list_add(&stored->gone, CStringGetTextDatum(uids[1]));
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(stored->scratch);
	return true;
}

static int
compare_stored(const void *a, const void *b)
{
	const StoredPair *x = a;
	const StoredPair *y = b;

	return x->first != y->first ? x->first - y->first : x->second - y->second;
}

/* Reads the stored pairs. */
static void
read_stored(const Duplicates *duplicates, StoredPairs *stored)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_DUPLICATE_PAIR, .view = ANSWER};

	*stored = (StoredPairs)
	{
		.receiver = *CreateDestReceiver(DestNone), .duplicates = duplicates, .kept = CurrentMemoryContext,
		.scratch = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer stored pair", ALLOCSET_DEFAULT_SIZES)
	};
	stored->receiver.receiveSlot = receive_stored;
	plan_stream(&key, 1, &duplicates->call->tenant, NULL, duplicates->call->reader, &stored->receiver);
	MemoryContextDelete(stored->scratch);
	if (stored->count > 0)
		qsort(stored->pairs, stored->count, sizeof(StoredPair), compare_stored);
}

/* Removes a stored pair, by the uids of its customers. */
static void
remove_pair(Writer *writer, Datum customer, Datum duplicate)
{
	MemoryContext old = MemoryContextSwitchTo(writer->context);
	Row		   *row = row_create(&resources[RESOURCE_DUPLICATE_PAIR]);

	row_set_text(row, DUPLICATE_PAIR_CUSTOMER_UID, TextDatumGetCString(customer));
	row_set_text(row, DUPLICATE_PAIR_DUPLICATE_UID, TextDatumGetCString(duplicate));
	MemoryContextSwitchTo(old);
	writer_put(writer, row, true, false);
}

static void
remove_stored(const Duplicates *duplicates, Writer *writer, const StoredPair *pair)
{
	MemoryContext old = MemoryContextSwitchTo(writer->context);
	Datum		first = CStringGetTextDatum(duplicates->customers[pair->first].uid);
	Datum		second = CStringGetTextDatum(duplicates->customers[pair->second].uid);

	MemoryContextSwitchTo(old);
	if (pair->reversed)
		remove_pair(writer, second, first);
	else
		remove_pair(writer, first, second);
}

/* Writes a pair, if it is new or has changed. */
static void
write_pair(const Duplicates *duplicates, Writer *writer, MemoryContext scratch,
		   const DuplicatePair *pair, StoredPair *stored, const int *survivors)
{
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Row		   *row = make_pair(duplicates, pair, survivors);
	bool		reversed = strcmp(row_text(row, DUPLICATE_PAIR_CUSTOMER_UID),
								  duplicates->customers[pair->first].uid) != 0;
	bool		same = stored != NULL && stored->hash == hash_pair(row->values, row->nulls);

	MemoryContextSwitchTo(old);
	MemoryContextReset(scratch);
	if (stored != NULL)
		stored->found = true;
	if (same)
		return;
	/* who comes first is part of the key */
	if (stored != NULL && stored->reversed != reversed)
	{
		remove_stored(duplicates, writer, stored);
		stored = NULL;
	}
	MemoryContextSwitchTo(writer->context);
	row = make_pair(duplicates, pair, survivors);
	MemoryContextSwitchTo(old);
	writer_put(writer, row, stored != NULL, true);
}

/* Writes the pairs that are new, changed or gone; gives how many there are now. */
static int64
write_pairs(const Duplicates *duplicates, StoredPairs *stored)
{
	const int  *survivors = find_survivors(duplicates);
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer pair",
												  ALLOCSET_DEFAULT_SIZES);
	Writer		writer;
	int64		kept = 0;

	writer_begin(&writer, duplicates->call, RESOURCE_DUPLICATE_PAIR);
	for (int i = 0; i < stored->gone.count; i += 2)
		remove_pair(&writer, stored->gone.values[i], stored->gone.values[i + 1]);
	for (int64 i = 0; i < duplicates->pairs.count; i++)
	{
		const DuplicatePair *pair = &duplicates->pairs.pairs[i];
		StoredPair	key = {.first = pair->first, .second = pair->second};

		CHECK_FOR_INTERRUPTS();
		if (Max(pair->probability, pair->score) < LEAST_PROBABILITY)
			continue;
		kept++;
		write_pair(duplicates, &writer, scratch, pair, stored->count == 0 ? NULL
				   : bsearch(&key, stored->pairs, stored->count, sizeof(StoredPair), compare_stored),
				   survivors);
	}
	for (int64 i = 0; i < stored->count; i++)
	{
		if (!stored->pairs[i].found)
			remove_stored(duplicates, &writer, &stored->pairs[i]);
	}
	writer_flush(&writer);
	MemoryContextDelete(writer.context);
	MemoryContextDelete(scratch);
	return kept;
}

/* ---------------------------------------------------------------------
 * Looking
 * --------------------------------------------------------------------- */

/* A look at the customers: what there is to do. */
typedef struct Look
{
	Duplicates	duplicates;
	FingerprintReceiver fingerprints;
	int64		changes;		/* since all was learned */
	int64		dismissals;
	DuplicateReport report;
	bool		needed;			/* there is something to do */
} Look;

static void
look(Look *at, Call *call, const Row *state)
{
	DuplicateReport *report = &at->report;

	memset(at, 0, sizeof(Look));
	at->duplicates.call = call;
	duplicates_load(&at->duplicates);
	report->customers = at->duplicates.count;
	report->changed = mark_changed(&at->duplicates, &at->fingerprints);
	report->gone = at->fingerprints.gone.count;
	at->dismissals = read_dismissals(&at->duplicates);
	at->changes = report->changed + report->gone +
		(state ? DatumGetInt64(state->values[DUPLICATE_STATE_CHANGES]) : 0);
	report->learned = !duplicates_models(call, state, at->duplicates.models) ||
		at->changes > CHANGED_TOO_MUCH * DatumGetInt64(state->values[DUPLICATE_STATE_CUSTOMERS]);
	at->needed = report->learned || report->changed > 0 || report->gone > 0 ||
		DatumGetInt64(state->values[DUPLICATE_STATE_DISMISSALS]) != at->dismissals;
}

/* Does what there is to do. */
static void
refresh(Look *at, Row *state)
{
	Duplicates *duplicates = &at->duplicates;
	StoredPairs stored;
	PairList	known = {0};

	read_stored(duplicates, &stored);
	for (int64 i = 0; i < stored.count && !at->report.learned; i++)
		pair_list_add(&known, stored.pairs[i].first, stored.pairs[i].second);
	duplicates_find(duplicates, &known, at->report.learned);
	at->report.pairs = write_pairs(duplicates, &stored);
	write_fingerprints(duplicates, &at->fingerprints);
	if (at->report.learned)
	{
		StringInfoData models;

		initStringInfo(&models);
		duplicates_append_models(&models, duplicates->models);
		row_set_text(state, DUPLICATE_STATE_MODEL, models.data);
		row_set(state, DUPLICATE_STATE_CUSTOMERS, Int64GetDatum(at->report.customers));
		row_set(state, DUPLICATE_STATE_LEARNED_AT, TimestampTzGetDatum(duplicates->call->now));
		at->changes = 0;
	}
	row_set(state, DUPLICATE_STATE_CHANGES, Int64GetDatum(at->changes));
	row_set(state, DUPLICATE_STATE_DISMISSALS, Int64GetDatum(at->dismissals));
	row_set(state, DUPLICATE_STATE_REFRESHED_AT, TimestampTzGetDatum(duplicates->call->now));
}

/*
 * Brings what is stored up to date.  Takes some seconds for each hundred thousand
 * customers, and a good deal longer when all have to be compared.  Where nothing
 * has changed it locks and writes nothing.  When somebody else is at it, it waits,
 * or without "wait" leaves it at what is stored, if there is anything.
 */
DuplicateReport
duplicates_refresh(Call *call, bool wait)
{
	PlanKey		count = {.statement = STATEMENT_DUPLICATE_PAIR_COUNT};
	RowSet	   *set = rowset_create(call, RESOURCE_DUPLICATE_STATE);
	Row		   *seen = duplicates_state(call);
	bool		refreshed = seen != NULL && !seen->nulls[DUPLICATE_STATE_REFRESHED_AT];
	Row		   *state;
	Look		at;
	bool		isnull;

	look(&at, call, seen);
	if (at.needed && !wait && refreshed && duplicates_state_is_locked(call))
	{
		at.report.busy = true;
		return at.report;
	}
	if (at.needed)
	{
		state = duplicates_lock_state(set);
		/* has somebody else done it while we waited? */
		if (refreshed != !state->nulls[DUPLICATE_STATE_REFRESHED_AT] ||
			(refreshed && state->values[DUPLICATE_STATE_REFRESHED_AT] != seen->values[DUPLICATE_STATE_REFRESHED_AT]))
			look(&at, call, state);
		if (at.needed)
		{
			refresh(&at, state);
			rowset_flush(set);
			return at.report;
		}
	}
	(void) plan_execute(&count, 1, &call->tenant, NULL, call->reader);
	at.report.pairs = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	return at.report;
}
