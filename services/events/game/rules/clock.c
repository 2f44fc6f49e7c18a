// What is due by the clock: expiry, reminders, closings.
#include "services/events/game/rules/rules.h"

static bool waits_for_start(const struct game *game)
{
    return game->state == EVENTS__EVENT__STATE__OPEN || game->state == EVENTS__EVENT__STATE__LOCKED ||
           game->state == EVENTS__EVENT__STATE__REVEALED;
}

static int64_t clock_earlier(int64_t a, int64_t b) { return !a ? b : !b ? a : a < b ? a : b; }

// The next reminder to send: the longest not yet done.
static int32_t next_reminder_s(const struct game *game, const struct reminders *reminders)
{
    int32_t next = 0;
    for (int i = 0; i < REMINDERS_MAX; i++)
        if (reminders->before_s[i] < game->reminded_s && reminders->before_s[i] > next)
            next = reminders->before_s[i];
    return next;
}

// Rounded up, so that not every act moves the time at which the clock looks.
static int64_t idle_due(const struct game *game, const struct reminders *reminders)
{
    enum { STEPS = 72 };
    if (game->state != EVENTS__EVENT__STATE__RUNNING || reminders->idle_ms < STEPS) return 0;
    const int64_t step_ms = reminders->idle_ms / STEPS;
    return (game->acted_ms + reminders->idle_ms + step_ms - 1) / step_ms * step_ms;
}

int64_t rules_due(const struct game *game, const struct reminders *reminders)
{
    int64_t due = 0;
    if (waits_for_start(game)) {
        due = game->terms.expires_ms;
        int32_t before_s = next_reminder_s(game, reminders);
        if (before_s) due = clock_earlier(due, game->terms.starts_ms - before_s * INT64_C(1000));
    }
    const struct phase *phase = game_open_phase(game);
    const struct poll *poll = game_open_poll(game);
    if (game_over(game)) return 0;
    due = clock_earlier(due, idle_due(game, reminders));
    if (phase) due = clock_earlier(due, phase->timer.closes_ms);
    return poll ? clock_earlier(due, poll->timer.closes_ms) : due;
}

// After a pause of ours only the shortest due reminder is sent; once the event has begun, none.
static void clock_remind(struct game *game, struct entries *entries, const struct reminders *reminders)
{
    int64_t left_ms = game->terms.starts_ms - entries->now_ms;
    int32_t due = 0;
    for (int i = 0; i < REMINDERS_MAX; i++) {
        int32_t before = reminders->before_s[i];
        bool open = before && before < game->reminded_s && left_ms <= before * INT64_C(1000);
        if (open && (!due || before < due)) due = before;
    }
    if (due) ENTRY(entries, game, REMINDED, Reminded, reminded, .before_s = left_ms > 0 ? due : 0);
}

// When the clock was ahead, nothing lasts longer than it was given.
static void mend_timers(struct game *game, struct entries *entries)
{
    const struct phase *phase = game_open_phase(game);
    const struct poll *poll = game_open_poll(game);
    int64_t now_ms = entries->now_ms;
    if (phase && timer_is_ahead(&phase->timer, now_ms))
        rules_add_phase_timer(game, entries, timer_left(&phase->timer, now_ms));
    if (timer_is_ahead(&game->clock.timer, now_ms))
        rules_add_clock_timer(game, entries, timer_left(&game->clock.timer, now_ms));
    if (poll && timer_is_ahead(&poll->timer, now_ms))
        rules_add_poll_timer(game, entries, timer_left(&poll->timer, now_ms));
}

static bool is_idle(const struct game *game, const struct reminders *reminders, int64_t now_ms)
{
    const int64_t due_ms = idle_due(game, reminders);
    return due_ms && due_ms <= now_ms;
}

static void clock_expire(struct game *game, struct entries *entries, const struct deal_secrets *secrets)
{
    rules_add_phase_end(game, entries);
    ENTRY(entries, game, EXPIRED, Expired, expired);
    rules_add_deal_opening(game, entries, secrets);
}

void rules_tick(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                const struct reminders *reminders)
{
    const struct poll *poll = game_open_poll(game);
    const struct phase *phase = game_open_phase(game);
    if (game_over(game)) return;
    mend_timers(game, entries);
    if (is_idle(game, reminders, entries->now_ms)) {
        clock_expire(game, entries, secrets);
    } else if (phase && timer_is_over(&phase->timer, entries->now_ms)) {
        rules_add_phase_end(game, entries);
    } else if (poll && timer_is_over(&poll->timer, entries->now_ms)) {
        rules_add_poll_end(game, entries);
    } else if (waits_for_start(game) && game->terms.expires_ms <= entries->now_ms) {
        clock_expire(game, entries, secrets);
    } else if (waits_for_start(game)) {
        clock_remind(game, entries, reminders);
    }
}
