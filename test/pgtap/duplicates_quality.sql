-- How well customers who are there twice are found among a few thousand made-up
-- ones, of whom it is known who is who.  The rules are in duplicates.sql.
\ir include/helpers.psql
\ir ../../examples/demo_data.sql
\ir ../bench/duplicates_data.sql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL pg_temp.make_customers('acme', 4000);
CALL pg_temp.make_duplicates('acme', 0.05, 0.2);
CREATE TABLE t.found AS SELECT * FROM flowcustomer.customer_duplicates('acme', 0);

-- The pairs that are the same, and those that were found, by type.
CREATE TABLE t.judged AS SELECT CASE customer_type WHEN 'PERSON' THEN 'people' ELSE 'companies' END AS who, coalesce(f.score, 0) AS score, t.customer_uid IS NOT NULL AS same
	FROM t.found AS f FULL JOIN (SELECT least(a.customer_uid, b.customer_uid) AS customer_uid, greatest(a.customer_uid, b.customer_uid) AS duplicate_uid FROM pg_temp.truth AS a JOIN pg_temp.truth AS b USING (entity) WHERE a.customer_uid < b.customer_uid) AS t
	ON (least(f.customer_uid, f.duplicate_uid), greatest(f.customer_uid, f.duplicate_uid)) = (t.customer_uid, t.duplicate_uid) JOIN flowcustomer.customer AS c ON c.tenant_uid = 'acme' AND c.customer_uid = coalesce(f.customer_uid, t.customer_uid);
CREATE TABLE t.quality AS SELECT who, at_least, count(*) FILTER (WHERE same) AS same, count(*) FILTER (WHERE score >= at_least) AS found, count(*) FILTER (WHERE same AND score >= at_least) AS right,
	count(*) FILTER (WHERE same AND score >= at_least)::numeric / nullif(count(*) FILTER (WHERE score >= at_least), 0) AS precision, count(*) FILTER (WHERE same AND score >= at_least)::numeric / count(*) FILTER (WHERE same) AS recall
	FROM t.judged, unnest(ARRAY[0.05, 0.5, 0.9, 0.99]) AS at_least GROUP BY 1, 2;
SELECT diag(format('%s from %s: %s are the same, %s found, %s of them right, precision %s, recall %s', who, at_least, same, found, "right", round(precision, 4), round(recall, 4))) FROM t.quality ORDER BY who DESC, at_least;

SELECT cmp_ok(round(CASE measure WHEN 'precision' THEN precision ELSE recall END, 4), '>=', at_worst, concat_ws(' ', measure, 'of', who, 'from', at_least)) FROM (VALUES ('people', 0.05, 'recall', 0.92), ('people', 0.5, 'precision', 0.98), ('people', 0.5, 'recall', 0.88), ('people', 0.9, 'precision', 0.99), ('people', 0.9, 'recall', 0.77),
	('companies', 0.05, 'recall', 0.83), ('companies', 0.5, 'precision', 0.91), ('companies', 0.5, 'recall', 0.76), ('companies', 0.9, 'precision', 0.91), ('companies', 0.9, 'recall', 0.7)) AS v(who, at_least, measure, at_worst) JOIN t.quality AS q USING (who, at_least) ORDER BY who DESC, at_least, measure;
SELECT is(string_agg(concat_ws(' ', who, same), ', ' ORDER BY who DESC), 'people 169, companies 43', 'there are so many to find') FROM t.quality WHERE at_least = 0.5;

-- Clusters: all pairs of one are listed, and those who are in none are not probably the same.
SELECT is_empty('SELECT customer_uid, duplicate_uid, score, cluster_uid FROM t.found WHERE (score >= 0.5) <> (cluster_uid IS NOT NULL)', 'who is probably the same is in a cluster');
SELECT is_empty($$WITH member AS (SELECT cluster_uid, customer_uid FROM t.found WHERE cluster_uid IS NOT NULL UNION SELECT cluster_uid, duplicate_uid FROM t.found WHERE cluster_uid IS NOT NULL)
	SELECT a.cluster_uid FROM member AS a JOIN member AS b USING (cluster_uid) WHERE a.customer_uid < b.customer_uid AND NOT EXISTS (SELECT FROM t.found AS f WHERE (least(f.customer_uid, f.duplicate_uid), greatest(f.customer_uid, f.duplicate_uid)) = (a.customer_uid, b.customer_uid))
	UNION ALL SELECT min(cluster_uid) FROM member GROUP BY customer_uid HAVING count(*) > 1$$, 'of a cluster all pairs are listed, and nobody is in two');
SELECT is_empty($$SELECT f.customer_uid FROM t.found AS f JOIN flowcustomer.customer AS a ON a.customer_uid = f.customer_uid JOIN flowcustomer.customer AS b ON b.customer_uid = f.duplicate_uid
	WHERE a.customer_type <> b.customer_type OR a.customer_parent_uid = b.customer_uid OR b.customer_parent_uid = a.customer_uid OR (a.created_at, a.customer_uid) > (b.created_at, b.customer_uid)$$, 'nobody is of another type, or a department, or comes first who was created later');

-- One customer in fifty entered again, one after the other: what is found then is what all compared with all would find.
SELECT is((flowcustomer.customer_duplicates_refresh('acme')::jsonb - 'customers' - 'pairs'), '{"changed": 0, "gone": 0, "learned": false}', 'nothing has changed');
INSERT INTO flowcustomer.customer (tenant_uid, customer_uid, customer_type, firstname, lastname, company_name, vat_number, email, mobile, address, postal_code, city, country_code, created_at, last_modified_at)
SELECT tenant_uid, md5('again ' || customer_uid)::uuid, customer_type, pg_temp.with_slip(firstname, customer_uid, 'again'), lastname, company_name, vat_number, email, CASE WHEN pg_temp.chance(customer_uid, 'again mobile') < 0.6 THEN mobile END, address, postal_code, city, country_code, now(), now()
FROM flowcustomer.customer WHERE tenant_uid = 'acme' AND pg_temp.chance(customer_uid, 'again') < 0.02;
CREATE TABLE t.again AS SELECT * FROM flowcustomer.customer_duplicates('acme', 0.5);
UPDATE flowcustomer.duplicate_state SET model = NULL WHERE tenant_uid = 'acme';
CREATE TABLE t.anew AS SELECT * FROM flowcustomer.customer_duplicates('acme', 0.5);
CREATE TABLE t.both AS SELECT a.customer_uid IS NOT NULL AS again, b.customer_uid IS NOT NULL AS anew FROM t.again AS a FULL JOIN t.anew AS b USING (customer_uid, duplicate_uid);
SELECT diag(format('%s pairs after some were added, %s when all are compared, %s of them both', count(*) FILTER (WHERE again), count(*) FILTER (WHERE anew), count(*) FILTER (WHERE again AND anew))) FROM t.both;
SELECT cmp_ok(round(avg((again AND anew)::int), 4), '>=', 0.95, 'nearly all are found either way') FROM t.both;
CREATE TABLE t.entered AS SELECT EXISTS (SELECT FROM t.again AS d WHERE d.customer_uid = c.customer_uid AND d.duplicate_uid = md5('again ' || c.customer_uid)::uuid::text) AS found FROM flowcustomer.customer AS c
WHERE tenant_uid = 'acme' AND pg_temp.chance(customer_uid, 'again') < 0.02 AND EXISTS (SELECT FROM flowcustomer.customer AS n WHERE n.tenant_uid = 'acme' AND n.customer_uid = md5('again ' || c.customer_uid)::uuid::text);
SELECT diag(format('%s were entered again, %s of them found', count(*), count(*) FILTER (WHERE found))) FROM t.entered;
SELECT cmp_ok(round(avg(found::int), 4), '>=', 0.85, 'and nearly all of those who were entered again are') FROM t.entered;

SELECT * FROM finish();
