/*
 * Customers who are there twice, and others who only seem to be, for tests and
 * measurements that know which is which.  Needs examples/demo_data.sql.
 *
 *	CALL pg_temp.make_customers(tenant, count)
 *		people and companies with as many names and streets as a country has, and
 *		with departments of companies
 *	CALL pg_temp.make_duplicates(tenant, copies, mates)
 *		adds copies of so large a share of them, with what goes wrong when somebody
 *		is entered again: slips of the pen, initials, names the other way round,
 *		another name, a new address, missing numbers; and for so large a share
 *		somebody at the same place: people with the same surname and address,
 *		sometimes the telephone or the e-mail, other sites of the same company
 *	pg_temp.truth
 *		who is who: the entity of each customer is the one that was copied
 *
 * Everything is drawn from hashes of the customers' numbers and uids.
 */
CREATE TABLE pg_temp.truth (customer_uid text PRIMARY KEY, entity text NOT NULL);

/* A number in [0, 1) for each customer and purpose. */
CREATE FUNCTION pg_temp.chance(uid text, purpose text)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT pg_temp.demo_random(hashtextextended(uid, 7), purpose)
$$;

/* A name made of two parts, as those of farms, towns and streets are. */
CREATE FUNCTION pg_temp.made_name(number bigint, purpose text, endings text[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT pg_temp.demo_pick(pg_temp.demo_list(
			'Nord, Sør, Vest, Øst, Haug, Berg, Lund, Sol, Strand, Eike, Furu, Gran, Linde, Aske, Bjørke, Sten, '
			'Dal, Fjell, Elve, Myr, Mo, Vik, Nes, Sund, Holm, Tveit, Rogne, Osp, Selje, Hassel, Hegg, Kirke, '
			'Kloster, Kongs, Bispe, Prest, Smed, Møller, Skog, Eng, Åker, Hage, Bru, Foss, Sjø, Hav, Øy, Sand, '
			'Grus, Lei, Kalk, Jern, Sølv, Gull, Krå, Ørn, Falk, Svane, Trane, Hjort, Elg, Ulv, Bjørn, Rev'),
			number, purpose || ' stem') ||
		   pg_temp.demo_pick(endings, number, purpose || ' ending')
$$;

CREATE PROCEDURE pg_temp.make_customers(tenant text, count int)
LANGUAGE plpgsql AS $$
DECLARE
	names text[] := pg_temp.demo_list('heim, land, stad, vik, nes, dal, berg, haug, lund, sand, gård, bø, moen, seth, rud, by, mark, ås, eng, bakken');
	street_endings text[] := pg_temp.demo_list('veien, gata, stien, bakken, svingen, lia, haugen, kroken, tunet, torget, alleen, vegen');
	towns text[] := pg_temp.demo_list('heim, stad, vik, nes, sund, fjord, havn, by, dalen, foss');
BEGIN
	INSERT INTO flowcustomer.customer
		(tenant_uid, customer_uid, customer_type, firstname, lastname, company_name, vat_number, email, mobile,
		 address, postal_code, city, country_code, created_at, last_modified_at)
	SELECT tenant, md5('base ' || n)::uuid, kind, CASE WHEN kind = 'PERSON' THEN first END,
		   CASE WHEN kind = 'PERSON' THEN last END,
		   CASE WHEN kind <> 'PERSON' THEN format('%s %s %s',
				CASE WHEN pg_temp.demo_random(n, 'named') < 0.5 THEN last ELSE town END,
				pg_temp.demo_pick(no.trades, n, 'trade'), pg_temp.demo_pick(no.company_forms, n, 'form')) END,
		   CASE WHEN kind <> 'PERSON' AND pg_temp.demo_random(n, 'has vat') < 0.7 THEN '9' || pg_temp.demo_digits(8, n, 'vat') END,
		   CASE WHEN pg_temp.demo_random(n, 'has email') < 0.7 THEN format('%s.%s%s@%s.example',
				pg_temp.demo_mail_name(first), pg_temp.demo_mail_name(last), n % 1000,
				(ARRAY['mail', 'post', 'epost', 'jobb'])[1 + n % 4]) END,
		   CASE WHEN pg_temp.demo_random(n, 'has mobile') < 0.8 THEN '+47' || (ARRAY['4', '9'])[1 + n % 2] || pg_temp.demo_digits(7, n, 'mobile') END,
		   CASE WHEN pg_temp.demo_random(n, 'has address') < 0.85 THEN format('%s %s%s', street,
				1 + floor(power(pg_temp.demo_random(n, 'house'), 2) * 120)::int,
				CASE WHEN pg_temp.demo_random(n, 'door') < 0.15 THEN (ARRAY[' A', 'B', ' C'])[1 + n % 3] END) END,
		   lpad(((hashtextextended(town, 0) & 4095) * 2 + floor(2 * pg_temp.demo_random(n, 'postal')))::text, 4, '0'),
		   town, 'NO', timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01' + n * interval '1 minute'
	FROM (SELECT n, CASE WHEN pg_temp.demo_random(n, 'kind') < 0.8 THEN 'PERSON'
						 WHEN pg_temp.demo_random(n, 'kind') < 0.95 THEN 'COMPANY' ELSE 'B2B' END AS kind,
				 pg_temp.demo_pick(c.first_names, n, 'first', 1.5) AS first,
				 CASE WHEN pg_temp.demo_random(n, 'last kind') < 0.35 THEN pg_temp.demo_pick(c.last_names, n, 'last', 1.5)
					  ELSE pg_temp.made_name(n, 'last', names) END AS last,
				 CASE WHEN pg_temp.demo_random(n, 'street kind') < 0.3 THEN pg_temp.demo_pick(c.streets, n, 'street')
					  ELSE pg_temp.made_name(n, 'street', street_endings) END AS street,
				 pg_temp.made_name(floor(power(pg_temp.demo_random(n, 'town'), 2) * 600)::bigint, 'town', towns) AS town
		  FROM generate_series(1, count) AS n, pg_temp.demo_country() AS c WHERE c.country_code = 'NO') AS person,
		 (SELECT * FROM pg_temp.demo_country() WHERE country_code = 'NO') AS no;

	/* departments, with the name, the number and the mail of their company */
	INSERT INTO flowcustomer.customer
		(tenant_uid, customer_uid, customer_type, customer_parent_uid, company_name, vat_number, email, mobile,
		 address, postal_code, city, country_code, created_at, last_modified_at)
	SELECT tenant, md5('department ' || c.customer_uid)::uuid, c.customer_type, c.customer_uid,
		   c.company_name || ' avd. lager',
		   c.vat_number, c.email, c.mobile, c.address, c.postal_code, c.city, c.country_code, c.created_at, c.created_at
	FROM flowcustomer.customer AS c
	WHERE c.tenant_uid = tenant AND c.customer_type = 'COMPANY' AND pg_temp.chance(c.customer_uid, 'department') < 0.1;
	ANALYZE flowcustomer.customer;
END
$$;

/* A text with one slip of the pen, not in its first letter. */
CREATE FUNCTION pg_temp.with_slip(typed text, uid text, purpose text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN length(typed) < 4 THEN typed
		WHEN kind < 0.25 THEN left(typed, place) || substr(typed, place + 2, 1) || substr(typed, place + 1, 1) || substr(typed, place + 3)
		WHEN kind < 0.5 THEN left(typed, place) || substr(typed, place + 2)
		WHEN kind < 0.75 THEN left(typed, place) || substr(typed, place, 1) || substr(typed, place + 1)
		ELSE left(typed, place) || chr(97 + floor(26 * pg_temp.chance(uid, purpose || ' letter'))::int) || substr(typed, place + 2)
		END
	FROM (SELECT pg_temp.chance(uid, purpose || ' kind') AS kind,
				 1 + floor((length(typed) - 2) * pg_temp.chance(uid, purpose || ' place'))::int AS place) AS s
$$;

CREATE PROCEDURE pg_temp.make_duplicates(tenant text, copies float8, mates float8)
LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMP TABLE original AS
	SELECT c.*, lead(address, 7) OVER w AS other_address, lead(postal_code, 7) OVER w AS other_postal_code,
		   lead(city, 7) OVER w AS other_city, lead(address, 9) OVER w AS site_address,
		   lead(postal_code, 9) OVER w AS site_postal_code, lead(city, 9) OVER w AS site_city, lead(mobile, 5) OVER w AS other_mobile,
		   lead(email, 3) OVER w AS other_email,
		   lead(firstname, 2) OVER w AS other_firstname
	FROM flowcustomer.customer AS c
	WHERE c.tenant_uid = tenant AND c.customer_parent_uid IS NULL
	WINDOW w AS (PARTITION BY customer_type ORDER BY c.customer_uid);

	INSERT INTO pg_temp.truth
	SELECT c.customer_uid, c.customer_uid FROM flowcustomer.customer AS c WHERE c.tenant_uid = tenant;

	/* entered once more */
	INSERT INTO flowcustomer.customer
		(tenant_uid, customer_uid, customer_type, firstname, lastname, company_name, email, mobile,
		 address, postal_code, city, country_code, vat_number, created_at, last_modified_at)
	SELECT tenant, md5('copy ' || customer_uid)::uuid, customer_type,
		   CASE WHEN r_swap < 0.03 THEN lastname
				WHEN r_first < 0.07 THEN left(firstname, 1)
				WHEN r_first < 0.2 THEN pg_temp.with_slip(firstname, customer_uid, 'first')
				ELSE firstname END,
		   CASE WHEN r_swap < 0.03 THEN firstname
				WHEN r_last < 0.03 THEN lead(lastname, 11) OVER (ORDER BY customer_uid)
				WHEN r_last < 0.18 THEN pg_temp.with_slip(lastname, customer_uid, 'last')
				ELSE lastname END,
		   CASE WHEN r_first < 0.25 THEN regexp_replace(company_name, ' (AS|ASA|AB|A/S|Oy)$', '')
				WHEN r_first < 0.45 THEN pg_temp.with_slip(company_name, customer_uid, 'company')
				ELSE company_name END,
		   CASE WHEN r_email < 0.4 THEN NULL WHEN r_email < 0.5 THEN other_email ELSE email END,
		   CASE WHEN r_mobile < 0.3 THEN NULL WHEN r_mobile < 0.4 THEN other_mobile ELSE mobile END,
		   CASE WHEN r_place < 0.12 THEN NULL WHEN r_place < 0.22 THEN other_address
				WHEN r_place < 0.37 THEN pg_temp.with_slip(address, customer_uid, 'address') ELSE address END,
		   CASE WHEN r_place < 0.06 THEN NULL WHEN r_place BETWEEN 0.12 AND 0.22 THEN other_postal_code ELSE postal_code END,
		   CASE WHEN r_place < 0.06 THEN NULL WHEN r_place BETWEEN 0.12 AND 0.22 THEN other_city ELSE city END,
		   country_code,
		   CASE WHEN r_mobile > 0.5 THEN vat_number END, created_at, created_at
	FROM (SELECT *, pg_temp.chance(customer_uid, 'swap') AS r_swap, pg_temp.chance(customer_uid, 'first') AS r_first,
				 pg_temp.chance(customer_uid, 'last') AS r_last, pg_temp.chance(customer_uid, 'email') AS r_email,
				 pg_temp.chance(customer_uid, 'mobile') AS r_mobile, pg_temp.chance(customer_uid, 'place') AS r_place
		  FROM original) AS o
	WHERE pg_temp.chance(customer_uid, 'copy') < copies;
	INSERT INTO pg_temp.truth
	SELECT md5('copy ' || customer_uid)::uuid, customer_uid FROM original
	WHERE pg_temp.chance(customer_uid, 'copy') < copies;

	/* somebody else at the same place, or the same company at another one */
	INSERT INTO flowcustomer.customer
		(tenant_uid, customer_uid, customer_type, firstname, lastname, company_name, email, mobile,
		 address, postal_code, city, country_code, vat_number, created_at, last_modified_at)
	SELECT tenant, md5('mate ' || customer_uid)::uuid, customer_type,
		   CASE WHEN customer_type = 'PERSON' THEN other_firstname END, lastname, company_name,
		   CASE WHEN customer_type <> 'PERSON' THEN other_email
				WHEN pg_temp.chance(customer_uid, 'shared email') < 0.08 THEN email END,
		   CASE WHEN customer_type <> 'PERSON' THEN other_mobile
				WHEN pg_temp.chance(customer_uid, 'shared mobile') < 0.1 THEN mobile
				ELSE other_mobile END,
		   CASE WHEN customer_type = 'PERSON' THEN address ELSE site_address END,
		   CASE WHEN customer_type = 'PERSON' THEN postal_code ELSE site_postal_code END,
		   CASE WHEN customer_type = 'PERSON' THEN city ELSE site_city END,
		   country_code, vat_number, created_at, created_at
	FROM original
	WHERE pg_temp.chance(customer_uid, 'mate') < mates AND
		(customer_type <> 'PERSON' AND site_address IS NOT NULL OR
		 address IS NOT NULL AND lower(other_firstname) <> lower(firstname));
	INSERT INTO pg_temp.truth
	SELECT customer_uid, customer_uid FROM flowcustomer.customer AS c
	WHERE c.tenant_uid = tenant AND NOT EXISTS (SELECT FROM pg_temp.truth AS t WHERE t.customer_uid = c.customer_uid);

	DROP TABLE original;
	ANALYZE flowcustomer.customer;
END
$$;
