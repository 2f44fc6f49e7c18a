// Connections over ipc that end while both processes live on, also when NNG does not notice.
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/rpc/testing/jam.h"
#include "lib/rpc/testing/process.h"

enum { AT_ONCE_MS = 2000, DOUBTFUL_MS = 5000, MOST_LINES = 32 };

// ---- Between client and server

struct relay {
    char from[108], to[108];
    int listener;
    struct {
        int ends[2];
    } lines[MOST_LINES];
    _Atomic int count;
    pthread_t thread;
    atomic_bool over;
};

static struct sockaddr_un at_path(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    return at;
}

static void relay_accept(struct relay *relay)
{
    struct sockaddr_un to = at_path(relay->to);
    int near = accept(relay->listener, NULL, NULL), far = socket(AF_UNIX, SOCK_STREAM, 0);
    if (relay->count < MOST_LINES && connect(far, (struct sockaddr *)&to, sizeof to) == 0) {
        relay->lines[relay->count].ends[0] = near;
        relay->lines[relay->count].ends[1] = far;
        relay->count++;
        return;
    }
    close(near);
    close(far);
}

static void relay_copy(int from, int to)
{
    char bytes[65536];
    ssize_t len = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (len == 0 || (len > 0 && send(to, bytes, (size_t)len, MSG_NOSIGNAL) != len)) {
        shutdown(from, SHUT_RDWR);
        shutdown(to, SHUT_RDWR);
    }
}

static void *relay_main(void *arg)
{
    struct relay *relay = arg;
    while (!relay->over) {
        struct pollfd comes = {.fd = relay->listener, .events = POLLIN};
        if (poll(&comes, 1, 1) == 1) relay_accept(relay);
        for (int i = 0; i < relay->count; i++)
            for (int side = 0; side < 2; side++)
                relay_copy(relay->lines[i].ends[side], relay->lines[i].ends[!side]);
    }
    return NULL;
}

static void relay_open(struct relay *relay, const char *from, const char *to)
{
    *relay = (struct relay){.listener = socket(AF_UNIX, SOCK_STREAM, 0)};
    snprintf(relay->from, sizeof relay->from, "%s", from);
    snprintf(relay->to, sizeof relay->to, "%s", to);
    struct sockaddr_un at = at_path(from);
    assert_int_equal(bind(relay->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(relay->listener, 16), 0);
    assert_int_equal(pthread_create(&relay->thread, NULL, relay_main, relay), 0);
}

static void relay_cut(struct relay *relay)
{
    for (int i = 0; i < relay->count; i++)
        for (int side = 0; side < 2; side++) shutdown(relay->lines[i].ends[side], SHUT_RDWR);
}

static void relay_close(struct relay *relay)
{
    relay->over = true;
    pthread_join(relay->thread, NULL);
    for (int i = 0; i < relay->count; i++)
        for (int side = 0; side < 2; side++) close(relay->lines[i].ends[side]);
    close(relay->listener);
}

// ---- Both sides

struct house {
    struct world world;
    struct relay fast, slow;
    struct jam jam;
    char folder[64], from[128];
    pid_t pid;
};

static void house_open(struct house *house, const char *gate)
{
    char to[128], paths[4][96];
    static const char *const names[] = {"from.ipc", "from-slow.ipc", "to.ipc", "to-slow.ipc"};
    *house = (struct house){0};
    test_folder_make(house->folder);
    for (size_t i = 0; i < 4; i++) snprintf(paths[i], sizeof paths[i], "%s/%s", house->folder, names[i]);
    snprintf(house->from, sizeof house->from, "ipc://%s", paths[0]);
    snprintf(to, sizeof to, "ipc://%s", paths[2]);
    relay_open(&house->fast, paths[0], paths[2]);
    relay_open(&house->slow, paths[1], paths[3]);
    house->pid = process_spawn(to, gate);
    world_connect(&house->world, house->from, NULL);
}

static void house_close(struct house *house)
{
    process_kill(house->pid);
    rpc_client_destroy(house->world.client);
    arena_finish(&house->world.arena);
    relay_close(&house->fast);
    relay_close(&house->slow);
    test_folder_remove(house->folder);
}

static void assert_answered(struct house *house)
{
    struct outcome outcome = {0};
    int64_t began_ms = clock_mono_ms();
    assert_true(rpc_client_wait(house->world.client, PATIENCE_MS));
    world_call(&house->world, "events.GetEvent", PATIENCE_MS, &outcome);
    world_wait(&house->world, &outcome);
    if (!outcome.ok) fail_msg("%s", outcome.err.message);
    assert_in_range(clock_mono_ms() - began_ms, 0, AT_ONCE_MS);
}

// Cuts it, and turns until it is made anew, which may be in the turn that finds the loss.
static void cut_until_anew(struct house *house)
{
    int64_t until_ms = clock_mono_ms() + AT_ONCE_MS;
    int lines = house->fast.count;
    relay_cut(&house->fast);
    while (house->fast.count == lines && clock_mono_ms() < until_ms) world_turn(&house->world, 10);
    assert_int_equal(house->fast.count, lines + 1);
}

// ---- Tests

static void a_connection_that_is_cut_is_made_anew(void **state)
{
    struct house house;
    (void)state;
    house_open(&house, "open");
    assert_answered(&house);
    cut_until_anew(&house);
    assert_answered(&house);
    house_close(&house);
}

static void so_it_is_when_nng_no_longer_tells_of_lost_pipes(void **state)
{
    struct house house;
    (void)state;
    house_open(&house, "open");
    assert_answered(&house);
    jam_begin(&house.jam);
    for (int i = 0; i < 3; i++) {
        cut_until_anew(&house);
        assert_answered(&house);
    }
    jam_end(&house.jam);
    house_close(&house);
}

static void its_calls_end_at_once(void **state)
{
    struct house house;
    struct outcome outcome = {0};
    (void)state;
    house_open(&house, "shut");
    assert_true(rpc_client_wait(house.world.client, PATIENCE_MS));
    jam_begin(&house.jam);
    world_call(&house.world, "events.ListSides", PATIENCE_MS, &outcome);
    world_turn_for(&house.world, 50);
    relay_cut(&house.fast);
    process_kill(house.pid); // or it would be asked again there
    int64_t began_ms = clock_mono_ms();
    world_wait(&house.world, &outcome);
    assert_true(err_is(&outcome.err, SERVICE_AWAY));
    assert_in_range(clock_mono_ms() - began_ms, 0, AT_ONCE_MS);
    jam_end(&house.jam);
    house.pid = process_spawn("inproc://nobody", "open");
    house_close(&house);
}

// Each watches its own, though they go to one path.
static void of_two_clients_only_the_one_that_is_cut_loses_its_connection(void **state)
{
    struct house house;
    struct world other = {0};
    (void)state;
    house_open(&house, "open");
    assert_answered(&house);
    int first = house.fast.count;
    world_connect(&other, house.from, NULL);
    assert_true(rpc_client_wait(other.client, PATIENCE_MS));
    assert_int_equal(house.fast.count, first + 1);
    for (int side = 0; side < 2; side++) shutdown(house.fast.lines[first].ends[side], SHUT_RDWR);
    int64_t until_ms = clock_mono_ms() + AT_ONCE_MS;
    while (rpc_client_connected(other.client) && clock_mono_ms() < until_ms) world_turn(&other, 10);
    world_turn_for(&house.world, 300);
    assert_true(rpc_client_connected(house.world.client));
    rpc_client_destroy(other.client);
    arena_finish(&other.arena);
    house_close(&house);
}

// Another's connection to the same path, which is taken for the client's own: it has the lower number.
static int open_decoy(struct house *house)
{
    static const uint8_t greeting[8] = {0, 'S', 'P', 0, 0, 0x30, 0, 0}; // of a REQ socket
    struct sockaddr_un at = at_path(house->from + strlen("ipc://"));
    uint8_t answer[sizeof greeting];
    int decoy = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(decoy, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(send(decoy, greeting, sizeof greeting, 0), sizeof greeting);
    assert_int_equal(recv(decoy, answer, sizeof answer, MSG_WAITALL), sizeof answer);
    return decoy;
}

static void assert_answers(struct world *world)
{
    struct outcome outcome = {0};
    world_call(world, "events.GetEvent", PATIENCE_MS, &outcome);
    world_wait(world, &outcome);
    if (!outcome.ok) fail_msg("%s", outcome.err.message);
}

static void nobody_loses_their_connection_with_anothers(void **state)
{
    struct house house;
    struct world other = {0};
    (void)state;
    house_open(&house, "open");
    assert_answered(&house);
    int decoy = open_decoy(&house);
    world_connect(&other, house.from, NULL);
    assert_true(rpc_client_wait(other.client, PATIENCE_MS));
    int lines = house.fast.count;
    shutdown(decoy, SHUT_RDWR);
    world_turn_for(&other, 300);
    assert_answers(&other);
    world_turn_for(&other, 3300); // it is not doubted any more
    assert_answers(&other);
    assert_int_equal(house.fast.count, lines); // nothing was made anew
    close(decoy);
    rpc_client_destroy(other.client);
    arena_finish(&other.arena);
    house_close(&house);
}

// What is left over is no more the client's own: it says nothing.
static void who_watches_anothers_again_finds_out_soon(void **state)
{
    struct house house;
    struct world other = {0};
    (void)state;
    house_open(&house, "open");
    assert_answered(&house);
    int decoys[2] = {open_decoy(&house)};
    world_connect(&other, house.from, NULL);
    assert_true(rpc_client_wait(other.client, PATIENCE_MS));
    assert_answers(&other);
    int own = house.fast.count - 1;
    decoys[1] = open_decoy(&house);
    jam_begin(&house.jam);
    shutdown(decoys[0], SHUT_RDWR);
    for (int side = 0; side < 2; side++) shutdown(house.fast.lines[own].ends[side], SHUT_RDWR);
    int lines = house.fast.count;
    int64_t until_ms = clock_mono_ms() + DOUBTFUL_MS;
    while (house.fast.count == lines && clock_mono_ms() < until_ms) world_turn(&other, 10);
    assert_int_equal(house.fast.count, lines + 1); // it was made anew
    assert_true(rpc_client_wait(other.client, PATIENCE_MS));
    assert_answers(&other);
    jam_end(&house.jam);
    for (int i = 0; i < 2; i++) close(decoys[i]);
    rpc_client_destroy(other.client);
    arena_finish(&other.arena);
    house_close(&house);
}

int main(int argc, char **argv)
{
    int status;
    if (process_serve(argc, argv, &status)) return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_that_is_cut_is_made_anew),
        cmocka_unit_test(so_it_is_when_nng_no_longer_tells_of_lost_pipes),
        cmocka_unit_test(its_calls_end_at_once),
        cmocka_unit_test(of_two_clients_only_the_one_that_is_cut_loses_its_connection),
        cmocka_unit_test(nobody_loses_their_connection_with_anothers),
        cmocka_unit_test(who_watches_anothers_again_finds_out_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
