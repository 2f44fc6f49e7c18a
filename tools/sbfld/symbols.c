#include "tools/sbfld/symbols.h"

#include <string.h>

// A definition met later replaces a weaker one; two strong ones are a fault.
static bool symbols_consider(struct definition *best, struct object *object, const Elf64_Sym *symbol,
                             struct fault *fault)
{
    bool is_better = !best->symbol || (symbol_is_weak(best->symbol) && !symbol_is_weak(symbol));
    if (is_better) {
        *best = (struct definition){object, symbol};
        return true;
    }
    if (best->symbol == symbol || symbol_is_weak(symbol)) return true;
    return fault_set(fault, "%s: defined in both %s and %s", object_symbol_name(object, symbol),
                     best->object->path, object->path);
}

static bool symbols_search(const struct link *link, const char *name, struct definition *best,
                           struct fault *fault)
{
    for (size_t i = 0; i < link->object_count; i++) {
        struct object *object = &link->objects[i];
        for (size_t j = 1; j < object->symbol_count; j++) {
            const Elf64_Sym *symbol = &object->symbols[j];
            if (!symbol_is_defined(symbol) || symbol_is_local(symbol)) continue;
            if (strcmp(object_symbol_name(object, symbol), name) != 0) continue;
            if (!symbols_consider(best, object, symbol, fault)) return false;
        }
    }
    return true;
}

bool symbols_resolve(const struct link *link, struct object *from, const Elf64_Sym *symbol,
                     struct definition *found, struct fault *fault)
{
    *found = (struct definition){0};
    if (symbol_is_defined(symbol)) *found = (struct definition){from, symbol};
    if (symbol_is_local(symbol)) return true;
    return symbols_search(link, object_symbol_name(from, symbol), found, fault);
}

bool symbols_section(const struct definition *d, struct section **section, struct fault *fault)
{
    const char *name = object_symbol_name(d->object, d->symbol);
    if (d->symbol->st_shndx >= d->object->section_count)
        return fault_set(fault, "%s: %s: absolute or common symbol (use -fno-common)", d->object->path, name);
    *section = &d->object->sections[d->symbol->st_shndx];
    if (d->symbol->st_value > (*section)->size)
        return fault_set(fault, "%s: %s: symbol outside of its section", d->object->path, name);
    return true;
}

bool symbols_find_entry(const struct link *link, struct definition *found, struct fault *fault)
{
    struct section *section;
    *found = (struct definition){0};
    if (!symbols_search(link, link->entry, found, fault)) return false;
    if (!found->symbol) return fault_set(fault, "no global function '%s'", link->entry);
    if (!symbols_section(found, &section, fault)) return false;
    if (section->kind != SECTION_TEXT || found->symbol->st_value % INSN_BYTES ||
        found->symbol->st_value >= section->size)
        return fault_set(fault, "'%s' is not a function", link->entry);
    return true;
}
