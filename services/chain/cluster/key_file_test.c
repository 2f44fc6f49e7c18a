// The authority's key is read from a file that nobody else reads, and from nothing else.
#include "tests/test.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "services/chain/cluster/key_file.h"

static char path[96], folder[64];

static int set_up(void **state)
{
    (void)state;
    test_folder_make(folder);
    snprintf(path, sizeof path, "%s/authority.json", folder);
    return sodium_init() < 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_folder_remove(folder);
    return 0;
}

static void write_file(const char *text, mode_t mode)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    chmod(path, mode);
}

// As Solana's tools write the pair; numbers from `count` on are left out.
static const char *list_of(const struct solana_signer *signer, size_t count)
{
    static char text[1024];
    size_t len = (size_t)snprintf(text, sizeof text, "[");
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%u", i ? "," : "", signer->secret[i]);
    snprintf(text + len, sizeof text - len, "]\n");
    return text;
}

static void a_pair_is_read(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1, 255, 30};
    struct solana_signer signer, read;
    struct err err = {0};
    solana_signer_init(&signer, seed);
    write_file(list_of(&signer, 64), 0600);
    assert_true(signer_read(&read, path, &err));
    assert_memory_equal(&read, &signer, sizeof read);
}

static void what_others_read_is_refused(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1};
    struct solana_signer signer, read;
    struct err err = {0};
    solana_signer_init(&signer, seed);
    write_file(list_of(&signer, 64), 0644);
    assert_false(signer_read(&read, path, &err));
}

static void what_is_no_pair_is_refused(void **state)
{
    (void)state;
    const uint8_t seed[32] = {1};
    struct solana_signer signer, read;
    solana_signer_init(&signer, seed);
    char shorter[1024];
    snprintf(shorter, sizeof shorter, "%s", list_of(&signer, 63));
    signer.secret[40] ^= 1; // the public half is of another
    const char *const wrong[] = {shorter, list_of(&signer, 64), "", "[]", "[1,2,", "[256]", "{}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = {0};
        write_file(wrong[i], 0600);
        assert_false(signer_read(&read, path, &err));
        assert_null(strstr(err.message, "1,"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_pair_is_read),
        TEST(what_others_read_is_refused),
        TEST(what_is_no_pair_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
