/*-------------------------------------------------------------------------
 *
 * customer_attempt.h
 *	  One attempt to write a list of customers: what its three steps share.
 *
 * For customer_load.c, customer_apply.c and customer_write.c only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CUSTOMER_ATTEMPT_H
#define FLOWCUSTOMER_CUSTOMER_ATTEMPT_H

#include "customer_write.h"

/* What one attempt to write a list of items knows. */
typedef struct Attempt
{
	Call	   *call;
	CustomerItem *items;
	int			nitems;
	RowSet	   *customers;
	RowSet	   *members;
	RowSet	   *consents;		/* new entries only */
	StringMap  *stores;
	StringMap  *tenant_users;
	StringMap  *groups;
	StringMap  *consent_kinds;
	StringMap  *by_external_id; /* to a RowList; NULL when nobody asks */
	StringMap  *latest_consents;	/* "customer consent" to the newest Row */
	StringMap  *stored_departments; /* parent to a department not loaded */
	/* to RowLists of loaded and new rows that are, or once were, a */
	StringMap  *departments_of;
	StringMap  *members_of;		/* customer's */
	StringMap  *consents_of;
	StringMap  *held;			/* customers who have to be kept, and a Reason why */
	StringMap  *redirects;		/* merged-away uid to the one that is left */
	StringMap  *external_redirects; /* the same by external id */
	StringMap  *claimed;		/* external ids that we hold a claim on */
	Datum	   *claims;			/* the same as a list */
	int			nclaims;
} Attempt;

/* customer_load.c: everything that the items are about, locked. */
extern void attempt_load(Attempt *attempt);

/* customer_apply.c: what becomes of it, in memory. */
extern void attempt_apply(Attempt *attempt);
extern void note_customer(Attempt *attempt, Row *row);
extern void map_add_row(StringMap *map, const char *key, Row *row);

/* Does the item's body give a field, if only null? */
static inline bool
gives(const CustomerItem *item, int field)
{
	return item->body->given[field] == GIVEN_RIGHT;
}

/* Does it give a value for it? */
static inline bool
gives_value(const CustomerItem *item, int field)
{
	return gives(item, field) && !item->body->nulls[field];
}

/* Is it an upsert whose customer is found by its external id? */
static inline bool
finds_by_external_id(const CustomerItem *item)
{
	return item->section == SECTION_UPSERT && item->given_uid == NULL &&
		gives_value(item, CUSTOMER_EXTERNAL_ID);
}

#endif							/* FLOWCUSTOMER_CUSTOMER_ATTEMPT_H */
