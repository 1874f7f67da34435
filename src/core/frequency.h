/*-------------------------------------------------------------------------
 *
 * frequency.h
 *	  How common values are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_FREQUENCY_H
#define FLOWCUSTOMER_FREQUENCY_H

#include "core/compare.h"

extern void set_frequencies(CompareRecord *record, const CompareModel *model,
							const Datum *customer);

#endif							/* FLOWCUSTOMER_FREQUENCY_H */
