/*-------------------------------------------------------------------------
 *
 * operation.c
 *	  The way of every call: arguments, access, the operation itself, and
 *	  its answer or its problems.
 *
 * The SQL functions and http() both come through here.  What an operation
 * does is in the api_*.c file of its resource.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/change.h"
#include "core/attempt.h"
#include "core/guard.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/operation.h"
#include "core/plan.h"
#include "core/redirect.h"

#include "executor/tstoreReceiver.h"

/* The run functions, and the SQL-callable ones around them. */
#define OPERATION(symbol, name, arguments, method, path, status, permissions) \
	extern void name##_run(Call *call); \
	SQL_FUNCTION(flowcustomer_##name);
#include "core/operations.h"
#undef OPERATION

SQL_FUNCTION(flowcustomer_operations);

const Operation operations[OPERATION_COUNT] = {
#define OPERATION(symbol, name, arguments, method, path, status, permissions) \
	[OPERATION_##symbol] = {#name, arguments, method, path, status, permissions, name##_run},
#include "core/operations.h"
#undef OPERATION
};

static Datum call_from_sql(FunctionCallInfo fcinfo, OperationId id);

#define OPERATION(symbol, name, arguments, method, path, status, permissions) \
	Datum \
	flowcustomer_##name(PG_FUNCTION_ARGS) \
	{ \
		return call_from_sql(fcinfo, OPERATION_##symbol); \
	}
#include "core/operations.h"
#undef OPERATION

/* Arguments that are texts: letter, name in errors, must it be a UID. */
static const struct
{
	char		letter;
	Argument	argument;
	const char *name;
	bool		uid;
	bool		required;
}			text_arguments[] = {
	{'c', ARGUMENT_CUSTOMER, "customerUid", true, true},
	{'k', ARGUMENT_CONTACT, "customerContactUid", true, true},
	{'g', ARGUMENT_GROUP, "customerGroupUid", true, true},
	{'s', ARGUMENT_STORE, "storeUid", true, true},
	{'n', ARGUMENT_CONSENT, "consentUid", true, true},
	{'a', ARGUMENT_ADDRESS, "customerAddressUid", true, true},
	{'x', ARGUMENT_EXTENSION, "customerExtensionCode", false, true},
	{'u', ARGUMENT_UID, "uid", true, true},
	{'e', ARGUMENT_EXTERNAL_ID, "customerExternalId", false, false},
	{'m', ARGUMENT_NAME, "name", false, true},
	{'t', ARGUMENT_TENANT_COLUMN, "tenantColumn", false, true},
	{'d', ARGUMENT_CUSTOMER_COLUMN, "customerColumn", false, true},
	{'o', ARGUMENT_ON_COLLISION, "onCollision", false, true},
	{'f', ARGUMENT_DUPLICATE, "duplicateUid", true, true},
	{'y', ARGUMENT_REASON, "reason", false, true},
	{'P', ARGUMENT_AFTER, "after", false, false},
	{'h', ARGUMENT_PRINTER, "printerUid", true, true},
	{'C', ARGUMENT_CLAIM, "claimUid", true, false},
	{'R', ARGUMENT_ROLE, "role", false, true},
};

/* Starts a call of an operation in the current memory context. */
void
call_init(Call *call, OperationId id)
{
	memset(call, 0, sizeof(Call));
	call->operation = &operations[id];
	call->context = CurrentMemoryContext;
	call->status = call->operation->status;
	call->reader = strchr(call->operation->arguments, '-') != NULL ||
		(call->operation->permissions[0] == '\0' && !operation_is_shared(call->operation));
	call->limit = LIMIT_DEFAULT;
	call->page.number = 1;
	call->page.size = Min(setting_default_page_size, setting_max_page_size);
	/* answers show milliseconds, so that is what we keep */
	call->now = GetCurrentTimestamp() / 1000 * 1000;
	if (setting_language[0] != '\0')
		call->language = language_from_tag(setting_language, strlen(setting_language),
										   &call->language_chosen);
	problems_init(&call->problems, CurrentMemoryContext);
}

/* The language for the caller's messages: chosen, else the tenant's. */
Language
call_language(const Call *call)
{
	if (!call->language_chosen && call->tenant_row.loaded)
		return call->tenant_row.language;
	return call->language;
}

/*
 * Sets the argument or the tenant that has this name; false when none has.
 * The value is kept by reference.
 */
bool
call_set_argument(Call *call, const char *name, char *value)
{
	if (strcmp(name, "tenantUid") == 0)
	{
		call->tenant_uid = value;
		return true;
	}
	for (int i = 0; i < (int) lengthof(text_arguments); i++)
	{
		if (strcmp(text_arguments[i].name, name) == 0)
		{
			call->arguments[text_arguments[i].argument] = value;
			return true;
		}
	}
	return false;
}

/* Sets the direction of a page's sort, or adds a problem. */
void
call_set_sort_direction(Call *call, const char *direction)
{
	call->page.descending = strcmp(direction, "DESC") == 0;
	call->page.directed = true;
	if (!call->page.descending && strcmp(direction, "ASC") != 0)
		problem_add(&call->problems, REASON_NOT_ALLOWED, "sortDirection", "ASC, DESC");
}

static void
read_page_arguments(Call *call, FunctionCallInfo fcinfo, int n)
{
	if (!PG_ARGISNULL(n))
		call->page.number = PG_GETARG_INT32(n);
	if (!PG_ARGISNULL(n + 1))
		call->page.size = PG_GETARG_INT32(n + 1);
	if (!PG_ARGISNULL(n + 2))
		call->page.sort_by = text_to_cstring(PG_GETARG_TEXT_PP(n + 2));
	if (!PG_ARGISNULL(n + 3))
		call_set_sort_direction(call, text_to_cstring(PG_GETARG_TEXT_PP(n + 3)));
}

/* Checks the arguments that a call has been given so far. */
void
call_check_arguments(Call *call)
{
	if (operation_is_shared(call->operation) && call->tenant_uid == NULL)
		call->tenant_uid = "";
	else if (call->tenant_uid == NULL)
		problem_add(&call->problems, REASON_MISSING, "tenantUid", NULL);
	else if (!is_uid(call->tenant_uid, strlen(call->tenant_uid)))
		problem_add(&call->problems, REASON_NOT_UID, "tenantUid", NULL);
	for (int i = 0; i < (int) lengthof(text_arguments); i++)
	{
		const char *value = call->arguments[text_arguments[i].argument];

		if (strchr(call->operation->arguments, text_arguments[i].letter) == NULL)
			continue;
		if (value == NULL)
		{
			if (text_arguments[i].required)
				problem_add(&call->problems, REASON_MISSING, text_arguments[i].name, NULL);
		}
		else if (text_arguments[i].uid && !is_uid(value, strlen(value)))
			problem_add(&call->problems, REASON_NOT_UID, text_arguments[i].name, NULL);
	}
	if (call->page.number < 1)
		problem_add(&call->problems, REASON_OUT_OF_RANGE, "pageNumber", "1 to 2147483647");
	if (call->page.size < 1 || call->page.size > setting_max_page_size)
		problem_add(&call->problems, REASON_OUT_OF_RANGE, "pageSize",
					psprintf("1 to %d", setting_max_page_size));
	if (call->limit < 1 || call->limit > LIMIT_MAX)
		problem_add(&call->problems, REASON_OUT_OF_RANGE, "limit", psprintf("1 to %d", LIMIT_MAX));
	if (!(call->min_score >= 0 && call->min_score <= 1))
		problem_add(&call->problems, REASON_NOT_SHARE, "minScore", NULL);
	if (call->max_pairs < 0)
		problem_add(&call->problems, REASON_OUT_OF_RANGE, "maxPairs", "1 to 2147483647");
	if (strchr(call->operation->arguments, 'b') != NULL && call->body == NULL)
		problem_add(&call->problems, REASON_MISSING, "$", NULL);
	if (strchr(call->operation->arguments, 'j') != NULL && call->body == NULL)
		problem_add(&call->problems, REASON_MISSING, "mapping", NULL);
	if (strchr(call->operation->arguments, 'r') != NULL && !OidIsValid(call->relation))
		problem_add(&call->problems, REASON_MISSING, "relation", NULL);
	if (call->body_length > (int64) setting_max_body_size * 1024)
		problem_add(&call->problems, REASON_BODY_TOO_LARGE, NULL,
					psprintf("%lld", (long long) setting_max_body_size * 1024));
}

/* How often a call follows a customer that is merged while it runs. */
#define MAX_REDIRECTS 5

/* Does an operation read a single customer? */
static bool
reads_customer(const Operation *operation)
{
	return operation->permissions[0] == '\0' && strchr(operation->arguments, 'c') != NULL;
}

/* Keeps who read a customer, when its tenant wants that. */
static void
record_access(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_ACCESS_ADD};
	Datum		arguments[6];

	if (!call_load_tenant(call) || !call->tenant_row.access_log)
		return;
	if (XactReadOnly || IsInParallelMode())
	{
		problem_add(&call->problems, REASON_ACCESS_NOT_RECORDED, NULL, NULL);
		return;
	}
	arguments[0] = call->tenant;
	arguments[1] = CStringGetTextDatum(uid_generate());
	arguments[2] = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);
	arguments[3] = TimestampTzGetDatum(call->now);
	arguments[4] = CStringGetTextDatum(call->actor);
	arguments[5] = CStringGetTextDatum(call->operation->name);
	(void) plan_execute(&key, 6, arguments, NULL, false);
}

/* Lets the operation do its work, as one attempt. */
static bool
run_operation(void *argument)
{
	Call	   *call = argument;
	Identity	saved;

	call->again = false;
	changes_begin(call);
	/* an earlier attempt may have left some */
	problems_init(&call->problems, call->context);
	call->answer.data = NULL;
	if (call->rows)
		tuplestore_clear(call->rows->setResult);
	identity_enter(&saved);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (plans_check())
		changes_forget_generation();
	call->operation->run(call);
	if (call_failed(call))
		call->again = redirect_call(call);
	else if (!call->reader)
		changes_write(call);
	else if (call->within == NULL && reads_customer(call->operation))
		record_access(call);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	identity_leave(&saved);
	return !call_failed(call);
}

/*
 * Runs a call whose arguments are in place: checks them and the caller, then
 * lets the operation do its work.  Afterwards the call has an answer (or
 * none, for an operation that gives none), or problems, which make it false;
 * then nothing in the database has changed.  An error that is not the
 * caller's fault is raised, or given as *error when that is not NULL.
 */
bool
call_run(Call *call, ErrorData **error)
{
	Outcome		outcome = OUTCOME_AGAIN;
	ErrorData  *caught = NULL;

	if (!access_check(call))
		return false;
	call_check_arguments(call);
	if (call_failed(call))
		return false;
	call->tenant = CStringGetTextDatum(call->tenant_uid);
	if (call->reader && error == NULL)
	{
		for (int i = 0; i < MAX_REDIRECTS; i++)
		{
			if (run_operation(call))
				return true;
			if (!call->again)
				break;
		}
		return false;
	}
	for (int i = 0; i < MAX_ATTEMPTS && outcome == OUTCOME_AGAIN; i++)
	{
		if (i > 0)
			attempt_pause(i);
		outcome = attempt(run_operation, call, &caught);
		for (int j = 0; j < MAX_REDIRECTS && outcome == OUTCOME_ABANDONED && call->again; j++)
			outcome = attempt(run_operation, call, &caught);
	}
	switch (outcome)
	{
		case OUTCOME_DONE:
			return true;
		case OUTCOME_ABANDONED:
			return false;
		case OUTCOME_AGAIN:
		case OUTCOME_REFUSED:
			if (caught != NULL)
				log_refusal(caught);
			problems_init(&call->problems, call->context);
			problem_add(&call->problems, REASON_CONFLICT, NULL, NULL);
			return false;
		case OUTCOME_ERROR:
			/* the statement can hold a body, which is not for logs */
			caught->hide_stmt = true;
			caught->hide_ctx = true;
			if (error == NULL)
				ReThrowError(caught);
			*error = caught;
			return false;
	}
	return false;
}

/* Reads the n-th argument of a function, which its letter tells; gives the next one. */
static int
read_argument(Call *call, char letter, FunctionCallInfo fcinfo, int n)
{
	if (letter == 'p')
	{
		read_page_arguments(call, fcinfo, n);
		return n + 4;
	}
	if (PG_ARGISNULL(n))
	{
		static const struct
		{
			char		letter;
			const char *name;
		}			others[] = {{'i', "minScore"}, {'w', "leaseSeconds"}, {'z', "dryRun"}, {'A', "at"}, {'B', "before"}};

		/* a default, where there is one, is not NULL */
		for (int i = 0; i < (int) lengthof(others); i++)
		{
			if (others[i].letter == letter)
				problem_add(&call->problems, REASON_MISSING, others[i].name, NULL);
		}
		return n + 1;
	}
	if (letter == 'b' || letter == 'v')
	{
		text	   *body = PG_GETARG_TEXT_PP(n);

		call->body = VARDATA_ANY(body);
		call->body_length = VARSIZE_ANY_EXHDR(body);
	}
	else if (letter == 'j')
	{
		Jsonb	   *body = PG_GETARG_JSONB_P(n);

		call->body = JsonbToCString(NULL, &body->root, VARSIZE(body));
		call->body_length = strlen(call->body);
	}
	else if (letter == 'l')
		call->limit = PG_GETARG_INT32(n);
	else if (letter == 'V')
	{
		call->body = TextDatumGetCString(DirectFunctionCall1(array_to_json, PG_GETARG_DATUM(n)));
		call->body_length = strlen(call->body);
	}
	else if (letter == 'T')
		call->tenant_uid = text_to_cstring(PG_GETARG_TEXT_PP(n));
	else if (letter == 'w')
		call->seconds = PG_GETARG_INT32(n);
	else if (letter == 'r')
		call->relation = PG_GETARG_OID(n);
	else if (letter == 'i')
		call->min_score = PG_GETARG_FLOAT8(n);
	else if (letter == 'z')
		call->dry_run = PG_GETARG_BOOL(n);
	else if (letter == 'A' || letter == 'B')
		call->at = PG_GETARG_TIMESTAMPTZ(n);
	else if (letter == 'q')
		/* 0 is none that is accepted, for it stands for any number */
		call->max_pairs = PG_GETARG_INT32(n) > 0 ? PG_GETARG_INT32(n) : -1;
	for (int i = 0; i < (int) lengthof(text_arguments); i++)
	{
		if (text_arguments[i].letter == letter)
			call->arguments[text_arguments[i].argument] = text_to_cstring(PG_GETARG_TEXT_PP(n));
	}
	return n + 1;
}

/* Starts a call with the arguments of an SQL function. */
static void
call_init_from_sql(Call *call, FunctionCallInfo fcinfo, OperationId id)
{
	const char *letter;
	int			n = 0;

	call_init(call, id);
	letter = call->operation->arguments;
	if (operation_is_shared(call->operation))
		letter++;
	else if (!PG_ARGISNULL(n++))
		call->tenant_uid = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (*letter == '-')
		letter++;
	for (; *letter; letter++)
		n = read_argument(call, *letter, fcinfo, n);
}

/*
 * Runs an operation that goes on in one transaction after the other, as only a
 * procedure can.
 */
static void
call_procedure(FunctionCallInfo fcinfo, OperationId id)
{
	CallContext *context = castNode(CallContext, fcinfo->context);
	MemoryContext step = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer step",
											   ALLOCSET_DEFAULT_SIZES);
	bool		more = true;
	char		going_on[sizeof(((Call *) NULL)->going_on)] = "";

	if (context->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("\"%s\" commits as it goes, which it cannot do in a transaction",
						operations[id].name),
				 errhint("Call it by itself, not between BEGIN and COMMIT and not from a function.")));
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	while (more)
	{
		MemoryContext old = MemoryContextSwitchTo(step);
		Call		call;

		CHECK_FOR_INTERRUPTS();
		call_init_from_sql(&call, fcinfo, id);
		strlcpy(call.going_on, going_on, sizeof(call.going_on));
		if (!call_run(&call, NULL))
			problems_raise(&call.problems, call_language(&call));
		more = call.more;
		strlcpy(going_on, call.going_on, sizeof(going_on));
		MemoryContextSwitchTo(old);
		MemoryContextReset(step);
		SPI_commit();
	}
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	MemoryContextDelete(step);
}

static Datum
call_from_sql(FunctionCallInfo fcinfo, OperationId id)
{
	Call		call;

	if (fcinfo->context != NULL && IsA(fcinfo->context, CallContext))
	{
		call_procedure(fcinfo, id);
		PG_RETURN_VOID();
	}
	call_init_from_sql(&call, fcinfo, id);
	if (fcinfo->flinfo->fn_retset)
	{
		InitMaterializedSRF(fcinfo, 0);
		call.rows = (ReturnSetInfo *) fcinfo->resultinfo;
	}
	if (!call_run(&call, NULL))
		problems_raise(&call.problems, call_language(&call));
	if (call.answer.data == NULL)
		PG_RETURN_VOID();
	return json_answer_end(&call.answer);
}

/* What a tenant says, or the setting where it says nothing. */
static void
value_or_setting(HeapTuple tuple, TupleDesc desc, int column, bool setting, bool *value)
{
	bool		isnull;
	Datum		datum = SPI_getbinval(tuple, desc, column, &isnull);

	*value = isnull ? setting : DatumGetBool(datum);
}

/*
 * Reads the tenant's row, once a call.  False, with a problem, when there is
 * no such tenant.
 */
bool
call_load_tenant(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_TENANT};
	HeapTuple	tuple;
	TupleDesc	desc;
	bool		isnull;
	char	   *value;
	Datum		max_batch_items;
	bool		known;

	if (call->tenant_row.loaded)
		return true;
	if (plan_execute(&key, 1, &call->tenant, NULL, call->reader) == 0)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND,
							 &resources[RESOURCE_TENANT], NULL);
		return false;
	}
	tuple = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	value = SPI_getvalue(tuple, desc, 1);
	strlcpy(call->tenant_row.country_code, value, sizeof(call->tenant_row.country_code));
	call->tenant_row.lenient = DatumGetBool(SPI_getbinval(tuple, desc, 2, &isnull));
	value = SPI_getvalue(tuple, desc, 3);
	call->tenant_row.language = language_from_tag(value, strlen(value), &known);
	value_or_setting(tuple, desc, 4, setting_change_feed, &call->tenant_row.change_feed);
	value_or_setting(tuple, desc, 5, setting_access_log, &call->tenant_row.access_log);
	/* what bounds memory a tenant can only make less */
	call->tenant_row.max_batch_items = setting_max_batch_items;
	max_batch_items = SPI_getbinval(tuple, desc, 6, &isnull);
	if (!isnull)
		call->tenant_row.max_batch_items = Min(DatumGetInt32(max_batch_items), setting_max_batch_items);
	call->tenant_row.loaded = true;
	SPI_freetuptable(SPI_tuptable);
	/* rows can have come by a restore into an extension without it */
	if (!call->reader && !XactReadOnly)
		guard_ensure();
	return true;
}

/*
 * For what has to see all that there is, such as an erasure: who added something
 * meanwhile and has committed is not waited for, so it must not be hidden by an older
 * snapshot.  False with a problem.
 */
bool
call_check_snapshot(Call *call)
{
	if (IsolationUsesXactSnapshot())
		problem_add(&call->problems, REASON_OLD_SNAPSHOT, NULL, NULL);
	return !call_failed(call);
}

/*
 * Adds the problem that the row which the call's arguments name is not there,
 * or that not even the tenant is.
 */
void
call_not_found(Call *call, ResourceId resource)
{
	if (call_load_tenant(call))
		problem_add_resource(&call->problems, REASON_NOT_FOUND,
							 &resources[resource], NULL);
}

/*
 * Goes into the call's body, which has to be an object; false, with a
 * problem, when it is something else.
 */
bool
call_body_object(Call *call, JsonReader *reader)
{
	JsonReader	outer;

	json_reader_init(&outer, call->body, call->body_length);
	if (json_peek(&outer) != '{')
	{
		problem_add(&call->problems, REASON_NOT_OBJECT, "$", NULL);
		return false;
	}
	json_enter(&outer, reader);
	return true;
}

/* Answers with the rows of a statement, whose columns are those of the function. */
void
call_answer_rows(Call *call, const PlanKey *key, int nargs, const Datum *values, const bool *nulls,
				 bool read_only)
{
	DestReceiver *receiver = CreateDestReceiver(DestTuplestore);

	SetTuplestoreDestReceiverParams(receiver, call->rows->setResult, call->context, false,
									NULL, NULL);
	plan_stream(key, nargs, values, nulls, read_only, receiver);
	receiver->rDestroy(receiver);
}

/* SQL-callable: operations(), every operation with its route */
Datum
flowcustomer_operations(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < OPERATION_COUNT; i++)
	{
		const Operation *operation = &operations[i];
		const char *texts[] = {operation->name, operation->method, operation->path,
		operation->permissions};
		Datum		values[lengthof(texts) + 1];
		bool		nulls[lengthof(texts) + 1] = {0};

		for (int j = 0; j < (int) lengthof(texts); j++)
		{
			nulls[j] = texts[j] == NULL;
			values[j] = nulls[j] ? (Datum) 0 : CStringGetTextDatum(texts[j]);
		}
		values[lengthof(texts)] = Int32GetDatum(operation->status);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
