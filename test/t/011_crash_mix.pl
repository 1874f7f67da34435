# The machine that the server runs on loses its power again and again, or one of the
# server's processes is killed, while clients do everything that can be done with
# customers.  Afterwards all that a client was told to be done is there and as it was
# left, what was on its way is there whole or not at all, and totals and everything
# that check_integrity looks at are right.
#
# Each client has customers of its own, of whom it knows exactly what there has to be,
# and all write to some whom they share, of whom it is enough that nothing contradicts
# itself.
#
# FLOWCUSTOMER_CRASHES says how many times the server dies, FLOWCUSTOMER_SEED where the
# random numbers begin; which of two clients comes first is still the server's choice.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;

use Clients;
use List::Util qw(min shuffle);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Storable qw(dclone);
use Test::More;
use Time::HiRes qw(time usleep);

my $crashes = $ENV{FLOWCUSTOMER_CRASHES} || 2;
my $seed = $ENV{FLOWCUSTOMER_SEED} || 20250730;
my $clients = 4;
my $shared = 12;		# customers whom all clients write to

srand($seed);
note("FLOWCUSTOMER_SEED=$seed FLOWCUSTOMER_CRASHES=$crashes");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
# What dies are processes, not the system: what was written to a file is in the system's
# memory and stays there, so fsync adds time and nothing else.  Full pages are written,
# though: a process can die in the middle of writing a page.
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
log_line_prefix = '%m [%p] %e '
fsync = off
full_page_writes = on
synchronous_commit = on
checkpoint_timeout = 30s
max_wal_size = 64MB
restart_after_crash = on
CONF
$node->start;

$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put(t, '{"name": "T", "lenient": true, "defaultPrinterUid": "p"}'),
	flowcustomer.organization_put(t, '{"organizationUid": "o", "name": "O"}'),
	flowcustomer.store_put(t, '{"storeUid": "s", "name": "S", "organizationUid": "o"}'),
	flowcustomer.consent_put(t, '{"consentUid": "news", "name": "News"}'),
	flowcustomer.printer_put(t, '{"printerUid": "p", "name": "P", "kind": "LABEL"}')
FROM unnest(ARRAY['t', 'other']) AS t;
SELECT flowcustomer.customer_group_create('t', json_build_object('customerGroupUid', uid, 'name', uid)) FROM unnest(ARRAY['g1', 'g2', 'g3', 'shared']) AS uid;
SELECT flowcustomer.customer_create('other', '{"customerUid": "alone", "customerType": "PERSON"}');

CREATE FUNCTION invoice(uid text, customer text, amount int) RETURNS json LANGUAGE sql AS $$
	SELECT json_build_object('orderUid', uid, 'customerUid', customer, 'storeUid', 's', 'createdAt', '2025-07-30T18:12:05Z',
		'orderTotals', json_build_object('grandTotal', amount), 'settlements', json_build_array(json_build_object('settlementCode', 'INVOICE', 'amount', amount))) $$;
-- Undoes the merge of a duplicate.
CREATE FUNCTION undo(duplicate text) RETURNS json LANGUAGE sql AS $$
	SELECT flowcustomer.customer_merge_undo('t', (SELECT coalesce(max(merge_uid), 'none') FROM flowcustomer.merge WHERE tenant_uid = 't' AND duplicate_uid = duplicate AND undone_at IS NULL)) $$;

-- All that there is of the customers, contacts and orders whose uids begin with something, each fact a line.
CREATE FUNCTION facts(beginning text) RETURNS TABLE (fact text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', customer_uid, 'is', customer_type, 'in', city, 'below ' || customer_parent_uid, 'and owes', credit_balance, CASE WHEN erased_at IS NOT NULL THEN 'erased' END)
	FROM flowcustomer.customer WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'leads to', survivor_uid) FROM flowcustomer.customer_redirect WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'has address', customer_address_uid, 'in', city) FROM flowcustomer.customer_address WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'has extension', extension_code) FROM flowcustomer.customer_extension WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'said', status::text, 'in', source) FROM flowcustomer.customer_consent WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'is in group', group_uid) FROM flowcustomer.customer_group_member WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'knows', contact_uid, 'as', role) FROM flowcustomer.customer_contact WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', contact_uid, 'is', firstname) FROM flowcustomer.contact WHERE tenant_uid = 't' AND starts_with(contact_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'is held by', hold_uid) FROM flowcustomer.customer_hold WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', customer_uid, 'has', count(*), 'cards') FROM flowcustomer.print_job WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning) GROUP BY customer_uid
	UNION ALL SELECT concat_ws(' ', customer_uid, 'has an erasure', state) FROM flowcustomer.erasure WHERE tenant_uid = 't' AND starts_with(customer_uid, beginning)
	UNION ALL SELECT concat_ws(' ', order_uid, 'over', grand_total, 'is of', coalesce(customer_uid, 'nobody')) FROM flowcustomer.sales_order WHERE tenant_uid = 't' AND starts_with(order_uid, beginning) $$;
-- What is wrong: totals that lists give and numbers of rows, and whatever contradicts itself.
CREATE VIEW wrong AS
SELECT 'total' AS what, concat_ws(' ', list, total, 'instead of', rows) AS which FROM (
	SELECT t || ' customers' AS list, flowcustomer.customer_list(t) #>> '{paging,totalCount}' AS total, (SELECT count(*)::text FROM flowcustomer.customer WHERE tenant_uid = t) AS rows FROM unnest(ARRAY['t', 'other']) AS t
	UNION ALL SELECT t || ' contacts', flowcustomer.contact_list(t) #>> '{paging,totalCount}', (SELECT count(*)::text FROM flowcustomer.contact WHERE tenant_uid = t) FROM unnest(ARRAY['t', 'other']) AS t
	UNION ALL SELECT t || ' groups', flowcustomer.customer_group_list(t) #>> '{paging,totalCount}', (SELECT count(*)::text FROM flowcustomer.customer_group WHERE tenant_uid = t) FROM unnest(ARRAY['t', 'other']) AS t
	UNION ALL SELECT group_uid || ' members', flowcustomer.customer_group_customer_list('t', group_uid) #>> '{paging,totalCount}',
		(SELECT count(*)::text FROM flowcustomer.customer_group_member AS m WHERE tenant_uid = 't' AND m.group_uid = g.group_uid) FROM flowcustomer.customer_group AS g WHERE tenant_uid = 't') AS l WHERE total IS DISTINCT FROM rows
UNION ALL SELECT 'left over', external_id FROM flowcustomer.external_id_claim
UNION ALL SELECT t, i::text FROM unnest(ARRAY['t', 'other']) AS t, flowcustomer.check_integrity(t) AS i;
SQL

# ---------------------------------------------------------------------------
# What there has to be
# ---------------------------------------------------------------------------

# The facts about what a client has made, as facts() gives them.
sub facts_of
{
	my ($model) = @_;
	my %owes;
	my @facts;

	foreach my $uid (keys %{ $model->{orders} })
	{
		my ($customer, $amount) = @{ $model->{orders}{$uid} };

		push @facts, "$uid over $amount is of $customer";
		$owes{$customer} += $amount;
	}
	foreach my $uid (keys %{ $model->{contacts} })
	{
		my $contact = $model->{contacts}{$uid};

		push @facts, "$uid is $contact->{firstname}";
		push @facts, map { "$_ knows $uid as $contact->{customers}{$_}" } keys %{ $contact->{customers} };
	}
	foreach my $uid (keys %{ $model->{customers} })
	{
		my $customer = $model->{customers}{$uid};

		push @facts, join ' ', $uid, 'is', $customer->{type}, 'in', (defined $customer->{city} ? $customer->{city} : ()), ($customer->{parent} ? "below $customer->{parent}" : ()),
		  'and owes', $customer->{opening} + ($owes{$uid} || 0), ($customer->{erased} ? 'erased' : ());
		push @facts, map { "$uid has address $_ in $customer->{addresses}{$_}" } keys %{ $customer->{addresses} };
		push @facts, map { "$uid has extension $_" } keys %{ $customer->{extensions} };
		push @facts, map { "$uid said $_" } @{ $customer->{consents} };
		push @facts, map { "$uid is in group $_" } keys %{ $customer->{groups} };
		push @facts, map { "$uid is held by $_" } keys %{ $customer->{holds} };
		push @facts, "$uid has $customer->{cards} cards" if $customer->{cards};
	}
	push @facts, map { "$_ leads to $model->{redirects}{$_}" } keys %{ $model->{redirects} };
	push @facts, map { "$_ has an erasure $model->{erasures}{$_}" } keys %{ $model->{erasures} };
	return join("\n", sort @facts);
}

# What is there and should not be, and the other way round.
sub difference
{
	my ($there, $expected) = @_;
	my (%there, %expected);

	$there{$_}++ foreach split /\n/, $there;
	$expected{$_}++ foreach split /\n/, $expected;
	return join("\n",
		(map { "is there: $_" } grep { $there{$_} > ($expected{$_} || 0) } sort keys %there),
		(map { "is not there: $_" } grep { $expected{$_} > ($there{$_} || 0) } sort keys %expected));
}

sub new_customer
{
	my ($type, $city, @groups) = @_;

	return { type => $type, city => $city, opening => 0, addresses => {}, extensions => {}, consents => [], groups => { map { $_ => 1 } @groups }, holds => {}, cards => 0 };
}

# Takes the links of a customer from its contacts; those who have no other are deleted if that is wanted.
sub unlink_contacts
{
	my ($model, $uid, $delete) = @_;

	foreach my $contact (keys %{ $model->{contacts} })
	{
		my $customers = $model->{contacts}{$contact}{customers};

		next unless delete $customers->{$uid};
		delete $model->{contacts}{$contact} if $delete && !%$customers;
	}
	return;
}

sub delete_customer
{
	my ($model, $uid) = @_;

	delete $model->{customers}{$uid};
	unlink_contacts($model, $uid, 0);
	foreach my $order (values %{ $model->{orders} })
	{
		$order->[0] = 'nobody' if $order->[0] eq $uid;
	}
	foreach my $duplicate (keys %{ $model->{redirects} })
	{
		delete $model->{redirects}{$duplicate} if $model->{redirects}{$duplicate} eq $uid;
	}
	return;
}

sub erase_customer
{
	my ($model, $uid) = @_;
	my $old = $model->{customers}{$uid};
	my $erased = $model->{customers}{$uid} = new_customer($old->{type});

	$erased->{opening} = $old->{opening};
	$erased->{parent} = $old->{parent};
	$erased->{erased} = 1;
	$model->{erasures}{$uid} = 'DONE';
	unlink_contacts($model, $uid, 1);
	return;
}

sub merge_customers
{
	my ($model, $survivor, $duplicate) = @_;
	my $to = $model->{customers}{$survivor};
	my $from = delete $model->{customers}{$duplicate};

	$to->{parent} ||= $from->{parent};
	$to->{opening} += $from->{opening};
	$to->{cards} += $from->{cards};
	%{ $to->{$_} } = (%{ $from->{$_} }, %{ $to->{$_} }) foreach qw(addresses extensions groups holds);
	push @{ $to->{consents} }, @{ $from->{consents} };
	foreach my $contact (values %{ $model->{contacts} })
	{
		my $role = delete $contact->{customers}{$duplicate};

		$contact->{customers}{$survivor} = $role if $role;
	}
	foreach my $order (values %{ $model->{orders} })
	{
		$order->[0] = $survivor if $order->[0] eq $duplicate;
	}
	foreach my $other (keys %{ $model->{redirects} })
	{
		$model->{redirects}{$other} = $survivor if $model->{redirects}{$other} eq $duplicate;
	}
	$model->{redirects}{$duplicate} = $survivor;
	return;
}

# ---------------------------------------------------------------------------
# What clients do
# ---------------------------------------------------------------------------

sub pick
{
	my (@list) = @_;

	return $list[ int(rand(@list)) ];
}

sub json_list
{
	return '[' . join(', ', @_) . ']';
}

# A call, with what it does to the model of its client: none when what it writes is shared.
sub call
{
	my ($function, $arguments, $apply) = @_;

	return { sql => "SELECT flowcustomer.$function('t', $arguments);", apply => $apply };
}

# Something that is done with customers whom all share.
sub shared_call
{
	my ($client) = @_;
	my ($a, $b) = map { "'shared-$_'" } shuffle(1 .. $shared);
	my ($x, $y) = map { tr/'//dr } $a, $b;
	my $n = ++$client->{n};
	my $contact = 'shared-k' . int(rand(5));

	return pick(
		call('customer_create', qq('{"customerUid": "$x", "customerType": "PERSON", "externalId": "E-$x", "customerGroupUids": ["shared"]}')),
		call('customer_update', qq($a, '{"city": "C$n", "customerGroupUids": ["g1", "shared"]}')),
		call('customer_batch', qq('{"create": [{"customerUid": "$x", "customerType": "PERSON", "externalId": "E-$x"}], "update": [{"customerUid": "$y", "city": "C$n"}], "upsert": [{"externalId": "E-$x", "customerType": "PERSON", "city": "D$n", "consents": [{"consentUid": "news", "status": true, "source": "batch"}]}], "delete": [{"customerUid": "$y"}]}')),
		call('customer_delete', $a),
		call('customer_merge', qq($a, '{"mergeFromCustomerUid": "$y"}')),
		call('customer_merge', qq($b, '{"mergeFromCustomerUid": "$x"}')),
		{ sql => "SELECT undo($a);" },
		call('customer_erase', $a),
		call('customer_erase', qq($a, '{"whenPossible": true}')),
		call('customer_hold_put', qq($a, '{"holdUid": "$client->{name}-shared", "reason": "R"}')),
		call('customer_hold_remove', qq($a, '$client->{name}-shared')),
		{ sql => "CALL flowcustomer.erase_due('t');" },
		call('customer_address_put', qq($a, '{"customerAddressUid": "x$n", "type": "INVOICE_ADDRESS", "city": "C$n"}')),
		call('customer_consent_set', qq($a, 'news', '{"status": true, "source": "s$n"}')),
		call('customer_contact_create', qq($a, '{"customerContactUid": "$contact", "firstname": "F", "lastname": "L"}')),
		call('contact_customer_add', qq('$contact', '{"customers": [{"customerUid": "$x", "role": "ADMIN"}, {"customerUid": "$y"}]}')),
		call('contact_delete', "'$contact'"),
		call('customer_group_customer_update', qq('shared', '{"addCustomerUids": ["$x", "$y"]}')),
		call('customer_group_delete', q('shared')),
		call('customer_group_create', q('{"customerGroupUid": "shared", "name": "Shared"}')),
		call('sales_order_put', "invoice('shared-o$n', $a, $n)"),
		call('sales_order_batch', "json_build_array(invoice('shared-o1', $a, $n), invoice('shared-o2', $b, $n))"),
		call('sales_order_remove', q('shared-o1')),
		call('customer_print', $a));
}

# What is done with a client's own customers: each gives calls that are made one after the other.
my @own_calls = (
	sub {    # a batch of everything
		my ($client, $uid) = @_;
		my @new = map { $client->{beginning} . ++$client->{n} } 1 .. 1 + int(rand(6));
		my $upserted = pop @new;
		my $type = pick(qw(PERSON PERSON COMPANY));
		my ($changed, $given, $deleted) = usable($client);
		my $city = "City$client->{n}";
		my @update = ($changed ? qq({"customerUid": "$changed", "city": "$city", "customerGroupUids": ["g3"]}) : ());
		my @delete = ($deleted && rand() < 0.3 ? $deleted : ());

		return call('customer_batch', "'"
			  . qq({"create": ) . json_list(map { qq({"customerUid": "$_", "customerType": "$type", "externalId": "E-$_", "city": "Oslo", "customerGroupUids": ["g1", "g2"], "consents": [{"consentUid": "news", "status": true, "source": "create"}]}) } @new)
			  . qq(, "update": ) . json_list(@update, qq({"customerUid": "shared-1", "city": "$city"}))
			  . qq(, "upsert": ) . json_list(qq({"customerUid": "$upserted", "customerType": "PERSON", "externalId": "E-$upserted", "city": "Moss"}),
				($given ? qq({"externalId": "E-$given", "city": "$city", "consents": [{"consentUid": "news", "status": false, "source": "$city"}]}) : ()))
			  . qq(, "delete": ) . json_list(map { qq({"customerUid": "$_"}) } @delete) . "}'",
			sub {
				my ($model) = @_;

				foreach my $one (@new)
				{
					$model->{customers}{$one} = new_customer($type, 'Oslo', 'g1', 'g2');
					push @{ $model->{customers}{$one}{consents} }, 'true in create';
				}
				if ($changed)
				{
					$model->{customers}{$changed}{city} = $city;
					$model->{customers}{$changed}{groups} = { g3 => 1 };
				}
				$model->{customers}{$upserted} = new_customer('PERSON', 'Moss');
				if ($given)
				{
					$model->{customers}{$given}{city} = $city;
					push @{ $model->{customers}{$given}{consents} }, "false in $city";
				}
				delete_customer($model, $_) foreach @delete;
				return;
			});
	},
	sub {
		my ($client, $uid) = @_;
		my $city = 'City' . ++$client->{n};
		my $root = $client->{beginning} . 'root';
		my $parent = $client->{model}{customers}{$uid}{type} eq 'COMPANY' ? pick('', $root) : '';

		return call('customer_update', qq('$uid', '{"city": "$city", "customerParentUid": ) . ($parent ? qq("$parent") : 'null') . "}'",
			sub { @{ $_[0]{customers}{$uid} }{qw(city parent)} = ($city, $parent); });
	},
	sub {
		my ($client, $uid) = @_;

		return call('customer_delete', "'$uid'", sub { delete_customer($_[0], $uid); });
	},
	sub {
		my ($client, $uid) = @_;
		my ($known) = keys %{ $client->{model}{customers}{$uid}{addresses} };
		my $address = $known && rand() < 0.5 ? $known : 'x' . ++$client->{n};
		my $city = 'City' . ++$client->{n};

		return call('customer_address_remove', "'$uid', '$known'", sub { delete $_[0]{customers}{$uid}{addresses}{$known}; }) if $known && rand() < 0.2;
		return call('customer_address_put', qq('$uid', '{"customerAddressUid": "$address", "type": "DELIVERY_ADDRESS", "city": "$city"}'), sub { $_[0]{customers}{$uid}{addresses}{$address} = $city; });
	},
	sub {
		my ($client, $uid) = @_;
		my $status = pick(qw(true false));
		my $source = 's' . ++$client->{n};

		return call('customer_consent_set', qq('$uid', 'news', '{"status": $status, "source": "$source"}'), sub { push @{ $_[0]{customers}{$uid}{consents} }, "$status in $source"; });
	},
	sub {
		my ($client, $uid) = @_;
		my $code = pick(qw(TWO_INVOICE KLAVIYO_PROFILE_ID));
		my $on = !$client->{model}{customers}{$uid}{extensions}{$code};

		return call('customer_extension_' . ($on ? 'add' : 'remove'), qq('$uid', '$code', '{"storeUid": "s"}'),
			sub { $on ? $_[0]{customers}{$uid}{extensions}{$code} = 1 : delete $_[0]{customers}{$uid}{extensions}{$code}; });
	},
	sub {
		my ($client, $uid, $other) = @_;
		my ($known) = grep { $client->{model}{contacts}{$_}{customers}{$uid} } keys %{ $client->{model}{contacts} };
		my $contact = $client->{beginning} . 'k' . ++$client->{n};
		my $role = pick(qw(ADMIN PURCHASER ACCOUNTING NONE));
		my $name = "Name$client->{n}";

		return call('customer_contact_create', qq('$uid', '{"customerContactUid": "$contact", "firstname": "$name", "lastname": "L", "role": "$role"}'),
			sub { $_[0]{contacts}{$contact} = { firstname => $name, customers => { $uid => $role } }; })
		  if !$known || rand() < 0.3;
		return pick(
			call('contact_update', qq('$known', '{"firstname": "$name"}'), sub { $_[0]{contacts}{$known}{firstname} = $name; }),
			call('customer_contact_delete', "'$uid', '$known'",
				sub {
					my $customers = $_[0]{contacts}{$known}{customers};

					delete $customers->{$uid};
					delete $_[0]{contacts}{$known} unless %$customers;
				}),
			call('contact_customer_remove', "'$known', '$uid'", sub { delete $_[0]{contacts}{$known}{customers}{$uid}; }),
			call('contact_customer_add', qq('$known', '{"customers": [{"customerUid": "$other", "role": "$role"}]}'), sub { $_[0]{contacts}{$known}{customers}{$other} = $role; }),
			call('contact_delete', "'$known'", sub { delete $_[0]{contacts}{$known}; }));
	},
	sub {
		my ($client, $uid, $other) = @_;
		my $group = pick(qw(g1 g2 g3));

		return call('customer_group_customer_update', qq('$group', '{"addCustomerUids": ["$uid"], "removeCustomerUids": ["$other"]}'),
			sub {
				delete $_[0]{customers}{$other}{groups}{$group};
				$_[0]{customers}{$uid}{groups}{$group} = 1;
			});
	},
	sub {
		my ($client, $uid, $other) = @_;
		my $model = $client->{model};
		my ($known) = shuffle(sort keys %{ $model->{orders} });
		my @orders = map { $client->{beginning} . 'o' . ++$client->{n} } 1 .. 3;
		my $amount = $client->{n};

		return call('sales_order_batch', 'json_build_array(' . join(', ', map { "invoice('$_', '$uid', $amount)" } @orders) . ')', sub { $_[0]{orders}{$_} = [ $uid, $amount ] foreach @orders; })
		  if !$known || rand() < 0.3;
		return call('sales_order_remove', "'$known'", sub { delete $_[0]{orders}{$known}; }) if rand() < 0.2;
		return call('sales_order_put', "invoice('$known', '$other', $amount)", sub { $_[0]{orders}{$known} = [ $other, $amount ]; });
	},
	sub {
		my ($client, $uid) = @_;
		my $balance = ++$client->{n};

		return call('customer_credit_balance_set', qq('$uid', '{"openingBalance": $balance}'), sub { $_[0]{customers}{$uid}{opening} = $balance; });
	},
	sub {
		my ($client, $uid) = @_;

		return call('customer_print', "'$uid'", sub { $_[0]{customers}{$uid}{cards}++; });
	},
	sub {    # a merge, which may be undone
		my ($client, $uid, $other) = @_;
		my $before;
		my $merge = call('customer_merge', qq('$uid', '{"mergeFromCustomerUid": "$other"}'),
			sub {
				$before = dclone($_[0]);
				merge_customers($_[0], $uid, $other);
			});
		my $undo = { sql => "SELECT undo('$other');", apply => sub { %{ $_[0] } = %$before; } };

		return if $client->{model}{customers}{$uid}{type} ne $client->{model}{customers}{$other}{type};
		return rand() < 0.5 ? ($merge, $undo) : $merge;
	},
	sub {    # an erasure, at once or when a hold is over
		my ($client, $uid) = @_;
		my $hold = "$client->{beginning}h" . ++$client->{n};

		return call('customer_erase', "'$uid'", sub { erase_customer($_[0], $uid); }) if rand() < 0.5;
		return (
			call('customer_hold_put', qq('$uid', '{"holdUid": "$hold", "reason": "R"}'), sub { $_[0]{customers}{$uid}{holds}{$hold} = 1; }),
			call('customer_erase', qq('$uid', '{"whenPossible": true}'), sub { $_[0]{erasures}{$uid} = 'QUEUED'; }),
			# from here on whoever calls erase_due erases it
			call('customer_hold_remove', "'$uid', '$hold'",
				sub {
					delete $_[0]{customers}{$uid}{holds}{$hold};
					$_[0]{due} = $uid;
				}),
			{
				sql => "CALL flowcustomer.erase_due('t');",
				apply => sub {
					erase_customer($_[0], $uid);
					delete $_[0]{due};
				}
			});
	});

# The customers of a client with whom anything can be done, in any order.
sub usable
{
	my ($client) = @_;
	my $customers = $client->{model}{customers};

	return shuffle(sort grep { !$customers->{$_}{erased} && !/root$/ } keys %$customers);
}

sub next_call
{
	my ($client) = @_;

	until (@{ $client->{calls} })
	{
		my @customers = usable($client);

		if (@customers < 3)
		{
			push @{ $client->{calls} }, $own_calls[0]->($client);
		}
		elsif (rand() < 0.3)
		{
			push @{ $client->{calls} }, shared_call($client);
		}
		else
		{
			push @{ $client->{calls} }, pick(@own_calls)->($client, @customers[ 0, 1 ]);
		}
	}
	return shift @{ $client->{calls} };
}

# ---------------------------------------------------------------------------
# How the server dies
# ---------------------------------------------------------------------------

# The parent of a process that has not ended, or nothing.
sub parent_of
{
	my ($pid) = @_;

	open(my $file, '<', "/proc/$pid/stat") or return;
	my $stat = <$file>;
	return defined $stat && $stat =~ /\) ([A-Za-z]) (\d+) [^)]*$/ && $1 !~ /[ZX]/ ? $2 : undef;
}

sub children_of
{
	my ($parent) = @_;

	return grep { (parent_of($_) // 0) == $parent } map { m{(\d+)$} } glob '/proc/[0-9]*';
}

# All processes of the server go at the same time, as they do when the machine stops:
# a server that only lost its postmaster would do to the end what it has begun.
sub cut_the_power
{
	my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	# it must not make new ones meanwhile
	kill 'STOP', $postmaster;
	my @all = (children_of($postmaster), $postmaster);
	kill 'KILL', @all;
	$node->kill9;
	foreach my $pid (@all)
	{
		my $until = time() + $PostgreSQL::Test::Utils::timeout_default;

		while (defined parent_of($pid))
		{
			die "process $pid is still there" if time() > $until;
			usleep(1000);
		}
	}
	# On a machine that comes up again the process that they name is not there; here it can be
	# one that has ended and that nobody has asked about, for which a new server would not start.
	unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock';
	return;
}

sub kill_backend
{
	my ($victim) = @_;

	kill 'KILL', $victim->{backend};
	return;
}

# Nobody gets an answer any more: tells what the server and the clients are about.
sub stalled
{
	my @clients = @_;
	my ($status, $activity, $errors) = $node->psql('postgres', 'SELECT pid, pg_blocking_pids(pid), wait_event_type, wait_event, now() - query_start, left(query, 200) FROM pg_stat_activity WHERE backend_type = $$client backend$$', timeout => 20);

	diag($activity // $errors);
	diag("client $_->{number}, backend $_->{backend}: $_->{answers} answers, " . ($_->{running} ? 'at work' : 'gone')) foreach @clients;
	die 'the clients got nowhere';
}

# ---------------------------------------------------------------------------
# Work, death, and what is there then
# ---------------------------------------------------------------------------

my %left;		# what each beginning of uids has to have for good
my $worked = 0;

foreach my $crash (1 .. $crashes)
{
	my @running;
	my @bad;
	my %lost;

	foreach my $number (1 .. $clients)
	{
		my $client = Clients->new($node, "client$number");

		$client->{number} = $number;
		$client->{beginning} = "r$crash-c$number-";
		$client->{model} = { customers => {}, contacts => {}, orders => {}, redirects => {}, erasures => {} };
		$client->{n} = 0;
		my $root = $client->{beginning} . 'root';
		$client->{calls} = [ call('customer_create', qq('{"customerUid": "$root", "customerType": "COMPANY", "city": "Rome"}'), sub { $_[0]{customers}{$root} = new_customer('COMPANY', 'Rome'); }) ];
		$client->{backend} = $client->run('SELECT pg_backend_pid();')->{text};
		push @running, $client;
	}
	# everybody has something to lose when it happens
	my $power = $crash % 2;
	my $victim = pick(@running);
	my $pause = 0.2 + rand(1.5);
	my $strike;
	my $struck;
	my $until = time() + $PostgreSQL::Test::Utils::timeout_default;

	foreach my $client (@running)
	{
		my $call = next_call($client);
		$client->ask($call->{sql}, $call);
	}
	while (grep { $_->{running} } @running)
	{
		stalled(@running) if time() > $until;
		$strike = time() + $pause if !defined $strike && 20 <= min(map { $_->{answers} } @running);
		if (defined $strike && time() >= $strike)
		{
			$power ? cut_the_power() : kill_backend($victim);
			# they go as they notice
			$strike = $until + 1;
			$struck = time();
		}
		# nobody is there any more to answer who has not noticed by then
		if (defined $struck && time() > $struck + 10)
		{
			kill 'KILL', map { $_->{pid} } grep { $_->{running} } @running;
			$struck = undef;
		}
		foreach my $outcome (Clients::wait_for_answers(\@running, defined $strike && $strike < $until ? $strike : time() + 0.1))
		{
			my $client = $outcome->{client};

			if ($outcome->{lost})
			{
				$lost{ $client->{number} } = $outcome->{call};
				next;
			}
			my $own = $outcome->{call}{apply};

			# others delete, merge and erase what is shared, and that is said with a status; what is one's own nobody touches
			push @bad, "$outcome->{said}: $outcome->{sql}: $outcome->{text}"
			  if $own ? $outcome->{said} ne 'done' || $outcome->{text} =~ /"customerUid":"\Q$client->{beginning}\E[^"]*","index":/ : $outcome->{said} !~ /^(?:done$|PT4)/ || $outcome->{said} =~ /CONFLICT/;
			$own->($client->{model}) if $own;
			my $call = next_call($client);
			$client->ask($call->{sql}, $call);
		}
	}
	$_->finish foreach @running;
	$power ? $node->start : $node->poll_query_until('postgres', 'SELECT true');

	my $name = "crash $crash, " . ($power ? 'of all' : 'of a backend');
	is(join("\n", @bad), '', "$name: clients had good answers");
	foreach my $client (@running)
	{
		my $there = $node->safe_psql('postgres', qq(SELECT fact FROM facts('$client->{beginning}') ORDER BY fact COLLATE "C"));
		my $call = $lost{ $client->{number} };
		my @possible = ($client->{model});

		# What is due an erase_due of any client may have done, or may have been about to do.
		foreach my $more ($call->{apply}, sub { erase_customer($_[0], delete $_[0]{due}) if $_[0]{due}; })
		{
			push @possible, map { my $model = dclone($_); $more->($model); $model } @possible if $more;
		}
		my ($right) = grep { facts_of($_) eq $there } @possible;
		my $answers = $client->{answers};

		is($right ? '' : difference($there, facts_of($client->{model})), '', "$name: what client $client->{number} was told is there, after $answers answers");
		diag('with or without: ' . ($call ? $call->{sql} : 'nothing') . "; all of it is in $client->{journal_file}") if !$right;
		# what is due is erased in the end
		erase_customer($right, delete $right->{due}) if $right && $right->{due} && $right->{erasures}{ $right->{due} } eq 'QUEUED';
		$left{ $client->{beginning} } = facts_of($right) if $right;
		$worked += $answers;
	}
	is($node->safe_psql('postgres', 'SELECT * FROM wrong'), '', "$name: nothing is wrong");
}

# What earlier deaths left stays, whatever came later; so it is looked at once, at the end.
$node->safe_psql('postgres', q(CALL flowcustomer.erase_due('t')));
foreach my $beginning (sort keys %left)
{
	is(difference($node->safe_psql('postgres', qq(SELECT fact FROM facts('$beginning') ORDER BY fact COLLATE "C")), $left{$beginning}), '', "what begins with $beginning is as it was");
}
is($node->safe_psql('postgres', 'SELECT * FROM wrong'), '', 'and nothing is wrong');
is(join("\n", grep { /PANIC|TRAP:| XX\d\d\d |40P01/ } split /\n/, slurp_file($node->logfile)), '', 'the server has nothing to tell');
note("$worked answers");

done_testing();
