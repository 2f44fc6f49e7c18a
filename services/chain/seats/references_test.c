// What a ticket is found by: a ledger that was restored gives a hold the reference that it had, so the ticket
// that was paid for meanwhile is its own.
#include "services/chain/testing/tickets.h"

#define OTHER_EVENING "01890000-0000-7000-8000-00000000e0e1"

static struct lamports lamports;

static void open_anew(uint8_t authority)
{
    lamports = (struct lamports){.evening.id = NULL};
    lamports_house(&lamports, NULL);
    solana_signer_init(&lamports.cluster.signer, (const uint8_t[32]){authority});
    lamports.cluster.now.authority = solana_signer_key(&lamports.cluster.signer);
}

static void open_event(const char *event)
{
    lamports.evening.id = event;
    lamports_price(&lamports);
    lamports_make_payable(&lamports, &lamports.cluster.now.authority);
}

static struct payment_key reference_of(unsigned number)
{
    struct book_call b;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(&lamports, &b);
    const struct payment_key reference = till_find_payment(&b.book->till, id)->payment.standing.reference;
    tickets_end(&lamports, &b);
    return reference;
}

// Of the hold with this number, in a ledger that has nothing else.
static struct payment_key told_anew(uint8_t authority, const char *event, unsigned number, uint32_t attempt)
{
    open_anew(authority);
    open_event(event);
    lamports_hold_again(&lamports, number, ANN, attempt);
    const struct payment_key reference = reference_of(number);
    assert_int_equal(lamports_leave(&lamports, NULL), 0);
    return reference;
}

static bool is_same(struct payment_key a, struct payment_key b) { return memcmp(&a, &b, sizeof a) == 0; }

static void the_same_hold_has_the_same(void **state)
{
    (void)state;
    const struct payment_key first = told_anew(1, EVENING, 1, 1);
    assert_true(is_same(first, told_anew(1, EVENING, 1, 1)));
    assert_false(is_same(first, told_anew(1, EVENING, 2, 1)));
    assert_false(is_same(first, told_anew(1, EVENING, 1, 2)));
    assert_false(is_same(first, told_anew(1, OTHER_EVENING, 1, 1)));
    assert_false(is_same(first, told_anew(9, EVENING, 1, 1))); // who has not the key can't tell it
}

// ANN held, paid, left, held anew and paid, and the ledger forgot all of it: of both tickets the second is
// there, and its hold is told of behind the first.
static void what_lies_there_for_an_attempt_is_its_own(void **state)
{
    (void)state;
    const struct payment_key second = told_anew(1, EVENING, 1, 2);
    struct wish stray = {.aim = {.kind = OUTBOX_REFUND, .slot = WISH_STRAY, .reference = second}};
    const struct wishes found = {.all = &stray, .count = 1};
    for (int there = 0; there < 2; there++) {
        open_anew(1);
        open_event(EVENING);
        strangers_take(&lamports.cluster.strangers, there ? &found : NULL, 0);
        lamports_hold(&lamports, 1, ANN);
        const struct payment_key first = reference_of(1);
        evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
        lamports_hold_again(&lamports, 1, ANN, 2);
        assert_true(is_same(reference_of(1), there ? second : first)); // else what comes late has its place
        assert_int_equal(lamports_leave(&lamports, NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_hold_has_the_same),
        cmocka_unit_test(what_lies_there_for_an_attempt_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
