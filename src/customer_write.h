/*-------------------------------------------------------------------------
 *
 * customer_write.h
 *	  Writing customers: any number of changes at once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CUSTOMER_WRITE_H
#define FLOWCUSTOMER_CUSTOMER_WRITE_H

#include "core/row.h"

typedef enum Section
{
	SECTION_CREATE,
	SECTION_UPDATE,
	SECTION_UPSERT,
	SECTION_DELETE
} Section;

#define SECTION_COUNT (SECTION_DELETE + 1)

typedef struct CustomerItem
{
	Section		section;
	Row		   *body;			/* what the caller gave */
	const char *uid;			/* the customer's; made when there is none */
	JsonPath	path;
	Problems	problems;		/* why it was not done */
	int			decode_problems;	/* how many of them decoding found */
	const char *given_uid;		/* what the caller named, or NULL */
	/* in one attempt: */
	const char *target_uid;		/* the one that is left of what was named, or NULL */
	const char *parent_uid;		/* the same of the parent in the body; NULL for it */
	bool		redirected;		/* named by the external id of a merged-away one */
} CustomerItem;

extern void customer_item_decode(Call *call, CustomerItem *item, JsonReader *reader);
extern void customers_remove_belongings(Call *call, const TextList *uids, StringInfo report);
extern void report_count(StringInfo report, const char *name, int64 count);
extern void customers_write(Call *call, CustomerItem *items, int nitems);

#endif							/* FLOWCUSTOMER_CUSTOMER_WRITE_H */
