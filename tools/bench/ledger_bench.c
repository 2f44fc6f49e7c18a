#include "services/chain/book/book.h"
#include "services/chain/coinixerr/coinixerr.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// The ledger's rates by CPU time of the one thread, median of ROUNDS: folding entries that are stored, with
// all checks, records and roots; proofs; the coiniXerr codec; and what accounts take. Exits 1 below the
// floor.

enum {
    ROUNDS = 5,
    BLOCKS = 8,
    TRANSACTIONS = BLOCKS * LEDGER_BLOCK_RECORDS_MAX,
    PEOPLE = 64,
    ACCOUNTS = 1000000,
    CODEC = 200000
};

static const double FLOOR_FOLD = 18e3;

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
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_rate(double (*round)(void), double operations)
{
    double seconds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) seconds[i] = round();
    qsort(seconds, ROUNDS, sizeof *seconds, by_value);
    return operations / seconds[ROUNDS / 2];
}

// ---- Entries

static struct book book;
static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static uint8_t key[LEDGER_KEY_BYTES];
static bool noting; // what is added, so that it can be taken back

static void note_entry(const Ledger__Entry *entry)
{
    uint8_t bytes[1024];
    const ProtobufCBinaryData packed = {ledger__entry__pack(entry, bytes), bytes};
    book_undo_note(&book, entry, &packed);
}

static void add_entry(Ledger__Entry *entry, bool sealed)
{
    struct err err = {0};
    if (!sealed) entry->key = (ProtobufCBinaryData){sizeof key, key};
    ledger_need(book_check(&book, entry, &err), err.message);
    if (noting) note_entry(entry);
    book_apply(&book, entry);
}

static void begin_book(void)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__Begun begun = LEDGER__BEGUN__INIT;
    uint8_t chain[MERKLE_HASH_BYTES] = {1}, authority[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_keypair(authority, secret);
    ledger_need(book_init(&book), "memory");
    begun.chain = (ProtobufCBinaryData){sizeof chain, chain};
    begun.authority = (ProtobufCBinaryData){sizeof authority, authority};
    entry.body_case = LEDGER__ENTRY__BODY_BEGUN;
    entry.begun = &begun;
    add_entry(&entry, false);
}

static void open_account(uint32_t number)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__AccountOpened opened = LEDGER__ACCOUNT_OPENED__INIT;
    uint8_t id[16] = {0}, salt[LEDGER_ACCOUNT_ID_BYTES] = {0};
    memcpy(id, &number, sizeof number);
    memcpy(salt, &number, sizeof number);
    opened.kind = LEDGER_USER;
    opened.id = (ProtobufCBinaryData){sizeof id, id};
    opened.salt = (ProtobufCBinaryData){sizeof salt, salt};
    entry.body_case = LEDGER__ENTRY__BODY_ACCOUNT_OPENED;
    entry.account_opened = &opened;
    add_entry(&entry, false);
}

static void move_coins(uint32_t from, uint32_t to, int64_t amount)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    Ledger__Posting out = LEDGER__POSTING__INIT, in = LEDGER__POSTING__INIT;
    Ledger__Posting *postings[2] = {from < to ? &out : &in, from < to ? &in : &out};
    uint64_t before[2];
    out.account = from;
    in.account = to;
    out.asset = in.asset = BOOK_CONSE;
    out.amount = -amount;
    in.amount = amount;
    for (int i = 0; i < 2; i++) before[i] = book.accounts.holdings[postings[i]->account].touched;
    entry.postings = postings;
    entry.before = before;
    entry.n_postings = entry.n_before = 2;
    entry.body_case = LEDGER__ENTRY__BODY_TRANSFERRED;
    entry.transferred = &transferred;
    add_entry(&entry, false);
}

static void seal_block(void)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__Sealed sealed = LEDGER__SEALED__INIT;
    struct ledger_block block;
    uint8_t header[LEDGER_BLOCK_BYTES], signature[LEDGER_SIGNATURE_BYTES];
    if (ledger_blocks_next(&book.blocks, 1, &block) != LEDGER_OK) return;
    ledger_block_encode(&block, header);
    ledger_block_sign(&block, secret, signature);
    sealed.header = (ProtobufCBinaryData){sizeof header, header};
    sealed.signature = (ProtobufCBinaryData){sizeof signature, signature};
    sealed.first = book.open_first;
    entry.body_case = LEDGER__ENTRY__BODY_SEALED;
    entry.sealed = &sealed;
    add_entry(&entry, true);
}

// ---- Rounds

static void begin_people(void)
{
    begin_book();
    for (uint32_t i = 1; i <= PEOPLE; i++) open_account(i);
    for (uint32_t i = 1; i <= PEOPLE; i++) move_coins(0, i, 1000000);
    seal_block();
}

static void move_all(void)
{
    for (uint32_t i = 0; i < TRANSACTIONS; i++) {
        move_coins(1 + i % PEOPLE, 1 + (i * 7 + 1) % PEOPLE == 1 + i % PEOPLE ? 0 : 1 + (i * 7 + 1) % PEOPLE,
                   1);
        if (book.blocks.count == LEDGER_BLOCK_RECORDS_MAX) seal_block();
    }
}

static double fold_all(void)
{
    begin_people();
    double start = cpu_seconds();
    move_all();
    double seconds = cpu_seconds() - start;
    book_finish(&book);
    return seconds;
}

static double take_all_back(void)
{
    begin_people();
    atomic_store(&book.durable_seq, book.seq);
    noting = true;
    move_all();
    noting = false;
    double start = cpu_seconds();
    ledger_need(book_undo_all(&book), "taking back");
    double seconds = cpu_seconds() - start;
    book_finish(&book);
    return seconds;
}

static double check_proofs(void)
{
    static struct merkle_hash leaves[LEDGER_BLOCK_RECORDS_MAX];
    static struct merkle_proof proofs[LEDGER_BLOCK_RECORDS_MAX];
    for (uint32_t i = 0; i < LEDGER_BLOCK_RECORDS_MAX; i++) leaves[i] = merkle_leaf(&i, sizeof i);
    const struct merkle_hash root = merkle_root(leaves, LEDGER_BLOCK_RECORDS_MAX);
    for (uint32_t i = 0; i < LEDGER_BLOCK_RECORDS_MAX; i++)
        merkle_prove(leaves, LEDGER_BLOCK_RECORDS_MAX, i, &proofs[i]);
    double start = cpu_seconds();
    for (uint32_t i = 0; i < LEDGER_BLOCK_RECORDS_MAX; i++)
        ledger_need(merkle_check(&root, LEDGER_BLOCK_RECORDS_MAX, i, &leaves[i], &proofs[i]), "a proof");
    return cpu_seconds() - start;
}

static double code_and_decode(void)
{
    struct coinixerr_transaction transaction = {.from.text = "1$", .is_signed = true};
    uint8_t bytes[COINIXERR_BYTES_MAX], authority[crypto_sign_PUBLICKEYBYTES];
    crypto_sign_keypair(authority, secret);
    memset(transaction.from.text + 2, 'A', COINIXERR_DIGEST_CHARS - 2);
    transaction.from.text[93] = '$';
    transaction.to = transaction.from;
    coinixerr_sign(&transaction, secret);
    double start = cpu_seconds();
    for (int i = 0; i < CODEC; i++) {
        transaction.amount = i;
        size_t length = coinixerr_encode(&transaction, bytes);
        ledger_need(coinixerr_decode(&transaction, bytes, length) && transaction.amount == i, "the codec");
    }
    return cpu_seconds() - start;
}

// Bytes of an account that has two assets.
static double account_bytes(void)
{
    static const uint8_t seed[16] = {1};
    struct ledger_accounts accounts;
    ledger_need(ledger_accounts_init(&accounts, seed), "memory");
    for (uint32_t i = 1; i <= ACCOUNTS; i++) {
        struct ledger_owner owner = {.kind = LEDGER_USER};
        memcpy(owner.id, &i, sizeof i);
        const struct ledger_account account = ledger_account_of(owner.id);
        const struct ledger_posting postings[] = {{0, 1, -1}, {0, 16, -1}, {i, 1, 1}, {i, 16, 1}};
        ledger_need(ledger_accounts_add(&accounts, &owner, &account) == i &&
                        ledger_check(&accounts, postings, 4) == LEDGER_OK,
                    "an account");
        ledger_apply(&accounts, postings, 4);
    }
    double bytes = (double)ledger_accounts_bytes(&accounts) / ACCOUNTS;
    ledger_accounts_finish(&accounts);
    return bytes;
}

int main(void)
{
    ledger_need(sodium_init() >= 0, "sodium_init");
    printf("ledger, %d transfers in %d blocks, median of %d\n", TRANSACTIONS, BLOCKS, ROUNDS);
    double folded = median_rate(fold_all, TRANSACTIONS);
    printf("check, fold and seal    %9.0f /s\n", folded);
    printf("taken back              %9.0f /s\n", median_rate(take_all_back, TRANSACTIONS));
    printf("inclusion proofs        %9.0f checks/s in blocks of %d\n",
           median_rate(check_proofs, LEDGER_BLOCK_RECORDS_MAX), LEDGER_BLOCK_RECORDS_MAX);
    printf("coiniXerr code + decode %9.0f /s\n", median_rate(code_and_decode, CODEC));
    printf("an account, two assets  %9.0f bytes, of a million\n", account_bytes());
    if (folded < FLOOR_FOLD) printf("below %.0f entries/s\n", FLOOR_FOLD);
    return folded >= FLOOR_FOLD ? 0 : 1;
}
