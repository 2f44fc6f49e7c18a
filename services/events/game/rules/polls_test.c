// Polls and ballots.
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name

enum { NOT_LISTED = -1 };

// The newest poll as the god sees it.
static const Events__Poll *shown(struct world *world)
{
    struct viewer god = view_as_god(&world->game);
    arena_reset(&world->arena);
    const Events__Poll *poll =
        view_poll(&world->game, &god, &world->game.polls[world->game.polls_count - 1], &world->arena);
    assert_non_null(poll);
    return poll;
}

static int32_t weight_of(struct world *world, const char *candidate)
{
    const Events__Poll *poll = shown(world);
    for (size_t i = 0; i < poll->n_counts; i++)
        if (strcmp(poll->counts[i]->candidate_id, candidate) == 0) return poll->counts[i]->weight;
    return NOT_LISTED;
}

static const char *ballot_of(struct world *world, const char *voter)
{
    const Events__Poll *poll = shown(world);
    for (size_t i = 0; i < poll->n_ballots; i++)
        if (strcmp(poll->ballots[i]->voter_id, voter) == 0) return poll->ballots[i]->candidate_id;
    return "none";
}

static void the_revived_vote_again(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEAD)));
    assert_true(world_open_poll(world, false));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, NOT_A_LIVING_PLAYER);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEFAULT)));
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    world_destroy(world);
}

static void ballots_count_by_weight_and_can_change(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__Weight weight = EVENTS__WEIGHT__INIT, *weights[] = {&weight};
    char heavy[UUID_LEN + 1];
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    weight.user_id = strcpy(heavy, id_of(USER + 3));
    weight.weight = 3;
    weight.weight__case = EVENTS__WEIGHT__WEIGHT__WEIGHT;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    open.n_weights = 1;
    open.weights = weights;
    assert_true(DO(world, GOD, open_poll, &open));
    assert_false(world_open_poll(world, false));
    assert_refused(world, POLL_OPEN);
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER + 3, id_of(USER + 1)));
    assert_true(world_cast(world, USER + 2, "NONE"));
    assert_false(world_cast(world, USER + 1, id_of(GOD)));
    assert_refused(world, NOT_A_CANDIDATE);
    assert_int_equal(weight_of(world, id_of(USER + 1)), 3);
    assert_int_equal(weight_of(world, id_of(USER + 2)), 1);
    assert_int_equal(weight_of(world, "NONE"), 1);
    assert_true(world_close_poll(world));
    assert_int_equal(weight_of(world, id_of(USER + 1)), 3);
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, POLL_CLOSED);
    assert_replays(world);
    world_destroy(world);
}

static void the_silenced_and_disabled_do_not_vote(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, true));
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(SILENT_2_PHASES)));
    assert_true(DO(world, GOD, status, id_of(USER + 1), STATUS(DISABLED)));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, MAY_NOT_VOTE);
    assert_false(world_cast(world, USER + 1, "NONE"));
    assert_refused(world, MAY_NOT_VOTE);
    assert_false(world_cast(world, OTHER_GOD, "NONE"));
    assert_refused(world, NOT_A_LIVING_PLAYER);
    world_destroy(world);
}

static void ballots_of_who_left_or_was_silenced_do_not_count(void **state)
{
    (void)state;
    static const Events__Status__Value public[] = {STATUS(KICKED),          STATUS(DEAD),
                                                   STATUS(EXITED),          STATUS(DEVOTED),
                                                   STATUS(SILENT_2_PHASES), STATUS(SILENT_6_PHASES)};
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
        struct world *world = world_running(4);
        assert_true(world_open_poll(world, false));
        assert_true(world_cast(world, USER, id_of(USER + 2)));
        assert_true(world_cast(world, USER + 1, id_of(USER + 2)));
        assert_true(DO(world, GOD, status, id_of(USER), public[i]));
        assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_POLL_CHANGED), 1);
        assert_int_equal(world->kept[world->kept_count - 1].audience.kind, AUDIENCE_PUBLIC);
        assert_int_equal(weight_of(world, id_of(USER + 2)), 1);
        assert_true(world_close_poll(world));
        assert_int_equal(weight_of(world, id_of(USER + 2)), 1);
        assert_string_equal(ballot_of(world, id_of(USER)), "none");
        assert_string_equal(ballot_of(world, id_of(USER + 1)), id_of(USER + 2));
        assert_replays(world);
        world_destroy(world);
    }
}

static void who_left_stands_no_more_and_gets_no_ballots(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER + 1, id_of(USER + 2)));
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(DEAD)));
    assert_int_equal(shown(world)->n_candidates, 3);
    assert_false(world_cast(world, USER + 3, id_of(USER + 2)));
    assert_refused(world, NOT_A_CANDIDATE);
    assert_true(world_cast(world, USER + 1, id_of(USER + 3)));
    assert_true(world_close_poll(world));
    assert_int_equal(weight_of(world, id_of(USER + 2)), NOT_LISTED);
    assert_string_equal(ballot_of(world, id_of(USER)), "none");
    assert_string_equal(ballot_of(world, id_of(USER + 1)), id_of(USER + 3));
    assert_int_equal(shown(world)->n_candidates, 3);
    assert_replays(world);
    world_destroy(world);
}

static void who_comes_back_stands_and_votes_as_before(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER + 2, id_of(USER)));
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(DEAD)));
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(SILENT_2_PHASES))); // and is dead all the same
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(DEFAULT)));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_POLL_CHANGED), 2);
    assert_true(world_close_poll(world));
    assert_int_equal(weight_of(world, id_of(USER + 2)), 1);
    assert_int_equal(weight_of(world, id_of(USER)), 1);
    world_destroy(world);
}

// What only one player knows must not be read from a result, nor from an entry about the poll.
static void a_hidden_status_changes_nothing_of_a_poll(void **state)
{
    (void)state;
    static const Events__Status__Value hidden[] = {STATUS(DISABLED), STATUS(DISABLED_3_PHASES),
                                                   STATUS(CHAINED), STATUS(PRO_KILLED_9_PHASES)};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        struct world *world = world_running(4);
        assert_true(world_open_poll(world, false));
        assert_true(world_cast(world, USER, id_of(USER + 1)));
        assert_true(DO(world, GOD, status, id_of(USER), hidden[i]));
        assert_true(world_close_poll(world));
        assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_POLL_CHANGED), 0);
        assert_int_equal(weight_of(world, id_of(USER + 1)), 1);
        assert_string_equal(ballot_of(world, id_of(USER)), id_of(USER + 1));
        world_destroy(world);
    }
}

static void a_game_of_before_counts_as_it_did(void **state)
{
    (void)state;
    struct world *world = world_running_by(0, 4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEAD)));
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(DEAD)));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_POLL_CHANGED), 0);
    assert_true(world_cast(world, USER + 1, id_of(USER + 2)));
    assert_true(world_close_poll(world));
    assert_int_equal(weight_of(world, id_of(USER + 2)), 2);
    assert_string_equal(ballot_of(world, id_of(USER)), id_of(USER + 2));
    assert_replays(world);
    world_destroy(world);
}

// A closed poll shows what its last entry says, whatever the ballots were and whichever players left since.
static void a_result_is_what_the_entry_says(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__Poll__Count count = EVENTS__POLL__COUNT__INIT, *counts[] = {&count};
    Events__Poll__Ballot ballot = EVENTS__POLL__BALLOT__INIT, *ballots[] = {&ballot};
    char poll_id[UUID_LEN + 1], voter[UUID_LEN + 1], candidate[UUID_LEN + 1];
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    count.candidate_id = ballot.candidate_id = strcpy(candidate, id_of(USER + 3));
    ballot.voter_id = strcpy(voter, id_of(USER + 2));
    count.weight = 7;
    strcpy(poll_id, world->game.polls[0].id.text);
    struct entries entries = world_entries(world, GOD);
    ENTRY(&entries, &world->game, POLL_CLOSED, PollClosed, poll_closed, .poll_id = poll_id, .n_counts = 1,
          .counts = counts, .n_ballots = 1, .ballots = ballots);
    assert_true(world_keep(world, &entries, true));
    assert_true(DO(world, GOD, status, id_of(USER + 3), STATUS(DEAD)));
    assert_int_equal(weight_of(world, id_of(USER + 3)), 7);
    assert_int_equal(weight_of(world, id_of(USER + 1)), NOT_LISTED);
    assert_string_equal(ballot_of(world, id_of(USER + 2)), id_of(USER + 3));
    assert_string_equal(ballot_of(world, id_of(USER)), "none");
    assert_replays(world);
    world_destroy(world);
}

static void a_ballot_cast_again_makes_no_entry(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER, "NONE"));
    assert_true(world_cast(world, USER, "NONE"));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_BALLOT_CAST), 3);
    world_destroy(world);
}

static void a_player_casts_so_many_ballots(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    assert_int_equal(world_person(world, USER)->ballots, 1);
    world_person(world, USER)->ballots = GAME_MAX_BALLOTS_EACH;
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, TOO_MANY_CHANGES);
    assert_true(world_cast(world, USER + 1, "NONE"));
    world_destroy(world);
}

static void a_voter_is_weighted_once(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__Weight one = EVENTS__WEIGHT__INIT, again = EVENTS__WEIGHT__INIT, *weights[] = {&one, &again};
    char heavy[UUID_LEN + 1];
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    one.user_id = again.user_id = strcpy(heavy, id_of(USER + 3));
    one.weight = 3;
    again.weight = 0;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    open.n_weights = 2;
    open.weights = weights;
    assert_false(DO(world, GOD, open_poll, &open));
    assert_refused(world, INVALID_FIELD);
    assert_string_equal(world->err.field, "weights");
    world_destroy(world);
}

static void a_poll_ends_with_its_time_or_its_phase(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    Google__Protobuf__Duration closes_in = GOOGLE__PROTOBUF__DURATION__INIT;
    closes_in.seconds = 30;
    open.kind = EVENTS__POLL__KIND__NOMINATION;
    open.closes_in = &closes_in;
    assert_true(DO(world, GOD, open_poll, &open));
    world->now_ms += 30000;
    assert_true(world_tick(world));
    assert_null(game_open_poll(&world->game));
    assert_true(world_open_poll(world, false));
    assert_true(DO(world, GOD, close_phase));
    assert_null(game_open_poll(&world->game));
    assert_false(world_open_poll(world, false));
    assert_refused(world, PHASE_NOT_OPEN);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_revived_vote_again),
        cmocka_unit_test(ballots_count_by_weight_and_can_change),
        cmocka_unit_test(the_silenced_and_disabled_do_not_vote),
        cmocka_unit_test(ballots_of_who_left_or_was_silenced_do_not_count),
        cmocka_unit_test(who_left_stands_no_more_and_gets_no_ballots),
        cmocka_unit_test(who_comes_back_stands_and_votes_as_before),
        cmocka_unit_test(a_hidden_status_changes_nothing_of_a_poll),
        cmocka_unit_test(a_game_of_before_counts_as_it_did),
        cmocka_unit_test(a_result_is_what_the_entry_says),
        cmocka_unit_test(a_ballot_cast_again_makes_no_entry),
        cmocka_unit_test(a_player_casts_so_many_ballots),
        cmocka_unit_test(a_voter_is_weighted_once),
        cmocka_unit_test(a_poll_ends_with_its_time_or_its_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
