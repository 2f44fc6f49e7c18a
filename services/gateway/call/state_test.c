#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "tests/test.h"

static const struct way {
    enum call_state from, to;
} ways[] = {
    {CALL_FREE, CALL_BEGUN},
    {CALL_BEGUN, CALL_WANTS_KEYS},
    {CALL_BEGUN, CALL_BODY},
    {CALL_BEGUN, CALL_ANSWERED},
    {CALL_BEGUN, CALL_FREE},
    {CALL_WANTS_KEYS, CALL_WANTS_KEYS_WHOLE},
    {CALL_WANTS_KEYS, CALL_BODY},
    {CALL_WANTS_KEYS, CALL_ANSWERED},
    {CALL_WANTS_KEYS, CALL_FREE},
    {CALL_WANTS_KEYS_WHOLE, CALL_COMPARED},
    {CALL_WANTS_KEYS_WHOLE, CALL_ASKED},
    {CALL_WANTS_KEYS_WHOLE, CALL_TICKETED},
    {CALL_WANTS_KEYS_WHOLE, CALL_LOOKING},
    {CALL_WANTS_KEYS_WHOLE, CALL_ANSWERED},
    {CALL_WANTS_KEYS_WHOLE, CALL_FREE},
    {CALL_BODY, CALL_COMPARED},
    {CALL_BODY, CALL_ASKED},
    {CALL_BODY, CALL_TICKETED},
    {CALL_BODY, CALL_LOOKING},
    {CALL_BODY, CALL_ANSWERED},
    {CALL_BODY, CALL_FREE},
    {CALL_COMPARED, CALL_ASKED},
    {CALL_COMPARED, CALL_ANSWERED},
    {CALL_COMPARED, CALL_FREE},
    {CALL_ASKED, CALL_PARKED},
    {CALL_ASKED, CALL_ANSWERED},
    {CALL_ASKED, CALL_FREE},
    {CALL_TICKETED, CALL_ASKED},
    {CALL_TICKETED, CALL_ANSWERED},
    {CALL_TICKETED, CALL_FREE},
    {CALL_LOOKING, CALL_ANSWERED},
    {CALL_LOOKING, CALL_FREE},
    {CALL_PARKED, CALL_ASKED},
    {CALL_PARKED, CALL_ANSWERED},
    {CALL_PARKED, CALL_FREE},
    {CALL_ANSWERED, CALL_FREE},
};

static bool is_a_way(enum call_state from, enum call_state to)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].from == from && ways[i].to == to) return true;
    return false;
}

static void a_call_moves_by_the_table_and_no_other_way(void **state)
{
    (void)state;
    for (int from = 0; from < CALL_STATES; from++)
        for (int to = 0; to < CALL_STATES; to++)
            assert_int_equal(call_may_move((enum call_state)from, (enum call_state)to),
                             is_a_way((enum call_state)from, (enum call_state)to));
}

static struct call call_of(struct calls *calls)
{
    struct call call = {.calls = calls, .lent = &calls->lent};
    call_move(&call, CALL_BEGUN);
    return call;
}

static size_t wanting(const struct calls *calls)
{
    size_t count = 0;
    for (const struct call *call = calls->wanting_keys; call; call = call->next) count++;
    return count;
}

static void who_wants_keys_is_listed_from_the_headers_on(void **state)
{
    (void)state;
    struct calls calls = {0};
    struct call three[3] = {call_of(&calls), call_of(&calls), call_of(&calls)};
    for (int i = 0; i < 3; i++) call_move(&three[i], CALL_WANTS_KEYS);
    assert_int_equal(wanting(&calls), 3);
    call_move(&three[1], CALL_WANTS_KEYS_WHOLE);
    assert_int_equal(wanting(&calls), 3);
    call_move(&three[1], CALL_ANSWERED); // from the middle
    assert_int_equal(wanting(&calls), 2);
    call_move(&three[2], CALL_BODY); // from the head
    assert_int_equal(wanting(&calls), 1);
    call_move(&three[0], CALL_FREE); // the last
    assert_int_equal(wanting(&calls), 0);
    assert_null(calls.wanting_keys);
}

static void on_turn(void *arg) { asks_turn(((struct calls *)arg)->lent.asks); }

static void on_reply(void *arg, const struct ask_reply *reply)
{
    (void)reply;
    ++*(int *)arg;
}

static void who_leaves_the_service_is_not_called_back(void **state)
{
    (void)state;
    struct err err;
    struct calls calls = {0};
    struct loop_options options = {.turn = on_turn, .arg = &calls};
    struct asks_service service = {"auth", "ipc:///nowhere/at/all"};
    int replies = 0;
    assert_true(loop_create(&calls.lent.loop, &options, &err));
    asks_create(&calls.lent.asks, calls.lent.loop, NULL);
    assert_true(asks_connect(calls.lent.asks, &service, 1, NULL, &err));
    for (enum call_state to = CALL_ANSWERED;; to = CALL_FREE) {
        struct call call = call_of(&calls);
        struct ask ask = {.method = schema_method("auth.GetJwks"),
                          .deadline_ms = loop_now_ms(calls.lent.loop) + 1000};
        call_move(&call, CALL_BODY);
        call_move(&call, CALL_ASKED);
        call.ask_id = gateway_ask(calls.lent.asks, &ask, on_reply, &replies);
        call_move(&call, to);
        if (to == CALL_FREE) break;
    }
    asks_disconnect(calls.lent.asks); // tells all that is still asked
    assert_int_equal(replies, 0);
    asks_destroy(calls.lent.asks);
    loop_destroy(calls.lent.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_moves_by_the_table_and_no_other_way),
        cmocka_unit_test(who_wants_keys_is_listed_from_the_headers_on),
        cmocka_unit_test(who_leaves_the_service_is_not_called_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
