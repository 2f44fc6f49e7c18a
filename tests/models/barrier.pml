// A barrier: one linearizable read at a time, for all calls of a process that wait (store_barrier). After it a majority
// read shows what was acknowledged before the barrier was sent, even if the primary that answers is cut off meanwhile.
// What was read is kept with the time of the barrier, and answers later calls. Time is counted in acknowledged writes:
// moments between two of them need not be told apart.
//
// guard NO_BARRIER stale  a majority read alone confirms
// guard NO_SINCE   stale  a call takes the answer of a barrier that was on its way when it arrived
// guard NO_STAMP   stale  what was read counts as of the time of the answer
#define WRITES 3

byte now = 1; // time: one more with each write that is acknowledged, by whichever primary
byte shown;   // up to when a majority read at the process's primary shows all writes
bool cut;     // that one is a primary no more, and does not know it
bool flying, executed, good; // the barrier on its way
byte sent;                   // when it was
byte confirmed, failed;      // when the last good one was sent, and the last without an answer
byte copy, stamp;            // up to when the copy has all writes; what it counts as
bool stale;

proctype cluster() {
    do
    :: d_step { now <= WRITES ->
        now++;
        if
        :: !cut -> shown = now
        :: else
        fi
    }
    :: d_step { !cut -> cut = true }
    :: break
    od
}

proctype server() {
end:
    do
    :: d_step { flying && !executed -> executed = true; good = !cut }
    :: d_step { executed ->
        if
        :: good -> confirmed = sent
        :: else -> failed = sent
        fi;
        flying = false;
        executed = false;
        good = false
    }
    od
}

proctype call() {
    byte since, wanted;
    atomic { since = now; wanted = since };
    if
    :: atomic { stamp >= since -> stale = copy < since; assert(!stale); goto over }
    :: atomic { stamp < since }
    fi;
#ifndef NO_BARRIER
    do
    :: atomic { confirmed >= wanted -> break }
    :: atomic { confirmed < wanted && failed >= wanted -> goto over } // the store is away
    :: atomic { confirmed < wanted && failed < wanted && !flying -> flying = true; sent = now }
#ifdef NO_SINCE
    :: atomic { flying && sent < wanted -> wanted = sent }
#endif
    od;
#endif
    atomic {
        copy = shown; // a majority read
#if defined NO_BARRIER || defined NO_STAMP
        stamp = now;
#else
        stamp = (confirmed > stamp -> confirmed : stamp);
#endif
        stale = copy < since;
        assert(!stale)
    };
over:
    skip
}

init {
    atomic {
        shown = 1;
        run cluster();
        run server();
        run call();
        run call();
        run call()
    }
}
