/*-------------------------------------------------------------------------
 *
 * http_target.c
 *	  Parses paths and query strings.  Knows nothing of routes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/http_target.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Decodes %XX, and + where it stands for a space.  Gives a palloc'd string,
 * or NULL when the text is wrong or what it stands for is no text.
 */
static char *
percent_decode(const char *text, int length, bool plus_is_space)
{
	char	   *result = palloc(length + 1);
	int			n = 0;

	for (int i = 0; i < length; i++)
	{
		char		c = text[i];

		if (c == '%')
		{
			int			high;
			int			low;

			if (i + 2 >= length)
				return NULL;
			high = hex_value(text[i + 1]);
			low = hex_value(text[i + 2]);
			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return NULL;
			c = (char) (high * 16 + low);
			i += 2;
		}
		else if (c == '+' && plus_is_space)
			c = ' ';
		result[n++] = c;
	}
	result[n] = '\0';
	return pg_verifymbstr(result, n, true) ? result : NULL;
}

/*
 * Takes a target such as /v2/tenants/t1/customers?pageNumber=2 apart.  False
 * when it is not well-formed or longer than any of ours.
 */
bool
http_target_parse(const char *text, HttpTarget *target)
{
	const char *end = text + strcspn(text, "#");
	const char *query = memchr(text, '?', end - text);
	const char *path_end = query ? query : end;
	const char *p = text;

	memset(target, 0, sizeof(HttpTarget));
	if (*p != '/')
		return false;
	while (p < path_end)
	{
		const char *first = ++p;	/* behind the slash */

		while (p < path_end && *p != '/')
			p++;
		if (target->nsegments == MAX_SEGMENTS)
			return false;
		target->segments[target->nsegments] = percent_decode(first, p - first, false);
		if (target->segments[target->nsegments++] == NULL)
			return false;
	}
	for (p = query ? query + 1 : end; p < end; p++)
	{
		const char *first = p;
		const char *equals;
		HttpParameter *parameter = &target->parameters[target->nparameters];

		while (p < end && *p != '&')
			p++;
		if (p == first)
			continue;
		if (target->nparameters == MAX_PARAMETERS)
			return false;
		equals = memchr(first, '=', p - first);
		parameter->name = percent_decode(first, (equals ? equals : p) - first, true);
		parameter->value = equals ? percent_decode(equals + 1, p - equals - 1, true) : pstrdup("");
		if (parameter->name == NULL || parameter->value == NULL)
			return false;
		target->nparameters++;
	}
	return true;
}
