#include "lib/bus/listener.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/bus/dialers.h"
#include "lib/bus/opener.h"
#include "lib/rpc/address.h"

enum { ARENA_BYTES = 64 * 1024, TURN_MS = 250, MESSAGES_PER_TURN = 256 };

struct bus_listener {
    struct bus_listener_options options;
    char *address;
    int wake_fd;
    struct bus_dialers dialers;
    struct bus_opener opener;
    struct arena arena; // of one message
    pthread_t thread;
    bool running;
    atomic_bool stopped;
};

static void listener_take(struct bus_listener *listener, nng_msg *message)
{
    const char *topic;
    ProtobufCBinaryData body;
    if (!bus_opener_open(&listener->opener, message, &topic, &body)) return;
    bus_dialers_heard(&listener->dialers, nng_msg_get_pipe(message), clock_mono_ms());
    if (strcmp(topic, BUS_PEERS_TOPIC) != 0) return;
    arena_reset(&listener->arena);
    const Bus__Notice *notice = bus__notice__unpack(&listener->arena.allocator, body.len, body.data);
    if (notice) listener->options.hear(listener->options.arg, notice->stream, notice->seq);
}

static bool listener_receive(struct bus_listener *listener)
{
    nng_msg *message;
    if (nng_recvmsg(listener->dialers.socket, &message, NNG_FLAG_NONBLOCK) != 0) return false;
    listener_take(listener, message);
    nng_msg_free(message);
    return true;
}

static void *listener_main(void *arg)
{
    struct bus_listener *listener = arg;
    struct pollfd fds[] = {{.fd = listener->wake_fd, .events = POLLIN},
                           {.fd = listener->dialers.receive_fd, .events = POLLIN}};
    while (!atomic_load(&listener->stopped)) {
        eventfd_t ignored;
        int64_t now_ms = clock_mono_ms(), next_ms = bus_dialers_follow(&listener->dialers, now_ms);
        poll(fds, 2, next_ms - now_ms < TURN_MS ? (int)(next_ms - now_ms) : TURN_MS);
        if (fds[0].revents) eventfd_read(listener->wake_fd, &ignored);
        for (int i = 0; i < MESSAGES_PER_TURN && listener_receive(listener); i++) continue;
    }
    return NULL;
}

static bool listener_open(struct bus_listener *listener, struct err *err)
{
    const struct bus_listener_options *options = &listener->options;
    if (!rpc_address_check(options->address, options->bus_keys, NULL, err)) return false;
    listener->address = strdup(options->address);
    if (!listener->address) return err_fail(err, INTERNAL_ERROR, "out of memory");
    listener->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listener->wake_fd < 0) return err_errno(err, errno, "cannot listen to peers");
    return bus_opener_init(&listener->opener, listener->address, options->bus_keys, options->service, err) &&
           bus_dialers_open(&listener->dialers, options->service, listener->address, listener->wake_fd,
                            err) &&
           (bus_dialers_subscribe(&listener->dialers, BUS_PEERS_TOPIC, true) ||
            err_fail(err, INTERNAL_ERROR, "cannot listen to peers"));
}

bool bus_listener_start(struct bus_listener **out, const struct bus_listener_options *options,
                        struct err *err)
{
    struct bus_listener *listener = calloc(1, sizeof *listener);
    if (!listener) return err_fail(err, INTERNAL_ERROR, "out of memory");
    listener->options = *options;
    listener->wake_fd = -1;
    arena_init(&listener->arena, ARENA_BYTES);
    if (listener_open(listener, err)) {
        int rv = pthread_create(&listener->thread, NULL, listener_main, listener);
        listener->running = rv == 0;
        if (rv == 0) return *out = listener, true;
        err_set_errno(err, rv, "cannot listen to peers");
    }
    bus_listener_stop(listener);
    return false;
}

void bus_listener_stop(struct bus_listener *listener)
{
    if (!listener) return;
    atomic_store(&listener->stopped, true);
    if (listener->running) {
        eventfd_write(listener->wake_fd, 1);
        pthread_join(listener->thread, NULL);
    }
    bus_dialers_close(&listener->dialers);
    bus_opener_finish(&listener->opener);
    if (listener->wake_fd >= 0) close(listener->wake_fd);
    arena_finish(&listener->arena);
    free(listener->address);
    free(listener);
}
