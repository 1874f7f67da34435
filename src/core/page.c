/*-------------------------------------------------------------------------
 *
 * page.c
 *	  Pages of a list: the keys of the page, then its rows.
 *
 * The keys come from an index alone wherever the sort allows it, so a page
 * deep in a list costs no more than walking the index there.  Totals come
 * from the counters where a list is not bounded by what hangs on one row.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"

typedef struct ListSource
{
	ResourceId	driver;			/* whose rows make the list, */
	const char *key;			/* by this column; */
	const char *filter;			/* with the caller's value in this one */
	ResourceId	rows;			/* what the items show, found by the same key */
	uint32		view;
	ResourceId	shown;			/* whose fields it can be sorted by */
	int			total;			/* a TotalKind, or -1 to count */
	const char *condition;		/* instead of a filter, or NULL */
} ListSource;

static const ListSource lists[] = {
	[LIST_CUSTOMERS] = {RESOURCE_CUSTOMER, "customer_uid", NULL, RESOURCE_CUSTOMER, ANSWER, RESOURCE_CUSTOMER, TOTAL_CUSTOMER, NULL},
	[LIST_CUSTOMERS_BY_EXTERNAL_ID] = {RESOURCE_CUSTOMER, "customer_uid", "external_id", RESOURCE_CUSTOMER, ANSWER, RESOURCE_CUSTOMER, -1, NULL},
	[LIST_CUSTOMERS_BY_MERGED_ID] = {RESOURCE_CUSTOMER, "customer_uid", NULL, RESOURCE_CUSTOMER, ANSWER, RESOURCE_CUSTOMER, -1,
		"d.customer_uid IN (SELECT r.survivor_uid FROM flowcustomer.customer_redirect r"
	" WHERE r.tenant_uid = $1 AND r.external_id = $2)"},
	[LIST_CONTACTS] = {RESOURCE_CONTACT, "contact_uid", NULL, RESOURCE_CONTACT, ANSWER, RESOURCE_CONTACT, TOTAL_CONTACT, NULL},
	[LIST_CONTACTS_OF_CUSTOMER] = {RESOURCE_LINK, "contact_uid", "customer_uid", RESOURCE_LINK, VIEW_OF_CUSTOMER, RESOURCE_CONTACT, -1, NULL},
	[LIST_GROUPS] = {RESOURCE_GROUP, "group_uid", NULL, RESOURCE_GROUP, ANSWER, RESOURCE_GROUP, TOTAL_GROUP, NULL},
	[LIST_CUSTOMERS_OF_GROUP] = {RESOURCE_MEMBER, "customer_uid", "group_uid", RESOURCE_CUSTOMER, ANSWER, RESOURCE_CUSTOMER, TOTAL_MEMBER, NULL},
	[LIST_EXTERNAL_CUSTOMERS] = {RESOURCE_EXTERNAL_CUSTOMER, "customer_uid", NULL, RESOURCE_EXTERNAL_CUSTOMER, ANSWER, RESOURCE_EXTERNAL_CUSTOMER, -1, NULL},
	[LIST_EXTERNAL_SOURCES] = {RESOURCE_EXTERNAL_SOURCE, "name", NULL, RESOURCE_EXTERNAL_SOURCE, ANSWER, RESOURCE_EXTERNAL_SOURCE, -1, NULL},
	[LIST_PRINT_JOBS] = {RESOURCE_PRINT_JOB, "print_job_uid", NULL, RESOURCE_PRINT_JOB, VIEW_BRIEF, RESOURCE_PRINT_JOB, -1, NULL},
	[LIST_ERASURES] = {RESOURCE_ERASURE, "erasure_uid", NULL, RESOURCE_ERASURE, ANSWER, RESOURCE_ERASURE, -1, NULL},
	[LIST_ACCESSES] = {RESOURCE_ACCESS, "access_uid", NULL, RESOURCE_ACCESS, ANSWER, RESOURCE_ACCESS, -1,
		"d.customer_uid IN (SELECT $2 UNION ALL SELECT r.customer_uid FROM flowcustomer.customer_redirect r"
	" WHERE r.tenant_uid = $1 AND r.survivor_uid = $2)"},
};

/*
 * Fields to sort by are numbered so that both the items' own resource and the
 * one that they show can be named: the latter's begin here.
 */
#define SHOWN_FIELDS MAX_FIELDS

/*
 * Builds the statements of lists: detail is the list, extra
 * twice the field to sort by, plus one for the other direction.
 */
void
list_statement(const PlanKey *key, StringInfo sql)
{
	const ListSource *list = &lists[key->detail];
	int			sort = key->extra / 2;
	const char *direction = key->extra % 2 ? "DESC NULLS LAST" : "ASC NULLS FIRST";
	bool		join = sort >= SHOWN_FIELDS && list->shown != list->driver;
	const char *column = sort >= SHOWN_FIELDS
		? resources[list->shown].fields[sort - SHOWN_FIELDS].column
		: resources[list->driver].fields[sort].column;
	bool		by_key = strcmp(column, list->key) == 0;

	if (key->statement == STATEMENT_COUNT_LIST)
		appendStringInfoString(sql, "SELECT count(*)");
	else
		appendStringInfo(sql, "SELECT d.%s", list->key);
	appendStringInfo(sql, " FROM flowcustomer.%s d", resources[list->driver].table);
	if (join && !by_key)
		appendStringInfo(sql, " JOIN flowcustomer.%s s ON s.tenant_uid = $1 AND s.%s = d.%s",
						 resources[list->shown].table, list->key, list->key);
	appendStringInfo(sql, " WHERE d.tenant_uid = $1");
	if (list->filter)
		appendStringInfo(sql, " AND d.%s = $2", list->filter);
	if (list->condition)
		appendStringInfo(sql, " AND %s", list->condition);
	if (key->statement == STATEMENT_COUNT_LIST)
		return;
	if (by_key)
		appendStringInfo(sql, " ORDER BY d.%s %s", list->key,
						 key->extra % 2 ? "DESC" : "ASC");
	else
		appendStringInfo(sql, " ORDER BY %s.%s %s, d.%s", join ? "s" : "d", column,
						 direction, list->key);
	appendStringInfoString(sql, " OFFSET $3 LIMIT $4");
}

static int
find_sort(const Resource *resource, uint32 view, const char *key, const char *name,
		  StringInfo accepted)
{
	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (field->json == NULL || !(field->flags & view) ||
			(!field_is_scalar(field) && field->kind != FIELD_RELEVANCE))
			continue;
		if (strcmp(field->json, name) == 0 && field->kind == FIELD_RELEVANCE)
			return field_by_column(resource, key);	/* all alike in a list */
		if (strcmp(field->json, name) == 0)
			return field->alias_of ? field->alias_of - 1 : i;
		appendStringInfo(accepted, "%s%s", accepted->len > 0 ? ", " : "", field->json);
	}
	return -1;
}

/* The number of the field that the caller wants the list sorted by. */
static int
page_sort(Call *call, const ListSource *list)
{
	const Resource *driver = &resources[list->driver];
	const Resource *shown = &resources[list->shown];
	StringInfoData accepted;
	int			sort;

	if (call->page.sort_by == NULL)
		return field_by_column(driver, list->key);
	initStringInfo(&accepted);
	if (list->shown != list->driver && list->rows == list->driver)
	{
		sort = find_sort(driver, list->view, list->key, call->page.sort_by, &accepted);
		if (sort >= 0)
			return sort;
	}
	sort = find_sort(shown, list->rows == list->shown ? list->view : ANSWER, list->key, call->page.sort_by, &accepted);
	if (sort >= 0)
		return SHOWN_FIELDS + sort;
	problem_add(&call->problems, REASON_NOT_ALLOWED, "sortBy", accepted.data);
	return 0;
}

static bool
sorts_by_key(const ListSource *list, int sort)
{
	const Field *field = sort >= SHOWN_FIELDS
		? &resources[list->shown].fields[sort - SHOWN_FIELDS]
		: &resources[list->driver].fields[sort];

	return strcmp(field->column, list->key) == 0;
}

/*
 * The field of a list's own rows that the caller wants them sorted by; -1 when
 * the caller does not say, or says relevance.
 */
int
page_sort_field(Call *call, ListId list)
{
	StringInfoData accepted;
	const Resource *resource = &resources[lists[list].driver];
	int			sort;

	if (call->page.sort_by == NULL || strcmp(call->page.sort_by, "relevance") == 0)
		return -1;
	initStringInfo(&accepted);
	sort = find_sort(resource, lists[list].view, lists[list].key, call->page.sort_by, &accepted);
	if (sort < 0)
		problem_add(&call->problems, REASON_NOT_ALLOWED, "sortBy", accepted.data);
	return sort;
}

/* Ends the list of an answer's items, and says where in it they are. */
void
append_paging(Call *call, int64 total)
{
	StringInfo	out = &call->answer;

	appendStringInfoString(out, "],\"paging\":{\"pageNumber\":");
	json_append_integer(out, call->page.number);
	appendStringInfoString(out, ",\"pageSize\":");
	json_append_integer(out, call->page.size);
	appendStringInfoString(out, ",\"totalCount\":");
	json_append_integer(out, total);
	appendStringInfoString(out, "}}");
}

static int64
page_total(Call *call, ListId id, const char *filter)
{
	const ListSource *list = &lists[id];
	PlanKey		key = {.statement = STATEMENT_COUNT_LIST, .detail = id};
	Datum		arguments[2];
	bool		nulls[2] = {false, filter == NULL};
	bool		isnull;

	if (list->total >= 0)
		return total_read(call, list->total, filter ? filter : "");
	arguments[0] = call->tenant;
	arguments[1] = filter ? CStringGetTextDatum(filter) : (Datum) 0;
	(void) plan_execute(&key, 2, arguments, nulls, call->reader);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
									   1, &isnull));
}

/*
 * Answers with a page of a list: {items, paging}.  filter is the value for
 * the list's filter column, or NULL.  Gives how many rows the list has.
 */
int64
answer_page(Call *call, ListId id, const char *filter)
{
	const ListSource *list = &lists[id];
	PlanKey		key = {.statement = STATEMENT_PAGE, .detail = id};
	Datum		arguments[4];
	bool		nulls[4] = {false, filter == NULL, false, false};
	Datum	   *keys;
	int			nkeys;
	int			sort;
	int64		total;
	RowBlock   *block;
	int			key_field = field_by_column(&resources[list->rows], list->key);
	StringInfo	out = &call->answer;

	sort = page_sort(call, list);
	if (call_failed(call) || !call_load_tenant(call))
		return 0;
	key.extra = 2 * sort + call->page.descending;
	if (!sorts_by_key(list, sort))
		key.statement = STATEMENT_PAGE_SORTED;
	arguments[0] = call->tenant;
	arguments[1] = filter ? CStringGetTextDatum(filter) : (Datum) 0;
	arguments[2] = Int64GetDatum((int64) (call->page.number - 1) * call->page.size);
	arguments[3] = Int64GetDatum(call->page.size);
	nkeys = plan_execute(&key, 4, arguments, nulls, call->reader);
	keys = palloc(Max(nkeys, 1) * sizeof(Datum));
	for (int i = 0; i < nkeys; i++)
		keys[i] = result_text(i, 1);
	total = page_total(call, id, filter);

	if (list->filter && list->rows == list->driver && list->shown != list->driver)
	{
		/* the rows of a link need both sides of their key */
		Datum	   *filters = palloc(Max(nkeys, 1) * sizeof(Datum));

		for (int i = 0; i < nkeys; i++)
			filters[i] = arguments[1];
		block = read_pairs(call, list->rows, list->view,
						   field_by_column(&resources[list->rows], list->filter), filters,
						   key_field, keys, nkeys);
	}
	else if (nkeys > 1 && list->filter == NULL && list->condition == NULL && sorts_by_key(list, sort))
		block = read_range(call, list->rows, list->view, key_field,
						   keys[call->page.descending ? nkeys - 1 : 0],
						   keys[call->page.descending ? 0 : nkeys - 1]);
	else
		block = read_rows(call, list->rows, list->view, key_field, keys, nkeys);

	answer_begin(call, 256 + 1536 * nkeys);
	appendStringInfoString(out, "{\"items\":[");
	render_in_order(out, block, key_field, keys, nkeys);
	append_paging(call, total);
	return total;
}
