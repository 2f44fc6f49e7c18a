#include "services/chain/cluster/funds.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "services/chain/book/call.h"
#include "services/chain/cluster/tickets.h"

enum { PERIOD_MS = 5000, AGAIN_MS = 2000, ARENA = 1 << 16 };
enum { LEAST_LAMPORTS = 20000000 }; // an event has a quarter of it

void funds_init(struct funds *funds, struct chain *chain)
{
    *funds = (struct funds){.chain = chain};
    funds->credit =
        metrics_gauge(chain->metrics, "conse_chain_credit_lamports",
                      "What accounts have as credit in LAMPORTS, and what of it is on its way to wallets "
                      "and seats.",
                      "");
    funds->metric = metrics_gauge(chain->metrics, "conse_chain_authority_lamports",
                                  "What the wallet has that pays for events on the cluster.", "");
}

// All that was issued and is not gone; and that without what tickets cost that are there, and not final.
struct credit_there {
    int64_t all, in_wallet;
};

static struct credit_there credit_of(const struct book *book)
{
    int64_t all = -ledger_balance(&book->accounts, 0, BOOK_LAMPORTS), paid = 0;
    for (const struct till_event *event = NULL; (event = till_next_event(&book->till, event));)
        for (const struct till_payment *of = event->first; of; of = of->next)
            if (tickets_is_unsettled(&of->payment)) paid += of->payment.standing.permit.credit;
    return (struct credit_there){all, all - paid};
}

// False: the ledger can't be entered now.
static bool read_credit(struct chain *chain, struct credit_there *credit)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, ARENA);
    struct book_call b = {.chain = chain, .arena = &arena};
    bool ok = book_begin_own(&b, clock_unix_ms(), false, &err);
    if (ok) *credit = credit_of(b.book);
    book_end(&b);
    arena_finish(&arena);
    return ok;
}

static void note_credit(struct funds *funds, uint64_t lamports, const struct credit_there *credit)
{
    bool uncovered = credit->all && lamports < (uint64_t)credit->in_wallet + CLUSTER_KEEPS;
    metric_set(funds->credit, credit->all);
    if (uncovered && !funds->uncovered)
        log_error("chain.cluster",
                  F_STR("low", "the authority can't pay all credit out: none pays for seats"),
                  F_INT("lamports", (int64_t)lamports), F_INT("credit", credit->in_wallet));
    funds->uncovered = uncovered;
}

static void note_balance(struct funds *funds, uint64_t lamports)
{
    struct cluster *cluster = funds->chain->cluster;
    pthread_mutex_lock(&cluster->lock);
    cluster->now.lamports = lamports;
    pthread_mutex_unlock(&cluster->lock);
    const bool little = lamports < LEAST_LAMPORTS, low = little && funds->little;
    metric_set(funds->metric, (int64_t)lamports);
    if (little && !low) funds->due_ms = clock_mono_ms() + AGAIN_MS;
    funds->little = little;
    if (low && !funds->low)
        log_error("chain.cluster", F_STR("low", "the authority can't pay for events"),
                  F_INT("lamports", (int64_t)lamports));
    funds->low = low;
}

void funds_look(struct funds *funds, struct solana_rpc *rpc, const struct solana_key *authority)
{
    struct solana_fault fault;
    uint64_t lamports;
    int64_t now_ms = clock_mono_ms();
    struct credit_there credit;
    if (now_ms < funds->due_ms) return;
    funds->due_ms = now_ms + PERIOD_MS;
    if (!solana_rpc_balance(rpc, authority, &lamports, &fault)) return;
    note_balance(funds, lamports);
    if (read_credit(funds->chain, &credit)) note_credit(funds, lamports, &credit);
}
