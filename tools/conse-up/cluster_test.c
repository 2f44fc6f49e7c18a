#include "tools/conse-up/cluster.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"
#include "tools/conse-up/wallet.h"

static const char *const variables[] = {"CONSE_SOLANA_RPC", "CONSE_SOLANA_KEY_FILE", "CONSE_SOLANA_POOL",
                                        "CONSE_SOLANA_REVENUE", "CONSE_CLUSTER_PORT"};

static char folder[64], data[128];
static struct child child;
static struct err err;

static void forget_settings(void)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
}

static void drop_child(void)
{
    for (int i = 0; i < child.words_count; i++) free(child.words[i]);
    child = (struct child){.program = "cluster"};
}

// A folder with the program, which is not run.
static int make_folder_of_programs(void **state)
{
    (void)state;
    char program[128];
    strcpy(folder, "/tmp/conse-up-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(program, sizeof program, "%s/conse-cluster", folder);
    close(open(program, O_CREAT | O_WRONLY, 0755));
    snprintf(data, sizeof data, "%s/data", folder);
    setenv("CONSE_DATA", data, 1);
    forget_settings();
    setenv("CONSE_CLUSTER_PORT", "0", 1);
    drop_child();
    return 0;
}

static int drop_all(void **state)
{
    (void)state;
    char command[128];
    drop_child();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static bool is_told(const char *option, const char *value)
{
    for (int i = 0; i + 1 < child.words_count; i++)
        if (strcmp(child.words[i], option) == 0 && strcmp(child.words[i + 1], value) == 0) return true;
    return false;
}

static bool is_funded(const char *address)
{
    char fund[128];
    snprintf(fund, sizeof fund, "%s=1000000000000", address);
    return is_told("--fund", fund);
}

// The address of the key in a file.
static const char *address_in(const char *path)
{
    static char address[BASE58_KEY_TEXT];
    assert_true(wallet_read(path, address, &err));
    return address;
}

static void the_first_start_makes_keys_and_settings(void **state)
{
    (void)state;
    char url[64], path[160], file[160];
    struct stat stat;
    assert_true(cluster_is_wanted());
    assert_true(cluster_settle(&child, folder, &err));
    snprintf(url, sizeof url, "http://%s", child.admin);
    assert_string_equal(getenv("CONSE_SOLANA_RPC"), url);
    assert_true(is_told("--port", strrchr(child.admin, ':') + 1));
    assert_true(atoi(strrchr(child.admin, ':') + 1) > 0);
    assert_true(is_told("--slot-ms", "400"));
    snprintf(file, sizeof file, "%s/cluster.json", data);
    assert_true(is_told("--state", file));
    snprintf(path, sizeof path, "%s/keys/solana.json", data);
    assert_string_equal(getenv("CONSE_SOLANA_KEY_FILE"), path);
    assert_int_equal(lstat(path, &stat), 0);
    assert_int_equal(stat.st_mode & 0777, 0600);
    assert_true(is_funded(address_in(path)));
    assert_true(is_funded(getenv("CONSE_SOLANA_POOL")) && is_funded(getenv("CONSE_SOLANA_REVENUE")));
    assert_string_not_equal(getenv("CONSE_SOLANA_POOL"), getenv("CONSE_SOLANA_REVENUE"));
    assert_string_not_equal(getenv("CONSE_SOLANA_POOL"), address_in(path));
}

static void a_later_start_has_the_same_keys(void **state)
{
    (void)state;
    char pool[BASE58_KEY_TEXT], authority[BASE58_KEY_TEXT];
    assert_true(cluster_settle(&child, folder, &err));
    snprintf(pool, sizeof pool, "%s", getenv("CONSE_SOLANA_POOL"));
    snprintf(authority, sizeof authority, "%s", address_in(getenv("CONSE_SOLANA_KEY_FILE")));
    forget_settings();
    drop_child();
    assert_true(cluster_settle(&child, folder, &err));
    assert_string_equal(getenv("CONSE_SOLANA_POOL"), pool);
    assert_true(is_funded(authority) && is_funded(pool));
}

static void what_is_set_stays(void **state)
{
    (void)state;
    static const char pool[] = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";
    char path[160];
    snprintf(path, sizeof path, "%s/own.json", folder);
    char address[BASE58_KEY_TEXT];
    assert_true(wallet_load(path, address, &err));
    setenv("CONSE_SOLANA_KEY_FILE", path, 1);
    setenv("CONSE_SOLANA_POOL", pool, 1);
    assert_true(cluster_settle(&child, folder, &err));
    assert_string_equal(getenv("CONSE_SOLANA_KEY_FILE"), path);
    assert_string_equal(getenv("CONSE_SOLANA_POOL"), pool);
    assert_true(is_funded(address_in(path)) && is_funded(pool));
}

static void assert_unsettled(const char *part)
{
    assert_false(cluster_settle(&child, folder, &err));
    if (!strstr(err.message, part)) fail_msg("no %s in \"%s\"", part, err.message);
    drop_child();
}

static void what_cannot_be_is_said(void **state)
{
    (void)state;
    char program[128];
    setenv("CONSE_SOLANA_KEY_FILE", "/nowhere/own.json", 1);
    assert_unsettled("CONSE_SOLANA_KEY_FILE");
    unsetenv("CONSE_SOLANA_KEY_FILE");
    setenv("CONSE_DATA", "/proc/none", 1);
    assert_unsettled("/proc/none");
    snprintf(program, sizeof program, "%s/conse-cluster", folder);
    unlink(program);
    assert_unsettled("--no-cluster");
}

static void another_cluster_is_not_joined_by_ours(void **state)
{
    (void)state;
    setenv("CONSE_SOLANA_RPC", "https://rpc.example.org", 1);
    assert_false(cluster_is_wanted());
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder_of_programs, drop_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(the_first_start_makes_keys_and_settings),
        IN_A_FOLDER(a_later_start_has_the_same_keys),
        IN_A_FOLDER(what_is_set_stays),
        IN_A_FOLDER(what_cannot_be_is_said),
        IN_A_FOLDER(another_cluster_is_not_joined_by_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
