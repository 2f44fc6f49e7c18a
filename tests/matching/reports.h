// What a book reports of a workload, as the public matching benchmark writes it: lines by message, which are
// hashed. Beside them the book itself after each message, hashed too.
#ifndef TESTS_MATCHING_REPORTS_H
#define TESTS_MATCHING_REPORTS_H

#include <sodium.h>

#include "tests/matching/workload.h"

struct reports {
    crypto_hash_sha256_state lines, books;
    uint64_t count, trades;
};

void reports_begin(struct reports *reports);

// Of one message: OrderAck, its trades, CancelAck of what an IOC did not get.
void reports_placed(struct reports *reports, const struct message *message);
void reports_trade(struct reports *reports, const struct message *taker, uint64_t maker, int64_t price,
                   uint32_t quantity);
void reports_withdrawn(struct reports *reports, const struct message *message, unsigned side, int64_t price);
void reports_modified(struct reports *reports, const struct message *message, unsigned side);
// Of a cancel, or a modify, of an order that does not rest.
void reports_refused(struct reports *reports, const struct message *message);

// The book after a message: each level, the best bid first, then the best ask; then its end.
void reports_level(struct reports *reports, char side, int64_t price, uint64_t quantity);
void reports_book_end(struct reports *reports);

// Prints both hashes, how many lines there were, and how many trades, as JSON.
void reports_print(struct reports *reports, double seconds);

#endif
