# Clients that work at the same time: each is a psql of its own, which is given one
# statement after the other and tells what became of it.  One process watches them
# all, so what they do can depend on what they were told, and the order in which
# random numbers are drawn on nothing but their seed and that.

package Clients;

use strict;
use warnings;

use IO::Select;
use IPC::Open3;
use PostgreSQL::Test::Utils;
use Time::HiRes qw(time);

# Starts a client of a node; what it is told goes into a journal, too.
sub new
{
	my ($class, $node, $name) = @_;
	my $self = bless { name => $name, running => 1, answers => 0 }, $class;

	# psql writes what is wrong at once and what is right before it reads on, so both can share a pipe
	$self->{pid} = open3($self->{in}, $self->{out}, undef,
		'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=0', '-d', $node->connstr('postgres'));
	$self->{in}->autoflush(1);
	$self->{text} = '';
	$self->{journal_file} = "${PostgreSQL::Test::Utils::tmp_check}/$name.journal";
	open($self->{journal}, '>>', $self->{journal_file}) or die "could not open $self->{journal_file}: $!";
	return $self;
}

# Gives a client a statement, of one line, to run.  "call" is whatever the caller wants to keep with it.
sub ask
{
	my ($self, $sql, $call) = @_;

	die "client $self->{name} is busy" if defined $self->{sql};
	die 'a statement has to be one line' if $sql =~ /\n/;
	$self->{sql} = $sql;
	$self->{call} = $call;
	local $SIG{PIPE} = 'IGNORE';
	print { $self->{in} } "$sql\n\\echo :SQLSTATE is what became of it\n";
	return;
}

# Takes what a client has written; gives its outcome when that is complete.
sub take
{
	my ($self) = @_;
	my $read = sysread($self->{out}, $self->{text}, 65536, length $self->{text});

	if (!$read)
	{
		# what was asked last may have been done, or not
		$self->{running} = 0;
		return { client => $self, sql => $self->{sql}, call => $self->{call}, lost => 1, text => $self->{text} };
	}
	return unless $self->{text} =~ s/\A(.*?)^([0-9A-Z]{5}) is what became of it\n//ms;

	my ($text, $state) = ($1, $2);
	my %codes = map { $_ => 1 } $text =~ /(?:^DETAIL:  |^)code: (\w+)/mg;
	my $outcome = {
		client => $self,
		sql => $self->{sql},
		call => $self->{call},
		state => $state,
		codes => join(' ', sort keys %codes),
		text => $text
	};

	chomp $outcome->{text};
	$outcome->{said} = $state eq '00000' ? 'done' : $state . ($outcome->{codes} && " $outcome->{codes}");
	$self->{answers}++;
	print { $self->{journal} } "$outcome->{said}: $self->{sql}\n";
	$self->{sql} = undef;
	return $outcome;
}

# Waits until one of some clients has something to tell, or until a time; gives what
# those had to tell who had.
sub wait_for_answers
{
	my ($clients, $until) = @_;
	my %by_handle = map { fileno($_->{out}) => $_ } grep { $_->{running} } @$clients;
	my $select = IO::Select->new(map { $_->{out} } values %by_handle);
	my $left = $until - time();
	my @outcomes;

	return if !%by_handle;
	foreach my $handle ($select->can_read($left > 0 ? $left : 0))
	{
		my $outcome = $by_handle{ fileno($handle) }->take;

		push @outcomes, $outcome if $outcome;
	}
	return @outcomes;
}

# Runs a statement and waits for its outcome.
sub run
{
	my ($self, $sql) = @_;
	my $until = time() + $PostgreSQL::Test::Utils::timeout_default;

	$self->ask($sql);
	while (time() < $until)
	{
		my ($outcome) = wait_for_answers([$self], $until);

		return $outcome if $outcome;
	}
	die "client $self->{name} got no answer to: $sql";
}

# Lets a client go, whether its server is there or not.
sub finish
{
	my ($self) = @_;

	close $self->{in};
	while ($self->{running})
	{
		$self->take;
	}
	close $self->{out};
	close $self->{journal};
	waitpid $self->{pid}, 0;
	return;
}

1;
