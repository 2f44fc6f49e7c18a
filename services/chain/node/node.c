#include "services/chain/node/node.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "services/chain/node/addresses.h"
#include "services/chain/node/peers.h"
#include "services/chain/node/place.h"

enum { BACKLOG = 128, ACCEPTS_AT_ONCE = 32, AGAIN_MS = 2000 };

struct node {
    struct chain *chain;
    struct loop *loop;
    struct peers *peers;
    struct desk *desk;
    pthread_t thread;
    struct addrinfo *place;
    struct loop_source listener; // fd -1: the place is somebody else's
    struct loop_timer again;
    bool told; // that it is
};

// ---- Listening

static void node_accept(void *arg, uint32_t events)
{
    struct node *node = arg;
    (void)events;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        int fd = accept4(node->listener.fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            peers_take(node->peers, fd);
        else if ((errno != EMFILE && errno != ENFILE) || !peers_make_room(node->peers))
            return;
    }
}

static int open_listener(const struct addrinfo *place)
{
    const int on = 1;
    int fd = socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, place->ai_addr, place->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static bool begin_listening(struct node *node, struct err *err)
{
    node->listener.fd = open_listener(node->place);
    if (node->listener.fd < 0) return err_errno(err, errno, "listen");
    if (loop_watch(node->loop, &node->listener, EPOLLIN, err)) return true;
    close(node->listener.fd);
    node->listener.fd = -1;
    return false;
}

// The place is somebody else's as long as that process lives.
static void node_listen(void *arg)
{
    struct node *node = arg;
    const char *place = node->chain->settings.coinixerr;
    struct err err = {0};
    if (begin_listening(node, &err)) {
        log_info("listens for the coiniXerr protocol", F_STR("address", place));
        return;
    }
    if (!node->told)
        log_warn("does not listen for the coiniXerr protocol", F_STR("address", place),
                 F_STR("why", err.message));
    node->told = true;
    loop_timer_set(node->loop, &node->again, loop_now_ms(node->loop) + AGAIN_MS);
}

// ---- The thread

static void on_turn(void *arg) { (void)arg; }

static void on_awake(void *arg)
{
    struct node *node = arg;
    peers_answer(node->peers);
}

static void on_answers(void *arg)
{
    struct node *node = arg;
    loop_wake(node->loop);
}

static void *node_main(void *arg)
{
    struct node *node = arg;
    node_listen(node);
    loop_run(node->loop);
    return NULL;
}

// ---- Life

static void node_free(struct node *node)
{
    desk_stop(node->desk);
    peers_destroy(node->peers);
    if (node->listener.fd >= 0) close(node->listener.fd);
    if (node->place) freeaddrinfo(node->place);
    loop_destroy(node->loop);
    free(node);
}

static bool node_open(struct node *node, struct err *err)
{
    const struct loop_options options = {.turn = on_turn, .awake = on_awake, .arg = node};
    const struct desk_options desk = {node->chain, on_answers, node};
    node->place = place_read(node->chain->settings.coinixerr, true, err);
    if (!node->place) return err_wrap(err, "CONSE_COINIXERR");
    if (!loop_create(&node->loop, &options, err) || !peers_create(&node->peers, node->loop, err) ||
        !desk_start(&node->desk, &desk, err))
        return false;
    peers_set_desk(node->peers, node->desk);
    return true;
}

bool node_start(struct chain *chain, struct err *err)
{
    const char *place = chain->settings.coinixerr;
    if (!place || strcmp(place, "off") == 0) return true;
    struct node *node = calloc(1, sizeof *node);
    if (!node) return err_fail(err, INTERNAL_ERROR, "out of memory");
    node->chain = chain;
    node->listener = (struct loop_source){-1, node_accept, node};
    node->again = (struct loop_timer){.fire = node_listen, .arg = node};
    if (!node_open(node, err)) return node_free(node), false;
    int rv = pthread_create(&node->thread, NULL, node_main, node);
    if (rv) return node_free(node), err_errno(err, rv, "chain.node");
    chain->node = node;
    return true;
}

void node_stop(struct node *node)
{
    if (!node) return;
    loop_stop(node->loop);
    pthread_join(node->thread, NULL);
    node_free(node);
}

bool node_show_address(struct chain *chain, const struct ledger_account *key, struct arena *arena,
                       const char **address, struct err *err)
{
    if (!addresses_find(chain, key, arena, address, err)) return false;
    if (!**address && chain->node) desk_want(chain->node->desk, key);
    return true;
}
