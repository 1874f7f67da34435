/*
 * Customer groups.
 */
CREATE FUNCTION flowcustomer.customer_group_list(
	tenant_uid text,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_list(text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_list(text, integer, integer, text, text) IS
'Lists customer groups, a page at a time.
tenant_uid text: the tenant''s UID.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the uid. sort_direction text: ASC (default) or DESC. Every sort ends with the uid, so pages never overlap.
Returns {items, paging}.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.customer_group_list(''demo'');';

CREATE FUNCTION flowcustomer.customer_group_create(tenant_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_create'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_create(text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_create(text, json) IS
'Creates a customer group.
tenant_uid text: the tenant''s UID.
body json: {name, customerGroupUid}; the UID is made when it is left out or empty.
Returns the group as customer_group_get does.
Errors: PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT409 GROUP_ALREADY_EXISTS.
Example: SELECT flowcustomer.customer_group_create(''demo'', ''{"name": "Members"}'');';

CREATE FUNCTION flowcustomer.customer_group_get(tenant_uid text, group_uid text)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_get'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_get(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_get(text, text) IS
'Reads a customer group.
tenant_uid text: the tenant''s UID.
group_uid text: the group''s UID.
Returns customerGroupUid, name, and who made and changed it when.
Errors: PT404 TENANT_NOT_FOUND; PT404 GROUP_NOT_FOUND.
Example: SELECT flowcustomer.customer_group_get(''demo'', ''members'');';

CREATE FUNCTION flowcustomer.customer_group_update(tenant_uid text, group_uid text, body json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_update(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_update(text, text, json) IS
'Renames a customer group.
tenant_uid text: the tenant''s UID.
group_uid text: the group''s UID.
body json: {name}.
Returns the group as customer_group_get does.
Errors: PT404 TENANT_NOT_FOUND; PT404 GROUP_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths.
Example: SELECT flowcustomer.customer_group_update(''demo'', ''members'', ''{"name": "Club"}'');';

CREATE FUNCTION flowcustomer.customer_group_delete(tenant_uid text, group_uid text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_delete'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_delete(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_delete(text, text) IS
'Deletes a customer group; its customers stay.
tenant_uid text: the tenant''s UID.
group_uid text: the group''s UID.
Errors: PT404 TENANT_NOT_FOUND; PT404 GROUP_NOT_FOUND.
Example: SELECT flowcustomer.customer_group_delete(''demo'', ''members'');';

CREATE FUNCTION flowcustomer.customer_group_customer_list(
	tenant_uid text, group_uid text,
	page_number integer DEFAULT NULL, page_size integer DEFAULT NULL,
	sort_by text DEFAULT NULL, sort_direction text DEFAULT NULL)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_customer_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_customer_list(text, text, integer, integer, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_customer_list(text, text, integer, integer, text, text) IS
'Lists the customers of a group, a page at a time.
tenant_uid text: the tenant''s UID.
group_uid text: the group''s UID.
page_number int: from 1; NULL for 1. page_size int: items on a page, 1 to flowcustomer.max_page_size; NULL for flowcustomer.default_page_size.
sort_by text: a scalar field of the items, by its JSON name; NULL for the uid. sort_direction text: ASC (default) or DESC. Every sort ends with the uid, so pages never overlap.
Returns {items, paging}: whole customers.
Errors: PT404 TENANT_NOT_FOUND; PT404 GROUP_NOT_FOUND; PT400 VALIDATION_FAILED for a page outside its range or an unknown sort_by, whose hint lists the valid ones.
Example: SELECT flowcustomer.customer_group_customer_list(''demo'', ''members'', page_size => 10);';

CREATE FUNCTION flowcustomer.customer_group_customer_update(tenant_uid text, group_uid text, body json)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_customer_group_customer_update'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.customer_group_customer_update(text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.customer_group_customer_update(text, text, json) IS
'Adds customers to a group and removes others.
tenant_uid text: the tenant''s UID.
group_uid text: the group''s UID.
body json: {addCustomerUids, removeCustomerUids}, lists of UIDs; removals come first. Adding who is in already, or removing who is not, changes nothing.
Errors: PT404 TENANT_NOT_FOUND; PT404 GROUP_NOT_FOUND; PT400 VALIDATION_FAILED with all problems of the body and their paths; PT400 CUSTOMER_NOT_FOUND with the path; then nothing is changed.
Example: SELECT flowcustomer.customer_group_customer_update(''demo'', ''members'', ''{"addCustomerUids": ["kari-1"]}'');';
