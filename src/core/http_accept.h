/*-------------------------------------------------------------------------
 *
 * http_accept.h
 *	  What a client prefers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_HTTP_ACCEPT_H
#define FLOWCUSTOMER_HTTP_ACCEPT_H

#include "core/errors.h"

extern double accept_weight(const char *header, const char *type);
extern bool accept_language_choose(const char *header, Language *language);

#endif							/* FLOWCUSTOMER_HTTP_ACCEPT_H */
