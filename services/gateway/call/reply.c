#include "services/gateway/call/reply.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/json/json.h"
#include "lib/base/log.h"
#include "services/gateway/gateway.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/call/precondition.h"

enum {
    TEXT_MAX = 16 * 1024 * 1024,
    KEEP_BYTES = 256 * 1024, // of the shared buffers, between answers
    GZIP_LEAST = 1024,
    GZIP_LEVEL = 4,
    GZIP_WINDOW = 15 + 16, // the 16 asks zlib for a gzip header
};

// Texts of header values; live until the answer is given.
struct headers {
    char limit[16], remaining[16], reset[16], retry[16], allow[ROUTE_ALLOW_SIZE], etag[ETAG_SIZE];
};

void reply_writer_init(struct reply_writer *writer, const unsigned char etag_key[16])
{
    *writer = (struct reply_writer){0};
    buf_init(&writer->text, TEXT_MAX);
    buf_init(&writer->packed, TEXT_MAX);
    memcpy(writer->etag_key, etag_key, 16);
    if (deflateInit2(&writer->deflate, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
}

void reply_writer_finish(struct reply_writer *writer)
{
    deflateEnd(&writer->deflate);
    buf_finish(&writer->text);
    buf_finish(&writer->packed);
    json_cache_finish(&writer->cache);
}

static void shrink(struct buf *buf)
{
    if (buf->size > KEEP_BYTES)
        buf_finish(buf);
    else
        buf_reset(buf);
}

// ---- Headers

static const char *print_u32(char out[16], uint32_t value)
{
    char *at = out + 15;
    *at = 0;
    do *--at = (char)('0' + value % 10);
    while (value /= 10);
    return at;
}

static void add_limits(const struct call *call, struct http_answer *answer, struct headers *headers)
{
    if (call->bucket.burst == 0) return;
    http_answer_add(answer, "RateLimit-Limit", print_u32(headers->limit, (uint32_t)call->bucket.burst));
    http_answer_add(answer, "RateLimit-Remaining",
                    print_u32(headers->remaining, call->bucket_state.remaining));
    http_answer_add(answer, "RateLimit-Reset", print_u32(headers->reset, call->bucket_state.reset_s));
}

static void add_common(const struct call *call, struct http_answer *answer, struct headers *headers)
{
    http_answer_add(answer, "traceparent", call->trace.parent);
    add_limits(call, answer, headers);
    cors_answer(&call->gateway->cors, call->http->headers.origin, answer);
}

static void add_type(struct http_answer *answer, const char *type)
{
    http_answer_add(answer, "Content-Type", type);
    http_answer_add(answer, "X-Content-Type-Options", "nosniff");
}

static const char *cache_control(const struct call *call)
{
    const struct route *route = call->match.route;
    if (route->verb != VERB_GET || call->facts.no_store) return "no-store";
    return route->access == ROUTE_PUBLIC ? "no-cache" : "private, no-cache";
}

static void add_caching(const struct call *call, struct http_answer *answer, const char *etag)
{
    http_answer_add(answer, "Cache-Control", cache_control(call));
    if (!etag) return;
    http_answer_add(answer, "ETag", etag);
    http_answer_add(answer, "Vary",
                    *call->gateway->cors.origins ? "Accept, Accept-Encoding, Authorization, Origin"
                                                 : "Accept, Accept-Encoding, Authorization");
}

static void give(struct call *call, const struct http_answer *answer)
{
    call_move(call, CALL_ANSWERED);
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
    const unsigned char *key = call->home->writer.etag_key;
    crypto_shorthash_siphashx24(hash, bytes, len, key);
    return (struct etag_source){.key = key, .hash = hash};
}

static bool gzip(struct reply_writer *writer, const char *bytes, size_t len)
{
    shrink(&writer->packed);
    deflateReset(&writer->deflate);
    size_t most = deflateBound(&writer->deflate, len);
    char *room = buf_room(&writer->packed, most);
    if (!room) return false;
    writer->deflate.next_in = (unsigned char *)bytes;
    writer->deflate.avail_in = (unsigned)len;
    writer->deflate.next_out = (unsigned char *)room;
    writer->deflate.avail_out = (unsigned)most;
    if (deflate(&writer->deflate, Z_FINISH) != Z_STREAM_END) return false;
    writer->packed.len = most - writer->deflate.avail_out;
    return writer->packed.len < len;
}

struct entity {
    const char *type;
    const char *bytes;
    size_t len;
    char letter; // of its form
    bool compressible;
};

static bool has_tag(const struct call *call) { return call->match.route->verb == VERB_GET; }

// 304 tells the length that the tag has: the form need not be made again.
static void send_not_modified(struct call *call, const char *etag, size_t len)
{
    struct headers headers;
    struct http_answer answer = {.status = 304, .len = len};
    add_common(call, &answer, &headers);
    add_caching(call, &answer, etag);
    give(call, &answer);
}

static bool not_modified(struct call *call, const struct payload *payload, char letter)
{
    struct etag_form form;
    char etag[ETAG_SIZE];
    const char *known = call->http->headers.if_none_match;
    if (!known || !has_tag(call) || !etag_find(known, &payload->source, letter, ETAG_WEAK, &form))
        return false;
    etag_make(&payload->source, &form, etag);
    send_not_modified(call, etag, form.len);
    return true;
}

static ProtobufCMessage *unpack(struct call *call, const struct payload *payload)
{
    return protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, payload->len,
                                     payload->bytes);
}

// 200 when the reply says that an earlier call made what this one asked for.
static int success_status(struct call *call, const struct payload *payload)
{
    const struct route *route = call->match.route;
    const ProtobufCFieldDescriptor *field = call->facts.existing;
    if (!field) return route->status;
    ProtobufCMessage *reply = unpack(call, payload);
    bool existing = reply && *(const protobuf_c_boolean *)((const char *)reply + field->offset);
    return existing ? 200 : route->status;
}

static void send_entity(struct call *call, const struct entity *entity, const struct payload *payload)
{
    struct reply_writer *writer = &call->home->writer;
    struct headers headers;
    struct http_answer answer = {.status = success_status(call, payload),
                                 .body = entity->bytes,
                                 .len = entity->len,
                                 .ownership = HTTP_COPY};
    bool packed = entity->compressible && entity->len >= GZIP_LEAST &&
                  negotiate_gzip(call->http->headers.accept_encoding) &&
                  gzip(writer, entity->bytes, entity->len);
    if (packed) answer.body = writer->packed.bytes, answer.len = writer->packed.len;
    struct etag_form form = {entity->letter, packed, answer.len};
    if (has_tag(call)) etag_make(&payload->source, &form, headers.etag);
    if (has_tag(call) && etag_is_any(call->http->headers.if_none_match))
        return send_not_modified(call, headers.etag, answer.len);
    add_type(&answer, entity->type);
    if (packed) http_answer_add(&answer, "Content-Encoding", "gzip");
    add_common(call, &answer, &headers);
    add_caching(call, &answer, has_tag(call) ? headers.etag : NULL);
    give(call, &answer);
}

static void unreadable(struct call *call)
{
    struct err err;
    err_fail(&err, INTERNAL_ERROR, "a reply of %s cannot be read", call->method->name);
    reply_problem(call, &err);
}

static void send_file(struct call *call, const struct payload *payload)
{
    if (not_modified(call, payload, 'f')) return;
    Events__File *file = events__file__unpack(&call->arena.allocator, payload->len, payload->bytes);
    if (!file) return unreadable(call);
    bool text = strncmp(file->content_type, "text/", 5) == 0;
    struct entity entity = {*file->content_type ? file->content_type : "application/octet-stream",
                            (const char *)file->body.data, file->body.len, 'f', text};
    send_entity(call, &entity, payload);
}

static void send_protobuf(struct call *call, const struct payload *payload)
{
    if (not_modified(call, payload, 'p')) return;
    struct entity entity = {"application/x-protobuf", (const char *)payload->bytes, payload->len, 'p', true};
    send_entity(call, &entity, payload);
}

// The reply's JSON in entity: kept from an earlier answer, or written now.
static bool write_json(struct call *call, const struct payload *payload, struct entity *entity)
{
    struct reply_writer *writer = &call->home->writer;
    struct json_cache_source source = {
        .type = call->method->reply, .payload = payload->bytes, .len = payload->len};
    memcpy(&source.hash, payload->hash, sizeof source.hash);
    entity->bytes = json_cache_find(&writer->cache, &source, &entity->len);
    if (entity->bytes) return true;
    ProtobufCMessage *message = unpack(call, payload);
    if (!message) return false;
    shrink(&writer->text);
    json_write(&writer->text, message, NULL);
    if (writer->text.failed) return false;
    json_cache_keep(&writer->cache, &source, writer->text.bytes, writer->text.len);
    entity->bytes = writer->text.bytes;
    entity->len = writer->text.len;
    return true;
}

static void send_json(struct call *call, const struct payload *payload)
{
    struct entity entity = {.type = "application/json", .letter = 'j', .compressible = true};
    if (not_modified(call, payload, 'j')) return;
    if (!write_json(call, payload, &entity)) return unreadable(call);
    send_entity(call, &entity, payload);
}

static void send_nothing(struct call *call)
{
    struct headers headers;
    struct http_answer answer = {.status = 204};
    add_common(call, &answer, &headers);
    add_caching(call, &answer, NULL);
    give(call, &answer);
}

void reply_message(struct call *call, const uint8_t *payload, size_t len)
{
    struct payload reply = {.bytes = payload, .len = len};
    struct err err;
    if (call->match.route->status == 204) return send_nothing(call);
    reply.source = reply_tag_source(call, payload, len, reply.hash);
    if (has_tag(call) && !precondition_reads(call, &reply.source, &err)) return reply_problem(call, &err);
    if (call->facts.raw_reply) return send_file(call, &reply);
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
    if (status == 429 || status == 503)
        http_answer_add(answer, "Retry-After", print_u32(headers->retry, retry_s));
    if (status != 405) return;
    routes_allow(call->match.verbs, headers->allow);
    http_answer_add(answer, "Allow", headers->allow);
}

void reply_problem(struct call *call, const struct err *err)
{
    struct buf *text = &call->home->writer.text;
    struct headers headers;
    int status = problem_status(err->reason);
    if (err_internal(err)) log_err(LOG_ERROR, "call failed", err);
    shrink(text);
    problem_write(text, err, call->target.path ? call->target.path : "/", call->trace.id);
    struct http_answer answer = {
        .status = status, .body = text->bytes, .len = text->len, .ownership = HTTP_COPY};
    add_type(&answer, "application/problem+json");
    http_answer_add(&answer, "Cache-Control", "no-store");
    add_common(call, &answer, &headers);
    add_reason_headers(call, err, status, &answer, &headers);
    give(call, &answer);
}

// ---- What the gateway says itself

void reply_options(struct call *call)
{
    const struct http_headers *asked = &call->http->headers;
    struct headers headers;
    struct http_answer answer = {.status = 204};
    routes_allow(call->match.verbs, headers.allow);
    http_answer_add(&answer, "Allow", headers.allow);
    http_answer_add(&answer, "traceparent", call->trace.parent);
    if (asked->preflight_method) cors_preflight(&call->gateway->cors, asked->origin, headers.allow, &answer);
    if (*call->gateway->cors.origins)
        http_answer_add(&answer, "Vary", "Origin, Access-Control-Request-Method");
    give(call, &answer);
}

static bool page_not_modified(struct call *call, const struct page_form *form)
{
    if (!negotiate_matches(call->http->headers.if_none_match, form->etag)) return false;
    send_not_modified(call, form->etag, form->len);
    return true;
}

static void send_page(struct call *call, const struct page *page)
{
    bool packed = negotiate_gzip(call->http->headers.accept_encoding);
    const struct page_form *form = packed ? &page->gzipped : &page->plain,
                           *other = packed ? &page->plain : &page->gzipped;
    struct headers headers;
    struct http_answer answer = {
        .status = 200, .ownership = HTTP_STATIC, .body = form->body, .len = form->len};
    const char *wanted = call->http->headers.if_match;
    if (wanted && !negotiate_matches(wanted, page->plain.etag) &&
        !negotiate_matches(wanted, page->gzipped.etag)) {
        struct err err;
        err_field(&err, PRECONDITION_FAILED, "If-Match", "the page is another one by now");
        return reply_problem(call, &err);
    }
    if (page_not_modified(call, form) || page_not_modified(call, other)) return;
    add_type(&answer, page->type);
    if (packed) http_answer_add(&answer, "Content-Encoding", "gzip");
    if (page->policy) http_answer_add(&answer, "Content-Security-Policy", page->policy);
    add_common(call, &answer, &headers);
    add_caching(call, &answer, form->etag);
    give(call, &answer);
}

static void send_root(struct call *call)
{
    struct headers headers;
    struct http_answer answer = {.status = 302};
    http_answer_add(&answer, "Location", "/docs");
    add_common(call, &answer, &headers);
    add_caching(call, &answer, NULL);
    give(call, &answer);
}

void reply_page(struct call *call)
{
    switch (call->match.route->page) {
    case PAGE_OPENAPI:
        return send_page(call, &call->gateway->pages.openapi);
    case PAGE_DOCS:
        return send_page(call, &call->gateway->pages.docs);
    default:
        return send_root(call);
    }
}
