/*-------------------------------------------------------------------------
 *
 * change.h
 *	  The feed of changes: what was written, in an order that is safe to follow.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CHANGE_H
#define FLOWCUSTOMER_CHANGE_H

#include "core/row.h"

extern void changes_init(void);
extern void changes_forget_generation(void);
extern void changes_begin(Call *call);
extern void changes_note_row(Call *call, const Row *row);
extern void changes_note_member(Call *call, ResourceId entity, const char *uid, const char *member);
extern void changes_set_operation(Call *call, ResourceId entity, const char *uid, const char *operation);
extern void changes_write(Call *call);
extern char *changes_server(void);
extern int64 changes_horizon(void);

#endif							/* FLOWCUSTOMER_CHANGE_H */
