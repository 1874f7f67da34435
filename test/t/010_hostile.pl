# Requests that know the contract and break it: wrong types, half a JSON text, hostile
# strings, targets and headers that no client should send, in every operation.  Whatever
# comes in, the answer is one that the contract knows, nothing that was refused has left
# anything behind, one tenant never sees or changes what is another's, and what was sent
# is in no message and not in the server's log.
#
# FLOWCUSTOMER_HOSTILE_CALLS says how many calls to make.  They come in rounds, each with
# data of its own and a seed of its own, which is all that a round depends on.  Half of
# the rounds have the same seeds every time, the other half have new ones; with
# FLOWCUSTOMER_SEED the first round has that seed, and each other one the next.  So
#	FLOWCUSTOMER_SEED=n FLOWCUSTOMER_HOSTILE_CALLS=500
# does the one round again that a finding names.

use strict;
use warnings;
no warnings 'nonchar';
use utf8;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $calls = $ENV{FLOWCUSTOMER_HOSTILE_CALLS} || 3000;
my $round_size = 500;
my $rounds = int(($calls + $round_size - 1) / $round_size);
my $show_at_most = 10;      # findings

# The two tenants, and the words that only one of them has in its data.  What is sent as
# a value has a word of its own too, and so have names that the contract doesn't know.
my %word = (north => 'Zqnorthq', south => 'Zqsouthq');
my $sent_value = 'Zqvalueq';
my $sent_name = 'Zqnameq';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', <<'CONF');
log_statement = none
fsync = off
restart_after_crash = on
autovacuum = off
jit = off
max_stack_depth = 2MB
CONF
$node->start;

sub run_sql
{
	my ($sql) = @_;

	utf8::encode($sql);
	my $answer = $node->safe_psql('postgres', $sql);
	utf8::decode($answer);
	return $answer;
}

# ---------------------------------------------------------------------------
# JSON as a tree: ['object', [name, value] ...], ['list', value ...],
# ['string', text], ['token', what stands in the text as it is]
# ---------------------------------------------------------------------------

sub parse_json
{
	my ($text) = @_;

	if ($$text =~ /\G\s*\{\s*/gc)
	{
		my @members;

		while ($$text !~ /\G\s*\}\s*/gc)
		{
			my $name = parse_json($text);

			$$text =~ /\G\s*:\s*/gc or die 'no colon in an example';
			push @members, [ $name->[1], parse_json($text) ];
			$$text =~ /\G\s*,\s*/gc;
		}
		return [ 'object', @members ];
	}
	if ($$text =~ /\G\s*\[\s*/gc)
	{
		my @items;

		while ($$text !~ /\G\s*\]\s*/gc)
		{
			push @items, parse_json($text);
			$$text =~ /\G\s*,\s*/gc;
		}
		return [ 'list', @items ];
	}
	return [ 'string', $1 ] if $$text =~ /\G"([^"\\]*)"/gc;
	return [ 'token', $1 ] if $$text =~ /\G([-+.\w]+)/gc;
	die 'an example is not JSON: ' . substr($$text, pos($$text) // 0, 40);
}

sub json
{
	my ($text) = @_;

	return parse_json(\$text);
}

sub quoted
{
	my ($text) = @_;

	$text =~ s/(["\\])/\\$1/g;
	$text =~ s/([\x00-\x1f])/sprintf('\\u%04x', ord($1))/ge;
	return "\"$text\"";
}

sub json_text
{
	my ($value) = @_;
	my ($kind, @parts) = @$value;

	return quoted($parts[0]) if $kind eq 'string';
	return '[' . join(',', map { json_text($_) } @parts) . ']' if $kind eq 'list';
	return '{' . join(',', map { quoted($_->[0]) . ':' . json_text($_->[1]) } @parts) . '}' if $kind eq 'object';
	return $parts[0];
}

sub copy_of
{
	my ($value) = @_;
	my ($kind, @parts) = @$value;

	return [ $kind, map { copy_of($_) } @parts ] if $kind eq 'list';
	return [ $kind, map { [ $_->[0], copy_of($_->[1]) ] } @parts ] if $kind eq 'object';
	return [ $kind, @parts ];
}

sub object
{
	my (@members) = @_;
	my @pairs;

	while (my ($name, $value) = splice(@members, 0, 2))
	{
		push @pairs, [ $name, ref $value ? $value : [ 'string', $value ] ];
	}
	return [ 'object', @pairs ];
}

sub list
{
	return [ 'list', map { ref $_ ? $_ : [ 'string', $_ ] } @_ ];
}

sub token
{
	return [ 'token', $_[0] ];
}

# Puts a value in place of a member, at the end when there is none of its name.
sub set_member
{
	my ($object, $name, $value) = @_;
	my ($member) = grep { ref $_ && $_->[0] eq $name } @$object[ 1 .. $#$object ];

	$value = [ 'string', $value ] if !ref $value;
	if ($member)
	{
		$member->[1] = $value;
	}
	else
	{
		push @$object, [ $name, $value ];
	}
	return $object;
}

# ---------------------------------------------------------------------------
# Chance
# ---------------------------------------------------------------------------

sub chance
{
	return rand() < $_[0];
}

sub one_of
{
	return $_[ int(rand(@_)) ];
}

sub some_of
{
	my ($most, @from) = @_;

	return map { one_of(@from) } 1 .. int(rand($most + 1));
}

# ---------------------------------------------------------------------------
# What is hostile
# ---------------------------------------------------------------------------

my @fragments = (
	"'", "''", '"', '\\', '\\\\', "\\'", '$$', '$1', ';', '--', '/*', "'; DROP TABLE flowcustomer.customer; --", "' OR '1'='1", '%s%s%s%n', '%', '%%', '_', '{field}', '{detail}', '{noun}',
	'\\.', '\\N', "\n", "\r\n", "\t", "\x01", "\x1b\@", "\x7f", "\x{85}", "\x{a0}", '$.a[0]', '$.**', '[', ']', '(.*', '\\y', 'a{1000}', '(?=', '*', '../', '/', '?', '#', '&', '=', '+', '<', '>', '&amp;', '&#0;',
	']]>', '<!--', '<?xml?>', '<!DOCTYPE a [<!ENTITY b "c">]>', '_x0041_', '^XZ^XA', '^FH_41', '>:', '>8',
	"\x{301}", "\x{301}" x 40, "\x{200b}", "\x{200d}", "\x{202e}", "\x{2066}", "\x{2028}", "\x{feff}", "\x{fffd}", "\x{fffe}", "\x{1f600}", "\x{1f1f3}\x{1f1f4}", "\x{10ffff}", "\x{20000}", "\x{1d400}",
	'İ', 'ı', 'ß', 'ẞ', 'ﬁ', 'ŉ', 'ǅ', 'ΐ', 'ς', 'å', "a\x{30a}", 'aa', 'Ø', 'œ', 'þ', 'ﷺ', 'שלום', 'سلام', 'ไทย', '中文', '１２３', '٣', 'Ⅷ', '½', ' ', '  ', "\x{3000}", '');
my @surrogates = ('\\ud800', '\\udc00', '\\ud83d', '\\ude00\\ud83d', '\\ud83d\\u0041', '\\u0000', '\\u000', '\\uzzzz', '\\x41', '\\', '\\ud83d\\ude00', '\\u0041', '\\/', '\\u0022', '\\u005c', '\\ufffe', '\\uffff');
my @lengths = (9, 10, 11, 19, 20, 21, 30, 35, 36, 49, 50, 51, 59, 60, 61, 254, 255, 256, 319, 320, 321, 499, 500, 501, 999, 1000, 1001, 9999, 10000, 10001);
my @numbers = (
	qw(0 -0 1 -1 0.0 -0.0 1.0 1e0 10e-1 1.5 -1.5 0.1e1 1E+2 1e400 -1e400 1e-400 1e2147483647 1e-2147483648 1e99999999999999999999 2147483647 2147483648 -2147483648 -2147483649 4294967296 9007199254740991
	  9007199254740992 9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551616 92233720368547758070000e-4 0.9223372036854775807e19 100 101 10001),
	'1' . '0' x 400, '0.' . '0' x 400 . '1', '1' x 1000, '1.' . '0' x 1000, '1e' . '0' x 100 . '1', '0' x 20 . '1');
my @not_numbers = ('1,5', qw(+1 01 .5 1. 1e 0x10 1_000 NaN Infinity -Infinity -inf 1e+ --1 True FALSE nil undefined None));
my @times = (
	'2025-07-30T18:12:05Z', '294276-12-31T23:59:59.999Z', '294277-01-01T00:00:00Z', '99999-12-31T23:59:59Z', '9999-12-31T23:59:59.999Z', '10000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '0000-01-01T00:00:00Z',
	'-0001-01-01T00:00:00Z', '4713-01-01T00:00:00Z BC', '2025-07-30T24:00:00Z', '2025-07-30T23:59:60Z', '2025-12-31T23:59:60Z', '2025-07-30T25:00:00Z', '2025-13-01T00:00:00Z', '2025-00-01T00:00:00Z', '2025-02-29T00:00:00Z',
	'2024-02-29T00:00:00Z', '1900-02-29T00:00:00Z', '2025-07-32T00:00:00Z', '2025-07-30T18:12:05+23:59', '2025-07-30T18:12:05-23:59', '2025-07-30T18:12:05+24:00', '2025-07-30T18:12:05+99:99', '2025-07-30T18:12:05', '2025-07-30',
	'2025-07-30 18:12:05Z', '2025-07-30t18:12:05z', '2025-7-3T1:2:5Z', '2025-07-30T18:12Z', '2025-07-30T18:12:05.Z', '2025-07-30T18:12:05.1Z', '2025-07-30T18:12:05.999999999999Z', '20250730T181205Z', '2025-W31-3', 'now', 'infinity',
	'-infinity', 'epoch', 'tomorrow', 'allballs', '1753899125', '2025-07-30T18:12:05 Europe/Oslo', '2025-07-30T18:12:05Z ', ' 2025-07-30T18:12:05Z', '٢٠٢٥-07-30T18:12:05Z', 'J2451187', '1969-12-31T23:59:59.999Z');

# A text that nobody should have to read; most of them can be known again.
sub hostile_text
{
	my $kind = int(rand(10));

	return one_of(@fragments) if $kind == 0;
	return one_of(@times) if $kind == 1;
	return join('', map { one_of(@fragments) } 1 .. 1 + int(rand(6))) . $sent_value if $kind <= 3;
	return $sent_value . join('', map { one_of(@fragments) } 1 .. 1 + int(rand(6))) if $kind <= 5;
	return one_of(@fragments) . $sent_value . one_of(@fragments) if $kind <= 7;
	return $sent_value . one_of('x', 'æ', "\x{1f600}", ' ', "a\x{301}", '1') x (one_of(@lengths) - length($sent_value)) if $kind == 8;
	return one_of('x', 'æ', "\x{1f600}", ' ', '1', 'İ', 'ß') x one_of(@lengths);
}

# A UID that is none, or is at the edge of one.
sub hostile_uid
{
	my ($uid) = @_;

	return one_of($uid . ' ', " $uid", uc($uid), "$uid\n", "$uid\t", "$uid/", "$uid.", "$uid%00", "$uid\x{200b}", "\x{feff}$uid", "$uid\x{301}", '', '-', '_', '.', '..', '*', 'null', 'x' x 255, 'x' x 256, 'æ' x 255, 'x' x 100_000,
		"$uid'", "$uid\"", "$uid,$uid", '{' . $uid . '}', "$sent_value $uid", "$uid;$sent_value", 'customers', 'search', 'batch', '00000000-0000-0000-0000-000000000000');
}

sub hostile_value
{
	my $kind = int(rand(12));

	return token(one_of(qw(null true false))) if $kind <= 1;
	return token(one_of(@numbers)) if $kind <= 4;
	return token(one_of('[]', '{}', '[[]]', '[null]', '[{}]', '{"":null}', '[1,"a",{}]', "{\"$sent_name\":\"$sent_value\"}", '""')) if $kind <= 6;
	return token('"' . $sent_value . one_of(@surrogates) . '"') if $kind == 7 && chance(0.5);
	return [ 'string', hostile_text() ];
}

# Very much of something.  The server's own limit for nesting is lower than some.
sub huge_value
{
	my $kind = int(rand(7));

	return [ 'string', $sent_value . 'x' x one_of(100_000, 1_000_000, 4_000_000) ] if $kind == 0;
	return [ 'string', one_of('æ', "\x{1f600}", ' ', "a\x{301}", '%', '\\', "'", '(') x one_of(10_000, 300_000) ] if $kind == 1;
	return token('[' x $_ . ']' x $_) for grep { $kind == 2 } one_of(60, 63, 64, 65, 1000, 100_000);
	return token('{"a":' x $_ . '1' . '}' x $_) for grep { $kind == 3 } one_of(60, 63, 64, 65, 1000, 100_000);
	return token('[' . join(',', ('1') x one_of(10_000, 10_001, 100_000)) . ']') if $kind == 4;
	return token('{' . join(',', map { "\"m$_\":$_" } 1 .. one_of(1_000, 30_000)) . '}') if $kind == 5;
	return token('1' x one_of(10_000, 1_000_000));
}

# ---------------------------------------------------------------------------
# What is right: the arguments and bodies of each operation
# ---------------------------------------------------------------------------

my (%pool, %fields, %functions, @operations);
my $tenant;
my $sure = 0;       # nothing is left to chance that can keep a right request from succeeding

sub word
{
	return $word{$tenant};
}

# A UID of the tenant's data, now and then one that was merged away, is new, or is only
# the other tenant's.
sub uid_of
{
	my ($kind) = @_;

	return "new-$kind-" . int(rand(20)) if !$sure && chance(0.05);
	return $pool{ $tenant eq 'north' ? 'south' : 'north' }{$kind}[0] if !$sure && chance(0.01);
	return one_of(@{ $pool{$tenant}{$kind} });
}

my %plausible = (
	customerType => sub { one_of(qw(PERSON PERSON COMPANY B2B)) },
	firstname => sub { one_of('Kari', 'Ola', 'Åse', 'Anne-Lise') },
	lastname => sub { one_of('Nordmann ', 'Hansen ', 'Ødegård ') . word() },
	companyName => sub { one_of('Fjord ', 'Brønnøy ') . word() . ' AS' },
	email => sub { one_of(qw(kari ola info)) . int(rand(30)) . '.' . lc(word()) . '@example.com' },
	mobile => sub { '+479123' . sprintf('%04d', int(rand(30))) },
	phone => sub { '9123' . sprintf('%04d', int(rand(30))) },
	address => sub { 'Storgata ' . int(rand(20)) . ' ' . word() },
	postalCode => sub { one_of(qw(0155 5003 7010)) },
	city => sub { one_of(qw(Oslo Bergen Trondheim)) },
	countryCode => sub { 'NO' },
	vatNumber => sub { 'NO9876543' . sprintf('%02d', int(rand(30))) . 'MVA' },
	externalId => sub { 'E-' . int(rand(30)) },
	loyaltyId => sub { 'L-' . int(rand(30)) },
	ledgerNumber => sub { '1500' . int(rand(30)) },
	locale => sub { one_of(qw(en nb sv da)) },
	kind => sub { one_of(qw(LABEL RECEIPT)) },
	type => sub { one_of(qw(DELIVERY_ADDRESS INVOICE_ADDRESS)) },
	source => sub { 'till ' . word() },
	defaultPrinterUid => sub { uid_of('printer') },
	printerUid => sub { uid_of('printer') },
	storeUid => sub { uid_of('store') },
	defaultStoreUid => sub { uid_of('store') },
	organizationUid => sub { uid_of('organization') },
	tenantUserUid => sub { uid_of('user') },
	'accountManager.tenantUserUid' => sub { uid_of('user') },
	customerUid => sub { uid_of('customer') },
	customerParentUid => sub { uid_of('company') },
	customerContactUid => sub { uid_of('contact') },
	customerAddressUid => sub { uid_of('address') },
	customerGroupUid => sub { uid_of('group') },
	customerGroupUids => sub { list(some_of(3, 'g1', 'g2', 'g3')) },
	consentUid => sub { uid_of('consent') },
	holdUid => sub { uid_of('hold') },
	consents => sub { list(map { consent() } 1 .. int(rand(3))) },
	customers => sub { list(map { link_to_customer() } 1 .. int(rand(3))) },
	addCustomerUids => sub { list(some_of(4, @{ $pool{$tenant}{customer} })) },
	removeCustomerUids => sub { list(some_of(4, @{ $pool{$tenant}{customer} })) },
	until => sub { one_of('2031-01-01T00:00:00Z', '2020-01-01T00:00:00Z') },
	validUntil => sub { one_of('2031-01-01T00:00:00Z', '2020-01-01T00:00:00Z') },
	name => sub { 'Name ' . word() });

sub consent
{
	return object(consentUid => uid_of('consent'), status => token(one_of(qw(true false))), source => 'web ' . word());
}

sub link_to_customer
{
	my $link = object(customerUid => uid_of('customer'));

	set_member($link, 'role', one_of(qw(ADMIN PURCHASER ACCOUNTING NONE))) if chance(0.7);
	return $link;
}

# A value for a field as flowcustomer.fields() describes it.
sub value_of
{
	my ($field) = @_;
	my $make = $plausible{ $field->{name} };

	return $make->() if $make;
	return one_of(@{ $field->{allowed} }) if @{ $field->{allowed} };
	return token(int(rand(90))) if $field->{type} =~ /int/;
	return token(one_of(qw(true false))) if $field->{type} eq 'boolean';
	return '2025-07-30T18:12:05Z' if $field->{type} =~ /timestamp/;
	return uid_of('customer') if $field->{name} =~ /Uid$/;
	return 'Text ' . word();
}

# A body of a resource: what is required, and other fields with a probability.
sub resource_body
{
	my ($resource, $share, @without) = @_;
	my $body = object();

	for my $field (@{ $fields{$resource} })
	{
		next if grep { $_ eq $field->{name} } @without;
		next if !$field->{required} && !chance($share);
		if ($field->{name} =~ /^(.*)\.(.*)$/)
		{
			my ($outer, $inner) = ($1, $2);
			my ($member) = grep { ref $_ && $_->[0] eq $outer } @$body[ 1 .. $#$body ];

			set_member($body, $outer, object()) if !$member;
			($member) = grep { ref $_ && $_->[0] eq $outer } @$body[ 1 .. $#$body ] if !$member;
			set_member($member->[1], $inner, value_of($field));
		}
		else
		{
			set_member($body, $field->{name}, value_of($field));
		}
	}
	return $body;
}

# A customer; only companies have parents.
sub customer_body
{
	my ($share) = @_;
	my $body = resource_body('customer', $share, 'customerParentUid', 'customerType');

	if (chance(0.2))
	{
		set_member($body, 'customerType', 'COMPANY');
		set_member($body, 'customerParentUid', uid_of('company')) if chance(0.5);
	}
	return $body;
}

sub new_customer
{
	my $body = customer_body(0.3);

	set_member($body, 'customerType', $plausible{customerType}->()) if !grep { ref $_ && $_->[0] eq 'customerType' } @$body[ 1 .. $#$body ];
	set_member($body, 'customerUid', 'new-customer-' . int(rand(20))) if chance(0.7);
	set_member($body, 'consents', list(consent())) if chance(0.2);
	return $body;
}

sub batch_item
{
	my ($body) = @_;

	return set_member($body, one_of(qw(customerUid customerUid externalId)), chance(0.8) ? uid_of('customer') : $plausible{externalId}->());
}

sub search_body
{
	my $body = object();

	set_member($body, 'query', join(' ', map { one_of('kari', 'nord', 'Åse', 'aase', 'oslo', '9123', 'a', 'E-3', 'L-4', 'hansn', word(), '%', 'example', 'Fjord') } 1 .. 1 + int(rand(3)))) if chance(0.8);
	set_member($body, 'email', 'kari1@') if chance(0.1);
	set_member($body, 'mobile', '9123') if chance(0.1);
	set_member($body, 'vatNumber', '9876') if chance(0.1);
	set_member($body, 'exactMatch', token(one_of(qw(true false)))) if chance(0.2);
	set_member($body, 'scope', list(some_of(2, qw(CUSTOMER CONTACT)))) if chance(0.3);
	set_member($body, 'customerTypes', list(some_of(2, qw(PERSON COMPANY B2B)))) if chance(0.2);
	set_member($body, 'storeUid', uid_of('store')) if chance(0.1);
	set_member($body, 'customerParentUid', uid_of('company')) if chance(0.1);
	set_member($body, 'createdAt', '2025-01-01T00:00:00Z') if chance(0.1);
	return $body;
}

my ($sales_order, $service_order) = map { json($_) } split(/^--$/m, join('', <DATA>));

sub sales_order
{
	my $body = copy_of($sales_order);

	set_member($body, 'orderUid', chance(0.5) ? uid_of('sales_order') : 'new-order-' . int(rand(20)));
	set_member($body, 'customerUid', chance(0.5) ? 'c03' : uid_of('customer')) if chance(0.8);
	set_member($body, 'note', word());
	return $body;
}

sub service_order
{
	my $body = copy_of($service_order);

	set_member($body, 'serviceOrderUid', chance(0.5) ? uid_of('service_order') : 'new-service-' . int(rand(20)));
	set_member($body, 'customerUid', chance(0.5) ? 'c03' : uid_of('customer')) if chance(0.8);
	set_member($body, 'title', word());
	return $body;
}

sub merge_body
{
	my $body = object(mergeFromCustomerUid => uid_of(chance(0.7) ? 'twin' : 'customer'));

	set_member($body, 'fields', object(map { $_ => one_of(qw(TO FROM)) } some_of(3, qw(firstname lastname city email mobile address credit.limit ehf.enabled internalNote)))) if chance(0.3);
	return $body;
}

# The body of an operation by its function; others are made of a resource's fields.
my %bodies = (
	customer_create => sub { new_customer() },
	customer_update => sub { customer_body(0.2) },
	customer_find_similar => sub { customer_body(0.3) },
	customer_batch => sub {
		object(
			create => list(map { new_customer() } 1 .. int(rand(3))),
			update => list(map { set_member(customer_body(0.1), 'customerUid', uid_of('customer')) } 1 .. int(rand(3))),
			upsert => list(map { batch_item(new_customer()) } 1 .. int(rand(3))),
			delete => list(map { object(customerUid => uid_of('twin')) } 1 .. int(rand(2))));
	},
	customer_search => \&search_body,
	search_explain => \&search_body,
	contact_search => \&search_body,
	customer_search_external => \&search_body,
	customer_merge => \&merge_body,
	customer_merge_preview => \&merge_body,
	customer_print => sub { chance(0.5) ? object(printerUid => uid_of('printer')) : object() },
	customer_erase => sub { object(reason => 'asked for it', whenPossible => token(one_of(qw(true false)))) },
	customer_extension_add => sub { object(storeUid => uid_of('store')) },
	customer_extension_remove => sub { object(storeUid => uid_of('store')) },
	customer_contact_extension_add => sub { object(storeUid => uid_of('store')) },
	customer_contact_extension_remove => sub { object(storeUid => uid_of('store')) },
	customer_credit_balance_set => sub { object(openingBalance => token(int(rand(2000)) - 1000)) },
	contact_create => sub { resource_body('contact', 0.5, 'customerContactUid') },
	contact_update => sub { resource_body('contact', 0.3, 'customerContactUid', 'customers') },
	contact_customer_add => sub { object(customers => list(map { link_to_customer() } 1 .. 1 + int(rand(3)))) },
	customer_contact_create => sub { set_member(resource_body('contact', 0.5, 'customerContactUid', 'customers'), 'role', 'ADMIN') },
	customer_contact_update => sub { resource_body('contact', 0.3, 'customerContactUid', 'customers') },
	customer_group_create => sub { resource_body('customer_group', 0, 'customerGroupUid') },
	customer_group_update => sub { object(name => 'Group ' . word()) },
	customer_group_customer_update => sub { object(addCustomerUids => $plausible{addCustomerUids}->(), removeCustomerUids => $plausible{removeCustomerUids}->()) },
	customer_address_put => sub { resource_body('customer_address', 0.5) },
	customer_consent_set => sub { resource_body('customer_consent', 0.4, 'consentUid') },
	customer_hold_put => sub { resource_body('customer_hold', 0.5, chance(0.5) ? 'holdUid' : ()) },
	tenant_put => sub { resource_body('tenant', 0, 'name') },
	organization_put => sub { resource_body('organization', 0.7) },
	store_put => sub { resource_body('store', 0.5) },
	tenant_user_put => sub { resource_body('tenant_user', 0.5) },
	consent_put => sub { resource_body('consent', 0.7) },
	printer_put => sub { resource_body('printer', 0.5) },
	retention_put => sub { object(openOrders => token('false'), unpaidInvoices => token('false'), yearsAfterLastOrder => token(int(rand(3)))) },
	external_customer_put => sub { set_member(resource_body('external_customer', 0.4), 'customerUid', uid_of('external')) },
	print_job_fail => sub { object(error => 'no paper') },
	sales_order_put => \&sales_order,
	service_order_put => \&service_order,
	sales_order_batch => sub { chance(0.5) ? list(map { sales_order() } 1 .. 1 + int(rand(3))) : object(orders => list(sales_order())) },
	service_order_batch => sub { chance(0.5) ? list(map { service_order() } 1 .. 1 + int(rand(3))) : object(services => list(service_order())) });

# Arguments by their names; those that are left out here may be NULL.
my %arguments = (
	customer_uid => sub { uid_of('customer') },
	duplicate_uid => sub { uid_of('twin') },
	contact_uid => sub { uid_of('contact') },
	group_uid => sub { uid_of('group') },
	store_uid => sub { uid_of('store') },
	consent_uid => sub { uid_of('consent') },
	customer_address_uid => sub { uid_of('address') },
	extension_code => sub { 'TWO_INVOICE' },
	printer_uid => sub { uid_of('printer') },
	organization_uid => sub { uid_of('organization') },
	tenant_user_uid => sub { uid_of('user') },
	order_uid => sub { uid_of('sales_order') },
	service_order_uid => sub { uid_of('service_order') },
	hold_uid => sub { uid_of('hold') },
	erasure_uid => sub { uid_of('erasure') },
	merge_uid => sub { $sure || chance(0.7) ? '@merge' : uid_of('merge') },
	print_job_uid => sub { $sure || chance(0.7) ? '@print_job' : uid_of('print_job') },
	claim_uid => sub { chance(0.5) ? '@claim' : undef },
	reason => sub { 'sisters' },
	role => sub { 'clerk' },
	permissions => sub { one_of('{CUSTOMER,SALES_ORDER}', '{}', '{ADMIN}') },
	name => sub { one_of('companies', 'people', 'other') },
	relation => sub { one_of('hostile.points', 'hostile.company') },
	mapping => sub { json_text(object(customerUid => 'id', companyName => 'name', map { @$_ } some_of(3, [ origin => object(value => 'directory') ], [ createdAt => 'at' ], [ vatNumber => 'number' ], [ city => 'name' ], [ customerType => object(value => 'COMPANY') ]))) },
	on_collision => sub { one_of(qw(BLOCK KEEP SUM ARCHIVE)) },
	personal_columns => sub { one_of(undef, '{}') },
	lease_seconds => sub { 1 + int(rand(100)) },
	min_score => sub { one_of('0', '0.5', '0.9', '1') },
	dry_run => sub { one_of('true', 'false') },
	at => sub { '2026-01-01 00:00+00' },
	before => sub { '2020-01-01 00:00+00' },
	page_number => sub { one_of(undef, undef, 1, 2) },
	page_size => sub { one_of(undef, undef, 1, 5, 100) },
	sort_direction => sub { one_of(undef, undef, 'ASC', 'DESC') });

# Where one name means different things.  One customer has most of the orders.
my %own_arguments = (
	(map { $_ => { customer_uid => sub { chance(0.7) ? 'c03' : uid_of('customer') } } } qw(customer_export customer_export_xml customer_export_full)),
	external_customer_remove => { customer_uid => sub { uid_of('external') } },
	external_source_register => { relation => sub { 'hostile.company' } },
	external_source_remove => { name => sub { 'companies' } },
	customer_address_remove => { customer_uid => sub { 'c01' }, customer_address_uid => sub { one_of('a1', 'a2') } },
	customer_hold_remove => { customer_uid => sub { 'c05' }, hold_uid => sub { 'h1' } },
	customer_contact_get => { customer_uid => sub { 'c02' }, contact_uid => sub { 'k2' } },
	customer_contact_update => { customer_uid => sub { 'c02' }, contact_uid => sub { 'k2' } },
	customer_contact_delete => { customer_uid => sub { 'c02' }, contact_uid => sub { 'k9' } },
	customer_contact_extension_add => { customer_uid => sub { 'c01' }, contact_uid => sub { 'k1' } },
	customer_contact_extension_remove => { customer_uid => sub { 'c01' }, contact_uid => sub { 'k1' } },
	customer_extension_remove => { customer_uid => sub { 'c01' } },
	contact_customer_remove => { contact_uid => sub { 'k3' }, customer_uid => sub { 'c03' } },
	contact_delete => { contact_uid => sub { 'k' . (4 + int(rand(3))) } },
	customer_delete => { customer_uid => sub { uid_of('twin') } },
	customer_group_delete => { group_uid => sub { 'g3' } },
	customer_duplicate_undismiss => { customer_uid => sub { 'c11' }, duplicate_uid => sub { 'c12' } },
	customer_duplicate_dismiss => { customer_uid => sub { 'c12' }, duplicate_uid => sub { uid_of('twin') } },
	erasure_cancel => { erasure_uid => sub { '@erasure' } },
	consent_remove => { consent_uid => sub { 'unused' } },
	organization_remove => { organization_uid => sub { 'unused' } },
	store_remove => { store_uid => sub { 'unused' } },
	tenant_user_remove => { tenant_user_uid => sub { 'unused' } },
	printer_remove => { printer_uid => sub { 'unused' } },
	grant_authenticator => { role => sub { 'web' } },
	tenant_remove => { tenant_uid => sub { 'empty' } },
	is_uid => { value => sub { 'c01' } });

sub argument
{
	my ($function, $name) = @_;
	my $make = ($own_arguments{$function} || {})->{$name} || $arguments{$name};

	return $make ? $make->() : undef;
}

# A request that is right, as an operation with its arguments.
sub right_request
{
	my ($function) = @_;
	my %values = map { $_ => argument($function, $_) } @{ $functions{$function}{names} };
	my $body = $bodies{$function} ? $bodies{$function}->() : undef;

	if (exists $values{sort_by})
	{
		my ($resource) = $function =~ /^(customer_group|customer|contact)/;

		$values{sort_by} = one_of('createdAt', 'lastModifiedAt') if chance(0.3) && $resource;
	}
	$values{tenant_uid} //= $tenant if exists $values{tenant_uid};
	if (exists $values{customer_column})
	{
		@values{qw(relation customer_column tenant_column)} =
		  @{ one_of([ 'hostile.points', 'customer', 'tenant' ], [ 'hostile.visit', 'customer', 'tenant' ], [ 'hostile.odd', "ø'", 'a"b' ], $function eq 'reference_register' ? [ 'hostile.linked', 'customer', 'tenant' ] : ()) };
	}
	return { function => $function, arguments => \%values, body => $body };
}

# ---------------------------------------------------------------------------
# Mutations
# ---------------------------------------------------------------------------

# Every place in a tree where a value stands: [the list it is in, its index].
sub places
{
	my ($value) = @_;
	my ($kind) = @$value;
	my @found;

	if ($kind eq 'object')
	{
		for my $member (@$value[ 1 .. $#$value ])
		{
			push @found, [ $member, 1, $value ], places($member->[1]);
		}
	}
	elsif ($kind eq 'list')
	{
		for my $i (1 .. $#$value)
		{
			push @found, [ $value, $i, $value ], places($value->[$i]);
		}
	}
	return @found;
}

sub hostile_name
{
	my ($name) = @_;

	return one_of(uc($name), ucfirst($name), "$name ", " $name", "$name\x{200b}", "\x{feff}$name", "$name.", ".$name", "$name.$name", '', '.', '..', '$', '*', '__proto__', 'tenantUid', 'tenant_uid', 'createdAt', 'credit.balance', 'credit.limit', 'ehf',
		'errors', 'code', $sent_name, "$sent_name\"", "$sent_name'", "$sent_name\n", "$sent_name.x", "$sent_name\[0]", $sent_name x 1000, 'İd', "customer\x{131}Uid", "x\x{fffe}");
}

# A value of the kind that belongs there, but one at the edge or beyond it.
sub value_in_kind
{
	my ($name, $value) = @_;
	my ($kind, $text) = @$value;

	return token(chance(0.8) ? one_of(@numbers) : one_of(@not_numbers)) if $kind eq 'token' && $text =~ /^-?\d/;
	return hostile_value() if $kind ne 'string';
	return [ 'string', one_of(@times) ] if $text =~ /^\d{4}-/ || $name =~ /(At|Until|Date)$/;
	return [ 'string', chance(0.3) ? uid_of(one_of(sort keys %{ $pool{$tenant} })) : hostile_uid($text) ] if $name =~ /Uids?$/;
	return [ 'string', one_of(lc($text), "$text ", '', "\x{131}$text", uc($text), 'PERSON', 'COMPANY') ] if $text =~ /^[A-Z_]+$/;
	return token('"' . $text . one_of(@surrogates) . '"') if chance(0.1) && $text !~ /["\\]/;
	return [ 'string', one_of('x', 'æ', "\x{1f600}", '1', 'ß') x one_of(@lengths) ] if chance(0.15);
	return [ 'string', hostile_text() ] if chance(0.4);
	substr($text, int(rand(length($text) + 1)), 0) = one_of(@fragments) for 1 .. 1 + int(rand(3));
	return [ 'string', $text ];
}

sub mutate_tree
{
	my ($root) = @_;
	my @places = places($root->[0]);
	my $kind = int(rand(44));

	# the body itself, now and then
	unshift @places, [ $root, 0, undef ] if !@places || chance(0.1);
	my ($holder, $index, $parent) = @{ one_of(@places) };
	my $value = $holder->[$index];

	if ($kind >= 28)
	{
		$holder->[$index] = value_in_kind($parent && $parent->[0] eq 'object' ? $holder->[0] : '', $value);
	}
	elsif ($kind >= 24)
	{
		# something that nobody knows, which some operations keep
		my @objects = grep { $_->[0] eq 'object' } $root->[0], map { $_->[0][ $_->[1] ] } @places;

		push @{ one_of(@objects) }, [ chance(0.5) ? hostile_text() =~ s/$sent_value/$sent_name/gr : hostile_name('x'), hostile_value() ] if @objects;
	}
	elsif ($kind <= 5)
	{
		$holder->[$index] = hostile_value();
	}
	elsif ($kind == 6)
	{
		# another type with what it looked like
		my $text = $value->[0] eq 'string' ? $value->[1] : json_text($value);

		$holder->[$index] = $value->[0] eq 'string' ? token($text =~ /^-?\d+$/ ? $text : one_of(qw(true null 1 []))) : [ 'string', $text ];
	}
	elsif ($kind <= 9)
	{
		# a text with something in it that does not belong there
		my $text = $value->[0] eq 'string' ? $value->[1] : '';

		substr($text, int(rand(length($text) + 1)), 0) = one_of(hostile_text(), one_of(@fragments), one_of(@fragments) . one_of(@fragments));
		$holder->[$index] = [ 'string', $text ];
	}
	elsif ($kind == 10 && $value->[0] eq 'string')
	{
		$holder->[$index] = token('"' . $sent_value . one_of(@surrogates) . '"');
	}
	elsif ($kind == 11)
	{
		$holder->[$index] = $value->[0] eq 'string' && $value->[1] =~ /^\d{4}-/ ? [ 'string', one_of(@times) ] : token(one_of(@numbers));
	}
	elsif ($kind == 12)
	{
		$holder->[$index] = [ 'string', hostile_uid($value->[0] eq 'string' && $value->[1] =~ /^[-\w]{1,40}$/ ? $value->[1] : 'c01') ];
	}
	elsif ($kind == 13)
	{
		my @kinds = sort keys %{ $pool{$tenant} };

		$holder->[$index] = [ 'string', uid_of(one_of(@kinds)) ];
	}
	elsif ($kind == 14)
	{
		$holder->[$index] = one_of(list($value), object($sent_name => $value), list($value, $value), object(a => object(b => $value)));
	}
	elsif ($kind == 15 && $parent)
	{
		# gone
		@$parent = grep { !ref $_ || ($parent->[0] eq 'list' ? $_ != $value : $_ != $holder) } @$parent;
	}
	elsif ($kind == 16 && $parent)
	{
		# there again, the same or another one
		my $again = chance(0.5) ? copy_of($value) : hostile_value();

		splice(@$parent, 1 + int(rand(@$parent)), 0, $parent->[0] eq 'list' ? $again : [ $holder->[0], $again ]);
	}
	elsif ($kind == 17 && $parent && $parent->[0] eq 'object')
	{
		$holder->[0] = hostile_name($holder->[0]);
	}
	elsif ($kind == 18)
	{
		# a member that belongs somewhere else
		my $resource = one_of(sort keys %fields);
		my $field = one_of(@{ $fields{$resource} });
		my @objects = grep { $_->[0] eq 'object' } $root->[0], map { $_->[0][ $_->[1] ] } @places;

		set_member(one_of(@objects), $field->{name}, chance(0.5) ? value_of($field) : hostile_value()) if @objects;
	}
	elsif ($kind == 19)
	{
		my $other = one_of(@places);
		my ($one, $two) = (copy_of($value), copy_of($other->[0][ $other->[1] ]));

		$holder->[$index] = $two;
		$other->[0][ $other->[1] ] = $one;
	}
	elsif ($kind == 20)
	{
		# many times the same
		my @lists = grep { $_->[0] eq 'list' && @$_ > 1 } $root->[0], map { $_->[0][ $_->[1] ] } @places;

		if (@lists)
		{
			my $list = one_of(@lists);

			push @$list, map { copy_of($list->[1]) } 1 .. one_of(2, 20, 200);
		}
	}
	elsif ($kind == 21)
	{
		$holder->[$index] = token(one_of(@not_numbers));
	}
	elsif ($kind == 22)
	{
		$holder->[$index] = token('null');
	}
	else
	{
		$holder->[$index] = [ 'string', one_of('x', 'æ', "\x{1f600}", '1', 'ß') x one_of(@lengths) ];
	}
	return;
}

sub mutate_text
{
	my ($text) = @_;
	my $kind = int(rand(14));
	my $at = int(rand(length($text) + 1));

	return substr($text, 0, $at) if $kind <= 2;
	return $text . one_of('}', ']', ',', 'x', '{}', "\x{feff}", '//', '/* */', '"', "\n\n", $text) if $kind == 3;
	return one_of("\x{feff}", ' ', "\n", '// x' . "\n", '/**/', ',', 'x', '[', '{', '(') . $text if $kind == 4;
	return one_of('', ' ', "\n\t\r ", "\x{a0}", 'null', 'true', '0', '""', '[]', '{}', '[[]]', $sent_value, "\"$sent_value\"", 'NaN', '{', '[', '"', '{"', '{"a"', '{"a":', '{"a":1', '{"a":1,', '[1,', '-', '\\', '<xml/>', 'a=b&c=d', '{a:1}', "{'a':1}")
	  if $kind <= 6;
	return substr($text, 0, $at) . one_of(@fragments) . substr($text, $at) if $kind <= 8;
	return substr($text, 0, $at) . substr($text, min($at + 1 + int(rand(10)), length($text))) if $kind <= 10;
	return "[$text]" if $kind == 11;
	return "{\"$sent_name\":$text}" if $kind == 12;
	return substr($text, 0, $at) . one_of(@surrogates, @not_numbers) . substr($text, $at);
}

sub min
{
	return $_[0] < $_[1] ? $_[0] : $_[1];
}

# Relations that can't be what is asked for, and some that can.
my @relations = ('hostile.points', 'hostile.company', 'hostile.company_view', 'hostile.nothing', 'hostile.odd', 'pg_class', 'pg_catalog.pg_proc', 'information_schema.tables', 'hostile.company_pkey', 'hostile.number', 'hostile.pair', 'nobody', '0', '1259',
	'-', '"hostile"."points"', 'hostile."Points', '4294967295', 'a.b.c.d', '', 'hostile.points; --');

# A hostile value of an SQL argument, as text.
sub hostile_argument
{
	my ($name, $type, $old) = @_;

	return undef if chance(0.15);
	return one_of(qw(0 -1 1 2147483647 -2147483648 1000 1001 1000000 86400 86401), '2147483648', 'x') if $type =~ /^int/;
	return one_of(qw(0 1 -1 -0 0.5 1.0000000001 NaN Infinity -Infinity 1e-320 1e308 1e400)) if $type =~ /^double/;
	return one_of(qw(true false), 'maybe') if $type eq 'boolean';
	return one_of('infinity', '-infinity', '294276-12-31 23:59:59.999999+00', '294277-01-01 00:00+00', '4713-01-01 00:00+00 BC', '4714-11-24 00:00+00 BC', 'epoch', 'now', '2026-01-01 24:00+00', '1970-01-01 00:00+14') if $type =~ /^timestamp/;
	return one_of(@relations) if $type eq 'regclass';
	return one_of('{CUSTOMER}', '{customer}', '{ADMIN,ADMIN}', '{NULL}', '{""}', '{"CUSTOMER,ADMIN"}', '{{CUSTOMER},{ADMIN}}', '{' . join(',', ('CUSTOMER') x 1000) . '}', "{\"$sent_value\"}") if $name eq 'permissions';
	return one_of('{}', '{nickname}', '{note}', '{nickname,nickname}', '{NULL}', '{""}', '{balance}', '{tenant,customer}', '{nobody}', '{{nickname}}', '[2:2]={nickname}', '{' . join(',', ('nickname') x 2000) . '}', "{\"$sent_value\"}", '{id}', '{xmin}', '{tableoid}', '{note,name}')
	  if $type eq 'text[]';
	return json_text(hostile_value()) if $type =~ /^json/ && chance(0.2);
	return mutate_text($old // '{}') if $type =~ /^json/;
	return one_of(map { $_->{name} } @{ $fields{ one_of(sort keys %fields) } }) if $name eq 'sort_by' && chance(0.5);
	return one_of('asc', 'DESC ', 'DESC; --', 'ASC', '') if $name eq 'sort_direction' && chance(0.7);
	return one_of('', '0', '1', '1.1', '1.1.1', '1.1.1.1', '-1.1.1', '1.18446744073709551616.1', '9223372036854775807.9223372036854775807.9223372036854775807', '9223372036854775808.1.1', '1..1', ' 1.1.1', '1.1.1 ', '01.01.01', '1e3.1.1', '١.1.1')
	  if $name eq 'after' && chance(0.8);
	return one_of('TWO_INVOICE', 'KLAVIYO_PROFILE_ID', 'two_invoice', '', $sent_value) if $name eq 'extension_code' && chance(0.7);
	return one_of(qw(tenant customer balance id note name nickname ctid xmin tableoid), '"tenant"', 'TENANT', '', 'note; --') if $name =~ /_column$/ && chance(0.8);
	return one_of('clerk', 'web', 'public', 'none', 'pg_read_all_data', 'nobody', 'CLERK', '"clerk"', '', 'clerk ', $sent_value, 'x' x 63, 'x' x 64) if $name eq 'role' && chance(0.8);
	# what somebody registers may be named in messages
	return one_of('x', 'companies', '', ' ', 'æ' x 255, 'æ' x 256, "a'b\"c", '{field}', '%s') if $name eq 'name';
	my @kinds = sort keys %{ $pool{$tenant} };
	return uid_of(one_of(@kinds)) if chance(0.2);
	return hostile_uid($old // 'c01') if chance(0.5);
	return hostile_text();
}

sub escaped
{
	my ($text) = @_;

	utf8::encode($text);
	$text =~ s/([^-A-Za-z0-9_.~])/sprintf('%%%02X', ord($1))/ge;
	return $text;
}

sub mutate_target
{
	my ($target) = @_;
	my $kind = int(rand(18));
	my $at = int(rand(length($target) + 1));
	my $insert = sub { substr($target, 0, $at) . $_[0] . substr($target, $at) };

	return $insert->(one_of('%', '%0', '%zz', '%00', '%C0%80', '%2F', '%2f..', '%25', '%2525', '%ED%A0%80', '%F4%90%80%80', '%FF', '%E2%82', '%c3%a6', '%0A', '%0D%0A', '%20', '+', '%u0041', '%EF%BB%BF', '%7B', '%27', '%22', '%5C')) if $kind <= 3;
	return $insert->(one_of('/', '//', '/./', '/../', '/..%2f', ';', ';a=b', ' ', "\t", "\n", '\\', '#', '#x', '?', '??', '&', '&&', '=', ':', '@', "\x{e6}", "\x{1f600}", "'", '"', '{', '}', '$', '*', '|')) if $kind <= 6;
	return substr($target, 0, $at) if $kind == 7;
	return substr($target, min($at, length($target))) if $kind == 8;
	return one_of('', '/', '*', '.', '/v2', '/v2/', '//', '/v2/v2/tenants', '/v1/tenants/x', '/v2/tenants', '/v2/tenants/', 'http://[::1', '/' . 'x/' x 20, '/' . 'x' x 100_000, '/?' . 'a&' x 40, '%2Fv2', "/v2/$sent_value", '/../../etc/passwd', '/v2/tenants/%00/customers')
	  if $kind == 9;
	return "http://example.com$target" if $kind == 10;
	return $target =~ s{^/v2}{}r if $kind == 11;
	return $target =~ s{^/v2}{one_of('/V2', '/v2/v2', '/v2//', '/v02', '/v3', 'v2', '//v2')}er if $kind == 12;
	return $target . '/' . one_of('', 'x', 'customers', 'export', 'merge', 'search', 'batch', $sent_value) if $kind == 13;
	my $name = one_of(qw(pageNumber pageSize sortBy sortDirection customerExternalId pagenumber page tenantUid customerUid), $sent_name, '');
	my $value = one_of(qw(0 1 -1 2 1.5 1e3 1001 2147483647 2147483648 9223372036854775808 99999999999999999999999 0x10 +1 %2B1 01 1%00 %201 1%20 NaN ASC DESC asc customerUid lastname createdAt credit.limit ehfEnabled defaultStore addresses relevance searchText E-1),
		'', 'x' x 5000, escaped(hostile_text()), '1&' . $name . '=2', map { $_->{name} } @{ $fields{ one_of(sort keys %fields) } });
	return $target . ($target =~ /\?/ ? '&' : '?') . $name . one_of('=', '=', '=', '', '==') . $value;
}

# Headers: mostly right, as JSON text or NULL.
sub headers
{
	my ($hostile) = @_;

	if ($hostile && chance(0.4))
	{
		return one_of('[]', '{}', 'null', '1', '"x"', '[["Accept","x"]]', '{"Accept":1,"Content-Type":null,"Accept-Language":["nb"]}', '{"Accept":{"a":1}}', '{"Content-Type":"text/plain","Content-Type":"application/json"}',
			'{"content-type":"application/json; charset=latin1"}', '{"Content-Type":"application/json;charset=\\"utf-8\\""}', '{"Content-Type":"' . 'x' x 100_000 . '"}', '{"Content-Type":"\\u0000"}', '{"Content-Type":"application/json\\n"}',
			'{"Content-Type":""}', '{"Content-Type":"+json"}', '{"Content-Type":"a+json"}', '{"Content-Type":"application/JSON ; charset=UTF8"}', '{"Content-Type":";charset="}', '[' x 3000 . ']' x 3000, '{"a":' x 3000 . '1' . '}' x 3000,
			'{' . join(',', map { "\"h$_\":\"x\"" } 1 .. 5000) . '}', "{\"$sent_name\":\"$sent_value\"}", '{"Accept', '', '{"\\u0000":"a"}', '{"Acce\\u0070t":"application/xml"}');
	}
	my @headers;

	push @headers, '"Content-Type":"' . one_of('application/json', 'application/json; charset=utf-8', 'application/merge-patch+json') . '"' if chance(0.6);
	push @headers, '"Accept-Language":' . quoted(one_of('nb', 'sv-SE', 'da;q=0.5, en;q=0.1', 'fr', '*', 'nb;q=0', '')) if chance(0.4);
	push @headers, '"Accept":' . quoted(one_of('application/json', 'application/xml', 'text/xml, */*;q=0.1', '*/*')) if chance(0.3);
	if ($hostile)
	{
		push @headers, '"Accept-Language":' . quoted(one_of(',' x 1000, ';q=', 'nb;q=1e400', 'nb;q=-1', 'nb;q=0.' . '9' x 400, 'nb;;q=1', ';', ',', 'nb,' x 3000, "\n", 'n', 'nb;a=b;q=0.3;q=1', "nb;\tq=1", 'sv_SE', hostile_text(), ' ' x 5000));
		push @headers, '"Accept":' . quoted(one_of('application/xml;q=0', 'application/*', '*', '/', 'application/', 'text/xml;q=1;q=0', ';', ',,', 'application/xml' x 1000, hostile_text(), 'a/b;q=1,' x 2000));
		push @headers, '"x-Original-URI":"/v2"', '"prefer":"x"' if chance(0.2);
	}
	return undef if !@headers && chance(0.7);
	return '{' . join(',', @headers) . '}';
}

# ---------------------------------------------------------------------------
# Callers: an administrator, the role clerk, who has access to one tenant, and the role
# web, for whom claims decide, request by request
# ---------------------------------------------------------------------------

# Claims, and the tenant that they give access to; '' for none.
sub claims
{
	my ($whose) = @_;
	my $permissions = '"permissions":["CUSTOMER","SALES_ORDER","ADMIN"]';

	return ("{\"tenantUid\":\"$whose\",$permissions,\"sub\":" . quoted(one_of('till 3', hostile_text())) . '}', $whose) if chance(0.1);
	return ("{\"tenantUid\":\"$whose\",$permissions,\"sub\":\"till 3\"}", $whose) if chance(0.7);
	return @{
		one_of(
			[ "{\"tenantUid\":[\"nobody\",\"$whose\"],$permissions}", $whose ],
			[ "{\"tenantUid\":\"other\",\"tenantUid\":\"$whose\",$permissions,\"sub\":null}", $whose ],
			[ '{"tenantUid":"' . join('', map { sprintf('\\u%04x', ord) } split(//, $whose)) . "\",$permissions}", $whose ],
			[ "{\"tenantUid\":\"$whose\",\"permissions\":[\"admin\",\"\",\"CUSTOMER \"]}", $whose ],
			[ "{\"tenantUid\":\"$whose\",\"permissions\":null,\"sub\":\"\"}", $whose ],
			map { [ $_, '' ] } undef, '', ' ', 'null', '[]', '{}', '"x"', '1', '{', "\"$whose\"", "[\"$whose\"]", "{\"tenantUid\":\"$whose \",$permissions}", "{\"tenantUid\":\"$whose\\u0000\",$permissions}", "{\"tenantUid\":\"\\ud800\",$permissions}",
			"{\"tenantUid\":{\"a\":\"$whose\"},$permissions}", "{\"tenantUid\":[[\"$whose\"]],$permissions}", "{\"tenantUid\":\"" . uc($whose) . "\",$permissions}", "{\"tenantuid\":\"$whose\",$permissions}", "{\"tenantUid\":\"$whose\",\"tenantUid\":null,$permissions}",
			"{\"tenantUid\":\"$whose\",$permissions,\"sub\":1}", "{\"tenantUid\":\"$whose\",$permissions,\"sub\":\"" . 'x' x 256 . '"}', "{\"tenantUid\":\"$whose\",\"permissions\":{\"CUSTOMER\":true}}", "{\"tenantUid\":\"%\",$permissions}", "{\"tenantUid\":\"*\",$permissions}",
			"{\"tenantUid\":\"\",$permissions}", "{\"a\":{\"tenantUid\":\"$whose\",$permissions}}", "{\"tenantUid\":\"$whose\",$permissions}}", "{\"tenantUid\":\"$whose\",$permissions,}", '[' x 5000, '{"a":' x 100 . '1' . '}' x 100) };
}

# ---------------------------------------------------------------------------
# Requests
# ---------------------------------------------------------------------------

# What operations have the most to get wrong come more often.
my %weights = map { $_ => 4 } qw(customer_merge_undo customer_erase customer_export_xml external_source_register reference_register customer_create customer_update customer_batch customer_merge customer_merge_preview customer_search sales_order_put sales_order_batch service_order_batch contact_create customer_group_customer_update customer_find_similar search_explain);

my %path_arguments = (
	tenantUid => 'tenant_uid', customerUid => 'customer_uid', customerContactUid => 'contact_uid', customerGroupUid => 'group_uid',
	storeUid => 'store_uid', customerExtensionCode => 'extension_code');

# An SQL call or an HTTP request, with so many mutations, of a tenant or of any.
sub make_request
{
	my ($function, $mutations, $as_http, $whose) = @_;

	$tenant = $whose || one_of(qw(north south));
	my $right = right_request($function);
	my $operation = $functions{$function};
	my ($body, $method, $target);
	my %request = (tenant => $right->{arguments}{tenant_uid} // '', mutations => $mutations, function => $function, kind => 'sql');
	my @root = ($right->{body});
	my ($tree, $text, $elsewhere) = (0, 0, 0);

	for (1 .. $mutations)
	{
		my $where = rand();

		if ($root[0] && $where < 0.65)
		{
			$tree++;
		}
		elsif ($root[0] && $where < 0.75)
		{
			$text++;
		}
		else
		{
			$elsewhere++;
		}
	}
	mutate_tree(\@root) for 1 .. $tree;
	if ($root[0] && $mutations && chance(0.02))
	{
		my ($place) = one_of([ \@root, 0 ], places($root[0]));

		$place->[0][ $place->[1] ] = huge_value();
	}
	# of customers to create without a uid there may not be too many, for they stay
	if ($function =~ /_batch$/ && $mutations && chance(0.02))
	{
		my $many = one_of([ 9_000, object(customerUid => 'c01') ], [ 10_001, object(customerType => 'PERSON') ]);

		$root[0] = list(map { $many->[1] } 1 .. $many->[0]);
		$root[0] = object(one_of(qw(create update upsert delete)) => $root[0]) if $function eq 'customer_batch';
	}
	$body = json_text($root[0]) if $root[0];
	for (1 .. $text)
	{
		$body = mutate_text($body);
	}
	if ($as_http)
	{
		my $hostile_headers = 0;
		my ($hostile_method, @target_mutations);
		my %escaped = map { $_ => escaped($right->{arguments}{$_} // '') } keys %{ $right->{arguments} };

		for (1 .. $elsewhere)
		{
			my $what = int(rand(8));

			$hostile_headers = 1 if $what == 0;
			$hostile_method = 1 if $what == 1;
			push @target_mutations, 1 if $what >= 2 && $what <= 4;
			# a parameter of the path, well escaped
			if ($what >= 5)
			{
				my $name = one_of(grep { $_ ne 'tenant_uid' || chance(0.3) } sort keys %escaped);

				$escaped{$name} = escaped(chance(0.5) ? hostile_text() : hostile_uid('c01')) if defined $name;
				$request{tenant} = '' if ($name // '') eq 'tenant_uid';
			}
		}
		$method = $operation->{method};
		$method = one_of('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', lc($method), '', undef, $sent_value, "$method ", 'G' x 10_000, "GET\n", 'ÆØÅ') if $hostile_method;
		$method = 'HEAD' if ($method // '') eq 'GET' && chance(0.05);
		$target = '/v2' . $operation->{path} =~ s/\{(\w+)\}/$escaped{ $path_arguments{$1} }/gr;
		my @query;
		push @query, 'pageNumber=' . $right->{arguments}{page_number} if $right->{arguments}{page_number};
		push @query, 'pageSize=' . $right->{arguments}{page_size} if $right->{arguments}{page_size};
		push @query, 'sortBy=' . $right->{arguments}{sort_by} if $right->{arguments}{sort_by};
		push @query, 'sortDirection=' . $right->{arguments}{sort_direction} if $right->{arguments}{sort_direction};
		$target .= '?' . join('&', @query) if @query;
		$target = mutate_target($target) for @target_mutations;
		$target = undef if @target_mutations && chance(0.02);
		$request{kind} = chance(0.06) ? 'rest' : 'http';
		# what is in place of the path may be another operation, with another status
		$request{expected} = $operation->{status} if !@target_mutations && !$hostile_method;
		@request{qw(method target body headers)} = ($method, $target, $body, headers($hostile_headers));
	}
	else
	{
		my @names = @{ $operation->{names} };
		my %values = (%{ $right->{arguments} });

		$values{body} = $body if grep { $_ eq 'body' } @names;
		for (1 .. $elsewhere)
		{
			my $i = int(rand(@names));

			next if !@names;
			my $name = $names[$i];
			next if $name eq 'tenant_uid' && !chance(0.3);
			$values{$name} = hostile_argument($name, $operation->{types}[$i], $values{$name});
			if ($name eq 'tenant_uid')
			{
				# no mutation makes one tenant of the other
				$request{tenant} = '';
				$values{$name} = undef if ($values{$name} // '') =~ /^(north|south)$/;
			}
		}
		$request{arguments} = [ map { $values{$_} } @names ];
	}
	return \%request;
}

# ---------------------------------------------------------------------------
# In the database
# ---------------------------------------------------------------------------

run_sql(<<"SQL");
CREATE EXTENSION flowcustomer CASCADE;
CREATE SCHEMA hostile;
CREATE TABLE hostile.company (id text PRIMARY KEY, name text, number int, at timestamptz, picture bytea);
CREATE VIEW hostile.company_view AS SELECT * FROM hostile.company;
CREATE TABLE hostile.points (tenant text, customer text, balance int, nickname text, PRIMARY KEY (tenant, customer));
CREATE TABLE hostile.visit (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text, customer text, note text);
CREATE TABLE hostile.linked (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text, customer text, note text, FOREIGN KEY (tenant, customer) REFERENCES flowcustomer.customer);
CREATE TABLE hostile.nothing ();
CREATE TABLE hostile.odd ("a""b" text, "ø'" text, "Tenant" text, "\$1" text, PRIMARY KEY ("a""b", "ø'"));
CREATE SEQUENCE hostile.number;
CREATE TYPE hostile.pair AS (a text, b text);
INSERT INTO hostile.company VALUES ('1', 'Acme', 1, now(), 'x'), ('not a uid', 'Fjord', NULL, 'infinity', NULL);

CREATE TABLE hostile.request (n int PRIMARY KEY, kind text, tenant text, mutations int, expected int, claims text, allowed text, function text, method text, target text, body text, headers text, arguments text[]);
CREATE TABLE hostile.outcome (n int PRIMARY KEY, status text, milliseconds float8, finding text, answer text);
CREATE ROLE clerk LOGIN;
CREATE ROLE web LOGIN;
CREATE TABLE hostile.example (name text, document json);

-- Every function, and what calls it with its arguments as texts; check converts them only.
CREATE TABLE hostile.function AS
SELECT p.proname::text AS function, o.method, o.path, o.status, p.proargnames::text[] AS names, array(SELECT t::regtype::text FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, n) ORDER BY n) AS types,
	p.prorettype::regtype::text AS returns, p.prokind AS kind,
	format(CASE WHEN p.prokind = 'p' THEN 'CALL flowcustomer.%I(%s)' WHEN p.proretset THEN 'SELECT json_agg(r)::text FROM flowcustomer.%I(%s) AS r' ELSE 'SELECT flowcustomer.%I(%s)::text' END, p.proname, a.list) AS statement,
	'SELECT ROW(' || a.list || ')::text' AS check
FROM pg_proc AS p LEFT JOIN flowcustomer.operations() AS o ON o.function_name = p.proname,
	LATERAL (SELECT coalesce(string_agg(format('(\$1)[%s]::%s', n, t::regtype), ', ' ORDER BY n), '') AS list FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, n)) AS a
WHERE p.pronamespace = 'flowcustomer'::regnamespace AND p.proname NOT IN ('http', 'rest') AND p.prorettype <> 'trigger'::regtype;
-- proargnames has those of the columns too
UPDATE hostile.function SET names = coalesce(names[1:cardinality(types)], '{}');

-- A number for all rows of each tenant; those without one belong to ''.
DO \$\$
BEGIN
	EXECUTE (SELECT 'CREATE VIEW hostile.row_hash AS SELECT '''' AS tenant_uid, hashtextextended(coalesce(to_regclass(''flowcustomer.drop_extension_guard'')::text, ''''), 0) AS hash UNION ALL '
			 || string_agg(format('SELECT tenant_uid, hashtextextended(r::text, %s) FROM flowcustomer.%I AS r', row_number, relname), ' UNION ALL ')
			 FROM (SELECT relname, row_number() OVER (ORDER BY relname) FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r') AS c);
END \$\$;
CREATE FUNCTION hostile.digest() RETURNS jsonb LANGUAGE sql SECURITY DEFINER AS
\$\$ SELECT jsonb_object_agg(tenant_uid, hash) FROM (SELECT tenant_uid, sum(hash::numeric)::text AS hash FROM hostile.row_hash GROUP BY tenant_uid) AS d \$\$;
-- What a call has to leave as it was.
CREATE FUNCTION hostile.session() RETURNS text LANGUAGE sql AS
\$\$ SELECT concat_ws(' ', current_user, current_setting('search_path'), current_setting('plan_cache_mode')) \$\$;

-- What is wrong with the text of an error.
CREATE FUNCTION hostile.error_finding(status int, told text) RETURNS text LANGUAGE sql AS \$\$
	SELECT CASE WHEN status NOT IN (400, 401, 403, 404, 405, 409, 413, 415, 501, 502, 503) THEN format('status %s', status)
		WHEN told ILIKE '%$sent_value%' THEN 'an error tells a value that was sent' END
\$\$;
-- What is wrong with an answer over HTTP.
CREATE FUNCTION hostile.answer_finding(r hostile.request, status int, headers json, body text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS \$\$
DECLARE
	answer json;
	error record;
	codes text[];
	finding text;
BEGIN
	-- a JSON object of texts
	SELECT string_agg(key, ' ') INTO finding FROM json_each(headers) WHERE json_typeof(value) <> 'string' OR key NOT IN ('Content-Language', 'Cache-Control', 'Content-Type', 'Allow', 'Retry-After', 'WWW-Authenticate');
	IF finding IS NOT NULL OR headers ->> 'Content-Language' NOT IN ('en', 'nb', 'sv', 'da') OR headers ->> 'Cache-Control' <> 'no-store' OR (headers ->> 'Allow' IS NULL AND status = 405) OR (headers ->> 'Content-Type' IS NULL) <> (body IS NULL AND coalesce(r.method, '') <> 'HEAD') AND coalesce(r.method, '') <> 'HEAD' THEN
		RETURN 'headers';
	END IF;
	IF r.method = 'HEAD' THEN
		RETURN CASE WHEN body IS NOT NULL THEN 'HEAD has a body' WHEN status NOT IN (200, 400, 401, 403, 404, 405, 409, 415, 502) THEN format('status %s', status) END;
	END IF;
	IF status < 400 THEN
		RETURN CASE WHEN status NOT IN (200, 201, 204, 207) THEN format('status %s', status)
			WHEN status <> r.expected AND (r.function, status) <> ('customer_batch', 207) THEN format('status %s in place of %s', status, r.expected)
			WHEN (body IS NULL) <> (status = 204) THEN format('status %s, %s body', status, CASE WHEN body IS NULL THEN 'no' ELSE 'a' END)
			WHEN headers ->> 'Content-Type' LIKE 'application/xml%' THEN CASE WHEN xmlparse(DOCUMENT body) IS NULL THEN 'no XML' END
			WHEN json_typeof(body::json) <> 'object' THEN 'no object'
			WHEN r.function LIKE '%batch' AND body ~* '"message":"[^"]*$sent_value' THEN 'a message tells a value that was sent' END;
	END IF;
	answer := body::json;
	finding := hostile.error_finding(status, body);
	IF finding IS NOT NULL THEN
		RETURN finding;
	END IF;
	IF EXISTS (SELECT FROM json_object_keys(answer) AS k WHERE k NOT IN ('code', 'message', 'logId', 'errors')) OR coalesce(answer ->> 'message', '') = '' OR NOT coalesce(flowcustomer.is_uid(answer ->> 'logId'), false)
		OR NOT EXISTS (SELECT FROM flowcustomer.errors() AS e WHERE e.code = answer ->> 'code' AND (e.status = answer_finding.status OR (e.status = 404 AND answer_finding.status = 400))) THEN
		RETURN 'the body of the error';
	END IF;
	IF answer -> 'errors' IS NOT NULL THEN
		FOR error IN SELECT value FROM json_array_elements(answer -> 'errors')
		LOOP
			IF (SELECT string_agg(k, ' ') FROM json_object_keys(error.value) AS k) <> 'path code message' OR error.value ->> 'path' !~ '^(|[a-zA-Z]+|[\$].*)\$' OR error.value ->> 'message' = ''
				OR NOT EXISTS (SELECT FROM flowcustomer.errors() AS e WHERE e.code = error.value ->> 'code') THEN
				RETURN 'one of the errors';
			END IF;
		END LOOP;
		IF json_array_length(answer -> 'errors') = 0 THEN
			RETURN 'no errors';
		END IF;
	END IF;
	RETURN NULL;
END \$\$;
-- What is wrong with an error of a function.
CREATE FUNCTION hostile.raised_finding(r hostile.request, state text, message text, detail text, hint text, context text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE
	line text;
BEGIN
	IF state = '2D000' AND (SELECT kind = 'p' FROM hostile.function WHERE function = r.function) THEN
		RETURN NULL;
	END IF;
	-- some are for administrators
	IF state = '42501' AND message = 'permission denied for function ' || r.function AND session_user IN ('clerk', 'web') THEN
		RETURN NULL;
	END IF;
	IF state !~ '^PT[45][0-9][0-9]\$' THEN
		RETURN 'SQLSTATE ' || state || ': ' || message;
	END IF;
	IF coalesce(detail, '') !~ '^code: [A-Z_]+' OR coalesce(message, '') = '' OR coalesce(hint, '') = '' THEN
		RETURN 'the form of the error: ' || message;
	END IF;
	IF detail LIKE '%' || chr(10) || '%' THEN
		FOREACH line IN ARRAY string_to_array(detail, chr(10))
		LOOP
			IF line !~ '^code: [A-Z_]+, ' THEN
				RETURN 'the form of the detail: ' || line;
			END IF;
		END LOOP;
	END IF;
	RETURN hostile.error_finding(substr(state, 3)::int, concat_ws(chr(10), message, detail, hint, context));
END \$\$;

-- What stands for the newest of something, which nobody knew beforehand.
CREATE FUNCTION hostile.with_newest(tenant text, arguments text[]) RETURNS text[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS \$\$
DECLARE
	job flowcustomer.print_job;
BEGIN
	IF arguments && '{\@merge}' THEN
		arguments := array_replace(arguments, '\@merge', (SELECT max(merge_uid) FROM flowcustomer.merge WHERE tenant_uid = tenant AND undone_at IS NULL));
	END IF;
	IF arguments && '{\@erasure}' THEN
		arguments := array_replace(arguments, '\@erasure', (SELECT max(erasure_uid) FROM flowcustomer.erasure WHERE tenant_uid = tenant AND state = 'QUEUED'));
	END IF;
	IF arguments && '{\@print_job,\@claim}' THEN
		SELECT * INTO job FROM flowcustomer.print_job WHERE tenant_uid = tenant AND state = 'CLAIMED' ORDER BY print_job_uid LIMIT 1;
		arguments := array_replace(array_replace(arguments, '\@print_job', job.print_job_uid), '\@claim', job.claim_uid);
	END IF;
	RETURN arguments;
END \$\$;
-- Runs requests, each in a transaction of its own.
CREATE PROCEDURE hostile.run(first int, last int) LANGUAGE plpgsql AS \$\$
DECLARE
	before jsonb := hostile.digest();
	after jsonb;
	session text;
	r hostile.request;
	f hostile.function;
	started timestamptz;
	headers json;
	response flowcustomer.http_response;
	reach text;
	answer text;
	label text;
	finding text;
	refused boolean;
	wrote boolean;
	state text;
	message text;
	detail text;
	hint text;
	context text;
BEGIN
	COMMIT;
	FOR i IN first .. last
	LOOP
		SELECT * INTO r FROM hostile.request WHERE n = i;
		SELECT * INTO f FROM hostile.function WHERE function = r.function;
		-- the tenant that the call can be about
		reach := CASE WHEN r.allowed IS NULL OR r.allowed = r.tenant THEN r.tenant ELSE '' END;
		PERFORM set_config('request.jwt.claims', coalesce(r.claims, ''), true);
		r.arguments := hostile.with_newest(r.tenant, r.arguments);
		session := hostile.session();
		finding := NULL;
		answer := NULL;
		label := NULL;
		refused := true;
		-- what is no value of its type comes as far as PostgreSQL only
		BEGIN
			headers := r.headers;
			IF r.kind = 'rest' THEN
				PERFORM r.body::json;
				PERFORM set_config('request.headers', jsonb_build_object('X-Original-Method', r.method, 'X-Original-URI', r.target)::text, true);
			END IF;
			IF r.kind = 'sql' THEN
				EXECUTE f.check INTO answer USING r.arguments;
				answer := NULL;
			END IF;
		EXCEPTION WHEN OTHERS THEN
			label := 'no value of its type';
		END;
		started := clock_timestamp();
		IF label IS NULL THEN
			BEGIN
				IF r.kind = 'http' THEN
					response := flowcustomer.http(r.method, r.target, r.body, headers);
					answer := response.body;
				ELSIF r.kind = 'rest' THEN
					answer := flowcustomer.rest(r.body::json);
					response := ROW(current_setting('response.status'), (SELECT json_object_agg(key, value) FROM json_array_elements(current_setting('response.headers')::json) AS e(header), json_each(header)), answer);
				ELSIF f.kind = 'p' THEN
					EXECUTE f.statement USING r.arguments;
				ELSE
					EXECUTE f.statement INTO answer USING r.arguments;
				END IF;
				IF r.kind = 'sql' THEN
					label := 'ok';
					refused := false;
				ELSE
					label := response.status;
					refused := response.status >= 400;
				END IF;
			EXCEPTION WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
				label := state;
				answer := concat_ws(chr(10), message, detail, hint);
				finding := CASE WHEN r.kind = 'sql' THEN hostile.raised_finding(r, state, message, detail, hint, context) ELSE 'raised ' || state || ': ' || message END;
			END;
			-- nothing is written where no transaction has an id; and some of it not before the commit
			wrote := pg_current_xact_id_if_assigned() IS NOT NULL;
			COMMIT;
			IF wrote THEN
				after := hostile.digest();
				IF refused AND after <> before THEN
					finding := concat_ws('; ', finding, 'what was refused has left something');
				END IF;
				IF r.function <> 'revoke_access' AND (reach <> 'north' AND after -> 'north' <> before -> 'north' OR reach <> 'south' AND after -> 'south' <> before -> 'south') THEN
					finding := concat_ws('; ', finding, 'another tenant has changed');
				END IF;
				before := after;
			END IF;
			-- from time to time somebody looks, and nothing has to be mended
			IF r.function IN ('check_integrity', 'repair') AND label = 'ok' AND answer IS NOT NULL THEN
				finding := concat_ws('; ', finding, 'the data don''t fit together: ' || answer);
			END IF;
			IF reach <> r.tenant AND (label LIKE '2%' AND r.expected IS NOT NULL OR label = 'ok') THEN
				finding := concat_ws('; ', finding, 'somebody without access had it');
			END IF;
			IF reach <> 'north' AND answer ILIKE '%$word{north}%' OR reach <> 'south' AND answer ILIKE '%$word{south}%' THEN
				finding := concat_ws('; ', finding, 'another tenant is to be seen');
			END IF;
			IF hostile.session() <> session THEN
				finding := concat_ws('; ', finding, 'the session is not as it was: ' || hostile.session());
			END IF;
			BEGIN
				IF r.kind <> 'sql' AND label !~ '[^0-9]' THEN
					finding := concat_ws('; ', finding, hostile.answer_finding(r, response.status, response.headers, answer));
				ELSIF label = 'ok' AND f.returns = 'json' THEN
					PERFORM answer::json;
				ELSIF label = 'ok' AND f.returns = 'xml' THEN
					PERFORM xmlparse(DOCUMENT answer);
				END IF;
			EXCEPTION WHEN OTHERS THEN
				finding := concat_ws('; ', finding, 'the answer can''t be read: ' || SQLERRM);
			END;
		END IF;
		INSERT INTO hostile.outcome VALUES (i, label, 1000 * extract(epoch FROM clock_timestamp() - started), nullif(finding, ''), left(answer, 2000));
		COMMIT;
	END LOOP;
END \$\$;

-- Are the arguments of a request values of their types?
CREATE FUNCTION hostile.converts(n int) RETURNS boolean LANGUAGE plpgsql AS \$\$
DECLARE
	r record;
	answer text;
BEGIN
	SELECT * INTO r FROM hostile.request JOIN hostile.function USING (function) WHERE request.n = converts.n;
	EXECUTE r.check INTO answer USING r.arguments;
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	RETURN false;
END \$\$;
-- A procedure that was called by itself: what came of it.
CREATE TABLE hostile.remembered (digest jsonb);
CREATE FUNCTION hostile.note_call(n int, state text, message text) RETURNS void LANGUAGE sql AS \$\$
	INSERT INTO hostile.outcome
	SELECT r.n, CASE state WHEN '00000' THEN 'ok' ELSE state END, 0, nullif(concat_ws('; ', CASE WHEN state <> '00000' AND state !~ '^PT4[0-9][0-9]\$' THEN 'SQLSTATE ' || state || ': ' || message END,
		CASE WHEN state <> '00000' AND d.digest <> m.digest AND state <> 'PT409' THEN 'what was refused has left something' END,
		CASE WHEN r.tenant <> 'north' AND d.digest -> 'north' <> m.digest -> 'north' OR r.tenant <> 'south' AND d.digest -> 'south' <> m.digest -> 'south' THEN 'another tenant has changed' END), ''), message
	FROM hostile.request AS r, hostile.remembered AS m, (SELECT hostile.digest() AS digest) AS d WHERE r.n = note_call.n
\$\$;

-- One tenant with some of everything.
CREATE FUNCTION hostile.fill(tenant text, word text, lenient boolean) RETURNS void LANGUAGE plpgsql AS \$\$
DECLARE
	body json;
BEGIN
	PERFORM flowcustomer.tenant_put(tenant, json_build_object('name', 'Tenant ' || word, 'countryCode', 'NO', 'locale', CASE WHEN lenient THEN 'nb' ELSE 'en' END, 'lenient', lenient, 'accessLog', lenient));
	PERFORM flowcustomer.organization_put(tenant, json_build_object('organizationUid', u, 'name', word)) FROM unnest('{o1,unused}'::text[]) AS u;
	PERFORM flowcustomer.store_put(tenant, json_build_object('storeUid', u, 'name', word, 'organizationUid', 'o1')) FROM unnest('{s1,s2,unused}'::text[]) AS u;
	PERFORM flowcustomer.tenant_user_put(tenant, json_build_object('tenantUserUid', u, 'displayName', word, 'defaultStoreUid', 's1')) FROM unnest('{u1,u2,unused}'::text[]) AS u;
	PERFORM flowcustomer.consent_put(tenant, json_build_object('consentUid', u, 'name', word)) FROM unnest('{n1,n2,unused}'::text[]) AS u;
	PERFORM flowcustomer.printer_put(tenant, json_build_object('printerUid', u, 'name', word, 'kind', CASE u WHEN 'p2' THEN 'RECEIPT' ELSE 'LABEL' END, 'storeUid', 's1')) FROM unnest('{p1,p2,unused}'::text[]) AS u;
	PERFORM flowcustomer.tenant_put(tenant, '{"defaultPrinterUid": "p1"}');
	PERFORM flowcustomer.customer_group_create(tenant, json_build_object('customerGroupUid', u, 'name', word)) FROM unnest('{g1,g2,g3}'::text[]) AS u;
	PERFORM flowcustomer.customer_batch(tenant, json_build_object('create', json_agg(json_build_object('customerUid', 'c' || lpad(n::text, 2, '0'), 'customerType', CASE WHEN n BETWEEN 7 AND 10 THEN 'COMPANY' WHEN n = 6 THEN 'B2B' ELSE 'PERSON' END,
		'customerParentUid', CASE n WHEN 8 THEN 'c07' WHEN 9 THEN 'c08' END, 'firstname', 'Kari', 'lastname', 'Nordmann ' || word, 'companyName', CASE WHEN n BETWEEN 6 AND 10 THEN 'Fjord ' || n || ' ' || word || ' AS' END,
		'email', format('kari%s.%s\@example.com', n / 2, lower(word)), 'mobile', '+479123' || lpad((n / 2)::text, 4, '0'), 'address', 'Storgata ' || n / 2, 'postalCode', '0155', 'city', 'Oslo', 'externalId', 'E-' || n / 2, 'loyaltyId', 'L-' || n,
		'internalNote', word, 'credit', json_build_object('limit', 1000), 'accountManager', json_build_object('tenantUserUid', 'u1'), 'defaultStoreUid', 's1', 'customerGroupUids', json_build_array('g1', 'g2'),
		'consents', json_build_array(json_build_object('consentUid', 'n1', 'status', n % 2 = 0, 'source', word))))))
	FROM generate_series(1, 30) AS n;
	PERFORM flowcustomer.customer_create(tenant, json_build_object('customerUid', 'only-' || tenant, 'customerType', 'PERSON', 'lastname', word));
	PERFORM flowcustomer.contact_create(tenant, json_build_object('customerContactUid', 'k' || n, 'firstname', 'Liv', 'lastname', word, 'email', lower(word) || '\@example.com', 'customers', json_build_array(json_build_object('customerUid', 'c0' || n, 'role', 'ADMIN'))))
	FROM generate_series(1, 8) AS n;
	PERFORM flowcustomer.customer_contact_create(tenant, 'c02', json_build_object('customerContactUid', 'k9', 'firstname', 'Liv', 'lastname', word));
	PERFORM flowcustomer.customer_address_put(tenant, c, json_build_object('customerAddressUid', a, 'type', 'INVOICE_ADDRESS', 'address', word, 'postalCode', '0155')) FROM (VALUES ('c01', 'a1'), ('c01', 'a2'), ('c11', 'a3'), ('c12', 'a4'), ('c21', 'a5'), ('c22', 'a6'), ('c23', 'a7')) AS v(c, a);
	PERFORM flowcustomer.customer_extension_add(tenant, c, 'TWO_INVOICE', '{"storeUid": "s1"}') FROM unnest('{c01,c02,c11,c21,c23,c25}'::text[]) AS c;
	PERFORM flowcustomer.contact_customer_add(tenant, 'k' || n % 8 + 1, json_build_object('customers', json_build_array(json_build_object('customerUid', 'c' || n, 'role', 'PURCHASER')))) FROM generate_series(21, 30) AS n;
	PERFORM flowcustomer.customer_contact_extension_add(tenant, 'c01', 'k1', 'TWO_INVOICE', '{"storeUid": "s1"}');
	PERFORM flowcustomer.customer_consent_set(tenant, c, 'n2', json_build_object('status', true, 'source', word, 'wording', word)) FROM unnest('{c01,c02,c11,c12,c21,c24}'::text[]) AS c;
	PERFORM flowcustomer.customer_hold_put(tenant, c, json_build_object('holdUid', h, 'reason', word)) FROM (VALUES ('c05', 'h1'), ('c13', 'h2'), ('c14', 'h3')) AS v(c, h);
	PERFORM flowcustomer.sales_order_put(tenant, (document::jsonb || jsonb_build_object('orderUid', 'so' || n, 'customerUid', 'c' || lpad((n * 3)::text, 2, '0'), 'note', word))::json) FROM hostile.example, generate_series(1, 10) AS n WHERE name = 'sales_order';
	PERFORM flowcustomer.service_order_put(tenant, (document::jsonb || jsonb_build_object('serviceOrderUid', 'sv' || n, 'customerUid', 'c' || lpad((n * 4)::text, 2, '0'), 'title', word))::json) FROM hostile.example, generate_series(1, 7) AS n WHERE name = 'service_order';
	PERFORM flowcustomer.external_customer_put(tenant, json_build_object('customerUid', 'x' || n, 'lastname', word)) FROM generate_series(1, 4) AS n;
	PERFORM flowcustomer.external_source_register(tenant, 'companies', 'hostile.company', '{"customerUid": "id", "companyName": "name"}');
	PERFORM flowcustomer.customer_print(tenant, c, json_build_object('printerUid', p)) FROM unnest('{c01,c02,c03}'::text[]) AS c, unnest('{p1,p2}'::text[]) AS p;
	PERFORM flowcustomer.print_job_claim(tenant, 'p1', 3600, 2);
	INSERT INTO hostile.points SELECT tenant, 'c' || lpad(n::text, 2, '0'), n, word FROM generate_series(1, 30, 2) AS n;
	INSERT INTO hostile.visit (tenant, customer, note) SELECT tenant, 'c' || lpad(n::text, 2, '0'), word FROM generate_series(1, 30, 3) AS n;
	INSERT INTO hostile.linked (tenant, customer, note) SELECT tenant, c, word FROM unnest('{c22,c26}'::text[]) AS c;
	INSERT INTO hostile.odd SELECT tenant, 'c' || lpad(n::text, 2, '0'), word, word FROM generate_series(20, 30) AS n;
	PERFORM flowcustomer.customer_merge(tenant, 'c16', '{"mergeFromCustomerUid": "c17"}'), flowcustomer.customer_merge(tenant, 'c18', '{"mergeFromCustomerUid": "c19"}'), flowcustomer.customer_merge(tenant, 'c16', '{"mergeFromCustomerUid": "c15"}');
	PERFORM flowcustomer.customer_merge_undo(tenant, merge_uid) FROM flowcustomer.merge WHERE tenant_uid = tenant AND duplicate_uid = 'c15';
	PERFORM flowcustomer.customer_erase(tenant, c, '{"reason": "asked", "whenPossible": true}') FROM unnest('{c13,c14,c20}'::text[]) AS c;
	PERFORM flowcustomer.customer_duplicates_refresh(tenant);
	PERFORM flowcustomer.customer_duplicate_dismiss(tenant, 'c11', 'c12', word);
END \$\$;
CREATE FUNCTION hostile.start_round() RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
	EXECUTE (SELECT 'TRUNCATE hostile.request, hostile.outcome, hostile.remembered, hostile.points, hostile.visit, hostile.linked, hostile.odd, ' || string_agg(format('flowcustomer.%I', relname), ', ') FROM pg_class WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r');
	PERFORM flowcustomer.reference_register('hostile.points', 'tenant', 'customer', 'SUM', '{nickname}'), flowcustomer.reference_register('hostile.visit', 'tenant', 'customer', 'KEEP', '{note}'),
		flowcustomer.reference_register('hostile.odd', 'a"b', 'ø''', 'ARCHIVE');
	PERFORM hostile.fill('north', '$word{north}', false), hostile.fill('south', '$word{south}', true);
	PERFORM flowcustomer.tenant_put('empty', '{"name": "Empty"}');
	PERFORM flowcustomer.grant_access('clerk', 'north', '{CUSTOMER,SALES_ORDER,ADMIN}'), flowcustomer.grant_authenticator('web');
END \$\$;
-- The UIDs that there are, in an order that is always the same.
CREATE VIEW hostile.pool AS
SELECT tenant_uid, 'customer' AS kind, customer_uid AS uid, customer_uid AS place FROM flowcustomer.customer
UNION ALL SELECT tenant_uid, 'customer', customer_uid, 'z' || customer_uid FROM flowcustomer.customer_redirect
UNION ALL SELECT tenant_uid, 'twin', customer_uid, customer_uid FROM flowcustomer.customer WHERE customer_uid >= 'c21'
UNION ALL SELECT tenant_uid, 'company', customer_uid, customer_uid FROM flowcustomer.customer WHERE customer_type = 'COMPANY'
UNION ALL SELECT tenant_uid, 'contact', contact_uid, contact_uid FROM flowcustomer.contact
UNION ALL SELECT tenant_uid, 'group', group_uid, group_uid FROM flowcustomer.customer_group
UNION ALL SELECT tenant_uid, 'address', customer_address_uid, customer_address_uid FROM flowcustomer.customer_address
UNION ALL SELECT tenant_uid, 'sales_order', order_uid, order_uid FROM flowcustomer.sales_order
UNION ALL SELECT tenant_uid, 'service_order', service_order_uid, service_order_uid FROM flowcustomer.service_order
UNION ALL SELECT tenant_uid, 'hold', hold_uid, hold_uid FROM flowcustomer.customer_hold
UNION ALL SELECT tenant_uid, 'external', customer_uid, customer_uid FROM flowcustomer.external_customer
UNION ALL SELECT tenant_uid, 'merge', merge_uid, duplicate_uid FROM flowcustomer.merge
UNION ALL SELECT tenant_uid, 'erasure', erasure_uid, customer_uid FROM flowcustomer.erasure
UNION ALL SELECT tenant_uid, 'print_job', print_job_uid, printer_uid || customer_uid FROM flowcustomer.print_job
UNION ALL SELECT t, k, u, u FROM unnest('{north,south}'::text[]) AS t, (VALUES ('store', 's1'), ('store', 's2'), ('user', 'u1'), ('user', 'u2'), ('consent', 'n1'), ('consent', 'n2'), ('printer', 'p1'), ('printer', 'p2'), ('organization', 'o1')) AS v(k, u);
SQL
run_sql('GRANT USAGE ON SCHEMA hostile TO clerk, web; GRANT SELECT, INSERT ON hostile.request, hostile.outcome, hostile.function TO clerk, web');
for ([ sales_order => $sales_order ], [ service_order => $service_order ])
{
	run_sql("INSERT INTO hostile.example VALUES ('$_->[0]', '" . json_text($_->[1]) . "')");
}

for my $line (split /\n/, run_sql(q{SELECT resource, json_name, type, required, array_to_string(allowed, ',') FROM flowcustomer.fields() WHERE writable AND json_name IS NOT NULL ORDER BY resource, position}))
{
	my ($resource, $name, $type, $required, $allowed) = split /\|/, $line, -1;

	push @{ $fields{$resource} }, { name => $name, type => $type, required => $required eq 't', allowed => [ split /,/, $allowed ] };
}
for my $line (split /\n/, run_sql(q{SELECT function, coalesce(method, ''), coalesce(path, ''), coalesce(status, 0), array_to_string(names, ','), array_to_string(types, ','), kind FROM hostile.function ORDER BY function COLLATE "C"}))
{
	my ($function, $method, $path, $status, $names, $types, $kind) = split /\|/, $line, -1;

	$functions{$function} = { method => $method, path => $path, status => $status, names => [ split /,/, $names ], types => [ split /,/, $types ], kind => $kind };
	push @operations, ($function) x ($method ne '' ? 5 * ($weights{$function} || 1) : $status ? $weights{$function} || 2 : 1);
}
my @all = sort keys %functions;
my @routes = grep { $functions{$_}{method} } @all;
is(scalar(@routes), 37, 'every route is known');

# ---------------------------------------------------------------------------
# A round
# ---------------------------------------------------------------------------

# Each operation once as it should be, over HTTP for the other tenant; then anything.
sub make_round
{
	my ($seed, $size, $caller) = @_;
	my @requests;

	srand($seed);
	$sure = 1;
	my @owners = $caller eq 'clerk' ? qw(north north) : chance(0.5) ? qw(north south) : qw(south north);
	for my $function (@all)
	{
		last if @requests >= $size;
		push @requests, make_request($function, 0, 0, $owners[0]) if $functions{$function}{kind} ne 'p';
	}
	for my $function (@routes)
	{
		last if @requests >= $size;
		push @requests, make_request($function, 0, 1, $owners[1]);
	}
	$sure = 0;
	while (@requests < $size)
	{
		my $function = one_of(@operations);
		my $as_http = $functions{$function}{method} && chance(0.9);

		push @requests, make_request($function, one_of(0, 1, 1, 1, 2, 2, 3, 4, 5), $as_http, $caller eq 'clerk' && chance(0.8) ? 'north' : undef);
	}
	for my $request (@requests)
	{
		@$request{qw(claims allowed)} = $caller eq 'clerk' ? (undef, 'north') : $caller eq 'web' ? claims($request->{tenant} =~ /^(north|south)$/ && chance(0.8) ? $request->{tenant} : one_of(qw(north south))) : ();
	}
	# procedures that go on in transactions of their own are called by themselves, at the end
	for my $function (grep { $functions{$_}{kind} eq 'p' } @all)
	{
		for my $mutations (0, 2)
		{
			my $request = make_request($function, $mutations, 0);

			$request->{kind} = 'call';
			push @requests, $request;
		}
	}
	return @requests;
}

sub copy_field
{
	my ($value) = @_;

	return '\\N' if !defined $value;
	$value =~ s/\\/\\\\/g;
	$value =~ s/\n/\\n/g;
	$value =~ s/\r/\\r/g;
	$value =~ s/\t/\\t/g;
	return $value;
}

# An array as a text, to be in a field.
sub array_text
{
	my ($values) = @_;

	return undef if !$values;
	return '{' . join(',', map { defined $_ ? '"' . s/(["\\])/\\$1/gr . '"' : 'NULL' } @$values) . '}';
}

sub literal
{
	my ($value) = @_;

	return 'NULL' if !defined $value;
	return 'E\'' . $value =~ s/([\\'])/\\$1/gr . '\'' if $value =~ /\\/;
	return '\'' . $value =~ s/'/''/gr . '\'';
}

# A request as somebody can send it again.
sub request_text
{
	my ($request) = @_;

	return "SELECT * FROM flowcustomer.http(" . join(', ', map { literal($request->{$_}) } qw(method target body headers)) . ');' if $request->{kind} eq 'http';
	return 'rest with ' . join(', ', map { "$_ " . literal($request->{$_}) } qw(method target body)) if $request->{kind} eq 'rest';
	return ($request->{kind} eq 'call' ? 'CALL' : 'SELECT') . " flowcustomer.$request->{function}(" . join(', ', map { literal($_) } @{ $request->{arguments} }) . ');';
}

# Settings that sessions can have, of which a round has some.
my @settings = (
	"flowcustomer.language = 'sv'", 'flowcustomer.resolve_merged = off', 'flowcustomer.change_notify = off', 'flowcustomer.default_page_size = 1', 'flowcustomer.max_page_size = 3', 'flowcustomer.max_batch_items = 2', 'flowcustomer.max_body_size = 1',
	"timezone = 'Asia/Kathmandu'", "datestyle = 'German'", "intervalstyle = 'sql_standard'", 'extra_float_digits = -15', "bytea_output = 'escape'", 'standard_conforming_strings = off', "xmloption = 'document'", 'quote_all_identifiers = on',
	"search_path = ''", "plan_cache_mode = 'force_generic_plan'", "default_transaction_isolation = 'serializable'", 'transform_null_equals = on', 'array_nulls = off', 'enable_seqscan = off', 'enable_indexscan = off', 'escape_string_warning = off');

my (%histogram, %succeeded, @findings, @slowest);
my ($sent, $right, $right_and_answered, $administrators) = (0, 0, 0, 0);

sub add_finding
{
	my ($seed, $n, $request, $what) = @_;
	my $text = request_text($request);

	$text = "with claims $request->{claims}:\n$text" if defined $request->{claims};

	push @findings, $what;
	return if @findings > $show_at_most;
	utf8::encode($text);
	if (length($text) > 20_000)
	{
		my $file = "${PostgreSQL::Test::Utils::log_path}/010_hostile_$seed-$n.sql";

		open(my $out, '>', $file) or die $!;
		print $out $text;
		close $out;
		$text = "the request is in $file";
	}
	utf8::encode($what);
	diag("seed $seed, call $n ($request->{kind} $request->{function}, tenant " . (length($request->{tenant}) < 20 ? $request->{tenant} : 'of no name') . "): $what\n$text");
	return;
}

# Has psql do something that can bring the server down; true when it did all of it.
sub run_psql
{
	my ($script, %options) = @_;
	my $timed_out = 0;
	my $status;

	utf8::encode($script);
	$status = $node->psql('postgres', $script, stdout => \my $out, stderr => \my $err, timeout => 10 * $PostgreSQL::Test::Utils::timeout_default, timed_out => \$timed_out, on_error_stop => $options{stop} // 1,
		extra_params => $options{user} ? [ '-U', $options{user} ] : []);
	diag($err) if $status != 0 && $err ne '' && ($options{stop} // 1);
	die 'a call does not come to its end' if $timed_out;
	return $status == 0;
}

sub do_round
{
	my ($seed, $size) = @_;
	my $found = @findings;
	my %seen;

	run_sql('SELECT hostile.start_round()');
	%pool = ();
	for my $line (split /\n/, run_sql('SELECT * FROM hostile.pool ORDER BY tenant_uid, kind, place COLLATE "C"'))
	{
		my ($owner, $kind, $uid) = split /\|/, $line;

		push @{ $pool{$owner}{$kind} }, $uid;
	}
	# one that nobody else has, for the other tenant to try
	for my $owner (qw(north south))
	{
		@{ $pool{$owner}{customer} } = sort { ($b =~ /^only/) <=> ($a =~ /^only/) } @{ $pool{$owner}{customer} };
	}

	my $caller = (qw(administrator clerk web administrator))[ $seed % 4 ];
	my @requests = make_round($seed, $size, $caller);

	$administrators++ if $caller eq 'administrator';
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/requests";
	open(my $out, '>:utf8', $file) or die $!;
	for my $n (1 .. @requests)
	{
		my $request = $requests[ $n - 1 ];

		print $out join("\t", map { copy_field($_) } $n, @$request{qw(kind tenant mutations expected claims allowed function method target body headers)}, array_text($request->{arguments})), "\n";
	}
	close $out;
	run_sql("COPY hostile.request FROM '$file'");
	unlink $file;

	my $done = 0;
	my $deaths = 0;
	my @set = map { "SET $_;\n" } some_of(3, @settings);
	while ($done < $size && !run_psql(join('', @set) . 'CALL hostile.run(' . ($done + 1) . ", $size)", user => $caller eq 'administrator' ? undef : $caller))
	{
		$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
		$done = 1 + run_sql('SELECT coalesce(max(n), 0) FROM hostile.outcome');
		run_sql("INSERT INTO hostile.outcome VALUES ($done, 'no answer', 0, 'the server went down, or the call ended the session')");
		last if ++$deaths == 3;
	}

	# procedures, by themselves
	my $script = '';
	for my $n ($size + 1 .. @requests)
	{
		$script .= "SELECT hostile.converts($n) AS converts \\gset\n\\if :converts\nDELETE FROM hostile.remembered;\nINSERT INTO hostile.remembered SELECT hostile.digest();\n"
		  . request_text($requests[ $n - 1 ]) . "\nSELECT hostile.note_call($n, :'SQLSTATE', :'LAST_ERROR_MESSAGE');\n\\endif\n";
	}
	run_psql($script, stop => 0) if !$deaths;

	# Some of those that were refused once more, as statements of their own, for the
	# server's log.
	run_psql(<<'SQL', stop => 0) if !$deaths;
SELECT CASE WHEN r.kind = 'http' THEN format('SELECT flowcustomer.http(%L, %L, %L, %L)', r.method, r.target, r.body, r.headers)
	ELSE format('SELECT flowcustomer.%I(%s)', r.function, (SELECT string_agg(quote_nullable(a), ', ' ORDER BY n) FROM unnest(r.arguments) WITH ORDINALITY AS a(a, n))) END
FROM hostile.request AS r JOIN hostile.outcome AS o USING (n)
WHERE o.status ~ '^(PT)?4' AND r.kind IN ('http', 'sql') AND length(r.body) < 100000 AND r.n % 8 = 0
\gexec
SQL

	for my $line (split /\n/, run_sql(q{SELECT n, status, round(milliseconds::numeric), replace(coalesce(finding, ''), E'\n', ' / ') FROM hostile.outcome ORDER BY n}))
	{
		my ($n, $status, $milliseconds, $finding) = split /\|/, $line, 4;
		my $request = $requests[ $n - 1 ];
		my $kind = $request->{kind} =~ /http|rest/ ? 'http' : 'sql';

		$seen{$n} = 1;
		$histogram{$kind}{$status}++;
		$sent++;
		push @slowest, [ $milliseconds, $seed, $n, $request->{function} ];
		$succeeded{"$kind $request->{function}"}++ if $status =~ /^(ok|2..)$/;
		if (!$request->{mutations} && $caller eq 'administrator')
		{
			$right++;
			$right_and_answered++ if $status =~ /^(ok|2..)$/;
		}
		add_finding($seed, $n, $request, $finding) if $finding ne '';
	}
	@slowest = (sort { $b->[0] <=> $a->[0] } @slowest)[ 0 .. min($#slowest, 4) ];
	diag(@set) if @findings > $found;
	is(@findings - $found, 0, "seed $seed: " . scalar(keys %seen) . " calls have good answers ($caller)");
	cmp_ok(scalar(keys %seen), '>=', $size, "seed $seed: all calls were made");
	is(run_sql("SELECT t, c.* FROM unnest('{north,south}'::text[]) AS t, flowcustomer.check_integrity(t) AS c"), '', "seed $seed: the data fit together");
	return;
}

my $began = time();
my $first_seed = $ENV{FLOWCUSTOMER_SEED};
my $random = 1 + int(rand(1_000_000_000));

for my $round (1 .. $rounds)
{
	my $seed = defined $first_seed ? $first_seed + $round - 1 : $round <= $rounds / 2 ? $round : $random + $round;

	do_round($seed, min($round_size, $calls - ($round - 1) * $round_size));
}
note(sprintf('%d calls in %.1f s', $sent, time() - $began));
for my $kind (sort keys %histogram)
{
	note("$kind: " . join(', ', map { "$_ $histogram{$kind}{$_}" } sort keys %{ $histogram{$kind} }));
}
note('slowest: ' . join(', ', map { "$_->[3] $_->[0] ms (seed $_->[1], call $_->[2])" } @slowest));

# The generator knows how it should be: most of what is right is answered, and every
# operation has done something.
cmp_ok($right_and_answered / $right, '>', 0.6, "of $right right requests $right_and_answered succeeded") if $administrators;
is(join(' ', grep { !$succeeded{"sql $_"} } @all), '', 'every function has succeeded') if $administrators > 1;
is(join(' ', grep { !$succeeded{"http $_"} } @routes), '', 'every route has succeeded') if $administrators > 1;
is(@findings > $show_at_most ? @findings - $show_at_most : 0, 0, 'all findings were shown');

# ---------------------------------------------------------------------------
# The checks themselves: a trigger that does what must never be done is found out
# ---------------------------------------------------------------------------

run_sql(<<"SQL");
SELECT hostile.start_round();
CREATE FUNCTION hostile.spoil() RETURNS trigger LANGUAGE plpgsql AS \$\$
BEGIN
	IF NEW.name = 'fail' THEN
		RAISE EXCEPTION 'unexpected' USING ERRCODE = 'XX000';
	ELSIF NEW.name = 'write' THEN
		UPDATE flowcustomer.customer_group SET name = clock_timestamp()::text WHERE tenant_uid = 'south' AND group_uid = NEW.group_uid;
	ELSIF NEW.name = 'read' THEN
		NEW.name := lower('$word{south}');
	END IF;
	RETURN NEW;
END \$\$;
CREATE TRIGGER spoil BEFORE UPDATE ON flowcustomer.customer_group FOR EACH ROW EXECUTE FUNCTION hostile.spoil();
INSERT INTO hostile.request (n, kind, tenant, function, method, target, body, arguments)
SELECT n, kind, 'north', 'customer_group_update', 'PUT', '/v2/tenants/north/customer-groups/g1', format('{"name": "%s"}', deed), ARRAY['north', 'g2', format('{"name": "%s"}', deed)]
FROM (VALUES (1, 'http', 'fail'), (2, 'sql', 'fail'), (3, 'http', 'write'), (4, 'sql', 'write'), (5, 'http', 'read'), (6, 'sql', 'read'), (7, 'http', 'nothing')) AS v(n, kind, deed);
CALL hostile.run(1, 7);
DROP TRIGGER spoil ON flowcustomer.customer_group;
SQL
is(run_sql(q{SELECT string_agg(concat_ws(' ', n, status, finding), E'\n' ORDER BY n) FROM hostile.outcome}), <<'FINDINGS' =~ s/\n\z//r, 'the checks find what is wrong');
1 500 status 500
2 XX000 SQLSTATE XX000: unexpected
3 200 another tenant has changed
4 ok another tenant has changed
5 200 another tenant is to be seen
6 ok another tenant is to be seen
7 200
FINDINGS
is( run_sql("SELECT concat_ws(', ', hostile.error_finding(400, '$sent_value is wrong'), hostile.error_finding(418, ''), hostile.error_finding(503, 'It is wrong'), hostile.error_finding(404, ''))"),
	'an error tells a value that was sent, status 418',
	'and so do those of errors');

# Nothing of what people sent or of what is stored, only codes.
my (@told, @down);
open(my $log, '<', $node->logfile) or die $!;
while (my $line = <$log>)
{
	push @told, substr($line, 0, 500) if $line =~ /$sent_value|$word{north}|$word{south}/i;
	push @down, substr($line, 0, 500) if $line =~ /PANIC:|was terminated by|TRAP:/;
}
close $log;
is(join('', splice(@told, 0, 5)), '', 'nobody is named in the server\'s log');
is(join('', splice(@down, 0, 5)), '', 'the server did not go down');

done_testing();

__DATA__
{
	"createdAt": "2025-07-30T18:12:05Z",
	"customerAddress": {
		"address": "Storgata 1", "city": "Oslo", "companyName": "Fjord AS", "countryCode": "NO", "email": "kari@example.com", "firstname": "Kari", "lastname": "Nordmann", "mobile": "+4791234567",
		"postalCode": "0155", "vatNumber": "NO987654321MVA", "displayName": "Kari Nordmann"
	},
	"customerUid": "",
	"customerContact": {"customerContactUid": "contact-1", "firstname": "Kari", "lastname": "Nordmann", "email": "kari@example.com", "mobile": "+4791234567", "displayName": "Kari Nordmann"},
	"deliveryState": "NOT_STARTED", "externalOrderNumber": "E-1001", "externalVoucherNumber": "EV-1001",
	"invoiceAddress": {
		"address": "Storgata 1", "city": "Oslo", "companyName": "Fjord AS", "countryCode": "NO", "email": "kari@example.com", "mobile": "+4791234567", "firstname": "Kari", "lastname": "Nordmann",
		"postalCode": "0155", "displayName": "Kari Nordmann", "customerAddressUid": "customer-address-1"
	},
	"items": [{
		"actions": [{
			"comment": "Wrapped", "createdAt": "2025-07-30T18:12:05Z", "createdBy": "Liv Dahl", "handlingActionUid": "handling-action-1", "handlingActionName": "Wrap", "handlingDescription": "Gift wrapping",
			"handlingUid": "handling-1", "handlingName": "Gift", "lastModifiedAt": "2025-07-30T18:12:05Z", "lastModifiedBy": "Liv Dahl", "orderHandlingActionUid": "order-handling-action-1"
		}],
		"allowedActions": ["QUANTITY_SOLD"], "createdAt": "2025-07-30T18:12:05Z", "discountReasonCode": "LOYAL", "externalId": "E-1", "itemCost": 4000, "itemDiscountAmount": 1000,
		"itemDiscountPercentage": 909, "itemGrossProfitAmount": 4000, "itemGrossProfitPercentage": 5000, "itemPrice": 10000, "itemVatAmount": 2000, "lastModifiedAt": "2025-07-30T18:12:05Z",
		"ledgerNumber": "3000", "name": "Skis", "note": "Ring the bell", "orderItemUid": "order-item-1",
		"orderLinks": [{"orderUid": "order-0", "orderItemUid": "order-item-1", "orderNumber": "1000", "storeUid": "s1", "type": "INSURANCE"}], "originalItemPrice": 11000, "productUid": "product-1",
		"productType": "STOCK", "properties": [{"uid": "property-1", "key": "length", "value": "180"}], "quantityCredited": 0, "quantityDelivered": 0, "quantityOrdered": 1, "quantityReserved": 0,
		"returnReasonCode": "", "serialnumber": "SN-1", "sku": "SKI-180", "sortOrder": 1, "tenantUserDisplayName": "Liv Dahl", "tenantUserUid": "liv", "totalCost": 4000, "totalDiscountAmount": 1000,
		"totalGrossProfitAmount": 4000, "totalPrice": 10000, "totalVatAmount": 2000, "vatCodeUid": "vat-code-1", "warehouseUid": "warehouse-1", "warehouseName": "Oslo", "internalInfo": "Top shelf",
		"productProperties": [{
			"productPropertyUid": "product-property-1", "propertyName": "Length", "propertyOptionName": "180 cm", "propertyType": "TEXT", "propertyText": "Long", "propertyUid": "property-1",
			"propertyOptionUid": "property-option-1", "required": true
		}],
		"coverImage": {"productMediaUid": "product-media-1", "mainUrl": "https://example.com/skis.jpg", "thumbnailUrl": "https://example.com/skis-small.jpg"}, "deliveryUid": "delivery-1",
		"compensationReasonCode": "", "orderReceiptUid": "order-receipt-1", "allowDelivery": "YES", "allowDeliveryFromDate": "2025-07-30T18:12:05Z", "reservationType": "NONE",
		"reservationDetails": {
			"warehouse": {"warehouseName": "Oslo"},
			"purchaseOrder": {
				"purchaseOrderUid": "purchase-order-1", "purchaseOrderItemUid": "purchase-order-item-1", "expectedDeliveryDate": "2025-07-30T18:12:05Z", "purchaseOrderNumber": "P-1", "quantityOrdered": 1,
				"externalId": "E-1"
			},
			"receivement": {
				"receivementUid": "receivement-1", "receivementItemUid": "receivement-item-1", "expectedArrival": "2025-07-30T18:12:05Z", "expectedDispatch": "2025-07-30T18:12:05Z", "quantity": 1,
				"supplierOrderReference": "S-1", "receivedAt": "2025-07-30T18:12:05Z"
			}
		},
		"gtins": [{"gtin": "7039010000001", "primary": true, "type": "EAN13"}]
	}],
	"lastModifiedAt": "2025-07-30T18:12:05Z", "note": "Ring the bell", "internalNote": "Pays late", "orderUid": "order-1", "orderNumber": "1001", "orderDate": "2025-07-30T18:12:05Z",
	"orderState": "CONFIRMED",
	"orderTotals": {
		"costTotal": 4000, "grandTotal": 10000, "grossProfitAmount": 4000, "grossProfitPercentage": 5000, "specifiedVat": [{"vatAmount": 2000, "vatDescription": "25 %", "vatRate": 2500}], "subtotal": 8000,
		"totalDiscount": 1000, "totalVat": 2000
	},
	"orderhandlingState": "NOT_STARTED",
	"orderhandlings": [{
		"active": true, "createdAt": "2025-07-30T18:12:05Z", "createdBy": "Liv Dahl", "description": "Gift wrapping", "handlingUid": "handling-1", "lastModifiedAt": "2025-07-30T18:12:05Z",
		"lastModifiedBy": "Liv Dahl", "name": "Gift", "orderHandlingUid": "order-handling-1", "state": "NOT_STARTED"
	}],
	"settleState": "NOT_STARTED", "settledAt": "2025-07-30T18:12:05Z",
	"settlementTotals": {"change": 0, "remaining": 7000, "remainingRounded": 7000, "totals": 10000, "remainingPrePayment": 0, "remainingAuthorizedAmount": 0},
	"settlements": [{
		"amount": 10000, "createdAt": "2025-07-30T18:12:05Z", "displayMessages": [{"key": "sent", "message": "Sent", "timestamp": "2025-07-30T18:12:05Z"}], "externalId": "E-1",
		"externalPaymentReference": "PSP-1", "idMethod": "NO_CVM_RULE_PERFORMED", "lastModifiedAt": "2025-07-30T18:12:05Z", "ledgerNumber": "1500", "ledgerType": "LEDGER",
		"parameters": [{"key": "reference", "value": "R-1", "name": "Reference", "type": "INTEGER"}], "settledAt": "2025-07-30T18:12:05Z", "settlementCode": "INVOICE", "settlementUid": "settlement-1",
		"settlementName": "Invoice", "state": "NOT_STARTED", "status": "NEW", "storeSettlementIssuer": {"storeSettlementIssuerUid": "store-settlement-issuer-1", "name": "Invoice", "code": "INVOICE"},
		"tenantUserDisplayName": "Liv Dahl", "tenantUserUid": "liv", "storePaymentMethodUid": "store-payment-method-1", "currency": {"amount": 10000, "code": "NOK", "exchangeRate": 1000000},
		"additionalDetails": [{"key": "terms", "value": "14 days"}], "creditCount": 1, "creditAmount": 500, "paymentCount": 1, "paymentAmount": 2500, "tillUid": "till-1", "tillName": "Till 1", "tillNumber": 1,
		"storeUid": "s1", "storeName": "Oslo", "orderReceiptUid": "order-receipt-1", "authorizedAmount": 0, "capturedAmount": 0, "refundedAmount": 0, "receiptText": "Pay within 14 days",
		"transactions": [{"transactionType": "CAPTURE", "pspTransactionId": "PSP-1-1", "transactionAmount": 10000, "orderReceiptUid": "order-receipt-1"}]
	}],
	"storeUid": "s1", "storeName": "Oslo", "systemOrigin": "till", "tenantUserDisplayName": "Liv Dahl", "tenantUserUid": "liv", "tillUid": "till-1", "type": "ORDER", "validUntil": "2025-07-30T18:12:05Z",
	"vatFree": false, "vatPrint": "SUM", "voucherNumber": "V-1001", "deliveryDate": "2025-08-02",
	"discounts": [{
		"orderDiscountUid": "order-discount-1", "discountCode": "SUMMER", "type": "AMOUNT", "amount": 1000, "name": "Summer", "origin": "LOYALTY", "validTo": "2025-07-30T18:12:05Z", "maxUsage": 1,
		"productSkus": ["SKI-180"], "orderItemUids": ["order-item-1"], "externalTransactionId": "T-1", "scope": "WHOLE_ORDER", "discountReasonCode": "LOYAL", "discountReference": "R-1",
		"createdAt": "2025-07-30T18:12:05Z", "createdBy": "Liv Dahl", "lastModifiedAt": "2025-07-30T18:12:05Z", "lastModifiedBy": "Liv Dahl", "campaignUid": "campaign-1"
	}],
	"compensationReasonUid": "compensation-reason-1", "lastModifiedBy": "Liv Dahl", "allowedActions": ["DELETE"]
}
--
{
	"serviceOrderUid": "service-1", "tenantUid": "acme", "storeUid": "s1", "orderProductLineUid": "", "orderUid": "", "customerUid": "", "createdFromStoreUid": "oslo",
	"assignedUserUid": "assigned-user-1", "assignedUserDisplayName": "Liv Dahl", "serviceTypeUid": "service-type-1", "serviceTypeName": "Waxing", "serviceStatusUid": "service-status-1",
	"serviceStatusName": "New", "serviceState": "NOT_STARTED", "title": "Wax skis", "serviceNumber": "S-1", "externalServiceNumber": "ES-1", "description": "Skis are dull", "locationLabel": "Shelf 4",
	"priority": "HIGHEST", "requiresPriceEstimate": true, "estimatedPrice": 10000, "maxPrice": 12000, "readyAtEstimate": "2025-07-30T18:12:05Z", "readyAtNeeded": "2025-07-30T18:12:05Z",
	"publicPageHash": "4f2a", "warranty": true, "createdAt": "2025-07-30T18:12:05Z", "createdBy": "Liv Dahl", "lastModifiedAt": "2025-07-30T18:12:05Z", "lastModifiedBy": "Liv Dahl",
	"totals": {"grandTotal": 10000, "partsTotal": 5000, "workTotal": 5000},
	"items": [{
		"serviceOrderItemUid": "service-order-item-1", "serviceOrderUid": "service-order-1", "warehouseUid": "warehouse-1", "tenantUserUid": "liv", "productUid": "product-1", "salesOrderUid": "sales-order-1",
		"quantity": 1, "name": "Wax", "sku": "WAX", "price": 5000, "costPrice": 1000, "originalPrice": 5000, "totalPrice": 10000, "totalCostPrice": 1000, "serialNumber": "SN-1", "note": "Ring the bell",
		"tenantUserDisplayName": "Liv Dahl", "createdAt": "2025-07-30T18:12:05Z", "createdBy": "Liv Dahl", "lastModifiedAt": "2025-07-30T18:12:05Z", "lastModifiedBy": "Liv Dahl"
	}],
	"assets": [{"assetUid": "asset-1", "name": "Before", "description": "Before the waxing", "isPublic": false, "publicUrl": "https://example.com/before.jpg", "mimeType": "image/jpeg"}],
	"rmaOrderItemUid": "", "rmaOrderUid": ""
}
