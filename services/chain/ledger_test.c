#include "services/chain/ledger.h"

#include <sodium.h>

#include "tests/test.h"

enum { PEOPLE = 6, COIN = 0, CARD = 17, BANK = 0, ANN = 1, BOB = 2, EVE = 3 };

struct person {
    struct ledger_account account;
    uint8_t secret[64];
};

static struct person people[PEOPLE]; // the first is the authority
static const struct ledger_account ISSUANCE;

struct encoded {
    uint8_t bytes[LEDGER_TRANSACTION_BYTES_MAX];
    size_t length;
};

static struct ledger_options options(void)
{
    struct ledger_options options = {.chain = {{0xC0}},
                                     .authority = people[BANK].account,
                                     .max_balances = 1000,
                                     .max_transactions = 100000};

    return options;
}

static int set_up(void **state)
{
    struct ledger_options wanted = options();

    *state = ledger_create(&wanted);
    return *state == NULL;
}

static int tear_down(void **state)
{
    ledger_destroy(*state);
    return 0;
}

static void set_key(struct ledger_transaction *transaction, uint32_t key)
{
    memcpy(transaction->key, &key, sizeof(key));
}

static void add_posting(struct ledger_transaction *transaction, struct ledger_account account, uint32_t asset,
                        int64_t amount)
{
    transaction->postings[transaction->posting_count++] = (struct ledger_posting){account, asset, amount};
    ledger_transaction_sort(transaction);
}

static struct ledger_transaction transfer_of(uint32_t key, struct ledger_account from,
                                             struct ledger_account to, int64_t amount)
{
    struct ledger_transaction transaction = {.issued_ms = 1000 + key};

    set_key(&transaction, key);
    add_posting(&transaction, from, COIN, -amount);
    add_posting(&transaction, to, COIN, amount);
    return transaction;
}

static struct encoded sign(struct ledger_transaction transaction, int signer)
{
    struct ledger_options wanted = options();
    struct encoded encoded;

    assert_true(ledger_transaction_sign(&transaction, &wanted.chain, people[signer].secret));
    encoded.length = ledger_transaction_encode(&transaction, encoded.bytes);
    assert_true(encoded.length > 0);
    return encoded;
}

static enum ledger_status post(struct ledger *ledger, struct encoded encoded)
{
    return ledger_post(ledger, encoded.bytes, encoded.length, NULL);
}

static enum ledger_status mint(struct ledger *ledger, uint32_t key, int to, int64_t amount)
{
    return post(ledger, sign(transfer_of(key, ISSUANCE, people[to].account, amount), BANK));
}

static enum ledger_status pay(struct ledger *ledger, uint32_t key, int from, int to, int64_t amount)
{
    return post(ledger, sign(transfer_of(key, people[from].account, people[to].account, amount), from));
}

static int64_t coins(struct ledger *ledger, int person)
{
    return ledger_balance(ledger, &people[person].account, COIN);
}

static void transaction_round_trips_and_nothing_else_decodes(void **state)
{
    struct ledger_transaction transaction = transfer_of(1, people[ANN].account, people[BOB].account, 5);
    struct ledger_transaction back;
    struct encoded again;

    (void)state;
    memcpy(transaction.memo, "seat 7", 6);
    transaction.memo_bytes = 6;
    add_posting(&transaction, people[EVE].account, CARD, -1);
    add_posting(&transaction, people[ANN].account, CARD, 1);
    struct encoded encoded = sign(transaction, ANN);
    assert_true(ledger_transaction_decode(&back, encoded.bytes, encoded.length));
    again.length = ledger_transaction_encode(&back, again.bytes);
    assert_int_equal(again.length, encoded.length);
    assert_memory_equal(again.bytes, encoded.bytes, encoded.length);
    for (size_t length = 0; length < encoded.length; length++)
        assert_false(ledger_transaction_decode(&back, encoded.bytes, length));
    assert_false(ledger_transaction_decode(&back, encoded.bytes, encoded.length + 1));
}

static void malformed_postings_are_refused_both_ways(void **state)
{
    struct ledger_transaction good = transfer_of(1, people[ANN].account, people[BOB].account, 5);
    struct ledger_transaction bad[6] = {good, good, good, good, good, good};
    uint8_t bytes[LEDGER_TRANSACTION_BYTES_MAX];

    (void)state;
    bad[0].posting_count = 1;
    bad[1].posting_count = LEDGER_POSTINGS_MAX + 1;
    bad[2].postings[0].amount = 0;
    bad[3].postings[0].amount = INT64_MIN;
    bad[4].postings[0] = good.postings[1], bad[4].postings[1] = good.postings[0];
    bad[5].postings[1] = good.postings[0];
    for (size_t i = 0; i < 6; i++) assert_int_equal(ledger_transaction_encode(&bad[i], bytes), 0);
    bad[0] = good;
    bad[0].memo_bytes = LEDGER_MEMO_MAX + 1;
    assert_int_equal(ledger_transaction_encode(&bad[0], bytes), 0);

    struct encoded encoded = sign(good, ANN);
    const size_t first = 1 + 32 + 8 + 32 + 1 + 1;
    uint8_t posting[44];
    memcpy(posting, encoded.bytes + first, 44);
    memcpy(encoded.bytes + first, encoded.bytes + first + 44, 44);
    memcpy(encoded.bytes + first + 44, posting, 44);
    assert_int_equal(post(*state, encoded), LEDGER_MALFORMED);
    encoded = sign(good, ANN);
    memset(encoded.bytes + first + 36, 0, 8);
    assert_int_equal(post(*state, encoded), LEDGER_MALFORMED);
    encoded = sign(good, ANN);
    encoded.bytes[0] = 2;
    assert_int_equal(post(*state, encoded), LEDGER_MALFORMED);
}

static void signature_covers_every_byte_and_the_chain(void **state)
{
    struct ledger_options wanted = options();
    struct encoded encoded = sign(transfer_of(1, people[ANN].account, people[BOB].account, 5), ANN);

    (void)state;
    assert_true(ledger_transaction_verify(encoded.bytes, encoded.length, &wanted.chain));
    for (size_t i = 0; i < encoded.length; i++) {
        encoded.bytes[i] ^= 1;
        assert_false(ledger_transaction_verify(encoded.bytes, encoded.length, &wanted.chain));
        encoded.bytes[i] ^= 1;
    }
    wanted.chain.bytes[31] = 1;
    assert_false(ledger_transaction_verify(encoded.bytes, encoded.length, &wanted.chain));
    assert_false(ledger_transaction_verify(encoded.bytes, 20, &wanted.chain));
    assert_false(ledger_transaction_verify(encoded.bytes, LEDGER_TRANSACTION_BYTES_MAX + 1, &wanted.chain));
}

static void coins_come_from_the_issuance_and_move(void **state)
{
    struct ledger *ledger = *state;

    assert_int_equal(mint(ledger, 1, ANN, 100), LEDGER_OK);
    assert_int_equal(pay(ledger, 2, ANN, BOB, 30), LEDGER_OK);
    assert_int_equal(coins(ledger, ANN), 70);
    assert_int_equal(coins(ledger, BOB), 30);
    assert_int_equal(ledger_balance(ledger, &ISSUANCE, COIN), -100);
    assert_int_equal(post(ledger, sign(transfer_of(3, people[BOB].account, ISSUANCE, 30), BOB)), LEDGER_OK);
    assert_int_equal(ledger_balance(ledger, &ISSUANCE, COIN), -70);
    assert_int_equal(coins(ledger, BOB), 0);
}

static void no_balance_goes_below_zero(void **state)
{
    struct ledger *ledger = *state;

    mint(ledger, 1, ANN, 100);
    assert_int_equal(pay(ledger, 2, ANN, BOB, 101), LEDGER_INSUFFICIENT);
    assert_int_equal(pay(ledger, 2, BOB, ANN, 1), LEDGER_INSUFFICIENT);
    assert_int_equal(post(ledger, sign(transfer_of(2, people[BOB].account, people[ANN].account, 1), BANK)),
                     LEDGER_INSUFFICIENT);
    assert_int_equal(coins(ledger, ANN), 100);
    assert_int_equal(ledger_count(ledger), 1);
    assert_int_equal(pay(ledger, 2, ANN, BOB, 100), LEDGER_OK);
}

static void balances_do_not_overflow(void **state)
{
    struct ledger *ledger = *state;

    assert_int_equal(mint(ledger, 1, ANN, INT64_MAX), LEDGER_OK);
    assert_int_equal(mint(ledger, 2, BOB, 1), LEDGER_OVERFLOW);
    assert_int_equal(pay(ledger, 3, ANN, BOB, INT64_MAX), LEDGER_OK);
    assert_int_equal(mint(ledger, 4, BOB, 1), LEDGER_OVERFLOW);
    assert_int_equal(coins(ledger, BOB), INT64_MAX);
}

static void only_the_owner_or_the_authority_debits(void **state)
{
    struct ledger *ledger = *state;

    mint(ledger, 1, ANN, 100);
    assert_int_equal(post(ledger, sign(transfer_of(2, people[ANN].account, people[EVE].account, 5), EVE)),
                     LEDGER_FORBIDDEN);
    assert_int_equal(post(ledger, sign(transfer_of(2, ISSUANCE, people[EVE].account, 5), EVE)),
                     LEDGER_FORBIDDEN);
    assert_int_equal(post(ledger, sign(transfer_of(2, people[ANN].account, people[BOB].account, 5), BANK)),
                     LEDGER_OK);

    struct encoded forged = sign(transfer_of(3, people[EVE].account, people[BOB].account, 5), EVE);
    assert_int_equal(mint(ledger, 4, EVE, 100), LEDGER_OK);
    forged.bytes[forged.length - 1] ^= 8;
    assert_int_equal(post(ledger, forged), LEDGER_FORGED);
}

static void each_asset_balances_by_itself(void **state)
{
    struct ledger_transaction transaction = {.posting_count = 0};

    set_key(&transaction, 1);
    add_posting(&transaction, people[ANN].account, COIN, -5);
    add_posting(&transaction, people[BOB].account, CARD, 5);
    assert_int_equal(post(*state, sign(transaction, BANK)), LEDGER_UNBALANCED);
    // Two to the power of 64 is nothing in a register.
    transaction = (struct ledger_transaction){.posting_count = 0};
    add_posting(&transaction, people[ANN].account, COIN, INT64_MAX);
    add_posting(&transaction, people[BOB].account, COIN, INT64_MAX);
    add_posting(&transaction, people[EVE].account, COIN, 2);
    assert_int_equal(post(*state, sign(transaction, EVE)), LEDGER_UNBALANCED);
    assert_int_equal(ledger_count(*state), 0);
}

// A role card for coins, with the fee: all postings or none.
static void trade_settles_at_once(void **state)
{
    struct ledger *ledger = *state;
    struct ledger_transaction trade = transfer_of(10, people[BOB].account, people[ANN].account, 95);
    struct ledger_transaction card = {.posting_count = 0};

    set_key(&card, 1);
    add_posting(&card, ISSUANCE, CARD, -1);
    add_posting(&card, people[ANN].account, CARD, 1);
    assert_int_equal(post(ledger, sign(card, BANK)), LEDGER_OK);
    mint(ledger, 2, BOB, 99);
    for (size_t i = 0; i < trade.posting_count; i++)
        if (trade.postings[i].amount < 0) trade.postings[i].amount = -100;
    add_posting(&trade, people[BANK].account, COIN, 5);
    add_posting(&trade, people[ANN].account, CARD, -1);
    add_posting(&trade, people[BOB].account, CARD, 1);
    assert_int_equal(post(ledger, sign(trade, BANK)), LEDGER_INSUFFICIENT);
    assert_int_equal(ledger_balance(ledger, &people[ANN].account, CARD), 1);
    mint(ledger, 3, BOB, 1);
    assert_int_equal(post(ledger, sign(trade, BANK)), LEDGER_OK);
    assert_int_equal(ledger_balance(ledger, &people[BOB].account, CARD), 1);
    assert_int_equal(ledger_balance(ledger, &people[ANN].account, CARD), 0);
    assert_int_equal(coins(ledger, ANN), 95);
    assert_int_equal(coins(ledger, BANK), 5);
    assert_int_equal(coins(ledger, BOB), 0);
}

static void key_is_used_once(void **state)
{
    struct ledger *ledger = *state;
    struct encoded paid = sign(transfer_of(2, people[ANN].account, people[BOB].account, 30), ANN);
    struct ledger_block block;
    struct ledger_place place;

    mint(ledger, 1, ANN, 100);
    assert_int_equal(post(ledger, paid), LEDGER_OK);
    assert_int_equal(ledger_post(ledger, paid.bytes, paid.length, &place), LEDGER_REPEATED);
    assert_int_equal(place.index, 1);
    assert_int_equal(pay(ledger, 2, ANN, BOB, 31), LEDGER_KEY_TAKEN);
    assert_int_equal(ledger_seal(ledger, 5, &block), LEDGER_OK);
    mint(ledger, 3, ANN, 1);
    assert_int_equal(ledger_post(ledger, paid.bytes, paid.length, &place), LEDGER_REPEATED);
    assert_int_equal(place.block, 0);
    assert_int_equal(place.index, 1);
    assert_true(ledger_find(
        ledger, (const uint8_t *)"\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", &place));
    assert_int_equal(place.block, 1);
    assert_int_equal(coins(ledger, ANN), 71);
}

static void drop_takes_back_what_was_not_sealed(void **state)
{
    struct ledger *ledger = *state;
    struct ledger_block block;

    mint(ledger, 1, ANN, 100);
    ledger_seal(ledger, 1, &block);
    pay(ledger, 2, ANN, BOB, 100);
    pay(ledger, 3, BOB, EVE, 60);
    pay(ledger, 4, EVE, ANN, 60);
    ledger_drop(ledger);
    assert_int_equal(coins(ledger, ANN), 100);
    assert_int_equal(coins(ledger, BOB), 0);
    assert_int_equal(coins(ledger, EVE), 0);
    assert_int_equal(ledger_count(ledger), 1);
    assert_int_equal(ledger_seal(ledger, 1, &block), LEDGER_BLOCK_EMPTY);
    assert_int_equal(pay(ledger, 2, ANN, BOB, 7), LEDGER_OK);
}

static void limits_are_said_before_anything_changes(void **state)
{
    struct ledger_options narrow = options();
    struct ledger_block block;

    (void)state;
    narrow.max_balances = 3;
    narrow.max_transactions = 4;
    struct ledger *ledger = ledger_create(&narrow);
    assert_int_equal(mint(ledger, 1, ANN, 100), LEDGER_OK);
    assert_int_equal(mint(ledger, 2, BOB, 100), LEDGER_OK);
    assert_int_equal(mint(ledger, 3, EVE, 100), LEDGER_FULL);
    assert_int_equal(coins(ledger, EVE), 0);
    assert_int_equal(pay(ledger, 3, BOB, ANN, 100), LEDGER_OK);
    assert_int_equal(mint(ledger, 4, EVE, 1), LEDGER_OK);
    assert_int_equal(mint(ledger, 5, ANN, 1), LEDGER_FULL);
    assert_int_equal(coins(ledger, ANN), 200);
    ledger_destroy(ledger);

    ledger = *state;
    for (uint32_t key = 0; key < LEDGER_BLOCK_TRANSACTIONS_MAX; key++)
        assert_int_equal(mint(ledger, key, ANN, 1), LEDGER_OK);
    assert_int_equal(mint(ledger, 5000, ANN, 1), LEDGER_BLOCK_FULL);
    assert_int_equal(ledger_seal(ledger, 1, &block), LEDGER_OK);
    assert_int_equal(mint(ledger, 5000, ANN, 1), LEDGER_OK);
}

// A little chain with its bytes, as a store would keep it.
struct chain {
    struct ledger_block blocks[3];
    struct encoded transactions[3][4];
    struct ledger_bytes views[3][4];
};

static void build_chain(struct ledger *ledger, struct chain *chain)
{
    for (int b = 0; b < 3; b++) {
        uint32_t key = (uint32_t)(b * 10);

        chain->transactions[b][0] = sign(transfer_of(key, ISSUANCE, people[ANN].account, 100), BANK);
        chain->transactions[b][1] =
            sign(transfer_of(key + 1, people[ANN].account, people[BOB].account, 90), ANN);
        chain->transactions[b][2] =
            sign(transfer_of(key + 2, people[BOB].account, people[EVE].account, 40), BOB);
        chain->transactions[b][3] =
            sign(transfer_of(key + 3, people[EVE].account, people[ANN].account, 1), EVE);
        for (int t = 0; t < 4; t++) {
            assert_int_equal(post(ledger, chain->transactions[b][t]), LEDGER_OK);
            chain->views[b][t] =
                (struct ledger_bytes){chain->transactions[b][t].bytes, chain->transactions[b][t].length};
        }
        assert_int_equal(ledger_seal(ledger, 1000 * (uint64_t)(b + 1), &chain->blocks[b]), LEDGER_OK);
    }
}

static void assert_same_ledger(struct ledger *a, struct ledger *b)
{
    struct merkle_hash head_a = ledger_head(a);
    struct merkle_hash head_b = ledger_head(b);

    assert_memory_equal(head_a.bytes, head_b.bytes, sizeof(head_a));
    assert_int_equal(ledger_height(a), ledger_height(b));
    assert_int_equal(ledger_count(a), ledger_count(b));
    for (int person = 0; person < PEOPLE; person++) assert_int_equal(coins(a, person), coins(b, person));
}

static void chain_read_back_is_the_same_ledger(void **state)
{
    struct ledger_options wanted = options();
    struct ledger *again = ledger_create(&wanted);
    static struct chain chain;
    struct ledger_block block;
    uint8_t bytes[LEDGER_BLOCK_BYTES];
    uint32_t fault;

    build_chain(*state, &chain);
    for (int b = 0; b < 3; b++) {
        ledger_block_encode(&chain.blocks[b], bytes);
        assert_false(ledger_block_decode(&block, bytes, sizeof(bytes) - 1));
        assert_true(ledger_block_decode(&block, bytes, sizeof(bytes)));
        assert_int_equal(ledger_accept(again, &block, chain.views[b], &fault), LEDGER_OK);
    }
    assert_same_ledger(*state, again);
    ledger_destroy(again);
}

// Re-seals block 1 around the given transactions, as a writer of the store could.
static struct ledger_block resealed(const struct chain *chain, const struct ledger_bytes *transactions,
                                    uint32_t count)
{
    struct merkle_hash leaves[4];
    struct ledger_block block = chain->blocks[1];

    for (uint32_t i = 0; i < count; i++)
        leaves[i] = merkle_leaf(transactions[i].bytes, transactions[i].length);
    block.root = merkle_root(leaves, count);
    block.count = count;
    return block;
}

static struct ledger *after_block_0(const struct chain *chain)
{
    struct ledger_options wanted = options();
    struct ledger *ledger = ledger_create(&wanted);

    assert_int_equal(ledger_accept(ledger, &chain->blocks[0], chain->views[0], NULL), LEDGER_OK);
    return ledger;
}

static void tampered_header_is_refused(void **state)
{
    static struct chain chain;
    struct ledger_block block;
    uint32_t fault;

    build_chain(*state, &chain);
    struct ledger *ledger = after_block_0(&chain);
    assert_int_equal(ledger_accept(ledger, &chain.blocks[0], chain.views[0], &fault), LEDGER_BLOCK_PLACE);
    assert_int_equal(ledger_accept(ledger, &chain.blocks[2], chain.views[2], &fault), LEDGER_BLOCK_PLACE);
    assert_int_equal(fault, 4);
    block = chain.blocks[1], block.index = 2;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_PLACE);
    block = chain.blocks[1], block.previous.bytes[3] ^= 1;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_PLACE);
    block = chain.blocks[1], block.root.bytes[3] ^= 1;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_ROOT);
    block = chain.blocks[1], block.count = 3;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_ROOT);
    block = chain.blocks[1], block.count = 0;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_EMPTY);
    block = chain.blocks[1], block.count = UINT32_MAX;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_FULL);
    block = chain.blocks[1], block.sealed_ms = 999;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[1], &fault), LEDGER_BLOCK_TIME);
    mint(ledger, 77, ANN, 1);
    assert_int_equal(ledger_accept(ledger, &chain.blocks[1], chain.views[1], &fault), LEDGER_BLOCK_PENDING);
    ledger_drop(ledger);
    assert_int_equal(ledger_accept(ledger, &chain.blocks[1], chain.views[1], &fault), LEDGER_OK);
    block = chain.blocks[2], block.sealed_ms++;
    assert_int_equal(ledger_accept(ledger, &block, chain.views[2], &fault), LEDGER_OK);
    struct merkle_hash ours = ledger_head(ledger), theirs = ledger_head(*state);
    assert_memory_not_equal(ours.bytes, theirs.bytes, sizeof(ours));
    ledger_destroy(ledger);
}

// The hash chain is right in all of these: what stands in the way is the signatures and the rules.
static void tampered_transactions_are_refused_under_a_right_root(void **state)
{
    static struct chain chain;
    uint32_t fault;

    build_chain(*state, &chain);
    struct ledger *ledger = after_block_0(&chain);
    struct ledger_bytes views[4];

    memcpy(views, chain.views[1], sizeof(views));
    struct encoded forged = chain.transactions[1][2];
    forged.bytes[33] ^= 1;
    views[2] = (struct ledger_bytes){forged.bytes, forged.length};
    struct ledger_block block = resealed(&chain, views, 4);
    assert_int_equal(ledger_accept(ledger, &block, views, &fault), LEDGER_FORGED);
    assert_int_equal(fault, 2);

    views[2] = chain.views[0][2];
    block = resealed(&chain, views, 4);
    assert_int_equal(ledger_accept(ledger, &block, views, &fault), LEDGER_REPEATED);
    assert_int_equal(fault, 2);

    struct encoded rich = sign(transfer_of(500, people[BOB].account, people[EVE].account, 1000), BOB);
    views[2] = (struct ledger_bytes){rich.bytes, rich.length};
    block = resealed(&chain, views, 4);
    assert_int_equal(ledger_accept(ledger, &block, views, &fault), LEDGER_INSUFFICIENT);

    views[2] = (struct ledger_bytes){rich.bytes, 10};
    block = resealed(&chain, views, 4);
    assert_int_equal(ledger_accept(ledger, &block, views, &fault), LEDGER_MALFORMED);
    assert_int_equal(ledger_height(ledger), 1);
    assert_int_equal(ledger_count(ledger), 4);

    assert_int_equal(ledger_accept(ledger, &chain.blocks[1], chain.views[1], &fault), LEDGER_OK);
    assert_int_equal(ledger_accept(ledger, &chain.blocks[2], chain.views[2], &fault), LEDGER_OK);
    assert_same_ledger(ledger, *state);
    ledger_destroy(ledger);
}

static void transaction_is_proved_to_be_in_its_block(void **state)
{
    static struct chain chain;
    struct merkle_hash leaves[4];
    struct merkle_proof proof;

    build_chain(*state, &chain);
    for (int t = 0; t < 4; t++) leaves[t] = merkle_leaf(chain.views[1][t].bytes, chain.views[1][t].length);
    merkle_prove(leaves, 4, 2, &proof);
    assert_true(merkle_check(&chain.blocks[1].root, chain.blocks[1].count, 2, &leaves[2], &proof));
    struct merkle_hash other = merkle_leaf(chain.views[0][2].bytes, chain.views[0][2].length);
    assert_false(merkle_check(&chain.blocks[1].root, chain.blocks[1].count, 2, &other, &proof));
}

static void block_may_not_be_older_than_the_last(void **state)
{
    struct ledger_block block;

    mint(*state, 1, ANN, 1);
    assert_int_equal(ledger_seal(*state, 50, &block), LEDGER_OK);
    mint(*state, 2, ANN, 1);
    assert_int_equal(ledger_seal(*state, 49, &block), LEDGER_BLOCK_TIME);
    assert_int_equal(ledger_seal(*state, 50, &block), LEDGER_OK);
    assert_int_equal(block.index, 1);
}

// Random payments, minted now and then, sealed and dropped at random: always the obvious sums, never below
// zero, nothing from nothing.
static void random_payments_keep_the_books(void **state)
{
    struct ledger *ledger = *state;
    int64_t sealed[PEOPLE] = {0};
    int64_t model[PEOPLE] = {0};
    struct ledger_block block;
    uint32_t random = 5;

    for (uint32_t key = 1; key <= 4000; key++) {
        random = random * 1664525u + 1013904223u;
        int from = (int)(random >> 8) % PEOPLE;
        int to = (from + 1 + (int)(random >> 16) % (PEOPLE - 1)) % PEOPLE;
        int64_t amount = 1 + (random >> 24);
        bool minted = (random >> 4) % 8 == 0;
        enum ledger_status status =
            minted ? mint(ledger, key, to, amount) : pay(ledger, key, from, to, amount);

        assert_int_equal(status, minted || model[from] >= amount ? LEDGER_OK : LEDGER_INSUFFICIENT);
        if (status == LEDGER_OK) {
            model[from] -= minted ? 0 : amount;
            model[to] += amount;
        }
        if (key % 97 == 0) {
            ledger_drop(ledger);
            memcpy(model, sealed, sizeof(model));
        } else if (key % 50 == 0 && ledger_seal(ledger, key, &block) == LEDGER_OK) {
            memcpy(sealed, model, sizeof(model));
        }
        int64_t sum = ledger_balance(ledger, &ISSUANCE, COIN);
        for (int person = 0; person < PEOPLE; person++) {
            assert_int_equal(coins(ledger, person), model[person]);
            sum += model[person];
        }
        assert_int_equal(sum, 0);
    }
    assert_true(ledger_height(ledger) > 40);
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(ledger_status_name(LEDGER_OK), "OK");
    assert_string_equal(ledger_status_name(LEDGER_INSUFFICIENT), "INSUFFICIENT");
    assert_string_equal(ledger_status_name(LEDGER_BLOCK_FULL), "BLOCK_FULL");
    assert_string_equal(ledger_status_name(LEDGER_BLOCK_ROOT), "BLOCK_ROOT");
}

static void make_people(void)
{
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES] = {(uint8_t)i};

        crypto_sign_seed_keypair(people[i].account.bytes, people[i].secret, seed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transaction_round_trips_and_nothing_else_decodes),
        TEST(malformed_postings_are_refused_both_ways),
        cmocka_unit_test(signature_covers_every_byte_and_the_chain),
        TEST(coins_come_from_the_issuance_and_move),
        TEST(no_balance_goes_below_zero),
        TEST(balances_do_not_overflow),
        TEST(only_the_owner_or_the_authority_debits),
        TEST(each_asset_balances_by_itself),
        TEST(trade_settles_at_once),
        TEST(key_is_used_once),
        TEST(drop_takes_back_what_was_not_sealed),
        TEST(limits_are_said_before_anything_changes),
        TEST(chain_read_back_is_the_same_ledger),
        TEST(tampered_header_is_refused),
        TEST(tampered_transactions_are_refused_under_a_right_root),
        TEST(transaction_is_proved_to_be_in_its_block),
        TEST(block_may_not_be_older_than_the_last),
        TEST(random_payments_keep_the_books),
        cmocka_unit_test(statuses_have_names),
    };

    if (sodium_init() < 0) return 1;
    make_people();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
