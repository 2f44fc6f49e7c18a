// Answers: from the application's words to the library's response, queued now or when the connection resumes.
#include "services/gateway/http/connection.h"

#include <stdlib.h>

#include "lib/net/mhd_refusal.h"

void http_answer_add(struct http_answer *answer, const char *name, const char *value)
{
    if (answer->count < HTTP_MAX_FIELDS) answer->fields[answer->count++] = (struct http_field){name, value};
}

void http_answer_share(struct http_answer *answer, struct shared *shared)
{
    answer->ownership = HTTP_SHARED;
    answer->shared = shared;
    answer->body = shared->bytes;
    answer->len = shared->len;
}

bool answer_queue(struct connection *connection)
{
    bool queued =
        mhd_queue_answer(connection->mhd, (unsigned)connection->status, connection->response) == MHD_YES;
    if (!connection->kept) MHD_destroy_response(connection->response);
    connection->response = NULL;
    connection->stage = STAGE_ANSWERED;
    progress_begin(connection, connection->response_len);
    return queued;
}

void answer_drop(struct connection *connection)
{
    if (connection->response && !connection->kept) MHD_destroy_response(connection->response);
    kept_give(&connection->server->kept, connection->kept);
    connection->response = NULL;
    connection->kept = NULL;
}

static ssize_t never_read(void *arg, uint64_t at, char *bytes, size_t most)
{
    (void)arg, (void)at, (void)bytes, (void)most;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static void drop_shared(void *shared) { shared_drop(shared); }

static struct MHD_Response *answer_body(const struct http_answer *answer)
{
    static const char nothing[] = "";
    if (answer->len && !answer->body)
        return MHD_create_response_from_callback(answer->len, 1, never_read, NULL, NULL);
    if (answer->ownership == HTTP_SHARED && answer->len)
        return MHD_create_response_from_buffer_with_free_callback_cls(
            answer->len, (void *)answer->body, drop_shared, shared_hold(answer->shared));
    return MHD_create_response_from_buffer(answer->len, (void *)(answer->len ? answer->body : nothing),
                                           answer->ownership == HTTP_COPY ? MHD_RESPMEM_MUST_COPY
                                                                          : MHD_RESPMEM_PERSISTENT);
}

void answer_head(struct MHD_Response *response, const struct http_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        MHD_add_response_header(response, answer->fields[i].name, answer->fields[i].value);
    if (answer->close) MHD_add_response_header(response, "Connection", "close");
}

struct MHD_Response *answer_response(const struct http_answer *answer)
{
    struct MHD_Response *response = answer_body(answer);
    if (!response) abort();
    answer_head(response, answer);
    return response;
}

enum reply_room http_reply_room(const struct http_exchange *exchange, size_t charge)
{
    const struct connection *connection = (const struct connection *)exchange;
    return reply_budget_room(connection->server->front->options.replies, &connection->household, charge);
}

bool answer_is_due(const struct connection *connection)
{
    return !connection->response && connection->stage != STAGE_ANSWERED && connection->stage != STAGE_REFUSED;
}

void answer_give(struct connection *connection, struct MHD_Response *response,
                 const struct http_answer *answer)
{
    struct http_server *server = connection->server;
    connection->response = response;
    connection->response_len = answer->len;
    connection->status = answer->status;
    reply_budget_take(server->front->options.replies, &connection->household, answer->charge,
                      &connection->charge);
    if (!connection_is_out(connection)) return;
    bool suspended = connection->stage == STAGE_SUSPENDED;
    connection_unwatch(connection);
    connection_end_wait(connection);
    answer_queue(connection);
    if (suspended) MHD_resume_connection(connection->mhd);
    server->due = true;
}

static void answer_last(struct connection *connection, const struct http_answer *answer)
{
    struct http_answer last = *answer;
    last.close = true;
    answer_give(connection, answer_response(&last), &last);
}

void http_answer(struct http_exchange *exchange, const struct http_answer *answer)
{
    struct connection *connection = (struct connection *)exchange;
    if (connection->stage == STAGE_REFUSED) return refusal_send(connection, answer);
    if (!answer_is_due(connection)) return;
    if (connection->server->quiesced) return answer_last(connection, answer);
    connection->kept = kept_take(&connection->server->kept, answer);
    answer_give(connection, connection->kept ? kept_response(connection->kept) : answer_response(answer),
                answer);
}
