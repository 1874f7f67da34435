/*-------------------------------------------------------------------------
 *
 * errors.c
 *	  Problems and their messages.  Knows no resource's rules, and never
 *	  sees a value that a caller sent: only where it was.
 *
 *-------------------------------------------------------------------------
 */
#include "core/errors.h"
#include "core/json_writer.h"

SQL_FUNCTION(flowcustomer_errors);

typedef struct ReasonText
{
	const char *code;
	int			status;
	const char *hint;
	const char *message[LANGUAGE_COUNT];
} ReasonText;

static const ReasonText reason_texts[REASON_COUNT] = {
#define REASON(symbol, code, status, hint, en, nb, sv, da) \
	[REASON_##symbol] = {code, status, hint, {en, nb, sv, da}},
#include "core/reasons.h"
#undef REASON
};

static const char *const many_problems[LANGUAGE_COUNT] = {
	"%d things are wrong",
	"%d ting er feil",
	"%d saker är fel",
	"%d ting er forkerte"
};

/* Codes that are made of a resource's label: the other part, and the bit. */
static const char *
code_suffix(Reason reason, uint32 *code)
{
	switch (reason)
	{
		case REASON_NOT_FOUND:
			*code = CODE_NOT_FOUND;
			return "NOT_FOUND";
		case REASON_ALREADY_EXISTS:
			*code = CODE_ALREADY_EXISTS;
			return "ALREADY_EXISTS";
		default:
			*code = CODE_IN_USE;
			return "IN_USE";
	}
}

/* Starts an empty list whose texts will be kept in the given context. */
void
problems_init(Problems *problems, MemoryContext context)
{
	memset(problems, 0, sizeof(Problems));
	problems->context = context;
	problems->limit = MAX_PROBLEMS;
}

/* Is there no room for another one? */
static bool
is_full(Problems *problems)
{
	problems->truncated |= problems->count >= problems->limit;
	return problems->truncated;
}

static Problem *
problem_new(Problems *problems, Reason reason)
{
	Problem    *problem;

	if (problems->count == problems->room)
	{
		problems->room = Max(4, problems->room * 2);
		if (problems->list == NULL)
			problems->list = MemoryContextAlloc(problems->context,
												problems->room * sizeof(Problem));
		else
			problems->list = repalloc(problems->list,
									  problems->room * sizeof(Problem));
	}
	problem = &problems->list[problems->count++];
	memset(problem, 0, sizeof(Problem));
	problem->reason = reason;
	return problem;
}

/*
 * Adds a problem; path and detail may be NULL and are copied.  The same
 * problem at the same place, found in another way, is not told twice.
 */
void
problem_add(Problems *problems, Reason reason, const char *path,
			const char *detail)
{
	Problem    *problem;

	if (is_full(problems))
		return;
	for (int i = Max(0, problems->count - 32); path != NULL && i < problems->count; i++)
	{
		if (problems->list[i].reason == reason && problems->list[i].path != NULL &&
			strcmp(problems->list[i].path, path) == 0)
			return;
	}
	problem = problem_new(problems, reason);
	problem->path = path ? MemoryContextStrdup(problems->context, path) : NULL;
	problem->detail = detail ? MemoryContextStrdup(problems->context, detail) : NULL;
}

/* The same, at a place in a body. */
void
problem_add_at(Problems *problems, Reason reason, const JsonPath *path,
			   const char *detail)
{
	char	   *text;

	if (is_full(problems))
		return;
	text = json_path_text(path, NULL);
	problem_add(problems, reason, text, detail);
	pfree(text);
}

/*
 * Adds a problem about a row of a resource.  With a path it was named by a
 * body, without one by an argument of the call.
 */
void
problem_add_resource(Problems *problems, Reason reason,
					 const Resource *resource, const char *path)
{
	Problem    *problem;
	uint32		code;

	if (is_full(problems))
		return;
	problem = problem_new(problems, reason);
	(void) code_suffix(reason, &code);
	Assert(resource->codes & code);
	problem->path = path ? MemoryContextStrdup(problems->context, path) : NULL;
	problem->resource = resource;
}

/*
 * Takes back the problems at a place in a body and below it: the place was
 * given once more, and the last time counts.
 */
void
problems_remove(Problems *problems, const JsonPath *path)
{
	char	   *text;
	size_t		length;
	int			n = 0;

	/* what was not kept can't be taken back */
	if (problems->truncated)
		return;
	text = json_path_text(path, NULL);
	length = strlen(text);
	for (int i = 0; i < problems->count; i++)
	{
		const char *place = problems->list[i].path;

		if (place == NULL || strncmp(place, text, length) != 0 ||
			strchr(".[", place[length]) == NULL)
			problems->list[n++] = problems->list[i];
	}
	problems->count = n;
	pfree(text);
}

/* Writes a path as $.create[3].credit.limit, palloc'd. */
char *
json_path_text(const JsonPath *path, const char *member)
{
	StringInfoData out;
	const JsonPath *chain[32];
	int			depth = 0;

	for (; path != NULL && depth < (int) lengthof(chain); path = path->parent)
		chain[depth++] = path;
	initStringInfo(&out);
	appendStringInfoChar(&out, '$');
	while (depth-- > 0)
	{
		const JsonPath *node = chain[depth];

		if (node->name != NULL)
			appendStringInfo(&out, ".%.*s", node->name_length, node->name);
		else if (node->parent != NULL)
			appendStringInfo(&out, "[%d]", node->index);
	}
	if (member != NULL)
		appendStringInfo(&out, ".%s", member);
	return out.data;
}

/* The stable code of a problem; palloc'd or static. */
const char *
problem_code(const Problem *problem)
{
	const char *code = reason_texts[problem->reason].code;
	uint32		bit;

	if (code == NULL)
		code = psprintf("%s_%s", problem->resource->label,
						code_suffix(problem->reason, &bit));
	return code;
}

/* The HTTP status of a problem. */
int
problem_status(const Problem *problem)
{
	/* what a body names is part of a bad request, not a missing page */
	if (problem->reason == REASON_NOT_FOUND && problem->path != NULL)
		return 400;
	return reason_texts[problem->reason].status;
}

static char *
fill_template(const char *template, const Problem *problem, Language language,
			  const char *place)
{
	StringInfoData out;

	initStringInfo(&out);
	for (const char *p = template; *p; p++)
	{
		if (*p == '{' && strncmp(p, "{field}", 7) == 0)
		{
			const char *path = problem->path ? problem->path : "";

			if (strncmp(path, place, strlen(place)) == 0)
			{
				path += strlen(place);
				path = *path == '\0' ? "body" : path + (*path == '.');
			}
			appendStringInfoString(&out, path);
			p += 6;
		}
		else if (*p == '{' && strncmp(p, "{detail}", 8) == 0)
		{
			appendStringInfoString(&out, problem->detail ? problem->detail : "");
			p += 7;
		}
		else if (*p == '{' && strncmp(p, "{noun}", 6) == 0)
		{
			appendStringInfoString(&out, problem->resource->noun[language]);
			p += 5;
		}
		else
			appendStringInfoChar(&out, *p);
	}
	return out.data;
}

/*
 * What is wrong, for people; palloc'd.  place is the path from which fields are
 * named: "$", or the item of a batch that the message is about.
 */
char *
problem_message(const Problem *problem, Language language, const char *place)
{
	return fill_template(reason_texts[problem->reason].message[language],
						 problem, language, place);
}

/*
 * The status of all problems together: the first one that is not about the
 * form of a body, because such a one (a row that is not there, a conflict)
 * says more; else that of the first.
 */
int
problems_status(const Problems *problems)
{
	for (int i = 0; i < problems->count; i++)
	{
		int			status = problem_status(&problems->list[i]);

		if (status != 400)
			return status;
	}
	return 400;
}

static char *
problems_message(const Problems *problems, Language language)
{
	if (problems->count == 1)
		return problem_message(&problems->list[0], language, "$");
	return psprintf(many_problems[language], problems->count);
}

/*
 * Raises all problems as one error: SQLSTATE PT and the HTTP status, one line
 * of DETAIL for each, and the first one's hint.  The statement, which can hold
 * a body, is kept out of the server's log.
 */
void
problems_raise(const Problems *problems, Language language)
{
	StringInfoData detail;
	int			status = problems_status(problems);

	Assert(problems->count > 0);
	initStringInfo(&detail);
	for (int i = 0; i < problems->count; i++)
	{
		const Problem *problem = &problems->list[i];

		if (i > 0)
			appendStringInfoChar(&detail, '\n');
		appendStringInfo(&detail, "code: %s", problem_code(problem));
		if (problem->path)
			appendStringInfo(&detail, ", path: %s", problem->path);
		if (problems->count > 1)
			appendStringInfo(&detail, ", %s", problem_message(problem, language, "$"));
	}
	ereport(ERROR,
			(errhidestmt(true), errhidecontext(true),
			 errcode(MAKE_SQLSTATE('P', 'T', '0' + status / 100,
								   '0' + status / 10 % 10, '0' + status % 10)),
			 errmsg_internal("%s", problems_message(problems, language)),
			 errdetail_internal("%s", detail.data),
			 errhint("%s", fill_template(reason_texts[problems->list[0].reason].hint,
										 &problems->list[0], language, "$"))));
}

/*
 * Appends the problems as {path, code, message} objects with commas between; for
 * place see problem_message.
 */
void
problems_render_list(const Problems *problems, Language language, const char *place,
					 StringInfo out)
{
	for (int i = 0; i < problems->count; i++)
	{
		const Problem *problem = &problems->list[i];

		appendStringInfoString(out, i > 0 ? ",{" : "{");
		json_append_member(out, "path", problem->path ? problem->path : "");
		appendStringInfoChar(out, ',');
		json_append_member(out, "code", problem_code(problem));
		appendStringInfoChar(out, ',');
		json_append_member(out, "message", problem_message(problem, language, place));
		appendStringInfoChar(out, '}');
	}
}

/*
 * Appends what is wrong with one item of a batch as an object: its uid, under the
 * name that it has there, its place in the list, and the first problem; all of them
 * when there are several.  The path is the item's.
 */
void
problems_append_item(const Problems *problems, Language language, const char *uid_name,
					 const char *uid, int index, const JsonPath *path, StringInfo out)
{
	const Problem *first = &problems->list[0];
	char	   *place = json_path_text(path, NULL);

	appendStringInfoChar(out, '{');
	json_append_member(out, uid_name, uid);
	appendStringInfo(out, ",\"index\":%d,", index);
	json_append_member(out, "errorCode", problem_code(first));
	appendStringInfoChar(out, ',');
	json_append_member(out, "message", problem_message(first, language, place));
	if (first->path != NULL)
	{
		appendStringInfoChar(out, ',');
		json_append_member(out, "path", first->path);
	}
	if (problems->count > 1)
	{
		appendStringInfoString(out, ",\"errors\":[");
		problems_render_list(problems, language, place, out);
		appendStringInfoChar(out, ']');
	}
	appendStringInfoChar(out, '}');
}

/*
 * Appends the problems as the members of an error body: code, message and
 * logId (left out when NULL), and the single problems when there are several.
 */
void
problems_render(const Problems *problems, Language language,
				const char *log_id, StringInfo out)
{
	const Problem *first = &problems->list[0];
	int			status = problems_status(problems);

	for (int i = 0; i < problems->count; i++)
	{
		if (problem_status(&problems->list[i]) == status)
		{
			first = &problems->list[i];
			break;
		}
	}

	json_append_member(out, "code", problem_code(first));
	appendStringInfoChar(out, ',');
	json_append_member(out, "message", problems_message(problems, language));
	if (log_id != NULL)
	{
		appendStringInfoChar(out, ',');
		json_append_member(out, "logId", log_id);
	}
	if (problems->count == 1 && first->path == NULL)
		return;
	appendStringInfoString(out, ",\"errors\":[");
	problems_render_list(problems, language, "$", out);
	appendStringInfoChar(out, ']');
}

/*
 * The language that a tag such as "nb-NO" asks for.  Sets *known to false and
 * gives English for one that we do not speak.
 */
Language
language_from_tag(const char *tag, int length, bool *known)
{
	static const struct
	{
		const char *prefix;
		Language	language;
	}			prefixes[] = {
		{"en", LANGUAGE_ENGLISH},
		{"nb", LANGUAGE_NORWEGIAN},
		{"no", LANGUAGE_NORWEGIAN},
		{"nn", LANGUAGE_NORWEGIAN},
		{"sv", LANGUAGE_SWEDISH},
		{"da", LANGUAGE_DANISH},
	};

	*known = true;
	for (int i = 0; i < (int) lengthof(prefixes); i++)
	{
		if (length >= 2 && pg_strncasecmp(tag, prefixes[i].prefix, 2) == 0 &&
			(length == 2 || tag[2] == '-' || tag[2] == '_'))
			return prefixes[i].language;
	}
	*known = false;
	return LANGUAGE_ENGLISH;
}

/* SQL-callable: errors(), every code that a call can answer with */
Datum
flowcustomer_errors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < REASON_COUNT; i++)
	{
		for (int r = 0; r < RESOURCE_COUNT; r++)
		{
			Problem		problem = {.reason = i, .resource = &resources[r]};
			Datum		values[3 + LANGUAGE_COUNT];
			bool		nulls[3 + LANGUAGE_COUNT] = {0};

			uint32		code;

			/* a code that is not made of a resource's label stands once */
			if (r > 0 && reason_texts[i].code != NULL)
				break;
			if (reason_texts[i].code == NULL)
			{
				(void) code_suffix(i, &code);
				/* extensions of customers and of contacts share theirs */
				if (!(resources[r].codes & code) || r == RESOURCE_CONTACT_EXTENSION)
					continue;
			}
			problem.path = "{field}";
			problem.detail = "{detail}";
			values[0] = CStringGetTextDatum(problem_code(&problem));
			values[1] = Int32GetDatum(reason_texts[i].status);
			values[2] = CStringGetTextDatum(fill_template(reason_texts[i].hint, &problem,
														  LANGUAGE_ENGLISH, "$"));
			for (int language = 0; language < LANGUAGE_COUNT; language++)
				values[3 + language] = CStringGetTextDatum(problem_message(&problem, language, "$"));
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
