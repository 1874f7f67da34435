/*-------------------------------------------------------------------------
 *
 * json_writer.h
 *	  Pieces of JSON text, appended to a StringInfo.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_JSON_WRITER_H
#define FLOWCUSTOMER_JSON_WRITER_H

#include "core/compat.h"

extern void json_append_string(StringInfo out, const char *text, int length);
extern void json_append_member(StringInfo out, const char *name, const char *value);
extern void json_append_integer(StringInfo out, int64 value);
extern void json_append_timestamp(StringInfo out, TimestampTz value);
extern void json_answer_begin(StringInfo out, int expected_size);
extern Datum json_answer_end(StringInfo out);

#endif							/* FLOWCUSTOMER_JSON_WRITER_H */
