/*-------------------------------------------------------------------------
 *
 * search_find.c
 *	  Finding customers, contacts and entries of outside directories.
 *
 * The trigram index over the search documents finds what holds all words, the
 * score decides what fits and how well.  Only when nothing does are words looked
 * for in which one letter is wrong, and then similar ones.
 *
 *-------------------------------------------------------------------------
 */
#include "core/source.h"
#include "search_find.h"

/* How alike a word and a part of a document have to be to be looked at. */
#define SIMILARITY_THRESHOLD "0.4"

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

	/* of many words the first ones are enough to look for an error in */
	for (int wrong = 0; wrong < Min(nwords, MAX_MISTYPED_WORDS); wrong++)
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
ResourceId
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
int
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
				true, &receiver.receiver);
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
Hits
search_find(Search *search)
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

	for (int pass = 0; pass < 3 && hits.total == 0 && !search->query.hopeless &&
		 !call_failed(search->call); pass++)
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
Datum *
hit_keys(const Hits *hits)
{
	Datum	   *keys = palloc(Max(hits->count, 1) * sizeof(Datum));

	for (int i = 0; i < hits->count; i++)
		keys[i] = hits->values[i * hits->nfields];
	return keys;
}
