#include "services/gateway/socket/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/json.h"
#include "lib/json/time.h"
#include "services/gateway/socket/frames.h"

// ---- Steps

static struct session_step session_nothing(void) { return (struct session_step){0}; }

// Once there is a reason to close there is no other.
static struct session_step session_close(struct session *session, uint16_t code, const char *reason)
{
    struct session_step step = {.what = SESSION_CLOSE, .code = code};
    if (session->state == SESSION_OVER) return session_nothing();
    session->state = SESSION_OVER;
    snprintf(step.reason, sizeof step.reason, "%s", reason);
    return step;
}

static struct session_step session_bad(struct session *session, const char *reason)
{
    return session_close(session, SESSION_BAD_MESSAGE, reason);
}

void session_step_finish(struct session_step *step)
{
    json_decref(step->message);
    step->message = NULL;
}

// ---- Operations

static struct session_op *session_find(const struct session *session, const char *id)
{
    struct session_op *op = session->ops;
    while (op && strcmp(op->id, id) != 0) op = op->next;
    return op;
}

static struct session_op *session_add(struct session *session, const char *id)
{
    size_t size = strlen(id) + 1;
    struct session_op *op = calloc(1, sizeof *op + size);
    if (!op) abort();
    memcpy(op->id, id, size);
    op->next = session->ops;
    session->ops = op;
    session->ops_count++;
    return op;
}

static void session_forget(struct session *session, struct session_op *op)
{
    struct session_op **link = &session->ops;
    while (*link != op) link = &(*link)->next;
    *link = op->next;
    session->ops_count--;
    free(op);
}

void session_finish(struct session *session)
{
    while (session->ops) session_forget(session, session->ops);
    session->state = SESSION_OVER;
}

// ---- What is sent

static void send_begin(struct buf *out, const char *id, const char *type)
{
    buf_str(out, "{");
    if (id) {
        buf_str(out, "\"id\":");
        json_write_text(out, id);
        buf_str(out, ",");
    }
    buf_str(out, "\"type\":\"");
    buf_str(out, type);
    buf_str(out, "\"");
}

static void session_send(struct buf *out, const char *id, const char *type, const char *payload, size_t len)
{
    send_begin(out, id, type);
    if (payload) {
        buf_str(out, ",\"payload\":");
        buf_append(out, payload, len);
    }
    buf_str(out, "}");
}

void session_next_begin(const struct session_op *op, struct buf *out)
{
    send_begin(out, op->id, "next");
    buf_str(out, ",\"payload\":");
}

void session_next(const struct session_op *op, const char *payload, size_t len, struct buf *out)
{
    session_send(out, op->id, "next", payload, len);
}

void session_complete(struct session *session, struct session_op *op, struct buf *out)
{
    session_send(out, op->id, "complete", NULL, 0);
    session_forget(session, op);
}

void session_error(struct session *session, struct session_op *op, const char *errors, size_t len,
                   struct buf *out)
{
    session_send(out, op->id, "error", errors, len);
    session_forget(session, op);
}

// ---- What clients say

struct heard {
    struct session *session;
    int64_t now_ms;
    json_t *message;
    const json_t *payload; // NULL: none, or null
    size_t len;
    struct buf *out;
};

static struct session_step hear_init(const struct heard *heard)
{
    struct session *session = heard->session;
    const json_t *token = json_object_get(heard->payload, "authorization");
    if (session->state != SESSION_NEW)
        return session_close(session, SESSION_INIT_TWICE, "Too many initialisation requests");
    if (!token) token = json_object_get(heard->payload, "Authorization");
    if (token && !json_is_null(token) && !json_is_string(token))
        return session_bad(session, "payload.authorization must be a string");
    session->state = SESSION_CHECKING;
    session->init_by_ms = heard->now_ms + SESSION_CHECK_MS;
    return (struct session_step){
        .what = SESSION_INIT, .message = json_incref(heard->message), .token = json_string_value(token)};
}

static struct session_step hear_ping(const struct heard *heard)
{
    char *payload = heard->payload ? json_dumps(heard->payload, JSON_COMPACT) : NULL;
    session_send(heard->out, NULL, "pong", payload, payload ? strlen(payload) : 0);
    free(payload);
    return session_nothing();
}

static struct session_step hear_pong(const struct heard *heard)
{
    (void)heard;
    return session_nothing();
}

static const char *id_of(const struct heard *heard)
{
    const char *id = json_string_value(json_object_get(heard->message, "id"));
    return id && *id && strlen(id) <= SESSION_ID_MOST ? id : NULL;
}

static const char *fault_of_payload(const json_t *payload)
{
    static const struct {
        const char *name;
        bool text; // else an object
        const char *fault;
    } fields[] = {
        {"query", true, "payload.query must be a string"},
        {"documentId", true, "payload.documentId must be a string"},
        {"operationName", true, "payload.operationName must be a string"},
        {"variables", false, "payload.variables must be an object"},
        {"extensions", false, "payload.extensions must be an object"},
    };
    if (!payload) return "payload must be an object";
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *value = json_object_get(payload, fields[i].name);
        if (value && !json_is_null(value) &&
            !(fields[i].text ? json_is_string(value) : json_is_object(value)))
            return fields[i].fault;
    }
    bool asks = json_string_value(json_object_get(payload, "query")) ||
                json_string_value(json_object_get(payload, "documentId"));
    return asks ? NULL : "payload.query must be given";
}

static struct session_step hear_too_many(const struct heard *heard, const char *id)
{
    char errors[160];
    int len = snprintf(errors, sizeof errors,
                       "[{\"message\":\"a connection has at most %d operations at once\","
                       "\"extensions\":{\"code\":\"TOO_MANY_STREAMS\",\"status\":429}}]",
                       SESSION_OPERATIONS);
    session_send(heard->out, id, "error", errors, (size_t)len);
    return session_nothing();
}

static struct session_step hear_subscribe(const struct heard *heard)
{
    struct session *session = heard->session;
    const char *id = id_of(heard), *fault = fault_of_payload(heard->payload);
    char reason[SESSION_REASON];
    if (!id) return session_bad(session, "id must be a string of 1 to 128 bytes");
    if (fault) return session_bad(session, fault);
    if (session->state != SESSION_READY) return session_close(session, SESSION_UNAUTHORIZED, "Unauthorized");
    if (session_find(session, id)) {
        snprintf(reason, sizeof reason, "Subscriber for %.*s already exists", 64, id);
        return session_close(session, SESSION_ID_TAKEN, text_is_utf8(reason, strlen(reason)) ? reason : "");
    }
    if (session->ops_count == SESSION_OPERATIONS) return hear_too_many(heard, id);
    return (struct session_step){.what = SESSION_START,
                                 .message = json_incref(heard->message),
                                 .payload = heard->payload,
                                 .op = session_add(session, id)};
}

static struct session_step hear_complete(const struct heard *heard)
{
    const char *id = id_of(heard);
    if (!id) return session_bad(heard->session, "id must be a string of 1 to 128 bytes");
    struct session_op *op = session_find(heard->session, id);
    if (!op) return session_nothing(); // both sides were done at once
    struct session_step step = {.what = SESSION_STOP, .arg = op->arg};
    session_forget(heard->session, op);
    return step;
}

static const struct {
    const char *type;
    struct session_step (*hear)(const struct heard *heard);
} types[] = {
    {"connection_init", hear_init}, {"ping", hear_ping},         {"pong", hear_pong},
    {"subscribe", hear_subscribe},  {"complete", hear_complete},
};

static struct session_step hear_message(struct heard *heard)
{
    struct session *session = heard->session;
    const char *type = json_string_value(json_object_get(heard->message, "type"));
    const json_t *payload = json_object_get(heard->message, "payload");
    if (!type) return session_bad(session, "a message must be an object with a type");
    if (heard->len > FRAMES_LIMIT && strcmp(type, "subscribe") != 0)
        return session_close(session, SESSION_TOO_BIG,
                             "a message has at most 16 KiB, one with a document 64 KiB");
    if (payload && !json_is_null(payload) && !json_is_object(payload))
        return session_bad(session, "payload must be an object");
    heard->payload = json_is_object(payload) ? payload : NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0) return types[i].hear(heard);
    return session_bad(session, "a client sends no messages of this type");
}

// Each message takes a 32nd of a second from a store of two.
static bool session_draw(struct session *session, int64_t now_ms)
{
    const int64_t each_us = 1000000 / SESSION_RATE, now_us = now_ms * 1000;
    if (session->full_us < now_us) session->full_us = now_us;
    if (session->full_us - now_us > (SESSION_BURST - 1) * each_us) return false;
    session->full_us += each_us;
    return true;
}

struct session_step session_take(struct session *session, const char *text, size_t len, int64_t now_ms,
                                 struct buf *out)
{
    struct heard heard = {.session = session, .now_ms = now_ms, .len = len, .out = out};
    struct err err;
    json_error_t fault;
    if (session->state == SESSION_OVER) return session_nothing();
    if (!session_draw(session, now_ms)) return session_close(session, SESSION_LATER, "LIMIT");
    if (!json_check_size(text, len, &err)) return session_bad(session, err.message);
    heard.message = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    struct session_step step = hear_message(&heard);
    json_decref(heard.message);
    return step;
}

// ---- Life

struct session_step session_begin(struct session *session, bool spoken, int64_t now_ms)
{
    *session = (struct session){.init_by_ms = now_ms + SESSION_INIT_MS};
    return spoken ? session_nothing()
                  : session_close(session, SESSION_BAD_PROTOCOL, "Subprotocol not acceptable");
}

size_t session_limit(const struct session *session)
{
    return session->state == SESSION_READY ? FRAMES_DOCUMENT : FRAMES_LIMIT;
}

struct session_step session_due(struct session *session, int64_t now_ms)
{
    bool begins = session->state == SESSION_NEW || session->state == SESSION_CHECKING;
    if (!begins || now_ms < session->init_by_ms) return session_nothing();
    if (session->state == SESSION_CHECKING)
        return session_close(session, SESSION_LATER, "the token is not checked in time");
    return session_close(session, SESSION_INIT_TIMEOUT, "Connection initialisation timeout");
}

void session_admit(struct session *session, const struct token_claims *claims, struct buf *out)
{
    if (session->state != SESSION_CHECKING) return;
    session->state = SESSION_READY;
    if (claims) {
        session->level = claims->level;
        session->read_only = claims->read_only;
        memcpy(session->user_id, claims->user_id, sizeof session->user_id);
    }
    session_send(out, NULL, "connection_ack", NULL, 0);
}

// What passes by itself must not make clients give up.
struct session_step session_refuse(struct session *session, const struct err *err, const char *trace_id)
{
    char fault[SESSION_REASON];
    bool token =
        err_code(err) == CONSE__CODE__UNAUTHENTICATED || err_code(err) == CONSE__CODE__PERMISSION_DENIED;
    snprintf(fault, sizeof fault, "FAULT %s", trace_id);
    return session_close(session, token ? SESSION_FORBIDDEN : SESSION_LATER,
                         err_internal(err) ? fault : err_name(err));
}

struct session_step session_renew(struct session *session, const struct token_claims *claims)
{
    bool same = strcmp(session->user_id, claims->user_id) == 0;
    bool fewer = claims->level > session->level || (claims->read_only && !session->read_only);
    if (!same || fewer) return session_close(session, SESSION_FORBIDDEN, "RIGHTS");
    session->level = claims->level;
    session->read_only = claims->read_only;
    return session_nothing();
}

void session_remind(const struct session *session, int64_t expires_s, struct buf *out)
{
    const struct json_time expires = {.seconds = expires_s};
    char time[JSON_TIME_SIZE], payload[JSON_TIME_SIZE + 32];
    if (session->state != SESSION_READY || !json_timestamp_print(&expires, time)) return;
    int len = snprintf(payload, sizeof payload, "{\"renew_by\":\"%s\"}", time);
    session_send(out, NULL, "ping", payload, (size_t)len);
}

void session_beat(const struct session *session, int64_t time_ms, const char *cursors, struct buf *out)
{
    if (session->state != SESSION_READY) return;
    send_begin(out, NULL, "ping");
    buf_printf(out, ",\"payload\":{\"server_time\":%lld,\"cursors\":", (long long)time_ms);
    buf_str(out, cursors);
    buf_str(out, "}}");
}

// A type of message that the protocol does not have would make clients close: the last word is a ping.
static void write_bye(int64_t retry_ms, struct buf *out)
{
    char payload[64];
    int len = snprintf(payload, sizeof payload, "{\"bye\":{\"retry_ms\":%lld}}", (long long)retry_ms);
    session_send(out, NULL, "ping", payload, (size_t)len);
}

struct session_step session_end(struct session *session, enum feed_end why, int64_t retry_ms, struct buf *out)
{
    static const uint16_t codes[FEED_ENDS] = {[FEED_REVOKED] = SESSION_FORBIDDEN,
                                              [FEED_EXPIRED] = SESSION_FORBIDDEN,
                                              [FEED_SLOW] = SESSION_LATER,
                                              [FEED_DRAINING] = SESSION_RESTART};
    if (why == FEED_DRAINING && session->state == SESSION_READY) write_bye(retry_ms, out);
    return session_close(session, codes[why], feed_end_name(why));
}
