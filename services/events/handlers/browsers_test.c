// How many browsers one person has, also when all are registered at once.
#include "notifications.pb-c.h"
#include "services/events/push/browsers.h"
#include "services/events/testing/browser.h"

static size_t count_browsers(struct service_world *world, const struct asker *who)
{
    const Events__ListBrowsersReply *list =
        (const void *)service_must(world, who, "events.ListBrowsers", "{}").reply;
    return list->n_browsers;
}

static void of_those_that_come_at_once_so_many_are_taken(void **state)
{
    enum { MANY = 32 };
    struct service_world *world = *state;
    uint64_t tickets[MANY];
    char request[WORLD_REQUEST];
    size_t taken = 0;
    struct err err;
    for (unsigned i = 0; i < MANY; i++) {
        struct rpc_call call;
        browser_request(request, &player, i);
        struct answer answer = service_run(world, &player, "events.AddBrowser", request, &call);
        taken += answer.ok;
        tickets[i] = call.ticket;
        if (!answer.ok) assert_int_equal(answer.err.reason, CONSE__REASON__VALUE__TOO_MANY_BROWSERS);
    }
    for (unsigned i = 0; i < MANY; i++)
        if (tickets[i]) assert_true(store_wait(world->events.store, tickets[i], &err));
    assert_int_equal(taken, BROWSERS_MOST);
    assert_int_equal(count_browsers(world, &player), BROWSERS_MOST);
}

static void who_has_all_registers_one_anew_and_loses_one_to_another(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST];
    for (unsigned i = 0; i < BROWSERS_MOST; i++) register_browser(world, &player, i);
    register_browser(world, &player, 0);
    browser_request(request, &player, 0); // the same browser
    service_must(world, &other, "events.AddBrowser", request);
    assert_int_equal(count_browsers(world, &player), BROWSERS_MOST - 1);
    assert_int_equal(count_browsers(world, &other), 1);
    register_browser(world, &player, BROWSERS_MOST);
    browser_request(request, &player, BROWSERS_MOST + 1);
    assert_refuses(world, &player, "events.AddBrowser", request, CONSE__REASON__VALUE__TOO_MANY_BROWSERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_those_that_come_at_once_so_many_are_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_has_all_registers_one_anew_and_loses_one_to_another, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
