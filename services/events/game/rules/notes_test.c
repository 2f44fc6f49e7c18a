// Notes to the table, to the dead, and of the god's own.
#include "services/events/testing/game.h"

#define TO(name) EVENTS__NOTE__AUDIENCE__##name

static bool note_table(struct world *world, Events__Note__Audience audience, const char *text)
{
    Events__TableNoteRequest note = EVENTS__TABLE_NOTE_REQUEST__INIT;
    note.audience = audience;
    note.text = text;
    return DO(world, GOD, table_note, &note);
}

static size_t count_seen(struct world *world, const char *user_id)
{
    struct viewer viewer = view_as(&world->game, user_id, false);
    return view_notes_count(&world->game, &viewer);
}

static void everybody_reads_a_note_to_the_table(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    const char *const eyes[] = {"", id_of(USER), id_of(OTHER_GOD), id_of(GOD)};
    assert_true(note_table(world, TO(TABLE), "dinner is ready"));
    for (size_t i = 0; i < 4; i++) assert_int_equal(count_seen(world, eyes[i]), 1);
    assert_int_equal(world->kept[world->kept_count - 1].audience.kind, AUDIENCE_PUBLIC);
    assert_replays(world);
    world_destroy(world);
}

static void the_dead_read_what_was_written_to_them(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    assert_true(note_table(world, TO(DEAD), "nobody is here yet"));
    assert_true(DO(world, GOD, status, id_of(USER), EVENTS__STATUS__VALUE__DEAD));
    assert_true(note_table(world, TO(DEAD), "welcome"));
    assert_true(DO(world, GOD, status, id_of(USER + 1), EVENTS__STATUS__VALUE__KICKED));
    assert_true(note_table(world, TO(DEAD), "now you are two"));
    assert_int_equal(count_seen(world, id_of(USER)), 2);
    assert_int_equal(count_seen(world, id_of(USER + 1)), 1);
    assert_int_equal(count_seen(world, id_of(USER + 2)), 0);
    assert_int_equal(count_seen(world, ""), 0);
    assert_int_equal(count_seen(world, id_of(GOD)), 3);
    assert_true(DO(world, GOD, status, id_of(USER), EVENTS__STATUS__VALUE__DEFAULT));
    assert_int_equal(count_seen(world, id_of(USER)), 2); // what was told stays told
    assert_true(note_table(world, TO(DEAD), "and one again"));
    assert_int_equal(count_seen(world, id_of(USER)), 2);
    assert_replays(world);
    world_destroy(world);
}

static void a_note_of_the_gods_own_is_about_nobody(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    Events__ListNotesReply notes = EVENTS__LIST_NOTES_REPLY__INIT;
    struct viewer god = view_as_god(&world->game);
    struct view_page page = {1, 20, SIZE_MAX, 0, NULL};
    assert_true(note_table(world, TO(GOD), "watch seat two"));
    assert_int_equal(count_seen(world, id_of(USER)), 0);
    assert_true(view_notes_page(&world->game, &god, &page, &notes, &world->arena));
    assert_int_equal(notes.n_notes, 1);
    assert_string_equal(notes.notes[0]->user_id, "");
    assert_replays(world);
    world_destroy(world);
}

static void each_route_takes_its_own_audiences(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    Events__NoteRequest note = EVENTS__NOTE_REQUEST__INIT;
    char id[UUID_LEN + 1];
    note.user_id = strcpy(id, id_of(USER));
    note.text = "x";
    static const Events__Note__Audience to_all[] = {TO(TABLE), TO(DEAD)}, to_one[] = {TO(PLAYER), TO(SIDE)};
    for (size_t i = 0; i < 2; i++) {
        note.audience = to_all[i];
        assert_false(DO(world, GOD, note, &note));
        assert_refused(world, INVALID_FIELD);
        assert_false(note_table(world, to_one[i], "x"));
        assert_refused(world, INVALID_FIELD);
    }
    world_destroy(world);
}

static void they_need_cards_and_room(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 1}, &terms);
    assert_false(note_table(world, TO(TABLE), "too early"));
    assert_refused(world, EVENT_NOT_REVEALED);
    assert_true(world_reserve(world, USER, false));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    for (int i = 0; i < GAME_MAX_NOTES; i++) assert_true(note_table(world, TO(TABLE), "again"));
    assert_false(note_table(world, TO(TABLE), "once more"));
    assert_refused(world, LIMIT_REACHED);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(note_table(world, TO(TABLE), "too late"));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_reads_a_note_to_the_table),
        cmocka_unit_test(the_dead_read_what_was_written_to_them),
        cmocka_unit_test(a_note_of_the_gods_own_is_about_nobody),
        cmocka_unit_test(each_route_takes_its_own_audiences),
        cmocka_unit_test(they_need_cards_and_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
