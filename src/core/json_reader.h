/*-------------------------------------------------------------------------
 *
 * json_reader.h
 *	  Walks over JSON text whose syntax has been checked, in place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_JSON_READER_H
#define FLOWCUSTOMER_JSON_READER_H

#include "core/compat.h"

typedef struct JsonReader
{
	const char *p;				/* next byte */
	const char *end;
	bool		first;			/* no member of the current object or list
								 * was read yet */
} JsonReader;

/* A string as it stands in the text, between its quotes. */
typedef struct JsonString
{
	const char *data;
	int			length;
	bool		escaped;		/* contains a backslash */
} JsonString;

typedef enum JsonUnescape
{
	JSON_UNESCAPE_OK,
	JSON_UNESCAPE_ZERO,			/* \u0000 */
	JSON_UNESCAPE_INVALID		/* half of a surrogate pair */
} JsonUnescape;

/* Texts from clients may be nested this deeply; the contract's are not half of it. */
#define JSON_MAX_DEPTH 64

extern void json_reader_init(JsonReader *reader, const char *text, int length);
extern char json_peek(JsonReader *reader);
extern bool json_next_member(JsonReader *reader, JsonString *name);
extern bool json_next_element(JsonReader *reader);
extern void json_enter(JsonReader *reader, JsonReader *inner);
extern void json_leave(JsonReader *reader, const JsonReader *inner);
extern void json_skip(JsonReader *reader);
extern char *json_read_raw(JsonReader *reader);
extern char *json_read_text(JsonReader *reader);
extern JsonString json_read_string(JsonReader *reader);
extern JsonString json_read_token(JsonReader *reader);
extern JsonUnescape json_unescape(const JsonString *string, char *out, int *length);
extern bool json_string_is(const JsonString *string, const char *text);
extern int	json_depth(const char *text, int length);

#endif							/* FLOWCUSTOMER_JSON_READER_H */
