/*-------------------------------------------------------------------------
 *
 * access.h
 *	  Who calls, what the caller may do, and under which identity our
 *	  statements run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ACCESS_H
#define FLOWCUSTOMER_ACCESS_H

#include "core/collections.h"
#include "core/operation.h"

/* Permissions, as bits of a set. */
#define PERMISSION_CUSTOMER		(1 << 0)
#define PERMISSION_SALES_ORDER	(1 << 1)
#define PERMISSION_RETURN_ORDER	(1 << 2)
#define PERMISSION_ADMIN		(1 << 3)

typedef struct Identity
{
	Oid			user;
	int			security_context;
	int			guc_level;
} Identity;

/* What an HTTP server says of the one for whom it calls. */
typedef struct Claims
{
	TextList	tenants;
	uint32		permissions;
	const char *subject;		/* NULL for none */
} Claims;

extern bool is_administrator(Oid role);
extern bool access_check(Call *call);
extern Datum access_tenants(void);
extern bool caller_may_write(const Call *call, const char *customer_type);
extern bool call_check_type(Call *call, const char *customer_type);
extern uint32 permission_find(const char *name, int length);
extern uint32 permissions_parse(const char *list);
extern char *permissions_text(uint32 permissions, const char *separator);

extern bool schema_is_trusted(Oid schema, Oid role);
extern void role_enter(Oid role, Identity *saved);
extern void owner_enter(Oid owner, Identity *saved);
extern void role_leave(const Identity *saved);
extern void identity_enter(Identity *saved);
extern void identity_leave(const Identity *saved);

/* api_access.c */
extern void access_forget_tenant(Call *call);

/* claims.c */
#define MAX_SUBJECT_LENGTH 255

extern bool claims_read(const char *json, Claims *claims);

#endif							/* FLOWCUSTOMER_ACCESS_H */
