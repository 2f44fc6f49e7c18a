#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/store/mongo/group.h"

// Goes on while the machine sleeps.
int64_t mongo_boot_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

enum { SLOTS = 4096, MOST_HEADS = 16384, TRUSTED_MS = 3600 * 1000 };

static struct mongo_head **head_place(const struct mongo_heads *heads, const char *stream)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *at = stream; *at; at++) hash = (hash ^ (uint8_t)*at) * 0x100000001b3;
    struct mongo_head **place = &heads->slots[(hash ^ hash >> 32) % SLOTS];
    while (*place && strcmp((*place)->stream, stream) != 0) place = &(*place)->next;
    return place;
}

const struct mongo_head *mongo_head_find(const struct mongo_heads *heads, const char *stream)
{
    const struct mongo_head *head = heads->slots ? *head_place(heads, stream) : NULL;
    return head && mongo_boot_ms() - head->learnt_ms < TRUSTED_MS ? head : NULL;
}

static struct mongo_head *head_make(struct mongo_heads *heads, const char *stream)
{
    size_t len = strlen(stream) + 1;
    if (!heads->slots) heads->slots = calloc(SLOTS, sizeof *heads->slots);
    if (!heads->slots) abort();
    struct mongo_head **place = head_place(heads, stream), *head = *place;
    if (head) return head;
    head = *place = calloc(1, sizeof *head + len);
    if (!head) abort();
    memcpy(head->stream, stream, len);
    heads->count++;
    return head;
}

void mongo_head_learn(struct mongo_heads *heads, const char *stream, struct mongo_end end)
{
    struct mongo_head *head = head_make(heads, stream);
    head->seq = end.seq;
    head->ended = end.ended;
    head->learnt_ms = mongo_boot_ms();
}

void mongo_head_drop(struct mongo_heads *heads, const char *stream)
{
    struct mongo_head **place = heads->slots ? head_place(heads, stream) : NULL;
    if (!place || !*place) return;
    struct mongo_head *head = *place;
    *place = head->next;
    heads->count--;
    free(head);
}

void mongo_heads_forget(struct mongo_heads *heads)
{
    for (size_t i = 0; heads->slots && i < SLOTS; i++)
        while (heads->slots[i]) {
            struct mongo_head *head = heads->slots[i];
            heads->slots[i] = head->next;
            free(head);
        }
    free(heads->slots);
    *heads = (struct mongo_heads){0};
}

void mongo_heads_trim(struct mongo_heads *heads)
{
    if (heads->count > MOST_HEADS) mongo_heads_forget(heads);
}
