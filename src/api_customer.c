/*-------------------------------------------------------------------------
 *
 * api_customer.c
 *	  The operations on customers: list, read, write, and batches of writes.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/page.h"
#include "customer_write.h"

static const char *const section_names[SECTION_COUNT] = {
	"create", "update", "upsert", "delete"
};

extern void customer_list_run(Call *call);
extern void customer_get_run(Call *call);
extern void customer_create_run(Call *call);
extern void customer_update_run(Call *call);
extern void customer_delete_run(Call *call);
extern void customer_batch_run(Call *call);

/* customer_list(tenant, external id, page) */
void
customer_list_run(Call *call)
{
	const char *external_id = call->arguments[ARGUMENT_EXTERNAL_ID];

	if (external_id == NULL || external_id[0] == '\0')
	{
		(void) answer_page(call, LIST_CUSTOMERS, NULL);
		return;
	}
	if (answer_page(call, LIST_CUSTOMERS_BY_EXTERNAL_ID, external_id) > 0 || call_failed(call))
		return;
	/* somebody can have had it who was merged into somebody else */
	(void) answer_page(call, LIST_CUSTOMERS_BY_MERGED_ID, external_id);
}

/* customer_get(tenant, customer) */
void
customer_get_run(Call *call)
{
	if (!answer_row(call, RESOURCE_CUSTOMER, call->arguments[ARGUMENT_CUSTOMER]))
		call_not_found(call, RESOURCE_CUSTOMER);
}

/* Writes one customer as a batch of one; its problems become the call's. */
static bool
write_single(Call *call, CustomerItem *item)
{
	customers_write(call, item, 1);
	call->problems = item->problems;
	return !call_failed(call);
}

static void
decode_single(Call *call, CustomerItem *item)
{
	JsonReader	reader;

	json_reader_init(&reader, call->body, call->body_length);
	customer_item_decode(call, item, &reader);
}

/* customer_create(tenant, body) */
void
customer_create_run(Call *call)
{
	CustomerItem item = {.section = SECTION_CREATE};

	if (!call_load_tenant(call))
		return;
	decode_single(call, &item);
	if (write_single(call, &item))
		(void) answer_row(call, RESOURCE_CUSTOMER, item.uid);
}

/*
 * customer_update(tenant, customer, body): the path says which customer, and
 * consents are not changed this way.
 */
void
customer_update_run(Call *call)
{
	CustomerItem item = {.section = SECTION_UPDATE,
	.given_uid = call->arguments[ARGUMENT_CUSTOMER]};

	if (!call_load_tenant(call))
		return;
	decode_single(call, &item);
	if (write_single(call, &item))
		(void) answer_row(call, RESOURCE_CUSTOMER, item.uid);
}

/* customer_delete(tenant, customer) */
void
customer_delete_run(Call *call)
{
	CustomerItem item = {.section = SECTION_DELETE};

	if (!call_load_tenant(call))
		return;
	item.body = row_create(&resources[RESOURCE_CUSTOMER]);
	item.given_uid = call->arguments[ARGUMENT_CUSTOMER];
	problems_init(&item.problems, call->context);
	(void) write_single(call, &item);
}

/* A section of a batch while it is read. */
typedef struct SectionItems
{
	CustomerItem *items;
	int			count;
	int			room;
} SectionItems;

static void
read_section(Call *call, JsonReader *reader, Section section, const JsonPath *path,
			 SectionItems *list)
{
	JsonReader	inner;

	json_enter(reader, &inner);
	while (json_next_element(&inner) && list->count <= call->tenant_row.max_batch_items)
	{
		CustomerItem *item;

		CHECK_FOR_INTERRUPTS();
		if (list->count == list->room)
		{
			list->room = Max(64, list->room * 2);
			list->items = list->items == NULL
				? palloc(list->room * sizeof(CustomerItem))
				: repalloc_huge(list->items, list->room * sizeof(CustomerItem));
		}
		item = &list->items[list->count];
		memset(item, 0, sizeof(CustomerItem));
		item->section = section;
		item->path = (JsonPath) {path, NULL, 0, list->count++};
		customer_item_decode(call, item, &inner);
	}
	json_leave(reader, &inner);
}

/*
 * Reads the body of a batch, each section into its list; of a repeated section
 * the last one counts.  False with problems; too many items stop it at once.
 */
static bool
read_batch(Call *call, const JsonPath *paths, SectionItems *lists)
{
	JsonReader	reader;
	JsonString	name;

	if (!call_body_object(call, &reader))
		return false;
	while (json_next_member(&reader, &name))
	{
		int			section = 0;
		int			count = 0;

		while (section < SECTION_COUNT && !json_string_is(&name, section_names[section]))
			section++;
		if (section == SECTION_COUNT)
		{
			json_skip(&reader);
			continue;
		}
		problems_remove(&call->problems, &paths[section]);
		lists[section].count = 0;
		if (json_peek(&reader) == '[')
			read_section(call, &reader, section, &paths[section], &lists[section]);
		else
		{
			if (json_peek(&reader) != 'n')
				problem_add_at(&call->problems, REASON_NOT_ARRAY, &paths[section], NULL);
			json_skip(&reader);
		}
		for (int i = 0; i < SECTION_COUNT; i++)
			count += lists[i].count;
		if (count > call->tenant_row.max_batch_items)
		{
			problem_add(&call->problems, REASON_TOO_MANY_ITEMS, NULL,
						psprintf("%d", call->tenant_row.max_batch_items));
			return false;
		}
	}
	return !call_failed(call);
}

static void
render_section(Call *call, const CustomerItem *items, int nitems, Section section)
{
	StringInfo	out = &call->answer;
	Language	language = call_language(call);
	int			success = 0;
	bool		first = true;
	int			index = 0;

	appendStringInfo(out, "\"%s\":{\"errors\":[", section_names[section]);
	for (int i = 0; i < nitems; i++)
	{
		const CustomerItem *item = &items[i];

		if (item->section != section)
			continue;
		if (item->problems.count == 0)
			success++;
		else
		{
			call->status = 207;
			if (!first)
				appendStringInfoChar(out, ',');
			first = false;
			problems_append_item(&item->problems, language, "customerUid",
								 item->given_uid ? item->given_uid : "", index, &item->path, out);
		}
		index++;
	}
	appendStringInfo(out, "],\"success\":%d}", success);
}

/* customer_batch(tenant, body) */
void
customer_batch_run(Call *call)
{
	JsonPath	root = {.parent = NULL};
	JsonPath	paths[SECTION_COUNT];
	SectionItems lists[SECTION_COUNT] = {0};
	CustomerItem *items;
	int			nitems = 0;

	for (int i = 0; i < SECTION_COUNT; i++)
		paths[i] = (JsonPath) {&root, section_names[i], strlen(section_names[i]), 0};
	if (!call_load_tenant(call) || !read_batch(call, paths, lists))
		return;
	for (int i = 0; i < SECTION_COUNT; i++)
		nitems += lists[i].count;
	items = palloc(Max(nitems, 1) * sizeof(CustomerItem));
	nitems = 0;
	for (int i = 0; i < SECTION_COUNT; i++)
	{
		if (lists[i].count > 0)
			memcpy(items + nitems, lists[i].items, lists[i].count * sizeof(CustomerItem));
		nitems += lists[i].count;
	}
	if (nitems > 0)
		customers_write(call, items, nitems);

	answer_begin(call, 1024);
	appendStringInfoChar(&call->answer, '{');
	for (int i = 0; i < SECTION_COUNT; i++)
	{
		if (i > 0)
			appendStringInfoChar(&call->answer, ',');
		render_section(call, items, nitems, i);
	}
	appendStringInfoChar(&call->answer, '}');
}
