/*
 * Pages, totals and HTTP, timed on the server.
 *
 * Variables: rounds.
 */
SET client_min_messages = warning;

/* A page of 100, any of the first 100. */
CREATE PROCEDURE bench.pages(rounds int)
LANGUAGE plpgsql AS $$
DECLARE
	page int;
	pages int := least(100, (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'bench') / 100);
	waited float8;
	started float8;
	took float8;
BEGIN
	FOR round IN 1 .. rounds
	LOOP
		page := 1 + round * 37 % pages;
		/* who reads a page first finds the caches cold: nobody of those who are timed */
		PERFORM flowcustomer.customer_list('bench', NULL, page, 100);
		started := bench.start();
		PERFORM flowcustomer.customer_list('bench', NULL, page, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('page', 'ours', took);
		started := bench.start();
		PERFORM bench.customer_list_sql('bench', page, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('page', 'sql', took);
		started := bench.start();
		PERFORM bench.customer_list_plpgsql('bench', page, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('page', 'plpgsql', took);
		/* this has a clock of its own, which doesn't stand still */
		waited := bench.kept_waiting();
		took := bench.executor_time(page);
		IF took IS NOT NULL AND bench.kept_waiting() - waited < 0.02 THEN
			INSERT INTO bench.sample VALUES ('page', 'executor', took);
		END IF;
	END LOOP;
END
$$;

/* The first page with its total, of many customers and of few. */
CREATE PROCEDURE bench.totals(rounds int)
LANGUAGE plpgsql AS $$
DECLARE
	started float8;
	took float8;
BEGIN
	FOR round IN 1 .. rounds
	LOOP
		started := bench.start();
		PERFORM flowcustomer.customer_list('bench', NULL, 1, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('total', 'ours', took);
		started := bench.start();
		PERFORM flowcustomer.customer_list('small', NULL, 1, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('total', 'small', took);
		IF round % 5 = 0 THEN
			started := bench.start();
			PERFORM count(*) FROM flowcustomer.customer WHERE tenant_uid = 'bench';
			took := bench.milliseconds_since(started);
			INSERT INTO bench.sample VALUES ('total', 'count', took);
		END IF;
	END LOOP;
END
$$;

/* A page near the end. */
CREATE PROCEDURE bench.deep_pages(rounds int)
LANGUAGE plpgsql AS $$
DECLARE
	page int := least(10000, floor(0.99 / 100 * (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'bench')));
	started float8;
	took float8;
BEGIN
	IF flowcustomer.customer_list('bench', NULL, page, 100)::jsonb <>
		bench.customer_list_sql('bench', page, 100)::jsonb THEN
		RAISE EXCEPTION 'the peer answers something else about page %', page;
	END IF;
	INSERT INTO bench.note (text) VALUES (format('The deep page is number %s of 100 customers each.', page));
	FOR round IN 1 .. rounds
	LOOP
		started := bench.start();
		PERFORM flowcustomer.customer_list('bench', NULL, page, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('deep page', 'ours', took);
		started := bench.start();
		PERFORM customer_uid FROM flowcustomer.customer WHERE tenant_uid = 'bench'
		ORDER BY customer_uid OFFSET (page - 1) * 100 LIMIT 100;
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('deep page', 'skip', took);
		started := bench.start();
		PERFORM bench.customer_list_sql('bench', page, 100);
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('deep page', 'sql', took);
	END LOOP;
END
$$;

/* http() around a call, and the call alone: 100 times each, in turns. */
CREATE PROCEDURE bench.http(rounds int)
LANGUAGE plpgsql AS $$
DECLARE
	uid text;
	uids text[];
	row_count bigint := (SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'bench');
	started float8;
	took float8;
BEGIN
	FOR round IN 1 .. rounds
	LOOP
		uids := ARRAY(SELECT bench.uid(1 + (round * 104729 + n * 7919) % row_count)
					  FROM generate_series(1, 100) AS n);
		/* as above */
		FOREACH uid IN ARRAY uids
		LOOP
			PERFORM flowcustomer.customer_get('bench', uid);
		END LOOP;
		started := bench.start();
		FOREACH uid IN ARRAY uids
		LOOP
			PERFORM flowcustomer.http('GET', '/v2/tenants/bench/customers/' || uid, NULL,
									  '{"Accept-Language": "nb-NO,nb;q=0.9,en;q=0.5"}');
		END LOOP;
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('http', 'ours', took / 100);
		started := bench.start();
		FOREACH uid IN ARRAY uids
		LOOP
			PERFORM flowcustomer.customer_get('bench', uid);
		END LOOP;
		took := bench.milliseconds_since(started);
		INSERT INTO bench.sample VALUES ('http', 'call', took / 100);
	END LOOP;
END
$$;

SELECT bench.prepare_page_statements() \g /dev/null

/* the first calls prepare plans and fill caches */
CALL bench.pages(20);
CALL bench.totals(20);
CALL bench.deep_pages(2);
CALL bench.http(3);
TRUNCATE bench.sample;
DELETE FROM bench.note WHERE text LIKE 'The deep page%';

CALL bench.pages(:rounds);
CALL bench.totals(:rounds);
CALL bench.deep_pages(:rounds / 10);
CALL bench.http(:rounds / 4);
