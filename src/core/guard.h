/*-------------------------------------------------------------------------
 *
 * guard.h
 *	  Keeps the extension from being dropped by mistake.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_GUARD_H
#define FLOWCUSTOMER_GUARD_H

#include "core/compat.h"

extern bool guard_exists(void);
extern void guard_ensure(void);
extern void guard_drop_if_unused(void);

#endif							/* FLOWCUSTOMER_GUARD_H */
