/*-------------------------------------------------------------------------
 *
 * orders.h
 *	  Orders, as far as others are concerned by them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ORDERS_H
#define FLOWCUSTOMER_ORDERS_H

#include "core/document.h"
#include "core/row.h"

/* The kinds of orders, and where their fields are. */
typedef struct OrderKind
{
	ResourceId	resource;
	DocumentObject object;		/* what a document has to be */
	const char *list;			/* what a list of them is called */
	const char *uid_name;		/* in JSON */
	int			uid;			/* fields */
	int			customer_uid;
	int			document;
	int			created_at;
	int			last_modified_at;
} OrderKind;

#define ORDER_KINDS 2

extern const OrderKind order_kinds[ORDER_KINDS];

extern void add_open_invoices(Call *call, const Datum *uids, const int64 *amounts, int count);

#endif							/* FLOWCUSTOMER_ORDERS_H */
