// A row that several processes change by its version (lib/store/mongo): each change is a conditional update, sent again
// while its outcome is unknown. Requests are lost, delayed and doubled, replies are lost; the row is deleted and made anew.
//
// guard NO_VERSION  lost      an update asks for no version
// guard NO_WRITE_ID twice     an update that finds another version has failed
// guard NO_WRITES   twice     the row keeps the write_id of its newest change alone
// guard NO_SETTLE   twice     an unknown outcome is taken for a failure
// guard NO_GOING_ON mistaken  the versions of a row that is made anew begin at 1
#define WRITERS 2
#define MOST 3  // versions that a row remembers the writers of: see `kept`
#define TRIES 3 // of a writer

typedef row {
    byte version;
    bool gone;
    byte life;         // which row of this name it is
    byte done[2];      // how often each writer's change is in it
    byte writes[MOST]; // write_ids: of this version, the one before ...
};
row stored;
chan net = [2] of { byte, byte, byte, byte, byte, byte }; // writer, version, what is done, write_id, life decided on
chan replies[WRITERS] = [1] of { byte, bool };            // write_id, done
bool lost, twice, mistaken;
byte kept; // changes acknowledged in this life
hidden byte i;

inline change(id) {
    for (i : 1 .. MOST - 1) { stored.writes[MOST - i] = stored.writes[MOST - 1 - i] }
    stored.writes[0] = id;
    stored.version++
}

inline check() {
    twice = stored.done[0] > 1 || stored.done[1] > 1;
    lost = (kept & 1 && !stored.done[0]) || (kept & 2 && !stored.done[1]);
    assert(!twice);
    assert(!lost)
}

inline execute(version, first, second, id, life, done) {
#ifdef NO_VERSION
    done = !stored.gone;
#else
    done = !stored.gone && stored.version == version;
#endif
    if
    :: done ->
        mistaken = life != stored.life;
        assert(!mistaken);
        stored.done[0] = first;
        stored.done[1] = second;
        change(id);
        check()
    :: else
    fi
}

active proctype server() {
    byte writer, version, first, second, id, life;
    bool done;
end:
    do
    :: atomic { net ? writer, version, first, second, id, life;
        d_step { execute(version, first, second, id, life, done) };
        if
        :: nfull(replies[writer]) -> replies[writer] ! id, done
        :: skip
        fi; writer = 0; version = 0; first = 0; second = 0; id = 0; life = 0; done = false }
    :: atomic { net ? writer, version, first, second, id, life;
        writer = 0; version = 0; first = 0; second = 0; id = 0; life = 0 }
    :: atomic { len(net) == 2 ->
        net ? writer, version, first, second, id, life;
        net ! writer, version, first, second, id, life;
        writer = 0; version = 0; first = 0; second = 0; id = 0; life = 0 }
    od
}

// The row names the writer of this version, or knows nothing of it any more.
#define writer_of(which) (stored.version - (which) < MOST -> stored.writes[stored.version - (which)] : 0)

proctype writer(byte me) {
    byte version, first, second, tries, id, life, other;
    bool done;

again:
    atomic {
        if
        :: stored.gone || tries == TRIES -> goto over
        :: else
        fi;
        version = stored.version;
        first = stored.done[0] + (me == 0 -> 1 : 0);
        second = stored.done[1] + (me == 1 -> 1 : 0);
        life = stored.life;
        tries++;
        id = tries << 1 | me
    };
    do
    :: atomic { nfull(net) -> net ! me, version, first, second, id, life }
    :: atomic { replies[me] ? other, done;
        if
        :: other != id -> skip
        :: other == id && done -> goto acknowledged
        :: other == id && !done -> goto look
        fi }
#ifdef NO_SETTLE
    :: goto again
#endif
    :: goto over // the process ends
    od;

look:
    atomic {
        if
#ifdef NO_WRITE_ID
        :: goto again
#elif defined NO_WRITES
        :: stored.writes[0] == id -> goto acknowledged
        :: stored.writes[0] != id -> goto again
#else
        :: writer_of(version + 1) == id -> goto acknowledged
        :: writer_of(version + 1) && writer_of(version + 1) != id -> goto again
        :: !writer_of(version + 1) -> goto over // OUTCOME_UNKNOWN
#endif
        fi
    };

acknowledged:
    atomic {
        if
        :: !stored.gone && stored.life == life -> kept = kept | (1 << me); check()
        :: else
        fi
    };
over:
    skip
}

inline end_life() {
    kept = 0;
    stored.done[0] = 0;
    stored.done[1] = 0
}

// Deletes the row, makes it anew and changes it once.
proctype owner_of_row() {
    d_step { stored.gone = true; change(100); end_life() };
    d_step {
        stored.gone = false;
        stored.life++;
#ifdef NO_GOING_ON
        stored.version = 0;
#endif
        change(101)
    };
    d_step { change(102) }
}

init {
    atomic {
        stored.version = 1;
        run writer(0);
        run writer(1);
        run owner_of_row()
    }
}
