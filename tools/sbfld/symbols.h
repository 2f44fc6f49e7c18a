#ifndef SBFLD_SYMBOLS_H
#define SBFLD_SYMBOLS_H

// Finds the definition of a symbol over all objects: a strong one before weak ones.

#include "tools/sbfld/link.h"

struct definition {
    struct object *object; // NULL: defined nowhere
    const Elf64_Sym *symbol;
};

bool symbols_resolve(const struct link *, struct object *from, const Elf64_Sym *, struct definition *,
                     struct fault *);

// The entry symbol: a global function.
bool symbols_find_entry(const struct link *, struct definition *, struct fault *);

// The section of a definition; false for absolute and common symbols and for values outside of the section.
bool symbols_section(const struct definition *, struct section **, struct fault *);

#endif
