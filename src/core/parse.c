/*-------------------------------------------------------------------------
 *
 * parse.c
 *	  Reads numbers and times without raising errors, which the type input
 *	  functions of PostgreSQL 15 cannot.
 *
 *-------------------------------------------------------------------------
 */
#include "core/parse.h"

#include "common/int.h"

/*
 * Parses a number of JSON that is whole, also one written as 1.0 or 1e3.
 * False for a fraction, and for one beyond 19 digits.
 */
bool
parse_integer(const JsonString *token, int64 *value)
{
	const char *p = token->data;
	const char *end = p + token->length;
	bool		negative = p < end && *p == '-';
	bool		fraction = false;
	int64		result = 0;
	int			zeros = 0;		/* read, but not yet part of the result */
	long		scale = 0;		/* power of ten that the result lacks */

	for (p += negative; p < end && *p != 'e' && *p != 'E'; p++)
	{
		if (*p == '.')
		{
			fraction = true;
			continue;
		}
		scale -= fraction;
		zeros++;
		if (*p == '0')
			continue;
		for (; zeros > 0; zeros--)
		{
			if (pg_mul_s64_overflow(result, 10, &result))
				return false;
		}
		if (pg_add_s64_overflow(result, *p - '0', &result))
			return false;
	}
	if (result == 0)
	{
		*value = 0;
		return true;
	}
	if (p < end)
	{
		bool		down = ++p < end && *p == '-';
		long		exponent = 0;

		if (p < end && (*p == '-' || *p == '+'))
			p++;
		for (; p < end && exponent <= 1000; p++)
			exponent = exponent * 10 + (*p - '0');
		if (exponent > 1000)
			return false;
		scale += down ? -exponent : exponent;
	}
	scale += zeros;
	if (scale < 0)
		return false;
	for (; scale > 0; scale--)
	{
		if (pg_mul_s64_overflow(result, 10, &result))
			return false;
	}
	*value = negative ? -result : result;
	return true;
}

static bool
read_digits(const char **p, const char *end, int count, int *value)
{
	*value = 0;
	while (count-- > 0)
	{
		if (*p >= end || **p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (*(*p)++ - '0');
	}
	return true;
}

static bool
read_char(const char **p, const char *end, const char *accepted)
{
	if (*p >= end || strchr(accepted, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

/* Parses a time of RFC 3339; kept in milliseconds, as answers show it. */
bool
parse_timestamp(const char *p, int length, TimestampTz *value)
{
	const char *end = p + length;
	struct pg_tm tm = {0};
	int			milliseconds = 0;
	int			hours = 0;
	int			minutes = 0;
	int			zone = 0;
	Timestamp	result;

	if (!read_digits(&p, end, 4, &tm.tm_year) || !read_char(&p, end, "-") ||
		!read_digits(&p, end, 2, &tm.tm_mon) || !read_char(&p, end, "-") ||
		!read_digits(&p, end, 2, &tm.tm_mday) || !read_char(&p, end, "Tt ") ||
		!read_digits(&p, end, 2, &tm.tm_hour) || !read_char(&p, end, ":") ||
		!read_digits(&p, end, 2, &tm.tm_min) || !read_char(&p, end, ":") ||
		!read_digits(&p, end, 2, &tm.tm_sec))
		return false;
	if (read_char(&p, end, "."))
	{
		int			scale = 100;
		const char *first = p;

		for (; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10)
			milliseconds += (*p - '0') * scale;
		if (p == first)
			return false;
	}
	if (!read_char(&p, end, "Zz"))
	{
		bool		west = p < end && *p == '-';

		if (!read_char(&p, end, "+-") || !read_digits(&p, end, 2, &hours) ||
			!read_char(&p, end, ":") || !read_digits(&p, end, 2, &minutes) ||
			hours > 23 || minutes > 59)
			return false;
		zone = (hours * 60 + minutes) * (west ? 60 : -60);
	}
	if (p != end || tm.tm_year < 1 || tm.tm_mon < 1 || tm.tm_mon > 12 ||
		tm.tm_mday < 1 || tm.tm_mday > day_tab[isleap(tm.tm_year)][tm.tm_mon - 1] ||
		tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	if (tm2timestamp(&tm, milliseconds * 1000, &zone, &result) != 0)
		return false;
	/* a zone can carry it out of the years that answers can show */
	if (result < (date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY ||
		result >= (date2j(10000, 1, 1) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY)
		return false;
	*value = result;
	return true;
}
