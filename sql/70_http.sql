/*
 * HTTP: with these two functions any server is a thin pass-through.
 */
CREATE TYPE flowcustomer.http_response AS (
	status integer,
	headers json,
	body text
);
REVOKE ALL ON TYPE flowcustomer.http_response FROM PUBLIC;
COMMENT ON TYPE flowcustomer.http_response IS
'An answer to an HTTP request: status, headers as a JSON object, and the body (NULL for none)';

CREATE FUNCTION flowcustomer.http(method text, target text, body text DEFAULT NULL,
								  headers json DEFAULT NULL)
RETURNS flowcustomer.http_response
AS 'MODULE_PATHNAME', 'flowcustomer_http'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.http(text, text, text, json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.http(text, text, text, json) IS
'Answers an HTTP request of the REST API.
method text: GET, POST, PUT, DELETE, HEAD or OPTIONS.
target text: path and query string, for example /v2/tenants/demo/customers?pageNumber=2; the /v2 may be left out.
body text: the request''s body; NULL for none.
headers json: the request''s headers as an object of strings; Content-Type and Accept-Language count.
Returns status, headers and body. What a client sends never raises an error: it answers with a status of 400 to 415 and {code, message, logId}, with errors [{path, code, message}] where there is more to say, and leaves nothing behind.
Errors: a cancel or a shutdown, nothing else.
Example: SELECT * FROM flowcustomer.http(''GET'', ''/v2/tenants/demo/customers/kari-1'');';

CREATE FUNCTION flowcustomer.rest(json)
RETURNS json
AS 'MODULE_PATHNAME', 'flowcustomer_rest'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.rest(json) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.rest(json) IS
'Answers an HTTP request of the REST API behind PostgREST.
json: the request''s body. The method and target are those of the headers X-Original-Method and X-Original-URI, which the proxy in front of PostgREST sets; status and headers of the answer go to the settings response.status and response.headers.
Returns the answer''s body; NULL for none.
Errors: as http().
Example: POST /rpc/rest with the header X-Original-URI: /v2/tenants/demo/customers';
