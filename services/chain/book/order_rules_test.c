// Each rule of the market by itself, and entries that say something else than the rules give.
#include "services/chain/exchange/fold.h"
#include "services/chain/testing/stage.h"

// ---- One by one

static const Ledger__Ordered *order_one(struct stage *stage, int who, enum market_side side, int64_t price,
                                        uint32_t quantity)
{
    const struct exchange_terms terms = {.account = stage->accounts[who],
                                         .asset = stage->assets[0],
                                         .price = price,
                                         .quantity = quantity,
                                         .fee_bp = FEE,
                                         .side = (uint8_t)side};
    struct err err = {0};
    assert_true(book_may_order(stage->b.book, &terms, &err));
    const Ledger__Entry *entry = book_order(&stage->b, &terms, NULL);
    assert_non_null(entry);
    wealth_order(stage, 0, who, entry->ordered);
    return entry->ordered;
}

static void who_pays_less_than_promised_keeps_the_rest(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    order_one(&stage, 0, MARKET_SELL, 1000, 3);
    const Ledger__Ordered *bought = order_one(&stage, 1, MARKET_BUY, 1200, 5);
    assert_int_equal(bought->n_fills, 1);
    assert_int_equal(bought->fills[0]->price, 1000);
    assert_int_equal(bought->rest, 2);
    assert_int_equal(stage.wealth.conse[1], START - 3 * 1000 - 2 * 1200);
    assert_int_equal(stage.wealth.conse[0], START + 3000 - 7);
    assert_int_equal(stage.wealth.revenue, 7);
    check_role(&stage, stage.b.book, 0);
    leave_stage(&stage, true);
    house_close(stage.house);
}

static void nobody_trades_with_themselves(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    order_one(&stage, 1, MARKET_SELL, 100, 1);
    order_one(&stage, 0, MARKET_SELL, 100, 1);
    const Ledger__Ordered *met = order_one(&stage, 0, MARKET_BUY, 100, 3);
    assert_int_equal(met->n_fills, 1);
    assert_int_equal(met->rest, 0);
    assert_int_equal(met->reason, LEDGER__ORDER__REASON__SELF_TRADE);
    check_role(&stage, stage.b.book, 0);
    leave_stage(&stage, true);
    house_close(stage.house);
}

// An order meets two hundred others at most, whoever placed them.
static void an_order_meets_so_many_others(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    for (int i = 0; i < EXCHANGE_FILLS_MAX + 20; i++) order_one(&stage, 1 + i % 2, MARKET_BUY, 10, 1);
    for (int i = 0; i < EXCHANGE_FILLS_MAX + 10; i++) book_make_card(&stage.b, ANN, MAFIA, NIGHT);
    stage.wealth.cards[0][0] += EXCHANGE_FILLS_MAX + 10;
    const Ledger__Ordered *met = order_one(&stage, 0, MARKET_SELL, 10, EXCHANGE_FILLS_MAX + 10);
    assert_int_equal(met->n_fills, EXCHANGE_FILLS_MAX);
    assert_int_equal(met->rest, 0);
    assert_int_equal(met->reason, LEDGER__ORDER__REASON__FILLS);
    check_role(&stage, stage.b.book, 0);
    leave_stage(&stage, true);
    const struct merkle_hash before = hash_now(&stage);
    house_restart(stage.house);
    const struct merkle_hash after = hash_now(&stage);
    assert_memory_equal(&before, &after, sizeof before);
    house_close(stage.house);
}

static void an_account_has_so_many_open_orders(void **state)
{
    struct stage stage;
    struct err err = {0};
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    for (int i = 0; i < EXCHANGE_OPEN_MAX; i++) order_one(&stage, 0, MARKET_BUY, 1 + i, 1);
    struct exchange_terms terms = {
        .account = stage.accounts[0], .asset = stage.assets[0], .price = 1, .quantity = 1};
    assert_false(book_may_order(stage.b.book, &terms, &err));
    assert_true(err_is(&err, TOO_MANY_ORDERS));
    terms.immediate = true;
    err = (struct err){0};
    assert_true(book_may_order(stage.b.book, &terms, &err));
    assert_int_equal(book_withdraw_own(&stage.b, stage.accounts[0], 0, LEDGER__ORDER__REASON__USER),
                     EXCHANGE_OPEN_MAX);
    assert_int_equal(ledger_balance(&stage.b.book->accounts, stage.accounts[0], BOOK_CONSE), START);
    leave_stage(&stage, true);
    house_close(stage.house);
}

// ---- Entries that nobody decided

static const char *wrong_of(struct stage *stage, const Ledger__Entry *entry)
{
    return exchange_check(&stage->b.book->exchange, &stage->b.book->accounts, entry);
}

static uint32_t cards_after(struct stage *stage, uint32_t card)
{
    const struct exchange_person *seller = exchange_person(&stage->b.book->exchange, stage->accounts[0]);
    const struct exchange_order *sells = exchange_order(&stage->b.book->exchange, seller->oldest);
    assert_int_not_equal(sells->cards.first, card);
    return sells->cards.first;
}

// The same order comes again with other fills than the rules give, or moving something else.
static void an_entry_says_what_the_rules_give(void **state)
{
    struct stage stage;
    struct err err = {0};
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    order_one(&stage, 0, MARKET_SELL, 100, 3);
    const struct exchange_terms terms = {.account = stage.accounts[1],
                                         .asset = stage.assets[0],
                                         .price = 100,
                                         .quantity = 1,
                                         .side = MARKET_BUY};
    Ledger__Entry *entry = (Ledger__Entry *)book_order(&stage.b, &terms, NULL);
    assert_int_equal(entry->ordered->fills[0]->left, 2);
    assert_string_equal(wrong_of(&stage, entry), "the order's fills are not what the rules give");
    entry->ordered->fills[0]->left = 1;
    assert_string_equal(wrong_of(&stage, entry), "it moves other cards");
    const uint32_t first = entry->ordered->cards[0];
    entry->ordered->cards[0] = cards_after(&stage, first);
    assert_null(wrong_of(&stage, entry));
    entry->postings[0]->amount--;
    assert_string_equal(wrong_of(&stage, entry), "it moves something else than its fills");
    entry->postings[0]->amount++;
    entry->ordered->rules = EXCHANGE_RULES + 1;
    assert_false(book_check(stage.b.book, entry, &err));
    assert_true(err_is(&err, STORE_NEWER));
    leave_stage(&stage, true);
    house_close(stage.house);
}

// The newest entry of a call, with another rest.
static ProtobufCBinaryData change_rest(struct stage *stage, struct arena *arena)
{
    const ProtobufCBinaryData packed = stage->b.entries[stage->b.count - 1];
    Ledger__Entry *entry = ledger__entry__unpack(&arena->allocator, packed.len, packed.data);
    assert_non_null(entry);
    entry->ordered->rest--;
    ProtobufCBinaryData changed = {ledger__entry__get_packed_size(entry), NULL};
    changed.data = arena_alloc(arena, changed.len);
    ledger__entry__pack(entry, changed.data);
    return changed;
}

static void a_ledger_that_says_otherwise_is_not_loaded(void **state)
{
    struct stage stage;
    struct arena arena;
    struct err err = {0};
    (void)state;
    open_stage(&stage, NULL);
    arena_init(&arena, 1 << 16);
    enter_stage(&stage);
    order_one(&stage, 0, MARKET_BUY, 10, 3);
    leave_stage(&stage, true);
    enter_stage(&stage);
    order_one(&stage, 1, MARKET_BUY, 10, 3);
    const ProtobufCBinaryData changed = change_rest(&stage, &arena);
    uint64_t number = stage.b.book->seq;
    book_end(&stage.b);
    const struct store_write write = {.done = NULL};
    struct store *store = stage.house->chain.store;
    assert_true(store_wait(store, store_append(store, BOOK_STREAM, number, &changed, 1, &write), &err));
    stage.b = (struct book_call){.chain = &stage.house->chain, .arena = &arena};
    assert_false(book_begin_own(&stage.b, stage.house->now_ms, false, &err));
    assert_true(err_is(&err, STORE_CORRUPT));
    arena_finish(&arena);
    house_close(stage.house);
}

// Cards move with what names them alone.
static void a_transfer_moves_no_cards(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    Ledger__Transferred transferred = LEDGER__TRANSFERRED__INIT;
    const struct ledger_posting moved[] = {{stage.accounts[0], stage.assets[0], -1},
                                           {stage.accounts[1], stage.assets[0], 1}};
    assert_null(book_add(&stage.b, LEDGER__ENTRY__BODY_TRANSFERRED, &transferred.base, moved, 2));
    book_end(&stage.b);
    house_close(stage.house);
}

// ---- Times to cancel

static void orders_are_withdrawn_when_their_time_comes(void **state)
{
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    order_one(&stage, 0, MARKET_BUY, 50, 2);
    order_one(&stage, 1, MARKET_BUY, 40, 2);
    book_set_cancel(&stage.b, stage.accounts[0], stage.house->now_ms + 1000);
    book_set_cancel(&stage.b, stage.accounts[1], stage.house->now_ms + 1000);
    book_set_cancel(&stage.b, stage.accounts[1], 0);
    assert_false(book_cancel_due(&stage.b));
    leave_stage(&stage, true);
    house_restart(stage.house);
    stage.house->now_ms += 1000;
    enter_stage(&stage);
    assert_true(book_cancel_due(&stage.b));
    assert_false(book_cancel_due(&stage.b));
    assert_int_equal(ledger_balance(&stage.b.book->accounts, stage.accounts[0], BOOK_CONSE), START);
    assert_int_equal(ledger_balance(&stage.b.book->accounts, stage.accounts[1], BOOK_CONSE), START - 80);
    leave_stage(&stage, true);
    house_close(stage.house);
}

// ---- Names of clients

static void what_a_client_named_is_found_for_a_day(void **state)
{
    static const uint8_t name[EXCHANGE_CLIENT_BYTES] = "mine";
    struct stage stage;
    (void)state;
    open_stage(&stage, NULL);
    enter_stage(&stage);
    const struct exchange_terms terms = {
        .account = stage.accounts[0], .asset = stage.assets[0], .price = 5, .quantity = 1};
    assert_non_null(book_order(&stage.b, &terms, name));
    uint64_t number = stage.b.book->seq;
    leave_stage(&stage, true);
    keep_snapshot(&stage);
    house_restart(stage.house);
    const struct exchange *exchange = &enter_stage(&stage)->exchange;
    int64_t now_ms = stage.house->now_ms;
    assert_int_equal(exchange_client(exchange, stage.accounts[0], name, now_ms), number);
    assert_int_equal(exchange_client(exchange, stage.accounts[1], name, now_ms), 0);
    assert_int_equal(exchange_client(exchange, stage.accounts[0], name, now_ms + EXCHANGE_CLIENT_MS), 0);
    book_end(&stage.b);
    house_close(stage.house);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_pays_less_than_promised_keeps_the_rest),
        cmocka_unit_test(nobody_trades_with_themselves),
        cmocka_unit_test(an_order_meets_so_many_others),
        cmocka_unit_test(an_account_has_so_many_open_orders),
        cmocka_unit_test(an_entry_says_what_the_rules_give),
        cmocka_unit_test(a_ledger_that_says_otherwise_is_not_loaded),
        cmocka_unit_test(a_transfer_moves_no_cards),
        cmocka_unit_test(orders_are_withdrawn_when_their_time_comes),
        cmocka_unit_test(what_a_client_named_is_found_for_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
