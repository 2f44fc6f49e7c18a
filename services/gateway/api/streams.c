#include "services/gateway/api/streams.h"

#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "services/gateway/api/routes.h"

static const struct stream_kind kinds[] = {
    {"event", "event_id", &events__event__descriptor, &events__event_mine__descriptor,
     &events__log_entry__descriptor,
     "What happens in an event, as its viewer may see it. Anybody; with a token it is told as its user may "
     "see it."},
    {"me", NULL, &events__me_snapshot__descriptor, NULL, &events__me_entry__descriptor,
     "What the game tells the caller, in any event. Any user."},
    {"room", "room_id", &events__room_snapshot__descriptor, &events__room_mine__descriptor,
     &events__room_entry__descriptor,
     "What is said in a room, changed and taken back. Who may read it; to others there is none."},
};

const struct stream_kind *streams_all(size_t *count)
{
    *count = sizeof kinds / sizeof *kinds;
    return kinds;
}

const struct route *streams_renewal(void)
{
    static const struct schema_owner nobody[] = {{0, 0}};
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
