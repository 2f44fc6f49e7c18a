// Credit in lamports that goes to a wallet.
#include <string.h>

#include "lib/base/base58.h"
#include "lib/base/stamp.h"
#include "lib/replica/replica.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/cluster/wallets.h"
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"
#include "services/chain/withdrawals/flow.h"

enum { PAGE = 20, TEXT = 96, AWAY_RETRY_S = 5 };

// ---- Showing

static const char *show_base58(const void *bytes, size_t len, struct arena *arena)
{
    char text[TEXT];
    return base58_encode(text, sizeof text, bytes, len) ? arena_str(arena, text) : NULL;
}

static Chain__Withdrawal *show_message(const Ledger__Withdrawal *message, struct arena *arena)
{
    struct withdrawal withdrawal;
    Chain__Withdrawal *shown = arena_new(arena, Chain__Withdrawal);
    if (!shown || !withdrawal_read(message, &withdrawal)) return NULL;
    chain__withdrawal__init(shown);
    shown->id = arena_str(arena, uuid_text(withdrawal.id).text);
    shown->state = (Chain__Withdrawal__State)(withdrawal.state + 1);
    shown->amount = withdrawal.amount;
    shown->fee = withdrawal.fee;
    shown->address = show_base58(withdrawal.wallet.bytes, PAYMENT_KEY_BYTES, arena);
    shown->requested_at = stamp_new(arena, withdrawal.asked_ms);
    if (message->ended_ms) shown->ended_at = stamp_new(arena, message->ended_ms);
    if (message->signature.len)
        shown->signature = show_base58(message->signature.data, message->signature.len, arena);
    return arena->failed ? NULL : shown;
}

static Chain__Withdrawal *show_open(const struct withdrawal *withdrawal, struct arena *arena)
{
    Ledger__Withdrawal message;
    withdrawal_write(withdrawal, &message);
    return show_message(&message, arena);
}

static uint32_t account_of(const struct book_call *b)
{
    const struct ledger_owner owner = book_user(b->call->caller->user_id);
    return ledger_accounts_find(&b->book->accounts, &owner);
}

// ---- Asking

// An older process could not read on behind such an entry; a ledger that was restored does not know yet what
// it has paid.
static bool may_write(const struct book_call *b, struct err *err)
{
    const struct cluster *cluster = b->chain->cluster;
    bool known = replica_all_know(b->chain->replica, WITHDRAWALS_SINCE);
    if (known && cluster && cluster_is_read_back(cluster)) return true;
    if (!known)
        err_fail(err, SERVICE_AWAY, "a process of an older version still works beside this one");
    else if (!cluster)
        err_fail(err, CLUSTER_AWAY, "this installation has no cluster");
    else
        err_fail(err, CLUSTER_AWAY, "what was paid on the cluster is not known yet");
    err->retry_after_s = known ? AWAY_RETRY_S : 1;
    return false;
}

static bool may_ask(const struct book_call *b, const struct withdrawal_asked *asked, struct err *err)
{
    const struct ledger_owner owner = book_user(b->call->caller->user_id);
    if (book_is_leaving(b->book, &owner)) return err_fail(err, NOT_FOUND, "the account is being deleted");
    if (asked->amount < WITHDRAWAL_LEAST)
        return err_field(err, INVALID_FIELD, "amount", "is %d at least", WITHDRAWAL_LEAST);
    if (wallet_is_ours(b, &asked->wallet))
        return err_fail(err, ACCOUNT_FORBIDDEN, "the wallet is one of this installation's own");
    int64_t has = asked->account == LEDGER_NO_ACCOUNT
                      ? 0
                      : ledger_balance(&b->book->accounts, asked->account, BOOK_LAMPORTS);
    if (asked->account != LEDGER_NO_ACCOUNT && withdrawals_find(&b->book->withdrawals, asked->account))
        return err_fail(err, WITHDRAWAL_OPEN, "one is on its way");
    return has >= asked->amount || err_fail(err, FUNDS_SHORT, "the account has %lld", (long long)has);
}

HANDLER(withdraw, Chain__WithdrawRequest, Chain__WithdrawalReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct withdrawal_asked asked = {.amount = (int64_t)request->amount};
    if (!book_begin(&b, err) || !wallet_find(&b, request->address, &asked.wallet, err) || !may_write(&b, err))
        return false;
    asked.account = account_of(&b);
    if (!may_ask(&b, &asked, err)) return false;
    const struct withdrawal *withdrawal = withdrawal_ask(&b, &asked);
    reply->withdrawal = withdrawal ? show_open(withdrawal, b.arena) : NULL;
    reply->balance = ledger_balance(&b.book->accounts, asked.account, BOOK_LAMPORTS);
    return book_filled(reply->withdrawal, err) && book_commit(&b, &reply->base, err);
}

// ---- Listing

static bool find_rows(const struct rpc_call *call, const Chain__ListWithdrawalsRequest *request,
                      uint32_t account, struct store_rows *rows, struct err *err)
{
    const struct chain *chain = call->service;
    const struct store_query query = {.index = "by_account",
                                      .equal = {{.number = account}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = request->page_size > 0 ? (uint32_t)request->page_size : PAGE,
                                      .page_token = request->page_token};
    return store_find(chain->store, &chain_tables[CHAIN_WITHDRAWALS], &query, call->arena, rows, err);
}

static bool find_account(struct rpc_call *call, uint32_t *account, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err)) return false;
    *account = account_of(&b);
    return *account == LEDGER_NO_ACCOUNT || rows_reach(&b, err);
}

static bool add_row(Chain__ListWithdrawalsReply *reply, const Ledger__WithdrawalRow *row, struct arena *arena)
{
    Chain__Withdrawal *shown = row->withdrawal ? show_message(row->withdrawal, arena) : NULL;
    if (shown) reply->withdrawals[reply->n_withdrawals++] = shown;
    return shown;
}

HANDLER(list_withdrawals, Chain__ListWithdrawalsRequest, Chain__ListWithdrawalsReply)
{
    struct store_rows rows;
    uint32_t account;
    if (!find_account(call, &account, err)) return false;
    if (account == LEDGER_NO_ACCOUNT) return true;
    if (!find_rows(call, request, account, &rows, err)) return false;
    reply->withdrawals = arena_array(call->arena, rows.count + 1, sizeof *reply->withdrawals);
    if (!reply->withdrawals) return book_filled(NULL, err);
    for (size_t i = 0; i < rows.count; i++)
        if (!add_row(reply, (const Ledger__WithdrawalRow *)rows.messages[i], call->arena))
            return err_fail(err, STORE_CORRUPT, "the row of a withdrawal is none");
    reply->next_page_token = rows.next_page_token;
    return true;
}

const struct rpc_method chain_withdrawal_methods[] = {
    RPC_METHOD("chain.Withdraw", withdraw),
    RPC_METHOD("chain.ListWithdrawals", list_withdrawals),
    {0},
};
