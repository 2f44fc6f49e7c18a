#include "tools/sbfld/layout.h"

#include <stdlib.h>

#include "tools/sbfld/bytes.h"

struct pending {
    struct object *object;
    struct section *section;
};

// Sections whose relocations are still to be followed. Each is pushed once, so it never holds more than there
// are sections.
struct worklist {
    struct pending *items;
    size_t count;
};

static bool layout_push(struct worklist *work, struct object *object, struct section *s, struct fault *fault)
{
    if (s->is_live) return true;
    if (s->kind == SECTION_WRITABLE)
        return fault_set(
            fault,
            "%s: %s: writable static data is not possible in a Solana program (make it const, or keep it on "
            "the stack, in the heap or in an account)",
            object->path, s->name);
    if (s->kind == SECTION_OTHER)
        return fault_set(fault, "%s: reference into section %s", object->path, s->name);
    s->is_live = true;
    work->items[work->count++] = (struct pending){object, s};
    return true;
}

static bool layout_follow(const struct link *link, struct worklist *work, struct pending from,
                          struct fault *fault)
{
    for (size_t i = 0; i < from.section->relocation_count; i++) {
        const Elf64_Sym *symbol = &from.object->symbols[ELF64_R_SYM(from.section->relocations[i].r_info)];
        struct definition target;
        struct section *section;
        if (!symbols_resolve(link, from.object, symbol, &target, fault)) return false;
        if (!target.symbol) continue; // a system call, or named when it is relocated
        if (!symbols_section(&target, &section, fault)) return false;
        if (!layout_push(work, target.object, section, fault)) return false;
    }
    return true;
}

bool layout_mark_live(struct link *link, struct section *entry, struct object *object, struct fault *fault)
{
    size_t sections = 0;
    for (size_t i = 0; i < link->object_count; i++) sections += link->objects[i].section_count;
    struct worklist work = {.items = calloc(sections + 1, sizeof *work.items)};
    if (!work.items) return fault_set(fault, "out of memory");
    bool good = layout_push(&work, object, entry, fault);
    while (good && work.count > 0) good = layout_follow(link, &work, work.items[--work.count], fault);
    free(work.items);
    return good;
}

static uint64_t layout_put(struct link *link, enum section_kind kind, uint64_t at,
                           const struct section *placed)
{
    for (size_t i = 0; i < link->object_count; i++)
        for (size_t j = 0; j < link->objects[i].section_count; j++) {
            struct section *s = &link->objects[i].sections[j];
            if (!s->is_live || s->kind != kind || s == placed) continue;
            s->offset = align_up(at, kind == SECTION_TEXT ? INSN_BYTES : s->alignment);
            at = s->offset + s->size;
        }
    return align_up(at, 8);
}

void layout_place(struct link *link, struct section *entry, struct image *image)
{
    uint64_t pad = link->version == SBPF_V3 ? V3_RODATA_PAD : 0;
    entry->offset = 0;
    image->version = link->version;
    image->text_size = layout_put(link, SECTION_TEXT, entry->size, entry);
    image->rodata_size = layout_put(link, SECTION_RODATA, pad, entry);
    if (image->rodata_size == pad) image->rodata_size = 0;
    if (link->version == SBPF_V3) {
        image->text_address = VM_PROGRAM_START;
        image->rodata_address = 0;
    } else {
        image->text_address = VM_PROGRAM_START + image_headers_size(SBPF_V0, image->rodata_size);
        image->rodata_address = align_up(image->text_address + image->text_size, 16);
    }
}
