// A request as JSON, a zero, and bytes that play the services: they refuse, reply, reply what cannot be read,
// in any order. Whatever is asked, the answer is JSON with data or errors, everything that was asked is
// answered or cancelled, and nothing is asked before the operation was judged.
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"
#include "lib/schema/schema.h"
#include "services/gateway/api/streams.h"
#include "services/gateway/graphql/make/make.h"
#include "services/gateway/graphql/run/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MEMORY = 4 << 20, MOST_ANSWER = 8 << 20, MOST_ASKED = 4096, DEPTH = 6 };

struct play {
    const uint8_t *bytes, *end; // of the services
    struct question *open[MOST_ASKED];
    const struct gql_ask *asks[MOST_ASKED];
    size_t count;
    bool within, done; // gql_run_answer or _start is being called; it said so
};

static const struct gql_schema *the_schema(void)
{
    static const uint8_t key[GQL_NAMES_KEY] = {5};
    static struct arena arena;
    static struct routes *routes;
    static const struct gql_schema *schema;
    struct err err;
    size_t count;
    if (schema) return schema;
    const struct route_row *rows = routes_table(&count);
    arena_init(&arena, 16 << 20);
    if (sodium_init() < 0 || !routes_create(&routes, rows, count, &err) ||
        !gql_make(&schema, routes, key, &arena, &err))
        abort();
    return schema;
}

static uint8_t next(struct play *play) { return play->bytes < play->end ? *play->bytes++ : 0; }

// ---- The services

static void fill(struct play *play, ProtobufCMessage *message, struct arena *arena, int depth);

static void fill_value(struct play *play, const ProtobufCFieldDescriptor *field, void *value,
                       struct arena *arena, int depth)
{
    static const char *const texts[] = {"", "a", "01a204b8-c493-744e-8dfd-817a593ee278", "\"\\\n\xff"};
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(const char **)value = texts[next(play) % 4];
        return;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)value =
            (ProtobufCBinaryData){next(play) % 4, (uint8_t *)arena_copy(arena, "\x12\x01\x61\x00", 4)};
        return;
    case PROTOBUF_C_TYPE_MESSAGE: {
        ProtobufCMessage *inner = depth > 0 ? json_message_new(field->descriptor, arena) : NULL;
        if (inner) fill(play, inner, arena, depth - 1);
        *(ProtobufCMessage **)value = inner;
        return;
    }
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        *(uint64_t *)value = next(play);
        return;
    case PROTOBUF_C_TYPE_UINT32:
        *(uint32_t *)value = next(play) * 0x01010101U;
        return;
    default:
        *(int32_t *)value = next(play) - 128;
        return;
    }
}

static void fill_list(struct play *play, const ProtobufCFieldDescriptor *field, ProtobufCMessage *message,
                      struct arena *arena, int depth)
{
    size_t count = next(play) % 4, size = json_element_size(field->type);
    char *items = arena_array(arena, count + 1, size);
    if (!items || (field->type == PROTOBUF_C_TYPE_MESSAGE && depth == 0)) return;
    for (size_t i = 0; i < count; i++) fill_value(play, field, items + i * size, arena, depth);
    *(size_t *)((char *)message + field->quantifier_offset) = count;
    *(char **)((char *)message + field->offset) = items;
}

static void fill(struct play *play, ProtobufCMessage *message, struct arena *arena, int depth)
{
    for (unsigned i = 0; i < message->descriptor->n_fields && play->bytes < play->end; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (next(play) % 2) continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            fill_list(play, field, message, arena, depth);
            continue;
        }
        if (field->type == PROTOBUF_C_TYPE_BOOL) continue;
        fill_value(play, field, (char *)message + field->offset, arena, depth);
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            *(uint32_t *)((char *)message + field->quantifier_offset) = field->id;
    }
}

static void reply(struct play *play, struct question *question, const struct gql_ask *ask)
{
    struct arena arena;
    struct err err;
    uint8_t kind = next(play) % 4;
    arena_init(&arena, MEMORY);
    ProtobufCMessage *message = json_message_new(ask->route->method->reply, &arena);
    if (kind) fill(play, message, &arena, DEPTH);
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *packed = malloc(len + 1);
    if (!packed) abort();
    protobuf_c_message_pack(message, packed);
    if (kind == 2 && len) packed[next(play) % len] ^= 0x80;
    err_field(&err, NOT_FOUND, "event_id", "no such event");
    play->within = true;
    gql_run_answer(question, kind == 3 ? &err : NULL, packed, len);
    play->within = false;
    free(packed);
    arena_finish(&arena);
}

static bool may(void *arg, const struct route *route, struct err *err)
{
    struct play *play = arg;
    (void)route;
    return next(play) % 8 != 1 || err_fail(err, LEVEL_TOO_LOW, "not you");
}

static uint64_t ask(void *arg, const struct gql_ask *asked, struct question *question)
{
    struct play *play = arg;
    assert(play->within && play->count < MOST_ASKED);
    assert(asked->route && asked->payload.len <= MEMORY);
    play->open[play->count] = question;
    play->asks[play->count] = asked;
    return ++play->count;
}

static void cancel(void *arg, uint64_t id)
{
    struct play *play = arg;
    assert(id && id <= play->count && play->open[id - 1]);
    play->open[id - 1] = NULL;
}

static void took(void *arg) { (void)arg; }

static void done(void *arg)
{
    struct play *play = arg;
    assert(play->within && !play->done);
    play->done = true;
}

// One of those that are open, or false.
static bool answer_one(struct play *play)
{
    size_t from = play->count ? next(play) % play->count : 0;
    for (size_t i = 0; i < play->count; i++) {
        size_t at = (from + i) % play->count;
        struct question *question = play->open[at];
        if (!question) continue;
        play->open[at] = NULL;
        reply(play, question, play->asks[at]);
        return true;
    }
    return false;
}

// ---- The request

static void check_answer(const struct buf *out)
{
    if (out->failed) return;
    json_t *read = json_loadb(out->bytes, out->len, 0, NULL);
    assert(json_is_object(read));
    assert(json_object_get(read, "data") || json_array_size(json_object_get(read, "errors")) > 0);
    json_decref(read);
}

static void play_out(struct play *play, struct gql_run *run, struct buf *out)
{
    play->within = true;
    play->done = gql_run_start(run);
    play->within = false;
    bool leaves = next(play) % 16 == 1; // a client that does not wait
    while (!play->done && !leaves) assert(answer_one(play));
    if (play->done) gql_run_write(run, "t", out);
    gql_run_finish(run);
    for (size_t i = 0; i < play->count; i++) assert(!play->open[i]);
}

// ---- Subscriptions

static const struct stream_kind *kind_of(const struct gql_followed *followed)
{
    size_t count;
    const struct stream_kind *kinds = streams_all(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(kinds[i].topic, followed->topic, strlen(kinds[i].topic)) == 0) return &kinds[i];
    abort();
}

static ProtobufCMessage *some_message(struct play *play, const ProtobufCMessageDescriptor *type,
                                      struct arena *arena)
{
    ProtobufCMessage *message = json_message_new(type, arena);
    if (!message) abort();
    fill(play, message, arena, DEPTH);
    return message;
}

static void make_telling(struct play *play, const struct stream_kind *kind, struct gql_tell *tell,
                         struct arena *arena)
{
    static const char *const reasons[] = {"RIGHTS", "", "\"\\"};
    *tell = (struct gql_tell){.what = (enum gql_member)(next(play) % GQL_MEMBERS),
                              .cursor = "aaaaaaaa.1",
                              .time_ms = next(play),
                              .reason = reasons[next(play) % 3]};
    bool told = (tell->what != GQL_ENTRY || kind->entry) && (tell->what != GQL_TYPING || kind->typing);
    if (!told) tell->what = GQL_LIVE;
    if (tell->what == GQL_ENTRY) tell->entry = some_message(play, kind->entry, arena);
    if (tell->what == GQL_TYPING) tell->entry = some_message(play, kind->typing, arena);
    if (tell->what == GQL_SNAPSHOT) tell->state = some_message(play, kind->state, arena);
    if (tell->what == GQL_SNAPSHOT && kind->mine && next(play) % 2)
        tell->mine = some_message(play, kind->mine, arena);
}

static void finish_telling(struct play *play, struct gql_run *run, const struct gql_tell *tell,
                           struct buf *out)
{
    play->within = true;
    play->done = gql_run_start_telling(run, tell);
    play->within = false;
    while (!play->done) assert(answer_one(play));
    gql_run_write(run, "t", out);
}

// What asks nothing any number of times, what asks once.
static void tell_all(struct play *play, struct gql_run *run, struct buf *out)
{
    struct gql_followed followed;
    struct gql_tell tell;
    struct arena messages, scratch;
    struct err err;
    bool asks = false;
    if (!gql_run_followed(run, &followed, &err)) return gql_run_finish(run);
    const struct stream_kind *kind = kind_of(&followed);
    arena_init(&messages, MEMORY);
    arena_init(&scratch, MEMORY);
    gql_run_shape(run, out);
    for (int i = 0; i < 4 && !asks; i++) {
        buf_reset(out);
        make_telling(play, kind, &tell, &messages);
        asks = gql_run_asks(run, tell.what);
        if (asks)
            finish_telling(play, run, &tell, out);
        else
            gql_run_tell(run, &tell, &scratch, "t", out);
        check_answer(out);
        arena_reset(&scratch);
    }
    gql_run_finish(run);
    arena_finish(&scratch);
    arena_finish(&messages);
}

static void run_request(struct play *play, const struct gql_request *request)
{
    const struct gql_host host = {play, may, ask, cancel, took, done};
    struct gql_refusal refusal;
    struct arena arena;
    struct buf out;
    arena_init(&arena, MEMORY);
    buf_init(&out, MOST_ANSWER);
    struct gql_run *run = gql_run_create(the_schema(), request, &host, &arena, &refusal);
    assert(play->count == 0);
    assert(run || refusal.faults.count);
    if (run && gql_run_follows(run))
        tell_all(play, run, &out);
    else if (run)
        play_out(play, run, &out);
    else
        gql_refusal_write(&refusal, request->text, request->len, "t", &out);
    if (out.len) check_answer(&out);
    buf_finish(&out);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct play play;
    struct err err;
    const uint8_t *zero = memchr(bytes, 0, len);
    size_t json_len = zero ? (size_t)(zero - bytes) : len;
    play = (struct play){.bytes = zero ? zero + 1 : bytes + len, .end = bytes + len};
    if (!json_check_size((const char *)bytes, json_len, &err)) return 0;
    json_t *body = json_loadb((const char *)bytes, json_len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *query = json_object_get(body, "query"), *variables = json_object_get(body, "variables");
    struct gql_request request = {.text = json_string_value(query),
                                  .len = json_string_length(query),
                                  .operation = json_string_value(json_object_get(body, "operationName")),
                                  .variables = json_is_object(variables) ? variables : NULL,
                                  .limits = &gql_limits_open,
                                  .follows = true,
                                  .reads = json_is_true(json_object_get(body, "reads"))};
    if (request.text) run_request(&play, &request);
    json_decref(body);
    return 0;
}
