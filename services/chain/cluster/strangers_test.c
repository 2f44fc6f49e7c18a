// What is on the cluster and not in the ledger waits until events has told all that it has; what nobody has
// told of then goes back, and is closed there.
#include "services/chain/testing/tickets.h"

#include "services/chain/cluster/strangers.h"
#include "services/chain/outbox/jobs.h"
#include "services/chain/wishes/land.h"

enum { FOUND_MS = 5000, HEARD_MS = FOUND_MS + STRANGERS_WAIT_MS };

static struct lamports lamports;
static const struct payment_key REFERENCE = {{7, 7}};

static int set_up(void **state)
{
    (void)state;
    lamports = (struct lamports){.evening.id = NULL};
    lamports_house(&lamports, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return lamports_leave(&lamports, NULL);
}

static struct wish stray(enum outbox_kind kind, const struct payment_key *reference)
{
    struct wish wish = {.aim = {.kind = kind, .slot = WISH_STRAY}, .wanted = true, .seen_slot = 50};
    uuid_bytes(EVENING, wish.aim.subject);
    memcpy(wish.event, wish.aim.subject, sizeof wish.event);
    if (reference) wish.aim.reference = *reference;
    return wish;
}

// The event, and a ticket of it.
static void find_both(const struct payment_key *reference, int64_t now_ms)
{
    struct wish all[] = {stray(OUTBOX_CLOSE, NULL), stray(OUTBOX_REFUND, reference)};
    const struct wishes found = {.all = all, .count = 2};
    strangers_take(&lamports.cluster.strangers, &found, now_ms);
}

// How many are wished for, when events said at that time how much it has told. *again: a ticket is known now.
static size_t wished(int64_t heard_ms, bool *again)
{
    struct book_call b;
    tickets_begin(&lamports, &b);
    struct wishes wishes = {.arena = b.arena};
    *again = strangers_wish(&lamports.cluster.strangers, &wishes, b.book, heard_ms);
    tickets_end(&lamports, &b);
    for (size_t i = 0; i < wishes.count; i++) {
        assert_true(wishes.all[i].wanted);
        assert_int_equal(wishes.all[i].aim.slot, WISH_STRAY);
    }
    return wishes.count;
}

static void they_wait_until_events_has_told_all(void **state)
{
    (void)state;
    bool again;
    find_both(&REFERENCE, FOUND_MS);
    assert_int_equal(wished(0, &again), 0); // no process of events was heard
    assert_int_equal(wished(FOUND_MS, &again), 0);
    assert_int_equal(wished(HEARD_MS - 1, &again), 0);
    assert_int_equal(wished(HEARD_MS, &again), 2);
    assert_false(again);
    assert_int_equal(wished(HEARD_MS, &again), 2); // until they have come true
}

static void they_are_known_since_the_first_reading(void **state)
{
    (void)state;
    bool again;
    struct wish close = stray(OUTBOX_CLOSE, NULL);
    const struct wishes only = {.all = &close, .count = 1};
    find_both(&REFERENCE, FOUND_MS);
    strangers_take(&lamports.cluster.strangers, &only, HEARD_MS); // the ticket is gone
    assert_int_equal(wished(HEARD_MS, &again), 1);
    find_both(&REFERENCE, HEARD_MS); // another one
    assert_int_equal(wished(HEARD_MS, &again), 1);
    strangers_take(&lamports.cluster.strangers, NULL, 0);
    assert_int_equal(wished(INT64_MAX / 2, &again), 0);
}

static void what_has_come_true_is_no_stranger(void **state)
{
    (void)state;
    bool again;
    const struct wish close = stray(OUTBOX_CLOSE, NULL);
    find_both(&REFERENCE, FOUND_MS);
    assert_true(strangers_have(&lamports.cluster.strangers, &REFERENCE));
    strangers_drop(&lamports.cluster.strangers, &close.aim);
    assert_int_equal(wished(HEARD_MS, &again), 1);
    assert_true(strangers_have(&lamports.cluster.strangers, &REFERENCE));
    assert_false(strangers_have(&lamports.cluster.strangers, &(struct payment_key){{8}}));
}

static void so_many_are_kept_and_no_more(void **state)
{
    (void)state;
    enum { MANY = STRANGERS_MOST + 5 };
    static struct wish all[MANY];
    const struct wishes found = {.all = all, .count = MANY};
    bool again;
    for (size_t i = 0; i < MANY; i++)
        all[i] = stray(OUTBOX_REFUND, &(struct payment_key){{1, (uint8_t)i, (uint8_t)(i >> 8)}});
    strangers_take(&lamports.cluster.strangers, &found, FOUND_MS);
    assert_int_equal(wished(HEARD_MS, &again), STRANGERS_MOST);
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

// Events has told of a hold at last: the event first, which is not payable before chain has seen it there.
static void whose_hold_is_told_of_is_read_again(void **state)
{
    (void)state;
    bool again;
    lamports_price(&lamports);
    lamports_hold(&lamports, 1, ANN);
    const struct payment_key reference = reference_of(1);
    find_both(&reference, FOUND_MS);
    assert_int_equal(wished(HEARD_MS, &again), 0);
    assert_false(again);
    assert_true(strangers_have(&lamports.cluster.strangers, &reference));
    lamports_make_payable(&lamports, &lamports.cluster.now.authority);
    assert_int_equal(wished(HEARD_MS, &again), 0);
    assert_true(again);
    assert_false(strangers_have(&lamports.cluster.strangers, &reference));
}

// Holds are not locked out while a ticket is there that may be for one of them.
static void a_lock_waits_for_tickets_of_its_holds(void **state)
{
    (void)state;
    bool again;
    struct err err = {0};
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    Money__GameLocked locked = MONEY__GAME_LOCKED__INIT;
    lamports_price(&lamports);
    lamports_hold(&lamports, 1, ANN);
    const struct payment_key reference = reference_of(1);
    find_both(&reference, FOUND_MS);
    told.time_ms = lamports.evening.house->now_ms;
    told.event_id = EVENING;
    told.god_id = GOD;
    told.body_case = MONEY__FROM_EVENTS__BODY_GAME_LOCKED;
    told.game_locked = &locked;
    const struct bus_place place = {1, lamports.evening.told + 1};
    assert_false(evening_hand_over(&lamports.evening, &told, place, &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    lamports_make_payable(&lamports, &lamports.cluster.now.authority);
    wished(HEARD_MS, &again);
    err = (struct err){0};
    assert_true(evening_hand_over(&lamports.evening, &told, place, &err));
}

// ---- The event is closed

static enum step step_at(const struct wish *wish, uint32_t reserved, bool there)
{
    struct sight sight = {.slot = 100, .height = 100, .has_event = there};
    sight.event.state = SOLANA_EVENT_OPEN;
    sight.event.reserved = reserved;
    return step_of(wish, &sight, lamports.evening.house->now_ms);
}

static void it_is_closed_when_its_tickets_are_gone(void **state)
{
    (void)state;
    const struct wish close = stray(OUTBOX_CLOSE, NULL);
    assert_int_equal(step_at(&close, 1, true), STEP_WAIT);
    assert_int_equal(step_at(&close, 0, true), STEP_COMPOSE);
    assert_int_equal(step_at(&close, 0, false), STEP_LANDED);
}

static struct wish gathered(void)
{
    struct book_call b;
    struct wish found = {.wanted = false};
    tickets_begin(&lamports, &b);
    struct wishes wishes = {.arena = b.arena};
    wishes_gather(&wishes, b.book, &lamports.cluster.now.authority, b.now_ms);
    tickets_end(&lamports, &b);
    for (size_t i = 0; i < wishes.count; i++)
        if (wishes.all[i].aim.slot == WISH_STRAY) found = wishes.all[i];
    return found;
}

// Its bytes are kept, as those of others; it is not made anew once events has told of the event.
static void an_event_that_is_told_of_stays(void **state)
{
    (void)state;
    const struct wish close = stray(OUTBOX_CLOSE, NULL);
    const struct composed composed = {.bytes = {1}, .len = 1};
    struct book_call b;
    tickets_begin(&lamports, &b);
    assert_true(land_composed(&b, &close, &composed, &lamports.cluster.now));
    tickets_end(&lamports, &b);
    assert_true(gathered().has_job && gathered().wanted);
    lamports_price(&lamports);
    assert_true(gathered().has_job);
    assert_false(gathered().wanted);
    tickets_begin(&lamports, &b);
    assert_false(wishes_is_current(&close, b.book, b.now_ms, b.arena));
    tickets_end(&lamports, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_wait_until_events_has_told_all),    TEST(they_are_known_since_the_first_reading),
        TEST(what_has_come_true_is_no_stranger),      TEST(so_many_are_kept_and_no_more),
        TEST(whose_hold_is_told_of_is_read_again),    TEST(a_lock_waits_for_tickets_of_its_holds),
        TEST(it_is_closed_when_its_tickets_are_gone), TEST(an_event_that_is_told_of_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
