// Giving CONSE, and issuing it.
#include <string.h>

#include "lib/base/base58.h"
#include "lib/names/names.h"
#include "lib/schema/passport.h"
#include "services/chain/book/acts.h"
#include "services/chain/book/pay.h"
#include "services/chain/handlers/shown.h"
#include "services/chain/ledger/order.h"
#include "services/chain/withdrawals/flow.h"

// Who gets it; after book_begin, which finds a repetition. Nobody's money goes to an account that does not
// exist.
static bool find_receiver(struct chain *chain, const char *user_id, const char *username,
                          struct name_told *told, struct err *err)
{
    bool named = *username, told_of;
    if (named == (*user_id != 0))
        return err_field(err, INVALID_FIELD, "to_user_id", "say who gets it, in one way");
    told_of = named ? names_look_up(chain->names, username, told) : names_get(chain->names, user_id, told);
    if (told_of) return true;
    if (!names_are_fresh(chain->names)) {
        err_fail(err, SERVICE_AWAY, "news from auth is late, so nobody knows who this is");
        err->retry_after_s = 1;
        return false;
    }
    return err_field(err, NOT_FOUND, named ? "to_username" : "to_user_id", "there is no such user");
}

static bool answer_with(struct book_call *b, const Ledger__Entry *entry, uint32_t whose, const char *memo,
                        Chain__TransactionReply *reply, struct err *err)
{
    if (!entry || !shown_answer(b, entry, b->book->seq, whose, reply, err)) return book_filled(NULL, err);
    reply->transaction->memo = memo;
    return true;
}

// ---- Transfers

// What the caller may give away, judged before anything is made.
static bool may_give(const struct book_call *b, uint32_t from, int64_t amount, struct err *err)
{
    const struct ledger_owner giver = book_user(b->call->caller->user_id);
    if (book_is_leaving(b->book, &giver)) return err_fail(err, NOT_FOUND, "the account is being deleted");
    int64_t limit = b->chain->settings.transfer_limit;
    int64_t balance = from == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b->book->accounts, from, BOOK_CONSE);
    if (balance < amount) return err_fail(err, FUNDS_SHORT, "the account has %lld", (long long)balance);
    int64_t spent = book_spent_today(b->book, from, b->now_ms);
    if (limit && amount > limit - spent)
        return err_fail(err, TRANSFER_LIMIT, "of %lld a day, %lld are left", (long long)limit,
                        (long long)(spent < limit ? limit - spent : 0));
    return true;
}

static bool find_key(const Chain__TransferRequest *request, struct ledger_owner *owner, struct err *err)
{
    struct ledger_account key;
    if (*request->to_user_id || *request->to_username)
        return err_field(err, INVALID_FIELD, "to_address",
                         "give one of to_user_id, to_username and to_address");
    if (!base58_decode(key.bytes, sizeof key.bytes, request->to_address) || !ledger_account_is_key(&key))
        return err_field(err, INVALID_FIELD, "to_address", "is not a key that somebody can sign with");
    *owner = (struct ledger_owner){.kind = LEDGER_KEY};
    memcpy(owner->id, key.bytes, sizeof owner->id);
    return true;
}

static bool find_other(const struct rpc_call *call, const Chain__TransferRequest *request,
                       struct ledger_owner *owner, struct err *err)
{
    struct name_told told;
    if (*request->to_address) return find_key(request, owner, err);
    if (!find_receiver(call->service, request->to_user_id, request->to_username, &told, err)) return false;
    if (strcmp(told.user_id.text, call->caller->user_id) == 0)
        return err_field(err, INVALID_FIELD, *request->to_username ? "to_username" : "to_user_id",
                         "is the one who gives");
    *owner = book_user(told.user_id.text);
    return true;
}

static bool may_get(const struct book_call *b, const struct ledger_owner *owner, uint64_t amount,
                    struct err *err)
{
    struct ledger_account key;
    if (book_is_leaving(b->book, owner)) return err_fail(err, NOT_FOUND, "there is no such user");
    memcpy(key.bytes, owner->id, sizeof key.bytes);
    return owner->kind != LEDGER_KEY || book_may_receive(b, &key, amount, err);
}

HANDLER(transfer, Chain__TransferRequest, Chain__TransactionReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct ledger_owner receiver;
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    const struct ledger_owner giver = book_user(call->caller->user_id);
    const int64_t amount = (int64_t)request->amount;
    if (!book_begin(&b, err) || !find_other(call, request, &receiver, err)) return false;
    uint32_t from = ledger_accounts_find(&b.book->accounts, &giver);
    if (!may_give(&b, from, amount, err) || !may_get(&b, &receiver, request->amount, err)) return false;
    struct ledger_posting postings[] = {{from, BOOK_CONSE, -amount},
                                        {book_account(&b, &receiver), BOOK_CONSE, amount}};
    size_t count = ledger_net(postings, 2);
    transferred.memo = book_memo(&b, request->memo);
    const Ledger__Entry *entry =
        book_add(&b, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, postings, count);
    return answer_with(&b, entry, from, request->memo, reply, err) && book_commit(&b, &reply->base, err);
}

// ---- Grants

// INT64_MAX is never passed: neither what one has, nor what there is.
static bool may_issue(const struct book_call *b, uint32_t asset, int64_t amount, struct err *err)
{
    int64_t issued = -ledger_balance(&b->book->accounts, 0, asset);
    return amount <= INT64_MAX - 1 - issued ||
           err_field(err, INVALID_FIELD, "amount", "is more than there may be");
}

HANDLER(grant, Chain__GrantRequest, Chain__TransactionReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct name_told told;
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    const int64_t amount = (int64_t)request->amount;
    const uint32_t asset = request->currency == MONEY__CURRENCY__VALUE__LAMPORTS ? BOOK_LAMPORTS : BOOK_CONSE;
    if (!book_begin(&b, err) ||
        !find_receiver(call->service, request->to_user_id, request->to_username, &told, err))
        return false;
    const struct ledger_owner receiver = book_user(told.user_id.text);
    if (!may_get(&b, &receiver, request->amount, err) || !may_issue(&b, asset, amount, err)) return false;
    uint32_t to = book_account(&b, &receiver);
    const struct ledger_posting postings[] = {{0, asset, -amount}, {to, asset, amount}};
    book_act_granted(&b, told.user_id.text,
                     request->currency ? request->currency : MONEY__CURRENCY__VALUE__CONSE, request->amount);
    granted.by = call->caller->user_id;
    granted.memo = book_memo(&b, request->memo);
    const Ledger__Entry *entry = book_add(&b, LEDGER__ENTRY__BODY_GRANTED, &granted.base, postings, 2);
    if (!answer_with(&b, entry, to, request->memo, reply, err)) return false;
    withdrawal_take_owed(&b, to);
    reply->balance = ledger_balance(&b.book->accounts, to, asset);
    return book_commit(&b, &reply->base, err);
}

const struct rpc_method chain_transfer_methods[] = {
    RPC_METHOD("chain.Transfer", transfer),
    RPC_METHOD("chain.Grant", grant),
    {0},
};
