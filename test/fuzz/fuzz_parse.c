/*-------------------------------------------------------------------------
 *
 * fuzz_parse.c
 *	  Numbers and times of JSON: what is read is what a slower way of reading
 *	  finds, what is refused that way refuses too, and what is written again
 *	  reads the same.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/json_writer.h"
#include "core/parse.h"

#include <time.h>

#define DIGITS "0123456789"

/* ---------------------------------------------------------------------
 * Whole numbers
 * --------------------------------------------------------------------- */

/*
 * The value of a number by its digits: those before and behind the point, less
 * the zeros at both ends, and how many places they are to be moved.
 */
static bool
read_whole_number(const char *text, int64 *value)
{
	bool		negative = *text == '-';
	const char *exponent_at = strpbrk(text, "eE");
	long		places = 0;
	StringInfoData digits;
	uint64		result = 0;
	int			leading;

	initStringInfo(&digits);
	for (const char *p = text + negative; *p && p != exponent_at; p++)
	{
		if (*p != '.')
			appendStringInfoChar(&digits, *p);
	}
	if (strchr(text, '.') != NULL)
		places -= strspn(strchr(text, '.') + 1, DIGITS);
	while (digits.len > 0 && digits.data[digits.len - 1] == '0')
	{
		digits.data[--digits.len] = '\0';
		places++;
	}
	leading = strspn(digits.data, "0");
	*value = 0;
	if (digits.len == leading)
		return true;
	if (exponent_at != NULL)
	{
		long		exponent = strtol(exponent_at + 1, NULL, 10);

		/* nobody writes a number of ours like that */
		if (exponent < -1000 || exponent > 1000)
			return false;
		places += exponent;
	}
	if (places < 0 || digits.len - leading + places > 19)
		return false;
	for (const char *p = digits.data + leading; *p; p++)
		result = result * 10 + (*p - '0');
	for (; places > 0; places--)
		result *= 10;
	if (result > PG_INT64_MAX)
		return false;
	*value = negative ? -(int64) result : (int64) result;
	return true;
}

static void
check_integer(const Piece *in)
{
	JsonString	token = {in->data, in->length, false};
	int64		value = 0;
	int64		expected;
	bool		accepted = parse_integer(&token, &value);
	StringInfoData written;

	PROPERTY(accepted == read_whole_number(terminated(in), &expected));
	if (!accepted)
		return;
	PROPERTY(value == expected);
	initStringInfo(&written);
	json_append_integer(&written, value);
	token = (JsonString) {written.data, written.len, false};
	PROPERTY(parse_integer(&token, &expected) && value == expected);
}

/* ---------------------------------------------------------------------
 * Times
 * --------------------------------------------------------------------- */

/* Takes so many digits, and then a character, off a text; -1 when they are not there. */
static int
take_number(const char **p, size_t count, const char *next)
{
	int			value = 0;

	if (strspn(*p, DIGITS) < count)
		return -1;
	for (; count > 0; count--)
		value = value * 10 + (*(*p)++ - '0');
	if (*next == '\0')
		return value;
	if (**p == '\0' || strchr(next, **p) == NULL)
		return -1;
	(*p)++;
	return value;
}

/* A time of RFC 3339 in milliseconds since 1970, by the C library's calendar. */
static bool
read_time(const char *text, int64 *milliseconds)
{
	const char *p = text;
	struct tm	time = {0};
	struct tm	again;
	time_t		seconds;
	int			fraction = 0;
	int			zone = 0;

	if ((time.tm_year = take_number(&p, 4, "-")) < 1 ||
		(time.tm_mon = take_number(&p, 2, "-")) < 1 ||
		(time.tm_mday = take_number(&p, 2, "Tt ")) < 1 ||
		(time.tm_hour = take_number(&p, 2, ":")) < 0 || time.tm_hour > 23 ||
		(time.tm_min = take_number(&p, 2, ":")) < 0 || time.tm_min > 59 ||
		(time.tm_sec = take_number(&p, 2, "")) < 0 || time.tm_sec > 60)
		return false;
	if (*p == '.')
	{
		size_t		digits = strspn(++p, DIGITS);

		if (digits == 0)
			return false;
		for (size_t i = 0; i < 3; i++)
			fraction = fraction * 10 + (i < digits ? p[i] - '0' : 0);
		p += digits;
	}
	if (*p == 'Z' || *p == 'z')
		p++;
	else if (*p == '+' || *p == '-')
	{
		int			sign = *p++ == '-' ? -1 : 1;
		int			hours = take_number(&p, 2, ":");
		int			minutes = hours < 0 ? -1 : take_number(&p, 2, "");

		if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
			return false;
		zone = sign * (hours * 60 + minutes) * SECS_PER_MINUTE;
	}
	else
		return false;
	if (*p != '\0')
		return false;

	/* a day that the month has not comes back as one of the next month */
	time.tm_year -= 1900;
	time.tm_mon--;
	again = time;
	again.tm_hour = again.tm_min = again.tm_sec = 0;
	(void) timegm(&again);
	if (again.tm_mon != time.tm_mon || again.tm_mday != time.tm_mday)
		return false;
	seconds = timegm(&time) - zone;
	*milliseconds = seconds * INT64CONST(1000) + fraction;
	/* answers have four digits for the year */
	gmtime_r(&seconds, &again);
	return again.tm_year + 1900 >= 1 && again.tm_year + 1900 <= 9999;
}

static void
check_time(const Piece *in)
{
	TimestampTz value = 0;
	TimestampTz again;
	int64		expected;
	bool		accepted = parse_timestamp(in->data, in->length, &value);
	StringInfoData written;

	PROPERTY(accepted == read_time(terminated(in), &expected));
	if (!accepted)
		return;
	PROPERTY(value == (expected - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
					   (int64) SECS_PER_DAY * 1000) * 1000);
	initStringInfo(&written);
	json_append_timestamp(&written, value);
	PROPERTY(written.len == (int) strlen("\"2025-07-30T18:12:05.623Z\""));
	PROPERTY(parse_timestamp(written.data + 1, written.len - 2, &again) && again == value);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Piece		in;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text((const char *) data, size))
		return 0;
	in = copy_piece((const char *) data, size);
	/* numbers are read where JSON has one */
	if (size > 0 && (in.data[0] == '-' || (in.data[0] >= '0' && in.data[0] <= '9')) &&
		strpbrk(terminated(&in), " \t\r\n") == NULL &&
		json_error_offset(in.data, in.length) == -1)
		check_integer(&in);
	check_time(&in);
	forget_memory();
	return 0;
}
