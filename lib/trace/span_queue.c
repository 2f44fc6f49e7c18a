#include "lib/trace/span_queue.h"

#include <stdlib.h>

bool span_queue_init(struct span_queue *queue, uint64_t size)
{
    *queue = (struct span_queue){.size = size};
    queue->places = calloc(size, sizeof *queue->places);
    if (!queue->places) return false;
    for (uint64_t i = 0; i < size; i++) atomic_store(&queue->places[i].turn, i);
    return true;
}

void span_queue_finish(struct span_queue *queue)
{
    free(queue->places);
    queue->places = NULL;
}

static struct span_place *place_at(const struct span_queue *queue, uint64_t number)
{
    return &queue->places[number & (queue->size - 1)];
}

bool span_queue_put(struct span_queue *queue, const struct ended_span *span)
{
    uint64_t number = atomic_load_explicit(&queue->head, memory_order_relaxed);
    for (;;) {
        struct span_place *place = place_at(queue, number);
        uint64_t turn = atomic_load_explicit(&place->turn, memory_order_acquire);
        if (turn < number) return false; // its span was not taken yet
        if (turn > number)
            number = atomic_load_explicit(&queue->head, memory_order_relaxed);
        else if (atomic_compare_exchange_weak_explicit(&queue->head, &number, number + 1,
                                                       memory_order_relaxed, memory_order_relaxed)) {
            place->span = *span;
            atomic_store_explicit(&place->turn, number + 1, memory_order_release);
            return true;
        }
    }
}

bool span_queue_take(struct span_queue *queue, struct ended_span *span)
{
    struct span_place *place = place_at(queue, queue->tail);
    if (atomic_load_explicit(&place->turn, memory_order_acquire) != queue->tail + 1) return false;
    *span = place->span;
    atomic_store_explicit(&place->turn, queue->tail + queue->size, memory_order_release);
    queue->tail++;
    return true;
}
