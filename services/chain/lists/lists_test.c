// What a list has follows from its entries, and is the same when it is read from a snapshot.
#include "tests/test.h"

#include <sodium.h>

#include "services/chain/lists/lists.h"

static struct lists lists;
static struct ledger_accounts accounts;
static const uint8_t seed[16] = {7};
static uint64_t seq;

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0 || !ledger_accounts_init(&accounts, seed)) return -1;
    lists_init(&lists, seed);
    seq = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lists_finish(&lists);
    ledger_accounts_finish(&accounts);
    return 0;
}

// ---- Saying things

// Whether the entry may follow; then it does.
static bool say_entry(Ledger__Entry *entry)
{
    entry->time_ms = 1000 + (int64_t)seq;
    bool fits = !lists_check(&lists, &accounts, entry);
    if (fits) lists_apply(&lists, entry, ++seq);
    return fits;
}

static bool make_list(uint32_t number, const char *name)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__ListMade made = LEDGER__LIST_MADE__INIT;
    made.list = number;
    made.name = name;
    entry.body_case = LEDGER__ENTRY__BODY_LIST_MADE;
    entry.list_made = &made;
    return say_entry(&entry);
}

enum { SAID_MOST = 3 };

struct said {
    uint8_t keys[SAID_MOST][LIST_KEY_BYTES];
    Ledger__ListMint mints[SAID_MOST], *places[SAID_MOST];
};

static size_t say_mints(struct said *said, const uint8_t *first, size_t count, uint32_t points)
{
    for (size_t i = 0; i < count; i++) {
        memset(said->keys[i], first[i], LIST_KEY_BYTES);
        ledger__list_mint__init(&said->mints[i]);
        said->mints[i].mint = (ProtobufCBinaryData){LIST_KEY_BYTES, said->keys[i]};
        said->mints[i].points = points;
        said->places[i] = &said->mints[i];
    }
    return count;
}

static bool want_mints(uint32_t list, const uint8_t *mints, size_t count, uint32_t points)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__ListWanted wanted = LEDGER__LIST_WANTED__INIT;
    struct said said;
    wanted.list = list;
    wanted.n_mints = say_mints(&said, mints, count, points);
    wanted.mints = said.places;
    entry.body_case = LEDGER__ENTRY__BODY_LIST_WANTED;
    entry.list_wanted = &wanted;
    return say_entry(&entry);
}

static bool enter_wallet(uint32_t list, uint8_t who, const uint8_t *mints, size_t count, enum list_way way)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__ListEntered entered = LEDGER__LIST_ENTERED__INIT;
    struct said said;
    uint8_t wallet[LIST_KEY_BYTES] = {who}, signature[LIST_SIGNATURE_BYTES] = {who};
    entered.list = list;
    entered.wallet = (ProtobufCBinaryData){sizeof wallet, wallet};
    entered.n_mints = say_mints(&said, mints, count, 2);
    entered.mints = said.places;
    entered.way = way;
    if (way == LIST_BURNED) entered.signature = (ProtobufCBinaryData){sizeof signature, signature};
    if (way == LIST_BURNED) entered.at_ms = 77;
    entry.body_case = LEDGER__ENTRY__BODY_LIST_ENTERED;
    entry.list_entered = &entered;
    return say_entry(&entry);
}

static bool open_list(uint32_t list, uint8_t address)
{
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    Ledger__ListOpened opened = LEDGER__LIST_OPENED__INIT;
    uint8_t bytes[LIST_KEY_BYTES] = {address};
    opened.list = list;
    opened.address = (ProtobufCBinaryData){address ? sizeof bytes : 0, bytes};
    entry.body_case = LEDGER__ENTRY__BODY_LIST_OPENED;
    entry.list_opened = &opened;
    return say_entry(&entry);
}

#define MINTS(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

// ---- The tests

static void names_are_unique_and_short(void **state)
{
    (void)state;
    assert_true(make_list(1, "spring"));
    assert_false(make_list(2, "spring"));
    assert_false(make_list(3, "summer"));
    assert_false(make_list(2, ""));
    assert_false(make_list(2, "Summer"));
    assert_false(make_list(2, "012345678901234567890123456789012"));
    assert_true(make_list(2, "01234567890123456789012345678901"));
    assert_ptr_equal(lists_find(&lists, "spring"), lists_get(&lists, 1));
    assert_null(lists_find(&lists, "sprin"));
    assert_null(lists_get(&lists, 0));
    assert_null(lists_get(&lists, 3));
    assert_int_equal(lists_of(&lists, 0), 2);
}

static void a_mint_is_on_a_list_once(void **state)
{
    (void)state;
    assert_true(make_list(1, "one") && make_list(2, "two"));
    assert_true(enter_wallet(1, 5, MINTS(1, 2), LIST_APPROVED));
    assert_false(enter_wallet(1, 6, MINTS(1), LIST_APPROVED));
    assert_false(enter_wallet(1, 5, MINTS(2), LIST_BURNED));
    assert_false(enter_wallet(1, 5, MINTS(3, 3), LIST_APPROVED));
    assert_true(enter_wallet(2, 6, MINTS(1), LIST_APPROVED));
    const struct list *list = lists_get(&lists, 1);
    const uint8_t mint[LIST_KEY_BYTES] = {9};
    assert_int_equal(list->marks, 2);
    assert_int_equal(list->owners_count, 1);
    assert_int_equal(list->owners[0]->score, 4);
    assert_null(lists_marked(&lists, list, mint));
    assert_ptr_equal(lists_marked(&lists, list, list->owners[0]->marks[1].mint), list->owners[0]);
    assert_false(enter_wallet(3, 5, MINTS(9), LIST_APPROVED));
    assert_false(enter_wallet(1, 5, NULL, 0, LIST_APPROVED));
    assert_false(enter_wallet(1, 5, MINTS(9), (enum list_way)3));
}

static void wallets_stand_in_order_and_their_leaves_tell_what_they_have(void **state)
{
    (void)state;
    assert_true(make_list(1, "one"));
    assert_true(enter_wallet(1, 9, MINTS(1), LIST_APPROVED) && enter_wallet(1, 3, MINTS(2), LIST_BURNED));
    assert_true(enter_wallet(1, 6, MINTS(3), LIST_APPROVED));
    const struct list *list = lists_get(&lists, 1);
    const struct merkle_hash before = list->owners[0]->leaf, other = list->owners[2]->leaf;
    assert_int_equal(list->owners[0]->wallet[0], 3);
    assert_int_equal(list->owners[1]->wallet[0], 6);
    assert_int_equal(list->owners[2]->wallet[0], 9);
    assert_int_equal(list->owners[0]->marks[0].time_ms, 77);
    assert_int_equal(list->owners[0]->marks[0].signature[0], 3);
    assert_int_equal(list->changed, seq);
    assert_true(enter_wallet(1, 3, MINTS(4), LIST_APPROVED));
    assert_false(merkle_hash_equal(&before, &list->owners[0]->leaf));
    assert_true(merkle_hash_equal(&other, &list->owners[2]->leaf));
}

static void what_is_wanted_has_its_points(void **state)
{
    const uint8_t four[LIST_KEY_BYTES] = {4};
    uint8_t one[LIST_KEY_BYTES], two[LIST_KEY_BYTES];
    memset(one, 1, sizeof one);
    memset(two, 2, sizeof two);
    (void)state;
    assert_true(make_list(1, "one"));
    const struct list *list = lists_get(&lists, 1);
    assert_int_equal(list_points(list, four), 1);
    assert_true(want_mints(1, MINTS(2, 1), 5) && want_mints(1, MINTS(1, 3), 7));
    assert_false(want_mints(1, MINTS(1, 1), 5) || want_mints(1, MINTS(1), 0) || want_mints(2, MINTS(1), 1) ||
                 want_mints(1, MINTS(1), LIST_POINTS_MOST + 1) || want_mints(1, NULL, 0, 1));
    assert_int_equal(list->wanted, 3);
    assert_int_equal(list_points(list, one), 7);
    assert_int_equal(list_points(list, two), 5);
    assert_int_equal(list_points(list, four), 0);
}

// What is proven of a list has nothing of it.
static void a_list_is_opened_once(void **state)
{
    (void)state;
    assert_true(make_list(1, "one") && make_list(2, "two"));
    const struct list *list = lists_get(&lists, 1);
    const uint64_t changed = list->changed;
    assert_false(open_list(3, 7) || open_list(1, 0));
    assert_true(open_list(1, 7));
    assert_false(open_list(1, 8));
    assert_int_equal(list->address[0], 7);
    assert_int_equal(list->changed, changed);
    assert_false(lists_get(&lists, 2)->opened);
}

static void nobody_has_too_much(void **state)
{
    (void)state;
    assert_true(make_list(1, "one"));
    uint8_t wallet[LIST_KEY_BYTES] = {5};
    Ledger__ListMint mints[LIST_AT_ONCE], *places[LIST_AT_ONCE];
    uint8_t keys[LIST_AT_ONCE][LIST_KEY_BYTES] = {{0}};
    Ledger__ListEntered entered = LEDGER__LIST_ENTERED__INIT;
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    entered.list = 1;
    entered.wallet = (ProtobufCBinaryData){sizeof wallet, wallet};
    entered.mints = places;
    entered.n_mints = LIST_AT_ONCE;
    entered.way = LIST_APPROVED;
    entry.body_case = LEDGER__ENTRY__BODY_LIST_ENTERED;
    entry.list_entered = &entered;
    for (int round = 0; round <= LIST_OWNER_MARKS_MOST / LIST_AT_ONCE; round++) {
        for (int i = 0; i < LIST_AT_ONCE; i++) {
            keys[i][0] = (uint8_t)i;
            keys[i][1] = (uint8_t)round;
            ledger__list_mint__init(&mints[i]);
            mints[i].mint = (ProtobufCBinaryData){LIST_KEY_BYTES, keys[i]};
            mints[i].points = 1;
            places[i] = &mints[i];
        }
        assert_int_equal(say_entry(&entry), round < LIST_OWNER_MARKS_MOST / LIST_AT_ONCE);
    }
    assert_int_equal(lists_get(&lists, 1)->marks, LIST_OWNER_MARKS_MOST);
}

// As many wallets as a list can have, in no order, and a tree over them that others find.
static void a_list_may_be_long(void **state)
{
    (void)state;
    assert_true(make_list(1, "one"));
    uint8_t wallet[LIST_KEY_BYTES] = {0}, key[LIST_KEY_BYTES] = {0};
    Ledger__ListMint mint = LEDGER__LIST_MINT__INIT, *place = &mint;
    Ledger__ListEntered entered = LEDGER__LIST_ENTERED__INIT;
    Ledger__Entry entry = LEDGER__ENTRY__INIT;
    mint.mint = (ProtobufCBinaryData){sizeof key, key};
    mint.points = 1;
    entered.list = 1;
    entered.wallet = (ProtobufCBinaryData){sizeof wallet, wallet};
    entered.mints = &place;
    entered.n_mints = 1;
    entered.way = LIST_APPROVED;
    entry.body_case = LEDGER__ENTRY__BODY_LIST_ENTERED;
    entry.list_entered = &entered;
    for (uint32_t i = 0; i <= LIST_MARKS_MOST; i++) {
        uint32_t number = i * 2654435761u;
        memcpy(wallet, &number, sizeof number);
        memcpy(key, &i, sizeof i);
        assert_int_equal(say_entry(&entry), i < LIST_MARKS_MOST);
    }
    const struct list *list = lists_get(&lists, 1);
    assert_int_equal(list->owners_count, LIST_MARKS_MOST);
    for (uint32_t i = 1; i < list->owners_count; i++)
        assert_true(memcmp(list->owners[i - 1]->wallet, list->owners[i]->wallet, LIST_KEY_BYTES) < 0);
}

static struct list_nodes *make_nodes(const struct list *list, uint64_t version)
{
    struct merkle_hash leaves[8];
    assert_true(list->owners_count <= 8);
    for (uint32_t i = 0; i < list->owners_count; i++) leaves[i] = list->owners[i]->leaf;
    return list_nodes_create(leaves, list->owners_count, version);
}

// Also when an append failed, and another entry has its number.
static void a_tree_is_kept_for_the_list_that_it_is_of(void **state)
{
    (void)state;
    assert_true(make_list(1, "one") && enter_wallet(1, 5, MINTS(1), LIST_APPROVED));
    struct list *list = lists_get(&lists, 1);
    struct list_nodes *nodes = make_nodes(list, list->changed), *older = make_nodes(list, list->changed - 1);
    assert_null(list_hold_nodes(list));
    list_keep_nodes(list, older);
    assert_null(list_hold_nodes(list));
    list_keep_nodes(list, nodes);
    assert_ptr_equal(list_hold_nodes(list), nodes);
    list_nodes_release(nodes);
    list_nodes_release(older);
    assert_true(enter_wallet(1, 6, MINTS(2), LIST_APPROVED));
    assert_null(list_hold_nodes(list));
    struct list_nodes *other = make_nodes(list, list->changed);
    other->nodes[1].bytes[0] ^= 1;
    list_keep_nodes(list, other);
    assert_null(list_hold_nodes(list));
    list_nodes_release(other);
    list_nodes_release(nodes);
}

// ---- Snapshots

static uint8_t *take_snapshot(size_t *size)
{
    *size = lists_size(&lists);
    uint8_t *bytes = malloc(*size);
    struct fields_writer writer = {bytes};
    lists_write(&lists, &writer);
    assert_ptr_equal(writer.at, bytes + *size);
    return bytes;
}

static void a_snapshot_has_everything(void **state)
{
    size_t size, again;
    (void)state;
    assert_true(make_list(1, "one") && make_list(2, "two") && want_mints(2, MINTS(8, 7), 3));
    assert_true(enter_wallet(1, 9, MINTS(1), LIST_APPROVED) && enter_wallet(1, 3, MINTS(2), LIST_BURNED));
    assert_true(enter_wallet(1, 9, MINTS(5), LIST_BURNED) && enter_wallet(2, 9, MINTS(8), LIST_APPROVED));
    assert_true(open_list(1, 4));
    const struct merkle_hash leaf = lists_get(&lists, 1)->owners[1]->leaf;
    uint8_t *bytes = take_snapshot(&size);
    lists_finish(&lists);
    lists_init(&lists, seed);
    struct fields_reader reader = {bytes, size, false};
    assert_true(lists_read(&lists, &reader) && fields_is_whole(&reader));
    uint8_t *same = take_snapshot(&again);
    assert_int_equal(size, again);
    assert_memory_equal(bytes, same, size);
    const struct list *list = lists_find(&lists, "one");
    assert_true(merkle_hash_equal(&leaf, &list->owners[1]->leaf));
    assert_int_equal(list->owners[1]->score, 4);
    assert_int_equal(list->burned, 2);
    assert_true(list->opened && list->address[0] == 4);
    assert_false(enter_wallet(1, 3, MINTS(5), LIST_APPROVED));
    free(bytes);
    free(same);
}

static void a_damaged_snapshot_is_refused_or_is_another(void **state)
{
    size_t size;
    (void)state;
    assert_true(make_list(1, "one") && want_mints(1, MINTS(8, 7), 3) &&
                enter_wallet(1, 9, MINTS(8), LIST_APPROVED));
    uint8_t *bytes = take_snapshot(&size);
    for (size_t cut = 0; cut < size; cut++) {
        struct fields_reader reader = {bytes, cut, false};
        lists_finish(&lists);
        lists_init(&lists, seed);
        assert_false(lists_read(&lists, &reader) && fields_is_whole(&reader));
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_unique_and_short),
        TEST(a_mint_is_on_a_list_once),
        TEST(wallets_stand_in_order_and_their_leaves_tell_what_they_have),
        TEST(what_is_wanted_has_its_points),
        TEST(a_list_is_opened_once),
        TEST(nobody_has_too_much),
        TEST(a_list_may_be_long),
        TEST(a_tree_is_kept_for_the_list_that_it_is_of),
        TEST(a_snapshot_has_everything),
        TEST(a_damaged_snapshot_is_refused_or_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
