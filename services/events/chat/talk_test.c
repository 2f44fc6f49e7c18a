// The fold of a room: what follows, what does not, and what is left when texts are erased.
#include "services/events/chat/talk.h"

#include "services/events/testing/game.h"

enum { ENTRIES = 16 };

struct room_world {
    struct talk talk;
    struct arena arena;
    ProtobufCBinaryData links[ENTRIES];
    size_t count;
    int64_t now_ms;
};

static struct room_world *make_room(void)
{
    struct room_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    assert_true(sodium_init() >= 0);
    talk_init(&world->talk);
    arena_init(&world->arena, 1 << 20);
    world->now_ms = EVENING;
    return world;
}

static void drop_room(struct room_world *world)
{
    talk_finish(&world->talk);
    arena_finish(&world->arena);
    free(world);
}

static bool add(struct room_world *world, unsigned actor, Chat__Entry__BodyCase which, void *body)
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

static bool say(struct room_world *world, unsigned actor, unsigned id, const char *text)
{
    Chat__Said said = CHAT__SAID__INIT;
    char client_id[32];
    snprintf(client_id, sizeof client_id, "client-id-%06u", id);
    said.id = id_of(id);
    said.client_id = client_id;
    said.text = text;
    return add(world, actor, CHAT__ENTRY__BODY_SAID, &said);
}

static bool change(struct room_world *world, unsigned id, const char *text, int32_t revision)
{
    Chat__Edited edited = CHAT__EDITED__INIT;
    edited.id = id_of(id);
    edited.text = text;
    edited.revision = revision;
    return add(world, USER, CHAT__ENTRY__BODY_EDITED, &edited);
}

static bool take_back(struct room_world *world, unsigned id)
{
    Chat__Deleted deleted = CHAT__DELETED__INIT;
    deleted.id = id_of(id);
    deleted.by = CHAT__DELETED__BY__AUTHOR;
    return add(world, USER, CHAT__ENTRY__BODY_DELETED, &deleted);
}

// How many of the links follow one another from the first on.
static size_t read_again(const struct room_world *world, struct talk *talk)
{
    bool newer;
    size_t i = 0;
    talk_init(talk);
    while (i < world->count && talk_apply(talk, &world->links[i], &newer)) i++;
    return i;
}

static struct room_world *make_talk(void)
{
    struct room_world *world = make_room();
    assert_true(say(world, USER, 1, "first"));
    assert_true(say(world, USER + 1, 2, "second"));
    assert_true(change(world, 1, "changed", 2));
    assert_true(take_back(world, 2));
    return world;
}

static void stored_entries_give_the_same_talk(void **state)
{
    struct talk talk;
    (void)state;
    struct room_world *world = make_talk();
    assert_int_equal(read_again(world, &talk), 4);
    assert_memory_equal(talk.chain.head, world->talk.chain.head, HASH_CHAIN_HASH);
    assert_int_equal(talk.count, 2);
    assert_string_equal(talk_find(&talk, id_of(1))->text, "changed");
    assert_int_equal(talk_find(&talk, id_of(1))->revision, 2);
    assert_null(talk_find(&talk, id_of(2))->text);
    assert_int_equal(talk_find_sent(&talk, id_of(USER), "client-id-000001")->seq, 1);
    assert_null(talk_find_sent(&talk, id_of(USER + 1), "client-id-000001"));
    assert_int_equal(talk.text_bytes, strlen("changed"));
    talk_finish(&talk);
    drop_room(world);
}

static void what_does_not_follow_is_refused(void **state)
{
    (void)state;
    struct room_world *world;
    for (int fault = 0; fault < 6; fault++) {
        world = make_talk();
        world->now_ms -= fault == 5 ? HOUR : 0;
        bool fits = fault == 0   ? say(world, USER, 1, "again")
                    : fault == 1 ? change(world, 1, "late", 2)
                    : fault == 2 ? change(world, 2, "gone", 2)
                    : fault == 3 ? take_back(world, 2)
                    : fault == 4 ? take_back(world, 3)
                                 : say(world, USER, 4, "earlier");
        assert_false(fits);
        drop_room(world);
    }
}

// Each byte of each entry counts.
static void a_changed_entry_does_not_verify(void **state)
{
    struct talk talk;
    (void)state;
    struct room_world *world = make_talk();
    for (size_t i = 0; i < world->count; i++)
        for (size_t at = 0; at < world->links[i].len; at++) {
            world->links[i].data[at] ^= 1;
            size_t read = read_again(world, &talk);
            talk_finish(&talk);
            world->links[i].data[at] ^= 1;
            if (read > i) fail_msg("entry %zu, byte %zu", i, at);
        }
    drop_room(world);
}

static void an_erased_text_leaves_its_leaf(void **state)
{
    struct talk talk;
    ProtobufCBinaryData stub;
    (void)state;
    struct room_world *world = make_talk();
    for (size_t i = 0; i < 3; i++) {
        assert_true(talk_stub(&world->links[i], &world->arena, &stub));
        assert_null(memmem(stub.data, stub.len, "first", 5));
        assert_null(memmem(stub.data, stub.len, "second", 6));
        assert_null(memmem(stub.data, stub.len, "changed", 7));
        world->links[i] = stub;
        assert_false(talk_stub(&world->links[i], &world->arena, &stub));
        assert_int_equal(read_again(world, &talk), 4);
        assert_memory_equal(talk.chain.head, world->talk.chain.head, HASH_CHAIN_HASH);
        talk_finish(&talk);
    }
    assert_false(talk_stub(&world->links[3], &world->arena, &stub));
    read_again(world, &talk);
    assert_true(talk_find(&talk, id_of(1))->erased);
    assert_null(talk_find(&talk, id_of(1))->text);
    assert_int_equal(talk_find_sent(&talk, id_of(USER), "client-id-000001")->seq, 1);
    talk_finish(&talk);
    drop_room(world);
}

static void what_a_newer_program_wrote_is_told_from_what_is_spoilt(void **state)
{
    struct talk talk;
    bool newer;
    uint8_t leaf[HASH_CHAIN_HASH], salt[HASH_CHAIN_SALT] = {0}, entry[256], bytes[512];
    struct hash_chain chain = {0};
    Chat__Entry plain = CHAT__ENTRY__INIT;
    Chat__Link link = CHAT__LINK__INIT;
    (void)state;
    plain.time_ms = 1;
    plain.actor = id_of(USER);
    size_t len = chat__entry__pack(&plain, entry);
    memcpy(entry + len, (const uint8_t[]){0xBA, 0x3E, 0}, 3); // field 999
    hash_chain_leaf(leaf, salt, entry, len + 3);
    hash_chain_advance(&chain, leaf);
    link.salt = (ProtobufCBinaryData){sizeof salt, salt};
    link.entry = (ProtobufCBinaryData){len + 3, entry};
    link.hash = (ProtobufCBinaryData){HASH_CHAIN_HASH, chain.head};
    const ProtobufCBinaryData packed = {chat__link__pack(&link, bytes), bytes};
    talk_init(&talk);
    assert_false(talk_apply(&talk, &packed, &newer));
    assert_true(newer);
    chain.head[0] ^= 1;
    chat__link__pack(&link, bytes);
    assert_false(talk_apply(&talk, &packed, &newer));
    assert_false(newer);
    talk_finish(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_entries_give_the_same_talk),
        cmocka_unit_test(what_does_not_follow_is_refused),
        cmocka_unit_test(a_changed_entry_does_not_verify),
        cmocka_unit_test(an_erased_text_leaves_its_leaf),
        cmocka_unit_test(what_a_newer_program_wrote_is_told_from_what_is_spoilt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
