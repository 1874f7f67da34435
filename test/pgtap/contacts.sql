-- Contacts: by themselves, and as those of a customer.
\ir include/helpers.psql
SELECT * FROM no_plan();
CALL t.run('SELECT t.seed()');
CALL t.run($$SELECT t.batch('{"create": [{"customerUid": "acme", "customerType": "COMPANY", "companyName": "Acme AS"}, {"customerUid": "beta", "customerType": "COMPANY", "companyName": "Beta AS"},
	{"customerUid": "carl", "customerType": "PERSON", "firstname": "Carl", "lastname": "Coe"}]}')$$);

-- Create.
SELECT is(t.strip(flowcustomer.contact_create('acme', '{"customerContactUid": "ola", "firstname": "Ola", "lastname": "Berg", "email": "Ola@Example.COM", "mobile": "912 34 567",
	"customers": [{"customerUid": "beta", "role": "ADMIN"}, {"customerUid": "acme"}]}')), '{"customerContactUid": "ola", "displayName": "Ola Berg", "firstname": "Ola", "lastname": "Berg",
	"email": "Ola@example.com", "mobile": "91234567", "customers": [
	{"customerUid": "acme", "displayName": "Acme AS", "role": "NONE", "extensions": []},
	{"customerUid": "beta", "displayName": "Beta AS", "role": "ADMIN", "extensions": []}]}', 'a contact with two customers');
SELECT is(t.strip(flowcustomer.contact_create('acme', '{"customerContactUid": "eva", "firstname": "Eva", "lastname": ""}')), '{"customerContactUid": "eva", "displayName": "Eva",
	"firstname": "Eva", "lastname": "", "email": "", "mobile": "", "customers": []}', 'a contact without customers');
SELECT matches(flowcustomer.contact_create('acme', '{"firstname": "A", "lastname": "B"}') ->> 'customerContactUid', '^[0-9a-f]{8}-[0-9a-f]{4}-7', 'a UID is made');
SELECT is(t.call('contact_create', body), expected, body) FROM (VALUES
	('{}', 'PT400: VALIDATION_FAILED $.firstname; VALIDATION_FAILED $.lastname'), ('{"firstname": "A"}', 'PT400: VALIDATION_FAILED $.lastname'), ('{"firstname": "A", "lastname": null}', 'PT400: VALIDATION_FAILED $.lastname'),
	('{"firstname": 1, "lastname": "B", "email": "x", "mobile": "y"}', 'PT400: VALIDATION_FAILED $.firstname; VALIDATION_FAILED $.email; VALIDATION_FAILED $.mobile'),
	('{"firstname": "A", "lastname": "B", "customerContactUid": "ola"}', 'PT409: CONTACT_ALREADY_EXISTS'),
	('{"firstname": "A", "lastname": "B", "customerContactUid": ""}', 'PT400: VALIDATION_FAILED $.customerContactUid'),
	('{"firstname": "A", "lastname": "B", "customerContactUid": "a b"}', 'PT400: VALIDATION_FAILED $.customerContactUid'),
	('{"firstname": "A", "lastname": "B", "customers": {}}', 'PT400: VALIDATION_FAILED $.customers'), ('{"firstname": "A", "lastname": "B", "customers": ["acme"]}', 'PT400: VALIDATION_FAILED $.customers[0]'),
	('{"firstname": "A", "lastname": "B", "customers": [{}]}', 'PT400: VALIDATION_FAILED $.customers[0].customerUid'),
	('{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "acme", "role": "BOSS"}]}', 'PT400: VALIDATION_FAILED $.customers[0].role'),
	('{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "acme"}, {"customerUid": "none"}]}', 'PT400: CUSTOMER_NOT_FOUND $.customers[1].customerUid'),
	('{"firstname": "A", "lastname": "B", "customers": [{"customerUid": "carl", "role": null}, {"customerUid": "carl", "role": "ADMIN"}]}', 'ok'),
	('[]', 'PT400: VALIDATION_FAILED $')) AS v(body, expected);
SELECT is((flowcustomer.contact_list('acme') -> 'paging' ->> 'totalCount'), '4', 'only what went well is there');
SELECT is(t.call('contact_create', json_build_object('firstname', repeat('æ', 256), 'lastname', repeat('æ', 255))::text), 'PT400: VALIDATION_FAILED $.firstname', 'names have up to 255 characters');

-- Get, update.
SELECT is(t.call('contact_get', uid), expected, 'contact_get ' || coalesce(uid, 'NULL')) FROM (VALUES ('nobody', 'PT404: CONTACT_NOT_FOUND'), ('a b', 'PT400: VALIDATION_FAILED customerContactUid'),
	(NULL, 'PT400: VALIDATION_FAILED customerContactUid'), ('ola', 'ok')) AS v(uid, expected);
SELECT is(t.error('SELECT flowcustomer.contact_get(''nobody'', ''ola'')'), 'PT404: TENANT_NOT_FOUND', 'contact_get of an unknown tenant');
CREATE TABLE t.before AS SELECT flowcustomer.contact_get('acme', 'ola')::jsonb AS answer, (SELECT xmin::text FROM flowcustomer.contact WHERE contact_uid = 'ola') AS version;
SELECT is(flowcustomer.contact_update('acme', 'ola', '{"firstname": "Ola", "mobile": "91-23-45-67"}')::jsonb, answer, 'an update that changes nothing') FROM t.before;
SELECT is((SELECT xmin::text FROM flowcustomer.contact WHERE contact_uid = 'ola'), version, 'writes nothing') FROM t.before;
SELECT is(t.strip(flowcustomer.contact_update('acme', 'ola', '{"firstname": "Per", "email": null}')), t.strip(answer || '{"firstname": "Per", "displayName": "Per Berg", "email": ""}'), 'an update changes what it gives') FROM t.before;
SELECT cmp_ok(flowcustomer.contact_get('acme', 'ola') ->> 'lastModifiedAt', '>', answer ->> 'lastModifiedAt', 'and moves lastModifiedAt') FROM t.before;
SELECT is(t.call('contact_update', uid, body), expected, format('contact_update %s %s', uid, body)) FROM (VALUES ('nobody', '{}', 'PT404: CONTACT_NOT_FOUND'), ('ola', '{"email": "x", "firstname": 2}', 'PT400: VALIDATION_FAILED $.email; VALIDATION_FAILED $.firstname'),
	('ola', '5', 'PT400: VALIDATION_FAILED $'), ('ola', '{"customerContactUid": "other"}', 'ok'), ('ola', '{"customerContactUid": "a b"}', 'ok'), ('ola', '{"customers": "none"}', 'ok'), ('ola', '{"customers": [{"customerUid": "carl"}]}', 'ok')) AS v(uid, body, expected);
SELECT is(t.error('SELECT flowcustomer.contact_update(''acme'', ''ola'', NULL)'), 'PT400: VALIDATION_FAILED $', 'an update needs a body');
SELECT is(json_array_length(flowcustomer.contact_get('acme', 'ola') -> 'customers'), 2, 'customers are not changed by an update');

-- A contact's customers.
SELECT is(flowcustomer.contact_customer_list('acme', 'ola')::jsonb, '{"items": [{"customerUid": "acme", "displayName": "Acme AS", "role": "NONE", "extensions": []},
	{"customerUid": "beta", "displayName": "Beta AS", "role": "ADMIN", "extensions": []}]}', 'contact_customer_list, whole');
SELECT is(flowcustomer.contact_customer_list('acme', 'eva')::text, '{"items":[]}', 'none');
SELECT is(flowcustomer.contact_customer_add('acme', 'eva', '{"customers": [{"customerUid": "acme", "role": "PURCHASER"}]}')::jsonb,
	'{"items": [{"customerUid": "acme", "displayName": "Acme AS", "role": "PURCHASER", "extensions": []}]}', 'contact_customer_add answers with the list');
SELECT is(flowcustomer.contact_customer_add('acme', 'eva', '{"customers": [{"customerUid": "acme"}, {"customerUid": "carl", "role": "ACCOUNTING"}]}') -> 'items' -> 0 ->> 'role', 'PURCHASER', 'a role that is left out stays');
SELECT is(flowcustomer.contact_customer_add('acme', 'eva', '{"customers": [{"customerUid": "acme", "role": "ADMIN"}]}') -> 'items' -> 0 ->> 'role', 'ADMIN', 'one that is given changes');
SELECT is(flowcustomer.contact_customer_add('acme', 'eva', '{"customers": [{"customerUid": "acme", "role": null}]}') -> 'items' -> 0 ->> 'role', 'NONE', 'null makes it NONE');
SELECT is(flowcustomer.contact_customer_add('acme', 'eva', '{"customers": [{"customerUid": "beta", "role": "ADMIN"}, {"customerUid": "beta", "role": "PURCHASER"}]}') -> 'items' -> 1 ->> 'role', 'PURCHASER', 'the same customer twice: like two calls');
SELECT is(t.call('contact_customer_add', 'eva', body), expected, body) FROM (VALUES ('{}', 'ok'), ('{"customers": []}', 'ok'), ('{"customers": null}', 'ok'), ('{"customers": 5}', 'PT400: VALIDATION_FAILED $.customers'),
	('{"customers": [{"customerUid": "none"}, {"customerUid": "beta", "role": "ADMIN"}]}', 'PT400: CUSTOMER_NOT_FOUND $.customers[0].customerUid'),
	('{"customers": [{"role": "ADMIN"}, {"customerUid": null}]}', 'PT400: VALIDATION_FAILED $.customers[0].customerUid; VALIDATION_FAILED $.customers[1].customerUid'),
	('{"firstname": 5, "email": "x", "customers": []}', 'ok'), ('"x"', 'PT400: VALIDATION_FAILED $')) AS v(body, expected);
SELECT is(flowcustomer.contact_customer_list('acme', 'eva') -> 'items' -> 1 ->> 'role', 'PURCHASER', 'a refused list changed nothing');
SELECT is(t.call('contact_customer_add', 'nobody', '{}') || t.call('contact_customer_list', 'nobody'), 'PT404: CONTACT_NOT_FOUNDPT404: CONTACT_NOT_FOUND', 'of an unknown contact');
SELECT is(t.call('contact_customer_remove', contact, customer), expected, format('contact_customer_remove %s %s', contact, customer)) FROM (VALUES
	('nobody', 'acme', 'PT404: CONTACT_NOT_FOUND'), ('eva', 'none', 'PT404: CUSTOMER_NOT_FOUND'), ('eva', 'a b', 'PT400: VALIDATION_FAILED customerUid'), ('eva', 'carl', 'ok'),
	('eva', 'carl', 'PT404: CUSTOMER_NOT_FOUND'), ('eva', 'beta', 'ok'), ('eva', 'acme', 'ok')) AS v(contact, customer, expected);
SELECT is(t.strip(flowcustomer.contact_get('acme', 'eva')) -> 'customers', '[]', 'the contact stays when its last customer is taken');

-- A customer's contacts.
SELECT is(t.strip(flowcustomer.customer_contact_create('acme', 'acme', '{"customerContactUid": "kim", "firstname": "Kim", "lastname": "Lie", "role": "ACCOUNTING"}')),
	'{"customerContactUid": "kim", "displayName": "Kim Lie", "firstname": "Kim", "lastname": "Lie", "email": "", "mobile": "", "role": "ACCOUNTING", "extensions": []}', 'customer_contact_create, whole');
SELECT is(flowcustomer.customer_contact_create('acme', 'acme', '{"customerContactUid": "lea", "firstname": "Lea", "lastname": "Moe"}') ->> 'role', 'NONE', 'without a role it is NONE');
SELECT is(t.call('customer_contact_create', customer, body), expected, format('customer_contact_create %s %s', customer, body)) FROM (VALUES
	('none', '{"firstname": "A", "lastname": "B"}', 'PT404: CUSTOMER_NOT_FOUND'), ('acme', '{"firstname": "A", "lastname": "B", "role": "BOSS"}', 'PT400: VALIDATION_FAILED $.role'),
	('acme', '{"role": 5}', 'PT400: VALIDATION_FAILED $.role; VALIDATION_FAILED $.firstname; VALIDATION_FAILED $.lastname'), ('acme', '{"firstname": "A", "lastname": "B", "customerContactUid": "kim"}', 'PT409: CONTACT_ALREADY_EXISTS'),
	('acme', '{"firstname": "A", "lastname": "B", "customerContactUid": "tmp1", "customerUid": "not a uid"}', 'ok'), ('acme', '{"firstname": "A", "lastname": "B", "customerContactUid": "tmp2", "customers": 5}', 'ok'),
	('acme', '[1]', 'PT400: VALIDATION_FAILED $')) AS v(customer, body, expected);
CALL t.run($$SELECT flowcustomer.contact_delete('acme', c.contact_uid) FROM (SELECT contact_uid FROM flowcustomer.contact WHERE contact_uid LIKE 'tmp%') AS c$$);
SELECT is(t.uids(flowcustomer.customer_contact_list('acme', 'acme'), 'customerContactUid'), 'kim,lea,ola', 'customer_contact_list');
SELECT is(t.strip(t.get('acme')) -> 'contacts', t.strip(flowcustomer.customer_contact_list('acme', 'acme')) -> 'items', 'the customer shows the same');
SELECT is(flowcustomer.customer_contact_get('acme', 'acme', 'kim')::jsonb, flowcustomer.customer_contact_list('acme', 'acme')::jsonb -> 'items' -> 0, 'and so does customer_contact_get');
SELECT is(t.call('customer_contact_get', customer, contact), expected, format('customer_contact_get %s %s', customer, contact)) FROM (VALUES
	('none', 'kim', 'PT404: CUSTOMER_NOT_FOUND'), ('acme', 'nobody', 'PT404: CONTACT_NOT_FOUND'), ('beta', 'kim', 'PT404: CONTACT_NOT_FOUND'), ('a b', 'k k', 'PT400: VALIDATION_FAILED customerUid; VALIDATION_FAILED customerContactUid')) AS v(customer, contact, expected);
SELECT is(t.call('customer_contact_list', 'none'), 'PT404: CUSTOMER_NOT_FOUND', 'customer_contact_list of nobody');
SELECT is(t.strip(flowcustomer.customer_contact_update('acme', 'acme', 'kim', '{"lastname": "Ås", "role": "ADMIN"}')),
	'{"customerContactUid": "kim", "displayName": "Kim Ås", "firstname": "Kim", "lastname": "Ås", "email": "", "mobile": "", "role": "ACCOUNTING", "extensions": []}', 'customer_contact_update changes the person');
SELECT is(t.call('customer_contact_update', customer, contact, body), expected, format('customer_contact_update %s %s %s', customer, contact, body)) FROM (VALUES
	('none', 'kim', '{}', 'PT404: CUSTOMER_NOT_FOUND'), ('beta', 'kim', '{}', 'PT404: CONTACT_NOT_FOUND'), ('acme', 'nobody', '{}', 'PT404: CONTACT_NOT_FOUND'), ('acme', 'kim', '{"mobile": true}', 'PT400: VALIDATION_FAILED $.mobile')) AS v(customer, contact, body, expected);

-- Extensions of a customer's contact.
SELECT is(t.strip(flowcustomer.customer_contact_extension_add('acme', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}')) -> 'extensions', '[{"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}]', 'an extension of the store''s organization');
SELECT is(t.strip(flowcustomer.customer_contact_extension_add('acme', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "bergen"}')) -> 'extensions', '[{"extensionCode": "TWO_INVOICE", "organizationUid": "nordic"}]', 'once an organization');
SELECT is(jsonb_array_length(t.strip(flowcustomer.customer_contact_extension_add('acme', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "malmo"}')) -> 'extensions'), 2, 'another organization');
SELECT is(t.call('customer_contact_extension_' || do_what, customer, contact, code, body), expected, concat_ws(' ', do_what, customer, contact, code, body)) FROM (VALUES
	('add', 'none', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: CUSTOMER_NOT_FOUND'), ('add', 'acme', 'nobody', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: CONTACT_NOT_FOUND'),
	('add', 'beta', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: CONTACT_NOT_FOUND'), ('add', 'acme', 'kim', 'KLAVIYO_PROFILE_ID', '{"storeUid": "oslo"}', 'PT400: VALIDATION_FAILED customerExtensionCode'),
	('add', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "none"}', 'PT400: STORE_NOT_FOUND $.storeUid'), ('add', 'acme', 'kim', 'TWO_INVOICE', '{}', 'PT400: VALIDATION_FAILED $.storeUid'),
	('remove', 'acme', 'lea', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: EXTENSION_NOT_FOUND'), ('remove', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "bergen"}', 'ok'),
	('remove', 'acme', 'kim', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'PT404: EXTENSION_NOT_FOUND'), ('add', 'acme', 'lea', 'TWO_INVOICE', '{"storeUid": "oslo"}', 'ok')) AS v(do_what, customer, contact, code, body, expected);
SELECT is(flowcustomer.contact_get('acme', 'kim') -> 'customers' -> 0 -> 'extensions' -> 0 ->> 'organizationUid', 'south', 'contact_get shows what is left');

-- Deletion.
SELECT is(t.call('customer_contact_delete', customer, contact), expected, format('customer_contact_delete %s %s', customer, contact)) FROM (VALUES
	('none', 'ola', 'PT404: CUSTOMER_NOT_FOUND'), ('acme', 'nobody', 'PT404: CONTACT_NOT_FOUND'), ('carl', 'ola', 'PT404: CONTACT_NOT_FOUND'), ('acme', 'ola', 'ok'), ('acme', 'ola', 'PT404: CONTACT_NOT_FOUND')) AS v(customer, contact, expected);
SELECT is(t.uids(flowcustomer.contact_customer_list('acme', 'ola')), 'beta', 'the contact still has its other customer');
SELECT is(t.call('customer_contact_delete', 'beta', 'ola'), 'ok', 'when the last one goes');
SELECT is(t.call('contact_get', 'ola'), 'PT404: CONTACT_NOT_FOUND', 'the contact goes with it');
CALL t.run($$SELECT flowcustomer.contact_customer_add('acme', 'kim', '{"customers": [{"customerUid": "beta"}, {"customerUid": "carl"}]}')$$);
SELECT is(t.call('contact_delete', 'kim'), 'ok', 'contact_delete of a contact with three customers');
SELECT is(t.call('contact_delete', 'kim'), 'PT404: CONTACT_NOT_FOUND', 'and again');
SELECT is((SELECT count(*) FROM flowcustomer.customer_contact WHERE contact_uid IN ('kim', 'ola')), 0::bigint, 'no link is left');
SELECT is((SELECT count(*) FROM flowcustomer.contact_extension WHERE contact_uid = 'lea'), 1::bigint, 'another contact''s extension is');
SELECT is((flowcustomer.contact_list('acme') -> 'paging' ->> 'totalCount')::bigint, (SELECT count(*) FROM flowcustomer.contact), 'the total is that of the table');
SELECT is(t.call('customer_contact_delete', 'acme', 'lea'), 'ok', 'with an extension');
SELECT is((SELECT count(*) FROM flowcustomer.contact_extension), 0::bigint, 'which goes too');

SELECT * FROM finish();
