#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/clock.h"
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
    {CALL_WANTS_KEYS_WHOLE, CALL_ASKED},
    {CALL_WANTS_KEYS_WHOLE, CALL_ANSWERED},
    {CALL_WANTS_KEYS_WHOLE, CALL_FREE},
    {CALL_BODY, CALL_ASKED},
    {CALL_BODY, CALL_ANSWERED},
    {CALL_BODY, CALL_FREE},
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

static void on_reply(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    (void)ok, (void)payload, (void)len, (void)err;
    ++*(int *)arg;
}

static void who_leaves_the_service_is_not_called_back(void **state)
{
    (void)state;
    struct err err;
    struct backend backend = {0};
    struct rpc_client_options options = {.service = "auth", .address = "ipc:///nowhere/at/all"};
    struct rpc_request request = {.method = schema_method("auth.GetJwks"), .timeout_ms = 1000};
    struct gateway_loop home = {0};
    int replies = 0;
    assert_true(rpc_client_create(&backend.client, &options, &err));
    for (enum call_state to = CALL_ANSWERED;; to = CALL_FREE) {
        struct call call = call_of(&home);
        call_move(&call, CALL_BODY);
        call_move(&call, CALL_ASKED);
        call.backend = &backend;
        call.rpc_id = rpc_client_call(backend.client, &request, on_reply, &replies);
        call_move(&call, to);
        if (to == CALL_FREE) break;
    }
    rpc_client_process(backend.client, clock_mono_ms());
    assert_int_equal(replies, 0);
    rpc_client_destroy(backend.client);
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
