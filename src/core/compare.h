/*-------------------------------------------------------------------------
 *
 * compare.h
 *	  Are two customers the same one?
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_COMPARE_H
#define FLOWCUSTOMER_COMPARE_H

#include "core/fields.h"
#include "core/search.h"

/* What is compared.  An address has two parts, which err in different ways. */
typedef enum CompareField
{
	COMPARE_FIRSTNAME,
	COMPARE_LASTNAME,
	COMPARE_COMPANY_NAME,
	COMPARE_VAT_NUMBER,
	COMPARE_EMAIL,
	COMPARE_MOBILE,
	COMPARE_STREET,
	COMPARE_HOUSE_NUMBER,
	COMPARE_POSTAL_CODE,
	COMPARE_CITY
} CompareField;

#define COMPARE_FIELDS (COMPARE_CITY + 1)

/* How two values of a field agree. */
typedef enum Agreement
{
	AGREEMENT_UNKNOWN,			/* one of the two is not known */
	AGREEMENT_SAME,
	AGREEMENT_ALIKE,			/* another spelling of the same, most likely */
	AGREEMENT_SIMILAR,
	AGREEMENT_DIFFERENT
} Agreement;

#define AGREEMENTS (AGREEMENT_DIFFERENT + 1)

/* So much of a value is compared, in bytes. */
#define MAX_COMPARED 1000

/* A customer, brought to a form in which it can be compared. */
typedef struct CompareRecord
{
	Span		values[COMPARE_FIELDS]; /* folded, words with a space between */
	double		others[COMPARE_FIELDS]; /* how many other customers have the value;
										 * negative when that is not known */
} CompareRecord;

/* In what two customers are alike. */
typedef struct Likeness
{
	uint8		agreements[COMPARE_FIELDS];
	bool		swapped;		/* first and last name changed places */
	float		others[COMPARE_FIELDS]; /* how many others have what they agree in;
										 * of values that are only alike, how many
										 * would be like that; negative when that is
										 * not known */
} Likeness;

/* What two customers can be to each other. */
typedef enum CompareRelation
{
	RELATION_SAME,				/* one customer, there twice */
	RELATION_NONE,				/* two, picked at random */
	RELATION_TOGETHER,			/* two who live or work at one place */
	RELATION_SITES				/* two sites of one company */
} CompareRelation;

#define RELATIONS (RELATION_SITES + 1)

/* How likely agreements are by what two customers are to each other. */
typedef enum Likelihood
{
	LIKELIHOOD_SAME,			/* of one customer twice */
	LIKELIHOOD_RANDOM,			/* of two who have nothing to do with each other */
	LIKELIHOOD_SHARED			/* of two who share what the field is about */
} Likelihood;

#define LIKELIHOODS (LIKELIHOOD_SHARED + 1)

/* How likely agreements are, and how common the relations are. */
typedef struct CompareModel
{
	double		customers;		/* how many it was made from */
	double		shares[RELATIONS];	/* of all pairs; that of NONE is about 1 */
	double		likelihoods[LIKELIHOODS][COMPARE_FIELDS][AGREEMENTS];
} CompareModel;

/*
 * What the likeness of two customers, or of two groups of them, says: for each
 * relation the logarithms of how likely it is.
 */
typedef struct Evidence
{
	float		logs[RELATIONS][COMPARE_FIELDS];	/* sums over "pairs" */
	float		pairs[COMPARE_FIELDS];	/* how many of them know the field */
	float		swapped;		/* how many have first and last name swapped */
	float		count;			/* how many there are in all */
} Evidence;

/* What a comparison comes to. */
typedef struct Comparison
{
	Likeness	likeness;
	double		weights[COMPARE_FIELDS];	/* logarithms of how many times as likely
											 * for one customer than at random */
	double		prior;			/* the logarithm of the odds before anything is compared */
	double		shared;			/* taken off their sum for what is shared at
								 * one place, or by the sites of a company */
	double		probability;	/* that the two are the same */
} Comparison;

/* Likenesses to learn from, each of which stands for "weight" pairs. */
typedef struct CompareSample
{
	const Likeness *likenesses;
	int			count;
	double		weight;
} CompareSample;

extern const char *const compare_field_names[COMPARE_FIELDS];
extern const char *const agreement_names[AGREEMENTS];

/* compare_record.c */
extern bool is_title(const Span *word);
extern Span full_name(const Span *word);
extern bool is_given_name(const Span *word);
extern void compare_record_init(CompareRecord *record, const Datum *values, const bool *nulls);

/* compare_likeness.c */
extern void compare_likeness(const CompareRecord *a, const CompareRecord *b, Likeness *likeness);

/* compare.c */
extern void likeness_evidence(const CompareModel *model, const Likeness *likeness,
							  Evidence *evidence);
extern void evidence_add(Evidence *sum, const Evidence *other);
extern void evidence_relations(const CompareModel *model, const Evidence *evidence, double *logs);
extern double evidence_odds(const CompareModel *model, const Evidence *evidence);
extern double odds_probability(double odds);
extern Comparison compare_weigh(const CompareModel *model, const Likeness *likeness);
extern Comparison compare_records(const CompareModel *model, const CompareRecord *a,
								  const CompareRecord *b);
extern void comparison_append_fields(StringInfo out, const Comparison *comparison);
extern double log_sum(const double *logarithms, int n);

/* compare_model.c */
extern void compare_model_default(CompareModel *model, double customers);
extern void compare_model_estimate(CompareModel *model, double pairs,
								   const CompareSample *alike, const CompareSample *random);

#endif							/* FLOWCUSTOMER_COMPARE_H */
