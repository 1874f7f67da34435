# The extension comes and goes: it is not dropped while it holds data, it can be
# made again in the same session, and nobody who was not let in gets at it,
# neither directly nor by planting things where its functions might look.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "log_statement = none\nautovacuum = off");
$node->start;

# Runs statements in one session, going on after errors.  Gives what they
# returned and the first lines of their errors, in their order.
sub session
{
	my ($db, $script, @options) = @_;
	my $output = '';

	IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-v', 'SHOW_CONTEXT=never', '-d', $node->connstr($db), @options, '-f', '-' ],
		'<', \$script, '>', \$output, '2>&1');
	$output =~ s/^psql:<stdin>:\d+: (?=(ERROR|NOTICE|WARNING))//mg;
	$output =~ s/^(DETAIL|HINT|LINE \d+):.*\n//mg;
	$output =~ s/^ +\^ *\n//mg;
	chomp $output;
	return $output;
}

sub new_database
{
	my ($db, @script) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, join("\n", 'CREATE EXTENSION flowcustomer CASCADE;', @script));
	return;
}

# Compares two long texts by their lines; shows the first that differs.
sub same_lines
{
	my ($got, $expected, $name) = @_;
	my @got      = split /\n/, $got;
	my @expected = split /\n/, $expected;

	for my $i (0 .. ($#got > $#expected ? $#got : $#expected))
	{
		my $line  = $i <= $#got      ? $got[$i]      : 'nothing';
		my $right = $i <= $#expected ? $expected[$i] : 'nothing';

		return is($line, $right, "$name: line " . ($i + 1)) if $line ne $right;
	}
	return pass($name);
}

my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
my $guarded = 'ERROR:  cannot drop extension flowcustomer because other objects depend on it';

# ---------------------------------------------------------------------------
# Dropping
# ---------------------------------------------------------------------------

new_database('dropping');
is( session('dropping', <<'SQL'), join("\n", 'T', 'U', $guarded, $guarded, 'again'), 'refused from the first tenant to the last, allowed before and after');
DROP EXTENSION flowcustomer;
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "T"}') ->> 'name';
SELECT flowcustomer.tenant_put('u', '{"name": "U"}') ->> 'name';
DROP EXTENSION flowcustomer;
SELECT FROM flowcustomer.tenant_remove('t') \g /dev/null
DROP EXTENSION flowcustomer;
SELECT FROM flowcustomer.tenant_remove('u') \g /dev/null
DROP EXTENSION flowcustomer;
CREATE EXTENSION flowcustomer CASCADE;
SELECT 'again';
SQL

is( session('dropping', <<'SQL'), join("\n", 'T', 'ERROR:  The tenant still has data', $guarded, '0', 'ERROR:  schema "flowcustomer" does not exist'), 'a tenant with data is not removed; CASCADE drops everything');
SELECT flowcustomer.tenant_put('t', '{"name": "T"}') ->> 'name';
SELECT FROM flowcustomer.customer_create('t', '{"customerType": "PERSON"}') \g /dev/null
SELECT flowcustomer.tenant_remove('t');
DROP EXTENSION flowcustomer;
SET client_min_messages = warning;
DROP EXTENSION flowcustomer CASCADE;
SELECT count(*) FROM pg_class WHERE relname IN ('customer', 'drop_extension_guard');
SELECT flowcustomer.tenant_put('t', '{"name": "T"}');
SQL

is( session('dropping', <<'SQL'), join("\n", 'T', 'T', 'drop', $guarded), 'a rolled back removal protects as before, and so does a rolled back tenant beside another');
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "T"}') ->> 'name';
BEGIN;
SELECT FROM flowcustomer.tenant_remove('t') \g /dev/null
ROLLBACK;
BEGIN;
SELECT FROM flowcustomer.tenant_put('u', '{"name": "U"}') \g /dev/null
ROLLBACK;
SELECT tenant_uid FROM flowcustomer.tenant \g /dev/null
SELECT name FROM flowcustomer.tenant;
SELECT 'drop';
DROP EXTENSION flowcustomer;
SQL

# ---------------------------------------------------------------------------
# Again in the same session
# ---------------------------------------------------------------------------

# Uses every table; what it prints is the same each time.
my $use = <<'SQL';
SELECT FROM flowcustomer.tenant_put('t', '{"name": "T", "lenient": true}') \g /dev/null
SELECT FROM flowcustomer.organization_put('t', '{"organizationUid": "o", "name": "O"}') \g /dev/null
SELECT FROM flowcustomer.store_put('t', '{"storeUid": "s", "name": "S", "organizationUid": "o"}') \g /dev/null
SELECT FROM flowcustomer.tenant_user_put('t', '{"tenantUserUid": "liv", "displayName": "Liv"}') \g /dev/null
SELECT FROM flowcustomer.consent_put('t', '{"consentUid": "news", "name": "News"}') \g /dev/null
SELECT FROM flowcustomer.printer_put('t', '{"printerUid": "p", "name": "P", "kind": "LABEL"}') \g /dev/null
SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "g", "name": "G"}');
SELECT flowcustomer.customer_batch('t', '{"create": [
	{"customerUid": "a", "customerType": "COMPANY", "companyName": "A", "defaultStoreUid": "s", "accountManager": {"tenantUserUid": "liv"},
	 "customerGroupUids": ["g"], "consents": [{"consentUid": "news", "status": true, "source": "web"}]},
	{"customerUid": "b", "customerType": "COMPANY", "customerParentUid": "a"}, {"customerUid": "bad uid", "customerType": "PERSON"}],
	"update": [{"customerUid": "b", "city": "Oslo"}], "upsert": [{"externalId": "E", "customerType": "PERSON", "customerUid": "e"}, {"externalId": "E", "city": "Bergen"}],
	"delete": [{"customerUid": "nobody"}]}');
SELECT flowcustomer.customer_update('t', 'b', '{"companyName": "B"}');
SELECT flowcustomer.customer_address_put('t', 'a', '{"customerAddressUid": "x", "type": "INVOICE_ADDRESS", "city": "Oslo"}');
SELECT flowcustomer.customer_extension_add('t', 'a', 'TWO_INVOICE', '{"storeUid": "s"}');
SELECT flowcustomer.customer_consent_set('t', 'a', 'news', '{"status": false, "source": "till"}');
SELECT flowcustomer.contact_create('t', '{"customerContactUid": "k", "firstname": "F", "lastname": "L", "customers": [{"customerUid": "a", "role": "ADMIN"}, {"customerUid": "b"}]}');
SELECT flowcustomer.customer_contact_extension_add('t', 'a', 'k', 'TWO_INVOICE', '{"storeUid": "s"}');
SELECT flowcustomer.customer_contact_create('t', 'b', '{"customerContactUid": "l", "firstname": "F", "lastname": "L"}');
SELECT flowcustomer.customer_contact_delete('t', 'b', 'l');
SELECT flowcustomer.sales_order_put('t', '{"orderUid": "o", "customerUid": "a", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 5},
	"settlements": [{"settlementCode": "INVOICE", "amount": 5}]}');
SELECT flowcustomer.service_order_put('t', '{"serviceOrderUid": "o", "customerUid": "a", "storeUid": "s", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 5}}');
SELECT flowcustomer.external_customer_put('t', '{"customerUid": "x"}');
SELECT flowcustomer.customer_group_customer_update('t', 'g', '{"addCustomerUids": ["b", "e"], "removeCustomerUids": ["a"]}');
SELECT flowcustomer.customer_get('t', 'a');
SELECT flowcustomer.customer_list('t', sort_by => 'city', sort_direction => 'DESC');
SELECT flowcustomer.customer_list('t', 'E');
SELECT flowcustomer.customer_group_customer_list('t', 'g');
SELECT flowcustomer.customer_group_list('t');
SELECT flowcustomer.contact_list('t', sort_by => 'lastname');
SELECT flowcustomer.contact_customer_list('t', 'k');
SELECT flowcustomer.customer_contact_list('t', 'a');
SELECT flowcustomer.customer_create('t', '{"customerUid": "a", "customerType": "PERSON"}');
SELECT flowcustomer.customer_get('t', 'nobody');
SELECT status, headers, body FROM flowcustomer.http('GET', '/v2/tenants/t/customers/a');
SELECT status FROM flowcustomer.http('GET', '/v2/tenants/t/nothing');
SELECT flowcustomer.customer_delete('t', 'a');
SELECT flowcustomer.customer_list('t');
SELECT flowcustomer.normalize_mobile('0047 91234567'), flowcustomer.display_name('PERSON', NULL, 'A', 'B', NULL, NULL, 'u');
SQL

# Answers without what differs from run to run.
sub stable
{
	my ($text) = @_;

	$text =~ s/("(?:createdAt|lastModifiedAt)":)"[^"]*"/$1"..."/g;
	return $text;
}

new_database('fresh');
my $expected = stable(session('fresh', $use));
like($expected, qr/"totalCount":3\}.*"totalCount":2\}/s, 'the session that others are compared with does its work');
is(() = $expected =~ /^ERROR: /mg, 2, 'and meets the errors that it should');

$node->safe_psql('postgres', 'CREATE DATABASE again');
my $markers = "\\echo ----\n";
my $cycle = "CREATE EXTENSION flowcustomer CASCADE;\n$markers$use$markers" . "DROP EXTENSION flowcustomer CASCADE;\n";
my @parts = split /^----\n/m, session('again', "SET client_min_messages = warning;\n" . $cycle x 3) . "\n";
is(scalar @parts, 6, 'dropped and made again in one session');
for my $round (1 .. 3)
{
	my $answer = stable($parts[ 2 * $round - 1 ]);

	chomp $answer;
	same_lines($answer, $expected, "the same work, round $round");
	is($parts[ 2 * $round - 2 ], '', "nothing to say before round $round");
}

# The same inside one transaction that is rolled back, and afterwards.
@parts = split /^----\n/m,
  session('again', "SET client_min_messages = warning;\nCREATE EXTENSION flowcustomer CASCADE;\nBEGIN;\nDROP EXTENSION flowcustomer;\nCREATE EXTENSION flowcustomer CASCADE;\n"
	  . "SELECT FROM flowcustomer.tenant_put('t', '{\"name\": \"Rolled back\"}') \\g /dev/null\nROLLBACK;\n$markers$use") . "\n";
my $after = stable($parts[1]);
chomp $after;
same_lines($after, $expected, 'the same work after dropping and making was rolled back');

# ---------------------------------------------------------------------------
# A schema of that name that is there already
# ---------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE DATABASE occupied');
is( session('occupied', <<'SQL'), 'ERROR:  schema "flowcustomer" already exists', 'somebody else\'s schema is not used');
SET client_min_messages = warning;
CREATE SCHEMA flowcustomer;
CREATE EXTENSION flowcustomer CASCADE;
SQL
is( session('occupied', <<'SQL'), 'ERROR:  extension "flowcustomer" must be installed in schema "pg_catalog"', 'nor is it put into another one');
DROP SCHEMA flowcustomer;
CREATE SCHEMA elsewhere;
CREATE EXTENSION flowcustomer SCHEMA elsewhere;
SQL

# ---------------------------------------------------------------------------
# Somebody without grants
# ---------------------------------------------------------------------------

$node->safe_psql('postgres', 'CREATE ROLE somebody LOGIN; CREATE ROLE creator LOGIN; GRANT CREATE ON DATABASE fresh TO creator;');

for my $role ('somebody', 'creator')
{
	is($node->safe_psql('fresh', <<SQL), '', "$role may not execute any function");
SELECT p.oid::regprocedure FROM pg_proc p
WHERE pronamespace = 'flowcustomer'::regnamespace AND has_function_privilege('$role', p.oid, 'EXECUTE') ORDER BY 1;
SQL
	is($node->safe_psql('fresh', <<SQL), '', "$role may not touch any table or view");
SELECT c.oid::regclass, privilege FROM pg_class c,
	unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')
	AND (has_table_privilege('$role', c.oid, privilege) OR
		 privilege IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege('$role', c.oid, privilege))
ORDER BY 1, 2;
SQL
	is($node->safe_psql('fresh', <<SQL), '', "$role may not use the schema or a type");
SELECT 'schema ' || privilege FROM unnest(ARRAY['USAGE', 'CREATE']) AS privilege WHERE has_schema_privilege('$role', 'flowcustomer', privilege)
UNION ALL SELECT 'type ' || t.typname FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid
WHERE typnamespace = 'flowcustomer'::regnamespace AND c.relkind = 'c' AND has_type_privilege('$role', t.oid, 'USAGE');
SQL
}
is( $node->safe_psql('fresh', q{SELECT count(*) > 60 FROM pg_proc WHERE pronamespace = 'flowcustomer'::regnamespace}),
	't', 'there are functions that could have been executed');
is(session('fresh', "SELECT flowcustomer.customer_get('t', 'b');", '-U', 'somebody'), 'ERROR:  permission denied for schema flowcustomer', 'a call is refused');
is(session('fresh', 'SELECT * FROM flowcustomer.customer;', '-U', 'somebody'), 'ERROR:  permission denied for schema flowcustomer', 'and so is a look into a table');
is(session('fresh', 'DROP EXTENSION flowcustomer CASCADE;', '-U', 'creator'), 'ERROR:  must be owner of extension flowcustomer', 'and dropping it');
$node->safe_psql('postgres', 'CREATE DATABASE owned OWNER creator');
is(session('owned', 'SET client_min_messages = warning; CREATE EXTENSION flowcustomer CASCADE;', '-U', 'creator'), 'ERROR:  permission denied to create extension "flowcustomer"', 'a database\'s owner may not install it');

# A grant by mistake lets nobody in: the functions themselves look who calls.
my @denied = split /\n/, session('fresh', <<'SQL');
GRANT USAGE ON SCHEMA flowcustomer TO somebody;
SET ROLE somebody;
SELECT flowcustomer.customer_get('t', 'b');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA flowcustomer TO somebody;
SET ROLE somebody;
\set VERBOSITY sqlstate
SELECT flowcustomer.customer_get('t', 'b');
SELECT flowcustomer.customer_create('t', '{"customerType": "PERSON"}');
SELECT flowcustomer.customer_batch('t', '{"delete": [{"customerUid": "b"}]}');
SELECT flowcustomer.customer_list('t');
SELECT flowcustomer.tenant_put('t', '{"name": "Mine"}');
SELECT flowcustomer.tenant_remove('t');
SELECT status FROM flowcustomer.http('DELETE', '/v2/tenants/t/customers/b');
SELECT current_user;
\set VERBOSITY default
SELECT count(*) FROM flowcustomer.customer;
SQL
is_deeply( \@denied,
	[
		'ERROR:  permission denied for function customer_get',
		('ERROR:  PT403') x 6,
		'403', 'somebody', 'ERROR:  permission denied for table customer'
	],
	'with EXECUTE granted by mistake, the caller is turned away');
is($node->safe_psql('fresh', 'SELECT string_agg(customer_uid, \',\' ORDER BY customer_uid) FROM flowcustomer.customer'), 'b,e', 'and nothing was changed');
$node->safe_psql('fresh', 'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA flowcustomer FROM somebody; REVOKE ALL ON SCHEMA flowcustomer FROM somebody');

# ---------------------------------------------------------------------------
# Things planted where the functions might look
# ---------------------------------------------------------------------------

# Tables, functions, operators and types under the names that the statements
# use.  Whoever comes across one raises an error.
my $tables = $node->safe_psql('fresh', <<'SQL');
SELECT string_agg(quote_literal(relname), ', ') FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r'
SQL
my $hostile_path = 'SET search_path = pg_temp, public, flowcustomer, pg_catalog;';
my $plant = <<"SQL";
SET client_min_messages = warning;
CREATE TEMP TABLE made ();
SET search_path = pg_catalog, pg_temp;
CREATE FUNCTION public.caught() RETURNS bool LANGUAGE plpgsql AS
\$\$ BEGIN RAISE EXCEPTION 'caught as %', current_user; END \$\$;
DO \$body\$
DECLARE
	tables text[] := ARRAY[$tables];
	trap text := 'CREATE FUNCTION public.%I(%s) RETURNS bool LANGUAGE sql AS \$\$ SELECT public.caught() \$\$';
	place text;
	name text;
	argument text;
BEGIN
	FOREACH place IN ARRAY ARRAY['public', 'pg_temp'] LOOP
		FOREACH name IN ARRAY tables LOOP
			EXECUTE format('CREATE TABLE %s.%I (tenant_uid text, caught int)', place, name);
			EXECUTE format('INSERT INTO %s.%I VALUES (%L, 1)', place, name, 't');
		END LOOP;
	END LOOP;
	FOR name, argument IN
		SELECT f, a FROM unnest(ARRAY['unnest', 'count', 'sum', 'now', 'array_agg', 'set_config', 'is_uid', 'normalize_country',
									  'normalize_email', 'normalize_mobile', 'hashtext', 'length', 'lower', 'upper']) AS f,
			unnest(ARRAY['text', 'text[]', 'int8', 'int8[]', 'anyarray', 'anyelement', 'json', '']) AS a
		UNION ALL SELECT 'unnest', format('flowcustomer.%I[]', relname) FROM unnest(tables) AS relname
			WHERE to_regnamespace('flowcustomer') IS NOT NULL
		UNION ALL SELECT 'unnest', 'text[], ' || a FROM unnest(ARRAY['text[]', 'int8[]']) AS a
		UNION ALL SELECT 'display_name', array_to_string(array_fill('text'::text, ARRAY[7]), ', ')
	LOOP
		EXECUTE format(trap, name, argument);
	END LOOP;
	FOR name, argument IN
		SELECT f, a FROM unnest(ARRAY['=', '<>', '<', '>', '+', '-', '||']) AS f,
			unnest(ARRAY['text', 'int8', 'int4', 'bool', 'timestamptz', 'varchar', 'anyarray']) AS a
	LOOP
		EXECUTE format(trap, 'trap ' || name, concat_ws(', ', argument, argument));
		EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.%I, LEFTARG = %s, RIGHTARG = %3\$s)', name, 'trap ' || name, argument);
	END LOOP;
	FOREACH place IN ARRAY ARRAY['public', 'pg_temp'] LOOP
		FOREACH name IN ARRAY ARRAY['text', 'int8', 'int4', 'timestamptz', 'json', 'bool', 'record'] LOOP
			EXECUTE format('CREATE DOMAIN %s.%I AS pg_catalog.bytea CHECK (public.caught())', place, name);
		END LOOP;
	END LOOP;
END \$body\$;
$hostile_path
SQL

# The traps work: without care, everything here falls into them.
new_database('planted');
is( session('planted', $plant . <<'SQL'), join("\n", ("ERROR:  caught as $superuser") x 4, '1'), 'the traps are set');
SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text;
SELECT unnest(ARRAY['a'::pg_catalog.text]);
SELECT sum(1::pg_catalog.int8);
SELECT 'a'::text;
SELECT caught FROM customer;
SQL
new_database('cold');
same_lines(stable(session('cold', $plant . $use)), $expected, 'answers are the same with things planted and searched first');
is( session('cold', $hostile_path . <<'SQL'), '1|2|2', 'and all of it went to the right tables');
SELECT (SELECT pg_catalog.count(*) FROM public.customer), (SELECT pg_catalog.count(*) FROM flowcustomer.customer),
	pg_catalog.json_array_length(flowcustomer.customer_list('t') -> 'items');
SQL
new_database('warm');
same_lines(
	stable(session('warm', "SELECT FROM flowcustomer.tenant_put('first', '{\"name\": \"First\"}') \\g /dev/null\n" . $plant . $use)),
	$expected, 'the same in a session that had made calls before');
$node->safe_psql('postgres', 'CREATE DATABASE trapped');
# what we require goes where the search path says, so that comes before
$node->safe_psql('trapped', 'CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin');
same_lines(stable(session('trapped', $plant . "CREATE EXTENSION flowcustomer CASCADE;\n" . $use)),
	$expected, 'and when they were planted before the extension was made');

# ---------------------------------------------------------------------------
# Settings of the caller's session
# ---------------------------------------------------------------------------

my $settings = <<'SQL';
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'iso_8601';
SET TimeZone = 'Asia/Kathmandu';
SET transform_null_equals = on;
SET array_nulls = off;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SET quote_all_identifiers = on;
SET extra_float_digits = -15;
SET bytea_output = 'escape';
SET row_security = off;
SET plan_cache_mode = force_custom_plan;
SET jit = off;
SET enable_indexscan = off;
SET enable_sort = off;
SET search_path = '';
SQL
new_database('settings');
same_lines(stable(session('settings', $settings . $use)), $expected, 'answers do not depend on the session\'s settings');
is( session('settings', <<'SQL'), join("\n", ("public|$superuser|on") x 3), 'a call leaves them as they were, also when it fails');
SET search_path = public;
SELECT FROM flowcustomer.customer_get('t', 'b') \g /dev/null
SELECT current_setting('search_path'), current_user, current_setting('enable_seqscan');
\set QUIET on
DO $$ BEGIN PERFORM flowcustomer.customer_get('t', 'nobody'); EXCEPTION WHEN OTHERS THEN NULL; END $$;
SELECT current_setting('search_path'), current_user, current_setting('enable_seqscan');
DO $$ BEGIN PERFORM flowcustomer.customer_batch('t', '{"update": [{"customerUid": "b", "city": "Ås"}], "delete": [{"customerUid": "nobody"}]}'); END $$;
SELECT current_setting('search_path'), current_user, current_setting('enable_seqscan');
SQL

done_testing();
