// The stream events.games: finished games, whole and once, and nothing of other games.
#include "lib/base/merkle.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/testing/table.h"
#include "services/events/topics/finished.h"
#include "services/events/topics/locked.h"

static const struct asker op = {"", LEVEL_DEV};

static void tell(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    const char *event_id = service_recall(world, "event");
    service_hand_out(world, event_id);
    arena_init(&arena, 32 << 20);
    if (!locked_run(&world->events, event_id, &arena, &err)) fail_msg("%s", err.message);
    if (!finished_run(&world->events, event_id, &arena, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static const Bus__ReadReply *games(struct service_world *world)
{
    return (const void *)service_must(world, &op, "events.feed.Read", "{'stream':'events.games'}").reply;
}

static bool has_uses(struct service_world *world)
{
    const Events__Event *event =
        ((const Events__EventReply *)service_must(world, &god, "events.GetEvent", "{" EVENT "}").reply)
            ->event;
    bool all = event->n_players > 0;
    for (size_t i = 0; i < event->n_players; i++) all &= event->players[i]->abilities_left > 0;
    return all;
}

// One of the cards has no ability: it is dealt again until it is left over.
static void deal_abilities(struct service_world *world)
{
    while (!has_uses(world))
        service_must(world, &god, "events.Reveal", "{" EVENT ",'redeal':{'reason':'the spy came out'}}");
}

// Acts that never were: they do not count.
static void use_and_undo(struct service_world *world)
{
    char request[WORLD_REQUEST];
    service_must(world, &god, "events.ChainPlayer", "{" EVENT ",'user_id':'$other','to_id':'$player'}");
    service_must(world, &god, "events.UseAbility", "{" EVENT ",'user_id':'$player','note':'no'}");
    for (int i = 0; i < 2; i++) {
        const Events__EventReply *reply =
            (const void *)service_must(world, &god, "events.GetEvent", "{" EVENT "}").reply;
        snprintf(request, sizeof request, "{" EVENT ",'seq':%llu}",
                 (unsigned long long)reply->event->undo_seq);
        service_must(world, &god, "events.Undo", request);
    }
}

static void play(struct service_world *world)
{
    open_dealt(world);
    deal_abilities(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.ChainPlayer", "{" EVENT ",'user_id':'$player','to_id':'$other'}");
    service_must(world, &god, "events.UseAbility", "{" EVENT ",'user_id':'$other','target_id':'$player'}");
    use_and_undo(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    const Events__PollReply *poll =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}").reply;
    service_remember(world, "poll", poll->poll->id);
    service_must(world, &player, "events.CastBallot",
                 "{" EVENT ",'poll_id':'$poll','candidate_id':'$other'}");
    service_must(world, &god, "events.ClosePoll", "{" EVENT ",'poll_id':'$poll'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$other','status':'DEAD'}");
    service_must(world, &god, "events.ScorePlayer", "{" EVENT ",'user_id':'$player','score':7}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
}

static void finish(struct service_world *world)
{
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.GetEvent", "{" EVENT "}").reply;
    service_remember(world, "side", reply->event->players[0]->side_id);
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
}

static void a_running_game_is_not_told_of(void **state)
{
    struct service_world *world = *state;
    play(world);
    tell(world);
    assert_int_equal(games(world)->n_notices, 0);
}

static void a_finished_game_is_told_of_whole(void **state)
{
    struct service_world *world = *state;
    play(world);
    finish(world);
    tell(world);
    const Bus__ReadReply *reply = games(world);
    assert_int_equal(reply->n_notices, 1);
    assert_string_equal(reply->notices[0]->kind, GAMES_KIND);
    const ProtobufCBinaryData body = reply->notices[0]->payload;
    Game__FinishedGame *told = game__finished_game__unpack(&world->arena.allocator, body.len, body.data);
    assert_non_null(told);
    assert_string_equal(told->event_id, service_recall(world, "event"));
    assert_string_equal(told->winning_side_ids[0], service_recall(world, "side"));
    assert_true(told->finished_ms == world->now_ms && told->seq > 10);
    assert_int_equal(told->lock, 1);
    assert_int_equal(told->n_phases, 2);
    assert_true(told->started_ms == told->phases[0]->opened_ms && told->phases[1]->closed_ms);
    assert_int_equal(told->min_players, 1);
    assert_int_equal(told->phases[1]->kind, EVENTS__PHASE__KIND__DAY);
    assert_int_equal(told->polls, 1);
    assert_int_equal(told->n_players, 2);
    const Game__FinishedGame__Player *first = told->players[0], *second = told->players[1];
    assert_string_equal(first->user_id, player.user_id);
    assert_true(first->dealt_role && first->role == first->dealt_role && first->side);
    assert_int_equal(first->score, 7);
    assert_int_equal(first->polls_voted, 1);
    assert_int_equal(second->polls_voted, 0);
    assert_true(second->statuses >> EVENTS__STATUS__VALUE__DEAD & 1);
    assert_int_equal(first->n_steps, 2);
    assert_int_equal(second->steps[0]->phase, 1);
    assert_true(second->steps[1]->statuses >> EVENTS__STATUS__VALUE__DEAD & 1);
    assert_int_equal(first->n_acts, 1);
    assert_true(first->acts[0]->chain && first->acts[0]->to == 2 && first->acts[0]->phase == 1);
    assert_false(second->acts[0]->chain);
    assert_int_equal(second->acts[0]->to, 1);
}

static bool is_proved(const Game__FinishedGame *told, const Game__FinishedGame__Player *of)
{
    char text[2 * UUID_LEN + 32 + 1];
    struct merkle_proof path = {.count = of->proof->n_siblings};
    struct merkle_hash root;
    memcpy(root.bytes, told->deal_root.data, sizeof root.bytes);
    for (size_t i = 0; i < path.count; i++)
        memcpy(path.siblings[i].bytes, of->proof->siblings[i].data, MERKLE_HASH_BYTES);
    snprintf(text, sizeof text, "%s%s", of->user_id, told->roles[of->dealt_role - 1]->role_id);
    memcpy(text + (size_t)2 * UUID_LEN, of->proof->salt.data, 32);
    const struct merkle_hash leaf = merkle_leaf(text, (size_t)2 * UUID_LEN + 32);
    return merkle_check(&root, (uint32_t)told->n_players, of->proof->index, &leaf, &path);
}

static void a_finished_game_proves_its_deal(void **state)
{
    struct service_world *world = *state;
    play(world);
    finish(world);
    tell(world);
    const ProtobufCBinaryData body = games(world)->notices[0]->payload;
    Game__FinishedGame *told = game__finished_game__unpack(&world->arena.allocator, body.len, body.data);
    for (size_t i = 0; i < told->n_players; i++) assert_true(is_proved(told, told->players[i]));
    told->players[0]->dealt_role = told->players[1]->dealt_role;
    told->players[0]->proof->salt.data[0] ^= 1;
    assert_false(is_proved(told, told->players[0]));
}

// As a crash leaves it between the entry and the note that it was made.
static void forget_note(struct service_world *world)
{
    Game__NoticeRow *row;
    uint64_t version;
    struct err err;
    assert_true(store_get(world->events.store, &events_tables[EVENTS_NOTICES], service_recall(world, "event"),
                          &world->arena, (ProtobufCMessage **)&row, &version, &err));
    assert_true(row->finished);
    row->finished = false;
    assert_true(store_wait(world->events.store,
                           store_put(world->events.store, &events_tables[EVENTS_NOTICES], &row->base, version,
                                     &(struct store_write){0}),
                           &err));
}

static void a_finished_game_is_told_of_once(void **state)
{
    struct service_world *world = *state;
    play(world);
    finish(world);
    for (int i = 0; i < 3; i++) {
        tell(world);
        forget_note(world);
    }
    assert_int_equal(games(world)->n_notices, 1);
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    finish(world);
    tell(world);
    assert_int_equal(games(world)->n_notices, 2);
}

// A cancelled game was no game, and one that is told of stays noted when more happens to its topics.
static void a_cancelled_event_is_not_told_of(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    tell(world);
    assert_int_equal(games(world)->n_notices, 0);
}

static void programs_alone_read_it(void **state)
{
    struct service_world *world = *state;
    play(world);
    finish(world);
    tell(world);
    const char *request = "{'stream':'events.games'}";
    const struct asker *const others[] = {&nobody, &player, &god, &dev};
    for (size_t i = 0; i < 4; i++)
        assert_refuses(world, others[i], "events.feed.Read", request, CONSE__REASON__VALUE__NOT_FOUND);
    const Bus__Heads *heads =
        (const void *)service_must(world, &op, "events.feed.ListHeads", "{'pattern':'events.g*'}").reply;
    assert_int_equal(heads->n_heads, 1);
    heads = (const void *)service_must(world, &god, "events.feed.ListHeads", "{'pattern':'events.g*'}").reply;
    assert_int_equal(heads->n_heads, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_running_game_is_not_told_of),   TEST(a_finished_game_is_told_of_whole),
        TEST(a_finished_game_is_told_of_once), TEST(a_cancelled_event_is_not_told_of),
        TEST(a_finished_game_proves_its_deal), TEST(programs_alone_read_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
