/*-------------------------------------------------------------------------
 *
 * hits.h
 *	  What a search finds: the best of it, and how much there is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_HITS_H
#define FLOWCUSTOMER_HITS_H

#include "core/fields.h"

/* Rows that are being found; see hits_begin(). */
typedef struct HitList HitList;

/* A page of them. */
typedef struct Hits
{
	int64		total;			/* on all pages */
	int			count;			/* on this one */
	int			nfields;
	Datum	   *values;			/* count times nfields, in the fields' order */
	bool	   *nulls;
	double	   *scores;
} Hits;

extern HitList *hits_begin(const Resource *resource, const int *fields, int nfields,
						   int sort, bool descending, int64 offset, int64 limit);
extern void hits_put(HitList *list, const Datum *values, const bool *nulls, double score);
extern Hits hits_end(HitList *list);

#endif							/* FLOWCUSTOMER_HITS_H */
