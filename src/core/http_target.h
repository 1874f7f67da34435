/*-------------------------------------------------------------------------
 *
 * http_target.h
 *	  The target of an HTTP request, taken apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_HTTP_TARGET_H
#define FLOWCUSTOMER_HTTP_TARGET_H

#include "core/compat.h"

/* More segments or parameters than any route has. */
#define MAX_SEGMENTS 16
#define MAX_PARAMETERS 32

typedef struct HttpParameter
{
	char	   *name;
	char	   *value;
} HttpParameter;

typedef struct HttpTarget
{
	int			nsegments;
	char	   *segments[MAX_SEGMENTS];
	int			nparameters;
	HttpParameter parameters[MAX_PARAMETERS];
} HttpTarget;

extern bool http_target_parse(const char *text, HttpTarget *target);

#endif							/* FLOWCUSTOMER_HTTP_TARGET_H */
