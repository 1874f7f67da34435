-- However many orders a customer has, exporting it takes the memory of the answer, once:
-- http() has some copies of it, much less than ten.
\ir include/helpers.psql
\ir include/orders.psql
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "much", "customerType": "PERSON"}, {"customerUid": "little", "customerType": "PERSON"}]}')$$);
-- Ten thousand documents of seven kilobytes, and ten.
INSERT INTO flowcustomer.sales_order (tenant_uid, order_uid, customer_uid, store_uid, ordered_at, grand_total, open_invoice_amount, document, created_at, last_modified_at)
SELECT 'acme', uid, CASE WHEN n <= 10 THEN 'little' ELSE 'much' END, 'oslo', now(), 10000, 0, t.sales_order(uid, jsonb_build_object('customerUid', 'much', 'note', md5(uid))), now(), now() FROM generate_series(1, 10010) AS n, md5(n::text) AS uid;

-- Kilobytes from the kernel's account of this process: the most that it has ever had, without what it shares.
CREATE TABLE t.reading (n integer GENERATED ALWAYS AS IDENTITY, function text, peak bigint, answer bigint);
CREATE FUNCTION t.read_memory(function text, answer bigint DEFAULT 0) RETURNS void LANGUAGE sql AS $$
	INSERT INTO t.reading (function, peak, answer) SELECT function, (regexp_match(s, 'VmHWM:\s+(\d+)'))[1]::bigint - (regexp_match(s, 'RssShmem:\s+(\d+)'))[1]::bigint, answer / 1024 FROM pg_read_file('/proc/self/status', 0, 10000) AS s
$$;
-- Few orders first, so that what a session needs once is there; then many.
CREATE PROCEDURE t.measure(function text, call text) LANGUAGE plpgsql AS $$
DECLARE
	answer bigint;
BEGIN
	-- touches what is shared, which does not count then
	PERFORM sum(length(document::text)) FROM flowcustomer.sales_order;
	EXECUTE format(call, 'little') INTO answer;
	PERFORM t.read_memory(function);
	EXECUTE format(call, 'much') INTO answer;
	PERFORM t.read_memory(function, answer);
END $$;
\c
CALL t.measure('customer_export', 'SELECT pg_column_size(flowcustomer.customer_export(''acme'', %L))');
\c
CALL t.measure('customer_export_xml', 'SELECT pg_column_size(flowcustomer.customer_export_xml(''acme'', %L))');
\c
CALL t.measure('customer_export_full', 'SELECT pg_column_size(flowcustomer.customer_export_full(''acme'', %L))');
\c
CALL t.measure('http', 'SELECT octet_length(body) FROM flowcustomer.http(''GET'', ''/v2/tenants/acme/customers/%s/export'')');
\c
SET client_min_messages TO warning;
SELECT plan(9);
CREATE VIEW t.factor AS
SELECT a.function, a.answer, round((a.peak - b.peak)::numeric / a.answer, 2) AS factor FROM t.reading AS b JOIN t.reading AS a ON a.function = b.function AND a.n = b.n + 1;
SELECT diag(format('%s: %s MB, and %s times that in memory', function, answer / 1024, factor)) FROM t.factor;
SELECT results_eq('SELECT function FROM t.factor ORDER BY 1', $$VALUES ('customer_export'), ('customer_export_full'), ('customer_export_xml'), ('http')$$, 'each was measured');
SELECT cmp_ok(answer, '>', 60000::bigint, function || ' has ten thousand orders in its answer') FROM t.factor ORDER BY function;
SELECT cmp_ok(factor, '<', CASE function WHEN 'http' THEN 8 ELSE 2 END::numeric, format('%s takes less than %s times that', function, CASE function WHEN 'http' THEN 'eight' ELSE 'two' END)) FROM t.factor ORDER BY function;
SELECT * FROM finish();
