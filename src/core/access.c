/*-------------------------------------------------------------------------
 *
 * access.c
 *	  The one place that every operation passes: it decides whether the
 *	  caller may go on, and gives the statements that follow the rights of
 *	  the extension's owner and a search_path that nobody can plant things in.
 *
 * On an error the abort of the transaction or subtransaction restores
 * identity and settings, so there is nothing to catch here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/access.h"

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

/*
 * Checks the caller and takes on the owner's identity.  Until grants of
 * tenants and permissions exist, only the owner and superusers may call; the
 * functions are not executable by others anyway, so this is a second lock.
 *
 * Gives false, with a problem, when the caller may not; then there is nothing
 * to leave.
 */
bool
access_enter(Call *call, Identity *saved)
{
	Oid			owner = owner_oid();
	Oid			user = GetUserId();

	if (user != owner && !has_privs_of_role(user, owner))
	{
		problem_add(&call->problems, REASON_FORBIDDEN, NULL, NULL);
		return false;
	}
	call->role = call->within ? call->within->role : user;
	call->actor = GetUserNameFromId(call->role, false);

	identity_enter(saved);
	return true;
}

/* Goes back to the caller's identity. */
void
identity_leave(const Identity *saved)
{
	AtEOXact_GUC(false, saved->guc_level);
	role_leave(saved);
}
