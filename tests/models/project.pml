// Two projectors hand the entries of one stream on to another (events' inbox and finished games): append_next with the
// entry as source, then the row `consumed`, which is only the place to resume. Appends are delayed, doubled and lost;
// projectors end anywhere and begin again at the row.
//
// guard NO_SOURCE       twice    appends carry no source
// guard NO_EFFECT_FIRST skipped  the place is stored before the effects
// guard NO_AFTER        skipped  an append does not wait for the one before it
// guard NO_DEFINITE     skipped  a duplicate is taken for the same source
#define ENTRIES 2
#define SLOTS 5
#define FOREIGN 9 // another stream's entry
#define CRASHES 2

byte effects[SLOTS]; // the sources in the target stream, from 1
byte effects_head;
byte consumed, version; // the row
byte crashes;
bool twice, skipped, disordered;
chan net = [2] of { byte, byte, byte }; // projector, place, source
chan replies[2] = [1] of { byte, byte, bool };
hidden byte i, count;

#define has_source(s) (effects[1] == s || effects[2] == s || effects[3] == s || effects[4] == s)

active proctype server() {
    byte projector, place, source;
    bool inserted;
end:
    do
    :: atomic { net ? projector, place, source;
        d_step {
#ifdef NO_SOURCE
            inserted = !effects[place];
#else
            inserted = !effects[place] && !has_source(source);
#endif
            if
            :: inserted ->
                effects[place] = source;
                effects_head = place;
                count = 0;
                for (i : 1 .. SLOTS - 1) { count = count + (effects[i] == source -> 1 : 0) }
                twice = count > 1;
                disordered = source == 1 && has_source(2);
                assert(!twice);
                assert(!disordered);
                count = 0
            :: else
            fi
        };
        if
        :: nfull(replies[projector]) -> replies[projector] ! place, source, inserted
        :: skip
        fi; projector = 0; place = 0; source = 0; inserted = false }
    :: atomic { net ? projector, place, source; projector = 0; place = 0; source = 0 }
    od
}

active proctype other() {
    d_step { effects_head++; effects[effects_head] = FOREIGN }
}

inline store_place(from, at, seq) {
    d_step {
        if
        :: version == at && seq > from ->
            consumed = seq;
            version++
        :: else // the other one was here
        fi
    }
}

// Each source up to the place has its effect.
inline check_place() {
    skipped = (consumed > 0 && !has_source(1)) || (consumed > 1 && !has_source(2));
    assert(!skipped)
}

proctype projector(byte me) {
    byte from, at, seq, head, place, source;
    bool inserted;

begin:
    atomic { from = consumed; at = version; seq = from; head = effects_head };
#ifdef NO_EFFECT_FIRST
    store_place(from, at, ENTRIES);
#endif
    do
    :: atomic { seq < ENTRIES && nfull(net) -> net ! me, head + 1, seq + 1 }
#ifdef NO_AFTER
    :: atomic { seq < ENTRIES -> seq++; head++ }
#endif
    :: atomic { replies[me] ? place, source, inserted;
        if
        :: source != seq + 1 || place != head + 1 -> skip
        :: source == seq + 1 && place == head + 1 && inserted -> head++; seq++
        :: source == seq + 1 && place == head + 1 && !inserted ->
#ifdef NO_DEFINITE
            seq++;
#else
            if
            :: has_source(source) -> seq++
            :: else
            fi;
#endif
            head = effects_head
        fi; place = 0; source = 0; inserted = false }
    :: atomic { crashes < CRASHES -> crashes++; goto begin }
    :: seq == ENTRIES -> break
    od;
#ifndef NO_EFFECT_FIRST
    store_place(from, at, seq);
#endif
    atomic {
        check_place();
        if
        :: consumed == ENTRIES -> goto over
        :: else -> goto begin
        fi
    };
over:
    skip
}

init {
    atomic {
        run projector(0);
        run projector(1)
    }
}
