// Rows made from a stream by whichever process wrote its entries (events' rows of events and seats): they carry the
// sequence that they are made of, and none takes the place of a later one. Rows go out after their entry; a process may
// append more meanwhile, and end with a write still on its way. An owner that finds the event's row behind the stream, or
// reads on what another wrote, makes the rows anew. An entry reserves the one seat, frees it, or is about something else.
//
// guard NO_SEQ   astray  a row takes the place of any other
// guard NO_GONE  astray  a freed seat's row goes without a trace
// guard NO_TOUCH astray  rows made anew leave out a seat that is right already, or rightly absent
// guard NO_ANEW  astray  an owner that reads on makes rows of its own entries alone
#define ENTRIES 3
#define SEAT 0
#define EVENT 1

byte head, last;          // of the stream; how long it becomes
bool taken[ENTRIES + 1];  // the seat, after an entry
bool touched[ENTRIES + 1];
byte version[2];
bool present; // the seat's row
chan net = [3] of { byte, byte, byte };          // owner, row, sequence
chan replies[2] = [1] of { byte, byte };         // row, sequence
byte crashes;
bool astray;

inline write_row(row, seq) {
#ifdef NO_SEQ
    if
    :: true ->
#else
    if
    :: version[row] <= seq ->
#endif
        version[row] = seq;
        present = (row == SEAT -> taken[seq] : present);
#ifdef NO_GONE
        if
        :: row == SEAT && !present -> version[SEAT] = 0
        :: else
        fi
#endif
    :: else
    fi
}

proctype server() {
    byte owner, row, seq;
end:
    do
    :: atomic { net ? owner, row, seq ->
        d_step { write_row(row, seq) };
        if
        :: nfull(replies[owner]) -> replies[owner] ! row, seq
        :: full(replies[owner])
        fi; owner = 0; row = 0; seq = 0 }
    :: atomic { len(net) > 1 -> net ? owner, row, seq; net ! owner, row, seq; owner = 0; row = 0; seq = 0 }
    od
}

proctype owner(byte me) {
    byte copy; // up to where it knows the stream
    byte rows; // up to where its rows are written
    byte next; // the entry whose rows are on their way; 0: none
    byte row, said_row, said_seq;
    bool anew; // all rows are to be made
end:
    do
    :: atomic { head < last && (copy == head || !next) -> // a command, on what is stored
        if
        :: copy != head ->
#ifndef NO_ANEW
            anew = true;
#endif
            rows = head
        :: else
        fi;
        head++;
        copy = head;
        if
        :: touched[head] = true; taken[head] = !taken[head - 1]
        :: taken[head] = taken[head - 1]
        fi }
    :: atomic { version[EVENT] != head && rows == copy && !next -> // the sweep
        copy = head;
        rows = head - 1;
        anew = true }
    :: atomic { rows < copy && !next && nfull(net) ->
        next = (anew -> copy : rows + 1);
#ifdef NO_TOUCH
        row = (anew -> (present == taken[next] -> EVENT : SEAT) : (touched[next] -> SEAT : EVENT));
#else
        row = (anew || touched[next] -> SEAT : EVENT);
#endif
        net ! me, row, next }
    :: atomic { replies[me] ? said_row, said_seq;
        if
        :: !next || said_row != row || said_seq != next -> skip // of an earlier life
        :: next && said_row == row && said_seq == next && row == SEAT -> row = EVENT; net ! me, row, next
        :: next && said_row == row && said_seq == next && row == EVENT ->
            rows = next;
            anew = anew && next != copy;
            row = 0;
            next = 0
        fi; said_row = 0; said_seq = 0 }
    :: atomic { crashes < 1 -> // and begins again
        crashes++;
        copy = head;
        rows = head;
        anew = version[EVENT] != head;
        row = 0;
        next = 0 }
    od
}

proctype judge() {
    timeout ->
        astray = present != taken[head] || version[EVENT] != head;
        assert(!astray)
}

init {
    atomic {
        if
        :: last = 2
        :: last = 3
        fi;
        run server();
        run owner(0);
        run owner(1);
        run judge()
    }
}
