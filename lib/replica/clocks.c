#include "lib/replica/clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of the process, a free one, or that of who was silent for the longest.
static size_t place_of(struct clocks *clocks, const char *id)
{
    size_t oldest = 0;
    for (size_t i = 0; i < clocks->count; i++) {
        if (strcmp(clocks->all[i].id, id) == 0) return i;
        if (clocks->all[i].heard_ms < clocks->all[oldest].heard_ms) oldest = i;
    }
    return clocks->count < CLOCKS_MOST ? clocks->count++ : oldest;
}

void clocks_hear(struct clocks *clocks, const char *id, int64_t ahead_ms, int64_t mono_ms)
{
    size_t at = place_of(clocks, id);
    snprintf(clocks->all[at].id, sizeof clocks->all[at].id, "%s", id);
    clocks->all[at].ahead_ms = ahead_ms;
    clocks->all[at].heard_ms = mono_ms;
}

static int by_size(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;
    return (one > two) - (one < two);
}

int64_t clocks_agreed_ms(const struct clocks *clocks, int64_t mono_ms)
{
    int64_t ahead[CLOCKS_MOST + 1] = {0}; // the first is ours
    size_t count = 1;
    for (size_t i = 0; i < clocks->count; i++)
        if (mono_ms - clocks->all[i].heard_ms <= CLOCKS_LIVE_MS) ahead[count++] = clocks->all[i].ahead_ms;
    qsort(ahead, count, sizeof *ahead, by_size);
    int64_t low = ahead[(count - 1) / 2], high = ahead[count / 2];
    return llabs(low) <= llabs(high) ? low : high;
}
