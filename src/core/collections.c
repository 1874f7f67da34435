/*-------------------------------------------------------------------------
 *
 * collections.c
 *	  Maps from strings, and lists of texts.  Knows nothing of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "core/collections.h"

#include "access/detoast.h"
#include "common/hashfn.h"

#define SH_PREFIX stringmap
#define SH_ELEMENT_TYPE StringMapEntry
#define SH_KEY_TYPE const char *
#define SH_KEY key
#define SH_HASH_KEY(tb, key) hash_bytes((const unsigned char *) (key), strlen(key))
#define SH_EQUAL(tb, a, b) (strcmp(a, b) == 0)
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
typedef struct StringMapEntry
{
	const char *key;
	void	   *value;
	char		status;
} StringMapEntry;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "lib/simplehash.h"
#pragma GCC diagnostic pop

/* An empty map from strings to pointers, in the current context. */
StringMap *
map_create(void)
{
	return stringmap_create(CurrentMemoryContext, 64, NULL);
}

/* What a key leads to; NULL when it is not in the map. */
void *
map_get(StringMap *map, const char *key)
{
	StringMapEntry *entry = stringmap_lookup(map, key);

	return entry ? entry->value : NULL;
}

/* Puts a value under a key, in place of an older one.  The key is not copied. */
void
map_put(StringMap *map, const char *key, void *value)
{
	bool		found;
	StringMapEntry *entry = stringmap_insert(map, key, &found);

	entry->value = value;
}

/* Appends a text, which is not copied. */
void
text_list_add(TextList *list, Datum value)
{
	if (list->count == list->room)
	{
		list->room = Max(16, list->room * 2);
		list->values = list->values == NULL
			? palloc(list->room * sizeof(Datum))
			: repalloc(list->values, list->room * sizeof(Datum));
	}
	list->values[list->count++] = value;
}

/*
 * A text as it can be compared: PostgreSQL may have compressed what it read
 * from a table, even a short one.
 */
Datum
plain_text(Datum value)
{
	struct varlena *text = (struct varlena *) DatumGetPointer(value);

	return VARATT_IS_EXTENDED(text) && !VARATT_IS_SHORT(text)
		? PointerGetDatum(detoast_attr(text)) : value;
}

/* A text that a statement returned, which is not NULL; columns count from 1. */
Datum
result_text(uint64 row, int column)
{
	bool		isnull;

	return plain_text(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
									column, &isnull));
}

/* Compares two texts by their bytes, as collation "C" does. */
int
compare_texts(Datum a, Datum b)
{
	struct varlena *x = (struct varlena *) DatumGetPointer(a);
	struct varlena *y = (struct varlena *) DatumGetPointer(b);
	int			n1 = VARSIZE_ANY_EXHDR(x);
	int			n2 = VARSIZE_ANY_EXHDR(y);
	int			result = memcmp(VARDATA_ANY(x), VARDATA_ANY(y), Min(n1, n2));

	return result != 0 ? result : n1 - n2;
}

static int
compare_text_datums(const void *a, const void *b)
{
	return compare_texts(*(const Datum *) a, *(const Datum *) b);
}

/* Sorts texts by their bytes and drops equal ones; gives how many are left. */
int
sort_unique_texts(Datum *values, int count)
{
	int			n = 0;

	qsort(values, count, sizeof(Datum), compare_text_datums);
	for (int i = 0; i < count; i++)
	{
		if (n == 0 || compare_texts(values[n - 1], values[i]) != 0)
			values[n++] = values[i];
	}
	return n;
}

/* An array of texts. */
Datum
text_array(const Datum *values, int count)
{
	/* what is made of it can replace its elements by copies that live less long */
	Datum	   *elements = palloc(Max(count, 1) * sizeof(Datum));

	memcpy(elements, values, count * sizeof(Datum));
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false, TYPALIGN_INT));
}
