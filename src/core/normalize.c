/*-------------------------------------------------------------------------
 *
 * normalize.c
 *	  Checks and normal spellings of e-mail addresses, telephone numbers,
 *	  country codes, postal codes, VAT and ledger numbers, and UIDs.
 *
 * Everything here depends on its arguments only, so that SQL may use it in
 * checks, generated columns and indexes.  It knows nothing of fields.
 *
 *-------------------------------------------------------------------------
 */
#include "core/normalize.h"

SQL_FUNCTION(flowcustomer_is_uid);
SQL_FUNCTION(flowcustomer_normalize_mobile);
SQL_FUNCTION(flowcustomer_normalize_email);
SQL_FUNCTION(flowcustomer_normalize_country);
SQL_FUNCTION(flowcustomer_normalize_postal_code);
SQL_FUNCTION(flowcustomer_normalize_vat_number);
SQL_FUNCTION(flowcustomer_normalize_ledger_number);
SQL_FUNCTION(flowcustomer_display_name);

/* ISO 3166-1 alpha-2, sorted. */
static const char countries[] =
"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ"
"CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFR"
"GAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP"
"KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMT"
"MUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURW"
"SASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ"
"UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/*
 * Postal codes by country: N is a digit, A a letter, anything else stands for
 * itself and may be left out.  A country may have more than one form.
 */
static const struct
{
	char		country[3];
	const char *form;
}			postal_forms[] = {
	{"AT", "NNNN"}, {"AU", "NNNN"}, {"BE", "NNNN"}, {"CA", "ANA NAN"},
	{"CH", "NNNN"}, {"CZ", "NNN NN"}, {"DE", "NNNNN"}, {"DK", "NNNN"},
	{"EE", "NNNNN"}, {"ES", "NNNNN"}, {"FI", "NNNNN"}, {"FO", "NNN"},
	{"FR", "NNNNN"},
	{"GB", "AN NAA"}, {"GB", "ANN NAA"}, {"GB", "AAN NAA"},
	{"GB", "AANN NAA"}, {"GB", "ANA NAA"}, {"GB", "AANA NAA"},
	{"GL", "NNNN"}, {"IS", "NNN"}, {"IT", "NNNNN"}, {"LT", "NNNNN"},
	{"LU", "NNNN"}, {"LV", "NNNN"}, {"NL", "NNNN AA"}, {"NO", "NNNN"},
	{"PL", "NN-NNN"}, {"PT", "NNNN-NNN"}, {"SE", "NNN NN"},
	{"SJ", "NNNN"}, {"US", "NNNNN"}, {"US", "NNNNN-NNNN"}
};

/* VAT numbers by prefix: how many digits follow, what else may follow. */
static const struct
{
	char		country[3];
	int			digits;
	const char *suffix;
}			vat_forms[] = {
	{"NO", 9, "MVA"}, {"SE", 12, ""}, {"DK", 8, ""}, {"FI", 8, ""}
};

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline char
to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static inline bool
is_separator(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '\t';
}

static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
trim(const char **text, int *length)
{
	while (*length > 0 && is_space((*text)[0]))
		(*text)++, (*length)--;
	while (*length > 0 && is_space((*text)[*length - 1]))
		(*length)--;
}

/* Tells whether a text has the form of a UID. */
bool
is_uid(const char *text, int length)
{
	if (length < 1 || length > UID_MAX_LENGTH)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '-' &&
			text[i] != '_')
			return false;
	}
	return true;
}

static bool
normalize_mobile(const char *text, int length, char *out, int *out_length)
{
	int			n = 0;
	int			digits = 0;

	if (length > 64)
		return false;
	for (int i = 0; i < length; i++)
	{
		char		c = text[i];

		if (is_digit(c))
		{
			out[n++] = c;
			digits++;
		}
		else if (c == '+' && n == 0)
			out[n++] = c;
		else if (!is_separator(c) && c != '(' && c != ')')
			return false;
	}
	if (n > 2 && out[0] == '0' && out[1] == '0')
	{
		out[0] = '+';
		memmove(out + 1, out + 2, n - 2);
		n--;
		digits -= 2;
	}
	*out_length = n;
	return digits >= 3 && digits <= 20;
}

/*
 * One address of the everyday kind: no comments, no quoted local part, no
 * address literal.  Letters beyond ASCII are allowed on both sides.
 */
static bool
normalize_email(const char *text, int length, char *out, int *out_length)
{
	const char *at;
	int			label = 0;
	int			dots = 0;

	trim(&text, &length);
	if (length > 254 * 4 || (at = memchr(text, '@', length)) == NULL)
		return false;
	if (at == text || at - text > 64 * 4 || at[-1] == '.' || text[0] == '.')
		return false;
	for (const char *p = text; p < at; p++)
	{
		if (!IS_HIGHBIT_SET(*p) && !is_letter(*p) && !is_digit(*p) &&
			(*p == '\0' || strchr("!#$%&'*+-/=?^_`{|}~.", *p) == NULL))
			return false;
		if (*p == '.' && p[1] == '.')
			return false;
	}
	memcpy(out, text, at - text + 1);
	for (const char *p = at + 1; p < text + length; p++)
	{
		char		c = *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p;

		if (c == '.')
		{
			if (label == 0 || p[-1] == '-')
				return false;
			label = 0;
			dots++;
		}
		else if (is_letter(c) || is_digit(c) || IS_HIGHBIT_SET(c) ||
				 (c == '-' && label > 0))
			label++;
		else
			return false;
		out[p - text] = c;
	}
	*out_length = length;
	return dots > 0 && label > 1 && text[length - 1] != '-';
}

static bool
normalize_country(const char *text, int length, char *out, int *out_length)
{
	trim(&text, &length);
	if (length != 2)
		return false;
	out[0] = to_upper(text[0]);
	out[1] = to_upper(text[1]);
	*out_length = 2;
	for (const char *p = countries; *p; p += 2)
	{
		if (p[0] == out[0] && p[1] == out[1])
			return true;
	}
	return false;
}

static bool
match_postal_form(const char *form, const char *code, int length, char *out,
				  int *out_length)
{
	int			n = 0;
	int			i = 0;

	for (; *form; form++)
	{
		if (*form != 'N' && *form != 'A')
		{
			out[n++] = *form;
			continue;
		}
		if (i >= length ||
			(*form == 'N' ? !is_digit(code[i]) : !is_letter(code[i])))
			return false;
		out[n++] = code[i++];
	}
	*out_length = n;
	return i == length;
}

static bool
normalize_postal_code(const char *text, int length, const char *country_code,
					  char *out, int *out_length)
{
	char		code[32];
	int			n = 0;
	int			prefix = 0;
	bool		known = false;

	trim(&text, &length);
	if (length < 1 || length > 16)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (!is_separator(text[i]))
			code[n++] = to_upper(text[i]);
	}
	/* the country's own letters before the digits, for example N-0150 */
	if (n > 2 && memcmp(code, country_code, 2) == 0 && is_digit(code[2]))
		prefix = 2;
	else if (n > 1 && code[0] == country_code[0] && is_digit(code[1]) &&
			 length > 1 && text[1] == '-')
		prefix = 1;
	for (int i = 0; i < (int) lengthof(postal_forms); i++)
	{
		if (memcmp(postal_forms[i].country, country_code, 2) != 0)
			continue;
		known = true;
		if (match_postal_form(postal_forms[i].form, code, n, out, out_length) ||
			(prefix > 0 &&
			 match_postal_form(postal_forms[i].form, code + prefix, n - prefix,
							   out, out_length)))
			return true;
	}
	if (known)
		return false;
	memcpy(out, text, length);
	*out_length = length;
	return true;
}

static bool
normalize_vat_number(const char *text, int length, char *out, int *out_length)
{
	int			n = 0;
	int			digits = 0;

	trim(&text, &length);
	if (length > 40)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (is_separator(text[i]))
			continue;
		if (!is_digit(text[i]) && !is_letter(text[i]))
			return false;
		digits += is_digit(text[i]);
		out[n++] = to_upper(text[i]);
	}
	*out_length = n;
	if (n < 4 || n > 20 || digits < 2)
		return false;
	for (int i = 0; i < (int) lengthof(vat_forms); i++)
	{
		int			end = 2 + vat_forms[i].digits;
		int			suffix = strlen(vat_forms[i].suffix);

		if (memcmp(out, vat_forms[i].country, 2) != 0)
			continue;
		if (n < end)
			return false;
		for (int j = 2; j < end; j++)
		{
			if (!is_digit(out[j]))
				return false;
		}
		return n == end ||
			(n == end + suffix && memcmp(out + end, vat_forms[i].suffix, suffix) == 0);
	}
	return true;
}

static bool
normalize_ledger_number(const char *text, int length, char *out, int *out_length)
{
	trim(&text, &length);
	if (length < 1 || length > 50)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (!is_digit(text[i]))
			return false;
	}
	memcpy(out, text, length);
	*out_length = length;
	return true;
}

/*
 * Brings a text to its form's normal spelling.  out must have room for
 * length + NORMALIZE_GROWTH bytes.  country_code is needed for postal codes
 * only, and is of two letters.  False when the text has not the form.
 */
bool
normalize(Form form, const char *text, int length, const char *country_code,
		  char *out, int *out_length)
{
	switch (form)
	{
		case FORM_EMAIL:
			return normalize_email(text, length, out, out_length);
		case FORM_MOBILE:
			return normalize_mobile(text, length, out, out_length);
		case FORM_COUNTRY:
			return normalize_country(text, length, out, out_length);
		case FORM_POSTAL_CODE:
			return normalize_postal_code(text, length, country_code, out, out_length);
		case FORM_VAT_NUMBER:
			return normalize_vat_number(text, length, out, out_length);
		case FORM_LEDGER_NUMBER:
			return normalize_ledger_number(text, length, out, out_length);
		case FORM_ANY:
			break;
	}
	memcpy(out, text, length);
	*out_length = length;
	return true;
}

/*
 * Makes a new UID: a version 7 UUID as text, palloc'd.  Those made by one
 * backend are in the order of their making, by a counter behind the
 * millisecond.
 */
char *
uid_generate(void)
{
	static uint64 last_stamp = 0;
	uint8		bytes[16];
	uint64		stamp;
	char	   *uid = palloc(37);
	char	   *p = uid;

	if (!pg_strong_random(bytes, sizeof(bytes)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));

	/* 48 bits of milliseconds and 12 bits of their fraction */
	stamp = (uint64) (GetCurrentTimestamp() +
					  (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY);
	stamp = (stamp / 1000) << 12 | (stamp % 1000) * 4096 / 1000;
	if (stamp <= last_stamp)
		stamp = last_stamp + 1;
	last_stamp = stamp;

	for (int i = 0; i < 6; i++)
		bytes[i] = stamp >> (52 - 8 * i) & 0xff;
	bytes[6] = 0x70 | (stamp >> 8 & 0x0f);
	bytes[7] = stamp & 0xff;
	bytes[8] = 0x80 | (bytes[8] & 0x3f);
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = "0123456789abcdef"[bytes[i] >> 4];
		*p++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*p = '\0';
	return uid;
}

/* SQL-callable: is_uid(text) */
Datum
flowcustomer_is_uid(PG_FUNCTION_ARGS)
{
	text	   *value = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(is_uid(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

static Datum
normalize_argument(FunctionCallInfo fcinfo, Form form, const char *country_code)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	int			length = VARSIZE_ANY_EXHDR(value);
	text	   *result = palloc(VARHDRSZ + length + NORMALIZE_GROWTH);
	int			result_length;

	if (!normalize(form, VARDATA_ANY(value), length, country_code,
				   VARDATA(result), &result_length))
		PG_RETURN_NULL();
	SET_VARSIZE(result, VARHDRSZ + result_length);
	PG_RETURN_TEXT_P(result);
}

/* SQL-callable: normalize_mobile(text) */
Datum
flowcustomer_normalize_mobile(PG_FUNCTION_ARGS)
{
	return normalize_argument(fcinfo, FORM_MOBILE, NULL);
}

/* SQL-callable: normalize_email(text) */
Datum
flowcustomer_normalize_email(PG_FUNCTION_ARGS)
{
	return normalize_argument(fcinfo, FORM_EMAIL, NULL);
}

/* SQL-callable: normalize_country(text) */
Datum
flowcustomer_normalize_country(PG_FUNCTION_ARGS)
{
	return normalize_argument(fcinfo, FORM_COUNTRY, NULL);
}

/* SQL-callable: normalize_postal_code(text, text) */
Datum
flowcustomer_normalize_postal_code(PG_FUNCTION_ARGS)
{
	text	   *country = PG_GETARG_TEXT_PP(1);
	char		code[2 + NORMALIZE_GROWTH];
	int			code_length;

	if (!normalize(FORM_COUNTRY, VARDATA_ANY(country), VARSIZE_ANY_EXHDR(country),
				   NULL, code, &code_length))
		PG_RETURN_NULL();
	return normalize_argument(fcinfo, FORM_POSTAL_CODE, code);
}

/* SQL-callable: normalize_vat_number(text) */
Datum
flowcustomer_normalize_vat_number(PG_FUNCTION_ARGS)
{
	return normalize_argument(fcinfo, FORM_VAT_NUMBER, NULL);
}

/* SQL-callable: normalize_ledger_number(text) */
Datum
flowcustomer_normalize_ledger_number(PG_FUNCTION_ARGS)
{
	return normalize_argument(fcinfo, FORM_LEDGER_NUMBER, NULL);
}

/*
 * What somebody is called: a company by its name, people by theirs, else by what
 * there is.  The parts are texts: type, company, first and last name, e-mail,
 * phone, uid.  Gives a part or a new text; *isnull when all are NULL.
 */
Datum
display_name(const NullableDatum *parts, bool *isnull)
{
	enum
	{
		TYPE, COMPANY, FIRST, LAST, EMAIL, PHONE, UID
	};
	bool		company = false;

	*isnull = false;
	if (!parts[TYPE].isnull)
	{
		text	   *type = DatumGetTextPP(parts[TYPE].value);
		int			length = VARSIZE_ANY_EXHDR(type);

		company = (length == 7 && memcmp(VARDATA_ANY(type), "COMPANY", 7) == 0) ||
			(length == 3 && memcmp(VARDATA_ANY(type), "B2B", 3) == 0);
	}
	if (company && !parts[COMPANY].isnull)
		return parts[COMPANY].value;
	if (!parts[FIRST].isnull && !parts[LAST].isnull)
	{
		text	   *first = DatumGetTextPP(parts[FIRST].value);
		text	   *last = DatumGetTextPP(parts[LAST].value);
		int			n1 = VARSIZE_ANY_EXHDR(first);
		int			n2 = VARSIZE_ANY_EXHDR(last);
		text	   *result = palloc(VARHDRSZ + n1 + 1 + n2);

		memcpy(VARDATA(result), VARDATA_ANY(first), n1);
		VARDATA(result)[n1] = ' ';
		memcpy(VARDATA(result) + n1 + 1, VARDATA_ANY(last), n2);
		SET_VARSIZE(result, VARHDRSZ + n1 + 1 + n2);
		return PointerGetDatum(result);
	}
	for (int i = FIRST; i <= UID; i++)
	{
		if (!parts[i].isnull)
			return parts[i].value;
	}
	*isnull = true;
	return (Datum) 0;
}

/* SQL-callable: display_name(type, company, first, last, email, phone, uid) */
Datum
flowcustomer_display_name(PG_FUNCTION_ARGS)
{
	Datum		result = display_name(fcinfo->args, &fcinfo->isnull);

	return result;
}
