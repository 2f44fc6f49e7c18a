#include "services/gateway/ask/ask.h"

#include "lib/rpc/testing/world.h"
#include "services/gateway/ask/ask_turns.h"

static const char user_id[] = "01a204b8-c493-744e-8dfd-817a593ee278";
static const char session_id[] = "01a204b8-c4b7-7091-81f2-4b7e0aa370c0";

// READ that waits at the gate.
HANDLER(small_read, Events__ListGroupsRequest, Events__ListGroupsReply)
{
    gate_pass(call->service);
    return true;
}

// BULK that waits at the gate.
HANDLER(large_read, Events__ListEventsRequest, Events__ListEventsReply)
{
    gate_pass(call->service);
    return true;
}

static const struct rpc_method methods[] = {RPC_METHOD("events.GetEvent", get_event),
                                            RPC_METHOD("events.ListGroups", small_read),
                                            RPC_METHOD("events.GetDeal", get_deal),
                                            RPC_METHOD("events.ListEvents", large_read),
                                            {0}};

static const struct rpc_method *const tables[] = {methods, NULL};

enum { WORKERS = 8, AT_ONCE = 4 };

// A service of the test's own, and a loop that is turned by hand.
struct house {
    struct world world; // its server; the client is the gateway's
    struct loop *loop;
    struct access *access;
    struct asks *asks;
    bool within; // gateway_ask is being called
    int ranks;
    struct loop_timer tick;
};

static void on_turn(void *arg)
{
    struct house *house = arg;
    asks_turn(house->asks);
    asks_flush(house->asks);
}

// No turn waits long, whatever comes.
static void on_tick(void *arg)
{
    struct house *house = arg;
    loop_timer_set(house->loop, &house->tick, loop_now_ms(house->loop) + 5);
}

static void connect(struct house *house)
{
    struct err err;
    struct asks_service service = {"events", house->world.address};
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    if (!asks_connect(house->asks, &service, 1, NULL, &err)) fail_msg("%s", err.message);
    while (!asks_connected(house->asks, 0) && clock_mono_ms() < until_ms) loop_turn(house->loop);
    assert_true(asks_connected(house->asks, 0));
    assert_false(asks_connected(house->asks, 1));
}

static void open_house(struct house *house, const char *address)
{
    struct err err;
    *house = (struct house){.world = {.address = address}};
    const struct loop_options options = {on_turn, NULL, house};
    house->tick = (struct loop_timer){.fire = on_tick, .arg = house};
    struct rpc_server_options server = world_options(&house->world, address);
    server.methods = tables;
    server.workers = WORKERS;
    if (!rpc_server_start(&house->world.server, &server, &err)) fail_msg("%s", err.message);
    assert_true(loop_create(&house->loop, &options, &err));
    assert_true(access_create(&house->access, &err));
    asks_create(&house->asks, house->loop, house->access);
    on_tick(house);
    connect(house);
}

static void close_house(struct house *house)
{
    gate_set(&house->world.gate, false);
    asks_disconnect(house->asks);
    asks_destroy(house->asks);
    loop_destroy(house->loop);
    access_destroy(house->access);
    rpc_server_stop(house->world.server);
}

// ---- Questions

struct question {
    struct house *house;
    uint64_t id;
    int told, rank; // times, and the how manieth
    struct err err; // reason 0: good
    char payload[64];
    size_t len;
};

static void on_done(void *arg, const struct ask_reply *reply)
{
    struct question *question = arg;
    assert_false(question->house->within);
    question->told++;
    question->rank = ++question->house->ranks;
    if (reply->err) question->err = *reply->err;
    question->len = reply->len < sizeof question->payload ? reply->len : sizeof question->payload;
    if (question->len) memcpy(question->payload, reply->payload, question->len);
}

static void ask_by(struct house *house, struct question *question, const char *method,
                   const struct caller *caller, int64_t deadline_ms)
{
    static uint8_t packed[128];
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    request.event_id = AN_ID;
    struct ask ask = {.caller = caller, .method = schema_method(method), .deadline_ms = deadline_ms};
    if (ask.method->request == &events__event_request__descriptor)
        ask.payload = (ProtobufCBinaryData){events__event_request__pack(&request, packed), packed};
    *question = (struct question){.house = house};
    house->within = true;
    question->id = gateway_ask(house->asks, &ask, on_done, question);
    house->within = false;
    assert_int_not_equal(question->id, 0);
}

static void ask(struct house *house, struct question *question, const char *method,
                const struct caller *caller)
{
    ask_by(house, question, method, caller, loop_now_ms(house->loop) + PATIENCE_MS);
}

static void turn_until_told(struct house *house, const struct question *questions, size_t count)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (size_t i = 0; i < count; i++)
        while (!questions[i].told && clock_mono_ms() < until_ms) loop_turn(house->loop);
    for (int i = 0; i < 3; i++) loop_turn(house->loop);
    for (size_t i = 0; i < count; i++) assert_int_equal(questions[i].told, 1);
}

static void turn_until_inside(struct house *house, int inside)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (gate_inside(&house->world.gate) < inside && clock_mono_ms() < until_ms) loop_turn(house->loop);
    assert_int_equal(gate_inside(&house->world.gate), inside);
}

static struct caller known_caller(const struct house *house)
{
    struct caller caller = {.known = true, .checked_ms = loop_now_ms(house->loop), .household = "192.0.2.1"};
    strcpy(caller.claims.user_id, user_id);
    strcpy(caller.claims.session_id, session_id);
    strcpy(caller.claims.username, "zoe");
    caller.claims.level = 3;
    caller.claims.generation = 1;
    caller.claims.expires_s = clock_unix_ms() / 1000 + 60;
    return caller;
}

static const char *title_of(const struct question *question)
{
    static char title[64];
    Events__EventReply *reply =
        events__event_reply__unpack(NULL, question->len, (const uint8_t *)question->payload);
    assert_non_null(reply);
    strcpy(title, reply->event->title);
    events__event_reply__free_unpacked(reply, NULL);
    return title;
}

static void an_answer_is_told_once_and_never_from_within(void **state)
{
    struct house house;
    struct question questions[3];
    (void)state;
    open_house(&house, "inproc://ask-once");
    struct caller zoe = known_caller(&house);
    ask(&house, &questions[0], "events.GetEvent", &zoe);
    ask(&house, &questions[1], "events.GetEvent", &(struct caller){.household = "192.0.2.1"});
    ask(&house, &questions[2], "events.GetDeal", NULL);
    turn_until_told(&house, questions, 3);
    assert_int_equal(questions[0].err.reason, 0);
    assert_string_equal(title_of(&questions[0]), "zoe");
    assert_string_equal(title_of(&questions[1]), "");
    assert_true(err_is(&questions[2].err, EVENT_FULL)); // what the service says
    assert_int_equal(questions[2].err.retry_after_s, 7);
    close_house(&house);
}

static void who_was_revoked_or_has_expired_asks_nothing(void **state)
{
    struct house house;
    struct question questions[4];
    struct caller callers[4];
    (void)state;
    open_house(&house, "inproc://ask-revoked");
    for (int i = 0; i < 4; i++) callers[i] = known_caller(&house);
    callers[1].claims.generation = 7;
    callers[2].claims.generation = callers[3].claims.generation = 7;
    callers[2].claims.expires_s = callers[3].claims.expires_s = clock_unix_ms() / 1000 - 1;
    callers[3].checked_ms -= 2000;
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.user_id = (char *)user_id;
    revocation.generation = 7;
    struct err err;
    assert_true(access_revoke(house.access, &revocation, &err));
    for (int i = 0; i < 4; i++) ask(&house, &questions[i], "events.GetEvent", &callers[i]);
    turn_until_told(&house, questions, 4);
    assert_true(err_is(&questions[0].err, TOKEN_INVALID));
    assert_int_equal(questions[1].err.reason, 0);
    assert_int_equal(questions[2].err.reason, 0); // looked at a moment ago
    assert_true(err_is(&questions[3].err, TOKEN_INVALID));
    close_house(&house);
}

static void no_time_left_is_a_refusal(void **state)
{
    struct house house;
    struct question question = {.house = &house};
    (void)state;
    open_house(&house, "inproc://ask-late");
    struct ask late = {.method = schema_method("events.ListGroups"), .deadline_ms = loop_now_ms(house.loop)};
    gateway_ask(house.asks, &late, on_done, &question);
    turn_until_told(&house, &question, 1);
    assert_true(err_is(&question.err, DEADLINE_PASSED));
    close_house(&house);
}

static void a_cancelled_question_is_never_told(void **state)
{
    struct house house;
    struct question out, refused[3], last;
    (void)state;
    open_house(&house, "inproc://ask-cancel");
    gate_set(&house.world.gate, true);
    ask(&house, &out, "events.ListGroups", NULL);
    turn_until_inside(&house, 1);
    struct caller expired = known_caller(&house);
    expired.claims.expires_s = 1;
    expired.checked_ms -= 2000;
    for (int i = 0; i < 3; i++) ask(&house, &refused[i], "events.GetEvent", &expired);
    gateway_ask_cancel(house.asks, out.id);
    gateway_ask_cancel(house.asks, refused[1].id); // from the middle
    gateway_ask_cancel(house.asks, refused[2].id); // the last
    gate_set(&house.world.gate, false);
    ask(&house, &last, "events.ListGroups", NULL);
    turn_until_told(&house, &last, 1);
    assert_int_equal(out.told, 0);
    assert_int_equal(refused[0].told, 1);
    assert_int_equal(refused[1].told + refused[2].told, 0);
    gateway_ask_cancel(house.asks, last.id); // it is done
    gateway_ask_cancel(house.asks, 0);
    ask(&house, &last, "events.GetEvent", NULL); // in the same place
    gateway_ask_cancel(house.asks, refused[0].id);
    gateway_ask_cancel(house.asks, out.id);
    turn_until_told(&house, &last, 1);
    close_house(&house);
}

static void a_disconnect_fails_what_is_out_and_what_comes_later(void **state)
{
    struct house house;
    struct question out, late;
    (void)state;
    open_house(&house, "inproc://ask-stop");
    gate_set(&house.world.gate, true);
    ask(&house, &out, "events.ListGroups", NULL);
    turn_until_inside(&house, 1);
    asks_disconnect(house.asks);
    assert_int_equal(out.told, 1);
    assert_true(err_is(&out.err, SERVICE_DRAINING));
    ask(&house, &late, "events.ListGroups", NULL);
    turn_until_told(&house, &late, 1);
    assert_true(err_is(&late.err, SERVICE_DRAINING));
    ask(&house, &late, "events.ListGroups", NULL); // left untold
    close_house(&house);
}

// ---- Large reads

enum { ALONE = 3 };
static struct question many[TURNS_MOST + 64], others[ALONE], small;

// One in 64 shares a queue with the crowd, by a key drawn at random; three do not all.
static const struct caller households[ALONE] = {
    {.household = "192.0.2.77"}, {.household = "198.51.100.8"}, {.household = "203.0.113.9"}};

static void a_household_with_many_large_reads_delays_another_by_few(void **state)
{
    enum { MANY = 40 };
    struct house house;
    struct caller crowd = {.household = "192.0.2.1"};
    int first = MANY + ALONE;
    (void)state;
    open_house(&house, "inproc://ask-turns");
    gate_set(&house.world.gate, true);
    for (int i = 0; i < MANY; i++) ask(&house, &many[i], "events.ListEvents", &crowd);
    for (int i = 0; i < ALONE; i++) ask(&house, &others[i], "events.ListEvents", &households[i]);
    turn_until_inside(&house, AT_ONCE);
    for (int i = 0; i < 5; i++) loop_turn(house.loop);
    assert_int_equal(gate_inside(&house.world.gate), AT_ONCE);
    ask(&house, &small, "events.GetEvent", &crowd); // what is small does not wait
    turn_until_told(&house, &small, 1);
    assert_int_equal(gate_inside(&house.world.gate), AT_ONCE);
    gate_set(&house.world.gate, false);
    turn_until_told(&house, many, MANY);
    turn_until_told(&house, others, ALONE);
    for (int i = 0; i < MANY; i++) assert_int_equal(many[i].err.reason, 0);
    for (int i = 0; i < ALONE; i++) first = others[i].rank < first ? others[i].rank : first;
    assert_true(first <= 1 + 3 * AT_ONCE);
    close_house(&house);
}

static void the_longest_queue_gives_way_when_all_places_are_taken(void **state)
{
    enum { MOST = AT_ONCE + TURNS_MOST };
    struct house house;
    struct caller crowd = {.household = "192.0.2.1"};
    int alone = 0;
    (void)state;
    open_house(&house, "inproc://ask-full");
    gate_set(&house.world.gate, true);
    for (int i = 0; i < MOST + 1; i++) ask(&house, &many[i], "events.ListEvents", &crowd);
    turn_until_told(&house, &many[MOST], 1);
    assert_true(err_is(&many[MOST].err, SERVICE_BUSY));
    assert_int_equal(many[MOST].err.retry_after_s, 1);
    for (;; alone++) {
        assert_true(alone < ALONE);
        ask(&house, &others[alone], "events.ListEvents", &households[alone]);
        while (!others[alone].told && !many[MOST - 1].told) loop_turn(house.loop);
        if (!others[alone].told) break; // else it shares the crowd's queue
    }
    turn_until_told(&house, &many[MOST - 1], 1); // the last of the crowd, for another
    assert_true(err_is(&many[MOST - 1].err, SERVICE_BUSY));
    assert_int_equal(others[alone].told, 0);
    gate_set(&house.world.gate, false);
    turn_until_told(&house, &others[alone], 1);
    assert_int_equal(others[alone].err.reason, 0);
    close_house(&house);
}

static void leaving_early_frees_no_place(void **state)
{
    struct house house;
    struct caller crowd = {.household = "192.0.2.1"};
    (void)state;
    open_house(&house, "inproc://ask-dropped");
    gate_set(&house.world.gate, true);
    for (int i = 0; i < AT_ONCE; i++) ask(&house, &many[i], "events.ListEvents", &crowd);
    turn_until_inside(&house, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) gateway_ask_cancel(house.asks, many[i].id);
    for (int i = 0; i < AT_ONCE; i++) gateway_ask_cancel(house.asks, many[i].id); // twice is once
    ask(&house, &others[0], "events.ListEvents", &crowd);
    ask(&house, &others[1], "events.ListEvents", &crowd);
    gateway_ask_cancel(house.asks, others[1].id); // while it waits
    for (int i = 0; i < 5; i++) loop_turn(house.loop);
    assert_int_equal(gate_inside(&house.world.gate), AT_ONCE);
    gate_set(&house.world.gate, false);
    turn_until_told(&house, others, 1);
    assert_int_equal(gate_passed(&house.world.gate), AT_ONCE + 1);
    for (int i = 0; i < AT_ONCE; i++) assert_int_equal(many[i].told, 0);
    assert_int_equal(others[1].told, 0);
    close_house(&house);
}

static void who_is_late_or_revoked_in_the_queue_is_not_sent(void **state)
{
    struct house house;
    struct caller crowd = {.household = "192.0.2.1"};
    (void)state;
    open_house(&house, "inproc://ask-queue");
    struct caller zoe = known_caller(&house);
    gate_set(&house.world.gate, true);
    for (int i = 0; i < AT_ONCE; i++) ask(&house, &many[i], "events.ListEvents", &crowd);
    int64_t soon_ms = loop_now_ms(house.loop) + 1;
    ask_by(&house, &others[0], "events.ListEvents", &crowd, soon_ms);
    ask(&house, &others[1], "events.ListEvents", &zoe);
    turn_until_inside(&house, AT_ONCE);
    while (loop_now_ms(house.loop) <= soon_ms) loop_turn(house.loop);
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.user_id = (char *)user_id;
    revocation.generation = 2;
    struct err err;
    assert_true(access_revoke(house.access, &revocation, &err));
    gate_set(&house.world.gate, false);
    turn_until_told(&house, others, 2);
    assert_true(err_is(&others[0].err, DEADLINE_PASSED));
    assert_true(err_is(&others[1].err, TOKEN_INVALID));
    turn_until_told(&house, many, AT_ONCE);
    assert_int_equal(gate_passed(&house.world.gate), AT_ONCE);
    close_house(&house);
}

static void a_disconnect_fails_the_queue(void **state)
{
    struct house house;
    struct caller crowd = {.household = "192.0.2.1"};
    (void)state;
    open_house(&house, "inproc://ask-stop-queue");
    gate_set(&house.world.gate, true);
    for (int i = 0; i < 2 * AT_ONCE; i++) ask(&house, &many[i], "events.ListEvents", &crowd);
    turn_until_inside(&house, AT_ONCE);
    asks_disconnect(house.asks);
    for (int i = 0; i < 2 * AT_ONCE; i++) assert_true(err_is(&many[i].err, SERVICE_DRAINING));
    close_house(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_told_once_and_never_from_within),
        cmocka_unit_test(who_was_revoked_or_has_expired_asks_nothing),
        cmocka_unit_test(no_time_left_is_a_refusal),
        cmocka_unit_test(a_cancelled_question_is_never_told),
        cmocka_unit_test(a_disconnect_fails_what_is_out_and_what_comes_later),
        cmocka_unit_test(a_household_with_many_large_reads_delays_another_by_few),
        cmocka_unit_test(the_longest_queue_gives_way_when_all_places_are_taken),
        cmocka_unit_test(leaving_early_frees_no_place),
        cmocka_unit_test(who_is_late_or_revoked_in_the_queue_is_not_sent),
        cmocka_unit_test(a_disconnect_fails_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
