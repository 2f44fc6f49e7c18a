// One viewer's connection by server-sent events, whatever its messages look like: it leaves HTTP. It ends
// with its feed, its client or its last subscription. The loop's thread.
#ifndef GATEWAY_FEED_LINE_H
#define GATEWAY_FEED_LINE_H

#include "services/gateway/feed/feed.h"
#include "services/gateway/feed/pipe.h"
#include "services/gateway/http/http.h"

struct line_form { // how its messages look; they are added to the pipe
    void (*deliver)(void *arg, const struct feed_message *message);
    bool (*waits)(void *arg); // it takes no more now, and says so to the feed when it does; NULL: never
    void (*remind)(void *arg);
    void (*bye)(void *arg, const char *why,
                int64_t retry_ms); // the last; "ENDED": there is nothing to follow
    void (*beat)(void *arg);       // in place of heads; NULL: those are delivered
    void (*gone)(void *arg);       // the line is no more; last of all. Its subscriptions have ended before
};

struct line {
    struct feed_viewer viewer;
    struct pipe pipe;
    const struct line_form *form;
    void *arg;
    bool over;  // gone when its connection is
    bool taken; // its connection is here, or will not come
};

struct line_request {
    struct feed *feed;
    struct loop *loop;
    struct http_exchange *http;
    struct http_answer head; // further fields of the answer
    const struct caller *caller;
};

// Joins the feed. Subscriptions and first bytes may follow, then line_open, or line_close.
MUST_CHECK bool line_join(struct line *line, const struct line_request *request, const struct line_form *form,
                          void *arg, struct err *err);
// Answers the exchange. False: it must still be answered, with the reason, and the line closed.
MUST_CHECK bool line_open(struct line *line, const struct line_request *request, struct err *err);
void line_close(struct line *line); // without a word; `gone` follows, perhaps later
int64_t line_retry_ms(void);        // when clients are to come again: at random, so not all at once

#endif
