// A row whose changes reach a majority later than the primary, or never: then they are rolled back (lib/store/mongo). Two
// writers change it by its version; what they look up is what a majority has. Requests are delayed and doubled, replies are
// lost.
//
// guard NO_MAJORITY lost  a writer looks at what the primary has
// guard NO_LAG twice      an unmatched change whose version a majority still has is taken for overtaken
// guard NO_WAIT lost      a change is answered before a majority has it
#define KEPT 3  // write_ids that a row keeps
#define TRIES 2 // of a writer

typedef row {
    byte version;
    byte done[2];      // how often each writer's change is in it
    byte writes[KEPT]; // write_ids: of this version, the one before ...
};
row primary, majority;
chan net = [2] of { byte, byte, byte, byte, byte };     // writer, version, what is done, write_id
chan replies[2] = [1] of { byte, bool };                // write_id, matched
bool acknowledged[2];
bool lost, twice;
hidden byte i;

inline copy_row(from, to) {
    to.version = from.version;
    to.done[0] = from.done[0];
    to.done[1] = from.done[1];
    for (i : 0 .. KEPT - 1) { to.writes[i] = from.writes[i] }
    i = 0
}

inline check() {
    twice = majority.done[0] > 1 || majority.done[1] > 1;
    lost = (acknowledged[0] && !majority.done[0]) || (acknowledged[1] && !majority.done[1]);
    assert(!twice);
    assert(!lost)
}

inline execute(version_, first, second, id, matched) {
    matched = primary.version == version_;
    if
    :: matched ->
        primary.done[0] = first;
        primary.done[1] = second;
        primary.writes[2] = primary.writes[1];
        primary.writes[1] = primary.writes[0];
        primary.writes[0] = id;
        primary.version++
    :: else
    fi
}

proctype server() {
    byte writer, version_, first, second, id;
    bool matched;
end:
    do
    :: atomic { net ? writer, version_, first, second, id;
        d_step { execute(version_, first, second, id, matched) };
        if
#ifdef NO_WAIT
        :: nfull(replies[writer]) -> replies[writer] ! id, matched
#else
        :: matched && nfull(replies[writer]) -> // a majority has it
            d_step { copy_row(primary, majority); check() };
            replies[writer] ! id, matched
        :: !matched && nfull(replies[writer]) -> replies[writer] ! id, matched
#endif
        :: skip
        fi; writer = 0; version_ = 0; first = 0; second = 0; id = 0; matched = false }
    :: d_step { primary.version != majority.version -> copy_row(primary, majority); check() }
    :: d_step { primary.version != majority.version -> copy_row(majority, primary); check() } // another primary
    od
}

#ifdef NO_MAJORITY
#define known primary
#else
#define known majority
#endif
#define writer_of(which) (known.version - (which) < KEPT -> known.writes[known.version - (which)] : 0)

proctype writer(byte me) {
    byte version_, first, second, tries, id, other;
    bool matched;

again:
    atomic {
        if
        :: tries == TRIES -> goto over
        :: else
        fi;
        version_ = majority.version;
        first = majority.done[0] + (me == 0 -> 1 : 0);
        second = majority.done[1] + (me == 1 -> 1 : 0);
        tries++;
        id = tries << 1 | me
    };
resend:
    do
    :: atomic { nfull(net) -> net ! me, version_, first, second, id }
    :: atomic { replies[me] ? other, matched;
        if
        :: other != id -> skip
        :: other == id && matched -> goto acknowledge
        :: other == id && !matched -> goto look
        fi }
    :: goto over // the process ends
    od;

look:
    atomic {
        if
#ifdef NO_LAG
        :: known.version <= version_ -> goto again
#else
        :: known.version <= version_ -> goto resend
#endif
        :: known.version > version_ && writer_of(version_ + 1) == id -> goto acknowledge
        :: known.version > version_ && writer_of(version_ + 1) && writer_of(version_ + 1) != id -> goto again
        :: known.version > version_ && !writer_of(version_ + 1) -> goto over // OUTCOME_UNKNOWN
        fi
    };

acknowledge:
    atomic { acknowledged[me] = true; check() };
over:
    skip
}

init {
    atomic {
        run server();
        run writer(0);
        run writer(1)
    }
}
