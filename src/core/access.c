/*-------------------------------------------------------------------------
 *
 * access.c
 *	  The one place that every operation passes: it decides whether the
 *	  caller may go on, and gives the statements that follow the rights of
 *	  the extension's owner and a search_path that nobody can plant things in.
 *
 * Which permissions an operation takes is in the table of operations.
 *
 * On an error the abort of the transaction or subtransaction restores
 * identity and settings, so there is nothing to catch here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"
#include "core/plan.h"

#include "catalog/pg_authid.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "utils/acl.h"
#include "utils/syscache.h"

/* The owner of our schema, who owns everything in it. */
static Oid
owner_oid(void)
{
	Oid			namespace_oid = get_namespace_oid("flowcustomer", false);
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(namespace_oid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", namespace_oid);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Can nobody but who has a role's rights anyway put something of his own in the place of
 * what a schema holds?  The schema's owner can, by renaming it, while we wait for a lock;
 * so what is found by its name must not be run with the rights of others.
 */
bool
schema_is_trusted(Oid schema, Oid role)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return false;
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	if (owner == ROLE_PG_DATABASE_OWNER)
	{
		tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
		if (!HeapTupleIsValid(tuple))
			elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
		owner = ((Form_pg_database) GETSTRUCT(tuple))->datdba;
		ReleaseSysCache(tuple);
	}
	return has_privs_of_role(owner, role);
}

/*
 * Takes on the identity of a role, who can do no more than use his rights: what
 * he does can't stay behind and act as somebody else later.
 */
void
role_enter(Oid role, Identity *saved)
{
	GetUserIdAndSecContext(&saved->user, &saved->security_context);
	SetUserIdAndSecContext(role, saved->security_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/*
 * The same of a table's owner, as the actions of foreign keys do: row security that he
 * forces upon himself is not meant for this.
 */
void
owner_enter(Oid owner, Identity *saved)
{
	role_enter(owner, saved);
	SetUserIdAndSecContext(owner, saved->security_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION | SECURITY_NOFORCE_RLS);
}

/* Goes back to who we were. */
void
role_leave(const Identity *saved)
{
	SetUserIdAndSecContext(saved->user, saved->security_context);
}

/*
 * Takes on the owner's identity and settings of our own, until identity_leave
 * or until the transaction or subtransaction aborts.
 */
void
identity_enter(Identity *saved)
{
	role_enter(owner_oid(), saved);
	saved->guc_level = NewGUCNestLevel();
	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	/* our plans are chosen to fit any parameters; see plan.c */
	(void) set_config_option("plan_cache_mode", "auto",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
}

/* ---------------------------------------------------------------------
 * Permissions
 * --------------------------------------------------------------------- */

/* In the order of their bits. */
static const char *const permission_names[] = {"CUSTOMER", "SALES_ORDER", "RETURN_ORDER", "ADMIN"};

/* The permission with a name; 0 for none. */
uint32
permission_find(const char *name, int length)
{
	for (int i = 0; i < (int) lengthof(permission_names); i++)
	{
		if ((int) strlen(permission_names[i]) == length && memcmp(permission_names[i], name, length) == 0)
			return 1 << i;
	}
	return 0;
}

/* The set of permissions that a list names, with commas between. */
uint32
permissions_parse(const char *list)
{
	uint32		permissions = 0;

	while (*list)
	{
		int			length = strcspn(list, ",");

		permissions |= permission_find(list, length);
		list += length + (list[length] == ',');
	}
	return permissions;
}

/* The names of a set of permissions; palloc'd. */
char *
permissions_text(uint32 permissions, const char *separator)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < (int) lengthof(permission_names); i++)
	{
		if (permissions & (1 << i))
			appendStringInfo(&out, "%s%s", out.len > 0 ? separator : "", permission_names[i]);
	}
	return out.data;
}

/* Business partners are in the hands of those with the permission ADMIN. */
bool
caller_may_write(const Call *call, const char *customer_type)
{
	return call->administrator || (call->permissions & PERMISSION_ADMIN) ||
		strcmp(customer_type, "B2B") != 0;
}

/* May the caller write a customer of a type?  Adds a problem when not. */
bool
call_check_type(Call *call, const char *customer_type)
{
	if (!caller_may_write(call, customer_type))
		problem_add(&call->problems, REASON_PERMISSION_REQUIRED, NULL,
					permissions_text(PERMISSION_ADMIN, ", "));
	return !call_failed(call);
}

/* ---------------------------------------------------------------------
 * Callers
 * --------------------------------------------------------------------- */

/*
 * Was a role itself given what callers need?  Grants name roles; this keeps a new role of
 * an old name from what was granted to the old one, for it goes with the role.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
static bool
is_marked(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(get_namespace_oid("flowcustomer", false)));
	bool		isnull;
	Datum		datum = SysCacheGetAttr(NAMESPACEOID, tuple, Anum_pg_namespace_nspacl, &isnull);
	bool		marked = false;

	if (!isnull)
	{
		Acl		   *acl = DatumGetAclP(datum);

		for (int i = 0; i < ACL_NUM(acl); i++)
		{
			const AclItem *item = &ACL_DAT(acl)[i];

			marked |= item->ai_grantee == role && (ACLITEM_GET_PRIVS(*item) & ACL_USAGE);
		}
	}
	ReleaseSysCache(tuple);
	return marked;
}
#pragma GCC diagnostic pop

/* Does a role speak for others, by claims? */
static bool
is_authenticator(Oid role)
{
	PlanKey		key = {.statement = STATEMENT_READ_ONE, .resource = RESOURCE_AUTHENTICATOR,
	.detail = AUTHENTICATOR_ROLE};
	Datum		arguments[2] = {CStringGetTextDatum(""),
	CStringGetTextDatum(GetUserNameFromId(role, false))};

	return plan_execute_latest(&key, 2, arguments) > 0 && is_marked(role);
}

/* Does a role have what was granted to a name? */
static bool
has_granted(Oid role, const char *granted)
{
	Oid			oid = get_role_oid(granted, true);

	return OidIsValid(oid) && has_privs_of_role(role, oid) && is_marked(oid);
}

/* Adds the tenants that were granted to a role. */
static void
add_granted_tenants(Oid role, TextList *tenants)
{
	PlanKey		key = {.statement = STATEMENT_GRANTS};
	uint64		nrows = plan_execute_latest(&key, 0, NULL);

	for (uint64 i = 0; i < nrows; i++)
	{
		if (has_granted(role, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2)))
			text_list_add(tenants, result_text(i, 1));
	}
}

/* Can a role see any tenant? */
static bool
sees_any_tenant(Oid role)
{
	TextList	tenants = {0};

	add_granted_tenants(role, &tenants);
	return tenants.count > 0;
}

/*
 * Finds out by claims who calls.  Gives what keeps the caller from the tenant, or
 * REASON_COUNT.
 */
static Reason
check_claims(Call *call)
{
	const char *claims_text = GetConfigOption("request.jwt.claims", true, false);
	Claims		claims;
	bool		sees = false;

	if (claims_text == NULL || claims_text[0] == '\0')
		return REASON_UNAUTHENTICATED;
	if (!claims_read(claims_text, &claims))
		return REASON_BAD_CLAIMS;
	if (claims.tenants.count == 0)
		/* a server says this much of those who have not logged in */
		return claims.subject == NULL ? REASON_UNAUTHENTICATED : REASON_FORBIDDEN;
	if (claims.subject != NULL)
		call->actor = MemoryContextStrdup(call->context, claims.subject);
	call->permissions = claims.permissions;
	for (int i = 0; i < claims.tenants.count && call->tenant_uid != NULL && !sees; i++)
		sees = strcmp(TextDatumGetCString(claims.tenants.values[i]), call->tenant_uid) == 0;
	return sees || call->tenant_uid == NULL ? REASON_COUNT : REASON_NOT_FOUND;
}

/* The same by what was granted to the role, or to one that it is a member of. */
static Reason
check_grants(Call *call)
{
	PlanKey		key = {.statement = STATEMENT_READ_ALL, .resource = RESOURCE_GRANT};
	Datum		tenant = CStringGetTextDatum(call->tenant_uid ? call->tenant_uid : "");
	uint64		nrows = plan_execute_latest(&key, 1, &tenant);
	bool		sees = false;

	/* the statement has the columns in the order of the fields */
	for (uint64 i = 0; i < nrows; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];

		if (!has_granted(call->role, SPI_getvalue(tuple, SPI_tuptable->tupdesc, GRANT_ROLE + 1)))
			continue;
		sees = true;
		call->permissions |= permissions_parse(SPI_getvalue(tuple, SPI_tuptable->tupdesc, GRANT_PERMISSIONS + 1));
	}
	if (sees)
		return REASON_COUNT;
	if (!sees_any_tenant(call->role))
		return REASON_FORBIDDEN;
	return call->tenant_uid == NULL ? REASON_COUNT : REASON_NOT_FOUND;
}

/*
 * Finds out who calls somebody who is not an administrator for sure, with the rights
 * of the extension's owner.  Gives what keeps the caller out, or REASON_COUNT.
 */
static Reason
check_caller(Call *call, Oid session, Oid owner)
{
	Identity	saved;
	Reason		reason;

	identity_enter(&saved);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) plans_check();
	if (is_authenticator(session))
		reason = check_claims(call);
	else if (has_privs_of_role(call->role, owner))
	{
		call->administrator = true;
		reason = REASON_COUNT;
	}
	else
		reason = check_grants(call);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	identity_leave(&saved);
	return reason;
}

/*
 * Checks whether the caller may do what the call is about; false with a problem,
 * which is the only one then.  It comes before anything else is looked at, so that
 * who may not see a tenant learns nothing, not even whether there is one.
 *
 * The claims of a session decide whenever it is an authenticator's, whatever role it
 * goes on as and whoever owns the function that calls.  Else it is the current role
 * that counts, as for every other right in PostgreSQL.
 */
bool
access_check(Call *call)
{
	Oid			owner = owner_oid();
	Oid			session = GetSessionUserId();
	uint32		needed = permissions_parse(call->operation->permissions);
	Reason		reason = REASON_COUNT;

	if (call->checked)
		return !call_failed(call);
	call->checked = true;
	if (call->within != NULL)
	{
		call->role = call->within->role;
		call->actor = call->within->actor;
		call->administrator = call->within->administrator;
		call->permissions = call->within->permissions;
		return true;
	}
	call->role = GetUserId();
	call->actor = GetUserNameFromId(call->role, false);
	/* a superuser can't be an authenticator, so nothing has to be looked up */
	if (superuser_arg(session) && has_privs_of_role(call->role, owner))
		call->administrator = true;
	else
		reason = check_caller(call, session, owner);
	if (reason == REASON_COUNT && !call->administrator)
	{
		if (operation_is_shared(call->operation))
			reason = REASON_FORBIDDEN;
		else if (needed != 0 && (call->permissions & needed) == 0)
			reason = REASON_PERMISSION_REQUIRED;
	}
	if (reason == REASON_COUNT)
		return true;
	problems_init(&call->problems, call->context);
	if (reason == REASON_NOT_FOUND)
		problem_add_resource(&call->problems, reason, &resources[RESOURCE_TENANT], NULL);
	else
		problem_add(&call->problems, reason, NULL,
					reason == REASON_BAD_CLAIMS ? psprintf("%d", MAX_SUBJECT_LENGTH)
					: permissions_text(needed, ", "));
	return false;
}

/* May a role do everything? */
bool
is_administrator(Oid role)
{
	return has_privs_of_role(role, owner_oid());
}

/* The tenants that the caller may see, as an array of texts. */
Datum
access_tenants(void)
{
	Oid			owner = owner_oid();
	Oid			role = GetUserId();
	const char *claims_text = GetConfigOption("request.jwt.claims", true, false);
	Claims		claims;
	TextList	tenants = {0};
	Identity	saved;
	Datum		array;

	identity_enter(&saved);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) plans_check();
	if (is_authenticator(GetSessionUserId()))
	{
		if (claims_text != NULL && claims_read(claims_text, &claims))
			tenants = claims.tenants;
	}
	else if (has_privs_of_role(role, owner))
	{
		PlanKey		key = {.statement = STATEMENT_TENANTS};
		uint64		nrows = plan_execute_latest(&key, 0, NULL);

		for (uint64 i = 0; i < nrows; i++)
			text_list_add(&tenants, result_text(i, 1));
	}
	else
		add_granted_tenants(role, &tenants);
	array = text_array(tenants.values, sort_unique_texts(tenants.values, tenants.count));
	array = SPI_datumTransfer(array, false, -1);
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
	identity_leave(&saved);
	return array;
}

/* Goes back to the caller's identity. */
void
identity_leave(const Identity *saved)
{
	AtEOXact_GUC(false, saved->guc_level);
	role_leave(saved);
}
