// Giving by a signature alone: what a key's account has.
#include <string.h>

#include "services/chain/book/holders.h"
#include "services/chain/book/pay.h"
#include "services/chain/book/walk.h"
#include "services/chain/handlers/shown.h"

static const uint64_t AMOUNT_MAX = (UINT64_C(1) << 53) - 1;

// One that somebody brings.
struct brought {
    struct rpc_call *call;
    struct ledger_order order;
    uint64_t earlier; // the entry that carried it out before; 0: none did
    uint64_t ticket;  // of that entry at the latest
};

static bool read_order(struct brought *brought, const Chain__SubmitKeyOrderRequest *request, struct err *err)
{
    const struct chain *chain = brought->call->service;
    struct ledger_order *order = &brought->order;
    if (!ledger_order_decode(order, request->bytes.data, request->bytes.len))
        return err_field(err, INVALID_FIELD, "bytes", "an order with its signature has 164 bytes");
    if (order->asset != BOOK_CONSE || !order->amount || order->amount > AMOUNT_MAX)
        return err_field(err, INVALID_FIELD, "bytes", "it moves no amount of CONSE that there may be");
    if (ledger_account_equal(&order->from, &order->to))
        return err_field(err, INVALID_FIELD, "bytes", "it goes to the account that it comes from");
    return ledger_order_verify(order, &chain->id) ||
           err_fail(err, SIGNATURE_INVALID, "the key did not sign this order for this ledger");
}

static bool carry_out(struct brought *brought, Chain__TransactionReply *reply, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = brought->call};
    struct ledger_order *order = &brought->order;
    const Ledger__Entry *entry;
    Ledger__KeyTransferred body = LEDGER__KEY_TRANSFERRED__INIT;
    body.issued_ms = order->issued_ms;
    body.nonce = (ProtobufCBinaryData){sizeof order->nonce, order->nonce};
    body.signature = (ProtobufCBinaryData){sizeof order->signature, order->signature};
    const struct book_payment payment = {.from = order->from,
                                         .to = order->to,
                                         .amount = order->amount,
                                         .issued_ms = order->issued_ms,
                                         .id = ledger_order_id(order),
                                         .format = HOLDERS_FORMAT,
                                         .which = LEDGER__ENTRY__BODY_KEY_TRANSFERRED,
                                         .body = &body.base};
    if (!book_begin(&b, err) || !book_pay(&b, &payment, &entry, &brought->earlier, err)) return false;
    brought->ticket = b.book->live.ticket;
    if (brought->earlier) return true;
    uint32_t from = ledger_accounts_find_bytes(&b.book->accounts, &order->from);
    return shown_answer(&b, entry, b.book->seq, from, reply, err) && book_commit(&b, &reply->base, err);
}

static bool is_same(const struct ledger_order *a, const struct ledger_order *b)
{
    uint8_t left[LEDGER_ORDER_BYTES], right[LEDGER_ORDER_BYTES];
    ledger_order_encode(a, left);
    ledger_order_encode(b, right);
    return memcmp(left, right, LEDGER_ORDER_SIGNED_BYTES) == 0;
}

// What the first answer was, but for the balance. The entry may be on its way to the disk.
static bool show_earlier(struct brought *brought, Chain__TransactionReply *reply, struct err *err)
{
    struct rpc_call *call = brought->call;
    struct chain *chain = call->service;
    struct ledger_order made;
    if (brought->ticket && !store_wait(chain->store, brought->ticket, err)) return false;
    const Ledger__Entry *entry = walk_read(chain, brought->earlier, call->arena, err);
    if (err->reason) return false;
    if (!entry) return err_fail(err, SERVICE_BUSY, "it is being written");
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err)) return false;
    if (!holders_order(b.book, entry, &made) || !is_same(&made, &brought->order))
        return err_fail(err, NONCE_USED, "another order of this key has this nonce");
    uint32_t from = ledger_accounts_find_bytes(&b.book->accounts, &made.from);
    return shown_answer(&b, entry, brought->earlier, from, reply, err);
}

HANDLER(submit_key_order, Chain__SubmitKeyOrderRequest, Chain__TransactionReply)
{
    struct brought brought = {.call = call};
    return read_order(&brought, request, err) && carry_out(&brought, reply, err) &&
           (!brought.earlier || show_earlier(&brought, reply, err));
}

const struct rpc_method chain_signed_methods[] = {
    RPC_METHOD("chain.SubmitKeyOrder", submit_key_order),
    {0},
};
