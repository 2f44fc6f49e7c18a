// Entries of payments that can't follow are refused: who would get money from nowhere, keep what no escrow
// has, or divide a pot twice.
#include "services/chain/testing/evening.h"

enum { START = 5000 };

static struct evening evening;
static struct book_call b;

static int set_up(void **state)
{
    (void)state;
    evening_init(&evening, house_at(NULL));
    evening_fund_user(&evening, ANN, START);
    evening_hold(&evening, 1, ANN, 0);
    evening_hold(&evening, 2, BOB, 0);
    evening_pay(&evening, ANN, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    evening_check(&evening);
    house_close(evening.house);
    return 0;
}

static void begin_call(void)
{
    struct err err = {0};
    b = (struct book_call){.chain = &evening.house->chain, .arena = &evening.house->arena};
    assert_true(book_begin_own(&b, evening.house->now_ms, true, &err));
}

static struct till_payment *payment_of(unsigned number)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(number).text, id);
    return till_find_payment(&b.book->till, id);
}

static void assert_refused(Ledger__Entry__BodyCase which, ProtobufCMessage *body,
                           const struct ledger_posting *postings, size_t count)
{
    uint64_t seq = b.book->seq;
    assert_null(book_add(&b, which, body, postings, count));
    assert_int_equal(b.book->seq, seq);
    b.failed = false;
}

// A change of the first payment to this seat and sum, with this posting into the escrow.
static void try_change(unsigned number, int64_t kept, int64_t into)
{
    struct till_payment *payment = payment_of(number);
    struct payment_change change = {.standing = payment->payment.standing};
    struct stored_change stored;
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    const struct ledger_owner owner = till_escrow(payment->event->id);
    struct ledger_posting postings[] = {{payment->account, BOOK_CONSE, -into},
                                        {ledger_accounts_find(&b.book->accounts, &owner), BOOK_CONSE, into}};
    change.standing.kept = kept;
    stored_change_write(&stored, &change);
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, payment->id};
    changed.event = (ProtobufCBinaryData){TILL_ID_BYTES, payment->event->id};
    changed.change = &stored.message;
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, postings,
                   into ? ledger_net(postings, 2) : 0);
}

static void money_comes_from_somewhere_and_stays_somewhere(void **state)
{
    (void)state;
    begin_call();
    try_change(1, EVENING_PRICE, 1);      // more than is kept
    try_change(1, EVENING_PRICE - 1, 0);  // less than came
    try_change(1, EVENING_PRICE - 1, -1); // and not given back to anybody that is named
    try_change(2, EVENING_PRICE, 0);      // from nowhere
    book_end(&b);
}

static void credit_comes_with_a_refund_alone(void **state)
{
    (void)state;
    begin_call();
    struct till_payment *payment = payment_of(1);
    struct payment_change change = {.standing = payment->payment.standing};
    struct stored_change stored;
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    const struct ledger_posting postings[] = {{0, BOOK_LAMPORTS, -5}, {payment->account, BOOK_LAMPORTS, 5}};
    stored_change_write(&stored, &change);
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, payment->id};
    changed.event = (ProtobufCBinaryData){TILL_ID_BYTES, payment->event->id};
    changed.change = &stored.message;
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, postings, 2);
    book_end(&b);
}

static void a_pot_is_divided_whole_and_when_it_is_time(void **state)
{
    (void)state;
    begin_call();
    struct till_event *event = payment_of(1)->event;
    const struct ledger_owner owner = till_escrow(event->id);
    uint32_t escrow = ledger_accounts_find(&b.book->accounts, &owner), ann = payment_of(1)->account;
    struct seats_change change;
    for (int64_t part = 0; part < EVENING_PRICE; part += EVENING_PRICE - 1) {
        struct ledger_posting postings[] = {{ann, BOOK_CONSE, part}, {escrow, BOOK_CONSE, -part}};
        seats_change_begin(&change, event);
        change.message.paid_out = true;
        assert_refused(LEDGER__ENTRY__BODY_EVENT_CHANGED, &change.message.base, postings,
                       part ? ledger_net(postings, 2) : 0);
    }
    struct ledger_posting theft[] = {{ann, BOOK_CONSE, EVENING_PRICE}, {escrow, BOOK_CONSE, -EVENING_PRICE}};
    seats_change_begin(&change, event);
    assert_refused(LEDGER__ENTRY__BODY_EVENT_CHANGED, &change.message.base, theft, ledger_net(theft, 2));
    seats_change_begin(&change, event);
    change.message.over = true; // with payments that are open
    assert_refused(LEDGER__ENTRY__BODY_EVENT_CHANGED, &change.message.base, NULL, 0);
    book_end(&b);
}

static void what_is_nobodys_changes_nothing(void **state)
{
    (void)state;
    begin_call();
    struct till_payment *payment = payment_of(1);
    struct payment_change change = {.standing = payment->payment.standing};
    struct stored_change stored;
    uint8_t stranger[TILL_ID_BYTES] = {1};
    Ledger__PaymentChanged changed = LEDGER__PAYMENT_CHANGED__INIT;
    stored_change_write(&stored, &change);
    changed.change = &stored.message;
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, payment->id};
    changed.event = (ProtobufCBinaryData){TILL_ID_BYTES, stranger};
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, NULL, 0);
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, stranger};
    changed.event = (ProtobufCBinaryData){TILL_ID_BYTES, payment->event->id};
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, NULL, 0);
    changed.payment.len = 3;
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, NULL, 0);
    Ledger__PaymentOpening opening = LEDGER__PAYMENT_OPENING__INIT;
    opening.currency = MONEY__CURRENCY__VALUE__CONSE;
    changed.opening = &opening;
    changed.payment = (ProtobufCBinaryData){TILL_ID_BYTES, payment->id}; // which is there
    assert_refused(LEDGER__ENTRY__BODY_PAYMENT_CHANGED, &changed.base, NULL, 0);
    book_end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(money_comes_from_somewhere_and_stays_somewhere),
        TEST(credit_comes_with_a_refund_alone),
        TEST(a_pot_is_divided_whole_and_when_it_is_time),
        TEST(what_is_nobodys_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
