#include "services/gateway/api/pages.h"

#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "services/gateway/api/openapi.h"

enum { GZIP_WINDOW = 15 + 16 };

static bool pages_gzip(struct page *page, struct err *err)
{
    struct page_form *plain = &page->plain, *gzipped = &page->gzipped;
    z_stream stream = {.next_in = (unsigned char *)plain->body, .avail_in = (unsigned)plain->len};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_fail(err, INTERNAL_ERROR, "no memory");
    size_t most = deflateBound(&stream, plain->len);
    gzipped->body = malloc(most);
    stream.next_out = (unsigned char *)gzipped->body;
    stream.avail_out = (unsigned)most;
    bool ok = gzipped->body && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    gzipped->len = most - stream.avail_out;
    deflateEnd(&stream);
    return ok || err_fail(err, INTERNAL_ERROR, "no memory");
}

void page_tag(struct page *page)
{
    unsigned char hash[16];
    char text[24];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)page->plain.body, page->plain.len, NULL, 0);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(page->plain.etag, sizeof page->plain.etag, "\"%s\"", text);
    snprintf(page->gzipped.etag, sizeof page->gzipped.etag, "\"%s-z\"", text);
    snprintf(page->brotli.etag, sizeof page->brotli.etag, "\"%s-b\"", text);
}

static bool finish_page(struct page *page, struct err *err)
{
    page_tag(page);
    return pages_gzip(page, err);
}

bool pages_make(struct pages *pages, const struct routes *routes, struct err *err)
{
    pages->openapi.type = "application/json";
    bool ok = openapi_make(routes, &pages->openapi.plain.body, &pages->openapi.plain.len, err) &&
              finish_page(&pages->openapi, err);
    malloc_trim(0); // what the making took
    return ok;
}

bool pages_take_schema(struct pages *pages, char *text, size_t len, struct err *err)
{
    pages->schema = (struct page){.type = "text/plain; charset=utf-8", .plain = {.body = text, .len = len}};
    return finish_page(&pages->schema, err);
}

void pages_finish(struct pages *pages)
{
    free(pages->schema.plain.body);
    free(pages->schema.gzipped.body);
    free(pages->openapi.plain.body);
    free(pages->openapi.gzipped.body);
}
