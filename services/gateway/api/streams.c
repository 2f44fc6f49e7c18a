#include "services/gateway/api/streams.h"

#include "auth.pb-c.h"
#include "deals.pb-c.h"
#include "events.pb-c.h"
#include "google/protobuf/empty.pb-c.h"
#include "services/gateway/api/routes.h"

static const struct stream_kind kinds[] = {
    {.topic = "event",
     .about = "event_id",
     .state = &events__event__descriptor,
     .mine = &events__event_mine__descriptor,
     .entry = &events__log_entry__descriptor,
     .doc =
         "What happens in an event, as its viewer may see it. Anybody; with a token it is told as its user "
         "may see it."},
    {.topic = "me",
     .state = &events__me_snapshot__descriptor,
     .entry = &events__me_entry__descriptor,
     .doc = "What the game tells the caller, in any event. Any user."},
    {.topic = "room",
     .about = "room_id",
     .state = &events__room_snapshot__descriptor,
     .mine = &events__room_mine__descriptor,
     .entry = &events__room_entry__descriptor,
     .typing = &events__room_typing__descriptor,
     .doc =
         "What is said in a room, changed and taken back, and, to who selects it, who writes just now. Who "
         "may read it; to others there is none."},
    {.topic = "topic",
     .about = "name",
     .state = &events__topic_snapshot__descriptor,
     .entry = &events__topic_entry__descriptor,
     .doc = "What a topic publishes outside. Its owner, and devs; to others there is none."},
    {.topic = "market",
     .noun = "book",
     .about = "role_id",
     .state = &chain__book_snapshot__descriptor,
     .entry = &chain__book_entry__descriptor,
     .doc = "The book of a role's cards: what each command changed in it. Any user; of a role without cards "
            "there is none."},
    {.topic = "orders",
     .state = &chain__orders_snapshot__descriptor,
     .entry = &chain__orders_entry__descriptor,
     .doc = "What happens to the caller's orders. Any user."},
    {.topic = "presence",
     .about = "event_id",
     .state = &events__event_presence__descriptor,
     .doc = "Who follows an event just now, as the viewer may know it: each time that it is another, all of "
            "it. Any user."},
};

const struct stream_kind *streams_all(size_t *count)
{
    *count = sizeof kinds / sizeof *kinds;
    return kinds;
}

static const struct schema_owner nobody[] = {{0, 0}};

const struct route *streams_renewal(void)
{
    static const struct schema_method method = {
        .name = "gateway.RenewToken",
        .request = &auth__renew_token_request__descriptor,
        .reply = &auth__token_lease__descriptor,
        .doc =
            "Goes on with another access token on the WebSocket where it is sent: of the same user, with no "
            "fewer rights.",
        .class = CONSE__CLASS__READ,
        .level = CONSE__METHOD__LEVEL__USER,
        .owners = nobody};
    static const struct route route = {
        .verb = VERB_POST, .path = "", .method = &method, .level = CONSE__METHOD__LEVEL__USER};
    return &route;
}

const struct route *streams_saying(void)
{
    static const struct schema_method method = {.name = "gateway.SayPresence",
                                                .request = &events__say_presence_request__descriptor,
                                                .reply = &google__protobuf__empty__descriptor,
                                                .doc = "Says whether anybody looks at the page by which the "
                                                       "caller follows an event: this WebSocket's, or "
                                                       "the one of that name.",
                                                .class = CONSE__CLASS__READ,
                                                .level = CONSE__METHOD__LEVEL__USER,
                                                .owners = nobody};
    static const struct route route = {
        .verb = VERB_PUT, .path = "", .method = &method, .level = CONSE__METHOD__LEVEL__USER};
    return &route;
}
