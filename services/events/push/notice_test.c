// Which webhooks are a channel's of Discord, and which entries it is told of.
#include "services/events/push/notice.h"

#include "tests/test.h"

static void webhooks_of_discord_are_taken(void **state)
{
    static const char *const good[] = {
        "https://discord.com/api/webhooks/1/a", "https://discordapp.com/api/webhooks/1/a",
        "https://ptb.discord.com/api/webhooks/1/a", "https://canary.discord.com/api/webhooks/1/a"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(notice_takes(good[i], false));
    assert_true(notice_takes("http://127.0.0.1:7000/hook", true));
}

static void no_others_are(void **state)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "http://discord.com/api/webhooks/1/a",
                                      "https://discord.com/api/v10/users",
                                      "https://discord.com.evil.example/api/webhooks/1/a",
                                      "https://discord.com@evil.example/api/webhooks/1/a",
                                      "https://evil.example/https://discord.com/api/webhooks/1/a",
                                      "https://discord.com:444/api/webhooks/1/a",
                                      "http://127.0.0.1:7000/hook",
                                      "https://10.0.0.1/api/webhooks/1/a"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (notice_takes(bad[i], false)) fail_msg("%s", bad[i]);
}

static void a_filter_is_kinds_of_entries(void **state)
{
    static const Events__DiscordNotice__Value filter[] = {EVENTS__DISCORD_NOTICE__VALUE__FULL,
                                                          EVENTS__DISCORD_NOTICE__VALUE__STARTS_SOON};
    const char *kinds[NOTICE_KINDS];
    (void)state;
    assert_int_equal(notice_kinds(filter, 2, kinds), 3);
    assert_string_equal(kinds[0], "RESERVED");
    assert_string_equal(kinds[1], "SEAT_PAID");
    assert_string_equal(kinds[2], "REMINDED");
    assert_int_equal(notice_kinds(NULL, 0, kinds), 8); // all
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webhooks_of_discord_are_taken),
        cmocka_unit_test(no_others_are),
        cmocka_unit_test(a_filter_is_kinds_of_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
