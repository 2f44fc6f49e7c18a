// What was signed is carried out once, as long as it is timely.
#include "services/chain/ledger/repeats.h"

#include <sodium.h>

#include "tests/test.h"

enum { HOUR_MS = 3600 * 1000 };
static const int64_t DAY_MS = 24 * HOUR_MS, NOW = INT64_C(1800000000000);

static const uint8_t SEED[16] = {3};

static struct merkle_hash id_of(uint64_t number)
{
    struct merkle_hash id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static void put(struct ledger_repeats *repeats, uint64_t number, int64_t issued_ms)
{
    const struct merkle_hash id = id_of(number);
    assert_true(ledger_repeats_reserve(repeats, (uint64_t)issued_ms));
    ledger_repeats_put(repeats, &id, (uint64_t)issued_ms, number);
}

static uint64_t find(const struct ledger_repeats *repeats, uint64_t number, int64_t issued_ms)
{
    const struct merkle_hash id = id_of(number);
    return ledger_repeats_find(repeats, &id, (uint64_t)issued_ms);
}

static void what_is_too_old_or_ahead_is_not_timely(void **state)
{
    (void)state;
    assert_true(ledger_is_timely((uint64_t)NOW, NOW));
    assert_true(ledger_is_timely((uint64_t)NOW - LEDGER_LATE_MS, NOW));
    assert_false(ledger_is_timely((uint64_t)NOW - LEDGER_LATE_MS - 1, NOW));
    assert_true(ledger_is_timely((uint64_t)NOW + LEDGER_EARLY_MS, NOW));
    assert_false(ledger_is_timely((uint64_t)NOW + LEDGER_EARLY_MS + 1, NOW));
    assert_false(ledger_is_timely(0, NOW));
    assert_false(ledger_is_timely(UINT64_MAX, NOW));
    assert_false(ledger_is_timely(UINT64_MAX - LEDGER_LATE_MS + 1, NOW));
}

// Hours go by, and at each of them something is signed anew, as late and as early as may be.
static void it_is_known_as_long_as_it_is_timely(void **state)
{
    struct ledger_repeats repeats;
    uint64_t number = 0;
    (void)state;
    ledger_repeats_init(&repeats, SEED);
    for (int64_t now = NOW; now < NOW + 10 * DAY_MS; now += HOUR_MS / 2) {
        const int64_t issued[] = {now - LEDGER_LATE_MS, now, now + LEDGER_EARLY_MS};
        for (size_t i = 0; i < 3; i++) put(&repeats, ++number, issued[i]);
        for (uint64_t back = 0; back < 2 * 24 && back * 3 < number; back++)
            for (uint64_t i = 0; i < 3; i++) {
                uint64_t one = number - back * 3 - i;
                int64_t then = now - (int64_t)back * HOUR_MS / 2;
                int64_t signed_ms = i == 0 ? then + LEDGER_EARLY_MS : i == 1 ? then : then - LEDGER_LATE_MS;
                if (ledger_is_timely((uint64_t)signed_ms, now))
                    assert_int_equal(find(&repeats, one, signed_ms), one);
            }
    }
    size_t kept = 0;
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++) kept += repeats.days[i].map.count;
    assert_true(kept <= 3 * 2 * 24 * LEDGER_REPEAT_DAYS);
    ledger_repeats_finish(&repeats);
}

// Whether what is long over is still in memory must change nothing, or two copies would differ.
static void what_is_long_over_is_not_known(void **state)
{
    struct ledger_repeats repeats;
    (void)state;
    ledger_repeats_init(&repeats, SEED);
    put(&repeats, 7, NOW);
    assert_int_equal(find(&repeats, 7, NOW + 2 * DAY_MS), 0);
    assert_int_equal(find(&repeats, 7, NOW - 2 * DAY_MS), 0);
    assert_int_equal(find(&repeats, 8, NOW), 0);
    put(&repeats, 9, NOW + 3 * DAY_MS); // in its place
    assert_int_equal(find(&repeats, 7, NOW), 0);
    assert_int_equal(find(&repeats, 9, NOW + 3 * DAY_MS), 9);
    ledger_repeats_finish(&repeats);
}

static void it_is_the_same_after_it_was_written_down(void **state)
{
    struct ledger_repeats repeats, back;
    (void)state;
    ledger_repeats_init(&repeats, SEED);
    ledger_repeats_init(&back, SEED);
    for (uint64_t i = 1; i <= 500; i++) put(&repeats, i, NOW + (int64_t)(i % 2) * DAY_MS);
    size_t size = ledger_repeats_size(&repeats);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    ledger_repeats_write(&repeats, &writer);
    assert_int_equal(writer.at - bytes, size);
    struct fields_reader reader = {bytes, size, false};
    assert_true(ledger_repeats_read(&back, &reader) && fields_is_whole(&reader));
    for (uint64_t i = 1; i <= 500; i++) assert_int_equal(find(&back, i, NOW + (int64_t)(i % 2) * DAY_MS), i);
    ledger_repeats_finish(&back);
    ledger_repeats_init(&back, SEED);
    reader = (struct fields_reader){bytes, size - 1, false};
    assert_false(ledger_repeats_read(&back, &reader));
    ledger_repeats_finish(&back);
    ledger_repeats_finish(&repeats);
    free(bytes);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_too_old_or_ahead_is_not_timely),
        cmocka_unit_test(it_is_known_as_long_as_it_is_timely),
        cmocka_unit_test(what_is_long_over_is_not_known),
        cmocka_unit_test(it_is_the_same_after_it_was_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
