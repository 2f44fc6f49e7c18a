#include "services/chain/book/pay.h"

#include <string.h>

#include "lib/replica/replica.h"
#include "services/chain/book/holders.h"

bool book_may_receive(const struct book_call *b, const struct ledger_account *to, uint64_t amount,
                      struct err *err)
{
    uint32_t number = ledger_accounts_find_bytes(&b->book->accounts, to);
    if (number != LEDGER_NO_ACCOUNT)
        return holders_may_receive(b->book, number) || err_fail(err, NOT_FOUND, "there is no such account");
    if (!ledger_account_is_key(to)) return err_fail(err, NOT_FOUND, "there is no such account");
    return (int64_t)amount >= b->chain->settings.opening_least ||
           err_fail(err, ACCOUNT_ABSENT, "nobody has this account yet; %lld open it",
                    (long long)b->chain->settings.opening_least);
}

uint32_t book_receiver(struct book_call *b, const struct ledger_account *to)
{
    struct ledger_owner owner = {.kind = LEDGER_KEY};
    uint32_t number = ledger_accounts_find_bytes(&b->book->accounts, to);
    if (number != LEDGER_NO_ACCOUNT) return number;
    memcpy(owner.id, to->bytes, sizeof owner.id);
    return book_account(b, &owner);
}

static bool may_pay(const struct book_call *b, const struct book_payment *payment, uint32_t from,
                    struct err *err)
{
    int64_t balance = from == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b->book->accounts, from, BOOK_CONSE);
    if (!ledger_is_timely(payment->issued_ms, b->now_ms))
        return err_fail(err, ORDER_TOO_OLD, "it was signed too long ago, or for later");
    if (ledger_account_equal(&payment->from, &payment->to))
        return err_fail(err, INVALID_FIELD, "it goes to the account that it comes from");
    if (!book_may_receive(b, &payment->to, payment->amount, err)) return false;
    return balance >= (int64_t)payment->amount ||
           err_fail(err, FUNDS_SHORT, "the account has %lld", (long long)balance);
}

// An older process could not read on behind such an entry.
static bool all_know(const struct book_call *b, uint32_t format, struct err *err)
{
    if (replica_all_know(b->chain->replica, format)) return true;
    err_fail(err, SERVICE_AWAY, "a process of an older version still works beside this one");
    err->retry_after_s = 1;
    return false;
}

bool book_pay(struct book_call *b, const struct book_payment *payment, const Ledger__Entry **entry,
              uint64_t *earlier, struct err *err)
{
    uint32_t from = ledger_accounts_find_bytes(&b->book->accounts, &payment->from);
    int64_t amount = (int64_t)payment->amount;
    *earlier = ledger_repeats_find(&b->book->repeats, &payment->id, payment->issued_ms);
    *entry = NULL;
    if (*earlier) return true;
    if (!may_pay(b, payment, from, err) || !all_know(b, payment->format, err)) return false;
    struct ledger_posting postings[] = {{from, BOOK_CONSE, -amount},
                                        {book_receiver(b, &payment->to), BOOK_CONSE, amount}};
    size_t count = ledger_net(postings, 2);
    *entry = book_add(b, payment->which, payment->body, postings, count);
    return book_filled(*entry, err);
}
