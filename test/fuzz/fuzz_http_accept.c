/*-------------------------------------------------------------------------
 *
 * fuzz_http_accept.c
 *	  Accept and Accept-Language: what is chosen is what a plain reading of the
 *	  header's grammar chooses; a header outside the grammar gives no weight
 *	  beyond 0 to 1 and no language that it does not name.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/http_accept.h"

/* An entry of a header that keeps to the grammar: "name", or "name;q=0.8". */
typedef struct Entry
{
	char	   *name;
	int			weight;			/* in thousandths */
} Entry;

#define MAX_ENTRIES 64

/* 0, 1, or with up to three digits behind the point, not above 1; else -1. */
static int
read_weight(const char *text)
{
	static const int places[] = {100, 10, 1};
	int			weight;
	int			length = strlen(text);

	if (length < 1 || length > 5 || (text[0] != '0' && text[0] != '1') ||
		(length > 1 && text[1] != '.'))
		return -1;
	weight = (text[0] - '0') * 1000;
	for (int i = 2; i < length; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return -1;
		weight += (text[i] - '0') * places[i - 2];
	}
	return weight <= 1000 ? weight : -1;
}

static char *
without_spaces(char *text)
{
	char	   *end = text + strlen(text);

	text += strspn(text, " \t");
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return text;
}

/*
 * Reads a header by cutting it into pieces, which is simple and slow.  Gives the
 * number of entries, or -1 when one does not keep to the grammar.
 */
static int
read_entries(const char *header, Entry *entries)
{
	char	   *rest = pstrdup(header);
	char	   *item;
	int			n = 0;

	while ((item = strsep(&rest, ",")) != NULL)
	{
		Entry	   *entry = &entries[n++];
		char	   *parameter = strchr(item, ';');

		if (n > MAX_ENTRIES)
			return -1;
		entry->weight = 1000;
		if (parameter != NULL)
		{
			*parameter++ = '\0';
			parameter = without_spaces(parameter);
			if (pg_strncasecmp(parameter, "q=", 2) != 0 ||
				(entry->weight = read_weight(parameter + 2)) < 0)
				return -1;
		}
		entry->name = without_spaces(item);
	}
	return n;
}

/* Our languages, by how their tags begin. */
static bool
find_language(const char *tag, Language *language)
{
	static const char *const tags[] = {"en", "nb", "no", "nn", "sv", "da"};
	static const Language languages[] = {
		LANGUAGE_ENGLISH, LANGUAGE_NORWEGIAN, LANGUAGE_NORWEGIAN, LANGUAGE_NORWEGIAN,
		LANGUAGE_SWEDISH, LANGUAGE_DANISH
	};

	for (int i = 0; i < (int) lengthof(tags); i++)
	{
		if (pg_strncasecmp(tag, tags[i], 2) == 0 && strchr("-_", tag[2]) != NULL)
		{
			*language = languages[i];
			return true;
		}
	}
	return false;
}

static void
check_language(const char *header, const Entry *entries, int n)
{
	Language	language = LANGUAGE_COUNT;
	Language	expected = LANGUAGE_COUNT;
	bool		chosen = accept_language_choose(header, &language);
	int			best = 0;

	/* one of ours, or what the caller had is left as it was */
	PROPERTY(chosen == (language < LANGUAGE_COUNT));
	for (int i = 0; i < n; i++)
	{
		Language	candidate;

		if (entries[i].weight > best && find_language(entries[i].name, &candidate))
		{
			best = entries[i].weight;
			expected = candidate;
		}
	}
	PROPERTY(n < 0 || language == expected);
}

static void
check_type(const char *header, const Entry *entries, int n, const char *type, const char *kind)
{
	const char *const names[] = {"*/*", kind, type};
	double		weight = accept_weight(header, type);
	int			expected = 0;

	/* a sum of tenths and hundredths and so on is not exact */
	PROPERTY(weight >= 0 && weight <= 1 + 1e-9);
	if (n < 0)
		return;
	for (int precision = 0; precision < (int) lengthof(names); precision++)
	{
		int			best = -1;

		for (int i = 0; i < n; i++)
		{
			if (pg_strcasecmp(entries[i].name, names[precision]) == 0)
				best = Max(best, entries[i].weight);
		}
		if (best >= 0)
			expected = best;
	}
	PROPERTY(fabs(weight - expected / 1000.0) < 1e-9);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Piece		in;
	char	   *header;
	Entry		entries[MAX_ENTRIES + 1];
	int			n;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text((const char *) data, size))
		return 0;
	in = copy_piece((const char *) data, size);
	header = terminated(&in);
	n = read_entries(header, entries);
	check_language(header, entries, n);
	check_type(header, entries, n, "application/xml", "application/*");
	check_type(header, entries, n, "text/xml", "text/*");
	check_type(header, entries, n, "application/json", "application/*");
	forget_memory();
	return 0;
}
