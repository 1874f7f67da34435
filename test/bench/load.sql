/*
 * Fills the tables: the customers through the batch call, what hangs on them
 * by plain SQL.
 *
 * Variables: rows, batch, insert_bodies, directory (where the server may write).
 */
SET client_min_messages = warning;

CREATE PROCEDURE bench.load(tenant text, sort text, calls int)
LANGUAGE plpgsql AS $$
DECLARE
	batch record;
	answer json;
BEGIN
	FOR number IN 0 .. calls - 1
	LOOP
		SELECT b.body, b.done INTO batch FROM bench.body AS b
		WHERE b.sort = load.sort AND b.call = number;
		answer := flowcustomer.customer_batch(tenant, batch.body);
		IF (answer #>> '{create,success}')::int <> batch.done THEN
			RAISE EXCEPTION 'some customers were refused'
				USING DETAIL = left(answer::text, 1000);
		END IF;
		COMMIT;
	END LOOP;
END
$$;

/* --------------------------------------------------------------------
 * Files for COPY: the very rows that the inserting calls make.  They are made
 * once beforehand, for another tenant, and removed again.
 * -------------------------------------------------------------------- */

CALL bench.load('scratch', 'insert', :insert_bodies);

/* in the order of their keys, which is the best for an index */
CREATE FUNCTION bench.write_files(directory text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	number int;
BEGIN
	FOR number IN SELECT b.call FROM bench.body AS b WHERE b.sort = 'insert'
	LOOP
		EXECUTE format($f$
			COPY (SELECT %s FROM flowcustomer.customer AS c
				  WHERE c.tenant_uid = 'scratch' AND c.customer_uid IN (
					  SELECT i ->> 'customerUid' FROM bench.body AS b, json_array_elements(b.body -> 'create') AS i
					  WHERE b.sort = 'insert' AND b.call = %s)
				  ORDER BY c.customer_uid) TO %L $f$,
			replace(bench.columns('flowcustomer.customer', 'c.'), 'c.tenant_uid', '''bench'''),
			number, format('%s/bench-%s.copy', directory, number));
	END LOOP;
END
$$;
SELECT bench.write_files(:'directory') \g /dev/null

TRUNCATE flowcustomer.customer CASCADE;
DELETE FROM flowcustomer.total WHERE tenant_uid = 'scratch' AND kind IN ('customer', 'member');

/* --------------------------------------------------------------------
 * Customers
 * -------------------------------------------------------------------- */

CALL bench.load('bench', 'load', :rows / :batch);
CALL bench.load('small', 'load', least(10000, :rows) / :batch);

/* --------------------------------------------------------------------
 * What hangs on them: 40 % of the businesses and 15 % of the persons have
 * another address, some of them two; companies have 1.2 contacts each; one
 * company in twenty has an extension switched on, and some contacts have.
 * -------------------------------------------------------------------- */

/* A number in [0, 1) for each customer and purpose. */
CREATE FUNCTION bench.random(uid text, purpose text)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (hashtextextended(purpose || uid, 0) & 9007199254740991) / 9007199254740992::float8
$$;

INSERT INTO flowcustomer.customer_address
	(tenant_uid, customer_uid, customer_address_uid, type, firstname, lastname, company_name,
	 address, postal_code, city, country_code, email, phone, created_at, last_modified_at)
SELECT c.tenant_uid, c.customer_uid, md5('address' || k || c.customer_uid)::uuid,
	   CASE k WHEN 1 THEN 'DELIVERY_ADDRESS' ELSE 'INVOICE_ADDRESS' END,
	   c.firstname, c.lastname, c.company_name, coalesce(c.address, 'Storgata ' || k),
	   c.postal_code, c.city, c.country_code, c.email, c.mobile, c.created_at, c.created_at
FROM flowcustomer.customer AS c, generate_series(1, 2) AS k
WHERE bench.random(c.customer_uid, 'address') <
	CASE WHEN c.customer_type = 'PERSON' THEN 0.15 ELSE 0.40 END / (2 * k - 1);

CREATE TABLE bench.speaker AS
SELECT c.tenant_uid, c.customer_uid, md5('contact' || k || c.customer_uid)::uuid::text AS contact_uid,
	   k, c.created_at, bench.random(c.customer_uid, 'contact ' || k) AS r,
	   (SELECT i.firstname FROM flowcustomer.customer AS i
		WHERE i.tenant_uid = c.tenant_uid
			AND i.customer_uid >= md5('name' || k || c.customer_uid) AND i.firstname IS NOT NULL
		ORDER BY i.tenant_uid, i.customer_uid LIMIT 1) AS firstname
FROM flowcustomer.customer AS c, generate_series(1, 3) AS k
WHERE c.customer_type = 'COMPANY' AND
	bench.random(c.customer_uid, 'contacts') < (ARRAY[0.85, 0.30, 0.05])[k];

INSERT INTO flowcustomer.contact
	(tenant_uid, contact_uid, firstname, lastname, email, mobile, created_at, last_modified_at)
SELECT tenant_uid, contact_uid, coalesce(firstname, 'Kim'), 'Berg',
	   CASE WHEN r < 0.85 THEN format('kim.berg%s@firma.example', (r * 10000)::int) END,
	   CASE WHEN r > 0.25 THEN '+479' || lpad((r * 10000000)::int::text, 7, '0') END,
	   created_at, created_at
FROM bench.speaker;

INSERT INTO flowcustomer.customer_contact (tenant_uid, customer_uid, contact_uid, role, created_at)
SELECT tenant_uid, customer_uid, contact_uid,
	   (ARRAY['ADMIN', 'PURCHASER', 'ACCOUNTING'])[k], created_at
FROM bench.speaker;

INSERT INTO flowcustomer.contact_extension
	(tenant_uid, customer_uid, contact_uid, extension_code, organization_uid, created_at)
SELECT tenant_uid, customer_uid, contact_uid, 'TWO_INVOICE', 'org-norge', created_at
FROM bench.speaker WHERE r < 0.05;

INSERT INTO flowcustomer.customer_extension
	(tenant_uid, customer_uid, extension_code, organization_uid, created_at)
SELECT tenant_uid, customer_uid, 'TWO_INVOICE', 'org-norge', created_at
FROM flowcustomer.customer
WHERE customer_type = 'COMPANY' AND bench.random(customer_uid, 'extension') < 0.05;

INSERT INTO flowcustomer.total (tenant_uid, kind, owner_uid, slot, amount)
SELECT tenant_uid, 'contact', '', 0, count(*) FROM bench.speaker GROUP BY tenant_uid;
DROP TABLE bench.speaker;

/* A later change of mind for some consents: only the newest is answered. */
INSERT INTO flowcustomer.customer_consent
	(tenant_uid, customer_uid, consent_uid, created_at, entry_uid, status, source)
SELECT tenant_uid, customer_uid, consent_uid, created_at + interval '1 day',
	   md5('change' || entry_uid)::uuid, NOT status, 'WEBSHOP'
FROM flowcustomer.customer_consent
WHERE bench.random(customer_uid, 'consent') < 0.1;

/* --------------------------------------------------------------------
 * Copies of the table of customers for the others to work on: the same
 * columns, constraints, indexes and rows in the same places, and as many
 * tables that refer to them (what these cost an UPDATE, everybody shall pay).
 * -------------------------------------------------------------------- */

CREATE FUNCTION bench.make_copy(name text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	copy text := format('bench.%I', name);
	key record;
BEGIN
	EXECUTE format('CREATE TABLE %s (LIKE flowcustomer.customer INCLUDING ALL) WITH (%s)', copy,
				   (SELECT array_to_string(coalesce(reloptions, '{autovacuum_enabled=on}'), ', ')
					FROM pg_class WHERE oid = 'flowcustomer.customer'::regclass));
	FOR key IN SELECT * FROM pg_constraint
		WHERE contype = 'f' AND conrelid = 'flowcustomer.customer'::regclass
	LOOP
		EXECUTE format('ALTER TABLE %s ADD %s', copy, pg_get_constraintdef(key.oid));
	END LOOP;
	FOR key IN SELECT * FROM pg_constraint
		WHERE contype = 'f' AND confrelid = 'flowcustomer.customer'::regclass
	LOOP
		EXECUTE format('CREATE TABLE bench.%I (tenant_uid text COLLATE "C", customer_uid text COLLATE "C",
						FOREIGN KEY (tenant_uid, customer_uid) REFERENCES %s)',
					   name || '_child_' || key.oid, copy);
	END LOOP;
	EXECUTE format('INSERT INTO %s (%2$s) SELECT %2$s FROM flowcustomer.customer', copy,
				   bench.columns('flowcustomer.customer'));
END
$$;
SET synchronize_seqscans = off;
SELECT bench.make_copy(n) FROM unnest('{customer_copy, customer_sql, customer_loop}'::text[]) AS n \g /dev/null

VACUUM ANALYZE;
