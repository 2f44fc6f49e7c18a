#include "services/chain/fields.h"

#include <string.h>

void fields_put(struct fields_writer *writer, const void *bytes, size_t length)
{
    memcpy(writer->at, bytes, length);
    writer->at += length;
}

void fields_put_uint(struct fields_writer *writer, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) *writer->at++ = (uint8_t)(value >> 8 * i);
}

void fields_get(struct fields_reader *reader, void *bytes, size_t length)
{
    if (reader->failed || reader->left < length) {
        reader->failed = true;
        memset(bytes, 0, length);
        return;
    }
    memcpy(bytes, reader->at, length);
    reader->at += length;
    reader->left -= length;
}

void fields_skip(struct fields_reader *reader, size_t length)
{
    reader->failed |= reader->left < length;
    if (reader->failed) return;
    reader->at += length;
    reader->left -= length;
}

uint64_t fields_get_uint(struct fields_reader *reader, size_t bytes)
{
    uint8_t field[8];
    uint64_t value = 0;

    fields_get(reader, field, bytes);
    for (size_t i = bytes; i-- > 0;) value = value << 8 | field[i];
    return value;
}

bool fields_is_whole(const struct fields_reader *reader) { return !reader->failed && !reader->left; }
