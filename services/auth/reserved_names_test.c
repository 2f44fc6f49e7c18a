#include "services/auth/reserved_names.h"

#include "services/auth/testing/world.h"

static bool is_free(const char *more, const char *name)
{
    struct err err;
    if (reserved_names_check(more, name, &err)) return true;
    assert_string_equal(err_name(&err), "USERNAME_RESERVED");
    assert_string_equal(err.field, "username");
    return false;
}

static void what_sounds_like_the_operator_is_reserved(void **state)
{
    (void)state;
    static const char *const names[] = {"admin",
                                        "ADMIN",
                                        "4dm1n",
                                        "a.d-m_i.n",
                                        "r00t",
                                        "sy5tem",
                                        "C0NSE",
                                        "m0derat0r",
                                        "g-o-d",
                                        "d3v",
                                        "0perat0r",
                                        "nu11",
                                        "nulI",
                                        "m.e",
                                        "deleted",
                                        "de1et3d",
                                        "deleted-x",
                                        "DELETED_1",
                                        "-deleted-0123456789abcdef",
                                        "..deleted.1",
                                        "d3leted.0123456789abcdef"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_free("", names[i])) fail_msg("%s is free", names[i]);
}

static void whole_names_are_compared(void **state)
{
    (void)state;
    static const char *const names[] = {
        "goddess",      "devil",  "administer", "mira", "player-abcdefghij", "my.god",
        "deletedscene", "rooted", "0",          "...",  "operator1",         "modest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!is_free("", names[i])) fail_msg("%s is reserved", names[i]);
}

static void a_setting_adds_more(void **state)
{
    (void)state;
    assert_false(is_free("mafia-tehran", "MafiaTehran"));
    assert_false(is_free("x1,boss", "b0ss"));
    assert_true(is_free("x1,boss", "bossy"));
    assert_true(is_free("", "boss"));
}

static void the_setting_is_checked_at_the_start(void **state)
{
    (void)state;
    static const char *const good[] = {"", "boss", "a,b.c,D-e_f"};
    static const char *const bad[] = {",",   "a,",  ",a",  "a,,b",
                                      "a b", "نام", "a;b", "0123456789012345678901234567890123"};
    struct auth other;
    struct auth_settings settings = w.settings;
    const struct auth_options options = {.settings = &settings, .data_dir = w.folder, .store_url = w.url};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(reserved_names_check_list(good[i], &w.err));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (reserved_names_check_list(bad[i], &w.err)) fail_msg("%s is a list of names", bad[i]);
    settings.usernames_reserved = "a b";
    assert_false(auth_open(&other, &options, &w.err));
    assert_string_equal(w.err.field, "CONSE_USERNAMES_RESERVED");
}

static void nobody_signs_up_or_is_renamed_to_one(void **state)
{
    (void)state;
    refused(sign_up("Adm1n", ""), "USERNAME_RESERVED");
    assert_string_equal(w.err.field, "username");
    const char *mira = sign_up("mira", "")->id;
    refused(rename_to(mira, "r.o.o.t"), "USERNAME_RESERVED");
    assert_string_equal(rename_to(mira, "Mira")->username, "Mira");
}

// From a time before the name was reserved; also another case is the same name.
static void who_bears_one_keeps_it(void **state)
{
    (void)state;
    const char *boss = sign_up("boss", "")->id;
    sign_up("mira", "");
    w.auth.settings.usernames_reserved = "boss";
    assert_non_null(log_in("boss", PASSWORD));
    assert_string_equal(rename_to(boss, "BOSS")->username, "BOSS");
    assert_string_equal(rename_to(boss, "bertha")->username, "bertha");
    refused(rename_to(boss, "boss"), "USERNAME_RESERVED"); // given up for good
    static const char phone[] = "+989121234567";
    send_code(phone);
    assert_non_null(use_code(phone, code_of(phone), "")); // a player- of its own
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_sounds_like_the_operator_is_reserved),
        TEST(whole_names_are_compared),
        TEST(a_setting_adds_more),
        TEST(the_setting_is_checked_at_the_start),
        TEST(nobody_signs_up_or_is_renamed_to_one),
        TEST(who_bears_one_keeps_it),
    };
    return RUN(tests);
}
