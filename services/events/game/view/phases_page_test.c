// Pages of closed phases: together they are the whole list, for every viewer, and none is large.
#include "services/events/testing/game.h"

enum { PLAYERS = 100, MOST = 20, MOST_BYTES = 128 << 10 };

struct pages {
    size_t count, largest, fewest; // fewest: reports on a page, the last one aside
};

// Every status at once, as none of them can be for so long, and every poll in the first phase.
static struct world *largest_game(void)
{
    struct world *world = world_running(PLAYERS);
    for (size_t i = 0; i < GAME_MAX_POLLS; i++) {
        assert_true(world_open_poll(world, false));
        assert_true(world_close_poll(world));
    }
    for (size_t i = 1; i < GAME_MAX_PHASES; i++)
        assert_true(
            DO(world, GOD, open_phase, i % 2 ? EVENTS__PHASE__KIND__NIGHT : EVENTS__PHASE__KIND__DAY, HOUR));
    assert_true(DO(world, GOD, close_phase));
    for (size_t i = 0; i < world->game.phases_count; i++)
        for (size_t n = 0; n < PLAYERS; n++) {
            struct statuses *statuses = &world->game.phases[i].players[n].statuses;
            statuses->on = 0x3FFE;
            for (int status = 1; status < GAME_STATUSES; status++) statuses->until[status] = GAME_MAX_PHASES;
        }
    return world;
}

static Events__ListPhasesReply page_of(const struct world *world, const struct viewer *viewer,
                                       struct view_page *page, struct arena *arena)
{
    Events__ListPhasesReply reply = EVENTS__LIST_PHASES_REPLY__INIT;
    assert_true(view_phases(&world->game, viewer, page, &reply, arena));
    return reply;
}

static uint8_t *pack_phases(Events__PhaseReport **phases, size_t count, size_t *len)
{
    Events__ListPhasesReply reply = EVENTS__LIST_PHASES_REPLY__INIT;
    reply.phases = phases;
    reply.n_phases = count;
    *len = events__list_phases_reply__get_packed_size(&reply);
    uint8_t *bytes = malloc(*len + 1);
    assert_non_null(bytes);
    events__list_phases_reply__pack(&reply, bytes);
    return bytes;
}

static struct pages assert_pages_are_the_whole(const struct world *world, const struct viewer *viewer,
                                               size_t most)
{
    static Events__PhaseReport *seen[GAME_MAX_PHASES];
    struct pages pages = {.fewest = SIZE_MAX};
    struct arena arena;
    arena_init(&arena, 256 << 20);
    struct view_page all = {1, GAME_MAX_PHASES, SIZE_MAX, 0, NULL};
    Events__ListPhasesReply whole = page_of(world, viewer, &all, &arena);
    assert_int_equal(whole.n_phases, game_closed_phases(&world->game));
    assert_int_equal(all.next, 0);
    size_t count = 0;
    for (struct view_page page = {1, most, MOST_BYTES, 0, NULL}; page.first; page.first = page.next) {
        Events__ListPhasesReply part = page_of(world, viewer, &page, &arena);
        size_t bytes = events__list_phases_reply__get_packed_size(&part);
        pages.count++;
        if (bytes > pages.largest) pages.largest = bytes;
        if (page.next && part.n_phases < pages.fewest) pages.fewest = part.n_phases;
        assert_true(part.n_phases <= most);
        if (page.next) assert_int_equal(page.next, page.first + (int32_t)part.n_phases);
        for (size_t i = 0; i < part.n_phases; i++) seen[count++] = part.phases[i];
    }
    size_t a_len, b_len;
    uint8_t *a = pack_phases(whole.phases, whole.n_phases, &a_len), *b = pack_phases(seen, count, &b_len);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
    free(a);
    free(b);
    arena_finish(&arena);
    return pages;
}

static void whoever_looks_pages_are_the_whole_list(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    const char *const eyes[] = {"", id_of(GOD), id_of(USER), id_of(USER + 50)};
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_CITIZEN))};
    for (int i = 0; i < 9; i++) {
        assert_true(DO(world, GOD, status, id_of(USER), EVENTS__STATUS__VALUE__DISABLED_3_PHASES));
        assert_true(world_open_poll(world, i % 2));
        assert_true(DO(world, GOD, open_phase, (Events__Phase__Kind)(1 + (i + 1) % 3), 0));
    }
    for (int over = 0; over < 2; over++) {
        for (size_t i = 0; i < 4; i++)
            for (size_t most = 1; most < 12; most++) {
                struct viewer viewer = view_as(&world->game, eyes[i], false);
                struct pages pages = assert_pages_are_the_whole(world, &viewer, most);
                assert_int_equal(pages.count, (9 + (size_t)over + most - 1) / most);
            }
        if (!over) assert_true(DO(world, GOD, finish, world_secrets(world), winners, 1));
    }
    world_destroy(world);
}

static void a_page_of_the_largest_game_is_small(void **state)
{
    (void)state;
    struct world *world = largest_game();
    struct viewer god = view_as_god(&world->game), everyone = view_as_public(&world->game);
    struct pages gods = assert_pages_are_the_whole(world, &god, MOST),
                 publics = assert_pages_are_the_whole(world, &everyone, MOST);
    print_message("god: %zu pages, largest %zu bytes; public: %zu pages, largest %zu bytes\n", gods.count,
                  gods.largest, publics.count, publics.largest);
    assert_true(gods.largest < MOST_BYTES + (64 << 10) && publics.largest < MOST_BYTES + (64 << 10));
    assert_true(gods.fewest >= 2);
    world_destroy(world);
}

static void a_page_begins_where_it_is_told(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    struct viewer everyone = view_as_public(&world->game);
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct view_page page = {1, MOST, MOST_BYTES, -1, NULL};
    assert_int_equal(page_of(world, &everyone, &page, &arena).n_phases, 0);
    assert_int_equal(page.next, 0);
    for (int i = 0; i < 3; i++)
        assert_true(DO(world, GOD, open_phase, (Events__Phase__Kind)(1 + (i + 1) % 3), 0));
    page = (struct view_page){2, 1, MOST_BYTES, 0, NULL};
    Events__ListPhasesReply reply = page_of(world, &everyone, &page, &arena);
    assert_int_equal(reply.n_phases, 1);
    assert_int_equal(reply.phases[0]->phase->number, 2);
    assert_int_equal(page.next, 3);
    arena_finish(&arena);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_begins_where_it_is_told),
        cmocka_unit_test(whoever_looks_pages_are_the_whole_list),
        cmocka_unit_test(a_page_of_the_largest_game_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
