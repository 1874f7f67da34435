/*
 * The fields of a run of merge_duplicates (see customer.h for how this is used).
 */
FIELD(RUN_UID, "runUid", "run_uid", FIELD_UID, KEY | ANSWER)
FIELD(RUN_MIN_SCORE, "minScore", "min_score", FIELD_SCORE, NOTNULL | ANSWER)
FIELD(RUN_DRY_RUN, "dryRun", "dry_run", FIELD_BOOLEAN, NOTNULL | ANSWER)
FIELD(RUN_STARTED_AT, "startedAt", "started_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(RUN_STARTED_BY, "startedBy", "started_by", FIELD_TEXT, NOTNULL | ANSWER)
FIELD(RUN_CONTINUED_AT, "continuedAt", "continued_at", FIELD_TIMESTAMP, NOTNULL | ANSWER)
FIELD(RUN_FINISHED_AT, "finishedAt", "finished_at", FIELD_TIMESTAMP, ANSWER)
FIELD(RUN_TOTAL, "total", "total", FIELD_AMOUNT, NOTNULL | ANSWER)
FIELD(RUN_DONE, "done", "done", FIELD_AMOUNT, NOTNULL | ANSWER)
FIELD(RUN_FAILED, "failed", "failed", FIELD_AMOUNT, NOTNULL | ANSWER)
