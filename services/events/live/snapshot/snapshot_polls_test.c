// A poll of a snapshot that does not fit the game is refused, whatever is wrong with it.
#include "services/events/live/snapshot/snapshot_polls.h"
#include "services/events/testing/game.h"

// A running game with one closed poll, saved, and a game like it but without the poll.
struct saved {
    struct world *world, *into;
    Game__Snapshot__Poll poll;
};

static struct saved save(void)
{
    struct saved saved = {.world = world_running(4), .into = world_running(4)};
    assert_true(world_open_poll(saved.world, false));
    assert_true(world_cast(saved.world, USER, id_of(USER + 1)));
    assert_true(world_cast(saved.world, USER + 1, "NONE"));
    assert_true(world_close_poll(saved.world));
    arena_reset(&saved.world->arena);
    game__snapshot__poll__init(&saved.poll);
    snapshot_save_poll(&saved.poll, &saved.world->game.polls[0], &saved.world->arena);
    return saved;
}

static void finish(struct saved *saved)
{
    world_destroy(saved->world);
    world_destroy(saved->into);
}

static void a_whole_one_is_restored(void **state)
{
    (void)state;
    struct saved saved = save();
    assert_true(snapshot_restore_poll(&saved.into->game, &saved.poll));
    const struct poll *poll = &saved.into->game.polls[0];
    assert_int_equal(poll->counts_count, 5);
    assert_int_equal(poll->counts[4].candidate, BALLOT_NONE);
    assert_int_equal(poll->counts[4].weight, 1);
    assert_int_equal(poll->ballots_count, 2);
    finish(&saved);
}

static ProtobufCBinaryData *part(Game__Snapshot__Poll *poll, int which)
{
    ProtobufCBinaryData *const parts[] = {&poll->candidates, &poll->choices, &poll->voters, &poll->counted,
                                          &poll->ballots};
    return which < 5 ? parts[which] : NULL;
}

static bool restores_with(int which, uint16_t number, size_t less)
{
    struct saved saved = save();
    ProtobufCBinaryData *bytes = part(&saved.poll, which);
    uint16_t *numbers = arena_copy(&saved.world->arena, bytes->data, bytes->len);
    numbers[0] = number;
    bytes->data = (uint8_t *)numbers;
    bytes->len -= less;
    bool restored = snapshot_restore_poll(&saved.into->game, &saved.poll);
    finish(&saved);
    return restored;
}

static void people_that_are_not_there_are_refused(void **state)
{
    (void)state;
    for (int which = 0; part(&(Game__Snapshot__Poll){0}, which); which++) {
        assert_true(restores_with(which, 0, 0));
        assert_false(restores_with(which, 4, 0));
        assert_false(restores_with(which, BALLOT_NONE - 1, 0));
        assert_false(restores_with(which, 0, 1));
    }
    const int candidates = 0, voters = 2, ballots = 4;
    assert_false(restores_with(candidates, BALLOT_NONE, 0));
    assert_false(restores_with(candidates, BALLOT_ABSENT, 0));
    assert_false(restores_with(voters, BALLOT_ABSENT, 0)); // of a ballot that was cast
    assert_false(restores_with(ballots, BALLOT_NONE, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_is_restored),
        cmocka_unit_test(people_that_are_not_there_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
