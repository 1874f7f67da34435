# Whichever way a version of the extension came into a database, by CREATE
# EXTENSION, by ALTER EXTENSION UPDATE from an older one or with a dump, it is the
# same there: every object with everything that the catalogs know of it, and what
# the data is worth.
#
# Scripts of released versions are in releases/, beside this file: each release
# puts a copy of its flowcustomer--VERSION.sql there, and for ever after this test
# upgrades from it, by the update scripts that are installed.  One older version
# is made up here, of the current one, so that there is always something to
# upgrade from; and so that the comparison is seen to find what is forgotten.

use strict;
use warnings;

use Cwd qw(realpath);
use File::Basename;
use File::Copy;
use File::Path;
use FindBin;
use lib $FindBin::Bin;
use FlowcustomerTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $dumps = PostgreSQL::Test::Utils::tempdir();

# ---------------------------------------------------------------------------
# A server with extensions of its own
# ---------------------------------------------------------------------------

# A server looks for the files of extensions where they are relative to its
# program, so a copy of the program beside a directory of links has what we put
# there, in every version and without touching what is installed.
sub private_installation
{
	my ($root) = @_;
	my %original = map { $_ => scalar(`pg_config --$_`) } qw(bindir sharedir pkglibdir);
	chomp %original;
	my $common = '';

	$common = "$common/$1"
	  while $original{bindir} =~ m{^\Q$common\E/([^/]+)/} && !grep { index($_, "$common/$1/") != 0 } values %original;
	my %copy = map { $_ => $root . substr($original{$_}, length $common) } keys %original;

	File::Path::make_path($copy{bindir}, "$copy{sharedir}/extension", dirname($copy{pkglibdir}));
	symlink($original{pkglibdir}, $copy{pkglibdir}) or die $!;
	for my $file (glob("$original{bindir}/* $original{sharedir}/* $original{sharedir}/extension/*"))
	{
		my ($from) = grep { index($file, "$_/") == 0 } @original{qw(bindir sharedir)};
		my $place = ($from eq $original{bindir} ? $copy{bindir} : $copy{sharedir}) . substr($file, length $from);

		next if -e $place;
		# links to programs lead back to where they are installed
		if (basename($file) =~ /^(postgres|pg_ctl)$/)
		{
			copy(realpath($file), $place) or die $!;
			chmod(0755, $place) or die $!;
		}
		else
		{
			symlink($file, $place) or die $!;
		}
	}
	return (dirname($copy{bindir}), "$copy{sharedir}/extension");
}

my ($installation, $extensions) = private_installation("$dumps/installation");
plan skip_all => 'no program can be run from the directory of the test'
  if system("'$installation/bin/postgres' --version >/dev/null 2>&1") != 0;

my $node = PostgreSQL::Test::Cluster->new('main', install_path => $installation);
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "log_statement = none\nautovacuum = off\nfsync = off");
$node->start;

my ($version) = slurp_file("$extensions/flowcustomer.control") =~ /^default_version = '(.*)'$/m;
my $script = slurp_file("$extensions/flowcustomer--$version.sql");

sub write_file
{
	my ($name, $content) = @_;

	open(my $file, '>', "$extensions/$name") or die "$name: $!";
	print $file $content;
	close $file;
	return;
}

# ---------------------------------------------------------------------------
# What there is of an extension
# ---------------------------------------------------------------------------

# A line for each object, with everything about it that does not depend on when
# it was made: no OIDs, and no order of columns or privileges.
my $inventory = <<'SQL';
SET search_path = '';
WITH member AS (
	SELECT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
	WHERE e.extname = 'flowcustomer' AND d.deptype = 'e'),
relation AS (SELECT c.*, c.oid::regclass::text AS name FROM pg_catalog.pg_class c WHERE relnamespace = 'flowcustomer'::regnamespace),
line (kind, name, content) AS (
	SELECT 'extension', extname::text, concat_ws(' | ', extversion, extowner::regrole, extnamespace::regnamespace, extrelocatable,
		(SELECT string_agg(r.extname, ',' ORDER BY r.extname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension r ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND r.oid = d.refobjid
		 WHERE d.classid = 'pg_catalog.pg_extension'::regclass AND d.objid = e.oid))
	FROM pg_catalog.pg_extension e WHERE extname = 'flowcustomer'
	UNION ALL
	SELECT 'member', o.type || ' ' || o.identity, '' FROM member, pg_catalog.pg_identify_object(classid, objid, 0) o
	UNION ALL
	SELECT 'dumped', c.relation::regclass::text, c.condition FROM pg_catalog.pg_extension e, unnest(extconfig, extcondition) c(relation, condition) WHERE extname = 'flowcustomer'
	UNION ALL
	SELECT 'schema', nspname, concat_ws(' | ', nspowner::regrole, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(nspacl, acldefault('n', nspowner))) a))
	FROM pg_catalog.pg_namespace WHERE nspname = 'flowcustomer'
	UNION ALL
	SELECT 'default privileges', defaclobjtype::text, concat_ws(' | ', defaclrole::regrole, defaclacl) FROM pg_catalog.pg_default_acl WHERE defaclnamespace = 'flowcustomer'::regnamespace
	UNION ALL
	SELECT 'relation', name, concat_ws(' | ', relkind, relpersistence, relowner::regrole, relreplident, relrowsecurity, relforcerowsecurity, relispartition, reltablespace,
		(SELECT amname FROM pg_catalog.pg_am WHERE oid = relam),
		(SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) o), (SELECT string_agg(o, ',' ORDER BY o) FROM pg_catalog.pg_class t, unnest(t.reloptions) o WHERE t.oid = r.reltoastrelid),
		(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))) a),
		CASE WHEN relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(oid) END)
	FROM relation r WHERE relkind NOT IN ('i', 'I')
	UNION ALL
	SELECT 'column', name || '.' || attname, concat_ws(' | ', pg_catalog.format_type(atttypid, atttypmod), (SELECT collnamespace::regnamespace || '.' || collname FROM pg_catalog.pg_collation l WHERE l.oid = attcollation),
		attnotnull, attstorage, attcompression, attidentity, attgenerated, attislocal, attinhcount, coalesce(attstattarget, -1),
		-- some servers note there when a column was made
		(SELECT string_agg(o, ',' ORDER BY o) FROM unnest(attoptions) o WHERE o NOT LIKE 'pg\_attver=%'), pg_catalog.pg_get_expr(adbin, adrelid),
		(SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(attacl) a))
	FROM relation r JOIN pg_catalog.pg_attribute a ON attrelid = r.oid LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
	WHERE relkind NOT IN ('i', 'I') AND attnum > 0 AND NOT attisdropped
	UNION ALL
	SELECT 'constraint', name || '.' || conname, concat_ws(' | ', contype, convalidated, condeferrable, condeferred, conislocal, connoinherit, pg_catalog.pg_get_constraintdef(c.oid))
	FROM relation r JOIN pg_catalog.pg_constraint c ON conrelid = r.oid
	UNION ALL
	SELECT 'index', name, concat_ws(' | ', relowner::regrole, reltablespace, indisvalid, indisready, indisprimary, indisclustered, indisreplident, (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) o), pg_catalog.pg_get_indexdef(r.oid))
	FROM relation r JOIN pg_catalog.pg_index ON indexrelid = r.oid
	UNION ALL
	SELECT 'trigger', name || '.' || tgname, concat_ws(' | ', tgenabled, pg_catalog.pg_get_triggerdef(t.oid)) FROM relation r JOIN pg_catalog.pg_trigger t ON tgrelid = r.oid WHERE NOT tgisinternal
	UNION ALL
	SELECT 'rule', name || '.' || rulename, concat_ws(' | ', ev_enabled, pg_catalog.pg_get_ruledef(u.oid)) FROM relation r JOIN pg_catalog.pg_rewrite u ON ev_class = r.oid
	UNION ALL
	SELECT 'policy', name || '.' || polname, concat_ws(' | ', polcmd, polpermissive, (SELECT string_agg(p::regrole::text, ',' ORDER BY p::regrole::text) FROM unnest(polroles) p), pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid))
	FROM relation r JOIN pg_catalog.pg_policy ON polrelid = r.oid
	UNION ALL
	SELECT 'statistics', stxname, concat_ws(' | ', stxowner::regrole, pg_catalog.pg_get_statisticsobjdef(oid)) FROM pg_catalog.pg_statistic_ext WHERE stxnamespace = 'flowcustomer'::regnamespace
	UNION ALL
	SELECT 'function', p.oid::regprocedure::text, concat_ws(' | ', proowner::regrole, prosupport, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(proacl, acldefault('f', proowner))) a), pg_catalog.pg_get_functiondef(p.oid))
	FROM pg_catalog.pg_proc p WHERE pronamespace = 'flowcustomer'::regnamespace AND prokind <> 'a'
	UNION ALL
	SELECT 'type', t.oid::regtype::text, concat_ws(' | ', typtype, typcategory, typowner::regrole, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(coalesce(typacl, acldefault('T', typowner))) a), typnotnull, typdefault, pg_catalog.format_type(typbasetype, typtypmod))
	FROM pg_catalog.pg_type t WHERE typnamespace = 'flowcustomer'::regnamespace
	UNION ALL
	/* what pg_dump takes for the extension's own privileges, and does not dump */
	SELECT 'initial privileges', o.type || ' ' || o.identity, concat_ws(' | ', privtype, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(initprivs) a))
	FROM pg_catalog.pg_init_privs i, pg_catalog.pg_identify_object(i.classoid, i.objoid, i.objsubid) o WHERE (i.classoid, i.objoid) IN (SELECT classid, objid FROM member)
	UNION ALL
	SELECT 'comment', o.type || ' ' || o.identity, description FROM pg_catalog.pg_description d, pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o WHERE o.identity ~ '\mflowcustomer\M'
)
SELECT replace(format('%s %s: %s', kind, name, content), E'\n', ' ') FROM line ORDER BY 1;
SQL

sub inventory
{
	my ($db, $before) = @_;
	return $node->safe_psql($db, defined $before ? "BEGIN;\n$before\n$inventory\nROLLBACK;" : $inventory);
}

# The objects that two inventories do not have the same, each once: "- " when
# only the first one has it, "+ " only the second, "~ " when they differ in it.
sub differences
{
	my ($first, $second) = @_;
	my %first = map { $_ => 1 } split /\n/, $first;
	my %second = map { $_ => 1 } split /\n/, $second;
	my %sign;

	# no name has a colon with a space behind it
	for my $line (grep { !$second{$_} } keys %first)
	{
		$sign{ $line =~ s/: .*//r } = '-';
	}
	for my $line (grep { !$first{$_} } keys %second)
	{
		my $name = $line =~ s/: .*//r;

		$sign{$name} = $sign{$name} ? '~' : '+';
	}
	return join("\n", map { "$sign{$_} $_" } sort keys %sign);
}

# Compares; when there are differences the log has the lines.
sub same_inventory
{
	my ($first, $second, $name) = @_;
	my $difference = differences($first, $second);

	note(join("\n", map { substr($_, 0, 400) } grep { my $line = $_; index($second, $line) < 0 } split /\n/, $first)) if $difference ne '';
	return is($difference, '', $name);
}

$node->safe_psql('postgres', 'CREATE ROLE clerk; CREATE ROLE installer SUPERUSER LOGIN; CREATE ROLE keeper LOGIN');
$node->safe_psql('postgres', "CREATE DATABASE $_") for 'fresh', 'source';
$node->safe_psql('fresh', 'CREATE EXTENSION flowcustomer CASCADE');
my $fresh = inventory('fresh');
my %counts = (
	relation   => "FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'c')",
	column     => "FROM pg_class, pg_attribute WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'c') AND attrelid = pg_class.oid AND attnum > 0",
	index      => "FROM pg_indexes WHERE schemaname = 'flowcustomer'",
	function   => "FROM information_schema.routines WHERE routine_schema = 'flowcustomer'",
	constraint => "FROM pg_constraint WHERE connamespace = 'flowcustomer'::regnamespace",
	dumped     => "FROM pg_tables WHERE schemaname = 'flowcustomer'",
	member     => "FROM pg_depend WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'flowcustomer')");
for my $kind (sort keys %counts)
{
	is(scalar(() = $fresh =~ /^$kind /mg), $node->safe_psql('fresh', "SELECT count(*) $counts{$kind}"), "the inventory has each $kind");
}

# It sees whatever can be another way.
my @changes = (
	[ q{COMMENT ON TABLE flowcustomer.tenant IS 'x'}, '~ comment table flowcustomer.tenant' ],
	[ q{COMMENT ON COLUMN flowcustomer.tenant.name IS 'x'}, '+ comment table column flowcustomer.tenant.name' ],
	[ q{COMMENT ON FUNCTION flowcustomer.errors() IS NULL}, '- comment function flowcustomer.errors()' ],
	[ q{COMMENT ON CONSTRAINT tenant_pkey ON flowcustomer.tenant IS 'x'}, '+ comment table constraint tenant_pkey on flowcustomer.tenant' ],
	[ q{COMMENT ON EXTENSION flowcustomer IS 'x'}, '~ comment extension flowcustomer' ],
	[ q{GRANT EXECUTE ON FUNCTION flowcustomer.errors() TO clerk}, '~ function flowcustomer.errors()' ],
	[ q{GRANT EXECUTE ON FUNCTION flowcustomer.errors() TO PUBLIC}, '~ function flowcustomer.errors()' ],
	[ q{GRANT USAGE ON SCHEMA flowcustomer TO clerk}, '~ schema flowcustomer' ],
	[ q{GRANT SELECT ON flowcustomer.tenant TO clerk}, '~ relation flowcustomer.tenant' ],
	[ q{GRANT SELECT (name) ON flowcustomer.tenant TO clerk}, '~ column flowcustomer.tenant.name' ],
	[ q{ALTER DEFAULT PRIVILEGES IN SCHEMA flowcustomer GRANT SELECT ON TABLES TO clerk}, '+ default privileges r' ],
	[ q{ALTER TABLE flowcustomer.tenant OWNER TO clerk}, "~ index flowcustomer.tenant_pkey\n~ relation flowcustomer.tenant\n~ type flowcustomer.tenant\n~ type flowcustomer.tenant[]" ],
	[ q{ALTER TABLE flowcustomer.customer ALTER payment_terms SET DEFAULT 14}, '~ column flowcustomer.customer.payment_terms' ],
	[ q{ALTER TABLE flowcustomer.customer ALTER credit_balance DROP EXPRESSION}, '~ column flowcustomer.customer.credit_balance' ],
	[ q{ALTER TABLE flowcustomer.customer ALTER address TYPE varchar(50)}, '~ column flowcustomer.customer.address' ],
	[ q{ALTER TABLE flowcustomer.merge ALTER undone_by TYPE text COLLATE "C"}, '~ column flowcustomer.merge.undone_by' ],
	[ q{ALTER TABLE flowcustomer.merge ALTER journal SET STORAGE external}, '~ column flowcustomer.merge.journal' ],
	[ q{ALTER TABLE flowcustomer.merge ALTER journal SET STATISTICS 0}, '~ column flowcustomer.merge.journal' ],
	[ q{ALTER TABLE flowcustomer.merge ADD COLUMN own int}, '+ column flowcustomer.merge.own' ],
	[ q{ALTER TABLE flowcustomer.print_job DROP CONSTRAINT print_job_state_check}, '- constraint flowcustomer.print_job.print_job_state_check' ],
	[ q{ALTER TABLE flowcustomer.print_job RENAME CONSTRAINT print_job_state_check TO other}, "+ constraint flowcustomer.print_job.other\n- constraint flowcustomer.print_job.print_job_state_check" ],
	[ q{ALTER TABLE flowcustomer.print_job ALTER CONSTRAINT print_job_tenant_uid_customer_uid_fkey DEFERRABLE}, '~ constraint flowcustomer.print_job.print_job_tenant_uid_customer_uid_fkey' ],
	[ q{ALTER INDEX flowcustomer.customer_search SET (gin_pending_list_limit = 64)}, '~ index flowcustomer.customer_search' ],
	[ q{DROP INDEX flowcustomer.merge_duplicate; CREATE INDEX merge_duplicate ON flowcustomer.merge (tenant_uid, duplicate_uid)}, '~ index flowcustomer.merge_duplicate' ],
	[ q{CREATE INDEX own ON flowcustomer.merge (merged_at)}, '+ index flowcustomer.own' ],
	[ q{ALTER TABLE flowcustomer.total SET (fillfactor = 60)}, '~ relation flowcustomer.total' ],
	[ q{ALTER TABLE flowcustomer.merge SET (toast.autovacuum_enabled = off)}, '~ relation flowcustomer.merge' ],
	[ q{ALTER TABLE flowcustomer.total REPLICA IDENTITY FULL}, '~ relation flowcustomer.total' ],
	[ q{ALTER TABLE flowcustomer.total FORCE ROW LEVEL SECURITY}, '~ relation flowcustomer.total' ],
	[ q{CREATE POLICY own ON flowcustomer.total TO clerk USING (tenant_uid = 'x')}, '+ policy flowcustomer.total.own' ],
	[ q{CREATE STATISTICS flowcustomer.own ON kind, owner_uid FROM flowcustomer.total}, '+ statistics own' ],
	[ q{CREATE TRIGGER own BEFORE UPDATE ON flowcustomer.total FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()}, '+ trigger flowcustomer.total.own' ],
	[ q{CREATE RULE own AS ON DELETE TO flowcustomer.total DO INSTEAD NOTHING}, '+ rule flowcustomer.total.own' ],
	[ map({ [ "ALTER FUNCTION flowcustomer.errors() $_", '~ function flowcustomer.errors()' ] } 'VOLATILE', 'PARALLEL UNSAFE', 'SECURITY DEFINER', 'COST 77', 'ROWS 77', "SET work_mem = '1MB'", 'LEAKPROOF', 'STRICT', 'OWNER TO clerk') ],
	[ q{REVOKE USAGE ON TYPE flowcustomer.tenant FROM PUBLIC}, '~ type flowcustomer.tenant' ],
	[ q{UPDATE pg_extension SET extcondition[array_position(extconfig, 'flowcustomer.total'::regclass::oid)] = 'WHERE false' WHERE extname = 'flowcustomer'}, '~ dumped flowcustomer.total' ],
	[ q{UPDATE pg_extension SET extconfig = array_remove(extconfig, 'flowcustomer.total'::regclass::oid), extcondition = extcondition[2:] WHERE extname = 'flowcustomer'}, '- dumped flowcustomer.total' ],
	[ q{ALTER EXTENSION flowcustomer DROP FUNCTION flowcustomer.errors()}, "- initial privileges function flowcustomer.errors()\n- member function flowcustomer.errors()" ]);

for my $change (map { ref $_->[0] ? @$_ : $_ } @changes)
{
	my ($sql, $expected) = @$change;

	is(differences($fresh, inventory('fresh', "$sql;")), $expected, "it sees $sql");
}
same_inventory($fresh, inventory('fresh'), 'and nothing where nothing is');

# ---------------------------------------------------------------------------
# An older version
# ---------------------------------------------------------------------------

my $old_script = $script;

# Takes a piece out of the script.
sub take
{
	my ($pattern) = @_;

	$old_script =~ s/($pattern)// or die "the script has no $pattern";
	return $1;
}

my %taken = (
	function   => take(qr/^CREATE FUNCTION flowcustomer\.errors\(.*?^AS 'MODULE_PATHNAME'.*?;\n/ms),
	revoke     => take(qr/^REVOKE ALL ON FUNCTION flowcustomer\.errors\(\) FROM PUBLIC;\n/ms),
	comment    => take(qr/^COMMENT ON FUNCTION flowcustomer\.errors\(\) IS\n'.*?[^']';\n/ms),
	column     => take(qr/^\tlenient boolean NOT NULL DEFAULT false,\n/ms),
	constraint => take(qr/,\n\tCHECK \(credit_limit >= 0\)(?=\n)/ms),
	index      => take(qr/^CREATE INDEX merge_duplicate ON [^;]*;\n/ms),
	table      => take(qr/^CREATE TABLE flowcustomer\.customer_access \(.*?^\);\n/ms),
	on_table   => take(qr/^CREATE INDEX customer_access_customer ON [^;]*;\n/ms),
	about_table => take(qr/^COMMENT ON TABLE flowcustomer\.customer_access IS '[^']*';\n/ms));
# and changes a comment and an option
$old_script =~ s/^COMMENT ON TABLE flowcustomer\.store IS '\K/Old: /m or die;
$old_script =~ s/\) WITH \(fillfactor = 50\)/) WITH (fillfactor = 80)/ or die;

# The script that updates it, in pieces.  It can meet what is there already, for
# it can have been stopped, or run on several servers that replicate to each other.
# It must not touch privileges of what is there: what somebody else granted on it
# would become part of the extension's own, and no dump would have it any more.
sub update_pieces
{
	my ($without) = @_;
	my %pieces = (
		function => <<"SQL",
DO \$update\$
BEGIN
	IF to_regprocedure('flowcustomer.errors()') IS NULL THEN
		$taken{function}
		-- privileges of the function
		$taken{revoke}
		-- comment
		$taken{comment}
	END IF;
END \$update\$;
SQL
		column => 'ALTER TABLE flowcustomer.tenant ADD COLUMN IF NOT EXISTS ' . ($taken{column} =~ s/^\t|,\n//gr) . ";\n",
		constraint => <<'SQL',
DO $update$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'flowcustomer.customer'::regclass AND conname = 'customer_credit_limit_check') THEN
		ALTER TABLE flowcustomer.customer ADD CONSTRAINT customer_credit_limit_check CHECK (credit_limit >= 0);
	END IF;
END $update$;
SQL
		index => $taken{index} =~ s/CREATE INDEX/CREATE INDEX IF NOT EXISTS/r,
		table => <<"SQL",
DO \$update\$
BEGIN
	IF to_regclass('flowcustomer.customer_access') IS NULL THEN
		$taken{table}
		-- its index
		$taken{on_table}
		$taken{about_table}
		-- its privileges
		REVOKE ALL ON flowcustomer.customer_access FROM PUBLIC;
		-- what is dumped
		PERFORM pg_catalog.pg_extension_config_dump('flowcustomer.customer_access', '');
		-- its policy
		PERFORM flowcustomer.enable_row_security();
	END IF;
END \$update\$;
SQL
		'comment of a table' => ($script =~ /^(COMMENT ON TABLE flowcustomer\.store IS '.*';\n)/m)[0],
		'option' => "ALTER TABLE flowcustomer.total SET (fillfactor = 50);\n");

	# a part of a piece is what stands behind its name
	if (!delete $pieces{$without})
	{
		s/-- \Q$without\E\n.*?;\n(?=\s*(--|END IF))//s for values %pieces;
	}
	return @pieces{ sort keys %pieces };
}

# What is missing when something is forgotten.
my %forgotten = (
	'function' => join("\n", '- comment function flowcustomer.errors()', map { "- $_ flowcustomer.errors()" } 'function', 'initial privileges function', 'member function'),
	'privileges of the function' => "~ function flowcustomer.errors()\n- initial privileges function flowcustomer.errors()",
	'comment' => '- comment function flowcustomer.errors()',
	'column' => '- column flowcustomer.tenant.lenient',
	'constraint' => '- constraint flowcustomer.customer.customer_credit_limit_check',
	'index' => '- index flowcustomer.merge_duplicate',
	'its index' => "- comment table flowcustomer.customer_access\n- index flowcustomer.customer_access_customer",
	'its privileges' => '- initial privileges table flowcustomer.customer_access',
	'what is dumped' => '- dumped flowcustomer.customer_access',
	'its policy' => "- policy flowcustomer.customer_access.tenant_reader\n~ relation flowcustomer.customer_access",
	'comment of a table' => '~ comment table flowcustomer.store',
	'option' => '~ relation flowcustomer.total');

my $old = '0.9.9';

write_file("flowcustomer--$old.sql", $old_script);
# so that an update can be done once more
write_file("flowcustomer--$version--$old.sql", '');
sub write_update
{
	my (@pieces) = @_;

	write_file("flowcustomer--$old--$version.sql", join("\n", "\\echo Use \"ALTER EXTENSION flowcustomer UPDATE\" to load this file. \\quit\nSET LOCAL search_path TO pg_catalog, pg_temp;", @pieces));
	return;
}

$node->safe_psql('postgres', 'CREATE DATABASE forgotten');
$node->safe_psql('forgotten', "CREATE EXTENSION flowcustomer VERSION '$old' CASCADE");
for my $piece (sort keys %forgotten)
{
	write_update(update_pieces($piece));
	# version 18 has constraints for what must not be NULL
	my $missing = join("\n", grep { !/^- constraint .*_not_null$/ } split /\n/, differences($fresh, inventory('forgotten', 'ALTER EXTENSION flowcustomer UPDATE;')));
	is($missing, $forgotten{$piece}, "an update that forgets this is noticed: $piece");
}
write_update(update_pieces(''));

# ---------------------------------------------------------------------------
# Upgrades
# ---------------------------------------------------------------------------

# What somebody did in a database besides: it is part of the comparison.
my $besides = <<'SQL';
CREATE TABLE IF NOT EXISTS public.visit (tenant text, customer text, visited int, PRIMARY KEY (tenant, customer, visited));
GRANT USAGE ON SCHEMA flowcustomer TO clerk;
GRANT EXECUTE ON FUNCTION flowcustomer.customer_get, flowcustomer.customer_create TO clerk;
GRANT SELECT (tenant_uid, name), UPDATE (name) ON flowcustomer.tenant TO clerk;
SQL
# What somebody did that no dump has, and that has to be done again.
my $undumped = <<'SQL';
CREATE POLICY own ON flowcustomer.tenant TO clerk USING (tenant_uid = 'first');
SQL

# The current version with its data.  What an older one does not have the rows
# of can't be compared.
$node->safe_psql('source', "CREATE EXTENSION flowcustomer CASCADE;\n" . RECORDERS . $besides . fill('first', 'false') . "SELECT flowcustomer.customer_duplicates_refresh('first');");
$node->safe_psql('source', 'DELETE FROM flowcustomer.customer_access');
my ($answers, $stored) = (answers($node, 'source'), stored($node, 'source'));
my $expected = inventory('source');
# Every function is granted to who has access to a tenant.
is(join("\n", grep { !/^~ function / } split /\n/, differences($fresh, $expected)), <<'DIFFERENCES' =~ s/\n$//r, 'data and privileges change nothing else');
+ column flowcustomer.drop_extension_guard.tenant_uid
~ column flowcustomer.tenant.name
~ column flowcustomer.tenant.tenant_uid
+ relation flowcustomer.drop_extension_guard
+ rule flowcustomer.drop_extension_guard._RETURN
~ schema flowcustomer
+ type flowcustomer.drop_extension_guard
+ type flowcustomer.drop_extension_guard[]
DIFFERENCES

# Restores a dump into a new database and gives that.
sub restore
{
	my ($from, $format) = @_;
	my $db = "${from}_$format";

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->command_ok([ 'pg_dump', "-F$format", '-f', "$dumps/$db", $node->connstr($from) ], "$from: a dump");
	$node->command_ok($format eq 'p' ? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', "$dumps/$db" ]
		: [ 'pg_restore', '--exit-on-error', '-d', $node->connstr($db), "$dumps/$db" ], "$from: is restored");
	return $db;
}

sub is_like_source
{
	my ($db, $name) = @_;

	same_inventory($expected, inventory($db), "$name: the same objects");
	same_lines(stored($node, $db), $stored, "$name: the same rows");
	same_lines(answers($node, $db), $answers, "$name: the same answers");
	is(integrity($node, $db), '', "$name: nothing is wrong");
	return;
}

is_like_source(restore('source', 'c'), 'the current version from a custom dump');
is_like_source(restore('source', 'p'), 'the current version from a plain dump');

# Puts the rows of the current version into an older one, as far as it has
# columns for them.
sub copy_rows
{
	my ($db) = @_;
	my $list = <<'SQL';
SELECT format('%s (%s)', attrelid::regclass, string_agg(quote_ident(attname), ', ' ORDER BY attname))
FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r' UNION ALL SELECT 'public.visit'::regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
GROUP BY attrelid ORDER BY attrelid::regclass::text
SQL
	my @tables = split /\n/, $node->safe_psql($db, $list);
	my $n = 0;
	my $out = join("\n", map { my ($table, $columns) = /^(\S+) \((.*)\)$/; $n++; "COPY (SELECT $columns FROM $table) TO '$dumps/rows$n';" } @tables);
	$n = 0;
	my $in = join("\n", 'SET session_replication_role = replica;', map { $n++; "COPY $_ FROM '$dumps/rows$n';" } @tables);

	$node->safe_psql('source', $out);
	# the view is there as soon as there is a tenant
	my $view = $node->safe_psql('source', q{SELECT pg_get_viewdef('flowcustomer.drop_extension_guard'::regclass)});
	$node->safe_psql($db, "$in\nCREATE VIEW flowcustomer.drop_extension_guard AS $view");
	return;
}

my @releases = map { /flowcustomer--([^-]+)\.sql$/ ? $1 : () } glob("$FindBin::Bin/releases/flowcustomer--*.sql");
for my $release (@releases)
{
	copy("$FindBin::Bin/releases/flowcustomer--$release.sql", "$extensions/flowcustomer--$release.sql") or die $!
	  if !-e "$extensions/flowcustomer--$release.sql";
}
for my $from (grep({ $_ ne $version } @releases), $old)
{
	my $db = 'from_' . $from =~ s/\W/_/gr;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "CREATE EXTENSION flowcustomer VERSION '$from' CASCADE;\n" . RECORDERS . $besides . $undumped);
	isnt($node->safe_psql($db, "SELECT path FROM pg_extension_update_paths('flowcustomer') WHERE source = '$from' AND target = '$version'"), '', "$from: there is a way to $version");
	copy_rows($db);
	# who has access gets what is new, too
	$node->safe_psql($db, 'ALTER EXTENSION flowcustomer UPDATE; SELECT flowcustomer.access_renew()');
	is(differences($expected, inventory($db)), '+ policy flowcustomer.tenant.own', "$from: policies that somebody made are left");
	$node->safe_psql($db, 'DROP POLICY own ON flowcustomer.tenant');
	is_like_source($db, "$from, upgraded");
	if ($from eq $old)
	{
		$node->safe_psql($db, "ALTER EXTENSION flowcustomer UPDATE TO '$old'; ALTER EXTENSION flowcustomer UPDATE");
		is_like_source($db, "$from, upgraded twice");
	}
	my $restored = restore($db, 'c');
	is_like_source($restored, "$from, upgraded and restored");
	for my $place ($db, $restored)
	{
		is($node->safe_psql($place, <<'SQL'), "9|new|t", "$place: writing goes on");
SELECT FROM flowcustomer.customer_create('first', '{"customerUid": "new", "customerType": "PERSON", "firstname": "New"}');
SELECT FROM flowcustomer.tenant_put('first', '{"accessLog": true}');
SELECT FROM flowcustomer.customer_get('first', 'new');
SELECT l #>> '{paging,totalCount}', flowcustomer.customer_search('first', '{"query": "new"}') #>> '{items,0,customerUid}', (SELECT count(*) = 1 FROM flowcustomer.customer_access WHERE customer_uid = 'new') FROM flowcustomer.customer_list('first') AS l;
SQL
		is(integrity($node, $place), '', "$place: nothing is wrong then");
		my ($status, $stdout, $stderr) = $node->psql($place, 'DROP EXTENSION flowcustomer');
		like($stderr, qr/cannot drop extension flowcustomer because other objects depend on it/, "$place: what it holds is guarded");
	}
}

# An update that speaks of privileges of what was there before takes those that
# others have for the extension's own, so a dump loses them.
$node->safe_psql('postgres', 'CREATE DATABASE careless');
$node->safe_psql('careless', "CREATE EXTENSION flowcustomer VERSION '$old' CASCADE;\n" . $besides . 'ALTER EXTENSION flowcustomer UPDATE');
my $careful = inventory('careless');
write_update(update_pieces(''), "REVOKE ALL ON FUNCTION flowcustomer.customer_get(text, text) FROM PUBLIC;\n");
$node->safe_psql('careless', "ALTER EXTENSION flowcustomer UPDATE TO '$old'; ALTER EXTENSION flowcustomer UPDATE");
is(differences($careful, inventory('careless')), '~ initial privileges function flowcustomer.customer_get(pg_catalog.text,pg_catalog.text)', 'an update that repeats a REVOKE is noticed');
is(differences($careful, inventory(restore('careless', 'c'))), '~ function flowcustomer.customer_get(text,text)', 'for a dump loses what others were granted');
write_update(update_pieces(''));

# ---------------------------------------------------------------------------
# An extension that is not a superuser's
# ---------------------------------------------------------------------------

# A superuser updates it, whose what is new becomes; he hands it over, too.
my @as_installer = (extra_params => [ '-U', 'installer' ]);
for my $db ('kept', 'kept_old')
{
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION flowcustomer ' . ($db eq 'kept' ? '' : "VERSION '$old'") . ' CASCADE; REASSIGN OWNED BY installer TO keeper', @as_installer);
}
my ($status, $stdout, $stderr) = $node->psql('kept_old', 'ALTER EXTENSION flowcustomer UPDATE', extra_params => [ '-U', 'keeper' ]);
like($stderr, qr/ERROR:  permission denied to update extension "flowcustomer"\nHINT:  Must be superuser to update this extension\./, 'its owner may not update it');
$node->safe_psql('kept_old', 'ALTER EXTENSION flowcustomer UPDATE', @as_installer);
my $kept = inventory('kept');
like(differences($kept, inventory('kept_old')), qr/^~ relation flowcustomer\.customer_access$/m, 'what is new belongs to who updates it');
$node->safe_psql('kept_old', 'REASSIGN OWNED BY installer TO keeper', @as_installer);
same_inventory($kept, inventory('kept_old'), 'handed over, it is the same as a new one');
is($node->safe_psql('kept_old', <<'SQL', extra_params => [ '-U', 'keeper' ]), "c\n1", 'and works for its owner');
SELECT FROM flowcustomer.tenant_put('t', '{"name": "T", "accessLog": true}');
SELECT FROM flowcustomer.customer_create('t', '{"customerUid": "c", "customerType": "PERSON"}');
SELECT flowcustomer.customer_get('t', 'c') ->> 'customerUid';
SELECT count(*) FROM flowcustomer.customer_access;
SQL

done_testing();
