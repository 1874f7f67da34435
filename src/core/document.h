/*-------------------------------------------------------------------------
 *
 * document.h
 *	  Documents of other systems that are kept as they came: what has to be in
 *	  them, and what of it is personal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_DOCUMENT_H
#define FLOWCUSTOMER_DOCUMENT_H

#include "core/operation.h"

typedef enum DocumentObject
{
#define OBJECT(symbol) symbol,
#define MEMBER(...)
#include "fields/document.h"
#undef OBJECT
#undef MEMBER
	DOCUMENT_OBJECTS
} DocumentObject;

extern bool document_check(Call *call, DocumentObject object, const char *text, int length,
						   const JsonPath *path);
extern void document_append_erased(StringInfo out, DocumentObject object,
								   const char *text, int length);

#endif							/* FLOWCUSTOMER_DOCUMENT_H */
