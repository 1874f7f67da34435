/*
 * The ground for all measurements: the schema bench with the tables that the
 * measurements are kept in, and the bodies of the calls.
 *
 * Variables: rows (customers to begin with), insert_bodies, mixed_bodies and
 * update_bodies (how many bodies of each sort), batch (items in a body).
 */
SET client_min_messages = warning;

CREATE EXTENSION flowcustomer CASCADE;
CREATE SCHEMA bench;

/* What was measured: milliseconds, calls per second or kilobytes. */
CREATE TABLE bench.sample (
	work text NOT NULL,
	contestant text NOT NULL,
	value float8 NOT NULL
);

/* What a reader of the report has to know besides the figures. */
CREATE TABLE bench.note (
	place int GENERATED ALWAYS AS IDENTITY,
	text text NOT NULL
);

/*
 * The bodies, made before any clock starts.  They are stored as they are, not
 * compressed, so that reading one back costs nothing that a caller of the
 * functions would not pay.
 */
CREATE TABLE bench.body (
	sort text NOT NULL,
	call int NOT NULL,
	done int NOT NULL,			/* how many of its items have to succeed */
	body json NOT NULL,
	PRIMARY KEY (sort, call)
);
ALTER TABLE bench.body ALTER body SET STORAGE EXTERNAL;

/*
 * Customers have UIDs without any order, as those that other systems hand
 * out; the same number always has the same one.
 */
CREATE FUNCTION bench.uid(number bigint)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT md5('customer' || number)::uuid::text
$$;

/* The columns of a table that a row is written with. */
CREATE FUNCTION bench.columns(relation regclass, alias text DEFAULT '')
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT string_agg(alias || quote_ident(attname), ', ' ORDER BY attnum)
	FROM pg_attribute
	WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
$$;

/* An item with members of the customer itself only. */
CREATE FUNCTION bench.columns_only(item json)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '{' || string_agg(to_json(m.key) || ':' || m.value, ',' ORDER BY m.ordinality) || '}'
	FROM json_each(item) WITH ORDINALITY AS m
	WHERE m.key NOT IN ('customerGroupUids', 'consents')
$$;

/* --------------------------------------------------------------------
 * Tenants: bench has all the customers, small has 10,000 of the same, and
 * scratch is for what is thrown away again.
 * -------------------------------------------------------------------- */

\ir ../../examples/demo_data.sql

DO $$
DECLARE
	tenant text;
	call record;
BEGIN
	FOREACH tenant IN ARRAY '{bench, small, scratch}'::text[]
	LOOP
		PERFORM flowcustomer.tenant_put(tenant, '{"name": "Bench", "countryCode": "NO", "locale": "en", "changeFeed": false}');
		FOR call IN SELECT * FROM pg_temp.demo_reference()
		LOOP
			EXECUTE format('SELECT flowcustomer.%I($1, $2)', call.function_name) USING tenant, call.body;
		END LOOP;
	END LOOP;
END
$$;

/* --------------------------------------------------------------------
 * Items
 * -------------------------------------------------------------------- */

SELECT :rows + :batch * (:insert_bodies + 2 * :mixed_bodies) AS items,
	   :rows + :batch * :insert_bodies AS first_clean,
	   :rows + :batch * (:insert_bodies + :mixed_bodies) AS first_bad,
	   :rows / :batch AS stride
\gset

/* Some of the generated ones are flawed on purpose: make more, leave these out. */
CREATE TABLE bench.generated AS
SELECT d.batch * 5000 + i.ordinality - 1 AS original, i.value AS body
FROM generate_series(0, ceil(:items * 1.03 / 5000)::int) AS d (batch),
	LATERAL json_each(replace(pg_temp.demo_batch(d.batch, 5000)::text, '\u0000', '')::json) AS s,
	LATERAL json_array_elements(s.value) WITH ORDINALITY AS i;

CREATE TABLE bench.numbered AS
SELECT row_number() OVER (ORDER BY g.original) AS number, g.original,
	   pg_temp.demo_customer_uid(g.original) AS uid, g.body
FROM bench.generated AS g
WHERE NOT EXISTS (
	SELECT FROM pg_temp.demo_plan(0, (SELECT max(original) FROM bench.generated)) AS p
	WHERE p.number = g.original AND p.flaw IS NOT NULL)
ORDER BY 1
LIMIT :items;
DROP TABLE bench.generated;
CREATE UNIQUE INDEX ON bench.numbered (uid);
ANALYZE bench.numbered;

/*
 * As compact as programs write JSON, and with our UIDs.  What is inserted
 * later has no company from before as its parent, so that it can be inserted
 * without the others too.
 */
CREATE TABLE bench.item AS
SELECT n.number::int,
	   replace(
		   CASE
			   WHEN n.parent IS NULL THEN n.compact
			   WHEN n.number > :rows AND (p.number - :rows - 1) / :batch < (n.number - :rows - 1) / :batch
			   THEN replace(n.compact, format('"customerParentUid":"%s",', n.parent), '')
			   ELSE replace(n.compact, format('"%s"', n.parent), format('"%s"', bench.uid(p.number)))
		   END,
		   format('"%s"', n.uid), format('"%s"', bench.uid(n.number)))::json AS body
FROM (SELECT number, uid, body ->> 'customerParentUid' AS parent,
			 replace(replace(replace(body::text, '" : ', '":'), ', "', ',"'), '}, {', '},{') AS compact
	  FROM bench.numbered) AS n
	LEFT JOIN bench.numbered AS p ON p.uid = n.parent;
ALTER TABLE bench.item ADD PRIMARY KEY (number);
DROP TABLE bench.numbered;
ANALYZE bench.item;

/* --------------------------------------------------------------------
 * Bodies
 * -------------------------------------------------------------------- */

/* What the tables are filled with, everything included. */
INSERT INTO bench.body
SELECT 'load', number / :batch, count(*),
	   format('{"create":[%s]}', string_agg(body::text, ',' ORDER BY number))::json
FROM (SELECT number - 1 AS number, body FROM bench.item WHERE number <= :rows) AS i
GROUP BY 2;

/* New customers, nothing but the columns of their table. */
INSERT INTO bench.body
SELECT CASE WHEN number < :first_clean THEN 'insert' ELSE 'clean' END,
	   (number - CASE WHEN number < :first_clean THEN :rows ELSE :first_clean END) / :batch,
	   count(*),
	   format('{"create":[%s]}', string_agg(bench.columns_only(body), ',' ORDER BY number))::json
FROM (SELECT number - 1 AS number, body FROM bench.item
	  WHERE number > :rows AND number <= :first_bad) AS i
GROUP BY 1, 2;

/*
 * Of a hundred items one is bad, in a way that a constraint of the table or a
 * conversion finds too.  It is a person, so nobody else depends on it.
 */
INSERT INTO bench.body
SELECT 'bad', (number - :first_bad) / :batch, count(*) FILTER (WHERE NOT bad),
	   format('{"create":[%s]}', string_agg(
		   CASE WHEN bad
				THEN left(item, -1) ||
					CASE number / 100 % 4
						WHEN 0 THEN ',"customerType":"PRIVATE"}'
						WHEN 1 THEN ',"paymentTerms":-5}'
						WHEN 2 THEN ',"defaultStoreUid":"store-nowhere"}'
						ELSE ',"credit":{"limit":"much"}}' END
				ELSE item END, ',' ORDER BY number))::json
FROM (SELECT number - 1 AS number, bench.columns_only(body) AS item,
			 body ->> 'customerType' = 'PERSON' AND
				 row_number() OVER (PARTITION BY (number - 1) / 100, body ->> 'customerType' ORDER BY number) = 1 AS bad
	  FROM bench.item
	  WHERE number > :first_bad) AS i
GROUP BY 2;

/*
 * Updates of customers who are spread over the whole table: one in :stride,
 * another one in each call.  Half of the customers are never changed, and
 * those are upserted just as they are.
 */
INSERT INTO bench.body
SELECT s.sort, number % :stride, count(*),
	   format('{"update":[%s]}', string_agg(
		   format(CASE s.sort
					  WHEN 'update' THEN '{"customerUid":"%s","address":"Nye vei %s","internalNote":"Moved in the %s. week"}'
					  ELSE '{"customerUid":"%s","externalId":"N%s-%s"}' END,
				  bench.uid(number), number % 977, number % 53), ',' ORDER BY number))::json
FROM generate_series(1, :rows) AS number, (VALUES ('update'), ('update key')) AS s (sort)
WHERE number % :stride < :update_bodies
GROUP BY 1, 2;

INSERT INTO bench.body
SELECT 'unchanged', :stride - 1 - number % :stride, count(*),
	   format('{"upsert":[%s]}', string_agg(bench.columns_only(body), ',' ORDER BY number))::json
FROM bench.item
WHERE number <= :rows AND number % :stride >= :stride - :update_bodies
GROUP BY 2;

/* For measuring memory: as many items as one call may have. */
INSERT INTO bench.body
SELECT 'large', 0, count(*),
	   format('{"create":[%s]}', string_agg(body::text, ',' ORDER BY number))::json
FROM bench.item
WHERE number <= 10000;

/* The same in pieces, as upserts, each with an item that is refused. */
INSERT INTO bench.body
SELECT 'piece', number / 500, count(*),
	   format('{"upsert":[{"customerUid":"not a uid"},%s]}', string_agg(body::text, ',' ORDER BY number))::json
FROM (SELECT number - 1 AS number, body FROM bench.item WHERE number <= 10000) AS i
GROUP BY 2;

VACUUM ANALYZE bench.body;
