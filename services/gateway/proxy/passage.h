// A request on its way through the proxy: a client's connection that has left HTTP, and one to an upstream.
// For the proxy's own files. The loop's thread.
#ifndef GATEWAY_PROXY_PASSAGE_H
#define GATEWAY_PROXY_PASSAGE_H

#include "lib/net/pieces.h"
#include "services/gateway/http/http.h"
#include "services/gateway/proxy/answer_head.h"
#include "services/gateway/proxy/chunks.h"
#include "services/gateway/proxy/dial.h"
#include "services/gateway/proxy/proxy.h"
#include "services/gateway/proxy/upstreams.h"
#include "lib/trace/span.h"

enum passage_stage {
    PASSAGE_TAKEN_SOON, // the client's connection is leaving HTTP
    PASSAGE_DIALLING,
    PASSAGE_ASKING, // the answer's head has not come
    PASSAGE_ANSWERING,
    PASSAGE_TUNNEL,    // bytes go both ways until both sides end
    PASSAGE_ENDING,    // the rest goes to the client
    PASSAGE_LINGERING, // the client may still be sending, and would lose the answer by a reset
    PASSAGE_OVER,
};

enum {
    PASSAGE_FULL = 64 * 1024, // beyond so much that waits, a side is not read
    PASSAGE_ROUNDS = 8,       // of moving bytes in a turn of the loop
    PASSAGE_PATH = 200,       // as it is logged
};

struct passage {
    struct proxy_window *window;
    struct passage *next, **link;
    enum passage_stage stage;
    size_t upstream; // its place
    struct answer_asked asked;
    bool tunnel, is_1_1; // CONNECT; the client's version
    bool entered;        // the upstream's circuit waits for news of it

    struct http_socket *client;
    struct loop_source client_source, upstream_source; // fd -1: none
    struct loop_timer again;
    struct dial dial;
    struct pieces to_client, to_upstream;
    int64_t body_left;                                                         // that the client has not sent
    bool client_blocked, upstream_blocked, client_ended, upstream_ended, deaf; // deaf: it takes no more
    bool sent_end;                                                             // to the upstream

    struct buf head; // of the answer, until it is whole
    bool chunked;    // the body goes out so
    enum answer_body body;
    int64_t answer_left; // of the answer's body
    struct chunks chunks;

    int64_t begun_ms, stage_ms, moved_ms; // monotonic; the last one: of bytes, in any direction
    int64_t client_moved_ms;              // of bytes from the client
    int64_t left_ms;                      // when the client ended its side; 0: it has not
    int status;                           // that the client got; 0: none
    char method[PROXY_METHOD], path[PASSAGE_PATH + 1], user[64];
    char client_address[PROXY_CLIENT], household[PROXY_CLIENT];
    char trace_id[PROXY_TRACE_ID], traceparent[PROXY_TRACEPARENT];
    struct span request, *asking; // asking: of the upstream, owned; NULL: nothing is recorded
};

// ---- passage.c

struct passage *passage_create(struct proxy_window *window, const struct http_exchange *http,
                               const struct proxy_order *order);
extern const struct http_socket_owner passage_owner;
void passage_tick(struct passage *passage); // deadlines; it may be gone afterwards
void passage_free(struct passage *passage);

// ---- For the parts

void passage_move(struct passage *passage, enum passage_stage stage);
void passage_tell(struct passage *passage, enum upstream_news news); // its upstream's circuit, once
void passage_close_upstream(struct passage *passage, enum upstream_news news);
// Ends it at once; the client is told by a reset that there is no more, unless all was said.
void passage_end(struct passage *passage, bool reset);

// ---- passage_bytes.c

bool bytes_move(struct passage *passage); // one round; whether something moved. It may end the passage
// Takes what belongs to the request, or the tunnel.
void bytes_of_client(struct passage *passage, const char *bytes, size_t len);

// ---- passage_answer.c: what comes from an upstream

void passage_answer_take(struct passage *passage, const char *bytes, size_t len);
void passage_answer_ended(struct passage *passage,
                          bool broken); // the upstream has closed, or reset, the connection
void passage_refuse(struct passage *passage, const struct err *err); // a problem document, or a reset

#endif
