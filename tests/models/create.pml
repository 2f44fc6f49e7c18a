// A command that creates an event: two owners carry it out at once, because its client repeated it. The event's id is
// derived from the command and a number n; an id whose code is in use is passed over. Its secrets are drawn anew and
// attached to its stream's first append, or, by an owner that is not sure that all know of that, a row that is written
// before. Appends are delayed, doubled and lost, and owners end anywhere.
//
// guard NO_DERIVED    twice   the id is random
// guard NO_COMMAND_ID twice   a lost race does not look for the command
// guard NO_BURN       twice   the next id is taken while the one before may still be created
// guard NO_REUSE      sealed  the secrets' row is written again for an id that has one
// guard NO_ATTACHED   sealed  secrets that are no row go out beside the append, not with it
// guard NO_PREFERENCE sealed  a reader takes the row when there is one
#define OWNERS 2
#define TRIES 2
#define IDS 5 // from 1: n, or n of the owner's own

mtype = { NONE, CREATED, BURNT };
mtype stream[IDS]; // whether the id's stream exists
byte committed[IDS]; // the secrets that the stream was made with
byte secrets[IDS]; // what the row has, 0: there is none
byte attached[IDS]; // what the append carried
bool in_use[IDS]; // the id's code is another event's, or its own
bool acknowledged, twice, sealed;
byte count;
chan net = [2] of { byte, byte, byte, byte }; // owner, id, secrets that are promised, and attached
chan replies[OWNERS] = [1] of { byte, bool };
hidden byte i;

inline check() {
    count = 0;
    for (i : 1 .. IDS - 1) {
        if
        :: stream[i] == CREATED ->
            count++;
#ifndef NO_PREFERENCE
            sealed = sealed || committed[i] != (attached[i] -> attached[i] : secrets[i])
#else
            sealed = sealed || committed[i] != (secrets[i] -> secrets[i] : attached[i])
#endif
        :: else
        fi
    }
    twice = count > 1;
    assert(!twice);
    assert(!sealed);
    count = 0
}

active proctype server() {
    byte owner, id, made_with, carried;
    bool inserted;
end:
    do
    :: atomic { net ? owner, id, made_with, carried;
        d_step {
            inserted = stream[id] == NONE;
            if
            :: inserted -> stream[id] = CREATED; committed[id] = made_with; attached[id] = carried
            :: else
            fi;
            check()
        };
        if
        :: nfull(replies[owner]) -> replies[owner] ! id, inserted
        :: skip
        fi; owner = 0; id = 0; made_with = 0; carried = 0; inserted = false }
    :: atomic { net ? owner, id, made_with, carried; owner = 0; id = 0; made_with = 0; carried = 0 }
    od
}

// Rows are written behind the streams.
active proctype rows() {
    do
    :: atomic { stream[1] == CREATED && !in_use[1] -> in_use[1] = true }
    :: atomic { !in_use[1] -> in_use[1] = true } // by another event that people play now
    :: atomic { stream[2] == CREATED && !in_use[2] -> in_use[2] = true }
    :: break
    od
}

#define is_made (stream[1] == CREATED || stream[2] == CREATED || stream[3] == CREATED || stream[4] == CREATED)

proctype owner(byte me) {
    byte n, id, made_with, carried, other;
    bool inserted;

again: // looks for the command, then chooses
    atomic {
        if
        :: is_made -> goto done
        :: else
        fi
    };
next:
    atomic {
        n++;
        if
        :: n > TRIES -> goto over // refused
        :: else
        fi;
#ifdef NO_DERIVED
        id = n + TRIES * me
#else
        id = n
#endif
    };
    atomic {
        if
        :: in_use[id] -> goto pass
        :: else
        fi
    };
    if
    :: d_step { // secrets of this try alone
        made_with = OWNERS + me + 1;
#ifndef NO_ATTACHED
        carried = made_with
#else
        carried = 0
#endif
    }
    :: d_step { // the row's first writer wins
#ifndef NO_REUSE
        if
        :: secrets[id] -> skip
        :: else -> secrets[id] = me + 1
        fi;
#else
        secrets[id] = me + 1;
        check();
#endif
        made_with = secrets[id];
        carried = 0
    }
    fi;
    do
    :: atomic { nfull(net) -> net ! me, id, made_with, carried }
    :: atomic { replies[me] ? other, inserted;
        if
        :: other != id -> skip
        :: other == id && inserted -> goto done
        :: other == id && !inserted -> goto pass
        fi }
    :: goto over // the process ends
    od;

pass: // the id is left for the next one
    atomic {
#ifndef NO_BURN
        if
        :: stream[id] == NONE -> stream[id] = BURNT
        :: else
        fi;
#endif
#ifdef NO_COMMAND_ID
        goto next
#else
        goto again
#endif
    };

done:
    atomic { acknowledged = true; assert(is_made) };
over:
    skip
}

init {
    atomic {
        for (i : 0 .. IDS - 1) { stream[i] = NONE }
        run owner(0);
        run owner(1)
    }
}
