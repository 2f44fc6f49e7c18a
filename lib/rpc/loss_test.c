// The fate of calls over ipc when the peer dies, and how the client finds it again.
#include "lib/rpc/testing/process.h"

#include <sys/socket.h>
#include <sys/un.h>

struct folder {
    char path[64], address[96];
};

static void folder_make(struct folder *folder)
{
    test_folder_make(folder->path);
    snprintf(folder->address, sizeof folder->address, "ipc://%s/events.ipc", folder->path);
}

// ---- Tests

// Takes connections and drops them before NNG's handshake is done, as a dying server does.
static void cut_handshakes(struct world *world, const struct folder *folder, int count)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const char *path = folder->address + strlen("ipc://");
    memcpy(name.sun_path, path, strlen(path) + 1);
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
        assert_int_equal(listen(fd, 8), 0);
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        while (poll(&waiting, 1, 5) == 0 && clock_mono_ms() < until_ms) world_turn(world, 0);
        close(accept(fd, NULL, NULL));
        close(fd);
        unlink(path);
    }
}

static void a_handshake_cut_short_does_not_end_the_dialling(void **state)
{
    (void)state;
    struct world world = {0};
    struct folder folder;
    struct err err = {0};
    folder_make(&folder);
    struct rpc_client_options to = {
        .service = "events", .self = CONSE__ASKER__VALUE__GATEWAY, .address = folder.address};
    assert_true(rpc_client_create(&world.client, &to, &err));
    cut_handshakes(&world, &folder, 20);
    struct rpc_server_options options = world_options(&world, folder.address);
    assert_true(rpc_server_start(&world.server, &options, &err));
    int64_t began_ms = clock_mono_ms();
    assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    assert_true(clock_mono_ms() - began_ms < 1500);
    rpc_client_destroy(world.client);
    rpc_server_stop(world.server);
    test_folder_remove(folder.path);
}

static void a_killed_peer_fails_its_calls_at_once_and_comes_back(void **state)
{
    (void)state;
    enum { CALLS = 100 };
    struct world world = {0};
    struct folder folder;
    static struct outcome outcomes[CALLS];
    folder_make(&folder);
    pid_t pid = process_spawn(folder.address, "shut");
    world_connect(&world, folder.address, NULL);
    for (int i = 0; i < CALLS; i++) world_call(&world, "events.ListSides", PATIENCE_MS, &outcomes[i]);
    world_turn_for(&world, 100);
    for (int i = 0; i < CALLS; i++) assert_int_equal(outcomes[i].calls, 0);
    process_kill(pid);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&world, &outcomes[i]);
        assert_true(err_is(&outcomes[i].err, SERVICE_AWAY)); // and not DEADLINE_PASSED
    }
    assert_false(rpc_client_connected(world.client));

    pid = process_spawn(folder.address, "open");
    struct outcome after = {0};
    assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    world_call(&world, "events.ListSides", PATIENCE_MS, &after);
    world_wait(&world, &after);
    assert_true(after.ok);
    process_kill(pid);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(folder.path);
}

// A callback that cancels a call of the same lost peer, and makes a new one.
struct meddler {
    struct world *world;
    uint64_t victim;
    struct outcome next;
    int calls;
};

static void on_lost(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct meddler *meddler = arg;
    (void)payload, (void)len;
    assert_false(ok);
    assert_true(err_is(err, SERVICE_AWAY));
    meddler->calls++;
    rpc_client_cancel(meddler->world->client, meddler->victim);
    world_call(meddler->world, "events.GetEvent", PATIENCE_MS, &meddler->next);
}

static void callbacks_may_cancel_and_call_while_a_peer_is_lost(void **state)
{
    (void)state;
    struct world world = {0};
    struct folder folder;
    struct outcome victim = {0}, bystander = {0};
    struct meddler meddler = {.world = &world};
    folder_make(&folder);
    pid_t pid = process_spawn(folder.address, "shut");
    world_connect(&world, folder.address, NULL);
    struct rpc_request request = {
        .method = schema_method("events.ListSides"), .caller = &a_dev, .timeout_ms = PATIENCE_MS};
    rpc_client_call(world.client, &request, on_lost, &meddler);
    world_call(&world, "events.ListSides", PATIENCE_MS, &bystander);
    meddler.victim = world_call(&world, "events.ListSides", PATIENCE_MS, &victim);
    world_turn_for(&world, 50);
    process_kill(pid);
    world_wait(&world, &bystander);
    world_wait(&world, &meddler.next);
    assert_int_equal(meddler.calls, 1);
    assert_int_equal(victim.calls, 0);
    assert_true(err_is(&meddler.next.err, SERVICE_AWAY));
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(folder.path);
}

static void a_read_is_asked_of_another_peer_when_its_own_goes_away(void **state)
{
    (void)state;
    struct world world = {0};
    struct folder one, two;
    struct outcome reads[4] = {{0}};
    char both[256];
    folder_make(&one);
    folder_make(&two);
    snprintf(both, sizeof both, "%s,%s", one.address, two.address);
    pid_t shut = process_spawn(one.address, "shut"), open = process_spawn(two.address, "open");
    world_connect(&world, both, NULL);
    while (rpc_client_peers(world.client) < 2) world_turn(&world, 10);
    for (int i = 0; i < 4; i++) world_call(&world, "events.ListSides", PATIENCE_MS, &reads[i]); // two to each
    while (reads[0].calls + reads[1].calls + reads[2].calls + reads[3].calls < 2) world_turn(&world, 10);
    process_kill(shut);
    for (int i = 0; i < 4; i++) {
        world_wait(&world, &reads[i]);
        assert_true(reads[i].ok);
    }
    process_kill(open);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(one.path);
    test_folder_remove(two.path);
}

// Of four writes of each kind two are at the peer that dies.
static void a_write_is_asked_again_by_its_key_and_else_is_unknown(void **state)
{
    (void)state;
    struct world world = {0};
    struct folder one, two;
    struct outcome keyed[4] = {{0}}, others[4] = {{0}};
    char both[256], key[8];
    unsigned unknown = 0;
    folder_make(&one);
    folder_make(&two);
    snprintf(both, sizeof both, "%s,%s", one.address, two.address);
    pid_t shut = process_spawn(one.address, "shut"), open = process_spawn(two.address, "open");
    world_connect(&world, both, NULL);
    while (rpc_client_peers(world.client) < 2) world_turn(&world, 10);
    for (int i = 0; i < 4; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        world_call_keyed(&world, "events.ClosePhase", key, PATIENCE_MS, &keyed[i]);
    }
    for (int i = 0; i < 4; i++) world_call(&world, "events.ClosePhase", PATIENCE_MS, &others[i]);
    world_turn_for(&world, 100);
    process_kill(shut);
    for (int i = 0; i < 4; i++) {
        world_wait(&world, &keyed[i]);
        world_wait(&world, &others[i]);
        assert_true(keyed[i].ok);
        assert_true(others[i].ok || err_is(&others[i].err, OUTCOME_UNKNOWN));
        unknown += !others[i].ok;
    }
    assert_int_equal(unknown, 2);
    process_kill(open);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(one.path);
    test_folder_remove(two.path);
}

// What such a call was is kept, because another peer may be named for it; it is asked again by its key alone.
static void a_write_about_an_event_is_unknown_without_a_key(void **state)
{
    (void)state;
    enum { CALLS = 16 };
    struct world world = {0};
    struct folder one, two;
    struct outcome outcomes[CALLS] = {{0}};
    char both[256], stream[16];
    unsigned unknown = 0, done = 0;
    folder_make(&one);
    folder_make(&two);
    snprintf(both, sizeof both, "%s,%s", one.address, two.address);
    pid_t shut = process_spawn(one.address, "shut"), open = process_spawn(two.address, "open");
    world_connect(&world, both, NULL);
    while (rpc_client_peers(world.client) < 2) world_turn(&world, 10);
    world.stream = stream;
    for (int i = 0; i < CALLS; i++) {
        snprintf(stream, sizeof stream, "event-%d", i);
        world_call(&world, "events.ClosePhase", PATIENCE_MS, &outcomes[i]);
    }
    world_turn_for(&world, 100);
    for (int i = 0; i < CALLS; i++) done += outcomes[i].ok;
    process_kill(shut);
    for (int i = 0; i < CALLS; i++) {
        world_wait(&world, &outcomes[i]);
        unknown += err_is(&outcomes[i].err, OUTCOME_UNKNOWN);
    }
    assert_int_equal(unknown, CALLS - done);
    assert_true(unknown > 0 && done > 0);
    process_kill(open);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(one.path);
    test_folder_remove(two.path);
}

// Of four writes two are at the peer that dies; the other one refuses all. Returns how many are unknown.
static unsigned ask_second(const char *gate, Conse__Reason__Value reason)
{
    struct world world = {0};
    struct folder one, two;
    struct outcome keyed[4] = {{0}};
    char both[256], key[8];
    unsigned unknown = 0, refused = 0;
    folder_make(&one);
    folder_make(&two);
    snprintf(both, sizeof both, "%s,%s", one.address, two.address);
    pid_t shut = process_spawn(one.address, "shut"), other = process_spawn(two.address, gate);
    world_connect(&world, both, NULL);
    while (rpc_client_peers(world.client) < 2) world_turn(&world, 10);
    for (int i = 0; i < 4; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        world_call_keyed(&world, "events.ClosePhase", key, PATIENCE_MS, &keyed[i]);
    }
    world_turn_for(&world, 100);
    process_kill(shut);
    for (int i = 0; i < 4; i++) {
        world_wait(&world, &keyed[i]);
        unknown += err_is(&keyed[i].err, OUTCOME_UNKNOWN);
        refused += keyed[i].err.reason == reason;
    }
    assert_int_equal(unknown + refused, 4);
    process_kill(other);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(one.path);
    test_folder_remove(two.path);
    return unknown;
}

// The first one may have it on its way still, and carry it out when there is room.
static void who_is_asked_second_does_not_say_that_nothing_was_done(void **state)
{
    (void)state;
    assert_int_equal(ask_second("away", CONSE__REASON__VALUE__STORE_AWAY), 2);
    assert_int_equal(ask_second("full", CONSE__REASON__VALUE__EVENT_FULL), 2);
    assert_int_equal(ask_second("strict", CONSE__REASON__VALUE__INVALID_FIELD), 0); // so would the first
}

// One that was sent may have been carried out, whoever is away since; one that never was can't have been.
static void a_lost_write_that_finds_nobody_is_unknown(void **state)
{
    (void)state;
    struct world world = {0};
    struct folder folder;
    struct outcome lost = {0}, unsent = {0};
    folder_make(&folder);
    pid_t shut = process_spawn(folder.address, "shut");
    world_connect(&world, folder.address, NULL);
    assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    world_call_keyed(&world, "events.ClosePhase", "lost", PATIENCE_MS, &lost);
    world_turn_for(&world, 100);
    process_kill(shut);
    world_wait(&world, &lost);
    assert_true(err_is(&lost.err, OUTCOME_UNKNOWN));
    world_call_keyed(&world, "events.ClosePhase", "unsent", PATIENCE_MS, &unsent);
    world_wait(&world, &unsent);
    assert_true(err_is(&unsent.err, SERVICE_AWAY));
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(folder.path);
}

static void every_call_ends_once_however_often_the_peer_dies(void **state)
{
    (void)state;
    enum { LIVES = 15, CALLS = 300 };
    struct world world = {0};
    struct folder folder;
    static struct outcome outcomes[LIVES][CALLS];
    int answered = 0;
    folder_make(&folder);
    pid_t pid = process_spawn(folder.address, "open");
    world_connect(&world, folder.address, NULL);
    for (int life = 0; life < LIVES; life++) {
        for (int i = 0; i < CALLS; i++) {
            world_call(&world, i % 3 ? "events.GetEvent" : "events.ListEvents", PATIENCE_MS,
                       &outcomes[life][i]);
            if (i % 10 == 0) world_turn(&world, 0);
        }
        world_turn_for(&world, life % 4);
        process_kill(pid);
        pid = process_spawn(folder.address, "open");
        assert_true(rpc_client_wait(world.client, PATIENCE_MS));
    }
    for (int life = 0; life < LIVES; life++) {
        for (int i = 0; i < CALLS; i++) {
            struct outcome *outcome = &outcomes[life][i];
            world_wait(&world, outcome);
            assert_true(outcome->ok || err_is(&outcome->err, SERVICE_AWAY));
            answered += outcome->ok;
        }
    }
    assert_true(answered > 0);
    process_kill(pid);
    rpc_client_destroy(world.client);
    arena_finish(&world.arena);
    test_folder_remove(folder.path);
}

int main(int argc, char **argv)
{
    int status;
    if (process_serve(argc, argv, &status)) return status;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_cut_short_does_not_end_the_dialling),
        // Last: NNG may not be fit to close its sockets after these.
        cmocka_unit_test(a_killed_peer_fails_its_calls_at_once_and_comes_back),
        cmocka_unit_test(callbacks_may_cancel_and_call_while_a_peer_is_lost),
        cmocka_unit_test(a_read_is_asked_of_another_peer_when_its_own_goes_away),
        cmocka_unit_test(a_write_is_asked_again_by_its_key_and_else_is_unknown),
        cmocka_unit_test(a_write_about_an_event_is_unknown_without_a_key),
        cmocka_unit_test(who_is_asked_second_does_not_say_that_nothing_was_done),
        cmocka_unit_test(a_lost_write_that_finds_nobody_is_unknown),
        cmocka_unit_test(every_call_ends_once_however_often_the_peer_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
