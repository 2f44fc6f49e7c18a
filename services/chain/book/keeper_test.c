// How the ledger goes on when its key is succeeded, its store was restored, or a clock was set back.
#include <sched.h>

#include "lib/base/clock.h"
#include "lib/base/version.h"
#include "lib/replica/replica.h"
#include "services/chain/book/erase.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/testing/house.h"

#define URL "shared:keeper"

static int set_up(void **state)
{
    shared_store_register();
    *state = house_at(URL);
    return 0;
}

static int tear_down(void **state)
{
    house_close(*state);
    shared_store_drop(URL);
    return 0;
}

static void grant(struct house *house)
{
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" ANN "', 'amount': '1000', 'memo': 'start'}");
}

static struct ledger_account authority_of(struct house *house)
{
    struct ledger_account authority;
    const Chain__Ledger *ledger = house_must(house, EVE, "chain.GetLedger", "{}");
    memcpy(authority.bytes, ledger->authority.data, sizeof authority.bytes);
    return authority;
}

static uint64_t height_of(struct house *house)
{
    return ((const Chain__Ledger *)house_must(house, EVE, "chain.GetLedger", "{}"))->height;
}

static bool is_signed(struct house *house, uint64_t index, const struct ledger_account *authority)
{
    char request[64];
    struct ledger_block block;
    snprintf(request, sizeof request, "{'index': '%llu'}", (unsigned long long)index);
    const Chain__LedgerBlockReply *reply = house_must(house, EVE, "chain.GetLedgerBlock", request);
    assert_true(ledger_block_decode(&block, reply->block->header.data, reply->block->header.len));
    return ledger_block_verify(&block, authority, reply->block->signature.data);
}

static Ledger__Entry__BodyCase kind_of(struct house *house, uint64_t number)
{
    struct store_entries page;
    struct err err = {0};
    assert_true(store_read(house->chain.store, BOOK_STREAM, number, 1, &house->arena, &page, &err));
    if (!page.count) return LEDGER__ENTRY__BODY__NOT_SET;
    const Ledger__Entry *entry =
        ledger__entry__unpack(&house->arena.allocator, page.entries[0].len, page.entries[0].data);
    assert_non_null(entry);
    return entry->body_case;
}

// What names the next key is signed by the one before: else whoever has the store could name theirs.
static void a_key_is_succeeded_under_the_one_before(void **state)
{
    struct house *house = house_made(NULL, true);
    struct err err = {0};
    char id[64];
    (void)state;
    grant(house);
    house_seal(house);
    const struct ledger_account before = authority_of(house);
    const struct rotation rotation = {.now_ms = clock_unix_ms()};
    assert_true(keyring_rotate(house->chain.keys, CHAIN_KEY_LEDGER, &rotation, id, &err));
    house_restart(house);
    house_seal(house);
    const struct ledger_account still = authority_of(house);
    assert_true(ledger_account_equal(&before, &still)); // who checks the newest block needs it
    assert_true(is_signed(house, 1, &before));
    house_restart(house);
    grant(house);
    house_seal(house);
    const struct ledger_account after = authority_of(house);
    assert_false(ledger_account_equal(&before, &after));
    assert_true(is_signed(house, 2, &after));
    grant(house);
    house_seal(house);
    assert_true(is_signed(house, 3, &after));
    const Chain__LedgerBlockReply *block = house_must(house, EVE, "chain.GetLedgerBlock", "{'index': '1'}");
    assert_int_equal(block->n_leaves, 1);
    assert_int_equal(kind_of(house, block->block->first_transaction), LEDGER__ENTRY__BODY_SUCCEEDED);
    house_close(house);
}

// Records that waited when the backup was made are not with what tells of the restore.
static void a_restore_is_told_of_in_a_block_of_its_own(void **state)
{
    struct house *house = *state;
    grant(house);
    house_seal(house);
    grant(house);
    shared_store_replace(house->chain.store);
    house_restart(house);
    house_seal(house);
    assert_int_equal(height_of(house), 3);
    const Chain__LedgerBlockReply *block = house_must(house, EVE, "chain.GetLedgerBlock", "{'index': '2'}");
    assert_int_equal(block->n_leaves, 1);
    assert_int_equal(kind_of(house, block->block->first_transaction), LEDGER__ENTRY__BODY_RESTORED);
}

// The house's clock is ahead of the keeper's.
static void a_block_ends_whatever_the_clock_says(void **state)
{
    struct house *house = *state;
    struct err err = {0};
    house->now_ms = clock_unix_ms() + 3600 * 1000;
    house_seal(house);
    grant(house);
    assert_true(keeper_start(&house->chain.keeper, &house->chain, &err));
    house->fresh = true;
    while (height_of(house) < 2) sched_yield();
}

// So what somebody wrote, and has taken away, is in no first reply either.
static void commands_are_forgotten_after_a_day(void **state)
{
    struct house *house = *state;
    struct err err = {0};
    house->now_ms = clock_unix_ms() - 25 * INT64_C(3600000);
    house->key = "once";
    grant(house);
    const char *other = "{'to_user_id': '" ANN "', 'amount': '1', 'memo': 'other'}";
    house_refuses(house, DEV, "chain.Grant", other, IS(IDEMPOTENCY_MISMATCH));
    assert_true(keeper_start(&house->chain.keeper, &house->chain, &err));
    while (!house_ask(house, DEV, "chain.Grant", other)) assert_int_not_equal(house->err.reason, 0);
}

// ---- Beside other processes

static void join_others(struct house *house)
{
    static const char *const leases[] = {CHAIN_PROJECTS, NULL};
    const struct replica_options options = {house->chain.store, chain_tables, "chain",
                                            "ipc:///a",         leases,       {0}};
    struct err err = {0};
    assert_true(replica_open(&house->chain.replica, &options, &err));
}

static uint64_t keep_snapshot(struct house *house)
{
    struct book_snapshot snapshot;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    assert_true(book_snapshot_take(b.book, &snapshot));
    b.book->snapshot_seq = snapshot.seq;
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
    return snapshot.seq;
}

static uint64_t newest_snapshot(struct house *house)
{
    ProtobufCBinaryData state;
    struct err err = {0};
    uint64_t seq;
    arena_reset(&house->arena);
    assert_true(store_read_snapshot(house->chain.store, BOOK_STREAM, &house->arena, &seq, &state, &err));
    return seq;
}

// After an erasure a snapshot is due at once.
static void one_process_takes_snapshots(void **state)
{
    struct house *house = *state;
    struct err err = {0};
    join_others(house);
    grant(house);
    house_seal(house);
    keep_snapshot(house);
    uint64_t before = newest_snapshot(house);
    assert_true(erase_user(&house->chain, ANN, &err));
    house->fresh = true;
    assert_true(keeper_start(&house->chain.keeper, &house->chain, &err));
    while (height_of(house) < 2) sched_yield(); // it looked, without the lease
    assert_int_equal(newest_snapshot(house), before);
    assert_true(replica_start(house->chain.replica, &err));
    while (newest_snapshot(house) == before) sched_yield();
}

// A process whose clock is behind ours lives.
static void beat_behind(struct house *house, int64_t behind_ms, uint64_t version)
{
    Replica__Beat row = REPLICA__BEAT__INIT;
    struct err err = {0};
    row.id = "other";
    row.service = "chain";
    row.address = "ipc:///other";
    row.host = row.version = "";
    row.format = CONSE_FORMAT;
    row.counter = version + 1;
    row.time_ms = clock_unix_ms() - behind_ms;
    assert_true(store_wait(
        house->chain.store,
        store_put(house->chain.store, &chain_tables[CHAIN_BEATS], &row.base, version, NULL), &err));
}

static int64_t newest_ms(struct house *house)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, 0, true, &err));
    int64_t ms = b.book->newest_ms;
    book_end(&b);
    return ms;
}

static void a_clock_that_is_ahead_takes_nobody_along(void **state)
{
    const int64_t hour_ms = 3600 * 1000;
    struct house *house = *state;
    struct err err = {0};
    int64_t begun_ms = newest_ms(house);
    join_others(house);
    assert_true(replica_start(house->chain.replica, &err));
    for (uint64_t version = 0; !replica_clock_ahead_ms(house->chain.replica); version++)
        beat_behind(house, 2 * hour_ms, version);
    house->now_ms = begun_ms + 3 * hour_ms;
    grant(house);
    assert_in_range(newest_ms(house), begun_ms + hour_ms / 2, begun_ms + 3 * hour_ms / 2);

    // Where the other's clock has not come yet, time goes on as it does.
    int64_t before_ms = newest_ms(house), mono_ms = clock_mono_ms();
    house->now_ms = before_ms + hour_ms;
    while (clock_mono_ms() < mono_ms + 2) sched_yield();
    grant(house);
    assert_in_range(newest_ms(house), before_ms + 1,
                    before_ms + 1 + clock_mono_ms() - mono_ms + hour_ms / 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_succeeded_under_the_one_before),
        TEST(a_restore_is_told_of_in_a_block_of_its_own),
        TEST(a_block_ends_whatever_the_clock_says),
        TEST(commands_are_forgotten_after_a_day),
        TEST(one_process_takes_snapshots),
        TEST(a_clock_that_is_ahead_takes_nobody_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
