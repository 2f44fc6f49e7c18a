// One evening at a time: what is accepted, what is refused and why, and what follows.
#include "services/events/game_world.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name
#define PHASE(name) EVENTS__PHASE__KIND__##name

static void seats_are_given_once_and_then_the_waitlist(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 5; i++) assert_true(world_reserve(world, USER + i, false));
    assert_int_equal(world->game.seats_taken, 2);
    assert_int_equal(world->game.waiting_count, 3);
    size_t before = world->kept_count;
    assert_true(world_reserve(world, USER, false)); // again: the same seat, nothing new
    assert_int_equal(world->kept_count, before);
    assert_int_equal(world_person(world, USER)->seat, 1);

    assert_true(DO(world, USER, leave, id_of(USER), world_secret(world)));
    assert_int_equal(world_person(world, USER + 2)->seat, 1); // the first who waited
    assert_int_equal(world->game.waiting_count, 2);
    assert_int_equal(game_waiting_place(&world->game, game_person(&world->game, id_of(USER + 3))), 1);
    assert_false(DO(world, USER, leave, id_of(USER), world_secret(world)));
    assert_refused(world, NOT_FOUND);
    assert_replays(world);
    world_destroy(world);
}

static void a_full_event_without_waitlist_refuses(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    terms.waitlist = false;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_false(world_reserve(world, USER + 1, false));
    assert_refused(world, EVENT_FULL);
    assert_false(world_reserve(world, GOD, false));
    assert_refused(world, GOD_MAY_NOT_PLAY);
    world_destroy(world);
}

static void more_seats_promote_and_taken_seats_stay(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    terms.max_players = 3;
    assert_true(DO(world, GOD, edit, &terms));
    assert_int_equal(world->game.seats_taken, 3);
    terms.max_players = 2;
    assert_false(DO(world, GOD, edit, &terms));
    assert_refused(world, IN_USE);
    world_destroy(world);
}

static void lock_needs_enough_players_and_freezes(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    terms.min_players = 2;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, true));
    assert_false(DO(world, GOD, lock));
    assert_refused(world, TOO_FEW_PLAYERS);
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(DO(world, GOD, lock));
    assert_false(world_reserve(world, USER + 2, false));
    assert_refused(world, EVENT_NOT_OPEN);
    assert_false(DO(world, GOD, edit, &terms));
    assert_refused(world, EVENT_NOT_OPEN);
    world_destroy(world);
}

static void leaving_a_locked_event_opens_it_and_burns_the_secret(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, USER, leave, id_of(USER), world_secret(world)));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    assert_int_equal(world->game.k, 2);
    assert_memory_equal(world->game.burned[0].secret, world->secrets[0], DEAL_HASH);
    assert_int_equal(world->game.seats_taken, 2);
    assert_replays(world);
    world_destroy(world);
}

static void eight_secrets_are_all_there_are(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    for (int i = 0; i < DEAL_SECRETS; i++) {
        assert_true(DO(world, GOD, lock));
        assert_true(DO(world, GOD, unlock, world_secret(world)));
    }
    assert_false(DO(world, GOD, lock));
    assert_refused(world, DEALS_EXHAUSTED);
    world_destroy(world);
}

static void cards_are_what_the_deal_says(void **state)
{
    (void)state;
    struct world *world = world_dealt(5);
    struct arena *arena = &world->arena;
    for (unsigned i = 0; i < 5; i++) {
        int person = game_player(&world->game, id_of(USER + i));
        uint8_t leaf[DEAL_HASH], path[DEAL_MAX_SIBLINGS][DEAL_HASH];
        const char *role_id = game_role(&world->game, world->game.people[person].card)->id.text;
        Events__Proof *proof = view_proof(&world->game, person, world_secret(world), arena);
        for (size_t s = 0; s < proof->n_siblings; s++) memcpy(path[s], proof->siblings[s].data, DEAL_HASH);
        deal_leaf(leaf, id_of(USER + i), role_id, proof->salt.data);
        assert_int_equal(proof->index, i);
        assert_true(deal_path_check(world->game.root, leaf, i, 5, (const uint8_t(*)[DEAL_HASH])path,
                                    proof->n_siblings));
    }
    assert_replays(world);
    world_destroy(world);
}

static void a_small_deck_is_refused(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    world_open(world, (struct world_deck){2, 1}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_false(DO(world, GOD, reveal, world_secret(world)));
    assert_refused(world, EVENT_NOT_LOCKED);
    assert_true(DO(world, GOD, lock));
    assert_false(DO(world, GOD, reveal, world_secret(world)));
    assert_refused(world, DECK_TOO_SMALL);
    world_destroy(world);
}

static void a_redeal_opens_the_secret_and_only_before_the_first_phase(void **state)
{
    (void)state;
    struct world *world = world_dealt(4);
    const uint8_t(*secrets)[DEAL_HASH] = (const uint8_t(*)[DEAL_HASH])world->secrets;
    uint8_t root[DEAL_HASH];
    memcpy(root, world->game.root, DEAL_HASH);
    assert_true(DO(world, GOD, redeal, secrets, "a card was seen"));
    assert_int_equal(world->game.k, 2);
    assert_memory_equal(world->game.burned[0].secret, world->secrets[0], DEAL_HASH);
    assert_memory_not_equal(world->game.root, root, DEAL_HASH);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_false(DO(world, GOD, redeal, secrets, "again"));
    assert_refused(world, REDEAL_TOO_LATE);
    assert_replays(world);
    world_destroy(world);
}

static void phases_alternate_and_nights_end_days(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_false(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_refused(world, PHASE_REPEATED);
    assert_true(DO(world, GOD, open_phase, PHASE(NIGHT), 0));
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__CLOSED);
    assert_true(DO(world, GOD, close_phase));
    assert_false(DO(world, GOD, close_phase));
    assert_refused(world, PHASE_NOT_OPEN);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_int_equal(world->game.phases[2].day, 2);
    assert_replays(world);
    world_destroy(world);
}

static void timers_pause_extend_and_close(void **state)
{
    (void)state;
    struct world *world = world_dealt(4);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 5 * MINUTE));
    world->now_ms += 2 * MINUTE;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_int_equal(world->game.phases[0].remaining_ms, 3 * MINUTE);
    world->now_ms += 60 * MINUTE;
    assert_false(world_tick(world));
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, MINUTE));
    assert_int_equal(world->game.phases[0].closes_ms, world->now_ms + 4 * MINUTE);
    world->now_ms += 4 * MINUTE - 1;
    assert_false(world_tick(world));
    world->now_ms += 1;
    assert_true(world_tick(world));
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__CLOSED);
    assert_false(world_tick(world));
    world_destroy(world);
}

static void close_phases(struct world *world, int count)
{
    for (int i = 0; i < count; i++)
        assert_true(DO(world, GOD, open_phase, world->game.phases_count % 2 ? PHASE(NIGHT) : PHASE(DAY), 0));
}

static void timed_statuses_end_by_themselves_and_stack(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(PRO_KILLED_9_PHASES)));
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(SILENT_2_PHASES)));
    assert_int_equal(world_person(world, USER)->statuses.until[STATUS(SILENT_2_PHASES)], 2);
    close_phases(world, 1);
    assert_true(person_has(world_person(world, USER), STATUS(SILENT_2_PHASES)));
    close_phases(world, 1);
    assert_false(person_has(world_person(world, USER), STATUS(SILENT_2_PHASES)));
    assert_true(person_has(world_person(world, USER), STATUS(PRO_KILLED_9_PHASES)));
    close_phases(world, 6);
    assert_true(person_alive(world_person(world, USER)));
    close_phases(world, 1); // the ninth
    assert_false(person_alive(world_person(world, USER)));
    assert_false(person_has(world_person(world, USER), STATUS(PRO_KILLED_9_PHASES)));
    assert_true(person_has(world_person(world, USER), STATUS(DEAD)));
    assert_replays(world);
    world_destroy(world);
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
    const struct poll *poll = &world->game.polls[0];
    assert_int_equal(poll_count(poll, (uint16_t)game_player(&world->game, id_of(USER + 1))), 3);
    assert_int_equal(poll_count(poll, (uint16_t)game_player(&world->game, id_of(USER + 2))), 1);
    assert_int_equal(poll_count(poll, BALLOT_NONE), 1);
    assert_true(DO(world, GOD, close_poll, poll->id.text));
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

static unsigned player_with_role(struct world *world, unsigned role)
{
    for (unsigned i = 0; i < (unsigned)world->game.seats_taken; i++)
        if (strcmp(game_role(&world->game, world_person(world, USER + i)->role)->id.text, id_of(role)) == 0)
            return USER + i;
    fail_msg("no player has role %u", role);
    return 0;
}

static void abilities_are_counted_down(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    char who[UUID_LEN + 1];
    use.user_id = strcpy(who, id_of(player_with_role(world, ROLE)));
    use.note = "at midnight";
    assert_true(DO(world, GOD, use_ability, &use));
    assert_true(DO(world, GOD, use_ability, &use));
    assert_false(DO(world, GOD, use_ability, &use));
    assert_refused(world, ABILITY_SPENT);
    strcpy(who, id_of(player_with_role(world, ROLE + 1)));
    for (int i = 0; i < 200; i++) assert_true(DO(world, GOD, use_ability, &use)); // unlimited
    strcpy(who, id_of(player_with_role(world, ROLE + 2)));
    assert_false(DO(world, GOD, use_ability, &use)); // passive
    assert_refused(world, ABILITY_SPENT);
    assert_replays(world);
    world_destroy(world);
}

static void a_change_is_silent_until_told(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + 9));
    facts.side_id = strcpy(side_id, id_of(SIDE_MAFIA));
    facts.abilities = 1;
    uint16_t before = world_person(world, USER)->told_role;
    assert_true(DO(world, GOD, change, id_of(USER), &facts, NULL));
    assert_int_equal(world_person(world, USER)->told_role, before);
    assert_string_equal(game_role(&world->game, world_person(world, USER)->role)->id.text, role_id);
    struct viewer owner = view_as(&world->game, id_of(USER), false), god = view_as_god(&world->game);
    Events__Player *seen = view_player(&world->game, &owner, owner.person, &world->arena);
    assert_string_not_equal(seen->role_id, role_id);
    assert_int_equal(seen->n_statuses, 0);
    assert_true(view_player(&world->game, &god, owner.person, &world->arena)->n_statuses >= 1);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(ROLE_CHANGED)));
    seen = view_player(&world->game, &owner, owner.person, &world->arena);
    assert_string_equal(seen->role_id, role_id);
    assert_int_equal(seen->n_statuses, 1);
    assert_replays(world);
    world_destroy(world);
}

static void every_last_move_is_drawn_once(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    struct uuid first, second, third;
    assert_true(DO(world, GOD, draw, id_of(USER), &first));
    assert_true(DO(world, GOD, draw, id_of(USER + 1), &second));
    assert_string_not_equal(first.text, second.text);
    assert_false(DO(world, GOD, draw, id_of(USER), &third));
    assert_refused(world, NO_LAST_MOVE_LEFT);
    world_destroy(world);
}

static void scores_can_be_corrected_until_done(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_CITIZEN))};
    assert_true(DO(world, GOD, score, id_of(USER), 200));
    assert_true(DO(world, GOD, score, id_of(USER), 17));
    assert_int_equal(world_person(world, USER)->score, 17);
    assert_false(DO(world, GOD, score, id_of(GOD), 17));
    assert_refused(world, NOT_A_PLAYER);
    assert_true(DO(world, GOD, finish, world_secret(world), winners, 1));
    assert_false(DO(world, GOD, score, id_of(USER), 1));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

static void the_end_opens_the_deal(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_MAFIA))};
    assert_null(view_deal(&world->game, &world->arena)->opened);
    assert_true(world_open_poll(world, false));
    assert_true(DO(world, GOD, finish, world_secret(world), winners, 1));
    assert_null(game_open_phase(&world->game));
    assert_null(game_open_poll(&world->game));
    Events__Deal *deal = view_deal(&world->game, &world->arena);
    assert_memory_equal(deal->opened->secret.data, world->secrets[0], DEAL_HASH);
    assert_int_equal(deal->opened->n_leaves, 4);
    assert_false(DO(world, GOD, cancel, world_secret(world)));
    assert_refused(world, EVENT_OVER);
    assert_replays(world);
    world_destroy(world);
}

static void an_event_expires_unless_it_runs(void **state)
{
    (void)state;
    struct world *world = world_dealt(4), *running = world_running(4);
    world->now_ms = running->now_ms = EVENING + 48 * HOUR;
    assert_true(world_tick(world));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__EXPIRED);
    assert_true(world->game.opened);
    assert_false(world_tick(running));
    assert_int_equal(running->game.state, EVENTS__EVENT__STATE__RUNNING);
    world_destroy(world);
    world_destroy(running);
}

static size_t count_kind(const struct world *world, Game__Entry__BodyCase which)
{
    size_t count = 0;
    for (size_t i = 0; i < world->kept_count; i++) count += world->kept[i].which == which;
    return count;
}

static void reminders_come_once_and_not_late(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    const int64_t times[] = {EVENING - 25 * HOUR, EVENING - 24 * HOUR, EVENING - 23 * HOUR,
                             EVENING - 10 * MINUTE, EVENING};
    const size_t expected[] = {0, 1, 1, 2,
                               2}; // the one of an hour before was missed: only the newest is sent
    for (size_t i = 0; i < 5; i++) {
        world->now_ms = times[i];
        world_tick(world);
        world_tick(world);
        assert_int_equal(count_kind(world, GAME__ENTRY__BODY_REMINDED), expected[i]);
    }
    terms.starts_ms += 3 * HOUR; // moved: what lies ahead is armed again
    terms.expires_ms += 3 * HOUR;
    assert_true(DO(world, GOD, edit, &terms));
    world->now_ms = terms.starts_ms - HOUR;
    world_tick(world);
    world_tick(world);
    assert_int_equal(count_kind(world, GAME__ENTRY__BODY_REMINDED), 3);
    assert_replays(world);
    world_destroy(world);
}

static void votes_are_counted_once_per_user(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 300; i++)
        assert_true(DO(world, USER + i, vote, i % 3 ? EVENTS__VOTE__VALUE__UP : EVENTS__VOTE__VALUE__DOWN));
    assert_int_equal(world->game.upvotes, 200);
    assert_int_equal(world->game.downvotes, 100);
    for (unsigned i = 0; i < 300; i++) assert_true(DO(world, USER + i, vote, EVENTS__VOTE__VALUE__NONE));
    assert_int_equal(world->game.upvotes + world->game.downvotes, 0);
    size_t before = world->kept_count;
    assert_true(DO(world, USER, vote, EVENTS__VOTE__VALUE__NONE));
    assert_int_equal(world->kept_count, before);
    assert_replays(world);
    world_destroy(world);
}

static void times_and_limits_are_checked(void **state)
{
    (void)state;
    struct err err;
    Game__Terms terms = world_terms(2);
    assert_true(rules_terms(&terms, EVENING - HOUR, &err));
    assert_false(rules_terms(&terms, EVENING + 25 * HOUR, &err));
    terms.expires_ms = terms.starts_ms;
    assert_false(rules_terms(&terms, EVENING - HOUR, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__TIME_INVALID);
    terms = world_terms(2);
    terms.min_players = 3;
    assert_false(rules_terms(&terms, EVENING - HOUR, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seats_are_given_once_and_then_the_waitlist),
        cmocka_unit_test(a_full_event_without_waitlist_refuses),
        cmocka_unit_test(more_seats_promote_and_taken_seats_stay),
        cmocka_unit_test(lock_needs_enough_players_and_freezes),
        cmocka_unit_test(leaving_a_locked_event_opens_it_and_burns_the_secret),
        cmocka_unit_test(eight_secrets_are_all_there_are),
        cmocka_unit_test(cards_are_what_the_deal_says),
        cmocka_unit_test(a_small_deck_is_refused),
        cmocka_unit_test(a_redeal_opens_the_secret_and_only_before_the_first_phase),
        cmocka_unit_test(phases_alternate_and_nights_end_days),
        cmocka_unit_test(timers_pause_extend_and_close),
        cmocka_unit_test(timed_statuses_end_by_themselves_and_stack),
        cmocka_unit_test(the_revived_vote_again),
        cmocka_unit_test(ballots_count_by_weight_and_can_change),
        cmocka_unit_test(the_silenced_and_disabled_do_not_vote),
        cmocka_unit_test(a_poll_ends_with_its_time_or_its_phase),
        cmocka_unit_test(abilities_are_counted_down),
        cmocka_unit_test(a_change_is_silent_until_told),
        cmocka_unit_test(every_last_move_is_drawn_once),
        cmocka_unit_test(scores_can_be_corrected_until_done),
        cmocka_unit_test(the_end_opens_the_deal),
        cmocka_unit_test(an_event_expires_unless_it_runs),
        cmocka_unit_test(reminders_come_once_and_not_late),
        cmocka_unit_test(votes_are_counted_once_per_user),
        cmocka_unit_test(times_and_limits_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
