// What two processes do to each other's commands and readers when both serve one event.
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/replica/testing/other.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/secrets.h"
#include "services/events/live/timers.h"
#include "services/events/streams.h"
#include "services/events/testing/owners.h"

static const char SEAT[] = "{" EVENT "}";

// How far the wall clock of this program is ahead of the true one.
static _Atomic int64_t ahead_ms;

// In place of the C library's: the monotonic clock is left alone.
int clock_gettime(clockid_t id, struct timespec *time)
{
    int failed = (int)syscall(SYS_clock_gettime, id, time);
    if (!failed && id == CLOCK_REALTIME) time->tv_sec += atomic_load(&ahead_ms) / 1000;
    return failed;
}

static int32_t seats_taken(struct owner *owner)
{
    const Events__EventReply *reply = owner_must(owner, &god, "events.GetEvent", SEAT);
    return reply->event->seats_taken;
}

static char *title_at(struct owner *owner)
{
    const Events__EventReply *reply = owner_must(owner, &nobody, "events.GetEvent", SEAT);
    return arena_str(&owner->world->arena, reply->event->title);
}

static uint64_t entries_of(struct owners *owners)
{
    uint64_t head;
    struct err err;
    struct stream_name stream = events_stream(service_recall(owners->a.world, "event"));
    assert_true(store_head(store_of(&owners->a), stream.text, &head, &err));
    return head;
}

// `first` decides and is held on its way; `second` is stored meanwhile.
static void meet(struct owner *first, struct owner *second, const struct asker *one, const struct asker *two,
                 struct heard *of_first, struct heard *of_second)
{
    shared_store_hold(store_of(first));
    owner_send(first, one, NULL, "events.Reserve", SEAT, of_first);
    shared_store_await_held(store_of(first));
    owner_ask(second, two, NULL, "events.Reserve", SEAT, of_second);
    shared_store_release(store_of(first));
    owner_hear(first, of_first);
}

// ---- Commands at both

static void both_give_seats_until_there_are_no_more(void **state)
{
    static struct heard heard[2];
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    unsigned seated = 0;
    for (unsigned i = 0; i < 6; i += 2) {
        const struct asker one = owners_guest(i), two = owners_guest(i + 1);
        bool swapped = i % 4;
        meet(swapped ? &owners->b : &owners->a, swapped ? &owners->a : &owners->b, &one, &two, &heard[0],
             &heard[1]);
        for (int k = 0; k < 2; k++) {
            assert_true(heard[k].ok || err_is(&heard[k].err, EVENT_FULL));
            seated += heard[k].ok;
        }
        if (i + 2 == 4) assert_int_equal(seated, 4);
    }
    assert_int_equal(seated, 4);
    assert_int_equal(seats_taken(&owners->a), 4);
}

static void a_seat_that_is_free_again_at_the_other_is_not_refused(void **state)
{
    struct owners *owners = *state;
    const struct asker one = owners_guest(0), two = owners_guest(1);
    char request[128];
    owners_open_event(owners, 1);
    owner_must(&owners->a, &one, "events.Reserve", SEAT);
    assert_int_equal(owner_refusal(&owners->b, &two, "events.Reserve", SEAT), IS(EVENT_FULL));
    snprintf(request, sizeof request, "{" EVENT ",'user_id':'%s'}", one.user_id);
    owner_must(&owners->a, &one, "events.CancelReservation", request);
    owner_must(&owners->b, &two, "events.Reserve", SEAT); // whose copy is full
}

// A vote that is there already makes no entry.
static void what_changes_nothing_in_an_old_copy_is_decided_again(void **state)
{
    struct owners *owners = *state;
    const struct asker voter = owners_guest(0);
    owners_open_event(owners, 4);
    owner_must(&owners->a, &voter, "events.VoteEvent", "{" EVENT ",'vote':'UP'}");
    owner_must(&owners->b, &voter, "events.VoteEvent", "{" EVENT ",'vote':'DOWN'}");
    const Events__VoteReply *reply =
        owner_must(&owners->a, &voter, "events.VoteEvent", "{" EVENT ",'vote':'UP'}");
    assert_int_equal(reply->upvotes, 1);
    assert_int_equal(reply->downvotes, 0);
    assert_int_equal(entries_of(owners), 4);
}

static void a_command_with_a_warm_copy_reads_nothing(void **state)
{
    static struct heard heard;
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    const struct asker one = owners_guest(0), two = owners_guest(1);
    owner_ask(&owners->a, &one, "first", "events.Reserve", SEAT, &heard);
    unsigned reads = shared_store_reads(store_of(&owners->a)),
             sends = shared_store_sends(store_of(&owners->a));
    owner_ask(&owners->a, &two, "second", "events.Reserve", SEAT, &heard);
    assert_true(heard.ok);
    assert_int_equal(shared_store_reads(store_of(&owners->a)), reads);
    assert_true(shared_store_sends(store_of(&owners->a)) > sends);
}

// ---- Reads

static void a_read_is_at_most_a_quarter_of_a_second_behind(void **state)
{
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    int64_t now_ms = 3600 * 1000;
    clock_hold_mono(now_ms);
    assert_string_equal(title_at(&owners->b), "Evening");
    unsigned reads = shared_store_reads(store_of(&owners->b));
    owner_must(&owners->a, &god, "events.UpdateEvent", "{" EVENT ",'title':'Night'}");
    clock_hold_mono(now_ms + 250);
    assert_string_equal(title_at(&owners->b), "Evening");
    assert_int_equal(shared_store_reads(store_of(&owners->b)), reads);
    clock_hold_mono(now_ms + 251);
    assert_string_equal(title_at(&owners->b), "Night");
}

// The owner's copy of the event has as many entries, stored or not.
static void await_entries(struct owner *owner, uint64_t count)
{
    for (uint64_t seen = 0; seen < count;) {
        struct aggregate *aggregate;
        struct err err;
        assert_true(
            aggregate_enter(&owner->world->events, service_recall(owner->world, "event"), &aggregate, &err));
        seen = aggregate->game.chain.seq;
        aggregate_leave(aggregate);
    }
}

// Its own process does not know yet that it is stored, and goes on writing.
static void what_another_process_said_is_done_is_in_the_log(void **state)
{
    static struct heard lost, found, later, read, last;
    static const char first[] = "{" EVENT ",'title':'Night'}";
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    int64_t now_ms = 3600 * 1000;
    clock_hold_mono(now_ms);
    shared_store_set_wire(store_of(&owners->a), SHARED_LOSES_REPLIES);
    owner_send(&owners->a, &god, "the key", "events.UpdateEvent", first, &lost);
    shared_store_await_lost(store_of(&owners->a));
    owner_ask(&owners->b, &god, "the key", "events.UpdateEvent", first, &found);
    assert_true(found.ok);
    clock_hold_mono(now_ms + 1000);
    owner_send(&owners->a, &god, NULL, "events.UpdateEvent", "{" EVENT ",'title':'Dawn'}", &later);
    owner_send(&owners->a, &nobody, NULL, "events.ReadLog", "{" EVENT ",'from':2}", &read);
    owner_send(&owners->a, &god, NULL, "events.UpdateEvent", "{" EVENT ",'title':'Day'}", &last);
    await_entries(&owners->a, 4); // the read was met before
    shared_store_set_wire(store_of(&owners->a), SHARED_SOUND);
    owner_hear(&owners->a, &read);
    assert_true(read.ok);
    const Events__LogReply *log = owner_reply(&owners->a, &read);
    assert_int_not_equal(log->n_entries, 0);
}

static void who_was_told_of_an_entry_reads_it_at_once(void **state)
{
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    clock_hold_mono(3600 * 1000);
    assert_string_equal(title_at(&owners->b), "Evening");
    owner_must(&owners->a, &god, "events.UpdateEvent", "{" EVENT ",'title':'Night'}");
    aggregates_note_head(&owners->b.world->events, service_recall(owners->b.world, "event"), 2);
    assert_string_equal(title_at(&owners->b), "Night");
}

static void who_asks_because_of_news_reads_it(void **state)
{
    struct owners *owners = *state;
    owners_open_event(owners, 4);
    int64_t now_ms = 3600 * 1000;
    clock_hold_mono(now_ms);
    assert_string_equal(title_at(&owners->b), "Evening");
    owner_must(&owners->a, &god, "events.UpdateEvent", "{" EVENT ",'title':'Night'}");
    clock_hold_mono(now_ms + 1);
    assert_string_equal(title_at(&owners->b), "Evening");
    owners->b.fresh = true;
    assert_string_equal(title_at(&owners->b), "Night");
}

static void nothing_is_read_or_refused_that_can_not_be_confirmed(void **state)
{
    static struct heard heard;
    struct owners *owners = *state;
    const struct asker one = owners_guest(0), two = owners_guest(1);
    owners_open_event(owners, 1);
    title_at(&owners->b);
    clock_hold_mono(clock_mono_ms() + 1000);
    shared_store_fail_probes(store_of(&owners->b), true);
    owner_ask(&owners->b, &nobody, NULL, "events.GetEvent", SEAT, &heard);
    assert_true(err_is(&heard.err, STORE_AWAY));
    assert_int_equal(heard.err.retry_after_s, 1);
    owner_must(&owners->b, &one, "events.Reserve", SEAT); // its write confirms it
    clock_hold_mono(clock_mono_ms() + 1);
    assert_int_equal(owner_refusal(&owners->b, &two, "events.Reserve", SEAT), IS(STORE_AWAY));
    shared_store_fail_probes(store_of(&owners->b), false);
    assert_int_equal(owner_refusal(&owners->b, &two, "events.Reserve", SEAT), IS(EVENT_FULL));
}

static int32_t phase_shown(struct owner *owner, const struct asker *asker)
{
    const Events__EventReply *reply = owner_must(owner, asker, "events.GetEvent", SEAT);
    return reply->event->phase ? reply->event->phase->number : 0;
}

static void deal_at(struct owners *owners)
{
    owners_open_event(owners, 3);
    owner_must(&owners->a, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    for (unsigned i = 0; i < 3; i++) {
        const struct asker guest = owners_guest(i);
        owner_must(&owners->a, &guest, "events.Reserve", SEAT);
    }
    owner_must(&owners->a, &god, "events.LockEvent", SEAT);
    owner_must(&owners->b, &god, "events.Reveal", SEAT);
}

// b shows the game late, by what a writes meanwhile.
static void what_is_shown_late_follows_the_other(void **state)
{
    struct owners *owners = *state;
    const struct asker watcher = owners_guest(9);
    deal_at(owners);
    owner_must(&owners->a, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    clock_hold_mono(clock_mono_ms() + 1000);
    assert_int_equal(phase_shown(&owners->b, &god), 1);
    assert_int_equal(phase_shown(&owners->b, &watcher), 0);
    atomic_store(&ahead_ms, 61000);
    assert_int_equal(phase_shown(&owners->b, &watcher), 1);
    owner_must(&owners->a, &god, "events.ClosePhase", SEAT);
    owner_must(&owners->a, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    clock_hold_mono(clock_mono_ms() + 1000);
    assert_int_equal(phase_shown(&owners->b, &god), 2);
    assert_int_equal(phase_shown(&owners->b, &watcher), 1);
    atomic_store(&ahead_ms, 123000);
    assert_int_equal(phase_shown(&owners->b, &watcher), 2);
    atomic_store(&ahead_ms, 0);
}

// ---- The same command at both

static void assert_same(const struct heard *one, const struct heard *two)
{
    if (!one->ok || !two->ok) fail_msg("%s, %s", one->err.message, two->err.message);
    assert_int_equal(one->len, two->len);
    assert_memory_equal(one->bytes, two->bytes, one->len);
}

// At a, held on its way, and at b meanwhile.
static void ask_both(struct owners *owners, const struct asker *asker, const char *method,
                     const char *request)
{
    static struct heard heard[2];
    shared_store_hold(store_of(&owners->a));
    owner_send(&owners->a, asker, "the key", method, request, &heard[0]);
    shared_store_await_held(store_of(&owners->a));
    owner_ask(&owners->b, asker, "the key", method, request, &heard[1]);
    shared_store_release(store_of(&owners->a));
    owner_hear(&owners->a, &heard[0]);
    assert_same(&heard[0], &heard[1]);
}

static void a_key_at_both_gives_one_seat(void **state)
{
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    ask_both(owners, &one, "events.Reserve", SEAT);
    assert_int_equal(entries_of(owners), 2);
}

static void a_key_at_both_gives_one_vote(void **state)
{
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    ask_both(owners, &one, "events.VoteEvent", "{" EVENT ",'vote':'UP'}");
    assert_int_equal(entries_of(owners), 2);
}

// The call at a was lost on its way, asked again at b, and arrives when more has happened.
static void a_key_that_changed_nothing_at_one_changes_nothing_at_the_other(void **state)
{
    static struct heard heard[2];
    static const char up[] = "{" EVENT ",'vote':'UP'}";
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    owner_must(&owners->a, &one, "events.VoteEvent", up);
    owner_ask(&owners->b, &one, "the key", "events.VoteEvent", up, &heard[0]);
    owner_must(&owners->b, &one, "events.VoteEvent", "{" EVENT ",'vote':'DOWN'}");
    uint64_t before = entries_of(owners);
    owner_ask(&owners->a, &one, "the key", "events.VoteEvent", up, &heard[1]);
    assert_same(&heard[0], &heard[1]);
    assert_int_equal(entries_of(owners), before);
}

static void a_key_at_both_makes_one_group(void **state)
{
    struct owners *owners = *state;
    ask_both(owners, &second_god, "events.CreateGroup", "{'name':'Saturday'}");
    char request[96];
    snprintf(request, sizeof request, "{'god_id':'%s'}", second_god.user_id);
    const Events__ListGroupsReply *reply = owner_must(&owners->a, &nobody, "events.ListGroups", request);
    assert_int_equal(reply->n_groups, 1);
}

// Requests name the last one.
static size_t count_events(struct owners *owners)
{
    struct store_head *heads;
    size_t count;
    struct err err;
    assert_true(store_heads(store_of(&owners->a), EVENTS_PREFIX, "", 100, &owners->a.world->arena, &heads,
                            &count, &err));
    for (size_t i = 0; i < count; i++) {
        const char *id = heads[i].stream + strlen(EVENTS_PREFIX);
        service_remember(owners->a.world, "event", id);
        service_remember(owners->b.world, "event", id);
    }
    return count;
}

// To three guests; the secrets must be those that the event has promised.
static void deal_as_promised(struct owner *owner)
{
    for (unsigned i = 0; i < 3; i++) {
        const struct asker guest = owners_guest(i);
        owner_must(owner, &guest, "events.Reserve", SEAT);
    }
    owner_must(owner, &god, "events.LockEvent", SEAT);
    owner_must(owner, &god, "events.Reveal", SEAT);
    owner_must(owner, &god, "events.CancelEvent", SEAT);
    const Events__DealReply *reply = owner_must(owner, &nobody, "events.GetDeal", SEAT);
    const Events__Deal *deal = reply->deal;
    uint8_t commitment[DEAL_HASH];
    assert_int_equal(deal->opened->secret.len, DEAL_HASH);
    deal_commitment(commitment, service_recall(owner->world, "event"), 1, deal->opened->secret.data);
    assert_memory_equal(commitment, deal->commitments[0].data, DEAL_HASH);
}

static void a_key_at_both_makes_one_event(void **state)
{
    char request[512];
    struct owners *owners = *state;
    owners_write_event(request, 3);
    ask_both(owners, &god, "events.CreateEvent", request);
    assert_int_equal(count_events(owners), 1);
    deal_as_promised(&owners->a);
}

// It ended before it heard of its write.
static void an_event_of_a_process_that_died_can_be_dealt(void **state)
{
    static struct heard lost;
    char request[512];
    struct owners *owners = *state;
    owners_write_event(request, 3);
    shared_store_set_wire(store_of(&owners->a), SHARED_LOSES_REPLIES);
    owner_send(&owners->a, &god, NULL, "events.CreateEvent", request, &lost);
    shared_store_await_lost(store_of(&owners->a));
    assert_int_equal(count_events(owners), 1);
    deal_as_promised(&owners->b);
    shared_store_set_wire(store_of(&owners->a), SHARED_SOUND);
    owner_hear(&owners->a, &lost);
}

// While a process may live that looks for them there, secrets are a row; that of the first try is stored, its
// first entry is not.
static void an_event_takes_the_secrets_that_are_stored_for_it(void **state)
{
    static const char *const leases[] = {NULL};
    static struct heard lost, made;
    char request[512];
    struct owners *owners = *state;
    other_was_there(store_of(&owners->a), &events_tables[EVENTS_BEATS], SECRETS_ATTACHED_SINCE - 1);
    owners->a.world->events.replica = other_join(store_of(&owners->a), events_tables, "ipc:///a", leases);
    owners->b.world->events.replica = other_join(store_of(&owners->b), events_tables, "ipc:///b", leases);
    owners_write_event(request, 3);
    shared_store_set_wire(store_of(&owners->a), SHARED_LOSES_REPLIES);
    owner_send(&owners->a, &god, "the key", "events.CreateEvent", request, &lost);
    shared_store_await_lost(store_of(&owners->a));
    assert_int_equal(count_events(owners), 0);
    owner_ask(&owners->b, &god, "the key", "events.CreateEvent", request, &made);
    owners_remember_event(owners, &owners->b, &made);
    shared_store_set_wire(store_of(&owners->a), SHARED_SOUND);
    owner_hear(&owners->a, &lost);
    assert_same(&lost, &made);
    assert_int_equal(count_events(owners), 1);
    deal_as_promised(&owners->a);
}

static void a_command_of_unknown_outcome_is_found_at_the_other(void **state)
{
    static struct heard lost, found;
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    shared_store_set_wire(store_of(&owners->a), SHARED_LOSES_REPLIES);
    owner_send(&owners->a, &one, "the key", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", &lost);
    shared_store_await_lost(store_of(&owners->a));
    owner_ask(&owners->b, &one, "the key", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", &found);
    shared_store_set_wire(store_of(&owners->a), SHARED_SOUND);
    owner_hear(&owners->a, &lost);
    assert_same(&lost, &found);
    assert_int_equal(entries_of(owners), 2);
}

static void a_command_that_never_arrived_is_carried_out_once(void **state)
{
    static struct heard lost, found;
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    shared_store_set_wire(store_of(&owners->a), SHARED_LOSES_REQUESTS);
    owner_send(&owners->a, &one, "the key", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", &lost);
    shared_store_await_lost(store_of(&owners->a));
    owner_ask(&owners->b, &one, "the key", "events.VoteEvent", "{" EVENT ",'vote':'UP'}", &found);
    shared_store_set_wire(store_of(&owners->a), SHARED_SOUND);
    owner_hear(&owners->a, &lost);
    assert_same(&lost, &found);
    assert_int_equal(entries_of(owners), 2);
}

// ---- The end, and time

static void what_one_deleted_the_other_does_not_find(void **state)
{
    struct owners *owners = *state;
    const struct asker one = owners_guest(0);
    owners_open_event(owners, 4);
    title_at(&owners->b);
    owner_must(&owners->a, &god, "events.DeleteEvent", SEAT);
    assert_int_equal(owner_refusal(&owners->b, &one, "events.Reserve", SEAT), IS(NOT_FOUND));
    assert_int_equal(owner_refusal(&owners->b, &nobody, "events.GetEvent", SEAT), IS(NOT_FOUND));
}

static int64_t newest_ms(struct owner *owner)
{
    struct aggregate *aggregate;
    struct err err;
    assert_true(
        aggregate_enter(&owner->world->events, service_recall(owner->world, "event"), &aggregate, &err));
    int64_t time_ms = aggregate->game.newest_ms;
    aggregate_leave(aggregate);
    return time_ms;
}

static void the_times_of_entries_do_not_go_back(void **state)
{
    struct owners *owners = *state;
    const struct asker one = owners_guest(0), two = owners_guest(1);
    owners_open_event(owners, 4);
    title_at(&owners->b);
    atomic_store(&ahead_ms, 60000);
    owner_must(&owners->a, &one, "events.Reserve", SEAT);
    int64_t first_ms = newest_ms(&owners->a);
    atomic_store(&ahead_ms, 0);
    owner_must(&owners->b, &two, "events.Reserve", SEAT);
    assert_true(newest_ms(&owners->b) >= first_ms);
    assert_true(first_ms > clock_unix_ms());
}

// Its row says that something is due; a's copy is that of the event before b changed it.
static void what_is_due_in_the_other_s_event_is_done(void **state)
{
    struct owners *owners = *state;
    char request[160], local[32];
    owners_open_event(owners, 4);
    time_t at = (time_t)(clock_unix_ms() / 1000 + 26 * 3600);
    struct tm parts;
    strftime(local, sizeof local, "%Y-%m-%dT%H:%M:00", gmtime_r(&at, &parts));
    snprintf(request, sizeof request, "{" EVENT ",'starts_at':{'local':'%s','zone':'UTC'}}", local);
    owner_must(&owners->b, &god, "events.UpdateEvent", request);
    service_fence(owners->b.world);
    const uint64_t before = entries_of(owners);
    assert_int_equal(timers_look(&owners->a.world->events, clock_unix_ms() + 3 * (int64_t)HOUR), 1);
    service_fence(owners->a.world);
    assert_int_equal(entries_of(owners), before + 1); // the reminder of a day
}

#define IN_PAIR(name) cmocka_unit_test_setup_teardown(name, owners_open, owners_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PAIR(both_give_seats_until_there_are_no_more),
        IN_PAIR(a_seat_that_is_free_again_at_the_other_is_not_refused),
        IN_PAIR(what_changes_nothing_in_an_old_copy_is_decided_again),
        IN_PAIR(a_command_with_a_warm_copy_reads_nothing),
        IN_PAIR(a_read_is_at_most_a_quarter_of_a_second_behind),
        IN_PAIR(what_another_process_said_is_done_is_in_the_log),
        IN_PAIR(who_was_told_of_an_entry_reads_it_at_once),
        IN_PAIR(who_asks_because_of_news_reads_it),
        IN_PAIR(nothing_is_read_or_refused_that_can_not_be_confirmed),
        IN_PAIR(what_is_shown_late_follows_the_other),
        IN_PAIR(a_key_at_both_gives_one_seat),
        IN_PAIR(a_key_at_both_gives_one_vote),
        IN_PAIR(a_key_that_changed_nothing_at_one_changes_nothing_at_the_other),
        IN_PAIR(a_key_at_both_makes_one_group),
        IN_PAIR(a_key_at_both_makes_one_event),
        IN_PAIR(an_event_of_a_process_that_died_can_be_dealt),
        IN_PAIR(an_event_takes_the_secrets_that_are_stored_for_it),
        IN_PAIR(a_command_of_unknown_outcome_is_found_at_the_other),
        IN_PAIR(a_command_that_never_arrived_is_carried_out_once),
        IN_PAIR(what_one_deleted_the_other_does_not_find),
        IN_PAIR(the_times_of_entries_do_not_go_back),
        IN_PAIR(what_is_due_in_the_other_s_event_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
