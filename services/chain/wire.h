#ifndef CHAIN_WIRE_H
#define CHAIN_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Little-endian fields written to and read from the caller's memory. A writer trusts that the memory is large
 * enough; a reader trusts nothing: past the end it gives zeroes and stays failed, so it is asked once, at the
 * end. */

struct wire_writer {
    uint8_t *at;
};

struct wire_reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

void wire_put(struct wire_writer *writer, const void *bytes, size_t length);
void wire_put_uint(struct wire_writer *writer, uint64_t value, size_t bytes);

void wire_get(struct wire_reader *reader, void *bytes, size_t length);
uint64_t wire_get_uint(struct wire_reader *reader, size_t bytes);

/* All was there, and nothing is left. */
bool wire_is_whole(const struct wire_reader *reader);

#endif
