// What a newer program wrote is left alone, and told from what is spoilt: that event is away, the others go
// on.
#include "services/events/testing/table.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"

#define SOUND "'event_id':'$sound'"

static const uint8_t another_kind[] = {0xBA, 0x3E, 0}; // field 999, no bytes

// Two events with a player each: one gets an entry of a newer program, the other stays as it is.
static void open_two(struct service_world *world)
{
    open_event(world, "Sound", "2027-01-15T20:00:00");
    service_remember(world, "sound", service_recall(world, "event"));
    open_event(world, "Newer", "2027-01-15T21:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
}

static void reopen(struct service_world *world)
{
    char url[96];
    struct err err = {0};
    const struct events_settings settings = world->events.settings;
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    const struct events_options options = {.settings = &settings, .data_dir = world->dir, .store_url = url};
    events_close(&world->events);
    if (!events_open(&world->events, &options, &err)) fail_msg("%s", err.message);
}

static struct hash_chain chain_of(struct service_world *world)
{
    struct aggregate *aggregate;
    struct err err = {0};
    if (!aggregate_enter(&world->events, service_recall(world, "event"), &aggregate, &err))
        fail_msg("%s", err.message);
    struct hash_chain chain = aggregate->game.chain;
    aggregate_leave(aggregate);
    return chain;
}

static void append_link(struct service_world *world, uint64_t seq, Game__Link *link)
{
    uint8_t packed[256];
    struct err err = {0};
    ProtobufCBinaryData bytes = {game__link__get_packed_size(link), packed};
    assert_true(bytes.len <= sizeof packed);
    game__link__pack(link, packed);
    uint64_t ticket = store_append(world->events.store, events_stream(service_recall(world, "event")).text,
                                   seq, &bytes, 1, NULL);
    if (!store_wait(world->events.store, ticket, &err)) fail_msg("%s", err.message);
    reopen(world);
}

// As a newer program would append it; spoilt: its hash is another.
static void append_entry(struct service_world *world, ProtobufCBinaryData entry, bool spoilt)
{
    struct hash_chain chain = chain_of(world);
    uint8_t salt[HASH_CHAIN_SALT] = {1}, leaf[HASH_CHAIN_HASH];
    Game__Link link = GAME__LINK__INIT;
    hash_chain_leaf(leaf, salt, entry.data, entry.len);
    hash_chain_advance(&chain, leaf);
    chain.head[0] ^= spoilt;
    link.salt = (ProtobufCBinaryData){sizeof salt, salt};
    link.entry = entry;
    link.hash = (ProtobufCBinaryData){sizeof chain.head, chain.head};
    append_link(world, chain.seq, &link);
}

static void append_newer(struct service_world *world, bool spoilt)
{
    append_entry(world, (ProtobufCBinaryData){sizeof another_kind, (uint8_t *)another_kind}, spoilt);
}

static void an_event_with_an_entry_of_a_newer_program_is_away(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    append_newer(world, false);
    for (int i = 0; i < 2; i++) { // the second time it is not read
        assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__STORE_NEWER);
        assert_refuses(world, &other, "events.Reserve", "{" EVENT "}", CONSE__REASON__VALUE__STORE_NEWER);
    }
}

// `body` is at most 16 bytes.
static void append_vote(struct service_world *world, ProtobufCBinaryData body, bool spoilt)
{
    Game__Entry voted = GAME__ENTRY__INIT;
    uint8_t bytes[128];
    voted.time_ms = world->now_ms;
    voted.actor = other.user_id;
    size_t len = game__entry__pack(&voted, bytes);
    memcpy(bytes + len, body.data, body.len);
    append_entry(world, (ProtobufCBinaryData){len + body.len, bytes}, spoilt);
}

// To fold it without the field would show what nobody did.
static void a_further_field_of_a_known_kind_is_not_passed_over(void **state)
{
    static uint8_t more[] = {0xCA, 0x01, 5, 1 << 3, 1, 0xA0, 0x06, 7};
    struct service_world *world = *state;
    open_two(world);
    append_vote(world, (ProtobufCBinaryData){sizeof more, more}, false);
    assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__STORE_NEWER);
}

static void nothing_is_written_behind_it(void **state)
{
    struct service_world *world = *state;
    uint64_t before, after;
    struct err err = {0};
    open_two(world);
    append_newer(world, false);
    struct stream_name stream = events_stream(service_recall(world, "event"));
    assert_true(store_head(world->events.store, stream.text, &before, &err));
    assert_refuses(world, &other, "events.Reserve", "{" EVENT "}", CONSE__REASON__VALUE__STORE_NEWER);
    service_wait(world, 10 * 24 * (int64_t)HOUR); // its clock would expire it
    assert_true(store_head(world->events.store, stream.text, &after, &err));
    assert_int_equal(after, before);
}

static void the_others_go_on(void **state)
{
    static const struct asker operator= {"", LEVEL_DEV};
    struct service_world *world = *state;
    open_two(world);
    append_newer(world, false);
    service_must(world, &other, "events.Reserve", "{" SOUND "}");
    const Bus__Heads *heads =
        (const void *)service_must(world, &operator, "events.feed.ListHeads", "{'pattern':'events.*'}").reply;
    assert_int_equal(heads->n_heads, 2); // .god and .public of the sound one
    const Events__ListEventsReply *list =
        (const void *)service_must(world, &nobody, "events.ListEvents", "{}").reply;
    assert_int_equal(list->n_events, 2);
}

static void what_does_not_verify_is_spoilt_and_not_newer(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    append_newer(world, true);
    assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__STORE_CORRUPT);
}

static void what_is_known_is_not_believed_without_its_hash(void **state)
{
    static uint8_t up[] = {0xCA, 0x01, 2, 1 << 3, 1};
    struct service_world *world = *state;
    open_two(world);
    append_vote(world, (ProtobufCBinaryData){sizeof up, up}, false);
    service_must(world, &nobody, "events.GetEvent", "{" EVENT "}");
    append_vote(world, (ProtobufCBinaryData){sizeof up, up}, true);
    assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__STORE_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_with_an_entry_of_a_newer_program_is_away),
        TEST(a_further_field_of_a_known_kind_is_not_passed_over),
        TEST(nothing_is_written_behind_it),
        TEST(the_others_go_on),
        TEST(what_does_not_verify_is_spoilt_and_not_newer),
        TEST(what_is_known_is_not_believed_without_its_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
