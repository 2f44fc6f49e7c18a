// A node of a cluster, for tests: it answers calls of JSON-RPC with what the test has for their method, and
// counts them.
#ifndef CHAIN_TESTING_NODE_H
#define CHAIN_TESTING_NODE_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "services/chain/solana/rpc.h"
#include "tests/test.h"

// The result as JSON, or an error with a code; NULL: it refuses. request: the whole call.
typedef const char *node_says(const char *method, const char *request);

struct node {
    node_says *says;
    atomic_uint calls;
    int listener;
    char url[64];
    pthread_t thread;
    struct solana_rpc *rpc; // its client, of what is finalized
};

enum { NODE_REQUEST = 1 << 14, NODE_REPLY = 1 << 18 };

// Between the quotes behind a name.
static inline void node_field(const char *request, const char *name, char *out, size_t room)
{
    const char *at = strstr(request, name);
    size_t len = 0;
    at = at ? at + strlen(name) : "";
    while (len + 1 < room && at[len] && at[len] != '"' && at[len] != ',') len++;
    memcpy(out, at, len);
    out[len] = '\0';
}

static inline void node_answer(struct node *node, int fd, const char *request)
{
    static char body[NODE_REPLY], reply[NODE_REPLY + 256];
    char method[64], id[24];
    node_field(request, "\"method\":\"", method, sizeof method);
    node_field(request, "\"id\":", id, sizeof id);
    atomic_fetch_add(&node->calls, 1);
    const char *said = node->says(method, request);
    bool fails = !said || strncmp(said, "{\"code\":", 8) == 0;
    int len = snprintf(body, sizeof body, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":%s}", id,
                       fails ? "error" : "result", said ? said : "{\"code\":-32602,\"message\":\"no\"}");
    len = snprintf(reply, sizeof reply, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len, body);
    send(fd, reply, (size_t)len, MSG_NOSIGNAL);
}

// Calls are short and come whole, but for their head, which may come alone.
static inline void *node_serve(void *arg)
{
    static char request[NODE_REQUEST];
    struct node *node = arg;
    for (int fd; (fd = accept(node->listener, NULL, NULL)) >= 0; close(fd)) {
        ssize_t more;
        size_t len = 0;
        while ((more = recv(fd, request + len, sizeof request - 1 - len, 0)) > 0) {
            len += (size_t)more;
            request[len] = '\0';
            const char *body = strstr(request, "\r\n\r\n");
            if (!body || !strchr(body, '}')) continue;
            node_answer(node, fd, body);
            len = 0;
        }
    }
    return NULL;
}

static inline void node_start(struct node *node, node_says *says)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    struct solana_fault fault;
    *node = (struct node){.says = says};
    node->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(node->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(node->listener, 8), 0);
    assert_int_equal(getsockname(node->listener, (struct sockaddr *)&at, &len), 0);
    snprintf(node->url, sizeof node->url, "http://127.0.0.1:%d/", ntohs(at.sin_port));
    assert_int_equal(pthread_create(&node->thread, NULL, node_serve, node), 0);
    const struct solana_rpc_options options = {
        .url = node->url, .commitment = SOLANA_FINALIZED, .retry = {.retries = 1, .min_ms = 1, .max_ms = 1}};
    assert_true(solana_rpc_create(&node->rpc, &options, &fault));
}

static inline void node_stop(struct node *node)
{
    solana_rpc_destroy(node->rpc);
    shutdown(node->listener, SHUT_RDWR);
    pthread_join(node->thread, NULL);
    close(node->listener);
}

#endif
