// Browsers that the caller wants to be told in when there is news.
#include <sodium.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/net/outside_url.h"
#include "notifications.pb-c.h"
#include "services/events/handlers/handlers.h"
#include "services/events/push/browsers.h"
#include "services/events/push/sealing.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

static const struct store_table *const browsers = &events_tables[EVENTS_BROWSERS];

static const struct quota_rule browsers_of_user = {&events_tables[EVENTS_BROWSERS], "by_user", BROWSERS_MOST,
                                                   CONSE__REASON__VALUE__TOO_MANY_BROWSERS,
                                                   "browsers of one person"};

// Base64url, with or without padding, of so many bytes.
static bool parse_key(const char *text, uint8_t *bytes, size_t size)
{
    size_t len = strcspn(text, "="), got;
    return strlen(text) - len <= 2 &&
           sodium_base642bin(bytes, size, text, len, NULL, &got, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           got == size;
}

static bool parse_browser(struct rpc_call *call, const Events__AddBrowserRequest *request,
                          struct sealing_to *to, struct err *err)
{
    const struct events *events = call->service;
    struct outside_url url;
    const char *fault = outside_url_parse(&url, request->endpoint, events->settings.push_loopback);
    if (fault) return err_field(err, INVALID_FIELD, "endpoint", "endpoint %s", fault);
    if (!parse_key(request->keys->auth, to->auth, sizeof to->auth))
        return err_field(err, INVALID_FIELD, "keys.auth", "auth is 16 bytes in base64url");
    EVP_PKEY *key = NULL;
    if (parse_key(request->keys->p256dh, to->point, sizeof to->point)) key = p256_public(to->point);
    EVP_PKEY_free(key);
    return key || err_field(err, INVALID_FIELD, "keys.p256dh", "p256dh is a point of P-256 in base64url");
}

static Events__Browser *show_browser(struct arena *arena, const char *endpoint, int64_t created_ms)
{
    Events__Browser *browser = arena_new(arena, Events__Browser);
    if (!browser) return NULL;
    events__browser__init(browser);
    browser->endpoint = endpoint;
    browser->created_at = stamp_new(arena, created_ms);
    return browser->created_at ? browser : NULL;
}

// Registering one's own anew takes no more room. *place: NULL, or for quota_done.
static bool take_place(struct rpc_call *call, const Push__BrowserRow *before, atomic_uint **place,
                       struct err *err)
{
    struct events *events = call->service;
    const char *user_id = call->caller->user_id;
    *place = NULL;
    return (before && strcmp(before->user_id, user_id) == 0) ||
           quota_take(&events->quotas, events->store, &browsers_of_user, user_id, place, err);
}

static void put_browser(struct rpc_call *call, const Push__BrowserRow *row, uint64_t version,
                        const Events__BrowserReply *reply, atomic_uint *place)
{
    struct events *events = call->service;
    const struct store_write *write = rpc_seal(call, &reply->base, place ? quota_done : NULL, place);
    if (!call->arena->failed)
        rpc_after(call, store_put(events->store, browsers, &row->base, version, write));
    else if (place)
        quota_done(place, false); // the call is refused then, so it must not write
}

// A browser in which another user signs in is theirs from then on.
HANDLER(add_browser, Events__AddBrowserRequest, Events__BrowserReply)
{
    struct events *events = call->service;
    struct sealing_to to;
    char id[BROWSER_ID];
    Push__BrowserRow row = PUSH__BROWSER_ROW__INIT, *before;
    uint64_t version;
    atomic_uint *place;
    browser_id(request->endpoint, id);
    if (!parse_browser(call, request, &to, err) ||
        !store_get(events->store, browsers, id, call->arena, (ProtobufCMessage **)&before, &version, err) ||
        !store_head(events->store, users_stream(call->caller->user_id).text, &row.seq, err))
        return false;
    row.id = id;
    row.user_id = call->caller->user_id;
    row.endpoint = request->endpoint;
    row.point = (ProtobufCBinaryData){sizeof to.point, to.point};
    row.auth = (ProtobufCBinaryData){sizeof to.auth, to.auth};
    row.created_ms = call->now_ms;
    reply->browser = show_browser(call->arena, request->endpoint, call->now_ms);
    if (!filled(reply->browser, err) || !take_place(call, before, &place, err)) return false;
    put_browser(call, &row, before ? version : 0, reply, place);
    return true;
}

HANDLER(list_browsers, Events__ListBrowsersRequest, Events__ListBrowsersReply)
{
    struct events *events = call->service;
    struct browser_rows found;
    if (!browsers_of(events, call->caller->user_id, call->arena, &found, err)) return false;
    reply->public_key = events->vapid->public_text;
    reply->browsers = arena_array(call->arena, found.count + 1, sizeof *reply->browsers);
    if (!filled(reply->browsers, err)) return false;
    for (size_t i = 0; i < found.count; i++) {
        const Push__BrowserRow *row = found.rows[i];
        if (!row) continue;
        Events__Browser *shown = show_browser(call->arena, row->endpoint, row->created_ms);
        if (!filled(shown, err)) return false;
        reply->browsers[reply->n_browsers++] = shown;
    }
    return true;
}

HANDLER(remove_browser, Events__RemoveBrowserRequest, Google__Protobuf__Empty)
{
    struct events *events = call->service;
    char id[BROWSER_ID];
    Push__BrowserRow *row;
    uint64_t version;
    browser_id(request->endpoint, id);
    if (!store_get(events->store, browsers, id, call->arena, (ProtobufCMessage **)&row, &version, err))
        return false;
    if (!row || strcmp(row->user_id, call->caller->user_id) != 0) return true; // there is none of theirs
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return filled(NULL, err);
    rpc_after(call, store_delete(events->store, browsers, id, version, write));
    return true;
}

const struct rpc_method browser_methods[] = {
    RPC_METHOD("events.AddBrowser", add_browser),
    RPC_METHOD("events.ListBrowsers", list_browsers),
    RPC_METHOD("events.RemoveBrowser", remove_browser),
    {0},
};
