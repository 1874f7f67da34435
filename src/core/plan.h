/*-------------------------------------------------------------------------
 *
 * plan.h
 *	  The statements that we run: each prepared once per backend.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_PLAN_H
#define FLOWCUSTOMER_PLAN_H

#include "core/fields.h"

typedef enum Statement
{
	/* made from a resource's field table */
	STATEMENT_INSERT,			/* $2 rows */
	STATEMENT_UPDATE,			/* $2 rows */
	STATEMENT_DELETE,			/* $2 rows, of which only the keys count */
	STATEMENT_LOCK,				/* rows by the column "detail": $2 its values */
	STATEMENT_LOCK_PAIRS,		/* rows by two columns: $2, $3 their values */
	STATEMENT_READ,				/* by the column "detail" for a view, no locks */
	STATEMENT_READ_ONE,			/* the same for a single value $2 */
	STATEMENT_READ_ALL,			/* all of the tenant's */
	STATEMENT_READ_RANGE,		/* the same for all values from $2 to $3 */
	STATEMENT_READ_PAIRS,		/* rows by two columns: $2, $3 their values */
	STATEMENT_PAGE,				/* keys of a page in their order; see page.c */
	STATEMENT_PAGE_SORTED,		/* the same in another order */
	STATEMENT_COUNT_LIST,		/* how many there are; see page.c */
	/* single ones */
	STATEMENT_TENANT,
	STATEMENT_TENANT_HAS_DATA,
	STATEMENT_TENANTS,			/* all there are */
	STATEMENT_GRANTS,			/* of all roles, whatever the tenant */
	STATEMENT_GRANTS_REVOKE,	/* of the role $2, in the tenant $1 or "" for all */
	STATEMENT_AUTHENTICATOR_REVOKE,	/* the role $1 */
	STATEMENT_ROLES_CALLING,	/* that have to be able to call our functions */
	STATEMENT_ACCESS_LIST,
	STATEMENT_TENANTS_LEFT,
	STATEMENT_DELETE_ALL,		/* of "resource" */
	STATEMENT_TOTAL_DELETE,
	STATEMENT_TOTAL_READ,
	STATEMENT_TOTAL_DIFFERENCES,	/* rows that there are, less what totals say */
	STATEMENT_TOTAL_ADD,
	STATEMENT_TOTAL_REMOVE,
	STATEMENT_EXTERNAL_ID_FIND,
	STATEMENT_HAS_REDIRECTS,
	STATEMENT_REDIRECTS,		/* of the merged-away uids in $2 */
	STATEMENT_REDIRECTS_LOCK,	/* the same, kept from being taken back */
	STATEMENT_REDIRECT_EXTERNAL_ID,	/* where external ids lead that only merged-away ones had */
	STATEMENT_EXTERNAL_ID_CLAIM,
	STATEMENT_EXTERNAL_ID_RELEASE,
	STATEMENT_ANCESTORS,
	STATEMENT_HAVE_DEPARTMENTS,
	STATEMENT_ORPHAN_DEPARTMENTS,
	STATEMENT_ORPHAN_SALES_ORDERS,
	STATEMENT_ORPHAN_SERVICE_ORDERS,
	STATEMENT_REPOINT,			/* rows of "resource" whose column "detail" is $2
								 * get $3; gives their keys as JSON, how many */
	STATEMENT_REPOINT_BACK,		/* the same for those with the keys $4 */
	STATEMENT_DUPLICATE_STATE_FREE,	/* a row unless somebody else has it locked */
	STATEMENT_DUPLICATE_PAIR_COUNT,
	STATEMENT_DUPLICATE_PAIRS,	/* with at least the score $2, the best $3 of them */
	STATEMENT_RUN_FIND,			/* unfinished, with the score $2 and dry or not $3 */
	STATEMENT_RUN_CLOSE,		/* those that are not finished, at $2 */
	STATEMENT_RUN_FORGET,		/* what is left of the run $2 */
	STATEMENT_RUN_PAIRS,		/* within clusters, with at least the score $2 */
	STATEMENT_RUN_ITEM,			/* of the run $2 at the place $3 */
	STATEMENT_RUN_ITEM_DONE,	/* the same, with what became of it */
	STATEMENT_DELETE_DISMISSALS,	/* of customers, or who was merged into them; and
									 * that they have been compared */
	STATEMENT_FOREIGN_KEYS,		/* from tables outside to customers */
	STATEMENT_ORDER_DEBTS,		/* whose the sales orders $2 are, and what is open */
	STATEMENT_OPEN_INVOICES,	/* of the customer $2, in sum */
	STATEMENT_DELETE_CHILDREN,	/* of "resource" by the column "detail" */
	STATEMENT_DELETE_MERGES,	/* that customers, or who was merged into them, took part in */
	STATEMENT_DELETE_MEMBERS,	/* of customers; gives how many of which group */
	STATEMENT_EXIST,			/* which of $2 are keys of "resource", locked */
	STATEMENT_EXIST_READ,		/* the same without locks */
	STATEMENT_ADD_OPEN_INVOICES,	/* to each of the customers $2 an amount of $3 */
	STATEMENT_ERASED_CUSTOMERS,	/* of those in $2 */
	STATEMENT_ERASURE_NEXT,		/* that waits, behind the uid $2 */
	STATEMENT_ORDERS_KEPT,		/* of the customer $2: are some open, are some unpaid,
								 * and when are $3 years after the last one over */
	STATEMENT_DELETE_LINKS,		/* of the customers $2, with contacts */
	STATEMENT_OWN_CONTACTS,		/* of the customers $2, who have no other one */
	STATEMENT_DELETE_PAIRS,		/* of those who may be there twice, with $2 */
	STATEMENT_CHANGES_BY_NOBODY,	/* of the customers $2 and the contacts $3 */
	STATEMENT_CUSTOMERS_HELD,	/* of those in $2, by hand at the time $3, or because an
								 * erasure waits */
	STATEMENT_PRINT_JOBS_CLAIM,	/* for the printer $2 at the time $3 */
	STATEMENT_PRINT_JOBS_GIVE_UP,	/* the same of those that were claimed too often */
	STATEMENT_DOCUMENTS,		/* the column "detail" of those whose column "extra" is $2 */
	STATEMENT_CHANGE_GENERATION,	/* the last one, when it is the server's $2 */
	STATEMENT_CHANGE_GENERATION_OTHERS,	/* the last one of a system other than that of the server $2 */
	STATEMENT_CHANGE_GENERATION_BEGIN,
	STATEMENT_ACCESS_ADD,
	STATEMENT_CHANGES_ADD,
	STATEMENT_CHANGES,
	STATEMENT_CHANGES_SUBSCRIBED,	/* is the feed replicated from another server? */
	STATEMENT_CHANGES_OF,		/* the customers $2 */
	STATEMENT_CHANGES_FORGET,	/* those before the time $2; gives how many */
	STATEMENT_CONSENT_REPORT,	/* of the consent $2, at the time $3 */
	STATEMENT_SEARCH,			/* see api_search.c */
	STATEMENT_CANDIDATES		/* customers with the three patterns of $2, up to $3 */
} Statement;

typedef struct PlanKey
{
	int16		statement;
	int16		resource;		/* whose table it is about, or 0 */
	int16		detail;			/* what else tells statements apart */
	int16		extra;
	uint32		view;
} PlanKey;

extern void plans_init(void);
struct Call;

extern void call_answer_rows(struct Call *call, const PlanKey *key, int nargs, const Datum *values,
							 const bool *nulls, bool read_only);
extern bool plans_check(void);
extern uint64 plan_execute(const PlanKey *key, int nargs, const Datum *values,
						   const bool *nulls, bool read_only);
extern uint64 plan_execute_latest(const PlanKey *key, int nargs, const Datum *values);
extern void plan_stream(const PlanKey *key, int nargs, const Datum *values,
						const bool *nulls, bool read_only, DestReceiver *receiver);
extern int	selected_fields(const Resource *resource, uint32 view, int *fields);

#endif							/* FLOWCUSTOMER_PLAN_H */
