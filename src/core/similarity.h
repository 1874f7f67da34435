/*-------------------------------------------------------------------------
 *
 * similarity.h
 *	  How alike words and sets of words are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_SIMILARITY_H
#define FLOWCUSTOMER_SIMILARITY_H

#include "core/search.h"

extern bool same_text(const Span *a, const Span *b);
extern int	text_order(const Span *a, const Span *b);
extern double word_similarity(const Span *a, const Span *b);
extern bool one_slip(const Span *a, const Span *b);
extern double best_similarity(const Span *word, const Span *text, double threshold);
extern double set_similarity(const Span *a, const Span *b);

#endif							/* FLOWCUSTOMER_SIMILARITY_H */
