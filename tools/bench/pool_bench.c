// Processor time of a tick of the queue as the service has it: 10 000 tickets in a store on disk, of which
// twenty were written since the last tick, with the ratings of those who wait, and twenty open events that
// are looked at, for none of which enough fit. The first tick reads all tickets, and is told alone. It fails
// when the others take more than 20 ms. (queue_bench has the matching alone.)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/ids.h"
#include "lib/names/testing/news.h"
#include "services/ai/ai.h"
#include "services/ai/pool/pool.h"
#include "services/ai/pool/rows.h"
#include "services/ai/pool/ticket.h"

enum { PEOPLE = 10000, EVENTS = 20, TICKS = 40, WRITTEN = 20, AT_ONCE = 500, LEVEL = 1, MOST_MS = 20 };
#define NOW_MS INT64_C(1800000000000)
#define GOD "01890000-0000-7000-8000-0000000000f0"

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void bench_must(bool done, const struct err *err)
{
    if (done) return;
    fprintf(stderr, "pool_bench: %s\n", err->message);
    exit(1);
}

static struct uuid person_id(unsigned number)
{
    struct uuid id;
    const uint32_t spread = number * UINT32_C(2654435761); // as ids are
    snprintf(id.text, sizeof id.text, "01890000-0000-7000-8000-%04x%08x", spread >> 16, spread);
    return id;
}

// ---- Who waits

static void name_some(struct ai *ai, unsigned from)
{
    static struct uuid ids[AT_ONCE];
    static char names[AT_ONCE][16];
    struct name_news news[AT_ONCE];
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 4 << 20);
    for (unsigned i = 0; i < AT_ONCE; i++) {
        ids[i] = person_id(from + i);
        snprintf(names[i], sizeof names[i], "person%u", from + i);
        news[i] = (struct name_news){ids[i].text, names[i], .version = from + i + 1, .level = LEVEL};
    }
    const struct bus_batch page =
        name_news_page(&arena, (struct bus_place){1, from + AT_ONCE}, news, AT_ONCE);
    bench_must(names_learn(ai->names, &page, &err), &err);
    arena_finish(&arena);
}

static void wait_one(struct ai *ai, unsigned number, struct err *err)
{
    const struct uuid id = person_id(number), ticket_id = uuid_new(NOW_MS);
    Queue__TicketRow row = QUEUE__TICKET_ROW__INIT;
    Queue__Wishes wishes = QUEUE__WISHES__INIT;
    struct ticket ticket = {.row = &row};
    wishes.size_min = 50;
    wishes.size_max = 100;
    wishes.starts_within_ms = INT64_C(7) * 24 * 3600 * 1000;
    row.user_id = id.text;
    ticket_begin(&row, ticket_id.text, &wishes, NOW_MS - (int64_t)number * 10);
    const uint64_t stored = ticket_queue(ai, &ticket, 0);
    if (number % AT_ONCE == 0) bench_must(store_wait(ai->store, stored, err), err);
}

// ---- Events that are open

static Events__Event *event_of(struct arena *arena, unsigned number)
{
    Events__Event *event = arena_new(arena, Events__Event);
    events__event__init(event);
    event->id = arena_printf(arena, "01890000-0000-7000-8000-0000000e%04x", number);
    event->god_id = event->group_id = event->deck_id = GOD;
    event->state = EVENTS__EVENT__STATE__OPEN;
    event->min_players = 5;
    event->max_players = 12;
    event->payable = true;
    event->starts_at = arena_new(arena, Events__WallTime);
    events__wall_time__init(event->starts_at);
    event->starts_at->utc = stamp_new(arena, NOW_MS + 3600 * 1000);
    return event;
}

static bool outside_answer(void *arg, const struct outside_question *question, struct arena *arena,
                           ProtobufCMessage **reply, struct err *err)
{
    (void)arg;
    if (strcmp(question->method, "events.ListEvents") == 0) {
        Events__ListEventsReply *list = arena_new(arena, Events__ListEventsReply);
        events__list_events_reply__init(list);
        list->events = arena_array(arena, EVENTS, sizeof *list->events);
        for (unsigned i = 0; i < EVENTS; i++) list->events[list->n_events++] = event_of(arena, i);
        return *reply = &list->base, true;
    }
    if (strcmp(question->method, "events.GetEvent") == 0) {
        Events__EventReply *shown = arena_new(arena, Events__EventReply);
        events__event_reply__init(shown);
        shown->event = event_of(arena, 0);
        shown->event->id = ((const Events__EventRequest *)question->request)->event_id;
        return *reply = &shown->base, true;
    }
    return err_fail(err, NO_METHOD, "nobody asks %s here", question->method);
}

// Another twenty each time.
static void write_some(struct ai *ai, unsigned tick)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 20);
    for (unsigned i = 0; i < WRITTEN; i++) {
        const struct uuid id = person_id(tick * WRITTEN + i);
        struct ticket ticket;
        bench_must(ticket_find(ai->store, id.text, &arena, &ticket, &err), &err);
        ticket_wait_on(ticket.row, NOW_MS + tick * 1000);
        bench_must(ticket_put(ai, &ticket, &err), &err);
    }
    arena_finish(&arena);
}

static double tick_ms(struct ai *ai, unsigned tick)
{
    const struct outside outside = {outside_answer, NULL};
    struct err err = {0};
    const double before = cpu_ms();
    bench_must(pool_tick(ai, &outside, NOW_MS + tick * 1000, &err), &err);
    return cpu_ms() - before;
}

static double measure_ticks(struct ai *ai)
{
    double longest = 0, sum = 0;
    printf("first tick of %d tickets in a store: %.1f ms\n", PEOPLE, tick_ms(ai, 0));
    for (unsigned i = 1; i <= TICKS; i++) {
        write_some(ai, i);
        const double took = tick_ms(ai, i);
        sum += took;
        if (took > longest) longest = took;
    }
    printf(
        "tick of %d tickets in a store, %d of them written since, %d open events: %.1f ms, longest %.1f ms\n",
        PEOPLE, WRITTEN, EVENTS, sum / TICKS, longest);
    return sum / TICKS;
}

int main(void)
{
    static struct ai ai;
    char folder[] = "/tmp/pool-bench-XXXXXX", url[128], command[160];
    struct err err = {0};
    if (!mkdtemp(folder)) return perror(folder), 1;
    snprintf(url, sizeof url, "sqlite:%s/ai.db", folder);
    bench_must(ai_open(&ai, &(struct ai_options){.store_url = url}, &err), &err);
    for (unsigned i = 0; i < PEOPLE; i += AT_ONCE) name_some(&ai, i);
    for (unsigned i = PEOPLE; i-- > 0;) wait_one(&ai, i, &err);
    const double ms = measure_ticks(&ai);
    ai_close(&ai);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command) != 0) return 1;
    printf("gate %d ms: %s\n", MOST_MS, ms <= MOST_MS ? "yes" : "NO");
    return ms <= MOST_MS ? 0 : 1;
}
