/*
 * Runs that are timed on the server, the contestants in turns: each round
 * begins with another one, so what else happens on the machine hits them all.
 */
SET client_min_messages = warning;

/*
 * The clock.  It stands still while this process is ready to run but others
 * have the processors, as far as the system tells: on a shared machine that
 * can be half of the time, and says nothing about anybody's work.  Waiting for
 * anything else counts.
 */
CREATE FUNCTION bench.kept_waiting()
RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 2)::float8 / 1e6, 0);
END
$$;

CREATE FUNCTION bench.start()
RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	waited float8 := bench.kept_waiting();
BEGIN
	RETURN extract(epoch FROM clock_timestamp()) * 1000 - waited;
END
$$;

CREATE FUNCTION bench.milliseconds_since(start float8)
RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	now float8 := extract(epoch FROM clock_timestamp()) * 1000;
BEGIN
	RETURN now - bench.kept_waiting() - start;
END
$$;

/*
 * Batches.  A contestant's statement gets the body as $1, a text as it comes
 * from a client, and says how many items it has done; %s in a COPY stands for
 * the number of the call.  The time is that of the statement and its commit.
 * Rounds before "warm_ups" don't count.
 */
CREATE PROCEDURE bench.race(work text, warm_ups int, rounds int,
							contestants text[], sorts text[], statements text[])
LANGUAGE plpgsql AS $$
DECLARE
	batch record;
	who int;
	done int;
	started float8;
	milliseconds float8;
BEGIN
	FOR number IN 0 .. warm_ups + rounds - 1
	LOOP
		FOR turn IN 1 .. cardinality(contestants)
		LOOP
			who := 1 + (number + turn) % cardinality(contestants);
			SELECT b.body::text, b.done INTO STRICT batch FROM bench.body AS b
			WHERE b.sort = sorts[who] AND b.call = number;
			COMMIT;
			started := bench.start();
			IF statements[who] LIKE 'COPY%' THEN
				EXECUTE format(statements[who], number);
				GET DIAGNOSTICS done = ROW_COUNT;
			ELSE
				EXECUTE statements[who] INTO done USING batch.body;
			END IF;
			COMMIT;
			milliseconds := bench.milliseconds_since(started);
			IF done <> batch.done THEN
				RAISE EXCEPTION '%: % has done % items instead of %', work, contestants[who], done, batch.done;
			END IF;
			IF number >= warm_ups THEN
				INSERT INTO bench.sample VALUES (work, contestants[who], milliseconds);
			END IF;
		END LOOP;
	END LOOP;
	COMMIT;
END
$$;
