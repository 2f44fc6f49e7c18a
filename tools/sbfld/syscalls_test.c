#include "tools/sbfld/syscalls.h"
#include "tests/test.h"

static void knows_the_runtime_and_nothing_else(void **state)
{
    (void)state;
    assert_true(syscall_is_known("sol_invoke_signed_c"));
    assert_true(syscall_is_known("abort"));
    assert_false(syscall_is_known("memcpy"));
    assert_false(syscall_is_known("sol_memcpy"));
    assert_false(syscall_is_known(""));
}

static void hashes_as_murmur3(void **state)
{
    (void)state;
    assert_int_equal(syscall_hash(""), 0);
    assert_int_equal(syscall_hash("test"), 0xba6bd213); // the vectors of the algorithm, seed 0
    assert_int_equal(syscall_hash("Hello, world!"), 0xc0363e43);
    assert_int_equal(syscall_hash("The quick brown fox jumps over the lazy dog"), 0x2e4ff723);
    assert_int_equal(syscall_hash("sol_log_"), 0x207559bd); // as the runtime registers it
    assert_int_equal(syscall_hash("abort"), 0xb6fc1a11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_runtime_and_nothing_else),
        cmocka_unit_test(hashes_as_murmur3),
    };
    return cmocka_run_group_tests_name("syscalls", tests, NULL, NULL);
}
