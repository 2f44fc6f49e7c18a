// Rooms in tests: what is said in them and read, by people of testing/table.h. Rooms are named without the
// event's id: "table", "side.$side".
#ifndef EVENTS_TESTING_CHAT_H
#define EVENTS_TESTING_CHAT_H

#include "services/events/testing/table.h"

typedef const Events__ListMessagesReply *message_list;

static inline struct answer chat_ask(struct service_world *world, const struct asker *who, const char *method,
                                     const char *room, const char *more)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'room_id':'$event.%s'%s}", room, more);
    return service_ask(world, who, method, request);
}

static inline struct answer chat_must(struct service_world *world, const struct asker *who,
                                      const char *method, const char *room, const char *more)
{
    struct answer answer = chat_ask(world, who, method, room, more);
    if (!answer.ok)
        fail_msg("%s in %s%s: %s %s", method, room, more, err_name(&answer.err), answer.err.message);
    return answer;
}

static inline void chat_refused(struct service_world *world, const struct asker *who, const char *method,
                                const char *room, const char *more, Conse__Reason__Value reason)
{
    struct answer answer = chat_ask(world, who, method, room, more);
    assert_false(answer.ok);
    if (answer.err.reason != reason)
        fail_msg("%s in %s%s: %s %s", method, room, more, err_name(&answer.err), answer.err.message);
}

// The n-th message of a writer.
static inline const char *chat_text(unsigned n, const char *text)
{
    static char more[8192];
    snprintf(more, sizeof more, ",'client_id':'client-id-%08u','text':'%s'", n, text);
    return more;
}

static inline const Events__Message *chat_say(struct service_world *world, const struct asker *who,
                                              const char *room, unsigned n, const char *text)
{
    const void *reply = chat_must(world, who, "events.SendMessage", room, chat_text(n, text)).reply;
    return ((const Events__MessageReply *)reply)->message;
}

static inline void chat_no_word(struct service_world *world, const struct asker *who, const char *room,
                                Conse__Reason__Value reason)
{
    chat_refused(world, who, "events.SendMessage", room, chat_text(99999, "no"), reason);
}

static inline message_list chat_list(struct service_world *world, const struct asker *who, const char *room,
                                     const char *more)
{
    return (message_list)chat_must(world, who, "events.ListMessages", room, more).reply;
}

static inline const Events__Room *chat_room(struct service_world *world, const struct asker *who,
                                            Events__Room__Kind kind)
{
    const Events__ListRoomsReply *list =
        (const void *)service_must(world, who, "events.ListRooms", "{" EVENT "}").reply;
    for (size_t i = 0; i < list->n_rooms; i++)
        if (list->rooms[i]->kind == kind) return list->rooms[i];
    return NULL;
}

#endif
