// The ledger in a folder of its own, as the chain service keeps it, for benchmarks that fill it.
#ifndef TOOLS_BENCH_MONEY_LEDGER_H
#define TOOLS_BENCH_MONEY_LEDGER_H

#include "services/chain/book/call.h"

enum { MONEY_UNDERWAY = 64 };

struct money_ledger {
    struct chain chain;
    struct chain_settings settings;
    struct arena arena;
    struct book_call call;            // of one append
    uint64_t tickets[MONEY_UNDERWAY]; // of those that may still be on their way to the disk
    size_t appends;
};

// Begins a ledger in the folder. Ends the program when it can't, as all of these do.
void money_open(struct money_ledger *ledger, const char *folder);
// Between the two, entries are added to the call. The second waits only while MONEY_UNDERWAY appends are on
// their way to the disk.
struct book_call *money_begin(struct money_ledger *ledger);
void money_commit(struct money_ledger *ledger);
// Until everything is on the disk.
void money_wait(struct money_ledger *ledger);
void money_close(struct money_ledger *ledger);

// The UUID of the person with this number.
const char *money_person(uint32_t number, char out[40]);
double money_seconds(void); // of the clock
double money_spent(void);   // processor time of the program
_Noreturn void money_fail(const char *what);

#endif
