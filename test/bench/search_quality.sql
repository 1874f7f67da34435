/*
 * How good the order of a search's hits is.
 *
 * Variables: rows (customers, a multiple of 1000), queries (for how many of them
 * something is typed), misses (1 to list what was missed).
 *
 * For each of some customers we type what a clerk would: a word or two of the
 * name, the beginning of one, a company, a piece of a telephone number or of an
 * e-mail address.  In a third of the queries two letters are swapped, one is
 * missing, doubled or wrong.  Everything is drawn from hashes of the customer's
 * number, so the queries are the same every time.
 *
 * A customer's place is one more than the number of customers with a higher
 * relevance: those that fit as well don't count.  "Seen" are those that are among
 * the first five even behind all that fit as well, as many share a name or a few
 * digits.  Left out is what the data
 * doesn't allow: a query for which another customer has every typed word at
 * least as well, and one of them better (as a whole field, a whole word, the
 * beginning of one, inside one).  When somebody else's name is what was typed,
 * nobody could tell who was meant.
 */
SET client_min_messages = warning;

CREATE EXTENSION flowcustomer CASCADE;
\ir ../../examples/demo_data.sql

-- ---------------------------------------------------------------------
-- The customers
-- ---------------------------------------------------------------------

DO $$
DECLARE
	call record;
BEGIN
	PERFORM flowcustomer.tenant_put('demo', '{"name": "Nordlys Sport", "countryCode": "NO", "locale": "nb"}');
	FOR call IN SELECT * FROM pg_temp.demo_reference()
	LOOP
		EXECUTE format('SELECT flowcustomer.%I(''demo'', $1)', call.function_name) USING call.body;
	END LOOP;
END
$$;
SELECT flowcustomer.customer_batch('demo', pg_temp.demo_batch(number, 1000))
FROM generate_series(0, :rows / 1000 - 1) AS number \g /dev/null
VACUUM ANALYZE flowcustomer.customer;

-- ---------------------------------------------------------------------
-- What is typed
-- ---------------------------------------------------------------------

/* The words of a text as search sees them. */
CREATE FUNCTION pg_temp.folded(typed text)
RETURNS text LANGUAGE sql AS $$
	SELECT split_part(flowcustomer.search_document(typed, NULL, NULL, NULL, NULL, NULL, NULL, NULL), '|', 1)
$$;

/* The beginning of a word: more than half of it, and at least three letters. */
CREATE FUNCTION pg_temp.beginning(word text, number bigint, purpose text)
RETURNS text LANGUAGE sql AS $$
	SELECT rtrim(left(word, greatest(3, ceil(length(word) * (0.5 + 0.4 * pg_temp.demo_random(number, purpose)))::int)))
$$;

/*
 * What is typed for a customer; NULL where there is nothing of this kind.
 * Nobody types a company's form alone.
 */
CREATE FUNCTION pg_temp.typed(c flowcustomer.customer, kind text, number bigint)
RETURNS text LANGUAGE sql AS $$
	SELECT CASE kind
		WHEN 'full name' THEN
			CASE WHEN pg_temp.demo_random(number, 'order') < 0.7 THEN c.firstname || ' ' || c.lastname
				 ELSE c.lastname || ' ' || c.firstname END
		WHEN 'one name' THEN
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.7 THEN c.lastname ELSE c.firstname END
		WHEN 'name, partly' THEN
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.6
				 THEN c.firstname || ' ' || pg_temp.beginning(c.lastname, number, 'last')
				 ELSE pg_temp.beginning(c.firstname, number, 'first') || ' ' || c.lastname END
		WHEN 'name and city' THEN c.lastname || ' ' || c.city
		WHEN 'company' THEN
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.3 THEN words[1]
				 WHEN pg_temp.demo_random(number, 'which') < 0.8 THEN words[1] || ' ' || words[2]
				 ELSE c.company_name END
		WHEN 'company, partly' THEN
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.4 THEN pg_temp.beginning(words[1], number, 'first')
				 ELSE words[1] || ' ' || pg_temp.beginning(words[2], number, 'second') END
		WHEN 'telephone' THEN
			/* without the code of its country: the end, the beginning, a part */
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.6 THEN right(digits, length)
				 WHEN pg_temp.demo_random(number, 'which') < 0.8 THEN left(digits, length)
				 ELSE substr(digits, 2, length) END
		WHEN 'e-mail' THEN
			CASE WHEN pg_temp.demo_random(number, 'which') < 0.5 THEN split_part(c.email, '@', 1)
				 WHEN pg_temp.demo_random(number, 'which') < 0.7 THEN c.email
				 WHEN pg_temp.demo_random(number, 'which') < 0.85 THEN split_part(c.email, '.', 1)
				 ELSE pg_temp.beginning(split_part(c.email, '@', 1), number, 'mail') END
	END
	FROM regexp_split_to_array(c.company_name, '[^[:alnum:]]+') AS words,
		regexp_replace(c.mobile, '^(\+(47|46|45|358))?0?', '') AS digits,
		LATERAL (SELECT 5 + floor(4 * pg_temp.demo_random(number, 'length'))::int AS length) AS l
$$;

/* A text with a typing error in a word of at least three letters; attempt changes where. */
CREATE FUNCTION pg_temp.mistyped(typed text, error text, number bigint, attempt int)
RETURNS text LANGUAGE sql AS $$
	SELECT CASE error
		WHEN 'swapped' THEN left(typed, at - 1) || substr(typed, at + 1, 1) || substr(typed, at, 1) || substr(typed, at + 2)
		WHEN 'missing' THEN left(typed, at - 1) || substr(typed, at + 1)
		WHEN 'doubled' THEN left(typed, at) || substr(typed, at)
		WHEN 'wrong' THEN left(typed, at - 1) ||
			CASE WHEN substr(typed, at, 1) ~ '[0-9]' THEN pg_temp.demo_digits(1, number, 'digit ' || attempt)
				 ELSE pg_temp.demo_pick('{a,d,e,f,g,h,i,k,l,m,n,o,p,r,s,t,u,v}', number, 'letter ' || attempt) END ||
			substr(typed, at + 1)
	END
	FROM (SELECT p AS at
		  FROM generate_series(1, length(typed)) AS p
		  WHERE substr(typed, p) ~ CASE error WHEN 'swapped' THEN '^[[:alnum:]]{2}' ELSE '^[[:alnum:]]' END
			  AND substring(left(typed, p) FROM '[[:alnum:]]*$') || substring(substr(typed, p + 1) FROM '^[[:alnum:]]*') ~ '.{3}'
		  ORDER BY pg_temp.demo_random(number * 1000 + p, 'place ' || attempt)
		  LIMIT 1) AS place
$$;

CREATE TEMP TABLE query AS
WITH drawn AS MATERIALIZED (
	SELECT customer_uid, number
	FROM flowcustomer.customer, LATERAL (SELECT substr(customer_uid, 6)::bigint AS number) AS n
	WHERE tenant_uid = 'demo'
	ORDER BY pg_temp.demo_random(number, 'who is looked for'), customer_uid
	LIMIT :queries
), chosen AS MATERIALIZED (
	/* of the kinds that this customer has something of, some more often */
	SELECT d.customer_uid, d.number, k.kind, k.typed
	FROM drawn AS d
		JOIN flowcustomer.customer AS c ON c.tenant_uid = 'demo' AND c.customer_uid = d.customer_uid,
		LATERAL (SELECT v.kind, t.typed
				 FROM (VALUES ('full name', 3), ('one name', 1), ('name, partly', 3), ('name and city', 1),
						('company', 5), ('company, partly', 4), ('telephone', 3), ('e-mail', 2))
					 AS v (kind, weight),
					 LATERAL (SELECT pg_temp.typed(c, v.kind, d.number) AS typed) AS t
				 WHERE length(t.typed) >= 3
				 ORDER BY power(pg_temp.demo_random(d.number, 'kind ' || v.kind), 1.0 / v.weight) DESC
				 LIMIT 1) AS k
)
SELECT c.customer_uid, c.kind, coalesce(m.error, '') AS error, coalesce(m.typed, c.typed) AS typed
FROM chosen AS c LEFT JOIN LATERAL (
	SELECT e.error, t.typed
	FROM (SELECT pg_temp.demo_pick('{swapped, missing, doubled, wrong}', c.number, 'error') AS error) AS e,
		generate_series(1, 20) AS attempt,
		LATERAL (SELECT pg_temp.mistyped(c.typed, e.error, c.number, attempt) AS typed) AS t
	WHERE pg_temp.demo_random(c.number, 'is mistyped') < 1.0 / 3
		AND pg_temp.folded(t.typed) <> pg_temp.folded(c.typed)
	ORDER BY attempt
	LIMIT 1) AS m ON true;

-- ---------------------------------------------------------------------
-- What is found
-- ---------------------------------------------------------------------

SET flowcustomer.max_page_size = 1000;
CREATE TEMP TABLE result (customer_uid text, place int, ties int, hits int, better text[]);

/* Looks for a customer; better are those with a higher relevance. */
CREATE FUNCTION pg_temp.look_for(wanted text, typed text)
RETURNS SETOF result LANGUAGE plpgsql AS $$
DECLARE
	answer json;
	uids text[] := '{}';
	relevances float8[] := '{}';
	at int;
	first int;
BEGIN
	FOR page IN 1 .. 100
	LOOP
		answer := flowcustomer.customer_search('demo', json_build_object('query', typed), page, 1000);
		SELECT uids || array_agg(item ->> 'customerUid' ORDER BY n),
			   relevances || array_agg((item ->> 'relevance')::float8 ORDER BY n)
		INTO uids, relevances
		FROM json_array_elements(answer -> 'items') WITH ORDINALITY AS i (item, n);
		at := array_position(uids, wanted);
		EXIT WHEN at IS NOT NULL OR (answer #>> '{paging,totalCount}')::int <= page * 1000;
	END LOOP;
	first := CASE WHEN at IS NULL THEN NULL ELSE array_position(relevances, relevances[at]) END;
	RETURN NEXT ROW(wanted, first, (SELECT count(*)::int FROM unnest(relevances) AS r WHERE r = relevances[at]),
					(answer #>> '{paging,totalCount}')::int,
					CASE WHEN at IS NULL THEN uids ELSE uids[1:first - 1] END)::result;
END
$$;
INSERT INTO result SELECT r.* FROM query AS q, LATERAL pg_temp.look_for(q.customer_uid, q.typed) AS r;

/* How well the words of a query, folded, fit a document: a digit for each. */
CREATE FUNCTION pg_temp.fits(document text, words text[])
RETURNS int[] LANGUAGE sql AS $$
	SELECT array_agg(CASE WHEN position(' ' || word || '|' IN replace('|' || document, '| ', '| |')) = 0 AND
							   document LIKE '% ' || word || '|%' AND
							   ('|' || document) LIKE '%| ' || word || '|%' THEN 4
						  WHEN document LIKE '% ' || word || '|%' OR document LIKE '% ' || word || ' %' THEN 3
						  WHEN document LIKE '% ' || word || '%' THEN 2
						  WHEN document LIKE '%' || word || '%' THEN 1
						  ELSE 0 END ORDER BY n)
	FROM unnest(words) WITH ORDINALITY AS w (word, n)
$$;

/* Whether one fits as well in all words, and better in one. */
CREATE FUNCTION pg_temp.dominates(one int[], other int[])
RETURNS boolean LANGUAGE sql AS $$
	SELECT bool_and(a >= b) AND bool_or(a > b) FROM unnest(one, other) AS u (a, b)
$$;

CREATE TEMP TABLE outcome AS
SELECT q.*, r.place, r.ties, r.hits, r.better, b.better_fit IS NOT NULL AS left_out, b.better_fit
FROM query AS q JOIN result AS r USING (customer_uid)
	JOIN flowcustomer.customer AS c ON c.tenant_uid = 'demo' AND c.customer_uid = q.customer_uid
	LEFT JOIN LATERAL (
		SELECT o.customer_uid AS better_fit
		FROM regexp_split_to_array(btrim(pg_temp.folded(q.typed)), ' ') AS words,
			flowcustomer.customer AS o
		WHERE r.place IS DISTINCT FROM 1 AND o.tenant_uid = 'demo' AND o.customer_uid = ANY (r.better)
			AND pg_temp.dominates(pg_temp.fits(o.search_text, words), pg_temp.fits(c.search_text, words))
		LIMIT 1) AS b ON true;

-- ---------------------------------------------------------------------
-- The tables
-- ---------------------------------------------------------------------

CREATE FUNCTION pg_temp.percent(part bigint, whole bigint)
RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(to_char(100.0 * part / nullif(whole, 0), 'FM990.0') || ' %', '')
$$;

\pset format aligned
\pset border 2
\pset linestyle ascii
\pset footer off
\pset title ''

SELECT coalesce(kind, 'all') AS "what is typed",
	   count(*) FILTER (WHERE error = '') AS "queries",
	   count(*) FILTER (WHERE error = '' AND left_out) AS "left out",
	   pg_temp.percent(count(*) FILTER (WHERE error = '' AND place = 1), count(*) FILTER (WHERE error = '' AND NOT left_out)) AS "first",
	   pg_temp.percent(count(*) FILTER (WHERE error = '' AND NOT left_out AND place <= 5), count(*) FILTER (WHERE error = '' AND NOT left_out)) AS "of five",
	   pg_temp.percent(count(*) FILTER (WHERE error = '' AND NOT left_out AND place + ties <= 6), count(*) FILTER (WHERE error = '' AND NOT left_out)) AS "seen",
	   count(*) FILTER (WHERE error <> '') AS "with a typo",
	   count(*) FILTER (WHERE error <> '' AND left_out) AS "left out",
	   pg_temp.percent(count(*) FILTER (WHERE error <> '' AND place = 1), count(*) FILTER (WHERE error <> '' AND NOT left_out)) AS "first",
	   pg_temp.percent(count(*) FILTER (WHERE error <> '' AND NOT left_out AND place <= 5), count(*) FILTER (WHERE error <> '' AND NOT left_out)) AS "of five",
	   pg_temp.percent(count(*) FILTER (WHERE error <> '' AND NOT left_out AND place + ties <= 6), count(*) FILTER (WHERE error <> '' AND NOT left_out)) AS "seen"
FROM outcome
GROUP BY ROLLUP (kind)
ORDER BY kind IS NULL, kind;

SELECT error AS "typing error", count(*) AS "queries", count(*) FILTER (WHERE left_out) AS "left out",
	   pg_temp.percent(count(*) FILTER (WHERE place = 1), count(*) FILTER (WHERE NOT left_out)) AS "first",
	   pg_temp.percent(count(*) FILTER (WHERE NOT left_out AND place <= 5), count(*) FILTER (WHERE NOT left_out)) AS "of five",
	   count(*) FILTER (WHERE NOT left_out AND place IS NULL) AS "not found"
FROM outcome WHERE error <> '' GROUP BY error ORDER BY error;

SELECT '97 % first without a typing error, 90 % with one' AS "the aim",
	   pg_temp.percent(count(*) FILTER (WHERE error = '' AND place = 1), count(*) FILTER (WHERE error = '' AND NOT left_out)) AS "without",
	   pg_temp.percent(count(*) FILTER (WHERE error <> '' AND place = 1), count(*) FILTER (WHERE error <> '' AND NOT left_out)) AS "with"
FROM outcome;

SELECT :misses = 1 AS list_misses \gset
\if :list_misses
	SELECT o.kind, o.error, o.typed, c.search_text AS "who was meant", o.place, o.hits,
		   (SELECT search_text FROM flowcustomer.customer WHERE tenant_uid = 'demo' AND customer_uid = o.better[1]) AS "who came first"
	FROM outcome AS o JOIN flowcustomer.customer AS c ON c.tenant_uid = 'demo' AND c.customer_uid = o.customer_uid
	WHERE o.place IS DISTINCT FROM 1 AND NOT o.left_out
	ORDER BY o.error, o.kind, o.customer_uid;
\endif
