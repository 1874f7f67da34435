/*
 * Batches, against COPY, set-based SQL and a loop.
 *
 * Variables: insert_bodies, insert_warm_ups, mixed_bodies, mixed_warm_ups,
 * update_bodies, update_warm_ups, directory.
 */
SET client_min_messages = warning;

/* Rows that should be the same in two tables but are not. */
CREATE FUNCTION bench.differences(other text, sort text, columns text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	differing bigint;
BEGIN
	EXECUTE format($q$
		WITH uid AS MATERIALIZED (
			SELECT DISTINCT i ->> 'customerUid' AS uid
			FROM bench.body AS b, json_each(b.body) AS s, json_array_elements(s.value) AS i
			WHERE b.sort = %1$L
		), ours AS (
			SELECT %2$s FROM flowcustomer.customer WHERE tenant_uid = 'bench' AND customer_uid IN (SELECT uid FROM uid)
		), theirs AS (
			SELECT %2$s FROM %3$s WHERE tenant_uid = 'bench' AND customer_uid IN (SELECT uid FROM uid)
		)
		SELECT (SELECT count(*) FROM (SELECT * FROM ours EXCEPT SELECT * FROM theirs) AS a)
			 + (SELECT count(*) FROM (SELECT * FROM theirs EXCEPT SELECT * FROM ours) AS b) $q$,
		sort, columns, other) INTO differing;
	RETURN differing;
END
$$;

/* Everybody must have written the same rows. */
CREATE PROCEDURE bench.check_same(sort text, tables text[], columns text)
LANGUAGE plpgsql AS $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY tables
	LOOP
		IF bench.differences(name, sort, columns) > 0 THEN
			RAISE EXCEPTION 'after "%" % has other rows than we have', sort, name;
		END IF;
	END LOOP;
END
$$;

/* What no peer normalizes stays out of the comparison, and so do the times. */
SELECT string_agg(c, ', ') AS raw_columns
FROM regexp_split_to_table(bench.columns('flowcustomer.customer'), ', ') AS c
WHERE c NOT IN ('email', 'mobile', 'postal_code', 'vat_number', 'created_at', 'last_modified_at')
\gset

CALL bench.race('insert', :insert_warm_ups, :insert_bodies - :insert_warm_ups,
	'{ours, copy, sql, loop}', '{insert, insert, insert, insert}',
	ARRAY['SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{create,success}'')::int',
		  format('COPY bench.customer_copy (%s) FROM %L', bench.columns('flowcustomer.customer'),
				 :'directory' || '/bench-%s.copy'),
		  'SELECT bench.sql_upsert($1::jsonb, ''create'')',
		  'SELECT bench.loop_insert($1::jsonb)']);
CALL bench.check_same('insert', '{bench.customer_copy, bench.customer_sql, bench.customer_loop}', :'raw_columns');

CALL bench.race('bad', :mixed_warm_ups, :mixed_bodies - :mixed_warm_ups,
	'{clean, ours, loop}', '{clean, bad, bad}',
	ARRAY['SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{create,success}'')::int',
		  'SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{create,success}'')::int',
		  'SELECT bench.loop_insert($1::jsonb)']);
CALL bench.check_same('bad', '{bench.customer_loop}', :'raw_columns');

/* How many updates are HOT is worth a note: the two sorts cost differently. */
CREATE TEMP TABLE reading AS
SELECT ''::text AS work, ''::text AS relation, 0::bigint AS updates, 0::bigint AS hot LIMIT 0;
CREATE FUNCTION pg_temp.read_updates(work text)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO reading
	SELECT work, r::text, pg_stat_get_tuples_updated(r), pg_stat_get_tuples_hot_updated(r)
	FROM unnest('{flowcustomer.customer, bench.customer_sql}'::regclass[]) AS r
$$;
CREATE FUNCTION pg_temp.hot(before text, after text)
RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %% of %s', round(100.0 * (a.hot - b.hot) / (a.updates - b.updates)),
							 CASE a.relation WHEN 'flowcustomer.customer' THEN 'ours' ELSE 'the peer''s' END),
					  ' and ' ORDER BY a.relation DESC)
	FROM reading AS a JOIN reading AS b USING (relation)
	WHERE b.work = before AND a.work = after
$$;

SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_temp.read_updates('start') \g /dev/null
CALL bench.race('update', :update_warm_ups, :update_bodies - :update_warm_ups,
	'{ours, sql, narrow}', '{update, update, update}',
	ARRAY['SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{update,success}'')::int',
		  'SELECT bench.sql_update($1::jsonb)',
		  'SELECT bench.sql_update_address($1::jsonb)']);
CALL bench.check_same('update', '{bench.customer_sql}', 'customer_uid, address, internal_note, external_id, firstname');
CALL bench.check_same('update', '{bench.customer_copy}', 'customer_uid, address, internal_note, external_id, firstname');

SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_temp.read_updates('update') \g /dev/null
CALL bench.race('update key', :update_warm_ups, :update_bodies - :update_warm_ups,
	'{ours, sql, narrow}', '{update key, update key, update key}',
	ARRAY['SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{update,success}'')::int',
		  'SELECT bench.sql_update($1::jsonb)',
		  'SELECT bench.sql_update_external_id($1::jsonb)']);
CALL bench.check_same('update key', '{bench.customer_sql, bench.customer_copy}', 'customer_uid, address, internal_note, external_id, firstname');

SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_temp.read_updates('update key') \g /dev/null
INSERT INTO bench.note (text)
SELECT format('Of the updates of columns that no index has, %s were HOT; of those of externalId, %s.',
			  pg_temp.hot('start', 'update'), pg_temp.hot('update', 'update key'));

CALL bench.race('unchanged', :update_warm_ups, :update_bodies - :update_warm_ups,
	'{ours, sql, changed}', '{unchanged, unchanged, unchanged}',
	ARRAY['SELECT (flowcustomer.customer_batch(''bench'', $1::json) #>> ''{upsert,success}'')::int',
		  'SELECT bench.sql_upsert($1::jsonb, ''upsert'')',
		  'SELECT bench.sql_upsert_changed($1::jsonb)']);
CALL bench.check_same('unchanged', '{bench.customer_sql}', :'raw_columns');
