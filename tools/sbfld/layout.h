#ifndef SBFLD_LAYOUT_H
#define SBFLD_LAYOUT_H

// What goes into the program and where: marks the live sections and gives each its offset and the image its
// sizes.

#include "tools/sbfld/symbols.h"

bool layout_mark_live(struct link *, struct section *entry, struct object *, struct fault *);

// The entry's section comes first in .text.
void layout_place(struct link *, struct section *entry, struct image *);

#endif
