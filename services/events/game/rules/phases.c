// Phases: opening, pausing, extending and closing them, and the statuses that end with them.
#include "services/events/game/rules/rules.h"
#include "services/events/game/status.h"

static const int64_t LONGEST_TIMER_MS = 7 * 24 * 3600 * INT64_C(1000);

bool rules_need_playing(const struct game *game, struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    if (!game_playing(game))
        return err_fail(err, EVENT_NOT_REVEALED, "the event is %s", rules_state_name(game->state));
    return rules_need_room(game, err);
}

static bool timer_ok(int64_t ms, const char *field, struct err *err)
{
    return (ms >= 0 && ms <= LONGEST_TIMER_MS) ||
           err_field(err, INVALID_FIELD, field, "%s is between 0 and 7 days", field);
}

static void end_status(struct game *game, struct entries *entries, const struct person *person,
                       Events__Status__Value status)
{
    struct uuid user_id = person->user_id;
    bool alive = person_alive(person);
    ENTRY(entries, game, STATUS_ENDED, StatusEnded, status_ended, .user_id = user_id.text, .status = status);
    if (status != EVENTS__STATUS__VALUE__PRO_KILLED_9_PHASES || !alive) return;
    rules_add_status(game, entries, (int)(person - game->people), EVENTS__STATUS__VALUE__DEAD);
}

static void end_timed_statuses(struct game *game, struct entries *entries)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        for (int status = 1; status < GAME_STATUSES && !entries->failed; status++) {
            int until = person->statuses.until[status];
            if (until && until <= (int)game->phases_count)
                end_status(game, entries, person, (Events__Status__Value)status);
        }
    }
}

void rules_add_phase_end(struct game *game, struct entries *entries)
{
    rules_add_poll_end(game, entries);
    if (!game_open_phase(game)) return;
    ENTRY(entries, game, PHASE_CLOSED, PhaseClosed, phase_closed, .number = (int32_t)game->phases_count);
    end_timed_statuses(game, entries);
}

// The closing of a night ends a day.
static int32_t next_day(const struct game *game)
{
    if (game->phases_count == 0) return 1;
    const struct phase *last = &game->phases[game->phases_count - 1];
    return last->day + (last->kind == EVENTS__PHASE__KIND__NIGHT);
}

bool rules_open_phase(struct game *game, struct entries *entries, Events__Phase__Kind kind, int64_t timer_ms,
                      struct err *err)
{
    if (!rules_need_playing(game, err) || !timer_ok(timer_ms, "timer", err)) return false;
    if (game->phases_count && game->phases[game->phases_count - 1].kind == kind)
        return err_fail(err, PHASE_REPEATED, "the last phase was of the same kind");
    if (game->phases_count == GAME_MAX_PHASES)
        return err_fail(err, LIMIT_REACHED, "a game has at most %d phases", GAME_MAX_PHASES);
    rules_add_phase_end(game, entries);
    ENTRY(entries, game, PHASE_OPENED, PhaseOpened, phase_opened, .number = (int32_t)game->phases_count + 1,
          .day = next_day(game), .kind = kind, .closes_ms = timer_ms ? entries->now_ms + timer_ms : 0);
    return true;
}

bool rules_need_phase(const struct game *game, struct err *err)
{
    if (!rules_need_playing(game, err)) return false;
    return game_open_phase(game) || err_fail(err, PHASE_NOT_OPEN, "no phase is open");
}

// The time that a stopped timer keeps: one that is just over ends as soon as it goes on.
static int64_t phases_kept(const struct timer *timer, int64_t now_ms)
{
    int64_t left = timer_left(timer, now_ms);
    return left || !timer_is_set(timer) ? left : 1;
}

static int64_t gone_on(const struct timer *timer, int64_t now_ms)
{
    return timer->remaining_ms ? now_ms + timer->remaining_ms : 0;
}

// The poll whose timer stops and goes on with the phase's.
static const struct poll *poll_below(const struct game *game)
{
    return game->rules_version < RULES_COUNT_AT_CLOSE ? NULL : game_open_poll(game);
}

static void pause_phase(struct game *game, struct entries *entries)
{
    const struct phase *phase = game_open_phase(game);
    const struct poll *poll = poll_below(game);
    if (phase->state == EVENTS__PHASE__STATE__PAUSED) return;
    ENTRY(entries, game, PHASE_PAUSED, PhasePaused, phase_paused,
          .remaining_ms = phases_kept(&phase->timer, entries->now_ms),
          .poll_remaining_ms = poll ? phases_kept(&poll->timer, entries->now_ms) : 0);
}

static void resume_phase(struct game *game, struct entries *entries)
{
    const struct phase *phase = game_open_phase(game);
    const struct poll *poll = poll_below(game);
    if (phase->state == EVENTS__PHASE__STATE__OPEN) return;
    ENTRY(entries, game, PHASE_RESUMED, PhaseResumed, phase_resumed,
          .closes_ms = gone_on(&phase->timer, entries->now_ms),
          .poll_closes_ms = poll ? gone_on(&poll->timer, entries->now_ms) : 0);
}

bool rules_extension(const struct timer *timer, int64_t now_ms, int64_t extend_ms, int64_t longest_ms,
                     struct err *err)
{
    if (extend_ms < 0) return err_field(err, INVALID_FIELD, "extend", "extend is not negative");
    if (extend_ms + timer_left(timer, now_ms) > longest_ms)
        return err_field(err, LIMIT_REACHED, "extend", "what is left with it would be more than %lld hours",
                         (long long)(longest_ms / 3600000));
    return !extend_ms || timer_is_set(timer) || err_fail(err, NO_TIMER, "there is no timer to extend");
}

void rules_add_phase_timer(struct game *game, struct entries *entries, int64_t left_ms)
{
    bool stopped = game_open_phase(game)->timer.remaining_ms;
    ENTRY(entries, game, PHASE_EXTENDED, PhaseExtended, phase_extended,
          .closes_ms = stopped ? 0 : entries->now_ms + left_ms, .remaining_ms = stopped ? left_ms : 0);
}

bool rules_time_phase(struct game *game, struct entries *entries, enum pause pause, int64_t extend_ms,
                      struct err *err)
{
    if (!rules_need_phase(game, err)) return false;
    const struct timer *timer = &game_open_phase(game)->timer;
    if (!rules_extension(timer, entries->now_ms, extend_ms, LONGEST_TIMER_MS, err)) return false;
    if (extend_ms) rules_add_phase_timer(game, entries, timer_left(timer, entries->now_ms) + extend_ms);
    if (pause == PAUSE_ON) pause_phase(game, entries);
    if (pause == PAUSE_OFF) resume_phase(game, entries);
    return true;
}

bool rules_close_phase(struct game *game, struct entries *entries, struct err *err)
{
    if (!rules_need_phase(game, err)) return false;
    rules_add_phase_end(game, entries);
    return true;
}
