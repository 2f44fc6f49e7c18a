// A group, a deck of three cards and people for tests of the service.
#ifndef EVENTS_TESTING_TABLE_H
#define EVENTS_TESTING_TABLE_H

#include "services/events/testing/service.h"

static const struct asker god = {"01890000-0000-7000-8000-000000000001", LEVEL_GOD},
                          second_god = {"01890000-0000-7000-8000-000000000002", LEVEL_GOD},
                          dev = {"01890000-0000-7000-8000-000000000003", LEVEL_DEV},
                          player = {"01890000-0000-7000-8000-000000000100", LEVEL_PLAYER},
                          other = {"01890000-0000-7000-8000-000000000101", LEVEL_PLAYER}, nobody = {"", 0};

#define EVENT "'event_id':'$event'"
#define NONCE "'nonce':'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='"

static inline void lay_table(struct service_world *world)
{
    const Events__GroupReply *group =
        (const void *)service_must(world, &god, "events.CreateGroup", "{'name':'Friday'}").reply;
    service_remember(world, "group", group->group->id);
    const Events__DeckReply *deck =
        (const void *)service_must(world, &god, "events.CreateDeck",
                                   "{'group_id':'$group','name':'small','roles':[{'role_id':'$spy','copies':"
                                   "1},{'role_id':'$jailer','copies':2}]}")
            .reply;
    service_remember(world, "deck", deck->deck->id);
    service_teach(world, second_god.user_id, "second", LEVEL_GOD);
    service_remember(world, "second", second_god.user_id);
    service_remember(world, "player", player.user_id);
    service_remember(world, "other", other.user_id);
}

static inline int set_up(void **state)
{
    *state = service_world_open();
    lay_table(*state);
    return 0;
}

static inline int tear_down(void **state)
{
    service_world_close(*state);
    return 0;
}

static inline void open_event(struct service_world *world, const char *title, const char *local)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request,
             "{'group_id':'$group','deck_id':'$deck','title':'%s','max_players':2,'waitlist':true,"
             "'starts_at':{'local':'%s','zone':'UTC'}}",
             title, local);
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.CreateEvent", request).reply;
    service_remember(world, "event", reply->event->id);
}

static inline void open_dealt(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
}

static inline void assert_refuses(struct service_world *world, const struct asker *asker, const char *method,
                                  const char *request, Conse__Reason__Value reason)
{
    struct answer answer = service_ask(world, asker, method, request);
    assert_false(answer.ok);
    assert_int_equal(answer.err.reason, reason);
}

#endif
