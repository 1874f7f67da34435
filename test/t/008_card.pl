# Cards are drawn, and a scanner reads their barcodes.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

for my $program (qw(rsvg-convert zbarimg))
{
	plan skip_all => "$program is not installed" if system("command -v $program >/dev/null 2>&1") != 0;
}

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('t', '{"name": "Fjord & Fjell <AS>"}');
CREATE FUNCTION person(uid text, loyalty text, name text DEFAULT 'Kari Nordmann') RETURNS void LANGUAGE sql AS
$$ SELECT flowcustomer.customer_create('t', json_build_object('customerUid', uid, 'customerType', 'COMPANY', 'companyName', name, 'loyaltyId', loyalty)) $$;
SELECT person('first', NULL);
SQL
my (undef, undef, $error) = $node->psql('postgres', q{SELECT flowcustomer.customer_card_svg('t', 'first')});
if ($error =~ /BARCODES_NOT_AVAILABLE/)
{
	$node->stop;
	plan skip_all => 'built without the library that draws barcodes';
}

# The program's output.
sub run_program
{
	my ($stdout, $stderr) = run_command([@_]);

	diag($stderr) if $stderr ne '' && $stdout eq '';
	return $stdout;
}

# What a query gives, or its error.
sub answer
{
	my ($status, $stdout, $stderr) = $node->psql('postgres', shift);

	return $status == 0 ? $stdout : $stderr;
}

# The picture of a card, as a file; and what a scanner reads on it.
my $pictures = 0;

sub draw
{
	my $uid = shift;
	my $file = "${PostgreSQL::Test::Utils::tmp_check}/card" . ++$pictures;

	open(my $out, '>', "$file.svg") or die $!;
	print $out $node->safe_psql('postgres', "SELECT flowcustomer.customer_card_svg('t', '$uid')");
	close $out;
	return $file;
}

sub scan
{
	my ($file, $width) = @_;

	run_program('rsvg-convert', '--width', $width, '--background-color', 'white', '--output', "$file.png", "$file.svg");
	return run_program('zbarimg', '--quiet', '--nodbus', '--raw', "$file.png");
}

# ---------------------------------------------------------------------
# Barcodes
# ---------------------------------------------------------------------

my @codes = (
	[ 'a uid',                     'customer-1',                           undef ],
	[ 'a short uid',               'c',                                    undef ],
	[ 'a generated uid',           '01a1ff96-5fa9-75e7-9b97-ee1196078019', undef ],
	[ 'a uid of 36 characters',    'Uu_-' x 9,                             undef ],
	[ 'one character',             'l-1',                                  'A' ],
	[ 'one digit',                 'l-2',                                  '7' ],
	[ '15 characters',             'l-3',                                  'AbCdEfGhIjKlMnO' ],
	[ '17 characters',             'l-4',                                  'AbCdEfGhIjKlMnOpQ' ],
	[ '36 characters',             'l-5',                                  'AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGhIj' ],
	[ 'an odd number of digits',   'l-6',                                  '9780201379624' . '0123456789' x 2 ],
	[ 'an even number of digits',  'l-7',                                  '2912345678' ],
	[ '36 digits',                 'l-8',                                  '0123456789' x 3 . '012345' ],
	[ 'hyphens',                   'l-9',                                  '-a--1-' ],
	[ 'underscores',               'l-10',                                 '__A_1_' ],
	[ 'digits among letters',      'l-11',                                 'NO-000123-_99x1' ],
	[ 'a loyalty id that is none', 'l-12',                                 'Ærlig 1' ],
	[ 'one that is too long',      'l-13',                                 'A' x 37 ]);

for my $case (@codes)
{
	my ($name, $uid, $loyalty) = @$case;
	my $code = defined $loyalty && $loyalty =~ /^[A-Za-z0-9_-]{1,36}$/ ? $loyalty : $uid;

	$node->safe_psql('postgres', defined $loyalty ? "SELECT person('$uid', '$loyalty')" : "SELECT person('$uid', NULL)");
	my $file = draw($uid);

	is(scan($file, $_), $code, "$name: read from a picture $_ pixels wide") for (1011, 2022);
	like(slurp_file("$file.svg"), qr{ text-anchor="middle" fill="#17324d"[^>]*>$code</text>\n</svg>\n$}, "$name: and written below it");
}

# ---------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------

my @names = ('<b>&amp;"\'</b>', ']]>', '&', '<!--', 'Åse Blåbær', 'Emoji 😀👩‍👧 漢字', "a\tb\nc\rd\x01e\x7f", 'n' x 255, '<' x 41);

for my $i (0 .. $#names)
{
	my $literal = $names[$i] =~ s/'/''/gr;
	my $title = $names[$i] =~ /^[ -~]{1,40}$/ ? $names[$i] : "name $i";

	$node->safe_psql('postgres', "SELECT person('n$i', NULL, '$literal')");
	is(answer("SELECT xmlparse(document flowcustomer.customer_card_svg('t', 'n$i')::text) IS NOT NULL"), 't', "$title: the picture is well-formed");
	is(answer(<<SQL), 't', "$title: and shows it in one line, as far as there is room");
SELECT (xpath('//s:text[2]/text()', svg, '{{s,http://www.w3.org/2000/svg}}'))[1]::text IS NOT DISTINCT FROM
	replace(replace(replace(CASE WHEN length(name) > 40 THEN left(name, 40) || '…' ELSE name END, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
FROM (SELECT xmlparse(document flowcustomer.customer_card_svg('t', 'n$i')::text) AS svg, regexp_replace('$literal', '[\\x01-\\x1f\\x7f]', ' ', 'g') AS name) AS c
SQL
	is(scan(draw("n$i"), 1011), "n$i", "$title: it does not disturb the barcode");
}

# Two characters that XML does not have.
$node->safe_psql('postgres', "SELECT person('nonchar', NULL, E'a\\uFFFEb\\uFFFFc')");
is(answer("SELECT xmlparse(document flowcustomer.customer_card_svg('t', 'nonchar')::text) IS NOT NULL"), 't', 'U+FFFE and U+FFFF: the picture is well-formed');
is(answer("SELECT strpos(flowcustomer.customer_card_svg('t', 'nonchar')::text, '>a   b   c</text>') > 0"), 't', 'U+FFFE and U+FFFF: they are spaces');
is(scan(draw('nonchar'), 1011), 'nonchar', 'U+FFFE and U+FFFF: a scanner reads it');

# ---------------------------------------------------------------------
# The picture and the page
# ---------------------------------------------------------------------

is($node->safe_psql('postgres', <<'SQL'), '{85.6mm}|{54mm}|{"0 0 856 540"}|{"Fjord &amp; Fjell &lt;AS&gt;, Kari Nordmann"}|{"Fjord &amp; Fjell &lt;AS&gt;","Kari Nordmann",first}', 'the size of a bank card, with the names of tenant and customer');
SELECT xpath('/s:svg/@width', svg, n), xpath('/s:svg/@height', svg, n), xpath('/s:svg/@viewBox', svg, n), xpath('/s:svg/s:title/text()', svg, n), xpath('//s:text/text()', svg, n)
FROM (SELECT xmlparse(document flowcustomer.customer_card_svg('t', 'first')::text) AS svg, '{{s,http://www.w3.org/2000/svg}}'::text[] AS n) AS c
SQL
for my $uid ('first', 'l-5', 'n0')
{
	my $svg = $node->safe_psql('postgres', "SELECT flowcustomer.customer_card_svg('t', '$uid')");
	my $html = $node->safe_psql('postgres', "SELECT flowcustomer.customer_card_html('t', '$uid')");

	like($html, qr{^<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n.*</head>\n<body>\n\Q$svg\E\n?</body>\n</html>\n*$}s, "the page of $uid has the same picture");
	unlike($html =~ s{xmlns="http://www.w3.org/2000/svg"}{}r, qr{https?:|<script|<link|url\(|\ssrc=|href=}, 'and needs nothing else');
}
is($node->safe_psql('postgres', q{SELECT pg_typeof(flowcustomer.customer_card_svg('t', 'first')), pg_typeof(flowcustomer.customer_card_html('t', 'first'))}),
	'flowcustomer."image/svg+xml"|flowcustomer."text/html"', 'media types are those of the types');

# What has no card.
for my $function ('customer_card_svg', 'customer_card_html')
{
	$node->safe_psql('postgres', "SELECT person('" . 'u' x 37 . "', NULL)") if $function eq 'customer_card_svg';
	for my $case ([ 't', 'none', 'CUSTOMER_NOT_FOUND' ], [ 'none', 'first', 'TENANT_NOT_FOUND' ], [ 't', 'a b', 'VALIDATION_FAILED' ], [ 't', 'u' x 37, 'CARD_NOT_POSSIBLE' ])
	{
		my ($tenant, $uid, $code) = @$case;
		my ($status, undef, $stderr) = $node->psql('postgres', "SELECT flowcustomer.$function('$tenant', '$uid')");

		like($stderr, qr/^DETAIL:  code: $code\b/m, "$function: $code");
	}
}

done_testing();
