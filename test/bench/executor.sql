/*
 * How fast a page could be: the statements that the engine runs for it, in the
 * executor alone.
 */
SET client_min_messages = warning;

/* The statements, as the engine was seen running them for some page. */
CREATE TABLE bench.page_statement (place int GENERATED ALWAYS AS IDENTITY, text text NOT NULL);

/*
 * The time that the executor needs for the statements of a page of 100, with
 * their results thrown away, planned under the engine's settings.  Their
 * values, the keys of the page's rows, are looked up first, outside the clock.
 * NULL when there is a statement of a form that we don't know.
 */
CREATE FUNCTION bench.executor_time(page int)
RETURNS float8 LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET enable_material = off
AS $$
DECLARE
	customers text[];
	links record;
	stores text[];
	users text[];
	consents text[];
	statement record;
	arguments text;
	plan json;
	milliseconds float8 := 0;
BEGIN
	SELECT array_agg(c.customer_uid ORDER BY c.customer_uid), array_agg(DISTINCT c.default_store_uid COLLATE "C"),
		   array_agg(DISTINCT c.account_manager_uid COLLATE "C")
	INTO customers, stores, users
	FROM (SELECT * FROM flowcustomer.customer WHERE tenant_uid = 'bench'
		  ORDER BY customer_uid OFFSET (page - 1) * 100 LIMIT 100) AS c;
	SELECT array_agg(l.customer_uid ORDER BY 1, l.contact_uid) AS customers,
		   array_agg(l.contact_uid ORDER BY l.customer_uid, l.contact_uid) AS contacts
	INTO links
	FROM flowcustomer.customer_contact AS l
	WHERE l.tenant_uid = 'bench' AND l.customer_uid = ANY (customers);
	SELECT array_agg(DISTINCT e.consent_uid COLLATE "C") INTO consents
	FROM flowcustomer.customer_consent AS e
	WHERE e.tenant_uid = 'bench' AND e.customer_uid = ANY (customers);

	FOR statement IN SELECT * FROM bench.page_statement
	LOOP
		arguments := CASE
			WHEN statement.text LIKE '%OFFSET $3 LIMIT $4' THEN format('%L, NULL, %s, 100', 'bench', (page - 1) * 100)
			WHEN statement.text LIKE '%FROM flowcustomer.total %' THEN '''bench'', ''customer'', '''''
			WHEN statement.text LIKE '%FROM flowcustomer.tenant %' THEN '''bench'''
			WHEN statement.text LIKE '%unnest($2, $3)%r.customer_uid = u.a AND r.contact_uid = u.b%'
				THEN format('%L, %L, %L', 'bench', links.customers, links.contacts)
			WHEN statement.text ~ 'r\.customer_uid (>= \$2 AND r\.customer_uid <=|BETWEEN \$2 AND) \$3'
				THEN format('%L, %L, %L', 'bench', customers[1], customers[cardinality(customers)])
			WHEN statement.text LIKE '%r.customer_uid = ANY ($2)%' THEN format('%L, %L', 'bench', customers)
			WHEN statement.text LIKE '%r.contact_uid = ANY ($2)%' THEN format('%L, %L', 'bench', links.contacts)
			WHEN statement.text LIKE '%r.store_uid = ANY ($2)%' THEN format('%L, %L', 'bench', stores)
			WHEN statement.text LIKE '%r.tenant_user_uid = ANY ($2)%' THEN format('%L, %L', 'bench', users)
			WHEN statement.text LIKE '%r.consent_uid = ANY ($2)%' THEN format('%L, %L', 'bench', consents) END;
		IF arguments IS NULL THEN
			RETURN NULL;
		END IF;
		EXECUTE format('EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON) EXECUTE bench_page_%s(%s)',
					   statement.place, arguments) INTO plan;
		milliseconds := milliseconds + (plan #>> '{0,Execution Time}')::float8;
	END LOOP;
	RETURN milliseconds;
END
$$;

/* Prepares them, once in a session. */
CREATE FUNCTION bench.prepare_page_statements()
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	statement record;
BEGIN
	FOR statement IN SELECT * FROM bench.page_statement
	LOOP
		EXECUTE format('PREPARE bench_page_%s%s AS %s', statement.place,
			CASE
				WHEN statement.text LIKE '%OFFSET $3 LIMIT $4' THEN '(text, text, bigint, bigint)'
				WHEN statement.text LIKE '%unnest($2, $3)%' THEN '(text, text[], text[])'
				ELSE '' END, statement.text);
	END LOOP;
END
$$;
