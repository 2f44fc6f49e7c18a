#include "services/chain/cluster/sender.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "services/chain/cluster/gone.h"
#include "services/chain/cluster/readback.h"
#include "services/chain/cluster/strangers.h"
#include "services/chain/cluster/turn.h"
#include "services/chain/seats/learn.h"
#include "services/chain/wishes/land.h"

enum {
    PERIOD_MS = 700,
    SOON_MS = 100,
    READ_BACK_MS = 5 * 60 * 1000,
    DEADLINE_MS = 4000,
    TRY_MS = 2000,
    ARENA = 128 << 20,
    ENTRIES_AT_ONCE = 200
};

// ---- What is done

// Events of another key can be read, and not signed for.
static bool is_ours(const struct turn *turn, const struct wish *wish)
{
    return wish->cluster.state == TILL_OFF ||
           memcmp(wish->cluster.authority.bytes, turn->now.authority.bytes, SOLANA_KEY_BYTES) == 0;
}

static void decide_steps(struct turn *turn)
{
    struct err err = {0};
    for (size_t i = 0; i < turn->count; i++) {
        const struct wish *wish = &turn->wishes[i];
        turn->stored[i] = false;
        turn->steps[i] = step_of(wish, &turn->sights[i], clock_unix_ms());
        if (turn->steps[i] != STEP_COMPOSE) continue;
        if (!is_ours(turn, wish) ||
            !compose_wish(wish, &turn->sights[i], &turn->now, cluster_signer(turn->sender->cluster),
                          &turn->composed[i], &err))
            turn->steps[i] = STEP_WAIT;
        if (err.reason) log_err(LOG_ERROR, "chain.sender", &err);
        err = (struct err){0};
    }
}

static bool changes_something(const struct turn *turn)
{
    bool any = false;
    for (size_t i = 0; i < turn->count; i++)
        any |= turn->steps[i] != STEP_WAIT && turn->steps[i] != STEP_SEND;
    return any;
}

static void do_steps(struct turn *turn, struct book_call *b)
{
    for (size_t i = 0; i < turn->count && b->count < ENTRIES_AT_ONCE && !b->failed; i++) {
        if (turn->steps[i] == STEP_COMPOSE)
            turn->stored[i] = land_composed(b, &turn->wishes[i], &turn->composed[i], &turn->now);
        else
            land_step(b, &turn->wishes[i], &turn->sights[i], &turn->now, turn->steps[i]);
    }
}

static bool queue_steps(struct turn *turn, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = turn->sender->cluster->chain, .arena = turn->arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    do_steps(turn, &b);
    if (!book_commit(&b, NULL, err)) return false;
    if (b.count) turn->ticket = b.book->live.ticket;
    return true;
}

// From then on the outbox has it, or it is so.
static void drop_strangers(const struct turn *turn)
{
    for (size_t i = 0; i < turn->count; i++) {
        const struct wish *wish = &turn->wishes[i];
        if (wish->aim.slot == WISH_STRAY && (turn->stored[i] || turn->steps[i] == STEP_LANDED))
            strangers_drop(&turn->sender->cluster->strangers, &wish->aim);
    }
}

// Nothing is sent before it is on the disk; so it is waited also for what others have queued.
static bool store_steps(struct turn *turn, struct err *err)
{
    if (changes_something(turn) && !queue_steps(turn, err)) return false;
    return !turn->ticket || store_wait(turn->sender->cluster->chain->store, turn->ticket, err);
}

// ---- Sending

static bool is_silent(const struct solana_fault *fault)
{
    return fault->code == SOLANA_UNREACHABLE || fault->code == SOLANA_DEADLINE ||
           fault->code == SOLANA_NODE_DOWN || fault->code == SOLANA_RATE_LIMITED;
}

// What is refused now may land later: the node is asked again until the bytes are dead, and it is told once.
// False: the node does not answer.
static bool send_bytes(const struct turn *turn, struct solana_bytes bytes, const struct wish *wish,
                       enum log_level level)
{
    struct solana_signature signature;
    struct solana_fault fault = {.code = SOLANA_OK};
    if (solana_rpc_send(turn->sender->confirmed, bytes, &signature, &fault)) return true;
    const char *refused = fault.tx.has_custom ? solana_refusal_name(fault.tx.custom) : NULL;
    log_at(level, "chain.sender", F_STR("not taken", refused ? refused : fault.message),
           F_INT("kind", wish->aim.kind), F_STR("of", uuid_text(wish->aim.subject).text));
    return !is_silent(&fault);
}

// One that does not answer is left alone until the next turn.
static void send_all(const struct turn *turn)
{
    bool answers = true;
    for (size_t i = 0; answers && i < turn->count; i++) {
        const struct wish *wish = &turn->wishes[i];
        if (turn->stored[i])
            answers = send_bytes(turn, (struct solana_bytes){turn->composed[i].bytes, turn->composed[i].len},
                                 wish, LOG_WARN);
        else if (turn->steps[i] == STEP_SEND)
            answers =
                send_bytes(turn, (struct solana_bytes){wish->job.bytes, wish->job.len}, wish, LOG_DEBUG);
    }
}

// ---- A turn

static void tell_not_landing(struct sender *sender, const struct wishes *wishes)
{
    metric_set(sender->set_apart, wishes_set_apart(wishes));
    metric_set(sender->stuck, wishes_stuck(wishes));
}

// When events said how much it has told, all of which is in the ledger; monotonic.
static int64_t heard_ms(const struct sender *sender)
{
    int64_t now_ms = clock_mono_ms(), age_ms = seats_told_age_ms(sender->cluster->chain);
    return age_ms < now_ms ? now_ms - age_ms : 0;
}

static bool gather_wishes(struct turn *turn, struct wishes *wishes, const struct wishes *strays,
                          struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = turn->sender->cluster->chain, .arena = turn->arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    wishes_gather(wishes, b.book, &turn->now.authority, b.now_ms);
    for (size_t i = 0; i < strays->count; i++) wishes_stray(wishes, b.book, &strays->all[i]);
    if (strangers_wish(&turn->sender->cluster->strangers, wishes, b.book, heard_ms(turn->sender)))
        turn->sender->read_back_ms = 0; // its payment is there by now
    if (replica_all_know(b.chain->replica, LISTS_OPENED_SINCE)) wishes_lists(wishes, b.book);
    turn->ticket = b.book->live.ticket;
    tell_not_landing(turn->sender, wishes);
    return book_filled(wishes->failed ? NULL : wishes, err);
}

static bool do_wishes(struct turn *turn, const struct wishes *strays, struct err *err)
{
    struct wishes wishes = {.arena = turn->arena};
    bool ok = gather_wishes(turn, &wishes, strays, err);
    for (size_t from = 0; ok && from < wishes.count; from += TURN_WISHES) {
        size_t left = wishes.count - from;
        turn->wishes = wishes.all + from;
        turn->first = from;
        turn->count = left < TURN_WISHES ? left : TURN_WISHES;
        if (!turn_look(turn)) return err_fail(err, CLUSTER_AWAY, "the node does not answer");
        decide_steps(turn);
        ok = store_steps(turn, err);
        if (ok) drop_strangers(turn);
        if (ok) send_all(turn);
    }
    if (!turn->asked) past_begin_anew(&turn->sender->past);
    return ok;
}

static void begin_turn(struct turn *turn)
{
    struct cluster *cluster = turn->sender->cluster;
    cluster_now(cluster, &turn->now);
    pthread_mutex_lock(&cluster->lock);
    turn->now.finalized_height = cluster->now.finalized_height;
    turn->finalized_slot = cluster->finalized_slot;
    pthread_mutex_unlock(&cluster->lock);
}

// A node may answer everything but this, and until then no seat can be paid for.
static bool note_unread(struct sender *sender, const struct err *err)
{
    if (!sender->unread && err_is(err, CLUSTER_AWAY))
        log_error("chain.sender", F_STR("what the cluster has can't be read", err->message));
    sender->unread = true;
    return false;
}

// What was read back when the process started, and again now and then: what a restore has forgotten may still
// have been on its way. What wallets were paid comes before what tickets cost, so credit that has left the
// wallet pays for none.
static bool read_back(struct turn *turn, struct wishes *strays, struct err *err)
{
    struct sender *sender = turn->sender;
    const struct readback readback = {sender->cluster, sender->finalized, turn->finalized_slot,
                                      turn->now.finalized_height};
    struct wishes strangers = {.arena = turn->arena};
    const struct unknown unknown = {strays, &strangers};
    if (clock_mono_ms() < sender->read_back_ms) return true;
    if (!forgotten_read(&sender->forgotten, &readback, turn->arena, err) ||
        !readback_all(&readback, &unknown, err) || !gone_read(&readback, turn->arena, err))
        return note_unread(sender, err);
    strangers_take(&sender->cluster->strangers, &strangers, clock_mono_ms());
    sender->unread = false;
    sender->read_back_ms = clock_mono_ms() + READ_BACK_MS;
    return true;
}

static bool do_turn(struct turn *turn, struct err *err)
{
    struct cluster *cluster = turn->sender->cluster;
    struct wishes strays = {.arena = turn->arena};
    begin_turn(turn);
    if (!turn->now.healthy) return true;
    bool holds = replica_holds(cluster->chain->replica, CHAIN_PROJECTS);
    if (!holds || !turn->sender->since_slot) turn->sender->since_slot = holds ? turn->finalized_slot : 0;
    if (!holds) { // the other process tells of them: here are none
        tell_not_landing(turn->sender, &strays);
        strangers_take(&cluster->strangers, NULL, 0);
    }
    if (!holds && cluster_is_read_back(cluster)) return true;
    if (!read_back(turn, &strays, err)) return false;
    bool ok = do_wishes(turn, &strays, err);
    if (ok) atomic_store(&cluster->read_back, true);
    if (!ok && strays.count) turn->sender->read_back_ms = 0; // what nobody remembers is read again
    return ok;
}

static bool is_passing(const struct err *err)
{
    return err_is(err, CONFLICT) || err_is(err, STORE_AWAY) || err_is(err, STORE_FULL) ||
           err_is(err, SERVICE_BUSY) || err_is(err, CLUSTER_AWAY);
}

static int64_t sender_work(void *arg)
{
    struct sender *sender = arg;
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, ARENA);
    struct turn *turn = arena_new(&arena, struct turn);
    if (turn) {
        turn->sender = sender;
        turn->arena = &arena;
    }
    bool ok = turn ? do_turn(turn, &err) : book_filled(NULL, &err);
    arena_finish(&arena);
    if (!ok && !sender->complained && !is_passing(&err)) log_err(LOG_ERROR, "chain.sender", &err);
    sender->complained = !ok;
    return ok ? PERIOD_MS : SOON_MS;
}

static bool open_clients(struct sender *sender, struct err *err)
{
    struct solana_fault fault;
    struct solana_rpc_options options = {.url = sender->cluster->chain->settings.solana_rpc,
                                         .commitment = SOLANA_FINALIZED,
                                         .deadline_ms = DEADLINE_MS,
                                         .try_ms = TRY_MS};
    if (!solana_rpc_create(&sender->finalized, &options, &fault)) return solana_fault_err(&fault, err);
    options.commitment = SOLANA_CONFIRMED;
    return solana_rpc_create(&sender->confirmed, &options, &fault) || solana_fault_err(&fault, err);
}

bool sender_start(struct sender **out, struct cluster *cluster, struct err *err)
{
    struct sender *sender = *out = calloc(1, sizeof *sender);
    if (!sender) return err_fail(err, INTERNAL_ERROR, "out of memory");
    sender->cluster = cluster;
    sender->set_apart = metrics_gauge(cluster->chain->metrics, "conse_chain_cluster_set_apart",
                                      "Refunds, payments of winners and ends of tickets that don't land; "
                                      "nothing else waits for them.",
                                      "");
    sender->stuck = metrics_gauge(cluster->chain->metrics, "conse_chain_cluster_stuck",
                                  "Transactions that have not landed for a week.", "");
    return open_clients(sender, err) &&
           periodic_start(&sender->thread, "chain.sender", SOON_MS, sender_work, sender, err);
}

void sender_stop(struct sender *sender)
{
    if (!sender) return;
    periodic_stop(sender->thread);
    solana_rpc_destroy(sender->finalized);
    solana_rpc_destroy(sender->confirmed);
    free(sender);
}
