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
	char	   *personal;		/* columns with personal data, as a JSON list; NULL for none */
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

/* A statement on a table: $1 is the tenant, the others what follows. */
typedef struct ReferenceStatement
{
	Call	   *call;
	const Reference *reference;
	const char *from;			/* customers: $2, */
	const char *to;				/* $3; or NULL */
	char	   *sql;
	const char *row;			/* $4, as JSON, or NULL: a row's key or image */
	const char *target;			/* $5, the same: the row that it is added to */
	uint64		count;			/* of rows that the statement changed */
	TextList	results;		/* what it returned */
} ReferenceStatement;

extern bool reference_try(ReferenceStatement *statement);
extern Reference *references_load(Call *call, int *count);
extern bool reference_open(Reference *reference, bool to_write);

/* reference_rows.c: what they have of a customer. */
extern void references_append_rows(Call *call, const TextList *uids, StringInfo out);
extern void references_erase(Call *call, const TextList *uids, StringInfo report);

/* merge_references.c: what becomes of their rows. */
extern void references_merge(Call *call, const char *from, const char *to,
							 StringInfo journal, StringInfo report);
extern void references_undo(Call *call, const char *from, const char *to,
							JsonReader *journal, StringInfo report);

#endif							/* FLOWCUSTOMER_REFERENCE_H */
