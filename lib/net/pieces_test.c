#include "lib/net/pieces.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

enum { LARGE = 1 << 20 };

static struct pieces pieces;
static int ends[2];
static int gone;

static int set_up(void **state)
{
    (void)state;
    pieces_init(&pieces);
    gone = 0;
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends);
}

static int tear_down(void **state)
{
    (void)state;
    pieces_drop(&pieces);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static void on_gone(void *arg, size_t len)
{
    (void)arg, (void)len;
    gone++;
}

static struct shared *make(const char *text)
{
    struct shared *shared = shared_create(text, strlen(text));
    assert_non_null(shared);
    shared->gone = on_gone;
    return shared;
}

static void arrived(const char *text)
{
    char bytes[4096];
    ssize_t len = read(ends[1], bytes, sizeof bytes - 1);
    assert_true(len >= 0);
    bytes[len] = 0;
    assert_string_equal(bytes, text);
}

static void all_goes_out_in_its_order(void **state)
{
    struct shared *shared = make("[shared]");
    (void)state;
    pieces_copy(&pieces, "a", 1);
    pieces_share(&pieces, shared, 1, 6);
    pieces_copy(&pieces, "b", 1);
    pieces_copy(&pieces, "c", 1);
    pieces_share(&pieces, shared, 0, 8);
    assert_int_equal(pieces.bytes, 17);
    shared_drop(shared);
    assert_int_equal(gone, 0);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_ALL);
    assert_int_equal(gone, 1);
    assert_int_equal(pieces.bytes, 0);
    assert_null(pieces.first);
    arrived("asharedbc[shared]");
}

static void what_is_at_the_front_can_be_looked_at(void **state)
{
    struct shared *shared = make("shared");
    char out[8];
    (void)state;
    assert_int_equal(pieces_peek(&pieces, out, sizeof out), 0);
    pieces_copy(&pieces, "one", 3);
    pieces_share(&pieces, shared, 0, 6);
    shared_drop(shared);
    pieces_take(&pieces, 1);
    assert_int_equal(pieces_peek(&pieces, out, 5), 5);
    assert_memory_equal(out, "nesha", 5);
    assert_int_equal(pieces_peek(&pieces, out, sizeof out), 8);
    assert_memory_equal(out, "neshared", 8);
    assert_int_equal(pieces.bytes, 8);
}

static void what_has_gone_out_in_part_goes_on(void **state)
{
    struct shared *shared = make("shared");
    (void)state;
    pieces_copy(&pieces, "one", 3);
    pieces_share(&pieces, shared, 0, 6);
    shared_drop(shared);
    pieces_take(&pieces, 2);
    pieces_copy(&pieces, "two", 3);
    pieces_take(&pieces, 3);
    assert_int_equal(pieces.bytes, 7);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_ALL);
    arrived("aredtwo");
}

// Bytes behind those that are half gone are not put into their piece.
static void nothing_is_written_over_what_waits(void **state)
{
    (void)state;
    pieces_copy(&pieces, "abcdef", 6);
    pieces_take(&pieces, 5);
    pieces_copy(&pieces, "g", 1);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_ALL);
    arrived("fg");
}

static void a_reader_that_stops_blocks(void **state)
{
    static char large[LARGE];
    size_t read_so_far = 0;
    ssize_t len;
    (void)state;
    for (size_t i = 0; i < sizeof large; i++) large[i] = (char)i;
    pieces_copy(&pieces, large, sizeof large);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_BLOCKED);
    assert_in_range(pieces.bytes, 1, LARGE - 1);
    while (read_so_far < sizeof large) {
        static char part[4096];
        while ((len = read(ends[1], part, sizeof part)) > 0) {
            assert_memory_equal(part, large + read_so_far, (size_t)len);
            read_so_far += (size_t)len;
        }
        assert_int_not_equal(pieces_send(&pieces, ends[0]), PIECES_BROKEN);
    }
    assert_int_equal(pieces.bytes, 0);
}

static void a_reader_that_is_gone_breaks(void **state)
{
    (void)state;
    close(ends[1]);
    ends[1] = -1;
    pieces_copy(&pieces, "a", 1);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_BROKEN);
}

// More pieces than one call takes.
static void many_small_ones_go_out(void **state)
{
    struct shared *shared = make("x");
    char bytes[2048];
    (void)state;
    for (int i = 0; i < 1000; i++) pieces_share(&pieces, shared, 0, 1);
    shared_drop(shared);
    assert_int_equal(pieces_send(&pieces, ends[0]), PIECES_ALL);
    assert_int_equal(read(ends[1], bytes, sizeof bytes), 1000);
    assert_int_equal(gone, 1);
}

// A connection over TCP whose other end reads nothing.
static int open_tcp(int *other)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    *other = accept(listener, NULL, NULL);
    close(listener);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

// But for what is in the other end's window it stays here.
static void what_waits_waits_here(void **state)
{
    enum { ALL = 16 * LARGE };
    char *text = calloc(1, LARGE);
    int other, fd = open_tcp(&other);
    (void)state;
    pieces_wait_here(fd);
    for (int i = 0; i < 16; i++) pieces_copy(&pieces, text, LARGE);
    for (int i = 0; i < 100; i++) assert_int_equal(pieces_send(&pieces, fd), PIECES_BLOCKED);
    assert_true(pieces.bytes > ALL - LARGE);
    close(fd);
    close(other);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_goes_out_in_its_order),
        TEST(what_has_gone_out_in_part_goes_on),
        TEST(what_is_at_the_front_can_be_looked_at),
        TEST(nothing_is_written_over_what_waits),
        TEST(a_reader_that_stops_blocks),
        TEST(a_reader_that_is_gone_breaks),
        TEST(many_small_ones_go_out),
        TEST(what_waits_waits_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
