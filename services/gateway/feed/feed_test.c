// Viewers of a stream, at a service of the test's own: each gets exactly what they may see, in order, however
// viewers come and go, lag, or come to see another view, and whatever the service does meanwhile.
#include "services/gateway/feed/feed.h"

#include <sodium.h>

#include "lib/base/ids.h"
#include "lib/rpc/testing/world.h"
#include "services/gateway/feed/quota.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"

enum { USERS = 6, ENTRIES = 4000, AT_HAND = 40, AT_ONCE = 7, GUESTS = 24, VIEWERS_MOST = 600 };

#define TOPIC "event:" AN_ID

// ---- The service

// What has happened: each entry is seen by all (-1) or by one user, once they are somebody.
static struct {
    pthread_mutex_t lock;
    int seen_by[ENTRIES];
    uint64_t count;
    bool somebody[USERS], shut_out[USERS];
    bool typing;
    uint64_t changes[USERS], newest; // when they came to be
    bool fails, gone, forgets;       // what it knew of changes
    int asked, paged, viewers;
} house_log = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *user_name(int user)
{
    static char names[USERS][UUID_LEN + 1];
    snprintf(names[user], sizeof names[user], "01890000-0000-7000-8000-00000000010%d", user);
    return names[user];
}

static int user_of(const char *user_id) { return *user_id ? user_id[strlen(user_id) - 1] - '0' : -1; }

static bool sees(int user, uint64_t seq)
{
    int by = house_log.seen_by[seq - 1];
    return by < 0 || (by == user && house_log.somebody[user]);
}

static void key_of(int user, uint8_t key[16])
{
    memset(key, 7, 16);
    if (user >= 0 && house_log.somebody[user]) key[0] = (uint8_t)user;
}

// The sequence of the number-th entry that the user sees; 0: there is none.
static uint64_t seq_of(int user, uint64_t number)
{
    for (uint64_t seq = 1; seq <= house_log.count; seq++)
        if (sees(user, seq) && --number == 0) return seq;
    return 0;
}

static uint64_t head_of(int user)
{
    uint64_t head = 0;
    for (uint64_t seq = 1; seq <= house_log.count; seq++) head += sees(user, seq);
    return head;
}

static uint32_t add_body(Events__FollowReply *reply, struct arena *arena, uint64_t seq)
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

static void fill_entries(Events__FollowReply *reply, Events__FollowReply__View *view, int user,
                         uint64_t after, bool page, struct arena *arena)
{
    uint64_t seq;
    view->place->offset = view->from = after;
    view->body = arena_array(arena, ENTRIES, sizeof *view->body);
    for (view->from++; (seq = seq_of(user, view->place->offset + 1)) != 0; view->place->offset++) {
        view->more = !page && (view->n_body == AT_ONCE || seq + AT_HAND <= house_log.count);
        if (view->more) return;
        view->body[view->n_body++] = add_body(reply, arena, seq);
    }
}

static void fill_view(Events__FollowReply *reply, size_t i, const Events__FollowViewer *viewer, bool page,
                      struct arena *arena)
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
    view->place->key = (ProtobufCBinaryData){16, key};
    view->hears_typing = user >= 0 && house_log.somebody[user];
    bool good = cursor_parse(viewer->after, &cursor) && strcmp(cursor.epoch, epoch) == 0;
    if (good) return fill_entries(reply, view, user, cursor.offset, page, arena);
    if (*viewer->after) view->place->reset = EVENTS__RESET__REASON__RIGHTS;
    view->snapshot = 1;
    view->place->offset = head_of(user);
}

static void fill_changes(Events__FollowReply *reply, const Events__FollowEventRequest *request,
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

static void fill_typing(Events__FollowReply *reply, struct arena *arena)
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

static bool follow_as_told(const Events__FollowEventRequest *request, Events__FollowReply *reply, bool page,
                           struct arena *arena, struct err *err)
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

static bool follow_locked(const Events__FollowEventRequest *request, Events__FollowReply *reply, bool page,
                          struct arena *arena, struct err *err)
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
    return follow_locked(request, reply, true, call->arena, err);
}

static const struct rpc_method methods[] = {RPC_METHOD("events.FollowEvent", follow_event),
                                            RPC_METHOD("events.FollowEventPage", follow_event_page),
                                            {0}};
static const struct rpc_method *const tables[] = {methods, NULL};

// ---- The gateway's side

struct house {
    struct world world;
    struct loop *loop;
    struct access *access;
    struct asks *asks;
    struct topics *topics;
    struct hub *hub;
    struct feed_quota *quota;
    struct metrics *metrics;
    struct feed *feed;
    struct loop_timer tick;
};

static void on_turn(void *arg)
{
    struct house *house = arg;
    asks_turn(house->asks);
    feed_turn(house->feed);
    asks_flush(house->asks);
}

static void on_awake(void *arg) { hub_awake(((struct house *)arg)->hub); }

static void on_tick(void *arg)
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

static void meet_service(struct house *house)
{
    struct err err;
    struct asks_service service = {"events", house->world.address};
    if (!asks_connect(house->asks, &service, 1, NULL, &err)) fail_msg("%s", err.message);
    HOUSE_UNTIL(house, asks_connected(house->asks, 0));
}

static void open_feed(struct house *house, const struct feed_limits *limits)
{
    struct err err;
    assert_true(topics_create(&house->topics, &err));
    assert_true(hub_create(&house->hub, house->topics, house->loop, 0, &err));
    assert_true(feed_quota_create(&house->quota, limits, NULL, &err));
    house->metrics = metrics_create();
    const struct feed_options options = {.loop = house->loop,
                                         .hub = house->hub,
                                         .asks = house->asks,
                                         .access = house->access,
                                         .quota = house->quota,
                                         .metrics = house->metrics};
    assert_true(feed_create(&house->feed, &options, &err));
}

static void open_house(struct house *house, const char *address)
{
    struct err err;
    const struct feed_limits limits = {VIEWERS_MOST, VIEWERS_MOST, VIEWERS_MOST, VIEWERS_MOST};
    assert_true(sodium_init() >= 0);
    memset(&house_log.seen_by, 0, sizeof house_log - offsetof(__typeof__(house_log), seen_by));
    *house = (struct house){.world = {.address = address}};
    const struct loop_options options = {on_turn, on_awake, house};
    house->tick = (struct loop_timer){.fire = on_tick, .arg = house};
    struct rpc_server_options server = world_options(&house->world, address);
    server.methods = tables;
    server.workers = 2;
    if (!rpc_server_start(&house->world.server, &server, &err)) fail_msg("%s", err.message);
    assert_true(loop_create(&house->loop, &options, &err));
    assert_true(access_create(&house->access, &err));
    asks_create(&house->asks, house->loop, house->access);
    on_tick(house);
    open_feed(house, &limits);
    meet_service(house);
}

static void close_house(struct house *house)
{
    gate_set(&house->world.gate, false);
    feed_end_all(house->feed);
    asks_disconnect(house->asks);
    feed_destroy(house->feed);
    hub_destroy(house->hub);
    asks_destroy(house->asks);
    loop_destroy(house->loop);
    topics_destroy(house->topics);
    access_destroy(house->access);
    feed_quota_destroy(house->quota);
    metrics_destroy(house->metrics);
    rpc_server_stop(house->world.server);
}

static void happen(struct house *house, int seen_by)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    char stream[64];
    pthread_mutex_lock(&house_log.lock);
    assert_true(house_log.count < ENTRIES);
    house_log.seen_by[house_log.count++] = seen_by;
    notice.seq = house_log.count;
    pthread_mutex_unlock(&house_log.lock);
    snprintf(stream, sizeof stream, seen_by < 0 ? "events." AN_ID ".public" : "users.%s",
             seen_by < 0 ? "" : user_name(seen_by));
    notice.stream = stream;
    notice.kind = "E";
    topics_publish(house->topics, &notice);
}

static void become_somebody(struct house *house, int user)
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
    char cursor[CURSOR_TEXT];
    int at_once, gathered; // takes so many before a flush; 0: all
};

// As whom the guest sees it: they may have become somebody a moment ago.
static int seen_as(const struct guest *guest, const char *cursor)
{
    uint8_t key[16];
    char epoch[CURSOR_EPOCH + 1];
    key_of(-1, key);
    cursor_epoch(key, epoch);
    return strncmp(cursor, epoch, CURSOR_EPOCH) == 0 ? -1 : guest->user;
}

static void check_entry(struct guest *guest, const struct feed_message *message)
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

static void on_deliver(void *arg, const struct feed_message *message)
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

static bool on_room(void *arg)
{
    const struct guest *guest = arg;
    return !guest->full && (!guest->at_once || guest->gathered < guest->at_once);
}

static void on_flush(void *arg)
{
    struct guest *guest = arg;
    guest->flushed++;
    guest->gathered = 0;
}

static void on_remind(void *arg) { (void)arg; }

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    struct guest *guest = arg;
    (void)retry_ms;
    guest->ended++;
    guest->why = why;
    guest->here = false;
    feed_leave(&guest->viewer);
}

static const struct feed_transport transport = {on_room, on_deliver, on_flush, on_remind, on_end, NULL};

static bool try_come(struct house *house, struct guest *guest, int user, const char *after, struct err *err)
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

static void come(struct house *house, struct guest *guest, int user, const char *after)
{
    struct err err;
    if (!try_come(house, guest, user, after, &err)) fail_msg("%s", err.message);
}

static void go(struct guest *guest)
{
    feed_leave(&guest->viewer);
    guest->here = false;
}

static bool knows_all(const struct guest *guest)
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

static bool all_know_all(const struct guest *guests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!knows_all(&guests[i])) return false;
    return true;
}

static int asked(void)
{
    pthread_mutex_lock(&house_log.lock);
    int count = house_log.asked;
    pthread_mutex_unlock(&house_log.lock);
    return count;
}

// ---- Stories

static void who_comes_gets_a_snapshot_and_what_happens_then(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://snapshot");
    happen(&house, -1);
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    assert_int_equal(guest.seen, 1);
    happen(&house, -1);
    happen(&house, 3);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_int_equal(guest.told[FEED_ENTRY], 2);
    assert_int_equal(guest.told[FEED_LIVE] + guest.told[FEED_RESET], 0);
    assert_true(guest.flushed > 0);
    close_house(&house);
    assert_int_equal(guest.why, FEED_DRAINING);
}

static void many_that_see_the_same_are_asked_for_once(void **state)
{
    enum { MANY = 500 };
    static struct guest guests[MANY];
    struct house house;
    (void)state;
    open_house(&house, "inproc://many");
    memset(guests, 0, sizeof guests);
    for (size_t i = 0; i < MANY; i++) come(&house, &guests[i], -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    assert_true(asked() <= 4);
    int before = asked();
    for (int i = 0; i < 20; i++) {
        happen(&house, -1);
        HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    }
    assert_true(asked() - before <= 20);
    assert_int_equal(house_log.viewers, 1);
    close_house(&house);
}

static void news_while_a_question_is_out_are_asked_for_in_one(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://out");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    gate_set(&house.world.gate, true);
    happen(&house, -1);
    HOUSE_UNTIL(&house, gate_inside(&house.world.gate) == 1);
    for (int i = 0; i < 5; i++) happen(&house, -1);
    for (int i = 0; i < 10; i++) loop_turn(house.loop);
    assert_int_equal(gate_inside(&house.world.gate), 1);
    int before = asked();
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_true(asked() - before <= 3);
    close_house(&house);
}

static void who_comes_back_goes_on(void **state)
{
    struct house house;
    struct guest guest = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://back");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, guest.cursor);
    go(&guest);
    for (int i = 0; i < 3; i++) happen(&house, -1);
    come(&house, &guest, -1, cursor);
    HOUSE_UNTIL(&house, guest.told[FEED_LIVE] == 1);
    assert_int_equal(guest.told[FEED_ENTRY], 3);
    assert_int_equal(guest.told[FEED_SNAPSHOT], 0);
    strcpy(cursor, guest.cursor);
    go(&guest);
    come(&house, &guest, -1, cursor); // nothing has happened
    HOUSE_UNTIL(&house, guest.told[FEED_LIVE] == 1);
    assert_int_equal(guest.told[FEED_ENTRY], 0);
    assert_string_equal(guest.cursor, cursor);
    close_house(&house);
}

// From before what the service has at hand, and in parts.
static void who_is_far_behind_gets_a_page(void **state)
{
    struct house house;
    struct guest early = {0}, late = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://page");
    come(&house, &early, -1, "");
    HOUSE_UNTIL(&house, early.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, early.cursor);
    for (int i = 0; i < AT_HAND * 3; i++) happen(&house, i % 5 == 0 ? 2 : -1);
    HOUSE_UNTIL(&house, knows_all(&early));
    come(&house, &late, -1, cursor);
    HOUSE_UNTIL(&house, late.told[FEED_LIVE] == 1);
    assert_true(knows_all(&late));
    assert_true(house_log.paged > 0);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&late) && knows_all(&early));
    close_house(&house);
}

static void who_becomes_somebody_begins_anew_and_sees_more(void **state)
{
    struct house house;
    struct guest guests[4] = {0};
    (void)state;
    for (int forgets = 0; forgets < 2; forgets++) {
        open_house(&house, "inproc://rights");
        house_log.forgets = forgets;
        for (int i = 0; i < 4; i++) come(&house, &guests[i], i - 1, "");
        HOUSE_UNTIL(&house, all_know_all(guests, 4));
        become_somebody(&house, 1);
        HOUSE_UNTIL(&house, guests[2].told[FEED_RESET] == 1 && all_know_all(guests, 4));
        assert_int_equal(guests[2].told[FEED_SNAPSHOT], 2);
        happen(&house, 1);
        HOUSE_UNTIL(&house, all_know_all(guests, 4));
        assert_int_equal(guests[2].told[FEED_ENTRY], 1);
        for (int i = 0; i < 4; i++) assert_int_equal(guests[i].told[FEED_RESET], i == 2);
        close_house(&house);
    }
}

static void who_takes_nothing_holds_nobody_up_and_is_ended(void **state)
{
    struct house house;
    struct guest slow = {.entries_most = 5}, quick = {0};
    (void)state;
    open_house(&house, "inproc://slow");
    come(&house, &slow, -1, "");
    come(&house, &quick, -1, "");
    HOUSE_UNTIL(&house, slow.told[FEED_SNAPSHOT] && quick.told[FEED_SNAPSHOT]);
    for (int i = 0; i < 60; i++) {
        happen(&house, -1);
        HOUSE_UNTIL(&house, knows_all(&quick));
    }
    assert_int_equal(slow.told[FEED_ENTRY], 5);
    slow.full = false;
    slow.entries_most = 0;
    feed_writable(&slow.viewer); // what it missed is still there
    HOUSE_UNTIL(&house, knows_all(&slow));
    slow.full = true;
    for (int i = 0; i < RING_ITEMS + 10; i++) {
        happen(&house, -1);
        if (i % 5 == 0) HOUSE_UNTIL(&house, knows_all(&quick));
    }
    HOUSE_UNTIL(&house, slow.ended == 1 && knows_all(&quick));
    assert_int_equal(slow.why, FEED_SLOW);
    assert_int_equal(quick.ended, 0);
    close_house(&house);
}

// A burst that is more than goes out at once is told in one turn all the same.
static void what_had_no_room_follows_the_flush(void **state)
{
    enum { BURST = 30 };
    struct house house;
    struct guest guest = {.at_once = 4}, quick = {0};
    (void)state;
    open_house(&house, "inproc://burst");
    come(&house, &quick, -1, "");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, knows_all(&quick) && knows_all(&guest));
    gate_set(&house.world.gate, true);
    for (int i = 0; i < BURST; i++) happen(&house, -1);
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, knows_all(&quick));
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_true(clock_mono_ms() - begun_ms < 1000); // not with the next head
    assert_true(guest.flushed >= BURST / 4);
    close_house(&house);
}

static void a_service_that_fails_is_asked_again(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://fails");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = true;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    int before = asked();
    HOUSE_UNTIL(&house, asked() - before >= 3);
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = false;
    pthread_mutex_unlock(&house_log.lock);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_int_equal(guest.told[FEED_RESET] + guest.told[FEED_ERROR] + guest.ended, 0);
    close_house(&house);
}

static void who_follows_what_is_gone_is_told(void **state)
{
    struct house house;
    struct guest guests[3] = {0};
    (void)state;
    open_house(&house, "inproc://gone");
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    pthread_mutex_lock(&house_log.lock);
    house_log.gone = true;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    for (int i = 0; i < 3; i++) {
        HOUSE_UNTIL(&house, guests[i].told[FEED_ERROR] == 1);
        assert_true(err_is(&guests[i].err, NOT_FOUND));
        assert_int_equal(guests[i].viewer.subs_count, 0);
    }
    close_house(&house);
}

static void shut_out(struct house *house, int user)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.shut_out[user] = true;
    house_log.newest = house_log.changes[user] = house_log.count + 1;
    pthread_mutex_unlock(&house_log.lock);
    happen(house, -1);
}

static void set_typing(struct house *house, bool typing, bool told)
{
    Bus__Notice hint = BUS__NOTICE__INIT;
    pthread_mutex_lock(&house_log.lock);
    house_log.typing = typing;
    pthread_mutex_unlock(&house_log.lock);
    hint.stream = "events." AN_ID ".public";
    hint.kind = NEWS_HINT;
    if (told) topics_publish(house->topics, &hint);
}

// Who hears it, and has room, is told that somebody begins, and without news that they ended.
static void who_writes_is_told_and_forgotten(void **state)
{
    struct house house;
    struct guest guests[3] = {0}, late = {0};
    (void)state;
    open_house(&house, "inproc://typing");
    house_log.somebody[0] = house_log.somebody[1] = true;
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    guests[2].full = true;
    set_typing(&house, true, true);
    HOUSE_UNTIL(&house, guests[1].told[FEED_TYPING] == 1);
    come(&house, &late, 1, "");
    HOUSE_UNTIL(&house, late.told[FEED_TYPING] == 1);
    assert_int_equal(late.told[FEED_SNAPSHOT], 1);
    set_typing(&house, false, false);
    HOUSE_UNTIL(&house, guests[1].told[FEED_TYPING] == 2 && late.told[FEED_TYPING] == 2);
    int before = asked();
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guests[1]) && asked() > before);
    guests[2].full = false;
    feed_writable(&guests[2].viewer);
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    assert_int_equal(guests[1].told[FEED_TYPING], 2);
    assert_int_equal(guests[0].told[FEED_TYPING] + guests[2].told[FEED_TYPING], 0);
    close_house(&house);
}

// Who was there is told that they may no more; who comes, that there is nothing.
static void who_may_see_no_more_is_ended(void **state)
{
    struct house house;
    struct guest guests[4] = {0}, late = {0}, back = {0};
    (void)state;
    open_house(&house, "inproc://shut");
    for (int i = 0; i < 4; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 4));
    shut_out(&house, 0);
    HOUSE_UNTIL(&house, guests[1].told[FEED_ERROR] == 1);
    assert_int_equal(guests[1].told[FEED_RESET], 1);
    assert_int_equal(guests[1].told[FEED_ENTRY], 0);
    assert_true(err_is(&guests[1].err, NOT_FOUND));
    assert_int_equal(guests[1].viewer.subs_count, 0);
    come(&house, &late, 0, "");
    HOUSE_UNTIL(&house, late.told[FEED_ERROR] == 1);
    assert_int_equal(late.told[FEED_RESET] + late.told[FEED_SNAPSHOT], 0);
    come(&house, &back, 0, guests[1].cursor);
    HOUSE_UNTIL(&house, back.told[FEED_ERROR] == 1);
    assert_int_equal(back.told[FEED_RESET], 1);
    guests[1].here = false;
    happen(&house, -1);
    HOUSE_UNTIL(&house, all_know_all(guests, 4));
    assert_int_equal(guests[0].told[FEED_ENTRY], 2);
    close_house(&house);
}

static void a_store_that_was_put_back_is_followed_anew(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://restored");
    come(&house, &guest, 0, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    become_somebody(&house, 0);
    happen(&house, 0);
    HOUSE_UNTIL(&house, guest.told[FEED_RESET] == 1 && knows_all(&guest));
    pthread_mutex_lock(&house_log.lock);
    house_log.somebody[0] = false;
    house_log.count = 1;
    house_log.newest = house_log.changes[0] = 0;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    HOUSE_UNTIL(&house, guest.told[FEED_RESET] == 2 && knows_all(&guest));
    close_house(&house);
}

static void make_void(struct house *house, int user)
{
    struct err err;
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.user_id = user_name(user);
    revocation.generation = 1;
    assert_true(access_revoke(house->access, &revocation, &err));
}

static void a_revoked_viewer_is_ended_before_more_is_told(void **state)
{
    struct house house;
    struct guest guests[3] = {0};
    (void)state;
    open_house(&house, "inproc://revoked");
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    int told = guests[1].told[FEED_ENTRY];
    make_void(&house, 0);
    happen(&house, -1);
    loop_turn(house.loop);
    assert_int_equal(guests[1].ended, 1);
    assert_int_equal(guests[1].why, FEED_REVOKED);
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    assert_int_equal(guests[1].told[FEED_ENTRY], told);
    assert_int_equal(guests[0].ended + guests[2].ended, 0);
    close_house(&house);
}

static void renew(struct guest *guest, uint32_t level, int64_t life_s)
{
    struct caller caller = guest->viewer.caller;
    caller.claims.level = level;
    caller.claims.expires_s = clock_unix_ms() / 1000 + life_s;
    feed_renew(&guest->viewer, &caller);
}

static void a_token_that_is_renewed_lasts(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_house(&house, "inproc://renewed");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], i, "");
    for (int i = 0; i < 2; i++) renew(&guests[i], 3, 1);
    renew(&guests[0], 3, 900);
    HOUSE_UNTIL(&house, guests[1].ended == 1);
    assert_int_equal(guests[1].why, FEED_EXPIRED);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guests[0]));
    assert_int_equal(guests[0].ended, 0);
    close_house(&house);
}

// What was asked for with the level of before is not told.
static void another_level_is_judged_anew(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_house(&house, "inproc://level");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], i, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 2));
    gate_set(&house.world.gate, true);
    happen(&house, -1);
    HOUSE_UNTIL(&house, gate_inside(&house.world.gate) == 1);
    int before = asked();
    renew(&guests[0], 2, 900);
    renew(&guests[1], 3, 900);
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, all_know_all(guests, 2));
    assert_true(asked() - before >= 2);
    assert_int_equal(guests[0].told[FEED_ENTRY], 1);
    assert_int_equal(guests[1].told[FEED_ENTRY], 1);
    close_house(&house);
}

static void a_drain_ends_all_over_a_while(void **state)
{
    struct house house;
    struct guest guests[GUESTS] = {0}, late = {0};
    struct err err;
    int first_ended = 0;
    (void)state;
    open_house(&house, "inproc://drain");
    for (int i = 0; i < GUESTS; i++) come(&house, &guests[i], -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, GUESTS));
    feed_drain(house.feed, 300);
    assert_false(try_come(&house, &late, -1, "", &err));
    assert_true(err_is(&err, SERVICE_DRAINING));
    int64_t begun_ms = clock_mono_ms();
    while (clock_mono_ms() - begun_ms < 20) loop_turn(house.loop);
    for (int i = 0; i < GUESTS; i++) first_ended += guests[i].ended;
    assert_true(first_ended < GUESTS);
    HOUSE_UNTIL(&house, feed_viewers(house.feed) == 0);
    for (int i = 0; i < GUESTS; i++) assert_int_equal(guests[i].why, FEED_DRAINING);
    close_house(&house);
}

// ---- Anything at all

static void settle(struct house *house, struct guest *guests)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = false;
    pthread_mutex_unlock(&house_log.lock);
    HOUSE_UNTIL(house, all_know_all(guests, GUESTS));
}

static void do_something(struct house *house, struct guest *guests)
{
    struct guest *guest = &guests[randombytes_uniform(GUESTS)];
    int user = (int)randombytes_uniform(USERS + 1) - 1;
    char cursor[CURSOR_TEXT];
    switch (randombytes_uniform(12)) {
    case 0:
        if (guest->here) return go(guest);
        return come(house, guest, user, "");
    case 1: // back, as the same or as another
        if (guest->here) return;
        strcpy(cursor, guest->cursor);
        return come(house, guest, randombytes_uniform(3) ? guest->user : user, cursor);
    case 2:
        guest->full = guest->here && !guest->full;
        if (guest->here && !guest->full) feed_writable(&guest->viewer);
        return;
    case 3:
        if (user >= 0 && !house_log.somebody[user] && !randombytes_uniform(8)) become_somebody(house, user);
        return;
    case 4:
        pthread_mutex_lock(&house_log.lock);
        house_log.fails = !randombytes_uniform(6);
        house_log.forgets = !randombytes_uniform(6);
        pthread_mutex_unlock(&house_log.lock);
        return;
    case 5:
        return gate_set(&house->world.gate, !randombytes_uniform(3));
    case 6:
    case 7:
        return happen(house, user);
    default:
        return loop_turn(house->loop);
    }
}

static void whatever_happens_each_gets_what_is_theirs(void **state)
{
    enum { ROUNDS = 6, STEPS = 400 };
    struct house house;
    struct guest guests[GUESTS] = {0};
    int entries = 0, resets = 0;
    (void)state;
    open_house(&house, "inproc://anything");
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < STEPS; i++) do_something(&house, guests);
        gate_set(&house.world.gate, false);
        settle(&house, guests);
        for (int i = 0; i < GUESTS; i++)
            entries += guests[i].told[FEED_ENTRY], resets += guests[i].told[FEED_RESET];
    }
    assert_true(entries > 100 && resets > 3);
    for (int i = 0; i < GUESTS; i++) assert_true(!guests[i].ended || guests[i].why == FEED_SLOW);
    close_house(&house);
}

// ---- How many

static void there_are_so_many_and_no_more(void **state)
{
    const struct feed_limits limits = {6, 2, 3, 4};
    struct feed_quota *quota = NULL;
    struct err err;
    (void)state;
    assert_true(sodium_init() >= 0 && feed_quota_create(&quota, &limits, NULL, &err));
    for (int i = 0; i < 2; i++) assert_true(feed_quota_take(quota, true, "u", &err));
    assert_false(feed_quota_take(quota, true, "u", &err));
    assert_true(err_is(&err, TOO_MANY_STREAMS) && err.retry_after_s > 0);
    for (int i = 0; i < 3; i++) assert_true(feed_quota_take(quota, false, "a", &err));
    assert_false(feed_quota_take(quota, false, "a", &err));
    feed_quota_seat(quota, "a", true); // a venue
    assert_true(feed_quota_take(quota, false, "a", &err));
    assert_false(feed_quota_take(quota, false, "b", &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_false(feed_quota_has_place(quota, &err));
    assert_true(err_is(&err, SERVICE_BUSY) && err.retry_after_s > 0);
    feed_quota_give(quota, true, "u");
    assert_true(feed_quota_has_place(quota, &err));
    assert_true(feed_quota_take(quota, true, "u", &err));
    feed_quota_seat(quota, "a", false);
    for (int i = 0; i < 4; i++) feed_quota_give(quota, false, "a");
    for (int i = 0; i < 2; i++) feed_quota_give(quota, true, "u");
    feed_quota_destroy(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_gets_a_snapshot_and_what_happens_then),
        cmocka_unit_test(many_that_see_the_same_are_asked_for_once),
        cmocka_unit_test(news_while_a_question_is_out_are_asked_for_in_one),
        cmocka_unit_test(who_comes_back_goes_on),
        cmocka_unit_test(who_is_far_behind_gets_a_page),
        cmocka_unit_test(who_becomes_somebody_begins_anew_and_sees_more),
        cmocka_unit_test(who_takes_nothing_holds_nobody_up_and_is_ended),
        cmocka_unit_test(what_had_no_room_follows_the_flush),
        cmocka_unit_test(a_service_that_fails_is_asked_again),
        cmocka_unit_test(who_follows_what_is_gone_is_told),
        cmocka_unit_test(who_may_see_no_more_is_ended),
        cmocka_unit_test(who_writes_is_told_and_forgotten),
        cmocka_unit_test(a_store_that_was_put_back_is_followed_anew),
        cmocka_unit_test(a_revoked_viewer_is_ended_before_more_is_told),
        cmocka_unit_test(a_token_that_is_renewed_lasts),
        cmocka_unit_test(another_level_is_judged_anew),
        cmocka_unit_test(a_drain_ends_all_over_a_while),
        cmocka_unit_test(whatever_happens_each_gets_what_is_theirs),
        cmocka_unit_test(there_are_so_many_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
