// Following a room: what each viewer gets, where they go on, and what ends it.
#include "lib/base/cursor.h"
#include "services/events/testing/chat.h"

typedef const Events__FollowReply *room_reply;
typedef const Events__FollowReply__View *room_view;

struct cursor_text {
    char text[CURSOR_TEXT];
};

static room_reply follow(struct service_world *world, const char *room, const struct asker *who,
                         const char *after)
{
    char more[512];
    snprintf(more, sizeof more, ",'viewers':[{'user_id':'%s','level':%u,'after':'%s'}]", who->user_id,
             who->level, after);
    return (room_reply)chat_must(world, &nobody, "events.FollowRoom", room, more).reply;
}

static struct cursor_text cursor_after(room_view view)
{
    struct cursor cursor = {.offset = view->place->offset};
    struct cursor_text out;
    assert_int_equal(view->place->key.len, 16);
    cursor_epoch(view->place->key.data, cursor.epoch);
    cursor_write(&cursor, out.text);
    return out;
}

static void assert_begins(room_reply reply, Events__Reset__Reason reason, size_t messages)
{
    assert_int_equal(reply->views[0]->place->reset, reason);
    assert_int_equal(reply->views[0]->snapshot, 1);
    assert_int_equal(reply->snapshots[0]->room->n_messages, messages);
    assert_int_equal(reply->views[0]->n_body, 0);
    assert_non_null(reply->views[0]->mine);
}

static void assert_goes_on(room_reply reply, size_t entries)
{
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(reply->views[0]->snapshot, 0);
    assert_int_equal(reply->views[0]->n_body, entries);
}

// With nothing else that tells whether there is a room.
static void assert_ends(room_reply reply)
{
    assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__RIGHTS);
    assert_int_equal(reply->views[0]->place->key.len, 0);
    assert_int_equal(reply->views[0]->place->offset, 0);
    assert_int_equal(reply->n_snapshots + reply->n_bodies, 0);
    assert_null(reply->views[0]->mine);
}

static void who_follows_gets_what_happens(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "table", 1, "hello");
    room_reply reply = follow(world, "table", &other, "");
    assert_begins(reply, EVENTS__RESET__REASON__NONE, 1);
    assert_int_equal(reply->views[0]->mine->room->unread, 1);
    assert_true(reply->views[0]->mine->room->may_write);
    struct cursor_text at = cursor_after(reply->views[0]);
    assert_goes_on(follow(world, "table", &other, at.text), 0);
    service_remember(world, "message", chat_say(world, &player, "table", 2, "teh")->id);
    chat_must(world, &player, "events.UpdateMessage", "table", ",'message_id':'$message','text':'the'");
    chat_must(world, &player, "events.DeleteMessage", "table", ",'message_id':'$message'");
    reply = follow(world, "table", &other, at.text);
    assert_goes_on(reply, 3);
    static const int kinds[] = {EVENTS__ROOM_ENTRY__KIND__SAID, EVENTS__ROOM_ENTRY__KIND__EDITED,
                                EVENTS__ROOM_ENTRY__KIND__DELETED};
    for (size_t i = 0; i < 3; i++) {
        const Events__RoomEntry *entry = reply->bodies[reply->views[0]->body[i]]->room;
        assert_int_equal(entry->kind, kinds[i]);
        assert_int_equal(entry->seq, 2 + i);
        assert_string_equal(entry->message->client_id, "");
        assert_string_equal(entry->message->text, "");
    }
    assert_int_equal(reply->views[0]->place->offset, 4);
}

static void viewers_of_a_class_share_bodies_and_snapshots(void **state)
{
    char more[1024];
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "table", 1, "hello");
    struct cursor_text at = cursor_after(follow(world, "table", &other, "")->views[0]);
    chat_say(world, &player, "table", 2, "hello");
    snprintf(more, sizeof more,
             ",'viewers':[{'user_id':'%s','level':3,'after':'%s'},{'user_id':'%s','level':3,'after':'%s'},"
             "{'user_id':'%s','level':3},{'user_id':'%s','level':2},{'user_id':'','level':0}]",
             player.user_id, at.text, other.user_id, at.text, player.user_id, god.user_id);
    room_reply reply = (room_reply)chat_must(world, &nobody, "events.FollowRoom", "table", more).reply;
    assert_int_equal(reply->n_bodies, 1);
    assert_int_equal(reply->n_snapshots, 2);
    assert_memory_equal(reply->views[0]->place->key.data, reply->views[2]->place->key.data, 16);
    assert_true(memcmp(reply->views[0]->place->key.data, reply->views[3]->place->key.data, 16) != 0);
    assert_true(reply->views[3]->place->leads);
    assert_int_equal(reply->views[4]->place->reset, EVENTS__RESET__REASON__RIGHTS);
}

// Each gets what is behind their own cursor, whoever had it made.
static void viewers_share_what_lies_behind_several_cursors(void **state)
{
    enum { MESSAGES = 40, VIEWERS = 3 };
    static const unsigned behind[VIEWERS] = {MESSAGES, 7, 25};
    char more[1024] = ",'viewers':[";
    struct service_world *world = *state;
    open_dealt(world);
    struct cursor_text at = cursor_after(follow(world, "table", &other, "")->views[0]);
    for (unsigned n = 1; n <= MESSAGES; n++) chat_say(world, &player, "table", n, "x");
    for (size_t i = 0; i < VIEWERS; i++)
        sprintf(more + strlen(more), "%s{'user_id':'%s','level':3,'after':'%.*s%u'}", i ? "," : "",
                other.user_id, CURSOR_EPOCH + 1, at.text, MESSAGES - behind[i]);
    room_reply reply =
        (room_reply)chat_must(world, &nobody, "events.FollowRoom", "table", strcat(more, "]")).reply;
    assert_int_equal(reply->n_bodies, MESSAGES);
    for (size_t i = 0; i < VIEWERS; i++) {
        assert_int_equal(reply->views[i]->n_body, behind[i]);
        for (unsigned n = 0; n < behind[i]; n++)
            assert_int_equal(reply->bodies[reply->views[i]->body[n]]->room->seq,
                             MESSAGES - behind[i] + 1 + n);
    }
}

static void losing_the_right_ends_it(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEAD'}");
    room_reply reply = follow(world, "dead", &player, "");
    assert_begins(reply, EVENTS__RESET__REASON__NONE, 0);
    uint64_t classes = reply->classes;
    struct cursor_text at = cursor_after(reply->views[0]);
    chat_say(world, &player, "dead", 1, "so dark");
    assert_goes_on(follow(world, "dead", &player, at.text), 1);
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$player','status':'DEFAULT'}");
    reply = follow(world, "dead", &player, at.text);
    assert_ends(reply);
    assert_true(reply->classes > classes && reply->all_changed);
}

static void what_is_not_there_ends_in_the_same_way(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "god.$player", 1, "psst");
    assert_ends(follow(world, "god.$player", &other, ""));
    assert_ends(follow(world, "god.$event", &other, ""));
    assert_ends(follow(world, "side.$event", &other, ""));
    service_remember(world, "event", id_of(4711));
    assert_ends(follow(world, "table", &other, ""));
}

static void a_cursor_of_elsewhere_begins_anew(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "table", 1, "hello");
    struct cursor_text leader = cursor_after(follow(world, "table", &god, "")->views[0]),
                       reader = cursor_after(follow(world, "table", &player, "")->views[0]);
    assert_begins(follow(world, "table", &player, leader.text), EVENTS__RESET__REASON__RIGHTS, 1);
    assert_begins(follow(world, "table", &player, "AAAAAAAA.1"), EVENTS__RESET__REASON__EPOCH, 1);
    assert_begins(follow(world, "table", &player, "x"), EVENTS__RESET__REASON__EPOCH, 1);
    reader.text[CURSOR_EPOCH + 1] = '9';
    assert_begins(follow(world, "table", &player, reader.text), EVENTS__RESET__REASON__EPOCH, 1);
}

static void what_is_no_more_history_is_trimmed(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'history':'NONE'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    struct cursor_text at = cursor_after(follow(world, "table", &player, "")->views[0]);
    chat_say(world, &player, "table", 1, "hello");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    world->now_ms += 1000;
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_begins(follow(world, "table", &player, at.text), EVENTS__RESET__REASON__TRIMMED, 0);
    at = cursor_after(follow(world, "table", &player, "")->views[0]);
    chat_say(world, &player, "table", 2, "now");
    assert_goes_on(follow(world, "table", &player, at.text), 1);
}

static void spectators_follow_as_late_as_the_game(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    chat_must(world, &player, "events.SetTyping", "table", "");
    room_reply reply = follow(world, "table", &other, "");
    assert_false(reply->views[0]->hears_typing);
    struct cursor_text at = cursor_after(reply->views[0]);
    chat_say(world, &player, "table", 1, "hello");
    reply = follow(world, "table", &other, at.text);
    assert_goes_on(reply, 0);
    assert_int_equal(reply->views[0]->place->next_ms, (uint64_t)(world->now_ms + MINUTE));
    world->now_ms += MINUTE;
    assert_goes_on(follow(world, "table", &other, at.text), 1);
}

// ---- What late readers can't know

enum { ANSWERS = 1 << 16, TRIED_OFFSETS = 12 };

struct answers {
    uint8_t bytes[ANSWERS];
    size_t len;
};

static void keep_answer(struct answers *answers, const void *reply)
{
    assert_true(answers->len + protobuf_c_message_get_packed_size(reply) < ANSWERS);
    answers->len += protobuf_c_message_pack(reply, answers->bytes + answers->len);
}

// Of what a gateway is answered, what the viewer gets.
static void keep_followed(struct answers *answers, room_reply reply)
{
    reply->views[0]->place->next_ms = 0;
    keep_answer(answers, reply->views[0]);
    for (size_t i = 0; i < reply->n_snapshots; i++) keep_answer(answers, reply->snapshots[i]);
    for (size_t i = 0; i < reply->n_bodies; i++) keep_answer(answers, reply->bodies[i]);
}

// All that the room answers, also to cursors that the reader makes up.
static struct answers *ask_all(struct service_world *world, const struct asker *who)
{
    struct answers *answers = calloc(1, sizeof *answers);
    assert_non_null(answers);
    struct cursor_text at = cursor_after(follow(world, "table", who, "")->views[0]);
    keep_followed(answers, follow(world, "table", who, ""));
    keep_answer(answers, chat_list(world, who, "table", ""));
    keep_answer(answers, service_must(world, who, "events.ListRooms", "{" EVENT "}").reply);
    for (unsigned offset = 0; offset < TRIED_OFFSETS; offset++) {
        char more[128];
        struct cursor_text tried = at;
        snprintf(tried.text + CURSOR_EPOCH, sizeof tried.text - CURSOR_EPOCH, ".%u", offset);
        keep_followed(answers, follow(world, "table", who, tried.text));
        snprintf(more, sizeof more, ",'after':'%s'", tried.text);
        keep_answer(answers, chat_must(world, who, "events.ReadRoom", "table", more).reply);
    }
    return answers;
}

// Whatever happens in the last minutes, late readers are answered the same.
static void late_readers_do_not_learn_what_is_live(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'600s','history':'NONE'}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_remember(world, "first", chat_say(world, &player, "table", 1, "first")->id);
    service_remember(world, "second", chat_say(world, &player, "table", 2, "second")->id);
    chat_must(world, &player, "events.UpdateMessage", "table", ",'message_id':'$second','text':'2nd'");
    service_remember(world, "third", chat_say(world, &player, "table", 3, "third")->id);
    world->now_ms += 10 * MINUTE;
    struct answers *before = ask_all(world, &other);
    chat_say(world, &player, "table", 4, "fourth");
    chat_must(world, &player, "events.UpdateMessage", "table", ",'message_id':'$first','text':'1st'");
    chat_must(world, &player, "events.UpdateMessage", "table", ",'message_id':'$second','text':'IInd'");
    chat_must(world, &player, "events.DeleteMessage", "table", ",'message_id':'$second'");
    chat_must(world, &god, "events.DeleteMessage", "table", ",'message_id':'$third'");
    chat_must(world, &god, "events.SlowRoom", "table", ",'seconds':30");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'MID_DAY'}");
    struct answers *after = ask_all(world, &other);
    assert_int_equal(before->len, after->len);
    assert_memory_equal(before->bytes, after->bytes, before->len);
    free(before);
    free(after);
    const Events__Message *first = chat_list(world, &other, "table", "")->messages[0];
    assert_string_equal(first->text, "first");
    world->now_ms += 10 * MINUTE;
    message_list next = chat_list(world, &other, "table", ""); // the next phase, since it was opened
    assert_int_equal(next->n_messages, 1);
    assert_string_equal(next->messages[0]->text, "fourth");
}

static void who_writes_just_now_is_told(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_must(world, &player, "events.SetTyping", "table", "");
    room_reply reply = follow(world, "table", &other, "");
    assert_true(reply->views[0]->hears_typing);
    assert_int_equal(reply->typing->n_users, 1);
    assert_string_equal(reply->typing->users[0]->id, player.user_id);
    chat_say(world, &player, "table", 1, "there");
    assert_int_equal(follow(world, "table", &other, "")->typing->n_users, 0);
}

static void who_is_far_behind_begins_anew(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    struct cursor_text at = cursor_after(follow(world, "table", &other, "")->views[0]);
    for (unsigned n = 1; n <= 150; n++) chat_say(world, &player, "table", n, "x");
    room_reply reply = follow(world, "table", &other, at.text);
    assert_true(reply->views[0]->more);
    assert_goes_on(reply, 100);
    at = cursor_after(reply->views[0]);
    assert_goes_on(follow(world, "table", &other, at.text), 50);
    at = cursor_after(follow(world, "table", &other, "")->views[0]);
    for (unsigned n = 151; n <= 1152; n++) chat_say(world, &player, "table", n, "x");
    assert_begins(follow(world, "table", &other, at.text), EVENTS__RESET__REASON__TOO_FAR, 50);
}

static void a_megabyte_is_far_too(void **state)
{
    enum { LONG = 2000, FEW = (1 << 20) / LONG };
    struct service_world *world = *state;
    char text[LONG + 1];
    memset(text, 'x', LONG);
    text[LONG] = 0;
    open_dealt(world);
    struct cursor_text at = cursor_after(follow(world, "table", &other, "")->views[0]);
    for (unsigned n = 1; n <= FEW; n++) chat_say(world, &god, "table", n, text);
    assert_true(follow(world, "table", &other, at.text)->views[0]->n_body > 0);
    chat_say(world, &god, "table", FEW + 1, text);
    assert_begins(follow(world, "table", &other, at.text), EVENTS__RESET__REASON__TOO_FAR, 50);
}

#define DAY (24 * (int64_t)HOUR)

static struct answer read_after(struct service_world *world, const struct asker *who, const char *after)
{
    char more[128];
    snprintf(more, sizeof more, ",'after':'%s'", after);
    return chat_ask(world, who, "events.ReadRoom", "table", more);
}

// Who follows is to be asked for at that time, and then begins anew; so is who comes with a cursor of before,
// however they read.
static void texts_that_are_kept_no_more_are_taken_back(void **state)
{
    static const struct asker *const readers[] = {&player, &other, &god, &dev};
    struct service_world *world = *state;
    struct cursor_text at[4];
    open_dealt(world);
    chat_say(world, &player, "table", 1, "hello");
    assert_int_equal(follow(world, "table", &player, "")->views[0]->place->next_ms, 0);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    int64_t due_ms = world->now_ms + 365 * DAY;
    for (int i = 0; i < 4; i++) {
        room_reply reply = follow(world, "table", readers[i], "");
        assert_string_equal(reply->snapshots[0]->room->messages[0]->text, "hello");
        assert_int_equal(reply->views[0]->place->next_ms, due_ms);
        at[i] = cursor_after(reply->views[0]);
    }
    world->now_ms = due_ms - 1;
    assert_goes_on(follow(world, "table", &other, at[1].text), 0);
    world->now_ms = due_ms;
    for (int i = 0; i < 4; i++) {
        room_reply reply = follow(world, "table", readers[i], at[i].text);
        assert_begins(reply, EVENTS__RESET__REASON__EPOCH, 1);
        const Events__Message *message = reply->snapshots[0]->room->messages[0];
        assert_true(message->erased);
        assert_string_equal(message->text, "");
        assert_int_equal(reply->views[0]->place->next_ms, 0);
        struct cursor_text now = cursor_after(reply->views[0]);
        struct answer read = read_after(world, readers[i], at[i].text);
        const Events__ReadRoomReply *log = (const void *)read.reply;
        assert_true(read.ok && log->reset && log->reset->reason == EVENTS__RESET__REASON__EPOCH);
        assert_string_equal(log->cursor, now.text);
        assert_goes_on(follow(world, "table", readers[i], now.text), 0); // once
    }
}

static const Events__ReadRoomReply *read_on(struct service_world *world, const char *room,
                                            const struct asker *who, const char *after)
{
    char more[128];
    snprintf(more, sizeof more, ",'after':'%s'", after);
    return (const void *)chat_must(world, who, "events.ReadRoom", room, more).reply;
}

static void reading_goes_on_from_any_cursor(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "table", 1, "hello");
    struct cursor_text at = cursor_after(follow(world, "table", &other, "")->views[0]);
    const Events__ReadRoomReply *reply = read_on(world, "table", &other, "");
    assert_int_equal(reply->n_entries, 0);
    assert_null(reply->reset);
    assert_int_equal(reply->state->n_messages, 1);
    assert_int_equal(reply->mine->unread, 1);
    assert_string_equal(reply->cursor, at.text);
    for (unsigned n = 2; n <= 121; n++) chat_say(world, &player, "table", n, "x");
    reply = read_on(world, "table", &other, at.text);
    assert_int_equal(reply->n_entries, 100);
    assert_null(reply->state);
    assert_string_equal(reply->entries[99]->cursor, reply->cursor);
    strcpy(at.text, reply->cursor);
    assert_int_equal(read_on(world, "table", &other, at.text)->n_entries, 20);
    reply = read_on(world, "table", &god, at.text);
    assert_int_equal(reply->reset->reason, EVENTS__RESET__REASON__RIGHTS);
    assert_non_null(reply->state);
}

static void reading_what_is_not_there_fails_in_the_same_way(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    struct answer secret = chat_ask(world, &other, "events.ReadRoom", "god.$player", ""),
                  none = chat_ask(world, &other, "events.ReadRoom", "kitchen", "");
    assert_false(secret.ok || none.ok);
    assert_int_equal(secret.err.reason, CONSE__REASON__VALUE__NOT_FOUND);
    assert_int_equal(none.err.reason, secret.err.reason);
    assert_string_equal(none.err.message, secret.err.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_follows_gets_what_happens),
        TEST(viewers_of_a_class_share_bodies_and_snapshots),
        TEST(viewers_share_what_lies_behind_several_cursors),
        TEST(losing_the_right_ends_it),
        TEST(what_is_not_there_ends_in_the_same_way),
        TEST(a_cursor_of_elsewhere_begins_anew),
        TEST(what_is_no_more_history_is_trimmed),
        TEST(spectators_follow_as_late_as_the_game),
        TEST(late_readers_do_not_learn_what_is_live),
        TEST(who_writes_just_now_is_told),
        TEST(who_is_far_behind_begins_anew),
        TEST(a_megabyte_is_far_too),
        TEST(texts_that_are_kept_no_more_are_taken_back),
        TEST(reading_goes_on_from_any_cursor),
        TEST(reading_what_is_not_there_fails_in_the_same_way),
    };
    return cmocka_run_group_tests_name("follow_room", tests, NULL, NULL);
}
