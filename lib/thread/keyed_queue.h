// Work that waits for workers, fair between keys: each key has one task taken in its turn, and of each slot
// only a limited number are under way at once. When the queue is full, the group with the most waiting and
// the worst record gives way. Thread-safe.
#ifndef LIB_THREAD_KEYED_QUEUE_H
#define LIB_THREAD_KEYED_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct keyed_queue;

enum { KEYED_SLOTS = 2 };

struct keyed_slot {
    uint64_t id;      // of its place among a task's slots
    uint32_t at_once; // under way, at most; 0: any number
};

// Embedded in the waiting work. It belongs to the queue from put until it is taken or given back.
struct keyed_task {
    uint64_t key;                         // takes turns with other keys; 0: served in order of arrival
    struct keyed_slot slots[KEYED_SLOTS]; // it needs room in each
    uint64_t group;                       // the unit that gives way
    int64_t deadline_ms;                  // monotonic; a task past it gives way first
    uint64_t round;                       // for the queue alone, as is next
    struct keyed_task *next;
};

// A task under way, in the worker's memory: the task itself may already be used for other work.
struct keyed_turn {
    uint64_t slots[KEYED_SLOTS], group;
    struct keyed_turn *next;
};

enum keyed_outcome { KEYED_WELL, KEYED_BADLY, KEYED_NEITHER }; // KEYED_NEITHER: the group had no part in it

// most: tasks that wait or are under way. NULL without memory.
struct keyed_queue *keyed_queue_create(uint32_t most);
void keyed_queue_destroy(struct keyed_queue *queue); // when nothing waits in it; NULL is fine

// Returns the task that has to give way, which is the caller's again and may be the given one; NULL when
// there is room. Never blocks.
MUST_CHECK struct keyed_task *keyed_queue_put(struct keyed_queue *queue, struct keyed_task *task,
                                              int64_t mono_ms);
// Blocks until a task is ready; NULL when the queue is stopped and empty. End each task with keyed_queue_end
// and the same turn.
struct keyed_task *keyed_queue_take(struct keyed_queue *queue, struct keyed_turn *turn);
void keyed_queue_end(struct keyed_queue *queue, struct keyed_turn *turn, enum keyed_outcome outcome);
// Tasks that wait are still taken; from now on put gives its task back.
void keyed_queue_stop(struct keyed_queue *queue);

#endif
