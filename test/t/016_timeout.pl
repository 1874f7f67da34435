# Calls that are cancelled: they end soon wherever they are, leave nothing behind, and
# the session goes on as if they had not been.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "fsync = off\nmax_parallel_workers_per_gather = 0");
$node->start;
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('demo', '{"name": "Demo", "lenient": true}'),
	flowcustomer.organization_put('demo', '{"organizationUid": "o", "name": "O"}'),
	flowcustomer.store_put('demo', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "o"}'),
	flowcustomer.customer_group_create('demo', '{"customerGroupUid": "club", "name": "Club"}');
CREATE TABLE body (name text PRIMARY KEY, body json);
-- people who are alike in twos, so there is something to find and to merge
CREATE FUNCTION people(prefix text, n int) RETURNS json LANGUAGE sql AS $$
	SELECT json_agg(json_build_object('customerUid', prefix || i, 'customerType', 'PERSON', 'firstname', 'First' || i / 2 % 97,
		'lastname', 'Last' || i / 2 % 1009, 'email', format('a%s@example.com', i / 2), 'mobile', 90000000 + i / 2 || '', 'customerGroupUids', '["club"]'::json))
	FROM generate_series(1, n) AS i
$$;
CREATE FUNCTION orders(prefix text, n int, customer text) RETURNS json LANGUAGE sql AS $$
	SELECT json_agg(json_build_object('orderUid', prefix || i, 'customerUid', customer, 'storeUid', 'oslo', 'createdAt', '2025-07-30T18:12:05Z', 'orderTotals', '{"grandTotal": 100}'::json,
		'settlements', '[{"settlementCode": "INVOICE", "amount": 100}]'::json, 'items', (SELECT json_agg(json_build_object('name', repeat('x', 50))) FROM generate_series(1, 10))))
	FROM generate_series(1, n) AS i
$$;
SELECT flowcustomer.customer_batch('demo', json_build_object('create', people('c', 6000)));
SELECT flowcustomer.sales_order_batch('demo', orders('o', 3000, 'c1'));
INSERT INTO body VALUES ('create', json_build_object('create', people('n', 5000))),
	('update', (SELECT json_build_object('update', json_agg(json_build_object('customerUid', 'c' || i, 'firstname', 'Changed' || i))) FROM generate_series(1, 5000) AS i)),
	('delete', (SELECT json_build_object('delete', json_agg(json_build_object('customerUid', 'c' || i))) FROM generate_series(1, 5000) AS i)),
	('bad', (SELECT json_build_object('create', json_agg(json_build_object('customerUid', 'c' || i, 'customerType', 'PERSON'))) FROM generate_series(1, 5000) AS i)),
	('orders', orders('p', 3000, 'c2'));
SQL

# each in a transaction that is rolled back, so all begin alike
my %calls = (
	'batch that creates' => "flowcustomer.customer_batch('demo', (SELECT body FROM body WHERE name = 'create'))",
	'batch that updates' => "flowcustomer.customer_batch('demo', (SELECT body FROM body WHERE name = 'update'))",
	'batch that deletes' => "flowcustomer.customer_batch('demo', (SELECT body FROM body WHERE name = 'delete'))",
	'batch that is refused item by item' => "flowcustomer.customer_batch('demo', (SELECT body FROM body WHERE name = 'bad'))",
	'batch over HTTP' => "flowcustomer.http('POST', '/v2/tenants/demo/customers/batch', (SELECT body::text FROM body WHERE name = 'create'))",
	'batch of orders' => "flowcustomer.sales_order_batch('demo', (SELECT body FROM body WHERE name = 'orders'))",
	'merge' => "flowcustomer.customer_merge('demo', 'c2', '{\"mergeFromCustomerUid\": \"c1\"}')",
	'erasure' => "flowcustomer.customer_erase('demo', 'c1')",
	'export' => "length(flowcustomer.customer_export('demo', 'c1')::text)",
	'export as XML' => "length(flowcustomer.customer_export_xml('demo', 'c1')::text)",
	'look for duplicates' => "flowcustomer.customer_duplicates_refresh('demo')",
	'search that finds everything' => "flowcustomer.customer_search('demo', '{\"query\": \"first last\"}', page_size => 1000, sort_by => 'city')",
	'check' => "count(*) FROM flowcustomer.check_integrity('demo')",
);

srand(7);
my $rounds = 4;
my $longest = 0;
foreach my $name (sort keys %calls)
{
	my $begun = time;
	$node->safe_psql('postgres', "BEGIN; SELECT $calls{$name}; ROLLBACK;");
	my $whole = (time - $begun) * 1000;

	# one session: what a cancelled call leaves in it would show
	my $script = "SET flowcustomer.language = 'en';\n";
	for my $round (1 .. $rounds)
	{
		# long enough for what follows the call
		my $timeout = 10 + ($round == 1 ? 0 : int(rand($whole)));
		$script .= <<"SQL";
BEGIN;
SAVEPOINT s;
SELECT clock_timestamp() AS begun \\gset
SET LOCAL statement_timeout = $timeout;
SELECT $calls{$name} \\g /dev/null
ROLLBACK TO s;
SELECT 'took', extract(epoch FROM clock_timestamp() - :'begun') * 1000 - $timeout;
SELECT 'inside', flowcustomer.customer_create('demo', '{"customerUid": "inside", "customerType": "PERSON"}') ->> 'customerUid',
	flowcustomer.customer_list('demo') #>> '{paging,totalCount}';
SELECT 'session', current_user = session_user, current_setting('search_path'), current_setting('plan_cache_mode');
SELECT 'wrong', * FROM flowcustomer.check_integrity('demo');
ROLLBACK;
SQL
	}
	my ($status, $out, $errors) = $node->psql('postgres', $script, on_error_stop => 0);
	my @took = $out =~ /^took\|(-?[\d.]+)/mg;
	my $cancelled = () = $errors =~ /canceling statement due to statement timeout/g;
	is(scalar(() = $errors =~ /ERROR:/g), $cancelled, "$name: no other error than that it was cancelled");
	cmp_ok($cancelled, '>', 0, "$name: was cancelled");
	is(scalar(() = $out =~ /^inside\|inside\|6001$/mg), $rounds, "$name: what follows works, with the right total");
	is(scalar(() = $out =~ /^session\|t\|"\$user", public\|auto$/mg), $rounds, "$name: the session is as it was");
	unlike($out, qr/^wrong/m, "$name: nothing is left");
	my ($most) = sort { $b <=> $a } @took;
	$longest = $most if $most > $longest;
	cmp_ok($most, '<', 2000, "$name: it ends soon");
}
note sprintf('the slowest to end took %d ms more than it was given', $longest);
is($node->safe_psql('postgres', "SELECT count(*) FROM flowcustomer.check_integrity('demo')"), '0', 'everything is as it was');
is($node->safe_psql('postgres', "SELECT flowcustomer.customer_list('demo') #>> '{paging,totalCount}'"), '6000', 'with all its customers');

$node->stop;
done_testing();
