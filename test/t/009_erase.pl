# One person's name stands in every text that can be written.  Once she is erased it is
# nowhere in a dump of the whole database, nor what was made of it: folded, in lower case,
# or as digits.  A crash does not bring it back, and one in the middle of many erasures
# leaves everybody whole or erased.

use strict;
use warnings;
use utf8;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $people = 300;       # who are to be erased while the server dies

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
checkpoint_timeout = 30s
max_wal_size = 64MB
restart_after_crash = on
autovacuum = off
CONF
$node->start;

# Runs SQL that has to work.
sub run_sql
{
	my ($sql, $database) = @_;

	utf8::encode($sql) if utf8::is_utf8($sql);
	return $node->safe_psql($database || 'postgres', $sql);
}

sub dump_of
{
	my ($database) = @_;
	my ($out, $err);

	IPC::Run::run([ 'pg_dump', '-d', $node->connstr($database) ], '>', \$out, '2>', \$err) or die "pg_dump failed: $err";
	utf8::decode($out);
	return $out;
}

# ---------------------------------------------------------------------------
# Somebody who is everywhere
# ---------------------------------------------------------------------------

my $word = 'Zýxqwé';
# What would give her away: her name as it is or folded, and her numbers.
my %traces = (
	'the name' => qr/z[yý]xqw[eé]/i,
	'half of it' => qr/xqw/i,
	'the e-mail address' => qr/zyxqw\@/i,
	'the telephone number' => qr/9\s*1\s*8\s*2\s*7\s*3\s*6\s*4/,
	'the other telephone number' => qr/45\s*55\s*66\s*77/,
	'the VAT number' => qr/987\s*654\s*321/,
	'the loyalty card' => qr/7012345678900/);

sub traces_in
{
	my ($dump) = @_;
	my %found;

	for my $what (keys %traces)
	{
		$found{$what} = () = $dump =~ /$traces{$what}/g;
	}
	return \%found;
}

# Members that orders have, one in another, all with her name; the last one nobody knows.
sub members
{
	my ($value, @names) = @_;

	return join(', ', map { "\"$_\": \"$value\"" } @names, 'nobodyKnows');
}

sub sales_order
{
	my ($uid, $customer, $name) = @_;
	my @address = qw(address city companyName email firstname lastname mobile postalCode displayName);
	my $deep = "\"nobodyKnows\": {\"firstname\": \"$name\", \"list\": [\"$name\", {\"$name\": [[\"$name\"]]}]}, \"$name\": 1, \"Note\": \"$name\"";

	return "{\"orderUid\": \"$uid\", \"customerUid\": \"$customer\", \"storeUid\": \"s\", \"createdAt\": \"2025-07-30T18:12:05Z\", \"orderState\": \"COMPLETE\", \"orderNumber\": \"1001\", \"orderTotals\": {\"grandTotal\": 12345, $deep}, "
		. '"note": "' . $name . '", ' . members($name, qw(note internalNote lastModifiedBy)) . ", $deep, "
		. '"customerAddress": {"countryCode": "NO", ' . members($name, @address, 'vatNumber') . "}, "
		. '"customerContact": {' . members($name, qw(customerContactUid firstname lastname email mobile displayName)) . "}, "
		. '"invoiceAddress": {"countryCode": "NO", ' . members($name, @address) . ", $deep}, "
		. '"items": [{"name": "Skis", "totalPrice": 12345, ' . members($name, qw(note serialnumber internalInfo)) . ', "actions": [{' . members($name, qw(comment createdBy handlingDescription lastModifiedBy)) . '}], '
		. '"properties": [{"key": "length", ' . members($name, 'value') . '}], "productProperties": [{"propertyName": "Length", ' . members($name, 'propertyText') . "}], $deep}, {" . members($name, 'note') . '}], '
		. '"orderhandlings": [{"name": "Gift", ' . members($name, qw(createdBy description lastModifiedBy)) . '}], '
		. '"settlements": [{"settlementCode": "CARD", "amount": 12345, ' . members($name, qw(externalId externalPaymentReference ledgerNumber receiptText)) . ', "displayMessages": [{"key": "sent", ' . members($name, 'message') . '}], '
		. '"parameters": [{"key": "reference", ' . members($name, 'value') . '}], "additionalDetails": [{"key": "terms", ' . members($name, 'value') . '}], "transactions": [{"transactionAmount": 1, ' . members($name, 'pspTransactionId') . "}], $deep}], "
		. '"discounts": [{"name": "Summer", ' . members($name, qw(discountCode externalTransactionId discountReference createdBy lastModifiedBy)) . '}]}';
}

sub service_order
{
	my ($uid, $customer, $name) = @_;

	return "{\"serviceOrderUid\": \"$uid\", \"customerUid\": \"$customer\", \"storeUid\": \"s\", \"createdAt\": \"2025-07-30T18:12:05Z\", \"serviceState\": \"COMPLETE\", \"totals\": {\"grandTotal\": 67890, \"$name\": \"$name\"}, "
		. members($name, qw(title description locationLabel publicPageHash createdBy lastModifiedBy)) . ', "items": [{"name": "Wax", ' . members($name, qw(serialNumber note createdBy lastModifiedBy)) . '}], '
		. '"assets": [{"mimeType": "image/jpeg", ' . members($name, qw(name description publicUrl)) . '}]}';
}

# A customer as a body, all of whose texts have a name in them.
sub customer
{
	my ($uid, $name, $n, $mobile, $more) = @_;

	return "{\"customerUid\": \"$uid\", \"customerType\": \"COMPANY\", \"firstname\": \"$name\", \"lastname\": \"$name\", \"companyName\": \"$name AS\", \"email\": \"" . ($name eq $word ? 'Zyxqw' : $name) . "\@example.com\", "
		. "\"mobile\": \"$mobile\", \"address\": \"${name}s vei 1\", \"postalCode\": \"0155\", \"city\": \"$name\", \"externalId\": \"E-$name-$n\", \"loyaltyId\": \"" . ($name eq $word ? "7012345678900-$n" : "L-$n") . "\", \"ledgerNumber\": \"123$n\", "
		. "\"internalNote\": \"$name\\n$name\", \"ehf\": {\"enabled\": true, \"address\": \"$name\"}, \"customerGroupUids\": [\"g\"]$more}";
}

my $other = 'Annen';
my $sql = <<'SQL';
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put(t, '{"name": "T", "countryCode": "NO", "lenient": true, "accessLog": true}') FROM unnest('{t, u}'::text[]) AS t;
SELECT flowcustomer.organization_put('t', '{"organizationUid": "o", "name": "O"}');
SELECT flowcustomer.store_put('t', '{"storeUid": "s", "name": "S", "organizationUid": "o"}');
SELECT flowcustomer.consent_put('t', '{"consentUid": "news", "name": "News"}');
SELECT flowcustomer.customer_group_create('t', '{"customerGroupUid": "g", "name": "G"}');
SELECT flowcustomer.printer_put('t', '{"printerUid": "p", "name": "P", "kind": "LABEL"}'), flowcustomer.printer_put('t', '{"printerUid": "r", "name": "R", "kind": "RECEIPT"}');
CREATE TABLE visit (id int PRIMARY KEY, tenant text, customer text, note text, name text NOT NULL);
CREATE TABLE preference (tenant text, customer text, value text, PRIMARY KEY (tenant, customer));
CREATE TABLE points (tenant text, customer text, balance int, nickname text, PRIMARY KEY (tenant, customer));
CREATE TABLE linked (id int PRIMARY KEY, tenant text, customer text, note text, FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
SELECT flowcustomer.reference_register('visit', 'tenant', 'customer', 'KEEP', '{note,name}');
SELECT flowcustomer.reference_register('preference', 'tenant', 'customer', 'ARCHIVE', '{value}');
SELECT flowcustomer.reference_register('points', 'tenant', 'customer', 'SUM', '{nickname}');
SELECT flowcustomer.reference_register('linked', 'tenant', 'customer', 'BLOCK', '{note}');
SQL
# kari is everything; kari-2 and kari-3 are she too, and other and third are others.
$sql .= "SELECT flowcustomer.customer_create('t', '$_');\n"
	for customer('kari', $word, 1, '+4791827364', ', "vatNumber": "NO987654321MVA", "consents": [{"consentUid": "news", "status": true, "source": "' . $word . '"}]'),
	customer('kari-2', $word, 2, '0047 918 27 364', ''), customer('kari-3', $word, 3, '91827364', ''), customer('other', $other, 4, '+4745000001', ''), customer('third', $other, 5, '+4745000002', '');
for my $n (1 .. 3)
{
	my $customer = $n == 1 ? 'kari' : "kari-$n";
	my $other_body = "{\"firstname\": \"$word\", \"lastname\": \"$word\", \"companyName\": \"$word\", \"address\": \"$word $n\", \"city\": \"$word\", \"email\": \"zyxqw\@example.org\"";

	$sql .= "SELECT flowcustomer.customer_address_put('t', '$customer', '$other_body, \"type\": \"$_\", \"phone\": \"45556677\", \"postalCode\": \"0155\"}');\n" for qw(INVOICE_ADDRESS DELIVERY_ADDRESS);
	$sql .= <<"SQL";
SELECT flowcustomer.customer_contact_create('t', '$customer', '{"customerContactUid": "k$n", "firstname": "$word", "lastname": "$word", "email": "Zyxqw\@example.net", "mobile": "45 55 66 77"}');
SELECT flowcustomer.customer_consent_set('t', '$customer', 'news', json_build_object('status', given, 'source', '$word', 'channel', '$word', 'wording', '$word may be written to', 'wordingVersion', '$word', 'recordedBy', '$word')) FROM unnest('{true, false}'::boolean[]) AS given;
SELECT flowcustomer.external_customer_put('t', '{"customerUid": "$customer", "firstname": "$word", "lastname": "$word", "companyName": "$word", "email": "zyxqw\@example.com", "mobile": "91827364", "address": "$word", "city": "$word", "vatNumber": "NO987654321MVA", "externalId": "$word", "nobodyKnows": ["$word"]}');
SELECT flowcustomer.customer_hold_put('t', '$customer', '{"holdUid": "h$n", "reason": "$word", "until": "2020-01-01T00:00:00Z"}');
INSERT INTO visit VALUES ($n, 't', '$customer', '$word', '$word');
INSERT INTO preference VALUES ('t', '$customer', '$word');
INSERT INTO points VALUES ('t', '$customer', $n, '$word');
INSERT INTO linked VALUES ($n, 't', '$customer', '$word');
SQL
	$sql .= "SELECT flowcustomer.customer_print('t', '$customer', '{\"printerUid\": \"$_\"}');\n" for qw(p p p r);
	$sql .= "SELECT flowcustomer.sales_order_put('t', '" . sales_order("s$n", $customer, $word) . "');\n";
	$sql .= "SELECT flowcustomer.service_order_put('t', '" . service_order("v$n", $customer, $word) . "');\n";
}
$sql .= "SELECT flowcustomer.sales_order_put('t', '" . sales_order('s9', 'other', $other) . "');\n";
$sql .= <<"SQL";
SELECT flowcustomer.print_job_claim('t', 'p', 60, 2);
SELECT flowcustomer.print_job_fail('t', print_job_uid, '{"error": "$word is too long"}') FROM flowcustomer.print_job WHERE state = 'CLAIMED' ORDER BY print_job_uid LIMIT 1;
SELECT flowcustomer.customer_get('t', 'kari'), flowcustomer.customer_export_full('t', 'kari-2');
SELECT flowcustomer.customer_duplicates_refresh('t');
SELECT flowcustomer.customer_duplicate_dismiss('t', a, b, '$word said so') FROM (VALUES ('kari', 'other'), ('kari-2', 'third'), ('kari-3', 'third')) AS v(a, b);
SELECT flowcustomer.customer_merge('t', 'kari-2', '{"mergeFromCustomerUid": "kari-3"}');
SELECT flowcustomer.customer_merge('t', 'kari', '{"mergeFromCustomerUid": "kari-2", "fields": {"city": "FROM", "internalNote": "FROM"}}');
SELECT flowcustomer.customer_merge('t', 'kari', '{"mergeFromCustomerUid": "other"}');
SELECT flowcustomer.customer_merge_undo('t', merge_uid) FROM flowcustomer.merge WHERE duplicate_uid = 'other';
SELECT flowcustomer.customer_merge('t', 'third', '{"mergeFromCustomerUid": "kari"}');
SELECT flowcustomer.customer_merge_undo('t', merge_uid) FROM flowcustomer.merge WHERE duplicate_uid = 'kari';
SELECT flowcustomer.customer_duplicates_refresh('t');
SELECT flowcustomer.customer_duplicate_dismiss('t', 'other', 'kari', '$word wrote');
INSERT INTO visit VALUES (4, 't', 'kari-2', '$word', '$word'), (5, 't', 'other', '$other', '$other');
SELECT flowcustomer.customer_hold_put('t', 'kari', '{"holdUid": "now", "reason": "$word is wanted"}');
SELECT flowcustomer.erasure_cancel('t', flowcustomer.customer_erase('t', 'kari', '{"reason": "$word asked for it", "whenPossible": true}') ->> 'erasureUid');
SELECT flowcustomer.customer_erase('t', 'kari', '{"reason": "$word asked for it again", "whenPossible": true}');
SELECT flowcustomer.customer_hold_remove('t', 'kari', 'now');
SELECT flowcustomer.customer_update('t', 'kari', '{"internalNote": "$word, once more"}');
SQL
run_sql($sql);

my $before = traces_in(dump_of('postgres'));
cmp_ok($before->{$_}, '>', { 'the name' => 150, 'half of it' => 150 }->{$_} // 2, "before: $_ is there $before->{$_} times") for sort keys %traces;
# In each table that can have it.
my $tables = run_sql(<<'SQL');
CREATE FUNCTION tables_with(pattern text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	relation regclass;
	found boolean;
	list text[] := '{}';
BEGIN
	FOR relation IN SELECT c.oid FROM pg_class AS c WHERE relkind = 'r' AND relnamespace IN ('flowcustomer'::regnamespace, 'public'::regnamespace) ORDER BY relname COLLATE "C"
	LOOP
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS r WHERE r::text ~* $1)', relation) INTO found USING pattern;
		IF found THEN
			list := list || replace(relation::text, 'flowcustomer.', '');
		END IF;
	END LOOP;
	RETURN array_to_string(list, ' ');
END $$;
SELECT tables_with('z[yý]xqw|91827364');
SQL
is($tables, 'contact customer customer_address customer_consent customer_hold customer_redirect duplicate_dismissal erasure external_customer linked merge points preference print_job sales_order service_order visit', 'in all of these tables');
my $others = "SELECT md5(string_agg(row, E'\\n' ORDER BY row)) FROM (SELECT to_jsonb(c)::text AS row FROM flowcustomer.customer AS c WHERE customer_uid IN ('other', 'third') UNION ALL SELECT to_jsonb(o)::text FROM flowcustomer.sales_order AS o WHERE order_uid = 's9' UNION ALL SELECT to_jsonb(v)::text FROM visit AS v WHERE customer = 'other') AS r";
my $books = "SELECT string_agg(concat_ws(' ', order_uid, ordered_at, grand_total, store_uid, state), ', ' ORDER BY order_uid) FROM flowcustomer.sales_order";
my ($others_before, $books_before) = (run_sql($others), run_sql($books));

is(run_sql("SELECT flowcustomer.customer_erase('t', 'kari-3', '{\"reason\": \"$word\"}') ->> 'state'"), 'DONE', 'she is erased');
# The function that looks for her has her name in it.
run_sql('DROP FUNCTION tables_with');
my $dump = dump_of('postgres');
my $after = traces_in($dump);
is($after->{$_}, 0, "after: $_ is nowhere") for sort keys %traces;
diag(join("\n", map { utf8::encode(my $line = substr($_, 0, 300)); $line } grep { /xqw|91827364|45556677|987654321|7012345678900/i } split(/\n/, $dump))) if grep { $_ > 0 } values %$after;
is(run_sql($others), $others_before, 'others are as they were');
is(run_sql($books), $books_before, 'so are the amounts');

# What comes later does not bring her back.
run_sql("SELECT flowcustomer.sales_order_put('t', '" . sales_order('s1', 'kari', $word) . "'), flowcustomer.sales_order_batch('t', '[" . sales_order('s7', 'kari-2', $word) . ', ' . sales_order('s8', 'kari', $word) . "]'), flowcustomer.service_order_put('t', '" . service_order('v7', 'kari-3', $word) . "');");
for my $call ("customer_update('t', 'kari', '{\"city\": \"$word\"}')", "customer_address_put('t', 'kari', '{\"type\": \"INVOICE_ADDRESS\", \"city\": \"$word\"}')", "customer_consent_set('t', 'kari', 'news', '{\"status\": true, \"source\": \"$word\"}')",
	"customer_hold_put('t', 'kari', '{\"reason\": \"$word\"}')", "customer_contact_create('t', 'kari', '{\"firstname\": \"$word\", \"lastname\": \"$word\"}')", "customer_duplicate_dismiss('t', 'kari', 'other', '$word')", "customer_erase('t', 'kari', '{\"reason\": \"$word\"}')")
{
	my $encoded = $call;

	utf8::encode($encoded);
	$node->psql('postgres', "SELECT flowcustomer.$encoded");
}
is(traces_in(dump_of('postgres'))->{'half of it'}, 0, 'nor does anything that comes later bring her back');

# The server dies right after the commit.
run_sql("SELECT flowcustomer.customer_create('t', '" . customer('brief', $word, 6, '91827364', '') . "'), flowcustomer.sales_order_put('t', '" . sales_order('s6', 'brief', $word) . "')");
cmp_ok(traces_in(dump_of('postgres'))->{'the name'}, '>', 30, 'somebody else of that name');
run_sql("SELECT flowcustomer.customer_erase('t', 'brief')");
$node->stop('immediate');
$node->start;
is(run_sql("SELECT erased_at IS NOT NULL FROM flowcustomer.customer WHERE customer_uid = 'brief'"), 't', 'after a crash the customer is erased');
$after = traces_in(dump_of('postgres'));
is($after->{$_}, 0, "after a crash: $_ is nowhere") for 'half of it', 'the telephone number', 'the loyalty card';

# ---------------------------------------------------------------------------
# Many at once, while the server dies
# ---------------------------------------------------------------------------

run_sql(<<"SQL");
SELECT flowcustomer.organization_put('u', '{"organizationUid": "o", "name": "O"}'), flowcustomer.store_put('u', '{"storeUid": "s", "name": "S", "organizationUid": "o"}');
SELECT flowcustomer.consent_put('u', '{"consentUid": "news", "name": "News"}'), flowcustomer.customer_group_create('u', '{"customerGroupUid": "g", "name": "G"}');
CREATE TABLE note (id int PRIMARY KEY, tenant text, customer text, note text);
SELECT flowcustomer.reference_register('note', 'tenant', 'customer', 'KEEP', '{note}');
SELECT flowcustomer.customer_batch('u', json_build_object('create', json_agg(json_build_object('customerUid', 'c' || n, 'customerType', 'PERSON', 'firstname', 'Name ' || n, 'mobile', '+479' || lpad(n::text, 7, '0'), 'customerGroupUids', json_build_array('g'),
	'consents', json_build_array(json_build_object('consentUid', 'news', 'status', true, 'source', 'Name'))))))::text FROM generate_series(1, $people) AS n;
SELECT count(flowcustomer.customer_address_put('u', 'c' || n, json_build_object('customerAddressUid', 'a' || n, 'type', 'DELIVERY_ADDRESS', 'address', 'Name'))), count(flowcustomer.customer_contact_create('u', 'c' || n, json_build_object('customerContactUid', 'k' || n, 'firstname', 'Name', 'lastname', 'Berg'))),
	count(flowcustomer.service_order_put('u', json_build_object('serviceOrderUid', 'v' || n, 'customerUid', 'c' || n, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z', 'title', 'Name', 'totals', json_build_object('grandTotal', 1)))) FROM generate_series(1, $people) AS n;
SELECT count(flowcustomer.sales_order_put('u', json_build_object('orderUid', 'o' || n || '-' || k, 'customerUid', 'c' || n, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z', 'note', 'Name', 'orderTotals', json_build_object('grandTotal', n), 'settlements', json_build_array())))
FROM generate_series(1, $people) AS n, generate_series(1, 5) AS k;
INSERT INTO note SELECT n, 'u', 'c' || n, 'Name' FROM generate_series(1, $people) AS n;
SELECT flowcustomer.retention_put('u', '{"yearsAfterLastOrder": 100}');
SELECT count(flowcustomer.customer_erase('u', 'c' || n, '{"reason": "Name", "whenPossible": true}')) FROM generate_series(1, $people) AS n;
SELECT flowcustomer.retention_put('u', '{"yearsAfterLastOrder": 0}');
-- In how many places each customer's name is still to be read: all, or none.
CREATE VIEW legible AS SELECT 'c' || n AS uid, e.state,
	(SELECT count(*) FROM flowcustomer.customer WHERE tenant_uid = 'u' AND customer_uid = 'c' || n AND firstname IS NOT NULL AND mobile IS NOT NULL AND erased_at IS NULL)
	+ (SELECT count(*) FROM flowcustomer.customer_address WHERE tenant_uid = 'u' AND customer_uid = 'c' || n) + (SELECT count(*) FROM flowcustomer.contact WHERE tenant_uid = 'u' AND contact_uid = 'k' || n)
	+ (SELECT count(*) FROM flowcustomer.customer_contact WHERE tenant_uid = 'u' AND customer_uid = 'c' || n) + (SELECT count(*) FROM flowcustomer.customer_consent WHERE tenant_uid = 'u' AND customer_uid = 'c' || n)
	+ (SELECT count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = 'u' AND customer_uid = 'c' || n) + (SELECT count(*) FROM flowcustomer.sales_order WHERE tenant_uid = 'u' AND customer_uid = 'c' || n AND document ->> 'note' = 'Name')
	+ (SELECT count(*) FROM flowcustomer.service_order WHERE tenant_uid = 'u' AND customer_uid = 'c' || n AND document ->> 'title' = 'Name') + (SELECT count(*) FROM note WHERE customer = 'c' || n AND note.note = 'Name') + count(*) FILTER (WHERE e.reason = 'Name') AS places
FROM generate_series(1, $people) AS n JOIN flowcustomer.erasure AS e ON e.tenant_uid = 'u' AND e.customer_uid = 'c' || n GROUP BY n, e.state;
CREATE VIEW wrong AS SELECT uid, state, places::text FROM legible WHERE places <> CASE state WHEN 'DONE' THEN 0 ELSE 14 END
UNION ALL SELECT kind, owner_uid, amount::text FROM (SELECT kind, owner_uid, sum(amount) AS amount FROM flowcustomer.total WHERE tenant_uid = 'u' GROUP BY kind, owner_uid) AS t
WHERE amount <> CASE kind WHEN 'customer' THEN $people WHEN 'group' THEN 1 WHEN 'contact' THEN (SELECT count(*) FROM flowcustomer.contact WHERE tenant_uid = 'u') ELSE (SELECT count(*) FROM flowcustomer.customer_group_member WHERE tenant_uid = 'u') END;
SQL
is(run_sql("SELECT count(*) || ' ' || count(DISTINCT places) FROM legible WHERE state = 'QUEUED'"), "$people 1", 'many wait, and are whole');
is(run_sql('SELECT * FROM wrong LIMIT 5'), '', 'nothing is wrong to begin with');

# Waits until more are erased than a number.
sub wait_for
{
	my ($limit) = @_;
	my $deadline = time() + 120;

	while (run_sql("SELECT count(*) FROM legible WHERE state = 'DONE'") <= $limit)
	{
		die 'the work got nowhere' if time() > $deadline;
		usleep(2_000);
	}
	return;
}

my $done = 0;
for my $death (1 .. 4)
{
	my $work = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', q{CALL flowcustomer.erase_due('u')} ], '>', \my $out, '2>', \my $err);

	wait_for($done + 3);
	usleep(1000 * int(rand(20)));
	if ($death % 2)
	{
		my $pid = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE query ~ 'erase_due' AND pid <> pg_backend_pid() LIMIT 1});

		kill 'KILL', $pid if $pid;
		$node->poll_query_until('postgres', 'SELECT true');
	}
	else
	{
		$node->stop('immediate');
		$node->start;
	}
	$work->finish;
	$done = run_sql("SELECT count(*) FROM legible WHERE state = 'DONE'");
	cmp_ok($done, '<', $people, "death $death: $done are erased, and some are left");
	is(run_sql('SELECT * FROM wrong LIMIT 5'), '', "death $death: each is whole or erased");
}
# One that can't be done is told of, and the others don't wait for it.
my $blocked = run_sql(q{SELECT max(uid) FROM legible WHERE state = 'QUEUED'});
run_sql("ALTER TABLE note ADD CHECK (note IS NOT NULL OR customer <> '$blocked')");
my ($status, $stdout, $stderr) = $node->psql('postgres', q{CALL flowcustomer.erase_due('u')});
my $uid = run_sql("SELECT erasure_uid FROM flowcustomer.erasure WHERE tenant_uid = 'u' AND customer_uid = '$blocked'");
is($status, 0, 'called again it comes to its end');
like($stderr, qr/^[^\n]*WARNING:  erasure "$uid" could not be done: ERASE_BLOCKED\n?\z/, 'with a warning of one that could not be done');
is(run_sql(q{SELECT string_agg(uid || ' ' || places, ', ') FROM legible WHERE state <> 'DONE'}), "$blocked 14", 'which is whole');
is(run_sql('SELECT * FROM wrong LIMIT 5'), '', 'all others are erased');

done_testing();
