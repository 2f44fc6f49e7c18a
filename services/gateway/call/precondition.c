#include "services/gateway/call/precondition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/log.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/api/etag.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/reply.h"

enum { ACTS_MOST = 8 };

static bool precondition_fail(struct err *err, const char *header, const char *why)
{
    return err_field(err, PRECONDITION_FAILED, header, "%s", why);
}

// ---- What the headers say

// "act-17" as 17, of a message "rev-2" as 2; 0 for any other tag.
static uint64_t act_of(const struct call *call, const struct etag_item *item)
{
    char *end;
    const char *word = call->match.route->has_revisions ? "\"rev-" : "\"act-";
    if (item->weak || item->len < 7 || strncmp(item->at, word, 5) != 0) return 0;
    if (item->at[5] < '1' || item->at[5] > '9') return 0;
    errno = 0;
    uint64_t act = strtoull(item->at + 5, &end, 10);
    return errno == 0 && end == item->at + item->len - 1 ? act : 0;
}

// Acts of the list, for the service. False when the list is malformed, or has too many of them.
static bool take_acts(struct call *call, const char *list)
{
    struct etag_item item;
    while (etag_next(&list, &item)) {
        uint64_t act = act_of(call, &item);
        if (!act || !call->match.route->has_acts) continue;
        if (!call->acts) call->acts = arena_array(&call->arena, ACTS_MOST, sizeof *call->acts);
        if (!call->acts || call->acts_count == ACTS_MOST) return false;
        call->acts[call->acts_count++] = act;
    }
    return list[strspn(list, ", \t")] == 0;
}

static bool take_if_match(struct call *call, struct err *err)
{
    const char *list = call->http->headers.if_match;
    if (!list || etag_is_any(list)) return true;
    return take_acts(call, list) ||
           err_field(err, MALFORMED, "If-Match",
                     "If-Match is * or a list of tags, of which at most %d are acts", ACTS_MOST);
}

static bool is_date(const char *text)
{
    struct tm time;
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &time);
    return end && *end == 0;
}

// Objects have no date of change, so none can prove that it is unmodified; a write that depends on it must
// not be done all the same. A value that is no date is ignored.
static bool check_date(const struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    const char *since = headers->if_unmodified_since;
    return headers->if_match || !since || !is_date(since) ||
           precondition_fail(err, "If-Unmodified-Since",
                             "objects have no date of change here; use If-Match with an ETag");
}

// Only acts: the service judges them.
static bool only_acts(const struct call *call)
{
    struct etag_item item;
    const char *list = call->http->headers.if_match;
    if (!list || call->acts_count == 0) return false;
    while (etag_next(&list, &item))
        if (!act_of(call, &item)) return false;
    return true;
}

// ---- What GET would say

// source NULL: there is nothing at the path.
static bool precondition_compare(struct call *call, const struct etag_source *source, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    struct etag_form form;
    if (headers->if_match) {
        bool same = source && (etag_is_any(headers->if_match) ||
                               etag_find(headers->if_match, source, 0, ETAG_STRONG, &form));
        if (same) call->acts_count = 0; // one of the list is enough
        if (!same && call->acts_count == 0)
            return precondition_fail(err, "If-Match",
                                     source ? "the object is another one by now; read it again"
                                            : "there is nothing here that a tag could be of");
    }
    if (!headers->if_none_match || !source) return true;
    return (!etag_is_any(headers->if_none_match) &&
            !etag_find(headers->if_none_match, source, 0, ETAG_WEAK, &form)) ||
           precondition_fail(err, "If-None-Match", "there is such an object already");
}

static void go_on(struct call *call, bool holds, const struct err *err)
{
    if (holds)
        call_send(call);
    else
        reply_problem(call, err);
}

// Where GET finds nothing, a write that creates something has nothing to compare with; any other would be
// refused like GET, and so is a write whose caller may not even read.
static bool may_make(const struct call *call)
{
    return call->match.route->verb == VERB_PUT || call->match.route->verb == VERB_POST;
}

static void on_compared(void *arg, const struct ask_reply *reply)
{
    struct call *call = arg;
    struct err err = {0};
    unsigned char hash[ETAG_HASH];
    log_trace(call->trace.id);
    if (reply->err && (!err_is(reply->err, NOT_FOUND) || !may_make(call)))
        return reply_problem(call, reply->err);
    if (reply->err) return go_on(call, precondition_compare(call, NULL, &err), &err);
    struct etag_source source = reply_tag_source(call, reply->payload, reply->len, hash);
    reply_charge_compared(call, reply->len);
    go_on(call, precondition_compare(call, &source, &err), &err);
}

static bool pack_read(struct call *call, const struct route *route, struct ask *ask, struct err *err)
{
    static const struct target no_query;
    struct assembly assembly = {.method = ask->method,
                                .param_names = route->params,
                                .param_values = call->match.params,
                                .target = &no_query};
    ProtobufCMessage *message;
    if (!assemble(&assembly, &call->arena, &message, err)) return false;
    size_t size = protobuf_c_message_get_packed_size(message);
    ask->payload.data = arena_alloc(&call->arena, size + 1);
    if (!ask->payload.data) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    ask->payload.len = protobuf_c_message_pack(message, ask->payload.data);
    return true;
}

// The caller for the GET: where it is public the token is ignored.
static const struct caller *reader_of(struct call *call, const struct route *route)
{
    struct caller *reader = arena_copy(&call->arena, &call->caller, sizeof call->caller);
    if (reader && route->level == CONSE__METHOD__LEVEL__PUBLIC) reader->known = false;
    return reader;
}

static bool ask_read(struct call *call, const struct route *route, struct err *err)
{
    struct ask ask = {.caller = reader_of(call, route),
                      .method = route->method,
                      .service = route->service,
                      .trace = call->trace.parent,
                      .stream = route_peer(route, &call->match),
                      .deadline_ms = call_deadline_ms(call)};
    if (!ask.caller) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    if (!pack_read(call, route, &ask, err)) return false;
    call_move(call, CALL_COMPARED);
    reply_charge(call, 1); // a second question
    call->ask_id = gateway_ask(call->lent->asks, &ask, on_compared, call);
    return false;
}

bool precondition_holds(struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    if (!headers->if_match && !headers->if_none_match && !headers->if_unmodified_since) return true;
    if (call->match.route->verb == VERB_GET) return true;
    if (!check_date(call, err) || !take_if_match(call, err)) return false;
    if (!headers->if_match && !headers->if_none_match) return true;
    if (only_acts(call) && !headers->if_none_match) return true;
    struct route_match read = routes_match(call->lent->routes, "GET", &call->target);
    if (!read.route || !read.route->method) return precondition_compare(call, NULL, err);
    return ask_read(call, read.route, err);
}

bool precondition_reads(const struct call *call, const struct etag_source *source, struct err *err)
{
    const char *list = call->http->headers.if_match;
    struct etag_form form;
    return !list || etag_is_any(list) || etag_find(list, source, 0, ETAG_STRONG, &form) ||
           precondition_fail(err, "If-Match", "the object is another one by now");
}
