// Random commands, legal and not: the state equals a replay of the entries, a snapshot continues the same,
// and the invariants hold.
#include "services/events/testing/commands.h"
#include "services/events/testing/kept.h"

enum { RUNS = 60, STEPS = 600, LATE_BY = 9 };

static void check_seats(const struct game *game)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t seated = game_roster(game, roster);
    assert_int_equal(seated, game->seats_taken);
    assert_true(game->seats_taken <= game->terms.max_players);
    for (size_t i = 0; i < game->people_count; i++) {
        const struct person *person = &game->people[i];
        assert_true(!person->seat || game->seats[person->seat - 1] == i + 1);
        assert_true(!person->seat || !game_waiting_place(game, (int)i));
    }
    bool room = game->seats_taken < game->terms.max_players;
    if (game->state == EVENTS__EVENT__STATE__OPEN && !game->locking)
        assert_true(!room || game->waiting_count == 0);
}

static void check_phases(const struct game *game)
{
    for (size_t i = 0; i + 1 < game->phases_count; i++) {
        assert_int_equal(game->phases[i].state, EVENTS__PHASE__STATE__CLOSED);
        assert_int_not_equal(game->phases[i].kind, game->phases[i + 1].kind);
    }
    if (game_open_poll(game)) assert_non_null(game_open_phase(game));
    if (game_over(game)) assert_null(game_open_phase(game));
    assert_true(game->opened == (game_over(game) && game->dealt));
}

// The three views number what they see without gaps, and every entry is in the god's log, sealed, or
// someone's own.
static void check_logs(const struct world *world)
{
    const struct game *game = &world->game;
    static struct log_place places[20000];
    struct viewer everyone = {.person = GAME_NO_ONE}, god = {.god = true, .person = GAME_NO_ONE},
                  all = {.god = true, .person = GAME_NO_ONE, .all = true};
    uint64_t next, until = game->chain.seq;
    assert_int_equal(log_index_find(&game->log, &everyone, 1, until, places, 20000, &next),
                     game->log.public_count);
    assert_int_equal(log_index_find(&game->log, &god, 1, until, places, 20000, &next), game->log.god_count);
    size_t count = log_index_find(&game->log, &all, 1, until, places, 20000, &next);
    assert_int_equal(count, world->kept_count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(places[i].seq, i + 1);
        assert_int_equal(places[i].audience.kind, world->kept[i].audience.kind);
        assert_int_equal(places[i].audience.who, world->kept[i].audience.who);
    }
}

// From a snapshot taken half way the rest leads to the same state.
static void check_snapshot(const struct world *world, size_t half)
{
    struct game first, second;
    struct arena arena;
    size_t len;
    arena_init(&arena, 64 << 20);
    game_init(&first);
    game_init(&second);
    for (size_t i = 0; i < half; i++)
        assert_true(game_apply(&first, world->kept[i].salt, world->kept[i].entry, world->kept[i].len));
    uint8_t *bytes = state_bytes(&first, &len);
    Game__Snapshot *snapshot = game__snapshot__unpack(&arena.allocator, len, bytes);
    assert_true(snapshot_restore(&second, snapshot));
    assert_same_state(&first, &second);
    for (size_t i = half; i < world->kept_count; i++)
        assert_true(game_apply(&second, world->kept[i].salt, world->kept[i].entry, world->kept[i].len));
    assert_same_state(&world->game, &second);
    free(bytes);
    game_finish(&first);
    game_finish(&second);
    arena_finish(&arena);
}

// Nobody waits for a ballot that counts, and no ballot is one's that may not vote.
static void check_polls(struct world *world, const struct viewer *viewer)
{
    struct view_page page = {1, GAME_MAX_POLLS, SIZE_MAX, 0, NULL};
    Events__ListPollsReply polls = EVENTS__LIST_POLLS_REPLY__INIT;
    assert_true(view_polls(&world->game, viewer, &page, &polls, &world->arena));
    assert_int_equal(polls.n_polls, world->game.polls_count);
    for (size_t i = 0; i < polls.n_polls; i++) {
        const Events__Poll *poll = polls.polls[i];
        bool open = poll->state == EVENTS__POLL__STATE__OPEN;
        assert_true(poll->voted <= poll->eligible && poll->eligible <= world->game.seats_taken);
        assert_true(poll->n_waiting_for <= (size_t)(poll->eligible - poll->voted));
        if (!open || poll->secret || !viewer->god) assert_int_equal(poll->n_waiting_for, 0);
        if (!open && !poll->secret) assert_int_equal(poll->voted, poll->n_ballots);
        if (open && viewer->god && !poll->secret) assert_int_equal(poll->voted, poll->n_ballots);
    }
}

static void check_notes(struct world *world, const struct viewer *viewer)
{
    size_t count = 0, all = view_notes_count(&world->game, viewer);
    for (struct view_page page = {1, 3, SIZE_MAX, 0, NULL}; page.first; page.first = page.next) {
        Events__ListNotesReply notes = EVENTS__LIST_NOTES_REPLY__INIT;
        assert_true(view_notes_page(&world->game, viewer, &page, &notes, &world->arena));
        count += notes.n_notes;
    }
    assert_int_equal(count, all);
    if (viewer->god) assert_int_equal(all, world->game.notes_count);
}

static void check_views(struct world *world)
{
    const char *const eyes[] = {"", id_of(GOD), id_of(USER), id_of(USER + 3)};
    for (size_t i = 0; i < 4; i++) {
        Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
        struct view_page page = {1, GAME_MAX_PHASES, SIZE_MAX, 0, NULL};
        arena_reset(&world->arena);
        struct viewer viewer = view_as(&world->game, eyes[i], false);
        assert_non_null(view_event(&world->game, &viewer, eyes[i], &world->arena));
        assert_true(view_phases(&world->game, &viewer, &page, &phases, &world->arena));
        assert_non_null(view_deal(&world->game, &world->arena));
        check_polls(world, &viewer);
        check_notes(world, &viewer);
    }
}

static struct world *play(uint64_t seed, struct counts *counts)
{
    struct world *world = world_create();
    Game__Terms terms = world_terms(6);
    world->drawn = seed << 32;
    world->rules = seed % 2 ? GAME_RULES : 0;
    world_open(world, (struct world_deck){4, 3}, &terms);
    struct kept_reports kept;
    kept_open(&kept, LATE_BY);
    for (int step = 0; step < STEPS; step++) {
        size_t before = world->kept_count;
        bool accepted = some_command(world, counts);
        if (!accepted) assert_int_equal(world->kept_count, before);
        counts->accepted += accepted;
        counts->refused += !accepted;
        check_seats(&world->game);
        check_phases(&world->game);
        if (accepted) assert_kept(&kept, world);
    }
    kept_close(&kept);
    return world;
}

static void random_games_replay(void **state)
{
    (void)state;
    struct counts all = {0};
    unsigned ended = 0, ran = 0, found = 0;
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct counts counts = {0};
        struct world *world = play(run, &counts);
        assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_BALLOT_CAST), counts.ballots);
        check_logs(world);
        assert_replays(world);
        check_snapshot(world, world->kept_count / 2);
        check_views(world);
        ended += game_over(&world->game);
        ran += world->game.phases_count > 0;
        found += world->game.dealt && world->game.beacon.block;
        all.ballots += counts.ballots;
        all.accepted += counts.accepted;
        all.refused += counts.refused;
        world_destroy(world);
    }
    print_message("%u ran, %u with a beacon, %u ended; %u accepted, %u refused, %u ballots\n", ran, found,
                  ended, all.accepted, all.refused, all.ballots);
    assert_true(found > RUNS / 20);
    assert_true(ran > RUNS / 4 && ended > RUNS / 10 && all.ballots > 100 && all.accepted > 1000 &&
                all.refused > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_games_replay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
