// Appends: two owners of one stream (lib/live) and its documents (lib/store/mongo). Requests and replies between owner
// and server are lost, delayed and doubled, and overtake each other, so outcomes are unknown for a while; an owner crashes
// and loads again; a client repeats its command at either owner, with its key.
//
// guard NO_SEQUENCE   lost        an append takes its place whatever is there, instead of by a unique first_seq
// guard NO_WHOLE      overlapped  a head is learnt inside a document
// guard NO_AGAIN      refused     a lost race is answered instead of decided again
// guard NO_COMMAND_ID twice       what is decided again does not look for its command
// guard NO_QUEUED_ID  twice       a command is known once it is durable, not once it is queued
// guard NO_WRITE_ID   twice       a duplicate is taken for another's
// guard NO_SETTLE     twice       an unknown outcome is taken for a failure, instead of sending the same document again
// guard NO_AFTER      misplaced   an append stays queued when the one that it was decided on fails
#define OWNERS 2
#define CALLS 2 // 0 has a key; 1 has none and makes two entries
#define SLOTS 8
#define QUEUE 2
#ifdef SHORT
#define SENDS 2 // of the command with a key
#else
#define SENDS 3
#endif
#define CRASHES 1

#define keyed(which) ((which) == 0)
#define entries_of(which) ((which) == 1 -> 2 : 1)
#define in(set, which) (((set) >> (which)) & 1)

typedef document {
    byte count; // 0: there is none
    byte call;
    byte write_id;
    byte base; // write_id of the one that it was decided on
};
document stream[SLOTS]; // by first_seq

typedef append {
    byte call, write_id, at, base;
};
typedef copy {
    byte head, base;
    byte known; // commands up to head
    byte queued;
    append queue[QUEUE]; // the first is on its way, the next one is sent after which
};
copy copies[OWNERS];

chan requests[OWNERS] = [1] of { byte };                   // call
chan net = [2] of { byte, byte, byte, byte, byte };        // owner, at, call, write_id, base
chan replies[OWNERS] = [1] of { byte, bool };              // write_id, inserted
byte acknowledged, crashes;
byte drawn[CALLS]; // write_ids, which are unique by their call
bool lost, overlapped, refused, twice, misplaced;
hidden byte i, found, at;

// ---- The server

inline check_stored() {
    for (at : 0 .. CALLS - 1) {
        found = 0;
        for (i : 1 .. SLOTS - 1) {
            if
            :: stream[i].count && stream[i].call == at -> found++
            :: else
            fi
        }
        lost = lost || (in(acknowledged, at) && !found);
        twice = twice || found > 1
    }
    assert(!lost);
    assert(!twice)
}

inline check_place(place) {
    overlapped = (stream[place].count == 2 && stream[place + 1].count) || (place > 1 && stream[place - 1].count == 2);
    found = 0;
    if
    :: place > 1 && stream[place - 1].count == 1 -> found = stream[place - 1].write_id
    :: place > 2 && stream[place - 2].count == 2 -> found = stream[place - 2].write_id
    :: else
    fi
    misplaced = found != stream[place].base;
    assert(!overlapped);
    assert(!misplaced)
}

inline insert(place, which, id, upon, inserted) {
#ifdef NO_SEQUENCE
    inserted = true;
#else
    inserted = !stream[place].count;
#endif
    if
    :: inserted ->
        stream[place].count = entries_of(which);
        stream[place].call = which;
        stream[place].write_id = id;
        stream[place].base = upon;
#ifndef NO_SEQUENCE
        check_place(place);
#endif
        check_stored()
    :: else
    fi
}

active proctype server() {
    byte owner, place, which, id, upon;
    bool inserted;
end:
    do
    :: atomic { net ? owner, place, which, id, upon; d_step { insert(place, which, id, upon, inserted) };
        if
        :: nfull(replies[owner]) -> replies[owner] ! id, inserted
        :: skip // the reply is lost
        fi; owner = 0; place = 0; which = 0; id = 0; upon = 0; inserted = 0 }
    :: atomic { net ? owner, place, which, id, upon; // the request is lost
        owner = 0; place = 0; which = 0; id = 0; upon = 0 }
    :: atomic { len(net) == 2 -> net ? owner, place, which, id, upon; net ! owner, place, which, id, upon; // is overtaken
        owner = 0; place = 0; which = 0; id = 0; upon = 0 }
    od
}

// ---- An owner

inline acknowledge(which) {
    acknowledged = acknowledged | (1 << which);
    check_stored()
}

// Reads whole documents up to the end.
inline catch_up(o) {
    d_step {
        copies[o].head = 0;
        copies[o].base = 0;
        copies[o].known = 0;
        at = 1;
        do
        :: stream[at].count ->
            copies[o].known = copies[o].known | (1 << stream[at].call);
            copies[o].base = stream[at].write_id;
            copies[o].head = at + stream[at].count - 1;
            at = copies[o].head + 1
        :: else -> break
        od;
        at = 0
    }
}

inline learn(o) {
    catch_up(o);
#ifdef NO_WHOLE
    if
    :: copies[o].head > 1 && stream[copies[o].head - 1].count == 2 -> copies[o].head--
    :: skip
    fi
#endif
}

// Decides on the state with what is queued before which.
inline decide(o, which) {
    drawn[which]++;
    copies[o].queue[copies[o].queued].call = which;
    copies[o].queue[copies[o].queued].write_id = drawn[which] << 1 | which;
    if
    :: copies[o].queued == 0 ->
        copies[o].queue[0].at = copies[o].head + 1;
        copies[o].queue[0].base = copies[o].base
    :: else ->
        copies[o].queue[1].at = copies[o].queue[0].at + entries_of(copies[o].queue[0].call);
        copies[o].queue[1].base = copies[o].queue[0].write_id
    fi;
    copies[o].queued++
}

#define is_queued(o, which) \
    ((copies[o].queued > 0 && copies[o].queue[0].call == which) || \
     (copies[o].queued > 1 && copies[o].queue[1].call == which))
#ifdef NO_QUEUED_ID
#define awaits(o, which) false
#else
#define awaits(o, which) is_queued(o, which)
#endif

inline take(o, which) {
    if
    :: keyed(which) && in(copies[o].known, which) -> acknowledge(which)
    :: keyed(which) && !in(copies[o].known, which) && awaits(o, which) // which is answered with that one
    :: !keyed(which) || !(in(copies[o].known, which) || awaits(o, which)) -> decide(o, which)
    fi
}
inline forget(entry) {
    entry.call = 0;
    entry.write_id = 0;
    entry.at = 0;
    entry.base = 0
}

inline shift(o) {
    copies[o].queue[0].call = copies[o].queue[1].call;
    copies[o].queue[0].write_id = copies[o].queue[1].write_id;
    copies[o].queue[0].at = copies[o].queue[1].at;
    copies[o].queue[0].base = copies[o].queue[1].base;
    forget(copies[o].queue[1]);
    copies[o].queued--
}

inline durable(o) {
    d_step {
        copies[o].head = copies[o].queue[0].at + entries_of(copies[o].queue[0].call) - 1;
        copies[o].base = copies[o].queue[0].write_id;
        copies[o].known = copies[o].known | (1 << copies[o].queue[0].call);
        acknowledge(copies[o].queue[0].call);
        shift(o)
    }
}

#ifdef NO_COMMAND_ID
#define is_done(o, which) false
#else
#define is_done(o, which) (keyed(which) && in(copies[o].known, which))
#endif

inline again(o, which) {
    if
    :: is_done(o, which) -> acknowledge(which)
    :: else -> decide(o, which)
    fi
}

// What was queued is decided again on what is stored.
inline conflict(o) {
    d_step {
        first = copies[o].queue[0].call;
        second = copies[o].queue[1].call;
        count = copies[o].queued
    };
    learn(o);
#ifdef NO_AGAIN
    refused = true;
    assert(!refused);
#endif
    d_step {
#ifdef NO_AFTER
        if
        :: count == 2 -> shift(o)
        :: else -> copies[o].queued = 0; again(o, first)
        fi;
#else
        copies[o].queued = 0;
        forget(copies[o].queue[0]);
        forget(copies[o].queue[1]);
        again(o, first);
        if
        :: count == 2 -> again(o, second)
        :: else
        fi;
#endif
        first = 0;
        second = 0;
        count = 0
    }
}

inline settle(o, inserted) {
    if
    :: inserted -> durable(o)
#ifndef NO_WRITE_ID
    :: !inserted && stream[copies[o].queue[0].at].write_id == copies[o].queue[0].write_id -> durable(o)
    :: !inserted && stream[copies[o].queue[0].at].write_id != copies[o].queue[0].write_id -> conflict(o)
#else
    :: !inserted -> conflict(o)
#endif
    fi
}

inline crash(o) {
    d_step {
        crashes++;
        copies[o].queued = 0;
        forget(copies[o].queue[0]);
        forget(copies[o].queue[1])
    };
    learn(o)
}

#define first_of(o) copies[o].queue[0]

proctype owner(byte me) {
    byte which, id, first, second, count;
    bool inserted;
end:
    do
    :: atomic { copies[me].queued < QUEUE && nempty(requests[me]) -> requests[me] ? which; take(me, which); which = 0 }
    :: atomic { copies[me].queued && nfull(net) ->
        net ! me, first_of(me).at, first_of(me).call, first_of(me).write_id, first_of(me).base }
    :: atomic { replies[me] ? id, inserted;
        if
        :: copies[me].queued && first_of(me).write_id == id -> settle(me, inserted)
        :: else // of an append that is decided, or was forgotten in a crash
        fi; id = 0; inserted = 0 }
    :: atomic { crashes < CRASHES -> crash(me) }
#ifdef NO_SETTLE
    :: atomic { copies[me].queued -> conflict(me) }
#endif
    od
}

// ---- The clients

proctype client(byte call) {
    byte sent;
    do
    :: atomic { sent < (keyed(call) -> SENDS : 1) && !in(acknowledged, call) ->
        if
        :: requests[0] ! call
        :: requests[1] ! call
        fi; sent++ }
    :: sent && (sent == (keyed(call) -> SENDS : 1) || in(acknowledged, call)) -> break
    od
}

init {
    atomic {
        run owner(0);
        run owner(1);
        run client(0);
        run client(1)
    }
}
