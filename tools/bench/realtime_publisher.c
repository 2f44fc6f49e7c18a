#include "tools/bench/realtime_publisher.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void post_open(struct publisher *publisher, struct post *post)
{
    const int one = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(publisher->port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = post};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    post->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!post->answer) post->answer = malloc(POST_ANSWER + 1);
    if (post->fd < 0 || !post->answer || connect(post->fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("a connection to publish on");
        abort();
    }
    setsockopt(post->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    epoll_ctl(publisher->epoll_fd, EPOLL_CTL_ADD, post->fd, &event);
    post->out = false;
    post->got = 0;
}

void publisher_open(struct publisher *publisher)
{
    for (size_t i = 0; i < POSTS; i++) post_open(publisher, &publisher->posts[i]);
}

void publisher_close(struct publisher *publisher)
{
    for (size_t i = 0; i < POSTS; i++) {
        struct post *post = &publisher->posts[i];
        if (post->fd >= 0) close(post->fd);
        free(post->answer);
        *post = (struct post){.fd = -1};
    }
}

void publisher_begin(struct publisher *publisher, size_t count, int64_t between_ns)
{
    publisher->count = count;
    publisher->sent = publisher->answered = publisher->refused = 0;
    publisher->between_ns = between_ns;
    publisher->begin_ns = tally_now() + 10 * 1000 * 1000;
    memset(&publisher->answers, 0, sizeof publisher->answers);
}

static int64_t due_of(const struct publisher *publisher, size_t i)
{
    return publisher->begin_ns + (int64_t)i * publisher->between_ns;
}

static int write_body(const struct publisher *publisher, const char *text, char *body, size_t size)
{
    const char *place = strstr(publisher->body, "%s");
    int before = place ? (int)(place - publisher->body) : 0;
    return place ? snprintf(body, size, "%.*s%s%s", before, publisher->body, text, place + 2)
                 : snprintf(body, size, "%s", publisher->body);
}

static void post_send(struct publisher *publisher, struct post *post, size_t i)
{
    char text[POST_TEXT], body[2 * POST_TEXT], request[4 * POST_TEXT];
    int64_t due_ns = due_of(publisher, i);
    tally_mark(publisher->tally, i, due_ns, publisher->size, text);
    int body_len = write_body(publisher, text, body, sizeof body);
    int len = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s", publisher->method,
                       publisher->path, publisher->headers);
    if (body_len)
        len += snprintf(request + len, sizeof request - (size_t)len,
                        "Content-Type: application/json\r\nContent-Length: %d\r\n", body_len);
    len += snprintf(request + len, sizeof request - (size_t)len, "\r\n%s", body);
    post->out = true;
    post->message = i;
    post->got = 0;
    if (send(post->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
        perror("a request");
        abort();
    }
}

static struct post *free_post(struct publisher *publisher)
{
    for (size_t i = 0; i < POSTS; i++)
        if (!publisher->posts[i].out) return &publisher->posts[i];
    return NULL;
}

int64_t publisher_turn(struct publisher *publisher)
{
    struct post *post;
    int64_t now_ns = tally_now();
    while (publisher->sent < publisher->count && due_of(publisher, publisher->sent) <= now_ns &&
           (post = free_post(publisher)) != NULL)
        post_send(publisher, post, publisher->sent++);
    return publisher->sent < publisher->count ? due_of(publisher, publisher->sent) : INT64_MAX;
}

// Bytes of the answer, when its head is here; 0: it is not.
static size_t answer_size(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\ncontent-length:");
    if (!end) return 0;
    if (strstr(answer, " 204 ") == answer + 8) return (size_t)(end - answer) + 4;
    if (!length || length > end) {
        fprintf(stderr, "an answer without a length: %.300s\n", answer);
        abort();
    }
    return (size_t)(end - answer) + 4 + strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
}

static void post_take(struct publisher *publisher, struct post *post)
{
    ssize_t got = recv(post->fd, post->answer + post->got, POST_ANSWER - post->got, 0);
    if (got <= 0) {
        if (post->out) fprintf(stderr, "a request got no answer\n"), abort();
        close(post->fd); // it rested too long
        return post_open(publisher, post);
    }
    post->got += (size_t)got;
    post->answer[post->got] = 0;
    size_t size = answer_size(post->answer);
    if (!size || post->got < size) return;
    post->out = false;
    publisher->answered++;
    latencies_add(&publisher->answers, tally_now() - due_of(publisher, post->message));
    if (post->answer[9] != '2' && !publisher->refused++) fprintf(stderr, "refused: %.600s\n", post->answer);
}

bool publisher_take(struct publisher *publisher, void *of)
{
    struct post *post = of;
    if (post < publisher->posts || post >= publisher->posts + POSTS) return false;
    post_take(publisher, post);
    return true;
}
