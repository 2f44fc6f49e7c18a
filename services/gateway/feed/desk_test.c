// Where tickets are made: here at once; at a Redis by a thread, which the loop is told of once, unless it
// forgot or stops.
#include "services/gateway/feed/desk.h"

#include <sodium.h>

#include "lib/base/clock.h"
#include "lib/cache/redis/testing/server.h"

enum { PATIENCE_MS = 20000, CROWD = 300 };

struct told {
    bool ok;
    int count;
    char ticket[TICKET_SIZE + 1], secret[IDS_SECRET + 1], user_id[64];
    struct err err;
};

// A gateway: its desk and one loop.
struct place {
    struct cache *cache;
    struct loop *loop;
    struct loop_timer tick;
    struct desk *desk;
    struct desk_window *window;
};

static void on_turn(void *arg) { (void)arg; }

static void on_awake(void *arg)
{
    const struct place *place = arg;
    if (place->window) desk_window_awake(place->window);
}

static void on_tick(void *arg)
{
    struct place *place = arg;
    loop_timer_set(place->loop, &place->tick, loop_now_ms(place->loop) + 5);
}

static void place_open(struct place *place, const char *url)
{
    const struct loop_options options = {on_turn, on_awake, place};
    struct err err;
    assert_true(sodium_init() >= 0);
    *place = (struct place){.tick = {.fire = on_tick, .arg = place}};
    if (!cache_open(&place->cache, 1 << 20, &err) || !loop_create(&place->loop, &options, &err) ||
        !desk_open(&place->desk, url, NULL, place->cache, &err) ||
        !desk_window_open(&place->window, place->desk, place->loop, &err))
        fail_msg("%s", err.message);
    on_tick(place);
}

static void place_close(struct place *place)
{
    desk_window_fail(place->window);
    desk_close(place->desk);
    desk_window_close(place->window);
    desk_free(place->desk);
    loop_destroy(place->loop);
    cache_close(place->cache);
}

#define UNTIL(place, truth)                                                                                  \
    do {                                                                                                     \
        int64_t until_ms_ = clock_mono_ms() + PATIENCE_MS;                                                   \
        while (!(truth) && clock_mono_ms() < until_ms_) loop_turn((place)->loop);                            \
        assert_true(truth);                                                                                  \
    } while (0)

static void on_done(void *arg, const struct desk_order *order)
{
    struct told *told = arg;
    told->count++;
    told->ok = order->ok;
    told->err = order->err;
    strcpy(told->ticket, order->ticket);
    strcpy(told->secret, order->secret);
    strcpy(told->user_id, order->claims.user_id);
}

static struct desk_order *new_order(struct told *told)
{
    struct desk_order *order = calloc(1, sizeof *order);
    assert_non_null(order);
    *told = (struct told){.ok = false};
    order->done = on_done;
    order->arg = told;
    return order;
}

static struct desk_order *order_of_one(struct told *told)
{
    struct desk_order *order = new_order(told);
    order->makes = true;
    order->claims.level = 3;
    order->claims.expires_s = clock_unix_ms() / 1000 + 900;
    strcpy(order->claims.user_id, "01890000-0000-7000-8000-000000000001");
    return order;
}

static struct desk_order *order_to_use(struct told *told, const char *ticket, const char *secret)
{
    struct desk_order *order = new_order(told);
    strcpy(order->ticket, ticket);
    strcpy(order->topics, "me");
    strcpy(order->secret, secret);
    return order;
}

// ---- The tests

static void here_it_is_done_at_once(void **state)
{
    struct place place;
    struct told made, used, again, other;
    (void)state;
    place_open(&place, "memory:");
    desk_ask(place.window, order_of_one(&made));
    assert_true(made.count == 1 && made.ok);
    desk_ask(place.window, order_to_use(&used, made.ticket, ""));
    assert_true(used.count == 1 && used.ok);
    assert_string_equal(used.user_id, "01890000-0000-7000-8000-000000000001");
    assert_int_equal(strlen(used.secret), IDS_SECRET);
    desk_ask(place.window, order_to_use(&again, made.ticket, ""));
    assert_true(again.count == 1 && !again.ok && err_is(&again.err, TICKET_INVALID));
    desk_ask(place.window, order_to_use(&other, made.ticket, used.secret));
    assert_true(other.count == 1 && other.ok);
    place_close(&place);
}

static void at_a_redis_a_ticket_of_one_gateway_is_good_at_another(void **state)
{
    struct redis_server server;
    struct place here, there;
    struct told made, used, again;
    char url[128];
    (void)state;
    redis_server_open(&server, url);
    place_open(&here, url);
    place_open(&there, url);
    desk_ask(here.window, order_of_one(&made));
    assert_int_equal(made.count, 0); // not within the call
    UNTIL(&here, made.count == 1);
    assert_true(made.ok);
    desk_ask(there.window, order_to_use(&used, made.ticket, ""));
    UNTIL(&there, used.count == 1);
    assert_true(used.ok);
    desk_ask(here.window, order_to_use(&again, made.ticket, ""));
    UNTIL(&here, again.count == 1);
    assert_true(err_is(&again.err, TICKET_INVALID));
    place_close(&here);
    place_close(&there);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

static void who_forgot_is_not_told(void **state)
{
    struct redis_server server;
    struct place place;
    struct told forgotten, next;
    char url[128];
    (void)state;
    redis_server_open(&server, url);
    place_open(&place, url);
    struct desk_order *order = order_of_one(&forgotten);
    desk_ask(place.window, order);
    desk_forget(order);
    desk_ask(place.window, order_of_one(&next));
    UNTIL(&place, next.count == 1); // they come in their order
    assert_int_equal(forgotten.count, 0);
    place_close(&place);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

static int told_of(const struct told *told, Conse__Reason__Value reason)
{
    int count = 0;
    for (int i = 0; i < CROWD; i++) count += told[i].count == 1 && told[i].err.reason == reason;
    return count;
}

// While Redis says nothing, at most 256 wait, and all others are told at once; who stops tells those.
static void a_redis_that_hangs_delays_nobody_for_long(void **state)
{
    static struct told told[CROWD];
    struct redis_server server;
    struct place place;
    struct told late;
    char url[128];
    (void)state;
    redis_server_open(&server, url);
    place_open(&place, url);
    kill(server.pid, SIGSTOP);
    for (int i = 0; i < CROWD; i++) desk_ask(place.window, order_of_one(&told[i]));
    int busy = told_of(told, IS(SERVICE_BUSY));
    assert_true(busy >= CROWD - 258 && busy <= CROWD - 256);
    assert_int_equal(told[CROWD - 1].err.retry_after_s, 1);
    UNTIL(&place, told_of(told, IS(SERVICE_AWAY)) > 0); // the first has waited long enough
    desk_window_fail(place.window);
    for (int i = 0; i < CROWD; i++) assert_int_equal(told[i].count, 1);
    assert_true(told_of(told, IS(SERVICE_DRAINING)) > 0);
    desk_ask(place.window, order_of_one(&late));
    assert_true(late.count == 1 && err_is(&late.err, SERVICE_DRAINING));
    kill(server.pid, SIGCONT);
    place_close(&place);
    for (int i = 0; i < CROWD; i++) assert_int_equal(told[i].count, 1);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(here_it_is_done_at_once),
        cmocka_unit_test(at_a_redis_a_ticket_of_one_gateway_is_good_at_another),
        cmocka_unit_test(who_forgot_is_not_told),
        cmocka_unit_test(a_redis_that_hangs_delays_nobody_for_long),
    };
    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
