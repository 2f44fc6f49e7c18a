// Messages of the public matching benchmark, as its generator writes them to a file.
#ifndef TESTS_MATCHING_WORKLOAD_H
#define TESTS_MATCHING_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_kind { MESSAGE_NEW, MESSAGE_CANCEL, MESSAGE_MODIFY };

struct message {
    uint64_t sequence;
    uint64_t order;
    int64_t price;
    uint32_t quantity;
    uint8_t kind;
    uint8_t side; // enum market_side
    bool immediate;
};

struct workload {
    struct message *messages;
    size_t count;
    uint64_t last_order; // the largest number of one
};

// Ends the program when the file is none, as all here does on a fault.
void workload_read(struct workload *workload, const char *path);
void workload_finish(struct workload *workload);

_Noreturn void matching_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Zeroed.
void *matching_array(size_t count, size_t size);

#endif
