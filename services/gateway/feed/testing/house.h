// What the tests of the feed share: a service of their own, which has a stream that some see more of than
// others, the gateway's side, and viewers that check what they get: each entry that they may see, in order,
// once.
#ifndef GATEWAY_FEED_TESTING_HOUSE_H
#define GATEWAY_FEED_TESTING_HOUSE_H

#include "services/gateway/feed/feed.h"

#include <sodium.h>

#include "lib/base/ids.h"
#include "lib/rpc/testing/world.h"
#include "services/gateway/feed/quota.h"
#include "services/gateway/presence/presence.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"

enum { USERS = 6, ENTRIES = 4000, AT_HAND = 40, AT_ONCE = 7, GUESTS = 24, VIEWERS_MOST = 2200 };

#define TOPIC "event:" AN_ID

// ---- The service

// What has happened: each entry is seen by all (-1) or by one user, once they are somebody.
static struct {
    pthread_mutex_t lock;
    int seen_by[ENTRIES];
    uint64_t count;
    bool somebody[USERS], shut_out[USERS], seated[USERS];
    bool typing;
    uint8_t era;                     // of which all views are
    uint64_t changes[USERS], newest; // when they came to be
    bool fails, gone, forgets;       // what it knew of changes
    bool no_pages;                   // they alone fail
    int64_t next_in_ms;              // when more is shown without news; 0: unknown
    int asked, paged, viewers;
} house_log = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define A_USER "01890000-0000-7000-8000-00000000010"

static inline const char *user_name(int user)
{
    static const char names[][UUID_LEN + 1] = {A_USER "0", A_USER "1", A_USER "2",
                                               A_USER "3", A_USER "4", A_USER "5"};
    _Static_assert(sizeof names / sizeof *names == USERS, "each has one");
    return names[user];
}

static inline int user_of(const char *user_id) { return *user_id ? user_id[strlen(user_id) - 1] - '0' : -1; }

static inline bool sees(int user, uint64_t seq)
{
    int by = house_log.seen_by[seq - 1];
    return by < 0 || (by == user && house_log.somebody[user]);
}

static inline void key_of(int user, uint8_t key[16])
{
    memset(key, 7, 16);
    key[1] = house_log.era;
    if (user >= 0 && house_log.somebody[user]) key[0] = (uint8_t)user;
}

// The sequence of the number-th entry that the user sees; 0: there is none.
static inline uint64_t seq_of(int user, uint64_t number)
{
    for (uint64_t seq = 1; seq <= house_log.count; seq++)
        if (sees(user, seq) && --number == 0) return seq;
    return 0;
}

static inline uint64_t head_of(int user)
{
    uint64_t head = 0;
    for (uint64_t seq = 1; seq <= house_log.count; seq++) head += sees(user, seq);
    return head;
}

static inline uint32_t add_body(Events__FollowReply *reply, struct arena *arena, uint64_t seq)
{
    Events__LogEntry *entry = arena_new(arena, Events__LogEntry);
    events__log_entry__init(entry);
    entry->kind = arena_printf(arena, "E%llu", (unsigned long long)seq);
    entry->seq = seq;
    Events__FollowReply__Body *body = reply->bodies[reply->n_bodies] =
        arena_new(arena, Events__FollowReply__Body);
    events__follow_reply__body__init(body);
    body->body_case = EVENTS__FOLLOW_REPLY__BODY__BODY_EVENT;
    body->event = entry;
    return (uint32_t)reply->n_bodies++;
}

static inline void fill_entries(Events__FollowReply *reply, Events__FollowReply__View *view, int user,
                                uint64_t after, bool page, struct arena *arena)
{
    uint64_t seq, head = head_of(user);
    view->place->offset = view->from = after < head ? after : head;
    view->body = arena_array(arena, ENTRIES, sizeof *view->body);
    for (view->from++; (seq = seq_of(user, view->place->offset + 1)) != 0; view->place->offset++) {
        view->more = !page && (view->n_body == AT_ONCE || seq + AT_HAND <= house_log.count);
        if (view->more) return;
        view->body[view->n_body++] = add_body(reply, arena, seq);
    }
}

static inline void fill_view(Events__FollowReply *reply, size_t i, const Events__FollowViewer *viewer,
                             bool page, struct arena *arena)
{
    Events__FollowReply__View *view = reply->views[i] = arena_new(arena, Events__FollowReply__View);
    uint8_t *key = arena_alloc(arena, 16);
    int user = user_of(viewer->user_id);
    struct cursor cursor = {.offset = 0};
    char epoch[CURSOR_EPOCH + 1];
    events__follow_reply__view__init(view);
    view->place = arena_new(arena, Events__Place);
    events__place__init(view->place);
    key_of(user, key);
    cursor_epoch(key, epoch);
    view->place->reset = EVENTS__RESET__REASON__RIGHTS;
    if (user >= 0 && house_log.shut_out[user]) return;
    view->place->reset = EVENTS__RESET__REASON__NONE;
    if (house_log.next_in_ms) view->place->next_ms = (uint64_t)(clock_unix_ms() + house_log.next_in_ms);
    view->place->key = (ProtobufCBinaryData){16, key};
    view->place->seated = user >= 0 && house_log.seated[user];
    view->hears_typing = user >= 0 && house_log.somebody[user];
    bool good = cursor_parse(viewer->after, &cursor) && strcmp(cursor.epoch, epoch) == 0;
    if (good) return fill_entries(reply, view, user, cursor.offset, page, arena);
    if (*viewer->after) view->place->reset = EVENTS__RESET__REASON__RIGHTS;
    view->snapshot = 1;
    view->place->offset = head_of(user);
}

static inline void fill_changes(Events__FollowReply *reply, const Events__FollowEventRequest *request,
                                struct arena *arena)
{
    reply->seq = house_log.count;
    reply->classes = house_log.newest;
    reply->all_changed = house_log.forgets && request->classes_known < house_log.newest;
    reply->changed = arena_array(arena, USERS, sizeof(char *));
    for (int user = 0; user < USERS; user++)
        if (house_log.changes[user] > request->classes_known)
            reply->changed[reply->n_changed++] = arena_str(arena, user_name(user));
}

static inline void fill_typing(Events__FollowReply *reply, struct arena *arena)
{
    Events__Person *person = arena_new(arena, Events__Person);
    reply->typing = arena_new(arena, Events__RoomTyping);
    events__room_typing__init(reply->typing);
    events__person__init(person);
    person->id = user_name(0);
    reply->typing->users = arena_array(arena, 1, sizeof *reply->typing->users);
    reply->typing->users[0] = person;
    reply->typing->n_users = house_log.typing;
    reply->typing_ms = house_log.typing ? 100 : 0;
}

static inline bool follow_as_told(const Events__FollowEventRequest *request, Events__FollowReply *reply,
                                  bool page, struct arena *arena, struct err *err)
{
    if (house_log.gone) return err_fail(err, NOT_FOUND, "there is no such event");
    if (house_log.fails) return err_fail(err, STORE_AWAY, "not now");
    reply->views = arena_array(arena, request->n_viewers, sizeof *reply->views);
    reply->bodies = arena_array(arena, ENTRIES * 4, sizeof *reply->bodies);
    reply->snapshots = arena_array(arena, 1, sizeof *reply->snapshots);
    reply->snapshots[reply->n_snapshots++] = arena_new(arena, Events__FollowReply__Snapshot);
    events__follow_reply__snapshot__init(reply->snapshots[0]);
    reply->snapshots[0]->state_case = EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_EVENT;
    reply->snapshots[0]->event = arena_new(arena, Events__Event);
    events__event__init(reply->snapshots[0]->event);
    for (; reply->n_views < request->n_viewers; reply->n_views++)
        fill_view(reply, reply->n_views, request->viewers[reply->n_views], page, arena);
    fill_changes(reply, request, arena);
    fill_typing(reply, arena);
    return true;
}

static inline bool follow_locked(const Events__FollowEventRequest *request, Events__FollowReply *reply,
                                 bool page, struct arena *arena, struct err *err)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.asked += !page;
    house_log.paged += page;
    house_log.viewers = (int)request->n_viewers;
    bool ok = follow_as_told(request, reply, page, arena, err);
    pthread_mutex_unlock(&house_log.lock);
    return ok;
}

HANDLER(follow_event, Events__FollowEventRequest, Events__FollowReply)
{
    gate_pass(call->service);
    return follow_locked(request, reply, false, call->arena, err);
}

HANDLER(follow_event_page, Events__FollowEventRequest, Events__FollowReply)
{
    pthread_mutex_lock(&house_log.lock);
    bool fails = house_log.no_pages;
    pthread_mutex_unlock(&house_log.lock);
    if (fails) return err_fail(err, STORE_AWAY, "not now");
    return follow_locked(request, reply, true, call->arena, err);
}

static const struct rpc_method methods[] = {RPC_METHOD("events.FollowEvent", follow_event),
                                            RPC_METHOD("events.FollowEventPage", follow_event_page),
                                            {0}};
static const struct rpc_method *const tables[] = {methods, NULL};
static const struct rpc_method *const *house_methods = tables; // a test may have its own

// ---- The gateway's side

struct house {
    struct world world;
    struct loop *loop;
    struct access *access;
    struct asks *asks;
    struct topics *topics;
    struct hub *hub;
    struct feed_quota *quota;
    struct presence *presence;
    struct metrics *metrics;
    struct feed *feed;
    struct loop_timer tick;
    struct feed_pace pace;
};

static inline void on_turn(void *arg)
{
    struct house *house = arg;
    asks_turn(house->asks);
    feed_turn(house->feed);
    asks_flush(house->asks);
}

static inline void on_awake(void *arg) { hub_awake(((struct house *)arg)->hub); }

static inline void on_tick(void *arg)
{
    struct house *house = arg;
    loop_timer_set(house->loop, &house->tick, loop_now_ms(house->loop) + 5);
}

#define HOUSE_UNTIL(house, truth)                                                                            \
    do {                                                                                                     \
        int64_t until_ms_ = clock_mono_ms() + PATIENCE_MS;                                                   \
        while (!(truth) && clock_mono_ms() < until_ms_) loop_turn((house)->loop);                            \
        assert_true(truth);                                                                                  \
    } while (0)

static inline void meet_service(struct house *house)
{
    struct err err;
    struct asks_service service = {"events", house->world.address};
    if (!asks_connect(house->asks, &service, 1, NULL, &err)) fail_msg("%s", err.message);
    HOUSE_UNTIL(house, asks_connected(house->asks, 0));
}

static inline void open_feed(struct house *house, const struct feed_limits *limits)
{
    struct err err;
    assert_true(topics_create(&house->topics, &err));
    assert_true(hub_create(&house->hub, house->topics, house->loop, 0, &err));
    assert_true(feed_quota_create(&house->quota, limits, NULL, &err));
    const struct presence_options presence = {.url = "memory:", .topics = house->topics};
    assert_true(presence_open(&house->presence, &presence, &err));
    house->metrics = metrics_create();
    const struct feed_options options = {.loop = house->loop,
                                         .hub = house->hub,
                                         .asks = house->asks,
                                         .access = house->access,
                                         .quota = house->quota,
                                         .presence = house->presence,
                                         .pace = house->pace,
                                         .metrics = house->metrics};
    assert_true(feed_create(&house->feed, &options, &err));
}

static inline void open_paced_house(struct house *house, const char *address, struct feed_pace pace)
{
    struct err err;
    const struct feed_limits limits = {VIEWERS_MOST, VIEWERS_MOST, VIEWERS_MOST, VIEWERS_MOST};
    assert_true(sodium_init() >= 0);
    memset(&house_log.seen_by, 0, sizeof house_log - offsetof(__typeof__(house_log), seen_by));
    *house = (struct house){.world = {.address = address}, .pace = pace};
    const struct loop_options options = {on_turn, on_awake, house};
    house->tick = (struct loop_timer){.fire = on_tick, .arg = house};
    struct rpc_server_options server = world_options(&house->world, address);
    server.methods = house_methods;
    server.workers = 2;
    if (!rpc_server_start(&house->world.server, &server, &err)) fail_msg("%s", err.message);
    assert_true(loop_create(&house->loop, &options, &err));
    assert_true(access_create(&house->access, &err));
    asks_create(&house->asks, house->loop, house->access);
    on_tick(house);
    open_feed(house, &limits);
    meet_service(house);
}

static inline void open_house(struct house *house, const char *address)
{
    open_paced_house(house, address, (struct feed_pace){256 << 10, 1024, 5000});
}

static inline void close_house(struct house *house)
{
    gate_set(&house->world.gate, false);
    feed_end_all(house->feed);
    presence_stop(house->presence);
    asks_disconnect(house->asks);
    feed_destroy(house->feed);
    hub_destroy(house->hub);
    asks_destroy(house->asks);
    loop_destroy(house->loop);
    presence_destroy(house->presence);
    topics_destroy(house->topics);
    access_destroy(house->access);
    feed_quota_destroy(house->quota);
    metrics_destroy(house->metrics);
    rpc_server_stop(house->world.server);
}

static inline uint64_t happen_silently(int seen_by)
{
    pthread_mutex_lock(&house_log.lock);
    assert_true(house_log.count < ENTRIES);
    house_log.seen_by[house_log.count++] = seen_by;
    uint64_t seq = house_log.count;
    pthread_mutex_unlock(&house_log.lock);
    return seq;
}

static inline void happen(struct house *house, int seen_by)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    char stream[64];
    notice.seq = happen_silently(seen_by);
    snprintf(stream, sizeof stream, seen_by < 0 ? "events." AN_ID ".public" : "users.%s",
             seen_by < 0 ? "" : user_name(seen_by));
    notice.stream = stream;
    notice.kind = "E";
    topics_publish(house->topics, &notice);
}

static inline void become_somebody(struct house *house, int user)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.somebody[user] = true;
    house_log.newest = house_log.changes[user] = house_log.count + 1;
    pthread_mutex_unlock(&house_log.lock);
    happen(house, -1);
}

// ---- Viewers

struct guest {
    struct feed_viewer viewer;
    struct house *house;
    uint64_t seen;
    size_t entries_most; // then it is full; 0: never
    int user, told[FEED_KINDS], flushed, ended;
    enum feed_end why;
    struct err err;
    bool here, full; // takes nothing
    bool busy;       // the same, but not for its client
    char cursor[CURSOR_TEXT];
    int at_once, gathered; // takes so many before a flush; 0: all
};

// As whom the guest sees it: they may have become somebody a moment ago.
static inline int seen_as(const struct guest *guest, const char *cursor)
{
    uint8_t key[16];
    char epoch[CURSOR_EPOCH + 1];
    key_of(-1, key);
    cursor_epoch(key, epoch);
    return strncmp(cursor, epoch, CURSOR_EPOCH) == 0 ? -1 : guest->user;
}

static inline void check_entry(struct guest *guest, const struct feed_message *message)
{
    const struct feed_item *item = message->item;
    char kind[32];
    Events__LogEntry *entry = events__log_entry__unpack(NULL, item->len, item->packed);
    assert_non_null(entry);
    assert_int_equal(item->number, guest->seen + 1); // none is missing, none comes twice
    assert_int_equal(entry->index, item->number);
    assert_string_equal(entry->cursor, message->cursor);
    assert_true(strncmp(message->cursor, guest->cursor, CURSOR_EPOCH) == 0);
    pthread_mutex_lock(&house_log.lock);
    snprintf(kind, sizeof kind, "E%llu",
             (unsigned long long)seq_of(seen_as(guest, message->cursor), item->number));
    pthread_mutex_unlock(&house_log.lock);
    assert_string_equal(entry->kind, kind);
    events__log_entry__free_unpacked(entry, NULL);
    guest->seen++;
}

static inline void on_deliver(void *arg, const struct feed_message *message)
{
    struct guest *guest = arg;
    struct cursor cursor;
    assert_false(guest->full);
    guest->gathered++;
    assert_string_equal(feed_topic(message->sub), TOPIC);
    guest->told[message->kind]++;
    if (message->kind == FEED_ENTRY) check_entry(guest, message);
    if (message->kind == FEED_ERROR) guest->err = *message->err;
    if (message->kind == FEED_SNAPSHOT && cursor_parse(message->cursor, &cursor)) guest->seen = cursor.offset;
    if (message->kind != FEED_RESET) strcpy(guest->cursor, message->cursor);
    if (guest->entries_most && guest->told[FEED_ENTRY] >= (int)guest->entries_most) guest->full = true;
}

static inline bool on_room(void *arg)
{
    const struct guest *guest = arg;
    return !guest->full && !guest->busy && (!guest->at_once || guest->gathered < guest->at_once);
}

// Who is full is so by what waits for them.
static inline size_t on_waiting(const void *arg)
{
    const struct guest *guest = arg;
    return guest->full ? FEED_FULL : 0;
}

static inline void on_flush(void *arg)
{
    struct guest *guest = arg;
    guest->flushed++;
    guest->gathered = 0;
}

static inline void on_remind(void *arg) { (void)arg; }

static inline void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    struct guest *guest = arg;
    (void)retry_ms;
    guest->ended++;
    guest->why = why;
    guest->here = false;
    feed_leave(&guest->viewer);
}

static const struct feed_transport transport = {on_room,   on_waiting, on_deliver, on_flush,
                                                on_remind, on_end,     NULL};

static inline bool try_come(struct house *house, struct guest *guest, int user, const char *after,
                            struct err *err)
{
    struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1", .known = user >= 0};
    struct cursor cursor;
    *guest = (struct guest){
        .house = house, .user = user, .entries_most = guest->entries_most, .at_once = guest->at_once};
    if (user >= 0) strcpy(caller.claims.user_id, user_name(user));
    caller.claims.level = user >= 0 ? 3 : 0;
    caller.claims.expires_s = clock_unix_ms() / 1000 + 900;
    if (cursor_parse(after, &cursor)) guest->seen = cursor.offset;
    strcpy(guest->cursor, after);
    if (!feed_join(house->feed, &guest->viewer, &transport, guest, &caller, err)) return false;
    return guest->here = feed_subscribe(&guest->viewer, TOPIC, after, err) != NULL;
}

static inline void come(struct house *house, struct guest *guest, int user, const char *after)
{
    struct err err;
    if (!try_come(house, guest, user, after, &err)) fail_msg("%s", err.message);
}

static inline void go(struct guest *guest)
{
    feed_leave(&guest->viewer);
    guest->here = false;
}

static inline bool knows_all(const struct guest *guest)
{
    uint8_t key[16];
    char epoch[CURSOR_EPOCH + 1];
    if (!guest->here || guest->full) return true;
    pthread_mutex_lock(&house_log.lock);
    key_of(guest->user, key);
    cursor_epoch(key, epoch);
    bool all = strncmp(epoch, guest->cursor, CURSOR_EPOCH) == 0 && guest->seen == head_of(guest->user);
    pthread_mutex_unlock(&house_log.lock);
    return all;
}

static inline bool all_know_all(const struct guest *guests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!knows_all(&guests[i])) return false;
    return true;
}

static inline int asked(void)
{
    pthread_mutex_lock(&house_log.lock);
    int count = house_log.asked;
    pthread_mutex_unlock(&house_log.lock);
    return count;
}

#endif
