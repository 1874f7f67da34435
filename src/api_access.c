/*-------------------------------------------------------------------------
 *
 * api_access.c
 *	  What administrators say of who may do what: roles that were given a
 *	  tenant, and roles whose sessions speak for others.
 *
 * Whether a caller may go on is for core/access.c to say.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/plan.h"
#include "core/row.h"

#include "nodes/makefuncs.h"

extern void grant_access_run(Call *call);
extern void grant_authenticator_run(Call *call);
extern void revoke_access_run(Call *call);
extern void access_renew_run(Call *call);
extern void access_list_run(Call *call);

SQL_FUNCTION(flowcustomer_readable_tenants);

/* What all callers need besides the operations. */
static const char *const other_functions[] = {
	"http", "rest", "errors", "fields", "operations", "readable_tenants"
};

/* ---------------------------------------------------------------------
 * Rights to call our functions
 * --------------------------------------------------------------------- */

static Node *
function_named(const char *name)
{
	ObjectWithArgs *function = makeNode(ObjectWithArgs);

	function->objname = list_make2(makeString(pstrdup("flowcustomer")), makeString(pstrdup(name)));
	function->args_unspecified = true;
	return (Node *) function;
}

static void
grant_or_revoke(bool grant, char *role, ObjectType type, List *objects, const char *privilege)
{
	GrantStmt  *statement = makeNode(GrantStmt);
	AccessPriv *right = makeNode(AccessPriv);
	RoleSpec   *grantee = makeNode(RoleSpec);

	right->priv_name = pstrdup(privilege);
	grantee->roletype = ROLESPEC_CSTRING;
	grantee->rolename = role;
	grantee->location = -1;
	statement->is_grant = grant;
	statement->targtype = ACL_TARGET_OBJECT;
	statement->objtype = type;
	statement->objects = objects;
	statement->privileges = list_make1(right);
	statement->grantees = list_make1(grantee);
	statement->behavior = DROP_CASCADE;
	ExecuteGrantStmt(statement);
	CommandCounterIncrement();
}

/*
 * Lets a role call the functions that are not for administrators, or no longer.  It is
 * a second lock only, and what keeps PostgreSQL from dropping a role that has access.
 */
static void
set_privileges(bool grant, char *role)
{
	List	   *functions = NIL;

	for (int i = 0; i < OPERATION_COUNT; i++)
	{
		if (!operation_is_shared(&operations[i]))
			functions = lappend(functions, function_named(operations[i].name));
	}
	for (int i = 0; i < (int) lengthof(other_functions); i++)
		functions = lappend(functions, function_named(other_functions[i]));
	grant_or_revoke(grant, role, OBJECT_ROUTINE, functions, "execute");
	grant_or_revoke(grant, role, OBJECT_SCHEMA, list_make1(makeString(pstrdup("flowcustomer"))), "usage");
}

/*
 * The roles that have to be able to call our functions: those that were granted a
 * tenant, authenticators, and what authenticators can go on as.
 */
static TextList
calling_roles(void)
{
	PlanKey		key = {.statement = STATEMENT_ROLES_CALLING};
	uint64		nrows = plan_execute(&key, 0, NULL, NULL, false);
	TextList	roles = {0};

	for (uint64 i = 0; i < nrows; i++)
		text_list_add(&roles, result_text(i, 1));
	return roles;
}

static bool
has_text(const TextList *list, Datum value)
{
	for (int i = 0; i < list->count; i++)
	{
		if (compare_texts(list->values[i], value) == 0)
			return true;
	}
	return false;
}

/* Brings the rights of roles from what they were to what they have to be now. */
static void
renew_privileges(const TextList *before, bool all)
{
	TextList	now = calling_roles();
	Oid			owner = GetUserId();

	for (int i = 0; i < before->count; i++)
	{
		char	   *role = TextDatumGetCString(before->values[i]);

		/* what the owner can do does not come from us */
		if (!has_text(&now, before->values[i]) && get_role_oid(role, true) != owner)
			set_privileges(false, role);
	}
	for (int i = 0; i < now.count; i++)
	{
		if (all || !has_text(before, now.values[i]))
			set_privileges(true, TextDatumGetCString(now.values[i]));
	}
}

/* One administrator at a time: what a role needs depends on all of the rows. */
static void
lock_grants(void)
{
	if (SPI_execute("LOCK TABLE flowcustomer.access_grant, flowcustomer.authenticator"
					" IN SHARE ROW EXCLUSIVE MODE", false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not lock the grants of access");
}

/* ---------------------------------------------------------------------
 * Operations
 * --------------------------------------------------------------------- */

/* Checks that the role which the call names is there; gives it. */
static Oid
find_role(Call *call)
{
	Oid			role = get_role_oid(call->arguments[ARGUMENT_ROLE], true);

	if (!OidIsValid(role))
		problem_add(&call->problems, REASON_ROLE_NOT_FOUND, "role", NULL);
	return role;
}

/* The permissions that the call lists, or problems. */
static uint32
read_permissions(Call *call)
{
	uint32		permissions = 0;
	JsonReader	outer;
	JsonReader	reader;
	int			n = 0;

	if (call->body == NULL)
	{
		problem_add(&call->problems, REASON_MISSING, "permissions", NULL);
		return 0;
	}
	json_reader_init(&outer, call->body, call->body_length);
	json_enter(&outer, &reader);
	for (; json_next_element(&reader); n++)
	{
		uint32		permission = 0;

		if (json_peek(&reader) == '"')
		{
			JsonString	name = json_read_string(&reader);

			permission = permission_find(name.data, name.length);
		}
		else
			json_skip(&reader);
		if (permission == 0)
			problem_add(&call->problems, REASON_NOT_ALLOWED, psprintf("permissions[%d]", n),
						permissions_text(~0, ", "));
		permissions |= permission;
	}
	return permissions;
}

/* grant_access(role, tenant, permissions): what it may do there, and nothing else */
void
grant_access_run(Call *call)
{
	RowSet	   *grants = rowset_create(call, RESOURCE_GRANT);
	Datum		name = CStringGetTextDatum(call->arguments[ARGUMENT_ROLE]);
	uint32		permissions = read_permissions(call);
	TextList	before;
	Row		   *row;

	if (call->tenant_uid[0] == '\0')
		problem_add(&call->problems, REASON_MISSING, "tenantUid", NULL);
	(void) find_role(call);
	if (call_failed(call) || !call_load_tenant(call))
		return;
	lock_grants();
	before = calling_roles();
	rowset_load(grants, GRANT_ROLE, &name, 1, false);
	row = rowset_find(grants, call->arguments[ARGUMENT_ROLE]);
	if (row == NULL)
	{
		row = row_create(grants->resource);
		row_set(row, GRANT_ROLE, name);
		rowset_add(grants, row);
	}
	row_set_text(row, GRANT_PERMISSIONS, permissions_text(permissions, ","));
	row_set(row, GRANT_GRANTED_AT, TimestampTzGetDatum(call->now));
	row_set_text(row, GRANT_GRANTED_BY, call->actor);
	rowset_flush(grants);
	renew_privileges(&before, false);
}

/* grant_authenticator(role): its sessions say by claims for whom they call */
void
grant_authenticator_run(Call *call)
{
	RowSet	   *authenticators = rowset_create(call, RESOURCE_AUTHENTICATOR);
	Datum		name = CStringGetTextDatum(call->arguments[ARGUMENT_ROLE]);
	Oid			role = find_role(call);
	TextList	none = {0};

	/* who may do everything anyway can't be held to claims */
	if (OidIsValid(role) && is_administrator(role))
		problem_add(&call->problems, REASON_ROLE_IS_SUPERUSER, "role", NULL);
	if (call_failed(call))
		return;
	lock_grants();
	rowset_load(authenticators, AUTHENTICATOR_ROLE, &name, 1, false);
	if (rowset_find(authenticators, call->arguments[ARGUMENT_ROLE]) == NULL)
	{
		Row		   *row = row_create(authenticators->resource);

		row_set(row, AUTHENTICATOR_ROLE, name);
		row_set(row, AUTHENTICATOR_GRANTED_AT, TimestampTzGetDatum(call->now));
		row_set_text(row, AUTHENTICATOR_GRANTED_BY, call->actor);
		rowset_add(authenticators, row);
		rowset_flush(authenticators);
	}
	/* it can have become a member of more since */
	renew_privileges(&none, true);
}

/* revoke_access(role, tenant): in that tenant; without one, whatever it has */
void
revoke_access_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_GRANTS_REVOKE};
	Datum		arguments[2] = {call->tenant, CStringGetTextDatum(call->arguments[ARGUMENT_ROLE])};
	TextList	before;
	uint64		revoked;

	lock_grants();
	before = calling_roles();
	revoked = plan_execute(&key, 2, arguments, NULL, false);
	if (call->tenant_uid[0] == '\0')
	{
		key.statement = STATEMENT_AUTHENTICATOR_REVOKE;
		revoked += plan_execute(&key, 1, &arguments[1], NULL, false);
	}
	if (revoked == 0)
		problem_add_resource(&call->problems, REASON_NOT_FOUND, &resources[RESOURCE_GRANT], NULL);
	else
		renew_privileges(&before, false);
}

/* Takes back what roles were granted in a tenant that is removed. */
void
access_forget_tenant(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_DELETE_ALL, .resource = RESOURCE_GRANT};
	TextList	before;

	lock_grants();
	before = calling_roles();
	if (plan_execute(&key, 1, &call->tenant, NULL, false) > 0)
		renew_privileges(&before, false);
}

/* access_renew(): the rights of all, after an update or after roles were given to others */
void
access_renew_run(Call *call)
{
	TextList	none = {0};

	(void) call;
	lock_grants();
	renew_privileges(&none, true);
}

/* access_list(): who has access */
void
access_list_run(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_ACCESS_LIST};

	call_answer_rows(call, &key, 0, NULL, NULL, true);
}

/* SQL-callable: readable_tenants(), for the policies of tables that are read directly */
Datum
flowcustomer_readable_tenants(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	return access_tenants();
}
