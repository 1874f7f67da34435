/*-------------------------------------------------------------------------
 *
 * duplicates.h
 *	  Finding out which of a tenant's customers are there more than once.
 *
 * duplicate_load.c reads them all, duplicate_pairs.c finds the pairs that are
 * worth comparing, duplicate_find.c compares them, and duplicate_cluster.c
 * brings together who is the same.  duplicate_store.c keeps that up to date in
 * the tables, with what duplicate_state.c knows; duplicate_merge.c merges them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_DUPLICATES_H
#define FLOWCUSTOMER_DUPLICATES_H

#include "core/compare.h"
#include "core/page.h"

/* What customers are learned about apart: people, and companies of all kinds. */
typedef enum CustomerKind
{
	KIND_PERSON,
	KIND_ORGANIZATION
} CustomerKind;

#define CUSTOMER_KINDS (KIND_ORGANIZATION + 1)

/* A customer, packed: the values of a CompareRecord stand one behind the other. */
typedef struct DuplicateCustomer
{
	const char *uid;
	const char *text;
	uint16		ends[COMPARE_FIELDS];	/* of the values in the text */
	float		others[COMPARE_FIELDS]; /* how many others have the value */
	TimestampTz created_at;
	uint64		fingerprint;	/* of everything that counts for comparing */
	int32		parent;			/* the company that it is a department of; -1
								 * when it is none */
	int32		entity;			/* those who are probably the same have one, which
								 * is called by one of them */
	int32		counted_as;		/* the entity when "others" was counted */
	uint8		type;			/* by index in the field's allowed values */
	uint8		kind;			/* a CustomerKind */
	bool		department;
	bool		changed;		/* since the last time */
} DuplicateCustomer;

/* Two customers by index, the smaller one first. */
typedef struct DuplicatePair
{
	int32		first;
	int32		second;
	float		probability;	/* that they are the same, seen alone */
	float		score;			/* the same, seen with those like them */
} DuplicatePair;

typedef struct PairList
{
	DuplicatePair *pairs;
	int64		count;
	int64		room;
} PairList;

/* All customers of a tenant, in the order of their uids, and what is found. */
typedef struct Duplicates
{
	Call	   *call;
	DuplicateCustomer *customers;
	int			count;
	int			room;
	int			of_kind[CUSTOMER_KINDS];
	CompareModel models[CUSTOMER_KINDS];
	PairList	dismissed;		/* sorted; known not to be the same */
	PairList	pairs;			/* sorted; those worth keeping */
} Duplicates;

/* Who are less probably the same are not worth keeping. */
#define LEAST_PROBABILITY 0.05

/* duplicate_load.c */
extern CustomerKind customer_kind(Datum type);
extern void duplicates_load(Duplicates *duplicates);
extern void duplicates_count_values(Duplicates *duplicates);
extern int	duplicates_index(const Duplicates *duplicates, const char *uid);
extern void duplicate_likeness(const Duplicates *duplicates, int a, int b, Likeness *likeness);
extern void duplicate_record(const Duplicates *duplicates, int index, CompareRecord *record);

/* duplicate_pairs.c */
extern void pair_list_add(PairList *list, int a, int b);
extern void pair_list_sort(PairList *list);
extern DuplicatePair *pair_list_find(const PairList *list, int a, int b);
extern void duplicates_block(const Duplicates *duplicates, bool changed_only, PairList *pairs);

/* duplicate_find.c */
extern void duplicates_find(Duplicates *duplicates, const PairList *known, bool learn_models);

/* duplicate_cluster.c */
extern void duplicates_cluster(Duplicates *duplicates);

/* What bringing the duplicates up to date came to. */
typedef struct DuplicateReport
{
	int64		customers;
	int64		changed;		/* new or different since the last time */
	int64		gone;			/* there the last time and no longer */
	int64		pairs;
	bool		learned;		/* all were compared with all */
	bool		busy;			/* somebody else was looking, so we did not */
} DuplicateReport;

/* duplicate_state.c */
extern Row *duplicates_state(Call *call);
extern Row *duplicates_lock_state(RowSet *set);
extern bool duplicates_state_is_locked(Call *call);
extern bool duplicates_models(Call *call, const Row *state, CompareModel *models);
extern void duplicates_append_models(StringInfo out, const CompareModel *models);
extern RowBlock *dismissals_between(Call *call, const char *const *uids);

/* duplicate_store.c */
extern DuplicateReport duplicates_refresh(Call *call, bool wait);
extern void comparison_append_reasons(StringInfo out, const Comparison *comparison,
									  CustomerKind kind);

/* May two customers be the same at all?  A company and a department are never merged. */
static inline bool
can_be_same(const Duplicates *duplicates, int a, int b)
{
	const DuplicateCustomer *first = &duplicates->customers[a];
	const DuplicateCustomer *second = &duplicates->customers[b];

	return first->type == second->type && first->department == second->department &&
		first->parent != b && second->parent != a;
}

#endif							/* FLOWCUSTOMER_DUPLICATES_H */
