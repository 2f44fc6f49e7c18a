#include "services/chain/ledger.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 4, STEP = 4 };

static const struct ledger_account ISSUANCE;
static struct ledger_account accounts[PEOPLE];
static uint8_t secrets[PEOPLE][64];

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void expect(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    expect(sodium_init() >= 0);
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES] = {(uint8_t)i};

        crypto_sign_seed_keypair(accounts[i].bytes, secrets[i], seed);
    }
    return 0;
}

// What decodes encodes to the same bytes; what the ledger takes without a signature of ours is nothing.
static void try_bytes(struct ledger *ledger, const uint8_t *bytes, size_t size)
{
    uint8_t again[LEDGER_TRANSACTION_BYTES_MAX];
    struct ledger_transaction transaction;
    struct ledger_block block;

    if (ledger_transaction_decode(&transaction, bytes, size)) {
        expect(ledger_transaction_encode(&transaction, again) == size);
        expect(memcmp(again, bytes, size) == 0);
    }
    if (ledger_block_decode(&block, bytes, size)) {
        ledger_block_encode(&block, again);
        expect(memcmp(again, bytes, size) == 0);
        block.count = 0;
        expect(ledger_accept(ledger, &block, NULL, NULL) == LEDGER_BLOCK_EMPTY);
    }
    expect(ledger_post(ledger, bytes, size, NULL) != LEDGER_OK);
}

static void try_proof(const uint8_t *bytes, size_t size)
{
    struct merkle_hash leaf = merkle_leaf(bytes, size);
    struct merkle_proof proof = {.count = size ? bytes[0] % 40 : 0};
    uint32_t numbers[2] = {0};

    memcpy(numbers, bytes, size < sizeof(numbers) ? size : sizeof(numbers));
    memcpy(proof.siblings, bytes, size < sizeof(proof.siblings) ? size : sizeof(proof.siblings));
    expect(!merkle_check(&(struct merkle_hash){{1}}, numbers[0], numbers[1], &leaf, &proof));
}

static void pay(struct ledger *ledger, const struct ledger_options *options, const uint8_t *step)
{
    const struct ledger_account *from = step[0] & 4 ? &ISSUANCE : &accounts[step[1] % PEOPLE];
    struct ledger_transaction transaction = {.key = {step[3] & 31}, .posting_count = 2};
    uint8_t encoded[LEDGER_TRANSACTION_BYTES_MAX];
    size_t length;
    int64_t amount = step[2] & 0x80 ? INT64_MAX - step[3] : 1 + step[2];

    transaction.postings[0] = (struct ledger_posting){*from, step[0] >> 6 & 1, -amount};
    transaction.postings[1] = (struct ledger_posting){accounts[step[1] >> 4 & 3], step[0] >> 6 & 1,
                                                      amount + (step[0] >> 7 & 1 ? -1 : 0)};
    ledger_transaction_sort(&transaction);
    if (!ledger_transaction_sign(&transaction, &options->chain, secrets[step[0] >> 3 & 3])) return;
    length = ledger_transaction_encode(&transaction, encoded);
    ledger_post(ledger, encoded, length, NULL);
}

static void check_books(const struct ledger *ledger)
{
    for (uint32_t asset = 0; asset < 2; asset++) {
        __int128 sum = ledger_balance(ledger, &ISSUANCE, asset);

        for (int person = 0; person < PEOPLE; person++) {
            expect(ledger_balance(ledger, &accounts[person], asset) >= 0);
            sum += ledger_balance(ledger, &accounts[person], asset);
        }
        expect(sum == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct ledger_options options = {.authority = accounts[0], .max_balances = 6, .max_transactions = 20};
    struct ledger *ledger = ledger_create(&options);
    struct ledger_block block;

    if (size && bytes[0] & 1) {
        try_bytes(ledger, bytes + 1, size - 1);
        try_proof(bytes + 1, size - 1);
        size = 0;
    }
    for (size_t at = 1; at + STEP <= size && at < 64 * STEP; at += STEP) {
        switch (bytes[at] & 3) {
        case 0:
            ledger_drop(ledger);
            break;
        case 1:
            ledger_seal(ledger, bytes[at + 1], &block);
            break;
        default:
            pay(ledger, &options, bytes + at);
        }
        check_books(ledger);
    }
    ledger_destroy(ledger);
    return 0;
}
