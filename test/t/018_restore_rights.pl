# Who can dump and restore what, and what of it a dump does not carry: roles
# without superuser's rights, privileges, row security, things that somebody
# added to the extension's tables, and a dump of the whole cluster.  Where
# PostgreSQL refuses something to extensions, that is tested too, for
# doc/operations.md says so.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use FlowcustomerTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

sub start_node
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	$node->append_conf('postgresql.conf', "log_statement = none\nautovacuum = off\nfsync = off");
	$node->start;
	return $node;
}

my $origin = start_node('origin');
my $target = start_node('target');
my $dumps  = PostgreSQL::Test::Utils::tempdir();

# Runs a program, with whose rights and where given by the arguments before.
# Gives its exit status and what it complained about, without the statements.
sub run_as
{
	my ($role, $node, $db, $program, @options) = @_;
	my ($ignored, $output) = ('', '');

	local $ENV{PGUSER} = $role;
	unshift @options, '-d', $node->connstr($db) if $program eq 'pg_restore';
	unshift @options, '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db) if $program eq 'psql';
	push @options, $node->connstr($db) if $program eq 'pg_dump';
	IPC::Run::run([ $node->installed_command($program), @options ], '>', \$ignored, '2>', \$output);
	return ($? >> 8, $output);
}

sub works
{
	my ($name, @run) = @_;
	my ($status, $output) = run_as(@run);

	return is("$status $output", '0 ', $name);
}

# What stderr says of errors, each in a line of its own.
sub errors_of
{
	my ($output) = @_;
	return join("\n", $output =~ /ERROR:  (.*)/g);
}

sub query_as
{
	my ($role, $node, $db, $sql) = @_;
	return $node->safe_psql($db, $sql, extra_params => [ '-U', $role ]);
}

sub new_database
{
	my ($node, $db, $owner) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db OWNER $owner");
	return;
}

# The extension, made by a superuser and handed to a role that is none.
sub install_for_keeper
{
	my ($node, $db) = @_;

	query_as('installer', $node, $db, 'SET client_min_messages = warning; CREATE EXTENSION flowcustomer CASCADE; REASSIGN OWNED BY installer TO keeper;');
	return;
}

# Who may do what with the extension's objects, and whose they are.
my $privileges = <<'SQL';
SELECT concat_ws(' ', kind, name, owner::regrole, coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC'), privilege_type, is_grantable)
FROM (SELECT 'schema' AS kind, nspname::text AS name, nspowner AS owner, (aclexplode(nspacl)).* FROM pg_namespace WHERE nspname = 'flowcustomer'
	UNION ALL SELECT 'relation', relname, relowner, (aclexplode(relacl)).* FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'v')
	UNION ALL SELECT 'column', relname || '.' || attname, relowner, (aclexplode(attacl)).* FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'flowcustomer'::regnamespace AND attacl IS NOT NULL
	UNION ALL SELECT 'function', p.oid::regprocedure::text, proowner, (aclexplode(proacl)).* FROM pg_proc p WHERE pronamespace = 'flowcustomer'::regnamespace) AS granted
ORDER BY 1
SQL

# The other server gets them with the dump of the whole cluster.
$origin->safe_psql('postgres', <<'SQL');
CREATE ROLE installer SUPERUSER LOGIN;
CREATE ROLE keeper LOGIN;
CREATE ROLE reader LOGIN IN ROLE pg_read_all_data;
CREATE ROLE writer BYPASSRLS LOGIN IN ROLE pg_write_all_data;
CREATE ROLE clerk LOGIN;
CREATE ROLE clerks;
GRANT clerks TO clerk;
CREATE ROLE till LOGIN;
CREATE ROLE http LOGIN;
CREATE ROLE reporting LOGIN;
SQL

# ---------------------------------------------------------------------------
# The extension of somebody who is not a superuser
# ---------------------------------------------------------------------------

new_database($origin, 'origin', 'keeper');
install_for_keeper($origin, 'origin');
query_as('keeper', $origin, 'origin', RECORDERS . fill('first', 'false') . <<'SQL');
SELECT flowcustomer.tenant_put('second', '{"name": "Second"}');
SELECT flowcustomer.customer_create('second', '{"customerUid": "hidden", "customerType": "PERSON"}');
SQL
is($origin->safe_psql('origin', <<'SQL'), 'extension,function,relation,schema,type|keeper', 'everything of the extension is the keeper\'s, who has done all the work');
SELECT string_agg(DISTINCT kind, ',' ORDER BY kind), string_agg(DISTINCT owner::regrole::text, ',')
FROM (SELECT 'extension' AS kind, extowner AS owner FROM pg_extension WHERE extname = 'flowcustomer'
	UNION ALL SELECT 'schema', nspowner FROM pg_namespace WHERE nspname = 'flowcustomer'
	UNION ALL SELECT 'relation', relowner FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace
	UNION ALL SELECT 'function', proowner FROM pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace
	UNION ALL SELECT 'type', typowner FROM pg_type WHERE typnamespace = 'flowcustomer'::regnamespace) AS owned
SQL

# Privileges of others.  Who reports sees the tables, but his tenant's rows only.
query_as('keeper', $origin, 'origin', <<'SQL');
GRANT USAGE ON SCHEMA flowcustomer TO clerks;
GRANT EXECUTE ON FUNCTION flowcustomer.customer_get, flowcustomer.customer_list TO clerks;
GRANT EXECUTE ON FUNCTION flowcustomer.customer_create TO clerk WITH GRANT OPTION;
GRANT EXECUTE ON PROCEDURE flowcustomer.erase_due TO clerk;
GRANT SELECT ON flowcustomer.duplicate_run_item TO clerks;
GRANT SELECT (tenant_uid, customer_uid, city), UPDATE (city) ON flowcustomer.customer TO clerk;
SELECT flowcustomer.grant_access('reporting', 'first', '{}');
GRANT SELECT ON ALL TABLES IN SCHEMA flowcustomer TO reporting;
SQL
my $tenants = q{SELECT string_agg(DISTINCT tenant_uid, ',') FROM flowcustomer.customer};
is(query_as('reporting', $origin, 'origin', $tenants), 'first', 'row security keeps the other tenant from who reports');
$origin->safe_psql('origin', q{ALTER ROLE clerk IN DATABASE origin SET flowcustomer.language = 'sv'; ALTER DATABASE origin SET flowcustomer.max_page_size = 500});

my $answers = answers($origin, 'origin');
my $stored = stored($origin, 'origin');
my $granted = $origin->safe_psql('origin', $privileges);
is(scalar(() = $granted =~ / keeper clerks? /g), 10, 'there are privileges to carry');

# A database that is restored, whoever keeps the extension there.
sub is_restored
{
	my ($db, $name, %than) = @_;

	same_lines(answers($target, $db), $answers, "$name: the same answers") unless $than{answers_differ};
	same_lines(stored($target, $db), $stored, "$name: the same rows") unless $than{answers_differ};
	same_lines($target->safe_psql($db, $privileges), $granted, "$name: the same owners and privileges") unless $than{privileges_differ};
	my $wrong = integrity($target, $db);
	is(join(' ', $wrong =~ /^\w+\|(\w+)/mg), $than{unguarded} ? 'GUARD_MISSING GUARD_MISSING' : '', "$name: nothing else is wrong");

	return if $than{unguarded};
	my ($status, $stdout, $stderr) = $target->psql($db, 'DROP EXTENSION flowcustomer');
	like($stderr, qr/cannot drop extension flowcustomer because other objects depend on it/, "$name: what it holds is guarded");
	return;
}

# Work of the extension's owner, after everything else was looked at.  The policies
# are not in dumps: they came with the extension.
sub goes_on
{
	my ($role, $db, $name) = @_;

	query_as($role, $target, $db, 'SELECT flowcustomer.access_renew(); GRANT SELECT ON ALL TABLES IN SCHEMA flowcustomer TO reporting');
	is(query_as('reporting', $target, $db, $tenants), 'first', "$name: with row security, who reports sees his tenant only");
	is(query_as('till', $target, $db, q{SELECT flowcustomer.customer_get('first', 'b2b') ->> 'customerUid'}), 'b2b', "$name: who has access calls");
	is(query_as($role, $target, $db, <<'SQL'), '9|new', "$name: writing goes on");
SELECT FROM flowcustomer.customer_create('first', '{"customerUid": "new", "customerType": "PERSON", "firstname": "New"}');
SELECT l #>> '{paging,totalCount}', flowcustomer.customer_search('first', '{"query": "new"}') #>> '{items,0,customerUid}' FROM flowcustomer.customer_list('first') AS l;
SQL
	is(integrity($target, $db), '', "$name: nothing is wrong then");
	my ($status, $stdout, $stderr) = $target->psql($db, 'DROP EXTENSION flowcustomer');
	like($stderr, qr/cannot drop extension flowcustomer because other objects depend on it/, "$name: it is guarded");
	return;
}

# ---------------------------------------------------------------------------
# The whole cluster
# ---------------------------------------------------------------------------

# pg_dumpall makes the extension as the superuser who restores, whoever had it.
$origin->command_ok([ 'pg_dumpall', '--no-sync', '-d', $origin->connstr('postgres'), '-f', "$dumps/all.sql" ], 'pg_dumpall');
# It can't make the superuser who is there already.
my $user = $target->safe_psql('postgres', 'SELECT current_user');
my ($status, $output) = run_as($user, $target, 'postgres', 'psql', '-v', 'ON_ERROR_STOP=0', '-f', "$dumps/all.sql");
is("$status " . errors_of($output), qq{0 role "$user" already exists}, 'is restored');
is_restored('origin', 'pg_dumpall', privileges_differ => 1);
is($target->safe_psql('origin', <<'SQL'), 'flowcustomer.language=sv|500|t', 'with its roles and settings');
SELECT array_to_string(setconfig, ','), current_setting('flowcustomer.max_page_size'), pg_has_role('clerk', 'clerks', 'MEMBER')
FROM pg_db_role_setting WHERE setrole = 'clerk'::regrole;
SQL
# What others may do is there at once, but the extension is the superuser's.
my $others = sub { join("\n", map { s/ \S+ (?=clerks? )/ /r } grep { / clerks? / } split /\n/, shift) };
is($others->($target->safe_psql('origin', $privileges)), $others->($granted), 'others have their privileges');
is( $target->safe_psql('origin', q{SELECT extowner = 'installer'::regrole, extowner = 10 FROM pg_extension WHERE extname = 'flowcustomer'}),
	'f|t', 'the extension is that of the superuser who restored it');
my ($stdout, $stderr);
($status, $stdout, $stderr) = $target->psql('origin', q{SELECT flowcustomer.customer_get('first', 'kari')}, extra_params => [ '-U', 'keeper' ]);
isnt($status, 0, 'who kept it can\'t call it');
($status, $stdout, $stderr) = $target->psql('origin', 'REASSIGN OWNED BY CURRENT_USER TO keeper');
like($stderr, qr/required by the database system/, 'and the cluster\'s first superuser can\'t hand it over');

# ---------------------------------------------------------------------------
# One database, restored by superusers
# ---------------------------------------------------------------------------

works('the extension\'s owner makes a dump', 'keeper', $origin, 'origin', 'pg_dump', '-Fc', '-f', "$dumps/whole");
# Others need more than the right to read, when there is row security.
($status, $output) = run_as('reader', $origin, 'origin', 'pg_dump', '-Fc', '-f', "$dumps/reader");
like("$status " . errors_of($output), qr/^1 query would be affected by row-level security policy for table "\w+"$/, 'row security stops who may read everything');
$origin->safe_psql('postgres', 'ALTER ROLE reader BYPASSRLS');
works('but not who may bypass it', 'reader', $origin, 'origin', 'pg_dump', '-Fc', '-f', "$dumps/reader");
for my $dump ('whole', 'reader')
{
	new_database($target, "by_$dump", 'keeper');
	works("$dump: another superuser restores it", 'installer', $target, "by_$dump", 'pg_restore', '--exit-on-error', "$dumps/$dump");
	query_as('installer', $target, "by_$dump", 'REASSIGN OWNED BY installer TO keeper');
	is_restored("by_$dump", "$dump, handed over");
	goes_on('keeper', "by_$dump", "$dump, handed over");
}

# The extension alone, without whatever else the database has.
is(run_as('keeper', $origin, 'origin', 'pg_dump', '-n', 'flowcustomer', '-f', "$dumps/schema"), '', 'a dump of the schema alone ends well');
unlike(slurp_file("$dumps/schema"), qr/^(COPY|CREATE EXTENSION)/m, 'but has nothing of the extension, and no row');
works('a dump of the schema and its extensions', 'keeper', $origin, 'origin', 'pg_dump', '-n', 'flowcustomer', map({ ('-e', $_) } 'flowcustomer', 'pg_trgm', 'btree_gin'), '-Fc', '-f', "$dumps/alone");
new_database($target, 'alone', 'keeper');
works('it is restored', 'installer', $target, 'alone', 'pg_restore', '--exit-on-error', "$dumps/alone");
query_as('installer', $target, 'alone', 'REASSIGN OWNED BY installer TO keeper');
is($target->safe_psql('alone', q{SELECT to_regclass('visit') IS NULL}), 't', 'and has nothing but the extension');
$target->safe_psql('alone', RECORDERS);
same_lines(stored($target, 'alone'), $stored, 'the extension alone: the same rows');
is_restored('alone', 'the extension alone', answers_differ => 1);
goes_on('keeper', 'alone', 'the extension alone');

# ---------------------------------------------------------------------------
# Restored by somebody who is not a superuser
# ---------------------------------------------------------------------------

# Nobody but a superuser makes the extension, which is not trusted.
new_database($target, 'nothing', 'keeper');
($status, $output) = run_as('keeper', $target, 'nothing', 'pg_restore', '--exit-on-error', "$dumps/whole");
is("$status " . errors_of($output), '1 permission denied to create extension "flowcustomer"', 'the database\'s owner can\'t restore what has to make the extension');

# Whoever the extension belongs to can, when it is there.
new_database($target, 'kept', 'keeper');
install_for_keeper($target, 'kept');
works('the extension\'s owner restores into it', 'keeper', $target, 'kept', 'pg_restore', '--exit-on-error', "$dumps/whole");
is_restored('kept', 'the extension\'s owner');
goes_on('keeper', 'kept', 'the extension\'s owner');

# A second time it meets its own rows; in one transaction nothing comes of it.
my $before = $target->safe_psql('kept', 'SELECT md5(string_agg(s, $$,$$)) FROM stored() AS s');
($status, $output) = run_as('keeper', $target, 'kept', 'pg_restore', '--single-transaction', '--data-only', "$dumps/whole");
like("$status " . errors_of($output), qr/^1 duplicate key value violates unique constraint "\w+"$/, 'data over data is refused');
# Dropping it would not bring it back.
($status, $output) = run_as('keeper', $target, 'kept', 'pg_restore', '--single-transaction', '--clean', '--if-exists', "$dumps/whole");
is("$status " . errors_of($output), '1 permission denied to create extension "flowcustomer"', '--clean is not for who can\'t make the extension');
is($target->safe_psql('kept', 'SELECT md5(string_agg(s, $$,$$)) FROM stored() AS s'), $before, 'all that is there is as it was');

# Somebody else's extension: what is not its data is refused.
new_database($target, 'foreign_extension', 'keeper');
query_as('installer', $target, 'foreign_extension', 'SET client_min_messages = warning; CREATE EXTENSION flowcustomer CASCADE');
($status, $output) = run_as('keeper', $target, 'foreign_extension', 'pg_restore', '--single-transaction', "$dumps/whole");
is("$status " . errors_of($output), '1 must be owner of extension btree_gin', 'the database\'s owner can\'t restore into somebody else\'s extension');
($status, $output) = run_as('keeper', $target, 'foreign_extension', 'pg_restore', '--single-transaction', '--data-only', "$dumps/alone");
is("$status " . errors_of($output), '1 permission denied for schema flowcustomer', 'nor the data alone');

# Data alone is for who may write, and may use what checks and computes columns.
($status, $output) = run_as('writer', $target, 'foreign_extension', 'pg_restore', '--single-transaction', '--data-only', "$dumps/alone");
is("$status " . errors_of($output), '1 permission denied for function normalize_country', 'who may write everything needs some functions');
query_as('installer', $target, 'foreign_extension', 'GRANT EXECUTE ON FUNCTION flowcustomer.is_uid, flowcustomer.normalize_country, flowcustomer.display_name, flowcustomer.search_document TO writer');
works('with these it restores data', 'writer', $target, 'foreign_extension', 'pg_restore', '--single-transaction', '--data-only', "$dumps/alone");
$target->safe_psql('foreign_extension', RECORDERS);
same_lines(stored($target, 'foreign_extension'), $stored, 'data alone: the same rows');
# A view that such a load can't make guards them, from the first write on.
is_restored('foreign_extension', 'data alone', answers_differ => 1, privileges_differ => 1, unguarded => 1);
is($target->safe_psql('foreign_extension', 'BEGIN; DROP EXTENSION flowcustomer; SELECT 1; ROLLBACK;'), '1', 'data alone: before the first write nothing guards it');
goes_on('installer', 'foreign_extension', 'data alone');

# ---------------------------------------------------------------------------
# What no dump carries
# ---------------------------------------------------------------------------

# pg_dump takes an extension's tables for what the extension's script made of
# them.  What was added to them is in no dump: neither row security, nor
# indexes, triggers, statistics, comments and parameters.
$origin->safe_psql('origin', <<'SQL');
CREATE FUNCTION public.own_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE INDEX own_index ON flowcustomer.customer (city);
CREATE TRIGGER own_trigger BEFORE UPDATE ON flowcustomer.customer FOR EACH ROW EXECUTE FUNCTION own_function();
CREATE STATISTICS flowcustomer.own_statistics ON city, postal_code FROM flowcustomer.customer;
CREATE POLICY own_policy ON flowcustomer.customer TO clerk USING (tenant_uid = 'first');
ALTER TABLE flowcustomer.customer ADD CONSTRAINT own_constraint CHECK (city <> 'own_check') NOT VALID;
ALTER TABLE flowcustomer.customer SET (autovacuum_vacuum_threshold = 730991);
COMMENT ON TABLE flowcustomer.customer IS 'own_comment';
COMMENT ON FUNCTION flowcustomer.customer_get(text, text) IS 'own_comment';
ALTER FUNCTION flowcustomer.customer_get(text, text) SET work_mem = '730991kB';
SQL
works('a dump with what was added', 'installer', $origin, 'origin', 'pg_dump', '-f', "$dumps/added.sql");
my $added = slurp_file("$dumps/added.sql");
is(join(' ', sort { $a cmp $b } keys %{ { map { $_ => 1 } $added =~ /(own_\w+|730991)/g } }), 'own_function', 'has nothing of it but the function outside');
new_database($target, 'added', 'keeper');
works('it is restored', 'installer', $target, 'added', 'psql', '-f', "$dumps/added.sql");
is_restored('added', 'what was added', privileges_differ => 1);
is($target->safe_psql('added', q{SELECT count(*) FROM pg_policy WHERE polname = 'own_policy'}), '0', 'without the policy');
is($others->($target->safe_psql('added', $privileges)), $others->($granted), 'although all privileges are there');

# With row security that is forced upon him, the owner can't dump.
$origin->safe_psql('origin', 'ALTER TABLE flowcustomer.customer FORCE ROW LEVEL SECURITY');
($status, $output) = run_as('keeper', $origin, 'origin', 'pg_dump', '-f', "$dumps/forced");
is("$status " . errors_of($output), '1 query would be affected by row-level security policy for table "customer"', 'row security is not left out silently from the owner\'s dump');
works('a superuser can', 'installer', $origin, 'origin', 'pg_dump', '-f', "$dumps/forced");
$origin->safe_psql('origin', 'ALTER TABLE flowcustomer.customer NO FORCE ROW LEVEL SECURITY');
works('and the owner, when it is not forced', 'keeper', $origin, 'origin', 'pg_dump', '-f', "$dumps/forced");

# A column of somebody's own is not made again, and then its rows do not fit.
$origin->safe_psql('origin', 'ALTER TABLE flowcustomer.tenant ADD COLUMN own_column integer');
works('a dump with a column that was added', 'installer', $origin, 'origin', 'pg_dump', '-Fc', '-f', "$dumps/column");
new_database($target, 'column_added', 'keeper');
($status, $output) = run_as('installer', $target, 'column_added', 'pg_restore', '--single-transaction', "$dumps/column");
is("$status " . errors_of($output), '1 column "own_column" of relation "tenant" does not exist', 'can\'t be restored');

done_testing();
