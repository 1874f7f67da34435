# Queries that sqlsmith makes up, with our functions and tables anywhere in them, by a
# role that has access to a tenant: the server does not go down, no assertion fails, and
# no error is one that our library did not expect.
#
# FLOWCUSTOMER_SQLSMITH_QUERIES says how many, FLOWCUSTOMER_SEED which ones.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($sqlsmith) = grep { -x } map { "$_/sqlsmith" } split(/:/, $ENV{PATH}), '/usr/bin', '/usr/games';

plan skip_all => 'sqlsmith is not installed' if !$sqlsmith;

my $queries = $ENV{FLOWCUSTOMER_SQLSMITH_QUERIES} || 300;
my $seed = $ENV{FLOWCUSTOMER_SEED} // 1;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
# The line after an error in the log tells which code raised it.
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
log_line_prefix = '%e '
log_error_verbosity = verbose
track_functions = all
restart_after_crash = on
fsync = off
CONF
$node->start;

# A tenant with some of everything, and a role that may write our tables and nothing else,
# so what sqlsmith finds can't hurt the host.  It takes the functions that are in pg_proc:
# the one that it sees first has ours, and of PostgreSQL's those that only compute.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION flowcustomer CASCADE;
CREATE ROLE smith LOGIN;
CREATE SCHEMA seen;
GRANT ALL ON SCHEMA seen TO smith;
CREATE TABLE seen.directory (id text PRIMARY KEY, name text);
INSERT INTO seen.directory VALUES ('d1', 'Fjord AS'), ('d2', 'Kari Berg');
CREATE TABLE seen.points (tenant text, customer text, balance int, PRIMARY KEY (tenant, customer));
INSERT INTO seen.points SELECT 't', 'c' || n, n FROM generate_series(1, 20) AS n;
SELECT flowcustomer.tenant_put('t', '{"name": "T", "countryCode": "NO", "lenient": true, "accessLog": true}');
SELECT flowcustomer.organization_put('t', '{"organizationUid": "o", "name": "O"}');
SELECT flowcustomer.store_put('t', '{"storeUid": "s", "name": "S", "organizationUid": "o"}');
SELECT flowcustomer.tenant_user_put('t', '{"tenantUserUid": "u", "displayName": "U"}');
SELECT flowcustomer.consent_put('t', '{"consentUid": "news", "name": "News"}');
SELECT flowcustomer.printer_put('t', '{"printerUid": "p", "name": "P", "kind": "LABEL"}');
SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "g", "name": "G"}');
SELECT flowcustomer.customer_batch('t', json_build_object('create', json_agg(json_build_object('customerUid', 'c' || n, 'customerType', CASE n % 5 WHEN 0 THEN 'COMPANY' ELSE 'PERSON' END, 'firstname', 'Kari', 'lastname', 'Berg ' || n / 2,
	'companyName', 'Fjord', 'email', format('kari%s@example.com', n / 2), 'mobile', '912300' || n / 2 + 10, 'externalId', 'E-' || n, 'customerGroupUids', '["g"]'::json, 'consents', '[{"consentUid": "news", "status": true, "source": "web"}]'::json)))) FROM generate_series(1, 20) AS n;
SELECT flowcustomer.customer_address_put('t', 'c1', '{"customerAddressUid": "a", "type": "INVOICE_ADDRESS", "city": "Oslo"}');
SELECT flowcustomer.customer_extension_add('t', 'c1', 'TWO_INVOICE', '{"storeUid": "s"}');
SELECT flowcustomer.contact_create('t', json_build_object('customerContactUid', 'k' || n, 'firstname', 'Liv', 'lastname', 'Dahl', 'customers', json_build_array(json_build_object('customerUid', 'c' || n)))) FROM generate_series(1, 5) AS n;
SELECT flowcustomer.sales_order_put('t', json_build_object('orderUid', 'so' || n, 'customerUid', 'c' || n, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z', 'orderTotals', json_build_object('grandTotal', n), 'settlements', json_build_array())),
	flowcustomer.service_order_put('t', json_build_object('serviceOrderUid', 'sv' || n, 'customerUid', 'c' || n, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z', 'totals', json_build_object('grandTotal', n))) FROM generate_series(1, 5) AS n;
SELECT flowcustomer.external_customer_put('t', '{"customerUid": "x", "companyName": "Fjord AS"}');
SELECT flowcustomer.external_source_register('t', 'directory', 'seen.directory', '{"customerUid": "id", "companyName": "name"}');
SELECT flowcustomer.reference_register('seen.points', 'tenant', 'customer', 'SUM');
SELECT flowcustomer.customer_print('t', 'c1', '{"printerUid": "p"}');
SELECT flowcustomer.customer_hold_put('t', 'c2', '{"reason": "case 1"}'), flowcustomer.customer_erase('t', 'c2', '{"whenPossible": true}'), flowcustomer.customer_erase('t', 'c3');
SELECT flowcustomer.customer_merge('t', 'c6', '{"mergeFromCustomerUid": "c7"}'), flowcustomer.customer_merge('t', 'c8', '{"mergeFromCustomerUid": "c9"}');
SELECT flowcustomer.customer_duplicates_refresh('t'), flowcustomer.customer_duplicate_dismiss('t', 'c12', 'c13', 'sisters');
SELECT flowcustomer.grant_access('smith', 't', '{CUSTOMER,SALES_ORDER,ADMIN}');
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA flowcustomer TO smith;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA flowcustomer, seen TO smith;
SET ROLE smith;
CREATE VIEW seen.pg_proc AS
SELECT * FROM pg_catalog.pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace
UNION ALL
SELECT * FROM pg_catalog.pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'i' AND oid::bigint % 40 = 0
	AND prorettype = ANY ('{text,integer,bigint,boolean,json,jsonb,double precision,"timestamp with time zone","text[]"}'::regtype[]);
-- Most of what sqlsmith makes are tables in odd places, so there are some that call us.
CREATE VIEW seen.customer AS SELECT tenant_uid, customer_uid, flowcustomer.customer_get(tenant_uid, customer_uid) AS answer, flowcustomer.customer_hold_list(tenant_uid, external_id) AS holds FROM flowcustomer.customer;
CREATE VIEW seen.hit AS SELECT customer_uid, flowcustomer.customer_search(tenant_uid, json_build_object('query', display_name), length(city), 3) AS answer, flowcustomer.customer_find_similar(tenant_uid, row_to_json(c)) AS similar FROM flowcustomer.customer AS c;
CREATE VIEW seen.written AS SELECT customer_uid, flowcustomer.customer_update(tenant_uid, customer_uid, json_build_object('city', email)) AS answer, flowcustomer.changes(tenant_uid) AS changes FROM flowcustomer.customer;
CREATE VIEW seen.preview AS
SELECT a.customer_uid, b.customer_uid AS duplicate_uid, flowcustomer.customer_merge_preview(a.tenant_uid, a.customer_uid, json_build_object('mergeFromCustomerUid', b.customer_uid)) AS answer, flowcustomer.customer_export_xml(b.tenant_uid, b.customer_uid)::text AS document
FROM flowcustomer.customer AS a JOIN flowcustomer.customer AS b ON a.last_modified_at <= b.last_modified_at;
CREATE VIEW seen.request AS SELECT c.customer_uid, h.status, h.headers, h.body FROM flowcustomer.customer AS c, flowcustomer.http('PUT', '/v2/tenants/t/customers/' || c.customer_uid, '{"internalNote": "x"}') AS h;
CREATE VIEW seen.pair AS SELECT * FROM flowcustomer.customer_duplicates('t', 0.05);
CREATE VIEW seen.normal AS
SELECT flowcustomer.normalize_mobile(display_name) AS mobile, flowcustomer.normalize_email(email) AS email, flowcustomer.normalize_postal_code(external_id, country_code) AS postal_code, flowcustomer.search_score(search_text, display_name) AS score FROM flowcustomer.customer;
RESET ROLE;
ALTER ROLE smith SET search_path = seen, pg_catalog, public;
-- Operators of types that no value has; sqlsmith tries them in vain, far too often.
SET allow_system_table_mods = on;
DELETE FROM pg_operator WHERE '{anyrange,anymultirange,anyenum}'::regtype[] && ARRAY[oprleft, oprright]::regtype[];
SQL

$node->safe_psql('postgres', 'SELECT pg_stat_reset()');
my $log_before = -s $node->logfile;
my $status = IPC::Run::run(
	[ $sqlsmith, '--exclude-catalog', "--max-queries=$queries", "--seed=$seed", '--target=' . $node->connstr('postgres') . ' user=smith' ],
	'>', \my $out, '2>', \my $err, IPC::Run::timeout(60 + $queries + $PostgreSQL::Test::Utils::timeout_default));

ok($status, "sqlsmith made $queries queries with the seed $seed") or diag($err);

my $log = slurp_file($node->logfile, $log_before);
my @down = grep { /TRAP:|PANIC:|was terminated by/ } split(/\n/, $log);
is(join("\n", @down), '', "the server did not go down, seed $seed");

# Our library's own errors among those in a log that nobody should ever see: the line
# after tells the file and the function, which have to be compiled into our library.
my $library = slurp_file($node->safe_psql('postgres', q{SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'}) . '/flowcustomer.so');
my %states;

sub unexpected
{
	my (@lines) = split /\n/, shift;
	my ($message, @found);

	for my $line (@lines)
	{
		if ($line =~ /^(\w{5}) ERROR:  \w{5}: (.*)/)
		{
			$states{$1}++;
			$message = $1 eq 'XX000' ? $2 : undef;
		}
		elsif (defined $message && $line =~ /^XX000 LOCATION:  (\w+), (\w+\.c):\d+/)
		{
			my ($function, $file) = ($1, $2);

			push @found, "$message ($function, $file)" if $library =~ /\0\Q$function\E\0/ && $library =~ m{[/\0]\Q$file\E\0};
			$message = undef;
		}
	}
	return join("\n", @found);
}
is(unexpected($log), '', "our library raised no error that it did not expect, seed $seed");
note('errors: ' . join(', ', map { "$_ $states{$_}" } sort keys %states));

# It did call us.
my $called = $node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_user_functions WHERE schemaname = 'flowcustomer' AND calls > 0});
cmp_ok($called, '>=', 5, "$called of our functions were called");
is($node->safe_psql('postgres', q{SELECT flowcustomer.customer_list('t') #>> '{paging,totalCount}', count(*) FROM flowcustomer.customer}), '18|18', 'nothing has changed');
is($node->safe_psql('postgres', q{SELECT * FROM flowcustomer.check_integrity('t')}), '', 'and the data fit together');

# Such an error is found: somebody declares one of our functions wrongly.
$log_before = -s $node->logfile;
$node->psql('postgres', <<'SQL', on_error_stop => 0);
CREATE FUNCTION wrong(text, text, text, json) RETURNS integer AS 'flowcustomer', 'flowcustomer_http' LANGUAGE C;
SELECT wrong('', '', '', NULL);
SQL
is(unexpected(slurp_file($node->logfile, $log_before)), 'return type must be a row type (flowcustomer_http, api_http.c)', 'the check finds what is wrong');

done_testing();
