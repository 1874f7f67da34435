/*-------------------------------------------------------------------------
 *
 * changes.h
 *	  The feed of changes, as answers show it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CHANGES_H
#define FLOWCUSTOMER_CHANGES_H

#include "core/row.h"

extern void append_changes_of(Call *call, StringInfo out, const TextList *uids);

#endif							/* FLOWCUSTOMER_CHANGES_H */
