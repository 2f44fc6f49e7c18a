#include "tools/sbfld/link.h"
#include "tools/sbfld/testing/object.h"
#include "tests/test.h"

enum { LDDW = 1, ABS64 = 2, CALL = 10, MAX_OBJECTS = 3 };

struct bench {
    struct fixture fixtures[MAX_OBJECTS];
    struct object objects[MAX_OBJECTS];
    struct link link;
    struct image image;
    struct fault fault;
};

static void start(struct bench *b, enum sbpf_version version)
{
    memset(b, 0, sizeof *b);
    b->link = (struct link){.objects = b->objects, .version = version, .entry = "entrypoint"};
}

static struct fixture *add(struct bench *b)
{
    struct fixture *f = &b->fixtures[b->link.object_count++];
    fixture_init(f);
    return f;
}

static bool run(struct bench *b)
{
    static const char *const names[] = {"a.o", "b.o", "c.o"};
    for (size_t i = 0; i < b->link.object_count && i < MAX_OBJECTS; i++) {
        struct buffer *file = &b->fixtures[i].file;
        fixture_close(&b->fixtures[i]);
        if (!object_read(&b->objects[i], names[i], file->bytes, file->size, &b->fault)) return false;
    }
    return link_image(&b->link, &b->image, &b->fault);
}

static void end(struct bench *b)
{
    image_finish(&b->image);
    for (size_t i = 0; i < b->link.object_count; i++) {
        object_finish(&b->objects[i]);
        buffer_finish(&b->fixtures[i].file);
    }
}

static void assert_refused(struct bench *b, const char *why)
{
    assert_false(run(b));
    if (!strstr(b->fault.text, why)) fail_msg("%s: %s", why, b->fault.text);
    end(b);
}

static int32_t immediate_at(const struct image *image, uint64_t slot)
{
    return (int32_t)bytes_get_u32(image->text + slot * INSN_BYTES + 4);
}

static void resolves_a_call_into_another_object(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V0);
    struct fixture *a = add(&b), *c = add(&b);
    unsigned text = FIXTURE_TEXT(a, ".text", INSN_CALL_OPEN, INSN_EXIT);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
    fixture_relocation(a, text, 0, fixture_symbol(a, "callee", GLOBAL_UNKNOWN, 0, 0), CALL);
    unsigned other = FIXTURE_TEXT(c, ".text.callee", INSN_EXIT, INSN_EXIT);
    fixture_symbol(c, "callee", GLOBAL_FUNCTION, other, 8);
    assert_true(run(&b));
    assert_int_equal(b.image.text_size, 32);
    assert_int_equal(immediate_at(&b.image, 0), 2); // the next is 1, the callee is 3
    assert_int_equal(b.image.syscall_count, 0);
    end(&b);
}

static void leaves_system_calls_open_by_name(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V3);
    struct fixture *a = add(&b);
    unsigned text = FIXTURE_TEXT(a, ".text", INSN_EXIT, INSN(0x85, 0, 0, 0, -1), INSN_EXIT);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 8);
    fixture_relocation(a, text, 8, fixture_symbol(a, "sol_log_", GLOBAL_UNKNOWN, 0, 0), CALL);
    assert_true(run(&b));
    assert_int_equal(b.image.entry_offset, 8);
    assert_int_equal(b.image.syscall_count, 1);
    assert_int_equal(b.image.syscalls[0].offset, 8);
    assert_string_equal(b.image.syscalls[0].name, "sol_log_");
    end(&b);
}

// A lddw of a constant, and a table of pointers to it, in both versions.
static void gives_data_its_final_address(enum sbpf_version version, uint64_t rodata)
{
    struct bench b;
    static const uint8_t constants[24] = {[8] = 'x'};
    start(&b, version);
    struct fixture *a = add(&b);
    unsigned text = FIXTURE_TEXT(a, ".text", INSN(0x18, 1, 0, 0, 3), INSN(0, 0, 0, 0, 0), INSN_EXIT);
    unsigned data = fixture_section(a, ".rodata", 0, constants, sizeof constants);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
    unsigned symbol = fixture_symbol(a, "constant", GLOBAL_UNKNOWN, data, 8);
    fixture_relocation(a, text, 0, symbol, LDDW);
    fixture_relocation(a, data, 16, symbol, ABS64);
    assert_true(run(&b));
    uint64_t in_code = (uint32_t)immediate_at(&b.image, 0) | (uint64_t)(uint32_t)immediate_at(&b.image, 1)
                                                                 << 32;
    uint64_t pad = version == SBPF_V3 ? V3_RODATA_PAD : 0;
    assert_int_equal(b.image.rodata_address, rodata);
    assert_int_equal(in_code, rodata + pad + 8 + 3);
    assert_int_equal(bytes_get_u64(b.image.rodata + pad + 16), rodata + pad + 8);
    assert_int_equal(b.image.rodata[pad + 8], 'x');
    end(&b);
}

static void places_data_behind_code_in_v0_and_at_the_bottom_in_v3(void **state)
{
    (void)state;
    gives_data_its_final_address(SBPF_V0, VM_PROGRAM_START + image_headers_size(SBPF_V0, 24) + 32);
    gives_data_its_final_address(SBPF_V3, 0);
}

static void drops_what_is_not_reached(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V0);
    struct fixture *a = add(&b);
    unsigned dead = FIXTURE_TEXT(a, ".text.dead", INSN_CALL_OPEN, INSN_EXIT);
    unsigned text = FIXTURE_TEXT(a, ".text", INSN_EXIT);
    static const uint8_t bytes[8];
    fixture_section(a, ".data", SHF_WRITE, bytes, sizeof bytes); // writable, but nobody refers to it
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
    fixture_relocation(a, dead, 0, fixture_symbol(a, "nowhere", GLOBAL_UNKNOWN, 0, 0), CALL);
    assert_true(run(&b));
    assert_int_equal(b.image.text_size, 8);
    assert_int_equal(b.image.rodata_size, 0);
    end(&b);
}

static void prefers_a_strong_definition(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V0);
    struct fixture *a = add(&b), *weak = add(&b), *strong = add(&b);
    unsigned text = FIXTURE_TEXT(a, ".text", INSN_CALL_OPEN, INSN_EXIT);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
    fixture_relocation(a, text, 0, fixture_symbol(a, "f", GLOBAL_UNKNOWN, 0, 0), CALL);
    unsigned w = FIXTURE_TEXT(weak, ".text.f", INSN(0xb7, 0, 0, 0, 1), INSN_EXIT);
    fixture_symbol(weak, "f", ELF64_ST_INFO(STB_WEAK, STT_FUNC), w, 0);
    unsigned s = FIXTURE_TEXT(strong, ".text.f", INSN(0xb7, 0, 0, 0, 2), INSN_EXIT);
    fixture_symbol(strong, "f", GLOBAL_FUNCTION, s, 0);
    assert_true(run(&b));
    assert_int_equal(b.image.text_size, 32);
    assert_int_equal(immediate_at(&b.image, 2), 2);
    end(&b);
}

static void writes_callx_as_the_version_wants_it(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct bench b;
        start(&b, i & 1 ? SBPF_V3 : SBPF_V0);
        struct fixture *a = add(&b);
        unsigned text =
            FIXTURE_TEXT(a, ".text", i & 2 ? INSN(0x8d, 3, 0, 0, 0) : INSN(0x8d, 0, 0, 0, 3), INSN_EXIT);
        fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
        assert_true(run(&b));
        assert_int_equal(b.image.text[1], i & 1 ? 3 : 0);
        assert_int_equal(immediate_at(&b.image, 0), i & 1 ? 0 : 3);
        end(&b);
    }
}

static void names_what_is_missing_or_doubled(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V0);
    unsigned text = FIXTURE_TEXT(add(&b), ".text", INSN_EXIT);
    fixture_symbol(&b.fixtures[0], "main", GLOBAL_FUNCTION, text, 0);
    assert_refused(&b, "no global function 'entrypoint'");

    start(&b, SBPF_V0);
    struct fixture *a = add(&b);
    text = FIXTURE_TEXT(a, ".text", INSN_CALL_OPEN, INSN_EXIT);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
    fixture_relocation(a, text, 0, fixture_symbol(a, "memcpy", GLOBAL_UNKNOWN, 0, 0), CALL);
    assert_refused(&b, "undefined function 'memcpy'");

    start(&b, SBPF_V0);
    for (int i = 0; i < 2; i++) {
        a = add(&b);
        fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, FIXTURE_TEXT(a, ".text", INSN_EXIT), 0);
    }
    assert_refused(&b, "defined in both a.o and b.o");
}

static void refuses_writable_data_and_strange_relocations(void **state)
{
    struct bench b;
    static const uint8_t bytes[8];
    (void)state;
    struct {
        uint64_t flags;
        uint32_t type;
        uint64_t offset;
        const char *why;
    } cases[] = {
        {SHF_WRITE, LDDW, 0, "writable static data is not possible"},
        {0, 3, 0, "unsupported relocation type 3"},
        {0, LDDW, 16, "relocation outside of the section"},
        {0, LDDW, UINT64_MAX, "relocation outside of the section"},
        {0, CALL, 0, "something other than a call"},
        {0, LDDW, 8, "something other than lddw"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start(&b, SBPF_V0);
        struct fixture *a = add(&b);
        unsigned text = FIXTURE_TEXT(a, ".text", INSN(0x18, 1, 0, 0, 0), INSN(0, 0, 0, 0, 0), INSN_EXIT);
        unsigned data = fixture_section(a, ".data", cases[i].flags, bytes, sizeof bytes);
        fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, text, 0);
        fixture_relocation(a, text, cases[i].offset, fixture_symbol(a, "v", GLOBAL_UNKNOWN, data, 0),
                           cases[i].type);
        assert_refused(&b, cases[i].why);
    }
}

static void refuses_symbols_that_point_nowhere(void **state)
{
    struct bench b;
    (void)state;
    start(&b, SBPF_V0);
    struct fixture *a = add(&b);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, FIXTURE_TEXT(a, ".text", INSN_EXIT), 8);
    assert_refused(&b, "is not a function");
    start(&b, SBPF_V0);
    a = add(&b);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, FIXTURE_TEXT(a, ".text", INSN_EXIT), 1 << 20);
    assert_refused(&b, "outside of its section");
    start(&b, SBPF_V0);
    a = add(&b);
    FIXTURE_TEXT(a, ".text", INSN_EXIT);
    fixture_symbol(a, "entrypoint", GLOBAL_FUNCTION, SHN_COMMON, 0);
    assert_refused(&b, "absolute or common symbol");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resolves_a_call_into_another_object),
        cmocka_unit_test(leaves_system_calls_open_by_name),
        cmocka_unit_test(places_data_behind_code_in_v0_and_at_the_bottom_in_v3),
        cmocka_unit_test(drops_what_is_not_reached),
        cmocka_unit_test(prefers_a_strong_definition),
        cmocka_unit_test(writes_callx_as_the_version_wants_it),
        cmocka_unit_test(names_what_is_missing_or_doubled),
        cmocka_unit_test(refuses_writable_data_and_strange_relocations),
        cmocka_unit_test(refuses_symbols_that_point_nowhere),
    };
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
