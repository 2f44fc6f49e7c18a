// An evening paid for in LAMPORTS, from its end to the empty cluster: each ticket is paid out or given back
// once, whatever is lost on the way, and the ledger knows it.
#include "services/chain/testing/sending.h"

#include "services/chain/book/erase.h"
#include "services/chain/outbox/jobs.h"

enum { PLAYERS = 3, SEEDS = 60, TURNS_MAX = 400, POT = PLAYERS * EVENING_PRICE };

struct seat {
    struct payment_key reference;
    bool there, shut; // its wallet takes nothing
    int64_t got;
};

// The program, as far as wishes go.
struct place {
    bool there;
    enum solana_event_state state;
    int64_t owed, revenue, pool;
    struct seat seats[PLAYERS + 1]; // from 1
};

struct story {
    struct sending sending;
    struct place place;
};

static const char *const PEOPLE[] = {NULL, ANN, BOB, EVE};

static struct story story;

// ---- The program

static struct seat *seat_of(const struct wish *wish)
{
    for (unsigned i = 1; i <= PLAYERS; i++)
        if (memcmp(&story.place.seats[i].reference, &wish->aim.reference, PAYMENT_KEY_BYTES) == 0)
            return &story.place.seats[i];
    return NULL;
}

static uint32_t count_seats(void)
{
    uint32_t count = 0;
    for (unsigned i = 1; i <= PLAYERS; i++) count += story.place.seats[i].there;
    return count;
}

static struct sight sight_of(const struct wish *wish)
{
    const struct seat *seat = seat_of(wish);
    const struct place *place = &story.place;
    struct sight sight = {.has_event = place->there, .has_ticket = seat && seat->there};
    sight.event.state = place->state;
    sight.event.owed = (uint64_t)place->owed;
    sight.event.reserved = count_seats();
    return sight;
}

static void leave_seat(struct seat *seat, int64_t amount)
{
    seat->there = false;
    seat->got += amount;
}

static void program_settle(const struct wish *wish)
{
    struct pot_split split;
    struct pot_terms terms = wish->pot;
    struct place *place = &story.place;
    if (place->state != SOLANA_EVENT_OPEN || wish->tickets != count_seats() || !wish->tickets) return;
    int64_t paid = (wish->tickets - wish->apart) * (int64_t)EVENING_PRICE;
    terms.god_bp = (uint16_t)(TERMS_WHOLE_BP - wish->winners_bp);
    assert_true(pot_divide(paid, &terms, 1, &split));
    place->revenue += split.revenue;
    place->owed = split.each + wish->apart * (int64_t)EVENING_PRICE;
    place->pool += split.god;
    place->state = place->owed ? SOLANA_EVENT_SETTLING : SOLANA_EVENT_SETTLED;
}

static void program_pay(struct seat *seat, int64_t amount)
{
    struct place *place = &story.place;
    bool last = count_seats() == 1;
    if (place->state != SOLANA_EVENT_SETTLING || amount > place->owed) return;
    if (last && amount != place->owed) return;
    place->owed -= amount;
    leave_seat(seat, amount);
    if (!place->owed) place->state = SOLANA_EVENT_SETTLED;
}

static void program_release(const struct wish *wish, struct seat *seat)
{
    enum solana_event_state state = story.place.state;
    bool closes = wish->aim.kind == OUTBOX_CLOSE_TICKET;
    if (!seat->there || seat->shut) return;
    if (state == SOLANA_EVENT_SETTLING) program_pay(seat, closes ? 0 : wish->amount);
    if (wish->aim.kind == OUTBOX_REFUND && state == SOLANA_EVENT_OPEN) leave_seat(seat, EVENING_PRICE);
    if (closes && state == SOLANA_EVENT_SETTLED) leave_seat(seat, 0);
}

// What is refused changes nothing.
static void program_takes(const struct wish *wish)
{
    struct place *place = &story.place;
    struct seat *seat = seat_of(wish);
    if (wish->aim.kind == OUTBOX_SETTLE) program_settle(wish);
    if (wishes_is_of_ticket(wish)) program_release(wish, seat);
    if (wish->aim.kind == OUTBOX_CLOSE && !count_seats() && place->state != SOLANA_EVENT_SETTLING)
        place->there = false;
}

// ---- The evening

static void take_seat(unsigned number)
{
    struct watched watched;
    if (number > 1) lamports_hold(&story.sending.lamports, number, PEOPLE[number]);
    tickets_permit(&story.sending.lamports, number);
    assert_true(tickets_watched(&story.sending.lamports, number, &watched));
    tickets_see(&story.sending.lamports, &watched,
                (struct said){.present = true, .finalized = true, .slot = 50});
    story.place.seats[number] = (struct seat){.reference = watched.reference, .there = true};
    assert_int_equal(evening_letter(&story.sending.lamports.evening, number), 'S');
}

static void open_story(uint32_t seed, bool loses)
{
    story = (struct story){.sending = {.sight = sight_of, .take = program_takes}};
    sending_open(&story.sending, seed, loses);
}

static void begin_story(uint32_t seed, bool loses)
{
    if (!story.sending.lamports.evening.house) open_story(seed, loses);
    lamports_begin(&story.sending.lamports);
    story.place.there = true;
    for (unsigned number = 1; number <= PLAYERS; number++) take_seat(number);
}

static void end_story(void)
{
    lamports_close(&story.sending.lamports);
    story.sending.lamports.evening.house = NULL;
}

static void take_turn(void) { sending_turn(&story.sending); }

static bool is_over(void)
{
    struct book_call b;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(EVENING, id);
    tickets_begin(&story.sending.lamports, &b);
    bool over = !till_find_event(&b.book->till, id) && !b.book->outbox.jobs.count;
    tickets_end(&story.sending.lamports, &b);
    return over;
}

// Of all, in lamports; that of the ledger's accounts adds up to nothing.
static int64_t credit_of_all(void)
{
    struct book_call b;
    int64_t credit = 0, sum = 0;
    tickets_begin(&story.sending.lamports, &b);
    for (uint32_t i = 0; i < b.book->accounts.count; i++) {
        int64_t has = ledger_balance(&b.book->accounts, i, BOOK_LAMPORTS);
        if (i) credit += has;
        sum += has;
    }
    tickets_end(&story.sending.lamports, &b);
    assert_int_equal(sum, 0);
    return credit;
}

static int64_t credit_of(const struct ledger_owner *owner)
{
    struct book_call b;
    tickets_begin(&story.sending.lamports, &b);
    uint32_t account = ledger_accounts_find(&b.book->accounts, owner);
    int64_t has =
        account == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b.book->accounts, account, BOOK_LAMPORTS);
    tickets_end(&story.sending.lamports, &b);
    return has;
}

static int64_t credit_of_user(const char *user_id)
{
    const struct ledger_owner owner = book_user(user_id);
    return credit_of(&owner);
}

static void settle_all(void)
{
    for (int i = 0; i < TURNS_MAX && !is_over(); i++) take_turn();
    assert_true(is_over());
    assert_false(story.place.there);
    int64_t sum = story.place.revenue + story.place.pool;
    for (unsigned i = 1; i <= PLAYERS; i++) sum += story.place.seats[i].got;
    assert_int_equal(sum, POT);
}

static void pass_payout(void)
{
    evening_pass(&story.sending.lamports.evening, EVENING_PAYOUT_S * 1000LL);
    lamports_see(&story.sending.lamports, story.sending.height);
}

static void expect_state(unsigned number, Chain__Payment__State state)
{
    const Chain__Payment *payment =
        evening_calls(&story.sending.lamports.evening, PEOPLE[number], "chain.GetPayment", number);
    assert_int_equal(payment->state, state);
}

static bool is_settled(void)
{
    struct book_call b;
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(EVENING, id);
    tickets_begin(&story.sending.lamports, &b);
    const struct till_event *event = till_find_event(&b.book->till, id);
    bool settled = event && event->cluster.state == TILL_SETTLED;
    tickets_end(&story.sending.lamports, &b);
    return settled;
}

// ---- Stories

// Of 3000, preset 0 taxes 1500 twice, 75 and 1350; of the rest the god has a tenth.
static void who_won_is_paid_and_all_is_closed(void **state)
{
    const char *const winners[] = {BOB, ANN};
    (void)state;
    begin_story(1, false);
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 2);
    take_turn();
    assert_int_equal(story.place.state, SOLANA_EVENT_OPEN); // the time for disputes runs
    expect_state(2, CHAIN__PAYMENT__STATE__DONE);
    pass_payout();
    while (story.place.state == SOLANA_EVENT_OPEN || !is_settled()) take_turn();
    expect_state(2, CHAIN__PAYMENT__STATE__PAYING_OUT);
    expect_state(3, CHAIN__PAYMENT__STATE__PAID_OUT);
    settle_all();
    assert_int_equal(story.place.revenue, 1425);
    assert_int_equal(story.place.seats[2].got, 709); // first of the winners: the odd unit
    assert_int_equal(story.place.seats[1].got, 708);
    assert_int_equal(story.place.seats[3].got, 0);
    assert_int_equal(story.place.pool, 158);
    end_story();
}

static void nobody_won_and_the_pool_has_the_rest(void **state)
{
    (void)state;
    begin_story(1, false);
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, NULL, 0);
    pass_payout();
    settle_all();
    assert_int_equal(story.place.pool, POT - 1425);
    end_story();
}

static void what_is_called_off_goes_back(void **state)
{
    (void)state;
    begin_story(1, false);
    evening_call_off(&story.sending.lamports.evening);
    settle_all();
    for (unsigned i = 1; i <= PLAYERS; i++) assert_int_equal(story.place.seats[i].got, EVENING_PRICE);
    end_story();
}

// Who left after the time for refunds left their money to the event, which did not take place.
static void what_was_left_is_revenue_of_what_is_called_off(void **state)
{
    (void)state;
    open_story(1, false);
    story.sending.lamports.evening.terms.refund_until_ms = 1;
    begin_story(1, false);
    evening_end(&story.sending.lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    evening_call_off(&story.sending.lamports.evening);
    settle_all();
    assert_int_equal(story.place.seats[1].got, 0);
    assert_int_equal(story.place.revenue, EVENING_PRICE);
    assert_int_equal(story.place.seats[2].got, EVENING_PRICE);
    end_story();
}

static const char *pot_request(void) { return "{'event_id':'" EVENING "'}"; }

static void a_division_on_its_way_is_not_disputed(void **state)
{
    const char *const winners[] = {ANN};
    struct house *house = NULL;
    (void)state;
    begin_story(1, false);
    house = story.sending.lamports.evening.house;
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 1);
    house_must(house, BOB, "chain.DisputeEvent", pot_request());
    pass_payout();
    take_turn();
    assert_int_equal(story.place.state, SOLANA_EVENT_OPEN); // it waits for a dev
    house_must(house, DEV, "chain.SettleDisputes", pot_request());
    take_turn();
    assert_int_equal(story.place.state, SOLANA_EVENT_SETTLING); // which the ledger does not know yet
    house_refuses(house, BOB, "chain.DisputeEvent", pot_request(), CONSE__REASON__VALUE__POT_DIVIDED);
    evening_undo(&story.sending.lamports.evening);
    settle_all();
    assert_true(story.place.seats[1].got > EVENING_PRICE);
    assert_int_equal(story.place.seats[2].got, 0);
    end_story();
}

static void an_end_is_taken_back_in_time(void **state)
{
    const char *const winners[] = {ANN};
    (void)state;
    begin_story(1, false);
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 1);
    evening_undo(&story.sending.lamports.evening);
    pass_payout();
    settle_all();
    for (unsigned i = 1; i <= PLAYERS; i++) assert_int_equal(story.place.seats[i].got, EVENING_PRICE);
    end_story();
}

// Whether one ticket is left that does not land, and nothing else is on its way.
static uint32_t count_stuck(void)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct wishes wishes = {.arena = &arena};
    gather_wishes(&story.sending, &wishes);
    uint32_t stuck = wishes_stuck(&wishes);
    arena_finish(&arena);
    return stuck;
}

static bool rest_is_done(void)
{
    struct arena arena;
    struct book_call b;
    arena_init(&arena, 32 << 20);
    struct wishes wishes = {.arena = &arena};
    gather_wishes(&story.sending, &wishes);
    tickets_begin(&story.sending.lamports, &b);
    bool done = count_seats() == 1 && wishes_set_apart(&wishes) == 1 && b.book->outbox.jobs.count == 1;
    tickets_end(&story.sending.lamports, &b);
    arena_finish(&arena);
    return done;
}

static void settle_the_rest(unsigned shut)
{
    story.place.seats[shut].shut = true;
    for (int i = 0; i < TURNS_MAX && !rest_is_done(); i++) take_turn();
    assert_true(rest_is_done());
    assert_true(story.place.seats[shut].there);
}

static void pass_week(void)
{
    evening_pass(&story.sending.lamports.evening, STEP_STUCK_MS);
    lamports_see(&story.sending.lamports, story.sending.height);
}

static void take_turns(int count)
{
    for (int i = 0; i < count; i++) take_turn();
}

static bool is_paid_out(unsigned number)
{
    struct payment payment;
    return evening_payment(&story.sending.lamports.evening, number, &payment) && payment.standing.paid_out;
}

static void expect_part_unpaid(void)
{
    const Chain__Payout *payout = (const void *)house_must(
        story.sending.lamports.evening.house, GOD, "chain.PreviewPayout", "{'event_id':'" EVENING "'}");
    assert_true(payout->divided && !payout->paid_out);
    assert_int_equal(payout->n_winners, 2);
    assert_string_equal(payout->winners[0]->user_id, BOB);
    assert_true(!payout->winners[0]->paid && payout->winners[1]->paid);
}

static void settle_what_was_set_apart(unsigned shut)
{
    story.place.seats[shut].shut = false;
    story.sending.height += 9000; // about an hour, until what is stuck is tried again
    settle_all();
}

static void a_refund_that_does_not_land_holds_nobody_up(void **state)
{
    const char *const winners[] = {BOB, ANN};
    (void)state;
    begin_story(1, false);
    evening_end(&story.sending.lamports.evening, 3, MONEY__SEAT_ENDING__BY__GOD);
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 2);
    pass_payout();
    settle_the_rest(3);
    assert_true(is_paid_out(1) && is_paid_out(2));
    assert_int_equal(story.place.revenue, 950); // of 2000: who was to get all back has no part in the pot
    assert_int_equal(story.place.seats[2].got, 473);
    assert_int_equal(story.place.seats[1].got, 472);
    assert_int_equal(story.place.owed, EVENING_PRICE);
    assert_int_equal(count_stuck(), 0);
    pass_week();
    take_turns(60);
    assert_int_equal(count_stuck(), 1);
    assert_int_equal(credit_of_all(), 0); // it is the ticket's, and nobody else's
    settle_what_was_set_apart(3);
    assert_int_equal(story.place.seats[3].got, EVENING_PRICE);
    end_story();
}

static void a_winner_who_takes_nothing_holds_nobody_up(void **state)
{
    const char *const winners[] = {BOB, ANN};
    (void)state;
    begin_story(1, false);
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 2);
    pass_payout();
    settle_the_rest(2);
    assert_true(is_paid_out(1) && !is_paid_out(2));
    assert_int_equal(story.place.owed, 709);
    expect_state(1, CHAIN__PAYMENT__STATE__PAID_OUT);
    expect_state(2, CHAIN__PAYMENT__STATE__PAYOUT_STUCK);
    expect_state(3, CHAIN__PAYMENT__STATE__PAID_OUT); // what they lost is not the winner's wallet's affair
    expect_part_unpaid();
    settle_what_was_set_apart(2);
    assert_int_equal(story.place.seats[2].got, 709);
    end_story();
}

// As two processes do that both look before either writes.
static bool compose_first(const struct wishes *wishes)
{
    struct book_call b;
    const struct composed composed = {.bytes = {1}, .len = 1};
    tickets_begin(&story.sending.lamports, &b);
    bool stored = land_composed(&b, &wishes->all[0], &composed, &story.sending.lamports.cluster.now);
    tickets_end(&story.sending.lamports, &b);
    return stored;
}

static void do_first(const struct wishes *wishes, enum step step)
{
    struct book_call b;
    const struct sight sight = sight_of(&wishes->all[0]);
    tickets_begin(&story.sending.lamports, &b);
    land_step(&b, &wishes->all[0], &sight, &story.sending.lamports.cluster.now, step);
    tickets_end(&story.sending.lamports, &b);
}

static void of_two_who_see_the_same_one_writes(void **state)
{
    struct arena arena;
    (void)state;
    begin_story(1, false);
    arena_init(&arena, 32 << 20);
    struct wishes one = {.arena = &arena}, other = one, sent = one, later = one;
    evening_call_off(&story.sending.lamports.evening);
    gather_wishes(&story.sending, &one);
    gather_wishes(&story.sending, &other);
    assert_true(compose_first(&one));
    assert_false(compose_first(&other));
    gather_wishes(&story.sending, &sent);
    do_first(&sent, STEP_DEAD);
    gather_wishes(&story.sending, &later);
    assert_int_equal(later.all[0].job.state, OUTBOX_DUE);
    assert_true(compose_first(&later));
    do_first(&sent, STEP_DEAD); // who has slept since: these are not the bytes that it means
    later.count = 0;
    gather_wishes(&story.sending, &later);
    assert_int_equal(later.all[0].job.state, OUTBOX_SENT);
    do_first(&sent, STEP_LANDED);
    assert_false(compose_first(&other)); // nobody wants it any more
    arena_finish(&arena);
    end_story();
}

// ---- What can't be given back

// Of an event that was called off, the second seat's wallet takes nothing.
static void begin_stuck(uint32_t seed, bool loses)
{
    begin_story(seed, loses);
    story.place.seats[2].shut = true;
    evening_call_off(&story.sending.lamports.evening);
    for (int i = 0; i < TURNS_MAX && count_seats() > 1; i++) take_turn();
    assert_int_equal(count_seats(), 1);
}

static void what_is_stuck_for_a_week_is_credit_of_its_owner(void **state)
{
    (void)state;
    begin_stuck(1, false);
    take_turns(30);
    assert_int_equal(story.place.state, SOLANA_EVENT_OPEN); // it is tried for a week
    assert_int_equal(credit_of_all(), 0);
    pass_week();
    take_turns(60);
    assert_int_equal(story.place.pool, EVENING_PRICE);
    assert_int_equal(credit_of_user(BOB), EVENING_PRICE);
    assert_int_equal(credit_of_all(), EVENING_PRICE);
    const Chain__Payment *payment =
        evening_calls(&story.sending.lamports.evening, BOB, "chain.GetPayment", 2);
    assert_int_equal(payment->state, CHAIN__PAYMENT__STATE__CREDITED);
    assert_int_equal(payment->credited, EVENING_PRICE);
    story.place.seats[2].shut = false; // which gets its ticket's rents, and the price no more
    settle_all();
    assert_int_equal(story.place.seats[2].got, 0);
    assert_int_equal(credit_of_all(), EVENING_PRICE);
    end_story();
}

static void who_can_be_paid_in_time_gets_no_credit(void **state)
{
    (void)state;
    begin_stuck(1, false);
    story.place.seats[2].shut = false;
    pass_week();
    settle_all();
    assert_int_equal(story.place.seats[2].got + credit_of_all(), EVENING_PRICE);
    assert_int_equal(story.place.pool, credit_of_all());
    end_story();
}

static void credit_of_who_is_gone_is_the_treasurys(void **state)
{
    static const struct ledger_owner treasury = {.kind = LEDGER_FUND, .id = {LEDGER_TREASURY}};
    struct err err = {0};
    (void)state;
    begin_stuck(1, false);
    assert_true(erase_user(&story.sending.lamports.evening.house->chain, BOB, &err));
    pass_week();
    take_turns(60);
    assert_int_equal(credit_of(&treasury), EVENING_PRICE);
    assert_int_equal(credit_of_all(), EVENING_PRICE);
    end_story();
}

static void whatever_is_lost_it_is_given_back_or_credit_once(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS / 5; seed++) {
        begin_stuck(seed, true);
        pass_week();
        for (uint32_t i = 0; i < 40 + seed; i++) take_turn();
        story.place.seats[2].shut = false;
        for (int i = 0; i < TURNS_MAX && !is_over(); i++) take_turn();
        assert_true(is_over());
        assert_int_equal(story.place.pool, credit_of_all());
        assert_int_equal(story.place.seats[2].got + credit_of_user(BOB), EVENING_PRICE);
        end_story();
    }
}

// Transactions are lost or die, processes end between storing and sending, and before they read what landed.
static void whatever_is_lost_each_ticket_is_spent_once(void **state)
{
    const char *const winners[] = {ANN, BOB, EVE};
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin_story(seed, true);
        if (it_befalls(&story.sending, 3))
            evening_end(&story.sending.lamports.evening, 3, MONEY__SEAT_ENDING__BY__GOD);
        if (it_befalls(&story.sending, 3)) {
            evening_call_off(&story.sending.lamports.evening);
        } else {
            evening_lock(&story.sending.lamports.evening);
            evening_finish(&story.sending.lamports.evening, winners, seed % 4);
            if (it_befalls(&story.sending, 4)) evening_undo(&story.sending.lamports.evening);
        }
        pass_payout();
        settle_all();
        end_story();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_won_is_paid_and_all_is_closed),
        cmocka_unit_test(nobody_won_and_the_pool_has_the_rest),
        cmocka_unit_test(what_is_called_off_goes_back),
        cmocka_unit_test(what_was_left_is_revenue_of_what_is_called_off),
        cmocka_unit_test(a_division_on_its_way_is_not_disputed),
        cmocka_unit_test(an_end_is_taken_back_in_time),
        cmocka_unit_test(what_is_stuck_for_a_week_is_credit_of_its_owner),
        cmocka_unit_test(who_can_be_paid_in_time_gets_no_credit),
        cmocka_unit_test(credit_of_who_is_gone_is_the_treasurys),
        cmocka_unit_test(whatever_is_lost_it_is_given_back_or_credit_once),
        cmocka_unit_test(a_refund_that_does_not_land_holds_nobody_up),
        cmocka_unit_test(a_winner_who_takes_nothing_holds_nobody_up),
        cmocka_unit_test(of_two_who_see_the_same_one_writes),
        cmocka_unit_test(whatever_is_lost_each_ticket_is_spent_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
