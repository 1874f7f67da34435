/*
 * reasons.h
 *	  Everything that can be wrong with a call: REASON(symbol, code, status,
 *	  hint, English, Norwegian bokmål, Swedish, Danish).
 *
 * The code is stable: clients decide by it.  NULL stands for a code made of
 * the resource's label, for example CUSTOMER_NOT_FOUND.  The status is what
 * HTTP says; something that a body names answers 400 in place of 404.  In the
 * texts {field} is where it is wrong, {noun} the kind of resource and {detail}
 * a limit or a list of what is accepted.  Never a value that somebody sent:
 * messages end up in logs.
 *
 * No include guard: expanded more than once (see core/errors.h).
 */

/* What a body or an argument contains */
REASON(NOT_TEXT, "VALIDATION_FAILED", 400, "Give a JSON string.",
	   "{field} must be a text",
	   "{field} må være en tekst",
	   "{field} måste vara en text",
	   "{field} skal være en tekst")
REASON(NOT_INTEGER, "VALIDATION_FAILED", 400, "Give a JSON number without a fraction.",
	   "{field} must be a whole number",
	   "{field} må være et heltall",
	   "{field} måste vara ett heltal",
	   "{field} skal være et heltal")
REASON(NOT_BOOLEAN, "VALIDATION_FAILED", 400, "Give true or false, without quotes.",
	   "{field} must be true or false",
	   "{field} må være true eller false",
	   "{field} måste vara true eller false",
	   "{field} skal være true eller false")
REASON(NOT_OBJECT, "VALIDATION_FAILED", 400, "Give a JSON object.",
	   "{field} must be an object",
	   "{field} må være et objekt",
	   "{field} måste vara ett objekt",
	   "{field} skal være et objekt")
REASON(NOT_ARRAY, "VALIDATION_FAILED", 400, "Give a JSON array.",
	   "{field} must be a list",
	   "{field} må være en liste",
	   "{field} måste vara en lista",
	   "{field} skal være en liste")
REASON(TOO_LONG, "VALIDATION_FAILED", 400, "Accepted are up to {detail} characters.",
	   "{field} must have at most {detail} characters",
	   "{field} kan ha høyst {detail} tegn",
	   "{field} får ha högst {detail} tecken",
	   "{field} må højst have {detail} tegn")
REASON(OUT_OF_RANGE, "VALIDATION_FAILED", 400, "Accepted are whole numbers from {detail}.",
	   "{field} must be from {detail}",
	   "{field} må være fra {detail}",
	   "{field} måste vara från {detail}",
	   "{field} skal være fra {detail}")
REASON(NOT_SHARE, "VALIDATION_FAILED", 400, "Give a number from 0 to 1, such as 0.5.",
	   "{field} must be from 0 to 1",
	   "{field} må være fra 0 til 1",
	   "{field} måste vara från 0 till 1",
	   "{field} skal være fra 0 til 1")
REASON(NOT_ALLOWED, "VALIDATION_FAILED", 400, "Accepted are: {detail}.",
	   "{field} is not one of the accepted values",
	   "{field} er ikke en av de gyldige verdiene",
	   "{field} är inte ett av de giltiga värdena",
	   "{field} er ikke en af de gyldige værdier")
REASON(MISSING, "VALIDATION_FAILED", 400, "Give a value.",
	   "{field} is required",
	   "{field} er påkrevd",
	   "{field} krävs",
	   "{field} er påkrævet")
REASON(NOT_UID, "VALIDATION_FAILED", 400, "A UID is 1 to 255 characters of A-Z, a-z, 0-9, - and _.",
	   "{field} is not a UID",
	   "{field} er ikke en UID",
	   "{field} är inte ett UID",
	   "{field} er ikke et UID")
REASON(NOT_EMAIL, "VALIDATION_FAILED", 400, "Give one address, for example name@example.com.",
	   "{field} is not an e-mail address",
	   "{field} er ikke en e-postadresse",
	   "{field} är inte en e-postadress",
	   "{field} er ikke en e-mailadresse")
REASON(NOT_MOBILE, "VALIDATION_FAILED", 400, "Give 3 to 20 digits, a leading + is allowed, for example +4791234567.",
	   "{field} is not a telephone number",
	   "{field} er ikke et telefonnummer",
	   "{field} är inte ett telefonnummer",
	   "{field} er ikke et telefonnummer")
REASON(NOT_COUNTRY, "VALIDATION_FAILED", 400, "Give two letters of ISO 3166-1, for example NO.",
	   "{field} is not a country code",
	   "{field} er ikke en landkode",
	   "{field} är inte en landskod",
	   "{field} er ikke en landekode")
REASON(NOT_POSTAL_CODE, "VALIDATION_FAILED", 400, "Give the form of the customer's country, for example 0150 for NO or 111 22 for SE.",
	   "{field} is not a postal code of its country",
	   "{field} er ikke et postnummer i landet",
	   "{field} är inte ett postnummer i landet",
	   "{field} er ikke et postnummer i landet")
REASON(NOT_VAT_NUMBER, "VALIDATION_FAILED", 400, "Give 4 to 20 letters and digits, for example NO987654321MVA.",
	   "{field} is not a VAT number",
	   "{field} er ikke et mva-nummer",
	   "{field} är inte ett momsregistreringsnummer",
	   "{field} er ikke et momsnummer")
REASON(NOT_LEDGER_NUMBER, "VALIDATION_FAILED", 400, "Give up to 50 digits; leading zeros are kept.",
	   "{field} must be digits",
	   "{field} må være siffer",
	   "{field} måste vara siffror",
	   "{field} skal være cifre")
REASON(NOT_TIMESTAMP, "VALIDATION_FAILED", 400, "Give a time of RFC 3339, for example 2025-07-30T18:12:05Z.",
	   "{field} is not a time",
	   "{field} er ikke et tidspunkt",
	   "{field} är inte en tidpunkt",
	   "{field} er ikke et tidspunkt")
REASON(NOT_DATE, "VALIDATION_FAILED", 400, "Give a day such as 2025-07-30.",
	   "{field} is not a day",
	   "{field} er ikke en dato",
	   "{field} är inte ett datum",
	   "{field} er ikke en dato")
REASON(ZERO_CHARACTER, "VALIDATION_FAILED", 400, "Take \\u0000 out of the text.",
	   "{field} must not contain the character U+0000",
	   "{field} kan ikke inneholde tegnet U+0000",
	   "{field} får inte innehålla tecknet U+0000",
	   "{field} må ikke indeholde tegnet U+0000")
REASON(BAD_UNICODE, "VALIDATION_FAILED", 400, "Give UTF-8, or \\u escapes with whole surrogate pairs.",
	   "{field} is not valid Unicode text",
	   "{field} er ikke gyldig Unicode-tekst",
	   "{field} är inte giltig Unicode-text",
	   "{field} er ikke gyldig Unicode-tekst")
REASON(MALFORMED_JSON, "MALFORMED_JSON", 400, "The text up to byte {detail} is right.",
	   "The body is not JSON",
	   "Forespørselen er ikke JSON",
	   "Begäran är inte JSON",
	   "Forespørgslen er ikke JSON")
REASON(TOO_DEEP, "MALFORMED_JSON", 400, "Accepted are up to {detail} levels.",
	   "The body has objects or lists nested too deeply",
	   "Forespørselen har for mange nivåer",
	   "Begäran har för många nivåer",
	   "Forespørgslen har for mange niveauer")
REASON(BODY_TOO_LARGE, "BODY_TOO_LARGE", 413, "Accepted are up to {detail} bytes.",
	   "The body is too large",
	   "Forespørselen er for stor",
	   "Begäran är för stor",
	   "Forespørgslen er for stor")
REASON(TOO_MANY_ITEMS, "TOO_MANY_ITEMS", 413, "Accepted are up to {detail} items in one call.",
	   "The batch has too many items; nothing was done",
	   "Forespørselen har for mange elementer; ingenting ble gjort",
	   "Begäran har för många poster; inget gjordes",
	   "Forespørgslen har for mange poster; intet blev gjort")

/* Rules about rows */
REASON(NOT_FOUND, NULL, 404, "Give the UID of one that exists.",
	   "This {noun} does not exist",
	   "Finner ikke {noun}",
	   "Hittar inte {noun}",
	   "Kan ikke finde {noun}")
REASON(ALREADY_EXISTS, NULL, 409, "Give another UID, or update the one that exists.",
	   "The UID is that of a {noun} that exists",
	   "UID-en tilhører {noun} som allerede finnes",
	   "UID:t tillhör {noun} som redan finns",
	   "UID'et tilhører {noun}, som allerede findes")
REASON(IN_USE, NULL, 409, "Change or remove what names it first.",
	   "Other data names this {noun}",
	   "Andre data viser til {noun}",
	   "Andra data hänvisar till {noun}",
	   "Andre data henviser til {noun}")
REASON(TENANT_NOT_EMPTY, "TENANT_NOT_EMPTY", 409, "Delete its customers, contacts, groups and orders first.",
	   "The tenant still has data",
	   "Tenanten har fortsatt data",
	   "Tenanten har fortfarande data",
	   "Tenanten har stadig data")
REASON(PARENT_NOT_ALLOWED, "PARENT_NOT_ALLOWED", 400, "Leave customerParentUid out, or make the customer a COMPANY.",
	   "Only a COMPANY can have a parent",
	   "Bare en COMPANY kan ha en overordnet kunde",
	   "Endast en COMPANY kan ha en överordnad kund",
	   "Kun en COMPANY kan have en overordnet kunde")
REASON(PARENT_NOT_COMPANY, "PARENT_NOT_COMPANY", 400, "Give the UID of a customer of type COMPANY.",
	   "The parent is not a COMPANY",
	   "Den overordnede kunden er ikke en COMPANY",
	   "Den överordnade kunden är inte en COMPANY",
	   "Den overordnede kunde er ikke en COMPANY")
REASON(PARENT_CYCLE, "PARENT_CYCLE", 400, "Give a parent that is neither the customer itself nor one of its departments.",
	   "A customer cannot be above itself",
	   "En kunde kan ikke være overordnet seg selv",
	   "En kund kan inte vara överordnad sig själv",
	   "En kunde kan ikke være overordnet sig selv")
REASON(HAS_DEPARTMENTS, "CUSTOMER_HAS_DEPARTMENTS", 409, "Keep customerType COMPANY, or move the departments first.",
	   "A customer with departments has to be a COMPANY",
	   "En kunde med avdelinger må være en COMPANY",
	   "En kund med avdelningar måste vara en COMPANY",
	   "En kunde med afdelinger skal være en COMPANY")
REASON(EXTERNAL_ID_AMBIGUOUS, "EXTERNAL_ID_AMBIGUOUS", 409, "Give the customerUid of the one that is meant.",
	   "More than one customer has this externalId",
	   "Mer enn én kunde har denne externalId",
	   "Mer än en kund har detta externalId",
	   "Mere end én kunde har dette externalId")
REASON(CUSTOMER_MERGED, "CUSTOMER_MERGED", 404, "Use the customer with customerUid {detail}.",
	   "This customer was merged into {detail}",
	   "Kunden er slått sammen med {detail}",
	   "Kunden har slagits samman med {detail}",
	   "Kunden er lagt sammen med {detail}")
REASON(ALREADY_MERGED, "CUSTOMER_ALREADY_MERGED", 409, "Use the customer with customerUid {detail}.",
	   "This customer was merged into {detail} already",
	   "Kunden er allerede slått sammen med {detail}",
	   "Kunden har redan slagits samman med {detail}",
	   "Kunden er allerede lagt sammen med {detail}")
REASON(MERGE_SELF, "MERGE_SELF", 400, "Give another customer to merge from.",
	   "A customer can't be merged into itself",
	   "En kunde kan ikke slås sammen med seg selv",
	   "En kund kan inte slås samman med sig själv",
	   "En kunde kan ikke lægges sammen med sig selv")
REASON(MERGE_TYPES_DIFFER, "MERGE_TYPES_DIFFER", 409, "Change the type of one of them first.",
	   "The customers are of different types",
	   "Kundene er av forskjellig type",
	   "Kunderna är av olika typ",
	   "Kunderne er af forskellig type")
REASON(MERGE_INTO_DEPARTMENT, "MERGE_INTO_DEPARTMENT", 409, "Merge the department into the company.",
	   "A company can't be merged into its own department",
	   "Et selskap kan ikke slås sammen inn i sin egen avdeling",
	   "Ett företag kan inte slås samman med sin egen avdelning",
	   "Et firma kan ikke lægges sammen med sin egen afdeling")
REASON(MERGE_BLOCKED, "MERGE_BLOCKED", 409, "Look at the table's rows of the two customers, or register it with another rule for collisions.",
	   "Rows of {detail} can't follow the merge",
	   "Rader i {detail} kan ikke følge sammenslåingen",
	   "Rader i {detail} kan inte följa sammanslagningen",
	   "Rækker i {detail} kan ikke følge sammenlægningen")
REASON(NOT_REFERENCE, "VALIDATION_FAILED", 400, "Give a table with a primary key, which you own, and columns of it that are texts.",
	   "{field} can't be followed by merges",
	   "{field} kan ikke følge sammenslåinger",
	   "{field} kan inte följa sammanslagningar",
	   "{field} kan ikke følge sammenlægninger")
REASON(DISMISSED, "DUPLICATE_DISMISSED", 409, "Call customer_duplicate_undismiss if they are the same after all.",
	   "somebody has said that the two are not the same",
	   "noen har sagt at de to ikke er den samme",
	   "någon har sagt att de två inte är samma",
	   "nogen har sagt at de to ikke er den samme")
REASON(DUPLICATE_SELF, "DUPLICATE_SELF", 400, "Name two customers.",
	   "{field} must be another customer",
	   "{field} må være en annen kunde",
	   "{field} måste vara en annan kund",
	   "{field} skal være en anden kunde")
REASON(NOT_REFRESHED, "DUPLICATES_NOT_REFRESHED", 409, "Call customer_duplicates_refresh in a transaction that may write.",
	   "nobody has looked for duplicates yet, and this transaction only reads",
	   "ingen har lett etter dubletter ennå, og denne transaksjonen bare leser",
	   "ingen har letat efter dubbletter än, och den här transaktionen läser bara",
	   "ingen har ledt efter dubletter endnu, og denne transaktion læser kun")
REASON(MERGE_UNDONE, "MERGE_ALREADY_UNDONE", 409, "Nothing is left to undo.",
	   "This merge has been undone already",
	   "Sammenslåingen er allerede angret",
	   "Sammanslagningen har redan ångrats",
	   "Sammenlægningen er allerede fortrudt")
REASON(MERGE_NOT_LAST, "MERGE_NOT_LAST", 409, "Undo the merge {detail} first.",
	   "The merge {detail} of the same customer came after this one",
	   "Sammenslåingen {detail} av samme kunde kom etter denne",
	   "Sammanslagningen {detail} av samma kund kom efter denna",
	   "Sammenlægningen {detail} af samme kunde kom efter denne")
REASON(CUSTOMER_ERASED, "CUSTOMER_ERASED", 409, "Make a new customer.",
	   "The customer was erased, and gets nothing new",
	   "Kunden er slettet, og får ikke noe nytt",
	   "Kunden är raderad, och får inget nytt",
	   "Kunden er slettet, og får ikke noget nyt")
REASON(CUSTOMER_HELD, "CUSTOMER_HELD", 409, "Look at customer_hold_list.",
	   "Somebody has said that the customer has to be kept",
	   "Noen har sagt at kunden må beholdes",
	   "Någon har sagt att kunden måste behållas",
	   "Nogen har sagt, at kunden skal beholdes")
REASON(OLD_SNAPSHOT, "ISOLATION_LEVEL", 409, "Do it in a transaction that is READ COMMITTED.",
	   "At this isolation level the transaction does not see what others have written meanwhile",
	   "På dette isolasjonsnivået ser ikke transaksjonen hva andre har skrevet i mellomtiden",
	   "På den här isoleringsnivån ser transaktionen inte vad andra har skrivit under tiden",
	   "På dette isolationsniveau ser transaktionen ikke, hvad andre har skrevet imens")
REASON(ERASURE_QUEUED, "ERASURE_QUEUED", 409, "Let erase_due do it, or take it back with erasure_cancel.",
	   "An erasure of the customer is waiting, which could not be done any more",
	   "En sletting av kunden venter, som da ikke kunne utføres lenger",
	   "En radering av kunden väntar, som då inte kunde göras längre",
	   "En sletning af kunden venter, som så ikke kunne udføres længere")
REASON(HELD_OPEN_ORDERS, "ERASURE_HELD", 409, "Erase it when they are complete, or give whenPossible to queue the erasure.",
	   "The customer has open orders",
	   "Kunden har åpne ordrer",
	   "Kunden har öppna ordrar",
	   "Kunden har åbne ordrer")
REASON(HELD_UNPAID, "ERASURE_HELD", 409, "Erase it when they are paid, or give whenPossible to queue the erasure.",
	   "The customer has unpaid invoices",
	   "Kunden har ubetalte fakturaer",
	   "Kunden har obetalda fakturor",
	   "Kunden har ubetalte fakturaer")
REASON(HELD_LAST_ORDER, "ERASURE_HELD", 409, "It is possible from {detail}; give whenPossible to queue the erasure.",
	   "The customer's last order has to be kept until {detail}",
	   "Kundens siste ordre må beholdes til {detail}",
	   "Kundens senaste order måste behållas till {detail}",
	   "Kundens seneste ordre skal beholdes til {detail}")
REASON(HELD_BY_HAND, "ERASURE_HELD", 409, "customer_hold_list tells why; give whenPossible to queue the erasure.",
	   "Somebody has said that the customer has to be kept until {detail}",
	   "Noen har sagt at kunden må beholdes til {detail}",
	   "Någon har sagt att kunden måste behållas till {detail}",
	   "Nogen har sagt, at kunden skal beholdes til {detail}")
REASON(HELD_FOR_EVER, "ERASURE_HELD", 409, "customer_hold_list tells why; give whenPossible to queue the erasure.",
	   "Somebody has said that the customer has to be kept",
	   "Noen har sagt at kunden må beholdes",
	   "Någon har sagt att kunden måste behållas",
	   "Nogen har sagt, at kunden skal beholdes")
REASON(ERASE_BLOCKED, "ERASE_BLOCKED", 409, "Let the table's columns be empty, or register others.",
	   "Personal columns of {detail} can't be emptied",
	   "Personlige kolonner i {detail} kan ikke tømmes",
	   "Personliga kolumner i {detail} kan inte tömmas",
	   "Personlige kolonner i {detail} kan ikke tømmes")
REASON(NOT_ERASABLE, "VALIDATION_FAILED", 400, "Name columns that may be NULL or are texts, and are not part of a key.",
	   "{field} names a column that can't be emptied",
	   "{field} er en kolonne som ikke kan tømmes",
	   "{field} är en kolumn som inte kan tömmas",
	   "{field} er en kolonne, der ikke kan tømmes")
REASON(NOT_QUEUED, "ERASURE_NOT_QUEUED", 409, "Look at its state in erasure_list.",
	   "This erasure is not waiting any more",
	   "Denne slettingen venter ikke lenger",
	   "Den här raderingen väntar inte längre",
	   "Denne sletning venter ikke længere")
REASON(NO_PRINTER, "NO_PRINTER", 409, "Name one as printerUid, or set defaultPrinterUid of the tenant or of your store.",
	   "There is no printer to print on",
	   "Det finnes ingen skriver å skrive ut på",
	   "Det finns ingen skrivare att skriva ut på",
	   "Der er ingen printer at udskrive på")
REASON(NO_CARD, "CARD_NOT_POSSIBLE", 409, "Give the customer a loyaltyId of up to {detail} letters, digits, - and _.",
	   "No barcode can be made of the customer's loyaltyId or UID",
	   "Det går ikke å lage en strekkode av kundens loyaltyId eller UID",
	   "Det går inte att göra en streckkod av kundens loyaltyId eller UID",
	   "Der kan ikke laves en stregkode af kundens loyaltyId eller UID")
REASON(NO_BARCODES, "BARCODES_NOT_AVAILABLE", 501, "Install libzint-dev where it is built, and build it again.",
	   "This server was built without the library that draws barcodes",
	   "Denne serveren er bygget uten biblioteket som tegner strekkoder",
	   "Den här servern är byggd utan biblioteket som ritar streckkoder",
	   "Denne server er bygget uden det bibliotek, der tegner stregkoder")
REASON(NOT_CLAIMED, "PRINT_JOB_NOT_CLAIMED", 409, "Claim it with print_job_claim.",
	   "This claim of the print job does not hold any more",
	   "Denne reservasjonen av utskriftsjobben gjelder ikke lenger",
	   "Den här reservationen av utskriftsjobbet gäller inte längre",
	   "Denne reservation af udskriftsjobbet gælder ikke længere")
REASON(CONFLICT, "CONFLICT", 409, "Read what is there now and try again.",
	   "A rule of the database forbids this change",
	   "En regel i databasen hindrer denne endringen",
	   "En regel i databasen hindrar denna ändring",
	   "En regel i databasen forhindrer denne ændring")

/* Outside directories */
REASON(NOT_RELATION, "VALIDATION_FAILED", 400, "Give a table, a view, a materialized view or a foreign table that is not temporary.",
	   "{field} is not a relation that can be searched",
	   "{field} er ikke en relasjon som kan søkes i",
	   "{field} är inte en relation som går att söka i",
	   "{field} er ikke en relation, der kan søges i")
REASON(FOREIGN_VIEW, "VALIDATION_FAILED", 400, "Register it as {detail}, or make a view of your own.",
	   "{field} is a relation whose owner could run functions with your rights",
	   "{field} er en relasjon der eieren kunne kjøre funksjoner med dine rettigheter",
	   "{field} är en relation vars ägare kunde köra funktioner med dina rättigheter",
	   "{field} er en relation, hvis ejer kunne køre funktioner med dine rettigheder")
REASON(NOT_MAPPABLE, "VALIDATION_FAILED", 400, "Accepted are: {detail}.",
	   "{field} is not a field of an external customer",
	   "{field} er ikke et felt hos en ekstern kunde",
	   "{field} är inte ett fält hos en extern kund",
	   "{field} er ikke et felt hos en ekstern kunde")
REASON(NOT_COLUMN_OR_VALUE, "VALIDATION_FAILED", 400, "Give the name of a column, or an object with the member value for what is the same in all rows.",
	   "{field} must be a column or a value",
	   "{field} må være en kolonne eller en verdi",
	   "{field} måste vara en kolumn eller ett värde",
	   "{field} skal være en kolonne eller en værdi")
REASON(NOT_COLUMN, "VALIDATION_FAILED", 400, "Accepted are: {detail}.",
	   "{field} does not name a column of the relation",
	   "{field} er ikke navnet på en kolonne i relasjonen",
	   "{field} är inte namnet på en kolumn i relationen",
	   "{field} er ikke navnet på en kolonne i relationen")
REASON(COLUMN_TYPE, "VALIDATION_FAILED", 400, "Accepted are {detail}.",
	   "{field} names a column whose type does not do",
	   "{field} er en kolonne med en type som ikke kan brukes",
	   "{field} är en kolumn med en typ som inte går att använda",
	   "{field} er en kolonne med en type, der ikke kan bruges")
REASON(NOTHING_SEARCHED, "VALIDATION_FAILED", 400, "Map at least one of: {detail}.",
	   "{field} maps no field that is searched",
	   "{field} har ingen felt som det søkes i",
	   "{field} har inga fält som det söks i",
	   "{field} har ingen felter, der søges i")
REASON(SOURCE_FAILED, "EXTERNAL_SOURCE_FAILED", 502, "Let an administrator look at the relation, its server and the rights of the role that registered it.",
	   "The external source {detail} could not be read",
	   "Den eksterne kilden {detail} kunne ikke leses",
	   "Den externa källan {detail} gick inte att läsa",
	   "Den eksterne kilde {detail} kunne ikke læses")

/* Calls as such */
REASON(FORBIDDEN, "FORBIDDEN", 403, "Ask an administrator for access.",
	   "You may not do this",
	   "Du har ikke tilgang til dette",
	   "Du får inte göra detta",
	   "Du har ikke adgang til dette")
REASON(PERMISSION_REQUIRED, "PERMISSION_REQUIRED", 403, "Ask an administrator for one of these permissions: {detail}.",
	   "You may not do this; it takes the permission {detail}",
	   "Du har ikke tilgang til dette; det krever rettigheten {detail}",
	   "Du får inte göra detta; det kräver behörigheten {detail}",
	   "Du har ikke adgang til dette; det kræver rettigheden {detail}")
REASON(UNAUTHENTICATED, "UNAUTHENTICATED", 401, "Send a token whose claims name tenantUid, permissions and sub.",
	   "It is not known who you are",
	   "Det er ikke kjent hvem du er",
	   "Det är inte känt vem du är",
	   "Det er ikke kendt, hvem du er")
REASON(BAD_CLAIMS, "UNAUTHENTICATED", 401, "The claims are an object: tenantUid a text or a list of texts, permissions a list of texts, sub a text of up to {detail} characters.",
	   "The claims are not of the form that they must have",
	   "Kravene har ikke riktig form",
	   "Anspråken har inte rätt form",
	   "Kravene har ikke den rette form")
REASON(ROLE_NOT_FOUND, "ROLE_NOT_FOUND", 404, "Give the name of a role of this server, as it stands in pg_roles.",
	   "There is no such role",
	   "Rollen finnes ikke",
	   "Rollen finns inte",
	   "Rollen findes ikke")
REASON(ROLE_IS_SUPERUSER, "ROLE_IS_SUPERUSER", 409, "Let the HTTP server log in with a role of its own that is no superuser.",
	   "A superuser may do everything, whatever claims say",
	   "En superbruker kan gjøre alt, uansett krav",
	   "En superanvändare får göra allt, oavsett anspråk",
	   "En superbruger kan gøre alt, uanset krav")
REASON(ROUTE_NOT_FOUND, "ROUTE_NOT_FOUND", 404, "Give a path such as /v2/tenants/{tenantUid}/customers.",
	   "There is nothing at this address",
	   "Det finnes ingenting på denne adressen",
	   "Det finns inget på denna adress",
	   "Der findes intet på denne adresse")
REASON(METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", 405, "Accepted are: {detail}.",
	   "This address does not take this method",
	   "Denne adressen tar ikke imot denne metoden",
	   "Denna adress tar inte emot denna metod",
	   "Denne adresse tager ikke imod denne metode")
REASON(UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", 415, "Send application/json in UTF-8.",
	   "The body has to be JSON",
	   "Forespørselen må være JSON",
	   "Begäran måste vara JSON",
	   "Forespørgslen skal være JSON")
REASON(BAD_TARGET, "BAD_TARGET", 400, "Give UTF-8, with %XX for what a URL cannot hold.",
	   "The address is not a valid URL",
	   "Adressen er ikke en gyldig URL",
	   "Adressen är inte en giltig URL",
	   "Adressen er ikke en gyldig URL")
REASON(ACCESS_NOT_RECORDED, "ACCESS_NOT_RECORDED", 409, "Read in a transaction that may write, on the primary server.",
	   "The tenant records who reads its customers, and this transaction can't write",
	   "Tenanten registrerer hvem som leser kundene, og denne transaksjonen kan ikke skrive",
	   "Tenanten registrerar vem som läser kunderna, och den här transaktionen kan inte skriva",
	   "Tenanten registrerer, hvem der læser kunderne, og denne transaktion kan ikke skrive")
REASON(NOT_POSITION, "VALIDATION_FAILED", 400, "Give the lastPosition of an earlier answer, or nothing to begin at the oldest change.",
	   "{field} is not a position in the feed",
	   "{field} er ikke en plass i endringsstrømmen",
	   "{field} är inte en plats i ändringsflödet",
	   "{field} er ikke en plads i ændringsstrømmen")
REASON(FEED_REPLICATED, "FEED_REPLICATED", 409, "Read it where the changes are made, or drop the subscription first.",
	   "This server gets the changes from another one, in an order in which some could be missed",
	   "Denne serveren får endringene fra en annen, i en rekkefølge der noen kan bli borte",
	   "Den här servern får ändringarna från en annan, i en ordning där några kan missas",
	   "Denne server får ændringerne fra en anden, i en rækkefølge hvor nogle kan blive overset")
REASON(TRY_AGAIN, "TRY_AGAIN", 503, "Send the same request again.",
	   "Another change got in the way",
	   "En annen endring kom i veien",
	   "En annan ändring kom i vägen",
	   "En anden ændring kom i vejen")
REASON(READ_ONLY, "READ_ONLY", 503, "Send what writes to the primary server.",
	   "This server only answers what reads",
	   "Denne serveren svarer bare på lesing",
	   "Denna server svarar bara på läsning",
	   "Denne server svarer kun på læsning")
REASON(INTERNAL_ERROR, "INTERNAL_ERROR", 500, "Report the log id.",
	   "Something went wrong here",
	   "Noe gikk galt hos oss",
	   "Något gick fel hos oss",
	   "Noget gik galt hos os")
