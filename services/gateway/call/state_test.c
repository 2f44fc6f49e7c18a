#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/gateway/call/call.h"
#include "services/gateway/gateway_loop.h"

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
    {CALL_WANTS_KEYS_WHOLE, CALL_ANSWERED},
    {CALL_WANTS_KEYS_WHOLE, CALL_FREE},
    {CALL_BODY, CALL_COMPARED},
    {CALL_BODY, CALL_ASKED},
    {CALL_BODY, CALL_ANSWERED},
    {CALL_BODY, CALL_FREE},
    {CALL_COMPARED, CALL_ASKED},
    {CALL_COMPARED, CALL_ANSWERED},
    {CALL_COMPARED, CALL_FREE},
    {CALL_ASKED, CALL_PARKED},
    {CALL_ASKED, CALL_ANSWERED},
    {CALL_ASKED, CALL_FREE},
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

static struct call call_of(struct gateway_loop *home)
{
    struct call call = {.home = home};
    call_move(&call, CALL_BEGUN);
    return call;
}

static size_t wanting(const struct gateway_loop *home)
{
    size_t count = 0;
    for (const struct call *call = home->calls.wanting_keys; call; call = call->next) count++;
    return count;
}

static void who_wants_keys_is_listed_from_the_headers_on(void **state)
{
    (void)state;
    struct gateway_loop home = {0};
    struct call calls[3] = {call_of(&home), call_of(&home), call_of(&home)};
    for (int i = 0; i < 3; i++) call_move(&calls[i], CALL_WANTS_KEYS);
    assert_int_equal(wanting(&home), 3);
    call_move(&calls[1], CALL_WANTS_KEYS_WHOLE);
    assert_int_equal(wanting(&home), 3);
    call_move(&calls[1], CALL_ANSWERED); // from the middle
    assert_int_equal(wanting(&home), 2);
    call_move(&calls[2], CALL_BODY); // from the head
    assert_int_equal(wanting(&home), 1);
    call_move(&calls[0], CALL_FREE); // the last
    assert_int_equal(wanting(&home), 0);
    assert_null(home.calls.wanting_keys);
}

static void on_turn(void *arg) { asks_turn(((struct gateway_loop *)arg)->asks); }

static void on_reply(void *arg, const struct ask_reply *reply)
{
    (void)reply;
    ++*(int *)arg;
}

static void who_leaves_the_service_is_not_called_back(void **state)
{
    (void)state;
    struct err err;
    struct gateway_loop home = {0};
    struct loop_options options = {.turn = on_turn, .arg = &home};
    struct asks_service service = {"auth", "ipc:///nowhere/at/all"};
    int replies = 0;
    assert_true(loop_create(&home.loop, &options, &err));
    asks_create(&home.asks, home.loop, NULL);
    assert_true(asks_connect(home.asks, &service, 1, NULL, &err));
    for (enum call_state to = CALL_ANSWERED;; to = CALL_FREE) {
        struct call call = call_of(&home);
        struct ask ask = {.method = schema_method("auth.GetJwks"),
                          .deadline_ms = loop_now_ms(home.loop) + 1000};
        call_move(&call, CALL_BODY);
        call_move(&call, CALL_ASKED);
        call.ask_id = gateway_ask(home.asks, &ask, on_reply, &replies);
        call_move(&call, to);
        if (to == CALL_FREE) break;
    }
    asks_disconnect(home.asks); // tells all that is still asked
    assert_int_equal(replies, 0);
    asks_destroy(home.asks);
    loop_destroy(home.loop);
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
