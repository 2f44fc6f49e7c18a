#include "lib/rpc/trips.h"

#include <stdlib.h>
#include <sys/eventfd.h>

enum { MOST_UNDER_WAY = 128 }; // twice the contexts of a server

struct rpc_trip {
    struct rpc_trips *trips;
    nng_ctx context;
    nng_aio *sent, *received;
    uint64_t number;                  // of the message, as its sender counts
    struct rpc_trip *next, *previous; // idle or under way
    struct rpc_trip *next_received;
};

static void on_received(void *arg)
{
    struct rpc_trip *trip = arg;
    struct rpc_trips *trips = trip->trips;
    trip->next_received = NULL;
    pthread_mutex_lock(&trips->mutex);
    bool first = trips->inbox == NULL;
    *trips->inbox_end = trip;
    trips->inbox_end = &trip->next_received;
    pthread_mutex_unlock(&trips->mutex);
    if (first) eventfd_write(trips->event_fd, 1);
}

static void trip_destroy(struct rpc_trip *trip)
{
    if (trip->received) nng_aio_free(trip->received);
    if (trip->sent) nng_aio_free(trip->sent);
    free(trip);
}

static struct rpc_trip *trip_create(struct rpc_trips *trips)
{
    struct rpc_trip *trip = calloc(1, sizeof *trip);
    if (!trip) return NULL;
    trip->trips = trips;
    if (nng_aio_alloc(&trip->sent, NULL, NULL) == 0 &&
        nng_aio_alloc(&trip->received, on_received, trip) == 0 &&
        nng_ctx_open(&trip->context, trips->socket) == 0)
        return trip;
    trip_destroy(trip);
    return NULL;
}

static struct rpc_trip *take_idle(struct rpc_trips *trips)
{
    struct rpc_trip *trip = trips->idle;
    if (trip) trips->idle = trip->next;
    return trip ? trip : trip_create(trips);
}

static void trips_begin(struct rpc_trips *trips, struct rpc_trip *trip)
{
    trip->previous = NULL;
    trip->next = trips->under_way;
    if (trip->next) trip->next->previous = trip;
    trips->under_way = trip;
    trips->count++;
}

static void trips_end(struct rpc_trips *trips, struct rpc_trip *trip)
{
    *(trip->previous ? &trip->previous->next : &trips->under_way) = trip->next;
    if (trip->next) trip->next->previous = trip->previous;
    trips->count--;
}

void rpc_trips_init(struct rpc_trips *trips, nng_socket socket, int event_fd)
{
    *trips = (struct rpc_trips){.socket = socket, .event_fd = event_fd};
    trips->inbox_end = &trips->inbox;
    pthread_mutex_init(&trips->mutex, NULL);
}

void rpc_trips_finish(struct rpc_trips *trips)
{
    rpc_trips_drop(trips);
    for (struct rpc_trip *trip = trips->idle, *next; trip; trip = next) {
        next = trip->next;
        nng_ctx_close(trip->context);
        trip_destroy(trip);
    }
    trips->idle = NULL;
    pthread_mutex_destroy(&trips->mutex);
}

bool rpc_trips_full(const struct rpc_trips *trips) { return trips->count >= MOST_UNDER_WAY; }

bool rpc_trips_send(struct rpc_trips *trips, nng_msg *message, uint64_t number)
{
    struct rpc_trip *trip = rpc_trips_full(trips) ? NULL : take_idle(trips);
    if (!trip) return false;
    trip->number = number;
    trips_begin(trips, trip);
    nng_aio_set_msg(trip->sent, message);
    nng_ctx_send(trip->context, trip->sent);
    nng_ctx_recv(trip->context, trip->received);
    return true;
}

static struct rpc_trip *take_received(struct rpc_trips *trips)
{
    pthread_mutex_lock(&trips->mutex);
    struct rpc_trip *trip = trips->inbox;
    if (trip) trips->inbox = trip->next_received;
    if (!trips->inbox) trips->inbox_end = &trips->inbox;
    pthread_mutex_unlock(&trips->mutex);
    return trip;
}

// The message when it was not sent; NNG has given it back then.
static void drop_unsent(struct rpc_trip *trip)
{
    nng_aio_wait(trip->sent);
    nng_msg *message = nng_aio_get_msg(trip->sent);
    if (nng_aio_result(trip->sent) != 0 && message) nng_msg_free(message);
    nng_aio_set_msg(trip->sent, NULL);
}

// Closes its context, which ends both; a context can't be told to forget what it has not sent.
static void destroy_closed(struct rpc_trips *trips, struct rpc_trip *trip)
{
    trips_end(trips, trip);
    drop_unsent(trip);
    if (nng_aio_result(trip->received) == 0) nng_msg_free(nng_aio_get_msg(trip->received));
    trip_destroy(trip);
}

nng_msg *rpc_trips_receive(struct rpc_trips *trips, uint64_t *number)
{
    struct rpc_trip *trip;
    while ((trip = take_received(trips)) != NULL) {
        if (nng_aio_result(trip->received) == 0) {
            nng_msg *message = nng_aio_get_msg(trip->received);
            nng_aio_wait(trip->sent); // the reply may arrive before the end of the sending is reported
            trips_end(trips, trip);
            *number = trip->number;
            trip->next = trips->idle;
            trips->idle = trip;
            return message;
        }
        nng_ctx_close(trip->context);
        destroy_closed(trips, trip);
    }
    return NULL;
}

void rpc_trips_drop(struct rpc_trips *trips)
{
    for (struct rpc_trip *trip = trips->under_way; trip; trip = trip->next) nng_ctx_close(trip->context);
    for (struct rpc_trip *trip = trips->under_way; trip; trip = trip->next) nng_aio_wait(trip->received);
    pthread_mutex_lock(&trips->mutex);
    trips->inbox = NULL;
    trips->inbox_end = &trips->inbox;
    pthread_mutex_unlock(&trips->mutex);
    for (struct rpc_trip *trip = trips->under_way, *next; trip; trip = next) {
        next = trip->next;
        destroy_closed(trips, trip);
    }
}
