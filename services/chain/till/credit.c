// What an entry moves of credit in LAMPORTS, against what its payment says.
#include "services/chain/payments/credit.h"
#include "services/chain/till/parts.h"

struct ledger_owner till_aside(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_SEATING}};
}

struct ledger_owner till_treasury(void)
{
    return (struct ledger_owner){.kind = LEDGER_FUND, .id = {LEDGER_TREASURY}};
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

// What was moved before its owner was gone, as an erased ledger does not have it any more, is the account's.
static int64_t moved_of_payer(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct till_payment *of)
{
    const struct ledger_owner treasury = till_treasury();
    bool gone = ledger_owner_of(accounts, of->account).kind == LEDGER_NOBODY;
    return moved_of(entry, of->account) + (gone ? moved_of_fund(accounts, entry, &treasury) : 0);
}

// Its part of what the seats of its event paid, once.
static int64_t won_by(const struct till_payment *of, const struct payment *after)
{
    bool paid_out = after->standing.paid_out && !of->payment.standing.paid_out;
    return paid_out ? till_won(of) : 0;
}

const char *till_check_credit(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct till_payment *of, const struct payment *after)
{
    const struct ledger_owner aside = till_aside();
    const struct credit_moves moves = credit_moves(&of->payment, after, won_by(of, after));
    if (-moved_of(entry, 0) != moves.issued) return "its credit is another";
    if (moved_of_fund(accounts, entry, &aside) != moves.aside) return "other credit than its own lies aside";
    return moved_of_payer(accounts, entry, of) == moves.account ? NULL : "somebody else has its credit";
}
