/*-------------------------------------------------------------------------
 *
 * row_json.h
 *	  Rows as JSON by their columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_ROW_JSON_H
#define FLOWCUSTOMER_ROW_JSON_H

#include "core/row.h"

extern void row_append_value(StringInfo out, const Row *row, int field);
extern void row_append_shown(StringInfo out, const Row *row, int field);
extern void row_append_image(StringInfo out, const Row *row);
extern Row *row_read_image(const Resource *resource, JsonReader *outer);

#endif							/* FLOWCUSTOMER_ROW_JSON_H */
