/*-------------------------------------------------------------------------
 *
 * duplicate_pairs.c
 *	  Which pairs of customers are worth comparing: a few for each, whatever
 *	  their number.
 *
 * Two ways lead to them.  Those who have a key in common meet under it: a
 * number, how their names sound together with a place, an address.  And each
 * meets those whose text has most of its rare trigrams, whatever is wrong in
 * it.  What is likely among them is for core/compare.c to say.
 *
 *-------------------------------------------------------------------------
 */
#include "duplicates.h"
#include "core/words.h"

#include "common/hashfn.h"

/* ---------------------------------------------------------------------
 * Lists of pairs
 * --------------------------------------------------------------------- */

/* Makes room for more pairs. */
static void
pair_list_grow(PairList *list)
{
	list->room = Max(64, list->room * 2);
	list->pairs = list->pairs == NULL
		? palloc(list->room * sizeof(DuplicatePair))
		: repalloc_huge(list->pairs, list->room * sizeof(DuplicatePair));
}

/* Appends a pair; which of the two comes first is all one. */
void
pair_list_add(PairList *list, int a, int b)
{
	if (list->count == list->room)
		pair_list_grow(list);
	list->pairs[list->count++] = (DuplicatePair) {Min(a, b), Max(a, b), 0, 0};
}

static int
compare_pairs(const void *a, const void *b)
{
	const DuplicatePair *x = a;
	const DuplicatePair *y = b;

	return x->first != y->first ? x->first - y->first : x->second - y->second;
}

/* Sorts the pairs and drops those that are there twice. */
void
pair_list_sort(PairList *list)
{
	int64		n = 0;

	if (list->count == 0)
		return;
	CHECK_FOR_INTERRUPTS();
	qsort(list->pairs, list->count, sizeof(DuplicatePair), compare_pairs);
	for (int64 i = 0; i < list->count; i++)
	{
		if (n == 0 || compare_pairs(&list->pairs[n - 1], &list->pairs[i]) != 0)
			list->pairs[n++] = list->pairs[i];
	}
	list->count = n;
	CHECK_FOR_INTERRUPTS();
}

/* A pair in a sorted list; NULL when it is not there. */
DuplicatePair *
pair_list_find(const PairList *list, int a, int b)
{
	DuplicatePair key = {Min(a, b), Max(a, b), 0, 0};

	return list->count == 0 ? NULL
		: bsearch(&key, list->pairs, list->count, sizeof(DuplicatePair), compare_pairs);
}

/* From so many pairs on it is worth looking whether they are there twice. */
#define MANY_PAIRS 1000000

/* Adds a pair that is to be compared. */
static void
meet(const Duplicates *duplicates, bool changed_only, PairList *pairs, int a, int b)
{
	if (a == b || !can_be_same(duplicates, a, b) ||
		(changed_only && !duplicates->customers[a].changed && !duplicates->customers[b].changed))
		return;
	/* most meet more than once: drop that before the list is made larger */
	if (pairs->count == pairs->room && pairs->count >= MANY_PAIRS)
	{
		pair_list_sort(pairs);
		if (pairs->count > pairs->room / 2)
			pair_list_grow(pairs);
	}
	pair_list_add(pairs, a, b);
}

/* ---------------------------------------------------------------------
 * Keys
 * --------------------------------------------------------------------- */

/* A key that a customer has. */
typedef struct BlockKey
{
	uint64		hash;
	int32		customer;
} BlockKey;

typedef struct KeyList
{
	BlockKey   *keys;
	int64		count;
	int64		room;
} KeyList;

/* Of more customers with one key only neighbours in some order meet, */
#define MAX_BLOCK 24
/* as far apart. */
#define WINDOW 8

/* How much of a word's sound is kept. */
#define SOUND_LENGTH 6

/* Where a letter is made: one for all that are easily taken for each other. */
static char
sound_of_letter(char letter)
{
	/* from a to z: vowels are a, an h is not heard */
	static const char sounds[] = "abkdafk-aaklmmabkrsdaffkas";

	return letter >= 'a' && letter <= 'z' ? sounds[letter - 'a'] : letter;
}

/* How a folded word sounds: its consonants, and the vowel that it begins with. */
static int
sound_of(const Span *word, char *out)
{
	int			length = 0;
	char		last = 0;

	for (int i = 0; i < word->length && length < SOUND_LENGTH; i++)
	{
		bool		before_h = i + 1 < word->length && word->data[i + 1] == 'h';
		char		sound = word->data[i] == 'p' && before_h ? 'f' : sound_of_letter(word->data[i]);

		if (sound != '-' && sound != last && (sound != 'a' || i == 0))
			out[length++] = sound;
		if (sound != '-')
			last = sound;
	}
	return length;
}

/* Parts of a key, one behind the other. */
typedef struct KeyParts
{
	char		data[256];
	int			length;
	bool		complete;		/* does the customer have all of them? */
} KeyParts;

static void
add_part(KeyParts *parts, const Span *value)
{
	int			length = Min(value->length, 64);

	if (length == 0 || parts->length + length + 1 > (int) sizeof(parts->data))
	{
		parts->complete = false;
		return;
	}
	memcpy(parts->data + parts->length, value->data, length);
	parts->length += length;
	parts->data[parts->length++] = ' ';
}

/* Adds a key of up to three parts, if none of them is empty. */
static void
add_key(KeyList *list, const Duplicates *duplicates, int customer, char what,
		const Span *a, const Span *b, const Span *c)
{
	KeyParts	parts = {.complete = true};

	parts.data[parts.length++] = what;
	parts.data[parts.length++] = duplicates->customers[customer].type;
	add_part(&parts, a);
	if (b)
		add_part(&parts, b);
	if (c)
		add_part(&parts, c);
	if (!parts.complete)
		return;
	if (list->count == list->room)
	{
		list->room = Max(1024, list->room * 2);
		list->keys = list->keys == NULL
			? palloc(list->room * sizeof(BlockKey))
			: repalloc_huge(list->keys, list->room * sizeof(BlockKey));
	}
	list->keys[list->count++] = (BlockKey)
	{
		hash_bytes_extended((unsigned char *) parts.data, parts.length, 0), customer
	};
}

/* The longest word of a text, the first of those. */
static Span
longest_word(const Span *text)
{
	Span		rest = *text;
	Span		longest = {"", 0};
	Span		word;

	while (next_word(&rest, &word))
	{
		if (word.length > longest.length)
			longest = word;
	}
	return longest;
}

static Span
first_word_of(const Span *text)
{
	Span		rest = *text;
	Span		word;

	(void) next_word(&rest, &word);
	return word;
}

/* The digits that a house number begins with. */
static Span
number_of(const Span *text)
{
	Span		word = first_word_of(text);
	int			length = 0;

	while (length < word.length && word.data[length] >= '0' && word.data[length] <= '9')
		length++;
	return (Span) {word.data, length};
}

/* The beginning of a text, in bytes. */
static Span
beginning(const Span *text, int length)
{
	return (Span) {text->data, Min(text->length, length)};
}

static void
add_keys(const Duplicates *duplicates, int customer, KeyList *list)
{
	CompareRecord record;
	const Span *values = record.values;
	char		sounds[4][SOUND_LENGTH];
	Span		first;
	Span		last;
	Span		street;
	Span		company;
	Span		telephone;
	Span		number;
	Span		postal;
	Span		city;
	Span		word;

	duplicate_record(duplicates, customer, &record);
	word = longest_word(&values[COMPARE_FIRSTNAME]);
	word = full_name(&word);
	first = (Span) {sounds[0], sound_of(&word, sounds[0])};
	word = longest_word(&values[COMPARE_LASTNAME]);
	last = (Span) {sounds[1], sound_of(&word, sounds[1])};
	word = longest_word(&values[COMPARE_STREET]);
	street = (Span) {sounds[2], sound_of(&word, sounds[2])};
	word = first_word_of(&values[COMPARE_COMPANY_NAME]);
	company = (Span) {sounds[3], sound_of(&word, sounds[3])};
	telephone = first_word_of(&values[COMPARE_MOBILE]);
	number = number_of(&values[COMPARE_HOUSE_NUMBER]);
	postal = values[COMPARE_POSTAL_CODE];
	city = beginning(&values[COMPARE_CITY], 4);

	add_key(list, duplicates, customer, 'e', &values[COMPARE_EMAIL], NULL, NULL);
	add_key(list, duplicates, customer, 't', &telephone, NULL, NULL);
	word = beginning(&values[COMPARE_VAT_NUMBER], 10);
	add_key(list, duplicates, customer, 'v', &word, NULL, NULL);
	/* first and last name change places */
	if (first.length > 0 && last.length > 0)
	{
		bool		in_order = first.length < last.length ||
			(first.length == last.length && memcmp(first.data, last.data, first.length) <= 0);

		add_key(list, duplicates, customer, 'n', in_order ? &first : &last,
				in_order ? &last : &first, NULL);
	}
	add_key(list, duplicates, customer, 'p', &last, &postal, NULL);
	add_key(list, duplicates, customer, 'q', &first, &postal, NULL);
	add_key(list, duplicates, customer, 'r', &last, &street, NULL);
	add_key(list, duplicates, customer, 's', &first, &street, NULL);
	add_key(list, duplicates, customer, 'u', &first, &number, &city);
	add_key(list, duplicates, customer, 'w', &last, &number, &city);
	add_key(list, duplicates, customer, 'a', &street, &number, &postal);
	add_key(list, duplicates, customer, 'b', &street, &number, &city);
	add_key(list, duplicates, customer, 'c', &company, &postal, NULL);
	add_key(list, duplicates, customer, 'd', &company, &city, NULL);
	add_key(list, duplicates, customer, 'f', &company, &street, NULL);
	word = beginning(&values[COMPARE_COMPANY_NAME], 12);
	add_key(list, duplicates, customer, 'g', &word, NULL, NULL);
}

static int
compare_keys(const void *a, const void *b)
{
	const BlockKey *x = a;
	const BlockKey *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->customer - y->customer;
}

static const Duplicates *sorted;

/* By the values, beginning with names. */
static int
compare_by_text(const void *a, const void *b)
{
	int			x = ((const BlockKey *) a)->customer;
	int			y = ((const BlockKey *) b)->customer;
	int			order = strcmp(sorted->customers[x].text, sorted->customers[y].text);

	return order != 0 ? order : x - y;
}

/* By the values, beginning with the address. */
static int
compare_by_place(const void *a, const void *b)
{
	int			x = ((const BlockKey *) a)->customer;
	int			y = ((const BlockKey *) b)->customer;
	int			order = strcmp(sorted->customers[x].text + sorted->customers[x].ends[COMPARE_STREET - 1],
							   sorted->customers[y].text + sorted->customers[y].ends[COMPARE_STREET - 1]);

	return order != 0 ? order : x - y;
}

/* Lets customers meet who have one key. */
static void
meet_in_block(const Duplicates *duplicates, bool changed_only, PairList *pairs,
			  BlockKey *keys, int count)
{
	int			reach = count <= MAX_BLOCK ? count : WINDOW;

	sorted = duplicates;
	for (int pass = 0; pass < (count <= MAX_BLOCK ? 1 : 2); pass++)
	{
		CHECK_FOR_INTERRUPTS();
		if (count > MAX_BLOCK)
			qsort(keys, count, sizeof(BlockKey), pass == 0 ? compare_by_text : compare_by_place);
		for (int i = 0; i < count; i++)
		{
			for (int j = i + 1; j < Min(count, i + reach); j++)
				meet(duplicates, changed_only, pairs, keys[i].customer, keys[j].customer);
		}
	}
}

static void
meet_by_keys(const Duplicates *duplicates, bool changed_only, PairList *pairs)
{
	KeyList		list = {0};

	for (int i = 0; i < duplicates->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_keys(duplicates, i, &list);
	}
	qsort(list.keys, list.count, sizeof(BlockKey), compare_keys);
	for (int64 begin = 0, end; begin < list.count; begin = end)
	{
		CHECK_FOR_INTERRUPTS();
		for (end = begin + 1; end < list.count && list.keys[end].hash == list.keys[begin].hash; end++)
			;
		if (end > begin + 1)
			meet_in_block(duplicates, changed_only, pairs, list.keys + begin, end - begin);
	}
	if (list.keys)
		pfree(list.keys);
}

/* ---------------------------------------------------------------------
 * Trigrams
 * --------------------------------------------------------------------- */

/* How many of those whose text is most alike a customer meets. */
#define NEAREST 6

/* So many trigrams are told apart, */
#define TRIGRAM_BITS 18
/* so many of a customer count, the rarest ones, */
#define MAX_TRIGRAMS 16
/* with so many other customers in all. */
#define MAX_VISITS 3000

/* The most that a text has. */
#define MAX_TEXT_TRIGRAMS 256

/* Which customers have which trigrams. */
typedef struct TrigramIndex
{
	int64	   *begins;			/* of each trigram's customers in "customers" */
	int32	   *customers;
} TrigramIndex;

static int
compare_trigrams(const void *a, const void *b)
{
	return *(const uint32 *) a < *(const uint32 *) b ? -1 : *(const uint32 *) a > *(const uint32 *) b;
}

/* The distinct trigrams of the words that name a customer and its address. */
static int
get_trigrams(const Duplicates *duplicates, int customer, uint32 *out)
{
	static const CompareField fields[] = {
		COMPARE_FIRSTNAME, COMPARE_LASTNAME, COMPARE_COMPANY_NAME, COMPARE_STREET,
		COMPARE_HOUSE_NUMBER, COMPARE_POSTAL_CODE
	};
	CompareRecord record;
	uint32		type = duplicates->customers[customer].type;
	int			count = 0;
	int			n = 0;

	duplicate_record(duplicates, customer, &record);
	for (int i = 0; i < (int) lengthof(fields); i++)
	{
		Span		rest = record.values[fields[i]];
		Span		word;

		while (next_word(&rest, &word))
		{
			uint32		trigram = ' ' << 8 | ' ';

			for (int j = 0; j <= word.length && count < MAX_TEXT_TRIGRAMS; j++)
			{
				unsigned char next = j < word.length ? word.data[j] : ' ';

				trigram = (trigram << 8 | next) & 0xFFFFFF;
				out[count++] = hash_bytes_uint32(trigram | type << 24) >> (32 - TRIGRAM_BITS);
			}
		}
	}
	qsort(out, count, sizeof(uint32), compare_trigrams);
	for (int i = 0; i < count; i++)
	{
		if (n == 0 || out[n - 1] != out[i])
			out[n++] = out[i];
	}
	return n;
}

static TrigramIndex
index_trigrams(const Duplicates *duplicates)
{
	TrigramIndex index;
	uint32		trigrams[MAX_TEXT_TRIGRAMS];
	int			size = 1 << TRIGRAM_BITS;

	index.begins = palloc0((size + 1) * sizeof(int64));
	for (int i = 0; i < duplicates->count; i++)
	{
		int			count = get_trigrams(duplicates, i, trigrams);

		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < count; j++)
			index.begins[trigrams[j] + 1]++;
	}
	for (int i = 0; i < size; i++)
		index.begins[i + 1] += index.begins[i];
	index.customers = MemoryContextAllocHuge(CurrentMemoryContext,
											 Max(index.begins[size], 1) * sizeof(int32));
	/* each begin moves to where the next one began, and is put back */
	for (int i = 0; i < duplicates->count; i++)
	{
		int			count = get_trigrams(duplicates, i, trigrams);

		CHECK_FOR_INTERRUPTS();
		for (int j = 0; j < count; j++)
			index.customers[index.begins[trigrams[j]]++] = i;
	}
	for (int i = size; i > 0; i--)
		index.begins[i] = index.begins[i - 1];
	index.begins[0] = 0;
	return index;
}

/* Somebody who has trigrams in common with the customer that is looked at. */
typedef struct Neighbour
{
	int32		customer;
	float		weight;
} Neighbour;

static int
compare_neighbours(const void *a, const void *b)
{
	const Neighbour *x = a;
	const Neighbour *y = b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return x->customer - y->customer;
}

static const TrigramIndex *sorted_index;

static int
compare_rarity(const void *a, const void *b)
{
	uint32		x = *(const uint32 *) a;
	uint32		y = *(const uint32 *) b;
	int64		n = sorted_index->begins[x + 1] - sorted_index->begins[x];
	int64		m = sorted_index->begins[y + 1] - sorted_index->begins[y];

	if (n != m)
		return n < m ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
meet_by_trigrams(const Duplicates *duplicates, bool changed_only, PairList *pairs)
{
	TrigramIndex index = index_trigrams(duplicates);
	float	   *weights = MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(duplicates->count, 1) * sizeof(float));
	Neighbour	neighbours[MAX_VISITS];

	memset(weights, 0, duplicates->count * sizeof(float));
	sorted_index = &index;
	for (int i = 0; i < duplicates->count; i++)
	{
		uint32		trigrams[MAX_TEXT_TRIGRAMS];
		int			count;
		int			visited = 0;

		CHECK_FOR_INTERRUPTS();
		if (changed_only && !duplicates->customers[i].changed)
			continue;
		count = get_trigrams(duplicates, i, trigrams);
		qsort(trigrams, count, sizeof(uint32), compare_rarity);
		for (int j = 0, used = 0, visits = 0; j < count && used < MAX_TRIGRAMS; j++)
		{
			int64		begin = index.begins[trigrams[j]];
			int64		end = index.begins[trigrams[j] + 1];

			if (end - begin < 2)
				continue;		/* nobody else has it */
			visits += end - begin;
			if (visits > MAX_VISITS)
				break;
			used++;
			for (int64 k = begin; k < end; k++)
			{
				int			other = index.customers[k];

				if (weights[other] == 0)
					neighbours[visited++].customer = other;
				weights[other] += log((double) duplicates->count / (end - begin)) + 0.1;
			}
		}
		for (int j = 0; j < visited; j++)
		{
			neighbours[j].weight = weights[neighbours[j].customer];
			weights[neighbours[j].customer] = 0;
		}
		qsort(neighbours, visited, sizeof(Neighbour), compare_neighbours);
		/* it is its own neighbour */
		for (int j = 0; j < Min(visited, NEAREST + 1); j++)
			meet(duplicates, changed_only, pairs, i, neighbours[j].customer);
	}
	pfree(index.begins);
	pfree(index.customers);
	pfree(weights);
}

/*
 * Adds the pairs that are worth comparing; with "changed_only" those in which at
 * least one has changed.  The list is sorted.
 */
void
duplicates_block(const Duplicates *duplicates, bool changed_only, PairList *pairs)
{
	meet_by_keys(duplicates, changed_only, pairs);
	meet_by_trigrams(duplicates, changed_only, pairs);
	pair_list_sort(pairs);
}
