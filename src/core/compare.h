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

/* A customer, brought to a form in which it can be compared. */
typedef struct CompareRecord
{
	Span		values[COMPARE_FIELDS]; /* folded, words with a space between */
	double		frequency[COMPARE_FIELDS];	/* of the value among all customers;
											 * 0 when that is not known */
} CompareRecord;

/* What two customers can be to each other. */
typedef enum CompareRelation
{
	RELATION_SAME,				/* one customer, there twice */
	RELATION_NONE,				/* two, picked at random */
	RELATION_TOGETHER,			/* two who live or work at one place */
	RELATION_SITES				/* two sites of one company */
} CompareRelation;

#define RELATIONS (RELATION_SITES + 1)

/*
 * How likely agreements are by what two customers are to each other, and how
 * common that is.
 */
typedef struct CompareModel
{
	double		shares[RELATIONS];	/* of all pairs; that of NONE is about 1 */
	double		likelihoods[RELATIONS][COMPARE_FIELDS][AGREEMENTS];
} CompareModel;

/* What a comparison comes to. */
typedef struct Comparison
{
	Agreement	agreements[COMPARE_FIELDS];
	double		weights[COMPARE_FIELDS];	/* logarithms of how many times as likely
											 * for one customer than at random */
	double		shared;			/* taken off their sum for what is shared at
								 * one place, or by the sites of a company */
	bool		swapped;		/* first and last name changed places */
	double		probability;	/* that the two are the same */
} Comparison;

extern const char *const compare_field_names[COMPARE_FIELDS];
extern const char *const agreement_names[AGREEMENTS];

extern bool is_title(const Span *word);
extern void compare_record_init(CompareRecord *record, const Datum *values, const bool *nulls);
extern void compare_model_default(CompareModel *model, double customers);
extern Comparison compare_records(const CompareModel *model, const CompareRecord *a,
								  const CompareRecord *b);

#endif							/* FLOWCUSTOMER_COMPARE_H */
