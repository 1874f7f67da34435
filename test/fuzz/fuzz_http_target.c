/*-------------------------------------------------------------------------
 *
 * fuzz_http_target.c
 *	  The target of a request: one that is taken apart has as many segments as
 *	  slashes, all its parts are texts, and put together again from them it is
 *	  taken apart in the same way.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/http_target.h"

/* Writes a text with %XX for everything that could mean something else. */
static void
append_encoded(StringInfo out, const char *text)
{
	for (const char *p = text; *p; p++)
	{
		if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9'))
			appendStringInfoChar(out, *p);
		else
			appendStringInfo(out, "%%%02X", (unsigned char) *p);
	}
}

static void
check_parts(const HttpTarget *target)
{
	PROPERTY(target->nsegments >= 1 && target->nsegments <= MAX_SEGMENTS);
	PROPERTY(target->nparameters >= 0 && target->nparameters <= MAX_PARAMETERS);
	for (int i = 0; i < target->nsegments; i++)
		PROPERTY(is_text(target->segments[i], strlen(target->segments[i])));
	for (int i = 0; i < target->nparameters; i++)
	{
		const HttpParameter *parameter = &target->parameters[i];

		PROPERTY(is_text(parameter->name, strlen(parameter->name)));
		PROPERTY(is_text(parameter->value, strlen(parameter->value)));
	}
}

/*
 * How many bytes a part stands for: each %XX is one.  So a zero byte that got
 * into it, which would cut it short, is found.
 */
static int
decoded_length(const char *text)
{
	int			length = strlen(text);

	for (const char *p = text; *p; p++)
		length -= *p == '%' ? 2 : 0;
	return length;
}

static void
check_lengths(const char *text, const HttpTarget *target)
{
	int			path_length = strcspn(text, "?#");
	int			length = 0;
	int			slashes = 0;

	for (int i = 0; i < path_length; i++)
		slashes += text[i] == '/';
	PROPERTY(target->nsegments == slashes);
	for (int i = 0; i < target->nsegments; i++)
		length += strlen(target->segments[i]);
	PROPERTY(length + slashes == decoded_length(pnstrdup(text, path_length)));

	length = 0;
	for (int i = 0; i < target->nparameters; i++)
		length += strlen(target->parameters[i].name) + strlen(target->parameters[i].value);
	if (text[path_length] == '?')
	{
		const char *query = text + path_length + 1;
		int			query_length = strcspn(query, "#");
		const char *part = query;

		/* less the signs between them */
		while (part < query + query_length)
		{
			int			part_length = Min(strcspn(part, "&"), (size_t) (query + query_length - part));

			length += memchr(part, '=', part_length) != NULL;
			part += part_length;
			length += part < query + query_length;
			part++;
		}
		PROPERTY(length == decoded_length(pnstrdup(query, query_length)));
	}
	else
		PROPERTY(length == 0);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Piece		in;
	char	   *text;
	HttpTarget	target;
	HttpTarget	again;
	StringInfoData canonical;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text((const char *) data, size))
		return 0;
	in = copy_piece((const char *) data, size);
	text = terminated(&in);
	if (http_target_parse(text, &target))
	{
		check_parts(&target);
		check_lengths(text, &target);
		initStringInfo(&canonical);
		for (int i = 0; i < target.nsegments; i++)
		{
			appendStringInfoChar(&canonical, '/');
			append_encoded(&canonical, target.segments[i]);
		}
		for (int i = 0; i < target.nparameters; i++)
		{
			appendStringInfoChar(&canonical, i == 0 ? '?' : '&');
			append_encoded(&canonical, target.parameters[i].name);
			appendStringInfoChar(&canonical, '=');
			append_encoded(&canonical, target.parameters[i].value);
		}
		PROPERTY(http_target_parse(canonical.data, &again));
		PROPERTY(again.nsegments == target.nsegments);
		PROPERTY(again.nparameters == target.nparameters);
		for (int i = 0; i < target.nsegments; i++)
			PROPERTY(strcmp(again.segments[i], target.segments[i]) == 0);
		for (int i = 0; i < target.nparameters; i++)
		{
			PROPERTY(strcmp(again.parameters[i].name, target.parameters[i].name) == 0);
			PROPERTY(strcmp(again.parameters[i].value, target.parameters[i].value) == 0);
		}
	}
	forget_memory();
	return 0;
}
