# What several of the tests need: tenants that have everything, and ways to tell
# whether two databases hold and answer the same.

package FlowcustomerTest;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(RECORDERS fill duplicates answers stored integrity same_lines);

# Everything that a tenant can have, in values that are hard to carry.  The
# departments' uids sort before those of their companies.
sub fill
{
	my ($tenant, $lenient) = @_;
	return <<"SQL";
SELECT flowcustomer.tenant_put('$tenant', '{"name": "Øst & Väst \\"$tenant\\"", "countryCode": "NO", "locale": "nb", "lenient": $lenient}');
SELECT flowcustomer.organization_put('$tenant', '{"organizationUid": "org", "name": "Nordic\\tAS"}');
SELECT flowcustomer.organization_put('$tenant', '{"organizationUid": "other", "name": "Other AB"}');
SELECT flowcustomer.store_put('$tenant', '{"storeUid": "oslo", "name": "Oslo", "organizationUid": "org", "maxSingleOrderValue": 250000}');
SELECT flowcustomer.store_put('$tenant', '{"storeUid": "malmo", "name": "Malmö", "organizationUid": "other", "defaultPrinterUid": "p1"}');
SELECT flowcustomer.tenant_user_put('$tenant', '{"tenantUserUid": "liv", "displayName": "Liv Ås", "userCode": "L1", "locale": "sv", "defaultStoreUid": "malmo"}');
SELECT flowcustomer.consent_put('$tenant', '{"consentUid": "news", "name": "Nyhetsbrev"}');
SELECT flowcustomer.consent_put('$tenant', '{"consentUid": "sms", "name": "SMS"}');
SELECT flowcustomer.printer_put('$tenant', '{"printerUid": "p1", "name": "Labels", "kind": "LABEL", "storeUid": "oslo"}');
SELECT flowcustomer.printer_put('$tenant', '{"printerUid": "p2", "name": "Receipts", "kind": "RECEIPT"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "club", "name": "Club; DROP"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "staff", "name": "Staff"}');
SELECT flowcustomer.customer_group_create('$tenant', '{"customerGroupUid": "nobody", "name": "Empty"}');
SELECT flowcustomer.customer_batch('$tenant', '{"create": [
	{"customerUid": "z-company", "customerType": "COMPANY", "companyName": "Zett AS", "vatNumber": "NO987654321MVA", "customerGroupUids": ["club", "staff"]},
	{"customerUid": "m-department", "customerType": "COMPANY", "companyName": "Zett avd. M", "customerParentUid": "z-company"},
	{"customerUid": "a-department", "customerType": "COMPANY", "companyName": "Zett avd. A", "customerParentUid": "m-department", "customerGroupUids": ["club"]},
	{"customerUid": "b2b", "customerType": "B2B", "companyName": "Partner \\\\ \\"quoted\\" ''single''"},
	{"customerUid": "gone", "customerType": "PERSON", "customerGroupUids": ["staff"]},
	{"customerUid": "bare", "customerType": "PERSON"},
	{"customerUid": "kari", "customerType": "PERSON", "firstname": "Kåre 🙂", "lastname": "Ødegård\\nsecond line", "email": "kari\@example.com",
	 "mobile": "+4791234567", "address": "Storgata 1\\tB", "postalCode": "0155", "city": "Oslo", "countryCode": "NO",
	 "externalId": "E-1", "loyaltyId": "L-1", "ledgerNumber": "0150042", "pricelistUid": "list", "origin": "web; \$\$x\$\$",
	 "internalNote": "\\\\N and \\\\. and |", "paymentTerms": 14, "credit": {"limit": 500000},
	 "accountManager": {"tenantUserUid": "liv"}, "defaultStoreUid": "oslo", "ehf": {"enabled": true, "address": "0192:987654321"},
	 "customerGroupUids": ["staff"], "consents": [{"consentUid": "news", "status": true, "source": "web"}]}]}');
SELECT flowcustomer.customer_consent_set('$tenant', 'kari', 'news', '{"status": false, "source": "till 3"}');
SELECT flowcustomer.customer_consent_set('$tenant', 'kari', 'sms', '{"status": true, "source": "", "channel": "SMS", "wording": "Får vi\\nsende \\"SMS\\"?", "wordingVersion": "2", "recordedBy": "Liv", "validUntil": "2090-01-01T00:00:00Z"}');
SELECT flowcustomer.customer_credit_balance_set('$tenant', 'kari', '{"openingBalance": -250}');
SELECT flowcustomer.customer_print('$tenant', 'kari', '{"printerUid": "p1"}');
SELECT flowcustomer.customer_print('$tenant', 'kari', '{"printerUid": "p2"}');
SELECT flowcustomer.customer_print('$tenant', 'b2b', '{"printerUid": "p2"}');
SELECT flowcustomer.print_job_done('$tenant', flowcustomer.print_job_claim('$tenant', 'p2') #>> '{items,0,printJobUid}');
SELECT flowcustomer.customer_address_put('$tenant', 'kari', '{"customerAddressUid": "home", "type": "DELIVERY_ADDRESS", "firstname": "Kåre", "lastname": "Ødegård", "city": "Oslo", "phone": "91234567"}');
SELECT flowcustomer.customer_address_put('$tenant', 'kari', '{"customerAddressUid": "work", "type": "INVOICE_ADDRESS", "companyName": "Zett AS", "countryCode": "SE", "postalCode": "11122"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'kari', 'TWO_INVOICE', '{"storeUid": "oslo"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'kari', 'TWO_INVOICE', '{"storeUid": "malmo"}');
SELECT flowcustomer.customer_extension_add('$tenant', 'z-company', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}');
SELECT flowcustomer.contact_create('$tenant', '{"customerContactUid": "ola", "firstname": "Ola", "lastname": "Åsen", "email": "ola\@example.com", "mobile": "90000000",
	"customers": [{"customerUid": "z-company", "role": "ADMIN"}, {"customerUid": "a-department", "role": "PURCHASER"}, {"customerUid": "kari"}]}');
SELECT flowcustomer.contact_create('$tenant', '{"customerContactUid": "alone", "firstname": "No", "lastname": "Customer"}');
SELECT flowcustomer.customer_contact_create('$tenant', 'b2b', '{"customerContactUid": "eva", "firstname": "Eva", "lastname": "Dahl", "role": "ACCOUNTING"}');
SELECT flowcustomer.customer_contact_extension_add('$tenant', 'z-company', 'ola', 'TWO_INVOICE', '{"storeUid": "oslo"}');
SELECT flowcustomer.tenant_put('$tenant', '{"lenient": true}');
SELECT flowcustomer.sales_order_put('$tenant', '{"orderUid": "o1", "customerUid": "kari", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05.623Z",
	"orderTotals": {"grandTotal": 9900},   "kept":  "as it came, 1.50 ",
	"settlements": [{"settlementCode": "INVOICE", "amount": 9900, "paymentAmount": 900, "creditAmount": 100}, {"settlementCode": "CARD", "amount": 5}]}');
SELECT flowcustomer.sales_order_put('$tenant', '{"orderUid": "o2", "customerUid": "gone", "storeUid": "oslo", "createdAt": "2025-07-30T18:12:05Z",
	"orderTotals": {"grandTotal": 100}, "settlements": [{"settlementCode": "TWO_INVOICE", "amount": 100}]}');
SELECT flowcustomer.service_order_put('$tenant', '{"serviceOrderUid": "s1", "customerUid": "kari", "storeUid": "malmo", "createdAt": "2025-07-30T18:12:05Z", "totals": {"grandTotal": 4200}}');
SELECT flowcustomer.tenant_put('$tenant', '{"lenient": $lenient}');
SELECT flowcustomer.external_customer_put('$tenant', '{"customerUid": "x1", "companyName": "Outside AS", "list": [1, 2.50, null]}');
SELECT flowcustomer.customer_delete('$tenant', 'gone');
SELECT flowcustomer.external_source_register('$tenant', 'Språk & \$\$ "quoted"', 'pg_catalog.pg_language', '{"customerUid": "lanname", "companyName": "lanname", "origin": {"value": "ø;\\\\"}}');
SELECT flowcustomer.customer_batch('$tenant', '{"create": [
	{"customerUid": "kept", "customerType": "PERSON", "firstname": "Kept", "customerGroupUids": ["club"]},
	{"customerUid": "merged", "customerType": "PERSON", "firstname": "M\\t\\"erged", "externalId": "E-2", "customerGroupUids": ["club", "staff"]},
	{"customerUid": "back", "customerType": "PERSON", "firstname": "Back"}]}');
CREATE TABLE IF NOT EXISTS public.visit (tenant text, customer text, visited int, PRIMARY KEY (tenant, customer, visited));
INSERT INTO public.visit VALUES ('$tenant', 'merged', 1);
SELECT flowcustomer.reference_register('public.visit', 'tenant', 'customer');
SELECT flowcustomer.customer_merge('$tenant', 'kept', '{"mergeFromCustomerUid": "merged"}');
SELECT flowcustomer.customer_merge('$tenant', 'kept', '{"mergeFromCustomerUid": "back"}');
SELECT flowcustomer.customer_merge_undo('$tenant', merge_uid) FROM flowcustomer.merge WHERE tenant_uid = '$tenant' AND duplicate_uid = 'back';
SELECT flowcustomer.retention_put('$tenant', '{"openOrders": true, "unpaidInvoices": true, "yearsAfterLastOrder": 5}');
SELECT flowcustomer.customer_hold_put('$tenant', 'kept', '{"reason": "Sak \\"7\\"\\n; ø"}');
SELECT flowcustomer.customer_hold_put('$tenant', 'back', '{"holdUid": "h", "reason": "until", "until": "2090-01-01T00:00:00Z"}');
SELECT flowcustomer.customer_erase('$tenant', 'kept', '{"reason": "asked", "whenPossible": true}');
SELECT flowcustomer.tenant_put('$tenant', '{"accessLog": true}');
SELECT flowcustomer.customer_get('$tenant', 'kari'), flowcustomer.customer_export('$tenant', 'kari');
SELECT flowcustomer.tenant_put('$tenant', '{"accessLog": false}');
DO \$\$ BEGIN
	IF to_regrole('till') IS NULL THEN
		CREATE ROLE till;
		CREATE ROLE http;
	END IF;
END \$\$;
SELECT flowcustomer.grant_access('till', '$tenant', '{CUSTOMER}');
SELECT flowcustomer.grant_authenticator('http');
SQL
}

# Customers who are there more than once, some of them merged, of a tenant that
# fill() has made.
sub duplicates
{
	my ($tenant) = @_;
	return <<"SQL";
SELECT flowcustomer.customer_create('$tenant', '{"customerUid": "odd", "customerType": "PERSON", "email": "not an address", "mobile": "call me", "postalCode": "?"}');
SELECT flowcustomer.customer_batch('$tenant', (SELECT json_build_object('create', json_agg(json_build_object(
	'customerType', 'PERSON', 'customerUid', 'c' || n, 'lastname', 'Nr ' || n, 'externalId', 'X' || n % 7, 'customerGroupUids', '["club"]'::json)))
	FROM generate_series(1, 60) AS n));
SELECT flowcustomer.customer_create('$tenant', ('{"customerUid": "twin' || n || '", "customerType": "PERSON", "firstname": "Solveig", "lastname": "Tvilling", "mobile": "+4790000009", "address": "Solveien 9", "postalCode": "0150"}')::json)
FROM generate_series(1, 3) AS n;
CALL flowcustomer.merge_duplicates('$tenant', 0.5, true);
SELECT flowcustomer.customer_duplicate_dismiss('$tenant', 'twin1', 'twin2', 'twins');
SQL
}

# In every database: answers() calls every function that reads, with every
# value there is for its arguments; stored() is what the tables hold, in whatever
# order their columns stand.  Sessions
# of all kinds have to see the same, so nothing of it depends on settings; and
# nothing is written, for a standby is asked too.
use constant RECORDERS => <<'SQL';
CREATE FUNCTION public.known() RETURNS TABLE (tenant text, argument text, value text) LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT tenant_uid, 'tenant_uid', tenant_uid FROM flowcustomer.tenant
	UNION ALL SELECT tenant_uid, 'customer_uid', customer_uid FROM flowcustomer.customer
	UNION ALL SELECT tenant_uid, 'duplicate_uid', customer_uid FROM flowcustomer.customer
	UNION ALL SELECT tenant_uid, 'contact_uid', contact_uid FROM flowcustomer.contact
	UNION ALL SELECT tenant_uid, 'group_uid', group_uid FROM flowcustomer.customer_group
	UNION ALL SELECT tenant_uid, 'store_uid', store_uid FROM flowcustomer.store
	UNION ALL SELECT tenant_uid, 'consent_uid', consent_uid FROM flowcustomer.consent
	UNION ALL SELECT tenant_uid, 'at', '2090-01-01 00:00:00+00' FROM flowcustomer.tenant
	UNION ALL SELECT tenant_uid, 'body', '{"query": "a"}' FROM flowcustomer.tenant;
END $$;
CREATE FUNCTION public.answers() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	f record;
	call text;
	answer text;
BEGIN
	FOR f IN
		SELECT p.oid, proname, proargnames[1:pronargs - pronargdefaults] AS arguments
		FROM pg_proc p
		WHERE pronamespace = 'flowcustomer'::regnamespace AND proargnames[1] = 'tenant_uid'
			-- what can be recorded is volatile, although it only reads
			AND (provolatile = 's' OR proname IN (SELECT function_name FROM flowcustomer.operations() WHERE permissions = ''))
		ORDER BY proname
	LOOP
		FOR call IN
			WITH RECURSIVE calls (tenant, n, given) AS (
				SELECT tenant_uid, 0, '' FROM flowcustomer.tenant
				UNION ALL
				SELECT c.tenant, n + 1, format('%s%s => %L', nullif(given, '') || ', ', argument, value)
				FROM calls c JOIN known() k ON k.tenant = c.tenant AND k.argument = f.arguments[n + 1]
			)
			SELECT given FROM calls WHERE n = cardinality(f.arguments) ORDER BY given COLLATE "C"
		LOOP
			BEGIN
				EXECUTE format('SELECT flowcustomer.%I(%s)::text', f.proname, call) INTO answer;
			EXCEPTION WHEN OTHERS THEN
				answer := SQLSTATE || ' ' || SQLERRM;
			END;
			RETURN NEXT format('%s(%s): %s', f.proname, call, replace(answer, E'\n', ' '));
		END LOOP;
		IF NOT FOUND THEN
			RETURN NEXT format('%s cannot be called: %s', f.proname, f.arguments);
		END IF;
	END LOOP;
	RETURN QUERY
		SELECT format('every sort of %s by %s: %s', tenant_uid, json_name,
					  flowcustomer.customer_list(tenant_uid, sort_by => json_name, sort_direction => 'DESC'))
		FROM flowcustomer.tenant, flowcustomer.fields()
		WHERE resource = 'customer' AND json_name IN ('customerUid', 'displayName', 'externalId', 'city', 'customerType', 'credit.limit')
		ORDER BY tenant_uid, json_name;
END $$;
CREATE FUNCTION public.stored() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	t regclass;
	columns text;
BEGIN
	FOR t, columns IN
		SELECT c.oid, string_agg(quote_ident(attname), ', ' ORDER BY attname)
		FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
		WHERE relnamespace = 'flowcustomer'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
		GROUP BY c.oid, relname ORDER BY relname
	LOOP
		RETURN QUERY EXECUTE format('SELECT %L || '': '' || row_to_json(r)::text FROM (SELECT %s FROM %s) r ORDER BY row_to_json(r)::text COLLATE "C"', t, columns, t);
	END LOOP;
END $$;
SQL

sub answers
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SET client_min_messages = error; SELECT answers();');
}

sub stored
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SELECT stored();');
}

# What check_integrity has to say of the tenants; nothing when all is well.
sub integrity
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, 'SELECT t.tenant_uid, i.* FROM flowcustomer.tenant t, flowcustomer.check_integrity(t.tenant_uid) i');
}

# Compares two long texts by their lines; shows the first that differs.
sub same_lines
{
	my ($got, $expected, $name) = @_;
	my @got      = split /\n/, $got;
	my @expected = split /\n/, $expected;

	for my $i (0 .. ($#got > $#expected ? $#got : $#expected))
	{
		my $line = $i <= $#got ? $got[$i] : 'nothing';
		my $right = $i <= $#expected ? $expected[$i] : 'nothing';

		return is($line, $right, "$name: line " . ($i + 1)) if $line ne $right;
	}
	return pass($name);
}

1;
