// The first and last line of a dump. The first: {"conse": "dump", "format", "version" of the program,
// "service", "tables": {name: version}}. Then comes a line per row and entry. The last: {"end": true, "rows":
// {table: count}, "streams", "entries", "sha256" of all lines before}.
#ifndef CONSECTL_DUMP_SUM_H
#define CONSECTL_DUMP_SUM_H

#include <jansson.h>
#include <sodium.h>

#include "tools/consectl/consectl.h"

enum { DUMP_TABLES = 32, DUMP_STREAM = 256, DUMP_LINE = 8 << 20 };

// of the lines so far
struct dump_sum {
    const struct office *office;
    size_t rows[DUMP_TABLES];
    size_t streams, entries;
    char stream[DUMP_STREAM]; // the last one
    crypto_hash_sha256_state hash;
};

void dump_sum_begin(struct dump_sum *sum, const struct office *office);
// Adds a line with its line feed.
void dump_sum_line(struct dump_sum *sum, const char *text, size_t len);
void dump_sum_row(struct dump_sum *sum, const struct store_table *table);
void dump_sum_entry(struct dump_sum *sum, const char *stream);
// The last line; NULL without memory.
json_t *dump_sum_end(const struct dump_sum *sum);

// The first line; NULL without memory.
json_t *dump_header(const struct office *office);
// Whether this program can restore what follows such a first line.
MUST_CHECK bool dump_header_check(const json_t *header, const struct office *office, struct err *err);

const struct store_table *dump_table(const struct office *office, const char *name); // NULL when unknown

#endif
