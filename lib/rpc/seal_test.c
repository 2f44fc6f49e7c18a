// Seals: each thing that a seal holds fast is told apart from a true message, and keys are rolled.
#include "lib/rpc/seal.h"

#include "lib/rpc/testing/keys.h"

enum { NOW_MS = 1000000000 };

static const struct seal_head HEAD = {{1}, {2}, 3, NOW_MS};

static nng_msg *message_of(const char *text)
{
    nng_msg *message;
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_int_equal(nng_msg_append(message, text, strlen(text)), 0);
    return message;
}

static nng_msg *sealed_as(struct bus_keys *keys, enum seal_use use, const char *service)
{
    struct seal seal;
    nng_msg *message = message_of("frames");
    seal_init(&seal, keys, use, service);
    assert_true(seal_close(&seal, message, &HEAD));
    seal_finish(&seal);
    return message;
}

static enum seal_fault opened_at(nng_msg *message, struct bus_keys *keys, int64_t now_ms)
{
    struct seal seal;
    struct seal_head head;
    seal_init(&seal, keys, SEAL_REQUEST, "auth");
    enum seal_fault fault = seal_open(&seal, message, now_ms, &head);
    if (fault == SEAL_FINE) {
        assert_int_equal(nng_msg_len(message), strlen("frames"));
        assert_memory_equal(nng_msg_body(message), "frames", strlen("frames"));
    }
    if (fault == SEAL_FINE && keys) assert_memory_equal(&head, &HEAD, sizeof head);
    seal_finish(&seal);
    nng_msg_free(message);
    return fault;
}

static void what_was_sealed_opens_with_all_that_the_seal_says(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0);
    nng_msg *message = sealed_as(keys, SEAL_REQUEST, "auth");
    assert_int_equal(nng_msg_len(message), strlen("frames") + SEAL_BYTES);
    assert_int_equal(opened_at(message, keys, NOW_MS), SEAL_FINE);
    bus_keys_destroy(keys);
}

static void without_keys_nothing_is_sealed(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0);
    assert_int_equal(opened_at(message_of("frames"), NULL, NOW_MS), SEAL_FINE);
    assert_int_equal(opened_at(sealed_as(NULL, SEAL_REQUEST, "auth"), NULL, NOW_MS), SEAL_FINE);
    assert_int_equal(opened_at(message_of("frames"), keys, NOW_MS), SEAL_OTHER_VERSION);
    bus_keys_destroy(keys);
}

static void another_key_use_or_service_does_not_open(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0), *others = keys_of(2, 0);
    assert_int_equal(opened_at(sealed_as(others, SEAL_REQUEST, "auth"), keys, NOW_MS), SEAL_WRONG_KEY);
    assert_int_equal(opened_at(sealed_as(keys, SEAL_REPLY, "auth"), keys, NOW_MS), SEAL_WRONG_KEY);
    assert_int_equal(opened_at(sealed_as(keys, SEAL_TOPIC, "auth"), keys, NOW_MS), SEAL_WRONG_KEY);
    assert_int_equal(opened_at(sealed_as(keys, SEAL_REQUEST, "events"), keys, NOW_MS), SEAL_WRONG_KEY);
    bus_keys_destroy(keys);
    bus_keys_destroy(others);
}

static void no_byte_can_be_changed(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0);
    for (size_t i = 0; i < strlen("frames") + SEAL_BYTES; i++) {
        nng_msg *message = sealed_as(keys, SEAL_REQUEST, "auth");
        ((uint8_t *)nng_msg_body(message))[i] ^= 1;
        assert_int_not_equal(opened_at(message, keys, NOW_MS), SEAL_FINE);
    }
    bus_keys_destroy(keys);
}

static void another_version_is_told(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0);
    nng_msg *message = sealed_as(keys, SEAL_REQUEST, "auth");
    ((uint8_t *)nng_msg_body(message))[nng_msg_len(message) - 1] = SEAL_VERSION + 1;
    assert_int_equal(opened_at(message, keys, NOW_MS), SEAL_OTHER_VERSION);
    bus_keys_destroy(keys);
}

static void times_more_than_half_a_minute_away_are_refused(void **state)
{
    (void)state;
    struct bus_keys *keys = keys_of(1, 0);
    const struct {
        int64_t now_ms;
        enum seal_fault fault;
    } table[] = {
        {NOW_MS + SEAL_SKEW_MS, SEAL_FINE},
        {NOW_MS - SEAL_SKEW_MS, SEAL_FINE},
        {NOW_MS + SEAL_SKEW_MS + 1, SEAL_OTHER_TIME},
        {NOW_MS - SEAL_SKEW_MS - 1, SEAL_OTHER_TIME},
        {INT64_MIN, SEAL_OTHER_TIME},
        {INT64_MAX, SEAL_OTHER_TIME},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(opened_at(sealed_as(keys, SEAL_REQUEST, "auth"), keys, table[i].now_ms),
                         table[i].fault);
    bus_keys_destroy(keys);
}

// Old; old and new; new and old; new: at each step those one step ahead and one behind understand it.
static void keys_are_rolled_without_a_stop(void **state)
{
    (void)state;
    const struct bus_key_list steps[] = {key_list_of(1, 0), key_list_of(1, 2), key_list_of(2, 1),
                                         key_list_of(2, 0)};
    enum { STEPS = sizeof steps / sizeof *steps };
    for (int from = 0; from < STEPS; from++)
        for (int to = 0; to < STEPS; to++) {
            struct bus_keys *mine = bus_keys_create(&steps[from]), *theirs = bus_keys_create(&steps[to]);
            bool near = abs(from - to) <= 1;
            enum seal_fault fault = opened_at(sealed_as(mine, SEAL_REQUEST, "auth"), theirs, NOW_MS);
            if (near) assert_int_equal(fault, SEAL_FINE);
            if (abs(from - to) == 3) assert_int_equal(fault, SEAL_WRONG_KEY);
            bus_keys_destroy(mine);
            bus_keys_destroy(theirs);
        }
}

static void keys_are_replaced_under_a_seal_in_use(void **state)
{
    (void)state;
    const struct bus_key_list next = key_list_of(2, 0);
    struct bus_keys *keys = keys_of(1, 0), *old = keys_of(1, 0);
    struct seal seal;
    struct seal_head head;
    seal_init(&seal, keys, SEAL_REQUEST, "auth");
    nng_msg *message = sealed_as(old, SEAL_REQUEST, "auth");
    assert_int_equal(seal_open(&seal, message, NOW_MS, &head), SEAL_FINE);
    nng_msg_free(message);
    bus_keys_set(keys, &next);
    message = sealed_as(old, SEAL_REQUEST, "auth");
    assert_int_equal(seal_open(&seal, message, NOW_MS, &head), SEAL_WRONG_KEY);
    nng_msg_free(message);
    seal_finish(&seal);
    bus_keys_destroy(keys);
    bus_keys_destroy(old);
}

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_list_is_one_or_two_lines_of_digits(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t count;
    } table[] = {
        {DIGITS, 1},
        {DIGITS "\n", 1},
        {DIGITS "\r\n" DIGITS "\n\n", 2},
        {"", 0},
        {"\n", 0},
        {DIGITS "\n" DIGITS "\n" DIGITS, 0},
        {DIGITS "\n0123", 0},
        {DIGITS DIGITS, 0},
        {"x123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct bus_key_list list;
        struct err err;
        assert_int_equal(bus_key_list_parse(&list, table[i].text, &err), table[i].count > 0);
        if (table[i].count) assert_int_equal(list.count, table[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens_with_all_that_the_seal_says),
        cmocka_unit_test(without_keys_nothing_is_sealed),
        cmocka_unit_test(another_key_use_or_service_does_not_open),
        cmocka_unit_test(no_byte_can_be_changed),
        cmocka_unit_test(another_version_is_told),
        cmocka_unit_test(times_more_than_half_a_minute_away_are_refused),
        cmocka_unit_test(keys_are_rolled_without_a_stop),
        cmocka_unit_test(keys_are_replaced_under_a_seal_in_use),
        cmocka_unit_test(a_list_is_one_or_two_lines_of_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
