#include "services/gateway/call/reply.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/log.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/call/cookies.h"
#include "services/gateway/call/graphql.h"
#include "services/gateway/call/headers.h"
#include "services/gateway/call/precondition.h"
#include "services/gateway/socket/handshake.h"

enum {
    ROOM_RETRY_S = 2,
    // This many bytes of a reply count as one request.
    WRITTEN_BYTES = 32 * 1024,   // as JSON, or by gzip
    COMPARED_BYTES = 128 * 1024, // fetched from a service and hashed, and perhaps not sent
};

// The time is read last: a client compares it with when the answer comes.
void reply_give(struct call *call, struct http_answer *answer)
{
    char time[NUMBER_SIZE];
    call_move(call, CALL_ANSWERED);
    headers_time(answer, time);
    http_answer(call->http, answer);
}

// ---- Messages

// What the service replied.
struct payload {
    const uint8_t *bytes;
    size_t len;
    unsigned char hash[ETAG_HASH];
    struct etag_source source;
};

struct etag_source reply_tag_source(const struct call *call, const uint8_t *bytes, size_t len,
                                    unsigned char *hash)
{
    const unsigned char *key = call->lent->writer->etag_key;
    crypto_shorthash_siphashx24(hash, bytes, len, key);
    return (struct etag_source){.key = key, .hash = hash};
}

bool reply_has_room(const struct call *call, size_t charge, struct err *err)
{
    enum reply_room room = http_reply_room(call->http, charge);
    if (room == REPLY_ROOM) return true;
    err_fail(err, SERVICE_BUSY, "%s",
             room == REPLY_FULL ? "too many replies are on their way"
                                : "too many replies to this address are on their way");
    err->retry_after_s = ROOM_RETRY_S;
    return false;
}

void reply_charge(struct call *call, size_t tokens)
{
    struct limit_charge charge = {call->limit_class, call->limit_key, (double)tokens};
    if (tokens == 0 || call->bucket.burst == 0) return;
    call->bucket_state = limits_charge(call->lent->limits, &charge);
}

void reply_charge_compared(struct call *call, size_t len) { reply_charge(call, len / COMPARED_BYTES); }

struct entity {
    const char *type;
    char letter; // of its form
    bool compressible;
    struct body body;
};

static bool has_tag(const struct call *call) { return call->match.route->verb == VERB_GET; }

// 304 gives the length in the tag: the form need not be made again.
static void send_not_modified(struct call *call, const char *etag, size_t len)
{
    struct headers headers;
    struct http_answer answer = {.status = 304, .len = len};
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, etag);
    reply_give(call, &answer);
}

static bool not_modified(struct call *call, const struct payload *payload, char letter)
{
    struct etag_form form;
    const char *known = call->http->headers.if_none_match;
    if (!known || !has_tag(call) || !etag_find(known, &payload->source, letter, ETAG_WEAK, &form))
        return false;
    send_not_modified(call, form.text, form.len);
    return true;
}

// 200 when the reply says that an earlier call made the object.
static int success_status(struct call *call, const struct payload *payload)
{
    const struct route *route = call->match.route;
    if (!call->method->existing) return route->status;
    const ProtobufCMessage *reply =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, payload->len, payload->bytes);
    return reply && schema_is_true(reply, call->method->existing) ? 200 : route->status;
}

// A write that succeeded is always answered: a refusal would suggest that it failed.
static bool has_room(struct call *call, size_t charge, struct err *err)
{
    if (charge == 0 || call_writes(call)) return true;
    return reply_has_room(call, charge, err);
}

static void send_entity(struct call *call, struct entity *entity, const struct payload *payload)
{
    struct headers headers;
    struct err err;
    struct http_answer answer = {.status = success_status(call, payload)};
    struct body *body = &entity->body;
    if (entity->compressible && negotiate_gzip(call->http->headers.accept_encoding))
        writer_pack(call->lent->writer, body);
    struct etag_form form = {.letter = entity->letter, .packed = body->packed, .len = body->bytes->len};
    if (has_tag(call)) etag_make(&payload->source, &form, headers.etag);
    if (has_tag(call) && etag_is_any(call->http->headers.if_none_match))
        return send_not_modified(call, headers.etag, form.len);
    reply_charge(call, body->converted / WRITTEN_BYTES + body->deflated / WRITTEN_BYTES);
    answer.charge = reply_charge_of(body->bytes, body->made);
    if (!has_room(call, answer.charge, &err)) return reply_problem(call, &err);
    headers_type(&answer, entity->type);
    if (body->packed) http_answer_add(&answer, "Content-Encoding", "gzip");
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, has_tag(call) ? headers.etag : NULL);
    http_answer_share(&answer, body->bytes);
    reply_give(call, &answer);
}

static void reply_unreadable(struct call *call)
{
    struct err err;
    err_fail(&err, INTERNAL_ERROR, "a reply of %s cannot be read", call->method->name);
    reply_problem(call, &err);
}

static struct writer_source source_of(struct call *call, const struct payload *payload)
{
    struct writer_source source = {.reply = {.payload = payload->bytes, .len = payload->len},
                                   .once = !has_tag(call)};
    memcpy(&source.reply.hash, payload->hash, sizeof source.reply.hash);
    return source;
}

static void send_file(struct call *call, const struct payload *payload)
{
    struct entity entity = {.letter = 'f'};
    struct writer_source source = source_of(call, payload);
    if (not_modified(call, payload, 'f')) return;
    const struct schema_raw *raw = &call->method->raw_reply;
    const ProtobufCMessage *file =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, payload->len, payload->bytes);
    if (!file) return reply_unreadable(call);
    const ProtobufCBinaryData body = schema_bytes(file, raw->body);
    const char *type = schema_text(file, raw->type);
    source.reply.payload = body.data;
    source.reply.len = body.len;
    if (!writer_copy(call->lent->writer, &source, &entity.body)) return reply_unreadable(call);
    entity.type = *type ? type : "application/octet-stream";
    entity.compressible = strncmp(type, "text/", 5) == 0;
    send_entity(call, &entity, payload);
    body_finish(&entity.body);
}

static void send_protobuf(struct call *call, const struct payload *payload)
{
    struct entity entity = {.type = "application/x-protobuf", .letter = 'p', .compressible = true};
    struct writer_source source = source_of(call, payload);
    if (not_modified(call, payload, 'p')) return;
    if (!writer_copy(call->lent->writer, &source, &entity.body)) return reply_unreadable(call);
    send_entity(call, &entity, payload);
    body_finish(&entity.body);
}

static void send_json(struct call *call, const struct payload *payload)
{
    struct entity entity = {.type = "application/json", .letter = 'j', .compressible = true};
    struct writer_source source = source_of(call, payload);
    source.reply.type = call->method->reply;
    source.allocator = &call->arena.allocator;
    if (not_modified(call, payload, 'j')) return;
    if (!writer_json(call->lent->writer, &source, &entity.body)) return reply_unreadable(call);
    send_entity(call, &entity, payload);
    body_finish(&entity.body);
}

void reply_nothing(struct call *call)
{
    struct headers headers;
    struct http_answer answer = {.status = 204};
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, NULL);
    reply_give(call, &answer);
}

void reply_made(struct call *call, const char *type, const struct buf *text)
{
    struct headers headers;
    struct http_answer answer = {
        .status = 201, .ownership = HTTP_COPY, .body = text->bytes, .len = text->len};
    headers_type(&answer, type);
    http_answer_add(&answer, "Cache-Control", "no-store");
    headers_common(call, &answer, &headers);
    reply_give(call, &answer);
}

void reply_head(struct call *call, const char *type)
{
    struct headers headers;
    struct http_answer answer = {.status = 200};
    headers_type(&answer, type);
    http_answer_add(&answer, "Cache-Control", "no-store");
    headers_common(call, &answer, &headers);
    reply_give(call, &answer);
}

// A browser that opens a code is led to the event's page. The answer depends on what it accepts.
bool reply_leads_to_event(const struct call *call)
{
    return call->match.route->page == PAGE_EVENT && negotiate_html(call->http->headers.accept);
}

static void send_to_event(struct call *call, const struct payload *payload)
{
    struct headers headers;
    struct http_answer answer = {.status = 302};
    const ProtobufCMessageDescriptor *type = call->method->reply;
    const ProtobufCMessage *reply =
        protobuf_c_message_unpack(type, &call->arena.allocator, payload->len, payload->bytes);
    if (!reply) return reply_unreadable(call);
    const ProtobufCFieldDescriptor *id = protobuf_c_message_descriptor_get_field_by_name(type, "event_id");
    const char *event_id = *(const char *const *)((const char *)reply + id->offset);
    const char *location = arena_printf(&call->arena, "/?event=%s", event_id);
    if (!location) return reply_unreadable(call);
    http_answer_add(&answer, "Location", location);
    http_answer_add(&answer, "Vary", "Accept");
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, NULL);
    reply_give(call, &answer);
}

static bool is_compared(const struct http_headers *headers)
{
    return headers->if_match || headers->if_none_match;
}

void reply_message(struct call *call, const uint8_t *payload, size_t len)
{
    struct payload reply = {.bytes = payload, .len = len};
    struct err err;
    if (!cookies_take(call, &reply.bytes, &reply.len)) return reply_unreadable(call);
    if (success_status(call, &reply) == 204) return reply_nothing(call);
    if (reply_leads_to_event(call)) return send_to_event(call, &reply);
    reply.source = reply_tag_source(call, payload, len, reply.hash);
    if (has_tag(call) && is_compared(&call->http->headers)) reply_charge_compared(call, len);
    if (has_tag(call) && !precondition_reads(call, &reply.source, &err)) return reply_problem(call, &err);
    if (call->match.route->raw_reply) return send_file(call, &reply);
    if (call->reply_media == MEDIA_PROTOBUF) return send_protobuf(call, &reply);
    send_json(call, &reply);
}

// ---- Problems

static void add_reason_headers(const struct call *call, const struct err *err, int status,
                               struct http_answer *answer, struct headers *headers)
{
    uint32_t retry_s = err->retry_after_s ? err->retry_after_s : 1;
    if (status == 401)
        http_answer_add(answer, "WWW-Authenticate",
                        call->http->headers.authorization ? "Bearer realm=\"conse\", error=\"invalid_token\""
                                                          : "Bearer realm=\"conse\"");
    if (err->retry_after_s || status == 429 || status == 503)
        http_answer_add(answer, "Retry-After", headers_number(headers->retry, retry_s));
    handshake_refuse(err, answer);
    if (status != 405) return;
    routes_allow(call->match.verbs, headers->allow);
    http_answer_add(answer, "Allow", headers->allow);
}

void reply_problem(struct call *call, const struct err *err)
{
    struct buf *text = writer_text(call->lent->writer);
    if (call_is_graphql(call)) return graphql_problem(call, err);
    if (problem_status(err->reason) == 401) cookies_forget(call);
    if (err_internal(err)) log_err(LOG_ERROR, "call failed", err);
    const struct proof_wish *wish = err->reason == CONSE__REASON__VALUE__PROOF_WANTED ? call->wish : NULL;
    const struct problem problem = {err, call->target.path ? call->target.path : "/", call->trace.id,
                                    wish ? wish->stamp : NULL, wish ? wish->bits : 0};
    problem_write(text, &problem);
    reply_refusal(call, err, problem_status(err->reason), "application/problem+json", text);
}

void reply_refusal(struct call *call, const struct err *err, int status, const char *type,
                   const struct buf *text)
{
    struct headers headers;
    struct http_answer answer = {
        .status = status, .body = text->bytes, .len = text->len, .ownership = HTTP_COPY};
    headers_type(&answer, type);
    http_answer_add(&answer, "Cache-Control", "no-store");
    headers_common(call, &answer, &headers);
    add_reason_headers(call, err, status, &answer, &headers);
    reply_give(call, &answer);
}

// ---- Texts of the gateway's own

static void send_text(struct call *call, const char *type, struct body *body)
{
    struct headers headers;
    struct err err;
    struct http_answer answer = {.status = 200};
    if (negotiate_gzip(call->http->headers.accept_encoding)) writer_pack(call->lent->writer, body);
    reply_charge(call, body->bytes->len / WRITTEN_BYTES + body->deflated / WRITTEN_BYTES);
    answer.charge = reply_charge_of(body->bytes, body->made);
    if (!has_room(call, answer.charge, &err)) return reply_problem(call, &err);
    headers_type(&answer, type);
    if (body->packed) http_answer_add(&answer, "Content-Encoding", "gzip");
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, NULL);
    http_answer_share(&answer, body->bytes);
    reply_give(call, &answer);
}

void reply_text(struct call *call, const char *type, const struct buf *text)
{
    struct writer_source source = {.reply = {.payload = (const uint8_t *)text->bytes, .len = text->len},
                                   .once = true};
    struct body body;
    struct err err;
    if (!writer_copy(call->lent->writer, &source, &body)) {
        err_fail(&err, CALL_TOO_LARGE, "the answer needs too much memory");
        return reply_problem(call, &err);
    }
    send_text(call, type, &body);
    body_finish(&body);
}

// ---- The gateway's own answers

void reply_options(struct call *call)
{
    const struct http_headers *asked = &call->http->headers;
    struct headers headers;
    struct http_answer answer = {.status = 204};
    routes_allow(call->match.verbs, headers.allow);
    http_answer_add(&answer, "Allow", headers.allow);
    http_answer_add(&answer, "traceparent", call->trace.parent);
    if (asked->preflight_method) cors_preflight(call->lent->cors, asked->origin, headers.allow, &answer);
    if (*call->lent->cors->origins) http_answer_add(&answer, "Vary", "Origin, Access-Control-Request-Method");
    reply_give(call, &answer);
}
