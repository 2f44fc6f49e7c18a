// A workload played by conse-chain, which runs: every message is a call of a person. The market changes no
// order, so one that is modified is withdrawn, and placed again. What asks for more than the market lets one
// order have is placed in parts.
#ifndef TESTS_MATCHING_SERVICE_H
#define TESTS_MATCHING_SERVICE_H

#include "tests/matching/bus.h"
#include "tests/matching/reports.h"
#include "tests/matching/traders.h"

// What was answered to a message.
struct answer {
    size_t first, parts; // of what was placed: places among all numbers
    int64_t price;       // of an order that was withdrawn
    uint8_t side;        // the same
    bool refused;        // CANCEL, MODIFY: no such order rests
    bool withdrawn;      // NEW: what an IOC did not get
};

// An order of the workload, in the ledger.
struct known {
    uint64_t number; // of its last part; 0: it was never placed
    uint32_t person;
    bool open; // as far as it is known
};

struct service {
    struct bus *bus;
    const struct workload *workload;
    struct traders traders;
    struct known *orders; // by their numbers in the workload
    struct answer *answers;
    uint64_t *numbers; // in the ledger, of all that was placed
    size_t placed;
    uint64_t before; // the ledger's newest entry when it began
};

// The ledger is the one that prepare made with these people and cards, and no order is open. reports: where
// the book is told of after each message, or NULL.
void service_play(struct service *service, struct bus *bus, const struct workload *workload,
                  struct traders *traders, struct reports *reports);
void service_finish(struct service *service);

#endif
