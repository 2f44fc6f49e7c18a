// Where tickets are made and used. With a cache that gateways share it takes a round trip to its Redis, on a
// thread of the desk; the loop that asks is woken, and told. Without, it is done at once. One desk for all
// loops.
#ifndef GATEWAY_FEED_DESK_H
#define GATEWAY_FEED_DESK_H

#include "lib/net/loop.h"
#include "services/gateway/feed/tickets.h"

struct desk;
struct desk_window; // of one loop

enum { DESK_TOPICS = FEED_TOPICS_MOST * (FEED_TOPIC_SIZE + 1) };

// A ticket to be made, or used; the desk frees it behind `done`.
struct desk_order {
    bool makes;
    char ticket[TICKET_SIZE + 1]; // made; or to be used, cut off when it is too long to be one
    char topics[DESK_TOPICS];
    char secret[IDS_SECRET + 1];
    struct token_claims claims; // to be spoken for; or found
    bool ok;
    struct err err;
    void (*done)(void *arg, const struct desk_order *order); // on the loop; perhaps within desk_ask
    void *arg;
    struct desk_window *window;
    struct desk_order *next;
    struct desk_order *next_open, **link_open; // of the window, while it is out
};

// url: "memory:", or of a Redis; key: 32 bytes of this use, or NULL. cache: of this process.
MUST_CHECK bool desk_open(struct desk **desk, const char *url, const uint8_t *key, struct cache *cache,
                          struct err *err);
// When the windows have failed. NULL is fine.
void desk_close(struct desk *desk);
void desk_free(struct desk *desk); // when its windows are closed; NULL is fine

MUST_CHECK bool desk_window_open(struct desk_window **window, struct desk *desk, struct loop *loop,
                                 struct err *err);
void desk_window_awake(struct desk_window *window); // when the loop was woken: tells what is done
// Tells all that are out that the gateway stops; later ones too. On the loop, before the desk closes.
void desk_window_fail(struct desk_window *window);
void desk_window_close(struct desk_window *window); // after the desk; NULL is fine

// Takes the order, a malloc'd one. At most 256 wait: else it is refused with SERVICE_BUSY.
void desk_ask(struct desk_window *window, struct desk_order *order);
void desk_forget(struct desk_order *order); // from the loop: done is not called any more

#endif
