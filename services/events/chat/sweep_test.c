// Texts whose time is over are nowhere any more, and all else is as it was.
#include <fcntl.h>
#include <stdatomic.h>

#include "services/events/chat/erase.h"
#include "services/events/streams.h"
#include "services/events/testing/chat.h"

#define DAYS_MS (24 * (int64_t)HOUR)

static void look(struct service_world *world)
{
    static const atomic_bool stopping = false;
    struct err err = {0};
    if (!erase_look(&world->events, world->now_ms, &stopping, &err)) fail_msg("%s", err.message);
    service_fence(world);
}

static bool file_has(const char *path, const char *text)
{
    static char bytes[64 << 20];
    int fd = open(path, O_RDONLY);
    if (fd < 0) return false;
    ssize_t len = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(len >= 0 && (size_t)len < sizeof bytes);
    return memmem(bytes, (size_t)len, text, strlen(text));
}

static bool files_have(const struct service_world *world, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/events.db", world->dir);
    bool has = file_has(path, text);
    snprintf(path, sizeof path, "%s/events.db-wal", world->dir);
    return has || file_has(path, text);
}

static void take_back(struct service_world *world, const Events__Message *message)
{
    service_remember(world, "message", message->id);
    chat_must(world, &player, "events.DeleteMessage", "table", ",'message_id':'$message'");
}

// Of the first message.
static size_t texts_left(struct service_world *world)
{
    return chat_list(world, &god, "table", ",'all_texts':true")->messages[0]->n_texts;
}

static void a_deleted_text_is_erased_after_seven_days(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    const Events__Message *said = chat_say(world, &player, "table", 1, "NEEDLE one");
    take_back(world, said);
    chat_say(world, &other, "table", 1, "NEEDLE two");
    world->now_ms += 7 * DAYS_MS - 1;
    look(world);
    assert_int_equal(texts_left(world), 1);
    assert_true(files_have(world, "NEEDLE one"));
    world->now_ms += 1;
    look(world);
    assert_int_equal(texts_left(world), 0);
    assert_false(files_have(world, "NEEDLE one"));
    assert_true(files_have(world, "NEEDLE two"));
    for (int restarted = 0; restarted < 2; restarted++) {
        message_list list = chat_list(world, &other, "table", "");
        assert_int_equal(list->messages[0]->deleted->by, EVENTS__MESSAGE__DELETED__BY__AUTHOR);
        assert_string_equal(list->messages[1]->text, "NEEDLE two");
        events_close(&world->events);
        service_start(world);
    }
    assert_string_equal(chat_say(world, &player, "table", 1, "anything")->text, ""); // its client_id is known
}

static void a_replaced_text_goes_and_the_new_one_stays(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_remember(world, "message", chat_say(world, &player, "table", 1, "NEEDLE one")->id);
    chat_must(world, &player, "events.UpdateMessage", "table",
              ",'message_id':'$message','text':'NEEDLE two'");
    look(world);
    assert_int_equal(texts_left(world), 2);
    world->now_ms += 7 * DAYS_MS;
    look(world);
    assert_int_equal(texts_left(world), 1);
    assert_false(files_have(world, "NEEDLE one"));
    assert_string_equal(chat_list(world, &other, "table", "")->messages[0]->text, "NEEDLE two");
}

// A later deletion does not put off an earlier one.
static void each_deletion_has_its_own_time(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    take_back(world, chat_say(world, &player, "table", 1, "NEEDLE one"));
    look(world);
    for (unsigned day = 1; day <= 7; day++) {
        world->now_ms += DAYS_MS;
        take_back(world, chat_say(world, &player, "table", 1 + day, "other"));
        look(world);
    }
    assert_false(files_have(world, "NEEDLE one"));
    assert_int_equal(texts_left(world), 0);
}

static void all_texts_are_erased_a_year_after_the_end(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    chat_say(world, &player, "table", 1, "NEEDLE one");
    world->now_ms += 400 * DAYS_MS;
    look(world);
    assert_string_equal(chat_list(world, &other, "table", "")->messages[0]->text, "NEEDLE one");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    world->now_ms += 365 * DAYS_MS - 1;
    look(world);
    assert_true(files_have(world, "NEEDLE one"));
    world->now_ms += 1;
    // Shown no more, even before it is gone.
    assert_string_equal(chat_list(world, &other, "table", "")->messages[0]->text, "");
    world->now_ms += 7 * DAYS_MS;
    look(world);
    assert_false(files_have(world, "NEEDLE one"));
    const Events__Message *message = chat_list(world, &other, "table", "")->messages[0];
    assert_true(message->erased);
    assert_string_equal(message->author->id, player.user_id);
}

static void what_is_erased_is_told_for_backups(void **state)
{
    struct service_world *world = *state;
    struct store_entries page;
    struct err err;
    char stream[128];
    open_dealt(world);
    take_back(world, chat_say(world, &player, "table", 1, "NEEDLE one"));
    world->now_ms += 7 * DAYS_MS;
    look(world);
    look(world);
    assert_true(store_read(world->events.store, REDACTIONS_STREAM, 1, 10, &world->arena, &page, &err));
    assert_int_equal(page.count, 1);
    const Chat__Redaction *told =
        chat__redaction__unpack(&world->arena.allocator, page.entries[0].len, page.entries[0].data);
    assert_non_null(told);
    snprintf(stream, sizeof stream, "chat.%s.table", service_recall(world, "event"));
    assert_string_equal(told->stream, stream);
    assert_int_equal(told->seq, 1);
}

static void what_a_deleted_event_left_goes(void **state)
{
    struct service_world *world = *state;
    struct store_head *heads;
    struct err err;
    size_t count;
    const ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
    char stream[128];
    snprintf(stream, sizeof stream, "chat.%s.table", id_of(4711));
    assert_true(
        store_wait(world->events.store, store_append(world->events.store, stream, 1, &entry, 1, NULL), &err));
    look(world);
    assert_true(store_heads(world->events.store, "chat.", "", 10, &world->arena, &heads, &count, &err));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_deleted_text_is_erased_after_seven_days),
        TEST(a_replaced_text_goes_and_the_new_one_stays),
        TEST(each_deletion_has_its_own_time),
        TEST(all_texts_are_erased_a_year_after_the_end),
        TEST(what_is_erased_is_told_for_backups),
        TEST(what_a_deleted_event_left_goes),
    };
    return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
