/*-------------------------------------------------------------------------
 *
 * redirect.h
 *	  Where customers are that were merged into others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_REDIRECT_H
#define FLOWCUSTOMER_REDIRECT_H

#include "core/row.h"

extern StringMap *redirects_find(Call *call, const Datum *uids, int count);
extern void redirects_lock(Call *call, const Datum *survivor_uids, int count);
extern char *redirect_find(Call *call, const char *uid);
extern bool call_check_customer(Call *call);
extern bool redirect_call(Call *call);
extern StringMap *customers_existing(Call *call, Datum *uids, int count);

#endif							/* FLOWCUSTOMER_REDIRECT_H */
