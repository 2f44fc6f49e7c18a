// Accounts that are linked to users of Discord, in a file and in a store that processes share.
#include "services/ai/discord/links.h"

#include <ctype.h>

#include "services/ai/testing/club.h"

#define MIRA "01890000-0000-7000-8000-0000000000a1"
#define KAVEH "01890000-0000-7000-8000-0000000000a2"

static struct err err;

static bool links(struct club *club, const char *user_id, const char *code)
{
    char discord_id[SNOWFLAKE];
    uint64_t ticket;
    const struct store_write write = {.after = 0};
    err = (struct err){0};
    return link_find(club->ai.store, code, club->now_ms, discord_id, &club->arena, &err) &&
           link_make(club->ai.store, discord_id, user_id, code, &write, &ticket, &club->arena, &err) &&
           store_wait(club->ai.store, ticket, &err);
}

static const char *linked(struct club *club, const char *discord_id)
{
    static struct uuid user_id;
    assert_true(link_of(club->ai.store, discord_id, &user_id, &club->arena, &err));
    return user_id.text;
}

static void offer(struct club *club, const char *discord_id, char code[LINK_CODE])
{
    assert_true(link_offer(club->ai.store, discord_id, club->now_ms, code, &err));
    assert_int_equal(strlen(code), LINK_CODE - 1);
}

static void a_code_links_once(void **state)
{
    struct club *club = *state;
    char code[LINK_CODE], typed[16];
    offer(club, "55", code);
    assert_string_equal(linked(club, "55"), "");
    snprintf(typed, sizeof typed, "%.4s-%s", code, code + 4);
    for (char *at = typed; *at; at++) *at = (char)tolower(*at);
    assert_true(links(club, MIRA, typed));
    assert_string_equal(linked(club, "55"), MIRA);
    assert_false(links(club, KAVEH, code));
    assert_true(err_is(&err, OTP_INVALID));
    assert_string_equal(linked(club, "55"), MIRA);
}

static void a_code_is_good_for_ten_minutes(void **state)
{
    struct club *club = *state;
    char code[LINK_CODE];
    bool more = false;
    offer(club, "55", code);
    club->now_ms += LINK_CODE_MS;
    assert_false(links(club, MIRA, code));
    assert_false(links(club, MIRA, "") || links(club, MIRA, "22222222") || links(club, MIRA, "2222222222"));
    assert_true(links_sweep(club->ai.store, club->now_ms, &more, &club->arena, &err) && !more);
}

static void each_has_one_of_the_other(void **state)
{
    struct club *club = *state;
    char code[LINK_CODE];
    uint64_t ticket;
    offer(club, "55", code);
    assert_true(links(club, MIRA, code));
    offer(club, "66", code);
    assert_true(links(club, MIRA, code)); // another of her own
    assert_string_equal(linked(club, "55"), "");
    assert_string_equal(linked(club, "66"), MIRA);
    offer(club, "66", code);
    assert_true(links(club, KAVEH, code)); // who has it is another one now
    assert_string_equal(linked(club, "66"), KAVEH);
    assert_true(links_forget(club->ai.store, KAVEH, &ticket, &err) &&
                store_wait(club->ai.store, ticket, &err));
    assert_string_equal(linked(club, "66"), "");
    assert_true(links_forget(club->ai.store, KAVEH, &ticket, &err));
    assert_int_equal(ticket, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLUB_IN_BOTH(a_code_links_once),
        CLUB_IN_BOTH(a_code_is_good_for_ten_minutes),
        CLUB_IN_BOTH(each_has_one_of_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
