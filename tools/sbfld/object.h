#ifndef SBFLD_OBJECT_H
#define SBFLD_OBJECT_H

// A relocatable object as clang -target bpf -c writes it. Reading checks every offset, table and name once,
// so that the accessors below need no more checks. The bytes are borrowed and must be aligned to 8.

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/sbfld/fault.h"

enum section_kind { SECTION_OTHER, SECTION_TEXT, SECTION_RODATA, SECTION_WRITABLE };

struct section {
    const char *name;
    const uint8_t *data; // NULL without content
    uint64_t size, alignment;
    enum section_kind kind;
    const Elf64_Rel *relocations;
    size_t relocation_count;
    bool is_live;    // reachable from the entry symbol
    uint64_t offset; // inside the output's .text or .rodata
};

struct object {
    const char *path; // for messages
    const uint8_t *bytes;
    size_t size;
    struct section *sections;
    size_t section_count;
    const Elf64_Sym *symbols;
    size_t symbol_count;
    const char *names;
    size_t names_size;
};

bool object_read(struct object *, const char *path, const uint8_t *bytes, size_t size, struct fault *);
void object_finish(struct object *);

const char *object_symbol_name(const struct object *, const Elf64_Sym *);
bool symbol_is_defined(const Elf64_Sym *);
bool symbol_is_weak(const Elf64_Sym *);
bool symbol_is_local(const Elf64_Sym *);

#endif
