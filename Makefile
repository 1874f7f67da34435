# flowcustomer: build, tests, demo and benchmark.
#
#   make demo         set up what is missing, load customers, show what it does
#   make test         set up what is missing, run every test
#   make torture      the same in earnest, for some hours
#   make              build; make install, make installcheck as in every PGXS extension
#   make bench        measure against hand-written SQL and COPY

EXTENSION = flowcustomer
# The version stands in the control file and nowhere else.
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" flowcustomer.control)

MODULE_big = flowcustomer
PGFILEDESC = "flowcustomer - customer master data inside PostgreSQL"
OBJS = \
	src/flowcustomer.o \
	src/api_access.o \
	src/api_change.o \
	src/api_consent.o \
	src/api_contact.o \
	src/api_credit.o \
	src/api_customer.o \
	src/api_customer_parts.o \
	src/api_duplicates.o \
	src/api_export.o \
	src/api_erase.o \
	src/api_external.o \
	src/api_group.o \
	src/api_http.o \
	src/api_integrity.o \
	src/api_merge.o \
	src/api_order.o \
	src/api_reference.o \
	src/api_search.o \
	src/api_similar.o \
	src/api_print.o \
	src/card.o \
	src/customer_apply.o \
	src/customer_load.o \
	src/customer_merge.o \
	src/customer_write.o \
	src/duplicate_cluster.o \
	src/duplicate_find.o \
	src/duplicate_load.o \
	src/duplicate_merge.o \
	src/duplicate_pairs.o \
	src/duplicate_state.o \
	src/duplicate_store.o \
	src/erase.o \
	src/merge_children.o \
	src/merge_journal.o \
	src/merge_references.o \
	src/merge_undo.o \
	src/order_balance.o \
	src/reference_rows.o \
	src/retention.o \
	src/search_find.o \
	src/core/access.o \
	src/core/attempt.o \
	src/core/change.o \
	src/core/claims.o \
	src/core/collections.o \
	src/core/compare.o \
	src/core/compare_likeness.o \
	src/core/compare_model.o \
	src/core/compare_record.o \
	src/core/decode.o \
	src/core/document.o \
	src/core/errors.o \
	src/core/fields.o \
	src/core/fold.o \
	src/core/frequency.o \
	src/core/guard.o \
	src/core/hits.o \
	src/core/http_accept.o \
	src/core/http_target.o \
	src/core/json_reader.o \
	src/core/json_writer.o \
	src/core/normalize.o \
	src/core/operation.o \
	src/core/page.o \
	src/core/parse.o \
	src/core/plan.o \
	src/core/read.o \
	src/core/redirect.o \
	src/core/reference.o \
	src/core/reference_run.o \
	src/core/row.o \
	src/core/row_json.o \
	src/core/search.o \
	src/core/search_query.o \
	src/core/similarity.o \
	src/core/source.o \
	src/core/source_search.o \
	src/core/statements.o \
	src/core/total.o \
	src/core/xml_writer.o

# The extension script, in the order in which the modules need each other.
SQL_MODULES = \
	sql/00_header.sql \
	sql/10_normalize.sql \
	sql/20_tables.sql \
	sql/22_journals.sql \
	sql/24_storage.sql \
	sql/30_customers.sql \
	sql/40_contacts.sql \
	sql/50_groups.sql \
	sql/60_reference.sql \
	sql/62_orders.sql \
	sql/63_print.sql \
	sql/64_consents.sql \
	sql/66_changes.sql \
	sql/65_external.sql \
	sql/67_merge.sql \
	sql/68_duplicates.sql \
	sql/69_privacy.sql \
	sql/70_http.sql \
	sql/72_access.sql \
	sql/74_integrity.sql \
	sql/80_describe.sql
DATA_built = sql/flowcustomer--$(EXTVERSION).sql
DATA = $(wildcard sql/updates/flowcustomer--*--*.sql)

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=test/results
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=test/results --load-extension=pg_trgm --load-extension=btree_gin --load-extension=flowcustomer

# Barcodes on cards that are shown; without the library there are none.
ifneq (,$(wildcard /usr/include/zint.h /usr/local/include/zint.h))
USE_ZINT = -DUSE_ZINT
SHLIB_LINK += -lzint
endif

PG_CPPFLAGS = $(USE_ZINT) -I$(srcdir)/src -DFLOWCUSTOMER_VERSION='"$(EXTVERSION)"'
PG_CFLAGS = -Wall -Wextra -Werror -std=gnu11 -Wno-declaration-after-statement -fvisibility=hidden
ifneq (,$(findstring clang,$(CC)))
# The server's flags are those of the compiler that built it.
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument
endif
EXTRA_CLEAN = $(DATA_built) test/results

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifneq ($(PGXS),)
include $(PGXS)
# Every object sees every header: cheaper than a wrong build.
$(OBJS): $(wildcard src/*.h src/core/*.h src/fields/*.h) flowcustomer.control
endif

sql/flowcustomer--$(EXTVERSION).sql: $(SQL_MODULES) flowcustomer.control
	cat $(SQL_MODULES) > $@

# What the metadata says of the version has to be what the control file says.
.PHONY: check-version
check-version:
	@test "$$(grep -c '"version": "$(EXTVERSION)"' META.json)" -ge 2 && grep -q '^## $(EXTVERSION)' CHANGELOG.md || \
		{ echo 'META.json and CHANGELOG.md must name version $(EXTVERSION)' >&2; exit 1; }

# A build and an installation for the targets below, with root's rights only
# where they are needed.
SUDO = $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: demo demo-stop test torture bench doc
demo:
	@scripts/install-packages demo
	@$(MAKE) -s build-and-install
	@scripts/demo

demo-stop:
	@scripts/private-cluster stop .demo

test: check-version
	@scripts/install-packages test
	@$(MAKE) -s build-and-install
	@scripts/test

torture: check-version
	@scripts/install-packages torture
	@$(MAKE) -s build-and-install
	@scripts/torture

bench:
	@scripts/install-packages test
	@$(MAKE) -s build-and-install
	@scripts/bench

# doc/api.md, from the comments of the functions
doc:
	@scripts/install-packages demo
	@$(MAKE) -s build-and-install
	@scripts/api-doc > doc/api.md

.PHONY: build-and-install
build-and-install: all
	@$(SUDO) $(MAKE) -s install >/dev/null
