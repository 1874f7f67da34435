/*
 * The table of the report, in Markdown.
 *
 * A ratio with ">=" says how many times as fast as the other one we are, one
 * with "<=" how many times its time (or memory) we take.
 */
SET client_min_messages = warning;

CREATE TABLE bench.line (
	place int GENERATED ALWAYS AS IDENTITY,
	work text NOT NULL,
	title text NOT NULL,
	unit text NOT NULL,			/* s, ms, us, calls/s, MB */
	measure text NOT NULL DEFAULT 'median',	/* or mean, p95, worst */
	lim text,					/* the contestant that is the limit; */
	lim_title text,
	lim_sense text,				/* <=, >= or + (microseconds more); */
	lim_target numeric,
	peer text,					/* the one that is the peer */
	peer_title text,
	peer_target numeric			/* always >= */
);

/* Where texts are indexed for searching, everybody pays for that index. */
SELECT EXISTS (
	SELECT FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam
	WHERE i.indrelid = 'flowcustomer.customer'::regclass AND a.amname = 'gin') AS search_index
\gset

INSERT INTO bench.line (work, title, unit, lim, lim_title, lim_sense, lim_target, peer, peer_title, peer_target) VALUES
	('insert', 'batch insert, 1,000 items a call', 'ms', 'copy', 'COPY', '>=',
		CASE WHEN :'search_index' THEN 0.88 ELSE 0.75 END,
		'sql', 'one INSERT … ON CONFLICT from jsonb_to_recordset', CASE WHEN :'search_index' THEN 1.15 ELSE 1.3 END),
	('insert', '… the same', 'ms', NULL, NULL, NULL, NULL, 'loop', 'PL/pgSQL loop, exception block per item', 2),
	('bad', 'a batch in which 1 % of the items are bad', 'ms', 'clean', 'the same with no bad item', '>=', 0.9,
		'loop', 'PL/pgSQL loop, exception block per item', NULL),
	('update', 'batch update, no indexed column (HOT)', 'ms', NULL, NULL, NULL, NULL,
		'sql', 'UPDATE … FROM jsonb_to_recordset, any fields', 1.4),
	('update', '… the same', 'ms', NULL, NULL, NULL, NULL, 'narrow', 'UPDATE of these two columns only', NULL),
	('update key', 'batch update of externalId, which is indexed', 'ms', NULL, NULL, NULL, NULL,
		'sql', 'UPDATE … FROM jsonb_to_recordset, any fields', 1.2),
	('update key', '… the same', 'ms', NULL, NULL, NULL, NULL, 'narrow', 'UPDATE of this column only', NULL),
	('unchanged', 'batch upsert in which nothing changed', 'ms', NULL, NULL, NULL, NULL,
		'sql', 'one INSERT … ON CONFLICT DO UPDATE', 2.5),
	('unchanged', '… the same', 'ms', NULL, NULL, NULL, NULL,
		'changed', '… DO UPDATE … WHERE something is different', NULL),
	('get', 'customer_get with all children', 'calls/s', 'row', 'prepared SELECT * of the row', '>=', 0.36,
		'sql', 'SQL function, json_agg per child', 6),
	('get', '… the same', 'calls/s', NULL, NULL, NULL, NULL, 'plpgsql', 'the same query in PL/pgSQL, its plan kept', NULL),
	('page', 'a page of 100 with all children', 'ms', 'executor', 'the same statements, executor only', '<=', 1.25,
		'sql', 'one SQL function', 4),
	('page', '… the same', 'ms', NULL, NULL, NULL, NULL, 'plpgsql', 'the same query in PL/pgSQL, its plan kept', NULL),
	('total', 'page 1 with totalCount', 'ms', 'small', 'the same of 10,000 customers', '<=', 1.2,
		'count', 'count(*) alone', NULL),
	/* where there is hardly anything to skip, the page itself is most of it */
	('deep page', 'a page at the end', 'ms', 'skip', 'index-only skip to it', '<=', CASE WHEN :rows >= 100000 THEN 1.3 END,
		'sql', 'OFFSET over the rows, in one SQL function', NULL),
	('merge', 'customer_merge with 1,000 orders and ten of each child', 'ms', 'hand', 'the statements by hand, no journal', '<=', 1.5, NULL, NULL, NULL),
	('export', 'customer_export with 1,000 orders', 'ms', 'documents', 'json_agg of the stored documents', '<=', 1.3, NULL, NULL, NULL),
	('export xml', '… as XML', 'ms', 'documents', 'the same', '<=', NULL, NULL, NULL, NULL),
	('orders', 'sales_order_batch, 200 orders a call', 'ms', NULL, NULL, NULL, NULL,
		'record', 'INSERT … SELECT with json_to_record, checks nothing', NULL),
	('orders', '… the same', 'ms', NULL, NULL, NULL, NULL, 'arrow', '… with ->> for each column', NULL),
	('feed', 'batch insert, with the feed of changes', 'ms', 'unnoted', 'the same without it', '<=', NULL, NULL, NULL, NULL),
	('http', 'http() around customer_get', 'us', 'call', 'the call itself', '+', 50, NULL, NULL, NULL),
	('memory', 'memory of a batch of 10,000 items', 'MB', 'body', 'the body', '<=', 8, NULL, NULL, NULL),
	('many calls', 'memory kept after 400 batches of 500 items', 'MB', 'before', 'after 200 of them', '<=', 1.01, NULL, NULL, NULL);

/* Searches differ widely: their sums are compared, by the mean. */
INSERT INTO bench.line (work, title, unit, measure, lim, lim_title, lim_sense, lim_target, peer, peer_title) VALUES
	('search', 'search, mix of 200 queries, page 1 of 25 with totalCount: mean', 'ms', 'mean',
		'like', 'count(*) and 25 rows by LIKE, the same index', '<=', 1.5, NULL, NULL),
	('search', '… half of them within', 'ms', 'median', 'like', 'the same', '<=', NULL, NULL, NULL),
	('search', '… 95 % of them within', 'ms', 'p95',
		CASE WHEN :rows >= 1000000 THEN 'aim for 95 %' ELSE 'like' END,
		CASE WHEN :rows >= 1000000 THEN 'what we aim at' ELSE 'the same' END, '<=',
		CASE WHEN :rows >= 1000000 THEN 1 END, NULL, NULL),
	('search', '… the slowest', 'ms', 'worst',
		CASE WHEN :rows >= 1000000 THEN 'aim for the slowest' ELSE 'like' END,
		CASE WHEN :rows >= 1000000 THEN 'what we aim at' ELSE 'the same' END, '<=',
		CASE WHEN :rows >= 1000000 THEN 1 END, NULL, NULL),
	('search, scanned', '… 20 of them: mean', 'ms', 'mean', NULL, NULL, NULL, NULL,
		'ilike', 'count(*) and 25 rows by ILIKE over eight columns'),
	('similar', 'search that falls back to similar words: median', 'ms', 'median', NULL, NULL, NULL, NULL, NULL, NULL),
	('similar', '… the slowest', 'ms', 'worst', NULL, NULL, NULL, NULL, NULL, NULL),
	('typed again', 'whom a new customer probably is already: customer_find_similar', 'ms', 'median', NULL, NULL, NULL, NULL,
		'trigrams', 'the ten most similar names by pg_trgm, the same index');

INSERT INTO bench.line (work, title, unit, peer, peer_title)
SELECT 'duplicates ' || part, format('customer_duplicates_refresh: all duplicates among %s customers', to_char(:rows / part, 'FM999,999,999')), 's',
	'trigrams', 'the ten most similar of each by pg_trgm'
FROM unnest('{4, 2, 1}'::int[]) AS part
UNION ALL
SELECT 'duplicates again ' || part, format('… again when 100 of the %s have changed', to_char(:rows / part, 'FM999,999,999')), 's', NULL, NULL
FROM unnest('{1}'::int[]) AS part;

CREATE FUNCTION bench.show(value float8, unit text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE unit
			   WHEN 's' THEN to_char(value / 1000, CASE WHEN value < 10000 THEN 'FM990.00' ELSE 'FM999,999,990.0' END) || ' s'
			   WHEN 'ms' THEN to_char(value, CASE WHEN value < 10 THEN 'FM990.00' ELSE 'FM999,990.0' END) || ' ms'
			   WHEN 'us' THEN to_char(value * 1000, 'FM999,990') || ' µs'
			   WHEN 'calls/s' THEN to_char(value, 'FM999,999,990') || '/s'
			   WHEN 'MB' THEN to_char(value / 1024, CASE WHEN value < 10240 THEN 'FM990.00' ELSE 'FM999,990.0' END) || ' MB' END
$$;

CREATE VIEW bench.result AS
WITH figure AS (
	SELECT s.work, s.contestant, s.runs, m.measure, m.value
	FROM (SELECT work, contestant, count(*) AS runs,
				 percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median, avg(value) AS mean,
				 percentile_cont(0.95) WITHIN GROUP (ORDER BY value) AS p95, max(value) AS worst
		  FROM bench.sample GROUP BY work, contestant) AS s,
		LATERAL (VALUES ('median', s.median), ('mean', s.mean), ('p95', s.p95), ('worst', s.worst)) AS m (measure, value)
)
SELECT l.*, o.value AS ours, o.runs, m.value AS lim_value, p.value AS peer_value,
	   r.lim_ratio, r.peer_ratio,
	   CASE WHEN l.lim_target IS NULL THEN NULL
			WHEN l.lim_sense = '>=' THEN round(r.lim_ratio, 2) >= l.lim_target
			ELSE round(r.lim_ratio, 2) <= l.lim_target END AS lim_ok,
	   round(r.peer_ratio, 2) >= l.peer_target AS peer_ok
FROM bench.line AS l
	JOIN figure AS o ON o.work = l.work AND o.measure = l.measure AND o.contestant = 'ours'
	LEFT JOIN figure AS m ON m.work = l.work AND m.measure = l.measure AND m.contestant = l.lim
	LEFT JOIN figure AS p ON p.work = l.work AND p.measure = l.measure AND p.contestant = l.peer,
	/* a rate is better when it is higher, a time when it is lower */
	LATERAL (SELECT (CASE WHEN l.lim_sense = '+' THEN (o.value - m.value) * 1000
						  WHEN (l.lim_sense = '>=') = (l.unit = 'calls/s') THEN o.value / m.value
						  ELSE m.value / o.value END)::numeric AS lim_ratio,
					(CASE WHEN l.unit = 'calls/s' THEN o.value / p.value
						  ELSE p.value / o.value END)::numeric AS peer_ratio) AS r;

\pset format unaligned
\pset tuples_only on
SELECT format('PostgreSQL %s, flowcustomer %s, %s customers', current_setting('server_version'),
			  (SELECT extversion FROM pg_extension WHERE extname = 'flowcustomer'), to_char(:rows, 'FM999,999,999')) ||
	   CASE WHEN :'search_index' THEN '' ELSE ', no search index' END || '; ' || :'machine' || '; ' ||
	   to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD') || '.';
\echo
\echo '| work | ours | limit | ratio to the limit (target) | peer | ratio to the peer (target) | runs | ok? |'
\echo '|---|---:|---|---:|---|---:|---:|---|'
SELECT concat('| ', concat_ws(' | ',
	title, bench.show(ours, unit),
	coalesce(bench.show(lim_value, unit) || ', ' || lim_title, '–'),
	coalesce(CASE lim_sense WHEN '+' THEN to_char(lim_ratio, 'FM+999990.0') || ' µs' ELSE to_char(lim_ratio, 'FM999990.00') END ||
			 coalesce(' (' || CASE lim_sense WHEN '>=' THEN '≥ ' ELSE '≤ ' END || lim_target || ')', ''), '–'),
	coalesce(bench.show(peer_value, unit) || ', ' || peer_title, '–'),
	coalesce(to_char(peer_ratio, 'FM999990.00') || coalesce(' (≥ ' || peer_target || ')', ''), '–'),
	runs,
	CASE WHEN lim_ok IS NULL AND peer_ok IS NULL THEN '–'
		 WHEN coalesce(lim_ok, true) AND coalesce(peer_ok, true) THEN 'yes' ELSE '**no**' END), ' |')
FROM bench.result ORDER BY place;
SELECT E'\n' || string_agg('- ' || text, E'\n' ORDER BY place) FROM bench.note;
