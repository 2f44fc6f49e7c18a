#ifndef SBFLD_FAULT_H
#define SBFLD_FAULT_H

// Why a link failed, in one sentence for the person who wrote the program. The first fault stays.

#include <stdbool.h>

struct fault {
    char text[512];
};

// Always false, so that a check reads: return fault_set(...).
__attribute__((format(printf, 2, 3))) bool fault_set(struct fault *, const char *format, ...);

#endif
