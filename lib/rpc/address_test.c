#include "tests/test.h"

#include "lib/rpc/address.h"

struct world { // two folders of ours, one of somebody's, and a way from ours to theirs
    char data[TEST_FOLDER_BYTES], run[TEST_FOLDER_BYTES], theirs[TEST_FOLDER_BYTES], way[64];
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    test_folder_make(world->data);
    test_folder_make(world->run);
    test_folder_make(world->theirs);
    snprintf(world->way, sizeof world->way, "%s/way", world->data);
    assert_int_equal(symlink(world->theirs, world->way), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    test_folder_remove(world->data);
    test_folder_remove(world->run);
    test_folder_remove(world->theirs);
    free(world);
    return 0;
}

// What is between braces in a template is one of the world's folders.
static void fill_in(const struct world *world, const char *template, char out[256])
{
    const struct {
        const char *name, *path;
    } names[] = {{"{data}", world->data}, {"{run}", world->run}, {"{theirs}", world->theirs}};
    size_t len = 0;
    while (*template) {
        const char *text = NULL;
        for (size_t i = 0; i < 3 && !text; i++)
            if (strncmp(template, names[i].name, strlen(names[i].name)) == 0) {
                text = names[i].path;
                template += strlen(names[i].name);
            }
        if (text)
            len += (size_t)snprintf(out + len, 256 - len, "%s", text);
        else
            out[len++] = *template ++;
    }
    out[len] = 0;
}

static void an_address_that_others_can_reach_needs_the_key(void **state)
{
    const struct world *world = *state;
    static const struct {
        const char *address;
        bool without_key, with_key;
    } table[] = {
        {"ipc://{data}/auth.ipc", true, true},
        {"ipc://{run}/auth.ipc", true, true},
        {"ipc://{run}/../{run}/auth.ipc", false, true}, // no such folder
        {"ipc://{data}/.//auth.ipc", true, true},
        {"inproc://auth", true, true},
        {"ipc://{theirs}/auth.ipc", false, true},
        {"ipc://{data}/../auth.ipc", false, true},
        {"ipc://{data}/way/auth.ipc", false, true},
        {"ipc://{data}more/auth.ipc", false, true},
        {"ipc:///auth.ipc", false, true},
        {"ipc://auth.ipc", false, true},
        {"IPC://{run}/auth.ipc", false, true}, // NNG takes it, our permissions are not set on it
        {"unix://{run}/auth.ipc", false, true},
        {"tcp://127.0.0.1:7451", false, true},
        {"tcp://[::1]:7451", false, true},
        {"TCP://127.0.0.1:7451", false, true},
        {"tcp4://127.0.0.1:7451", false, true},
        {"tcp6://[::1]:7451", false, true},
        {"tls+tcp://127.0.0.1:7451", false, false}, // nor are there certificates
        {"TLS+tcp4://127.0.0.1:7451", false, false},
        {"ws://127.0.0.1:7451", false, true},
        {"ws://127.0.0.1:7451/ipc://{run}/auth.ipc", false, true},
        {"wss://127.0.0.1:7451", false, true},
        {"auth", false, true},
        {"ipc://{run}/a.ipc,ipc://{run}/b.ipc", true, true},
        {"ipc://{run}/a.ipc,tcp://127.0.0.1:7451", false, true},
        {"ipc://{run}/a.ipc ipc://{data}/a.ipc", true, true},
        {"ipc://{run}/a.ipc ipc://{theirs}/a.ipc", false, true},
        {"abstract://auth", false, false},
        {"Abstract://auth", false, false},
        {"ipc://{run}/a.ipc,abstract://auth", false, false},
        {"ipc://{run}/abstract", true, true},
    };
    const char *const folders[] = {world->data, world->run, NULL};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char address[256];
        struct err err = {0};
        fill_in(world, table[i].address, address);
        if (rpc_address_check(address, false, folders, &err) != table[i].without_key)
            fail_msg("%s without a key: %s", address, table[i].without_key ? err.message : "taken");
        if (!table[i].without_key) assert_true(err_is(&err, INVALID_FIELD));
        if (rpc_address_check(address, true, folders, &err) != table[i].with_key)
            fail_msg("%s with the key: %s", address, table[i].with_key ? err.message : "taken");
    }
}

static void a_refusal_says_what_to_do(void **state)
{
    (void)state;
    const char *const folders[] = {"/nowhere", NULL};
    struct err err = {0};
    assert_false(rpc_address_check("ws://127.0.0.1:1", false, folders, &err));
    assert_non_null(strstr(err.message, "CONSE_BUS_KEY"));
    assert_non_null(strstr(err.message, "ws://127.0.0.1:1"));
    assert_false(rpc_address_check("abstract://conse", true, folders, &err));
    assert_non_null(strstr(err.message, "abstract sockets"));
    assert_non_null(strstr(err.message, "ipc://"));
}

static void without_folders_any_file_will_do(void **state)
{
    (void)state;
    struct err err = {0};
    assert_true(rpc_address_check("ipc:///nowhere/at/all", false, NULL, &err));
    assert_false(rpc_address_check("ws://127.0.0.1:1", false, NULL, &err));
}

static void slow_methods_have_an_address_beside(void **state)
{
    (void)state;
    static const char *const table[][2] = {{"ipc://run/auth.ipc", "ipc://run/auth-slow.ipc"},
                                           {"ipc://run:7/auth", "ipc://run:7/auth-slow"},
                                           {"inproc://x", "inproc://x-slow"},
                                           {"tcp://host:7", "tcp://host:8"},
                                           {"tcp6://[::1]:7", "tcp6://[::1]:8"},
                                           {"ws://host:7", "ws://host:8"},
                                           {"tcp://host", NULL},
                                           {"tcp://host:65535", NULL},
                                           {"ws://host:7/path", NULL},
                                           {"auth", NULL}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char slow[64];
        bool found = rpc_slow_address(table[i][0], slow, sizeof slow);
        assert_int_equal(found, table[i][1] != NULL);
        if (found) assert_string_equal(slow, table[i][1]);
    }
}

static void a_peer_has_two_addresses(void **state)
{
    (void)state;
    static const char *const table[][3] = {
        {"tcp://10.0.0.5:7451", "tcp://10.0.0.5:7451", "tcp://10.0.0.5:7452"},
        {"tcp://10.0.0.5:7451 tcp://10.0.0.5:9", "tcp://10.0.0.5:7451", "tcp://10.0.0.5:9"},
        {"ipc://a/x.ipc ipc://b/y.ipc", "ipc://a/x.ipc", "ipc://b/y.ipc"}};
    char fast[64], slow[64];
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_true(rpc_address_split(table[i][0], fast, slow, sizeof fast));
        assert_string_equal(fast, table[i][1]);
        assert_string_equal(slow, table[i][2]);
    }
    assert_false(rpc_address_split("auth", fast, slow, sizeof fast));
    assert_false(rpc_address_split("ipc://a/x.ipc ipc://b/y.ipc", fast, slow, 13));
}

static void lists_are_joined_in_pairs_at_one_host(void **state)
{
    (void)state;
    char out[64];
    struct err err = {0};
    assert_true(rpc_address_join("tcp://a:1,ipc://x", "tcp://a:9,ipc://y", out, sizeof out, &err));
    assert_string_equal(out, "tcp://a:1 tcp://a:9,ipc://x ipc://y");
    static const char *const refused[][2] = {{"tcp://a:1", "tcp://b:9"},
                                             {"tcp://a:1", "tcp://ab:9"},
                                             {"tcp://a:1,tcp://b:1", "tcp://a:9"},
                                             {"tcp://a:1", "tcp://a:9,tcp://a:8"},
                                             {"tcp://[::1]:1", "tcp://[::2]:1"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_false(rpc_address_join(refused[i][0], refused[i][1], out, sizeof out, &err));
        assert_true(err_is(&err, INVALID_FIELD));
    }
    assert_false(rpc_address_join("ipc://x", "ipc://y", out, 15, &err));
    assert_true(rpc_address_join("ipc://x", "ipc://y", out, 16, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_address_that_others_can_reach_needs_the_key),
        cmocka_unit_test(a_refusal_says_what_to_do),
        cmocka_unit_test(without_folders_any_file_will_do),
        cmocka_unit_test(slow_methods_have_an_address_beside),
        cmocka_unit_test(a_peer_has_two_addresses),
        cmocka_unit_test(lists_are_joined_in_pairs_at_one_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
