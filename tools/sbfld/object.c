#include "tools/sbfld/object.h"

#include <stdlib.h>
#include <string.h>

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const void *object_slice(const struct object *o, uint64_t offset, uint64_t size)
{
    return offset > o->size || size > o->size - offset ? NULL : o->bytes + offset;
}

static const void *object_table(const struct object *o, uint64_t offset, uint64_t size)
{
    return offset % 8 == 0 ? object_slice(o, offset, size) : NULL;
}

// A string table ends with a NUL, so every offset inside of it starts a string.
static const char *object_strings(const struct object *o, const Elf64_Shdr *h)
{
    const char *text = object_slice(o, h->sh_offset, h->sh_size);
    bool good = text && h->sh_type == SHT_STRTAB && h->sh_size > 0 && text[h->sh_size - 1] == '\0';
    return good ? text : NULL;
}

static bool check_header(const struct object *o, const Elf64_Ehdr *eh, struct fault *fault)
{
    if (o->size < sizeof *eh) return fault_set(fault, "%s: truncated object", o->path);
    bool is_bpf_object = memcmp(eh->e_ident, ELFMAG, SELFMAG) == 0 && eh->e_ident[EI_CLASS] == ELFCLASS64 &&
                         eh->e_ident[EI_DATA] == ELFDATA2LSB && eh->e_type == ET_REL &&
                         eh->e_machine == EM_BPF;
    if (!is_bpf_object)
        return fault_set(fault, "%s: not a relocatable little-endian BPF object (clang -target bpf -c)",
                         o->path);
    if (eh->e_shentsize != sizeof(Elf64_Shdr) || eh->e_shstrndx >= eh->e_shnum)
        return fault_set(fault, "%s: bad section table", o->path);
    return true;
}

static enum section_kind kind_of(const Elf64_Shdr *h, const char *name)
{
    if (!(h->sh_flags & SHF_ALLOC) || starts_with(name, ".eh_frame")) return SECTION_OTHER;
    if (h->sh_type == SHT_NOBITS) return SECTION_WRITABLE;
    if (h->sh_flags & SHF_EXECINSTR) return SECTION_TEXT;
    bool is_writable = (h->sh_flags & SHF_WRITE) && !starts_with(name, ".data.rel.ro");
    return is_writable ? SECTION_WRITABLE : SECTION_RODATA;
}

static bool read_section(struct object *o, const Elf64_Shdr *h, struct section *s, struct fault *fault)
{
    s->size = h->sh_size;
    s->alignment = h->sh_addralign ? h->sh_addralign : 1;
    s->kind = kind_of(h, s->name);
    if (s->kind == SECTION_OTHER || h->sh_type == SHT_NOBITS) return true;
    s->data = object_slice(o, h->sh_offset, h->sh_size);
    if (!s->data) return fault_set(fault, "%s: %s: truncated section", o->path, s->name);
    if (s->alignment > 16) return fault_set(fault, "%s: %s: alignment above 16", o->path, s->name);
    if (s->kind == SECTION_TEXT && s->size % 8)
        return fault_set(fault, "%s: %s: size is not a multiple of 8", o->path, s->name);
    return true;
}

static bool read_symbols(struct object *o, const Elf64_Shdr *headers, const Elf64_Shdr *h,
                         struct fault *fault)
{
    o->symbols = object_table(o, h->sh_offset, h->sh_size);
    o->symbol_count = h->sh_size / sizeof *o->symbols;
    o->names = h->sh_link < o->section_count ? object_strings(o, &headers[h->sh_link]) : NULL;
    if (!o->symbols || !o->names) return fault_set(fault, "%s: bad symbol table", o->path);
    o->names_size = headers[h->sh_link].sh_size;
    return true;
}

static bool read_sections(struct object *o, const Elf64_Ehdr *eh, const Elf64_Shdr *headers,
                          struct fault *fault)
{
    const char *names = object_strings(o, &headers[eh->e_shstrndx]);
    if (!names) return fault_set(fault, "%s: bad section names", o->path);
    for (size_t i = 0; i < o->section_count; i++) {
        if (headers[i].sh_name >= headers[eh->e_shstrndx].sh_size)
            return fault_set(fault, "%s: bad section name", o->path);
        o->sections[i].name = names + headers[i].sh_name;
        if (headers[i].sh_type == SHT_SYMTAB && !read_symbols(o, headers, &headers[i], fault)) return false;
        if (!read_section(o, &headers[i], &o->sections[i], fault)) return false;
    }
    return o->symbols || fault_set(fault, "%s: no symbol table", o->path);
}

static bool check_relocations(const struct object *o, const struct section *s, struct fault *fault)
{
    for (size_t i = 0; i < s->relocation_count; i++)
        if (ELF64_R_SYM(s->relocations[i].r_info) >= o->symbol_count)
            return fault_set(fault, "%s: %s: relocation to a symbol that is not there", o->path, s->name);
    return true;
}

static bool read_relocations(struct object *o, const Elf64_Shdr *headers, struct fault *fault)
{
    for (size_t i = 0; i < o->section_count; i++) {
        const Elf64_Shdr *h = &headers[i];
        if ((h->sh_type != SHT_REL && h->sh_type != SHT_RELA) || h->sh_info >= o->section_count) continue;
        struct section *target = &o->sections[h->sh_info];
        if (target->kind == SECTION_OTHER) continue;
        if (h->sh_type == SHT_RELA)
            return fault_set(fault, "%s: RELA relocations are not supported", o->path);
        target->relocations = object_table(o, h->sh_offset, h->sh_size);
        target->relocation_count = h->sh_size / sizeof *target->relocations;
        if (!target->relocations)
            return fault_set(fault, "%s: %s: truncated relocations", o->path, target->name);
        if (!check_relocations(o, target, fault)) return false;
    }
    return true;
}

bool object_read(struct object *o, const char *path, const uint8_t *bytes, size_t size, struct fault *fault)
{
    *o = (struct object){.path = path, .bytes = bytes, .size = size};
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)bytes;
    if (!check_header(o, eh, fault)) return false;
    const Elf64_Shdr *headers = object_table(o, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof *headers);
    if (!headers) return fault_set(fault, "%s: truncated object", path);
    o->section_count = eh->e_shnum;
    o->sections = calloc(o->section_count, sizeof *o->sections);
    if (!o->sections) return fault_set(fault, "%s: out of memory", path);
    if (read_sections(o, eh, headers, fault) && read_relocations(o, headers, fault)) return true;
    object_finish(o);
    return false;
}

void object_finish(struct object *o)
{
    free(o->sections);
    *o = (struct object){0};
}

const char *object_symbol_name(const struct object *o, const Elf64_Sym *s)
{
    return s->st_name < o->names_size ? o->names + s->st_name : "?";
}

bool symbol_is_defined(const Elf64_Sym *s) { return s->st_shndx != SHN_UNDEF; }

bool symbol_is_weak(const Elf64_Sym *s) { return ELF64_ST_BIND(s->st_info) == STB_WEAK; }

bool symbol_is_local(const Elf64_Sym *s) { return ELF64_ST_BIND(s->st_info) == STB_LOCAL; }
