/*-------------------------------------------------------------------------
 *
 * card.h
 *	  The membership card of a customer, in the languages of printers and as a
 *	  picture.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_CARD_H
#define FLOWCUSTOMER_CARD_H

#include "core/operation.h"

/* What stands on a card. */
typedef struct Card
{
	char	   *tenant;			/* who issues it */
	char	   *name;			/* whose it is */
	char	   *code;			/* of the barcode */
} Card;

extern bool card_load(Call *call, Card *card);
extern char *card_zpl(const Card *card);
extern char *card_escpos(const Card *card);
extern bool card_append_svg(StringInfo out, const Card *card);

#endif							/* FLOWCUSTOMER_CARD_H */
