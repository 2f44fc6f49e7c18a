// Confirmed copies: two owners keep a stream in memory and answer from it (lib/live, lib/rpc). A call reads, votes, or
// takes a seat that one can have: it is answered from the copy, or appends to it. The 250 ms for which a read may be old
// are none here.
//
// guard NO_CONFIRM         stale      a read is answered from any copy
// guard NO_CONFIRM_REFUSAL wrong      a refusal rests on a copy that was not confirmed after the command arrived
// guard NO_CONFIRM_SUCCESS unheard    nor does a command that finds its wish fulfilled and appends nothing
// guard NO_TICKET          undone     an answer does not wait for the entries that it saw on their way
// guard NO_PARK            misplaced  a copy catches up while its own append is on its way
#define OWNERS 2
#define CALLS 3
#define SLOTS 4 // entries, from 1; a call appends at most one

mtype = { READ, VOTE, TAKE };

typedef entry {
    byte write_id; // 0: there is none
    bit value;
};
typedef copy {
    entry entries[SLOTS];
    byte head;    // with the one on its way
    bool pending; // the last one is
    bool executed, answered;
    bool inserted; // the answer
};
entry stream[SLOTS];
byte stream_head;
copy copies[OWNERS];

byte acknowledged;  // the newest entry of an answered command
byte since[CALLS];  // that, when a call arrived
bit was[CALLS * 2]; // whether the value was 0, and 1, at a moment since then
bool stale, wrong, unheard, undone, misplaced;
hidden byte i;

// ---- The server

inline note_values() {
    for (i : 0 .. CALLS - 1) { was[i * 2 + stream[stream_head].value] = 1 }
    i = 0
}

inline execute(o) {
    d_step {
        copies[o].executed = true;
        copies[o].inserted = stream_head == copies[o].head - 1;
        if
        :: copies[o].inserted ->
            stream_head++;
            stream[stream_head].write_id = copies[o].entries[copies[o].head].write_id;
            stream[stream_head].value = copies[o].entries[copies[o].head].value;
            note_values()
        :: else
        fi
    }
}

// ---- A copy

// Appends what is stored behind the copy's head.
inline catch_up(o) {
    d_step {
        misplaced = copies[o].head <= stream_head &&
                    copies[o].entries[copies[o].head].write_id != stream[copies[o].head].write_id;
        assert(!misplaced);
        do
        :: copies[o].head < stream_head ->
            copies[o].head++;
            copies[o].entries[copies[o].head].write_id = stream[copies[o].head].write_id;
            copies[o].entries[copies[o].head].value = stream[copies[o].head].value
        :: else -> break
        od
    }
}

inline load(o) {
    d_step {
        for (i : 1 .. SLOTS - 1) {
            copies[o].entries[i].write_id = 0;
            copies[o].entries[i].value = 0
        }
        i = 0;
        copies[o].head = 0
    };
    catch_up(o)
}

proctype owner(byte me) {
end:
    do
    :: atomic { copies[me].pending && !copies[me].executed -> execute(me) }
    :: atomic { copies[me].executed && !copies[me].answered -> copies[me].answered = true }
    od
}

// ---- A call

// Waits for the entry of this write_id, which the answer rests on.
inline rest_on(o, id, held) {
    if
    :: id == 0 -> held = true
    :: id != 0 -> // decided: no longer on its way
        (!copies[o].pending || copies[o].entries[copies[o].head].write_id != id);
        held = stream[1].write_id == id || stream[2].write_id == id || stream[3].write_id == id
    fi
}

// One question to the server, outside the copy's lock, and what follows from the answer.
inline confirm(o) {
    atomic { probed = stream_head <= copies[o].head };
    atomic {
#ifndef NO_PARK
        (probed || !copies[o].pending);
#endif
        if
        :: !probed -> catch_up(o)
        :: else
        fi;
        probed = false
    }
}

#define newest(o) copies[o].entries[copies[o].head]

proctype call(byte me) {
    byte on, seen, rests, tries;
    bit wish;
    bool fresh, probed, held, appended;
    mtype kind;

    atomic {
        if
        :: kind = READ
        :: kind = TAKE; wish = 1
        :: kind = VOTE; wish = 1
        :: kind = VOTE
        fi;
        if
        :: on = 0
        :: on = 1
        fi;
        since[me] = acknowledged;
        was[me * 2] = stream[stream_head].value == 0;
        was[me * 2 + 1] = stream[stream_head].value == 1
    };

decide:
    atomic {
        if
        :: kind != READ && newest(on).value != wish && !copies[on].pending ->
            tries++;
            copies[on].head++;
            newest(on).write_id = tries << 2 | me + 1;
            newest(on).value = wish;
            copies[on].pending = true;
            goto append
        :: kind == READ || newest(on).value == wish
        fi;
        seen = copies[on].head;
        rests = (copies[on].pending -> newest(on).write_id : 0)
    };
    if
#ifdef NO_CONFIRM
    :: kind == READ
#endif
#ifdef NO_CONFIRM_REFUSAL
    :: kind == TAKE
#endif
#ifdef NO_CONFIRM_SUCCESS
    :: kind == VOTE
#endif
    :: fresh
    :: !fresh -> confirm(on); atomic { fresh = true; goto decide }
    fi;
#ifndef NO_TICKET
    atomic { rest_on(on, rests, held);
        if
        :: held -> held = false
        :: else -> goto decide
        fi };
#endif
    atomic {
        undone = rests && stream[1].write_id != rests && stream[2].write_id != rests && stream[3].write_id != rests;
        stale = kind == READ && seen < since[me];
        wrong = kind == TAKE && !was[me * 2 + 1];
        unheard = kind == VOTE && !was[me * 2 + wish];
        assert(!undone);
        assert(!stale);
        assert(!wrong);
        assert(!unheard);
        goto over
    };

append:
    atomic {
        copies[on].answered;
        copies[on].pending = false;
        copies[on].executed = false;
        copies[on].answered = false;
        if
        :: copies[on].inserted ->
            copies[on].inserted = false;
            acknowledged = (copies[on].head > acknowledged -> copies[on].head : acknowledged)
        :: else -> load(on); goto decide
        fi
    };
over:
    atomic { // so that calls that are over look alike
        on = 0;
        seen = 0;
        rests = 0;
        tries = 0;
        wish = 0;
        fresh = false;
        kind = 0;
        was[me * 2] = 0;
        was[me * 2 + 1] = 0;
        since[me] = 0
    }
}

init {
    atomic {
        run owner(0);
        run owner(1);
        run call(0);
        run call(1);
        run call(2)
    }
}
