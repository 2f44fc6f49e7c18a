#include "services/gateway/call/writer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"

enum {
    TEXT_MAX = 16 * 1024 * 1024,
    KEEP_BYTES = 256 * 1024, // of the buffers, between answers
    GZIP_LEAST = 1024,
    GZIP_LEVEL = 4,
    GZIP_LARGE = 64 * 1024, // from here on speed counts more than size
    GZIP_LARGE_LEVEL = 1,
    GZIP_WINDOW = 15 + 16, // the 16 asks zlib for a gzip header
};

static struct metric *count_of(struct metrics *metrics, const char *labels)
{
    return metrics_counter(metrics, "conse_http_written_total", "Bodies that were made, not found.", labels);
}

void writer_init(struct writer *writer, const struct writer_options *options)
{
    *writer = (struct writer){.forms = forms_create(options->cache_bytes),
                              .budget = options->budget,
                              .json = count_of(options->metrics, "form=\"json\""),
                              .gzip = count_of(options->metrics, "form=\"gzip\"")};
    memcpy(writer->etag_key, options->etag_key, sizeof writer->etag_key);
    buf_init(&writer->text, TEXT_MAX);
    buf_init(&writer->packed, TEXT_MAX);
    if (deflateInit2(&writer->deflate, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
}

void writer_finish(struct writer *writer)
{
    if (!writer->forms) return;
    deflateEnd(&writer->deflate);
    buf_finish(&writer->text);
    buf_finish(&writer->packed);
    forms_destroy(writer->forms);
}

static struct buf *writer_empty(struct buf *buf)
{
    if (buf->size > KEEP_BYTES)
        buf_finish(buf);
    else
        buf_reset(buf);
    return buf;
}

struct buf *writer_text(struct writer *writer) { return writer_empty(&writer->text); }

static struct shared *writer_make(struct writer *writer, const void *bytes, size_t len)
{
    struct shared *made = shared_create(bytes, len);
    if (made) reply_budget_watch(writer->budget, made);
    return made;
}

static bool writer_find(struct writer *writer, const struct writer_source *source, struct body *body)
{
    struct form *form = source->once ? NULL : forms_find(writer->forms, &source->reply);
    if (form) *body = (struct body){.bytes = shared_hold(form->text), .form = form};
    return form;
}

static bool writer_keep(struct writer *writer, const struct writer_source *source, struct shared *made,
                        struct body *body)
{
    if (!made) return false;
    *body = (struct body){.bytes = made, .made = true};
    if (!source->once) body->form = forms_keep(writer->forms, &source->reply, made);
    return true;
}

bool writer_copy(struct writer *writer, const struct writer_source *source, struct body *body)
{
    const struct forms_source *reply = &source->reply;
    return writer_find(writer, source, body) ||
           writer_keep(writer, source, writer_make(writer, reply->payload, reply->len), body);
}

bool writer_json(struct writer *writer, const struct writer_source *source, struct body *body)
{
    const struct forms_source *reply = &source->reply;
    if (writer_find(writer, source, body)) return true;
    ProtobufCMessage *message =
        protobuf_c_message_unpack(reply->type, source->allocator, reply->len, reply->payload);
    if (!message) return false;
    struct buf *text = writer_text(writer);
    json_write(text, message, NULL);
    metric_add(writer->json, 1);
    if (text->failed || !writer_keep(writer, source, writer_make(writer, text->bytes, text->len), body))
        return false;
    body->converted = reply->len;
    return true;
}

// Into writer->packed; false when it grew.
static bool deflate_whole(struct writer *writer, const struct shared *bytes)
{
    z_stream *stream = &writer->deflate;
    struct buf *packed = writer_empty(&writer->packed);
    bool large = bytes->len > GZIP_LARGE;
    deflateReset(stream);
    deflateParams(stream, large ? GZIP_LARGE_LEVEL : GZIP_LEVEL, Z_DEFAULT_STRATEGY);
    size_t most = deflateBound(stream, bytes->len);
    char *room = buf_room(packed, most);
    if (!room) return false;
    stream->next_in = (unsigned char *)bytes->bytes;
    stream->avail_in = (unsigned)bytes->len;
    stream->next_out = (unsigned char *)room;
    stream->avail_out = (unsigned)most;
    if (deflate(stream, Z_FINISH) != Z_STREAM_END) return false;
    packed->len = most - stream->avail_out;
    metric_add(writer->gzip, 1);
    return packed->len < bytes->len;
}

static void writer_replace(struct body *body, struct shared *packed, bool made)
{
    shared_drop(body->bytes);
    body->bytes = packed;
    body->packed = true;
    body->made = made;
}

void writer_pack(struct writer *writer, struct body *body)
{
    struct form *form = body->form;
    if (body->bytes->len < GZIP_LEAST || (form && form->plain_only)) return;
    if (form && form->gzip) return writer_replace(body, shared_hold(form->gzip), false);
    bool smaller = deflate_whole(writer, body->bytes);
    body->deflated = body->bytes->len;
    if (form) form->plain_only = !smaller;
    struct shared *packed = smaller ? writer_make(writer, writer->packed.bytes, writer->packed.len) : NULL;
    if (!packed) return;
    if (form) forms_keep_gzip(writer->forms, form, packed);
    writer_replace(body, packed, true);
}

void body_finish(struct body *body)
{
    shared_drop(body->bytes);
    *body = (struct body){0};
}
