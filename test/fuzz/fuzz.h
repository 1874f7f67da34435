/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  What the fuzz targets have in common.
 *
 * A target is a program of libFuzzer: it is called again and again with bytes
 * that nobody thought of, and looks whether what the function under test
 * promises holds for them.  scripts/fuzz builds and runs them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_FUZZ_H
#define FLOWCUSTOMER_FUZZ_H

#include "core/compat.h"

/* What has to hold; libFuzzer keeps the input for which it does not. */
#define PROPERTY(condition) \
	do { \
		if (!(condition)) \
			property_failed(#condition, __FILE__, __LINE__); \
	} while (0)

/* A piece of an input, in memory of its own that ends where it does. */
typedef struct Piece
{
	char	   *data;
	int			length;
} Piece;

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

pg_noreturn extern void property_failed(const char *condition, const char *file, int line);
extern bool is_text(const char *data, size_t length);
extern Piece copy_piece(const char *data, size_t length);
extern Piece take_line(const char **data, size_t *size);
extern char *terminated(const Piece *piece);
extern Datum text_datum(const Piece *piece);
extern bool same_bytes(const char *a, int a_length, const char *b, int b_length);
extern void forget_memory(void);

#endif							/* FLOWCUSTOMER_FUZZ_H */
