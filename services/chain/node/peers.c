#include "services/chain/node/peers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

enum peer_state { PEER_READS, PEER_WAITS, PEER_WRITES };

// In a ring of all, the one that has been silent the longest first.
struct peer {
    struct peers *peers;
    struct peer *older, *newer;
    enum peer_state state;
    struct loop_source source;
    struct loop_timer timer;
    struct coinixerr_inbox inbox;
    struct desk_message message; // of the inbox
    int refusals;
    bool ends; // after the answer
    size_t answer_length, sent;
    uint8_t answer[COINIXERR_FRAME_MAX];
};

struct peers {
    struct loop *loop;
    struct desk *desk;
    struct peer ring; // its older is the newest
    size_t count;
};

// ---- The ring

static void ring_put(struct peers *peers, struct peer *peer)
{
    peer->older = peers->ring.older;
    peer->newer = &peers->ring;
    peers->ring.older->newer = peer;
    peers->ring.older = peer;
}

static void ring_take(struct peer *peer)
{
    peer->older->newer = peer->newer;
    peer->newer->older = peer->older;
}

static void peer_close(struct peer *peer)
{
    struct peers *peers = peer->peers;
    loop_unwatch(peers->loop, &peer->source);
    loop_timer_clear(peers->loop, &peer->timer);
    close(peer->source.fd);
    ring_take(peer);
    peers->count--;
    free(peer);
}

bool peers_make_room(struct peers *peers)
{
    struct peer *peer = peers->ring.newer;
    while (peer != &peers->ring && peer->state == PEER_WAITS) peer = peer->newer;
    if (peer == &peers->ring) return false;
    peer_close(peer);
    return true;
}

size_t peers_count(const struct peers *peers) { return peers->count; }

// ---- Reading

static void peer_late(void *arg) { peer_close(arg); }

static void peer_timer(struct peer *peer, int64_t ms)
{
    loop_timer_set(peer->peers->loop, &peer->timer, loop_now_ms(peer->peers->loop) + ms);
}

static void peer_ready(void *arg, uint32_t events);

// False: the peer is gone.
static bool peer_watch(struct peer *peer, enum peer_state state, uint32_t events)
{
    struct err err;
    loop_unwatch(peer->peers->loop, &peer->source);
    peer->state = state;
    if (!events || loop_watch(peer->peers->loop, &peer->source, events, &err)) return true;
    peer_close(peer);
    return false;
}

static void peer_begin_write(struct peer *peer, const void *answer, size_t length)
{
    peer->answer_length = coinixerr_frame(peer->inbox.form, answer, length, peer->answer);
    peer->sent = 0;
    peer_timer(peer, PEERS_ANSWER_MS);
    peer_watch(peer, PEER_WRITES, EPOLLOUT);
}

static void peer_break(struct peer *peer)
{
    static const char line[] = "refused MALFORMED: this is no message\n";
    peer->ends = true;
    peer_begin_write(peer, line, sizeof line - 1);
}

// Looks at what came, which may be a whole message.
static void peer_look(struct peer *peer, size_t count)
{
    bool begun = peer->inbox.count;
    struct desk_message *message = &peer->message;
    switch (coinixerr_inbox_take(&peer->inbox, count, &message->bytes, &message->length)) {
    case COINIXERR_BROKEN:
        peer_break(peer);
        break;
    case COINIXERR_MESSAGE:
        loop_timer_clear(peer->peers->loop, &peer->timer);
        if (peer_watch(peer, PEER_WAITS, 0)) desk_bring(peer->peers->desk, message);
        break;
    case COINIXERR_NOTHING:
        if (peer->state != PEER_READS && !peer_watch(peer, PEER_READS, EPOLLIN)) return;
        if (!count || !begun) peer_timer(peer, peer->inbox.count ? PEERS_MESSAGE_MS : PEERS_IDLE_MS);
        break;
    }
}

static void peer_read(struct peer *peer)
{
    ssize_t count =
        recv(peer->source.fd, peer->inbox.bytes + peer->inbox.count, coinixerr_inbox_room(&peer->inbox), 0);
    if (count > 0)
        peer_look(peer, (size_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR))
        peer_close(peer);
}

// ---- Answering

static void peer_next(struct peer *peer)
{
    if (peer->ends) {
        peer_close(peer);
        return;
    }
    ring_take(peer);
    ring_put(peer->peers, peer);
    coinixerr_inbox_drop(&peer->inbox, peer->message.length);
    peer_look(peer, 0);
}

static void peer_write(struct peer *peer)
{
    ssize_t count =
        send(peer->source.fd, peer->answer + peer->sent, peer->answer_length - peer->sent, MSG_NOSIGNAL);
    if (count > 0)
        peer->sent += (size_t)count;
    else if (errno != EAGAIN && errno != EINTR)
        peer_close(peer);
    if (count > 0 && peer->sent == peer->answer_length) peer_next(peer);
}

static void peer_ready(void *arg, uint32_t events)
{
    struct peer *peer = arg;
    (void)events; // reading and writing find out what went wrong
    if (peer->state == PEER_READS)
        peer_read(peer);
    else
        peer_write(peer);
}

static struct peer *peer_of(struct desk_message *message)
{
    return (struct peer *)(void *)((char *)message - offsetof(struct peer, message));
}

void peers_answer(struct peers *peers)
{
    for (struct desk_message *message = desk_answered(peers->desk), *next; message; message = next) {
        struct peer *peer = peer_of(message);
        next = message->next;
        peer->refusals = message->answer.accepted ? 0 : peer->refusals + 1;
        peer->ends = peer->refusals == PEERS_REFUSALS;
        peer_begin_write(peer, message->answer.bytes, message->answer.length);
    }
}

// ---- Life

bool peers_create(struct peers **out, struct loop *loop, struct err *err)
{
    struct peers *peers = calloc(1, sizeof *peers);
    if (!peers) return err_fail(err, INTERNAL_ERROR, "out of memory");
    peers->loop = loop;
    peers->ring.older = peers->ring.newer = &peers->ring;
    *out = peers;
    return true;
}

void peers_set_desk(struct peers *peers, struct desk *desk) { peers->desk = desk; }

void peers_take(struct peers *peers, int fd)
{
    if (peers->count == PEERS_MOST && !peers_make_room(peers)) {
        close(fd);
        return;
    }
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        close(fd);
        return;
    }
    peer->peers = peers;
    peer->source = (struct loop_source){fd, peer_ready, peer};
    peer->timer = (struct loop_timer){.fire = peer_late, .arg = peer};
    peers->count++;
    ring_put(peers, peer);
    if (peer_watch(peer, PEER_READS, EPOLLIN)) peer_timer(peer, PEERS_IDLE_MS);
}

void peers_destroy(struct peers *peers)
{
    if (!peers) return;
    for (struct peer *peer = peers->ring.newer, *next; peer != &peers->ring; peer = next) {
        next = peer->newer;
        peer_close(peer);
    }
    free(peers);
}
