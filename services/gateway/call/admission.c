#include "services/gateway/call/admission.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/text.h"
#include "services/gateway/auth/rights.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/graphql.h"
#include "services/gateway/call/proxying.h"
#include "services/gateway/call/reply.h"

enum { MAX_KEY = 64 };

static bool refuse_fault(const struct http_exchange *http, struct err *err)
{
    switch (http->fault_status) {
    case 413:
        return err_fail(err, BODY_TOO_LARGE, "%s", http->fault);
    case 414:
        return err_fail(err, TARGET_TOO_LONG, "%s", http->fault);
    case 431:
        return err_fail(err, HEADERS_TOO_LARGE, "%s", http->fault);
    case 505:
        return err_fail(err, VERSION_UNSUPPORTED, "%s", http->fault);
    default:
        return err_fail(err, MALFORMED, "%s", http->fault);
    }
}

// OPTIONS * is about the server, not about a route.
static bool asks_of_all(struct call *call)
{
    if (strcmp(call->http->target, "*") != 0 || strcmp(call->http->method, "OPTIONS") != 0) return false;
    call->match.verbs = (1U << VERB_COUNT) - 1;
    return true;
}

static bool is_verb(const char *method)
{
    enum verb verb;
    return verb_parse(method, &verb) || strcmp(method, "OPTIONS") == 0;
}

static bool find_route(struct call *call, struct err *err)
{
    const struct http_exchange *http = call->http;
    if (http->fault) return refuse_fault(http, err);
    if (asks_of_all(call)) return true;
    if (is_verb(http->method) && proxying_find(call)) return true;
    if (proxying_tunnels(call)) return call->tunnels = true;
    if (!is_verb(http->method))
        return err_fail(err, METHOD_UNKNOWN, "%.16s is no method of this server", http->method);
    if (!target_parse(http->target, &call->target, &call->arena, err)) return false;
    call->match = routes_match(call->lent->routes, http->method, &call->target);
    if (!call->match.verbs) return err_fail(err, NO_ROUTE, "there is no such route");
    if (!call->match.route && strcmp(http->method, "OPTIONS") != 0)
        return err_fail(err, METHOD_NOT_ALLOWED, "%.16s is not allowed here", http->method);
    if (!call->match.route) return true;
    for (size_t i = 0; i < ROUTE_MAX_PARAMS && call->match.params[i]; i++)
        uuid_lower((char *)call->match.params[i]);
    call->method = call->match.route->method;
    return true;
}

static bool take_token_of(struct call *call, enum limit_class class, const char *key, struct err *err)
{
    call->bucket = call->lent->limits->classes[class];
    call->limit_class = class;
    call->limit_key = key;
    call->bucket_state = limits_take(call->lent->limits, class, key);
    if (call->bucket_state.allowed) return true;
    err_fail(err, RATE_LIMITED, "too many requests; try again in %u s", call->bucket_state.retry_after_s);
    err->retry_after_s = call->bucket_state.retry_after_s;
    return false;
}

// A key may be newer than those that are here. False when keys that were asked for since do not have it.
static bool want_keys(struct call *call)
{
    if (call->state == CALL_BEGUN) {
        call->wanted_keys_ms = clock_mono_ms();
        call_move(call, CALL_WANTS_KEYS);
    } else if (key_fetch_answers(call->lent->keys, call->wanted_keys_ms)) {
        return false;
    }
    key_fetch_begin(call->lent->keys);
    return true;
}

static const char *credentials_of(const struct call *call)
{
    const struct http_headers *headers = &call->http->headers;
    return call->tunnels ? headers->proxy_authorization : headers->authorization;
}

static bool know_caller(struct call *call, struct err *err)
{
    call->caller.revocations = access_revocations(call->lent->access);
    enum access_verdict verdict =
        access_check(call->lent->access, credentials_of(call), clock_unix_ms(), &call->caller.claims, err);
    call->caller.checked_ms = loop_now_ms(call->lent->loop);
    if (verdict == ACCESS_GOOD) return call->caller.known = true;
    if (verdict == ACCESS_UNKNOWN_KEY && want_keys(call)) return true;
    struct err limited;
    if (!take_token_of(call, LIMIT_OTHER, call->caller.household, &limited)) *err = limited;
    return false;
}

bool admission_know_caller(struct call *call, struct err *err)
{
    const struct route *route = call->match.route;
    if (!call->tunnels && route->level == CONSE__METHOD__LEVEL__PUBLIC) return true;
    if (credentials_of(call) && !know_caller(call, err)) return false;
    bool waits = credentials_of(call) && !call->caller.known; // its key is being fetched
    if (waits) return true;
    return call->tunnels ? rights_may_tunnel(&call->caller, call->lent->feed, err)
                         : rights_may(&call->caller, route, call->lent->feed, err);
}

// What everybody asks together has a limit too, beyond which each has to work for it.
static bool take_auth_limit(struct call *call, struct err *err)
{
    const struct proof_subject subject = {call->caller.household, call->match.route->path};
    if (!take_token_of(call, LIMIT_AUTH, call->caller.household, err)) return false;
    call->wish = arena_alloc(&call->arena, sizeof *call->wish);
    return proofs_admit(call->lent->proofs, &subject, call->http->headers.conse_proof, clock_unix_ms(),
                        call->wish, err);
}

static bool take_limit(struct call *call, struct err *err)
{
    if (call->match.route->join_limited) return take_token_of(call, LIMIT_JOIN, call->caller.household, err);
    if (call->match.route->auth_limited) return take_auth_limit(call, err);
    return take_token_of(call, LIMIT_OTHER,
                         call->caller.known ? call->caller.claims.user_id : call->caller.household, err);
}

static bool check_encoding(const struct call *call, struct err *err)
{
    const char *encoding = call->http->headers.content_encoding;
    return !encoding || strcasecmp(encoding, "identity") == 0 ||
           err_fail(err, MEDIA_TYPE_UNSUPPORTED, "the body must come without Content-Encoding");
}

static bool refuse_media(const char *const *media, struct err *err)
{
    char list[128] = "";
    for (size_t i = 0, len = 0; media[i] && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", i ? media[i + 1] ? ", " : " or " : "",
                                media[i]);
    return err_fail(err, MEDIA_TYPE_UNSUPPORTED, "the body must be %s", list);
}

static bool check_media(struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    if (call->match.route->raw_body)
        return negotiate_is_one_of(headers->content_type, call->method->raw_body.media) ||
               refuse_media(call->method->raw_body.media, err);
    enum media media = negotiate_content_type(headers->content_type);
    if (call_is_graphql(call))
        return media == MEDIA_JSON ||
               err_fail(err, MEDIA_TYPE_UNSUPPORTED, "the body must be application/json");
    return media != MEDIA_NONE || err_fail(err, MEDIA_TYPE_UNSUPPORTED,
                                           "the body must be application/json or application/x-protobuf");
}

static bool check_body(struct call *call, struct err *err)
{
    bool raw = call->match.route->raw_body;
    int64_t len = call->http->content_length,
            most = raw ? call->lent->max_image_bytes : call->lent->max_body_bytes;
    if (call->http->headers.transfer_encoding || (raw && !call->http->headers.content_length))
        return err_fail(err, LENGTH_REQUIRED, "a body needs a Content-Length");
    if (len > most)
        return err_fail(err, BODY_TOO_LARGE, "the body may have at most %lld bytes", (long long)most);
    if (len == 0) return !call_is_graphql(call) || !call->match.route->takes_body || check_media(call, err);
    if (!call->match.route->takes_body) return err_fail(err, MALFORMED, "this request takes no body");
    if (!check_encoding(call, err) || !check_media(call, err)) return false;
    return http_reserve_body(call->http) || err_fail(err, SERVICE_BUSY, "too many bodies at once");
}

// A possibly large reply is not even asked for while there is no room for it.
static bool check_room(const struct call *call, struct err *err)
{
    bool large = call->method && call->method->class == CONSE__CLASS__BULK;
    return !large || reply_has_room(call, 0, err);
}

static bool check_reply(struct call *call, struct err *err)
{
    if (graphql_is_socket(call)) return true;
    if (call_is_graphql(call)) {
        call->reply_media = negotiate_graphql(call->http->headers.accept);
        return call->reply_media != MEDIA_NONE ||
               err_fail(err, NOT_ACCEPTABLE,
                        "answers are application/json or application/graphql-response+json");
    }
    bool fixed = !call->method || call->match.route->raw_reply || call->match.route->status == 204;
    call->reply_media = negotiate_accept(call->http->headers.accept);
    return fixed || reply_leads_to_event(call) || call->reply_media != MEDIA_NONE ||
           err_fail(err, NOT_ACCEPTABLE, "replies are application/json or application/x-protobuf");
}

static bool check_key(struct call *call, struct err *err)
{
    const char *key = call->match.route->keyed ? call->http->headers.idempotency_key : NULL;
    call->key = key;
    return !key || text_is_visible_ascii(key, MAX_KEY) ||
           err_field(err, MALFORMED, "Idempotency-Key",
                     "Idempotency-Key must be 1 to %d visible ASCII characters", MAX_KEY);
}

static bool admission_admit(struct call *call, struct err *err)
{
    if (!find_route(call, err)) return false;
    if (call->tunnels && !(admission_know_caller(call, err) && proxying_find_target(call, err))) return false;
    if (proxying_has(call)) return proxying_admit(call, err);
    if (!call->match.route) return true; // OPTIONS
    return admission_know_caller(call, err) && take_limit(call, err) && check_room(call, err) &&
           check_body(call, err) && check_reply(call, err) && check_key(call, err);
}

// A refusal costs its sender as much as any answer.
bool admission_decide(struct call *call, struct err *err)
{
    struct err limited;
    bool admitted = admission_admit(call, err);
    const char *who = call->caller.known ? call->caller.claims.user_id : call->caller.household;
    bool drawn = call->bucket.burst > 0;
    if (drawn || take_token_of(call, LIMIT_OTHER, who, &limited)) return admitted;
    *err = limited;
    return false;
}
