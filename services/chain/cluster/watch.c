#include "services/chain/cluster/watch.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/chain/cluster/funds.h"
#include "services/chain/cluster/genesis.h"
#include "services/chain/cluster/tickets.h"

enum {
    PERIOD_MS = 400,
    AWAY_PERIOD_MS = 1000,
    AWAY_LONG_MS = 10 * 60 * 1000,
    DEADLINE_MS = 4000,
    TRY_MS = 2000,
    ARENA = 32 << 20,
    AT_ONCE = READING_KEYS_MAX / 2, // two accounts each
    ENTRIES_AT_ONCE = 200
};

struct watch {
    struct cluster *cluster;
    struct periodic *thread;
    struct solana_rpc *finalized, *confirmed;
    struct funds funds;
    struct metric *takes_money;
    struct pulse pulse; // the newest that was believed
    bool seen;          // there is one
    bool away, alerted;
    int64_t away_ms; // monotonic, since when the node is away
    bool complained; // of the ledger
    bool stranger;   // the node lacks an event
};

// ---- How the cluster is

static void publish_pulse(struct watch *watch, bool healthy)
{
    struct cluster *cluster = watch->cluster;
    pthread_mutex_lock(&cluster->lock);
    cluster->now.healthy = healthy;
    if (healthy) {
        cluster->now.name = genesis_name(&watch->pulse.genesis);
        cluster->now.blockhash = watch->pulse.newest.hash;
        cluster->now.last_valid_height = watch->pulse.newest.last_valid_height;
        cluster->now.finalized_height = watch->pulse.finalized_height;
        cluster->now.clock_s = watch->pulse.clock_s;
        cluster->finalized_slot = watch->pulse.finalized_slot;
        cluster->seen_ms = clock_mono_ms();
    }
    pthread_mutex_unlock(&cluster->lock);
    metric_set(watch->takes_money, healthy && cluster_is_read_back(cluster));
}

static void note_away(struct watch *watch, const char *why)
{
    int64_t now_ms = clock_mono_ms();
    if (!watch->away) {
        watch->away_ms = now_ms;
        log_warn("chain.cluster", F_STR("away", why));
    }
    watch->away = true;
    if (watch->alerted || now_ms - watch->away_ms < AWAY_LONG_MS) return;
    watch->alerted = true;
    log_error("chain.cluster", F_STR("away for ten minutes", why));
}

static void note_there(struct watch *watch)
{
    if (watch->away) log_info("chain.cluster", F_STR("node", "answers again"));
    watch->away = watch->alerted = false;
}

static bool look_at_node(struct watch *watch)
{
    struct solana_fault fault = {.code = SOLANA_OK};
    struct pulse pulse;
    const char *wrong = NULL;
    bool ok = reading_pulse(watch->finalized, watch->confirmed, &pulse, &fault);
    if (ok) wrong = pulse_check(watch->seen ? &watch->pulse : NULL, &pulse);
    if (ok && !wrong) {
        watch->pulse = pulse;
        watch->seen = true;
        note_there(watch);
    } else {
        note_away(watch, ok ? wrong : fault.message);
    }
    publish_pulse(watch, ok && !wrong);
    return ok && !wrong;
}

// ---- Tickets

// What is read of some of them, in a finalized state and in a confirmed one.
struct looking {
    struct watch *watch;
    struct arena *arena;
    const struct watched *watched;
    size_t count;
    struct reading finalized, confirmed;
};

static bool gather_tickets(struct looking *looking, struct watched **all, size_t *count, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = looking->watch->cluster->chain, .arena = looking->arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    *all = tickets_gather(b.book, looking->watch->pulse.clock_s, looking->arena, count);
    return book_filled(*all, err);
}

// A node that does not answer has said nothing.
static bool read_tickets(struct looking *looking)
{
    const struct solana_programs *programs = &looking->watch->cluster->now.programs;
    const struct pulse *pulse = &looking->watch->pulse;
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    for (size_t i = 0; i < looking->count; i++) {
        const struct watched *watched = &looking->watched[i];
        keys[2 * i] = tickets_event(programs, &watched->authority, watched->event);
        keys[2 * i + 1] = tickets_address(programs, watched);
    }
    if (!reading_accounts(looking->watch->finalized, keys, 2 * looking->count, pulse->finalized_slot,
                          &looking->finalized, &fault))
        return false;
    if (reading_accounts(looking->watch->confirmed, keys, 2 * looking->count, looking->finalized.slot,
                         &looking->confirmed, &fault))
        return true;
    reading_finish(&looking->finalized);
    return false;
}

// A node that has no such event is of another cluster: that it has no ticket either says nothing.
static bool is_of_cluster(const struct looking *looking, size_t i, struct solana_event *finalized)
{
    const struct solana_programs *programs = &looking->watch->cluster->now.programs;
    struct solana_event confirmed;
    bool there = solana_event_read(finalized, &looking->finalized.accounts[2 * i], programs) &&
                 solana_event_read(&confirmed, &looking->confirmed.accounts[2 * i], programs);
    if (!there && !looking->watch->stranger)
        log_error("chain.cluster", F_STR("odd", "the node has no account of an event"),
                  F_STR("event", uuid_text(looking->watched[i].event).text));
    looking->watch->stranger |= !there; // it is told once
    return there;
}

static void take_ticket(const struct looking *looking, struct book_call *b, size_t i)
{
    const struct solana_programs *programs = &looking->watch->cluster->now.programs;
    struct solana_event event;
    struct sighting finalized = {.watched = &looking->watched[i],
                                 .account = &looking->finalized.accounts[2 * i + 1],
                                 .finalized = true,
                                 .height = looking->watch->pulse.finalized_height};
    const struct sighting confirmed = {.watched = &looking->watched[i],
                                       .account = &looking->confirmed.accounts[2 * i + 1]};
    if (!is_of_cluster(looking, i, &event)) return;
    finalized.settled = event.state == SOLANA_EVENT_SETTLING || event.state == SOLANA_EVENT_SETTLED;
    tickets_take(b, programs, &finalized);
    tickets_take(b, programs, &confirmed);
}

static bool store_tickets(struct looking *looking, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = looking->watch->cluster->chain, .arena = looking->arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (size_t i = 0; i < looking->count && b.count < ENTRIES_AT_ONCE && !b.failed; i++)
        take_ticket(looking, &b, i);
    return book_commit(&b, NULL, err);
}

static bool look_at_some(struct looking *looking, struct err *err)
{
    if (!read_tickets(looking)) return true;
    bool ok = store_tickets(looking, err);
    reading_finish(&looking->finalized);
    reading_finish(&looking->confirmed);
    return ok;
}

static bool look_at_tickets(struct watch *watch, struct arena *arena, struct err *err)
{
    struct looking *looking = arena_new(arena, struct looking);
    struct watched *all;
    size_t count;
    if (!looking) return book_filled(NULL, err);
    looking->watch = watch;
    looking->arena = arena;
    bool ok = gather_tickets(looking, &all, &count, err);
    for (size_t from = 0; ok && from < count; from += AT_ONCE) {
        size_t left = count - from;
        looking->watched = all + from;
        looking->count = left < AT_ONCE ? left : AT_ONCE;
        ok = look_at_some(looking, err);
    }
    return ok;
}

// ---- The thread

static bool is_passing(const struct err *err)
{
    return err_is(err, CONFLICT) || err_is(err, STORE_AWAY) || err_is(err, STORE_FULL) ||
           err_is(err, SERVICE_BUSY);
}

static int64_t watch_work(void *arg)
{
    struct watch *watch = arg;
    struct arena arena;
    struct err err = {0};
    if (!look_at_node(watch)) return AWAY_PERIOD_MS;
    funds_look(&watch->funds, watch->confirmed, &watch->cluster->now.authority);
    if (!replica_holds(watch->cluster->chain->replica, CHAIN_PROJECTS)) return PERIOD_MS;
    arena_init(&arena, ARENA);
    bool ok = look_at_tickets(watch, &arena, &err);
    arena_finish(&arena);
    if (!ok && !watch->complained && !is_passing(&err)) log_err(LOG_ERROR, "chain.cluster", &err);
    watch->complained = !ok;
    return PERIOD_MS;
}

static bool open_clients(struct watch *watch, struct err *err)
{
    struct solana_fault fault;
    struct solana_rpc_options options = {.url = watch->cluster->chain->settings.solana_rpc,
                                         .commitment = SOLANA_FINALIZED,
                                         .deadline_ms = DEADLINE_MS,
                                         .try_ms = TRY_MS};
    if (!solana_rpc_create(&watch->finalized, &options, &fault)) return solana_fault_err(&fault, err);
    options.commitment = SOLANA_CONFIRMED;
    return solana_rpc_create(&watch->confirmed, &options, &fault) || solana_fault_err(&fault, err);
}

bool watch_start(struct watch **out, struct cluster *cluster, struct err *err)
{
    struct watch *watch = *out = calloc(1, sizeof *watch);
    if (!watch) return err_fail(err, INTERNAL_ERROR, "out of memory");
    watch->cluster = cluster;
    funds_init(&watch->funds, cluster->chain);
    watch->takes_money = metrics_gauge(
        cluster->chain->metrics, "conse_chain_cluster_takes_money",
        "1 while seats can be paid for in LAMPORTS, 0 while the node is away or behind, or what "
        "it has was not read yet.",
        "");
    return open_clients(watch, err) &&
           periodic_start(&watch->thread, "chain.watch", 0, watch_work, watch, err);
}

void watch_stop(struct watch *watch)
{
    if (!watch) return;
    periodic_stop(watch->thread);
    solana_rpc_destroy(watch->finalized);
    solana_rpc_destroy(watch->confirmed);
    free(watch);
}
