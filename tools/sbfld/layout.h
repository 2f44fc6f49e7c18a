#ifndef SBFLD_LAYOUT_H
#define SBFLD_LAYOUT_H

// The contents of the program and their places: marks the live sections and gives each its offset and the
// image its sizes.

#include "tools/sbfld/symbols.h"

bool layout_mark_live(struct link *, struct section *entry, struct object *, struct fault *);

// The entry's section comes first in .text.
void layout_place(struct link *, struct section *entry, struct image *);

#endif
