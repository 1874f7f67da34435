/*
 * The tables.  tenant_uid leads every key, so each statement stays inside one
 * tenant; keys and codes are compared by their bytes (collation "C"); there
 * are no triggers and no sequences.  An absent text is NULL, never ''.
 *
 * The columns of each table are described to the C code by the field lists in
 * src/fields/; a test holds the two against each other.
 */

/* ---------------------------------------------------------------------
 * Reference data that other systems own
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.tenant (
	tenant_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	country_code text COLLATE "C" NOT NULL,
	locale text COLLATE "C" NOT NULL,
	default_printer_uid text COLLATE "C",
	lenient boolean NOT NULL DEFAULT false,
	change_feed boolean NOT NULL DEFAULT true,
	access_log boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid),
	CHECK (flowcustomer.is_uid(tenant_uid)),
	CHECK (flowcustomer.normalize_country(country_code) IS NOT DISTINCT FROM country_code)
);
COMMENT ON TABLE flowcustomer.tenant IS 'One row for each retailer whose data is kept apart from the others''';

CREATE TABLE flowcustomer.organization (
	tenant_uid text COLLATE "C" NOT NULL,
	organization_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, organization_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(organization_uid))
);
COMMENT ON TABLE flowcustomer.organization IS 'Legal units that own stores';

CREATE TABLE flowcustomer.store (
	tenant_uid text COLLATE "C" NOT NULL,
	store_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	organization_uid text COLLATE "C" NOT NULL,
	max_single_order_value bigint,
	default_printer_uid text COLLATE "C",
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, store_uid),
	FOREIGN KEY (tenant_uid, organization_uid) REFERENCES flowcustomer.organization,
	CHECK (flowcustomer.is_uid(store_uid)),
	CHECK (max_single_order_value >= 0)
);
COMMENT ON TABLE flowcustomer.store IS 'Stores, each of one organization';

CREATE TABLE flowcustomer.tenant_user (
	tenant_uid text COLLATE "C" NOT NULL,
	tenant_user_uid text COLLATE "C" NOT NULL,
	display_name text NOT NULL,
	user_code text COLLATE "C",
	locale text COLLATE "C",
	default_store_uid text COLLATE "C",
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, tenant_user_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	FOREIGN KEY (tenant_uid, default_store_uid) REFERENCES flowcustomer.store,
	CHECK (flowcustomer.is_uid(tenant_user_uid))
);
COMMENT ON TABLE flowcustomer.tenant_user IS 'The people who work for the tenant, account managers among them';

CREATE TABLE flowcustomer.consent (
	tenant_uid text COLLATE "C" NOT NULL,
	consent_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, consent_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(consent_uid))
);
COMMENT ON TABLE flowcustomer.consent IS 'What customers can consent to';

CREATE TABLE flowcustomer.printer (
	tenant_uid text COLLATE "C" NOT NULL,
	printer_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	kind text COLLATE "C" NOT NULL,
	store_uid text COLLATE "C",
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, printer_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	FOREIGN KEY (tenant_uid, store_uid) REFERENCES flowcustomer.store,
	CHECK (flowcustomer.is_uid(printer_uid)),
	CHECK (kind IN ('LABEL', 'RECEIPT'))
);
COMMENT ON TABLE flowcustomer.printer IS 'Label and receipt printers';

/* ---------------------------------------------------------------------
 * Customers
 * --------------------------------------------------------------------- */

/*
 * customer_parent_uid has no foreign key on purpose: a dump restored row by
 * row would meet departments before their company.  The functions see to it
 * that a parent exists.  The fill factor leaves room for updates that touch
 * no index.
 */
CREATE TABLE flowcustomer.customer (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	customer_type text COLLATE "C" NOT NULL,
	/* a row is taken apart from its beginning, and a search looks at many */
	display_name text GENERATED ALWAYS AS
		(flowcustomer.display_name(customer_type, company_name, firstname,
								   lastname, email, mobile, customer_uid)) STORED,
	search_text text COLLATE "C" GENERATED ALWAYS AS
		(flowcustomer.search_document(firstname, lastname, company_name, email,
									  mobile, vat_number, postal_code, city)) STORED,
	customer_parent_uid text COLLATE "C",
	external_id text COLLATE "C",
	loyalty_id text COLLATE "C",
	firstname text,
	lastname text,
	company_name text,
	email text COLLATE "C",
	mobile text COLLATE "C",
	address text,
	postal_code text COLLATE "C",
	city text,
	country_code text COLLATE "C" NOT NULL,
	vat_number text COLLATE "C",
	ledger_number text COLLATE "C",
	pricelist_uid text COLLATE "C",
	origin text,
	internal_note text,
	payment_terms integer NOT NULL DEFAULT 0,
	credit_limit bigint NOT NULL DEFAULT 0,
	credit_opening_balance bigint NOT NULL DEFAULT 0,
	credit_open_invoices bigint NOT NULL DEFAULT 0,
	account_manager_uid text COLLATE "C",
	default_store_uid text COLLATE "C",
	ehf_enabled boolean NOT NULL DEFAULT false,
	ehf_address text,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	erased_at timestamptz,
	credit_balance bigint GENERATED ALWAYS AS
		(credit_opening_balance + credit_open_invoices) STORED,
	PRIMARY KEY (tenant_uid, customer_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	FOREIGN KEY (tenant_uid, default_store_uid) REFERENCES flowcustomer.store,
	FOREIGN KEY (tenant_uid, account_manager_uid) REFERENCES flowcustomer.tenant_user,
	CHECK (flowcustomer.is_uid(customer_uid)),
	CHECK (customer_type IN ('PERSON', 'COMPANY', 'B2B')),
	CHECK (customer_parent_uid IS NULL OR
		   (customer_type = 'COMPANY' AND customer_parent_uid <> customer_uid)),
	CHECK (flowcustomer.normalize_country(country_code) IS NOT DISTINCT FROM country_code),
	CHECK (payment_terms >= 0),
	CHECK (credit_limit >= 0)
) WITH (fillfactor = 70);
COMMENT ON TABLE flowcustomer.customer IS 'Customers: people, companies and their departments, B2B partners';

CREATE INDEX customer_external_id ON flowcustomer.customer
	(tenant_uid, external_id, customer_uid) WHERE external_id IS NOT NULL;
CREATE INDEX customer_loyalty_id ON flowcustomer.customer
	(tenant_uid, loyalty_id, customer_uid) WHERE loyalty_id IS NOT NULL;
CREATE INDEX customer_parent ON flowcustomer.customer
	(tenant_uid, customer_parent_uid, customer_uid) WHERE customer_parent_uid IS NOT NULL;

/*
 * A row stands here only inside the transaction that is creating a customer
 * by its external id: it makes a second one that does the same wait, and then
 * find the customer instead of creating it twice.
 */
CREATE TABLE flowcustomer.external_id_claim (
	tenant_uid text COLLATE "C" NOT NULL,
	external_id text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_uid, external_id)
);
COMMENT ON TABLE flowcustomer.external_id_claim IS 'External ids under which a customer is being created right now; empty between transactions';

CREATE TABLE flowcustomer.customer_address (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	customer_address_uid text COLLATE "C" NOT NULL,
	type text COLLATE "C" NOT NULL,
	firstname text,
	lastname text,
	company_name text,
	address text,
	postal_code text COLLATE "C",
	city text,
	country_code text COLLATE "C" NOT NULL,
	email text COLLATE "C",
	phone text COLLATE "C",
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	display_name text GENERATED ALWAYS AS
		(flowcustomer.display_name(CASE WHEN company_name IS NOT NULL THEN 'COMPANY' END,
								   company_name, firstname, lastname, email, phone,
								   customer_address_uid)) STORED,
	PRIMARY KEY (tenant_uid, customer_uid, customer_address_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(customer_address_uid)),
	CHECK (type IN ('DELIVERY_ADDRESS', 'INVOICE_ADDRESS')),
	CHECK (flowcustomer.normalize_country(country_code) IS NOT DISTINCT FROM country_code)
);
COMMENT ON TABLE flowcustomer.customer_address IS 'Delivery and invoice addresses of customers';

CREATE TABLE flowcustomer.customer_extension (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	extension_code text COLLATE "C" NOT NULL,
	organization_uid text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid, extension_code, organization_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	FOREIGN KEY (tenant_uid, organization_uid) REFERENCES flowcustomer.organization,
	CHECK (extension_code IN ('TWO_INVOICE', 'KLAVIYO_PROFILE_ID'))
);
COMMENT ON TABLE flowcustomer.customer_extension IS 'Integrations switched on for a customer in an organization';

CREATE TABLE flowcustomer.customer_consent (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	consent_uid text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	entry_uid text COLLATE "C" NOT NULL,
	status boolean NOT NULL,
	source text,
	channel text,
	wording text,
	wording_version text,
	recorded_by text,
	valid_until timestamptz,
	PRIMARY KEY (tenant_uid, customer_uid, consent_uid, created_at, entry_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	FOREIGN KEY (tenant_uid, consent_uid) REFERENCES flowcustomer.consent,
	CHECK (flowcustomer.is_uid(entry_uid))
);
COMMENT ON TABLE flowcustomer.customer_consent IS 'Every consent that a customer gave or withdrew, in order; rows are never changed';

/* ---------------------------------------------------------------------
 * Contacts
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.contact (
	tenant_uid text COLLATE "C" NOT NULL,
	contact_uid text COLLATE "C" NOT NULL,
	firstname text,
	lastname text,
	email text COLLATE "C",
	mobile text COLLATE "C",
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	display_name text GENERATED ALWAYS AS
		(flowcustomer.display_name(NULL, NULL, firstname, lastname, email, mobile,
								   contact_uid)) STORED,
	search_text text COLLATE "C" GENERATED ALWAYS AS
		(flowcustomer.search_document(firstname, lastname, NULL, email, mobile,
									  NULL, NULL, NULL)) STORED,
	PRIMARY KEY (tenant_uid, contact_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(contact_uid))
);
COMMENT ON TABLE flowcustomer.contact IS 'People who speak for customers';

CREATE TABLE flowcustomer.customer_contact (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	contact_uid text COLLATE "C" NOT NULL,
	role text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid, contact_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	FOREIGN KEY (tenant_uid, contact_uid) REFERENCES flowcustomer.contact,
	CHECK (role IN ('ADMIN', 'PURCHASER', 'ACCOUNTING', 'NONE'))
);
COMMENT ON TABLE flowcustomer.customer_contact IS 'Which contact speaks for which customer, and in which role';
CREATE INDEX customer_contact_contact ON flowcustomer.customer_contact
	(tenant_uid, contact_uid, customer_uid);

CREATE TABLE flowcustomer.contact_extension (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	contact_uid text COLLATE "C" NOT NULL,
	extension_code text COLLATE "C" NOT NULL,
	organization_uid text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid, contact_uid, extension_code, organization_uid),
	FOREIGN KEY (tenant_uid, customer_uid, contact_uid) REFERENCES flowcustomer.customer_contact,
	FOREIGN KEY (tenant_uid, organization_uid) REFERENCES flowcustomer.organization,
	CHECK (extension_code IN ('TWO_INVOICE'))
);
COMMENT ON TABLE flowcustomer.contact_extension IS 'Integrations switched on for a contact of a customer in an organization';

/* ---------------------------------------------------------------------
 * Groups
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.customer_group (
	tenant_uid text COLLATE "C" NOT NULL,
	group_uid text COLLATE "C" NOT NULL,
	name text NOT NULL,
	created_by text NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_by text NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, group_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(group_uid))
);
COMMENT ON TABLE flowcustomer.customer_group IS 'Groups that customers can be put into';

CREATE TABLE flowcustomer.customer_group_member (
	tenant_uid text COLLATE "C" NOT NULL,
	group_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, group_uid, customer_uid),
	FOREIGN KEY (tenant_uid, group_uid) REFERENCES flowcustomer.customer_group,
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer
);
COMMENT ON TABLE flowcustomer.customer_group_member IS 'Which customer is in which group';
CREATE INDEX customer_group_member_customer ON flowcustomer.customer_group_member
	(tenant_uid, customer_uid, group_uid);

/* ---------------------------------------------------------------------
 * Documents of other systems
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.sales_order (
	tenant_uid text COLLATE "C" NOT NULL,
	order_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C",
	store_uid text COLLATE "C" NOT NULL,
	ordered_at timestamptz NOT NULL,
	grand_total bigint NOT NULL,
	state text COLLATE "C",
	open_invoice_amount bigint NOT NULL,
	document json NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, order_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(order_uid))
);
COMMENT ON TABLE flowcustomer.sales_order IS 'Sales orders as they came, with the columns that answers need beside them';
CREATE INDEX sales_order_customer ON flowcustomer.sales_order
	(tenant_uid, customer_uid, order_uid) WHERE customer_uid IS NOT NULL;

CREATE TABLE flowcustomer.service_order (
	tenant_uid text COLLATE "C" NOT NULL,
	service_order_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C",
	store_uid text COLLATE "C" NOT NULL,
	ordered_at timestamptz NOT NULL,
	grand_total bigint NOT NULL,
	state text COLLATE "C",
	document json NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, service_order_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(service_order_uid))
);
COMMENT ON TABLE flowcustomer.service_order IS 'Service orders as they came, with the columns that answers need beside them';
CREATE INDEX service_order_customer ON flowcustomer.service_order
	(tenant_uid, customer_uid, service_order_uid) WHERE customer_uid IS NOT NULL;

CREATE TABLE flowcustomer.external_customer (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	customer_type text COLLATE "C" NOT NULL,
	firstname text,
	lastname text,
	company_name text,
	email text COLLATE "C",
	mobile text COLLATE "C",
	address text,
	postal_code text COLLATE "C",
	city text,
	country_code text COLLATE "C",
	vat_number text COLLATE "C",
	external_id text COLLATE "C",
	ledger_number text COLLATE "C",
	pricelist_uid text COLLATE "C",
	origin text,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	document json NOT NULL,
	display_name text GENERATED ALWAYS AS
		(flowcustomer.display_name(customer_type, company_name, firstname,
								   lastname, email, mobile, customer_uid)) STORED,
	search_text text COLLATE "C" GENERATED ALWAYS AS
		(flowcustomer.search_document(firstname, lastname, company_name, email,
									  mobile, vat_number, postal_code, city)) STORED,
	PRIMARY KEY (tenant_uid, customer_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(customer_uid)),
	CHECK (customer_type IN ('PERSON', 'COMPANY', 'B2B'))
);
COMMENT ON TABLE flowcustomer.external_customer IS 'People and companies of outside directories, not customers (yet)';

CREATE TABLE flowcustomer.external_source (
	tenant_uid text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	relation_schema text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	registrar text COLLATE "C" NOT NULL,
	mapping json NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, name),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.external_source IS 'Outside directories that are searched where they are: relations of the database, and what their columns mean';

/* ---------------------------------------------------------------------
 * Merges
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.customer_redirect (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	survivor_uid text COLLATE "C" NOT NULL,
	external_id text COLLATE "C",
	loyalty_id text COLLATE "C",
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid),
	FOREIGN KEY (tenant_uid, survivor_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(customer_uid)),
	CHECK (customer_uid <> survivor_uid)
);
COMMENT ON TABLE flowcustomer.customer_redirect IS 'Customers that were merged into others, and where they are now';
CREATE INDEX customer_redirect_survivor ON flowcustomer.customer_redirect
	(tenant_uid, survivor_uid, customer_uid);
CREATE INDEX customer_redirect_external_id ON flowcustomer.customer_redirect
	(tenant_uid, external_id, survivor_uid) WHERE external_id IS NOT NULL;
CREATE INDEX customer_redirect_loyalty_id ON flowcustomer.customer_redirect
	(tenant_uid, loyalty_id, survivor_uid) WHERE loyalty_id IS NOT NULL;

CREATE TABLE flowcustomer.merge (
	tenant_uid text COLLATE "C" NOT NULL,
	merge_uid text COLLATE "C" NOT NULL,
	survivor_uid text COLLATE "C" NOT NULL,
	duplicate_uid text COLLATE "C" NOT NULL,
	merged_at timestamptz NOT NULL,
	merged_by text NOT NULL,
	undone_at timestamptz,
	undone_by text,
	journal json NOT NULL,
	PRIMARY KEY (tenant_uid, merge_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(merge_uid)),
	CHECK (flowcustomer.is_uid(survivor_uid)),
	CHECK (flowcustomer.is_uid(duplicate_uid))
);
COMMENT ON TABLE flowcustomer.merge IS 'Merges of two customers, with what it takes to undo them';
CREATE INDEX merge_survivor ON flowcustomer.merge (tenant_uid, survivor_uid, merge_uid);
CREATE INDEX merge_duplicate ON flowcustomer.merge (tenant_uid, duplicate_uid, merge_uid);

/* tenant_uid is empty: a table is registered for all tenants */
CREATE TABLE flowcustomer.reference (
	tenant_uid text COLLATE "C" NOT NULL,
	relation_schema text COLLATE "C" NOT NULL,
	relation_name text COLLATE "C" NOT NULL,
	customer_column text COLLATE "C" NOT NULL,
	tenant_column text COLLATE "C" NOT NULL,
	on_collision text COLLATE "C" NOT NULL,
	personal_columns json,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, relation_schema, relation_name, customer_column),
	CHECK (tenant_uid = ''),
	CHECK (on_collision IN ('BLOCK', 'KEEP', 'SUM', 'ARCHIVE'))
);
COMMENT ON TABLE flowcustomer.reference IS 'Tables outside whose rows follow merges';

/* ---------------------------------------------------------------------
 * Duplicates
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.duplicate_state (
	tenant_uid text COLLATE "C" NOT NULL,
	model json,
	customers bigint NOT NULL,
	changes bigint NOT NULL,
	dismissals bigint NOT NULL,
	learned_at timestamptz,
	refreshed_at timestamptz,
	PRIMARY KEY (tenant_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.duplicate_state IS 'What was learned about how a tenant''s duplicates differ, and when they were looked for';

/* no foreign keys to customers: what is out of date here is put right by the next look */
CREATE TABLE flowcustomer.duplicate_customer (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	fingerprint bigint NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.duplicate_customer IS 'Customers that were compared with each other, and a fingerprint of what they were like';

CREATE TABLE flowcustomer.duplicate_pair (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	duplicate_uid text COLLATE "C" NOT NULL,
	probability double precision NOT NULL,
	score double precision NOT NULL,
	cluster_uid text COLLATE "C",
	reasons json NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid, duplicate_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.duplicate_pair IS 'Pairs of customers that may be the same';

CREATE TABLE flowcustomer.duplicate_dismissal (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	duplicate_uid text COLLATE "C" NOT NULL,
	reason text NOT NULL,
	dismissed_by text NOT NULL,
	created_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, customer_uid, duplicate_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (customer_uid < duplicate_uid)
);
COMMENT ON TABLE flowcustomer.duplicate_dismissal IS 'Pairs of customers that somebody says are not the same';
CREATE INDEX duplicate_dismissal_duplicate ON flowcustomer.duplicate_dismissal
	(tenant_uid, duplicate_uid, customer_uid);

CREATE TABLE flowcustomer.duplicate_run (
	tenant_uid text COLLATE "C" NOT NULL,
	run_uid text COLLATE "C" NOT NULL,
	min_score double precision NOT NULL,
	dry_run boolean NOT NULL,
	started_at timestamptz NOT NULL,
	started_by text NOT NULL,
	continued_at timestamptz NOT NULL,
	finished_at timestamptz,
	total bigint NOT NULL,
	done bigint NOT NULL,
	failed bigint NOT NULL,
	PRIMARY KEY (tenant_uid, run_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.duplicate_run IS 'Runs of merge_duplicates, and how far each has come';

CREATE TABLE flowcustomer.duplicate_run_item (
	tenant_uid text COLLATE "C" NOT NULL,
	run_uid text COLLATE "C" NOT NULL,
	place bigint NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	duplicate_uid text COLLATE "C" NOT NULL,
	score double precision NOT NULL,
	outcome text COLLATE "C",
	code text COLLATE "C",
	done_at timestamptz,
	PRIMARY KEY (tenant_uid, run_uid, place),
	FOREIGN KEY (tenant_uid, run_uid) REFERENCES flowcustomer.duplicate_run,
	CHECK (outcome IN ('MERGED', 'POSSIBLE', 'FAILED'))
);
COMMENT ON TABLE flowcustomer.duplicate_run_item IS 'The report of each run of merge_duplicates: what became of each pair, best first';

/* ---------------------------------------------------------------------
 * What happened
 * --------------------------------------------------------------------- */

CREATE TABLE flowcustomer.retention (
	tenant_uid text COLLATE "C" NOT NULL,
	open_orders boolean NOT NULL,
	unpaid_invoices boolean NOT NULL,
	years_after_last_order integer NOT NULL,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (years_after_last_order BETWEEN 0 AND 100)
);
COMMENT ON TABLE flowcustomer.retention IS 'What keeps a tenant''s customers from being erased';

CREATE TABLE flowcustomer.customer_hold (
	tenant_uid text COLLATE "C" NOT NULL,
	hold_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	reason text NOT NULL,
	held_until timestamptz,
	created_at timestamptz NOT NULL,
	created_by text NOT NULL,
	PRIMARY KEY (tenant_uid, hold_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(hold_uid))
);
COMMENT ON TABLE flowcustomer.customer_hold IS 'Customers who have to be kept, because somebody says so';
CREATE INDEX customer_hold_customer ON flowcustomer.customer_hold (tenant_uid, customer_uid, hold_uid);

/* no foreign key to customers: a receipt stays when its customer is deleted */
CREATE TABLE flowcustomer.erasure (
	tenant_uid text COLLATE "C" NOT NULL,
	erasure_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	state text COLLATE "C" NOT NULL,
	reason text,
	requested_at timestamptz NOT NULL,
	requested_by text,
	possible_from timestamptz,
	erased_at timestamptz,
	erased_by text,
	erased json,
	PRIMARY KEY (tenant_uid, erasure_uid),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant,
	CHECK (flowcustomer.is_uid(erasure_uid)),
	CHECK (state IN ('QUEUED', 'CANCELED', 'DONE'))
);
COMMENT ON TABLE flowcustomer.erasure IS 'Erasures that are waiting, and the receipts of those that were done';
CREATE INDEX erasure_customer ON flowcustomer.erasure (tenant_uid, customer_uid, erasure_uid);
CREATE INDEX erasure_queued ON flowcustomer.erasure (tenant_uid, erasure_uid) WHERE state = 'QUEUED';

CREATE TABLE flowcustomer.print_job (
	tenant_uid text COLLATE "C" NOT NULL,
	print_job_uid text COLLATE "C" NOT NULL,
	printer_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	format text COLLATE "C" NOT NULL,
	encoding text COLLATE "C" NOT NULL,
	payload text,
	state text COLLATE "C" NOT NULL,
	attempts integer NOT NULL,
	available_at timestamptz NOT NULL,
	claim_uid text COLLATE "C",
	leased_until timestamptz,
	error text,
	created_at timestamptz NOT NULL,
	created_by text NOT NULL,
	finished_at timestamptz,
	PRIMARY KEY (tenant_uid, print_job_uid),
	FOREIGN KEY (tenant_uid, customer_uid) REFERENCES flowcustomer.customer,
	CHECK (flowcustomer.is_uid(print_job_uid)),
	CHECK (format IN ('ZPL', 'ESC_POS')),
	CHECK (encoding IN ('UTF_8', 'BASE64')),
	CHECK (state IN ('QUEUED', 'CLAIMED', 'DONE', 'FAILED'))
);
COMMENT ON TABLE flowcustomer.print_job IS 'Cards that are to be printed, or were';
CREATE INDEX print_job_waiting ON flowcustomer.print_job
	(tenant_uid, printer_uid, print_job_uid) WHERE state IN ('QUEUED', 'CLAIMED');
CREATE INDEX print_job_customer ON flowcustomer.print_job (tenant_uid, customer_uid, print_job_uid);

/* no foreign keys: what is gone has changed too, and a reader can need it for long */
CREATE TABLE flowcustomer.change (
	tenant_uid text COLLATE "C" NOT NULL,
	generation bigint NOT NULL,
	transaction_id bigint NOT NULL,
	place bigint NOT NULL,
	entity text COLLATE "C" NOT NULL,
	entity_uid text COLLATE "C" NOT NULL,
	operation text COLLATE "C" NOT NULL,
	changed_at timestamptz NOT NULL,
	changed_by text,
	changed_fields json NOT NULL,
	PRIMARY KEY (tenant_uid, generation, transaction_id, place),
	CHECK (operation IN ('CREATE', 'UPDATE', 'DELETE', 'MERGE', 'ERASE', 'FORGET'))
);
COMMENT ON TABLE flowcustomer.change IS 'The feed of changes: which entity was written by whom, in an order that is safe to follow';

/* tenant_uid is empty: it is there for all tenants */
CREATE TABLE flowcustomer.change_generation (
	tenant_uid text COLLATE "C" NOT NULL,
	generation bigint NOT NULL,
	server text COLLATE "C" NOT NULL,
	began_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid, generation),
	CHECK (tenant_uid = '')
);
COMMENT ON TABLE flowcustomer.change_generation IS 'The servers on which the data has lived: transaction ids count on one of them only';

CREATE TABLE flowcustomer.customer_access (
	tenant_uid text COLLATE "C" NOT NULL,
	customer_uid text COLLATE "C" NOT NULL,
	access_uid text COLLATE "C" NOT NULL,
	accessed_at timestamptz NOT NULL,
	accessed_by text NOT NULL,
	operation text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant_uid, access_uid),
	CHECK (flowcustomer.is_uid(access_uid))
);
CREATE INDEX customer_access_customer ON flowcustomer.customer_access (tenant_uid, customer_uid, access_uid);
COMMENT ON TABLE flowcustomer.customer_access IS 'Who read which customer, for tenants that want to know';

/* ---------------------------------------------------------------------
 * Totals
 * --------------------------------------------------------------------- */

/*
 * How many rows a list has, as the sum over slots: writers that work at the
 * same time count in slots of their own and do not wait for each other.
 */
CREATE TABLE flowcustomer.total (
	tenant_uid text COLLATE "C" NOT NULL,
	kind text COLLATE "C" NOT NULL,
	owner_uid text COLLATE "C" NOT NULL,
	slot integer NOT NULL,
	amount bigint NOT NULL,
	PRIMARY KEY (tenant_uid, kind, owner_uid, slot),
	CHECK (kind IN ('customer', 'contact', 'group', 'member'))
) WITH (fillfactor = 50);
COMMENT ON TABLE flowcustomer.total IS 'Exact numbers of customers, contacts, groups, and of members of each group';

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
