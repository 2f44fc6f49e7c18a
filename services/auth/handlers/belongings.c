#include "services/auth/handlers/belongings.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/log.h"
#include "lib/rpc/client.h"
#include "services/auth/auth.h"

enum { ASK_MS = 500, ASKS_MOST = 1 }; // or deletions could hold all threads while chain is slow

// The words of a refusal, one thing after another.
struct listing {
    char text[224];
    size_t len;
};

static void list_thing(struct listing *listing, int64_t count, const char *what)
{
    size_t room = sizeof listing->text - listing->len;
    if (!count) return;
    int n = snprintf(listing->text + listing->len, room, "%s%" PRId64 " %s", listing->len ? ", " : "", count,
                     what);
    if (n > 0 && (size_t)n < room) listing->len += (size_t)n;
}

bool belongings_judge(const Chain__Belongings *left, struct err *err)
{
    int64_t amounts[LEDGER__ASSET__KIND__CARD + 1] = {0};
    struct listing listing = {.len = 0};
    for (size_t i = 0; i < left->n_balances; i++) {
        const Chain__Balance *balance = left->balances[i];
        if (balance->kind <= LEDGER__ASSET__KIND__CARD) amounts[balance->kind] += balance->amount;
    }
    list_thing(&listing, amounts[LEDGER__ASSET__KIND__CONSE], "hundredths of CONSE");
    list_thing(&listing, amounts[LEDGER__ASSET__KIND__LAMPORTS], "lamports of credit");
    list_thing(&listing, amounts[LEDGER__ASSET__KIND__CARD], "role cards");
    list_thing(&listing, left->orders, "open orders");
    list_thing(&listing, left->payments, "payments for seats");
    list_thing(&listing, left->withdrawing, "lamports on their way to a wallet");
    list_thing(&listing, left->minting, "role cards on their way to a wallet");
    return !listing.len || err_fail(err, BELONGINGS_LEFT, "the account still has %s", listing.text);
}

static bool ask_chain(struct rpc_call *call, const char *user_id, const Chain__Belongings **left,
                      struct err *err)
{
    const struct auth *auth = call->service;
    const struct rpc_client_options options = {.service = "chain",
                                               .self = CONSE__ASKER__VALUE__AUTH,
                                               .address = auth->chain,
                                               .bus_keys = auth->bus_keys};
    Chain__BelongingsRequest request = CHAIN__BELONGINGS_REQUEST__INIT;
    struct rpc_client *client;
    ProtobufCMessage *reply;
    if (!rpc_client_create(&client, &options, err)) return false;
    request.user_id = user_id;
    bool ok =
        rpc_client_ask(client, "chain.GetBelongings", NULL, &request.base, ASK_MS, call->arena, &reply, err);
    rpc_client_destroy(client);
    if (ok) *left = (const Chain__Belongings *)reply;
    return ok;
}

static bool ask_in_turn(struct rpc_call *call, const char *user_id, const Chain__Belongings **left,
                        struct err *err)
{
    struct auth *auth = call->service;
    bool free_line = atomic_fetch_add(&auth->asking, 1) < ASKS_MOST;
    bool ok = free_line ? ask_chain(call, user_id, left, err)
                        : err_fail(err, SERVICE_BUSY, "another account is asked about");
    atomic_fetch_sub(&auth->asking, 1);
    return ok;
}

bool belongings_none(struct rpc_call *call, const char *user_id, struct err *err)
{
    const struct auth *auth = call->service;
    const Chain__Belongings *left;
    struct err failure = {0};
    if (!auth->chain) return true;
    if (ask_in_turn(call, user_id, &left, &failure)) return belongings_judge(left, err);
    log_err(LOG_WARN, "chain does not say what an account has", &failure);
    err_fail(err, SERVICE_AWAY, "what the account has is not known now");
    err->retry_after_s = 1;
    return false;
}
