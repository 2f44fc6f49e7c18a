#include "tools/sbfld/object.h"
#include "tools/sbfld/testing/object.h"
#include "tests/test.h"

static void make(struct fixture *f)
{
    static const uint8_t rodata[16] = "constant";
    fixture_init(f);
    unsigned text = FIXTURE_TEXT(f, ".text", INSN_CALL_OPEN, INSN_EXIT);
    fixture_section(f, ".rodata", 0, rodata, sizeof rodata);
    fixture_section(f, ".data", SHF_WRITE, rodata, 8);
    fixture_section(f, ".data.rel.ro", SHF_WRITE, rodata, 8);
    unsigned entry = fixture_symbol(f, "entrypoint", GLOBAL_FUNCTION, text, 0);
    fixture_relocation(f, text, 0, entry, 10);
    fixture_close(f);
}

static bool read_back(struct fixture *f, struct fault *fault)
{
    struct object o;
    *fault = (struct fault){{0}};
    bool good = object_read(&o, "x.o", f->file.bytes, f->file.size, fault);
    if (good) object_finish(&o);
    return good;
}

static void reads_sections_symbols_and_relocations(void **state)
{
    struct fixture f;
    struct object o;
    struct fault fault = {{0}};
    (void)state;
    make(&f);
    assert_true(object_read(&o, "x.o", f.file.bytes, f.file.size, &fault));
    assert_string_equal(o.sections[1].name, ".text");
    assert_int_equal(o.sections[1].kind, SECTION_TEXT);
    assert_int_equal(o.sections[1].relocation_count, 1);
    assert_int_equal(o.sections[2].kind, SECTION_RODATA);
    assert_int_equal(o.sections[3].kind, SECTION_WRITABLE);
    assert_int_equal(o.sections[4].kind, SECTION_RODATA);
    assert_int_equal(o.symbol_count, 2);
    assert_string_equal(object_symbol_name(&o, &o.symbols[1]), "entrypoint");
    assert_true(symbol_is_defined(&o.symbols[1]));
    object_finish(&o);
    buffer_finish(&f.file);
}

static void refuses_what_is_no_bpf_object(void **state)
{
    struct fixture f;
    struct fault fault;
    (void)state;
    make(&f);
    Elf64_Ehdr *header = (Elf64_Ehdr *)f.file.bytes;
    header->e_machine = EM_X86_64;
    assert_false(read_back(&f, &fault));
    assert_non_null(strstr(fault.text, "not a relocatable little-endian BPF object"));
    header->e_machine = EM_BPF;
    header->e_type = ET_DYN;
    assert_false(read_back(&f, &fault));
    header->e_type = ET_REL;
    assert_true(read_back(&f, &fault));
    buffer_finish(&f.file);
}

static void refuses_every_truncation(void **state)
{
    struct fixture f;
    struct fault fault = {{0}};
    struct object o;
    (void)state;
    make(&f);
    for (size_t size = 0; size < f.file.size; size++) {
        fault.text[0] = '\0';
        assert_false(object_read(&o, "x.o", f.file.bytes, size, &fault));
        assert_true(fault.text[0] != '\0');
    }
    buffer_finish(&f.file);
}

static Elf64_Shdr *section_header(struct fixture *f, unsigned index)
{
    return (Elf64_Shdr *)(f->file.bytes + ((Elf64_Ehdr *)f->file.bytes)->e_shoff) + index;
}

static void refuses_damaged_tables(void **state)
{
    struct fault fault;
    enum { TEXT = 1, RELOCATIONS = 5, SYMBOLS = 6, NAMES = 7 };
    struct {
        unsigned section;
        size_t field;
        uint64_t value;
        size_t bytes;
    } damages[] = {
        {TEXT, offsetof(Elf64_Shdr, sh_offset), UINT64_MAX, 8},
        {TEXT, offsetof(Elf64_Shdr, sh_size), UINT64_MAX, 8},
        {TEXT, offsetof(Elf64_Shdr, sh_size), 12, 8},
        {TEXT, offsetof(Elf64_Shdr, sh_name), UINT32_MAX, 4},
        {TEXT, offsetof(Elf64_Shdr, sh_addralign), 4096, 8},
        {RELOCATIONS, offsetof(Elf64_Shdr, sh_type), SHT_RELA, 4},
        {RELOCATIONS, offsetof(Elf64_Shdr, sh_offset), 4, 8},
        {SYMBOLS, offsetof(Elf64_Shdr, sh_link), 99, 4},
        {SYMBOLS, offsetof(Elf64_Shdr, sh_link), TEXT, 4},
        {SYMBOLS, offsetof(Elf64_Shdr, sh_size), 24, 8}, // the relocation's symbol is gone
        {SYMBOLS, offsetof(Elf64_Shdr, sh_type), SHT_NULL, 4},
        {NAMES, offsetof(Elf64_Shdr, sh_size), 5, 8}, // no longer ends with NUL
        {NAMES, offsetof(Elf64_Shdr, sh_size), 0, 8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct fixture f;
        make(&f);
        memcpy((uint8_t *)section_header(&f, damages[i].section) + damages[i].field, &damages[i].value,
               damages[i].bytes);
        if (read_back(&f, &fault)) fail_msg("damage %zu was not seen", i);
        buffer_finish(&f.file);
    }
}

static void takes_a_section_without_content_for_writable_data(void **state)
{
    struct fixture f;
    struct object o;
    struct fault fault = {{0}};
    (void)state;
    make(&f);
    section_header(&f, 1)->sh_type = SHT_NOBITS; // whatever its flags say
    assert_true(object_read(&o, "x.o", f.file.bytes, f.file.size, &fault));
    assert_int_equal(o.sections[1].kind, SECTION_WRITABLE);
    object_finish(&o);
    buffer_finish(&f.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_sections_symbols_and_relocations),
        cmocka_unit_test(refuses_what_is_no_bpf_object),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_damaged_tables),
        cmocka_unit_test(takes_a_section_without_content_for_writable_data),
    };
    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
