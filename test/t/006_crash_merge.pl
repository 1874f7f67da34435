# The server dies in the middle of merges, and of undoing them.  Afterwards each
# merge is there whole or not at all, nothing is lost, and calling again goes on
# where it was.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $people = 300;       # each of whom is there twice

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
checkpoint_timeout = 30s
max_wal_size = 64MB
restart_after_crash = on
CONF
$node->start;

$node->safe_psql('postgres', <<SQL);
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "T", "lenient": true}');
SELECT flowcustomer.organization_put('t', '{"organizationUid": "o", "name": "O"}');
SELECT flowcustomer.store_put('t', '{"storeUid": "s", "name": "S", "organizationUid": "o"}');
SELECT flowcustomer.consent_put('t', '{"consentUid": "news", "name": "News"}');
SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "g", "name": "G"}');
CREATE TABLE visit (tenant text, customer text, visit int, PRIMARY KEY (tenant, customer, visit));
SELECT flowcustomer.reference_register('visit', 'tenant', 'customer');
-- Everybody is there as a1 and b1, a2 and b2 and so on, each with something of all kinds.
SELECT flowcustomer.customer_batch('t', json_build_object('create', json_agg(json_build_object(
	'customerUid', side || n, 'customerType', 'PERSON', 'firstname', 'Kari', 'lastname', 'Nr ' || md5(n::text), 'mobile', '+479' || lpad(n::text, 7, '0'),
	'externalId', 'E-' || side || n, 'customerGroupUids', json_build_array('g'),
	'consents', json_build_array(json_build_object('consentUid', 'news', 'status', side = 'a', 'source', side)))))) ->> 'create'
FROM generate_series(1, $people) AS n, unnest(ARRAY['a', 'b']) AS side;
SELECT count(flowcustomer.customer_address_put('t', side || n, json_build_object('customerAddressUid', side || 'x', 'type', 'DELIVERY_ADDRESS', 'address', side || ' gate', 'city', 'Oslo')))
FROM generate_series(1, $people) AS n, unnest(ARRAY['a', 'b']) AS side;
SELECT count(flowcustomer.sales_order_put('t', json_build_object('orderUid', side || n || '-' || k, 'customerUid', side || n, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z',
	'orderTotals', json_build_object('grandTotal', n), 'settlements', json_build_array(json_build_object('settlementCode', 'INVOICE', 'amount', n + k)))))
FROM generate_series(1, $people) AS n, unnest(ARRAY['a', 'b']) AS side, generate_series(1, 5) AS k;
INSERT INTO visit SELECT 't', side || n, k + CASE side WHEN 'a' THEN 0 ELSE 10 END FROM generate_series(1, $people) AS n, unnest(ARRAY['a', 'b']) AS side, generate_series(1, 3) AS k;

-- What there has to be, for who was merged and who was not.
CREATE VIEW merged AS SELECT customer_uid AS uid FROM flowcustomer.customer_redirect;
CREATE VIEW owner AS
SELECT side || n AS uid, CASE WHEN side || n IN (SELECT uid FROM merged) THEN 'a' || n ELSE side || n END AS now, n, side
FROM generate_series(1, $people) AS n, unnest(ARRAY['a', 'b']) AS side;
CREATE VIEW expected AS
SELECT 'customer' AS kind, now AS customer, NULL AS key FROM owner WHERE uid = now
UNION ALL SELECT 'order', now, uid || '-' || k FROM owner, generate_series(1, 5) AS k
UNION ALL SELECT 'address', now, side || ' gate' FROM owner
UNION ALL SELECT 'consent', now, side FROM owner
UNION ALL SELECT DISTINCT 'member', now, 'g' FROM owner
UNION ALL SELECT 'visit', now, (k + CASE side WHEN 'a' THEN 0 ELSE 10 END)::text FROM owner, generate_series(1, 3) AS k
UNION ALL SELECT 'debt', now, sum(n + k)::text FROM owner, generate_series(1, 5) AS k GROUP BY now;
CREATE VIEW actual AS
SELECT 'customer' AS kind, customer_uid AS customer, NULL AS key FROM flowcustomer.customer
UNION ALL SELECT 'order', customer_uid, order_uid FROM flowcustomer.sales_order
UNION ALL SELECT 'address', customer_uid, address FROM flowcustomer.customer_address
UNION ALL SELECT 'consent', customer_uid, source FROM flowcustomer.customer_consent
UNION ALL SELECT 'member', customer_uid, group_uid FROM flowcustomer.customer_group_member
UNION ALL SELECT 'visit', customer, visit::text FROM visit
UNION ALL SELECT 'debt', customer_uid, credit_balance::text FROM flowcustomer.customer;
CREATE VIEW wrong AS
SELECT 'is not there' AS what, x::text FROM (SELECT * FROM expected EXCEPT ALL SELECT * FROM actual) AS x
UNION ALL SELECT 'is too much', x::text FROM (SELECT * FROM actual EXCEPT ALL SELECT * FROM expected) AS x
UNION ALL SELECT 'has a wrong total', t::text FROM (
	SELECT kind, sum(amount) AS amount FROM flowcustomer.total GROUP BY kind) AS t
	WHERE amount <> CASE kind WHEN 'customer' THEN (SELECT count(*) FROM flowcustomer.customer) WHEN 'member' THEN (SELECT count(*) FROM flowcustomer.customer_group_member) ELSE amount END
UNION ALL SELECT 'has a journal and no redirect, or the other way round', j::text FROM (
	SELECT duplicate_uid FROM flowcustomer.merge WHERE undone_at IS NULL) AS j FULL JOIN merged ON uid = duplicate_uid WHERE uid IS NULL OR duplicate_uid IS NULL;
SQL

# Starts what is to be killed.
sub start_work
{
	my ($sql) = @_;

	return IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-c', $sql ],
		'>', \my $out, '2>', \my $err);
}

# Waits until a number is beyond a limit.
sub wait_for
{
	my ($query, $limit) = @_;
	my $deadline = time() + 120;

	while ($node->safe_psql('postgres', $query) <= $limit)
	{
		die "the work got nowhere" if time() > $deadline;
		usleep(5_000);
	}
	return;
}

sub kill_backend
{
	my $pid = $node->safe_psql('postgres',
		q{SELECT pid FROM pg_stat_activity WHERE query ~ 'merge_duplicates|merge_undo' AND pid <> pg_backend_pid() LIMIT 1});

	kill 'KILL', $pid if $pid;
	$node->poll_query_until('postgres', 'SELECT true');
	return;
}

sub restart
{
	$node->stop('immediate');
	$node->start;
	return;
}

my $merged = 0;
my $run;
for my $death (1 .. 6)
{
	my $work = start_work(q{CALL flowcustomer.merge_duplicates('t', 0.5)});

	wait_for('SELECT count(*) FROM merged', $merged + 5);
	usleep(1000 * int(rand(40)));
	$death % 2 ? kill_backend() : restart();
	$work->finish;
	$merged = $node->safe_psql('postgres', 'SELECT count(*) FROM merged');
	cmp_ok($merged, '<', $people, "death $death: $merged are merged, and some are left");
	is($node->safe_psql('postgres', 'SELECT * FROM wrong'), '', "death $death: everything is there");
	is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE outcome = 'MERGED') || ' ' || max(r.done) || ' ' || count(DISTINCT i.run_uid) FROM flowcustomer.duplicate_run AS r JOIN flowcustomer.duplicate_run_item AS i USING (tenant_uid, run_uid)}),
		"$merged $merged 1", "death $death: the report has each of them, in one run");
}
is($node->psql('postgres', q{CALL flowcustomer.merge_duplicates('t', 0.5)}), 0, 'called again it comes to its end');
is($node->safe_psql('postgres', 'SELECT count(*) FROM merged'), $people, 'everybody is there once');
is($node->safe_psql('postgres', 'SELECT * FROM wrong'), '', 'and nothing is lost');

# Undoing dies too: each statement is a transaction of its own.
my $left = $people;
for my $death (1 .. 3)
{
	my $work = start_work(<<'SQL');
DO $$
DECLARE
	one record;
BEGIN
	FOR one IN SELECT merge_uid FROM flowcustomer.merge WHERE undone_at IS NULL ORDER BY merge_uid
	LOOP
		PERFORM flowcustomer.customer_merge_undo('t', one.merge_uid);
		COMMIT;
	END LOOP;
END
$$
SQL
	wait_for("SELECT $people - count(*) FROM merged", $people - $left + 5);
	usleep(1000 * int(rand(40)));
	$death % 2 ? kill_backend() : restart();
	$work->finish;
	$left = $node->safe_psql('postgres', 'SELECT count(*) FROM merged');
	cmp_ok($left, '>', 0, "undo, death $death: $left are left");
	is($node->safe_psql('postgres', 'SELECT * FROM wrong'), '', "undo, death $death: everything is where it was");
}

done_testing();
