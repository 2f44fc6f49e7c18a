// The clock of a phase or a poll. Pure.
#ifndef EVENTS_GAME_TIMER_H
#define EVENTS_GAME_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct timer {
    int64_t closes_ms;    // when a running timer ends; 0: none runs
    int64_t remaining_ms; // time left on a stopped timer; 0: none is stopped
    int64_t given_ms;     // time that the running timer had left when it was set
};

// closes_ms 0 or remaining_ms 0: no timer.
void timer_run(struct timer *timer, int64_t closes_ms, int64_t now_ms);
void timer_stop(struct timer *timer, int64_t remaining_ms);
bool timer_is_set(const struct timer *timer); // it runs or is stopped
// The time left, never more than the timer was given: the clock that set it may have been ahead. 0 when it is
// over, or not set.
int64_t timer_left(const struct timer *timer, int64_t now_ms);
bool timer_is_over(const struct timer *timer, int64_t now_ms);
// Whether it runs, and was set by a clock well ahead of this one.
bool timer_is_ahead(const struct timer *timer, int64_t now_ms);

#endif
