// Asks auth for the keys that verify tokens, on one loop: at start, now and then, and when a token is met
// whose key is unknown. The loop's thread.
#ifndef GATEWAY_ACCESS_KEY_FETCH_H
#define GATEWAY_ACCESS_KEY_FETCH_H

#include <stdbool.h>

struct gateway_loop;

struct key_fetch {
    struct gateway_loop *home;
    bool on_its_way;
};

// True when keys are on their way and call_keys_arrived follows; false when they came a moment ago, to this
// loop or another.
bool key_fetch_begin(struct key_fetch *fetch);

#endif
