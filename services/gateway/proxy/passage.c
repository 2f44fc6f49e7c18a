// A passage from its client's leaving HTTP to its end: what is read where, and for how long. Both sockets
// report each change once, and whatever they report, all that can be moved is moved.
#include "services/gateway/proxy/passage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum {
    DIAL_MS = 3000, // for one address
    LINGER_MS = 2000,
    LEFT_MS = 2000,  // how long a client that has ended its side may wait without getting anything
    HALF_MS = 10000, // how long a tunnel goes on after its client has ended its side
};

static int64_t now_of(const struct passage *passage) { return loop_now_ms(passage->window->loop); }

void passage_move(struct passage *passage, enum passage_stage stage)
{
    passage->stage = stage;
    passage->stage_ms = passage->moved_ms = now_of(passage);
}

// ---- Ends

void passage_tell(struct passage *passage, enum upstream_news news)
{
    if (passage->entered) upstreams_tell(passage->window->proxy->upstreams, passage->upstream, news);
    passage->entered = false;
}

static void close_dialled(struct passage *passage)
{
    if (passage->upstream_source.fd < 0) return;
    loop_unwatch(passage->window->loop, &passage->upstream_source);
    close(passage->upstream_source.fd);
    passage->upstream_source.fd = -1;
}

void passage_close_upstream(struct passage *passage, enum upstream_news news)
{
    passage_tell(passage, news);
    close_dialled(passage);
    pieces_drop(&passage->to_upstream);
}

static void passage_log(const struct passage *passage)
{
    const struct proxy *proxy = passage->window->proxy;
    log_trace(passage->trace_id);
    log_info("request", F_STR("method", passage->method), F_STR("path", passage->path),
             F_INT("status", passage->status ? passage->status : 499),
             F_INT("ms", clock_mono_ms() - passage->begun_ms), F_STR("client", passage->client_address),
             F_STR("user", passage->user),
             F_STR("upstream", proxy->rules.upstreams[passage->upstream].authority));
    log_trace(NULL);
}

static void passage_record(struct passage *passage)
{
    int status = passage->status ? passage->status : 499;
    passage->asking->status = passage->request.status = status;
    passage->asking->failed = passage->request.failed = status >= 500;
    span_record(&passage->request);
}

static void close_client(struct passage *passage, bool reset)
{
    static const struct linger none = {.l_onoff = 1};
    if (!passage->client) return;
    if (passage->client_source.fd >= 0) {
        loop_unwatch(passage->window->loop, &passage->client_source);
        if (reset) setsockopt(passage->client_source.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    http_socket_close(passage->client);
    passage->client = NULL;
}

void passage_end(struct passage *passage, bool reset)
{
    if (passage->stage == PASSAGE_OVER) return;
    passage->stage = PASSAGE_OVER;
    passage_close_upstream(passage, UPSTREAM_NOTHING);
    close_client(passage, reset);
    loop_timer_clear(passage->window->loop, &passage->again);
    passage_log(passage);
    if (passage->asking) passage_record(passage);
    upstreams_count(passage->window->proxy->upstreams, passage->upstream, passage->status);
}

void passage_free(struct passage *passage)
{
    struct proxy *proxy = passage->window->proxy;
    *passage->link = passage->next;
    if (passage->next) passage->next->link = passage->link;
    metric_set(proxy->gauge, atomic_fetch_sub(&proxy->on_their_way, 1) - 1);
    pieces_drop(&passage->to_client);
    pieces_drop(&passage->to_upstream);
    buf_finish(&passage->head);
    span_end(passage->asking);
    free(passage);
}

// ---- What follows when all is moved

static void pass_ends_on(struct passage *passage)
{
    if (passage->client_ended && !passage->to_upstream.bytes && !passage->sent_end) {
        passage->sent_end = true;
        shutdown(passage->upstream_source.fd, SHUT_WR);
    }
    if (!passage->upstream_ended || passage->to_client.bytes) return;
    if (passage->client_ended) return passage_end(passage, false);
    passage_close_upstream(passage, UPSTREAM_NOTHING);
    passage_move(passage, PASSAGE_ENDING);
}

static void passage_linger(struct passage *passage)
{
    if (passage->to_client.bytes) return;
    if (passage->client_ended) return passage_end(passage, false);
    http_socket_end(passage->client);
    passage_move(passage, PASSAGE_LINGERING);
}

static bool passage_round(struct passage *passage)
{
    bool moved = bytes_move(passage);
    if (passage->stage == PASSAGE_TUNNEL) pass_ends_on(passage);
    if (passage->stage == PASSAGE_ENDING) passage_linger(passage);
    return moved && passage->stage != PASSAGE_OVER;
}

static void passage_run(struct passage *passage)
{
    bool moved = true;
    for (int i = 0; i < PASSAGE_ROUNDS && moved; i++) moved = passage_round(passage);
    if (passage->stage == PASSAGE_OVER) return passage_free(passage);
    if (moved) loop_timer_set(passage->window->loop, &passage->again, now_of(passage));
}

static void on_again(void *arg) { passage_run(arg); }

// ---- To the upstream

static void on_upstream(void *arg, uint32_t events);

static void dial_failed(struct passage *passage)
{
    struct err err;
    const char *name = passage->window->proxy->rules.upstreams[passage->upstream].authority;
    err_fail(&err, UPSTREAM_AWAY, "%s cannot be reached", name);
    passage_close_upstream(passage, UPSTREAM_BAD);
    passage_refuse(passage, &err);
}

static void dial_on(struct passage *passage)
{
    struct err err;
    close_dialled(passage);
    passage_move(passage, PASSAGE_DIALLING);
    int fd = dial_next(&passage->dial);
    if (fd < 0) return dial_failed(passage);
    passage->upstream_source = (struct loop_source){fd, on_upstream, passage};
    if (loop_watch(passage->window->loop, &passage->upstream_source,
                   EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, &err))
        return;
    passage->upstream_source.fd = -1;
    close(fd);
    dial_failed(passage);
}

static void passage_enter(struct passage *passage)
{
    struct err err;
    passage->entered =
        upstreams_enter(passage->window->proxy->upstreams, passage->upstream, &passage->dial.addresses, &err);
    if (passage->entered)
        dial_on(passage);
    else
        passage_refuse(passage, &err);
}

static void on_dialled(struct passage *passage, uint32_t events)
{
    if (!(events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) return;
    if (!dial_is_connected(passage->upstream_source.fd) || (events & (EPOLLERR | EPOLLHUP)))
        return dial_on(passage);
    passage->client_moved_ms = now_of(passage);
    if (!passage->tunnel) return passage_move(passage, PASSAGE_ASKING);
    static const char made[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    passage_tell(passage, UPSTREAM_GOOD);
    passage->status = 200;
    pieces_copy(&passage->to_client, made, sizeof made - 1);
    passage_move(passage, PASSAGE_TUNNEL);
}

static void on_upstream(void *arg, uint32_t events)
{
    struct passage *passage = arg;
    if (passage->stage == PASSAGE_DIALLING) on_dialled(passage, events);
    passage_run(passage);
}

// ---- The client

static void on_client(void *arg, uint32_t events)
{
    struct passage *passage = arg;
    if (events & EPOLLRDHUP && !passage->left_ms) passage->left_ms = now_of(passage);
    if (events & EPOLLERR) passage_end(passage, true);
    passage_run(passage);
}

static bool watch_client(struct passage *passage, int fd)
{
    struct err err;
    pieces_wait_here(fd);
    passage->client_source = (struct loop_source){fd, on_client, passage};
    if (loop_watch(passage->window->loop, &passage->client_source, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                   &err))
        return true;
    passage->client_source.fd = -1;
    return false;
}

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    struct passage *passage = arg;
    passage->client = socket;
    if (!watch_client(passage, fd)) {
        passage_end(passage, true);
        return passage_free(passage);
    }
    bytes_of_client(passage, early, len);
    passage_enter(passage);
    passage_run(passage);
}

static void on_lost(void *arg)
{
    struct passage *passage = arg;
    passage_end(passage, true);
    passage_free(passage);
}

// Whoever has a tunnel comes again, to another gateway; a request goes on to its end.
static void on_drain(void *arg, bool at_once)
{
    struct passage *passage = arg;
    if (!at_once && passage->stage != PASSAGE_TUNNEL) return;
    passage_end(passage, false);
    passage_free(passage);
}

const struct http_socket_owner passage_owner = {NULL, on_taken, on_lost, on_drain};

// ---- Time

static int64_t later_of(int64_t a, int64_t b) { return a > b ? a : b; }

static void tick_asking(struct passage *passage, int64_t now_ms)
{
    struct err err;
    if (now_ms - passage->client_moved_ms < passage->window->proxy->options.timeout_ms) return;
    if (passage->body_left > 0 && !passage->to_upstream.bytes) return passage_end(passage, true);
    err_fail(&err, UPSTREAM_SLOW, "the server behind this path did not answer in time");
    passage_close_upstream(passage, UPSTREAM_BAD);
    passage_refuse(passage, &err);
}

static void tick_moving(struct passage *passage, int64_t now_ms)
{
    int64_t idle_ms = passage->window->proxy->options.idle_ms;
    if (passage->client_ended && idle_ms > HALF_MS) idle_ms = HALF_MS;
    if (now_ms - passage->moved_ms >= idle_ms) passage_end(passage, passage->stage != PASSAGE_TUNNEL);
}

static bool has_left(const struct passage *passage, int64_t now_ms)
{
    bool waits = passage->stage == PASSAGE_DIALLING || passage->stage == PASSAGE_ASKING ||
                 passage->stage == PASSAGE_ANSWERING;
    return waits && passage->left_ms && now_ms - later_of(passage->left_ms, passage->moved_ms) >= LEFT_MS;
}

void passage_tick(struct passage *passage)
{
    int64_t now_ms = now_of(passage);
    if (has_left(passage, now_ms))
        passage_end(passage, true);
    else if (passage->stage == PASSAGE_DIALLING && now_ms - passage->stage_ms >= DIAL_MS)
        dial_on(passage);
    else if (passage->stage == PASSAGE_ASKING)
        tick_asking(passage, now_ms);
    else if (passage->stage == PASSAGE_LINGERING && now_ms - passage->stage_ms >= LINGER_MS)
        passage_end(passage, false);
    else if (passage->stage == PASSAGE_ANSWERING || passage->stage == PASSAGE_TUNNEL ||
             passage->stage == PASSAGE_ENDING)
        tick_moving(passage, now_ms);
    if (passage->stage != PASSAGE_TAKEN_SOON) passage_run(passage);
}

// ---- Begin

static void keep_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "-");
}

struct passage *passage_create(struct proxy_window *window, const struct http_exchange *http,
                               const struct proxy_order *order)
{
    struct passage *passage = calloc(1, sizeof *passage);
    if (!passage) abort();
    passage->window = window;
    passage->upstream = order->upstream;
    passage->tunnel = !order->prefix;
    passage->client_source.fd = passage->upstream_source.fd = -1;
    passage->again = (struct loop_timer){.fire = on_again, .arg = passage};
    passage->asked.head = strcmp(http->method, "HEAD") == 0;
    passage->is_1_1 = http_is_1_1(http);
    passage->body_left = http->content_length;
    passage->begun_ms = http->begun_ms;
    pieces_init(&passage->to_client);
    pieces_init(&passage->to_upstream);
    buf_init(&passage->head, ANSWER_HEAD_MOST);
    keep_text(passage->method, sizeof passage->method, http->method);
    keep_text(passage->client_address, sizeof passage->client_address, http->client);
    keep_text(passage->household, sizeof passage->household, http->household);
    keep_text(passage->user, sizeof passage->user, order->user);
    keep_text(passage->trace_id, sizeof passage->trace_id, order->trace_id);
    keep_text(passage->traceparent, sizeof passage->traceparent, order->traceparent);
    snprintf(passage->path, sizeof passage->path, "%.*s", (int)strcspn(order->path, "?"), order->path);
    passage->asking = order->asking;
    if (order->asking) passage->request = *order->request;
    passage_move(passage, PASSAGE_TAKEN_SOON);
    passage->link = &window->passages;
    passage->next = window->passages;
    if (passage->next) passage->next->link = &passage->next;
    window->passages = passage;
    return passage;
}
