/*-------------------------------------------------------------------------
 *
 * compare.c
 *	  Are two customers the same one?  The theory is that of Fellegi and
 *	  Sunter: each field agrees in some way, each way is so many times as likely
 *	  for a customer who is there twice as for two who are not, and the
 *	  logarithms of these ratios add up.
 *
 * Two who are not the same can have a lot in common: people who live together
 * share surname and address, sometimes the telephone and the e-mail; the sites of
 * a company share its name and VAT number.  However much of that agrees, it
 * can't prove more than that.  So there are three ways of not being the same,
 * and what is likely in any of them says little.  Nothing here touches a table.
 *
 *-------------------------------------------------------------------------
 */
#include "core/compare.h"
#include "core/similarity.h"
#include "core/words.h"

/* What fields and agreements are called, for people. */
const char *const compare_field_names[COMPARE_FIELDS] = {
	[COMPARE_FIRSTNAME] = "firstname",
	[COMPARE_LASTNAME] = "lastname",
	[COMPARE_COMPANY_NAME] = "companyName",
	[COMPARE_VAT_NUMBER] = "vatNumber",
	[COMPARE_EMAIL] = "email",
	[COMPARE_MOBILE] = "mobile",
	[COMPARE_STREET] = "street",
	[COMPARE_HOUSE_NUMBER] = "houseNumber",
	[COMPARE_POSTAL_CODE] = "postalCode",
	[COMPARE_CITY] = "city",
};

const char *const agreement_names[AGREEMENTS] = {
	[AGREEMENT_UNKNOWN] = "unknown",
	[AGREEMENT_SAME] = "same",
	[AGREEMENT_ALIKE] = "alike",
	[AGREEMENT_SIMILAR] = "similar",
	[AGREEMENT_DIFFERENT] = "different",
};

/* ---------------------------------------------------------------------
 * Agreement
 * --------------------------------------------------------------------- */

static int
count_words(const Span *text)
{
	Span		rest = *text;
	Span		word;
	int			n = 0;

	while (next_word(&rest, &word))
		n++;
	return n;
}

/* Does a word of a text begin with a letter that is all of another word? */
static bool
is_initial(const Span *word, const Span *text)
{
	Span		rest = *text;
	Span		other;

	while (next_word(&rest, &other))
	{
		const Span *initial = word->length < other.length ? word : &other;

		if (pg_mblen(initial->data) == initial->length &&
			memcmp(word->data, other.data, initial->length) == 0)
			return true;
	}
	return false;
}

/* Names that people have: all words of the shorter one count. */
static Agreement
compare_names(const Span *a, const Span *b)
{
	int			difference = count_words(a) - count_words(b);
	bool		first = difference < 0 || (difference == 0 && text_order(a, b) < 0);
	const Span *shorter = first ? a : b;
	const Span *longer = first ? b : a;
	double		least = 1;
	bool		initials = true;
	Span		rest = *shorter;
	Span		word;
	double		whole;

	if (same_text(a, b))
		return AGREEMENT_SAME;
	while (next_word(&rest, &word))
	{
		double		similarity = best_similarity(&word, longer, 0);

		least = Min(least, similarity);
		initials &= similarity >= 0.92 || is_initial(&word, longer);
	}
	whole = word_similarity(a, b);
	if (least >= 0.92 || whole >= 0.92 || (Min(a->length, b->length) >= 4 && one_slip(a, b)))
		return AGREEMENT_ALIKE;
	if (least >= 0.84 || whole >= 0.84 || initials)
		return AGREEMENT_SIMILAR;
	return AGREEMENT_DIFFERENT;
}

/* Are two texts the same, whatever spaces there are in them? */
static bool
same_letters(const Span *a, const Span *b)
{
	const char *p = a->data;
	const char *q = b->data;

	for (;;)
	{
		while (p < a->data + a->length && *p == ' ')
			p++;
		while (q < b->data + b->length && *q == ' ')
			q++;
		if (p == a->data + a->length || q == b->data + b->length)
			return p == a->data + a->length && q == b->data + b->length;
		if (*p++ != *q++)
			return false;
	}
}

static Agreement
compare_sets(const Span *a, const Span *b)
{
	double		similarity;

	if (same_letters(a, b))
		return AGREEMENT_SAME;
	similarity = set_similarity(a, b);
	if (similarity >= 0.88)
		return AGREEMENT_ALIKE;
	return similarity >= 0.6 ? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

/* 12 and 12 B may be one house; so may 3 and 3 12, a flat in it. */
static Agreement
compare_numbers(const Span *a, const Span *b)
{
	Span		rest = *a;
	Span		word;

	if (same_text(a, b))
		return AGREEMENT_SAME;
	while (next_word(&rest, &word))
	{
		Span		others = *b;
		Span		other;

		while (next_word(&others, &other))
		{
			int			digits = strspn(word.data, "0123456789");

			digits = Min(digits, Min(word.length, other.length));
			if (digits > 0 && memcmp(word.data, other.data, digits) == 0 &&
				(digits == word.length || (unsigned char) word.data[digits] > '9') &&
				(digits == other.length || (unsigned char) other.data[digits] > '9'))
				return AGREEMENT_ALIKE;
		}
	}
	return Min(a->length, b->length) > 1 && one_slip(a, b)
		? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

static Agreement
compare_codes(const Span *a, const Span *b)
{
	if (same_text(a, b))
		return AGREEMENT_SAME;
	return Min(a->length, b->length) >= 4 && one_slip(a, b)
		? AGREEMENT_ALIKE : AGREEMENT_DIFFERENT;
}

/* The number, then the country's code if it is known. */
static Agreement
compare_telephones(const Span *a, const Span *b)
{
	Span		rest[2] = {*a, *b};
	Span		numbers[2];
	Span		codes[2];

	for (int i = 0; i < 2; i++)
	{
		(void) next_word(&rest[i], &numbers[i]);
		(void) next_word(&rest[i], &codes[i]);
	}
	if (codes[0].length > 0 && codes[1].length > 0 && !same_text(&codes[0], &codes[1]))
		return AGREEMENT_DIFFERENT;
	return compare_codes(&numbers[0], &numbers[1]);
}

/* In Sweden 01 behind the number of an organization makes it one for VAT. */
static Agreement
compare_vat_numbers(const Span *a, const Span *b)
{
	Span		longer = a->length > b->length ? *a : *b;
	const Span *shorter = a->length > b->length ? b : a;

	if (shorter->length == 10 && longer.length == 12 && memcmp(longer.data + 10, "01", 2) == 0)
		longer.length = 10;
	return compare_codes(&longer, shorter);
}

static Agreement
compare_cities(const Span *a, const Span *b)
{
	double		similarity;

	if (same_text(a, b))
		return AGREEMENT_SAME;
	similarity = word_similarity(a, b);
	if (similarity >= 0.92)
		return AGREEMENT_ALIKE;
	return similarity >= 0.82 ? AGREEMENT_SIMILAR : AGREEMENT_DIFFERENT;
}

static Agreement
compare_values(CompareField field, const Span *a, const Span *b)
{
	if (a->length == 0 || b->length == 0)
		return AGREEMENT_UNKNOWN;
	switch (field)
	{
		case COMPARE_FIRSTNAME:
		case COMPARE_LASTNAME:
			return compare_names(a, b);
		case COMPARE_COMPANY_NAME:
		case COMPARE_STREET:
			return compare_sets(a, b);
		case COMPARE_HOUSE_NUMBER:
			return compare_numbers(a, b);
		case COMPARE_MOBILE:
			return compare_telephones(a, b);
		case COMPARE_VAT_NUMBER:
			return compare_vat_numbers(a, b);
		case COMPARE_POSTAL_CODE:
			return compare_codes(a, b);
		case COMPARE_CITY:
			return compare_cities(a, b);
		case COMPARE_EMAIL:
			/* an address that is only similar belongs to somebody else */
			break;
	}
	return same_text(a, b) ? AGREEMENT_SAME : AGREEMENT_DIFFERENT;
}

/* ---------------------------------------------------------------------
 * Weights
 * --------------------------------------------------------------------- */

/* No value is rarer than that. */
#define LEAST_FREQUENCY 1e-7

/* How many of those who have the same postal code live in the same street. */
#define NEIGHBOURS 0.02

/* The logarithm of how often first and last name change places. */
#define SWAPPED_NAMES -3.5

/* How likely an agreement is for two who have nothing to do with each other. */
static double
random_likelihood(const CompareModel *model, CompareField field, Agreement agreement,
				  const CompareRecord *a, const CompareRecord *b)
{
	/* a rare name is less likely to be met twice than a common one */
	if (agreement == AGREEMENT_SAME && (a->frequency[field] > 0 || b->frequency[field] > 0))
	{
		double		frequency = Max(Max(a->frequency[field], b->frequency[field]), LEAST_FREQUENCY);

		/* but to have it can't tell against being the same */
		return Min(frequency, model->likelihoods[RELATION_SAME][field][agreement]);
	}
	return model->likelihoods[RELATION_NONE][field][agreement];
}

/*
 * First name as last name and the other way round: if that fits, it is what
 * the names agree in.
 */
static bool
try_swapped_names(const CompareRecord *a, const CompareRecord *b, Agreement *agreements)
{
	const Span *first = &a->values[COMPARE_FIRSTNAME];
	const Span *last = &a->values[COMPARE_LASTNAME];
	Agreement	one;
	Agreement	other;

	if (agreements[COMPARE_FIRSTNAME] != AGREEMENT_DIFFERENT ||
		agreements[COMPARE_LASTNAME] != AGREEMENT_DIFFERENT)
		return false;
	one = compare_names(first, &b->values[COMPARE_LASTNAME]);
	other = compare_names(last, &b->values[COMPARE_FIRSTNAME]);
	if (one > AGREEMENT_ALIKE || other > AGREEMENT_ALIKE)
		return false;
	agreements[COMPARE_FIRSTNAME] = Max(one, other);
	agreements[COMPARE_LASTNAME] = Max(one, other);
	return true;
}

/* The logarithm of a sum whose summands are given as logarithms. */
static double
log_sum(const double *logarithms, int n)
{
	double		greatest = logarithms[0];
	double		sum = 0;

	for (int i = 1; i < n; i++)
		greatest = Max(greatest, logarithms[i]);
	for (int i = 0; i < n; i++)
		sum += exp(logarithms[i] - greatest);
	return greatest + log(sum);
}

/*
 * Compares two customers.  The result is the same whichever comes first.
 */
Comparison
compare_records(const CompareModel *model, const CompareRecord *a, const CompareRecord *b)
{
	Comparison	result = {0};
	double		sums[RELATIONS];
	double		prior;
	double		odds;

	for (int i = 0; i < COMPARE_FIELDS; i++)
		result.agreements[i] = compare_values(i, &a->values[i], &b->values[i]);
	result.swapped = try_swapped_names(a, b, result.agreements);
	for (int i = 0; i < RELATIONS; i++)
		sums[i] = log(model->shares[i]);
	if (result.swapped)
		sums[RELATION_SAME] += SWAPPED_NAMES;
	prior = sums[RELATION_SAME] - log_sum(&sums[RELATION_NONE], RELATIONS - RELATION_NONE);
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		Agreement	agreement = result.agreements[i];
		double		random;

		if (agreement == AGREEMENT_UNKNOWN)
			continue;
		/* a postal code says which city it is */
		if (i == COMPARE_CITY && agreement <= AGREEMENT_ALIKE &&
			result.agreements[COMPARE_POSTAL_CODE] == AGREEMENT_SAME)
			continue;
		random = random_likelihood(model, i, agreement, a, b);
		if (i == COMPARE_STREET && agreement <= AGREEMENT_ALIKE &&
			result.agreements[COMPARE_POSTAL_CODE] == AGREEMENT_SAME)
			random = Max(random, NEIGHBOURS);
		result.weights[i] = log(model->likelihoods[RELATION_SAME][i][agreement] / random);
		result.shared -= result.weights[i];
		for (int j = 0; j < RELATIONS; j++)
			sums[j] += log(j == RELATION_NONE ? random : model->likelihoods[j][i][agreement]);
	}
	odds = sums[RELATION_SAME] - log_sum(&sums[RELATION_NONE], RELATIONS - RELATION_NONE);
	result.shared += odds - prior;
	result.probability = 1 / (1 + exp(-odds));
	return result;
}

/*
 * Makes a model for a number of customers of whom nothing else is known, in
 * which about one new customer in four is there already.
 */
void
compare_model_default(CompareModel *model, double customers)
{
	/* same, alike, similar, different: of one customer twice, and at random */
	static const double likelihoods[COMPARE_FIELDS][2][4] = {
		[COMPARE_FIRSTNAME] = {{0.82, 0.09, 0.06, 0.03}, {0.005, 0.005, 0.012, 0.978}},
		[COMPARE_LASTNAME] = {{0.84, 0.10, 0.02, 0.04}, {0.002, 0.002, 0.01, 0.986}},
		[COMPARE_COMPANY_NAME] = {{0.74, 0.14, 0.08, 0.04}, {1e-5, 1e-4, 2e-3, 0.998}},
		[COMPARE_VAT_NUMBER] = {{0.92, 0.04, 0.01, 0.03}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_EMAIL] = {{0.75, 0.05, 0.05, 0.15}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_MOBILE] = {{0.75, 0.05, 0.02, 0.18}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_STREET] = {{0.68, 0.12, 0.05, 0.15}, {5e-4, 1e-3, 0.03, 0.968}},
		[COMPARE_HOUSE_NUMBER] = {{0.74, 0.05, 0.05, 0.16}, {0.02, 0.005, 0.08, 0.895}},
		[COMPARE_POSTAL_CODE] = {{0.80, 0.05, 0.01, 0.14}, {0.001, 0.01, 0.01, 0.979}},
		[COMPARE_CITY] = {{0.84, 0.04, 0.02, 0.10}, {0.03, 0.003, 0.01, 0.957}},
	};
	/* a few at one place have one telephone, or one address for e-mail */
	static const double contact_shared[] = {0.1, 0.01, 0.01, 0.88};
	/* fewer than these say little about how common things are */
	double		others = Max(customers, 1000);

	memset(model, 0, sizeof(CompareModel));
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		bool		contact = i == COMPARE_EMAIL || i == COMPARE_MOBILE;
		bool		unit = i == COMPARE_COMPANY_NAME || i == COMPARE_VAT_NUMBER;
		bool		place = !contact && !unit && i != COMPARE_FIRSTNAME;

		for (int j = 0; j < 4; j++)
		{
			double		same = likelihoods[i][0][j];
			double		random = likelihoods[i][1][j];
			double		shared = contact ? contact_shared[j] : same;
			int			agreement = AGREEMENT_SAME + j;

			model->likelihoods[RELATION_SAME][i][agreement] = same;
			model->likelihoods[RELATION_NONE][i][agreement] = random;
			model->likelihoods[RELATION_TOGETHER][i][agreement] = place || contact ? shared : random;
			model->likelihoods[RELATION_SITES][i][agreement] = unit || contact ? shared : random;
		}
	}
	/* a few thousand customers live in a few places */
	model->likelihoods[RELATION_NONE][COMPARE_POSTAL_CODE][AGREEMENT_SAME] = Max(0.001, 10 / others);
	model->likelihoods[RELATION_SITES][COMPARE_POSTAL_CODE][AGREEMENT_SAME] = Max(0.001, 10 / others);
	/* everybody lives with one other who is a customer too, one company in five has two sites */
	model->shares[RELATION_SAME] = 0.3 / others;
	model->shares[RELATION_NONE] = 1;
	model->shares[RELATION_TOGETHER] = 1 / others;
	model->shares[RELATION_SITES] = 0.2 / others;
}
