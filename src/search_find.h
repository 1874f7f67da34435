/*-------------------------------------------------------------------------
 *
 * search_find.h
 *	  Finding customers, contacts and entries of outside directories.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_SEARCH_FIND_H
#define FLOWCUSTOMER_SEARCH_FIND_H

#include "core/hits.h"
#include "core/page.h"
#include "core/search.h"

/* What tells search statements apart: the plan key's detail. */
#define SEARCH_PATTERNS_MASK	0x07	/* how many patterns there are */
#define SEARCH_OF_CUSTOMERS		0x08	/* by what customers themselves have */
#define SEARCH_BY_CONTACTS		0x10	/* customers by what their contacts have */
#define SEARCH_OF_CONTACTS		0x20	/* contacts */
#define SEARCH_OF_EXTERNAL		0x40	/* entries of outside directories */
#define SEARCH_SIMILAR			0x80	/* similar words do */
#define SEARCH_MISTYPED			0x100	/* words with one error do */
#define SEARCH_FILTERED			0x200	/* only customers with certain properties */
#define SEARCH_BY_ID			0x400	/* customers who are known by the word itself */

#define FIRST_PATTERN 7			/* number of the first one's parameter */

/* The filters of a search, as the statement takes them. */
typedef struct Search
{
	Call	   *call;
	SearchQuery query;
	bool		exact;			/* only whole fields count */
	char	   *identifier;		/* what may be all that somebody is known by, or NULL */
	StringMap  *identified;		/* uids of those that are */
	int			scope;			/* the SEARCH bits of the detail */
	int			sort;			/* a field, or -1 for relevance */
	Datum		arguments[FIRST_PATTERN + SEARCH_MAX_PATTERNS - 1];
	bool		nulls[FIRST_PATTERN + SEARCH_MAX_PATTERNS - 1];
} Search;

extern ResourceId searched_resource(int scope);
extern int	hit_fields(const Resource *resource, int sort, int *fields);
extern Hits search_find(Search *search);
extern Datum *hit_keys(const Hits *hits);

#endif							/* FLOWCUSTOMER_SEARCH_FIND_H */
