// A ticket that chain finds when its hold is over (services/chain/seats, services/events/game/rules/holds.c): chain takes the money and
// asks events for a place, events gives the only one, lets the payer wait for it, or refuses, and chain seats or gives the money back. In
// between others take the place, the event is locked and opened, the payer leaves the waitlist, and a day passes at any moment. Two processes of
// chain read the ticket; each hears of events, some of it twice. One append is one step.
//
// guard NO_QUESTION unseated chain seats by itself
// guard NO_KNOWN    twice    a ticket that was taken is taken again
// guard NO_FREE     oversold events gives the place that was free when chain asked
// guard NO_OPEN     shaken   and also of an event that is locked
// guard NO_TURN     passed   a place that is free is given to others while the payer waits
// guard NO_REFUSAL  stuck    that there is no place is not answered, and no day ends it
// guard NO_DAY      stuck    money waits for as long as events is silent
// guard NO_ANEW     stuck    an answer to what waits no more is passed over
// guard NO_SEATED   unpaid   an end that the answer has overtaken frees the seat alone
mtype = { OVER, WAITING, HOLDING, SEATED,       // the payment, of chain
          FREE, HELD, PAID,                     // the payer's seat, of events
          ASK, CONFIRMED, CLOSED,               // what chain says
          GIVEN, REFUSED, LEFT, LOCKED, OPENED }; // what events says, with CLOSED

mtype seat = FREE;
bool other, waits, locked; // another has the place; the payer is in the waitlist, paid; the event
bool left;                 // the payer gave the seat back

mtype payment = OVER;
bool known_locked, taken, due;
byte kept;
bool ticket = true;
bool silent; // an older program of events passes over the question
byte locks, others; // so far

chan payments = [3] of { mtype };
chan money = [3] of { mtype };
bool oversold, stuck, unseated, unpaid, twice, shaken, passed;

// ---- Events

inline check_places() {
    oversold = other && seat != FREE;
    assert(!oversold)
}

inline give_place() {
    shaken = locked;
    assert(!shaken);
    waits = false;
    seat = HELD;
    check_places();
    money ! GIVEN
}

#ifdef NO_FREE
#define is_free true
#else
#define is_free (!other && seat == FREE)
#endif
#ifdef NO_OPEN
#define is_open true
#else
#define is_open (!locked)
#endif

inline answer() {
    if
    :: is_open && is_free -> give_place()
    :: is_open && !is_free -> waits = true // there is a waitlist
    :: !(is_open && is_free) ->
#ifdef NO_REFUSAL
        skip
#else
        money ! REFUSED
#endif
    fi
}

active proctype events() {
end:
    do
    :: atomic { nfull(money) && payments ? [ASK] -> payments ? ASK;
        if
        :: seat == FREE && !waits -> answer()
        :: !silent -> silent = true
        fi }
    :: atomic { payments ? CONFIRMED -> seat = (seat == HELD -> PAID : seat) }
    :: atomic { payments ? CLOSED -> seat = FREE; waits = false }
    // The place frees: who waits is next.
    :: atomic { waits && !locked && !other && seat == FREE && nfull(money) -> give_place() }
    od
}

active proctype people() {
end:
    do
#ifdef NO_TURN
    :: atomic { others < 2 && !locked && !other && seat == FREE -> others++; other = true; passed = waits; assert(!passed) }
#else
    :: atomic { others < 2 && !locked && !other && seat == FREE && !waits -> others++; other = true; passed = waits; assert(!passed) }
#endif
    :: d_step { other && !locked -> other = false }
    :: atomic { waits && nfull(money) -> waits = false; money ! LEFT } // leaves the waitlist
    :: atomic { seat != FREE && !left && !locked && nfull(money) -> left = true; money ! LEFT } // or the seat
    :: d_step { !left -> left = true } // or never will
    :: atomic { !locked && locks < 2 && seat != HELD && nfull(money) -> locks++; locked = true; money ! LOCKED }
    :: atomic { locked && nfull(money) -> locked = false; money ! OPENED }
    od
}

// ---- Chain

inline give_back(closed) {
    due = due || kept;
    kept = 0;
    payment = OVER;
    if
    :: closed -> payments ! CLOSED
    :: else
    fi
}

inline hear() {
    if
    :: what == GIVEN && payment == WAITING && kept -> payment = SEATED; payments ! CONFIRMED
#ifndef NO_ANEW
    :: what == GIVEN && (payment == OVER || payment == WAITING && !kept) && !known_locked -> payment = HOLDING
#endif
    :: what == REFUSED && payment == WAITING -> give_back(true)
    :: what == LEFT && (payment == WAITING || payment == HOLDING) -> give_back(true)
#ifdef NO_SEATED
    :: what == LEFT && payment == SEATED -> payment = OVER; kept = 0; payments ! CLOSED
#else
    :: what == LEFT && payment == SEATED -> give_back(true)
#endif
    :: what == LOCKED ->
        known_locked = true;
        if
        :: payment == WAITING -> give_back(true)
        :: else
        fi
    :: what == OPENED -> known_locked = false
    :: else
    fi
}

// Another process has heard an entry, too: its append expects the place that was reached, so it fails.
active proctype chain() {
    mtype what;
end:
    do
    :: atomic { nfull(payments) && nempty(money) -> money ? what; hear(); what = 0 }
    od
}

#ifdef NO_KNOWN
#define is_news ticket
#else
#define is_news (ticket && !taken)
#endif

active [2] proctype watch() {
end:
    do
    :: atomic { is_news && payment == OVER && !known_locked && nfull(payments) ->
        taken = true;
        kept++;
        twice = kept > 1 || due;
        assert(!twice);
#ifdef NO_QUESTION
        payment = SEATED;
        payments ! CONFIRMED
#else
        payment = WAITING;
        payments ! ASK
#endif
        }
    :: d_step { is_news && payment == OVER && known_locked -> taken = true; due = true }
    :: atomic { payment == HOLDING && nfull(payments) -> give_back(true) } // its time is over
#if !defined(NO_DAY) && !defined(NO_REFUSAL)
    :: d_step { payment == WAITING && kept -> kept = 0; due = true }
#endif
    :: d_step { due && ticket -> due = false; ticket = false }
    od
}

// ---- When nothing is left to do

active proctype judge() {
    timeout ->
        d_step {
            stuck = seat == HELD || due || kept && payment != SEATED || payment == HOLDING;
            unseated = payment == SEATED && seat != PAID;
            unpaid = seat == PAID && !kept || ticket && !kept
        };
        assert(!stuck);
        assert(!unseated);
        assert(!unpaid)
}
