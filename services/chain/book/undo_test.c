// Two processes write one ledger: who loses takes back what it had decided, and reads what the other one
// stored. Afterwards the state is as if it had been read from the first entry.
#include "services/chain/seats/apply.h"
#include "services/chain/testing/evening.h"

#define URL "shared:undo"

enum { SEEDS = 6, STEPS = 60, HOUSES = 2 };

static const char *const people[] = {ANN, BOB, EVE};

struct pair {
    struct house *houses[HOUSES];
    uint64_t random;
};

static void begin(struct house *house, struct book_call *b, bool fresh)
{
    struct err err = {0};
    *b = (struct book_call){.chain = &house->chain, .arena = &house->arena};
    while (!book_begin_own(b, house->now_ms, fresh, &err)) // what was lost has yet to end
        if (err.reason != CONSE__REASON__VALUE__SERVICE_BUSY) fail_msg("%s", err.message);
}

static void read_on(struct house *house)
{
    struct book_call b;
    begin(house, &b, true);
    book_end(&b);
}

static int set_up(void **state)
{
    struct pair *pair = *state = calloc(1, sizeof *pair);
    shared_store_register();
    for (int i = 0; i < HOUSES; i++) pair->houses[i] = house_at(URL);
    house_must(pair->houses[0], DEV, "chain.Grant",
               "{'to_user_id': '" ANN "', 'amount': '100000', 'memo': 'start'}");
    read_on(pair->houses[1]);
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    for (int i = 0; i < HOUSES; i++) house_close(pair->houses[i]);
    shared_store_drop(URL);
    free(pair);
    return 0;
}

// ---- Two states

// Of a state that was made anew it is another one.
static uint64_t making_of(struct house *house)
{
    struct book_call b;
    uint64_t making;
    begin(house, &b, true);
    memcpy(&making, b.book->accounts.seed, sizeof making);
    book_end(&b);
    return making;
}

static void same_accounts(const struct book *one, const struct book *two)
{
    assert_int_equal(one->accounts.count, two->accounts.count);
    for (uint32_t i = 0; i < one->accounts.count; i++) {
        const struct ledger_holding *a = &one->accounts.holdings[i], *b = &two->accounts.holdings[i];
        const struct ledger_owner owner = ledger_owner_of(&two->accounts, i);
        assert_memory_equal(&a->account, &b->account, sizeof a->account);
        assert_memory_equal(a->owner_id, b->owner_id, sizeof a->owner_id);
        assert_int_equal(a->opened, b->opened);
        assert_int_equal(a->touched, b->touched);
        assert_int_equal(ledger_accounts_find(&one->accounts, &owner),
                         ledger_accounts_find(&two->accounts, &owner));
        assert_int_equal(ledger_accounts_find_bytes(&one->accounts, &a->account),
                         ledger_accounts_find_bytes(&two->accounts, &b->account));
        for (uint32_t asset = 1; asset < one->assets_count; asset++)
            assert_int_equal(ledger_balance(&one->accounts, i, asset),
                             ledger_balance(&two->accounts, i, asset));
        assert_int_equal(book_spent_today(one, i, one->newest_ms), book_spent_today(two, i, two->newest_ms));
    }
}

static void same_tills(const struct till *one, const struct till *two)
{
    assert_int_equal(one->followed_seq, two->followed_seq);
    assert_int_equal(one->events.count, two->events.count);
    assert_int_equal(one->payments.count, two->payments.count);
    assert_int_equal(one->owed.count, two->owed.count);
    for (const struct till_event *a = NULL; (a = till_next_event(one, a));) {
        const struct till_event *b = till_find_event(two, a->id);
        assert_non_null(b);
        assert_int_equal(a->stage, b->stage);
        assert_int_equal(a->priced, b->priced);
        assert_int_equal(a->god, b->god);
        assert_int_equal(a->count, b->count);
        assert_int_equal(a->unmarked, b->unmarked);
        assert_int_equal(till_event_due(a), till_event_due(b));
        const struct till_payment *of = a->first, *with = b->first;
        for (; of; of = of->next, with = with->next) {
            assert_memory_equal(of->id, with->id, sizeof of->id);
            assert_memory_equal(&of->payment, &with->payment, sizeof of->payment);
            assert_int_equal(till_owed(one, of->account), till_owed(two, with->account));
        }
        assert_ptr_equal(of, a->last ? a->last->next : NULL);
    }
}

static void same_books(const struct book *one, const struct book *two)
{
    assert_int_equal(one->seq, two->seq);
    assert_int_equal(one->newest_ms, two->newest_ms);
    assert_int_equal(one->open_first, two->open_first);
    assert_int_equal(one->blocks.count, two->blocks.count);
    assert_int_equal(one->blocks.height, two->blocks.height);
    assert_int_equal(one->assets_count, two->assets_count);
    assert_memory_equal(&one->blocks.head, &two->blocks.head, sizeof one->blocks.head);
    assert_memory_equal(one->blocks.leaves, two->blocks.leaves,
                        one->blocks.count * sizeof *one->blocks.leaves);
    assert_memory_equal(one->newest_id, two->newest_id, sizeof one->newest_id);
    for (int i = 0; i < LEDGER_REPEAT_DAYS; i++)
        assert_int_equal(one->repeats.days[i].map.count, two->repeats.days[i].map.count);
    same_accounts(one, two);
    same_tills(&one->till, &two->till);
}

// Both are as one that reads everything.
static void check_same(struct pair *pair)
{
    struct house *reader = house_at(URL);
    struct book_call read, b;
    begin(reader, &read, true);
    for (int i = 0; i < HOUSES; i++) {
        begin(pair->houses[i], &b, true);
        same_books(b.book, read.book);
        book_end(&b);
    }
    book_end(&read);
    house_close(reader);
}

// ---- Writing without waiting

static uint32_t account_of(struct book_call *b, const char *user_id)
{
    const struct ledger_owner owner = book_user(user_id);
    return book_account(b, &owner);
}

static void add_transfer(struct book_call *b, const char *from, const char *to, int64_t amount)
{
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    struct ledger_posting postings[] = {{account_of(b, from), BOOK_CONSE, -amount},
                                        {account_of(b, to), BOOK_CONSE, amount}};
    transferred.memo = book_memo(b, "thanks");
    book_add(b, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, postings, ledger_net(postings, 2));
}

static uint64_t commit(struct book_call *b)
{
    struct err err = {0};
    if (!book_commit(b, NULL, &err)) fail_msg("%s", err.message);
    uint64_t ticket = b->book->live.ticket;
    book_end(b);
    return ticket;
}

static uint64_t give(struct house *house, const char *from, const char *to, int64_t amount)
{
    struct book_call b;
    begin(house, &b, false);
    add_transfer(&b, from, to, amount);
    return commit(&b);
}

static uint64_t seal(struct house *house)
{
    struct book_call b;
    begin(house, &b, false);
    book_seal(&b);
    return commit(&b);
}

static void must(struct house *house, uint64_t ticket)
{
    struct err err = {0};
    if (!store_wait(house->chain.store, ticket, &err)) fail_msg("%s", err.message);
}

static void must_meet(struct house *house, uint64_t ticket)
{
    struct err err = {0};
    assert_false(store_wait(house->chain.store, ticket, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__CONFLICT);
}

// ---- Stories

static void they_write_in_turn_and_nothing_is_loaded_anew(void **state)
{
    struct pair *pair = *state;
    struct house *one = pair->houses[0], *two = pair->houses[1];
    must(two, give(two, ANN, BOB, 10)); // it has read the start
    uint64_t made[] = {making_of(one), making_of(two)};
    for (int i = 0; i < 5; i++) {
        must(one, give(one, ANN, BOB, 1));
        must_meet(two, give(two, ANN, STRANGER, 2)); // whose account it opened
        must(two, give(two, ANN, EVE, 2));
        must_meet(one, seal(one));
        must(one, seal(one));
        must_meet(two, seal(two));
        read_on(two);
    }
    for (int i = 0; i < HOUSES; i++) assert_true(making_of(pair->houses[i]) == made[i]);
    assert_int_equal(house_balance(one, EVE), 10);
    check_same(pair);
}

// The appends behind the one that lost are lost with it, and all of them are taken back.
static void all_that_was_on_its_way_is_taken_back(void **state)
{
    struct pair *pair = *state;
    struct house *one = pair->houses[0], *two = pair->houses[1];
    must(two, give(two, ANN, BOB, 1));
    must_meet(one, give(one, ANN, BOB, 1));
    uint64_t made = making_of(one), tickets[6];
    shared_store_hold(one->chain.store);
    for (int i = 0; i < 6; i++) tickets[i] = i % 3 == 2 ? seal(one) : give(one, ANN, i ? STRANGER : EVE, 1);
    must(two, give(two, ANN, EVE, 7));
    shared_store_release(one->chain.store);
    for (int i = 0; i < 6; i++) must_meet(one, tickets[i]);
    assert_int_equal(house_balance(one, EVE), 7);
    assert_true(making_of(one) == made);
    must(one, give(one, ANN, EVE, 1));
    check_same(pair);
}

static void pay(struct house *house, const char *user_id, unsigned number, bool meets)
{
    const void *paid = house_ask(house, user_id, "chain.PayPayment", evening_request(number));
    if (!paid != meets) fail_msg("%s", house->err.message);
    if (meets) assert_int_equal(house->err.reason, CONSE__REASON__VALUE__CONFLICT);
}

static void seats_are_taken_back_too(void **state)
{
    struct pair *pair = *state;
    struct house *one = pair->houses[0], *two = pair->houses[1];
    struct evening evening;
    evening_init(&evening, one);
    house_must(one, DEV, "chain.Grant", "{'to_user_id': '" BOB "', 'amount': '9000', 'memo': 'start'}");
    evening_hold(&evening, 1, ANN, 0);
    evening_hold(&evening, 2, BOB, 0);
    read_on(two);
    uint64_t made[] = {making_of(one), making_of(two)};
    pay(one, ANN, 1, false);
    pay(two, BOB, 2, true);
    check_same(pair);
    pay(two, BOB, 2, false);
    must_meet(one, seal(one));
    shared_store_hold(one->chain.store);
    struct book_call b;
    begin(one, &b, true);
    Money__SeatHeld held = MONEY__SEAT_HELD__INIT;
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    const struct uuid id = hold_id(3), event = hold_id(4);
    held.hold_id = id.text;
    held.user_id = STRANGER;
    held.price = EVENING_PRICE;
    held.currency = MONEY__CURRENCY__VALUE__CONSE;
    held.terms = &evening.terms;
    told.event_id = event.text;
    told.god_id = GOD;
    told.body_case = MONEY__FROM_EVENTS__BODY_SEAT_HELD;
    told.seat_held = &held;
    seats_apply(&b, &told); // an event, its terms, and a hold, which nobody had before
    assert_true(b.count > 2);
    uint64_t ticket = commit(&b);
    must(two, seal(two));
    shared_store_release(one->chain.store);
    must_meet(one, ticket);
    for (int i = 0; i < HOUSES; i++) assert_true(making_of(pair->houses[i]) == made[i]);
    check_same(pair);
}

static const void *make_card(struct house *house)
{
    house->operates = true;
    const void *made = house_ask(house, "", "chain.MakeCard",
                                 "{'user_id': '" EVE "', 'role_id': '" STRANGER "', 'event_id': '" BOB "'}");
    house->operates = false;
    return made;
}

static void what_can_not_be_taken_back_is_loaded_anew(void **state)
{
    struct pair *pair = *state;
    struct house *one = pair->houses[0], *two = pair->houses[1];
    assert_non_null(make_card(two));
    read_on(one);
    must(one, give(one, ANN, BOB, 1));
    uint64_t made = making_of(one);
    read_on(two);
    must(two, give(two, ANN, BOB, 1));
    assert_null(make_card(one));
    assert_int_equal(one->err.reason, CONSE__REASON__VALUE__CONFLICT);
    assert_true(making_of(one) != made);
    check_same(pair);
}

// As when the store's newest entries were rolled back after they had been read.
static void what_does_not_stand_on_what_is_stored_is_loaded_anew(void **state)
{
    struct pair *pair = *state;
    struct house *one = pair->houses[0], *two = pair->houses[1];
    struct book_call b;
    must(one, give(one, ANN, BOB, 1));
    uint64_t made = making_of(one);
    read_on(two);
    must(two, give(two, ANN, BOB, 1));
    begin(one, &b, false);
    b.book->newest_id[0] ^= 1;
    add_transfer(&b, ANN, BOB, 5);
    must_meet(one, commit(&b));
    assert_true(making_of(one) != made);
    check_same(pair);
}

// ---- At random

static unsigned draw_below(struct pair *pair, unsigned below) // splitmix64
{
    uint64_t z = (pair->random += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (unsigned)((z ^ (z >> 31)) % below);
}

static void make_step(struct pair *pair)
{
    struct house *house = pair->houses[draw_below(pair, HOUSES)];
    unsigned what = draw_below(pair, 10), count = 1 + draw_below(pair, 4);
    uint64_t ticket = 0;
    struct err err = {0};
    for (unsigned i = 0; i < count && what < 8; i++)
        ticket = draw_below(pair, 3) ? give(house, ANN, people[1 + draw_below(pair, 2)], 1) : seal(house);
    if (what == 8)
        house_ask(house, DEV, "chain.Grant",
                  draw_below(pair, 2) ? "{'to_user_id': '" EVE "', 'amount': '5', 'memo': 'x'}"
                                      : "{'to_user_id': '" STRANGER "', 'amount': '5', 'memo': 'x'}");
    if (what == 9) make_card(house);
    if (ticket && !store_wait(house->chain.store, ticket, &err))
        assert_int_equal(err.reason, CONSE__REASON__VALUE__CONFLICT);
}

static void whoever_comes_first_all_are_the_same(void **state)
{
    struct pair *pair = *state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        pair->random = seed;
        for (int step = 0; step < STEPS; step++) make_step(pair);
        check_same(pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(they_write_in_turn_and_nothing_is_loaded_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_that_was_on_its_way_is_taken_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seats_are_taken_back_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_can_not_be_taken_back_is_loaded_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_stand_on_what_is_stored_is_loaded_anew, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(whoever_comes_first_all_are_the_same, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
