// What somebody would lose with their account.
#include "services/chain/handlers/shown.h"

HANDLER(get_belongings, Chain__BelongingsRequest, Chain__Belongings)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct shown_balances balances;
    const struct ledger_owner owner = book_user(request->user_id);
    if (!book_begin(&b, err)) return false;
    uint32_t account = ledger_accounts_find(&b.book->accounts, &owner);
    if (account == LEDGER_NO_ACCOUNT) return true;
    if (!shown_balances(b.book, account, &balances, b.arena)) return book_filled(NULL, err);
    const struct exchange_person *person = exchange_person(&b.book->exchange, account);
    reply->balances = balances.balances;
    reply->n_balances = balances.count;
    reply->orders = person ? person->count : 0;
    reply->payments = till_owed(&b.book->till, account);
    const struct withdrawal *withdrawal = withdrawals_find(&b.book->withdrawals, account);
    reply->withdrawing = withdrawal ? withdrawal->amount : 0;
    reply->minting = mints_sent(&b.book->exchange.mints, account) ? 1 : 0;
    return true;
}

const struct rpc_method chain_belonging_methods[] = {
    RPC_METHOD("chain.GetBelongings", get_belongings),
    {0},
};
