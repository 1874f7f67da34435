/*
 * Merging two customers, against the statements that somebody would write by
 * hand who knows all tables.  Each has 1,000 orders and ten of each child; none
 * of the rows collide, and the hand-written statements leave no journal.
 */
SET client_min_messages = warning;

/* Pairs of customers: even ones are survivors, odd ones duplicates. */
CREATE PROCEDURE bench.make_pair(number int)
LANGUAGE plpgsql AS $$
DECLARE
	uid text;
BEGIN
	PERFORM flowcustomer.customer_batch('scratch', (
		SELECT json_build_object('create', json_agg(json_build_object('customerUid', format('pair-%s-%s', number, side),
			'customerType', 'PERSON', 'firstname', 'Kari', 'lastname', CASE side WHEN 'a' THEN 'Nordmann' END, 'city', CASE side WHEN 'b' THEN 'Oslo' END)))
		FROM unnest('{a, b}'::text[]) AS side));
	FOREACH uid IN ARRAY ARRAY[format('pair-%s-a', number), format('pair-%s-b', number)]
	LOOP
		INSERT INTO flowcustomer.customer_address (tenant_uid, customer_uid, customer_address_uid, type, address, country_code, created_at, last_modified_at)
		SELECT 'scratch', uid, format('%s-%s', uid, n), 'DELIVERY_ADDRESS', uid || n, 'NO', now(), now() FROM generate_series(1, 10) AS n;
		INSERT INTO flowcustomer.contact (tenant_uid, contact_uid, firstname, created_at, last_modified_at)
		SELECT 'scratch', format('%s-%s', uid, n), 'K', now(), now() FROM generate_series(1, 10) AS n;
		INSERT INTO flowcustomer.customer_contact (tenant_uid, customer_uid, contact_uid, role, created_at)
		SELECT 'scratch', uid, format('%s-%s', uid, n), 'NONE', now() FROM generate_series(1, 10) AS n;
		INSERT INTO flowcustomer.customer_consent (tenant_uid, customer_uid, consent_uid, status, source, created_at, entry_uid)
		SELECT 'scratch', uid, 'merge-bench', true, '', now() - n * interval '1 day', format('%s-%s', uid, n) FROM generate_series(1, 10) AS n;
		INSERT INTO flowcustomer.customer_group_member (tenant_uid, group_uid, customer_uid, created_at)
		SELECT 'scratch', format('merge-bench-%s', n % 20), uid, now()
		FROM generate_series(CASE WHEN uid LIKE '%a' THEN 0 ELSE 10 END, CASE WHEN uid LIKE '%a' THEN 9 ELSE 19 END) AS n;
		INSERT INTO flowcustomer.sales_order (tenant_uid, order_uid, customer_uid, store_uid, ordered_at, grand_total, open_invoice_amount, document, created_at, last_modified_at)
		SELECT 'scratch', format('%s-%s', uid, n), uid, 'oslo', now(), 100, 0, json_build_object('orderUid', format('%s-%s', uid, n)), now(), now() FROM generate_series(1, 1000) AS n;
	END LOOP;
END
$$;

SELECT FROM flowcustomer.consent_put('scratch', '{"consentUid": "merge-bench", "name": "News"}') \g /dev/null
SELECT FROM generate_series(0, 19) AS n, flowcustomer.customer_group_create('scratch', json_build_object('customerGroupUid', format('merge-bench-%s', n), 'name', 'G')) \g /dev/null
DO $$
BEGIN
	FOR n IN 0 .. 25
	LOOP
		CALL bench.make_pair(n);
		COMMIT;
	END LOOP;
END
$$;
VACUUM ANALYZE flowcustomer.sales_order, flowcustomer.customer_address, flowcustomer.customer_contact, flowcustomer.customer_consent,
	flowcustomer.customer_group_member, flowcustomer.contact;

CREATE FUNCTION bench.merge_by_hand(survivor text, duplicate text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM flowcustomer.customer WHERE tenant_uid = 'scratch' AND customer_uid IN (survivor, duplicate) ORDER BY customer_uid FOR UPDATE;
	UPDATE flowcustomer.customer_address SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer_contact SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer_consent SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer_group_member SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer_extension SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer SET customer_parent_uid = survivor WHERE tenant_uid = 'scratch' AND customer_parent_uid = duplicate;
	UPDATE flowcustomer.sales_order SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.service_order SET customer_uid = survivor WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
	UPDATE flowcustomer.customer AS s
	SET firstname = coalesce(s.firstname, d.firstname), lastname = coalesce(s.lastname, d.lastname), city = coalesce(s.city, d.city),
		email = coalesce(s.email, d.email), mobile = coalesce(s.mobile, d.mobile), last_modified_at = now()
	FROM flowcustomer.customer AS d
	WHERE s.tenant_uid = 'scratch' AND s.customer_uid = survivor AND d.tenant_uid = 'scratch' AND d.customer_uid = duplicate;
	DELETE FROM flowcustomer.customer WHERE tenant_uid = 'scratch' AND customer_uid = duplicate;
END
$$;

/* In turns, each with a commit; the first two pairs warm up. */
DO $$
DECLARE
	started float8;
	took float8;
	contestant text;
BEGIN
	FOR n IN 0 .. 25
	LOOP
		contestant := CASE n % 2 WHEN 0 THEN 'ours' ELSE 'hand' END;
		started := bench.start();
		IF contestant = 'ours' THEN
			PERFORM flowcustomer.customer_merge('scratch', format('pair-%s-a', n), json_build_object('mergeFromCustomerUid', format('pair-%s-b', n)));
		ELSE
			PERFORM bench.merge_by_hand(format('pair-%s-a', n), format('pair-%s-b', n));
		END IF;
		COMMIT;
		took := bench.milliseconds_since(started);
		IF n > 3 THEN
			INSERT INTO bench.sample VALUES ('merge', contestant, took);
		END IF;
		IF (SELECT count(*) FROM flowcustomer.sales_order WHERE tenant_uid = 'scratch' AND customer_uid = format('pair-%s-a', n)) <> 2000 OR
			(SELECT count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = 'scratch' AND customer_uid = format('pair-%s-a', n)) <> 20 THEN
			RAISE EXCEPTION 'the merge by % lost rows', contestant;
		END IF;
	END LOOP;
END
$$;
