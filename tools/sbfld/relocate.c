#include "tools/sbfld/relocate.h"

#include "tools/sbfld/bytes.h"
#include "tools/sbfld/syscalls.h"

enum {
    RELOCATION_LDDW = 1,   // R_BPF_64_64
    RELOCATION_ABS64 = 2,  // R_BPF_64_ABS64
    RELOCATION_CALL = 10,  // R_BPF_64_32
    SOURCE_INTERNAL = 0x10 // src = 1: a call inside of the program
};

struct place {
    struct image *image;
    const struct object *object;
    const struct section *section;
    uint64_t offset; // in the section
    uint8_t *at;
    const char *name;
};

static bool relocate_call(const struct place *p, const struct definition *d, struct fault *fault)
{
    struct section *section;
    uint64_t here = p->section->offset + p->offset;
    if (!d->symbol) {
        if (!syscall_is_known(p->name))
            return fault_set(fault, "%s: undefined function '%s' (neither defined nor a system call)",
                             p->object->path, p->name);
        p->image->syscalls[p->image->syscall_count++] = (struct image_syscall){here, p->name};
        return true;
    }
    if (!symbols_section(d, &section, fault)) return false;
    if (section->kind != SECTION_TEXT)
        return fault_set(fault, "%s: call to '%s', which is data", p->object->path, p->name);
    int64_t slots = (int64_t)(int32_t)bytes_get_u32(p->at + 4) + 1; // clang counts from the section's start
    int64_t to = (int64_t)(section->offset + d->symbol->st_value) + slots * INSN_BYTES;
    bytes_put_u32(p->at + 4, (uint32_t)((to - (int64_t)here) / INSN_BYTES - 1));
    p->at[1] = (uint8_t)((p->at[1] & 0x0f) | SOURCE_INTERNAL);
    return true;
}

static bool relocate_address(const struct place *p, const struct definition *d, bool is_lddw,
                             struct fault *fault)
{
    struct section *section;
    if (!d->symbol) return fault_set(fault, "%s: undefined symbol '%s'", p->object->path, p->name);
    if (!symbols_section(d, &section, fault)) return false;
    uint64_t address = link_address(p->image, d->object, d->symbol);
    if (!is_lddw) {
        bytes_put_u64(p->at, address + bytes_get_u64(p->at));
        return true;
    }
    if (p->section->kind != SECTION_TEXT || p->at[0] != INSN_LDDW)
        return fault_set(fault, "%s: R_BPF_64_64 on something other than lddw", p->object->path);
    address += (uint64_t)(int64_t)(int32_t)bytes_get_u32(p->at + 4);
    p->at[1] &= 0x0f;
    bytes_put_u32(p->at + 4, (uint32_t)address);
    bytes_put_u32(p->at + 12, (uint32_t)(address >> 32));
    return true;
}

static bool relocate_one(const struct link *link, struct object *object, struct place *p, const Elf64_Rel *r,
                         struct fault *fault)
{
    const Elf64_Sym *symbol = &object->symbols[ELF64_R_SYM(r->r_info)];
    uint32_t type = ELF64_R_TYPE(r->r_info);
    uint64_t needed = type == RELOCATION_LDDW ? 2 * INSN_BYTES : INSN_BYTES;
    struct definition d;
    if (r->r_offset > p->section->size || needed > p->section->size - r->r_offset)
        return fault_set(fault, "%s: %s: relocation outside of the section", object->path, p->section->name);
    if (!symbols_resolve(link, object, symbol, &d, fault)) return false;
    p->offset = r->r_offset;
    p->at = (p->section->kind == SECTION_TEXT ? p->image->text : p->image->rodata) + p->section->offset +
            r->r_offset;
    p->name = object_symbol_name(object, symbol);
    bool is_call = type == RELOCATION_CALL && p->section->kind == SECTION_TEXT;
    if (is_call && (r->r_offset % INSN_BYTES || p->at[0] != INSN_CALL))
        return fault_set(fault, "%s: R_BPF_64_32 on something other than a call", object->path);
    if (is_call) return relocate_call(p, &d, fault);
    if (type == RELOCATION_LDDW || type == RELOCATION_ABS64)
        return relocate_address(p, &d, type == RELOCATION_LDDW, fault);
    return fault_set(fault, "%s: %s: unsupported relocation type %u", object->path, p->section->name, type);
}

bool relocate_section(const struct link *link, struct image *image, struct object *object,
                      const struct section *s, struct fault *fault)
{
    struct place p = {.image = image, .object = object, .section = s};
    for (size_t i = 0; i < s->relocation_count; i++)
        if (!relocate_one(link, object, &p, &s->relocations[i], fault)) return false;
    return true;
}

void relocate_callx(struct image *image)
{
    for (uint64_t i = 0; i < image->text_size; i += INSN_BYTES) {
        uint8_t *insn = image->text + i;
        if (insn[0] == INSN_LDDW) i += INSN_BYTES;
        if (insn[0] != INSN_CALLX) continue;
        uint32_t in_dst = insn[1] & 0x0f, reg = in_dst ? in_dst : bytes_get_u32(insn + 4);
        if (reg > 0x0f) continue; // the verifier names it
        insn[1] = image->version == SBPF_V3 ? (uint8_t)reg : 0;
        bytes_put_u32(insn + 4, image->version == SBPF_V3 ? 0 : reg);
    }
}
