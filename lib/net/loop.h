// The gateway's event loop: one epoll set, one thread. Sources report readiness, timers fire from a heap, and
// after every turn the turn hook sends what the turn gathered. Only loop_wake and loop_stop may be called
// from other threads.
#ifndef LIB_NET_LOOP_H
#define LIB_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct loop;

struct loop_source {
    int fd;
    void (*ready)(void *arg, uint32_t events); // EPOLLIN and so on
    void *arg;
};

struct loop_timer {
    int64_t at_ms; // monotonic
    void (*fire)(void *arg);
    void *arg;
    size_t place; // in the heap, from 1; 0: not set
};

struct loop_options {
    void (*turn)(void *arg);  // after the events of each turn
    void (*awake)(void *arg); // after loop_wake; may be NULL
    void *arg;
};

MUST_CHECK bool loop_create(struct loop **loop, const struct loop_options *options, struct err *err);
void loop_destroy(struct loop *loop); // NULL is fine

// The source must not move until it is unwatched; its fd stays open meanwhile.
MUST_CHECK bool loop_watch(struct loop *loop, struct loop_source *source, uint32_t events, struct err *err);
void loop_unwatch(struct loop *loop, struct loop_source *source);

void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t at_ms); // moves it when set already
void loop_timer_clear(struct loop *loop, struct loop_timer *timer);

int64_t loop_now_ms(const struct loop *loop); // monotonic, as of this turn
void loop_again(struct loop *loop);           // the next turn begins without waiting
void loop_wake(struct loop *loop);            // any thread, any signal handler
void loop_turn(struct loop *loop);            // one turn, for callers that drive the loop themselves
void loop_run(struct loop *loop);             // until loop_stop
void loop_stop(struct loop *loop);

#endif
