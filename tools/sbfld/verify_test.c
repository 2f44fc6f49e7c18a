#include "tools/sbfld/testing/object.h"
#include "tools/sbfld/verify.h"
#include "tests/test.h"

static const char *verdict(const uint64_t *code, size_t count)
{
    static struct fault fault;
    struct image image = {.text = (uint8_t *)code, .text_size = count * INSN_BYTES};
    fault = (struct fault){{0}};
    return verify_text(&image, &fault) ? NULL : fault.text;
}

#define VERDICT(...) verdict((const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / 8)
#define REFUSED(what, ...)                                                                                   \
    do {                                                                                                     \
        const char *text = VERDICT(__VA_ARGS__);                                                             \
        if (!text || !strstr(text, what)) fail_msg("%s: %s", what, text ? text : "accepted");                \
    } while (0)

static void takes_what_clang_writes(void **state)
{
    (void)state;
    assert_null(VERDICT(INSN_EXIT));
    assert_null(VERDICT(INSN(0xb7, 0, 0, 0, 7), INSN_EXIT));                      // r0 = 7
    assert_null(VERDICT(INSN(0x18, 1, 0, 0, 1), INSN(0, 0, 0, 0, 2), INSN_EXIT)); // lddw
    assert_null(
        VERDICT(INSN(0x79, 0, 1, 8, 0), INSN(0x7b, 10, 0, -8, 0), INSN_EXIT)); // load, store on the stack
    assert_null(VERDICT(INSN(0x15, 0, 0, 0, 0), INSN(0x05, 0, 0, -2, 0), INSN_EXIT)); // jumps both ways
    assert_null(VERDICT(INSN(0x85, 0, 1, 0, 0), INSN_EXIT));                          // call of the next one
    assert_null(VERDICT(INSN(0x85, 0, 0, 0, -1), INSN_EXIT)); // system call, still open
    assert_null(
        VERDICT(INSN(0x8d, 0, 0, 0, 3), INSN(0x8d, 3, 0, 0, 0), INSN_EXIT)); // callx, both ways to write it
    assert_null(VERDICT(INSN(0xdc, 1, 0, 0, 64), INSN(0xd4, 1, 0, 0, 16), INSN_EXIT)); // byte order
    assert_null(VERDICT(INSN(0x67, 1, 0, 0, 63), INSN_EXIT));
}

static void refuses_32_bit_arithmetic_which_the_machine_computes_differently(void **state)
{
    (void)state;
    for (unsigned opcode = 0x04; opcode <= 0xfc; opcode += 8)
        if (opcode != 0xd4 && opcode != 0xdc)
            REFUSED("32-bit arithmetic", INSN(opcode, 1, 2, 0, 1), INSN_EXIT);
    for (unsigned opcode = 0x06; opcode <= 0xfe; opcode += 8)
        REFUSED("32-bit jump", INSN(opcode, 1, 2, 0, 1), INSN_EXIT);
}

static void refuses_later_bpf(void **state)
{
    (void)state;
    REFUSED("signed division", INSN(0x37, 1, 0, 1, 3), INSN_EXIT);
    REFUSED("signed division", INSN(0xbf, 1, 2, 8, 0), INSN_EXIT);
    REFUSED("bswap", INSN(0xd7, 1, 0, 0, 64), INSN_EXIT);
    REFUSED("sign-extending load", INSN(0x99, 1, 2, 0, 0), INSN_EXIT);
    REFUSED("atomic", INSN(0xdb, 1, 2, 0, 0), INSN_EXIT);
    REFUSED("legacy packet load", INSN(0x20, 0, 0, 0, 0), INSN_EXIT);
}

static void refuses_jumps_and_calls_to_nowhere(void **state)
{
    (void)state;
    REFUSED("jump out", INSN(0x05, 0, 0, 1, 0), INSN_EXIT);
    REFUSED("jump out", INSN(0x05, 0, 0, -2, 0), INSN_EXIT);
    REFUSED("jump out", INSN(0x05, 0, 0, 1, 0), INSN(0x18, 1, 0, 0, 1), INSN(0, 0, 0, 0, 0),
            INSN_EXIT); // into a lddw
    REFUSED("call out", INSN(0x85, 0, 1, 0, 1), INSN_EXIT);
    REFUSED("call out", INSN(0x85, 0, 1, 0, -2), INSN_EXIT);
    REFUSED("call out", INSN(0x85, 0, 1, 0, INT32_MAX), INSN_EXIT);
    REFUSED("kernel helper", INSN(0x85, 0, 0, 0, 1), INSN_EXIT);
    REFUSED("call through", INSN(0x8d, 0, 0, 0, 10), INSN_EXIT);
    REFUSED("call through", INSN(0x8d, 10, 0, 0, 0), INSN_EXIT);
}

static void refuses_bad_operands(void **state)
{
    (void)state;
    REFUSED("bad register", INSN(0xbf, 11, 0, 0, 0), INSN_EXIT);
    REFUSED("bad register", INSN(0xbf, 0, 11, 0, 0), INSN_EXIT);
    REFUSED("frame pointer", INSN(0xb7, 10, 0, 0, 0), INSN_EXIT);
    REFUSED("frame pointer", INSN(0x79, 10, 1, 0, 0), INSN_EXIT);
    REFUSED("constant 0", INSN(0x37, 1, 0, 0, 0), INSN_EXIT);
    REFUSED("constant 0", INSN(0x97, 1, 0, 0, 0), INSN_EXIT);
    REFUSED("shift", INSN(0x67, 1, 0, 0, 64), INSN_EXIT);
    REFUSED("shift", INSN(0xc7, 1, 0, 0, -1), INSN_EXIT);
    REFUSED("incomplete lddw", INSN_EXIT, INSN(0x18, 1, 0, 0, 1));
    REFUSED("incomplete lddw", INSN(0x18, 1, 0, 0, 1), INSN_EXIT);
}

static void refuses_nothing_at_all(void **state)
{
    struct image image = {.text_size = 0};
    struct fault fault = {{0}};
    (void)state;
    assert_false(verify_text(&image, &fault));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_clang_writes),
        cmocka_unit_test(refuses_32_bit_arithmetic_which_the_machine_computes_differently),
        cmocka_unit_test(refuses_later_bpf),
        cmocka_unit_test(refuses_jumps_and_calls_to_nowhere),
        cmocka_unit_test(refuses_bad_operands),
        cmocka_unit_test(refuses_nothing_at_all),
    };
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
