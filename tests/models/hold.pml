// Holds and permits: events keeps the seats of an event, chain alone decides how a hold ends (services/chain/payments), a cluster keeps
// the tickets that pay for seats, unless chain debits an account. Calls, blocks, forks and ends of time come at any moment, so calls are delayed, lost and repeated, and whoever closes a page does nothing more. Each service hears the other's stream, an
// entry twice when it ended before it stored its place. One append is one step. Heights are counted from the newest finalized block.
//
// guard NO_ANSWER       oversold events gives a seat on when its user leaves, not when chain says that the hold is over
// guard NO_HOLD_ID      unseated events frees what the hold's user has, not that hold
// guard NO_EFFECT_FIRST stuck    the place in the other's stream is stored before the effect of an entry
// guard NO_KNOWN        lost     a hold that is told again is opened anew
// guard NO_STORED       lost     a permit is signed before it is stored
// guard NO_ONE_PERMIT   lost     another permit is given while one lives
// guard NO_IN_FLIGHT    twice    an account is debited while a permit lives
// guard NO_DEAD         lost     a hold ends while a permit lives
// guard NO_FINALIZED    lost     a permit is dead when any block is above its last valid height
// guard NO_SAME_STATE   lost     that the ticket is absent was read elsewhere than the height
// guard NO_ANSWERED     lost     a node that does not answer is taken for an absent ticket
// guard NO_HEALTHY      blind    the time of a hold goes on while no permit can be asked for
// guard NO_NOT_AFTER    overdue  a permit has a last valid height, and no time
// guard NO_FINAL        stuck    a ticket is given back when it is only confirmed
// guard NO_BACK         stuck    a seat stays when a fork takes its ticket
// guard NO_SETTLING     shaken   an event is locked with a seat that is only confirmed
// guard NO_HOLDS_OPEN   shaken   and with one that is held
// guard NO_RESEND       lost     a refund that was sent is taken for done
// guard NO_ONE_APPEND   lost     a debit and its seat are stored one after the other
// guard NO_PAID         twice    a payment is not refused because there was one
#ifdef SHORT
#define HOLDS 2
#define any(p) (p(0) || p(1))
#define number(p) (p(0) + p(1))
#else
#define HOLDS 3
#define any(p) (p(0) || p(1) || p(2))
#define number(p) (p(0) + p(1) + p(2))
#endif
#define CAPACITY 1
#define BLOCKS 2 // that are not finalized

mtype = { HELD, SEATED, FINAL, OVER,             // seats
          OPEN, PAID, SETTLED, CLOSED,           // payments
          EXPIRY, LEAVE,                         // wishes
          HOLD, END, CONFIRMED, AGAIN };         // entries, with SETTLED and CLOSED; AGAIN: held again

typedef hold {
    bit user;
    // of events
    mtype seat;
    bool leaves;
    // of chain
    mtype payment, wish;
    byte permit; // two more than the blocks from the finalized one to the last valid; 1: none is left; 0: it is dead
    bool due, sent; // the refund
    byte debits;
    // of the cluster
    byte handed; // as permit, of the longest that somebody has; 0: nothing can land
    bool late;   // the not_after of what is handed has passed
    byte ticket, refund; // 1: in a finalized block, 2 and more: in one above
};
hold holds[HOLDS];
byte made, blocks;
bool locked;
byte away; // the node: 1 while it does not answer
chan money = [2] of { mtype, byte };
chan payments = [2] of { mtype, byte };
bool stray, oversold, stuck, lost, blind, overdue, shaken, twice, unpaid, unseated;
hidden byte i, who;

#define is_present(h) (holds[h].seat == HELD || holds[h].seat == SEATED || holds[h].seat == FINAL)
#define is_of_first(h) (is_present(h) && holds[h].user == 0)
#define is_of_second(h) (is_present(h) && holds[h].user == 1)
#define is_open(h) (holds[h].payment == OPEN)
#define is_seated(h) (holds[h].payment == PAID || holds[h].payment == SETTLED)
#define wants_blocks(h) (holds[h].permit > 1)
#define answers (away != 1)

// ---- Calls of the client with this hold

inline check_oversold() {
    oversold = number(is_seated) > CAPACITY;
    assert(!oversold)
}

#ifdef NO_PAID
#define is_payable(h) ((is_open(h) || holds[h].payment == SETTLED) && !holds[h].wish && !holds[h].permit)
#elif defined NO_IN_FLIGHT
#define is_payable(h) (is_open(h) && !holds[h].wish)
#else
#define is_payable(h) (is_open(h) && !holds[h].wish && !holds[h].permit)
#endif

// That no one pays for more than one place, of those that they don't leave.
#define is_charged(h) (holds[h].user == who && (holds[h].ticket || holds[h].debits) && !holds[h].due && !holds[h].leaves)

inline check_twice() {
    who = holds[h].user;
    twice = number(is_charged) > 1 || holds[h].debits > 1 || holds[h].debits && holds[h].ticket;
    who = 0;
    assert(!twice)
}

proctype client(byte h) {
end:
    do
    :: atomic { made == h && !locked && number(is_present) < CAPACITY && nfull(money) -> // reserves
        if
        :: h > 0 && !any(is_of_second) -> holds[h].user = 1
        :: !any(is_of_first)
        fi;
        made++;
        holds[h].seat = HELD;
        money ! HOLD, h }
    :: atomic { is_present(h) && !holds[h].leaves && !locked && nfull(money) -> // leaves
        holds[h].leaves = true;
#ifdef NO_ANSWER
        holds[h].seat = OVER;
#endif
        money ! END, h }
#ifdef NO_ONE_PERMIT
    :: atomic { is_open(h) && !holds[h].wish && answers ->
#else
    :: atomic { is_open(h) && !holds[h].wish && answers && !holds[h].permit -> // asks for a permit
#endif
        if // by a newer or an older blockhash
        :: holds[h].permit = blocks + 4
        :: holds[h].permit = blocks + 3
        fi;
        d_step {
            holds[h].handed = (holds[h].permit > holds[h].handed -> holds[h].permit : holds[h].handed);
#ifdef NO_STORED
            holds[h].permit = 0
#endif
        } }
#ifdef NO_ONE_APPEND
    :: d_step { is_payable(h) -> holds[h].debits++; check_twice() }
    :: atomic { is_open(h) && holds[h].debits && nfull(payments) ->
#else
    :: atomic { is_payable(h) && nfull(payments) -> // pays from the account
        holds[h].debits++;
        check_twice();
#endif
        holds[h].payment = SETTLED;
        check_oversold();
        payments ! SETTLED, h }
    od
}

// ---- Events

#define is_ready(h) (!holds[h].leaves && (holds[h].seat == FINAL MAY_SETTLE MAY_HOLD))
#ifdef NO_SETTLING
#define MAY_SETTLE || holds[h].seat == SEATED
#else
#define MAY_SETTLE
#endif
#ifdef NO_HOLDS_OPEN
#define MAY_HOLD || holds[h].seat == HELD
#else
#define MAY_HOLD
#endif
#define is_unready(h) (is_present(h) && !is_ready(h))

#define is_news (what == CONFIRMED && holds[h].seat == HELD || what == AGAIN && holds[h].seat == SEATED || \
                 what == SETTLED && holds[h].seat == HELD || what == CLOSED && is_present(h))

inline hear_payment() {
    shaken = locked && is_news;
    assert(!shaken);
    if
    :: what == CONFIRMED && holds[h].seat == HELD -> holds[h].seat = SEATED
    :: what == AGAIN && holds[h].seat == SEATED -> holds[h].seat = HELD
    :: what == SETTLED && is_present(h) -> holds[h].seat = FINAL
    :: what == CLOSED ->
#ifdef NO_HOLD_ID
        for (i : 0 .. HOLDS - 1) {
            if
            :: is_present(i) && holds[i].user == holds[h].user -> holds[i].seat = OVER
            :: else
            fi
        }
        i = 0
#else
        holds[h].seat = OVER;
        holds[h].leaves = false
#endif
    :: else
    fi
}

active proctype events() {
    mtype what;
    byte h;
end:
    do
    :: atomic { payments ? what, h -> hear_payment(); what = 0; h = 0 }
    :: atomic { payments ? <what, h> -> hear_payment(); what = 0; h = 0 } // it ends before it stores its place
#ifdef NO_EFFECT_FIRST
    :: atomic { payments ? what, h -> what = 0; h = 0 } // and after
#endif
    :: atomic { !locked && any(is_ready) && !any(is_unready) -> locked = true }
    od
}

// ---- Chain

inline close_payment(h) {
    holds[h].payment = CLOSED;
    holds[h].wish = 0;
    payments ! CLOSED, h
}

inline hear_money() {
    if
#ifdef NO_KNOWN
    :: what == HOLD -> holds[h].payment = OPEN; holds[h].wish = 0; holds[h].permit = 0
#else
    :: what == HOLD && !holds[h].payment -> holds[h].payment = OPEN
#endif
    :: what == END && (is_open(h) || holds[h].payment == PAID) -> holds[h].wish = LEAVE
    :: what == END && holds[h].payment == SETTLED ->
        if
        :: holds[h].debits -> holds[h].debits--
        :: else -> holds[h].due = true
        fi;
        close_payment(h)
    :: else
    fi
}

active proctype chain() {
    mtype what;
    byte h;
end:
    do
    :: atomic { nfull(payments) && nempty(money) -> money ? what, h; hear_money(); what = 0; h = 0 }
    :: atomic { nfull(payments) && nempty(money) -> money ? <what, h>; hear_money(); what = 0; h = 0 }
#ifdef NO_EFFECT_FIRST
    :: atomic { money ? what, h -> what = 0; h = 0 }
#endif
    od
}

#ifdef NO_FINALIZED
#define is_passed(h) (holds[h].permit && blocks + 1 >= holds[h].permit)
#else
#define is_passed(h) (holds[h].permit == 1)
#endif
#ifdef NO_SAME_STATE
#define is_absent(h) true
#else
#define is_absent(h) (!holds[h].ticket)
#endif

#ifdef NO_FINAL
#define is_final(h) holds[h].ticket
#else
#define is_final(h) (holds[h].ticket == 1)
#endif

// What chain decides by the clock and by what it reads of the cluster.
proctype deciding(byte h) {
end:
    do
#ifdef NO_HEALTHY
    :: d_step { is_open(h) && !holds[h].wish -> holds[h].wish = EXPIRY; blind = !answers; assert(!blind) }
#else
    :: d_step { is_open(h) && !holds[h].wish && answers -> holds[h].wish = EXPIRY }
#endif
    :: atomic { answers && is_open(h) && holds[h].ticket && holds[h].wish != LEAVE && nfull(payments) ->
        holds[h].payment = PAID;
        holds[h].wish = 0;
        check_oversold();
        payments ! CONFIRMED, h }
#ifndef NO_BACK
    :: atomic { answers && holds[h].payment == PAID && !holds[h].ticket && nfull(payments) ->
        holds[h].payment = OPEN;
        payments ! AGAIN, h }
#endif
    :: atomic { answers && holds[h].payment == PAID && !holds[h].wish && holds[h].ticket == 1 && nfull(payments) ->
        holds[h].payment = SETTLED;
        holds[h].permit = 0;
        payments ! SETTLED, h }
    :: atomic { answers && (is_open(h) || holds[h].payment == PAID) && holds[h].wish == LEAVE && is_final(h) && nfull(payments) ->
        holds[h].permit = 0;
        holds[h].due = true;
        close_payment(h) }
    :: d_step { answers && is_open(h) && is_passed(h) && is_absent(h) -> holds[h].permit = 0 }
#ifdef NO_ANSWERED
    :: d_step { !answers && is_open(h) && holds[h].permit -> holds[h].permit = 0 }
#endif
#ifdef NO_DEAD
    :: atomic { is_open(h) && holds[h].wish && nfull(payments) ->
#else
    :: atomic { is_open(h) && holds[h].wish && !holds[h].permit && nfull(payments) ->
#endif
        lost = holds[h].ticket || holds[h].debits;
        assert(!lost);
        close_payment(h) }
    :: d_step { holds[h].due && !holds[h].sent && holds[h].ticket && !holds[h].refund ->
#ifdef NO_RESEND
        holds[h].due = false;
#endif
        holds[h].sent = true }
    :: d_step { answers && holds[h].due && holds[h].refund == 1 ->
        holds[h].due = false;
        holds[h].ticket = 0;
        holds[h].refund = 0 }
    od
}

// ---- The cluster

proctype transactions(byte h) {
end:
    do
#ifdef NO_NOT_AFTER
    :: d_step { holds[h].handed >= blocks + 3 && blocks < BLOCKS && !holds[h].ticket ->
#else
    :: d_step { holds[h].handed >= blocks + 3 && blocks < BLOCKS && !holds[h].ticket && !holds[h].late ->
#endif
        blocks++;
        holds[h].ticket = blocks + 1;
        overdue = holds[h].late;
        stray = holds[h].payment == CLOSED;
        assert(!overdue);
        assert(!stray);
        check_twice() }
    :: d_step { holds[h].handed && !holds[h].late -> holds[h].late = true }
    :: d_step { holds[h].sent && blocks < BLOCKS ->
        blocks++;
        holds[h].sent = false;
        holds[h].refund = blocks + 1 }
    :: d_step { holds[h].sent -> holds[h].sent = false } // lost
    od
}

#define nearer(height) height = (height > 1 -> height - 1 : height)

active proctype cluster() {
end:
    do
    :: d_step { blocks < BLOCKS && any(wants_blocks) -> blocks++ }
    :: d_step { blocks > 0 -> // one is finalized
        blocks--;
        for (i : 0 .. HOLDS - 1) {
            nearer(holds[i].permit);
            nearer(holds[i].ticket);
            nearer(holds[i].refund);
            holds[i].handed = (holds[i].handed > 3 && holds[i].ticket != 1 -> holds[i].handed - 1 : 0);
            holds[i].late = holds[i].late && holds[i].handed
        }
        i = 0 }
    :: d_step { blocks > 0 -> // a fork
        blocks = 0;
        for (i : 0 .. HOLDS - 1) {
            holds[i].ticket = (holds[i].ticket > 1 -> 0 : holds[i].ticket);
            holds[i].refund = (holds[i].refund > 1 -> 0 : holds[i].refund)
        }
        i = 0 }
    :: d_step { away == 0 && any(is_open) -> away = 1 }
    :: d_step { away == 1 -> away = 2 }
    od
}

// ---- When nothing is left to do

#define is_stuck(h) (holds[h].seat == HELD || holds[h].seat == SEATED || holds[h].leaves && holds[h].seat != OVER || \
                     is_open(h) || holds[h].payment == PAID || holds[h].due)
#define is_unpaid(h) (holds[h].seat == FINAL && holds[h].debits != 1 && holds[h].ticket != 1)
#define is_unseated(h) (holds[h].payment == SETTLED && holds[h].seat != FINAL)
#define is_lost(h) (holds[h].payment == CLOSED && (holds[h].debits || holds[h].ticket && !holds[h].due))

active proctype judge() {
    timeout ->
        d_step {
            stuck = any(is_stuck);
            unpaid = any(is_unpaid);
            unseated = any(is_unseated);
            lost = any(is_lost)
        };
        assert(!stuck);
        assert(!unpaid);
        assert(!unseated);
        assert(!lost)
}

init {
    byte h;
    atomic {
        for (h : 0 .. HOLDS - 1) {
            run client(h);
            run deciding(h);
            run transactions(h)
        }
        h = 0
    }
}
