// trips URL: counts what commands of events send to the store at URL, each as one group. Prints a line for
// each, {"of": "a ballot", "writes": 1, "reads": 0, "waves": 1}: MongoDB's commands that wrote and that read,
// and how often the commit thread waited for the server.
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "services/events/testing/table.h"

enum { VOTERS = 16, READS_BEHIND_MS = 250 };

// What was counted up to now.
struct tally_of_store {
    int64_t writes, reads, waves, ms;
};

static struct metric *writes, *reads, *waves;
static struct asker voters[VOTERS];
static char voter_ids[VOTERS][UUID_LEN + 1];

static struct metrics *count_from_here(void)
{
    struct metrics *metrics = metrics_create();
    need(metrics);
    writes = metrics_counter(metrics, "conse_store_commands_total", "", "kind=\"write\"");
    reads = metrics_counter(metrics, "conse_store_commands_total", "", "kind=\"read\"");
    waves = metrics_counter(metrics, "conse_store_waves_total", "", "");
    return metrics;
}

static struct tally_of_store counted(void)
{
    return (struct tally_of_store){metric_value(writes), metric_value(reads), metric_value(waves),
                                   clock_mono_ms()};
}

static void print_tally(const char *of, struct tally_of_store before, struct tally_of_store after)
{
    printf("{\"of\": \"%s\", \"writes\": %lld, \"reads\": %lld, \"waves\": %lld}\n", of,
           (long long)(after.writes - before.writes), (long long)(after.reads - before.reads),
           (long long)(after.waves - before.waves));
}

// Up to now. The fence is behind all that was written, and needs no server: it is known that there is no such
// stream.
static void tell(struct service_world *world, const char *of, struct tally_of_store before)
{
    service_fence(world);
    print_tally(of, before, counted());
}

// ---- Commands, each of which goes out as one group

// Keeps the commit thread from its next group.
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool held, open;
};

static void gate_pass(void *arg, uint64_t durable)
{
    struct gate *gate = arg;
    (void)durable;
    pthread_mutex_lock(&gate->mutex);
    gate->held = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open) pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

// Waits until a group has ended, this one's or the one before.
static void gate_close(struct gate *gate, struct service_world *world)
{
    *gate = (struct gate){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    store_listen(world->events.store, gate_pass, gate);
    store_delete_stream(world->events.store, "nothing", 0, NULL);
    pthread_mutex_lock(&gate->mutex);
    while (!gate->held) pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_open(struct gate *gate, struct service_world *world)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
    store_listen(world->events.store, NULL, NULL);
}

static const ProtobufCMessage *run_well(struct service_world *world, const struct asker *asker,
                                        const char *method, const char *request, struct rpc_call *call)
{
    const struct answer answer = service_run(world, asker, method, request, call);
    if (!answer.ok)
        fprintf(stderr, "%s: %s %s\n", method, err_name(&answer.err), answer.err.message), exit(1);
    return answer.reply;
}

static const ProtobufCMessage *count_command(struct service_world *world, const char *of,
                                             const struct asker *asker, const char *method,
                                             const char *request)
{
    struct gate gate;
    struct rpc_call call;
    struct err err;
    gate_close(&gate, world);
    struct tally_of_store before = counted();
    const ProtobufCMessage *reply = run_well(world, asker, method, request, &call);
    gate_open(&gate, world);
    need(store_wait(world->events.store, call.ticket, &err));
    tell(world, of, before);
    return reply;
}

// ---- The game

static void gather(struct service_world *world)
{
    char name[32];
    for (unsigned i = 0; i < VOTERS; i++) {
        snprintf(voter_ids[i], sizeof voter_ids[i], "%s", id_of(USER + i));
        voters[i] = (struct asker){voter_ids[i], LEVEL_PLAYER};
        snprintf(name, sizeof name, "voter%u", i);
        service_remember(world, name, voter_ids[i]);
    }
}

static const char *many = "{'id':'$jailer','copies':16}",
                  *deck = "{'group_id':'$group','name':'large','roles':[{'role_id':'$jailer','copies':16}]}",
                  *event = "{'group_id':'$group','deck_id':'$large','title':'Evening','max_players':16,"
                           "'waitlist':true,'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}",
                  *seat = "{" EVENT "}";

static void open_counted(struct service_world *world, const char *of)
{
    const Events__EventReply *reply =
        (const void *)count_command(world, of, &god, "events.CreateEvent", event);
    service_remember(world, "event", reply->event->id);
}

static void begin_polling(struct service_world *world)
{
    service_must(world, &god, "events.LockEvent", seat);
    service_must(world, &god, "events.Reveal", seat);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    const Events__PollReply *reply =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'NOMINATION'}").reply;
    service_remember(world, "poll", reply->poll->id);
}

// In the newest event, or in the one before.
static const char *ballot_in(bool newest, unsigned candidate)
{
    static char request[128];
    snprintf(request, sizeof request, "{'event_id':'$%s','poll_id':'$%s','candidate_id':'$voter%u'}",
             newest ? "event" : "earlier", newest ? "poll" : "earlierpoll", candidate);
    return request;
}

static const char *ballot_for(unsigned candidate) { return ballot_in(true, candidate); }

// ---- Ballots that wait together

static void count_together(struct service_world *world, const char *of, bool of_both)
{
    struct gate gate;
    struct rpc_call call;
    struct err err;
    gate_close(&gate, world);
    struct tally_of_store before = counted();
    for (unsigned i = 0; i < VOTERS; i++)
        run_well(world, &voters[i], "events.CastBallot",
                 ballot_in(!of_both || i % 2, (i + 2 + of_both) % VOTERS), &call);
    gate_open(&gate, world);
    need(store_wait(world->events.store, call.ticket, &err));
    tell(world, of, before);
}

// ---- All

static void count_ballots(struct service_world *world)
{
    service_must(world, &voters[0], "events.CastBallot", ballot_for(1));
    count_command(world, "a ballot", &voters[1], "events.CastBallot", ballot_for(2));
    world->key = "first";
    service_must(world, &voters[2], "events.CastBallot", ballot_for(3));
    world->key = "second";
    count_command(world, "a ballot with a key", &voters[3], "events.CastBallot", ballot_for(4));
    world->key = NULL;
    count_together(world, "16 ballots together", false);
    count_together(world, "16 ballots of two events together", true);
}

// Judged by a copy that was confirmed after it arrived.
static void count_refusal(struct service_world *world)
{
    struct tally_of_store before = counted();
    need(!service_ask(world, &second_god, "events.CastBallot", ballot_for(0)).ok);
    tell(world, "a refusal", before);
}

// Whether the copy was confirmed for this one.
static bool read_confirms(struct service_world *world)
{
    int64_t before = metric_value(reads);
    service_must(world, &god, "events.GetEvent", seat);
    return metric_value(reads) > before;
}

// A read that had to confirm, and one right behind it; once more when the machine was busy in between.
static void count_reads(struct service_world *world)
{
    struct tally_of_store before, between;
    do {
        do before = counted();
        while (!read_confirms(world));
        between = counted();
        service_must(world, &god, "events.GetEvent", seat);
    } while (clock_mono_ms() - before.ms >= READS_BEHIND_MS);
    print_tally("a read that confirms", before, between);
    tell(world, "a read soon after", between);
}

static void make_deck(struct service_world *world)
{
    service_must(world, &dev, "events.UpdateRole", many);
    const Events__DeckReply *large = (const void *)service_must(world, &god, "events.CreateDeck", deck).reply;
    service_remember(world, "large", large->deck->id);
    service_must(world, &god, "events.CreateEvent", event); // the group's name is known from now on
}

static void play_earlier(struct service_world *world)
{
    for (unsigned i = 0; i < VOTERS; i++) service_must(world, &voters[i], "events.Reserve", seat);
    begin_polling(world);
    service_remember(world, "earlier", service_recall(world, "event"));
    service_remember(world, "earlierpoll", service_recall(world, "poll"));
}

static void count_all(struct service_world *world)
{
    lay_table(world);
    gather(world);
    make_deck(world);
    service_fence(world);
    open_counted(world, "an event");
    play_earlier(world);
    world->key = "the event";
    open_counted(world, "an event with a key");
    world->key = NULL;
    for (unsigned i = 0; i + 1 < VOTERS; i++) service_must(world, &voters[i], "events.Reserve", seat);
    count_command(world, "a seat", &voters[VOTERS - 1], "events.Reserve", seat);
    begin_polling(world);
    count_ballots(world);
    count_refusal(world);
    count_reads(world);
}

int main(int argc, char **argv)
{
    if (argc != 2) return fprintf(stderr, "usage: trips URL\n"), 2;
    struct metrics *metrics = count_from_here();
    struct service_world *world = service_world_counted(argv[1], metrics);
    count_all(world);
    service_world_close(world);
    metrics_destroy(metrics);
    return 0;
}
