// The fold of a room: what follows, what does not, and what is left when texts are erased.
#include "services/events/chat/talk.h"

#include "services/events/testing/talk.h"

// How many of the links follow one another from the first on.
static size_t read_again(const struct talk_world *world, struct talk *talk)
{
    bool newer;
    size_t i = 0;
    talk_init(talk);
    while (i < world->count && talk_apply(talk, &world->links[i], &newer)) i++;
    return i;
}

static struct talk_world *make_talk(void)
{
    struct talk_world *world = make_talk_world();
    assert_true(talk_say(world, USER, 1, "first"));
    assert_true(talk_say(world, USER + 1, 2, "second"));
    assert_true(talk_change(world, 1, "changed", 2));
    assert_true(talk_take_back(world, 2));
    return world;
}

static void stored_entries_give_the_same_talk(void **state)
{
    struct talk talk;
    (void)state;
    struct talk_world *world = make_talk();
    assert_int_equal(read_again(world, &talk), 4);
    assert_memory_equal(talk.chain.head, world->talk.chain.head, HASH_CHAIN_HASH);
    assert_int_equal(talk.count, 2);
    assert_string_equal(talk_find(&talk, id_of(1))->newest.text, "changed");
    assert_string_equal(talk_find(&talk, id_of(1))->before[0].text, "first");
    assert_int_equal(talk_find(&talk, id_of(1))->revision, 2);
    assert_string_equal(talk_find(&talk, id_of(2))->newest.text, "second");
    assert_int_equal(talk_find_sent(&talk, id_of(USER), "client-id-000001")->seq, 1);
    assert_null(talk_find_sent(&talk, id_of(USER + 1), "client-id-000001"));
    assert_int_equal(talk.text_bytes, strlen("firstsecondchanged"));
    talk_finish(&talk);
    drop_talk_world(world);
}

static void a_message_says_what_it_said_at_a_time(void **state)
{
    int32_t revision;
    (void)state;
    struct talk_world *world = make_talk();
    const struct said *said = talk_find(&world->talk, id_of(1));
    assert_string_equal(talk_wording(said, EVENING, &revision)->text, "first");
    assert_int_equal(revision, 1);
    assert_string_equal(talk_wording(said, EVENING + 1, &revision)->text, "first");
    assert_string_equal(talk_wording(said, EVENING + 2, &revision)->text, "changed");
    assert_int_equal(revision, 2);
    assert_int_equal(talk_passed_ms(said, 0), EVENING + 2);
    assert_int_equal(talk_passed_ms(said, 1), 0);
    assert_int_equal(talk_passed_ms(talk_find(&world->talk, id_of(2)), 0), EVENING + 3);
    assert_int_equal(talk_head_at(&world->talk, EVENING - 1), 0);
    assert_int_equal(talk_head_at(&world->talk, EVENING + 2), 3);
    drop_talk_world(world);
}

// However long the talk is, and for however many who return at once.
static void what_is_unread_is_counted_among_the_newest(void **state)
{
    enum { MANY = 5 * TALK_UNREAD_LOOKS };
    (void)state;
    struct talk_world *world = make_talk_world();
    char reader[UUID_LEN + 1];
    struct unread unread = {0, MANY, 0, INT64_MAX, strcpy(reader, id_of(USER + 1))};
    for (unsigned i = 0; i < MANY; i++) assert_true(talk_say(world, USER, 1 + i, "x"));
    assert_int_equal(talk_unread(&world->talk, &unread), TALK_UNREAD_LOOKS);
    unread.after = MANY - 3;
    assert_int_equal(talk_unread(&world->talk, &unread), 3);
    assert_true(talk_take_back(world, MANY));
    assert_int_equal(talk_unread(&world->talk, &unread), 2);
    unread.at_ms = world->now_ms - 2; // before that
    assert_int_equal(talk_unread(&world->talk, &unread), 3);
    unread.after = 0;
    for (unsigned i = 0; i < TALK_UNREAD_LOOKS; i++)
        assert_true(talk_say(world, USER + 1, MANY + 1 + i, "x"));
    unread.head = world->talk.chain.seq;
    assert_int_equal(talk_unread(&world->talk, &unread), 0); // nothing before the own ones was looked at
    drop_talk_world(world);
}

// What was replaced or deleted goes by its time, what stands stays.
static void what_has_passed_is_forgotten(void **state)
{
    (void)state;
    struct talk_world *world = make_talk();
    assert_true(talk_change(world, 1, "changed again", 3));
    const struct said *first = talk_find(&world->talk, id_of(1)), *second = talk_find(&world->talk, id_of(2));
    talk_forget(&world->talk, EVENING + 1);
    assert_non_null(first->before[0].text);
    talk_forget(&world->talk, EVENING + 2);
    assert_null(first->before[0].text);
    assert_non_null(second->newest.text);
    talk_forget(&world->talk, EVENING + 4);
    assert_null(second->newest.text);
    assert_null(first->before[1].text);
    assert_string_equal(first->newest.text, "changed again");
    assert_int_equal(world->talk.text_bytes, strlen("changed again"));
    drop_talk_world(world);
}

static void what_does_not_follow_is_refused(void **state)
{
    (void)state;
    struct talk_world *world;
    for (int fault = 0; fault < 6; fault++) {
        world = make_talk();
        world->now_ms -= fault == 5 ? HOUR : 0;
        bool fits = fault == 0   ? talk_say(world, USER, 1, "again")
                    : fault == 1 ? talk_change(world, 1, "late", 2)
                    : fault == 2 ? talk_change(world, 2, "gone", 2)
                    : fault == 3 ? talk_take_back(world, 2)
                    : fault == 4 ? talk_take_back(world, 3)
                                 : talk_say(world, USER, 4, "earlier");
        assert_false(fits);
        drop_talk_world(world);
    }
}

// Each byte of each entry counts.
static void a_changed_entry_does_not_verify(void **state)
{
    struct talk talk;
    (void)state;
    struct talk_world *world = make_talk();
    for (size_t i = 0; i < world->count; i++)
        for (size_t at = 0; at < world->links[i].len; at++) {
            world->links[i].data[at] ^= 1;
            size_t read = read_again(world, &talk);
            talk_finish(&talk);
            world->links[i].data[at] ^= 1;
            if (read > i) fail_msg("entry %zu, byte %zu", i, at);
        }
    drop_talk_world(world);
}

static void an_erased_text_leaves_its_leaf(void **state)
{
    struct talk talk;
    ProtobufCBinaryData stub;
    (void)state;
    struct talk_world *world = make_talk();
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
    assert_true(talk_find(&talk, id_of(1))->newest.erased);
    assert_null(talk_find(&talk, id_of(1))->newest.text);
    assert_int_equal(talk_find_sent(&talk, id_of(USER), "client-id-000001")->seq, 1);
    talk_finish(&talk);
    drop_talk_world(world);
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
        cmocka_unit_test(a_message_says_what_it_said_at_a_time),
        cmocka_unit_test(what_is_unread_is_counted_among_the_newest),
        cmocka_unit_test(what_has_passed_is_forgotten),
        cmocka_unit_test(what_does_not_follow_is_refused),
        cmocka_unit_test(a_changed_entry_does_not_verify),
        cmocka_unit_test(an_erased_text_leaves_its_leaf),
        cmocka_unit_test(what_a_newer_program_wrote_is_told_from_what_is_spoilt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
