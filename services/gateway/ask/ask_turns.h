// Calls that wait for a place, one address after the other: an address with a thousand waiting calls delays
// another's only call by one. One thread.
#ifndef GATEWAY_ASK_ASK_TURNS_H
#define GATEWAY_ASK_ASK_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TURNS_QUEUES = 64, TURNS_MOST = 1024 };

struct turn { // part of the waiting call; the owner's memory
    struct turn *next, **link;
    uint8_t queue;
};

struct turns {
    struct turn_queue {
        struct turn *first, **end;
        size_t count;
    } queues[TURNS_QUEUES]; // by hash of the address
    unsigned char key[16];  // of the hash, so that nobody can choose whose queue they share
    uint8_t last;           // the queue that had the last turn
    size_t count;
};

void turns_init(struct turns *turns);
// When all places are taken, the last call of the longest queue gives way and is returned, else NULL. It may
// be the call that was to be added.
struct turn *turns_add(struct turns *turns, struct turn *turn, const char *address);
void turns_remove(struct turns *turns, struct turn *turn);
struct turn *turns_next(struct turns *turns); // taken out; NULL when none waits

#endif
