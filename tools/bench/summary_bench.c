#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "services/ai/summaries/extract.h"

// Processor time of a summary of a full window: 2000 messages of some ten words, English and Persian, and
// 2000 with as much text as a window takes. It fails when the first takes more than 50 ms.

enum { ROUNDS = 10, WORDS = 4000, MOST_MS = 50 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

// Few words are used often and many seldom, as people do.
static const char *write_text(struct arena *arena, unsigned words, unsigned short seed[3])
{
    char text[1024];
    size_t len = 0;
    for (unsigned i = 0; i < words && len < sizeof text - 32; i++) {
        double at = erand48(seed);
        const char *form = seed[0] & 1 ? "%sword%u%s" : "%sواژه%u%s";
        len += (size_t)snprintf(text + len, sizeof text - len, form, i ? " " : "",
                                (unsigned)(at * at * at * WORDS), i % 8 == 7 ? "." : "");
    }
    return arena_str(arena, text);
}

static double summary_bench(const char *name, unsigned words)
{
    unsigned short seed[3] = {1, 2, 3};
    struct window window;
    struct bullets bullets;
    struct err err = {0};
    size_t bytes = 0;
    window_open(&window);
    while (window.count < WINDOW_MESSAGES && bytes < WINDOW_BYTES) {
        struct window_message *message = &window.messages[window.count++];
        *message = (struct window_message){.room_id = "room", .author = "mira"};
        message->text = write_text(&window.arena, words, seed);
        for (const char *at = message->text; *at; at++) bytes++;
    }
    double start = cpu_seconds();
    for (int i = 0; i < ROUNDS; i++)
        if (!extract_bullets(&window, &bullets, &err)) abort();
    double ms = 1e3 * (cpu_seconds() - start) / ROUNDS;
    printf("%s: %zu messages, %zu KiB   %6.1f ms\n", name, window.count, bytes >> 10, ms);
    window_close(&window);
    return ms;
}

int main(void)
{
    double ms = summary_bench("summary of a window", 10);
    summary_bench("summary of a full one", 48);
    printf("gate %d ms: %s\n", MOST_MS, ms <= MOST_MS ? "yes" : "NO");
    return ms <= MOST_MS ? 0 : 1;
}
