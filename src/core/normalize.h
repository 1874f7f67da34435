/*-------------------------------------------------------------------------
 *
 * normalize.h
 *	  The forms that values have to have, and their normal spelling.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_NORMALIZE_H
#define FLOWCUSTOMER_NORMALIZE_H

#include "core/fields.h"

/* No normalised value is longer than what came in, plus this. */
#define NORMALIZE_GROWTH 4

#define UID_MAX_LENGTH 255

extern bool is_uid(const char *text, int length);
extern bool normalize(Form form, const char *text, int length,
					  const char *country_code, char *out, int *out_length);
extern Datum display_name(const NullableDatum *parts, bool *isnull);
extern char *uid_generate(void);

#endif							/* FLOWCUSTOMER_NORMALIZE_H */
