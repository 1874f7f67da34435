/*-------------------------------------------------------------------------
 *
 * operation.h
 *	  Operations: what a caller can ask for, and one call of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_OPERATION_H
#define FLOWCUSTOMER_OPERATION_H

#include "core/errors.h"
#include "core/json_reader.h"

typedef enum OperationId
{
#define OPERATION(symbol, name, arguments, method, path, status, permissions) OPERATION_##symbol,
#include "core/operations.h"
#undef OPERATION
	OPERATION_COUNT
} OperationId;

struct Call;
typedef struct ChangeList ChangeList;

typedef struct Operation
{
	const char *name;			/* of the SQL function */
	const char *arguments;		/* after the tenant, a letter each; see
								 * operation.c */
	const char *method;			/* of HTTP, or NULL when it has no route */
	const char *path;			/* its template */
	int			status;			/* when it succeeds */
	const char *permissions;	/* any of which suffices; "" for readers */
	void		(*run) (struct Call *call);
} Operation;

extern const Operation operations[OPERATION_COUNT];

/* What an argument or the path names. */
typedef enum Argument
{
	ARGUMENT_CUSTOMER,
	ARGUMENT_CONTACT,
	ARGUMENT_GROUP,
	ARGUMENT_STORE,
	ARGUMENT_CONSENT,
	ARGUMENT_ADDRESS,
	ARGUMENT_EXTENSION,
	ARGUMENT_UID,				/* of the reference data to remove */
	ARGUMENT_EXTERNAL_ID,
	ARGUMENT_NAME,				/* of what an administrator registers */
	ARGUMENT_TENANT_COLUMN,
	ARGUMENT_CUSTOMER_COLUMN,
	ARGUMENT_ON_COLLISION,
	ARGUMENT_DUPLICATE,
	ARGUMENT_REASON,
	ARGUMENT_AFTER,
	ARGUMENT_PRINTER,
	ARGUMENT_CLAIM,
	ARGUMENT_ROLE
} Argument;

#define ARGUMENT_COUNT (ARGUMENT_ROLE + 1)

/* How many a caller can want at most, of what is not paged. */
#define LIMIT_MAX 1000
#define LIMIT_DEFAULT 10

typedef struct PageRequest
{
	int32		number;
	int32		size;
	const char *sort_by;		/* NULL for the default, the uid */
	bool		descending;
	bool		directed;		/* the caller says so */
} PageRequest;

typedef struct Tenant
{
	bool		loaded;
	char		country_code[8];
	bool		lenient;
	bool		change_feed;	/* changes are noted */
	bool		access_log;		/* and so is who reads single customers */
	int			max_batch_items;
	Language	language;
} Tenant;

/*
 * One call of an operation.  Everything in it lives until the call is over;
 * the answer and the problems live on in "context".
 */
typedef struct Call
{
	const Operation *operation;
	MemoryContext context;		/* the caller's */
	const char *tenant_uid;
	Datum		tenant;			/* the same as a text */
	const char *arguments[ARGUMENT_COUNT];
	int32		limit;			/* how many are wanted at most */
	int32		seconds;		/* how long a lease is */
	double		min_score;
	int64		max_pairs;		/* 0 for any number */
	bool		dry_run;
	TimestampTz at;				/* what was then is wanted */
	Oid			relation;		/* that is to be registered, or InvalidOid */
	const char *body;			/* NULL when there is none */
	int			body_length;
	PageRequest page;
	Language	language;
	bool		language_chosen;	/* by the caller, so not the tenant's */
	const struct Call *within;	/* the call that makes this one, whose caller
								 * has been checked; or NULL */
	bool		checked;		/* whether the caller may do this: */
	bool		administrator;	/* who may do everything, */
	uint32		permissions;	/* or what the caller may do; see access.h */
	Oid			role;			/* that calls */
	const char *actor;			/* who that is */
	TimestampTz now;
	Tenant		tenant_row;
	ChangeList *changes;		/* that have not been written yet, or NULL, */
	MemoryContext changes_context;	/* and where they are kept */
	Problems	problems;
	StringInfoData answer;		/* no data when there is no answer */
	ReturnSetInfo *rows;		/* where rows go that are the answer; or NULL */
	int			status;			/* of HTTP, when there are no problems */
	bool		reader;			/* the operation only reads */
	bool		again;			/* the same with another customer */
	bool		more;			/* it goes on in another transaction, */
	char		going_on[64];	/* and this is what with; empty in the first */
	const char *named_customer; /* what the caller called the customer that was
								 * merged into the one of the arguments; NULL
								 * when it was not */
} Call;

extern void call_init(Call *call, OperationId id);
extern bool call_set_argument(Call *call, const char *name, char *value);
extern void call_set_sort_direction(Call *call, const char *direction);
extern void call_check_arguments(Call *call);
extern bool call_run(Call *call, ErrorData **error);
extern bool call_load_tenant(Call *call);
extern bool call_check_snapshot(Call *call);
extern void call_not_found(Call *call, ResourceId resource);
extern Language call_language(const Call *call);
extern bool call_body_object(Call *call, JsonReader *reader);

/* Is an operation for all tenants alike?  Then it is one for administrators. */
static inline bool
operation_is_shared(const Operation *operation)
{
	return operation->arguments[0] == '*';
}

static inline bool
call_failed(const Call *call)
{
	return call->problems.count > 0;
}

/* Settings; see flowcustomer.c. */
extern int	setting_default_page_size;
extern int	setting_max_page_size;
extern int	setting_max_batch_items;
extern int	setting_max_body_size;
extern char *setting_language;
extern bool setting_resolve_merged;
extern bool setting_change_notify;
extern bool setting_change_feed;
extern bool setting_access_log;

#endif							/* FLOWCUSTOMER_OPERATION_H */
