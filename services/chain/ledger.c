#include "services/chain/ledger.h"
#include "services/chain/ledger_map.h"

#include <stdlib.h>
#include <string.h>

struct balance_key {
    struct ledger_account account;
    uint8_t asset[4];
};

struct balance {
    uint64_t hash;
    struct balance_key key;
    uint32_t unused;
    int64_t amount; // never 0: such entries are removed
};

struct known {
    uint64_t hash;
    uint8_t key[LEDGER_KEY_BYTES];
    struct merkle_hash leaf;
    struct ledger_place place;
};

struct ledger {
    struct ledger_options options;
    struct ledger_map balances;
    struct ledger_map known;
    struct merkle_hash head;
    uint64_t height;
    uint64_t sealed_ms;
    struct ledger_transaction *pending; // LEDGER_BLOCK_TRANSACTIONS_MAX, as are the leaves
    struct merkle_hash *leaves;
    uint32_t pending_count;
};

static const struct ledger_account ISSUANCE;

struct ledger *ledger_create(const struct ledger_options *options)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));

    if (!ledger) return NULL;
    ledger->options = *options;
    ledger->head = options->chain;
    ledger_map_init(&ledger->balances, sizeof(struct balance), sizeof(struct balance_key),
                    options->max_balances, options->seed);
    ledger_map_init(&ledger->known, sizeof(struct known), LEDGER_KEY_BYTES, options->max_transactions,
                    options->seed);
    ledger->pending = calloc(LEDGER_BLOCK_TRANSACTIONS_MAX, sizeof(*ledger->pending));
    ledger->leaves = calloc(LEDGER_BLOCK_TRANSACTIONS_MAX, sizeof(*ledger->leaves));
    if (ledger->pending && ledger->leaves) return ledger;
    ledger_destroy(ledger);
    return NULL;
}

void ledger_destroy(struct ledger *ledger)
{
    if (!ledger) return;
    ledger_map_finish(&ledger->balances);
    ledger_map_finish(&ledger->known);
    free(ledger->pending);
    free(ledger->leaves);
    free(ledger);
}

static bool same_account(const struct ledger_account *a, const struct ledger_account *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static struct balance_key key_of(const struct ledger_account *account, uint32_t asset)
{
    return (struct balance_key){
        *account, {(uint8_t)asset, (uint8_t)(asset >> 8), (uint8_t)(asset >> 16), (uint8_t)(asset >> 24)}};
}

int64_t ledger_balance(const struct ledger *ledger, const struct ledger_account *account, uint32_t asset)
{
    struct balance_key key = key_of(account, asset);
    const struct balance *balance = ledger_map_find(&ledger->balances, &key);

    return balance ? balance->amount : 0;
}

static enum ledger_status check_posting(const struct ledger *ledger, const struct ledger_posting *posting)
{
    int64_t balance = ledger_balance(ledger, &posting->account, posting->asset);

    if (__builtin_add_overflow(balance, posting->amount, &balance) || balance == INT64_MIN)
        return LEDGER_OVERFLOW;
    if (balance < 0 && !same_account(&posting->account, &ISSUANCE)) return LEDGER_INSUFFICIENT;
    return LEDGER_OK;
}

static bool may_debit(const struct ledger *ledger, const struct ledger_account *signer,
                      const struct ledger_account *account)
{
    if (same_account(signer, &ledger->options.authority)) return true;
    return same_account(signer, account) && !same_account(account, &ISSUANCE);
}

static bool is_allowed(const struct ledger *ledger, const struct ledger_transaction *transaction)
{
    for (size_t i = 0; i < transaction->posting_count; i++)
        if (transaction->postings[i].amount < 0 &&
            !may_debit(ledger, &transaction->signer, &transaction->postings[i].account))
            return false;
    return true;
}

// Each account and asset appears once, so the postings do not depend on each other.
static enum ledger_status check_balances(const struct ledger *ledger,
                                         const struct ledger_transaction *transaction)
{
    for (size_t i = 0; i < transaction->posting_count; i++) {
        enum ledger_status status = check_posting(ledger, &transaction->postings[i]);

        if (status != LEDGER_OK) return status;
    }
    return LEDGER_OK;
}

static void ledger_move(struct ledger *ledger, const struct ledger_posting *posting, int64_t amount)
{
    struct balance_key key = key_of(&posting->account, posting->asset);
    struct balance *balance = ledger_map_find(&ledger->balances, &key);

    if (!balance) balance = ledger_map_put(&ledger->balances, &key);
    balance->amount += amount;
    if (!balance->amount) ledger_map_remove(&ledger->balances, balance);
}

static uint64_t new_balances(const struct ledger *ledger, const struct ledger_transaction *transaction)
{
    uint64_t count = 0;

    for (size_t i = 0; i < transaction->posting_count; i++) {
        struct balance_key key = key_of(&transaction->postings[i].account, transaction->postings[i].asset);

        count += ledger_map_find(&ledger->balances, &key) == NULL;
    }
    return count;
}

static bool ledger_reserve(struct ledger *ledger, const struct ledger_transaction *transaction)
{
    return ledger_map_reserve(&ledger->known, 1) &&
           ledger_map_reserve(&ledger->balances, new_balances(ledger, transaction));
}

// Cheap checks first: a signature costs more than all others together.
static enum ledger_status ledger_check(struct ledger *ledger, const struct ledger_transaction *transaction,
                                       const struct ledger_bytes *encoded)
{
    enum ledger_status status;

    if (!ledger_transaction_balances(transaction)) return LEDGER_UNBALANCED;
    if (!is_allowed(ledger, transaction)) return LEDGER_FORBIDDEN;
    status = check_balances(ledger, transaction);
    if (status != LEDGER_OK) return status;
    if (ledger->pending_count == LEDGER_BLOCK_TRANSACTIONS_MAX) return LEDGER_BLOCK_FULL;
    if (!ledger_transaction_verify(encoded->bytes, encoded->length, &ledger->options.chain))
        return LEDGER_FORGED;
    return ledger_reserve(ledger, transaction) ? LEDGER_OK : LEDGER_FULL;
}

static struct ledger_place ledger_take(struct ledger *ledger, const struct ledger_transaction *transaction,
                                       const struct merkle_hash *leaf)
{
    struct known *known = ledger_map_put(&ledger->known, transaction->key);

    known->leaf = *leaf;
    known->place = (struct ledger_place){ledger->height, ledger->pending_count};
    for (size_t i = 0; i < transaction->posting_count; i++)
        ledger_move(ledger, &transaction->postings[i], transaction->postings[i].amount);
    ledger->pending[ledger->pending_count] = *transaction;
    ledger->leaves[ledger->pending_count++] = *leaf;
    return known->place;
}

static enum ledger_status ledger_post_checked(struct ledger *ledger, const struct ledger_bytes *encoded,
                                              const struct merkle_hash *leaf, struct ledger_place *place)
{
    struct ledger_transaction transaction;
    const struct known *known;
    enum ledger_status status;

    if (!ledger_transaction_decode(&transaction, encoded->bytes, encoded->length)) return LEDGER_MALFORMED;
    known = ledger_map_find(&ledger->known, transaction.key);
    if (known && !merkle_hash_equal(&known->leaf, leaf)) return LEDGER_KEY_TAKEN;
    if (known) {
        *place = known->place;
        return LEDGER_REPEATED;
    }
    status = ledger_check(ledger, &transaction, encoded);
    if (status == LEDGER_OK) *place = ledger_take(ledger, &transaction, leaf);
    return status;
}

enum ledger_status ledger_post(struct ledger *ledger, const uint8_t *bytes, size_t length,
                               struct ledger_place *place)
{
    struct ledger_bytes encoded = {bytes, length};
    struct merkle_hash leaf = merkle_leaf(bytes, length);
    struct ledger_place unasked;

    return ledger_post_checked(ledger, &encoded, &leaf, place ? place : &unasked);
}

static void close_block(struct ledger *ledger, const struct ledger_block *block)
{
    ledger->head = ledger_block_hash(block);
    ledger->height++;
    ledger->sealed_ms = block->sealed_ms;
    ledger->pending_count = 0;
}

enum ledger_status ledger_seal(struct ledger *ledger, uint64_t sealed_ms, struct ledger_block *block)
{
    if (!ledger->pending_count) return LEDGER_BLOCK_EMPTY;
    if (sealed_ms < ledger->sealed_ms) return LEDGER_BLOCK_TIME;
    *block = (struct ledger_block){
        .index = ledger->height,
        .previous = ledger->head,
        .root = merkle_root(ledger->leaves, ledger->pending_count),
        .sealed_ms = sealed_ms,
        .count = ledger->pending_count,
    };
    close_block(ledger, block);
    return LEDGER_OK;
}

// Backwards, so every balance on the way existed before. There is room: taking back creates no new balance.
void ledger_drop(struct ledger *ledger)
{
    while (ledger->pending_count) {
        const struct ledger_transaction *transaction = &ledger->pending[--ledger->pending_count];

        for (size_t i = transaction->posting_count; i-- > 0;)
            ledger_move(ledger, &transaction->postings[i], -transaction->postings[i].amount);
        ledger_map_remove(&ledger->known, ledger_map_find(&ledger->known, transaction->key));
    }
}

static enum ledger_status check_header(const struct ledger *ledger, const struct ledger_block *block)
{
    if (ledger->pending_count) return LEDGER_BLOCK_PENDING;
    if (!block->count) return LEDGER_BLOCK_EMPTY;
    if (block->count > LEDGER_BLOCK_TRANSACTIONS_MAX) return LEDGER_BLOCK_FULL;
    if (block->index != ledger->height || !merkle_hash_equal(&block->previous, &ledger->head))
        return LEDGER_BLOCK_PLACE;
    return block->sealed_ms < ledger->sealed_ms ? LEDGER_BLOCK_TIME : LEDGER_OK;
}

// Leaves the leaves where posting will find them and write them again.
static bool root_matches(struct ledger *ledger, const struct ledger_block *block,
                         const struct ledger_bytes *transactions)
{
    struct merkle_hash root;

    for (uint32_t i = 0; i < block->count; i++)
        ledger->leaves[i] = merkle_leaf(transactions[i].bytes, transactions[i].length);
    root = merkle_root(ledger->leaves, block->count);
    return merkle_hash_equal(&root, &block->root);
}

static enum ledger_status post_all(struct ledger *ledger, const struct ledger_bytes *transactions,
                                   uint32_t count, uint32_t *fault)
{
    struct ledger_place place;

    for (*fault = 0; *fault < count; ++*fault) {
        struct merkle_hash leaf = ledger->leaves[*fault];
        enum ledger_status status = ledger_post_checked(ledger, &transactions[*fault], &leaf, &place);

        if (status == LEDGER_OK) continue;
        ledger_drop(ledger);
        return status;
    }
    return LEDGER_OK;
}

enum ledger_status ledger_accept(struct ledger *ledger, const struct ledger_block *block,
                                 const struct ledger_bytes *transactions, uint32_t *fault)
{
    enum ledger_status status = check_header(ledger, block);
    uint32_t at = block->count;

    if (status == LEDGER_OK && !root_matches(ledger, block, transactions)) status = LEDGER_BLOCK_ROOT;
    if (status == LEDGER_OK) status = post_all(ledger, transactions, block->count, &at);
    if (status == LEDGER_OK) close_block(ledger, block);
    if (fault) *fault = at;
    return status;
}

bool ledger_find(const struct ledger *ledger, const uint8_t key[LEDGER_KEY_BYTES], struct ledger_place *place)
{
    const struct known *known = ledger_map_find(&ledger->known, key);

    if (known) *place = known->place;
    return known != NULL;
}

struct merkle_hash ledger_head(const struct ledger *ledger) { return ledger->head; }

uint64_t ledger_height(const struct ledger *ledger) { return ledger->height; }

uint64_t ledger_count(const struct ledger *ledger) { return ledger->known.count; }

const char *ledger_status_name(enum ledger_status status)
{
    static const char *const names[] = {
        "OK",         "REPEATED",    "KEY_TAKEN",     "MALFORMED",   "UNBALANCED",
        "FORBIDDEN",  "FORGED",      "INSUFFICIENT",  "OVERFLOW",    "BLOCK_FULL",
        "FULL",       "BLOCK_EMPTY", "BLOCK_PENDING", "BLOCK_PLACE", "BLOCK_TIME",
        "BLOCK_ROOT",
    };

    return names[status];
}
