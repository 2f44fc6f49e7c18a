// Two processes with copies of the same objects, over a shared store in memory.
#include <pthread.h>

#include "lib/base/clock.h"
#include "lib/live/testing/jars.h"

static const int64_t MS = 1000000;
static const char *const NAMES[] = {"tcp://ours:1", "tcp://theirs:1"};

struct pair {
    char url[128];
    struct place ours, theirs;
};

static int open_pair(void **state)
{
    static unsigned count;
    struct pair *pair = *state = calloc(1, sizeof *pair);
    struct place *places[] = {&pair->ours, &pair->theirs};
    struct err err;
    shared_store_register();
    snprintf(pair->url, sizeof pair->url, "shared:copies-%u", count++);
    clock_hold_mono(10 * 3600 * 1000);
    for (int i = 0; i < 2; i++) {
        const struct store_options options = {.url = pair->url, .tables = TABLES, .self = NAMES[i]};
        struct store *store;
        if (!store_open(&store, &options, &err)) fail_msg("%s", err.message);
        place_open(places[i], store);
    }
    make_jar(&pair->ours, 1, 1);
    return 0;
}

static int close_pair(void **state)
{
    struct pair *pair = *state;
    store_close(pair->ours.store);
    store_close(pair->theirs.store);
    place_close(&pair->ours);
    place_close(&pair->theirs);
    shared_store_drop(pair->url);
    clock_hold_mono(-1);
    free(pair);
    return 0;
}

static void pass_ms(int64_t ms) { clock_hold_mono(clock_mono_ms() + ms); }

static struct live_need since_ms(int64_t ms)
{
    return (struct live_need){.fresh_from_ns = clock_mono_ns() - ms * MS};
}

static uint64_t beans_since(struct place *place, unsigned number, int64_t ms)
{
    struct live_need need = since_ms(ms);
    struct jar *jar = enter_as(place, number, &need);
    uint64_t beans = jar->beans;
    assert_true(need.confirmed_ns >= need.fresh_from_ns);
    live_leave(place->live, &jar->live);
    return beans;
}

static uint64_t beans(struct place *place, unsigned number)
{
    struct jar *jar = enter(place, number);
    uint64_t count = jar->beans;
    live_leave(place->live, &jar->live);
    return count;
}

// Returns the ticket.
static uint64_t add_one(struct place *place, unsigned number)
{
    struct jar *jar = enter(place, number);
    add(place, jar, jar->seq + 1, 1);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    return ticket;
}

static void add_and_wait(struct place *place, unsigned number)
{
    struct err err;
    if (!store_wait(place->store, add_one(place, number), &err)) fail_msg("%s", err.message);
}

static void add_and_meet(struct place *place, unsigned number)
{
    struct err err;
    assert_false(store_wait(place->store, add_one(place, number), &err));
    assert_int_equal(err.reason, IS(CONFLICT));
}

// ---- Confirmation

static void a_copy_that_was_confirmed_just_now_is_not_confirmed_again(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 1);
    unsigned probes = shared_store_probes(pair->theirs.store);
    pass_ms(250);
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 1);
    assert_int_equal(shared_store_probes(pair->theirs.store), probes);
    pass_ms(1);
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 1);
    assert_int_equal(shared_store_probes(pair->theirs.store), probes + 1);
    assert_int_equal(pair->theirs.catch_ups, 0);
}

static void what_others_wrote_is_read_on_and_not_anew(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 1);
    add_and_wait(&pair->ours, 1);
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 1);
    pass_ms(251);
    assert_int_equal(beans_since(&pair->theirs, 1, 250), 2);
    assert_int_equal(pair->theirs.loads, 1);
    assert_int_equal(pair->theirs.catch_ups, 1);
}

static void an_own_append_confirms_the_copy(void **state)
{
    struct pair *pair = *state;
    pass_ms(1000);
    add_and_wait(&pair->ours, 1);
    assert_int_equal(beans_since(&pair->ours, 1, 0), 2);
    assert_int_equal(shared_store_probes(pair->ours.store), 0);
}

static void a_command_takes_any_copy(void **state)
{
    struct pair *pair = *state;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    pass_ms(1000);
    assert_int_equal(beans(&pair->theirs, 1), 1);
    assert_int_equal(shared_store_probes(pair->theirs.store), 0);
    assert_int_equal(pair->theirs.loads + pair->theirs.catch_ups, 1);
}

static void a_copy_that_was_read_an_hour_ago_is_confirmed_for_anybody(void **state)
{
    struct pair *pair = *state;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    pass_ms(3600 * 1000 + 1);
    assert_int_equal(beans(&pair->theirs, 1), 2);
    assert_int_equal(shared_store_probes(pair->theirs.store), 1);
}

static void what_can_not_be_confirmed_is_not_shown(void **state)
{
    struct pair *pair = *state;
    struct live_need need = since_ms(0);
    shared_store_fail_probes(pair->ours.store, true);
    pass_ms(1);
    need = since_ms(0);
    struct err err = refusal_of(&pair->ours, 1, &need);
    assert_int_equal(err.reason, IS(STORE_AWAY));
    assert_true(err.retry_after_s > 0);
    assert_int_equal(beans(&pair->ours, 1), 1); // for a command
    shared_store_fail_probes(pair->ours.store, false);
    assert_int_equal(beans_since(&pair->ours, 1, 0), 1);
}

// Whether the copy was in memory or is loaded: a read at the old primary would find what it expects.
static void what_a_deposed_primary_shows_is_not_confirmed(void **state)
{
    struct pair *pair = *state;
    for (unsigned in_memory = 0; in_memory < 2; in_memory++) {
        struct live_need need;
        shared_store_depose(pair->theirs.store);
        add_and_wait(&pair->ours, 1);
        pass_ms(251);
        need = since_ms(250);
        assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(STORE_AWAY));
        assert_int_equal(beans_since(&pair->theirs, 1, 250), 2 + in_memory);
    }
}

struct reader {
    struct place *place;
    uint64_t beans;
};

static void *read_fresh(void *arg)
{
    struct reader *reader = arg;
    reader->beans = beans_since(reader->place, 1, 0);
    return NULL;
}

static void who_loads_a_fresh_copy_keeps_nobody_waiting(void **state)
{
    struct pair *pair = *state;
    struct reader reader = {.place = &pair->theirs};
    pthread_t thread;
    shared_store_hold_barriers(pair->theirs.store, true);
    assert_int_equal(pthread_create(&thread, NULL, read_fresh, &reader), 0);
    shared_store_await_barrier(pair->theirs.store);
    assert_int_equal(beans(&pair->theirs, 1), 1); // a command takes any copy
    add_and_wait(&pair->theirs, 1);
    shared_store_hold_barriers(pair->theirs.store, false);
    pthread_join(thread, NULL);
    assert_int_equal(reader.beans, 2);
    assert_int_equal(pair->theirs.loads, 1);
}

// For who has locked something else: what would take the store or somebody else's time is said and not done.
static void what_is_at_hand_is_entered_without_waiting(void **state)
{
    struct pair *pair = *state;
    struct live *live = pair->theirs.live;
    struct live_need any = {0}, fresh;
    struct live_object *object, *again;
    struct err err;
    bool waits;
    assert_false(live_enter_at_hand(live, jar_id(1).text, &any, &object, &waits, &err));
    assert_true(waits);
    beans(&pair->theirs, 1);
    assert_true(live_enter_at_hand(live, jar_id(1).text, &any, &object, &waits, &err));
    assert_false(live_enter_at_hand(live, jar_id(1).text, &any, &again, &waits, &err));
    assert_true(waits); // somebody has it
    live_let_go(object);
    assert_true(live_enter_at_hand(live, jar_id(1).text, &any, &again, &waits, &err));
    live_leave(live, again);
    fresh = since_ms(0);
    assert_false(live_enter_at_hand(live, jar_id(1).text, &fresh, &again, &waits, &err));
    assert_true(waits);
    live_give_back(live, object);
    assert_int_equal(pair->theirs.loads, 1);
}

static void absence_is_confirmed_too(void **state)
{
    struct pair *pair = *state;
    struct live_need any = {0}, need = since_ms(0);
    assert_int_equal(refusal_of(&pair->theirs, 2, &any).reason, IS(NOT_FOUND));
    assert_true(any.confirmed_ns && any.confirmed_ns < need.fresh_from_ns);
    assert_int_equal(refusal_of(&pair->theirs, 2, &need).reason, IS(NOT_FOUND));
    assert_true(need.confirmed_ns >= need.fresh_from_ns);
    assert_int_equal(pair->theirs.loads, 2);
}

static void what_a_peer_announced_is_read_by_the_next(void **state)
{
    struct pair *pair = *state;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    live_note_head(pair->theirs.live, jar_id(1).text, 2);
    assert_int_equal(beans(&pair->theirs, 1), 2);
    live_note_head(pair->theirs.live, jar_id(1).text, 7); // which is not there
    assert_int_equal(beans(&pair->theirs, 1), 2);
    assert_int_equal(beans(&pair->theirs, 1), 2);
    assert_int_equal(pair->theirs.catch_ups, 2);
    assert_int_equal(shared_store_probes(pair->theirs.store), 0);
    live_note_head(pair->theirs.live, jar_id(9).text, 7); // not in memory
}

// The asker heard of it from another process: that its notice has not come here yet must not matter.
static void an_entry_that_the_asker_knows_is_read_first(void **state)
{
    struct pair *pair = *state;
    struct live_need need = {.at_least = 2};
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    struct jar *jar = enter_as(&pair->theirs, 1, &need);
    assert_int_equal(jar->beans, 2);
    live_leave(pair->theirs.live, &jar->live);
    assert_int_equal(shared_store_probes(pair->theirs.store), 0);
    jar = enter_as(&pair->theirs, 1, &need); // it is here: nobody is asked
    live_leave(pair->theirs.live, &jar->live);
    assert_int_equal(pair->theirs.catch_ups, 1);
}

// A read may come from a server that is behind; after a barrier it can't.
static void an_entry_that_is_not_there_is_looked_for_behind_a_barrier(void **state)
{
    struct pair *pair = *state;
    struct live_need need = {.at_least = 7};
    beans(&pair->theirs, 1);
    int64_t before_ns = clock_mono_ns();
    struct jar *jar = enter_as(&pair->theirs, 1, &need);
    assert_int_equal(jar->beans, 1);
    assert_true(need.confirmed_ns >= before_ns);
    live_leave(pair->theirs.live, &jar->live);
    assert_int_equal(shared_store_probes(pair->theirs.store), 1);
    need = (struct live_need){.at_least = 7};
    shared_store_fail_probes(pair->theirs.store, true);
    pass_ms(1);
    assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(STORE_AWAY));
}

// ---- Conflicts

static void the_loser_of_a_conflict_reads_what_the_winner_wrote(void **state)
{
    struct pair *pair = *state;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    add_and_meet(&pair->theirs, 1);
    assert_int_equal(beans(&pair->theirs, 1), 2);
    add_and_wait(&pair->theirs, 1);
    assert_int_equal(beans_since(&pair->theirs, 1, 0), 3);
}

// The place behind the lost one is there: the winner has filled what comes before it.
static void what_is_decided_on_a_lost_write_is_lost_with_it(void **state)
{
    struct pair *pair = *state;
    struct err err;
    beans(&pair->theirs, 1);
    shared_store_hold(pair->ours.store);
    uint64_t first = add_one(&pair->ours, 1);
    struct jar *jar = enter(&pair->ours, 1);
    add_and_wait(&pair->theirs, 1);
    shared_store_release(pair->ours.store);
    assert_false(store_wait(pair->ours.store, first, &err));
    add(&pair->ours, jar, jar->seq + 1, 1);
    uint64_t second = jar->live.ticket;
    live_leave(pair->ours.live, &jar->live);
    assert_false(store_wait(pair->ours.store, second, &err));
    assert_int_equal(err.reason, IS(CONFLICT));
    assert_int_equal(beans_since(&pair->theirs, 1, 0), 2);
}

static void what_is_being_undone_says_when_to_come_again(void **state)
{
    struct pair *pair = *state;
    struct live_need need = {0};
    struct err err;
    shared_store_hold(pair->ours.store);
    uint64_t ticket = add_one(&pair->ours, 1);
    struct jar *jar = enter(&pair->ours, 1);
    atomic_store(&jar->live.failed, true); // as when a command was refused after it had begun
    live_leave(pair->ours.live, &jar->live);
    assert_int_equal(refusal_of(&pair->ours, 1, &need).reason, IS(SERVICE_BUSY));
    assert_int_equal(need.undone, ticket);
    shared_store_release(pair->ours.store);
    assert_true(store_wait(pair->ours.store, ticket, &err));
    assert_int_equal(beans(&pair->ours, 1), 2);
}

static void a_read_waits_for_a_write_that_is_older_than_it_may_be(void **state)
{
    struct pair *pair = *state;
    struct err err;
    shared_store_hold(pair->ours.store);
    uint64_t ticket = add_one(&pair->ours, 1);
    assert_int_equal(beans_since(&pair->ours, 1, 250), 2); // it rests on the ticket
    pass_ms(251);
    struct live_need need = since_ms(250);
    assert_int_equal(refusal_of(&pair->ours, 1, &need).reason, IS(SERVICE_BUSY));
    assert_int_equal(need.undone, ticket);
    shared_store_release(pair->ours.store);
    assert_true(store_wait(pair->ours.store, ticket, &err));
    assert_int_equal(beans_since(&pair->ours, 1, 250), 2);
}

static Conse__Reason__Value third_conflict(struct pair *pair, int64_t apart_ms, struct live_need *need)
{
    for (int i = 0; i < 3; i++) {
        beans(&pair->theirs, 1);
        pass_ms(apart_ms);
        add_and_wait(&pair->ours, 1);
        add_and_meet(&pair->theirs, 1);
    }
    struct live_object *object;
    struct err err = {0};
    if (!live_enter(pair->theirs.live, jar_id(1).text, need, &object, &err)) return err.reason;
    live_leave(pair->theirs.live, object);
    return 0;
}

static void three_conflicts_within_a_second_name_the_winner(void **state)
{
    struct live_need need = {.movable = true};
    assert_int_equal(third_conflict(*state, 300, &need), IS(WRONG_PEER));
    assert_string_equal(need.winner, NAMES[0]);
}

static void a_caller_that_has_no_choice_is_served_where_it_is(void **state)
{
    struct live_need need = {.movable = false};
    assert_int_equal(third_conflict(*state, 300, &need), 0);
}

static void conflicts_now_and_then_move_nobody(void **state)
{
    struct live_need need = {.movable = true};
    assert_int_equal(third_conflict(*state, 600, &need), 0);
}

static void what_loads_slowly_may_have_conflicts_more_seldom(void **state)
{
    struct pair *pair = *state;
    struct live_need need = {.movable = true};
    pair->theirs.load_ms = 600;
    assert_int_equal(third_conflict(pair, 100, &need), IS(WRONG_PEER));
}

// ---- Another version

static void what_a_newer_program_wrote_is_said_to_be_its_writers(void **state)
{
    struct pair *pair = *state;
    struct live_need need = since_ms(0);
    beans(&pair->theirs, 1);
    pair->theirs.older = true;
    add_and_wait(&pair->ours, 1);
    for (int i = 0; i < 2; i++) { // read, and then not read
        *need.winner = 0;
        assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(STORE_NEWER));
        assert_string_equal(need.winner, NAMES[0]);
    }
}

static void what_a_newer_program_wrote_is_away_until_it_is_known(void **state)
{
    struct pair *pair = *state;
    struct live_need need = since_ms(0);
    beans(&pair->theirs, 1);
    pair->theirs.older = true;
    add_and_wait(&pair->ours, 1);
    unsigned loads = pair->theirs.loads;
    for (int i = 0; i < 3; i++) {
        struct err err = refusal_of(&pair->theirs, 1, &need);
        assert_int_equal(err.reason, IS(STORE_NEWER));
        assert_int_equal(err.retry_after_s, 10);
    }
    assert_int_equal(pair->theirs.loads, loads + 1);
    pair->theirs.older = false;
    pass_ms(10000);
    assert_int_equal(beans_since(&pair->theirs, 1, 0), 2);
}

// ---- The end

static uint64_t end_jar(struct place *place, unsigned number)
{
    struct jar *jar = enter(place, number);
    struct store_write write = {.done = live_written, .arg = &jar->live};
    live_delete(&jar->live, place->store, jar->live.id.text, jar->seq, write);
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    return ticket;
}

static void what_others_deleted_is_gone_for_good(void **state)
{
    struct pair *pair = *state;
    struct err err;
    beans(&pair->theirs, 1);
    assert_true(store_wait(pair->ours.store, end_jar(&pair->ours, 1), &err));
    struct live_need need = since_ms(0);
    assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(NOT_FOUND));
    assert_int_equal(need.confirmed_ns, INT64_MAX);
}

static void a_command_on_what_others_deleted_fails_and_finds_nothing(void **state)
{
    struct pair *pair = *state;
    struct err err;
    beans(&pair->theirs, 1);
    assert_true(store_wait(pair->ours.store, end_jar(&pair->ours, 1), &err));
    add_and_meet(&pair->theirs, 1);
    struct live_need need = {0};
    assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(NOT_FOUND));
    assert_int_equal(need.confirmed_ns, INT64_MAX);
}

static void an_end_that_others_prevented_is_undone(void **state)
{
    struct pair *pair = *state;
    struct err err;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    shared_store_hold(pair->theirs.store);
    uint64_t ticket = end_jar(&pair->theirs, 1);
    struct live_need need = {0};
    assert_int_equal(refusal_of(&pair->theirs, 1, &need).reason, IS(NOT_FOUND));
    assert_int_equal(need.ticket, ticket); // on which the refusal rests
    shared_store_release(pair->theirs.store);
    assert_false(store_wait(pair->theirs.store, ticket, &err));
    assert_int_equal(beans(&pair->theirs, 1), 2);
}

static void nothing_new_takes_the_place_of_what_is_there(void **state)
{
    struct pair *pair = *state;
    struct live_object *object;
    struct err err;
    beans(&pair->theirs, 1);
    assert_false(live_enter_new(pair->theirs.live, jar_id(1).text, NULL, &object, &err));
    assert_int_equal(err.reason, IS(CONFLICT));
    assert_int_equal(beans(&pair->theirs, 1), 1);
}

// ---- Commands

static struct store_command command_of(unsigned number)
{
    struct store_command command = {.time_ms = clock_unix_ms()};
    memcpy(command.id, &number, sizeof number);
    return command;
}

static uint64_t add_by(struct place *place, const struct store_command *command)
{
    struct jar *jar = enter(place, 1);
    uint8_t bean = 1;
    ProtobufCBinaryData entry = {1, &bean};
    struct store_write write = {.done = live_written, .arg = &jar->live, .command = command};
    live_append(&jar->live, place->store, jar->live.id.text, jar->seq + 1, &entry, 1, write);
    jar->seq++;
    jar->beans++;
    uint64_t ticket = jar->live.ticket;
    live_leave(place->live, &jar->live);
    return ticket;
}

static bool knows(struct place *place, const struct store_command *command)
{
    struct err err;
    bool known;
    uint64_t ticket;
    struct jar *jar = enter(place, 1);
    if (!live_knows(&jar->live, command->id, &known, &ticket, &err)) fail_msg("%s", err.message);
    live_leave(place->live, &jar->live);
    return known;
}

static void a_command_is_known_from_when_it_is_queued(void **state)
{
    struct pair *pair = *state;
    struct store_command command = command_of(1);
    struct err err;
    bool known;
    uint64_t ticket, rests_on;
    assert_false(knows(&pair->ours, &command));
    shared_store_hold(pair->ours.store);
    ticket = add_by(&pair->ours, &command);
    struct jar *jar = enter(&pair->ours, 1);
    assert_true(live_knows(&jar->live, command.id, &known, &rests_on, &err) && known);
    assert_int_equal(rests_on, ticket);
    live_leave(pair->ours.live, &jar->live);
    shared_store_release(pair->ours.store);
    assert_true(store_wait(pair->ours.store, ticket, &err));
}

static void a_command_whose_write_failed_is_not_known(void **state)
{
    struct pair *pair = *state;
    struct store_command command = command_of(1);
    struct err err;
    beans(&pair->theirs, 1);
    add_and_wait(&pair->ours, 1);
    assert_false(store_wait(pair->theirs.store, add_by(&pair->theirs, &command), &err));
    assert_false(knows(&pair->theirs, &command));
}

static void commands_are_known_by_who_reads_on_and_who_reads_anew(void **state)
{
    struct pair *pair = *state;
    struct err err;
    struct store_command before = command_of(1), after = command_of(2), never = command_of(3);
    assert_true(store_wait(pair->ours.store, add_by(&pair->ours, &before), &err));
    assert_true(knows(&pair->theirs, &before));
    assert_false(knows(&pair->theirs, &never)); // from here on it has all
    assert_true(store_wait(pair->ours.store, add_by(&pair->ours, &after), &err));
    assert_false(knows(&pair->theirs, &after)); // its copy is behind
    pass_ms(1);
    beans_since(&pair->theirs, 1, 0);
    assert_true(knows(&pair->theirs, &after));
    assert_false(knows(&pair->theirs, &never));
}

static void beyond_its_list_an_object_has_the_store_asked(void **state)
{
    struct pair *pair = *state;
    struct store_command command;
    struct err err;
    uint64_t ticket = 0;
    for (unsigned i = 1; i <= LIVE_COMMANDS + 1; i++) {
        command = command_of(i);
        ticket = add_by(&pair->ours, &command);
    }
    assert_true(store_wait(pair->ours.store, ticket, &err));
    struct store_command first = command_of(1), never = command_of(LIVE_COMMANDS + 2);
    assert_true(knows(&pair->ours, &command));
    assert_true(knows(&pair->ours, &first));
    assert_true(knows(&pair->ours, &never)); // as far as it can tell
}

#define IN_PAIR(name) cmocka_unit_test_setup_teardown(name, open_pair, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PAIR(a_copy_that_was_confirmed_just_now_is_not_confirmed_again),
        IN_PAIR(what_others_wrote_is_read_on_and_not_anew),
        IN_PAIR(an_own_append_confirms_the_copy),
        IN_PAIR(a_command_takes_any_copy),
        IN_PAIR(a_copy_that_was_read_an_hour_ago_is_confirmed_for_anybody),
        IN_PAIR(what_can_not_be_confirmed_is_not_shown),
        IN_PAIR(who_loads_a_fresh_copy_keeps_nobody_waiting),
        IN_PAIR(what_is_at_hand_is_entered_without_waiting),
        IN_PAIR(absence_is_confirmed_too),
        IN_PAIR(what_a_deposed_primary_shows_is_not_confirmed),
        IN_PAIR(what_a_peer_announced_is_read_by_the_next),
        IN_PAIR(an_entry_that_the_asker_knows_is_read_first),
        IN_PAIR(an_entry_that_is_not_there_is_looked_for_behind_a_barrier),
        IN_PAIR(the_loser_of_a_conflict_reads_what_the_winner_wrote),
        IN_PAIR(what_is_decided_on_a_lost_write_is_lost_with_it),
        IN_PAIR(what_is_being_undone_says_when_to_come_again),
        IN_PAIR(a_read_waits_for_a_write_that_is_older_than_it_may_be),
        IN_PAIR(three_conflicts_within_a_second_name_the_winner),
        IN_PAIR(a_caller_that_has_no_choice_is_served_where_it_is),
        IN_PAIR(conflicts_now_and_then_move_nobody),
        IN_PAIR(what_loads_slowly_may_have_conflicts_more_seldom),
        IN_PAIR(what_a_newer_program_wrote_is_said_to_be_its_writers),
        IN_PAIR(what_a_newer_program_wrote_is_away_until_it_is_known),
        IN_PAIR(what_others_deleted_is_gone_for_good),
        IN_PAIR(a_command_on_what_others_deleted_fails_and_finds_nothing),
        IN_PAIR(an_end_that_others_prevented_is_undone),
        IN_PAIR(nothing_new_takes_the_place_of_what_is_there),
        IN_PAIR(a_command_is_known_from_when_it_is_queued),
        IN_PAIR(commands_are_known_by_who_reads_on_and_who_reads_anew),
        IN_PAIR(a_command_whose_write_failed_is_not_known),
        IN_PAIR(beyond_its_list_an_object_has_the_store_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
