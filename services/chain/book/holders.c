#include "services/chain/book/holders.h"

#include <inttypes.h>
#include <string.h>

static bool refuse_holder(const struct book *book, struct err *err, const char *why)
{
    return err_fail(err, INTERNAL_ERROR, "entry %" PRIu64 " of the ledger: %s", book->seq + 1, why);
}

static bool is_key(const struct book *book, uint32_t account)
{
    return !ledger_account_is_kept(&book->accounts.holdings[account].account);
}

bool holders_may_receive(const struct book *book, uint32_t account)
{
    uint8_t kind = book->accounts.holdings[account].owner_kind;
    return kind == LEDGER_USER || kind == LEDGER_KEY;
}

// Whose account it was then may be gone since.
static bool may_have_received(const struct book *book, uint32_t account)
{
    bool nobodys = book->accounts.holdings[account].owner_kind == LEDGER_NOBODY;
    return holders_may_receive(book, account) || (nobodys && account != 0);
}

static bool takes_from_key(const struct book *book, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->amount < 0 && is_key(book, entry->postings[i]->account)) return true;
    return false;
}

// One amount of CONSE, from a key's account to another. The postings balance.
static bool fill_parties(const struct book *book, const Ledger__Entry *entry, struct ledger_order *order)
{
    if (entry->n_postings != 2) return false;
    size_t debit = entry->postings[0]->amount < 0 ? 0 : 1;
    const Ledger__Posting *from = entry->postings[debit], *to = entry->postings[1 - debit];
    if (!is_key(book, from->account) || !may_have_received(book, to->account) || from->asset != BOOK_CONSE)
        return false;
    order->from = book->accounts.holdings[from->account].account;
    order->to = book->accounts.holdings[to->account].account;
    order->asset = to->asset;
    order->amount = (uint64_t)to->amount;
    return true;
}

bool holders_order(const struct book *book, const Ledger__Entry *entry, struct ledger_order *order)
{
    const Ledger__KeyTransferred *body = entry->key_transferred;
    if (entry->body_case != LEDGER__ENTRY__BODY_KEY_TRANSFERRED || body->nonce.len != sizeof order->nonce ||
        body->signature.len != sizeof order->signature || !fill_parties(book, entry, order))
        return false;
    order->issued_ms = body->issued_ms;
    memcpy(order->nonce, body->nonce.data, sizeof order->nonce);
    memcpy(order->signature, body->signature.data, sizeof order->signature);
    return true;
}

// What a holder said, in either form.
struct claim {
    struct merkle_hash id;
    uint64_t issued_ms;
};

static bool read_message(const struct book *book, const Ledger__Entry *entry, struct claim *claim)
{
    struct coinixerr_transaction transaction;
    if (!messages_read(book, entry, &transaction)) return false;
    coinixerr_id(&transaction, claim->id.bytes);
    claim->issued_ms = holders_issued_ms(&transaction);
    return true;
}

static bool read_claim(const struct book *book, const Ledger__Entry *entry, struct claim *claim)
{
    struct ledger_order order;
    if (entry->body_case == LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED)
        return read_message(book, entry, claim);
    if (!holders_order(book, entry, &order)) return false;
    *claim = (struct claim){ledger_order_id(&order), order.issued_ms};
    return true;
}

static bool is_claimed(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_KEY_TRANSFERRED ||
           entry->body_case == LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED;
}

uint64_t holders_issued_ms(const struct coinixerr_transaction *transaction)
{
    bool fits = transaction->issued_s >= 0 && transaction->issued_s < INT64_MAX / 1000;
    return fits ? (uint64_t)transaction->issued_s * 1000 : 0;
}

bool holders_check(struct book *book, const Ledger__Entry *entry, struct err *err)
{
    struct claim claim;
    if (!is_claimed(entry))
        return !takes_from_key(book, entry) ||
               refuse_holder(book, err, "it takes from a key's account without its holder");
    if (!read_claim(book, entry, &claim)) return refuse_holder(book, err, "it is not what a holder signs");
    if (!ledger_is_timely(claim.issued_ms, entry->time_ms))
        return refuse_holder(book, err, "what it carries out was signed at another time");
    if (ledger_repeats_find(&book->repeats, &claim.id, claim.issued_ms))
        return refuse_holder(book, err, "what it carries out was carried out before");
    return ledger_repeats_reserve(&book->repeats, claim.issued_ms) ||
           refuse_holder(book, err, "out of memory");
}

bool holders_verify(const struct book *book, const Ledger__Entry *entry, struct ledger_map *seen,
                    struct err *err)
{
    struct ledger_order order;
    bool ok = !is_claimed(entry) ||
              (holders_order(book, entry, &order) ? ledger_order_verify(&order, &book->blocks.chain)
                                                  : messages_verify(book, entry, seen));
    return ok ||
           err_fail(err, STORE_CORRUPT,
                    "what entry %" PRIu64 " of the ledger moves was not signed by its holder", book->seq + 1);
}

void holders_undo(struct book *book, const Ledger__Entry *entry)
{
    struct claim claim;
    if (read_claim(book, entry, &claim)) ledger_repeats_drop(&book->repeats, &claim.id, claim.issued_ms);
}

void holders_apply(struct book *book, const Ledger__Entry *entry)
{
    struct claim claim;
    if (read_claim(book, entry, &claim))
        ledger_repeats_put(&book->repeats, &claim.id, claim.issued_ms, book->seq);
}
