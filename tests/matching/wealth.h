// What everybody has, twice: by what the ledger's entries move, and by what they say of grants, cards, trades
// and orders that end. And what orders rest. After each entry the two agree, and the escrow of a role's book
// is what its orders promise.
#ifndef TESTS_MATCHING_WEALTH_H
#define TESTS_MATCHING_WEALTH_H

#include "ledger.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEALTH_ACCOUNTS = 4096, WEALTH_ASSETS = 32 };

struct resting {
    int64_t price;
    uint32_t account, asset, left;
    bool buys;
};

struct wealth {
    int64_t moved[WEALTH_ACCOUNTS][WEALTH_ASSETS], told[WEALTH_ACCOUNTS][WEALTH_ASSETS];
    uint32_t accounts;               // that there are, with the issuance
    uint32_t escrows[WEALTH_ASSETS]; // 0: none yet
    char roles[WEALTH_ASSETS][37];
    uint32_t revenue;
    struct resting *orders; // by their entries
    size_t room;
    int64_t promised[WEALTH_ASSETS], offered[WEALTH_ASSETS]; // coins, and cards, of the orders that rest
    uint64_t entries, trades;
};

// Takes an entry in, and ends the program when something does not hold after it.
void wealth_take(struct wealth *wealth, uint64_t number, const Ledger__Entry *entry);

#endif
