// Holds a service to the passports of its methods: every method is asked by every program in every form of
// caller, over a socket, with envelopes packed here, so that no client of ours says who asks. The expected
// reasons come from a few lines below, not from the code that judges.
#ifndef LIB_RPC_TESTING_PASSPORTS_H
#define LIB_RPC_TESTING_PASSPORTS_H

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <sodium.h>

#include "lib/base/passport.h"
#include "lib/rpc/address.h"
#include "lib/rpc/frame.h"
#include "lib/rpc/server.h"
#include "tests/test.h"

#define REASON(name) CONSE__REASON__VALUE__##name
enum { PASSPORTS_PATIENCE_MS = 20000, PASSPORTS_REQUEST = 8192 };

struct passports {
    // Filled in before the opening. What stands in a request's field of format UUID.
    const char *(*id)(void *arg, const char *method, const char *field);
    void *arg;
    struct rpc_server_options options; // of the service
    const char *user_id;               // who asks, at every level

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
    default:
        if (strcmp(field, "stream") != 0) return "mira";
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

// Members of a oneof stay unset but for those that must be given, and so does what is not required.
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
    bool told; // there is a caller
    bool known;
    uint32_t level;
};

static inline nng_msg *passports_pack(struct passports *passports, const char *method,
                                      const struct passports_form *form)
{
    Rpc__Request envelope = RPC__REQUEST__INIT;
    Rpc__Caller caller = RPC__CALLER__INIT;
    nng_msg *message;
    const ProtobufCMessage *request = passports_request(passports, method);
    envelope.method = method;
    envelope.timeout_ms = PASSPORTS_PATIENCE_MS;
    envelope.asker = (Conse__Asker__Value)form->asker;
    envelope.caller = form->told ? &caller : NULL;
    caller.user_id = form->known ? passports->user_id : "";
    caller.level = form->level;
    caller.username = "mira";
    envelope.payload.len = protobuf_c_message_get_packed_size(request);
    envelope.payload.data = arena_alloc(&passports->arena, envelope.payload.len);
    protobuf_c_message_pack(request, envelope.payload.data);
    assert_int_equal(nng_msg_alloc(&message, 0), 0);
    assert_true(rpc_frame_append(message, &envelope.base));
    return message;
}

struct passports_answer {
    Conse__Reason__Value reason;
    char message[128];
};

static inline struct passports_answer passports_ask(struct passports *passports, const char *method,
                                                    const struct passports_form *form)
{
    struct passports_answer answer;
    struct rpc_frames frames;
    ProtobufCBinaryData envelope;
    bool is_slow = rpc_schema_of(method)->class == CONSE__CLASS__SLOW;
    nng_socket socket = is_slow ? passports->slow : passports->fast;
    arena_reset(&passports->arena);
    nng_msg *message = passports_pack(passports, method, form);
    assert_int_equal(nng_sendmsg(socket, message, 0), 0);
    assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
    assert_true(rpc_frames_open(&frames, nng_msg_body(message), nng_msg_len(message)));
    assert_true(rpc_frames_next(&frames, &envelope));
    Rpc__Reply *reply = rpc__reply__unpack(NULL, envelope.len, envelope.data);
    assert_non_null(reply);
    answer.reason = reply->reason;
    snprintf(answer.message, sizeof answer.message, "%s", reply->message);
    rpc__reply__free_unpacked(reply, NULL);
    nng_msg_free(message);
    return answer;
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
    if (method->level <= CONSE__METHOD__LEVEL__OPTIONAL) return REASON(REASON_UNSPECIFIED);
    if (!level) return REASON(TOKEN_INVALID);
    if (method->level == CONSE__METHOD__LEVEL__GOD && level == LEVEL_PLAYER) return REASON(LEVEL_TOO_LOW);
    if (method->level == CONSE__METHOD__LEVEL__DEV && level != LEVEL_DEV) return REASON(LEVEL_TOO_LOW);
    return REASON(REASON_UNSPECIFIED);
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
};

// A method of auth may say of itself that a token or a password is no good.
static inline bool passports_let_in(const char *method, Conse__Reason__Value reason)
{
    bool of_auth = strncmp(method, "auth.", 5) == 0;
    return reason != REASON(CALLER_REFUSED) && reason != REASON(LEVEL_TOO_LOW) &&
           (of_auth || reason != REASON(TOKEN_INVALID));
}

static inline size_t passports_try(struct passports *passports, const char *method, bool allowed)
{
    static const unsigned askers[] = {0, 1, 2, 77};
    size_t tried = 0;
    for (size_t a = 0; a < sizeof askers / sizeof *askers; a++)
        for (size_t c = 0; c < sizeof passports_callers / sizeof *passports_callers; c++) {
            struct passports_form form = passports_callers[c];
            form.asker = askers[a];
            Conse__Reason__Value expected = passports_expected(rpc_schema_of(method), &form);
            if (allowed != (expected == REASON(REASON_UNSPECIFIED))) continue;
            Conse__Reason__Value reason = passports_ask(passports, method, &form).reason;
            bool ok = allowed ? passports_let_in(method, reason) : reason == expected;
            if (!ok)
                fail_msg("%s by program %u, caller %zu: %s, not %s", method, form.asker, c,
                         schema_reason(reason)->name, schema_reason(expected)->name);
            tried++;
        }
    return tried;
}

// What is refused changes nothing; then what is allowed is let in, whatever the handler makes of it.
static inline void passports_try_forms(struct passports *passports)
{
    uint8_t before[32], after[32];
    size_t tried = 0, methods = 0;
    passports_hash(passports, before);
    for (int allowed = 0; allowed <= 1; allowed++) {
        for (const struct rpc_method *const *table = passports->options.methods; *table; table++)
            for (const struct rpc_method *method = *table; method->name; method++, methods++)
                tried += passports_try(passports, method->name, allowed);
        if (allowed) continue;
        passports_hash(passports, after);
        assert_memory_equal(before, after, sizeof before);
    }
    assert_int_equal(tried * 2, methods * 4 * (sizeof passports_callers / sizeof *passports_callers));
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
