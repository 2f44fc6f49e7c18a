// What comes from an upstream: its head, judged and written anew; its body, as it was framed and as it goes
// out; and what the client is told when there is none.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "services/gateway/api/problem.h"
#include "services/gateway/proxy/passage.h"

enum { PROBLEM_MOST = 4096, WRITTEN_MOST = 2 * ANSWER_HEAD_MOST, SWITCHING = 101 };

// ---- Problems

static void write_date(struct buf *out)
{
    char date[40];
    time_t now = time(NULL);
    struct tm at;
    if (strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &at)))
        buf_printf(out, "Date: %s\r\n", date);
}

static void write_problem(struct passage *passage, const struct err *err)
{
    struct buf text, all;
    const struct problem problem = {err, passage->path, passage->trace_id, NULL, 0};
    int status = passage->status;
    buf_init(&text, PROBLEM_MOST);
    buf_init(&all, 2 * PROBLEM_MOST);
    problem_write(&text, &problem);
    buf_printf(&all, "HTTP/1.1 %d %s\r\n", status, problem_title(status));
    write_date(&all);
    buf_printf(&all,
               "Content-Type: application/problem+json\r\nX-Content-Type-Options: nosniff\r\nCache-Control: "
               "no-store\r\ntraceparent: %s\r\n",
               passage->traceparent);
    if (status == 503) buf_printf(&all, "Retry-After: %u\r\n", err->retry_after_s ? err->retry_after_s : 1);
    buf_printf(&all, "Content-Length: %zu\r\nConnection: close\r\n\r\n", text.len);
    if (!passage->asked.head) buf_append(&all, text.bytes, text.len);
    pieces_copy(&passage->to_client, all.bytes, all.len);
    buf_finish(&text);
    buf_finish(&all);
}

void passage_refuse(struct passage *passage, const struct err *err)
{
    if (passage->status) return passage_end(passage, true);
    passage->status = problem_status(err->reason);
    write_problem(passage, err);
    passage_move(passage, PASSAGE_ENDING);
}

static void answer_broken(struct passage *passage, const char *fault)
{
    struct err err;
    err_fail(&err, UPSTREAM_BROKEN, "what the server behind this path answers is not passed on: %s", fault);
    passage_close_upstream(passage, UPSTREAM_BAD);
    passage_refuse(passage, &err);
}

// ---- The body

static void answer_done(struct passage *passage)
{
    if (passage->chunked) pieces_copy(&passage->to_client, "0\r\n\r\n", 5);
    passage_close_upstream(passage, UPSTREAM_GOOD);
    passage_move(passage, PASSAGE_ENDING);
}

static void give_run(struct passage *passage, const char *bytes, size_t len)
{
    char size[24];
    if (len == 0) return;
    if (passage->chunked)
        pieces_copy(&passage->to_client, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", len));
    pieces_copy(&passage->to_client, bytes, len);
    if (passage->chunked) pieces_copy(&passage->to_client, "\r\n", 2);
}

static void take_chunked(struct passage *passage, const char *bytes, size_t len)
{
    struct chunks *chunks = &passage->chunks;
    while (len > 0 && chunks->state != CHUNKS_DONE && chunks->state != CHUNKS_BROKEN) {
        struct chunks_run run;
        size_t taken = chunks_take(chunks, bytes, len, &run);
        give_run(passage, run.bytes, run.len);
        bytes += taken;
        len -= taken;
    }
    if (chunks->state == CHUNKS_BROKEN) return answer_broken(passage, "a chunk is malformed");
    if (chunks->state == CHUNKS_DONE) answer_done(passage);
}

// What comes behind the end belongs to nobody: the connection ends here.
static void take_length(struct passage *passage, const char *bytes, size_t len)
{
    if ((int64_t)len > passage->answer_left) len = (size_t)passage->answer_left;
    give_run(passage, bytes, len);
    passage->answer_left -= (int64_t)len;
    if (!passage->answer_left) answer_done(passage);
}

static void take_body(struct passage *passage, const char *bytes, size_t len)
{
    switch (passage->body) {
    case ANSWER_NONE:
        return answer_done(passage);
    case ANSWER_LENGTH:
        return take_length(passage, bytes, len);
    case ANSWER_CHUNKED:
        return take_chunked(passage, bytes, len);
    default:
        return give_run(passage, bytes, len);
    }
}

// ---- The head

// HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
static void give_head(struct passage *passage, const struct answer_head *head)
{
    struct buf out;
    bool unsaid = head->body == ANSWER_CHUNKED || head->body == ANSWER_TO_END;
    passage->chunked = unsaid && passage->is_1_1;
    passage->body = head->body;
    passage->answer_left = head->length;
    passage->status = head->status;
    buf_init(&out, WRITTEN_MOST);
    answer_head_write(&out, head, passage->chunked);
    pieces_copy(&passage->to_client, out.bytes, out.len);
    buf_finish(&out);
}

// Interim answers are not passed on. False: there is more to wait for, or it failed.
static bool read_head(struct passage *passage, size_t len)
{
    struct answer_head head;
    const char *fault;
    if (!answer_head_parse(&head, passage->head.bytes, len, &passage->asked, &fault))
        return answer_broken(passage, fault), false;
    if (head.status < 200 && head.status != SWITCHING) return true;
    passage_tell(passage, UPSTREAM_GOOD);
    give_head(passage, &head);
    if (head.status == SWITCHING) return passage_move(passage, PASSAGE_TUNNEL), true;
    passage_move(passage, PASSAGE_ANSWERING);
    bool over = head.body == ANSWER_NONE || (head.body == ANSWER_LENGTH && head.length == 0);
    if (over) answer_done(passage);
    return true;
}

// What is behind a head stays in the buffer, for the next round.
static void cut_head(struct buf *buf, size_t len)
{
    memmove(buf->bytes, buf->bytes + len, buf->len - len);
    buf->len -= len;
}

static void take_head(struct passage *passage, const char *bytes, size_t len)
{
    struct buf *buf = &passage->head;
    buf_append(buf, bytes, len);
    if (buf->failed) return answer_broken(passage, "its head is too long");
    for (size_t end; passage->stage == PASSAGE_ASKING && (end = answer_head_len(buf->bytes, buf->len)) > 0;) {
        if (!read_head(passage, end)) return;
        cut_head(buf, end);
    }
    if (passage->stage == PASSAGE_ASKING) return;
    if (buf->len > 0) passage_answer_take(passage, buf->bytes, buf->len);
    buf_finish(buf);
}

void passage_answer_take(struct passage *passage, const char *bytes, size_t len)
{
    if (passage->stage == PASSAGE_ASKING) return take_head(passage, bytes, len);
    if (passage->stage == PASSAGE_ANSWERING) return take_body(passage, bytes, len);
    if (passage->stage == PASSAGE_TUNNEL) pieces_copy(&passage->to_client, bytes, len);
}

void passage_answer_ended(struct passage *passage, bool broken)
{
    if (passage->stage == PASSAGE_TUNNEL) return broken ? passage_end(passage, true) : (void)0;
    if (passage->stage == PASSAGE_ANSWERING && passage->body == ANSWER_TO_END && !broken)
        return answer_done(passage);
    if (passage->stage == PASSAGE_ASKING || passage->stage == PASSAGE_ANSWERING)
        answer_broken(passage, "the connection ended before it was whole");
}
