/*-------------------------------------------------------------------------
 *
 * errors.h
 *	  What is wrong with a call, as values until the edge.
 *
 * Problems are collected while a body is decoded and checked.  Only the
 * outermost function raises them (problems_raise) or puts them into an
 * answer (problems_render).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ERRORS_H
#define FLOWCUSTOMER_ERRORS_H

#include "core/fields.h"

typedef enum Reason
{
#define REASON(symbol, code, status, hint, en, nb, sv, da) REASON_##symbol,
#include "core/reasons.h"
#undef REASON
	REASON_COUNT
} Reason;

typedef enum Language
{
	LANGUAGE_ENGLISH,
	LANGUAGE_NORWEGIAN,
	LANGUAGE_SWEDISH,
	LANGUAGE_DANISH
} Language;

#define LANGUAGE_COUNT (LANGUAGE_DANISH + 1)

typedef struct Problem
{
	Reason		reason;
	const Resource *resource;	/* the kind of row, or NULL */
	const char *path;			/* JSON path or argument, or NULL */
	const char *detail;			/* a limit or what is accepted, or NULL */
} Problem;

/* Who has that many things wrong does not read the next one. */
#define MAX_PROBLEMS 1000

typedef struct Problems
{
	MemoryContext context;		/* where they and their texts are kept */
	int			count;
	int			room;
	int			limit;			/* how many are kept at most */
	bool		truncated;		/* there were more */
	Problem    *list;
} Problems;

/*
 * Where in a body we are: a chain on the stack, written out only when there
 * is something to complain about.
 */
typedef struct JsonPath
{
	const struct JsonPath *parent;	/* NULL for the root */
	const char *name;			/* member of an object, or NULL */
	int			name_length;
	int			index;			/* element of a list, when name is NULL */
} JsonPath;

extern void problems_init(Problems *problems, MemoryContext context);
extern void problem_add(Problems *problems, Reason reason, const char *path,
						const char *detail);
extern void problem_add_at(Problems *problems, Reason reason,
						   const JsonPath *path, const char *detail);
extern void problem_add_resource(Problems *problems, Reason reason,
								 const Resource *resource, const char *path);

extern void problems_append_item(const Problems *problems, Language language,
								 const char *uid_name, const char *uid, int index,
								 const JsonPath *path, StringInfo out);
extern void problems_remove(Problems *problems, const JsonPath *path);

extern const char *problem_code(const Problem *problem);
extern int	problem_status(const Problem *problem);
extern char *problem_message(const Problem *problem, Language language,
							 const char *place);
extern int	problems_status(const Problems *problems);
pg_noreturn extern void problems_raise(const Problems *problems, Language language);
extern void problems_render(const Problems *problems, Language language,
							const char *log_id, StringInfo out);
extern void problems_render_list(const Problems *problems, Language language,
								 const char *place, StringInfo out);
extern char *json_path_text(const JsonPath *path, const char *member);
extern Language language_from_tag(const char *tag, int length, bool *known);

#endif							/* FLOWCUSTOMER_ERRORS_H */
