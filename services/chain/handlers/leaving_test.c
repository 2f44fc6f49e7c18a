// What is left of somebody who has deleted their account, and that the ledger goes on without them.
#include <pthread.h>
#include <stdatomic.h>

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

// ---- Under load

// A thread that writes the ledger all the time: there is always an entry on its way.
struct load {
    struct house *house;
    pthread_t thread;
    atomic_bool ends;
    atomic_uint written;
    const char *giver; // whose account it moves
    const char *memo;  // beside each, or ""
    unsigned most;     // 0: until it is ended
};

static uint64_t write_some(struct load *load)
{
    struct arena arena;
    struct err err = {0};
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    const struct ledger_owner giver = book_user(load->giver), receiver = book_user(EVE);
    arena_init(&arena, 1 << 20);
    struct book_call b = {.chain = &load->house->chain, .arena = &arena};
    assert_true(book_begin_own(&b, load->house->now_ms, false, &err));
    uint32_t from = ledger_accounts_find(&b.book->accounts, &giver);
    if (from != LEDGER_NO_ACCOUNT) {
        struct ledger_posting postings[] = {{from, BOOK_CONSE, -1},
                                            {book_account(&b, &receiver), BOOK_CONSE, 1}};
        transferred.memo = book_memo(&b, load->memo);
        book_add(&b, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, postings, ledger_net(postings, 2));
    }
    assert_true(book_commit(&b, NULL, &err));
    uint64_t ticket = b.book->live.ticket;
    book_end(&b);
    arena_finish(&arena);
    return ticket;
}

// Each is written before the one before is on the disk.
static void *write_on(void *arg)
{
    struct load *load = arg;
    struct err err = {0};
    uint64_t tickets[2] = {0};
    for (unsigned i = 0; !atomic_load(&load->ends) && (!load->most || i < load->most); i++) {
        if (tickets[0]) assert_true(store_wait(load->house->chain.store, tickets[0], &err));
        tickets[0] = tickets[1];
        tickets[1] = write_some(load);
        atomic_fetch_add(&load->written, 1);
    }
    return NULL;
}

static void load_begin(struct load *load)
{
    assert_int_equal(pthread_create(&load->thread, NULL, write_on, load), 0);
    while (atomic_load(&load->written) < 3) sched_yield();
}

static void load_end(struct load *load)
{
    atomic_store(&load->ends, true);
    pthread_join(load->thread, NULL);
}

static void they_leave_a_ledger_that_never_rests(void **state)
{
    struct house *house = *state;
    struct load load = {.house = house, .giver = BOB, .memo = ""};
    struct err err = {0};
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" BOB "', 'amount': '100000', 'memo': 'start'}");
    load_begin(&load);
    bool erased = erase_user(&house->chain, ANN, &err);
    load_end(&load);
    if (!erased) fail_msg("%s %s", err_name(&err), err.message);
    assert_false(names_ann(house));
}

// What moves it meanwhile leaves nothing that they wrote.
static void what_was_underway_is_erased_too(void **state)
{
    struct house *house = *state;
    struct load load = {.house = house, .giver = ANN, .memo = "good-bye-to-all", .most = 60};
    struct err err = {0};
    load_begin(&load);
    bool erased = erase_user(&house->chain, ANN, &err);
    load_end(&load);
    if (!erased) fail_msg("%s %s", err_name(&err), err.message);
    assert_int_equal(times_stored(house, load.memo, strlen(load.memo)), 0);
    assert_false(names_ann(house));
}

static void who_is_on_the_way_out_gives_nothing(void **state)
{
    struct house *house = *state;
    house_must(house, DEV, "chain.Grant", "{'to_user_id': '" BOB "', 'amount': '10', 'memo': 'start'}");
    {
        struct arena arena;
        struct err err = {0};
        const struct ledger_owner ann = book_user(ANN);
        arena_init(&arena, 1 << 16);
        struct book_call b = {.chain = &house->chain, .arena = &arena};
        assert_true(book_begin_own(&b, house->now_ms, false, &err));
        book_let_go(b.book, &ann);
        book_end(&b);
        arena_finish(&arena);
    }
    house_refuses(house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '1'}", IS(NOT_FOUND));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_key_gave_them_stays),           TEST(nothing_is_given_to_who_is_on_the_way_out),
        TEST(they_leave_a_ledger_that_never_rests), TEST(what_was_underway_is_erased_too),
        TEST(who_is_on_the_way_out_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
