// What taking a TLS session from the library leans on, with the libraries that are installed: the library
// shows the variable that has its session, and gets on with one that refuses everything.
#include <malloc.h>
#include <poll.h>

#include "services/gateway/http/testing/secure.h"

enum { GUESTS = 32, LARGE = 1 << 20, EARLY = 12000 };

static struct {
    struct http_socket *sockets[GUESTS];
    int fds[GUESTS];
    int taken, lost;
    char *early;
    size_t early_len;
    bool upgrades;
    struct house house;
    struct secure secure;
} world;

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    (void)arg;
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    world.fds[world.taken] = fd;
    world.sockets[world.taken++] = socket;
    world.early = malloc(len + 1);
    if (len) memcpy(world.early, early, len);
    world.early_len = len;
}

static void on_lost(void *arg)
{
    (void)arg;
    world.lost++;
}

static void close_guest(int i)
{
    if (world.sockets[i]) http_socket_close(world.sockets[i]);
    world.sockets[i] = NULL;
}

static void on_drain(void *arg, bool at_once)
{
    (void)arg;
    for (int i = 0; at_once && i < world.taken; i++) close_guest(i);
}

static const struct http_socket_owner owner = {"echo", on_taken, on_lost, on_drain};

static void on_complete(struct house *house, struct http_exchange *exchange)
{
    struct http_answer head = {.status = 200};
    struct err err;
    (void)house;
    http_answer_add(&head, "X-Hall", "of echoes");
    assert_true(world.upgrades ? http_upgrade(exchange, &head, &owner, NULL, &err)
                               : http_take_over(exchange, &head, &owner, NULL));
}

static void open_world(const char *priorities)
{
    struct http_options options = house_options();
    memset(&world, 0, sizeof world);
    world.secure.priorities = priorities;
    secure_options(&world.secure, &options);
    house_open(&world.house, &options);
    world.house.complete = on_complete;
}

static void close_world(void)
{
    house_close(&world.house);
    free(world.early);
}

static void enter(struct secure *secure)
{
    int before = world.taken;
    secure_connect(secure, &world.house);
    secure_send(secure, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    HOUSE_UNTIL(&world.house, world.taken == before + 1);
    free(world.early);
    world.early = NULL;
    HOUSE_UNTIL(&world.house, secure_read(secure, "\r\n\r\n"));
    assert_ptr_equal(strstr(secure->text, "HTTP/1.1 200 OK\r\n"), secure->text);
    assert_non_null(strstr(secure->text, "\r\nX-Hall: of echoes\r\n"));
    *secure->text = 0;
}

static void say(int i, const char *text)
{
    struct pieces pieces;
    pieces_init(&pieces);
    pieces_copy(&pieces, text, strlen(text));
    assert_int_equal(http_socket_send(world.sockets[i], &pieces), PIECES_ALL);
}

static struct {
    ssize_t got; // GNUTLS_E_AGAIN: nothing yet
    int fault;
} heard;

static bool has_heard(char *text)
{
    if (heard.got != GNUTLS_E_AGAIN) return true;
    ssize_t got = http_socket_receive(world.sockets[0], text, HTTP_SOCKET_READ);
    if (got < 0 && errno == EAGAIN) return false;
    heard.fault = errno;
    heard.got = got;
    return true;
}

// What comes from the client: its length, 0 at its end, -1 when it is broken.
static ssize_t hear(char *text)
{
    heard.got = GNUTLS_E_AGAIN;
    HOUSE_UNTIL(&world.house, has_heard(text));
    text[heard.got > 0 ? heard.got : 0] = 0;
    return heard.got;
}

static bool has_record(struct secure *secure, char *text)
{
    if (heard.got == GNUTLS_E_AGAIN) heard.got = gnutls_record_recv(secure->session, text, HTTP_SOCKET_READ);
    return heard.got != GNUTLS_E_AGAIN;
}

// Once it is readable, as a loop does.
static ssize_t hear_at_once(char *text)
{
    struct pollfd there = {.fd = world.fds[0], .events = POLLIN};
    assert_int_equal(poll(&there, 1, HOUSE_PATIENCE_MS), 1);
    ssize_t got = http_socket_receive(world.sockets[0], text, HTTP_SOCKET_READ);
    heard.fault = errno;
    return got;
}

static void assert_hears(const char *wanted)
{
    char text[HTTP_SOCKET_READ + 1];
    assert_int_equal(hear(text), strlen(wanted));
    assert_string_equal(text, wanted);
}

static void an_answer_goes_on_after_the_library_has_let_go(void **state)
{
    static const char *const versions[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        open_world(versions[i]);
        struct secure *secure = &world.secure;
        enter(secure);
        assert_int_equal(world.house.ended, 1);
        assert_true(world.house.sent);
        HOUSE_UNTIL(&world.house, http_server_connections(world.house.server) == 1);
        say(0, "and on");
        HOUSE_UNTIL(&world.house, secure_read(secure, "and on"));
        secure_send(secure, "and back");
        assert_hears("and back");
        close_guest(0);
        HOUSE_UNTIL(&world.house, (secure_read(secure, "no more"), secure->ended)); // and has been told so
        assert_int_equal(http_server_connections(world.house.server), 0);
        secure_close(secure);
        close_world();
    }
}

static void an_end_is_told_and_the_client_may_go_on(void **state)
{
    (void)state;
    open_world(NULL);
    enter(&world.secure);
    http_socket_end(world.sockets[0]);
    HOUSE_UNTIL(&world.house, (secure_read(&world.secure, "no more"), world.secure.ended));
    secure_send(&world.secure, "one more word");
    assert_hears("one more word");
    secure_close(&world.secure);
    close_world();
}

static void the_ends_of_a_client_are_told_apart(void **state)
{
    char text[HTTP_SOCKET_READ + 1];
    (void)state;
    open_world(NULL);
    enter(&world.secure);
    gnutls_bye(world.secure.session, GNUTLS_SHUT_WR);
    assert_int_equal(hear(text), 0);
    close_guest(0);
    secure_leave(&world.secure);
    world.taken = 0;
    enter(&world.secure);
    secure_close(&world.secure); // cut off
    assert_int_equal(hear(text), -1);
    assert_int_equal(heard.fault, ECONNRESET);
    close_world();
}

static void what_a_turn_gathers_is_one_record(void **state)
{
    struct pieces pieces;
    char text[HTTP_SOCKET_READ];
    (void)state;
    open_world(NULL);
    enter(&world.secure);
    memset(text, 's', sizeof text);
    struct shared *shared = shared_create(text, 9000);
    pieces_init(&pieces);
    pieces_copy(&pieces, "first", 5);
    pieces_share(&pieces, shared, 100, 8000);
    pieces_copy(&pieces, "last", 4);
    shared_drop(shared);
    assert_int_equal(http_socket_send(world.sockets[0], &pieces), PIECES_ALL);
    assert_int_equal(pieces.bytes, 0);
    heard.got = GNUTLS_E_AGAIN;
    HOUSE_UNTIL(&world.house, has_record(&world.secure, text));
    assert_int_equal(heard.got, 8009);
    assert_memory_equal(text, "firstss", 7);
    assert_memory_equal(text + 8003, "sslast", 6);
    secure_close(&world.secure);
    close_world();
}

// ---- A client that is slow

// Numbers, twice LARGE bytes of them: from any place of the first half on, the next LARGE bytes are there.
static char *make_numbers(void)
{
    char *all = malloc(2 * LARGE + 1);
    for (size_t at = 0; at < 2 * LARGE; at += 8) snprintf(all + at, 9, "%07zx\n", at % LARGE / 8);
    return all;
}

// LARGE bytes in parts of many sizes, shared and copied.
static void gather(struct pieces *pieces, const char *all)
{
    struct shared *shared = shared_create(all, LARGE);
    for (size_t from = 0, step = 1; from < LARGE; from += step, step = step * 3 % 40000 + 1) {
        if (step > LARGE - from) step = LARGE - from;
        if (step % 2)
            pieces_share(pieces, shared, from, step);
        else
            pieces_copy(pieces, all + from, step);
    }
    shared_drop(shared);
}

// Reads what is there, which must be what follows.
static size_t read_numbers(const char *all, size_t at)
{
    static char record[HTTP_SOCKET_READ];
    ssize_t got;
    while ((got = gnutls_record_recv(world.secure.session, record, sizeof record)) > 0) {
        assert_memory_equal(record, all + at % LARGE, (size_t)got);
        at += (size_t)got;
    }
    assert_int_equal(got, GNUTLS_E_AGAIN);
    return at;
}

static void who_takes_nothing_for_a_while_gets_all_of_it(void **state)
{
    struct pieces pieces;
    enum pieces_sent sent;
    size_t total = 0, got = 0;
    int64_t until_ms = clock_mono_ms() + HOUSE_PATIENCE_MS;
    (void)state;
    open_world(NULL);
    enter(&world.secure);
    char *all = make_numbers();
    pieces_init(&pieces);
    do gather(&pieces, all), total += LARGE;
    while ((sent = http_socket_send(world.sockets[0], &pieces)) == PIECES_ALL);
    assert_int_equal(sent, PIECES_BLOCKED);
    size_t waiting = pieces.bytes;
    assert_int_equal(http_socket_send(world.sockets[0], &pieces), PIECES_BLOCKED);
    assert_int_equal(pieces.bytes, waiting);
    gather(&pieces, all), total += LARGE; // behind a record that is cut
    do {
        sent = http_socket_send(world.sockets[0], &pieces);
        got = read_numbers(all, got);
        loop_turn(world.house.loop);
    } while (got < total && sent != PIECES_BROKEN && clock_mono_ms() < until_ms);
    assert_int_equal(got, total);
    assert_int_equal(sent, PIECES_ALL);
    assert_int_equal(pieces.bytes, 0);
    free(all);
    secure_close(&world.secure);
    close_world();
}

static void a_record_that_is_cut_ends_with_its_client(void **state)
{
    struct pieces pieces;
    enum pieces_sent sent;
    (void)state;
    open_world(NULL);
    enter(&world.secure);
    char *all = make_numbers();
    pieces_init(&pieces);
    do gather(&pieces, all);
    while (http_socket_send(world.sockets[0], &pieces) == PIECES_ALL);
    secure_close(&world.secure);
    HOUSE_UNTIL(&world.house, (sent = http_socket_send(world.sockets[0], &pieces)) == PIECES_BROKEN);
    pieces_drop(&pieces);
    free(all);
    close_world();
}

// ---- What clients may want of TLS

static void a_client_may_change_the_keys(void **state)
{
    (void)state;
    open_world("NORMAL:-VERS-ALL:+VERS-TLS1.3");
    enter(&world.secure);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gnutls_session_key_update(world.secure.session, GNUTLS_KU_PEER), 0);
        secure_send(&world.secure, "by another key");
        assert_hears("by another key");
        *world.secure.text = 0;
        say(0, "so are we");
        HOUSE_UNTIL(&world.house, secure_read(&world.secure, "so are we"));
    }
    secure_close(&world.secure);
    close_world();
}

static void another_handshake_is_refused(void **state)
{
    char text[HTTP_SOCKET_READ + 1];
    (void)state;
    open_world("NORMAL:-VERS-ALL:+VERS-TLS1.2");
    enter(&world.secure);
    assert_int_equal(gnutls_handshake(world.secure.session), GNUTLS_E_AGAIN);
    assert_int_equal(hear_at_once(text), -1);
    assert_int_equal(heard.fault, ECONNRESET);
    secure_close(&world.secure);
    close_world();
}

// More than the library has room for, in one record: the rest of it is in the session.
static void what_was_sent_with_the_request_is_not_lost(void **state)
{
    static const char head[] = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    char record[sizeof head - 1 + EARLY];
    (void)state;
    open_world(NULL);
    world.upgrades = true;
    memcpy(record, head, sizeof head - 1);
    for (int i = 0; i < EARLY; i++) record[sizeof head - 1 + (size_t)i] = (char)('a' + i % 23);
    secure_connect(&world.secure, &world.house);
    assert_int_equal(gnutls_record_send(world.secure.session, record, sizeof record), sizeof record);
    HOUSE_UNTIL(&world.house, world.taken == 1);
    assert_int_equal(world.early_len, EARLY);
    assert_memory_equal(world.early, record + sizeof head - 1, EARLY);
    HOUSE_UNTIL(&world.house, secure_read(&world.secure, "\r\n\r\n"));
    secure_send(&world.secure, "late");
    assert_hears("late");
    secure_close(&world.secure);
    close_world();
}

// ---- What is left

static int open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void many_come_and_go_and_leave_nothing(void **state)
{
    static struct secure guests[GUESTS];
    (void)state;
    memset(guests, 0, sizeof guests);
    open_world(NULL);
    enter(&guests[0]);
    HOUSE_UNTIL(&world.house, http_server_connections(world.house.server) == 1);
    int before = open_files();
    size_t memory = mallinfo2().uordblks;
    for (int i = 1; i < GUESTS; i++) enter(&guests[i]);
    HOUSE_UNTIL(&world.house, http_server_connections(world.house.server) == GUESTS);
    assert_int_equal(open_files(), before + 2 * (GUESTS - 1)); // theirs and ours
    for (int i = 1; i < GUESTS; i++) {
        say(i, "still here");
        HOUSE_UNTIL(&world.house, secure_read(&guests[i], "still here"));
    }
    for (int i = 1; i < GUESTS; i++) secure_leave(&guests[i]), close_guest(i);
    assert_int_equal(open_files(), before);
    assert_true(mallinfo2().uordblks < memory + 64 * 1024); // two sessions of 31, theirs and ours
    assert_int_equal(http_server_connections(world.house.server), 1);
    close_world();
    secure_leave(&guests[0]);
    test_folder_remove(world.secure.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_goes_on_after_the_library_has_let_go),
        cmocka_unit_test(an_end_is_told_and_the_client_may_go_on),
        cmocka_unit_test(the_ends_of_a_client_are_told_apart),
        cmocka_unit_test(what_a_turn_gathers_is_one_record),
        cmocka_unit_test(who_takes_nothing_for_a_while_gets_all_of_it),
        cmocka_unit_test(a_record_that_is_cut_ends_with_its_client),
        cmocka_unit_test(a_client_may_change_the_keys),
        cmocka_unit_test(another_handshake_is_refused),
        cmocka_unit_test(what_was_sent_with_the_request_is_not_lost),
        cmocka_unit_test(many_come_and_go_and_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
