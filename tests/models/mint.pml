// A role card goes to the cluster and comes home (services/chain/exchange/mints.c, services/chain/minting, services/chain/cluster/mintings.c).
// Its account asks; an append moves the card to the fund, or is lost; then the account has bytes that it sends whenever it likes, while blocks
// take them. Two processes read the cluster, and say what they read when they get to it. Who has the token burns it. The newest block may be
// forked away. A mint's address follows from its number, and is made once.
//
// guard NO_FUND     twice    the card stays with the account while its bytes may land
// guard NO_TICKET   twice    bytes leave before the entry that they rest on is stored
// guard NO_WAIT     twice    what is not there is dead at once
// guard NO_SAME     twice    what a process read of an older mint is said of a newer one
// guard NO_FINAL    lost     what is in the newest block is there
// guard NO_NUMBER   lost     a card that came home goes to the address that was burned
// guard NO_OWNER    lost     lamports at the address are a mint
// guard NO_RECORD   twice    a mint without a token came home, whoever burned it, for each process once more
#define MINTS 3   // numbers, from 1
#define BYTES 3   // that were given
#define LIFE 1    // blocks behind the newest in which they may land
#define BLOCKS 5

mtype = { HOME, SENT, THERE }; // the card, in the ledger

mtype card = HOME;
byte number, valid; // of its newest mint, and of the bytes for it
bool away;          // the fund has it
byte cards = 1;     // that accounts have

typedef bytes {
    byte mint, valid;
};
bytes given[BYTES];
byte given_count;

typedef address {
    bool newest, made; // in the newest block; finalized
    bool token, record; // finalized: there is one; it was burned
    bool lamports;      // of strangers
    bool home;          // what was burned came home
};
address at[MINTS];
byte block, final;

bool twice, lost;

#define next_number (card == HOME && number && at[number - 1].home -> number + 1 : (number -> number : 1))
#define live(m) (at[m].token || at[m].newest)

inline check_cards() {
    twice = cards + (live(0) -> 1 : 0) + (live(1) -> 1 : 0) + (live(2) -> 1 : 0) > 1;
    assert(!twice)
}

// ---- Whose card it is

inline begin(n, last) {
    d_step {
        card = SENT;
        number = n;
        valid = last;
#ifndef NO_FUND
        cards--;
        away = true
#endif
    }
}

proctype account() {
    byte n, last;
end:
    do
    :: atomic { card == HOME && cards && given_count < BYTES && block + LIFE < BLOCKS ->
#ifdef NO_NUMBER
        n = 1;
#else
        n = next_number;
#endif
        n <= MINTS;
        last = block + LIFE;
        given[given_count].mint = n;
        given[given_count].valid = last;
        if
        :: begin(n, last); given_count++
#ifdef NO_TICKET
        :: given_count++ // the append was lost
#else
        :: given[given_count].mint = 0; given[given_count].valid = 0
#endif
        fi;
        n = 0;
        last = 0
       }
    od
}

// ---- The cluster

inline send(i) {
    atomic { i < given_count && given[i].valid >= block && given[i].mint && !at[given[i].mint - 1].made &&
             !at[given[i].mint - 1].newest ->
        at[given[i].mint - 1].newest = true;
        check_cards()
    }
}

inline finish(m) {
    if
    :: at[m].newest -> at[m].newest = false; at[m].made = true; at[m].token = true
    :: else
    fi
}

proctype cluster() {
end:
    do
    :: send(0)
    :: send(1)
    :: send(2)
    :: atomic { block < BLOCKS -> finish(0); finish(1); finish(2); final = block; block++ }
    :: atomic { at[0].newest -> at[0].newest = false } // forked away
    :: atomic { at[1].newest -> at[1].newest = false }
    :: atomic { !at[0].lamports -> at[0].lamports = true }
    :: atomic { at[0].token -> at[0].token = false; at[0].record = true }
    :: atomic { at[1].token -> at[1].token = false; at[1].record = true }
    od
}

// ---- Who reads it

inline say() {
    if
    :: card == SENT && seen ->
        lost = !at[number - 1].made || at[number - 1].home;
        assert(!lost);
        card = THERE
#ifdef NO_WAIT
    :: card == SENT && !seen ->
#else
    :: card == SENT && !seen && read > valid ->
#endif
        card = HOME;
#ifndef NO_FUND
        cards++;
        away = false;
#endif
        check_cards()
    :: else
    fi
}

proctype process() {
    byte n, v, read;
    bool seen, burned;
end:
    do
    :: atomic { card == SENT ->
        n = number;
        v = valid;
        read = final;
        seen = at[n - 1].made;
#ifdef NO_FINAL
        seen = seen || at[n - 1].newest;
#endif
#ifdef NO_OWNER
        seen = seen || at[n - 1].lamports
#endif
       };
       atomic {
        if
#ifdef NO_SAME
        :: card == SENT && number == n -> valid = v; say()
#else
        :: card == SENT && number == n && valid == v -> say()
#endif
        :: else
        fi;
        n = 0; v = 0; read = 0; seen = false
       }
    :: atomic { card == THERE && at[number - 1].record -> n = number; burned = true };
       atomic {
        if
#ifdef NO_RECORD
        :: burned ->
#else
        :: card == THERE && number == n ->
#endif
            card = HOME;
            at[n - 1].home = true;
            cards++;
            away = false;
            check_cards()
        :: else
        fi;
        n = 0; burned = false
       }
    od
}

init {
    atomic {
        run account();
        run cluster();
        run process();
        run process()
    }
}
