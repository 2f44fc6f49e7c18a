// What a backup of all services is: manifest.json in its folder, beside a file of each service. It has the
// moment, the program, and of each file length, SHA-256 and how much is in it. Its last field is the SHA-256
// of what stands before, and it is written in one form alone, so that no byte of it can change unnoticed.
#ifndef CONSECTL_MANIFEST_H
#define CONSECTL_MANIFEST_H

#include <jansson.h>

#include "lib/base/program.h"
#include "tools/consectl/consectl.h"
#include "tools/consectl/dump_sum.h"

#define MANIFEST_FILE "manifest.json"
enum { MANIFEST_PARTS = 4, MANIFEST_NAME = 24, MANIFEST_PATH = 4400, MANIFEST_TEXT = 65 };

struct manifest_part {
    const struct office *office;
    char file[MANIFEST_NAME]; // "auth.db", a copy of a store's file, or "auth.dump"; may be sealed
    char sha256[PROGRAM_HASH];
    int64_t bytes;
    json_t *counts; // {"rows": {table: count}, "streams", "entries"}; the manifest's
};

struct manifest {
    int64_t moment_ms, made_ms; // unix: as of when, and when it was complete
    bool together;              // all parts are as of that one moment; else each is as of one behind it
    char version[MANIFEST_TEXT], commit[MANIFEST_TEXT]; // of the program that made it
    struct manifest_part parts[MANIFEST_PARTS];
    size_t count;
};

// Into the folder, with length and SHA-256 of the files that are there.
MUST_CHECK bool manifest_write(struct manifest *manifest, const char *folder, struct err *err);
// MALFORMED when it is none, was changed or is cut off.
MUST_CHECK bool manifest_read(struct manifest *manifest, const char *folder, struct err *err);
void manifest_finish(struct manifest *manifest);
// Whether the part's file is there as it was made; the error names it. Blocks.
MUST_CHECK bool manifest_check(const struct manifest_part *part, const char *folder, struct err *err);
void manifest_path(const struct manifest_part *part, const char *folder, char out[MANIFEST_PATH]);
bool manifest_is_dump(const struct manifest_part *part);

// What the store at url has, for a part; NULL and err when it cannot be read. The caller has the reference.
json_t *manifest_count(const struct office *office, const char *url, struct err *err);
json_t *manifest_counts(const struct dump_sum *sum);
// Whether a store has as much as the part; the error names the service, what differs, and both numbers.
MUST_CHECK bool manifest_same(const struct manifest_part *part, const json_t *counts, struct err *err);

#endif
