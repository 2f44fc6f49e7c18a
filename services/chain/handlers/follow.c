// What viewers of a book, and a user of their orders, have not seen yet: from the memory of the newest
// messages. Who has seen less than that gets what is now.
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/stamp.h"
#include "market.pb-c.h"
#include "services/chain/exchange/told.h"
#include "services/chain/handlers/dealt.h"

enum { LIMIT = 100, FAR = EXCHANGE_MESSAGES, MOST_BYTES = 48 << 10, KEY = DEALT_KEY };

typedef Events__FollowReply__View view;

// Numbered messages, of which some are kept.
struct following {
    struct rpc_call *call;
    const struct book *book;
    Events__FollowReply *reply;
    Events__FollowViewer *const *viewers;
    size_t count, limit, bytes;
    uint64_t head, oldest; // the newest message; the oldest that is kept
    uint64_t first;        // of the bodies
    uint8_t key[KEY];
    char epoch[CURSOR_EPOCH + 1];
    uint32_t subject;                  // the asset, or the account
    const struct exchange_news **news; // of an account, from oldest on
    // Each adds to the reply, and counts bytes of bodies.
    bool (*add_snapshot)(struct following *f);
    bool (*add_body)(struct following *f, uint64_t index);
};

// ---- Views

static Events__Reset__Reason judge_after(const struct following *f, const char *after, uint64_t *offset)
{
    struct cursor cursor;
    bool ours = cursor_parse(after, &cursor) && strcmp(cursor.epoch, f->epoch) == 0;
    if (!ours || cursor.offset > f->head) return EVENTS__RESET__REASON__EPOCH;
    if (f->head - cursor.offset > FAR) return EVENTS__RESET__REASON__TOO_FAR;
    if (cursor.offset < f->head && cursor.offset + 1 < f->oldest) return EVENTS__RESET__REASON__TRIMMED;
    *offset = cursor.offset;
    return EVENTS__RESET__REASON__NONE;
}

static view *add_view(struct following *f, const Events__FollowViewer *viewer)
{
    view *made = arena_new(f->call->arena, view);
    Events__Place *place = arena_new(f->call->arena, Events__Place);
    if (!made || !place) return NULL;
    events__follow_reply__view__init(made);
    events__place__init(place);
    made->place = place;
    place->key = (ProtobufCBinaryData){KEY, arena_copy(f->call->arena, f->key, KEY)};
    place->offset = f->head;
    if (*viewer->after) place->reset = judge_after(f, viewer->after, &place->offset);
    if (!*viewer->after || viewer->snapshot || place->reset) {
        made->snapshot = 1;
        place->offset = f->head;
    }
    return made;
}

// From behind the viewer who has seen least.
static bool add_bodies(struct following *f, uint64_t from)
{
    size_t most = f->head + 1 - from < f->limit ? f->head + 1 - from : f->limit;
    f->first = from;
    f->reply->bodies = arena_array(f->call->arena, most + 1, sizeof *f->reply->bodies);
    for (uint64_t i = 0; i < most && f->bytes < MOST_BYTES && !f->call->arena->failed; i++)
        if (!f->add_body(f, from + i)) return false;
    return !f->call->arena->failed;
}

static bool fill_view(const struct following *f, view *filled)
{
    uint64_t end = f->first + f->reply->n_bodies;
    if (filled->snapshot) return true;
    filled->body = arena_array(f->call->arena, f->reply->n_bodies + 1, sizeof *filled->body);
    if (!filled->body) return false;
    filled->from = filled->place->offset + 1;
    for (uint64_t index = filled->from; index >= f->first && index < end; index++)
        filled->body[filled->n_body++] = (uint32_t)(index - f->first);
    filled->place->offset += filled->n_body;
    filled->more = filled->place->offset < f->head;
    return true;
}

static bool follow_all(struct following *f)
{
    struct arena *arena = f->call->arena;
    uint64_t least = f->head;
    bool wanted = false;
    f->reply->seq = f->head;
    f->reply->views = arena_array(arena, f->count + 1, sizeof *f->reply->views);
    f->reply->snapshots = arena_array(arena, 1, sizeof *f->reply->snapshots);
    for (size_t i = 0; i < f->count && !arena->failed; i++) {
        view *made = f->reply->views[f->reply->n_views++] = add_view(f, f->viewers[i]);
        if (!made) return false;
        wanted |= made->snapshot;
        if (made->place->offset < least) least = made->place->offset;
    }
    if (arena->failed || (wanted && !f->add_snapshot(f))) return false;
    if (least < f->head && !add_bodies(f, least + 1)) return false;
    for (size_t i = 0; i < f->reply->n_views; i++)
        if (!fill_view(f, f->reply->views[i])) return false;
    return true;
}

// As of what nobody may see, or what is not there.
static bool follow_nothing(struct rpc_call *call, size_t count, Events__FollowReply *reply)
{
    reply->views = arena_array(call->arena, count + 1, sizeof *reply->views);
    for (size_t i = 0; i < count && !call->arena->failed; i++) {
        view *made = reply->views[reply->n_views++] = arena_new(call->arena, view);
        Events__Place *place = arena_new(call->arena, Events__Place);
        if (!made || !place) return false;
        events__follow_reply__view__init(made);
        events__place__init(place);
        place->reset = EVENTS__RESET__REASON__RIGHTS;
        made->place = place;
    }
    return !call->arena->failed;
}

static bool put_snapshot(struct following *f, Events__FollowReply__Snapshot__StateCase which, void *message)
{
    Events__FollowReply__Snapshot *snapshot = arena_new(f->call->arena, Events__FollowReply__Snapshot);
    if (!snapshot || !message) return false;
    events__follow_reply__snapshot__init(snapshot);
    snapshot->state_case = which;
    snapshot->event = message; // the members of the oneof share their place
    f->reply->snapshots[f->reply->n_snapshots++] = snapshot;
    return true;
}

static bool put_body(struct following *f, Events__FollowReply__Body__BodyCase which,
                     ProtobufCMessage *message)
{
    Events__FollowReply__Body *body = arena_new(f->call->arena, Events__FollowReply__Body);
    if (!body || !message) return false;
    events__follow_reply__body__init(body);
    body->body_case = which;
    body->event = (Events__LogEntry *)(void *)message;
    f->reply->bodies[f->reply->n_bodies++] = body;
    f->bytes += protobuf_c_message_get_packed_size(message);
    return true;
}

// ---- Books

static bool add_book(struct following *f)
{
    Chain__BookSnapshot *shown = arena_new(f->call->arena, Chain__BookSnapshot);
    if (!shown) return false;
    chain__book_snapshot__init(shown);
    return dealt_book(exchange_role(&f->book->exchange, f->subject), DEALT_DEPTH_MAX, shown,
                      f->call->arena) &&
           put_snapshot(f, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_BOOK, shown);
}

static bool add_message(struct following *f, uint64_t index)
{
    const struct exchange_role *role = exchange_role(&f->book->exchange, f->subject);
    const struct exchange_message *message = exchange_message(role, index);
    return put_body(f, EVENTS__FOLLOW_REPLY__BODY__BODY_BOOK,
                    (ProtobufCMessage *)dealt_message(role, message, f->call->arena));
}

static void begin_book_key(struct following *f, const struct exchange_role *role)
{
    dealt_key(f->call->service, "market", role->role_id, f->key);
    cursor_epoch(f->key, f->epoch);
}

HANDLER(follow_book, Chain__FollowBookRequest, Events__FollowReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    if (!book_begin(&b, err)) return false;
    struct following f = {.call = call,
                          .book = b.book,
                          .reply = reply,
                          .viewers = request->viewers,
                          .count = request->n_viewers,
                          .limit = request->limit ? (size_t)request->limit : LIMIT,
                          .subject = book_asset_find(b.book, LEDGER__ASSET__KIND__CARD, request->role_id),
                          .add_snapshot = add_book,
                          .add_body = add_message};
    if (!f.subject) return follow_nothing(call, f.count, reply) || book_filled(NULL, err);
    const struct exchange_role *role = exchange_role(&b.book->exchange, f.subject);
    begin_book_key(&f, role);
    f.head = role->told;
    f.oldest = exchange_oldest_message(role);
    return follow_all(&f) || book_filled(NULL, err);
}

// ---- One's own orders

static bool add_orders(struct following *f)
{
    struct arena *arena = f->call->arena;
    const struct exchange_person *person = exchange_person(&f->book->exchange, f->subject);
    Chain__OrdersSnapshot *shown = arena_new(arena, Chain__OrdersSnapshot);
    if (!shown) return false;
    chain__orders_snapshot__init(shown);
    shown->orders = arena_array(arena, EXCHANGE_OPEN_MAX, sizeof *shown->orders);
    for (uint64_t next = person ? person->oldest : 0; next && !arena->failed;) {
        const struct exchange_order *order = exchange_order(&f->book->exchange, next);
        shown->orders[shown->n_orders++] = dealt_open(f->book, order, arena);
        next = order->newer;
    }
    if (person && person->cancel_ms) shown->cancel_at = stamp_new(arena, person->cancel_ms);
    return !arena->failed && put_snapshot(f, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_ORDERS, shown);
}

static bool add_news(struct following *f, uint64_t index)
{
    return put_body(f, EVENTS__FOLLOW_REPLY__BODY__BODY_ORDERS,
                    (ProtobufCMessage *)dealt_news(f->book, f->news[index - f->oldest], f->call->arena));
}

// The smallest number behind which a viewer has not seen everything, of those whose cursor is one of ours.
static uint64_t least_seen(const struct following *f)
{
    uint64_t least = f->head;
    for (size_t i = 0; i < f->count; i++) {
        struct cursor cursor;
        bool ours = cursor_parse(f->viewers[i]->after, &cursor) && strcmp(cursor.epoch, f->epoch) == 0;
        if (ours && cursor.offset < least && f->head - cursor.offset <= FAR) least = cursor.offset;
    }
    return least;
}

// What is kept of what they have not seen. Who has not seen what is not kept either is told what is now.
static void find_news(struct following *f)
{
    size_t count;
    f->news = exchange_news_since(&f->book->exchange, f->subject, least_seen(f), &count);
    f->oldest = f->head + 1 - count;
}

HANDLER(follow_orders, Chain__FollowOrdersRequest, Events__FollowReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    const struct ledger_owner owner = book_user(request->user_id);
    if (!book_begin(&b, err)) return false;
    struct following f = {.call = call,
                          .book = b.book,
                          .reply = reply,
                          .viewers = request->viewers,
                          .count = request->n_viewers,
                          .limit = request->limit ? (size_t)request->limit : LIMIT,
                          .subject = ledger_accounts_find(&b.book->accounts, &owner),
                          .add_snapshot = add_orders,
                          .add_body = add_news};
    const struct exchange_person *person = exchange_person(&b.book->exchange, f.subject);
    dealt_key(call->service, "orders", owner.id, f.key);
    cursor_epoch(f.key, f.epoch);
    f.head = person ? person->told : 0;
    find_news(&f);
    bool ok = follow_all(&f);
    free(f.news);
    return ok || book_filled(NULL, err);
}

const struct rpc_method chain_follow_methods[] = {
    RPC_METHOD("chain.FollowBook", follow_book),
    RPC_METHOD("chain.FollowOrders", follow_orders),
    {0},
};
