// Peers over TCP: honest ones are served in both forms, whatever the others do, and those cost at most their
// bound.
#include "services/chain/node/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "services/chain/node/addresses.h"
#include "services/chain/node/peers.h"
#include "services/chain/testing/holder.h"

enum { PATIENCE_MS = 20000, SLOW = 500 };

struct scene {
    struct house *house;
    struct judge judge; // for addresses
    struct holder one, two;
    struct sockaddr_in place;
    char text[32];
};

// A place where nobody listens.
static struct sockaddr_in free_place(void)
{
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof place;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &length), 0);
    close(fd);
    return place;
}

static void open_node(struct scene *scene, struct house *house)
{
    struct err err = {0};
    house->chain.settings.coinixerr = scene->text;
    if (!node_start(&house->chain, &err)) fail_msg("%s", err.message);
}

static void close_node(struct house *house)
{
    node_stop(house->chain.node);
    house->chain.node = NULL;
}

static int set_up(void **state)
{
    struct scene *scene = *state = calloc(1, sizeof *scene);
    struct err err = {0};
    struct rlimit files;
    const char *address;
    assert_non_null(scene);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    scene->house = house_at(NULL);
    scene->house->now_ms = clock_unix_ms();
    scene->one = holder_of(1);
    scene->two = holder_of(2);
    holder_begin(scene->house, &scene->one, 1000);
    assert_true(judge_open(&scene->judge, &scene->house->chain, &err));
    assert_true(addresses_make(&scene->house->chain, &scene->judge.addresses, &scene->two.key,
                               &scene->house->arena, &address, &err));
    scene->place = free_place();
    snprintf(scene->text, sizeof scene->text, "127.0.0.1:%u", ntohs(scene->place.sin_port));
    open_node(scene, scene->house);
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    clock_hold_mono(-1);
    judge_close(&scene->judge);
    house_close(scene->house);
    free(scene);
    return 0;
}

// ---- A peer

static int connect_to(const struct scene *scene)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    for (int64_t until = clock_mono_ms() + PATIENCE_MS;
         connect(fd, (const struct sockaddr *)&scene->place, sizeof scene->place) != 0;) {
        assert_true(errno == ECONNREFUSED && clock_mono_ms() < until); // it begins to listen
        close(fd);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    }
    return fd;
}

static void say(int fd, const void *bytes, size_t length)
{
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

// 0: the node closed the connection.
static size_t hear(int fd, uint8_t *bytes, size_t most)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    ssize_t count = recv(fd, bytes, most, 0);
    return count > 0 ? (size_t)count : 0;
}

static size_t message_of(struct scene *scene, int32_t amount, uint8_t bytes[COINIXERR_BYTES_MAX])
{
    struct coinixerr_transaction transaction = {
        .type = COINIXERR_REGULAR, .amount = amount, .issued_s = clock_unix_ms() / 1000};
    assert_true(coinixerr_digest_make(&transaction.from, &scene->judge.addresses, scene->one.key.bytes, 32));
    assert_true(coinixerr_digest_make(&transaction.to, &scene->judge.addresses, scene->two.key.bytes, 32));
    coinixerr_sign(&transaction, scene->one.secret_key);
    return coinixerr_encode(&transaction, bytes);
}

static void is_served(struct scene *scene, int fd, enum coinixerr_form form, int32_t amount)
{
    uint8_t message[COINIXERR_BYTES_MAX], framed[COINIXERR_FRAME_MAX], answer[COINIXERR_FRAME_MAX];
    struct coinixerr_transaction back;
    size_t prefix = form == COINIXERR_FRAMED ? COINIXERR_PREFIX : 0, got = 0;
    size_t length = coinixerr_frame(form, message, message_of(scene, amount, message), framed);
    say(fd, framed, length);
    while (got < COINIXERR_BYTES_MAX + prefix) {
        size_t count = hear(fd, answer + got, sizeof answer - got);
        assert_true(count > 0);
        got += count;
    }
    assert_true(coinixerr_decode(&back, answer + prefix, got - prefix));
    assert_true(back.has_hash && back.amount == amount);
}

// ---- The story

static void peers_are_served_in_both_forms(void **state)
{
    struct scene *scene = *state;
    int bare = connect_to(scene), framed = connect_to(scene);
    is_served(scene, bare, COINIXERR_BARE, 100);
    is_served(scene, framed, COINIXERR_FRAMED, 10);
    is_served(scene, framed, COINIXERR_FRAMED, 20);
    is_served(scene, bare, COINIXERR_BARE, 30);
    assert_int_equal(holder_balance(scene->house, &scene->two), 160);
    close(bare);
    close(framed);
}

static void who_sends_no_message_is_sent_away(void **state)
{
    struct scene *scene = *state;
    uint8_t answer[256];
    int fd = connect_to(scene);
    say(fd, "\x9a\x01\0\0", 4);
    for (int i = 0; i < 100; i++) say(fd, "0123", 4); // 410 bytes in all, and no transaction
    say(fd, "0123456789", 10);
    size_t count = hear(fd, answer, sizeof answer);
    assert_true(count > 20 && memcmp(answer + 4, "refused MALFORMED", 17) == 0);
    say(fd, "\xff\xff\xff\xff", 4);
    assert_true(hear(fd, answer, sizeof answer) > 0);
    assert_int_equal(hear(fd, answer, sizeof answer), 0);
    close(fd);

    fd = connect_to(scene); // refused again and again
    for (int i = 0; i < PEERS_REFUSALS; i++) {
        say(fd, "hello, hello", 12);
        count = hear(fd, answer, sizeof answer);
        assert_true(count > 0 && memmem(answer, count, "hello", 5) == NULL);
    }
    assert_int_equal(hear(fd, answer, sizeof answer), 0);
    close(fd);
}

static void slow_peers_keep_nobody_away(void **state)
{
    struct scene *scene = *state;
    uint8_t answer[16];
    int *slow = calloc(PEERS_MOST + SLOW, sizeof *slow);
    for (int i = 0; i < SLOW; i++) {
        slow[i] = connect_to(scene);
        say(slow[i], "\x9a\x01\0\0\0", 5); // and then nothing
    }
    int fd = connect_to(scene);
    is_served(scene, fd, COINIXERR_FRAMED, 100);
    for (int i = SLOW; i < PEERS_MOST + SLOW; i++) slow[i] = connect_to(scene);
    assert_int_equal(hear(slow[0], answer, sizeof answer), 0); // the oldest gave way
    int other = connect_to(scene);
    is_served(scene, other, COINIXERR_BARE, 100);
    for (int i = 0; i < PEERS_MOST + SLOW; i++) close(slow[i]);
    close(other);
    close(fd);
    free(slow);
}

static void time_is_bounded(void **state)
{
    struct scene *scene = *state;
    uint8_t answer[16];
    int idle = connect_to(scene), slow = connect_to(scene);
    say(slow, "\x9a\x01\0\0\0", 5);
    int first = connect_to(scene);
    is_served(scene, first, COINIXERR_FRAMED, 100); // by now the others have been looked at
    clock_hold_mono(clock_mono_ms() + PEERS_MESSAGE_MS + 1);
    int second = connect_to(scene); // wakes the loop
    assert_int_equal(hear(slow, answer, sizeof answer), 0);
    is_served(scene, second, COINIXERR_FRAMED, 10);
    clock_hold_mono(clock_mono_ms() + PEERS_IDLE_MS + 1);
    int third = connect_to(scene);
    assert_int_equal(hear(idle, answer, sizeof answer), 0);
    const int all[] = {idle, slow, first, second, third};
    for (size_t i = 0; i < 5; i++) close(all[i]);
}

// One process has the place; when it goes, another one that waits for it takes over.
static void one_process_listens(void **state)
{
    struct scene *scene = *state;
    struct house *other = house_at(NULL);
    int fd = connect_to(scene);
    open_node(scene, other);
    is_served(scene, fd, COINIXERR_FRAMED, 100);
    close_node(scene->house);
    close(fd);
    uint8_t answer[256];
    fd = connect_to(scene);
    say(fd, "hello, hello", 12);
    assert_true(hear(fd, answer, sizeof answer) > 0);
    close(fd);
    house_close(other);
}

static void it_stops_with_peers_in_it(void **state)
{
    struct scene *scene = *state;
    uint8_t message[COINIXERR_BYTES_MAX] = {0}, answer[16];
    int silent = connect_to(scene), busy = connect_to(scene);
    is_served(scene, busy, COINIXERR_BARE, 100);
    say(busy, message, message_of(scene, 10, message));
    close_node(scene->house);
    assert_int_equal(hear(silent, answer, sizeof answer), 0);
    int64_t left = holder_balance(scene->house, &scene->one);
    assert_true(left == 900 || left == 890); // it was judged, or was not
    close(silent);
    close(busy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(peers_are_served_in_both_forms),
        TEST(who_sends_no_message_is_sent_away),
        TEST(slow_peers_keep_nobody_away),
        TEST(time_is_bounded),
        TEST(one_process_listens),
        TEST(it_stops_with_peers_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
