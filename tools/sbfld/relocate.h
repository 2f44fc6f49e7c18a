#ifndef SBFLD_RELOCATE_H
#define SBFLD_RELOCATE_H

// Writes final addresses into the copied sections of an image and collects its system calls.

#include "tools/sbfld/symbols.h"

bool relocate_section(const struct link *, struct image *, struct object *, const struct section *,
                      struct fault *);

// Compilers have put the register of callx into the immediate or into the destination; the version decides.
void relocate_callx(struct image *);

#endif
