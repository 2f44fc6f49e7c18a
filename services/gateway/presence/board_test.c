// Who follows an event: by tabs, at this process and at others, as long as it holds.
#include "services/gateway/presence/board.h"

#include <stdio.h>

#include "events.pb-c.h"
#include "tests/test.h"

#define ALI "01890000-0000-7000-8000-000000000001"
#define SARA "01890000-0000-7000-8000-000000000002"

enum { NOW = 1000000 };

static struct visitors visitors, elsewhere;

static struct uuid somebody(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%012u", 1000 + number);
    return id;
}

static void come(struct board *board, const char *user_id, uint64_t tab)
{
    struct err err;
    assert_true(board_come(board, user_id, tab, &err));
}

static void say(struct board *board, const char *user_id, uint64_t tab, bool away, int64_t unix_ms)
{
    struct err err;
    assert_true(board_say(board, &(struct board_saying){user_id, tab, away, unix_ms}, NOW, &err));
}

static int state_of(const struct board *board, const char *user_id)
{
    struct board_people people;
    int state = EVENTS__PRESENCE__STATE__GONE;
    assert_true(board_people(board, &people));
    for (size_t i = 0; i < people.count; i++)
        if (strcmp(people.list[i].user_id.text, user_id) == 0) state = people.list[i].state;
    board_people_free(&people);
    return state;
}

#define assert_state(board, user_id, state)                                                                  \
    assert_int_equal(state_of(board, user_id), EVENTS__PRESENCE__STATE__##state)

static void tell(const struct board *from, struct board *to, int64_t now_ms)
{
    size_t len;
    uint8_t *part = board_pack(from, &len);
    assert_non_null(part);
    board_hear_begin(to, now_ms);
    board_hear(to, part, len);
    free(part);
}

static void who_leaves_is_there_for_a_while(void **state)
{
    struct board board = {.visitors = &visitors};
    bool changed;
    (void)state;
    come(&board, ALI, 1);
    come(&board, ALI, 1);
    board_go(&board, ALI, 1, NOW);
    assert_int_equal(board_expire(&board, NOW + BOARD_LEAVES_MS, &changed), 0);
    board_go(&board, ALI, 1, NOW);
    assert_int_equal(board_expire(&board, NOW, &changed), NOW + BOARD_LEAVES_MS);
    assert_state(&board, ALI, CONNECTED);
    come(&board, ALI, 1); // back in time
    assert_int_equal(board_expire(&board, NOW + BOARD_LEAVES_MS, &changed), 0);
    assert_false(changed);
    board_go(&board, ALI, 1, NOW);
    board_expire(&board, NOW + BOARD_LEAVES_MS, &changed);
    assert_true(changed && board_is_empty(&board));
    assert_state(&board, ALI, GONE);
    board_finish(&board);
}

static void who_looks_at_one_page_is_not_away(void **state)
{
    struct board board = {.visitors = &visitors};
    (void)state;
    come(&board, ALI, 1);
    come(&board, ALI, 2);
    come(&board, SARA, 0);
    say(&board, ALI, 1, true, 5);
    assert_state(&board, ALI, CONNECTED);
    say(&board, ALI, 2, true, 6);
    assert_state(&board, ALI, AWAY);
    assert_state(&board, SARA, CONNECTED);
    say(&board, ALI, 2, false, 7);
    assert_state(&board, ALI, CONNECTED);
    board_finish(&board);
}

static void words_alone_make_nobody_present(void **state)
{
    struct board board = {.visitors = &visitors};
    bool changed;
    (void)state;
    say(&board, ALI, 1, false, 5);
    assert_state(&board, ALI, GONE);
    assert_int_equal(board_expire(&board, NOW, &changed), NOW + BOARD_LIFE_MS);
    board_expire(&board, NOW + BOARD_LIFE_MS, &changed);
    assert_true(board_is_empty(&board));
    board_finish(&board);
}

static void what_is_said_elsewhere_goes_with_the_tab(void **state)
{
    struct board here = {.visitors = &visitors}, there = {.visitors = &elsewhere};
    bool changed;
    (void)state;
    come(&here, ALI, 1);
    say(&here, ALI, 1, false, 5);
    say(&there, ALI, 1, true, 9);
    tell(&there, &here, NOW);
    assert_state(&here, ALI, AWAY);
    board_expire(&there, NOW + BOARD_LIFE_MS, &changed); // forgotten there
    tell(&there, &here, NOW);
    assert_state(&here, ALI, AWAY);
    tell(&here, &there, NOW);
    assert_state(&there, ALI, AWAY);
    say(&there, ALI, 1, false, 8); // later than what counts is nothing
    tell(&there, &here, NOW);
    assert_state(&here, ALI, AWAY);
    board_finish(&here);
    board_finish(&there);
}

static void what_others_told_fades(void **state)
{
    struct board here = {.visitors = &visitors}, there = {.visitors = &elsewhere};
    bool changed;
    (void)state;
    come(&there, SARA, 0);
    tell(&there, &here, NOW);
    assert_state(&here, SARA, CONNECTED);
    assert_int_equal(board_expire(&here, NOW + 1, &changed), NOW + BOARD_LIFE_MS);
    board_expire(&here, NOW + BOARD_LIFE_MS, &changed);
    assert_true(changed);
    assert_state(&here, SARA, GONE);
    board_finish(&here);
    board_finish(&there);
}

static void nonsense_is_nothing(void **state)
{
    struct board board = {.visitors = &visitors};
    struct board_people people;
    (void)state;
    board_hear_begin(&board, NOW);
    board_hear(&board, (const uint8_t *)"\xff\xff\xff", 3);
    board_hear(&board, (const uint8_t *)"\x0a\x04\x0a\x02xy", 6);
    assert_true(board_is_empty(&board));
    assert_false(board_people_unpack(&people, (const uint8_t *)"\xff\xff\xff", 3));
    board_finish(&board);
}

static void a_night_is_kept_as_it_was(void **state)
{
    struct board board = {.visitors = &visitors};
    struct board_people people, kept;
    size_t len;
    (void)state;
    come(&board, SARA, 0);
    come(&board, ALI, 0);
    say(&board, ALI, 0, true, 5);
    assert_true(board_people(&board, &people));
    uint8_t *bytes = board_people_pack(&people, &len);
    assert_true(board_people_unpack(&kept, bytes, len));
    assert_true(board_people_equal(&people, &kept));
    kept.list[0].state = EVENTS__PRESENCE__STATE__CONNECTED;
    assert_false(board_people_equal(&people, &kept));
    free(bytes);
    board_people_free(&people);
    board_people_free(&kept);
    board_finish(&board);
}

static void there_are_so_many_and_no_more(void **state)
{
    struct board board = {.visitors = &visitors};
    struct err err;
    (void)state;
    for (unsigned i = 0; i < BOARD_TABS; i++) come(&board, somebody(i).text, 0);
    assert_false(board_come(&board, somebody(BOARD_TABS).text, 0, &err));
    assert_true(err_is(&err, LIMIT_REACHED));
    come(&board, somebody(7).text, 0); // who is there comes again
    board_go(&board, somebody(3).text, 0, NOW + 1);
    board_go(&board, somebody(5).text, 0, NOW);
    come(&board, somebody(BOARD_TABS).text, 0); // who left first gives way
    assert_false(board_has(&board, somebody(5).text));
    assert_true(board_has(&board, somebody(3).text));
    board_finish(&board);
}

static void of_the_tabs_of_one_user_the_oldest_gives_way(void **state)
{
    struct board board = {.visitors = &visitors};
    bool changed;
    (void)state;
    come(&board, ALI, 1);
    for (uint64_t tab = 2; tab <= BOARD_TABS + VISIT_TABS; tab++) say(&board, ALI, tab, true, 5);
    assert_int_equal(board.count, VISIT_TABS);
    assert_state(&board, ALI, GONE);
    board_go(&board, ALI, 1, NOW); // its end is nothing any more
    for (unsigned i = 0; i < BOARD_TABS / VISIT_TABS; i++) come(&board, somebody(i).text, 1);
    assert_state(&board, somebody(BOARD_TABS / VISIT_TABS - 1).text, CONNECTED);
    board_expire(&board, NOW + BOARD_LIFE_MS, &changed);
    assert_false(board_has(&board, ALI));
    board_finish(&board);
}

static void of_the_events_of_one_user_the_oldest_gives_way(void **state)
{
    struct board boards[VISITS_OF_USER + 1];
    bool changed;
    (void)state;
    for (size_t i = 0; i <= VISITS_OF_USER; i++) {
        boards[i] = (struct board){.visitors = &visitors};
        come(&boards[i], ALI, 1);
    }
    assert_state(&boards[0], ALI, GONE);
    for (size_t i = 1; i <= VISITS_OF_USER; i++) assert_state(&boards[i], ALI, CONNECTED);
    come(&boards[0], SARA, 1);
    assert_state(&boards[0], SARA, CONNECTED);
    board_expire(&boards[0], NOW, &changed);
    assert_true(changed);
    board_expire(&boards[0], NOW, &changed);
    assert_false(changed);
    for (size_t i = 0; i <= VISITS_OF_USER; i++) board_finish(&boards[i]);
    assert_int_equal(visitors.visits, 0);
}

static int finish_visitors(void **state)
{
    (void)state;
    assert_int_equal(visitors.users.count + elsewhere.users.count, 0);
    visitors_finish(&visitors);
    visitors_finish(&elsewhere);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_leaves_is_there_for_a_while),
        cmocka_unit_test(who_looks_at_one_page_is_not_away),
        cmocka_unit_test(words_alone_make_nobody_present),
        cmocka_unit_test(what_is_said_elsewhere_goes_with_the_tab),
        cmocka_unit_test(what_others_told_fades),
        cmocka_unit_test(nonsense_is_nothing),
        cmocka_unit_test(a_night_is_kept_as_it_was),
        cmocka_unit_test(there_are_so_many_and_no_more),
        cmocka_unit_test(of_the_tabs_of_one_user_the_oldest_gives_way),
        cmocka_unit_test(of_the_events_of_one_user_the_oldest_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, finish_visitors);
}
