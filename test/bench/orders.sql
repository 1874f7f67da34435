/*
 * Orders, and what hangs on every write: exporting a customer who has many,
 * putting many at once, and what the feed of changes costs a batch.
 *
 * Variables: insert_bodies, insert_warm_ups.
 */
SET client_min_messages = warning;

\ir ../../examples/demo_data.sql
CREATE SCHEMA t;
\ir ../pgtap/include/orders.psql

DO $$
DECLARE
	tenant text;
	call record;
BEGIN
	FOREACH tenant IN ARRAY '{orders, noted, unnoted}'::text[]
	LOOP
		PERFORM flowcustomer.tenant_put(tenant, json_build_object('name', 'Bench', 'countryCode', 'NO', 'locale', 'en', 'changeFeed', tenant <> 'unnoted'));
		FOR call IN SELECT * FROM pg_temp.demo_reference()
		LOOP
			EXECUTE format('SELECT flowcustomer.%I($1, $2)', call.function_name) USING tenant, call.body;
		END LOOP;
	END LOOP;
	PERFORM flowcustomer.customer_batch('orders', (
		SELECT json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'PERSON')))
		FROM (SELECT 'buyer-' || n FROM generate_series(0, 499) AS n UNION ALL SELECT 'regular-' || n FROM generate_series(0, 3) AS n) AS c (uid)));
END
$$;

/* A whole document with one to five items, as compact as programs write JSON. */
CREATE TABLE bench.order_model AS SELECT t.sales_order('model')::jsonb AS document;
CREATE FUNCTION bench.sales_order(number int, uid text, customer text)
RETURNS text LANGUAGE sql STABLE AS $$
	SELECT replace(replace(replace((m.document || jsonb_build_object(
			   'orderUid', uid, 'customerUid', customer, 'storeUid', 'store-oslo', 'orderNumber', (100000 + number)::text, 'note', md5(uid),
			   'items', (SELECT jsonb_agg(m.document #> '{items,0}' || jsonb_build_object(
								'orderItemUid', format('%s-%s', uid, n), 'name', md5(format('item %s %s', number, n)), 'serialnumber', md5(uid || n), 'sortOrder', n,
								'itemPrice', number % 977 * 100, 'itemCost', number % 53 * 100, 'totalPrice', number % 977 * 100))
						 FROM generate_series(1, 1 + number * 7 % 5) AS n)))::text, '": ', '":'), ', "', ',"'), '}, {', '},{')
	FROM bench.order_model AS m
$$;

/* --------------------------------------------------------------------
 * Exports
 * -------------------------------------------------------------------- */

DO $$
BEGIN
	FOR customer IN 0 .. 3
	LOOP
		FOR part IN 0 .. 9
		LOOP
			PERFORM flowcustomer.sales_order_batch('orders', (
				SELECT json_agg(bench.sales_order(n, md5(format('%s %s', customer, n)), 'regular-' || customer)::json)
				FROM generate_series(part * 100, part * 100 + 99) AS n));
			COMMIT;
		END LOOP;
	END LOOP;
END
$$;
VACUUM ANALYZE flowcustomer.sales_order;

/* In turns; as XML not so often. */
CREATE PROCEDURE bench.exports(rounds int)
LANGUAGE plpgsql AS $$
DECLARE
	uid text;
	contestant text;
	started float8;
	took float8;
BEGIN
	FOR round IN 0 .. rounds - 1
	LOOP
		uid := 'regular-' || round % 4;
		FOR turn IN 0 .. 1
		LOOP
			contestant := (ARRAY['ours', 'documents'])[1 + (round + turn) % 2];
			started := bench.start();
			IF contestant = 'ours' THEN
				PERFORM flowcustomer.customer_export('orders', uid);
			ELSE
				PERFORM json_agg(document ORDER BY order_uid) FROM flowcustomer.sales_order
				WHERE tenant_uid = 'orders' AND customer_uid = uid;
			END IF;
			took := bench.milliseconds_since(started);
			INSERT INTO bench.sample VALUES ('export', contestant, took);
			IF round % 5 = 0 AND contestant = 'documents' THEN
				INSERT INTO bench.sample VALUES ('export xml', contestant, took);
			END IF;
		END LOOP;
		IF round % 5 = 0 THEN
			started := bench.start();
			PERFORM flowcustomer.customer_export_xml('orders', uid);
			took := bench.milliseconds_since(started);
			INSERT INTO bench.sample VALUES ('export xml', 'ours', took);
		END IF;
	END LOOP;
END
$$;

DO $$
DECLARE
	found record;
BEGIN
	SELECT count(*) AS orders, (flowcustomer.customer_export('orders', 'regular-0') -> 'orders')::jsonb = json_agg(document ORDER BY order_uid)::jsonb AS same,
		   sum(length(document::text)) AS size
	INTO found FROM flowcustomer.sales_order WHERE tenant_uid = 'orders' AND customer_uid = 'regular-0';
	IF found.orders <> 1000 OR NOT found.same THEN
		RAISE EXCEPTION 'the export has other orders than the table';
	END IF;
	INSERT INTO bench.note (text) VALUES (format('The documents of orders have %s KB on average.', round(found.size / found.orders / 1024.0, 1)));
END
$$;

CALL bench.exports(8);
DELETE FROM bench.sample WHERE work LIKE 'export%';
CALL bench.exports(60);

/* --------------------------------------------------------------------
 * Many orders at once.  The others do not add up what customers owe, note no
 * changes, and check nothing but what the table's constraints check.
 * -------------------------------------------------------------------- */

INSERT INTO bench.body
SELECT 'orders', number / 200, 200, json_agg(bench.sales_order(number, md5('order ' || number), 'buyer-' || number * 7 % 500)::json)
FROM generate_series(0, 17 * 200 - 1) AS number
GROUP BY 2;

DO $$
DECLARE
	name text;
	key record;
BEGIN
	FOREACH name IN ARRAY '{sales_order_arrow, sales_order_record}'::text[]
	LOOP
		EXECUTE format('CREATE TABLE bench.%I (LIKE flowcustomer.sales_order INCLUDING ALL)', name);
		FOR key IN SELECT * FROM pg_constraint WHERE contype = 'f' AND conrelid = 'flowcustomer.sales_order'::regclass
		LOOP
			EXECUTE format('ALTER TABLE bench.%I ADD %s', name, pg_get_constraintdef(key.oid));
		END LOOP;
		EXECUTE format('INSERT INTO bench.%I (%2$s) SELECT %2$s FROM flowcustomer.sales_order', name, bench.columns('flowcustomer.sales_order'));
	END LOOP;
END
$$;

/* What is open of a document's invoices. */
CREATE FUNCTION bench.open_invoices(settlements json)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(sum((s ->> 'amount')::bigint - coalesce((s ->> 'paymentAmount')::bigint, 0) - coalesce((s ->> 'creditAmount')::bigint, 0)), 0)
	FROM json_array_elements(settlements) AS s
	WHERE s ->> 'settlementCode' ILIKE '%INVOICE%'
$$;

CREATE FUNCTION bench.arrow_orders(body json)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	done int;
BEGIN
	INSERT INTO bench.sales_order_arrow
		(tenant_uid, order_uid, customer_uid, store_uid, ordered_at, grand_total, state, open_invoice_amount, document, created_at, last_modified_at)
	SELECT 'orders', o ->> 'orderUid', nullif(o ->> 'customerUid', ''), o ->> 'storeUid', (o ->> 'createdAt')::timestamptz,
		   (o #>> '{orderTotals,grandTotal}')::bigint, o ->> 'orderState', bench.open_invoices(o -> 'settlements'), o, now(), now()
	FROM json_array_elements(body) AS o;
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN done;
END
$$;

CREATE FUNCTION bench.record_orders(body json)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	done int;
BEGIN
	INSERT INTO bench.sales_order_record
		(tenant_uid, order_uid, customer_uid, store_uid, ordered_at, grand_total, state, open_invoice_amount, document, created_at, last_modified_at)
	SELECT 'orders', r."orderUid", nullif(r."customerUid", ''), r."storeUid", r."createdAt", (r."orderTotals" ->> 'grandTotal')::bigint,
		   r."orderState", bench.open_invoices(r.settlements), o, now(), now()
	FROM json_array_elements(body) AS o,
		LATERAL json_to_record(o) AS r ("orderUid" text, "customerUid" text, "storeUid" text, "createdAt" timestamptz,
										"orderState" text, "orderTotals" json, settlements json);
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN done;
END
$$;

CALL bench.race('orders', 2, 15, '{ours, arrow, record}', '{orders, orders, orders}',
	ARRAY['SELECT (flowcustomer.sales_order_batch(''orders'', $1::json) ->> ''success'')::int',
		  'SELECT bench.arrow_orders($1::json)',
		  'SELECT bench.record_orders($1::json)']);

/* Everybody must have written the same rows, and we what customers owe. */
DO $$
DECLARE
	name text;
	wrong bigint;
BEGIN
	FOREACH name IN ARRAY '{sales_order_arrow, sales_order_record}'::text[]
	LOOP
		EXECUTE format($q$
			SELECT count(*) FROM (SELECT * FROM flowcustomer.sales_order WHERE tenant_uid = 'orders') AS a
				FULL JOIN (SELECT * FROM bench.%I WHERE tenant_uid = 'orders') AS b USING (tenant_uid, order_uid)
			WHERE (a.customer_uid, a.store_uid, a.ordered_at, a.grand_total, a.state, a.open_invoice_amount, a.document::text)
				IS DISTINCT FROM (b.customer_uid, b.store_uid, b.ordered_at, b.grand_total, b.state, b.open_invoice_amount, b.document::text) $q$, name) INTO wrong;
		IF wrong > 0 THEN
			RAISE EXCEPTION '% has % other orders than we have', name, wrong;
		END IF;
	END LOOP;
	SELECT count(*) INTO wrong FROM flowcustomer.customer AS c
	WHERE tenant_uid = 'orders' AND credit_open_invoices <> (
		SELECT coalesce(sum(open_invoice_amount), 0) FROM flowcustomer.sales_order AS o WHERE o.tenant_uid = c.tenant_uid AND o.customer_uid = c.customer_uid);
	IF wrong > 0 THEN
		RAISE EXCEPTION '% customers owe something else than their orders say', wrong;
	END IF;
END
$$;

/* --------------------------------------------------------------------
 * The feed: the same customers for a tenant with it and for one without.
 * -------------------------------------------------------------------- */

CALL bench.race('feed', :insert_warm_ups, :insert_bodies - :insert_warm_ups, '{ours, unnoted}', '{insert, insert}',
	ARRAY['SELECT (flowcustomer.customer_batch(''noted'', $1::json) #>> ''{create,success}'')::int',
		  'SELECT (flowcustomer.customer_batch(''unnoted'', $1::json) #>> ''{create,success}'')::int']);

DO $$
DECLARE
	noted bigint[] := ARRAY(SELECT (SELECT count(*) FROM flowcustomer.change WHERE tenant_uid = t AND entity = 'CUSTOMER' AND operation = 'CREATE') FROM unnest('{noted, unnoted}'::text[]) AS t);
BEGIN
	IF noted <> ARRAY[(SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'noted'), 0] THEN
		RAISE EXCEPTION 'the feed has % changes', noted;
	END IF;
END
$$;
