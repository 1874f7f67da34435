/*-------------------------------------------------------------------------
 *
 * duplicate_load.c
 *	  All customers of a tenant in memory, in the form in which they can be
 *	  compared, and how common what they have is.
 *
 * Of each customer the values are kept one behind the other, in a form that needs
 * no more than what is compared.
 *
 *-------------------------------------------------------------------------
 */
#include "core/plan.h"
#include "core/row.h"
#include "core/similarity.h"
#include "core/words.h"
#include "duplicates.h"

#include "common/hashfn.h"

/* Takes the customers from the executor. */
typedef struct CustomerReceiver
{
	DestReceiver receiver;
	Duplicates *duplicates;
	int			nfields;
	int			fields[MAX_FIELDS];
	StringMap  *parents;		/* uid of a department to that of its company */
	MemoryContext kept;			/* for all of them, */
	MemoryContext scratch;		/* and for one row */
} CustomerReceiver;

static uint8
type_index(Datum type)
{
	const char *const *allowed = resources[RESOURCE_CUSTOMER].fields[CUSTOMER_TYPE].allowed;
	char	   *name = TextDatumGetCString(type);
	uint8		index = 0;

	while (allowed[index] != NULL && strcmp(allowed[index], name) != 0)
		index++;
	if (allowed[index] == NULL)
		elog(ERROR, "unknown type of customer \"%s\"", name);
	return index;
}

/* Of which kind a customer of a type is. */
CustomerKind
customer_kind(Datum type)
{
	return strcmp(TextDatumGetCString(type), "PERSON") == 0 ? KIND_PERSON : KIND_ORGANIZATION;
}

/* Packs the values of a record into the customer. */
static void
pack_record(DuplicateCustomer *customer, const CompareRecord *record, MemoryContext context)
{
	int			length = 0;
	char	   *text;

	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		length += record->values[i].length;
		customer->ends[i] = length;
		customer->others[i] = -1;
	}
	text = MemoryContextAlloc(context, length + 1);
	customer->text = text;
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		memcpy(text, record->values[i].data, record->values[i].length);
		text += record->values[i].length;
	}
	*text = '\0';
}

static bool
receive_customer(TupleTableSlot *slot, DestReceiver *self)
{
	CustomerReceiver *receiver = (CustomerReceiver *) self;
	Duplicates *duplicates = receiver->duplicates;
	MemoryContext old = MemoryContextSwitchTo(receiver->scratch);
	Datum		values[CUSTOMER_FIELDS] = {0};
	bool		nulls[CUSTOMER_FIELDS];
	CompareRecord record;
	DuplicateCustomer *customer;

	memset(nulls, true, sizeof(nulls));
	slot_getallattrs(slot);
	for (int i = 0; i < receiver->nfields; i++)
	{
		int			field = receiver->fields[i];

		nulls[field] = slot->tts_isnull[i];
		if (!nulls[field])
			values[field] = field_plain_value(&resources[RESOURCE_CUSTOMER].fields[field],
											  slot->tts_values[i]);
	}
	if (duplicates->count == duplicates->room)
	{
		duplicates->room *= 2;
		duplicates->customers = repalloc_huge(duplicates->customers,
											  duplicates->room * sizeof(DuplicateCustomer));
	}
	customer = &duplicates->customers[duplicates->count];
	memset(customer, 0, sizeof(DuplicateCustomer));
	compare_record_init(&record, values, nulls);
	pack_record(customer, &record, receiver->kept);
	customer->type = type_index(values[CUSTOMER_TYPE]);
	customer->kind = customer_kind(values[CUSTOMER_TYPE]);
	customer->created_at = DatumGetTimestampTz(values[CUSTOMER_CREATED_AT]);
	customer->parent = -1;
	customer->entity = duplicates->count++;
	duplicates->of_kind[customer->kind]++;
	customer->fingerprint = hash_bytes_extended((const unsigned char *) customer->text,
												customer->ends[COMPARE_FIELDS - 1], customer->type);
	customer->fingerprint = hash_combine64(customer->fingerprint,
										   hash_bytes_extended((unsigned char *) customer->ends,
															   sizeof(customer->ends), 0));
	MemoryContextSwitchTo(receiver->kept);
	customer->uid = TextDatumGetCString(values[CUSTOMER_UID]);
	if (!nulls[CUSTOMER_PARENT_UID])
	{
		char	   *parent = TextDatumGetCString(values[CUSTOMER_PARENT_UID]);

		customer->department = true;
		map_put(receiver->parents, customer->uid, parent);
		customer->fingerprint = hash_combine64(customer->fingerprint,
											   hash_bytes_extended((unsigned char *) parent,
																   strlen(parent), 0));
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->scratch);
	return true;
}

/* The index of a customer by its uid; -1 when there is none. */
int
duplicates_index(const Duplicates *duplicates, const char *uid)
{
	int			low = 0;
	int			high = duplicates->count - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(duplicates->customers[middle].uid, uid);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

/* Reads the tenant's customers, in the order of their uids. */
void
duplicates_load(Duplicates *duplicates)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_CUSTOMER,
	.view = VIEW_COMPARE | VIEW_DUPLICATES};
	CustomerReceiver receiver = {
		.receiver = *CreateDestReceiver(DestNone), .duplicates = duplicates,
		.parents = map_create(), .kept = CurrentMemoryContext,
		.scratch = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer duplicates row",
										 ALLOCSET_DEFAULT_SIZES)
	};

	receiver.nfields = selected_fields(&resources[RESOURCE_CUSTOMER], key.view, receiver.fields);
	receiver.receiver.receiveSlot = receive_customer;
	duplicates->room = 1024;
	duplicates->customers = palloc(duplicates->room * sizeof(DuplicateCustomer));
	plan_stream(&key, 1, &duplicates->call->tenant, NULL, duplicates->call->reader, &receiver.receiver);
	MemoryContextDelete(receiver.scratch);
	for (int i = 0; i < duplicates->count; i++)
	{
		const char *parent = map_get(receiver.parents, duplicates->customers[i].uid);

		if (parent != NULL)
			duplicates->customers[i].parent = duplicates_index(duplicates, parent);
	}
}

/* Unpacks a customer, to be compared. */
void
duplicate_record(const Duplicates *duplicates, int index, CompareRecord *record)
{
	const DuplicateCustomer *customer = &duplicates->customers[index];

	for (int i = 0, start = 0; i < COMPARE_FIELDS; start = customer->ends[i++])
	{
		record->values[i] = (Span) {customer->text + start, customer->ends[i] - start};
		record->others[i] = customer->others[i];
	}
}

/*
 * In what two customers are alike.  What they agree in is no commoner for the
 * one's having it because the other has it: they may be the same.
 */
void
duplicate_likeness(const Duplicates *duplicates, int a, int b, Likeness *likeness)
{
	CompareRecord first;
	CompareRecord second;

	duplicate_record(duplicates, a, &first);
	duplicate_record(duplicates, b, &second);
	compare_likeness(&first, &second, likeness);
	if (duplicates->customers[a].counted_as == duplicates->customers[b].counted_as)
		return;					/* they count as one already */
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		if (likeness->agreements[i] == AGREEMENT_SAME && likeness->others[i] >= 1)
			likeness->others[i]--;
	}
}

/* A value that somebody has. */
typedef struct Occurrence
{
	uint64		hash;
	int32		entity;
	int32		customer;
} Occurrence;

static int
compare_occurrences(const void *a, const void *b)
{
	const Occurrence *x = a;
	const Occurrence *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->entity - y->entity;
}

/*
 * What a company's name tells besides where it is: in Bergen there are many whose
 * name begins so.
 */
static void
append_telling_words(StringInfo out, const CompareRecord *record)
{
	const Span *city = &record->values[COMPARE_CITY];
	Span		rest = record->values[COMPARE_COMPANY_NAME];
	Span		word;

	while (next_word(&rest, &word))
	{
		if (!same_text(&word, city))
			appendStringInfo(out, " %.*s", word.length, word.data);
	}
	if (out->len == 0)
		appendBinaryStringInfo(out, record->values[COMPARE_COMPANY_NAME].data,
							   record->values[COMPARE_COMPANY_NAME].length);
}

/*
 * Counts for each value how many others of the same kind have it.  Customers who
 * are probably the same count once, or what is there twice would seem common.
 */
void
duplicates_count_values(Duplicates *duplicates)
{
	Occurrence *occurrences;

	for (int i = 0; i < duplicates->count; i++)
		duplicates->customers[i].counted_as = duplicates->customers[i].entity;
	occurrences = MemoryContextAllocHuge(CurrentMemoryContext,
										 Max(duplicates->count, 1) * sizeof(Occurrence));

	for (int field = 0; field < COMPARE_FIELDS; field++)
	{
		int			count = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < duplicates->count; i++)
		{
			const DuplicateCustomer *customer = &duplicates->customers[i];
			CompareRecord record;
			StringInfoData name;

			duplicate_record(duplicates, i, &record);
			if (record.values[field].length == 0)
				continue;
			if (field == COMPARE_COMPANY_NAME)
			{
				initStringInfo(&name);
				append_telling_words(&name, &record);
				record.values[field] = (Span) {name.data, name.len};
			}
			occurrences[count++] = (Occurrence)
			{
				hash_bytes_extended((const unsigned char *) record.values[field].data,
									record.values[field].length, customer->kind),
					customer->entity, i
			};
			if (field == COMPARE_COMPANY_NAME)
				pfree(name.data);
		}
		qsort(occurrences, count, sizeof(Occurrence), compare_occurrences);
		for (int begin = 0, end; begin < count; begin = end)
		{
			int			entities = 1;

			for (end = begin + 1; end < count && occurrences[end].hash == occurrences[begin].hash; end++)
				entities += occurrences[end].entity != occurrences[end - 1].entity;
			for (int i = begin; i < end; i++)
				duplicates->customers[occurrences[i].customer].others[field] = entities - 1;
		}
	}
	pfree(occurrences);
}
