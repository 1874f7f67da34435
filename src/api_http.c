/*-------------------------------------------------------------------------
 *
 * api_http.c
 *	  HTTP requests: which operation a request means, and how its answer or
 *	  its problems look on the wire.
 *
 * The routes are in the table of operations.  What a client sends can only
 * end in an answer, never in an error: a call leaves nothing behind unless it
 * succeeds.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/http_accept.h"
#include "core/http_target.h"
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/operation.h"

SQL_FUNCTION(flowcustomer_http);
SQL_FUNCTION(flowcustomer_rest);

typedef struct Request
{
	const char *method;
	const char *target;
	const char *body;			/* NULL for none */
	int			body_length;
	JsonString	headers;		/* a JSON object, or no data */
	bool		json_only;		/* no other answer will do */
} Request;

typedef struct Response
{
	int			status;
	StringInfoData headers;		/* members of a JSON object */
	const char *body;			/* NULL for none */
	int			body_length;
} Response;

/* The value of a request's header, palloc'd, or NULL. */
static char *
request_header(const Request *request, const char *name)
{
	JsonReader	outer;
	JsonReader	reader;
	JsonString	member;
	char	   *value = NULL;

	if (request->headers.data == NULL)
		return NULL;
	json_reader_init(&outer, request->headers.data, request->headers.length);
	if (json_peek(&outer) != '{')
		return NULL;
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &member))
	{
		if (member.length == (int) strlen(name) &&
			pg_strncasecmp(member.data, name, member.length) == 0 &&
			json_peek(&reader) == '"')
		{
			JsonString	string = json_read_string(&reader);
			int			length;

			value = palloc(string.length + 1);
			if (json_unescape(&string, value, &length) != JSON_UNESCAPE_OK)
				length = 0;
			value[length] = '\0';
		}
		else
			json_skip(&reader);
	}
	return value;
}

static void
add_header(Response *response, const char *name, const char *value)
{
	if (response->headers.len > 0)
		appendStringInfoChar(&response->headers, ',');
	json_append_member(&response->headers, name, value);
}

/* Does a client prefer XML to JSON? */
static bool
prefers_xml(const Request *request)
{
	const char *header = request_header(request, "accept");

	return header != NULL &&
		Max(accept_weight(header, "application/xml"),
			accept_weight(header, "text/xml")) > accept_weight(header, "application/json");
}

/*
 * Compares a path with an operation's template.  Gives the number of literal
 * segments, or -1 when they don't match.
 */
static int
match_route(const Operation *operation, char *const *segments, int nsegments)
{
	const char *p = operation->path;
	int			literals = 0;

	for (int i = 0; i < nsegments; i++)
	{
		int			length;

		if (*p != '/')
			return -1;
		p++;
		length = strcspn(p, "/");
		if (*p == '{')
		{
			if (segments[i][0] == '\0')
				return -1;
		}
		else if ((int) strlen(segments[i]) == length && memcmp(segments[i], p, length) == 0)
			literals++;
		else
			return -1;
		p += length;
	}
	return *p == '\0' ? literals : -1;
}

static void
append_method(StringInfo allow, const char *method)
{
	if (strstr(allow->data, method) == NULL)
		appendStringInfo(allow, "%s%s", allow->len > 0 ? ", " : "", method);
}

/*
 * The operation that a path and method mean, or OPERATION_COUNT.  Gathers the
 * methods that the path takes.
 */
static OperationId
find_route(const char *method, char *const *segments, int nsegments, StringInfo allow)
{
	OperationId best = OPERATION_COUNT;
	int			best_literals = -1;

	for (int i = 0; i < OPERATION_COUNT; i++)
	{
		int			literals;

		if (operations[i].path == NULL)
			continue;
		literals = match_route(&operations[i], segments, nsegments);
		if (literals < 0)
			continue;
		append_method(allow, operations[i].method);
		if (strcmp(operations[i].method, "GET") == 0)
			append_method(allow, "HEAD");
		if (strcmp(operations[i].method, method) == 0 && literals > best_literals)
		{
			best = i;
			best_literals = literals;
		}
	}
	if (allow->len > 0)
		append_method(allow, "OPTIONS");
	return best;
}

/* Gives the path's placeholders and the query's parameters to the call. */
static void
set_arguments(Call *call, const HttpTarget *target, int first_segment)
{
	const char *p = call->operation->path;

	for (int i = first_segment; i < target->nsegments; i++)
	{
		int			length = strcspn(++p, "/");

		if (*p == '{')
			(void) call_set_argument(call, pnstrdup(p + 1, length - 2), target->segments[i]);
		p += length;
	}
	for (int i = 0; i < target->nparameters; i++)
	{
		const char *name = target->parameters[i].name;
		char	   *value = target->parameters[i].value;
		int32	   *number = NULL;

		if (strcmp(name, "pageNumber") == 0)
			number = &call->page.number;
		else if (strcmp(name, "pageSize") == 0)
			number = &call->page.size;
		else if (strcmp(name, "sortBy") == 0)
			call->page.sort_by = value;
		else if (strcmp(name, "sortDirection") == 0)
			call_set_sort_direction(call, value);
		else if (strcmp(name, "customerExternalId") == 0)
			(void) call_set_argument(call, name, value);
		if (number != NULL)
		{
			char	   *end;
			long long	parsed = strtoll(value, &end, 10);

			if (end == value || *end != '\0' || isspace((unsigned char) value[0]))
				problem_add(&call->problems, REASON_NOT_INTEGER, name, NULL);
			else if (parsed > PG_INT32_MAX)
				problem_add(&call->problems, REASON_OUT_OF_RANGE, name, "1 to 2147483647");
			else
				*number = (int32) Max(0, parsed);
		}
	}
}

/* Is a Content-Type that of JSON in UTF-8? */
static bool
is_json_type(const char *type)
{
	int			length = strcspn(type, "; \t");
	const char *charset = strchr(type, ';') ? strcasestr(type, "charset=") : NULL;

	if (charset != NULL)
	{
		charset += strlen("charset=");
		charset += *charset == '"';
		if (pg_strncasecmp(charset, "utf-8", 5) != 0 && pg_strncasecmp(charset, "utf8", 4) != 0)
			return false;
	}
	return (length == 16 && pg_strncasecmp(type, "application/json", 16) == 0) ||
		(length > 5 && pg_strncasecmp(type + length - 5, "+json", 5) == 0);
}

/* Checks the request's body and gives it to the call. */
static void
set_body(Call *call, const Request *request)
{
	char	   *type = request_header(request, "content-type");
	int			offset;

	if (strpbrk(call->operation->arguments, "bv") == NULL || request->body == NULL ||
		request->body_length == 0)
		return;
	if (type != NULL && !is_json_type(type))
	{
		problem_add(&call->problems, REASON_UNSUPPORTED_MEDIA_TYPE, NULL, NULL);
		return;
	}
	call->body = request->body;
	call->body_length = request->body_length;
	if (request->body_length > (int64) setting_max_body_size * 1024)
		return;					/* which the call complains of */
	if (json_depth(request->body, request->body_length) > JSON_MAX_DEPTH)
		problem_add(&call->problems, REASON_TOO_DEEP, NULL, psprintf("%d", JSON_MAX_DEPTH));
	else if ((offset = json_error_offset(request->body, request->body_length)) >= 0)
		problem_add(&call->problems, REASON_MALFORMED_JSON, NULL, psprintf("%d", offset));
}

/* What an error that no rule of ours foresaw means to a client. */
static Reason
error_reason(const ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION)
		return REASON_READ_ONLY;
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INVALID_TRANSACTION_STATE:
		case ERRCODE_INSUFFICIENT_RESOURCES:
			return REASON_TRY_AGAIN;
	}
	return error->sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE
		? REASON_TRY_AGAIN : REASON_INTERNAL_ERROR;
}

static void
respond_with_problems(Response *response, const Problems *problems, Language language)
{
	StringInfoData body;
	char	   *log_id = uid_generate();

	response->status = problems_status(problems);
	initStringInfo(&body);
	appendStringInfoChar(&body, '{');
	problems_render(problems, language, log_id, &body);
	appendStringInfoChar(&body, '}');
	response->body = body.data;
	response->body_length = body.len;
	if (problems->list[0].reason == REASON_TRY_AGAIN)
		add_header(response, "Retry-After", "1");
	if (response->status == 401)
		add_header(response, "WWW-Authenticate", "Bearer");
	/* codes only: what a client sent does not belong into a log */
	ereport(response->status >= 500 ? LOG : DEBUG1,
			(errhidestmt(true), errhidecontext(true),
			 errmsg("request failed with status %d", response->status),
			 errdetail_log("logId: %s, code: %s", log_id, problem_code(&problems->list[0]))));
}

/* Carries out a request. */
static void
handle(const Request *request, Response *response)
{
	static const char *const language_tags[LANGUAGE_COUNT] = {"en", "nb", "sv", "da"};
	HttpTarget	target;
	StringInfoData allow;
	OperationId id = OPERATION_COUNT;
	Call		call;
	ErrorData  *error = NULL;
	char	   *accept_language = request_header(request, "accept-language");
	bool		head = strcmp(request->method, "HEAD") == 0;
	int			first = 0;
	Problems	problems;

	memset(response, 0, sizeof(Response));
	initStringInfo(&response->headers);
	initStringInfo(&allow);
	problems_init(&problems, CurrentMemoryContext);

	if (!http_target_parse(request->target, &target))
		problem_add(&problems, REASON_BAD_TARGET, NULL, NULL);
	else
	{
		first = target.nsegments > 0 && strcmp(target.segments[0], "v2") == 0 ? 1 : 0;
		id = find_route(head ? "GET" : request->method, target.segments + first,
						target.nsegments - first, &allow);
		if (allow.len == 0)
			problem_add(&problems, REASON_ROUTE_NOT_FOUND, NULL, NULL);
		else if (id == OPERATION_COUNT && strcmp(request->method, "OPTIONS") != 0)
			problem_add(&problems, REASON_METHOD_NOT_ALLOWED, NULL, allow.data);
	}

	call_init(&call, id == OPERATION_COUNT ? 0 : id);
	if (accept_language != NULL && accept_language_choose(accept_language, &call.language))
		call.language_chosen = true;
	if (problems.count == 0 && id != OPERATION_COUNT)
	{
		set_arguments(&call, &target, first);
		/* who has no access learns nothing of the rest */
		if (access_check(&call))
			set_body(&call, request);
		/* the same route in another form */
		if (id == OPERATION_CUSTOMER_EXPORT && !request->json_only && prefers_xml(request))
			call.operation = &operations[OPERATION_CUSTOMER_EXPORT_XML];
		if (!call_failed(&call) && !call_run(&call, &error) && error != NULL)
		{
			Reason		reason = error_reason(error);

			problems_init(&call.problems, CurrentMemoryContext);
			problem_add(&call.problems, reason, NULL, NULL);
			if (reason == REASON_INTERNAL_ERROR)
				ereport(LOG,
						(errhidestmt(true), errhidecontext(true),
						 errcode(error->sqlerrcode),
						 errmsg_internal("operation %s failed with SQLSTATE %s",
										 call.operation->name,
										 unpack_sql_state(error->sqlerrcode))));
		}
		problems = call.problems;
	}

	add_header(response, "Content-Language", language_tags[call_language(&call)]);
	add_header(response, "Cache-Control", "no-store");
	if (allow.len > 0 && id == OPERATION_COUNT)
		add_header(response, "Allow", allow.data);
	if (problems.count > 0)
		respond_with_problems(response, &problems, call_language(&call));
	else if (id == OPERATION_COUNT)
		response->status = 204;
	else
	{
		response->status = call.status;
		if (call.answer.data != NULL)
		{
			response->body = call.answer.data + VARHDRSZ;
			response->body_length = call.answer.len - VARHDRSZ;
		}
	}
	if (response->body != NULL)
		add_header(response, "Content-Type", problems.count == 0 &&
				   call.operation == &operations[OPERATION_CUSTOMER_EXPORT_XML]
				   ? "application/xml; charset=utf-8" : "application/json; charset=utf-8");
	if (head)
		response->body = NULL;
}

/* SQL-callable: http(method, target, body, headers) */
Datum
flowcustomer_http(PG_FUNCTION_ARGS)
{
	Request		request = {.method = "", .target = ""};
	Response	response;
	TupleDesc	desc;
	Datum		values[3];
	bool		nulls[3] = {0};
	StringInfoData headers;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (!PG_ARGISNULL(0))
		request.method = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		request.target = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!PG_ARGISNULL(2))
	{
		text	   *body = PG_GETARG_TEXT_PP(2);

		request.body = VARDATA_ANY(body);
		request.body_length = VARSIZE_ANY_EXHDR(body);
	}
	if (!PG_ARGISNULL(3))
	{
		text	   *text_headers = PG_GETARG_TEXT_PP(3);

		request.headers.data = VARDATA_ANY(text_headers);
		request.headers.length = VARSIZE_ANY_EXHDR(text_headers);
	}
	handle(&request, &response);

	initStringInfo(&headers);
	appendStringInfo(&headers, "{%s}", response.headers.data);
	values[0] = Int32GetDatum(response.status);
	values[1] = PointerGetDatum(cstring_to_text_with_len(headers.data, headers.len));
	nulls[2] = response.body == NULL;
	if (response.body != NULL)
		values[2] = PointerGetDatum(cstring_to_text_with_len(response.body, response.body_length));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * SQL-callable: rest(body).  The same behind PostgREST: the request's method
 * and target are in headers that the proxy before it sets, and status and
 * headers of the answer go into settings.
 */
Datum
flowcustomer_rest(PG_FUNCTION_ARGS)
{
	Request		request = {.method = "POST", .target = "", .json_only = true};
	Response	response;
	const char *setting = GetConfigOption("request.headers", true, false);
	StringInfoData headers;
	StringInfoData out;
	char	   *value;
	JsonReader	reader;
	JsonReader	member;
	JsonString	name;
	bool		first = true;

	if (!PG_ARGISNULL(0))
	{
		text	   *body = PG_GETARG_TEXT_PP(0);

		request.body = VARDATA_ANY(body);
		request.body_length = VARSIZE_ANY_EXHDR(body);
	}
	if (setting != NULL && json_depth(setting, strlen(setting)) <= JSON_MAX_DEPTH &&
		json_error_offset(setting, strlen(setting)) < 0)
	{
		request.headers.data = setting;
		request.headers.length = strlen(setting);
	}
	value = request_header(&request, "x-original-method");
	if (value != NULL)
		request.method = value;
	value = request_header(&request, "x-original-uri");
	if (value != NULL)
		request.target = value;
	handle(&request, &response);

	/* PostgREST wants a list of objects with one member each */
	initStringInfo(&headers);
	initStringInfo(&out);
	appendStringInfo(&out, "{%s}", response.headers.data);
	json_reader_init(&reader, out.data, out.len);
	json_enter(&reader, &member);
	appendStringInfoChar(&headers, '[');
	while (json_next_member(&member, &name))
	{
		JsonString	content = json_read_string(&member);

		appendStringInfo(&headers, "%s{\"%.*s\":\"%.*s\"}", first ? "" : ",",
						 name.length, name.data, content.length, content.data);
		first = false;
	}
	appendStringInfoChar(&headers, ']');
	(void) set_config_option("response.status", psprintf("%d", response.status),
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	(void) set_config_option("response.headers", headers.data,
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	if (response.body == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(response.body, response.body_length));
}
