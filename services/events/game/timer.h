// The clock of a phase or a poll. Pure.
#ifndef EVENTS_GAME_TIMER_H
#define EVENTS_GAME_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct timer {
    int64_t closes_ms;    // when a running one ends; 0: none runs
    int64_t remaining_ms; // what a stopped one has left; 0: none is stopped
    int64_t given_ms;     // what the running one had left when it was set
};

// closes_ms 0 or remaining_ms 0: no timer.
void timer_run(struct timer *timer, int64_t closes_ms, int64_t now_ms);
void timer_stop(struct timer *timer, int64_t remaining_ms);
bool timer_is_set(const struct timer *timer); // runs or is stopped
// Never more than it was given: the clock that set it may have been ahead. 0 when it is over, or not set.
int64_t timer_left(const struct timer *timer, int64_t now_ms);
bool timer_is_over(const struct timer *timer, int64_t now_ms);
// It runs, and a clock that was well ahead of this one set it.
bool timer_is_ahead(const struct timer *timer, int64_t now_ms);

#endif
