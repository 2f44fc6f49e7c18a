// What is shown of a room outlives what was looked at.
#include "services/events/chat/show.h"
#include "services/events/testing/table.h"

static const char whose[] = "01890000-0000-7000-8000-0000000000a1";

static const Events__Room *show_then_forget(struct service_world *world, enum room_kind kind)
{
    struct game game = {0};
    struct room_right right = {.person = GAME_NO_ONE};
    static struct room room;
    const struct reader reader = {
        .events = &world->events, .game = &game, .user_id = "", .horizon_ms = 1, .arena = &world->arena};
    room.kind = kind;
    strcpy(room.event_id.text, "01890000-0000-7000-8000-0000000000e1");
    strcpy(room.whose.text, whose);
    const Events__Room *shown = show_room(&reader, &room, &right, 0);
    assert_non_null(shown);
    memset(&room, '?', sizeof room);
    return shown;
}

static void a_side_is_named_in_its_room(void **state)
{
    assert_string_equal(show_then_forget(*state, ROOM_SIDE)->side->id, whose);
}

static void a_player_is_named_in_the_room_with_the_god(void **state)
{
    assert_string_equal(show_then_forget(*state, ROOM_GOD)->player->id, whose);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_side_is_named_in_its_room),
        TEST(a_player_is_named_in_the_room_with_the_god),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
