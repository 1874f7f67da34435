/*-------------------------------------------------------------------------
 *
 * http_accept.c
 *	  Reads the headers by which a client tells what it prefers: Accept and
 *	  Accept-Language.
 *
 *-------------------------------------------------------------------------
 */
#include "core/http_accept.h"

/* A weight of 0 to 1 with up to three digits; anything else counts as nothing. */
static double
read_weight(const char *text)
{
	int			length = strcspn(text, " \t,;");
	int			thousandths = 0;

	if (length < 1 || length > 5 || (text[0] != '0' && text[0] != '1') ||
		(length > 1 && text[1] != '.'))
		return 0;
	for (int i = 0; i < 5; i++)
	{
		if (i == 1)
			continue;
		if (i < length && (text[i] < '0' || text[i] > '9'))
			return 0;
		thousandths = thousandths * 10 + (i < length ? text[i] - '0' : 0);
	}
	return thousandths <= 1000 ? thousandths / 1000.0 : 0;
}

/*
 * The next entry of a header that lists what a client prefers, such as "nb;q=0.8":
 * its name and its weight.  Moves *p on; false at the end.
 */
static bool
next_preference(const char **p, const char **name, int *name_length, double *weight)
{
	int			length;

	if (**p == '\0')
		return false;
	length = strcspn(*p, ",;");
	*name = *p + strspn(*p, " \t");
	*name_length = Max(0, length - (int) (*name - *p));
	while (*name_length > 0 && ((*name)[*name_length - 1] == ' ' || (*name)[*name_length - 1] == '\t'))
		(*name_length)--;
	*weight = 1;
	*p += length;
	if (**p == ';')
	{
		const char *end = *p + strcspn(*p, ",");
		const char *q = *p + strspn(*p + 1, " \t");

		/* of the parameters we know q */
		while (q < end && !((q[1] == 'q' || q[1] == 'Q') && q[2] == '='))
		{
			q += 1 + strcspn(q + 1, ";,");
			if (*q == ';')
				q += strspn(q + 1, " \t");
		}
		if (q < end)
			*weight = read_weight(q + 3);
		*p = end;
	}
	if (**p == ',')
		(*p)++;
	return true;
}

/*
 * How much an Accept header wants a media type: what names it counts, else what names
 * all of its kind, else what names all.
 */
double
accept_weight(const char *header, const char *type)
{
	int			kind = strcspn(type, "/") + 1;
	int			best = 0;
	double		wanted = 0;
	const char *name;
	int			length;
	double		weight;

	while (next_preference(&header, &name, &length, &weight))
	{
		int			precision = 0;

		if (length == (int) strlen(type) && pg_strncasecmp(name, type, length) == 0)
			precision = 3;
		else if (length == kind + 1 && pg_strncasecmp(name, type, kind) == 0 && name[kind] == '*')
			precision = 2;
		else if (length == 3 && strncmp(name, "*/*", 3) == 0)
			precision = 1;
		if (precision > best || (precision > 0 && precision == best && weight > wanted))
		{
			best = precision;
			wanted = weight;
		}
	}
	return wanted;
}

/*
 * The language that an Accept-Language header prefers among ours: the highest
 * weight, the first of equals.
 */
bool
accept_language_choose(const char *header, Language *language)
{
	double		best = 0;
	bool		chosen = false;
	const char *tag;
	int			tag_length;
	double		weight;

	while (next_preference(&header, &tag, &tag_length, &weight))
	{
		bool		known;
		Language	candidate;

		candidate = language_from_tag(tag, tag_length, &known);
		if (known && weight > best)
		{
			best = weight;
			*language = candidate;
			chosen = true;
		}
	}
	return chosen;
}
