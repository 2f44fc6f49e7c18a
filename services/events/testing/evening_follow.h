// What each viewer of an evening is told as they follow its rooms, and who is there, as a gateway asks for
// them after each step.
#ifndef EVENTS_TESTING_EVENING_FOLLOW_H
#define EVENTS_TESTING_EVENING_FOLLOW_H

#include "services/events/testing/evening.h"
#include "services/events/testing/follow.h"

static const char *const followed_rooms[] = {"table", "dead", "god.$owner", "god.$self", "side.$mafiaside"};
enum { FOLLOWED_ROOMS = sizeof followed_rooms / sizeof *followed_rooms };

struct evening_follow {
    struct service_world *world;
    bool wakes; // the owner is there at night, as only some roles have a reason to be
    struct cursor_text rooms[VIEWERS][FOLLOWED_ROOMS], presence[VIEWERS];
    uint64_t night_ms;
};

typedef void follow_print(FILE *out, const ProtobufCMessage *reply);

// The gateway keeps these for itself: they count what is hidden, too. Keys are of the store's own number.
static inline void forget_inner(Events__FollowReply *reply)
{
    Events__FollowReply__View *view = reply->views[0];
    reply->seq = reply->event_seq = reply->classes = 0;
    reply->n_changed = 0;
    reply->all_changed = false;
    reply->typing_ms = reply->night_age_ms = 0;
    if (!view->hears_typing) reply->typing = NULL;
    if (view->place->key.len) memset(view->place->key.data, 'x', view->place->key.len);
}

// Goes on, or begins anew, as the reply says.
static inline void follow_go_on(struct cursor_text *at, follow_view view)
{
    struct cursor cursor = {.offset = view->place->offset};
    at->text[0] = 0;
    if (!view->place->key.len) return;
    cursor_epoch(view->place->key.data, cursor.epoch);
    cursor_write(&cursor, at->text);
}

static inline Events__FollowReply *follow_ask(struct evening_follow *follow, const char *method,
                                              size_t viewer, const char *about, const struct cursor_text *at,
                                              const char *more)
{
    char request[WORLD_REQUEST];
    const struct asker who = asker_of(&viewers[viewer]);
    service_remember(follow->world, "self", who.user_id);
    snprintf(request, sizeof request, "{%s,'viewers':[{'user_id':'%s','level':%u,'after':'%s'}]%s}", about,
             who.user_id, who.level, at->text, more);
    struct answer answer = service_ask(follow->world, &nobody, method, request);
    if (!answer.ok) fprintf(stderr, "%s: %s\n", method, answer.err.message), _exit(1);
    Events__FollowReply *reply = (Events__FollowReply *)answer.reply;
    need(reply->n_views == 1);
    return reply;
}

static inline void follow_room_on(struct evening_follow *follow, size_t viewer, size_t room, FILE *out,
                                  follow_print *print)
{
    char about[96];
    struct cursor_text *at = &follow->rooms[viewer][room];
    snprintf(about, sizeof about, "'room_id':'$event.%s'", followed_rooms[room]);
    Events__FollowReply *reply = follow_ask(follow, "events.FollowRoom", viewer, about, at, "");
    follow_go_on(at, reply->views[0]);
    forget_inner(reply);
    print(out, &reply->base);
}

// By day everybody is there; at night all that are not awake have left. Who was there when it began is kept.
static inline void follow_presence_on(struct evening_follow *follow, size_t viewer, FILE *out,
                                      follow_print *print)
{
#define IS_THERE(name) "{'user_id':'$" name "','state':'CONNECTED'}"
#define OTHERS IS_THERE("viewer") "," IS_THERE("neighbour") "," IS_THERE("stranger") "," IS_THERE("god")
    char more[1024];
    struct cursor_text *at = &follow->presence[viewer];
    Events__FollowReply *reply;
    bool other_night;
    do {
        bool there = !follow->night_ms || follow->wakes;
        snprintf(more, sizeof more, ",'people':[%s%s],'frozen':[%s],'night_ms':'%llu'", OTHERS,
                 there ? "," IS_THERE("owner") : "", OTHERS "," IS_THERE("owner"),
                 (unsigned long long)follow->night_ms);
        reply = follow_ask(follow, "events.FollowPresence", viewer, EVENT, at, more);
        other_night = reply->night_ms != follow->night_ms;
        follow->night_ms = reply->night_ms;
    } while (other_night);
    follow_go_on(at, reply->views[0]);
    forget_inner(reply);
    print(out, &reply->base);
#undef OTHERS
#undef IS_THERE
}

#endif
