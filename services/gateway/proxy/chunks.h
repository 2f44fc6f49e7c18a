// Takes a chunked body (RFC 9112, section 7.1) apart, as its bytes come. Lines end with CR LF and nothing
// else; extensions and trailers are read, bounded, and dropped. Pure.
#ifndef GATEWAY_PROXY_CHUNKS_H
#define GATEWAY_PROXY_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum chunks_state {
    CHUNKS_SIZE, // at the first digit of a size
    CHUNKS_DIGITS,
    CHUNKS_EXTENSION,
    CHUNKS_SIZE_LF,
    CHUNKS_DATA,
    CHUNKS_DATA_CR,
    CHUNKS_DATA_LF,
    CHUNKS_LINE, // at the begin of a line of the trailers
    CHUNKS_TRAILER,
    CHUNKS_TRAILER_LF,
    CHUNKS_END_LF,
    CHUNKS_DONE,
    CHUNKS_BROKEN,
};

struct chunks {
    enum chunks_state state;
    uint64_t left;  // of the chunk
    unsigned count; // digits of its size; bytes of its extension; bytes of the trailers
};

// A run of the body's bytes, within what was given.
struct chunks_run {
    const char *bytes;
    size_t len;
};

// Begins as {0}. Takes bytes up to the end of the next run, which may be empty at the end of what there is,
// and returns how many were taken; none any more once it is done or broken.
size_t chunks_take(struct chunks *chunks, const char *bytes, size_t len, struct chunks_run *run);

#endif
