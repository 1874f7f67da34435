/*-------------------------------------------------------------------------
 *
 * guard.c
 *	  The view that stands between DROP EXTENSION and the customers.
 *
 * It depends on our tables without belonging to the extension, so that DROP
 * EXTENSION without CASCADE is refused while it is there.  The first write
 * makes it, and removing the last tenant drops it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/guard.h"
#include "core/plan.h"

#define GUARD_VIEW "drop_extension_guard"

/* Is it there? */
bool
guard_exists(void)
{
	return OidIsValid(get_relname_relid(GUARD_VIEW, get_namespace_oid("flowcustomer", false)));
}

static void
run_utility(const char *sql)
{
	int			result = SPI_execute(sql, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
}

/* Waits for everybody who writes tenants, and keeps them out. */
static void
lock_tenants(void)
{
	run_utility("LOCK TABLE flowcustomer.tenant IN SHARE ROW EXCLUSIVE MODE");
}

/*
 * Makes the view when it is not there.  Needs a connection to SPI, as does
 * the other one.
 */
void
guard_ensure(void)
{
	if (guard_exists())
		return;
	lock_tenants();
	if (!guard_exists())
		run_utility("CREATE VIEW flowcustomer." GUARD_VIEW
					" AS SELECT tenant_uid FROM flowcustomer.tenant WHERE false");
}

/* Drops the view when there is no tenant left, not even an uncommitted one. */
void
guard_drop_if_unused(void)
{
	PlanKey		key = {.statement = STATEMENT_TENANTS_LEFT};

	if (plan_execute(&key, 0, NULL, NULL, false) > 0)
		return;
	lock_tenants();
	if (plan_execute(&key, 0, NULL, NULL, false) == 0 && guard_exists())
		run_utility("DROP VIEW flowcustomer." GUARD_VIEW);
}
