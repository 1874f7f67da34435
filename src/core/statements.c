/*-------------------------------------------------------------------------
 *
 * statements.c
 *	  The texts of the statements that we run.
 *
 * Most are made from the field tables; none ever from what a caller sends.
 *
 *-------------------------------------------------------------------------
 */
#include "core/page.h"
#include "core/statements.h"

/* The fields whose columns a view needs; without a view all that we write. */
int
selected_fields(const Resource *resource, uint32 view, int *fields)
{
	int			n = 0;
	bool		wanted[MAX_FIELDS] = {0};

	for (int i = 0; i < resource->nfields; i++)
	{
		const Field *field = &resource->fields[i];

		if (view == 0)
			wanted[i] = field_has_column(field) && !(field->flags & GENERATED);
		else if (field->flags & (view | KEY))
		{
			if (field->alias_of)
				wanted[field->alias_of - 1] = true;
			else if (field_has_column(field))
				wanted[i] = true;
			if (field->until && (view & ANSWER))
				wanted[field->until - 1] = true;
		}
	}
	for (int i = 0; i < resource->nfields; i++)
	{
		if (wanted[i])
			fields[n++] = i;
	}
	return n;
}

static void
append_columns(StringInfo sql, const Resource *resource, uint32 view, const char *alias)
{
	int			fields[MAX_FIELDS];
	int			nfields = selected_fields(resource, view, fields);

	for (int i = 0; i < nfields; i++)
		appendStringInfo(sql, "%s%s%s", i > 0 ? ", " : "", alias,
						 resource->fields[fields[i]].column);
}

static void
append_key_match(StringInfo sql, const Resource *resource)
{
	int			keys[MAX_KEYS];
	int			nkeys = resource_keys(resource, keys);

	for (int i = 0; i < nkeys; i++)
		appendStringInfo(sql, " AND r.%s = u.%s", resource->fields[keys[i]].column,
						 resource->fields[keys[i]].column);
}

/* Orders rows by a column, if there is one, and then by their keys. */
static void
append_key_order(StringInfo sql, const Resource *resource, const char *first)
{
	int			keys[MAX_KEYS];
	int			nkeys = resource_keys(resource, keys);
	const char *separator = " ORDER BY ";

	if (first != NULL)
	{
		appendStringInfo(sql, "%sr.%s", separator, first);
		separator = ", ";
	}
	for (int i = 0; i < nkeys; i++)
	{
		if (first != NULL && strcmp(resource->fields[keys[i]].column, first) == 0)
			continue;
		appendStringInfo(sql, "%sr.%s", separator, resource->fields[keys[i]].column);
		separator = ", ";
	}
}

/* A tenant has no key besides the tenant's own. */
static bool
has_key(const Resource *resource)
{
	int			keys[MAX_KEYS];

	return resource_keys(resource, keys) > 0;
}

/* The form that a distributed database can send whole to the tenant's node. */
static void
build_insert(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];
	/* a tenant itself, and what is there for all of them, have no tenant */
	bool		of_tenant = has_key(resource) && !(resource->codes & SHARED);

	appendStringInfo(sql, "INSERT INTO flowcustomer.%s (tenant_uid, ", resource->table);
	append_columns(sql, resource, 0, "");
	appendStringInfoString(sql, of_tenant ? ") SELECT t.tenant_uid, " : ") SELECT $1, ");
	append_columns(sql, resource, 0, "u.");
	if (of_tenant)
		appendStringInfoString(sql, " FROM flowcustomer.tenant t, unnest($2) u WHERE t.tenant_uid = $1");
	else
		appendStringInfoString(sql, " FROM unnest($2) u");
}

static void
build_update(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];
	int			fields[MAX_FIELDS];
	int			nfields = selected_fields(resource, 0, fields);
	const char *separator = "";

	appendStringInfo(sql, "UPDATE flowcustomer.%s r SET ", resource->table);
	for (int i = 0; i < nfields; i++)
	{
		const Field *field = &resource->fields[fields[i]];

		if (field->flags & KEY)
			continue;
		appendStringInfo(sql, "%s%s = u.%s", separator, field->column, field->column);
		separator = ", ";
	}
	appendStringInfoString(sql, " FROM unnest($2) u WHERE r.tenant_uid = $1");
	append_key_match(sql, resource);
}

static void
build_delete(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];

	appendStringInfo(sql, "DELETE FROM flowcustomer.%s r USING unnest($2) u WHERE r.tenant_uid = $1",
					 resource->table);
	append_key_match(sql, resource);
}

static void
append_select(StringInfo sql, const PlanKey *key)
{
	const Resource *resource = &resources[key->resource];
	const char *column;

	appendStringInfoString(sql, "SELECT ");
	append_columns(sql, resource, key->view, "r.");
	appendStringInfo(sql, " FROM flowcustomer.%s r WHERE r.tenant_uid = $1", resource->table);
	if (!has_key(resource))
		return;
	column = resource->fields[key->detail].column;
	switch (key->statement)
	{
		case STATEMENT_READ_ALL:
			break;
		case STATEMENT_READ_ONE:
			appendStringInfo(sql, " AND r.%s = $2", column);
			break;
		case STATEMENT_READ_RANGE:
			appendStringInfo(sql, " AND r.%s >= $2 AND r.%s <= $3", column, column);
			break;
		default:
			appendStringInfo(sql, " AND r.%s = ANY ($2)", column);
			break;
	}
}

static void
build_lock(const PlanKey *key, StringInfo sql)
{
	append_select(sql, key);
	append_key_order(sql, &resources[key->resource], NULL);
	appendStringInfoString(sql, key->extra ? " FOR UPDATE" : " FOR NO KEY UPDATE");
}

static void
build_read(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];

	append_select(sql, key);
	append_key_order(sql, resource, has_key(resource) && key->statement != STATEMENT_READ_ALL
					 ? resource->fields[key->detail].column : NULL);
}

static void
append_select_pairs(StringInfo sql, const PlanKey *key)
{
	const Resource *resource = &resources[key->resource];

	appendStringInfoString(sql, "SELECT ");
	append_columns(sql, resource, key->view, "r.");
	appendStringInfo(sql, " FROM unnest($2, $3) u(a, b)"
					 " JOIN flowcustomer.%s r ON r.tenant_uid = $1 AND r.%s = u.a AND r.%s = u.b",
					 resource->table, resource->fields[key->detail].column,
					 resource->fields[key->extra].column);
	append_key_order(sql, resource, NULL);
}

static void
build_read_pairs(const PlanKey *key, StringInfo sql)
{
	append_select_pairs(sql, key);
}

static void
build_lock_pairs(const PlanKey *key, StringInfo sql)
{
	append_select_pairs(sql, key);
	appendStringInfoString(sql, " FOR UPDATE OF r");
}

static void
build_delete_children(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];

	appendStringInfo(sql, "DELETE FROM flowcustomer.%s r WHERE r.tenant_uid = $1 AND r.%s = ANY ($2)",
					 resource->table, resource->fields[key->detail].column);
}

static void
build_repoint(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];
	const char *column = resource->fields[key->detail].column;
	int			keys[MAX_KEYS];
	const char *uid;

	(void) resource_keys(resource, keys);
	uid = resource->fields[keys[0]].column;
	appendStringInfo(sql, "WITH moved AS (UPDATE flowcustomer.%s SET %s = $3"
					 " WHERE tenant_uid = $1 AND %s = $2", resource->table, column, column);
	if (key->statement == STATEMENT_REPOINT_BACK)
		appendStringInfo(sql, " AND %s = ANY ($4)", uid);
	appendStringInfo(sql, " RETURNING %s AS uid)"
					 " SELECT coalesce(json_agg(uid ORDER BY uid), '[]')::text, count(*) FROM moved", uid);
}

static void
build_delete_all(const PlanKey *key, StringInfo sql)
{
	appendStringInfo(sql, "DELETE FROM flowcustomer.%s WHERE tenant_uid = $1",
					 resources[key->resource].table);
}

/* Locks what it finds against removal, as a foreign key would, unless it only reads. */
static void
build_exist(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];
	int			keys[MAX_KEYS];

	(void) resource_keys(resource, keys);
	appendStringInfo(sql, "SELECT r.%s FROM flowcustomer.%s r"
					 " WHERE r.tenant_uid = $1 AND r.%s = ANY ($2) ORDER BY 1%s",
					 resource->fields[keys[0]].column, resource->table,
					 resource->fields[keys[0]].column,
					 key->statement == STATEMENT_EXIST ? " FOR KEY SHARE" : "");
}

static void
build_documents(const PlanKey *key, StringInfo sql)
{
	const Resource *resource = &resources[key->resource];

	appendStringInfo(sql, "SELECT r.%s FROM flowcustomer.%s r WHERE r.tenant_uid = $1 AND r.%s = $2",
					 resource->fields[key->detail].column, resource->table,
					 resource->fields[key->extra].column);
	append_key_order(sql, resource, NULL);
}

const StatementText statement_texts[] = {
	[STATEMENT_INSERT] = {NULL, build_insert, 2, {TEXTOID, RECORDARRAYOID}, true},
	[STATEMENT_UPDATE] = {NULL, build_update, 2, {TEXTOID, RECORDARRAYOID}, true},
	[STATEMENT_DELETE] = {NULL, build_delete, 2, {TEXTOID, RECORDARRAYOID}, true},
	[STATEMENT_LOCK] = {NULL, build_lock, 2, {TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_LOCK_PAIRS] = {NULL, build_lock_pairs, 3, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID}, true},
	[STATEMENT_READ] = {NULL, build_read, 2, {TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_READ_ALL] = {NULL, build_read, 1, {TEXTOID}, true},
	[STATEMENT_READ_ONE] = {NULL, build_read, 2, {TEXTOID, TEXTOID}, true},
	[STATEMENT_READ_RANGE] = {NULL, build_read, 3, {TEXTOID, TEXTOID, TEXTOID}, true},
	[STATEMENT_READ_PAIRS] = {NULL, build_read_pairs, 3, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID}, true},
	[STATEMENT_PAGE] = {NULL, list_statement, 4, {TEXTOID, TEXTOID, INT8OID, INT8OID}, true},
	[STATEMENT_PAGE_SORTED] = {NULL, list_statement, 4, {TEXTOID, TEXTOID, INT8OID, INT8OID}, false},
	[STATEMENT_COUNT_LIST] = {NULL, list_statement, 2, {TEXTOID, TEXTOID}, true},
	[STATEMENT_DELETE_CHILDREN] = {NULL, build_delete_children, 2, {TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_EXIST] = {NULL, build_exist, 2, {TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_EXIST_READ] = {NULL, build_exist, 2, {TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_SEARCH] = {
		NULL, search_statement, 12,
		{TEXTOID, TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTARRAYOID,
		TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}, true
	},
	[STATEMENT_CANDIDATES] = {
		/* the way by the key, in its order, would be a long one */
		"SELECT s.customer_uid FROM (SELECT c.customer_uid FROM flowcustomer.customer c"
		" WHERE c.tenant_uid = $1 AND c.search_text LIKE ($2)[1]"
		" AND c.search_text LIKE ($2)[2] AND c.search_text LIKE ($2)[3] OFFSET 0) s"
		" ORDER BY s.customer_uid LIMIT $3",
		NULL, 3, {TEXTOID, TEXTARRAYOID, INT8OID}, true
	},
	[STATEMENT_TENANT] = {
		"SELECT country_code, lenient, locale, change_feed, access_log, max_batch_items FROM flowcustomer.tenant WHERE tenant_uid = $1",
		NULL, 1, {TEXTOID}, true
	},
	[STATEMENT_TENANT_HAS_DATA] = {
		"SELECT WHERE EXISTS (SELECT FROM flowcustomer.customer WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.contact WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.customer_group WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.sales_order WHERE tenant_uid = $1)"
		" OR EXISTS (SELECT FROM flowcustomer.service_order WHERE tenant_uid = $1)",
		NULL, 1, {TEXTOID}, true
	},
	[STATEMENT_TENANTS] = {
		"SELECT tenant_uid FROM flowcustomer.tenant ORDER BY tenant_uid", NULL, 0, {0}, false
	},
	[STATEMENT_GRANTS] = {
		"SELECT tenant_uid, role_name FROM flowcustomer.access_grant", NULL, 0, {0}, false
	},
	[STATEMENT_GRANTS_REVOKE] = {
		"DELETE FROM flowcustomer.access_grant WHERE role_name = $2 AND ($1 = '' OR tenant_uid = $1)",
		NULL, 2, {TEXTOID, TEXTOID}, false
	},
	[STATEMENT_AUTHENTICATOR_REVOKE] = {
		"DELETE FROM flowcustomer.authenticator WHERE tenant_uid = '' AND role_name = $1",
		NULL, 1, {TEXTOID}, false
	},
	[STATEMENT_ROLES_CALLING] = {
		/* an authenticator's sessions go on as any role that it is a member of */
		"WITH RECURSIVE role(oid) AS (SELECT r.oid FROM pg_roles r JOIN flowcustomer.authenticator a"
		" ON a.tenant_uid = '' AND a.role_name = r.rolname::text"
		" UNION SELECT m.roleid FROM pg_auth_members m JOIN role ON m.member = role.oid)"
		" SELECT r.rolname::text FROM pg_roles r WHERE NOT r.rolsuper AND left(r.rolname, 3) <> 'pg_'"
		" AND (r.oid IN (SELECT oid FROM role) OR EXISTS (SELECT FROM flowcustomer.access_grant g"
		" WHERE g.role_name = r.rolname::text)) ORDER BY 1",
		NULL, 0, {0}, false
	},
	[STATEMENT_ACCESS_LIST] = {
		"SELECT role_name::text, tenant_uid::text, string_to_array(permissions, ','), false, granted_at, granted_by::text"
		" FROM flowcustomer.access_grant"
		" UNION ALL SELECT role_name, NULL, NULL, true, granted_at, granted_by FROM flowcustomer.authenticator"
		" ORDER BY 4 DESC, 1, 2",
		NULL, 0, {0}, false
	},
	[STATEMENT_TENANTS_LEFT] = {
		"SELECT FROM flowcustomer.tenant LIMIT 1", NULL, 0, {0}, false
	},
	[STATEMENT_REPOINT] = {NULL, build_repoint, 3, {TEXTOID, TEXTOID, TEXTOID}, true},
	[STATEMENT_REPOINT_BACK] = {NULL, build_repoint, 4, {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID}, true},
	[STATEMENT_FOREIGN_KEYS] = {
		"SELECT n.nspname::text, c.relname::text, ca.attname::text, ta.attname::text"
		" FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
		" JOIN pg_namespace n ON n.oid = c.relnamespace"
		" JOIN pg_attribute tk ON tk.attrelid = k.confrelid AND tk.attname = 'tenant_uid'"
		" JOIN pg_attribute ck ON ck.attrelid = k.confrelid AND ck.attname = 'customer_uid'"
		" JOIN pg_attribute ta ON ta.attrelid = k.conrelid"
		"  AND ta.attnum = k.conkey[array_position(k.confkey, tk.attnum)]"
		" JOIN pg_attribute ca ON ca.attrelid = k.conrelid"
		"  AND ca.attnum = k.conkey[array_position(k.confkey, ck.attnum)]"
		" WHERE k.contype = 'f' AND k.confrelid = 'flowcustomer.customer'::regclass"
		" AND k.conparentid = 0 AND n.nspname <> 'flowcustomer' ORDER BY 1, 2, 3",
		NULL, 0, {0}, false
	},
	[STATEMENT_DUPLICATE_STATE_FREE] = {
		"SELECT FROM flowcustomer.duplicate_state WHERE tenant_uid = $1 FOR NO KEY UPDATE SKIP LOCKED",
		NULL, 1, {TEXTOID}, true
	},
	[STATEMENT_DUPLICATE_PAIR_COUNT] = {
		"SELECT count(*) FROM flowcustomer.duplicate_pair WHERE tenant_uid = $1",
		NULL, 1, {TEXTOID}, false
	},
	[STATEMENT_DUPLICATE_PAIRS] = {
		/* what is out of date is not worth showing */
		"SELECT p.customer_uid, p.duplicate_uid, p.score, p.cluster_uid, p.reasons"
		" FROM flowcustomer.duplicate_pair p WHERE p.tenant_uid = $1 AND p.score >= $2"
		" AND EXISTS (SELECT FROM flowcustomer.customer c"
		"  WHERE c.tenant_uid = $1 AND c.customer_uid = p.customer_uid)"
		" AND EXISTS (SELECT FROM flowcustomer.customer d"
		"  WHERE d.tenant_uid = $1 AND d.customer_uid = p.duplicate_uid)"
		" ORDER BY p.score DESC, p.customer_uid, p.duplicate_uid LIMIT $3",
		NULL, 3, {TEXTOID, FLOAT8OID, INT8OID}, false
	},
	[STATEMENT_RUN_FIND] = {
		"SELECT run_uid FROM flowcustomer.duplicate_run"
		" WHERE tenant_uid = $1 AND finished_at IS NULL AND min_score = $2 AND dry_run = $3",
		NULL, 3, {TEXTOID, FLOAT8OID, BOOLOID}, false
	},
	[STATEMENT_RUN_CLOSE] = {
		"UPDATE flowcustomer.duplicate_run SET finished_at = $2"
		" WHERE tenant_uid = $1 AND finished_at IS NULL",
		NULL, 2, {TEXTOID, TIMESTAMPTZOID}, false
	},
	[STATEMENT_RUN_FORGET] = {
		"DELETE FROM flowcustomer.duplicate_run_item"
		" WHERE tenant_uid = $1 AND run_uid = $2 AND outcome IS NULL",
		NULL, 2, {TEXTOID, TEXTOID}, true
	},
	[STATEMENT_RUN_PAIRS] = {
		"SELECT customer_uid, duplicate_uid, score FROM flowcustomer.duplicate_pair"
		" WHERE tenant_uid = $1 AND score >= $2 AND cluster_uid IS NOT NULL"
		" ORDER BY score DESC, customer_uid, duplicate_uid",
		NULL, 2, {TEXTOID, FLOAT8OID}, false
	},
	[STATEMENT_RUN_ITEM] = {
		"SELECT customer_uid, duplicate_uid FROM flowcustomer.duplicate_run_item"
		" WHERE tenant_uid = $1 AND run_uid = $2 AND place = $3",
		NULL, 3, {TEXTOID, TEXTOID, INT8OID}, true
	},
	[STATEMENT_RUN_ITEM_DONE] = {
		"UPDATE flowcustomer.duplicate_run_item SET outcome = $4, code = $5, done_at = $6"
		" WHERE tenant_uid = $1 AND run_uid = $2 AND place = $3",
		NULL, 6, {TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID}, true
	},
	[STATEMENT_DELETE_DISMISSALS] = {
		"WITH gone AS (SELECT unnest($2) AS uid UNION"
		" SELECT customer_uid FROM flowcustomer.customer_redirect"
		" WHERE tenant_uid = $1 AND survivor_uid = ANY ($2)),"
		" c AS (UPDATE flowcustomer.duplicate_customer SET fingerprint = 0"
		"  WHERE tenant_uid = $1 AND customer_uid = ANY ($2)),"
		" a AS (DELETE FROM flowcustomer.duplicate_dismissal"
		"  WHERE tenant_uid = $1 AND customer_uid IN (SELECT uid FROM gone))"
		" DELETE FROM flowcustomer.duplicate_dismissal"
		" WHERE tenant_uid = $1 AND duplicate_uid IN (SELECT uid FROM gone)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ORDER_DEBTS] = {
		"SELECT order_uid, customer_uid, open_invoice_amount FROM flowcustomer.sales_order"
		" WHERE tenant_uid = $1 AND order_uid = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_OPEN_INVOICES] = {
		"SELECT coalesce(sum(open_invoice_amount), 0)::bigint FROM flowcustomer.sales_order"
		" WHERE tenant_uid = $1 AND customer_uid = $2",
		NULL, 2, {TEXTOID, TEXTOID}, true
	},
	[STATEMENT_DELETE_ALL] = {NULL, build_delete_all, 1, {TEXTOID}, true},
	[STATEMENT_TOTAL_DELETE] = {
		"DELETE FROM flowcustomer.total WHERE tenant_uid = $1", NULL, 1, {TEXTOID}, true
	},
	[STATEMENT_TOTAL_READ] = {
		"SELECT coalesce(sum(amount), 0)::bigint FROM flowcustomer.total"
		" WHERE tenant_uid = $1 AND kind = $2 AND owner_uid = $3",
		NULL, 3, {TEXTOID, TEXTOID, TEXTOID}, true
	},
	[STATEMENT_TOTAL_DIFFERENCES] = {
		"SELECT kind, owner_uid, sum(amount)::bigint FROM ("
		"SELECT 'customer' AS kind, '' AS owner_uid, count(*) AS amount FROM flowcustomer.customer WHERE tenant_uid = $1"
		" UNION ALL SELECT 'contact', '', count(*) FROM flowcustomer.contact WHERE tenant_uid = $1"
		" UNION ALL SELECT 'group', '', count(*) FROM flowcustomer.customer_group WHERE tenant_uid = $1"
		" UNION ALL SELECT 'member', group_uid, count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = $1 GROUP BY group_uid"
		" UNION ALL SELECT kind, owner_uid, -sum(amount) FROM flowcustomer.total WHERE tenant_uid = $1 GROUP BY kind, owner_uid"
		") u GROUP BY kind, owner_uid ORDER BY kind, owner_uid",
		NULL, 1, {TEXTOID}, false
	},
	[STATEMENT_TOTAL_ADD] = {
		"INSERT INTO flowcustomer.total (tenant_uid, kind, owner_uid, slot, amount)"
		" SELECT $1, $2, u.owner_uid, $3, u.amount FROM unnest($4, $5) u(owner_uid, amount)"
		" ORDER BY u.owner_uid COLLATE \"C\""
		" ON CONFLICT (tenant_uid, kind, owner_uid, slot)"
		" DO UPDATE SET amount = total.amount + EXCLUDED.amount",
		NULL, 5, {TEXTOID, TEXTOID, INT4OID, TEXTARRAYOID, INT8ARRAYOID}, true
	},
	[STATEMENT_TOTAL_REMOVE] = {
		"DELETE FROM flowcustomer.total WHERE tenant_uid = $1 AND kind = $2 AND owner_uid = $3",
		NULL, 3, {TEXTOID, TEXTOID, TEXTOID}, true
	},
	[STATEMENT_EXTERNAL_ID_FIND] = {
		"SELECT external_id, customer_uid FROM flowcustomer.customer"
		" WHERE tenant_uid = $1 AND external_id = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_HAS_REDIRECTS] = {
		"SELECT FROM flowcustomer.customer_redirect WHERE tenant_uid = $1 LIMIT 1",
		NULL, 1, {TEXTOID}, true
	},
	[STATEMENT_REDIRECTS] = {
		"SELECT customer_uid, survivor_uid FROM flowcustomer.customer_redirect"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_REDIRECTS_LOCK] = {
		"SELECT customer_uid, survivor_uid FROM flowcustomer.customer_redirect"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2) ORDER BY customer_uid FOR KEY SHARE",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_REDIRECT_EXTERNAL_ID] = {
		"SELECT external_id, survivor_uid FROM flowcustomer.customer_redirect"
		" WHERE tenant_uid = $1 AND external_id = ANY ($2) ORDER BY 1, 2 FOR KEY SHARE",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_EXTERNAL_ID_CLAIM] = {
		"INSERT INTO flowcustomer.external_id_claim (tenant_uid, external_id)"
		" SELECT $1, u FROM unnest($2) u ORDER BY u COLLATE \"C\"",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_EXTERNAL_ID_RELEASE] = {
		"DELETE FROM flowcustomer.external_id_claim WHERE tenant_uid = $1 AND external_id = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ANCESTORS] = {
		"WITH RECURSIVE above (customer_uid, customer_parent_uid) AS ("
		" SELECT customer_uid, customer_parent_uid FROM flowcustomer.customer"
		"  WHERE tenant_uid = $1 AND customer_uid = ANY ($2)"
		" UNION"
		" SELECT c.customer_uid, c.customer_parent_uid FROM above a"
		"  JOIN flowcustomer.customer c ON c.tenant_uid = $1 AND c.customer_uid = a.customer_parent_uid"
		") SELECT customer_uid FROM above",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_HAVE_DEPARTMENTS] = {
		"SELECT customer_uid, customer_parent_uid FROM flowcustomer.customer"
		" WHERE tenant_uid = $1 AND customer_parent_uid = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ORPHAN_DEPARTMENTS] = {
		"UPDATE flowcustomer.customer SET customer_parent_uid = NULL, last_modified_at = $3"
		" WHERE tenant_uid = $1 AND customer_parent_uid = ANY ($2) RETURNING customer_uid",
		NULL, 3, {TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID}, true
	},
	[STATEMENT_ORPHAN_SALES_ORDERS] = {
		"UPDATE flowcustomer.sales_order SET customer_uid = NULL"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ORPHAN_SERVICE_ORDERS] = {
		"UPDATE flowcustomer.service_order SET customer_uid = NULL"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2)",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_DELETE_MERGES] = {
		"WITH gone AS (SELECT unnest($2) AS uid UNION"
		" SELECT customer_uid FROM flowcustomer.customer_redirect"
		" WHERE tenant_uid = $1 AND survivor_uid = ANY ($2))"
		" DELETE FROM flowcustomer.merge m WHERE m.tenant_uid = $1"
		" AND m.merge_uid IN (SELECT s.merge_uid FROM flowcustomer.merge s"
		"  WHERE s.tenant_uid = $1 AND s.survivor_uid IN (SELECT uid FROM gone)"
		" UNION SELECT d.merge_uid FROM flowcustomer.merge d"
		"  WHERE d.tenant_uid = $1 AND d.duplicate_uid IN (SELECT uid FROM gone))",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_DELETE_MEMBERS] = {
		"WITH gone AS (DELETE FROM flowcustomer.customer_group_member"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2) RETURNING group_uid)"
		" SELECT group_uid, count(*) FROM gone GROUP BY group_uid",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ERASED_CUSTOMERS] = {
		"SELECT customer_uid FROM flowcustomer.customer"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2) AND erased_at IS NOT NULL",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_ERASURE_NEXT] = {
		"SELECT erasure_uid, customer_uid FROM flowcustomer.erasure WHERE tenant_uid = $1"
		" AND state = 'QUEUED' AND erasure_uid > $2 ORDER BY erasure_uid LIMIT 1",
		NULL, 2, {TEXTOID, TEXTOID}, true
	},
	[STATEMENT_ORDERS_KEPT] = {
		"SELECT coalesce(bool_or(o.open), false), coalesce(bool_or(o.unpaid), false),"
		" max(o.ordered_at) + make_interval(years => $3)"
		" FROM (SELECT s.state IN ('OPEN', 'PARKED', 'CONFIRMED') AS open,"
		"  s.open_invoice_amount > 0 AS unpaid, s.ordered_at FROM flowcustomer.sales_order s"
		"  WHERE s.tenant_uid = $1 AND s.customer_uid = $2"
		" UNION ALL SELECT v.state IS DISTINCT FROM 'COMPLETE', false, v.ordered_at"
		"  FROM flowcustomer.service_order v WHERE v.tenant_uid = $1 AND v.customer_uid = $2"
		" UNION ALL SELECT false, c.credit_opening_balance > 0, NULL FROM flowcustomer.customer c"
		"  WHERE c.tenant_uid = $1 AND c.customer_uid = $2) o",
		NULL, 3, {TEXTOID, TEXTOID, INT4OID}, true
	},
	[STATEMENT_DELETE_LINKS] = {
		"DELETE FROM flowcustomer.customer_contact"
		" WHERE tenant_uid = $1 AND customer_uid = ANY ($2) RETURNING contact_uid",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_OWN_CONTACTS] = {
		"SELECT l.contact_uid FROM flowcustomer.customer_contact l"
		" WHERE l.tenant_uid = $1 AND l.customer_uid = ANY ($2)"
		" AND NOT EXISTS (SELECT FROM flowcustomer.customer_contact o WHERE o.tenant_uid = $1"
		"  AND o.contact_uid = l.contact_uid AND o.customer_uid <> ALL ($2))",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, true
	},
	[STATEMENT_DELETE_PAIRS] = {
		"WITH c AS (DELETE FROM flowcustomer.duplicate_customer"
		"  WHERE tenant_uid = $1 AND customer_uid = ANY ($2))"
		" DELETE FROM flowcustomer.duplicate_pair WHERE tenant_uid = $1"
		" AND (customer_uid = ANY ($2) OR duplicate_uid = ANY ($2))",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, false
	},
	[STATEMENT_CHANGES_BY_NOBODY] = {
		/* nothing leads there but the whole feed: that is cheaper than an index for every change */
		"UPDATE flowcustomer.change SET changed_by = NULL WHERE tenant_uid = $1 AND changed_by IS NOT NULL"
		" AND ((entity = 'CUSTOMER' AND entity_uid = ANY ($2)) OR (entity = 'CONTACT' AND entity_uid = ANY ($3)))",
		NULL, 3, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID}, false
	},
	[STATEMENT_CUSTOMERS_HELD] = {
		"SELECT h.customer_uid, false FROM flowcustomer.customer_hold h WHERE h.tenant_uid = $1"
		" AND h.customer_uid = ANY ($2) AND coalesce(h.held_until > $3, true)"
		" UNION ALL SELECT n.uid, true FROM (SELECT unnest($2) AS uid, unnest($2) AS named"
		"  UNION ALL SELECT r.survivor_uid, r.customer_uid FROM flowcustomer.customer_redirect r"
		"  WHERE r.tenant_uid = $1 AND r.survivor_uid = ANY ($2)) n"
		" JOIN flowcustomer.erasure e ON e.tenant_uid = $1 AND e.customer_uid = n.named AND e.state = 'QUEUED'"
		" ORDER BY 2 DESC",
		NULL, 3, {TEXTOID, TEXTARRAYOID, TIMESTAMPTZOID}, true
	},
	[STATEMENT_PRINT_JOBS_CLAIM] = {
		"UPDATE flowcustomer.print_job j SET state = 'CLAIMED', attempts = j.attempts + 1,"
		" leased_until = $5, claim_uid = $6 FROM (SELECT w.print_job_uid FROM flowcustomer.print_job w"
		"  WHERE w.tenant_uid = $1 AND w.printer_uid = $2 AND w.attempts < $4"
		"  AND ((w.state = 'QUEUED' AND w.available_at <= $3) OR (w.state = 'CLAIMED' AND w.leased_until <= $3))"
		"  ORDER BY w.print_job_uid LIMIT $7 FOR UPDATE SKIP LOCKED) n"
		" WHERE j.tenant_uid = $1 AND j.print_job_uid = n.print_job_uid RETURNING j.print_job_uid",
		NULL, 7, {TEXTOID, TEXTOID, TIMESTAMPTZOID, INT4OID, TIMESTAMPTZOID, TEXTOID, INT8OID}, true
	},
	[STATEMENT_PRINT_JOBS_GIVE_UP] = {
		"UPDATE flowcustomer.print_job j SET state = 'FAILED', payload = NULL, claim_uid = NULL,"
		" leased_until = NULL, finished_at = $3 FROM (SELECT w.print_job_uid FROM flowcustomer.print_job w"
		"  WHERE w.tenant_uid = $1 AND w.printer_uid = $2 AND w.state = 'CLAIMED'"
		"  AND w.leased_until <= $3 AND w.attempts >= $4 FOR UPDATE SKIP LOCKED) n"
		" WHERE j.tenant_uid = $1 AND j.print_job_uid = n.print_job_uid",
		NULL, 4, {TEXTOID, TEXTOID, TIMESTAMPTZOID, INT4OID}, true
	},
	[STATEMENT_DOCUMENTS] = {NULL, build_documents, 2, {TEXTOID, TEXTOID}, true},
	[STATEMENT_CHANGE_GENERATION] = {
		"SELECT g.generation FROM flowcustomer.change_generation g WHERE g.tenant_uid = $1"
		" AND g.server = $2 AND NOT EXISTS (SELECT FROM flowcustomer.change_generation n"
		"  WHERE n.tenant_uid = $1 AND n.generation > g.generation)",
		NULL, 2, {TEXTOID, TEXTOID}, true
	},
	[STATEMENT_CHANGE_GENERATION_OTHERS] = {
		"SELECT coalesce(max(g.generation), 0) FROM flowcustomer.change_generation g"
		" WHERE g.tenant_uid = $1 AND split_part(g.server, '/', 1) <> split_part($2, '/', 1)",
		NULL, 2, {TEXTOID, TEXTOID}, true
	},
	[STATEMENT_CHANGE_GENERATION_BEGIN] = {
		/* somebody else can have done so meanwhile */
		"INSERT INTO flowcustomer.change_generation (tenant_uid, generation, server, began_at)"
		" SELECT $1, coalesce(max(g.generation), 0) + 1, $2, $3"
		" FROM flowcustomer.change_generation g WHERE g.tenant_uid = $1 ON CONFLICT DO NOTHING",
		NULL, 3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}, true
	},
	[STATEMENT_ACCESS_ADD] = {
		"INSERT INTO flowcustomer.customer_access (tenant_uid, access_uid, customer_uid, accessed_at,"
		" accessed_by, operation) VALUES ($1, $2, $3, $4, $5, $6)",
		NULL, 6, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID}, true
	},
	[STATEMENT_CHANGES_ADD] = {
		"INSERT INTO flowcustomer.change (tenant_uid, generation, transaction_id, place, entity, entity_uid,"
		" operation, changed_at, changed_by, changed_fields)"
		" SELECT t.tenant_uid, $2, $3, $4 + u.n, u.entity, u.uid, u.operation, $5, $6, u.fields"
		" FROM flowcustomer.tenant t, unnest($7, $8, $9, $10) WITH ORDINALITY u(entity, uid, operation, fields, n)"
		" WHERE t.tenant_uid = $1",
		NULL, 10, {TEXTOID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TEXTOID,
		TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, JSONARRAYOID}, true
	},
	[STATEMENT_CHANGES] = {
		/* $2 to $4 the position behind which to begin, $5 the horizon, $6 the last generation it is not for */
		"SELECT c.generation, c.transaction_id, c.place, c.entity, c.entity_uid, c.operation,"
		" c.changed_at, c.changed_by, c.changed_fields FROM flowcustomer.change c"
		" WHERE c.tenant_uid = $1 AND (c.generation, c.transaction_id, c.place) > ($2, $3, $4)"
		" AND (c.generation <= $6 OR c.transaction_id < $5)"
		" ORDER BY c.generation, c.transaction_id, c.place LIMIT $7",
		NULL, 7, {TEXTOID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, INT8OID}, true
	},
	[STATEMENT_CHANGES_SUBSCRIBED] = {
		"SELECT FROM pg_subscription_rel WHERE srrelid = 'flowcustomer.change'::regclass", NULL, 0, {0}, false
	},
	[STATEMENT_CHANGES_OF] = {
		"SELECT c.generation, c.transaction_id, c.place, c.entity, c.entity_uid, c.operation,"
		" c.changed_at, c.changed_by, c.changed_fields FROM flowcustomer.change c"
		" WHERE c.tenant_uid = $1 AND c.entity_uid = ANY ($2) AND c.entity = 'CUSTOMER'"
		" ORDER BY c.generation, c.transaction_id, c.place",
		NULL, 2, {TEXTOID, TEXTARRAYOID}, false
	},
	[STATEMENT_CHANGES_FORGET] = {
		/*
		 * Up to the first one that stays.  The last one that goes is a mark for those who
		 * have not read so far.
		 */
		"WITH kept AS (SELECT c.generation, c.transaction_id, c.place FROM flowcustomer.change c"
		"  WHERE c.tenant_uid = $1 AND (c.changed_at >= $2 OR NOT (c.generation <= $4 OR c.transaction_id < $3))"
		"  ORDER BY c.generation, c.transaction_id, c.place LIMIT 1),"
		" last AS (SELECT c.generation, c.transaction_id, c.place FROM flowcustomer.change c"
		"  WHERE c.tenant_uid = $1 AND NOT EXISTS (SELECT FROM kept k"
		"   WHERE (k.generation, k.transaction_id, k.place) <= (c.generation, c.transaction_id, c.place))"
		"  ORDER BY c.generation DESC, c.transaction_id DESC, c.place DESC LIMIT 1),"
		" gone AS (DELETE FROM flowcustomer.change c USING last l WHERE c.tenant_uid = $1"
		"  AND (c.generation, c.transaction_id, c.place) < (l.generation, l.transaction_id, l.place) RETURNING 1),"
		" mark AS (UPDATE flowcustomer.change c SET entity = '', entity_uid = '', operation = 'FORGET',"
		"  changed_by = NULL, changed_fields = '[]' FROM last l WHERE c.tenant_uid = $1 AND c.generation = l.generation"
		"  AND c.transaction_id = l.transaction_id AND c.place = l.place AND c.operation <> 'FORGET' RETURNING 1)"
		" SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM mark)",
		NULL, 4, {TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID}, false
	},
	[STATEMENT_CONSENT_REPORT] = {
		"SELECT count(*) FILTER (WHERE n.status AND NOT coalesce(n.valid_until <= $3, false)),"
		" count(*) FILTER (WHERE NOT n.status),"
		" count(*) FILTER (WHERE n.status AND n.valid_until <= $3)"
		" FROM (SELECT DISTINCT ON (customer_uid) status, valid_until"
		"  FROM flowcustomer.customer_consent WHERE tenant_uid = $1 AND consent_uid = $2"
		"  ORDER BY customer_uid, created_at DESC, entry_uid DESC) n",
		NULL, 3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}, false
	},
	[STATEMENT_ADD_OPEN_INVOICES] = {
		"UPDATE flowcustomer.customer c SET credit_open_invoices = c.credit_open_invoices + u.amount"
		" FROM unnest($2, $3) u(uid, amount) WHERE c.tenant_uid = $1 AND c.customer_uid = u.uid",
		NULL, 3, {TEXTOID, TEXTARRAYOID, INT8ARRAYOID}, true
	},
};
