// Why something is refused: the reasons of proto/errors.proto, each with its code, its HTTP status and its
// sentence.
#ifndef LIB_BASE_REASON_H
#define LIB_BASE_REASON_H

#include <stddef.h>

#include "errors.pb-c.h"
#include "options.pb-c.h"

struct reason {
    const char *name;
    Conse__Code code;
    int status; // HTTP status; 0: the code's own
    const char *doc;
};

const struct reason *reason_find(Conse__Reason__Value value); // INTERNAL_ERROR's when unknown
// By number; holes have a NULL name.
const struct reason *reason_all(size_t *count);

// Generated (tools/schema); only reason.c reads them.
extern const struct reason reason_table[];
extern const size_t reason_table_size;

#endif
