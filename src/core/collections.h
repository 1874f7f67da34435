/*-------------------------------------------------------------------------
 *
 * collections.h
 *	  Maps from strings, and lists of texts.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_COLLECTIONS_H
#define FLOWCUSTOMER_COLLECTIONS_H

#include "core/compat.h"

/* A map from strings to pointers. */
typedef struct stringmap_hash StringMap;

extern StringMap *map_create(void);
extern void *map_get(StringMap *map, const char *key);
extern void map_put(StringMap *map, const char *key, void *value);

/* Texts that are being collected; all zeros for none. */
typedef struct TextList
{
	Datum	   *values;
	int			count;
	int			room;
} TextList;

extern void text_list_add(TextList *list, Datum value);
extern Datum plain_text(Datum value);
extern Datum result_text(uint64 row, int column);
extern int	compare_texts(Datum a, Datum b);
extern int	sort_unique_texts(Datum *values, int count);
extern Datum text_array(const Datum *values, int count);

#endif							/* FLOWCUSTOMER_COLLECTIONS_H */
