// Which streams a subscriber reads, and when.
#include "lib/bus/streams.h"
#include "tests/test.h"

static struct bus_streams streams;
static struct bus_stream *stream;

static int set_up(void **state)
{
    bool made;
    (void)state;
    bus_streams_init(&streams, 8);
    stream = bus_streams_get(&streams, "auth.revocations", &made);
    return stream && made ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    bus_streams_finish(&streams);
    return 0;
}

static void is_sent(int64_t now_ms)
{
    assert_ptr_equal(bus_streams_pop_behind(&streams), stream);
    stream->reading = true;
    stream->read_ms = now_ms;
}

static void pauses_double_with_each_failure(void **state)
{
    (void)state;
    const int64_t pauses[] = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        bus_streams_retry_read(&streams, stream, stream->reads, 1000);
        assert_int_equal(stream->retry_ms, 1000 + pauses[i]);
        assert_ptr_equal(bus_streams_pop_behind(&streams), stream);
    }
}

static void a_silent_peer_is_overtaken(void **state)
{
    (void)state;
    bus_streams_hurry(&streams, stream, 1000);
    is_sent(1000);
    bus_streams_hurry(&streams, stream, 1199);
    assert_null(bus_streams_pop_behind(&streams));
    bus_streams_hurry(&streams, stream, 1200);
    is_sent(1200);
    assert_int_equal(stream->overtaken, 1);
}

// Its call fails after seconds, when another peer has long answered.
static void what_was_overtaken_holds_up_nothing_when_it_fails(void **state)
{
    (void)state;
    uint32_t silent = stream->reads;
    bus_streams_hurry(&streams, stream, 1000);
    is_sent(1000);
    bus_streams_hurry(&streams, stream, 1250);
    is_sent(1250);
    stream->reading = false; // it was answered
    bus_streams_retry_read(&streams, stream, silent, 6000);
    assert_int_equal(stream->failures, 0);
    assert_int_equal(stream->retry_ms, 0);
    assert_null(bus_streams_pop_behind(&streams));
}

static void who_announces_is_not_waited_for_long(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) bus_streams_retry(&streams, stream, 1000);
    assert_int_equal(stream->retry_ms, 6000);
    bus_streams_hurry(&streams, stream, 2000);
    assert_int_equal(stream->retry_ms, 2200);
    bus_streams_hurry(&streams, stream, 2190);
    assert_int_equal(stream->retry_ms, 2200);
    assert_ptr_equal(bus_streams_pop_behind(&streams), stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pauses_double_with_each_failure),
        TEST(a_silent_peer_is_overtaken),
        TEST(what_was_overtaken_holds_up_nothing_when_it_fails),
        TEST(who_announces_is_not_waited_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
