// Tests a service against the passports of its methods: every program calls every method in every form of
// caller, over a socket, with envelopes packed here, so that no client of ours fills in the caller. The
// expected reasons come from a few lines below, not from the code that judges.
#ifndef LIB_RPC_TESTING_PASSPORTS_H
#define LIB_RPC_TESTING_PASSPORTS_H

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <sodium.h>

#include "lib/base/reason.h"
#include "lib/schema/passport.h"
#include "lib/rpc/address.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/server.h"
#include "tests/test.h"

#define REASON(name) CONSE__REASON__VALUE__##name
enum { PASSPORTS_PATIENCE_MS = 20000, PASSPORTS_REQUEST = 8192 };

struct passports {
    // Filled in before the opening. The value of a request's fields of format UUID.
    const char *(*id)(void *arg, const char *method, const char *field);
    void *arg;
    struct rpc_server_options options; // of the service
    const char *user_id;               // the caller, at every level
    const char *stream;                // the stream a feed is asked for; NULL: an event's public one

    struct rpc_server *server;
    nng_socket fast, slow;
    struct arena arena; // of one request
};

// ---- The least that a method's request needs

struct passports_filler {
    struct passports *passports;
    const char *method;
};

static inline const char *passports_text(const struct passports_filler *filler, const char *field,
                                         const struct schema_rule *rule)
{
    switch (rule->format) {
    case CONSE__RULE__FORMAT__UUID:
        return filler->passports->id(filler->passports->arg, filler->method, field);
    case CONSE__RULE__FORMAT__PHONE:
        return "+989120000000";
    case CONSE__RULE__FORMAT__LOCAL_TIME:
        return "2027-01-15T20:00:00";
    case CONSE__RULE__FORMAT__ZONE:
        return "UTC";
    case CONSE__RULE__FORMAT__ADDRESS:
        return "11111111111111111111111111111111";
    case CONSE__RULE__FORMAT__UUID_OR_NONE:
        return "NONE";
    case CONSE__RULE__FORMAT__SECRET:
        return rule->max_len && rule->max_len < 8 ? "123456" : "a secret";
    case CONSE__RULE__FORMAT__SLUG:
        return arena_printf(&filler->passports->arena, "%0*u", (int)rule->min_len, 7u);
    case CONSE__RULE__FORMAT__ROOM:
        return arena_printf(&filler->passports->arena, "%s.table",
                            filler->passports->id(filler->passports->arg, filler->method, "event_id"));
    default:
        if (rule->min_len > 4) return arena_printf(&filler->passports->arena, "%0*u", (int)rule->min_len, 7u);
        if (strcmp(field, "stream") != 0) return "mira";
        if (filler->passports->stream) return filler->passports->stream;
        return arena_printf(&filler->passports->arena, "events.%s.public",
                            filler->passports->id(filler->passports->arg, filler->method, "event_id"));
    }
}

static inline ProtobufCMessage *passports_fill(const struct passports_filler *filler,
                                               const ProtobufCMessageDescriptor *type);

static inline ProtobufCBinaryData passports_bytes(const struct passports_filler *filler,
                                                  const struct schema_rule *rule)
{
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D',
                                  'R',  0,   0,   0,   1,    0,    0,    0,    1, 8, 6, 0,  0,   0};
    if (!rule->min_len)
        return (ProtobufCBinaryData){sizeof png, arena_copy(&filler->passports->arena, png, sizeof png)};
    return (ProtobufCBinaryData){rule->min_len, arena_alloc(&filler->passports->arena, rule->min_len)};
}

static inline void passports_value(const struct passports_filler *filler,
                                   const ProtobufCFieldDescriptor *field, const struct schema_rule *rule,
                                   void *out)
{
    uint64_t least = rule->min ? rule->min : 1;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(const char **)out = passports_text(filler, field->name, rule);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)out = passports_bytes(filler, rule);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)out = passports_fill(filler, field->descriptor);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_INT64:
        *(uint64_t *)out = least;
        break;
    default:
        *(uint32_t *)out = (uint32_t)least;
        break;
    }
}

// Members of a oneof stay unset except for those that must be given, and so do optional fields.
static inline void passports_field(const struct passports_filler *filler, ProtobufCMessage *message,
                                   unsigned place)
{
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[place];
    const struct schema_rule *rule = &schema_message(message->descriptor)->fields[place].rule;
    void *out = (char *)message + field->offset, *quantifier = (char *)message + field->quantifier_offset;
    bool in_oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    if (in_oneof ? !rule->present : !rule->required) return;
    if (in_oneof) *(uint32_t *)quantifier = field->id;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        *(size_t *)quantifier = 1;
        out = *(void **)out = arena_alloc(&filler->passports->arena, sizeof(ProtobufCBinaryData));
    }
    passports_value(filler, field, rule, out);
}

static inline ProtobufCMessage *passports_fill(const struct passports_filler *filler,
                                               const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(&filler->passports->arena, type->sizeof_message);
    protobuf_c_message_init(type, message);
    bool has_rules = schema_message(type); // others are a Duration or the like
    for (unsigned i = 0; has_rules && i < type->n_fields; i++) passports_field(filler, message, i);
    return message;
}

static inline ProtobufCMessage *passports_request(struct passports *passports, const char *method)
{
    struct passports_filler filler = {passports, method};
    struct err err;
    ProtobufCMessage *request = passports_fill(&filler, rpc_schema_of(method)->request);
    if (!schema_check(request, &err)) fail_msg("%s: %s", method, err.message);
    return request;
}

// ---- One call

struct passports_form { // of a call
    unsigned asker;
    uint32_t level;
    bool told; // there is a caller
    bool known;
    bool key; // by the token of an API key
};

// Adds a frame to the message.
static inline void passports_pack(struct passports *passports, nng_msg *message, const char *method,
                                  const struct passports_form *form, uint32_t id)
{
    Rpc__Request envelope = RPC__REQUEST__INIT;
    Rpc__Caller caller = RPC__CALLER__INIT;
    const ProtobufCMessage *request = passports_request(passports, method);
    envelope.id = id;
    envelope.method = method;
    envelope.timeout_ms = PASSPORTS_PATIENCE_MS;
    envelope.asker = (Conse__Asker__Value)form->asker;
    envelope.caller = form->told ? &caller : NULL;
    caller.user_id = form->known ? passports->user_id : "";
    caller.level = form->level;
    caller.key = form->key;
    caller.username = "mira";
    envelope.payload.len = protobuf_c_message_get_packed_size(request);
    envelope.payload.data = arena_alloc(&passports->arena, envelope.payload.len);
    protobuf_c_message_pack(request, envelope.payload.data);
    assert_true(
        rpc_frame_append(message, &envelope.base, protobuf_c_message_get_packed_size(&envelope.base)));
}

struct passports_answer {
    Conse__Reason__Value reason;
    char message[128];
};

static inline void passports_read(struct rpc_frames *frames, struct passports_answer *answers, size_t count)
{
    ProtobufCBinaryData envelope;
    assert_true(rpc_frames_next(frames, &envelope));
    Rpc__Reply *reply = rpc__reply__unpack(NULL, envelope.len, envelope.data);
    assert_non_null(reply);
    assert_true(reply->id < count);
    struct passports_answer *answer = &answers[reply->id];
    answer->reason = reply->reason;
    snprintf(answer->message, sizeof answer->message, "%s", reply->message);
    rpc__reply__free_unpacked(reply, NULL);
}

// Sends a message of this many frames, whose ids are their places; answers are by id.
static inline void passports_exchange(nng_socket socket, nng_msg *message, struct passports_answer *answers,
                                      size_t count)
{
    struct rpc_frames frames;
    assert_int_equal(nng_sendmsg(socket, message, 0), 0);
    assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
    assert_true(rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message)));
    for (size_t i = 0; i < count; i++) passports_read(&frames, answers, count);
    nng_msg_free(message);
}

static inline struct passports_answer passports_ask_at(struct passports *passports, nng_socket socket,
                                                       const char *method, const struct passports_form *form)
{
    struct passports_answer answer;
    nng_msg *message;
    arena_reset(&passports->arena);
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    passports_pack(passports, message, method, form, 0);
    passports_exchange(socket, message, &answer, 1);
    return answer;
}

static inline struct passports_answer passports_ask(struct passports *passports, const char *method,
                                                    const struct passports_form *form)
{
    bool is_slow = rpc_schema_of(method)->class == CONSE__CLASS__SLOW;
    return passports_ask_at(passports, is_slow ? passports->slow : passports->fast, method, form);
}

// ---- What is stored

static inline bool passports_hash_item(void *arg, const struct store_item *item, struct err *err)
{
    (void)err;
    crypto_generichash_update(arg, (const uint8_t *)item->id, strlen(item->id) + 1);
    crypto_generichash_update(arg, (const uint8_t *)&item->version, sizeof item->version);
    crypto_generichash_update(arg, item->bytes.data, item->bytes.len);
    return true;
}

static inline void passports_hash(const struct passports *passports, uint8_t hash[32])
{
    crypto_generichash_state state;
    struct err err;
    crypto_generichash_init(&state, NULL, 0, 32);
    assert_true(store_each(passports->options.store, passports_hash_item, &state, &err));
    crypto_generichash_final(&state, hash, 32);
}

// ---- Every method in every form

static inline Conse__Reason__Value passports_expected(const struct schema_method *method,
                                                      const struct passports_form *form)
{
    bool is_operator = form->asker == CONSE__ASKER__VALUE__OPERATOR;
    bool is_user = form->known && form->level >= 1 && form->level <= 3;
    bool is_nobody = !form->known && form->level == 0;
    uint32_t level = is_operator ? LEVEL_DEV : form->level;
    if (is_operator ? form->told : !is_user && !is_nobody) return REASON(MALFORMED);
    if (form->asker == 0 || form->asker > 31 || !(method->callers >> form->asker & 1))
        return REASON(CALLER_REFUSED);
    if (method->level <= CONSE__METHOD__LEVEL__OPTIONAL)
        return form->key && method->login_only ? REASON(KEY_REFUSED) : REASON(REASON_UNSPECIFIED);
    if (!level) return REASON(TOKEN_INVALID);
    if (method->level == CONSE__METHOD__LEVEL__GOD && level == LEVEL_PLAYER) return REASON(LEVEL_TOO_LOW);
    if (method->level == CONSE__METHOD__LEVEL__DEV && level != LEVEL_DEV) return REASON(LEVEL_TOO_LOW);
    return form->key && method->login_only ? REASON(KEY_REFUSED) : REASON(REASON_UNSPECIFIED);
}

static const struct passports_form passports_callers[] = {
    {.told = false},
    {.told = true},
    {.told = true, .level = 1},
    {.told = true, .known = true, .level = 0},
    {.told = true, .known = true, .level = 1},
    {.told = true, .known = true, .level = 2},
    {.told = true, .known = true, .level = 3},
    {.told = true, .known = true, .level = 4},
    {.told = true, .known = true, .level = 1, .key = true},
    {.told = true, .known = true, .level = 3, .key = true},
};

// A method of auth may itself find that a token or a password is invalid.
static inline bool passports_let_in(const char *method, Conse__Reason__Value reason)
{
    bool of_auth = strncmp(method, "auth.", 5) == 0;
    return reason != REASON(CALLER_REFUSED) && reason != REASON(LEVEL_TOO_LOW) &&
           (of_auth || reason != REASON(TOKEN_INVALID));
}

enum { PASSPORTS_CALLERS = sizeof passports_callers / sizeof *passports_callers };

// Every program there is, and one that does not exist.
static inline size_t passports_askers(void) { return conse__asker__value__descriptor.n_values + 1; }

static inline struct passports_form passports_form_of(size_t asker, size_t caller)
{
    const ProtobufCEnumDescriptor *programs = &conse__asker__value__descriptor;
    struct passports_form form = passports_callers[caller];
    form.asker = asker < programs->n_values ? (unsigned)programs->values[asker].value : 77;
    return form;
}

// By the name that the service has for it, in the order of its tables.
static inline void passports_each_method(const struct passports *passports,
                                         void (*visit)(void *arg, const char *method), void *arg)
{
    for (const struct rpc_method *const *table = passports->options.methods; *table; table++)
        for (const struct rpc_method *method = *table; method->name; method++) visit(arg, method->name);
}

struct passports_trial {
    struct passports *passports;
    bool allowed; // which forms are tried now: the allowed ones, or the others
    size_t tried, methods;
};

static inline void passports_try_form(struct passports_trial *trial, const char *method,
                                      const struct passports_form *form)
{
    Conse__Reason__Value expected = passports_expected(rpc_schema_of(method), form);
    if (trial->allowed != (expected == REASON(REASON_UNSPECIFIED))) return;
    Conse__Reason__Value reason = passports_ask(trial->passports, method, form).reason;
    bool ok = trial->allowed ? passports_let_in(method, reason) : reason == expected;
    if (!ok)
        fail_msg("%s by program %u, %s of level %u: %s, not %s", method, form->asker,
                 form->known ? "a user" : "nobody", form->level, reason_find(reason)->name,
                 reason_find(expected)->name);
    trial->tried++;
}

static inline void passports_try_method(void *arg, const char *method)
{
    struct passports_trial *trial = arg;
    trial->methods++;
    for (size_t asker = 0; asker < passports_askers(); asker++)
        for (size_t caller = 0; caller < PASSPORTS_CALLERS; caller++) {
            const struct passports_form form = passports_form_of(asker, caller);
            passports_try_form(trial, method, &form);
        }
}

// First the refused forms, which change nothing; then the allowed ones are let in, whatever the handler does.
static inline void passports_try_forms(struct passports *passports)
{
    uint8_t before[32], after[32];
    struct passports_trial trial = {.passports = passports};
    passports_hash(passports, before);
    passports_each_method(passports, passports_try_method, &trial);
    passports_hash(passports, after);
    assert_memory_equal(before, after, sizeof before);
    size_t methods = trial.methods, refused = trial.tried;
    trial.allowed = true;
    passports_each_method(passports, passports_try_method, &trial);
    assert_int_equal(trial.tried, methods * passports_askers() * PASSPORTS_CALLERS);
    print_message("%zu methods, each in %zu forms: %zu calls refused, %zu let in\n", methods,
                  passports_askers() * PASSPORTS_CALLERS, refused, trial.tried - refused);
}

// ---- Every method at the wrong address, and among others in a message

static inline void passports_try_elsewhere(void *arg, const char *method)
{
    struct passports *passports = arg;
    const struct passports_form a_dev = {CONSE__ASKER__VALUE__GATEWAY, LEVEL_DEV, true, true, false};
    bool is_slow = rpc_schema_of(method)->class == CONSE__CLASS__SLOW;
    struct passports_answer answer =
        passports_ask_at(passports, is_slow ? passports->fast : passports->slow, method, &a_dev);
    if (answer.reason != REASON(MALFORMED)) fail_msg("%s is heard in both lanes", method);
}

// One frame that may be let in, and behind it refused ones of the same method.
static inline void passports_try_frames(void *arg, const char *method)
{
    struct passports *passports = arg;
    const struct schema_method *schema = rpc_schema_of(method);
    struct passports_answer answers[1 + PASSPORTS_CALLERS];
    Conse__Reason__Value expected[1 + PASSPORTS_CALLERS];
    struct passports_form form = {CONSE__ASKER__VALUE__GATEWAY, LEVEL_DEV, true, true, false};
    nng_msg *message;
    uint32_t count = 0;
    if (schema->class != CONSE__CLASS__READ && schema->class != CONSE__CLASS__WRITE) return;
    arena_reset(&passports->arena);
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    expected[0] = passports_expected(schema, &form);
    passports_pack(passports, message, method, &form, count++);
    for (size_t caller = 0; caller < PASSPORTS_CALLERS; caller++) {
        form = passports_callers[caller];
        form.asker = CONSE__ASKER__VALUE__GATEWAY;
        expected[count] = passports_expected(schema, &form);
        if (expected[count]) passports_pack(passports, message, method, &form, count++);
    }
    passports_exchange(passports->fast, message, answers, count);
    for (uint32_t i = 0; i < count; i++)
        if (expected[i] ? answers[i].reason != expected[i] : !passports_let_in(method, answers[i].reason))
            fail_msg("%s in frame %u: %s, not %s", method, i, reason_find(answers[i].reason)->name,
                     reason_find(expected[i])->name);
}

static inline void passports_try_lanes(struct passports *passports)
{
    uint8_t before[32], after[32];
    passports_hash(passports, before);
    passports_each_method(passports, passports_try_elsewhere, passports);
    passports_hash(passports, after);
    assert_memory_equal(before, after, sizeof before);
    passports_each_method(passports, passports_try_frames, passports);
}

// ---- Every stream that the service declares

static inline const char *passports_stream(struct passports *passports, const struct schema_stream *stream)
{
    static char name[160];
    const char *of = strncmp(stream->name, "users.", 6) == 0 ? "user_id" : "event_id";
    size_t len = 0;
    for (const char *at = stream->name; *at; at++)
        len += (size_t)(*at == '*' ? snprintf(name + len, sizeof name - len, "%s",
                                              passports->id(passports->arg, "bus.Read", of))
                                   : snprintf(name + len, sizeof name - len, "%c", *at));
    return name;
}

static inline void passports_try_stream(struct passports *passports, const struct schema_stream *stream,
                                        size_t asker)
{
    char method[64];
    struct passports_form form = passports_form_of(asker, 0); // for nobody
    snprintf(method, sizeof method, "%s.feed.Read", stream->service);
    Conse__Reason__Value expected = passports_expected(rpc_schema_of(method), &form);
    bool reads = form.asker < 32 && (stream->whole | stream->numbers) >> form.asker & 1;
    if (!expected && !reads) expected = REASON(NOT_FOUND);
    passports->stream = passports_stream(passports, stream);
    Conse__Reason__Value reason = passports_ask(passports, method, &form).reason;
    if (reason != expected)
        fail_msg("%s by program %u: %s, not %s", passports->stream, form.asker, reason_find(reason)->name,
                 reason_find(expected)->name);
    passports->stream = NULL;
}

static inline void passports_try_streams(struct passports *passports)
{
    size_t tried = 0;
    for (const struct schema_stream *stream = schema_streams; stream->name; stream++) {
        if (strcmp(stream->service, passports->options.name) != 0) continue;
        for (size_t asker = 0; asker < passports_askers(); asker++, tried++)
            passports_try_stream(passports, stream, asker);
    }
    assert_true(tried > 0);
}

// ---- Life

static inline nng_socket passports_dial(const char *address)
{
    nng_socket socket;
    assert_int_equal(nng_req0_open(&socket), 0);
    nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, -1);
    nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, PASSPORTS_PATIENCE_MS);
    nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, RPC_MAX_MESSAGE_BYTES);
    assert_int_equal(nng_dial(socket, address, NULL, 0), 0);
    return socket;
}

static inline void passports_open(struct passports *passports)
{
    char address[64];
    struct err err;
    passports->options.workers = passports->options.slow_workers = 2;
    passports->options.queue = passports->options.slow_queue = 16;
    if (!rpc_server_start(&passports->server, &passports->options, &err)) fail_msg("%s", err.message);
    assert_true(rpc_slow_address(passports->options.address, address, sizeof address));
    passports->fast = passports_dial(passports->options.address);
    passports->slow = passports_dial(address);
    arena_init(&passports->arena, 1 << 20);
}

static inline void passports_close(struct passports *passports)
{
    nng_close(passports->fast);
    nng_close(passports->slow);
    rpc_server_stop(passports->server);
    arena_finish(&passports->arena);
}

#endif
