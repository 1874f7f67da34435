-- Procedures commit, so who may call them is seen here.
CREATE EXTENSION flowcustomer CASCADE;
\set VERBOSITY default
SET flowcustomer.language = 'en';
SELECT count(flowcustomer.tenant_put(uid, '{"name": "x"}')) FROM unnest('{demo,other}'::text[]) AS uid;
CREATE ROLE regress_flow_till;
CREATE ROLE regress_flow_http;
SELECT flowcustomer.grant_access('regress_flow_till', 'demo', '{SALES_ORDER}');
SELECT flowcustomer.grant_authenticator('regress_flow_http');
SET SESSION AUTHORIZATION regress_flow_till;
CALL flowcustomer.erase_due('demo');
CALL flowcustomer.merge_duplicates('demo');
CALL flowcustomer.erase_due('other');
CALL flowcustomer.erase_due('none');
SET SESSION AUTHORIZATION regress_flow_http;
CALL flowcustomer.erase_due('demo');
SET request.jwt.claims = '{"tenantUid": "demo", "permissions": ["CUSTOMER"], "sub": "liv"}';
CALL flowcustomer.erase_due('other');
CALL flowcustomer.erase_due('demo');
CALL flowcustomer.merge_duplicates('demo', dry_run => true);
RESET SESSION AUTHORIZATION;
RESET request.jwt.claims;
SELECT flowcustomer.grant_access('regress_flow_till', 'demo', '{CUSTOMER}');
SET SESSION AUTHORIZATION regress_flow_till;
CALL flowcustomer.erase_due('demo');
RESET SESSION AUTHORIZATION;
-- A business partner's erasure waits for somebody with ADMIN.
SELECT flowcustomer.customer_create('demo', '{"customerUid": "b", "customerType": "B2B", "companyName": "B"}') ->> 'customerUid' AS customer;
SELECT flowcustomer.customer_hold_put('demo', 'b', '{"holdUid": "h", "reason": "x"}') IS NOT NULL AS held;
SELECT flowcustomer.customer_erase('demo', 'b', '{"whenPossible": true}') ->> 'state' AS state;
SELECT flowcustomer.customer_hold_remove('demo', 'b', 'h');
SET SESSION AUTHORIZATION regress_flow_till;
\set VERBOSITY terse
SET client_min_messages = error;
CALL flowcustomer.erase_due('demo');
RESET client_min_messages;
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
SELECT state FROM flowcustomer.erasure;
CALL flowcustomer.erase_due('demo');
SELECT state FROM flowcustomer.erasure;
SELECT flowcustomer.customer_delete('demo', 'b');
SELECT started_by FROM flowcustomer.duplicate_run;

-- What psql says to an administrator who is wrong.
SELECT flowcustomer.grant_access('regress_flow_nobody', 'demo', '{CUSTOMER}');
SELECT flowcustomer.grant_access('regress_flow_till', 'demo', '{WRITE}');
SELECT flowcustomer.grant_authenticator(current_user::text);
SELECT role, tenant_uid, permissions, authenticator FROM flowcustomer.access_list();
\set VERBOSITY terse
DROP ROLE regress_flow_till;
\set VERBOSITY default
SELECT flowcustomer.revoke_access('regress_flow_till'), flowcustomer.revoke_access('regress_flow_http');
SELECT count(flowcustomer.tenant_remove(uid)) FROM unnest('{demo,other}'::text[]) AS uid;
DROP EXTENSION flowcustomer;
DROP ROLE regress_flow_till, regress_flow_http;
