// Settings from the environment into a struct: every variable is declared in a table, checked, and listed by
// --help.
#ifndef LIB_SERVICE_CONFIG_H
#define LIB_SERVICE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/base/err.h"

enum config_type {
    CONFIG_TEXT,     // const char *
    CONFIG_PATH,     // const char *: files, by commas, or a folder, which are read while the service runs
    CONFIG_SECRET,   // const char *, never printed; NAME_FILE may name a file instead
    CONFIG_INT,      // int64_t, min to max
    CONFIG_FLOAT,    // double, min to max
    CONFIG_BOOL,     // bool: true, false, 1, 0, yes, no
    CONFIG_DURATION, // int64_t milliseconds: 250ms, 15s, 10m, 2h, 3d
    CONFIG_SIZE,     // int64_t bytes: 512, 64K, 2M
    CONFIG_CHOICE,   // int: index of the word in `choices`
};

struct config_var {
    const char *name; // "CONSE_LISTEN"; NULL ends the table
    enum config_type type;
    size_t offset;        // in the struct that is filled
    const char *fallback; // in the form of the variable; NULL: the variable must be set
    const char *help;     // a clause, shown by --help
    int64_t min, max;     // of INT, FLOAT, DURATION, SIZE; no bounds when equal
    const char *choices;  // "logfmt|json"
};

// Text values point into the environment or a file's content and live as long as the process. The error names
// the variable.
MUST_CHECK bool config_load(const struct config_var *vars, void *into, struct err *err);
// The same, but goes on after an error: each is a line "BEFORE: message". Returns how many.
size_t config_load_all(const struct config_var *vars, void *into, const char *before, FILE *out);
// A line for each variable: name, value, and where it is from: "default", "environment", or "file PATH".
// Secrets are shown as ***, and so is what may be one in a URL: names, passwords and what is asked for.
void config_show(const struct config_var *vars, FILE *out);
void config_help(const struct config_var *vars, FILE *out);
// "15s" -> 15000
MUST_CHECK bool config_duration(const char *text, int64_t *ms);

#endif
