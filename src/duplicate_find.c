/*-------------------------------------------------------------------------
 *
 * duplicate_find.c
 *	  Learns how a tenant's customers differ when they are the same, and says
 *	  of pairs how probable that is.
 *
 * Twice: what is there twice makes a value seem common, so values are counted
 * again when it is known who is probably the same.
 *
 *-------------------------------------------------------------------------
 */
#include "duplicates.h"

#include "common/pg_prng.h"

/* It is learned from so many pairs at most; more take longer and change nothing. */
#define SAMPLE_SIZE 50000
#define RANDOM_SIZE 100000

/* Who are less probably the same aren't when values are counted better either. */
#define HOPELESS 0.002

/* The pairs that are learned from. */
typedef struct Learning
{
	PairList	alike[CUSTOMER_KINDS];
	PairList	random[CUSTOMER_KINDS];
	double		weight[CUSTOMER_KINDS]; /* of each that is alike */
} Learning;

/* Picks pairs of one kind out of those that are worth comparing, evenly. */
static void
pick_alike(const Duplicates *duplicates, const PairList *pairs, Learning *learning)
{
	int64		found[CUSTOMER_KINDS] = {0};
	int64		seen[CUSTOMER_KINDS] = {0};

	CHECK_FOR_INTERRUPTS();
	for (int64 i = 0; i < pairs->count; i++)
		found[duplicates->customers[pairs->pairs[i].first].kind]++;
	for (int64 i = 0; i < pairs->count; i++)
	{
		const DuplicatePair *pair = &pairs->pairs[i];
		int			kind = duplicates->customers[pair->first].kind;
		double		step = Max((double) found[kind] / SAMPLE_SIZE, 1);

		if (seen[kind]++ >= learning->alike[kind].count * step)
			pair_list_add(&learning->alike[kind], pair->first, pair->second);
	}
	for (int i = 0; i < CUSTOMER_KINDS; i++)
		learning->weight[i] = (double) found[i] / Max(learning->alike[i].count, 1);
}

/* Picks pairs at random, always the same ones; of a few customers all. */
static void
pick_random(const Duplicates *duplicates, Learning *learning)
{
	int		   *members = MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(duplicates->count, 1) * sizeof(int));

	for (int kind = 0; kind < CUSTOMER_KINDS; kind++)
	{
		PairList   *list = &learning->random[kind];
		pg_prng_state state;
		int			count = 0;

		for (int i = 0; i < duplicates->count; i++)
		{
			if (duplicates->customers[i].kind == kind)
				members[count++] = i;
		}
		if ((int64) count * (count - 1) / 2 <= RANDOM_SIZE)
		{
			for (int i = 0; i < count; i++)
			{
				for (int j = i + 1; j < count; j++)
					pair_list_add(list, members[i], members[j]);
			}
			continue;
		}
		pg_prng_seed(&state, kind);
		while (list->count < RANDOM_SIZE)
		{
			int			a = members[pg_prng_uint64_range(&state, 0, count - 1)];
			int			b = members[pg_prng_uint64_range(&state, 0, count - 1)];

			if (a != b)
				pair_list_add(list, a, b);
		}
	}
	pfree(members);
}

static CompareSample
make_sample(const Duplicates *duplicates, const PairList *pairs, double weight)
{
	Likeness   *likenesses = MemoryContextAllocHuge(CurrentMemoryContext,
													Max(pairs->count, 1) * sizeof(Likeness));

	for (int64 i = 0; i < pairs->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		duplicate_likeness(duplicates, pairs->pairs[i].first, pairs->pairs[i].second, &likenesses[i]);
	}
	return (CompareSample) {likenesses, pairs->count, weight};
}

/* Learns the models from the pairs, with values as common as they are known to be. */
static void
learn(Duplicates *duplicates, const Learning *learning)
{
	for (int i = 0; i < CUSTOMER_KINDS; i++)
	{
		CompareModel *model = &duplicates->models[i];
		double		customers = duplicates->of_kind[i];
		CompareSample alike = make_sample(duplicates, &learning->alike[i], learning->weight[i]);
		CompareSample random = make_sample(duplicates, &learning->random[i], 1);

		compare_model_default(model, customers);
		compare_model_estimate(model, customers * (customers - 1) / 2, &alike, &random);
		pfree(unconstify(Likeness *, alike.likenesses));
		pfree(unconstify(Likeness *, random.likenesses));
	}
}

/* Compares the pairs; those that are not probable enough are dropped. */
static void
compare_all(const Duplicates *duplicates, PairList *pairs, double least)
{
	int64		n = 0;

	for (int64 i = 0; i < pairs->count; i++)
	{
		DuplicatePair *pair = &pairs->pairs[i];
		Likeness	likeness;
		Evidence	evidence;
		const CompareModel *model = &duplicates->models[duplicates->customers[pair->first].kind];

		CHECK_FOR_INTERRUPTS();
		if (!can_be_same(duplicates, pair->first, pair->second))
			continue;
		duplicate_likeness(duplicates, pair->first, pair->second, &likeness);
		likeness_evidence(model, &likeness, &evidence);
		pair->probability = odds_probability(evidence_odds(model, &evidence));
		if (pair->probability >= least)
			pairs->pairs[n++] = *pair;
	}
	pairs->count = n;
}

/*
 * Finds the pairs of customers that may be the same, and clusters those that
 * probably are.  With "learn_models" all are compared with all; else only who has
 * changed is, "known" are the pairs that were found before, and the models are
 * those given.
 */
void
duplicates_find(Duplicates *duplicates, const PairList *known, bool learn_models)
{
	Learning	learning = {0};
	PairList   *pairs = &duplicates->pairs;

	duplicates_count_values(duplicates);
	for (int64 i = 0; known != NULL && i < known->count; i++)
		pair_list_add(pairs, known->pairs[i].first, known->pairs[i].second);
	duplicates_block(duplicates, !learn_models, pairs);
	if (learn_models)
	{
		pick_alike(duplicates, pairs, &learning);
		pick_random(duplicates, &learning);
		learn(duplicates, &learning);
	}
	compare_all(duplicates, pairs, HOPELESS);
	duplicates_cluster(duplicates);
	duplicates_count_values(duplicates);
	if (learn_models)
		learn(duplicates, &learning);
	compare_all(duplicates, pairs, HOPELESS);
	duplicates_cluster(duplicates);
}
