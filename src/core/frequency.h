/*-------------------------------------------------------------------------
 *
 * frequency.h
 *	  How common values are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_FREQUENCY_H
#define FLOWCUSTOMER_FREQUENCY_H

#include "core/fields.h"

extern double value_frequency(const Resource *resource, int field, Datum value,
							  double uncommon);

#endif							/* FLOWCUSTOMER_FREQUENCY_H */
