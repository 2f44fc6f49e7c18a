// Documents of 16 KiB that were made to cost much: how much processor time of the thread goes until each is
// refused or answered, from its text to the answer's. Services list a hundred events and refuse all else, at
// once. One that takes a millisecond or more (the median) fails the whole, and so does one that once takes
// ten.
//   graphql_bench [ROUNDS]
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "events.pb-c.h"
#include "lib/base/reason.h"
#include "services/gateway/graphql/make/make.h"
#include "services/gateway/graphql/run/run.h"

enum {
    ROUNDS = 200,
    BYTES = 16 * 1024,
    UNITS = 4096,
    MOST_ASKED = 2048,
    MEMORY = 16 << 20,
    MOST_ANSWER = 4 << 20,
    EVENTS = 100,
    GATE_US = 1000,
    GATE_ONCE_US = 50 * GATE_US,
};

// begin, so many units, as many of `behind`, end; then commas up to 16 KiB. In a unit % is its number, ^ the
// next one, and # a text that makes the whole 16 KiB long. most 0: as many as there is room for.
struct hostile {
    const char *what, *begin, *unit, *behind, *end;
    unsigned most;
};

#define ID "\"01a204b8-c493-744e-8dfd-817a593ee278\""
#define MANY_PLACES                                                                                          \
    "{a:event(id:" ID "){...E}b:event(id:" ID "){...E}c:event(id:" ID "){...E}}"                             \
    "fragment E on Event{a:log{event{...G}}b:log{event{...G}}c:log{event{...G}}d:log{event{...G}}"           \
    "e:log{event{...G}}f:log{event{...G}}g:log{event{...G}}h:log{event{...G}}i:log{event{...G}}}"            \
    "fragment G on Event{a:log{event{...F}}b:log{event{...F}}c:log{event{...F}}d:log{event{...F}}"           \
    "e:log{event{...F}}f:log{event{...F}}g:log{event{...F}}h:log{event{...F}}}"

static const struct hostile kinds[] = {
    {"nesting: selections", "", "{a", "", "", 0},
    {"nesting: fragments in place", "", "{...on Query", "", "", 0},
    {"nesting: lists", "{event(id:", "[", "", "", 0},
    {"nesting: lists that end", "{event(id:", "[", "]", "){id}}", 46},
    {"nesting: objects", "{event(id:", "{a:", "", "", 0},
    {"nesting: types", "query($a:", "[", "", "", 0},
    {"aliases: as many as fit", "{", "a%:me{id}", "", "}", 0},
    {"aliases: up to the last token", "{", "a%:__typename ", "", "}", 332},
    {"aliases: all that are let through", "{", "a%:event(id:\"%\"){god{username}}", "", "}", 20},
    {"fields: one name", "{me{", "id ", "", "}}", 990},
    {"fields: unknown names", "{", "x% ", "", "}", 990},
    {"fields: one long name", "{", "x", "", "}", 0},
    {"fields: differ in their arguments", "{", "event(id:%){id}", "", "}", 108},
    {"fields: of many types", "{log(eventId:" ID "){entries{fields{__typename...on EntryOpened{a:__typename}",
     "...on EntryFouled{__typename}...on EntryReserved{__typename}...on EntryVoted{__typename}"
     "...on EntryLocked{__typename}...on EntryNoted{__typename}...on EntryReady{__typename}",
     "", "}}}}", 26},
    {"a long argument: in many places", MANY_PLACES "fragment F on Event{", "", "",
     "log(after:\"#\"){next}log(after:\"#\"){next}}", 0},
    {"a long argument: alike many times", "{", "log(eventId:" ID ",after:\"....................\"){next}", "",
     "}", 82},
    {"lists: numbers", "{event(id:[", "1 ", "", "]){id}}", 980},
    {"lists: as many as fit", "{event(id:[", "1 ", "", "]){id}}", 0},
    {"lists: strings that are no ids", "{event(id:[", "\"\" ", "", "]){id}}", 980},
    {"lists: objects", "mutation{createDeck(input:{groupId:" ID ",name:\"x\",roles:[",
     "{roleId:\"%\",copies:1}", "", "]}){deck{id}}}", 120},
    {"strings: one", "{event(id:\"", "x", "", "\"){id}}", 0},
    {"strings: escapes", "{event(id:\"", "\\n", "", "\"){id}}", 0},
    {"strings: escapes of four digits", "{event(id:\"", "\\u00e9", "", "\"){id}}", 0},
    {"strings: surrogates", "{event(id:\"", "\\ud83c\\udfad", "", "\"){id}}", 0},
    {"strings: braces", "{event(id:\"", "\\u{1F3AD}", "", "\"){id}}", 0},
    {"strings: without an end", "{event(id:\"", "\\\"", "", "", 0},
    {"strings: an escape that is none", "{event(id:\"", "\\n", "", "\\x\"){id}}", 0},
    {"blocks: lines", "{event(id:\"\"\"", "\n x", "", "\"\"\"){id}}", 0},
    {"blocks: blank lines", "{event(id:\"\"\"x", "\n", "", "\"\"\"){id}}", 0},
    {"blocks: deep lines", "{event(id:\"\"\"x", "\n                x", "", "\"\"\"){id}}", 0},
    {"blocks: quotes", "{event(id:\"\"\"", "\\\"\"\"", "", "\"\"\"){id}}", 0},
    {"blocks: without an end", "{event(id:\"\"\"", "\" ", "", "", 0},
    {"comments: one", "#", "x", "", "", 0},
    {"comments: many", "{me{id}}", "#\n", "", "", 0},
    {"blanks", "{me{id}}", " \t\r\n,", "", "", 0},
    {"unicode: in a string", "{event(id:\"", "\xf0\x9f\x8e\xad", "", "\"){id}}", 0},
    {"unicode: in a comment", "{me{id}}#", "\xd8\xb4", "", "", 0},
    {"unicode: marks of byte order", "", "\xef\xbb\xbf", "", "{me{id}}", 0},
    {"unicode: as a name", "{", "\xc3\xa9", "", "}", 0},
    {"unicode: broken at the end", "{me{id}}#", "\xf0\x9f\x8e\xad", "", "\xf0\x9f", 0},
    {"numbers: long", "{event(id:", "1", "", "){id}}", 0},
    {"numbers: a long exponent", "{event(id:1e", "9", "", "){id}}", 0},
    {"fragments: a cycle", "{...f0}", "fragment f% on Query{...f^}", "", "fragment f49 on Query{...f0}", 49},
    {"fragments: each in all", "{...f0}", "fragment f% on Query{...f0...f1...f2...f3...f4...f5...f6...f7}",
     "", "", 45},
    {"fragments: doubled each time", "{...f0}", "fragment f% on Query{...f^...f^}", "",
     "fragment f49 on Query{me{id}}", 49},
    {"fragments: unknown", "{", "...f% ", "", "}", 490},
    {"fragments: more than are let through", "{me{id}}", "fragment f% on User{id}", "", "", 140},
    {"directives: on one field", "{me{id", "@skip(if:false)", "", "}}", 140},
    {"directives: on each field", "{", "me@include(if:true){id}", "", "}", 90},
    {"directives: unknown", "{me{id", "@a%", "", "}}", 490},
    {"directives: all that are let through", "{me{", "id@skip(if:false)", "", "}}", 50},
    {"operations: many", "", "query q%{me{id}}", "", "", 120},
    {"operations: without names", "", "{me{id}}", "", "", 160},
    {"variables: unused", "query(", "$v%:Int ", "", "){me{id}}", 240},
    {"variables: not declared", "{event(id:[", "$v% ", "", "]){id}}", 480},
    {"variables: of unknown types", "query(", "$v%:T% ", "", "){me{id}}", 240},
    {"variables: with lists as defaults", "query($v:[Int]=[", "1 ", "", "]){me{id}}", 980},
    {"errors: hundreds behind much", "{events(first:100){nodes{", ",", "", "deck{id}}}}", 0},
    {"punctuation", "", "!", "", "", 0},
    {"introspection: everything",
     "{__schema{queryType{name}mutationType{name}types{...T}directives{name args{...I}}}}"
     "fragment T on __Type{kind name description fields{name description args{...I}type{...R}}"
     "inputFields{...I}interfaces{...R}enumValues{name description}possibleTypes{...R}}"
     "fragment I on __InputValue{name description type{...R}defaultValue}"
     "fragment R on __Type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}",
     "", "", "", 1},
    {"introspection: under thirty names", "{__schema{", "a%:types{fields{name description args{name}}}", "",
     "}}", 30},
    {"introspection: under as many as are let through", "{__schema{",
     "a%:types{fields{name description args{name}}}", "", "}}", 8},
    {"introspection: one text under thirty names", "{__schema{types{fields{", "a%:description ", "", "}}}}",
     30},
    {"introspection: fields of fields", "{__schema{types{fields{type{fields{", "a%:name ", "", "}}}}}}", 10},
    {"introspection: of the longest type", "{",
     "a%:__type(name:\"Mutation\"){fields{name description args{name description}}}", "", "}", 20},
    {"introspection: of one type", "{", "a%:__type(name:\"Event\"){fields{name type{name}}}", "", "}", 20},
};

// ---- Documents

static void put_unit(struct buf *text, const char *unit, unsigned number)
{
    for (; *unit; unit++) {
        if (*unit == '%')
            buf_u64(text, number);
        else if (*unit == '^')
            buf_u64(text, number + 1);
        else
            buf_char(text, *unit);
    }
}

static void put_all(struct buf *text, const struct hostile *kind, unsigned count)
{
    buf_reset(text);
    buf_str(text, kind->begin);
    for (unsigned i = 0; i < count; i++) put_unit(text, kind->unit, i);
    for (unsigned i = 0; i < count; i++) buf_str(text, kind->behind);
    buf_str(text, kind->end);
}

// In place of each #.
static void put_filling(struct buf *text, const struct hostile *kind)
{
    const char *first = strchr(kind->end, '#'), *second = first ? strchr(first + 1, '#') : NULL;
    if (!second) return;
    size_t each = (BYTES - text->len + 2) / 2, behind = strlen(first);
    text->len -= behind;
    for (const char *at = first; *at; at++)
        for (size_t i = 0; i < (*at == '#' ? each : 1); i++) buf_char(text, *at == '#' ? 'x' : *at);
}

static void make_document(struct buf *text, const struct hostile *kind)
{
    unsigned most = kind->most ? kind->most : UNITS * 4;
    put_all(text, kind, most);
    if (text->len > BYTES) { // how many have room
        unsigned least = 0;
        while (most - least > 1) {
            unsigned middle = least + (most - least) / 2;
            put_all(text, kind, middle);
            if (text->len > BYTES)
                most = middle;
            else
                least = middle;
        }
        put_all(text, kind, least);
    }
    put_filling(text, kind);
    while (text->len < BYTES) buf_char(text, ',');
}

// ---- Services

struct services {
    const struct gql_ask *asked[MOST_ASKED];
    struct question *open[MOST_ASKED];
    size_t count, answered;
    bool done;
};

static bool host_may(void *arg, const struct route *route, struct err *err)
{
    (void)arg;
    (void)route;
    (void)err;
    return true;
}

static uint64_t host_ask(void *arg, const struct gql_ask *asked, struct question *question)
{
    struct services *services = arg;
    if (services->count == MOST_ASKED) abort();
    services->asked[services->count] = asked;
    services->open[services->count++] = question;
    return services->count;
}

static void host_cancel(void *arg, uint64_t id)
{
    (void)arg;
    (void)id;
}
static void host_took(void *arg) { (void)arg; }
static void host_done(void *arg) { ((struct services *)arg)->done = true; }

// ---- One document

static const struct gql_schema *make_schema(struct arena *arena)
{
    static const uint8_t key[GQL_NAMES_KEY] = {1};
    struct routes *routes;
    const struct gql_schema *schema;
    struct err err;
    size_t count;
    const struct route_row *rows = routes_table(&count);
    if (sodium_init() < 0 || !routes_create(&routes, rows, count, &err) ||
        !gql_make(&schema, routes, key, arena, &err))
        abort();
    return schema;
}

// Packed.
static const struct buf *listed_events(void)
{
    static struct buf packed;
    Events__Event events[EVENTS], *list[EVENTS];
    Events__ListEventsReply reply = EVENTS__LIST_EVENTS_REPLY__INIT;
    char ids[EVENTS][40];
    if (packed.len) return &packed;
    for (int i = 0; i < EVENTS; i++) {
        events__event__init(list[i] = &events[i]);
        snprintf(ids[i], sizeof ids[i], "01a204b8-c493-744e-8dfd-817a593ee%03d", i);
        events[i].id = ids[i];
    }
    reply.events = list;
    reply.n_events = EVENTS;
    buf_init(&packed, 1 << 20);
    events__list_events_reply__pack(&reply,
                                    buf_room(&packed, events__list_events_reply__get_packed_size(&reply)));
    return &packed;
}

static void answer_next(struct services *services)
{
    struct err err;
    size_t i = services->answered++;
    const struct buf *events = listed_events();
    if (i == services->count) abort();
    err_field(&err, NOT_FOUND, "event_id", "no such event");
    bool list = strcmp(services->asked[i]->route->method->name, "events.ListEvents") == 0;
    gql_run_answer(services->open[i], list ? NULL : &err, (const uint8_t *)events->bytes, events->len);
}

static void run_to_end(struct gql_run *run, struct services *services, struct buf *answer)
{
    services->done = gql_run_start(run);
    while (!services->done) answer_next(services);
    gql_run_write(run, "0123456789abcdef0123456789abcdef", answer);
    gql_run_finish(run);
}

// What became of it: a reason's name, or "answered".
static const char *document_judge(const struct gql_schema *schema, const struct buf *text,
                                  struct arena *arena, struct buf *answer)
{
    static struct services services;
    services = (struct services){.count = 0};
    const struct gql_host host = {&services, host_may, host_ask, host_cancel, host_took, host_done};
    const struct gql_request request = {.text = text->bytes, .len = text->len, .limits = &gql_limits_open};
    struct gql_refusal refusal;
    struct gql_run *run = gql_run_create(schema, &request, &host, arena, &refusal);
    if (run) {
        run_to_end(run, &services, answer);
        return answer->failed ? "answered, too large" : "answered";
    }
    gql_refusal_write(&refusal, text->bytes, text->len, "0123456789abcdef0123456789abcdef", answer);
    struct err err = {.reason = refusal.faults.faults[0].reason};
    return err_name(&err);
}

static double spent_us(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

static int compare_times(const void *one, const void *two)
{
    double a = *(const double *)one, b = *(const double *)two;
    return (a > b) - (a < b);
}

struct slowest {
    const char *median_of, *once_of;
    double median_us, once_us;
};

static void note_slowest(struct slowest *slowest, const struct hostile *kind, double median_us,
                         double once_us)
{
    if (median_us > slowest->median_us) slowest->median_us = median_us, slowest->median_of = kind->what;
    if (once_us > slowest->once_us) slowest->once_us = once_us, slowest->once_of = kind->what;
}

static void kind_measure(const struct gql_schema *schema, const struct hostile *kind, unsigned rounds,
                         struct slowest *slowest)
{
    struct buf text, answer;
    struct arena arena;
    const char *end = "";
    double *took_us = calloc(rounds, sizeof *took_us);
    buf_init(&text, 1 << 20);
    buf_init(&answer, MOST_ANSWER);
    arena_init(&arena, MEMORY);
    make_document(&text, kind);
    if (!took_us || text.len != BYTES) abort();
    for (unsigned i = 0; i < rounds; i++) {
        double began_us = spent_us();
        end = document_judge(schema, &text, &arena, &answer);
        arena_reset(&arena);
        took_us[i] = spent_us() - began_us;
        buf_reset(&answer);
    }
    qsort(took_us, rounds, sizeof *took_us, compare_times);
    double median_us = took_us[rounds / 2];
    note_slowest(slowest, kind, median_us, took_us[rounds - 1]);
    printf("%-40s %8.0f us  %8.0f most  %s\n", kind->what, median_us, took_us[rounds - 1], end);
    buf_finish(&text);
    buf_finish(&answer);
    arena_finish(&arena);
    free(took_us);
}

int main(int count, char **words)
{
    struct arena arena;
    unsigned rounds = count > 1 ? (unsigned)strtoul(words[1], NULL, 10) : ROUNDS;
    struct slowest slowest = {0};
    if (!rounds) return 1;
    arena_init(&arena, MEMORY);
    const struct gql_schema *schema = make_schema(&arena);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kind_measure(schema, &kinds[i], rounds, &slowest);
    printf("slowest: %s, %.0f us; once: %s, %.0f us\n", slowest.median_of, slowest.median_us, slowest.once_of,
           slowest.once_us);
    bool good = slowest.median_us < GATE_US && slowest.once_us < GATE_ONCE_US;
    if (!good)
        fprintf(stderr, "graphql_bench: a document takes %d us or more, or once %d\n", GATE_US, GATE_ONCE_US);
    arena_finish(&arena);
    return good ? 0 : 1;
}
