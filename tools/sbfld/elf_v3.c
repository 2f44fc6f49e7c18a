#include "tools/sbfld/elf_file.h"
#include "tools/sbfld/syscalls.h"

static void write_syscalls(struct image *image)
{
    for (size_t i = 0; i < image->syscall_count; i++) {
        uint8_t *insn = image->text + image->syscalls[i].offset;
        insn[1] &= 0x0f; // src = 0: a system call
        bytes_put_u32(insn + 4, syscall_hash(image->syscalls[i].name));
    }
}

// Appends one segment, which is one section too: loaders read the segments alone, tools the sections.
static void add_segment(struct elf_file *f, const char *name, const uint8_t *bytes, Elf64_Phdr segment)
{
    bool is_code = segment.p_flags == PF_X;
    segment.p_type = PT_LOAD;
    segment.p_offset = buffer_append(f->out, bytes, segment.p_filesz);
    segment.p_paddr = segment.p_vaddr;
    segment.p_memsz = segment.p_filesz;
    segment.p_align = 8;
    f->segments[f->segment_count++] = segment;
    elf_file_add_section(f, name,
                         (Elf64_Shdr){.sh_type = SHT_PROGBITS,
                                      .sh_flags = SHF_ALLOC | (is_code ? SHF_EXECINSTR : 0),
                                      .sh_addr = segment.p_vaddr,
                                      .sh_offset = segment.p_offset,
                                      .sh_size = segment.p_filesz,
                                      .sh_addralign = 8});
}

void elf_write_v3(struct elf_file *f, struct image *image)
{
    write_syscalls(image);
    if (image->rodata_size)
        add_segment(
            f, ".rodata", image->rodata,
            (Elf64_Phdr){.p_flags = PF_R, .p_vaddr = image->rodata_address, .p_filesz = image->rodata_size});
    add_segment(f, ".text", image->text,
                (Elf64_Phdr){.p_flags = PF_X, .p_vaddr = image->text_address, .p_filesz = image->text_size});
    f->entry = image->text_address + image->entry_offset;
}
