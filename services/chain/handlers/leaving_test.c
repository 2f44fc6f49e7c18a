// What is left of somebody who has deleted their account, and that the ledger goes on without them.
#include "services/chain/book/erase.h"
#include "services/chain/testing/holder.h"

static int set_up(void **state)
{
    struct house *house = *state = house_at(NULL);
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" ANN "', 'amount': '1000', 'memo': 'start'}");
    return 0;
}

static int tear_down(void **state)
{
    house_close(*state);
    return 0;
}

static void leave(struct house *house)
{
    house_teach(house, (struct name_news){.user_id = ANN, .name = "deleted-a1", .deleted = true});
}

// How often the store's ledger has the bytes.
static size_t times_stored(struct house *house, const void *bytes, size_t len)
{
    struct store_entries page = {.more = true};
    struct arena arena;
    struct err err = {0};
    size_t found = 0;
    arena_init(&arena, 32 << 20);
    for (uint64_t next = 1; page.more; next = page.first_seq + page.count) {
        assert_true(store_read(house->chain.store, BOOK_STREAM, next, 500, &arena, &page, &err));
        for (size_t i = 0; i < page.count; i++)
            found += memmem(page.entries[i].data, page.entries[i].len, bytes, len) != NULL;
    }
    arena_finish(&arena);
    return found;
}

static bool names_ann(struct house *house)
{
    const struct ledger_owner ann = book_user(ANN);
    return times_stored(house, ann.id, 16) > 0;
}

// What a key's holder gave to somebody who is nobody now was given all the same.
static void what_a_key_gave_them_stays(void **state)
{
    struct house *house = *state;
    const struct holder one = holder_of(1);
    struct ledger_account ann;
    holder_begin(house, &one, 1000);
    const Chain__Wallet *wallet = house_must(house, ANN, "chain.GetWallet", "{}");
    assert_true(base58_decode(ann.bytes, sizeof ann.bytes, wallet->account));
    struct ledger_order order = holder_order(house, &one, &ann, 300, 1);
    house_must(house, "", "chain.SubmitKeyOrder", holder_request(&order));
    leave(house);
    assert_false(names_ann(house));
    house_restart(house);
    assert_int_equal(holder_balance(house, &one), 700);
    order = holder_order(house, &one, &ann, 300, 2);
    house_refuses(house, "", "chain.SubmitKeyOrder", holder_request(&order), IS(NOT_FOUND));
}

// Between the account's end and the news of it, which come after one another.
static void nothing_is_given_to_who_is_on_the_way_out(void **state)
{
    struct house *house = *state;
    struct err err = {0};
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" BOB "', 'amount': '1000', 'memo': 'start'}");
    assert_true(erase_user(&house->chain, ANN, &err));
    assert_true(erase_user(&house->chain, EVE, &err)); // who never had anything
    assert_true(erase_user(&house->chain, ANN, &err));
    house_refuses(house, BOB, "chain.Transfer", "{'to_username': 'ann', 'amount': '1'}", IS(NOT_FOUND));
    house_refuses(house, BOB, "chain.Transfer", "{'to_user_id': '" EVE "', 'amount': '1'}", IS(NOT_FOUND));
    house_refuses(house, DEV, "chain.Grant", "{'to_username': 'ann', 'amount': '1', 'memo': 'more'}",
                  IS(NOT_FOUND));
    assert_false(names_ann(house));
    assert_int_equal(house_balance(house, BOB), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_key_gave_them_stays),
        TEST(nothing_is_given_to_who_is_on_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
