/*-------------------------------------------------------------------------
 *
 * fold.h
 *	  Texts as search sees them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_FOLD_H
#define FLOWCUSTOMER_FOLD_H

#include "core/compat.h"

extern void fold_words(StringInfo out, const char *text, int length);
extern void fold_joined(StringInfo out, const char *text, int length);
extern void fold_expression(StringInfo out, const char *word, int length);

#endif							/* FLOWCUSTOMER_FOLD_H */
