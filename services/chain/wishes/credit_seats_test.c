// Seats that credit pays for, from the call to the empty cluster, whatever is lost on the way: what exists as
// credit is what the authority's wallet has for it.
#include "services/chain/testing/sending.h"
#include "services/chain/testing/taken_back.h"

#include "services/chain/withdrawals/flow.h"

enum { PLAYERS = 3, START = 2 * EVENING_PRICE, TICKETS_MAX = 128, TURNS_MAX = 400, SEEDS = 12, STEPS = 40 };

struct ticket {
    struct payment_key reference;
    enum { ABSENT, CONFIRMED, FINAL } is;
    uint64_t until; // a block of this height at most has it
};

// The program and the wallets, as far as seats go.
struct place {
    bool there;
    enum solana_event_state state;
    int64_t owed, revenue, pool, purse; // purse: of the authority
    struct ticket tickets[TICKETS_MAX];
    unsigned count;
};

struct story {
    struct sending sending;
    struct place place;
    unsigned holds; // their numbers begin at 1
    unsigned whose[TICKETS_MAX];
};

static const char *const PEOPLE[PLAYERS] = {ANN, BOB, EVE};

static struct story story;

// ---- The program

static struct ticket *ticket_of(const struct payment_key *reference)
{
    struct place *place = &story.place;
    for (unsigned i = 0; i < place->count; i++)
        if (memcmp(&place->tickets[i].reference, reference, sizeof *reference) == 0)
            return &place->tickets[i];
    assert_true(place->count < TICKETS_MAX);
    place->tickets[place->count].reference = *reference;
    return &place->tickets[place->count++];
}

static uint32_t count_tickets(void)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < story.place.count; i++) count += story.place.tickets[i].is != ABSENT;
    return count;
}

static struct sight sight_of(const struct wish *wish)
{
    const struct place *place = &story.place;
    struct sight sight = {.has_event = place->there,
                          .has_ticket = ticket_of(&wish->aim.reference)->is == FINAL};
    sight.event.state = place->state;
    sight.event.owed = (uint64_t)place->owed;
    sight.event.reserved = count_tickets();
    return sight;
}

static void program_reserve(struct ticket *ticket, uint64_t last_valid_height)
{
    struct place *place = &story.place;
    if (place->state != SOLANA_EVENT_OPEN || ticket->is != ABSENT) return;
    assert_true(place->purse >= EVENING_PRICE);
    place->purse -= EVENING_PRICE;
    ticket->is = CONFIRMED;
    ticket->until = last_valid_height;
}

static void program_settle(const struct wish *wish)
{
    struct pot_split split;
    struct pot_terms terms = wish->pot;
    struct place *place = &story.place;
    if (place->state != SOLANA_EVENT_OPEN || wish->tickets != count_tickets() || !wish->tickets) return;
    terms.god_bp = (uint16_t)(TERMS_WHOLE_BP - wish->winners_bp);
    assert_true(pot_divide(wish->tickets * (int64_t)EVENING_PRICE, &terms, 1, &split));
    place->revenue += split.revenue;
    place->pool += split.god;
    place->owed = split.each;
    place->state = place->owed ? SOLANA_EVENT_SETTLING : SOLANA_EVENT_SETTLED;
}

static void program_pay(struct ticket *ticket, int64_t amount)
{
    struct place *place = &story.place;
    if (amount > place->owed || (count_tickets() == 1 && amount != place->owed)) return;
    place->owed -= amount;
    place->purse += amount;
    ticket->is = ABSENT;
    if (!place->owed) place->state = SOLANA_EVENT_SETTLED;
}

static void program_release(const struct wish *wish, struct ticket *ticket)
{
    struct place *place = &story.place;
    bool closes = wish->aim.kind == OUTBOX_CLOSE_TICKET;
    if (ticket->is != FINAL) return;
    if (place->state == SOLANA_EVENT_SETTLING) {
        program_pay(ticket, closes ? 0 : wish->amount);
    } else if (wish->aim.kind == OUTBOX_REFUND && place->state == SOLANA_EVENT_OPEN) {
        place->purse += EVENING_PRICE;
        ticket->is = ABSENT;
    } else if (closes && place->state == SOLANA_EVENT_SETTLED) {
        ticket->is = ABSENT;
    }
}

static void program_takes(const struct wish *wish)
{
    struct place *place = &story.place;
    struct ticket *ticket = ticket_of(&wish->aim.reference);
    if (wish->aim.kind == OUTBOX_SEAT) program_reserve(ticket, wish->job.last_valid_height);
    if (wish->aim.kind == OUTBOX_SETTLE) program_settle(wish);
    if (wishes_is_of_ticket(wish)) program_release(wish, ticket);
    if (wish->aim.kind == OUTBOX_CLOSE && !count_tickets() && place->state != SOLANA_EVENT_SETTLING)
        place->there = false;
}

static void cluster_finalize(void)
{
    for (unsigned i = 0; i < story.place.count; i++)
        if (story.place.tickets[i].is == CONFIRMED) story.place.tickets[i].is = FINAL;
}

static void cluster_fork(void)
{
    for (unsigned i = 0; i < story.place.count; i++) {
        if (story.place.tickets[i].is != CONFIRMED) continue;
        story.place.tickets[i].is = ABSENT;
        story.place.purse += EVENING_PRICE;
    }
}

// What a block has that is final by now, no fork takes.
static void take_turn(void)
{
    sending_turn(&story.sending);
    for (unsigned i = 0; i < story.place.count; i++) {
        struct ticket *ticket = &story.place.tickets[i];
        if (ticket->is == CONFIRMED && ticket->until < story.sending.height) ticket->is = FINAL;
    }
}

// ---- The service

static void look_at(unsigned number)
{
    struct lamports *lamports = &story.sending.lamports;
    struct watched watched;
    uint64_t height = story.sending.height;
    if (!tickets_watched(lamports, number, &watched)) return;
    const struct ticket ticket = *ticket_of(&watched.reference);
    tickets_see(lamports, &watched,
                (struct said){.present = ticket.is == FINAL,
                              .finalized = true,
                              .by_credit = true,
                              .slot = height,
                              .height = height});
    tickets_see(lamports, &watched,
                (struct said){.present = ticket.is != ABSENT, .by_credit = true, .slot = height});
}

static void look_at_all(void)
{
    for (unsigned number = 1; number <= story.holds; number++) look_at(number);
}

static void hold(unsigned player)
{
    story.whose[++story.holds] = player;
    lamports_hold(&story.sending.lamports, story.holds, PEOPLE[player]);
}

static void begin_story(uint32_t seed, bool loses)
{
    struct lamports *lamports = &story.sending.lamports;
    story = (struct story){.sending = {.sight = sight_of, .take = program_takes}};
    sending_open(&story.sending, seed, loses);
    lamports_price(lamports);
    lamports_make_payable(lamports, &lamports->cluster.now.authority);
    story.place.there = true;
    story.place.purse = PLAYERS * START;
    for (unsigned i = 0; i < PLAYERS; i++) {
        lamports_credit(lamports, PEOPLE[i], START);
        hold(i);
    }
}

static void end_story(void) { lamports_close(&story.sending.lamports); }

static const void *ask_pay(unsigned number)
{
    return house_ask(story.sending.lamports.evening.house, PEOPLE[story.whose[number]], "chain.PayPayment",
                     evening_request(number));
}

static int64_t has(unsigned player) { return lamports_sums(&story.sending.lamports, PEOPLE[player]).user; }
static int64_t exists(void) { return lamports_sums(&story.sending.lamports, ANN).all; }

static void seat_all(void)
{
    for (unsigned number = 1; number <= PLAYERS; number++) assert_non_null(ask_pay(number));
    take_turn();
    look_at_all();
    cluster_finalize();
    look_at_all();
    for (unsigned i = 0; i < PLAYERS; i++) assert_int_equal(has(i), START - EVENING_PRICE);
    assert_int_equal(exists(), story.place.purse);
}

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

static void settle_all(void)
{
    for (int i = 0; i < TURNS_MAX && !is_over(); i++) {
        take_turn();
        look_at_all();
        cluster_finalize();
        look_at_all();
    }
    assert_true(is_over());
    assert_int_equal(story.place.purse + story.place.revenue + story.place.pool, PLAYERS * START);
    assert_int_equal(exists(), story.place.purse);
}

// ---- Stories

static void who_won_has_their_part_as_credit(void **state)
{
    const char *const winners[] = {BOB, ANN};
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 2);
    evening_pass(&story.sending.lamports.evening, EVENING_PAYOUT_S * 1000LL);
    settle_all(); // of 3000, as in wishes_test.c
    assert_int_equal(has(0), START - EVENING_PRICE + 708);
    assert_int_equal(has(1), START - EVENING_PRICE + 709);
    assert_int_equal(has(2), START - EVENING_PRICE);
    end_story();
}

static void what_is_called_off_is_credit_again(void **state)
{
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_call_off(&story.sending.lamports.evening);
    settle_all();
    for (unsigned i = 0; i < PLAYERS; i++) assert_int_equal(has(i), START);
    end_story();
}

static void who_leaves_has_it_again_and_may_pay_anew(void **state)
{
    struct lamports *lamports = &story.sending.lamports;
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_end(&lamports->evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    for (int i = 0; i < 5; i++) take_turn();
    assert_int_equal(has(0), START);
    const Chain__Payment *left = evening_calls(&lamports->evening, ANN, "chain.GetPayment", 1);
    assert_int_equal(left->state, CHAIN__PAYMENT__STATE__REFUNDED);
    assert_int_equal(left->refunded, EVENING_PRICE);
    assert_true(left->refunds[0]->credit);
    hold(0);
    assert_non_null(ask_pay(story.holds));
    assert_int_equal(has(0), START - EVENING_PRICE);
    evening_call_off(&lamports->evening);
    settle_all();
    end_story();
}

// The account is gone by then: it is the treasury's.
static void what_comes_back_to_nobody_is_the_treasurys(void **state)
{
    struct lamports *lamports = &story.sending.lamports;
    const struct ledger_owner treasury = {.kind = LEDGER_FUND, .id = {LEDGER_TREASURY}};
    struct book_call b;
    (void)state;
    begin_story(1, false);
    seat_all();
    house_teach(lamports->evening.house,
                (struct name_news){.user_id = ANN, .name = "deleted-a1", .deleted = true});
    evening_call_off(&lamports->evening);
    settle_all();
    tickets_begin(lamports, &b);
    assert_int_equal(lamports_of(b.book, &treasury), EVENING_PRICE);
    tickets_end(lamports, &b);
    end_story();
}

// Behind a restore: so much has left the wallet for ANN's, that the ledger has forgotten.
static void find_withdrawn(int64_t amount)
{
    static const uint8_t signature[64] = {8};
    const struct ledger_owner owner = book_user(ANN);
    struct book_call b;
    story.place.purse -= amount;
    tickets_begin(&story.sending.lamports, &b);
    const struct withdrawal found = {.id = {1},
                                     .account = ledger_accounts_find(&b.book->accounts, &owner),
                                     .amount = amount,
                                     .state = WITHDRAWAL_DONE};
    withdrawal_find_again(&b, &found, signature);
    tickets_end(&story.sending.lamports, &b);
}

// The ledger is of when the refund was on its way; its money came, and was withdrawn.
static void what_was_withdrawn_before_its_refund_is_known_is_owed(void **state)
{
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_end(&story.sending.lamports.evening, 1, MONEY__SEAT_ENDING__BY__OWNER);
    take_turn();
    find_withdrawn(START);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(has(0), 0);
        assert_true(exists() <= story.place.purse);
        take_turn();
    }
    assert_int_equal(exists(), story.place.purse);
    lamports_credit(&story.sending.lamports, ANN, 5); // all is paid
    assert_int_equal(has(0), 5);
    end_story();
}

static void what_was_withdrawn_while_it_lies_aside_is_owed(void **state)
{
    (void)state;
    begin_story(1, false);
    assert_non_null(ask_pay(1));
    find_withdrawn(START); // its transaction never landed
    story.sending.height += 200;
    look_at_all();
    assert_int_equal(has(0), 0);
    assert_int_equal(exists(), story.place.purse);
    end_story();
}

static void what_a_winner_withdrew_is_owed(void **state)
{
    const char *const winners[] = {ANN};
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 1);
    find_withdrawn(2 * START); // more than it wins
    evening_pass(&story.sending.lamports.evening, EVENING_PAYOUT_S * 1000LL);
    for (int i = 0; i < TURNS_MAX && !is_over(); i++) take_turn();
    assert_true(is_over());
    assert_int_equal(has(0), 0);
    end_story();
}

// The ledger is of before the pot was divided, which the cluster has done: to nobody who lost, and to who won
// their part.
static void what_is_divided_there_is_not_taken_back(void **state)
{
    const char *const winners[] = {ANN};
    const struct pot_terms terms = {.kind = POT_PRESET, .god_bp = 1000};
    struct pot_split split;
    (void)state;
    begin_story(1, false);
    seat_all();
    evening_lock(&story.sending.lamports.evening);
    evening_finish(&story.sending.lamports.evening, winners, 1);
    assert_true(pot_divide(PLAYERS * EVENING_PRICE, &terms, 1, &split));
    story.place.state = SOLANA_EVENT_SETTLED;
    story.place.purse += split.each;
    for (unsigned i = 0; i < story.place.count; i++) story.place.tickets[i].is = ABSENT;
    take_turn();
    evening_undo(&story.sending.lamports.evening);
    for (int i = 0; i < TURNS_MAX && !is_over(); i++) take_turn();
    assert_true(is_over());
    assert_int_equal(has(0), START - EVENING_PRICE + split.each);
    assert_int_equal(has(1), START - EVENING_PRICE);
    assert_int_equal(exists(), story.place.purse);
    end_story();
}

// ---- At random

static unsigned draw(unsigned below)
{
    struct sending *sending = &story.sending;
    sending->dice = sending->dice * 1664525 + 1013904223;
    return (sending->dice >> 8) % below;
}

static void take_step_of(unsigned number)
{
    struct evening *evening = &story.sending.lamports.evening;
    switch (draw(10)) {
    case 0:
        evening_end(evening, number, draw(2) ? MONEY__SEAT_ENDING__BY__OWNER : MONEY__SEAT_ENDING__BY__GOD);
        break;
    case 1:
        cluster_fork();
        break;
    case 2:
        if (story.holds + 1 < TICKETS_MAX) hold(draw(PLAYERS));
        break;
    case 3:
    case 4:
        cluster_finalize();
        break;
    case 5:
        take_turn();
        break;
    case 6:
        look_at(number);
        break;
    default:
        ask_pay(number);
    }
}

// What lies aside is what permits say, and what is there was issued.
static void check_aside(void)
{
    int64_t aside = 0;
    const struct lamports_sums sums = lamports_sums(&story.sending.lamports, ANN);
    for (unsigned number = 1; number <= story.holds; number++) {
        struct payment payment;
        if (evening_payment(&story.sending.lamports.evening, number, &payment))
            aside += payment.standing.permit.credit;
    }
    evening_check_owed(&story.sending.lamports.evening);
    assert_int_equal(sums.aside, aside);
    assert_int_equal(has(0) + has(1) + has(2) + aside, sums.all);
}

static void end_at_random(void)
{
    struct evening *evening = &story.sending.lamports.evening;
    story.sending.loses = false;
    for (int i = 0; i < 40; i++) { // until nothing is on its way
        take_turn();
        cluster_finalize();
        look_at_all();
    }
    story.sending.loses = true;
    evening_lock(evening);
    if (draw(2)) evening_finish(evening, PEOPLE, draw(PLAYERS + 1));
    evening_call_off(evening);
    evening_pass(evening, EVENING_PAYOUT_S * 1000LL);
    lamports_see(&story.sending.lamports, story.sending.height);
    settle_all();
}

static void whatever_is_lost_the_wallet_has_what_is_credit(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin_story(seed, true);
        for (int step = 0; step < STEPS; step++) {
            take_step_of(1 + draw(story.holds));
            check_aside();
        }
        end_at_random();
        check_aside();
        assert_true(taken_back_each(&story.sending.lamports.evening.house->chain, true) > STEPS / 2);
        end_story();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_won_has_their_part_as_credit),
        cmocka_unit_test(what_is_called_off_is_credit_again),
        cmocka_unit_test(who_leaves_has_it_again_and_may_pay_anew),
        cmocka_unit_test(what_comes_back_to_nobody_is_the_treasurys),
        cmocka_unit_test(what_was_withdrawn_before_its_refund_is_known_is_owed),
        cmocka_unit_test(what_was_withdrawn_while_it_lies_aside_is_owed),
        cmocka_unit_test(what_a_winner_withdrew_is_owed),
        cmocka_unit_test(what_is_divided_there_is_not_taken_back),
        cmocka_unit_test(whatever_is_lost_the_wallet_has_what_is_credit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
