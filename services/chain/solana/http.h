// POSTs a JSON body to a node and takes a bounded reply, over one kept-alive connection. One thread at a
// time. Redirects are not followed.
#ifndef CHAIN_SOLANA_HTTP_H
#define CHAIN_SOLANA_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "services/chain/solana/fault.h"

struct solana_http;

// url: http or https; copied. NO_MEMORY.
bool solana_http_create(struct solana_http **http, const char *url, size_t reply_max,
                        struct solana_fault *fault);
void solana_http_destroy(struct solana_http *http);

// Blocks for at most timeout_ms. True: status 200, and *reply borrows the body until the next call. Else the
// fault has the status and the Retry-After.
MUST_CHECK bool solana_http_post(struct solana_http *http, const char *body, uint32_t timeout_ms,
                                 const struct buf **reply, struct solana_fault *fault);

#endif
