// The methods of events.Events and of the service's Feed and Keys: events_methods has all of them, the other
// tables have them by subject.
#ifndef EVENTS_HANDLERS_HANDLERS_H
#define EVENTS_HANDLERS_HANDLERS_H

#include "services/events/live/command.h"

extern const struct rpc_method *const events_methods[];

extern const struct rpc_method catalogue_methods[], group_methods[], event_methods[], hand_over_methods[],
    seat_methods[], deal_methods[], phase_methods[], player_methods[], table_methods[], assistant_methods[],
    poll_methods[], log_methods[], ban_methods[], user_methods[], claim_methods[], join_methods[],
    image_methods[], topic_methods[], replica_methods[], event_key_methods[], follow_methods[],
    follow_me_methods[], follow_topic_methods[], inbox_methods[], push_topic_methods[], browser_methods[],
    group_discord_methods[], offer_methods[];

// command->game with names, as this viewer sees it, and the user's own reservation as it is now, also of a
// game that they see late. user_id "": without what is a user's own. NULL when the arena is full.
Events__Event *events_show(struct command *command, const struct viewer *viewer, const char *user_id);
// Fills the event as its caller sees it, and commits.
MUST_CHECK bool events_reply(struct command *command, Events__EventReply *reply, struct err *err);
// The same of one player, as who leads sees them.
MUST_CHECK bool players_reply(struct command *command, const char *user_id, Events__PlayerReply *reply,
                              struct err *err);

#endif
