// Following who is connected to an event, for a gateway that has its viewers' connections.
#include <sodium.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "services/events/names/show.h"
#include "services/events/presence/methods.h"
#include "services/events/presence/seen.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/view_key.h"

// What viewers of one class see.
struct sight {
    struct seer seer;
    uint8_t *key;
    char epoch[CURSOR_EPOCH + 1];
    Events__EventPresence *shown;
    uint64_t number;   // of what is shown
    uint32_t snapshot; // place + 1
};

struct following_presence {
    struct command command;
    const Events__FollowPresenceRequest *request;
    Events__FollowReply *reply;
    struct seen seen;
    int64_t now_ms;
    struct sight *sights;
    size_t count;
};

static struct arena *sight_arena(const struct following_presence *f) { return f->command.call->arena; }

// ---- Classes

static void make_sight_key(const struct following_presence *f, const struct seer *seer, uint8_t key[VIEW_KEY])
{
    static const char *const names[SEEN_CLASSES] = {"leader", "table", "late", "side"};
    const char *const words[] = {"presence", f->request->event_id, names[seer->class], seer->side.text};
    view_key_make(store_generation(f->command.events->store), words, sizeof words / sizeof *words, key);
}

// By the bytes of what is shown, so that it is the same wherever it is made.
static uint64_t number_of(const Events__EventPresence *shown, struct arena *arena)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    size_t len = events__event_presence__get_packed_size(shown);
    uint8_t *bytes = arena_alloc(arena, len + 1);
    if (!bytes) return 0;
    crypto_hash_sha256(digest, bytes, events__event_presence__pack(shown, bytes));
    return 1 + ((uint64_t)digest[0] << 24 | (uint64_t)digest[1] << 16 | (uint64_t)digest[2] << 8 | digest[3]);
}

static bool begin_sight(struct following_presence *f, struct sight *sight, const struct seer *seer)
{
    uint8_t key[VIEW_KEY];
    make_sight_key(f, seer, key);
    *sight = (struct sight){.seer = *seer, .key = arena_copy(sight_arena(f), key, VIEW_KEY)};
    cursor_epoch(key, sight->epoch);
    sight->shown = seen_show(&f->seen, seer);
    if (sight->shown) sight->number = number_of(sight->shown, sight_arena(f));
    return sight->key && sight->number;
}

// NULL when the arena is full.
static struct sight *find_sight(struct following_presence *f, const struct seer *seer)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct seer *other = &f->sights[i].seer;
        if (other->class == seer->class && strcmp(other->side.text, seer->side.text) == 0)
            return &f->sights[i];
    }
    struct sight *sight = &f->sights[f->count];
    return begin_sight(f, sight, seer) ? f->count++, sight : NULL;
}

// ---- Views

static bool is_epoch_of(const struct following_presence *f, const struct seer *seer, const char *epoch)
{
    uint8_t key[VIEW_KEY];
    char other[CURSOR_EPOCH + 1];
    make_sight_key(f, seer, key);
    cursor_epoch(key, other);
    return strcmp(other, epoch) == 0;
}

static Events__Reset__Reason why_lost(const struct following_presence *f, const char *epoch)
{
    const struct game *game = f->command.game;
    for (int class = 0; class < SEEN_SIDE; class ++)
        if (is_epoch_of(f, &(struct seer){.class = (enum seen_class) class}, epoch))
            return EVENTS__RESET__REASON__RIGHTS;
    for (size_t i = 0; i < game->sides_count; i++)
        if (is_epoch_of(f, &(struct seer){SEEN_SIDE, game->sides[i]}, epoch))
            return EVENTS__RESET__REASON__RIGHTS;
    return EVENTS__RESET__REASON__EPOCH;
}

// Whether the viewer has what is shown already.
static bool judge_place(const struct following_presence *f, const struct sight *sight, const char *after,
                        Events__Place *place)
{
    struct cursor cursor = {.offset = 0};
    if (!*after) return false;
    bool parsed = cursor_parse(after, &cursor);
    if (!parsed || strcmp(cursor.epoch, sight->epoch) != 0)
        return place->reset = parsed ? why_lost(f, cursor.epoch) : EVENTS__RESET__REASON__EPOCH, false;
    return cursor.offset == sight->number;
}

static bool fill_sight(struct following_presence *f, const Events__FollowViewer *who,
                       Events__FollowReply__View *view)
{
    Events__Place *place = view->place;
    struct seer seer = seer_of(f->command.aggregate, who->user_id, who->level, f->now_ms);
    place->reset = EVENTS__RESET__REASON__RIGHTS;
    if (!*who->user_id) return true;
    struct sight *sight = find_sight(f, &seer);
    if (!sight) return false;
    place->key = (ProtobufCBinaryData){VIEW_KEY, sight->key};
    place->leads = seer.class == SEEN_LEADER;
    place->offset = sight->number;
    place->reset = EVENTS__RESET__REASON__NONE;
    if (judge_place(f, sight, who->after, place) && !who->snapshot) return true;
    if (!sight->snapshot)
        sight->snapshot = follow_reply_snapshot(f->reply, EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_PRESENCE,
                                                sight->shown, sight_arena(f));
    view->snapshot = sight->snapshot;
    return sight->snapshot;
}

static bool begin_reply(struct following_presence *f)
{
    const struct game *game = f->command.game;
    Events__FollowReply *reply = f->reply;
    const struct follow_room_for room = {.viewers = f->request->n_viewers,
                                         .snapshots = SEEN_CLASSES + game->sides_count};
    f->sights = arena_array(sight_arena(f), room.snapshots + 1, sizeof *f->sights);
    if (!follow_reply_begin(reply, room, sight_arena(f))) return false;
    reply->seq = game->chain.seq;
    reply->classes = game->classes.newest > game->room_rights ? game->classes.newest : game->room_rights;
    reply->all_changed = reply->classes > f->request->classes_known;
    follow_reply_night(reply, game, f->now_ms);
    return f->sights;
}

HANDLER(follow_presence, Events__FollowPresenceRequest, Events__FollowReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_follow(&command, request->event_id, request->at_least, false, err)) return false;
    names_show(command.events->names, command.game);
    struct following_presence f = {.command = command, .request = request, .reply = reply};
    f.now_ms = aggregate_time(command.aggregate, call->now_ms);
    if (!begin_reply(&f)) return filled(NULL, err);
    f.seen = (struct seen){.events = command.events,
                           .game = command.game,
                           .known = request,
                           .night_ms = reply->night_ms,
                           .night_age_ms = reply->night_age_ms,
                           .now_ms = f.now_ms,
                           .arena = call->arena};
    for (size_t i = 0; i < request->n_viewers; i++)
        if (!fill_sight(&f, request->viewers[i], reply->views[i])) return filled(NULL, err);
    return true;
}

const struct rpc_method presence_methods[] = {
    RPC_METHOD("events.FollowPresence", follow_presence),
    {0},
};
