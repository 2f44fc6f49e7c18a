// What the ledger remembers of rewards, as a part of its fold: which games were judged in the last weeks, how
// often somebody was rewarded today, and guests that get their card when their seat has an account. Entries
// say what follows, so a limit that changes changes no past. Pure, one thread at a time.
#ifndef CHAIN_MERIT_MERIT_H
#define CHAIN_MERIT_MERIT_H

#include "ledger.pb-c.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/merit/judge.h"

enum { MERIT_ID_BYTES = 16, MERIT_PLAYERS_MAX = 100, MERIT_MARKS = 4, MERIT_COINS_MAX = 1000 };
static const int64_t MERIT_DAY_MS = INT64_C(24) * 3600 * 1000;
static const int64_t MERIT_HELD_MS = INT64_C(30) * 24 * 3600 * 1000;
static const int64_t MERIT_KNOWN_MS = INT64_C(40) * 24 * 3600 * 1000; // longer than MERIT_LATE_MS

enum merit_part { MERIT_PLAYER, MERIT_GOD };

struct merit_guest {
    uint64_t hash; // the map's
    uint8_t seat[MERIT_ID_BYTES];
    uint8_t event[MERIT_ID_BYTES];
    int64_t until_ms; // then it is nobody's
};

// Coins of somebody for a game, between what ai says of them and what they won.
struct merit_coins {
    uint64_t hash;               // the map's
    uint8_t key[MERIT_ID_BYTES]; // of the event and of who it is
    int64_t until_ms;            // then they are nobody's
    uint32_t account;            // whose they are; 0: nobody has won them yet
    uint32_t coins;              // 0: they were not offered yet
    uint32_t class, percent, formula, model;
    double marks[MERIT_MARKS];
};

struct merit {
    struct ledger_map games;  // that were judged, or taken back before, for some weeks
    struct ledger_map guests; // by seat
    struct ledger_map counts; // of the newest day: by account and part
    struct ledger_map coins;  // by key
    int64_t day;              // since 1970

    uint64_t followed_generation, followed_seq; // of events.games, whose effects are in
    uint64_t coins_generation, coins_seq;       // of ai.rewards
};

void merit_init(struct merit *merit, const uint8_t seed[16]);
void merit_finish(struct merit *merit);

bool merit_knows(const struct merit *merit, const uint8_t event[MERIT_ID_BYTES]);
// NULL: nothing is held for it.
const struct merit_guest *merit_guest(const struct merit *merit, const uint8_t seat[MERIT_ID_BYTES]);
// NULL: they are neither offered nor won, or were given.
const struct merit_coins *merit_coins(const struct merit *merit, const uint8_t key[MERIT_ID_BYTES]);
// How often the account was rewarded on that day, or led a game that was. Of a day before the newest one, on
// the newest one.
uint32_t merit_count(const struct merit *merit, uint32_t account, enum merit_part part, int64_t day);

// What is wrong with an entry; NULL: it may follow, or is not of this part, and there is memory for it.
const char *merit_check(struct merit *merit, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry);
// Makes what was checked the newest.
void merit_apply(struct merit *merit, const Ledger__Entry *entry);

// Everything, for a snapshot. Read into an empty one; false when it is damaged, or memory is short.
size_t merit_size(const struct merit *merit);
void merit_write(const struct merit *merit, struct fields_writer *writer);
bool merit_read(struct merit *merit, struct fields_reader *reader);

#endif
