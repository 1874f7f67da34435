/*-------------------------------------------------------------------------
 *
 * source_search.c
 *	  Searching an outside directory where it is.
 *
 * The relation is read with no more rights than the role has that registered
 * it, never with ours, in a statement of names that are quoted and of parameters.  Its
 * filter is a regular expression for each word, which a foreign server can
 * evaluate; it finds at least what fits, and the score of each row, which is
 * computed here, decides.  What is found goes where the hits of our own tables
 * go, so it is ranked, counted and paged with them.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/source.h"

#include "catalog/pg_collation.h"
#include "nodes/makefuncs.h"
#include "core/attempt.h"
#include "core/normalize.h"
#include "utils/acl.h"

/* Words beyond these are checked here only. */
#define MAX_TERMS 8

/* One source being searched. */
typedef struct SourceScan
{
	DestReceiver receiver;
	Call	   *call;
	const Source *source;
	const SearchQuery *query;	/* NULL to see whether it can be read */
	HitList    *hits;
	const int  *hit_fields;
	int			nhit_fields;
	MemoryContext scratch;		/* for one row */
	const char *failure;		/* what is wrong with a row, or NULL */
} SourceScan;

/* The kind of match that a field of an external customer takes part in, or -1. */
static int
searched_as(int field)
{
	switch ((ExternalCustomerField) field)
	{
		case EXTERNAL_CUSTOMER_FIRSTNAME:
			return SEARCH_FIRSTNAME;
		case EXTERNAL_CUSTOMER_LASTNAME:
			return SEARCH_LASTNAME;
		case EXTERNAL_CUSTOMER_COMPANY_NAME:
			return SEARCH_COMPANY_NAME;
		case EXTERNAL_CUSTOMER_EMAIL:
			return SEARCH_EMAIL;
		case EXTERNAL_CUSTOMER_MOBILE:
			return SEARCH_MOBILE;
		case EXTERNAL_CUSTOMER_VAT_NUMBER:
			return SEARCH_VAT_NUMBER;
		case EXTERNAL_CUSTOMER_POSTAL_CODE:
			return SEARCH_POSTAL_CODE;
		case EXTERNAL_CUSTOMER_CITY:
			return SEARCH_CITY;
		default:
			return -1;
	}
}

static bool
is_timestamp(int field)
{
	return resources[RESOURCE_EXTERNAL_CUSTOMER].fields[field].kind == FIELD_TIMESTAMP;
}

/* Does a value that all rows have fit a term? */
static bool
fits_term(const char *value, const SearchTerm *term)
{
	return DatumGetBool(DirectFunctionCall2Coll(texticregexeq, DEFAULT_COLLATION_OID,
												CStringGetTextDatum(value),
												CStringGetTextDatum(term->expression)));
}

static void
append_term(StringInfo sql, const Source *source, const SearchTerm *term, int parameter)
{
	const char *separator = "(";
	int			start = sql->len;

	for (int i = 0; i < source->nfields; i++)
	{
		int			kind = searched_as(source->fields[i].field);

		if (kind < 0 || !(term->fields & (1 << kind)))
			continue;
		if (source->fields[i].column == NULL)
		{
			if (!fits_term(source->fields[i].value, term))
				continue;
			/* then all rows do */
			sql->len = start;
			appendStringInfoString(sql, "true");
			return;
		}
		appendStringInfo(sql, "%s%s::text ~* $%d", separator,
						 quote_identifier(source->fields[i].column), parameter);
		separator = " OR ";
	}
	appendStringInfoString(sql, *separator == '(' ? "false" : ")");
}

/*
 * The statement that reads a source: the columns that are mapped, in the order
 * of its fields, of rows that can fit the terms.
 */
static char *
source_statement(const Source *source, const SearchTerm *terms, int nterms)
{
	StringInfoData sql;
	const char *separator = "";

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (int i = 0; i < source->nfields; i++)
	{
		if (source->fields[i].column == NULL)
			continue;
		appendStringInfo(&sql, "%s%s::%s", separator, quote_identifier(source->fields[i].column),
						 is_timestamp(source->fields[i].field) ? "timestamptz" : "text");
		separator = ", ";
	}
	appendStringInfo(&sql, " FROM %s",
					 quote_qualified_identifier(source->schema, source->relation));
	for (int i = 0; i < nterms; i++)
	{
		appendStringInfoString(&sql, i == 0 ? " WHERE " : " AND ");
		append_term(&sql, source, &terms[i], i + 1);
	}
	return sql.data;
}

/* Can an answer show a time?  RFC 3339 has years of four digits. */
static bool
is_showable(TimestampTz time)
{
	static const TimestampTz first = INT64CONST(-63082281600) * USECS_PER_SEC;	/* year 1 */
	static const TimestampTz end = INT64CONST(252455616000) * USECS_PER_SEC;	/* year 10000 */

	return time >= first && time < end;
}

/*
 * A row of the relation as an external customer; an empty text is none, nor is a
 * time that can't be shown.
 */
static void
map_row(const Source *source, TupleTableSlot *slot, Datum *values, bool *nulls)
{
	int			column = 0;

	memset(nulls, true, EXTERNAL_CUSTOMER_FIELDS);
	slot_getallattrs(slot);
	for (int i = 0; i < source->nfields; i++)
	{
		const SourceField *mapped = &source->fields[i];
		int			field = mapped->field;

		if (mapped->column == NULL)
		{
			values[field] = CStringGetTextDatum(mapped->value);
			nulls[field] = mapped->value[0] == '\0';
			continue;
		}
		nulls[field] = slot->tts_isnull[column];
		values[field] = slot->tts_values[column++];
		if (!nulls[field])
			nulls[field] = is_timestamp(field) ? !is_showable(DatumGetTimestampTz(values[field]))
				: VARSIZE_ANY_EXHDR(DatumGetTextPP(values[field])) == 0;
	}
}

/* How well a row fits the query; 0 when it does not. */
static double
score_row(const SearchQuery *query, const Datum *values, const bool *nulls)
{
	Span		spans[SEARCH_FIELDS] = {0};
	StringInfoData document;

	if (search_query_is_empty(query))
		return 1;
	for (int i = 0; i < EXTERNAL_CUSTOMER_FIELDS; i++)
	{
		int			kind = searched_as(i);

		if (kind >= 0 && !nulls[i])
		{
			text	   *value = DatumGetTextPP(values[i]);

			spans[kind] = (Span) {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
		}
	}
	initStringInfo(&document);
	search_document_append(&document, spans);
	if (!search_query_admits(query, document.data, document.len))
		return 0;
	return search_score(document.data, document.len, query, NULL, NULL);
}

/*
 * Sets what the mapping leaves open and an answer has to have.  Gives what is
 * wrong with the row, or NULL.
 */
static const char *
complete_row(const Source *source, Datum *values, bool *nulls)
{
	const Resource *resource = &resources[RESOURCE_EXTERNAL_CUSTOMER];
	static const int parts[] = {
		EXTERNAL_CUSTOMER_TYPE, EXTERNAL_CUSTOMER_COMPANY_NAME, EXTERNAL_CUSTOMER_FIRSTNAME,
		EXTERNAL_CUSTOMER_LASTNAME, EXTERNAL_CUSTOMER_EMAIL, EXTERNAL_CUSTOMER_MOBILE,
		EXTERNAL_CUSTOMER_UID
	};
	NullableDatum name[lengthof(parts)];

	if (nulls[EXTERNAL_CUSTOMER_TYPE])
	{
		bool		company = !nulls[EXTERNAL_CUSTOMER_COMPANY_NAME] &&
			nulls[EXTERNAL_CUSTOMER_FIRSTNAME] && nulls[EXTERNAL_CUSTOMER_LASTNAME];

		values[EXTERNAL_CUSTOMER_TYPE] = CStringGetTextDatum(company ? "COMPANY" : "PERSON");
		nulls[EXTERNAL_CUSTOMER_TYPE] = false;
	}
	if (nulls[EXTERNAL_CUSTOMER_ORIGIN])
	{
		values[EXTERNAL_CUSTOMER_ORIGIN] = CStringGetTextDatum(source->name);
		nulls[EXTERNAL_CUSTOMER_ORIGIN] = false;
	}
	for (int i = 0; i < resource->nfields; i++)
	{
		if (!nulls[i] && (resource->fields[i].kind == FIELD_UID || resource->fields[i].kind == FIELD_ENUM) &&
			!source_allows(&resource->fields[i], TextDatumGetCString(values[i])))
			return resource->fields[i].json;
		if (nulls[i] && (resource->fields[i].flags & REQUIRED))
			return resource->fields[i].json;
		if (nulls[i] && resource->fields[i].kind == FIELD_TIMESTAMP)
		{
			values[i] = TimestampTzGetDatum(source->created_at);
			nulls[i] = false;
		}
	}
	for (int i = 0; i < (int) lengthof(parts); i++)
		name[i] = (NullableDatum) {values[parts[i]], nulls[parts[i]]};
	values[EXTERNAL_CUSTOMER_DISPLAY_NAME] = display_name(name, &nulls[EXTERNAL_CUSTOMER_DISPLAY_NAME]);
	return NULL;
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	SourceScan *scan = (SourceScan *) self;
	MemoryContext old = MemoryContextSwitchTo(scan->scratch);
	Datum		values[EXTERNAL_CUSTOMER_FIELDS] = {0};
	bool		nulls[EXTERNAL_CUSTOMER_FIELDS];
	double		score;

	map_row(scan->source, slot, values, nulls);
	score = score_row(scan->query, values, nulls);
	if (score > 0)
		scan->failure = complete_row(scan->source, values, nulls);
	if (score > 0 && scan->failure == NULL)
	{
		Datum		hit_values[EXTERNAL_CUSTOMER_FIELDS];
		bool		hit_nulls[EXTERNAL_CUSTOMER_FIELDS];

		for (int i = 0; i < scan->nhit_fields; i++)
		{
			hit_values[i] = values[scan->hit_fields[i]];
			hit_nulls[i] = nulls[scan->hit_fields[i]];
		}
		hits_put(scan->hits, hit_values, hit_nulls, score);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(scan->scratch);
	return scan->failure == NULL;
}

/* Runs the statement of a scan, as whoever is the current user. */
static void
run_scan(SourceScan *scan)
{
	SearchTerm	terms[MAX_TERMS];
	int			nterms = scan->query ? search_query_terms(scan->query, terms, MAX_TERMS) : 0;
	Oid			types[MAX_TERMS];
	ParamListInfo parameters = makeParamList(nterms);
	SPIExecuteOptions options = {0};
	SPIPlanPtr	plan;

	for (int i = 0; i < nterms; i++)
	{
		types[i] = TEXTOID;
		parameters->params[i].value = CStringGetTextDatum(terms[i].expression);
		parameters->params[i].isnull = false;
		parameters->params[i].pflags = PARAM_FLAG_CONST;
		parameters->params[i].ptype = TEXTOID;
	}
	plan = SPI_prepare(source_statement(scan->source, terms, nterms), nterms, types);
	if (plan == NULL)
		elog(ERROR, "could not prepare the statement of a source: %s",
			 SPI_result_code_string(SPI_result));
	options.params = parameters;
	options.read_only = true;
	options.tcount = scan->query ? 0 : 1;
	options.dest = scan->query ? &scan->receiver : None_Receiver;
	if (SPI_execute_plan_extended(plan, &options) < 0)
		elog(ERROR, "could not run the statement of a source: %s",
			 SPI_result_code_string(SPI_result));
	SPI_freeplan(plan);
}

/* What values look like as texts must not depend on who asks. */
static void
set_text_settings(void)
{
	static const char *const settings[][2] = {
		{"datestyle", "ISO, YMD"}, {"intervalstyle", "postgres"}, {"timezone", "UTC"},
		{"extra_float_digits", "1"}, {"bytea_output", "hex"}, {"lc_monetary", "C"},
	};

	for (int i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

/* Reads a source with its registrar's rights, for attempt(). */
static bool
scan_work(void *argument)
{
	SourceScan *scan = argument;
	const Source *source = scan->source;
	Oid			reader;
	RangeVar   *name = makeRangeVar(pstrdup(source->schema), pstrdup(source->relation), -1);
	Oid			relation;
	Identity	saved;
	int			level;

	relation = RangeVarGetRelid(name, AccessShareLock, false);
	/* it may have become something else since it was registered */
	if (!source_check(scan->call, source, relation, &reader))
		return false;
	if (!source_is_readable(source, relation))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for relation \"%s.%s\"", source->schema, source->relation)));
	role_enter(reader, &saved);
	scan->scratch = AllocSetContextCreate(CurrentMemoryContext, "flowcustomer source row",
										  ALLOCSET_SMALL_SIZES);
	level = NewGUCNestLevel();
	set_text_settings();
	run_scan(scan);
	AtEOXact_GUC(false, level);
	role_leave(&saved);
	return scan->failure == NULL;
}

/*
 * What an error is about that a source raised.  Its message is not told: a
 * function of a view, or another server, can put a row into it.
 */
static char *
describe_error(const Source *source, const ErrorData *error)
{
	static const struct
	{
		int			code;
		const char *meaning;
	}			meanings[] = {
		{ERRCODE_INSUFFICIENT_PRIVILEGE, "the role that registered it may not read it"},
		{ERRCODE_UNDEFINED_OBJECT, "the role that registered it, or something else, does not exist"},
		{ERRCODE_UNDEFINED_TABLE, "a relation does not exist"},
		{ERRCODE_UNDEFINED_COLUMN, "a column does not exist"},
		{ERRCODE_UNDEFINED_FUNCTION, "a function does not exist"},
		{ERRCODE_INVALID_SCHEMA_NAME, "a schema does not exist"},
		{ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION, "its server can't be reached"},
		{ERRCODE_CONNECTION_FAILURE, "the connection to its server was lost"},
		{ERRCODE_QUERY_CANCELED, "its server took too long"},
		{ERRCODE_UNDEFINED_FILE, "its file does not exist"},
		{ERRCODE_BAD_COPY_FILE_FORMAT, "its file is damaged"},
		{ERRCODE_UNTRANSLATABLE_CHARACTER, "its server's database is not in UTF8"},
	};

	for (int i = 0; i < (int) lengthof(meanings); i++)
	{
		if (error->sqlerrcode == meanings[i].code)
			return psprintf("\"%s\" (SQLSTATE %s, %s)", source->name,
							unpack_sql_state(error->sqlerrcode), meanings[i].meaning);
	}
	return psprintf("\"%s\" (SQLSTATE %s)", source->name, unpack_sql_state(error->sqlerrcode));
}

/* Runs a scan; false, with the problem, when the source can't be read. */
static bool
scan_source(SourceScan *scan)
{
	Call	   *call = scan->call;
	ErrorData  *error;
	char	   *detail;

	if (attempt(scan_work, scan, &error) == OUTCOME_DONE)
		return true;
	if (error != NULL)
	{
		detail = describe_error(scan->source, error);
		ereport(LOG,
				(errhidestmt(true), errhidecontext(true),
				 errmsg("could not read external source %s", detail)));
	}
	else if (scan->failure != NULL)
		detail = psprintf("\"%s\" (a row has no valid %s)", scan->source->name, scan->failure);
	else
		detail = psprintf("\"%s\" (its relation is no longer what was registered)",
						  scan->source->name);
	problems_init(&call->problems, call->context);
	problem_add(&call->problems, REASON_SOURCE_FAILED, NULL, detail);
	return false;
}

/*
 * Searches a source and adds what it has to the hits, whose fields are those of
 * an external customer.  False, with the problem, when it can't be read.
 */
bool
source_search(Call *call, const Source *source, const SearchQuery *query,
			  HitList *hits, const int *hit_fields, int nhit_fields)
{
	SourceScan	scan = {
		*None_Receiver, call, source, query, hits, hit_fields, nhit_fields, NULL, NULL
	};

	scan.receiver.receiveSlot = receive_row;
	return scan_source(&scan);
}

/* Sees whether a source can be read; false, with the problem, when not. */
bool
source_probe(Call *call, const Source *source)
{
	SourceScan	scan = {.call = call, .source = source};

	return scan_source(&scan);
}
