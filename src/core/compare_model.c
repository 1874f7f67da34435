/*-------------------------------------------------------------------------
 *
 * compare_model.c
 *	  How likely it is that customers agree, by what they are to each other:
 *	  what is known without looking at any, and what can be learned from many
 *	  without being told which of them are the same.
 *
 * Learning is expectation and maximization: with the likelihoods so far each
 * pair is so much one customer twice and so much not, and with that the
 * likelihoods are counted again.  It starts from what is known, which counts
 * as some pairs do, so that a few customers change little of it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/compare.h"

/*
 * Is a field one that only some share who are at one place or of one company?  The
 * others they have in common as somebody who is there twice has, but for mistakes.
 */
static bool
only_some_share(CompareField field)
{
	return field == COMPARE_EMAIL || field == COMPARE_MOBILE || field == COMPARE_VAT_NUMBER;
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
		[COMPARE_VAT_NUMBER] = {{0.94, 0.04, 0.01, 0.01}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_EMAIL] = {{0.75, 0.05, 0.05, 0.15}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_MOBILE] = {{0.75, 0.05, 0.02, 0.18}, {1e-7, 1e-5, 1e-5, 1}},
		[COMPARE_STREET] = {{0.68, 0.12, 0.05, 0.15}, {5e-4, 1e-3, 0.03, 0.968}},
		[COMPARE_HOUSE_NUMBER] = {{0.74, 0.05, 0.05, 0.16}, {0.02, 0.005, 0.08, 0.895}},
		[COMPARE_POSTAL_CODE] = {{0.80, 0.05, 0.01, 0.14}, {0.001, 0.01, 0.01, 0.979}},
		[COMPARE_CITY] = {{0.84, 0.04, 0.02, 0.10}, {0.03, 0.003, 0.01, 0.957}},
	};
	/* a few at one place have one telephone, or one address for e-mail */
	static const double contact_shared[] = {0.1, 0.01, 0.01, 0.88};
	/* shops of one chain can be companies of their own */
	static const double vat_number_shared[] = {0.75, 0.02, 0.01, 0.22};
	/* fewer than these say little about how common things are */
	double		others = Max(customers, 1000);

	memset(model, 0, sizeof(CompareModel));
	model->customers = Max(customers, 1);
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		for (int j = 0; j < 4; j++)
		{
			int			agreement = AGREEMENT_SAME + j;
			double		same = likelihoods[i][0][j];

			model->likelihoods[LIKELIHOOD_SAME][i][agreement] = same;
			model->likelihoods[LIKELIHOOD_RANDOM][i][agreement] = likelihoods[i][1][j];
			model->likelihoods[LIKELIHOOD_SHARED][i][agreement] =
				i == COMPARE_VAT_NUMBER ? vat_number_shared[j] :
				only_some_share(i) ? contact_shared[j] : same;
		}
	}
	/* a few thousand customers live in a few places */
	model->likelihoods[LIKELIHOOD_RANDOM][COMPARE_POSTAL_CODE][AGREEMENT_SAME] =
		Max(0.001, 10 / others);
	/* everybody lives with one other who is a customer too, one company in five has two sites */
	model->shares[RELATION_SAME] = 0.3 / others;
	model->shares[RELATION_NONE] = 1;
	model->shares[RELATION_TOGETHER] = 1 / others;
	model->shares[RELATION_SITES] = 0.2 / others;
}

/* What is known counts as much as so many pairs of one kind, */
#define PRIOR_PAIRS 20
#define PRIOR_RANDOM_PAIRS 1000
/* and as many pairs as have so many of a relation among them. */
#define PRIOR_RELATED 10

/* Nobody has more others to whom he is something than this, on average. */
#define MOST_RELATED 3

/* One customer twice can differ in anything at least so often. */
#define LEAST_DIFFERENT 0.1

/* Nothing is less likely. */
#define LEAST_LIKELIHOOD 1e-8

#define MAX_ITERATIONS 40
#define CONVERGED 1e-4

/* How often relations and agreements were met, in pairs. */
typedef struct Counts
{
	double		relations[RELATIONS];
	double		agreements[LIKELIHOODS][COMPARE_FIELDS][AGREEMENTS];
	double		related;		/* of pairs at random, those that seem to be something
								 * to each other */
} Counts;

/* How probable each relation is for two who are alike in a way. */
static void
relation_shares(const CompareModel *model, const Likeness *likeness, double *shares)
{
	Evidence	evidence;
	double		logs[RELATIONS];
	double		all;

	likeness_evidence(model, likeness, &evidence);
	evidence_relations(model, &evidence, logs);
	all = log_sum(logs, RELATIONS);
	for (int i = 0; i < RELATIONS; i++)
		shares[i] = exp(logs[i] - all);
}

/*
 * Counts pairs at random: they tell what chance does.  "belief" is how far it is
 * believed of those that seem to be something to each other.
 */
static void
count_random(Counts *counts, const CompareModel *model, const CompareSample *sample,
			 double belief)
{
	for (int n = 0; n < sample->count; n++)
	{
		const Likeness *likeness = &sample->likenesses[n];
		double		shares[RELATIONS];
		double		related;

		CHECK_FOR_INTERRUPTS();
		relation_shares(model, likeness, shares);
		related = 1 - shares[RELATION_NONE];
		counts->related += related;
		for (int i = 0; i < COMPARE_FIELDS; i++)
			counts->agreements[LIKELIHOOD_RANDOM][i][likeness->agreements[i]] += 1 - belief * related;
	}
}

/*
 * Counts pairs that are alike in something as what they probably are: they tell
 * what being the same and sharing something does.
 */
static void
count_alike(Counts *counts, const CompareModel *model, const CompareSample *sample)
{
	for (int n = 0; n < sample->count; n++)
	{
		const Likeness *likeness = &sample->likenesses[n];
		double		shares[RELATIONS];

		CHECK_FOR_INTERRUPTS();
		relation_shares(model, likeness, shares);
		for (int i = 0; i < RELATIONS; i++)
		{
			double		pairs = shares[i] * sample->weight;

			if (i == RELATION_NONE)
				continue;
			counts->relations[i] += pairs;
			for (int j = 0; j < COMPARE_FIELDS; j++)
			{
				if (i == RELATION_SAME)
					counts->agreements[LIKELIHOOD_SAME][j][likeness->agreements[j]] += pairs;
				else if (only_some_share(j))
					counts->agreements[LIKELIHOOD_SHARED][j][likeness->agreements[j]] += pairs;
			}
		}
	}
}

/* Sets how likely a field's agreements are, so that together they are certain. */
static double
set_likelihoods(double *likelihoods, const double *counts, const double *known, double prior)
{
	double		values[AGREEMENTS] = {0};
	double		sum = 0;
	double		change = 0;

	for (int i = AGREEMENT_SAME; i < AGREEMENTS; i++)
	{
		values[i] = counts[i] + prior * known[i];
		sum += values[i];
	}
	for (int i = AGREEMENT_SAME; i < AGREEMENTS; i++)
	{
		double		value = Max(values[i] / sum, LEAST_LIKELIHOOD);

		change = Max(change, fabs(value - likelihoods[i]));
		likelihoods[i] = value;
	}
	return change;
}

/*
 * Learns a model from pairs that are alike in something, among which are nearly
 * all that are the same, and from pairs at random.  "pairs" is how many there
 * are in all.  model->customers has to be set.
 */
void
compare_model_estimate(CompareModel *model, double pairs,
					   const CompareSample *alike, const CompareSample *random)
{
	CompareModel known;
	double		belief = 0;

	compare_model_default(&known, model->customers);
	*model = known;
	for (int n = 0; n < MAX_ITERATIONS; n++)
	{
		Counts		counts = {0};
		double		change = 0;

		count_alike(&counts, model, alike);
		count_random(&counts, model, random, belief);
		/* what too many seem to be, they are by chance */
		belief = Min(1, MOST_RELATED * model->customers / Max(pairs, 1) * random->count /
					 Max(counts.related, 1e-9));
		for (int i = 0; i < COMPARE_FIELDS; i++)
		{
			double	   *same = model->likelihoods[LIKELIHOOD_SAME][i];

			change = Max(change, set_likelihoods(same, counts.agreements[LIKELIHOOD_SAME][i],
												 known.likelihoods[LIKELIHOOD_SAME][i], PRIOR_PAIRS));
			/* but two numbers of one company are a mistake */
			if (i != COMPARE_VAT_NUMBER)
				same[AGREEMENT_DIFFERENT] = Max(same[AGREEMENT_DIFFERENT], LEAST_DIFFERENT);
			change = Max(change, set_likelihoods(model->likelihoods[LIKELIHOOD_RANDOM][i],
												 counts.agreements[LIKELIHOOD_RANDOM][i],
												 known.likelihoods[LIKELIHOOD_RANDOM][i],
												 PRIOR_RANDOM_PAIRS));
			if (only_some_share(i))
				(void) set_likelihoods(model->likelihoods[LIKELIHOOD_SHARED][i],
									   counts.agreements[LIKELIHOOD_SHARED][i],
									   known.likelihoods[LIKELIHOOD_SHARED][i], PRIOR_PAIRS);
			else
				memcpy(model->likelihoods[LIKELIHOOD_SHARED][i], same, AGREEMENTS * sizeof(double));
		}
		for (int i = 0; i < RELATIONS; i++)
		{
			if (i != RELATION_NONE)
				model->shares[i] = (counts.relations[i] + PRIOR_RELATED) /
					(pairs + PRIOR_RELATED / known.shares[i]);
		}
		if (change < CONVERGED)
			break;
	}
}
