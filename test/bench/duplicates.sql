/*
 * Finding all duplicates of a quarter, a half and all of the customers, of made-up
 * ones of whom we know who is who.
 *
 * Variables: rows (customers of the largest tenant).
 */
SET client_min_messages = warning;

\ir ../../examples/demo_data.sql
\ir duplicates_data.sql

CREATE FUNCTION pg_temp.measure(work text, statement text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	begin_time timestamptz := clock_timestamp();
BEGIN
	EXECUTE statement;
	INSERT INTO bench.sample VALUES (work, 'ours', 1000 * extract(epoch FROM clock_timestamp() - begin_time));
END
$$;

/* What somebody would do who has pg_trgm: the ten most similar documents of each. */
CREATE FUNCTION pg_temp.most_similar(tenant text, uid text)
RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM (
		SELECT s.customer_uid
		FROM flowcustomer.customer AS c, flowcustomer.customer AS s
		WHERE c.tenant_uid = tenant AND c.customer_uid = uid AND s.tenant_uid = tenant
			AND s.customer_uid <> uid AND s.search_text % c.search_text
		ORDER BY similarity(s.search_text, c.search_text) DESC LIMIT 10) AS f
$$;

CREATE PROCEDURE pg_temp.find_all(part int, size int)
LANGUAGE plpgsql AS $$
DECLARE
	tenant text := 'duplicates-' || part;
	begin_time timestamptz;
	uids text[];
BEGIN
	PERFORM flowcustomer.tenant_put(tenant, '{"name": "Duplicates", "countryCode": "NO", "locale": "en"}');
	CALL pg_temp.make_customers(tenant, (size / 1.25)::int);
	CALL pg_temp.make_duplicates(tenant, 0.05, 0.2);
	COMMIT;
	PERFORM pg_temp.measure('duplicates ' || part, format('SELECT flowcustomer.customer_duplicates_refresh(%L)', tenant));
	COMMIT;
	/* the peer does some of them, which then stand for all */
	uids := ARRAY(SELECT customer_uid FROM flowcustomer.customer WHERE tenant_uid = tenant ORDER BY md5(customer_uid) LIMIT 20);
	begin_time := clock_timestamp();
	PERFORM pg_temp.most_similar(tenant, uid) FROM unnest(uids) AS uid;
	INSERT INTO bench.sample
	SELECT 'duplicates ' || part, 'trigrams', 1000 * extract(epoch FROM clock_timestamp() - begin_time) / cardinality(uids) * count(*)
	FROM flowcustomer.customer WHERE tenant_uid = tenant;
	UPDATE flowcustomer.customer SET lastname = lastname || 'n'
	WHERE tenant_uid = tenant AND customer_uid = ANY (ARRAY(SELECT customer_uid FROM flowcustomer.customer WHERE tenant_uid = tenant AND lastname IS NOT NULL ORDER BY md5(customer_uid) LIMIT 100));
	COMMIT;
	PERFORM pg_temp.measure('duplicates again ' || part, format('SELECT flowcustomer.customer_duplicates_refresh(%L)', tenant));
	COMMIT;
	INSERT INTO bench.note (text)
	SELECT format('Of %s customers %s pairs were found that are probably the same, %s %% of them rightly; that is %s %% of those there are. Of people alone %s and %s %%.',
				  to_char((SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = tenant), 'FM999,999,999'), to_char(count(*) FILTER (WHERE listed), 'FM999,999,999'),
				  round(100.0 * count(*) FILTER (WHERE listed AND really) / count(*) FILTER (WHERE listed), 1), round(100.0 * count(*) FILTER (WHERE listed AND really) / count(*) FILTER (WHERE really), 1),
				  round(100.0 * count(*) FILTER (WHERE listed AND really AND person) / count(*) FILTER (WHERE listed AND person), 1),
				  round(100.0 * count(*) FILTER (WHERE listed AND really AND person) / count(*) FILTER (WHERE really AND person), 1))
	FROM (SELECT t.one IS NOT NULL AS really, f.one IS NOT NULL AS listed,
				 (SELECT customer_type = 'PERSON' FROM flowcustomer.customer WHERE tenant_uid = tenant AND customer_uid = one) AS person
		  FROM (SELECT least(a.customer_uid, b.customer_uid) AS one, greatest(a.customer_uid, b.customer_uid) AS two
				FROM pg_temp.truth AS a JOIN pg_temp.truth AS b ON b.entity = a.entity AND b.customer_uid > a.customer_uid) AS t
			  FULL JOIN (SELECT least(customer_uid, duplicate_uid), greatest(customer_uid, duplicate_uid)
						 FROM flowcustomer.duplicate_pair WHERE tenant_uid = tenant AND score >= 0.5) AS f (one, two) USING (one, two)) AS p;
	TRUNCATE pg_temp.truth;
	COMMIT;
END
$$;

CALL pg_temp.find_all(4, :rows / 4);
CALL pg_temp.find_all(2, :rows / 2);
CALL pg_temp.find_all(1, :rows);
