// Which entries say only what this program knows.
#include "services/events/game/known.h"

#include <string.h>

#include "services/events/game/game.h"
#include "tests/test.h"

// Whether the entry is known when these bytes stand behind its own.
static bool knows_with(const Game__Entry *entry, const void *more, size_t len)
{
    uint8_t bytes[512];
    size_t at = game__entry__pack(entry, bytes);
    assert_true(at + len <= sizeof bytes);
    if (len) memcpy(bytes + at, more, len);
    Game__Entry *read = game__entry__unpack(NULL, at + len, bytes);
    assert_non_null(read);
    bool known = entry_is_known(read);
    game__entry__free_unpacked(read, NULL);
    return known;
}

static bool knows(const Game__Entry *entry) { return knows_with(entry, NULL, 0); }

static void an_entry_of_today_is_known(void **state)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    Game__Voted voted = GAME__VOTED__INIT;
    (void)state;
    entry.body_case = GAME__ENTRY__BODY_VOTED;
    entry.voted = &voted;
    for (unsigned i = 0; i < events__vote__value__descriptor.n_values; i++) {
        voted.vote = (Events__Vote__Value)events__vote__value__descriptor.values[i].value;
        assert_true(knows(&entry));
    }
}

static void another_kind_is_not_known(void **state)
{
    static const uint8_t kind[] = {0xBA, 0x3E, 0}; // field 999, no bytes
    Game__Entry entry = GAME__ENTRY__INIT;
    (void)state;
    assert_false(knows_with(&entry, kind, sizeof kind));
}

static void a_further_field_is_not_known_however_deep(void **state)
{
    static const uint8_t edited[] = {11 << 3 | 2, 4, 1 << 3 | 2, 2, 7 << 3, 7};        // 7: min_players
    static const uint8_t further[] = {11 << 3 | 2, 5, 1 << 3 | 2, 3, 0xA0, 0x06, 7};   // 100
    static const uint8_t in_a_list[] = {10 << 3 | 2, 5, 7 << 3 | 2, 3, 0xA0, 0x06, 7}; // of roles
    Game__Entry entry = GAME__ENTRY__INIT;
    (void)state;
    assert_true(knows_with(&entry, edited, sizeof edited));
    assert_false(knows_with(&entry, further, sizeof further));
    assert_false(knows_with(&entry, in_a_list, sizeof in_a_list));
}

static void a_further_value_is_not_known(void **state)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    Game__Voted voted = GAME__VOTED__INIT;
    (void)state;
    entry.body_case = GAME__ENTRY__BODY_VOTED;
    entry.voted = &voted;
    voted.vote = (Events__Vote__Value)99;
    assert_false(knows(&entry));
}

static void rules_of_a_later_version_are_not_known(void **state)
{
    Game__Entry entry = GAME__ENTRY__INIT;
    Game__Opened opened = GAME__OPENED__INIT;
    (void)state;
    entry.body_case = GAME__ENTRY__BODY_OPENED;
    entry.opened = &opened;
    opened.rules_version = GAME_RULES;
    assert_true(knows(&entry));
    opened.rules_version = GAME_RULES + 1;
    assert_false(knows(&entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_of_today_is_known),
        cmocka_unit_test(another_kind_is_not_known),
        cmocka_unit_test(a_further_field_is_not_known_however_deep),
        cmocka_unit_test(a_further_value_is_not_known),
        cmocka_unit_test(rules_of_a_later_version_are_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
