// Little-endian fields written to and read from the caller's memory. A writer trusts that the memory is large
// enough. A reader trusts nothing: past the end it gives zeroes and stays failed, so it is checked once, at
// the end.
#ifndef CHAIN_FIELDS_H
#define CHAIN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields_writer {
    uint8_t *at;
};

struct fields_reader {
    const uint8_t *at;
    size_t left;
    bool failed;
};

void fields_put(struct fields_writer *writer, const void *bytes, size_t length);
void fields_put_uint(struct fields_writer *writer, uint64_t value, size_t bytes);

void fields_get(struct fields_reader *reader, void *bytes, size_t length);
uint64_t fields_get_uint(struct fields_reader *reader, size_t bytes);
void fields_skip(struct fields_reader *reader, size_t length);

// Everything was there, and nothing is left.
bool fields_is_whole(const struct fields_reader *reader);

#endif
