// A consumer of another service's stream whose store is restored to an earlier state: numbers are used again, for other
// entries. Two copies of the consumer apply entries to a journal of their own, each with its source, and keep the place
// reached; they end anywhere. What rests on an entry that the restore took away is told.
//
// guard NO_GENERATION dropped  the place is kept when the feed's generation changes
// guard NO_SOURCE     twice    the journal takes a source again
// guard NO_PRINT      dropped  a source is a number alone, not what the entry was
// guard NO_MARKER     untold   a new generation is not noted in the journal before the entries of it
#define ENTRIES 3  // the stream's longest
#define CONTENTS 4 // that are ever made
#define JOURNAL 8
#define CRASHES 1
#define MARKER 9

byte feed[ENTRIES + 1]; // contents; 0: there is none
byte feed_head, made;
bit generation; // the restore happened

typedef effect {
    byte seq, print;
};
effect journal[JOURNAL]; // from 1; a marker has seq MARKER
byte journal_head;
typedef row {
    bit generation;
    byte seq, version;
    bool compared; // lost effects were looked for, since the generation began
};
row place;
byte told; // contents
byte crashes;
bool dropped, twice, untold;
hidden byte i, j, count, found;

active proctype source() {
    do
    :: d_step { made < CONTENTS && feed_head < ENTRIES -> made++; feed_head++; feed[feed_head] = made }
    :: d_step { !generation && feed_head > 1 -> // to the first entry
        for (i : 2 .. ENTRIES) { feed[i] = 0 }
        feed_head = 1;
        generation = 1
    }
    :: made == CONTENTS && generation -> break
    od
}

inline note(is_in, number, what) {
    is_in = false;
    for (i : 1 .. JOURNAL - 1) {
        if
#ifdef NO_PRINT
        :: journal[i].seq == number -> is_in = true
#elif defined NO_SOURCE
        :: false
#else
        :: journal[i].seq == number && journal[i].print == what -> is_in = true
#endif
        :: else
        fi
    }
}

// At the place behind the head that was read with the row; false when somebody else was there.
inline journal_append(at, number, what, done) {
    done = journal_head == at;
    if
    :: done ->
        journal_head++;
        journal[journal_head].seq = number;
        journal[journal_head].print = what
    :: else
    fi
}

inline check_twice() {
    count = 0;
    for (i : 1 .. JOURNAL - 1) { count = count + (journal[i].print && journal[i].print == content -> 1 : 0) }
    twice = count > 1;
    assert(!twice);
    count = 0
}

// Effects of entries that the feed does not have.
inline compare() {
    for (i : 1 .. JOURNAL - 1) {
        if
        :: journal[i].print && feed[journal[i].seq] != journal[i].print -> told = told | (1 << journal[i].print)
        :: else
        fi
    }
}

#define wants_work(r) (r.generation != generation || r.seq < feed_head || (generation && !r.compared))

proctype consumer() {
    bit ours, theirs;
    byte seq, version, head, content;
    bool is_in, done;
begin:
end:
    atomic { wants_work(place) ->
        ours = place.generation;
        seq = place.seq;
        version = place.version;
        head = journal_head
    };
    atomic { // a page of the feed
        theirs = generation;
        content = (seq < feed_head -> feed[seq + 1] : 0)
    };
    if
#ifndef NO_GENERATION
    :: atomic { theirs != ours ->
#ifdef NO_MARKER
        done = true;
#else
        journal_append(head, MARKER, 0, done);
#endif
        if
        :: done && place.version == version ->
            place.generation = theirs;
            place.seq = 0;
            place.compared = false;
            place.version++
        :: else
        fi }
    :: theirs == ours && content -> goto apply
    :: atomic { theirs == ours && !content ->
        if
        :: ours && place.version == version && theirs == generation && seq == feed_head && journal_head == head ->
            compare(); place.compared = true; place.version++
        :: else
        fi }
#else
    :: content -> goto apply
    :: atomic { !content -> place.generation = generation; place.compared = true; compare() }
#endif
    fi;
    goto begin;

apply:
    if
    :: crashes < CRASHES -> crashes++; goto begin
    :: d_step { true ->
        note(is_in, seq + 1, content);
        if
        :: is_in -> done = true
        :: else -> journal_append(head, seq + 1, content, done)
        fi;
        check_twice()
    }
    fi;
    if
    :: crashes < CRASHES -> crashes++; goto begin
    :: d_step { true ->
        if
        :: done && place.version == version -> place.seq = seq + 1; place.version++
        :: else
        fi
    }
    fi;
    is_in = false;
    done = false;
    goto begin
}

// When nothing is left to do.
active proctype judge() {
    timeout ->
        d_step {
            for (j : 1 .. ENTRIES) {
                found = 0;
                for (i : 1 .. JOURNAL - 1) { found = found + (feed[j] && journal[i].print == feed[j] -> 1 : 0) }
                dropped = dropped || (feed[j] && !found)
            }
            for (i : 1 .. JOURNAL - 1) {
                if
                :: journal[i].print && feed[journal[i].seq] != journal[i].print ->
                    untold = untold || !((told >> journal[i].print) & 1)
                :: else
                fi
            }
        };
        assert(!dropped);
        assert(!untold)
}

init {
    atomic {
        run consumer();
        run consumer()
    }
}
