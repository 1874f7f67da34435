/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows of a resource in memory, by field index.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ROW_H
#define FLOWCUSTOMER_ROW_H

#include "core/collections.h"
#include "core/operation.h"

typedef enum Given
{
	GIVEN_NOT,
	GIVEN_RIGHT,
	GIVEN_WRONG					/* with a problem, so there is no value */
} Given;

/*
 * A row, or what a body says of one.  Values of FIELD_CHILDREN and
 * FIELD_VALUES hold a RowList.
 */
typedef struct Row
{
	const Resource *resource;
	Datum	   *values;			/* by field index */
	bool	   *nulls;
	uint8	   *given;			/* did the body have it: a Given */
	/* for a row in a RowSet: */
	const char *key;
	struct Row *before;			/* as the database has it, or NULL */
	bool		present;		/* as far as this call has come, it is there */
	bool		listed;			/* was, before the list it is in is replaced */
} Row;

typedef struct RowList
{
	int			count;
	int			room;
	Row		  **rows;
} RowList;

extern Row *row_create(const Resource *resource);
extern Row *row_copy(const Row *row);
extern void row_list_add(RowList *list, Row *row);
extern void row_set_text(Row *row, int field, const char *value);
extern void row_set_null(Row *row, int field);
extern bool row_equal(const Row *a, const Row *b);
extern Datum field_plain_value(const Field *field, Datum value);
extern bool datum_equal(const Field *field, Datum a, bool a_null, Datum b, bool b_null);

static inline void
row_set(Row *row, int field, Datum value)
{
	row->values[field] = value;
	row->nulls[field] = false;
}

/* The value of a text field, palloc'd; NULL when it is absent. */
static inline char *
row_text(const Row *row, int field)
{
	return row->nulls[field] ? NULL : TextDatumGetCString(row->values[field]);
}

/* The value of an amount, 0 when it is absent. */
static inline int64
row_amount(const Row *row, int field)
{
	return row->nulls[field] ? 0 : DatumGetInt64(row->values[field]);
}

/*
 * Rows of one table that a call touches: loaded once and locked, changed in
 * memory, and written with one statement for each kind of change.
 */
typedef struct RowSet
{
	const Resource *resource;
	Call	   *call;
	RowList		list;
	StringMap  *index;
	bool		unlocked;		/* others can take rows out meanwhile, and may */
	int			inserted;		/* counted by rowset_flush */
	int			deleted;
} RowSet;

extern RowSet *rowset_create(Call *call, ResourceId resource);
extern void rowset_load(RowSet *set, int field, const Datum *values, int count,
						bool strongest);
extern void rowset_load_pairs(RowSet *set, int field1, const Datum *values1,
							  int field2, const Datum *values2, int count);
extern Row *rowset_find(RowSet *set, const char *key);
extern Row *rowset_find2(RowSet *set, const char *key1, const char *key2);
extern Row *rowset_add(RowSet *set, Row *row);
extern void rowset_flush_deletes(RowSet *set);
extern void rowset_flush_changes(RowSet *set);
extern void rowset_flush(RowSet *set);
extern char *row_make_key(const Row *row);
extern void add_found(Call *call, int statement, const Datum *texts, int count, TextList *found);
extern StringMap *existing_uids(Call *call, ResourceId resource, Datum *uids, int count);
extern bool row_exists(Call *call, ResourceId resource, const char *uid);

/* decode.c: what a body says of a row. */
extern Row *decode_row(Call *call, const Resource *resource, uint32 wanted,
					   JsonReader *reader, const JsonPath *path);
extern Row *decode_body(Call *call, const Resource *resource, uint32 wanted);
extern void decode_check_required(Call *call, const Row *row, const JsonPath *path);
extern void apply_defaults(Call *call, Row *row);
extern void apply_body(Call *call, Row *row, const Row *body, const JsonPath *path);

/* total.c: exact numbers of rows. */
typedef enum TotalKind
{
	TOTAL_CUSTOMER,
	TOTAL_CONTACT,
	TOTAL_GROUP,
	TOTAL_MEMBER
} TotalKind;

/* A total that is not the number of rows that there are. */
typedef struct TotalDifference
{
	TotalKind	kind;
	const char *owner_uid;
	const char *name;			/* of the kind, with the owner */
	int64		difference;		/* that is missing in it */
} TotalDifference;

extern TotalDifference *total_differences(Call *call, int *count);
extern int64 total_read(Call *call, TotalKind kind, const char *owner_uid);
extern void total_add(Call *call, TotalKind kind, const char *owner_uid, int64 amount);
extern void totals_init(void);
extern void total_remove(Call *call, TotalKind kind, const char *owner_uid);
extern void total_remove_all(Call *call);

#endif							/* FLOWCUSTOMER_ROW_H */
