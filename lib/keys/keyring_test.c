// Rings of several processes over one store: which key wins, what each knows, and what operators change
// meanwhile.
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "lib/base/clock.h"
#include "lib/keys/keyring.h"
#include "tests/test.h"
#include "lib/keys/testing/master.h"

#define NOW_MS 1800000000000

enum { SETTLED_MS = 10000, MINUTE_MS = 60000 };

static const struct store_table tables[] = {KEYRING_TABLE, {0}};

static struct world {
    char folder[TEST_FOLDER_BYTES], url[128];
    char old[64], new[64], both[160], turned[160]; // lists of master keys
    struct store *store;
    struct arena arena;
    struct err err;
} w;

#define must(truth)                                                                                          \
    do {                                                                                                     \
        if (!(truth)) fail_msg("%s", w.err.message);                                                         \
    } while (0)

static int set_up(void **state)
{
    (void)state;
    memset(&w, 0, sizeof w);
    test_folder_make(w.folder);
    snprintf(w.url, sizeof w.url, "sqlite:%s/auth.db", w.folder);
    test_master_key(w.old, sizeof w.old, w.folder, 'a');
    test_master_key(w.new, sizeof w.new, w.folder, 'b');
    snprintf(w.both, sizeof w.both, "%s,%s", w.old, w.new);
    snprintf(w.turned, sizeof w.turned, "%s,%s", w.new, w.old);
    arena_init(&w.arena, 16 << 20);
    must(store_open(&w.store, &(struct store_options){.url = w.url, .tables = tables}, &w.err));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_hold_mono(-1);
    store_close(w.store);
    arena_finish(&w.arena);
    test_folder_remove(w.folder);
    return 0;
}

static bool try_ring(struct keyring **ring, const char *masters, bool shared)
{
    const struct keyring_options options = {.service = "auth",
                                            .folder = w.folder,
                                            .masters = masters,
                                            .store = w.store,
                                            .table = tables,
                                            .shared = shared};
    return keyring_open(ring, &options, &w.err);
}

// One of several processes.
static struct keyring *pod(const char *masters)
{
    struct keyring *ring = NULL;
    must(try_ring(&ring, masters, true));
    return ring;
}

static struct key_set keys_of(struct keyring *ring, const char *name)
{
    struct key_set set;
    must(keyring_load(ring, name, &set, &w.err));
    return set;
}

static void assert_same(const struct key *a, const struct key *b)
{
    assert_int_equal(a->number, b->number);
    assert_memory_equal(a->bytes, b->bytes, KEY_BYTES);
}

static bool has_file(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s.key", w.folder, name);
    return access(path, F_OK) == 0;
}

static void without_a_master_key_they_are_files(void **state)
{
    (void)state;
    struct keyring *ring;
    char id[64];
    must(try_ring(&ring, "", false));
    struct key_set first = keys_of(ring, "token/7"), again = keys_of(ring, "token/7");
    assert_same(&first.keys[0], &again.keys[0]);
    assert_true(has_file("token-7"));
    assert_false(
        keyring_rotate(ring, "token/7", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    assert_non_null(strstr(w.err.message, "keys are files here"));
    keyring_close(ring);
    must(try_ring(&ring, NULL, false));
    again = keys_of(ring, "token/7");
    assert_same(&first.keys[0], &again.keys[0]);
    keyring_close(ring);
}

static void a_shared_store_needs_a_master_key(void **state)
{
    (void)state;
    struct keyring *ring;
    assert_false(try_ring(&ring, "", true));
    assert_non_null(strstr(w.err.message, "CONSE_MASTER_KEY_FILE must be set"));
    assert_false(has_file("refresh"));
}

static void the_first_process_wins_and_all_read_the_same(void **state)
{
    (void)state;
    struct keyring *a = pod(w.old), *b = pod(w.old);
    struct key_set first = keys_of(a, "refresh"), second = keys_of(b, "refresh");
    assert_same(&first.keys[0], &second.keys[0]);
    assert_int_equal(second.count, 1);
    assert_false(has_file("refresh"));
    struct key_set other = keys_of(b, "otp");
    assert_memory_not_equal(other.keys[0].bytes, first.keys[0].bytes, KEY_BYTES);
    keyring_close(a);
    keyring_close(b);
}

struct starting {
    pthread_t thread;
    pthread_barrier_t *barrier;
    struct key_set set;
};

static void *start_pod(void *arg)
{
    struct starting *starting = arg;
    struct keyring *ring = NULL;
    struct err err;
    const struct keyring_options options = {.service = "auth",
                                            .folder = w.folder,
                                            .masters = w.old,
                                            .store = w.store,
                                            .table = tables,
                                            .shared = true};
    pthread_barrier_wait(starting->barrier);
    if (!keyring_open(&ring, &options, &err)) return NULL;
    bool ok = keyring_load(ring, "token/7", &starting->set, &err);
    keyring_close(ring);
    return ok ? starting : NULL;
}

static void processes_that_start_at_once_agree(void **state)
{
    (void)state;
    enum { PODS = 8 };
    struct starting pods[PODS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, PODS);
    for (int i = 0; i < PODS; i++) {
        pods[i] = (struct starting){.barrier = &barrier};
        assert_int_equal(pthread_create(&pods[i].thread, NULL, start_pod, &pods[i]), 0);
    }
    for (int i = 0; i < PODS; i++) {
        void *done;
        pthread_join(pods[i].thread, &done);
        assert_non_null(done);
        assert_same(&pods[i].set.keys[0], &pods[0].set.keys[0]);
    }
    pthread_barrier_destroy(&barrier);
}

static void a_wrong_master_key_refuses_to_start(void **state)
{
    (void)state;
    struct keyring *ring = pod(w.old), *other;
    keys_of(ring, "refresh");
    assert_false(try_ring(&other, w.new, true));
    assert_non_null(strstr(w.err.message, "CONSE_MASTER_KEY_FILE does not have the master key"));
    assert_null(strchr(w.err.message, '\n'));
    assert_false(try_ring(&other, "", false));
    assert_non_null(strstr(w.err.message, "CONSE_MASTER_KEY_FILE must name their master key"));
    must(try_ring(&other, w.both, true));
    keyring_close(other);
    must(try_ring(&other, w.turned, true));
    keyring_close(other);
    keyring_close(ring);
}

static void files_are_moved_in_once(void **state)
{
    (void)state;
    struct keyring *ring;
    must(try_ring(&ring, "", false));
    struct key_set file = keys_of(ring, "refresh");
    keyring_close(ring);
    must(try_ring(&ring, w.old, false));
    struct key_set row = keys_of(ring, "refresh");
    assert_same(&row.keys[0], &file.keys[0]);
    assert_false(has_file("refresh"));
    keyring_close(ring);
    must(try_ring(&ring, w.old, false));
    row = keys_of(ring, "refresh");
    assert_same(&row.keys[0], &file.keys[0]);
    // Ended between the row and the removal: the file is there again.
    char path[128];
    snprintf(path, sizeof path, "%s/refresh.key", w.folder);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, file.keys[0].bytes, KEY_BYTES), KEY_BYTES);
    keyring_close(ring);
    must(try_ring(&ring, w.old, false));
    assert_false(has_file("refresh"));
    keyring_close(ring);
    close(fd);
    // Another key under that name is no copy.
    uint8_t other[KEY_BYTES];
    must(key_file_load(w.folder, "refresh", other, &w.err));
    assert_false(try_ring(&ring, w.old, false));
    assert_non_null(strstr(w.err.message, "is not the one in the store"));
    assert_true(has_file("refresh"));
}

static Keys__Row *row_of(const char *id, uint64_t *version)
{
    ProtobufCMessage *row;
    must(store_get(w.store, &tables[0], id, &w.arena, &row, version, &w.err));
    return (Keys__Row *)row;
}

static void the_store_alone_has_no_key(void **state)
{
    (void)state;
    uint64_t version;
    struct keyring *ring = pod(w.old);
    struct key_set set = keys_of(ring, "refresh");
    const Keys__Row *row = row_of("refresh", &version);
    for (size_t i = 0; i + 8 <= row->box.len; i++)
        assert_memory_not_equal(row->box.data + i, set.keys[0].bytes, 8);
    assert_true(strlen(row->master) == 16);
    keyring_close(ring);
}

static void a_box_opens_in_its_own_place_alone(void **state)
{
    (void)state;
    uint64_t version;
    struct keyring *ring = pod(w.old);
    keys_of(ring, "refresh");
    keys_of(ring, "otp");
    keyring_close(ring);
    const Keys__Row *refresh = row_of("refresh", &version);
    Keys__Row *otp = row_of("otp", &version);
    otp->box = refresh->box;
    must(store_wait(w.store, store_put(w.store, &tables[0], &otp->base, version, &(struct store_write){0}),
                    &w.err));
    assert_false(try_ring(&ring, w.old, true));
    assert_non_null(strstr(w.err.message, "the stored key otp does not open"));
}

static void a_key_that_something_rests_on_is_expected(void **state)
{
    (void)state;
    struct keyring *ring;
    must(try_ring(&ring, "", false));
    assert_false(keyring_expect(ring, "deal", "deals are sealed with it", &w.err));
    assert_true(err_is(&w.err, STORE_CORRUPT));
    assert_non_null(strstr(w.err.message, "deal.key is lost, and deals are sealed with it"));
    assert_false(has_file("deal"));
    keys_of(ring, "deal");
    must(keyring_expect(ring, "deal", "deals are sealed with it", &w.err));
    keyring_close(ring);
    must(try_ring(&ring, w.old, false));
    must(keyring_expect(ring, "deal", "deals are sealed with it", &w.err)); // the file, to be moved in
    keys_of(ring, "deal");
    keyring_close(ring);
    must(try_ring(&ring, w.old, false));
    must(keyring_expect(ring, "deal", "deals are sealed with it", &w.err)); // the row
    assert_false(keyring_expect(ring, "refresh", "sessions rest on it", &w.err));
    keyring_close(ring);
}

static void a_key_that_another_process_has_just_made_is_not_lost(void **state)
{
    (void)state;
    struct keyring *starting = pod(w.old), *other = pod(w.old);
    keys_of(other, "deal");
    must(keyring_expect(starting, "deal", "deals are sealed with it", &w.err));
    keyring_close(starting);
    keyring_close(other);
}

static void a_new_key_is_used_when_all_have_read_it(void **state)
{
    (void)state;
    char id[64];
    clock_hold_mono(1000000);
    struct keyring *a = pod(w.old), *b = pod(w.old);
    keys_of(a, "refresh");
    keys_of(b, "refresh");
    must(keyring_rotate(a, "refresh", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    assert_string_equal(id, "refresh/2");
    struct key_set maker = keys_of(a, "refresh"), other = keys_of(b, "refresh");
    assert_int_equal(maker.count, 2);
    assert_int_equal(key_in_use(&maker)->number, 1); // the other process does not know it yet
    assert_int_equal(other.count, 1);
    must(keyring_read(b, &w.err));
    other = keys_of(b, "refresh");
    assert_int_equal(other.count, 2);
    assert_same(&other.keys[0], &maker.keys[0]);
    assert_int_equal(key_in_use(&other)->number, 1);
    clock_hold_mono(1000000 + SETTLED_MS);
    assert_int_equal(key_in_use(&maker)->number, 2);
    assert_int_equal(key_in_use(&other)->number, 2);
    struct keyring *late = pod(w.old);
    struct key_set started = keys_of(late, "refresh");
    assert_int_equal(started.count, 2);
    keyring_close(a);
    keyring_close(b);
    keyring_close(late);
}

static void one_process_uses_a_new_key_at_once(void **state)
{
    (void)state;
    struct keyring *ring;
    char id[64];
    must(try_ring(&ring, w.old, false));
    keys_of(ring, "otp");
    must(keyring_rotate(ring, "otp", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    struct key_set set = keys_of(ring, "otp");
    assert_int_equal(key_in_use(&set)->number, 2);
    keyring_close(ring);
}

static void a_key_of_another_process_is_found_at_need(void **state)
{
    (void)state;
    char id[64];
    struct key key;
    struct keyring *a = pod(w.old), *b = pod(w.old);
    clock_hold_mono(5000);
    keys_of(a, "deal");
    keys_of(b, "deal");
    must(keyring_rotate(a, "deal", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    must(keyring_find(b, "deal", 2, &key, &w.err));
    assert_int_equal(key.number, 2);
    assert_false(keyring_find(b, "deal", 3, &key, &w.err));
    assert_true(err_is(&w.err, NOT_FOUND));
    must(keyring_rotate(a, "deal", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    assert_false(keyring_find(b, "deal", 3, &key, &w.err)); // it has just looked
    clock_hold_mono(6000);
    must(keyring_find(b, "deal", 3, &key, &w.err));
    keyring_close(a);
    keyring_close(b);
}

static void keys_serve_as_long_as_what_they_made(void **state)
{
    (void)state;
    struct key_set set = {.count = 3,
                          .keys = {{.made_ms = 900000}, {.made_ms = 500000}, {.made_ms = 100000}}};
    assert_true(key_serves(&set, 0, 1000, INT64_MAX));
    assert_true(key_serves(&set, 1, 1000, 900000 + 1000 + MINUTE_MS - 1));
    assert_false(key_serves(&set, 1, 1000, 900000 + 1000 + MINUTE_MS));
    assert_false(key_serves(&set, 2, 1000, 900000));
}

static void a_rotation_removes_keys_that_have_served(void **state)
{
    (void)state;
    char id[64];
    uint64_t version;
    struct keyring *ring;
    struct rotation rotation = {.now_ms = NOW_MS, .life_ms = 1000};
    must(try_ring(&ring, w.old, false));
    keys_of(ring, "otp");
    must(keyring_rotate(ring, "otp", &rotation, id, &w.err));
    must(keyring_rotate(ring, "otp", &rotation, id, &w.err));
    struct key_set set = keys_of(ring, "otp");
    assert_int_equal(set.count, 3); // their successors are new
    rotation.now_ms += 2 * MINUTE_MS;
    must(keyring_rotate(ring, "otp", &rotation, id, &w.err));
    set = keys_of(ring, "otp");
    assert_int_equal(set.count, 2);
    assert_int_equal(set.keys[1].number, 3); // it made things until now
    assert_null(row_of("otp", &version));
    assert_null(row_of("otp/2", &version));
    keyring_close(ring);
}

// A key was stolen: whatever it made is void, in every process.
static void a_rotation_at_once_leaves_the_new_key_alone(void **state)
{
    (void)state;
    char id[64];
    uint64_t version;
    struct key key;
    const struct rotation at_once = {.now_ms = NOW_MS, .at_once = true};
    clock_hold_mono(5000);
    struct keyring *a = pod(w.old), *b = pod(w.old);
    keys_of(a, "refresh");
    must(keyring_rotate(a, "refresh", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    must(keyring_read(b, &w.err));
    must(keyring_rotate(a, "refresh", &at_once, id, &w.err));
    assert_string_equal(id, "refresh/3");
    must(keyring_read(b, &w.err));
    struct key_set one = keys_of(a, "refresh"), other = keys_of(b, "refresh");
    assert_int_equal(one.count, 1);
    assert_int_equal(other.count, 1); // although it knew the ones before
    assert_same(&one.keys[0], &other.keys[0]);
    for (uint32_t number = 1; number < 3; number++) {
        assert_false(keyring_find(a, "refresh", number, &key, &w.err));
        assert_false(keyring_find(b, "refresh", number, &key, &w.err));
    }
    assert_null(row_of("refresh", &version));
    assert_null(row_of("refresh/2", &version));
    keyring_close(a);
    keyring_close(b);
    struct keyring *late = pod(w.old);
    must(keyring_expect(late, "refresh", "sessions rest on it", &w.err));
    other = keys_of(late, "refresh");
    assert_same(&one.keys[0], &other.keys[0]);
    keyring_close(late);
}

static void spans_that_are_over_are_dropped(void **state)
{
    (void)state;
    uint64_t version;
    struct keyring *ring;
    must(try_ring(&ring, w.old, false));
    keys_of(ring, "token/8");
    keys_of(ring, "token/9");
    keys_of(ring, "token/10");
    keys_of(ring, "refresh");
    must(keyring_drop_below(ring, "token/", 10, &w.err));
    assert_null(row_of("token/8", &version));
    assert_null(row_of("token/9", &version));
    assert_non_null(row_of("token/10", &version));
    assert_non_null(row_of("refresh", &version));
    keyring_close(ring);
}

static void a_certificate_stays_with_its_key(void **state)
{
    (void)state;
    uint8_t certificate[KEY_CERTIFICATE] = {1, 2, 3};
    struct keyring *a = pod(w.both), *b = pod(w.both);
    uint32_t count;
    keys_of(a, "checkpoint");
    struct key_set before = keys_of(b, "checkpoint");
    assert_false(before.keys[0].certified);
    must(keyring_certify(a, "checkpoint", 1, certificate, &w.err));
    must(keyring_certify(b, "checkpoint", 1, certificate, &w.err)); // the same again
    keyring_close(a);
    a = pod(w.turned);
    must(keyring_rewrap(a, NULL, &count, &w.err));
    must(keyring_read(b, &w.err));
    struct key_set set = keys_of(b, "checkpoint");
    assert_true(set.keys[0].certified);
    assert_memory_equal(set.keys[0].certificate, certificate, KEY_CERTIFICATE);
    assert_same(&set.keys[0], &before.keys[0]);
    keyring_close(a);
    keyring_close(b);
}

// ---- While an operator works, others make and check

struct working {
    pthread_t thread;
    struct keyring *maker, *checker;
    atomic_bool stop, wrong;
    atomic_uint rounds;
};

static bool checks(struct keyring *ring, const uint8_t mac[crypto_auth_BYTES])
{
    struct key_set set;
    keyring_get(ring, "refresh", &set);
    for (size_t i = 0; i < set.count; i++)
        if (crypto_auth_verify(mac, (const uint8_t *)"token", 5, set.keys[i].bytes) == 0) return true;
    return false;
}

// One process makes, another checks; each reads the rows as its thread would.
static void *work(void *arg)
{
    struct working *working = arg;
    struct err err;
    while (!atomic_load(&working->stop)) {
        struct key_set set;
        uint8_t mac[crypto_auth_BYTES];
        keyring_get(working->maker, "refresh", &set);
        crypto_auth(mac, (const uint8_t *)"token", 5, key_in_use(&set)->bytes);
        bool ok = checks(working->checker, mac) && keyring_read(working->maker, &err) &&
                  keyring_load(working->maker, "otp", &set, &err);
        if (!ok) atomic_store(&working->wrong, true);
        atomic_fetch_add(&working->rounds, 1);
    }
    return NULL;
}

static void await_rounds(struct working *working, unsigned more)
{
    unsigned until = atomic_load(&working->rounds) + more;
    while (atomic_load(&working->rounds) < until) sched_yield();
}

static void begin_work(struct working *working)
{
    keys_of(working->maker, "refresh");
    keys_of(working->checker, "refresh");
    assert_int_equal(pthread_create(&working->thread, NULL, work, working), 0);
}

static void end_work(struct working *working)
{
    await_rounds(working, 3);
    atomic_store(&working->stop, true);
    pthread_join(working->thread, NULL);
    assert_false(atomic_load(&working->wrong));
    keyring_close(working->maker);
    keyring_close(working->checker);
}

static void a_rotation_fails_nothing(void **state)
{
    (void)state;
    char id[64];
    int64_t now_ms = 1000000;
    clock_hold_mono(now_ms);
    struct working working = {.maker = pod(w.old), .checker = pod(w.old)};
    struct keyring *operator_ring = pod(w.old);
    keys_of(operator_ring, "refresh");
    begin_work(&working);
    for (int i = 0; i < 5; i++) {
        must(keyring_rotate(operator_ring, "refresh", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id,
                            &w.err));
        await_rounds(&working, 3);                   // the maker knows it
        must(keyring_read(working.checker, &w.err)); // and now the checker does
        clock_hold_mono(now_ms += SETTLED_MS);
        await_rounds(&working, 3);
    }
    struct key_set set = keys_of(working.maker, "refresh");
    assert_int_equal(key_in_use(&set)->number, 6);
    end_work(&working);
    keyring_close(operator_ring);
}

static void rewrapping_fails_nothing_and_frees_the_old_master_key(void **state)
{
    (void)state;
    uint32_t count;
    struct keyring *other, *first = pod(w.old);
    struct key_set before = keys_of(first, "refresh");
    keys_of(first, "otp");
    keyring_close(first);
    assert_false(try_ring(&other, w.new, true));
    struct working working = {.maker = pod(w.both), .checker = pod(w.turned)};
    struct keyring *operator_ring = pod(w.turned);
    begin_work(&working);
    must(keyring_rewrap(operator_ring, NULL, &count, &w.err));
    assert_int_equal(count, 3); // with the fingerprint
    must(keyring_rewrap(operator_ring, NULL, &count, &w.err));
    assert_int_equal(count, 0);
    end_work(&working);
    keyring_close(operator_ring);
    struct keyring *alone = pod(w.new);
    struct key_set after = keys_of(alone, "refresh");
    assert_same(&after.keys[0], &before.keys[0]);
    keyring_close(alone);
    assert_false(try_ring(&other, w.old, true));
}

// A process that was not given the new master key goes on with the keys that it has.
static void a_known_key_stays_known(void **state)
{
    (void)state;
    uint32_t count;
    struct keyring *behind = pod(w.old);
    struct key_set before = keys_of(behind, "refresh"), after;
    struct keyring *operator_ring = pod(w.turned);
    must(keyring_rewrap(operator_ring, NULL, &count, &w.err));
    must(keyring_read(behind, &w.err));
    keyring_get(behind, "refresh", &after);
    assert_same(&after.keys[0], &before.keys[0]);
    keys_of(operator_ring, "otp");
    assert_false(keyring_load(behind, "otp", &after, &w.err));
    assert_non_null(strstr(w.err.message, "the key otp is sealed by the master key"));
    keyring_close(behind);
    keyring_close(operator_ring);
}

static void a_name_whose_keys_are_closed_gets_no_other(void **state)
{
    (void)state;
    char id[64];
    uint64_t version;
    struct key_set set;
    struct keyring *first = pod(w.old); // the fingerprint is by the old one
    keyring_close(first);
    struct keyring *ahead = pod(w.turned);
    keys_of(ahead, "otp");
    must(keyring_rotate(ahead, "otp", &(struct rotation){.now_ms = NOW_MS, .at_once = true}, id, &w.err));
    struct keyring *behind = pod(w.old);
    assert_false(keyring_load(behind, "otp", &set, &w.err));
    assert_non_null(strstr(w.err.message, "the key otp/2 is sealed by the master key"));
    assert_null(row_of("otp", &version));
    keyring_close(ahead);
    keyring_close(behind);
}

static void the_status_names_keys_and_never_shows_them(void **state)
{
    (void)state;
    char id[64];
    struct keyring *ring;
    Keys__Status status = KEYS__STATUS__INIT;
    must(try_ring(&ring, w.both, false));
    keys_of(ring, "refresh");
    must(keyring_rotate(ring, "refresh", &(struct rotation){.now_ms = NOW_MS, .life_ms = 0}, id, &w.err));
    must(keyring_status(ring, &w.arena, &status, &w.err));
    assert_int_equal(status.n_keys, 2);
    assert_int_equal(status.n_masters, 2);
    assert_int_equal(status.masters[0]->keys, 3);
    assert_int_equal(status.masters[1]->keys, 0);
    for (size_t i = 0; i < status.n_keys; i++) {
        bool second = strcmp(status.keys[i]->id, "refresh/2") == 0;
        assert_true(second || strcmp(status.keys[i]->id, "refresh") == 0);
        assert_int_equal(status.keys[i]->in_use, second);
        assert_string_equal(status.keys[i]->master, status.masters[0]->id);
        assert_non_null(status.keys[i]->made_at);
    }
    keyring_close(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_master_key_they_are_files),
        TEST(a_shared_store_needs_a_master_key),
        TEST(the_first_process_wins_and_all_read_the_same),
        TEST(processes_that_start_at_once_agree),
        TEST(a_wrong_master_key_refuses_to_start),
        TEST(files_are_moved_in_once),
        TEST(the_store_alone_has_no_key),
        TEST(a_box_opens_in_its_own_place_alone),
        TEST(a_key_that_something_rests_on_is_expected),
        TEST(a_key_that_another_process_has_just_made_is_not_lost),
        TEST(a_new_key_is_used_when_all_have_read_it),
        TEST(one_process_uses_a_new_key_at_once),
        TEST(a_key_of_another_process_is_found_at_need),
        TEST(keys_serve_as_long_as_what_they_made),
        TEST(a_rotation_removes_keys_that_have_served),
        TEST(a_rotation_at_once_leaves_the_new_key_alone),
        TEST(spans_that_are_over_are_dropped),
        TEST(a_certificate_stays_with_its_key),
        TEST(a_rotation_fails_nothing),
        TEST(rewrapping_fails_nothing_and_frees_the_old_master_key),
        TEST(a_known_key_stays_known),
        TEST(a_name_whose_keys_are_closed_gets_no_other),
        TEST(the_status_names_keys_and_never_shows_them),
    };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
