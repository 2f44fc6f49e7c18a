// What an entry moves of credit in LAMPORTS, against what its payment says.
#include "services/chain/payments/credit.h"
#include "services/chain/till/parts.h"

struct ledger_owner till_aside(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_SEATING}};
}

static int64_t moved_of(const Ledger__Entry *entry, uint32_t account)
{
    int64_t sum = 0;
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->account == account && entry->postings[i]->asset == TILL_LAMPORTS)
            sum += entry->postings[i]->amount;
    return sum;
}

static int64_t moved_of_fund(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                             const struct ledger_owner *fund)
{
    uint32_t account = ledger_accounts_find(accounts, fund);
    return account == LEDGER_NO_ACCOUNT ? 0 : moved_of(entry, account);
}

// Of who is gone, it is the treasury's.
static int64_t moved_of_payer(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct till_payment *of)
{
    static const struct ledger_owner treasury = {.kind = LEDGER_FUND, .id = {LEDGER_TREASURY}};
    int64_t moved = moved_of(entry, of->account);
    bool same = ledger_accounts_find(accounts, &treasury) == of->account;
    return same ? moved : moved + moved_of_fund(accounts, entry, &treasury);
}

static int64_t sum_kept(const struct till_event *event)
{
    int64_t sum = 0;
    for (const struct till_payment *of = event->first; of; of = of->next) sum += of->payment.standing.kept;
    return sum;
}

// A part of what the seats of its event paid, once, to who won.
static bool may_win(const struct till_payment *of, const struct payment *after, int64_t won)
{
    bool paid_out = after->standing.paid_out && !of->payment.standing.paid_out;
    return paid_out && of->winner && payment_is_by_credit(after) && won > 0 && won <= sum_kept(of->event);
}

const char *till_check_credit(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct till_payment *of, const struct payment *after)
{
    const struct ledger_owner aside = till_aside();
    const struct credit_moves moves = credit_moves(&of->payment, after, 0);
    int64_t won = -moved_of(entry, 0) - moves.issued;
    if (won && !may_win(of, after, won)) return "its credit is another";
    if (moved_of_fund(accounts, entry, &aside) != moves.aside) return "other credit than its own lies aside";
    return moved_of_payer(accounts, entry, of) == moves.account + won ? NULL : "somebody else has its credit";
}
