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

/* order_balance.c */

/* Whose an order is, and what is still to be paid of it. */
typedef struct OrderDebt
{
	char	   *customer_uid;	/* NULL for nobody */
	int64		amount;
} OrderDebt;

extern StringMap *order_debts_find(Call *call, const Datum *uids, int count);
extern void debtors_add(TextList *debtors, const char *customer_uid, int64 open);
extern StringMap *debtors_lock(Call *call, TextList *debtors);
extern void debtors_check(const RowSet *orders, StringMap *locked);
extern void order_balances_write(Call *call, const RowSet *orders);
extern void add_open_invoices(Call *call, const Datum *uids, const int64 *amounts, int count);

#endif							/* FLOWCUSTOMER_ORDERS_H */
