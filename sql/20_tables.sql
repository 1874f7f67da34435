/*
 * The tables of what there is: reference data, customers, contacts, groups, and the
 * documents of other systems.  tenant_uid leads every key, so each statement stays inside one
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
	/* NULL where the settings decide */
	change_feed boolean,
	access_log boolean,
	max_batch_items integer,
	created_at timestamptz NOT NULL,
	last_modified_at timestamptz NOT NULL,
	PRIMARY KEY (tenant_uid),
	CHECK (flowcustomer.is_uid(tenant_uid)),
	CHECK (flowcustomer.normalize_country(country_code) IS NOT DISTINCT FROM country_code),
	CHECK (max_batch_items > 0)
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
