/*-------------------------------------------------------------------------
 *
 * fuzz_likeness.c
 *	  In what two customers are alike: each is the same as itself, which of the
 *	  two comes first is all one, and what is called a similarity or a
 *	  probability is one.
 *
 * The input is the values of two customers, a line for each, by turns: the one's
 * first name, the other's first name, the one's surname and so on.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "core/compare.h"
#include "core/similarity.h"
#include "core/words.h"

static const int sources[] = {
	CUSTOMER_FIRSTNAME, CUSTOMER_LASTNAME, CUSTOMER_COMPANY_NAME, CUSTOMER_VAT_NUMBER,
	CUSTOMER_EMAIL, CUSTOMER_MOBILE, CUSTOMER_ADDRESS, CUSTOMER_POSTAL_CODE, CUSTOMER_CITY
};

/*
 * Keeps a record as the search for duplicates does: the values one behind the
 * other, and one zero byte at the end.
 */
static void
pack_record(CompareRecord *record)
{
	int			length = 0;
	char	   *text;

	for (int i = 0; i < COMPARE_FIELDS; i++)
		length += record->values[i].length;
	text = palloc(length + 1);
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		memcpy(text, record->values[i].data, record->values[i].length);
		record->values[i].data = text;
		text += record->values[i].length;
	}
	*text = '\0';
}

static bool
same_likeness(const Likeness *a, const Likeness *b)
{
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		if (a->agreements[i] != b->agreements[i] || a->others[i] != b->others[i])
			return false;
	}
	return a->swapped == b->swapped;
}

static void
check_record(const CompareRecord *record)
{
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		PROPERTY(record->values[i].length >= 0 && record->values[i].length <= MAX_COMPARED);
		PROPERTY(is_text(record->values[i].data, record->values[i].length));
	}
}

/* A similarity is one of 0 to 1, the same both ways, and 1 of a text to itself. */
static void
check_similarities(const Span *a, const Span *b)
{
	Span		rest = *a;
	Span		word;
	double		similarity = word_similarity(a, b);

	PROPERTY(similarity >= 0 && similarity <= 1 && similarity == word_similarity(b, a));
	PROPERTY(word_similarity(a, a) == 1);
	similarity = set_similarity(a, b);
	PROPERTY(similarity >= 0 && similarity <= 1);
	PROPERTY(fabs(similarity - set_similarity(b, a)) < 1e-9);
	PROPERTY(one_slip(a, b) == one_slip(b, a) && one_slip(a, a));
	PROPERTY(same_text(a, b) == (text_order(a, b) == 0));
	PROPERTY((text_order(a, b) < 0) == (text_order(b, a) > 0));
	while (next_word(&rest, &word))
		PROPERTY(best_similarity(&word, a, 0) == 1);
}

static void
check_comparison(const CompareRecord *a, const CompareRecord *b)
{
	CompareModel model;
	Comparison	comparison;

	compare_model_default(&model, 1000);
	comparison = compare_records(&model, a, b);
	PROPERTY(comparison.probability >= 0 && comparison.probability <= 1);
	PROPERTY(fabs(comparison.probability -
				  compare_records(&model, b, a).probability) < 1e-9);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *text = (const char *) data;
	Datum		values[2][CUSTOMER_FIELDS] = {0};
	bool		nulls[2][CUSTOMER_FIELDS];
	CompareRecord records[2];
	Likeness	likeness;
	Likeness	other;

	/* the server has refused what is no text before anything of ours sees it */
	if (!is_text(text, size))
		return 0;
	memset(nulls, true, sizeof(nulls));
	for (int i = 0; i < (int) lengthof(sources); i++)
	{
		for (int j = 0; j < 2; j++)
		{
			Piece		line = take_line(&text, &size);

			/* customers have no empty values: those are null */
			if (line.length == 0)
				continue;
			values[j][sources[i]] = text_datum(&line);
			nulls[j][sources[i]] = false;
		}
	}
	for (int j = 0; j < 2; j++)
	{
		compare_record_init(&records[j], values[j], nulls[j]);
		check_record(&records[j]);
		pack_record(&records[j]);
	}

	compare_likeness(&records[0], &records[1], &likeness);
	compare_likeness(&records[1], &records[0], &other);
	PROPERTY(same_likeness(&likeness, &other));
	for (int i = 0; i < COMPARE_FIELDS; i++)
	{
		PROPERTY(likeness.agreements[i] < AGREEMENTS);
		PROPERTY((likeness.agreements[i] == AGREEMENT_UNKNOWN) ==
				 (records[0].values[i].length == 0 || records[1].values[i].length == 0));
		if (likeness.agreements[i] != AGREEMENT_UNKNOWN)
			check_similarities(&records[0].values[i], &records[1].values[i]);
	}
	check_comparison(&records[0], &records[1]);

	for (int j = 0; j < 2; j++)
	{
		compare_likeness(&records[j], &records[j], &likeness);
		PROPERTY(!likeness.swapped);
		for (int i = 0; i < COMPARE_FIELDS; i++)
			PROPERTY(likeness.agreements[i] ==
					 (records[j].values[i].length == 0 ? AGREEMENT_UNKNOWN : AGREEMENT_SAME));
	}
	forget_memory();
	return 0;
}
