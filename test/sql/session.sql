-- A short session: customers are made, read, changed and deleted, and what
-- psql shows when something is wrong.
CREATE EXTENSION flowcustomer CASCADE;
\set VERBOSITY default
\pset null '(null)'

-- Without the times, which are others each time.
CREATE FUNCTION pg_temp.show(answer json) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_pretty(jsonb_object_agg(key, value)) FROM jsonb_each(answer::jsonb)
	WHERE key NOT IN ('createdAt', 'lastModifiedAt') AND value NOT IN ('""', '[]', 'null', 'false', '0')
$$;

SELECT flowcustomer.customer_get('demo', 'kari-1');
SELECT pg_temp.show(flowcustomer.tenant_put('demo', '{"name": "Demo", "countryCode": "NO", "locale": "nb"}'));
SELECT flowcustomer.customer_get('demo', 'kari-1');
SET flowcustomer.language = 'en';
SELECT pg_temp.show(flowcustomer.customer_create('demo', '{"customerUid": "kari-1", "customerType": "PERSON",
	"firstname": "Kari", "lastname": "Nordmann", "email": "Kari@Example.COM", "mobile": "+47 912 34 567", "postalCode": "N-0150"}'));

-- Errors: a message, every problem with its code and place, and what would be right.
SELECT flowcustomer.customer_create('demo', '{"customerUid": "kari-1", "customerType": "PERSON"}');
\echo :LAST_ERROR_SQLSTATE
SELECT flowcustomer.customer_create('demo', '{"customerType": "HUMAN", "email": "kari", "credit": {"limit": -5}, "city": 7}');
\echo :LAST_ERROR_SQLSTATE
SELECT flowcustomer.customer_create('demo', '{"customerType": ');
\echo :LAST_ERROR_SQLSTATE
SELECT flowcustomer.customer_update('demo', 'kari-1', '{"customerParentUid": "nobody", "defaultStoreUid": "none"}');
SELECT flowcustomer.customer_list('demo', page_size => 5000);
SELECT flowcustomer.contact_list('demo', sort_by => 'age');
SELECT flowcustomer.customer_update('demo', 'kari 1', '{}');
SELECT flowcustomer.customer_delete('demo', 'ola-1');

SELECT flowcustomer.customer_update('demo', 'kari-1', '{"city": "Bergen", "lastname": null}') ->> 'displayName' AS display_name;
SELECT flowcustomer.customer_batch('demo', '{
	"create": [{"customerUid": "acme", "customerType": "COMPANY", "companyName": "Acme AS"}, {"customerUid": "kari-1", "customerType": "PERSON"}],
	"upsert": [{"customerUid": "acme", "city": "Oslo"}, {"externalId": "E-1", "customerType": "NONE"}],
	"delete": [{"customerUid": "kari-1"}]}');
SELECT item ->> 'customerUid' AS uid, item ->> 'displayName' AS name, item ->> 'city' AS city
FROM json_array_elements(flowcustomer.customer_list('demo', sort_by => 'displayName') -> 'items') AS item;

SELECT status, headers, body::jsonb ->> 'displayName' AS name FROM flowcustomer.http('GET', '/v2/tenants/demo/customers/acme');
SELECT status, headers ->> 'Allow' AS allow, body::jsonb - 'logId' AS body FROM flowcustomer.http('PATCH', '/v2/tenants/demo/customers/acme', '{}', '{"Accept-Language": "sv"}');
SELECT * FROM flowcustomer.http('DELETE', '/v2/tenants/demo/customers/acme');

-- A database with customers in it is not dropped by mistake.
DROP EXTENSION flowcustomer;
SELECT flowcustomer.tenant_remove('demo');
DROP EXTENSION flowcustomer;
