// When Discord's API may be asked: by what its answers told, never by numbers of ours. A route and a major
// parameter (a channel, an interaction's token) share a bucket; 50 requests a second go out in all; and after
// 50 refusals in a minute none goes out for another, or the address would be shut out. Pure; for one thread
// at a time. Times are monotonic.
#ifndef AI_DISCORD_RATE_H
#define AI_DISCORD_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RATE_ROUTES = 8, RATE_BUCKET = 64 };

struct rate;

struct rate_place {
    unsigned route;    // below RATE_ROUTES
    const char *major; // what of the path has buckets of its own
    bool by_bot;       // counts among the 50; what is asked by an interaction's token does not
};

struct rate_told {
    long status;
    char bucket[RATE_BUCKET]; // "": not told, as of the rest of these
    int64_t limit, remaining; // -1: not told
    int64_t reset_after_ms;
    int64_t retry_after_ms; // with 429
    enum { RATE_OF_USER, RATE_OF_ALL, RATE_OF_SHARED } scope;
};

// Of a header in seconds, as "1.5"; 0 when it says nothing, and a day at most.
int64_t rate_ms(const char *seconds);

struct rate *rate_create(void); // NULL without memory
void rate_destroy(struct rate *rate);
// 0: it goes, and is counted. Else how long to wait before asking again.
int64_t rate_take(struct rate *rate, const struct rate_place *place, int64_t now_ms);
void rate_learn(struct rate *rate, const struct rate_place *place, const struct rate_told *told,
                int64_t now_ms);

#endif
