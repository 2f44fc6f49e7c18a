// A talk for tests: ids by number, and what was said in its stored form.
#ifndef EVENTS_TESTING_TALK_H
#define EVENTS_TESTING_TALK_H

#include "services/events/chat/talk.h"
#include "services/events/testing/game.h"

struct talk_world {
    struct talk talk;
    struct arena arena;
    ProtobufCBinaryData links[TALK_MAX_ENTRIES];
    size_t count;
    int64_t now_ms;
};

static inline struct talk_world *make_talk_world(void)
{
    struct talk_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    assert_true(sodium_init() >= 0);
    talk_init(&world->talk);
    arena_init(&world->arena, 128 << 20);
    world->now_ms = EVENING;
    return world;
}

static inline void drop_talk_world(struct talk_world *world)
{
    talk_finish(&world->talk);
    arena_finish(&world->arena);
    free(world);
}

static inline bool talk_do(struct talk_world *world, unsigned actor, Chat__Entry__BodyCase which, void *body)
{
    Chat__Entry entry = CHAT__ENTRY__INIT;
    uint8_t salt[HASH_CHAIN_SALT];
    memset(salt, (int)world->count + 1, sizeof salt);
    entry.time_ms = world->now_ms++;
    entry.actor = id_of(actor);
    entry.body_case = which;
    entry.said = body;
    return talk_add(&world->talk, &entry, salt, &world->arena, &world->links[world->count++]);
}

static inline bool talk_say(struct talk_world *world, unsigned actor, unsigned id, const char *text)
{
    Chat__Said said = CHAT__SAID__INIT;
    char client_id[32];
    snprintf(client_id, sizeof client_id, "client-id-%06u", id);
    said.id = id_of(id);
    said.client_id = client_id;
    said.text = text;
    return talk_do(world, actor, CHAT__ENTRY__BODY_SAID, &said);
}

static inline bool talk_change(struct talk_world *world, unsigned id, const char *text, int32_t revision)
{
    Chat__Edited edited = CHAT__EDITED__INIT;
    edited.id = id_of(id);
    edited.text = text;
    edited.revision = revision;
    return talk_do(world, USER, CHAT__ENTRY__BODY_EDITED, &edited);
}

static inline bool talk_take_back(struct talk_world *world, unsigned id)
{
    Chat__Deleted deleted = CHAT__DELETED__INIT;
    deleted.id = id_of(id);
    deleted.by = CHAT__DELETED__BY__AUTHOR;
    return talk_do(world, USER, CHAT__ENTRY__BODY_DELETED, &deleted);
}

#endif
