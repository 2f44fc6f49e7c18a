// The slow lane: which calls wait, in which turn, and which are refused. The service has auth's contract, or
// that of ai, which waits for others in several methods; its handlers wait at a gate.
#include "ai.pb-c.h"
#include "auth.pb-c.h"
#include "lib/rpc/testing/keys.h"
#include "lib/rpc/testing/world.h"

enum { WORKERS = 4, QUEUE = 8, ROOM = WORKERS + QUEUE };

// A password "wrong" is refused.
HANDLER(login, Auth__LoginRequest, Auth__Session)
{
    if (strcmp(request->password, "wrong") == 0)
        return err_fail(err, BAD_CREDENTIALS, "wrong username or password");
    gate_pass(call->service);
    return true;
}

HANDLER(send_otp, Auth__SendOtpRequest, Google__Protobuf__Empty)
{
    gate_pass(call->service);
    return true;
}

HANDLER(prove, Auth__ProveRequest, Google__Protobuf__Empty)
{
    gate_pass(call->service);
    return true;
}

HANDLER(get_tips, Ai__TipsRequest, Ai__TipsReply)
{
    gate_pass(call->service);
    return true;
}

HANDLER(get_event_forecast, Ai__EventForecastRequest, Ai__EventForecast)
{
    gate_pass(call->service);
    return true;
}

HANDLER(forecast_deck, Ai__ForecastDeckRequest, Ai__Forecast)
{
    gate_pass(call->service);
    return true;
}

static const struct rpc_method ai_slow_methods[] = {RPC_METHOD("ai.GetTips", get_tips),
                                                    RPC_METHOD("ai.GetEventForecast", get_event_forecast),
                                                    RPC_METHOD("ai.ForecastDeck", forecast_deck),
                                                    {0}};
static const struct rpc_method *const ai_methods[] = {ai_slow_methods, NULL};

static const struct rpc_method slow_methods[] = {RPC_METHOD("auth.Login", login),
                                                 RPC_METHOD("auth.SendOtp", send_otp),
                                                 RPC_METHOD("auth.Prove", prove),
                                                 {0}};
static const struct rpc_method *const auth_methods[] = {slow_methods, NULL};

static void open_service(struct world *world, const char *name, const struct rpc_method *const *methods,
                         const char *address, struct bus_keys *keys)
{
    struct err err = {0};
    *world = (struct world){0};
    struct rpc_server_options options = world_options(world, address);
    struct rpc_client_options to = {
        .service = name, .self = CONSE__ASKER__VALUE__GATEWAY, .address = address, .bus_keys = keys};
    options.name = name;
    options.methods = methods;
    options.slow_workers = WORKERS;
    options.slow_queue = QUEUE;
    options.bus_keys = keys;
    if (!rpc_server_start(&world->server, &options, &err)) fail_msg("%s", err.message);
    if (!rpc_client_create(&world->client, &to, &err)) fail_msg("%s", err.message);
    arena_init(&world->arena, 16 << 20);
    assert_true(rpc_client_wait(world->client, PATIENCE_MS));
}

static void open_auth(struct world *world, const char *address, struct bus_keys *keys)
{
    open_service(world, "auth", auth_methods, address, keys);
}

static void call_by(struct world *world, const char *method, const ProtobufCMessage *request,
                    const Rpc__Caller *caller, struct outcome *outcome)
{
    static uint8_t bytes[256 * 1024];
    struct rpc_request envelope = {
        .method = schema_method(method),
        .caller = caller,
        .payload = {protobuf_c_message_pack(request, bytes), bytes},
        .timeout_ms = PATIENCE_MS,
    };
    *outcome = (struct outcome){0};
    rpc_client_call(world->client, &envelope, on_outcome, outcome);
    rpc_client_flush(world->client);
}

static void call(struct world *world, const char *method, const ProtobufCMessage *request,
                 const char *address, struct outcome *outcome)
{
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.address = address;
    call_by(world, method, request, &caller, outcome);
}

static void call_as(struct world *world, const char *method, const ProtobufCMessage *request, unsigned person,
                    struct outcome *outcome)
{
    Rpc__Caller caller = RPC__CALLER__INIT;
    struct uuid user_id;
    snprintf(user_id.text, sizeof user_id.text, "017f22e2-79b0-7fff-bfff-%012u", person);
    caller.user_id = user_id.text;
    caller.level = 3; // a player
    caller.address = "203.0.113.1";
    call_by(world, method, request, &caller, outcome);
}

static void prove_as(struct world *world, unsigned person, struct outcome *outcome)
{
    Auth__ProveRequest request = AUTH__PROVE_REQUEST__INIT;
    call_as(world, "auth.Prove", &request.base, person, outcome);
}

static void get_tips_as(struct world *world, unsigned person, struct outcome *outcome)
{
    Ai__TipsRequest request = AI__TIPS_REQUEST__INIT;
    request.event_id = AN_ID;
    call_as(world, "ai.GetTips", &request.base, person, outcome);
}

static void get_forecast_as(struct world *world, unsigned person, struct outcome *outcome)
{
    Ai__EventForecastRequest request = AI__EVENT_FORECAST_REQUEST__INIT;
    request.event_id = AN_ID;
    call_as(world, "ai.GetEventForecast", &request.base, person, outcome);
}

// It asks nobody else.
static void foretell_deck_as(struct world *world, unsigned person, struct outcome *outcome)
{
    Ai__ForecastSide side = AI__FORECAST_SIDE__INIT, *sides = &side;
    Ai__ForecastDeckRequest request = AI__FORECAST_DECK_REQUEST__INIT;
    side.side_id = request.deck_id = AN_ID;
    request.sides = &sides;
    request.n_sides = 1;
    call_as(world, "ai.ForecastDeck", &request.base, person, outcome);
}

static void log_in(struct world *world, const char *username, const char *password, const char *address,
                   struct outcome *outcome)
{
    Auth__LoginRequest request = AUTH__LOGIN_REQUEST__INIT;
    request.username = username;
    request.password = password;
    call(world, "auth.Login", &request.base, address, outcome);
}

static void send_otp_to(struct world *world, const char *phone, struct outcome *outcome)
{
    Auth__SendOtpRequest request = AUTH__SEND_OTP_REQUEST__INIT;
    request.phone = phone;
    call(world, "auth.SendOtp", &request.base, "203.0.113.1", outcome);
}

static void wait_ok(struct world *world, struct outcome *outcomes, int count)
{
    for (int i = 0; i < count; i++) {
        world_wait(world, &outcomes[i]);
        if (!outcomes[i].ok) fail_msg("%d: %s", i, outcomes[i].err.message);
    }
}

// Until so many of them are answered, whichever.
static void wait_answered(struct world *world, const struct outcome *outcomes, int count, int wanted)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    int answered = 0;
    while (answered < wanted && clock_mono_ms() < until_ms) {
        world_turn(world, 100);
        answered = 0;
        for (int i = 0; i < count; i++) answered += outcomes[i].calls;
    }
    assert_int_equal(answered, wanted);
}

static const char *name_of(int i)
{
    static char name[16];
    snprintf(name, sizeof name, "guest-%d", i);
    return name;
}

// Which of them comes last is the sockets' affair.
static void calls_wait_for_a_thread_until_there_is_no_room(void **state)
{
    (void)state;
    struct world world;
    struct outcome outcomes[ROOM + 1];
    int refused = 0;
    open_auth(&world, "inproc://lane-room", NULL);
    gate_set(&world.gate, true);
    for (int i = 0; i <= ROOM; i++) log_in(&world, name_of(i), "right", "203.0.113.1", &outcomes[i]);
    wait_answered(&world, outcomes, ROOM + 1, 1);
    gate_set(&world.gate, false);
    wait_answered(&world, outcomes, ROOM + 1, ROOM + 1);
    for (int i = 0; i <= ROOM; i++) {
        if (outcomes[i].ok) continue;
        assert_true(err_is(&outcomes[i].err, SERVICE_BUSY));
        assert_int_equal(outcomes[i].err.retry_after_s, 1);
        refused++;
    }
    assert_int_equal(refused, 1);
    world_close(&world);
}

static void an_account_has_one_call_under_way_for_each_network(void **state)
{
    (void)state;
    struct world world;
    struct outcome outcomes[5];
    static const char *const names[] = {"mira", "MIRA", "mira", "mira", "nora"};
    static const char *const addresses[] = {"2001:db8::1", "2001:db8::1", "2001:db8::2", "203.0.113.1",
                                            "2001:db8::1"};
    open_auth(&world, "inproc://lane-account", NULL);
    gate_set(&world.gate, true);
    for (int i = 0; i < 5; i++) log_in(&world, names[i], "right", addresses[i], &outcomes[i]);
    world_wait_inside(&world, 3); // mira from each of two households, and nora
    world_turn_for(&world, 50);
    assert_int_equal(gate_inside(&world.gate), 3);
    gate_set(&world.gate, false);
    wait_ok(&world, outcomes, 5);
    world_close(&world);
}

static void so_has_a_caller(void **state)
{
    (void)state;
    struct world world;
    struct outcome outcomes[4];
    open_auth(&world, "inproc://lane-caller", NULL);
    gate_set(&world.gate, true);
    for (int i = 0; i < 3; i++) prove_as(&world, 1, &outcomes[i]);
    prove_as(&world, 2, &outcomes[3]);
    world_wait_inside(&world, 2);
    world_turn_for(&world, 50);
    assert_int_equal(gate_inside(&world.gate), 2);
    gate_set(&world.gate, false);
    wait_ok(&world, outcomes, 4);
    world_close(&world);
}

static void calls_to_the_outside_leave_threads_to_others(void **state)
{
    (void)state;
    struct world world;
    struct outcome codes[4], log_ins[2];
    static const char *const phones[] = {"+989120000001", "+989120000002", "+989120000003", "+989120000004"};
    open_auth(&world, "inproc://lane-outside", NULL);
    gate_set(&world.gate, true);
    for (int i = 0; i < 4; i++) send_otp_to(&world, phones[i], &codes[i]);
    world_wait_inside(&world, WORKERS / 2);
    for (int i = 0; i < 2; i++) log_in(&world, name_of(i), "right", "203.0.113.1", &log_ins[i]);
    world_wait_inside(&world, WORKERS);
    gate_set(&world.gate, false);
    wait_ok(&world, codes, 4);
    wait_ok(&world, log_ins, 2);
    world_close(&world);
}

static void two_methods_share_what_waits_for_the_outside(void **state)
{
    (void)state;
    struct world world;
    struct outcome tips[WORKERS], forecasts[WORKERS], others[2];
    open_service(&world, "ai", ai_methods, "inproc://lane-two", NULL);
    gate_set(&world.gate, true);
    for (unsigned i = 0; i < WORKERS; i++) get_tips_as(&world, i, &tips[i]);
    world_wait_inside(&world, WORKERS / 2);
    for (unsigned i = 0; i < WORKERS; i++) get_forecast_as(&world, 10 + i, &forecasts[i]);
    world_turn_for(&world, 50);
    assert_int_equal(gate_inside(&world.gate), WORKERS / 2);
    for (unsigned i = 0; i < 2; i++) foretell_deck_as(&world, 20 + i, &others[i]);
    world_wait_inside(&world, WORKERS);
    gate_set(&world.gate, false);
    wait_ok(&world, tips, WORKERS);
    wait_ok(&world, forecasts, WORKERS);
    wait_ok(&world, others, 2);
    world_close(&world);
}

static void one_caller_waits_once_for_the_outside_by_each_method(void **state)
{
    (void)state;
    struct world world;
    struct outcome own[3], forecast;
    open_service(&world, "ai", ai_methods, "inproc://lane-one", NULL);
    gate_set(&world.gate, true);
    for (unsigned i = 0; i < 3; i++) get_tips_as(&world, 1, &own[i]);
    world_wait_inside(&world, 1);
    world_turn_for(&world, 50);
    assert_int_equal(gate_inside(&world.gate), 1);
    get_forecast_as(&world, 1, &forecast);
    world_wait_inside(&world, 2);
    gate_set(&world.gate, false);
    wait_ok(&world, own, 3);
    wait_ok(&world, &forecast, 1);
    world_close(&world);
}

static void addresses_that_guess_give_way(void **state)
{
    (void)state;
    struct world world;
    struct outcome guesses[ROOM], people[ROOM];
    open_auth(&world, "inproc://lane-guess", NULL);
    for (int i = 0; i < ROOM; i++) { // one after another, so that all are looked at
        log_in(&world, name_of(i), "wrong", "203.0.113.9", &guesses[i]);
        world_wait(&world, &guesses[i]);
        assert_true(err_is(&guesses[i].err, BAD_CREDENTIALS));
    }
    gate_set(&world.gate, true);
    for (int i = 0; i < ROOM; i++) log_in(&world, name_of(i), "right", "203.0.113.9", &guesses[i]);
    world_wait_inside(&world, WORKERS);
    for (int i = 0; i < QUEUE; i++) log_in(&world, name_of(i), "right", "203.0.113.1", &people[i]);
    wait_answered(&world, guesses, ROOM, QUEUE);
    gate_set(&world.gate, false);
    wait_ok(&world, people, QUEUE);
    world_close(&world);
}

static void turns_are_kept_when_messages_are_sealed(void **state)
{
    (void)state;
    struct world world;
    struct outcome outcomes[3];
    struct bus_keys *keys = keys_of(7, 0);
    open_auth(&world, "inproc://lane-key", keys);
    gate_set(&world.gate, true);
    log_in(&world, "mira", "right", "203.0.113.1", &outcomes[0]);
    log_in(&world, "mira", "right", "203.0.113.1", &outcomes[1]);
    log_in(&world, "nora", "right", "203.0.113.1", &outcomes[2]);
    world_wait_inside(&world, 2);
    gate_set(&world.gate, false);
    wait_ok(&world, outcomes, 3);
    world_close(&world);
    bus_keys_destroy(keys);
}

static void large_requests_wait_only_a_few_at_a_time(void **state)
{
    (void)state;
    enum { MOST_LARGE = 8, MORE = 3 };
    struct world world;
    struct outcome running[WORKERS], large[MOST_LARGE + MORE];
    static char password[100 * 1024];
    memset(password, 'x', sizeof password - 1);
    open_auth(&world, "inproc://lane-large", NULL);
    gate_set(&world.gate, true);
    for (int i = 0; i < WORKERS; i++) log_in(&world, name_of(i), "right", "203.0.113.1", &running[i]);
    world_wait_inside(&world, WORKERS);
    int busy = 0, invalid = 0;
    for (int i = 0; i < MOST_LARGE + MORE; i++) log_in(&world, "mira", password, "203.0.113.1", &large[i]);
    wait_answered(&world, large, MOST_LARGE + MORE, MORE);
    gate_set(&world.gate, false);
    for (int i = 0; i < MOST_LARGE + MORE; i++) {
        world_wait(&world, &large[i]);
        busy += err_is(&large[i].err, SERVICE_BUSY);
        invalid += err_is(&large[i].err, INVALID_FIELD);
    }
    assert_int_equal(busy, MORE);
    assert_int_equal(invalid, MOST_LARGE);
    wait_ok(&world, running, WORKERS);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_wait_for_a_thread_until_there_is_no_room),
        cmocka_unit_test(an_account_has_one_call_under_way_for_each_network),
        cmocka_unit_test(so_has_a_caller),
        cmocka_unit_test(calls_to_the_outside_leave_threads_to_others),
        cmocka_unit_test(two_methods_share_what_waits_for_the_outside),
        cmocka_unit_test(one_caller_waits_once_for_the_outside_by_each_method),
        cmocka_unit_test(addresses_that_guess_give_way),
        cmocka_unit_test(turns_are_kept_when_messages_are_sealed),
        cmocka_unit_test(large_requests_wait_only_a_few_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
