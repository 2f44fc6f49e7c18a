#include "services/events/topics/follow_reply.h"

static Events__FollowReply__View *make_view(struct arena *arena)
{
    Events__FollowReply__View *view = arena_new(arena, Events__FollowReply__View);
    Events__Place *place = arena_new(arena, Events__Place);
    if (!view || !place) return NULL;
    events__follow_reply__view__init(view);
    events__place__init(place);
    view->place = place;
    return view;
}

bool follow_reply_begin(Events__FollowReply *reply, struct follow_room_for room, struct arena *arena)
{
    events__follow_reply__init(reply);
    reply->views = arena_array(arena, room.viewers + 1, sizeof *reply->views);
    reply->bodies = arena_array(arena, room.bodies + 1, sizeof *reply->bodies);
    reply->snapshots = arena_array(arena, room.snapshots + 1, sizeof *reply->snapshots);
    for (size_t i = 0; i < room.viewers && !arena->failed; i++)
        reply->views[reply->n_views++] = make_view(arena);
    return !arena->failed;
}

// The members of each oneof share their place.
uint32_t follow_reply_body(Events__FollowReply *reply, Events__FollowReply__Body__BodyCase which,
                           void *message, struct arena *arena)
{
    Events__FollowReply__Body *body = arena_new(arena, Events__FollowReply__Body);
    if (!body || !message) return 0;
    events__follow_reply__body__init(body);
    body->body_case = which;
    body->event = message;
    reply->bodies[reply->n_bodies] = body;
    return (uint32_t)reply->n_bodies++;
}

uint32_t follow_reply_snapshot(Events__FollowReply *reply, Events__FollowReply__Snapshot__StateCase which,
                               void *message, struct arena *arena)
{
    Events__FollowReply__Snapshot *snapshot = arena_new(arena, Events__FollowReply__Snapshot);
    if (!snapshot || !message) return 0;
    events__follow_reply__snapshot__init(snapshot);
    snapshot->state_case = which;
    snapshot->event = message;
    reply->snapshots[reply->n_snapshots++] = snapshot;
    return (uint32_t)reply->n_snapshots;
}

void follow_reply_mine(Events__FollowReply__View *view, Events__FollowReply__Mine__MineCase which,
                       void *message, struct arena *arena)
{
    Events__FollowReply__Mine *mine = arena_new(arena, Events__FollowReply__Mine);
    if (!mine) return;
    events__follow_reply__mine__init(mine);
    mine->mine_case = which;
    mine->event = message;
    view->mine = mine;
}

void follow_reply_night(Events__FollowReply *reply, const struct game *game, int64_t now_ms)
{
    const struct phase *phase = game_open_phase(game);
    bool night =
        game->state == EVENTS__EVENT__STATE__RUNNING && phase && phase->kind == EVENTS__PHASE__KIND__NIGHT;
    if (!night) return;
    int64_t age_ms = now_ms > phase->opened_ms ? now_ms - phase->opened_ms : 0;
    reply->night_ms = (uint64_t)phase->opened_ms;
    reply->night_age_ms = age_ms < UINT32_MAX ? (uint32_t)age_ms : UINT32_MAX;
}

bool follow_reply_reset(Events__Reset **reset, Events__Reset__Reason reason, struct arena *arena)
{
    if (!reason) return true;
    if (!(*reset = arena_new(arena, Events__Reset))) return false;
    events__reset__init(*reset);
    (*reset)->reason = reason;
    return true;
}
