/*-------------------------------------------------------------------------
 *
 * flowcustomer.c
 *	  Loading of the module, and its settings.
 *
 *-------------------------------------------------------------------------
 */
#include "core/change.h"
#include "core/operation.h"
#include "core/plan.h"
#include "core/row.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "flowcustomer", .version = FLOWCUSTOMER_VERSION);
#else
PG_MODULE_MAGIC;
#endif

/* How many items a page has when the caller does not say: for everybody. */
int			setting_default_page_size = 25;

/* The most that a caller may ask for: set by the superuser, to bound memory. */
int			setting_max_page_size = 1000;

/* The most items that a batch may have: set by the superuser, as above. */
int			setting_max_batch_items = 10000;

/* The largest body in kB: set by the superuser, as above. */
int			setting_max_body_size = 65536;

/* The language of messages; empty for the tenant's: for everybody. */
char	   *setting_language = NULL;

/* Are changes noted, for tenants that don't say: set by the superuser. */
bool		setting_change_feed = true;

/* Is it recorded who reads single customers: the same. */
bool		setting_access_log = false;

/* Does a change wake those who listen for it: set by the superuser, for others wait for it. */
bool		setting_change_notify = true;

/* Do the uids of merged-away customers lead to those that are left: for everybody. */
bool		setting_resolve_merged = true;

extern PGDLLEXPORT void _PG_init(void);

static bool
check_language(char **value, void **extra, GucSource source)
{
	bool		known;

	(void) extra;
	(void) source;
	if ((*value)[0] == '\0')
		return true;
	(void) language_from_tag(*value, strlen(*value), &known);
	if (!known)
		GUC_check_errhint("Accepted are en, nb, sv, da, and the empty string.");
	return known;
}

/* Called by the server when the module is loaded. */
void
_PG_init(void)
{
	DefineCustomIntVariable("flowcustomer.default_page_size",
							"Number of items on a page when the caller does not say.",
							NULL, &setting_default_page_size, 25, 1, 1000,
							PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("flowcustomer.max_page_size",
							"Largest number of items that a page may have.",
							NULL, &setting_max_page_size, 1000, 1, 10000,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("flowcustomer.max_batch_items",
							"Largest number of items that a batch may have.",
							NULL, &setting_max_batch_items, 10000, 1, MAX_BATCH_ITEMS,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("flowcustomer.max_body_size",
							"Largest body that a call may have.",
							NULL, &setting_max_body_size, 65536, 1, 1048576,
							PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
	DefineCustomStringVariable("flowcustomer.language",
							   "Language of messages: en, nb, sv or da; empty for the tenant's.",
							   NULL, &setting_language, "",
							   PGC_USERSET, 0, check_language, NULL, NULL);
	DefineCustomBoolVariable("flowcustomer.resolve_merged",
							 "Answers what is asked of a merged-away customer with the one it was merged into.",
							 "Off, reading one is an error that names the other one.",
							 &setting_resolve_merged, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("flowcustomer.change_notify",
							 "Wakes those who listen on flowcustomer_change when something was written.",
							 "Transactions that notify commit one after the other, and can't be prepared.",
							 &setting_change_notify, true,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("flowcustomer.change_feed",
							 "Notes what is written, for tenants that do not say.",
							 NULL, &setting_change_feed, true,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("flowcustomer.access_log",
							 "Records who reads single customers, for tenants that do not say.",
							 NULL, &setting_access_log, false,
							 PGC_SUSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("flowcustomer");
	plans_init();
	totals_init();
	changes_init();
}
