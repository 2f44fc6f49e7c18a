#include <stdlib.h>
#include <string.h>

#include "tools/sbfld/elf.h"
#include "tools/sbfld/link.h"
#include "tools/sbfld/testing/object.h"

// Any bytes as an object, or as changes to a good one: linked, or refused with a sentence; never a crash.

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

// Code with a call, a system call and an address, and a constant that points to another.
static void make_good(struct fixture *f)
{
    static const uint8_t constants[24] = "constant";
    fixture_init(f);
    unsigned text =
        FIXTURE_TEXT(f, ".text", INSN_CALL_OPEN, INSN(0x18, 1, 0, 0, 0), 0, INSN_CALL_OPEN, INSN_EXIT);
    unsigned callee = FIXTURE_TEXT(f, ".text.callee", INSN(0x8d, 3, 0, 0, 0), INSN_EXIT);
    unsigned rodata = fixture_section(f, ".rodata", 0, constants, sizeof constants);
    fixture_symbol(f, "entrypoint", GLOBAL_FUNCTION, text, 0);
    unsigned constant = fixture_symbol(f, "constant", GLOBAL_UNKNOWN, rodata, 8);
    fixture_relocation(f, text, 0, fixture_symbol(f, "callee", GLOBAL_FUNCTION, callee, 0), 10);
    fixture_relocation(f, text, 8, constant, 1);
    fixture_relocation(f, text, 24, fixture_symbol(f, "abort", GLOBAL_UNKNOWN, 0, 0), 10);
    fixture_relocation(f, rodata, 16, constant, 2);
    fixture_close(f);
}

// Three bytes each: where, and what is to stand there.
static void change(struct buffer *file, const uint8_t *edits, size_t size)
{
    for (size_t i = 0; i + 2 < size; i += 3)
        file->bytes[(edits[i] | edits[i + 1] << 8) % file->size] = edits[i + 2];
}

static void run(const uint8_t *bytes, size_t size, enum sbpf_version version)
{
    struct object object;
    struct fault fault = {{0}};
    if (object_read(&object, "fuzz.o", bytes, size, &fault)) {
        link_and_write(&object, version);
        object_finish(&object);
    } else if (fault.text[0] == '\0') {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum sbpf_version version = size & 1 ? SBPF_V0 : SBPF_V3;
    struct fixture good;
    struct buffer raw = {0};
    buffer_append(&raw, data, size);
    if (raw.bytes) run(raw.bytes, raw.size, version);
    buffer_finish(&raw);
    make_good(&good);
    change(&good.file, data, size);
    run(good.file.bytes, good.file.size, version);
    buffer_finish(&good.file);
    return 0;
}
