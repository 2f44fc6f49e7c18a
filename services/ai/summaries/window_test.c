// What is read of rooms: what events answers, as far back as asked, and no more than a window takes.
#include "tests/test.h"

#include "events.pb-c.h"
#include "lib/base/stamp.h"
#include "services/ai/summaries/window.h"

#define TABLE "01890000-0000-7000-8000-0000000000e1.table"
#define DEAD "01890000-0000-7000-8000-0000000000e1.dead"
#define ANN "01890000-0000-7000-8000-0000000000a1"
#define EVENT "01890000-0000-7000-8000-0000000000e1"

enum { TEXT_MOST = 4096, ROOMS = 2 };

// Events, as it answers one reader: rooms of messages a second apart.
struct desk {
    const char *rooms[ROOMS];
    uint64_t messages[ROOMS];
    bool closed[ROOMS];  // to the reader
    uint64_t tombstones; // every so many messages one was deleted; 0: none
    size_t text_bytes;   // of each
    unsigned asked;
};

static struct window window;
static struct desk desk;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    desk = (struct desk){.rooms = {TABLE, DEAD}, .text_bytes = 20};
    err = (struct err){0};
    window_open(&window);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    window_close(&window);
    return 0;
}

static Events__Message *message_of(uint64_t seq, struct arena *arena)
{
    Events__Message *message = arena_new(arena, Events__Message);
    Events__Person *author = arena_new(arena, Events__Person);
    char *text = arena_alloc(arena, TEXT_MOST);
    events__message__init(message);
    events__person__init(author);
    memset(text, 'a', desk.text_bytes);
    author->username = "ann";
    message->account_id = ANN;
    message->id = arena_printf(arena, "01890000-0000-7000-8000-%012llx", (unsigned long long)seq);
    message->seq = seq;
    message->author = author;
    message->text = desk.tombstones && seq % desk.tombstones == 0 ? "" : text;
    message->created_at = stamp_new(arena, (int64_t)seq * 1000);
    return message;
}

static ProtobufCMessage *list_page(const Events__ListMessagesRequest *request, uint64_t count,
                                   struct arena *arena)
{
    Events__ListMessagesReply *reply = arena_new(arena, Events__ListMessagesReply);
    uint64_t end = request->before ? request->before - 1 : count;
    uint64_t first = end > (uint64_t)request->page_size ? end - (uint64_t)request->page_size : 0;
    events__list_messages_reply__init(reply);
    reply->messages = arena_array(arena, end - first + 1, sizeof *reply->messages);
    for (uint64_t seq = first + 1; seq <= end; seq++)
        reply->messages[reply->n_messages++] = message_of(seq, arena);
    reply->more_before = first > 0;
    return &reply->base;
}

static ProtobufCMessage *list_rooms(struct arena *arena)
{
    Events__ListRoomsReply *reply = arena_new(arena, Events__ListRoomsReply);
    events__list_rooms_reply__init(reply);
    reply->rooms = arena_array(arena, ROOMS, sizeof *reply->rooms);
    for (size_t i = 0; i < ROOMS; i++) {
        reply->rooms[i] = arena_new(arena, Events__Room);
        events__room__init(reply->rooms[i]);
        reply->rooms[i]->id = desk.rooms[i];
        reply->n_rooms++;
    }
    return &reply->base;
}

static bool ask(void *arg, const char *method, const ProtobufCMessage *request, struct arena *arena,
                ProtobufCMessage **reply, struct err *refusal)
{
    const Events__ListMessagesRequest *page = (const Events__ListMessagesRequest *)request;
    (void)arg;
    desk.asked++;
    if (strcmp(method, "events.ListRooms") == 0) return *reply = list_rooms(arena), true;
    assert_string_equal(method, "events.ListMessages");
    size_t room = strcmp(page->room_id, desk.rooms[0]) == 0 ? 0 : 1;
    if (desk.closed[room]) return err_fail(refusal, NOT_FOUND, "there is no such room");
    *reply = list_page(page, desk.messages[room], arena);
    return true;
}

static const struct window_source source = {ask, NULL};

static void all_of_the_hours_is_read_oldest_first(void **state)
{
    (void)state;
    desk.messages[0] = 250;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_int_equal(window.count, 250);
    assert_int_equal(desk.asked, 3);
    for (size_t i = 0; i < 250; i++) assert_int_equal(window.messages[i].time_ms, (int64_t)(i + 1) * 1000);
    assert_false(window.older);
    assert_string_equal(window.messages[0].id.text, "01890000-0000-7000-8000-000000000001");
    assert_string_equal(window.messages[0].author, "ann");
    assert_string_equal(window.messages[0].room_id, TABLE);
}

static void what_is_older_is_not_asked_for(void **state)
{
    (void)state;
    desk.messages[0] = 1000;
    assert_true(window_read_room(&window, &source, TABLE, 951000, &err));
    assert_int_equal(window.count, 50);
    assert_int_equal(desk.asked, 1);
    assert_false(window.older);
}

static void two_thousand_take_twenty_requests(void **state)
{
    (void)state;
    desk.messages[0] = WINDOW_MESSAGES;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_true(window.count == WINDOW_MESSAGES && !window.older);
    assert_int_equal(desk.asked, 20);
}

static void more_than_that_is_told_of(void **state)
{
    (void)state;
    desk.messages[0] = WINDOW_MESSAGES + 1;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_true(window.count == WINDOW_MESSAGES && window.older);
    assert_int_equal(window.messages[0].time_ms, 2000);
}

static void long_texts_fill_it_sooner(void **state)
{
    (void)state;
    desk.messages[0] = 500;
    desk.text_bytes = 4000;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_true(window.older && window.bytes <= WINDOW_BYTES);
    assert_int_equal(window.count, WINDOW_BYTES / 4000);
}

static void what_was_deleted_is_counted_alone(void **state)
{
    (void)state;
    desk.messages[0] = 30;
    desk.tombstones = 10;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_int_equal(window.count, 27);
    assert_int_equal(window.textless, 3);
}

static void rooms_of_an_event_share_the_window(void **state)
{
    (void)state;
    desk.messages[0] = 100;
    desk.messages[1] = 5000;
    assert_true(window_read_event(&window, &source, EVENT, 0, &err));
    assert_int_equal(window.count, WINDOW_MESSAGES);
    assert_true(window.older);
    assert_string_equal(window.messages[99].room_id, TABLE);
    assert_string_equal(window.messages[100].room_id, DEAD);
}

static void a_room_that_closed_meanwhile_is_left_out(void **state)
{
    (void)state;
    desk.messages[0] = desk.messages[1] = 10;
    desk.closed[1] = true;
    assert_true(window_read_event(&window, &source, EVENT, 0, &err));
    assert_int_equal(window.count, 10);
    assert_false(window_read_room(&window, &source, DEAD, 0, &err));
    assert_true(err_is(&err, NOT_FOUND));
}

static size_t asked; // about authors

static bool is_ann(void *arg, const char *author_id, bool *may, struct err *failed)
{
    asked++;
    *may = strcmp(author_id, ANN) == 0;
    return !arg || err_fail(failed, SERVICE_AWAY, "nobody can say");
}

static void messages_of_some_are_picked(void **state)
{
    struct window picked;
    (void)state;
    desk.messages[0] = 10;
    asked = 0;
    assert_true(window_read_room(&window, &source, TABLE, 0, &err));
    assert_true(window_pick(&window, is_ann, NULL, &picked, &err));
    assert_true(picked.count == 10 && asked == 1);
    assert_true(picked.bytes == window.bytes && picked.textless == window.textless);
    window.messages[3].author_id = window.messages[5].author_id = "01890000-0000-7000-8000-0000000000b2";
    asked = 0;
    assert_true(window_pick(&window, is_ann, NULL, &picked, &err));
    assert_true(picked.count == 8 && asked == 2);
    assert_string_equal(picked.messages[3].id.text, window.messages[4].id.text);
    assert_int_equal(window.count, 10);
    assert_false(window_pick(&window, is_ann, &asked, &picked, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_of_the_hours_is_read_oldest_first),
        TEST(what_is_older_is_not_asked_for),
        TEST(two_thousand_take_twenty_requests),
        TEST(more_than_that_is_told_of),
        TEST(long_texts_fill_it_sooner),
        TEST(what_was_deleted_is_counted_alone),
        TEST(rooms_of_an_event_share_the_window),
        TEST(a_room_that_closed_meanwhile_is_left_out),
        TEST(messages_of_some_are_picked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
