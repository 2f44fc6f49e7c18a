// What was published, and who was told of it: each message, on each line, once. A message has in its text
// "@<number>:<when it was due, ns>@"; who publishes and who reads are one process with one clock.
#ifndef BENCH_REALTIME_TALLY_H
#define BENCH_REALTIME_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LATENCY_SUBS = 32, LATENCY_BUCKETS = 60 * LATENCY_SUBS, TALLY_MARK = 48 };

struct latencies { // us, to three per cent
    uint64_t count, most;
    uint64_t buckets[LATENCY_BUCKETS];
};

void latencies_add(struct latencies *latencies, int64_t ns);
double latencies_ms(const struct latencies *latencies, double share); // 0.99: what 99 % are within

// The messages of one run, and who has had them.
struct tally {
    uint64_t first;   // its first message's number; numbers are never used again
    size_t count;     // of messages
    size_t words;     // of 64 messages, of a line
    uint64_t *seen;   // bits: lines by messages
    int64_t *last_ns; // of each message: when a line had it last
    int64_t *due_ns;  // of each message
    uint64_t got, twice, strange, bytes;
    int64_t got_ns; // when something was got last
    struct latencies told;
};

int64_t tally_now(void);
// A run of so many messages to so many lines; what was counted before is forgotten.
void tally_begin(struct tally *tally, size_t lines, size_t count);
void tally_finish(struct tally *tally);
// "@<number>:<due>@", padded to size.
void tally_mark(struct tally *tally, size_t i, int64_t due_ns, size_t size, char *text);
// Everything that a text tells a line; false: no message is in it.
bool tally_take(struct tally *tally, size_t line, const char *text, size_t len, int64_t now_ns);
// From when each message was due until the last line had it.
void tally_last(const struct tally *tally, struct latencies *last);

#endif
