#include "services/events/game/timer.h"

enum { SMALL_STEP_MS = 1000 }; // of the clock, for which no timer is reset

void timer_run(struct timer *timer, int64_t closes_ms, int64_t now_ms)
{
    *timer = (struct timer){.closes_ms = closes_ms > 0 ? closes_ms : 0};
    if (now_ms >= 0 && closes_ms > now_ms) timer->given_ms = closes_ms - now_ms;
}

void timer_stop(struct timer *timer, int64_t remaining_ms)
{
    *timer = (struct timer){.remaining_ms = remaining_ms > 0 ? remaining_ms : 0};
}

bool timer_is_set(const struct timer *timer) { return timer->closes_ms || timer->remaining_ms; }

int64_t timer_left(const struct timer *timer, int64_t now_ms)
{
    if (!timer->closes_ms) return timer->remaining_ms;
    int64_t left = timer->closes_ms - now_ms;
    return left < 0 ? 0 : left > timer->given_ms ? timer->given_ms : left;
}

bool timer_is_over(const struct timer *timer, int64_t now_ms)
{
    return timer->closes_ms && timer->closes_ms <= now_ms;
}

bool timer_is_ahead(const struct timer *timer, int64_t now_ms)
{
    return timer->closes_ms && timer->closes_ms - now_ms - SMALL_STEP_MS > timer->given_ms;
}
