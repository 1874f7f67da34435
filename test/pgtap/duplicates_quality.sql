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

SELECT * FROM finish();
