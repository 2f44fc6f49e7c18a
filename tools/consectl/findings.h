// What consectl doctor finds: a list of checks, each of which is well, or has findings.
#ifndef CONSECTL_FINDINGS_H
#define CONSECTL_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/arena.h"

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILED };

struct finding {
    const char *check; // "clocks"
    enum verdict verdict;
    const char *saw;  // a sentence
    const char *todo; // where it is written what to do: "docs/runbooks.md#conseclockoff"; "" when all is well
};

enum { FINDINGS_MOST = 256 };

struct findings {
    struct arena *arena;
    const char *check; // the one that runs
    bool any;          // found by it
    struct finding all[FINDINGS_MOST];
    size_t count;
    size_t failed, warnings; // how many; those beyond FINDINGS_MOST too
};

void findings_begin(struct findings *findings, const char *check);
void findings_add(struct findings *findings, enum verdict verdict, const char *todo, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// The check has looked at this; when it found nothing, that is what there is to tell.
void findings_end(struct findings *findings, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A line for each, with where to read on behind what is not well, and a last one with how many.
void findings_print(const struct findings *findings, FILE *out);
// One line of JSON.
void findings_print_json(const struct findings *findings, FILE *out);

#endif
