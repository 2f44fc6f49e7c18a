#include "services/chain/coinixerr.h"
#include "services/chain/ledger.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The ledger's rates by CPU time of the one thread, median of ROUNDS: verifying a chain against bare
// signature checks over the same messages, posting, proofs, and the coiniXerr codec. Exits 1 below the floor.
//

enum {
    ROUNDS = 5,
    BLOCKS = 8,
    TRANSACTIONS = BLOCKS * LEDGER_BLOCK_TRANSACTIONS_MAX,
    PEOPLE = 64,
    CODEC = 200000
};

static const double FLOOR_VERIFY = 10e3;

struct person {
    struct ledger_account account;
    uint8_t secret[64];
};

struct hash_chain {
    struct ledger_options options;
    struct person people[PEOPLE];
    uint8_t bytes[TRANSACTIONS][LEDGER_TRANSACTION_BYTES_MAX];
    struct ledger_bytes views[TRANSACTIONS];
    struct ledger_block blocks[BLOCKS];
};

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void ledger_need(bool held, const char *what)
{
    if (held) return;
    fprintf(stderr, "ledger_bench: %s failed\n", what);
    exit(2);
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static double ledger_median(double seconds[ROUNDS])
{
    qsort(seconds, ROUNDS, sizeof(*seconds), by_value);
    return seconds[ROUNDS / 2];
}

static double median_rate(double (*round)(struct hash_chain *), struct hash_chain *chain, double operations)
{
    double seconds[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) seconds[i] = round(chain);
    return operations / ledger_median(seconds);
}

static struct ledger *open_ledger(const struct hash_chain *chain)
{
    struct ledger *ledger = ledger_create(&chain->options);

    ledger_need(ledger != NULL, "memory for the ledger");
    return ledger;
}

// A transfer from one to the next; every PEOPLE-th makes coins for a start.
static void make_transaction(struct hash_chain *chain, uint32_t number)
{
    const struct person *from = &chain->people[number % PEOPLE];
    const struct person *to = &chain->people[(number * 7 + 1) % PEOPLE];
    bool minted = number < PEOPLE || from == to;
    struct ledger_transaction transaction = {.issued_ms = number, .posting_count = 2};

    memcpy(transaction.key, &number, sizeof(number));
    transaction.postings[0] = (struct ledger_posting){.account = from->account, .amount = -1};
    transaction.postings[1] = (struct ledger_posting){.account = to->account, .amount = 1};
    if (minted) {
        transaction.postings[0] = (struct ledger_posting){.amount = -1000000};
        transaction.postings[1] = (struct ledger_posting){.account = from->account, .amount = 1000000};
    }
    ledger_transaction_sort(&transaction);
    ledger_need(ledger_transaction_sign(&transaction, &chain->options.chain,
                                        minted ? chain->people[0].secret : from->secret),
                "signing");
    chain->views[number].bytes = chain->bytes[number];
    chain->views[number].length = ledger_transaction_encode(&transaction, chain->bytes[number]);
}

static double post_all(struct hash_chain *chain)
{
    struct ledger *ledger = open_ledger(chain);
    double start = cpu_seconds();

    for (uint32_t i = 0; i < TRANSACTIONS; i++) {
        ledger_need(ledger_post(ledger, chain->views[i].bytes, chain->views[i].length, NULL) == LEDGER_OK,
                    "posting");
        if (i % LEDGER_BLOCK_TRANSACTIONS_MAX == LEDGER_BLOCK_TRANSACTIONS_MAX - 1)
            ledger_need(ledger_seal(ledger, i, &chain->blocks[i / LEDGER_BLOCK_TRANSACTIONS_MAX]) ==
                            LEDGER_OK,
                        "sealing");
    }
    double seconds = cpu_seconds() - start;
    ledger_destroy(ledger);
    return seconds;
}

static double verify_chain(struct hash_chain *chain)
{
    struct ledger *ledger = open_ledger(chain);
    double start = cpu_seconds();

    for (uint32_t b = 0; b < BLOCKS; b++)
        ledger_need(ledger_accept(ledger, &chain->blocks[b],
                                  chain->views + (size_t)b * LEDGER_BLOCK_TRANSACTIONS_MAX,
                                  NULL) == LEDGER_OK,
                    "verifying");
    double seconds = cpu_seconds() - start;
    ledger_destroy(ledger);
    return seconds;
}

static double check_signatures_alone(struct hash_chain *chain)
{
    double start = cpu_seconds();

    for (uint32_t i = 0; i < TRANSACTIONS; i++)
        ledger_need(
            ledger_transaction_verify(chain->views[i].bytes, chain->views[i].length, &chain->options.chain),
            "a signature");
    return cpu_seconds() - start;
}

static double check_proofs(struct hash_chain *chain)
{
    static struct merkle_hash leaves[LEDGER_BLOCK_TRANSACTIONS_MAX];
    static struct merkle_proof proofs[LEDGER_BLOCK_TRANSACTIONS_MAX];

    for (uint32_t i = 0; i < LEDGER_BLOCK_TRANSACTIONS_MAX; i++)
        leaves[i] = merkle_leaf(chain->views[i].bytes, chain->views[i].length);
    for (uint32_t i = 0; i < LEDGER_BLOCK_TRANSACTIONS_MAX; i++)
        merkle_prove(leaves, LEDGER_BLOCK_TRANSACTIONS_MAX, i, &proofs[i]);
    double start = cpu_seconds();
    for (uint32_t i = 0; i < LEDGER_BLOCK_TRANSACTIONS_MAX; i++)
        ledger_need(
            merkle_check(&chain->blocks[0].root, LEDGER_BLOCK_TRANSACTIONS_MAX, i, &leaves[i], &proofs[i]),
            "a proof");
    return cpu_seconds() - start;
}

static double code_and_decode(struct hash_chain *chain)
{
    struct coinixerr_transaction transaction = {.from.text = "1$", .is_signed = true};
    uint8_t bytes[COINIXERR_BYTES_MAX];
    size_t length;

    memset(transaction.from.text + 2, 'A', COINIXERR_DIGEST_CHARS - 2);
    transaction.from.text[93] = '$';
    transaction.to = transaction.from;
    coinixerr_sign(&transaction, chain->people[0].secret);
    double start = cpu_seconds();
    for (int i = 0; i < CODEC; i++) {
        transaction.amount = i;
        length = coinixerr_encode(&transaction, bytes);
        ledger_need(coinixerr_decode(&transaction, bytes, length) && transaction.amount == i, "the codec");
    }
    return cpu_seconds() - start;
}

// The two alternate by round, so that both meet the same machine. Returns the rate of verifying.
static double print_verification(struct hash_chain *chain)
{
    double chained[ROUNDS];
    double alone[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        chained[i] = verify_chain(chain);
        alone[i] = check_signatures_alone(chain);
    }
    printf("verify the chain        %9.0f signatures/s\n", TRANSACTIONS / ledger_median(chained));
    printf("signatures alone        %9.0f /s, so the ledger runs at %.2f of it\n",
           TRANSACTIONS / ledger_median(alone), ledger_median(alone) / ledger_median(chained));
    return TRANSACTIONS / ledger_median(chained);
}

static void make_chain(struct hash_chain *chain)
{
    for (int i = 0; i < PEOPLE; i++) {
        uint8_t seed[crypto_sign_SEEDBYTES] = {(uint8_t)i};

        crypto_sign_seed_keypair(chain->people[i].account.bytes, chain->people[i].secret, seed);
    }
    chain->options = (struct ledger_options){.chain = {{1}},
                                             .authority = chain->people[0].account,
                                             .max_balances = 1000,
                                             .max_transactions = TRANSACTIONS};
    for (uint32_t i = 0; i < TRANSACTIONS; i++) make_transaction(chain, i);
}

int main(void)
{
    static struct hash_chain chain;
    double verified;

    ledger_need(sodium_init() >= 0, "sodium_init");
    make_chain(&chain);
    printf("ledger, %d transactions in %d blocks, median of %d\n", TRANSACTIONS, BLOCKS, ROUNDS);
    printf("post and seal           %9.0f /s\n", median_rate(post_all, &chain, TRANSACTIONS));
    verified = print_verification(&chain);
    printf("inclusion proofs        %9.0f checks/s in blocks of %d\n",
           median_rate(check_proofs, &chain, LEDGER_BLOCK_TRANSACTIONS_MAX), LEDGER_BLOCK_TRANSACTIONS_MAX);
    printf("coiniXerr code + decode %9.0f /s\n", median_rate(code_and_decode, &chain, CODEC));
    if (verified < FLOOR_VERIFY) printf("below %.0f signatures/s\n", FLOOR_VERIFY);
    return verified >= FLOOR_VERIFY ? 0 : 1;
}
