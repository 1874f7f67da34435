/*
 * What the engine says of itself: the tables that it works by, as rows.
 */
CREATE FUNCTION flowcustomer.fields(
	OUT resource text, OUT "position" integer, OUT json_name text,
	OUT column_name text, OUT type regtype, OUT writable boolean,
	OUT required boolean, OUT answered boolean, OUT personal boolean,
	OUT max_length integer, OUT allowed text[], OUT merge_rule text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'flowcustomer_fields'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.fields() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.fields() IS
'Describes the fields of every resource, as the engine itself reads them.
resource: the table. position: from 1. json_name: name in bodies and answers, with a dot for a member of an object; NULL for what JSON never shows. column_name, type: NULL where a field is made of other rows. writable: taken from bodies. required: a body that creates must have it. answered: shown in answers. personal: personal data. max_length: of a text, in characters. allowed: the values of an enum. merge_rule: KEEP, FILL, SUM or EARLIEST.
Errors: none.
Example: SELECT * FROM flowcustomer.fields() WHERE resource = ''customer'';';

CREATE FUNCTION flowcustomer.operations(
	OUT function_name text, OUT method text, OUT path text,
	OUT permissions text, OUT status integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'flowcustomer_operations'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.operations() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.operations() IS
'Lists every operation with its function and its route.
function_name: NULL for a route that is not there yet. method, path: of HTTP; NULL for an operation that SQL alone has. permissions: of which the caller needs one. status: of HTTP, when it succeeds.
Errors: none.
Example: SELECT * FROM flowcustomer.operations() WHERE method = ''GET'';';

CREATE FUNCTION flowcustomer.errors(
	OUT code text, OUT status integer, OUT hint text,
	OUT english text, OUT norwegian text, OUT swedish text, OUT danish text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'flowcustomer_errors'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.errors() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.errors() IS
'Lists every code that a call can answer with, and what it says.
code: stable. status: of HTTP; SQL gets it as SQLSTATE PT and the status. What a body names and does not exist answers 400 in place of 404. hint: what would be accepted. The messages are in four languages; {field} stands for a path, {detail} for a limit or a list.
Errors: none.
Example: SELECT code, status, english FROM flowcustomer.errors();';
