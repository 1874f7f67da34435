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
#include "core/hits.h"
#include "core/json_writer.h"
#include "core/page.h"
#include "core/search.h"
#include "core/source.h"

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
#define SEARCH_FILTERED			0x200	/* only customers with certain properties */
#define SEARCH_BY_ID			0x400	/* customers who are known by the word itself */

/* How alike a word and a part of a document have to be to be looked at. */
#define SIMILARITY_THRESHOLD "0.4"

#define FIRST_PATTERN 7			/* number of the first one's parameter */

/* The filters of a search, as the statement takes them. */
typedef struct Search
{
	Call	   *call;
	SearchQuery query;
	bool		exact;			/* only whole fields count */
	char	   *identifier;		/* what may be all that somebody is known by, or NULL */
	StringMap  *identified;		/* uids of those that are */
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

/*
 * One of the words has an error, whichever, the others are right.  Each
 * alternative names all of them, so that the index can tell by itself.
 */
static void
append_mistyped(StringInfo sql, const PlanKey *key, const char *alias)
{
	int			nwords = key->detail & SEARCH_PATTERNS_MASK;
	const char *separator = " AND (";

	for (int wrong = 0; wrong < nwords; wrong++)
	{
		for (uint32 i = 0; i <= key->view; i++)
		{
			appendStringInfo(sql, "%s%s.search_text %s ($%d)[%d]", separator, alias,
							 i == 0 ? "~" : "LIKE", FIRST_PATTERN + wrong, i + 2);
			for (int other = 0; other < nwords; other++)
			{
				if (other != wrong)
					appendStringInfo(sql, " AND %s.search_text LIKE ($%d)[1]", alias,
									 FIRST_PATTERN + other);
			}
			separator = " OR ";
		}
	}
	appendStringInfoChar(sql, ')');
}

static void
append_conditions(StringInfo sql, const PlanKey *key, const char *alias)
{
	if (key->detail & SEARCH_MISTYPED)
	{
		append_mistyped(sql, key, alias);
		return;
	}
	for (int i = 0; i < (key->detail & SEARCH_PATTERNS_MASK); i++)
	{
		if (key->detail & SEARCH_SIMILAR)
			appendStringInfo(sql, " AND %s.search_text OPERATOR(%s.%%>) ($%d)[1]", alias,
							 trigram_schema(), FIRST_PATTERN + i);
		else
			appendStringInfo(sql, " AND %s.search_text LIKE ($%d)[1]", alias, FIRST_PATTERN + i);
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
 * The fields that are kept of a row until it is known whether it is on the
 * page: what it is called, and what it is sorted by.  Of entries of outside
 * directories it is all that an answer shows, for there are some that no table
 * of ours has.  Gives how many.
 */
static int
hit_fields(const Resource *resource, int sort, int *fields)
{
	int			keys[MAX_KEYS];
	int			n = 0;

	(void) resource_keys(resource, keys);
	fields[n++] = keys[0];
	fields[n++] = field_by_column(resource, "display_name");
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (i == fields[0] || i == fields[1] || !field_has_column(field))
			continue;
		if (i == sort || (resource->id == RESOURCE_EXTERNAL_CUSTOMER && (field->flags & ANSWER)))
			fields[n++] = i;
	}
	return n;
}

/* Customers that their contacts stand for: the best of all the scores counts. */
static void
append_contacts(StringInfo sql, const PlanKey *key)
{
	appendStringInfoString(sql, " JOIN (SELECT s.customer_uid, max(s.score) AS score FROM (");
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
						   ") s WHERE s.score > 0 GROUP BY s.customer_uid"
						   ") s ON s.customer_uid = c.customer_uid");
}

/*
 * Customers whose uid, external id or loyalty id is what was typed, or scanned
 * from a card, now or before they were merged into others.
 */
static void
append_identified(StringInfo sql)
{
	static const char *const columns[] = {"customer_uid", "external_id", "loyalty_id"};
	const char *separator = " AND c.customer_uid IN (";

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		appendStringInfo(sql, "%sSELECT i.customer_uid FROM flowcustomer.customer i"
						 " WHERE i.tenant_uid = $1 AND i.%s = ($%d)[1]"
						 " UNION ALL SELECT i.survivor_uid FROM flowcustomer.customer_redirect i"
						 " WHERE i.tenant_uid = $1 AND i.%s = ($%d)[1]",
						 separator, columns[i], FIRST_PATTERN, columns[i], FIRST_PATTERN);
		separator = " UNION ALL ";
	}
	appendStringInfoChar(sql, ')');
}

/*
 * Builds a search: rows of the hits' fields, and of the text that decides how
 * well they fit, or the score itself.  extra is 1 + the field to sort by, view
 * how many patterns there are for a mistyped word.
 */
void
search_statement(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[searched_resource(key->detail)];
	int			fields[MAX_FIELDS];
	int			nfields = hit_fields(resource, key->extra - 1, fields);

	appendStringInfoString(sql, "SELECT ");
	for (int i = 0; i < nfields; i++)
		appendStringInfo(sql, "c.%s, ", resource->fields[fields[i]].column);
	appendStringInfo(sql, "%s FROM flowcustomer.%s c",
					 key->detail & SEARCH_BY_CONTACTS ? "s.score" : "c.search_text",
					 resource->table);
	if (key->detail & SEARCH_BY_CONTACTS)
		append_contacts(sql, key);
	appendStringInfoString(sql, " WHERE c.tenant_uid = $1");
	if (key->detail & SEARCH_BY_ID)
		append_identified(sql);
	else if (!(key->detail & SEARCH_BY_CONTACTS))
		append_conditions(sql, key, "c");
	if (key->detail & SEARCH_FILTERED)
		append_filters(sql);
}

/* Takes the rows of a search from the executor. */
typedef struct HitReceiver
{
	DestReceiver receiver;
	const Search *search;
	HitList    *hits;
	int			nfields;
	MemoryContext kept;			/* for all of the search, */
	MemoryContext scratch;		/* and for one row */
} HitReceiver;

static bool
receive_hit(TupleTableSlot *slot, DestReceiver *self)
{
	HitReceiver *receiver = (HitReceiver *) self;
	const Search *search = receiver->search;
	MemoryContext old = MemoryContextSwitchTo(receiver->scratch);
	double		score = 1;

	slot_getallattrs(slot);
	if (search->identified != NULL)
	{
		char	   *uid = TextDatumGetCString(slot->tts_values[0]);

		if (map_get(search->identified, uid) != NULL)
			score = 0;			/* found before, by what it is known by */
		else if (search->scope & SEARCH_BY_ID)
		{
			uid = MemoryContextStrdup(receiver->kept, uid);
			map_put(search->identified, uid, uid);
		}
	}
	if (score == 0 || (search->scope & SEARCH_BY_ID))
		;
	else if (search->scope & SEARCH_BY_CONTACTS)
		score = DatumGetFloat8(slot->tts_values[receiver->nfields]);
	else if (search->query.npatterns > 0)
	{
		text	   *document = DatumGetTextPP(slot->tts_values[receiver->nfields]);

		score = search_score(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document),
							 &search->query, NULL, NULL);
	}
	if (score > 0)
		hits_put(receiver->hits, slot->tts_values, slot->tts_isnull, score);
	MemoryContextSwitchTo(old);
	MemoryContextReset(receiver->scratch);
	return true;
}

/* The parameter for a word of the query: itself, then what it may have been. */
static Datum
word_argument(const Search *search, int word, int nvariants)
{
	const SearchQuery *query = &search->query;
	const SearchVariants *variants = &query->mistyped[word];
	Datum		elements[2 + SEARCH_MAX_VARIANTS];
	bool		nulls[2 + SEARCH_MAX_VARIANTS] = {0};
	int			count = 1;
	int			lower = 1;

	elements[0] = CStringGetTextDatum(search->scope & SEARCH_SIMILAR ? query->words[word]
									  : query->patterns[word]);
	if (search->scope & SEARCH_MISTYPED)
	{
		nulls[count] = variants->expression == NULL;
		if (!nulls[count])
			elements[count] = CStringGetTextDatum(variants->expression);
		count++;
		for (int i = 0; i < nvariants; i++, count++)
		{
			nulls[count] = i >= variants->npatterns;
			if (!nulls[count])
				elements[count] = CStringGetTextDatum(variants->patterns[i]);
		}
	}
	return PointerGetDatum(construct_md_array(elements, nulls, 1, &count, &lower, TEXTOID,
											  -1, false, TYPALIGN_INT));
}

/* How many variants of a word the statement has to have room for. */
static uint32
count_variants(const Search *search)
{
	uint32		most = 0;
	uint32		room = 8;

	if (!(search->scope & SEARCH_MISTYPED))
		return 0;
	for (int i = 0; i < search->query.npatterns; i++)
		most = Max(most, (uint32) search->query.mistyped[i].npatterns);
	/* rounded up, for there is a plan for each */
	while (room < most)
		room *= 2;
	return most == 0 ? 0 : room;
}

/* Adds what a search as it stands finds. */
static void
run_search(Search *search, HitList *hits, int nfields)
{
	PlanKey		key = {.statement = STATEMENT_SEARCH,
	.detail = search->scope | search->query.npatterns, .extra = search->sort + 1,
	.view = count_variants(search)};
	HitReceiver receiver = {
		*CreateDestReceiver(DestNone), search, hits, nfields, CurrentMemoryContext,
		AllocSetContextCreate(CurrentMemoryContext, "flowcustomer search row",
							  ALLOCSET_SMALL_SIZES)
	};
	int			level = NewGUCNestLevel();

	search->arguments[1] = PointerGetDatum(cstring_to_text_with_len(search->query.text.data,
																	search->query.text.len));
	for (int i = 0; i < SEARCH_MAX_PATTERNS; i++)
	{
		int			n = FIRST_PATTERN - 1 + i;

		search->nulls[n] = i >= search->query.npatterns;
		if (!search->nulls[n])
			search->arguments[n] = word_argument(search, i, key.view);
	}
	if (search->scope & SEARCH_SIMILAR)
		(void) set_config_option("pg_trgm.word_similarity_threshold", SIMILARITY_THRESHOLD,
								 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	receiver.receiver.receiveSlot = receive_hit;
	plan_stream(&key, lengthof(search->arguments), search->arguments, search->nulls,
				&receiver.receiver);
	MemoryContextDelete(receiver.scratch);
	AtEOXact_GUC(false, level);
}

/* Adds the customers who are known by what was typed. */
static void
find_identified(Search *search, HitList *hits, int nfields)
{
	Search		by_id = *search;
	char	   *pattern = search->identifier;

	search->identified = by_id.identified = map_create();
	search_query_init(&by_id.query);
	by_id.query.npatterns = 1;
	by_id.query.patterns[0] = pattern;
	by_id.scope = SEARCH_BY_ID | (search->scope & SEARCH_FILTERED);
	run_search(&by_id, hits, nfields);
}

/* Searches for what matches, then with one error in a word, then for what is similar. */
static Hits
find_hits(Search *search)
{
	const Resource *resource = &resources[searched_resource(search->scope)];
	PageRequest *page = &search->call->page;
	int			fields[MAX_FIELDS];
	int			nfields = hit_fields(resource, search->sort, fields);
	Hits		hits = {0};
	Source	   *sources = NULL;
	int			nsources = 0;

	if (search->scope & SEARCH_OF_EXTERNAL)
		sources = sources_load(search->call, &nsources);

	for (int pass = 0; pass < 3 && hits.total == 0 && !search->query.hopeless; pass++)
	{
		HitList    *list;

		if (pass == 1)
		{
			if (search->exact || search_query_is_empty(&search->query))
				break;
			search_query_loosen(&search->query);
			search->scope |= SEARCH_MISTYPED;
		}
		else if (pass == 2)
			search->scope ^= SEARCH_MISTYPED | SEARCH_SIMILAR;
		list = hits_begin(resource, fields, nfields, search->sort, page->descending,
						  (int64) (page->number - 1) * page->size, page->size);
		if (pass == 0 && search->identifier != NULL)
			find_identified(search, list, nfields);
		run_search(search, list, nfields);
		/* what errors a source finds, it has found */
		for (int i = 0; i < nsources && pass < 2 && !call_failed(search->call); i++)
			(void) source_search(search->call, &sources[i], &search->query, list, fields, nfields);
		hits = hits_end(list);
	}
	return hits;
}

/* The keys of the hits, which are their first field. */
static Datum *
hit_keys(const Hits *hits)
{
	Datum	   *keys = palloc(Max(hits->count, 1) * sizeof(Datum));

	for (int i = 0; i < hits->count; i++)
		keys[i] = hits->values[i * hits->nfields];
	return keys;
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
	Datum	   *keys = hit_keys(&hits);
	RowBlock   *block = read_rows(call, resource, ANSWER, key_field, keys, hits.count);

	if (!search_query_is_empty(&search->query))
		block_set_relevance(block, key_field, keys, hits.scores, hits.count);
	answer_begin(call, 256 + 1536 * hits.count);
	appendStringInfoString(&call->answer, "{\"items\":[");
	render_in_order(&call->answer, block, key_field, keys, hits.count);
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

/* A query of one word, and nothing else, can be all that somebody is known by. */
static void
set_identifier(Search *search, const Row *body)
{
	char	   *word;
	int			length;

	if (body->nulls[SEARCH_BODY_QUERY] || !(search->scope & SEARCH_OF_CUSTOMERS) ||
		!body->nulls[SEARCH_BODY_EMAIL] || !body->nulls[SEARCH_BODY_MOBILE] ||
		!body->nulls[SEARCH_BODY_VAT_NUMBER])
		return;
	word = row_text(body, SEARCH_BODY_QUERY);
	word += strspn(word, " \t\r\n");
	length = strcspn(word, " \t\r\n");
	if (length > 0 && word[length + strspn(word + length, " \t\r\n")] == '\0')
		search->identifier = pnstrdup(word, length);
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
	set_identifier(search, body);
	if (!body->nulls[SEARCH_BODY_CUSTOMER_TYPES])
	{
		TextList	types = {0};

		list = (RowList *) DatumGetPointer(body->values[SEARCH_BODY_CUSTOMER_TYPES]);
		for (int i = 0; i < list->count; i++)
			text_list_add(&types, list->rows[i]->values[CUSTOMER_TYPE]);
		if (types.count > 0)
		{
			search->nulls[2] = false;
			search->arguments[2] = text_array(types.values, types.count);
			search->scope |= SEARCH_FILTERED;
		}
	}
	for (int i = 0; i < (int) lengthof(filters); i++)
	{
		search->nulls[3 + i] = body->nulls[filters[i]];
		search->arguments[3 + i] = body->values[filters[i]];
		if (!search->nulls[3 + i])
			search->scope |= SEARCH_FILTERED;
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
	StringInfo	out = argument;

	if (out->data[out->len - 1] == '}')
		appendStringInfoChar(out, ',');
	appendStringInfoString(out, "{\"word\":");
	json_append_string(out, match->word, match->word_length);
	appendStringInfoChar(out, ',');
	json_append_member(out, "field", search_field_names[match->field]);
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
	Datum	   *keys;
	RowBlock   *block;
	int			nfields = resources[RESOURCE_CUSTOMER].nfields;

	if (body == NULL)
		return;
	hits = find_hits(&search);
	keys = hit_keys(&hits);
	block = read_rows(call, RESOURCE_CUSTOMER, VIEW_EXPLAIN, CUSTOMER_UID, keys, hits.count);
	answer_begin(call, 1024);
	appendStringInfo(out, "{\"similar\":%s,\"hits\":[",
					 search.scope & (SEARCH_MISTYPED | SEARCH_SIMILAR) ? "true" : "false");
	for (int i = 0; i < hits.count; i++)
	{
		int			row = block_find(block, CUSTOMER_UID, keys[i]);
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

/*
 * customer_search_external(tenant, body, page): the entries of our table and of
 * the registered sources in one order
 */
void
customer_search_external_run(Call *call)
{
	int			fields[MAX_FIELDS];
	int			nfields;
	Search		search;
	Hits		hits;
	RowBlock   *block;

	if (prepare_search(&search, call, RELATE, SEARCH_ALL_FIELDS) == NULL)
		return;
	search.sort = page_sort_field(call, LIST_EXTERNAL_CUSTOMERS);
	if (call_failed(call))
		return;
	search.scope = SEARCH_OF_EXTERNAL;
	nfields = hit_fields(&resources[RESOURCE_EXTERNAL_CUSTOMER], search.sort, fields);
	hits = find_hits(&search);
	if (call_failed(call))
		return;
	block = block_create(RESOURCE_EXTERNAL_CUSTOMER, ANSWER, hits.count);
	answer_begin(call, 256 + 1024 * hits.count);
	appendStringInfoString(&call->answer, "{\"items\":[");
	for (int i = 0; i < hits.count; i++)
	{
		for (int j = 0; j < nfields; j++)
		{
			block->values[i * block->resource->nfields + fields[j]] = hits.values[i * nfields + j];
			block->nulls[i * block->resource->nfields + fields[j]] = hits.nulls[i * nfields + j];
		}
		if (i > 0)
			appendStringInfoChar(&call->answer, ',');
		render_row(&call->answer, block, i);
	}
	append_paging(call, hits.total);
}
