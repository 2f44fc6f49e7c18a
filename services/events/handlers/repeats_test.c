// Commands repeated with their Idempotency-Key: the answers to callers that may still see the result, to
// those that lost the right meanwhile, and to strangers.
#include "services/events/streams.h"
#include "services/events/testing/table.h"

static const char *const HAND_OVER = "{" EVENT ",'god_id':'01890000-0000-7000-8000-000000000002'}";
static const char *const LEAVE = "{" EVENT ",'user_id':'$player'}";

struct packed {
    uint8_t bytes[4096];
    size_t len;
};

static struct packed pack(const ProtobufCMessage *reply)
{
    struct packed packed;
    packed.len = protobuf_c_message_get_packed_size(reply);
    assert_true(packed.len <= sizeof packed.bytes);
    protobuf_c_message_pack(reply, packed.bytes);
    return packed;
}

static struct answer ask_keyed(struct service_world *world, const struct asker *who, const char *key,
                               const char *method, const char *request)
{
    world->key = key;
    struct answer answer = service_ask(world, who, method, request);
    world->key = NULL;
    return answer;
}

static struct packed done(struct service_world *world, const struct asker *who, const char *key,
                          const char *method, const char *request)
{
    struct answer answer = ask_keyed(world, who, key, method, request);
    if (!answer.ok) fail_msg("%s: %s", method, answer.err.message);
    assert_true(answer.keyed);
    return pack(answer.reply);
}

static void refused(struct service_world *world, const struct asker *who, const char *key, const char *method,
                    const char *request, Conse__Reason__Value reason)
{
    struct answer answer = ask_keyed(world, who, key, method, request);
    assert_false(answer.ok);
    assert_false(answer.repeated);
    assert_int_equal(answer.err.reason, reason);
}

// The first reply's bytes.
static void repeated_whole(struct service_world *world, const struct asker *who, const char *key,
                           const char *method, const char *request, const struct packed *first)
{
    struct answer answer = ask_keyed(world, who, key, method, request);
    assert_true(answer.ok && answer.repeated);
    const struct packed again = pack(answer.reply);
    assert_int_equal(again.len, first->len);
    assert_memory_equal(again.bytes, first->bytes, first->len);
}

// The event's id and nothing else.
static void repeated_by_name(struct service_world *world, const struct asker *who, const char *key,
                             const char *method, const char *request)
{
    Events__Event event = EVENTS__EVENT__INIT;
    Events__EventReply reply = EVENTS__EVENT_REPLY__INIT;
    event.id = service_recall(world, "event");
    reply.event = &event;
    const struct packed names = pack(&reply.base);
    repeated_whole(world, who, key, method, request, &names);
}

static uint64_t seq_of(struct service_world *world)
{
    struct err err;
    uint64_t seq;
    assert_true(
        store_head(world->events.store, events_stream(service_recall(world, "event")).text, &seq, &err));
    return seq;
}

static void who_may_still_see_it_gets_the_first_reply(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct packed first = done(world, &god, "edit", "events.UpdateEvent", "{" EVENT ",'title':'Late'}");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Later'}");
    uint64_t before = seq_of(world);
    repeated_whole(world, &god, "edit", "events.UpdateEvent", "{" EVENT ",'title':'Late'}", &first);
    assert_int_equal(seq_of(world), before);
}

static int32_t upvotes(const ProtobufCMessage *reply) { return ((const Events__VoteReply *)reply)->upvotes; }

// It would undo what came since.
static void what_changed_nothing_changes_nothing_later(void **state)
{
    struct service_world *world = *state;
    static const char up[] = "{" EVENT ",'vote':'UP'}";
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct packed first = done(world, &player, "first", "events.VoteEvent", up);
    done(world, &player, "second", "events.VoteEvent", up);
    service_must(world, &player, "events.VoteEvent", "{" EVENT ",'vote':'NONE'}");
    uint64_t before = seq_of(world);
    repeated_whole(world, &player, "second", "events.VoteEvent", up, &first);
    assert_int_equal(seq_of(world), before);
    assert_int_equal(
        upvotes(service_must(world, &player, "events.VoteEvent", "{" EVENT ",'vote':'NONE'}").reply), 0);
}

static void who_handed_over_is_told_so_by_name(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct packed first = done(world, &god, "over", "events.HandOverEvent", HAND_OVER);
    assert_true(first.len > 100);
    repeated_by_name(world, &god, "over", "events.HandOverEvent", HAND_OVER);
    refused(world, &god, "another", "events.HandOverEvent", HAND_OVER, CONSE__REASON__VALUE__NOT_OWNER);
}

// A dev that takes a seat no longer leads, and the first reply may show what only a leader sees.
static void who_has_taken_a_seat_since_is_told_by_name(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    done(world, &dev, "lock", "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.UnlockEvent", "{" EVENT "}");
    service_must(world, &dev, "events.Reserve", "{" EVENT "}");
    repeated_by_name(world, &dev, "lock", "events.LockEvent", "{" EVENT "}");
    refused(world, &dev, "lock again", "events.LockEvent", "{" EVENT "}",
            CONSE__REASON__VALUE__GOD_MAY_NOT_PLAY);
}

static void who_deleted_is_told_so(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct packed first = done(world, &god, "away", "events.DeleteEvent", "{" EVENT "}");
    assert_int_equal(first.len, 0);
    repeated_whole(world, &god, "away", "events.DeleteEvent", "{" EVENT "}", &first);
    refused(world, &god, "gone", "events.DeleteEvent", "{" EVENT "}", CONSE__REASON__VALUE__NOT_FOUND);
}

static void who_left_is_told_so_and_leaves_once(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    const struct packed first = done(world, &player, "leave", "events.CancelReservation", LEAVE);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    uint64_t before = seq_of(world);
    repeated_whole(world, &player, "leave", "events.CancelReservation", LEAVE, &first);
    assert_int_equal(seq_of(world), before);
}

static void a_key_of_another_request_is_refused_to_who_may(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    done(world, &god, "key", "events.HandOverEvent", HAND_OVER);
    const char *to_player = "{" EVENT ",'god_id':'$player'}";
    refused(world, &god, "key", "events.HandOverEvent", to_player, CONSE__REASON__VALUE__NOT_OWNER);
    done(world, &second_god, "key", "events.UpdateEvent", "{" EVENT ",'title':'Mine'}");
    refused(world, &second_god, "key", "events.UpdateEvent", "{" EVENT ",'title':'Yours'}",
            CONSE__REASON__VALUE__IDEMPOTENCY_MISMATCH);
}

static void a_stranger_learns_nothing_by_the_same_key(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    done(world, &god, "key", "events.UpdateEvent", "{" EVENT ",'title':'Late'}");
    refused(world, &second_god, "key", "events.UpdateEvent", "{" EVENT ",'title':'Late'}",
            CONSE__REASON__VALUE__NOT_OWNER);
}

// The condition of the first try no longer holds because it succeeded.
static void a_condition_is_judged_after_the_key(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    world->act = 1;
    const struct packed first = done(world, &god, "edit", "events.UpdateEvent", "{" EVENT ",'title':'Late'}");
    repeated_whole(world, &god, "edit", "events.UpdateEvent", "{" EVENT ",'title':'Late'}", &first);
    refused(world, &god, "edit two", "events.UpdateEvent", "{" EVENT ",'title':'Late'}",
            CONSE__REASON__VALUE__PRECONDITION_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_may_still_see_it_gets_the_first_reply),
        TEST(what_changed_nothing_changes_nothing_later),
        TEST(who_handed_over_is_told_so_by_name),
        TEST(who_has_taken_a_seat_since_is_told_by_name),
        TEST(who_deleted_is_told_so),
        TEST(who_left_is_told_so_and_leaves_once),
        TEST(a_key_of_another_request_is_refused_to_who_may),
        TEST(a_stranger_learns_nothing_by_the_same_key),
        TEST(a_condition_is_judged_after_the_key),
    };
    return cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
}
