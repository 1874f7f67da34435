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
#include "core/json_writer.h"

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
 * Weights
 * --------------------------------------------------------------------- */

/* How many of those who have the same postal code live in the same street. */
#define NEIGHBOURS 0.02

/* The logarithm of how often one of two at a place is known without a first name. */
#define NAMELESS (-0.7)

/* The logarithm of how often two with one address for e-mail have one telephone. */
#define BOTH_SHARED (-0.7)

/* The logarithm of how often first and last name change places. */
#define SWAPPED_NAMES (-3.5)

/*
 * So many customers would have to be looked at to know better than the model how
 * common a value is.
 */
#define FREQUENCY_PRIOR 100

/* That nobody else has a name makes being like it by chance so much less likely. */
#define RAREST 0.1

/* What two relations share, so that agreement in it can't tell them from being the same. */
static bool
shares_field(CompareRelation relation, CompareField field)
{
	switch (field)
	{
		case COMPARE_FIRSTNAME:
			return false;
		case COMPARE_COMPANY_NAME:
		case COMPARE_VAT_NUMBER:
			return relation == RELATION_SITES;
		case COMPARE_EMAIL:
		case COMPARE_MOBILE:
			return true;
		case COMPARE_LASTNAME:
		case COMPARE_STREET:
		case COMPARE_HOUSE_NUMBER:
		case COMPARE_POSTAL_CODE:
		case COMPARE_CITY:
			break;
	}
	return relation == RELATION_TOGETHER;
}

/* How likely an agreement is for two who have nothing to do with each other. */
static double
random_likelihood(const CompareModel *model, CompareField field, const Likeness *likeness)
{
	Agreement	agreement = likeness->agreements[field];
	double		others = likeness->others[field];
	const double *same = model->likelihoods[LIKELIHOOD_SAME][field];
	const double *random = model->likelihoods[LIKELIHOOD_RANDOM][field];
	double		likelihood = random[agreement];

	if (others < 0 || likeness->swapped)
		;						/* as likely as on average */
	else if (agreement == AGREEMENT_SAME)
		likelihood = (others + FREQUENCY_PRIOR * likelihood) /
			(model->customers + FREQUENCY_PRIOR);
	else
	{
		/* a slip of the pen makes a name that nobody has; Anna and Anne are two names */
		likelihood = Max(others / model->customers, RAREST * likelihood);
		/* which says no more than being different does */
		return Min(likelihood, same[agreement] * random[AGREEMENT_DIFFERENT] / same[AGREEMENT_DIFFERENT]);
	}
	if (field == COMPARE_STREET && agreement <= AGREEMENT_ALIKE &&
		likeness->agreements[COMPARE_POSTAL_CODE] == AGREEMENT_SAME)
		likelihood = Max(likelihood, NEIGHBOURS);
	/* to be alike can't tell against being the same */
	if (agreement <= AGREEMENT_ALIKE)
		likelihood = Min(likelihood, same[agreement]);
	return likelihood;
}

/* The logarithm of a sum whose summands are given as logarithms. */
double
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

/* What a likeness says about two customers. */
void
likeness_evidence(const CompareModel *model, const Likeness *likeness, Evidence *evidence)
{
	memset(evidence, 0, sizeof(Evidence));
	evidence->count = 1;
	evidence->swapped = likeness->swapped;
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		Agreement	agreement = likeness->agreements[i];
		double		random;

		if (agreement == AGREEMENT_UNKNOWN)
		{
			/* in an address of two, who is another one has a name */
			if (i == COMPARE_FIRSTNAME)
			{
				evidence->pairs[i] = 1;
				evidence->logs[RELATION_TOGETHER][i] = NAMELESS;
			}
			continue;
		}
		/* a postal code says which city it is, and a city has many like it */
		if (i == COMPARE_CITY && agreement <= AGREEMENT_ALIKE &&
			likeness->agreements[COMPARE_POSTAL_CODE] == AGREEMENT_SAME)
			continue;
		if (i == COMPARE_POSTAL_CODE && agreement == AGREEMENT_ALIKE &&
			likeness->agreements[COMPARE_CITY] == AGREEMENT_SAME)
			continue;
		evidence->pairs[i] = 1;
		random = log(random_likelihood(model, i, likeness));
		evidence->logs[RELATION_SAME][i] = log(model->likelihoods[LIKELIHOOD_SAME][i][agreement]);
		evidence->logs[RELATION_NONE][i] = random;
		for (int j = RELATION_TOGETHER; j < RELATIONS; j++)
		{
			double		shared = log(model->likelihoods[LIKELIHOOD_SHARED][i][agreement]);

			/* who shares the one often shares the other */
			if (i == COMPARE_MOBILE && agreement == AGREEMENT_SAME &&
				likeness->agreements[COMPARE_EMAIL] == AGREEMENT_SAME)
				shared = Max(shared, BOTH_SHARED);
			evidence->logs[j][i] = shares_field(j, i) &&
				!(i == COMPARE_LASTNAME && likeness->swapped) ? shared : random;
		}
	}
}

/* Adds what other pairs say. */
void
evidence_add(Evidence *sum, const Evidence *other)
{
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		for (int j = 0; j < RELATIONS; j++)
			sum->logs[j][i] += other->logs[j][i];
		sum->pairs[i] += other->pairs[i];
	}
	sum->swapped += other->swapped;
	sum->count += other->count;
}

/*
 * The logarithms of how likely each relation is: those of the fields are
 * averaged over the pairs that know them.
 */
void
evidence_relations(const CompareModel *model, const Evidence *evidence, double *logs)
{
	for (int i = 0; i < RELATIONS; i++)
	{
		logs[i] = log(model->shares[i]);
		for (int j = 0; j < COMPARE_FIELDS; j++)
		{
			if (evidence->pairs[j] > 0)
				logs[i] += evidence->logs[i][j] / evidence->pairs[j];
		}
	}
	logs[RELATION_SAME] += SWAPPED_NAMES * evidence->swapped / evidence->count;
}

/* The odds of being the same, as a logarithm. */
double
evidence_odds(const CompareModel *model, const Evidence *evidence)
{
	double		logs[RELATIONS];

	evidence_relations(model, evidence, logs);
	return logs[RELATION_SAME] - log_sum(&logs[RELATION_NONE], RELATIONS - RELATION_NONE);
}

/* What odds, given as a logarithm, are as a probability. */
double
odds_probability(double odds)
{
	return 1 / (1 + exp(-odds));
}

/* What a likeness of two customers comes to. */
Comparison
compare_weigh(const CompareModel *model, const Likeness *likeness)
{
	Comparison	result = {.likeness = *likeness};
	Evidence	evidence;
	double		prior[RELATIONS];
	double		odds;

	likeness_evidence(model, likeness, &evidence);
	odds = evidence_odds(model, &evidence);
	for (int i = 0; i < RELATIONS; i++)
		prior[i] = log(model->shares[i]);
	result.prior = prior[RELATION_SAME] - log_sum(&prior[RELATION_NONE], RELATIONS - RELATION_NONE);
	/* what is missing between the fields' weights and the result */
	result.shared = odds - result.prior;
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		result.weights[i] = evidence.logs[RELATION_SAME][i] - evidence.logs[RELATION_NONE][i];
		result.shared -= result.weights[i];
	}
	result.probability = odds_probability(odds);
	return result;
}

/* Compares two customers. */
Comparison
compare_records(const CompareModel *model, const CompareRecord *a, const CompareRecord *b)
{
	Likeness	likeness;

	compare_likeness(a, b, &likeness);
	return compare_weigh(model, &likeness);
}

/* Appends which fields agree and what that weighs, as an array of objects. */
void
comparison_append_fields(StringInfo out, const Comparison *comparison)
{
	char		separator = '[';

	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		if (comparison->likeness.agreements[i] == AGREEMENT_UNKNOWN)
			continue;
		appendStringInfo(out, "%c{", separator);
		separator = ',';
		json_append_member(out, "field", compare_field_names[i]);
		appendStringInfoChar(out, ',');
		json_append_member(out, "agreement", agreement_names[comparison->likeness.agreements[i]]);
		appendStringInfo(out, ",\"weight\":%.3g}", comparison->weights[i]);
	}
	appendStringInfoString(out, separator == '[' ? "[]" : "]");
}
