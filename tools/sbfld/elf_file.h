#ifndef SBFLD_ELF_FILE_H
#define SBFLD_ELF_FILE_H

// What both layouts share: the section header table with its names, and completing a file.

#include <elf.h>

#include "tools/sbfld/elf.h"

enum { ELF_FILE_MAX_SECTIONS = 12 };

struct elf_file {
    struct buffer *out;
    struct buffer names;
    Elf64_Shdr headers[ELF_FILE_MAX_SECTIONS];
    uint16_t header_count;
    Elf64_Phdr segments[3];
    uint16_t segment_count;
    uint64_t entry;
    enum sbpf_version version;
};

// Starts the file with room for its headers.
void elf_file_init(struct elf_file *, struct buffer *out, const struct image *);

// Names the section; its index is returned. sh_name is filled in.
uint16_t elf_file_add_section(struct elf_file *, const char *name, Elf64_Shdr);

// Appends names and section headers, writes the headers at the front.
bool elf_file_close(struct elf_file *, struct fault *);

void elf_write_v0(struct elf_file *, struct image *, const char *entry);
void elf_write_v3(struct elf_file *, struct image *);

#endif
