// An owner that was cut off or stopped while its store was restored: its appends are still on their way, and its copy is
// of the content before. The restored content has another generation, and collections named by it (lib/store/mongo); an
// owner that began afterwards appends to them.
//
// guard NO_COLLECTIONS stray  the restored content takes the place of the other in the same collections
// guard NO_CLOSING     lost   the collections of an earlier generation still take appends
// guard NO_GENERATION  shown  a copy is confirmed without a look at the generation
#define SLOTS 6
#define BEFORE 3    // entries at the restore
#define KEPT 1      // of them, by the backup
#define FIRST 10    // what the late owner's next append writes
#define APPENDS 2   // of each owner
#define WRITTEN (FIRST + APPENDS)

byte entries[SLOTS * 2]; // of both generations: what an append wrote; 0: there is none
bool restored;           // the second is the current one
bool late[WRITTEN];      // appends that were executed after the restore
bool stray, lost, shown;
chan net = [2] of { byte, byte }; // place, what
chan replies = [1] of { byte, bool };
hidden byte i;

#ifdef NO_COLLECTIONS
#define collection(of_) 0
#else
#define collection(of_) ((of_) * SLOTS)
#endif
#define before(place) entries[collection(0) + (place)]
#define after(place) entries[collection(1) + (place)]
#if defined NO_COLLECTIONS || defined NO_CLOSING
#define is_closed false
#else
#define is_closed restored
#endif

// Appends of the owner that knows the first generation alone.
proctype server() {
    byte place, what;
    bool inserted;
end:
    do
    :: atomic { net ? place, what;
        d_step {
            inserted = !before(place) && !is_closed;
            if
            :: inserted ->
                before(place) = what;
                late[what] = restored;
                stray = restored && after(place) == what;
                assert(!stray)
            :: else
            fi
        };
        if
        :: nfull(replies) -> replies ! what, inserted
        :: skip
        fi; place = 0; what = 0; inserted = false }
    :: atomic { net ? place, what; place = 0; what = 0 }
    od
}

proctype restore() {
    d_step {
        for (i : 1 .. SLOTS - 1) { after(i) = (i <= KEPT -> before(i) : 0) }
        restored = true
    }
}

proctype other() {
    byte head = KEPT;
    restored;
    do
    :: d_step { head < KEPT + APPENDS -> head++; after(head) = FIRST + APPENDS + head }
    :: break
    od
}

// Its copy is what was there before, and its own appends.
proctype owner() {
    byte head = BEFORE, what;
    bool inserted, too_late, absent;
    do
    :: atomic { head < BEFORE + APPENDS && nfull(net) -> net ! head + 1, FIRST + head - BEFORE }
    :: atomic { replies ? what, inserted;
        if
        :: inserted && what == FIRST + head - BEFORE ->
            head++;
            lost = late[what] && after(head) != what;
            assert(!lost)
        :: else
        fi; what = 0; inserted = false }
    :: break
    od;
    too_late = restored; // a read arrives
    absent = !before(head + 1);
    atomic {
        if
#ifdef NO_GENERATION
        :: absent -> shown = too_late; assert(!shown)
#else
        :: absent && !restored -> shown = too_late; assert(!shown)
        :: absent && restored // the process ends, to begin anew
#endif
        :: !absent // it catches up
        fi
    }
}

init {
    atomic {
        for (i : 1 .. BEFORE) { before(i) = i }
        run server();
        run restore();
        run other();
        run owner()
    }
}
