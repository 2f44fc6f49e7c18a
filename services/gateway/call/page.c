#include "services/gateway/call/page.h"

#include "services/gateway/api/pages.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/headers.h"
#include "services/gateway/call/presence.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/streaming.h"
#include "services/gateway/site/site.h"

static const struct page_form *page_choose(const struct call *call, const struct page *page)
{
    const char *accepted = call->http->headers.accept_encoding;
    if (page->brotli.body && negotiate_brotli(accepted)) return &page->brotli;
    return page->gzipped.body && negotiate_gzip(accepted) ? &page->gzipped : &page->plain;
}

// The form with one of the tags; NULL when there is none.
static const struct page_form *page_tagged(const struct page *page, const char *tags)
{
    const struct page_form *const forms[] = {&page->plain, &page->gzipped, &page->brotli};
    for (size_t i = 0; tags && i < sizeof forms / sizeof *forms; i++)
        if (forms[i]->body && negotiate_matches(tags, forms[i]->etag)) return forms[i];
    return NULL;
}

// What the client has of it, if that is current; the form that it would get comes first.
static const struct page_form *page_known(const struct call *call, const struct page *page,
                                          const struct page_form *form)
{
    const char *tags = call->http->headers.if_none_match;
    return tags && negotiate_matches(tags, form->etag) ? form : page_tagged(page, tags);
}

// What both 200 and 304 say.
static void page_head(struct call *call, const struct page *page, const struct page_form *form,
                      struct http_answer *answer, struct headers *headers)
{
    headers_common(call, answer, headers);
    if (!page->immutable) return headers_caching(call, answer, form->etag);
    http_answer_add(answer, "Cache-Control", "public, max-age=31536000, immutable");
    http_answer_add(answer, "ETag", form->etag);
    http_answer_add(answer, "Vary", "Accept-Encoding");
}

static void page_not_modified(struct call *call, const struct page *page, const struct page_form *form)
{
    struct headers headers;
    struct http_answer answer = {.status = 304, .len = form->len};
    page_head(call, page, form, &answer, &headers);
    reply_give(call, &answer);
}

static void page_policy(const struct page *page, struct http_answer *answer)
{
    if (!page->policy) return;
    http_answer_add(answer, "Content-Security-Policy", page->policy);
    http_answer_add(answer, "Referrer-Policy", "no-referrer");
    http_answer_add(answer, "Cross-Origin-Opener-Policy", "same-origin");
}

static void send_page(struct call *call, const struct page *page)
{
    const struct http_headers *asked = &call->http->headers;
    const struct page_form *form = page_choose(call, page), *known = page_known(call, page, form);
    struct headers headers;
    struct http_answer answer = {
        .status = 200, .ownership = HTTP_STATIC, .body = form->body, .len = form->len};
    if (asked->if_match && !page_tagged(page, asked->if_match)) {
        struct err err;
        err_field(&err, PRECONDITION_FAILED, "If-Match", "the page is another one by now");
        return reply_problem(call, &err);
    }
    if (known) return page_not_modified(call, page, known);
    headers_type(&answer, page->type);
    if (form != &page->plain)
        http_answer_add(&answer, "Content-Encoding", form == &page->brotli ? "br" : "gzip");
    page_policy(page, &answer);
    page_head(call, page, form, &answer, &headers);
    reply_give(call, &answer);
}

// A file of the console; NULL: there is no such file, or no console.
static void send_file_of_site(struct call *call, const struct page *page)
{
    struct err err;
    if (page) return send_page(call, page);
    err_fail(&err, NO_ROUTE, "there is no such file");
    reply_problem(call, &err);
}

// The page, or, without a console, the description of the API in its place.
static void send_page_or_description(struct call *call, const struct page *page)
{
    struct headers headers;
    struct http_answer answer = {.status = 302};
    if (page) return send_page(call, page);
    http_answer_add(&answer, "Location", "/openapi.json");
    headers_common(call, &answer, &headers);
    headers_caching(call, &answer, NULL);
    reply_give(call, &answer);
}

void page_answer(struct call *call)
{
    if (route_streams(call->match.route)) return streaming_open(call);
    if (call->match.route->page == PAGE_TICKET) return streaming_give_ticket(call);
    if (call->match.route->page == PAGE_PRESENCE)
        return call->match.route->takes_body ? presence_take(call) : presence_answer(call);
    switch (call->match.route->page) {
    case PAGE_OPENAPI:
        return send_page(call, &call->lent->pages->openapi);
    case PAGE_SCHEMA:
        return send_page(call, &call->lent->pages->schema);
    case PAGE_DOCS:
        return send_page_or_description(call, site_find(call->lent->site, "/docs"));
    case PAGE_CONSOLE:
        return send_file_of_site(call, site_shell(call->lent->site));
    case PAGE_FILE:
        return send_file_of_site(call, site_find(call->lent->site, call->target.path));
    default:
        return send_page_or_description(call, site_shell(call->lent->site));
    }
}
