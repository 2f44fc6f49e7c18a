// Two processes over one store, under a clock that only the test moves. A process that is not tended is one
// that was stopped.
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "lib/base/clock.h"
#include "lib/base/skew.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "lib/base/version.h"
#include "lib/replica/state.h"
#include "lib/replica/tell.h"
#include "lib/store/testing/shared.h"
#include "tests/test.h"

enum { LEASES, BEATS, STEP_MS = 100, START_MS = 1000000, GIVES_US = 250000 };

static const struct store_table tables[] = {[LEASES] = REPLICA_LEASES, [BEATS] = REPLICA_BEATS, {0}};
static const char *const works[] = {"timers", NULL};

struct process {
    struct store *store;
    struct replica *replica;
};

struct world {
    char folder[TEST_FOLDER_BYTES], url[64];
    struct process a, b, c;
    int64_t now_ms;
    struct arena arena;
    struct err err;
};

#define must(world, ok)                                                                                      \
    do {                                                                                                     \
        if (!(ok)) fail_msg("%s", (world)->err.message);                                                     \
    } while (0)

static struct process begin(struct world *world, const char *url, const char *address)
{
    struct process process;
    const struct store_options store = {.url = url, .tables = tables, .self = address};
    must(world, store_open(&process.store, &store, &world->err));
    const struct replica_options options = {process.store, tables, "auth", address, works, {0}};
    must(world, replica_open(&process.replica, &options, &world->err));
    return process;
}

static void end(struct process *process)
{
    replica_close(process->replica);
    store_close(process->store);
    *process = (struct process){0};
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    test_folder_make(world->folder);
    snprintf(world->url, sizeof world->url, "shared:%s", world->folder);
    arena_init(&world->arena, 16 << 20);
    shared_store_register();
    clock_hold_mono(world->now_ms = START_MS);
    world->a = begin(world, world->url, "ipc:///a");
    world->b = begin(world, world->url, "ipc:///b");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    end(&world->a);
    end(&world->b);
    end(&world->c);
    shared_store_drop(world->url);
    clock_hold_mono(-1);
    arena_finish(&world->arena);
    test_folder_remove(world->folder);
    free(world);
    return 0;
}

static void decide(struct process process, uint64_t ticket)
{
    while (store_durable(process.store) < ticket) usleep(100);
}

// Until what it wrote is decided and it knows.
static void tend(struct process process)
{
    struct replica *replica = process.replica;
    replica_tend(replica);
    for (size_t i = 0; i < replica->leases_count; i++) decide(process, replica->leases[i].ticket);
    decide(process, replica->beats.ticket);
    replica_tend(replica);
}

static struct lease *timers_of(struct process process) { return &process.replica->leases[0]; }

static bool holds(struct process process) { return replica_holds(process.replica, "timers"); }

static void advance(struct world *world, int64_t ms) { clock_hold_mono(world->now_ms += ms); }

static const Replica__Lease *lease_row(struct world *world, uint64_t *version)
{
    ProtobufCMessage *row;
    must(world,
         store_get(world->b.store, &tables[LEASES], "timers", &world->arena, &row, version, &world->err));
    return (const Replica__Lease *)row;
}

static const Replica__Beat *beat_row(struct world *world, const char *id)
{
    ProtobufCMessage *row;
    uint64_t version;
    must(world, store_get(world->b.store, &tables[BEATS], id, &world->arena, &row, &version, &world->err));
    return (const Replica__Beat *)row;
}

// ---- Leases

static void one_of_two_has_it_for_as_long_as_it_renews(void **state)
{
    struct world *world = *state;
    assert_false(holds(world->a));
    tend(world->a);
    assert_true(holds(world->a));
    for (int i = 0; i < 600; i++) {
        advance(world, STEP_MS);
        tend(world->a);
        tend(world->b);
        assert_true(holds(world->a));
        assert_false(holds(world->b));
    }
}

static void a_stopped_holder_is_followed_and_never_are_there_two(void **state)
{
    struct world *world = *state;
    int64_t ended_ms = 0, taken_ms = 0;
    tend(world->a);
    tend(world->b);
    const int64_t stopped_ms = world->now_ms;
    uint64_t version, fence = lease_row(world, &version)->fence;
    while (!taken_ms && world->now_ms < stopped_ms + 60000) {
        advance(world, STEP_MS);
        tend(world->b);
        assert_false(holds(world->a) && holds(world->b));
        if (!holds(world->a) && !ended_ms) ended_ms = world->now_ms;
        if (holds(world->b)) taken_ms = world->now_ms;
    }
    assert_int_equal(ended_ms - stopped_ms, LEASE_HELD_MS);
    assert_int_equal(taken_ms - stopped_ms, LEASE_TAKE_MS);
    assert_true(lease_row(world, &version)->fence > fence);
    // Awake again, it renews what it no longer has.
    fence = lease_row(world, &version)->fence;
    tend(world->a);
    assert_false(holds(world->a));
    assert_true(holds(world->b));
    assert_int_equal(lease_row(world, &version)->fence, fence);
}

static void a_contender_counts_from_the_last_renewal(void **state)
{
    struct world *world = *state;
    tend(world->a);
    tend(world->b);
    advance(world, LEASE_TAKE_MS - STEP_MS);
    tend(world->a); // just in time: the row is still its own
    assert_true(holds(world->a));
    advance(world, STEP_MS);
    tend(world->b);
    assert_false(holds(world->b));
    advance(world, LEASE_TAKE_MS - STEP_MS);
    tend(world->b);
    assert_false(holds(world->b));
    advance(world, STEP_MS);
    tend(world->b);
    assert_true(holds(world->b));
}

static void a_late_outcome_counts_from_when_it_was_sent(void **state)
{
    struct world *world = *state;
    lease_tend(timers_of(world->a));
    must(world, store_wait(world->a.store, timers_of(world->a)->ticket, &world->err));
    advance(world, LEASE_HELD_MS - STEP_MS);
    assert_false(holds(world->a)); // it does not know yet
    lease_tend(timers_of(world->a));
    assert_true(holds(world->a));
    advance(world, STEP_MS);
    assert_false(holds(world->a));
}

// By somebody whose clock runs wrong, or by hand.
static void a_renewal_that_conflicts_ends_it_at_once(void **state)
{
    struct world *world = *state;
    tend(world->a);
    uint64_t version;
    Replica__Lease row = *lease_row(world, &version);
    row.holder = "somebody";
    row.fence++;
    must(world,
         store_wait(world->b.store, store_put(world->b.store, &tables[LEASES], &row.base, version, NULL),
                    &world->err));
    advance(world, LEASE_RENEW_MS);
    assert_true(holds(world->a));
    tend(world->a);
    assert_false(holds(world->a));
}

static void what_is_given_back_is_taken_at_once(void **state)
{
    struct world *world = *state;
    tend(world->a);
    tend(world->b);
    end(&world->a);
    for (int tries = 0; tries < 10000 && !holds(world->b); tries++) tend(world->b); // the time stands still
    assert_true(holds(world->b));
}

static void of_many_that_see_the_same_moment_one_takes(void **state)
{
    struct world *world = *state;
    tend(world->a);
    lease_tend(timers_of(world->b));
    world->c = begin(world, world->url, "ipc:///c");
    lease_tend(timers_of(world->c));
    advance(world, LEASE_TAKE_MS);
    lease_tend(timers_of(world->b));
    lease_tend(timers_of(world->c)); // both have written
    decide(world->b, timers_of(world->b)->ticket);
    decide(world->c, timers_of(world->c)->ticket);
    lease_tend(timers_of(world->b));
    lease_tend(timers_of(world->c));
    assert_true(holds(world->b) != holds(world->c));
}

static size_t count_rows(struct world *world, struct process process, int table)
{
    struct store_rows rows;
    const struct store_query query = {.page_token = ""};
    must(world, store_find(process.store, &tables[table], &query, &world->arena, &rows, &world->err));
    return rows.count;
}

static void who_is_alone_holds_all_and_writes_nothing(void **state)
{
    struct world *world = *state;
    char url[64];
    snprintf(url, sizeof url, "sqlite:%s/auth.db", world->folder);
    world->c = begin(world, url, "ipc:///c");
    must(world, replica_start(world->c.replica, &world->err));
    assert_true(holds(world->c));
    assert_true(replica_holds(NULL, "timers"));
    assert_true(replica_all_know(world->c.replica, CONSE_FORMAT));
    assert_false(replica_all_know(world->c.replica, CONSE_FORMAT + 1));
    assert_int_equal(count_rows(world, world->c, BEATS) + count_rows(world, world->c, LEASES), 0);
    Replica__ListReply reply = REPLICA__LIST_REPLY__INIT;
    must(world, replica_list(world->c.replica, world->c.store, tables, &world->arena, &reply, &world->err));
    assert_false(reply.shared);
    assert_int_equal(reply.n_processes, 1);
    assert_string_equal(reply.processes[0]->address, "ipc:///c");
    assert_string_equal(reply.processes[0]->leases[0], "timers");
}

// ---- Leases on a bad way to the store

// It was stopped with a renewal on its way, which arrives when another has taken over.
static void a_renewal_that_arrives_late_changes_nothing(void **state)
{
    struct world *world = *state;
    tend(world->a);
    tend(world->b);
    shared_store_hold(world->a.store);
    advance(world, LEASE_RENEW_MS);
    replica_tend(world->a.replica);
    shared_store_await_held(world->a.store);
    advance(world, LEASE_TAKE_MS);
    tend(world->b);
    assert_false(holds(world->a));
    assert_true(holds(world->b));
    shared_store_release(world->a.store);
    decide(world->a, timers_of(world->a)->ticket);
    replica_tend(world->a.replica);
    assert_false(holds(world->a));
    tend(world->b);
    assert_true(holds(world->b));
}

static void while_an_outcome_is_unknown_the_lease_runs_out(void **state)
{
    struct world *world = *state;
    tend(world->a);
    tend(world->b);
    advance(world, LEASE_RENEW_MS);
    shared_store_set_wire(world->a.store, SHARED_LOSES_REPLIES);
    replica_tend(world->a.replica);
    shared_store_await_lost(world->a.store);
    advance(world, LEASE_HELD_MS - LEASE_RENEW_MS);
    replica_tend(world->a.replica);
    assert_false(holds(world->a));
    // It was carried out, so nobody else may take it yet; then it renews again.
    advance(world, LEASE_TAKE_MS - LEASE_HELD_MS);
    tend(world->b);
    assert_false(holds(world->b));
    shared_store_set_wire(world->a.store, SHARED_SOUND);
    tend(world->a);
    tend(world->a);
    assert_true(holds(world->a));
}

static void who_was_cut_off_for_a_moment_goes_on_at_once(void **state)
{
    struct world *world = *state;
    tend(world->a);
    advance(world, LEASE_RENEW_MS);
    shared_store_set_away(world->a.store, true);
    tend(world->a); // not sent: it fails, and leaves the time that is left
    assert_true(holds(world->a));
    shared_store_set_away(world->a.store, false);
    tend(world->a);
    advance(world, LEASE_HELD_MS - 1);
    assert_true(holds(world->a));
}

// ---- Signs of life

// Another program's row.
static void write_row(struct world *world, uint32_t format, uint64_t counter, int64_t time_ms,
                      uint64_t version)
{
    Replica__Beat row = REPLICA__BEAT__INIT;
    row.id = "other";
    row.service = "auth";
    row.address = "ipc:///other";
    row.host = "host";
    row.version = "0.0.1";
    row.format = format;
    row.counter = counter;
    row.time_ms = time_ms;
    must(world, store_wait(world->b.store,
                           store_put(world->b.store, &tables[BEATS], &row.base, version, NULL), &world->err));
}

// Its clock shows nonsense, which no format and no lease minds.
static void write_beat(struct world *world, uint32_t format, uint64_t counter, uint64_t version)
{
    write_row(world, format, counter, counter % 2 ? INT64_MAX : INT64_MIN, version);
}

static void beat(struct world *world, struct process process)
{
    advance(world, BEATS_EVERY_MS);
    tend(process);
}

static void a_format_is_used_when_all_that_live_know_it(void **state)
{
    struct world *world = *state;
    uint64_t counter = 0;
    beat(world, world->a);
    assert_true(replica_all_know(world->a.replica, CONSE_FORMAT));
    for (; counter < 20; counter++) {
        write_beat(world, CONSE_FORMAT - 1, counter, counter);
        beat(world, world->a);
        assert_false(replica_all_know(world->a.replica, CONSE_FORMAT));
        assert_true(replica_all_know(world->a.replica, CONSE_FORMAT - 1));
    }
    for (int64_t silent_ms = 0; silent_ms < BEATS_LIVE_MS; silent_ms += BEATS_EVERY_MS) {
        assert_false(replica_all_know(world->a.replica, CONSE_FORMAT));
        beat(world, world->a);
    }
    assert_true(replica_all_know(world->a.replica, CONSE_FORMAT)); // it is dead
    write_beat(world, CONSE_FORMAT - 1, counter, counter);
    beat(world, world->a);
    assert_false(replica_all_know(world->a.replica, CONSE_FORMAT)); // or was not
}

static void whose_clock_is_off_by_more_than_a_minute_is_noticed(void **state)
{
    struct world *world = *state;
    const int64_t ahead_ms[] = {0, -BEATS_APART_MS / 2, 2 * BEATS_APART_MS, 0, -2 * BEATS_APART_MS};
    write_row(world, CONSE_FORMAT, 9, 1, 0); // perhaps of the dead: nothing is concluded from it
    beat(world, world->a);
    assert_true(replica_clock_agrees(world->a.replica));
    for (unsigned i = 0; i < sizeof ahead_ms / sizeof *ahead_ms; i++) {
        write_row(world, CONSE_FORMAT, i + 1, clock_unix_ms() + ahead_ms[i], i + 1);
        beat(world, world->a);
        assert_int_equal(replica_clock_agrees(world->a.replica), llabs(ahead_ms[i]) < BEATS_APART_MS);
        int64_t ahead = replica_clock_ahead_ms(world->a.replica); // of ours
        assert_int_equal(ahead != 0, ahead_ms[i] < -BEATS_APART_MS);
        assert_true(!ahead || ahead >= -ahead_ms[i]);
    }
    for (int64_t silent_ms = 0; silent_ms <= BEATS_LIVE_MS; silent_ms += BEATS_EVERY_MS)
        beat(world, world->a);
    assert_true(replica_clock_agrees(world->a.replica)); // the other is dead
    assert_int_equal(replica_clock_ahead_ms(world->a.replica), 0);
}

static void a_row_may_be_of_the_living_until_it_was_watched(void **state)
{
    struct world *world = *state;
    write_beat(world, CONSE_FORMAT - 1, 7, 0);
    world->c = begin(world, world->url, "ipc:///c");
    assert_false(replica_all_know(world->c.replica, CONSE_FORMAT));
}

// What happens while a program joins that is older than "other".
struct meanwhile {
    struct world *world;
    atomic_bool joined;
    uint64_t signs; // of the other, since the joining one's row was there
};

static void await_third(struct meanwhile *meanwhile)
{
    while (count_rows(meanwhile->world, meanwhile->world->b, BEATS) < 4) usleep(100);
}

static void *give_signs(void *arg)
{
    struct meanwhile *meanwhile = arg;
    for (await_third(meanwhile); !atomic_load(&meanwhile->joined); usleep(GIVES_US)) {
        meanwhile->signs++;
        write_beat(meanwhile->world, CONSE_FORMAT + 1, 1 + meanwhile->signs, meanwhile->signs);
    }
    return NULL;
}

static void *pass_away(void *arg)
{
    struct meanwhile *meanwhile = arg;
    // More than once: it may not have looked yet, and counts from its first look.
    for (await_third(meanwhile); !atomic_load(&meanwhile->joined); usleep(GIVES_US))
        advance(meanwhile->world, BEATS_LIVE_MS);
    return NULL;
}

static uint64_t join_beside_newer(struct world *world, void *(*happens)(void *))
{
    struct meanwhile meanwhile = {.world = world};
    pthread_t thread;
    write_beat(world, CONSE_FORMAT + 1, 1, 0);
    assert_int_equal(pthread_create(&thread, NULL, happens, &meanwhile), 0);
    world->c = begin(world, world->url, "ipc:///c");
    atomic_store(&meanwhile.joined, true);
    pthread_join(thread, NULL);
    return meanwhile.signs;
}

// It looks before each sign: the first may be of a look before.
static void an_older_program_begins_when_newer_ones_have_seen_it(void **state)
{
    assert_true(join_beside_newer(*state, give_signs) >= 2);
}

static void an_older_program_waits_for_no_dead(void **state)
{
    struct world *world = *state;
    join_beside_newer(world, pass_away); // else it never does
    assert_true(world->now_ms >= START_MS + BEATS_LIVE_MS);
}

static void who_has_not_looked_for_long_knows_nothing(void **state)
{
    struct world *world = *state;
    beat(world, world->a);
    assert_true(replica_all_know(world->a.replica, CONSE_FORMAT));
    advance(world, BEATS_LIVE_MS);
    assert_false(replica_all_know(world->a.replica, CONSE_FORMAT));
    tend(world->a);
    assert_true(replica_all_know(world->a.replica, CONSE_FORMAT));
}

static void a_clean_end_takes_the_row_away(void **state)
{
    struct world *world = *state;
    char id[BEATS_ID];
    beat(world, world->a);
    strcpy(id, world->a.replica->beats.id);
    assert_non_null(beat_row(world, id));
    beats_give(&world->a.replica->beats); // under way
    end(&world->a);
    tend(world->b);
    assert_null(beat_row(world, id));
}

static void who_leaves_gives_no_more_signs(void **state)
{
    struct world *world = *state;
    char id[BEATS_ID];
    tend(world->a);
    strcpy(id, world->a.replica->beats.id);
    replica_leave(world->a.replica);
    assert_null(beat_row(world, id));
    beat(world, world->a);
    assert_null(beat_row(world, id));
    assert_true(holds(world->a));
}

static void rows_of_the_dead_are_removed_by_who_holds_the_lease(void **state)
{
    struct world *world = *state;
    char id[BEATS_ID];
    strcpy(id, world->a.replica->beats.id);
    tend(world->b);
    write_beat(world, CONSE_FORMAT, 1, 0);
    for (int64_t silent_ms = 0; silent_ms < BEATS_DEAD_MS; silent_ms += BEATS_EVERY_MS) {
        assert_non_null(beat_row(world, "other"));
        beat(world, world->b);
    }
    beat(world, world->b);
    assert_null(beat_row(world, "other"));
    assert_null(beat_row(world, id));
    // It was only stopped: it tells of itself again.
    beat(world, world->a);
    beat(world, world->a);
    assert_non_null(beat_row(world, id));
}

static void the_living_are_listed_with_their_leases(void **state)
{
    struct world *world = *state;
    Replica__ListReply reply = REPLICA__LIST_REPLY__INIT;
    tend(world->b);
    beat(world, world->b);
    advance(world, 700);
    must(world, replica_list(world->b.replica, world->b.store, tables, &world->arena, &reply, &world->err));
    assert_int_equal(reply.n_processes, 2);
    bool first = strcmp(reply.processes[0]->address, "ipc:///b") == 0;
    const Replica__Process *own = reply.processes[!first], *other = reply.processes[first];
    assert_string_equal(own->address, "ipc:///b");
    assert_string_equal(own->version, CONSE_VERSION);
    assert_int_equal(own->n_leases, 2);
    assert_string_equal(other->address, "ipc:///a");
    assert_int_equal(other->n_leases, 0);
    assert_true(other->age_ms >= BEATS_EVERY_MS + 700);
    // A tool goes by the rows: a wrote none for long, by nobody's clock but the wall's.
    Replica__ListReply by_rows = REPLICA__LIST_REPLY__INIT;
    must(world, replica_list(NULL, world->b.store, tables, &world->arena, &by_rows, &world->err));
    assert_int_equal(by_rows.n_processes, 2);
    for (int64_t silent_ms = 0; silent_ms < BEATS_LIVE_MS; silent_ms += BEATS_EVERY_MS) beat(world, world->b);
    Replica__ListReply later = REPLICA__LIST_REPLY__INIT;
    must(world, replica_list(world->b.replica, world->b.store, tables, &world->arena, &later, &world->err));
    assert_int_equal(later.n_processes, 1);
    assert_string_equal(later.processes[0]->address, "ipc:///b");
}

// ---- Statements

static char heard_id[STATEMENT_ID], hash[PROGRAM_HASH];

static Replica__Statement stranger(unsigned number, const char *service)
{
    Replica__Statement statement = REPLICA__STATEMENT__INIT;
    snprintf(heard_id, sizeof heard_id, "%032u", number);
    memset(hash, 'a', sizeof hash - 1);
    statement.id = heard_id;
    statement.service = service;
    statement.version = "9.9.9";
    statement.commit = "c0ffee";
    statement.sha256 = hash;
    return statement;
}

static bool hear(struct world *world, struct process process, unsigned number, const char *service)
{
    Replica__Statement statement = stranger(number, service);
    uint64_t ticket;
    Replica__TellRequest request = REPLICA__TELL_REQUEST__INIT;
    request.format = CONSE_FORMAT - 1;
    if (!replica_hear(process.replica, &statement, &request, &ticket, &world->err)) return false;
    if (ticket) must(world, store_wait(process.store, ticket, &world->err));
    return true;
}

static struct replica_statements statements(struct world *world, struct process process)
{
    struct replica_statements all;
    must(world, replica_statements(process.replica, &world->arena, &all, &world->err));
    return all;
}

static void all_processes_list_what_one_was_told(void **state)
{
    struct world *world = *state;
    assert_true(hear(world, world->a, 1, "events"));
    assert_true(hear(world, world->b, 1, "events")); // by turns, as a teller's calls go
    beat(world, world->a);
    beat(world, world->b);
    const struct replica_statements one = statements(world, world->a), two = statements(world, world->b);
    assert_int_equal(one.count, 3);
    assert_int_equal(two.count, 3);
    for (size_t i = 0; i < one.count; i++) {
        assert_string_equal(one.all[i]->id, two.all[i]->id);
        assert_string_equal(one.all[i]->sha256, two.all[i]->sha256);
        assert_int_equal(strlen(one.all[i]->sha256), 64);
        assert_int_equal(stamp_ms(one.all[i]->started_at), stamp_ms(two.all[i]->started_at));
    }
    assert_string_equal(one.all[2]->service, "events");
    assert_string_equal(one.all[2]->version, "9.9.9");
    for (int64_t silent_ms = 0; silent_ms <= BEATS_LIVE_MS; silent_ms += BEATS_EVERY_MS) {
        beat(world, world->a);
        beat(world, world->b);
    }
    assert_int_equal(statements(world, world->b).count, 2); // it is silent
}

static void another_service_is_not_listed_and_not_waited_for(void **state)
{
    struct world *world = *state;
    Replica__ListReply reply = REPLICA__LIST_REPLY__INIT, by_rows = REPLICA__LIST_REPLY__INIT;
    assert_true(hear(world, world->a, 1, "events")); // of an older format
    beat(world, world->b);
    assert_true(replica_all_know(world->b.replica, CONSE_FORMAT));
    must(world, replica_list(world->b.replica, world->b.store, tables, &world->arena, &reply, &world->err));
    assert_int_equal(reply.n_processes, 2);
    must(world, replica_list(NULL, world->b.store, tables, &world->arena, &by_rows, &world->err));
    assert_int_equal(by_rows.n_processes, 2);
}

static void nobody_speaks_for_a_process_of_another_service(void **state)
{
    struct world *world = *state;
    Replica__Statement statement = stranger(1, "events");
    uint64_t ticket;
    assert_true(hear(world, world->a, 1, "events"));
    assert_false(hear(world, world->a, 1, "gateway")); // by the row: it was not seen yet
    beat(world, world->b);
    assert_false(hear(world, world->b, 1, "gateway"));
    assert_false(hear(world, world->b, 2, "auth"));
    statement.id = replica_id(world->a.replica);
    Replica__TellRequest request = REPLICA__TELL_REQUEST__INIT;
    request.format = CONSE_FORMAT;
    assert_false(replica_hear(world->b.replica, &statement, &request, &ticket, &world->err));
    assert_true(err_is(&world->err, INVALID_FIELD));
}

static void the_clock_of_most_is_told(void **state)
{
    struct world *world = *state;
    struct replica *replica = world->a.replica;
    const int64_t now_ms = 1800000000000;
    skew_forget();
    assert_int_equal(replica_hear_clock(replica, "1", now_ms + 5, now_ms), now_ms);
    assert_false(skew_is_off());
    assert_int_equal(replica_hear_clock(replica, "2", now_ms + 9000, now_ms), now_ms + 5); // it alone is off
    assert_false(skew_is_off());
    assert_int_equal(replica_hear_clock(replica, "1", now_ms + 8990, now_ms), now_ms + 8990); // now ours is
    assert_true(skew_is_off());
    assert_int_equal(skew_offset_ms(), -8990);
    assert_int_equal(replica_hear_clock(replica, "1", now_ms, now_ms), now_ms);
    assert_false(skew_is_off());
    skew_forget();
}

static void a_reply_tells_how_far_the_clock_is_off(void **state)
{
    (void)state;
    const int64_t now_ms = 1800000000000;
    skew_forget();
    replica_tell_compare(now_ms - 20, 40, now_ms); // the agreed clock was read half way
    assert_int_equal(skew_offset_ms(), 0);
    replica_tell_compare(now_ms - 700, 200, now_ms);
    assert_int_equal(skew_offset_ms(), 600);
    assert_false(skew_is_off()); // the reply may have come at once
    replica_tell_compare(now_ms - 700, 198, now_ms);
    assert_true(skew_is_off());
    replica_tell_compare(0, 0, now_ms); // of an older program: it does not say
    assert_true(skew_is_off());
    replica_tell_compare(now_ms + 700, 0, now_ms);
    assert_true(skew_is_off());
    assert_int_equal(skew_offset_ms(), -700);
    replica_tell_compare(now_ms, 0, now_ms);
    assert_false(skew_is_off());
    skew_forget();
}

static void alone_it_remembers_64_others_while_they_live(void **state)
{
    struct world *world = *state;
    char url[64];
    snprintf(url, sizeof url, "sqlite:%s/auth.db", world->folder);
    world->c = begin(world, url, "ipc:///c");
    for (unsigned i = 0; i < REPLICA_STATEMENTS_MOST; i++) assert_true(hear(world, world->c, i, "gateway"));
    assert_false(hear(world, world->c, 99, "gateway"));
    assert_true(err_is(&world->err, SERVICE_BUSY));
    const struct replica_statements full = statements(world, world->c);
    assert_int_equal(full.count, REPLICA_STATEMENTS_MOST);
    assert_string_equal(full.all[0]->service, "auth"); // its own is never left out
    assert_int_equal(count_rows(world, world->c, BEATS), 0);
    advance(world, BEATS_LIVE_MS - 1);
    assert_true(hear(world, world->c, 7, "gateway"));
    advance(world, 1);
    assert_true(hear(world, world->c, 99, "gateway"));
    assert_int_equal(statements(world, world->c).count, 3);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    log_init("test", LOG_WARN, false);
    const struct CMUnitTest tests[] = {
        TEST(one_of_two_has_it_for_as_long_as_it_renews),
        TEST(a_stopped_holder_is_followed_and_never_are_there_two),
        TEST(a_contender_counts_from_the_last_renewal),
        TEST(a_late_outcome_counts_from_when_it_was_sent),
        TEST(a_renewal_that_conflicts_ends_it_at_once),
        TEST(what_is_given_back_is_taken_at_once),
        TEST(of_many_that_see_the_same_moment_one_takes),
        TEST(who_is_alone_holds_all_and_writes_nothing),
        TEST(a_renewal_that_arrives_late_changes_nothing),
        TEST(while_an_outcome_is_unknown_the_lease_runs_out),
        TEST(who_was_cut_off_for_a_moment_goes_on_at_once),
        TEST(a_format_is_used_when_all_that_live_know_it),
        TEST(whose_clock_is_off_by_more_than_a_minute_is_noticed),
        TEST(a_row_may_be_of_the_living_until_it_was_watched),
        TEST(an_older_program_begins_when_newer_ones_have_seen_it),
        TEST(an_older_program_waits_for_no_dead),
        TEST(who_has_not_looked_for_long_knows_nothing),
        TEST(a_clean_end_takes_the_row_away),
        TEST(who_leaves_gives_no_more_signs),
        TEST(rows_of_the_dead_are_removed_by_who_holds_the_lease),
        TEST(the_living_are_listed_with_their_leases),
        TEST(all_processes_list_what_one_was_told),
        TEST(another_service_is_not_listed_and_not_waited_for),
        TEST(nobody_speaks_for_a_process_of_another_service),
        TEST(the_clock_of_most_is_told),
        TEST(a_reply_tells_how_far_the_clock_is_off),
        TEST(alone_it_remembers_64_others_while_they_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
