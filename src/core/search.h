/*-------------------------------------------------------------------------
 *
 * search.h
 *	  What is searched, and how well something fits a query.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_SEARCH_H
#define FLOWCUSTOMER_SEARCH_H

#include "core/compat.h"

/* The fields of a search document, in their order in it. */
typedef enum SearchField
{
	SEARCH_FIRSTNAME,
	SEARCH_LASTNAME,
	SEARCH_COMPANY_NAME,
	SEARCH_EMAIL,
	SEARCH_MOBILE,
	SEARCH_VAT_NUMBER,
	SEARCH_POSTAL_CODE,
	SEARCH_CITY
} SearchField;

#define SEARCH_FIELDS (SEARCH_CITY + 1)
#define SEARCH_ALL_FIELDS ((1 << SEARCH_FIELDS) - 1)

/* How a condition's words have to match. */
#define MODE_WORDS '-'			/* each somewhere */
#define MODE_EXACT '='			/* together a whole field */
#define MODE_SIMILAR '~'		/* each somewhere, or a similar one */

/* Words beyond these are checked, but the index is not asked for them. */
#define SEARCH_MAX_PATTERNS 6

/*
 * An error is looked for in that many words of a query: a statement for more of
 * them takes megabytes and milliseconds to plan.
 */
#define MAX_MISTYPED_WORDS 3

/* The most ways to look for a word that was mistyped. */
#define SEARCH_MAX_VARIANTS 32

/* What a mistyped word may have been; the index is asked for any of it. */
typedef struct SearchVariants
{
	char	   *expression;		/* regular, or NULL */
	int			npatterns;
	char	   *patterns[SEARCH_MAX_VARIANTS];	/* for LIKE */
} SearchVariants;

/*
 * A query: one or more conditions, each of words that have to be in certain
 * fields.  It travels as a text, a line for each condition.
 */
typedef struct SearchQuery
{
	StringInfoData text;		/* for search_score() */
	bool		loosened;		/* similar words do */
	bool		hopeless;		/* asked for something that no document holds */
	int			npatterns;
	char	   *patterns[SEARCH_MAX_PATTERNS];	/* for LIKE */
	char	   *words[SEARCH_MAX_PATTERNS]; /* the same, as they are */
	char	   *numbers[SEARCH_MAX_PATTERNS];	/* what they may be a group of, or NULL */
	SearchVariants mistyped[SEARCH_MAX_PATTERNS];	/* see search_query_loosen */
} SearchQuery;

extern const char *const search_field_names[SEARCH_FIELDS];

/* A word that has to be in one of certain fields: what other databases are asked for. */
typedef struct SearchTerm
{
	uint32		fields;
	char	   *expression;		/* regular, finds at least all that fits */
} SearchTerm;

/* A piece of a text, not terminated; no data for nothing. */
typedef struct Span
{
	const char *data;
	int			length;
} Span;

extern Span national_number(Span number, bool international);
extern void search_document_append(StringInfo out, const Span *values);
extern int	search_query_terms(const SearchQuery *query, SearchTerm *terms, int room);
extern void search_query_init(SearchQuery *query);
extern void search_query_add(SearchQuery *query, uint32 fields, bool exact,
							 const char *text, int length);
extern void search_query_loosen(SearchQuery *query);
extern bool search_query_admits(const SearchQuery *query, const char *document, int length);

/* How one word of a query matches a document: for search_explain. */
typedef struct SearchMatch
{
	const char *word;			/* not terminated */
	int			word_length;
	SearchField field;			/* where it matches best */
	double		quality;		/* of the match, before the field's weight */
	double		weight;			/* what it counts */
} SearchMatch;

typedef void (*SearchMatchHandler) (const SearchMatch *match, void *argument);

extern double search_score(const char *document, int document_length,
						   const SearchQuery *query,
						   SearchMatchHandler handler, void *argument);
extern const char *search_quality_name(double quality);

static inline bool
search_query_is_empty(const SearchQuery *query)
{
	return query->text.len == 0;
}

#endif							/* FLOWCUSTOMER_SEARCH_H */
