#include "services/gateway/ask/ask_turns.h"

#include <sodium.h>
#include <string.h>

void turns_init(struct turns *turns)
{
    *turns = (struct turns){0};
    for (int i = 0; i < TURNS_QUEUES; i++) turns->queues[i].end = &turns->queues[i].first;
    randombytes_buf(turns->key, sizeof turns->key);
}

static uint8_t queue_of(const struct turns *turns, const char *address)
{
    unsigned char hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const unsigned char *)address, strlen(address), turns->key);
    return hash[0] % TURNS_QUEUES;
}

static uint8_t ask_turns_longest(const struct turns *turns)
{
    int found = 0;
    for (int i = 1; i < TURNS_QUEUES; i++)
        if (turns->queues[i].count > turns->queues[found].count) found = i;
    return (uint8_t)found;
}

// The link to the last of a queue is inside the one before it, or the queue itself.
static struct turn *last_of(const struct turn_queue *queue)
{
    return (struct turn *)((char *)queue->end - offsetof(struct turn, next));
}

struct turn *turns_add(struct turns *turns, struct turn *turn, const char *address)
{
    struct turn *gives_way = NULL;
    turn->queue = queue_of(turns, address);
    struct turn_queue *queue = &turns->queues[turn->queue];
    if (turns->count == TURNS_MOST) {
        struct turn_queue *from = &turns->queues[ask_turns_longest(turns)];
        if (from->count <= queue->count + 1) return turn;
        gives_way = last_of(from);
        turns_remove(turns, gives_way);
    }
    turn->next = NULL;
    turn->link = queue->end;
    *queue->end = turn;
    queue->end = &turn->next;
    queue->count++;
    turns->count++;
    return gives_way;
}

void turns_remove(struct turns *turns, struct turn *turn)
{
    struct turn_queue *queue = &turns->queues[turn->queue];
    *turn->link = turn->next;
    if (turn->next)
        turn->next->link = turn->link;
    else
        queue->end = turn->link;
    queue->count--;
    turns->count--;
}

struct turn *turns_next(struct turns *turns)
{
    if (turns->count == 0) return NULL;
    do turns->last = (uint8_t)((turns->last + 1) % TURNS_QUEUES);
    while (!turns->queues[turns->last].first);
    struct turn *turn = turns->queues[turns->last].first;
    turns_remove(turns, turn);
    return turn;
}
