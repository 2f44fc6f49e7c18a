#include "services/chain/cluster/funds.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"

enum { PERIOD_MS = 5000, LEAST_LAMPORTS = 20000000 }; // an event's rents are about a quarter of it

void funds_init(struct funds *funds, const struct chain *chain)
{
    *funds = (struct funds){.low = false};
    funds->metric = metrics_gauge(chain->metrics, "conse_chain_authority_lamports",
                                  "What the wallet has that pays for events on the cluster.", "");
}

static void note_balance(struct funds *funds, uint64_t lamports)
{
    bool low = lamports < LEAST_LAMPORTS;
    metric_set(funds->metric, (int64_t)lamports);
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
    if (now_ms < funds->due_ms) return;
    funds->due_ms = now_ms + PERIOD_MS;
    if (solana_rpc_balance(rpc, authority, &lamports, &fault)) note_balance(funds, lamports);
}
