// The events service for tests, opened on a real store and called through its own methods as the server would
// call them, with a clock and randomness of its own. Requests are JSON in which ' stands for " and $name for
// what was remembered under that name, or for the role card of that slug. Randomness starts over with each
// request, so that one command's draws do not shift those of later ones.
#ifndef EVENTS_TESTING_SERVICE_H
#define EVENTS_TESTING_SERVICE_H

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/json/json.h"
#include "lib/names/testing/news.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/testing/keyed.h"
#include "tests/test.h"
#include "lib/keys/testing/master.h"
#include "lib/schema/schema.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/testing/game.h"
#include "services/events/handlers/handlers.h"
#include "services/events/topics/inbox.h"
#include "services/events/live/timers.h"
#include "services/events/tables.h"

enum { WORLD_NAMES = 64, WORLD_REQUEST = 32768, WORLD_REPLIES = 32 << 20 };

struct remembered {
    char name[32], text[64];
};

struct service_world {
    char dir[64];
    const char *url;         // of a shared store; NULL: a file in the folder
    bool sealed;             // keys are rows; those of a shared store always are
    struct metrics *metrics; // count what the store sends, or NULL
    struct events events;
    struct arena arena; // of the last answer
    int64_t now_ms;
    uint64_t taught; // entries of auth.names
    uint64_t act;    // that requests name; 0: none
    const char *key; // Idempotency-Key of requests, or NULL
    struct remembered names[WORLD_NAMES];
    size_t names_count;
};

struct asker {
    const char *user_id; // "" for nobody, and for the operator
    uint32_t level;      // LEVEL_DEV of the operator
};

struct answer {
    bool ok;
    bool keyed, repeated; // the key counted; it was used before
    uint8_t command[32];  // the key of its command
    struct err err;
    const ProtobufCMessage *reply; // until the next request
};

// In a forked child cmocka's failures would run the parent's other tests, so the child ends instead.
#define need(truth)                                                                                          \
    ((truth) ? (void)0 : (fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth), _exit(1)))

// libsodium takes a source of randomness without an argument.
struct dice {
    pthread_t thread; // whose draws are counted; other threads' are random
    uint64_t request, draw;
    uint8_t secrets[DEAL_SECRETS * DEAL_HASH]; // the next event's
};
static struct dice dice;

static inline const char *dice_name(void) { return "dice"; }
static inline uint32_t dice_number(void)
{
    uint32_t number;
    randombytes_buf(&number, sizeof number);
    return number;
}
static inline void dice_fill(void *out, size_t len)
{
    uint8_t seed[randombytes_SEEDBYTES] = {0};
    if (!pthread_equal(dice.thread, pthread_self())) {
        need(getentropy(out, len) == 0);
        return;
    }
    memcpy(seed, &dice.request, sizeof dice.request);
    memcpy(seed + sizeof dice.request, &dice.draw, sizeof dice.draw);
    dice.draw++;
    randombytes_buf_deterministic(out, len, seed);
    if (len == sizeof dice.secrets) memcpy(out, dice.secrets, len);
}

static inline void dice_throw(void)
{
    static randombytes_implementation implementation = {
        .implementation_name = dice_name, .random = dice_number, .buf = dice_fill};
    dice.thread = pthread_self();
    need(randombytes_set_implementation(&implementation) == 0);
}

static const struct events_settings service_settings = {.public_url = "https://conse.example",
                                                        .chat_days = 365,
                                                        .deleted_text_ms = 7 * 86400000LL,
                                                        .push_loopback = true,
                                                        .push_retry_ms = 5000,
                                                        .push_give_up_ms = 86400000,
                                                        .memory_bytes = 64 << 20,
                                                        .reminders = "1d,1h,10m",
                                                        .god_images = 20,
                                                        .god_image_bytes = 1 << 20};

// The service with what is stored in the world's folder.
static inline void service_start(struct service_world *world)
{
    struct err err = {0};
    char url[96], master[64];
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    struct events_options options = {.settings = &service_settings,
                                     .data_dir = world->dir,
                                     .store_url = world->url ? world->url : url,
                                     .metrics = world->metrics};
    if (world->url || world->sealed) {
        test_master_key(master, sizeof master, world->dir, 'a');
        options.master_keys = master;
    }
    if (!events_open(&world->events, &options, &err)) fprintf(stderr, "%s\n", err.message), _exit(1);
}

// url: of a shared store, or NULL. metrics may be NULL.
static inline struct service_world *service_world_counted(const char *url, struct metrics *metrics)
{
    struct service_world *world = calloc(1, sizeof *world);
    need(world && sodium_init() >= 0);
    test_folder_make(world->dir);
    world->url = url;
    world->metrics = metrics;
    dice_throw();
    service_start(world);
    arena_init(&world->arena, WORLD_REPLIES);
    world->now_ms = EVENING - 3 * 24 * (int64_t)HOUR;
    return world;
}

static inline struct service_world *service_world_at(const char *url)
{
    return service_world_counted(url, NULL);
}

static inline struct service_world *service_world_open(void) { return service_world_at(NULL); }

static inline void service_world_close(struct service_world *world)
{
    events_close(&world->events);
    test_folder_remove(world->dir);
    arena_finish(&world->arena);
    free(world);
}

static inline void service_remember(struct service_world *world, const char *name, const char *text)
{
    size_t at = 0;
    while (at < world->names_count && strcmp(world->names[at].name, name) != 0) at++;
    need(at < WORLD_NAMES);
    if (at == world->names_count) world->names_count++;
    snprintf(world->names[at].name, sizeof world->names[at].name, "%s", name);
    snprintf(world->names[at].text, sizeof world->names[at].text, "%s", text);
}

static inline const char *service_recall(struct service_world *world, const char *name)
{
    Events__Role **roles;
    for (size_t i = 0; i < world->names_count; i++)
        if (strcmp(world->names[i].name, name) == 0) return world->names[i].text;
    size_t count = catalogue_list(world->events.catalogue, EVENTS_ROLES, true, &world->arena,
                                  (ProtobufCMessage ***)&roles);
    for (size_t i = 0; i < count; i++)
        if (strcmp(roles[i]->slug, name) == 0) return roles[i]->id;
    fprintf(stderr, "nothing is remembered as %s\n", name);
    _exit(1);
}

static inline size_t service_fill_in(struct service_world *world, char out[WORLD_REQUEST], const char *text)
{
    size_t len = 0;
    while (*text) {
        char name[32];
        size_t name_len = 0;
        need(len + UUID_LEN + 1 < WORLD_REQUEST);
        if (*text != '$') {
            out[len++] = *text;
            if (*text++ == '\'') out[len - 1] = '"';
            continue;
        }
        for (text++; isalnum((unsigned char)*text) && name_len < sizeof name - 1;) name[name_len++] = *text++;
        name[name_len] = 0;
        len += (size_t)sprintf(out + len, "%s", service_recall(world, name));
    }
    out[len] = 0;
    return len;
}

// Waits for rows, whatever their outcome.
static inline void service_settle(struct service_world *world, const struct rpc_call *call)
{
    struct err err;
    if (call->rows_ticket && !store_wait(world->events.store, call->rows_ticket, &err))
        fprintf(stderr, "rows: %s\n", err.message);
}

static inline ProtobufCMessage *service_request(struct service_world *world, const char *method,
                                                const char *template, struct err *err)
{
    static char text[WORLD_REQUEST];
    struct arena *arena = &world->arena;
    arena_reset(arena);
    size_t len = service_fill_in(world, text, template);
    arena_reset(arena);
    const struct schema_method *schema = rpc_schema_of(method);
    need(schema);
    ProtobufCMessage *request = json_message_new(schema->request, arena);
    return json_parse(text, len, request, NULL, arena, err) ? request : NULL;
}

// The gateway, unless the method is for ai alone.
static inline Conse__Asker__Value service_asker(const char *method)
{
    const struct schema_method *schema = rpc_schema_of(method);
    const bool of_gateway = !schema || schema->callers >> CONSE__ASKER__VALUE__GATEWAY & 1;
    const bool of_ai = schema && schema->callers >> CONSE__ASKER__VALUE__AI & 1;
    return of_ai && !of_gateway ? CONSE__ASKER__VALUE__AI : CONSE__ASKER__VALUE__GATEWAY;
}

// Runs it as the server does. What it wrote is queued; the tickets are in the call.
static inline struct answer service_run(struct service_world *world, const struct asker *asker,
                                        const char *method, const char *template, struct rpc_call *call)
{
    struct answer answer = {.ok = false};
    Rpc__Caller who = RPC__CALLER__INIT;
    bool is_operator = !asker->user_id[0] && asker->level == LEVEL_DEV;
    who.user_id = asker->user_id;
    who.level = asker->level;
    who.username = "someone";
    *call = (struct rpc_call){0};
    const ProtobufCMessage *request = service_request(world, method, template, &answer.err);
    if (!request) return answer;
    dice.request++;
    dice.draw = 0;
    *call = (struct rpc_call){.arena = &world->arena,
                              .service = &world->events,
                              .asker = is_operator ? CONSE__ASKER__VALUE__OPERATOR : service_asker(method),
                              .caller = is_operator ? NULL : &who,
                              .acts = &world->act,
                              .acts_count = world->act != 0,
                              .now_ms = world->now_ms};
    if (world->key && !is_operator)
        answer.keyed = keyed_begin(call, world->events.store, method, world->key, request, answer.command);
    answer.reply = rpc_run_here(call, events_methods, method, request, &answer.err);
    answer.ok = answer.reply != NULL;
    answer.repeated = call->repeated;
    call->caller = NULL; // it ends here
    return answer;
}

// The answer waits for the disk.
static inline struct answer service_ask(struct service_world *world, const struct asker *asker,
                                        const char *method, const char *template)
{
    struct rpc_call call;
    struct answer answer = service_run(world, asker, method, template, &call);
    need(!call.ticket || store_wait(world->events.store, call.ticket, &answer.err));
    service_settle(world, &call);
    return answer;
}

static inline struct answer service_must(struct service_world *world, const struct asker *asker,
                                         const char *method, const char *template)
{
    struct answer answer = service_ask(world, asker, method, template);
    if (!answer.ok) {
        fprintf(stderr, "%s %s: %s %s\n", method, template, err_name(&answer.err), answer.err.message);
        _exit(1);
    }
    return answer;
}

// The reply as the caller gets it: some are filled with bytes that were packed before.
static inline const ProtobufCMessage *service_travelled(struct service_world *world,
                                                        const ProtobufCMessage *reply)
{
    size_t len = protobuf_c_message_get_packed_size(reply);
    uint8_t *bytes = arena_alloc(&world->arena, len + 1);
    need(bytes);
    protobuf_c_message_pack(reply, bytes);
    return protobuf_c_message_unpack(reply->descriptor, &world->arena.allocator, len, bytes);
}

// Hands out people's own topics, as the projector's thread would.
static inline void service_hand_out(struct service_world *world, const char *event_id)
{
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 32 << 20);
    if (!inbox_run(&world->events, event_id, &arena, &err)) fprintf(stderr, "%s\n", err.message), _exit(1);
    arena_finish(&arena);
}

// Applies auth's news of a user on auth.names.
static inline void service_learn(struct service_world *world, struct name_news news)
{
    struct err err = {0};
    news.version = ++world->taught;
    const struct bus_batch batch =
        name_news_page(&world->arena, (struct bus_place){1, world->taught}, &news, 1);
    need(names_learn(world->events.names, &batch, &err));
}

// From now on the user has this name and level.
static inline void service_teach(struct service_world *world, const char *user_id, const char *username,
                                 uint32_t level)
{
    service_learn(world, (struct name_news){.user_id = user_id, .name = username, .level = level});
}

// The same, of a user whose account is suspended until a time; 0: without end.
static inline void service_teach_suspended(struct service_world *world, const char *user_id,
                                           const char *username, uint32_t level, int64_t until_ms)
{
    service_learn(
        world,
        (struct name_news){
            .user_id = user_id, .name = username, .level = level, .suspended = true, .until_ms = until_ms});
}

static inline void service_teach_deleted(struct service_world *world, const char *user_id,
                                         const char *username)
{
    service_learn(world, (struct name_news){
                             .user_id = user_id, .name = username, .level = LEVEL_PLAYER, .deleted = true});
}

// Waits until everything written so far is decided.
static inline void service_fence(struct service_world *world)
{
    struct err err;
    struct store *store = world->events.store;
    need(store_wait(store, store_delete_stream(store, "nothing", 0, NULL), &err));
}

// Moves the clock and does what is due by then.
static inline void service_wait(struct service_world *world, int64_t ms)
{
    world->now_ms += ms;
    dice.request++;
    size_t worked;
    do {
        dice.draw = 0;
        worked = timers_look(&world->events, world->now_ms);
        service_fence(world);
    } while (worked);
}

#endif
