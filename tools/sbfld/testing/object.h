#ifndef SBFLD_TESTING_OBJECT_H
#define SBFLD_TESTING_OBJECT_H

// Small BPF objects for tests, as a compiler would write them: sections, symbols, relocations. Symbol 0 is
// the empty one.

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tools/sbfld/bytes.h"

enum { FIXTURE_SECTIONS = 12, FIXTURE_SYMBOLS = 24, FIXTURE_NAMES = 512 };

struct fixture {
    struct buffer file;
    Elf64_Shdr sections[FIXTURE_SECTIONS];
    unsigned section_count;
    Elf64_Sym symbols[FIXTURE_SYMBOLS];
    unsigned symbol_count;
    char names[FIXTURE_NAMES];
    size_t names_size;
};

static inline uint32_t fixture_name(struct fixture *f, const char *name)
{
    size_t at = f->names_size;
    memcpy(f->names + at, name, strlen(name) + 1);
    f->names_size += strlen(name) + 1;
    return (uint32_t)at;
}

static inline void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    f->names_size = 1;
    f->section_count = f->symbol_count = 1;
    buffer_append(&f->file, NULL, sizeof(Elf64_Ehdr));
}

static inline unsigned fixture_section(struct fixture *f, const char *name, uint64_t flags, const void *data,
                                       size_t size)
{
    buffer_align(&f->file, 8);
    f->sections[f->section_count] = (Elf64_Shdr){.sh_name = fixture_name(f, name),
                                                 .sh_type = SHT_PROGBITS,
                                                 .sh_flags = SHF_ALLOC | flags,
                                                 .sh_offset = buffer_append(&f->file, data, size),
                                                 .sh_size = size,
                                                 .sh_addralign = 8};
    return f->section_count++;
}

// Code as 64-bit instructions.
#define FIXTURE_TEXT(f, name, ...)                                                                           \
    fixture_section(f, name, SHF_EXECINSTR, (const uint64_t[]){__VA_ARGS__},                                 \
                    sizeof((const uint64_t[]){__VA_ARGS__}))

static inline unsigned fixture_symbol(struct fixture *f, const char *name, unsigned char info,
                                      unsigned section, uint64_t value)
{
    f->symbols[f->symbol_count] = (Elf64_Sym){.st_name = fixture_name(f, name),
                                              .st_info = info,
                                              .st_shndx = (Elf64_Half)section,
                                              .st_value = value};
    return f->symbol_count++;
}

static inline void fixture_relocation(struct fixture *f, unsigned section, uint64_t offset, unsigned symbol,
                                      uint32_t type)
{
    Elf64_Rel r = {offset, ELF64_R_INFO(symbol, type)};
    buffer_align(&f->file, 8);
    f->sections[f->section_count] = (Elf64_Shdr){.sh_type = SHT_REL,
                                                 .sh_offset = buffer_append(&f->file, &r, sizeof r),
                                                 .sh_size = sizeof r,
                                                 .sh_info = section};
    f->section_count++;
}

// Appends symbols, names and the section table. The file is then complete; buffer_finish(&f->file) ends its
// life.
static inline void fixture_close(struct fixture *f)
{
    unsigned names = f->section_count + 1;
    buffer_align(&f->file, 8);
    f->sections[f->section_count++] =
        (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                     .sh_offset = buffer_append(&f->file, f->symbols, f->symbol_count * sizeof *f->symbols),
                     .sh_size = f->symbol_count * sizeof *f->symbols,
                     .sh_link = names};
    f->sections[f->section_count++] =
        (Elf64_Shdr){.sh_type = SHT_STRTAB,
                     .sh_offset = buffer_append(&f->file, f->names, f->names_size),
                     .sh_size = f->names_size};
    buffer_align(&f->file, 8);
    Elf64_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_REL,
                         .e_machine = EM_BPF,
                         .e_shoff = f->file.size,
                         .e_shentsize = sizeof(Elf64_Shdr),
                         .e_shnum = (Elf64_Half)f->section_count,
                         .e_shstrndx = (Elf64_Half)names};
    buffer_append(&f->file, f->sections, f->section_count * sizeof *f->sections);
    memcpy(f->file.bytes, &header, sizeof header);
}

// Instructions by their parts.
#define INSN(opcode, dst, src, offset, immediate)                                                            \
    ((uint64_t)(opcode) | (uint64_t)(dst) << 8 | (uint64_t)(src) << 12 |                                     \
     (uint64_t)(uint16_t)(offset) << 16 | (uint64_t)(uint32_t)(immediate) << 32)
#define INSN_EXIT INSN(0x95, 0, 0, 0, 0)
#define INSN_CALL_OPEN INSN(0x85, 0, 1, 0, -1)
#define GLOBAL_FUNCTION ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)
#define GLOBAL_UNKNOWN ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE)

#endif
