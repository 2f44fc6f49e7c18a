// The hash of files, and of this program.
#include <string.h>

#include "lib/base/program.h"
#include "tests/test.h"

static void a_file_has_the_hash_that_others_compute(void **state)
{
    (void)state;
    char folder[TEST_FOLDER_BYTES], path[TEST_FOLDER_BYTES + 8], hex[PROGRAM_HASH];
    struct err err;
    test_folder_make(folder);
    snprintf(path, sizeof path, "%s/abc", folder);
    assert_false(program_hash(path, hex, &err)); // not there
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite("abc", 1, 3, file), 3);
    fclose(file);
    assert_true(program_hash(path, hex, &err));
    assert_string_equal(hex,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2
    test_folder_remove(folder);
}

static void a_program_knows_its_own(void **state)
{
    (void)state;
    char own[PROGRAM_HASH], again[PROGRAM_HASH], file[PROGRAM_HASH];
    struct err err;
    assert_true(program_hash_own(own, &err));
    assert_true(program_hash_own(again, &err));
    assert_true(program_hash("/proc/self/exe", file, &err));
    assert_string_equal(own, file);
    assert_string_equal(again, own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_has_the_hash_that_others_compute),
        cmocka_unit_test(a_program_knows_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
