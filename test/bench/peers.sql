/*
 * The peers: what a careful user would write instead, without the extension.
 * They check nothing that the table's constraints don't check, and they keep
 * no totals.
 */
SET client_min_messages = warning;

/* --------------------------------------------------------------------
 * Reading
 * -------------------------------------------------------------------- */

/* A customer "c" with its manager "u" and its store "s" as customer_get answers it. */
CREATE FUNCTION bench.customer_expression()
RETURNS text LANGUAGE sql IMMUTABLE AS $expression$
	SELECT $$
		json_build_object(
			'customerUid', c.customer_uid,
			'customerParentUid', coalesce(c.customer_parent_uid, ''),
			'customerType', c.customer_type,
			'displayName', c.display_name,
			'firstname', coalesce(c.firstname, ''),
			'lastname', coalesce(c.lastname, ''),
			'companyName', coalesce(c.company_name, ''),
			'email', coalesce(c.email, ''),
			'mobile', coalesce(c.mobile, ''),
			'address', coalesce(c.address, ''),
			'postalCode', coalesce(c.postal_code, ''),
			'city', coalesce(c.city, ''),
			'countryCode', c.country_code,
			'vatNumber', coalesce(c.vat_number, ''),
			'externalId', coalesce(c.external_id, ''),
			'loyaltyId', coalesce(c.loyalty_id, ''),
			'ledgerNumber', coalesce(c.ledger_number, ''),
			'pricelistUid', coalesce(c.pricelist_uid, ''),
			'origin', coalesce(c.origin, ''),
			'internalNote', coalesce(c.internal_note, ''),
			'paymentTerms', c.payment_terms,
			'credit', json_build_object('limit', c.credit_limit, 'balance', c.credit_balance),
			'ehfEnabled', c.ehf_enabled,
			'ehf', json_build_object('enabled', c.ehf_enabled, 'address', coalesce(c.ehf_address, '')),
			'accountManager', json_build_object(
				'tenantUserUid', coalesce(u.tenant_user_uid, ''),
				'displayName', coalesce(u.display_name, ''),
				'userCode', coalesce(u.user_code, '')),
			'defaultStore', CASE WHEN s.store_uid IS NOT NULL
								 THEN json_build_object('name', s.name, 'storeUid', s.store_uid) END,
			'addresses', coalesce((
				SELECT json_agg(json_build_object(
						   'customerAddressUid', a.customer_address_uid,
						   'type', a.type,
						   'displayName', a.display_name,
						   'firstname', coalesce(a.firstname, ''),
						   'lastname', coalesce(a.lastname, ''),
						   'companyName', coalesce(a.company_name, ''),
						   'address', coalesce(a.address, ''),
						   'postalCode', coalesce(a.postal_code, ''),
						   'city', coalesce(a.city, ''),
						   'countryCode', a.country_code,
						   'email', coalesce(a.email, ''),
						   'phone', coalesce(a.phone, ''))
					   ORDER BY a.customer_address_uid)
				FROM flowcustomer.customer_address AS a
				WHERE a.tenant_uid = c.tenant_uid AND a.customer_uid = c.customer_uid), '[]'),
			'contacts', coalesce((
				SELECT json_agg(json_build_object(
						   'customerContactUid', k.contact_uid,
						   'displayName', k.display_name,
						   'firstname', coalesce(k.firstname, ''),
						   'lastname', coalesce(k.lastname, ''),
						   'email', coalesce(k.email, ''),
						   'mobile', coalesce(k.mobile, ''),
						   'createdAt', to_char(k.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
						   'lastModifiedAt', to_char(k.last_modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
						   'role', l.role,
						   'extensions', coalesce((
							   SELECT json_agg(json_build_object('extensionCode', e.extension_code,
																 'organizationUid', e.organization_uid)
									  ORDER BY e.extension_code, e.organization_uid)
							   FROM flowcustomer.contact_extension AS e
							   WHERE e.tenant_uid = l.tenant_uid AND e.customer_uid = l.customer_uid
								   AND e.contact_uid = l.contact_uid), '[]'))
					   ORDER BY k.contact_uid)
				FROM flowcustomer.customer_contact AS l
					JOIN flowcustomer.contact AS k
						ON k.tenant_uid = l.tenant_uid AND k.contact_uid = l.contact_uid
				WHERE l.tenant_uid = c.tenant_uid AND l.customer_uid = c.customer_uid), '[]'),
			'extensions', coalesce((
				SELECT json_agg(json_build_object('extensionCode', e.extension_code,
												  'organizationUid', e.organization_uid)
					   ORDER BY e.extension_code, e.organization_uid)
				FROM flowcustomer.customer_extension AS e
				WHERE e.tenant_uid = c.tenant_uid AND e.customer_uid = c.customer_uid), '[]'),
			'consents', coalesce((
				SELECT json_agg(json_build_object(
						   'consentUid', n.consent_uid,
						   'name', d.name,
						   'status', n.status,
						   'source', coalesce(n.source, ''),
						   'createdAt', to_char(n.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
					   ORDER BY n.consent_uid)
				FROM (SELECT DISTINCT ON (e.consent_uid) e.*
					  FROM flowcustomer.customer_consent AS e
					  WHERE e.tenant_uid = c.tenant_uid AND e.customer_uid = c.customer_uid
					  ORDER BY e.consent_uid, e.created_at DESC, e.entry_uid DESC) AS n
					JOIN flowcustomer.consent AS d
						ON d.tenant_uid = n.tenant_uid AND d.consent_uid = n.consent_uid), '[]'),
			'customerGroupUids', coalesce((
				SELECT json_agg(m.group_uid ORDER BY m.group_uid)
				FROM flowcustomer.customer_group_member AS m
				WHERE m.tenant_uid = c.tenant_uid AND m.customer_uid = c.customer_uid), '[]'),
			'relevance', 0,
			'createdAt', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
			'lastModifiedAt', to_char(c.last_modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
	$$
$expression$;

DO $do$
DECLARE
	joins text := 'LEFT JOIN flowcustomer.tenant_user AS u
					   ON u.tenant_uid = c.tenant_uid AND u.tenant_user_uid = c.account_manager_uid
				   LEFT JOIN flowcustomer.store AS s
					   ON s.tenant_uid = c.tenant_uid AND s.store_uid = c.default_store_uid';
	single text := format('SELECT %s FROM flowcustomer.customer AS c %s
						   WHERE c.tenant_uid = $1 AND c.customer_uid = $2',
						  bench.customer_expression(), joins);
	/* the page is cut first, so only its customers are put together */
	list text := format($$
		SELECT json_build_object(
			'items', coalesce((
				SELECT json_agg(%s ORDER BY c.customer_uid)
				FROM (SELECT * FROM flowcustomer.customer
					  WHERE tenant_uid = $1
					  ORDER BY customer_uid OFFSET ($2 - 1) * $3::bigint LIMIT $3) AS c %s), '[]'),
			'paging', json_build_object('pageNumber', $2, 'pageSize', $3, 'totalCount', (
				SELECT sum(t.amount) FROM flowcustomer.total AS t
				WHERE t.tenant_uid = $1 AND t.kind = 'customer' AND t.owner_uid = '')))$$,
		bench.customer_expression(), joins);
BEGIN
	/* customer_get */
	EXECUTE format('CREATE FUNCTION bench.customer_get_sql(tenant text, uid text)
					RETURNS json LANGUAGE sql STABLE AS %L', single);
	/* the same in a language that keeps the plan from one call to the next */
	EXECUTE format('CREATE FUNCTION bench.customer_get_plpgsql(tenant text, uid text)
					RETURNS json LANGUAGE plpgsql STABLE AS %L',
				   format('BEGIN RETURN (%s); END', single));
	/* customer_list, and that with the plan kept */
	EXECUTE format('CREATE FUNCTION bench.customer_list_sql(tenant text, page int, size int)
					RETURNS json LANGUAGE sql STABLE AS %L', list);
	EXECUTE format('CREATE FUNCTION bench.customer_list_plpgsql(tenant text, page int, size int)
					RETURNS json LANGUAGE plpgsql STABLE AS %L',
				   format('BEGIN RETURN (%s); END', list));
END
$do$;

/* They must answer what we answer, or there is nothing to compare. */
DO $$
DECLARE
	row_count bigint := (SELECT sum(amount) FROM flowcustomer.total
						 WHERE tenant_uid = 'bench' AND kind = 'customer');
	uid text;
	page int;
	pages int := least(100, row_count / 100);
	compared int := 0;
BEGIN
	/* anybody, and somebody with each kind of child */
	FOR uid IN
		SELECT bench.uid(1 + (n * 7919) % row_count) FROM generate_series(1, 500) AS n
		UNION (SELECT customer_uid FROM flowcustomer.contact_extension WHERE tenant_uid = 'bench' LIMIT 50)
		UNION (SELECT customer_uid FROM flowcustomer.customer_extension WHERE tenant_uid = 'bench' LIMIT 50)
	LOOP
		IF flowcustomer.customer_get('bench', uid)::jsonb <> bench.customer_get_sql('bench', uid)::jsonb OR
			flowcustomer.customer_get('bench', uid)::jsonb <> bench.customer_get_plpgsql('bench', uid)::jsonb THEN
			RAISE EXCEPTION 'the peer answers something else about customer %', uid;
		END IF;
		compared := compared + 1;
	END LOOP;
	FOREACH page IN ARRAY ARRAY[1, 2, pages / 2, pages]
	LOOP
		IF flowcustomer.customer_list('bench', NULL, page, 100)::jsonb <>
			bench.customer_list_sql('bench', page, 100)::jsonb OR
			flowcustomer.customer_list('bench', NULL, page, 100)::jsonb <>
			bench.customer_list_plpgsql('bench', page, 100)::jsonb THEN
			RAISE EXCEPTION 'the peer answers something else about page %', page;
		END IF;
	END LOOP;
	INSERT INTO bench.note (text) VALUES
		(format('Before the clock started, the answers of the peers that read were compared with ours: %s customers and 4 pages of 100, equal as jsonb.', compared));
END
$$;

/* --------------------------------------------------------------------
 * Writing
 * -------------------------------------------------------------------- */

DO $do$
DECLARE
	/* the columns that a body gives, where they are in it, and their types */
	given text[][] := ARRAY[
		['customer_uid', 'i."customerUid"', 'text'],
		['customer_parent_uid', 'i."customerParentUid"', 'text'],
		['customer_type', 'i."customerType"', 'text'],
		['firstname', 'i.firstname', 'text'],
		['lastname', 'i.lastname', 'text'],
		['company_name', 'i."companyName"', 'text'],
		['email', 'i.email', 'text'],
		['mobile', 'i.mobile', 'text'],
		['address', 'i.address', 'text'],
		['postal_code', 'i."postalCode"', 'text'],
		['city', 'i.city', 'text'],
		['country_code', 'i."countryCode"', 'text'],
		['vat_number', 'i."vatNumber"', 'text'],
		['external_id', 'i."externalId"', 'text'],
		['loyalty_id', 'i."loyaltyId"', 'text'],
		['ledger_number', 'i."ledgerNumber"', 'text'],
		['pricelist_uid', 'i."pricelistUid"', 'text'],
		['origin', 'i.origin', 'text'],
		['internal_note', 'i."internalNote"', 'text'],
		['payment_terms', 'i."paymentTerms"', 'int'],
		['credit_limit', 'i.credit ->> ''limit''', 'bigint'],
		['account_manager_uid', 'i."accountManager" ->> ''tenantUserUid''', 'text'],
		['default_store_uid', 'i."defaultStoreUid"', 'text'],
		['ehf_enabled', 'i.ehf ->> ''enabled''', 'boolean'],
		['ehf_address', 'i.ehf ->> ''address''', 'text']];
	defaults jsonb := '{"country_code": "''NO''", "payment_terms": "0", "credit_limit": "0", "ehf_enabled": "false"}';
	record_definition text := '"customerUid" text, "customerParentUid" text, "customerType" text, firstname text,
		lastname text, "companyName" text, email text, mobile text, address text, "postalCode" text,
		city text, "countryCode" text, "vatNumber" text, "externalId" text, "loyaltyId" text,
		"ledgerNumber" text, "pricelistUid" text, origin text, "internalNote" text, "paymentTerms" text,
		credit jsonb, "accountManager" jsonb, "defaultStoreUid" text, ehf jsonb';
	columns text := 'tenant_uid, created_at, last_modified_at';
	insert_values text := '''bench'', now(), now()';
	conflict_sets text := 'last_modified_at = EXCLUDED.last_modified_at';
	update_sets text := 'last_modified_at = now()';
	old_columns text := '';
	new_columns text := '';
	value text;
BEGIN
	FOR n IN 1 .. array_length(given, 1)
	LOOP
		value := CASE WHEN given[n][3] = 'text' THEN given[n][2]
					  ELSE format('(%s)::%s', given[n][2], given[n][3]) END;
		columns := columns || ', ' || given[n][1];
		insert_values := insert_values || ', ' ||
			coalesce('coalesce(' || value || ', ' || (defaults ->> given[n][1]) || ')', value);
		CONTINUE WHEN n = 1;
		conflict_sets := conflict_sets || format(', %1$s = EXCLUDED.%1$s', given[n][1]);
		update_sets := update_sets || format(', %1$s = coalesce(%2$s, c.%1$s)', given[n][1], value);
		old_columns := old_columns || format(', c.%s', given[n][1]);
		new_columns := new_columns || format(', EXCLUDED.%s', given[n][1]);
	END LOOP;
	old_columns := substr(old_columns, 3);
	new_columns := substr(new_columns, 3);

	/* One statement for the whole body. */
	EXECUTE format($$
		CREATE FUNCTION bench.sql_upsert(body jsonb, section text)
		RETURNS int LANGUAGE plpgsql AS $f$
		DECLARE
			done int;
		BEGIN
			INSERT INTO bench.customer_sql AS c (%s)
			SELECT %s
			FROM jsonb_to_recordset(body -> section) AS i (%s)
			ON CONFLICT (tenant_uid, customer_uid) DO UPDATE SET %s;
			GET DIAGNOSTICS done = ROW_COUNT;
			RETURN done;
		END $f$ $$, columns, insert_values, record_definition, conflict_sets);

	/* The same that leaves rows alone which are as they should be. */
	EXECUTE format($$
		CREATE FUNCTION bench.sql_upsert_changed(body jsonb)
		RETURNS int LANGUAGE plpgsql AS $f$
		BEGIN
			INSERT INTO bench.customer_copy AS c (%s)
			SELECT %s
			FROM jsonb_to_recordset(body -> 'upsert') AS i (%s)
			ON CONFLICT (tenant_uid, customer_uid) DO UPDATE SET %s
			WHERE (%s) IS DISTINCT FROM (%s);
			RETURN jsonb_array_length(body -> 'upsert');
		END $f$ $$, columns, insert_values, record_definition, conflict_sets, old_columns, new_columns);

	/* Item by item, where a bad one costs only itself. */
	EXECUTE format($$
		CREATE FUNCTION bench.loop_insert(body jsonb)
		RETURNS int LANGUAGE plpgsql AS $f$
		DECLARE
			i record;
			done int := 0;
			errors jsonb[] := '{}';
		BEGIN
			FOR i IN SELECT * FROM jsonb_to_recordset(body -> 'create') AS i (%s)
			LOOP
				BEGIN
					INSERT INTO bench.customer_loop (%s)
					VALUES (%s);
					done := done + 1;
				EXCEPTION WHEN OTHERS THEN
					errors := errors || jsonb_build_object('customerUid', i."customerUid",
														   'errorCode', SQLSTATE, 'message', SQLERRM);
				END;
			END LOOP;
			RETURN done;
		END $f$ $$, record_definition, columns, insert_values);

	/* An update that takes any of the fields, as ours does. */
	EXECUTE format($$
		CREATE FUNCTION bench.sql_update(body jsonb)
		RETURNS int LANGUAGE plpgsql AS $f$
		DECLARE
			done int;
		BEGIN
			UPDATE bench.customer_sql AS c SET %s
			FROM jsonb_to_recordset(body -> 'update') AS i (%s)
			WHERE c.tenant_uid = 'bench' AND c.customer_uid = i."customerUid";
			GET DIAGNOSTICS done = ROW_COUNT;
			RETURN done;
		END $f$ $$, update_sets, record_definition);
END
$do$;

/* Updates that can do nothing but this. */
CREATE FUNCTION bench.sql_update_address(body jsonb)
RETURNS int LANGUAGE plpgsql AS $f$
DECLARE
	done int;
BEGIN
	UPDATE bench.customer_copy AS c
	SET address = i.address, internal_note = i."internalNote", last_modified_at = now()
	FROM jsonb_to_recordset(body -> 'update')
		AS i ("customerUid" text, address text, "internalNote" text)
	WHERE c.tenant_uid = 'bench' AND c.customer_uid = i."customerUid";
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN done;
END $f$;

CREATE FUNCTION bench.sql_update_external_id(body jsonb)
RETURNS int LANGUAGE plpgsql AS $f$
DECLARE
	done int;
BEGIN
	UPDATE bench.customer_copy AS c
	SET external_id = i."externalId", last_modified_at = now()
	FROM jsonb_to_recordset(body -> 'update') AS i ("customerUid" text, "externalId" text)
	WHERE c.tenant_uid = 'bench' AND c.customer_uid = i."customerUid";
	GET DIAGNOSTICS done = ROW_COUNT;
	RETURN done;
END $f$;
