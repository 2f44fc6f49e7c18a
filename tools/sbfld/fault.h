#ifndef SBFLD_FAULT_H
#define SBFLD_FAULT_H

// Why a link failed, in one sentence for the author of the program. The first fault is kept.

#include <stdbool.h>

struct fault {
    char text[512];
};

__attribute__((format(printf, 2, 3))) void fault_write(struct fault *, const char *format, ...);

// Always false, so that a check reads: return fault_set(...).
#define fault_set(...) (fault_write(__VA_ARGS__), false)

#endif
