// The store behind lines of JSON, for tests that steer several of them: what a line asks (main.c), and the
// answers of writes (writes.c) and reads (reads.c); sleep.c has its machine sleep.
#ifndef TESTS_STORES_DRIVER_DRIVER_H
#define TESTS_STORES_DRIVER_DRIVER_H

#include <jansson.h>

#include "lib/store/store.h"

extern const struct store_table *driver_users; // as this process declares it

struct asked {
    struct store *store;
    struct arena *arena; // lives until the answer is printed
    const json_t *json;
};

// Exits when the field is missing or of another type.
const char *asked_text(const struct asked *asked, const char *field);
uint64_t asked_number(const struct asked *asked, const char *field);

// Prints a line, made of `answer`, which it frees, and the id of the asked. Any thread.
void answer_print(const char *id, json_t *answer);

// Queues the write, and prints its outcome when that is known. False when `verb` is not a write.
bool driver_write(const struct asked *asked, const char *verb);
// Prints outcomes up to a ticket. The store's commit listener.
void driver_committed(void *arg, uint64_t durable);

// The process was stopped for so long, together with its machine.
void driver_sleep(int64_t seconds);

// Reads and prints. False when `verb` is not a read.
bool driver_read(const struct asked *asked, const char *verb);

#endif
