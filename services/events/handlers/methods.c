#include "services/events/handlers/handlers.h"
#include "services/events/chat/handlers/methods.h"
#include "services/events/presence/methods.h"

const struct rpc_method *const events_methods[] = {
    catalogue_methods, group_methods,        event_methods,         hand_over_methods,  seat_methods,
    ban_methods,       user_methods,         claim_methods,         join_methods,       deal_methods,
    phase_methods,     player_methods,       table_methods,         assistant_methods,  poll_methods,
    log_methods,       image_methods,        topic_methods,         replica_methods,    event_key_methods,
    follow_methods,    follow_me_methods,    room_methods,          message_methods,    follow_room_methods,
    read_room_methods, own_message_methods,  inbox_methods,         push_topic_methods, presence_methods,
    browser_methods,   follow_topic_methods, group_discord_methods, offer_methods,      NULL,
};
