/*-------------------------------------------------------------------------
 *
 * duplicate_cluster.c
 *	  Brings together the customers that are the same: not whoever is alike to
 *	  somebody who is alike, but groups that are alike as a whole.
 *
 * Two groups are as alike as the average over their pairs says, each field
 * taken by itself; the two that are most alike become one, as long as it is
 * more probable than not that they are the same.
 *
 *-------------------------------------------------------------------------
 */
#include "duplicates.h"

/* Who is probably the same. */
#define PROBABLE 0.5

/* Larger groups of customers that are alike are looked at in parts. */
#define MAX_GROUP 64

/* A group of customers that hang together by probable pairs. */
typedef struct Neighbourhood
{
	Duplicates *duplicates;
	int			count;
	int			members[MAX_GROUP];
	int			cluster[MAX_GROUP]; /* of each member, named by its first one */
	Evidence   *evidence;		/* between clusters, count times count */
	bool	   *apart;			/* is something known to keep them apart? */
	double	   *odds;			/* that clusters are the same, as logarithms: near
								 * certain ones would seem equal else */
	double	   *joined;			/* of two members: at which odds they came together */
} Neighbourhood;

#define AT(array, i, j) ((array)[(i) * MAX_GROUP + (j)])

static void
set_odds(Neighbourhood *group, int a, int b)
{
	const CompareModel *model =
		&group->duplicates->models[group->duplicates->customers[group->members[a]].kind];
	double		odds = AT(group->apart, a, b)
		? -INFINITY : evidence_odds(model, &AT(group->evidence, a, b));

	AT(group->odds, a, b) = AT(group->odds, b, a) = odds;
}

static bool
is_dismissed(const Duplicates *duplicates, const DuplicatePair *pair)
{
	return pair_list_find(&duplicates->dismissed, pair->first, pair->second) != NULL;
}

/* Compares all members of a group with each other. */
static void
compare_members(Neighbourhood *group)
{
	const Duplicates *duplicates = group->duplicates;

	for (int i = 0; i < group->count; i++)
	{
		Likeness	likeness;

		CHECK_FOR_INTERRUPTS();
		group->cluster[i] = i;
		for (int j = 0; j < i; j++)
		{
			int			a = group->members[i];
			int			b = group->members[j];

			duplicate_likeness(duplicates, a, b, &likeness);
			likeness_evidence(&duplicates->models[duplicates->customers[a].kind], &likeness,
							  &AT(group->evidence, i, j));
			AT(group->evidence, j, i) = AT(group->evidence, i, j);
			AT(group->apart, i, j) = AT(group->apart, j, i) =
				!can_be_same(duplicates, a, b) || pair_list_find(&duplicates->dismissed, a, b) != NULL;
			AT(group->joined, i, j) = AT(group->joined, j, i) = 0;
			set_odds(group, i, j);
		}
	}
}

/* Makes one of the two clusters that are most probably the same; false when none are. */
static bool
join_clusters(Neighbourhood *group)
{
	int			a = 0;
	int			b = 0;
	double		best = 0;

	for (int i = 0; i < group->count; i++)
	{
		for (int j = i + 1; j < group->count; j++)
		{
			if (group->cluster[i] == i && group->cluster[j] == j &&
				AT(group->odds, i, j) > best)
			{
				best = AT(group->odds, i, j);
				a = i;
				b = j;
			}
		}
	}
	if (b == 0)
		return false;
	for (int i = 0; i < group->count; i++)
	{
		for (int j = 0; j < group->count; j++)
		{
			if (group->cluster[i] == a && group->cluster[j] == b)
				AT(group->joined, i, j) = AT(group->joined, j, i) = best;
		}
	}
	for (int i = 0; i < group->count; i++)
	{
		if (group->cluster[i] == b)
			group->cluster[i] = a;
	}
	for (int i = 0; i < group->count; i++)
	{
		if (i == a || group->cluster[i] != i)
			continue;
		evidence_add(&AT(group->evidence, a, i), &AT(group->evidence, b, i));
		AT(group->evidence, i, a) = AT(group->evidence, a, i);
		AT(group->apart, a, i) = AT(group->apart, i, a) =
			AT(group->apart, a, i) || AT(group->apart, b, i);
		set_odds(group, a, i);
	}
	return true;
}

/* Finds the clusters of a group, and what they make of its pairs. */
static void
cluster_group(Neighbourhood *group, PairList *added)
{
	Duplicates *duplicates = group->duplicates;

	compare_members(group);
	while (join_clusters(group))
		CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < group->count; i++)
		duplicates->customers[group->members[i]].entity = group->members[group->cluster[i]];
	for (int i = 0; i < group->count; i++)
	{
		for (int j = i + 1; j < group->count; j++)
		{
			int			a = group->cluster[i];
			int			b = group->cluster[j];
			DuplicatePair *pair = pair_list_find(&duplicates->pairs, group->members[i],
												 group->members[j]);

			if (a == b)
			{
				if (pair == NULL)
				{
					pair_list_add(added, group->members[i], group->members[j]);
					pair = &added->pairs[added->count - 1];
					pair->probability = odds_probability(AT(group->joined, i, j));
				}
				pair->score = odds_probability(AT(group->joined, i, j));
			}
			else if (pair != NULL && !is_dismissed(duplicates, pair))
				pair->score = Min(pair->probability, odds_probability(AT(group->odds, a, b)));
		}
	}
}

/* The group of a customer, which is named by its first member. */
static int
find_group(int *groups, int customer)
{
	while (groups[customer] != customer)
		customer = groups[customer] = groups[groups[customer]];
	return customer;
}

/*
 * A group that is too large was clustered in parts.  Of each cluster the customer
 * that was created first stands for it, and they are clustered again, until
 * nothing comes together any more.
 */
static void
join_parts(Neighbourhood *group, const int *members, int count, PairList *added)
{
	Duplicates *duplicates = group->duplicates;
	int		   *first = MemoryContextAllocHuge(CurrentMemoryContext, duplicates->count * sizeof(int));
	int		   *standing = palloc(count * sizeof(int));
	bool	   *stands = palloc(count * sizeof(bool));
	int			nstanding = 0;
	int			before;

	do
	{
		before = nstanding;
		nstanding = 0;
		for (int i = 0; i < count; i++)
			first[duplicates->customers[members[i]].entity] = -1;
		for (int i = 0; i < count; i++)
		{
			int			entity = duplicates->customers[members[i]].entity;

			if (first[entity] < 0 || duplicates->customers[members[i]].created_at <
				duplicates->customers[first[entity]].created_at)
				first[entity] = members[i];
		}
		for (int i = 0; i < count; i++)
		{
			stands[i] = first[duplicates->customers[members[i]].entity] == members[i];
			if (stands[i])
				standing[nstanding++] = members[i];
		}
		for (int begin = 0; begin < nstanding; begin += MAX_GROUP)
		{
			group->count = Min(MAX_GROUP, nstanding - begin);
			memcpy(group->members, standing + begin, group->count * sizeof(int));
			cluster_group(group, added);
		}
		/* the others go with who stood for them */
		for (int i = 0; i < count; i++)
		{
			DuplicateCustomer *customer = &duplicates->customers[members[i]];

			CHECK_FOR_INTERRUPTS();
			if (!stands[i])
				customer->entity = duplicates->customers[first[customer->entity]].entity;
		}
	} while (nstanding > 1 && nstanding != before);
	pfree(first);
	pfree(standing);
	pfree(stands);
}

static int *sort_groups;

static int
compare_by_group(const void *a, const void *b)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	if (sort_groups[x] != sort_groups[y])
		return sort_groups[x] - sort_groups[y];
	return x - y;
}

/*
 * Clusters the groups that hang together by pairs of at least a probability,
 * as far as they are small enough or "all" says; marks whom they have.
 */
static void
cluster_connected(Neighbourhood *group, double probability, bool all, bool *done, PairList *added)
{
	Duplicates *duplicates = group->duplicates;
	int		   *groups = MemoryContextAllocHuge(CurrentMemoryContext,
												Max(duplicates->count, 1) * sizeof(int));
	int		   *members = MemoryContextAllocHuge(CurrentMemoryContext,
												 Max(duplicates->count, 1) * sizeof(int));
	int			count = 0;

	for (int i = 0; i < duplicates->count; i++)
		groups[i] = i;
	for (int64 i = 0; i < duplicates->pairs.count; i++)
	{
		const DuplicatePair *pair = &duplicates->pairs.pairs[i];
		int			a = find_group(groups, pair->first);
		int			b = find_group(groups, pair->second);

		if (pair->probability >= probability && !done[pair->first] && !done[pair->second] &&
			!is_dismissed(duplicates, pair))
			groups[Max(a, b)] = Min(a, b);
	}
	for (int i = 0; i < duplicates->count; i++)
	{
		int			first = find_group(groups, i);

		groups[i] = first;
		if (first != i)
		{
			if (!done[first])
			{
				/* its first member has not been taken yet */
				members[count++] = first;
				done[first] = true;
			}
			members[count++] = i;
			done[i] = true;
		}
	}
	sort_groups = groups;
	qsort(members, count, sizeof(int), compare_by_group);
	for (int begin = 0, end; begin < count; begin = end)
	{
		for (end = begin + 1; end < count && groups[members[end]] == groups[members[begin]]; end++)
			;
		CHECK_FOR_INTERRUPTS();
		if (end - begin > MAX_GROUP && !all)
		{
			for (int i = begin; i < end; i++)
				done[members[i]] = false;
			continue;
		}
		for (int part = begin; part < end; part += MAX_GROUP)
		{
			group->count = Min(MAX_GROUP, end - part);
			memcpy(group->members, members + part, group->count * sizeof(int));
			cluster_group(group, added);
		}
		if (end - begin > MAX_GROUP)
			join_parts(group, members + begin, end - begin, added);
	}
	pfree(groups);
	pfree(members);
}

/*
 * Gives each customer its entity, and each pair the score that it has among all
 * that are alike; adds the pairs of clusters that were not in the list.
 */
void
duplicates_cluster(Duplicates *duplicates)
{
	/*
	 * Too large a group falls apart when only more probable pairs count; what does
	 * not is looked at in parts at last.
	 */
	static const double probabilities[] = {PROBABLE, 0.9, 0.99, 0.999, 0.9999, PROBABLE};
	Neighbourhood group = {.duplicates = duplicates};
	bool	   *done = MemoryContextAllocHuge(CurrentMemoryContext, Max(duplicates->count, 1));
	PairList	added = {0};

	group.evidence = palloc(MAX_GROUP * MAX_GROUP * sizeof(Evidence));
	group.apart = palloc(MAX_GROUP * MAX_GROUP * sizeof(bool));
	group.odds = palloc(MAX_GROUP * MAX_GROUP * sizeof(double));
	group.joined = palloc(MAX_GROUP * MAX_GROUP * sizeof(double));
	memset(done, 0, Max(duplicates->count, 1));
	for (int i = 0; i < duplicates->count; i++)
		duplicates->customers[i].entity = i;
	for (int64 i = 0; i < duplicates->pairs.count; i++)
	{
		DuplicatePair *pair = &duplicates->pairs.pairs[i];

		/* who is dismissed stays known: it may be taken back */
		pair->score = is_dismissed(duplicates, pair) ? 0 : pair->probability;
	}
	for (int i = 0; i < (int) lengthof(probabilities); i++)
		cluster_connected(&group, probabilities[i], i == lengthof(probabilities) - 1, done, &added);
	for (int64 i = 0; i < added.count; i++)
	{
		pair_list_add(&duplicates->pairs, added.pairs[i].first, added.pairs[i].second);
		duplicates->pairs.pairs[duplicates->pairs.count - 1] = added.pairs[i];
	}
	pair_list_sort(&duplicates->pairs);
	if (added.pairs)
		pfree(added.pairs);
	pfree(group.evidence);
	pfree(group.apart);
	pfree(group.odds);
	pfree(group.joined);
	pfree(done);
}
