/*-------------------------------------------------------------------------
 *
 * api_contact.c
 *	  The operations on contacts: by themselves, and as those of a customer.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/normalize.h"
#include "core/page.h"
#include "core/plan.h"
#include "core/redirect.h"
#include "erase.h"

extern void contact_list_run(Call *call);
extern void contact_get_run(Call *call);
extern void contact_create_run(Call *call);
extern void contact_update_run(Call *call);
extern void contact_delete_run(Call *call);
extern void contact_customer_list_run(Call *call);
extern void contact_customer_add_run(Call *call);
extern void contact_customer_remove_run(Call *call);
extern void customer_contact_list_run(Call *call);
extern void customer_contact_create_run(Call *call);
extern void customer_contact_get_run(Call *call);
extern void customer_contact_update_run(Call *call);
extern void customer_contact_delete_run(Call *call);

/* The contact that the call names, loaded and locked, or a problem. */
static Row *
load_contact(Call *call, RowSet *contacts, bool strongest)
{
	const char *uid = call->arguments[ARGUMENT_CONTACT];
	Datum		value = CStringGetTextDatum(uid);

	if (!call_load_tenant(call))
		return NULL;
	rowset_load(contacts, CONTACT_UID, &value, 1, strongest);
	if (rowset_find(contacts, uid) == NULL)
		call_not_found(call, RESOURCE_CONTACT);
	return rowset_find(contacts, uid);
}

/* Checks that the customer which the call names can get something new, or adds a problem. */
static bool
check_customer(Call *call)
{
	if (!call_load_tenant(call))
		return false;
	return customer_can_change(call, call->arguments[ARGUMENT_CUSTOMER]);
}

/* The link between the call's customer and contact, or a problem. */
static Row *
load_link(Call *call, RowSet *links)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	const char *contact = call->arguments[ARGUMENT_CONTACT];
	Datum		value = CStringGetTextDatum(contact);
	Row		   *link;

	rowset_load(links, LINK_CONTACT_UID, &value, 1, true);
	link = rowset_find2(links, customer, contact);
	if (link == NULL)
		call_not_found(call, RESOURCE_CONTACT);
	return link;
}

/*
 * Links a contact to the customers of a body's list.  The role of a link that
 * is there already changes when the body gives one.
 */
static void
write_links(Call *call, const Row *body, const char *contact_uid)
{
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);
	JsonPath	root = {.parent = NULL};
	JsonPath	name = {&root, "customers", strlen("customers"), 0};
	Datum		contact = CStringGetTextDatum(contact_uid);
	RowList    *list;
	Datum	   *uids;
	StringMap  *existing;
	StringMap  *erased;

	if (body->nulls[CONTACT_CUSTOMERS])
		return;
	list = (RowList *) DatumGetPointer(body->values[CONTACT_CUSTOMERS]);
	uids = palloc(Max(list->count, 1) * sizeof(Datum));
	for (int i = 0; i < list->count; i++)
		uids[i] = list->rows[i]->values[LINK_CUSTOMER_UID];
	existing = customers_existing(call, uids, list->count);
	for (int i = 0; i < list->count; i++)
	{
		char	   *customer = map_get(existing, row_text(list->rows[i], LINK_CUSTOMER_UID));

		uids[i] = customer ? CStringGetTextDatum(customer) : list->rows[i]->values[LINK_CUSTOMER_UID];
	}
	erased = customers_erased(call, uids, list->count);
	rowset_load(links, LINK_CONTACT_UID, &contact, 1, false);
	for (int i = 0; i < list->count; i++)
	{
		Row		   *given = list->rows[i];
		char	   *customer = map_get(existing, row_text(given, LINK_CUSTOMER_UID));
		Row		   *link;

		if (customer == NULL)
		{
			problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_CUSTOMER],
								 psprintf("$.customers[%d].customerUid", i));
			continue;
		}
		if (map_get(erased, customer) != NULL)
		{
			problem_add(&call->problems, REASON_CUSTOMER_ERASED,
						psprintf("$.customers[%d].customerUid", i), NULL);
			continue;
		}
		link = rowset_find2(links, customer, contact_uid);
		if (link == NULL)
		{
			link = row_create(links->resource);
			apply_defaults(call, link);
			row_set_text(link, LINK_CUSTOMER_UID, customer);
			row_set_text(link, LINK_CONTACT_UID, contact_uid);
			row_set(link, LINK_CREATED_AT, TimestampTzGetDatum(call->now));
			rowset_add(links, link);
		}
		apply_body(call, link, given, &name);
	}
	if (!call_failed(call))
		rowset_flush(links);
}

/*
 * Creates the contact that a body describes, without links; gives its uid, or
 * NULL with problems.
 */
static char *
create_contact(Call *call, const Row *body)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	JsonPath	root = {.parent = NULL};
	Row		   *contact = row_create(contacts->resource);
	char	   *uid;

	decode_check_required(call, body, &root);
	apply_body(call, contact, body, &root);
	if (call_failed(call))
		return NULL;
	uid = row_text(body, CONTACT_UID);
	if (uid == NULL)
		uid = uid_generate();
	else
	{
		Datum		value = CStringGetTextDatum(uid);

		rowset_load(contacts, CONTACT_UID, &value, 1, false);
		if (contacts->list.count > 0)
		{
			problem_add_resource(&call->problems, REASON_ALREADY_EXISTS,
								 contacts->resource, NULL);
			return NULL;
		}
	}
	row_set_text(contact, CONTACT_UID, uid);
	row_set(contact, CONTACT_CREATED_AT, TimestampTzGetDatum(call->now));
	row_set(contact, CONTACT_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	rowset_add(contacts, contact);
	rowset_flush(contacts);
	total_add(call, TOTAL_CONTACT, "", contacts->inserted);
	return uid;
}

/* Changes the contact that the call names by its body. */
static bool
update_contact(Call *call)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	JsonPath	root = {.parent = NULL};
	Row		   *contact = load_contact(call, contacts, false);

	if (contact == NULL)
		return false;
	apply_body(call, contact, decode_body(call, contacts->resource, WRITE), &root);
	if (call_failed(call))
		return false;
	if (!row_equal(contact, contact->before))
		row_set(contact, CONTACT_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(contacts);
	return true;
}

/* Removes a contact and all of its links; its row must have been locked. */
static void
delete_contact(Call *call, RowSet *contacts, Row *contact)
{
	static const struct
	{
		ResourceId	resource;
		int			field;
	}			children[] = {
		{RESOURCE_CONTACT_EXTENSION, CONTACT_EXTENSION_CONTACT_UID},
		{RESOURCE_LINK, LINK_CONTACT_UID},
	};
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);

	/* extensions are found by the customer's key, which the links know */
	rowset_load(links, LINK_CONTACT_UID, &contact->values[CONTACT_UID], 1, true);
	for (int i = 0; i < (int) lengthof(children) && links->list.count > 0; i++)
	{
		RowSet	   *set = rowset_create(call, children[i].resource);
		Datum	   *customers = palloc(links->list.count * sizeof(Datum));

		for (int j = 0; j < links->list.count; j++)
			customers[j] = links->list.rows[j]->values[LINK_CUSTOMER_UID];
		rowset_load(set, 0, customers,
					sort_unique_texts(customers, links->list.count), true);
		for (int j = 0; j < set->list.count; j++)
		{
			Row		   *row = set->list.rows[j];

			if (strcmp(row_text(row, children[i].field), contact->key) == 0)
				row->present = false;
		}
		rowset_flush(set);
	}
	contact->present = false;
	rowset_flush(contacts);
	total_add(call, TOTAL_CONTACT, "", -contacts->deleted);
}

/* Removes a link with its extensions. */
static void
delete_link(Call *call, RowSet *links, Row *link)
{
	RowSet	   *extensions = rowset_create(call, RESOURCE_CONTACT_EXTENSION);

	rowset_load(extensions, CONTACT_EXTENSION_CUSTOMER_UID,
				&link->values[LINK_CUSTOMER_UID], 1, true);
	for (int i = 0; i < extensions->list.count; i++)
	{
		Row		   *row = extensions->list.rows[i];

		if (strcmp(row_text(row, CONTACT_EXTENSION_CONTACT_UID),
				   row_text(link, LINK_CONTACT_UID)) == 0)
			row->present = false;
	}
	rowset_flush(extensions);
	link->present = false;
	rowset_flush(links);
}

/* Answers with the customers of the call's contact: {items}. */
static void
answer_customers(Call *call)
{
	Datum		contact = CStringGetTextDatum(call->arguments[ARGUMENT_CONTACT]);
	RowBlock   *block = read_rows(call, RESOURCE_LINK, VIEW_OF_CONTACT, LINK_CONTACT_UID,
								  &contact, 1);

	answer_begin(call, 64 + 256 * block->nrows);
	appendStringInfoString(&call->answer, "{\"items\":[");
	for (int i = 0; i < block->nrows; i++)
	{
		if (i > 0)
			appendStringInfoChar(&call->answer, ',');
		render_row(&call->answer, block, i);
	}
	appendStringInfoString(&call->answer, "]}");
}

/* contact_list(tenant, page) */
void
contact_list_run(Call *call)
{
	(void) answer_page(call, LIST_CONTACTS, NULL);
}

/* contact_get(tenant, contact) */
void
contact_get_run(Call *call)
{
	if (!answer_row(call, RESOURCE_CONTACT, call->arguments[ARGUMENT_CONTACT]))
		call_not_found(call, RESOURCE_CONTACT);
}

/* contact_create(tenant, body) */
void
contact_create_run(Call *call)
{
	Row		   *body;
	char	   *uid;

	if (!call_load_tenant(call))
		return;
	body = decode_body(call, &resources[RESOURCE_CONTACT], WRITE | CREATE | RELATE);
	uid = create_contact(call, body);
	if (uid == NULL)
		return;
	write_links(call, body, uid);
	if (!call_failed(call))
		(void) answer_row(call, RESOURCE_CONTACT, uid);
}

/* contact_update(tenant, contact, body) */
void
contact_update_run(Call *call)
{
	if (update_contact(call))
		(void) answer_row(call, RESOURCE_CONTACT, call->arguments[ARGUMENT_CONTACT]);
}

/* contact_delete(tenant, contact) */
void
contact_delete_run(Call *call)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	Row		   *contact = load_contact(call, contacts, true);

	if (contact != NULL)
		delete_contact(call, contacts, contact);
}

/* contact_customer_list(tenant, contact) */
void
contact_customer_list_run(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CONTACT]);

	if (read_rows(call, RESOURCE_CONTACT, VIEW_BRIEF, CONTACT_UID, &uid, 1)->nrows > 0)
		answer_customers(call);
	else
		call_not_found(call, RESOURCE_CONTACT);
}

/* contact_customer_add(tenant, contact, body) */
void
contact_customer_add_run(Call *call)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	Row		   *body;

	if (load_contact(call, contacts, false) == NULL)
		return;
	body = decode_body(call, contacts->resource, RELATE);
	if (!call_failed(call))
		write_links(call, body, call->arguments[ARGUMENT_CONTACT]);
	if (!call_failed(call))
		answer_customers(call);
}

/* contact_customer_remove(tenant, contact, customer): the contact stays */
void
contact_customer_remove_run(Call *call)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);
	Row		   *link;

	if (load_contact(call, contacts, false) == NULL)
		return;
	rowset_load(links, LINK_CONTACT_UID,
				&contacts->list.rows[0]->values[CONTACT_UID], 1, true);
	link = rowset_find2(links, call->arguments[ARGUMENT_CUSTOMER],
						call->arguments[ARGUMENT_CONTACT]);
	if (link == NULL)
		call_not_found(call, RESOURCE_CUSTOMER);
	else
		delete_link(call, links, link);
}

/* customer_contact_list(tenant, customer, page) */
void
customer_contact_list_run(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);

	if (read_rows(call, RESOURCE_CUSTOMER, VIEW_OF_CONTACT, CUSTOMER_UID, &uid, 1)->nrows == 0)
		call_not_found(call, RESOURCE_CUSTOMER);
	else
		(void) answer_page(call, LIST_CONTACTS_OF_CUSTOMER, call->arguments[ARGUMENT_CUSTOMER]);
}

/* customer_contact_create(tenant, customer, body): a contact and its link */
void
customer_contact_create_run(Call *call)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);
	JsonPath	root = {.parent = NULL};
	Row		   *link = row_create(links->resource);
	char	   *contact;

	if (!check_customer(call))
		return;
	apply_defaults(call, link);
	apply_body(call, link, decode_body(call, links->resource, WRITE), &root);
	contact = create_contact(call, decode_body(call, &resources[RESOURCE_CONTACT], WRITE | CREATE));
	if (contact == NULL)
		return;
	row_set_text(link, LINK_CUSTOMER_UID, customer);
	row_set_text(link, LINK_CONTACT_UID, contact);
	row_set(link, LINK_CREATED_AT, TimestampTzGetDatum(call->now));
	rowset_add(links, link);
	rowset_flush(links);
	(void) answer_link(call, customer, contact);
}

/* customer_contact_get(tenant, customer, contact) */
void
customer_contact_get_run(Call *call)
{
	Datum		uid = CStringGetTextDatum(call->arguments[ARGUMENT_CUSTOMER]);

	if (answer_link(call, call->arguments[ARGUMENT_CUSTOMER],
					call->arguments[ARGUMENT_CONTACT]))
		return;
	if (read_rows(call, RESOURCE_CUSTOMER, VIEW_OF_CONTACT, CUSTOMER_UID, &uid, 1)->nrows == 0)
		call_not_found(call, RESOURCE_CUSTOMER);
	else
		call_not_found(call, RESOURCE_CONTACT);
}

/* customer_contact_update(tenant, customer, contact, body) */
void
customer_contact_update_run(Call *call)
{
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);

	/* the contact before its links, as everywhere */
	if (check_customer(call) && load_contact(call, contacts, false) != NULL &&
		load_link(call, links) != NULL && update_contact(call))
		(void) answer_link(call, call->arguments[ARGUMENT_CUSTOMER],
						   call->arguments[ARGUMENT_CONTACT]);
}

/*
 * customer_contact_delete(tenant, customer, contact): the link goes, and the
 * contact with its last one
 */
void
customer_contact_delete_run(Call *call)
{
	RowSet	   *contacts = rowset_create(call, RESOURCE_CONTACT);
	RowSet	   *links = rowset_create(call, RESOURCE_LINK);
	Row		   *contact;
	Row		   *link;

	if (!check_customer(call))
		return;
	contact = load_contact(call, contacts, true);
	if (contact == NULL)
		return;
	link = load_link(call, links);
	if (link == NULL)
		return;
	if (links->list.count == 1)
		delete_contact(call, contacts, contact);
	else
		delete_link(call, links, link);
}
