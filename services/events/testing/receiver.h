// Somebody else's server, at a port of this machine, that answers each request with the next of its statuses
// and asks for a minute's patience.
#ifndef EVENTS_TESTING_RECEIVER_H
#define EVENTS_TESTING_RECEIVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "tests/test.h"

struct receiver {
    int listener;
    const int *statuses;
    size_t count, at;
    char ids[16][80];
    char last[8192]; // request, to the end of its head
    size_t body;     // bytes behind it
    unsigned port;
    pthread_t thread;
};

static inline void receive_one(struct receiver *receiver, int fd)
{
    char request[8192] = "", reply[128];
    size_t len = 0, body = 0;
    for (char *end = NULL; !end || len < (size_t)(end + 4 - request) + body;) {
        ssize_t n = recv(fd, request + len, sizeof request - 1 - len, 0);
        if (n <= 0) return;
        len += (size_t)n;
        end = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "content-length:");
        if (end && length) body = strtoul(length + 15, NULL, 10);
    }
    strcpy(receiver->last, request); // a body may have zeros
    receiver->body = body;
    const char *id = strcasestr(request, "webhook-id: ");
    if (id) sscanf(id + 12, "%79[^\r]", receiver->ids[receiver->at]);
    snprintf(reply, sizeof reply, "HTTP/1.1 %d x\r\nContent-Length: 0\r\nRetry-After: 60\r\n\r\n",
             receiver->statuses[receiver->at++]);
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
}

static inline void *receive_all(void *arg)
{
    struct receiver *receiver = arg;
    for (int fd; receiver->at < receiver->count && (fd = accept(receiver->listener, NULL, NULL)) >= 0;
         close(fd))
        receive_one(receiver, fd);
    return NULL;
}

static inline void receiver_start(struct receiver *receiver, const int *statuses, size_t count)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *receiver = (struct receiver){.statuses = statuses, .count = count};
    receiver->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(receiver->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(receiver->listener, 8), 0);
    assert_int_equal(getsockname(receiver->listener, (struct sockaddr *)&at, &len), 0);
    receiver->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&receiver->thread, NULL, receive_all, receiver), 0);
}

static inline void receiver_stop(struct receiver *receiver)
{
    shutdown(receiver->listener, SHUT_RDWR);
    pthread_join(receiver->thread, NULL);
    close(receiver->listener);
}

#endif
