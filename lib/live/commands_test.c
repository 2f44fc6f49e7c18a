// What is known of commands: all of a day as long as there is room, and never that one is not there that may
// be.
#include "tests/test.h"

#include "lib/base/clock.h"
#include "lib/live/commands.h"

enum { MOST = 64 };

static const int64_t HOUR_MS = 3600 * 1000, START_MS = 1000 * INT64_C(3600) * 1000;
static struct live_commands commands;

static int set_up(void **state)
{
    (void)state;
    clock_hold_mono(START_MS);
    live_commands_init(&commands, MOST);
    commands.whole = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    live_commands_forget(&commands);
    clock_hold_mono(-1);
    return 0;
}

static struct store_known command_of(unsigned number)
{
    struct store_known known = {.seq = number};
    for (unsigned i = 0; i < sizeof known.id; i++) known.id[i] = (uint8_t)(number * 2654435761U >> i % 4 * 8);
    return known;
}

static void add_some(unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++) {
        const struct store_known known = command_of(i);
        live_commands_add(&commands, &known, 1);
    }
}

static bool has(unsigned number)
{
    const struct store_known known = command_of(number);
    return live_commands_has(&commands, known.id);
}

static void all_are_known_while_there_is_room(void **state)
{
    (void)state;
    add_some(0, MOST);
    add_some(0, MOST); // again
    for (unsigned i = 0; i < MOST; i++) assert_true(has(i));
    assert_false(has(MOST));
    assert_true(live_commands_are_all(&commands));
    assert_true(live_commands_bytes(&commands) <= MOST * 4 * sizeof(uint64_t));
}

static void beyond_it_the_older_half_goes(void **state)
{
    (void)state;
    add_some(0, MOST + 1);
    assert_false(has(0));
    assert_true(has(MOST / 2) && has(MOST));
    assert_false(live_commands_are_all(&commands));
    clock_hold_mono(START_MS + 24 * HOUR_MS - 1);
    assert_false(live_commands_are_all(&commands));
    clock_hold_mono(START_MS + 24 * HOUR_MS); // what went is as old, and is not asked for
    assert_true(live_commands_are_all(&commands));
}

static void what_is_a_day_old_goes_and_is_no_loss(void **state)
{
    (void)state;
    for (unsigned day = 0; day < 9; day++) {
        clock_hold_mono(START_MS + (int64_t)day * 24 * HOUR_MS);
        add_some(day * MOST / 4, MOST / 4);
        assert_true(live_commands_are_all(&commands));
        assert_true(has(day * MOST / 4));
    }
    assert_false(has(0));
    assert_true(live_commands_bytes(&commands) <= MOST * 4 * sizeof(uint64_t));
}

static void what_was_lost_within_a_day_is_missing_for_a_day(void **state)
{
    (void)state;
    for (unsigned hour = 0; hour < 48; hour++) {
        clock_hold_mono(START_MS + hour * HOUR_MS);
        add_some(hour * MOST, MOST);
        assert_int_equal(live_commands_are_all(&commands), hour == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_are_known_while_there_is_room),
        TEST(beyond_it_the_older_half_goes),
        TEST(what_is_a_day_old_goes_and_is_no_loss),
        TEST(what_was_lost_within_a_day_is_missing_for_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
