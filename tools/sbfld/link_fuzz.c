#include <stdlib.h>
#include <string.h>

#include "tools/sbfld/elf.h"
#include "tools/sbfld/link.h"

// Any bytes as an object: linked for both versions, or refused with a sentence; never a crash. What is
// written must be whole.

static void link_and_write(struct object *object, enum sbpf_version version)
{
    struct link link = {.objects = object, .object_count = 1, .version = version, .entry = "entrypoint"};
    struct image image;
    struct buffer file = {0};
    struct fault fault = {{0}};
    if (!link_image(&link, &image, &fault)) {
        if (fault.text[0] == '\0') abort();
        return;
    }
    if (elf_write(&image, link.entry, &file, &fault) != (fault.text[0] == '\0')) abort();
    buffer_finish(&file);
    image_finish(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum sbpf_version version = size & 1 ? SBPF_V0 : SBPF_V3;
    struct object object;
    struct fault fault = {{0}};
    uint8_t *bytes = malloc(size + 1);
    if (!bytes) return 0;
    memcpy(bytes, data, size);
    if (object_read(&object, "fuzz.o", bytes, size, &fault)) {
        link_and_write(&object, version);
        object_finish(&object);
    } else if (fault.text[0] == '\0') {
        abort();
    }
    free(bytes);
    return 0;
}
