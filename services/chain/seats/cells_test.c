// The outcome table on the running ledger: whatever happens to a seat in CONSE, in each of its places,
// changes the payment as the table says, moves the money that it says, and tells events of it.
#include "services/chain/payments/terms.h"
#include "services/chain/testing/evening.h"

enum { START = 1000000 };

static struct evening evening;
static unsigned holds; // made so far
static unsigned evenings;

static void begin_evening(void)
{
    static char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "01890000-0000-7000-8000-0000e%07x", ++evenings);
    evening.id = id;
}

// Makes a payment that is in the place; returns its number.
static unsigned reach_place(char letter)
{
    unsigned number = ++holds;
    begin_evening();
    evening_hold(&evening, number, ANN, letter == 'W');
    if (strchr("SLKO", letter)) evening_pay(&evening, ANN, number);
    if (letter == 'L') evening_end(&evening, number, MONEY__SEAT_ENDING__BY__OWNER);
    if (letter == 'X' || letter == 'G') evening_end(&evening, number, MONEY__SEAT_ENDING__BY__LOCK);
    if (letter == 'W') evening_pass(&evening, EVENING_HOLD_S * 1000);
    if (strchr("KGO", letter)) evening_lock(&evening);
    if (letter == 'O') evening_finish(&evening, NULL, 0);
    assert_int_equal(evening_letter(&evening, number), letter);
    return number;
}

// ---- What happens

struct act {
    enum happens what;
    Money__SeatEnding__By by;     // of what events tell
    const char *user_id, *method; // of a call
};
static const struct act acts[] = {
    {.what = HAPPENS_LEFT, .by = MONEY__SEAT_ENDING__BY__OWNER},
    {.what = HAPPENS_REMOVED, .by = MONEY__SEAT_ENDING__BY__GOD},
    {.what = HAPPENS_HOLDS_ENDED, .by = MONEY__SEAT_ENDING__BY__LOCK},
    {.what = HAPPENS_KICKED, .by = MONEY__SEAT_ENDING__BY__KICKED},
    {.what = HAPPENS_KICKED_REFUNDED, .by = MONEY__SEAT_ENDING__BY__KICKED_REFUNDED},
    {.what = HAPPENS_PAY_ASKED, .user_id = ANN, .method = "chain.PayPayment"},
    {.what = HAPPENS_GIVEN_UP, .user_id = ANN, .method = "chain.EndPayment"},
    {.what = HAPPENS_REFUND_ASKED, .user_id = GOD, .method = "chain.RefundPayment"},
};

static struct verdict decide_act(const struct act *act, const struct payment *payment)
{
    static const struct refund_terms terms = {.fee = EVENING_FEE};
    const struct happening happening = {
        .what = act->what,
        .now_ms = evening.house->now_ms,
        .terms = &terms,
        .funds = START,
        .receipt = {
            .amount = EVENING_PRICE, .at_ms = evening.house->now_ms, .way = RECEIPT_LEDGER, .settled = true}};
    struct verdict verdict;
    payment_decide(payment, &happening, &verdict);
    return verdict;
}

static void do_act(const struct act *act, unsigned number, const struct verdict *expected)
{
    if (!act->method) {
        evening_end(&evening, number, act->by);
        return;
    }
    const void *reply = house_ask(evening.house, act->user_id, act->method, evening_request(number));
    bool refused = expected->outcome == OUTCOME_REFUSED;
    assert_int_equal(reply == NULL, refused);
    if (refused) assert_int_equal(evening.house->err.reason, expected->reason);
}

// What events are to be told of it.
static void expect_told(const struct payment *before, const struct payment *after,
                        const struct verdict *verdict, unsigned number, char *text, size_t room)
{
    size_t len = 0;
    const struct {
        bool told;
        char letter;
    } letters[] = {{verdict->follows & FOLLOWS_CONFIRMED, 'C'},
                   {verdict->follows & FOLLOWS_CLOSED, 'L'},
                   {payment_is_final(after) && !payment_is_final(before), 'F'}};
    *text = '\0';
    for (size_t i = 0; i < 3; i++)
        if (letters[i].told)
            len +=
                (size_t)snprintf(text + len, room - len, "%s%u%c", len ? " " : "", number, letters[i].letter);
}

static uint64_t told_so_far(void)
{
    uint64_t head;
    struct err err;
    assert_true(book_rows_catch_up(&evening.house->chain, &err));
    assert_true(store_head(evening.house->chain.store, TOLD_STREAM, &head, &err));
    return head;
}

static int64_t moves_back(const struct verdict *verdict)
{
    int64_t debit = verdict->follows & FOLLOWS_DEBIT ? verdict->change.receipt.amount : 0;
    return (verdict->change.refunds ? verdict->change.refund.amount : 0) - debit;
}

static void check_cell(char letter, const struct act *act)
{
    char expected_told[64], told[64];
    struct payment before, after;
    unsigned number = reach_place(letter);
    assert_true(evening_payment(&evening, number, &before));
    struct verdict verdict = decide_act(act, &before);
    bool changes = verdict.outcome != OUTCOME_IMPOSSIBLE && verdict.outcome != OUTCOME_REFUSED;
    struct payment expected = before;
    if (changes) payment_apply(&expected, &verdict.change);
    if (!changes) verdict.follows = 0;
    uint64_t head = told_so_far();
    int64_t had = house_balance(evening.house, ANN);
    do_act(act, number, &verdict);
    assert_true(evening_payment(&evening, number, &after));
    assert_memory_equal(&after.standing, &expected.standing, sizeof after.standing);
    assert_int_equal(after.receipt_count, expected.receipt_count);
    assert_memory_equal(after.refunds, expected.refunds, sizeof after.refunds);
    assert_int_equal(house_balance(evening.house, ANN), had + (changes ? moves_back(&verdict) : 0));
    expect_told(&before, &expected, &verdict, number, expected_told, sizeof expected_told);
    evening_told(&evening, head + 1, told, sizeof told);
    assert_string_equal(told, expected_told);
    evening_check(&evening);
}

static void every_cell_is_as_the_table_says(void **state)
{
    (void)state;
    evening_init(&evening, house_at(NULL));
    evening_fund_user(&evening, ANN, START);
    for (const char *letter = "HSWXLKGO"; *letter; letter++)
        for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) check_cell(*letter, &acts[i]);
    house_close(evening.house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell_is_as_the_table_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
