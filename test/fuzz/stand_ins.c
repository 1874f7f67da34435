/*-------------------------------------------------------------------------
 *
 * stand_ins.c
 *	  What stands in for the server where the extension's files are linked into
 *	  a fuzz target.
 *
 * Most of what they need of the server is in the libraries that it shares with
 * its client programs, libpgcommon and libpgport.  Here is the rest: memory,
 * which is taken from malloc() piece by piece so that the sanitizers see each
 * byte beyond one; errors, none of which the functions under test may raise;
 * and a few functions of the server, which do for UTF-8 what the server's do.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include <time.h>

#include "core/fields.h"

/* ---------------------------------------------------------------------
 * Memory
 * --------------------------------------------------------------------- */

/* Contexts are told apart by their address and never looked into. */
static MemoryContextData contexts[2];

MemoryContext CurrentMemoryContext = &contexts[0];
MemoryContext TopMemoryContext = &contexts[1];

/* What was allocated while an input was looked at. */
static void **pieces = NULL;
static int	npieces = 0;
static int	room = 0;

void *
palloc(Size size)
{
	void	   *piece;

	if (!AllocSizeIsValid(size) || (piece = malloc(size)) == NULL)
		abort();
	/* what is made for the life of a backend is not forgotten */
	if (CurrentMemoryContext == TopMemoryContext)
		return piece;
	if (npieces == room)
		pieces = realloc(pieces, (room = Max(64, room * 2)) * sizeof(void *));
	return pieces[npieces++] = piece;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *pointer)
{
	/* unicode_normalize() of libpgcommon takes its memory from malloc() itself */
	for (int i = npieces - 1; i >= 0; i--)
	{
		if (pieces[i] == pointer)
		{
			pieces[i] = pieces[--npieces];
			break;
		}
	}
	free(pointer);
}

void *
repalloc(void *pointer, Size size)
{
	for (int i = npieces - 1; i >= 0; i--)
	{
		if (pieces[i] == pointer)
			return pieces[i] = realloc(pointer, size);
	}
	return realloc(pointer, size);
}

char *
pnstrdup(const char *text, Size length)
{
	char	   *result;

	length = strnlen(text, length);
	result = memcpy(palloc(length + 1), text, length);
	result[length] = '\0';
	return result;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

/* Frees what an input took. */
void
forget_memory(void)
{
	while (npieces > 0)
		free(pieces[--npieces]);
}

/* ---------------------------------------------------------------------
 * Inputs and properties
 * --------------------------------------------------------------------- */

void
property_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

/*
 * Can a caller send these bytes?  The server has verified every text that
 * reaches a function: it is UTF-8, and there is no zero byte in it.
 */
bool
is_text(const char *data, size_t length)
{
	return pg_encoding_verifymbstr(PG_UTF8, data, (int) length) == (int) length &&
		memchr(data, 0, length) == NULL;
}

Piece
copy_piece(const char *data, size_t length)
{
	/* of no bytes there is a piece too */
	return (Piece) {memcpy(palloc(length), data, length), (int) length};
}

/* Takes the next line off an input, without its end; an empty one when none is left. */
Piece
take_line(const char **data, size_t *size)
{
	const char *end = memchr(*data, '\n', *size);
	size_t		length = end ? (size_t) (end - *data) : *size;
	Piece		line = copy_piece(*data, length);

	*data += length + (end != NULL);
	*size -= length + (end != NULL);
	return line;
}

char *
terminated(const Piece *piece)
{
	return pnstrdup(piece->data, piece->length);
}

/* A piece as a value of type text. */
Datum
text_datum(const Piece *piece)
{
	text	   *value = palloc(VARHDRSZ + piece->length);

	SET_VARSIZE(value, VARHDRSZ + piece->length);
	memcpy(VARDATA(value), piece->data, piece->length);
	return PointerGetDatum(value);
}

bool
same_bytes(const char *a, int a_length, const char *b, int b_length)
{
	return a_length == b_length && memcmp(a, b, a_length) == 0;
}

/* ---------------------------------------------------------------------
 * Encoding
 * --------------------------------------------------------------------- */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

bool
pg_verifymbstr(const char *text, int length, bool no_error)
{
	return pg_encoding_verifymbstr(PG_UTF8, text, length) == length;
}

int
pg_mblen(const char *text)
{
	return pg_utf_mblen((const unsigned char *) text);
}

int
pg_mbstrlen_with_len(const char *text, int limit)
{
	int			count = 0;

	for (; limit > 0 && *text; count++)
	{
		int			length = pg_mblen(text);

		limit -= length;
		text += length;
	}
	return count;
}

int
pg_mbcliplen(const char *text, int length, int limit)
{
	int			clipped = 0;

	while (clipped < length && text[clipped] &&
		   clipped + pg_mblen(text + clipped) <= limit)
		clipped += pg_mblen(text + clipped);
	return clipped;
}

int
pg_mbcharcliplen(const char *text, int length, int limit)
{
	int			clipped = 0;

	for (; clipped < length && text[clipped] && limit > 0; limit--)
		clipped += pg_mblen(text + clipped);
	return clipped;
}

int
pg_mb2wchar_with_len(const char *from, pg_wchar *to, int length)
{
	int			count = 0;

	for (const char *end = from + length; from < end && *from; from += pg_mblen(from))
		to[count++] = utf8_to_unicode((const unsigned char *) from);
	to[count] = 0;
	return count;
}

/* ---------------------------------------------------------------------
 * Times and numbers
 * --------------------------------------------------------------------- */

const int	day_tab[2][13] = {
	{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0},
	{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0}
};

/* The C library's calendar, too, is the Gregorian one at all times. */
static int64
seconds_since_1970(const struct pg_tm *time)
{
	struct tm	broken = {
		.tm_year = time->tm_year - 1900, .tm_mon = time->tm_mon - 1, .tm_mday = time->tm_mday,
		.tm_hour = time->tm_hour, .tm_min = time->tm_min, .tm_sec = time->tm_sec
	};

	return timegm(&broken);
}

int
date2j(int year, int month, int day)
{
	struct pg_tm time = {.tm_year = year, .tm_mon = month, .tm_mday = day};

	return (int) (seconds_since_1970(&time) / SECS_PER_DAY) + UNIX_EPOCH_JDATE;
}

#define EPOCH_DIFFERENCE ((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (int64) SECS_PER_DAY)

int
tm2timestamp(struct pg_tm *time, fsec_t microseconds, int *zone, Timestamp *result)
{
	*result = (seconds_since_1970(time) - EPOCH_DIFFERENCE + *zone) * USECS_PER_SEC + microseconds;
	return 0;
}

int
timestamp2tm(Timestamp value, int *zone, struct pg_tm *time, fsec_t *microseconds,
			 const char **zone_name, pg_tz *other_zone)
{
	time_t		seconds;
	struct tm	broken;

	*microseconds = (fsec_t) (((value % USECS_PER_SEC) + USECS_PER_SEC) % USECS_PER_SEC);
	seconds = (value - *microseconds) / USECS_PER_SEC + EPOCH_DIFFERENCE;
	gmtime_r(&seconds, &broken);
	*time = (struct pg_tm) {
		.tm_year = broken.tm_year + 1900, .tm_mon = broken.tm_mon + 1, .tm_mday = broken.tm_mday,
		.tm_hour = broken.tm_hour, .tm_min = broken.tm_min, .tm_sec = broken.tm_sec
	};
	return 0;
}

int
pg_lltoa(int64 value, char *out)
{
	return sprintf(out, INT64_FORMAT, value);
}

/* ---------------------------------------------------------------------
 * Values
 * --------------------------------------------------------------------- */

struct varlena *
pg_detoast_datum_packed(struct varlena *value)
{
	return value;
}

text *
cstring_to_text_with_len(const char *string, int length)
{
	Piece		piece = {unconstify(char *, string), length};

	return DatumGetTextPP(text_datum(&piece));
}

/* ---------------------------------------------------------------------
 * What is not called
 *
 * The files under test have functions for SQL and for errors too.  To get here
 * is a finding: what parses values gives an answer for each, never an error.
 * --------------------------------------------------------------------- */

const Resource resources[RESOURCE_COUNT];
volatile sig_atomic_t InterruptPending = false;

static void
not_expected(const char *function)
{
	fprintf(stderr, "%s() was called\n", function);
	abort();
}

#define NOT_EXPECTED(type, name, arguments, result) \
type \
name arguments \
{ \
	not_expected(#name); \
	return result; \
}

NOT_EXPECTED(bool, errstart, (int level, const char *domain), true)
NOT_EXPECTED(bool, errstart_cold, (int level, const char *domain), true)
NOT_EXPECTED(void, errfinish, (const char *file, int line, const char *function),)
NOT_EXPECTED(int, errcode, (int state), 0)
NOT_EXPECTED(int, errmsg, (const char *format,...), 0)
NOT_EXPECTED(int, errmsg_internal, (const char *format,...), 0)
NOT_EXPECTED(int, errdetail_internal, (const char *format,...), 0)
NOT_EXPECTED(int, errhint, (const char *format,...), 0)
NOT_EXPECTED(int, errhidestmt, (bool hide), 0)
NOT_EXPECTED(int, errhidecontext, (bool hide), 0)
NOT_EXPECTED(void, ProcessInterrupts, (void),)
NOT_EXPECTED(bool, pg_strong_random, (void *buffer, size_t length), false)
NOT_EXPECTED(void *, MemoryContextAlloc, (MemoryContext context, Size size), NULL)
NOT_EXPECTED(char *, MemoryContextStrdup, (MemoryContext context, const char *text), NULL)
NOT_EXPECTED(TimestampTz, GetCurrentTimestamp, (void), 0)
NOT_EXPECTED(text *, cstring_to_text, (const char *text), NULL)
NOT_EXPECTED(Datum, DirectFunctionCall2Coll, (PGFunction function, Oid collation, Datum a, Datum b), 0)
NOT_EXPECTED(Datum, textlike, (PG_FUNCTION_ARGS), 0)
NOT_EXPECTED(Datum, textregexeq, (PG_FUNCTION_ARGS), 0)
NOT_EXPECTED(void, InitMaterializedSRF, (FunctionCallInfo fcinfo, bits32 flags),)

/* whose arguments are not the same in all versions */
extern void put_values(void) __asm__("tuplestore_putvalues");
NOT_EXPECTED(void, put_values, (void),)
