/*-------------------------------------------------------------------------
 *
 * parse.h
 *	  Numbers and times, as JSON writes them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_PARSE_H
#define FLOWCUSTOMER_PARSE_H

#include "core/json_reader.h"

/* Whole numbers beyond these are not safe in everybody's JSON. */
#define AMOUNT_MAX INT64CONST(9007199254740991)

extern bool parse_integer(const JsonString *token, int64 *value);
extern bool parse_timestamp(const char *p, int length, TimestampTz *value);

#endif							/* FLOWCUSTOMER_PARSE_H */
