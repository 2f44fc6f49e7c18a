#include "tools/sbfld/link.h"

#include <stdlib.h>

#include "tools/sbfld/bytes.h"
#include "tools/sbfld/layout.h"
#include "tools/sbfld/relocate.h"
#include "tools/sbfld/verify.h"

uint64_t image_headers_size(enum sbpf_version version, uint64_t rodata_size)
{
    if (version == SBPF_V0) return align_up(sizeof(Elf64_Ehdr) + 3 * sizeof(Elf64_Phdr), 16);
    return sizeof(Elf64_Ehdr) + (rodata_size ? 2 : 1) * sizeof(Elf64_Phdr);
}

void image_finish(struct image *image)
{
    free(image->text);
    free(image->rodata);
    free(image->syscalls);
    *image = (struct image){0};
}

uint64_t link_address(const struct image *image, const struct object *object, const Elf64_Sym *symbol)
{
    const struct section *s = &object->sections[symbol->st_shndx];
    uint64_t base = s->kind == SECTION_TEXT ? image->text_address : image->rodata_address;
    return base + s->offset + symbol->st_value;
}

static bool link_allocate(const struct link *link, struct image *image, struct fault *fault)
{
    size_t relocations = 0;
    for (size_t i = 0; i < link->object_count; i++)
        for (size_t j = 0; j < link->objects[i].section_count; j++) {
            const struct section *s = &link->objects[i].sections[j];
            if (s->is_live) relocations += s->relocation_count;
        }
    if (image->text_size > BUFFER_MAX_BYTES || image->rodata_size > BUFFER_MAX_BYTES)
        return fault_set(fault, "the program is too large");
    image->text = calloc(1, image->text_size + 1);
    image->rodata = calloc(1, image->rodata_size + 1);
    image->syscalls = calloc(relocations + 1, sizeof *image->syscalls);
    return (image->text && image->rodata && image->syscalls) || fault_set(fault, "out of memory");
}

static void copy_section(struct image *image, const struct section *s)
{
    if (s->size == 0) return;
    memcpy((s->kind == SECTION_TEXT ? image->text : image->rodata) + s->offset, s->data, s->size);
}

static bool link_fill(struct link *link, struct image *image, struct fault *fault)
{
    for (size_t i = 0; i < link->object_count; i++)
        for (size_t j = 0; j < link->objects[i].section_count; j++) {
            const struct section *s = &link->objects[i].sections[j];
            if (!s->is_live) continue;
            copy_section(image, s);
            if (!relocate_section(link, image, &link->objects[i], s, fault)) return false;
        }
    relocate_callx(image);
    return verify_text(image, fault);
}

bool link_image(struct link *link, struct image *image, struct fault *fault)
{
    struct definition entry;
    struct section *section;
    *image = (struct image){0};
    if (!symbols_find_entry(link, &entry, fault) || !symbols_section(&entry, &section, fault)) return false;
    if (!layout_mark_live(link, section, entry.object, fault)) return false;
    layout_place(link, section, image);
    image->entry_offset = section->offset + entry.symbol->st_value;
    if (link_allocate(link, image, fault) && link_fill(link, image, fault)) return true;
    image_finish(image);
    return false;
}
