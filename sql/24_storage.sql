/*
 * The search indexes.  The schema of pg_trgm is whatever it was put into;
 * btree_gin lets the tenant be part of the index.  The limit of the pending list keeps its flush out of most calls.
 */
DO $$
DECLARE
	trigram_schema name := (SELECT n.nspname FROM pg_extension e
							JOIN pg_namespace n ON n.oid = e.extnamespace
							WHERE e.extname = 'pg_trgm');
	relation text;
BEGIN
	FOREACH relation IN ARRAY ARRAY['customer', 'contact', 'external_customer'] LOOP
		EXECUTE pg_catalog.format(
			'CREATE INDEX %I ON flowcustomer.%I USING gin (tenant_uid, search_text %I.gin_trgm_ops)'
			' WITH (gin_pending_list_limit = 16384)',
			relation || '_search', relation, trigram_schema);
	END LOOP;
END $$;

/* What pg_dump has to carry: every table, whole. */
DO $$
DECLARE
	relation regclass;
BEGIN
	FOR relation IN
		SELECT c.oid FROM pg_class c
		WHERE c.relnamespace = 'flowcustomer'::regnamespace AND c.relkind = 'r'
		ORDER BY c.relname
	LOOP
		PERFORM pg_catalog.pg_extension_config_dump(relation, '');
		EXECUTE pg_catalog.format('REVOKE ALL ON TABLE %s FROM PUBLIC', relation);
	END LOOP;
END $$;
