/*-------------------------------------------------------------------------
 *
 * reference.h
 *	  Tables outside whose rows name customers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_REFERENCE_H
#define FLOWCUSTOMER_REFERENCE_H

#include "core/row.h"

typedef struct Reference
{
	char	   *schema;
	char	   *relation;
	char	   *customer_column;
	char	   *tenant_column;
	char	   *on_collision;
	bool		foreign_key;	/* to our customers, so a row can't name one that is gone */
	/* what reference_open() finds out */
	Oid			owner;
	char	   *name;			/* quoted, with its schema */
	char	   *key;			/* expression: a row's primary key as jsonb, without the
								 * column that names the customer */
	char	   *columns;		/* that can be inserted, with commas between */
	char	   *amounts;		/* that can be added: "a = t.a + s.a, ..."; NULL for none */
	char	   *negated;		/* the same for taking away */
} Reference;

extern Reference *references_load(Call *call, int *count);
extern bool reference_open(Reference *reference);

/* merge_references.c: what becomes of their rows. */
extern void references_merge(Call *call, const char *from, const char *to,
							 StringInfo journal, StringInfo report);
extern void references_undo(Call *call, const char *from, const char *to,
							JsonReader *journal, StringInfo report);

#endif							/* FLOWCUSTOMER_REFERENCE_H */
