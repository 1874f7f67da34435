# pg_dump carries everything: a database restored from a dump, of whatever kind,
# answers as the one that was dumped, protects its data, and goes on counting.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @settings = ('log_statement = none', 'autovacuum = off');

my $origin = PostgreSQL::Test::Cluster->new('origin');
$origin->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$origin->append_conf('postgresql.conf', join("\n", @settings));
$origin->start;
my $target = PostgreSQL::Test::Cluster->new('target');
$target->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$target->append_conf('postgresql.conf', join("\n", @settings));
$target->start;

my $dumps = PostgreSQL::Test::Utils::tempdir();

# Everything that a tenant can have, in values that are hard to carry.  The
# departments' uids sort before those of their companies.
sub fill
{
	my ($tenant, $lenient) = @_;
	return <<"SQL";
SELECT flowcustomer.tenant_put('$tenant', '{"name": "Øst & Väst \\"$tenant\\"", "countryCode": "NO", "locale": "nb", "lenient": $lenient}');
SELECT flowcustomer.organization_put('$tenant', '{"organizationUid": "org", "name": "Nordic\\tAS"}');
SELECT flowcustomer.organization_put('$tenant', '{"organizationUid": "other", "name": "Other AB"}');
SELECT flowcustomer.store_put('$tenant', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "org", "maxSingleOrderValue": 250000}');
SELECT flowcustomer.store_put('$tenant', '{"storeUid": "malmo", "name": "Malmö", "organizationUid": "other", "defaultPrinterUid": "p1"}');
SELECT flowcustomer.tenant_user_put('$tenant', '{"tenantUserUid": "liv", "displayName": "Liv Ås", "userCode": "L1", "locale": "sv", "defaultStoreUid": "malmo"}');
SELECT flowcustomer.consent_put('$tenant', '{"consentUid": "news", "name": "Nyhetsbrev"}');
SELECT flowcustomer.consent_put('$tenant', '{"consentUid": "sms", "name": "SMS"}');
SELECT flowcustomer.printer_put('$tenant', '{"printerUid": "p1", "name": "Labels", "kind": "LABEL", "storeUid": "oslo"}');
SELECT flowcustomer.printer_put('$tenant', '{"printerUid": "p2", "name": "Receipts", "kind": "RECEIPT"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "club", "name": "Club; DROP"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "staff", "name": "Staff"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "nobody", "name": "Empty"}');
SELECT flowcustomer.customer_batch('$tenant', '{"create": [
	{"customerUid": "z-company", "customerType": "COMPANY", "companyName": "Zett AS", "vatNumber": "NO987654321MVA", "customerGroupUids": ["club", "staff"]},
	{"customerUid": "m-department", "customerType": "COMPANY", "companyName": "Zett avd. M", "customerParentUid": "z-company"},
	{"customerUid": "a-department", "customerType": "COMPANY", "companyName": "Zett avd. A", "customerParentUid": "m-department", "customerGroupUids": ["club"]},
	{"customerUid": "b2b", "customerType": "B2B", "companyName": "Partner \\\\ \\"quoted\\" ''single''"},
	{"customerUid": "gone", "customerType": "PERSON", "customerGroupUids": ["staff"]},
	{"customerUid": "bare", "customerType": "PERSON"},
	{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kåre 🙂", "lastname": "Ødegård\\nsecond line", "email": "kari\@example.com",
	 "mobile": "+4791234567", "address": "Storgata 1\\tB", "postalCode": "0155", "city": "Oslo", "countryCode": "NO",
	 "externalId": "E-1", "loyaltyId": "L-1", "ledgerNumber": "0150042", "pricelistUid": "list", "origin": "web; \$\$x\$\$",
	 "internalNote": "\\\\N and \\\\. and |", "paymentTerms": 14, "credit": {"limit": 500000},
	 "accountManager": {"tenantUserUid": "liv"}, "defaultStoreUid": "oslo", "ehf": {"enabled": true, "address": "0192:987654321"},
	 "customerGroupUids": ["staff"], "consents": [{"consentUid": "news", "status": true, "source": "web"}]}]}');
SELECT flowcustomer.customer_consent_set('$tenant', 'kari', 'news', '{"status": false, "source": "till 3"}');
SELECT flowcustomer.customer_consent_set('$tenant', 'kari', 'sms', '{"status": true, "source": "", "channel": "SMS", "wording": "Får vi\\nsende \\"SMS\\"?", "wordingVersion": "2", "recordedBy": "Liv", "validUntil": "2090-01-01T00:00:00Z"}');
SELECT flowcustomer.customer_credit_balance_set('$tenant', 'kari', '{"openingBalance": -250}');
SELECT flowcustomer.customer_print('$tenant', 'kari', '{"printerUid": "p1"}');
SELECT flowcustomer.customer_print('$tenant', 'kari', '{"printerUid": "p2"}');
SELECT flowcustomer.customer_print('$tenant', 'b2b', '{"printerUid": "p2"}');
SELECT flowcustomer.print_job_done('$tenant', flowcustomer.print_job_claim('$tenant', 'p2') #>> '{items,0,printJobUid}');
SELECT flowcustomer.customer_address_put('$tenant', 'kari', '{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS", "firstname": "Kåre", "lastname": "Ødegård", "city": "Oslo", "phone": "91234567"}');
SELECT flowcustomer.customer_address_put('$tenant', 'kari', '{"customerAddressUid": "work", "type": "INVOICE_ADDRESS", "companyName": "Zett AS", "countryCode": "SE", "postalCode": "11122"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'kari', 'TWO_INVOICE', '{"storeUid": "malmo"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'z-company', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}');
SELECT flowcustomer.contact_create('$tenant', '{"customerContactUid": "ola", "firstname": "Ola", "lastname": "Åsen", "email": "ola\@example.com", "mobile": "90000000",
	"customers": [{"customerUid": "z-company", "role": "ADMIN"}, {"customerUid": "a-department", "role": "PURCHASER"}, {"customerUid": "kari"}]}');
SELECT flowcustomer.contact_create('$tenant', '{"customerContactUid": "alone", "firstname": "No", "lastname": "Customer"}');
SELECT flowcustomer.customer_contact_create('$tenant', 'b2b', '{"customerContactUid": "eva", "firstname": "Eva", "lastname": "Dahl", "role": "ACCOUNTING"}');
SELECT flowcustomer.customer_contact_extension_add('$tenant', 'z-company', 'ola', 'TWO_INVOICE', '{"storeUid": "oslo"}');
SELECT flowcustomer.tenant_put('$tenant', '{"lenient": true}');
SELECT flowcustomer.sales_order_put('$tenant', '{"orderUid": "o1", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05.623Z",
	"orderTotals": {"grandTotal": 9900},   "kept":  "as it came, 1.50 ",
	"settlements": [{"settlementCode": "INVOICE", "amount": 9900, "paymentAmount": 900, "creditAmount": 100}, {"settlementCode": "CARD", "amount": 5}]}');
SELECT flowcustomer.sales_order_put('$tenant', '{"orderUid": "o2", "customerUid": "gone", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z",
	"orderTotals": {"grandTotal": 100}, "settlements": [{"settlementCode": "TWO_INVOICE", "amount": 100}]}');
SELECT flowcustomer.service_order_put('$tenant', '{"serviceOrderUid": "s1", "customerUid": "kari", "storeUid": "malmo", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 4200}}');
SELECT flowcustomer.tenant_put('$tenant', '{"lenient": $lenient}');
SELECT flowcustomer.external_customer_put('$tenant', '{"customerUid": "x1", "companyName": "Outside AS", "list": [1, 2.50, null]}');
SELECT flowcustomer.customer_delete('$tenant', 'gone');
SELECT flowcustomer.external_source_register('$tenant', 'Språk & \$\$ "quoted"', 'pg_catalog.pg_language', '{"customerUid": "lanname", "companyName": "lanname", "origin": {"value": "ø;\\\\"}}');
SELECT flowcustomer.customer_batch('$tenant', '{"create": [
	{"customerUid": "kept", "customerType": "PERSON", "firstname": "Kept", "customerGroupUids": ["club"]},
	{"customerUid": "merged", "customerType": "PERSON", "firstname": "M\\t\\"erged", "externalId": "E-2", "customerGroupUids": ["club", "staff"]},
	{"customerUid": "back", "customerType": "PERSON", "firstname": "Back"}]}');
CREATE TABLE IF NOT EXISTS public.visit (tenant text, customer text, visited int, PRIMARY KEY (tenant, customer, visited));
INSERT INTO public.visit VALUES ('$tenant', 'merged', 1);
SELECT flowcustomer.reference_register('public.visit', 'tenant', 'customer');
SELECT flowcustomer.customer_merge('$tenant', 'kept', '{"mergeFromCustomerUid": "merged"}');
SELECT flowcustomer.customer_merge('$tenant', 'kept', '{"mergeFromCustomerUid": "back"}');
SELECT flowcustomer.customer_merge_undo('$tenant', merge_uid) FROM flowcustomer.merge WHERE tenant_uid = '$tenant' AND duplicate_uid = 'back';
SELECT flowcustomer.retention_put('$tenant', '{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 5}');
SELECT flowcustomer.customer_hold_put('$tenant', 'kept', '{"reason": "Sak \\"7\\"\\n; ø"}');
SELECT flowcustomer.customer_hold_put('$tenant', 'back', '{"holdUid": "h", "reason": "until", "until": "2090-01-01T00:00:00Z"}');
SELECT flowcustomer.customer_erase('$tenant', 'kept', '{"reason": "asked", "whenPossible": true}');
SELECT flowcustomer.tenant_put('$tenant', '{"accessLog": true}');
SELECT flowcustomer.customer_get('$tenant', 'kari'), flowcustomer.customer_export('$tenant', 'kari');
SELECT flowcustomer.tenant_put('$tenant', '{"accessLog": false}');
DO \$\$ BEGIN
	IF to_regrole('till') IS NULL THEN
		CREATE ROLE till;
		CREATE ROLE http;
	END IF;
END \$\$;
SELECT flowcustomer.grant_access('till', '$tenant', '{CUSTOMER}');
SELECT flowcustomer.grant_authenticator('http');
SQL
}

# In every database: answers() calls every function that reads, with every
# value there is for its arguments; stored() is what the tables hold.  Sessions
# of all kinds have to see the same, so nothing of it depends on settings.
my $recorders = <<'SQL';
CREATE FUNCTION public.answers() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	f record;
	call text;
	answer text;
BEGIN
	CREATE TEMP TABLE IF NOT EXISTS known (tenant text, argument text, value text);
	TRUNCATE known;
	INSERT INTO known
	SELECT tenant_uid, 'tenant_uid', tenant_uid FROM flowcustomer.tenant
	UNION ALL SELECT tenant_uid, 'customer_uid', customer_uid FROM flowcustomer.customer
	UNION ALL SELECT tenant_uid, 'duplicate_uid', customer_uid FROM flowcustomer.customer
	UNION ALL SELECT tenant_uid, 'contact_uid', contact_uid FROM flowcustomer.contact
	UNION ALL SELECT tenant_uid, 'group_uid', group_uid FROM flowcustomer.customer_group
	UNION ALL SELECT tenant_uid, 'store_uid', store_uid FROM flowcustomer.store
	UNION ALL SELECT tenant_uid, 'consent_uid', consent_uid FROM flowcustomer.consent
	UNION ALL SELECT tenant_uid, 'at', '2090-01-01 00:00:00+00' FROM flowcustomer.tenant
	UNION ALL SELECT tenant_uid, 'body', '{"query": "a"}' FROM flowcustomer.tenant;
	FOR f IN
		SELECT p.oid, proname, proargnames[1:pronargs - pronargdefaults] AS arguments
		FROM pg_proc p
		WHERE pronamespace = 'flowcustomer'::regnamespace AND proargnames[1] = 'tenant_uid'
			-- what can be recorded is volatile, although it only reads
			AND (provolatile = 's' OR proname IN (SELECT function_name FROM flowcustomer.operations() WHERE permissions = ''))
		ORDER BY proname
	LOOP
		FOR call IN
			WITH RECURSIVE calls (tenant, n, given) AS (
				SELECT tenant_uid, 0, '' FROM flowcustomer.tenant
				UNION ALL
				SELECT c.tenant, n + 1, format('%s%s => %L', nullif(given, '') || ', ', argument, value)
				FROM calls c JOIN known k ON k.tenant = c.tenant AND k.argument = f.arguments[n + 1]
			)
			SELECT given FROM calls WHERE n = cardinality(f.arguments) ORDER BY given COLLATE "C"
		LOOP
			BEGIN
				EXECUTE format('SELECT flowcustomer.%I(%s)::text', f.proname, call) INTO answer;
			EXCEPTION WHEN OTHERS THEN
				answer := SQLSTATE || ' ' || SQLERRM;
			END;
			RETURN NEXT format('%s(%s): %s', f.proname, call, replace(answer, E'\n', ' '));
		END LOOP;
		IF NOT FOUND THEN
			RETURN NEXT format('%s cannot be called: %s', f.proname, f.arguments);
		END IF;
	END LOOP;
	RETURN QUERY
		SELECT format('every sort of %s by %s: %s', tenant_uid, json_name,
					  flowcustomer.customer_list(tenant_uid, sort_by => json_name, sort_direction => 'DESC'))
		FROM flowcustomer.tenant, flowcustomer.fields()
		WHERE resource = 'customer' AND json_name IN ('customerUid', 'displayName', 'externalId', 'city', 'customerType', 'credit.limit')
		ORDER BY tenant_uid, json_name;
END $$;
CREATE FUNCTION public.stored() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	t regclass;
BEGIN
	FOR t IN SELECT c.oid FROM pg_class c WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r' ORDER BY relname
	LOOP
		RETURN QUERY EXECUTE format('SELECT %L || '': '' || row_to_json(r)::text FROM %s r ORDER BY row_to_json(r)::text COLLATE "C"', t, t);
	END LOOP;
END $$;
SQL

sub answers
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SET client_min_messages = error; SELECT answers();');
}

sub stored
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SELECT stored();');
}

# Compares two long texts by their lines; shows the first that differs.
sub same_lines
{
	my ($got, $expected, $name) = @_;
	my @got      = split /\n/, $got;
	my @expected = split /\n/, $expected;

	for my $i (0 .. ($#got > $#expected ? $#got : $#expected))
	{
		my $line = $i <= $#got ? $got[$i] : 'nothing';
		my $right = $i <= $#expected ? $expected[$i] : 'nothing';

		return is($line, $right, "$name: line " . ($i + 1)) if $line ne $right;
	}
	return pass($name);
}

$origin->safe_psql('postgres', 'CREATE DATABASE origin');
$origin->safe_psql('origin', $recorders);
$origin->safe_psql('origin', 'CREATE EXTENSION flowcustomer CASCADE');

# ---------------------------------------------------------------------------
# What pg_dump is told
# ---------------------------------------------------------------------------

is($origin->safe_psql('origin', <<'SQL'), '', 'every table and sequence of the extension is marked for pg_dump');
SELECT c.oid::regclass
FROM pg_depend d
JOIN pg_class c ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE e.extname = 'flowcustomer' AND d.deptype = 'e' AND c.relkind IN ('r', 'p', 'S')
	AND c.oid <> ALL (coalesce(e.extconfig, '{}'))
ORDER BY 1;
SQL
is($origin->safe_psql('origin', <<'SQL'), '', 'no table of the schema stands outside the extension');
SELECT c.oid::regclass FROM pg_class c
WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'p', 'S', 'm', 'f')
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e');
SQL
is($origin->safe_psql('origin', <<'SQL'), '', 'every table is dumped whole');
SELECT unnest(extconfig)::regclass, unnest(extcondition) FROM pg_extension
WHERE extname = 'flowcustomer' AND extcondition <> array_fill(''::text, ARRAY[cardinality(extconfig)]);
SQL

# ---------------------------------------------------------------------------
# An extension that holds nothing
# ---------------------------------------------------------------------------

my $empty = "$dumps/empty.dump";
$origin->command_ok([ 'pg_dump', '-Fc', '-f', $empty, $origin->connstr('origin') ], 'dump of an empty extension');
$target->safe_psql('postgres', 'CREATE DATABASE empty');
$target->command_ok([ 'pg_restore', '--exit-on-error', '-d', $target->connstr('empty'), $empty ], 'it restores');
is(stored($target, 'empty'), '', 'and is empty');
$target->safe_psql('empty', fill('first', 'false'));
is( $target->safe_psql('empty', q{SELECT flowcustomer.customer_list('first') #>> '{paging,totalCount}'}),
	'8', 'and can be used');

# ---------------------------------------------------------------------------
# Two tenants with everything
# ---------------------------------------------------------------------------

$origin->safe_psql('origin', fill('first', 'false'));
$origin->safe_psql('origin', fill('second', 'true'));
$origin->safe_psql('origin', <<'SQL');
SELECT flowcustomer.customer_create('second', '{"customerUid": "odd", "customerType": "PERSON", "email": "not an address", "mobile": "call me", "postalCode": "?"}');
SELECT flowcustomer.customer_batch('second', (SELECT json_build_object('create', json_agg(json_build_object(
	'customerType', 'PERSON', 'customerUid', 'c' || n, 'lastname', 'Nr ' || n, 'externalId', 'X' || n % 7, 'customerGroupUids', '["club"]'::json)))
	FROM generate_series(1, 60) AS n));
SELECT flowcustomer.customer_create('second', ('{"customerUid": "twin' || n || '", "customerType": "PERSON", "firstname": "Solveig", "lastname": "Tvilling", "mobile": "+4790000009", "address": "Solveien 9", "postalCode": "0150"}')::json)
FROM generate_series(1, 3) AS n;
CALL flowcustomer.merge_duplicates('second', 0.5, true);
SELECT flowcustomer.customer_duplicate_dismiss('second', 'twin1', 'twin2', 'twins');
SQL

my $answers = answers($origin, 'origin');
my $position = $origin->safe_psql('origin', q{SELECT flowcustomer.changes('first', NULL, 1000) ->> 'lastPosition'});
my $stored  = stored($origin, 'origin');

is($origin->safe_psql('origin', <<'SQL'), 'external_id_claim', 'every table has rows, but the one that is empty between transactions');
SELECT relname FROM pg_class
WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r'
	AND query_to_xml(format('SELECT FROM %s LIMIT 1', oid::regclass), true, false, '')::text !~ '<row'
ORDER BY 1
SQL
unlike($answers, qr/cannot be called/, 'every function that reads was called');
# a customer is not its own duplicate
# and a build without barcodes draws no cards
unlike($answers, qr/^(?!customer_duplicate_explain|customer_card)\w+\(.*?\): (?!PT404)[0-9A-Z]{5} /m, 'and answered, or said that there is no such thing');
unlike($answers, qr/^customer_duplicate_explain\(.*?\): (?!PT404|PT400 duplicateUid )[0-9A-Z]{5} /m, 'so was what explains two');
my $reads = () = $answers =~ /: \{/g;
unlike($answers, qr/^customer_card_\w+\(.*?\): (?!PT404|PT501)[0-9A-Z]{5} /m, 'so were cards');
cmp_ok($reads, '>', 350, "with $reads documents");

# pg_dump's options, and what brings the result into a new database.
my %kinds = (
	'custom' => {
		dump    => [ [ '-Fc', '-f', "$dumps/custom" ] ],
		restore => [ [ 'pg_restore', '--exit-on-error', "$dumps/custom" ] ],
	},
	'directory' => {
		dump    => [ [ '-Fd', '-j', '2', '-f', "$dumps/directory" ] ],
		restore => [ [ 'pg_restore', '--exit-on-error', "$dumps/directory" ] ],
	},
	# pg_restore does not know in which order the foreign keys of an extension's
	# tables want the data, so with several jobs they have to be off.
	'directory, two jobs' => {
		dump    => [ [ '-Fd', '-f', "$dumps/jobs" ] ],
		restore => [ [ 'pg_restore', '--exit-on-error', '-j', '2', "$dumps/jobs" ] ],
		options => '-c session_replication_role=replica',
	},
	'plain' => {
		dump    => [ [ '-f', "$dumps/plain.sql" ] ],
		restore => [ [ 'psql', '-f', "$dumps/plain.sql" ] ],
	},
	'plain --inserts' => {
		dump    => [ [ '--inserts', '-f', "$dumps/inserts.sql" ] ],
		restore => [ [ 'psql', '-f', "$dumps/inserts.sql" ] ],
	},
	'schema-only and data-only' => {
		dump    => [ [ '--schema-only', '-f', "$dumps/schema.sql" ], [ '--data-only', '-Fc', '-f', "$dumps/data" ] ],
		restore => [ [ 'psql', '-f', "$dumps/schema.sql" ], [ 'pg_restore', '--exit-on-error', '--data-only', "$dumps/data" ] ],
	},
	'custom over a database in use' => {
		dump    => [ [ '-Fc', '-f', "$dumps/again" ] ],
		restore => [ [ 'pg_restore', '--exit-on-error', '--clean', '--if-exists', "$dumps/again" ] ],
		before  => $recorders . 'CREATE EXTENSION flowcustomer CASCADE;' . fill('other', 'false'),
	});

my $number = 0;
for my $kind (sort keys %kinds)
{
	my $steps = $kinds{$kind};
	my $db = 'restored' . ++$number;

	for my $options (@{ $steps->{dump} })
	{
		$origin->command_ok([ 'pg_dump', @$options, $origin->connstr('origin') ], "$kind: dump");
	}
	$target->safe_psql('postgres', "CREATE DATABASE $db");
	$target->safe_psql($db, $steps->{before}) if $steps->{before};
	for my $step (@{ $steps->{restore} })
	{
		my ($program, @options) = @$step;

		local $ENV{PGOPTIONS} = $steps->{options} // '';
		unshift @options, '-X', '-q', '-v', 'ON_ERROR_STOP=1' if $program eq 'psql';
		$target->command_ok([ $program, '-d', $target->connstr($db), @options ], "$kind: restore");
	}

	same_lines(answers($target, $db), $answers, "$kind: the same answers");
	same_lines(stored($target, $db), $stored, "$kind: the same rows");

	my ($status, $stdout, $stderr) = $target->psql($db, 'DROP EXTENSION flowcustomer');
	isnt($status, 0, "$kind: the extension cannot be dropped");
	like($stderr, qr/cannot drop extension flowcustomer because other objects depend on it/, "$kind: because of what it holds");

	# Writing goes on, and the totals go with it.
	is($target->safe_psql($db, <<'SQL'), "8|3|3|3\n9|4|4|4\n7|3|3|2", "$kind: totals move on");
CREATE VIEW totals AS
SELECT flowcustomer.customer_list('first') #>> '{paging,totalCount}' AS customers,
	flowcustomer.customer_group_customer_list('first', 'club') #>> '{paging,totalCount}' AS members,
	flowcustomer.customer_group_customer_list('first', 'staff') #>> '{paging,totalCount}' AS staff,
	flowcustomer.contact_list('first') #>> '{paging,totalCount}' AS contacts;
TABLE totals;
SELECT FROM flowcustomer.customer_create('first', '{"customerUid": "new", "customerType": "PERSON", "externalId": "N", "customerGroupUids": ["club", "staff"]}');
SELECT FROM flowcustomer.contact_create('first', '{"customerContactUid": "new", "firstname": "New", "lastname": "Contact", "customers": [{"customerUid": "new"}]}');
TABLE totals;
SELECT FROM flowcustomer.customer_batch('first', '{"upsert": [{"externalId": "N", "city": "Bergen"}], "delete": [{"customerUid": "z-company"}, {"customerUid": "bare"}]}');
SELECT FROM flowcustomer.contact_delete('first', 'ola');
SELECT FROM flowcustomer.contact_delete('first', 'eva');
TABLE totals;
SQL
	is( $target->safe_psql($db, <<'SQL'), "Bergen|Kari|m-department|-242|Larvik", "$kind: changes are made");
SELECT FROM flowcustomer.customer_update('first', 'kari', '{"firstname": "Kari"}');
SELECT FROM flowcustomer.customer_address_put('first', 'kari', '{"customerAddressUid": "home", "city": "Larvik"}');
SELECT FROM flowcustomer.tenant_put('first', '{"lenient": true}');
SELECT FROM flowcustomer.sales_order_put('first', '{"orderUid": "o1", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z",
	"orderTotals": {"grandTotal": 9900}, "settlements": [{"settlementCode": "INVOICE", "amount": 8}]}');
SELECT flowcustomer.customer_get('first', 'new') ->> 'city', k ->> 'firstname',
	flowcustomer.customer_get('first', 'a-department') ->> 'customerParentUid',
	k #>> '{credit,balance}', k #>> '{addresses,0,city}'
FROM flowcustomer.customer_get('first', 'kari') AS k;
SQL
	is($target->safe_psql($db, <<"SQL"), <<'ITEMS' =~ s/\n$//r, "$kind: who followed the feed before goes on");
SELECT concat_ws(' ', i ->> 'operation', i ->> 'entity', i ->> 'uid', i ->> 'fields') FROM json_array_elements(flowcustomer.changes('first', '$position') -> 'items') AS i;
SQL
CREATE CUSTOMER new []
CREATE CONTACT new []
UPDATE CUSTOMER new ["contacts"]
UPDATE CONTACT ola ["customers"]
DELETE CUSTOMER bare []
DELETE CUSTOMER z-company []
UPDATE CUSTOMER m-department ["customerParentUid"]
UPDATE CUSTOMER new ["city"]
UPDATE CUSTOMER a-department ["contacts"]
DELETE CONTACT ola []
UPDATE CUSTOMER kari ["contacts"]
UPDATE CUSTOMER b2b ["contacts"]
DELETE CONTACT eva []
UPDATE CUSTOMER kari ["firstname"]
UPDATE CUSTOMER kari ["addresses"]
UPDATE TENANT first ["lenient"]
UPDATE SALES_ORDER o1 ["createdAt"]
UPDATE CUSTOMER kari ["credit.balance"]
ITEMS
}

done_testing();
