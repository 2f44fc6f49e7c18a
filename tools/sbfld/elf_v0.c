#include "tools/sbfld/elf_file.h"

enum { R_BPF_CALL = 10, DYNAMIC_ENTRIES = 10, TEXT_SECTION = 1 };

// The tables behind .dynamic: the entry symbol, each system call once, a relocation for each call.
struct dynamic {
    struct buffer symbols, strings, relocations;
};

// Everything in the file has the address of its offset.
struct region {
    uint64_t offset, size;
};

static Elf64_Shdr section_at(struct region r, uint32_t type, uint64_t flags)
{
    return (Elf64_Shdr){.sh_type = type,
                        .sh_flags = flags,
                        .sh_addr = r.offset,
                        .sh_offset = r.offset,
                        .sh_size = r.size,
                        .sh_addralign = 8};
}

static size_t add_symbol(struct dynamic *d, const char *name, unsigned char type, uint16_t section,
                         uint64_t value)
{
    Elf64_Sym symbol = {.st_name = (Elf64_Word)buffer_append_string(&d->strings, name),
                        .st_info = ELF64_ST_INFO(STB_GLOBAL, type),
                        .st_shndx = section,
                        .st_value = value};
    return buffer_append(&d->symbols, &symbol, sizeof symbol) / sizeof symbol;
}

static size_t symbol_of(struct dynamic *d, const char *name)
{
    for (size_t i = 2; (i + 1) * sizeof(Elf64_Sym) <= d->symbols.size; i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, d->symbols.bytes + i * sizeof symbol, sizeof symbol);
        if (strcmp((const char *)d->strings.bytes + symbol.st_name, name) == 0) return i;
    }
    return add_symbol(d, name, STT_NOTYPE, SHN_UNDEF, 0);
}

static void add_calls(struct dynamic *d, struct image *image, uint64_t text_offset)
{
    for (size_t i = 0; i < image->syscall_count; i++) {
        uint8_t *insn = image->text + image->syscalls[i].offset;
        Elf64_Rel relocation = {.r_offset = text_offset + image->syscalls[i].offset,
                                .r_info = ELF64_R_INFO(symbol_of(d, image->syscalls[i].name), R_BPF_CALL)};
        buffer_append(&d->relocations, &relocation, sizeof relocation);
        insn[1] = 0x10; // src = 1 and immediate -1: open until loaded
        bytes_put_u32(insn + 4, UINT32_MAX);
    }
}

static void write_dynamic(struct elf_file *f, struct dynamic *d, struct region *dynamic)
{
    *dynamic = (struct region){buffer_append(f->out, NULL, DYNAMIC_ENTRIES * sizeof(Elf64_Dyn)),
                               DYNAMIC_ENTRIES * sizeof(Elf64_Dyn)};
    struct region symbols = {buffer_append(f->out, d->symbols.bytes, d->symbols.size), d->symbols.size};
    struct region strings = {buffer_append(f->out, d->strings.bytes, d->strings.size), d->strings.size};
    buffer_align(f->out, 8);
    struct region relocations = {buffer_append(f->out, d->relocations.bytes, d->relocations.size),
                                 d->relocations.size};
    Elf64_Dyn entries[DYNAMIC_ENTRIES] = {
        {DT_SYMTAB, {symbols.offset}},
        {DT_SYMENT, {sizeof(Elf64_Sym)}},
        {DT_STRTAB, {strings.offset}},
        {DT_STRSZ, {strings.size}},
        {relocations.size ? DT_REL : DT_NULL, {relocations.offset}},
        {DT_RELSZ, {relocations.size}},
        {DT_RELENT, {sizeof(Elf64_Rel)}},
        {DT_FLAGS, {DF_TEXTREL}},
        {DT_TEXTREL, {0}},
        {DT_NULL, {0}},
    };
    if (!f->out->failed) memcpy(f->out->bytes + dynamic->offset, entries, sizeof entries);

    uint16_t first = f->header_count; // .dynamic, .dynsym, .dynstr, .rel.dyn in this order
    Elf64_Shdr header = section_at(*dynamic, SHT_DYNAMIC, SHF_ALLOC);
    header.sh_entsize = sizeof(Elf64_Dyn), header.sh_link = first + 2u;
    elf_file_add_section(f, ".dynamic", header);
    header = section_at(symbols, SHT_DYNSYM, SHF_ALLOC);
    header.sh_entsize = sizeof(Elf64_Sym), header.sh_link = first + 2u, header.sh_info = 1;
    elf_file_add_section(f, ".dynsym", header);
    elf_file_add_section(f, ".dynstr", section_at(strings, SHT_STRTAB, SHF_ALLOC));
    if (relocations.size == 0) return;
    header = section_at(relocations, SHT_REL, SHF_ALLOC);
    header.sh_entsize = sizeof(Elf64_Rel), header.sh_link = first + 1u;
    elf_file_add_section(f, ".rel.dyn", header);
}

static Elf64_Phdr elf_v0_segment(uint32_t type, uint32_t flags, uint64_t from, uint64_t to)
{
    return (Elf64_Phdr){.p_type = type,
                        .p_flags = flags,
                        .p_offset = from,
                        .p_vaddr = from,
                        .p_paddr = from,
                        .p_filesz = to - from,
                        .p_memsz = to - from,
                        .p_align = 8};
}

static void write_sections(struct elf_file *f, struct image *image, struct dynamic *d)
{
    struct region text = {f->out->size, image->text_size}, dynamic;
    add_calls(d, image, text.offset);
    buffer_append(f->out, image->text, image->text_size);
    elf_file_add_section(f, ".text", section_at(text, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR));
    buffer_align(f->out, 16);
    struct region rodata = {buffer_append(f->out, image->rodata, image->rodata_size), image->rodata_size};
    if (rodata.size) elf_file_add_section(f, ".rodata", section_at(rodata, SHT_PROGBITS, SHF_ALLOC));
    write_dynamic(f, d, &dynamic);
    f->segments[f->segment_count++] = elf_v0_segment(PT_LOAD, PF_R | PF_X, text.offset, dynamic.offset);
    f->segments[f->segment_count++] = elf_v0_segment(PT_LOAD, PF_R, dynamic.offset, f->out->size);
    f->segments[f->segment_count++] =
        elf_v0_segment(PT_DYNAMIC, PF_R, dynamic.offset, dynamic.offset + dynamic.size);
}

void elf_write_v0(struct elf_file *f, struct image *image, const char *entry)
{
    struct dynamic d = {{0}, {0}, {0}};
    f->entry = f->out->size + image->entry_offset;
    buffer_append_string(&d.strings, "");
    buffer_append(&d.symbols, NULL, sizeof(Elf64_Sym));
    add_symbol(&d, entry, STT_FUNC, TEXT_SECTION, f->entry);
    write_sections(f, image, &d);
    if (d.symbols.failed || d.strings.failed || d.relocations.failed) f->out->failed = true;
    buffer_finish(&d.symbols);
    buffer_finish(&d.strings);
    buffer_finish(&d.relocations);
}
