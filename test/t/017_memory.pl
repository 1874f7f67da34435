# One session makes calls of all kinds, good and bad, each in its own transaction; its
# memory does not grow.  FLOWCUSTOMER_MEMORY_CALLS says how many.  Needs /proc.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'this system has no /proc' unless -r '/proc/self/status';

my $calls = $ENV{FLOWCUSTOMER_MEMORY_CALLS} || 4000;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', 'fsync = off');
$node->start;
$node->safe_psql('postgres', <<'SQL');
SET client_min_messages = warning;
CREATE EXTENSION flowcustomer CASCADE;
SELECT flowcustomer.tenant_put('demo', '{"name": "Demo", "lenient": true, "accessLog": true}'),
	flowcustomer.organization_put('demo', '{"organizationUid": "o", "name": "O"}'),
	flowcustomer.store_put('demo', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "o"}'),
	flowcustomer.printer_put('demo', '{"printerUid": "p", "name": "P", "kind": "LABEL"}'),
	flowcustomer.consent_put('demo', '{"consentUid": "news", "name": "News"}'),
	flowcustomer.customer_group_create('demo', '{"customerGroupUid": "club", "name": "Club"}'),
	flowcustomer.customer_create('demo', '{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kari", "lastname": "Nordmann"}');
CREATE ROLE till LOGIN;
CREATE ROLE http LOGIN;
SELECT flowcustomer.grant_access('till', 'demo', '{CUSTOMER,SALES_ORDER,ADMIN}'), flowcustomer.grant_authenticator('http');
-- each makes something, does something with it, and takes it away, so the tables stay small
CREATE TABLE work (n int GENERATED ALWAYS AS IDENTITY, statement text);
GRANT SELECT ON work TO till, http;
INSERT INTO work (statement) VALUES
	($$customer_create('demo', '{"customerUid": "a", "customerType": "PERSON", "firstname": "Åse", "lastname": "Berg", "mobile": "91234567", "customerGroupUids": ["club"]}')$$),
	($$customer_create('demo', '{"customerUid": "a", "customerType": "PERSON"}')$$),
	($$customer_update('demo', 'a', '{"city": "Oslo", "email": "a@example.com"}')$$),
	($$customer_update('demo', 'a', '{"email": "wrong", "credit": {"limit": "much"}, "customerType": 5}')$$),
	($$customer_batch('demo', '{"create": [{"customerUid": "b", "customerType": "PERSON", "firstname": "Ase", "lastname": "Berg"}, {"customerType": "?"}], "upsert": [{"externalId": "e", "customerUid": "c", "customerType": "COMPANY", "companyName": "C"}], "update": [{"customerUid": "none"}]}')$$),
	($$customer_address_put('demo', 'a', '{"type": "INVOICE_ADDRESS", "city": "Oslo"}')$$),
	($$customer_extension_add('demo', 'a', 'TWO_INVOICE', '{"storeUid": "oslo"}')$$),
	($$customer_consent_set('demo', 'a', 'news', '{"status": true, "source": "x"}')$$),
	($$customer_contact_create('demo', 'a', '{"customerContactUid": "k", "firstname": "Eva", "lastname": "Berg"}')$$),
	($$sales_order_put('demo', '{"orderUid": "o", "customerUid": "b", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z", "orderTotals": {"grandTotal": 100}, "settlements": [{"settlementCode": "INVOICE", "amount": 100}]}')$$),
	($$customer_get('demo', 'a')$$), ($$customer_get('demo', 'none')$$), ($$customer_list('demo', sort_by => 'displayName')$$), ($$customer_list('demo', page_size => 0)$$),
	($$customer_search('demo', '{"query": "ase berg"}')$$), ($$customer_search('demo', '{"query": "aze brg"}')$$), ($$customer_find_similar('demo', '{"firstname": "Aase", "lastname": "Berg"}')$$),
	($$customer_merge_preview('demo', 'a', '{"mergeFromCustomerUid": "b"}')$$), ($$customer_merge('demo', 'a', '{"mergeFromCustomerUid": "b"}')$$), ($$customer_merge('demo', 'a', '{"mergeFromCustomerUid": "a"}')$$),
	($$customer_get('demo', 'b')$$), ($$customer_export('demo', 'a')$$), ($$customer_export_full('demo', 'a')$$), ($$customer_duplicates_refresh('demo')$$),
	($$http('GET', '/v2/tenants/demo/customers/a')$$), ($$http('POST', '/v2/tenants/demo/customers', '{"customerType": ')$$), ($$http('PATCH', '/v2/%zz')$$), ($$http('GET', '/v2/tenants/other/customers')$$),
	($$customer_list('other')$$), ($$customer_print('demo', 'a', '{"printerUid": "p"}')$$), ($$print_job_claim('demo', 'p')$$), ($$check_integrity('demo')$$), ($$changes('demo')$$),
	($$sales_order_remove('demo', 'o')$$), ($$customer_erase('demo', 'a')$$), ($$customer_delete('demo', 'a')$$), ($$customer_delete('demo', 'c')$$), ($$contact_delete('demo', 'k')$$), ($$changes_forget('demo', now())$$);
-- sessions of others run it too
CREATE PROCEDURE run(calls int) LANGUAGE plpgsql AS $$
DECLARE
	statements text[] := (SELECT array_agg(statement ORDER BY n) FROM work);
BEGIN
	FOR i IN 0 .. calls - 1 LOOP
		BEGIN
			EXECUTE 'SELECT flowcustomer.' || statements[1 + i % cardinality(statements)];
		EXCEPTION WHEN OTHERS THEN
			IF SQLSTATE NOT LIKE 'PT4%' THEN
				RAISE;
			END IF;
		END;
		COMMIT;
	END LOOP;
END $$;
SQL

my $claims = '{"tenantUid": "demo", "permissions": ["CUSTOMER", "SALES_ORDER", "ADMIN"], "sub": "liv"}';
# plans and caches are there after the first rounds
my $warm = 400;
foreach my $role ('till', 'http', undef)
{
	my $name = $role || 'a superuser';
	# by PostgreSQL's own account, and in the eyes of the system
	my $look = "SELECT 'memory', sum(used_bytes), substring(pg_read_file('/proc/self/status', 0, 10000) from 'RssAnon:\\s+(\\d+)') FROM pg_backend_memory_contexts;";
	my $n = int($calls / 3);
	my $script = <<"SQL";
@{[$role ? "SET SESSION AUTHORIZATION $role;" : '']}
SET request.jwt.claims = '$claims';
CALL run($warm);
RESET SESSION AUTHORIZATION;
$look
@{[$role ? "SET SESSION AUTHORIZATION $role;" : '']}
CALL run($n);
RESET SESSION AUTHORIZATION;
$look
SQL
	my ($status, $out, $errors) = $node->psql('postgres', $script, on_error_stop => 1);
	is($errors, '', "$name: $n calls went as they should");
	my ($used, $resident, $used_then, $resident_then) = $out =~ /^memory\|(\d+)\|(\d+)$/mg;
	cmp_ok($used_then - $used, '<', 300_000, "$name: no more memory in use ($used, then $used_then)");
	cmp_ok($resident_then - $resident, '<', 8_000, "$name: nor held of the system (kB: $resident, then $resident_then)");
}
is($node->safe_psql('postgres', "SELECT count(*) FROM flowcustomer.check_integrity('demo')"), '0', 'all fits together');

$node->stop;
done_testing();
