/*
 * The memory of one backend.
 *
 * Variables: calls_file, a file with a great many small calls.
 *
 * With it, we see what they leave behind, in PostgreSQL's own accounts.
 * Without, what a large call takes: the most memory that the backend had at any
 * time, in the kernel's accounts, beyond what it shares with others.  The
 * server is to have few shared buffers then, so that a scan can touch them all
 * before, and they don't count any more.
 */
SET client_min_messages = warning;
SET enable_seqscan = off;
SET enable_bitmapscan = off;

/* Kilobytes from the kernel's account of this process. */
CREATE FUNCTION pg_temp.memory(OUT peak bigint, OUT shared bigint)
LANGUAGE sql AS $$
	SELECT (regexp_match(s, 'VmHWM:\s+(\d+)'))[1]::bigint,
		   (regexp_match(s, 'RssShmem:\s+(\d+)'))[1]::bigint
	FROM pg_read_file('/proc/self/status', 0, 10000) AS s
$$;

CREATE FUNCTION pg_temp.large_batch()
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF (flowcustomer.customer_batch('scratch', body) #>> '{create,success}')::int <> done
		FROM bench.body WHERE sort = 'large' THEN
		RAISE EXCEPTION 'some items of the large batch were refused';
	END IF;
END
$$;

/* touch every buffer, and let the plans be made */
SELECT count(origin) FROM flowcustomer.customer WHERE tenant_uid = 'bench' \g /dev/null
SELECT count(origin) FROM bench.customer_sql WHERE tenant_uid = 'bench' \g /dev/null
SELECT flowcustomer.customer_batch('scratch', '{"create": [
	{"customerUid": "first", "customerType": "PERSON", "firstname": "Kari", "customerGroupUids": ["group-vip"],
	 "consents": [{"consentUid": "consent-sms", "status": true, "source": "POS"}], "defaultStoreUid": "store-oslo"},
	{"customerUid": "second", "customerType": "COMPANY", "companyName": "Fjell AS", "accountManager": {"tenantUserUid": "user-ingrid"}},
	{"customerUid": "third", "customerType": "COMPANY", "companyName": "Fjell AS", "customerParentUid": "second"}]}') \g /dev/null
SELECT count(origin) FROM flowcustomer.customer WHERE tenant_uid = 'bench' \g /dev/null

\if :{?calls_file}
	/* twice: what the first ones allocate is there for those that follow */
	\i :calls_file
	SELECT sum(used_bytes) / 1024.0 AS kept FROM pg_backend_memory_contexts \gset before_
	\i :calls_file
	SELECT sum(used_bytes) / 1024.0 AS kept FROM pg_backend_memory_contexts \gset after_
	INSERT INTO bench.sample VALUES ('many calls', 'before', :before_kept), ('many calls', 'ours', :after_kept);
	\quit
\endif

SELECT peak AS peak_before, shared AS shared_before FROM pg_temp.memory() \gset
SELECT pg_temp.large_batch() \g /dev/null
SELECT peak AS peak_after, shared AS shared_after FROM pg_temp.memory() \gset

INSERT INTO bench.sample
SELECT 'memory', 'ours', (:peak_after - :peak_before) - (:shared_after - :shared_before)
UNION ALL
SELECT 'memory', 'body', length(body::text) / 1024.0 FROM bench.body WHERE sort = 'large';
