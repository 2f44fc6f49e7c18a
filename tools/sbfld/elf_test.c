#include "tools/sbfld/elf.h"
#include "tools/sbfld/testing/object.h"
#include "tools/sbfld/syscalls.h"
#include "tests/test.h"

// Two calls of one system call and one of another, and a constant.
static void make(struct image *image, enum sbpf_version version)
{
    static const uint64_t code[] = {INSN_CALL_OPEN, INSN_CALL_OPEN, INSN(0x85, 0, 0, 0, -1), INSN_EXIT};
    static const struct image_syscall calls[] = {{0, "sol_log_"}, {8, "abort"}, {16, "sol_log_"}};
    *image =
        (struct image){.version = version, .text_size = sizeof code, .rodata_size = 8, .syscall_count = 3};
    image->text = calloc(1, image->text_size);
    image->rodata = calloc(1, 8);
    image->syscalls = calloc(3, sizeof *calls);
    memcpy(image->text, code, sizeof code);
    memcpy(image->rodata, "constant", 8);
    memcpy(image->syscalls, calls, sizeof calls);
    image->entry_offset = 16;
    image->text_address = VM_PROGRAM_START + (version == SBPF_V0 ? image_headers_size(SBPF_V0, 8) : 0);
}

static const Elf64_Shdr *find_section(const struct buffer *file, const char *name)
{
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)file->bytes;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(file->bytes + eh->e_shoff);
    const char *names = (const char *)file->bytes + sections[eh->e_shstrndx].sh_offset;
    for (unsigned i = 0; i < eh->e_shnum; i++)
        if (strcmp(names + sections[i].sh_name, name) == 0) return &sections[i];
    return NULL;
}

static void write_file(struct image *image, enum sbpf_version version, struct buffer *file)
{
    struct fault fault = {{0}};
    make(image, version);
    assert_true(elf_write(image, "entrypoint", file, &fault));
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)file->bytes;
    assert_memory_equal(eh->e_ident, ELFMAG, SELFMAG);
    assert_int_equal(eh->e_type, ET_DYN);
    assert_int_equal(eh->e_machine, 247);
    assert_int_equal(eh->e_flags, version);
    assert_int_equal(eh->e_shoff + eh->e_shnum * sizeof(Elf64_Shdr), file->size);
}

static void v0_leaves_system_calls_to_relocations(void **state)
{
    struct image image;
    struct buffer file;
    (void)state;
    write_file(&image, SBPF_V0, &file);
    const Elf64_Shdr *text = find_section(&file, ".text"), *rel = find_section(&file, ".rel.dyn"),
                     *dynsym = find_section(&file, ".dynsym"), *dynstr = find_section(&file, ".dynstr");
    assert_non_null(text);
    assert_non_null(rel);
    assert_int_equal(text->sh_addr, text->sh_offset);
    assert_int_equal(((Elf64_Ehdr *)file.bytes)->e_entry, text->sh_addr + 16);
    assert_int_equal(rel->sh_size / sizeof(Elf64_Rel), 3);
    assert_int_equal(dynsym->sh_size / sizeof(Elf64_Sym), 4); // none, entry, sol_log_, abort
    const Elf64_Rel *relocations = (const Elf64_Rel *)(file.bytes + rel->sh_offset);
    const Elf64_Sym *symbols = (const Elf64_Sym *)(file.bytes + dynsym->sh_offset);
    static const char *const expected[] = {"sol_log_", "abort", "sol_log_"};
    for (unsigned i = 0; i < 3; i++) {
        const Elf64_Sym *symbol = &symbols[ELF64_R_SYM(relocations[i].r_info)];
        assert_int_equal(relocations[i].r_offset, text->sh_addr + i * 8);
        assert_int_equal(ELF64_R_TYPE(relocations[i].r_info), 10);
        assert_string_equal((const char *)file.bytes + dynstr->sh_offset + symbol->st_name, expected[i]);
        assert_int_equal(bytes_get_u32(file.bytes + text->sh_offset + i * 8 + 4), UINT32_MAX);
    }
    buffer_finish(&file);
    image_finish(&image);
}

static void v3_calls_hashes_and_needs_no_relocation(void **state)
{
    struct image image;
    struct buffer file;
    (void)state;
    write_file(&image, SBPF_V3, &file);
    const Elf64_Ehdr *eh = (const Elf64_Ehdr *)file.bytes;
    const Elf64_Phdr *segments = (const Elf64_Phdr *)(file.bytes + eh->e_phoff);
    const Elf64_Shdr *text = find_section(&file, ".text");
    assert_null(find_section(&file, ".rel.dyn"));
    assert_int_equal(eh->e_phnum, 2);
    assert_int_equal(segments[0].p_flags, PF_R);
    assert_int_equal(segments[0].p_vaddr, 0);
    assert_int_equal(segments[0].p_offset, sizeof *eh + 2 * sizeof *segments);
    assert_int_equal(segments[1].p_flags, PF_X);
    assert_int_equal(segments[1].p_vaddr, VM_PROGRAM_START);
    assert_int_equal(segments[1].p_offset, segments[0].p_offset + segments[0].p_filesz);
    assert_int_equal(eh->e_entry, VM_PROGRAM_START + 16);
    assert_int_equal(bytes_get_u32(file.bytes + text->sh_offset + 4), syscall_hash("sol_log_"));
    assert_int_equal(bytes_get_u32(file.bytes + text->sh_offset + 12), syscall_hash("abort"));
    for (unsigned i = 0; i < 3; i++) assert_int_equal(file.bytes[text->sh_offset + i * 8 + 1] >> 4, 0);
    buffer_finish(&file);
    image_finish(&image);
}

static void the_same_image_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int version = 0; version <= 3; version += 3) {
        struct image images[2];
        struct buffer files[2];
        for (int i = 0; i < 2; i++) write_file(&images[i], (enum sbpf_version)version, &files[i]);
        assert_int_equal(files[0].size, files[1].size);
        assert_memory_equal(files[0].bytes, files[1].bytes, files[0].size);
        for (int i = 0; i < 2; i++) {
            buffer_finish(&files[i]);
            image_finish(&images[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v0_leaves_system_calls_to_relocations),
        cmocka_unit_test(v3_calls_hashes_and_needs_no_relocation),
        cmocka_unit_test(the_same_image_gives_the_same_bytes),
    };
    return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
