/*-------------------------------------------------------------------------
 *
 * erase.h
 *	  Taking out of the database what is personal of a customer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ERASE_H
#define FLOWCUSTOMER_ERASE_H

#include "core/row.h"

/* Why a customer has to be kept, and until when. */
typedef struct Hold
{
	Reason		reason;
	const char *name;			/* in answers */
	const Row  *row;			/* of one that was set by hand, or NULL */
	bool		ends;			/* it is known when */
	TimestampTz until;
} Hold;

typedef struct Holds
{
	int			count;
	int			room;
	Hold	   *list;
	bool		ends;			/* it is known when the last one does */
	TimestampTz until;
} Holds;

/* retention.c */
extern Holds holds_find(Call *call, const char *customer_uid);
extern void holds_append(StringInfo out, const Holds *holds);
extern void holds_add_problems(Call *call, const Holds *holds);

/* erase.c */
extern bool customer_can_change(Call *call, const char *customer_uid);
extern bool customer_check_type(Call *call, const char *customer_uid);
extern bool customer_can_write(Call *call, const char *customer_uid);
extern StringMap *customers_erased(Call *call, const Datum *uids, int count);
extern void customer_erase(Call *call, Row *customer, StringInfo report);

#endif							/* FLOWCUSTOMER_ERASE_H */
