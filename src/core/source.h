/*-------------------------------------------------------------------------
 *
 * source.h
 *	  Outside directories that are searched where they are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_SOURCE_H
#define FLOWCUSTOMER_SOURCE_H

#include "core/hits.h"
#include "core/row.h"
#include "core/search.h"

/* Where a field's value comes from. */
typedef struct SourceField
{
	int			field;			/* of an external customer */
	char	   *column;			/* NULL when all rows have the same value */
	char	   *value;
} SourceField;

/* A relation of the database, and what its columns mean. */
typedef struct Source
{
	char	   *name;
	char	   *schema;
	char	   *relation;
	char	   *registrar;		/* the role with whose rights it is read */
	TimestampTz created_at;
	int			nfields;
	SourceField fields[EXTERNAL_CUSTOMER_FIELDS];
} Source;

extern bool source_read_mapping(Call *call, Source *source, const char *mapping, int length);
extern bool source_allows(const Field *field, const char *value);
extern Source *sources_load(Call *call, int *count);
extern bool source_is_readable(const Source *source, Oid relation);
extern bool source_check(Call *call, const Source *source, Oid relation, Oid *reader);
extern bool source_search(Call *call, const Source *source, const SearchQuery *query,
						  HitList *hits, const int *hit_fields, int nhit_fields);
extern bool source_probe(Call *call, const Source *source);

#endif							/* FLOWCUSTOMER_SOURCE_H */
