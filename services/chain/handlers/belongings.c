// What somebody would lose with their account.
#include "services/chain/handlers/paid.h"
#include "services/chain/handlers/shown.h"

// What wallets paid goes back to them, whoever's the account is.
static bool is_owed(const struct till_payment *of)
{
    const struct payment *payment = &of->payment;
    bool ledger = payment->currency == PAYMENT_CONSE && !of->event->paid_out;
    return ledger && payment_received(payment) > payment_refunded(payment) + payment_credited(payment);
}

static uint32_t count_payments(const struct book_call *b, uint32_t account)
{
    uint32_t count = 0;
    const struct till_event *event = NULL;
    while ((event = till_next_event(&b->book->till, event)))
        for (const struct till_payment *of = event->first; of; of = of->next)
            count += of->account == account && is_owed(of);
    return count;
}

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
    reply->payments = count_payments(&b, account);
    return true;
}

const struct rpc_method chain_belonging_methods[] = {
    RPC_METHOD("chain.GetBelongings", get_belongings),
    {0},
};
