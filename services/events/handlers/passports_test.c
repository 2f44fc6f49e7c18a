// Every method of events, asked by every program for everybody.
#include "lib/rpc/testing/passports.h"
#include "services/events/testing/table.h"

// An id of what the field names, in an evening of which god is the god.
static const char *id_of_a_field(void *arg, const char *method, const char *field)
{
    struct service_world *world = arg;
    if (strcmp(method, "events.PutGroupImage") == 0) return service_recall(world, "group");
    if (strcmp(field, "id") == 0 || strcmp(field, "event_id") == 0) return service_recall(world, "event");
    if (strcmp(field, "group_id") == 0) return service_recall(world, "group");
    if (strcmp(field, "deck_id") == 0) return service_recall(world, "deck");
    if (strcmp(field, "poll_id") == 0) return service_recall(world, "poll");
    if (strcmp(field, "role_id") == 0) return service_recall(world, "spy");
    if (strcmp(field, "god_id") == 0) return god.user_id;
    return player.user_id;
}

static void open_game(struct service_world *world)
{
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    const Events__PollReply *poll =
        (const void *)service_must(world, &god, "events.OpenPoll", "{" EVENT ",'kind':'TRIAL'}").reply;
    service_remember(world, "poll", poll->poll->id);
}

static void every_method_is_let_in_as_its_passport_says(void **state)
{
    struct service_world *world = *state;
    struct passports passports = {.id = id_of_a_field,
                                  .arg = world,
                                  .user_id = player.user_id,
                                  .options = {.name = "events",
                                              .methods = events_methods,
                                              .service = &world->events,
                                              .store = world->events.store,
                                              .address = "inproc://events-passports"}};
    open_game(world);
    passports_open(&passports);
    passports_try_forms(&passports);
    passports_close(&passports);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_method_is_let_in_as_its_passport_says),
    };
    return cmocka_run_group_tests_name("passports", tests, NULL, NULL);
}
