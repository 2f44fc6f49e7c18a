// A peer's first bytes say how its messages lie in the connection.
#include "services/chain/coinixerr/frame.h"

#include "tests/test.h"

enum { LENGTH = 410 };

static enum coinixerr_found feed(struct coinixerr_inbox *inbox, const uint8_t *bytes, size_t count,
                                 const uint8_t **message, size_t *length)
{
    assert_true(count <= coinixerr_inbox_room(inbox));
    memcpy(inbox->bytes + inbox->count, bytes, count);
    return coinixerr_inbox_take(inbox, count, message, length);
}

static void one_read_is_one_message(void **state)
{
    struct coinixerr_inbox inbox = {.count = 0};
    uint8_t bytes[LENGTH] = {0, 100};
    const uint8_t *message;
    size_t length;
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(feed(&inbox, bytes, sizeof bytes, &message, &length), COINIXERR_MESSAGE);
        assert_int_equal(length, LENGTH);
        assert_int_equal(inbox.form, COINIXERR_BARE);
        coinixerr_inbox_drop(&inbox, length);
        assert_int_equal(coinixerr_inbox_take(&inbox, 0, &message, &length), COINIXERR_NOTHING);
    }
    uint8_t answer[COINIXERR_FRAME_MAX];
    assert_int_equal(coinixerr_frame(inbox.form, "abc", 3, answer), 3);
}

static void a_length_comes_before_it_in_any_pieces(void **state)
{
    uint8_t stream[3 * (LENGTH + 4)];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        memset(stream + i * (LENGTH + 4), (int)i, LENGTH + 4);
        memcpy(stream + i * (LENGTH + 4), "\x9a\x01\0\0", 4);
    }
    for (size_t piece = 1; piece < 600; piece += 7) {
        struct coinixerr_inbox inbox = {.count = 0};
        size_t found = 0;
        for (size_t at = 0, count; at < sizeof stream; at += count) {
            const uint8_t *message;
            size_t length;
            count = sizeof stream - at < piece ? sizeof stream - at : piece;
            enum coinixerr_found got = feed(&inbox, stream + at, count, &message, &length);
            for (; got == COINIXERR_MESSAGE; got = coinixerr_inbox_take(&inbox, 0, &message, &length)) {
                assert_int_equal(length, LENGTH);
                assert_int_equal(message[LENGTH - 1], found++);
                coinixerr_inbox_drop(&inbox, length);
            }
            assert_int_equal(got, COINIXERR_NOTHING);
        }
        assert_int_equal(found, 3);
        assert_int_equal(inbox.count, 0);
    }
    uint8_t answer[COINIXERR_FRAME_MAX];
    assert_int_equal(coinixerr_frame(COINIXERR_FRAMED, "abc", 3, answer), 7);
    assert_memory_equal(answer, "\3\0\0\0abc", 7);
}

static void another_length_breaks_it(void **state)
{
    struct coinixerr_inbox inbox = {.form = COINIXERR_FRAMED};
    const uint8_t *message;
    size_t length;
    (void)state;
    assert_int_equal(feed(&inbox, (const uint8_t *)"\xff\xff\xff\xff", 4, &message, &length),
                     COINIXERR_BROKEN);
    inbox = (struct coinixerr_inbox){.form = COINIXERR_FRAMED};
    assert_int_equal(feed(&inbox, (const uint8_t *)"\0\4\0\0", 4, &message, &length), COINIXERR_BROKEN);
    static const uint8_t much[COINIXERR_FRAME_MAX];
    inbox = (struct coinixerr_inbox){.count = 0};
    assert_int_equal(feed(&inbox, much, sizeof much, &message, &length), COINIXERR_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_read_is_one_message),
        cmocka_unit_test(a_length_comes_before_it_in_any_pieces),
        cmocka_unit_test(another_length_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
