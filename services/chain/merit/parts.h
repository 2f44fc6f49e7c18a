// Parts of what is remembered. Private to the room.
#ifndef CHAIN_MERIT_PARTS_H
#define CHAIN_MERIT_PARTS_H

#include "services/chain/merit/merit.h"

struct merit_game {
    uint64_t hash;
    uint8_t id[MERIT_ID_BYTES];
    int64_t until_ms; // then it is forgotten
};
struct merit_key {
    uint32_t account, part;
};
struct merit_counted {
    uint64_t hash;
    struct merit_key key;
    uint64_t games;
};

// Room for as many more games, guests and accounts that count. False without memory.
bool merit_reserve(struct merit *merit, size_t games, size_t guests, size_t counts);
bool merit_reserve_coins(struct merit *merit, size_t coins);
// There is room for each.
void merit_add_game(struct merit *merit, const uint8_t event[MERIT_ID_BYTES], int64_t until_ms);
void merit_hold(struct merit *merit, const struct merit_guest *guest);
void merit_drop(struct merit *merit, const struct merit_guest *guest);
void merit_add_count(struct merit *merit, const struct merit_key *key, int64_t day, uint64_t games);
// Of coins: what their entries say, before and when they follow.
const char *merit_check_coins(struct merit *merit, const Ledger__Entry *entry);
void merit_apply_coins(struct merit *merit, const Ledger__Entry *entry);
// The coins with the key, which are there from now on.
struct merit_coins *merit_put_coins(struct merit *merit, const uint8_t key[MERIT_ID_BYTES], int64_t until_ms);
// Games, guests and coins whose time is over.
void merit_forget(struct merit *merit, int64_t now_ms);

#endif
