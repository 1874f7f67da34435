/*-------------------------------------------------------------------------
 *
 * statements.h
 *	  The texts of the statements: for plan.c only, which runs them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_STATEMENTS_H
#define FLOWCUSTOMER_STATEMENTS_H

#include "core/plan.h"

#define MAX_ARGUMENTS 12

typedef struct StatementText
{
	const char *sql;			/* NULL when "build" makes it */
	void		(*build) (const PlanKey *key, StringInfo sql);
	int			nargs;
	Oid			types[MAX_ARGUMENTS];	/* RECORDARRAYOID is the array of the
										 * resource's row type */
	bool		keyed;			/* rows are found by keys: never scan a table */
} StatementText;

/* By Statement. */
extern const StatementText statement_texts[];

#endif							/* FLOWCUSTOMER_STATEMENTS_H */
