#ifndef SBFLD_LINK_H
#define SBFLD_LINK_H

// Links objects into an image: keeps the sections reachable from the entry symbol, lays them out, resolves
// every relocation to its final address. Undefined functions must be system calls.

#include "tools/sbfld/image.h"
#include "tools/sbfld/object.h"

struct link {
    struct object *objects; // their names must outlive the image
    size_t object_count;
    enum sbpf_version version;
    const char *entry;
};

// The caller must finish the image when true.
bool link_image(struct link *, struct image *, struct fault *);

// The final address of a defined symbol of a live section, for maps.
uint64_t link_address(const struct image *, const struct object *, const Elf64_Sym *);

#endif
