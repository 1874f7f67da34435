/*-------------------------------------------------------------------------
 *
 * consents.h
 *	  Entries in the ledger of consents.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CONSENTS_H
#define FLOWCUSTOMER_CONSENTS_H

#include "core/page.h"

extern void consent_entry_complete(Call *call, Row *entry);
extern void append_consent_history(Call *call, StringInfo out, const char *customer_uid);

#endif							/* FLOWCUSTOMER_CONSENTS_H */
