# Outside directories that another server or a file holds: foreign tables are
# searched like tables, their server does the filtering, their errors name the
# source and nobody's data, and a dump carries what was registered.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# The server that has the directory, and ours.  With C as their locale, regular
# expressions know of no capitals but those of ASCII.
my $remote = PostgreSQL::Test::Cluster->new('remote');
$remote->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$remote->append_conf('postgresql.conf', "log_statement = all\nautovacuum = off");
$remote->start;
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "log_statement = none\nautovacuum = off");
$node->start;

my $files = PostgreSQL::Test::Utils::tempdir();
my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
my ($host, $port) = ($remote->host, $remote->port);

# Runs statements in one session, going on after errors.  Gives what they
# returned, and everything about their errors.
sub session
{
	my ($db, $script, @options) = @_;
	my $output = '';

	IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($db), @options, '-f', '-' ],
		'<', \$script, '>', \$output, '2>&1');
	$output =~ s/^psql:<stdin>:\d+: (?=(ERROR|NOTICE|WARNING))//mg;
	chomp $output;
	return $output;
}

sub literal
{
	my ($text) = @_;

	$text =~ s/'/''/g;
	return "'$text'";
}

# What a search finds, as "total: uid,uid", or all of its error.
sub found
{
	my ($tenant, $query, $db) = @_;

	return session($db || 'main', sprintf('SELECT public.found(%s, %s)', literal($tenant), literal($query)));
}

# Does an error name the source, tell the state, and nothing of the rows?
sub fails
{
	my ($answer, $source, $reason, $name) = @_;
	my $message = qq(The external source "$source" $reason could not be read);

	like($answer, qr/^ERROR:  PT502: \Q$message\E\n/, $name);
	unlike($answer, qr/Nordmann|91234567/, "$name: nothing of the rows");
	return;
}

my $people = <<'SQL';
CREATE TABLE public.person (id text PRIMARY KEY, first text, last varchar(100), company text, mail text, phone text, postal char(8), town text, made timestamptz);
INSERT INTO public.person VALUES
	('kari', 'Kari', 'Nordmann', NULL, 'kari@nordmann.example', '+47 912 34 567', '0150', 'Oslo', '2025-07-30 20:12:05+02'),
	('ase', 'ÅSE', 'ØDEGÅRD', NULL, NULL, '91234567', '5003', 'BERGEN', NULL), ('aase', 'Aase', 'Oedegaard', NULL, '', NULL, NULL, NULL, NULL),
	('obrien', 'Nora', 'O’Brien', NULL, NULL, NULL, NULL, NULL, NULL), ('gross', 'Karl', 'GROẞ', NULL, NULL, NULL, '10115', 'München', NULL), ('zolc', 'ŁUKASZ', 'ŻÓŁĆ', NULL, NULL, NULL, NULL, NULL, NULL),
	('fyodor', 'ФЁДОР', 'Достоевский', NULL, NULL, NULL, NULL, NULL, NULL), ('elytis', 'Οδυσσέας', 'ΕΛΎΤΗΣ', NULL, NULL, NULL, NULL, NULL, NULL), ('zoe', U&'Zoe\0301', 'Noir', NULL, NULL, NULL, NULL, NULL, NULL),
	('quote', NULL, NULL, E'Back\\slash "Quote" 100% AS', NULL, NULL, NULL, NULL, NULL), ('emoji', 'Ola', '🎿 Nordmann', NULL, NULL, NULL, NULL, NULL, NULL), ('bobby', 'Robert''); DROP TABLE person;--', 'Tables', NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.person SELECT 'p' || i, 'First', 'Last' || i, NULL, 'p' || i || '@crowd.example', NULL, NULL, 'Trondheim', NULL FROM generate_series(1, 1500) AS i;
SQL
my $mapping = literal('{"customerUid": "id", "firstname": "first", "lastname": "last", "companyName": "company", "email": "mail", "mobile": "phone", "postalCode": "postal", "city": "town", "createdAt": "made", "lastModifiedAt": "made"}');
my $columns = 'id text, first text, last varchar(100), company text, mail text, phone text, postal char(8), town text, made timestamptz';

# The names of tables and of people differ, so that errors can tell the former.
$remote->safe_psql('postgres', 'CREATE DATABASE directory');
$remote->safe_psql('directory', $people . <<'SQL');
CREATE ROLE reader LOGIN;
GRANT SELECT ON public.person TO reader;
CREATE VIEW public.who AS SELECT 'w' AS id, current_user::text AS name;
GRANT SELECT ON public.who TO reader;
-- With nothing in here these two do no harm.
CREATE TABLE public.trigger (harm boolean);
CREATE VIEW public.slow AS SELECT id, last, pg_sleep(30)::text AS waited FROM public.person, public.trigger WHERE id = 'kari';
CREATE VIEW public.rude AS SELECT id, last, (last || ' 91234567')::integer::text AS number FROM public.person, public.trigger;
CREATE TABLE public.number AS SELECT 1::bigint AS id, 4791234567 AS phone UNION ALL SELECT 2, 91234999;
SQL
$node->safe_psql('postgres', 'CREATE DATABASE main');
$node->safe_psql('main', $people . <<"SQL");
CREATE EXTENSION flowcustomer CASCADE;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE SERVER directory FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'directory');
CREATE USER MAPPING FOR $superuser SERVER directory;
CREATE FOREIGN TABLE public.far_person ($columns) SERVER directory OPTIONS (schema_name 'public', table_name 'person');
CREATE FOREIGN TABLE public.far_who (id text, name text) SERVER directory OPTIONS (schema_name 'public', table_name 'who');
CREATE FOREIGN TABLE public.far_slow (id text, last text, waited text) SERVER directory OPTIONS (schema_name 'public', table_name 'slow');
CREATE FOREIGN TABLE public.far_rude (id text, last text, number text) SERVER directory OPTIONS (schema_name 'public', table_name 'rude');
CREATE FOREIGN TABLE public.far_number (id bigint, phone bigint) SERVER directory OPTIONS (schema_name 'public', table_name 'number');
CREATE FUNCTION public.found(tenant text, query text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
	page json := flowcustomer.customer_search_external(tenant, json_build_object('query', query), 1, 20);
BEGIN
	RETURN concat(page -> 'paging' ->> 'totalCount', ': ', (SELECT string_agg(item ->> 'customerUid', ',' ORDER BY n) FROM json_array_elements(page -> 'items') WITH ORDINALITY AS i (item, n)));
END \$\$;
SELECT flowcustomer.tenant_put(uid, '{"name": "T"}') FROM unnest(ARRAY['stored', 'near', 'far', 'number', 'who', 'slow', 'rude', 'file', 'both']) AS uid;
SELECT FROM public.person AS p, flowcustomer.external_customer_put('stored', json_strip_nulls(json_build_object('customerUid', id, 'customerType', CASE WHEN company <> '' THEN 'COMPANY' END, 'firstname', first,
	'lastname', last, 'companyName', company, 'email', mail, 'mobile', phone, 'postalCode', rtrim(postal), 'city', town)));
SELECT flowcustomer.external_source_register('near', 'people', 'public.person', $mapping);
SELECT flowcustomer.external_source_register('far', 'people', 'public.far_person', $mapping);
SELECT flowcustomer.external_source_register('both', 'near people', 'public.person', $mapping);
SELECT flowcustomer.external_source_register('both', 'far people', 'public.far_person', $mapping);
SELECT flowcustomer.external_source_register('number', 'numbers', 'public.far_number', '{"customerUid": "id", "mobile": "phone"}');
SQL

# ---------------------------------------------------------------------------
# Another server's table
# ---------------------------------------------------------------------------

my @queries = (
	'', 'kari', 'Nordmann', 'nordmann kari', 'åse', 'aase', 'ÅSE ØDEGÅRD', 'ødegaard', 'Oe', 'O\'Brien', 'obrien', 'groß', 'gross', 'GROSS', 'munchen', 'zolc', 'żółć łukasz', 'фёдор', 'федор ДОСТОЕВСКИЙ', 'ελυτης', 'ΟΔΥΣΣΕΑΣ', 'zoe', 'Zoé', '100%', '%', '\\',
	'back\\slash', '"quote"', '🎿', '91234567', '+47 912 34 567', '34567', '0150', '5003 bergen', 'kari@nordmann.example', 'crowd.example', 'last77', 'Last777', 'first last1', 'trondheim', 'k', 'ø', 'nordman', 'nrodmann', 'Odegrad', 'qqqqqq', 'robert\'); drop table person;--', 'x' x 1000);
for my $query (@queries)
{
	my $expected = found('stored', $query);

	is(found($_, $query), $expected, "$_ is found what our own table has: " . substr($query, 0, 40)) for 'near', 'far';
}
is(found('near', 'nordmann'), '2: kari,emoji', 'and that is something');
is( session('main', q(SELECT flowcustomer.customer_search_external('far', '{"query": "kari nordmann"}'))),
	session('main', q(SELECT flowcustomer.customer_search_external('near', '{"query": "kari nordmann"}'))), 'an answer, whole');
is(found('both', 'nordmann'), '4: kari,kari,emoji,emoji', 'both at once');
is(session('main', q(SELECT flowcustomer.customer_search_external('far', '{"query": "kari"}') #>> '{items,0,createdAt}')), '2025-07-30T18:12:05.000Z', 'a time of the other server');
is(found('number', $_->[0]), $_->[1], "numbers are searched as texts are: $_->[0]") for [ '912 34 567', '1: 1' ], [ '91234', '2: 1,2' ];

# The statements that reach the other server while something runs here.
sub sent
{
	my ($run) = @_;
	my $offset = -s $remote->logfile;

	$run->();
	(my $log = substr(slurp_file($remote->logfile), $offset)) =~ s/\n\t/ /g;
	return grep { /LOG:  (statement|execute)/ } split /\n/, $log;
}

for my $case ([ 'kari', 1 ], [ 'nordmann kari oslo', 3 ], [ 'ødegård', 1 ], [ '912 34 567', 1 ], [ 'robert\'); DROP TABLE person;--', 4 ], [ 'nothing\' OR \'1\'=\'1', 4 ])
{
	my ($query, $words) = @$case;
	my @log = sent(sub { found('far', $query) });
	# where there is no match, a second one is for words with an error
	my @cursors = grep { /DECLARE/ } @log;

	like($cursors[0], qr/FROM public\.person WHERE .*~\*/, "the other server filters: $query");
	is(scalar(() = $cursors[0] =~ / AND \(/g), $words - 1, "by each of the words: $query");
	is(scalar(grep { /FETCH/ } @log), @cursors, "and sends few rows: $query");
	unlike(join("\n", @log), qr/drop table|nothing|'1'='1/i, "words do not get into its statements as they are: $query");
}
is($remote->safe_psql('directory', 'SELECT count(*) FROM public.person'), 1512, 'its table is still there');
cmp_ok(scalar(grep { /FETCH/ } sent(sub { found('far', 'crowd.example') })), '>=', 15, 'many rows come in many parts');

# ---------------------------------------------------------------------------
# Whose rights
# ---------------------------------------------------------------------------

$node->safe_psql('main', <<"SQL");
CREATE ROLE clerk;
GRANT $superuser TO clerk;
CREATE USER MAPPING FOR clerk SERVER directory OPTIONS (user 'reader', password_required 'false');
SQL
my $register_who = q(SELECT FROM flowcustomer.external_source_register('who', 'who', 'public.far_who', '{"customerUid": "id", "companyName": "name"}') \g /dev/null);
is( session('main', <<"SQL"), "reader\nreader\n$superuser\n$superuser", 'the registrar decides who reads there');
SET ROLE clerk;
$register_who
SELECT flowcustomer.customer_search_external('who', '{}') #>> '{items,0,companyName}';
RESET ROLE;
SELECT flowcustomer.customer_search_external('who', '{}') #>> '{items,0,companyName}';
$register_who
SELECT flowcustomer.customer_search_external('who', '{}') #>> '{items,0,companyName}';
SET ROLE clerk;
SELECT flowcustomer.customer_search_external('who', '{}') #>> '{items,0,companyName}';
SQL
session('main', "SET ROLE clerk;\n$register_who");
$remote->safe_psql('directory', 'REVOKE SELECT ON public.who FROM reader');
fails(found('who', ''), 'who', '(SQLSTATE 42501, the role that registered it may not read it)', 'a right that is lost there');
$remote->safe_psql('directory', 'GRANT SELECT ON public.who TO reader');
is(found('who', 'reader'), '1: w', 'and given back');
$node->safe_psql('main', 'DROP USER MAPPING FOR clerk SERVER directory');
fails(found('who', ''), 'who', '(SQLSTATE 42704, the role that registered it, or something else, does not exist)', 'no user there for the registrar');

# ---------------------------------------------------------------------------
# Errors of the other server
# ---------------------------------------------------------------------------

$node->safe_psql('main', <<'SQL');
SELECT flowcustomer.external_source_register('slow', 'slow', 'public.far_slow', '{"customerUid": "id", "lastname": "last", "address": "waited"}');
SELECT flowcustomer.external_source_register('rude', 'rude', 'public.far_rude', '{"customerUid": "id", "lastname": "last", "address": "number"}');
SQL
$remote->safe_psql('directory', 'INSERT INTO public.trigger VALUES (true)');
fails(found('rude', 'nordmann'), 'rude', '(SQLSTATE 22P02)', 'an error that quotes a row');
unlike(slurp_file($node->logfile), qr/91234567/, 'which is not in the log either');
like(session('main', "SET statement_timeout = '500ms';\nSELECT public.found('slow', 'nordmann')"), qr/^ERROR:  57014: canceling statement due to statement timeout\n/, 'a cancel here is no failure of the source');
$node->safe_psql('main', q(ALTER SERVER directory OPTIONS (ADD options '-c statement_timeout=500ms')));
fails(found('slow', 'nordmann'), 'slow', '(SQLSTATE 57014, its server took too long)', 'a cancel there is');
$node->safe_psql('main', 'ALTER SERVER directory OPTIONS (DROP options)');

my %changes = (
	'ALTER TABLE public.person RENAME last TO family' => [ 'ALTER TABLE public.person RENAME family TO last', '(SQLSTATE 42703, a column does not exist)' ],
	'ALTER TABLE public.person RENAME TO people' => [ 'ALTER TABLE public.people RENAME TO person', '(SQLSTATE 42P01, a relation does not exist)' ],
	'ALTER DATABASE directory RENAME TO elsewhere' => [ 'ALTER DATABASE elsewhere RENAME TO directory', q{(SQLSTATE 08001, its server can't be reached)} ]);
for my $change (sort keys %changes)
{
	my ($back, $reason) = @{ $changes{$change} };
	my $db = $change =~ /DATABASE/ ? 'postgres' : 'directory';

	$remote->safe_psql($db, $change);
	fails(found('far', 'kari'), 'people', $reason, $change);
	$remote->safe_psql($db, $back);
	is(found('far', 'kari'), '1: kari', "$change, and back");
}

# A session whose connection there is gone goes on, the same transaction too.
my $in_both = q(SELECT public.found('far', 'kari'); SELECT public.found('near', 'kari'););
my $terminate = "\\! psql -X -q -A -t -d '" . $remote->connstr('directory') . "' -c \"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'postgres_fdw' AND datname = 'directory'\" -o /dev/null\n";
is(session('main', "SELECT public.found('far', 'kari');\n$terminate$in_both"), "1: kari\n1: kari\n1: kari", 'a connection that was closed is opened again');
my $lost = session('main', "BEGIN;\nSELECT public.found('far', 'kari');\n$terminate" . <<'SQL');
SAVEPOINT before;
SELECT public.found('far', 'kari');
ROLLBACK TO before;
SELECT public.found('near', 'kari');
ROLLBACK;
SELECT public.found('far', 'kari');
SQL
like($lost, qr/^1: kari\nERROR:  PT502: The external source "people" \(SQLSTATE 08006, the connection to its server was lost\) could not be read\n/s, 'one that is closed in a transaction is a failure');
like($lost, qr/\n1: kari\n1: kari$/, 'and the session goes on');

is( session('main', <<"SQL") =~ s/\n(DETAIL|HINT|CONTEXT|LOCATION):.*//gr, qq(1: kari\nERROR:  PT502: The external source "people" (SQLSTATE 08001, its server can't be reached) could not be read\n1: kari\n1: kari), 'a wrong port, and the right one again');
SELECT public.found('far', 'kari');
ALTER SERVER directory OPTIONS (SET port '1');
SELECT public.found('far', 'kari');
SELECT public.found('near', 'kari');
ALTER SERVER directory OPTIONS (SET port '$port');
SELECT public.found('far', 'kari');
SQL
$remote->stop('immediate');
fails(found('far', 'kari'), 'people', q{(SQLSTATE 08001, its server can't be reached)}, 'a server that is stopped');
fails(found('both', 'kari'), 'far people', q{(SQLSTATE 08001, its server can't be reached)}, 'beside one that works');
is(found('near', 'kari'), '1: kari', 'other tenants search on');
like(session('main', "SELECT flowcustomer.external_source_register('near', 'more', 'public.far_person', $mapping)"), qr/^ERROR:  PT502: The external source "more" \(SQLSTATE 08001/, 'what cannot be read is not registered');
is(session('main', q(SELECT flowcustomer.external_source_list('near') #>> '{paging,totalCount}')), '1', 'so it is not there');
$remote->start;
is(found('both', 'kari'), '2: kari,kari', 'the server is back');

# ---------------------------------------------------------------------------
# Files
# ---------------------------------------------------------------------------

sub write_file
{
	my ($file, $text) = @_;

	open my $handle, '>:raw', "$files/$file" or die "could not write $file: $!";
	print $handle $text;
	close $handle;
	return;
}

my $csv = qq(id,name,number\nf1,"Fjord, ""Bygg"" AS",987654321\nf2,Kari Nordmann,\nf3,ÅSE ØDEGÅRD,915772137\n);
write_file('people.csv', $csv);
$node->safe_psql('main', <<"SQL");
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.people_csv (id text, name text, number integer) SERVER files OPTIONS (filename '$files/people.csv', format 'csv', header 'true');
SELECT flowcustomer.external_source_register('file', 'list', 'public.people_csv', '{"customerUid": "id", "companyName": "name", "vatNumber": "number"}');
SQL
is(found('file', $_->[0]), $_->[1], "a file: $_->[0]") for [ 'fjord bygg', '1: f1' ], [ 'kari', '1: f2' ], [ 'åse', '1: f3' ], [ 'ødegard', '1: f3' ], [ '987654321', '1: f1' ], [ '', '3: f1,f2,f3' ], [ 'nobody', '0: ' ];
write_file('people.csv', "${csv}f4,Ola\n");
fails(found('file', 'fjord'), 'list', '(SQLSTATE 22P04, its file is damaged)', 'a line that is too short');
write_file('people.csv', "${csv}f4,Ola Nordmann,91234567,more\n");
fails(found('file', 'fjord'), 'list', '(SQLSTATE 22P04, its file is damaged)', 'a line that is too long');
write_file('people.csv', "${csv}f4,Ola,Nordmann 91234567\n");
fails(found('file', 'fjord'), 'list', '(SQLSTATE 22P02)', 'a number that is none');
write_file('people.csv', "${csv}f4,Nordmann \xff 91234567,1\n");
fails(found('file', 'fjord'), 'list', '(SQLSTATE 22021)', 'bytes that are no text');
write_file('people.csv', "${csv}f 4,Nordmann 91234567,1\n");
fails(found('file', '91234567'), 'list', '(a row has no valid customerUid)', 'a line without a uid');
is(found('file', 'fjord'), '1: f1', 'which does not matter to who looks for another');
unlink "$files/people.csv";
fails(found('file', 'fjord'), 'list', '(SQLSTATE 58P01, its file does not exist)', 'no file');
unlike(slurp_file($node->logfile), qr/Nordmann|91234567,|Ola/, 'nothing of any line is in the log');
write_file('people.csv', $csv);
is(found('file', 'kari'), '1: f2', 'it is back');

# ---------------------------------------------------------------------------
# Dumps
# ---------------------------------------------------------------------------

my $answers = <<'SQL';
SELECT flowcustomer.external_source_list(uid) FROM unnest(ARRAY['near', 'far', 'both', 'file', 'who']) AS uid;
SELECT flowcustomer.customer_search_external(uid, json_build_object('query', query)) FROM unnest(ARRAY['near', 'far', 'both', 'file']) AS uid, unnest(ARRAY['kari', 'åse', 'nordmnan', '']) AS query;
SQL
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_dump', '-d', $node->connstr('main'), '-f', "$files/dump.sql" ], 'dumped');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', "$files/dump.sql", '-o', '/dev/null' ], 'restored');
my $expected = session('main', $answers);
unlike($expected, qr/ERROR/, 'the sources answer');
is(session('copy', $answers), $expected, 'those of the copy answer the same');
is(session('copy', q(UPDATE public.person SET last = 'Lund', mail = '' WHERE id = 'kari'; SELECT public.found('near', 'lund'); SELECT public.found('near', 'nordmann'))), "1: kari\n1: emoji", 'it searches its own table');
is(found('near', 'nordmann'), '2: kari,emoji', 'and the first one its own');
is(session('copy', q(SELECT FROM flowcustomer.external_source_remove('far', 'people') \g /dev/null) . "\nSELECT public.found('far', 'kari')"), '0: ', 'what was restored can be removed');

done_testing();
