// A primary that is cut off: it goes on answering for a while, and what it took alone is rolled back (lib/store/mongo,
// lib/live). One process talks to it until it is deposed, the other to the new primary, which stands for the majority.
// Requests are sent again until their outcome is known.
//
// guard NO_MAJORITY   lost   an append is acknowledged, or a duplicate read back, before a majority has it
// guard NO_SAME_AGAIN twice  a duplicate that no majority has is taken for another's append
// guard NO_BARRIER    stale  what a majority read shows is taken for the newest, without a linearizable read before it
#define SLOTS 5
#define FIRST 1  // what the first process appends, at two tries at most
#define SECOND 2
#define OTHER 3

byte old[SLOTS], new[SLOTS]; // what is at a place; 0: nothing
byte old_head, new_head;
byte shared; // up to here both have the same, and the old primary knows it
bool cut, deposed;
bool acknowledged; // FIRST
byte newest;       // the highest place that was acknowledged
bool lost, twice, stale;
hidden byte i, count;

#define stored(what) (new[1] == what || new[2] == what || new[3] == what || new[4] == what)

proctype cluster() {
    do
    :: atomic { !cut && shared < old_head -> // replication
        shared++;
        new[shared] = old[shared];
        new_head = shared }
    :: atomic { !cut -> cut = true }
    :: atomic { cut && !deposed -> // it rolls back
        d_step {
            for (i : 1 .. SLOTS - 1) { old[i] = 0 }
            old_head = 0;
            deposed = true
        };
        break }
    od
}

// The other process, at the new primary.
proctype other() {
    cut;
    d_step { new_head++; new[new_head] = OTHER; newest = new_head }
}

inline acknowledge(at) {
    acknowledged = true;
    newest = (at > newest -> at : newest)
}

inline check() {
    count = 0;
    for (i : 1 .. SLOTS - 1) { count = count + ((new[i] == FIRST || new[i] == SECOND) -> 1 : 0) }
    twice = count > 1;
    lost = deposed && acknowledged && count == 0;
    assert(!twice);
    assert(!lost)
}

proctype writer() {
    byte at, what = FIRST;
again:
    at = (deposed -> new_head : shared) + 1; // a majority read
    do
    :: atomic { !deposed && !old[at] && old_head == at - 1 -> old[at] = what; old_head = at } // the reply may never come
#ifdef NO_MAJORITY
    :: atomic { !deposed && old[at] == what -> acknowledge(at); break }
#else
    :: atomic { shared >= at && new[at] == what -> acknowledge(at); break }
#endif
#ifdef NO_SAME_AGAIN
    :: atomic { !deposed && old[at] && shared < at && what == FIRST -> what = SECOND; goto again }
#endif
    :: atomic { deposed && !new[at] -> d_step { new[at] = what; new_head = at; check() }; acknowledge(at); break }
    :: atomic { deposed && new[at] == what -> acknowledge(at); break }
    :: atomic { deposed && new[at] && new[at] != what -> goto again } // CONFLICT
    od
}

// Reads at the old primary.
proctype reader() {
    byte since, seen;
    since = newest; // the call arrives
#ifndef NO_BARRIER
    if
    :: !cut // a linearizable read is answered by a majority
    :: cut -> goto over // or not at all
    fi;
#endif
    seen = (deposed -> new_head : shared);
    stale = seen < since;
    assert(!stale);
over:
    skip
}

proctype judge() {
    timeout -> d_step { check() }
}

init {
    atomic {
        run cluster();
        run other();
        run writer();
        run reader();
        run judge()
    }
}
