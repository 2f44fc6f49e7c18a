#include "services/chain/node/judge.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "services/chain/book/holders.h"
#include "services/chain/book/pay.h"
#include "services/chain/book/walk.h"
#include "services/chain/node/addresses.h"
#include "services/chain/tables.h"

enum { ARENA = 16 << 20, TRIES = 5 };

// A message, as far as it was judged.
struct message_case {
    struct judge *judge;
    struct coinixerr_transaction transaction;
    struct ledger_account from, to;
    struct merkle_hash id;
    uint64_t issued_ms;
    int64_t now_ms;
    uint64_t earlier; // the entry that carried it out before; 0: none did
    int64_t signed_ms;
};

// ---- Life

static bool has_addresses(struct chain *chain, struct arena *arena, bool *any, struct err *err)
{
    const struct store_query query = {.limit = 1, .page_token = ""};
    struct store_rows rows;
    if (!store_find(chain->store, &chain_tables[CHAIN_ADDRESSES], &query, arena, &rows, err)) return false;
    *any = rows.count;
    return true;
}

static bool load_secret(struct judge *judge, struct err *err)
{
    AUTO_KEYS struct key_set keys = {.count = 0};
    struct chain *chain = judge->chain;
    bool any;
    if (!has_addresses(chain, &judge->arena, &any, err) ||
        (any &&
         !keyring_expect(chain->keys, CHAIN_KEY_COINIXERR, "addresses of keys are made with it", err)) ||
        !keyring_load(chain->keys, CHAIN_KEY_COINIXERR, &keys, err))
        return false;
    const struct key *first = &keys.keys[keys.count - 1];
    judge->addresses = coinixerr_salt_of(first->bytes, "address");
    judge->hashes = coinixerr_salt_of(first->bytes, "hash");
    return true;
}

bool judge_open(struct judge *judge, struct chain *chain, struct err *err)
{
    *judge = (struct judge){.chain = chain};
    arena_init(&judge->arena, ARENA);
    if (load_secret(judge, err)) return true;
    judge_close(judge);
    return false;
}

void judge_close(struct judge *judge) { arena_finish(&judge->arena); }

// ---- What needs the message alone

static bool check_form(struct message_case *c, const uint8_t *message, size_t length, struct err *err)
{
    struct coinixerr_transaction *transaction = &c->transaction;
    if (!coinixerr_decode(transaction, message, length))
        return err_fail(err, MALFORMED, "this is no transaction");
    if (transaction->type != COINIXERR_REGULAR)
        return err_fail(err, INVALID_FIELD, "only regular transactions are carried out");
    if (transaction->amount <= 0) return err_fail(err, INVALID_FIELD, "the amount is at least 1");
    if (transaction->has_hash) return err_fail(err, INVALID_FIELD, "the hash is for the node to say");
    if (!transaction->has_signature) return err_fail(err, SIGNATURE_INVALID, "there is no signature");
    return true;
}

static bool check_signed(struct message_case *c, struct err *err)
{
    const struct coinixerr_transaction *transaction = &c->transaction;
    c->issued_ms = holders_issued_ms(transaction);
    if (!ledger_is_timely(c->issued_ms, c->now_ms))
        return err_fail(err, ORDER_TOO_OLD, "it was issued too long ago, or for later");
    if (!coinixerr_verify(transaction))
        return err_fail(err, SIGNATURE_INVALID, "the signature is not the key's over this transaction");
    if (!coinixerr_has_salt(&transaction->from, &c->judge->addresses) ||
        !coinixerr_has_salt(&transaction->to, &c->judge->addresses))
        return err_fail(err, NOT_FOUND, "an address is of another installation");
    memcpy(c->from.bytes, transaction->public_key, sizeof c->from.bytes);
    coinixerr_id(transaction, c->id.bytes);
    return true;
}

// ---- What needs the ledger

// Who could not pay is told so before anything is hashed.
static bool check_funds(struct message_case *c, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = c->judge->chain, .arena = &c->judge->arena};
    if (!book_begin_own(&b, c->now_ms, false, err)) return false;
    if (ledger_repeats_find(&b.book->repeats, &c->id, c->issued_ms)) return true;
    uint32_t from = ledger_accounts_find_bytes(&b.book->accounts, &c->from);
    int64_t balance = from == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b.book->accounts, from, BOOK_CONSE);
    return balance >= c->transaction.amount || err_fail(err, FUNDS_SHORT, "the account has less");
}

static bool find_parties(struct message_case *c, struct err *err)
{
    struct judge *judge = c->judge;
    const char *own;
    if (!addresses_make(judge->chain, &judge->addresses, &c->from, &judge->arena, &own, err)) return false;
    if (strcmp(own, c->transaction.from.text) != 0)
        return err_fail(err, INVALID_FIELD, "from_address is not the key's");
    return addresses_key(judge->chain, &c->transaction.to, &judge->arena, &c->to, err);
}

static bool pay_once(struct message_case *c, bool fresh, uint64_t *ticket, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = c->judge->chain, .arena = &c->judge->arena};
    Ledger__CoinixerrTransferred body = LEDGER__COINIXERR_TRANSFERRED__INIT;
    uint8_t message[COINIXERR_BYTES_MAX];
    const Ledger__Entry *entry;
    body.message = (ProtobufCBinaryData){messages_pack(&c->transaction, message), message};
    const struct book_payment payment = {.from = c->from,
                                         .to = c->to,
                                         .amount = (uint64_t)c->transaction.amount,
                                         .issued_ms = c->issued_ms,
                                         .id = c->id,
                                         .format = MESSAGES_FORMAT,
                                         .which = LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED,
                                         .body = &body.base};
    if (!book_begin_own(&b, c->now_ms, fresh, err) || !book_pay(&b, &payment, &entry, &c->earlier, err))
        return false;
    if (!book_commit(&b, NULL, err)) return false;
    c->signed_ms = b.now_ms;
    *ticket = b.book->live.ticket;
    return true;
}

// Another process may have written first; then it is decided again.
static bool pay_durably(struct message_case *c, struct err *err)
{
    for (int tries = 0;; tries++) {
        uint64_t ticket;
        *err = (struct err){0};
        if (pay_once(c, tries > 0, &ticket, err) &&
            (!ticket || store_wait(c->judge->chain->store, ticket, err)))
            return true;
        bool again = err_is(err, CONFLICT) || err_is(err, SERVICE_BUSY);
        if (!again || tries == TRIES) return false;
    }
}

// Of one that was carried out before: when that was.
static bool read_earlier(struct message_case *c, struct err *err)
{
    if (!c->earlier) return true;
    const Ledger__Entry *entry = walk_read(c->judge->chain, c->earlier, &c->judge->arena, err);
    if (!entry) return err->reason ? false : err_fail(err, SERVICE_BUSY, "it is being written");
    c->signed_ms = entry->time_ms;
    return true;
}

// ---- The answer

static bool make_answer(struct message_case *c, struct judge_answer *answer, struct err *err)
{
    char text[COINIXERR_HASHED_MAX];
    struct coinixerr_transaction *transaction = &c->transaction;
    transaction->is_signed = transaction->has_hash = true;
    transaction->signed_s = c->signed_ms / 1000;
    size_t length = coinixerr_hashed_text(transaction, text);
    if (!coinixerr_digest_make(&transaction->hash, &c->judge->hashes, text, length))
        return err_fail(err, SERVICE_BUSY, "it was carried out; send it again for the answer");
    answer->accepted = true;
    answer->length = coinixerr_encode(transaction, answer->bytes);
    return true;
}

// Nothing of what was sent is in it.
static void refuse_message(struct judge_answer *answer, const struct err *err)
{
    const char *why = err_internal(err) ? "a fault of the node" : err->message;
    char line[JUDGE_ANSWER_MAX];
    answer->accepted = false;
    answer->length = (size_t)snprintf(line, sizeof line, "refused %s: %s\n", err_name(err), why);
    memcpy(answer->bytes, line, answer->length);
}

void judge_answer(struct judge *judge, const uint8_t *message, size_t length, int64_t now_ms,
                  struct judge_answer *answer)
{
    struct message_case c = {.judge = judge, .now_ms = now_ms};
    struct err err = {0};
    arena_reset(&judge->arena);
    bool ok = check_form(&c, message, length, &err) && check_signed(&c, &err) && check_funds(&c, &err) &&
              find_parties(&c, &err) && pay_durably(&c, &err) && read_earlier(&c, &err) &&
              make_answer(&c, answer, &err);
    if (!ok) refuse_message(answer, &err);
}
