/*-------------------------------------------------------------------------
 *
 * merge.h
 *	  Merging two customers into one, and taking that back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_MERGE_H
#define FLOWCUSTOMER_MERGE_H

#include "core/row.h"

/* Whose value of a field the caller wants. */
typedef enum MergeChoice
{
	CHOICE_NONE,				/* what the field's rule says */
	CHOICE_TO,
	CHOICE_FROM
} MergeChoice;

/* The kinds of rows that hang on a customer by its uid and one of their own. */
typedef enum ChildKind
{
	CHILD_ADDRESS,
	CHILD_LINK,
	CHILD_CONTACT_EXTENSION,
	CHILD_EXTENSION,
	CHILD_CONSENT,
	CHILD_MEMBER
} ChildKind;

#define CHILD_KINDS (CHILD_MEMBER + 1)

typedef struct ChildDescription
{
	ResourceId	resource;
	int			customer;		/* the field that names the customer */
	const char *name;			/* in reports and journals */
	int			target_field;	/* the field that names another row, or -1 */
	ResourceId	target;			/* of which resource */
} ChildDescription;

extern const ChildDescription child_kinds[CHILD_KINDS];

/* One merge.  The survivor is called "to", the duplicate "from". */
typedef struct Merge
{
	Call	   *call;
	const char *to_uid;
	const char *from_uid;
	MergeChoice choices[MAX_FIELDS];
	bool		done;			/* they have been merged before */
	TimestampTz merged_at;		/* when they were locked */
	RowSet	   *customers;		/* the two, and those above and below them */
	Row		   *to;
	Row		   *from;
	RowSet	   *children[CHILD_KINDS];
	StringInfoData journal;		/* a JSON object, open at its end */
	StringInfoData fields;		/* of the report: an array of objects, */
	StringInfoData counts;		/* an object, */
	StringInfoData references;	/* and an array, all open at their ends */
} Merge;

/* customer_merge.c */
extern bool merge_decode(Merge *merge);
extern bool merge_locate(Merge *merge);
extern void merge_check(Merge *merge);
extern void merge_apply(Merge *merge);
extern void merge_write(Merge *merge);

/* merge_children.c */
extern void merge_children_load(Merge *merge);
extern void merge_children_apply(Merge *merge);
extern void flush_children(RowSet **children);

/* One row of the duplicate, as the journal has it. */
typedef struct JournalEntry
{
	Row		   *row;			/* as it was */
	Row		   *now;			/* the survivor's row after the merge */
	Row		   *kept;			/* that row before, when it was there already */
} JournalEntry;

/* What a merge did. */
typedef struct MergeJournal
{
	Row		   *from;			/* images of the two: the duplicate, */
	Row		   *before;			/* the survivor before */
	Row		   *after;			/* and after */
	JournalEntry *entries[CHILD_KINDS];
	int			nentries[CHILD_KINDS];
	TextList	departments;	/* uids of what was moved */
	TextList	sales_orders;
	TextList	service_orders;
	TextList	redirects;
	TextList	holds;
	TextList	print_jobs;
	char	   *references;		/* as JSON, or NULL */
} MergeJournal;

/* merge_journal.c */
extern void merge_journal_read(MergeJournal *journal, text *document);

/* api_merge.c */
extern TextList customer_identities(Call *call, const char *customer_uid);
extern void append_merges(Call *call, StringInfo out, const TextList *uids);

/* merge_undo.c */
extern int	merge_order(const Datum *a, const Datum *b);
extern void merge_undo(Call *call);

#endif							/* FLOWCUSTOMER_MERGE_H */
