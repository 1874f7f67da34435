/*
 * Who may do what.
 */
CREATE FUNCTION flowcustomer.grant_access(role text, tenant_uid text, permissions text[])
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_grant_access'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.grant_access(text, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.grant_access(text, text, text[]) IS
'Lets a role call the functions for a tenant; for administrators.
role text: its name in pg_roles. Members of the role have the same access.
tenant_uid text: the tenant''s UID.
permissions text[]: CUSTOMER, SALES_ORDER, RETURN_ORDER, ADMIN; operations() tells which function takes which. ADMIN is also what it takes to write customers of the type B2B. ''{}'' lets the role read only. They replace those that the role had in the tenant.
Grants the role EXECUTE on the functions and USAGE on the schema too; the tables stay closed (see enable_row_security).
Errors: PT403 FORBIDDEN for who is not an administrator: a superuser, the extension''s owner or a member of that role; PT404 ROLE_NOT_FOUND; PT404 TENANT_NOT_FOUND; PT400 VALIDATION_FAILED.
Example: SELECT flowcustomer.grant_access(''till'', ''demo'', ''{CUSTOMER, SALES_ORDER}'');';

CREATE FUNCTION flowcustomer.grant_authenticator(role text)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_grant_authenticator'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.grant_authenticator(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.grant_authenticator(text) IS
'Believes what sessions of a role say in request.jwt.claims; for administrators.
role text: the name of the role that an HTTP server such as PostgREST logs in as, which must not be a superuser. Only it is believed, not its members; claims in sessions of other roles count for nothing.
In such sessions nothing but claims decides, whatever role they go on as: {"tenantUid": "demo" or a list, "permissions": ["CUSTOMER", ...], "sub": who it is}. sub, of up to 255 characters, becomes createdBy and lastModifiedBy.
Grants EXECUTE on the functions and USAGE on the schema to the role and to the roles that it can go on as. Call it again, or access_renew, when it was made a member of more.
Errors: PT403 FORBIDDEN; PT404 ROLE_NOT_FOUND; PT409 ROLE_IS_SUPERUSER.
Example: SELECT flowcustomer.grant_authenticator(''authenticator'');';

CREATE FUNCTION flowcustomer.revoke_access(role text, tenant_uid text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_revoke_access'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.revoke_access(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.revoke_access(text, text) IS
'Takes back what grant_access and grant_authenticator gave; for administrators.
role text: its name; the role may be gone.
tenant_uid text: of this tenant alone; NULL takes back all, with the right to call the functions, unless the role has it by an authenticator.
Errors: PT403 FORBIDDEN; PT404 GRANT_NOT_FOUND when it has no access.
Example: SELECT flowcustomer.revoke_access(''till'');';

CREATE FUNCTION flowcustomer.access_renew()
RETURNS void
AS 'MODULE_PATHNAME', 'flowcustomer_access_renew'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.access_renew() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.access_renew() IS
'Grants the right to call the functions again to all who have access; for administrators.
To be called after an update that brought new functions, after roles were given to an authenticator, and after the tables were restored without the rights.
Errors: PT403 FORBIDDEN.
Example: SELECT flowcustomer.access_renew();';

CREATE FUNCTION flowcustomer.access_list()
RETURNS TABLE (role text, tenant_uid text, permissions text[], authenticator boolean, granted_at timestamptz, granted_by text)
AS 'MODULE_PATHNAME', 'flowcustomer_access_list'
LANGUAGE C STABLE PARALLEL RESTRICTED;
REVOKE ALL ON FUNCTION flowcustomer.access_list() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.access_list() IS
'Lists who has access, authenticators first; for administrators.
tenant_uid and permissions are NULL for an authenticator.
Errors: PT403 FORBIDDEN.
Example: SELECT * FROM flowcustomer.access_list();';

CREATE FUNCTION flowcustomer.readable_tenants()
RETURNS text[]
AS 'MODULE_PATHNAME', 'flowcustomer_readable_tenants'
LANGUAGE C STABLE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION flowcustomer.readable_tenants() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.readable_tenants() IS
'Tells which tenants the caller may see, sorted.
For the policies that enable_row_security makes.
Errors: none; who has no access gets an empty array.
Example: SELECT flowcustomer.readable_tenants();';

/*
 * A dump has the rights to read our tables, but not their policies: those come with the
 * extension, so that a restore never opens what was closed.
 */
CREATE FUNCTION flowcustomer.enable_row_security()
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	relation record;
BEGIN
	FOR relation IN
		SELECT c.oid, c.relname, c.relrowsecurity FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'flowcustomer'::regnamespace AND c.relkind = 'r'
		ORDER BY c.relname
	LOOP
		IF NOT relation.relrowsecurity THEN
			EXECUTE pg_catalog.format('ALTER TABLE flowcustomer.%I ENABLE ROW LEVEL SECURITY',
									  relation.relname);
		END IF;
		IF NOT EXISTS (SELECT FROM pg_catalog.pg_policy p
					   WHERE p.polrelid = relation.oid AND p.polname = 'tenant_reader') THEN
			EXECUTE pg_catalog.format('CREATE POLICY tenant_reader ON flowcustomer.%I FOR SELECT'
									  ' USING (tenant_uid = ANY ((SELECT flowcustomer.readable_tenants())::text[]))',
									  relation.relname);
		END IF;
	END LOOP;
END $$;
REVOKE ALL ON FUNCTION flowcustomer.enable_row_security() FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.enable_row_security() IS
'Makes sure that readers of the tables see the rows of their tenants only; for the tables'' owner.
Each table has a policy for that, named tenant_reader, from the beginning. SELECT on tables can be granted to roles that were given tenants by grant_access, or that authenticators go on as; others see no rows. Writing stays with the functions. Superusers, the owner and roles with BYPASSRLS see everything.
Makes policies again that are not there any more, and switches row security on where it was switched off. Takes an exclusive lock on such a table for a moment.
Errors: 42501 for who does not own the tables.
Example: SELECT flowcustomer.enable_row_security(); GRANT SELECT ON ALL TABLES IN SCHEMA flowcustomer TO reporting;';

SELECT flowcustomer.enable_row_security();
