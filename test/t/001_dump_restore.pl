# pg_dump carries everything: a database restored from a dump, of whatever kind,
# answers as the one that was dumped, protects its data, and goes on counting.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use FlowcustomerTest;
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

$origin->safe_psql('postgres', 'CREATE DATABASE origin');
$origin->safe_psql('origin', RECORDERS);
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
$origin->safe_psql('origin', duplicates('second'));

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
	'plain --column-inserts, all or nothing' => {
		dump    => [ [ '--column-inserts', '--rows-per-insert=7', '-f', "$dumps/columns.sql" ] ],
		restore => [ [ 'psql', '--single-transaction', '-f', "$dumps/columns.sql" ] ],
	},
	'plain, schema-only and data-only, no triggers' => {
		dump => [ [ '--schema-only', '-f', "$dumps/schema2.sql" ], [ '--data-only', '--disable-triggers', '-f', "$dumps/data2.sql" ] ],
		restore => [ [ 'psql', '-f', "$dumps/schema2.sql" ], [ 'psql', '-f', "$dumps/data2.sql" ] ],
	},
	'sections' => {
		dump    => [ [ '-Ft', '-f', "$dumps/sections" ] ],
		restore => [ map { [ 'pg_restore', '--exit-on-error', "--section=$_", "$dumps/sections" ] } 'pre-data', 'data', 'post-data' ],
	},
	'schema-only and data-only' => {
		dump    => [ [ '--schema-only', '-f', "$dumps/schema.sql" ], [ '--data-only', '-Fc', '-f', "$dumps/data" ] ],
		restore => [ [ 'psql', '-f', "$dumps/schema.sql" ], [ 'pg_restore', '--exit-on-error', '--data-only', "$dumps/data" ] ],
	},
	'custom over a database in use' => {
		dump    => [ [ '-Fc', '-f', "$dumps/again" ] ],
		restore => [ [ 'pg_restore', '--exit-on-error', '--clean', '--if-exists', "$dumps/again" ] ],
		before  => RECORDERS . 'CREATE EXTENSION flowcustomer CASCADE;' . fill('other', 'false'),
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
	is(integrity($target, $db), '', "$kind: nothing is wrong");

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
UPDATE CUSTOMER m-department ["customerParentUid"]
DELETE CUSTOMER bare []
DELETE CUSTOMER z-company []
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
