/*
 * Outside directories that are searched where they are.
 */
CREATE FUNCTION flowcustomer.external_source_register(
	tenant_uid text, name text, relation regclass, mapping jsonb)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_external_source_register'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.external_source_register(text, text, regclass, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.external_source_register(text, text, regclass, jsonb) IS
'Lets customer_search_external search a relation of the database.
tenant_uid text: the tenant''s UID.
name text: what the source is called in errors and, unless origin is mapped, in the origin of what it finds; 1 to 255 characters. A source that has this name already is replaced.
relation regclass: a table, view, materialized view or foreign table. It is read where it is, at each search, with the rights of the role that calls this function. The code of an owner who has not got these rights (in a view, a policy, an index) never runs with them: the relation is then read as its owner, and unless a superuser registers it, it has to be a table or materialized view without row security.
mapping jsonb: an object from the fields of CustomerExternalResponseSchema to columns, for example {"customerUid": "id", "companyName": "name"}, or to {"value": "..."} for what is the same in all rows. customerUid and one of firstname, lastname, companyName, email, mobile, vatNumber, postalCode and city are required. Columns have one of PostgreSQL''s own types, or one that is a text; createdAt and lastModifiedAt are times.
The words that somebody searches for reach the relation as one regular expression each, as parameters of WHERE column ~* $1, which foreign servers can evaluate; what comes back is checked and ranked here. Reads the relation once, to see whether it can be read.
Returns the source: name, relation, registrar, mapping, createdAt, lastModifiedAt.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the mapping and their paths; PT502 EXTERNAL_SOURCE_FAILED when the relation can''t be read.
Example: SELECT flowcustomer.external_source_register(''demo'', ''companies'', ''public.company'', ''{"customerUid": "id", "companyName": "name", "vatNumber": "number", "customerType": {"value": "COMPANY"}}'');';

CREATE FUNCTION flowcustomer.external_source_remove(tenant_uid text, name text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_external_source_remove'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.external_source_remove(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.external_source_remove(text, text) IS
'Stops searching a registered source; its relation stays as it is.
tenant_uid text: the tenant''s UID.
name text: the source''s name.
Errors: PT404 TENANT_NOT_FOUND; PT404 EXTERNAL_SOURCE_NOT_FOUND.
Example: SELECT flowcustomer.external_source_remove(''demo'', ''companies'');';

CREATE FUNCTION flowcustomer.external_source_list(
	tenant_uid text,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_external_source_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.external_source_list(text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.external_source_list(text, integer, integer, text, text) IS
'Lists the registered sources, a page at a time.
tenant_uid text: the tenant''s UID.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the name. sort_direction text: ASC (default) or DESC.
Returns {items, paging}: sources as external_source_register answers with, and paging.totalCount, which is exact.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.external_source_list(''demo'');';
