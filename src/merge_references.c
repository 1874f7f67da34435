/*-------------------------------------------------------------------------
 *
 * merge_references.c
 *	  Rows of tables outside that name a customer follow it when it is merged,
 *	  and come back when that is undone.
 *
 * A table's rows are changed with its owner's rights, as the actions of foreign
 * keys are: its triggers are the owner's code.  All rows move at once; only when
 * one of them breaks a constraint do they move one by one, to see which.
 *
 *-------------------------------------------------------------------------
 */
#include "core/json_writer.h"
#include "core/reference.h"

#include "utils/json.h"

static char *
row_where(const Reference *reference, const char *customer)
{
	return psprintf("t.%s = $1 AND t.%s = %s", quote_identifier(reference->tenant_column),
					quote_identifier(reference->customer_column), customer);
}

/* Which of a customer's rows move. */
typedef enum Which
{
	ALL_ROWS,
	ONE_ROW,					/* $4 is its key */
	LISTED_ROWS					/* $4 is an array of their keys */
} Which;

static char *
update_sql(const Reference *reference, Which which)
{
	const char *condition = "";

	if (which == ONE_ROW)
		condition = psprintf(" AND %s = $4", reference->key);
	else if (which == LISTED_ROWS)
		condition = psprintf(" AND %s IN (SELECT jsonb_array_elements($4))", reference->key);
	return psprintf("UPDATE %s t SET %s = $3 WHERE %s%s RETURNING %s::text",
					reference->name, quote_identifier(reference->customer_column),
					row_where(reference, "$2"), condition, reference->key);
}

/* Counts of what became of a table's rows. */
typedef struct Tally
{
	int64		moved;
	int64		kept;
	int64		summed;
	int64		archived;
	int64		blocked;
} Tally;

static void
append_list(StringInfo out, const char *name, const TextList *list)
{
	appendStringInfo(out, ",\"%s\":[", name);
	for (int i = 0; i < list->count; i++)
		appendStringInfo(out, "%s%s", i > 0 ? "," : "", TextDatumGetCString(list->values[i]));
	appendStringInfoChar(out, ']');
}

/* The survivor's row that a row collides with: the one that differs in no unique key but by the customer. */
static char *
find_target(ReferenceStatement *move)
{
	const Reference *reference = move->reference;
	ReferenceStatement		find = *move;
	char	   *condition;
	Oid			types[] = {TEXTOID, TEXTOID};
	Datum		names[2] = {CStringGetTextDatum(reference->name),
	CStringGetTextDatum(reference->customer_column)};

	/* for each unique index over the customer's column, its other columns alike */
	if (SPI_execute_with_args("SELECT string_agg(u.alike, ' OR ') FROM (SELECT '(' || string_agg(format('t.%1$I = s.%1$I', a.attname), ' AND ') || ')' AS alike"
							  " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
							  " WHERE i.indrelid = $1::regclass AND i.indisunique AND a.attname <> $2"
							  " AND (SELECT c.attnum FROM pg_attribute c WHERE c.attrelid = i.indrelid AND c.attname = $2) = ANY (i.indkey)"
							  " GROUP BY i.indexrelid) u",
							  2, types, names, NULL, true, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not read the catalog");
	condition = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (condition == NULL)
		return NULL;
	find.sql = psprintf("SELECT %s::text FROM %s t JOIN %s s ON %s"
						" WHERE %s AND s.%s = $1 AND s.%s = $2 AND $4 = (SELECT %s FROM (SELECT s.*) t)",
						reference->key, reference->name, reference->name, condition,
						row_where(reference, "$3"),
						quote_identifier(reference->tenant_column),
						quote_identifier(reference->customer_column), reference->key);
	find.results.count = 0;
	if (!reference_try(&find) || find.results.count != 1)
		return NULL;
	return TextDatumGetCString(find.results.values[0]);
}

/* Takes the colliding row out, so that only the journal has it; gives its image. */
static bool
archive_row(ReferenceStatement *move, TextList *images)
{
	const Reference *reference = move->reference;

	move->sql = psprintf("DELETE FROM %s t WHERE %s AND $4 = %s"
						 " RETURNING to_jsonb(t.*)::text",
						 reference->name, row_where(reference, "$2"), reference->key);
	if (!reference_try(move) || move->results.count != 1)
		return false;
	text_list_add(images, move->results.values[0]);
	return true;
}

/* Adds the colliding row's amounts to those of the survivor's, and takes it out. */
static bool
sum_row(ReferenceStatement *move, TextList *images)
{
	const Reference *reference = move->reference;

	move->target = reference->amounts ? find_target(move) : NULL;
	if (move->target == NULL)
		return false;
	move->sql = psprintf("UPDATE %s t SET %s FROM %s s WHERE %s AND $5 = %s"
						 " AND s.%s = $1 AND s.%s = $2 AND $4 = (SELECT %s FROM (SELECT s.*) t)"
						 " RETURNING 1",
						 reference->name, reference->amounts, reference->name,
						 row_where(reference, "$3"), reference->key,
						 quote_identifier(reference->tenant_column),
						 quote_identifier(reference->customer_column), reference->key);
	if (!reference_try(move) || move->count != 1)
		return false;
	if (!archive_row(move, images))
		elog(ERROR, "row of table %s is gone", reference->name);
	images->values[images->count - 1] =
		CStringGetTextDatum(psprintf("{\"row\":%s,\"target\":%s}",
									 TextDatumGetCString(images->values[images->count - 1]), move->target));
	return true;
}

/* Moves a table's rows one by one. */
static void
move_single_rows(ReferenceStatement *move, Tally *tally, TextList *moved, TextList *archived, TextList *summed)
{
	const Reference *reference = move->reference;
	ReferenceStatement		find = *move;

	find.sql = psprintf("SELECT %s::text FROM %s t WHERE %s ORDER BY 1 FOR UPDATE",
						reference->key, reference->name, row_where(reference, "$2"));
	if (!reference_try(&find))
		elog(ERROR, "could not read table %s", reference->name);
	for (int i = 0; i < find.results.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		move->row = TextDatumGetCString(find.results.values[i]);
		move->target = NULL;
		move->sql = update_sql(reference, ONE_ROW);
		if (reference_try(move))
		{
			text_list_add(moved, find.results.values[i]);
			tally->moved++;
		}
		else if (strcmp(reference->on_collision, "KEEP") == 0 && !reference->foreign_key)
			tally->kept++;
		else if (strcmp(reference->on_collision, "ARCHIVE") == 0 && archive_row(move, archived))
			tally->archived++;
		else if (strcmp(reference->on_collision, "SUM") == 0 && sum_row(move, summed))
			tally->summed++;
		else
			tally->blocked++;
	}
}

static void
append_tally(StringInfo out, const Reference *reference, const Tally *tally)
{
	appendStringInfoString(out, out->len > 0 ? ",{" : "{");
	json_append_member(out, "relation", reference->name);
	appendStringInfoChar(out, ',');
	json_append_member(out, "customerColumn", reference->customer_column);
	appendStringInfoChar(out, ',');
	json_append_member(out, "onCollision", reference->on_collision);
	appendStringInfo(out, ",\"foreignKey\":%s,\"moved\":" INT64_FORMAT ",\"kept\":" INT64_FORMAT
					 ",\"summed\":" INT64_FORMAT ",\"archived\":" INT64_FORMAT ",\"blocked\":" INT64_FORMAT "}",
					 reference->foreign_key ? "true" : "false", tally->moved, tally->kept,
					 tally->summed, tally->archived, tally->blocked);
}

/*
 * Moves the rows of all tables from one customer to another.  Appends to the
 * journal what it takes to undo it, and to the report how many there were; adds
 * a problem for each table whose rows can't move.
 */
void
references_merge(Call *call, const char *from, const char *to,
				 StringInfo journal, StringInfo report)
{
	int			count;
	Reference  *references = references_load(call, &count);

	appendStringInfoString(journal, ",\"references\":[");
	for (int i = 0; i < count; i++)
	{
		Reference  *reference = &references[i];
		ReferenceStatement		move = {.call = call, .reference = reference, .from = from, .to = to};
		Tally		tally = {0};
		TextList	moved = {0};
		TextList	archived = {0};
		TextList	summed = {0};

		if (!reference_open(reference, true))
		{
			reference->name = quote_qualified_identifier(reference->schema, reference->relation);
			tally.blocked = 1;
		}
		else
		{
			move.sql = update_sql(reference, ALL_ROWS);
			if (reference_try(&move))
			{
				tally.moved = move.count;
				moved = move.results;
			}
			else
				move_single_rows(&move, &tally, &moved, &archived, &summed);
		}
		if (tally.blocked > 0)
			problem_add(&call->problems, REASON_MERGE_BLOCKED, NULL, reference->name);
		append_tally(report, reference, &tally);
		if (moved.count + archived.count + summed.count == 0)
			continue;
		appendStringInfoString(journal, journal->data[journal->len - 1] == '[' ? "{" : ",{");
		json_append_member(journal, "schema", reference->schema);
		appendStringInfoChar(journal, ',');
		json_append_member(journal, "relation", reference->relation);
		appendStringInfoChar(journal, ',');
		json_append_member(journal, "tenantColumn", reference->tenant_column);
		appendStringInfoChar(journal, ',');
		json_append_member(journal, "customerColumn", reference->customer_column);
		append_list(journal, "moved", &moved);
		append_list(journal, "archived", &archived);
		append_list(journal, "summed", &summed);
		appendStringInfoChar(journal, '}');
	}
	appendStringInfoChar(journal, ']');
}

/* ---------------------------------------------------------------------
 * Undo
 * --------------------------------------------------------------------- */

static void
read_raw_list(TextList *list, JsonReader *outer)
{
	JsonReader	reader;

	json_enter(outer, &reader);
	while (json_next_element(&reader))
		text_list_add(list, CStringGetTextDatum(json_read_raw(&reader)));
	json_leave(outer, &reader);
}

/* Puts an archived row back. */
static bool
restore_row(ReferenceStatement *move, const char *image)
{
	const Reference *reference = move->reference;

	move->row = image;
	move->sql = psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE"
						 " SELECT %s FROM jsonb_populate_record(NULL::%s, $4) RETURNING 1",
						 reference->name, reference->columns, reference->columns, reference->name);
	return reference_try(move) && move->count == 1;
}

/* Takes a row's amounts off those that they were added to, and puts it back. */
static bool
restore_summed(ReferenceStatement *move, const char *entry)
{
	const Reference *reference = move->reference;
	JsonReader	outer;
	JsonReader	reader;
	JsonString	name;
	char	   *row = NULL;

	json_reader_init(&outer, entry, strlen(entry));
	json_enter(&outer, &reader);
	while (json_next_member(&reader, &name))
	{
		char	   *value = json_read_raw(&reader);

		if (json_string_is(&name, "row"))
			row = value;
		else
			move->target = value;
	}
	move->row = row;
	if (reference->negated == NULL)
		return false;
	move->sql = psprintf("UPDATE %s t SET %s FROM jsonb_populate_record(NULL::%s, $4) s"
						 " WHERE %s AND $5 = %s RETURNING 1",
						 reference->name, reference->negated, reference->name,
						 row_where(reference, "$3"), reference->key);
	if (!reference_try(move) || move->count != 1)
		return false;
	move->target = NULL;
	return restore_row(move, row);
}

/* Moves rows back to the customer that they were taken from; gives how many. */
static int64
move_back(Call *call, const Reference *reference, const char *from, const char *to, const TextList *moved)
{
	ReferenceStatement		move = {.call = call, .reference = reference, .from = to, .to = from};
	StringInfoData keys;
	int64		returned = 0;

	initStringInfo(&keys);
	for (int i = 0; i < moved->count; i++)
		appendStringInfo(&keys, "%c%s", i > 0 ? ',' : '[', TextDatumGetCString(moved->values[i]));
	appendStringInfoString(&keys, moved->count > 0 ? "]" : "[]");
	move.row = keys.data;
	move.sql = update_sql(reference, LISTED_ROWS);
	if (reference_try(&move))
		return move.count;
	move.sql = update_sql(reference, ONE_ROW);
	for (int i = 0; i < moved->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		move.row = TextDatumGetCString(moved->values[i]);
		returned += reference_try(&move) && move.count == 1;
	}
	return returned;
}

static void
undo_reference(Call *call, const char *from, const char *to, JsonReader *outer, StringInfo report)
{
	Reference	reference = {.on_collision = ""};
	ReferenceStatement		move = {.call = call, .reference = &reference, .from = from, .to = to};
	TextList	moved = {0};
	TextList	archived = {0};
	TextList	summed = {0};
	JsonReader	reader;
	JsonString	name;
	int64		returned = 0;

	json_enter(outer, &reader);
	while (json_next_member(&reader, &name))
	{
		if (json_string_is(&name, "schema"))
			reference.schema = json_read_text(&reader);
		else if (json_string_is(&name, "relation"))
			reference.relation = json_read_text(&reader);
		else if (json_string_is(&name, "tenantColumn"))
			reference.tenant_column = json_read_text(&reader);
		else if (json_string_is(&name, "customerColumn"))
			reference.customer_column = json_read_text(&reader);
		else if (json_string_is(&name, "moved"))
			read_raw_list(&moved, &reader);
		else if (json_string_is(&name, "archived"))
			read_raw_list(&archived, &reader);
		else if (json_string_is(&name, "summed"))
			read_raw_list(&summed, &reader);
		else
			json_skip(&reader);
	}
	json_leave(outer, &reader);
	if (reference_open(&reference, true))
	{
		returned += move_back(call, &reference, from, to, &moved);
		for (int i = 0; i < archived.count; i++)
			returned += restore_row(&move, TextDatumGetCString(archived.values[i]));
		for (int i = 0; i < summed.count; i++)
			returned += restore_summed(&move, TextDatumGetCString(summed.values[i]));
	}
	appendStringInfoString(report, report->len > 0 ? ",{" : "{");
	json_append_member(report, "relation", quote_qualified_identifier(reference.schema, reference.relation));
	appendStringInfo(report, ",\"returned\":" INT64_FORMAT ",\"gone\":" INT64_FORMAT "}", returned,
					 moved.count + archived.count + summed.count - returned);
}

/*
 * Moves back what a journal says was moved: from "to", the survivor, to "from".
 * Rows that somebody else has changed hands since stay where they are.
 */
void
references_undo(Call *call, const char *from, const char *to,
				JsonReader *journal, StringInfo report)
{
	JsonReader	reader;

	json_enter(journal, &reader);
	while (json_next_element(&reader))
		undo_reference(call, from, to, &reader, report);
	json_leave(journal, &reader);
}
