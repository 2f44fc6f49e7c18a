// Work that waits for workers and is fair between keys: each key has one task taken in its turn, and of one
// slot only so many are under way at once. When the queue is full, the group that asks for most and fares
// worst gives way. Thread-safe.
#ifndef LIB_THREAD_KEYED_QUEUE_H
#define LIB_THREAD_KEYED_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct keyed_queue;

// Part of the work that waits. It is the queue's from put until it is taken or given back.
struct keyed_task {
    uint64_t key;        // takes turns with other keys; 0: served as it came
    uint64_t slot;       // of which at_once may be under way
    uint32_t at_once;    // 0: any number
    uint64_t group;      // what gives way together
    int64_t deadline_ms; // monotonic; what is past it gives way first
    uint64_t round;      // the queue's own, as is next
    struct keyed_task *next;
};

// A task under way, in the worker's memory: the task itself may be used for other work by then.
struct keyed_turn {
    uint64_t slot, group;
    struct keyed_turn *next;
};

enum keyed_outcome { KEYED_WELL, KEYED_BADLY, KEYED_NEITHER }; // KEYED_NEITHER: the group had no part in it

// most: tasks that wait or are under way. NULL without memory.
struct keyed_queue *keyed_queue_create(uint32_t most);
void keyed_queue_destroy(struct keyed_queue *queue); // when nothing waits in it; NULL is fine

// The task that has to give way, which is the caller's again and may be the one given; NULL when there is
// room. Never blocks.
MUST_CHECK struct keyed_task *keyed_queue_put(struct keyed_queue *queue, struct keyed_task *task,
                                              int64_t mono_ms);
// Blocks until a task may be worked on; NULL when the queue is stopped and empty. Each task that is taken is
// ended by keyed_queue_end with the same turn.
struct keyed_task *keyed_queue_take(struct keyed_queue *queue, struct keyed_turn *turn);
void keyed_queue_end(struct keyed_queue *queue, struct keyed_turn *turn, enum keyed_outcome outcome);
// What waits is still taken; what is put from now on is given back.
void keyed_queue_stop(struct keyed_queue *queue);

#endif
