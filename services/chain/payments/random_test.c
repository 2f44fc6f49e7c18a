// Thirty happenings to an event with ten users, thousands of times, in both currencies: after each, money is
// where the payments say, no place is given twice and nobody is charged twice; and in the end nothing is
// open.
#include "services/chain/payments/testing/world.h"

enum { SEEDS = 5000, CHANGES = 30, TRIES = 600 };

static void open_payment(struct world *world, int user, enum payment_seat seat)
{
    int number = world->count++;
    struct payment_key reference = {{(uint8_t)number, 1}};
    world->users[number] = user;
    payment_open(&world->payments[number], &(struct payment_opening){.currency = world->currency,
                                                                     .seat = seat,
                                                                     .price = PRICE,
                                                                     .now_ms = world->now_ms,
                                                                     .hold_ms = HOLD_MS,
                                                                     .attempt = 1,
                                                                     .reference = reference});
}

static void act_reserve(struct world *world, int user)
{
    bool free = world_taken(world) < world->capacity;
    if (world->stage != PAYMENT_OPEN || world_takes_part(world, user) || world->count == WORLD_PAYMENTS)
        return;
    open_payment(world, user, free ? PAYMENT_HELD : PAYMENT_WAITING);
}

// What one user does, whatever the state: nothing of it is impossible.
static void act_call(struct world *world, int payment)
{
    static const enum happens calls[] = {HAPPENS_PAY_ASKED,    HAPPENS_PAY_ASKED,    HAPPENS_PAY_ASKED,
                                         HAPPENS_PERMIT_ASKED, HAPPENS_PERMIT_ASKED, HAPPENS_PERMIT_ASKED,
                                         HAPPENS_BYTES_GIVEN,  HAPPENS_GIVEN_UP,     HAPPENS_REFUND_ASKED};
    struct happening call =
        world_happening(world, payment, calls[world_draw(world, sizeof calls / sizeof *calls)]);
    call.receipt = receipt_of(PAYMENT_CONSE, (uint8_t)world_draw(world, 3));
    call.funds = world->accounts[world->users[payment]];
    call.permit.account = key_of((uint8_t)world_draw(world, 2));
    call.permit.last_valid_height = world->height + 1 + world_draw(world, 150);
    call.permit.not_after_ms = world->payments[payment].standing.hold_ends_ms;
    if (call.what == HAPPENS_PAY_ASKED) call.permit.account = key_of(AUTHORITY);
    struct verdict verdict = world_happen(world, payment, &call);
    if (!(verdict.follows & FOLLOWS_PERMIT)) return;
    struct truth *truth = &world->truths[payment];
    truth->is_signed = true;
    truth->pays_credit = verdict.what == HAPPENS_CREDIT_ASKED;
    truth->last_valid = call.permit.last_valid_height;
    truth->not_after_ms = call.permit.not_after_ms;
}

// What events tells of one user.
static void act_seat(struct world *world, int payment)
{
    enum payment_place place = payment_place(&world->payments[payment]);
    enum happens what = world_draw(world, 2) ? HAPPENS_LEFT : HAPPENS_REMOVED;
    if (place == PLACE_PLAYING || place == PLACE_OUTSIDE)
        what = world_draw(world, 2) ? HAPPENS_KICKED : HAPPENS_KICKED_REFUNDED;
    struct happening happening = world_happening(world, payment, what);
    if (place != PLACE_OVER && world_draw(world, 2)) world_happen(world, payment, &happening);
}

// What events does with who waits: also with what was paid when its hold was over.
static void act_promote(struct world *world, int payment)
{
    const struct payment *waiting = &world->payments[payment];
    bool free = world_taken(world) < world->capacity;
    if (payment_place(waiting) != PLACE_WAITING || (!free && !waiting->standing.kept)) return;
    struct happening happening =
        world_happening(world, payment, free ? HAPPENS_PROMOTED : HAPPENS_PLACE_REFUSED);
    happening.reference.bytes[1] = 2 + world->payments[payment].standing.promotions;
    world_happen(world, payment, &happening);
}

static bool all_accept(struct world *world, enum happens what)
{
    for (int i = 0; i < world->count; i++) {
        struct happening happening = world_happening(world, i, what);
        struct verdict verdict;
        payment_decide(&world->payments[i], &happening, &verdict);
        if (verdict.outcome == OUTCOME_REFUSED) return false;
    }
    return true;
}

static void tell_all(struct world *world, enum happens what)
{
    for (int i = 0; i < world->count; i++) {
        struct happening happening = world_happening(world, i, what);
        world_happen(world, i, &happening);
    }
}

static void act_event(struct world *world)
{
    static const enum happens in_stage[][4] = {
        [PAYMENT_OPEN] = {HAPPENS_LOCKED, HAPPENS_HOLDS_ENDED, HAPPENS_LOCKED, HAPPENS_CALLED_OFF},
        [PAYMENT_LOCKED] = {HAPPENS_DONE, HAPPENS_UNLOCKED, HAPPENS_UNLOCKED, HAPPENS_CALLED_OFF},
        [PAYMENT_DONE] = {HAPPENS_PAID_OUT, HAPPENS_UNDONE, HAPPENS_CALLED_OFF, HAPPENS_DONE},
        [PAYMENT_CALLED_OFF] = {HAPPENS_CALLED_OFF, HAPPENS_CALLED_OFF, HAPPENS_DONE, HAPPENS_CALLED_OFF},
    };
    enum happens what = in_stage[world->stage][world_draw(world, 4)];
    bool over = world->stage >= PAYMENT_DONE;
    if (world_draw(world, what == HAPPENS_CALLED_OFF ? 12 : 3) || !all_accept(world, what)) return;
    tell_all(world, what);
    world->paid_out |= what == HAPPENS_PAID_OUT;
    if (what == HAPPENS_LOCKED) world->stage = PAYMENT_LOCKED;
    if (what == HAPPENS_UNLOCKED) world->stage = PAYMENT_OPEN;
    if (what == HAPPENS_DONE && !over) world->stage = PAYMENT_DONE;
    if (what == HAPPENS_UNDONE || (what == HAPPENS_CALLED_OFF && !over)) world->stage = PAYMENT_CALLED_OFF;
}

static void act_time(struct world *world)
{
    world->now_ms += world_draw(world, 8 * 60 * 1000);
    for (int i = 0; i < world->count; i++) {
        const struct payment *payment = &world->payments[i];
        bool over = world->now_ms >= payment->standing.hold_ends_ms;
        struct happening happening = world_happening(world, i, HAPPENS_TIME_OVER);
        if (payment_place(payment) == PLACE_HELD && over) world_happen(world, i, &happening);
    }
}

static void act_junk(struct world *world, int payment)
{
    enum happens what = world_draw(world, 2) ? HAPPENS_JUNK : HAPPENS_PAID_FOREIGN;
    struct happening happening = world_happening(world, payment, what);
    if (!world_draw(world, 4)) world_happen(world, payment, &happening);
}

static void act_cluster(struct world *world, int payment)
{
    switch (world_draw(world, 7)) {
    case 0:
        world_finalize(world, 1 + world_draw(world, 60));
        break;
    case 1:
        if (!world_draw(world, 4)) world_fork(world);
        break;
    case 2:
        world->node_healthy = !world->node_healthy;
        break;
    case 3:
        world_send_refund(world, payment, world_draw(world, 2));
        break;
    case 4: // the holder takes the money out
        if (world->truths[payment].ticket == FINALIZED && !world->paid_out && !world_draw(world, 8))
            world_give_ticket_back(world, payment);
        break;
    default:
        for (int i = 0; i < world->count; i++)
            if (world_can_land(world, i) && world_draw(world, 2)) world_land(world, i);
    }
}

static void world_step(struct world *world)
{
    static void (*const of_payment[])(struct world *,
                                      int) = {act_call,    act_call,    act_call,    act_call,    act_seat,
                                              act_promote, act_cluster, act_cluster, act_cluster, act_junk};
    enum { OF_PAYMENT = sizeof of_payment / sizeof *of_payment };
    uint32_t drawn = world_draw(world, OF_PAYMENT + 5);
    if (drawn < OF_PAYMENT && world->count)
        of_payment[drawn](world, (int)world_draw(world, (uint32_t)world->count));
    else if (drawn == OF_PAYMENT)
        act_event(world);
    else if (drawn == OF_PAYMENT + 1)
        act_time(world);
    else
        act_reserve(world, (int)world_draw(world, USERS));
    for (int i = 0; i < world->count; i++)
        if (world_draw(world, 2)) world_read(world, i, world_draw(world, 2));
}

// Of tickets that are not on their way back a user has one, whatever chain has read of them; behind a restore
// only when it has.
static void check_charged_once(const struct world *world, int user)
{
    int64_t kept = 0;
    int tickets = 0;
    for (int i = 0; i < world->count; i++) {
        const struct payment *payment = &world->payments[i];
        if (world->users[i] != user) continue;
        kept += payment->standing.seat == PAYMENT_LEFT ? 0 : payment->standing.kept; // the fee of who left
        tickets += world->truths[i].ticket != ABSENT && !payment_owed(payment) &&
                   payment->standing.seat != PAYMENT_LEFT;
    }
    assert_true(kept <= PRICE);
    assert_true(tickets <= 1 || world->was_restored);
}

static bool is_kept_on(const struct payment *payment, bool cluster)
{
    const struct payment_standing *now = &payment->standing;
    return now->kept && receipt_is_ticket(&payment->receipts[now->kept_from]) == cluster;
}

static void check_money(const struct world *world)
{
    int64_t ledger = world->escrow + world->aside, cluster = world->vault + world->purse, escrow = 0,
            aside = 0;
    for (int user = 0; user < USERS; user++) {
        ledger += world->accounts[user];
        cluster += world->wallets[user];
        assert_true(world->accounts[user] >= 0);
        check_charged_once(world, user);
    }
    for (int i = 0; i < world->count; i++) {
        assert_true(payment_is_balanced(&world->payments[i]));
        if (is_kept_on(&world->payments[i], false)) escrow += world->payments[i].standing.kept;
        aside += world->payments[i].standing.permit.credit;
    }
    assert_int_equal(ledger, world->in_ledger);
    assert_int_equal(cluster, world->on_cluster);
    assert_int_equal(world->escrow, escrow);
    assert_int_equal(world->aside, aside);
    assert_true(world_taken(world) <= world->capacity);
}

// Time goes on, the node answers, and whoever closed the page does nothing more.
static void world_wind_up(struct world *world)
{
    world->node_healthy = true;
    if (world->stage < PAYMENT_DONE) tell_all(world, HAPPENS_CALLED_OFF);
    for (int round = 0; round < 4; round++) {
        world_finalize(world, 200);
        for (int i = 0; i < world->count; i++) {
            world_read(world, i, true);
            world_send_refund(world, i, true);
        }
        check_money(world);
    }
    tell_all(world, HAPPENS_PAID_OUT);
}

static void check_end(const struct world *world)
{
    int64_t vault = 0, tickets = 0;
    for (int i = 0; i < world->count; i++) {
        const struct payment *payment = &world->payments[i];
        if (!payment_is_final(payment)) fail_msg("%c is open", payment_letter(payment_place(payment)));
        if (is_kept_on(payment, true)) vault += payment->standing.kept;
        tickets += world->truths[i].ticket == FINALIZED;
    }
    assert_int_equal(world->vault, vault);
    assert_int_equal(world->vault, tickets * PRICE);
    if (world->currency == PAYMENT_LAMPORTS) assert_int_equal(world->purse, world->in_ledger);
}

static void world_play(struct world *world, int changes)
{
    for (int try = 0; try < TRIES && world->changes < changes; try++) {
        world_step(world);
        check_money(world);
    }
}

static void money_is_conserved_whatever_happens(void **state)
{
    (void)state;
    static struct world world;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world_init(&world, seed);
        world_play(&world, CHANGES);
        world_wind_up(&world);
        check_end(&world);
    }
}

static void money_is_conserved_behind_a_restore(void **state)
{
    (void)state;
    static struct world world, before;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        world_init(&world, seed);
        world_play(&world, 2 + (int)world_draw(&world, CHANGES / 2));
        before = world;
        world_play(&world, world.changes + (int)world_draw(&world, CHANGES / 2));
        world_restore(&world, &before);
        world_play(&world, CHANGES + CHANGES / 2);
        world_wind_up(&world);
        check_end(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_conserved_whatever_happens),
        cmocka_unit_test(money_is_conserved_behind_a_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
