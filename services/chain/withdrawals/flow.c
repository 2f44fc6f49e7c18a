#include "services/chain/withdrawals/flow.h"

#include <sodium.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"

static bool add_change(struct book_call *b, const struct withdrawal *withdrawal, const uint8_t *signature,
                       bool found, struct ledger_posting postings[2], size_t count)
{
    Ledger__WithdrawalChanged changed = LEDGER__WITHDRAWAL_CHANGED__INIT;
    Ledger__Withdrawal message;
    withdrawal_write(withdrawal, &message);
    if (signature)
        message.signature = (ProtobufCBinaryData){WITHDRAWAL_SIGNATURE_BYTES, (uint8_t *)signature};
    if (withdrawal->state >= WITHDRAWAL_DONE) message.ended_ms = b->now_ms;
    changed.withdrawal = &message;
    changed.found = found;
    return book_add(b, LEDGER__ENTRY__BODY_WITHDRAWAL_CHANGED, &changed.base, postings,
                    count ? ledger_net(postings, count) : 0);
}

const struct withdrawal *withdrawal_ask(struct book_call *b, const struct withdrawal_asked *asked)
{
    const struct ledger_owner owner = withdrawals_fund();
    struct withdrawal withdrawal = {.account = asked->account,
                                    .amount = asked->amount,
                                    .fee = WITHDRAWAL_FEE,
                                    .wallet = asked->wallet,
                                    .asked_ms = b->now_ms};
    const struct uuid id = uuid_new(b->now_ms);
    uuid_bytes(id.text, withdrawal.id);
    randombytes_buf(withdrawal.reference.bytes, sizeof withdrawal.reference.bytes);
    struct ledger_posting postings[] = {{asked->account, BOOK_LAMPORTS, -asked->amount},
                                        {book_account(b, &owner), BOOK_LAMPORTS, asked->amount}};
    if (b->failed || !add_change(b, &withdrawal, NULL, false, postings, 2)) return NULL;
    return withdrawals_find(&b->book->withdrawals, asked->account);
}

void withdrawal_move(struct book_call *b, const struct withdrawal *open, enum withdrawal_state state,
                     const uint8_t signature[WITHDRAWAL_SIGNATURE_BYTES])
{
    const struct ledger_owner owner = withdrawals_fund();
    struct withdrawal moved = *open;
    bool ends = state >= WITHDRAWAL_DONE;
    uint32_t fund = book_account(b, &owner), to = state == WITHDRAWAL_DONE ? 0 : open->account;
    struct ledger_posting postings[] = {{fund, BOOK_LAMPORTS, -open->amount},
                                        {to, BOOK_LAMPORTS, open->amount}};
    if (open->state == state || b->failed) return;
    moved.state = state;
    add_change(b, &moved, signature, false, postings, ends ? 2 : 0);
    if (ends && to) withdrawal_take_owed(b, to);
}

static bool take_found(struct book_call *b, const struct withdrawal *found, const uint8_t *signature,
                       int64_t taken)
{
    struct ledger_posting postings[] = {{found->account, BOOK_LAMPORTS, -taken}, {0, BOOK_LAMPORTS, taken}};
    return add_change(b, found, signature, true, postings, taken ? 2 : 0);
}

static int64_t covered_of(const struct book_call *b, uint32_t account, int64_t amount)
{
    int64_t has = ledger_balance(&b->book->accounts, account, BOOK_LAMPORTS);
    return has < amount ? has : amount;
}

void withdrawal_find_again(struct book_call *b, const struct withdrawal *found,
                           const uint8_t signature[WITHDRAWAL_SIGNATURE_BYTES])
{
    int64_t taken = covered_of(b, found->account, found->amount);
    log_error("chain.withdrawals",
              F_STR("a withdrawal that the ledger had forgotten", uuid_text(found->id).text),
              F_INT("lamports", found->amount), F_INT("not covered, owed", found->amount - taken));
    take_found(b, found, signature, taken);
}

void withdrawal_take_owed(struct book_call *b, uint32_t account)
{
    const struct withdrawal_owed *owed;
    while (!b->failed && (owed = withdrawals_owed(&b->book->withdrawals, account))) {
        const struct withdrawal_owed of = *owed;
        int64_t taken = covered_of(b, account, of.left);
        if (!taken || !replica_all_know(b->chain->replica, WITHDRAWALS_OWED_SINCE)) return;
        log_warn("chain.withdrawals", F_STR("what was owed is taken", uuid_text(of.withdrawal.id).text),
                 F_INT("lamports", taken), F_INT("left", of.left - taken));
        if (!take_found(b, &of.withdrawal, of.signature, taken)) return;
    }
}
