// An event has a hundred tickets on the cluster at most, with those that go back: the permit for another one
// is refused before the program would refuse the transaction.
#include "services/chain/testing/tickets.h"

static struct lamports lamports;

static const char *user_of(unsigned number)
{
    static char id[UUID_LEN + 1];
    snprintf(id, sizeof id, "01890000-0000-7000-8000-00000001%04x", number);
    return id;
}

static bool ask_permit(unsigned number, struct err *err)
{
    struct book_call b;
    struct permit_bytes bytes;
    uint8_t id[TILL_ID_BYTES];
    const struct solana_key account = solana_signer_key(&lamports.wallet);
    uuid_bytes(hold_id(number).text, id);
    tickets_begin(&lamports, &b);
    bool ok = seats_ask_permit(&b, till_find_payment(&b.book->till, id), &account, &bytes, err);
    tickets_end(&lamports, &b);
    return ok;
}

static void no_permit_is_given_for_more_tickets_than_the_program_takes(void **state)
{
    (void)state;
    struct watched watched;
    struct err err = {0};
    lamports_init(&lamports, house_at(NULL));
    lamports_begin(&lamports);
    for (unsigned i = 2; i <= TILL_TICKETS_MOST + 1; i++) lamports_hold(&lamports, i, user_of(i));
    for (unsigned i = 1; i <= TILL_TICKETS_MOST; i++) assert_true(ask_permit(i, &err));
    assert_false(ask_permit(TILL_TICKETS_MOST + 1, &err));
    assert_true(err_is(&err, EVENT_FULL));
    assert_string_equal(err.field, "event_id");
    assert_non_null(strstr(err.message, "100 tickets"));
    assert_true(ask_permit(1, &err)); // the one that lives

    assert_true(tickets_watched(&lamports, 1, &watched));
    tickets_see(&lamports, &watched, (struct said){.present = true, .finalized = true, .slot = 1000});
    evening_end(&lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    assert_false(ask_permit(TILL_TICKETS_MOST + 1, &err)); // its ticket is still there

    assert_true(tickets_watched(&lamports, 2, &watched));
    tickets_see(&lamports, &watched, (struct said){.finalized = true, .slot = 1000, .height = 9999});
    assert_true(ask_permit(TILL_TICKETS_MOST + 1, &err));
    lamports_close(&lamports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_permit_is_given_for_more_tickets_than_the_program_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
