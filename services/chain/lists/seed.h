// The file with which an operator fills a list: a line for each mint that it takes ("mint MINT [POINTS]"),
// and for what a wallet has on it ("entry WALLET MINT ..."). Empty lines, and those that begin with #, say
// nothing. Pure.
#ifndef CHAIN_LISTS_SEED_H
#define CHAIN_LISTS_SEED_H

#include "lib/base/base58.h"
#include "lib/base/err.h"

enum { LIST_SEED_LEAST = 33 }; // bytes of the file for each mint: 32 bytes in base58, and a space

struct list_seed_reader {
    const char *at, *end; // of the text, which is borrowed
    unsigned line;
    bool open; // the line has more mints
    char wallet[BASE58_KEY_TEXT];
};

// One mint of the file.
struct list_seed {
    char wallet[BASE58_KEY_TEXT]; // "": the list takes the mint
    char mint[BASE58_KEY_TEXT];
    uint32_t points; // that it counts for, of one that is taken
};

struct list_seed_reader list_seed_reader(const char *text, size_t len);
// Whether all of it can be read, no mint is one that the list takes twice, and none is two wallets'. So
// nothing is done of a file that can't be done.
MUST_CHECK bool list_seed_check(const char *text, size_t len, struct err *err);
// False at the end, or, with err, at what it can't read: it names the line.
bool list_seed_next(struct list_seed_reader *reader, struct list_seed *seed, struct err *err);

#endif
