// The ledger is the same after a restart, from its entries and from a snapshot; two processes have one
// ledger.
#include "lib/base/clock.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/testing/house.h"

#define URL "shared:book"

static struct book *enter(struct house *house, struct book_call *b)
{
    struct err err = {0};
    *b = (struct book_call){.chain = &house->chain, .arena = &house->arena};
    assert_true(book_begin_own(b, house->now_ms, true, &err));
    return b->book;
}

struct picture {
    uint64_t seq, height;
    struct merkle_hash head;
    int64_t balances[64];
    uint32_t accounts;
};

static struct picture picture_of(struct house *house)
{
    struct book_call b;
    const struct book *book = enter(house, &b);
    struct picture picture;
    memset(&picture, 0, sizeof picture);
    picture.seq = book->seq;
    picture.height = book->blocks.height;
    picture.head = book->blocks.head;
    picture.accounts = book->accounts.count;
    for (uint32_t i = 0; i < book->accounts.count && i < 64; i++)
        picture.balances[i] = ledger_balance(&book->accounts, i, BOOK_CONSE);
    book_end(&b);
    return picture;
}

static void play(struct house *house, int turns)
{
    char request[128];
    const char *const people[] = {ANN, BOB, EVE};
    house_must(house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '100000', 'memo': 'start'}");
    for (int i = 0; i < turns; i++) {
        snprintf(request, sizeof request, "{'to_user_id': '%s', 'amount': '%d'}", people[(i + 1) % 3],
                 500 - i);
        house_must(house, people[i % 3], "chain.Transfer", request);
    }
}

static void a_restart_changes_nothing(void **state)
{
    struct house *house = house_at(NULL);
    (void)state;
    play(house, 30);
    house_seal(house);
    play(house, 3);
    const struct picture before = picture_of(house);
    house_restart(house);
    const struct picture after = picture_of(house);
    assert_memory_equal(&before, &after, sizeof before);
    house_close(house);
}

static void keep_snapshot(struct house *house)
{
    struct book_snapshot snapshot;
    struct book_call b;
    struct err err = {0};
    assert_true(book_snapshot_take(enter(house, &b), &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
}

static void a_snapshot_is_where_it_goes_on(void **state)
{
    struct house *house = house_at(NULL);
    struct book_call b;
    (void)state;
    play(house, 10);
    keep_snapshot(house);
    uint64_t taken = picture_of(house).seq;
    play(house, 3);
    const struct picture before = picture_of(house);
    house_restart(house);
    const struct picture after = picture_of(house);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(enter(house, &b)->snapshot_seq, taken);
    book_end(&b);
    house_close(house);
}

// One whose parts are gone, or spoilt, is no snapshot.
static void a_broken_snapshot_is_ignored(void **state)
{
    struct house *house = house_at(NULL);
    struct err err = {0};
    (void)state;
    play(house, 10);
    keep_snapshot(house);
    const struct picture before = picture_of(house);
    struct arena arena;
    struct store_rows rows;
    const struct store_query query = {.limit = 10, .page_token = ""};
    arena_init(&arena, 32 << 20);
    assert_true(store_find(house->chain.store, &chain_tables[CHAIN_CHUNKS], &query, &arena, &rows, &err));
    assert_int_equal(rows.count, 1);
    Ledger__ChunkRow *row = (Ledger__ChunkRow *)rows.messages[0];
    row->bytes.data[row->bytes.len / 2] ^= 1;
    const struct store_write write = {.done = NULL};
    assert_true(store_wait(
        house->chain.store,
        store_put(house->chain.store, &chain_tables[CHAIN_CHUNKS], &row->base, rows.versions[0], &write),
        &err));
    arena_finish(&arena);
    house_restart(house);
    const struct picture after = picture_of(house);
    assert_memory_equal(&before, &after, sizeof before);
    house_close(house);
}

static void put_chunk(struct house *house, const char *id, int64_t made_ms)
{
    Ledger__ChunkRow row = LEDGER__CHUNK_ROW__INIT;
    struct err err = {0};
    const struct store_write write = {.done = NULL};
    row.id = id;
    row.made_ms = made_ms;
    assert_true(store_wait(house->chain.store,
                           store_put(house->chain.store, &chain_tables[CHAIN_CHUNKS], &row.base, 0, &write),
                           &err));
}

// Also what came after the snapshot that is in use, as of one that could not be stored.
static void parts_that_nobody_reads_go(void **state)
{
    struct house *house = house_at(NULL);
    struct err err = {0};
    char id[64];
    (void)state;
    play(house, 10);
    keep_snapshot(house);
    int64_t later_ms = clock_unix_ms() + 1000;
    for (int i = 0; i < 10; i++) {
        snprintf(id, sizeof id, "0123456789abcdef0123456789abcdef-%05d", i);
        put_chunk(house, id, i < 5 ? 1 : later_ms);
    }
    assert_true(book_snapshot_sweep(&house->chain, later_ms + 3600 * 1000, &err));
    const struct store_query query = {.limit = 100, .page_token = ""};
    struct store_rows rows;
    assert_true(
        store_find(house->chain.store, &chain_tables[CHAIN_CHUNKS], &query, &house->arena, &rows, &err));
    assert_int_equal(rows.count, 1);
    const struct picture before = picture_of(house);
    house_restart(house);
    const struct picture after = picture_of(house);
    assert_memory_equal(&before, &after, sizeof before);
    house_close(house);
}

static void a_full_block_is_sealed_within_the_command(void **state)
{
    struct house *house = house_at(NULL);
    (void)state;
    play(house, 1);
    char request[128];
    for (int i = 0; i < LEDGER_BLOCK_RECORDS_MAX; i++) {
        snprintf(request, sizeof request, "{'to_username': 'bob', 'amount': '1'}");
        house_must(house, ANN, "chain.Transfer", request);
    }
    assert_int_equal(picture_of(house).height, 1);
    const struct picture before = picture_of(house);
    house_restart(house);
    const struct picture after = picture_of(house);
    assert_memory_equal(&before, &after, sizeof before);
    house_seal(house);
    const Chain__LedgerBlockReply *block = house_must(house, ANN, "chain.GetLedgerBlock", "{'index': '0'}");
    assert_int_equal(block->n_leaves, LEDGER_BLOCK_RECORDS_MAX);
    house_close(house);
}

// However much its entries say, what is shown of a block are hashes.
static void a_block_is_shown_in_little_memory(void **state)
{
    struct house *house = house_at(NULL);
    char request[512], memo[141];
    (void)state;
    play(house, 1);
    memset(memo, 'm', sizeof memo - 1);
    memo[sizeof memo - 1] = 0;
    snprintf(request, sizeof request, "{'to_username': 'bob', 'amount': '1', 'memo': '%s'}", memo);
    for (int i = 0; i < LEDGER_BLOCK_RECORDS_MAX / 2; i++) house_must(house, ANN, "chain.Transfer", request);
    house_seal(house);
    arena_finish(&house->arena);
    arena_init(&house->arena, 256 * 1024);
    const Chain__LedgerBlockReply *block = house_must(house, ANN, "chain.GetLedgerBlock", "{'index': '0'}");
    assert_int_equal(block->n_leaves, LEDGER_BLOCK_RECORDS_MAX);
    house_must(house, ANN, "chain.GetLedgerProof", "{'index': '0', 'transaction': '9'}");
    house_close(house);
}

// ---- Two processes

static void two_processes_have_one_ledger(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = house_at(URL), *two = house_at(URL);
    play(one, 6);
    assert_int_equal(house_balance(two, ANN), house_balance(one, ANN));
    house_must(two, ANN, "chain.Transfer", "{'to_username': 'bob', 'amount': '7'}");
    assert_int_equal(house_balance(one, BOB), house_balance(two, BOB));
    const struct picture first = picture_of(one), second = picture_of(two);
    assert_memory_equal(&first, &second, sizeof first);
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

// The copy that a command is decided on may be old: then its append fails, and nothing of it is left.
static void who_decides_on_an_old_copy_writes_nothing(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = house_at(URL), *two = house_at(URL);
    house_must(one, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '100', 'memo': 'all'}");
    assert_int_equal(house_balance(two, ANN), 100);
    house_must(one, ANN, "chain.Transfer", "{'to_username': 'bob', 'amount': '100'}");
    assert_null(house_ask(two, ANN, "chain.Transfer", "{'to_username': 'eve', 'amount': '100'}"));
    assert_int_equal(two->err.reason, IS(CONFLICT));
    house_refuses(two, ANN, "chain.Transfer", "{'to_username': 'eve', 'amount': '100'}", IS(FUNDS_SHORT));
    assert_int_equal(house_balance(two, BOB), 100);
    assert_int_equal(house_balance(two, EVE), 0);
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

// What the store has may be ahead of the copy: accounts in it are not known here yet.
static void who_shows_what_another_wrote_has_read_it(void **state)
{
    char request[160];
    (void)state;
    shared_store_register();
    struct house *one = house_at(URL), *two = house_at(URL);
    house_must(one, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '100', 'memo': 'all'}");
    assert_int_equal(house_balance(two, ANN), 100);
    const Chain__TransactionReply *given =
        house_must(one, ANN, "chain.Transfer", "{'to_username': 'bob', 'amount': '40'}");
    snprintf(request, sizeof request, "{'user_id': '" ANN "', 'page_token': '%llu'}",
             (unsigned long long)given->transaction->id);
    const Chain__ListTransactionsReply *list = house_must(two, ANN, "chain.ListTransactions", request);
    assert_int_equal(list->n_transactions, 2);
    assert_string_equal(list->transactions[0]->movements[1]->user_id, BOB);

    house_must(one, ANN, "chain.Transfer", "{'to_username': 'eve', 'amount': '5'}");
    house_seal(one);
    const Chain__LedgerBlockReply *block = house_must(two, EVE, "chain.GetLedgerBlock", "{'index': '0'}");
    struct merkle_hash leaves[64], root;
    assert_in_range(block->n_leaves, 1, 64);
    for (size_t i = 0; i < block->n_leaves; i++)
        memcpy(leaves[i].bytes, block->leaves[i].data, sizeof leaves[i].bytes);
    root = merkle_root(leaves, (uint32_t)block->n_leaves);
    assert_memory_equal(root.bytes, block->block->root.data, sizeof root.bytes);
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

// Whom it was for may have another name meanwhile, or none.
static void a_repetition_is_found_before_the_receiver(void **state)
{
    (void)state;
    shared_store_register();
    struct house *house = house_at(URL);
    house_must(house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '100', 'memo': 'all'}");
    house->key = "once";
    const char *request = "{'to_username': 'bob', 'amount': '40'}";
    const Chain__TransactionReply *reply = house_must(house, ANN, "chain.Transfer", request);
    uint64_t first = reply->transaction->id;
    house_teach(house, (struct name_news){.user_id = BOB, .name = "robert", .level = LEVEL_PLAYER});
    reply = house_must(house, ANN, "chain.Transfer", request);
    assert_int_equal(reply->transaction->id, first);
    house->key = "gift";
    request = "{'to_username': 'robert', 'amount': '1', 'memo': 'once'}";
    reply = house_must(house, DEV, "chain.Grant", request);
    first = reply->transaction->id;
    house_teach(house, (struct name_news){.user_id = BOB, .name = "rob", .level = LEVEL_PLAYER});
    reply = house_must(house, DEV, "chain.Grant", request);
    assert_int_equal(reply->transaction->id, first);
    house_close(house);
    shared_store_drop(URL);
}

// A body of any size would not fit where its record is made.
static void what_says_too_much_is_no_entry(void **state)
{
    struct house *house = house_at(NULL);
    static char text[1 << 17];
    struct book_call b;
    (void)state;
    enter(house, &b);
    memset(text, 'a', sizeof text - 1);
    uint64_t memo = book_memo(&b, "short");
    assert_int_equal(memo, b.book->seq);
    assert_false(b.failed);
    book_memo(&b, text);
    assert_true(b.failed);
    book_end(&b);
    house_close(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restart_changes_nothing),
        cmocka_unit_test(a_snapshot_is_where_it_goes_on),
        cmocka_unit_test(a_broken_snapshot_is_ignored),
        cmocka_unit_test(parts_that_nobody_reads_go),
        cmocka_unit_test(a_full_block_is_sealed_within_the_command),
        cmocka_unit_test(a_block_is_shown_in_little_memory),
        cmocka_unit_test(two_processes_have_one_ledger),
        cmocka_unit_test(who_decides_on_an_old_copy_writes_nothing),
        cmocka_unit_test(who_shows_what_another_wrote_has_read_it),
        cmocka_unit_test(a_repetition_is_found_before_the_receiver),
        cmocka_unit_test(what_says_too_much_is_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
