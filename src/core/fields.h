/*-------------------------------------------------------------------------
 *
 * fields.h
 *	  How a resource is described: once, as a table of fields.
 *
 * A resource is one database table together with the JSON that goes in and
 * comes out for it.  Decoding, checking, writing, reading, sorting and
 * rendering all walk the same array of Field, which is made from the lists
 * in src/fields/.  To add a field, add a line there and the column to
 * sql/20_tables.sql or sql/22_journals.sql.
 *
 * This file knows nothing of particular resources' rules; those live in the
 * api_*.c file of the resource.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FLOWCUSTOMER_FIELDS_H
#define FLOWCUSTOMER_FIELDS_H

#include "core/compat.h"

typedef enum FieldKind
{
	/* values of one column */
	FIELD_TEXT,
	FIELD_UID,
	FIELD_ENUM,
	FIELD_INTEGER,				/* int4 */
	FIELD_AMOUNT,				/* int8, whole minor units */
	FIELD_BOOLEAN,
	FIELD_SCORE,				/* float8 */
	FIELD_TIMESTAMP,
	FIELD_DOCUMENT,				/* json, kept as it came */
	FIELD_RELEVANCE,			/* answers only: how well a search hit fits */
	/* rows of another resource */
	FIELD_REFERENCE,			/* an object made of the row that "column" names */
	FIELD_INCLUDE,				/* that row's members, in line with our own */
	FIELD_CHILDREN,				/* an array of objects, one for each child row */
	FIELD_VALUES				/* an array of one column of the child rows */
} FieldKind;

/* What a field takes part in.  The VIEW bits choose what an answer shows. */
#define KEY				(1 << 0)	/* part of the primary key, after the tenant */
#define WRITE			(1 << 1)	/* taken from a body */
#define REQUIRED		(1 << 2)	/* a body that creates must have it */
#define NOTNULL			(1 << 3)	/* absent means 0, false or the tenant's default */
#define GENERATED		(1 << 4)	/* made by the database, never written */
#define PERSONAL		(1 << 5)	/* personal data */
#define NULLABLE		(1 << 6)	/* a reference to nothing is null in answers */
#define LENIENT			(1 << 7)	/* a lenient tenant keeps it in any form */
#define NEWEST			(1 << 8)	/* of child rows alike but in time, the last */
#define EMPTY_UID		(1 << 9)	/* a body may give "" for no UID */
#define CREATE			(1 << 10)	/* taken from a body that creates, no other */
#define RELATE			(1 << 11)	/* taken from a body that relates it to others */
#define LEDGER			(1 << 13)	/* taken from the body that an accounting system sends */
#define LISTED			(1 << 12)	/* a list of its kind, in a document */
#define ANSWER			(1 << 16)	/* in the resource's own answer */
#define VIEW_BRIEF		(1 << 17)	/* when another resource refers to it */
#define VIEW_OF_CUSTOMER (1 << 18)	/* a link, as one of a customer's contacts */
#define VIEW_OF_CONTACT	(1 << 19)	/* a link, as one of a contact's customers */
#define VIEW_HISTORY	(1 << 20)	/* where all that was is shown, not only what is */
#define VIEW_EXPLAIN	(1 << 21)	/* what search_explain needs */
#define VIEW_COMPARE	(1 << 22)	/* what tells whether two are the same */
#define VIEW_DUPLICATES	(1 << 23)	/* what else to know of those who may be there twice */
#define VIEW_MASK		(ANSWER | VIEW_BRIEF | VIEW_OF_CUSTOMER | VIEW_OF_CONTACT)

/* The form that a text has to have; see normalize.h. */
typedef enum Form
{
	FORM_ANY,
	FORM_EMAIL,
	FORM_MOBILE,
	FORM_COUNTRY,
	FORM_POSTAL_CODE,
	FORM_VAT_NUMBER,
	FORM_LEDGER_NUMBER
} Form;

/* What becomes of a field's value when two customers are merged. */
typedef enum MergeRule
{
	MERGE_KEEP,					/* the survivor's stays */
	MERGE_FILL,					/* the duplicate's fills an empty one */
	MERGE_SUM,					/* the two are added */
	MERGE_EARLIEST				/* the earlier one stays */
} MergeRule;

typedef enum ResourceId
{
	RESOURCE_TENANT,
	RESOURCE_ORGANIZATION,
	RESOURCE_STORE,
	RESOURCE_TENANT_USER,
	RESOURCE_CONSENT,
	RESOURCE_PRINTER,
	RESOURCE_CUSTOMER,
	RESOURCE_ADDRESS,
	RESOURCE_CUSTOMER_EXTENSION,
	RESOURCE_CUSTOMER_CONSENT,
	RESOURCE_CONTACT,
	RESOURCE_LINK,
	RESOURCE_CONTACT_EXTENSION,
	RESOURCE_GROUP,
	RESOURCE_MEMBER,
	RESOURCE_SALES_ORDER,
	RESOURCE_SERVICE_ORDER,
	RESOURCE_EXTERNAL_CUSTOMER,
	RESOURCE_EXTERNAL_SOURCE,
	RESOURCE_REDIRECT,
	RESOURCE_MERGE,
	RESOURCE_REFERENCE,
	RESOURCE_DUPLICATE_STATE,
	RESOURCE_DUPLICATE_CUSTOMER,
	RESOURCE_DUPLICATE_PAIR,
	RESOURCE_DUPLICATE_DISMISSAL,
	RESOURCE_DUPLICATE_RUN,
	RESOURCE_DUPLICATE_RUN_ITEM,
	RESOURCE_RETENTION,
	RESOURCE_HOLD,
	RESOURCE_ERASURE,
	RESOURCE_PRINT_JOB,
	RESOURCE_CHANGE,
	RESOURCE_CHANGE_GENERATION,
	RESOURCE_ACCESS,
	RESOURCE_GRANT,
	RESOURCE_AUTHENTICATOR,
	RESOURCE_SETTLEMENT,		/* part of an order's document, no table */
	RESOURCE_CUSTOMER_SEARCH,	/* what to search for, no table */
	RESOURCE_CUSTOMER_MERGE		/* whom to merge, no table */
} ResourceId;

#define RESOURCE_COUNT (RESOURCE_CUSTOMER_MERGE + 1)

/* The most items that a batch can be allowed to have. */
#define MAX_BATCH_ITEMS 1000000

/* The most fields a resource can have, and the most columns in a key. */
#define MAX_FIELDS 48
#define MAX_KEYS 5

typedef struct Field
{
	const char *json;			/* name in JSON; "a.b" is member b of object a;
								 * NULL for what JSON never shows */
	const char *column;			/* NULL where there is none */
	FieldKind	kind;
	uint32		flags;
	int			max_length;		/* of a text, in characters */
	int64		minimum;		/* of a number */
	int64		maximum;		/* the same; 0 for any */
	const char *const *allowed; /* of an enum, NULL at the end */
	Form		form;			/* of a text */
	const char *fallback;		/* of a NOTNULL text that is absent; the
								 * tenant's for a country code without one;
								 * "true" for a boolean that is not false */
	MergeRule	merge;
	int			merge_group;	/* fields that are filled together or not at all
								 * have the same, 0 for none */
	int			alias_of;		/* 1 + index of the field whose column this
								 * only names in another way */
	int			until;			/* 1 + index of the field that says until when true
								 * counts, 0 for ever */
	ResourceId	target;			/* of rows of another resource: which, */
	uint32		view;			/* what is shown of them, */
	const char *parent[2];		/* of child rows: the columns that name their
								 * parent, ours and theirs alike */
	const char *value;			/* and for FIELD_VALUES the column shown */
} Field;

/* Codes of errors that are made of a resource's label. */
#define CODE_NOT_FOUND		(1 << 0)
#define CODE_ALREADY_EXISTS	(1 << 1)
#define CODE_IN_USE			(1 << 2)
/* And what else there is to say of it: */
#define ENTITY				(1 << 8)	/* changes of it are in the feed */
#define SHARED				(1 << 9)	/* rows are there for all tenants: tenant_uid is empty */

typedef struct Resource
{
	ResourceId	id;
	const char *table;			/* NULL for what only documents hold */
	const char *label;			/* first part of error codes, e.g. "CUSTOMER" */
	uint32		codes;			/* which there are: CODE bits; and ENTITY */
	const char *const *noun;	/* what people call it, by language */
	const Field *fields;
	int			nfields;
} Resource;

extern const Resource resources[RESOURCE_COUNT];

/* Each list gives an enum of field indexes, for example CUSTOMER_EMAIL. */
#define FIELD(symbol, ...) symbol,
typedef enum TenantField {
#include "fields/tenant.h"
	TENANT_FIELDS
} TenantField;
typedef enum OrganizationField {
#include "fields/organization.h"
	ORGANIZATION_FIELDS
} OrganizationField;
typedef enum StoreField {
#include "fields/store.h"
	STORE_FIELDS
} StoreField;
typedef enum TenantUserField {
#include "fields/tenant_user.h"
	TENANT_USER_FIELDS
} TenantUserField;
typedef enum ConsentField {
#include "fields/consent.h"
	CONSENT_FIELDS
} ConsentField;
typedef enum PrinterField {
#include "fields/printer.h"
	PRINTER_FIELDS
} PrinterField;
typedef enum CustomerField {
#include "fields/customer.h"
	CUSTOMER_FIELDS
} CustomerField;
typedef enum AddressField {
#include "fields/customer_address.h"
	ADDRESS_FIELDS
} AddressField;
typedef enum CustomerExtensionField {
#include "fields/customer_extension.h"
	CUSTOMER_EXTENSION_FIELDS
} CustomerExtensionField;
typedef enum CustomerConsentField {
#include "fields/customer_consent.h"
	CUSTOMER_CONSENT_FIELDS
} CustomerConsentField;
typedef enum ContactField {
#include "fields/contact.h"
	CONTACT_FIELDS
} ContactField;
typedef enum LinkField {
#include "fields/customer_contact.h"
	LINK_FIELDS
} LinkField;
typedef enum ContactExtensionField {
#include "fields/contact_extension.h"
	CONTACT_EXTENSION_FIELDS
} ContactExtensionField;
typedef enum GroupField {
#include "fields/customer_group.h"
	GROUP_FIELDS
} GroupField;
typedef enum MemberField {
#include "fields/customer_group_member.h"
	MEMBER_FIELDS
} MemberField;
typedef enum SalesOrderField {
#include "fields/sales_order.h"
	SALES_ORDER_FIELDS
} SalesOrderField;
typedef enum ServiceOrderField {
#include "fields/service_order.h"
	SERVICE_ORDER_FIELDS
} ServiceOrderField;
typedef enum ExternalCustomerField {
#include "fields/external_customer.h"
	EXTERNAL_CUSTOMER_FIELDS
} ExternalCustomerField;
typedef enum ExternalSourceField {
#include "fields/external_source.h"
	EXTERNAL_SOURCE_FIELDS
} ExternalSourceField;
typedef enum RedirectField {
#include "fields/customer_redirect.h"
	REDIRECT_FIELDS
} RedirectField;
typedef enum MergeField {
#include "fields/merge.h"
	MERGE_FIELDS
} MergeField;
typedef enum ReferenceField {
#include "fields/reference.h"
	REFERENCE_FIELDS
} ReferenceField;
typedef enum DuplicateStateField {
#include "fields/duplicate_state.h"
	DUPLICATE_STATE_FIELDS
} DuplicateStateField;
typedef enum DuplicateCustomerField {
#include "fields/duplicate_customer.h"
	DUPLICATE_CUSTOMER_FIELDS
} DuplicateCustomerField;
typedef enum DuplicatePairField {
#include "fields/duplicate_pair.h"
	DUPLICATE_PAIR_FIELDS
} DuplicatePairField;
typedef enum DuplicateDismissalField {
#include "fields/duplicate_dismissal.h"
	DUPLICATE_DISMISSAL_FIELDS
} DuplicateDismissalField;
typedef enum DuplicateRunField {
#include "fields/duplicate_run.h"
	DUPLICATE_RUN_FIELDS
} DuplicateRunField;
typedef enum DuplicateRunItemField {
#include "fields/duplicate_run_item.h"
	DUPLICATE_RUN_ITEM_FIELDS
} DuplicateRunItemField;
typedef enum RetentionField {
#include "fields/retention.h"
	RETENTION_FIELDS
} RetentionField;
typedef enum HoldField {
#include "fields/customer_hold.h"
	HOLD_FIELDS
} HoldField;
typedef enum ErasureField {
#include "fields/erasure.h"
	ERASURE_FIELDS
} ErasureField;
typedef enum PrintJobField {
#include "fields/print_job.h"
	PRINT_JOB_FIELDS
} PrintJobField;
typedef enum ChangeField {
#include "fields/change.h"
	CHANGE_FIELDS
} ChangeField;
typedef enum ChangeGenerationField {
#include "fields/change_generation.h"
	CHANGE_GENERATION_FIELDS
} ChangeGenerationField;
typedef enum AccessField {
#include "fields/customer_access.h"
	ACCESS_FIELDS
} AccessField;
typedef enum GrantField {
#include "fields/access_grant.h"
	GRANT_FIELDS
} GrantField;
typedef enum AuthenticatorField {
#include "fields/authenticator.h"
	AUTHENTICATOR_FIELDS
} AuthenticatorField;
typedef enum SettlementField {
#include "fields/settlement.h"
	SETTLEMENT_FIELDS
} SettlementField;
typedef enum SearchBodyField {
#include "fields/customer_search.h"
	SEARCH_BODY_FIELDS
} SearchBodyField;
typedef enum CustomerMergeField {
#include "fields/customer_merge.h"
	CUSTOMER_MERGE_FIELDS
} CustomerMergeField;
#undef FIELD

/*
 * True for a field that is where its column is read and written: not an
 * alias, and not made of other resources' rows.  A reference carries the
 * column that names the other row.
 */
static inline bool
field_has_column(const Field *field)
{
	return field->column != NULL && field->alias_of == 0 &&
		field->kind != FIELD_INCLUDE;
}

/* True for a field whose value can be sorted by. */
static inline bool
field_is_scalar(const Field *field)
{
	return field->column != NULL && field->kind <= FIELD_TIMESTAMP;
}

extern int	field_find(const Resource *resource, const char *column);
extern int	field_by_column(const Resource *resource, const char *column);
extern int	resource_keys(const Resource *resource, int *keys);
extern bool field_allows(const Field *field, const char *value, int length);
extern char *field_list_allowed(const Field *field);
extern Oid	field_type(const Field *field);

#endif							/* FLOWCUSTOMER_FIELDS_H */
