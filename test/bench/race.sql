/*
 * Runs that are timed on the server, the contestants in turns: each round
 * begins with another one, so what else happens on the machine hits them all.
 */
SET client_min_messages = warning;

/*
 * Batches.  A contestant's statement gets the body as $1 and says how many
 * items it has done; %s in a COPY stands for the number of the call.  The time
 * is that of the statement and its commit.  Rounds before "warm_ups" don't
 * count.
 */
CREATE PROCEDURE bench.race(work text, warm_ups int, rounds int,
							contestants text[], sorts text[], statements text[])
LANGUAGE plpgsql AS $$
DECLARE
	batch record;
	who int;
	done int;
	started timestamptz;
	milliseconds float8;
BEGIN
	FOR number IN 0 .. warm_ups + rounds - 1
	LOOP
		FOR turn IN 1 .. cardinality(contestants)
		LOOP
			who := 1 + (number + turn) % cardinality(contestants);
			SELECT b.body, b.done INTO STRICT batch FROM bench.body AS b
			WHERE b.sort = sorts[who] AND b.call = number;
			COMMIT;
			started := clock_timestamp();
			IF statements[who] LIKE 'COPY%' THEN
				EXECUTE format(statements[who], number);
				GET DIAGNOSTICS done = ROW_COUNT;
			ELSE
				EXECUTE statements[who] INTO done USING batch.body;
			END IF;
			COMMIT;
			milliseconds := extract(epoch FROM clock_timestamp() - started) * 1000;
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
