/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  The only file that looks at PG_VERSION_NUM: what differs between the
 *	  PostgreSQL versions that we build against (15 to 18).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_COMPAT_H
#define FLOWCUSTOMER_COMPAT_H

/* Only what the server calls is visible outside; 15 lacks the definition. */
#ifndef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

/* The server's headers are not held to our warning level. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wignored-attributes"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif
#pragma GCC diagnostic pop

/* Declares a function that SQL calls; before 16 the server leaves it hidden. */
#define SQL_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name)

/* Before a function's declaration: it does not return. */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* A small number that no other running backend has at the same time. */
#if PG_VERSION_NUM >= 170000
#define BACKEND_NUMBER MyProcNumber
#else
#define BACKEND_NUMBER MyBackendId
#endif

/* What pg_b64_encode() takes. */
#if PG_VERSION_NUM >= 180000
#define BASE64_INPUT(data) ((const uint8 *) (data))
#else
#define BASE64_INPUT(data) (data)
#endif

/* May a role use what is in a schema? */
static inline bool
has_schema_usage(Oid schema, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK;
#else
	return pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK;
#endif
}

/*
 * Checks that a text is JSON, without keeping anything of it.  Gives the
 * number of bytes that were right when it is not, else -1.
 */
static inline int
json_error_offset(const char *text, int length)
{
	int			offset = -1;

#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex = makeJsonLexContextCstringLen(NULL, unconstify(char *, text),
													   length, GetDatabaseEncoding(), false);
#else
	JsonLexContext *lex = makeJsonLexContextCstringLen(unconstify(char *, text),
													   length, GetDatabaseEncoding(), false);
#endif

	if (pg_parse_json(lex, &nullSemAction) != JSON_SUCCESS)
		offset = lex->token_start ? (int) (lex->token_start - lex->input) : 0;
#if PG_VERSION_NUM >= 160000
	freeJsonLexContext(lex);
#else
	pfree(lex);
#endif
	return offset;
}

#endif							/* FLOWCUSTOMER_COMPAT_H */
