// The holder of a key, for tests: signs orders as docs/ledger.md has them.
#ifndef CHAIN_TESTING_HOLDER_H
#define CHAIN_TESTING_HOLDER_H

#include "lib/base/base58.h"
#include "services/chain/book/holders.h"
#include "services/chain/testing/house.h"

struct holder {
    uint8_t secret_key[64];
    struct ledger_account key;
    char address[BASE58_KEY_TEXT];
};

static inline struct holder holder_of(uint8_t number)
{
    struct holder holder;
    const uint8_t seed[32] = {number, 1};
    crypto_sign_seed_keypair(holder.key.bytes, holder.secret_key, seed);
    base58_encode(holder.address, sizeof holder.address, holder.key.bytes, sizeof holder.key.bytes);
    return holder;
}

static inline struct ledger_order holder_order(const struct house *house, const struct holder *holder,
                                               const struct ledger_account *to, uint64_t amount,
                                               uint8_t nonce)
{
    struct ledger_order order = {.from = holder->key,
                                 .to = *to,
                                 .asset = BOOK_CONSE,
                                 .amount = amount,
                                 .issued_ms = (uint64_t)house->now_ms,
                                 .nonce = {nonce}};
    ledger_order_sign(&order, &house->chain.id, holder->secret_key);
    return order;
}

// What a request of SubmitKeyOrder is; valid until the next one.
static inline const char *holder_request(const struct ledger_order *order)
{
    static char request[512];
    uint8_t bytes[LEDGER_ORDER_BYTES];
    char text[4 * LEDGER_ORDER_BYTES / 3 + 8];
    ledger_order_encode(order, bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
    snprintf(request, sizeof request, "{'bytes': '%s'}", text);
    return request;
}

static inline int64_t holder_balance(struct house *house, const struct holder *holder)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    uint32_t number = ledger_accounts_find_bytes(&b.book->accounts, &holder->key);
    int64_t balance =
        number == LEDGER_NO_ACCOUNT ? -1 : ledger_balance(&b.book->accounts, number, BOOK_CONSE);
    book_end(&b);
    return balance;
}

// The holder's account, opened with what Ann got for it.
static inline void holder_begin(struct house *house, const struct holder *holder, int amount)
{
    char request[160];
    snprintf(request, sizeof request, "{'to_user_id': '" ANN "', 'amount': '%d', 'memo': 'start'}", amount);
    house_must(house, DEV, "chain.Grant", request);
    snprintf(request, sizeof request, "{'to_address': '%s', 'amount': '%d'}", holder->address, amount);
    house_must(house, ANN, "chain.Transfer", request);
}

#endif
