// What a room takes: nobody fills it for the others, and what takes back always fits.
#include "services/events/chat/bounds.h"

#include "services/events/testing/talk.h"

static void assert_takes(struct talk_world *world, unsigned actor, unsigned id, const char *text, bool leads,
                         Conse__Reason__Value refusal)
{
    Chat__Said said = CHAT__SAID__INIT;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    struct err err = {0};
    said.id = id_of(id);
    said.text = text;
    entry.actor = id_of(actor);
    entry.body_case = CHAT__ENTRY__BODY_SAID;
    entry.said = &said;
    assert_int_equal(bounds_check(&world->talk, &entry, leads, &err), !refusal);
    if (refusal) assert_int_equal(err.reason, refusal);
}

static bool takes_change(struct talk_world *world, unsigned id, const char *text, bool leads, struct err *err)
{
    Chat__Edited edited = CHAT__EDITED__INIT;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    edited.id = id_of(id);
    edited.text = text;
    entry.actor = id_of(USER);
    entry.body_case = CHAT__ENTRY__BODY_EDITED;
    entry.edited = &edited;
    return bounds_check(&world->talk, &entry, leads, err);
}

static bool takes_deletion(struct talk_world *world, unsigned id)
{
    Chat__Deleted deleted = CHAT__DELETED__INIT;
    Chat__Entry entry = CHAT__ENTRY__INIT;
    struct err err = {0};
    deleted.id = id_of(id);
    entry.actor = id_of(USER);
    entry.body_case = CHAT__ENTRY__BODY_DELETED;
    entry.deleted = &deleted;
    return bounds_check(&world->talk, &entry, false, &err);
}

// From the n-th person on, each as much as they may; returns how many messages there are then.
static unsigned fill_by(struct talk_world *world, unsigned people, unsigned each)
{
    unsigned count = 0;
    for (unsigned who = 0; who < people; who++)
        for (unsigned n = 0; n < each; n++) {
            assert_takes(world, USER + who, 100000 + count, "x", false, 0);
            assert_true(talk_say(world, USER + who, 100000 + count++, "x"));
        }
    return count;
}

static void a_person_has_a_share(void **state)
{
    (void)state;
    struct talk_world *world = make_talk_world();
    unsigned count = fill_by(world, 1, BOUNDS_PERSON_ENTRIES);
    assert_takes(world, USER, 1, "x", false, CONSE__REASON__VALUE__LIMIT_REACHED);
    assert_takes(world, USER, 1, "x", true, 0);
    assert_takes(world, USER + 1, 1, "x", false, 0);
    assert_true(takes_deletion(world, 100000 + count - 1));
    drop_talk_world(world);
}

static void changes_count_too(void **state)
{
    struct err err = {0};
    (void)state;
    struct talk_world *world = make_talk_world();
    char *text = calloc(1, 8001);
    memset(text, 'x', 8000);
    assert_true(talk_say(world, USER, 1, "x"));
    for (int32_t i = 0; i < BOUNDS_MESSAGE_CHANGES; i++) {
        assert_true(takes_change(world, 1, text, false, &err));
        assert_true(talk_change(world, 1, text, i + 2));
    }
    assert_false(takes_change(world, 1, text, true, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__TOO_MANY_CHANGES);
    unsigned id = 2;
    while (world->talk.stored_bytes + 8000 <= BOUNDS_PERSON_BYTES)
        assert_true(talk_say(world, USER, id++, text));
    assert_takes(world, USER, id, text, false, CONSE__REASON__VALUE__LIMIT_REACHED);
    assert_false(takes_change(world, 2, text, false, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__LIMIT_REACHED);
    assert_true(takes_deletion(world, 1));
    drop_talk_world(world);
    free(text);
}

// The last entries are for who leads, and every message can be taken back in the end.
static void who_leads_has_a_reserve(void **state)
{
    enum { LEFT = TALK_MAX_ENTRIES - BOUNDS_RESERVED_ENTRIES, PEOPLE = LEFT / 2 / 1500 };
    (void)state;
    struct talk_world *world = make_talk_world();
    unsigned count = fill_by(world, PEOPLE, 1500);
    assert_takes(world, USER + PEOPLE, 1, "x", false, CONSE__REASON__VALUE__LIMIT_REACHED);
    for (unsigned n = 0; n < BOUNDS_RESERVED_ENTRIES / 2; n++) {
        assert_takes(world, GOD, 100000 + count, "x", true, 0);
        assert_true(talk_say(world, GOD, 100000 + count++, "x"));
    }
    assert_takes(world, GOD, 1, "x", true, CONSE__REASON__VALUE__LIMIT_REACHED);
    for (unsigned i = 0; i < count; i++) {
        assert_true(takes_deletion(world, 100000 + i));
        assert_true(talk_take_back(world, 100000 + i));
    }
    assert_int_equal(world->talk.deeds_count, TALK_MAX_ENTRIES);
    assert_int_equal(world->talk.standing, 0);
    drop_talk_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_has_a_share),
        cmocka_unit_test(changes_count_too),
        cmocka_unit_test(who_leads_has_a_reserve),
    };
    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
