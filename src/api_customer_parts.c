/*-------------------------------------------------------------------------
 *
 * api_customer_parts.c
 *	  What hangs on a customer, changed one by one: extensions (also those of
 *	  its contacts) and addresses.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"
#include "core/page.h"
#include "erase.h"

extern void customer_extension_add_run(Call *call);
extern void customer_extension_remove_run(Call *call);
extern void customer_contact_extension_add_run(Call *call);
extern void customer_contact_extension_remove_run(Call *call);
extern void customer_address_put_run(Call *call);
extern void customer_address_remove_run(Call *call);

/* Checks that the call's customer, and contact if it has one, are there. */
static bool
check_owner(Call *call)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	const char *contact = call->arguments[ARGUMENT_CONTACT];

	if (!call_load_tenant(call))
		return false;
	/* what hangs on a contact is not the customer's own */
	if (contact != NULL ? !customer_can_change(call, customer) : !customer_can_write(call, customer))
		return false;
	if (contact != NULL)
	{
		RowSet	   *links = rowset_create(call, RESOURCE_LINK);
		Datum		customer_value = CStringGetTextDatum(customer);
		Datum		contact_value = CStringGetTextDatum(contact);

		rowset_load_pairs(links, LINK_CUSTOMER_UID, &customer_value,
						  LINK_CONTACT_UID, &contact_value, 1);
		if (links->list.count == 0)
		{
			call_not_found(call, RESOURCE_CONTACT);
			return false;
		}
	}
	return true;
}

/*
 * An address of a merged-away customer can have got another uid, when the survivor
 * had one with the same: its uid must not name that one.
 */
static bool
check_address_owner(Call *call)
{
	if (!check_owner(call))
		return false;
	if (call->named_customer == NULL)
		return true;
	problem_add(&call->problems, REASON_ALREADY_MERGED, NULL, call->arguments[ARGUMENT_CUSTOMER]);
	return false;
}

/* Checks an extension's code against those that the field accepts. */
static void
check_code(Call *call, const Field *field)
{
	const char *code = call->arguments[ARGUMENT_EXTENSION];

	for (int i = 0; field->allowed[i]; i++)
	{
		if (strcmp(field->allowed[i], code) == 0)
			return;
	}
	problem_add(&call->problems, REASON_NOT_ALLOWED, "customerExtensionCode",
				field_list_allowed(field));
}

/* The organization of the store that the body names, or a problem. */
static char *
body_organization(Call *call)
{
	Row		   *body = decode_body(call, &resources[RESOURCE_STORE], KEY);
	RowBlock   *block;

	if (body->given[STORE_UID] == GIVEN_WRONG)
		return NULL;
	if (body->nulls[STORE_UID])
	{
		problem_add(&call->problems, REASON_MISSING, "$.storeUid", NULL);
		return NULL;
	}
	block = read_rows(call, RESOURCE_STORE, ANSWER, STORE_UID, &body->values[STORE_UID], 1);
	if (block->nrows == 0)
	{
		problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_STORE],
							 "$.storeUid");
		return NULL;
	}
	return TextDatumGetCString(block->values[STORE_ORGANIZATION_UID]);
}

/*
 * Adds or removes the extension that the call names, of a customer or of a
 * customer's contact; the fields say which.
 */
static bool
change_extension(Call *call, ResourceId resource, int contact_field, int code_field,
				 int organization_field, int created_field, bool add)
{
	RowSet	   *extensions = rowset_create(call, resource);
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	Datum		value = CStringGetTextDatum(customer);
	Row		   *wanted = row_create(extensions->resource);
	char	   *organization;
	Row		   *found;

	if (!check_owner(call))
		return false;
	check_code(call, &extensions->resource->fields[code_field]);
	organization = body_organization(call);
	if (call_failed(call))
		return false;
	/* the customer's uid is the first field of either kind */
	row_set_text(wanted, 0, customer);
	if (contact_field >= 0)
		row_set_text(wanted, contact_field, call->arguments[ARGUMENT_CONTACT]);
	row_set_text(wanted, code_field, call->arguments[ARGUMENT_EXTENSION]);
	row_set_text(wanted, organization_field, organization);
	rowset_load(extensions, 0, &value, 1, true);
	found = rowset_find(extensions, row_make_key(wanted));
	if (add && found == NULL)
	{
		row_set(wanted, created_field, TimestampTzGetDatum(call->now));
		rowset_add(extensions, wanted);
	}
	else if (!add && found != NULL)
		found->present = false;
	else if (!add)
	{
		call_not_found(call, resource);
		return false;
	}
	rowset_flush(extensions);
	return true;
}

static bool
change_customer_extension(Call *call, bool add)
{
	return change_extension(call, RESOURCE_CUSTOMER_EXTENSION, -1, CUSTOMER_EXTENSION_CODE,
							CUSTOMER_EXTENSION_ORGANIZATION_UID,
							CUSTOMER_EXTENSION_CREATED_AT, add);
}

static bool
change_contact_extension(Call *call, bool add)
{
	return change_extension(call, RESOURCE_CONTACT_EXTENSION, CONTACT_EXTENSION_CONTACT_UID,
							CONTACT_EXTENSION_CODE, CONTACT_EXTENSION_ORGANIZATION_UID,
							CONTACT_EXTENSION_CREATED_AT, add);
}

/* customer_extension_add(tenant, customer, code, body) */
void
customer_extension_add_run(Call *call)
{
	if (change_customer_extension(call, true))
		(void) answer_row(call, RESOURCE_CUSTOMER, call->arguments[ARGUMENT_CUSTOMER]);
}

/* customer_extension_remove(tenant, customer, code, body) */
void
customer_extension_remove_run(Call *call)
{
	(void) change_customer_extension(call, false);
}

/* customer_contact_extension_add(tenant, customer, contact, code, body) */
void
customer_contact_extension_add_run(Call *call)
{
	if (change_contact_extension(call, true))
		(void) answer_link(call, call->arguments[ARGUMENT_CUSTOMER],
						   call->arguments[ARGUMENT_CONTACT]);
}

/* customer_contact_extension_remove(tenant, customer, contact, code, body) */
void
customer_contact_extension_remove_run(Call *call)
{
	(void) change_contact_extension(call, false);
}

/*
 * customer_address_put(tenant, customer, body): changes the address that has
 * the body's uid, or adds one
 */
void
customer_address_put_run(Call *call)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	Datum		value = CStringGetTextDatum(customer);
	RowSet	   *addresses = rowset_create(call, RESOURCE_ADDRESS);
	JsonPath	root = {.parent = NULL};
	Row		   *body;
	Row		   *address = NULL;
	char	   *uid;

	if (!check_owner(call))
		return;
	body = decode_body(call, addresses->resource, WRITE);
	uid = row_text(body, ADDRESS_UID);
	if (uid != NULL && !check_address_owner(call))
		return;
	rowset_load(addresses, ADDRESS_CUSTOMER_UID, &value, 1, false);
	if (uid != NULL)
		address = rowset_find2(addresses, customer, uid);
	if (address == NULL)
	{
		decode_check_required(call, body, &root);
		address = row_create(addresses->resource);
		apply_defaults(call, address);
		row_set_text(address, ADDRESS_CUSTOMER_UID, customer);
		row_set_text(address, ADDRESS_UID, uid ? uid : uid_generate());
		row_set(address, ADDRESS_CREATED_AT, TimestampTzGetDatum(call->now));
		row_set(address, ADDRESS_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
		rowset_add(addresses, address);
	}
	apply_body(call, address, body, &root);
	if (call_failed(call))
		return;
	if (address->before != NULL && !row_equal(address, address->before))
		row_set(address, ADDRESS_LAST_MODIFIED_AT, TimestampTzGetDatum(call->now));
	rowset_flush(addresses);
	(void) answer_row(call, RESOURCE_CUSTOMER, customer);
}

/* customer_address_remove(tenant, customer, address) */
void
customer_address_remove_run(Call *call)
{
	const char *customer = call->arguments[ARGUMENT_CUSTOMER];
	Datum		value = CStringGetTextDatum(customer);
	RowSet	   *addresses = rowset_create(call, RESOURCE_ADDRESS);
	Row		   *address;

	if (!check_address_owner(call))
		return;
	rowset_load(addresses, ADDRESS_CUSTOMER_UID, &value, 1, true);
	address = rowset_find2(addresses, customer, call->arguments[ARGUMENT_ADDRESS]);
	if (address == NULL)
	{
		call_not_found(call, RESOURCE_ADDRESS);
		return;
	}
	address->present = false;
	rowset_flush(addresses);
}
