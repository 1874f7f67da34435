/*-------------------------------------------------------------------------
 *
 * page.h
 *	  Reading: rows with everything that belongs to them, and pages of rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_PAGE_H
#define FLOWCUSTOMER_PAGE_H

#include "core/plan.h"
#include "core/row.h"

/* Rows as an answer shows them, and what hangs on them. */
typedef struct RowBlock
{
	const Resource *resource;
	uint32		view;
	int			nrows;
	Datum	   *values;			/* nrows times nfields */
	bool	   *nulls;
	struct RowBlock *related[MAX_FIELDS];	/* by field index */
	double	   *relevance;		/* of each row to a search, or NULL */
	int			range_field;	/* the block has all rows between the first and
								 * the last by this field; -1 when not so */
} RowBlock;

extern RowBlock *read_rows(Call *call, ResourceId resource, uint32 view, int field,
						   const Datum *values, int count);
extern RowBlock *read_all(Call *call, ResourceId resource, uint32 view);
extern RowBlock *block_create(ResourceId resource, uint32 view, uint64 nrows);
extern RowBlock *read_range(Call *call, ResourceId resource, uint32 view, int field,
							Datum first, Datum last);
extern RowBlock *read_pairs(Call *call, ResourceId resource, uint32 view,
							int field1, const Datum *values1,
							int field2, const Datum *values2, int count);
extern void answer_begin(Call *call, int expected_size);
extern void render_row(StringInfo out, const RowBlock *block, int row);
extern void render_in_order(StringInfo out, const RowBlock *block, int field,
							const Datum *keys, int nkeys);
extern int	block_find(const RowBlock *block, int field, Datum value);
extern void block_set_relevance(RowBlock *block, int field, const Datum *keys,
								const double *scores, int nkeys);
extern bool answer_row(Call *call, ResourceId resource, const char *uid);
extern bool answer_link(Call *call, const char *customer_uid, const char *contact_uid);

/* The lists that can be paged through. */
typedef enum ListId
{
	LIST_CUSTOMERS,
	LIST_CUSTOMERS_BY_EXTERNAL_ID,
	LIST_CUSTOMERS_BY_MERGED_ID,
	LIST_CONTACTS,
	LIST_CONTACTS_OF_CUSTOMER,
	LIST_GROUPS,
	LIST_CUSTOMERS_OF_GROUP,
	LIST_EXTERNAL_CUSTOMERS,
	LIST_EXTERNAL_SOURCES,
	LIST_ACCESSES,
	LIST_PRINT_JOBS,
	LIST_ERASURES
} ListId;

extern void list_statement(const PlanKey *key, StringInfo sql);
extern void search_statement(const PlanKey *key, StringInfo sql);
extern int	page_sort_field(Call *call, ListId list);
extern void append_paging(Call *call, int64 total);
extern int64 answer_page(Call *call, ListId list, const char *filter);

#endif							/* FLOWCUSTOMER_PAGE_H */
