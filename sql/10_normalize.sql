/*
 * The forms of values: what an e-mail address, a mobile number and so on
 * have to look like, as functions that SQL can call.  The tables' checks and
 * generated columns use them, so they come first.
 */
CREATE FUNCTION flowcustomer.is_uid(value text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'flowcustomer_is_uid'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.is_uid(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.is_uid(text) IS
'Tells whether a text has the form of a UID.
A UID is 1 to 255 characters of A-Z, a-z, 0-9, - and _.
value text: the text to look at.
Returns true or false; NULL for NULL.  Raises nothing.
Example: SELECT flowcustomer.is_uid(''kari-1'');';

CREATE FUNCTION flowcustomer.normalize_mobile(value text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_mobile'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_mobile(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_mobile(text) IS
'Brings a telephone number to digits with an optional leading +.
Spaces, dashes, dots, slashes and brackets are dropped, a leading 00 becomes +.
value text: the number as somebody wrote it.
Returns the number, 3 to 20 digits; NULL when it is none.  Raises nothing.
Example: SELECT flowcustomer.normalize_mobile(''0047 (912) 34-567'');';

CREATE FUNCTION flowcustomer.normalize_email(value text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_email'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_email(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_email(text) IS
'Checks that a text is one e-mail address and tidies it.
Spaces around it are dropped and the domain is written in lower case; the part before the @ keeps its case.
value text: the address as somebody wrote it.
Returns the address; NULL when it is none.  Raises nothing.
Example: SELECT flowcustomer.normalize_email('' Kari@Example.COM '');';

CREATE FUNCTION flowcustomer.normalize_country(value text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_country'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_country(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_country(text) IS
'Brings a country code to upper case and checks it against ISO 3166-1 alpha-2.
value text: the code, in any case, spaces around it allowed.
Returns the two letters; NULL when no country has them.  Raises nothing.
Example: SELECT flowcustomer.normalize_country(''no'');';

CREATE FUNCTION flowcustomer.normalize_postal_code(value text, country_code text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_postal_code'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_postal_code(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_postal_code(text, text) IS
'Brings a postal code to the form of its country.
Letters become upper case, separators are put where the country writes them, and the country''s own prefix (N-, SE-, DK-) is dropped.
value text: the code as somebody wrote it.
country_code text: ISO 3166-1 alpha-2; of a country without a known form any code of up to 16 characters is taken.
Returns the code; NULL when it does not have the country''s form.  Raises nothing.
Example: SELECT flowcustomer.normalize_postal_code(''se-11122'', ''SE'');';

CREATE FUNCTION flowcustomer.normalize_vat_number(value text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_vat_number'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_vat_number(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_vat_number(text) IS
'Brings a VAT number to capital letters and digits without separators.
A number that begins with the prefix of a country whose form is known (NO, SE, DK, FI) has to have that form; MVA may follow a Norwegian one.
value text: the number as somebody wrote it.
Returns the number, 4 to 20 letters and digits; NULL when it is none.  Raises nothing.
Example: SELECT flowcustomer.normalize_vat_number(''NO 987 654 321 mva'');';

CREATE FUNCTION flowcustomer.normalize_ledger_number(value text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_normalize_ledger_number'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.normalize_ledger_number(text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.normalize_ledger_number(text) IS
'Checks that a ledger number is digits; leading zeros stay.
value text: the number, spaces around it allowed.
Returns the digits, at most 50; NULL when it is none.  Raises nothing.
Example: SELECT flowcustomer.normalize_ledger_number(''0150042'');';

CREATE FUNCTION flowcustomer.display_name(customer_type text, company_name text,
										  firstname text, lastname text,
										  email text, phone text, uid text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_display_name'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.display_name(text, text, text, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.display_name(text, text, text, text, text, text, text) IS
'Makes the name under which a customer, contact or address is shown.
The company''s name for COMPANY and B2B, else the person''s; if there is no name at all the e-mail address, then the telephone number, then the UID.
customer_type text: COMPANY, B2B or anything else for a person.
company_name, firstname, lastname, email, phone, uid text: each may be NULL.
Returns the name; NULL only when everything is NULL.  Raises nothing.
Example: SELECT flowcustomer.display_name(''PERSON'', NULL, ''Kari'', ''Nordmann'', NULL, NULL, ''k1'');';

CREATE FUNCTION flowcustomer.search_document(firstname text, lastname text,
											 company_name text, email text,
											 mobile text, vat_number text,
											 postal_code text, city text)
RETURNS text
AS 'MODULE_PATHNAME', 'flowcustomer_search_document'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.search_document(text, text, text, text, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.search_document(text, text, text, text, text, text, text, text) IS
'Brings the searched fields to one text in which spellings that people take for the same are the same.
Case and accents go; å and aa, ø, ö and oe, æ, ä and ae become one letter; numbers lose their separators. Each word has a space before it, each field a bar behind it.
firstname, lastname, company_name, email, mobile, vat_number, postal_code, city text: each may be NULL.
Returns the text.  Raises nothing.
Example: SELECT flowcustomer.search_document(''Åse'', ''Bjørnson'', NULL, NULL, ''+4791234567'', NULL, ''0150'', ''Oslo'');';

CREATE FUNCTION flowcustomer.search_score(document text, query text)
RETURNS double precision
AS 'MODULE_PATHNAME', 'flowcustomer_search_score'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
REVOKE ALL ON FUNCTION flowcustomer.search_score(text, text) FROM PUBLIC;
COMMENT ON FUNCTION flowcustomer.search_score(text, text) IS
'Tells how well a search document fits a query.
document text: as search_document() makes it.
query text: a line for each condition: two hexadecimal digits with a bit for each field, in the order of search_document(); - for words anywhere, = for a whole field, ~ for similar words; then the folded words, each with a space before it.
Returns 0 when a condition is not met, else up to 1: a whole field before a whole word, a word''s beginning, its inside, and a similar word; names before city.  Raises nothing.
Example: SELECT flowcustomer.search_score('' kari| nordmann|||||||'', E''ff- kari nord\n'');';
