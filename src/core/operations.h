/*
 * operations.h
 *	  Every operation there is: its SQL function, that function's arguments
 *	  after the tenant, the route of the REST contract with the status of
 *	  success, and the permissions of which the caller needs one.
 *
 * Arguments, a letter each:
 *	* first: there is no tenant before them, and they are for administrators
 *	- then: it only reads, though it takes a permission or an administrator
 *	c customer, k contact, g group, s store, n consent, a address, h printer
 *	f duplicate, u uid of reference data, e external id, x extension code
 *	b body, v body that can be left out, j body as jsonb, V list of names
 *	p page (number, size, sort by, sort direction), l limit, q pairs at most
 *	P position to go on from, A point in time, B time before which
 *	C claim, w seconds of a lease, y reason, i score at least, z dry run
 *	m name, r relation, t and d columns of it (tenant, customer), o on collision
 *	R role, T tenant that the role gets
 *
 * No include guard: expanded more than once (see core/operation.h).
 */

/* Customers */
OPERATION(CUSTOMER_LIST, customer_list, "ep", "GET", "/tenants/{tenantUid}/customers", 200, "")
OPERATION(CUSTOMER_CREATE, customer_create, "b", "POST", "/tenants/{tenantUid}/customers", 201, "CUSTOMER")
OPERATION(CUSTOMER_SEARCH, customer_search, "bp", "POST", "/tenants/{tenantUid}/customers/search", 200, "")
OPERATION(CUSTOMER_SEARCH_EXTERNAL, customer_search_external, "bp", "POST", "/tenants/{tenantUid}/customers/search/external", 200, "")
OPERATION(CUSTOMER_BATCH, customer_batch, "b", "POST", "/tenants/{tenantUid}/customers/batch", 200, "CUSTOMER")
OPERATION(CUSTOMER_EXPORT, customer_export, "c", "GET", "/tenants/{tenantUid}/customers/{customerUid}/export", 200, "")
OPERATION(CUSTOMER_PRINT, customer_print, "cv", "POST", "/tenants/{tenantUid}/customers/{customerUid}/print", 204, "CUSTOMER")
OPERATION(CUSTOMER_MERGE, customer_merge, "cb", "POST", "/tenants/{tenantUid}/customers/{customerUid}/merge", 200, "CUSTOMER")
OPERATION(CUSTOMER_GET, customer_get, "c", "GET", "/tenants/{tenantUid}/customers/{customerUid}", 200, "")
OPERATION(CUSTOMER_UPDATE, customer_update, "cb", "PUT", "/tenants/{tenantUid}/customers/{customerUid}", 200, "CUSTOMER")
OPERATION(CUSTOMER_DELETE, customer_delete, "c", "DELETE", "/tenants/{tenantUid}/customers/{customerUid}", 204, "CUSTOMER")
OPERATION(CUSTOMER_EXTENSION_ADD, customer_extension_add, "cxb", "POST", "/tenants/{tenantUid}/customers/{customerUid}/extensions/{customerExtensionCode}", 200, "CUSTOMER")
OPERATION(CUSTOMER_EXTENSION_REMOVE, customer_extension_remove, "cxb", "DELETE", "/tenants/{tenantUid}/customers/{customerUid}/extensions/{customerExtensionCode}", 204, "CUSTOMER")
OPERATION(STORE_CUSTOMER_GET, store_customer_get, "sc", "GET", "/tenants/{tenantUid}/stores/{storeUid}/customers/{customerUid}", 200, "")
OPERATION(CUSTOMER_EXPORT_XML, customer_export_xml, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_EXPORT_FULL, customer_export_full, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_CARD_SVG, customer_card_svg, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_CARD_HTML, customer_card_html, "c", NULL, NULL, 200, "")
OPERATION(PRINT_JOB_CLAIM, print_job_claim, "hwl", NULL, NULL, 200, "CUSTOMER")
OPERATION(PRINT_JOB_DONE, print_job_done, "uC", NULL, NULL, 204, "CUSTOMER")
OPERATION(PRINT_JOB_FAIL, print_job_fail, "uvC", NULL, NULL, 200, "CUSTOMER")
OPERATION(PRINT_JOB_LIST, print_job_list, "p", NULL, NULL, 200, "")
OPERATION(CUSTOMER_ERASE, customer_erase, "cv", NULL, NULL, 200, "CUSTOMER")
OPERATION(ERASURE_LIST, erasure_list, "p", NULL, NULL, 200, "")
OPERATION(ERASURE_CANCEL, erasure_cancel, "u", NULL, NULL, 204, "CUSTOMER")
OPERATION(ERASE_DUE, erase_due, "", NULL, NULL, 204, "CUSTOMER")
OPERATION(RETENTION_PUT, retention_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(CUSTOMER_HOLD_PUT, customer_hold_put, "cb", NULL, NULL, 200, "ADMIN")
OPERATION(CUSTOMER_HOLD_REMOVE, customer_hold_remove, "cu", NULL, NULL, 204, "ADMIN")
OPERATION(CUSTOMER_HOLD_LIST, customer_hold_list, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_CONSENT_SET, customer_consent_set, "cnb", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_CONSENT_HISTORY, customer_consent_history, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_CONSENTS_AS_OF, customer_consents_as_of, "cA", NULL, NULL, 200, "")
OPERATION(CONSENT_REPORT, consent_report, "n", NULL, NULL, 200, "")
OPERATION(CUSTOMER_CREDIT_BALANCE_SET, customer_credit_balance_set, "cb", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_ADDRESS_PUT, customer_address_put, "cb", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_ADDRESS_REMOVE, customer_address_remove, "ca", NULL, NULL, 204, "CUSTOMER")
OPERATION(CUSTOMER_MERGE_PREVIEW, customer_merge_preview, "cb", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_MERGE_UNDO, customer_merge_undo, "u", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_MERGE_LIST, customer_merge_list, "c", NULL, NULL, 200, "")
OPERATION(CUSTOMER_FIND_SIMILAR, customer_find_similar, "bl", NULL, NULL, 200, "")
OPERATION(CUSTOMER_DUPLICATES, customer_duplicates, "iq", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_DUPLICATES_REFRESH, customer_duplicates_refresh, "", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_DUPLICATE_EXPLAIN, customer_duplicate_explain, "cf", NULL, NULL, 200, "")
OPERATION(CUSTOMER_DUPLICATE_DISMISS, customer_duplicate_dismiss, "cfy", NULL, NULL, 200, "CUSTOMER")
OPERATION(CUSTOMER_DUPLICATE_UNDISMISS, customer_duplicate_undismiss, "cf", NULL, NULL, 204, "CUSTOMER")
OPERATION(MERGE_DUPLICATES, merge_duplicates, "iz", NULL, NULL, 204, "CUSTOMER")
OPERATION(SEARCH_EXPLAIN, search_explain, "b", NULL, NULL, 200, "")

OPERATION(CHANGES, changes, "Pl", NULL, NULL, 200, "")
OPERATION(CHANGES_FORGET, changes_forget, "B", NULL, NULL, 200, "ADMIN")
OPERATION(CUSTOMER_ACCESS_LIST, customer_access_list, "-cp", NULL, NULL, 200, "ADMIN")

/* Contacts */
OPERATION(CONTACT_LIST, contact_list, "p", "GET", "/tenants/{tenantUid}/customer-contacts", 200, "")
OPERATION(CONTACT_CREATE, contact_create, "b", "POST", "/tenants/{tenantUid}/customer-contacts", 201, "CUSTOMER,SALES_ORDER,RETURN_ORDER")
OPERATION(CONTACT_SEARCH, contact_search, "bp", "POST", "/tenants/{tenantUid}/customer-contacts/search", 200, "")
OPERATION(CONTACT_GET, contact_get, "k", "GET", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}", 200, "")
OPERATION(CONTACT_UPDATE, contact_update, "kb", "PUT", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}", 200, "CUSTOMER,SALES_ORDER,RETURN_ORDER")
OPERATION(CONTACT_DELETE, contact_delete, "k", "DELETE", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}", 204, "CUSTOMER")
OPERATION(CONTACT_CUSTOMER_LIST, contact_customer_list, "k", "GET", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers", 200, "")
OPERATION(CONTACT_CUSTOMER_ADD, contact_customer_add, "kb", "POST", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers", 200, "CUSTOMER,SALES_ORDER,RETURN_ORDER")
OPERATION(CONTACT_CUSTOMER_REMOVE, contact_customer_remove, "kc", "DELETE", "/tenants/{tenantUid}/customer-contacts/{customerContactUid}/customers/{customerUid}", 204, "CUSTOMER")
OPERATION(CUSTOMER_CONTACT_LIST, customer_contact_list, "cp", "GET", "/tenants/{tenantUid}/customers/{customerUid}/contacts", 200, "")
OPERATION(CUSTOMER_CONTACT_CREATE, customer_contact_create, "cb", "POST", "/tenants/{tenantUid}/customers/{customerUid}/contacts", 200, "CUSTOMER,SALES_ORDER,RETURN_ORDER")
OPERATION(CUSTOMER_CONTACT_GET, customer_contact_get, "ck", "GET", "/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}", 200, "")
OPERATION(CUSTOMER_CONTACT_UPDATE, customer_contact_update, "ckb", "PUT", "/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}", 200, "CUSTOMER,SALES_ORDER,RETURN_ORDER")
OPERATION(CUSTOMER_CONTACT_DELETE, customer_contact_delete, "ck", "DELETE", "/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}", 204, "CUSTOMER")
OPERATION(CUSTOMER_CONTACT_EXTENSION_ADD, customer_contact_extension_add, "ckxb", "POST", "/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}/extensions/{customerExtensionCode}", 200, "CUSTOMER")
OPERATION(CUSTOMER_CONTACT_EXTENSION_REMOVE, customer_contact_extension_remove, "ckxb", "DELETE", "/tenants/{tenantUid}/customers/{customerUid}/contacts/{customerContactUid}/extensions/{customerExtensionCode}", 204, "CUSTOMER")

/* Groups */
OPERATION(CUSTOMER_GROUP_LIST, customer_group_list, "p", "GET", "/tenants/{tenantUid}/customer-groups", 200, "")
OPERATION(CUSTOMER_GROUP_CREATE, customer_group_create, "b", "POST", "/tenants/{tenantUid}/customer-groups", 201, "CUSTOMER")
OPERATION(CUSTOMER_GROUP_GET, customer_group_get, "g", "GET", "/tenants/{tenantUid}/customer-groups/{customerGroupUid}", 200, "")
OPERATION(CUSTOMER_GROUP_UPDATE, customer_group_update, "gb", "PUT", "/tenants/{tenantUid}/customer-groups/{customerGroupUid}", 200, "CUSTOMER")
OPERATION(CUSTOMER_GROUP_DELETE, customer_group_delete, "g", "DELETE", "/tenants/{tenantUid}/customer-groups/{customerGroupUid}", 204, "CUSTOMER")
OPERATION(CUSTOMER_GROUP_CUSTOMER_LIST, customer_group_customer_list, "gp", "GET", "/tenants/{tenantUid}/customer-groups/{customerGroupUid}/customers", 200, "")
OPERATION(CUSTOMER_GROUP_CUSTOMER_UPDATE, customer_group_customer_update, "gb", "PUT", "/tenants/{tenantUid}/customer-groups/{customerGroupUid}/customers", 204, "CUSTOMER")

/* Reference data, for the systems that own it */
OPERATION(TENANT_PUT, tenant_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(TENANT_REMOVE, tenant_remove, "", NULL, NULL, 204, "ADMIN")
OPERATION(ORGANIZATION_PUT, organization_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(ORGANIZATION_REMOVE, organization_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(STORE_PUT, store_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(STORE_REMOVE, store_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(TENANT_USER_PUT, tenant_user_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(TENANT_USER_REMOVE, tenant_user_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(CONSENT_PUT, consent_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(CONSENT_REMOVE, consent_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(PRINTER_PUT, printer_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(PRINTER_REMOVE, printer_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(SALES_ORDER_PUT, sales_order_put, "b", NULL, NULL, 200, "SALES_ORDER")
OPERATION(SALES_ORDER_BATCH, sales_order_batch, "b", NULL, NULL, 200, "SALES_ORDER")
OPERATION(SALES_ORDER_REMOVE, sales_order_remove, "u", NULL, NULL, 204, "SALES_ORDER")
OPERATION(SERVICE_ORDER_PUT, service_order_put, "b", NULL, NULL, 200, "SALES_ORDER")
OPERATION(SERVICE_ORDER_BATCH, service_order_batch, "b", NULL, NULL, 200, "SALES_ORDER")
OPERATION(SERVICE_ORDER_REMOVE, service_order_remove, "u", NULL, NULL, 204, "SALES_ORDER")
OPERATION(EXTERNAL_CUSTOMER_PUT, external_customer_put, "b", NULL, NULL, 200, "ADMIN")
OPERATION(EXTERNAL_CUSTOMER_REMOVE, external_customer_remove, "u", NULL, NULL, 204, "ADMIN")
OPERATION(EXTERNAL_SOURCE_REGISTER, external_source_register, "mrj", NULL, NULL, 200, "ADMIN")
OPERATION(EXTERNAL_SOURCE_REMOVE, external_source_remove, "m", NULL, NULL, 204, "ADMIN")
OPERATION(REFERENCE_REGISTER, reference_register, "*rtdoV", NULL, NULL, 200, "")
OPERATION(REFERENCE_REMOVE, reference_remove, "*rd", NULL, NULL, 204, "")
OPERATION(REFERENCE_LIST, reference_list, "*-", NULL, NULL, 200, "")
OPERATION(CHECK_INTEGRITY, check_integrity, "-", NULL, NULL, 200, "ADMIN")
OPERATION(REPAIR, repair, "", NULL, NULL, 200, "ADMIN")
OPERATION(GRANT_ACCESS, grant_access, "*RTV", NULL, NULL, 204, "")
OPERATION(GRANT_AUTHENTICATOR, grant_authenticator, "*R", NULL, NULL, 204, "")
OPERATION(REVOKE_ACCESS, revoke_access, "*RT", NULL, NULL, 204, "")
OPERATION(ACCESS_RENEW, access_renew, "*", NULL, NULL, 204, "")
OPERATION(ACCESS_LIST, access_list, "*-", NULL, NULL, 200, "")
OPERATION(EXTERNAL_SOURCE_LIST, external_source_list, "p", NULL, NULL, 200, "")
