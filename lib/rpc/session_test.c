// A client's session: it begins with a greeting, and a reply answers the request that it names and no other.
#include "lib/rpc/session.h"

#include "lib/rpc/senders.h"
#include "lib/rpc/testing/keys.h"

enum { NOW_MS = 1000000000 };

static struct bus_keys *keys;
static struct rpc_seals seals;
static struct rpc_session session;

static int set_up(void **state)
{
    (void)state;
    keys = keys_of(1, 0);
    rpc_seals_init(&seals, keys, "auth");
    rpc_session_init(&session, &seals);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rpc_seals_finish(&seals);
    bus_keys_destroy(keys);
    return 0;
}

static nng_msg *message_new(void)
{
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    return message;
}

// Seals a request; returns its head, as a server reads it.
static struct seal_head request(uint64_t *counter)
{
    nng_msg *message = message_new();
    struct seal_head head;
    assert_true(rpc_session_close(&session, message, NOW_MS, counter));
    assert_int_equal(seal_open(&seals.requests, message, NOW_MS, &head), SEAL_FINE);
    nng_msg_free(message);
    return head;
}

// What the session says of a reply with this head to the request with this counter.
static enum seal_fault reply(struct seal_head head, int64_t time_ms, uint64_t counter)
{
    nng_msg *message = message_new();
    head.time_ms = time_ms;
    assert_true(seal_close(&seals.replies, message, &head));
    enum seal_fault fault = rpc_session_open(&session, message, NOW_MS, counter);
    nng_msg_free(message);
    return fault;
}

static void begin(void)
{
    nng_msg *greeting = rpc_session_greet(&session, NOW_MS);
    struct seal_head head;
    assert_non_null(greeting);
    assert_int_equal(seal_open(&seals.requests, greeting, NOW_MS, &head), SEAL_FINE);
    assert_int_equal(nng_msg_len(greeting), 0);
    head.connection[0] = 7;
    assert_int_equal(reply(head, NOW_MS, head.counter), SEAL_FINE);
    nng_msg_free(greeting);
    assert_true(session.begun);
}

static void it_begins_with_a_greeting_and_anew_after_a_loss(void **state)
{
    (void)state;
    uint64_t counter;
    assert_false(session.begun);
    begin();
    assert_null(rpc_session_greet(&session, NOW_MS));
    assert_int_equal(request(&counter).connection[0], 7);
    rpc_session_end(&session);
    assert_false(session.begun);
    begin();
    uint64_t next;
    request(&next);
    assert_true(next > counter); // so that the server takes it
}

static void one_greeting_is_under_way(void **state)
{
    (void)state;
    nng_msg *greeting = rpc_session_greet(&session, NOW_MS);
    assert_non_null(greeting);
    assert_null(rpc_session_greet(&session, NOW_MS));
    nng_msg_free(greeting);
}

static void a_reply_answers_its_request_alone(void **state)
{
    (void)state;
    uint64_t first, second;
    begin();
    struct seal_head one = request(&first), two = request(&second), stranger = two, elsewhere = two;
    stranger.sender[0] ^= 1;
    elsewhere.connection[0] ^= 1;
    assert_int_equal(reply(one, NOW_MS, second), SEAL_REPEATED);
    assert_int_equal(reply(stranger, NOW_MS, second), SEAL_REPEATED);
    assert_int_equal(reply(elsewhere, NOW_MS, second), SEAL_REPEATED);
    assert_int_equal(reply(two, NOW_MS - SEAL_SKEW_MS - 1, second), SEAL_OTHER_TIME);
    assert_int_equal(reply(two, NOW_MS, second), SEAL_FINE);
    assert_int_equal(reply(one, NOW_MS, first), SEAL_FINE);
}

static void a_request_is_no_reply(void **state)
{
    (void)state;
    uint64_t counter;
    nng_msg *message = message_new();
    begin();
    assert_true(rpc_session_close(&session, message, NOW_MS, &counter));
    assert_int_equal(rpc_session_open(&session, message, NOW_MS, counter), SEAL_WRONG_KEY);
    nng_msg_free(message);
}

static void without_keys_it_has_begun(void **state)
{
    (void)state;
    struct rpc_seals open;
    struct rpc_session plain;
    uint64_t counter;
    nng_msg *message = message_new();
    rpc_seals_init(&open, NULL, "auth");
    rpc_session_init(&plain, &open);
    assert_true(plain.begun);
    assert_null(rpc_session_greet(&plain, NOW_MS));
    assert_true(rpc_session_close(&plain, message, NOW_MS, &counter));
    assert_int_equal(nng_msg_len(message), 0);
    assert_int_equal(rpc_session_open(&plain, message, NOW_MS, counter), SEAL_FINE);
    nng_msg_free(message);
    rpc_seals_finish(&open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_begins_with_a_greeting_and_anew_after_a_loss),
        TEST(one_greeting_is_under_way),
        TEST(a_reply_answers_its_request_alone),
        TEST(a_request_is_no_reply),
        TEST(without_keys_it_has_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
