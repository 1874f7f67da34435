# Readers follow the feed of changes while many write at the same time: each change
# that was committed is read once, none that was rolled back; on the primary, on a
# standby, and on the servers that the data moves to.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $writers = 5;
my $transactions = 60;		# of each writer

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C' ]);
$primary->append_conf('postgresql.conf', <<'CONF');
log_statement = none
max_connections = 40
max_prepared_transactions = 2
fsync = off
CONF
$primary->start;
$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "T"}');
-- Each change is that of a customer of its own.
CREATE FUNCTION make(VARIADIC uids text[]) RETURNS json LANGUAGE sql AS $$
	SELECT flowcustomer.customer_batch('t', json_build_object('create', json_agg(json_build_object('customerUid', uid, 'customerType', 'PERSON')))) FROM unnest(uids) AS uid
$$;
-- What one reader has read, in order.
CREATE TABLE read (reader text, n integer GENERATED ALWAYS AS IDENTITY, position text, uid text, operation text);
CREATE TABLE done (writer text);
CREATE PROCEDURE follow(reader text, size integer) LANGUAGE plpgsql AS $$
DECLARE
	answer json;
	place text := '';
	last boolean := false;
	polls integer := 0;
BEGIN
	LOOP
		polls := polls + 1;
		answer := flowcustomer.changes('t', place, size);
		INSERT INTO read (reader, position, uid, operation) SELECT follow.reader, i ->> 'position', i ->> 'uid', i ->> 'operation'
		FROM json_array_elements(answer -> 'items') WITH ORDINALITY AS e(i, n) ORDER BY n;
		place := answer ->> 'lastPosition';
		COMMIT;
		EXIT WHEN last AND json_array_length(answer -> 'items') = 0;
		last := EXISTS (SELECT FROM done WHERE writer = 'all');
		PERFORM pg_sleep(0.001);
	END LOOP;
	RAISE NOTICE '% polls', polls;
END $$;
SQL
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# What comes behind a position on a server: the new position, and the uids in order.
sub read_on
{
	my ($node, $position, $limit) = @_;
	my $answer = $node->safe_psql('postgres', <<SQL);
SELECT answer ->> 'lastPosition', (SELECT string_agg(i ->> 'uid', ' ' ORDER BY n) FROM json_array_elements(answer -> 'items') WITH ORDINALITY AS e(i, n))
FROM flowcustomer.changes('t', '$position', $limit) AS answer
SQL
	my ($last, $uids) = split /\|/, $answer;
	return ($last, split / /, $uids // '');
}

# The same until nothing comes any more.
sub read_all
{
	my ($node, $position, $limit) = @_;
	my @all;

	while (1)
	{
		my ($last, @uids) = read_on($node, $position, $limit);

		return ($position, @all) if !@uids;
		$position = $last;
		push @all, @uids;
	}
}

sub start_script
{
	my ($name, $script) = @_;
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/$name";

	open(my $out, '>', "$file.sql") or die $!;
	print $out $script;
	close $out;
	return IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $primary->connstr('postgres'), '-f', "$file.sql" ],
		'<', \undef, '>', "$file.out", '2>', "$file.err");
}

# ---------------------------------------------------------------------
# Many writers and some readers
# ---------------------------------------------------------------------

srand(7);

sub pause
{
	return sprintf("SELECT pg_sleep(%.4f);\n", rand(shift));
}

# Writes of one writer; uids that begin with "no-" are of what is undone.
my @expected;
my @scripts;

for my $writer (1 .. $writers)
{
	my $script = "SET flowcustomer.change_notify = " . ($writer % 2 ? 'off' : 'on') . ";\n";

	for my $i (1 .. $transactions)
	{
		my $uid = "w$writer-$i";
		my $kind = int(rand(6));

		if ($kind == 0)
		{
			$script .= "SELECT make('$uid-a', '$uid-b');\n";
			push @expected, "$uid-a", "$uid-b";
		}
		elsif ($kind == 1)
		{
			$script .= "BEGIN;\n" . pause(0.01) . "SELECT make('no-$uid');\n" . pause(0.03) . "ROLLBACK;\n";
		}
		elsif ($kind == 2)
		{
			$script .= "BEGIN;\nSELECT make('$uid-a');\nSAVEPOINT s;\n" . pause(0.02) . "SELECT make('no-$uid');\nROLLBACK TO s;\n" .
			  pause(0.02) . "SELECT make('$uid-b');\nCOMMIT;\n";
			push @expected, "$uid-a", "$uid-b";
		}
		else
		{
			# some have an id long before they write, some write long before they end
			$script .= "BEGIN;\n" . ($kind == 3 ? "SELECT pg_current_xact_id();\n" : '') . pause(0.03) . "SELECT make('$uid-a');\n" .
			  pause($kind == 4 ? 0.1 : 0.03) . "SELECT make('$uid-b', '$uid-c');\nCOMMIT;\n";
			push @expected, "$uid-a", "$uid-b", "$uid-c";
		}
	}
	push @scripts, $script;
}
# Some that begin at once and end very late.
push @scripts, "BEGIN;\nSELECT make('late-a');\nSELECT pg_sleep(1.5);\nSELECT make('late-b');\nCOMMIT;\n" . "BEGIN;\nSELECT pg_sleep(0.5);\nSELECT make('late-c');\nCOMMIT;\n",
  "BEGIN;\nSELECT make('no-late');\nSELECT pg_sleep(1);\nROLLBACK;\n";
push @expected, map { "late-$_" } qw(a b c);

my $n = 0;
my @readers = map { start_script("reader$_", "CALL follow('$_', $_);\n") } (1, 5, 1000);
my @running = map { $n++; start_script("writer$n", $_ . "INSERT INTO done VALUES ('$n');\n") } @scripts;
my ($position, @read) = ('');

my $deadline = time() + 60;

while (time() < $deadline && $primary->safe_psql('postgres', 'SELECT count(*) FROM done') < @scripts)
{
	my ($last, @uids) = read_on($standby, $position, 1 + int(rand(40)));

	$position = $last;
	push @read, @uids;
	usleep(2000);
}
$n = 0;
for my $writer (@running)
{
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/writer" . ++$n;

	ok($writer->finish, "writer $n did all it had to") or diag(slurp_file("$file.err"));
	unlike(slurp_file("$file.out"), qr/errorCode/, "writer $n had good answers");
}
$primary->safe_psql('postgres', q{INSERT INTO done VALUES ('all')});
$_->finish for @readers;
like(slurp_file("${PostgreSQL::Test::Utils::tmp_check}/reader$_.err"), qr/NOTICE:  \d{2,} polls$/, "reader $_ came to the end") for (1, 5, 1000);

my $committed = join "\n", sort @expected, 't';
is($primary->safe_psql('postgres', q{SELECT string_agg(customer_uid, E'\n' ORDER BY customer_uid COLLATE "C") FROM (SELECT customer_uid FROM flowcustomer.customer UNION ALL SELECT 't') AS c}),
	$committed, 'what was committed is there');
for my $reader (1, 5, 1000)
{
	is($primary->safe_psql('postgres', qq{SELECT string_agg(uid, E'\\n' ORDER BY uid COLLATE "C") FROM read WHERE reader = '$reader'}), $committed, "reader $reader read everything once");
	is($primary->safe_psql('postgres', qq{SELECT count(*) FROM (SELECT string_to_array(position, '.')::bigint[] <= lag(string_to_array(position, '.')::bigint[]) OVER (ORDER BY n) AS back FROM read WHERE reader = '$reader') AS r WHERE back}),
		'0', "reader $reader was never sent back");
}
cmp_ok(scalar(@read), '>', $writers * 5, 'the standby could be read meanwhile: ' . @read);
$primary->wait_for_catchup($standby);
($position, my @rest) = read_all($standby, $position, 100);
is(join("\n", sort @read, @rest), $committed, 'who reads on a standby has everything once');
is((read_all($primary, '', 333))[0], $position, 'the last position is that on the primary');
is($primary->safe_psql('postgres', 'SELECT string_agg(generation::text, $$,$$) FROM flowcustomer.change_generation'), '1', 'it is all of one generation');

# ---------------------------------------------------------------------
# A dump moves to another server
# ---------------------------------------------------------------------

# One reader has read everything, the other one is in the middle.
my @order = split /\n/, $primary->safe_psql('postgres', q{SELECT uid FROM read WHERE reader = '1' ORDER BY n});
my ($middle) = read_on($primary, '', 200);

my $restored = PostgreSQL::Test::Cluster->new('restored');
$restored->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$restored->append_conf('postgresql.conf', 'fsync = off');
$restored->start;
my $dump = "${PostgreSQL::Test::Utils::tmp_check}/dump";
$primary->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $primary->connstr('postgres') ], 'a dump');
$restored->command_ok([ 'pg_restore', '--exit-on-error', '-d', $restored->connstr('postgres'), $dump ], 'is restored');
is(join(' ', read_all($restored, $position, 10)), $position, 'nothing is new on a restored server');
is(join(' ', (read_all($restored, $middle, 10))[ 1 .. @order - 200 ]), join(' ', @order[ 200 .. $#order ]), 'who was in the middle goes on');
$restored->safe_psql('postgres', q{SELECT make('r1'); SELECT make('r2', 'r3')});
my $old = $primary->safe_psql('postgres', 'SELECT min(transaction_id) FROM flowcustomer.change');
is($restored->safe_psql('postgres', "SELECT count(*) > 0, min(transaction_id) < (SELECT max(transaction_id) FROM flowcustomer.change WHERE generation = 1) FROM flowcustomer.change WHERE generation = 2"),
	't|t', 'its transactions have lower ids');
my ($moved, @new) = read_all($restored, $position, 2);
is("@new", 'r1 r2 r3', 'who had read all reads what is written there');
(undef, @new) = read_all($restored, $middle, 100);
is("@new", join(' ', @order[ 200 .. $#order ], 'r1 r2 r3'), 'and who was in the middle comes there, too');
(undef, @new) = read_all($restored, '', 1000);
is("@new", join(' ', @order, 'r1 r2 r3'), 'or who begins anew');

# And back again to the first server, into another database.
$restored->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $restored->connstr('postgres') ], 'a dump of the restored');
$primary->safe_psql('postgres', 'CREATE DATABASE back');
$primary->command_ok([ 'pg_restore', '--exit-on-error', '-d', $primary->connstr('back'), $dump ], 'comes back');
is($primary->safe_psql('back', <<SQL), 'b1|1,2,3', 'there it is read on as well');
SELECT make('b1') AS answer \\gset
SELECT flowcustomer.changes('t', '$moved') #>> '{items,0,uid}', (SELECT string_agg(generation::text, ',' ORDER BY generation) FROM flowcustomer.change_generation);
SQL

# ---------------------------------------------------------------------
# A standby is promoted
# ---------------------------------------------------------------------

# One transaction is lost with the primary, another one was prepared and goes on.
$primary->safe_psql('postgres', q{SELECT make('p1')});
my $lost = start_script('lost', "BEGIN;\nSELECT make('no-lost');\nSELECT pg_sleep(60);\n");
$primary->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL});
$primary->safe_psql('postgres', q{SET flowcustomer.change_notify = off; BEGIN; SELECT make('prepared'); PREPARE TRANSACTION 'p'});
$primary->safe_psql('postgres', q{SELECT make('p2')});
$primary->wait_for_catchup($standby);
my ($promoted, @held) = read_all($standby, $position, 100);
is("@held", 'p1', 'what is open on the primary holds the feed up on the standby');
$primary->stop('immediate');
$lost->finish;
$standby->promote;
$standby->safe_psql('postgres', q{SELECT make('s1')});
my ($later, @promoted) = read_all($standby, $promoted, 100);
$standby->safe_psql('postgres', q{COMMIT PREPARED 'p'; SELECT make('s2')});
my ($end, @after) = read_all($standby, $later, 100);
is(join(' ', sort @promoted, @after), 'p2 prepared s1 s2', 'a promoted standby goes on without missing any');
(undef, @new) = read_all($standby, '', 1000);
is(join(' ', sort @new), join(' ', sort @expected, 't', 'p1', 'p2', 'prepared', 's1', 's2'), 'everything is there once');
is($standby->safe_psql('postgres', q{SELECT string_agg(generation || ' ' || split_part(server, '/', 2), ',' ORDER BY generation) FROM flowcustomer.change_generation}), '1 1,2 2', 'it began a generation');

done_testing();
