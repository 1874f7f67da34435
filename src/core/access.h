/*-------------------------------------------------------------------------
 *
 * access.h
 *	  Who calls, and under which identity our statements run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ACCESS_H
#define FLOWCUSTOMER_ACCESS_H

#include "core/operation.h"

typedef struct Identity
{
	Oid			user;
	int			security_context;
	int			guc_level;
} Identity;

extern bool access_enter(Call *call, Identity *saved);
extern void role_enter(Oid role, Identity *saved);
extern void owner_enter(Oid owner, Identity *saved);
extern void role_leave(const Identity *saved);
extern void identity_enter(Identity *saved);
extern void identity_leave(const Identity *saved);

#endif							/* FLOWCUSTOMER_ACCESS_H */
