#include "tools/sbfld/elf_file.h"

#include <assert.h>

void elf_file_init(struct elf_file *f, struct buffer *out, const struct image *image)
{
    *f = (struct elf_file){.out = out, .header_count = 1, .version = image->version};
    *out = (struct buffer){0};
    buffer_append_string(&f->names, "");
    buffer_append(out, NULL, image_headers_size(image->version, image->rodata_size));
}

uint16_t elf_file_add_section(struct elf_file *f, const char *name, Elf64_Shdr header)
{
    assert(f->header_count < ELF_FILE_MAX_SECTIONS);
    header.sh_name = (Elf64_Word)buffer_append_string(&f->names, name);
    f->headers[f->header_count] = header;
    return f->header_count++;
}

static void add_names(struct elf_file *f)
{
    Elf64_Shdr header = {.sh_type = SHT_STRTAB, .sh_offset = f->out->size, .sh_addralign = 1};
    uint16_t index = elf_file_add_section(f, ".shstrtab", header);
    f->headers[index].sh_size = f->names.size;
    buffer_append(f->out, f->names.bytes, f->names.size);
}

static Elf64_Ehdr header_of(const struct elf_file *f, uint64_t sections_offset)
{
    return (Elf64_Ehdr){.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                        .e_type = ET_DYN,
                        .e_machine = EM_BPF,
                        .e_version = EV_CURRENT,
                        .e_entry = f->entry,
                        .e_phoff = sizeof(Elf64_Ehdr),
                        .e_shoff = sections_offset,
                        .e_flags = f->version,
                        .e_ehsize = sizeof(Elf64_Ehdr),
                        .e_phentsize = sizeof(Elf64_Phdr),
                        .e_phnum = f->segment_count,
                        .e_shentsize = sizeof(Elf64_Shdr),
                        .e_shnum = f->header_count,
                        .e_shstrndx = (Elf64_Half)(f->header_count - 1)};
}

bool elf_file_close(struct elf_file *f, struct fault *fault)
{
    add_names(f);
    buffer_align(f->out, 8);
    Elf64_Ehdr header = header_of(f, f->out->size);
    buffer_append(f->out, f->headers, f->header_count * sizeof *f->headers);
    bool good = !f->out->failed && !f->names.failed;
    if (good) {
        memcpy(f->out->bytes, &header, sizeof header);
        memcpy(f->out->bytes + sizeof header, f->segments, f->segment_count * sizeof *f->segments);
    }
    buffer_finish(&f->names);
    return good || fault_set(fault, "out of memory, or the program is too large");
}

bool elf_write(struct image *image, const char *entry, struct buffer *out, struct fault *fault)
{
    struct elf_file file;
    elf_file_init(&file, out, image);
    if (image->version == SBPF_V3)
        elf_write_v3(&file, image);
    else
        elf_write_v0(&file, image, entry);
    return elf_file_close(&file, fault);
}
