// The end of a stream, and its trimmed beginning: what is cleared leaves stubs, which are swept after a day; a deleted
// stream ends with a tombstone (lib/store/mongo). Two owners append by heads that they learnt at any time; a creator uses
// an id that was used before, because it comes from a command that was forgotten meanwhile.
//
// guard NO_TOMBSTONE  revived  a deletion removes all documents and leaves nothing
// guard NO_LAST_SEQ   unseen   a tombstone goes behind whatever is the newest entry
// guard NO_STUBS      buried   what is trimmed or deleted leaves no stubs but the first
// guard NO_FIRST_STUB revived  the first document's stub is swept like the others
// guard NO_AGE        buried   a head that was learnt long ago is trusted when the append has succeeded
#define SLOTS 8
#define BEFORE 3  // entries at the beginning
#define APPENDS 2 // tries of each owner

mtype = { NONE, ENTRY, STUB, TOMBSTONE };
mtype documents[SLOTS];
byte newest; // of the documents
bool deleted, cleared;
bool old[2]; // what an owner knows is more than an hour old
bool revived, unseen, buried;
hidden byte i;

inline insert(at, what, inserted) {
    inserted = documents[at] == NONE;
    if
    :: inserted -> documents[at] = what; newest = (at > newest -> at : newest)
    :: else
    fi
}

#ifdef NO_STUBS
#define LEFT NONE
#else
#define LEFT STUB
#endif

inline clear(before) {
    for (i : 1 .. SLOTS - 1) {
        if
        :: i < before && documents[i] == ENTRY -> documents[i] = (i == 1 -> STUB : LEFT)
        :: else
        fi
    }
    cleared = true
}

// Old: only an entry before it tells that nothing was swept at its place. Otherwise the outcome stays unknown.
#ifdef NO_AGE
#define is_told(me, head) true
#else
#define is_told(me, head) (!old[me] || documents[head] == ENTRY)
#endif

proctype owner(byte me) {
    byte head, tries;
    bool inserted, hidden_below, after_end;
    do
    :: atomic { newest && documents[newest] == ENTRY -> head = newest; old[me] = false }
    :: atomic { head && tries < APPENDS ->
        d_step {
            tries++;
            hidden_below = newest > head;
            after_end = deleted;
            insert(head + 1, ENTRY, inserted)
        };
        if
        :: inserted -> goto answer
        :: else -> head = 0
        fi }
    :: break
    od;
    goto over;
answer:
    atomic {
        buried = is_told(me, head) && hidden_below;
        revived = is_told(me, head) && after_end && !hidden_below;
        assert(!buried);
        assert(!revived);
        head = 0
    };
over:
    skip
}

proctype creator() {
    bool inserted;
    d_step {
        insert(1, ENTRY, inserted);
        revived = inserted;
        assert(!revived)
    }
}

// What it decided to delete is the stream up to its head.
proctype deleter() {
    byte head;
    bool inserted;
end:
    atomic { newest && documents[newest] == ENTRY -> head = newest };
    d_step {
#ifdef NO_LAST_SEQ
        unseen = newest != head;
        assert(!unseen);
        head = newest;
#endif
#ifdef NO_TOMBSTONE
        inserted = newest == head;
#else
        insert(head + 1, TOMBSTONE, inserted);
#endif
        if
        :: inserted -> deleted = true
        :: else // it is decided again
        fi
    };
    if
    :: deleted -> d_step { clear(SLOTS) }
    :: else
    fi;
#ifdef NO_TOMBSTONE
    d_step { deleted ->
        for (i : 1 .. SLOTS - 1) { documents[i] = NONE }
        newest = 0
    }
#endif
}

proctype trimmer() {
end:
    d_step { newest && documents[newest] == ENTRY -> clear(newest) }
}

// A day later.
proctype sweeper() {
end:
    d_step { cleared ->
        for (i : 1 .. SLOTS - 1) {
            if
#ifdef NO_FIRST_STUB
            :: documents[i] == STUB -> documents[i] = NONE
#else
            :: documents[i] == STUB && i > 1 -> documents[i] = NONE
#endif
            :: else
            fi
        }
        old[0] = true;
        old[1] = true
    }
}

init {
    atomic {
        for (i : 0 .. SLOTS - 1) { documents[i] = (i && i <= BEFORE -> ENTRY : NONE) }
        newest = BEFORE;
        run owner(0);
        run owner(1);
        run creator();
        run deleter();
        run trimmer();
        run sweeper()
    }
}
