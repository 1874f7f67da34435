# The data on other servers while it is being written: a logical subscriber has
# every row and gives the same answers, and so does a hot standby, which refuses
# to write.  Either can take over: totals stay exact, and who followed the feed
# of changes goes on.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use FlowcustomerTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub configure
{
	my ($node, %params) = @_;

	$node->init(%params, extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
fsync = off
max_logical_replication_workers = 8
max_sync_workers_per_subscription = 4
max_worker_processes = 12
wal_retrieve_retry_interval = 100ms
CONF
	$node->start;
	return;
}

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
configure($publisher, allows_streaming => 'logical');
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
configure($subscriber);

$_->safe_psql('postgres', RECORDERS . <<'SQL') for $publisher, $subscriber;
CREATE EXTENSION flowcustomer CASCADE;
CREATE TABLE public.visit (tenant text, customer text, visited int, PRIMARY KEY (tenant, customer, visited));
SQL

# What the publisher has and answers, all of it, and whether another server does.
my ($stored, $answers);

sub look_at_publisher
{
	($stored, $answers) = (stored($publisher, 'postgres'), answers($publisher, 'postgres'));
	return;
}

sub same_as_publisher
{
	my ($node, $name) = @_;

	my $got = answers($node, 'postgres');
	my $expected = $answers;

	same_lines(stored($node, 'postgres'), $stored, "$name: the same rows");
	# a subscriber gets the feed in an order in which some of it could be missed
	if ($node->safe_psql('postgres', 'SELECT count(*) FROM pg_subscription') > 0)
	{
		my @refused = $got =~ /^changes\(.*\): (.*)$/mg;
		is(scalar(grep { !/^PT409 / } @refused), 0, "$name: the feed is refused");
		cmp_ok(scalar(@refused), '>', 0, "$name: for each tenant");
		s/^changes\(.*\n?//mg for $got, $expected;
	}
	same_lines($got, $expected, "$name: the same answers");
	is(integrity($node, 'postgres'), '', "$name: nothing is wrong");
	return;
}

sub cannot_be_dropped
{
	my ($node) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', 'DROP EXTENSION flowcustomer');

	return like($stderr, qr/cannot drop extension flowcustomer because other objects depend on it/, $node->name . ': what it holds is guarded');
}

# What comes in the feed behind a position: the last position, and which
# entities were changed how.
sub feed
{
	my ($node, $tenant, $position, $limit) = @_;
	my $answer = $node->safe_psql('postgres', <<SQL);
SELECT f ->> 'lastPosition', (SELECT string_agg(concat_ws(' ', i ->> 'operation', i ->> 'entity', i ->> 'uid'), ', ' ORDER BY n) FROM json_array_elements(f -> 'items') WITH ORDINALITY AS e(i, n))
FROM flowcustomer.changes('$tenant', '$position', $limit) AS f
SQL
	return split /\|/, $answer, 2;
}

# ---------------------------------------------------------------------------
# What is replicated
# ---------------------------------------------------------------------------

is($publisher->safe_psql('postgres', <<'SQL'), '', 'a primary key identifies the rows of every table to replicas');
SELECT c.oid::regclass, c.relreplident, i.indisvalid FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'p') AND (relreplident <> 'd' OR indisvalid IS NOT TRUE OR relpersistence <> 'p')
SQL
# Rows of other tables that follow customers have to come along.
$publisher->safe_psql('postgres', 'CREATE PUBLICATION customers FOR TABLES IN SCHEMA flowcustomer, TABLE public.visit');
is($publisher->safe_psql('postgres', <<'SQL'), '', 'every table of the extension is published, and nothing else of it');
SELECT tablename FROM pg_publication_tables WHERE pubname = 'customers' AND schemaname = 'flowcustomer'
EXCEPT SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r'
UNION ALL (SELECT relname FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r'
	EXCEPT SELECT tablename FROM pg_publication_tables WHERE pubname = 'customers')
SQL

# ---------------------------------------------------------------------------
# The first copy, and what comes after it
# ---------------------------------------------------------------------------

$publisher->safe_psql('postgres', fill('first', 'false'));
my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION customers CONNECTION '$connection' PUBLICATION customers");
$subscriber->wait_for_subscription_sync($publisher, 'customers');
$publisher->wait_for_catchup('customers');
# Rows are replicated, but neither roles, nor the view that guards the data: the
# first write makes it, and a subscriber does not write.
is(integrity($subscriber, 'postgres'), "first|GUARD_MISSING|tenant|first|drop_extension_guard\nfirst|ROLE_MISSING|access_grant|till|role_name", 'a subscriber tells what it lacks');
$subscriber->safe_psql('postgres', 'CREATE ROLE till; CREATE ROLE http');
is($subscriber->safe_psql('postgres', q{SELECT * FROM flowcustomer.repair('first')}), 'GUARD_MISSING|tenant|first|drop_extension_guard|t', 'repair makes the view');
cannot_be_dropped($subscriber);
look_at_publisher();
same_as_publisher($subscriber, 'first copy');

# A standby from now on.
$publisher->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($publisher, 'backup', has_streaming => 1);
$standby->start;

# All kinds of work.
$publisher->safe_psql('postgres', fill('second', 'true') . duplicates('second') . <<'SQL');
CALL flowcustomer.merge_duplicates('second', 0.5);
SELECT flowcustomer.customer_batch('first', '{
	"create": [{"customerUid": "made", "customerType": "PERSON", "firstname": "Made", "customerGroupUids": ["club"]}, {"customerUid": "twice", "customerType": "PERSON", "firstname": "Twice"}, {"customerUid": "bad uid", "customerType": "PERSON"}],
	"update": [{"customerUid": "kari", "firstname": "Kari", "city": "Bergen"}, {"customerUid": "b2b", "externalId": "E-9"}],
	"upsert": [{"externalId": "E-9", "city": "Moss"}, {"externalId": "E-10", "customerType": "COMPANY", "companyName": "Upserted"}],
	"delete": [{"customerUid": "bare"}, {"customerUid": "z-company"}]}');
SELECT flowcustomer.customer_merge('first', 'made', '{"mergeFromCustomerUid": "back"}');
SELECT flowcustomer.customer_merge('first', 'made', '{"mergeFromCustomerUid": "twice"}');
SELECT flowcustomer.customer_merge_undo('first', merge_uid) FROM flowcustomer.merge WHERE tenant_uid = 'first' AND duplicate_uid = 'twice';
SELECT flowcustomer.sales_order_batch('first', '[{"orderUid": "o3", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 700}, "settlements": [{"settlementCode": "INVOICE", "amount": 700}]}, {"orderUid": "o4"}]');
SELECT flowcustomer.contact_update('first', 'ola', '{"email": "new@example.com"}');
SELECT flowcustomer.contact_delete('first', 'alone');
SELECT flowcustomer.customer_group_customer_update('first', 'staff', '{"addCustomerUids": ["made"], "removeCustomerUids": ["kari"]}');
SELECT flowcustomer.customer_group_delete('first', 'nobody');
SELECT flowcustomer.customer_hold_remove('first', 'kept', hold_uid) FROM flowcustomer.customer_hold WHERE tenant_uid = 'first' AND customer_uid = 'kept';
CALL flowcustomer.erase_due('first');
SELECT flowcustomer.customer_erase('first', 'kept') FROM flowcustomer.customer WHERE tenant_uid = 'first' AND customer_uid = 'kept' AND erased_at IS NULL;
BEGIN;
SELECT flowcustomer.customer_delete('second', 'c1');
SAVEPOINT s;
SELECT flowcustomer.customer_delete('second', 'c2');
ROLLBACK TO s;
SELECT flowcustomer.customer_update('second', 'c2', '{"city": "Kept"}');
COMMIT;
BEGIN;
SELECT flowcustomer.customer_create('second', '{"customerUid": "never", "customerType": "PERSON"}');
ROLLBACK;
SELECT flowcustomer.tenant_put('third', '{"name": "Comes"}');
SELECT flowcustomer.tenant_remove('third');
SELECT flowcustomer.tenant_put('fourth', '{"name": "Stays"}');
SELECT flowcustomer.changes_forget('second', now());
SELECT flowcustomer.customer_create('second', ('{"customerUid": "nils' || n || '", "customerType": "PERSON", "firstname": "Nils", "lastname": "Dobbel", "mobile": "+4790000010", "address": "Dobbelveien 1", "postalCode": "0150"}')::json)
FROM generate_series(1, 2) AS n;
SQL
is($publisher->safe_psql('postgres', <<'SQL'), 'city,city|erased|1|1|t', 'the work was done');
SELECT (SELECT string_agg(f, ',') FROM flowcustomer.customer, unnest(ARRAY['city']) AS f WHERE tenant_uid = 'first' AND city IN ('Bergen', 'Moss')),
	(SELECT 'erased' FROM flowcustomer.customer WHERE tenant_uid = 'first' AND customer_uid = 'kept' AND erased_at IS NOT NULL),
	(SELECT count(*) FROM flowcustomer.customer_redirect WHERE tenant_uid = 'second' AND survivor_uid LIKE 'twin%'),
	(SELECT count(*) FROM flowcustomer.change WHERE tenant_uid = 'second' AND operation = 'FORGET'),
	(SELECT max(generation) = 1 FROM flowcustomer.change_generation);
SQL
$publisher->wait_for_catchup('customers');
look_at_publisher();
same_as_publisher($subscriber, 'what came after');
is($subscriber->safe_psql('postgres', 'SELECT sum(apply_error_count + sync_error_count) FROM pg_stat_subscription_stats'), '0', 'the subscription met no error');

# ---------------------------------------------------------------------------
# A hot standby
# ---------------------------------------------------------------------------

$publisher->wait_for_catchup($standby, 'replay');
same_as_publisher($standby, 'hot standby');
# What writes down what it finds tells a reader what was found before.  On a
# subscriber it is up to the caller to read only, for what is written there
# meets what is still to come.
my $list = q{SELECT * FROM flowcustomer.customer_duplicates('second')};
like($publisher->safe_psql('postgres', $list), qr/^nils1\|nils2\|.*$/, 'somebody is there twice');
my $found = $publisher->safe_psql('postgres', $list);
$publisher->wait_for_catchup($standby, 'replay');
is($standby->safe_psql('postgres', $list), $found, 'a standby tells the same');
$publisher->wait_for_catchup('customers');
is($subscriber->safe_psql('postgres', "SET default_transaction_read_only = on; $list"), $found, 'and a subscriber');
same_lines(stored($subscriber, 'postgres'), stored($publisher, 'postgres'), 'which has the same rows as before');

# Everything that writes is refused.
my @writes = (
	[ 'POST', 'customers', '{"customerType": "PERSON"}' ],
	[ 'PUT', 'customers/kari', '{"city": "Oslo"}' ],
	[ 'DELETE', 'customers/kari', '' ],
	[ 'POST', 'customers/batch', '{"create": [{"customerType": "PERSON"}]}' ],
	[ 'POST', 'customers/made/merge', '{"mergeFromCustomerUid": "kari"}' ]);
for my $write (@writes)
{
	my ($method, $path, $body) = @$write;

	is($standby->safe_psql('postgres', "SELECT status, body::json ->> 'code' FROM flowcustomer.http('$method', '/v2/tenants/first/$path', nullif('$body', ''))"),
		'503|READ_ONLY', "a standby refuses $method $path");
}
my ($status, $stdout, $stderr) = $standby->psql('postgres', "\\set VERBOSITY verbose\nSELECT flowcustomer.customer_update('first', 'kari', '{\"city\": \"Oslo\"}')");
like($stderr, qr/ERROR:  25006: cannot execute SELECT FOR NO KEY UPDATE in a read-only transaction/, 'in SQL, too');
same_lines(stored($standby, 'postgres'), stored($publisher, 'postgres'), 'and nothing comes of it');

# ---------------------------------------------------------------------------
# The subscriber takes over
# ---------------------------------------------------------------------------

# One reader of the feed has come to its end, another one is in the middle.
my ($middle) = feed($publisher, 'first', '', 20);
my (undef, $rest) = feed($publisher, 'first', $middle, 1000);
my ($end) = feed($publisher, 'first', '', 1000);
my $xid = $publisher->safe_psql('postgres', 'SELECT max(transaction_id) FROM flowcustomer.change WHERE generation = 1');

$publisher->stop('fast');
# The server that sent is gone, so nothing can be tidied up there.
$subscriber->safe_psql('postgres', 'ALTER SUBSCRIPTION customers DISABLE; ALTER SUBSCRIPTION customers SET (slot_name = NONE); DROP SUBSCRIPTION customers');
is((feed($subscriber, 'first', $end, 1000))[1], '', 'nothing is new for who had read everything');
is((feed($subscriber, 'first', $middle, 1000))[1], $rest, 'who was in the middle goes on');

# Who has access is replicated, but not what it takes to call a function.
$subscriber->safe_psql('postgres', 'SELECT flowcustomer.access_renew()');

my $takeover = <<'SQL';
SELECT FROM flowcustomer.customer_create('first', '{"customerUid": "after", "customerType": "PERSON", "firstname": "After", "customerGroupUids": ["club"]}');
SELECT FROM flowcustomer.customer_update('first', 'kari', '{"city": "Larvik"}');
SELECT FROM flowcustomer.contact_delete('first', 'eva');
SELECT FROM flowcustomer.customer_delete('first', 'm-department');
SQL
my $news = 'CREATE CUSTOMER after, UPDATE CUSTOMER kari, UPDATE CUSTOMER b2b, DELETE CONTACT eva, UPDATE CUSTOMER a-department, DELETE CUSTOMER m-department';
my $totals = <<'SQL';
SELECT flowcustomer.customer_list('first') #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer WHERE tenant_uid = 'first'),
	flowcustomer.contact_list('first') #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.contact WHERE tenant_uid = 'first'),
	flowcustomer.customer_group_customer_list('first', 'club') #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer_group_member WHERE tenant_uid = 'first' AND group_uid = 'club'),
	flowcustomer.customer_group_list('first') #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer_group WHERE tenant_uid = 'first'),
	flowcustomer.customer_get('first', 'kari') ->> 'city'
SQL
for my $node ($subscriber, $standby)
{
	my $name = $node->name;

	$node->promote if $node == $standby;
	$node->safe_psql('postgres', $takeover);
	is($node->safe_psql('postgres', $totals), 't|t|t|t|Larvik', "$name: writes, and counts exactly");
	is(integrity($node, 'postgres'), '', "$name: nothing is wrong");
	is((feed($node, 'first', $end, 1000))[1], $news, "$name: who had read everything reads what is written there");
	is((feed($node, 'first', $middle, 1000))[1], "$rest, $news", "$name: who was in the middle comes there, too");
	is($node->safe_psql('postgres', q{SELECT string_agg(generation::text, ',' ORDER BY generation), count(DISTINCT server) FROM flowcustomer.change_generation}), '1,2|2', "$name: it began a generation");
	is($node->safe_psql('postgres', q{SET ROLE till; SELECT flowcustomer.customer_get('first', 'kari') ->> 'city'}), 'Larvik', "$name: who has access calls");
	cannot_be_dropped($node);
}
is($subscriber->safe_psql('postgres', "SELECT max(transaction_id) < $xid FROM flowcustomer.change WHERE generation = 2"), 't', 'although the subscriber\'s transactions have lower ids');

done_testing();
