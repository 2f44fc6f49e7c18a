#include "tools/conse-up/wallet.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

static char path[64];
static struct err err;

static int make_name(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/conse-wallet-%d", getpid());
    unlink(path);
    return sodium_init() < 0;
}

static int drop_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void write_file(const char *text, mode_t mode)
{
    unlink(path);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    fchmod(fd, mode);
    close(fd);
}

static void a_key_is_made_once(void **state)
{
    (void)state;
    char first[BASE58_KEY_TEXT], second[BASE58_KEY_TEXT];
    struct stat stat;
    assert_false(wallet_read(path, first, &err));
    assert_true(err_is(&err, NOT_FOUND));
    assert_true(wallet_load(path, first, &err));
    assert_true(wallet_load(path, second, &err));
    assert_string_equal(first, second);
    assert_int_equal(lstat(path, &stat), 0);
    assert_int_equal(stat.st_mode & 0777, 0600);
}

// As solana-keygen writes the key of 32 bytes 1.
static void what_other_tools_wrote_is_read(void **state)
{
    (void)state;
    char address[BASE58_KEY_TEXT];
    write_file(
        "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,138,136,227,221,116,9,241,149,"
        "253,82,219,45,60,186,93,114,202,103,9,191,29,148,18,27,243,116,136,1,180,15,111,92]",
        0600);
    assert_true(wallet_read(path, address, &err));
    assert_string_equal(address, "AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9");
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "[", "[1,2,3]", "{}", "[256", "[1,1,x"};
    char address[BASE58_KEY_TEXT];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_file(texts[i], 0600);
        assert_false(wallet_load(path, address, &err));
        assert_true(err_is(&err, STORE_CORRUPT));
    }
    write_file("[1,1]", 0644);
    assert_false(wallet_load(path, address, &err));
}

#define WITH_A_FILE(test) cmocka_unit_test_setup_teardown(test, make_name, drop_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_FILE(a_key_is_made_once),
        WITH_A_FILE(what_other_tools_wrote_is_read),
        WITH_A_FILE(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
