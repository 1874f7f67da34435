/*
 * The tables of what happened, and of what is being done: merges, duplicates,
 * erasures, print jobs, the feed of changes, who read what; then totals, and who may
 * do what.  The rules for all tables stand in the module before.
 */

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

/* ---------------------------------------------------------------------
 * Who may do what
 * --------------------------------------------------------------------- */

/* roles by their names, as a dump has them */
CREATE TABLE flowcustomer.access_grant (
	tenant_uid text COLLATE "C" NOT NULL,
	role_name text COLLATE "C" NOT NULL,
	permissions text COLLATE "C" NOT NULL,
	granted_at timestamptz NOT NULL,
	granted_by text NOT NULL,
	PRIMARY KEY (tenant_uid, role_name),
	FOREIGN KEY (tenant_uid) REFERENCES flowcustomer.tenant
);
COMMENT ON TABLE flowcustomer.access_grant IS 'What roles may do in which tenant; written by grant_access';

/* tenant_uid is empty: claims tell which tenants it is about */
CREATE TABLE flowcustomer.authenticator (
	tenant_uid text COLLATE "C" NOT NULL,
	role_name text COLLATE "C" NOT NULL,
	granted_at timestamptz NOT NULL,
	granted_by text NOT NULL,
	PRIMARY KEY (tenant_uid, role_name),
	CHECK (tenant_uid = '')
);
COMMENT ON TABLE flowcustomer.authenticator IS 'Roles of HTTP servers, whose sessions say by claims for whom they call; written by grant_authenticator';
