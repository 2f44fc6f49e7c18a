#include "services/gateway/feed/desk.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

enum { ORDERS_MOST = 256 };

struct orders {
    struct desk_order *first, **last;
};

struct desk {
    struct ticket_store store;
    struct shelf *shelf; // NULL: not shared, and no thread
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; // of what follows, and of the windows' lists
    pthread_cond_t wake;
    struct orders waiting;
    size_t count;
    bool closed;
};

struct desk_window {
    struct desk *desk;
    struct loop *loop;
    struct desk_order *open; // the loop's
    bool failed;
    struct orders done;
};

static void orders_init(struct orders *orders) { *orders = (struct orders){.last = &orders->first}; }

static void orders_add(struct orders *orders, struct desk_order *order)
{
    order->next = NULL;
    *orders->last = order;
    orders->last = &order->next;
}

static struct desk_order *orders_take(struct orders *orders)
{
    struct desk_order *order = orders->first;
    if (!order) return NULL;
    orders->first = order->next;
    if (!orders->first) orders->last = &orders->first;
    return order;
}

static void order_free(struct desk_order *order)
{
    sodium_memzero(order, sizeof *order);
    free(order);
}

// ---- Carrying out

static void carry_out(const struct desk *desk, struct desk_order *order)
{
    if (order->makes) {
        order->ok = ticket_create(&desk->store, &order->claims, order->ticket, &order->err);
        return;
    }
    struct ticket_use use = {.ticket = order->ticket, .topics = order->topics};
    memcpy(use.secret, order->secret, sizeof use.secret);
    order->ok = ticket_use(&desk->store, &use, clock_unix_ms(), &order->err);
    memcpy(order->secret, use.secret, sizeof use.secret);
    order->claims = use.claims;
}

static struct desk_order *next_order(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    while (!desk->waiting.first && !desk->closed) pthread_cond_wait(&desk->wake, &desk->lock);
    struct desk_order *order = desk->closed ? NULL : orders_take(&desk->waiting);
    if (order) desk->count--;
    pthread_mutex_unlock(&desk->lock);
    return order;
}

static void give_back(struct desk *desk, struct desk_order *order)
{
    struct desk_window *window = order->window;
    pthread_mutex_lock(&desk->lock);
    bool sleeps = !window->done.first;
    orders_add(&window->done, order);
    pthread_mutex_unlock(&desk->lock);
    if (sleeps) loop_wake(window->loop);
}

static void *desk_run(void *arg)
{
    struct desk *desk = arg;
    struct desk_order *order;
    while ((order = next_order(desk)) != NULL) {
        carry_out(desk, order);
        give_back(desk, order);
    }
    return NULL;
}

// ---- The loop's side

static void order_open(struct desk_window *window, struct desk_order *order)
{
    order->next_open = window->open;
    order->link_open = &window->open;
    if (order->next_open) order->next_open->link_open = &order->next_open;
    window->open = order;
}

// It may be told already, or forgotten.
static void order_shut(struct desk_order *order)
{
    if (!order->link_open) return;
    *order->link_open = order->next_open;
    if (order->next_open) order->next_open->link_open = order->link_open;
    order->link_open = NULL;
}

static void order_say(struct desk_order *order)
{
    void (*done)(void *arg, const struct desk_order *order) = order->done;
    order_shut(order);
    order->done = NULL;
    if (done) done(order->arg, order);
}

static void order_tell(struct desk_order *order)
{
    order_say(order);
    order_free(order);
}

static bool desk_queue(struct desk *desk, struct desk_order *order)
{
    pthread_mutex_lock(&desk->lock);
    bool room = desk->count < ORDERS_MOST && !desk->closed;
    if (room) orders_add(&desk->waiting, order);
    desk->count += room;
    pthread_mutex_unlock(&desk->lock);
    if (room) pthread_cond_signal(&desk->wake);
    return room;
}

void desk_ask(struct desk_window *window, struct desk_order *order)
{
    struct desk *desk = window->desk;
    order->window = window;
    if (window->failed) {
        err_fail(&order->err, SERVICE_DRAINING, "the gateway is shutting down");
        return order_tell(order);
    }
    if (!desk->shelf) {
        carry_out(desk, order);
        return order_tell(order);
    }
    order_open(window, order); // the desk's thread looks at none of that
    if (desk_queue(desk, order)) return;
    err_fail(&order->err, SERVICE_BUSY, "too many tickets are asked for");
    order->err.retry_after_s = 1;
    order_tell(order);
}

void desk_forget(struct desk_order *order)
{
    order_shut(order);
    order->done = NULL;
}

// The desk may be carrying them out: what is told is another one.
void desk_window_fail(struct desk_window *window)
{
    window->failed = true;
    while (window->open) {
        struct desk_order failed = {.done = window->open->done, .arg = window->open->arg};
        desk_forget(window->open);
        err_fail(&failed.err, SERVICE_DRAINING, "the gateway is shutting down");
        if (failed.done) failed.done(failed.arg, &failed);
    }
}

void desk_window_awake(struct desk_window *window)
{
    for (;;) {
        pthread_mutex_lock(&window->desk->lock);
        struct desk_order *order = orders_take(&window->done);
        pthread_mutex_unlock(&window->desk->lock);
        if (!order) return;
        order_tell(order);
    }
}

// ---- Life

bool desk_open(struct desk **out, const char *url, const uint8_t *key, struct cache *cache, struct err *err)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk) return err_fail(err, INTERNAL_ERROR, "no memory");
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->wake, NULL);
    orders_init(&desk->waiting);
    *out = desk;
    desk->store = ticket_store_here(cache);
    if (strcmp(url, "memory:") == 0) return true;
    if (!shelf_open(&desk->shelf, url, key, err)) return false;
    desk->store = ticket_store_shared(desk->shelf);
    int fault = pthread_create(&desk->thread, NULL, desk_run, desk);
    if (fault) return err_errno(err, fault, "thread");
    return desk->running = true;
}

void desk_close(struct desk *desk)
{
    if (!desk) return;
    pthread_mutex_lock(&desk->lock);
    desk->closed = true;
    pthread_mutex_unlock(&desk->lock);
    pthread_cond_signal(&desk->wake);
    if (desk->running) pthread_join(desk->thread, NULL);
    for (struct desk_order *order; (order = orders_take(&desk->waiting)) != NULL;) order_free(order);
    shelf_close(desk->shelf);
    desk->shelf = NULL;
}

void desk_free(struct desk *desk)
{
    if (!desk) return;
    pthread_cond_destroy(&desk->wake);
    pthread_mutex_destroy(&desk->lock);
    free(desk);
}

bool desk_window_open(struct desk_window **out, struct desk *desk, struct loop *loop, struct err *err)
{
    struct desk_window *window = calloc(1, sizeof *window);
    if (!window) return err_fail(err, INTERNAL_ERROR, "no memory");
    *window = (struct desk_window){.desk = desk, .loop = loop};
    orders_init(&window->done);
    *out = window;
    return true;
}

void desk_window_close(struct desk_window *window)
{
    if (!window) return;
    for (struct desk_order *order; (order = orders_take(&window->done)) != NULL;) order_free(order);
    free(window);
}
