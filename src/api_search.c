/*-------------------------------------------------------------------------
 *
 * api_search.c
 *	  The operations that search: what a body asks for, and the answers.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "search_find.h"

extern void customer_search_run(Call *call);
extern void contact_search_run(Call *call);
extern void customer_search_external_run(Call *call);
extern void search_explain_run(Call *call);

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
	Hits		hits = search_find(search);
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

/* The contacts of the customers on a page, to see which of them fit. */
typedef struct Speakers
{
	RowBlock   *links;
	RowBlock   *contacts;
} Speakers;

static Speakers
load_speakers(Search *search, const Datum *keys, int count)
{
	Speakers	speakers = {NULL, NULL};
	TextList	uids = {0};

	if (!(search->scope & SEARCH_BY_CONTACTS))
		return speakers;
	speakers.links = read_rows(search->call, RESOURCE_LINK, VIEW_EXPLAIN, LINK_CUSTOMER_UID, keys, count);
	for (int i = 0; i < speakers.links->nrows; i++)
		text_list_add(&uids, speakers.links->values[i * LINK_FIELDS + LINK_CONTACT_UID]);
	uids.count = sort_unique_texts(uids.values, uids.count);
	speakers.contacts = read_rows(search->call, RESOURCE_CONTACT, VIEW_EXPLAIN, CONTACT_UID,
								  uids.values, uids.count);
	return speakers;
}

static double
explain_document(StringInfo out, const Search *search, Datum value)
{
	text	   *document = DatumGetTextPP(value);

	return search_score(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), &search->query,
						out ? explain_match : NULL, out);
}

/* The matches of the customer's contact that fits best, if one does. */
static void
explain_contact(StringInfo out, const Search *search, const Speakers *speakers, Datum customer)
{
	int			best = -1;
	double		best_score = 0;

	for (int i = 0; speakers->links != NULL && i < speakers->links->nrows; i++)
	{
		Datum	   *link = speakers->links->values + i * LINK_FIELDS;
		int			row;
		double		score;

		if (compare_texts(link[LINK_CUSTOMER_UID], customer) != 0)
			continue;
		row = block_find(speakers->contacts, CONTACT_UID, link[LINK_CONTACT_UID]);
		if (row < 0)
			continue;
		score = explain_document(NULL, search, speakers->contacts->values[row * CONTACT_FIELDS + CONTACT_SEARCH_TEXT]);
		if (score > best_score)
		{
			best = row;
			best_score = score;
		}
	}
	if (best < 0)
		return;
	appendStringInfoString(out, ",\"contact\":{");
	json_append_member(out, "customerContactUid",
					   TextDatumGetCString(speakers->contacts->values[best * CONTACT_FIELDS + CONTACT_UID]));
	appendStringInfoString(out, ",\"matches\":[");
	(void) explain_document(out, search, speakers->contacts->values[best * CONTACT_FIELDS + CONTACT_SEARCH_TEXT]);
	appendStringInfoString(out, "]}");
}

/* The match of a customer who is known by what was typed. */
static void
explain_identifier(StringInfo out, const Search *search, const Datum *values, const bool *nulls)
{
	static const int fields[] = {CUSTOMER_UID, CUSTOMER_EXTERNAL_ID, CUSTOMER_LOYALTY_ID};
	const char *name = "merged customer";

	for (int i = 0; i < (int) lengthof(fields); i++)
	{
		if (!nulls[fields[i]] &&
			strcmp(TextDatumGetCString(values[fields[i]]), search->identifier) == 0)
			name = resources[RESOURCE_CUSTOMER].fields[fields[i]].json;
	}
	appendStringInfoString(out, "{\"word\":");
	json_append_string(out, search->identifier, strlen(search->identifier));
	appendStringInfoChar(out, ',');
	json_append_member(out, "field", name);
	appendStringInfoString(out, ",\"match\":\"whole field\",\"weight\":1}");
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
	Speakers	speakers;

	if (body == NULL)
		return;
	hits = search_find(&search);
	keys = hit_keys(&hits);
	block = read_rows(call, RESOURCE_CUSTOMER, VIEW_EXPLAIN, CUSTOMER_UID, keys, hits.count);
	speakers = load_speakers(&search, keys, hits.count);
	answer_begin(call, 1024);
	appendStringInfo(out, "{\"similar\":%s,\"hits\":[",
					 search.scope & (SEARCH_MISTYPED | SEARCH_SIMILAR) ? "true" : "false");
	for (int i = 0; i < hits.count; i++)
	{
		int			row = block_find(block, CUSTOMER_UID, keys[i]);
		int			first = Max(row, 0) * CUSTOMER_FIELDS;
		Datum	   *values = block->values + first;

		if (row < 0)
			continue;
		if (out->data[out->len - 1] == '}')
			appendStringInfoChar(out, ',');
		appendStringInfoChar(out, '{');
		json_append_member(out, "customerUid", TextDatumGetCString(values[CUSTOMER_UID]));
		appendStringInfoChar(out, ',');
		json_append_member(out, "displayName", TextDatumGetCString(values[CUSTOMER_DISPLAY_NAME]));
		appendStringInfo(out, ",\"relevance\":%.4g,\"matches\":[", hits.scores[i]);
		if (search.identified && map_get(search.identified, TextDatumGetCString(keys[i])))
			explain_identifier(out, &search, values, block->nulls + first);
		else if ((search.scope & SEARCH_OF_CUSTOMERS) &&
				 explain_document(NULL, &search, values[CUSTOMER_SEARCH_TEXT]) > 0)
			(void) explain_document(out, &search, values[CUSTOMER_SEARCH_TEXT]);
		appendStringInfoChar(out, ']');
		explain_contact(out, &search, &speakers, keys[i]);
		appendStringInfoChar(out, '}');
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
	hits = search_find(&search);
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
