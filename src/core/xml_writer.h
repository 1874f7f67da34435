/*-------------------------------------------------------------------------
 *
 * xml_writer.h
 *	  JSON as XML.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_XML_WRITER_H
#define FLOWCUSTOMER_XML_WRITER_H

#include "core/json_reader.h"

/* What an element with a null in it needs to be declared at the root. */
#define XML_NAMESPACE " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

extern void xml_append_value(StringInfo out, const char *name, JsonReader *reader);

#endif							/* FLOWCUSTOMER_XML_WRITER_H */
