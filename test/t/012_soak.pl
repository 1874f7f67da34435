# Eight clients do everything that can be done with customers at the same time, to the
# same customers.  No client gets an error that only the server understands, and only
# those refusals that what others did can lead to; nothing that a client was told to
# be done is undone by somebody else; totals, balances and all that check_integrity
# looks at are right at the end; the feed has a change for each write; and the clients'
# processes have no more memory at the end than in the middle.
#
# Then the same again with some clients at stricter isolation levels, which may have to
# try again.
#
# FLOWCUSTOMER_SOAK_SECONDS says how long both take together, FLOWCUSTOMER_SEED where the
# random numbers begin.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use Clients;
use List::Util qw(shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $seconds = $ENV{FLOWCUSTOMER_SOAK_SECONDS} || 8;
my $seed = $ENV{FLOWCUSTOMER_SEED} || 20250730;
my $clients = 8;
my $kept = 10;		# customers who are never deleted, erased or merged away
my $guests = 8;		# customers who are merged into those, and come back
my $passing = 16;	# customers to whom anything happens

# Each client writes a field of its own.
my @fields = qw(firstname lastname address city email internalNote origin ledgerNumber);

srand($seed);
note("FLOWCUSTOMER_SEED=$seed FLOWCUSTOMER_SOAK_SECONDS=$seconds");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
# The code that is made of plans stays in a process, so it would look like a leak.  Who
# starts over after a deadlock does so early, so that there are many of them.
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
log_line_prefix = '%m [%p] %e '
fsync = off
max_connections = 40
deadlock_timeout = 100ms
jit = off
CONF
$node->start;

$node->safe_psql('postgres', <<SQL);
CREATE EXTENSION flowcustomer CASCADE;
CREATE FUNCTION invoice(uid text, customer text, amount int) RETURNS json LANGUAGE sql AS \$\$
	SELECT json_build_object('orderUid', uid, 'customerUid', customer, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z',
		'orderTotals', json_build_object('grandTotal', amount), 'settlements', json_build_array(json_build_object('settlementCode', 'INVOICE', 'amount', amount))) \$\$;
-- Undoes the newest merge of a duplicate that has not been undone.
CREATE FUNCTION undo(t text, duplicate text) RETURNS json LANGUAGE sql AS \$\$
	SELECT flowcustomer.customer_merge_undo(t, (SELECT coalesce(max(merge_uid), 'none') FROM flowcustomer.merge WHERE tenant_uid = t AND duplicate_uid = duplicate AND undone_at IS NULL)) \$\$;
CREATE PROCEDURE make(t text) LANGUAGE plpgsql AS \$\$
BEGIN
	PERFORM flowcustomer.tenant_put(t, '{"name": "T", "lenient": true, "defaultPrinterUid": "p"}');
	PERFORM flowcustomer.organization_put(t, '{"organizationUid": "o", "name": "O"}');
	PERFORM flowcustomer.store_put(t, '{"storeUid": "s", "name": "S", "organizationUid": "o"}');
	PERFORM flowcustomer.consent_put(t, json_build_object('consentUid', uid, 'name', uid)) FROM unnest(ARRAY['news', 'sms']) AS uid;
	PERFORM flowcustomer.printer_put(t, '{"printerUid": "p", "name": "P", "kind": "LABEL"}');
	PERFORM flowcustomer.customer_group_create(t, json_build_object('customerGroupUid', uid, 'name', uid)) FROM (SELECT 'pool' UNION ALL SELECT 'of-' || n FROM generate_series(1, $clients) AS n) AS u (uid);
	-- nothing of those who are kept is empty, so that no merge fills it
	PERFORM flowcustomer.customer_batch(t, json_build_object('create', (SELECT json_agg(
		json_build_object('customerUid', 'kept-' || n, 'customerType', 'PERSON', 'externalId', 'E-kept-' || n, 'firstname', '0', 'lastname', '0', 'address', '0', 'city', '0', 'email', '0', 'internalNote', '0', 'origin', '0', 'ledgerNumber', '0'))
		FROM generate_series(1, $kept) AS n)));
END \$\$;
CREATE FUNCTION totals_are_right(t text) RETURNS boolean LANGUAGE sql STABLE AS \$\$
	SELECT flowcustomer.customer_list(t) #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer WHERE tenant_uid = t)
		AND flowcustomer.contact_list(t) #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.contact WHERE tenant_uid = t)
		AND flowcustomer.customer_group_list(t) #>> '{paging,totalCount}' = (SELECT count(*)::text FROM flowcustomer.customer_group WHERE tenant_uid = t)
		AND NOT EXISTS (SELECT FROM flowcustomer.customer_group AS g WHERE tenant_uid = t AND flowcustomer.customer_group_customer_list(t, group_uid) #>> '{paging,totalCount}'
			IS DISTINCT FROM (SELECT count(*)::text FROM flowcustomer.customer_group_member AS m WHERE tenant_uid = t AND m.group_uid = g.group_uid)) \$\$;
-- The whole feed, read as a reader does.
CREATE FUNCTION feed(t text) RETURNS TABLE (entity text, uid text, operation text) LANGUAGE plpgsql AS \$\$
DECLARE
	answer json;
	place text := '';
BEGIN
	LOOP
		answer := flowcustomer.changes(t, place, 1000);
		EXIT WHEN json_array_length(answer -> 'items') = 0;
		place := answer ->> 'lastPosition';
		RETURN QUERY SELECT i ->> 'entity', i ->> 'uid', i ->> 'operation' FROM json_array_elements(answer -> 'items') AS i;
	END LOOP;
END \$\$;
SQL

# ---------------------------------------------------------------------------
# What clients do
# ---------------------------------------------------------------------------

# What can become of a call on customers to whom anything happens, besides that it is
# done, and why.
my $gone = 'PT404 CUSTOMER_NOT_FOUND';			# deleted, or not there yet
my $named_gone = 'PT400 CUSTOMER_NOT_FOUND';	# the same, where the body names it
my $erased = 'PT409 CUSTOMER_ERASED';			# erased: it gets nothing new
my $group_gone = 'PT404 GROUP_NOT_FOUND';
my $contact_gone = 'PT404 CONTACT_NOT_FOUND';
my %refusals = (
	# the uid is there, or leads to another one
	customer_create => [ 'PT409 CUSTOMER_ALREADY_EXISTS', 'PT409 CUSTOMER_ALREADY_MERGED', 'PT400 GROUP_NOT_FOUND' ],
	customer_update => [ $gone, $erased, 'PT400 GROUP_NOT_FOUND' ],
	# what is left of one that was merged is not deleted by its old name; a hold and a queued erasure keep it
	customer_delete => [ $gone, 'PT404 CUSTOMER_MERGED', 'PT409 CUSTOMER_HELD', 'PT409 ERASURE_QUEUED', 'PT409 CUSTOMER_ALREADY_MERGED' ],
	# in the batch's answer, for each item; an upsert makes a customer with the external id of one who is deleted, who then is made again
	customer_batch => [ 'CUSTOMER_NOT_FOUND', 'CUSTOMER_ALREADY_EXISTS', 'CUSTOMER_ALREADY_MERGED', 'CUSTOMER_MERGED', 'CUSTOMER_ERASED', 'CUSTOMER_HELD', 'ERASURE_QUEUED', 'GROUP_NOT_FOUND', 'EXTERNAL_ID_AMBIGUOUS' ],
	# the two are the same by now, when one leads to the other
	customer_merge => [ $gone, $named_gone, $erased, 'PT400 MERGE_SELF', 'PT409 CUSTOMER_ALREADY_MERGED' ],
	undo => [ 'PT404 MERGE_NOT_FOUND', 'PT409 MERGE_ALREADY_UNDONE', 'PT409 MERGE_NOT_LAST', 'PT409 CUSTOMER_ALREADY_EXISTS', $erased ],
	customer_erase => [ $gone, $erased, 'PT409 ERASURE_HELD' ],
	erase_due => [],
	customer_hold_put => [ $gone, $erased, 'PT409 HOLD_ALREADY_EXISTS' ],
	customer_hold_remove => [ $gone, 'PT404 HOLD_NOT_FOUND' ],
	# a uid that an address may have had before the merge is none of the one that is left
	customer_address_put => [ $gone, $erased, 'PT409 CUSTOMER_ALREADY_MERGED' ],
	customer_consent_set => [ $gone, $erased ],
	customer_extension_add => [ $gone, $erased ],
	customer_extension_remove => [ $gone, 'PT404 EXTENSION_NOT_FOUND', $erased ],
	customer_contact_create => [ $gone, $erased, 'PT409 CONTACT_ALREADY_EXISTS' ],
	customer_contact_update => [ $gone, $contact_gone, $erased ],
	customer_contact_delete => [ $gone, $contact_gone, $erased ],
	contact_customer_add => [ $contact_gone, $named_gone, $erased ],
	# CUSTOMER_NOT_FOUND says that the two are not linked
	contact_customer_remove => [ $contact_gone, $gone ],
	contact_delete => [$contact_gone],
	customer_group_customer_update => [ $group_gone, $named_gone, $erased ],
	customer_group_delete => [$group_gone],
	customer_group_create => ['PT409 GROUP_ALREADY_EXISTS'],
	sales_order_put => [$named_gone],
	sales_order_batch => ['CUSTOMER_NOT_FOUND'],
	sales_order_remove => ['PT404 SALES_ORDER_NOT_FOUND'],
	customer_print => [ $gone, $erased ],
	print_job_claim => [],
	customer_duplicates_refresh => [],
	totals_are_right => [],
	check_integrity => []);

sub pick
{
	my (@list) = @_;

	return $list[ int(rand(@list)) ];
}

# A call of an API function; "done" notes what a client knows when it is done, and gives
# the entities that have changed, as "ENTITY uid".
sub call
{
	my ($client, $function, $arguments, $done) = @_;

	return { name => $function, sql => "SELECT flowcustomer.$function('$client->{tenant}', $arguments);", done => $done };
}

# Something of one's own with a customer who is kept; this is never refused.
sub kept_call
{
	my ($client) = @_;
	my $knows = $client->{knows};
	my $n = ++$client->{n};
	my $customer = 'kept-' . (1 + int(rand($kept)));
	my $other = 'kept-' . (1 + int(rand($kept)));
	my $kind = int(rand(9));

	if ($kind == 0)
	{
		my $field = $client->{field};

		return call($client, 'customer_update', qq('$customer', '{"$field": "$n"}'),
			sub { $knows->{"$customer has $field"} = $n; return "CUSTOMER $customer"; });
	}
	if ($kind == 1)
	{
		my $address = "of-$client->{number}";

		return call($client, 'customer_address_remove', "'$customer', '$address'",
			sub { delete $knows->{"$customer has address $address in"}; return "CUSTOMER $customer"; })
		  if $knows->{"$customer has address $address in"} && rand() < 0.3;
		return call($client, 'customer_address_put', qq('$customer', '{"customerAddressUid": "$address", "type": "INVOICE_ADDRESS", "city": "$n"}'),
			sub { $knows->{"$customer has address $address in"} = $n; return "CUSTOMER $customer"; });
	}
	if ($kind == 2)
	{
		my $source = "$client->{number}-$n";
		my $status = pick(qw(true false));

		return call($client, 'customer_consent_set', qq('$customer', 'news', '{"status": $status, "source": "$source"}'),
			sub { $knows->{"$customer said in $source"} = $status; return "CUSTOMER $customer"; });
	}
	if ($kind == 3)
	{
		my $group = "of-$client->{number}";
		my $in = !$knows->{"$customer is in $group"};

		return call($client, 'customer_group_customer_update', qq('$group', '{") . ($in ? 'add' : 'remove') . qq(CustomerUids": ["$customer"]}'),
			sub {
				$in ? $knows->{"$customer is in $group"} = 'it' : delete $knows->{"$customer is in $group"};
				return "CUSTOMER $customer";
			});
	}
	if ($kind == 4)
	{
		my $contact = "of-$client->{number}";

		return call($client, 'contact_create', qq('{"customerContactUid": "$contact", "firstname": "$n", "lastname": "L"}'),
			sub { $knows->{"$contact is"} = $n; return "CONTACT $contact"; })
		  if !$knows->{"$contact is"};
		return call($client, 'contact_update', qq('$contact', '{"firstname": "$n"}'),
			sub { $knows->{"$contact is"} = $n; return "CONTACT $contact"; })
		  if rand() < 0.3;
		return call($client, 'contact_customer_remove', "'$contact', '$customer'",
			sub { delete $knows->{"$customer knows $contact as"}; return ("CONTACT $contact", "CUSTOMER $customer"); })
		  if $knows->{"$customer knows $contact as"} && rand() < 0.5;
		my $role = pick(grep { $_ ne ($knows->{"$customer knows $contact as"} || '') } qw(ADMIN PURCHASER ACCOUNTING NONE));
		return call($client, 'contact_customer_add', qq('$contact', '{"customers": [{"customerUid": "$customer", "role": "$role"}]}'),
			sub { $knows->{"$customer knows $contact as"} = $role; return ("CONTACT $contact", "CUSTOMER $customer"); });
	}
	if ($kind == 5)
	{
		# some orders go from one customer to another, others are new
		my $order = "of-$client->{number}-" . (rand() < 0.5 ? 1 + int(rand(5)) : $n);

		return call($client, 'sales_order_put', "invoice('$order', '$customer', $n)",
			sub { $knows->{"$order over $n is of"} = $customer; delete $knows->{ $client->{orders}{$order} || '' }; $client->{orders}{$order} = "$order over $n is of"; return ("SALES_ORDER $order"); });
	}
	if ($kind == 6)
	{
		my @orders = map { "of-$client->{number}-$n-$_" } 1 .. 3;

		return call($client, 'sales_order_batch', 'json_build_array(' . join(', ', map { "invoice('$_', '$customer', $n)" } @orders) . ", invoice('shared', 'passing-1', $n))",
			sub { $knows->{"$_ over $n is of"} = $customer foreach @orders; return map { "SALES_ORDER $_" } @orders; });
	}
	if ($kind == 7)
	{
		# each customer's balance is set by one client
		my @mine = grep { $_ % $clients == $client->{number} - 1 } 1 .. $kept;
		my $mine = 'kept-' . pick(@mine);

		return call($client, 'customer_credit_balance_set', qq('$mine', '{"openingBalance": $n}'),
			sub { $knows->{"$mine had a balance of"} = $n; return "CUSTOMER $mine"; });
	}
	return call($client, 'customer_print', "'$customer'", sub { $client->{printed}{$customer}++; return; });
}

# Something with customers to whom anything happens, and with who is left of them.
sub passing_call
{
	my ($client) = @_;
	my $t = $client->{tenant};
	my $n = ++$client->{n};
	my ($a, $b, $c) = map { "passing-$_" } shuffle(1 .. $passing);
	my $k = 'kept-' . (1 + int(rand($kept)));
	# while it leads to one who is kept, what is written to it is written there
	my $g = 'guest-' . (1 + int(rand($guests)));
	my $contact = 'passing-k' . int(rand(6));
	my $hold = "of-$client->{number}";

	return pick(
		(call($client, 'customer_create', qq('{"customerUid": "$a", "customerType": "PERSON", "externalId": "E-$a", "city": "C$n", "customerGroupUids": ["pool"]}'), sub { return "CUSTOMER $a CREATE"; })) x 3,
		call($client, 'customer_update', qq('$a', '{"city": "C$n", "customerGroupUids": ["pool"]}')),
		call($client, 'customer_update', qq('$a', '{"city": "C$n", "customerGroupUids": []}')),
		(call($client, 'customer_batch', qq('{"create": [{"customerUid": "$a", "customerType": "PERSON", "externalId": "E-$a"}], "update": [{"customerUid": "$b", "city": "C$n", "customerGroupUids": ["pool"]}, {"customerUid": "$c", "origin": "$n"}], "upsert": [{"customerUid": "$c", "customerType": "PERSON", "city": "C$n"}, {"externalId": "E-$k", "consents": [{"consentUid": "sms", "status": true, "source": "batch $n"}]}], "delete": [{"customerUid": "$b"}]}'))) x 3,
		call($client, 'customer_delete', "'$a'", sub { return "CUSTOMER $a DELETE"; }),
		call($client, 'customer_merge', qq('$a', '{"mergeFromCustomerUid": "$b"}')),
		call($client, 'customer_merge', qq('$b', '{"mergeFromCustomerUid": "$a"}')),
		({ name => 'undo', sql => "SELECT undo('$t', '$a');" }) x 2,
		(call($client, 'customer_create', qq('{"customerUid": "$g", "customerType": "PERSON", "externalId": "E-$g"}'), sub { return "CUSTOMER $g CREATE"; })) x 2,
		(call($client, 'customer_merge', qq('$k', '{"mergeFromCustomerUid": "$g"}'))) x 3,
		({ name => 'undo', sql => "SELECT undo('$t', '$g');" }) x 3,
		call($client, 'customer_update', qq('$g', '{"paymentTerms": $n}')),
		call($client, 'customer_batch', qq('{"update": [{"customerUid": "$g", "paymentTerms": $n}], "upsert": [{"externalId": "E-$g", "customerType": "PERSON", "consents": [{"consentUid": "sms", "status": false, "source": "guest $n"}]}, {"externalId": "E-$k", "paymentTerms": $n}]}')),
		call($client, 'customer_delete', "'$g'", sub { return "CUSTOMER $g DELETE"; }),
		call($client, 'customer_address_put', qq('$g', '{"customerAddressUid": "x$n", "type": "DELIVERY_ADDRESS", "city": "C$n"}')),
		call($client, 'customer_contact_create', qq('$g', '{"customerContactUid": "$contact", "firstname": "F", "lastname": "L"}')),
		call($client, 'sales_order_put', "invoice('guest', '$g', $n)"),
		call($client, 'customer_hold_put', qq('$g', '{"holdUid": "$hold", "reason": "R"}')),
		call($client, 'customer_erase', "'$a', NULL"),
		call($client, 'customer_erase', qq('$a', '{"whenPossible": true}')),
		{ name => 'erase_due', sql => "CALL flowcustomer.erase_due('$t');" },
		call($client, 'customer_hold_put', qq('$a', '{"holdUid": "$hold", "reason": "R"}')),
		call($client, 'customer_hold_remove', qq('$a', '$hold')),
		call($client, 'customer_hold_remove', qq('$k', '$hold')),
		call($client, 'customer_address_put', qq('$a', '{"customerAddressUid": "x$n", "type": "INVOICE_ADDRESS", "city": "C$n"}')),
		call($client, 'customer_consent_set', qq('$a', 'sms', '{"status": true, "source": "passing $n"}')),
		call($client, 'customer_extension_add', qq('$a', 'TWO_INVOICE', '{"storeUid": "s"}')),
		call($client, 'customer_extension_remove', qq('$k', 'TWO_INVOICE', '{"storeUid": "s"}')),
		call($client, 'customer_contact_create', qq('$a', '{"customerContactUid": "$contact", "firstname": "F", "lastname": "L"}')),
		call($client, 'customer_contact_update', qq('$a', '$contact', '{"firstname": "$n"}')),
		call($client, 'customer_contact_delete', "'$a', '$contact'"),
		call($client, 'contact_customer_add', qq('$contact', '{"customers": [{"customerUid": "$a", "role": "ADMIN"}, {"customerUid": "$k"}]}')),
		call($client, 'contact_customer_remove', "'$contact', '$k'"),
		call($client, 'contact_delete', "'$contact'"),
		call($client, 'customer_group_customer_update', qq('pool', '{"addCustomerUids": ["$a", "$g"], "removeCustomerUids": ["$b", "$k"]}')),
		call($client, 'customer_group_delete', q('pool')),
		call($client, 'customer_group_create', q('{"customerGroupUid": "pool", "name": "Pool"}')),
		call($client, 'sales_order_put', "invoice('passing', '$a', $n)"),
		call($client, 'sales_order_put', "invoice('passing', '$k', $n)"),
		call($client, 'sales_order_batch', "json_build_array(invoice('passing', '$b', $n), invoice('passing-2', '$a', $n), invoice('passing-3', '$k', $n))"),
		call($client, 'sales_order_remove', q('passing')),
		call($client, 'print_job_claim', q('p', 86400, 3)),
		({ name => 'totals_are_right', sql => "SELECT totals_are_right('$t');" }) x 2,
		(rand() < 0.2 ? { name => 'check_integrity', sql => "SELECT * FROM flowcustomer.check_integrity('$t');" } : ()),
		(rand() < 0.1 ? { name => 'customer_duplicates_refresh', sql => "SELECT flowcustomer.customer_duplicates_refresh('$t');" } : ()));
}

# What is wrong with the outcome of a call, if anything.
sub objection
{
	my ($outcome) = @_;
	my $client = $outcome->{client};
	my $call = $outcome->{call};
	my $said = $outcome->{said};

	return 'the server is gone' if $outcome->{lost};
	return 'the totals are not those of the rows' if $call->{name} eq 'totals_are_right' && $said eq 'done' && $outcome->{text} ne 't';
	return 'something is wrong' if $call->{name} eq 'check_integrity' && $outcome->{text} ne '';
	# another client's erase_due can be there first
	return 'a warning' if $outcome->{text} =~ /WARNING:  (?!erasure "[^"]+" could not be done: ERASURE_NOT_QUEUED)/;
	# Stricter levels see nothing of what others have done since they began.  When that is in
	# the way the caller is to try again: told by the server, or by a key of what cannot be seen.
	return if $client->{level} ne 'read committed' && ($outcome->{state} eq '40001' || $said eq 'PT409 CONFLICT' || ($said eq 'PT409 ISOLATION_LEVEL' && $call->{name} =~ /erase/));
	my @refused = $outcome->{text} =~ /"errorCode":"(\w+)"/g;
	@refused = ($said) if $said ne 'done';
	return if !@refused;
	my %accepted = map { $_ => 1 } $call->{kept} ? () : @{ $refusals{ $call->{name} } };
	# the last item of these batches is not one's own
	%accepted = (CUSTOMER_NOT_FOUND => 1) if $call->{kept} && $call->{name} eq 'sales_order_batch';
	$accepted{CONFLICT} = 1 if $client->{level} ne 'read committed';
	return grep({ !$accepted{$_} } @refused) ? 'it should not be refused so' : undef;
}

# ---------------------------------------------------------------------------
# The work, and what is there then
# ---------------------------------------------------------------------------

# The bytes of a client's process: those that the server knows of, and all that are not of files.
sub memory_of
{
	my ($client) = @_;
	my $contexts = $client->run('SELECT sum(total_bytes) FROM pg_backend_memory_contexts;')->{text};
	my ($private) = slurp_file("/proc/$client->{backend}/status") =~ /^RssAnon:\s+(\d+) kB/m;

	return { contexts => $contexts, private => $private * 1024 };
}

# Lets all clients work until a time.
sub work
{
	my ($running, $until, $bad, $expected, $said) = @_;
	my $give_up = $until + $PostgreSQL::Test::Utils::timeout_default;
	my $busy = 0;
	my $start = sub {
		my ($client) = @_;
		my $is_kept = rand() < 0.5;
		my $call = $is_kept ? kept_call($client) : passing_call($client);

		$call->{kept} = $is_kept;
		$client->ask($call->{sql}, $call);
		$busy++;
	};

	$start->($_) foreach @$running;
	while ($busy)
	{
		die 'the clients hang' if time() > $give_up;
		foreach my $outcome (Clients::wait_for_answers($running, time() + 1))
		{
			my $objection = objection($outcome);
			my $call = $outcome->{call};

			$busy--;
			push @$bad, "$objection: $outcome->{said}: $outcome->{sql}: $outcome->{text}" if $objection;
			die 'a client is gone' if $outcome->{lost};
			$said->{"$call->{name} $outcome->{said}"}++;
			if ($outcome->{state} eq '00000')
			{
				$expected->{$_}++ foreach $call->{done} ? $call->{done}->() : ();
				push @{ $outcome->{client}{claimed} }, $outcome->{text} =~ /"printJobUid":"([^"]+)"/g if $call->{name} eq 'print_job_claim';
			}
			$start->($outcome->{client}) if time() < $until && @$bad < 100;
		}
	}
	return;
}

sub soak
{
	my ($t, $for, @levels) = @_;
	my (@running, @bad, %expected, %said);

	$node->safe_psql('postgres', "CALL make('$t')");
	foreach my $number (1 .. $clients)
	{
		my $client = Clients->new($node, "$t-client$number");

		$client->{number} = $number;
		$client->{tenant} = $t;
		$client->{field} = $fields[ $number - 1 ];
		$client->{knows} = {};
		$client->{claimed} = [];
		$client->{n} = 0;
		$client->{level} = $levels[ ($number - 1) % @levels ];
		$client->run("SET default_transaction_isolation = '$client->{level}';");
		$client->{backend} = $client->run('SELECT pg_backend_pid();')->{text};
		push @running, $client;
	}

	# until every statement has been planned, and then as long again
	my $begun = time();
	work(\@running, $begun + $for / 2, \@bad, \%expected, \%said);
	my @before = map { memory_of($_) } @running;
	work(\@running, $begun + $for, \@bad, \%expected, \%said);
	my @after = map { memory_of($_) } @running;

	is(join("\n", @bad), '', "$t: no client was refused what it should not be");
	my @counts = map { $_->{answers} } @running;
	note("$t: answers to each client: @counts");
	note("$t: $said{$_} of $_") foreach sort keys %said;
	foreach my $i (0 .. $#running)
	{
		my $number = $i + 1;
		my $more = $after[$i]{contexts} - $before[$i]{contexts};

		# in a short time not every plan has been made that there can be
		cmp_ok($more, '<', ($seconds < 60 ? 4 : 1) * 1024 * 1024, "$t: client $number has as much memory as before: $more more than $before[$i]{contexts}");
		$more = $after[$i]{private} - $before[$i]{private};
		cmp_ok($more, '<', ($seconds < 60 ? 16 : 8) * 1024 * 1024, "$t: and its process: $more more than $before[$i]{private}");
	}
	$_->finish foreach @running;

	# what each client knows
	my %facts = map { split /\|/ } split /\n/, $node->safe_psql('postgres', <<SQL);
SELECT customer_uid || ' has ' || key, value FROM flowcustomer.customer AS c,
	json_each_text(json_build_object('firstname', firstname, 'lastname', lastname, 'address', address, 'city', city, 'email', email, 'internalNote', internal_note, 'origin', origin, 'ledgerNumber', ledger_number))
WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' AND value <> '0'
UNION ALL SELECT customer_uid || ' has address ' || customer_address_uid || ' in', city FROM flowcustomer.customer_address WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' AND customer_address_uid LIKE 'of-%'
UNION ALL SELECT customer_uid || ' said in ' || source, status::text FROM flowcustomer.customer_consent WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' AND consent_uid = 'news'
UNION ALL SELECT customer_uid || ' is in ' || group_uid, 'it' FROM flowcustomer.customer_group_member WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' AND group_uid LIKE 'of-%'
UNION ALL SELECT contact_uid || ' is', firstname FROM flowcustomer.contact WHERE tenant_uid = '$t' AND contact_uid LIKE 'of-%'
UNION ALL SELECT customer_uid || ' knows ' || contact_uid || ' as', role FROM flowcustomer.customer_contact WHERE tenant_uid = '$t' AND contact_uid LIKE 'of-%'
UNION ALL SELECT order_uid || ' over ' || grand_total || ' is of', customer_uid FROM flowcustomer.sales_order WHERE tenant_uid = '$t' AND order_uid LIKE 'of-%'
UNION ALL SELECT customer_uid || ' had a balance of', credit_opening_balance::text FROM flowcustomer.customer WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' AND credit_opening_balance <> 0
UNION ALL SELECT customer_uid || ' has cards', count(*)::text FROM flowcustomer.print_job WHERE tenant_uid = '$t' AND customer_uid LIKE 'kept%' GROUP BY customer_uid
SQL
	my %known = map { %{ $_->{knows} } } @running;
	foreach my $client (@running)
	{
		$known{"$_ has cards"} += $client->{printed}{$_} foreach keys %{ $client->{printed} };
	}
	my @lost = grep { !defined $facts{$_} || $facts{$_} ne $known{$_} } sort keys %known;
	# a guest who comes back takes along what was withdrawn meanwhile, and brings it to the next one
	my @more = grep { !defined $known{$_} && !(/ said in / && $facts{$_} eq 'false') } sort keys %facts;
	is(join("\n", map { "$_ " . ($facts{$_} // 'nothing') . ", not $known{$_}" } @lost), '', "$t: of what clients know nothing is lost: " . scalar(keys %known));
	is(join("\n", map { "$_ $facts{$_}" } @more), '', "$t: and there is nothing of what they took away");

	my %seen;
	is(join("\n", grep { $seen{$_}++ } map { @{ $_->{claimed} } } @running), '', "$t: no print job was claimed twice");
	is($node->safe_psql('postgres', <<SQL), '', "$t: a balance is what was set and what is open of invoices");
SELECT customer_uid, credit_balance FROM flowcustomer.customer AS c WHERE tenant_uid = '$t'
AND credit_balance <> credit_opening_balance + (SELECT coalesce(sum((document #>> '{settlements,0,amount}')::bigint), 0) FROM flowcustomer.sales_order AS o WHERE o.tenant_uid = '$t' AND o.customer_uid = c.customer_uid)
SQL
	is($node->safe_psql('postgres', "SELECT totals_are_right('$t')"), 't', "$t: totals are right");
	is($node->safe_psql('postgres', "SELECT * FROM flowcustomer.check_integrity('$t')"), '', "$t: nothing contradicts itself");

	# the feed
	my %feed;
	foreach my $line (split /\n/, $node->safe_psql('postgres', "SELECT entity, uid, operation, count(*) FROM feed('$t') GROUP BY 1, 2, 3"))
	{
		my ($entity, $uid, $operation, $count) = split /\|/, $line;

		$feed{"$entity $uid"} += $count;
		$feed{"$entity $uid $operation"} += $count;
	}
	is(join("\n", map { "$_: " . ($feed{$_} || 0) . " of $expected{$_}" } grep { ($feed{$_} || 0) < $expected{$_} } sort keys %expected), '', "$t: the feed has a change for each write of " . scalar(keys %expected));
	is($node->safe_psql('postgres', <<SQL), '', "$t: and one for each merge");
SELECT duplicate_uid, count(*), f.merges FROM flowcustomer.merge LEFT JOIN (SELECT uid, count(*) FROM feed('$t') WHERE entity = 'CUSTOMER' AND operation = 'MERGE' GROUP BY uid) AS f (uid, merges) ON uid = duplicate_uid
WHERE tenant_uid = '$t' GROUP BY duplicate_uid, f.merges HAVING count(*) > coalesce(f.merges, 0)
SQL
	return;
}

soak('committed', $seconds * 0.6, 'read committed');
soak('mixed', $seconds * 0.4, 'read committed', 'repeatable read', 'read committed', 'serializable');

# A call that starts over leaves nothing in the log, one that gave up does.
is(join("\n", grep { /PANIC|was terminated by|TRAP:| XX\d\d\d |40P01/ } split /\n/, slurp_file($node->logfile)), '', 'the server has nothing to tell');

done_testing();
