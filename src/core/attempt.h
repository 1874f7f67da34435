/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Work that leaves nothing behind unless it succeeds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ATTEMPT_H
#define FLOWCUSTOMER_ATTEMPT_H

#include "core/compat.h"

/* How often to start over because a concurrent writer came first. */
#define MAX_ATTEMPTS 10

typedef enum Outcome
{
	OUTCOME_DONE,
	OUTCOME_ABANDONED,			/* the work said no; it is rolled back */
	OUTCOME_AGAIN,				/* a concurrent writer came first */
	OUTCOME_REFUSED,			/* a rule of the database was broken */
	OUTCOME_ERROR				/* anything else that can go wrong */
} Outcome;

extern Outcome attempt(bool (*work) (void *), void *argument, ErrorData **error);
/* Work on a list: does the items from the first to before the last. */
typedef struct ListWork
{
	bool		(*run) (struct ListWork *work);
	void		(*refused) (struct ListWork *work); /* the single one that is left */
	int			first;
	int			last;
} ListWork;

extern void attempt_pause(int attempts);
extern void attempt_list(ListWork *work);
pg_noreturn extern void raise_concurrent_change(void);
extern void log_refusal(const ErrorData *error);

#endif							/* FLOWCUSTOMER_ATTEMPT_H */
