#include "services/events/names/leaders.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/metrics.h"
#include "lib/names/names.h"
#include "lib/schema/passport.h"
#include "services/events/tables.h"

enum { EVERY_MS = 60000, AT_ONCE = 100, PAGE_TOKEN = 512, ARENA = 8 << 20, NAMED = 20 };

struct survey {
    struct events *events;
    int64_t now_ms;
    size_t count, before; // how many there are, and were
};

void leaders_init(struct leaders *leaders, struct metrics *metrics)
{
    *leaders = (struct leaders){.looked_ms = 0};
    leaders->without_god =
        metrics_gauge(metrics, "conse_events_without_god",
                      "Events that are not over and whose god is none any more, or is suspended.", "");
}

// Of whom nothing was heard, auth may still have news.
static bool is_leading(const struct survey *survey, const char *god_id)
{
    struct name_told told;
    if (!names_get(survey->events->names, god_id, &told))
        return !names_is_deleted(survey->events->names, god_id);
    return told.level && told.level <= LEVEL_GOD && told.suspended_until_ms <= survey->now_ms;
}

static void count_event(struct survey *survey, const Game__EventRow *row)
{
    if (is_leading(survey, row->god_id)) return;
    survey->count++;
    if (survey->count > survey->before && survey->count <= survey->before + NAMED)
        log_warn("events.leaders", F_STR("odd", "nobody leads it: a dev has to hand it over"),
                 F_STR("event", row->id), F_STR("god", row->god_id));
}

// token is that of the next page, "" after the last.
static bool look_at_page(struct survey *survey, Events__Event__State state, char token[PAGE_TOKEN])
{
    const struct store_query query = {.index = "by_state",
                                      .equal = {{.number = state}},
                                      .equal_count = 1,
                                      .limit = AT_ONCE,
                                      .page_token = token};
    struct store_rows rows;
    struct err err = {0};
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(survey->events->store, &events_tables[EVENTS_EVENTS], &query, &arena, &rows, &err);
    if (!ok) log_err(LOG_WARN, "events.leaders", &err);
    for (size_t i = 0; ok && i < rows.count; i++)
        count_event(survey, (const Game__EventRow *)rows.messages[i]);
    if (ok) snprintf(token, PAGE_TOKEN, "%s", rows.next_page_token);
    arena_finish(&arena);
    return ok;
}

static bool look_at_state(struct survey *survey, Events__Event__State state)
{
    char token[PAGE_TOKEN] = "";
    do
        if (!look_at_page(survey, state, token)) return false;
    while (token[0]);
    return true;
}

bool leaders_look(struct events *events, struct leaders *leaders, int64_t now_ms)
{
    static const Events__Event__State states[] = {EVENTS__EVENT__STATE__OPEN, EVENTS__EVENT__STATE__LOCKED,
                                                  EVENTS__EVENT__STATE__REVEALED,
                                                  EVENTS__EVENT__STATE__RUNNING};
    struct survey survey = {.events = events, .now_ms = now_ms, .before = leaders->count};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (!look_at_state(&survey, states[i])) return false;
    leaders->count = survey.count;
    metric_set(leaders->without_god, (int64_t)survey.count);
    return true;
}

void leaders_tick(struct events *events, struct leaders *leaders, bool others)
{
    const int64_t now_ms = clock_mono_ms();
    if (others) {
        metric_set(leaders->without_god, 0);
        leaders->looked_ms = 0;
    } else if (!leaders->looked_ms || now_ms - leaders->looked_ms >= EVERY_MS) {
        leaders->looked_ms = now_ms;
        if (!leaders_look(events, leaders, clock_unix_ms())) leaders->looked_ms = 0;
    }
}
