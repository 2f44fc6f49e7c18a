// What the audit is told of the ledger: once, whatever ends in between.
#include "services/chain/rows/rows.h"
#include "services/chain/tables.h"
#include "services/chain/testing/evening.h"

enum { START = 5000 };
static struct err err;

static int set_up(void **state)
{
    struct evening *evening = calloc(1, sizeof *evening);
    evening_init(evening, house_at(NULL));
    *state = evening;
    return 0;
}

static int tear_down(void **state)
{
    struct evening *evening = *state;
    house_close(evening->house);
    free(evening);
    return 0;
}

static Audit__ListReply *list(struct evening *evening, Audit__AuditKind__Value kind)
{
    struct house *house = evening->house;
    Audit__ListRequest request = AUDIT__LIST_REQUEST__INIT;
    Audit__ListReply *reply = arena_new(&house->arena, Audit__ListReply);
    audit__list_reply__init(reply);
    request.kind = kind;
    assert_true(book_rows_catch_up(&house->chain, &err));
    if (!audit_list(house->chain.audit, &request, &house->arena, reply, &err)) fail_msg("%s", err.message);
    return reply;
}

// The rows' place is lost: all are made again.
static void forget_place(struct evening *evening)
{
    struct chain *chain = &evening->house->chain;
    const struct store_table *places = &chain_tables[CHAIN_PLACES];
    ProtobufCMessage *row;
    uint64_t version;
    assert_true(store_get(chain->store, places, BOOK_STREAM, &evening->house->arena, &row, &version, &err));
    assert_true(
        store_wait(chain->store, store_delete(chain->store, places, BOOK_STREAM, version, NULL), &err));
}

#define GRANT(to) "{'to_user_id': '" to "', 'amount': '1000', 'memo': 'a secret'}"

static void a_grant_is_told_with_who_made_it(void **state)
{
    struct evening *evening = *state;
    house_must(evening->house, DEV, "chain.Grant", GRANT(ANN));
    house_must(evening->house, DEV, "chain.Grant", GRANT(ANN));
    house_must(evening->house, DEV, "chain.Grant", GRANT(BOB));
    for (int again = 0; again < 2; again++) {
        const Audit__ListReply *reply = list(evening, AUDIT__AUDIT_KIND__VALUE__GRANTED);
        assert_int_equal(reply->n_entries, 3);
        const Audit__Entry *entry = reply->entries[0]->entry;
        assert_string_equal(entry->target, BOB);
        assert_string_equal(entry->actor->user_id, DEV);
        assert_int_equal(entry->actor->way, AUDIT__AUDIT_WAY__VALUE__SESSION);
        assert_int_equal(entry->granted->amount, 1000);
        assert_int_equal(entry->granted->currency, MONEY__CURRENCY__VALUE__CONSE);
        assert_string_equal(reply->entries[1]->entry->target, ANN);
        forget_place(evening);
    }
}

static void what_is_given_between_people_is_nobodys_act(void **state)
{
    struct evening *evening = *state;
    house_must(evening->house, DEV, "chain.Grant", GRANT(ANN));
    house_must(evening->house, ANN, "chain.Transfer", "{'to_user_id': '" BOB "', 'amount': '300'}");
    assert_int_equal(list(evening, 0)->n_entries, 1);
}

static void a_refund_is_told_once_for_each_part(void **state)
{
    struct evening *evening = *state;
    evening_fund_user(evening, ANN, START);
    evening_hold(evening, 1, ANN, 0);
    evening_pay(evening, ANN, 1);
    assert_int_equal(list(evening, AUDIT__AUDIT_KIND__VALUE__REFUNDED)->n_entries, 0);
    evening_end(evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    const Audit__ListReply *reply = list(evening, AUDIT__AUDIT_KIND__VALUE__REFUNDED);
    assert_int_equal(reply->n_entries, 1);
    const Audit__Entry *entry = reply->entries[0]->entry;
    assert_string_equal(entry->target, hold_id(1).text);
    assert_int_equal(entry->actor->way, AUDIT__AUDIT_WAY__VALUE__SERVICE);
    assert_string_equal(entry->refunded->event_id, evening->id);
    assert_int_equal(entry->refunded->amount, EVENING_PRICE - EVENING_FEE);
    assert_int_equal(entry->refunded->currency, MONEY__CURRENCY__VALUE__CONSE);
    evening_calls(evening, GOD, "chain.RefundPayment", 1); // the rest
    assert_int_equal(list(evening, AUDIT__AUDIT_KIND__VALUE__REFUNDED)->n_entries, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_grant_is_told_with_who_made_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_given_between_people_is_nobodys_act, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refund_is_told_once_for_each_part, set_up, tear_down),
    };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
