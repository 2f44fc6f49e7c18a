// Evenings whose seats cost something, for tests: what events would tell of them, and what stands of it on
// the ledger.
#ifndef CHAIN_TESTING_EVENING_H
#define CHAIN_TESTING_EVENING_H

#include "services/chain/seats/due.h"
#include "services/chain/seats/learn.h"
#include "services/chain/seats/seats.h"
#include "payments.pb-c.h"
#include "services/chain/till/told.h"
#include "services/chain/testing/house.h"

#define EVENING "01890000-0000-7000-8000-00000000e0e0"

enum { EVENING_PRICE = 1000, EVENING_FEE = 100, EVENING_HOLD_S = 900, EVENING_PAYOUT_S = 24 * 3600 };

struct evening {
    struct house *house;
    const char *id;
    uint64_t told; // entries of events.money
    Money__Terms terms;
};

static inline void evening_init(struct evening *evening, struct house *house)
{
    *evening = (struct evening){.house = house, .id = EVENING};
    money__terms__init(&evening->terms);
    evening->terms.hold_s = EVENING_HOLD_S;
    evening->terms.refund_fee = EVENING_FEE;
    evening->terms.payout_after_s = EVENING_PAYOUT_S;
    evening->terms.god_bp = 1000;
    evening->terms.tax_case = MONEY__TERMS__TAX_PRESET;
}

// Entry `seq` of a generation, as the follower would hand it over.
static inline bool evening_hand_over(struct evening *evening, const Money__FromEvents *told,
                                     struct bus_place place, struct err *err)
{
    struct arena arena;
    Bus__Notice notice = BUS__NOTICE__INIT, *notices = &notice;
    arena_init(&arena, 1 << 16);
    notice.seq = place.seq;
    notice.payload.len = money__from_events__get_packed_size(told);
    notice.payload.data = arena_alloc(&arena, notice.payload.len + 1);
    money__from_events__pack(told, notice.payload.data);
    const struct bus_batch batch = {.notices = &notices, .count = 1, .place = place};
    bool ok = seats_learn(&evening->house->chain, &batch, evening->house->now_ms, err);
    arena_finish(&arena);
    return ok;
}

// All members of the oneof are pointers in one place.
static inline void evening_tell(struct evening *evening, Money__FromEvents__BodyCase which, void *body)
{
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    struct err err = {0};
    told.time_ms = evening->house->now_ms;
    told.event_id = evening->id;
    told.god_id = GOD;
    told.body_case = which;
    told.seat_held = body;
    if (!evening_hand_over(evening, &told, (struct bus_place){1, ++evening->told}, &err))
        fail_msg("%s", err.message);
}

// Holds, payments and seats have ids by their number.
static inline struct uuid hold_id(unsigned number)
{
    struct uuid id;
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-0000%08x", number % 0x10000000);
    return id;
}

static inline void evening_hold(struct evening *evening, unsigned number, const char *user_id,
                                uint32_t promotions)
{
    Money__SeatHeld held = MONEY__SEAT_HELD__INIT;
    const struct uuid id = hold_id(number);
    held.hold_id = id.text;
    held.user_id = user_id;
    held.price = EVENING_PRICE;
    held.currency = MONEY__CURRENCY__VALUE__CONSE;
    held.terms = &evening->terms;
    held.promotions = promotions;
    held.attempt = promotions > 1 ? promotions : 1;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_SEAT_HELD, &held);
}

static inline void evening_give(struct evening *evening, unsigned number, const char *user_id)
{
    Money__SeatGiven given = MONEY__SEAT_GIVEN__INIT;
    const struct uuid id = hold_id(number);
    given.hold_id = id.text;
    given.user_id = user_id;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_SEAT_GIVEN, &given);
}

static inline void evening_end(struct evening *evening, unsigned number, Money__SeatEnding__By by)
{
    Money__SeatEnding ending = MONEY__SEAT_ENDING__INIT;
    const struct uuid id = hold_id(number);
    ending.hold_id = id.text;
    ending.by = by;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_SEAT_ENDING, &ending);
}

#define EVENING_SAYS(evening, BODY, Type)                                                                    \
    do {                                                                                                     \
        Money__##Type said = MONEY__##BODY##__INIT;                                                          \
        evening_tell(evening, MONEY__FROM_EVENTS__BODY_##BODY, &said);                                       \
    } while (0)

static inline void evening_lock(struct evening *evening) { EVENING_SAYS(evening, GAME_LOCKED, GameLocked); }
static inline void evening_unlock(struct evening *evening)
{
    EVENING_SAYS(evening, GAME_UNLOCKED, GameUnlocked);
}
static inline void evening_call_off(struct evening *evening)
{
    EVENING_SAYS(evening, GAME_CALLED_OFF, GameCalledOff);
}
static inline void evening_undo(struct evening *evening) { EVENING_SAYS(evening, GAME_UNDONE, GameUndone); }

static inline void evening_finish(struct evening *evening, const char *const *winner_ids, size_t count)
{
    Money__GameDone done = MONEY__GAME_DONE__INIT;
    done.winner_ids = (const char **)winner_ids;
    done.n_winner_ids = count;
    done.god_id = GOD;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_GAME_DONE, &done);
}

// What is due by the clock.
static inline void evening_pass(struct evening *evening, int64_t ms)
{
    bool more = true;
    struct err err = {0};
    evening->house->now_ms += ms;
    while (more) assert_true(seats_do_due(&evening->house->chain, evening->house->now_ms, &more, &err));
}

// ---- What people do

static inline const char *evening_request(unsigned number)
{
    static char request[96];
    snprintf(request, sizeof request, "{'payment_id': '%s'}", hold_id(number).text);
    return request;
}

static inline const Chain__Payment *evening_calls(struct evening *evening, const char *user_id,
                                                  const char *method, unsigned number)
{
    return ((const Chain__PaymentReply *)house_must(evening->house, user_id, method, evening_request(number)))
        ->payment;
}

static inline const Chain__Payment *evening_pay(struct evening *evening, const char *user_id, unsigned number)
{
    return evening_calls(evening, user_id, "chain.PayPayment", number);
}

static inline void evening_refuses(struct evening *evening, const char *user_id, const char *method,
                                   unsigned number, Conse__Reason__Value reason)
{
    house_refuses(evening->house, user_id, method, evening_request(number), reason);
}

static inline void evening_fund_user(struct evening *evening, const char *user_id, int64_t amount)
{
    char request[160];
    snprintf(request, sizeof request, "{'to_user_id': '%s', 'amount': '%lld', 'memo': 'start'}", user_id,
             (long long)amount);
    house_must(evening->house, DEV, "chain.Grant", request);
}

// ---- What stands

// A copy; false when it is none, or over.
static inline bool evening_payment(struct evening *evening, unsigned number, struct payment *payment)
{
    struct book_call b = {.chain = &evening->house->chain, .arena = &evening->house->arena};
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(hold_id(number).text, id);
    assert_true(book_begin_own(&b, evening->house->now_ms, true, &err));
    const struct till_payment *found = till_find_payment(&b.book->till, id);
    if (found) *payment = found->payment;
    book_end(&b);
    return found;
}

static inline char evening_letter(struct evening *evening, unsigned number)
{
    struct payment payment;
    return evening_payment(evening, number, &payment) ? payment_letter(payment_place(&payment)) : '-';
}

// Of an owner of the ledger, in CONSE.
static inline int64_t evening_has(struct evening *evening, const struct ledger_owner *owner)
{
    struct book_call b = {.chain = &evening->house->chain, .arena = &evening->house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, evening->house->now_ms, true, &err));
    uint32_t account = ledger_accounts_find(&b.book->accounts, owner);
    int64_t has = account == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&b.book->accounts, account, BOOK_CONSE);
    book_end(&b);
    return has;
}

static inline int64_t evening_escrow(struct evening *evening)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(evening->id, id);
    const struct ledger_owner owner = till_escrow(id);
    return evening_has(evening, &owner);
}

static inline int64_t evening_fund(struct evening *evening, enum ledger_fund fund)
{
    const struct ledger_owner owner = {.kind = LEDGER_FUND, .id = {(uint8_t)fund}};
    return evening_has(evening, &owner);
}

static inline int64_t evening_user(struct evening *evening, const char *user_id)
{
    const struct ledger_owner owner = book_user(user_id);
    return evening_has(evening, &owner);
}

// What events have been told, from entry `from` on, as letters: Opened, Confirmed, Settled, held Again,
// cLosed, Final; a hold's number before each.
static inline void evening_told(struct evening *evening, uint64_t from, char *text, size_t room)
{
    static const char letters[] = "OCSALF";
    struct store_entries page;
    struct arena arena;
    struct err err = {0};
    size_t len = 0;
    arena_init(&arena, 8 << 20);
    assert_true(book_rows_catch_up(&evening->house->chain, &err));
    assert_true(store_read(evening->house->chain.store, TOLD_STREAM, from, 500, &arena, &page, &err));
    *text = '\0';
    for (size_t i = 0; i < page.count; i++) {
        const Money__FromChain *told =
            money__from_chain__unpack(&arena.allocator, page.entries[i].len, page.entries[i].data);
        assert_string_equal(told->event_id, evening->id);
        len += (size_t)snprintf(text + len, room - len, "%s%lu%c", len ? " " : "",
                                strtoul(told->hold_id + UUID_LEN - 8, NULL, 16),
                                letters[told->body_case - MONEY__FROM_CHAIN__BODY_OPENED]);
    }
    arena_finish(&arena);
}

// Each escrow has what the payments of its event keep, and all that is there was issued.
static inline void evening_check(struct evening *evening)
{
    struct book_call b = {.chain = &evening->house->chain, .arena = &evening->house->arena};
    struct err err = {0};
    int64_t sum = 0;
    assert_true(book_begin_own(&b, evening->house->now_ms, true, &err));
    const struct ledger_accounts *accounts = &b.book->accounts;
    for (uint32_t i = 0; i < accounts->count; i++) {
        const struct ledger_owner owner = ledger_owner_of(accounts, i);
        int64_t amount = ledger_balance(accounts, i, BOOK_CONSE);
        sum += amount;
        if (owner.kind != LEDGER_EVENT) continue;
        const struct till_event *event = till_find_event(&b.book->till, owner.id);
        assert_int_equal(amount, event ? till_pot(event) : 0);
    }
    assert_int_equal(sum, 0);
    book_end(&b);
}

static inline uint32_t evening_walk_owed(const struct till *till, uint32_t account)
{
    uint32_t count = 0;
    const struct till_event *event = NULL;
    while ((event = till_next_event(till, event)))
        for (const struct till_payment *of = event->first; of; of = of->next)
            count += of->account == account && till_is_owed(of);
    return count;
}

// What is kept of each account is what a walk over all payments finds.
static inline void evening_check_owed(struct evening *evening)
{
    struct house *house = evening->house;
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    uint64_t owed = 0;
    assert_true(book_begin_own(&b, house->now_ms, true, &err));
    for (uint32_t account = 0; account < b.book->accounts.count; account++) {
        uint32_t count = till_owed(&b.book->till, account);
        assert_int_equal(count, evening_walk_owed(&b.book->till, account));
        owed += count != 0;
    }
    assert_int_equal(b.book->till.owed.count, owed);
    book_end(&b);
}

#endif
