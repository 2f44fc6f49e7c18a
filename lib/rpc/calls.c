#include "lib/rpc/calls.h"

#include <stdlib.h>

enum { MIN_ROTATION = 256 }; // slots in use by turns, so that generations wear out slowly

bool rpc_calls_init(struct rpc_calls *calls, uint32_t size)
{
    *calls = (struct rpc_calls){.size = size};
    calls->slots = calloc(size, sizeof *calls->slots);
    calls->heap = calloc(size, sizeof(struct rpc_waiting *));
    return calls->slots && calls->heap;
}

void rpc_calls_finish(struct rpc_calls *calls)
{
    free(calls->slots);
    free(calls->heap);
}

static struct rpc_waiting *take_slot(struct rpc_calls *calls)
{
    bool fresh = calls->used < calls->size && calls->free_count < MIN_ROTATION;
    if (fresh) return &calls->slots[calls->used++];
    struct rpc_waiting *call = calls->free_first;
    if (!call) return NULL;
    calls->free_first = call->next;
    calls->free_count--;
    return call;
}

static void calls_place(struct rpc_calls *calls, uint32_t at, struct rpc_waiting *call)
{
    calls->heap[at] = call;
    call->heap = at;
}

static void calls_rise(struct rpc_calls *calls, uint32_t at, struct rpc_waiting *call)
{
    while (at > 0 && calls->heap[(at - 1) / 2]->deadline_ms > call->deadline_ms) {
        calls_place(calls, at, calls->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    calls_place(calls, at, call);
}

static void calls_sink(struct rpc_calls *calls, uint32_t at, struct rpc_waiting *call)
{
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= calls->count) break;
        if (child + 1 < calls->count && calls->heap[child + 1]->deadline_ms < calls->heap[child]->deadline_ms)
            child++;
        if (calls->heap[child]->deadline_ms >= call->deadline_ms) break;
        calls_place(calls, at, calls->heap[child]);
        at = child;
    }
    calls_place(calls, at, call);
}

struct rpc_waiting *rpc_calls_take(struct rpc_calls *calls, int64_t deadline_ms)
{
    struct rpc_waiting *call = take_slot(calls);
    if (!call) return NULL;
    if (++call->generation == 0) call->generation = 1;
    call->id = (uint32_t)call->generation << 16 | (uint32_t)(call - calls->slots);
    call->deadline_ms = deadline_ms;
    calls_rise(calls, calls->count++, call);
    return call;
}

struct rpc_waiting *rpc_calls_find(struct rpc_calls *calls, uint32_t id)
{
    uint32_t slot = id & 0xffff;
    if (id == 0 || slot >= calls->used || calls->slots[slot].id != id) return NULL;
    return &calls->slots[slot];
}

static void heap_remove(struct rpc_calls *calls, uint32_t at)
{
    struct rpc_waiting *last = calls->heap[--calls->count];
    if (at == calls->count) return;
    bool up = at > 0 && calls->heap[(at - 1) / 2]->deadline_ms > last->deadline_ms;
    if (up)
        calls_rise(calls, at, last);
    else
        calls_sink(calls, at, last);
}

void rpc_calls_free(struct rpc_calls *calls, struct rpc_waiting *call)
{
    heap_remove(calls, call->heap);
    span_end(call->span);
    call->span = NULL;
    free(call->envelope.data);
    free(call->stream);
    call->envelope = (ProtobufCBinaryData){0};
    call->stream = NULL;
    call->link = NULL;
    call->id = 0;
    call->next = NULL;
    if (calls->free_first)
        calls->free_last->next = call;
    else
        calls->free_first = call;
    calls->free_last = call;
    calls->free_count++;
}

struct rpc_waiting *rpc_calls_earliest(struct rpc_calls *calls)
{
    return calls->count ? calls->heap[0] : NULL;
}
