/*-------------------------------------------------------------------------
 *
 * api_search.c
 *	  Searching customers and contacts.
 *
 * The trigram index over the search documents finds what holds all words, the
 * score decides what fits and how well.  Only when nothing does are similar
 * words looked for.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"
#include "core/search.h"

extern void customer_search_run(Call *call);
extern void contact_search_run(Call *call);
extern void customer_search_external_run(Call *call);
extern void search_explain_run(Call *call);

/* What tells search statements apart: the plan key's detail. */
#define SEARCH_PATTERNS_MASK	0x07	/* how many patterns there are */
#define SEARCH_OF_CUSTOMERS		0x08	/* by what customers themselves have */
#define SEARCH_BY_CONTACTS		0x10	/* customers by what their contacts have */
#define SEARCH_OF_CONTACTS		0x20	/* contacts */
#define SEARCH_OF_EXTERNAL		0x40	/* entries of outside directories */
#define SEARCH_SIMILAR			0x80	/* similar words do */
#define SEARCH_MISTYPED			0x100	/* words with one error do */

/* How alike a word and a part of a document have to be to be looked at. */
#define SIMILARITY_THRESHOLD "0.4"

#define FIRST_PATTERN 9			/* number of the first one's parameter */

/* The filters of a search, as the statement takes them. */
typedef struct Search
{
	Call	   *call;
	SearchQuery query;
	bool		exact;			/* only whole fields count */
	int			scope;			/* the SEARCH bits of the detail */
	int			sort;			/* a field, or -1 for relevance */
	Datum		arguments[FIRST_PATTERN + SEARCH_MAX_PATTERNS - 1];
	bool		nulls[FIRST_PATTERN + SEARCH_MAX_PATTERNS - 1];
} Search;

/* Where pg_trgm was installed: anywhere. */
static const char *
trigram_schema(void)
{
	int			result = SPI_execute("SELECT n.nspname FROM pg_extension e"
									 " JOIN pg_namespace n ON n.oid = e.extnamespace"
									 " WHERE e.extname = 'pg_trgm'", true, 1);

	if (result != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not find the extension pg_trgm");
	return quote_identifier(SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1));
}

static void
append_conditions(StringInfo sql, const PlanKey *key, const char *alias)
{
	for (int i = 0; i < (key->detail & SEARCH_PATTERNS_MASK); i++)
	{
		if (key->detail & SEARCH_MISTYPED)
			appendStringInfo(sql, " AND %s.search_text ~ $%d", alias, FIRST_PATTERN + i);
		else if (key->detail & SEARCH_SIMILAR)
			appendStringInfo(sql, " AND %s.search_text OPERATOR(%s.%%>) $%d", alias,
							 trigram_schema(), FIRST_PATTERN + i);
		else
			appendStringInfo(sql, " AND %s.search_text LIKE $%d", alias, FIRST_PATTERN + i);
	}
}

static void
append_filters(StringInfo sql)
{
	appendStringInfoString(sql,
						   " AND ($3 IS NULL OR c.customer_type = ANY ($3))"
						   " AND ($4 IS NULL OR c.created_at >= $4)"
						   " AND ($5 IS NULL OR c.customer_parent_uid = $5)"
						   " AND ($6 IS NULL OR c.default_store_uid = $6)");
}

static void
append_score(StringInfo sql, const PlanKey *key, const char *alias)
{
	if ((key->detail & SEARCH_PATTERNS_MASK) > 0)
		appendStringInfo(sql, "flowcustomer.search_score(%s.search_text, $2)", alias);
	else
		appendStringInfoString(sql, "1::float8");
}

/* Whose rows a search finds. */
static ResourceId
searched_resource(int detail)
{
	if (detail & SEARCH_OF_CONTACTS)
		return RESOURCE_CONTACT;
	return detail & SEARCH_OF_EXTERNAL ? RESOURCE_EXTERNAL_CUSTOMER : RESOURCE_CUSTOMER;
}

/*
 * Builds a search: rows of uid, score and how many there are in all.  view is
 * twice the field to sort by plus one for the other direction, plus two; 0 for
 * the best first.
 */
void
search_statement(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[searched_resource(key->detail)];
	const char *column = key->view >= 2 ? resource->fields[key->view / 2 - 1].column : NULL;

	appendStringInfoString(sql, "SELECT h.uid, h.score, count(*) OVER () FROM (");
	if (key->detail & SEARCH_BY_CONTACTS)
	{
		/* the best of a customer's own score and its contacts' */
		appendStringInfoString(sql, "SELECT c.customer_uid AS uid, max(s.score) AS score,"
							   " min(c.display_name) AS name");
		if (column)
			appendStringInfo(sql, ", (array_agg(c.%s))[1] AS sort", column);
		appendStringInfoString(sql, " FROM (");
		if (key->detail & SEARCH_OF_CUSTOMERS)
		{
			appendStringInfoString(sql, "SELECT c.customer_uid, ");
			append_score(sql, key, "c");
			appendStringInfoString(sql, " AS score FROM flowcustomer.customer c WHERE c.tenant_uid = $1");
			append_conditions(sql, key, "c");
			appendStringInfoString(sql, " UNION ALL ");
		}
		appendStringInfoString(sql, "SELECT l.customer_uid, k.score FROM (SELECT k.contact_uid, ");
		append_score(sql, key, "k");
		appendStringInfoString(sql, " AS score FROM flowcustomer.contact k WHERE k.tenant_uid = $1");
		append_conditions(sql, key, "k");
		appendStringInfoString(sql, " OFFSET 0) k JOIN flowcustomer.customer_contact l"
							   " ON l.tenant_uid = $1 AND l.contact_uid = k.contact_uid"
							   ") s JOIN flowcustomer.customer c"
							   " ON c.tenant_uid = $1 AND c.customer_uid = s.customer_uid"
							   " WHERE s.score > 0");
		append_filters(sql);
		appendStringInfoString(sql, " GROUP BY c.customer_uid");
	}
	else
	{
		int			keys[MAX_KEYS];

		(void) resource_keys(resource, keys);
		appendStringInfo(sql, "SELECT c.%s AS uid, ", resource->fields[keys[0]].column);
		append_score(sql, key, "c");
		appendStringInfoString(sql, " AS score, c.display_name AS name");
		if (column)
			appendStringInfo(sql, ", c.%s AS sort", column);
		appendStringInfo(sql, " FROM flowcustomer.%s c WHERE c.tenant_uid = $1", resource->table);
		append_conditions(sql, key, "c");
		if (resource->id == RESOURCE_CUSTOMER)
			append_filters(sql);
		appendStringInfoString(sql, " OFFSET 0");
	}
	appendStringInfoString(sql, ") h WHERE h.score > 0 ORDER BY ");
	if (column)
		appendStringInfo(sql, "h.sort %s, h.uid",
						 key->view % 2 ? "DESC NULLS LAST" : "ASC NULLS FIRST");
	else
		appendStringInfoString(sql, "h.score DESC, h.name, h.uid");
	appendStringInfoString(sql, " OFFSET $7 LIMIT $8");
}

/* Runs a search as it stands; gives how many rows this page has. */
static int
run_search(Search *search, int64 offset, int64 limit)
{
	PlanKey		key = {.statement = STATEMENT_SEARCH,
	.detail = search->scope | search->query.npatterns};
	bool		similar = search->scope & SEARCH_SIMILAR;
	char	  **words = search->scope & SEARCH_MISTYPED ? search->query.mistyped
		: similar ? search->query.words : search->query.patterns;
	int			level = NewGUCNestLevel();
	uint64		nrows;

	if (search->sort >= 0)
		key.view = 2 * (search->sort + 1) + search->call->page.descending;
	search->arguments[1] = PointerGetDatum(cstring_to_text_with_len(search->query.text.data,
																	search->query.text.len));
	search->arguments[6] = Int64GetDatum(offset);
	search->arguments[7] = Int64GetDatum(limit);
	for (int i = 0; i < SEARCH_MAX_PATTERNS; i++)
	{
		int			n = FIRST_PATTERN - 1 + i;

		search->nulls[n] = i >= search->query.npatterns;
		if (!search->nulls[n])
			search->arguments[n] = CStringGetTextDatum(words[i]);
	}
	if (similar)
		(void) set_config_option("pg_trgm.word_similarity_threshold", SIMILARITY_THRESHOLD,
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	nrows = plan_execute(&key, lengthof(search->arguments), search->arguments, search->nulls,
						 search->call->reader);
	AtEOXact_GUC(false, level);
	return (int) nrows;
}

static int64
result_total(void)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 3, &isnull));
}

/* What a search found on a page. */
typedef struct Hits
{
	int			count;
	Datum	   *keys;
	double	   *scores;
	int64		total;			/* on all pages */
} Hits;

/* Searches for what matches, then with one error in a word, then for what is similar. */
static Hits
find_hits(Search *search)
{
	Call	   *call = search->call;
	int64		offset = (int64) (call->page.number - 1) * call->page.size;
	Hits		hits = {0};

	for (int pass = 0; pass < 3 && hits.total == 0 && !search->query.hopeless; pass++)
	{
		if (pass == 1)
		{
			if (search->exact || search_query_is_empty(&search->query))
				break;
			search_query_loosen(&search->query);
			search->scope |= SEARCH_MISTYPED;
		}
		else if (pass == 2)
			search->scope ^= SEARCH_MISTYPED | SEARCH_SIMILAR;
		hits.count = run_search(search, offset, call->page.size);
		/* behind the last page there is just the total to tell */
		if (hits.count > 0 || (offset > 0 && run_search(search, 0, 1) > 0))
			hits.total = result_total();
	}
	hits.keys = palloc(Max(hits.count, 1) * sizeof(Datum));
	hits.scores = palloc(Max(hits.count, 1) * sizeof(double));
	for (int i = 0; i < hits.count; i++)
	{
		bool		isnull;

		hits.keys[i] = result_text(i, 1);
		hits.scores[i] = DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[i],
													  SPI_tuptable->tupdesc, 2, &isnull));
	}
	return hits;
}

/* The field that the rows which a search finds are named by. */
static int
hit_key(const Search *search)
{
	int			keys[MAX_KEYS];

	(void) resource_keys(&resources[searched_resource(search->scope)], keys);
	return keys[0];
}

/* Searches, and answers with the page that the call wants. */
static void
answer_search(Search *search)
{
	Call	   *call = search->call;
	ResourceId	resource = searched_resource(search->scope);
	int			key_field = hit_key(search);
	Hits		hits = find_hits(search);
	RowBlock   *block = read_rows(call, resource, ANSWER, key_field, hits.keys, hits.count);

	if (!search_query_is_empty(&search->query))
		block_set_relevance(block, key_field, hits.keys, hits.scores, hits.count);
	answer_begin(call, 256 + 1536 * hits.count);
	appendStringInfoString(&call->answer, "{\"items\":[");
	render_in_order(&call->answer, block, key_field, hits.keys, hits.count);
	append_paging(call, hits.total);
}

static void
add_text(Search *search, const Row *body, int field, uint32 fields)
{
	text	   *value;

	if (body->nulls[field])
		return;
	value = DatumGetTextPP(body->values[field]);
	search_query_add(&search->query, fields, search->exact, VARDATA_ANY(value),
					 VARSIZE_ANY_EXHDR(value));
}

/* Reads the body and makes the query of it; NULL with problems. */
static Row *
prepare_search(Search *search, Call *call, uint32 wanted, uint32 fields)
{
	static const struct
	{
		int			field;
		uint32		bit;
	}			own[] = {
		{SEARCH_BODY_EMAIL, 1 << SEARCH_EMAIL},
		{SEARCH_BODY_MOBILE, 1 << SEARCH_MOBILE},
		{SEARCH_BODY_VAT_NUMBER, 1 << SEARCH_VAT_NUMBER},
	};
	Row		   *body;

	memset(search, 0, sizeof(Search));
	search->call = call;
	if (!call_load_tenant(call))
		return NULL;
	body = decode_body(call, &resources[RESOURCE_CUSTOMER_SEARCH], wanted);
	if (call_failed(call))
		return NULL;
	search->exact = !body->nulls[SEARCH_BODY_EXACT_MATCH] &&
		DatumGetBool(body->values[SEARCH_BODY_EXACT_MATCH]);
	search_query_init(&search->query);
	/* a field given by itself is not searched by the query */
	for (int i = 0; i < (int) lengthof(own); i++)
	{
		if (body->nulls[own[i].field] || !(fields & own[i].bit))
			continue;
		add_text(search, body, own[i].field, own[i].bit);
		fields &= ~own[i].bit;
	}
	add_text(search, body, SEARCH_BODY_QUERY, fields);
	search->arguments[0] = call->tenant;
	for (int i = 2; i < 6; i++)
		search->nulls[i] = true;
	return body;
}

/* Makes a search of a body for customer_search; NULL with problems. */
static Row *
prepare_customer_search(Search *search, Call *call)
{
	Row		   *body = prepare_search(search, call, WRITE | CREATE, SEARCH_ALL_FIELDS);
	RowList    *list;
	static const int filters[] = {SEARCH_BODY_CREATED_AT, SEARCH_BODY_PARENT_UID,
	SEARCH_BODY_STORE_UID};

	if (body == NULL)
		return NULL;
	search->sort = page_sort_field(call, LIST_CUSTOMERS);
	if (call_failed(call))
		return NULL;
	if (!body->nulls[SEARCH_BODY_SCOPE])
	{
		list = (RowList *) DatumGetPointer(body->values[SEARCH_BODY_SCOPE]);
		for (int i = 0; i < list->count; i++)
			search->scope |= strcmp(row_text(list->rows[i], SEARCH_BODY_SCOPE_VALUE), "CONTACT") == 0
				? SEARCH_BY_CONTACTS : SEARCH_OF_CUSTOMERS;
	}
	if (search->scope == 0)
		search->scope = SEARCH_OF_CUSTOMERS;
	if (!body->nulls[SEARCH_BODY_CUSTOMER_TYPES])
	{
		TextList	types = {0};

		list = (RowList *) DatumGetPointer(body->values[SEARCH_BODY_CUSTOMER_TYPES]);
		for (int i = 0; i < list->count; i++)
			text_list_add(&types, list->rows[i]->values[CUSTOMER_TYPE]);
		search->nulls[2] = types.count == 0;
		if (types.count > 0)
			search->arguments[2] = text_array(types.values, types.count);
	}
	for (int i = 0; i < (int) lengthof(filters); i++)
	{
		search->nulls[3 + i] = body->nulls[filters[i]];
		search->arguments[3 + i] = body->values[filters[i]];
	}
	return body;
}

/* customer_search(tenant, body, page) */
void
customer_search_run(Call *call)
{
	Search		search;
	Row		   *body = prepare_customer_search(&search, call);

	if (body != NULL)
		answer_search(&search);
}

/* Says how one word matches, for search_explain. */
static void
explain_match(const SearchMatch *match, void *argument)
{
	/* in the order of SearchField */
	static const char *const names[SEARCH_FIELDS] = {
		"firstname", "lastname", "companyName", "email", "mobile", "vatNumber",
		"postalCode", "city"
	};
	StringInfo	out = argument;

	if (out->data[out->len - 1] == '}')
		appendStringInfoChar(out, ',');
	appendStringInfoString(out, "{\"word\":");
	json_append_string(out, match->word, match->word_length);
	appendStringInfoChar(out, ',');
	json_append_member(out, "field", names[match->field]);
	appendStringInfoChar(out, ',');
	json_append_member(out, "match", search_quality_name(match->quality));
	appendStringInfo(out, ",\"weight\":%.4g}", match->weight);
}

/* search_explain(tenant, body): why the first page's customers are where they are */
void
search_explain_run(Call *call)
{
	Search		search;
	Row		   *body = prepare_customer_search(&search, call);
	StringInfo	out = &call->answer;
	Hits		hits;
	RowBlock   *block;
	int			nfields = resources[RESOURCE_CUSTOMER].nfields;

	if (body == NULL)
		return;
	hits = find_hits(&search);
	block = read_rows(call, RESOURCE_CUSTOMER, VIEW_EXPLAIN, CUSTOMER_UID, hits.keys, hits.count);
	answer_begin(call, 1024);
	appendStringInfo(out, "{\"similar\":%s,\"hits\":[",
					 search.scope & (SEARCH_MISTYPED | SEARCH_SIMILAR) ? "true" : "false");
	for (int i = 0; i < hits.count; i++)
	{
		int			row = block_find(block, CUSTOMER_UID, hits.keys[i]);
		Datum	   *values = block->values + Max(row, 0) * nfields;
		text	   *document;

		if (row < 0)
			continue;
		document = DatumGetTextPP(values[CUSTOMER_SEARCH_TEXT]);
		if (out->data[out->len - 1] == '}')
			appendStringInfoChar(out, ',');
		appendStringInfoChar(out, '{');
		json_append_member(out, "customerUid", TextDatumGetCString(values[CUSTOMER_UID]));
		appendStringInfoChar(out, ',');
		json_append_member(out, "displayName", TextDatumGetCString(values[CUSTOMER_DISPLAY_NAME]));
		appendStringInfo(out, ",\"relevance\":%.4g,\"matches\":[", hits.scores[i]);
		(void) search_score(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document),
							&search.query, explain_match, out);
		appendStringInfoString(out, "]}");
	}
	appendStringInfo(out, "],\"totalCount\":" INT64_FORMAT "}", hits.total);
}

/* contact_search(tenant, body, page) */
void
contact_search_run(Call *call)
{
	Search		search;
	Row		   *body = prepare_search(&search, call, WRITE,
									  1 << SEARCH_FIRSTNAME | 1 << SEARCH_LASTNAME |
									  1 << SEARCH_EMAIL | 1 << SEARCH_MOBILE);

	if (body == NULL)
		return;
	search.sort = page_sort_field(call, LIST_CONTACTS);
	if (call_failed(call))
		return;
	search.scope = SEARCH_OF_CONTACTS;
	answer_search(&search);
}

/* customer_search_external(tenant, body, page) */
void
customer_search_external_run(Call *call)
{
	Search		search;
	Row		   *body = prepare_search(&search, call, RELATE, SEARCH_ALL_FIELDS);

	if (body == NULL)
		return;
	search.sort = page_sort_field(call, LIST_EXTERNAL_CUSTOMERS);
	if (call_failed(call))
		return;
	search.scope = SEARCH_OF_EXTERNAL;
	answer_search(&search);
}
