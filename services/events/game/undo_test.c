// Undo: what an act changed is as before, for every viewer; only the log shows both.
#include "services/events/game/status.h"
#include "services/events/testing/commands.h"

enum { RUNS = 40, STEPS = 500, A = USER, B = USER + 1, EYES = 4 };

// What the viewer is shown, without the number of the newest act.
static struct bytes view_bytes(struct world *world, const char *user_id)
{
    struct bytes bytes = {0};
    struct game *game = &world->game;
    struct viewer viewer = view_as(game, user_id, false);
    arena_reset(&world->arena);
    Events__Event *event = view_event(game, &viewer, user_id, &world->arena);
    Events__MeReply me = EVENTS__ME_REPLY__INIT;
    assert_non_null(event);
    event->act = 0;
    bytes_add(&bytes, &event->base);
    assert_true(view_notes(game, &viewer, &me, &world->arena));
    bytes_add(&bytes, &me.base);
    for (size_t i = 0; i < game->polls_count; i++)
        bytes_add(&bytes, &view_poll(game, &viewer, &game->polls[i], &world->arena)->base);
    return bytes;
}

// The state without the log.
static struct bytes unlogged_state(struct world *world)
{
    struct bytes bytes = {0};
    struct arena arena;
    arena_init(&arena, 64 << 20);
    Game__Snapshot *snapshot = snapshot_make(&world->game, &arena);
    assert_non_null(snapshot);
    snapshot->seq = snapshot->act = 0;
    snapshot->acted_ms = 0; // like the act, it goes on
    snapshot->head = snapshot->runs = snapshot->sets = (ProtobufCBinaryData){0};
    qsort(snapshot->voters, snapshot->n_voters, sizeof *snapshot->voters, voters_by_id);
    bytes_add(&bytes, &snapshot->base);
    arena_finish(&arena);
    return bytes;
}

struct moment {
    struct bytes state, views[EYES];
};

static const char *eye(size_t i)
{
    const unsigned who[EYES] = {0, GOD, A, USER + 3};
    return who[i] ? id_of(who[i]) : "";
}

static struct moment moment_of(struct world *world)
{
    struct moment moment = {.state = unlogged_state(world)};
    for (size_t i = 0; i < EYES; i++) moment.views[i] = view_bytes(world, eye(i));
    return moment;
}

static void moment_forget(struct moment *moment)
{
    free(moment->state.data);
    for (size_t i = 0; i < EYES; i++) free(moment->views[i].data);
}

static void assert_same_bytes(const struct bytes *a, const struct bytes *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->data, b->data, a->len);
}

static void assert_same_moment(const struct moment *a, const struct moment *b)
{
    assert_same_bytes(&a->state, &b->state);
    for (size_t i = 0; i < EYES; i++) assert_same_bytes(&a->views[i], &b->views[i]);
}

static bool undo_newest_act(struct world *world)
{
    const struct undo *newest = undo_newest(&world->game);
    return newest && DO(world, GOD, undo, newest->seq);
}

// A command and, when it can be undone as a whole, its undoing. True when it was undone.
static bool do_and_undo(struct world *world, bool (*command)(struct world *world))
{
    uint64_t seq = world->game.chain.seq;
    size_t kept = world->game.undos_count;
    struct moment before = moment_of(world);
    bool accepted = command(world);
    size_t act = undo_act(&world->game);
    bool can = accepted && world->game.chain.seq > seq && act && kept < UNDO_MOST - 2 &&
               world->game.undos[world->game.undos_count - act].seq > seq;
    if (can) {
        assert_true(undo_newest_act(world));
        struct moment after = moment_of(world);
        assert_same_moment(&before, &after);
        moment_forget(&after);
    }
    moment_forget(&before);
    return can;
}

static bool any_command(struct world *world)
{
    struct counts counts = {0};
    return some_command(world, &counts);
}

static void act_and_undo_leave_all_as_before(void **state)
{
    (void)state;
    unsigned undone = 0;
    for (uint64_t run = 1; run <= RUNS; run++) {
        struct world *world = world_create();
        Game__Terms terms = world_terms(6);
        world->drawn = run << 32;
        world_open(world, (struct world_deck){4, 3}, &terms);
        for (int step = 0; step < STEPS && !game_over(&world->game); step++) {
            bool tried = game_open_phase(&world->game) && below(world, 2);
            if (tried)
                undone += do_and_undo(world, any_command);
            else
                any_command(world);
        }
        assert_replays(world);
        world_destroy(world);
    }
    print_message("%u acts undone\n", undone);
    assert_true(undone > RUNS);
}

// ---- Each kind of act

static bool kill_one(struct world *world)
{
    return DO(world, GOD, status, id_of(A), EVENTS__STATUS__VALUE__DEAD);
}

static bool raise_one(struct world *world)
{
    return DO(world, GOD, status, id_of(A), EVENTS__STATUS__VALUE__DEFAULT);
}

static bool change_one(struct world *world)
{
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + 90)); // came into the game with its side
    facts.side_id = strcpy(side_id, id_of(SIDE_CITIZEN + 90));
    facts.abilities = 3;
    return DO(world, GOD, change, id_of(A), &facts, NULL);
}

static bool use_one(struct world *world)
{
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    char user_id[UUID_LEN + 1];
    use.user_id = strcpy(user_id, id_of(A));
    use.target_id = "";
    use.note = "asked for B";
    return DO(world, GOD, use_ability, &use);
}

static bool chain_one(struct world *world) { return DO(world, GOD, chain, id_of(A), id_of(B)); }

static bool score_one(struct world *world) { return DO(world, GOD, score, id_of(A), 9); }

static bool foul_one(struct world *world) { return DO(world, GOD, foul, id_of(A)); }

static bool note_one(struct world *world, Events__Note__Audience audience)
{
    Events__NoteRequest note = EVENTS__NOTE_REQUEST__INIT;
    char user_id[UUID_LEN + 1];
    note.user_id = strcpy(user_id, id_of(A));
    note.text = "a word";
    note.audience = audience;
    return DO(world, GOD, note, &note);
}

static bool note_player(struct world *world) { return note_one(world, EVENTS__NOTE__AUDIENCE__PLAYER); }
static bool note_side(struct world *world) { return note_one(world, EVENTS__NOTE__AUDIENCE__SIDE); }

static struct world *world_with_uses(void)
{
    struct world *world = world_running(6);
    world_person(world, A)->abilities_left = 2; // the cards are random
    return world;
}

static void each_kind_is_undone(void **state)
{
    (void)state;
    bool (*const acts[])(struct world * world) = {kill_one,  raise_one, change_one,  use_one,  chain_one,
                                                  score_one, foul_one,  note_player, note_side};
    struct world *world = world_with_uses();
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, B, id_of(A)));
    assert_false(do_and_undo(world, raise_one)); // nothing to end: no entry
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (acts[i] == raise_one) assert_true(kill_one(world));
        assert_true(do_and_undo(world, acts[i]));
    }
    world_destroy(world);
}

static void acts_are_undone_newest_first(void **state)
{
    (void)state;
    struct world *world = world_with_uses();
    struct moment first = moment_of(world);
    assert_true(kill_one(world));
    uint64_t killed = undo_newest(&world->game)->seq;
    assert_true(use_one(world) && chain_one(world) && change_one(world));
    assert_false(DO(world, GOD, undo, killed));
    assert_refused(world, NOT_UNDOABLE);
    while (undo_newest_act(world)) continue;
    struct moment last = moment_of(world);
    assert_same_moment(&first, &last);
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_UNDONE), 6); // entries of four acts
    moment_forget(&first);
    moment_forget(&last);
    world_destroy(world);
}

// Any entry of an act names it.
static void an_act_is_undone_whole(void **state)
{
    (void)state;
    struct world *world = world_with_uses();
    uint64_t before = world->game.chain.seq;
    assert_true(chain_one(world));
    assert_int_equal(undo_act(&world->game), 2);
    assert_true(DO(world, GOD, undo, before + 1));
    assert_false(person_has(world_person(world, A), EVENTS__STATUS__VALUE__CHAINED));
    assert_null(undo_newest(&world->game));
    world_destroy(world);
}

// A clock stops, ballots are cast: the act can still be undone.
static void what_builds_on_nothing_does_not_hinder(void **state)
{
    (void)state;
    struct world *world = world_running(6);
    assert_true(world_open_poll(world, false));
    assert_true(kill_one(world));
    assert_true(world_cast(world, B, id_of(USER + 2)));
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_true(undo_newest_act(world));
    assert_true(person_alive(world_person(world, A)));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_POLL_CHANGED), 2); // left, and came back
    world_destroy(world);
}

static void told_and_drawn_and_counted_stays(void **state)
{
    (void)state;
    struct uuid drawn;
    struct world *world = world_running(6);
    assert_false(DO(world, GOD, undo, 1));
    assert_refused(world, NOT_UNDOABLE);
    assert_true(change_one(world));
    assert_true(DO(world, GOD, status, id_of(A), EVENTS__STATUS__VALUE__ROLE_CHANGED));
    assert_null(undo_newest(&world->game));
    assert_true(kill_one(world) && DO(world, GOD, draw, id_of(A), &drawn));
    assert_null(undo_newest(&world->game));
    assert_true(world_open_poll(world, false) && score_one(world) && world_close_poll(world));
    assert_null(undo_newest(&world->game));
    assert_true(kill_one(world) && DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    assert_false(DO(world, GOD, undo, world->game.act));
    assert_refused(world, NOT_UNDOABLE);
    world_destroy(world);
}

// Whoever saw the act sees that it was undone, and nobody else.
static void undoing_is_seen_by_who_saw_the_act(void **state)
{
    (void)state;
    bool (*const acts[])(struct world * world) = {kill_one, change_one, use_one, note_player, note_side};
    struct world *world = world_with_uses();
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        size_t at = world->kept_count;
        assert_true(acts[i](world));
        size_t made = undo_act(&world->game);
        assert_true(undo_newest_act(world));
        for (size_t n = 0; n < made; n++) {
            struct audience act = world->kept[at + n].audience;
            struct audience undone = world->kept[at + made + (made - 1 - n)].audience;
            assert_int_equal(undone.kind, act.kind);
            assert_int_equal(undone.who, act.who);
        }
    }
    world_destroy(world);
}

// The oldest acts are forgotten, each whole.
static void only_so_many_are_remembered(void **state)
{
    (void)state;
    struct world *world = world_running(6);
    assert_true(chain_one(world));
    for (int32_t i = 1; i < UNDO_MOST; i++) assert_true(DO(world, GOD, score, id_of(B), i));
    assert_int_equal(world->game.undos_count, UNDO_MOST - 1);
    assert_int_equal(world->game.undos[0].which, GAME__ENTRY__BODY_SCORED);
    while (undo_newest_act(world)) continue;
    assert_true(person_has(world_person(world, A), EVENTS__STATUS__VALUE__CHAINED));
    assert_int_equal(world_person(world, B)->scored, false);
    assert_replays(world);
    world_destroy(world);
}

// As a snapshot that was spoiled could have it: what is taken back would reach behind the lists.
static void a_record_of_more_than_there_is_does_not_fit(void **state)
{
    (void)state;
    struct world *world = world_with_uses();
    assert_true(use_one(world));
    assert_true(score_one(world));
    struct game *game = &world->game;
    const struct undo lower = game->undos[0], upper = game->undos[1];
    undo_forget(game);
    for (size_t i = 0; i < 5; i++) {
        struct undo record = lower;
        uint16_t *const counts[] = {&record.roles, &record.sides, &record.notes, &record.uses,
                                    &record.chained};
        *counts[i] = 1000;
        assert_false(undo_restore(game, &record));
    }
    assert_true(undo_restore(game, &upper));
    assert_true(lower.uses < upper.uses);
    assert_false(undo_restore(game, &lower)); // it belongs below the other
    undo_forget(game);
    assert_true(undo_restore(game, &lower) && undo_restore(game, &upper));
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(act_and_undo_leave_all_as_before),
        cmocka_unit_test(each_kind_is_undone),
        cmocka_unit_test(acts_are_undone_newest_first),
        cmocka_unit_test(an_act_is_undone_whole),
        cmocka_unit_test(what_builds_on_nothing_does_not_hinder),
        cmocka_unit_test(told_and_drawn_and_counted_stays),
        cmocka_unit_test(undoing_is_seen_by_who_saw_the_act),
        cmocka_unit_test(only_so_many_are_remembered),
        cmocka_unit_test(a_record_of_more_than_there_is_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
