// Evenings at random, with a restart behind each thing that happens: what stands is the same afterwards, each
// escrow has what its payments keep, no money is made or lost, and in the end nothing is open. And an entry
// that is taken back leaves what stood before it.
#include "services/chain/book/snapshot.h"
#include "services/chain/testing/taken_back.h"

enum { SEEDS = 8, STEPS = 90, PEOPLE = 3, START = 4000, HOLDS = STEPS + 1 };
_Static_assert((int)HOLDS <= (int)TAKEN_BACK_HOLDS, "all are compared");

static const char *const people[PEOPLE] = {ANN, BOB, EVE};

struct play {
    struct evening evening;
    uint64_t random;
    unsigned holds; // made so far
    unsigned whose[HOLDS];
};

static unsigned draw_below(struct play *play, unsigned below) // splitmix64
{
    uint64_t z = (play->random += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (unsigned)((z ^ (z >> 31)) % below);
}

// ---- What stands

struct picture {
    struct payment payments[HOLDS];
    bool there[HOLDS];
    int64_t has[PEOPLE], god, escrow, revenue, treasury;
};

static struct picture *picture_of(struct play *play)
{
    struct picture *picture = calloc(1, sizeof *picture);
    struct evening *evening = &play->evening;
    for (unsigned i = 1; i <= play->holds; i++)
        picture->there[i] = evening_payment(evening, i, &picture->payments[i]);
    for (unsigned i = 0; i < PEOPLE; i++) picture->has[i] = evening_user(evening, people[i]);
    picture->god = evening_user(evening, GOD);
    picture->escrow = evening_escrow(evening);
    picture->revenue = evening_fund(evening, LEDGER_REVENUE);
    picture->treasury = evening_fund(evening, LEDGER_TREASURY);
    return picture;
}

static void keep_snapshot(struct house *house)
{
    struct book_snapshot snapshot;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    assert_true(book_snapshot_take(b.book, &snapshot));
    book_end(&b);
    assert_true(book_snapshot_store(&house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
}

static void check_standing(struct play *play)
{
    evening_check_owed(&play->evening);
    struct picture *before = picture_of(play);
    int64_t sum = before->god + before->escrow + before->revenue + before->treasury;
    for (unsigned i = 0; i < PEOPLE; i++) sum += before->has[i];
    assert_int_equal(sum, PEOPLE * START);
    evening_check(&play->evening);
    if (!draw_below(play, 4)) keep_snapshot(play->evening.house);
    house_restart(play->evening.house);
    evening_check_owed(&play->evening);
    struct picture *after = picture_of(play);
    assert_memory_equal(before, after, sizeof *before);
    free(before);
    free(after);
}

// ---- What happens

static void make_hold(struct play *play)
{
    unsigned person = draw_below(play, PEOPLE), number = ++play->holds;
    play->whose[number] = person;
    if (draw_below(play, 8))
        evening_hold(&play->evening, number, people[person], draw_below(play, 3));
    else
        evening_give(&play->evening, number, people[person]);
}

// May be refused, and changes nothing then.
static void make_call(struct play *play)
{
    static const char *const methods[] = {"chain.PayPayment", "chain.PayPayment", "chain.PayPayment",
                                          "chain.EndPayment"};
    unsigned number = 1 + draw_below(play, play->holds);
    bool refund = !draw_below(play, 6);
    house_ask(play->evening.house, refund ? GOD : people[play->whose[number]],
              refund ? "chain.RefundPayment" : methods[draw_below(play, 4)], evening_request(number));
}

static void end_game(struct play *play)
{
    if (!draw_below(play, 3))
        evening_call_off(&play->evening);
    else
        evening_finish(&play->evening, people, draw_below(play, PEOPLE + 1));
}

static void make_step(struct play *play)
{
    struct evening *evening = &play->evening;
    unsigned what = draw_below(play, 40);
    if (what < 10 || !play->holds)
        make_hold(play);
    else if (what < 24)
        make_call(play);
    else if (what < 31)
        evening_end(evening, 1 + draw_below(play, play->holds),
                    (Money__SeatEnding__By)(1 + draw_below(play, 5)));
    else if (what < 33)
        evening_pass(evening, EVENING_HOLD_S * 500);
    else if (what < 35)
        evening_lock(evening);
    else if (what < 37)
        evening_unlock(evening);
    else if (what < 38)
        end_game(play);
    else if (what < 39)
        evening_undo(evening);
    else
        house_ask(evening->house, people[0], "chain.DisputeEvent", "{'event_id': '" EVENING "'}");
}

static void end_evening(struct play *play)
{
    struct evening *evening = &play->evening;
    evening_undo(evening);
    evening_call_off(evening);
    evening_lock(evening);
    for (unsigned i = 1; i <= play->holds; i++) assert_int_equal(evening_letter(evening, i), '-');
    assert_int_equal(evening_escrow(evening), 0);
}

static void whatever_happens_nothing_is_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct play *play = calloc(1, sizeof *play);
        play->random = seed;
        evening_init(&play->evening, house_at(NULL));
        for (unsigned i = 0; i < PEOPLE; i++) evening_fund_user(&play->evening, people[i], START);
        for (int step = 0; step < STEPS; step++) {
            make_step(play);
            check_standing(play);
        }
        end_evening(play);
        check_standing(play);
        assert_true(taken_back_each(&play->evening.house->chain, false) > STEPS / 2);
        house_close(play->evening.house);
        free(play);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whatever_happens_nothing_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
