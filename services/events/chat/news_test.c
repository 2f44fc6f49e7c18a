// Who is mentioned is told, once, whatever dies in between.
#include "services/events/chat/news.h"

#include "services/events/chat/room.h"
#include "services/events/tables.h"
#include "services/events/testing/chat.h"

static void a_mention_is_of_who_reads_the_room(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, player.user_id, "ali", LEVEL_PLAYER);
    service_teach(world, other.user_id, "sara.b", LEVEL_PLAYER);
    service_teach(world, god.user_id, "shahrzad", LEVEL_GOD);
    const Events__Message *said =
        chat_say(world, &god, "god.$player", 1, "@ALI, @sara.b. (@shahrzad) x@ali @nobody @ali");
    assert_int_equal(said->n_mentions, 2);
    assert_string_equal(said->mentions[0]->id, player.user_id);
    assert_string_equal(said->mentions[1]->id, god.user_id);
    said = chat_say(world, &god, "table", 1, "@sara.b.");
    assert_int_equal(said->n_mentions, 1);
    assert_string_equal(said->mentions[0]->id, other.user_id);
}

static size_t count_mentions(struct service_world *world, const struct asker *who)
{
    char request[128];
    size_t count = 0;
    service_fence(world);
    snprintf(request, sizeof request, "{'stream':'users.%s','limit':100}", who->user_id);
    const Bus__ReadReply *page = (const void *)service_must(world, who, "events.feed.Read", request).reply;
    for (size_t i = 0; i < page->n_notices; i++) {
        const Bus__Notice *notice = page->notices[i];
        if (strcmp(notice->kind, "MENTIONED") != 0) continue;
        const Game__UserNotice *told =
            game__user_notice__unpack(&world->arena.allocator, notice->payload.len, notice->payload.data);
        assert_string_equal(told->event_id, service_recall(world, "event"));
        assert_true(strlen(told->room_id) > UUID_LEN && uuid_check(told->message_id));
        count++;
    }
    return count;
}

static void who_is_mentioned_is_told_once(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, player.user_id, "ali", LEVEL_PLAYER);
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
    chat_say(world, &player, "table", 1, "@sara and @ali");
    chat_must(world, &player, "events.SendMessage", "table", chat_text(1, "@sara and @ali"));
    assert_int_equal(count_mentions(world, &other), 1);
    assert_int_equal(count_mentions(world, &player), 0); // who says it knows it
    chat_say(world, &god, "god.$player", 1, "@sara does not read this, @ali does");
    assert_int_equal(count_mentions(world, &other), 1);
    assert_int_equal(count_mentions(world, &player), 1);
}

// They would learn that something is said before they may read it.
static void who_sees_the_game_late_is_not_mentioned(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'spectator_delay':'60s'}");
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    assert_int_equal(chat_say(world, &player, "table", 1, "soon, @sara")->n_mentions, 1);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    assert_int_equal(chat_say(world, &player, "table", 2, "now, @sara")->n_mentions, 0);
    assert_int_equal(count_mentions(world, &other), 1);
}

// ---- What is left by who was killed

static size_t count_left(struct service_world *world)
{
    const struct store_query query = {.page_token = ""};
    struct store_rows rows;
    struct err err;
    service_fence(world);
    if (!store_find(world->events.store, &events_tables[EVENTS_MENTIONS], &query, &world->arena, &rows, &err))
        fail_msg("%s", err.message);
    return rows.count;
}

static void look(struct service_world *world)
{
    struct err err;
    if (!room_news_look(&world->events, world->now_ms, &err)) fail_msg("%s", err.message);
}

static struct open_room *enter_table(struct service_world *world)
{
    struct room room = {.kind = ROOM_TABLE};
    struct open_room *open;
    struct err err;
    strcpy(room.event_id.text, service_recall(world, "event"));
    if (!room_enter(&world->events, &room, NULL, &open, &err)) fail_msg("%s", err.message);
    return open;
}

// By the player, to the other one; as by a process that is killed when the message is stored, or even before.
static void say_and_die(struct service_world *world, bool stored)
{
    const char *mentions[] = {other.user_id};
    Chat__Entry entry = CHAT__ENTRY__INIT;
    Chat__Said said = CHAT__SAID__INIT;
    const struct store_write plain = {.done = NULL};
    ProtobufCBinaryData link;
    struct err err;
    struct open_room *open = enter_table(world);
    said.id = id_of(stored ? 1001 : 1002);
    said.client_id = "client-id-00000001";
    said.text = "@sara";
    said.mentions = mentions;
    said.n_mentions = 1;
    entry.time_ms = world->now_ms;
    entry.actor = player.user_id;
    entry.body_case = CHAT__ENTRY__BODY_SAID;
    entry.said = &said;
    if (!room_add(open, &entry, &world->arena, &link, &err)) fail_msg("%s", err.message);
    uint64_t row = room_news_begin(open, talk_find(&open->talk, said.id), 0);
    if (stored)
        room_queue(open, &link, row, &plain);
    else
        room_spoil(open);
    room_leave(open);
    service_fence(world);
    events_close(&world->events);
    service_start(world);
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
}

static void who_was_mentioned_before_a_crash_is_told_once(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
    say_and_die(world, true);
    assert_int_equal(count_mentions(world, &other), 0);
    look(world); // it may be on its way yet
    assert_int_equal(count_mentions(world, &other), 0);
    world->now_ms += MINUTE;
    for (int i = 0; i < 2; i++) {
        look(world);
        assert_int_equal(count_mentions(world, &other), 1);
        assert_int_equal(count_left(world), 0);
    }
}

// Killed when they were told, before the row was removed.
static void who_was_told_is_not_told_again(void **state)
{
    struct service_world *world = *state;
    Chat__MentionRow row = CHAT__MENTION_ROW__INIT;
    char room_id[ROOM_ID], message_id[UUID_LEN + 1];
    open_dealt(world);
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
    strcpy(message_id, chat_say(world, &player, "table", 1, "@sara")->id);
    assert_int_equal(count_left(world), 0);
    snprintf(room_id, sizeof room_id, "%s.table", service_recall(world, "event"));
    row.id = message_id;
    row.room_id = room_id;
    row.time_ms = world->now_ms;
    store_put(world->events.store, &events_tables[EVENTS_MENTIONS], &row.base, 0, NULL);
    world->now_ms += MINUTE;
    assert_int_equal(count_left(world), 1);
    look(world);
    assert_int_equal(count_mentions(world, &other), 1);
    assert_int_equal(count_left(world), 0);
}

static void what_was_never_said_is_told_to_nobody(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, other.user_id, "sara", LEVEL_PLAYER);
    say_and_die(world, false);
    world->now_ms += MINUTE;
    look(world);
    assert_int_equal(count_left(world), 1); // it may come
    world->now_ms += 2 * (int64_t)HOUR;
    look(world);
    assert_int_equal(count_left(world), 0);
    assert_int_equal(count_mentions(world, &other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mention_is_of_who_reads_the_room),      TEST(who_is_mentioned_is_told_once),
        TEST(who_sees_the_game_late_is_not_mentioned), TEST(who_was_mentioned_before_a_crash_is_told_once),
        TEST(who_was_told_is_not_told_again),          TEST(what_was_never_said_is_told_to_nobody),
    };
    return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
