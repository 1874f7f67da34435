# The server dies in the middle of batches.  Afterwards every batch whose answer
# a client had is there, each batch is there whole or not at all, and the totals
# are right.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $clients  = 2;
my $size     = 200;     # customers in a batch
my $steps    = 400;     # more than a client gets to before the server dies

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
# A checkpoint now and then, so that recovery has both to redo and to skip.
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
checkpoint_timeout = 30s
max_wal_size = 64MB
CONF
$node->start;

# Step k of a client is a batch that creates customers k-1 to k-$size, all in
# two groups, changes those of step k - 1, and deletes the first half of those
# of step k - 2; and a contact of one of them.
$node->safe_psql('postgres', <<SQL);
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "T"}');
SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "all", "name": "All"}');
CREATE FUNCTION uid(client int, step int, n int) RETURNS text LANGUAGE sql IMMUTABLE AS
\$\$ SELECT format('c%s-%s-%s', client, step, n) \$\$;
CREATE FUNCTION batch(client int, step int) RETURNS json LANGUAGE sql AS \$\$
	SELECT json_build_object(
		'create', json_agg(json_build_object('customerUid', uid(client, step, n), 'customerType', 'PERSON', 'lastname', 'Hansen',
											 'city', 'new', 'customerGroupUids', json_build_array('all', 'of-' || client))),
		'update', coalesce(json_agg(json_build_object('customerUid', uid(client, step - 1, n), 'city', 'changed')) FILTER (WHERE step > 1), '[]'),
		'delete', coalesce(json_agg(json_build_object('customerUid', uid(client, step - 2, n))) FILTER (WHERE step > 2 AND n <= $size / 2), '[]'))
	FROM generate_series(1, $size) AS n
\$\$;
CREATE FUNCTION contact(uid text, customer text) RETURNS json LANGUAGE sql AS \$\$
	SELECT json_build_object('customerContactUid', uid, 'firstname', 'F', 'lastname', 'L',
							 'customers', json_build_array(json_build_object('customerUid', customer)))
\$\$;
-- What there is after so many steps of a client.
CREATE FUNCTION should_be(client int, steps int) RETURNS TABLE (customer_uid text, city text) LANGUAGE sql AS \$\$
	SELECT uid(client, step, n), CASE step WHEN steps THEN 'new' ELSE 'changed' END
	FROM generate_series(1, steps) AS step, generate_series(1, $size) AS n
	WHERE n > $size / 2 OR step > steps - 2
\$\$;
CREATE VIEW wrong_totals AS
SELECT kind, owner_uid, coalesce(max(c.rows), 0) AS rows, coalesce(sum(t.amount), 0) AS total
FROM (SELECT 'customer', '', count(*) FROM flowcustomer.customer
	  UNION ALL SELECT 'contact', '', count(*) FROM flowcustomer.contact
	  UNION ALL SELECT 'group', '', count(*) FROM flowcustomer.customer_group
	  UNION ALL SELECT 'member', group_uid, count(*) FROM flowcustomer.customer_group_member GROUP BY group_uid
	 ) AS c (kind, owner_uid, rows)
FULL JOIN flowcustomer.total AS t USING (kind, owner_uid)
GROUP BY kind, owner_uid
HAVING coalesce(max(c.rows), 0) <> coalesce(sum(t.amount), 0);
SQL
for my $client (1 .. $clients)
{
	$node->safe_psql('postgres', qq{SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "of-$client", "name": "Of $client"}')});
}

# Starts a client that goes on from a step; its answers come into a file.
sub start_client
{
	my ($client, $from) = @_;
	my $script = '';

	for my $step ($from .. $steps)
	{
		$script .= "SELECT 'batch $step ' || flowcustomer.customer_batch('t', batch($client, $step));\n";
		$script .= "SELECT 'contact $step ' || (flowcustomer.contact_create('t', contact('k$client-$step', 'c$client-$step-1')) ->> 'customerContactUid');\n";
	}
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/client$client";
	open(my $out, '>', "$file.sql") or die $!;
	print $out $script;
	close $out;
	my $handle = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$file.sql" ],
		'>', "$file.out", '2>', "$file.err");
	return ($handle, "$file.out");
}

# What a client was told: the last batch and the last contact, and whether all
# answers were good ones.
sub read_answers
{
	my ($client, $file) = @_;
	my ($batch, $contact, $good) = (0, 0, 1);

	for my $line (split /\n/, slurp_file($file))
	{
		if ($line =~ /^batch (\d+) (.*)$/)
		{
			my ($step, $answer) = ($1, $2);
			my $updated = $step > 1 ? $size : 0;
			my $deleted = $step > 2 ? $size / 2 : 0;

			$batch = $step;
			$good = 0
			  if $answer ne
			  qq({"create":{"errors":[],"success":$size},"update":{"errors":[],"success":$updated},"upsert":{"errors":[],"success":0},"delete":{"errors":[],"success":$deleted}});
		}
		elsif ($line =~ /^contact (\d+) k$client-\1$/)
		{
			$contact = $1;
		}
		else
		{
			$good = 0;
		}
		diag("client $client was told: $line") unless $good;
		last unless $good;
	}
	return ($batch, $contact, $good);
}

my @done = (0) x ($clients + 1);

# How the server dies, and what brings it back.
my @deaths = (
	[
		'immediate shutdown',
		sub { $node->stop('immediate'); },
		sub { $node->start; }
	],
	[
		'a killed backend',
		sub {
			my $pid = $node->safe_psql('postgres',
				q{SELECT pid FROM pg_stat_activity WHERE query LIKE '%flowcustomer.c%' AND pid <> pg_backend_pid() ORDER BY query_start LIMIT 1});
			kill 'KILL', $pid;
		},
		sub { $node->poll_query_until('postgres', 'SELECT true'); }
	],
	[
		'immediate shutdown again',
		sub { $node->stop('immediate'); },
		sub { $node->start; }
	]);

$node->append_conf('postgresql.conf', 'restart_after_crash = on');
$node->reload;

for my $death (@deaths)
{
	my ($name, $kill, $revive) = @$death;
	my @running = map { [ $_, start_client($_, $done[$_] + 1) ] } 1 .. $clients;

	# Let every client get somewhere, then strike while they work.
	for my $client (1 .. $clients)
	{
		my $step = $done[$client] + 6;
		my $deadline = time() + 60;

		while ($node->safe_psql('postgres', "SELECT count(*) FROM flowcustomer.contact WHERE contact_uid = 'k$client-$step'") eq '0')
		{
			die "client $client got nowhere" if time() > $deadline || !$running[ $client - 1 ][1]->pumpable;
			usleep(20_000);
		}
	}
	usleep(1000 * int(rand(50)));
	$kill->();
	$_->[1]->finish for @running;
	$revive->();

	for my $run (@running)
	{
		my ($client, undef, $file) = @$run;
		my ($batch, $contact, $good) = read_answers($client, $file);

		ok($good, "$name: client $client had no answer but good ones");
		cmp_ok($batch, '<', $steps, "$name: client $client was at work, in step $batch");

		# The server may have done one thing more than it could say.
		my $steps_done = $node->safe_psql('postgres',
			"SELECT coalesce(max(split_part(customer_uid, '-', 2)::int), 0) FROM flowcustomer.customer WHERE customer_uid LIKE 'c$client-%'");
		ok($steps_done == $batch || $steps_done == $batch + 1, "$name: client $client was told of $batch batches, $steps_done are there");
		is($node->safe_psql('postgres', <<SQL), '0', "$name: every batch of client $client is there whole");
SELECT count(*)
FROM should_be($client, $steps_done) AS s
FULL JOIN (SELECT customer_uid, city FROM flowcustomer.customer WHERE customer_uid LIKE 'c$client-%') AS c USING (customer_uid)
WHERE s.city IS DISTINCT FROM c.city;
SQL
		is($node->safe_psql('postgres', <<SQL), '0', "$name: client $client\'s customers are in their groups");
SELECT count(*)
FROM (SELECT customer_uid, group_uid FROM flowcustomer.customer, unnest(ARRAY['all', 'of-$client']) AS group_uid WHERE customer_uid LIKE 'c$client-%') AS c
FULL JOIN (SELECT customer_uid, group_uid FROM flowcustomer.customer_group_member WHERE customer_uid LIKE 'c$client-%') AS m USING (customer_uid, group_uid)
WHERE c.customer_uid IS NULL OR m.customer_uid IS NULL;
SQL
		my $contacts = $node->safe_psql('postgres',
			"SELECT max(split_part(contact_uid, '-', 2)::int) || ' ' || count(*) FROM flowcustomer.contact WHERE contact_uid LIKE 'k$client-%'");
		my $next = $contact + 1;
		ok($contacts eq "$contact $contact" || $contacts eq "$next $next" && $next <= $steps_done,
			"$name: client $client was told of $contact contacts, and there are $contacts");
		$done[$client] = $steps_done;

		# The next run goes on after the batch that has no contact yet.
		$node->safe_psql('postgres',
			"SELECT flowcustomer.contact_create('t', contact('k$client-$steps_done', 'c$client-$steps_done-1'))")
		  if $contacts ne "$steps_done $steps_done";
	}
	is($node->safe_psql('postgres', 'SELECT * FROM wrong_totals'), '', "$name: totals are right");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM flowcustomer.external_id_claim'), '0', "$name: nothing is left over");
}

is( $node->safe_psql('postgres', q{SELECT flowcustomer.customer_list('t') #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer)}),
	't', 'the list counts what there is');

done_testing();
